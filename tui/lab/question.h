/* Questions that take longer than a key may wait, and their answers. */
#ifndef QL_LAB_QUESTION_H
#define QL_LAB_QUESTION_H

#include "reports/reports.h"

typedef enum {
    QL_ASK_PLAN,     /* what is a plan worth? */
    QL_ASK_SUGGEST,  /* which plans are the best? */
    QL_ASK_ELEMENTS, /* which elements of a tensor differ most in a sample? */
    QL_ASK_WRITE,    /* can that be written to a file? */
    QL_ASK_COUNT
} ql_ask;

enum { QL_ELEMENTS = 64 };

typedef enum { QL_WRITE_REPORT, QL_WRITE_PLAN, QL_WRITE_CONFIG } ql_writing;

typedef struct {
    ql_ask ask;
    const ql_layer_mode *modes; /* PLAN: one a operator of the candidate, `ops` of them */
    int ops;
    int layers; /* SUGGEST: at most so many */
    int pair;   /* ELEMENTS: its place among the pairs */
    uint64_t sample;
    /* WRITE: what, in which way (a report's writer, a config's target), a report's order ("": none), where
     * to, and what it is made from: with the question it goes to who takes it */
    ql_writing writing;
    char way[40], sort[40], path[256];
    ql_json *document;
    bool lent; /* the document stays who lent it */
} ql_question;

/* What a plan is worth: of the model as given and with the plan. */
typedef struct {
    ql_whatif_figures base, figures;
    ql_mixed_cost cost;
    size_t bytes;        /* of the written model */
    double seconds;      /* that measuring took */
    double base_seconds; /* that running both models as they are took */
} ql_worth;

/* `question` with memory of the answer's own. */
typedef struct {
    ql_question question;
    ql_code code;
    ql_err err;
    ql_worth worth;                   /* PLAN */
    ql_json *plans;                   /* SUGGEST: a document of schema qloupe.plan/1 */
    ql_element elements[QL_ELEMENTS]; /* ELEMENTS: the worst first */
    int element_count;
    ql_text notes; /* WRITE: lines for the reader */
} ql_answer;

void ql_question_free(ql_question *question); /* modes and document, where they are its own */
void ql_answer_free(ql_answer *answer);

/* Do they ask the same? */
bool ql_question_same(const ql_question *a, const ql_question *b);

#endif
