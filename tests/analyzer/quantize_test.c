#include "analyzer/analyzer.h"
#include "analyzer/rewrite/maker.h"
#include "analyzer/rewrite/spread.h"
#include "tests/support/graph_text.h"
#include "tests/support/suite.h"

#include <math.h>

static ql_err err;

/* --- Formulas --- */

static const struct {
    float min, max;
    ql_type type;
    float scale;
    int32_t zero;
} activations[] = {
    {0, 6, QL_I8, 6.0f / 255, -128},
    {0, 6, QL_U8, 6.0f / 255, 0},
    {-1, 1, QL_I8, 2.0f / 255, -1}, /* -0.5 rounds away from zero */
    {-2, 1, QL_I8, 3.0f / 255, 42},
    {1, 4, QL_I8, 4.0f / 255, -128}, /* 0 is always held */
    {-4, -1, QL_I8, 4.0f / 255, 127},
    {0, 0, QL_I8, 1e-6f / 255, 0},
    {-0.1f, 0.2f, QL_I8, (0.2f - -0.1f) / 255, -43}, /* in float32: the double rounds to another float */
    {-3, 1, QL_I16, 3.0f / 32767, 0},
    {0, 0, QL_I16, 5e-7f / 32767, 0},
};

START_TEST(activation_parameters)
{
    ql_tensor_range range = {true, activations[_i].min, activations[_i].max};
    ql_param param = ql_activation_param(range, activations[_i].type);
    ck_assert(param.set);
    ck_assert_msg(param.scale == activations[_i].scale, "scale %.9g", (double)param.scale);
    ck_assert_int_eq(param.zero, activations[_i].zero);
}
END_TEST

static const int32_t weight_shape[] = {2, 3};
static const float weight_values[] = {0.5f, -1.27f, 0.005f, 0, 0, 0};
static const ql_tensor weights = {
    .type = QL_F32, .rank = 2, .shape = weight_shape, .data = weight_values, .bytes = sizeof weight_values};

START_TEST(weights_by_channel)
{
    float scales[3];
    int8_t q[6];
    ck_assert_int_eq(ql_weight_channels(&weights, 0), 2);
    ql_weight_scales(&weights, 0, scales);
    ck_assert(scales[0] == 1.27f / 127);
    ck_assert(scales[1] == 5e-7f / 127); /* nothing but zeros */
    ql_quantize_weights(&weights, 0, scales, q);
    ck_assert_int_eq(q[0], 50);
    ck_assert_int_eq(q[1], -127);
    ck_assert_int_eq(q[2], (int)round(0.005 / (double)scales[0]));
    ck_assert_int_eq(q[3], 0);
    ql_weight_scales(&weights, 1, scales); /* the last axis: columns */
    ck_assert(scales[0] == 0.5f / 127 && scales[1] == 1.27f / 127 && scales[2] == 0.005f / 127);
    ql_weight_scales(&weights, -1, scales);
    ck_assert(scales[0] == 1.27f / 127);
}
END_TEST

START_TEST(values_round_away_from_zero_and_clip)
{
    const float values[] = {0.5f, -0.5f, 1.5f, 1000, -1000, NAN};
    int8_t q[6];
    int16_t wide[6];
    ql_quantize_values(values, 6, (ql_param){true, 1, 10}, QL_I8, q);
    const int8_t want[] = {11, 9, 12, 127, -128, 10};
    ck_assert_mem_eq(q, want, sizeof q);
    ql_quantize_values(values, 6, (ql_param){true, 0.01f, 0}, QL_I16, wide);
    const int16_t want_wide[] = {50, -50, 150, 32767, -32768, 0};
    ck_assert_mem_eq(wide, want_wide, sizeof wide);
}
END_TEST

