/* google.rpc.Status with typed details: packed, found, and refused when it is something else. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "helloworld.pb-c.h"
#include "users.pb-c.h"
#include <grpctest/protobufc.h>

#include <string.h>

static const ProtobufCMessageDescriptor *const reply = &helloworld__hello_reply__descriptor;
static const ProtobufCMessageDescriptor *const request = &helloworld__hello_request__descriptor;

/* Three details, two of them of one type. */
static gt_status make_status(uint8_t **bytes)
{
    char one[] = "one", two[] = "two", name[] = "jane";
    Helloworld__HelloReply first = HELLOWORLD__HELLO_REPLY__INIT;
    Helloworld__HelloReply second = HELLOWORLD__HELLO_REPLY__INIT;
    Helloworld__HelloRequest other = HELLOWORLD__HELLO_REQUEST__INIT;
    first.message = one;
    second.message = two;
    other.name = name;
    const ProtobufCMessage *details[] = {&first.base, &other.base, &second.base};
    size_t size;
    *bytes = gt_protobufc_pack_details(GT_NOT_FOUND, "nobody", details, 3, &size);
    return (gt_status){GT_NOT_FOUND, "nobody", gt_bytes_of(*bytes, size)};
}

static void the_bytes_are_those_of_the_published_messages(void **state)
{
    (void)state;
    static const char expected[] = "\x08\x05"   /* code: 5 */
                                   "\x12\x02no" /* message */
                                   "\x1a\x34"   /* details */
                                   "\x0a\x2btype.googleapis.com/helloworld.HelloRequest" /* URL */
                                   "\x12\x05\x0a\x03"
                                   "bob"; /* value */
    char name[] = "bob";
    Helloworld__HelloRequest detail = HELLOWORLD__HELLO_REQUEST__INIT;
    detail.name = name;
    const ProtobufCMessage *details[] = {&detail.base};

    size_t size;
    uint8_t *bytes = gt_protobufc_pack_details(GT_NOT_FOUND, "no", details, 1, &size);

    assert_int_equal(size, sizeof expected - 1);
    assert_memory_equal(bytes, expected, size);
    gt_free(bytes);
}

static void details_are_found_by_their_type_in_order(void **state)
{
    (void)state;
    uint8_t *bytes;
    gt_status status = make_status(&bytes);
    static const char *const texts[] = {"one", "two"};

    for (size_t i = 0; i < 2; i++) {
        ProtobufCMessage *message;
        assert_int_equal(gt_protobufc_find_detail(&status, reply, i, &message, NULL), 0);
        const Helloworld__HelloReply *found = (const void *)message;
        assert_string_equal(found->message, texts[i]);
        gt_protobufc_release(message);
    }
    ProtobufCMessage *message;
    assert_int_equal(gt_protobufc_find_detail(&status, request, 0, &message, NULL), 0);
    assert_string_equal(((const Helloworld__HelloRequest *)(const void *)message)->name, "jane");
    gt_protobufc_release(message);
    gt_free(bytes);
}

static void a_type_that_is_not_among_them_is_not_found(void **state)
{
    (void)state;
    uint8_t *bytes;
    gt_status status = make_status(&bytes);
    gt_status empty = {GT_OK, "", {NULL, 0}};
    ProtobufCMessage *message;

    assert_int_equal(gt_protobufc_find_detail(&status, reply, 2, &message, NULL), GT_ENOENT);
    assert_null(message);
    assert_int_equal(gt_protobufc_find_detail(&status, &users__user__descriptor, 0, &message, NULL),
                     GT_ENOENT);
    assert_int_equal(gt_protobufc_find_detail(&empty, reply, 0, &message, NULL), GT_ENOENT);
    gt_free(bytes);
}

static void a_detail_without_a_type_is_of_no_type(void **state)
{
    (void)state;
    gt_status status = {GT_ABORTED, "", gt_bytes_str("\x1a\x03\x12\x01x")};
    ProtobufCMessage *message;
    assert_int_equal(gt_protobufc_find_detail(&status, reply, 0, &message, NULL), GT_ENOENT);
}

static void details_that_are_no_status_are_refused_with_the_reason(void **state)
{
    (void)state;
    gt_status status = {GT_ABORTED, "", gt_bytes_str("\x1a\x05xx")};
    ProtobufCMessage *message;
    char *reason = NULL;

    assert_int_equal(gt_protobufc_find_detail(&status, reply, 0, &message, &reason), GT_EINVAL);

    assert_non_null(strstr(reason, "google.rpc.Status"));
    gt_free(reason);
}

static void a_detail_that_does_not_unpack_is_refused_with_the_reason(void **state)
{
    (void)state;
    /* One detail of the right type, whose value is a string field cut short. */
    gt_status status = {GT_ABORTED, "",
                        gt_bytes_str("\x1a\x1d\x0a\x17x/helloworld.HelloReply\x12\x02\x0a\x09")};
    ProtobufCMessage *message;
    char *reason = NULL;

    assert_int_equal(gt_protobufc_find_detail(&status, reply, 0, &message, &reason), GT_EINVAL);

    assert_non_null(strstr(reason, "helloworld.HelloReply"));
    gt_free(reason);
}

static void no_message_is_an_empty_one(void **state)
{
    (void)state;
    size_t size, size_of_empty;
    uint8_t *none = gt_protobufc_pack_details(GT_ABORTED, NULL, NULL, 0, &size);
    uint8_t *empty = gt_protobufc_pack_details(GT_ABORTED, "", NULL, 0, &size_of_empty);

    assert_int_equal(size, 2);
    assert_memory_equal(none, "\x08\x0a", 2);
    assert_int_equal(size_of_empty, 2);
    gt_free(none);
    gt_free(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_are_those_of_the_published_messages),
        cmocka_unit_test(details_are_found_by_their_type_in_order),
        cmocka_unit_test(a_type_that_is_not_among_them_is_not_found),
        cmocka_unit_test(a_detail_without_a_type_is_of_no_type),
        cmocka_unit_test(details_that_are_no_status_are_refused_with_the_reason),
        cmocka_unit_test(a_detail_that_does_not_unpack_is_refused_with_the_reason),
        cmocka_unit_test(no_message_is_an_empty_one),
    };
    return cmocka_run_group_tests_name("rich_status", tests, NULL, NULL);
}
