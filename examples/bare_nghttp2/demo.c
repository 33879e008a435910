#include "demo.h"

#include "attached.h"
#include "greeting.h"

/* The stage, and whether all went well so far. */
typedef struct scene {
    attached a;
    greeting_log log;
    FILE *out;
    bool ok;
} scene;

static void tell(const scene *s, const char *who, const char *what, const char *text)
{
    fprintf(s->out, "  %10.3f ms  %-6s  %-10s %s\n", (double)gt_now(s->a.world) / 1e6, who, what,
            text);
}

static bare_call *begin(scene *s, const char *path, gt_duration timeout)
{
    return bare_call_new(s->a.client, path, gt_now(s->a.world), timeout);
}

static void send(scene *s, bare_call *call, const char *text)
{
    uint8_t message[128];
    bare_call_send(call, message, greeting_pack(text, message));
    tell(s, "client", "sends", text);
}

/* Moves time on, a millisecond at a time, until a message is there or the call has ended. */
static void await(scene *s, bare_call *call, const char *expected)
{
    const uint8_t *message;
    size_t size;
    char text[128] = "";
    bool got;

    attached_pump(&s->a);
    while (!(got = bare_call_receive(call, &message, &size)) && bare_call_status(call) < 0)
        attached_advance(&s->a, GT_MS(1));
    if (got) {
        greeting_unpack(message, size, text, sizeof text);
        tell(s, "client", "receives", text);
    }
    s->ok &= strcmp(text, expected) == 0;
}

static void await_status(scene *s, bare_call *call, gt_code expected)
{
    attached_pump(&s->a);
    while (bare_call_status(call) < 0)
        attached_advance(&s->a, GT_MS(1));
    tell(s, "client", "status", gt_code_name((gt_code)bare_call_status(call)));
    s->ok &= bare_call_status(call) == (int)expected;
}

static void greet(scene *s)
{
    gt_time began = gt_now(s->a.world);
    bare_call *call = begin(s, SAY_HELLO, 0);

    tell(s, "client", "calls", SAY_HELLO);
    send(s, call, "jane");
    bare_call_half_close(call);
    await(s, call, "Hello jane");
    s->ok &= gt_now(s->a.world) == began + HELLO_TAKES;
    await_status(s, call, GT_OK);
    bare_call_free(call);
}

static void stream(scene *s)
{
    static const char *const words[] = {"one", "two"};
    bare_call *call = begin(s, SEARCH_IO, 0);

    tell(s, "client", "calls", SEARCH_IO);
    for (size_t i = 0; i < 2; i++) {
        send(s, call, words[i]);
        await(s, call, words[i]);
    }
    bare_call_half_close(call);
    await_status(s, call, GT_OK);
    bare_call_free(call);
}

static void miss_deadline(scene *s)
{
    gt_time began = gt_now(s->a.world);
    bare_call *call = begin(s, SAY_HELLO, GT_MS(50));

    tell(s, "client", "calls", SAY_HELLO ", at most 50 ms");
    send(s, call, "jack");
    bare_call_half_close(call);
    await_status(s, call, GT_DEADLINE_EXCEEDED);
    tell(s, "server", "stops", gt_error_text(s->log.error));
    s->ok &= s->log.error != 0 && s->log.when == began + GT_MS(50);
    bare_call_free(call);
}

int bare_client_demo(FILE *out, gt_time *ended)
{
    scene s = {.out = out, .ok = true};

    attached_begin(&s.a);
    greeting_add(s.a.server, &s.log);
    greet(&s);
    stream(&s);
    miss_deadline(&s);
    if (ended)
        *ended = gt_now(s.a.world);
    attached_end(&s.a);
    return s.ok ? 0 : 1;
}
