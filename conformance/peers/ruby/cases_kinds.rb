# frozen_string_literal: true

require_relative 'session'

# The four kinds of call, and a chat of two.
module CasesKinds
  include Session

  NAMES = %w[unary unary_empty unary_large client_streaming server_streaming bidi streams_empty
             chat].freeze

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

  private

  def say(call, from, to, content)
    call.send(Message.new(from: from, to: to, content: content))
  end

  def expect_message(call, from, to, content)
    expect("what #{to} hears", call.receive, Message.new(from: from, to: to, content: content))
  end
end
