# frozen_string_literal: true

# A server on the C core that keeps the peer contract (../README.md). It prints
# "listening on 127.0.0.1:PORT" once it is ready and ends at the end of its standard input, or on
# TERM.
#   server.rb [--connection-age MS]
require 'optparse'
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

    raise GRPC::BadStatus.new(code.to_i, call.metadata[FAIL_MESSAGE].to_s, call.output_metadata)
  end
end

# How calls that waited saw their end, by the token each waited under.
class Reports
  def initialize
    @mutex = Mutex.new
    @changed = ConditionVariable.new
    @texts = {}
  end

  def put(token, text)
    @mutex.synchronize do
      @texts[token] = text
      @changed.broadcast
    end
  end

  # Blocks until there is one; nil after ten seconds.
  def take(token)
    give_up = now + 10
    @mutex.synchronize do
      @changed.wait(@mutex, give_up - now) until @texts.key?(token) || now >= give_up
      @texts.delete(token)
    end
  end

  private

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end

class GreeterServer < Contract::Greeter
  include Behaviour

  def initialize(reports)
    super()
    @reports = reports
  end

  def say_hello(request, call)
    exit!(0) if call.metadata[LEAVE]
    begin_call(call)
    return wait_for_the_end(call) if call.metadata[WAIT]
    return HelloReply.new(message: report(call)) if call.metadata[REPORT]

    end_call(call)
    HelloReply.new(message: "Hello #{request.name}")
  end

  private

  # Sends the headers, waits until the call is over, which is not this handler's doing, and leaves
  # a report. The view that handlers get tells of no cancelling, so the core's own call is asked.
  def wait_for_the_end(call)
    limit = deadline?(call) ? "timeout #{((call.deadline - Time.now) * 1000).ceil} ms" : 'no timeout'
    call.send_initial_metadata
    core = call.instance_variable_get(:@wrapped).instance_variable_get(:@call)
    core.run_batch(GRPC::Core::CallOps::RECV_CLOSE_ON_SERVER => nil)
    late = deadline?(call) && Time.now >= call.deadline
    @reports.put(call.metadata[WAIT], "#{late ? 'deadline exceeded' : 'cancelled'}, #{limit}")
    raise GRPC::Cancelled
  end

  # A call without one has, in Ruby, a deadline before the epoch.
  def deadline?(call)
    call.deadline > Time.at(0)
  end

  def report(call)
    text = @reports.take(call.metadata[REPORT])
    raise GRPC::NotFound, "nothing ended under #{call.metadata[REPORT]}" unless text

    text
  end
end

class SearchServer < Contract::SearchService
  include Behaviour

  def search(request, call)
    begin_call(call)
    end_call(call)
    PersonRes.new(name: request.name, age: request.age)
  end

  def search_in(call)
    begin_call(call)
    names = []
    age = 0
    call.each_remote_read do |request|
      names << request.name
      age += request.age
    end
    end_call(call)
    PersonRes.new(name: names.join, age: age)
  end

  def search_out(request, call)
    Enumerator.new do |replies|
      begin_call(call)
      1.upto(request.age) { |n| replies << PersonRes.new(name: request.name, age: n) }
      end_call(call)
    end
  end

  def search_io(requests, call)
    limit = call.metadata[FAIL_AFTER]&.to_i
    Enumerator.new do |replies|
      begin_call(call)
      requests.each.with_index(1) do |request, count|
        replies << PersonRes.new(name: request.name, age: request.age)
        break if count == limit
      end
      end_call(call)
    end
  end
end

# Carries each message to the chat of whoever it is addressed to; messages for a name that has not
# come yet wait for it.
class ChatServer < Contract::ChatService
  include Behaviour

  def initialize
    super
    @mutex = Mutex.new
    @mailboxes = Hash.new { |boxes, name| boxes[name] = Queue.new }
  end

  def chat(requests, call)
    name = call.metadata['from'].to_s
    Enumerator.new do |replies|
      begin_call(call)
      own = mailbox(name)
      reader = Thread.new { deliver(requests, own) }
      while (message = own.pop)
        replies << message
      end
      reader.join
      @mutex.synchronize { @mailboxes.delete(name) }
      end_call(call)
    end
  end

  private

  def mailbox(name)
    @mutex.synchronize { @mailboxes[name] }
  end

  # The end of the requests is the end of this chat: nil in its own mailbox.
  def deliver(requests, own)
    requests.each { |message| mailbox(message.to).push(message) }
  ensure
    own.push(nil)
  end
end

arguments = { 'grpc.so_reuseport' => 0 }
OptionParser.new do |options|
  options.on('--connection-age MS', Integer) do |age|
    arguments.merge!('grpc.max_connection_age_ms' => age,
                     'grpc.max_connection_age_grace_ms' => 10_000)
  end
end.parse!

# Many workers, because each call under way holds one.
server = GRPC::RpcServer.new(pool_size: 320, pool_keep_alive: 0.1, poll_period: 0.1,
                             server_args: arguments)
port = server.add_http2_port('127.0.0.1:0', :this_port_is_insecure)
[GreeterServer.new(Reports.new), SearchServer.new, ChatServer.new].each do |service|
  server.handle(service)
end

Thread.new { server.run }
server.wait_till_running
terminated, on_term = IO.pipe
trap(:TERM) { on_term.close }
puts "listening on 127.0.0.1:#{port}"
$stdout.flush

# Whichever comes first; what is written to the input meanwhile is of no interest.
loop do
  ready, = IO.select([$stdin, terminated])
  break if ready.include?(terminated) || $stdin.read_nonblock(4096, exception: false).nil?
end
server.stop
