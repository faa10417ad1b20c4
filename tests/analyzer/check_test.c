/* The spec check on a good model, and on the same model with one thing wrong at a time. */
#include "analyzer/analyzer.h"
#include "tests/support/graph_text.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef enum {
    SCALE_TIMES,
    SCALE_IS,
    ZERO_PLUS,
    AXIS_IS,
    COUNT_IS,
    BYTE_IS,
    SHARES,
    TYPE_IS,
    READS,
    INT4_IS
} change;

/* What is done to tensor `tensor` of samples/digits_int8.tflite, and the code that must say so. (READS:
 * operator `tensor` reads tensor `value` as its input `channel`. INT4_IS:
 * all are int4 weights of 1, but for byte `channel`.) */
static const struct {
    const char *what;
    change change;
    int tensor, channel;
    double value;
    const char *code;
} mutations[] = {
    {"input scale", SCALE_TIMES, 0, 0, 1.01, "bias-scale"},
    {"input scale of a depthwise", SCALE_TIMES, 14, 0, 0.5, "bias-scale"},
    {"input scale of a projection", SCALE_TIMES, 15, 0, 2, "bias-scale"},
    {"input scale of the dense layer", SCALE_TIMES, 21, 0, 1.001, "bias-scale"},
    {"bias scale of one channel", SCALE_TIMES, 12, 3, 1.5, "bias-scale"},
    {"bias scale of the last channel", SCALE_TIMES, 4, 47, 0.99, "bias-scale"},
    {"bias scale of a depthwise", SCALE_TIMES, 10, 0, 4, "bias-scale"},
    {"weight scale of one channel", SCALE_TIMES, 13, 7, 1.1, "bias-scale"},
    {"weight scale of a depthwise", SCALE_TIMES, 7, 23, 0.9, "bias-scale"},
    {"weight scale of the dense layer", SCALE_TIMES, 3, 9, 1.01, "bias-scale"},
    {"bias zero point", ZERO_PLUS, 12, 0, 1, "bias-zero-point"},
    {"bias zero point of a later channel", ZERO_PLUS, 2, 9, -3, "bias-zero-point"},
    {"weight zero point", ZERO_PLUS, 13, 0, 1, "weight-zero-point"},
    {"weight zero point of a depthwise", ZERO_PLUS, 11, 5, -2, "weight-zero-point"},
    {"weight axis of a convolution", AXIS_IS, 13, 0, 3, "weight-axis"},
    {"weight axis of a depthwise", AXIS_IS, 11, 0, 0, "weight-axis"},
    {"weight axis of the dense layer", AXIS_IS, 3, 0, 1, "weight-axis"},
    {"fewer weight scales than channels", COUNT_IS, 5, 0, 24, "weight-axis"},
    {"pool's output scale", SCALE_TIMES, 18, 0, 1.001, "same-scale"},
    {"pool's output zero point", ZERO_PLUS, 18, 0, 1, "same-scale"},
    {"pool's input scale", SCALE_TIMES, 17, 0, 0.9, "same-scale"},
    {"softmax scale", SCALE_TIMES, 23, 0, 2, "fixed-output"},
    {"softmax scale just off", SCALE_IS, 23, 0, 0.00392157, "fixed-output"},
    {"softmax zero point", ZERO_PLUS, 23, 0, 128, "fixed-output"},
    {"scale 0", SCALE_IS, 16, 0, 0, "scale-invalid"},
    {"scale NaN", SCALE_IS, 22, 0, NAN, "scale-invalid"},
    {"scale negative", SCALE_TIMES, 9, 2, -1, "scale-invalid"},
    {"scale infinite", SCALE_IS, 0, 0, INFINITY, "scale-invalid"},
    {"zero point beyond int8", ZERO_PLUS, 16, 0, 300, "zero-point-range"},
    {"zero point below int8", ZERO_PLUS, 14, 0, -1, "zero-point-range"},
    {"activation without a scale", COUNT_IS, 16, 0, 0, "unquantized-integer"},
    {"weights without a scale", COUNT_IS, 13, 0, 0, "unquantized-integer"},
    {"two weights share a buffer", SHARES, 7, 11, 0, "shared-constant"},
    {"two biases share a buffer", SHARES, 8, 10, 0, "shared-constant"},
    {"bias at the end of int32", BYTE_IS, 12, 3, 0x7f, "bias-saturated"},
    {"a weight of -128", BYTE_IS, 13, 5, 0x80, "weight-range"},
    {"relu does not start at the lowest value", ZERO_PLUS, 15, 0, 40, "relu-zero-point"},
    {"an addend's scale far above the other's", SCALE_TIMES, 16, 0, 1000, "operand-scales"},
    {"scale below what floats hold exactly", SCALE_IS, 16, 0, 1e-40, "scale-invalid"},
    {"scale minus infinity", SCALE_IS, 5, 47, -INFINITY, "scale-invalid"},
    {"bias scale NaN", SCALE_IS, 12, 1, NAN, "scale-invalid"},
    {"weight scale 0", SCALE_IS, 13, 2, 0, "scale-invalid"},
    {"more weight scales than channels", COUNT_IS, 13, 0, 25, "weight-axis"},
    {"weight axis beyond the rank", AXIS_IS, 5, 0, 4, "weight-axis"},
    {"negative weight axis", AXIS_IS, 5, 0, -1, "weight-axis"},
    {"fewer bias scales than channels", COUNT_IS, 12, 0, 12, "bias-scale"},
    {"fewer bias scales than values", COUNT_IS, 12, 0, 12, "bias-axis"},
    {"bias axis", AXIS_IS, 12, 0, 1, "bias-axis"},
    {"bias without a scale", COUNT_IS, 12, 0, 0, "unquantized-integer"},
    {"one bias scale for all channels", COUNT_IS, 12, 0, 1, "bias-scale"},
    {"int16 bias", TYPE_IS, 12, 0, QL_I16, "bias-type"},
    {"int64 bias of int8 arithmetic", TYPE_IS, 2, 0, QL_I64, "bias-type"},
    {"float bias", TYPE_IS, 4, 0, QL_F32, "bias-type"},
    {"another operator's bias", READS, 5, 2, 10, "bias-scale"},
    {"one bias for two operators", READS, 2, 2, 10, "bias-scale"},
    {"another operator's weights", READS, 5, 1, 11, "bias-scale"},
    {"uint8 weights", TYPE_IS, 13, 0, QL_U8, "weight-type"},
    {"int16 weights", TYPE_IS, 5, 0, QL_I16, "weight-type"},
    {"activation with two scales", COUNT_IS, 16, 0, 2, "activation-axis"},
    {"input with two scales", COUNT_IS, 0, 0, 2, "activation-axis"},
    {"an int4 weight of -8, the first of two", INT4_IS, 13, 5, 0x18, "weight-range"},
    {"an int4 weight of -8, the second of two", INT4_IS, 13, 5, 0x81, "weight-range"},
    {"softmax zero point 0", SCALE_IS, 23, 0, 1.0 / 255, "fixed-output"},
    {"relu6 beyond 6", SCALE_TIMES, 15, 0, 1.5, "clamp-range"},
    {"pool reads what has another scale", READS, 4, 0, 16, "same-scale"},
    {"uint8 input of int8 arithmetic", TYPE_IS, 0, 0, QL_U8, "mixed-types"},
    {"int16 zero point", TYPE_IS, 14, 0, QL_I16, "zero-point-range"},
    {"one addend of another type", TYPE_IS, 16, 0, QL_U8, "mixed-types"},
    {"uint8 out of int8 arithmetic", TYPE_IS, 22, 0, QL_U8, "mixed-types"},
};
enum { MUTATIONS = sizeof mutations / sizeof *mutations, MOST_SCALES = 64, MOST_BYTES = 2048 };

