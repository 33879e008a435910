/* Expectations: how often, in which order, in which state; and whether one fits a call. */
#include "mock_inside.h"

#include <inttypes.h>

/* ---- making one --------------------------------------------------------------------------------
 */

/* Behind all of the same priority: what was declared first is asked first. */
static void put(gt_expectation *e, gt__link *list)
{
    gt__link *next = list->next;
    while (next != list && gt__container_of(next, gt_expectation, peers)->priority >= e->priority)
        next = next->next;
    gt__list_push_back(next, &e->peers);
}

/* Where nobody told the kind, any number of messages may come and go. */
static gt_kind kind_of(const gt_method_type *type)
{
    if (!type || !type->kind_known || (type->client_streams && type->server_streams))
        return GT_BIDI_STREAMING;
    if (type->client_streams)
        return GT_CLIENT_STREAMING;
    return type->server_streams ? GT_SERVER_STREAMING : GT_UNARY;
}

/* ---- methods ----------------------------------------------------------------------------------
 */

/* Where `path` is, or would be, among the sorted methods. */
static size_t place_of(const gt_mock *mock, const char *path)
{
    size_t low = 0, high = mock->method_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(mock->methods[middle]->path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

gt__mocked *gt__mocked_find(const gt_mock *mock, const char *path)
{
    size_t place = place_of(mock, path);
    if (place < mock->method_count && strcmp(mock->methods[place]->path, path) == 0)
        return mock->methods[place];
    return NULL;
}

void gt__mocked_free(gt__mocked *method)
{
    gt__free(method->path);
    gt__free(method);
}

/* From the first of all on, a mock also answers for what nothing expects. Where the test has
 * registered a handler for the method, that is misuse. */
static gt__mocked *mock_method(gt_mock *mock, const char *path, const gt_method_type *type)
{
    gt__mock_wake(mock);
    gt_server_handle(mock->server, path, kind_of(type), gt__mock_serve, mock);
    gt__mocked *method = gt__new(gt__mocked);
    method->path = gt__strdup(path);
    gt__list_init(&method->expectations);
    size_t place = place_of(mock, path), count = mock->method_count++;
    mock->methods = gt__realloc(mock->methods, mock->method_count * sizeof(gt__mocked *));
    memmove(&mock->methods[place + 1], &mock->methods[place],
            (count - place) * sizeof(gt__mocked *));
    mock->methods[place] = method;
    return method;
}

gt_expectation *gt_on_at(gt_mock *mock, const char *method, const gt_step *steps, size_t count,
                         const char *file, int line)
{
    const gt_method_type *type = gt__method_type(mock->world, method);
    gt__mocked *mocked = gt__mocked_find(mock, method);
    if (!mocked)
        mocked = mock_method(mock, method, type);
    gt_expectation *e = gt__new(gt_expectation);
    gt__list_init(&e->plays);
    e->mock = mock;
    e->method = mocked->path;
    e->file = file;
    e->line = line;
    e->script = gt__script_keep(steps, count, false, type);
    e->least = e->most = 1;
    gt__list_push_back(&mock->expectations, &e->link);
    put(e, &mocked->expectations);
    return e;
}

void gt__expectation_free(gt_expectation *e)
{
    while (!gt__list_empty(&e->plays))
        gt__list_remove(e->plays.next);
    gt__list_remove(&e->link);
    gt__list_remove(&e->peers);
    gt__script_drop(&e->script);
    gt__free(e->before);
    gt__free(e->in_state);
    gt__free(e->to_state);
    gt__free(e);
}

/* ---- how often ---------------------------------------------------------------------------------
 */

static gt_expectation *set_times(gt_expectation *e, uint64_t least, uint64_t most)
{
    e->least = least;
    e->most = most;
    return e;
}

gt_expectation *gt_times(gt_expectation *e, uint64_t count)
{
    return set_times(e, count, count);
}

gt_expectation *gt_at_least(gt_expectation *e, uint64_t count)
{
    return set_times(e, count, UINT64_MAX);
}

gt_expectation *gt_at_most(gt_expectation *e, uint64_t count)
{
    return set_times(e, 0, count);
}

gt_expectation *gt_any_times(gt_expectation *e)
{
    return set_times(e, 0, UINT64_MAX);
}

gt_expectation *gt_never(gt_expectation *e)
{
    return set_times(e, 0, 0);
}

uint64_t gt_expectation_calls(const gt_expectation *e)
{
    return e->calls;
}

/* ---- when --------------------------------------------------------------------------------------
 */

gt_expectation *gt_with_priority(gt_expectation *e, int priority)
{
    e->priority = priority;
    gt__list_remove(&e->peers);
    put(e, &gt__mocked_find(e->mock, e->method)->expectations);
    return e;
}

gt_expectation *gt_after(gt_expectation *e, gt_expectation *before)
{
    if (before->mock != e->mock)
        gt__misuse("%s:%d: gt_after: the two expectations belong to different mocks", e->file,
                   e->line);
    e->before = gt__realloc(e->before, (e->before_count + 1) * sizeof *e->before);
    e->before[e->before_count++] = before;
    return e;
}

static void set_text(char **text, const char *value)
{
    char *copy = gt__strdup(value);
    gt__free(*text);
    *text = copy;
}

gt_expectation *gt_in_state(gt_expectation *e, const char *state)
{
    set_text(&e->in_state, state);
    return e;
}

gt_expectation *gt_to_state(gt_expectation *e, const char *state)
{
    set_text(&e->to_state, state);
    return e;
}

const char *gt_mock_state(const gt_mock *mock)
{
    return mock->state;
}

void gt_mock_set_state(gt_mock *mock, const char *state)
{
    set_text(&mock->state, state);
}

static const char *times(uint64_t count)
{
    return count == 1 ? "once" : count == 2 ? "twice" : NULL;
}

static void add_times(gt__buffer *text, uint64_t count)
{
    if (times(count))
        gt__buffer_add_text(text, times(count));
    else
        gt__buffer_printf(text, "%" PRIu64 " times", count);
}

/* What it comes after and has not been called as often as needed; NULL: nothing. */
static const gt_expectation *missing_before(const gt_expectation *e)
{
    for (size_t i = 0; i < e->before_count; i++)
        if (e->before[i]->calls < e->before[i]->least)
            return e->before[i];
    return NULL;
}

static bool is_in_its_state(const gt_expectation *e)
{
    return !e->in_state || strcmp(e->in_state, e->mock->state) == 0;
}

bool gt__expectation_open(const gt_expectation *e)
{
    return e->calls < e->most && !e->retired && is_in_its_state(e) && !missing_before(e);
}

char *gt__expectation_closed(const gt_expectation *e)
{
    gt__buffer text = {0};
    if (e->most == 0)
        return gt__strdup("it is never to be called");
    if (e->calls >= e->most) {
        gt__buffer_add_text(&text, "it has been called ");
        add_times(&text, e->calls);
        gt__buffer_add_text(&text, " already");
        return gt__buffer_take_text(&text);
    }
    if (e->retired)
        return gt__strdup("one that comes after it has been called");
    if (!is_in_its_state(e))
        return gt__printf("the mock is in state \"%s\", not \"%s\"", e->mock->state, e->in_state);
    const gt_expectation *before = missing_before(e);
    return before ? gt__printf("it comes after %s:%d, which has not been called%s", before->file,
                               before->line, before->calls > 0 ? " often enough" : "")
                  : gt__strdup("another expectation was asked first");
}

void gt__expectation_chosen(gt_expectation *e)
{
    e->calls++;
    for (size_t i = 0; i < e->before_count; i++)
        e->before[i]->retired = true;
    if (e->to_state)
        gt_mock_set_state(e->mock, e->to_state);
}

/* ---- whether it fits a call --------------------------------------------------------------------
 */

static bool opens_with_message(const gt_step *step, gt_play *play, gt__buffer *why)
{
    int error = gt__play_read_first(play);
    if (!error)
        return gt__ask_message(step, &play->first, why);
    if (why)
        gt__buffer_add_text(why, "no message came");
    return false;
}

bool gt__expectation_fits(const gt_expectation *e, gt_play *play, size_t *met, gt__buffer *why)
{
    size_t i = 0;
    for (; i < e->script.count && gt__step_asks_request(&e->script.steps[i]); i++)
        if (!gt__ask_request(&e->script.steps[i], play->call, why)) {
            *met = i;
            return false;
        }
    *met = i;
    return i == e->script.count || e->script.steps[i].kind != GT__STEP_EXPECT ||
           opens_with_message(&e->script.steps[i], play, why);
}

/* ---- whether it was met ------------------------------------------------------------------------
 */

static void add_wanted(gt__buffer *text, const gt_expectation *e)
{
    if (e->least < e->most)
        gt__buffer_add_text(text, "at least ");
    add_times(text, e->least);
}

static bool add_too_few(gt__buffer *text, const gt_expectation *e)
{
    if (e->calls >= e->least)
        return false;
    gt__buffer_printf(text, "\n  %s:%d: %s was called ", e->file, e->line, e->method);
    if (e->calls == 0)
        gt__buffer_add_text(text, "never");
    else
        add_times(text, e->calls);
    gt__buffer_add_text(text, ", expected ");
    add_wanted(text, e);
    return true;
}

static bool add_unfinished(gt__buffer *text, const gt_expectation *e)
{
    bool any = false;
    for (const gt__link *link = e->plays.next; link != &e->plays; link = link->next) {
        const gt_play *play = gt__container_of(link, gt_play, link);
        if (play->done || !play->now || !gt__step_expects(play->now))
            continue;
        gt__buffer_printf(text, "\n  %s:%d: the script of %s still stands at %s, %s:%d", e->file,
                          e->line, e->method, gt__step_name(play->now), play->now->file,
                          play->now->line);
        any = true;
    }
    return any;
}

const gt_expectation *gt__mock_unmet(const gt_mock *mock, gt__buffer *text)
{
    const gt_expectation *first = NULL;
    const gt__link *list = &mock->expectations;
    gt__buffer_add_text(text, "not met:");
    for (const gt__link *link = list->next; link != list; link = link->next) {
        const gt_expectation *e = gt__container_of(link, gt_expectation, link);
        bool few = add_too_few(text, e), unfinished = add_unfinished(text, e);
        if ((few || unfinished) && !first)
            first = e;
    }
    return first;
}
