/* A gate's expression, read: WHAT COMPARED-WITH NUMBER. The forms of WHAT are the rows of a table in expr.c.
 */
#ifndef QL_GATES_EXPR_H
#define QL_GATES_EXPR_H

#include "analyzer/regex/regex.h"
#include "metrics/metrics.h"

typedef enum {
    QL_GATE_WHOLE,
    QL_GATE_OUTPUT,
    QL_GATE_TENSORS, /* any, /regex/, #op */
    QL_GATE_ACCURACY,
    QL_GATE_AGREEMENT,
    QL_GATE_FINDINGS, /* by severity */
    QL_GATE_FINDING,  /* by code */
    QL_GATE_SIZE
} ql_gate_kind;

typedef enum { QL_AT_MOST, QL_AT_LEAST, QL_EQUAL, QL_DIFFERS, QL_BELOW, QL_ABOVE } ql_relation;

typedef struct {
    char *text; /* as it was written, without the spaces around it */
    ql_gate_kind kind;
    const char *item;        /* what follows the subject: "drop", "top1", a finding's code, a metric's id */
    const char *figures;     /* of outputs and tensors: "cumulative" or "local" */
    const ql_metric *metric; /* of outputs, tensors and the whole */
    ql_regex *regex;         /* of tensors: names that match; NULL: any */
    int op;                  /* of tensors: only that operator's; -1: any */
    ql_relation relation;
    double bound;
} ql_gate;

/* USAGE, NOMEM. Release with ql_gate_free, also after an error. */
ql_code ql_gate_parse(ql_gate *gate, const char *text, ql_err *err);
void ql_gate_free(ql_gate *gate);

/* ">=" */
const char *ql_relation_text(ql_relation relation);

bool ql_relation_holds(ql_relation relation, double value, double bound);

#endif
