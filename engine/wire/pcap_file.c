/* A file belongs to whoever has its lock, one world at a time, in this process or another; the
 * kernel gives it back when that ends in whatever way. */
#include "pcap_file.h"

#include <errno.h>
#include <fcntl.h>
#include <grpctest/error.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- opening ------------------------------------------------------------------------------- */

/* Each step gives NULL, or why it could not be done. */

static const char *lock_it(int fd)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return NULL;
    return errno == EWOULDBLOCK ? "another capture is being written to it" : strerror(errno);
}

/* What is appended to something else, or after a torn block, could not be read. A block ends with
 * its size, as it begins with its type and size. */
static bool ends_with_a_block(int fd, off_t size)
{
    static const uint8_t section[4] = {0x0a, 0x0d, 0x0d, 0x0a};
    uint8_t first[4], last[4], again[4];
    if (pread(fd, first, 4, 0) != 4 || memcmp(first, section, 4) != 0 ||
        pread(fd, last, 4, size - 4) != 4)
        return false;
    off_t block = last[0] | last[1] << 8 | last[2] << 16 | (off_t)last[3] << 24;
    return block <= size && pread(fd, again, 4, size - block + 4) == 4 &&
           memcmp(last, again, 4) == 0;
}

static const char *go_to_end(gt__pcap_file *file)
{
    struct stat status;
    if (fstat(file->fd, &status) != 0)
        return strerror(errno);
    if (status.st_size > 0 && !ends_with_a_block(file->fd, status.st_size))
        return "it is there already and does not end as a capture file does";
    file->place = file->size = (uint64_t)lseek(file->fd, 0, SEEK_END);
    return NULL;
}

static const char *empty_it(gt__pcap_file *file)
{
    return ftruncate(file->fd, 0) == 0 ? NULL : strerror(errno);
}

/* Readable too, for a look at what is there. */
static const char *open_regular(gt__pcap_file *file)
{
    struct stat status;
    file->process = getpid();
    file->fd = open(file->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (file->fd < 0 || fstat(file->fd, &status) != 0)
        return strerror(errno);
    return S_ISREG(status.st_mode) ? NULL : "it is no regular file";
}

static int give_up(gt__pcap_file *file, const char *why, char **reason)
{
    *reason = gt__printf("%s: %s", file->path, why);
    gt__pcap_file_close(file);
    return GT_EIO;
}

int gt__pcap_file_open(gt__pcap_file *file, const char *path, char **reason)
{
    *file = (gt__pcap_file){.path = gt__strdup(path)};
    const char *why = open_regular(file);
    if (!why)
        why = lock_it(file->fd);
    if (!why)
        why = empty_it(file);
    return why ? give_up(file, why, reason) : 0;
}

/* More worlds than this are hardly alive at a time. */
enum { FILES = 999 };

int gt__pcap_file_append(gt__pcap_file *file, const char *path, char **reason)
{
    for (int number = 1;; number++) {
        *file = (gt__pcap_file){.path = number == 1 ? gt__strdup(path)
                                                    : gt__printf("%s.%d", path, number)};
        const char *why = open_regular(file);
        if (why)
            return give_up(file, why, reason);
        why = lock_it(file->fd);
        if (!why)
            why = go_to_end(file);
        else if (number < FILES) {
            gt__pcap_file_close(file);
            continue;
        }
        return why ? give_up(file, why, reason) : 0;
    }
}

void gt__pcap_file_close(gt__pcap_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    gt__free(file->path);
    gt__buffer_cleanup(&file->blocks);
}

/* ---- writing ------------------------------------------------------------------------------- */

static bool write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            data += written;
            size -= (size_t)written;
        }
    }
    return true;
}

static void fail(gt__pcap_file *file)
{
    const char *why = strerror(errno);
    fprintf(stderr, "grpctest: %s: %s; the capture ends here, the test goes on\n", file->path, why);
    file->failed = true;
    if (ftruncate(file->fd, (off_t)file->size) != 0)
        fprintf(stderr, "grpctest: %s: %s; its last block is torn\n", file->path, strerror(errno));
}

void gt__pcap_file_flush(gt__pcap_file *file)
{
    if (!file->failed && file->process == getpid()) {
        if (write_all(file->fd, file->blocks.data, file->blocks.size))
            file->size += file->blocks.size;
        else
            fail(file);
    }
    file->blocks.size = 0;
}

/* ---- names --------------------------------------------------------------------------------- */

char *gt__pcap_file_path(const char *pattern)
{
    gt__buffer path = {0};
    for (const char *at = pattern; *at; at++) {
        if (at[0] == '%' && at[1] == 'e') {
            gt__buffer_add_text(&path, program_invocation_short_name);
            at++;
        } else if (at[0] == '%' && at[1] == 'p') {
            gt__buffer_printf(&path, "%ld", (long)getpid());
            at++;
        } else {
            gt__buffer_add(&path, at, 1);
        }
    }
    return gt__buffer_take_text(&path);
}
