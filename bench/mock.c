/* What scripts cost: a unary call that a mock answers, as a ratio to the same call on a handler
 * written by hand, in turn within one run; and how long a mock looks for one of ten thousand
 * expectations.
 *   grpctest_bench_mock [--quick] */
#include <grpctest/grpctest.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 15, CALLS = 3000, MANY = 10000 };

#define METHOD "/bench.Bench/Unary"

static double seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static gt_bytes note(void)
{
    return gt_bytes_str("a note of 32 bytes, or nearly so");
}

static int answer(gt_call *call, void *user)
{
    gt_bytes request;
    (void)user;
    int error = gt_call_recv(call, &request);
    return error ? error : gt_call_send(call, note());
}

/* The time of one call, in seconds. */
static double measure(gt_rig *rig, const char *method, int calls)
{
    double began = seconds();
    for (int i = 0; i < calls; i++)
        gt_call_free(gt_unary(rig->channel, method, note(), NULL));
    return (seconds() - began) / calls;
}

static double by_hand(int calls)
{
    gt_rig *rig = gt_rig_new(NULL);
    gt_server_handle(rig->server, METHOD, GT_UNARY, answer, NULL);
    double took = measure(rig, METHOD, calls);
    gt_rig_free(rig);
    return took;
}

static double by_script(int calls)
{
    gt_rig *rig = gt_rig_new(NULL);
    gt_any_times(GT_ON(rig->mock, METHOD, gt_expect_bytes(note()), gt_send_bytes(note())));
    double took = measure(rig, METHOD, calls);
    gt_rig_free(rig);
    return took;
}

/* The same with ten thousand methods expected, of which one is called. */
static double among_many(int calls)
{
    char method[64];
    gt_rig *rig = gt_rig_new(NULL);
    for (int i = 0; i < MANY; i++) {
        snprintf(method, sizeof method, "/bench.Bench/Method%d", i);
        gt_any_times(GT_ON(rig->mock, method, gt_expect_bytes(note()), gt_send_bytes(note())));
    }
    double took = measure(rig, "/bench.Bench/Method7777", calls);
    gt_rig_free(rig);
    return took;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[count / 2];
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    int rounds = quick ? 1 : ROUNDS, calls = quick ? 10 : CALLS;
    double hand[ROUNDS], script[ROUNDS], many[ROUNDS];
    for (int i = 0; i < rounds; i++) {
        hand[i] = by_hand(calls);
        script[i] = by_script(calls);
        many[i] = among_many(calls);
    }
    double base = median(hand, rounds), mocked = median(script, rounds);
    printf("mock_unary      %.2f of the time by hand (%.2f us)\n", mocked / base, base * 1e6);
    printf("mock_match_10k  %.2f us more than with one expectation\n",
           (median(many, rounds) - mocked) * 1e6);
    return 0;
}
