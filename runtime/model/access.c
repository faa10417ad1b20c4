#include "runtime/model/model.h"

#include <stdio.h>
#include <string.h>

enum { CUSTOM = 32, NAME_ROOM = 64 };

static const char *const builtins[] = {
#define X(code, name) [code] = #name,
#include "runtime/model/builtin.def"
#undef X
};

const char *ql_builtin_name(int code)
{
    return code >= 0 && (size_t)code < sizeof builtins / sizeof *builtins ? builtins[code] : NULL;
}

const char *ql_operator_name(const ql_model *model, const ql_operator *op, char *buffer)
{
    const ql_opcode *opcode = &model->opcodes[op->opcode];
    if (opcode->code == CUSTOM) {
        return ql_escape(buffer, NAME_ROOM, opcode->custom.text, opcode->custom.length);
    }
    const char *name = ql_builtin_name(opcode->code);
    if (!name) {
        snprintf(buffer, NAME_ROOM, "BUILTIN_%d", opcode->code);
    }
    return name ? name : buffer;
}

bool ql_str_is(ql_str str, const char *text)
{
    return strlen(text) == str.length && memcmp(str.text, text, str.length) == 0;
}

bool ql_model_metadata(const ql_model *model, const char *name, const uint8_t **bytes, size_t *count)
{
    for (int i = 0; i < model->metadata_count; i++) {
        if (ql_str_is(model->metadata[i].name, name)) {
            const ql_buffer *buffer = &model->buffers[model->metadata[i].buffer];
            *bytes = buffer->data;
            *count = buffer->bytes;
            return true;
        }
    }
    return false;
}

const ql_signature *ql_model_signature(const ql_model *model, const char *key)
{
    for (int i = 0; i < model->signature_count; i++) {
        if (ql_str_is(model->signatures[i].key, key)) {
            return &model->signatures[i];
        }
    }
    return NULL;
}

ql_code ql_at_tensor_of(ql_err *err, const ql_tensor *tensor, int index)
{
    if (tensor->name.length) {
        return ql_at_tensor(err, tensor->name.text, tensor->name.length);
    }
    char number[16];
    int length = snprintf(number, sizeof number, "#%d", index);
    return ql_at_tensor(err, number, (size_t)length);
}
