#include "text_lexer.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* ---- tokens --------------------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_space(gt__lexer *lexer)
{
    const char *text = lexer->text;
    while (is_space(text[lexer->next]) || text[lexer->next] == '#') {
        if (text[lexer->next] == '#')
            lexer->next += strcspn(text + lexer->next, "\n");
        else
            lexer->next++;
    }
}

static void bad(gt__lexer *lexer, size_t at, const char *problem)
{
    lexer->token = (gt__token){GT__TOKEN_BAD, at, 1, problem};
}

static size_t skip_digits(const char *text, size_t at)
{
    while (is_digit(text[at]))
        at++;
    return at;
}

/* The end of a decimal number that begins at `at`, and whether it is an integer. */
static size_t decimal_end(const char *text, size_t at, gt__token_kind *kind)
{
    at = skip_digits(text, at);
    *kind = GT__TOKEN_DECIMAL;
    if (text[at] == '.') {
        *kind = GT__TOKEN_FLOAT;
        at = skip_digits(text, at + 1);
    }
    if (text[at] == 'e' || text[at] == 'E') {
        size_t sign = text[at + 1] == '+' || text[at + 1] == '-';
        if (is_digit(text[at + 1 + sign])) {
            *kind = GT__TOKEN_FLOAT;
            at = skip_digits(text, at + 1 + sign);
        }
    }
    if (text[at] == 'f' || text[at] == 'F') {
        *kind = GT__TOKEN_FLOAT;
        at++;
    }
    return at;
}

static void lex_number(gt__lexer *lexer)
{
    const char *text = lexer->text;
    size_t start = lexer->next, at = start;
    gt__token_kind kind;
    if (text[at] == '0' && (text[at + 1] == 'x' || text[at + 1] == 'X')) {
        kind = GT__TOKEN_HEX;
        for (at += 2; hex_value(text[at]) >= 0; at++)
            ;
        if (at == start + 2) {
            bad(lexer, start, "0x without digits");
            return;
        }
    } else if (text[at] == '0' && is_digit(text[at + 1])) {
        kind = GT__TOKEN_OCTAL;
        while (is_octal(text[at]))
            at++;
    } else {
        at = decimal_end(text, at, &kind);
    }
    if (is_letter(text[at]) || is_digit(text[at]) || text[at] == '.') {
        bad(lexer, start, "this is no number");
        return;
    }
    lexer->token = (gt__token){kind, start, at - start, NULL};
    lexer->next = at;
}

static void lex_string(gt__lexer *lexer)
{
    const char *text = lexer->text;
    size_t start = lexer->next, at = start + 1;
    while (text[at] != text[start]) {
        if (text[at] == '\0' || text[at] == '\n') {
            bad(lexer, start, "this string does not end on its line");
            return;
        }
        at += text[at] == '\\' && text[at + 1] != '\0' && text[at + 1] != '\n' ? 2 : 1;
    }
    lexer->token = (gt__token){GT__TOKEN_STRING, start, at + 1 - start, NULL};
    lexer->next = at + 1;
}

static void lex_name(gt__lexer *lexer)
{
    size_t at = lexer->next;
    while (is_letter(lexer->text[at]) || is_digit(lexer->text[at]))
        at++;
    lexer->token = (gt__token){GT__TOKEN_NAME, lexer->next, at - lexer->next, NULL};
    lexer->next = at;
}

void gt__lexer_next(gt__lexer *lexer)
{
    skip_space(lexer);
    char c = lexer->text[lexer->next];
    if (c == '\0')
        lexer->token = (gt__token){GT__TOKEN_END, lexer->next, 0, NULL};
    else if (is_letter(c))
        lex_name(lexer);
    else if (is_digit(c) || (c == '.' && is_digit(lexer->text[lexer->next + 1])))
        lex_number(lexer);
    else if (c == '"' || c == '\'')
        lex_string(lexer);
    else if (strchr(":{}<>[],;-./", c))
        lexer->token = (gt__token){GT__TOKEN_MARK, lexer->next++, 1, NULL};
    else
        bad(lexer, lexer->next, "no token begins with this character");
}

void gt__lexer_init(gt__lexer *lexer, const char *text)
{
    *lexer = (gt__lexer){.text = text};
    gt__lexer_next(lexer);
}

bool gt__lexer_at_mark(const gt__lexer *lexer, char mark)
{
    return lexer->token.kind == GT__TOKEN_MARK && lexer->text[lexer->token.at] == mark;
}

bool gt__lexer_at_name(const gt__lexer *lexer, const char *name)
{
    const gt__token *token = &lexer->token;
    return token->kind == GT__TOKEN_NAME && token->size == strlen(name) &&
           memcmp(lexer->text + token->at, name, token->size) == 0;
}

