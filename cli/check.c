/* qloupe check: one model against the quantization specification. */
#include "analyzer/analyzer.h"
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

static void print(const ql_findings *findings, const ql_model *model)
{
    for (int i = 0; i < findings->count; i++) {
        const ql_finding *finding = &findings->list[i];
        const ql_subgraph *graph = &model->subgraphs[finding->subgraph];
        char name[120] = "", op_name[64];
        printf("%-7s %s", ql_severity_text(finding->severity), finding->code);
        if (finding->subgraph) {
            printf(", subgraph %d", finding->subgraph);
        }
        if (finding->op_count) {
            printf(", op #%d %s", finding->ops[0],
                   ql_operator_name(model, &graph->operators[finding->ops[0]], op_name));
        }
        if (finding->tensor_count) {
            ql_str tensor = graph->tensors[finding->tensors[0]].name;
            printf(" '%s'", ql_escape(name, sizeof name, tensor.text, tensor.length));
        }
        printf("\n        %s\n        %s\n", finding->evidence, finding->remedy);
    }
}

static ql_code write_json(const ql_model *model, const ql_findings *findings, const char *path, ql_err *err)
{
    ql_doc d = {0};
    ql_json *root = ql_json_object(&d);
    ql_put_text(&d, root, "schema", "qloupe.check/1");
    ql_put_text(&d, root, "file", model->path);
    ql_put_findings(&d, root, "findings", findings, model);
    ql_code code = ql_doc_check(&d, err);
    code = code ? code : ql_json_write(root, path, err);
    ql_json_free(root);
    return code;
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_model *model;
    ql_findings findings = {0};
    const char *path = ql_line_value(line, "json");
    ql_code code = ql_model_open(&model, line->operands[0], err);
    if (code) {
        return code;
    }
    for (int i = 0; i < model->subgraph_count && !code; i++) {
        code = ql_check_model(model, i, &findings, err);
    }
    if (!code && (!path || strcmp(path, "-") != 0)) {
        print(&findings, model);
        printf("%d finding%s\n", findings.count, findings.count == 1 ? "" : "s");
    }
    code = !code && path ? write_json(model, &findings, path, err) : code;
    if (!code && findings.count && findings.list[0].severity == QL_ERROR) {
        err->text[0] = 0;
        code = QL_E_GATE;
    }
    ql_findings_free(&findings);
    ql_model_close(model);
    return code;
}

static const ql_option_row options[] = {
    {"json", 0, "FILE", "write the findings as JSON (schema qloupe.check/1)", false},
    {0},
};

const ql_command ql_command_check = {
    .name = "check",
    .operands = "MODEL",
    .summary = "Check a quantized model against the int8 and 16x8 specification",
    .text = "Exit status 1 when something of severity error was found.",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .run = run,
};
