/* qloupe import: what another debugger found, as a result. */
#include "cli/facts.h"
#include "cli/outputs.h"

static ql_code read_format(const ql_line *line, const ql_import_format **format, ql_err *err)
{
    const char *id = ql_line_value(line, "from");
    *format = id ? ql_import_find(id) : NULL;
    return !id || *format
               ? QL_OK
               : ql_fail(err, QL_E_USAGE,
                         "import: --from '%.40s': tf-debugger or ai-edge-quantizer is required", id);
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_clock clock;
    ql_json *document = NULL;
    const ql_import_format *format;
    ql_clock_start(&clock);
    ql_code code = ql_check_outputs(line, err);
    code = code ? code : read_format(line, &format, err);
    code = code ? code : ql_import(&document, line->operands[0], format, err);
    code = code ? code : ql_clock_sign(&clock, line, NULL, document, err);
    code = code ? code : ql_write_outputs(line, document, err);
    ql_json_free(document);
    return code;
}

static const ql_option_row options[] = {
    {"from", 0, "FORMAT", "tf-debugger or ai-edge-quantizer (default: what the file looks like)", false},
    {"sort", 0, "METRIC", "order the table by this metric, the worst first", false},
    {"top", 0, "N", "only the N worst rows of the table", false},
    {0},
};

const ql_command ql_command_import = {
    .name = "import",
    .operands = "FILE",
    .summary = "Take in what another debugger found, for reports and diff",
    .text = "FILE is the CSV of TensorFlow's QuantizationDebugger or the comparison_result.json of\n"
            "ai-edge-quantizer's validator.",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .outputs = true,
    .run = run,
};
