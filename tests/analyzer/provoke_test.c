/* Each finding of compare, provoked by a model made for it; one more case is one line of `cases`.
 *
 * A case is a small float graph on [1,8,8,16], "conv a x; add b a x": operators (the rows of `kinds`), what
 * they make, what they read. Its twin in int8 is made by the product's own calibration and quantizer, with
 * one range or one layer's weights changed as the case says, and compared with it. */
#include "analyzer/analyzer.h"
#include "analyzer/compare/engine.h"
#include "analyzer/findings/diagnose.h"
#include "analyzer/findings/facts.h"
#include "tests/support/net.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHANNELS = 16, SIDE = 8, SAMPLES = 16, LAYERS = 6, SIZE = SIDE * SIDE * CHANNELS };

/* How a layer's weights differ from plain random ones. */
typedef enum {
    PLAIN,
    LARGE,       /* all are 100 times as large */
    ONE_LARGE,   /* those of channel 0 are 60 times as large */
    HALF_SMALL,  /* those of every other channel 1/200 */
    HALF_SMALL6, /* so, and the others large enough to reach 6 */
    MAKES_UP,    /* reads every other channel 200 times as strongly */
    NEGATIVE,    /* the bias is -4 */
    DEAD         /* those of channel 3 are 0 */
} gain;

typedef enum { AS_IT_IS, NOISE, PER_TENSOR, SAME_MODEL } way;

static const struct {
    const char *code, *severity, *tensor; /* tensor NULL: of the whole model */
    const char *graph;
    char gain_of; /* the layer's tensor; 0: none */
    gain gain;
    char range_of; /* whose calibrated range is multiplied; 0: none */
    double range_times;
    way way;
    const char *says; /* in the evidence; NULL: anything */
} cases[] = {
    {"saturation", "warning", "b", "conv a x; conv b a", 0, PLAIN, 'b', 0.3, AS_IT_IS, "holds"},
    {"range-too-narrow", "warning", "b", "conv a x; conv b a", 0, PLAIN, 'b', 0.5, AS_IT_IS,
     "the true range would give"},
    {"range-too-narrow", "note", "b", "conv a x; conv b a", 0, PLAIN, 'b', 0.8, AS_IT_IS,
     "the true range would give"},
    {"range-too-wide", "warning", "a", "conv a x; conv b a", 0, PLAIN, 'a', 10, AS_IT_IS,
     "the true range would give"},
    {"range-too-wide", "note", "a", "conv a x; conv b a", 0, PLAIN, 'a', 4, AS_IT_IS, "12.0 dB"},
    {"outliers", "warning", "f", "conv a x; mul b a a; mul c b b; mul d c c; mul e d d; mul f e e", 0, PLAIN,
     0, 1, AS_IT_IS, "99.8 %"},
    {"few-levels", "note", "a", "conv a x; conv b a", 0, PLAIN, 'a', 20, AS_IT_IS, "of 256 levels"},
    {"few-levels", "warning", "a", "conv a x; conv b a", 0, PLAIN, 'a', 60, AS_IT_IS, "of 256 levels"},
    {"channel-spread", "note", "a", "conv a x; conv b a", 'a', HALF_SMALL, 0, 1, AS_IT_IS, "of 16 channels"},
    {"channel-outlier", "warning", "a", "conv a x; conv b a", 'a', ONE_LARGE, 0, 1, AS_IT_IS,
     "channel 0 spans"},
    {"culprit-tensor", "error", "a", "conv a x; conv b a", 'a', HALF_SMALL, 'b', 1, AS_IT_IS,
     "8 of 16 channels"},
    {"weights-spread", "warning", "a", "conv a x; conv b a", 'a', ONE_LARGE, 0, 1, PER_TENSOR,
     "times the median"},
    {"scale-mismatch", "note", "c", "conv a x; conv b x; add c a b", 'b', LARGE, 0, 1, AS_IT_IS, "steps"},
    {"scale-mismatch", "warning", "c", "conv a x; conv b x; concat c a b", 'b', LARGE, 0, 1, AS_IT_IS,
     "steps"},
    {"relu6-pattern", "warning", "a", "conv6 a x; conv b a", 'a', HALF_SMALL6, 0, 1, AS_IT_IS, "reach the 6"},
    {"relu6-pattern", "warning", "b", "conv a x; relu6 b a", 'a', HALF_SMALL6, 0, 1, AS_IT_IS, "reach the 6"},
    {"swish-pattern", "warning", "b", "conv a x; hard_swish b a", 'a', NEGATIVE, 0, 1, AS_IT_IS,
     "HARD_SWISH"},
    {"swish-pattern", "warning", "b", "conv a x; logistic l a; mul b a l", 'a', NEGATIVE, 0, 1, AS_IT_IS,
     "MUL"},
    {"dead-channel", "note", "a", "conv a x; conv b a", 'a', DEAD, 0, 1, AS_IT_IS, "1 of 16"},
    {"local-error", "warning", "b", "conv a x; conv b a", 0, PLAIN, 'b', 0.3, AS_IT_IS, "on its own inputs"},
    {"output-differs", "error", NULL, "conv a x; conv b a", 0, PLAIN, 'b', 0.03, AS_IT_IS, "output SQNR"},
    {"data-out-of-range", "warning", "x", "conv a x; conv b a", 0, PLAIN, 'x', 0.5, AS_IT_IS,
     "the data span"},
    {"noise-input", "note", NULL, "conv a x; conv b a", 0, PLAIN, 0, 1, NOISE, "random"},
    {"kernel-divergence", "note", "a", "conv a x; conv b a", 0, PLAIN, 0, 1, SAME_MODEL,
     "the two kernels differ"},
};
enum { CASES = sizeof cases / sizeof *cases };

