/* Writes the seeds of the corpus into FOLDER: bytes of real exchanges between two engines of ours,
 * scripts, packed messages. The files of the corpus that have names of words come from here, or
 * show a find; those that have numbers are what fuzzers made of them.
 *
 *     fuzz_seeds FOLDER      (such as fuzz/corpus)
 */
#include "seeds.h"

#include "described.h"
#include "engine/h2/h2.h"
#include "engine/message/kinds_sample.h"
#include "machine.h"

#include <grpctest/error.h>
#include <grpctest/frames.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *folder;

void seed_write(const char *target, const char *name, gt_bytes head, gt_bytes bytes)
{
    char *inside = gt__printf("%s/%s", folder, target), *path = gt__printf("%s/%s", inside, name);
    mkdir(inside, 0777);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(head.data, 1, head.size, file) != head.size ||
        (bytes.size > 0 && fwrite(bytes.data, 1, bytes.size, file) != bytes.size) ||
        fclose(file) != 0) {
        perror(path);
        exit(1);
    }
    gt__free(inside);
    gt__free(path);
}

static void write_text(const char *target, const char *name, const char *head, const char *text)
{
    seed_write(target, name, gt_bytes_str(head), gt_bytes_str(text));
}

/* ---- real exchanges ----------------------------------------------------------------------------
 */

typedef struct exchange {
    gt__h2 *client, *server;
    gt_buffer to_server, to_client;
    int32_t stream;
} exchange;

static void carry(gt__h2 *from, gt__h2 *to, gt_buffer *wire)
{
    static uint8_t span[65536];
    size_t size;
    while ((size = gt__h2_drain(from, span, sizeof span, 0)) > 0) {
        gt_buffer_add(wire, gt_bytes_of(span, size));
        (void)!gt__h2_feed(to, gt_bytes_of(span, size), 0);
    }
}

static void take_all(gt__h2 *h2)
{
    gt__h2_event event;
    while (gt__h2_next_event(h2, &event)) {
        if (event.type == GT__H2_MESSAGE)
            gt__h2_taken(h2, event.stream, event.as.message.uncredited);
        gt__h2_event_cleanup(&event);
    }
}

static void settle(exchange *e)
{
    while (gt__h2_wants_drain(e->client) || gt__h2_wants_drain(e->server)) {
        carry(e->client, e->server, &e->to_server);
        take_all(e->server);
        carry(e->server, e->client, &e->to_client);
        take_all(e->client);
    }
}

static void open_call(exchange *e, gt__encoding encoding)
{
    gt_metadata *metadata = gt_metadata_new();
    (void)!gt_metadata_append(metadata, "x-key", "value");
    (void)!gt_metadata_append_bin(metadata, "x-bin", gt_bytes_str("bytes"));
    gt__h2_request request = {.path = "/users.Users/GetUser",
                              .deadline = GT_SEC(1),
                              .metadata = metadata,
                              .encoding = encoding};
    (void)!gt__h2_open(e->client, &request, 0, NULL, &e->stream);
    gt_metadata_free(metadata);
    settle(e);
}

static void send(exchange *e, gt__h2 *from, size_t size)
{
    int error;
    uint8_t *room = gt__h2_send_begin(from, e->stream, size, &error);
    memset(room, 'm', size);
    gt__h2_send_end(from, e->stream);
}

static void finish(exchange *e, gt_code code)
{
    gt_metadata *trailer = gt_metadata_new();
    gt_status status = {code, code == GT_OK ? "" : "100 % n\xc3\xb6", gt_bytes_str("\x08\x05")};
    (void)!gt_metadata_append(trailer, "x-trailer", "value");
    gt__h2_finish(e->server, e->stream, &status, trailer);
    gt_metadata_free(trailer);
    settle(e);
}

static void unary_call(exchange *e)
{
    open_call(e, GT__IDENTITY);
    send(e, e->client, 11);
    gt__h2_half_close(e->client, e->stream);
    settle(e);
    send(e, e->server, 7);
    finish(e, GT_OK);
}

static void call_that_fails_at_once(exchange *e)
{
    open_call(e, GT__IDENTITY);
    finish(e, GT_NOT_FOUND);
}

static void compressed_chat(exchange *e)
{
    open_call(e, GT__GZIP);
    (void)!gt__h2_set_encoding(e->server, e->stream, GT__DEFLATE);
    for (size_t i = 0; i < 3; i++) {
        send(e, e->client, 100 * i);
        settle(e);
        send(e, e->server, 200 * i);
        settle(e);
    }
    gt__h2_half_close(e->client, e->stream);
    finish(e, GT_OK);
}

