/* Two messages, field by field, in the order of their numbers. Counting alone (no text) is how
 * elements are matched that may come in any order. */
#include "message.h"

#include "map_entries.h"
#include "path_text.h"
#include "protobufc_field.h"
#include "text_format.h"
#include <grpctest/error.h>
#include <grpctest/protobufc.h>

#define MOST_LINES 20

struct diff {
    gt_diff_options options;
    gt__buffer *out; /* NULL: only count, and no further than to the first */
    gt__buffer path;
    size_t count;
};

static void diff_messages(struct diff *diff, const gt_message_type *type,
                          const ProtobufCMessage *expected, const ProtobufCMessage *actual);

/* ---- lines ---------------------------------------------------------------------------------- */

/* Begins a line and tells whether there is to be one. */
static bool begin_line(struct diff *diff)
{
    diff->count++;
    if (!diff->out || diff->count > MOST_LINES)
        return false;
    if (diff->path.size > 0)
        gt__buffer_printf(diff->out, "%s: ", gt_buffer_text(&diff->path));
    return true;
}

static void add_value(struct diff *diff, const gt__field *field, const void *value)
{
    if (value)
        gt__text_write_value(diff->out, field->pb, value);
    else
        gt__buffer_add_text(diff->out, "nothing");
}

/* One value differs; NULL is nothing. */
static void report(struct diff *diff, const gt__field *field, const void *expected,
                   const void *actual)
{
    if (!begin_line(diff))
        return;
    gt__buffer_add_text(diff->out, "expected ");
    add_value(diff, field, expected);
    gt__buffer_add_text(diff->out, ", got ");
    add_value(diff, field, actual);
    gt__buffer_add_text(diff->out, "\n");
}

static bool is_decided(const struct diff *diff)
{
    return !diff->out && diff->count > 0;
}

/* ---- values --------------------------------------------------------------------------------- */

static bool reals_equal(double a, double b)
{
    bool both_nan = a != a && b != b;
    return both_nan || !(a < b || a > b || a != a || b != b);
}

static bool scalars_equal(ProtobufCType type, const void *a, const void *b)
{
    if (type == PROTOBUF_C_TYPE_FLOAT)
        return reals_equal((double)*(const float *)a, (double)*(const float *)b);
    if (type == PROTOBUF_C_TYPE_DOUBLE)
        return reals_equal(*(const double *)a, *(const double *)b);
    if (type == PROTOBUF_C_TYPE_STRING)
        return gt_bytes_equal(gt_bytes_str(*(const char *const *)a),
                              gt_bytes_str(*(const char *const *)b));
    if (type == PROTOBUF_C_TYPE_BYTES) {
        const ProtobufCBinaryData *left = a, *right = b;
        return gt_bytes_equal(gt_bytes_of(left->data, left->len),
                              gt_bytes_of(right->data, right->len));
    }
    return memcmp(a, b, gt__value_size(type)) == 0;
}

static const ProtobufCMessage *message_at(const void *value)
{
    return *(const ProtobufCMessage *const *)value;
}

static void diff_values(struct diff *diff, const gt__field *field, const void *expected,
                        const void *actual)
{
    if (field->message && message_at(expected) && message_at(actual))
        diff_messages(diff, field->message, message_at(expected), message_at(actual));
    else if (field->message ? message_at(expected) != message_at(actual)
                            : !scalars_equal(field->pb->type, expected, actual))
        report(diff, field, expected, actual);
}

static void diff_single(struct diff *diff, const gt__field *field, const ProtobufCMessage *expected,
                        const ProtobufCMessage *actual)
{
    bool is_expected = gt__field_is_set(expected, field->pb);
    bool is_there = gt__field_is_set(actual, field->pb);
    const void *want = is_expected ? gt__field_value(expected, field->pb) : NULL;
    const void *got = is_there ? gt__field_value(actual, field->pb) : NULL;
    if (!is_expected && (diff->options.partial || !is_there))
        return;
    /* Without presence of its own, what is not there is zero. */
    bool plain = field->pb->label == PROTOBUF_C_LABEL_NONE &&
                 !(field->pb->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) && !field->message;
    if (plain && !is_there)
        got = gt__field_value(actual, field->pb);
    if (plain && !is_expected)
        want = gt__field_value(expected, field->pb);
    if (want && got)
        diff_values(diff, field, want, got);
    else
        report(diff, field, want, got);
}

