/* The LSTM step on float activations (weights float or int8), shared by LSTM, UNIDIRECTIONAL_SEQUENCE_LSTM
 * and BIDIRECTIONAL_SEQUENCE_LSTM; lstm_q.h has the step in integers.
 *
 *   gate g = act(Wg x + Ag aux + Rg h + Pg * c + bg), or act(norm(Wg x + Ag aux + Rg h + Pg * c) * Ng + bg)
 *   c = f * c + i * z, clipped      (i = 1 - f when the input gate is left out: CIFG)
 *   h = o * act(c), or clip(W (o * act(c)) + b) with a projection
 *
 * Float products are summed as product.h has it, one column where sequences are computed one after the other,
 * a column a sequence where steps are (time_major). Source: TFLite kernels/lstm_eval.cc (EvalFloat,
 * EvalHybrid).
 */
#ifndef QL_OPS_COMMON_LSTM_H
#define QL_OPS_COMMON_LSTM_H

#include "runtime/ops/common/matvec.h"
#include "runtime/ops/common/sequence.h"

enum { QL_GATE_INPUT, QL_GATE_FORGET, QL_GATE_CELL, QL_GATE_OUTPUT, QL_GATES };

/* Where an operator has the inputs of one direction; QL_LSTM_NONE: it never has them. Groups hold the gates
 * in the order above, `peephole` without the cell gate. */
enum { QL_LSTM_NONE = -1 };
typedef struct {
    int input, weights, recurrent, peephole, bias, projection, projection_bias;
    int output_state, cell_state, norm, aux, aux_weights;
} ql_lstm_inputs;

typedef struct {
    int activation;
    float cell_clip, projection_clip; /* 0: none */
    bool asymmetric;                  /* hybrid: how activations are quantized */
} ql_lstm_options;

typedef struct {
    ql_lstm_inputs at;
    ql_lstm_options options;
    ql_sequence sequence;
    int n_input, n_aux, n_cell, n_output; /* n_aux 0: no auxiliary input */
    bool cifg, projected, normed, peephole;
    ql_matvec weights[QL_GATES], aux[QL_GATES], recurrent[QL_GATES], projection;
} ql_lstm;

/* Checks the inputs of one direction that integer and float steps have alike (presence, shapes; matrices are
 * packed) and finds the sizes. `bias_type` is float32 or int32, and so on. May set c->deferred. */
ql_code ql_lstm_prepare_common(ql_call *c, ql_lstm *s, ql_type bias_type, ql_type norm_type,
                               ql_type peephole_type);

/* The same, and what the float steps need besides; adds to c->scratch_bytes what ql_lstm_run uses. */
ql_code ql_lstm_prepare(ql_call *c, ql_lstm *s);

/* Runs one direction over the whole sequence. Row r of the output begins at y + r * stride. */
void ql_lstm_run(const ql_call *c, const ql_lstm *s, bool backwards, float *y, size_t stride);

/* Input number `first + gate`, -1 when the group is QL_LSTM_NONE. */
int ql_lstm_input(int first, int gate);

/* The input with gate's peephole weights; the cell gate has none (-1). */
int ql_lstm_peephole(const ql_lstm *s, int gate);

uint64_t ql_lstm_macs(const ql_lstm *s);

#endif
