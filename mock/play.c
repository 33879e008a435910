/* Carrying a script out. Every kind of step is a row of one table; what a step returns says how the
 * script goes on. */
#include "play.h"

#include "misbehaviour.h"

#include "engine/rpc/journal.h"

typedef enum outcome {
    GOES_ON,
    ENDED, /* the script has ended the call, or the call is over and nothing is expected of it */
    FAILED /* the world has: a step did not come true, or a wait was ended by the world */
} outcome;

typedef struct branch {
    gt__link link;
    gt_play *play;
    const gt_step *step;
} branch;

/* Steps are carried out by the script's own task, or by that of a branch. */
static outcome run(gt_play *play, const gt_step *steps, size_t count);

/* ---- failing ----------------------------------------------------------------------------------
 */

static outcome GT_PRINTF(3, 4) fail(gt_play *play, const gt_step *step, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = gt__vprintf(format, args);
    va_end(args);
    int first = (int)strcspn(text, "\n");
    play->failed = true;
    gt__fail_take(play->world, step->file, step->line,
                  gt__printf("%.*s (%s, call %llu of %s)%s", first, text, gt__step_name(step),
                             (unsigned long long)gt_call_number(play->call),
                             gt_call_method(play->call), text + first));
    gt__free(text);
    return FAILED;
}

static outcome fail_why(gt_play *play, const gt_step *step, gt__buffer *why)
{
    outcome result = fail(play, step, "%s", gt_buffer_text(why));
    gt__buffer_cleanup(why);
    return result;
}

/* A wait has come back with an error. The world's own ends the play. */
static bool is_the_worlds(const gt_play *play, int error)
{
    return gt_world_failed(play->world) || error == GT_EDEADLOCK || error == GT_ELIVELOCK;
}

/* ---- receiving --------------------------------------------------------------------------------
 */

static void drop(gt__received *message)
{
    gt__free(message->data);
    *message = (gt__received){0};
}

/* The message is put down only when it is there: a branch and the script may both wait for one. */
static int receive(gt_play *play, gt__received *message)
{
    gt__received came = {0};
    int error = gt_call_recv_take(play->call, &came.data, &came.size);
    came.held = error == 0;
    play->messages += came.held;
    drop(message);
    *message = came;
    return error;
}

int gt__play_read_first(gt_play *play)
{
    return play->first.held ? 0 : receive(play, &play->first);
}

/* The next message, into play->taken. */
static int next(gt_play *play)
{
    if (!play->first.held)
        return receive(play, &play->taken);
    drop(&play->taken);
    play->taken = play->first;
    play->first = (gt__received){0};
    return 0;
}

/* Why there is no further message, as half a sentence. */
static const char *why_none(const gt_play *play, int error)
{
    if (error == GT_EOF)
        return play->script->client ? "the server sent no more" : "the client half-closed";
    if (error == GT_ETIMEDOUT)
        return "its deadline passed";
    return error == GT_ECANCELLED ? "it was cancelled" : gt_error_text(error);
}

static outcome no_message(gt_play *play, const gt_step *step, int error)
{
    if (is_the_worlds(play, error))
        return FAILED;
    gt__buffer wanted = {0};
    gt__match_describe(&step->match, &wanted);
    outcome result = fail(play, step, "no message came, expected %s: %s", gt_buffer_text(&wanted),
                          why_none(play, error));
    gt__buffer_cleanup(&wanted);
    return result;
}

static outcome expect_message(gt_play *play, const gt_step *step)
{
    gt__buffer why = {0};
    int error = next(play);
    if (error)
        return no_message(play, step, error);
    return gt__ask_message(step, &play->taken, &why) ? GOES_ON : fail_why(play, step, &why);
}

/* The first of the steps, among those not come true yet, that fits. */
static size_t find_fitting(const gt_step *step, const bool *true_already, const gt__received *taken)
{
    size_t i = 0;
    while (i < step->step_count &&
           (true_already[i] || !gt__ask_message(&step->steps[i], taken, NULL)))
        i++;
    return i;
}

