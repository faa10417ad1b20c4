/* Choices that outlive a session: {"columns": ["sqnr_db", ..], "sort": "local.rmse" or null, "commands":
 * lines typed after ":"}. Whatever else a file holds is passed over with a line in the log. */
#ifndef QL_SESSION_CONFIG_H
#define QL_SESSION_CONFIG_H

#include "tui/session/session.h"

void ql_config_defaults(ql_session *session);
void ql_config_read(ql_session *session);
void ql_config_write(ql_session *session);

#endif
