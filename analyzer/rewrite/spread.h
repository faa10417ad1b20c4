/* Which operators become integer, and with which parameters each tensor: ranges become parameters, which then
 * spread between tensors that must share one scale, as the TensorFlow 2.21 converter does it. */
#ifndef QL_REWRITE_SPREAD_H
#define QL_REWRITE_SPREAD_H

#include "analyzer/rewrite/scales.h"

typedef struct {
    const ql_model *model;
    const ql_subgraph *graph;
    ql_type type;              /* QL_I8 or QL_I16 */
    int *producer;             /* of each tensor: operator, -1 = none */
    ql_param *tensors;         /* of each tensor, as its readers see it */
    bool *integer;             /* of each operator: runs on integers */
    int *first_in, *first_out; /* of each operator: its first entry below */
    size_t param_count;        /* of `tensors` with `ins` and `outs`, which follow it */
    ql_param *ins, *outs; /* set where an operand is needed, or a result is made, in parameters of its own */
    int *readers;         /* operators that read tensor t: readers[first_reader[t]] .. */
    int *first_reader;    /* one more than there are tensors */
} ql_spread;

/* NULL: the operator can run on integers of that type, if its tensors get parameters; else why not. Operators
 * without float tensors give NULL too. `fragile`: take also kernels of LiteRT that fail for some values. */
const char *ql_integer_refusal(const ql_model *model, const ql_subgraph *graph, const ql_operator *op,
                               ql_type type, bool fragile);

/* Of the LSTM: why not, and the parameters of its states, which follow from its output's and their ranges
 * (lstm.c). */
const char *ql_lstm_refusal(const ql_subgraph *graph, const ql_operator *op);
void ql_lstm_states(ql_spread *spread, const ql_ranges *ranges, const ql_operator *op);

/* Has it a float32 tensor at all? */
bool ql_has_floats(const ql_subgraph *graph, const ql_operator *op);

/* For all operators that can. Release with ql_spread_free, also after an error (NOMEM). */
ql_code ql_spread_params(ql_spread *spread, const ql_model *model, int subgraph, const ql_ranges *ranges,
                         ql_type type, bool fragile, ql_err *err);
void ql_spread_free(ql_spread *spread);

#endif
