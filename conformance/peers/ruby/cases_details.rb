# frozen_string_literal: true

require_relative 'session'

# Typed details of a status.
module CasesDetails
  include Session

  NAMES = %w[details details_after_replies].freeze

  ASKED = { FAIL_CODE => INVALID_ARGUMENT.to_s, FAIL_MESSAGE => 'two are wrong ☕'.b,
            FAIL_DETAIL => %w[one two] }.freeze

  def details
    reply, ended = Call.unary(@channel, Greeter, :SayHello, HelloRequest.new, metadata: ASKED)
    expect('the reply', reply, nil)
    expect_details(ended)
    'a google.rpc.Status with three details of two types'
  end

  def details_after_replies
    call = open(:SearchOut, metadata: ASKED.merge('echo-trailer' => 'late'))
    call.send(person('jane', 2))
    call.half_close
    (1..2).each { |n| expect("reply #{n}", call.receive, PersonRes.new(name: 'jane', age: n)) }
    ended = call.finish
    expect_details(ended)
    expect_metadata('trailers', ended.trailers, { 'echo-trailer' => 'late' })
    'the same behind two replies, beside a trailer'
  end

  private

  def expect_details(ended)
    expect_end(ended, INVALID_ARGUMENT, 'two are wrong ☕')
    status = ended.details
    raise Mismatch, 'the status came without details' unless status

    expect('the code in the details', status.code, INVALID_ARGUMENT)
    expect('the message in the details', status.message, 'two are wrong ☕')
    expect('what the details are', status.details.map(&:type_name),
           %w[person.PersonRes person.PersonRes helloworld.HelloReply])
    expect('the details', status.details.map { |detail| unpack(detail) },
           [PersonRes.new(name: 'one', age: 1), PersonRes.new(name: 'two', age: 2),
            HelloReply.new(message: 'two are wrong ☕')])
  end

  def unpack(detail)
    detail.unpack(detail.is(PersonRes) ? PersonRes : HelloReply)
  end
end
