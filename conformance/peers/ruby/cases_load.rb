# frozen_string_literal: true

require_relative 'session'

# Much at once: many calls, and more bytes than any window holds.
module CasesLoad
  include Session

  NAMES = %w[parallel many_unary thousand large_streams slow_reader many_cancelled
             windows_after_cancel windows_after_early_end].freeze

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

  def thousand
    calls = Array.new(1000) { open(:SearchIO) }
    calls.each_with_index { |call, n| call.send(person("call #{n}", n)) }
    calls.each_with_index do |call, n|
      expect("call #{n}", call.receive, PersonRes.new(name: "call #{n}", age: n))
    end
    calls.each(&:half_close)
    calls.each { |call| expect_end(call.finish, OK) }
    '1,000 calls under way at once, all answered before any is done'
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

  # More resets than a server takes from one who means ill, but from one who reads its answers.
  def many_cancelled
    15.times do
      calls = Array.new(100) { open(:SearchIO) }
      ping(calls.last, 'jane', 1)
      calls.each(&:cancel)
      calls.each { |call| expect_end(call.finish, CANCELLED) }
    end
    still_connected
    '1,500 cancelled, and the connection lives on'
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
    still_connected(1 << 20)
    '1 MiB passes after 60 streams cancelled with unread replies'
  end

  def windows_after_early_end
    name = large_name(16 << 10)
    60.times do
      call = open(:SearchIO, metadata: { FAIL_AFTER => '1' })
      20.times { |n| break unless call.send(person(name, n)) }
      expect_end(call.finish, OK)
    end
    still_connected(1 << 20)
    '1 MiB passes after 60 streams ended with unread requests'
  end
end
