/* The reports that compare, merge and report write: an option a format, made from the table of writers. */
#ifndef QL_CLI_OUTPUTS_H
#define QL_CLI_OUTPUTS_H

#include "cli/command.h"
#include "reports/reports.h"

/* How many formats take a file, and the option row of the i-th. */
int ql_output_count(void);
ql_option_row ql_output_option(int i);

/* Are --sort and --top what they should be? To be asked before anything is computed or written. */
ql_code ql_check_outputs(const ql_line *line, ql_err *err);

/* Writes every report that the line asks for, and the text to standard output unless a report goes there. */
ql_code ql_write_outputs(const ql_line *line, const ql_json *result, ql_err *err);

#endif
