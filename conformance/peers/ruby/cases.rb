# frozen_string_literal: true

require 'timeout'
require_relative 'cases_compression'
require_relative 'cases_cut_short'
require_relative 'cases_details'
require_relative 'cases_health'
require_relative 'cases_kinds'
require_relative 'cases_load'
require_relative 'cases_metadata'
require_relative 'cases_status'

# The client's cases of the peer contract (../README.md).
class Cases
  TABLES = [CasesKinds, CasesMetadata, CasesStatus, CasesDetails, CasesCutShort, CasesLoad,
            CasesCompression, CasesHealth].freeze
  include(*TABLES)

  NAMES = TABLES.flat_map { |table| table::NAMES }.freeze
  PATIENCE = 30

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
end
