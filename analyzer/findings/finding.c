#include "analyzer/findings/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *ql_severity_text(ql_severity severity)
{
    static const char *const texts[] = {"note", "warning", "error"};
    return texts[severity];
}

void ql_findings_free(ql_findings *findings)
{
    free(findings->list);
    *findings = (ql_findings){0};
}

ql_finding *ql_find(ql_findings *findings, const char *code, ql_severity severity, const char *remedy)
{
    if (findings->count == findings->capacity) {
        int capacity = findings->capacity ? 2 * findings->capacity : 16;
        ql_finding *grown = realloc(findings->list, (size_t)capacity * sizeof *grown);
        if (!grown) {
            findings->refused = true;
            return NULL;
        }
        findings->list = grown;
        findings->capacity = capacity;
    }
    ql_finding *finding = &findings->list[findings->count++];
    *finding = (ql_finding){.code = code, .severity = severity, .remedy = remedy};
    return finding;
}

void ql_evidence(ql_finding *finding, const char *format, ...)
{
    if (finding) {
        va_list args;
        va_start(args, format);
        vsnprintf(finding->evidence, sizeof finding->evidence, format, args);
        va_end(args);
    }
}

static void blame(int *list, int *count, int index)
{
    for (int i = 0; i < *count; i++) {
        if (list[i] == index) {
            return;
        }
    }
    if (*count < QL_MAX_BLAMED && index >= 0) {
        list[(*count)++] = index;
    }
}

void ql_blame_op(ql_finding *finding, int op)
{
    if (finding) {
        blame(finding->ops, &finding->op_count, op);
    }
}

void ql_blame_tensor(ql_finding *finding, int tensor)
{
    if (finding) {
        blame(finding->tensors, &finding->tensor_count, tensor);
    }
}

static bool before(const ql_finding *a, const ql_finding *b)
{
    return a->severity != b->severity ? a->severity > b->severity : a->weight > b->weight;
}

/* Insertion: stable, and lists are short. */
void ql_findings_rank(ql_findings *findings)
{
    for (int i = 1; i < findings->count; i++) {
        ql_finding moved = findings->list[i];
        int k = i;
        for (; k > 0 && before(&moved, &findings->list[k - 1]); k--) {
            findings->list[k] = findings->list[k - 1];
        }
        findings->list[k] = moved;
    }
}

static void put_op(ql_doc *d, ql_json *ops, const ql_subgraph *graph, int op)
{
    const ql_operator *use = &graph->operators[op];
    ql_json *entry = ql_put_object(d, ops, NULL);
    ql_put_int(d, entry, "op_index", op);
    bool named = use->output_count && use->outputs[0] >= 0;
    ql_put_str(d, entry, "name", named ? graph->tensors[use->outputs[0]].name : (ql_str){"", 0});
}

static void put_finding(ql_doc *d, ql_json *list, const ql_finding *finding, const ql_model *model)
{
    const ql_subgraph *graph = &model->subgraphs[finding->subgraph];
    ql_json *entry = ql_put_object(d, list, NULL);
    ql_put_text(d, entry, "code", finding->code);
    ql_put_text(d, entry, "severity", ql_severity_text(finding->severity));
    ql_put_text(d, entry, "evidence", finding->evidence);
    ql_put_text(d, entry, "remedy", finding->remedy);
    if (finding->subgraph) {
        ql_put_int(d, entry, "subgraph", finding->subgraph);
    }
    ql_json *ops = ql_put_array(d, entry, "ops"), *tensors = ql_put_array(d, entry, "tensors");
    for (int k = 0; k < finding->op_count; k++) {
        put_op(d, ops, graph, finding->ops[k]);
    }
    for (int k = 0; k < finding->tensor_count; k++) {
        ql_put_str(d, tensors, NULL, graph->tensors[finding->tensors[k]].name);
    }
}

void ql_put_findings(ql_doc *d, ql_json *to, const char *key, const ql_findings *findings,
                     const ql_model *model)
{
    ql_json *list = ql_put_array(d, to, key);
    d->failed |= findings->refused;
    for (int i = 0; i < findings->count; i++) {
        put_finding(d, list, &findings->list[i], model);
    }
}
