/* qloupe merge: parts of one comparison become the whole. */
#include "cli/facts.h"
#include "cli/gates.h"
#include "cli/outputs.h"

#include <stdlib.h>

static ql_code merge(const ql_line *line, ql_json **parts, ql_err *err)
{
    ql_clock clock;
    ql_clock_start(&clock);
    ql_gates *gates = NULL;
    ql_code code = ql_check_outputs(line, err);
    code = code ? code : ql_gates_of_line(&gates, line, true, err);
    for (int i = 0; i < line->operand_count && !code; i++) {
        code = ql_json_read(&parts[i], line->operands[i], err);
    }
    ql_json *merged = NULL;
    code = code ? code : ql_result_merge(&merged, parts, line->operands, line->operand_count, err);
    code = code ? code : ql_gates_judge(gates, merged, err);
    code = code ? code : ql_attach_plan(line, merged, err);
    code = code ? code : ql_clock_sign(&clock, line, NULL, merged, err);
    code = code ? code : ql_write_outputs(line, merged, err);
    code = code ? code : ql_gates_tell(gates, merged);
    ql_json_free(merged);
    ql_gates_free(gates);
    return code;
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_json **parts = calloc((size_t)line->operand_count, sizeof(ql_json *));
    if (!parts) {
        return ql_fail_memory(err, (size_t)line->operand_count * sizeof(ql_json *));
    }
    ql_code code = merge(line, parts, err);
    for (int i = 0; i < line->operand_count; i++) {
        ql_json_free(parts[i]);
    }
    free(parts);
    return code;
}

static const ql_option_row options[] = {QL_GATES_OPTIONS, {0}};

const ql_command ql_command_merge = {
    .name = "merge",
    .operands = "PART.json ...",
    .summary = "Join the parts that compare --shard wrote into one result",
    .text = "The result is what one run over all samples gives, byte for byte but for its member \"run\".",
    .min_operands = 1,
    .max_operands = -1,
    .options = options,
    .outputs = true,
    .run = run,
};
