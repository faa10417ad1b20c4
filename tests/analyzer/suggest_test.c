/* Sets that do nothing until they are complete. The sample's quantized model gets culprits: tensors whose
 * scale is so coarse that nothing is left of them. Each is cured only when the operator that writes it and
 * all that read it change, and each alone ruins the output. */
#include "tests/support/suite.h"
#include "tests/support/trouble.h"

#include <string.h>

#define SAMPLES QL_SOURCE_DIR "/samples/"
#define ZOO     QL_SOURCE_DIR "/../shared/zoo/"
enum { MOST = 8, MOST_OPS = 64 };

typedef struct {
    const char *reference, *candidate, *data;
    int samples;
    const char *culprits[MOST]; /* what is in the names of narrow tensors */
    double factor;
    const char *set[MOST]; /* of the layers that cure it; several in a name are tried in turn */
    double cured;          /* dB at least */
} trouble;

static const trouble troubles[] = {
    /* two tensors, each between two operators */
    {SAMPLES "digits_float32.tflite",
     SAMPLES "digits_int8.tflite",
     SAMPLES "digits.npz",
     16,
     {"block1/depthwise", "block2/depthwise"},
     1.0 / 24,
     {"block1/depthwise", "block1/project", "block2/depthwise", "block2/expand"},
     25},
    /* a residual join with what makes one of its inputs and, past the pooling that keeps its scale, its
       reader */
    {SAMPLES "digits_float32.tflite",
     SAMPLES "digits_int8.tflite",
     SAMPLES "digits.npz",
     16,
     {"block1/project", "block1/residual", "pool"},
     1.0 / 24,
     {"block1/project", "block1/residual", "pool", "block2/depthwise"},
     25},
    /* one more besides the pair that is there already, in a deeper model */
    {ZOO "models/mobilenet_like/float32.tflite",
     ZOO "models/mobilenet_like/int8_floatio.tflite",
     ZOO "data/mobilenet_like_test2000.npz",
     6,
     {"b5_dw_"},
     1.0 / 24,
     {"b3_expand", "b3_dw_", "b5_dw_", "b5_project"},
     20},
};

/* The culprits are activations: 8 bits, without data. */
static ql_model *make_trouble(const twins *t, const trouble *what)
{
    ql_model *model;
    ql_err err;
    int found = 0, asked = 0;
    ck_assert_int_eq(ql_edit_start(&model, t->models[1], &err), QL_OK);
    for (; what->culprits[asked]; asked++) {
        for (int i = 0; i < model->subgraphs[0].tensor_count; i++) {
            const ql_tensor *tensor = &model->subgraphs[0].tensors[i];
            if (tensor->type == QL_I8 && !tensor->data && in_name(tensor, what->culprits[asked])) {
                narrow(model, i, (float)what->factor);
                found++;
            }
        }
    }
    ck_assert_int_eq(found, asked);
    return model;
}

static int layer_called(const ql_model *model, const char *part)
{
    const ql_subgraph *graph = &model->subgraphs[0];
    int found = -1;
    for (int op = 0; op < graph->operator_count; op++) {
        found = in_name(&graph->tensors[graph->operators[op].outputs[0]], part) ? op : found;
    }
    ck_assert_msg(found >= 0, "%s", part);
    return found;
}

/* The premise: without any one of them the set does next to nothing. */
static void check_premise(const twins *t, ql_layer_mode *modes, const int *set, int size, double cured)
{
    ql_bench *bench;
    ql_bench_result result;
    ql_err err;
    ck_assert_int_eq(ql_bench_open(&bench, &t->engine, &err), QL_OK);
    ck_assert_int_eq(ql_bench_evaluate(bench, modes, 0, &result, &err), QL_OK);
    double base = result.figures.sqnr_db;
    for (int i = 0; i < size; i++) {
        modes[set[i]] = QL_LAYER_FLOAT;
    }
    ck_assert_int_eq(ql_bench_evaluate(bench, modes, 0, &result, &err), QL_OK);
    ck_assert_msg(result.figures.sqnr_db >= cured, "cured: %g dB", result.figures.sqnr_db);
    for (int i = 0; i < size; i++) {
        modes[set[i]] = QL_LAYER_KEEP;
        ck_assert_int_eq(ql_bench_evaluate(bench, modes, 0, &result, &err), QL_OK);
        ck_assert_msg(result.figures.sqnr_db < base + 6, "without #%d: %g dB, base %g dB", set[i],
                      result.figures.sqnr_db, base);
        modes[set[i]] = QL_LAYER_FLOAT;
    }
    ql_bench_close(bench);
}

START_TEST(complete_sets_are_found)
{
    const trouble *what = &troubles[_i];
    ql_layer_mode modes[MOST_OPS] = {QL_LAYER_KEEP};
    int set[MOST], size = 0;
    twins t;
    ql_err err;
    ql_suggestion s;
    if (!twins_open(&t, what->reference, what->candidate, what->data, what->samples, NULL)) {
        ql_skip("suggest", "no folder ../shared of extra models");
        twins_close(&t);
        return;
    }
    ql_model *model = make_trouble(&t, what);
    t.engine.candidate.model = model;
    t.engine.threads = 2;
    for (; what->set[size]; size++) {
        set[size] = layer_called(model, what->set[size]);
    }
    check_premise(&t, modes, set, size, what->cured);
    ql_suggest_goal goal = {.max_layers = size,
                            .target_sqnr = (double)NAN,
                            .target_agreement = (double)NAN,
                            .target_accuracy = (double)NAN,
                            .max_float_macs = (double)NAN};
    goal.allowed[QL_LAYER_FLOAT] = true;
    ck_assert_int_eq(ql_suggest(&t.engine, &goal, &s, &err), QL_OK);
    ck_assert_msg(s.best.figures.sqnr_db >= what->cured, "%g dB", s.best.figures.sqnr_db);
    ck_assert_int_eq(s.best.layers, size);
    for (int i = 0; i < size; i++) {
        ck_assert_msg(s.best.modes[set[i]] == QL_LAYER_FLOAT, "#%d is missing", set[i]);
    }
    ql_suggestion_free(&s);
    ql_model_close(model);
    twins_close(&t);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("suggest");
    TCase *tests = tcase_create("suggest");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, complete_sets_are_found, 0, (int)(sizeof troubles / sizeof *troubles));
    suite_add_tcase(suite, tests);
    return suite;
}
