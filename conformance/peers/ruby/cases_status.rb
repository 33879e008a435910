# frozen_string_literal: true

require_relative 'session'

# How calls end: errors, deadlines, cancelling, a server that is done early.
module CasesStatus
  include Session

  NAMES = %w[error error_codes error_messages error_after_replies error_trailers_only unknown_method
             unknown_service early_end early_ok too_large_request too_large_reply].freeze

  def error
    fail_with(NOT_FOUND, 'no such café: ☕, 100% sure')
    'NOT_FOUND with a message in UTF-8'
  end

  def error_codes
    codes = (1..16).to_a
    codes.each { |code| fail_with(code, "as asked: #{code}") }
    'all sixteen arrive unchanged'
  end

  def error_messages
    messages = ['', ' at the edges ', "a\tb\r\nc\x7f", '☺ 😈', '%', '%41 %zz', large_name(3000)]
    messages.each { |message| fail_with(ABORTED, message) }
    'empty, spaces at the edges, controls, four-byte UTF-8, what looks like escapes, 3,000 bytes'
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

  def error_trailers_only
    sent = { 'echo-trailer' => %w[one two], 'echo-trailer-bin' => "\x00\xff".b }
    call = Call.open(@channel, Greeter, :SayHello,
                     metadata: { FAIL_CODE => NOT_FOUND.to_s, FAIL_MESSAGE => 'gone', **sent })
    call.send(HelloRequest.new(name: 'jane'))
    call.half_close
    expect('the headers', call.headers, {})
    ended = call.finish
    expect_end(ended, NOT_FOUND, 'gone')
    expect_metadata('trailers', ended.trailers, sent)
    'what comes with an error and no headers are trailers'
  end

  def unknown_method
    fail_to_find('/helloworld.Greeter/SayGoodbye')
  end

  def unknown_service
    fail_to_find('/no.such.Service/Method')
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
    still_connected
    '5 MiB are RESOURCE_EXHAUSTED, and the connection lives on'
  end

  def too_large_reply
    call = open(:SearchIn)
    name = large_name(2 << 20)
    3.times { call.send(person(name, 1)) }
    call.half_close
    expect_end(call.finish, RESOURCE_EXHAUSTED)
    still_connected
    '6 MiB are RESOURCE_EXHAUSTED, and the connection lives on'
  end

  private

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
end
