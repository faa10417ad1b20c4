/* Better ranges and per-channel weights: they are found where they are the cure, and what was broken on
 * purpose is as good as before. */
#include "analyzer/rewrite/repair.h"
#include "analyzer/rewrite/scales.h"
#include "tests/support/suite.h"
#include "tests/support/trouble.h"

#define SAMPLES QL_SOURCE_DIR "/samples/"
enum { COUNT = 24, MOST = 3 };

static ql_err err;

static void open_digits(twins *t)
{
    ck_assert(twins_open(t, SAMPLES "digits_float32.tflite", SAMPLES "digits_int8.tflite",
                         SAMPLES "digits.npz", COUNT, NULL));
}

/* Tensors that share a scale are broken together. */
static const struct {
    const char *broken[MOST];
    double factor;
} ranges[] = {
    {{"block2/expand"}, 0.1}, /* clips */
    {{"block1/project"}, 12}, /* as an outlier in calibration leaves it */
    {{"block1/depthwise"}, 0.2},       {{"block1/residual", "pool"}, 0.15}, /* one scale for two tensors */
    {{"block1/residual", "pool"}, 20},
};

static double sqnr_of(ql_bench *bench, const ql_model *model)
{
    ql_whatif_figures figures;
    ck_assert_int_eq(ql_bench_measure(bench, model, 0, &figures, &err), QL_OK);
    return figures.sqnr_db;
}

START_TEST(a_broken_range_is_mended)
{
    twins t;
    ql_model *broken;
    ql_bench *bench;
    ql_mendings m;
    open_digits(&t);
    ck_assert_int_eq(ql_edit_start(&broken, t.models[1], &err), QL_OK);
    for (int i = 0; i < MOST && ranges[_i].broken[i]; i++) {
        narrow(broken, activation_called(broken, ranges[_i].broken[i]), (float)ranges[_i].factor);
    }
    t.engine.candidate.model = broken;
    ck_assert_int_eq(ql_bench_open(&bench, &t.engine, &err), QL_OK);
    double whole = sqnr_of(bench, t.models[1]), base = sqnr_of(bench, broken);
    ck_assert_msg(base < whole - 3, "broken: %g dB, whole %g dB", base, whole);
    ck_assert_int_eq(ql_mend(bench, t.data, 0, true, &m, &err), QL_OK);
    ck_assert_int_ge(m.count, 1);
    ck_assert_int_eq(m.list[0].repair.kind, QL_REPAIR_RANGE);
    ck_assert_msg(in_name(&broken->subgraphs[0].tensors[m.list[0].repair.tensor], ranges[_i].broken[0]),
                  "another tensor is mended first: #%d", m.list[0].repair.tensor);
    ck_assert_msg(m.list[0].figures.sqnr_db > whole - 1, "mended: %g dB, whole %g dB",
                  m.list[0].figures.sqnr_db, whole);
    ck_assert(m.list[0].proof.sqnr_db >= m.list[0].figures.sqnr_db &&
              m.list[0].proof.sqnr_db <= m.list[0].figures.sqnr_db);
    ck_assert(m.figures.sqnr_db >= m.list[0].figures.sqnr_db);
    ck_assert_ptr_nonnull(strstr(m.list[0].why, ranges[_i].factor < 1 ? "clips" : "wider"));
    ql_mendings_free(&m);
    ql_bench_close(bench);
    ql_model_close(broken);
    twins_close(&t);
}
END_TEST

