/* --max-memory: one count for a whole command. */
#ifndef QL_CLI_MEMORY_H
#define QL_CLI_MEMORY_H

#include "analyzer/analyzer.h"
#include "cli/command.h"

/* The option row. */
#define QL_MEMORY_OPTION                                                                                     \
    {                                                                                                        \
        "max-memory", 0, "SIZE", "take no more memory: fewer threads, less kept; e.g. 512M", false           \
    }

/* Reads it into `memory`, which then counts the program and the models' files; *bound is `memory`, NULL
 * without the option. */
ql_code ql_line_memory(const ql_line *line, const ql_model *const *models, int count, ql_memory *memory,
                       ql_memory **bound, ql_err *err);

#endif
