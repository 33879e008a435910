/* Scripts: keeping steps beyond the block they were written in, and what a script may hold. */
#include "script.h"
#include "misbehaviour.h"

#include <errno.h>
#include <grpctest/metadata.h>
#include <stdio.h>

/* ---- what the kinds are ------------------------------------------------------------------------
 */

enum { BOTH, SERVER, CLIENT };

static const struct sort {
    const char *name;
    int whose;
} sorts[GT__STEP_KINDS] = {
    [GT__STEP_EXPECT] = {"gt_expect", BOTH},
    [GT__STEP_EXPECT_METADATA] = {"gt_expect_metadata", BOTH},
    [GT__STEP_EXPECT_TRAILER] = {"gt_expect_trailer", CLIENT},
    [GT__STEP_EXPECT_DEADLINE] = {"gt_expect_deadline", SERVER},
    [GT__STEP_EXPECT_AUTHORITY] = {"gt_expect_authority", SERVER},
    [GT__STEP_EXPECT_PEER] = {"gt_expect_peer", SERVER},
    [GT__STEP_EXPECT_HALF_CLOSE] = {"gt_expect_half_close", SERVER},
    [GT__STEP_EXPECT_CANCEL] = {"gt_expect_cancel", SERVER},
    [GT__STEP_EXPECT_LATE] = {"gt_expect_deadline_exceeded", SERVER},
    [GT__STEP_EXPECT_STATUS] = {"gt_expect_status", CLIENT},
    [GT__STEP_SEND] = {"gt_send_bytes", BOTH},
    [GT__STEP_SEND_TEXT] = {"gt_send_text", BOTH},
    [GT__STEP_SEND_JSON] = {"gt_send_json", BOTH},
    [GT__STEP_SEND_FILE] = {"gt_send_file", BOTH},
    [GT__STEP_HEADER] = {"gt_header", SERVER},
    [GT__STEP_SEND_HEADER] = {"gt_send_header", SERVER},
    [GT__STEP_TRAILER] = {"gt_trailer", SERVER},
    [GT__STEP_END] = {"gt_end", SERVER},
    [GT__STEP_HALF_CLOSE] = {"gt_half_close", CLIENT},
    [GT__STEP_CANCEL] = {"gt_cancel", CLIENT},
    [GT__STEP_DELAY] = {"gt_delay", BOTH},
    [GT__STEP_AWAIT] = {"gt_await", BOTH},
    [GT__STEP_RAISE] = {"gt_raise", BOTH},
    [GT__STEP_HANG] = {"gt_hang", BOTH},
    [GT__STEP_RUN] = {"gt_run", BOTH},
    [GT__STEP_REPEAT] = {"gt_repeat", BOTH},
    [GT__STEP_ANY_ORDER] = {"gt_any_order", BOTH},
    [GT__STEP_MEANWHILE] = {"gt_meanwhile", BOTH},
    [GT__STEP_MISBEHAVE] = {"gt_misbehave", BOTH},
    [GT__STEP_RST] = {"gt_reset", BOTH},
    [GT__STEP_GOAWAY] = {"gt_goaway", BOTH},
    [GT__STEP_PINGS] = {"gt_ping_flood", BOTH},
    [GT__STEP_FRAMES] = {"gt_send_frames", BOTH},
    [GT__STEP_RAW] = {"gt_send_raw", BOTH},
    [GT__STEP_NEXT_FRAME] = {"gt_drop_next, gt_repeat_next, gt_hold_next", BOTH},
    [GT__STEP_CLOSE_CONN] = {"gt_close_connection", BOTH},
    [GT__STEP_RESET_CONN] = {"gt_reset_connection", BOTH},
};

const char *gt__step_name(const gt_step *step)
{
    return sorts[step->kind].name;
}

bool gt__step_expects(const gt_step *step)
{
    return step->kind <= GT__STEP_EXPECT_STATUS || step->kind == GT__STEP_ANY_ORDER;
}

static bool says_the_end(const gt_step *step)
{
    switch (step->kind) {
    case GT__STEP_END:
    case GT__STEP_EXPECT_CANCEL:
    case GT__STEP_EXPECT_LATE:
    case GT__STEP_EXPECT_STATUS:
    case GT__STEP_CANCEL:
    case GT__STEP_HANG:
    case GT__STEP_RST:
    case GT__STEP_CLOSE_CONN:
    case GT__STEP_RESET_CONN:
        return true;
    default:
        return false;
    }
}

/* The same, and what leaves no stream to go on with. */
static bool ends_the_call(const gt_step *step)
{
    return says_the_end(step) ||
           (step->kind == GT__STEP_MISBEHAVE && gt__misdeed_of((int)step->number)->ends);
}

bool gt__script_ends(const gt__script *script)
{
    for (size_t i = 0; i < script->count; i++)
        if (says_the_end(&script->steps[i]))
            return true;
    return false;
}

/* ---- what a script may hold --------------------------------------------------------------------
 */

static void check_metadata(const gt_step *step)
{
    const char *problem = gt_metadata_explain(step->key, gt_bytes_str(step->text));
    if (problem)
        gt__misuse("%s:%d: %s(\"%s\", ...): %s", step->file, step->line, gt__step_name(step),
                   step->key, problem);
}

