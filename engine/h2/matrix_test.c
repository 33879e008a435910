/* Frames of every type, right and wrong, in every state of a stream and a connection, at a server
 * and at a client: each of them ends nothing, its stream, or the connection, as matrix_inputs.c
 * says. Where the connection goes on, a call on another stream does too; and every call ends
 * once. */
#include "matrix_inputs.h"
#include "test_kit.h"

#include <stdio.h>

enum { HEALTHY = 1, STREAMS = 16 };

typedef struct cell {
    kit *kit;
    int32_t subject;
    bool may_go_on; /* calls can be made whole after it: the handshake is done */
    unsigned finals[STREAMS], closed[STREAMS];
    bool known[STREAMS], failed, answered;
} cell;

/* ---- states of a server ------------------------------------------------------------------------
 */

static void server_open(cell *c)
{
    c->subject = 5;
    kit_write_request(c->kit, HEALTHY);
    kit_write_request(c->kit, c->subject);
    kit_feed(c->kit);
}

static void server_before_settings(cell *c)
{
    c->subject = 1;
    kit_restart(c->kit, NULL);
    gt_frame_write_preface(&c->kit->wire);
    c->may_go_on = false;
}

static void server_idle(cell *c)
{
    c->subject = 5;
    kit_write_request(c->kit, HEALTHY);
    kit_feed(c->kit);
}

static void server_half_closed(cell *c)
{
    server_open(c);
    gt_frame_write_data(&c->kit->wire, c->subject, GT_FLAG_END_STREAM, gt_bytes_of(NULL, 0));
    kit_feed(c->kit);
}

static void server_closed(cell *c)
{
    server_half_closed(c);
    kit_finish(c->kit, c->subject, GT_OK, NULL);
    c->finals[c->subject]++;
    kit_feed(c->kit);
}

static void server_reset_by_peer(cell *c)
{
    server_open(c);
    gt_frame_write_rst_stream(&c->kit->wire, c->subject, GT_H2_CANCEL);
    kit_feed(c->kit);
}

static void reset_by_us(cell *c)
{
    gt__h2_reset(c->kit->h2, c->subject, GT_H2_CANCEL);
    c->finals[c->subject]++;
    kit_feed(c->kit);
}

static void server_reset_by_us(cell *c)
{
    server_open(c);
    reset_by_us(c);
}

static void server_going_away(cell *c)
{
    server_open(c);
    gt__h2_goaway(c->kit->h2, GT_H2_NO_ERROR, NULL);
    kit_feed(c->kit);
}

static void server_of_a_leaving_client(cell *c)
{
    server_open(c);
    gt_frame_write_goaway(&c->kit->wire, 0, GT_H2_NO_ERROR, gt_bytes_of(NULL, 0));
    kit_feed(c->kit);
}

static void server_in_a_block(cell *c)
{
    gt_headers *headers = gt_headers_request("/a.B/C");
    server_idle(c);
    gt_frame_write_headers(&c->kit->wire, c->subject, 0, headers);
    gt_headers_free(headers);
    kit_feed(c->kit);
}

/* ---- states of a client ------------------------------------------------------------------------
 */

static void open_call(cell *c)
{
    const gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER};
    int32_t stream;
    assert_int_equal(gt__h2_open(c->kit->h2, &request, 0, NULL, &stream), 0);
    c->known[stream] = true;
}

static void client_open(cell *c)
{
    c->subject = 5;
    for (int i = 0; i < 3; i++)
        open_call(c);
    kit_feed(c->kit);
}

static void client_before_settings(cell *c)
{
    kit_restart(c->kit, NULL);
    client_open(c);
    c->may_go_on = false;
}

static void client_idle(cell *c)
{
    client_open(c);
    c->subject = 7;
}

static void client_responded(cell *c)
{
    client_open(c);
    gt_frame_write_response(&c->kit->wire, c->subject);
    kit_feed(c->kit);
}

static void client_half_closed(cell *c)
{
    client_open(c);
    gt__h2_half_close(c->kit->h2, c->subject);
    kit_feed(c->kit);
}

static void client_closed(cell *c)
{
    client_half_closed(c);
    gt_frame_write_trailers_only(&c->kit->wire, c->subject, GT_OK, NULL);
    kit_feed(c->kit);
}

static void client_reset_by_peer(cell *c)
{
    client_open(c);
    gt_frame_write_rst_stream(&c->kit->wire, c->subject, GT_H2_CANCEL);
    kit_feed(c->kit);
}

static void client_reset_by_us(cell *c)
{
    client_open(c);
    reset_by_us(c);
}

static void client_of_a_leaving_server(cell *c)
{
    client_open(c);
    gt_frame_write_goaway(&c->kit->wire, c->subject, GT_H2_NO_ERROR, gt_bytes_of(NULL, 0));
    kit_feed(c->kit);
}

static void client_in_a_block(cell *c)
{
    gt_headers *headers = gt_headers_response();
    client_open(c);
    gt_frame_write_headers(&c->kit->wire, c->subject, 0, headers);
    gt_headers_free(headers);
    kit_feed(c->kit);
}

/* In the order of the letters in matrix_inputs.c. */
static void (*const server_states[])(cell *c) = {
    server_before_settings, server_idle,       server_open,
    server_half_closed,     server_closed,     server_reset_by_peer,
    server_reset_by_us,     server_going_away, server_of_a_leaving_client,
    server_in_a_block,
};
static void (*const client_states[])(cell *c) = {
    client_before_settings, client_idle,      client_open,
    client_half_closed,     client_closed,    client_reset_by_peer,
    client_reset_by_us,     client_responded, client_of_a_leaving_server,
    client_in_a_block,
};

