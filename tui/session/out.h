/* What a session writes to files: a row each. The writing itself is a question to the lab. */
#ifndef QL_SESSION_OUT_H
#define QL_SESSION_OUT_H

#include "tui/session/session.h"

/* "FILE", "report FILE", "plan FILE", "config TARGET FILE". */
void ql_out_write(ql_session *session, const char *argument);

/* Says what came of it. The answer is taken. */
void ql_out_written(ql_session *session, ql_answer *answer);

/* The i-th word that may stand before FILE, NULL past the last. */
const char *ql_out_name(int i);

/* ":write ..." with the name of a file that does not exist, to be confirmed or changed. `what` is "" for a
 * report, or one of the words. */
void ql_out_propose(ql_session *session, const char *what);

#endif
