#include "analyzer/result/origins.h"

#include <string.h>

void ql_origins_open(ql_origins *origins, const ql_model *reference, const ql_model *candidate)
{
    ql_arena_init(&origins->arena, 0);
    if (ql_debug_open(reference, &origins->reference, NULL)) {
        origins->reference = NULL;
    }
    if (ql_debug_open(candidate, &origins->candidate, NULL)) {
        origins->candidate = NULL;
    }
}

void ql_origins_close(ql_origins *origins)
{
    ql_debug_close(origins->reference);
    ql_debug_close(origins->candidate);
    ql_arena_free(&origins->arena);
}

/* A fused tensor's name holds the names of the nodes it was made of. */
static void put_parts(ql_doc *d, ql_json *nodes, ql_str name)
{
    for (size_t at = 0; at < name.length;) {
        const char *end = memchr(name.text + at, ';', name.length - at);
        size_t length = end ? (size_t)(end - name.text) - at : name.length - at;
        if (length) {
            ql_put_str(d, nodes, NULL, (ql_str){name.text + at, length});
        }
        at += length + 1;
    }
}

static void put_origin(ql_doc *d, ql_json *entry, const ql_origin *origin, ql_str name)
{
    ql_json *nodes = ql_put_array(d, entry, "node_names");
    for (int i = 0; i < origin->name_count; i++) {
        ql_put_str(d, nodes, NULL, origin->names[i]);
    }
    if (!origin->name_count) {
        put_parts(d, nodes, name);
    }
    ql_json *sources = ql_put_array(d, entry, "source");
    for (int i = 0; i < origin->source_count; i++) {
        if (origin->sources[i].user) {
            ql_json *source = ql_put_object(d, sources, NULL);
            ql_put_str(d, source, "file", origin->sources[i].file);
            ql_put_int(d, source, "line", origin->sources[i].line);
        }
    }
}

static ql_code find(ql_origins *origins, const ql_debug *debug, int subgraph, int op, ql_origin *origin,
                    ql_err *err)
{
    *origin = (ql_origin){0};
    return op < 0 ? QL_OK : ql_debug_origin(debug, subgraph, op, &origins->arena, origin, err);
}

ql_code ql_put_origins(ql_doc *d, ql_json *entry, ql_origins *origins, const ql_engine_options *options,
                       const ql_pair *pair, ql_str name, ql_err *err)
{
    ql_origin origin;
    ql_code code =
        find(origins, origins->candidate, options->candidate.subgraph, pair->candidate_op, &origin, err);
    if (!code && !origin.name_count && !origin.source_count) {
        code =
            find(origins, origins->reference, options->reference.subgraph, pair->reference_op, &origin, err);
    }
    if (!code) {
        put_origin(d, entry, &origin, name);
    }
    return code;
}
