#include "analyzer/whatif/base.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64 };

/* --- The choice --- */

/* An operator that a plan would run, by what it gives. */
typedef struct {
    ql_value_id id;
    int part;
} need;

static int by_id(const void *a, const void *b)
{
    const need *x = a, *y = b;
    int order = ql_value_order(x->id, y->id);
    return order ? order : x->part - y->part;
}

static ql_code add_needs(const ql_bench *bench, ql_part *part, int index, need *list, int *count, ql_err *err)
{
    int subgraph = bench->given.candidate.subgraph;
    const ql_subgraph *graph = &part->model->subgraphs[subgraph];
    bool *wanted;
    ql_code code =
        ql_cut_wanted(part->model, subgraph, &part->values, &bench->kept.sources, &part->arena, &wanted, err);
    for (int op = 0; op < graph->operator_count && !code; op++) {
        int made = graph->operators[op].output_count ? graph->operators[op].outputs[0] : -1;
        if (wanted[op] && made >= 0 && !part->values.steady[made] && ql_value_known(part->values.id[made])) {
            list[(*count)++] = (need){part->values.id[made], index};
        }
    }
    return code;
}

/* Operators that need not be run: each that others would run too, once for each of them. Below a twentieth
 * of all it is not worth the memory. */
static int best_of(need *list, int count, int parts, int *saved)
{
    qsort(list, (size_t)count, sizeof *list, by_id);
    for (int i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && !ql_value_order(list[end].id, list[i].id);) {
            end++;
        }
        for (int k = i; k < end; k++) {
            saved[list[k].part] += end - i - 1;
        }
    }
    int best = -1;
    for (int p = 0; p < parts; p++) {
        best = saved[p] > count / 20 && (best < 0 || saved[p] > saved[best]) ? p : best;
    }
    return best;
}

ql_code ql_base_choose(const ql_bench *bench, ql_part *const *parts, int count, int *chosen, ql_err *err)
{
    size_t room = 0;
    *chosen = -1;
    for (int i = 0; i < count; i++) {
        if (parts[i]->whole) {
            return QL_OK;
        }
        room += (size_t)parts[i]->model->subgraphs[bench->given.candidate.subgraph].operator_count;
    }
    need *list = malloc((room + 1) * sizeof *list);
    int *saved = calloc((size_t)count + 1, sizeof *saved), listed = 0;
    ql_code code = list && saved ? QL_OK : ql_fail_memory(err, room * sizeof *list);
    for (int i = 0; i < count && !code; i++) {
        code = add_needs(bench, parts[i], i, list, &listed, err);
    }
    if (!code) {
        *chosen = best_of(list, listed, count, saved);
    }
    free(list);
    free(saved);
    return code;
}

/* --- The model --- */

static ql_code find_sources(ql_base *base, const ql_bench *bench, ql_err *err)
{
    const ql_subgraph *graph = &base->part.model->subgraphs[bench->given.candidate.subgraph];
    const ql_sources *kept = &bench->kept.sources;
    size_t tensors = (size_t)graph->tensor_count;
    base->sources.list = QL_TAKE(&base->part.arena, (size_t)kept->count + tensors, ql_source);
    base->offset = QL_TAKE(&base->part.arena, tensors, size_t);
    if (!base->sources.list || !base->offset) {
        return ql_fail_memory(err, tensors * sizeof *base->sources.list);
    }
    memcpy(base->sources.list, kept->list, (size_t)kept->count * sizeof *kept->list);
    base->sources.count = kept->count;
    for (size_t t = 0; t < tensors; t++) {
        base->offset[t] = SIZE_MAX;
    }
    for (int op = 0; op < graph->operator_count; op++) {
        const ql_operator *own = &graph->operators[op];
        bool all = true;
        for (int o = 0; o < own->output_count; o++) {
            all = all && ql_kept_fixed(ql_exec_tensor(base->plan, own->outputs[o]));
        }
        for (int o = 0; o < own->output_count && all; o++) {
            int t = own->outputs[o];
            base->sources.list[base->sources.count++] =
                (ql_source){base->part.values.id[t], QL_COMPARED_SIDES, t, ql_exec_tensor(base->plan, t)};
        }
    }
    qsort(base->sources.list, (size_t)base->sources.count, sizeof *base->sources.list, ql_source_order);
    return QL_OK;
}

ql_code ql_base_open(ql_base *base, const ql_bench *bench, const ql_layer_mode *modes, uint64_t samples,
                     ql_err *err)
{
    *base = (ql_base){.samples = samples, .hands = bench->options.threads};
    ql_code code = ql_part_make(&base->part, bench, modes, false, NULL, err);
    base->block = QL_TAKE(&base->part.arena, (size_t)samples, char *);
    base->exec = QL_TAKE(&base->part.arena, (size_t)base->hands, ql_exec *);
    if (!code && (!base->block || !base->exec)) {
        code = ql_fail_memory(err, (size_t)samples * sizeof *base->block);
    }
    code = code ? code : ql_part_cut(&base->part, bench, &bench->kept.sources, err);
    code = code ? code : ql_part_open(&base->part, bench, &base->plan, err);
    return code ? code : find_sources(base, bench, err);
}

void ql_base_close(ql_base *base)
{
    for (uint64_t i = 0; base->block && i < base->samples; i++) {
        ql_base_drop(base, i);
    }
    for (int h = 0; base->exec && h < base->hands; h++) {
        ql_exec_close(base->exec[h]);
    }
    ql_exec_close(base->plan);
    ql_part_free(&base->part);
    *base = (ql_base){0};
}

void ql_base_want(ql_base *base, int source)
{
    const ql_source *wanted = &base->sources.list[source];
    if (wanted->side == QL_COMPARED_SIDES && base->offset[wanted->tensor] == SIZE_MAX) {
        base->offset[wanted->tensor] = base->stride;
        base->stride += ql_kept_room(wanted->view);
    }
}

/* --- Values --- */

typedef struct {
    const ql_base *base;
    char *block;
} capture;

static ql_code tap(void *user, int op, const ql_view *view, ql_err *err)
{
    const capture *c = user;
    size_t offset = c->base->offset[view->index];
    (void)op;
    (void)err;
    if (offset != SIZE_MAX && view->bytes) {
        memcpy(c->block + offset, view->data, view->bytes);
    }
    return QL_OK;
}

ql_code ql_base_capture(ql_base *base, const ql_bench *bench, int hand, uint64_t i, ql_err *err)
{
    ql_exec **exec = &base->exec[hand];
    void *block;
    if (posix_memalign(&block, ALIGN, base->stride + ALIGN)) {
        return ql_fail_memory(err, base->stride);
    }
    base->block[i] = block;
    ql_code code = *exec ? QL_OK : ql_part_open(&base->part, bench, exec, err);
    for (int c = 0; c < base->part.cut_count && !code; c++) { /* kernels never write to their inputs */
        ql_exec_input(*exec, c)->data = ql_kept_value(&bench->kept, base->part.cuts[c].source, i);
    }
    capture to = {base, block};
    return code ? code : ql_exec_run(*exec, tap, &to, err);
}

void ql_base_drop(ql_base *base, uint64_t i)
{
    free(base->block[i]);
    base->block[i] = NULL;
}

void *ql_base_value(const ql_base *base, const ql_bench *bench, int source, uint64_t i)
{
    const ql_source *s = &base->sources.list[source];
    return s->side == QL_COMPARED_SIDES
               ? base->block[i] + base->offset[s->tensor]
               : ql_kept_value(&bench->kept, bench->kept.at[s->side][s->tensor] - 1, i);
}