/* ---- what came of it ---------------------------------------------------------------------------
 */

static void note(cell *c, const gt__h2_event *event)
{
    c->failed |= event->type == GT__H2_FAILED;
    if (event->stream <= 0 || event->stream >= STREAMS || event->type == GT__H2_VIOLATION)
        return;
    assert_int_equal(c->closed[event->stream], 0);
    if (event->type == GT__H2_REQUEST)
        c->known[event->stream] = true;
    c->finals[event->stream] += event->type == GT__H2_STATUS || event->type == GT__H2_ABORTED;
    c->closed[event->stream] += event->type == GT__H2_CLOSED;
    assert_in_range(c->finals[event->stream], 0, 1);
}

static void take_events(cell *c)
{
    gt__h2_event event;
    while (gt__h2_next_event(c->kit->h2, &event)) {
        note(c, &event);
        if (event.type == GT__H2_MESSAGE)
            gt__h2_taken(c->kit->h2, event.stream, event.as.message.uncredited);
        gt__h2_event_cleanup(&event);
    }
}

/* The letter of an error code, by its number. */
static char letter_of(const char *line)
{
    static const char letters[] = "npifwczrxhoylv";
    for (uint32_t code = 0; code < sizeof letters - 1; code++) {
        const char *name = gt_h2_error_name(code), *found = strstr(line, name);
        if (found && (found[strlen(name)] == '\n' || found[strlen(name)] == ' '))
            return letters[code];
    }
    return '?';
}

static char outcome(const cell *c, unsigned finals_before)
{
    char reset[32];
    const char *frames = gt_buffer_text(&c->kit->frames), *line;
    if ((line = strstr(frames, "GOAWAY")))
        return (char)(letter_of(line) - 'a' + 'A');
    if (c->failed)
        return '!';
    snprintf(reset, sizeof reset, "RST_STREAM stream=%d ", c->subject);
    if ((line = strstr(frames, reset)))
        return letter_of(line);
    return c->finals[c->subject] > finals_before ? 'e' : '.';
}

/* ---- and what must hold after it ---------------------------------------------------------------
 */

static void finish_healthy_call(cell *c)
{
    kit *k = c->kit;
    gt_buffer_clear(&k->frames);
    if (k->server) {
        gt_frame_write_message(&k->wire, HEALTHY, GT_FLAG_END_STREAM, gt_bytes_str("still here"));
        kit_feed(k);
        kit_finish(k, HEALTHY, GT_OK, NULL);
        kit_feed(k);
        assert_non_null(strstr(gt_buffer_text(&k->frames), "HEADERS stream=1 END_STREAM"));
        c->finals[HEALTHY]++;
    } else {
        gt_frame_write_response(&k->wire, HEALTHY);
        gt_frame_write_message(&k->wire, HEALTHY, 0, gt_bytes_str("still here"));
        gt_frame_write_trailers(&k->wire, HEALTHY, GT_OK, NULL);
        kit_feed(k);
    }
    take_events(c);
    assert_int_equal(c->finals[HEALTHY], 1);
}

static void expect_every_call_ended_once(cell *c)
{
    gt__h2_wire_lost(c->kit->h2, "the end");
    take_events(c);
    for (int i = 0; i < STREAMS; i++) {
        assert_int_equal(c->closed[i], c->known[i]);
        assert_int_equal(c->finals[i], c->known[i]);
    }
}

static char try_in_state(kit *k, const matrix_input *input, void (*enter)(cell *c))
{
    cell c = {.kit = k, .may_go_on = true};
    kit_restart(k, NULL);
    kit_handshake(k);
    enter(&c);
    take_events(&c);
    gt_buffer_clear(&k->frames);
    unsigned finals_before = c.finals[c.subject];
    matrix_write(&k->wire, input, c.subject);
    (void)kit_try_feed(k);
    take_events(&c);
    char seen = outcome(&c, finals_before);
    if (c.may_go_on && !c.failed)
        finish_healthy_call(&c);
    expect_every_call_ended_once(&c);
    return seen;
}

static bool is_allowed(char expected, char seen)
{
    if (expected == '~' || expected == seen)
        return true;
    bool connection_error = seen >= 'A' && seen <= 'Z';
    if (expected >= 'a' && expected <= 'z' && expected != 'e')
        return connection_error;
    return expected >= 'A' && expected <= 'Z' && seen == 'P';
}

/* ---- every input, in every state, whole and byte by byte --------------------------------------
 */

static void run(kit *k, const matrix_input *input)
{
    const char *expected = k->server ? input->server : input->client;
    char seen[MATRIX_STATES + 1] = "";
    bool right = true;
    for (int i = 0; i < MATRIX_STATES; i++) {
        seen[i] = try_in_state(k, input, k->server ? server_states[i] : client_states[i]);
        right &= is_allowed(expected[i], seen[i]);
    }
    if (!right)
        fail_msg("%s: expected %s, seen %s", input->name, expected, seen);
}

static void every_input_does_what_it_may_in_every_state(void **state)
{
    kit *k = *state;
    for (size_t i = 0; i < matrix_input_count; i++)
        if (k->server ? matrix_inputs[i].server : matrix_inputs[i].client)
            run(k, &matrix_inputs[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(every_input_does_what_it_may_in_every_state),
        CLIENT_TEST(every_input_does_what_it_may_in_every_state),
    };
    return cmocka_run_group_tests_name("h2_matrix", tests, NULL, NULL);
}
