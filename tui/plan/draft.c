#include "tui/plan/draft.h"

#include <stdlib.h>
#include <string.h>

static size_t bytes_of(const ql_draft *draft)
{
    return (size_t)draft->ops * sizeof **draft->steps;
}

void ql_draft_free(ql_draft *draft)
{
    for (int i = 0; i < draft->count; i++) {
        free(draft->steps[i]);
    }
    *draft = (ql_draft){0};
}

void ql_draft_start(ql_draft *draft, int ops)
{
    ql_draft_free(draft);
    if (ops > 0 && ops <= QL_DRAFT_OPS && (draft->steps[0] = calloc((size_t)ops, sizeof **draft->steps))) {
        draft->ops = ops;
        draft->count = 1;
    }
}

const ql_layer_mode *ql_draft_modes(const ql_draft *draft)
{
    return draft->count ? draft->steps[draft->at] : NULL;
}

ql_layer_mode ql_draft_mode(const ql_draft *draft, int op)
{
    return op >= 0 && op < draft->ops ? ql_draft_modes(draft)[op] : QL_LAYER_KEEP;
}

int ql_draft_layers(const ql_draft *draft)
{
    int layers = 0;
    for (int op = 0; op < draft->ops; op++) {
        layers += ql_draft_mode(draft, op) != QL_LAYER_KEEP;
    }
    return layers;
}

bool ql_modes_keep_all(const ql_layer_mode *modes, int ops)
{
    int op = 0;
    while (op < ops && modes[op] == QL_LAYER_KEEP) {
        op++;
    }
    return op == ops;
}

static void forget_oldest(ql_draft *draft)
{
    free(draft->steps[0]);
    memmove(draft->steps, draft->steps + 1, (QL_DRAFT_STEPS - 1) * sizeof *draft->steps);
    draft->count--;
    draft->at--;
}

bool ql_draft_step(ql_draft *draft, const ql_layer_mode *modes)
{
    bool changes = draft->count && memcmp(modes, ql_draft_modes(draft), bytes_of(draft)) != 0;
    ql_layer_mode *copy = changes ? malloc(bytes_of(draft)) : NULL;
    if (!copy) {
        return false;
    }
    memcpy(copy, modes, bytes_of(draft));
    while (draft->count > draft->at + 1) {
        free(draft->steps[--draft->count]);
    }
    if (draft->count == QL_DRAFT_STEPS) {
        forget_oldest(draft);
    }
    draft->steps[draft->count++] = copy;
    draft->at++;
    return true;
}

bool ql_draft_undo(ql_draft *draft)
{
    bool can = draft->at > 0;
    draft->at -= can;
    return can;
}

bool ql_draft_redo(ql_draft *draft)
{
    bool can = draft->at + 1 < draft->count;
    draft->at += can;
    return can;
}
