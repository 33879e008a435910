#include "pcap_kit.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- files --------------------------------------------------------------------------------- */

gt_buffer read_file(const char *path)
{
    gt_buffer bytes = {0};
    char some[4096];
    size_t size;
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "cannot read %s\n", path);
        abort();
    }
    while ((size = fread(some, 1, sizeof some, file)) > 0)
        gt_buffer_add(&bytes, gt_bytes_of(some, size));
    fclose(file);
    return bytes;
}

static char scratch[] = "/tmp/grpctest-pcap-XXXXXX";
static pid_t scratch_owner;

static void remove_scratch(void)
{
    char path[512];
    struct dirent *entry;
    DIR *folder = opendir(scratch);
    if (!folder || scratch_owner != getpid())
        return;
    while ((entry = readdir(folder))) {
        snprintf(path, sizeof path, "%s/%s", scratch, entry->d_name);
        unlink(path);
    }
    closedir(folder);
    rmdir(scratch);
}

char *scratch_path(const char *name)
{
    if (!scratch_owner) {
        if (!mkdtemp(scratch))
            abort();
        scratch_owner = getpid();
        atexit(remove_scratch);
    }
    return gt__printf("%s/%s", scratch, name);
}

/* ---- numbers ------------------------------------------------------------------------------- */

static uint32_t little(const uint8_t *at, int size)
{
    uint32_t number = 0;
    while (size-- > 0)
        number = number << 8 | at[size];
    return number;
}

static uint32_t big(const uint8_t *at, int size)
{
    uint32_t number = 0;
    for (int i = 0; i < size; i++)
        number = number << 8 | at[i];
    return number;
}

/* The first option of this code in options that begin at `at`, or none. */
static gt_bytes option(gt_bytes block, size_t at, uint32_t code)
{
    while (at + 4 <= block.size) {
        size_t size = little(block.data + at + 2, 2);
        if (little(block.data + at, 2) == code)
            return gt_bytes_of(block.data + at + 4, size);
        at += 4 + (size + 3) / 4 * 4;
    }
    return gt_bytes_of(NULL, 0);
}

/* ---- packets ------------------------------------------------------------------------------- */

static const char *broken_ip(gt_bytes ip)
{
    uint64_t sum = 6 + ip.size - 40;
    if (ip.size < 60 || ip.data[0] != 0x60 || ip.data[6] != 6)
        return "not TCP over IPv6";
    if (big(ip.data + 4, 2) != ip.size - 40)
        return "the size of the payload";
    for (size_t i = 8; i < ip.size; i++)
        sum += i % 2 ? ip.data[i] : (uint64_t)ip.data[i] << 8;
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff ? NULL : "the checksum";
}

static void add_end(gt_buffer *text, const uint8_t *address)
{
    uint32_t number = big(address + 10, 4);
    if (number != 1)
        gt__buffer_printf(text, "%u:", number);
    gt__buffer_printf(text, "%u", big(address + 14, 2));
}

static void add_flags(gt_buffer *text, uint8_t flags)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK"};
    for (int i = 0; i < 5; i++)
        if (flags & 1 << i)
            gt__buffer_printf(text, " %s", names[i]);
}

static void add_body(gt_buffer *text, gt_bytes body)
{
    bool printable = body.size <= 32;
    for (size_t i = 0; i < body.size; i++)
        printable = printable && isprint(body.data[i]);
    if (printable)
        gt__buffer_printf(text, "  \"%.*s\"", (int)body.size, (const char *)body.data);
    else
        gt__buffer_printf(text, "  %zu bytes", body.size);
}

static const char *add_packet(gt_buffer *text, gt_bytes block, uint64_t *last)
{
    uint64_t time = (uint64_t)little(block.data + 12, 4) << 32 | little(block.data + 16, 4);
    gt_bytes ip = gt_bytes_of(block.data + 28, little(block.data + 20, 4));
    const char *wrong = broken_ip(ip);
    if (wrong)
        return wrong;
    if (time < *last)
        return "time goes back";
    *last = time;
    const uint8_t *tcp = ip.data + 40;
    size_t header = 40 + (size_t)(tcp[12] >> 4) * 4;
    gt__buffer_printf(text, "%.3f ms  ", (double)(int64_t)(time - 946684800000000000u) / 1e6);
    add_end(text, ip.data + 8);
    gt__buffer_printf(text, " > ");
    add_end(text, ip.data + 24);
    gt__buffer_printf(text, " ");
    add_flags(text, tcp[13]);
    gt__buffer_printf(text, " %u", big(tcp + 4, 4));
    if (tcp[13] & 0x10)
        gt__buffer_printf(text, " %u", big(tcp + 8, 4));
    if (ip.size > header)
        add_body(text, gt_bytes_of(ip.data + header, ip.size - header));
    gt_bytes comment = option(block, 28 + (ip.size + 3) / 4 * 4, 1);
    if (comment.size > 0)
        gt__buffer_printf(text, "  [%.*s]", (int)comment.size, (const char *)comment.data);
    gt__buffer_printf(text, "\n");
    return NULL;
}

/* ---- blocks -------------------------------------------------------------------------------- */

static void add_interface(gt_buffer *text, gt_bytes block)
{
    gt_bytes name = option(block, 16, 2), description = option(block, 16, 3);
    gt__buffer_printf(text, "interface %.*s: %.*s\n", (int)name.size, (const char *)name.data,
                      (int)description.size, (const char *)description.data);
}

static void add_names(gt_buffer *text, gt_bytes block)
{
    gt__buffer_printf(text, "names");
    for (size_t at = 8; little(block.data + at, 2) != 0;) {
        size_t size = little(block.data + at + 2, 2);
        gt__buffer_printf(text, "%s %s", at == 8 ? "" : ",", (const char *)block.data + at + 20);
        at += 4 + (size + 3) / 4 * 4;
    }
    gt__buffer_printf(text, "\n");
}

static const char *add_block(gt_buffer *text, gt_bytes block, uint64_t *last)
{
    switch (little(block.data, 4)) {
    case 0x0a0d0d0a:
        *last = 0;
        gt__buffer_printf(text, "section\n");
        return NULL;
    case 1:
        add_interface(text, block);
        return NULL;
    case 4:
        add_names(text, block);
        return NULL;
    case 6:
        return add_packet(text, block, last);
    }
    return "an unknown block";
}

char *pcap_text(gt_bytes file)
{
    gt_buffer text = {0};
    uint64_t last = 0;
    const char *wrong = NULL;
    while (!wrong && file.size > 0) {
        uint32_t size = file.size < 12 ? 0 : little(file.data + 4, 4);
        if (size < 12 || size > file.size || size % 4 || little(file.data + size - 4, 4) != size)
            wrong = "the size of a block";
        else
            wrong = add_block(&text, gt_bytes_of(file.data, size), &last);
        file = gt_bytes_of(file.data + size, file.size - size);
    }
    if (wrong)
        gt__buffer_printf(&text, "broken: %s\n", wrong);
    return gt__buffer_take_text(&text);
}

char *pcap_text_of(const char *path)
{
    gt_buffer file = read_file(path);
    char *text = pcap_text(gt_buffer_bytes(&file));
    gt_buffer_cleanup(&file);
    return text;
}
