/* Which files capture which connections: those of a test, and the one that the environment asks
 * for. */
#include "capture.h"

#include "captured.h"
#include "engine/core/thread.h"
#include "pcapng.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Where virtual time is 0: the clock's face in a capture is then the world's time. */
#define START_OF_2000 GT_SEC(946684800)

/* ---- files ---------------------------------------------------------------------------------- */

static gt_pcap *new_pcap(gt_world *world, const gt__pcap_file *file)
{
    gt_pcap *pcap = gt__new(gt_pcap);
    pcap->world = world;
    pcap->file = *file;
    pcap->epoch = START_OF_2000;
    if (gt_world_clock(world) == GT_CLOCK_REAL) {
        struct timespec now;
        timespec_get(&now, TIME_UTC);
        pcap->epoch = GT_SEC(now.tv_sec) + now.tv_nsec - gt_now(world);
    }
    gt__list_init(&pcap->all);
    gt__list_init(&pcap->stories);
    gt__pcapng_section(&pcap->file.blocks, program_invocation_short_name);
    gt__pcap_file_flush(&pcap->file);
    return pcap;
}

static void free_pcap(gt_pcap *pcap)
{
    while (!gt__list_empty(&pcap->stories))
        gt__story_free(gt__container_of(pcap->stories.next, gt__story, in_pcap));
    gt__list_remove(&pcap->all);
    gt__pcap_file_close(&pcap->file);
    gt__free(pcap);
}

/* Connection `number` of the section has interface `number` - 1, called as who dialled. */
static void introduce(gt__story *story, const char *kind, const char *client, const char *server)
{
    gt_pcap *pcap = story->pcap;
    gt__buffer *out = &pcap->file.blocks;
    uint32_t number = ++pcap->count;
    gt__tcp_story_init(&story->tcp, out, number - 1, pcap->file.place, number);
    gt__pcapng_name names[2] = {{.name = client}, {.name = server}};
    for (int i = 0; i < 2; i++)
        memcpy(names[i].address, story->tcp.ends[i].address, sizeof names[i].address);
    char *description = gt__printf("%s from %s to %s", kind, client, server);
    gt__pcapng_interface(out, client, description);
    gt__pcapng_names(out, names, 2);
    gt__free(description);
}

/* The first packet says where the test was: often it is all that tells one test from the next. */
static void begin_story(gt__story *story)
{
    gt_pcap *pcap = story->pcap;
    int line;
    const char *file = gt__world_place(pcap->world, &line);
    char *comment = line > 0 ? gt__printf("the test was at %s:%d", file, line) : NULL;
    gt__tcp_story_connected(&story->tcp, gt__pcap_time(pcap), comment);
    gt__pcap_file_flush(&pcap->file);
    gt__free(comment);
}

static void capture(gt_pcap *pcap, gt_conn *client, gt_conn *server)
{
    gt__story *story = gt__new(gt__story);
    story->pcap = pcap;
    gt__list_init(&story->in_wire);
    gt__list_push_back(&pcap->stories, &story->in_pcap);
    if (!gt__wire_capture(client, server, story)) {
        gt__story_free(story);
        return;
    }
    introduce(story, gt_conn_kind(client ? client : server),
              client ? client->local_name : server->peer_name,
              server ? server->local_name : client->peer_name);
    begin_story(story);
}

/* ---- whole worlds --------------------------------------------------------------------------- */

typedef struct captures {
    gt__link all;   /* files that capture every connection */
    gt_pcap *asked; /* the one that the environment asks for, or NULL */
} captures;

static gt_pcap *open_asked(gt_world *world, const char *pattern)
{
    gt__pcap_file file;
    char *reason, *path = gt__pcap_file_path(pattern);
    int error = gt__pcap_file_append(&file, path, &reason);
    gt__free(path);
    if (!error)
        return new_pcap(world, &file);
    if (!gt__thread_here.wire.warned)
        fprintf(stderr, "grpctest: GRPCTEST_PCAP: %s; nothing is captured\n", reason);
    gt__thread_here.wire.warned = true;
    gt__free(reason);
    return NULL;
}

static void *make_captures(gt_world *world)
{
    captures *made = gt__new(captures);
    const char *pattern = getenv("GRPCTEST_PCAP");
    gt__list_init(&made->all);
    if (pattern && pattern[0])
        made->asked = open_asked(world, pattern);
    if (made->asked)
        gt__list_push_back(&made->all, &made->asked->all);
    return made;
}

static void drop_captures(void *object)
{
    captures *dropped = object;
    if (dropped->asked)
        free_pcap(dropped->asked);
    gt__free(dropped);
}

static captures *captures_of(gt_world *world)
{
    static const char key;
    return gt__world_attachment(world, &key, make_captures, drop_captures);
}

void gt__capture_new(gt_conn *client, gt_conn *server)
{
    const captures *here = captures_of(client ? client->world : server->world);
    for (gt__link *link = here->all.next; link != &here->all; link = link->next)
        capture(gt__container_of(link, gt_pcap, all), client, server);
}

/* ---- pcap.h --------------------------------------------------------------------------------- */

static void reclaim(gt__entry *entry)
{
    free_pcap(gt__container_of(entry, gt_pcap, entry));
}

int gt_pcap_open_at(gt_world *world, const char *path, gt_pcap **pcap, char **reason,
                    const char *file, int line)
{
    gt__pcap_file opened;
    char *why = NULL;
    int error = gt__pcap_file_open(&opened, path, &why);
    *pcap = NULL;
    if (!error) {
        *pcap = new_pcap(world, &opened);
        gt__ledger_add(&(*pcap)->entry, world, "pcap", file, line, reclaim);
    }
    if (reason)
        *reason = why;
    else
        gt__free(why);
    return error;
}

void gt_pcap_all(gt_pcap *pcap)
{
    gt__list_remove(&pcap->all);
    gt__list_push_back(&captures_of(pcap->world)->all, &pcap->all);
}

void gt_pcap_conn(gt_pcap *pcap, gt_conn *conn)
{
    if (conn->world != pcap->world)
        gt__misuse("gt_pcap_conn: connection \"%s\" is of another world than the capture \"%s\"",
                   conn->local_name, pcap->file.path);
    gt_conn *other = conn->other;
    capture(pcap, conn->accepted ? other : conn, conn->accepted ? conn : other);
}

int gt_pcap_close(gt_pcap *pcap)
{
    if (!pcap)
        return 0;
    int error = pcap->file.failed ? GT_EIO : 0;
    gt__ledger_remove(&pcap->entry);
    free_pcap(pcap);
    return error;
}
