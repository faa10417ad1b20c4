#include "reports/plot/svg.h"

#include <string.h>

typedef struct {
    const char *at, *end;
} span;

static bool starts(span s, const char *what)
{
    size_t length = strlen(what);
    return (size_t)(s.end - s.at) >= length && !memcmp(s.at, what, length);
}

static const char *find(span s, const char *what)
{
    for (; s.at < s.end; s.at++) {
        s.at = memchr(s.at, what[0], (size_t)(s.end - s.at));
        if (!s.at) {
            return NULL;
        }
        if (starts(s, what)) {
            return s.at;
        }
    }
    return NULL;
}

const char *ql_plot_find(const char *bytes, size_t count, const char *what)
{
    return find((span){bytes, bytes + count}, what);
}

/* "rgb(  3,   3,   3)": the number when it is three times the same from 1 to 15, else 0. */
static int colour_of(span s, const char **after)
{
    int parts[3] = {0};
    const char *at = s.at + 4;
    for (int i = 0; i < 3; i++) {
        for (; at < s.end && (*at == ' ' || *at == ','); at++) {
        }
        for (; at < s.end && *at >= '0' && *at <= '9' && parts[i] < 256; at++) {
            parts[i] = 10 * parts[i] + *at - '0';
        }
    }
    *after = at + 1;
    bool ours = at < s.end && *at == ')' && parts[0] == parts[1] && parts[1] == parts[2];
    return ours && parts[0] >= 1 && parts[0] <= 15 ? parts[0] : 0;
}

/* A group without content: gnuplot writes many. Returns the end of it, NULL when it is none. */
static const char *empty_group(span s)
{
    static const char close[] = "</g>";
    const char *at = starts(s, "<g ") ? memchr(s.at, '>', (size_t)(s.end - s.at)) : NULL;
    for (at = at ? at + 1 : NULL; at && at < s.end && strchr(" \t\n", *at); at++) {
    }
    return at && starts((span){at, s.end}, close) ? at + sizeof close - 1 : NULL;
}

static const char *after_attribute(span s)
{
    static const char id[] = "id=\"";
    if (!starts(s, id)) {
        return NULL;
    }
    s.at += sizeof id - 1;
    const char *close = memchr(s.at, '"', (size_t)(s.end - s.at));
    return close ? close + 1 : s.end;
}

static void copy(ql_text *body, span s)
{
    while (s.at < s.end) {
        const char *after = NULL;
        int colour = starts(s, "rgb(") ? colour_of(s, &after) : 0;
        if (colour) {
            ql_text_format(body, "var(--plot-%x)", (unsigned)colour);
            s.at = after;
        } else if ((after = empty_group(s)) != NULL || (after = after_attribute(s)) != NULL) {
            s.at = after;
        } else if (starts(s, "\n\n") || starts(s, "\n\t") || starts(s, "\t\t") || starts(s, "  ")) {
            s.at++;
        } else {
            ql_text_put_bytes(body, s.at++, 1);
        }
    }
}

void ql_plot_take_svg(ql_text *body, const char *bytes, size_t count)
{
    static const char head[] = "</defs>";
    static const char *const foreign[] = {"<script", "<foreign", "javascript:", "<image", "href", " on"};
    span all = {bytes, bytes + count};
    const char *start = find(all, "<svg") ? find(all, head) : NULL;
    const char *end = start ? find((span){start, all.end}, "</svg>") : NULL;
    if (!end) {
        return;
    }
    span drawing = {start + sizeof head - 1, end};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (find(drawing, foreign[i])) {
            return;
        }
    }
    ql_text_put(body, "<g>"); /* the canvas, which opened before the definitions */
    copy(body, drawing);
}

static size_t length_at(const char *bytes)
{
    size_t length = 0;
    for (int i = 0; i < 4; i++) {
        length = length << 8 | (unsigned char)bytes[i];
    }
    return length;
}

void ql_plot_take_png(ql_text *body, const char *bytes, size_t count)
{
    static const char signature[] = "\x89PNG\r\n\x1a\n";
    enum { SIGNATURE = 8, FRAME = 12 }; /* of a chunk: length, type and checksum */
    const char *start = ql_plot_find(bytes, count, signature);
    size_t left = start ? count - (size_t)(start - bytes) : 0, at = SIGNATURE;
    while (start && at + FRAME <= left) {
        size_t length = length_at(start + at);
        bool last = !memcmp(start + at + 4, "IEND", 4);
        if (length > left - at - FRAME) {
            return;
        }
        at += FRAME + length;
        if (last) {
            ql_text_put_bytes(body, start, at);
            return;
        }
    }
}
