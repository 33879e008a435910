/* mock_inside.h - the inside of a mock server: its expectations, and how one is chosen.
 * Rule: expectations live as long as their mock, and so do the scripts under way, in a list of
 * their expectation's. */
#ifndef GRPCTEST_MOCK_MOCK_INSIDE_H
#define GRPCTEST_MOCK_MOCK_INSIDE_H

#include "play.h"

/* A method that is expected to be called. */
typedef struct gt__mocked {
    char *path;
    gt__link expectations; /* gt_expectation.peers: by priority and order of declaration */
} gt__mocked;

struct gt_expectation {
    gt__link link;  /* the mock's, in the order of declaration */
    gt__link peers; /* its method's */
    gt_mock *mock;
    const char *method; /* the path of its method's entry */
    const char *file;
    int line, priority;
    gt__script script;
    uint64_t least, most; /* calls it is to have; UINT64_MAX: any number */
    uint64_t calls;
    bool retired;            /* one that comes after it has been called */
    gt_expectation **before; /* what it comes after */
    size_t before_count;
    char *in_state, *to_state; /* NULL: none */
    gt__link plays;
};

struct gt_mock {
    gt__entry entry;
    gt_world *world;
    gt_server *server;
    gt__link expectations;
    gt__mocked **methods; /* sorted by path */
    size_t method_count;
    gt__link choosing; /* plays that wait for their first message */
    char *state;
    bool lenient;
};

/* Serves a call: the handler of the methods that have expectations, and of all unknown ones. */
int gt__mock_serve(gt_call *call, void *user);

/* From now on it answers, on the connections to come, for what nothing expects. */
void gt__mock_wake(gt_mock *mock);

void gt__expectation_free(gt_expectation *expectation);

/* The entry of a method, or NULL. */
gt__mocked *gt__mocked_find(const gt_mock *mock, const char *path);
void gt__mocked_free(gt__mocked *method);

/* True when it may be called now; and why it may not, as text for a person, freed with gt__free. */
bool gt__expectation_open(const gt_expectation *expectation);
char *gt__expectation_closed(const gt_expectation *expectation);

/* Asks its opening about a call, whose first message is read where it is asked for. `met` is how
 * many steps held before one did not; `why` (may be NULL) tells about that one. */
bool gt__expectation_fits(const gt_expectation *expectation, gt_play *play, size_t *met,
                          gt__buffer *why);

/* Counts a call that it has been chosen for. */
void gt__expectation_chosen(gt_expectation *expectation);

/* Adds a line about each expectation that has not been called as often as it was to be, or whose
 * script still stands at a step that expects something; returns the first of them, or NULL. */
const gt_expectation *gt__mock_unmet(const gt_mock *mock, gt__buffer *text);

/* What kept each expectation from fitting this call, the nearest first (explain.c). */
void gt__mock_explain(const gt_mock *mock, gt_play *play, gt__buffer *text);

#endif
