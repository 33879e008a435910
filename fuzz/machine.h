/* machine.h - one gt__h2 between a hostile peer and a careless application, both led by a script.
 * Rule: a script is bytes, each of which says something that can be done, so that a mutated script
 * is one, too; the same script does the same again. */
#ifndef GRPCTEST_FUZZ_MACHINE_H
#define GRPCTEST_FUZZ_MACHINE_H

#include "engine/h2/h2.h"
#include "fuzz.h"
#include "ledger.h"
#include "outgoing.h"

/* A script: what machine_options_read takes, then steps: the number of one, then what it needs. Or,
 * where the first byte is MACHINE_RAW, four bytes of a seed after the options, and then the peer's
 * bytes as they are; how they are cut and what is done meanwhile is drawn from the seed.
 * MACHINE_PROMPT: what commands bring goes out at once. MACHINE_BREAK_OFF: the engine is freed in
 * the midst of things. */
enum machine_mode { MACHINE_RAW = 0x80, MACHINE_PROMPT = 0x40, MACHINE_BREAK_OFF = 1 };

/* How bytes are cut that a script feeds at once. */
enum machine_cut { MACHINE_WHOLE, MACHINE_FRAMES, MACHINE_BYTES };

/* X(name, function): the steps; the peer's frames come first, then what is done with the engine. */
#define MACHINE_PEER_STEPS(X)                                                                      \
    X(PEER_CALL, machine_peer_call)                                                                \
    X(PEER_HEADERS, machine_peer_headers)                                                          \
    X(PEER_BLOCK, machine_peer_block)                                                              \
    X(PEER_MESSAGE, machine_peer_message)                                                          \
    X(PEER_DATA, machine_peer_data)                                                                \
    X(PEER_CLAIM, machine_peer_claim)                                                              \
    X(PEER_TRAILERS, machine_peer_trailers)                                                        \
    X(PEER_RESET, machine_peer_reset)                                                              \
    X(PEER_SETTING, machine_peer_setting)                                                          \
    X(PEER_PING, machine_peer_ping)                                                                \
    X(PEER_GOAWAY, machine_peer_goaway)                                                            \
    X(PEER_WINDOW, machine_peer_window)                                                            \
    X(PEER_FRAME, machine_peer_frame)                                                              \
    X(PEER_BYTES, machine_peer_bytes)                                                              \
    X(PEER_AGAIN, machine_peer_again)                                                              \
    X(PEER_SPOIL, machine_peer_spoil)

#define MACHINE_OWN_STEPS(X)                                                                       \
    X(FEED, machine_feed)                                                                          \
    X(DRAIN, machine_drain)                                                                        \
    X(TAKE, machine_take)                                                                          \
    X(START, machine_start)                                                                        \
    X(SEND, machine_send)                                                                          \
    X(END, machine_end)                                                                            \
    X(RESET, machine_reset)                                                                        \
    X(WANT, machine_want)                                                                          \
    X(PING, machine_ping)                                                                          \
    X(GOAWAY, machine_goaway)                                                                      \
    X(COMPRESS, machine_compress)                                                                  \
    X(ADVANCE, machine_advance)                                                                    \
    X(LOSE, machine_lose)

enum machine_step {
#define MACHINE_STEP_ENUM(name, function) MACHINE_##name,
    MACHINE_PEER_STEPS(MACHINE_STEP_ENUM) MACHINE_OWN_STEPS(MACHINE_STEP_ENUM) MACHINE_STEP_COUNT
#undef MACHINE_STEP_ENUM
};

typedef struct machine {
    gt__h2 *h2;
    gt__h2_options options;
    enum machine_cut cut;
    bool prompt;
    fuzz_input in;
    gt_time now;
    gt_buffer wire;    /* what the peer has said */
    size_t fed;        /* how much of it has arrived */
    size_t frame_end;  /* where the frame ends that arrives */
    size_t last_frame; /* where what it said last begins */
    bool over;         /* feed said so, or the wire was lost */
    bool lost;
    bool goaway; /* the application said it */
    ledger ledger;
    outgoing outgoing;

    size_t given; /* bytes that commands brought: they may take memory, and go out */
    size_t own;   /* bytes of memory that wire, ledger and outgoing take */
} machine;

/* Runs the script three times, which must come to the same: bytes whole, frame by frame, and byte
 * by byte. */
void machine_run(bool server, const uint8_t *data, size_t size);

/* A stream: mostly one of the first that a client opens, sometimes any. */
int32_t machine_pick_stream(machine *m);
/* A size: mostly small, seldom up to 64 KiB, sometimes near the limit of what is received. */
size_t machine_pick_size(machine *m);
/* Takes all events. */
void machine_take_all(machine *m);
/* Drains all. */
void machine_drain_all(machine *m);

#define MACHINE_STEP_DECLARE(name, function) void function(machine *m);
MACHINE_PEER_STEPS(MACHINE_STEP_DECLARE) /* peer.c */
MACHINE_OWN_STEPS(MACHINE_STEP_DECLARE)  /* commands.c */
#undef MACHINE_STEP_DECLARE

#endif