/* --- The float model --- */

static const struct {
    const char *name;
    int code, table, first, second;
} kinds[] = {{"conv", 3, 1, 0, 1},         {"conv6", 3, 1, 0, 1},    {"add", 0, 11, 0, 0},
             {"mul", 18, 21, 0, 0},        {"concat", 2, 10, 3, 0},  {"relu6", 21, 0, 0, 0},
             {"hard_swish", 117, 0, 0, 0}, {"logistic", 14, 0, 0, 0}};

static net n;
static float weights[LAYERS][CHANNELS][CHANNELS], biases[LAYERS][CHANNELS];
static char ids[NET_TENSORS][2];
static int layers;

static float random_value(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) / (1 << 23) - 1;
}

static void make_weights(int layer, gain how)
{
    uint32_t state = (uint32_t)layer * 7919u + 17u;
    for (int o = 0; o < CHANNELS; o++) {
        float times = how == LARGE                 ? 100
                      : how == ONE_LARGE && !o     ? 60
                      : how == HALF_SMALL && o % 2 ? 1 / 200.0F
                      : how == HALF_SMALL6         ? (o % 2 ? 1 / 20.0F : 10)
                      : how == DEAD && o == 3      ? 0
                                                   : 1;
        biases[layer][o] = how == NEGATIVE ? -4 : 0;
        for (int i = 0; i < CHANNELS; i++) {
            weights[layer][o][i] = times * random_value(&state) * (how == MAKES_UP && i % 2 ? 200 : 1);
        }
    }
}

static int named(char id)
{
    for (int t = 0; t < n.subgraphs[0].tensor_count; t++) {
        if (ids[t][0] == id) {
            return t;
        }
    }
    return -1;
}

static int add_tensor(int rank, const int32_t *dims, const void *data, char id)
{
    int t = net_tensor(&n, 0, QL_F32, rank, dims, data);
    ids[t][0] = id;
    n.subgraphs[0].tensors[t].name = (ql_str){ids[t], 1};
    return t;
}

static int32_t channels_of(int t)
{
    return n.graphs[0].shapes[t][3];
}

static void add_conv(const char *kind, char out, int from, gain how)
{
    const int32_t shape[] = {CHANNELS, 1, 1, CHANNELS}, count[] = {CHANNELS};
    const int32_t dims[] = {1, SIDE, SIDE, CHANNELS};
    ck_assert_int_lt(layers, LAYERS);
    make_weights(layers, how);
    int w = add_tensor(4, shape, weights[layers], (char)('A' + 2 * layers));
    int b = add_tensor(1, count, biases[layers], (char)('B' + 2 * layers));
    int y = add_tensor(4, dims, NULL, out);
    layers++;
    int op = net_op(&n, 0, 3, NET_LIST(from, w, b), NET_LIST(y), 1, 1, 1); /* padding VALID, stride 1 */
    n.graphs[0].options[op][2].i = n.graphs[0].options[op][4].i = n.graphs[0].options[op][5].i = 1;
    n.graphs[0].options[op][3].i = !strcmp(kind, "conv6") ? QL_FUSED_RELU6 : QL_FUSED_NONE;
}

