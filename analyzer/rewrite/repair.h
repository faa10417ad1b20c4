/* Repairs: a quantized model that stays quantized, with better parameters.
 *
 *   range        an activation gets the scale and zero point of another range, and with it every tensor that
 *                shares its scale because an operator between them hands it on; biases that follow from it
 * are made anew per-channel  weights with one scale get one a channel, from the float model's */
#ifndef QL_REWRITE_REPAIR_H
#define QL_REWRITE_REPAIR_H

#include "analyzer/calibrate/ranges.h"
#include "analyzer/pair/pair.h"

typedef enum { QL_REPAIR_RANGE, QL_REPAIR_CHANNELS } ql_repair_kind;

const char *ql_repair_kind_name(ql_repair_kind kind); /* "range", "per-channel" */

typedef struct {
    ql_repair_kind kind;
    int tensor;     /* of the candidate: the activation, or the weights */
    int op;         /* of the candidate: that makes the activation (-1: graph input), or has the weights */
    float min, max; /* of a range */
} ql_repair;

/* Can it be done? NULL: yes; else why not (constant text). */
const char *ql_repair_refusal(ql_side reference, ql_side candidate, const ql_pairing *pairing,
                              const ql_repair *repair);

/* The tensors that share t's scale, as one entry a tensor of the candidate; `shared` has room for them.
 * Returns how many. */
int ql_repair_shared(ql_side candidate, int t, bool *shared);

/* The range that a quantized tensor can hold. */
ql_tensor_range ql_repair_range_of(const ql_tensor *tensor);

/* The candidate with those repairs. Borrows from both models; release with ql_model_close before them.
 * UNSUPPORTED: one cannot be done (the message names its tensor). */
ql_code ql_rewrite_repaired(ql_model **model, ql_side reference, ql_side candidate, const ql_pairing *pairing,
                            const ql_repair *repairs, int count, ql_err *err);

#endif
