#include "analyzer/result/agreement.h"

#include <math.h>

enum { CONFUSIONS = 20, MATRIX = 32 }; /* confusions listed at most; classes of a whole matrix */

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : (double)NAN;
}

static void put_interval(ql_doc *d, ql_json *to, const char *key, uint64_t right, uint64_t whole)
{
    double low, high;
    ql_wilson(right, whole, &low, &high);
    ql_json *interval = ql_put_array(d, to, key);
    ql_put_number(d, interval, NULL, low);
    ql_put_number(d, interval, NULL, high);
}

/* Whether the difference of the two accuracies could be chance. */
static void put_difference(ql_doc *d, ql_json *accuracy, const ql_task_stats *task)
{
    uint64_t reference = task->reference_right - task->both_right;
    uint64_t candidate = task->candidate_right - task->both_right;
    double chance = ql_mcnemar(reference, candidate);
    ql_json *difference = ql_put_object(d, accuracy, "difference");
    ql_put_count(d, difference, "both_right", task->both_right);
    ql_put_count(d, difference, "only_reference_right", reference);
    ql_put_count(d, difference, "only_candidate_right", candidate);
    ql_put_number(d, difference, "p_value", chance);
    ql_put_bool(d, difference, "within_noise", chance >= 0.05);
}

static uint64_t labelled(const ql_task_stats *task, size_t label)
{
    uint64_t sum = 0;
    size_t classes = (size_t)task->shape.classes;
    for (size_t i = 0; i < classes; i++) {
        sum += task->reference_confusion[label * classes + i];
    }
    return sum;
}

/* As parallel lists; null for a class without samples. */
static void put_classes(ql_doc *d, ql_json *accuracy, const ql_task_stats *task)
{
    ql_json *by_class = ql_put_object(d, accuracy, "by_class");
    ql_json *samples = ql_put_array(d, by_class, "samples");
    ql_json *reference = ql_put_array(d, by_class, "reference");
    ql_json *candidate = ql_put_array(d, by_class, "candidate");
    size_t classes = (size_t)task->shape.classes;
    for (size_t i = 0; i < classes; i++) {
        uint64_t all = labelled(task, i);
        size_t at = i * classes + i;
        ql_put_count(d, samples, NULL, all);
        ql_put_number(d, reference, NULL, share(task->reference_confusion[at], all));
        ql_put_number(d, candidate, NULL, share(task->candidate_confusion[at], all));
    }
}

/* The place after `last` in the order: the candidate's most frequent confusions first, then by place. */
static size_t next_confusion(const ql_task_stats *task, size_t last)
{
    const uint64_t *counts = task->candidate_confusion;
    size_t classes = (size_t)task->shape.classes, all = classes * classes, best = all;
    for (size_t i = 0; i < all; i++) {
        bool right = i / classes == i % classes;
        bool later = last == all || counts[i] < counts[last] || (counts[i] == counts[last] && i > last);
        if (!right && counts[i] && later && (best == all || counts[i] > counts[best])) {
            best = i;
        }
    }
    return best;
}

static void put_confusions(ql_doc *d, ql_json *accuracy, const ql_task_stats *task)
{
    size_t classes = (size_t)task->shape.classes, all = classes * classes, at = all;
    ql_json *list = ql_put_array(d, accuracy, "confusions");
    for (int k = 0; k < CONFUSIONS && (at = next_confusion(task, at)) < all; k++) {
        ql_json *one = ql_put_object(d, list, NULL);
        ql_put_count(d, one, "label", at / classes);
        ql_put_count(d, one, "taken_for", at % classes);
        ql_put_count(d, one, "reference", task->reference_confusion[at]);
        ql_put_count(d, one, "candidate", task->candidate_confusion[at]);
    }
}

/* Rows are labels, columns what they were taken for. */
static void put_matrix(ql_doc *d, ql_json *to, const char *key, const uint64_t *counts, size_t classes)
{
    ql_json *rows = ql_put_array(d, to, key);
    for (size_t i = 0; i < classes; i++) {
        ql_json *row = ql_put_array(d, rows, NULL);
        for (size_t k = 0; k < classes; k++) {
            ql_put_count(d, row, NULL, counts[i * classes + k]);
        }
    }
}

static void put_matrices(ql_doc *d, ql_json *accuracy, const ql_task_stats *task)
{
    size_t classes = (size_t)task->shape.classes;
    if (classes <= MATRIX) {
        ql_json *confusion = ql_put_object(d, accuracy, "confusion");
        put_matrix(d, confusion, "reference", task->reference_confusion, classes);
        put_matrix(d, confusion, "candidate", task->candidate_confusion, classes);
    }
}

static void put_accuracy(ql_doc *d, ql_json *agreement, const ql_task_stats *task)
{
    if (!task->labelled) {
        ql_put_null(d, agreement, "accuracy");
        return;
    }
    ql_json *accuracy = ql_put_object(d, agreement, "accuracy");
    ql_put_number(d, accuracy, "reference", share(task->reference_right, task->labelled));
    ql_put_number(d, accuracy, "candidate", share(task->candidate_right, task->labelled));
    ql_put_count(d, accuracy, "labelled", task->labelled);
    put_interval(d, accuracy, "reference_interval", task->reference_right, task->labelled);
    put_interval(d, accuracy, "candidate_interval", task->candidate_right, task->labelled);
    put_difference(d, accuracy, task);
    if (task->reference_confusion) {
        put_classes(d, accuracy, task);
        put_confusions(d, accuracy, task);
        put_matrices(d, accuracy, task);
    }
}

static void put_iou(ql_doc *d, ql_json *agreement, const ql_task_stats *task)
{
    if (!task->both_rows) {
        return;
    }
    ql_put_number(d, agreement, "mean_iou", ql_task_mean_iou(task));
    ql_json *by_class = ql_put_array(d, agreement, "iou_by_class");
    for (int i = 0; i < task->shape.classes; i++) {
        ql_put_number(d, by_class, NULL, ql_task_iou(task, i));
    }
}

void ql_put_agreement(ql_doc *d, ql_json *result, const ql_task_stats *task)
{
    ql_json *agreement = ql_put_object(d, result, "agreement");
    ql_put_number(d, agreement, "top1", ql_agreement_top1(&task->agreement));
    ql_put_number(d, agreement, "top5", ql_agreement_overlap(&task->agreement));
    ql_put_number(d, agreement, "top1_in_5", ql_agreement_top1_in_5(&task->agreement));
    ql_put_count(d, agreement, "rows", task->agreement.rows);
    put_iou(d, agreement, task);
    put_accuracy(d, agreement, task);
}
