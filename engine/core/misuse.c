#include "core.h"

#include <stdio.h>
#include <stdlib.h>

void gt__misuse(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("grpctest: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}
