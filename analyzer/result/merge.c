#include "analyzer/result/partial.h"
#include "analyzer/result/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a filled result has more than its frame. */
static const char *const pair_members[] = {"cumulative",  "split",      "local",      "per_sample",
                                           "range",       "histograms", "scatter",    "by_channel",
                                           "levels_used", "worst",      "not_finite", "findings"};
static const char *const members[] = {"plan",     "samples", "whole",   "agreement", "outputs",
                                      "findings", "gates",   "partial", "run"};

static void strip(ql_json *result)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        ql_json_drop(result, members[i]);
    }
    for (ql_json *pair = ql_json_first(ql_json_get(result, "pairs")); pair; pair = ql_json_next(pair)) {
        for (size_t i = 0; i < sizeof pair_members / sizeof *pair_members; i++) {
            ql_json_drop(pair, pair_members[i]);
        }
    }
}

/* Two parts belong together when their frames are the same text. */
static ql_code check_frame(const ql_json *part, const char *frame, const char *name, ql_err *err)
{
    ql_doc d = {0};
    ql_json *copy = ql_json_copy(&d, part);
    char *text = NULL;
    if (copy) {
        strip(copy);
        text = ql_json_print(copy);
    }
    bool same = text && !strcmp(text, frame), refused = !text;
    free(text);
    ql_json_free(copy);
    if (refused) {
        return ql_fail_memory(err, strlen(frame));
    }
    if (!same) {
        ql_fail(err, QL_E_FIT,
                "a part of another comparison: models, data and pairs must be those of the first part");
        return ql_at_file(err, name);
    }
    return QL_OK;
}

/* All that are missing, and how they are made. */
static ql_code check_missing(const int *part_of, int shards, ql_err *err)
{
    enum { SHOWN = 6, LIST = 160 };
    char which[LIST] = "", how[LIST] = "";
    int missing = 0, listed = 0;
    for (int i = 0; i < shards; i++) {
        missing += !part_of[i];
    }
    for (int i = 0; i < shards && listed < SHOWN; i++) {
        if (!part_of[i]) {
            const char *between = !listed ? "" : listed == missing - 1 ? " and " : ", ";
            size_t used = strlen(which), used_how = strlen(how);
            snprintf(which + used, LIST - used, "%s%d", between, i + 1);
            snprintf(how + used_how, LIST - used_how, "%s--shard %d/%d", between, i + 1, shards);
            listed++;
        }
    }
    return !missing ? QL_OK
           : missing > SHOWN
               ? ql_fail(err, QL_E_FIT, "%d of %d shards are missing: run them with %s ...", missing, shards,
                         how)
               : ql_fail(err, QL_E_FIT, "shard%s %s of %d %s missing: run %s with %s", missing > 1 ? "s" : "",
                         which, shards, missing > 1 ? "are" : "is", missing > 1 ? "them" : "it", how);
}

static ql_code check_shards(ql_json *const *parts, const char *const *names, int count, ql_err *err)
{
    int shards = (int)ql_json_get_number(ql_json_get(parts[0], "run"), "shards", 0);
    if (shards < 1 || shards > 1000000) {
        ql_fail(err, QL_E_FORMAT,
                "it does not say which shard it is: a part written with --shard is required");
        return ql_at_file(err, names[0]);
    }
    int *part_of = calloc((size_t)shards, sizeof *part_of);
    ql_code code = part_of ? QL_OK : ql_fail_memory(err, (size_t)shards * sizeof *part_of);
    for (int i = 0; i < count && !code; i++) {
        const ql_json *run = ql_json_get(parts[i], "run");
        int shard = (int)ql_json_get_number(run, "shard", 0);
        if ((int)ql_json_get_number(run, "shards", 0) != shards || shard < 1 || shard > shards) {
            code = ql_fail(err, QL_E_FIT, "not one of %d shards as the first part is", shards);
        } else if (part_of[shard - 1]) {
            code = ql_fail(err, QL_E_FIT, "shard %d of %d a second time: %s is it already", shard, shards,
                           names[part_of[shard - 1] - 1]);
        } else {
            part_of[shard - 1] = i + 1;
        }
        if (code) {
            ql_at_file(err, names[i]);
        }
    }
    code = code ? code : check_missing(part_of, shards, err);
    free(part_of);
    return code;
}

