/* FileDescriptorSets that mean harm: taken whole or not at all, and what is taken can be used. */
#include "described.h"

/* The bytes as a message of the type, if they are one, and all that can be made of it. */
static void use_type(const gt_message_type *type, gt_bytes bytes)
{
    gt_buffer text = {0}, json = {0};
    gt_message *message;
    gt_message_error error;
    if (gt_message_unpack(type, bytes, &message, NULL) == 0) {
        FUZZ_CHECK(gt_message_diff(message, message, NULL, NULL) == 0, "it differs from itself");
        FUZZ_CHECK(gt_text_format(type, bytes, NULL, &text, NULL) == 0, "it has no text");
        described_check_error(gt_json_format(type, bytes, NULL, &json, &error), &error);
        gt_message_free(message);
    }
    gt_buffer_cleanup(&text);
    gt_buffer_cleanup(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_memory_begin();
    gt_types *types = gt_types_new();
    gt_message_error error;
    int failed = gt_types_add_set(types, gt_bytes_of(data, size), &error);
    described_check_error(failed, &error);
    FUZZ_CHECK(!failed || gt_types_method_count(types) == 0, "refused, and kept in part");
    for (size_t i = 0; i < gt_types_method_count(types); i++) {
        const gt_method_type *method = gt_types_method_at(types, i);
        FUZZ_CHECK(gt_types_method(types, method->path) == method, "%s is lost", method->path);
        use_type(method->input, gt_bytes_of(data, size));
        use_type(method->output, gt_bytes_of(data, size));
    }
    if (!failed) {
        int again = gt_types_add_set(types, gt_bytes_of(data, size), NULL);
        FUZZ_CHECK(!again, "the same set is refused");
    }
    gt_types_free(types);
    fuzz_memory_end();
    return 0;
}
