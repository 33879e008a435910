/* health.h - grpc.health.v1.Health, ready to be served (scenario S12, rule H8).
 * Rule: it knows services by name, "" being the server as a whole, which is SERVING at first. */
#ifndef GRPCTEST_HEALTH_H
#define GRPCTEST_HEALTH_H

#include <grpctest/server.h>

GT_BEGIN_DECLS

typedef struct gt_health gt_health;

/* As in health.proto. */
typedef enum gt_health_status {
    GT_HEALTH_UNKNOWN = 0,
    GT_HEALTH_SERVING = 1,
    GT_HEALTH_NOT_SERVING = 2,
    GT_HEALTH_SERVICE_UNKNOWN = 3 /* only told by Watch */
} gt_health_status;

/* "SERVING", ...; "UNKNOWN" for another number. A static string. */
GT_API const char *gt_health_status_name(int status);

/* Makes one. The caller owns it (gt_health_free), and frees it after the servers that serve it. */
GT_API gt_health *gt_health_new(gt_world *world);
GT_API void gt_health_free(gt_health *health);

/* Registers Check, Watch and List at a server. */
GT_API void gt_health_serve(gt_health *health, gt_server *server);

/* Sets the status of a service (copied name), and wakes those who watch it; several changes at one
 * instant may be told as the last one alone. Setting SERVICE_UNKNOWN forgets the service. Between
 * shutdown and resume it does nothing (as in Go's health server). */
GT_API void gt_health_set(gt_health *health, const char *service, gt_health_status status);

/* The same for a generated service, by the full name in its descriptor (protobuf-c's, or any other
 * that has a `name`). */
#define gt_health_set_service(health, descriptor, status)                                          \
    gt_health_set((health), (descriptor)->name, (status))

/* The present status; GT_HEALTH_SERVICE_UNKNOWN for one that was never set. */
GT_API gt_health_status gt_health_get(const gt_health *health, const char *service);

/* Turns everything NOT_SERVING, and keeps it so until resume, which turns everything SERVING (as
 * Go's health server does). */
GT_API void gt_health_shutdown(gt_health *health);
GT_API void gt_health_resume(gt_health *health);

GT_END_DECLS

#endif
