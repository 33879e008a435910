/* greeting.h - what the server at the other end of the pipe does, and protobuf by hand: the one
 * message that all of this needs is a string in field 1. */
#ifndef BARE_NGHTTP2_GREETING_H
#define BARE_NGHTTP2_GREETING_H

#include <grpctest/grpctest.h>

#define SAY_HELLO "/helloworld.Greeter/SayHello"
#define SEARCH_IO "/person.SearchService/SearchIO"

/* How long SayHello thinks, and SearchIO over each message. */
#define HELLO_TAKES GT_MS(200)
#define ECHO_TAKES GT_MS(5)

/* What the server saw of the last SayHello that did not finish. */
typedef struct greeting_log {
    int error; /* GT_ETIMEDOUT or GT_ECANCELLED */
    gt_time when;
} greeting_log;

/* SayHello answers "Hello" and the name after HELLO_TAKES; SearchIO sends each message back after
 * ECHO_TAKES. `log` lives as long as the server. */
void greeting_add(gt_server *server, greeting_log *log);

/* A message whose field 1 is `text`, of less than 128 bytes, in `out`, which has room for two bytes
 * more; returns the size. */
size_t greeting_pack(const char *text, uint8_t *out);

/* Field 1 of such a message as a string of at most `size` - 1 bytes in `text`; "" if there is none.
 */
void greeting_unpack(const uint8_t *message, size_t message_size, char *text, size_t size);

#endif
