/* Plans as documents (schema qloupe.plan/1), by what a comparison's document says of the operators. */
#ifndef QL_SESSION_PLAN_FILE_H
#define QL_SESSION_PLAN_FILE_H

#include "tui/session/session.h"

/* The plan that is edited, with its figures where they are known. Yours. */
ql_code ql_plan_document(const ql_session *session, ql_json **document, ql_err *err);

/* Makes the modes of a plan's `layers` a step of the plan that is edited. FIT: a layer that is not in this
 * comparison; FORMAT. */
ql_code ql_plan_use(ql_session *session, const ql_json *layers, ql_err *err);

/* Reads a file of plans: its layers become a step of the plan, and what it suggests is there to choose from.
 */
ql_code ql_plan_load(ql_session *session, const char *path, ql_err *err);

/* The candidate's operator for a layer of a plan, -1: none here. */
int ql_plan_op(const ql_session *session, const ql_json *layer);

#endif
