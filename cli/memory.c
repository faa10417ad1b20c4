#include "cli/memory.h"

/* What is not counted one by one: the program and its libraries, names, documents. */
static const size_t PROGRAM = (size_t)16 << 20;

ql_code ql_line_memory(const ql_line *line, const ql_model *const *models, int count, ql_memory *memory,
                       ql_memory **bound, ql_err *err)
{
    size_t limit;
    ql_code code = ql_line_size(line, "max-memory", &limit, err);
    *bound = NULL;
    if (code || !limit) {
        return code;
    }
    ql_memory_init(memory, limit);
    ql_memory_add(memory, PROGRAM);
    for (int i = 0; i < count; i++) {
        ql_memory_add(memory, models[i]->byte_count); /* mapped, and read from end to end */
    }
    *bound = memory;
    return QL_OK;
}
