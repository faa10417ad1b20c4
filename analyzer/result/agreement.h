/* Figures of the task as the member "agreement" of a result. */
#ifndef QL_RESULT_AGREEMENT_H
#define QL_RESULT_AGREEMENT_H

#include "analyzer/compare/task.h"
#include "analyzer/json/json.h"

void ql_put_agreement(ql_doc *d, ql_json *result, const ql_task_stats *task);

#endif
