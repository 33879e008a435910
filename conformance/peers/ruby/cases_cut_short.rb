# frozen_string_literal: true

require_relative 'session'

# Calls that are cut short: by a deadline, by cancelling, by a client or a server that leaves.
module CasesCutShort
  include Session

  NAMES = %w[deadline deadline_on_stream cancel client_gone].freeze
  # End the server, each its own, and so run only when they are named.
  LAST = %w[drained lost].freeze
  # Leaves calls behind, for others to ask about.
  GOING = 'go_away'

  def deadline
    with_enough_time do |timeout|
      call, token = open_waiting('deadline', timeout: timeout)
      begun = call.headers.key?('echo-header')
      late?(call) && begun &&
        "after #{(timeout * 1000).to_i} ms; the server saw: #{late_report(token, timeout)}"
    end
  end

  def deadline_on_stream
    with_enough_time do |timeout|
      call = open(:SearchIO, timeout: timeout)
      call.send(person('jane', 1))
      begun = call.receive
      late?(call) && begun && 'after the first of two replies'
    end
  end

  def cancel
    call, token = open_waiting('cancel')
    call.headers
    call.cancel
    expect_end(call.finish, CANCELLED)
    seen = succeed(Greeter, :SayHello, HelloRequest.new, metadata: { REPORT => token }).message
    expect('what the server saw', seen, 'cancelled, no timeout')
    "the server saw: #{seen}"
  end

  # Another client ends its process in the middle of a call.
  def client_gone
    client = File.join(__dir__, 'client.rb')
    token = IO.popen([RbConfig.ruby, client, @address, GOING], &:read).chomp
    seen = succeed(Greeter, :SayHello, HelloRequest.new, metadata: { REPORT => token }).message
    expect('what the server saw', seen, 'cancelled, no timeout')
    "the server saw: #{seen}"
  end

  def go_away
    call, token = open_waiting('gone')
    call.headers
    puts token
    exit!(0)
  end

  # The server lets a call finish that is under way when it begins to drain, and takes no other.
  def drained
    call = open(:SearchIO)
    ping(call, 'jane', 1)
    succeed(Greeter, :SayHello, HelloRequest.new, metadata: { DRAIN => 'now' })
    await_goaway
    _, late = Call.unary(@channel, Greeter, :SayHello, HelloRequest.new)
    expect_end(late, UNAVAILABLE)
    (2..4).each { |n| ping(call, 'jane', n) }
    call.half_close
    expect('after half-close', call.receive, nil)
    expect_end(call.finish, OK)
    'the call under way goes on and ends well, new ones are UNAVAILABLE'
  end

  # The server's process ends while two calls are under way.
  def lost
    waiting, = open_waiting('lost')
    waiting.headers
    _, ended = Call.unary(@channel, Greeter, :SayHello, HelloRequest.new,
                          metadata: { LEAVE => 'now' })
    expect_end(ended, UNAVAILABLE)
    expect_end(waiting.finish, UNAVAILABLE)
    'UNAVAILABLE for both calls that were under way'
  end

  private

  # A call that the server holds open until it is over, and the token of the report on it. Its
  # headers say that the server has begun.
  def open_waiting(name, **options)
    token = "#{name} #{options[:timeout]} #{Process.pid}"
    metadata = { WAIT => token, 'echo-header' => 'begun' }
    call = Call.open(@channel, Greeter, :SayHello, metadata: metadata, **options)
    call.send(HelloRequest.new)
    call.half_close
    [call, token]
  end

  # The core's channel is no longer ready once the server has said GOAWAY.
  def await_goaway
    ready = GRPC::Core::ConnectivityStates::READY
    return if @channel.watch_connectivity_state(ready, Time.now + Cases::PATIENCE)

    raise Mismatch, 'the server has not said GOAWAY'
  end

  # Whether the call ended by its deadline. On a machine under load the core may have read its clock
  # before the deadline and the server's reset after it, and calls that CANCELLED.
  def late?(call)
    ended = call.finish
    expect_end(ended, DEADLINE_EXCEEDED) unless ended.code == CANCELLED
    ended.code == DEADLINE_EXCEEDED
  end

  # A deadline may also come before the server has begun. Then the block says nothing, and is given
  # more time.
  def with_enough_time
    [0.1, 0.4, 1.6, 6.4].each do |timeout|
      detail = yield timeout
      return detail if detail
    end
    raise Mismatch, 'no deadline was met while the server was at work'
  end

  # What the server saw: a timeout that is no longer than the one sent, but for rounding up.
  def late_report(token, timeout)
    seen = succeed(Greeter, :SayHello, HelloRequest.new, metadata: { REPORT => token }).message
    match = /\A(?:deadline exceeded|cancelled), timeout (\d+) ms\z/.match(seen)
    most = (timeout * 1100).to_i
    return seen if match && match[1].to_i.between?(1, most)

    raise Mismatch, "the server saw: #{seen}, expected its end, and a timeout of at most #{most} ms"
  end
end
