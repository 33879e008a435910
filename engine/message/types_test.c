/* Collections of types: what sets and generated code bring, and what is wrong with a set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kinds.pb-c.h"
#include "kinds_old.pb-c.h"
#include "types.h"
#include "types_kit.h"
#include <grpctest/protobufc.h>
#include <stdio.h>

/* ---- what a set tells ------------------------------------------------------------------------ */

static void types_go_by_their_full_names(void **state)
{
    (void)state;
    assert_string_equal(gt_message_type_name(type_of("rich.Sparse.Inside")), "rich.Sparse.Inside");
    assert_non_null(gt_types_message(types, "google.protobuf.Timestamp"));
    assert_null(gt_types_message(types, "Sparse"));
    assert_null(gt_types_message(types, ".rich.Sparse"));
    assert_null(gt_types_message(types, "rich.Level"));
}

static void methods_tell_their_types_and_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool client, server;
    } expected[] = {
        {"/rich.Talk/Ask", false, false},
        {"/rich.Talk/Chat", true, true},
        {"/rich.Talk/Collect", true, false},
        {"/rich.Talk/Watch", false, true},
    };
    assert_int_equal(gt_types_method_count(types), 4);
    for (size_t i = 0; i < 4; i++) {
        const gt_method_type *method = gt_types_method_at(types, i);
        assert_string_equal(method->path, expected[i].path);
        assert_ptr_equal(method, gt_types_method(types, expected[i].path));
        assert_true(method->kind_known);
        assert_int_equal(method->client_streams, expected[i].client);
        assert_int_equal(method->server_streams, expected[i].server);
    }
    assert_null(gt_types_method_at(types, 4));
    assert_null(gt_types_method(types, "/rich.Talk/Whisper"));

    const gt_method_type *chat = gt_types_method(types, "/rich.Talk/Chat");
    assert_string_equal(chat->service, "rich.Talk");
    assert_string_equal(chat->name, "Chat");
    assert_ptr_equal(chat->input, type_of("rich.Presence"));
    assert_ptr_equal(chat->output, type_of("rich.Known"));
}

static void a_journal_can_show_a_type_of_a_set(void **state)
{
    (void)state;
    gt_type type = gt_message_type_codec(type_of("rich.Sparse"));
    void *message;
    assert_int_equal(type.codec->unpack(type.descriptor, gt_bytes_str("\xf8\xff\xff\xff\x0f\x07"),
                                        &message, NULL),
                     0);

    char *text = type.codec->format(type.descriptor, message);

    assert_string_equal(text, "last: 7");
    gt_free(text);
    type.codec->release(type.descriptor, message);
}

static void a_set_that_is_there_may_come_again(void **state)
{
    (void)state;
    const gt_message_type *before = type_of("rich.Named");

    assert_int_equal(gt_types_add_set_file(types, KINDS_SET, NULL), 0);

    assert_ptr_equal(type_of("rich.Named"), before);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    gt_message_error error;

    assert_int_equal(gt_types_add_set_file(types, "/no/such.set", &error), GT_EIO);

    assert_string_equal(error.text, "/no/such.set: No such file or directory");
    assert_int_equal(error.line, 0);
    assert_string_equal(error.field, "");
    gt_message_error_cleanup(&error);
}

/* ---- what is wrong with a set -----------------------------------------------------------------
 */

/* A set as text, by google/protobuf/descriptor.proto, which is in the kit's set like any other. */
static void assert_set_refused(const char *text, const char *expected)
{
    gt_types *mine = gt_types_new();
    gt_message_error error;
    gt_buffer set = bytes_of("google.protobuf.FileDescriptorSet", text);

    int failed = gt_types_add_set(mine, gt_buffer_bytes(&set), &error);

    assert_int_equal(failed, GT_EINVAL);
    assert_string_equal(error.text, expected);
    assert_null(gt_types_message(mine, "M"));
    gt_message_error_cleanup(&error);
    gt_buffer_cleanup(&set);
    gt_types_free(mine);
}

