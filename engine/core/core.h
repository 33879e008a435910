/* core.h - what every layer stands on: memory, misuse, growing buffers, formatted text, random
 * numbers, lists.
 * Rule: out of memory and misuse end the process with a sentence; nothing here returns NULL. */
#ifndef GRPCTEST_ENGINE_CORE_CORE_H
#define GRPCTEST_ENGINE_CORE_CORE_H

#include <grpctest/base.h>
#include <grpctest/buffer.h>
#include <stdarg.h>

/* ---- memory (alloc.c): the one allocator; aborts with a sentence when there is none -------- */

void *gt__malloc(size_t size);
void *gt__calloc(size_t count, size_t size);
void *gt__realloc(void *memory, size_t size);
void gt__free(void *memory);
char *gt__strdup(const char *text);
char *gt__strndup(const char *text, size_t size);
void *gt__memdup(const void *data, size_t size);

#define gt__new(type) ((type *)gt__calloc(1, sizeof(type)))

/* For tests: has the nth block that the calling thread asks for from now on (from 1; 0: none) fail
 * as though there were no memory for it. Mapped stacks count too. */
void gt__alloc_fail_at(uint64_t nth);
/* How many were asked for since, unless that said none. */
uint64_t gt__alloc_asked(void);
/* Counts one more, for whoever has memory from elsewhere: true when it is the one to fail. */
bool gt__alloc_fails(void);

/* ---- misuse by the test's author (misuse.c): "grpctest: ..." on standard error, then abort -- */

GT_NORETURN void gt__misuse(const char *format, ...) GT_PRINTF(1, 2);

/* ---- growing bytes (buffer.c) -------------------------------------------------------------- */

/* The public buffer; here is what the inside can do with it besides. */
typedef gt_buffer gt__buffer;

void gt__buffer_cleanup(gt__buffer *buffer);
/* Room for `size` more bytes at the end, which the caller fills; they count as added. */
uint8_t *gt__buffer_extend(gt__buffer *buffer, size_t size);
void gt__buffer_add(gt__buffer *buffer, const void *data, size_t size);
void gt__buffer_add_text(gt__buffer *buffer, const char *text);
void gt__buffer_printf(gt__buffer *buffer, const char *format, ...) GT_PRINTF(2, 3);
void gt__buffer_vprintf(gt__buffer *buffer, const char *format, va_list args);
/* Adds bytes as a person can read them: in quotes, with \\n, \\" and \\xNN for what does not print.
 * Bytes from 0x80 stay as they are: most often they are UTF-8. */
void gt__buffer_quote(gt__buffer *buffer, gt_bytes bytes);
/* Drops `size` bytes from the front. */
void gt__buffer_consume(gt__buffer *buffer, size_t size);
/* The text, never NULL; the caller frees it, and the buffer is empty again. */
char *gt__buffer_take_text(gt__buffer *buffer);

char *gt__printf(const char *format, ...) GT_PRINTF(1, 2);
char *gt__vprintf(const char *format, va_list args);

/* ---- random numbers (random.c): small, seeded, equal everywhere ---------------------------- */

typedef struct gt__random {
    uint64_t state[4];
} gt__random;

/* One stream per purpose: the same seed and purpose give the same numbers, and drawing from one
 * stream never shifts another. */
void gt__random_init(gt__random *random, uint64_t seed, const char *purpose);
uint64_t gt__random_next(gt__random *random);
/* A number in [0, bound), bound > 0, without bias. */
uint64_t gt__random_below(gt__random *random, uint64_t bound);

/* Folds a number into a digest (order matters). */
uint64_t gt__digest_fold(uint64_t digest, uint64_t number);

/* ---- circular doubly linked lists (inline) -------------------------------------------------- */

typedef struct gt__link {
    struct gt__link *prev, *next;
} gt__link;

static inline void gt__list_init(gt__link *list)
{
    list->prev = list->next = list;
}

static inline bool gt__list_empty(const gt__link *list)
{
    return list->next == list;
}

static inline void gt__list_push_back(gt__link *list, gt__link *link)
{
    link->prev = list->prev;
    link->next = list;
    list->prev->next = link;
    list->prev = link;
}

/* Safe on a link that is already alone (initialised or removed). */
static inline void gt__list_remove(gt__link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->prev = link->next = link;
}

#define gt__container_of(pointer, type, member)                                                    \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
