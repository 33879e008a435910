/* Unpacking within limits, round trips, and bytes that mean harm in bulk. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "kinds.pb-c.h"
#include "kinds_old.pb-c.h"
#include <grpctest/error.h>
#include <grpctest/protobufc.h>

#define BYTES(literal) gt_bytes_of("" literal, sizeof(literal) - 1)
#define ALL &kinds__all__descriptor
#define OLD &kinds_old__old__descriptor

/* ---- samples -----------------------------------------------------------------------------------
 */

static gt__buffer pack(const ProtobufCMessage *message)
{
    const gt_codec *codec = gt_protobufc_codec();
    gt__buffer out = {0};
    size_t size = codec->packed_size(message->descriptor, message);
    codec->pack(message->descriptor, message, gt__buffer_extend(&out, size));
    return out;
}

/* A message with something in every field; `all->child` and so on are the caller's. */
static gt__buffer pack_sample(void)
{
    Kinds__All child = KINDS__ALL__INIT, all = KINDS__ALL__INIT;
    Kinds__All__AgesEntry age = KINDS__ALL__AGES_ENTRY__INIT;
    age.key = (char *)"jane";
    age.value = 30;
    child.text = (char *)"h\xc3\xa9llo";
    child.choice_case = KINDS__ALL__CHOICE_WORD;
    child.word = (char *)"w";
    all.i32 = -1;
    all.s32 = -2;
    all.sf32 = -3;
    all.i64 = -4;
    all.s64 = -5;
    all.sf64 = -6;
    all.u32 = 7;
    all.f32 = 8;
    all.u64 = UINT64_MAX;
    all.f64 = 10;
    all.real = 0.5f;
    all.precise = 0.25;
    all.flag = 1;
    all.color = KINDS__COLOR__BLUE;
    all.text = (char *)"text";
    all.blob = (ProtobufCBinaryData){3, (uint8_t *)"a\0\xff"};
    all.child = &child;
    all.numbers = (int32_t[]){1, -1, 300};
    all.n_numbers = 3;
    all.texts = (char *[]){(char *)"", (char *)"b"};
    all.n_texts = 2;
    all.children = (Kinds__All *[]){&child, &child};
    all.n_children = 2;
    all.reals = (double[]){0, 0.5};
    all.n_reals = 2;
    all.colors = (Kinds__Color[]){KINDS__COLOR__RED};
    all.n_colors = 1;
    all.ages = (Kinds__All__AgesEntry *[]){&age};
    all.n_ages = 1;
    all.blobs = (ProtobufCBinaryData[]){{1, (uint8_t *)"x"}, {0, NULL}};
    all.n_blobs = 2;
    all.fixed = (uint32_t[]){1, 2};
    all.n_fixed = 2;
    all.choice_case = KINDS__ALL__CHOICE_MESSAGE;
    all.message = &child;
    return pack(&all.base);
}

static gt__buffer pack_old_sample(void)
{
    KindsOld__Child child = KINDS_OLD__CHILD__INIT;
    KindsOld__Old old = KINDS_OLD__OLD__INIT;
    child.name = (char *)"jane";
    child.has_age = 1;
    old.id = 5;
    old.has_count = 1;
    old.text = (char *)"text";
    old.has_blob = 1;
    old.blob = (ProtobufCBinaryData){2, (uint8_t *)"\0b"};
    old.child = &child;
    old.children = (KindsOld__Child *[]){&child};
    old.n_children = 1;
    old.has_size = 1;
    old.size = KINDS_OLD__SIZE__SMALL;
    return pack(&old.base);
}

static gt_bytes span_of(const gt__buffer *buffer)
{
    return gt_bytes_of(buffer->data, buffer->size);
}

static int unpack_and_drop(const ProtobufCMessageDescriptor *descriptor, gt_bytes bytes,
                           const gt_protobufc_limits *limits)
{
    ProtobufCMessage *message;
    int error = gt_protobufc_unpack(descriptor, bytes, limits, &message, NULL);
    assert_true((error == 0) == (message != NULL));
    gt_protobufc_release(message);
    return error;
}

static void assert_refused(const ProtobufCMessageDescriptor *descriptor, gt_bytes bytes,
                           const gt_protobufc_limits *limits, int expected_error,
                           const char *expected_reason)
{
    ProtobufCMessage *message;
    char *reason;
    int error = gt_protobufc_unpack(descriptor, bytes, limits, &message, &reason);
    assert_int_equal(error, expected_error);
    assert_string_equal(reason, expected_reason);
    assert_null(message);
    gt_free(reason);
}