bool gt__lexer_take_mark(gt__lexer *lexer, char mark)
{
    if (!gt__lexer_at_mark(lexer, mark))
        return false;
    gt__lexer_next(lexer);
    return true;
}

bool gt__lexer_take_bracketed(gt__lexer *lexer, gt__buffer *name)
{
    for (;;) {
        skip_space(lexer);
        size_t size = strspn(lexer->text + lexer->next, GT__BRACKETED);
        if (size == 0)
            break;
        gt__buffer_add(name, lexer->text + lexer->next, size);
        lexer->next += size;
    }
    gt__lexer_next(lexer);
    return gt__lexer_take_mark(lexer, ']');
}

/* ---- escapes -------------------------------------------------------------------------------- */

static void add_byte(gt__buffer *out, unsigned byte)
{
    *gt__buffer_extend(out, 1) = (uint8_t)byte;
}

static void add_character(gt__buffer *out, uint32_t c)
{
    if (c < 0x80) {
        add_byte(out, c);
    } else if (c < 0x800) {
        add_byte(out, 0xc0 | c >> 6);
        add_byte(out, 0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        add_byte(out, 0xe0 | c >> 12);
        add_byte(out, 0x80 | (c >> 6 & 0x3f));
        add_byte(out, 0x80 | (c & 0x3f));
    } else {
        add_byte(out, 0xf0 | c >> 18);
        add_byte(out, 0x80 | (c >> 12 & 0x3f));
        add_byte(out, 0x80 | (c >> 6 & 0x3f));
        add_byte(out, 0x80 | (c & 0x3f));
    }
}

/* Reads up to `most` digits of base 8 or 16; gives how many there were. */
static size_t read_digits(const char *text, unsigned base, size_t most, uint32_t *value)
{
    size_t count = 0;
    *value = 0;
    for (; count < most; count++) {
        int digit = hex_value(text[count]);
        if (digit < 0 || (unsigned)digit >= base)
            break;
        *value = *value * base + (unsigned)digit;
    }
    return count;
}

static bool is_surrogate(uint32_t c, uint32_t first)
{
    return c >= first && c < first + 0x400;
}

/* Behind \u or \U; a pair of surrogates is one character. */
static const char *unescape_character(const char **text, size_t digits, gt__buffer *out)
{
    uint32_t c, low;
    if (read_digits(*text, 16, digits, &c) < digits)
        return digits == 4 ? "\\u takes four hexadecimal digits"
                           : "\\U takes eight hexadecimal digits";
    *text += digits;
    if (is_surrogate(c, 0xd800) && (*text)[0] == '\\' && (*text)[1] == 'u' &&
        read_digits(*text + 2, 16, 4, &low) == 4 && is_surrogate(low, 0xdc00)) {
        *text += 6;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    if (c > 0x10ffff || is_surrogate(c, 0xd800) || is_surrogate(c, 0xdc00))
        return "there is no such character";
    add_character(out, c);
    return NULL;
}

static const char *unescape_number(const char **text, unsigned base, size_t most, gt__buffer *out)
{
    uint32_t byte;
    size_t count = read_digits(*text, base, most, &byte);
    if (count == 0)
        return "\\x takes one or two hexadecimal digits";
    if (byte > 0xff)
        return "an octal escape of more than 8 bits";
    add_byte(out, byte);
    *text += count;
    return NULL;
}

/* Behind a backslash. */
static const char *unescape_one(const char **text, gt__buffer *out)
{
    static const char letters[] = "abfnrtv?\\'\"", bytes[] = "\a\b\f\n\r\t\v?\\'\"";
    char c = **text;
    if (is_octal(c))
        return unescape_number(text, 8, 3, out);
    ++*text;
    if (c == 'x' || c == 'X')
        return unescape_number(text, 16, 2, out);
    if (c == 'u' || c == 'U')
        return unescape_character(text, c == 'u' ? 4 : 8, out);
    const char *letter = strchr(letters, c);
    if (!letter)
        return "there is no such escape";
    add_byte(out, (uint8_t)bytes[letter - letters]);
    return NULL;
}

const char *gt__lexer_unescape(const gt__lexer *lexer, gt__buffer *out, size_t *at)
{
    const char *text = lexer->text + lexer->token.at + 1;
    const char *end = text + lexer->token.size - 2;
    while (text < end) {
        size_t plain = 0;
        while (text + plain < end && text[plain] != '\\')
            plain++;
        gt__buffer_add(out, text, plain);
        text += plain;
        if (text == end)
            break;
        *at = (size_t)(text - lexer->text);
        text++;
        const char *problem = unescape_one(&text, out);
        if (problem)
            return problem;
    }
    return NULL;
}
