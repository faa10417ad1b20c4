#include "analyzer/suggest/tries.h"

#include "analyzer/json/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { START_SLOTS = 1024, LEAST_AT_ONCE = 24, MOST_AT_ONCE = 96, SAVE_SECONDS = 1 };
static const double WORK_AT_ONCE = 4e10; /* multiply-accumulates between two looks at the clock */
static const char SCHEMA[] = "qloupe.checkpoint/1";

static size_t mode_bytes(const ql_tries *t)
{
    return (size_t)t->operators * sizeof(ql_layer_mode);
}

static size_t slot_of(const ql_tries *t, const ql_layer_mode *modes, uint64_t samples)
{
    uint64_t h = samples * 0x9e3779b97f4a7c15;
    for (int op = 0; op < t->operators; op++) {
        h = (h ^ (uint64_t)modes[op]) * 0x100000001b3;
        h ^= h >> 29;
    }
    size_t slot = (size_t)h & (t->slot_count - 1);
    while (t->slots[slot]) {
        const ql_try *one = &t->list[t->slots[slot] - 1];
        if (one->samples == samples && !memcmp(one->modes, modes, mode_bytes(t))) {
            break;
        }
        slot = (slot + 1) & (t->slot_count - 1);
    }
    return slot;
}

const ql_try *ql_tries_find(const ql_tries *t, const ql_layer_mode *modes, uint64_t samples)
{
    int index = t->slots[slot_of(t, modes, samples)];
    return index ? &t->list[index - 1] : NULL;
}

static bool grow(ql_tries *t)
{
    size_t more = t->slot_count ? 2 * t->slot_count : START_SLOTS;
    ql_try *list = realloc(t->list, more / 2 * sizeof *list);
    t->list = list ? list : t->list;
    int *slots = list ? calloc(more, sizeof *slots) : NULL;
    if (!slots) {
        return false;
    }
    free(t->slots);
    t->slots = slots;
    t->slot_count = more;
    t->capacity = (int)(more / 2);
    for (int i = 0; i < t->count; i++) {
        t->slots[slot_of(t, t->list[i].modes, t->list[i].samples)] = i + 1;
    }
    return true;
}

static int layers_of(const ql_tries *t, const ql_layer_mode *modes)
{
    int layers = 0;
    for (int op = 0; op < t->operators; op++) {
        layers += modes[op] != QL_LAYER_KEEP;
    }
    return layers;
}

static ql_code add(ql_tries *t, const ql_layer_mode *modes, uint64_t samples, const ql_bench_result *result,
                   bool asked, ql_err *err)
{
    if (t->count == t->capacity && !grow(t)) {
        return ql_fail_memory(err, (size_t)t->capacity * sizeof *t->list);
    }
    ql_try one = {.modes = ql_take_copy(&t->arena, modes, mode_bytes(t)),
                  .samples = samples,
                  .layers = layers_of(t, modes),
                  .asked = asked,
                  .result = *result};
    if (!one.modes) {
        return ql_fail_memory(err, mode_bytes(t));
    }
    size_t slot = slot_of(t, modes, samples);
    if (!t->slots[slot]) {
        t->list[t->count] = one;
        t->slots[slot] = ++t->count;
        t->asked += asked;
    } else if (t->list[t->slots[slot] - 1].result.lost) { /* measured to the end after all */
        ql_try *there = &t->list[t->slots[slot] - 1];
        t->asked += asked && !there->asked;
        there->asked = there->asked || asked;
        there->result = *result;
    }
    return QL_OK;
}

/* --- The file: a line of text a plan, numbers to the last bit --- */

