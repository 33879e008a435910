#include "greeting.h"

#include <stdio.h>

#define FIELD_1_STRING 0x0a

size_t greeting_pack(const char *text, uint8_t *out)
{
    size_t length = strlen(text);
    out[0] = FIELD_1_STRING;
    out[1] = (uint8_t)length;
    memcpy(out + 2, text, length);
    return length + 2;
}

void greeting_unpack(const uint8_t *message, size_t message_size, char *text, size_t size)
{
    text[0] = '\0';
    if (message_size >= 2 && message[0] == FIELD_1_STRING && message[1] <= message_size - 2)
        snprintf(text, size, "%.*s", (int)message[1], (const char *)message + 2);
}

static int say_hello(gt_call *call, void *user)
{
    greeting_log *log = user;
    gt_bytes request;
    char name[100], text[110];
    uint8_t reply[112];

    int error = gt_call_recv(call, &request);
    if (!error)
        error = gt_context_sleep(gt_call_context(call), HELLO_TAKES);
    if (error) {
        *log = (greeting_log){error, gt_now(gt_call_world(call))};
        return error;
    }
    greeting_unpack(request.data, request.size, name, sizeof name);
    snprintf(text, sizeof text, "Hello %s", name);
    return gt_call_send(call, gt_bytes_of(reply, greeting_pack(text, reply)));
}

static int search_io(gt_call *call, void *user)
{
    gt_bytes message;
    int error;
    (void)user;

    while ((error = gt_call_recv(call, &message)) == 0) {
        error = gt_context_sleep(gt_call_context(call), ECHO_TAKES);
        if (!error)
            error = gt_call_send(call, message);
        if (error)
            return error;
    }
    return error == GT_EOF ? GT_OK : error;
}

void greeting_add(gt_server *server, greeting_log *log)
{
    gt_server_handle(server, SAY_HELLO, GT_UNARY, say_hello, log);
    gt_server_handle(server, SEARCH_IO, GT_BIDI_STREAMING, search_io, NULL);
}
