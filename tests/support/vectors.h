/* Vector files (scripts/vectors/vectorfile.py says what is in one): one-operator models, inputs, and the
 * official interpreter's answers. */
#ifndef QL_TESTS_VECTORS_H
#define QL_TESTS_VECTORS_H

#include "analyzer/analyzer.h"

typedef struct {
    char name[112]; /* "conv_2d.i8_same" */
    int model;      /* array that holds it */
    double ulps;
    const ql_numerics *numerics;
} ql_vector;

typedef struct {
    ql_npz *file;
    ql_vector *cases;
    int count;
} ql_vectors;

/* Lists the cases of a file. */
ql_code ql_vectors_open(ql_vectors *vectors, const char *path, ql_err *err);
void ql_vectors_close(ql_vectors *vectors);

typedef struct {
    size_t elements, unequal; /* of all outputs and samples */
    double worst_abs, worst_ulps;
    char text[400]; /* what is wrong first; "" when nothing is */
} ql_vector_result;

/* Shows the operators of the main graph and of those it runs, after the samples. */
typedef void (*ql_vector_seen)(void *user, const ql_call *call);

/* Runs every sample of case i. QL_OK whatever the answers are (`result` says); another code when the model
 * does not run. `seen` may be NULL. */
ql_code ql_vector_run(const ql_vectors *vectors, int i, ql_vector_seen seen, void *user,
                      ql_vector_result *result, ql_err *err);

#endif
