/* Inside reports/config only: a recipe of ai-edge-quantizer and how that library reads it.
 *
 * An operator's scope is the names of its outputs, each with ';' behind it (of its inputs, where no output
 * has a name), cut after 10,000 characters. INPUT and OUTPUT are operators too, of the graph's inputs and
 * outputs. Of the rules whose expression is found in the scope and whose operation is the operator's, the
 * last one that the library supports for it holds; rules with the same expression stand where its first one
 * stood. Source: ai-edge-quantizer 0.10, recipe_manager and tfl_flatbuffer_utils. */
#ifndef QL_CONFIG_RECIPE_H
#define QL_CONFIG_RECIPE_H

#include "reports/config/intent.h"

enum { QL_RECIPE_INPUT = -1, QL_RECIPE_OUTPUT = -2 }; /* in place of an operator's index */

typedef struct {
    const char *name; /* in a recipe; NULL: an operator it does not know, which stays float */
    bool int8, int16x8;
} ql_recipe_operation;

/* Memory of `arena` for the scope; NOMEM. `op` counts in the subgraph, or is one of the two above. */
ql_code ql_recipe_scope(const ql_subgraph *graph, int op, ql_str *scope, ql_arena *arena, ql_err *err);

ql_recipe_operation ql_recipe_operation_of(const ql_model *model, const ql_subgraph *graph, int op);

bool ql_recipe_supports(ql_recipe_operation operation, ql_format format);

typedef struct {
    const char *regex;
    const char *operation; /* "*": any */
    ql_format format;      /* FLOAT: no_quantize */
    bool is_unsigned;      /* int8: uint8 in fact, of INPUT and OUTPUT */
} ql_recipe_rule;

/* An expression that matches this scope and nothing else. Memory of `arena`; NULL when refused. */
const char *ql_recipe_regex(ql_str scope, ql_arena *arena);

/* What the rules make of each operator of the model, all subgraphs in order with INPUT and OUTPUT after the
 * operators of each: formats[i]. `count` is how many there are. */
ql_code ql_recipe_apply(const ql_recipe_rule *rules, int rule_count, const ql_model *model,
                        ql_format *formats, ql_arena *arena, ql_err *err);

/* How many operators ql_recipe_apply tells of. */
int ql_recipe_count(const ql_model *model);

/* The rules as the JSON that the library loads. */
ql_json *ql_recipe_json(ql_doc *d, const ql_recipe_rule *rules, int rule_count);

#endif
