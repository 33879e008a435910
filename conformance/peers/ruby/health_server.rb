# frozen_string_literal: true

require_relative 'behaviour'

# The health service. The core brings along its messages and a Check, but no Watch, so this is one
# of our own.
class HealthServer < Contract::Health
  include Behaviour

  def initialize
    super
    @mutex = Mutex.new
    @changed = ConditionVariable.new
    @statuses = { '' => :SERVING }
  end

  # Forgets the service when it is SERVICE_UNKNOWN.
  def set(service, status)
    @mutex.synchronize do
      @statuses[service] = status
      @statuses.delete(service) if status == :SERVICE_UNKNOWN
      @changed.broadcast
    end
  end

  def check(request, _call)
    status = @mutex.synchronize { @statuses[request.service] }
    raise GRPC::NotFound, 'unknown service' unless status

    HealthCheckResponse.new(status: status)
  end

  def list(_request, _call)
    statuses = @mutex.synchronize { @statuses.dup }
    HealthListResponse.new(statuses: statuses.transform_values do |status|
      HealthCheckResponse.new(status: status)
    end)
  end

  def watch(request, call)
    over = false
    Thread.new do
      wait_for_the_end(call)
      @mutex.synchronize { over = true }
      @changed.broadcast
    end
    Enumerator.new do |replies|
      told = nil
      while (told = other_than(told, request.service) { over })
        replies << HealthCheckResponse.new(status: told)
      end
      raise GRPC::Cancelled
    end
  end

  private

  # Blocks until the service's status is not the one that was told, and gives it; nil when the block
  # says so.
  def other_than(told, service)
    @mutex.synchronize do
      loop do
        return if yield

        status = @statuses.fetch(service, :SERVICE_UNKNOWN)
        return status if status != told

        @changed.wait(@mutex)
      end
    end
  end
end
