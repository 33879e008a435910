# frozen_string_literal: true

require_relative 'call'

# What the client's cases share: calls, and what is expected of them. A case returns what it saw, as
# a few words, or raises Mismatch.
module Session
  include Contract
  include GRPC::Core::StatusCodes

  CODE_NAMES = GRPC::Core::StatusCodes.constants.to_h do |name|
    [GRPC::Core::StatusCodes.const_get(name), name.to_s]
  end.freeze

  ALPHABET = [*'a'..'z'].join.freeze

  class Mismatch < StandardError; end

  private

  def open(name, **options)
    Call.open(@channel, SearchService, name, **options)
  end

  def person(name, age)
    PersonReq.new(name: name, age: age)
  end

  def ping(call, name, age, **options)
    call.send(person(name, age), **options)
    seen = call.receive
    raise Mismatch, "no echo: saw #{described(call.finish)}" unless seen

    expect('the echo', seen, PersonRes.new(name: name, age: age))
  end

  def large_name(size)
    (ALPHABET * (size / ALPHABET.size + 1))[0, size]
  end

  def succeed(service, name, request, **options)
    reply, ended = Call.unary(@channel, service, name, request, **options)
    expect_end(ended, OK)
    reply
  end

  # A name of this size passes: the connection has survived what went before.
  def still_connected(size = 1)
    sent = person(large_name(size), 7)
    reply = succeed(SearchService, :Search, sent)
    expect('the reply is equal', reply == PersonRes.new(sent.to_h), true)
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
    if ended.code != code
      raise Mismatch, "the status: saw #{described(ended)}, expected #{CODE_NAMES[code]}"
    end

    expect('the status message', ended.message, message) if message
  end

  def described(ended)
    "#{CODE_NAMES[ended.code]} #{ended.message.inspect}"
  end

  # Every key that was sent came back with the same values; other keys are the server's business.
  def expect_metadata(what, seen, sent)
    expect("the #{what}", seen.slice(*sent.keys), sent)
  end
end
