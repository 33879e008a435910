#include "gauge.h"

/* RFC 9113, section 3.4: PRI * HTTP/2.0, ... in 24 bytes. No frame header begins so: it would be of
 * an unknown type, before any SETTINGS. */
#define PREFACE_SIZE 24

static void read_header(gt__gauge *gauge)
{
    const uint8_t *h = gauge->header;
    gauge->rest = (uint32_t)h[0] << 16 | (uint32_t)h[1] << 8 | h[2];
    gauge->preface = !gauge->begun && memcmp(h, "PRI * HTT", sizeof gauge->header) == 0;
    if (gauge->preface)
        gauge->rest = PREFACE_SIZE - sizeof gauge->header;
    gauge->begun = true;
}

/* Takes some of a header or of a payload; how many bytes. */
static size_t take(gt__gauge *gauge, gt_bytes bytes)
{
    if (gauge->have < sizeof gauge->header) {
        gauge->header[gauge->have++] = bytes.data[0];
        if (gauge->have == sizeof gauge->header)
            read_header(gauge);
        return 1;
    }
    size_t size = bytes.size < gauge->rest ? bytes.size : gauge->rest;
    gauge->rest -= (uint32_t)size;
    return size;
}

bool gt__gauge_pass(gt__gauge *gauge, gt_bytes bytes, uint64_t *frames, size_t *offset)
{
    bool found = false;
    size_t done = 0;
    while (done < bytes.size) {
        done += take(gauge, gt_bytes_of(bytes.data + done, bytes.size - done));
        if (gauge->have < sizeof gauge->header || gauge->rest > 0)
            continue;
        gauge->have = 0;
        if (!gauge->preface && *frames > 0 && --*frames == 0) {
            *offset = done;
            found = true;
        }
    }
    return found;
}