/* ---- the ordinary ------------------------------------------------------------------------------
 */

static void assert_comes_back(const ProtobufCMessageDescriptor *descriptor, gt__buffer *packed)
{
    const gt_codec *codec = gt_protobufc_codec();
    void *message;
    char *reason;

    assert_int_equal(codec->unpack(descriptor, span_of(packed), &message, &reason), 0);
    assert_null(reason);
    gt__buffer again = pack(message);
    assert_true(gt_bytes_equal(span_of(&again), span_of(packed)));

    codec->release(descriptor, message);
    gt__buffer_cleanup(&again);
    gt__buffer_cleanup(packed);
}

static void a_message_of_every_kind_of_field_comes_back(void **state)
{
    (void)state;
    gt__buffer packed = pack_sample();

    assert_comes_back(ALL, &packed);
}

static void a_proto2_message_comes_back(void **state)
{
    (void)state;
    gt__buffer packed = pack_old_sample();

    assert_comes_back(OLD, &packed);
}

static void an_empty_message_comes_back(void **state)
{
    (void)state;
    Kinds__Nothing nothing = KINDS__NOTHING__INIT;
    gt__buffer packed = pack(&nothing.base);

    assert_int_equal(packed.size, 0);
    assert_comes_back(&kinds__nothing__descriptor, &packed);
}

static void unknown_fields_survive_the_round_trip(void **state)
{
    (void)state;
    gt__buffer packed = {0};
    gt__buffer_add(&packed, "\xa0\x06\x05\xa2\x06\x02hi", 8);

    assert_comes_back(&kinds__nothing__descriptor, &packed);
}

static void a_message_with_unknown_groups_unpacks(void **state)
{
    (void)state;
    gt_bytes bytes = BYTES("\x08\x05\xa3\x06\x08\x01\xa4\x06\x10\x04");
    ProtobufCMessage *message;
    char *reason;

    assert_int_equal(gt_protobufc_unpack(ALL, bytes, NULL, &message, &reason), 0);
    const Kinds__All *all = (const Kinds__All *)message;
    assert_int_equal(all->i32, 5);
    assert_int_equal(all->s32, 2);
    assert_int_equal(message->n_unknown_fields, 1);
    assert_int_equal(message->unknown_fields[0].tag, 100);
    gt_protobufc_release(message);
}

static void the_codec_is_named_for_the_content_type(void **state)
{
    (void)state;
    gt_type type = gt_pb(ALL);

    assert_string_equal(type.codec->name, "proto");
    assert_ptr_equal(type.descriptor, ALL);
}

static void the_codec_formats(void **state)
{
    (void)state;
    Kinds__All all = KINDS__ALL__INIT;
    all.i32 = 5;
    char *text = gt_protobufc_codec()->format(ALL, &all);

    assert_string_equal(text, "i32: 5");
    gt_free(text);
}

/* ---- refusals ------------------------------------------------------------------------------ */

static void a_refusal_names_field_and_byte(void **state)
{
    (void)state;

    assert_refused(ALL, BYTES("\x8a\x01\x04\x7a\x02z\xff"), NULL, GT_EINVAL,
                   "kinds.All field child.text at byte 6: a string that is not UTF-8");
}

static void a_refusal_needs_no_place_for_its_reason(void **state)
{
    (void)state;

    assert_int_equal(unpack_and_drop(ALL, BYTES("\x02"), NULL), GT_EINVAL);
}

static void releasing_nothing_is_harmless(void **state)
{
    (void)state;

    gt_protobufc_release(NULL);
}

static void nesting_a_hundred_deep_is_the_limit(void **state)
{
    (void)state;
    Kinds__All levels[102];
    for (size_t i = 0; i < 102; i++) {
        kinds__all__init(&levels[i]);
        levels[i].child = i > 0 ? &levels[i - 1] : NULL;
    }
    gt__buffer inside = pack(&levels[100].base), beyond = pack(&levels[101].base);

    assert_int_equal(unpack_and_drop(ALL, span_of(&inside), NULL), 0);
    assert_int_equal(unpack_and_drop(ALL, span_of(&beyond), NULL), GT_ETOOBIG);

    gt__buffer_cleanup(&inside);
    gt__buffer_cleanup(&beyond);
}

