#include "analyzer/result/partial.h"

#include <math.h>
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
    {"both_right", offsetof(ql_task_stats, both_right)},
};
enum { COUNTS = sizeof counts / sizeof *counts };

static uint64_t *count_at(ql_task_stats *task, int i)
{
    return (uint64_t *)(void *)((char *)task + counts[i].offset);
}

static void put_stats(ql_doc *d, ql_json *to, const char *key, const ql_stats *stats)
{
    size_t length = ql_stats_write(stats, NULL, 0);
    char *text = malloc(length + 1);
    d->failed |= !text;
    if (text) {
        ql_stats_write(stats, text, length + 1);
        ql_put_text(d, to, key, text);
        free(text);
    }
}

static void put_errors(ql_doc *d, ql_json *to, const ql_hist *errors)
{
    size_t length = ql_hist_write(errors, NULL, 0);
    char *text = malloc(length + 1);
    d->failed |= !text;
    if (text) {
        ql_hist_write(errors, text, length + 1);
        ql_put_text(d, to, "errors", text);
        free(text);
    }
}

static void put_channels(ql_doc *d, ql_json *to, const ql_pair_stats *pair)
{
    size_t length = ql_channels_write(pair->channels, pair->channel_count, NULL, 0);
    char *text = malloc(length + 1);
    d->failed |= !text;
    if (text) {
        ql_channels_write(pair->channels, pair->channel_count, text, length + 1);
        ql_put_text(d, to, "channels", text);
        free(text);
    }
}

static void put_scatter(ql_doc *d, ql_json *to, const ql_scatter *scatter)
{
    char text[64 * (QL_SCATTER_POINTS + 1)];
    ql_scatter_write(scatter, text, sizeof text);
    ql_put_text(d, to, "scatter", text);
}

static void put_split(ql_doc *d, ql_json *to, const ql_split *split)
{
    ql_json *list = ql_put_array(d, to, "split");
    char text[2048];
    snprintf(text, sizeof text, "%llu", (unsigned long long)split->count);
    ql_put_text(d, list, NULL, text);
    for (int part = 0; part < QL_SPLIT_COUNT; part++) {
        ql_exact_write(&split->square[part], text, sizeof text);
        ql_put_text(d, list, NULL, text);
    }
}

static void put_levels(ql_doc *d, ql_json *to, const uint64_t levels[4])
{
    char text[65];
    for (int i = 0; i < 4; i++) {
        snprintf(text + 16 * i, 17, "%016llx", (unsigned long long)levels[i]);
    }
    ql_put_text(d, to, "levels", text);
}

/* The counts by class that are not 0, as place and count in turn. */
static void put_classes(ql_doc *d, ql_json *to, const ql_task_stats *task)
{
    ql_json *list = ql_put_array(d, to, "classes");
    for (size_t i = 0; i < task->count; i++) {
        if (task->counts[i]) {
            char text[24];
            snprintf(text, sizeof text, "%llu", (unsigned long long)task->counts[i]);
            ql_put_count(d, list, NULL, i);
            ql_put_text(d, list, NULL, text);
        }
    }
}

void ql_put_partial(ql_doc *d, ql_json *result, const ql_comparison *comparison)
{
    ql_json *partial = ql_put_object(d, result, "partial");
    ql_json *pairs = ql_put_array(d, partial, "pairs");
    for (int i = 0; i < comparison->pair_count; i++) {
        const ql_pair_stats *pair = &comparison->pairs[i];
        ql_json *sums = ql_put_object(d, pairs, NULL);
        put_stats(d, sums, "cumulative", &pair->cumulative);
        put_errors(d, sums, &pair->errors);
        if (pair->has_local) {
            put_stats(d, sums, "local", &pair->local);
        }
        if (pair->channel_count) {
            put_channels(d, sums, pair);
        }
        if (pair->split.count) {
            put_split(d, sums, &pair->split);
        }
        put_scatter(d, sums, &pair->scatter);
        put_levels(d, sums, pair->levels);
    }
    ql_task_stats task = comparison->task;
    ql_json *tasks = ql_put_object(d, partial, "task");
    for (int i = 0; i < COUNTS; i++) {
        char text[24];
        snprintf(text, sizeof text, "%llu", (unsigned long long)*count_at(&task, i));
        ql_put_text(d, tasks, counts[i].name, text); /* text: a JSON number would lose bits past 2^53 */
    }
    put_classes(d, tasks, &task);
}

static bool read_stats(const ql_json *json, ql_stats *stats)
{
    const char *text = ql_json_text(json);
    return text && ql_stats_parse(stats, text, strlen(text));
}

