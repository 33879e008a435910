/* The demo: what grpctest does, act by act. Real peers follow in conformance/, by ci/demo. */
#include "acts.h"
#include "show.h"

#include <stdio.h>

int main(void)
{
    printf("grpctest %s: gRPC in one process, on one thread, in virtual time\n", gt_version());
    act_unary();
    act_chat();
    act_deadline();
    act_bytes();
    return show_failed();
}
