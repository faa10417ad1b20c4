/* qloupe diff: what changed between two results. */
#include "analyzer/analyzer.h"
#include "cli/command.h"
#include "reports/reports.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_LINES = 20 };

static const char red[] = "\x1b[31m", green[] = "\x1b[32m", dim[] = "\x1b[2m", reset[] = "\x1b[0m";

typedef struct {
    ql_text text;
    bool colour;
} page;

static void put_line(page *p, const char *style, const char *label, const char *text)
{
    ql_text_put(&p->text, p->colour ? style : "");
    ql_text_format(&p->text, "%-12s ", label);
    ql_text_escaped(&p->text, &ql_escape_plain, text);
    ql_text_put(&p->text, p->colour ? reset : "");
    ql_text_put_char(&p->text, '\n', 1);
}

static void put_more(page *p, int left_out, const char *what)
{
    if (left_out > 0) {
        ql_text_format(&p->text, "%-12s and %d more %s\n", "", left_out, what);
    }
}

static void put_files(page *p, const ql_json *diff)
{
    const ql_json *file = ql_json_first(ql_json_get(diff, "files"));
    for (; file; file = ql_json_next(file)) {
        ql_text line = {0};
        const char *what = ql_json_get_text(file, "what", "");
        if (ql_json_is_true(ql_json_get(file, "changed"))) {
            ql_text_format(&line, "%s (%.12s) -> %s (%.12s)%s", ql_json_get_text(file, "before", ""),
                           ql_json_get_text(file, "before_sha256", ""), ql_json_get_text(file, "after", ""),
                           ql_json_get_text(file, "after_sha256", ""),
                           strcmp(what, "candidate") ? ": figures are not of the same thing" : "");
        } else {
            ql_text_put(&line, "the same");
        }
        put_line(p, "", what, ql_text_bytes(&line));
        p->text.failed |= line.failed;
        ql_text_free(&line);
    }
}

static void put_verdict(page *p, const ql_json *diff, const char *verdict, const char *style)
{
    int count = 0;
    const ql_json *figure = ql_json_first(ql_json_get(diff, "figures"));
    for (; figure; figure = ql_json_next(figure)) {
        if (!strcmp(ql_json_get_text(figure, "verdict", ""), verdict) && count++ < MOST_LINES) {
            put_line(p, style, verdict, ql_json_get_text(figure, "message", ""));
        }
    }
    put_more(p, count - MOST_LINES, verdict);
}

static void put_entries(page *p, const ql_json *list, const char *label, const char *style)
{
    int count = 0;
    for (const ql_json *one = ql_json_first(list); one; one = ql_json_next(one)) {
        if (count++ < MOST_LINES) {
            ql_text line = {0};
            const char *code = ql_json_get_text(one, "code", NULL);
            ql_text_format(&line, "%s%s%s '%s'%s%s", code ? ql_json_get_text(one, "severity", "") : "",
                           code ? " " : "", code ? code : ql_json_get_text(one, "op", ""),
                           ql_json_get_text(one, "name", ""), code ? ": " : "",
                           ql_json_get_text(one, "evidence", ""));
            put_line(p, style, label, ql_text_bytes(&line));
            p->text.failed |= line.failed;
            ql_text_free(&line);
        }
    }
    put_more(p, count - MOST_LINES, label);
}

static ql_code print(const ql_json *diff, ql_err *err)
{
    page p = {.colour = ql_colour(STDOUT_FILENO)};
    const ql_json *tensors = ql_json_get(diff, "tensors"), *findings = ql_json_get(diff, "findings");
    put_files(&p, diff);
    put_entries(&p, ql_json_get(tensors, "added"), "added", "");
    put_entries(&p, ql_json_get(tensors, "removed"), "removed", "");
    put_verdict(&p, diff, "worse", red);
    put_verdict(&p, diff, "better", green);
    put_verdict(&p, diff, "within-noise", dim);
    put_verdict(&p, diff, "appeared", "");
    put_entries(&p, ql_json_get(findings, "appeared"), "new finding", red);
    put_entries(&p, ql_json_get(findings, "gone"), "gone finding", green);
    int worse = ql_diff_worse(diff), all = ql_json_size(ql_json_get(diff, "figures"));
    ql_text_format(&p.text, all ? "%d of %d changed figures are worse beyond noise\n" : "no figure changed\n",
                   worse, all);
    ql_code code = ql_text_check(&p.text, err);
    if (!code) {
        fwrite(ql_text_bytes(&p.text), 1, p.text.length, stdout);
    }
    ql_text_free(&p.text);
    return code;
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_json *before = NULL, *after = NULL, *diff = NULL;
    const char *path = ql_line_value(line, "json");
    ql_code code = ql_json_read(&before, line->operands[0], err);
    code = code ? code : ql_json_read(&after, line->operands[1], err);
    code = code ? code : ql_diff(&diff, before, after, line->operands, err);
    code = code || !path ? code : ql_json_write(diff, path, err);
    code = code || (path && !strcmp(path, "-")) ? code : print(diff, err);
    if (!code && ql_diff_worse(diff)) {
        code = QL_E_GATE; /* said already */
    }
    ql_json_free(diff);
    ql_json_free(after);
    ql_json_free(before);
    return code;
}

static const ql_option_row options[] = {
    {"json", 0, "FILE", "the changes as JSON", false},
    {0},
};

const ql_command ql_command_diff = {
    .name = "diff",
    .operands = "OLD.json NEW.json",
    .summary = "What changed between two results; exit status 1 when something got worse",
    .text =
        "Tensors are paired by name, then by operator. A change within the noise over samples is no change.",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .run = run,
};
