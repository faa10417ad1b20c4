/* What became of the gates of a result, in words that every format uses. */
#ifndef QL_DIGEST_GATE_H
#define QL_DIGEST_GATE_H

#include "reports/digest/digest.h"

typedef enum {
    QL_GATE_HELD,
    QL_GATE_FORGIVEN, /* a breach within noise that was let pass */
    QL_GATE_NOISY,    /* a breach, but within noise */
    QL_GATE_BROKEN
} ql_gate_state;

ql_gate_state ql_gate_state_of(const ql_json *gate);

/* Do builds go on in this state? */
bool ql_gate_passes(ql_gate_state state);

/* "held", "did not hold (within noise)" .. */
const char *ql_gate_words(ql_gate_state state);

typedef struct {
    int all, held;
} ql_gate_count;

ql_gate_count ql_gates_counted(const ql_digest *digest);

/* The gates in the order of reading, those that did not hold first: NULL starts, NULL ends.
 *     for (const ql_json *g = ql_gate_after(digest, NULL); g; g = ql_gate_after(digest, g)) */
const ql_json *ql_gate_after(const ql_digest *digest, const ql_json *gate);

#endif
