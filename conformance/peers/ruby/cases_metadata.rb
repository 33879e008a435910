# frozen_string_literal: true

require_relative 'session'

# Metadata, both ways.
module CasesMetadata
  include Session

  NAMES = %w[metadata metadata_empty metadata_on_stream metadata_large].freeze
  ALL_BYTES = (0..255).to_a.pack('C*').freeze

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

  def metadata_empty
    sent = { 'echo-header' => ['', 'one', ''], 'echo-header-bin' => '',
             'echo-trailer' => '', 'echo-trailer-bin' => ['two', '', ''] }
    call = Call.open(@channel, Greeter, :SayHello, metadata: sent)
    call.send(HelloRequest.new(name: 'jane'))
    call.half_close
    expect_metadata('headers', call.headers, sent.slice('echo-header', 'echo-header-bin'))
    ended = call.finish
    expect_end(ended, OK)
    expect_metadata('trailers', ended.trailers, sent.slice('echo-trailer', 'echo-trailer-bin'))
    'values of no bytes keep their places'
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
end
