/* Layers of other hardware, simulated: what int4 and bits=N do to weights and values. */
#include "tests/support/suite.h"
#include "tests/support/twins.h"

#include <string.h>

#define SAMPLES QL_SOURCE_DIR "/samples/"
enum { CONV = 2, ADD = 3, LEVELS = 4096 }; /* operators of the sample's candidate */

static ql_err err;

static void open_digits(twins *t)
{
    ck_assert(twins_open(t, SAMPLES "digits_float32.tflite", SAMPLES "digits_int8.tflite",
                         SAMPLES "digits.npz", 5, "y"));
}

static ql_model *mixed_of(const twins *t, int op, ql_layer_mode mode)
{
    ql_layer_mode *modes = calloc((size_t)t->operators, sizeof *modes);
    ql_model *mixed;
    ck_assert_ptr_nonnull(modes);
    modes[op] = mode;
    ck_assert_int_eq(
        ql_rewrite_mixed(&mixed, t->engine.reference, t->engine.candidate, &t->pairing, modes, NULL, &err),
        QL_OK);
    free(modes);
    return mixed;
}

START_TEST(names)
{
    ql_layer_mode mode;
    for (int bits = 2; bits <= 16; bits++) {
        char name[16];
        snprintf(name, sizeof name, "bits=%d", bits);
        ck_assert(ql_layer_mode_named(name, &mode));
        ck_assert_int_eq((int)mode, QL_LAYER_BITS + bits);
        ck_assert_str_eq(ql_layer_mode_name(mode), name);
        ck_assert(ql_layer_mode_fake(mode));
    }
    ck_assert(ql_layer_mode_named("int4", &mode) && mode == QL_LAYER_INT4 && ql_layer_mode_fake(mode));
    ck_assert(ql_layer_mode_named("float", &mode) && !ql_layer_mode_fake(mode));
    static const char *const wrong[] = {"bits=1", "bits=17", "bits=", "bits", "int8x", "", "bits=08"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_msg(!ql_layer_mode_named(wrong[i], &mode), "%s", wrong[i]);
    }
}
END_TEST

/* Every weight is the nearest of -7 .. 7 steps to the float model's, the largest of a channel being 7. */
START_TEST(int4_weights)
{
    twins t;
    open_digits(&t);
    ql_model *mixed = mixed_of(&t, CONV, QL_LAYER_INT4);
    const ql_subgraph *graph = &mixed->subgraphs[0], *own = &t.models[1]->subgraphs[0];
    const ql_operator *op = &graph->operators[CONV], *twin = NULL;
    for (int i = 0; i < t.pairing.pair_count; i++) {
        const ql_pair *pair = &t.pairing.pairs[i];
        twin = pair->candidate_op == CONV ? &t.models[0]->subgraphs[0].operators[pair->reference_op] : twin;
    }
    ck_assert_ptr_nonnull(twin);
    const ql_tensor *weights = &graph->tensors[op->inputs[1]];
    const float *real = t.models[0]->subgraphs[0].tensors[twin->inputs[1]].data;
    const int8_t *q = weights->data;
    int channels = weights->quant.scale_count;
    size_t inner = weights->bytes / (size_t)channels;
    ck_assert_int_eq(weights->type, QL_I8);
    ck_assert_int_eq(channels, weights->shape[0]);
    for (int c = 0; c < channels; c++) {
        int most = 0;
        double step = (double)weights->quant.scale[c];
        for (size_t i = (size_t)c * inner; i < ((size_t)c + 1) * inner; i++) {
            most = abs(q[i]) > most ? abs(q[i]) : most;
            ck_assert_msg(fabs((double)real[i] - q[i] * step) <= step * 0.5001, "channel %d", c);
        }
        ck_assert_int_eq(most, 7);
    }
    const ql_tensor *bias = &graph->tensors[op->inputs[2]],
                    *old = &own->tensors[own->operators[CONV].inputs[2]];
    for (int c = 0; c < channels; c++) { /* the same in real values, to half a step */
        double value = ((const int32_t *)bias->data)[c] * (double)bias->quant.scale[c];
        double was = ((const int32_t *)old->data)[c] * (double)old->quant.scale[c];
        ck_assert(fabs(value - was) <= (double)bias->quant.scale[c] * 0.5001);
    }
    ck_assert_int_eq(graph->operator_count, own->operator_count);
    ql_model_close(mixed);
    twins_close(&t);
}
END_TEST