static void files_that_do_not_add_up_are_refused(void **state)
{
    (void)state;
    assert_set_refused("file {}", "a file without a name");
    assert_set_refused("file { name: 'a' } file { name: 'a' syntax: 'proto3' }",
                       "the set has a twice");
    assert_set_refused("file { name: 'a' syntax: 'editions' }",
                       "a is in syntax \"editions\"; proto2 and proto3 are known");
    assert_set_refused("file { name: 'a' message_type {} }", "a message without a name in \"\"");
    assert_set_refused("file { name: 'a' package: 'p' enum_type {} }",
                       "an enum without a name in \"p\"");
    assert_set_refused("file { name: 'a' message_type { name: 'M' } message_type { name: 'M' } }",
                       "the set has M twice");
    assert_set_refused("file { name: 'a' message_type { name: 'M' enum_type { name: 'E' } } }",
                       "enum M.E has no values");
    assert_set_refused("file { name: 'a' enum_type { name: 'E' value {} } }",
                       "enum E has a value without a name");
    assert_set_refused("file { name: 'a' enum_type { name: 'E' value { name: 'A' number: 1 } "
                       "value { name: 'A' number: 2 } } }",
                       "enum E has A twice");
}

static void assert_field_refused(const char *fields, const char *expected)
{
    char text[512];
    snprintf(text, sizeof text, "file { name: 'a' message_type { name: 'M' %s } }", fields);
    assert_set_refused(text, expected);
}

static void fields_that_do_not_add_up_are_refused(void **state)
{
    (void)state;
    assert_field_refused("field {}", "field M.?: a field without a name");
    assert_field_refused("field { name: 'f' }", "field M.f: no field can have the number 0");
    assert_field_refused("field { name: 'f' number: 536870912 }",
                         "field M.f: no field can have the number 536870912");
    assert_field_refused("field { name: 'f' number: 1 }", "field M.f: there is no field type 0");
    assert_field_refused("field { name: 'f' number: 1 type: TYPE_BOOL }",
                         "field M.f: there is no label 0");
    assert_field_refused("field { name: 'f' number: 1 type: TYPE_BOOL label: LABEL_OPTIONAL "
                         "oneof_index: 0 }",
                         "field M.f: there is no oneof 0");
    assert_field_refused("oneof_decl { name: 'o' } field { name: 'f' number: 1 type: TYPE_BOOL "
                         "label: LABEL_REPEATED oneof_index: 0 }",
                         "field M.f: only an optional field can be in a oneof");
    assert_field_refused("field { name: 'f' number: 1 type: TYPE_MESSAGE label: LABEL_OPTIONAL "
                         "type_name: '.p.X' }",
                         "field M.f: its type p.X is not there (protoc --include_imports takes "
                         "imported files along)");
    assert_field_refused("field { name: 'f' number: 1 type: TYPE_ENUM label: LABEL_OPTIONAL }",
                         "field M.f: its type has no name, so it is not there (protoc "
                         "--include_imports takes imported files along)");
    assert_field_refused("field { name: 'f' number: 1 type: TYPE_BOOL label: LABEL_OPTIONAL } "
                         "field { name: 'g' number: 1 type: TYPE_BOOL label: LABEL_OPTIONAL }",
                         "field M.g: f has the number 1, too");
    assert_field_refused("field { name: 'f' number: 1 type: TYPE_BOOL label: LABEL_OPTIONAL } "
                         "field { name: 'f' number: 2 type: TYPE_BOOL label: LABEL_OPTIONAL }",
                         "message M has two fields f");
    assert_field_refused("options { map_entry: true }",
                         "message M is said to be a map's entry, and is not like one");
}

static void methods_that_do_not_add_up_are_refused(void **state)
{
    (void)state;
    assert_set_refused(
        "file { name: 'a' package: 'p' message_type { name: 'M' } service { name: 'S' "
        "method { name: 'm' input_type: '.p.M' output_type: '.p.N' } } }",
        "method /p.S/m: its type .p.N is not there (protoc --include_imports takes imported files "
        "along)");
    assert_set_refused(
        "file { name: 'a' package: 'p' message_type { name: 'M' } service { name: 'S' "
        "method { name: 'm' input_type: '.p.M' output_type: '.p.M' } "
        "method { name: 'm' input_type: '.p.M' output_type: '.p.M' } } }",
        "the set has the method /p.S/m twice");
}

