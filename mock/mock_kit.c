#include "mock_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void note(const gt_failure *failure, void *user)
{
    kit *k = user;
    snprintf(k->text, sizeof k->text, "%s", failure->text);
    char *transcript = strstr(k->text, "\ncall ");
    if (transcript)
        *transcript = '\0';
    k->file = failure->file;
    k->line = failure->line;
}

kit *kit_new(const gt_mock_options *options)
{
    kit *k = gt_alloc(sizeof *k);
    gt_world_options world_options = {.on_failure = note, .on_failure_user = k};
    k->world = gt_world_new(&world_options);
    k->mock = gt_mock_new(k->world, options);
    k->listener = gt_bufconn_listen(k->world, 65536);
    k->dialer = gt_bufconn_dialer(k->listener);
    k->channel = gt_channel_new(k->dialer, NULL);
    gt_server_serve(gt_mock_server(k->mock), k->listener);
    return k;
}

void kit_free_noting(kit *k, char text[4096])
{
    gt_channel_free(k->channel);
    gt_mock_free(k->mock);
    gt_dialer_free(k->dialer);
    gt_listener_free(k->listener);
    gt_world_free(k->world);
    if (text)
        snprintf(text, 4096, "%s", k->text);
    gt_free(k);
}

void kit_free(kit *k)
{
    bool failed = k->text[0] != '\0';
    char text[4096];
    kit_free_noting(k, text);
    if (!failed)
        assert_string_equal(text, "");
}

void kit_assert_failed(const kit *k, const char *text, int line)
{
    assert_string_equal(k->text, text);
    assert_int_equal(k->line, line);
}

void kit_assert_sound(const kit *k)
{
    assert_string_equal(k->text, "");
}

gt_call *kit_unary(kit *k, const char *request)
{
    return gt_unary(k->channel, METHOD, gt_bytes_str(request), NULL);
}
