#include "analyzer/result/result.h"

#include <string.h>

void ql_result_put(ql_doc *d, ql_json *result, const char *key, ql_json *child)
{
    const ql_json *run = ql_json_get(result, "run");
    ql_json *kept = run ? ql_json_copy(d, run) : NULL;
    ql_json_drop(result, key);
    ql_json_drop(result, "run");
    ql_put(d, result, key, child);
    if (kept) {
        ql_put(d, result, "run", kept);
    }
}

/* Where both say which file they are about, it must be the same one. */
static ql_code fit(const ql_json *result, const ql_json *plan, const char *side, ql_err *err)
{
    const char *own = ql_json_get_text(ql_json_get(result, side), "sha256", "");
    const char *other = ql_json_get_text(ql_json_get(plan, side), "sha256", own);
    return strcmp(own, other) ? ql_fail(err, QL_E_FIT, "the plan is for another %s model", side) : QL_OK;
}

ql_code ql_result_attach_plan(ql_json *result, const ql_json *plan, ql_err *err)
{
    if (strcmp(ql_json_get_text(plan, "schema", ""), "qloupe.plan/1") != 0) {
        return ql_fail(err, QL_E_FORMAT, "not a plan: schema qloupe.plan/1 is required");
    }
    ql_code code = fit(result, plan, "reference", err);
    code = code ? code : fit(result, plan, "candidate", err);
    if (code) {
        return code;
    }
    ql_doc d = {0};
    ql_json *copy = ql_json_copy(&d, plan);
    if (copy) {
        ql_json_drop(copy, "run");
    }
    ql_result_put(&d, result, "plan", copy);
    return ql_doc_check(&d, err);
}
