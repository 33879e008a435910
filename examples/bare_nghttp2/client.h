/* client.h - a small gRPC client on bare nghttp2, such as C programs write for themselves: no line
 * of grpctest is in it. It does no I/O and has no clock: whoever owns it moves the bytes and says
 * what time it is. */
#ifndef BARE_NGHTTP2_CLIENT_H
#define BARE_NGHTTP2_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bare_client bare_client;
typedef struct bare_call bare_call;

/* One HTTP/2 connection. NULL when there is no memory. */
bare_client *bare_client_new(void);
/* Frees it, and its calls with it. Takes NULL. */
void bare_client_free(bare_client *client);

/* ---- bytes --------------------------------------------------------------------------------- */

/* Takes bytes that came from the server. False when they are no HTTP/2: drop the connection. */
bool bare_client_feed(bare_client *client, const uint8_t *bytes, size_t size);

/* Says that no more bytes will come: calls under way end as UNAVAILABLE. */
void bare_client_disconnected(bare_client *client);

/* Puts at most `room` bytes for the server into `bytes` and returns how many; 0 when all are out.
 */
size_t bare_client_take_output(bare_client *client, uint8_t *bytes, size_t room);

/* ---- time ---------------------------------------------------------------------------------- */

#define BARE_NEVER INT64_MAX

/* When bare_client_tick is due, in the owner's nanoseconds. */
int64_t bare_client_next_deadline(const bare_client *client);

/* Ends the calls whose deadline has come. */
void bare_client_tick(bare_client *client, int64_t now_ns);

/* ---- calls --------------------------------------------------------------------------------- */

/* Begins a call of "/package.Service/Method"; a `timeout_ns` of 0 is none. NULL when that fails. */
bare_call *bare_call_new(bare_client *client, const char *path, int64_t now_ns, int64_t timeout_ns);
/* Lets go of the call, resetting its stream if it is still open. Takes NULL. */
void bare_call_free(bare_call *call);

/* Queues one message, a copy. */
void bare_call_send(bare_call *call, const void *message, size_t size);
/* Says that no more messages follow. */
void bare_call_half_close(bare_call *call);

/* The next message that has come in full; valid until the next call of this function. */
bool bare_call_receive(bare_call *call, const uint8_t **message, size_t *size);

/* gRPC's code, once the call has ended; -1 before. */
int bare_call_status(const bare_call *call);
/* The status's message, "" when there is none. */
const char *bare_call_status_message(const bare_call *call);

#endif
