/* grpctest.h - the whole public API, but for what needs protobuf-c (protobufc.h) or a test
 * framework (cmocka.h). */
#ifndef GRPCTEST_GRPCTEST_H
#define GRPCTEST_GRPCTEST_H

#include <grpctest/assert.h>
#include <grpctest/base.h>
#include <grpctest/bufconn.h>
#include <grpctest/buffer.h>
#include <grpctest/call.h>
#include <grpctest/channel.h>
#include <grpctest/codec.h>
#include <grpctest/conn.h>
#include <grpctest/context.h>
#include <grpctest/error.h>
#include <grpctest/field.h>
#include <grpctest/frames.h>
#include <grpctest/health.h>
#include <grpctest/interceptor.h>
#include <grpctest/journal.h>
#include <grpctest/limits.h>
#include <grpctest/match.h>
#include <grpctest/message.h>
#include <grpctest/metadata.h>
#include <grpctest/misbehave.h>
#include <grpctest/mock.h>
#include <grpctest/net.h>
#include <grpctest/pcap.h>
#include <grpctest/rig.h>
#include <grpctest/script.h>
#include <grpctest/server.h>
#include <grpctest/status.h>
#include <grpctest/weather.h>
#include <grpctest/world.h>

#endif
