/* The line at the bottom where the reader types. */
#ifndef QL_SESSION_PROMPT_H
#define QL_SESSION_PROMPT_H

#include "tui/session/session.h"

void ql_prompt_start(ql_session *session, ql_prompt_kind kind, const char *text);
unsigned ql_prompt_event(ql_session *session, int key);
const char *ql_prompt_label(ql_prompt_kind kind);

/* Adds a line to those that Up brings back; one that is there already becomes the newest. */
void ql_typed_add(ql_typed *typed, const char *line);

void ql_prompt_close(ql_session *session);

#endif
