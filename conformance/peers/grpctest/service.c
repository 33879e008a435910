#include "service.h"

#include <stdio.h>
#include <stdlib.h>

struct peer_service {
    peer_greeter *greeter;
    peer_chat *chat;
    gt_health *health;
};

void *peer_allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory) {
        fprintf(stderr, "peer: out of memory\n");
        abort();
    }
    return memory;
}

peer_service *peer_service_new(gt_world *world, gt_event *drain)
{
    peer_service *service = peer_allocate(sizeof *service);
    service->health = gt_health_new(world);
    service->greeter = peer_greeter_new(service->health, drain);
    service->chat = peer_chat_new(world);
    return service;
}

void peer_service_free(peer_service *service)
{
    peer_greeter_free(service->greeter);
    peer_chat_free(service->chat);
    gt_health_free(service->health);
    free(service);
}

void peer_service_add(peer_service *service, gt_server *server)
{
    peer_greeter_add(service->greeter, server);
    peer_search_add(server);
    peer_chat_add(service->chat, server);
    gt_health_serve(service->health, server);
}

const char *peer_asked(const gt_call *call, const char *key)
{
    return gt_metadata_get(gt_call_request_metadata(call), key);
}

/* The request's values under `key`, and under `key` with "-bin", as metadata of their own. Those
 * that may not be sent back (a peer can send what is not printable) are left out. */
static gt_metadata *echoed(const gt_call *call, const char *key)
{
    const gt_metadata *request = gt_call_request_metadata(call);
    gt_metadata *echo = gt_metadata_new();
    size_t length = strlen(key);

    for (size_t i = 0; i < gt_metadata_count(request); i++) {
        gt_metadata_entry entry = gt_metadata_at(request, i);
        if (strncmp(entry.key, key, length) != 0)
            continue;
        const char *rest = entry.key + length;
        int error = 0;
        if (strcmp(rest, "") == 0)
            error = gt_metadata_append(echo, entry.key, (const char *)entry.value.data);
        else if (strcmp(rest, "-bin") == 0)
            error = gt_metadata_append_bin(echo, entry.key, entry.value);
        if (error)
            fprintf(stderr, "peer: a value under %s cannot be sent back\n", entry.key);
    }
    return echo;
}

int peer_begin(gt_call *call)
{
    gt_metadata *header = echoed(call, PEER_ECHO_HEADER);
    gt_metadata *trailer = echoed(call, PEER_ECHO_TRAILER);
    const char *encoding = peer_asked(call, PEER_COMPRESS);
    int error = encoding ? gt_call_set_compression(call, encoding) : 0;

    if (!error && gt_metadata_count(header) > 0)
        error = gt_call_send_header(call, header);
    gt_call_add_trailer(call, trailer);
    gt_metadata_free(header);
    gt_metadata_free(trailer);
    return error;
}
