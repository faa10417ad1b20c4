#include "analyzer/rewrite/quantize.h"

#include "analyzer/rewrite/maker.h"

#include <string.h>

static const char *const names[] = {
    [QL_MODE_INT8] = "int8",       [QL_MODE_INT16X8] = "int16x8", [QL_MODE_DYNAMIC] = "dynamic",
    [QL_MODE_FLOAT16] = "float16", [QL_MODE_WEIGHTS] = "weights", [QL_MODE_FLOAT] = "float",
};

const char *ql_quantize_mode_name(ql_quantize_mode mode)
{
    return names[mode];
}

bool ql_quantize_mode_named(const char *name, ql_quantize_mode *mode)
{
    for (int i = 0; i <= QL_MODE_FLOAT; i++) {
        if (!strcmp(name, names[i])) {
            *mode = (ql_quantize_mode)i;
            return true;
        }
    }
    return false;
}

bool ql_quantize_needs_ranges(ql_quantize_mode mode)
{
    return mode == QL_MODE_INT8 || mode == QL_MODE_INT16X8;
}

bool ql_quantize_takes_ranges(const ql_quantize_options *options, const ql_model *base)
{
    int count = options->layers ? base->subgraphs[options->subgraph].operator_count : 0;
    bool integer = ql_quantize_needs_ranges(options->mode);
    for (int op = 0; op < count; op++) {
        integer |= ql_quantize_needs_ranges(options->layers[op]);
    }
    return integer;
}

ql_code ql_quantize(ql_model **model, const ql_model *base, const ql_quantize_options *options, ql_err *err)
{
    ql_maker m;
    *model = NULL;
    bool integer = ql_quantize_takes_ranges(options, base);
    ql_code code = QL_OK;
    if (options->io != QL_F32 && !ql_quantize_needs_ranges(options->mode)) {
        return ql_fail(err, QL_E_UNSUPPORTED, "mode %s with %s inputs and outputs: float is required",
                       ql_quantize_mode_name(options->mode), ql_type_name(options->io));
    }
    code = ql_maker_start(&m, base, options->subgraph, err);
    if (!code && (integer || options->mode != QL_MODE_FLOAT)) {
        code = integer ? ql_make_integer(&m, options) : ql_make_weights(&m, options);
        code = code ? code : ql_maker_finish(&m);
    }
    ql_maker_free(&m);
    if (code) {
        ql_model_close(m.model);
        return code;
    }
    *model = m.model;
    return QL_OK;
}
