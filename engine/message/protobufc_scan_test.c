/* Hostile bytes, one fault each, and the sentence that each draws. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "kinds.pb-c.h"
#include "kinds_old.pb-c.h"
#include "protobufc_scan.h"
#include <grpctest/error.h>

#define BYTES(literal) gt_bytes_of("" literal, sizeof(literal) - 1)
#define ALL &kinds__all__descriptor
#define OLD &kinds_old__old__descriptor

static const gt_protobufc_limits limits = {.max_depth = 3, .max_fields = 6};

static void assert_refused(const ProtobufCMessageDescriptor *descriptor, gt_bytes bytes,
                           int expected_error, const char *expected_reason)
{
    uint8_t *rewritten;
    char *reason;
    int error = gt__protobufc_scan(descriptor, bytes, &limits, &rewritten, &reason);
    assert_int_equal(error, expected_error);
    assert_string_equal(reason, expected_reason);
    assert_null(rewritten);
    gt__free(reason);
}

static void assert_passes(const ProtobufCMessageDescriptor *descriptor, gt_bytes bytes)
{
    uint8_t *rewritten;
    char *reason;
    int error = gt__protobufc_scan(descriptor, bytes, &limits, &rewritten, &reason);
    if (error)
        fail_msg("%s", reason);
    assert_null(reason);
    assert_null(rewritten);
}

/* The scan of `bytes` hands on `expected` in their place. */
static void assert_rewritten(gt_bytes bytes, gt_bytes expected)
{
    uint8_t *rewritten;
    char *reason;
    int error = gt__protobufc_scan(ALL, bytes, &limits, &rewritten, &reason);
    assert_int_equal(error, 0);
    assert_non_null(rewritten);
    assert_int_equal(bytes.size, expected.size);
    assert_memory_equal(rewritten, expected.data, expected.size);
    gt__free(rewritten);
}

/* ---- what passes ---------------------------------------------------------------------------- */

static void no_bytes_are_an_empty_message(void **state)
{
    (void)state;

    assert_passes(ALL, gt_bytes_of(NULL, 0));
}

