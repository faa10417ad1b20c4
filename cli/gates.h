/* Gates and baselines on the command line: --gate, --gates, --gate-noise, --baseline, --ratchet, and the file
 * qloupe.json of the current folder. What compare, merge and report share. */
#ifndef QL_CLI_GATES_H
#define QL_CLI_GATES_H

#include "analyzer/analyzer.h"
#include "cli/command.h"

#define QL_GATES_OPTIONS                                                                                     \
    {"gate", 0, "EXPR", "what must hold, e.g. 'output.sqnr_db >= 25'; exit status 1 when it does not",       \
     true},                                                                                                  \
        {"gates", 0, "FILE", "gates and a baseline from a file (default: qloupe.json, where there is one)",  \
         false},                                                                                             \
        {"gate-noise", 0, "HOW", "a breach within noise counts as one (fail, the default) or not (pass)",    \
         false},                                                                                             \
        {"baseline", 0, "OLD.json", "an earlier result: the outputs may not be worse", false},               \
    {                                                                                                        \
        "ratchet", 0, NULL, "with a baseline: nothing at all may be worse", false                            \
    }

/* What the line asks for, and the gates file: --gates, else with `config` ./qloupe.json if it exists. With
 * --shard gates are refused (USAGE): a part is not judged. Release with ql_gates_free. */
ql_code ql_gates_of_line(ql_gates **gates, const ql_line *line, bool config, ql_err *err);

/* ql_gates_apply, unless nothing is asked for. */
ql_code ql_gates_judge(const ql_gates *gates, ql_json *result, ql_err *err);

/* Says on standard error which gates did not hold, one line each. GATE, without a message, when one did not.
 */
ql_code ql_gates_tell(const ql_gates *gates, const ql_json *result);

#endif
