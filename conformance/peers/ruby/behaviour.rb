# frozen_string_literal: true

require_relative 'contract'

# What a request's metadata asks of a handler, whatever its method.
module Behaviour
  include Contract

  # Sets the compression, sends the response headers and sets the trailers that the request asked for.
  def begin_call(call)
    headers = call.metadata.slice(*ECHO_HEADERS)
    headers[CORE_ENCODING] = call.metadata[COMPRESS] if call.metadata[COMPRESS]
    call.output_metadata.merge!(call.metadata.slice(*ECHO_TRAILERS))
    call.send_initial_metadata(headers) unless headers.empty?
  end

  # Ends the call as the request chose, if it chose.
  def end_call(call)
    code = call.metadata[FAIL_CODE]
    return unless code

    message = call.metadata[FAIL_MESSAGE].to_s.dup.force_encoding('UTF-8')
    trailers = call.output_metadata.merge(details(call, code.to_i, message))
    raise GRPC::BadStatus.new(code.to_i, message, trailers)
  end

  # Blocks until the call is over, which is not its handler's doing. The view that handlers get
  # tells of no cancelling, so the core's own call is asked.
  def wait_for_the_end(call)
    core = call.instance_variable_get(:@wrapped).instance_variable_get(:@call)
    core.run_batch(GRPC::Core::CallOps::RECV_CLOSE_ON_SERVER => nil)
  end

  private

  # The trailer with the details of the status that the request asked for.
  def details(call, code, message)
    names = Array(call.metadata[FAIL_DETAIL])
    return {} if names.empty?

    details = names.map.with_index(1) { |name, age| PersonRes.new(name: name, age: age) }
    details << HelloReply.new(message: message)
    packed = details.map { |detail| Google::Protobuf::Any.pack(detail) }
    status = Google::Rpc::Status.new(code: code, message: message, details: packed)
    { 'grpc-status-details-bin' => Google::Rpc::Status.encode(status) }
  end
end
