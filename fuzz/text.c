/* Text format: what is read can be written, on one line or many, and is read back as the same. */
#include "described.h"

static void check_round(const gt_message_type *type, gt_bytes bytes, bool multiline)
{
    gt_buffer text = {0}, back = {0};
    int failed =
        gt_text_format(type, bytes, &(gt_text_options){.multiline = multiline}, &text, NULL);
    FUZZ_CHECK(!failed, "what was read cannot be written");
    FUZZ_CHECK(multiline || !strchr(gt_buffer_text(&text), '\n'), "a line of many");
    failed = gt_text_parse(type, gt_buffer_text(&text), &back, NULL);
    FUZZ_CHECK(!failed, "what was written cannot be read: %s", gt_buffer_text(&text));
    described_check_same(type, bytes, gt_buffer_bytes(&back), gt_buffer_text(&text));
    gt_buffer_cleanup(&text);
    gt_buffer_cleanup(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {.bytes = gt_bytes_of(data, size)};
    const gt_message_type *type = described_type(fuzz_byte(&in));
    fuzz_memory_begin();
    char *text = described_text(&in);
    gt_buffer bytes = {0};
    gt_message_error error;
    int failed = gt_text_parse(type, text, &bytes, &error);
    described_check_error(failed, &error);
    if (!failed) {
        check_round(type, gt_buffer_bytes(&bytes), false);
        check_round(type, gt_buffer_bytes(&bytes), true);
    }
    gt_buffer_cleanup(&bytes);
    gt__free(text);
    fuzz_memory_end();
    return 0;
}
