/* LSTM (full kernel) and UNIDIRECTIONAL_SEQUENCE_LSTM have one list of inputs and differ in how many steps
 * they take. */
#ifndef QL_OPS_COMMON_LSTM_FULL_H
#define QL_OPS_COMMON_LSTM_FULL_H

#include "runtime/ops/common/lstm_q.h"

/* Input 0 has rank 2 (one step) or 3. Slots f32, hybrid and i8. */
ql_code ql_lstm_full_prepare(ql_call *c, const ql_lstm_options *options, bool time_major);
ql_code ql_lstm_full_run_float(const ql_call *c);
ql_code ql_lstm_full_run_i8(const ql_call *c);
uint64_t ql_lstm_full_macs(const ql_call *c);

#endif
