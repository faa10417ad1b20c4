/* Variables and what was called once: state that all subgraphs of a model share. */
#include "runtime/exec/internal.h"

#include <stdlib.h>
#include <string.h>

void ql_shared_reset(ql_shared *shared, int subgraph_count)
{
    for (int i = 0; i < shared->variable_count; i++) {
        free(shared->variables[i].data);
        shared->bytes -= shared->variables[i].capacity;
        ql_memory_give(shared->memory, shared->variables[i].capacity);
        shared->variables[i].data = NULL;
        shared->variables[i].capacity = 0;
    }
    memset(shared->called, 0, (size_t)subgraph_count * sizeof *shared->called);
}

void ql_shared_free(ql_shared *shared)
{
    if (!shared) {
        return;
    }
    for (int i = 0; i < shared->variable_count; i++) {
        free(shared->variables[i].data);
        ql_memory_give(shared->memory, shared->variables[i].capacity);
    }
    ql_team_close(shared->team);
    free(shared->variables);
    free(shared->called);
    free(shared);
}

static bool same_text(const ql_str *a, const ql_str *b)
{
    return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

int ql_exec_variable_id(const ql_call *c, ql_str container, ql_str name)
{
    ql_shared *shared = c->exec->shared;
    for (int i = 0; i < shared->variable_count; i++) {
        const ql_variable *known = &shared->variables[i];
        if (same_text(&known->name, &name) && same_text(&known->container, &container)) {
            return i;
        }
    }
    ql_variable *grown = realloc(shared->variables, ((size_t)shared->variable_count + 1) * sizeof *grown);
    if (!grown) {
        return -1;
    }
    shared->variables = grown;
    grown[shared->variable_count] = (ql_variable){.container = container, .name = name};
    return shared->variable_count++;
}

ql_variable *ql_exec_variable(const ql_call *c, int id)
{
    ql_shared *shared = c->exec->shared;
    return id >= 0 && id < shared->variable_count ? &shared->variables[id] : NULL;
}

ql_code ql_exec_assign(const ql_call *c, ql_variable *variable, const ql_view *value)
{
    if (!variable->data || variable->capacity < value->bytes) {
        ql_code code = ql_exec_account(c->exec, variable->capacity, value->bytes, c->err);
        if (code) {
            return code;
        }
        void *data = malloc(value->bytes ? value->bytes : 1);
        if (!data) {
            ql_exec_account(c->exec, value->bytes, variable->capacity, NULL);
            return ql_fail_memory(c->err, value->bytes);
        }
        free(variable->data);
        variable->data = data;
        variable->capacity = value->bytes;
    }
    variable->type = value->type;
    variable->rank = value->rank;
    memcpy(variable->dims, value->dims, sizeof variable->dims);
    variable->count = value->count;
    variable->bytes = value->bytes;
    if (value->bytes) {
        memcpy(variable->data, value->data, value->bytes);
    }
    return QL_OK;
}

bool *ql_exec_called(const ql_call *c, int subgraph)
{
    return &c->exec->shared->called[subgraph];
}