START_TEST(biases)
{
    const float values[] = {1, -3e9f, 0.25f};
    const float scales[] = {0.5f, 1, 0.5f};
    int32_t q[3];
    int64_t wide[3];
    ck_assert(ql_bias_scale(0.1f, 0.2f) == (float)((double)0.1f * (double)0.2f));
    ql_quantize_bias(values, 3, scales, 3, false, q);
    ck_assert(q[0] == 2 && q[1] == INT32_MIN && q[2] == 1);
    ql_quantize_bias(values, 3, scales, 3, true, wide);
    ck_assert(wide[0] == 2 && wide[1] == -3000000000 && wide[2] == 1);
    const float large = 4.0775337f, small = 5.1493794e-07f; /* the double quotient is 7918495.46 */
    ql_quantize_bias(&large, 1, &small, 1, true, wide);
    ck_assert_int_eq(wide[0], 7918496);
    ql_quantize_bias(&large, 1, &small, 1, false, q);
    ck_assert_int_eq(q[0], 7918495);
    float w = 1e-3f, b = 1e-6f;
    ck_assert(!ql_relieve_bias(1000, 1e-3f, &w, &b));
    ck_assert(ql_relieve_bias(2000, 1e-3f, &w, &b));
    ck_assert(b == (float)(2000.0 / (INT32_MAX / 2)) &&
              w == (float)(2000.0 / (INT32_MAX / 2) / (double)1e-3f));
}
END_TEST

START_TEST(halves)
{
    ck_assert_int_eq(ql_half_of(1), 0x3c00);
    ck_assert_int_eq(ql_half_of(1e9f), 0x7bff);
    ck_assert_int_eq(ql_half_of(-INFINITY), 0xfbff);
}
END_TEST

/* --- How parameters spread. Tensor number t has the range -(t+1) .. 2(t+1). Expected, for each word: "a=b" a
 * has b's parameters; "a=!" fixed ones; "a?" none; "a@f" the operator that makes a stays float; "a.1=b" it
 * needs its input 1 in b's; "a>b" it makes a in b's, then converted. --- */
static const struct {
    const char *what, *graph, *expected;
    ql_type type;
} spreads[] = {
    {"own ranges", "in x; conv a x w1; exp b a", "x=x a=a b=b", QL_I8},
    {"forward through one operand", "in x; conv a x w1; reshape b a; exp c b", "a=a b=a c=c", QL_I8},
    {"back from a join to its makers", "in x; conv a x w1; max2 m a; exp e x; concat c m e",
     "a=c m=c e=c c=c x=x", QL_I8},
    {"16 bits: a join converts its operands", "in x; conv a x w1; max2 m a; exp e x; concat c m e",
     "a=a m=a e=e c=c c.0=c c.1=c", QL_I16},
    {"the last of two joins gives, the other converts", "in x; exp a x; exp b x; concat c a b; concat d a c",
     "c=d a=d b=d d=d", QL_I8},
    {"a fixed output", "in x; softmax s x; reshape r s", "s=! r=!", QL_I8},
    {"a fixed output into a join", "in x; exp a x; softmax s x; concat c a s", "a=c s=c s>!", QL_I8},
    {"float operators", "in x; ceil a x; exp b a", "a@f b=b", QL_I8},
    {"int16 without a kernel", "in x; softmax s x; relu r s", "s=! r=r", QL_I16},
    {"a constant of a join", "in x; exp a x; concat c a w1", "a=c c=c c.1=c", QL_I8},
    {"an input into a join", "in x; exp a x; concat c a x", "x=c a=c c=c", QL_I8},
};

static graph_text graph;

static ql_tensor_range range_of(int t)
{
    float size = (float)(t + 1);
    return (ql_tensor_range){true, -size, 2 * size};
}

static ql_param wanted(const char *word, ql_type type)
{
    if (*word == '!') {
        return type == QL_I16 ? (ql_param){true, 1.0f / 32768, 0} : (ql_param){true, 1.0f / 256, -128};
    }
    return ql_activation_param(range_of(graph_text_find(&graph, word)), type);
}

static bool holds(const ql_spread *s, const char *word)
{
    char id[16];
    size_t length = strcspn(word, ".=>?@");
    snprintf(id, sizeof id, "%.*s", (int)length, word);
    int t = graph_text_find(&graph, id), op = s->producer[t];
    const char *rest = word + length;
    switch (*rest) {
    case '=':
        return ql_param_equal(s->tensors[t], wanted(rest + 1, s->type));
    case '?':
        return !s->tensors[t].set;
    case '@':
        return !s->integer[op];
    case '>':
        return ql_param_equal(s->outs[s->first_out[op]], wanted(rest + 1, s->type));
    default:
        return ql_param_equal(s->ins[s->first_in[op] + rest[1] - '0'], wanted(rest + 3, s->type));
    }
}

