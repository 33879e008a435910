#include "tcp_story.h"

#include "pcapng.h"

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10 };
enum { IPV6_HEADER = 40, TCP_HEADER = 20, SYN_OPTIONS = 8 };
enum { TCP = 6, HOPS = 64 };

/* A window of 1 GiB: what fits is the connection's own affair. */
enum { WINDOW = 0xffff, WINDOW_SCALE = 14 };

static void put_u16(uint8_t *at, uint32_t number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

static void put_u32(uint8_t *at, uint32_t number)
{
    put_u16(at, number >> 16);
    put_u16(at + 2, number);
}

/* ---- packets ------------------------------------------------------------------------------- */

/* Adds up words of 16 bits, the last one filled up with zeros. */
static uint64_t sum_words(uint64_t sum, gt_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        sum += i % 2 == 0 ? (uint64_t)bytes.data[i] << 8 : bytes.data[i];
    return sum;
}

/* Over the addresses, size and protocol too (RFC 8200, section 8.1). `head` is whole words. */
static uint16_t checksum(const uint8_t *head, size_t head_size, gt_bytes body)
{
    uint64_t sum = TCP + head_size - IPV6_HEADER + body.size;
    sum = sum_words(sum, gt_bytes_of(head + 8, head_size - 8)); /* from the addresses on */
    sum = sum_words(sum, body);
    while (sum > 0xffff)
        sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)~sum;
}

static void put_tcp_header(const gt__tcp_story *story, uint8_t *tcp, int end, int flags,
                           size_t size)
{
    put_u16(tcp, end == 0 ? GT__STORY_CLIENT_PORT : GT__STORY_SERVER_PORT);
    put_u16(tcp + 2, end == 0 ? GT__STORY_SERVER_PORT : GT__STORY_CLIENT_PORT);
    put_u32(tcp + 4, story->ends[end].sent);
    put_u32(tcp + 8, flags & ACK ? story->ends[end].taken : 0);
    tcp[12] = (uint8_t)(size / 4 << 4);
    tcp[13] = (uint8_t)flags;
    put_u16(tcp + 14, WINDOW);
    if (flags & SYN) {
        static const uint8_t options[SYN_OPTIONS] = {
            2, 4, GT__STORY_SEGMENT >> 8, GT__STORY_SEGMENT & 0xff, 3, 3, WINDOW_SCALE, 0};
        memcpy(tcp + TCP_HEADER, options, sizeof options);
    }
}

/* One packet from `end`; whatever it carries is then sent. */
static void tell(gt__tcp_story *story, uint64_t time, int end, int flags, gt_bytes body,
                 const char *comment)
{
    uint8_t head[IPV6_HEADER + TCP_HEADER + SYN_OPTIONS] = {0x60}; /* version 6 */
    size_t tcp_size = TCP_HEADER + (flags & SYN ? SYN_OPTIONS : 0);
    size_t size = IPV6_HEADER + tcp_size;
    put_u16(head + 4, (uint32_t)(tcp_size + body.size));
    head[6] = TCP;
    head[7] = HOPS;
    memcpy(head + 8, story->ends[end].address, 16);
    memcpy(head + 24, story->ends[1 - end].address, 16);
    put_tcp_header(story, head + IPV6_HEADER, end, flags, tcp_size);
    put_u16(head + IPV6_HEADER + 16, checksum(head, size, body));
    gt__pcapng_packet_add(story->out, &(gt__pcapng_packet){
                                          .interface = story->interface,
                                          .time = time,
                                          .head = gt_bytes_of(head, size),
                                          .body = body,
                                          .comment = comment,
                                      });
    story->ends[end].sent += (uint32_t)body.size + (flags & (SYN | FIN) ? 1 : 0);
}

static const gt_bytes nothing;

/* ---- the story ----------------------------------------------------------------------------- */

void gt__tcp_story_init(gt__tcp_story *story, gt__buffer *out, uint32_t interface, uint64_t place,
                        uint32_t number)
{
    *story = (gt__tcp_story){.out = out, .interface = interface};
    for (int end = 0; end < 2; end++) {
        uint8_t *address = story->ends[end].address;
        address[0] = 0xfd; /* RFC 4193: a net of one's own */
        put_u16(address + 2, (uint32_t)(place >> 32));
        put_u32(address + 4, (uint32_t)place);
        put_u32(address + 10, number);
        put_u16(address + 14, (uint32_t)end + 1);
    }
}

void gt__tcp_story_connected(gt__tcp_story *story, uint64_t time, const char *comment)
{
    tell(story, time, 0, SYN, nothing, comment);
    story->ends[1].taken = story->ends[0].sent;
    tell(story, time, 1, SYN | ACK, nothing, NULL);
    story->ends[0].taken = story->ends[1].sent;
    tell(story, time, 0, ACK, nothing, NULL);
}

void gt__tcp_story_sent(gt__tcp_story *story, uint64_t time, int end, gt_bytes bytes)
{
    while (bytes.size > 0 && !story->ends[end].ended && !story->over) {
        size_t size = bytes.size < GT__STORY_SEGMENT ? bytes.size : GT__STORY_SEGMENT;
        tell(story, time, end, PSH | ACK, gt_bytes_of(bytes.data, size), NULL);
        bytes = gt_bytes_of(bytes.data + size, bytes.size - size);
    }
}

/* Of what was told and not acknowledged yet: the bytes, without the end. */
static size_t bytes_under_way(const gt__tcp_story *story, int reader)
{
    uint32_t numbers = story->ends[1 - reader].sent - story->ends[reader].taken;
    return numbers - (story->ends[1 - reader].ended && !story->ends[reader].saw_end);
}

static void acknowledge(gt__tcp_story *story, uint64_t time, int end, size_t size)
{
    if (size == 0 || story->over)
        return;
    story->ends[end].taken += (uint32_t)size;
    tell(story, time, end, ACK, nothing, NULL);
}

void gt__tcp_story_taken(gt__tcp_story *story, uint64_t time, int end, size_t size)
{
    size_t most = bytes_under_way(story, end);
    acknowledge(story, time, end, size < most ? size : most);
}

void gt__tcp_story_ended(gt__tcp_story *story, uint64_t time, int end)
{
    if (story->ends[end].ended || story->over)
        return;
    story->ends[end].ended = true;
    tell(story, time, end, FIN | ACK, nothing, NULL);
}

void gt__tcp_story_saw_end(gt__tcp_story *story, uint64_t time, int end)
{
    if (!story->ends[1 - end].ended || bytes_under_way(story, end) > 0 || story->ends[end].saw_end)
        return;
    story->ends[end].saw_end = true;
    acknowledge(story, time, end, 1);
}

void gt__tcp_story_reset(gt__tcp_story *story, uint64_t time, int end)
{
    if (story->over)
        return;
    tell(story, time, end, RST | ACK, nothing, NULL);
    story->over = true;
}
