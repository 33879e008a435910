/* Why no expectation fits a call: the nearest are told first. */
#include "mock_inside.h"

#include <stdlib.h>

enum { SHOWN = 5 };

/* One that did not fit. Of the same method, the more of its opening held the nearer it is; one that
 * may not be called now is nearer still when its opening fits. */
typedef struct near {
    const gt_expectation *expectation;
    char *why;
    size_t distance, order;
} near;

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

enum { LONGEST = 255 };

/* How many letters to change, add or leave out: a method that was misspelt is near. */
static size_t letters_apart(const char *a, const char *b)
{
    size_t row[LONGEST + 1], size = strlen(b);
    if (size > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= size; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t j = 1; j <= size; j++) {
            size_t above = row[j];
            row[j] = least(row[j] + 1, row[j - 1] + 1, corner + (a[i] != b[j - 1]));
            corner = above;
        }
    }
    return row[size];
}

static near same_method(const gt_expectation *e, gt_play *play)
{
    gt__buffer why = {0};
    size_t met = 0;
    bool fits = gt__expectation_fits(e, play, &met, &why);
    char *closed = gt__expectation_closed(e);
    near n = {.expectation = e, .distance = fits ? 0 : 1 + e->script.count - met};
    n.why = fits ? closed : gt__buffer_take_text(&why);
    if (!fits)
        gt__free(closed);
    gt__buffer_cleanup(&why);
    return n;
}

static near other_method(const gt_expectation *e, gt_play *play)
{
    near n = {.expectation = e, .distance = 1000000};
    n.distance += letters_apart(gt_call_method(play->call), e->method);
    n.why = gt__printf("it is for %s", e->method);
    return n;
}

static int compare(const void *a, const void *b)
{
    const near *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static size_t count_of(const gt__link *list)
{
    size_t count = 0;
    for (const gt__link *link = list->next; link != list; link = link->next)
        count++;
    return count;
}

static near *collect(const gt_mock *mock, gt_play *play, size_t count)
{
    near *all = gt__calloc(count, sizeof *all);
    const gt__link *link = mock->expectations.next;
    for (size_t i = 0; i < count; i++, link = link->next) {
        const gt_expectation *e = gt__container_of(link, gt_expectation, link);
        bool same = strcmp(e->method, gt_call_method(play->call)) == 0;
        all[i] = same ? same_method(e, play) : other_method(e, play);
        all[i].order = i;
    }
    qsort(all, count, sizeof *all, compare);
    return all;
}

void gt__mock_explain(const gt_mock *mock, gt_play *play, gt__buffer *text)
{
    size_t count = count_of(&mock->expectations);
    if (count == 0) {
        gt__buffer_add_text(text, "\n  the mock expects no calls");
        return;
    }
    near *all = collect(mock, play, count);
    for (size_t i = 0; i < count; i++) {
        if (i < SHOWN)
            gt__buffer_printf(text, "\n  not %s:%d: %s", all[i].expectation->file,
                              all[i].expectation->line, all[i].why);
        gt__free(all[i].why);
    }
    if (count > SHOWN)
        gt__buffer_printf(text, "\n  nor %zu more", count - SHOWN);
    gt__free(all);
}
