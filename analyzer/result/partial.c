#include "analyzer/result/partial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Members of the task statistics, by name: written, read and merged alike. */
static const struct {
    const char *name;
    size_t offset;
} counts[] = {
    {"rows", offsetof(ql_task_stats, agreement.rows)},
    {"top1", offsetof(ql_task_stats, agreement.top1)},
    {"top1_in_5", offsetof(ql_task_stats, agreement.top1_in_5)},
    {"overlap", offsetof(ql_task_stats, agreement.overlap)},
    {"possible", offsetof(ql_task_stats, agreement.possible)},
    {"labelled", offsetof(ql_task_stats, labelled)},
    {"reference_right", offsetof(ql_task_stats, reference_right)},
    {"candidate_right", offsetof(ql_task_stats, candidate_right)},
};
enum { COUNTS = sizeof counts / sizeof *counts };

static uint64_t *count_at(ql_task_stats *task, int i)
{
    return (uint64_t *)(void *)((char *)task + counts[i].offset);
}

static void put_stats(ql_doc *d, ql_json *list, const ql_stats *stats)
{
    size_t length = ql_stats_write(stats, NULL, 0);
    char *text = malloc(length + 1);
    if (!text) {
        d->failed = true;
        return;
    }
    ql_stats_write(stats, text, length + 1);
    ql_put_text(d, list, NULL, text);
    free(text);
}

void ql_put_partial(ql_doc *d, ql_json *result, const ql_comparison *comparison, int pairs)
{
    ql_json *partial = ql_put_object(d, result, "partial");
    ql_json *cumulative = ql_put_array(d, partial, "cumulative"), *local = ql_put_array(d, partial, "local");
    for (int i = 0; i < pairs; i++) {
        put_stats(d, cumulative, &comparison->pairs[i].cumulative);
        if (comparison->pairs[i].has_local) {
            put_stats(d, local, &comparison->pairs[i].local);
        } else {
            ql_put_null(d, local, NULL);
        }
    }
    ql_task_stats task = comparison->task;
    ql_json *tasks = ql_put_object(d, partial, "task");
    for (int i = 0; i < COUNTS; i++) {
        char text[24];
        snprintf(text, sizeof text, "%llu", (unsigned long long)*count_at(&task, i));
        ql_put_text(d, tasks, counts[i].name, text); /* text: a JSON number would lose bits past 2^53 */
    }
}

static bool read_stats(const ql_json *json, ql_stats *stats)
{
    const char *text = ql_json_text(json);
    return text && ql_stats_parse(stats, text, strlen(text));
}

static bool read_count(const ql_json *json, uint64_t *count)
{
    const char *text = ql_json_text(json);
    char *end = NULL;
    *count = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    return end && !*end;
}

ql_code ql_partial_read(const ql_json *result, ql_comparison *comparison, int pairs, ql_err *err)
{
    const ql_json *partial = ql_json_get(result, "partial");
    const ql_json *cumulative = ql_json_get(partial, "cumulative"), *local = ql_json_get(partial, "local");
    if (!ql_json_is_object(partial)) {
        return ql_fail(err, QL_E_FORMAT, "no exact sums: a part written with --shard is required");
    }
    if (ql_json_size(cumulative) != pairs || ql_json_size(local) != pairs) {
        return ql_fail(err, QL_E_FORMAT, "sums of %d and %d pairs: there must be %d",
                       ql_json_size(cumulative), ql_json_size(local), pairs);
    }
    cumulative = ql_json_first(cumulative);
    local = ql_json_first(local);
    for (int i = 0; i < pairs; i++, cumulative = ql_json_next(cumulative), local = ql_json_next(local)) {
        comparison->pairs[i].has_local = !ql_json_is_null(local);
        if (!read_stats(cumulative, &comparison->pairs[i].cumulative) ||
            (comparison->pairs[i].has_local && !read_stats(local, &comparison->pairs[i].local))) {
            return ql_fail(err, QL_E_FORMAT, "the sums of pair %d are damaged", i);
        }
    }
    for (int i = 0; i < COUNTS; i++) {
        const ql_json *count = ql_json_get(ql_json_get(partial, "task"), counts[i].name);
        if (!read_count(count, count_at(&comparison->task, i))) {
            return ql_fail(err, QL_E_FORMAT, "count \"%s\" is damaged", counts[i].name);
        }
    }
    double samples = ql_json_get_number(result, "samples", -1);
    if (!(samples >= 0 && samples < 9e15)) {
        return ql_fail(err, QL_E_FORMAT, "the number of samples is damaged");
    }
    comparison->samples = (uint64_t)samples;
    return QL_OK;
}
