/* The comparison of two tiny models against figures worked out by hand.
 *
 *   x [1,4]  ->  y = W x + b [1,2]  ->  z = V y [1,1]
 *
 * In int8, with V exact: x has scale 0.5; W has one scale a row, its first row and all of b exact, its second
 * row (ones) held as 0.8. Sample 0: x = 1, -2, 0.5, 1.3, which int8 holds as 1, -2, 0.5, 1.5. So in float
 *   y = 2.35, -0.2           z = 2 * 2.35 - 0.2 = 4.5
 * on the rounded x
 *   y = 2.75, 0              with the rounded weights: 2.75, -0.2
 * and with an output scale of 0.3 in int8
 *   y = 2.7, -0.3            z = 2 * 2.7 - 0.3 = 5.1, with a scale of 0.4: 5.2
 * With the reference's y, 2.35 and -0.2, in steps of 0.3, 2.4 and -0.3, z = 4.5, in steps of 0.4: 4.4. */
#include "analyzer/analyzer.h"
#include "analyzer/compare/engine.h"
#include "tests/support/net.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FULLY_CONNECTED = 9, OPTIONS = 8, RELU = 19, CUSTOM = 32, WIDE = 1024 };

static const float w_float[] = {0.5f, 0.25f, -1, 2, 1, 1, 1, 1}, b_float[] = {0.25f, -1}, v_float[] = {2, 1};
static const int8_t w_int[] = {2, 1, -4, 8, 2, 2, 2, 2}, v_int[] = {2, 1};
static const int32_t b_int[] = {2, -5};
static float x_scale[] = {0.5f}, w_scale[] = {0.25f, 0.4f}, b_scale[] = {0.125f, 0.2f}, v_scale[] = {1};
static float y_scale[1], z_scale[1];
static int64_t zeros[2];

enum { X, W, B, Y, V, Z };

static net nets[2];

static void scale_by(net *n, int tensor, float *scale, int count)
{
    n->subgraphs[0].tensors[tensor].quant =
        (ql_quant){.scale_count = count, .scale = scale, .zero_point = zeros};
}

static void make(net *n, bool integer, int second)
{
    memset(n, 0, sizeof *n);
    ql_type type = integer ? QL_I8 : QL_F32;
    int g = net_graph_add(n);
    net_tensor(n, g, type, 2, (const int32_t[]){1, 4}, NULL);
    net_tensor(n, g, type, 2, (const int32_t[]){2, 4}, integer ? (const void *)w_int : w_float);
    net_tensor(n, g, integer ? QL_I32 : QL_F32, 1, (const int32_t[]){2},
               integer ? (const void *)b_int : b_float);
    net_tensor(n, g, type, 2, (const int32_t[]){1, 2}, NULL);
    net_tensor(n, g, type, 2, (const int32_t[]){1, 2}, integer ? (const void *)v_int : v_float);
    net_tensor(n, g, type, 2, (const int32_t[]){1, 1}, NULL);
    net_op(n, g, FULLY_CONNECTED, NET_LIST(X, W, B), NET_LIST(Y), OPTIONS, 0, 0);
    net_op(n, g, second, NET_LIST(Y, V, -1), NET_LIST(Z), second == CUSTOM ? 0 : OPTIONS, 0, 0);
    net_io(n, g, NET_LIST(X), NET_LIST(Y, Z));
    if (integer) {
        scale_by(n, X, x_scale, 1);
        scale_by(n, W, w_scale, 2);
        scale_by(n, B, b_scale, 2);
        scale_by(n, Y, y_scale, 1);
        scale_by(n, V, v_scale, 1);
        scale_by(n, Z, z_scale, 1);
    }
}

/* --- Running --- */

typedef struct {
    int32_t samples;
    const float *x;
    const int32_t *labels; /* NULL: none */
    int32_t width;         /* 0: 4 */
} data;

static const float first[] = {1, -2, 0.5f, 1.3f};

typedef struct {
    bool split, from_reference;
    int threads;
} choice;

