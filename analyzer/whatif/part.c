#include "analyzer/whatif/part.h"

static ql_code number(ql_part *part, const ql_bench *bench, ql_err *err)
{
    ql_code code = ql_values_make(&part->values, part->model, bench->given.candidate.subgraph, bench->inputs,
                                  &bench->constants, &part->arena, err);
    part->whole = code || part->values.stateful;
    return code;
}

ql_code ql_part_make(ql_part *part, const ql_bench *bench, const ql_layer_mode *modes, bool whole,
                     ql_mixed_cost *cost, ql_err *err)
{
    const ql_engine_options *o = &bench->given;
    *part = (ql_part){.whole = true};
    ql_arena_init(&part->arena, 0);
    ql_code code =
        ql_rewrite_mixed_only(&part->model, o->reference, o->candidate, o->pairing, modes, cost, err);
    if (code) {
        part->model = NULL;
        return code;
    }
    return whole ? QL_OK : number(part, bench, err);
}

/* Then they get the same bytes. */
static bool same_inputs(const ql_bench *bench, const ql_model *model)
{
    const ql_side *side = &bench->given.candidate;
    const ql_subgraph *own = &side->model->subgraphs[side->subgraph],
                      *other = &model->subgraphs[side->subgraph];
    bool same = own->input_count == other->input_count;
    for (int i = 0; i < own->input_count && same; i++) {
        ql_value_id id = ql_value_of_input(&other->tensors[other->inputs[i]], QL_CANDIDATE_SIDE, i);
        same = !ql_value_order(id, bench->inputs[i]);
    }
    return same;
}

ql_code ql_part_copy(ql_part *part, const ql_bench *bench, const ql_model *model, ql_err *err)
{
    *part = (ql_part){.whole = true};
    ql_arena_init(&part->arena, 0);
    if (!same_inputs(bench, model)) {
        return QL_OK;
    }
    ql_code code = ql_edit_start(&part->model, model, err);
    return code ? code : number(part, bench, err);
}

void ql_part_free(ql_part *part)
{
    if (part->model) {
        ql_model_close(part->model);
    }
    ql_arena_free(&part->arena);
    *part = (ql_part){0};
}

/* Most of what is left was prepared for the models as they are. */
static ql_code find_prepared(ql_part *part, const ql_bench *bench, ql_err *err)
{
    int subgraph = bench->given.candidate.subgraph;
    const ql_subgraph *graph = &part->model->subgraphs[subgraph];
    part->prepared = QL_TAKE(&part->arena, (size_t)graph->operator_count, ql_prepared);
    for (int op = 0; part->prepared && op < graph->operator_count; op++) {
        ql_value_id id = ql_value_of_operator(part->model, subgraph, &graph->operators[op], &part->values,
                                              &bench->constants);
        part->prepared[op] = ql_kept_prepared(&bench->kept, id);
    }
    return part->prepared ? QL_OK
                          : ql_fail_memory(err, (size_t)graph->operator_count * sizeof *part->prepared);
}

ql_code ql_part_cut(ql_part *part, const ql_bench *bench, const ql_sources *sources, ql_err *err)
{
    ql_code code = ql_cut_model(part->model, bench->given.candidate.subgraph, &part->values, sources,
                                &part->arena, &part->cuts, &part->cut_count, err);
    return code ? code : find_prepared(part, bench, err);
}

ql_code ql_part_open(const ql_part *part, const ql_bench *bench, ql_exec **exec, ql_err *err)
{
    const ql_engine_options *o = &bench->options;
    ql_exec_options options = {.subgraph = o->candidate.subgraph,
                               .numerics = o->candidate_numerics,
                               .memory = o->memory,
                               .pack_bound = bench->budget.bound,
                               .pack_bytes = bench->budget.plan_packed,
                               .stop = o->stop,
                               .stop_user = o->user,
                               .prepared = part->prepared};
    return ql_exec_open(exec, part->model, &options, err);
}
