#include "show.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static struct {
    int headings, failed;
    double began;
} shown;

/* Of a long transcript: how many lines are shown, and how many of them before what is left out. */
enum { MOST_LINES = 13, FIRST_LINES = 9 };

enum { BOLD = 1, RED = 31, GREEN = 32, BLUE = 34, CYAN = 36, DIM = 2 };

static bool coloured(void)
{
    return isatty(STDOUT_FILENO) != 0;
}

static void print_in(int colour, const char *text, int size)
{
    if (coloured())
        printf("\033[%dm%.*s\033[0m", colour, size, text);
    else
        printf("%.*s", size, text);
}

static void print_all_in(int colour, const char *text)
{
    print_in(colour, text, (int)strlen(text));
}

static double wall_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void show_heading(const char *title, const char *sentence)
{
    printf("\n%d  ", ++shown.headings);
    print_all_in(BOLD, title);
    printf("\n   %s\n\n", sentence);
}

static void show_transcript_line(const char *line, int size)
{
    static const struct {
        const char *mark;
        int colour;
    } arrows[] = {{"->", CYAN}, {"<-", GREEN}, {"--", RED}};
    printf("   ");
    for (int i = 0; i < 3; i++) {
        const char *at = strstr(line, arrows[i].mark);
        if (!at || at - line != 16)
            continue;
        printf("%.16s", line);
        print_in(arrows[i].colour, at, size - 16);
        printf("\n");
        return;
    }
    print_in(DIM, line, size);
    printf("\n");
}

void show_text(const char *text)
{
    while (*text) {
        size_t size = strcspn(text, "\n");
        printf("   %.*s\n", (int)size, text);
        text += size + (text[size] == '\n');
    }
}

static int count_lines(const char *text)
{
    int count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static void show_left_out(int lines)
{
    char text[64];
    snprintf(text, sizeof text, "%18s... %d lines more ...", "", lines);
    printf("   ");
    print_all_in(DIM, text);
    printf("\n");
}

void show_transcript(char *text)
{
    int count = count_lines(text), left_out = count > MOST_LINES ? count - MOST_LINES : 0;
    int number = 0;
    for (char *line = text; *line; number++) {
        size_t size = strcspn(line, "\n");
        char *next = line[size] ? line + size + 1 : line + size;
        line[size] = '\0';
        if (number == FIRST_LINES && left_out > 0)
            show_left_out(left_out);
        if (number < FIRST_LINES || number >= FIRST_LINES + left_out)
            show_transcript_line(line, (int)size);
        line = next;
    }
    gt_free(text);
}

void show_gap(void)
{
    printf("\n");
}

void show_line(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("   ");
    vprintf(format, args);
    printf("\n");
    va_end(args);
}

void show_begin(void)
{
    shown.began = wall_milliseconds();
}

void show_verdict(bool passed, gt_time virtual_time)
{
    double wall = wall_milliseconds() - shown.began;
    printf("\n   virtual time %10.3f ms    wall time %8.3f ms    ", (double)virtual_time / 1e6,
           wall);
    print_all_in(passed ? GREEN : RED, passed ? "passed" : "FAILED");
    printf("\n");
    shown.failed += !passed;
}

int show_failed(void)
{
    return shown.failed;
}
