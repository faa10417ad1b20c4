/* The reports that compare, merge and report write: an option a format, made from the table of writers. */
#ifndef QL_CLI_OUTPUTS_H
#define QL_CLI_OUTPUTS_H

#include "cli/command.h"
#include "reports/reports.h"

/* The options of a command with outputs: one a format, then --png and --plan. */
int ql_output_count(void);
ql_option_row ql_output_option(int i);

/* Puts the plan of --plan into the result, if there is one. */
ql_code ql_attach_plan(const ql_line *line, ql_json *result, ql_err *err);

/* Are --sort, --top and --plan what they should be? To be asked before anything is computed or written. */
ql_code ql_check_outputs(const ql_line *line, ql_err *err);

/* Writes every report that the line asks for, and the text to standard output unless a report goes there. */
ql_code ql_write_outputs(const ql_line *line, const ql_json *result, ql_err *err);

#endif
