/* Steps: making them. */
#include "script.h"

static gt_step at(int kind, const char *file, int line)
{
    gt_step step = {.kind = kind, .file = file, .line = line};
    return step;
}

static gt_step asking(int kind, const char *key, gt_match match, const char *file, int line)
{
    gt_step step = {.kind = kind, .file = file, .line = line, .match = match, .key = key};
    return step;
}

static gt_step naming(int kind, const char *key, const char *text, const char *file, int line)
{
    gt_step step = {.kind = kind, .file = file, .line = line, .key = key, .text = text};
    return step;
}

static gt_step holding(int kind, const gt_step *steps, size_t count, const char *file, int line)
{
    gt_step step = {.kind = kind, .file = file, .line = line, .steps = steps, .step_count = count};
    return step;
}

/* ---- what is expected -------------------------------------------------------------------------
 */

gt_step gt_expect_at(gt_match match, const char *file, int line)
{
    return asking(GT__STEP_EXPECT, NULL, match, file, line);
}

gt_step gt_expect_metadata_at(const char *key, gt_match match, const char *file, int line)
{
    return asking(GT__STEP_EXPECT_METADATA, key, match, file, line);
}

gt_step gt_expect_trailer_at(const char *key, gt_match match, const char *file, int line)
{
    return asking(GT__STEP_EXPECT_TRAILER, key, match, file, line);
}

gt_step gt_expect_deadline_at(gt_match match, const char *file, int line)
{
    return asking(GT__STEP_EXPECT_DEADLINE, NULL, match, file, line);
}

gt_step gt_expect_authority_at(gt_match match, const char *file, int line)
{
    return asking(GT__STEP_EXPECT_AUTHORITY, NULL, match, file, line);
}

gt_step gt_expect_peer_at(gt_match match, const char *file, int line)
{
    return asking(GT__STEP_EXPECT_PEER, NULL, match, file, line);
}

gt_step gt_expect_half_close_at(const char *file, int line)
{
    return at(GT__STEP_EXPECT_HALF_CLOSE, file, line);
}

gt_step gt_expect_cancel_at(const char *file, int line)
{
    return at(GT__STEP_EXPECT_CANCEL, file, line);
}

gt_step gt_expect_deadline_exceeded_at(const char *file, int line)
{
    return at(GT__STEP_EXPECT_LATE, file, line);
}

gt_step gt_expect_status_at(gt_code code, gt_match match, const char *file, int line)
{
    gt_step step = asking(GT__STEP_EXPECT_STATUS, NULL, match, file, line);
    step.number = (int64_t)code;
    return step;
}

/* ---- what a mock does -------------------------------------------------------------------------
 */

gt_step gt_send_bytes_at(gt_bytes bytes, const char *file, int line)
{
    gt_step step = at(GT__STEP_SEND, file, line);
    step.bytes = bytes;
    return step;
}

gt_step gt_send_as_at(gt_type type, const void *message, const char *file, int line)
{
    gt_step step = at(GT__STEP_SEND, file, line);
    if (!message)
        gt__misuse("%s:%d: gt_send_as: there is no message", file, line);
    step.type = type;
    step.message = message;
    return step;
}

gt_step gt_send_text_at(const char *text, const char *file, int line)
{
    return naming(GT__STEP_SEND_TEXT, NULL, text, file, line);
}

gt_step gt_send_json_at(const char *json, const char *file, int line)
{
    return naming(GT__STEP_SEND_JSON, NULL, json, file, line);
}

gt_step gt_send_file_at(const char *path, const char *file, int line)
{
    return naming(GT__STEP_SEND_FILE, NULL, path, file, line);
}

gt_step gt_header_at(const char *key, const char *value, const char *file, int line)
{
    return naming(GT__STEP_HEADER, key, value, file, line);
}

gt_step gt_send_header_at(const char *file, int line)
{
    return at(GT__STEP_SEND_HEADER, file, line);
}

gt_step gt_trailer_at(const char *key, const char *value, const char *file, int line)
{
    return naming(GT__STEP_TRAILER, key, value, file, line);
}

gt_step gt_end_at(gt_code code, const char *message, const char *file, int line)
{
    gt_step step = naming(GT__STEP_END, NULL, message, file, line);
    step.number = (int64_t)code;
    return step;
}

gt_step gt_half_close_at(const char *file, int line)
{
    return at(GT__STEP_HALF_CLOSE, file, line);
}

gt_step gt_cancel_at(const char *file, int line)
{
    return at(GT__STEP_CANCEL, file, line);
}

/* ---- time and order ---------------------------------------------------------------------------
 */

gt_step gt_delay_at(gt_duration duration, const char *file, int line)
{
    gt_step step = at(GT__STEP_DELAY, file, line);
    step.number = duration;
    return step;
}

gt_step gt_await_at(gt_event *event, const char *file, int line)
{
    gt_step step = at(GT__STEP_AWAIT, file, line);
    step.event = event;
    return step;
}

gt_step gt_raise_at(gt_event *event, const char *file, int line)
{
    gt_step step = at(GT__STEP_RAISE, file, line);
    step.event = event;
    return step;
}

gt_step gt_hang_at(const char *file, int line)
{
    return at(GT__STEP_HANG, file, line);
}

gt_step gt_run_at(gt_handler_fn *fn, void *user, const char *file, int line)
{
    gt_step step = at(GT__STEP_RUN, file, line);
    step.fn = fn;
    step.user = user;
    return step;
}

gt_step gt_repeat_n(int64_t times, const gt_step *steps, size_t count, const char *file, int line)
{
    gt_step step = holding(GT__STEP_REPEAT, steps, count, file, line);
    step.number = times;
    return step;
}

gt_step gt_any_order_n(const gt_step *steps, size_t count, const char *file, int line)
{
    return holding(GT__STEP_ANY_ORDER, steps, count, file, line);
}

gt_step gt_meanwhile_n(const gt_step *steps, size_t count, const char *file, int line)
{
    return holding(GT__STEP_MEANWHILE, steps, count, file, line);
}
