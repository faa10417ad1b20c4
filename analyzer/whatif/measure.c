#include "analyzer/whatif/bench.h"

ql_code ql_whatif_measure(const ql_engine_options *options, const ql_model *mixed, ql_whatif_figures *figures,
                          ql_err *err)
{
    ql_bench *bench;
    ql_code code = ql_bench_open(&bench, options, err);
    code = code ? code : ql_bench_measure(bench, mixed ? mixed : options->candidate.model, 0, figures, err);
    ql_bench_close(bench);
    return code;
}
