/* What may be typed after ":", a row each. */
#ifndef QL_SESSION_COMMAND_H
#define QL_SESSION_COMMAND_H

#include "tui/session/session.h"

typedef struct {
    const char *name, *arguments, *help;
    unsigned (*run)(ql_session *session, const char *argument);
} ql_tui_command;

/* The i-th, NULL past the last. */
const ql_tui_command *ql_tui_command_at(int i);

/* Runs "sort rmse": the beginning of a name will do where it is only one's. Returns consequences. */
unsigned ql_tui_command_run(ql_session *session, const char *line);

#endif
