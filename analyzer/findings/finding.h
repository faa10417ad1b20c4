/* A finding: something wrong, or worth knowing, with its evidence and its cure. `check` finds them in one
 * model, `compare` in the figures of two. */
#ifndef QL_FINDINGS_FINDING_H
#define QL_FINDINGS_FINDING_H

#include "analyzer/json/json.h"
#include "runtime/runtime.h"

typedef enum { QL_NOTE, QL_WARNING, QL_ERROR } ql_severity;

const char *ql_severity_text(ql_severity severity); /* "note", "warning", "error" */

enum { QL_MAX_BLAMED = 4 };

typedef struct {
    const char *code; /* "bias-scale": constant, for programs */
    ql_severity severity;
    double weight; /* ranks findings of one severity: larger first; 1e6 is before all others */
    int subgraph;  /* of what is blamed */
    int op_count, tensor_count;
    int ops[QL_MAX_BLAMED];     /* operator indices */
    int tensors[QL_MAX_BLAMED]; /* tensor indices */
    char evidence[400];
    const char *remedy; /* constant */
} ql_finding;

typedef struct {
    ql_finding *list;
    int count, capacity;
    bool refused; /* memory was: the list is not whole */
} ql_findings;

void ql_findings_free(ql_findings *findings);

/* A new finding at the end, with what is given; NULL when memory is refused. */
ql_finding *ql_find(ql_findings *findings, const char *code, ql_severity severity, const char *remedy);

/* Says what was seen. */
void ql_evidence(ql_finding *finding, const char *format, ...) QL_PRINTF(2, 3);

/* Blame; once each, at most QL_MAX_BLAMED. NULL findings are passed over. */
void ql_blame_op(ql_finding *finding, int op);
void ql_blame_tensor(ql_finding *finding, int tensor);

/* Most severe first, then by weight, then as they were found. */
void ql_findings_rank(ql_findings *findings);

/* [{"code", "severity", "evidence", "remedy", "ops": [{"op_index", "name"}], "tensors": [name]}] with the
 * names of `model`; an operator's name is its first output's. "subgraph" is there where it is not 0. */
void ql_put_findings(ql_doc *d, ql_json *to, const char *key, const ql_findings *findings,
                     const ql_model *model);

#endif