/* ---- lists ---------------------------------------------------------------------------------- */

static void diff_element(struct diff *diff, const gt__field *field,
                         const ProtobufCMessage *expected, const ProtobufCMessage *actual, size_t i)
{
    const ProtobufCFieldDescriptor *pb = field->pb;
    const void *want =
        i < gt__field_count(expected, pb) ? gt__field_element(expected, pb, i) : NULL;
    const void *got = i < gt__field_count(actual, pb) ? gt__field_element(actual, pb, i) : NULL;
    size_t length = gt__path_add_index(&diff->path, i);
    if (want && got)
        diff_values(diff, field, want, got);
    else
        report(diff, field, want, got);
    gt__path_cut(&diff->path, length);
}

static void diff_in_order(struct diff *diff, const gt__field *field,
                          const ProtobufCMessage *expected, const ProtobufCMessage *actual)
{
    size_t want = gt__field_count(expected, field->pb), got = gt__field_count(actual, field->pb);
    for (size_t i = 0; i < (want > got ? want : got) && !is_decided(diff); i++)
        diff_element(diff, field, expected, actual, i);
}

/* ---- lists in any order ---------------------------------------------------------------------- */

#define NOBODY SIZE_MAX

/* Expected and actual elements, and who goes with whom. In partial comparison an element may fit
 * several, so that one that has a partner may have to leave it to another and find a new one: a
 * search in breadth, as a chain of such moves can be as long as the list. */
struct pairing {
    const struct diff *diff;
    const gt__field *field;
    const ProtobufCMessage *expected, *actual;
    size_t want, got;
    size_t *of_want, *of_got; /* partners */
    size_t *queue;            /* of expected elements that look for a partner */
    size_t *asked_by;         /* of each actual element: who found it in this search */
};

static bool fit(const struct pairing *pairing, size_t want, size_t got)
{
    struct diff probe = {.options = pairing->diff->options};
    diff_values(&probe, pairing->field,
                gt__field_element(pairing->expected, pairing->field->pb, want),
                gt__field_element(pairing->actual, pairing->field->pb, got));
    gt__buffer_cleanup(&probe.path);
    return probe.count == 0;
}

/* Each on the way back to where the search began takes what it asked for. */
static void move_partners(struct pairing *pairing, size_t got, size_t first)
{
    for (;;) {
        size_t want = pairing->asked_by[got], left = pairing->of_want[want];
        pairing->of_got[got] = want;
        pairing->of_want[want] = got;
        if (want == first)
            return;
        got = left;
    }
}

/* Where elements are equal or not, one that is taken by an equal one needs no second look. */
static void find_partner(struct pairing *pairing, size_t first)
{
    size_t head = 0, tail = 0;
    for (size_t i = 0; i < pairing->got; i++)
        pairing->asked_by[i] = NOBODY;
    pairing->queue[tail++] = first;
    while (head < tail) {
        size_t want = pairing->queue[head++];
        for (size_t i = 0; i < pairing->got; i++) {
            if (pairing->asked_by[i] != NOBODY || !fit(pairing, want, i))
                continue;
            pairing->asked_by[i] = want;
            if (pairing->of_got[i] == NOBODY) {
                move_partners(pairing, i, first);
                return;
            }
            if (pairing->diff->options.partial)
                pairing->queue[tail++] = pairing->of_got[i];
        }
    }
}

static void pair_all(struct pairing *pairing)
{
    memset(pairing->of_want, 0xff, pairing->want * sizeof(size_t));
    memset(pairing->of_got, 0xff, pairing->got * sizeof(size_t));
    for (size_t i = 0; i < pairing->want; i++)
        find_partner(pairing, i);
}

