/* Pairs the entries of two lists by key: the tensors, or the findings, of two documents. */
#ifndef QL_GATES_KEYED_H
#define QL_GATES_KEYED_H

#include "analyzer/json/json.h"

typedef struct {
    const ql_json *json;
    const char *name, *kind; /* the key; entries with the same one pair in the order of their lists */
    double op;               /* where the name has no twin: operators of this place and kind */
    int place;               /* in its list */
    int twin;                /* the place of its twin in the other list, -1: none */
} ql_keyed_entry;

typedef struct {
    ql_keyed_entry *list; /* in the order of the list */
    int count;
} ql_keyed;

/* Reads the list's entries with `read`, which fills in name, kind and op (none: NaN); release with
 * ql_keyed_free. NOMEM. */
ql_code ql_keyed_make(ql_keyed *keyed, const ql_json *list, void (*read)(ql_keyed_entry *twin), ql_err *err);
void ql_keyed_free(ql_keyed *keyed);

/* Pairs by name and kind, then what is left by operator and kind. NOMEM. */
ql_code ql_keyed_pair(ql_keyed *a, ql_keyed *b, ql_err *err);

#endif