typedef struct {
    float scale[MOST_SCALES];
    int64_t zero[MOST_SCALES];
    _Alignas(16) uint8_t data[MOST_BYTES];
} owned;

/* The tensor gets parameters and bytes of its own, which may then be spoilt. */
static void own(ql_tensor *tensor, owned *own)
{
    size_t count = (size_t)tensor->quant.scale_count;
    ck_assert_uint_le(count, MOST_SCALES);
    for (int i = 0; i < MOST_SCALES; i++) {
        own->scale[i] = *tensor->quant.scale;
        own->zero[i] = *tensor->quant.zero_point;
    }
    memcpy(own->scale, tensor->quant.scale, count * sizeof *own->scale);
    memcpy(own->zero, tensor->quant.zero_point, count * sizeof *own->zero);
    tensor->quant.scale = own->scale;
    tensor->quant.zero_point = own->zero;
    if (tensor->data) {
        ck_assert_uint_le(tensor->bytes, MOST_BYTES);
        memcpy(own->data, tensor->data, tensor->bytes);
        tensor->data = own->data;
    }
}

static void redirect(ql_subgraph *graph, int op, int input, int tensor)
{
    static int32_t inputs[8];
    ql_operator *use = &graph->operators[op];
    ck_assert_int_le(use->input_count, 8);
    memcpy(inputs, use->inputs, (size_t)use->input_count * sizeof *inputs);
    inputs[input] = tensor;
    use->inputs = inputs;
}

