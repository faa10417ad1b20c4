#include "reports/text/escape.h"

#include <stdio.h>
#include <string.h>

static const ql_replacement none[] = {{0, NULL}};
static const ql_replacement markup[] = {{'&', "&amp;"},  {'<', "&lt;"},   {'>', "&gt;"},
                                        {'"', "&quot;"}, {'\'', "&#39;"}, {0, NULL}};
static const ql_replacement csv[] = {{'"', "\"\""}, {0, NULL}};
static const ql_replacement span[] = {{'`', "\xe2\x80\x98"}, {'|', "\\|"}, {0, NULL}};
static const ql_replacement markdown[] = {
    {'\\', "\\\\"},    {'`', "\\`"},  {'*', "\\*"},   {'_', "\\_"}, {'[', "\\["}, {']', "\\]"},
    {'<', "&lt;"},     {'>', "&gt;"}, {'&', "&amp;"}, {'|', "\\|"}, {'~', "\\~"}, {'#', "\\#"},
    {'@', "@&#8203;"}, {'!', "\\!"},  {'(', "\\("},   {')', "\\)"}, {0, NULL}};

const ql_escape_rule ql_escape_plain = {none};
const ql_escape_rule ql_escape_markup = {markup};
const ql_escape_rule ql_escape_csv = {csv};
static const ql_escape_rule escape_span = {span};
static const ql_escape_rule escape_markdown = {markdown};

static uint32_t code_of(const char *at, size_t length)
{
    static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)at[0] & mask[length];
    for (size_t i = 1; i < length; i++) {
        code = code << 6 | ((unsigned char)at[i] & 0x3f);
    }
    return code;
}

typedef struct {
    uint32_t first, last;
} code_range;

/* Control characters, marks that turn the direction of writing, and what is never text. */
static const code_range unseen[] = {{0, 0x1f},        {0x7f, 0x9f},     {0x200e, 0x200f}, {0x2028, 0x202e},
                                    {0x2066, 0x2069}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xfffe, 0xffff}};
static const code_range wide[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                                  {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                                  {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
static const code_range joined[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
                                    {0x64b, 0x65f},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d},
                                    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};

static bool within(uint32_t code, const code_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

#define IN(code, ranges) within(code, ranges, sizeof(ranges) / sizeof *(ranges))

/* One step of escaping: takes bytes at `at`, leaves what stands for them in piece; returns how many it took.
 */
static size_t step(const ql_escape_rule *rule, const char *at, size_t left, char piece[16])
{
    size_t length = ql_utf8_length(at, left);
    if (!length || IN(code_of(at, length), unseen)) {
        if (*at == '\n' || *at == '\t') {
            snprintf(piece, 16, "\\%c", *at == '\n' ? 'n' : 't');
        } else {
            snprintf(piece, 16, "\\x%02x", (unsigned char)*at);
        }
        /* The backslash of a spelt-out byte is this format's character too. */
        for (const ql_replacement *r = rule->replacements; r->from; r++) {
            if (r->from == '\\') {
                memmove(piece + 1, piece, strlen(piece) + 1);
            }
        }
        return 1;
    }
    memcpy(piece, at, length);
    piece[length] = 0;
    for (const ql_replacement *r = rule->replacements; length == 1 && r->from; r++) {
        if (r->from == *at) {
            snprintf(piece, 16, "%s", r->to);
        }
    }
    return length;
}

size_t ql_text_columns(const char *string, size_t length)
{
    size_t columns = 0;
    for (size_t at = 0; at < length;) {
        size_t taken = ql_utf8_length(string + at, length - at);
        uint32_t code = taken ? code_of(string + at, taken) : 0;
        columns += IN(code, joined) ? 0 : IN(code, wide) ? 2 : 1;
        at += taken ? taken : 1;
    }
    return columns;
}

/* Columns of the next step, as a reader sees them: a replaced character is still one. */
static size_t step_columns(const char *at, size_t left, size_t *taken)
{
    char piece[16];
    *taken = step(&ql_escape_plain, at, left, piece);
    return ql_text_columns(piece, strlen(piece));
}

static void put_range(ql_text *text, const ql_escape_rule *rule, const char *string, size_t from, size_t to)
{
    char piece[16];
    while (from < to) {
        from += step(rule, string + from, to - from, piece);
        ql_text_put(text, piece);
    }
}

void ql_text_escaped(ql_text *text, const ql_escape_rule *rule, const char *string)
{
    put_range(text, rule, string, 0, string ? strlen(string) : 0);
}

void ql_text_cut(ql_text *text, const ql_escape_rule *rule, const char *string, size_t columns)
{
    size_t length = string ? strlen(string) : 0, all = 0, taken;
    for (size_t at = 0; at < length; at += taken) {
        all += step_columns(string + at, length - at, &taken);
    }
    if (all <= columns) {
        put_range(text, rule, string, 0, length);
        return;
    }
    size_t kept = columns > 0 ? columns - 1 : 0, head = kept / 2, tail = kept - head, at = 0, used = 0;
    for (; at < length; at += taken) {
        size_t next = step_columns(string + at, length - at, &taken);
        if (used + next > head) {
            break;
        }
        used += next;
    }
    put_range(text, rule, string, 0, at);
    ql_text_put(text, "\xe2\x80\xa6");
    for (; at < length && all - used > tail; at += taken) {
        used += step_columns(string + at, length - at, &taken);
    }
    put_range(text, rule, string, at, length);
}

void ql_text_csv(ql_text *text, const char *string)
{
    string = string ? string : "";
    bool formula = *string && strchr("=+-@\t\r\n|%", *string);
    bool quoted = formula || strpbrk(string, ",\";\r\n") != NULL;
    ql_text_put(text, quoted ? "\"" : "");
    ql_text_put(text, formula ? "'" : "");
    ql_text_escaped(text, &ql_escape_csv, string);
    ql_text_put(text, quoted ? "\"" : "");
}

void ql_text_code_span(ql_text *text, const char *string, size_t columns)
{
    ql_text_put(text, "`");
    ql_text_cut(text, &escape_span, string && *string ? string : " ", columns);
    ql_text_put(text, "`");
}

void ql_text_markdown(ql_text *text, const char *string)
{
    ql_text_escaped(text, &escape_markdown, string);
}

void ql_text_markdown_cut(ql_text *text, const char *string, size_t columns)
{
    ql_text_cut(text, &escape_markdown, string, columns);
}

void ql_text_shell_word(ql_text *text, const char *string)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
    if (*string && strspn(string, plain) == strlen(string)) {
        ql_text_put(text, string);
        return;
    }
    ql_text_put(text, "'");
    for (; *string; string++) {
        if (*string == '\'') {
            ql_text_put(text, "'\\''");
        } else {
            ql_text_put_bytes(text, string, 1);
        }
    }
    ql_text_put(text, "'");
}

const char *ql_text_between(const char *sentence)
{
    size_t length = strlen(sentence);
    return length && strchr(".!?", sentence[length - 1]) ? " " : ". ";
}