/* How many channels each pair of a frame has. */
static ql_code read_channels(const ql_json *frame, int pairs, size_t **channels, ql_err *err)
{
    size_t *counts = *channels = calloc((size_t)pairs + 1, sizeof *counts);
    const ql_json *pair = ql_json_first(ql_json_get(frame, "pairs"));
    for (int i = 0; counts && i < pairs; i++, pair = ql_json_next(pair)) {
        double count = ql_json_get_number(pair, "channels", 0);
        counts[i] = count >= 0 && count <= 4096 ? (size_t)count : 0;
    }
    return counts ? QL_OK : ql_fail_memory(err, (size_t)pairs * sizeof *counts);
}

static ql_task_shape read_shape(const ql_json *task)
{
    double classes = ql_json_get_number(task, "classes", 0);
    return (ql_task_shape){.classes = classes >= 2 && classes <= QL_MAX_CLASSES ? (int)classes : 0,
                           .labels = ql_json_is_true(ql_json_get(task, "labels")),
                           .rows = ql_json_is_true(ql_json_get(task, "rows"))};
}

typedef struct {
    ql_json *const *parts;
    const char *const *names;
    int count;
    ql_task_shape task;
} ql_parts;

static ql_code merge_sums(const ql_parts *all, int pairs, const size_t *channels, ql_comparison *sum,
                          ql_err *err)
{
    ql_code code = ql_comparison_make(sum, pairs, channels, all->task, err);
    for (int i = 0; i < all->count && !code; i++) {
        ql_comparison part = {0};
        code = ql_comparison_make(&part, pairs, channels, all->task, err);
        if (!code && (code = ql_partial_read(all->parts[i], &part, err))) {
            ql_at_file(err, all->names[i]);
        }
        if (!code) {
            ql_comparison_merge(sum, &part);
        }
        ql_comparison_free(&part);
    }
    return code;
}

static ql_code merge_into(ql_json *frame, const ql_parts *all, ql_err *err)
{
    char *text = ql_json_print(frame);
    ql_code code = text ? check_shards(all->parts, all->names, all->count, err) : ql_fail_memory(err, 1);
    for (int i = 1; i < all->count && !code; i++) {
        code = check_frame(all->parts[i], text, all->names[i], err);
    }
    free(text);
    ql_comparison sum = {0};
    size_t *channels = NULL;
    int pairs = ql_json_size(ql_json_get(frame, "pairs"));
    code = code ? code : read_channels(frame, pairs, &channels, err);
    code = code ? code : merge_sums(all, pairs, channels, &sum, err);
    code = code ? code : ql_result_fill(frame, &sum, false, err);
    free(channels);
    ql_comparison_free(&sum);
    return code;
}

ql_code ql_result_merge(ql_json **merged, ql_json *const *parts, const char *const *names, int count,
                        ql_err *err)
{
    ql_doc d = {0};
    *merged = NULL;
    for (int i = 0; i < count; i++) {
        if (strcmp(ql_json_get_text(parts[i], "schema", ""), "qloupe.comparison/1") != 0) {
            ql_fail(err, QL_E_FORMAT, "not a comparison: schema qloupe.comparison/1 is required");
            return ql_at_file(err, names[i]);
        }
    }
    ql_json *frame = ql_json_copy(&d, parts[0]);
    if (!frame) {
        return ql_doc_check(&d, err);
    }
    strip(frame);
    ql_parts all = {parts, names, count, read_shape(ql_json_get(frame, "task"))};
    ql_code code = merge_into(frame, &all, err);
    if (code) {
        ql_json_free(frame);
        return code;
    }
    *merged = frame;
    return QL_OK;
}