static void what_is_no_set_is_refused(void **state)
{
    (void)state;
    gt_message_error error;

    assert_int_equal(gt_types_add_set(types, gt_bytes_str("\x0a\x05hel"), &error), GT_EINVAL);
    assert_string_equal(error.text, "google.protobuf.FileDescriptorSet field file at byte 1: a "
                                    "length of 5 with 3 bytes left");
    gt_message_error_cleanup(&error);

    assert_int_equal(gt_types_add_set(types, gt_bytes_str("\x0a\x02\x0a\x05"), &error), GT_EINVAL);
    assert_string_equal(error.text, "google.protobuf.FileDescriptorProto field name at byte 1: a "
                                    "length of 5 with 0 bytes left");
    gt_message_error_cleanup(&error);
}

static void a_name_that_is_there_from_elsewhere_is_refused(void **state)
{
    (void)state;
    gt_message_error error;
    gt_types *mine = gt_types_new();
    gt_buffer one = bytes_of("google.protobuf.FileDescriptorSet",
                             "file { name: 'one' message_type { name: 'N' } }");
    gt_buffer two = bytes_of("google.protobuf.FileDescriptorSet",
                             "file { name: 'two' message_type { name: 'N' } }");
    gt_buffer changed = bytes_of("google.protobuf.FileDescriptorSet",
                                 "file { name: 'one' message_type { name: 'O' } }");
    assert_int_equal(gt_types_add_set(mine, gt_buffer_bytes(&one), NULL), 0);

    assert_int_equal(gt_types_add_set(mine, gt_buffer_bytes(&two), &error), GT_EINVAL);
    assert_string_equal(error.text, "N is there already, from elsewhere");
    gt_message_error_cleanup(&error);
    assert_int_equal(gt_types_add_set(mine, gt_buffer_bytes(&changed), &error), GT_EINVAL);
    assert_string_equal(error.text, "one is there already, with other contents");
    gt_message_error_cleanup(&error);

    gt_buffer_cleanup(&one);
    gt_buffer_cleanup(&two);
    gt_buffer_cleanup(&changed);
    gt_types_free(mine);
}

/* A type of that name with other fields is like any other message. */
static void a_name_alone_makes_no_well_known_type(void **state)
{
    (void)state;
    gt_types *mine = gt_types_new();
    gt_buffer set = bytes_of(
        "google.protobuf.FileDescriptorSet",
        "file { name: 'a' package: 'google.protobuf' message_type { name: 'Any' field { name: 'f' "
        "number: 1 type: TYPE_BOOL label: LABEL_OPTIONAL } } }");
    assert_int_equal(gt_types_add_set(mine, gt_buffer_bytes(&set), NULL), 0);

    assert_int_equal(gt_types_message(mine, "google.protobuf.Any")->known, GT__KNOWN_NONE);
    assert_int_equal(type_of("google.protobuf.Any")->known, GT__KNOWN_ANY);
    assert_int_equal(type_of("google.protobuf.Value")->known, GT__KNOWN_VALUE);

    gt_buffer_cleanup(&set);
    gt_types_free(mine);
}

/* ---- generated code -------------------------------------------------------------------------- */

static void generated_code_brings_its_types(void **state)
{
    (void)state;
    gt_types *mine = gt_types_new();

    const gt_message_type *all = gt_types_add_message(mine, &kinds__all__descriptor);

    assert_string_equal(gt_message_type_name(all), "kinds.All");
    assert_ptr_equal(gt_types_message(mine, "kinds.All"), all);
    assert_non_null(gt_types_message(mine, "kinds.All.AgesEntry"));
    assert_ptr_equal(gt_types_add_message(mine, &kinds__all__descriptor), all);
    assert_true(gt__type_field(all, "ages")->is_map);
    assert_false(gt__type_field(all, "children")->is_map);
    gt_types_free(mine);
}

static void text_of_generated_types_is_read(void **state)
{
    (void)state;
    gt_types *mine = gt_types_new();
    gt_buffer bytes = {0};
    const gt_message_type *old = gt_types_add_message(mine, &kinds_old__old__descriptor);

    assert_int_equal(
        gt_text_parse(old, "id: 1 version: 3 child { name: 'jane' } text: 'plain'", &bytes, NULL),
        0);

    assert_bytes(&bytes, "\x08\x01\x1a\x05plain\x2a\x06\x0a\x04jane\x40\x03");
    gt_buffer_cleanup(&bytes);
    gt_types_free(mine);
}

