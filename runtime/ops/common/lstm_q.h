/* The LSTM step in integers ("8x8_16"): int8 input, output and weights, int32 bias, int16 cell state of a
 * power-of-two scale, int16 gates. Scales of the gates before layer normalization, and of the hidden state,
 * come from the operator's five intermediate tensors. docs/numerics.md "LSTM".
 *
 * Source: TFLite kernels/lstm_eval.cc (EvalInteger8x8_16), lstm.cc (PopulateQuantizedLstmParams8x8_16).
 */
#ifndef QL_OPS_COMMON_LSTM_Q_H
#define QL_OPS_COMMON_LSTM_Q_H

#include "runtime/ops/common/lstm.h"

typedef struct {
    ql_mult weights, recurrent, peephole, norm;
    int32_t variance_guard;
} ql_lstm_gate_q;

typedef struct {
    ql_lstm common;
    ql_lstm_gate_q gates[QL_GATES];
    ql_mult hidden, projection;
    int32_t hidden_zero;
    int cell_exponent; /* the cell state's scale is 2^cell_exponent */
    int32_t cell_clip, projection_clip;
} ql_lstm_q;

/* q->common.at, .options and .sequence are given. May set c->deferred. */
ql_code ql_lstm_q_prepare(ql_call *c, ql_lstm_q *q);
void ql_lstm_q_run(const ql_call *c, const ql_lstm_q *q);

#endif
