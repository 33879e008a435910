/* show.h - what the demo prints: aligned, coloured on a terminal, plain in a pipe. */
#ifndef DEMO_SHOW_H
#define DEMO_SHOW_H

#include <grpctest/grpctest.h>
#include <stdbool.h>

/* A numbered heading and a sentence that says what is about to be seen. */
void show_heading(const char *title, const char *sentence);

/* A transcript (freed here), its arrows coloured, and its middle left out where it is long. */
void show_transcript(char *text);

/* Text of several lines, indented. */
void show_text(const char *text);

/* An empty line. */
void show_gap(void);

/* One line of fact, indented. */
void show_line(const char *format, ...) GT_PRINTF(1, 2);

/* Begins and ends the measuring of wall time; the verdict stands beside the virtual time. */
void show_begin(void);
void show_verdict(bool passed, gt_time virtual_time);

/* How many verdicts were "FAILED": the exit status. */
int show_failed(void);

#endif