/* Conv #2 with one scale for all its channels, the largest times ten. */
static ql_model *without_channels(const twins *t, int op)
{
    ql_model *model;
    const void *kept, *kept_scale, *kept_zero;
    const int64_t zero = 0;
    ck_assert_int_eq(ql_edit_start(&model, t->models[1], &err), QL_OK);
    ql_subgraph *graph = &model->subgraphs[0];
    const ql_operator *use = &graph->operators[op];
    ql_tensor *weights = &graph->tensors[use->inputs[1]], *bias = &graph->tensors[use->inputs[2]];
    size_t channels = (size_t)weights->quant.scale_count, inner = weights->bytes / channels;
    float scale = 0, input = graph->tensors[use->inputs[0]].quant.scale[0];
    int8_t *q = malloc(weights->bytes);
    int32_t *b = malloc(bias->bytes);
    ck_assert(q && b);
    for (size_t c = 0; c < channels; c++) {
        scale = fmaxf(scale, 10 * weights->quant.scale[c]);
    }
    for (size_t i = 0; i < weights->bytes; i++) {
        q[i] = (int8_t)lroundf(((const int8_t *)weights->data)[i] * weights->quant.scale[i / inner] / scale);
    }
    float unit = input * scale;
    for (size_t c = 0; c < channels; c++) {
        b[c] = (int32_t)lroundf((float)((const int32_t *)bias->data)[c] * bias->quant.scale[c] / unit);
    }
    ql_tensor *const tensors[] = {weights, bias};
    const void *const data[] = {q, b};
    const float scales[] = {scale, unit};
    for (int k = 0; k < 2; k++) {
        ck_assert_int_eq(ql_edit_copy(model, data[k], tensors[k]->bytes, &kept, &err), QL_OK);
        ck_assert_int_eq(ql_edit_constant(model, tensors[k], kept, tensors[k]->bytes, &err), QL_OK);
        ck_assert_int_eq(ql_edit_copy(model, &scales[k], sizeof scales[k], &kept_scale, &err), QL_OK);
        ck_assert_int_eq(ql_edit_copy(model, &zero, sizeof zero, &kept_zero, &err), QL_OK);
        tensors[k]->quant.scale_count = 1;
        tensors[k]->quant.scale = kept_scale;
        tensors[k]->quant.zero_point = kept_zero;
    }
    free(q);
    free(b);
    return model;
}

START_TEST(weights_get_their_channels)
{
    enum { CONV = 2 };
    twins t;
    ql_bench *bench;
    ql_mendings m;
    open_digits(&t);
    ql_model *broken = without_channels(&t, CONV);
    t.engine.candidate.model = broken;
    ck_assert_int_eq(ql_bench_open(&bench, &t.engine, &err), QL_OK);
    double whole = sqnr_of(bench, t.models[1]);
    ck_assert(sqnr_of(bench, broken) < whole - 3);
    ck_assert_int_eq(ql_mend(bench, t.data, 0, false, &m, &err), QL_OK);
    ck_assert_int_ge(m.count, 1);
    ck_assert_int_eq(m.list[0].repair.kind, QL_REPAIR_CHANNELS);
    ck_assert_int_eq(m.list[0].repair.op, CONV);
    /* the very weights and biases that the converter made */
    ck_assert_msg(fabs(m.list[0].figures.sqnr_db - whole) < 1e-9, "%.12g dB, whole %.12g dB",
                  m.list[0].figures.sqnr_db, whole);
    ql_mendings_free(&m);
    ql_bench_close(bench);
    ql_model_close(broken);
    twins_close(&t);
}
END_TEST

START_TEST(some_cannot_be)
{
    twins t;
    open_digits(&t);
    const ql_subgraph *graph = &t.models[1]->subgraphs[0];
    const struct {
        ql_repair repair;
        const char *why;
    } cases[] = {
        {{QL_REPAIR_RANGE, graph->inputs[0], -1, -1, 1}, "input or output"},
        {{QL_REPAIR_RANGE, graph->outputs[0], 9, 0, 1}, "input or output"},
        {{QL_REPAIR_RANGE, graph->operators[0].inputs[1], 0, 0, 1}, "no quantized activation"},
        {{QL_REPAIR_CHANNELS, graph->operators[0].inputs[1], 0, 0, 0}, "with one scale"},
        {{QL_REPAIR_CHANNELS, graph->operators[3].inputs[0], 3, 0, 0}, "with one scale"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why =
            ql_repair_refusal(t.engine.reference, t.engine.candidate, &t.pairing, &cases[i].repair);
        ck_assert_msg(why && strstr(why, cases[i].why), "case %zu: %s", i, why ? why : "not refused");
        ql_model *model;
        ck_assert_int_eq(ql_rewrite_repaired(&model, t.engine.reference, t.engine.candidate, &t.pairing,
                                             &cases[i].repair, 1, &err),
                         QL_E_UNSUPPORTED);
    }
    twins_close(&t);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("repair");
    TCase *tests = tcase_create("repair");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, a_broken_range_is_mended, 0, (int)(sizeof ranges / sizeof *ranges));
    tcase_add_test(tests, weights_get_their_channels);
    tcase_add_test(tests, some_cannot_be);
    suite_add_tcase(suite, tests);
    return suite;
}
