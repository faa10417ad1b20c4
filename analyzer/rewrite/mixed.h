/* Mixed precision: a quantized model with some of its layers in float or in 16x8, all other parameters kept.
 * QUANTIZE and DEQUANTIZE go only where the number format changes, and none that cancel. */
#ifndef QL_REWRITE_MIXED_H
#define QL_REWRITE_MIXED_H

#include "analyzer/pair/pair.h"

/* What a layer becomes. The last two simulate hardware that TFLite has no kernels for, with float arithmetic
 * on values rounded to fewer steps:
 *   int4        weights in 4 bits, -7..7, one scale a channel; activations as the candidate has them
 *   bits=N      weights and output in N bits, QL_LAYER_BITS + N with N from 2 to 16; the output over the
 * range that the candidate's has */
typedef enum {
    QL_LAYER_KEEP,
    QL_LAYER_FLOAT,
    QL_LAYER_INT16X8,
    QL_LAYER_INT4,
    QL_LAYER_BITS,
    QL_LAYER_MODES = QL_LAYER_BITS + 17
} ql_layer_mode;

const char *ql_layer_mode_name(ql_layer_mode mode); /* "keep", "float", "int16x8", "int4", "bits=12" */

/* Is it one that is only simulated? */
bool ql_layer_mode_fake(ql_layer_mode mode);

/* The mode of that name, false when there is none. */
bool ql_layer_mode_named(const char *name, ql_layer_mode *mode);

typedef struct {
    int boundaries;                      /* QUANTIZE and DEQUANTIZE operators more than the candidate has */
    uint64_t macs, float_macs, i16_macs; /* multiply-accumulates of the whole, and in those formats */
} ql_mixed_cost;

/* Can operator `op` of the candidate be given that mode? NULL: yes; else why not (constant text). */
const char *ql_mixed_refusal(ql_side reference, ql_side candidate, const ql_pairing *pairing, int op,
                             ql_layer_mode mode);

/* The candidate with operator i in modes[i] (one a operator of the subgraph). Float layers take operator,
 * options and constants of their counterpart in the reference; 16x8 layers keep their weights, get int16
 * activations over the same range and a 64-bit bias. The result borrows from both models; release it with
 * ql_model_close before them. UNSUPPORTED: a layer that cannot have its mode (the message names it). */
ql_code ql_rewrite_mixed(ql_model **mixed, ql_side reference, ql_side candidate, const ql_pairing *pairing,
                         const ql_layer_mode *modes, ql_mixed_cost *cost, ql_err *err);

/* The same without counting multiply-accumulates: cost->boundaries alone is filled in. */
ql_code ql_rewrite_mixed_only(ql_model **mixed, ql_side reference, ql_side candidate,
                              const ql_pairing *pairing, const ql_layer_mode *modes, ql_mixed_cost *cost,
                              ql_err *err);

/* Counts them for the candidate in those modes; `exec` is of the candidate itself, planned. */
void ql_mixed_macs(const ql_exec *exec, const ql_layer_mode *modes, int operators, ql_mixed_cost *cost);

#endif