static void spoil(ql_subgraph *graph, int i, owned *space)
{
    if (mutations[i].change == READS) {
        redirect(graph, mutations[i].tensor, mutations[i].channel, (int)mutations[i].value);
        return;
    }
    ql_tensor *tensor = &graph->tensors[mutations[i].tensor];
    int channel = mutations[i].channel;
    double value = mutations[i].value;
    own(tensor, space);
    switch (mutations[i].change) {
    case SCALE_TIMES:
        space->scale[channel] *= (float)value;
        break;
    case SCALE_IS:
        space->scale[channel] = (float)value;
        break;
    case ZERO_PLUS:
        space->zero[channel] += (int64_t)value;
        break;
    case AXIS_IS:
        tensor->quant.axis = (int)value;
        break;
    case COUNT_IS:
        tensor->quant.scale_count = (int)value;
        break;
    case BYTE_IS:
        space->data[channel] = (uint8_t)value;
        break;
    case INT4_IS:
        memset(space->data, 0x11, tensor->bytes);
        space->data[channel] = (uint8_t)value;
        tensor->type = QL_I4;
        break;
    case SHARES:
        tensor->buffer = graph->tensors[channel].buffer;
        break;
    default:
        tensor->type = (ql_type)value;
        break;
    }
}

static void look(int mutation, ql_findings *findings)
{
    static owned space;
    ql_model *model;
    ql_err err;
    ck_assert_int_eq(ql_model_open(&model, QL_SOURCE_DIR "/samples/digits_int8.tflite", &err), QL_OK);
    if (mutation >= 0) {
        spoil(&model->subgraphs[0], mutation, &space);
    }
    ck_assert_int_eq(ql_check_model(model, 0, findings, &err), QL_OK);
    ql_model_close(model);
}

START_TEST(a_good_model_has_no_finding)
{
    ql_findings findings = {0};
    look(-1, &findings);
    ck_assert_int_eq(findings.count, 0);
    ql_findings_free(&findings);
}
END_TEST

START_TEST(one_thing_wrong_is_found)
{
    ql_findings findings = {0};
    look(_i, &findings);
    bool found = false;
    for (int i = 0; i < findings.count; i++) {
        found = found || !strcmp(findings.list[i].code, mutations[_i].code);
        ck_assert_msg(findings.list[i].evidence[0], "%s: a finding without evidence", findings.list[i].code);
        ck_assert_msg(findings.list[i].op_count + findings.list[i].tensor_count > 0, "nobody is blamed");
    }
    ck_assert_msg(found, "%s: expected %s, found %d other findings", mutations[_i].what, mutations[_i].code,
                  findings.count);
    ql_findings_free(&findings);
}
END_TEST

