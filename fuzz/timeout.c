/* grpc-timeout (rule R5): what is read can be written and read again, and grows by rounding alone.
 */
#include "engine/core/coding.h"
#include "fuzz.h"

#include <grpctest/error.h>

/* Written and read back: never shorter, and at most one unit of eight digits longer. */
static void check_written(gt_duration timeout)
{
    char text[GT__TIMEOUT_SIZE], again[GT__TIMEOUT_SIZE];
    gt_duration back, twice;
    gt__timeout_encode(timeout, text);
    FUZZ_CHECK(gt__timeout_decode(text, strlen(text), &back) == 0, "\"%s\" is not read", text);
    if (timeout <= 0) {
        FUZZ_CHECK(back == 0, "%lld became %lld", (long long)timeout, (long long)back);
        return;
    }
    FUZZ_CHECK(back >= timeout, "%lld was cut to \"%s\"", (long long)timeout, text);
    FUZZ_CHECK(timeout < 100000000 ? back == timeout : back - timeout <= timeout / 1000,
               "%lld grew to \"%s\"", (long long)timeout, text);
    gt__timeout_encode(back, again);
    FUZZ_CHECK(gt__timeout_decode(again, strlen(again), &twice) == 0 && twice == back,
               "\"%s\" became \"%s\"", text, again);
}

static bool is_well_formed(gt_bytes text)
{
    size_t digits = 0;
    while (digits < text.size && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    return digits >= 1 && digits <= 8 && digits + 1 == text.size && text.data[digits] != 0 &&
           strchr("HMSmun", text.data[digits]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gt_duration timeout = -1;
    int error = gt__timeout_decode((const char *)data, size, &timeout);
    FUZZ_CHECK((error == 0) == is_well_formed(gt_bytes_of(data, size)), "decode gives %d", error);
    FUZZ_CHECK(error == 0 || error == GT_EINVAL, "decode gives %d", error);
    FUZZ_CHECK(error != 0 || timeout >= 0, "a time-out of %lld", (long long)timeout);
    if (error == 0)
        check_written(timeout);
    if (size >= sizeof timeout) {
        memcpy(&timeout, data, sizeof timeout);
        check_written(timeout);
    }
    return 0;
}
