#include "analyzer/findings/facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double figure(const ql_json *object, const char *key)
{
    return ql_json_get_number(object, key, (double)NAN);
}

static bool read_range(ql_fact *fact, const ql_json *candidate)
{
    ql_type type = ql_type_named(fact->dtype);
    int32_t lowest, highest;
    double zero = figure(candidate, "zero_point");
    fact->scale = figure(candidate, "scale");
    if (!(fact->scale > 0) || !isfinite(zero) || !ql_type_range(type, &lowest, &highest)) {
        return false;
    }
    fact->lowest = fact->scale * (lowest - zero);
    fact->highest = fact->scale * (highest - zero);
    return true;
}

static void read_fact(ql_fact *fact, ql_json *pair)
{
    const ql_json *candidate = ql_json_get(pair, "candidate"), *cumulative = ql_json_get(pair, "cumulative");
    const ql_json *local = ql_json_get(pair, "local");
    const ql_json *range = ql_json_get(ql_json_get(pair, "range"), "reference");
    const ql_json *channels = ql_json_get(pair, "by_channel");
    *fact = (ql_fact){
        .pair = pair,
        .name = ql_json_get_text(pair, "name", ""),
        .op = ql_json_get_text(pair, "op", ""),
        .dtype = ql_json_get_text(candidate, "dtype", ""),
        .op_index = (int)ql_json_get_number(pair, "op_index", -1),
        .tensor = (int)ql_json_get_number(candidate, "tensor", -1),
        .reader = -1,
        .min = figure(range, "min"),
        .max = figure(range, "max"),
        .p_low = figure(range, "p0_1"),
        .p_high = figure(range, "p99_9"),
        .sqnr = figure(cumulative, "sqnr_db"),
        .local_sqnr = figure(local, "sqnr_db"),
        .rmse_over_scale = figure(cumulative, "rmse_over_scale"),
        .local_rmse_over_scale = figure(local, "rmse_over_scale"),
        .saturated = figure(cumulative, "saturated"),
        .inherited = (double)NAN,
        .levels = (int)ql_json_get_number(pair, "levels_used", -1),
        .channel_min = ql_json_get(channels, "min"),
        .channel_max = ql_json_get(channels, "max"),
        .channel_sqnr = ql_json_get(channels, "sqnr_db"),
    };
    fact->channels = ql_json_size(fact->channel_min);
    fact->quantized = read_range(fact, candidate);
}

static int fact_of_tensor(const ql_facts *facts, int tensor)
{
    for (int i = 0; i < facts->count; i++) {
        if (facts->list[i].tensor == tensor) {
            return i;
        }
    }
    return -1;
}

static void connect(ql_facts *facts, int at)
{
    ql_fact *fact = &facts->list[at];
    const ql_json *input = ql_json_first(ql_json_get(fact->pair, "inputs"));
    for (; input && fact->input_count < QL_MAX_FACT_INPUTS; input = ql_json_next(input)) {
        int from = fact_of_tensor(facts, (int)ql_json_number_or(input, -1));
        if (from < 0) {
            continue;
        }
        fact->inputs[fact->input_count++] = from;
        facts->list[from].reader = at;
        facts->list[from].readers++;
        fact->inherited = fmin(fact->inherited, facts->list[from].sqnr);
    }
}

ql_code ql_facts_read(ql_facts *facts, const ql_json *result, ql_err *err)
{
    const ql_json *pairs = ql_json_get(result, "pairs");
    size_t count = (size_t)ql_json_size(pairs);
    *facts = (ql_facts){.result = result, .list = calloc(count + 1, sizeof *facts->list)};
    if (!facts->list) {
        return ql_fail_memory(err, count * sizeof *facts->list);
    }
    for (ql_json *pair = ql_json_first(pairs); pair; pair = ql_json_next(pair)) {
        read_fact(&facts->list[facts->count++], pair);
    }
    for (int i = 0; i < facts->count; i++) {
        connect(facts, i);
    }
    return QL_OK;
}

void ql_facts_free(ql_facts *facts)
{
    free(facts->list);
    *facts = (ql_facts){0};
}

static double channel_width(const ql_json **low, const ql_json **high)
{
    double width = ql_json_number_or(*high, 0) - ql_json_number_or(*low, 0);
    *low = ql_json_next(*low);
    *high = ql_json_next(*high);
    return width;
}

int ql_fact_poor_channels(const ql_fact *fact, double levels)
{
    int poor = 0;
    const ql_json *low = ql_json_first(fact->channel_min), *high = ql_json_first(fact->channel_max);
    for (int i = 0; i < fact->channels; i++) {
        double width = channel_width(&low, &high);
        poor += width > 0 && width < levels * fact->scale;
    }
    return poor;
}

int ql_fact_dead_channels(const ql_fact *fact)
{
    int dead = 0;
    const ql_json *low = ql_json_first(fact->channel_min), *high = ql_json_first(fact->channel_max);
    for (int i = 0; i < fact->channels; i++) {
        dead += channel_width(&low, &high) == 0;
    }
    return dead;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double ql_fact_channel_spread(const ql_fact *fact)
{
    double *widths = calloc((size_t)fact->channels + 1, sizeof *widths);
    const ql_json *low = ql_json_first(fact->channel_min), *high = ql_json_first(fact->channel_max);
    int alive = 0;
    for (int i = 0; widths && i < fact->channels; i++) {
        double width = channel_width(&low, &high);
        if (width > 0) {
            widths[alive++] = width;
        }
    }
    double spread = (double)NAN;
    if (alive) {
        qsort(widths, (size_t)alive, sizeof *widths, by_size);
        spread = widths[alive - 1] / widths[(alive - 1) / 2];
    }
    free(widths);
    return spread;
}
