#include "cli/outputs.h"

ql_code ql_write_outputs(const ql_line *line, const ql_json *result, ql_err *err)
{
    const char *path = ql_line_value(line, "json");
    return path ? ql_json_write(result, path, err) : QL_OK;
}
