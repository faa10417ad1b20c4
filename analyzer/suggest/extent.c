/* How much a search may take, and how much of it is done. Of plans that are run downstream of a change only
 * is about half of each model run, so a plan counts as half of its multiply-accumulates. */
#include "analyzer/suggest/search.h"

#include <math.h>
#include <string.h>

enum { FEWEST = 8, FEWEST_HEAVY = 2, MOST = 512, LEAST_BUDGET = 64, MOST_BUDGET = 20000 };
enum { NESTED = 100, REDUCED = 60, JUDGED_MORE = 24, JUDGED_ALL = 6 };
/* Multiply-accumulates: of all samples that judge a plan while searching; of sets of several layers; of the
 * whole search, beyond which it is a heavy one. */
static const double JUDGING = 1e9, SEARCHING = 1e12, WHOLE = 1.5e13;

static double levels_of(const ql_search *s)
{
    return s->most < QL_LEVELS ? s->most : QL_LEVELS;
}

/* From each size to the next at least, and once more. */
static double grown(const ql_search *s)
{
    return 2 * (levels_of(s) - 1) * (s->promising ? s->promising : s->moves.count);
}

/* Plans that are measured whatever comes out, and those of growing from one size to the next. */
static double plans_of(const ql_search *s)
{
    return s->moves.count + s->moves.singles + NESTED + REDUCED + grown(s);
}

uint64_t ql_choose_few(ql_search *s, uint64_t macs)
{
    uint64_t few = s->goal->search_samples, asked = few;
    double run = (double)macs / 2;
    if (!few) {
        double fit = macs ? JUDGING / (double)macs : MOST;
        few = fit < FEWEST ? FEWEST : fit > MOST ? MOST : (uint64_t)fit;
    }
    few = few < s->all ? few : s->all;
    if (plans_of(s) * (double)few * run <= WHOLE) {
        return few;
    }
    s->promising = QL_PROMISING;
    double fit = WHOLE / (plans_of(s) * run);
    uint64_t least = few < FEWEST_HEAVY ? few : FEWEST_HEAVY;
    return asked || fit >= (double)few ? few : fit < (double)least ? least : (uint64_t)fit;
}

void ql_choose_budget(ql_search *s, uint64_t macs)
{
    double each = (double)macs * (double)s->few, plans = each > 0 ? SEARCHING / each : MOST_BUDGET;
    s->budget = plans < LEAST_BUDGET ? LEAST_BUDGET : plans > MOST_BUDGET ? MOST_BUDGET : plans;
}

bool ql_may_grow(const ql_search *s)
{
    return !s->promising || s->tries.asked < plans_of(s);
}

/* --- What a heavy search goes on with --- */

typedef struct {
    double noise;
    int move;
} looked_at;

/* The least first, at most QL_PROMISING / 2. */
static void insert(looked_at *list, int *count, looked_at one)
{
    int at = *count, most = QL_PROMISING / 2;
    while (at > 0 && list[at - 1].noise > one.noise) {
        at--;
    }
    if (at < most) {
        *count += *count < most;
        memmove(&list[at + 1], &list[at], (size_t)(*count - 1 - at) * sizeof *list);
        list[at] = one;
    }
}

static double noise_with(const ql_search *s, const ql_move *move)
{
    for (int i = 0; i < move->count; i++) {
        s->nothing[move->op[i]] = move->mode;
    }
    const ql_try *one = ql_measured(s, s->nothing);
    for (int i = 0; i < move->count; i++) {
        s->nothing[move->op[i]] = QL_LAYER_KEEP;
    }
    return one ? ql_noise_of(one) : HUGE_VAL;
}

static void pick(ql_search *s, const looked_at *list, int count)
{
    for (int i = 0; i < count; i++) {
        bool there = false;
        for (int k = 0; k < s->picked_count; k++) {
            there = there || s->picked[k] == list[i].move;
        }
        if (!there) {
            s->picked[s->picked_count++] = list[i].move;
        }
    }
}

void ql_pick_promising(ql_search *s)
{
    looked_at gains[QL_PROMISING], harms[QL_PROMISING];
    int gained = 0, harmful = 0;
    for (int m = 0; m < s->moves.count; m++) {
        insert(gains, &gained, (looked_at){noise_with(s, &s->moves.list[m]), m});
    }
    for (int m = 0; m < s->moves.singles; m++) {
        const ql_whatif_figures *only = &s->out->only[s->moves.list[m].op[0]];
        if (only->samples && !isnan(only->sqnr_db)) {
            insert(harms, &harmful, (looked_at){only->sqnr_db, m});
        }
    }
    s->picked_count = 0;
    pick(s, gains, gained);
    pick(s, harms, harmful);
}

/* --- How far it is --- */

static double judging(const ql_search *s)
{
    double few = (double)s->few, all = (double)s->all, more = 4 * few < all ? 4 * few : all;
    return (more > few ? JUDGED_MORE * more : 0) + (all > more ? JUDGED_ALL * all : 0);
}

/* Runs of a plan that changes nothing that a part of the search takes, about. */
static double runs_of(const ql_search *s, ql_search_part part)
{
    double few = (double)s->few, singles = s->moves.singles, levels = levels_of(s);
    double pairs = s->pairs ? singles * (singles - 1) / 2 : 0;
    double room = s->budget - plans_of(s) - pairs, climbing = 4 * levels * s->moves.count;
    switch (part) {
    case QL_PART_MOVES:
        return few * s->moves.count;
    case QL_PART_DOWN:
        return few * (singles * (1 + QL_FLOAT_LAYER) + NESTED + REDUCED);
    case QL_PART_PAIRS:
        return few * (pairs + (s->pairs && s->most > 2 ? QL_TRIPLES : 0));
    case QL_PART_CLIMB:
        climbing = climbing < room ? climbing : room > 0 ? room : 0;
        return few * (climbing + grown(s)) + levels * judging(s);
    case QL_PART_END:
        return levels * (double)s->all;
    case QL_PARTS:
        break;
    }
    return 0;
}

void ql_foretell(ql_search *s, ql_search_part part, double share)
{
    s->expected = s->tries.work + share * runs_of(s, part);
    for (int later = (int)part + 1; later < QL_PARTS; later++) {
        s->expected += runs_of(s, (ql_search_part)later);
    }
}

void ql_told(const ql_search *s, uint64_t done, uint64_t total, uint64_t *plans, uint64_t *expected)
{
    const ql_tries *t = &s->tries;
    double few = s->few ? (double)s->few : 1;
    double work = t->work + (total ? t->at_work * (double)done / (double)total : 0);
    double all = s->expected > work ? s->expected : work;
    *plans = (uint64_t)(work / few);
    *expected = (uint64_t)ceil(all / few) + (*plans ? 0 : 1);
}
