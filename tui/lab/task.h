/* How a question is answered, in a thread of the lab. */
#ifndef QL_LAB_TASK_H
#define QL_LAB_TASK_H

#include "tui/lab/question.h"

#include <stdatomic.h>

typedef struct {
    ql_engine_options options;
    atomic_bool stop;
    ql_bench *bench; /* opened by the first plan that is asked for; kept from question to question */
    bool has_base;
    ql_whatif_figures base;
    double base_seconds;
} ql_task;

/* Answers answer->question into the rest of the answer. */
ql_code ql_task_run(ql_task *task, ql_answer *answer);
ql_code ql_answer_write(ql_task *task, ql_answer *answer);
void ql_task_close(ql_task *task);

#endif