/* Of a mode, and of everything else that figures are about. */
static const char letters[] = ".fw4ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static void print_try(const ql_try *one, int operators, char *text, size_t size)
{
    const ql_whatif_figures *f = &one->result.figures;
    const ql_mixed_cost *c = &one->result.cost;
    for (int op = 0; op < operators; op++) {
        text[op] = letters[one->modes[op]];
    }
    snprintf(text + operators, size - (size_t)operators,
             " %" PRIu64 " %a %a %a %a %" PRIu64 " %d %" PRIu64 " %" PRIu64 " %" PRIu64, one->samples,
             f->sqnr_db, f->sqnr_half, f->top1, f->accuracy, f->samples, c->boundaries, c->macs,
             c->float_macs, c->i16_macs);
}

static bool parse_modes(const char *text, int operators, ql_layer_mode *modes)
{
    for (int op = 0; op < operators; op++) {
        const char *letter = text[op] ? strchr(letters, text[op]) : NULL;
        if (!letter || letter - letters >= QL_LAYER_MODES) {
            return false;
        }
        modes[op] = (ql_layer_mode)(letter - letters);
    }
    return text[operators] == ' ';
}

static bool parse_real(const char **text, double *value)
{
    char *end;
    *value = strtod(*text, &end);
    bool good = end != *text;
    *text = end;
    return good;
}

static bool parse_try(const char *text, int operators, ql_layer_mode *modes, uint64_t *samples,
                      ql_bench_result *result)
{
    ql_whatif_figures *f = &result->figures;
    ql_mixed_cost *c = &result->cost;
    if (!parse_modes(text, operators, modes)) {
        return false;
    }
    char *end;
    *samples = strtoull(text + operators, &end, 10);
    const char *at = end;
    return *samples && parse_real(&at, &f->sqnr_db) && parse_real(&at, &f->sqnr_half) &&
           parse_real(&at, &f->top1) && parse_real(&at, &f->accuracy) &&
           sscanf(at, " %" SCNu64 " %d %" SCNu64 " %" SCNu64 " %" SCNu64, &f->samples, &c->boundaries,
                  &c->macs, &c->float_macs, &c->i16_macs) == 5;
}

/* What the figures are about, as text: a file about anything else is no use. */
static void subject(const ql_tries *t, char *text, size_t size)
{
    const ql_engine_options *o = ql_bench_options(t->bench);
    char hex[2][65];
    const ql_model *models[] = {o->reference.model, o->candidate.model};
    for (int i = 0; i < 2; i++) {
        ql_sha256 sha;
        ql_sha256_start(&sha);
        ql_sha256_add(&sha, models[i]->bytes, models[i]->bytes ? models[i]->byte_count : 0);
        ql_sha256_hex(&sha, hex[i]);
    }
    snprintf(text, size, "%s:%d %s:%d %s %" PRIu64 " %s/%s", hex[0], o->reference.subgraph, hex[1],
             o->candidate.subgraph, ql_dataset_sha256(o->data), ql_bench_samples(t->bench),
             o->reference_numerics ? o->reference_numerics->name : "",
             o->candidate_numerics ? o->candidate_numerics->name : "");
}

ql_code ql_tries_save(ql_tries *t, ql_err *err)
{
    ql_doc d = {0};
    char about[512];
    size_t size = (size_t)t->operators + 256;
    bool writes = t->path && ql_ranks_first(ql_bench_options(t->bench)->ranks);
    char *text = writes ? malloc(size) : NULL;
    if (!text) {
        return writes ? ql_fail_memory(err, size) : QL_OK;
    }
    ql_json *root = ql_json_object(&d);
    subject(t, about, sizeof about);
    ql_put_text(&d, root, "schema", SCHEMA);
    ql_put_text(&d, root, "subject", about);
    ql_json *list = ql_put_array(&d, root, "measured");
    for (int i = 0; i < t->count; i++) {
        print_try(&t->list[i], t->operators, text, size);
        ql_put_text(&d, list, NULL, text);
    }
    ql_code code = ql_doc_check(&d, err);
    code = code ? code : ql_json_write(root, t->path, err);
    ql_json_free(root);
    free(text);
    t->written.count = t->count;
    t->written.seconds = (int64_t)time(NULL);
    return code;
}

