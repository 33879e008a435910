/* Bytes that mean harm in bulk: cut, nested, many, mutated. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/core.h"
#include "kinds.pb-c.h"
#include "kinds_old.pb-c.h"
#include "kinds_sample.h"
#include <grpctest/error.h>
#include <grpctest/protobufc.h>

#define ALL &kinds__all__descriptor
#define OLD &kinds_old__old__descriptor

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

static void add_varint(gt__buffer *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        gt__buffer_add(out, &(uint8_t){(uint8_t)(value | 0x80)}, 1);
    gt__buffer_add(out, &(uint8_t){(uint8_t)value}, 1);
}

/* String, bytes, message, packed numbers, a map's entry, and a run that nobody knows. */
static void a_length_that_lies_is_refused_however_large(void **state)
{
    (void)state;
    static const char *const tags[] = {"\x7a",     "\x82\x01", "\x8a\x01",
                                       "\xaa\x01", "\xd2\x01", "\x82\x04"};
    static const uint64_t lengths[] = {
        1,
        INT32_MAX,
        (uint64_t)INT32_MAX + 1,
        UINT32_MAX,
        (uint64_t)1 << 32,
        INT64_MAX - 8,
        (uint64_t)1 << 63,
        UINT64_MAX - 1,
        UINT64_MAX,
    };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        for (size_t j = 0; j < sizeof lengths / sizeof *lengths; j++) {
            gt__buffer bytes = {0};
            gt__buffer_add_text(&bytes, tags[i]);
            add_varint(&bytes, lengths[j]);
            assert_int_equal(unpack_and_drop(ALL, span_of(&bytes), NULL), GT_EINVAL);
            gt__buffer_cleanup(&bytes);
        }
    }
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
    assert_int_equal(unpack_and_drop(ALL, gt_bytes_of(bytes, 2 * FIELDS + 2), NULL), GT_ETOOBIG);
    gt__free(bytes);
}

/* ---- mutations ------------------------------------------------------------------------------ */

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
        assert_null(strstr(reason, "protobuf-c"));
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
        cmocka_unit_test(a_message_cut_at_any_byte_unpacks_or_is_refused),
        cmocka_unit_test(a_length_that_lies_is_refused_however_large),
        cmocka_unit_test(nesting_a_hundred_thousand_deep_is_refused),
        cmocka_unit_test(groups_a_hundred_thousand_deep_are_refused),
        cmocka_unit_test(a_million_fields_are_the_limit),
        cmocka_unit_test(twenty_thousand_mutations_do_no_harm),
    };
    return cmocka_run_group_tests_name("protobufc_hostile", tests, NULL, NULL);
}
