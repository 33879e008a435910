/* Steps of misbehaviour: making them, and putting them on the wire. */
#include "misbehaviour.h"

#include "engine/rpc/filter.h"

/* ---- making them -------------------------------------------------------------------------------
 */

static gt_step at(int kind, int64_t number, const char *file, int line)
{
    gt_step step = {.kind = kind, .number = number, .file = file, .line = line};
    return step;
}

gt_step gt_misbehave_at(gt_misbehaviour which, const char *file, int line)
{
    return at(GT__STEP_MISBEHAVE, (int64_t)which, file, line);
}

gt_step gt_send_frames_at(gt_frames_fn *fn, void *user, const char *file, int line)
{
    gt_step step = at(GT__STEP_FRAMES, 0, file, line);
    step.frames = fn;
    step.user = user;
    return step;
}

gt_step gt_send_raw_at(gt_bytes bytes, const char *file, int line)
{
    gt_step step = at(GT__STEP_RAW, 0, file, line);
    step.bytes = bytes;
    return step;
}

gt_step gt_reset_at(uint32_t code, const char *file, int line)
{
    return at(GT__STEP_RST, code, file, line);
}

gt_step gt_goaway_at(int32_t last_stream, uint32_t code, const char *debug, const char *file,
                     int line)
{
    gt_step step = at(GT__STEP_GOAWAY, last_stream, file, line);
    step.limit = code;
    step.text = debug;
    return step;
}

gt_step gt_ping_flood_at(int64_t times, const char *file, int line)
{
    return at(GT__STEP_PINGS, times, file, line);
}

static gt_step next_frame(int type, gt__frame_fate fate, const char *file, int line)
{
    gt_step step = at(GT__STEP_NEXT_FRAME, type, file, line);
    step.limit = (int64_t)fate;
    return step;
}

gt_step gt_drop_next_at(int type, const char *file, int line)
{
    return next_frame(type, GT__FRAME_DROP, file, line);
}

gt_step gt_repeat_next_at(int type, const char *file, int line)
{
    return next_frame(type, GT__FRAME_REPEAT, file, line);
}

gt_step gt_hold_next_at(int type, const char *file, int line)
{
    return next_frame(type, GT__FRAME_HOLD, file, line);
}

gt_step gt_close_connection_at(const char *file, int line)
{
    return at(GT__STEP_CLOSE_CONN, 0, file, line);
}

gt_step gt_reset_connection_at(const char *file, int line)
{
    return at(GT__STEP_RESET_CONN, 0, file, line);
}

void gt__misbehaviour_check(const gt_step *step, bool client)
{
    const gt_misbehaviour_info *info = gt_misbehaviour_about((gt_misbehaviour)step->number);
    if (client ? !info->client : !info->server)
        gt__misuse("%s:%d: gt_misbehave(GT_%s) is for a %s's script", step->file, step->line,
                   info->name, client ? "server" : "client");
}

/* ---- putting them on the wire -------------------------------------------------------------------
 */

/* The stream is the mock's own from now on. */
static void take_over(gt_call *call, gt__filter *filter)
{
    gt__filter_silence(filter, call->attempt.stream);
}

static bool commit(gt_call *call, const gt_step *step, gt_buffer *out)
{
    const gt__misdeed *misdeed = gt__misdeed_of((int)step->number);
    if (misdeed->opens && call->header_sent)
        gt__misuse("%s:%d: gt_misbehave(GT_%s) comes too late: the response headers have been sent",
                   step->file, step->line,
                   gt_misbehaviour_about((gt_misbehaviour)step->number)->name);
    if (call->server && !misdeed->opens && !call->header_sent)
        (void)!gt_call_send_header(call, NULL);
    misdeed->write(out, call->attempt.stream);
    return misdeed->ends;
}

static void write_pings(const gt_step *step, gt_buffer *out)
{
    static const uint8_t opaque[8] = {'f', 'l', 'o', 'o', 'd'};
    for (int64_t i = 0; i < step->number; i++)
        gt_frame_write_ping(out, 0, opaque);
}

/* Writes the step's frames; true when the stream is over by them. */
static bool write_frames(gt_call *call, const gt_step *step, gt_buffer *out)
{
    switch (step->kind) {
    case GT__STEP_MISBEHAVE:
        return commit(call, step, out);
    case GT__STEP_RST:
        gt_frame_write_rst_stream(out, call->attempt.stream, (uint32_t)step->number);
        return true;
    case GT__STEP_GOAWAY:
        gt_frame_write_goaway(out, (int32_t)step->number, (uint32_t)step->limit,
                              gt_bytes_str(step->text));
        return false;
    case GT__STEP_PINGS:
        write_pings(step, out);
        return false;
    case GT__STEP_FRAMES:
        step->frames(out, call->attempt.stream, step->user);
        return false;
    default:
        gt_buffer_add(out, step->bytes);
        return false;
    }
}

/* What was sent before arrives; nothing that the engine says afterwards does. */
static void end_connection(gt_call *call, bool reset)
{
    gt_conn *conn = call->attempt.transport->conn;
    (void)!gt__filter_write(gt__filter_of(call->attempt.transport));
    if (reset)
        gt_conn_reset(conn);
    else
        gt_conn_close(conn);
}

bool gt__misbehave(gt_call *call, const gt_step *step)
{
    gt_buffer out = {0};
    if (step->kind == GT__STEP_CLOSE_CONN || step->kind == GT__STEP_RESET_CONN) {
        end_connection(call, step->kind == GT__STEP_RESET_CONN);
        return true;
    }
    gt__filter *filter = gt__filter_of(call->attempt.transport);
    if (step->kind == GT__STEP_NEXT_FRAME) {
        gt__filter_next(filter, call->attempt.stream, (int)step->number,
                        (gt__frame_fate)step->limit);
        return false;
    }
    bool over = write_frames(call, step, &out);
    if (over)
        take_over(call, filter);
    gt__filter_put(filter, gt_buffer_bytes(&out));
    gt_buffer_cleanup(&out);
    return over;
}