static void a_set_comes_before_generated_code(void **state)
{
    (void)state;
    const gt_message_type *of_set = type_of("kinds.All");
    assert_ptr_equal(gt_types_add_message(types, &kinds__all__descriptor), of_set);

    gt_types *mine = gt_types_new();
    gt_message_error error;
    gt_types_add_message(mine, &kinds__all__descriptor);
    assert_int_equal(gt_types_add_set_file(mine, KINDS_SET, &error), GT_EINVAL);
    assert_string_equal(error.text, "kinds.All is there already, from elsewhere");
    gt_message_error_cleanup(&error);
    gt_types_free(mine);
}

/* A set that has only the inner type; in memory it looks otherwise there. */
static void generated_code_keeps_to_its_own_inner_types(void **state)
{
    (void)state;
    gt_types *mine = gt_types_new();
    gt_message_error error;
    gt_buffer bytes = {0}, text = {0};
    gt_buffer set = bytes_of(
        "google.protobuf.FileDescriptorSet",
        "file { name: 'a' package: 'kinds_old' message_type { name: 'Child' field { name: 'name' "
        "number: 1 type: TYPE_STRING label: LABEL_REPEATED } } }");
    assert_int_equal(gt_types_add_set(mine, gt_buffer_bytes(&set), NULL), 0);
    const gt_message_type *of_set = gt_types_message(mine, "kinds_old.Child");

    const gt_message_type *old = gt_types_add_message(mine, &kinds_old__old__descriptor);

    assert_ptr_equal(gt_types_message(mine, "kinds_old.Child"), of_set);
    assert_int_equal(
        gt_text_parse(old, "id: 1 version: 3 child { name: 'jane' age: 7 }", &bytes, &error), 0);
    assert_int_equal(gt_text_format(old, gt_buffer_bytes(&bytes), NULL, &text, NULL), 0);
    assert_string_equal(gt_buffer_text(&text), "id: 1 child { name: \"jane\" age: 7 } version: 3");
    gt_buffer_cleanup(&bytes);
    gt_buffer_cleanup(&text);
    gt_buffer_cleanup(&set);
    gt_types_free(mine);
}

static void generated_services_bring_methods_without_their_kind(void **state)
{
    (void)state;
    static const ProtobufCMethodDescriptor methods[] = {
        {"Put", &kinds__all__descriptor, &kinds__nothing__descriptor}};
    static const ProtobufCServiceDescriptor service = {
        .name = "kinds.Store", .n_methods = 1, .methods = methods};
    gt_types *mine = gt_types_new();

    gt_types_add_service(mine, &service);
    gt_types_add_service(mine, &service);

    const gt_method_type *put = gt_types_method(mine, "/kinds.Store/Put");
    assert_int_equal(gt_types_method_count(mine), 1);
    assert_string_equal(put->service, "kinds.Store");
    assert_string_equal(put->name, "Put");
    assert_false(put->kind_known);
    assert_ptr_equal(put->input, gt_types_message(mine, "kinds.All"));
    assert_ptr_equal(put->output, gt_types_message(mine, "kinds.Nothing"));
    gt_types_free(mine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_go_by_their_full_names),
        cmocka_unit_test(methods_tell_their_types_and_kinds),
        cmocka_unit_test(a_journal_can_show_a_type_of_a_set),
        cmocka_unit_test(a_set_that_is_there_may_come_again),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(files_that_do_not_add_up_are_refused),
        cmocka_unit_test(fields_that_do_not_add_up_are_refused),
        cmocka_unit_test(methods_that_do_not_add_up_are_refused),
        cmocka_unit_test(what_is_no_set_is_refused),
        cmocka_unit_test(a_name_that_is_there_from_elsewhere_is_refused),
        cmocka_unit_test(a_name_alone_makes_no_well_known_type),
        cmocka_unit_test(generated_code_brings_its_types),
        cmocka_unit_test(text_of_generated_types_is_read),
        cmocka_unit_test(a_set_comes_before_generated_code),
        cmocka_unit_test(generated_code_keeps_to_its_own_inner_types),
        cmocka_unit_test(generated_services_bring_methods_without_their_kind),
    };
    return cmocka_run_group_tests(tests, types_setup, types_teardown);
}
