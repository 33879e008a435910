#include "pcapng.h"

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, NAMES = 4, PACKET = 6 };
enum { END_OF_OPTIONS = 0, COMMENT = 1, APPLICATION = 4 };
enum { INTERFACE_NAME = 2, INTERFACE_DESCRIPTION = 3, INTERFACE_RESOLUTION = 9 };
enum { END_OF_NAMES = 0, NAME_OF_IPV6 = 2 };
enum { RAW_IP = 101, NANOSECONDS = 9 };

/* ---- numbers, padding, options ------------------------------------------------------------- */

static void add_number(gt__buffer *out, uint64_t number, int size)
{
    for (int i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)(number >> (8 * i));
        gt__buffer_add(out, &byte, 1);
    }
}

static void add_u16(gt__buffer *out, uint16_t number)
{
    add_number(out, number, 2);
}

static void add_u32(gt__buffer *out, uint32_t number)
{
    add_number(out, number, 4);
}

/* To the next multiple of four. */
static void pad(gt__buffer *out, size_t size)
{
    static const uint8_t zeros[3];
    gt__buffer_add(out, zeros, -size & 3);
}

/* What an option or a record holds at most is a little less than 64 KiB. */
static size_t text_size(const char *text)
{
    return strnlen(text, 65000);
}

static void add_option(gt__buffer *out, uint16_t code, const char *text)
{
    size_t size = text_size(text);
    add_u16(out, code);
    add_u16(out, (uint16_t)size);
    gt__buffer_add(out, text, size);
    pad(out, size);
}

static void end_options(gt__buffer *out)
{
    add_option(out, END_OF_OPTIONS, "");
}

/* ---- blocks -------------------------------------------------------------------------------- */

/* Its place; its size follows when it is known. */
static size_t begin_block(gt__buffer *out, uint32_t type)
{
    size_t place = out->size;
    add_u32(out, type);
    add_u32(out, 0);
    return place;
}

/* Blocks are whole words here: their parts are padded. */
static void end_block(gt__buffer *out, size_t place)
{
    uint32_t size = (uint32_t)(out->size - place) + 4;
    add_u32(out, size);
    memcpy(out->data + place + 4, out->data + out->size - 4, 4);
}

void gt__pcapng_section(gt__buffer *out, const char *comment)
{
    size_t block = begin_block(out, SECTION);
    add_u32(out, 0x1a2b3c4d); /* the order of bytes */
    add_u16(out, 1);          /* version 1.0 */
    add_u16(out, 0);
    add_number(out, UINT64_MAX, 8); /* the section's size is not told */
    add_option(out, COMMENT, comment);
    add_option(out, APPLICATION, "grpctest");
    end_options(out);
    end_block(out, block);
}

void gt__pcapng_interface(gt__buffer *out, const char *name, const char *description)
{
    static const char resolution[] = {NANOSECONDS, '\0'};
    size_t block = begin_block(out, INTERFACE);
    add_u16(out, RAW_IP);
    add_u16(out, 0);
    add_u32(out, 0); /* packets are never cut */
    add_option(out, INTERFACE_NAME, name);
    add_option(out, INTERFACE_DESCRIPTION, description);
    add_option(out, INTERFACE_RESOLUTION, resolution);
    end_options(out);
    end_block(out, block);
}

void gt__pcapng_names(gt__buffer *out, const gt__pcapng_name *names, size_t count)
{
    size_t block = begin_block(out, NAMES);
    for (size_t i = 0; i < count; i++) {
        size_t size = text_size(names[i].name);
        add_u16(out, NAME_OF_IPV6);
        add_u16(out, (uint16_t)(sizeof names[i].address + size + 1));
        gt__buffer_add(out, names[i].address, sizeof names[i].address);
        gt__buffer_add(out, names[i].name, size);
        add_number(out, 0, 1);
        pad(out, size + 1);
    }
    add_u16(out, END_OF_NAMES);
    add_u16(out, 0);
    end_block(out, block);
}

void gt__pcapng_packet_add(gt__buffer *out, const gt__pcapng_packet *packet)
{
    size_t size = packet->head.size + packet->body.size;
    size_t block = begin_block(out, PACKET);
    add_u32(out, packet->interface);
    add_u32(out, (uint32_t)(packet->time >> 32));
    add_u32(out, (uint32_t)packet->time);
    add_u32(out, (uint32_t)size); /* in the file, and on the wire */
    add_u32(out, (uint32_t)size);
    gt__buffer_add(out, packet->head.data, packet->head.size);
    gt__buffer_add(out, packet->body.data, packet->body.size);
    pad(out, size);
    if (packet->comment) {
        add_option(out, COMMENT, packet->comment);
        end_options(out);
    }
    end_block(out, block);
}