static outcome fits_none(gt_play *play, const gt_step *step, const bool *true_already)
{
    gt__buffer text = {0};
    gt_subject subject = gt__subject_message(step->steps, &play->taken);
    gt__buffer_add_text(&text, "message is ");
    gt__subject_print(&subject, &text);
    for (size_t i = 0; i < step->step_count; i++) {
        if (true_already[i])
            continue;
        gt__buffer_printf(&text, "\n  expected at %s:%d: ", step->steps[i].file,
                          step->steps[i].line);
        gt__match_describe(&step->steps[i].match, &text);
    }
    return fail_why(play, step, &text);
}

enum { MOST_IN_ANY_ORDER = 256 };

static outcome expect_in_any_order(gt_play *play, const gt_step *step)
{
    bool true_already[MOST_IN_ANY_ORDER] = {false};
    if (step->step_count > MOST_IN_ANY_ORDER)
        gt__misuse("%s:%d: gt_any_order takes at most %d steps", step->file, step->line,
                   MOST_IN_ANY_ORDER);
    for (size_t n = 0; n < step->step_count; n++) {
        int error = next(play);
        size_t fitting = error ? 0 : find_fitting(step, true_already, &play->taken);
        if (error) {
            while (true_already[fitting])
                fitting++;
            return no_message(play, &step->steps[fitting], error);
        }
        if (fitting == step->step_count)
            return fits_none(play, step, true_already);
        true_already[fitting] = true;
    }
    return GOES_ON;
}

/* ---- other expectations ------------------------------------------------------------------------
 */

static outcome expect_of_request(gt_play *play, const gt_step *step)
{
    gt__buffer why = {0};
    bool holds = play->script->client
                     ? gt__ask_metadata(step, gt_call_header(play->call), "header", &why)
                     : gt__ask_request(step, play->call, &why);
    return holds ? GOES_ON : fail_why(play, step, &why);
}

/* Nothing but the end of the client's messages may come. */
static outcome expect_half_close(gt_play *play, const gt_step *step)
{
    int error = next(play);
    if (error == GT_EOF)
        return GOES_ON;
    if (error && is_the_worlds(play, error))
        return FAILED;
    if (error)
        return fail(play, step, "no half-close came: %s", why_none(play, error));
    gt__buffer text = {0};
    gt_subject subject = gt_subject_bytes(gt_bytes_of(play->taken.data, play->taken.size));
    gt__buffer_printf(
        &text, "message %llu came, expected half-close: ", (unsigned long long)play->messages);
    gt__subject_print(&subject, &text);
    return fail_why(play, step, &text);
}

static int wait_until_over(gt_play *play, gt_time deadline)
{
    return gt_wait_any(play->world, gt_call_context(play->call), deadline, NULL, 0);
}

static outcome expect_over(gt_play *play, const gt_step *step)
{
    int expected = step->kind == GT__STEP_EXPECT_LATE ? GT_ETIMEDOUT : GT_ECANCELLED;
    int error = wait_until_over(play, GT_NEVER);
    if (is_the_worlds(play, error))
        return FAILED;
    if (error == expected)
        return ENDED;
    return fail(play, step, "%s, expected %s",
                error == GT_ETIMEDOUT ? "the deadline passed" : "the call was cancelled",
                expected == GT_ETIMEDOUT ? "its deadline to pass" : "the client to cancel it");
}

static outcome expect_status(gt_play *play, const gt_step *step)
{
    gt__buffer why = {0};
    int error = next(play);
    if (!error)
        return fail(play, step, "message %llu came, expected the status %s",
                    (unsigned long long)play->messages, gt_code_name((gt_code)step->number));
    const gt_status *status = gt_call_status(play->call);
    if (gt_world_failed(play->world))
        return FAILED;
    if (status->code != (gt_code)step->number)
        return fail(play, step, "status is %s \"%s\", expected %s", gt_code_name(status->code),
                    status->message, gt_code_name((gt_code)step->number));
    gt_subject message = gt_subject_text(status->message);
    if (gt__match_ask(&step->match, &message, &why))
        return GOES_ON;
    outcome result = fail(play, step, "status message %s", gt_buffer_text(&why));
    gt__buffer_cleanup(&why);
    return result;
}

