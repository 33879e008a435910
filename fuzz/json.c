/* JSON: what is read can be written, and is read back as the same; and bytes that are a message are
 * written or refused, with a reason. */
#include "described.h"

static void check_round(const gt_message_type *type, gt_bytes bytes, const gt_json_options *options)
{
    gt_buffer json = {0}, back = {0};
    gt_message_error error;
    int failed = gt_json_format(type, bytes, options, &json, &error);
    FUZZ_CHECK(!failed, "what was read cannot be written: %s", error.text);
    failed = gt_json_parse(type, gt_buffer_text(&json), NULL, &back, &error);
    FUZZ_CHECK(!failed, "%s cannot be read: %s", gt_buffer_text(&json), error.text);
    described_check_same(type, bytes, gt_buffer_bytes(&back), gt_buffer_text(&json));
    gt_buffer_cleanup(&json);
    gt_buffer_cleanup(&back);
}

static void check_reading(const gt_message_type *type, const char *json)
{
    gt_buffer bytes = {0}, ignored = {0};
    gt_message_error error;
    int failed = gt_json_parse(type, json, NULL, &bytes, &error);
    described_check_error(failed, &error);
    if (!failed) {
        check_round(type, gt_buffer_bytes(&bytes), NULL);
        check_round(type, gt_buffer_bytes(&bytes),
                    &(gt_json_options){.multiline = true,
                                       .emit_defaults = true,
                                       .proto_names = true,
                                       .enum_numbers = true});
    }
    gt_json_read_options ignore = {.ignore_unknown = true};
    int forgiven = gt_json_parse(type, json, &ignore, &ignored, NULL);
    FUZZ_CHECK(!forgiven || failed, "refused only where unknown fields are passed over");
    gt_buffer_cleanup(&bytes);
    gt_buffer_cleanup(&ignored);
}

static void check_writing(const gt_message_type *type, gt_bytes bytes)
{
    gt_buffer json = {0}, back = {0};
    gt_message_error error;
    int failed = gt_json_format(type, bytes, NULL, &json, &error);
    described_check_error(failed, &error);
    FUZZ_CHECK(!failed || json.size == 0, "what is refused leaves %s", gt_buffer_text(&json));
    if (!failed) {
        failed = gt_json_parse(type, gt_buffer_text(&json), NULL, &back, &error);
        FUZZ_CHECK(!failed, "%s cannot be read: %s", gt_buffer_text(&json), error.text);
    }
    gt_buffer_cleanup(&back);
    gt_buffer_cleanup(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {.bytes = gt_bytes_of(data, size)};
    uint8_t how = fuzz_byte(&in);
    const gt_message_type *type = described_type(how);
    fuzz_memory_begin();
    if (how & 0x80) {
        check_writing(type, fuzz_rest(&in));
    } else {
        char *json = described_text(&in);
        check_reading(type, json);
        gt__free(json);
    }
    fuzz_memory_end();
    return 0;
}
