/* A client that knows nothing of grpctest, on bare nghttp2, attached by bytes. */
#include "../bare_nghttp2/demo.h"
#include "acts.h"
#include "show.h"

#include <stdlib.h>

void act_bytes(void)
{
    show_heading("A client on bare nghttp2, attached by bytes",
                 "No line of grpctest is in it. Its bytes go in and out of one end of a pipe, and "
                 "the test moves the clock.");
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    gt_time ended = 0;

    show_begin();
    bool passed = out && bare_client_demo(out, &ended) == 0;

    if (out)
        fclose(out);
    show_text(text ? text : "");
    free(text);
    show_verdict(passed, ended);
}