/* The histogram of the cumulative errors. */
static bool read_errors(const ql_json *json, ql_pair_stats *pair)
{
    const char *text = ql_json_text(json);
    const ql_hist *errors = &pair->errors;
    return text && ql_hist_parse(&pair->errors, text, strlen(text)) &&
           errors->count == pair->cumulative.count &&
           fmax(-errors->min, errors->max) == pair->cumulative.max_abs.value;
}

static bool read_levels(const ql_json *json, uint64_t levels[4])
{
    const char *text = ql_json_text(json);
    if (!text || strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        char digits[17] = {0};
        memcpy(digits, text + 16 * i, 16);
        levels[i] = strtoull(digits, NULL, 16);
    }
    return true;
}

static bool read_count(const ql_json *json, uint64_t *count)
{
    const char *text = ql_json_text(json);
    char *end = NULL;
    *count = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    return end && !*end;
}

static bool read_split(const ql_json *list, ql_split *split)
{
    const ql_json *entry = ql_json_first(list);
    if (!list) {
        return true;
    }
    bool whole = read_count(entry, &split->count);
    for (int part = 0; part < QL_SPLIT_COUNT && whole; part++) {
        entry = ql_json_next(entry);
        const char *text = ql_json_text(entry);
        whole = text && ql_exact_parse(&split->square[part], text, strlen(text));
    }
    return whole;
}

static bool read_pair(const ql_json *sums, ql_pair_stats *pair)
{
    const ql_json *local = ql_json_get(sums, "local");
    const char *channels = ql_json_get_text(sums, "channels", NULL),
               *scatter = ql_json_get_text(sums, "scatter", "");
    pair->has_local = local != NULL;
    return read_stats(ql_json_get(sums, "cumulative"), &pair->cumulative) &&
           read_errors(ql_json_get(sums, "errors"), pair) && (!local || read_stats(local, &pair->local)) &&
           !channels == !pair->channel_count &&
           (!channels ||
            ql_channels_parse(pair->channels, pair->channel_count, channels, strlen(channels))) &&
           ql_scatter_parse(&pair->scatter, scatter, strlen(scatter)) &&
           read_split(ql_json_get(sums, "split"), &pair->split) &&
           read_levels(ql_json_get(sums, "levels"), pair->levels);
}

static bool read_classes(const ql_json *list, ql_task_stats *task)
{
    double next = 0; /* places rise */
    for (const ql_json *one = ql_json_first(list); one; one = ql_json_next(one)) {
        double place = ql_json_number_or(one, -1);
        one = ql_json_next(one);
        if (!(place >= next && place < (double)task->count) || place != (double)(size_t)place ||
            !read_count(one, &task->counts[(size_t)place])) {
            return false;
        }
        next = place + 1;
    }
    bool whole = list != NULL;
    for (int i = 0; task->both_rows && i < task->shape.classes; i++) {
        whole = whole && task->both_rows[i] <= task->reference_rows[i] &&
                task->both_rows[i] <= task->candidate_rows[i];
    }
    return whole && task->both_right <= task->reference_right && task->both_right <= task->candidate_right;
}

static ql_code read_task(const ql_json *tasks, ql_task_stats *task, ql_err *err)
{
    for (int i = 0; i < COUNTS; i++) {
        if (!read_count(ql_json_get(tasks, counts[i].name), count_at(task, i))) {
            return ql_fail(err, QL_E_FORMAT, "count \"%s\" is damaged", counts[i].name);
        }
    }
    if (!read_classes(ql_json_get(tasks, "classes"), task)) {
        return ql_fail(err, QL_E_FORMAT, "the counts by class are damaged");
    }
    return QL_OK;
}

ql_code ql_partial_read(const ql_json *result, ql_comparison *comparison, ql_err *err)
{
    const ql_json *partial = ql_json_get(result, "partial"), *pairs = ql_json_get(partial, "pairs");
    if (!ql_json_is_object(partial)) {
        return ql_fail(err, QL_E_FORMAT, "no exact sums: a part written with --shard is required");
    }
    if (ql_json_size(pairs) != comparison->pair_count) {
        return ql_fail(err, QL_E_FORMAT, "sums of %d pairs: there must be %d", ql_json_size(pairs),
                       comparison->pair_count);
    }
    const ql_json *sums = ql_json_first(pairs);
    for (int i = 0; i < comparison->pair_count; i++, sums = ql_json_next(sums)) {
        if (!read_pair(sums, &comparison->pairs[i])) {
            return ql_fail(err, QL_E_FORMAT, "the sums of pair %d are damaged", i);
        }
    }
    double samples = ql_json_get_number(result, "samples", -1);
    if (!(samples >= 0 && samples < 9e15)) {
        return ql_fail(err, QL_E_FORMAT, "the number of samples is damaged");
    }
    comparison->samples = (uint64_t)samples;
    return read_task(ql_json_get(partial, "task"), &comparison->task, err);
}
