/* world_fixture.h - for this folder's tests: worlds whose failures are written down, and a log in
 * which tasks and callbacks say what happened when. Rule: include it after cmocka.h. */
#ifndef GRPCTEST_ENGINE_SCHED_WORLD_FIXTURE_H
#define GRPCTEST_ENGINE_SCHED_WORLD_FIXTURE_H

#include "engine/sched/sched.h"

#include <stdio.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define UNDER_TSAN true
#else
#define UNDER_TSAN false
#endif

typedef struct fixture {
    gt_world *world;
    gt__buffer log;
    int failures;
    int line;          /* of the last failure */
    char text[16384];  /* of the last failure */
    gt_world *running; /* on the thread, at the last failure */
} fixture;

static inline void write_down(const gt_failure *failure, void *user)
{
    fixture *f = user;
    f->failures++;
    f->line = failure->line;
    snprintf(f->text, sizeof f->text, "%s", failure->text);
    f->running = gt_world_running();
}

/* Opens a world in `f`, made at test.c:1, its failures written down. `options` may be NULL. */
static inline void open_world(fixture *f, const gt_world_options *options)
{
    gt_world_options own = {0};
    if (options)
        own = *options;
    own.on_failure = write_down;
    own.on_failure_user = f;
    if (own.seed == 0) /* these tests say in which order things happen */
        own.seed = GT_NO_SEED;
    *f = (fixture){0};
    f->world = gt_world_new_at(&own, "test.c", 1);
}

static inline void open_clock(fixture *f, gt_clock clock)
{
    open_world(f, &(gt_world_options){.clock = clock});
}

static inline void close_world(fixture *f)
{
    gt_world_free(f->world);
    f->world = NULL;
    gt__buffer_cleanup(&f->log);
}

/* Ends the world of a test in which nothing was to fail. */
static inline void close_well(fixture *f)
{
    close_world(f);
    if (f->failures > 0)
        fail_msg("failed at line %d: %s", f->line, f->text);
}

/* Adds "word@milliseconds " to the log. */
static inline void say(fixture *f, const char *word)
{
    gt__buffer_printf(&f->log, "%s@%lld ", word, (long long)(gt_now(f->world) / GT_MS(1)));
}

static inline void assert_said(fixture *f, const char *expected)
{
    assert_string_equal(f->log.data ? (const char *)f->log.data : "", expected);
    gt__buffer_cleanup(&f->log);
}

/* A task that says its name when it runs, and again after sleeping. */
typedef struct sleeper {
    fixture *f;
    const char *name;
    gt_duration duration; /* 0: it does not sleep */
    int error;
} sleeper;

static inline void sleep_and_say(void *arg)
{
    sleeper *s = arg;
    if (s->duration)
        s->error = gt_sleep(s->f->world, s->duration);
    say(s->f, s->name);
}

static inline gt_task *spawn_sleeper(sleeper *s)
{
    return gt_spawn(s->f->world, s->name, sleep_and_say, s);
}

static inline void join(gt_task *task)
{
    assert_int_equal(gt_task_join(task, NULL), 0);
}

#endif
