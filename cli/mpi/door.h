/* What libqloupe_mpi.so gives the program: the one place that knows MPI. The program itself is not linked
 * with MPI; it loads this module only when it was started as one of several ranks, so that a plain run costs
 * nothing. */
#ifndef QL_CLI_MPI_DOOR_H
#define QL_CLI_MPI_DOOR_H

#include "analyzer/analyzer.h"

typedef struct {
    char version[32]; /* QL_VERSION of the module's build */
    /* Starts MPI and says who this is; false: it cannot be started. `waits` is asked again and again while a
     * call of the way waits; false: wait no longer. */
    bool (*start)(int *rank, int *size, bool (*waits)(void *user), void *user);
    const ql_ranks_way *way; /* its `user` is not used */
    void (*end)(void);       /* waits for the other ranks; not to be called when one is lost */
} ql_mpi_door;

/* Found by name: dlsym(module, "ql_mpi_door_of_qloupe"). */
extern const ql_mpi_door ql_mpi_door_of_qloupe;

#endif
