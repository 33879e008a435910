#include "described.h"

gt_types *described_types(void)
{
    static gt_types *types;
    if (types)
        return types;
    gt_message_error error;
    types = gt_types_new();
    if (gt_types_add_set_file(types, KINDS_SET, &error) != 0)
        fuzz_find(__FILE__, __LINE__, "%s", error.text);
    return types;
}

const gt_message_type *described_type(uint8_t which)
{
    static const char *const names[] = {
        "kinds.All",   "rich.Known",        "rich.Maps",  "rich.Presence",
        "rich.Sparse", "rich_old.Defaults", "rich.Named", "google.protobuf.Value",
    };
    return gt_types_message(described_types(), names[which % 8]);
}

char *described_text(fuzz_input *in)
{
    gt_bytes rest = fuzz_rest(in);
    return gt__strndup((const char *)rest.data, rest.size);
}

void described_check_error(int failed, gt_message_error *error)
{
    FUZZ_CHECK(failed ? error->text && error->text[0] && error->field : !error->text,
               "error %d, text %s", failed, error->text);
    gt_message_error_cleanup(error);
}

void described_check_same(const gt_message_type *type, gt_bytes one, gt_bytes other,
                          const char *text)
{
    gt_message *left, *right;
    gt_buffer difference = {0};
    int failed = gt_message_unpack(type, one, &left, NULL);
    FUZZ_CHECK(!failed, "what was written is no message: %s", text);
    failed = gt_message_unpack(type, other, &right, NULL);
    FUZZ_CHECK(!failed, "what was written again is no message: %s", text);
    size_t count = gt_message_diff(left, right, NULL, &difference);
    FUZZ_CHECK(count == 0, "%s\nreads back with\n%s", text, gt_buffer_text(&difference));
    gt_buffer_cleanup(&difference);
    gt_message_free(left);
    gt_message_free(right);
}
