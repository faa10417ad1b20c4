/* The basic kernel of LSTM: one matrix for all gates. Its previous output and state, when they are variables,
 * are left holding the new ones. Source: TFLite reference_ops::LstmCell and LstmCell<4>. */
#ifndef QL_OPS_COMMON_LSTM_BASIC_H
#define QL_OPS_COMMON_LSTM_BASIC_H

#include "runtime/ops/op.h"

ql_code ql_lstm_basic_prepare(ql_call *c);
ql_code ql_lstm_basic_run_f32(const ql_call *c);
ql_code ql_lstm_basic_run_u8(const ql_call *c);

#endif
