/* grpctest's server of the peer contract (../README.md) on TCP: prints its address when it is
 * ready, ends at the end of its standard input, on TERM, or when a request asks it to, and lets
 * calls finish before. */
#include "flags.h"
#include "service.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int term_pipe[2];

static void on_term(int number)
{
    (void)number;
    close(term_pipe[1]);
}

/* A file descriptor whose end ends the server. */
struct input {
    gt_world *world;
    gt_event *ended;
    gt_context *context;
    int fd;
};

/* Reads the input to its end; what is in it is of no interest. */
static void await_end(void *arg)
{
    struct input *input = arg;
    char bytes[512];

    while (gt_wait_fd(input->world, input->context, GT_NEVER, input->fd, GT_READABLE) >= 0 &&
           read(input->fd, bytes, sizeof bytes) > 0)
        ;
    gt_event_raise(input->ended);
}

/* Blocks until an input ends or `ended` is raised otherwise. */
static int await_any_end(gt_world *world, gt_event *ended)
{
    gt_context *background = gt_context_background(world);
    gt_context *context = gt_context_with_cancel(background);
    struct input inputs[] = {{world, ended, context, STDIN_FILENO},
                             {world, ended, context, term_pipe[0]}};
    gt_task *tasks[2];

    for (int i = 0; i < 2; i++)
        tasks[i] = gt_spawn(world, "input", await_end, &inputs[i]);
    int error = gt_event_wait(ended, NULL);
    gt_context_cancel(context);
    for (int i = 0; i < 2 && !error; i++)
        error = gt_task_join(tasks[i], NULL);
    gt_context_free(context);
    gt_context_free(background);
    return error;
}

static int serve(gt_world *world, gt_listener *listener, const gt_server_options *options)
{
    gt_server *server = gt_server_new(world, options);
    gt_event *ended = gt_event_new(world);
    peer_service *service = peer_service_new(world, ended);
    peer_service_add(service, server);
    gt_server_serve(server, listener);

    printf("listening on %s\n", gt_listener_address(listener));
    fflush(stdout);
    int error = await_any_end(world, ended);
    gt_listener_close(listener);
    if (!error)
        error = gt_server_drain(server, GT_SEC(10));
    gt_server_free(server);
    peer_service_free(service);
    gt_event_free(ended);
    return error;
}

int main(int argc, char **argv)
{
    gt_server_options options = {0};
    (void)argc;
    argv++;
    while (peer_flag(&argv, "--streams", &options.max_concurrent_streams) ||
           peer_flag(&argv, "--stream-window", &options.stream_window) ||
           peer_flag(&argv, "--connection-window", &options.connection_window))
        ;
    if (*argv) {
        fprintf(stderr, "usage: peer_server [--streams N] [--stream-window BYTES] "
                        "[--connection-window BYTES]\n");
        return 2;
    }
    gt_world *world =
        gt_world_new(&(gt_world_options){.clock = GT_CLOCK_REAL, .patience = GT_SEC(3600)});
    gt_listener *listener;
    char *reason;

    if (pipe(term_pipe) != 0 || signal(SIGTERM, on_term) == SIG_ERR) {
        perror("peer_server");
        return 1;
    }
    if (gt_tcp_listen(world, "127.0.0.1:0", &listener, &reason) != 0) {
        fprintf(stderr, "peer_server: %s\n", reason);
        return 1;
    }
    int error = serve(world, listener, &options);
    if (error)
        fprintf(stderr, "peer_server: %s\n", gt_error_text(error));
    gt_listener_free(listener);
    gt_world_free(world);
    close(term_pipe[0]);
    return error ? 1 : 0;
}
