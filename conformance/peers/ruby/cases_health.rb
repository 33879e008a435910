# frozen_string_literal: true

require_relative 'session'

# The health service.
module CasesHealth
  include Session

  NAMES = %w[health_check health_watch health_watch_unknown health_list].freeze

  def health_check
    name = "check.#{Process.pid}"
    expect('the server', check(''), :SERVING)
    %i[NOT_SERVING SERVING].each do |status|
      set_health(name, status)
      expect(name, check(name), status)
    end
    set_health(name, :SERVICE_UNKNOWN)
    _, ended = Call.unary(@channel, Health, :Check, HealthCheckRequest.new(service: name))
    expect_end(ended, NOT_FOUND, 'unknown service')
    'SERVING, NOT_SERVING, and NOT_FOUND "unknown service"'
  end

  def health_watch
    name = "watch.#{Process.pid}"
    set_health(name, :SERVING)
    watches = Array.new(2) { watch(name) }
    %i[SERVING NOT_SERVING SERVING].each do |status|
      set_health(name, status)
      watches.each { |call| expect('what is told', call.receive&.status, status) }
    end
    watches.each { |call| leave(call) }
    set_health(name, :SERVICE_UNKNOWN)
    'two are told each change'
  end

  def health_watch_unknown
    name = "unknown.#{Process.pid}"
    call = watch(name)
    expect('what is told at first', call.receive&.status, :SERVICE_UNKNOWN)
    %i[NOT_SERVING SERVICE_UNKNOWN].each do |status|
      set_health(name, status)
      expect('what is told', call.receive&.status, status)
    end
    leave(call)
    'SERVICE_UNKNOWN stays open, and is told when it comes and goes'
  end

  def health_list
    name = "list.#{Process.pid}"
    set_health(name, :NOT_SERVING)
    expect('those listed', list.values_at('', name), %i[SERVING NOT_SERVING])
    set_health(name, :SERVICE_UNKNOWN)
    expect('those listed', list.values_at('', name), [:SERVING, nil])
    'the server and a service, until that is forgotten'
  end

  private

  def set_health(service, status)
    succeed(Greeter, :SayHello, HelloRequest.new, metadata: { HEALTH => "#{status} #{service}" })
  end

  def check(service)
    succeed(Health, :Check, HealthCheckRequest.new(service: service)).status
  end

  def watch(service)
    call = Call.open(@channel, Health, :Watch)
    call.send(HealthCheckRequest.new(service: service))
    call.half_close
    call
  end

  def leave(call)
    call.cancel
    expect_end(call.finish, CANCELLED)
  end

  def list
    listed = succeed(Health, :List, HealthListRequest.new)
    listed.statuses.map { |service, response| [service, response.status] }.to_h
  end
end