static void many_calls_and_a_graceful_end(exchange *e)
{
    unary_call(e);
    unary_call(e);
    open_call(e, GT__IDENTITY);
    gt__h2_ping(e->client, (const uint8_t *)"12345678");
    gt__h2_shutdown_notice(e->server);
    settle(e);
    gt__h2_goaway(e->server, GT_H2_NO_ERROR, "enough");
    settle(e);
    finish(e, GT_UNAVAILABLE);
}

static void call_that_is_cancelled(exchange *e)
{
    open_call(e, GT__IDENTITY);
    send(e, e->client, 3000);
    send(e, e->server, 3000);
    settle(e);
    gt__h2_reset(e->client, e->stream, GT_H2_CANCEL);
    settle(e);
}

static void write_exchange(const char *name, void (*run)(exchange *e))
{
    static const gt__h2_options server = {.server = true};
    static const uint8_t raw[] = {MACHINE_RAW, 3, 0, 0, 0, 0, 1}, frames[] = {2};
    /* A wire without a client, and all the rest goes to its server; a call, and to its channel. */
    static const uint8_t to_a_server[] = {0, 1, 9, 4, 0x80};
    static const uint8_t to_a_channel[] = {0, 1, 7, 0x10, 1, 5, 5, 0x80};
    exchange e = {.client = gt__h2_new(NULL), .server = gt__h2_new(&server)};
    settle(&e);
    run(&e);
    gt_bytes head = gt_bytes_of(raw, sizeof raw), to_client = gt_buffer_bytes(&e.to_client);
    seed_write("client", name, head, to_client);
    seed_write("server", name, head, gt_buffer_bytes(&e.to_server));
    char *answer = gt__printf("%s_answer", name);
    seed_write("end_to_end", name, gt_bytes_of(to_a_server, sizeof to_a_server),
               gt_buffer_bytes(&e.to_server));
    seed_write("end_to_end", answer, gt_bytes_of(to_a_channel, sizeof to_a_channel), to_client);
    seed_write("frames", name, gt_bytes_of(frames, 1), gt_buffer_bytes(&e.to_server));
    seed_write("frames", answer, gt_bytes_of(frames, 1), to_client);
    gt__free(answer);
    gt_buffer_cleanup(&e.to_client);
    gt_buffer_cleanup(&e.to_server);
    gt__h2_free(e.client);
    gt__h2_free(e.server);
}

static void write_exchanges(void)
{
    write_exchange("unary_call", unary_call);
    write_exchange("call_that_fails_at_once", call_that_fails_at_once);
    write_exchange("compressed_chat", compressed_chat);
    write_exchange("many_calls_and_a_graceful_end", many_calls_and_a_graceful_end);
    write_exchange("call_that_is_cancelled", call_that_is_cancelled);
}

/* ---- messages, texts ---------------------------------------------------------------------------
 */

static void write_messages(void)
{
    static const uint8_t all = 0, old = 1;
    gt_buffer sample = pack_sample(), old_sample = pack_old_sample();
    seed_write("message", "every_kind_of_field", gt_bytes_of(&all, 1), gt_buffer_bytes(&sample));
    seed_write("message", "every_kind_of_old_field", gt_bytes_of(&old, 1),
               gt_buffer_bytes(&old_sample));
    seed_write("message", "an_older_type_read_as_unknown_fields", gt_bytes_of("\2", 1),
               gt_buffer_bytes(&old_sample));
    seed_write("message", "an_unknown_group", gt_bytes_of(&all, 1),
               gt_bytes_str("\xa3\6\x08\1\xa4\6"));
    gt_buffer_cleanup(&sample);
    gt_buffer_cleanup(&old_sample);
}

