#include "analyzer/compare/task.h"

#include <math.h>
#include <stdlib.h>

ql_code ql_task_make(ql_task_stats *task, ql_task_shape shape, ql_err *err)
{
    size_t classes = (size_t)shape.classes, square = shape.labels ? classes * classes : 0;
    size_t rows = shape.rows ? classes : 0;
    *task = (ql_task_stats){.shape = shape, .count = 2 * square + 3 * rows};
    task->counts = calloc(task->count + 1, sizeof *task->counts);
    if (!task->counts) {
        return ql_fail_memory(err, task->count * sizeof *task->counts);
    }
    if (square) {
        task->reference_confusion = task->counts;
        task->candidate_confusion = task->counts + square;
    }
    if (rows) {
        task->reference_rows = task->counts + 2 * square;
        task->candidate_rows = task->reference_rows + rows;
        task->both_rows = task->candidate_rows + rows;
    }
    return QL_OK;
}

void ql_task_free(ql_task_stats *task)
{
    free(task->counts);
    *task = (ql_task_stats){0};
}

void ql_task_merge(ql_task_stats *into, const ql_task_stats *from)
{
    ql_agreement_merge(&into->agreement, &from->agreement);
    into->labelled += from->labelled;
    into->reference_right += from->reference_right;
    into->candidate_right += from->candidate_right;
    into->both_right += from->both_right;
    for (size_t i = 0; i < into->count && i < from->count; i++) {
        into->counts[i] += from->counts[i];
    }
}

static void add_label(ql_task_stats *task, size_t reference, size_t candidate, int64_t label)
{
    bool f = label >= 0 && reference == (size_t)label, q = label >= 0 && candidate == (size_t)label;
    size_t classes = (size_t)task->shape.classes;
    task->labelled++;
    task->reference_right += f;
    task->candidate_right += q;
    task->both_right += f && q;
    if (task->reference_confusion && label >= 0 && (size_t)label < classes && reference < classes &&
        candidate < classes) {
        task->reference_confusion[(size_t)label * classes + reference]++;
        task->candidate_confusion[(size_t)label * classes + candidate]++;
    }
}

void ql_task_add(ql_task_stats *task, const float *f, const float *q, size_t count, size_t row,
                 const int64_t *label)
{
    size_t classes = (size_t)task->shape.classes;
    for (size_t at = 0; row > 1 && at + row <= count; at += row) {
        ql_agreement_add(&task->agreement, f + at, q + at, row);
        size_t reference = ql_argmax(f + at, row), candidate = ql_argmax(q + at, row);
        if (task->both_rows && reference < classes && candidate < classes) {
            task->reference_rows[reference]++;
            task->candidate_rows[candidate]++;
            task->both_rows[reference] += reference == candidate;
        }
    }
    if (label && count >= row) {
        add_label(task, ql_argmax(f, row), ql_argmax(q, row), *label);
    }
}

double ql_task_iou(const ql_task_stats *task, int i)
{
    uint64_t both = task->both_rows ? task->both_rows[i] : 0;
    uint64_t any = task->both_rows ? task->reference_rows[i] + task->candidate_rows[i] - both : 0;
    return any ? (double)both / (double)any : (double)NAN;
}

double ql_task_mean_iou(const ql_task_stats *task)
{
    double sum = 0;
    int named = 0;
    for (int i = 0; i < task->shape.classes; i++) {
        double iou = ql_task_iou(task, i);
        sum += isnan(iou) ? 0 : iou;
        named += !isnan(iou);
    }
    return named ? sum / named : (double)NAN;
}
