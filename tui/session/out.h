/* What a session writes to files: a row each. */
#ifndef QL_SESSION_OUT_H
#define QL_SESSION_OUT_H

#include "tui/session/session.h"

/* "FILE", "report FILE", "plan FILE", "config TARGET FILE". Says what came of it. */
void ql_out_write(ql_session *session, const char *argument);

/* The i-th word that may stand before FILE, NULL past the last. */
const char *ql_out_name(int i);

/* ":write ..." with the name of a file that does not exist, to be confirmed or changed. `what` is "" for a
 * report, or one of the words. */
void ql_out_propose(ql_session *session, const char *what);

#endif
