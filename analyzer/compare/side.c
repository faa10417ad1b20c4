#include "analyzer/compare/side.h"

const ql_side *ql_side_of(const ql_engine_options *o, int side)
{
    return side == QL_REFERENCE_SIDE ? &o->reference : &o->candidate;
}

ql_code ql_side_open_as(const ql_engine_options *o, int side, const ql_side_use *use, ql_exec **exec,
                        ql_err *err)
{
    const ql_side *graph = ql_side_of(o, side);
    ql_exec_options options = {
        .subgraph = graph->subgraph,
        .numerics = side == QL_REFERENCE_SIDE ? o->reference_numerics : o->candidate_numerics,
        .keep_all = use->keep_all,
        .plan_only = use->plan_only,
        .memory = o->memory,
        .pack_bound = use->pack_bound,
        .pack_bytes = use->pack_bytes,
        .threads = use->threads,
        .team = use->team,
        .stop = o->stop,
        .stop_user = o->user,
        .like = use->like,
    };
    ql_code code = ql_exec_open(exec, use->model ? use->model : graph->model, &options, err);
    const ql_subgraph *subgraph = &graph->model->subgraphs[graph->subgraph];
    for (int i = 0; i < subgraph->input_count && !code; i++) {
        int rank;
        int32_t dims[QL_MAX_RANK];
        if (ql_dataset_shape(o->data, side, i, &rank, dims)) {
            code = ql_exec_resize(*exec, i, rank, dims, err);
        }
    }
    if (code) {
        ql_at_file(err, graph->model->path);
    }
    return code;
}

ql_code ql_side_open(const ql_engine_options *o, int side, const ql_model *model, ql_exec **exec,
                     bool keep_all, ql_err *err)
{
    return ql_side_open_as(o, side, &(ql_side_use){.model = model, .keep_all = keep_all}, exec, err);
}

ql_code ql_side_feed(const ql_engine_options *o, int side, ql_exec *exec, uint64_t sample, ql_err *err)
{
    const ql_side *graph = ql_side_of(o, side);
    const ql_subgraph *subgraph = &graph->model->subgraphs[graph->subgraph];
    ql_exec_reset(exec);
    for (int i = 0; i < subgraph->input_count; i++) {
        ql_code code = ql_dataset_feed(o->data, sample, side, i, ql_exec_input(exec, i), err);
        if (code) {
            return code;
        }
    }
    return QL_OK;
}
