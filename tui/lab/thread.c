/* nice is of XSI. */
#include "tui/lab/thread.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

int ql_thread_start(pthread_t *thread, void *(*run)(void *), void *user)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    sigset_t all, before;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        sigdelset(&all, own[i]);
    }
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int refused = pthread_create(thread, NULL, run, user);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return refused;
}

void ql_thread_lower(void)
{
    if (nice(10) == -1) {
        return; /* then they compete as equals */
    }
}
