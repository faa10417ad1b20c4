/* Being one of several ranks (mpirun, srun): finding out, and loading what speaks to the others. */
#ifndef QL_CLI_RANKS_H
#define QL_CLI_RANKS_H

#include "analyzer/analyzer.h"
#include "cli/command.h"

/* Was this process started as one of several, and which? From the environment, before anything is loaded. */
bool ql_launched(int *rank);

/* Joins the other ranks; *ranks stays NULL for a process that is alone. UNSUPPORTED: this program, or its
 * module, cannot; USAGE: the command does not share its work, or the ranks' command lines differ. */
ql_code ql_ranks_join(ql_ranks **ranks, const ql_line *line, ql_err *err);

/* Is it this rank that says what happened? Rank 0; where ranks were lost, the first that is left on each
 * machine. */
bool ql_ranks_speaks(const ql_ranks *ranks);

/* Leaves them, and says whether this rank is to speak for all: the code that all end with is in *code. */
bool ql_ranks_leave(ql_ranks *ranks, ql_code *code, ql_err *err);

/* How many threads a rank has by itself: its share of the processors that it may run on. NULL: all. */
int ql_ranks_threads(const ql_ranks *ranks);

#endif