static void check_any_order(const gt_step *step)
{
    for (size_t i = 0; i < step->step_count; i++)
        if (step->steps[i].kind != GT__STEP_EXPECT)
            gt__misuse("%s:%d: %s inside gt_any_order, which takes expected messages alone",
                       step->steps[i].file, step->steps[i].line, gt__step_name(&step->steps[i]));
}

/* At any depth. */
static void check_meanwhile(const gt_step *step)
{
    for (size_t i = 0; i < step->step_count; i++) {
        const gt_step *inner = &step->steps[i];
        if (ends_the_call(inner))
            gt__misuse("%s:%d: %s inside gt_meanwhile: only the script itself can end the call",
                       inner->file, inner->line, gt__step_name(inner));
        check_meanwhile(inner);
    }
}

static void check_inside(const gt_step *step)
{
    if (step->kind == GT__STEP_ANY_ORDER)
        check_any_order(step);
    if (step->kind == GT__STEP_MEANWHILE)
        check_meanwhile(step);
}

static void check(const gt_step *step, bool client)
{
    int whose = sorts[step->kind].whose;
    if (whose == (client ? SERVER : CLIENT))
        gt__misuse("%s:%d: %s is a step for a %s's script", step->file, step->line,
                   gt__step_name(step), client ? "server" : "client");
    if (step->kind == GT__STEP_MISBEHAVE)
        gt__misbehaviour_check(step, client);
    if (step->kind == GT__STEP_HEADER || step->kind == GT__STEP_TRAILER)
        check_metadata(step);
    check_inside(step);
}

/* ---- keeping them ------------------------------------------------------------------------------
 */

static gt_bytes read_file(const gt_step *step)
{
    gt__buffer content = {0};
    FILE *file = fopen(step->text, "rb");
    size_t got = file ? 1 : 0;
    while (got > 0) {
        uint8_t *room = gt__buffer_extend(&content, 4096);
        got = fread(room, 1, 4096, file);
        content.size -= 4096 - got;
    }
    if (!file || ferror(file))
        gt__misuse("%s:%d: gt_send_file: %s: %s", step->file, step->line, step->text,
                   strerror(errno));
    fclose(file);
    return gt_buffer_bytes(&content);
}

static gt_bytes pack(const gt_step *step)
{
    const gt_codec *codec = step->type.codec;
    size_t size = codec->packed_size(step->type.descriptor, step->message);
    uint8_t *bytes = gt__malloc(size);
    codec->pack(step->type.descriptor, step->message, bytes);
    return gt_bytes_of(bytes, size);
}

/* Of which type the messages are that a step expects or sends. */
static gt__origin origin_of(const gt_step *step, bool client, const gt_method_type *method)
{
    gt__origin origin = {.file = step->file, .line = step->line};
    bool is_request = (step->kind == GT__STEP_EXPECT) != client;
    if (method)
        origin.type = is_request ? method->input : method->output;
    return origin;
}

static gt_bytes keep_bytes(const gt_step *step, const gt__origin *origin)
{
    if (step->kind == GT__STEP_SEND_FILE)
        return read_file(step);
    if (step->kind == GT__STEP_SEND_TEXT || step->kind == GT__STEP_SEND_JSON)
        return gt__message_parse(step->text, step->kind == GT__STEP_SEND_JSON, origin,
                                 gt__step_name(step));
    if (step->message)
        return pack(step);
    return gt_bytes_of(gt__memdup(step->bytes.data, step->bytes.size), step->bytes.size);
}

static gt_step keep(const gt_step *step, bool client, const gt_method_type *method)
{
    check(step, client);
    gt_step kept = *step;
    gt__origin origin = origin_of(step, client, method);
    kept.match = gt__match_keep(&step->match, &origin);
    kept.bytes = keep_bytes(step, &origin);
    kept.key = step->key ? gt__strdup(step->key) : NULL;
    kept.text = step->text ? gt__strdup(step->text) : NULL;
    kept.steps = gt__script_keep(step->steps, step->step_count, client, method).steps;
    kept.message = NULL;
    kept.message_type = origin.type;
    if (kept.kind == GT__STEP_SEND_FILE || kept.kind == GT__STEP_SEND_TEXT ||
        kept.kind == GT__STEP_SEND_JSON)
        kept.kind = GT__STEP_SEND;
    return kept;
}

gt__script gt__script_keep(const gt_step *steps, size_t count, bool client,
                           const gt_method_type *method)
{
    gt__script script = {.count = count, .client = client};
    if (count > 0)
        script.steps = gt__calloc(count, sizeof *steps);
    for (size_t i = 0; i < count; i++)
        script.steps[i] = keep(&steps[i], client, method);
    return script;
}

/* What a kept step points to is its own, whatever the type says to its users. */
static void *own(const void *memory)
{
    return (void *)(uintptr_t)memory;
}

void gt__script_drop(gt__script *script)
{
    for (size_t i = 0; i < script->count; i++) {
        gt_step *step = &script->steps[i];
        gt__script inner = {.steps = own(step->steps), .count = step->step_count};
        gt__script_drop(&inner);
        gt__match_drop(&step->match);
        gt__free(own(step->bytes.data));
        gt__free(own(step->key));
        gt__free(own(step->text));
    }
    gt__free(script->steps);
    *script = (gt__script){0};
}
