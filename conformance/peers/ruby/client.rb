# frozen_string_literal: true

# A client on the C core that runs the cases of the peer contract (../README.md) against the server
# at HOST:PORT: those that are named, or all but those that end the server. One line per case; exit
# status 1 if any fails.
require_relative 'cases'

abort 'usage: client.rb HOST:PORT [CASE...]' if ARGV.empty?
address, *names = ARGV
unknown = names - Cases::NAMES - Cases::LAST - [Cases::GOING]
abort "no such case: #{unknown.join(', ')}" unless unknown.empty?

$stdout.sync = true
cases = Cases.new(address)
passed = (names.empty? ? Cases::NAMES : names).map { |name| cases.run(name) }
exit passed.all?
