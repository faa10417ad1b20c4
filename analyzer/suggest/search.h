/* What the parts of a search share. Kept inside analyzer/suggest. */
#ifndef QL_SUGGEST_SEARCH_H
#define QL_SUGGEST_SEARCH_H

#include "analyzer/suggest/moves.h"
#include "analyzer/suggest/tries.h"

enum {
    QL_BEAM = 8,
    QL_CONTENDERS = 24, /* of each size: those that are judged on more samples */
    QL_TRIPLES = 64,    /* that are tried where all pairs were */
    QL_LEVELS = 5,      /* sizes of sets that a forecast counts on */
    QL_PROMISING = 64,  /* moves that a heavy search grows by */
    QL_AHEAD = 4        /* larger sets than these may say that it is worth going on */
};
static const double QL_AHEAD_DB = 0.1;

typedef struct {
    const ql_engine_options *options; /* the caller's */
    const ql_suggest_goal *goal;
    ql_suggestion *out;
    const ql_subgraph *graph; /* the candidate's */
    size_t operators;
    ql_bench *bench;
    ql_tries tries;
    ql_moves moves;
    ql_layer_mode main;     /* the first of the modes allowed */
    ql_layer_mode *nothing; /* every layer kept */
    uint64_t few, all;      /* samples that judge a plan while searching, and in the end */
    double budget;          /* how many plans may be measured on the few */
    int most;               /* layers a plan may have */
    double *bytes, *share;  /* by operator and mode: bytes and percent of multiply-accumulates in float that
                               this  layer adds; NULL: not asked */
    bool limited;           /* plans beyond the goal's limits are not proposed */
    /* Plans waiting to be measured. */
    const ql_layer_mode **drafts;
    int draft_count, draft_capacity;
    ql_arena scratch; /* their memory */
    bool pairs;       /* all of them are measured */
    int promising;    /* moves that larger sets are tried with; 0: all, the search is not a heavy one */
    int picked[QL_PROMISING], picked_count; /* these moves */
    double expected;                        /* tries.work in the end, about */
    ql_err *err;
} ql_search;

/* --- propose.c: making plans and measuring them on the few samples --- */

/* `from` with the move's layers (NULL: as they are), or with layer `op` in `mode`. Unless it has more than
 * `layers` layers, or is known, or passes the limits where plans are limited: then nothing happens. */
ql_code ql_propose(ql_search *s, const ql_layer_mode *from, const ql_move *move, int layers);
ql_code ql_propose_layer(ql_search *s, const ql_layer_mode *from, int op, ql_layer_mode mode, int layers);

/* Measures what was proposed. */
ql_code ql_measure_proposed(ql_search *s);

/* The same, but of plans that cannot be among the best QL_CONTENDERS of their size any more nothing is known
 * afterwards but that (unless the goal is to be exhaustive). */
ql_code ql_race_proposed(ql_search *s);

/* The plan's measure on the few samples; NULL: it has none. */
const ql_try *ql_measured(const ql_search *s, const ql_layer_mode *modes);

/* Noise over signal: what layers' shares of add up, about. */
double ql_noise_of(const ql_try *one);

/* SQNR of the best that was judged on all samples. */
double ql_best_db(const ql_search *s);

/* Is what the plan costs within the goal's limits? */
bool ql_within(const ql_search *s, const ql_try *one);

/* The best measured sets of exactly `layers` layers, best first; returns how many, at most `most`. */
int ql_best_of(const ql_search *s, int layers, const ql_try **best, int most);

/* Is there budget for so many plans more? */
bool ql_affordable(const ql_search *s, double plans);

/* --- extent.c: how much it may take, and how much of it is done --- */

/* How many samples judge a plan while searching, of a candidate with so many multiply-accumulates: so many
 * that a plan costs about the same in any model. Where the whole would take too long the search is a heavy
 * one, and there are fewer. Wants moves. */
uint64_t ql_choose_few(ql_search *s, uint64_t macs);
void ql_choose_budget(ql_search *s, uint64_t macs); /* wants few */

/* May larger sets still be tried? Of a search that is not heavy always. */
bool ql_may_grow(const ql_search *s);

/* Of a heavy search: the moves that gain most by themselves, and the layers that do most harm by themselves.
 */
void ql_pick_promising(ql_search *s);

/* The parts of a search, in their order. */
typedef enum {
    QL_PART_MOVES,
    QL_PART_DOWN,
    QL_PART_PAIRS,
    QL_PART_CLIMB,
    QL_PART_END,
    QL_PARTS
} ql_search_part;

/* This part begins, or that share of it is left: how much is still to come. */
void ql_foretell(ql_search *s, ql_search_part part, double share);

/* Plans measured, when of those under way `done` of `total` runs are, and how many there will be: counted by
 * what they take, one that changes nothing on the few samples as one. */
void ql_told(const ql_search *s, uint64_t done, uint64_t total, uint64_t *plans, uint64_t *expected);

/* --- culprits.c: from everything changed downwards --- */

/* Finds what each layer does to the output when it alone is as it was, and sets that work only when they are
 * complete. */
ql_code ql_search_down(ql_search *s);

/* --- settle.c: on all samples --- */

/* The best of the sets of so many layers, judged on all samples; no layers in *winner: none is within the
 * limits. */
ql_code ql_settle(ql_search *s, int layers, ql_plan *winner);

/* Takes out of `out->best` what it does not need, and says what each of the others is worth. */
ql_code ql_ablate(ql_search *s);

/* Where the best is far from what a larger set gives: the smallest such set. */
ql_code ql_look_beyond(ql_search *s);

/* What there is when the search was interrupted; nothing is run. */
ql_code ql_best_so_far(ql_search *s);

/* Do the goals hold? */
bool ql_reached(const ql_search *s, const ql_whatif_figures *figures);

#endif
