/* Runs a target over the files of its corpus, without libFuzzer: a test that any compiler builds.
 */
#include "fuzz.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The name of what runs, for when it ends in the middle. */
static void announce(const char *path)
{
    printf("%s\n", path);
    fflush(stdout);
}

/* Into a block of just its size, so that a byte too far is seen. */
static void run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    gt_buffer bytes = {0};
    uint8_t piece[4096];
    size_t size;
    if (!file) {
        perror(path);
        exit(1);
    }
    while ((size = fread(piece, 1, sizeof piece, file)) > 0)
        gt_buffer_add(&bytes, gt_bytes_of(piece, size));
    fclose(file);
    uint8_t *exact = gt__memdup(bytes.data, bytes.size);
    LLVMFuzzerTestOneInput(exact, bytes.size);
    gt__free(exact);
    gt_buffer_cleanup(&bytes);
}

/* A folder's files, in order of their names; or one file. */
static void run_path(const char *path)
{
    char *pattern = gt__printf("%s/*", path);
    glob_t found = {0};
    if (glob(pattern, 0, NULL, &found) != 0) {
        announce(path);
        run_file(path);
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        announce(found.gl_pathv[i]);
        run_file(found.gl_pathv[i]);
    }
    globfree(&found);
    gt__free(pattern);
}

int main(int count, char **arguments)
{
    if (count < 2) {
        fprintf(stderr, "usage: %s FILE|FOLDER...\n", arguments[0]);
        return 2;
    }
    for (int i = 1; i < count; i++)
        run_path(arguments[i]);
    return 0;
}
