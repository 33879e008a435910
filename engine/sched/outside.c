#include "world_inside.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* With enough to run, the outside is looked at once in so many turns. */
#define TURNS_PER_LOOK 64

typedef struct post {
    struct post *next;
    void (*fn)(void *arg);
    void *arg;
} post;

struct gt__outside {
    gt_world *world;
    gt_time origin;     /* the monotonic clock's when the world began */
    struct pollfd *fds; /* place 0 is the bell; the others have a source each */
    gt__source **sources;
    size_t count, capacity;
    uint32_t turns;
    int bell;               /* an eventfd: rung by a post, so that poll returns */
    _Atomic(post *) posted; /* latest first */
    post *due;              /* earliest first, taken off `posted` */
    gt__job run_posts;
};

/* ---- the clock ----------------------------------------------------------------------------- */

static gt_time monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return GT_SEC(now.tv_sec) + now.tv_nsec;
}

gt_time gt__real_now(const gt__outside *outside)
{
    return monotonic() - outside->origin;
}

/* ---- posts --------------------------------------------------------------------------------- */

static void ring(gt__outside *outside)
{
    uint64_t one = 1;
    (void)!write(outside->bell, &one, sizeof(one)); /* does not block: nothing interrupts it */
}

void gt_world_post(gt_world *world, void (*fn)(void *arg), void *arg)
{
    gt__outside *outside = world->outside;
    if (!outside)
        gt__misuse("gt_world_post: a world with a virtual clock hears nothing from outside");
    post *new_post = gt__malloc(sizeof(*new_post));
    post *before = atomic_load(&outside->posted);
    do
        *new_post = (post){before, fn, arg};
    while (!atomic_compare_exchange_weak(&outside->posted, &before, new_post));
    if (!before)
        ring(outside);
}

/* Moves what was posted to the end of what is due, the earliest first. */
static void collect_posts(gt__outside *outside)
{
    post *latest = atomic_exchange(&outside->posted, NULL), *earliest = NULL;
    while (latest) {
        post *next = latest->next;
        latest->next = earliest;
        earliest = latest;
        latest = next;
    }
    post **end = &outside->due;
    while (*end)
        end = &(*end)->next;
    *end = earliest;
    if (outside->due)
        gt__job_schedule(&outside->run_posts);
}

static void run_posts(gt__job *job)
{
    gt__outside *outside = gt__container_of(job, gt__outside, run_posts);
    gt__progress(outside->world);
    while (outside->due) {
        post *first = outside->due;
        outside->due = first->next;
        void (*fn)(void *arg) = first->fn;
        void *arg = first->arg;
        gt__free(first);
        fn(arg);
    }
}

static void answer_bell(gt__outside *outside)
{
    uint64_t count;
    (void)!read(outside->bell, &count, sizeof(count));
    collect_posts(outside);
}

/* ---- descriptors --------------------------------------------------------------------------- */

static void call_source(gt__job *job)
{
    gt__source *source = gt__container_of(job, gt__source, job);
    gt__progress(job->world);
    source->ready(source, source->what);
}

void gt__source_start(gt__source *source, gt_world *world, int fd, int interest,
                      void (*ready)(gt__source *source, int what))
{
    if (!world->outside)
        gt__misuse("a file descriptor cannot be waited for on a virtual clock");
    *source = (gt__source){.fd = fd, .ready = ready};
    gt__job_init(&source->job, world, call_source);
    gt__source_set(source, interest);
}

static short events_of(int interest)
{
    int events = (interest & GT_READABLE ? POLLIN : 0) | (interest & GT_WRITABLE ? POLLOUT : 0);
    return (short)events;
}

static void add_source(gt__outside *outside, gt__source *source)
{
    if (outside->count == outside->capacity) {
        outside->capacity *= 2;
        outside->fds = gt__realloc(outside->fds, outside->capacity * sizeof(*outside->fds));
        outside->sources = gt__realloc(outside->sources, outside->capacity * sizeof(gt__source *));
    }
    size_t place = outside->count++;
    outside->fds[place] = (struct pollfd){.fd = source->fd, .events = events_of(source->interest)};
    outside->sources[place] = source;
    source->slot = place + 1;
}

static void remove_source(gt__outside *outside, gt__source *source)
{
    size_t place = source->slot - 1, last = --outside->count;
    outside->fds[place] = outside->fds[last];
    outside->sources[place] = outside->sources[last];
    outside->sources[place]->slot = place + 1;
    source->slot = 0;
}