static outcome expect_trailer(gt_play *play, const gt_step *step)
{
    gt__buffer why = {0};
    (void)gt_call_status(play->call);
    if (gt_world_failed(play->world))
        return FAILED;
    bool holds = gt__ask_metadata(step, gt_call_trailer(play->call), "trailer", &why);
    return holds ? GOES_ON : fail_why(play, step, &why);
}

/* ---- what a mock does --------------------------------------------------------------------------
 */

/* What is done to a call that is over comes to nothing; other errors are the author's to hear of.
 */
static outcome done(gt_play *play, const gt_step *step, int error)
{
    if (!error)
        return GOES_ON;
    if (is_the_worlds(play, error))
        return FAILED;
    if (error == GT_ESTATUS)
        return play->script->client ? GOES_ON : ENDED;
    return fail(play, step, "it could not be sent: %s", gt_error_text(error));
}

static bool takes_one_message(const gt_call *call)
{
    return call->kind == GT_UNARY || call->kind == GT_SERVER_STREAMING;
}

static outcome send_message(gt_play *play, const gt_step *step)
{
    outcome result = done(play, step, gt_call_send(play->call, step->bytes));
    if (result == GOES_ON && play->script->client && takes_one_message(play->call))
        gt_call_half_close(play->call);
    return result;
}

static gt_metadata *one_entry(const gt_step *step)
{
    gt_metadata *metadata = gt_metadata_new();
    /* Checked when the script was kept. */
    (void)!gt_metadata_set(metadata, step->key, gt_bytes_str(step->text));
    return metadata;
}

static outcome add_header(gt_play *play, const gt_step *step)
{
    gt_metadata *header = one_entry(step);
    int error = gt_call_add_header(play->call, header);
    gt_metadata_free(header);
    return done(play, step, error);
}

static outcome send_header(gt_play *play, const gt_step *step)
{
    return done(play, step, gt_call_send_header(play->call, NULL));
}

static outcome add_trailer(gt_play *play, const gt_step *step)
{
    gt_metadata *trailer = one_entry(step);
    gt_call_add_trailer(play->call, trailer);
    gt_metadata_free(trailer);
    return GOES_ON;
}

/* Waits for those that still have something to do; a call that ends first leaves nothing to wait
 * for here. */
static outcome join_branches(gt_play *play)
{
    while (play->running > 0) {
        int error = gt__wait(play->world, &play->changed, gt_call_context(play->call), GT_NEVER,
                             "the branches of the script of", gt_call_method(play->call));
        if (error)
            return gt_world_failed(play->world) ? FAILED : ENDED;
    }
    return play->failed ? FAILED : GOES_ON;
}

/* The script is over and its call has ended, so that no branch waits for long: none may be left
 * when the play goes. False in a world that has failed, where they do not run again. */
static bool let_branches_end(gt_play *play)
{
    play->over = true;
    while (play->running > 0) {
        int error = gt__wait(play->world, &play->changed, NULL, GT_NEVER,
                             "the branches of the script of", gt_call_method(play->call));
        if (error)
            return false;
    }
    return true;
}

static outcome end(gt_play *play, const gt_step *step)
{
    outcome result = join_branches(play);
    if (result == GOES_ON)
        gt_call_end(play->call, (gt_code)step->number, step->text);
    return result == FAILED ? FAILED : ENDED;
}

static outcome half_close(gt_play *play, const gt_step *step)
{
    (void)step;
    gt_call_half_close(play->call);
    return GOES_ON;
}

static outcome cancel(gt_play *play, const gt_step *step)
{
    (void)step;
    gt_call_cancel(play->call);
    return GOES_ON;
}