static void add_operator(const char *text, gain how)
{
    char kind[16] = "", out = 0, first = 0, second = 0;
    int count = sscanf(text, " %15s %c %c %c", kind, &out, &first, &second);
    size_t k = 0;
    ck_assert_int_ge(count, 3);
    while (k < sizeof kinds / sizeof *kinds && strcmp(kind, kinds[k].name) != 0) {
        k++;
    }
    ck_assert_msg(k < sizeof kinds / sizeof *kinds, "%s", kind);
    int x = named(first), y = count > 3 ? named(second) : -1;
    if (kinds[k].code == 3) {
        add_conv(kind, out, x, how);
        return;
    }
    int32_t channels = kinds[k].code == 2 ? channels_of(x) + channels_of(y) : channels_of(x);
    int t = add_tensor(4, (const int32_t[]){1, SIDE, SIDE, channels}, NULL, out);
    net_op(&n, 0, kinds[k].code, y < 0 ? NET_LIST(x) : NET_LIST(x, y), NET_LIST(t), kinds[k].table,
           kinds[k].first, kinds[k].second);
}

static void make_float(int i)
{
    char text[256];
    memset(&n, 0, sizeof n);
    memset(ids, 0, sizeof ids);
    layers = 0;
    net_graph_add(&n);
    add_tensor(4, (const int32_t[]){1, SIDE, SIDE, CHANNELS}, NULL, 'x');
    snprintf(text, sizeof text, "%s", cases[i].graph);
    char *rest = NULL;
    for (char *one = strtok_r(text, ";", &rest); one; one = strtok_r(NULL, ";", &rest)) {
        char out = strchr(one + 1, ' ')[1];
        bool culprit = !strcmp(cases[i].code, "culprit-tensor") && out == 'b';
        add_operator(one, culprit ? MAKES_UP : out == cases[i].gain_of ? cases[i].gain : PLAIN);
    }
    net_io(&n, 0, NET_LIST(0), NET_LIST(n.subgraphs[0].tensor_count - 1));
}

/* --- Its twin --- */

static ql_dataset *open_data(way how)
{
    static float values[SAMPLES * SIZE];
    char path[128];
    uint32_t state = 1;
    ql_npz_writer *writer;
    ql_dataset *data;
    const ql_model *const models[] = {&n.model, &n.model};
    ql_data_options options = {0};
    for (int i = 0; i < SAMPLES * SIZE; i++) {
        values[i] = random_value(&state);
    }
    snprintf(path, sizeof path, "/tmp/qloupe-provoke-%ld.npz", (long)getpid());
    ck_assert_int_eq(ql_npz_create(&writer, path, NULL), QL_OK);
    ql_npz_add(writer, "x", QL_F32, 4, (const int32_t[]){SAMPLES, SIDE, SIDE, CHANNELS}, values, NULL);
    ck_assert_int_eq(ql_npz_finish(writer, NULL), QL_OK);
    ck_assert_int_eq(ql_dataset_open(&data, how == NOISE ? "random:4" : path, models, (const int[]){0, 0}, 2,
                                     &options, NULL),
                     QL_OK);
    unlink(path);
    return data;
}

/* One scale for all the weights of each layer, the largest. */
static void join_scales(ql_model *model)
{
    static float scales[LAYERS];
    static int8_t bytes[LAYERS][CHANNELS * CHANNELS];
    ql_subgraph *graph = &model->subgraphs[0];
    int layer = 0;
    for (int t = 0; t < graph->tensor_count; t++) {
        ql_tensor *tensor = &graph->tensors[t];
        if (tensor->type != QL_I8 || !tensor->data) {
            continue;
        }
        ck_assert_int_lt(layer, LAYERS);
        scales[layer] = 0;
        for (int c = 0; c < CHANNELS; c++) {
            scales[layer] = fmaxf(scales[layer], tensor->quant.scale[c]);
        }
        for (int k = 0; k < CHANNELS * CHANNELS; k++) {
            float value = (float)((const int8_t *)tensor->data)[k] * tensor->quant.scale[k / CHANNELS];
            bytes[layer][k] = (int8_t)lroundf(value / scales[layer]);
        }
        tensor->data = bytes[layer];
        tensor->quant.scale = &scales[layer++];
        tensor->quant.scale_count = 1;
    }
}

