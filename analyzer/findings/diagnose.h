/* From figures to reasons: what compare's figures say is wrong, why, and what cures it. Each finding is one
 * row of the table in diagnose.c. Works on a filled result alone, so that merged results are diagnosed as
 * whole ones are. */
#ifndef QL_FINDINGS_DIAGNOSE_H
#define QL_FINDINGS_DIAGNOSE_H

#include "analyzer/findings/facts.h"
#include "analyzer/findings/finding.h"

typedef struct {
    const char *code;
    const char *title;
    const char *remedy;
    /* Looks at fact `i` (at i = -1 at the whole result); true with the rest filled in when there is something
     * to say. */
    bool (*look)(const ql_facts *facts, int i, ql_finding *finding);
    bool whole; /* looks at the whole result, once */
} ql_diagnosis;

extern const ql_diagnosis ql_diagnoses[];
extern const int ql_diagnosis_count;

/* Puts "findings" into every pair and the ranked union, with what the frame's "static_findings" hold, into
 * the result. */
ql_code ql_diagnose(ql_doc *d, ql_json *result, ql_err *err);

#endif
