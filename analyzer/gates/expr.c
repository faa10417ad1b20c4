#include "analyzer/gates/expr.h"

#include "analyzer/check/check.h"
#include "analyzer/findings/diagnose.h"
#include "analyzer/gates/nearest.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 4096 };

typedef const char *ql_name_list(int i); /* the i-th name, NULL past the last */

#define NAMES(function, ...)                                                                                 \
    static const char *function(int i)                                                                       \
    {                                                                                                        \
        static const char *const names[] = {__VA_ARGS__, NULL};                                              \
        return names[i];                                                                                     \
    }

NAMES(whole_names, "sqnr_db")
NAMES(accuracy_names, "drop", "candidate", "reference")
NAMES(agreement_names, "top1", "top5", "top1_in_5")
NAMES(findings_names, "error", "warning", "note")
NAMES(size_names, "candidate", "reference")
NAMES(figures_names, "cumulative", "local")

static const char *metric_names(int i)
{
    return (size_t)i < ql_metric_count ? ql_metrics[i].id : NULL;
}

static const char *finding_names(int i)
{
    if (i < ql_diagnosis_count) {
        return ql_diagnoses[i].code;
    }
    return i - ql_diagnosis_count < ql_check_rule_count ? ql_check_rules[i - ql_diagnosis_count].code : NULL;
}

static const struct {
    const char *word;
    ql_gate_kind kind;
    ql_name_list *items;
    const char *item_title;
} subjects[] = {
    {"output", QL_GATE_OUTPUT, metric_names, "metric"},
    {"whole", QL_GATE_WHOLE, whole_names, "figure of the whole model"},
    {"any", QL_GATE_TENSORS, metric_names, "metric"},
    {"accuracy", QL_GATE_ACCURACY, accuracy_names, "accuracy"},
    {"agreement", QL_GATE_AGREEMENT, agreement_names, "agreement"},
    {"findings", QL_GATE_FINDINGS, findings_names, "severity"},
    {"finding", QL_GATE_FINDING, finding_names, "finding"},
    {"size", QL_GATE_SIZE, size_names, "model"},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects, ANY = 2 };

static const char *subject_names(int i)
{
    return i < SUBJECTS ? subjects[i].word : NULL;
}

static const char *const relations[] = {
    [QL_AT_MOST] = "<=", [QL_AT_LEAST] = ">=", [QL_EQUAL] = "==",
    [QL_DIFFERS] = "!=", [QL_BELOW] = "<",     [QL_ABOVE] = ">",
};

const char *ql_relation_text(ql_relation relation)
{
    return relations[relation];
}

bool ql_relation_holds(ql_relation relation, double value, double bound)
{
    switch (relation) {
    case QL_AT_MOST:
        return value <= bound;
    case QL_AT_LEAST:
        return value >= bound;
    case QL_EQUAL:
        return value <= bound && value >= bound;
    case QL_DIFFERS:
        return value < bound || value > bound;
    case QL_BELOW:
        return value < bound;
    case QL_ABOVE:
        return value > bound;
    }
    return false;
}

typedef struct {
    const char *text, *at;
    ql_err *err;
} cursor;

static ql_code wrong(const cursor *c, const char *at, const char *found, size_t length, const char *required)
{
    char gate[100], shown[64];
    ql_escape(gate, sizeof gate, c->text, strlen(c->text));
    ql_escape(shown, sizeof shown, found, length);
    return ql_fail(c->err, QL_E_USAGE, "gate '%s': character %zu: %s%s%s%s", gate, (size_t)(at - c->text) + 1,
                   length ? "'" : "", length ? shown : "it ends here", length ? "': " : ": ", required);
}

/* "'sqnr' is no metric: did you mean 'sqnr_db'?", or all names when none is near. */
static ql_code unknown(const cursor *c, const char *name, size_t length, ql_name_list *names,
                       const char *title)
{
    char required[240] = "";
    const char *best = NULL;
    int least = 1 + (int)(length / 2 > INT_MAX / 2 ? INT_MAX / 2 : length / 2);
    for (int i = 0; names(i); i++) {
        int distance = ql_name_distance(name, length, names(i));
        bool begins = length >= 3 && !strncmp(names(i), name, length);
        distance = begins && distance > 2 ? 2 : distance;
        if (distance < least) {
            least = distance;
            best = names(i);
        }
    }
    int used = snprintf(required, sizeof required, best ? "no %s: did you mean '%s'?" : "no %s: one of ",
                        title, best);
    for (int i = 0; !best && names(i); i++) {
        int more = snprintf(required + used, sizeof required - (size_t)used, "%s%s", i ? ", " : "", names(i));
        used = used + more < (int)sizeof required - 40 ? used + more : used;
        required[used] = 0;
    }
    if (!best) {
        strncat(required, " is required", sizeof required - strlen(required) - 1);
    }
    return wrong(c, name, name, length, required);
}

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static bool is_word(char ch)
{
    return is_digit(ch) || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' || ch == '-';
}

static void skip_spaces(cursor *c)
{
    while (*c->at == ' ' || *c->at == '\t') {
        c->at++;
    }
}

/* What stands at the cursor, for messages: a word, or one character. */
static size_t length_here(const cursor *c)
{
    size_t length = 0;
    while (is_word(c->at[length])) {
        length++;
    }
    size_t one = length ? 0 : ql_utf8_length(c->at, strlen(c->at));
    return length ? length : *c->at ? one + !one : 0;
}

