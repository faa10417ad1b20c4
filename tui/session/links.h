/* How operators hang together, from the document alone. */
#ifndef QL_SESSION_LINKS_H
#define QL_SESSION_LINKS_H

#include "reports/reports.h"

/* Does the row's operator read that tensor of the candidate? */
bool ql_row_reads(const ql_row *row, int tensor);

#endif