static void write_texts(void)
{
    write_text("end_to_end", "a_call_that_is_carried", "\1\1", "\7\x13\2\5\n\n\n\x08\n");
    write_text("end_to_end", "a_call_that_is_spoiled_and_cut", "\1\2",
               "\7\x40\3\5\n\2\4\x40\7\n\6\x10\n");
    write_text("timeout", "one_second", "", "1S");
    write_text("timeout", "as_many_hours_as_there_can_be", "", "99999999H");
    write_text("timeout", "nine_digits", "", "123456789m");
    write_text("status", "a_code", "", "16");
    write_text("status", "a_code_with_zeros", "", "016");
    write_text("status", "escapes_whole_and_broken", "", "100%25 na%C3%AFve %zz %0");
    write_text("base64", "padded", "", "QUJDRA==");
    write_text("base64", "unpadded", "", "QUJDRA");
    write_text("base64", "too_much_padding", "", "QUI=====");
    write_text("metadata", "two_lines_of_text", "\2", "x-key: value\nx-bin: AAEC\n");
    write_text("metadata", "an_appended_value", "\1", "\4\5x-key\5value");
    write_text("metadata", "appended_bytes", "\1", "\1\5x-bin\3\1\2\3");
    write_text("metadata", "a_value_set_and_removed", "\1", "\2\5x-key\1a\3\5x-key");
    write_text("frames", "messages_across_frames", "\1", "\6\3abc\5defgh");
    seed_write("frames", "headers_in_continuations", gt_bytes_of("\0\2\0\0\0\3\7\4\x28\1", 10),
               gt_bytes_str("\7:method\4POST"));
}

static void write_described(void)
{
    write_text("text", "forms_of_values", "@",
               "i32: -0x1F u32: 017 real: 1.5e3f precise: -inf flag: t color: BLUE # note\n"
               "text: 'a\\u00e9\\n' \"b\" blob: '\\0\\xff' child < numbers: [1, 2] > word: ''");
    write_text("text", "an_any_written_out", "A",
               "any { [x/rich.Named] { other: 1 } } i64 { value: -5 } nothing: NULL_VALUE");
    write_text("text", "an_any_whose_url_has_a_space", "A", "any { type_url: ' /rich.Named' }");
    write_text("json", "forms_of_values", "@",
               "{\"i32\":-31,\"u64\":\"18446744073709551615\",\"real\":1.5e3,\"precise\":\"NaN\","
               "\"color\":\"BLUE\",\"text\":\"\\u00e9\",\"blob\":\"AP8=\",\"numbers\":[1,2]}");
    write_text("json", "well_known_types", "A",
               "{\"at\":\"1970-01-01T00:00:01.5Z\",\"mask\":\"aB,c\",\"took\":\"-1.5s\",\"any\":{"
               "\"@type\":\"x/rich.Named\",\"theOther\":1},\"value\":[null,0,{\"a\":{}}]}");
    write_text("json", "maps_of_maps", "B",
               "{\"byBool\":{\"true\":1},\"byString\":{\"k\":{\"bySint64\":{\"5\":{}}}}}");
    gt_buffer sample = pack_sample();
    seed_write("json", "bytes_to_be_written", gt_bytes_of("\x80", 1), gt_buffer_bytes(&sample));
    gt_buffer_cleanup(&sample);
}

static void write_sets(void)
{
    gt_buffer set = {0};
    (void)!gt_text_parse(
        gt_types_message(described_types(), "google.protobuf.FileDescriptorSet"),
        "file { name: 'a' package: 'p' syntax: 'proto3' message_type { name: 'M' field { name: 'f' "
        "number: 1 type: TYPE_MESSAGE label: LABEL_OPTIONAL type_name: '.p.M' } field { name: 'e' "
        "number: 2 type: TYPE_ENUM label: LABEL_REPEATED type_name: '.p.E' } field { name: 'm' "
        "number: 9 type: TYPE_MESSAGE label: LABEL_REPEATED type_name: '.p.M.MEntry' } field { "
        "name: 'o' number: 4 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 } nested_type "
        "{ name: 'MEntry' field { name: 'key' number: 1 type: TYPE_STRING label: LABEL_OPTIONAL } "
        "field { name: 'value' number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL } options { "
        "map_entry: true } } oneof_decl { name: 'one' } } enum_type { name: 'E' value { name: 'A' "
        "number: 0 } } service { name: 'S' method { name: 'm' input_type: '.p.M' output_type: "
        "'.p.M' server_streaming: true } } }",
        &set, NULL);
    seed_write("set", "a_message_and_a_method", gt_bytes_str(""), gt_buffer_bytes(&set));
    gt_buffer_cleanup(&set);
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
        return 2;
    }
    folder = arguments[1];
    write_exchanges();
    seed_write_scripts();
    write_messages();
    write_texts();
    write_described();
    write_sets();
    gt_types_free(described_types());
    return 0;
}
