/* What may be typed after ":", a row each. */
#ifndef QL_SESSION_COMMAND_H
#define QL_SESSION_COMMAND_H

#include "tui/session/complete.h"

typedef struct {
    const char *name, *arguments, *help;
    unsigned (*run)(ql_session *session, const char *argument);
    ql_completer *complete; /* what its argument may be; NULL: anything */
} ql_tui_command;

/* The i-th, NULL past the last. */
const ql_tui_command *ql_tui_command_at(int i);

/* The command whose name begins so; NULL: none, or several. */
const ql_tui_command *ql_tui_command_find(const char *name, size_t length);

/* Runs "sort rmse": the beginning of a name will do where it is only one's. Returns consequences. */
unsigned ql_tui_command_run(ql_session *session, const char *line);

#endif