static void report_alone(struct diff *diff, const struct pairing *pairing)
{
    const ProtobufCFieldDescriptor *pb = pairing->field->pb;
    for (size_t i = 0; i < pairing->want && !is_decided(diff); i++)
        if (pairing->of_want[i] == NOBODY)
            report(diff, pairing->field, gt__field_element(pairing->expected, pb, i), NULL);
    for (size_t i = 0; i < pairing->got && !is_decided(diff); i++) {
        if (pairing->of_got[i] != NOBODY)
            continue;
        size_t length = gt__path_add_index(&diff->path, i);
        report(diff, pairing->field, NULL, gt__field_element(pairing->actual, pb, i));
        gt__path_cut(&diff->path, length);
    }
}

static void diff_in_any_order(struct diff *diff, const gt__field *field,
                              const ProtobufCMessage *expected, const ProtobufCMessage *actual)
{
    size_t want = gt__field_count(expected, field->pb), got = gt__field_count(actual, field->pb);
    size_t *room = gt__calloc(2 * (want + got) + 1, sizeof *room);
    struct pairing pairing = {.diff = diff,
                              .field = field,
                              .expected = expected,
                              .actual = actual,
                              .want = want,
                              .got = got,
                              .of_want = room,
                              .queue = room + want,
                              .of_got = room + 2 * want,
                              .asked_by = room + 2 * want + got};
    pair_all(&pairing);
    report_alone(diff, &pairing);
    gt__free(room);
}

/* ---- maps ----------------------------------------------------------------------------------- */

static void diff_entries(struct diff *diff, const gt__field *map, const gt__map_entry *expected,
                         const gt__map_entry *actual)
{
    const gt__field *value = &map->message->fields[1];
    bool quoted = map->message->fields[0].pb->type == PROTOBUF_C_TYPE_STRING;
    const char *key = expected ? expected->key : actual->key;
    size_t length = diff->path.size;
    if (quoted)
        gt__path_add_key(&diff->path, key);
    else
        gt__buffer_printf(&diff->path, "[%s]", key);
    const void *want = expected ? gt__field_value(expected->message, value->pb) : NULL;
    const void *got = actual ? gt__field_value(actual->message, value->pb) : NULL;
    if (want && got)
        diff_values(diff, value, want, got);
    else
        report(diff, value, want, got);
    gt__path_cut(&diff->path, length);
}

static void diff_maps(struct diff *diff, const gt__field *map, const ProtobufCMessage *expected,
                      const ProtobufCMessage *actual)
{
    size_t want_count, got_count;
    gt__map_entry *want = gt__map_read(map, expected, &want_count);
    gt__map_entry *got = gt__map_read(map, actual, &got_count);
    for (size_t i = 0; i < want_count && !is_decided(diff); i++)
        if (!want[i].replaced)
            diff_entries(diff, map, &want[i], gt__map_find(got, got_count, want[i].key));
    for (size_t i = 0; i < got_count && !diff->options.partial && !is_decided(diff); i++)
        if (!got[i].replaced && !gt__map_find(want, want_count, got[i].key))
            diff_entries(diff, map, NULL, &got[i]);
    gt__free(want);
    gt__free(got);
}

/* ---- what has no field ----------------------------------------------------------------------- */

static bool unknown_equal(const ProtobufCMessageUnknownField *a,
                          const ProtobufCMessageUnknownField *b)
{
    return a->tag == b->tag && a->wire_type == b->wire_type &&
           gt_bytes_equal(gt_bytes_of(a->data, a->len), gt_bytes_of(b->data, b->len));
}

static void add_unknown(struct diff *diff, const ProtobufCMessageUnknownField *field)
{
    if (!field) {
        gt__buffer_add_text(diff->out, "nothing");
        return;
    }
    gt__buffer_printf(diff->out, "%lu: ", (unsigned long)field->tag);
    gt__text_write_unknown(diff->out, field);
}

static void diff_unknown(struct diff *diff, const ProtobufCMessageUnknownField *expected,
                         const ProtobufCMessageUnknownField *actual)
{
    if ((expected && actual && unknown_equal(expected, actual)) || !begin_line(diff))
        return;
    gt__buffer_add_text(diff->out, "expected the unknown field ");
    add_unknown(diff, expected);
    gt__buffer_add_text(diff->out, ", got ");
    add_unknown(diff, actual);
    gt__buffer_add_text(diff->out, "\n");
}