static void a_varint_padded_to_ten_bytes_passes(void **state)
{
    (void)state;

    assert_passes(ALL, BYTES("\x08\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00"));
    assert_passes(ALL, BYTES("\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
}

static void a_packable_field_passes_packed_and_unpacked(void **state)
{
    (void)state;

    assert_passes(ALL, BYTES("\xaa\x01\x03\x01\x96\x01"));         /* numbers: declared packed */
    assert_passes(ALL, BYTES("\xa8\x01\x01\xa8\x01\x02"));         /* numbers, one by one */
    assert_passes(ALL, BYTES("\xc2\x01\x08\0\0\0\0\0\0\xf0\x3f")); /* reals: declared unpacked */
    assert_passes(ALL, BYTES("\xc1\x01\0\0\0\0\0\0\xf0\x3f"));
}

static void unknown_fields_of_every_plain_wire_type_pass(void **state)
{
    (void)state;

    assert_passes(ALL, BYTES("\xa0\x06\x01"                /* 100: varint */
                             "\xa1\x06\0\0\0\0\0\0\0\0"    /* 100: 64-bit */
                             "\xa2\x06\x02\xff\x00"        /* 100: length-delimited */
                             "\xa5\x06\0\0\0\0"            /* 100: 32-bit */
                             "\xf8\xff\xff\xff\x0f\x01")); /* the highest number there is */
}

static void nesting_to_the_limit_passes(void **state)
{
    (void)state;

    assert_passes(ALL, BYTES("\x8a\x01\x06\x8a\x01\x03\x8a\x01\x00"));
}

static void as_many_fields_as_the_limit_pass(void **state)
{
    (void)state;

    assert_passes(ALL, BYTES("\x08\0\x08\0\x08\0\x08\0\x08\0\x08\0"));
}

static void elements_of_a_packed_field_are_no_fields(void **state)
{
    (void)state;

    assert_passes(ALL, BYTES("\xaa\x01\x08\1\2\3\4\5\6\7\x08"));
}

static void a_required_field_with_a_default_may_be_missing(void **state)
{
    (void)state;

    assert_passes(OLD, BYTES("\x08\x01"));
}

/* ---- numbers and tags ----------------------------------------------------------------------- */

static void numbers_that_are_cut_or_too_long_are_refused(void **state)
{
    (void)state;

    assert_refused(ALL, BYTES("\x08\x01\x80"), GT_EINVAL,
                   "kinds.All at byte 3: the bytes end inside a tag");
    assert_refused(ALL, BYTES("\x08"), GT_EINVAL,
                   "kinds.All field i32 at byte 1: the bytes end inside a varint");
    assert_refused(ALL, BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), GT_EINVAL,
                   "kinds.All field i32 at byte 1: a varint of more than 64 bits");
    assert_refused(ALL, BYTES("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"), GT_EINVAL,
                   "kinds.All field i32 at byte 1: a varint of more than 64 bits");
    assert_refused(ALL, BYTES("\x88\x80\x80\x80\x80\x00\x01"), GT_EINVAL,
                   "kinds.All at byte 0: a tag of more than 5 bytes");
    assert_refused(ALL, BYTES("\x88\x80\x80\x80\x10\x01"), GT_EINVAL,
                   "kinds.All at byte 0: a tag of more than 32 bits");
    assert_refused(
        ALL, BYTES("\x72\x80\x80\x80\x80\x80\x00"), GT_EINVAL,
        "kinds.All field color at byte 0: wire type length-delimited where varint is due");
    assert_refused(ALL, BYTES("\x7a\x80\x80\x80\x80\x80\x00"), GT_EINVAL,
                   "kinds.All field text at byte 1: a length of more than 5 bytes");
}

static void field_number_0_is_refused(void **state)
{
    (void)state;

    assert_refused(ALL, BYTES("\x08\x01\x02\x00"), GT_EINVAL,
                   "kinds.All at byte 2: field number 0");
}

static void wire_types_6_and_7_are_refused(void **state)
{
    (void)state;

    assert_refused(ALL, BYTES("\x0e"), GT_EINVAL,
                   "kinds.All at byte 0: wire type 6 does not exist");
    assert_refused(ALL, BYTES("\x0f"), GT_EINVAL,
                   "kinds.All at byte 0: wire type 7 does not exist");
}

/* ---- values --------------------------------------------------------------------------------- */

static void a_wire_type_other_than_the_fields_is_refused(void **state)
{
    (void)state;

    assert_refused(ALL, BYTES("\x0d\0\0\0\0"), GT_EINVAL,
                   "kinds.All field i32 at byte 0: wire type 32-bit where varint is due");
    assert_refused(ALL, BYTES("\x58\x00"), GT_EINVAL,
                   "kinds.All field real at byte 0: wire type varint where 32-bit is due");
    assert_refused(ALL, BYTES("\x60\x00"), GT_EINVAL,
                   "kinds.All field precise at byte 0: wire type varint where 64-bit is due");
    assert_refused(
        ALL, BYTES("\x79\0\0\0\0\0\0\0\0"), GT_EINVAL,
        "kinds.All field text at byte 0: wire type 64-bit where length-delimited is due");
    assert_refused(ALL, BYTES("\x0b\x0c"), GT_EINVAL,
                   "kinds.All field i32 at byte 0: wire type start of group where varint is due");
}

static void a_value_that_goes_past_the_end_is_refused(void **state)
{
    (void)state;

    assert_refused(ALL,
                   BYTES("\x7a\x05"
                         "abcd"),
                   GT_EINVAL, "kinds.All field text at byte 1: a length of 5 with 4 bytes left");
    assert_refused(ALL, BYTES("\x7a\xff\xff\xff\xff\x0f"), GT_EINVAL,
                   "kinds.All field text at byte 1: a length of 4294967295 with 0 bytes left");
    assert_refused(ALL, BYTES("\x5d\0\0\0"), GT_EINVAL,
                   "kinds.All field real at byte 1: 4 bytes are needed and 3 left");
    assert_refused(ALL, BYTES("\x61\0\0\0\0\0\0\0"), GT_EINVAL,
                   "kinds.All field precise at byte 1: 8 bytes are needed and 7 left");
}

static void a_value_must_end_with_the_message_around_it(void **state)
{
    (void)state;

    assert_refused(ALL,
                   BYTES("\x8a\x01\x03\x7a\x02"
                         "ab"),
                   GT_EINVAL,
                   "kinds.All field child.text at byte 4: a length of 2 with 1 bytes left");
    assert_refused(ALL, BYTES("\x8a\x01\x02\x08\x80\x01"), GT_EINVAL,
                   "kinds.All field child.i32 at byte 5: the bytes end inside a varint");
}

static void a_packed_run_that_breaks_off_is_refused(void **state)
{
    (void)state;

    assert_refused(ALL, BYTES("\xaa\x01\x02\x01\x80\x01"), GT_EINVAL,
                   "kinds.All field numbers at byte 5: the bytes end inside a varint");
    assert_refused(ALL, BYTES("\xe2\x01\x06\0\0\0\0\0\0"), GT_EINVAL,
                   "kinds.All field fixed at byte 7: 4 bytes are needed and 2 left");
}

static void a_string_that_is_not_utf8_is_refused_at_its_bad_byte(void **state)
{
    (void)state;

    assert_refused(ALL,
                   BYTES("\x7a\x03"
                         "a\xff"
                         "b"),
                   GT_EINVAL, "kinds.All field text at byte 3: a string that is not UTF-8");
    assert_refused(ALL, BYTES("\xb2\x01\x01\x80"), GT_EINVAL,
                   "kinds.All field texts at byte 3: a string that is not UTF-8");
    assert_refused(ALL, BYTES("\x82\x02\x01\xc0"), GT_EINVAL,
                   "kinds.All field word at byte 3: a string that is not UTF-8");
    assert_refused(ALL, BYTES("\xd2\x01\x04\x0a\x02\xc3\x28"), GT_EINVAL,
                   "kinds.All field ages.key at byte 5: a string that is not UTF-8");
}

static void a_nul_in_a_string_is_refused_and_in_bytes_is_not(void **state)
{
    (void)state;

    assert_refused(ALL,
                   BYTES("\x7a\x03"
                         "ab\0"),
                   GT_EINVAL, "kinds.All field text at byte 4: a NUL in a string");
    assert_passes(ALL, BYTES("\x82\x01\x03"
                             "a\0\xff"));
}

static void a_missing_required_field_is_refused(void **state)
{
    (void)state;

    assert_refused(OLD, BYTES("\x10\x01"), GT_EINVAL,
                   "kinds_old.Old field id at byte 2: a required field is missing");
    assert_refused(OLD, BYTES("\x08\x01\x2a\x02\x10\x05"), GT_EINVAL,
                   "kinds_old.Old field child.name at byte 6: a required field is missing");
    assert_refused(OLD, BYTES("\x08\x01\x32\x03\x0a\x01x\x32\x00"), GT_EINVAL,
                   "kinds_old.Old field children.name at byte 9: a required field is missing");
}

/* ---- limits --------------------------------------------------------------------------------- */

static void nesting_past_the_limit_is_refused(void **state)
{
    (void)state;

    assert_refused(ALL, BYTES("\x8a\x01\x09\x8a\x01\x06\x8a\x01\x03\x8a\x01\x00"), GT_ETOOBIG,
                   "kinds.All field child.child.child.child at byte 9: nested more than 3 deep");
    assert_refused(ALL, BYTES("\xa3\x06\xa3\x06\xa3\x06\xa3\x06\xa4\x06"), GT_ETOOBIG,
                   "kinds.All field 100 at byte 6: nested more than 3 deep");
}

/* Numbered from 1, all required. */
enum { MANY = 65 };
static ProtobufCMessageDescriptor message_of_many(ProtobufCFieldDescriptor fields[MANY],
                                                  const ProtobufCIntRange ranges[2])
{
    for (unsigned i = 0; i < MANY; i++)
        fields[i] = (ProtobufCFieldDescriptor){.name = "one_of_many",
                                               .id = i + 1,
                                               .label = PROTOBUF_C_LABEL_REQUIRED,
                                               .type = PROTOBUF_C_TYPE_UINT32};
    return (ProtobufCMessageDescriptor){.name = "Many",
                                        .n_fields = MANY,
                                        .fields = fields,
                                        .n_field_ranges = 1,
                                        .field_ranges = ranges};
}

static void the_last_of_many_required_fields_is_missed(void **state)
{
    (void)state;
    static const ProtobufCIntRange ranges[] = {{1, 0}, {0, MANY}};
    static const gt_protobufc_limits many_limits = {.max_depth = 1, .max_fields = MANY};
    ProtobufCFieldDescriptor fields[MANY];
    const ProtobufCMessageDescriptor many = message_of_many(fields, ranges);
    gt__buffer bytes = {0};
    for (unsigned number = 1; number <= MANY; number++) {
        const uint8_t tag[] = {(uint8_t)(number << 3 | 0x80), (uint8_t)(number >> 4), 1};
        const uint8_t short_tag[] = {(uint8_t)(number << 3), 1};
        gt__buffer_add(&bytes, number < 16 ? short_tag : tag, number < 16 ? 2 : 3);
    }
    uint8_t *rewritten;
    char *reason;

    int all = gt__protobufc_scan(&many, gt_bytes_of(bytes.data, bytes.size), &many_limits,
                                 &rewritten, &reason);
    assert_int_equal(all, 0);
    int all_but_one = gt__protobufc_scan(&many, gt_bytes_of(bytes.data, bytes.size - 3),
                                         &many_limits, &rewritten, &reason);
    assert_int_equal(all_but_one, GT_EINVAL);
    assert_string_equal(reason, "Many field one_of_many at byte 177: a required field is missing");
    gt__free(reason);
    gt__buffer_cleanup(&bytes);
}

static void more_fields_than_the_limit_are_refused(void **state)
{
    (void)state;

    assert_refused(ALL, BYTES("\x08\0\x08\0\x8a\x01\x06\x08\0\x08\0\x08\0\x08\0"), GT_ETOOBIG,
                   "kinds.All at byte 13: more than 6 fields");
    assert_refused(ALL, BYTES("\x08\0\x08\0\xa3\x06\x08\0\x08\0\x08\0\xa4\x06"), GT_ETOOBIG,
                   "kinds.All field 100 at byte 12: more than 6 fields");
}

/* ---- groups --------------------------------------------------------------------------------- */

static void an_unknown_group_becomes_an_unknown_run_of_bytes(void **state)
{
    (void)state;

    assert_rewritten(BYTES("\x08\x05\xa3\x06\x08\x01\xa4\x06\x10\x02"),
                     BYTES("\x08\x05\xa2\x06\x03\x01\xa4\x06\x10\x02"));
    assert_rewritten(BYTES("\xa3\x06\xa4\x06"), BYTES("\xa2\x06\x01\x06"));
}

static void a_group_within_a_group_goes_with_it(void **state)
{
    (void)state;

    assert_rewritten(BYTES("\xa3\x06\xab\x06\xac\x06\xa4\x06"),
                     BYTES("\xa2\x06\x05\x06\xac\x06\xa4\x06"));
}

static void a_group_in_a_nested_message_is_rewritten_there(void **state)
{
    (void)state;

    assert_rewritten(BYTES("\x8a\x01\x04\xa3\x06\xa4\x06\x08\x07"),
                     BYTES("\x8a\x01\x04\xa2\x06\x01\x06\x08\x07"));
}

/* A body of 127 bytes and one of 128 with the end's tag: the length takes one byte, then two. */
static void a_longer_group_gets_a_longer_length(void **state)
{
    (void)state;
    uint8_t group[4 + 128] = {0xa3, 0x06, 0xaa, 0x06, 123};
    memcpy(group + 128, "\xa4\x06", 2);
    uint8_t expected[sizeof group];
    memcpy(expected, group, sizeof group);
    expected[0] = 0xa2;
    expected[2] = 127;

    assert_rewritten(gt_bytes_of(group, 130), gt_bytes_of(expected, 130));

    group[4] = 124;
    memcpy(group + 129, "\xa4\x06", 2);
    memcpy(expected, group, sizeof group);
    expected[0] = 0xa2;
    expected[2] = 127 | 0x80;
    expected[3] = 0;
    assert_rewritten(gt_bytes_of(group, 131), gt_bytes_of(expected, 131));
}

static void groups_that_do_not_match_are_refused(void **state)
{
    (void)state;

    assert_refused(ALL, BYTES("\xa4\x06"), GT_EINVAL,
                   "kinds.All field 100 at byte 0: the end of a group that never began");
    assert_refused(ALL, BYTES("\xa3\x06\xac\x06"), GT_EINVAL,
                   "kinds.All field 100 at byte 2: group 100 ends as group 101");
    assert_refused(ALL, BYTES("\xa3\x06\x08\x01"), GT_EINVAL,
                   "kinds.All field 100 at byte 4: the bytes end inside a group");
}

static void a_fault_after_a_group_frees_what_was_rewritten(void **state)
{
    (void)state;

    assert_refused(ALL, BYTES("\xa3\x06\xa4\x06\x02"), GT_EINVAL,
                   "kinds.All at byte 4: field number 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_bytes_are_an_empty_message),
        cmocka_unit_test(a_varint_padded_to_ten_bytes_passes),
        cmocka_unit_test(a_packable_field_passes_packed_and_unpacked),
        cmocka_unit_test(unknown_fields_of_every_plain_wire_type_pass),
        cmocka_unit_test(nesting_to_the_limit_passes),
        cmocka_unit_test(as_many_fields_as_the_limit_pass),
        cmocka_unit_test(elements_of_a_packed_field_are_no_fields),
        cmocka_unit_test(a_required_field_with_a_default_may_be_missing),
        cmocka_unit_test(numbers_that_are_cut_or_too_long_are_refused),
        cmocka_unit_test(field_number_0_is_refused),
        cmocka_unit_test(wire_types_6_and_7_are_refused),
        cmocka_unit_test(a_wire_type_other_than_the_fields_is_refused),
        cmocka_unit_test(a_value_that_goes_past_the_end_is_refused),
        cmocka_unit_test(a_value_must_end_with_the_message_around_it),
        cmocka_unit_test(a_packed_run_that_breaks_off_is_refused),
        cmocka_unit_test(a_string_that_is_not_utf8_is_refused_at_its_bad_byte),
        cmocka_unit_test(a_nul_in_a_string_is_refused_and_in_bytes_is_not),
        cmocka_unit_test(a_missing_required_field_is_refused),
        cmocka_unit_test(the_last_of_many_required_fields_is_missed),
        cmocka_unit_test(nesting_past_the_limit_is_refused),
        cmocka_unit_test(more_fields_than_the_limit_are_refused),
        cmocka_unit_test(an_unknown_group_becomes_an_unknown_run_of_bytes),
        cmocka_unit_test(a_group_within_a_group_goes_with_it),
        cmocka_unit_test(a_group_in_a_nested_message_is_rewritten_there),
        cmocka_unit_test(a_longer_group_gets_a_longer_length),
        cmocka_unit_test(groups_that_do_not_match_are_refused),
        cmocka_unit_test(a_fault_after_a_group_frees_what_was_rewritten),
    };
    return cmocka_run_group_tests_name("protobufc_scan", tests, NULL, NULL);
}