/* A client's call has a stream only when its connection has come about. */
static bool has_stream_or_ended(void *arg)
{
    const gt_call *call = arg;
    return call->ended || call->attempt.transport;
}

static outcome misbehave(gt_play *play, const gt_step *step)
{
    int error = gt_wait_until(play->world, NULL, has_stream_or_ended, play->call,
                              "a stream to misbehave on");
    if (error)
        return FAILED;
    if (!play->call->attempt.transport)
        return play->script->client ? GOES_ON : ENDED;
    bool over = gt__misbehave(play->call, step);
    /* Nobody answers a client that has reset its stream. */
    if (play->script->client && step->kind == GT__STEP_RST)
        gt_call_cancel(play->call);
    if (!over || play->script->client)
        return GOES_ON;
    gt_call_end(play->call, GT_UNKNOWN, "the mock has misbehaved");
    return ENDED;
}

/* ---- time and order ----------------------------------------------------------------------------
 */

static outcome delay(gt_play *play, const gt_step *step)
{
    int error = wait_until_over(play, gt__time_add(gt_now(play->world), step->number));
    if (is_the_worlds(play, error))
        return FAILED;
    /* The same error tells the end of the delay and a deadline that passed: ask the call. */
    return GOES_ON;
}

static outcome await(gt_play *play, const gt_step *step)
{
    int error = gt_event_wait(step->event, gt_call_context(play->call));
    if (error && is_the_worlds(play, error))
        return FAILED;
    return GOES_ON;
}

static outcome raise_event(gt_play *play, const gt_step *step)
{
    (void)play;
    gt_event_raise(step->event);
    return GOES_ON;
}

static outcome hang(gt_play *play, const gt_step *step)
{
    (void)step;
    int error = wait_until_over(play, GT_NEVER);
    return is_the_worlds(play, error) ? FAILED : ENDED;
}

static outcome run_function(gt_play *play, const gt_step *step)
{
    int result = step->fn(play->call, step->user);
    if (gt_world_failed(play->world))
        return FAILED;
    if (result == 0)
        return GOES_ON;
    if (play->script->client)
        return fail(play, step, "the function returned %d", result);
    play->result = result;
    return join_branches(play) == FAILED ? FAILED : ENDED;
}

static outcome repeat(gt_play *play, const gt_step *step)
{
    outcome result = GOES_ON;
    for (int64_t i = 0; result == GOES_ON && i < step->number; i++)
        result = run(play, step->steps, step->step_count);
    return result;
}

static void run_branch(void *arg)
{
    branch *b = arg;
    gt_play *play = b->play;
    (void)run(play, b->step->steps, b->step->step_count);
    play->running--;
    gt__wake_all(&play->changed);
}

static outcome meanwhile(gt_play *play, const gt_step *step)
{
    branch *b = gt__new(branch);
    b->play = play;
    b->step = step;
    gt__list_push_back(&play->branches, &b->link);
    play->running++;
    gt__spawn(play->world, "gt_meanwhile", run_branch, b, step->file, step->line);
    return GOES_ON;
}

/* ---- the script -------------------------------------------------------------------------------
 */

