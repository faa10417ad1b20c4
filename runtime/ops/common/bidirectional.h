/* What BIDIRECTIONAL_SEQUENCE_LSTM and _RNN have alike: two directions, an auxiliary input that is either one
 * more input of both, with weights of its own, or, without them, the sequence the backward direction reads;
 * two outputs or, merged, one with both side by side. */
#ifndef QL_OPS_COMMON_BIDIRECTIONAL_H
#define QL_OPS_COMMON_BIDIRECTIONAL_H

#include "runtime/ops/common/sequence.h"

typedef struct {
    int forward, backward; /* outputs of each direction */
    bool merged;
} ql_both;

/* Input `aux`, when it is there, is a sequence of as many steps as input 0. Without weights of its own it
 * must also be as wide. */
ql_code ql_both_need_aux(const ql_call *c, int aux, bool has_weights);

/* Gives the outputs their shapes. */
ql_code ql_both_shape(ql_call *c, const ql_both *both);

/* Where direction `backwards` writes its rows, and how far these are apart. */
float *ql_both_rows(const ql_call *c, const ql_both *both, bool backwards, size_t *stride);

#endif
