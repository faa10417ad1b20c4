/* The step of a plain recurrent network, shared by RNN and its sequence forms:
 *
 *   h = act(b + W x + A aux + R h)
 *
 * Float products are summed as fours.h has it. Source: TFLite internal/kernel_utils.cc (RnnBatchStep).
 */
#ifndef QL_OPS_COMMON_RNN_H
#define QL_OPS_COMMON_RNN_H

#include "runtime/ops/common/matvec.h"
#include "runtime/ops/common/sequence.h"

/* Where an operator has the inputs of one direction; QL_RNN_NONE: it never has them. */
enum { QL_RNN_NONE = -1 };
typedef struct {
    int input, weights, recurrent, bias, state, aux, aux_weights;
} ql_rnn_inputs;

typedef struct {
    ql_rnn_inputs at;
    ql_sequence sequence;
    int activation;
    bool asymmetric;           /* hybrid: how activations are quantized */
    int n_input, n_aux, units; /* n_aux 0: no auxiliary input */
    ql_matvec weights, aux, recurrent;
} ql_rnn;

/* `at`, `sequence`, `activation` and `asymmetric` are given. Adds to c->scratch_bytes what ql_rnn_run uses.
 * May set c->deferred. */
ql_code ql_rnn_prepare(ql_call *c, ql_rnn *s);

/* Runs one direction over the whole sequence. Row r of the output begins at y + r * stride. */
void ql_rnn_run(const ql_call *c, const ql_rnn *s, bool backwards, float *y, size_t stride);

uint64_t ql_rnn_macs(const ql_rnn *s);

/* RNN and UNIDIRECTIONAL_SEQUENCE_RNN: one direction, whose ql_rnn is c->state, to output 0. Inputs x, W, R,
 * b, state. */
ql_code ql_rnn_single_prepare(ql_call *c, int activation, bool time_major, bool asymmetric);
ql_code ql_rnn_single_run(const ql_call *c);
uint64_t ql_rnn_single_macs(const ql_call *c);

#endif