/* Rules about operators that the sample lacks. Activations of type i8 share one scale and zero point;
 * `tensor`'s scale is multiplied, or the bytes of a constant divided. */
static const struct {
    const char *graph, *tensor;
    double scale_times;
    int zero_plus, bytes_over;
    const char *code;
    bool found;
} graphs[] = {
    {"in.i8 x; relu.i8 a x; relu.i8 b x; concat.i8 c a b", "a", 1.5, 0, 1, "same-scale", true},
    {"in.i8 x; relu.i8 a x; relu.i8 b x; concat.i8 c a b", "b", 1, 1, 1, "same-scale", true},
    {"in.i8 x; relu.i8 a x; relu.i8 b x; concat.i8 c a b", "a", 1, 0, 1, "same-scale", false},
    {"in.i8 x; relu.i8 a x; relu.i8 b x; concat.i8 c a b", "a", 100, 0, 1, "operand-scales", true},
    {"in.i8 x; reshape.i8 y x", "y", 1.01, 0, 1, "same-scale", true},
    {"in.i8 x; reshape.i8 y x", "x", 1, -5, 1, "same-scale", true},
    {"in.i8 x; transpose.i8 y x n3", "y", 0.5, 0, 1, "same-scale", true},
    {"in.i8 x; pad.i8 y x n3", "y", 2, 0, 1, "same-scale", true},
    {"in.i8 x; in.i8 z; maximum.i8 y x z", "z", 2, 0, 1, "same-scale", true},
    {"in.i8 x; split.i8 p@4,q@4 n1 x", "q", 1.1, 0, 1, "same-scale", true},
    {"in.i8 x; split.i8 p@4,q@4 n1 x", "p", 1, 0, 1, "same-scale", false},
    {"in.i8 x; softmax.i8 y x", "y", 1, 0, 1, "fixed-output", true},
    {"in.i8 x; logistic.i8 y x", "y", 255.0 / 6 / 256, 0, 1, "fixed-output", false},
    {"in.i8 x; logistic.i8 y x", "y", 255.0 / 6 / 256, 128, 1, "fixed-output", true},
    {"in.i8 x; tanh.i8 y x", "y", 255.0 / 6 / 128, 128, 1, "fixed-output", false},
    {"in.i8 x; tanh.i8 y x", "y", 255.0 / 6 / 256, 128, 1, "fixed-output", true},
    {"in.i8 x; log_softmax.i8 y x", "y", 1, 0, 1, "fixed-output", true},
    {"in.i8 x; l2_normalize.i8 y x", "y", 1, 0, 1, "fixed-output", true},
    {"in.i16 x; softmax.i16 y x", "y", 1, 0, 1, "fixed-output", true},
    {"in.i16 x; relu.i16 y x", "y", 1, 1, 1, "zero-point-range", true},
    {"in.i16 x; relu.i16 y x", "y", 1, 0, 1, "zero-point-range", false},
    {"in.i8 x; in.i16 z; add.i8 y x z", "y", 1, 0, 1, "mixed-types", true},
    {"in.i8 x; softmax.i16 y x", "y", 1, 0, 1, "mixed-types", false},
    {"in.i8 x; logistic y x", "y", 1, 0, 1, "mixed-types", true},
    {"in.i8 x; quantize.i16 p x; quantize.i8 q p", "p", 1, 0, 1, "requantize-chain", true},
    {"in.i16 x; quantize.i8 p x; relu.i8 q p", "p", 1, 0, 1, "requantize-chain", false},
    {"in.i8 x; conv6.i8 y x w1q", "y", 1.5, 0, 1, "clamp-range", true},
    {"in.i8 x; conv6.i8 y x w1q", "y", 1.01, 0, 1, "clamp-range", false},
    {"in.i8 x; conv.i8 y x w1q", "y", 9, 0, 1, "clamp-range", false},
    {"in.i8 x; in.i8 z; sub.i8 y x z", "z", 17, 0, 1, "operand-scales", true},
    {"in.i8 x; in.i8 z; sub.i8 y x z", "z", 15, 0, 1, "operand-scales", false},
    {"in.i8 x; quantize.i8 q x; relu.i8 y q", "q", 1, 0, 1, "requantize-idle", true},
    {"in.i8 x; quantize.i8 q x; relu.i8 y q", "q", 1.01, 0, 1, "requantize-idle", false},
    {"in x; quantize.i8 q x; relu.i8 y q", "q", 1, 0, 1, "requantize-idle", false},
    {"in.i8 x; dequantize d x; quantize.i8 q d", "q", 1, 0, 1, "requantize-chain", true},
    {"in.i8 x; quantize.i8 p x; quantize.i8 q p", "p", 2, 0, 1, "requantize-chain", true},
    {"in.i8 x; dequantize d x; relu e d; quantize.i8 q e", "q", 1, 0, 1, "requantize-chain", false},
    {"in x; quantize.i8 q x; dequantize d q", "q", 1, 0, 1, "requantize-chain", false},
    {"in.i8 x; conv.i8 y x w1q", "w1q", 1, 0, 2, "range-unused", true},
    {"in.i8 x; conv.i8 y x w1q", "w1q", 1, 0, 1, "range-unused", false},
};
enum { GRAPHS = sizeof graphs / sizeof *graphs };

