/* The quantizer: a float model to one in integers, with integer weights, or in float16.
 *
 * Float operators that stay, and inputs and outputs of another type, are joined by QUANTIZE and DEQUANTIZE,
 * never two in a row that undo each other. Integer modes leave subgraphs other than the one named as they
 * are. Source of rules and formulas: the TensorFlow 2.21 converter; docs/quantizer.md. */
#ifndef QL_REWRITE_QUANTIZE_H
#define QL_REWRITE_QUANTIZE_H

#include "analyzer/calibrate/ranges.h"
#include "runtime/runtime.h"

typedef enum {
    QL_MODE_INT8,
    QL_MODE_INT16X8,
    QL_MODE_DYNAMIC, /* int8 weights of at least 1024 elements, float activations, hybrid kernels */
    QL_MODE_FLOAT16, /* float16 constants */
    QL_MODE_WEIGHTS, /* int8 weights, all arithmetic in float */
    QL_MODE_FLOAT,   /* as it is */
} ql_quantize_mode;

const char *ql_quantize_mode_name(ql_quantize_mode mode); /* "int8" ... */
bool ql_quantize_mode_named(const char *name, ql_quantize_mode *mode);

/* Does the mode make activations integer, and so need ranges? */
bool ql_quantize_needs_ranges(ql_quantize_mode mode);

typedef struct {
    ql_quantize_mode mode;
    int subgraph;
    bool every_subgraph;     /* modes without ranges: all; else the one named and those of no signature */
    const ql_ranges *ranges; /* of that subgraph; NULL where the mode needs none */
    bool compat;  /* as TensorFlow 2.21's converter where that is worse: 64-bit biases too held to 31 bits */
    bool fragile; /* take integer kernels too that LiteRT has, but that fail for some values */
    ql_type io;   /* of graph inputs and outputs that are float: F32, I8, U8, or I16 */
    /* One an operator: the mode itself, QL_MODE_FLOAT, or, where the mode is int8, int16x8 or float, another
     * of these. It changes the operators named and no parameters of others. NULL: all have the mode. */
    const ql_quantize_mode *layers;
    ql_memory *memory; /* bounds the new model too; NULL: nothing does */
    const char **left; /* one an operator, filled in when not NULL: why it stayed float though it was to
                          become integer (constant text), NULL where it did not or has no float tensor */
} ql_quantize_options;

/* Does any operator become integer, so that ranges are needed? */
bool ql_quantize_takes_ranges(const ql_quantize_options *options, const ql_model *base);

/* The new model borrows from `base`; release it with ql_model_close first. UNSUPPORTED: `io` does not go with
 * the mode, an input or output of that type has no range, or an operator cannot have what `layers` says.
 * What the model takes (its arena's `taken`) stays counted in options->memory: give it back when it is
 * released. NOMEM: more than `memory` allows; the message says how much is needed. */
ql_code ql_quantize(ql_model **model, const ql_model *base, const ql_quantize_options *options, ql_err *err);

#endif