static void diff_all_unknown(struct diff *diff, const ProtobufCMessage *expected,
                             const ProtobufCMessage *actual)
{
    unsigned want = expected->n_unknown_fields, got = actual->n_unknown_fields;
    unsigned count = diff->options.partial || want > got ? want : got;
    for (unsigned i = 0; i < count && !is_decided(diff); i++)
        diff_unknown(diff, i < want ? &expected->unknown_fields[i] : NULL,
                     i < got ? &actual->unknown_fields[i] : NULL);
}

/* ---- Any ------------------------------------------------------------------------------------ */

static ProtobufCMessage *unpack_any(const gt_message_type *type, const ProtobufCMessage *any)
{
    ProtobufCMessage *inner = NULL;
    const ProtobufCBinaryData *value = gt__field_value(any, &type->pb->fields[1]);
    const char *url = *(const char *const *)gt__field_value(any, &type->pb->fields[0]);
    const gt_message_type *in = url ? gt__types_of_url(type->types, url) : NULL;
    if (in &&
        gt_protobufc_unpack(in->pb, gt_bytes_of(value->data, value->len), NULL, &inner, NULL) != 0)
        return NULL;
    return inner;
}

/* By fields, when both are of one known type; tells whether they were. */
static bool diff_anys(struct diff *diff, const gt_message_type *type,
                      const ProtobufCMessage *expected, const ProtobufCMessage *actual)
{
    if (type->known != GT__KNOWN_ANY ||
        !scalars_equal(PROTOBUF_C_TYPE_STRING, gt__field_value(expected, &type->pb->fields[0]),
                       gt__field_value(actual, &type->pb->fields[0])))
        return false;
    ProtobufCMessage *want = unpack_any(type, expected), *got = unpack_any(type, actual);
    bool both = want && got;
    if (both) {
        const char *url = *(const char *const *)gt__field_value(expected, &type->pb->fields[0]);
        size_t length = diff->path.size;
        gt__buffer_printf(&diff->path, "%s[%s]", length > 0 ? "." : "", url);
        diff_messages(diff, gt__types_of_url(type->types, url), want, got);
        gt__path_cut(&diff->path, length);
    }
    gt_protobufc_release(want);
    gt_protobufc_release(got);
    return both;
}

/* ---- messages ------------------------------------------------------------------------------- */

static void diff_repeated(struct diff *diff, const gt__field *field,
                          const ProtobufCMessage *expected, const ProtobufCMessage *actual)
{
    if (diff->options.partial && gt__field_count(expected, field->pb) == 0)
        return;
    if (field->is_map)
        diff_maps(diff, field, expected, actual);
    else if (diff->options.any_order)
        diff_in_any_order(diff, field, expected, actual);
    else
        diff_in_order(diff, field, expected, actual);
}

static void diff_messages(struct diff *diff, const gt_message_type *type,
                          const ProtobufCMessage *expected, const ProtobufCMessage *actual)
{
    if (diff_anys(diff, type, expected, actual))
        return;
    for (unsigned i = 0; i < type->pb->n_fields && !is_decided(diff); i++) {
        const gt__field *field = &type->fields[i];
        size_t length = gt__path_add_name(&diff->path, field->pb->name);
        if (field->pb->label == PROTOBUF_C_LABEL_REPEATED)
            diff_repeated(diff, field, expected, actual);
        else
            diff_single(diff, field, expected, actual);
        gt__path_cut(&diff->path, length);
    }
    diff_all_unknown(diff, expected, actual);
}

size_t gt_message_diff(gt_message *expected, gt_message *actual, const gt_diff_options *options,
                       gt_buffer *text)
{
    if (expected->type->pb != actual->type->pb)
        gt__misuse("gt_message_diff: a %s is compared with a %s", expected->type->name,
                   actual->type->name);
    struct diff diff = {.out = text};
    if (options)
        diff.options = *options;
    diff_messages(&diff, expected->type, expected->pb, actual->pb);
    gt__buffer_cleanup(&diff.path);
    if (text && diff.count > MOST_LINES)
        gt__buffer_printf(text, "... and %zu more\n", diff.count - MOST_LINES);
    return diff.count;
}
