/* The metrics, one row each: everything that lists, prints, gates or documents a metric reads this table.
 * Formulas and what each gives for odd input: docs/metrics.md. */
#ifndef QL_METRICS_TABLE_H
#define QL_METRICS_TABLE_H

#include "metrics/stats.h"

typedef enum { QL_LOWER_IS_BETTER, QL_HIGHER_IS_BETTER, QL_NEARER_0_IS_BETTER } ql_better;

/* What a figure needs besides the statistics. */
typedef struct {
    double scale; /* of the candidate tensor; 0 or NaN when it has no single one */
} ql_metric_context;

typedef struct {
    const char *id;   /* as in JSON, gates and --sort */
    const char *unit; /* "value": that of the tensor; "1": a pure number */
    ql_better better;
    const char *title;
    const char *meaning; /* one sentence */

    /* The figure, NaN when it does not exist (null in JSON); never infinite. context may be NULL: no scale.
     */
    double (*get)(const ql_stats *stats, const ql_metric_context *context);
} ql_metric;

extern const ql_metric ql_metrics[];
extern const size_t ql_metric_count;

/* The row with this id, NULL when there is none. */
const ql_metric *ql_metric_find(const char *id);

/* Whether figure a is strictly better than b; an absent figure is neither better nor worse. */
bool ql_metric_is_better(const ql_metric *metric, double a, double b);

#endif
