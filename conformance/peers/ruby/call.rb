# frozen_string_literal: true

require_relative 'contract'

# One call at a time over a channel of the C core, each step by itself: the stubs that come with
# the core neither half-close when told nor cancel in the middle.
class Call
  include GRPC::Core::CallOps

  Ended = Struct.new(:code, :message, :trailers) do
    # The google.rpc.Status that came along, or nil.
    def details
      GRPC::GoogleRpcStatusUtils.extract_google_rpc_status(Struct::Status.new(*to_a))
    end
  end

  # `service` declares the method `name`; a route with neither is called with raw bytes.
  def self.open(channel, service, name, **options)
    description = service.rpc_descs.fetch(name)
    new(channel, "/#{service.service_name}/#{name}", description, **options)
  end

  def initialize(channel, route, description, metadata: {}, timeout: nil)
    deadline = timeout ? Time.now + timeout : GRPC::Core::TimeConsts::INFINITE_FUTURE
    @core = channel.create_call(nil, nil, route, nil, deadline)
    @description = description
    batch(SEND_INITIAL_METADATA => metadata)
  end

  # True when it went out, false when the call has ended. `plain`: not compressed.
  def send(message, plain: false)
    @core.write_flag = plain ? GRPC::Core::WriteFlags::NO_COMPRESS : 0
    batch(SEND_MESSAGE => @description.marshal_proc.call(message)) ? true : false
  end

  def half_close
    batch(SEND_CLOSE_FROM_CLIENT => nil)
  end

  # Blocks until the response headers are there; empty when the call ended without.
  def headers
    @headers ||= batch(RECV_INITIAL_METADATA => nil)&.metadata || {}
  end

  # The next message, or nil at the end.
  def receive
    headers
    bytes = batch(RECV_MESSAGE => nil)&.message
    bytes && @description.unmarshal_proc(:output).call(bytes)
  end

  def cancel
    @core.cancel
  end

  # Blocks until the call has ended; messages not received yet are dropped, for the core keeps the
  # status behind them.
  def finish
    nil while receive
    status = batch(RECV_STATUS_ON_CLIENT => nil).status
    Ended.new(status.code, status.details.dup.force_encoding('UTF-8'), status.metadata)
  end

  # The whole of a call with one request: [reply or nil, how it ended].
  def self.unary(channel, service, name, request, **options)
    call = open(channel, service, name, **options)
    call.send(request)
    call.half_close
    [call.receive, call.finish]
  end

  private

  # nil when the core refuses because the call is over.
  def batch(operations)
    @core.run_batch(operations)
  rescue GRPC::Core::CallError
    nil
  end
end
