/* The methods of a generated service as handlers of a server. */
#include "engine/core/core.h"
#include <grpctest/protobufc.h>

#include <string.h>

static int answer_unimplemented(gt_call *call, void *user)
{
    (void)user;
    const char *name = strrchr(gt_call_method(call), '/') + 1;
    return gt_call_fail(call, GT_UNIMPLEMENTED, "method %s not implemented", name);
}

static void handle(gt_server *server, const ProtobufCServiceDescriptor *service, const char *name,
                   gt_kind kind, gt_handler_fn *handler, void *user)
{
    char *path = gt__printf("/%s/%s", service->name, name);
    gt_server_handle(server, path, kind, handler, user);
    gt__free(path);
}

static bool is_among(const gt_method *methods, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(methods[i].name, name) == 0)
            return true;
    }
    return false;
}

void gt_server_add_service(gt_server *server, const ProtobufCServiceDescriptor *service,
                           const gt_method *methods, size_t count, void *user)
{
    for (size_t i = 0; i < count; i++) {
        const gt_method *method = &methods[i];
        if (!protobuf_c_service_descriptor_get_method_by_name(service, method->name))
            gt__misuse("the service %s has no method %s", service->name, method->name);
        handle(server, service, method->name, method->kind, method->handler, user);
    }
    for (unsigned i = 0; i < service->n_methods; i++) {
        const char *name = service->methods[i].name;
        if (!is_among(methods, count, name))
            handle(server, service, name, GT_BIDI_STREAMING, answer_unimplemented, NULL);
    }
}
