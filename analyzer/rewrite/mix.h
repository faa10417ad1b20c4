/* What the makers of mixed layers share. Kept inside analyzer/rewrite. */
#ifndef QL_REWRITE_MIX_H
#define QL_REWRITE_MIX_H

#include "analyzer/rewrite/mixed.h"
#include "analyzer/rewrite/op_list.h"

enum { QL_MIX_DEQUANTIZE = 6, QL_MIX_FAKE_QUANT = 80, QL_MIX_QUANTIZE = 114, QL_MIX_NONE = -1 };

typedef struct {
    ql_side reference, candidate;
    const ql_subgraph *from; /* the candidate's graph */
    const ql_layer_mode *modes;
    const ql_pairing *pairing;
    ql_model *model; /* under construction */
    int *twin;       /* by candidate operator: the reference's, none */
    int *producer;   /* by candidate tensor: operator, none */
    int *as[3];      /* by candidate tensor: the new model's tensor that holds it in that format, none */
    int *merged;     /* by candidate operator: 1 = a DEQUANTIZE whose output a float layer makes itself */
    int tensors;     /* of the candidate */
    ql_op_list ops;
    int inserted, dropped;
    ql_err *err;
} ql_mix;

/* The lists of the operator under construction: as long as the candidate's own. */
typedef struct {
    int32_t *inputs, *outputs;
} ql_mix_wiring;

int ql_mix_code(const ql_model *model, const ql_operator *op);
const ql_tensor *ql_mix_tensor(const ql_mix *m, int t); /* the candidate's */
const ql_subgraph *ql_mix_reference(const ql_mix *m);
bool ql_mix_quantized(const ql_tensor *tensor);

/* int16 over the range that an 8-bit tensor has. */
float ql_mix_wide_scale(const ql_tensor *tensor);

/* In which format its operator makes tensor t of the candidate. */
ql_layer_mode ql_mix_made_as(const ql_mix *m, int t);

/* Is tensor t of the reference a constant, or made of constants alone? */
bool ql_mix_real_constant(const ql_mix *m, int t);

/* Why operator `op` of the candidate cannot be of that mode; NULL: it can. */
const char *ql_mix_refusal(const ql_mix *m, int op, ql_layer_mode mode);

/* The counterpart constant in the float model of input i: NULL where it has none of `count` finite elements.
 */
const float *ql_mix_real(const ql_mix *m, const ql_operator *own, int i, size_t count);

ql_code ql_mix_append(ql_mix *m, const ql_operator *op);

/* A tensor like the candidate's t in another format, called after it; scale 0: not quantized. */
ql_code ql_mix_add(ql_mix *m, int t, ql_type type, float scale, const char *suffix, int *index);

/* QUANTIZE or DEQUANTIZE between two tensors of the new model. */
ql_code ql_mix_convert(ql_mix *m, int op_code, int from, int to);

/* A constant (its data borrowed) as a new tensor. */
ql_code ql_mix_constant(ql_mix *m, const ql_tensor *constant, int *index);

/* The new model's tensor that holds candidate tensor t in the format wanted, converted where it is not there
 * yet. */
ql_code ql_mix_need(ql_mix *m, int t, ql_layer_mode want, int *index);

/* Input i of an operator that becomes float: its counterpart's constant, or the tensor as float. */
ql_code ql_mix_float_input(ql_mix *m, const ql_operator *own, const ql_operator *twin, int i, int *index);

/* Gives the operator its lists and appends it; its outputs are made in that format. */
ql_code ql_mix_wire(ql_mix *m, ql_operator *made, const ql_operator *own, ql_layer_mode mode,
                    ql_mix_wiring w);

/* Operator `op` of the candidate in 16 bits; with weights of 4 bits; in float arithmetic on N bits. */
ql_code ql_mix_wide_layer(ql_mix *m, int op, ql_mix_wiring w);
ql_code ql_mix_narrow_layer(ql_mix *m, int op, ql_mix_wiring w);
ql_code ql_mix_rounded_layer(ql_mix *m, int op, int bits, ql_mix_wiring w);

#endif
