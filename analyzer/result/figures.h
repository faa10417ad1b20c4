/* Figures of the statistics as JSON members, shared by pairs, outputs and weights. */
#ifndef QL_RESULT_FIGURES_H
#define QL_RESULT_FIGURES_H

#include "analyzer/json/json.h"
#include "metrics/metrics.h"

/* {metric id: value or null ..} with every metric of the table. `scale`: the candidate's, 0 = none. */
void ql_put_metrics(ql_doc *d, ql_json *to, const char *key, const ql_stats *stats, double scale);

/* {"reference": {"min", "max", "p0_1", "p99_9"}, "candidate": the same} */
void ql_put_range(ql_doc *d, ql_json *to, const char *key, const ql_stats *stats);

/* {"values": {"low", "high", "reference": [counts], "candidate": [counts]}, "error": {"low", "high",
 * "counts"}} */
void ql_put_histograms(ql_doc *d, ql_json *to, const char *key, const ql_stats *stats, const ql_hist *errors);

/* {"reference": [values], "candidate": [values]}: a few elements of both, in no order */
void ql_put_scatter(ql_doc *d, ql_json *to, const char *key, const ql_scatter *scatter);

/* {"sqnr_db": {"mean", "half_width", "worst": {"sample", "value"}}, "mse": .., ..}: over samples, half a 95 %
 * interval of the mean, and the worst sample (null without any) */
void ql_put_samples(ql_doc *d, ql_json *to, const char *key, const ql_stats *stats);

#endif
