/* What the quantizer's passes share: the model being made, its list of operators, new tensors and constants.
 * Kept inside analyzer/rewrite. */
#ifndef QL_REWRITE_MAKER_H
#define QL_REWRITE_MAKER_H

#include "analyzer/rewrite/op_list.h"
#include "analyzer/rewrite/quantize.h"
#include "analyzer/rewrite/scales.h"

/* Bytes of large constants: counted as they are made, and those that there was no room for. */
typedef struct {
    ql_memory *memory; /* NULL: not counted */
    size_t taken, missing;
} ql_maker_room;

typedef struct {
    const ql_model *base;
    const ql_subgraph *from; /* the base's subgraph */
    int subgraph;
    ql_model *model;
    ql_op_list ops;
    int *float_readers;  /* of each tensor of the base: readers that take it as float, outputs counted */
    int *made;           /* of each tensor of the base: the constant last made of it, -1 = none */
    ql_maker_room *room; /* NULL: whatever it takes */
    ql_err *err;
} ql_maker;

/* For one subgraph; `model` is what a maker of another subgraph of the same base made, NULL: a new one. */
ql_code ql_maker_start(ql_maker *m, const ql_model *base, int subgraph, ql_model *model, ql_err *err);
void ql_maker_free(ql_maker *m); /* not the model */

/* The operators made become the subgraph's. */
ql_code ql_maker_finish(ql_maker *m);

/* Constants that nobody has any more lose their bytes. */
ql_code ql_drop_unused_buffers(ql_model *model, ql_err *err);

ql_code ql_maker_append(ql_maker *m, const ql_operator *op);

/* QUANTIZE or DEQUANTIZE from one tensor of the new model to another. */
enum { QL_DEQUANTIZE = 6, QL_QUANTIZE = 114 };
ql_code ql_maker_convert(ql_maker *m, int code, int from, int to);

/* Quantization with those scales and zero points of 0, or one of param's, in `quant`. */
ql_code ql_maker_scales(ql_maker *m, ql_quant *quant, const float *scales, int count, int axis);
ql_code ql_maker_param(ql_maker *m, ql_quant *quant, ql_param param);

/* A tensor shaped like base tensor t, without data, called after it with a suffix ("" keeps its name). */
ql_code ql_maker_tensor(ql_maker *m, int t, ql_type type, const ql_quant *quant, const char *suffix,
                        int *index);

/* Calls tensor `index` of the new model by t's name and a suffix. */
ql_code ql_maker_rename(ql_maker *m, int index, int t, const char *suffix);

/* The model's own copy of bytes for a constant of base tensor t. Where the room does not allow it, other
 * bytes stand for them: the model is then only good for finding out what is missing. */
ql_code ql_maker_bytes(ql_maker *m, int t, const void *data, size_t bytes, const void **copy);

/* A constant in place of float constant t: t's own entry when nobody needs it as float, else a new tensor.
 * `data` is copied. */
ql_code ql_maker_constant(ql_maker *m, int t, ql_type type, const ql_quant *quant, const void *data,
                          size_t bytes, int *index);

/* The operator's code in a version that knows such tensors: at least what the converter writes. */
ql_code ql_maker_opcode(ql_maker *m, const ql_operator *op, ql_slot slot, int *opcode);

/* Sets an integer or boolean option of that name, where the operator's options have it. */
ql_code ql_maker_option(ql_maker *m, ql_operator *op, const char *name, int value);

/* Float constant t as int8 weights with those scales along `axis` (-1: one scale). */
ql_code ql_maker_weights(ql_maker *m, int t, int axis, const float *scales, int *index);

/* The passes. */
ql_code ql_make_integer(ql_maker *m, const ql_quantize_options *options);
ql_code ql_make_weights(ql_maker *m, const ql_quantize_options *options);

#endif
