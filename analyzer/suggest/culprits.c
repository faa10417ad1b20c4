/* From everything changed downwards. Where two culprits hide each other, no layer and no pair of layers
 * changes anything; but with all others out of the way, each shows what it does. So: every layer is kept as
 * it is while all others are changed, the worst are changed first, and what is not needed is taken out again.
 */
#include "analyzer/suggest/search.h"

#include <math.h>
#include <string.h>

enum { MOST_NESTED = 32, MOST_REDUCED = 16, PAIRED_GROUPS = 12 };

typedef struct {
    int op;
    double noise; /* when it alone is as it was */
} suspect;

typedef struct {
    ql_search *s;
    suspect *list; /* worst first */
    int count;
    double *noise; /* by operator; 0 for what cannot change */
    ql_layer_mode *modes;
} downward;

/* The first mode of those allowed that the layer can have. */
static ql_layer_mode possible(const ql_search *s, int op)
{
    ql_layer_mode found = QL_LAYER_KEEP;
    for (int i = 0; i < s->moves.singles; i++) {
        const ql_move *move = &s->moves.list[i];
        if (move->op[0] == op && (found == QL_LAYER_KEEP || move->mode == s->main)) {
            found = move->mode;
        }
    }
    return found;
}

static ql_code measure_only(downward *d)
{
    ql_search *s = d->s;
    int ops = (int)s->operators;
    for (int op = 0; op < ops; op++) {
        d->modes[op] = possible(s, op);
    }
    ql_code code = ql_propose(s, d->modes, NULL, ops);
    for (int op = 0; op < ops && !code; op++) {
        code = d->modes[op] != QL_LAYER_KEEP ? ql_propose_layer(s, d->modes, op, QL_LAYER_KEEP, ops) : QL_OK;
    }
    return code ? code : ql_measure_proposed(s);
}

/* Worst first; of equal ones the earlier. */
static void insert(downward *d, suspect one)
{
    int at = d->count++;
    for (; at > 0 && d->list[at - 1].noise < one.noise; at--) {
        d->list[at] = d->list[at - 1];
    }
    d->list[at] = one;
}

static void rank(downward *d)
{
    for (int op = 0; op < (int)d->s->operators; op++) {
        ql_layer_mode mode = d->modes[op];
        d->modes[op] = QL_LAYER_KEEP;
        const ql_try *only = mode == QL_LAYER_KEEP ? NULL : ql_measured(d->s, d->modes);
        d->modes[op] = mode;
        if (only) {
            d->noise[op] = ql_noise_of(only);
            d->s->out->only[op] = only->result.figures;
            insert(d, (suspect){op, d->noise[op]});
        }
    }
}

/* The worst, the two worst, the three worst ... */
static ql_code propose_nested(downward *d, ql_layer_mode *modes)
{
    ql_search *s = d->s;
    ql_code code = QL_OK;
    memcpy(modes, s->nothing, s->operators * sizeof *modes);
    for (int i = 0; i < d->count && i < MOST_NESTED && !code; i++) {
        modes[d->list[i].op] = d->modes[d->list[i].op];
        code = ql_propose(s, modes, NULL, (int)s->operators);
    }
    return code;
}

static double suspicion(const downward *d, const ql_move *move)
{
    double sum = 0;
    for (int i = 0; i < move->count; i++) {
        sum += d->noise[move->op[i]];
    }
    return sum / move->count;
}

