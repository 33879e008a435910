/* The mock server: calls come in, expectations are chosen, scripts run as handlers. */
#include "mock_inside.h"

#include "engine/rpc/server_inside.h"

/* ---- choosing an expectation --------------------------------------------------------------------
 */

/* The next of a method that may be called, after `link`. */
static gt_expectation *next_open(gt__mocked *method, const gt__link *link)
{
    for (link = link->next; link != &method->expectations; link = link->next) {
        gt_expectation *e = gt__container_of(link, gt_expectation, peers);
        if (gt__expectation_open(e))
            return e;
    }
    return NULL;
}

/* The first that may be called and whose opening fits. Reading the first message may take time, in
 * which another call takes one of them: then all are asked again. */
static gt_expectation *choose(gt_mock *mock, gt_play *play)
{
    size_t met;
    gt__mocked *method = gt__mocked_find(mock, gt_call_method(play->call));
    gt_expectation *first = method ? next_open(method, &method->expectations) : NULL;
    if (!first || !next_open(method, &first->peers))
        return first;
    for (gt_expectation *e = first; e; e = next_open(method, &e->peers)) {
        bool had_first = play->first.held;
        bool fits = gt__expectation_fits(e, play, &met, NULL);
        if (play->first.held != had_first)
            return choose(mock, play);
        if (fits)
            return e;
    }
    return NULL;
}

/* ---- a call -------------------------------------------------------------------------------------
 */

static void fail_unexpected(gt_mock *mock, gt_play *play)
{
    gt__buffer text = {0};
    gt__buffer_printf(&text, "unexpected call %llu of %s",
                      (unsigned long long)gt_call_number(play->call), gt_call_method(play->call));
    gt__mock_explain(mock, play, &text);
    gt__fail_take(mock->world, mock->entry.file, mock->entry.line, gt__buffer_take_text(&text));
}

static int answer_unexpected(gt_mock *mock, gt_play *play)
{
    const char *method = gt_call_method(play->call);
    if (!mock->lenient)
        fail_unexpected(mock, play);
    return gt_call_fail(play->call, GT_UNIMPLEMENTED, "unexpected call of %s", method);
}

static void reclaim_play(gt__entry *entry)
{
    gt_play *play = gt__container_of(entry, gt_play, entry);
    gt__play_cleanup(play);
    gt__free(play);
}

static gt_play *new_play(gt_mock *mock, gt_call *call)
{
    gt_play *play = gt__new(gt_play);
    gt__play_init(play, mock->world, call, NULL, mock->entry.file, mock->entry.line);
    gt__ledger_add(&play->entry, mock->world, "play", play->file, play->line, reclaim_play);
    play->entry.internal = true;
    gt__list_push_back(&mock->choosing, &play->link);
    return play;
}

static int follow(gt_expectation *e, gt_play *play)
{
    gt__expectation_chosen(e);
    gt__list_remove(&play->link);
    gt__list_push_back(&e->plays, &play->link);
    play->script = &e->script;
    play->file = e->file;
    play->line = e->line;
    return gt__play_serve(play);
}

/* Where the world has failed under a script with branches, these still know the play: it goes with
 * the world. */
int gt__mock_serve(gt_call *call, void *user)
{
    gt_mock *mock = user;
    gt_play *play = new_play(mock, call);
    gt_expectation *e = choose(mock, play);
    int result = e ? follow(e, play) : answer_unexpected(mock, play);
    if (play->running > 0)
        return result;
    gt__ledger_remove(&play->entry);
    reclaim_play(&play->entry);
    return result;
}

/* ---- the mock -----------------------------------------------------------------------------------
 */

static void free_expectations(gt_mock *mock)
{
    while (!gt__list_empty(&mock->expectations))
        gt__expectation_free(gt__container_of(mock->expectations.next, gt_expectation, link));
    for (size_t i = 0; i < mock->method_count; i++)
        gt__mocked_free(mock->methods[i]);
    gt__free(mock->methods);
    while (!gt__list_empty(&mock->choosing))
        gt__list_remove(mock->choosing.next);
}

/* In a world that has failed; the server goes by an entry of its own, later than this one. */
static void reclaim(gt__entry *entry)
{
    gt_mock *mock = gt__container_of(entry, gt_mock, entry);
    free_expectations(mock);
    gt__free(mock->state);
    gt__free(mock);
}

/* Misbehaviour may leave out header blocks, on which no other may then build. */
void gt__mock_wake(gt_mock *mock)
{
    gt_server_handle_unknown(mock->server, gt__mock_serve, mock);
    mock->server->h2_options.no_dynamic_table = true;
}

void gt_mock_options_init(gt_mock_options *options)
{
    *options = (gt_mock_options){.lenient = false};
}

gt_mock *gt_mock_new_at(gt_world *world, const gt_mock_options *options, const char *file, int line)
{
    static const gt_mock_options defaults;
    if (!options)
        options = &defaults;
    gt_mock *mock = gt__new(gt_mock);
    mock->world = world;
    mock->lenient = options->lenient;
    mock->state = gt__strdup("");
    gt__list_init(&mock->expectations);
    gt__list_init(&mock->choosing);
    mock->server = gt_server_new_at(world, &options->server, file, line);
    if (!options->dormant)
        gt__mock_wake(mock);
    gt__ledger_add(&mock->entry, world, "mock", file, line, reclaim);
    return mock;
}

gt_server *gt_mock_server(gt_mock *mock)
{
    return mock->server;
}

void gt_mock_verify(gt_mock *mock)
{
    gt__buffer text = {0};
    const gt_expectation *first = gt__mock_unmet(mock, &text);
    if (first && !gt_world_failed(mock->world))
        gt__fail_take(mock->world, first->file, first->line, gt__buffer_take_text(&text));
    gt__buffer_cleanup(&text);
    gt__world_raise(mock->world);
}

void gt_mock_free(gt_mock *mock)
{
    if (!mock)
        return;
    gt__buffer text = {0};
    gt_server_free(mock->server);
    const gt_expectation *first = gt__mock_unmet(mock, &text);
    if (first && !gt_world_failed(mock->world))
        gt__fail_take(mock->world, first->file, first->line, gt__buffer_take_text(&text));
    gt__buffer_cleanup(&text);
    gt__ledger_remove(&mock->entry);
    reclaim(&mock->entry);
}
