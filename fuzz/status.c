/* grpc-status and grpc-message (rules T1, T3, T7): whatever is read, what is written reads back. */
#include "engine/core/coding.h"
#include "fuzz.h"

#include <grpctest/status.h>

#include <stdio.h>

/* Rule T3: printable ASCII goes out, and comes back as it was. */
static void check_message(const char *text, size_t size)
{
    gt_buffer coded = {0};
    gt__percent_encode(&coded, text, size);
    for (size_t i = 0; i < coded.size; i++)
        FUZZ_CHECK(coded.data[i] >= 0x20 && coded.data[i] <= 0x7e, "byte %u is sent",
                   coded.data[i]);
    char *back = gt__percent_decode((const char *)coded.data, coded.size);
    FUZZ_CHECK(strlen(back) == size && memcmp(back, text, size) == 0, "\"%s\" came back",
               gt_buffer_text(&coded));
    gt__free(back);
    gt_buffer_cleanup(&coded);
}

static void check_decoded(const uint8_t *data, size_t size)
{
    char *text = gt__percent_decode((const char *)data, size);
    FUZZ_CHECK(strlen(text) <= 3 * size, "%zu bytes became %zu", size, strlen(text));
    check_message(text, strlen(text));
    gt__free(text);
}

static void check_code(const uint8_t *data, size_t size)
{
    bool exact;
    char expected[12];
    int code = gt__status_decode((const char *)data, size, &exact);
    FUZZ_CHECK(code >= 0 && code <= 16, "the code %d", code);
    int length = snprintf(expected, sizeof expected, "%d", code);
    bool same = gt_bytes_equal(gt_bytes_of(data, size), gt_bytes_of(expected, (size_t)length));
    FUZZ_CHECK(exact == same, "%d is%s exact", code, exact ? "" : " not");
}

static void check_format(const uint8_t *data, size_t size)
{
    size_t half = size / 2;
    char *message = gt__strndup((const char *)data, half);
    gt_status status = {.code = size > 0 ? (gt_code)(data[0] % 20) : GT_OK,
                        .message = message,
                        .details = gt_bytes_of(size > 0 ? data + half : NULL, size - half)};
    char *text = gt_status_format(&status);
    FUZZ_CHECK(text && !strchr(text, '\n'), "a status of many lines");
    FUZZ_CHECK(gt_status_equal(&status, &status), "a status differs from itself");
    gt_code code;
    (void)!gt_code_from_name(message, &code);
    gt_free(text);
    gt__free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_memory_begin();
    check_code(data, size);
    check_decoded(data, size);
    check_message((const char *)data, size > 0 ? strnlen((const char *)data, size) : 0);
    check_format(data, size);
    fuzz_memory_end();
    return 0;
}
