/* A gate's verdict over its readings. */
#ifndef QL_GATES_JUDGE_H
#define QL_GATES_JUDGE_H

#include "analyzer/gates/reading.h"

enum { QL_GATE_NUMBER = 40, QL_GATE_MESSAGE = 480 };

typedef struct {
    bool passed;             /* as the bound says; not yet forgiven */
    bool within_noise;       /* a breach that more samples might undo */
    double found;            /* of all readings the one farthest from holding; may be infinite; NaN: none */
    double tightest;         /* the bound nearest to what was found that would have held; NaN: none */
    double noise;            /* half the interval of `found`; NaN: not known */
    const ql_reading *worst; /* NULL: nothing matched */
    char message[QL_GATE_MESSAGE]; /* one sentence, names escaped */
} ql_verdict_of_gate;

/* `readings` none: a breach that says so. */
void ql_gate_judge(ql_verdict_of_gate *verdict, const ql_gate *gate, const ql_readings *readings);

/* A whole number in full, another with four digits, more where fewer would not tell it from `other` (NaN:
 * nothing to tell it from). Returns `out`. */
const char *ql_gate_number(char out[QL_GATE_NUMBER], double value, double other);

#endif