static ql_code run(data with, choice how, ql_comparison *comparison, ql_err *err)
{
    char path[128];
    ql_npz_writer *writer;
    ql_dataset *dataset;
    ql_pairing pairing;
    ql_arena arena;
    snprintf(path, sizeof path, "/tmp/qloupe-engine-%ld.npz", (long)getpid());
    ck_assert_int_eq(ql_npz_create(&writer, path, NULL), QL_OK);
    ql_npz_add(writer, "x", QL_F32, 2, (const int32_t[]){with.samples, with.width ? with.width : 4}, with.x,
               NULL);
    if (with.labels) {
        ql_npz_add(writer, "l", QL_I32, 1, &with.samples, with.labels, NULL);
    }
    ck_assert_int_eq(ql_npz_finish(writer, NULL), QL_OK);
    const ql_model *const models[] = {&nets[0].model, &nets[1].model};
    ql_data_options options = {.labels = with.labels ? "l" : NULL};
    ck_assert_int_eq(ql_dataset_open(&dataset, path, models, (const int[]){0, 0}, 2, &options, err), QL_OK);
    ql_arena_init(&arena, 0);
    ql_side sides[] = {{models[0], 0}, {models[1], 0}};
    ck_assert_int_eq(ql_pair_models(sides[0], sides[1], &arena, &pairing, err), QL_OK);
    ql_engine_options engine = {.reference = sides[0],
                                .candidate = sides[1],
                                .pairing = &pairing,
                                .data = dataset,
                                .threads = how.threads ? how.threads : 1,
                                .local = true,
                                .split = how.split,
                                .local_from_reference = how.from_reference};
    ql_code code = ql_engine_run(&engine, comparison, err);
    for (int i = 0; i < pairing.pair_count && !code; i++) {
        ck_assert_int_eq(pairing.pairs[i].candidate, pairing.pairs[i].reference);
    }
    ck_assert(code || with.width || pairing.pair_count == 3); /* x, y, z in this order */
    ql_arena_free(&arena);
    ql_dataset_close(dataset);
    unlink(path);
    return code;
}

/* --- Figures --- */

enum { PAIR_X, PAIR_Y, PAIR_Z };

static void near(const char *what, double found, double wanted)
{
    ck_assert_msg(fabs(found - wanted) <= 2e-6, "%s: %.9g, not %.9g", what, found, wanted);
}

static double metric(const ql_stats *stats, const char *id)
{
    ql_metric_context none = {0};
    return ql_metric_find(id)->get(stats, &none);
}

static const struct {
    const char *what;
    float y_scale, z_scale;
    bool from_reference;
    int pair;
    double cumulative_mse, cumulative_mean, local_mse, local_mean;
    double split[QL_SPLIT_COUNT]; /* input, weights, clipping, rounding, rescale */
} figures[] = {
    {"the input is rounded", 0.3f, 0.4f, false, PAIR_X, 0.01, 0.05, NAN, NAN, {0}},
    {"first operator",
     0.3f,
     0.4f,
     false,
     PAIR_Y,
     0.06625,
     0.125,
     0.04625,
     -0.175,
     {0.316227766, 0.141421356, 0, 0.0790569415, 0}},
    {"second operator", 0.3f, 0.4f, false, PAIR_Z, 0.49, 0.7, 0.01, 0.1, {0.6, 0, 0, 0.1, 0}},
    {"first operator, on the reference's inputs",
     0.3f,
     0.4f,
     true,
     PAIR_Y,
     0.06625,
     0.125,
     0.06625,
     0.125,
     {0.316227766, 0.141421356, 0, 0.0790569415, 0}},
    {"second operator, on the reference's inputs",
     0.3f,
     0.4f,
     true,
     PAIR_Z,
     0.49,
     0.7,
     0.01,
     -0.1,
     {0, 0, 0, 0.1, 0}},
    /* int8 ends at 2.54: 2.75 is clipped, -0.2 is exact */
    {"an output range too narrow",
     0.02f,
     0.4f,
     false,
     PAIR_Y,
     0.01805,
     0.095,
     0.04205,
     -0.205,
     {0.316227766, 0.141421356, 0.148492424, 0, 0}},
};