static ql_ranges ranges_for(const graph_text *g)
{
    ql_ranges ranges;
    ck_assert_int_eq(ql_ranges_init(&ranges, g->graph.tensor_count, &err), QL_OK);
    for (int t = 0; t < g->graph.tensor_count; t++) {
        if (!g->tensors[t].data && g->tensors[t].type == QL_F32) {
            ranges.tensors[t] = range_of(t);
        }
    }
    return ranges;
}

START_TEST(parameters_spread)
{
    ql_spread s;
    char words[256], *state = NULL;
    ck_assert(graph_text_read(&graph, spreads[_i].graph, 1));
    ql_ranges ranges = ranges_for(&graph);
    ck_assert_int_eq(ql_spread_params(&s, &graph.model, 0, &ranges, spreads[_i].type, false, &err), QL_OK);
    snprintf(words, sizeof words, "%s", spreads[_i].expected);
    for (char *word = strtok_r(words, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
        ck_assert_msg(holds(&s, word), "%s: %s does not hold", spreads[_i].what, word);
    }
    ql_spread_free(&s);
    ql_ranges_free(&ranges);
}
END_TEST

/* --- Constants that several operators read: "op.input" that are one tensor, and that are not --- */
static const struct {
    const char *what, *graph;
    int one[2][2], two[2][2]; /* operator of the quantized model, input; counted from the last operator */
} sharings[] = {
    {"weights and bias of two inputs of other scales",
     "in x; exp a x; fc b x w1 w2; fc c a w1 w2; concat d b c",
     {{-3, 1}, {-4, 1}},
     {{-3, 2}, {-4, 2}}},
    {"and of a float operator between",
     "in x; exp a x; fc b x w1 w2; ceil y w2; fc c a w1 w2; concat d b c",
     {{-3, 1}, {-5, 1}},
     {{-3, 2}, {-5, 2}}},
};

static const ql_tensor *input_tensor(const ql_model *model, const int at[2])
{
    const ql_subgraph *from = &model->subgraphs[0];
    return &from->tensors[from->operators[from->operator_count + at[0]].inputs[at[1]]];
}

/* Is it b in units of the input's scale times the weights'? */
static void check_bias(const ql_model *model, int op, const float *real)
{
    const ql_tensor *x = input_tensor(model, (int[]){op, 0}), *w = input_tensor(model, (int[]){op, 1}),
                    *b = input_tensor(model, (int[]){op, 2});
    ck_assert(b->type == QL_I32 && b->bytes == 16 * sizeof(int32_t));
    ck_assert(b->quant.scale[0] == ql_bias_scale(x->quant.scale[0], w->quant.scale[0]));
    for (int i = 0; i < 16; i++) {
        double q = round((double)real[i] / (double)b->quant.scale[0]);
        ck_assert_int_eq(((const int32_t *)b->data)[i], (int32_t)q);
    }
}

START_TEST(constants_are_shared_where_they_are_the_same)
{
    ql_model *made;
    ck_assert(graph_text_read(&graph, sharings[_i].graph, 1));
    ql_ranges ranges = ranges_for(&graph);
    ql_quantize_options options = {.mode = QL_MODE_INT8, .ranges = &ranges, .io = QL_F32};
    ck_assert_msg(ql_quantize(&made, &graph.model, &options, &err) == QL_OK, "%s", err.text);
    const float *real = graph.tensors[graph_text_find(&graph, "w2")].data;
    ck_assert(input_tensor(made, sharings[_i].one[0]) == input_tensor(made, sharings[_i].one[1]));
    ck_assert(input_tensor(made, sharings[_i].two[0]) != input_tensor(made, sharings[_i].two[1]));
    check_bias(made, sharings[_i].two[0][0], real);
    check_bias(made, sharings[_i].two[1][0], real);
    ql_model_close(made);
    ql_ranges_free(&ranges);
}
END_TEST

/* --- Ranges --- */

static const struct {
    const char *what, *graph, *widened; /* "a=b": a's range takes in b's; other tensors keep theirs */
} widenings[] = {
    {"an operand used once", "in x; exp a x; exp b x; add c a b; exp d c", "a=c"},
    {"the first operand used again", "in x; exp a x; exp b x; add c a b; add d c a; exp e d", "b=c c=d"},
    {"a graph input, a graph output", "in x; exp a x; add c x a", ""},
    {"other operators", "in x; exp a x; relu b a; exp c b", ""},
};

START_TEST(ranges_widen)
{
    ck_assert(graph_text_read(&graph, widenings[_i].graph, 1));
    ql_ranges ranges = ranges_for(&graph);
    ck_assert_int_eq(ql_ranges_widen(&ranges, &graph.model, 0, &err), QL_OK);
    for (int t = 0; t < graph.graph.tensor_count; t++) {
        char key[24];
        snprintf(key, sizeof key, "%s=", graph.ids[t]);
        const char *found = strstr(widenings[_i].widened, key);
        char from[16] = "";
        if (found) {
            snprintf(from, sizeof from, "%.*s", (int)strcspn(found + strlen(key), " "), found + strlen(key));
        }
        ql_tensor_range want = range_of(found ? graph_text_find(&graph, from) : t);
        ck_assert_msg(ranges.tensors[t].max == want.max, "%s: %s", widenings[_i].what, graph.ids[t]);
    }
    ql_ranges_free(&ranges);
}
END_TEST

START_TEST(ranges_pass_over_what_is_not_finite)
{
    const float values[] = {NAN, -2, INFINITY, 3, -INFINITY};
    ql_tensor_range range = ql_range_of(values, 5);
    ck_assert(range.seen && range.min == -2 && range.max == 3);
    ck_assert(!ql_range_of(values, 1).seen);
}
END_TEST

static const struct {
    const char *text;
    float min,
        max; /* at least min, at most max is chosen, of values -1 .. 1, most of them small, and one of 4 */
} methods[] = {
    {"minmax", 4, 4}, {"percentile:99", 0.9f, 1.0f}, {"mse", 3.9f, 4}, {"lp:1", 0.2f, 2}, {"kl", 0.9f, 3},
};

START_TEST(methods_choose)
{
    static ql_hist hist;
    static double values[10001];
    ql_calibration c;
    memset(&hist, 0, sizeof hist);
    for (int i = 0; i < 10000; i++) {
        values[i] = pow(i / 5000.0 - 1, 5);
    }
    values[10000] = 4;
    ql_hist_add(&hist, values, 10001);
    ck_assert_int_eq(ql_calibration_parse(&c, methods[_i].text, &err), QL_OK);
    ql_tensor_range range = {true, -1, 4};
    range = c.row->choose ? c.row->choose(&hist, range, c.number, 256) : range;
    ck_assert_msg(range.max >= methods[_i].min && range.max <= methods[_i].max, "%s: %g", methods[_i].text,
                  (double)range.max);
}
END_TEST

START_TEST(methods_refuse)
{
    static const char *const bad[] = {"",    "max", "minmax:1", "percentile:200", "lp:x", "percentile:99.9x",
                                      "kl:1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ql_calibration c;
        ql_err_clear(&err);
        ck_assert_msg(ql_calibration_parse(&c, bad[i], &err) == QL_E_USAGE, "%s", bad[i]);
    }
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("quantize");
    TCase *formulas = tcase_create("formulas"), *spread = tcase_create("spread");
    tcase_add_loop_test(formulas, activation_parameters, 0, sizeof activations / sizeof *activations);
    tcase_add_test(formulas, weights_by_channel);
    tcase_add_test(formulas, values_round_away_from_zero_and_clip);
    tcase_add_test(formulas, biases);
    tcase_add_test(formulas, halves);
    tcase_add_loop_test(spread, parameters_spread, 0, sizeof spreads / sizeof *spreads);
    tcase_add_loop_test(spread, constants_are_shared_where_they_are_the_same, 0,
                        sizeof sharings / sizeof *sharings);
    tcase_add_loop_test(spread, ranges_widen, 0, sizeof widenings / sizeof *widenings);
    tcase_add_test(spread, ranges_pass_over_what_is_not_finite);
    tcase_add_loop_test(spread, methods_choose, 0, sizeof methods / sizeof *methods);
    tcase_add_test(spread, methods_refuse);
    suite_add_tcase(suite, formulas);
    suite_add_tcase(suite, spread);
    return suite;
}
