#include "wire_kit.h"

#include "engine/core/core.h"

/* ---- bytes --------------------------------------------------------------------------------- */

/* Takes what has come, in reads of one step; false when that was nothing. */
static bool read_all(wire_kit *k)
{
    static uint8_t span[65536];
    size_t most = k->step < sizeof span ? k->step : sizeof span, size;
    bool any = false;
    while (gt_conn_try_read(k->end, span, most, &size) == 0 && size > 0) {
        gt_frame_reader_feed(k->reader, gt_bytes_of(span, size));
        any = true;
    }
    return any;
}

/* A wire of one byte takes the next one only when this one was read. */
static void settle(wire_kit *k)
{
    do
        assert_int_equal(gt_settle(k->world), 0);
    while (read_all(k));
    gt_frame_print_all(&k->frames, k->reader);
    assert_int_equal(gt_frame_reader_pending(k->reader), 0);
}

void wire_write(wire_kit *k)
{
    size_t written = 0, size;
    assert_int_equal(gt_conn_try_write(k->end, k->wire.data, k->wire.size, &size), 0);
    for (written = size; written < k->wire.size; written += size) {
        settle(k);
        size_t left = k->wire.size - written;
        assert_int_equal(gt_conn_try_write(k->end, k->wire.data + written, left, &size), 0);
    }
    gt_buffer_clear(&k->wire);
}

void wire_feed(wire_kit *k)
{
    if (k->wire.size > 0)
        wire_write(k);
    settle(k);
}

void wire_expect_frames(wire_kit *k, const char *expected)
{
    wire_feed(k);
    assert_string_equal(gt_buffer_text(&k->frames), expected);
    gt_buffer_clear(&k->frames);
}

/* ---- making one ---------------------------------------------------------------------------- */

static size_t capacity_of(const wire_kit *k)
{
    return k->step == 1 ? 1 : 65536;
}

static void open_server(wire_kit *k, const gt_server_options *options)
{
    gt_conn *served;
    k->server = gt_server_new(k->world, options);
    gt_pipe(k->world, capacity_of(k), &k->end, &served);
    gt_server_serve_conn(k->server, served);
    gt_frame_write_preface(&k->wire);
    gt_frame_write_settings(&k->wire, NULL, 0);
    gt_frame_write_settings_ack(&k->wire);
    wire_feed(k);
    gt_buffer_clear(&k->frames);
}

static void open_channel(wire_kit *k, const gt_channel_options *options)
{
    k->listener = gt_bufconn_listen(k->world, capacity_of(k));
    k->dialer = gt_bufconn_dialer(k->listener);
    k->channel = gt_channel_new(k->dialer, options);
}

/* What is said until then is the connection's, not the call's. */
void wire_accept(wire_kit *k)
{
    static const char first[] = "SETTINGS ACK\n";
    assert_int_equal(gt_accept(k->listener, NULL, &k->end), 0);
    wire_feed(k);
    gt_buffer_clear(&k->frames);
    gt_frame_write_settings(&k->wire, NULL, 0);
    gt_frame_write_settings_ack(&k->wire);
    wire_feed(k);
    char *text = gt__strdup(gt_buffer_text(&k->frames));
    assert_memory_equal(text, first, strlen(first));
    gt_buffer_clear(&k->frames);
    gt__buffer_add_text(&k->frames, text + strlen(first));
    gt__free(text);
}

static void open_kit(wire_kit *k, bool server, uint64_t seed,
                     const gt_server_options *server_options,
                     const gt_channel_options *channel_options)
{
    k->world = kit_world(seed);
    k->reader = gt_frame_reader_new(NULL);
    if (server)
        open_server(k, server_options);
    else
        open_channel(k, channel_options);
}

/* The server first: at its end it says goodbye, and nobody has to read that. */
static void close_kit(wire_kit *k)
{
    gt_server_free(k->server);
    gt_channel_free(k->channel);
    gt_conn_free(k->end);
    gt_dialer_free(k->dialer);
    gt_listener_free(k->listener);
    gt_world_free(k->world);
    gt_frame_reader_free(k->reader);
    gt_buffer_cleanup(&k->wire);
    gt_buffer_cleanup(&k->frames);
    *k = (wire_kit){.step = k->step};
}

void wire_restart(wire_kit *k, uint64_t seed, const gt_server_options *server,
                  const gt_channel_options *channel)
{
    bool is_server = k->server != NULL;
    close_kit(k);
    open_kit(k, is_server, seed, server, channel);
}

static int set_up(void **state, bool server, size_t step)
{
    wire_kit *k = gt__new(wire_kit);
    k->step = step;
    open_kit(k, server, 0, NULL, NULL);
    *state = k;
    return 0;
}

int wire_server_whole(void **state)
{
    return set_up(state, true, SIZE_MAX);
}

int wire_server_bytes(void **state)
{
    return set_up(state, true, 1);
}

int wire_channel_whole(void **state)
{
    return set_up(state, false, SIZE_MAX);
}

int wire_channel_bytes(void **state)
{
    return set_up(state, false, 1);
}

int wire_teardown(void **state)
{
    close_kit(*state);
    gt__free(*state);
    return 0;
}
