#include <grpctest/error.h>
#include <grpctest/status.h>

static const char *const names[] = {
#define NAME(name, number) [number] = #name,
    GT_CODE_LIST(NAME)
#undef NAME
};

enum { CODES = sizeof names / sizeof names[0] };

const char *gt_code_name(int code)
{
    return code >= 0 && code < CODES ? names[code] : names[GT_UNKNOWN];
}

int gt_code_from_name(const char *name, gt_code *code)
{
    for (int i = 0; i < CODES; i++) {
        if (strcmp(name, names[i]) == 0) {
            *code = (gt_code)i;
            return 0;
        }
    }
    return GT_EINVAL;
}