void gt__source_set(gt__source *source, int interest)
{
    gt__outside *outside = source->job.world->outside;
    source->interest = interest;
    if (!source->slot && interest)
        add_source(outside, source);
    else if (source->slot && !interest)
        remove_source(outside, source);
    else if (source->slot)
        outside->fds[source->slot - 1].events = events_of(interest);
    source->what &= interest;
    if (!source->what)
        gt__job_cancel(&source->job);
}

void gt__source_stop(gt__source *source)
{
    gt__source_set(source, 0);
}

/* Trouble is told as readiness for all that was asked: the next read or write says what it is. */
static int what_is_ready(const struct pollfd *fd, int interest)
{
    int what = (fd->revents & POLLIN ? GT_READABLE : 0) | (fd->revents & POLLOUT ? GT_WRITABLE : 0);
    return fd->revents & (POLLERR | POLLHUP | POLLNVAL) ? interest : what & interest;
}

static int schedule_ready(gt__outside *outside)
{
    int scheduled = 0;
    for (size_t i = 1; i < outside->count; i++) {
        gt__source *source = outside->sources[i];
        source->what = what_is_ready(&outside->fds[i], source->interest);
        if (source->what) {
            gt__job_schedule(&source->job);
            scheduled++;
        }
    }
    return scheduled;
}

/* ---- looking ------------------------------------------------------------------------------- */

/* poll's milliseconds from now to `until`, rounded up so as never to wake too early. */
static int poll_timeout(const gt__outside *outside, gt_time until)
{
    if (until == GT_NEVER)
        return -1;
    gt_duration rest = until - gt__real_now(outside);
    if (rest <= 0)
        return 0;
    gt_duration rounded = (rest + GT_MS(1) - 1) / GT_MS(1);
    return rounded > 60000 ? 60000 : (int)rounded;
}

bool gt__outside_poll(gt_world *world, gt_time until)
{
    gt__outside *outside = world->outside;
    int found;
    do /* anew each time: signals may come faster than the time-out passes */
        found = poll(outside->fds, outside->count, poll_timeout(outside, until));
    while (found < 0 && errno == EINTR);
    gt__move_time(world, gt__real_now(outside));
    if (found <= 0)
        return false;
    if (outside->fds[0].revents)
        answer_bell(outside);
    return schedule_ready(outside) > 0 || outside->due;
}

void gt__outside_turn(gt_world *world)
{
    gt_time before = world->now;
    if (++world->outside->turns % TURNS_PER_LOOK)
        return;
    gt__outside_poll(world, 0);
    world->progress += world->now - before;
}

/* ---- life ---------------------------------------------------------------------------------- */

gt__outside *gt__outside_new(gt_world *world)
{
    gt__outside *outside = gt__new(gt__outside);
    outside->world = world;
    outside->origin = monotonic();
    outside->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (outside->bell < 0)
        gt__misuse("no eventfd for a world with the real clock: %s", strerror(errno));
    outside->capacity = 8;
    outside->fds = gt__calloc(outside->capacity, sizeof(*outside->fds));
    outside->sources = gt__calloc(outside->capacity, sizeof(gt__source *));
    outside->fds[0] = (struct pollfd){.fd = outside->bell, .events = POLLIN};
    outside->count = 1;
    gt__job_init(&outside->run_posts, world, run_posts);
    return outside;
}

void gt__outside_free(gt__outside *outside)
{
    if (!outside)
        return;
    collect_posts(outside);
    while (outside->due) {
        post *first = outside->due;
        outside->due = first->next;
        gt__free(first);
    }
    close(outside->bell);
    gt__free(outside->fds);
    gt__free(outside->sources);
    gt__free(outside);
}

/* ---- a task that waits for a descriptor ---------------------------------------------------- */

static void wake_task(gt__source *source, int what)
{
    gt__fd_wait *wait = gt__container_of(source, gt__fd_wait, source);
    gt__source_stop(source);
    wait->ready = what;
    gt__wake(wait->task, 0);
}

int gt_wait_fd(gt_world *world, gt_context *context, gt_time deadline, int fd, int interest)
{
    gt_task *task = gt__enter_task(world, "gt_wait_fd");
    if (!world->outside)
        gt__misuse("gt_wait_fd: a file descriptor cannot be waited for on a virtual clock");
    int error = gt__wait_error(task, context, deadline);
    if (error)
        return error;
    if (!task->fd_wait) {
        task->fd_wait = gt__new(gt__fd_wait);
        task->fd_wait->task = task;
    }
    gt__source_start(&task->fd_wait->source, world, fd, interest, wake_task);
    error = gt__task_wait(task, context, deadline, "a file descriptor", NULL);
    return error ? error : task->fd_wait->ready;
}
