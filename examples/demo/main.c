/* The demo: a tour of the scenarios, act by act. Real peers follow in conformance/, by ci/demo.
 *
 *     grpctest_demo           shows all; the exit status is how many acts failed
 *     grpctest_demo --count   tells how many there are */
#include "acts.h"
#include "show.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    static void (*const acts[])(void) = {
#define DEMO_ACT(name) act_##name,
        DEMO_ACT_LIST(DEMO_ACT)
#undef DEMO_ACT
    };
    const int count = sizeof acts / sizeof *acts;
    if (argc == 2 && strcmp(argv[1], "--count") == 0) {
        printf("%d\n", count);
        return 0;
    }
    printf("grpctest %s: gRPC in one process, on one thread, in virtual time\n", gt_version());
    for (int i = 0; i < count; i++)
        acts[i]();
    return show_failed();
}
