/* The models and data at hand, and threads that answer questions about them: one for each kind of question,
 * so that none waits for another. A newer question of a kind takes the place of the one under way. */
#ifndef QL_LAB_LAB_H
#define QL_LAB_LAB_H

#include "tui/lab/question.h"

typedef struct ql_lab ql_lab;

/* `options` as for ql_engine_run; what they point to must outlive the lab. NULL: only files can be written.
 * Plans go by the pairing `whole` (NULL: the options'), elements by the options'. NOMEM. */
ql_code ql_lab_open(ql_lab **lab, const ql_engine_options *options, const ql_pairing *whole, ql_err *err);

/* Waits until what is to be written is written: *answer takes what could not be, and it is true then. */
bool ql_lab_finish(ql_lab *lab, ql_answer *answer);

/* Stops what is under way. NULL is allowed. */
void ql_lab_close(ql_lab *lab);

/* Everything below is done between these two. Entering never waits: false when a thread is inside just now;
 * then try again soon. */
bool ql_lab_enter(ql_lab *lab);
void ql_lab_leave(ql_lab *lab);

/* Asks, unless that is the question under way. The question is copied, a document taken. */
void ql_lab_put(ql_lab *lab, ql_question *question);

/* Stops the question of that kind; its answer, if there is one, says INTERRUPTED. */
void ql_lab_stop(ql_lab *lab, ql_ask ask);

/* Takes an answer that the screen has not had yet; false when there is none. Yours: ql_answer_free. */
bool ql_lab_take(ql_lab *lab, ql_answer *answer);

/* Is a question of that kind under way? How far: `done` of `total` (0: nobody knows). */
bool ql_lab_busy(const ql_lab *lab, ql_ask ask, uint64_t *done, uint64_t *total);

#endif
