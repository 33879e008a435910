# frozen_string_literal: true

require 'timeout'
require_relative 'call'

# The client's cases of the peer contract (../README.md). Each returns what it saw, as a few words,
# or raises Mismatch.
class Cases
  include Contract
  include GRPC::Core::StatusCodes

  NAMES = %w[unary unary_empty unary_large client_streaming server_streaming bidi streams_empty chat
             metadata metadata_on_stream metadata_large error error_codes error_after_replies
             unknown_method unknown_service deadline deadline_on_stream cancel client_gone early_end
             early_ok too_large_request too_large_reply parallel many_unary large_streams
             slow_reader windows_after_cancel windows_after_early_end compressed_requests
             compressed_replies compressed_stream].freeze
  # Ends the server, and so runs only when it is named.
  LAST = 'lost'
  # Leaves calls behind, for others to ask about.
  GOING = 'go_away'

  CODE_NAMES = GRPC::Core::StatusCodes.constants.to_h do |name|
    [GRPC::Core::StatusCodes.const_get(name), name.to_s]
  end.freeze
  PATIENCE = 30
  ALL_BYTES = (0..255).to_a.pack('C*').freeze

  class Mismatch < StandardError; end

  def initialize(address)
    @address = address
    @channel = GRPC::Core::Channel.new(address, {}, :this_channel_is_insecure)
  end

  # Runs one case, prints its line, and tells whether it passed.
  def run(name)
    detail = Timeout.timeout(PATIENCE) { public_send(name) }
    puts format('ok %-24s %s', name, detail)
    true
  rescue Mismatch, Timeout::Error, GRPC::Core::CallError, Google::Protobuf::ParseError => e
    puts format('not ok %-20s %s', name, e.message)
    false
  end

  # ---- the four kinds -------------------------------------------------------------------------

  def unary
    reply = succeed(Greeter, :SayHello, HelloRequest.new(name: 'jane'))
    expect('the reply', reply.message, 'Hello jane')
    'SayHello "jane" answers "Hello jane"'
  end

  def unary_empty
    reply = succeed(SearchService, :Search, PersonReq.new)
    expect('the reply', reply, PersonRes.new)
    'a message of no bytes comes back'
  end

  def unary_large
    name = large_name(1 << 20)
    reply = succeed(SearchService, :Search, PersonReq.new(name: name, age: 7))
    expect('the reply is equal', reply == PersonRes.new(name: name, age: 7), true)
    '1 MiB there and back'
  end

  def client_streaming
    call = open(:SearchIn)
    %w[one two three].each.with_index(1) { |name, age| call.send(person(name, age)) }
    call.half_close
    expect('the reply', call.receive, PersonRes.new(name: 'onetwothree', age: 6))
    expect_end(call.finish, OK)
    'three requests, one reply'
  end

  def server_streaming
    call = open(:SearchOut)
    call.send(person('jane', 11))
    call.half_close
    (1..11).each { |n| expect("reply #{n}", call.receive, PersonRes.new(name: 'jane', age: n)) }
    expect('after the last reply', call.receive, nil)
    expect_end(call.finish, OK)
    'one request, eleven replies in order'
  end

  def bidi
    call = open(:SearchIO)
    (1..5).each { |n| ping(call, "ping #{n}", n) }
    call.half_close
    expect('after half-close', call.receive, nil)
    expect_end(call.finish, OK)
    'five pings, each answered before the next'
  end

  def streams_empty
    call = open(:SearchIn)
    call.half_close
    expect('the reply', call.receive, PersonRes.new)
    expect_end(call.finish, OK)
    call = open(:SearchIO)
    call.half_close
    expect('the reply', call.receive, nil)
    expect_end(call.finish, OK)
    'streams that carry nothing end well'
  end

  def chat
    jack, jane = %w[jack jane].map do |name|
      Call.open(@channel, ChatService, :chat, metadata: { 'from' => name })
    end
    say(jack, 'jack', 'jane', 'hello')
    expect_message(jane, 'jack', 'jane', 'hello')
    say(jane, 'jane', 'jack', 'hello yourself')
    expect_message(jack, 'jane', 'jack', 'hello yourself')
    [jack, jane].each(&:half_close)
    [jack, jane].each { |call| expect_end(call.finish, OK) }
    'jack and jane hear each other'
  end

  # ---- metadata -------------------------------------------------------------------------------

  def metadata
    sent = { 'echo-header' => %w[one two], 'echo-header-bin' => ALL_BYTES,
             'echo-trailer' => 'three', 'echo-trailer-bin' => ["\x00\xff".b, 'four'] }
    call = Call.open(@channel, Greeter, :SayHello, metadata: sent)
    call.send(HelloRequest.new(name: 'jane'))
    call.half_close
    expect_metadata('headers', call.headers, sent.slice('echo-header', 'echo-header-bin'))
    ended = call.finish
    expect_end(ended, OK)
    expect_metadata('trailers', ended.trailers, sent.slice('echo-trailer', 'echo-trailer-bin'))
    'two values under one key, all 256 bytes under a -bin key, and trailers'
  end

  def metadata_on_stream
    sent = { 'echo-header' => 'early', 'echo-trailer' => 'late' }
    call = open(:SearchIO, metadata: sent)
    expect_metadata('headers', call.headers, sent.slice('echo-header'))
    ping(call, 'jane', 1)
    call.half_close
    ended = call.finish
    expect_end(ended, OK)
    expect_metadata('trailers', ended.trailers, sent.slice('echo-trailer'))
    'headers before the first message, trailers after the last'
  end

  def metadata_large
    sent = { 'echo-header' => large_name(3000), 'echo-trailer' => large_name(3001) }
    call = Call.open(@channel, Greeter, :SayHello, metadata: sent)
    call.send(HelloRequest.new(name: 'jane'))
    call.half_close
    expect_metadata('headers', call.headers, sent.slice('echo-header'))
    ended = call.finish
    expect_end(ended, OK)
    expect_metadata('trailers', ended.trailers, sent.slice('echo-trailer'))
    '3,000 bytes in headers and in trailers'
  end

  # ---- how calls end --------------------------------------------------------------------------

  def error
    fail_with(NOT_FOUND, 'no such café: ☕, 100% sure')
    'NOT_FOUND with a message in UTF-8'
  end

  def error_codes
    codes = (1..16).to_a
    codes.each { |code| fail_with(code, "as asked: #{code}") }
    'all sixteen arrive unchanged'
  end

  def error_after_replies
    call = open(:SearchOut, metadata: { FAIL_CODE => ABORTED.to_s, FAIL_MESSAGE => 'enough',
                                        'echo-trailer' => 'late' })
    call.send(person('jane', 3))
    call.half_close
    (1..3).each { |n| expect("reply #{n}", call.receive, PersonRes.new(name: 'jane', age: n)) }
    ended = call.finish
    expect_end(ended, ABORTED, 'enough')
    expect_metadata('trailers', ended.trailers, { 'echo-trailer' => 'late' })
    'three replies, then ABORTED with trailers'
  end

  def unknown_method
    fail_to_find('/helloworld.Greeter/SayGoodbye')
  end

  def unknown_service
    fail_to_find('/no.such.Service/Method')
  end

  def deadline
    with_enough_time do |timeout|
      call, token = open_waiting('deadline', timeout: timeout)
      begun = call.headers.key?('echo-header')
      expect_end(call.finish, DEADLINE_EXCEEDED)
      begun && "after #{(timeout * 1000).to_i} ms; the server saw: #{late_report(token, timeout)}"
    end
  end

  def deadline_on_stream
    with_enough_time do |timeout|
      call = open(:SearchIO, timeout: timeout)
      call.send(person('jane', 1))
      begun = call.receive
      expect_end(call.finish, DEADLINE_EXCEEDED)
      begun && 'after the first of two replies'
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

  def early_end
    call = open(:SearchIO, metadata: { FAIL_AFTER => '3', FAIL_CODE => RESOURCE_EXHAUSTED.to_s,
                                       FAIL_MESSAGE => 'three is enough' })
    (1..3).each { |n| ping(call, 'jane', n) }
    # Nobody reads these: sending them must end, either way.
    100.times { |n| call.send(person('unread', n)) }
    expect_end(call.finish, RESOURCE_EXHAUSTED, 'three is enough')
    'RESOURCE_EXHAUSTED while the client still sends'
  end

  # Without a code the status is OK, though the client has not half-closed.
  def early_ok
    call = open(:SearchIO, metadata: { FAIL_AFTER => '1' })
    ping(call, 'jane', 1)
    expect('after the reply', call.receive, nil)
    expect_end(call.finish, OK)
    'OK before the client has half-closed'
  end

  # Over 4 MiB, where every implementation's limit stands by default.
  def too_large_request
    call = open(:Search)
    call.send(person(large_name(5 << 20), 1))
    call.half_close
    expect_end(call.finish, RESOURCE_EXHAUSTED)
    unary
    '5 MiB are RESOURCE_EXHAUSTED, and the connection lives on'
  end

  def too_large_reply
    call = open(:SearchIn)
    name = large_name(2 << 20)
    3.times { call.send(person(name, 1)) }
    call.half_close
    expect_end(call.finish, RESOURCE_EXHAUSTED)
    unary
    '6 MiB are RESOURCE_EXHAUSTED, and the connection lives on'
  end

  # The server's process ends while two calls are under way.
  def lost
    waiting, = open_waiting('lost')
    waiting.headers
    _, ended = Call.unary(@channel, Greeter, :SayHello, HelloRequest.new, metadata: { LEAVE => 'now' })
    expect_end(ended, UNAVAILABLE)
    expect_end(waiting.finish, UNAVAILABLE)
    'UNAVAILABLE for both calls that were under way'
  end

  # ---- much at once ---------------------------------------------------------------------------

  def parallel
    calls = Array.new(100) { open(:SearchIO) }
    calls.each_with_index { |call, n| call.send(person("call #{n}", n)) }
    calls.each_with_index.reverse_each do |call, n|
      expect("call #{n}", call.receive, PersonRes.new(name: "call #{n}", age: n))
    end
    calls.each(&:half_close)
    calls.each { |call| expect_end(call.finish, OK) }
    '100 calls under way at once'
  end

  def many_unary
    calls = Array.new(300) do |n|
      call = Call.open(@channel, Greeter, :SayHello)
      call.send(HelloRequest.new(name: n.to_s))
      call.half_close
      call
    end
    calls.each_with_index do |call, n|
      expect("reply #{n}", call.receive, HelloReply.new(message: "Hello #{n}"))
      expect_end(call.finish, OK)
    end
    '300 unary calls begun before the first is read'
  end

  # More both ways than any window holds: the sender waits for the reader.
  def large_streams
    name = large_name(32 << 10)
    call = open(:SearchIO)
    sender = Thread.new do
      (1..200).each { |n| call.send(person(name, n)) }
      call.half_close
    end
    (1..200).each do |n|
      expect("echo #{n} is equal", call.receive == PersonRes.new(name: name, age: n), true)
    end
    sender.join
    expect_end(call.finish, OK)
    '200 messages of 32 KiB there and back'
  end

  # A stream that nobody reads holds up no other.
  def slow_reader
    name = large_name(16 << 10)
    call = open(:SearchOut)
    call.send(person(name, 200))
    call.half_close
    call.headers
    20.times { unary }
    (1..200).each do |n|
      expect("reply #{n} is equal", call.receive == PersonRes.new(name: name, age: n), true)
    end
    expect_end(call.finish, OK)
    'a stream that is not read yet holds up no other'
  end

  # What nobody will read any more counts against no window.
  def windows_after_cancel
    60.times do
      call = open(:SearchOut)
      call.send(person(large_name(16 << 10), 100))
      call.half_close
      expect('the first reply', call.receive.age, 1)
      call.cancel
      expect_end(call.finish, CANCELLED)
    end
    unary_large
    '1 MiB passes after 60 streams cancelled with unread replies'
  end

  def windows_after_early_end
    name = large_name(16 << 10)
    60.times do
      call = open(:SearchIO, metadata: { FAIL_AFTER => '1' })
      20.times { |n| break unless call.send(person(name, n)) }
      expect_end(call.finish, OK)
    end
    unary_large
    '1 MiB passes after 60 streams ended with unread requests'
  end

  # ---- compression ----------------------------------------------------------------------------

  # A server that can see how the requests came ends the call otherwise.
  def compressed_requests
    sent = person(large_name(1000), 7)
    %w[gzip deflate].each do |encoding|
      reply = succeed(SearchService, :Search, sent,
                      metadata: { CORE_ENCODING => encoding, COMPRESSED => encoding })
      expect("the reply to #{encoding} is equal", reply == PersonRes.new(sent.to_h), true)
    end
    'requests in gzip and in deflate are read'
  end

  def compressed_replies
    name = large_name(1000)
    %w[gzip deflate].each do |encoding|
      call = open(:SearchOut, metadata: { COMPRESS => encoding })
      call.send(person(name, 3))
      call.half_close
      (1..3).each { |n| expect("#{encoding} #{n}", call.receive, PersonRes.new(name: name, age: n)) }
      expect_end(call.finish, OK)
    end
    'replies in gzip and in deflate are read'
  end

  # Both directions, each its own way; between them a message that is too small to compress, and one
  # for which it was said not to.
  def compressed_stream
    name = large_name(1000)
    call = open(:SearchIO, metadata: { CORE_ENCODING => 'gzip', COMPRESSED => 'gzip',
                                       COMPRESS => 'deflate' })
    ping(call, name, 1)
    ping(call, 'x', 2)
    ping(call, name, 3, plain: true)
    ping(call, name, 4)
    call.half_close
    expect_end(call.finish, OK)
    'gzip one way, deflate the other, and plain messages between them'
  end

  private

  def open(name, **options)
    Call.open(@channel, SearchService, name, **options)
  end

  def person(name, age)
    PersonReq.new(name: name, age: age)
  end

  def ping(call, name, age, **options)
    call.send(person(name, age), **options)
    expect('the echo', call.receive, PersonRes.new(name: name, age: age))
  end

  def say(call, from, to, content)
    call.send(Message.new(from: from, to: to, content: content))
  end

  def expect_message(call, from, to, content)
    expect("what #{to} hears", call.receive, Message.new(from: from, to: to, content: content))
  end

  def large_name(size)
    ('a'..'z').cycle.first(size).join
  end

  # On a machine under load a deadline may come before the server has begun: then the block says
  # nothing, and is given more time.
  def with_enough_time
    [0.1, 0.4, 1.6, 6.4].each do |timeout|
      detail = yield timeout
      return detail if detail
    end
    raise Mismatch, 'the server did not begin in time'
  end

  # What the server saw: a timeout that is no longer than the one sent, but for rounding up.
  def late_report(token, timeout)
    seen = succeed(Greeter, :SayHello, HelloRequest.new, metadata: { REPORT => token }).message
    match = /\A(?:deadline exceeded|cancelled), timeout (\d+) ms\z/.match(seen)
    most = (timeout * 1100).to_i
    return seen if match && match[1].to_i.between?(1, most)

    raise Mismatch, "the server saw: #{seen}, expected its end, and a timeout of at most #{most} ms"
  end

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

  def succeed(service, name, request, **options)
    reply, ended = Call.unary(@channel, service, name, request, **options)
    expect_end(ended, OK)
    reply
  end

  def fail_with(code, message)
    reply, ended = Call.unary(@channel, Greeter, :SayHello, HelloRequest.new(name: 'jane'),
                              metadata: { FAIL_CODE => code.to_s, FAIL_MESSAGE => message.b })
    expect_end(ended, code, message)
    expect('the reply', reply, nil)
  end

  def fail_to_find(route)
    call = Call.new(@channel, route, Greeter.rpc_descs.fetch(:SayHello))
    call.send(HelloRequest.new(name: 'jane'))
    call.half_close
    expect_end(call.finish, UNIMPLEMENTED)
    "#{route} is UNIMPLEMENTED"
  end

  def expect(what, seen, expected)
    return if seen == expected

    raise Mismatch, "#{what}: saw #{brief(seen)}, expected #{brief(expected)}"
  end

  def brief(value)
    text = value.inspect
    text.length > 200 ? "#{text[0, 200]}... (#{text.length} characters)" : text
  end

  def expect_end(ended, code, message = nil)
    seen = "#{CODE_NAMES[ended.code]} #{ended.message.inspect}"
    raise Mismatch, "the status: saw #{seen}, expected #{CODE_NAMES[code]}" if ended.code != code

    expect('the status message', ended.message, message) if message
  end

  # Every key that was sent came back with the same values; other keys are the server's business.
  def expect_metadata(what, seen, sent)
    expect("the #{what}", seen.slice(*sent.keys), sent)
  end
end
