#include "coding.h"

#include "core.h"
#include <grpctest/error.h>
#include <grpctest/status.h>

static const char *const names[] = {
#define NAME(name, number) [number] = #name,
    GT_CODE_LIST(NAME)
#undef NAME
};

enum { CODES = sizeof names / sizeof names[0] };

const char *gt_code_name(gt_code code)
{
    return (unsigned)code < CODES ? names[code] : names[GT_UNKNOWN];
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

int gt__status_decode(const char *text, size_t size, bool *exact)
{
    int code = 0;
    *exact = false;
    if (size == 0)
        return GT_UNKNOWN;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return GT_UNKNOWN;
        code = code * 10 + (text[i] - '0');
        if (code >= CODES)
            return GT_UNKNOWN;
    }
    *exact = size == 1 || text[0] != '0';
    return code;
}

bool gt_status_equal(const gt_status *a, const gt_status *b)
{
    return a->code == b->code && strcmp(a->message, b->message) == 0 &&
           gt_bytes_equal(a->details, b->details);
}

char *gt_status_format(const gt_status *status)
{
    gt__buffer text = {0};
    gt__buffer_add_text(&text, gt_code_name(status->code));
    if (status->message[0]) {
        gt__buffer_add_text(&text, " ");
        gt__buffer_quote(&text, gt_bytes_str(status->message));
    }
    if (status->details.size > 0)
        gt__buffer_printf(&text, " with %zu byte%s of details", status->details.size,
                          status->details.size == 1 ? "" : "s");
    return gt__buffer_take_text(&text);
}
