# frozen_string_literal: true

# A server on the C core that keeps the peer contract (../README.md). It prints
# "listening on 127.0.0.1:PORT" once it is ready and ends at the end of its standard input, on TERM,
# or when a request asks it to.
#   server.rb [--connection-age MS]
require 'optparse'
require_relative 'behaviour'
require_relative 'health_server'

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

  # `on_drain` is called when a request asks the server to drain; it must not block.
  def initialize(reports, health, on_drain)
    super()
    @reports = reports
    @health = health
    @on_drain = on_drain
  end

  def say_hello(request, call)
    exit!(0) if call.metadata[LEAVE]
    @on_drain.call if call.metadata[DRAIN]
    set_health(call.metadata[HEALTH]) if call.metadata[HEALTH]
    begin_call(call)
    return report_the_end(call) if call.metadata[WAIT]
    return HelloReply.new(message: report(call)) if call.metadata[REPORT]

    end_call(call)
    HelloReply.new(message: "Hello #{request.name}")
  end

  private

  def set_health(words)
    status, service = words.split(' ', 2)
    @health.set(service, status.to_sym)
  end

  # Sends the headers, waits until the call is over, and leaves a report.
  def report_the_end(call)
    limit = deadline?(call) ? "timeout #{((call.deadline - Time.now) * 1000).ceil} ms" : 'no timeout'
    call.send_initial_metadata
    wait_for_the_end(call)
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

# Many workers, because each call under way holds one. The period is what calls get to finish in
# once the server stops.
server = GRPC::RpcServer.new(pool_size: 1050, pool_keep_alive: 0.1, poll_period: 10,
                             server_args: arguments)
port = server.add_http2_port('127.0.0.1:0', :this_port_is_insecure)
asked, on_ask = IO.pipe
health = HealthServer.new
[GreeterServer.new(Reports.new, health, on_ask.method(:close)), SearchServer.new, ChatServer.new,
 health].each { |service| server.handle(service) }

Thread.new { server.run }
server.wait_till_running
trap(:TERM) { on_ask.close }
puts "listening on 127.0.0.1:#{port}"
$stdout.flush

# Whichever comes first; what is written to the input meanwhile is of no interest.
loop do
  ready, = IO.select([$stdin, asked])
  break if ready.include?(asked) || $stdin.read_nonblock(4096, exception: false).nil?
end
server.stop
