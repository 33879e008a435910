/* Metadata: what is taken is as rule D1 says, survives being written as text, and survives the wire
 * from one engine to another (rules D2, D3). */
#include "engine/h2/h2.h"
#include "fuzz.h"

#include <grpctest/metadata.h>

/* ---- text --------------------------------------------------------------------------------------
 */

static void check_format(const gt_metadata *metadata)
{
    char *reason = NULL, *text = gt_metadata_format(metadata);
    gt_metadata *back = gt_metadata_parse(text, &reason);
    FUZZ_CHECK(back && !reason, "%s: %s", reason, text);
    FUZZ_CHECK(gt_metadata_equal(metadata, back), "it came back otherwise: %s", text);
    gt_metadata_free(back);
    gt_free(text);
}

static void check_parse(gt_bytes bytes)
{
    char *reason = NULL, *text = gt__strndup((const char *)bytes.data, bytes.size);
    gt_metadata *metadata = gt_metadata_parse(text, &reason);
    FUZZ_CHECK(!metadata == !!reason, "parsed %d, reason %s", metadata != NULL, reason);
    FUZZ_CHECK(metadata || *reason, "an empty reason");
    if (metadata)
        check_format(metadata);
    gt_metadata_free(metadata);
    gt_free(reason);
    gt__free(text);
}

/* ---- building ----------------------------------------------------------------------------------
 */

static char *pick_key(fuzz_input *in)
{
    gt_bytes key = fuzz_span(in, fuzz_byte(in) % 32);
    return gt__strndup((const char *)key.data, key.size);
}

/* What is told beforehand is what happens. */
static void change(fuzz_input *in, gt_metadata *metadata)
{
    uint8_t how = fuzz_byte(in);
    char *key = pick_key(in);
    gt_bytes value = fuzz_short_span(in);
    char *text = gt__strndup((const char *)value.data, value.size);
    const char *problem = gt_metadata_explain(key, value);
    size_t count = gt_metadata_count(metadata), gone;
    int error = 0;
    switch (how % 4) {
    case 0:
        error = gt_metadata_append(metadata, key, text);
        problem = gt_metadata_explain(key, gt_bytes_str(text));
        FUZZ_CHECK(error || !problem, "\"%s\" is taken: %s", key, problem);
        break;
    case 1:
        error = gt_metadata_append_bin(metadata, key, value);
        FUZZ_CHECK(error || !problem, "\"%s\" is taken: %s", key, problem);
        break;
    case 2:
        error = gt_metadata_set(metadata, key, value);
        FUZZ_CHECK(!error == !problem, "\"%s\" gives %d: %s", key, error, problem);
        break;
    default:
        gone = gt_metadata_remove(metadata, key);
        FUZZ_CHECK(!gt_metadata_get(metadata, key), "\"%s\" is still there", key);
        FUZZ_CHECK(gt_metadata_count(metadata) == count - gone, "%zu were removed", gone);
        break;
    }
    if (how % 4 < 2)
        FUZZ_CHECK(gt_metadata_count(metadata) == count + !error, "%d changes the count", error);
    gt__free(text);
    gt__free(key);
}

/* ---- over the wire -----------------------------------------------------------------------------
 */

static void carry(gt__h2 *from, gt__h2 *to)
{
    static uint8_t span[4096];
    size_t size;
    while ((size = gt__h2_drain(from, span, sizeof span, 0)) > 0)
        FUZZ_CHECK(gt__h2_feed(to, gt_bytes_of(span, size), 0) == 0, "the connection failed");
}

static void check_request(gt__h2 *server, const gt_metadata *metadata)
{
    gt__h2_event event;
    bool found = false;
    while (gt__h2_next_event(server, &event)) {
        FUZZ_CHECK(event.type != GT__H2_VIOLATION, "the client breaks rule %s: %s",
                   event.as.violation.rule, event.as.violation.text);
        if (event.type == GT__H2_REQUEST) {
            found = true;
            gt_metadata_remove(event.as.request.metadata, "user-agent"); /* the engine's own */
            FUZZ_CHECK(gt_metadata_equal(event.as.request.metadata, metadata),
                       "it arrives otherwise");
        }
        gt__h2_event_cleanup(&event);
    }
    FUZZ_CHECK(found, "the request did not arrive");
}

static void check_wire(const gt_metadata *metadata)
{
    static const gt__h2_options options = {.server = true, .strict = true};
    gt__h2 *client = gt__h2_new(NULL), *server = gt__h2_new(&options);
    gt__h2_request request = {.path = "/a.B/C", .deadline = GT_NEVER, .metadata = metadata};
    int32_t stream;
    carry(server, client);
    int error = gt__h2_open(client, &request, 0, NULL, &stream);
    carry(client, server);
    if (error == 0)
        check_request(server, metadata);
    gt__h2_free(client);
    gt__h2_free(server);
}

static void check_built(gt_bytes bytes)
{
    fuzz_input in = {.bytes = bytes};
    gt_metadata *metadata = gt_metadata_new();
    while (fuzz_more(&in))
        change(&in, metadata);
    gt_metadata *copy = gt_metadata_clone(metadata);
    FUZZ_CHECK(gt_metadata_equal(metadata, copy), "a copy differs");
    check_format(metadata);
    check_wire(metadata);
    gt_metadata_free(copy);
    gt_metadata_free(metadata);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_memory_begin();
    fuzz_input in = {.bytes = gt_bytes_of(data, size)};
    if (fuzz_byte(&in) & 1)
        check_built(fuzz_rest(&in));
    else
        check_parse(fuzz_rest(&in));
    fuzz_memory_end();
    return 0;
}
