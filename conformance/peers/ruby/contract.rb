# frozen_string_literal: true

# The services of the peer contract (../README.md), declared without generated code: the messages
# are built at run time, so that this file is a second, independent statement of the protos.
require 'google/protobuf'
require 'google/protobuf/well_known_types'
require 'google/rpc/status_pb'
require 'grpc'
require 'grpc/health/v1/health_services_pb'

module Contract
  POOL = Google::Protobuf::DescriptorPool.new
  POOL.build do
    add_file('helloworld.proto', syntax: :proto3) do
      add_message('helloworld.HelloRequest') { optional :name, :string, 1 }
      add_message('helloworld.HelloReply') { optional :message, :string, 1 }
    end
    add_file('person.proto', syntax: :proto3) do
      %w[person.PersonReq person.PersonRes].each do |name|
        add_message(name) do
          optional :name, :string, 1
          optional :age, :int32, 2
        end
      end
    end
    add_file('chat.proto', syntax: :proto3) do
      add_message('chat.Message') do
        optional :from, :string, 1
        optional :content, :string, 2
        optional :to, :string, 3
      end
    end
  end

  def self.message(name)
    POOL.lookup(name).msgclass
  end

  HelloRequest = message('helloworld.HelloRequest')
  HelloReply = message('helloworld.HelloReply')
  PersonReq = message('person.PersonReq')
  PersonRes = message('person.PersonRes')
  Message = message('chat.Message')

  # What every service here has in common: how its messages become bytes and back.
  module Service
    def self.included(service)
      service.include(GRPC::GenericService)
      service.marshal_class_method = :encode
      service.unmarshal_class_method = :decode
    end
  end

  class Greeter
    include Service
    self.service_name = 'helloworld.Greeter'
    rpc :SayHello, HelloRequest, HelloReply
  end

  class SearchService
    include Service
    self.service_name = 'person.SearchService'
    rpc :Search, PersonReq, PersonRes
    rpc :SearchIn, stream(PersonReq), PersonRes
    rpc :SearchOut, PersonReq, stream(PersonRes)
    rpc :SearchIO, stream(PersonReq), stream(PersonRes)
  end

  class ChatService
    include Service
    self.service_name = 'chat.ChatService'
    rpc :chat, stream(Message), stream(Message)
  end

  # What comes with the core lacks List. Its messages are in the pool of generated ones, and so are
  # these, for one to hold the others.
  GENERATED = Google::Protobuf::DescriptorPool.generated_pool
  GENERATED.build do
    add_file('health_list.proto', syntax: :proto3) do
      add_message('grpc.health.v1.HealthListRequest') {}
      add_message('grpc.health.v1.HealthListResponse') do
        map :statuses, :string, :message, 1, 'grpc.health.v1.HealthCheckResponse'
      end
    end
  end

  HealthCheckRequest = Grpc::Health::V1::HealthCheckRequest
  HealthCheckResponse = Grpc::Health::V1::HealthCheckResponse
  HealthListRequest = GENERATED.lookup('grpc.health.v1.HealthListRequest').msgclass
  HealthListResponse = GENERATED.lookup('grpc.health.v1.HealthListResponse').msgclass

  class Health < Grpc::Health::V1::Health::Service
    self.marshal_class_method = :encode
    self.unmarshal_class_method = :decode
    rpc :List, HealthListRequest, HealthListResponse
  end

  # The metadata keys by which a request chooses what the server does.
  ECHO_HEADERS = %w[echo-header echo-header-bin].freeze
  ECHO_TRAILERS = %w[echo-trailer echo-trailer-bin].freeze
  FAIL_CODE = 'fail-code'
  FAIL_MESSAGE = 'fail-message-bin'
  FAIL_DETAIL = 'fail-detail'
  FAIL_AFTER = 'fail-after'
  WAIT = 'wait'
  REPORT = 'report'
  LEAVE = 'leave'
  DRAIN = 'drain'
  HEALTH = 'health'
  COMPRESS = 'compress'
  COMPRESSED = 'compressed'

  # The key by which the core is told, in the metadata given to it, what to compress as.
  CORE_ENCODING = 'grpc-internal-encoding-request'
end
