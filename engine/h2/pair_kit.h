/* pair_kit.h - for tests: a client's engine against a server's, in literal instants.
 * Rule: bytes are carried in spans of the pair's size, so that a test runs whole and byte by byte;
 * events are taken in order, none is passed over but SETTINGS. */
#ifndef GRPCTEST_ENGINE_H2_PAIR_KIT_H
#define GRPCTEST_ENGINE_H2_PAIR_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "h2.h"

typedef struct pair {
    gt__h2 *client, *server;
    gt_time now;
    size_t span;        /* bytes per drain and feed */
    gt__h2_event event; /* the last one taken */
} pair;

/* A test's initial state is the size of its spans: entries of a test table. */
extern size_t pair_whole, pair_byte;
#define WHOLE(test)                                                                                \
    {                                                                                              \
#test, test, NULL, NULL, &pair_whole                                                       \
    }
#define BYTE_BY_BYTE(test)                                                                         \
    {                                                                                              \
#test "_byte_by_byte", test, NULL, NULL, &pair_byte                                        \
    }
#define BOTH(test) WHOLE(test), BYTE_BY_BYTE(test)

/* `state` is a test's; the options may be NULL. */
pair *pair_new(void **state, const gt__h2_options *client, const gt__h2_options *server);
void pair_free(pair *p);

/* Carries what `from` has to say, once through; false when that was nothing. */
bool pair_carry(pair *p, gt__h2 *from, gt__h2 *to);
/* Carries until both have nothing to say. */
void pair_settle(pair *p);

/* The next event, which must be of this type. Good until the next is taken. */
gt__h2_event *expect(pair *p, gt__h2 *h2, gt__h2_event_type type);
void expect_nothing(pair *p, gt__h2 *h2);
/* A message of this text, which is taken: its bytes are credited. */
void expect_message(pair *p, gt__h2 *h2, const char *text);
void expect_status(pair *p, int code, const char *message);
void expect_violation(pair *p, gt__h2 *h2, const char *rule, const char *text);

void send_bytes(gt__h2 *h2, int32_t stream, gt_bytes message);
void send_text(gt__h2 *h2, int32_t stream, const char *text);

/* A client's stream for "/chat.Chat/Talk"; the same after the server took its REQUEST. */
int32_t open_call(pair *p);
int32_t open_known_call(pair *p);
/* The server's finish with this status and no trailers. */
void finish(pair *p, int32_t stream, gt_code code, const char *message);

#endif