static ql_code read_list(ql_tries *t, const ql_json *list, ql_err *err)
{
    ql_layer_mode *modes = calloc((size_t)t->operators + 1, sizeof *modes);
    ql_code code = modes ? QL_OK : ql_fail_memory(err, mode_bytes(t));
    for (const ql_json *line = ql_json_first(list); line && !code; line = ql_json_next(line)) {
        const char *text = ql_json_text(line);
        uint64_t samples = 0;
        ql_bench_result result = {.figures = {0}};
        if (!text || strlen(text) < (size_t)t->operators ||
            !parse_try(text, t->operators, modes, &samples, &result)) {
            code =
                ql_fail(err, QL_E_FORMAT, "not a checkpoint: '%.40s' is no measured plan", text ? text : "");
        }
        result.lost = !result.figures.samples;
        code = code ? code : add(t, modes, samples, &result, false, err);
    }
    free(modes);
    return code;
}

static ql_code read_text(ql_tries *t, const char *bytes, size_t count, ql_err *err)
{
    ql_json *root;
    char about[512];
    ql_code code = ql_json_parse(&root, bytes, count, err);
    if (code) {
        return ql_at_file(err, t->path);
    }
    subject(t, about, sizeof about);
    if (strcmp(ql_json_get_text(root, "schema", ""), SCHEMA) != 0) {
        code = ql_fail(err, QL_E_FORMAT, "not a checkpoint: schema %s is required", SCHEMA);
    } else if (strcmp(ql_json_get_text(root, "subject", ""), about) != 0) {
        code = ql_fail(err, QL_E_FIT, "this checkpoint is of other models, data or samples: remove it first");
    } else {
        code = read_list(t, ql_json_get(root, "measured"), err);
    }
    ql_json_free(root);
    return code ? ql_at_file(err, t->path) : QL_OK;
}

/* Of several ranks the first reads the file for all. */
static ql_code read_file(ql_tries *t, ql_err *err)
{
    ql_ranks *ranks = ql_bench_options(t->bench)->ranks;
    bool there = t->path && ql_ranks_first(ranks) && !(access(t->path, F_OK) && errno == ENOENT);
    char *bytes = NULL;
    size_t count = 0;
    ql_gathered all;
    if (!t->path) {
        return QL_OK;
    }
    ql_code code = there ? ql_file_read(t->path, &bytes, &count, err) : QL_OK;
    code = ql_ranks_share(ranks, code, bytes ? bytes : "", count, &all, err);
    const char *text = code ? NULL : ql_gathered_of(&all, 0, &count);
    code = code || !count ? code : read_text(t, text, count, err);
    ql_gathered_free(&all);
    free(bytes);
    return code;
}

ql_code ql_tries_open(ql_tries *t, ql_bench *bench, const char *path, ql_err *err)
{
    const ql_side *side = &ql_bench_options(bench)->candidate;
    *t = (ql_tries){.bench = bench,
                    .path = path,
                    .operators = side->model->subgraphs[side->subgraph].operator_count,
                    .written.seconds = (int64_t)time(NULL)};
    ql_arena_init(&t->arena, 0);
    return grow(t) ? read_file(t, err) : ql_fail_memory(err, START_SLOTS * sizeof(ql_try));
}

void ql_tries_close(ql_tries *t)
{
    free(t->list);
    free(t->slots);
    ql_arena_free(&t->arena);
    *t = (ql_tries){0};
}

/* --- Measuring --- */

/* So few that an interruption loses little. */
static int at_once(const ql_tries *t, uint64_t samples)
{
    const ql_try *any = t->count ? &t->list[0] : NULL;
    double work = any ? (double)any->result.cost.macs * (double)samples : 0;
    double plans = work > 0 ? WORK_AT_ONCE / work : MOST_AT_ONCE;
    return plans < LEAST_AT_ONCE ? LEAST_AT_ONCE : plans > MOST_AT_ONCE ? MOST_AT_ONCE : (int)plans;
}

