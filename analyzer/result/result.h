/* The result of a comparison: one JSON document (schema "qloupe.comparison/1", docs/json.md) that every
 * report is made from, at once or later. Nothing else is kept: what is not in the document is in no report.
 *
 * It is built in two steps. The frame says what was compared and needs the models; filling it in needs only
 * statistics. So parts of a comparison that ran elsewhere can be merged without models, to the same bytes. */
#ifndef QL_RESULT_RESULT_H
#define QL_RESULT_RESULT_H

#include "analyzer/compare/engine.h"
#include "analyzer/json/json.h"

/* What names the run; the only part of a document that may differ between two runs on the same input. */
typedef struct {
    int argc;
    char **argv;
    int threads, shard, shards; /* shard from 0 */
    int ranks;                  /* 0: 1 */
    double seconds;
    const char *started; /* ISO 8601, UTC */
} ql_run_facts;

/* The frame: models, data, pairs, what could not be paired, weights and their error. Yours. */
ql_code ql_result_frame(ql_json **result, const ql_engine_options *options, ql_err *err);

/* Puts the figures of `comparison` into the frame. With `partial`, also the exact sums that merging needs. */
ql_code ql_result_fill(ql_json *result, const ql_comparison *comparison, bool partial, ql_err *err);

/* Puts a member (taken) into a result, before its member "run"; an earlier one of that name is dropped. */
void ql_result_put(ql_doc *d, ql_json *result, const char *key, ql_json *child);

/* Puts a plan (schema qloupe.plan/1) into a result as "plan", so that reports can show what would help.
 * FORMAT: no plan; FIT: it is for other models. */
ql_code ql_result_attach_plan(ql_json *result, const ql_json *plan, ql_err *err);

/* Puts `facts` into the result as its last member "run". */
ql_code ql_result_sign(ql_json *result, const ql_run_facts *facts, ql_err *err);

/* Merges `count` parts (documents written with `partial`) into a new document. FIT: parts of different
 * comparisons, one twice, or one missing; FORMAT: a document that is not a part. `names` are the files, for
 * messages. */
ql_code ql_result_merge(ql_json **merged, ql_json *const *parts, const char *const *names, int count,
                        ql_err *err);

#endif
