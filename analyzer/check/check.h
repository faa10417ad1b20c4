/* One model against the quantization specification and the rules by which parameters propagate. Each rule is
 * one row of the table in check.c; what an operator demands is asked of its row in the op table.
 *
 * Source: the TFLite 8-bit quantization specification, the 16x8 mode, and how the converter propagates
 * scales; docs/numerics.md. */
#ifndef QL_CHECK_CHECK_H
#define QL_CHECK_CHECK_H

#include "analyzer/findings/finding.h"

typedef struct {
    const ql_model *model;
    const ql_subgraph *graph;
    int subgraph;
    ql_findings *findings;
    int *producer;  /* operator that writes each tensor, -1 = none */
    int *consumers; /* how many operators read it */
} ql_check;

typedef struct {
    const char *code;
    ql_severity severity;
    const char *title;  /* what the rule demands, one sentence */
    const char *remedy; /* what to do about a breach */
    /* Looks at one operator (or, where `per_tensor`, one tensor) and reports with ql_breach. */
    void (*look)(ql_check *c, const void *rule, int index);
    bool per_tensor;
} ql_check_rule;

extern const ql_check_rule ql_check_rules[];
extern const int ql_check_rule_count;

/* Applies every rule to one subgraph; findings are added, ranked. */
ql_code ql_check_model(const ql_model *model, int subgraph, ql_findings *findings, ql_err *err);

/* Is the tensor an integer with a scale? */
bool ql_is_quantized(const ql_tensor *tensor);

#endif
