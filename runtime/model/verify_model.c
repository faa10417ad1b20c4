#include "runtime/model/rules.h"

enum { SCHEMA = 3, CUSTOM = 32 };

static ql_code verify_opcodes(const ql_rules *rules)
{
    for (int i = 0; i < rules->model->opcode_count; i++) {
        const ql_opcode *opcode = &rules->model->opcodes[i];
        if (opcode->code < 0) {
            return ql_broken(rules->err, QL_RULE_OPCODE, NULL, i, opcode->code, 0, 0);
        }
        if (opcode->code == CUSTOM && !opcode->custom.length) {
            return ql_broken(rules->err, QL_RULE_CUSTOM_NAME, NULL, i, 0, 0, 0);
        }
    }
    return QL_OK;
}

static ql_code verify_metadata(const ql_rules *rules)
{
    const ql_model *model = rules->model;
    for (int i = 0; i < model->metadata_count; i++) {
        int buffer = model->metadata[i].buffer;
        if (buffer < 0 || buffer >= model->buffer_count) {
            return ql_broken(rules->err, QL_RULE_METADATA_BUFFER, NULL, i, (uint32_t)buffer,
                             model->buffer_count - 1, 0);
        }
    }
    return QL_OK;
}

static ql_code verify_map(const ql_rules *rules, int signature, const ql_tensor_map *map, int count)
{
    int subgraph = rules->model->signatures[signature].subgraph;
    int tensors = rules->model->subgraphs[subgraph].tensor_count;
    for (int i = 0; i < count; i++) {
        if (map[i].tensor < 0 || map[i].tensor >= tensors) {
            return ql_broken(rules->err, QL_RULE_SIGNATURE_TENSOR, NULL, signature, (uint32_t)map[i].tensor,
                             tensors - 1, 0);
        }
    }
    return QL_OK;
}

static ql_code verify_signatures(const ql_rules *rules)
{
    const ql_model *model = rules->model;
    ql_code code = QL_OK;
    for (int i = 0; !code && i < model->signature_count; i++) {
        const ql_signature *signature = &model->signatures[i];
        if (signature->subgraph < 0 || signature->subgraph >= model->subgraph_count) {
            return ql_broken(rules->err, QL_RULE_SIGNATURE_SUBGRAPH, NULL, i, (uint32_t)signature->subgraph,
                             model->subgraph_count - 1, 0);
        }
        code = verify_map(rules, i, signature->inputs, signature->input_count);
        if (!code) {
            code = verify_map(rules, i, signature->outputs, signature->output_count);
        }
    }
    return code;
}

static ql_code verify_tensors(const ql_rules *rules)
{
    const ql_model *model = rules->model;
    uint8_t *seen = ql_take(rules->scratch, (size_t)model->buffer_count, 1);
    if (!seen) {
        return ql_fail_memory(rules->err, (size_t)model->buffer_count);
    }
    for (int i = 0; i < model->subgraph_count; i++) {
        const ql_subgraph *subgraph = &model->subgraphs[i];
        for (int k = 0; k < subgraph->tensor_count; k++) {
            ql_code code = ql_verify_tensor(rules, subgraph, &subgraph->tensors[k], seen);
            if (code) {
                ql_at_tensor_of(rules->err, &subgraph->tensors[k], k);
                return code;
            }
        }
    }
    return QL_OK;
}

static ql_code verify_graphs(const ql_rules *rules)
{
    ql_code code = QL_OK;
    for (int i = 0; !code && i < rules->model->subgraph_count; i++) {
        code = ql_verify_graph(rules, i);
    }
    return code;
}

ql_code ql_verify_model(const ql_model *model, ql_arena *scratch, ql_err *err)
{
    static ql_code (*const parts[])(const ql_rules *) = {
        verify_opcodes, verify_metadata, verify_signatures, verify_tensors, verify_graphs, ql_verify_calls,
    };
    ql_rules rules = {model, scratch, err};
    if (model->version != SCHEMA) {
        return ql_broken(err, QL_RULE_VERSION, NULL, (uint32_t)model->version, SCHEMA, 0, 0);
    }
    if (!model->subgraph_count) {
        return ql_broken(err, QL_RULE_NO_SUBGRAPH, NULL, 0, 0, 0, 0);
    }
    ql_code code = QL_OK;
    for (size_t i = 0; !code && i < sizeof parts / sizeof *parts; i++) {
        code = parts[i](&rules);
    }
    return code;
}
