/* Gates: what a comparison must hold for a build to pass, said in one line each ("output.sqnr_db >= 25",
 * docs/gates.md), and a baseline that it may not fall behind. Judged on the filled document of a comparison
 * alone, so at once or from a saved one. */
#ifndef QL_GATES_GATES_H
#define QL_GATES_GATES_H

#include "analyzer/json/json.h"

typedef struct ql_gates ql_gates;

/* Gates that ask for nothing. Release with ql_gates_free (NULL is allowed). */
ql_code ql_gates_make(ql_gates **gates, ql_err *err);
void ql_gates_free(ql_gates *gates);

/* Adds an expression; the text is copied. USAGE: malformed, or a name that is none; the sentence tells at
 * which character, and the nearest name. */
ql_code ql_gates_add(ql_gates *gates, const char *expression, ql_err *err);

/* Adds what a file asks for: {"gates": [expression ..], "baseline": path, "ratchet": bool}, each optional;
 * the path starts at the file's folder. IO; FORMAT: something else is there; USAGE: as ql_gates_add. */
ql_code ql_gates_read(ql_gates *gates, const char *path, ql_err *err);

/* Takes the place of whatever baseline was given before; it is read by ql_gates_load. NOMEM. */
ql_code ql_gates_baseline(ql_gates *gates, const char *path, ql_err *err);

/* ratchet: nothing may be worse than in the baseline, instead of the outputs alone. */
void ql_gates_ratchet(ql_gates *gates);

/* A breach that lies within noise holds. */
void ql_gates_forgive_noise(ql_gates *gates);

/* Reads the baseline, if any. IO, FORMAT: no comparison; USAGE: a ratchet without a baseline. */
ql_code ql_gates_load(ql_gates *gates, ql_err *err);

/* Is anything asked for? */
bool ql_gates_any(const ql_gates *gates);

/* Puts what became of each gate into a filled result as "gates" (docs/json.md), before its member "run";
 * results of earlier gates are dropped. A breach is no error. UNSUPPORTED: a regular expression takes too
 * long. What was refused is in `d`. */
ql_code ql_gates_apply(ql_doc *d, ql_json *result, const ql_gates *gates, ql_err *err);

/* How many gates of a result did not hold. */
int ql_gates_breached(const ql_json *result);

#endif
