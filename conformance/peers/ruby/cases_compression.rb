# frozen_string_literal: true

require_relative 'session'

# Messages compressed by either side.
module CasesCompression
  include Session

  NAMES = %w[compressed_requests compressed_replies compressed_stream].freeze

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
end