static outcome (*const acts[GT__STEP_KINDS])(gt_play *play, const gt_step *step) = {
    [GT__STEP_EXPECT] = expect_message,
    [GT__STEP_EXPECT_METADATA] = expect_of_request,
    [GT__STEP_EXPECT_TRAILER] = expect_trailer,
    [GT__STEP_EXPECT_DEADLINE] = expect_of_request,
    [GT__STEP_EXPECT_AUTHORITY] = expect_of_request,
    [GT__STEP_EXPECT_PEER] = expect_of_request,
    [GT__STEP_EXPECT_HALF_CLOSE] = expect_half_close,
    [GT__STEP_EXPECT_CANCEL] = expect_over,
    [GT__STEP_EXPECT_LATE] = expect_over,
    [GT__STEP_EXPECT_STATUS] = expect_status,
    [GT__STEP_SEND] = send_message,
    [GT__STEP_HEADER] = add_header,
    [GT__STEP_SEND_HEADER] = send_header,
    [GT__STEP_TRAILER] = add_trailer,
    [GT__STEP_END] = end,
    [GT__STEP_HALF_CLOSE] = half_close,
    [GT__STEP_CANCEL] = cancel,
    [GT__STEP_DELAY] = delay,
    [GT__STEP_AWAIT] = await,
    [GT__STEP_RAISE] = raise_event,
    [GT__STEP_HANG] = hang,
    [GT__STEP_RUN] = run_function,
    [GT__STEP_REPEAT] = repeat,
    [GT__STEP_ANY_ORDER] = expect_in_any_order,
    [GT__STEP_MEANWHILE] = meanwhile,
    [GT__STEP_MISBEHAVE] = misbehave,
    [GT__STEP_RST] = misbehave,
    [GT__STEP_GOAWAY] = misbehave,
    [GT__STEP_PINGS] = misbehave,
    [GT__STEP_FRAMES] = misbehave,
    [GT__STEP_RAW] = misbehave,
    [GT__STEP_NEXT_FRAME] = misbehave,
    [GT__STEP_CLOSE_CONN] = misbehave,
    [GT__STEP_RESET_CONN] = misbehave,
};

static outcome run(gt_play *play, const gt_step *steps, size_t count)
{
    outcome result = GOES_ON;
    for (size_t i = 0; result == GOES_ON && i < count; i++) {
        if (play->over)
            return ENDED;
        if (gt_task_current(play->world) == play->task)
            play->now = &steps[i];
        result = acts[steps[i].kind](play, &steps[i]);
        if (play->failed)
            result = FAILED;
    }
    return result;
}

/* The steps, and then those of gt_meanwhile. */
static outcome run_all(gt_play *play)
{
    play->task = gt_task_current(play->world);
    outcome result = run(play, play->script->steps, play->script->count);
    return result == GOES_ON ? join_branches(play) : result;
}

/* Stands for what a script leaves unsaid. */
static gt_step unsaid(const gt_play *play, int kind)
{
    gt_step step = {.kind = kind, .file = play->file, .line = play->line};
    return step;
}

int gt__play_serve(gt_play *play)
{
    gt_step half_close_step = unsaid(play, GT__STEP_EXPECT_HALF_CLOSE);
    outcome result = run_all(play);
    if (result == GOES_ON && !gt_context_error(gt_call_context(play->call)))
        result = expect_half_close(play, &half_close_step);
    if (result == FAILED || !let_branches_end(play))
        return gt_call_fail(play->call, GT_UNKNOWN, "the mock's script failed");
    play->done = true;
    return play->result;
}

void gt__play_call(gt_play *play)
{
    gt_step status_step = unsaid(play, GT__STEP_EXPECT_STATUS);
    outcome result = run_all(play);
    if (result == GOES_ON && !gt__script_ends(play->script)) {
        gt_call_half_close(play->call);
        result = expect_status(play, &status_step);
    }
    if (result != FAILED)
        (void)gt_call_status(play->call);
    play->done = let_branches_end(play);
    gt__wake_all(&play->changed);
}

const gt_method_type *gt__method_type(gt_world *world, const char *method)
{
    const gt_types *types = gt__types_in_use(world);
    return types ? gt_types_method(types, method) : NULL;
}

void gt__play_init(gt_play *play, gt_world *world, gt_call *call, const gt__script *script,
                   const char *file, int line)
{
    gt__list_init(&play->link);
    gt__list_init(&play->branches);
    gt__waitq_init(&play->changed);
    play->world = world;
    play->call = call;
    play->script = script;
    play->file = file;
    play->line = line;
}

void gt__play_cleanup(gt_play *play)
{
    gt__list_remove(&play->link);
    while (!gt__list_empty(&play->branches)) {
        branch *b = gt__container_of(play->branches.next, branch, link);
        gt__list_remove(&b->link);
        gt__free(b);
    }
    drop(&play->first);
    drop(&play->taken);
}
