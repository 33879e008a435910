#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "types_kit.h"

gt_types *types;

int types_setup(void **state)
{
    (void)state;
    gt_message_error error;
    types = gt_types_new();
    if (gt_types_add_set_file(types, KINDS_SET, &error) != 0)
        fail_msg("%s", error.text);
    return 0;
}

int types_teardown(void **state)
{
    (void)state;
    gt_types_free(types);
    return 0;
}

const gt_message_type *type_of(const char *name)
{
    const gt_message_type *type = gt_types_message(types, name);
    if (!type)
        fail_msg("there is no %s", name);
    return type;
}

gt_buffer bytes_of(const char *type, const char *text)
{
    gt_buffer bytes = {0};
    gt_message_error error;
    if (gt_text_parse(type_of(type), text, &bytes, &error) != 0)
        fail_msg("%s: %s", text, error.text);
    return bytes;
}

void assert_text(const char *type, gt_bytes message, const char *expected)
{
    gt_buffer text = {0};
    gt_message_error error;
    if (gt_text_format(type_of(type), message, NULL, &text, &error) != 0)
        fail_msg("%s", error.text);
    assert_string_equal(gt_buffer_text(&text), expected);
    gt_buffer_cleanup(&text);
}

void assert_text_refused(const char *type, const char *text, const char *expected)
{
    gt_buffer bytes = {0};
    gt_message_error error;
    assert_int_equal(gt_text_parse(type_of(type), text, &bytes, &error), GT_EINVAL);
    assert_string_equal(error.text, expected);
    assert_int_equal(bytes.size, 0);
    gt_message_error_cleanup(&error);
    gt_buffer_cleanup(&bytes);
}

void assert_text_becomes(const char *type, const char *text, const char *expected)
{
    gt_buffer bytes = bytes_of(type, text);
    assert_text(type, gt_buffer_bytes(&bytes), expected);
    gt_buffer_cleanup(&bytes);
}