START_TEST(figures_are_those_worked_out_by_hand)
{
    ql_err err;
    ql_comparison c;
    *y_scale = figures[_i].y_scale;
    *z_scale = figures[_i].z_scale;
    make(&nets[0], false, FULLY_CONNECTED);
    make(&nets[1], true, FULLY_CONNECTED);
    choice how = {.split = true, .from_reference = figures[_i].from_reference};
    ck_assert_int_eq(run((data){1, first, NULL, 0}, how, &c, &err), QL_OK);
    const ql_pair_stats *stats = &c.pairs[figures[_i].pair];
    near("cumulative mse", metric(&stats->cumulative, "mse"), figures[_i].cumulative_mse);
    near("cumulative mean error", metric(&stats->cumulative, "mean_error"), figures[_i].cumulative_mean);
    ck_assert_int_eq(stats->has_local, !isnan(figures[_i].local_mse));
    if (stats->has_local) {
        near("local mse", metric(&stats->local, "mse"), figures[_i].local_mse);
        near("local mean error", metric(&stats->local, "mean_error"), figures[_i].local_mean);
        for (int part = 0; part < QL_SPLIT_COUNT; part++) {
            near(ql_split_name((ql_split_part)part), ql_split_rms(&stats->split, (ql_split_part)part),
                 figures[_i].split[part]);
        }
    }
    ql_comparison_free(&c);
}
END_TEST

/* Samples add up whatever the threads, and NaN and infinities are counted, not summed. */
static const float some[][4] = {
    {1, -2, 0.5f, 1.3f}, {NAN, 0, 0, 0}, {1, -2, 0.5f, 1.3f}, {INFINITY, 0, 0, 0}};

static const struct {
    int32_t samples;
    int pair;
    uint64_t count, nan_f, inf_f;
    double mse;
} odd[] = {
    {1, PAIR_Y, 2, 0, 0, 0.06625},    {2, PAIR_Y, 2, 2, 0, 0.06625},  {3, PAIR_Y, 4, 2, 0, 0.06625},
    {1, PAIR_X, 4, 0, 0, 0.04 / 4},   {2, PAIR_X, 7, 1, 0, 0.04 / 7}, {3, PAIR_X, 11, 1, 0, 0.08 / 11},
    {4, PAIR_X, 14, 1, 1, 0.08 / 14},
};

START_TEST(what_is_not_finite_is_counted_apart)
{
    ql_err err;
    *y_scale = 0.3f;
    *z_scale = 0.4f;
    make(&nets[0], false, FULLY_CONNECTED);
    make(&nets[1], true, FULLY_CONNECTED);
    for (int threads = 1; threads <= 3; threads += 2) {
        ql_comparison c;
        choice how = {.threads = threads};
        ck_assert_int_eq(run((data){odd[_i].samples, some[0], NULL, 0}, how, &c, &err), QL_OK);
        const ql_stats *seen = &c.pairs[odd[_i].pair].cumulative;
        ck_assert_uint_eq(c.samples, (uint64_t)odd[_i].samples);
        ck_assert_uint_eq(seen->count, odd[_i].count);
        ck_assert_uint_eq(seen->nan_f, odd[_i].nan_f);
        ck_assert_uint_eq(seen->inf_f, odd[_i].inf_f);
        ck_assert_uint_eq(seen->nan_q + seen->inf_q, 0);
        near("mse", metric(seen, "mse"), odd[_i].mse);
        ql_comparison_free(&c);
    }
}
END_TEST

/* Any kind of model against any: {reference, candidate} in int8?, and the cumulative error of y. */
static const struct {
    bool reference, candidate;
    double mse;
} kinds[] = {{false, false, 0}, {true, true, 0}, {true, false, 0.06625}, {false, true, 0.06625}};

START_TEST(float_and_quantized_models_in_any_order)
{
    ql_err err;
    ql_comparison c;
    *y_scale = 0.3f;
    *z_scale = 0.4f;
    make(&nets[0], kinds[_i].reference, FULLY_CONNECTED);
    make(&nets[1], kinds[_i].candidate, FULLY_CONNECTED);
    ck_assert_int_eq(run((data){1, first, NULL, 0}, (choice){0}, &c, &err), QL_OK);
    near("mse", metric(&c.pairs[PAIR_Y].cumulative, "mse"), kinds[_i].mse);
    ql_comparison_free(&c);
}
END_TEST

/* y is two scores: 2.35 against -0.2 in the first sample, their places changed in the second, where int8 has
 * -0.3 against 0. */
