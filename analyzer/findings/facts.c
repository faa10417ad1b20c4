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
    fact->zero = zero;
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
        .activation = ql_json_get_text(pair, "activation", ""),
        .op_index = (int)ql_json_get_number(pair, "op_index", -1),
        .tensor = (int)ql_json_get_number(candidate, "tensor", -1),
        .reader = -1,
        .min = figure(range, "min"),
        .max = figure(range, "max"),
        .p_low = figure(range, "p0_1"),
        .p_high = figure(range, "p99_9"),
        .rmse = figure(cumulative, "rmse"),
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

/* The ranges of channels that move, sorted, in memory for all; the count, 0 also when memory is refused. */
static int sorted_widths(const ql_fact *fact, double **widths)
{
    const ql_json *low = ql_json_first(fact->channel_min), *high = ql_json_first(fact->channel_max);
    int alive = 0;
    *widths = calloc((size_t)fact->channels + 1, sizeof **widths);
    for (int i = 0; *widths && i < fact->channels; i++) {
        double width = channel_width(&low, &high);
        if (width > 0) {
            (*widths)[alive++] = width;
        }
    }
    if (alive) {
        qsort(*widths, (size_t)alive, sizeof **widths, by_size);
    }
    return alive;
}

double ql_fact_channel_spread(const ql_fact *fact)
{
    double *widths;
    int alive = sorted_widths(fact, &widths);
    double spread = alive ? widths[alive - 1] / widths[(alive - 1) / 2] : (double)NAN;
    free(widths);
    return spread;
}

ql_wide_channels ql_fact_wide_channels(const ql_fact *fact, double times)
{
    double *widths, widest = 0;
    int alive = sorted_widths(fact, &widths);
    ql_wide_channels wide = {.median = alive ? widths[(alive - 1) / 2] : HUGE_VAL};
    free(widths);
    const ql_json *low = ql_json_first(fact->channel_min), *high = ql_json_first(fact->channel_max);
    for (int i = 0; i < fact->channels; i++) {
        double from = ql_json_number_or(low, 0), to = ql_json_number_or(high, 0);
        if (channel_width(&low, &high) > times * wide.median) {
            wide.count++;
        } else {
            wide.rest_low = fmin(wide.rest_low, from);
            wide.rest_high = fmax(wide.rest_high, to);
        }
        if (to - from > widest) {
            widest = to - from;
            wide.widest = i;
            wide.low = from;
            wide.high = to;
        }
    }
    return wide;
}

double ql_fact_span(const ql_fact *fact)
{
    return fmax(fact->max, 0) - fmin(fact->min, 0);
}

double ql_fact_width(const ql_fact *fact)
{
    return fact->highest - fact->lowest;
}

static bool keeps_scale(const char *name)
{
    const ql_op *row = NULL;
    for (int i = 0; (row = ql_op_at(i)) && strcmp(row->name, name) != 0; i++) {
    }
    return row && row->quant.kind == QL_Q_SAME;
}

bool ql_fact_hands_on(const ql_facts *facts, const ql_fact *fact)
{
    const ql_fact *from = fact->input_count == 1 ? &facts->list[fact->inputs[0]] : NULL;
    return from && from->quantized && fact->quantized && from->scale == fact->scale &&
           from->zero == fact->zero && keeps_scale(fact->op);
}

/* What SQNR the operator loses against its worst input; 0 where that is not known. */
double ql_fact_lost(const ql_fact *fact)
{
    double loss = fact->inherited - fact->sqnr;
    return isfinite(loss) && loss > 0 ? loss : 0;
}

double ql_facts_whole_sqnr(const ql_facts *facts)
{
    return ql_json_get_number(ql_json_get(facts->result, "whole"), "sqnr_db", (double)NAN);
}

double ql_facts_top1(const ql_facts *facts)
{
    return ql_json_get_number(ql_json_get(facts->result, "agreement"), "top1", (double)NAN);
}

/* By what matters to a user: classes where there are classes, else the signal. */
bool ql_facts_outputs_differ(const ql_facts *facts)
{
    return ql_facts_top1(facts) < 0.8 || (ql_facts_whole_sqnr(facts) < 5 && !(ql_facts_top1(facts) >= 0.8));
}

/* The graph's input, or the QUANTIZE behind it: what the data themselves were calibrated for. */
bool ql_fact_is_input(const ql_facts *facts, const ql_fact *fact)
{
    bool first = fact->op_index < 0;
    for (int k = 0; k < fact->input_count && !strcmp(fact->op, "QUANTIZE"); k++) {
        first = first || facts->list[fact->inputs[k]].op_index < 0;
    }
    return first;
}

bool ql_fact_has_fixed_output(const ql_fact *fact)
{
    static const char *const names[] = {"SOFTMAX", "LOGISTIC", "TANH", "L2_NORMALIZATION", "LOG_SOFTMAX"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        if (!strcmp(fact->op, names[k])) {
            return true;
        }
    }
    return false;
}
