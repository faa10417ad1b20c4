/* The rules' functions (see the table in check.c). `index` is an operator, or a tensor for per-tensor rules.
 */
#ifndef QL_CHECK_RULES_H
#define QL_CHECK_RULES_H

#include "analyzer/check/check.h"

/* A new finding of `rule`, blaming operator `op` and tensor `tensor` (-1: none). */
ql_finding *ql_breach(ql_check *c, const void *rule, int op, int tensor);

/* Are all elements of the constant 0? */
bool ql_all_zero(const ql_tensor *tensor);

void ql_look_scale(ql_check *c, const void *rule, int index);
void ql_look_zero_point(ql_check *c, const void *rule, int index);
void ql_look_missing(ql_check *c, const void *rule, int index);
void ql_look_activation_axis(ql_check *c, const void *rule, int index);
void ql_look_weight_type(ql_check *c, const void *rule, int index);
void ql_look_weight_axis(ql_check *c, const void *rule, int index);
void ql_look_weight_zero(ql_check *c, const void *rule, int index);
void ql_look_weight_range(ql_check *c, const void *rule, int index);
void ql_look_bias_type(ql_check *c, const void *rule, int index);
void ql_look_bias_axis(ql_check *c, const void *rule, int index);
void ql_look_bias_zero(ql_check *c, const void *rule, int index);
void ql_look_bias_scale(ql_check *c, const void *rule, int index);
void ql_look_bias_range(ql_check *c, const void *rule, int index);
void ql_look_same_scale(ql_check *c, const void *rule, int index);
void ql_look_fixed_output(ql_check *c, const void *rule, int index);
void ql_look_shared(ql_check *c, const void *rule, int index);
void ql_look_idle_requantize(ql_check *c, const void *rule, int index);
void ql_look_chain(ql_check *c, const void *rule, int index);
void ql_look_operands(ql_check *c, const void *rule, int index);
void ql_look_relu_zero(ql_check *c, const void *rule, int index);
void ql_look_clamp_range(ql_check *c, const void *rule, int index);
void ql_look_unused_range(ql_check *c, const void *rule, int index);
void ql_look_types(ql_check *c, const void *rule, int index);

/* One operator with what its rules speak of; row NULL: unknown to the op table. */
typedef struct {
    const ql_operator *op;
    const ql_op *row;
    int x, w, b, y; /* tensor indices of input, weights, bias, output 0; -1 = none */
    const ql_tensor *input, *weights, *bias, *output; /* NULL where there is none */
} ql_use;

ql_use ql_use_of(const ql_check *c, int op);

#endif
