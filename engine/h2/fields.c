#include "session.h"

#include "engine/core/coding.h"
#include "engine/core/metadata.h"

void gt__h2_fields_init(gt__h2_fields *fields)
{
    fields->list = fields->fixed;
    fields->count = 0;
    fields->capacity = sizeof fields->fixed / sizeof fields->fixed[0];
    fields->text = (gt__buffer){0};
}

void gt__h2_fields_cleanup(gt__h2_fields *fields)
{
    if (fields->list != fields->fixed)
        gt__free(fields->list);
    gt__buffer_cleanup(&fields->text);
}

static void grow(gt__h2_fields *fields)
{
    size_t size = fields->count * sizeof(nghttp2_nv);
    fields->capacity *= 2;
    if (fields->list == fields->fixed) {
        fields->list = gt__malloc(fields->capacity * sizeof(nghttp2_nv));
        memcpy(fields->list, fields->fixed, size);
    } else {
        fields->list = gt__realloc(fields->list, fields->capacity * sizeof(nghttp2_nv));
    }
}

static void add(gt__h2_fields *fields, gt_bytes name, gt_bytes value, uint8_t flags)
{
    if (fields->count == fields->capacity)
        grow(fields);
    /* nghttp2 takes pointers to what it does not change without const. */
    fields->list[fields->count++] = (nghttp2_nv){.name = (uint8_t *)(uintptr_t)name.data,
                                                 .value = (uint8_t *)(uintptr_t)value.data,
                                                 .namelen = name.size,
                                                 .valuelen = value.size,
                                                 .flags = flags};
}

void gt__h2_fields_static(gt__h2_fields *fields, const char *name, const char *value)
{
    add(fields, gt_bytes_str(name), gt_bytes_str(value),
        NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE);
}

void gt__h2_fields_value(gt__h2_fields *fields, const char *name, const char *value)
{
    add(fields, gt_bytes_str(name), gt_bytes_str(value), NGHTTP2_NV_FLAG_NO_COPY_NAME);
}

/* Makes sure that `size` more bytes of coded values fit without moving those that are there. */
static void reserve_text(gt__h2_fields *fields, size_t size)
{
    if (size == 0)
        return;
    gt__buffer_extend(&fields->text, size);
    fields->text.size -= size;
}

static gt_bytes coded_since(const gt__h2_fields *fields, size_t start)
{
    return gt_bytes_of(fields->text.data + start, fields->text.size - start);
}

static void add_binary(gt__h2_fields *fields, const char *key, gt_bytes value)
{
    size_t start = fields->text.size;
    gt__base64_encode(&fields->text, value);
    add(fields, gt_bytes_str(key), coded_since(fields, start), 0);
}

static size_t base64_size(size_t size)
{
    return size / 3 * 4 + 4;
}

/* How many bytes the "-bin" values of `metadata` take at most. */
static size_t coded_size(const gt_metadata *metadata)
{
    size_t size = 0;
    for (size_t i = 0; i < gt_metadata_count(metadata); i++) {
        gt_metadata_entry entry = gt_metadata_at(metadata, i);
        if (gt__key_is_binary(entry.key, strlen(entry.key)))
            size += base64_size(entry.value.size);
    }
    return size;
}

static void add_metadata(gt__h2_fields *fields, const gt_metadata *metadata)
{
    for (size_t i = 0; i < gt_metadata_count(metadata); i++) {
        gt_metadata_entry entry = gt_metadata_at(metadata, i);
        if (gt__key_is_binary(entry.key, strlen(entry.key)))
            add_binary(fields, entry.key, entry.value);
        else
            add(fields, gt_bytes_str(entry.key), entry.value, 0);
    }
}

void gt__h2_fields_metadata(gt__h2_fields *fields, const gt_metadata *metadata)
{
    reserve_text(fields, coded_size(metadata));
    add_metadata(fields, metadata);
}

void gt__h2_fields_encoding(gt__h2_fields *fields, gt__encoding encoding)
{
    if (encoding != GT__IDENTITY)
        gt__h2_fields_static(fields, "grpc-encoding", gt__encoding_name(encoding));
    gt__h2_fields_static(fields, "grpc-accept-encoding", GT__ENCODINGS);
}

static const char *code_text(int code)
{
    static const char *const texts[] = {"0", "1",  "2",  "3",  "4",  "5",  "6",  "7", "8",
                                        "9", "10", "11", "12", "13", "14", "15", "16"};
    return code >= 0 && code <= 16 ? texts[code] : texts[GT_UNKNOWN];
}

void gt__h2_fields_status(gt__h2_fields *fields, const gt_status *status,
                          const gt_metadata *trailer)
{
    /* Rules T3, T4: neither message nor details go with OK. */
    const char *message = status->code == GT_OK || !status->message ? "" : status->message;
    size_t details = status->code == GT_OK ? 0 : status->details.size;
    reserve_text(fields, 3 * strlen(message) + (details > 0 ? base64_size(details) : 0) +
                             coded_size(trailer));
    gt__h2_fields_static(fields, "grpc-status", code_text((int)status->code));
    if (*message) {
        size_t start = fields->text.size;
        gt__percent_encode(&fields->text, message, strlen(message));
        add(fields, gt_bytes_str("grpc-message"), coded_since(fields, start),
            NGHTTP2_NV_FLAG_NO_COPY_NAME);
    }
    if (details > 0)
        add_binary(fields, "grpc-status-details-bin", status->details);
    add_metadata(fields, trailer);
}

size_t gt__h2_fields_size(const gt__h2_fields *fields)
{
    size_t size = 0;
    for (size_t i = 0; i < fields->count; i++)
        size += fields->list[i].namelen + fields->list[i].valuelen + 32;
    return size;
}

size_t gt__h2_header_room(const gt__h2 *h2)
{
    uint32_t taken =
        nghttp2_session_get_remote_settings(h2->session, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE);
    return taken < GT__H2_MOST_HEADERS ? taken : GT__H2_MOST_HEADERS;
}

gt__h2_packed *gt__h2_fields_pack(const gt__h2_fields *fields)
{
    size_t list_size = fields->count * sizeof(nghttp2_nv), text_size = 0;
    for (size_t i = 0; i < fields->count; i++)
        text_size += fields->list[i].namelen + fields->list[i].valuelen;
    gt__h2_packed *packed = gt__malloc(sizeof *packed + list_size + text_size);
    packed->count = fields->count;
    uint8_t *text = (uint8_t *)&packed->list[fields->count];
    for (size_t i = 0; i < fields->count; i++) {
        nghttp2_nv *nv = &packed->list[i];
        *nv = fields->list[i];
        memcpy(text, nv->name, nv->namelen);
        nv->name = text;
        text += nv->namelen;
        if (nv->valuelen > 0)
            memcpy(text, nv->value, nv->valuelen);
        nv->value = text;
        text += nv->valuelen;
        nv->flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
    }
    return packed;
}
