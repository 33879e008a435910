/* Scripts that a careful peer and application could have written. */
#include "machine.h"
#include "seeds.h"

#define S(name) MACHINE_##name
#define ALL 0x00    /* FEED, DRAIN, TAKE: all there is */
#define CREDITED 64 /* TAKE: so many, and give the credit back */
#define END_STREAM 0x80

static const uint8_t begin[] = {MACHINE_PROMPT, 0, 0};
static const uint8_t tight[] = {MACHINE_PROMPT, 0, 8}; /* few of each kind of frame */
static const uint8_t about[] = {MACHINE_PROMPT, 1, 0}; /* messages of 100 bytes at most */
static const uint8_t large[] = {MACHINE_PROMPT, 3, 0}; /* messages of 4 MiB at most */
static const uint8_t narrow[] = {0, 0x41, 0x7f};       /* small limits and windows */

#define SCRIPT(target, name, head, ...)                                                            \
    seed_write(                                                                                    \
        target, name, gt_bytes_of(head, sizeof(head)),                                             \
        gt_bytes_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})))

static void write_client_scripts(void)
{
    SCRIPT("client", "a_call_is_answered", begin, S(START), 0, S(SEND), 0, 5, S(END), 0,
           S(PEER_CALL), 0, 0, S(PEER_MESSAGE), 0, 3, 0, 10, S(PEER_TRAILERS), 0, 0, 0, S(FEED),
           ALL, S(TAKE), ALL);
    SCRIPT("client", "two_calls_are_answered_in_turns", begin, S(START), 0x10, S(START), 8,
           S(PEER_CALL), 0, 1, 8, S(PEER_CALL), 1, 0, S(PEER_MESSAGE), 0, 0x22, 9, 2, 20, 0, 30,
           S(FEED), ALL, S(WANT), 1, S(PEER_MESSAGE), 1, 3, 0, 100, S(PEER_TRAILERS), 1, 5, 2, 13,
           14, S(FEED), 50, S(TAKE), CREDITED, S(PEER_RESET), 0, 8, S(FEED), ALL);
    SCRIPT("client", "trailers_alone_answer_a_call", begin, S(START), 0x0f, 1, 0, S(PEER_TRAILERS),
           0, 7, 0x83, 13, 14, 15, S(FEED), ALL, S(TAKE), ALL);
    SCRIPT("client", "a_call_is_cancelled_among_messages", begin, S(START), 0, S(PEER_CALL), 0, 0,
           S(PEER_CLAIM), 0, 0, 100, 3, 'a', 'b', 'c', S(FEED), ALL, S(RESET), 0, 0x88,
           S(PEER_DATA), 0, 0, 2, 'd', 'e', S(FEED), ALL);
    SCRIPT("client", "the_peer_says_goaway_among_calls", begin, S(START), 0, S(START), 0, S(START),
           0, S(PEER_GOAWAY), 1, 0, 3, 'b', 'y', 'e', S(PEER_CALL), 0, 0, S(PEER_TRAILERS), 0, 0, 0,
           S(FEED), ALL, S(TAKE), ALL, S(START), 0);
    SCRIPT("client", "windows_and_streams_are_scarce", narrow, S(PEER_SETTING), 3, 1,
           S(PEER_SETTING), 4, 10, S(FEED), ALL, S(START), 0, S(START), 0, S(SEND), 0, 100,
           S(DRAIN), ALL, S(PEER_WINDOW), 0, 0, 50, S(FEED), ALL, S(DRAIN), 0x85, S(DRAIN), ALL);
    SCRIPT("client", "headers_come_in_pieces", begin, S(START), 0, S(PEER_HEADERS), 0, 4, 11, 5, 8,
           15, 0xac, 3, 0, 7, S(FEED), 20, S(FEED), ALL, S(PEER_AGAIN), 2, S(FEED), ALL);
}

static void write_server_scripts(void)
{
    SCRIPT("server", "a_call_is_answered", begin, S(PEER_CALL), 0, 0, S(PEER_MESSAGE), 0, 0x83, 0,
           10, S(FEED), ALL, S(TAKE), ALL, S(START), 0, 1, S(SEND), 0, 5, S(END), 0, 0);
    SCRIPT("server", "two_calls_are_answered_in_turns", begin, S(PEER_CALL), 0, 2, 8, 9,
           S(PEER_CALL), 1, 1, 7, S(PEER_MESSAGE), 0, 0x22, 9, 2, 20, 0, 30, S(FEED), ALL, S(TAKE),
           CREDITED, S(START), 0x20, 0, S(WANT), 1, S(SEND), 0, 0xd0, S(PEER_MESSAGE), 1, 0x83, 0,
           100, S(FEED), ALL, S(END), 1, 0x85, S(END), 0, 0);
    SCRIPT("server", "a_call_is_refused", begin, S(PEER_HEADERS), 0, 4, 0, 1, 2, 21, 5,
           S(PEER_CALL), 1, 2, 19, 24, S(PEER_CALL), 2, END_STREAM, S(FEED), ALL, S(TAKE), ALL);
    SCRIPT("server", "a_call_is_reset_among_messages", begin, S(PEER_CALL), 0, 0, S(PEER_CLAIM), 0,
           0, 100, 3, 'a', 'b', 'c', S(FEED), ALL, S(TAKE), ALL, S(SEND), 0, 50, S(PEER_RESET), 0,
           8, S(FEED), ALL, S(SEND), 0, 50);
    SCRIPT("server", "the_server_stops_gracefully", begin, S(PEER_CALL), 0, 0, S(FEED), ALL,
           S(TAKE), ALL, S(GOAWAY), 0x80, S(PEER_PING), 1, S(PEER_CALL), 1, 0, S(FEED), ALL,
           S(GOAWAY), 0x10, S(END), 0, 0, S(ADVANCE), 0, 0, 1, 0);
    SCRIPT("server", "windows_are_scarce", narrow, S(PEER_SETTING), 4, 10, S(PEER_CALL), 0, 0,
           S(PEER_MESSAGE), 0, 0x23, 20, 0, 90, S(FEED), ALL, S(TAKE), ALL, S(SEND), 0, 100,
           S(SEND), 0, 100, S(DRAIN), ALL, S(PEER_WINDOW), 0, 0, 50, S(FEED), ALL, S(DRAIN), 0x85,
           S(END), 0, 0, S(DRAIN), ALL);
    SCRIPT("server", "too_many_pings_come", tight, S(PEER_PING), 0, S(PEER_AGAIN), 2, S(FEED), ALL,
           S(PEER_PING), 0, S(FEED), ALL);
    SCRIPT("server", "messages_of_about_the_limit_come", about, S(PEER_CALL), 0, 0, S(PEER_MESSAGE),
           0, 3, 0, 0xb7, S(PEER_MESSAGE), 0, 3, 0, 0xb8, S(PEER_MESSAGE), 0, 3, 0, 0xb9, S(FEED),
           ALL);
    SCRIPT("server", "a_prefix_claims_four_megabytes", large, S(PEER_CALL), 0, 0, S(PEER_CLAIM), 0,
           0xc0, 0, 0x3f, 0xff, 0xff, 3, 'a', 'b', 'c', S(FEED), ALL, S(TAKE), ALL);
    SCRIPT("server", "headers_are_too_large", begin, S(PEER_CALL), 0, 0x40, 255, S(FEED), ALL,
           S(TAKE), ALL, S(PEER_SPOIL), 0, 20, 1, S(PEER_PING), 0, S(FEED), ALL);
}

void seed_write_scripts(void)
{
    write_client_scripts();
    write_server_scripts();
}
