#include "analyzer/pair/rules.h"

#include "analyzer/regex/regex.h"

static ql_code map_all(const char *rule, ql_str *names, int count, ql_arena *arena, ql_err *err)
{
    ql_substitution *s;
    ql_code code = ql_substitution_make(&s, rule, err);
    for (int t = 0; t < count && !code; t++) {
        code = ql_substitute(s, names[t], &names[t], arena, err);
    }
    ql_substitution_free(s);
    return code;
}

ql_code ql_pair_map_names(const ql_pair_rules *rules, ql_side candidate, const ql_str **out, ql_arena *arena,
                          ql_err *err)
{
    const ql_subgraph *graph = &candidate.model->subgraphs[candidate.subgraph];
    *out = NULL;
    if (!rules || !rules->map_count) {
        return QL_OK;
    }
    ql_str *names = QL_TAKE(arena, (size_t)graph->tensor_count, ql_str);
    if (!names) {
        return ql_fail_memory(err, (size_t)graph->tensor_count * sizeof *names);
    }
    for (int t = 0; t < graph->tensor_count; t++) {
        names[t] = graph->tensors[t].name;
    }
    ql_code code = QL_OK;
    for (int i = 0; i < rules->map_count && !code; i++) {
        code = map_all(rules->maps[i], names, graph->tensor_count, arena, err);
    }
    *out = names;
    return code;
}

static ql_code either_matches(const ql_regex *regex, ql_str a, ql_str b, bool *matches, ql_err *err)
{
    ql_code code = ql_regex_matches(regex, a, matches, err);
    return code || *matches ? code : ql_regex_matches(regex, b, matches, err);
}

/* Keeps the pairs of which one name matches (or, with `keep` false, none does). */
static ql_code keep_matching(const char *pattern, bool keep, const ql_subgraph *reference,
                             const ql_subgraph *candidate, ql_pairing *p, ql_err *err)
{
    ql_regex *regex;
    ql_code code = ql_regex_make(&regex, pattern, false, err);
    int kept = 0;
    for (int i = 0; i < p->pair_count && !code; i++) {
        bool matches;
        const ql_pair pair = p->pairs[i];
        code = either_matches(regex, candidate->tensors[pair.candidate].name,
                              reference->tensors[pair.reference].name, &matches, err);
        if (!code && matches == keep) {
            p->pairs[kept++] = pair;
        }
    }
    ql_regex_free(regex);
    if (!code) {
        p->left_out += p->pair_count - kept;
        p->pair_count = kept;
    }
    return code;
}

ql_code ql_pair_filter(const ql_pair_rules *rules, ql_side reference, ql_side candidate, ql_pairing *pairing,
                       ql_err *err)
{
    const ql_subgraph *r = &reference.model->subgraphs[reference.subgraph];
    const ql_subgraph *c = &candidate.model->subgraphs[candidate.subgraph];
    ql_code code = QL_OK;
    if (rules && rules->include) {
        code = keep_matching(rules->include, true, r, c, pairing, err);
    }
    if (rules && rules->exclude && !code) {
        code = keep_matching(rules->exclude, false, r, c, pairing, err);
    }
    return code;
}
