/* Inside reports/config only: what a plan means for every operator of the float model, and the words that the
 * targets share. */
#ifndef QL_CONFIG_INTENT_H
#define QL_CONFIG_INTENT_H

#include "reports/config/config.h"

/* The number format that an operator computes in. */
typedef enum {
    QL_FORMAT_NONE, /* integers that mean themselves (shapes, indices), or not known */
    QL_FORMAT_FLOAT,
    QL_FORMAT_INT8,
    QL_FORMAT_INT16X8
} ql_format;

const char *ql_format_name(ql_format format); /* as in a plan: "float", "int8", "int16x8" */

typedef struct {
    ql_format format;     /* that it is to have */
    const ql_json *layer; /* of the plan; NULL: the plan leaves it as the candidate has it */
} ql_export_op;

struct ql_export {
    const ql_export_source *source;
    const ql_model *model; /* the float model */
    const ql_subgraph *graph;
    ql_export_op *ops;         /* of the graph */
    int layers;                /* operators that the plan names */
    ql_format base;            /* what most operators of the candidate have: INT8 or INT16X8 */
    ql_type input, output;     /* of the candidate's graph: F32, I8, U8 or I16 */
    const ql_pairing *pairing; /* NULL: no candidate */
    int *maker;                /* operator that writes each tensor of the graph, -1: none */
    ql_text *notes;            /* NULL: nobody reads them */
    ql_arena arena;
};

/* Reads plan, candidate and float model; release with ql_export_free, also after an error. */
ql_code ql_export_read(ql_export *config, const ql_export_source *source, ql_text *notes, ql_err *err);
void ql_export_free(ql_export *config);

/* Is the operator to be in float where the others are not: a layer of the plan, or float in the candidate? */
bool ql_export_is_float(const ql_export *config, int op);

/* The operator's first output's name; "" when it has none. */
ql_str ql_export_name(const ql_export *config, int op);

/* Its operator's name ("CONV_2D"); `buffer` must hold 64 bytes. */
const char *ql_export_op_name(const ql_export *config, int op, char *buffer);

/* UNSUPPORTED about this operator: file, operator, layer's name and the reason. */
ql_code ql_export_refuse(const ql_export *config, int op, ql_err *err, const char *format, ...)
    QL_PRINTF(4, 5);

/* A line for the reader; with an operator its index, type and name come first (-1: none). */
void ql_export_note(ql_export *config, int op, const char *format, ...) QL_PRINTF(3, 4);

/* Text that can stand in JSON and in Python: UTF-8 without NUL. */
bool ql_export_is_text(ql_str name);

/* A Python string literal in double quotes. The text must be ql_export_is_text. */
void ql_export_put_python(ql_text *out, ql_str text);

/* "# op #7 DEPTHWISE_CONV_2D, +9.45 dB": who a line of Python is about. */
void ql_export_put_comment(ql_text *out, const ql_export *config, int op);

/* Prints a document into `out` and releases it. */
ql_code ql_export_put_json(ql_text *out, ql_doc *d, ql_json *root, ql_err *err);

#endif
