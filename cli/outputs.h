/* The outputs that compare, merge and report share. */
#ifndef QL_CLI_OUTPUTS_H
#define QL_CLI_OUTPUTS_H

#include "analyzer/analyzer.h"
#include "cli/command.h"

#define QL_OUTPUT_OPTIONS                                                                                    \
    {                                                                                                        \
        "json", 0, "FILE", "write the whole result", false                                                   \
    }

/* Writes every output that the line asks for. */
ql_code ql_write_outputs(const ql_line *line, const ql_json *result, ql_err *err);

#endif