START_TEST(labels_are_counted_by_class)
{
    static const float x[][4] = {{1, -2, 0.5f, 1.3f}, {0, 0, 0.25f, 0.8f}, {0, 0, 0, 1}};
    static const int32_t labels[] = {0, 1, 0};
    ql_err err;
    ql_comparison c;
    *y_scale = 0.3f;
    *z_scale = 0.4f;
    make(&nets[0], false, FULLY_CONNECTED);
    make(&nets[1], true, FULLY_CONNECTED);
    ck_assert_int_eq(run((data){3, x[0], labels, 0}, (choice){0}, &c, &err), QL_OK);
    ck_assert_uint_eq(c.task.labelled, 3);
    ck_assert_uint_eq(c.task.agreement.rows, 3);
    ck_assert_uint_eq(c.task.reference_right, 2); /* the second is 1.6 against 0.05: class 0, not 1 */
    ck_assert_uint_eq(c.task.candidate_right, 2);
    ck_assert_uint_eq(c.task.reference_confusion[0 * 2 + 0], 2);
    ck_assert_uint_eq(c.task.reference_confusion[1 * 2 + 0], 1);
    ck_assert_uint_eq(c.task.candidate_confusion[1 * 2 + 0], 1);
    ql_comparison_free(&c);
}
END_TEST

/* x [1,1024] -> RELU, in float and in int8. */
static void make_wide(net *n, bool integer)
{
    memset(n, 0, sizeof *n);
    int g = net_graph_add(n);
    for (int t = 0; t < 2; t++) {
        net_tensor(n, g, integer ? QL_I8 : QL_F32, 2, (const int32_t[]){1, WIDE}, NULL);
        if (integer) {
            scale_by(n, t, x_scale, 1);
        }
    }
    net_op(n, g, RELU, NET_LIST(0), NET_LIST(1), 0, 0, 0);
    net_io(n, g, NET_LIST(0), NET_LIST(1));
}

/* More than 4 MiB of samples are read from the file as they are needed. */
START_TEST(arrays_that_stay_on_disk_give_the_same)
{
    enum { KEPT = 100, ROUNDS = 11, STREAMED = KEPT * ROUNDS };
    float *x = malloc(sizeof(float[WIDE]) * STREAMED);
    ck_assert_ptr_nonnull(x);
    ql_err err;
    ql_comparison c[2];
    make_wide(&nets[0], false);
    make_wide(&nets[1], true);
    for (size_t i = 0; i < (size_t)WIDE * STREAMED; i++) {
        x[i] = (float)(i % (WIDE * KEPT) * 2654435761u % 1000) / 250 - 2;
    }
    for (int i = 0; i < 2; i++) {
        data with = {.samples = i ? STREAMED : KEPT, .x = x, .width = WIDE};
        ck_assert_int_eq(run(with, (choice){.threads = 1 + i}, &c[i], &err), QL_OK);
    }
    for (int pair = 0; pair < 2; pair++) {
        const ql_stats *kept = &c[0].pairs[pair].cumulative, *streamed = &c[1].pairs[pair].cumulative;
        ck_assert(metric(kept, "mse") > 0);
        near("mse", metric(streamed, "mse"), metric(kept, "mse"));
        ck_assert_uint_eq(streamed->count, kept->count * ROUNDS);
    }
    ql_comparison_free(&c[0]);
    ql_comparison_free(&c[1]);
    free(x);
}
END_TEST

START_TEST(an_operator_without_a_kernel_is_named)
{
    ql_err err;
    ql_comparison c = {0};
    ql_err_clear(&err);
    *y_scale = 0.3f;
    *z_scale = 0.4f;
    make(&nets[0], false, FULLY_CONNECTED);
    make(&nets[1], true, CUSTOM);
    ck_assert_int_eq(run((data){1, first, NULL, 0}, (choice){0}, &c, &err), QL_E_UNSUPPORTED);
    ck_assert_int_eq(ql_exit_status(QL_E_UNSUPPORTED), 6);
    ck_assert(err.text[0]);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

Suite *ql_suite(void)
{
    Suite *suite = suite_create("engine");
    TCase *tests = tcase_create("engine");
    tcase_add_loop_test(tests, figures_are_those_worked_out_by_hand, 0, COUNT(figures));
    tcase_add_loop_test(tests, what_is_not_finite_is_counted_apart, 0, COUNT(odd));
    tcase_add_loop_test(tests, float_and_quantized_models_in_any_order, 0, COUNT(kinds));
    tcase_add_test(tests, labels_are_counted_by_class);
    tcase_add_test(tests, arrays_that_stay_on_disk_give_the_same);
    tcase_add_test(tests, an_operator_without_a_kernel_is_named);
    suite_add_tcase(suite, tests);
    return suite;
}