static void a_message_over_its_memory_is_refused(void **state)
{
    (void)state;
    const gt_protobufc_limits limits = {.max_memory = 1000};
    uint8_t bytes[1200] = {0x82, 0x01, 0xac, 0x09}; /* blob, 1,196 bytes long */

    assert_refused(ALL, gt_bytes_of(bytes, sizeof bytes), &limits, GT_ETOOBIG,
                   "kinds.All: unpacking it takes more than 1000 bytes of memory");
}

/* protobuf-c is told "no memory" at each of its allocations in turn; it must give back what it had
 * (the tools see whether it does). */
static void every_budget_short_of_enough_is_refused_cleanly(void **state)
{
    (void)state;
    gt__buffer packed = pack_sample();
    size_t budget = 16;
    int error;
    do {
        const gt_protobufc_limits limits = {.max_memory = budget};
        error = unpack_and_drop(ALL, span_of(&packed), &limits);
        assert_true(error == 0 || error == GT_ETOOBIG);
        budget += 16;
    } while (error);

    assert_in_range(budget, 2000, 20000);
    gt__buffer_cleanup(&packed);
}

/* ---- hostile in bulk ---------------------------------------------------------------------------
 */

/* Fields follow one another, so a cut between two leaves a valid message; a cut anywhere else does
 * not. */
static void a_message_cut_at_any_byte_unpacks_or_is_refused(void **state)
{
    (void)state;
    gt__buffer packed = pack_sample();
    unsigned unpacked = 0;
    for (size_t size = 0; size < packed.size; size++) {
        int error = unpack_and_drop(ALL, gt_bytes_of(packed.data, size), NULL);
        assert_true(error == 0 || error == GT_EINVAL);
        unpacked += error == 0;
    }

    assert_int_equal(unpacked, 30); /* one per field on the outer level, and the empty message */
    gt__buffer_cleanup(&packed);
}

/* The innermost length is 0, each one outwards counts what is inside it. */
static void nesting_a_hundred_thousand_deep_is_refused(void **state)
{
    (void)state;
    enum { DEPTH = 100000, LEVEL = 6 };
    uint8_t *bytes = gt__malloc(DEPTH * LEVEL);
    for (size_t i = 0; i < DEPTH; i++) {
        size_t inside = (DEPTH - 1 - i) * LEVEL;
        uint8_t *level = bytes + i * LEVEL;
        level[0] = 0x8a;
        level[1] = 0x01;
        level[2] = (uint8_t)(inside | 0x80);
        level[3] = (uint8_t)(inside >> 7 | 0x80);
        level[4] = (uint8_t)(inside >> 14 | 0x80);
        level[5] = (uint8_t)(inside >> 21 & 0x7f);
    }

    int error = unpack_and_drop(ALL, gt_bytes_of(bytes, DEPTH * LEVEL), NULL);

    assert_int_equal(error, GT_ETOOBIG);
    gt__free(bytes);
}

static void groups_a_hundred_thousand_deep_are_refused(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    uint8_t *bytes = gt__malloc(2 * DEPTH);
    for (size_t i = 0; i < DEPTH; i++)
        memcpy(bytes + 2 * i, "\xa3\x06", 2);

    int error = unpack_and_drop(ALL, gt_bytes_of(bytes, 2 * DEPTH), NULL);

    assert_int_equal(error, GT_ETOOBIG);
    gt__free(bytes);
}

static void a_million_fields_are_the_limit(void **state)
{
    (void)state;
    enum { FIELDS = 1000000 };
    uint8_t *bytes = gt__malloc(2 * FIELDS + 2);
    for (size_t i = 0; i < FIELDS + 1; i++)
        memcpy(bytes + 2 * i, "\x08\x01", 2);

    assert_int_equal(unpack_and_drop(ALL, gt_bytes_of(bytes, 2 * FIELDS), NULL), 0);
    assert_refused(ALL, gt_bytes_of(bytes, 2 * FIELDS + 2), NULL, GT_ETOOBIG,
                   "kinds.All at byte 2000000: more than 1000000 fields");
    gt__free(bytes);
}

/* ---- mutations ---------------------------------------------------------------------------------
 */

