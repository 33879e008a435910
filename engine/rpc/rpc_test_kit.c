#include "rpc_test_kit.h"

static void raise_failure(const gt_failure *failure, void *user)
{
    (void)user;
    fail_msg("%s:%d: %s", failure->file, failure->line, failure->text);
}

gt_world *kit_world(uint64_t seed)
{
    return gt_world_new(&(gt_world_options){.seed = seed, .on_failure = raise_failure});
}

void kit_open(kit *k, const kit_options *options)
{
    k->world = kit_world(options->seed);
    k->listener = gt_bufconn_listen(k->world, options->capacity ? options->capacity : 65536);
    k->dialer = gt_bufconn_dialer(k->listener);
    k->server = gt_server_new(k->world, &options->server);
    k->channel = gt_channel_new(k->dialer, &options->channel);
    gt_server_serve(k->server, k->listener);
}

void kit_close(kit *k)
{
    gt_channel_free(k->channel);
    gt_server_free(k->server);
    gt_dialer_free(k->dialer);
    gt_listener_free(k->listener);
    gt_world_free(k->world);
}

static int set_up(void **state, uint64_t seed)
{
    kit *k = gt_alloc(sizeof *k);
    kit_open(k, &(kit_options){.seed = seed});
    *state = k;
    return 0;
}

int kit_setup(void **state)
{
    return set_up(state, 0);
}

int kit_setup_in_order(void **state)
{
    return set_up(state, GT_NO_SEED);
}

int kit_teardown(void **state)
{
    kit_close(*state);
    gt_free(*state);
    return 0;
}

int kit_echo(gt_call *call, void *user)
{
    (void)user;
    for (;;) {
        gt_bytes message;
        int error = gt_call_recv(call, &message);
        if (error == GT_EOF)
            return 0;
        if (error)
            return error;
        error = gt_call_send(call, message);
        if (error)
            return error;
    }
}

int kit_sleep(gt_call *call, void *user)
{
    const gt_duration *duration = user;
    return gt_context_sleep(gt_call_context(call), *duration);
}

void kit_assert_status(gt_call *call, gt_code code, const char *message)
{
    const gt_status *status = gt_call_status(call);
    assert_string_equal(status->message, message);
    assert_int_equal(status->code, code);
}

void kit_assert_message(gt_call *call, const char *text)
{
    gt_bytes message;
    assert_int_equal(gt_call_recv(call, &message), 0);
    assert_int_equal(message.size, strlen(text));
    assert_memory_equal(message.data, text, message.size);
}
