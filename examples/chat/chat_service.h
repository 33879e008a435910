/* chat_service.h - a chat between callers (scenario S17), written as a user of grpctest would.
 * Rule: a message waits until the one it is for has joined; nothing is lost. */
#ifndef CHAT_SERVICE_H
#define CHAT_SERVICE_H

#include <grpctest/grpctest.h>
#include <grpctest/protobufc.h>

typedef struct chat_room chat_room;

chat_room *chat_room_new(void);
void chat_room_free(chat_room *room);

/* Serves chat.ChatService on `server`. The room must live as long as the server. */
void chat_room_serve(chat_room *room, gt_server *server);

/* Who said something, in the order in which it reached the room: "jack jill". */
const char *chat_room_order(const chat_room *room);

#endif