/* What is asked of plans together. */
typedef struct {
    uint64_t samples;
    ql_tries_bound bound; /* NULL: to the end */
    void *user;
} request;

static double work_of(const ql_tries *t, const ql_layer_mode *modes, uint64_t samples)
{
    int changed = 0;
    for (int op = 0; op < t->operators; op++) {
        changed += modes[op] == QL_LAYER_FLOAT;
    }
    double share = t->operators ? (double)changed / t->operators : 0;
    return (double)samples * (1 + QL_FLOAT_LAYER * share);
}

static ql_code evaluate(ql_tries *t, const ql_layer_mode *const *plans, const double *most, int count,
                        uint64_t samples, ql_bench_result *results, ql_err *err)
{
    t->at_work = 0;
    for (int i = 0; i < count; i++) {
        t->at_work += work_of(t, plans[i], samples);
    }
    ql_code code = ql_bench_evaluate_until(t->bench, plans, most, count, samples, results, err);
    t->work += t->at_work;
    t->at_work = 0;
    return code;
}

static ql_code measure_some(ql_tries *t, const ql_layer_mode *const *plans, int count, const request *r,
                            ql_err *err)
{
    ql_bench_result results[MOST_AT_ONCE] = {{.cost = {0}}};
    double most[MOST_AT_ONCE] = {0};
    uint64_t samples = r->samples;
    for (int i = 0, before = -1; i < count && r->bound; i++) {
        int layers = layers_of(t, plans[i]);
        most[i] = layers == before ? most[i - 1] : r->bound(r->user, layers);
        before = layers;
    }
    ql_code code = evaluate(t, plans, r->bound ? most : NULL, count, samples, results, err);
    for (int i = 0; i < count && !code; i++) {
        code = add(t, plans[i], samples, &results[i], true, err);
    }
    bool due = t->count > t->written.count && (int64_t)time(NULL) - t->written.seconds >= SAVE_SECONDS;
    if (due || code == QL_E_INTERRUPTED) {
        ql_err other;
        ql_err_clear(&other);
        ql_code saved = ql_tries_save(t, &other);
        if (saved && !code) {
            *err = other;
            code = saved;
        }
    }
    return code;
}

/* True for what is known already; then it counts as asked. */
static bool recall(ql_tries *t, const ql_layer_mode *modes, const request *r)
{
    int index = t->slots[slot_of(t, modes, r->samples)];
    ql_try *one = index ? &t->list[index - 1] : NULL;
    if (!one || (one->result.lost && !r->bound)) {
        return false;
    }
    t->asked += !one->asked;
    one->asked = true;
    return true;
}

static ql_code measure(ql_tries *t, const ql_layer_mode *const *plans, int count, const request *r,
                       ql_err *err)
{
    const ql_layer_mode *some[MOST_AT_ONCE];
    int waiting = 0;
    ql_code code = QL_OK;
    for (int i = 0; i < count && !code; i++) {
        bool again = recall(t, plans[i], r);
        for (int k = 0; k < waiting && !again; k++) {
            again = !memcmp(some[k], plans[i], mode_bytes(t));
        }
        if (!again) {
            some[waiting++] = plans[i];
        }
        if (waiting == at_once(t, r->samples)) {
            code = measure_some(t, some, waiting, r, err);
            waiting = 0;
        }
    }
    return code || !waiting ? code : measure_some(t, some, waiting, r, err);
}

ql_code ql_tries_measure(ql_tries *t, const ql_layer_mode *const *plans, int count, uint64_t samples,
                         ql_err *err)
{
    return measure(t, plans, count, &(request){.samples = samples}, err);
}

ql_code ql_tries_measure_until(ql_tries *t, const ql_layer_mode *const *plans, int count, uint64_t samples,
                               ql_tries_bound bound, void *user, ql_err *err)
{
    return measure(t, plans, count, &(request){samples, bound, user}, err);
}
