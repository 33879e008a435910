/* Messages as text, for matchers and steps. */
#include "match_inside.h"

gt_bytes gt__message_parse(const char *text, const gt__origin *origin, const char *function)
{
    gt_buffer bytes = {0};
    gt_message_error error;
    if (!origin->type)
        gt__misuse("%s:%d: %s(\"%s\"): the types of this method are not known; gt_use_types tells "
                   "them",
                   origin->file, origin->line, function, text);
    if (gt_text_parse(origin->type, text, &bytes, &error) != 0)
        gt__misuse("%s:%d: %s: %s", origin->file, origin->line, function, error.text);
    return gt_buffer_bytes(&bytes);
}

static bool format(const gt_message_type *type, gt_bytes message, gt__buffer *text)
{
    return gt_text_format(type, message, NULL, text, NULL) == 0;
}

bool gt__message_equal(const gt_message_type *type, gt_bytes a, gt_bytes b)
{
    gt__buffer x = {0}, y = {0};
    bool equal = gt_bytes_equal(a, b) || (format(type, a, &x) && format(type, b, &y) &&
                                          gt_bytes_equal(gt_buffer_bytes(&x), gt_buffer_bytes(&y)));
    gt__buffer_cleanup(&x);
    gt__buffer_cleanup(&y);
    return equal;
}

enum { SHOWN = 1000 };

void gt__message_print(const gt_message_type *type, gt_bytes message, gt__buffer *out)
{
    gt__buffer text = {0};
    if (!format(type, message, &text))
        gt__print_quoted(message, out);
    else if (text.size == 0)
        gt__buffer_add_text(out, "{}");
    else if (text.size > SHOWN)
        gt__buffer_printf(out, "{ %.*s... (%zu bytes) }", SHOWN, gt_buffer_text(&text),
                          message.size);
    else
        gt__buffer_printf(out, "{ %s }", gt_buffer_text(&text));
    gt__buffer_cleanup(&text);
}
