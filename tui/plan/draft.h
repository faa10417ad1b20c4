/* A plan that is edited: which layers are to change, with every step kept, so that it can be taken back. */
#ifndef QL_PLAN_DRAFT_H
#define QL_PLAN_DRAFT_H

#include "reports/reports.h"

enum { QL_DRAFT_STEPS = 100, QL_DRAFT_OPS = 1 << 20 };

typedef struct {
    int ops; /* of the candidate; a plan has a mode for each */
    ql_layer_mode *steps[QL_DRAFT_STEPS];
    int at, count; /* steps[at] is the plan; those after it have been taken back. count 0: not started */
} ql_draft;

/* A plan that keeps everything, for so many operators (at most QL_DRAFT_OPS). Memory may be refused: the plan
 * then has no operators. */
void ql_draft_start(ql_draft *draft, int ops);
void ql_draft_free(ql_draft *draft);

/* The plan as it is, by operator; NULL without operators. */
const ql_layer_mode *ql_draft_modes(const ql_draft *draft);
ql_layer_mode ql_draft_mode(const ql_draft *draft, int op);
int ql_draft_layers(const ql_draft *draft); /* how many are not kept */

bool ql_modes_keep_all(const ql_layer_mode *modes, int ops);

/* Makes these modes the next step; steps that were taken back are forgotten. False: nothing would change, or
 * no memory. */
bool ql_draft_step(ql_draft *draft, const ql_layer_mode *modes);

/* False: there is no step to take back, or none to do again. */
bool ql_draft_undo(ql_draft *draft);
bool ql_draft_redo(ql_draft *draft);

#endif
