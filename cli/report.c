/* qloupe report: any report from a saved result, without models. */
#include "cli/outputs.h"

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_json *result;
    ql_code code = ql_check_outputs(line, err);
    code = code ? code : ql_json_read(&result, line->operands[0], err);
    if (code) {
        return code;
    }
    code = ql_write_outputs(line, result, err);
    if (code) {
        ql_at_file(err, line->operands[0]);
    }
    ql_json_free(result);
    return code;
}

static const ql_option_row options[] = {
    {"sort", 0, "METRIC", "order the table by this metric, the worst first", false},
    {"top", 0, "N", "only the N worst rows of the table", false},
    {0},
};

const ql_command ql_command_report = {
    .name = "report",
    .operands = "RESULT.json",
    .summary = "Make any report from a saved result",
    .text = "The reports are those that the run itself would have written, byte for byte.",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .outputs = true,
    .run = run,
};