/* Takes a word that must be one of `names`; `index` is its place. */
static ql_code take_name(cursor *c, ql_name_list *names, const char *title, int *index)
{
    size_t length = length_here(c);
    for (int i = 0; names(i); i++) {
        if (strlen(names(i)) == length && !memcmp(names(i), c->at, length)) {
            c->at += length;
            *index = i;
            return QL_OK;
        }
    }
    char required[80];
    snprintf(required, sizeof required, "a %s is required", title);
    return is_word(*c->at) ? unknown(c, c->at, length, names, title)
                           : wrong(c, c->at, c->at, length, required);
}

static ql_code take_dot(cursor *c)
{
    if (*c->at != '.') {
        return wrong(c, c->at, c->at, length_here(c), "'.' is required");
    }
    c->at++;
    return QL_OK;
}

/* "/regex/" or "/regex/i"; "\/" stands for a slash, which PCRE2 reads so too. */
static ql_code take_regex(cursor *c, ql_gate *gate)
{
    const char *start = c->at, *end = start + 1;
    while (*end && *end != '/') {
        end += end[0] == '\\' && end[1] ? 2 : 1;
    }
    if (!*end || end == start + 1) {
        return wrong(c, start, start, strlen(start), "/regex/ is required");
    }
    char *pattern = calloc((size_t)(end - start), 1);
    if (!pattern) {
        return ql_fail_memory(c->err, (size_t)(end - start));
    }
    memcpy(pattern, start + 1, (size_t)(end - start) - 1);
    c->at = end + 1 + (end[1] == 'i');
    ql_code code = ql_regex_make(&gate->regex, pattern, end[1] == 'i', c->err);
    free(pattern);
    return code;
}

static ql_code take_op(cursor *c, ql_gate *gate)
{
    const char *start = c->at++;
    long index = 0;
    while (is_digit(*c->at) && index <= INT_MAX) {
        index = 10 * index + (*c->at++ - '0');
    }
    if (c->at == start + 1 || index > INT_MAX) {
        return wrong(c, start, start, 1 + strcspn(start + 1, ". "),
                     "an operator's index such as #12 is required");
    }
    gate->op = (int)index;
    return QL_OK;
}

static ql_code take_subject(cursor *c, ql_gate *gate, int *subject)
{
    *subject = ANY;
    if (*c->at == '/') {
        return take_regex(c, gate);
    }
    return *c->at == '#' ? take_op(c, gate) : take_name(c, subject_names, "subject", subject);
}

static ql_code take_what(cursor *c, ql_gate *gate)
{
    int subject, item, figures = 0;
    ql_code code = take_subject(c, gate, &subject);
    code = code ? code : take_dot(c);
    if (!code && subjects[subject].kind == QL_GATE_TENSORS) {
        code = take_name(c, figures_names, "kind of error", &figures);
        code = code ? code : take_dot(c);
    }
    code = code ? code : take_name(c, subjects[subject].items, subjects[subject].item_title, &item);
    if (!code) {
        gate->kind = subjects[subject].kind;
        gate->figures = figures_names(figures);
        gate->item = subjects[subject].items(item);
        gate->metric = gate->kind <= QL_GATE_TENSORS ? ql_metric_find(gate->item) : NULL;
    }
    return code;
}

static ql_code take_relation(cursor *c, ql_gate *gate)
{
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++) {
        size_t length = strlen(relations[i]);
        if (!strncmp(c->at, relations[i], length)) {
            gate->relation = (ql_relation)i;
            c->at += length;
            return QL_OK;
        }
    }
    return wrong(c, c->at, c->at, length_here(c), "one of <= >= < > == != is required");
}

/* A plain decimal number: strtod would take names, hexadecimals and more. */
static size_t number_length(const char *text)
{
    size_t i = text[0] == '-' || text[0] == '+', digits = 0;
    for (; is_digit(text[i]) || (text[i] == '.' && !memchr(text, '.', i)); i++) {
        digits += is_digit(text[i]);
    }
    if (digits && (text[i] == 'e' || text[i] == 'E')) {
        size_t k = i + 1 + (text[i + 1] == '-' || text[i + 1] == '+');
        if (is_digit(text[k])) {
            for (i = k; is_digit(text[i]);) {
                i++;
            }
        }
    }
    return digits ? i : 0;
}

static ql_code take_bound(cursor *c, ql_gate *gate)
{
    size_t length = number_length(c->at);
    const char *start = c->at;
    if (length) {
        gate->bound = strtod(start, NULL);
        c->at += length;
    }
    if (!length || !isfinite(gate->bound)) {
        return wrong(c, start, start, strlen(start), "a number is required");
    }
    skip_spaces(c);
    return *c->at ? wrong(c, c->at, c->at, strlen(c->at), "nothing may follow the number") : QL_OK;
}

ql_code ql_gate_parse(ql_gate *gate, const char *text, ql_err *err)
{
    *gate = (ql_gate){.op = -1};
    size_t length = strlen(text);
    if (length > LONGEST) {
        return ql_fail(err, QL_E_USAGE, "a gate of %zu characters: at most %d are allowed", length, LONGEST);
    }
    cursor c = {text, text, err};
    skip_spaces(&c);
    const char *start = c.at;
    ql_code code = take_what(&c, gate);
    skip_spaces(&c);
    code = code ? code : take_relation(&c, gate);
    skip_spaces(&c);
    code = code ? code : take_bound(&c, gate);
    if (code) {
        return code;
    }
    while (c.at > start && (c.at[-1] == ' ' || c.at[-1] == '\t')) {
        c.at--;
    }
    gate->text = calloc((size_t)(c.at - start) + 1, 1);
    if (!gate->text) {
        return ql_fail_memory(err, (size_t)(c.at - start) + 1);
    }
    memcpy(gate->text, start, (size_t)(c.at - start));
    return QL_OK;
}

void ql_gate_free(ql_gate *gate)
{
    ql_regex_free(gate->regex);
    free(gate->text);
    *gate = (ql_gate){0};
}
