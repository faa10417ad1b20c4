/* Could two activations be counterparts? What their operators, shapes, settings, inputs and constants say. */
#ifndef QL_PAIR_LIKENESS_H
#define QL_PAIR_LIKENESS_H

#include "analyzer/pair/graph.h"

enum { QL_CANDIDATE, QL_REFERENCE, QL_PAIR_SIDES };

typedef struct {
    ql_pair_graph graph[QL_PAIR_SIDES];
    bool names; /* may they decide? */
    int32_t batch[QL_PAIR_SIDES];
} ql_matching;

/* An activation seen in one of its faces. */
typedef struct {
    int activation, face;
} ql_seen;

/* Shapes alike: equal, or one dimension apart by the models' batch sizes, or alike but for dimensions of 1.
 */
bool ql_pair_same_shape(const ql_matching *m, const ql_tensor *candidate, const ql_tensor *reference);

/* Same operator, output, settings, fused activation and shape. */
bool ql_pair_fits(const ql_matching *m, ql_seen candidate, ql_seen reference);

typedef enum {
    QL_INPUTS_CONTRADICT, /* one pairs elsewhere, or is constant in one model only */
    QL_INPUTS_APART,      /* one pairs, but not with what stands in its place: something lies in between */
    QL_INPUTS_OPEN,       /* some are not known yet */
    QL_INPUTS_AGREE       /* there are some and all pair */
} ql_input_verdict;

/* Inputs of a commutative operator may change places: then *swapped tells how they agree. */
ql_input_verdict ql_pair_inputs(const ql_matching *m, ql_seen candidate, ql_seen reference, bool *swapped);

typedef enum { QL_WEIGHTS_DIFFER, QL_WEIGHTS_UNKNOWN, QL_WEIGHTS_SIMILAR, QL_WEIGHTS_SAME } ql_weight_verdict;

/* *distance as ql_distance_mean; *elements how many were compared. */
ql_weight_verdict ql_pair_weights(const ql_matching *m, ql_seen candidate, ql_seen reference, bool swapped,
                                  double *distance, double *elements);

#endif