static ql_model *make_twin(int i, const ql_dataset *data)
{
    ql_ranges ranges;
    ql_model *twin;
    ql_calibrate_options calibrate = {.model = &n.model, .data = data, .levels = 256};
    ck_assert_int_eq(ql_calibration_parse(&calibrate.method, "minmax", NULL), QL_OK);
    ck_assert_int_eq(ql_ranges_init(&ranges, n.subgraphs[0].tensor_count, NULL), QL_OK);
    ck_assert_int_eq(ql_calibrate(&calibrate, &ranges, NULL), QL_OK);
    if (cases[i].range_of) {
        ql_tensor_range *range = &ranges.tensors[named(cases[i].range_of)];
        range->min *= (float)cases[i].range_times;
        range->max *= (float)cases[i].range_times;
    }
    ql_quantize_options options = {.mode = QL_MODE_INT8, .ranges = &ranges, .io = QL_I8};
    ck_assert_int_eq(ql_quantize(&twin, &n.model, &options, NULL), QL_OK);
    ql_ranges_free(&ranges);
    if (cases[i].way == PER_TENSOR) {
        join_scales(twin);
    }
    return twin;
}

static ql_json *compare(int i)
{
    static const uint8_t name[] = "float";
    make_float(i);
    ql_dataset *data = open_data(cases[i].way);
    ql_model *twin = make_twin(i, data);
    bool same = cases[i].way == SAME_MODEL;
    n.model.bytes = name; /* another file than the twin's */
    n.model.byte_count = sizeof name;
    ql_arena arena;
    ql_pairing pairing;
    ql_comparison comparison;
    ql_json *result = NULL;
    ql_arena_init(&arena, 0);
    ql_engine_options engine = {.reference = {same ? twin : &n.model, 0},
                                .candidate = {twin, 0},
                                .pairing = &pairing,
                                .data = data,
                                .candidate_numerics = same ? ql_numerics_named("xnnpack") : NULL,
                                .threads = 1,
                                .local = true};
    ck_assert_int_eq(ql_pair_models(engine.reference, engine.candidate, &arena, &pairing, NULL), QL_OK);
    ck_assert_int_eq(ql_engine_run(&engine, &comparison, NULL), QL_OK);
    ck_assert_int_eq(ql_result_frame(&result, &engine, NULL), QL_OK);
    ck_assert_int_eq(ql_result_fill(result, &comparison, false, NULL), QL_OK);
    ql_comparison_free(&comparison);
    ql_arena_free(&arena);
    ql_model_close(twin);
    ql_dataset_close(data);
    return result;
}

/* --- What is found --- */

static bool is_it(const ql_json *finding, int i)
{
    const ql_json *tensor = ql_json_first(ql_json_get(finding, "tensors"));
    while (tensor && cases[i].tensor && strcmp(ql_json_text(tensor), cases[i].tensor) != 0) {
        tensor = ql_json_next(tensor);
    }
    return !strcmp(ql_json_get_text(finding, "code", ""), cases[i].code) && (tensor || !cases[i].tensor);
}

START_TEST(a_model_made_for_it_provokes_it)
{
    ql_json *result = compare(_i);
    const ql_json *finding = ql_json_first(ql_json_get(result, "findings"));
    char others[400] = "";
    while (finding && !is_it(finding, _i)) {
        size_t used = strlen(others);
        const ql_json *tensor = ql_json_first(ql_json_get(finding, "tensors"));
        snprintf(others + used, sizeof others - used, " %s(%s)", ql_json_get_text(finding, "code", ""),
                 tensor ? ql_json_text(tensor) : "");
        finding = ql_json_next(finding);
    }
    ck_assert_msg(finding != NULL, "case %d: no %s, but%s", _i, cases[_i].code, others);
    const char *severity = ql_json_get_text(finding, "severity", ""),
               *evidence = ql_json_get_text(finding, "evidence", "");
    ck_assert_msg(!strcmp(severity, cases[_i].severity), "case %d: %s is a %s: %s", _i, cases[_i].code,
                  severity, evidence);
    ck_assert_msg(!cases[_i].says || strstr(evidence, cases[_i].says), "case %d: %s: %s", _i, cases[_i].code,
                  evidence);
    ql_json_free(result);
}
END_TEST

START_TEST(each_finding_is_provoked)
{
    for (int r = 0; r < ql_diagnosis_count; r++) {
        bool provoked = false;
        for (int i = 0; i < CASES; i++) {
            provoked = provoked || !strcmp(cases[i].code, ql_diagnoses[r].code);
        }
        ck_assert_msg(provoked, "%s", ql_diagnoses[r].code);
    }
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("provoke");
    TCase *tests = tcase_create("provoke");
    tcase_add_loop_test(tests, a_model_made_for_it_provokes_it, 0, CASES);
    tcase_add_test(tests, each_finding_is_provoked);
    suite_add_tcase(suite, tests);
    return suite;
}
