/* Measures ours against the floor: rounds in turn, so that what disturbs the machine disturbs both,
 * and the median of each. Time is the processor's, since nothing here waits for anything.
 *   grpctest_bench [--json] [--rounds N] [--quick]
 *   grpctest_bench --run ROW ours|floor COUNT    does it COUNT times and measures nothing: for
 *                                                profilers and counters of instructions */
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 31, QUICK = 100 };

typedef struct row {
    const char *name, *unit;
    bench_way way;
    bench_payload payload;
    size_t count; /* in one round */
    double scale; /* of the unit, in what is done once */
    int decimals;
} row;

static const row rows[] = {
    {"unary", "calls/s", BENCH_UNARY, BENCH_NOTE, 4000, 1, 0},
    {"ping_pong", "round trips/s", BENCH_PING_PONG, BENCH_NOTE, 15000, 1, 0},
    {"stream_16b", "messages/s", BENCH_STREAM, BENCH_NOTE, 40000, 1, 0},
    {"stream_16b_ready", "messages/s", BENCH_STREAM_READY, BENCH_NOTE, 40000, 1, 0},
    {"stream_64k", "GB/s", BENCH_STREAM_READY, BENCH_BLOCK, 1500, 65536e-9, 2},
    {"fixture", "fixtures/s", BENCH_FIXTURE, BENCH_NOTE, 600, 1, 0},
    {"idle_call_bytes", "bytes", BENCH_IDLE, BENCH_NOTE, 10000, 1, 0},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

typedef struct options {
    bool json, quick;
    size_t rounds;
} options;

typedef struct results {
    double *ours[ROWS], *floor[ROWS]; /* by round */
} results;

/* ---- what is compared is comparable -------------------------------------------------------------
 */

void bench_keep(struct bench_sent *sent, const void *data, size_t size)
{
    size_t room = sizeof sent->data - sent->size;
    size_t kept = size < room ? size : room;
    memcpy(sent->data + sent->size, data, kept);
    sent->size += kept;
}

static bool same(const struct bench_sent *a, const struct bench_sent *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* The floor repeats by hand what the library sends: dies where it has not followed. */
static void require_same_bytes(void)
{
    bench_bytes ours = {.client.size = 0}, floor = {.client.size = 0};
    bench_ours.record(&ours);
    bench_floor.record(&floor);
    if (!same(&ours.client, &floor.client))
        bench_die("the floor's client does not send what the library's sends: bring floor.c up to "
                  "date");
    if (!same(&ours.server, &floor.server))
        bench_die("the floor's server does not send what the library's sends: bring floor.c up to "
                  "date");
}

/* ---- one measurement --------------------------------------------------------------------------
 */

static double processor_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double measure_rate(const row *r, const bench_subject *subject, size_t count)
{
    void *state = subject->open(r->way, r->payload);
    subject->run(state, count / 10 + 1);
    double began = processor_seconds();
    subject->run(state, count);
    double took = processor_seconds() - began;
    subject->close(state);
    return r->scale * (double)count / took;
}

static double resident_bytes(void)
{
    unsigned long total, resident;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu %lu", &total, &resident) != 2)
        bench_die("/proc/self/statm cannot be read");
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

/* What each of `count` idle calls adds to the process's resident memory. */
static double measure_memory_here(const row *r, const bench_subject *subject, size_t count)
{
    void *state = subject->open(r->way, r->payload);
    double before = resident_bytes();
    subject->run(state, count);
    double grown = resident_bytes() - before;
    subject->close(state);
    return grown / (double)count;
}

/* In a process of its own: this one's heap has free memory left by what ran before. */
static double measure_memory(const row *r, const bench_subject *subject, size_t count)
{
    int ends[2], status;
    double bytes;
    if (pipe(ends) != 0)
        bench_die("no pipe");
    pid_t child = fork();
    if (child == 0) {
        bytes = measure_memory_here(r, subject, count);
        exit(write(ends[1], &bytes, sizeof bytes) == sizeof bytes ? 0 : 1);
    }
    close(ends[1]);
    bool told = child > 0 && read(ends[0], &bytes, sizeof bytes) == sizeof bytes;
    close(ends[0]);
    if (!told || waitpid(child, &status, 0) != child || status != 0)
        bench_die("the process that measures memory failed");
    return bytes;
}

static double measure(const row *r, const bench_subject *subject, bool quick)
{
    size_t count = quick ? r->count / QUICK : r->count;
    return r->way == BENCH_IDLE ? measure_memory(r, subject, count)
                                : measure_rate(r, subject, count);
}

/* ---- rounds -----------------------------------------------------------------------------------
 */

static void run_round(const options *o, results *all, size_t round)
{
    for (size_t i = 0; i < ROWS; i++) {
        /* Who goes first changes, as the first finds the caches colder. */
        if (round % 2 == 0)
            all->floor[i][round] = measure(&rows[i], &bench_floor, o->quick);
        all->ours[i][round] = measure(&rows[i], &bench_ours, o->quick);
        if (round % 2 == 1)
            all->floor[i][round] = measure(&rows[i], &bench_floor, o->quick);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* ---- what is said -----------------------------------------------------------------------------
 */

static void print_json(size_t i, double ours, double floor)
{
    printf("%s\n  {\"name\": \"%s\", \"unit\": \"%s\", \"value\": %.*f, \"floor\": %.*f, "
           "\"ratio\": %.3f}",
           i == 0 ? "[" : ",", rows[i].name, rows[i].unit, rows[i].decimals, ours, rows[i].decimals,
           floor, ours / floor);
    if (i == ROWS - 1)
        puts("\n]");
}

static void print_line(size_t i, double ours, double floor)
{
    if (i == 0)
        printf("%-18s %-14s %12s %12s %8s\n", "", "", "ours", "floor", "ratio");
    printf("%-18s %-14s %12.*f %12.*f %8.3f\n", rows[i].name, rows[i].unit, rows[i].decimals, ours,
           rows[i].decimals, floor, ours / floor);
}

static void measure_all(const options *o)
{
    results all;
    for (size_t i = 0; i < ROWS; i++) {
        all.ours[i] = calloc(o->rounds, sizeof *all.ours[i]);
        all.floor[i] = calloc(o->rounds, sizeof *all.floor[i]);
    }
    for (size_t round = 0; round < o->rounds; round++)
        run_round(o, &all, round);
    for (size_t i = 0; i < ROWS; i++) {
        double ours = median(all.ours[i], o->rounds), floor = median(all.floor[i], o->rounds);
        if (o->json)
            print_json(i, ours, floor);
        else
            print_line(i, ours, floor);
        free(all.ours[i]);
        free(all.floor[i]);
    }
}

/* ---- the command ------------------------------------------------------------------------------
 */

_Noreturn static void usage(void)
{
    bench_die("usage: grpctest_bench [--json] [--rounds N] [--quick] | "
              "--run ROW ours|floor COUNT");
}

static size_t number(const char *text)
{
    char *end;
    unsigned long value = text ? strtoul(text, &end, 10) : 0;
    if (value == 0 || *end != '\0')
        usage();
    return value;
}

static void run_alone(char **arguments)
{
    const bench_subject *subject = strcmp(arguments[1], "floor") == 0 ? &bench_floor : &bench_ours;
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, arguments[0]) != 0)
            continue;
        void *state = subject->open(rows[i].way, rows[i].payload);
        subject->run(state, number(arguments[2]));
        subject->close(state);
        return;
    }
    usage();
}

int main(int argc, char **argv)
{
    options o = {.rounds = ROUNDS};
    if (argc == 5 && strcmp(argv[1], "--run") == 0) {
        run_alone(argv + 2);
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            o.json = true;
        else if (strcmp(argv[i], "--quick") == 0)
            o.quick = true;
        else if (strcmp(argv[i], "--rounds") == 0)
            o.rounds = number(argv[++i]);
        else
            usage();
    }
    require_same_bytes();
    measure_all(&o);
    return 0;
}
