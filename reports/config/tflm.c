/* A note for TensorFlow Lite Micro: the operators that the planned model needs, as C++ that registers them,
 * and whether 16x8 layers have a kernel there. */
#include "reports/config/targets.h"
#include "reports/text/escape.h"

#include <string.h>

typedef struct {
    const char *builtin, *method;
    bool int16x8;
} micro_row;

#define X(builtin, method, int16x8) {builtin, method, int16x8},
static const micro_row rows[] = {
#include "reports/config/tflm_ops.def"
};
#undef X

enum { ROWS = sizeof rows / sizeof *rows };

/* -1: it has none of that name. */
static int row_of(const char *builtin)
{
    for (int i = 0; i < ROWS; i++) {
        if (!strcmp(rows[i].builtin, builtin)) {
            return i;
        }
    }
    return -1;
}

/* Marks the rows the model needs; boundaries need QUANTIZE and DEQUANTIZE. */
static ql_code find_needed(ql_export *c, bool *needed, ql_err *err)
{
    char buffer[64];
    bool mixed = c->input == QL_F32 || c->output == QL_F32;
    for (int i = 0; i < c->graph->operator_count; i++) {
        int row = row_of(ql_export_op_name(c, i, buffer));
        if (c->ops[i].layer && c->ops[i].format == QL_FORMAT_INT16X8 && (row < 0 || !rows[row].int16x8)) {
            return ql_export_refuse(c, i, err, "TensorFlow Lite Micro has no 16x8 kernel for this operator");
        }
        if (row < 0) {
            ql_export_note(c, i,
                           "not in MicroMutableOpResolver: TensorFlow Lite Micro cannot run the model as "
                           "it is");
        } else {
            needed[row] = true;
        }
        mixed = mixed || (c->ops[i].format != QL_FORMAT_NONE && c->ops[i].format != c->base);
    }
    needed[row_of("QUANTIZE")] = needed[row_of("QUANTIZE")] || mixed;
    needed[row_of("DEQUANTIZE")] = needed[row_of("DEQUANTIZE")] || mixed;
    return QL_OK;
}

static void put_layers(ql_text *out, const ql_export *c)
{
    char buffer[64];
    for (int i = 0; i < c->graph->operator_count; i++) {
        if (c->ops[i].layer) {
            ql_text_format(out, "// op #%d %s: %s: ", i, ql_export_op_name(c, i, buffer),
                           ql_format_name(c->ops[i].format));
            ql_text_escaped(out, &ql_escape_plain, ql_export_name(c, i).text);
            ql_text_put(out, "\n");
        }
    }
}

ql_code ql_export_tflm(ql_export *c, ql_text *out, ql_err *err)
{
    bool needed[ROWS] = {false};
    int count = 0;
    ql_code code = find_needed(c, needed, err);
    if (code) {
        return code;
    }
    for (int i = 0; i < ROWS; i++) {
        count += needed[i];
    }
    ql_text_put(
        out,
        "// What the planned model needs of TensorFlow Lite Micro. Layers of the plan (each has a kernel "
        "there):\n//\n");
    put_layers(out, c);
    ql_text_format(out,
                   "\n#pragma once\n\n#include \"tensorflow/lite/micro/micro_mutable_op_resolver.h\"\n\n"
                   "using PlannedOpResolver = tflite::MicroMutableOpResolver<%d>;\n\n"
                   "inline TfLiteStatus AddPlannedOps(PlannedOpResolver& resolver) {\n",
                   count);
    for (int i = 0; i < ROWS; i++) {
        if (needed[i]) {
            ql_text_format(out, "  TF_LITE_ENSURE_STATUS(resolver.%s());\n", rows[i].method);
        }
    }
    ql_text_put(out, "  return kTfLiteOk;\n}\n");
    return QL_OK;
}