/* Changes a few bytes: another value, one bit, a run repeated, removed or cut off. */
static void mutate(gt__random *random, gt__buffer *bytes)
{
    uint64_t changes = 1 + gt__random_below(random, 4);
    for (uint64_t i = 0; i < changes && bytes->size > 1; i++) {
        size_t at = (size_t)gt__random_below(random, bytes->size);
        size_t run = (size_t)gt__random_below(random, bytes->size - at);
        switch (gt__random_below(random, 5)) {
        case 0:
            bytes->data[at] = (uint8_t)gt__random_next(random);
            break;
        case 1:
            bytes->data[at] ^= (uint8_t)(1u << gt__random_below(random, 8));
            break;
        case 2:
            gt__buffer_extend(bytes, run);
            memmove(bytes->data + at + run, bytes->data + at, bytes->size - run - at);
            break;
        case 3:
            memmove(bytes->data + at, bytes->data + at + run, bytes->size - at - run);
            bytes->size -= run;
            break;
        default:
            bytes->size = at;
            break;
        }
    }
}

/* Whatever a mutation makes of a message, it is unpacked or refused with a reason that is the
 * guard's own: the guard knows all that protobuf-c refuses. What is unpacked can be shown, and
 * packs into what unpacks again. */
static bool unpacks(const ProtobufCMessageDescriptor *descriptor, gt_bytes bytes)
{
    ProtobufCMessage *message;
    char *reason;
    int error = gt_protobufc_unpack(descriptor, bytes, NULL, &message, &reason);
    if (error) {
        assert_int_equal(error, GT_EINVAL);
        assert_null(strstr(reason, "protobuf-c refuses"));
        gt_free(reason);
        return false;
    }
    gt_free(gt_protobufc_format(message));
    gt__buffer again = pack(message);
    assert_int_equal(unpack_and_drop(descriptor, span_of(&again), NULL), 0);
    gt__buffer_cleanup(&again);
    gt_protobufc_release(message);
    return true;
}

static void run_mutations(const ProtobufCMessageDescriptor *descriptor, const gt__buffer *sample,
                          unsigned rounds)
{
    gt__random random;
    gt__random_init(&random, 1, "mutations");
    unsigned unpacked = 0;
    for (unsigned i = 0; i < rounds; i++) {
        gt__buffer bytes = {0};
        gt__buffer_add(&bytes, sample->data, sample->size);
        mutate(&random, &bytes);
        /* In a block of its own size, so that the tools see a read past the end. */
        uint8_t *exact = gt__memdup(bytes.data, bytes.size);
        unpacked += unpacks(descriptor, gt_bytes_of(exact, bytes.size));
        gt__free(exact);
        gt__buffer_cleanup(&bytes);
    }
    assert_in_range(unpacked, rounds / 100, rounds - rounds / 100); /* both happen */
}

static void twenty_thousand_mutations_do_no_harm(void **state)
{
    (void)state;
    gt__buffer sample = pack_sample(), old_sample = pack_old_sample();

    run_mutations(ALL, &sample, 14000);
    run_mutations(OLD, &old_sample, 6000);

    gt__buffer_cleanup(&sample);
    gt__buffer_cleanup(&old_sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_of_every_kind_of_field_comes_back),
        cmocka_unit_test(a_proto2_message_comes_back),
        cmocka_unit_test(an_empty_message_comes_back),
        cmocka_unit_test(unknown_fields_survive_the_round_trip),
        cmocka_unit_test(a_message_with_unknown_groups_unpacks),
        cmocka_unit_test(the_codec_is_named_for_the_content_type),
        cmocka_unit_test(the_codec_formats),
        cmocka_unit_test(a_refusal_names_field_and_byte),
        cmocka_unit_test(a_refusal_needs_no_place_for_its_reason),
        cmocka_unit_test(releasing_nothing_is_harmless),
        cmocka_unit_test(nesting_a_hundred_deep_is_the_limit),
        cmocka_unit_test(a_message_over_its_memory_is_refused),
        cmocka_unit_test(every_budget_short_of_enough_is_refused_cleanly),
        cmocka_unit_test(a_message_cut_at_any_byte_unpacks_or_is_refused),
        cmocka_unit_test(nesting_a_hundred_thousand_deep_is_refused),
        cmocka_unit_test(groups_a_hundred_thousand_deep_are_refused),
        cmocka_unit_test(a_million_fields_are_the_limit),
        cmocka_unit_test(twenty_thousand_mutations_do_no_harm),
    };
    return cmocka_run_group_tests_name("protobufc_codec", tests, NULL, NULL);
}
