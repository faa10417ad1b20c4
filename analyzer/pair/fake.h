/* Fake quantization in the reference: a model from quantization-aware training rounds and clips a value to
 * the grid that the candidate's tensor then has. */
#ifndef QL_PAIR_FAKE_H
#define QL_PAIR_FAKE_H

#include "analyzer/pair/graph.h"

/* Finds what the reference makes of the pair's value on the grid of the candidate's tensor: its FAKE_QUANT,
 * or its QUANTIZE and DEQUANTIZE, whose range is the candidate's to within a step. Fills fake_count, fakes
 * and `compared` of the pair; without one, fake_count is 0 and `compared` the reference's tensor itself. */
void ql_pair_find_fake(const ql_pair_graph *reference, const ql_tensor *candidate, ql_pair *pair);

#endif