/* Two tensors at once: the groups that look worst, every two of them. */
static ql_code propose_paired_groups(downward *d)
{
    ql_search *s = d->s;
    const ql_move *worst[PAIRED_GROUPS];
    int count = 0;
    for (int g = s->moves.singles; g < s->moves.count; g++) {
        const ql_move *move = &s->moves.list[g];
        int at = count;
        while (at > 0 && suspicion(d, worst[at - 1]) < suspicion(d, move)) {
            at--;
        }
        if (at < PAIRED_GROUPS) {
            count += count < PAIRED_GROUPS;
            memmove(&worst[at + 1], &worst[at], (size_t)(count - 1 - at) * sizeof *worst);
            worst[at] = move;
        }
    }
    ql_code code = QL_OK;
    ql_layer_mode *modes = QL_TAKE(&s->out->arena, s->operators, ql_layer_mode);
    if (!modes) {
        return ql_fail_memory(s->err, s->operators * sizeof *modes);
    }
    for (int a = 1; a < count && !code; a++) {
        memcpy(modes, s->nothing, s->operators * sizeof *modes);
        for (int i = 0; i < worst[a]->count; i++) {
            modes[worst[a]->op[i]] = worst[a]->mode;
        }
        for (int b = 0; b < a && !code; b++) {
            code = ql_propose(s, modes, worst[b], (int)s->operators);
        }
    }
    return code;
}

/* Takes layers out one at a time, always the one that is missed least, down to one. */
static ql_code reduce(ql_search *s, ql_layer_mode *modes, int layers)
{
    ql_code code = QL_OK;
    for (; layers > 1 && !code; layers--) {
        int least = -1;
        double lowest = HUGE_VAL;
        for (int op = 0; op < (int)s->operators && !code; op++) {
            code = modes[op] != QL_LAYER_KEEP ? ql_propose_layer(s, modes, op, QL_LAYER_KEEP, layers) : QL_OK;
        }
        code = code ? code : ql_measure_proposed(s);
        for (int op = 0; op < (int)s->operators && !code; op++) {
            ql_layer_mode mode = modes[op];
            modes[op] = QL_LAYER_KEEP;
            const ql_try *without = mode == QL_LAYER_KEEP ? NULL : ql_measured(s, modes);
            modes[op] = mode;
            if (without && (least < 0 || ql_noise_of(without) < lowest)) {
                least = op;
                lowest = ql_noise_of(without);
            }
        }
        if (least < 0) {
            break;
        }
        modes[least] = QL_LAYER_KEEP;
    }
    return code;
}

/* The smallest of the nested sets that is nearly as good as the best of them, or the largest that is small
 * enough. */
static ql_code reduce_nested(downward *d, ql_layer_mode *modes)
{
    ql_search *s = d->s;
    double best = HUGE_VAL;
    int count = 0, chosen = 0;
    for (int pass = 0; pass < 2; pass++) {
        memcpy(modes, s->nothing, s->operators * sizeof *modes);
        for (int i = 0; i < d->count && i < MOST_REDUCED && !chosen; i++) {
            modes[d->list[i].op] = d->modes[d->list[i].op];
            const ql_try *one = ql_measured(s, modes);
            if (!one) {
                continue;
            }
            count = i + 1;
            best = pass == 0 && ql_noise_of(one) < best ? ql_noise_of(one) : best;
            chosen = pass == 1 && ql_noise_of(one) <= 1.25 * best ? count : 0;
        }
    }
    return count ? reduce(s, modes, chosen ? chosen : count) : QL_OK;
}

ql_code ql_search_down(ql_search *s)
{
    ql_arena *arena = &s->out->arena;
    downward d = {.s = s,
                  .list = QL_TAKE(arena, s->operators, suspect),
                  .noise = QL_TAKE(arena, s->operators, double),
                  .modes = QL_TAKE(arena, s->operators, ql_layer_mode)};
    ql_layer_mode *modes = QL_TAKE(arena, s->operators, ql_layer_mode);
    if (!d.list || !d.noise || !d.modes || !modes) {
        return ql_fail_memory(s->err, s->operators * sizeof *d.list);
    }
    ql_code code = measure_only(&d);
    if (code) {
        return code;
    }
    rank(&d);
    code = propose_nested(&d, modes);
    code = code ? code : propose_paired_groups(&d);
    code = code ? code : ql_measure_proposed(s);
    return code ? code : reduce_nested(&d, modes);
}
