/* Threads of the room: they work in the background. */
#ifndef QL_LAB_THREAD_H
#define QL_LAB_THREAD_H

#include <pthread.h>

/* Starts a thread that takes no signals: those that end the program are for the one that holds the terminal.
 * Returns 0, or what pthread_create says. */
int ql_thread_start(pthread_t *thread, void *(*run)(void *), void *user);

/* Called by such a thread: keys come before its work, where the system tells threads apart in that. */
void ql_thread_lower(void);

#endif
