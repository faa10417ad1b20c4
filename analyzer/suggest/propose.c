#include "analyzer/suggest/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t mode_bytes(const ql_search *s)
{
    return s->operators * sizeof(ql_layer_mode);
}

double ql_noise_of(const ql_try *one)
{
    double sqnr = one->result.figures.sqnr_db;
    return isnan(sqnr) ? HUGE_VAL : pow(10, -sqnr / 10);
}

const ql_try *ql_measured(const ql_search *s, const ql_layer_mode *modes)
{
    const ql_try *one = ql_tries_find(&s->tries, modes, s->few);
    return one && one->asked ? one : NULL;
}

/* What the layers add, one by one: exact in the end, near enough before. */
static double added(const ql_search *s, const double *by_layer, const ql_layer_mode *modes)
{
    double sum = 0;
    for (size_t op = 0; op < s->operators; op++) {
        sum += modes[op] == QL_LAYER_KEEP ? 0 : by_layer[op * QL_LAYER_MODES + (size_t)modes[op]];
    }
    return sum;
}

static bool light(const ql_search *s, const ql_layer_mode *modes)
{
    double bytes = s->bytes ? (double)s->out->base_bytes + added(s, s->bytes, modes) : 0;
    double share = s->share ? added(s, s->share, modes) : 0;
    return (!s->bytes || bytes <= (double)s->goal->max_bytes * 1.01) &&
           (!s->share || share <= s->goal->max_float_macs + 0.01);
}

bool ql_within(const ql_search *s, const ql_try *one)
{
    const ql_mixed_cost *cost = &one->result.cost;
    double share = cost->macs ? 100 * (double)cost->float_macs / (double)cost->macs : 0;
    double limit = s->goal->max_float_macs;
    return (isnan(limit) || share <= limit) && light(s, one->modes);
}

bool ql_affordable(const ql_search *s, double plans)
{
    return (double)s->tries.asked + plans <= s->budget;
}

static int layers_of(const ql_search *s, const ql_layer_mode *modes)
{
    int layers = 0;
    for (size_t op = 0; op < s->operators; op++) {
        layers += modes[op] != QL_LAYER_KEEP;
    }
    return layers;
}

static ql_code put(ql_search *s, const ql_layer_mode *modes)
{
    if (s->draft_count == s->draft_capacity) {
        int capacity = s->draft_capacity ? 2 * s->draft_capacity : 256;
        const ql_layer_mode **grown = realloc(s->drafts, (size_t)capacity * sizeof *grown);
        if (!grown) {
            return ql_fail_memory(s->err, (size_t)capacity * sizeof *grown);
        }
        s->drafts = grown;
        s->draft_capacity = capacity;
    }
    s->drafts[s->draft_count++] = modes;
    return QL_OK;
}

static ql_code propose(ql_search *s, const ql_layer_mode *modes, int layers)
{
    if (layers_of(s, modes) > layers || (s->limited && !light(s, modes)) || ql_measured(s, modes)) {
        return QL_OK;
    }
    return put(s, modes);
}

static ql_layer_mode *copy(ql_search *s, const ql_layer_mode *from)
{
    return ql_take_copy(&s->scratch, from, mode_bytes(s));
}

ql_code ql_propose(ql_search *s, const ql_layer_mode *from, const ql_move *move, int layers)
{
    ql_layer_mode *modes = copy(s, from);
    for (int i = 0; modes && move && i < move->count; i++) {
        modes[move->op[i]] = move->mode;
    }
    return modes ? propose(s, modes, layers) : ql_fail_memory(s->err, mode_bytes(s));
}

ql_code ql_propose_layer(ql_search *s, const ql_layer_mode *from, int op, ql_layer_mode mode, int layers)
{
    ql_layer_mode *modes = copy(s, from);
    if (modes) {
        modes[op] = mode;
    }
    return modes ? propose(s, modes, layers) : ql_fail_memory(s->err, mode_bytes(s));
}

ql_code ql_measure_proposed(ql_search *s)
{
    ql_code code = ql_tries_measure(&s->tries, s->drafts, s->draft_count, s->few, s->err);
    s->draft_count = 0;
    ql_arena_free(&s->scratch);
    return code;
}

/* Larger sets are also looked at for whether they are better than the best so far, which only gets better. */
static double bound(void *user, int layers)
{
    const ql_search *s = user;
    const ql_try *best[QL_CONTENDERS];
    if (ql_best_of(s, layers, best, QL_CONTENDERS) < QL_CONTENDERS) {
        return HUGE_VAL;
    }
    double last = ql_noise_of(best[QL_CONTENDERS - 1]);
    double ahead = layers > QL_AHEAD ? pow(10, -(ql_best_db(s) + QL_AHEAD_DB) / 10) : 0;
    return last > ahead ? last : ahead;
}

ql_code ql_race_proposed(ql_search *s)
{
    if (s->goal->exhaust) {
        return ql_measure_proposed(s);
    }
    ql_code code = ql_tries_measure_until(&s->tries, s->drafts, s->draft_count, s->few, bound, s, s->err);
    s->draft_count = 0;
    ql_arena_free(&s->scratch);
    return code;
}

/* Among equal ones the fewest boundaries, then the one that changes earlier layers. */
static bool better(const ql_search *s, const ql_try *a, const ql_try *b)
{
    double x = ql_noise_of(a), y = ql_noise_of(b);
    int m = a->result.cost.boundaries, n = b->result.cost.boundaries;
    bool equal = x <= y && x >= y;
    return !equal ? x < y : m != n ? m < n : memcmp(a->modes, b->modes, mode_bytes(s)) > 0;
}

int ql_best_of(const ql_search *s, int layers, const ql_try **best, int most)
{
    int count = 0;
    for (int i = 0; i < s->tries.count; i++) {
        const ql_try *one = &s->tries.list[i];
        if (one->layers != layers || one->samples != s->few || !one->asked || one->result.lost ||
            !ql_within(s, one)) {
            continue;
        }
        int at = count;
        while (at > 0 && better(s, one, best[at - 1])) {
            at--;
        }
        if (at < most) {
            count += count < most;
            memmove(&best[at + 1], &best[at], (size_t)(count - 1 - at) * sizeof(ql_try *));
            best[at] = one;
        }
    }
    return count;
}
