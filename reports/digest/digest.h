/* What every format reads of a comparison's document: one row a pair of tensors, in execution order, with
 * what the formats would otherwise each work out again (names to show, which row is worst, how pairs were
 * made).
 *
 * A digest points into its document and lives no longer. Documents may be hostile: a member that is missing
 * or is something else reads as absent.
 */
#ifndef QL_DIGEST_DIGEST_H
#define QL_DIGEST_DIGEST_H

#include "analyzer/analyzer.h"
#include "metrics/metrics.h"

typedef enum { QL_CUMULATIVE, QL_LOCAL } ql_figures;

typedef struct {
    const ql_json *json, *reference, *candidate; /* the pair and its two tensors */
    const char *name, *label, *op;               /* label: the first node's name, or the name; never NULL */
    const char *dtype;                           /* the candidate's */
    int number;                                  /* place in `pairs` */
    int op_index, tensor;                        /* in the candidate; -1: none */
    bool integer;                                /* plain integers: neither quantized nor float */
    bool exact;                                  /* no error at all */
    bool blamed;                                 /* one of the culprits */
    bool first_of_op, first_of_tensor; /* the first row of that operator, of that tensor: it has one */
} ql_row;

typedef struct {
    const char *how; /* as in the pairs */
    int count;
} ql_how_count;

enum { QL_HOW_KINDS = 12, QL_CULPRITS = 3 };

typedef struct {
    const ql_json *doc;
    ql_row *rows;
    int row_count, integer_count;
    int worst; /* the row of lowest cumulative SQNR; -1: none */
    int input; /* a model input whose data the candidate cannot hold (SQNR below 20 dB); -1: none */
    /* Rows to blame, first the most: those that the findings of the highest severity name; without findings
     * the lowest local SQNR (cumulative where nothing is known of local errors). */
    int culprits[QL_CULPRITS], culprit_count;
    bool has_local, has_findings;
    const char *prefix; /* the first `prefix_length` bytes of it begin most labels; NULL: nothing does */
    size_t prefix_length;
    ql_how_count hows[QL_HOW_KINDS];
    int how_count;
    int unpaired_reference, unpaired_candidate;
} ql_digest;

/* FORMAT: not a comparison. NOMEM. */
ql_code ql_digest_make(ql_digest *digest, const ql_json *doc, ql_err *err);
void ql_digest_free(ql_digest *digest);

/* A figure by metric id; NaN when absent. */
double ql_row_figure(const ql_row *row, ql_figures which, const char *metric);

/* The label without the prefix, if it has it. */
const char *ql_digest_short(const ql_digest *digest, const char *label);

/* The row to blame at that place (from 0); NULL when there are not so many. */
const ql_row *ql_digest_culprit(const ql_digest *digest, int place);

/* The row of the candidate's operator, the first of several; NULL when there is none. */
const ql_row *ql_digest_row_of_op(const ql_digest *digest, int op_index);

/* The plan's figures: measured on the written model where that was done (*proved), else as the search
 * measured them. NULL without a plan. */
const ql_json *ql_digest_plan_figures(const ql_digest *digest, bool *proved);

/* The metric of "sqnr_db", "local.sqnr_db" or "cumulative.sqnr_db". Without a prefix figures are cumulative,
 * but rmse_over_scale is local, as in QuantizationDebugger. USAGE and NULL when there is none of that name.
 */
const ql_metric *ql_digest_metric(const char *name, ql_figures *which, ql_err *err);

/* The shortest name that is read as it, in `out` of QL_FIGURE_SIZE bytes, which is returned. */
const char *ql_digest_metric_name(ql_figures which, const ql_metric *metric, char *out);

/* Writes the numbers of all rows into `order`, the worst by that metric first; absent figures come last and
 * equal ones in execution order. NOMEM. */
ql_code ql_digest_order(const ql_digest *digest, ql_figures which, const ql_metric *metric, int *order,
                        ql_err *err);

/* Whole numbers of a document, whatever stands there: clamped, `fallback` when absent. */
int ql_digest_int(const ql_json *object, const char *key, int fallback);

/* The number of elements of one tensor by its `shape`; 0 when unknown. */
double ql_digest_elements(const ql_json *tensor);

#endif
