/* The message codec against bytes that mean harm: what its guard lets through protobuf-c unpacks
 * within the budget, can be printed, and packs into bytes that come back as the same. */
#include "engine/message/kinds_sample.h"
#include "engine/message/protobufc_scan.h"
#include "fuzz.h"
#include "kinds.pb-c.h"
#include "kinds_old.pb-c.h"

#include <grpctest/error.h>

static const ProtobufCMessageDescriptor *const types[] = {
    &kinds__all__descriptor,
    &kinds_old__old__descriptor,
    &kinds__nothing__descriptor,
};

/* ---- the guard ---------------------------------------------------------------------------------
 */

/* Gives what it said. */
static int scan(const ProtobufCMessageDescriptor *type, gt_bytes bytes,
                const gt_protobufc_limits *limits)
{
    uint8_t *rewritten = NULL, *twice = NULL;
    char *reason = NULL;
    int error = gt__protobufc_scan(type, bytes, limits, &rewritten, &reason);
    FUZZ_CHECK(error == 0 || error == GT_EINVAL || error == GT_ETOOBIG, "it gives %d", error);
    FUZZ_CHECK(!error == !reason && (!error || *reason), "error %d, reason %s", error, reason);
    gt__free(reason);
    if (!error && rewritten) { /* the copy is as good, and has no groups left */
        error =
            gt__protobufc_scan(type, gt_bytes_of(rewritten, bytes.size), limits, &twice, &reason);
        FUZZ_CHECK(!error && !twice, "the copy without groups: %d, %s", error, reason);
    }
    gt__free(rewritten);
    return error;
}

/* ---- what was let through
 * ------------------------------------------------------------------------ */

static char *format(const ProtobufCMessage *message)
{
    char *text = gt_protobufc_format(message);
    FUZZ_CHECK(text && !strchr(text, '\n'), "a message of many lines");
    return text;
}

/* Packed and unpacked it is the same, to a reader and in bytes. */
static void check_round(const ProtobufCMessage *message)
{
    gt_buffer packed = pack(message);
    ProtobufCMessage *back;
    char *reason = NULL, *text = format(message);
    gt_protobufc_limits none = {SIZE_MAX, SIZE_MAX, SIZE_MAX};
    int error =
        gt_protobufc_unpack(message->descriptor, gt_buffer_bytes(&packed), &none, &back, &reason);
    FUZZ_CHECK(!error, "what was packed is refused: %s", reason);
    gt_buffer again = pack(back);
    char *text_again = format(back);
    FUZZ_CHECK(gt_bytes_equal(gt_buffer_bytes(&packed), gt_buffer_bytes(&again)),
               "packed again it differs: %s", text);
    FUZZ_CHECK(strcmp(text, text_again) == 0, "it became\n%s\nand was\n%s", text_again, text);
    gt_protobufc_release(back);
    gt__free(text);
    gt__free(text_again);
    gt_buffer_cleanup(&packed);
    gt_buffer_cleanup(&again);
}

static void check_unpacking(const ProtobufCMessageDescriptor *type, gt_bytes bytes,
                            const gt_protobufc_limits *limits)
{
    ProtobufCMessage *message;
    char *reason = NULL;
    int scanned = scan(type, bytes, limits);
    size_t before = fuzz_memory_held();
    fuzz_memory_mark();
    int error = gt_protobufc_unpack(type, bytes, limits, &message, &reason);
    size_t used = fuzz_memory_peak() - before;
    FUZZ_CHECK(used <= limits->max_memory + bytes.size + 4096, "%zu bytes of memory, allowed %zu",
               used, limits->max_memory);
    FUZZ_CHECK(!error == !reason && !error == !!message, "error %d, reason %s", error, reason);
    if (scanned)
        FUZZ_CHECK(error == scanned, "scanned it gives %d, unpacked %d", scanned, error);
    else if (error == GT_EINVAL)
        FUZZ_CHECK(strstr(reason, "cannot merge"), "protobuf-c refuses what was let through: %s",
                   reason);
    if (!error)
        check_round(message);
    gt_protobufc_release(message);
    gt__free(reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_memory_begin();
    fuzz_input in = {.bytes = gt_bytes_of(data, size)};
    uint8_t how = fuzz_byte(&in);
    gt_protobufc_limits limits = {
        .max_depth = how & 0x10 ? 5 : 100,
        .max_fields = how & 0x20 ? 20 : 1000000,
        .max_memory = how & 0x40 ? 2000 : 65536 + 64 * size,
    };
    check_unpacking(types[how % 3], fuzz_rest(&in), &limits);
    fuzz_memory_end();
    return 0;
}
