/* queue_service.h - a queue of messages that wait for those they are for (scenario S16).
 * Rule: a message is delivered once, in the order of arrival; a receiver for whom nothing came for
 * QUEUE_PATIENCE goes home. */
#ifndef QUEUE_SERVICE_H
#define QUEUE_SERVICE_H

#include <grpctest/grpctest.h>

#define QUEUE_PATIENCE GT_SEC(5)

typedef struct message_queue message_queue;

message_queue *message_queue_new(void);
/* Drops what nobody received; takes NULL. */
void message_queue_free(message_queue *queue);

/* Serves chat.MessageService on `server`. The queue must live as long as the server. */
void message_queue_serve(message_queue *queue, gt_server *server);

#endif
