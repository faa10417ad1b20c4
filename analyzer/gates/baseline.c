#include "analyzer/gates/baseline.h"

#include "analyzer/gates/diff.h"
#include "analyzer/gates/judge.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *kind; /* as in a diff's figures */
    const char *title;
    bool ratchet; /* only then */
} groups[] = {
    {"whole", "baseline.whole", false},
    {"output", "baseline.output", false},
    {"agreement", "baseline.agreement", false},
    {"accuracy", "baseline.accuracy", false},
    {"tensor", "baseline.tensors", true},
    {"findings", "baseline.findings", true},
    {"size", "baseline.size", true},
};

static void put_or_null(ql_doc *d, ql_json *to, const char *key, const ql_json *from, const char *member)
{
    const ql_json *value = ql_json_get(from, member);
    if (value) {
        ql_put(d, to, key, ql_json_copy(d, value));
    } else {
        ql_put_null(d, to, key);
    }
}

static bool is_worse(const ql_json *figure, const char *kind)
{
    return !strcmp(ql_json_get_text(figure, "kind", ""), kind) &&
           !strcmp(ql_json_get_text(figure, "verdict", ""), "worse");
}

static void put_group(ql_doc *d, ql_json *list, const ql_json *diff, const char *kind, const char *title)
{
    const ql_json *first = NULL, *figure = ql_json_first(ql_json_get(diff, "figures"));
    int worse = 0;
    char message[QL_GATE_MESSAGE] = "nothing got worse", more[40] = "";
    for (; figure; figure = ql_json_next(figure)) {
        worse += is_worse(figure, kind);
        first = !first && worse ? figure : first;
    }
    if (worse > 1) {
        snprintf(more, sizeof more, ", and %d more", worse - 1);
    }
    if (first) {
        snprintf(message, sizeof message, "%.400s%s", ql_json_get_text(first, "message", ""), more);
    }
    ql_json *entry = ql_put_object(d, list, NULL);
    ql_put_text(d, entry, "expr", title);
    ql_put_bool(d, entry, "passed", !worse);
    put_or_null(d, entry, "found", first, "after");
    put_or_null(d, entry, "bound", first, "before");
    put_or_null(d, entry, "tightest", first, "after");
    put_or_null(d, entry, "noise", first, "noise");
    ql_put_bool(d, entry, "within_noise", false);
    put_or_null(d, entry, "where", first, "name");
    ql_put_text(d, entry, "message", message);
}

ql_code ql_baseline_apply(ql_doc *d, ql_json *list, const ql_json *baseline, const ql_json *result,
                          const char *name, bool ratchet, ql_err *err)
{
    const char *const names[2] = {name, "the result"};
    ql_json *diff = NULL;
    ql_code code = ql_diff(&diff, baseline, result, names, err);
    for (size_t i = 0; i < sizeof groups / sizeof *groups && !code; i++) {
        if (ratchet || !groups[i].ratchet) {
            put_group(d, list, diff, groups[i].kind, groups[i].title);
        }
    }
    ql_json_free(diff);
    return code;
}
