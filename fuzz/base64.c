/* base64 of "-bin" values (rule D2): bytes survive, and just what is base64 is taken for it. */
#include "engine/core/coding.h"
#include "fuzz.h"

#include <grpctest/error.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Padded or not, whole groups or a rest of two or three digits. */
static bool is_base64(gt_bytes text)
{
    size_t digits = text.size, pads = 0;
    while (digits > 0 && text.data[digits - 1] == '=') {
        digits--;
        pads++;
    }
    for (size_t i = 0; i < digits; i++) {
        if (text.data[i] == 0 || !strchr(alphabet, text.data[i]))
            return false;
    }
    return digits % 4 != 1 && (pads == 0 || (pads < 3 && digits % 4 + pads == 4));
}

static void check_bytes(gt_bytes bytes)
{
    gt_buffer text = {0}, back = {0};
    gt__base64_encode(&text, bytes);
    FUZZ_CHECK(text.size == (bytes.size * 4 + 2) / 3, "%zu bytes in %zu digits", bytes.size,
               text.size);
    FUZZ_CHECK(gt__base64_decode(&back, (const char *)text.data, text.size) == 0 &&
                   gt_bytes_equal(gt_buffer_bytes(&back), bytes),
               "\"%s\" does not come back", gt_buffer_text(&text));
    while (text.size % 4 > 0)
        gt_buffer_add(&text, gt_bytes_str("="));
    gt_buffer_clear(&back);
    FUZZ_CHECK(gt__base64_decode(&back, (const char *)text.data, text.size) == 0 &&
                   gt_bytes_equal(gt_buffer_bytes(&back), bytes),
               "\"%s\" does not come back", gt_buffer_text(&text));
    gt_buffer_cleanup(&text);
    gt_buffer_cleanup(&back);
}

static void check_text(gt_bytes text)
{
    gt_buffer bytes = {0};
    gt_buffer_add(&bytes, gt_bytes_str("before"));
    int error = gt__base64_decode(&bytes, (const char *)text.data, text.size);
    FUZZ_CHECK((error == 0) == is_base64(text), "decode gives %d", error);
    FUZZ_CHECK(error == 0 || (error == GT_EINVAL && bytes.size == 6), "error %d adds bytes", error);
    FUZZ_CHECK(bytes.size >= 6 && memcmp(bytes.data, "before", 6) == 0, "what was there is gone");
    gt_buffer_cleanup(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_memory_begin();
    check_text(gt_bytes_of(data, size));
    check_bytes(gt_bytes_of(data, size));
    fuzz_memory_end();
    return 0;
}
