/* matrix_inputs.h - for tests: frames of every type, right and wrong, and what has to come of each
 * in every state.
 * Rule: a frame is written as it stands in the table, on the stream that the state is about unless
 * the table names another. */
#ifndef GRPCTEST_ENGINE_H2_MATRIX_INPUTS_H
#define GRPCTEST_ENGINE_H2_MATRIX_INPUTS_H

#include <grpctest/frames.h>

/* What comes of an input, a letter for each state:
 *
 *     .  nothing: ignored, or taken as it is meant
 *     e  the call ends, as the frame says, and no RST_STREAM goes back
 *     p  a stream error: RST_STREAM with PROTOCOL_ERROR; so f FLOW_CONTROL_ERROR, c STREAM_CLOSED,
 *        z FRAME_SIZE_ERROR, h COMPRESSION_ERROR, n NO_ERROR. A connection error will do as well:
 *        "An endpoint can end a connection at any time" (RFC 9113 section 5.4.1)
 *     P  a connection error: GOAWAY with PROTOCOL_ERROR; so the other capitals, for which
 *        PROTOCOL_ERROR will do as well
 *     ~  an error by RFC 9113, which nghttp2, or we by rule D4, may also ignore
 *
 * The states of a server's stream: before SETTINGS came, idle, open, half-closed (remote), closed,
 * reset by the peer, reset by us, open after our GOAWAY, open after the peer's, inside its header
 * block. A client's: the same, but half-closed (local), and instead of our GOAWAY: open and
 * responded to. */
enum { MATRIX_STATES = 10 };

typedef enum matrix_stream { SUBJECT, CONNECTION, EVEN, UNUSED } matrix_stream;

typedef struct matrix_input {
    const char *name;
    uint8_t type, flags;
    matrix_stream stream;
    const char *payload; /* NULL: zeros */
    size_t size;
    bool reserved;               /* the bit before the stream's id is set */
    const char *server, *client; /* a letter for each state; NULL: not at this role */
} matrix_input;

extern const matrix_input matrix_inputs[];
extern const size_t matrix_input_count;

void matrix_write(gt_buffer *out, const matrix_input *input, int32_t subject);

#endif