START_TEST(small_graphs_are_judged)
{
    graph_text *g = malloc(sizeof *g);
    ql_findings findings = {0};
    ck_assert(g && graph_text_read(g, graphs[_i].graph, 1));
    int tensor = graph_text_find(g, graphs[_i].tensor);
    ck_assert_int_ge(tensor, 0);
    g->scale[tensor] *= (float)graphs[_i].scale_times;
    g->zero[tensor] += graphs[_i].zero_plus;
    int8_t *bytes = (int8_t *)(void *)g->data[tensor];
    for (size_t i = 0; g->tensors[tensor].data && i < g->tensors[tensor].bytes; i++) {
        int most = i ? 63 : 64; /* the widest value is 64, or 32 after halving */
        bytes[i] = (int8_t)((i % 2 ? -most : most) / graphs[_i].bytes_over);
    }
    ck_assert_int_eq(ql_check_model(&g->model, 0, &findings, NULL), QL_OK);
    bool found = false;
    for (int i = 0; i < findings.count; i++) {
        found = found || !strcmp(findings.list[i].code, graphs[_i].code);
    }
    ck_assert_msg(found == graphs[_i].found, "%s: %s", graphs[_i].graph, graphs[_i].code);
    ql_findings_free(&findings);
    free(g);
}
END_TEST

START_TEST(every_rule_is_broken_once)
{
    const char *untested = "";
    for (int r = 0; r < ql_check_rule_count; r++) {
        const char *code = ql_check_rules[r].code;
        bool tested = false;
        for (int i = 0; i < GRAPHS; i++) {
            tested = tested || (graphs[i].found && !strcmp(code, graphs[i].code));
        }
        for (int i = 0; i < MUTATIONS; i++) {
            tested = tested || !strcmp(code, mutations[i].code);
        }
        untested = tested ? untested : code;
    }
    ck_assert_str_eq(untested, "");
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("check");
    TCase *cases = tcase_create("rules");
    tcase_add_test(cases, a_good_model_has_no_finding);
    tcase_add_loop_test(cases, one_thing_wrong_is_found, 0, MUTATIONS);
    tcase_add_loop_test(cases, small_graphs_are_judged, 0, GRAPHS);
    tcase_add_test(cases, every_rule_is_broken_once);
    suite_add_tcase(suite, cases);
    return suite;
}
