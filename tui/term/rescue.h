/* What must happen to the terminal when the program is ended by a signal: nothing but calls that a handler
 * may make. Signals belong to the process, so this is the one place of the room with state of its own. */
#ifndef QL_TERM_RESCUE_H
#define QL_TERM_RESCUE_H

#include <stdbool.h>
#include <stddef.h>

/* From now on until ql_rescue_end: SIGINT, SIGTERM, SIGHUP, SIGQUIT and crashes write `reset` to standard
 * output, set the terminal's modes as they are at this call, copy the file `errors` (-1: none) to
 * `stderr_was`, and then end the program as the signal would have. `reset` is copied, up to 500 bytes. */
void ql_rescue_start(const char *reset, int errors, int stderr_was);
void ql_rescue_end(void);

/* Copies a whole file to another. */
void ql_rescue_copy(int from, int to);

#endif