typedef struct {
    int tensor;
    float seen[LEVELS];
    int count;
} collector;

static ql_code collect(void *user, int op, const ql_view *view, ql_err *ignored)
{
    collector *c = user;
    (void)op;
    (void)ignored;
    for (size_t i = 0; view->index == c->tensor && i < view->count; i++) {
        float x = ((const float *)view->data)[i];
        int k = 0;
        while (k < c->count && !(c->seen[k] <= x && c->seen[k] >= x)) {
            k++;
        }
        if (k == c->count && c->count < LEVELS) {
            c->seen[c->count++] = x;
        }
    }
    return QL_OK;
}

/* The layer's output takes at most 2^N values, and as many as the data call for. */
static const struct {
    int op, bits, least, most;
} outputs[] = {{CONV, 2, 3, 4}, {CONV, 4, 9, 16}, {ADD, 3, 5, 8}, {ADD, 6, 33, 64}, {CONV, 8, 129, 256}};

START_TEST(values_in_n_bits)
{
    twins t;
    ql_exec *exec;
    collector c = {.tensor = -1};
    open_digits(&t);
    ql_model *mixed = mixed_of(&t, outputs[_i].op, QL_LAYER_BITS + (ql_layer_mode)outputs[_i].bits);
    const ql_subgraph *graph = &mixed->subgraphs[0];
    for (int op = 0; op < graph->operator_count; op++) {
        bool fake = mixed->opcodes[graph->operators[op].opcode].code == 80;
        c.tensor = fake ? graph->operators[op].outputs[0] : c.tensor;
    }
    ck_assert_int_ge(c.tensor, 0);
    ck_assert_int_eq(ql_exec_open(&exec, mixed, &(ql_exec_options){0}, &err), QL_OK);
    for (uint64_t i = 0; i < 5; i++) {
        ck_assert_int_eq(ql_dataset_feed(t.data, i, 1, 0, ql_exec_input(exec, 0), &err), QL_OK);
        ck_assert_int_eq(ql_exec_run(exec, collect, &c, &err), QL_OK);
    }
    ck_assert_msg(c.count >= outputs[_i].least && c.count <= outputs[_i].most, "%d values", c.count);
    ql_exec_close(exec);
    ql_model_close(mixed);
    twins_close(&t);
}
END_TEST

/* More bits, more decibels. */
START_TEST(more_bits_are_better)
{
    static const int bits[] = {2, 4, 6, 8, 12};
    twins t;
    ql_bench *bench;
    double before = -HUGE_VAL;
    open_digits(&t);
    ql_layer_mode *modes = calloc((size_t)t.operators, sizeof *modes);
    ck_assert_ptr_nonnull(modes);
    ck_assert_int_eq(ql_bench_open(&bench, &t.engine, &err), QL_OK);
    for (size_t b = 0; b < sizeof bits / sizeof *bits; b++) {
        ql_bench_result result;
        for (int op = 0; op < t.operators; op++) {
            modes[op] = QL_LAYER_BITS + (ql_layer_mode)bits[b];
        }
        ck_assert_int_eq(ql_bench_evaluate(bench, modes, 0, &result, &err), QL_OK);
        ck_assert_msg(result.figures.sqnr_db > before, "%d bits: %g dB", bits[b], result.figures.sqnr_db);
        before = result.figures.sqnr_db;
    }
    ql_bench_close(bench);
    free(modes);
    twins_close(&t);
}
END_TEST

START_TEST(int4_needs_weights)
{
    twins t;
    open_digits(&t);
    ck_assert_ptr_nonnull(
        ql_mixed_refusal(t.engine.reference, t.engine.candidate, &t.pairing, ADD, QL_LAYER_INT4));
    ck_assert_ptr_null(
        ql_mixed_refusal(t.engine.reference, t.engine.candidate, &t.pairing, CONV, QL_LAYER_INT4));
    ck_assert_ptr_null(
        ql_mixed_refusal(t.engine.reference, t.engine.candidate, &t.pairing, ADD, QL_LAYER_BITS + 4));
    twins_close(&t);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("fake layers");
    TCase *tests = tcase_create("fake layers");
    tcase_add_test(tests, names);
    tcase_add_test(tests, int4_weights);
    tcase_add_loop_test(tests, values_in_n_bits, 0, (int)(sizeof outputs / sizeof *outputs));
    tcase_add_test(tests, more_bits_are_better);
    tcase_add_test(tests, int4_needs_weights);
    suite_add_tcase(suite, tests);
    return suite;
}
