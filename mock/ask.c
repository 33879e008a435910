/* Asking the matchers of a script's steps about calls and messages. */
#include "play.h"

/* Adds `name` and what failed: `metadata "user-id" is "7", expected "8"`. */
static bool ask(const gt_match *match, const gt_subject *subject, const char *name, gt__buffer *why)
{
    gt__buffer text = {0};
    bool holds = gt__match_ask(match, subject, why ? &text : NULL);
    if (why && !holds)
        gt__buffer_printf(why, "%s %s", name, gt_buffer_text(&text));
    gt__buffer_cleanup(&text);
    return holds;
}

static gt_subject subject_of(const char *key, gt_bytes value)
{
    size_t size = strlen(key);
    bool binary = size >= 4 && strcmp(key + size - 4, "-bin") == 0;
    gt_subject subject = {.kind = binary ? GT_SUBJECT_BYTES : GT_SUBJECT_TEXT, .bytes = value};
    return subject;
}

/* Of several values one must do; where none does, the first is told. */
bool gt__ask_metadata(const gt_step *step, const gt_metadata *metadata, const char *what,
                      gt__buffer *why)
{
    gt_bytes value;
    gt_subject first = {.kind = GT_SUBJECT_ABSENT};
    for (size_t nth = 0; gt_metadata_get_bytes(metadata, step->key, nth, &value) == 0; nth++) {
        gt_subject subject = subject_of(step->key, value);
        if (gt__match_ask(&step->match, &subject, NULL))
            return true;
        if (nth == 0)
            first = subject;
    }
    char *name = gt__printf("%s \"%s\"", what, step->key);
    bool holds = ask(&step->match, &first, name, why);
    gt__free(name);
    return holds;
}

static gt_subject time_left(gt_call *call)
{
    gt_time deadline;
    gt_subject subject = {.kind = GT_SUBJECT_ABSENT};
    if (gt_context_deadline(gt_call_context(call), &deadline))
        subject = gt_subject_integer(deadline - gt_now(gt_call_world(call)));
    return subject;
}

bool gt__step_asks_request(const gt_step *step)
{
    return step->kind == GT__STEP_EXPECT_METADATA || step->kind == GT__STEP_EXPECT_DEADLINE ||
           step->kind == GT__STEP_EXPECT_AUTHORITY || step->kind == GT__STEP_EXPECT_PEER;
}

bool gt__ask_request(const gt_step *step, gt_call *call, gt__buffer *why)
{
    gt_subject subject;
    switch (step->kind) {
    case GT__STEP_EXPECT_METADATA:
        return gt__ask_metadata(step, gt_call_request_metadata(call), "metadata", why);
    case GT__STEP_EXPECT_DEADLINE:
        subject = time_left(call);
        return ask(&step->match, &subject, "the time left (ns)", why);
    case GT__STEP_EXPECT_AUTHORITY:
        subject = gt_subject_text(gt_call_authority(call));
        return ask(&step->match, &subject, "the authority", why);
    default:
        subject = gt_subject_text(gt_call_peer(call));
        return ask(&step->match, &subject, "the peer", why);
    }
}

gt_subject gt__subject_message(const gt_step *step, const gt__received *message)
{
    gt_subject subject = gt_subject_bytes(gt_bytes_of(message->data, message->size));
    subject.type = step->message_type;
    return subject;
}

bool gt__ask_message(const gt_step *step, const gt__received *message, gt__buffer *why)
{
    gt_subject subject = gt__subject_message(step, message);
    return ask(&step->match, &subject, "message", why);
}
