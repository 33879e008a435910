/* Linked into every test program: standard output goes out line by line also into a pipe, so that
 * ci/totals can read cmocka's lines between those of standard error. */
#include <stdio.h>

__attribute__((constructor)) static void buffer_lines(void)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}
