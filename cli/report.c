/* qloupe report: any report from a saved result, without models. */
#include "cli/gates.h"
#include "cli/outputs.h"

/* Without gates of its own, what the result says of earlier ones stands. */
static ql_code judge_and_write(const ql_line *line, const ql_gates *gates, ql_json *result, ql_err *err)
{
    ql_code code = ql_gates_any(gates) ? ql_comparison_check(result, line->operands[0], err) : QL_OK;
    code = code ? code : ql_gates_judge(gates, result, err);
    code = code ? code : ql_write_outputs(line, result, err);
    return code ? code : ql_gates_tell(gates, result);
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_json *result = NULL;
    ql_gates *gates = NULL;
    ql_code code = ql_check_outputs(line, err);
    code = code ? code : ql_gates_of_line(&gates, line, false, err);
    code = code ? code : ql_json_read(&result, line->operands[0], err);
    code = code ? code : ql_attach_plan(line, result, err);
    if (!code) {
        code = judge_and_write(line, gates, result, err);
        if (code && code != QL_E_GATE) {
            ql_at_file(err, line->operands[0]);
        }
    }
    ql_json_free(result);
    ql_gates_free(gates);
    return code;
}

static const ql_option_row options[] = {
    {"sort", 0, "METRIC", "order the table by this metric, the worst first", false},
    {"top", 0, "N", "only the N worst rows of the table", false},
    QL_GATES_OPTIONS,
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
