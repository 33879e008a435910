/* Sends so many MiB of each kind of hostile input at our server or client and says what memory that
 * took at most. Each kind has a process of its own.
 *   grpctest_hostile [--mib N] [KIND...]
 * Exit status 1 when a kind took more than its limit, or a server did not serve the next client. */
#include "attack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1024 * 1024 };

static double resident_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static int run(const attack_kind *kind, uint64_t mib)
{
    double before = resident_mib();
    attack_result result = attack_run(kind, mib * MIB);
    printf("%-28s %-7s %6.1f %8zu %10.2f %10.1f %10.2f\n", kind->name,
           kind->on_client ? "client" : "server", (double)result.sent / MIB, result.connections,
           (double)result.peak / MIB, resident_mib() - before, (double)kind->limit / MIB);
    fflush(stdout);
    return result.peak > kind->limit || !result.survived;
}

static int run_alone(const attack_kind *kind, uint64_t mib)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        exit(run(kind, mib));
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        printf("%s: the process did not survive it\n", kind->name);
        return 1;
    }
    return WEXITSTATUS(status);
}

static void require_kinds(char **names)
{
    for (; *names; names++) {
        size_t i = 0;
        while (i < attack_kind_count && strcmp(attack_kinds[i].name, *names) != 0)
            i++;
        if (i == attack_kind_count) {
            fprintf(stderr, "grpctest_hostile: there is no kind \"%s\"\n", *names);
            exit(2);
        }
    }
}

static bool is_asked_for(const attack_kind *kind, char **names)
{
    if (!*names)
        return true;
    while (*names && strcmp(*names, kind->name) != 0)
        names++;
    return *names != NULL;
}

int main(int argc, char **argv)
{
    uint64_t mib = 100;
    int worst = 0;
    if (argc > 2 && strcmp(argv[1], "--mib") == 0) {
        mib = strtoull(argv[2], NULL, 10);
        argv += 2;
    }
    require_kinds(argv + 1);
    printf("%-28s %-7s %6s %8s %10s %10s %10s\n", "kind", "at", "MiB", "dialled", "peak MiB",
           "RSS MiB", "limit MiB");
    for (size_t i = 0; i < attack_kind_count; i++)
        if (is_asked_for(&attack_kinds[i], argv + 1))
            worst |= run_alone(&attack_kinds[i], mib);
    return worst;
}
