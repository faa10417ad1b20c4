/* What changed between two comparisons of (versions of) the same models: for `qloupe diff`, and for a
 * baseline that a build may not fall behind. */
#ifndef QL_GATES_DIFF_H
#define QL_GATES_DIFF_H

#include "analyzer/json/json.h"

/* Makes a document (schema "qloupe.diff/1", docs/commands/diff.md) of two documents of comparisons. Yours.
 * FORMAT: one of them is none; `names` are the files, for that message. */
ql_code ql_diff(ql_json **diff, const ql_json *before, const ql_json *after, const char *const names[2],
                ql_err *err);

/* How many figures of a diff are worse beyond noise. */
int ql_diff_worse(const ql_json *diff);

/* FORMAT at `name` unless `doc` is a filled comparison. */
ql_code ql_comparison_check(const ql_json *doc, const char *name, ql_err *err);

#endif
