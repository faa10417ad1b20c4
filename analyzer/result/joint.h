/* A comparison that several ranks may share, and that keeps pieces of what it has found as it goes on. The
 * sums are those of ql_engine_run, to the last bit, whoever ran what and whenever. */
#ifndef QL_RESULT_JOINT_H
#define QL_RESULT_JOINT_H

#include "analyzer/ranks/ranks.h"
#include "analyzer/result/pieces.h"

typedef struct {
    ql_ranks *ranks;    /* NULL: alone */
    const char *folder; /* of pieces; NULL: nothing is kept */
    double seconds;     /* between two writes of a piece */
    /* Has the user ended it? Then what is done is kept. Asked before each sample. */
    bool (*stop)(void *user);
    /* Is told sentences for the user: what is there already, what is kept. */
    void (*say)(void *user, const char *sentence);
    void *user;
} ql_joint_options;

/* Runs what no piece has. At rank 0 `comparison` then has everything; at others it is not to be used. Of
 * `engine`, `progress` is told samples of all ranks, and `stop` is not used where there is a folder.
 * INTERRUPTED: ended, by the user. Release the comparison with ql_comparison_free, and the pieces (which are
 * opened here, also after an error) with ql_pieces_close; once the result is safe call ql_pieces_remove. */
ql_code ql_joint_run(const ql_engine_options *engine, const ql_joint_options *options, ql_pieces *pieces,
                     ql_comparison *comparison, ql_err *err);

#endif
