/* Figures of the task, from the first output: what it says of a sample's class, and of each of its rows. All
 * are integers, so that merging is exact. */
#ifndef QL_COMPARE_TASK_H
#define QL_COMPARE_TASK_H

#include "metrics/metrics.h"
#include "runtime/runtime.h"

enum { QL_MAX_CLASSES = 1000 };

/* What there are figures of; decided before the run, the same for all its parts. */
typedef struct {
    int classes; /* elements of a row, 2 to QL_MAX_CLASSES; 0: too many or too few, no figures by class */
    bool labels; /* the data have labels */
    bool rows;   /* several rows a sample: a map of classes */
} ql_task_shape;

typedef struct {
    ql_agreement agreement;
    uint64_t labelled, reference_right, candidate_right; /* samples with a label, and right argmax of each */
    uint64_t both_right;
    ql_task_shape shape;
    /* with labels: [label * classes + argmax] of samples, of either model; NULL: none */
    uint64_t *reference_confusion, *candidate_confusion;
    /* with rows, by class: how often it is the argmax of the reference's row, the candidate's, of both; NULL:
     * none
     */
    uint64_t *reference_rows, *candidate_rows, *both_rows;
    uint64_t *counts; /* the memory of these five */
    size_t count;
} ql_task_stats;

/* Empty statistics; release with ql_task_free. */
ql_code ql_task_make(ql_task_stats *task, ql_task_shape shape, ql_err *err);
void ql_task_free(ql_task_stats *task);
void ql_task_merge(ql_task_stats *into, const ql_task_stats *from);

/* Adds a sample's output, rows of `row` scores: the reference's f and the candidate's q. `label` is NULL
 * without one. */
void ql_task_add(ql_task_stats *task, const float *f, const float *q, size_t count, size_t row,
                 const int64_t *label);

/* By class intersection over union of the two models' rows; NaN for a class that neither names. Of all
 * classes that are named, the mean; NaN when there is none. */
double ql_task_iou(const ql_task_stats *task, int class_index);
double ql_task_mean_iou(const ql_task_stats *task);

#endif
