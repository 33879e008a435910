#include "coding.h"

#include <grpctest/error.h>
#include <stdio.h>

enum { MOST_DIGITS = 8 };

typedef struct unit {
    char letter;
    int64_t length_ns;
} unit;

/* Finest first: the order in which the encoder tries them. */
static const unit units[] = {
    {'n', 1},          {'u', 1000},        {'m', 1000000},
    {'S', 1000000000}, {'M', 60000000000}, {'H', 3600000000000},
};

static const unit *unit_of(char letter)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (units[i].letter == letter)
            return &units[i];
    return NULL;
}

void gt__timeout_encode(gt_duration timeout, char out[GT__TIMEOUT_SIZE])
{
    /* The longest gt_duration is 2,562,048 hours, so the last unit always fits. */
    const unit *u = units;
    int64_t count = timeout > 0 ? timeout : 0;
    while (count > 99999999) {
        u++;
        count = timeout / u->length_ns + (timeout % u->length_ns != 0);
    }
    snprintf(out, GT__TIMEOUT_SIZE, "%u%c", (unsigned)count, u->letter);
}

int gt__timeout_decode(const char *text, size_t size, gt_duration *timeout)
{
    if (size < 2 || size > MOST_DIGITS + 1)
        return GT_EINVAL;
    int64_t count = 0;
    for (size_t i = 0; i < size - 1; i++) {
        if (text[i] < '0' || text[i] > '9')
            return GT_EINVAL;
        count = count * 10 + (text[i] - '0');
    }
    const unit *u = unit_of(text[size - 1]);
    if (!u)
        return GT_EINVAL;
    *timeout = count > GT_NEVER / u->length_ns ? GT_NEVER : count * u->length_ns;
    return 0;
}
