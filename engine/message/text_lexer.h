/* text_lexer.h - the tokens of protobuf's text format.
 * Rule: a token is a run of the text, white space and comments skipped before it; what is no token
 * is one of kind BAD, and says why. */
#ifndef GRPCTEST_ENGINE_MESSAGE_TEXT_LEXER_H
#define GRPCTEST_ENGINE_MESSAGE_TEXT_LEXER_H

#include "engine/core/core.h"

typedef enum gt__token_kind {
    GT__TOKEN_END,
    GT__TOKEN_NAME,
    GT__TOKEN_DECIMAL, /* 10 */
    GT__TOKEN_OCTAL,   /* 010 */
    GT__TOKEN_HEX,     /* 0x10 */
    GT__TOKEN_FLOAT,   /* 1.0, 1e1, 1f */
    GT__TOKEN_STRING,  /* with its quotes */
    GT__TOKEN_MARK,    /* one character: : { } < > [ ] , ; - . / */
    GT__TOKEN_BAD,
} gt__token_kind;

typedef struct gt__token {
    gt__token_kind kind;
    size_t at, size;
    const char *problem; /* of a BAD one */
} gt__token;

typedef struct gt__lexer {
    const char *text;
    size_t next;
    gt__token token; /* the current one */
} gt__lexer;

/* Begins, with the first token as the current one. */
void gt__lexer_init(gt__lexer *lexer, const char *text);
void gt__lexer_next(gt__lexer *lexer);

/* Whether the current token is this mark, or this name. */
bool gt__lexer_at_mark(const gt__lexer *lexer, char mark);
bool gt__lexer_at_name(const gt__lexer *lexer, const char *name);
/* Goes on if it is the mark; tells whether it was. */
bool gt__lexer_take_mark(gt__lexer *lexer, char mark);

/* What a name in brackets, of an extension or of an Any's type, is made of. */
#define GT__BRACKETED "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"
/* Adds the name that stands between the current token, [, and a ], and goes on behind that; white
 * space and comments between its parts are left out. False, with the current token at fault, when
 * there is something else. */
bool gt__lexer_take_bracketed(gt__lexer *lexer, gt__buffer *name);

/* Adds what a string token stands for. NULL, or what is wrong and, in `*at`, where. */
const char *gt__lexer_unescape(const gt__lexer *lexer, gt__buffer *out, size_t *at);

#endif
