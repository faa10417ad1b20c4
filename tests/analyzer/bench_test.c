/* A bench gives what running the rewritten model whole gives, to the last bit, whatever it keeps. */
#include "tests/support/suite.h"
#include "tests/support/twins.h"

#include <string.h>

#define SAMPLES QL_SOURCE_DIR "/samples/"
#define ZOO     QL_SOURCE_DIR "/../shared/zoo/models/"
enum { PLANS = 10, ALIKE = 6, MOST_OPS = 200 };

static const struct {
    const char *reference, *candidate, *data;
    int samples;
} pairs[] = {
    {SAMPLES "digits_float32.tflite", SAMPLES "digits_int8.tflite", SAMPLES "digits.npz", 9},
    {ZOO "mnist_cnn/float32.tflite", ZOO "mnist_cnn/int8_int8io.tflite", "random:5", 5},
    {ZOO "mnist_cnn/float16.tflite", ZOO "mnist_cnn/int8_floatio.tflite", "random:3", 3},
    {ZOO "mobilenet_like/float32.tflite", ZOO "mobilenet_like/int8_floatio.tflite", "random:5", 5},
    {ZOO "real_mlperf_tiny/kws_ref_model_float32.tflite", ZOO "real_mlperf_tiny/kws_ref_model.tflite",
     "random:3", 3},
    {ZOO "real_mlperf_tiny/ad01_fp32.tflite", ZOO "real_mlperf_tiny/ad01_int8.tflite", "random:4", 4},
};

/* What is kept: everything, next to nothing, one sample's, a few samples'; and threads. */
static const struct {
    size_t bytes;
    int threads;
} settings[] = {{(size_t)1 << 30, 1}, {0, 1}, {0, 2}, {300000, 1}, {300000, 3}, {900000, 2}, {1 << 30, 4}};
enum { SETTINGS = sizeof settings / sizeof *settings };

static bool same_number(double a, double b)
{
    return (isnan(a) && isnan(b)) || !memcmp(&a, &b, sizeof a);
}

static void check_same(const ql_bench_result *a, const ql_bench_result *b, int pair, int setting, int plan)
{
    ck_assert_msg(same_number(a->figures.sqnr_db, b->figures.sqnr_db) &&
                      same_number(a->figures.top1, b->figures.top1) &&
                      same_number(a->figures.accuracy, b->figures.accuracy) &&
                      a->figures.samples == b->figures.samples,
                  "pair %d, setting %d, plan %d: %.17g dB, %.17g; run whole %.17g dB, %.17g", pair, setting,
                  plan, a->figures.sqnr_db, a->figures.top1, b->figures.sqnr_db, b->figures.top1);
    ck_assert(!memcmp(&a->cost, &b->cost, sizeof a->cost));
}

typedef struct {
    ql_layer_mode modes[PLANS][MOST_OPS];
    const ql_layer_mode *list[PLANS];
    ql_bench_result whole[PLANS];
} drawn;

/* From next to nothing changed to next to everything; the first one changes nothing. The last ones begin like
 * one another. */
static void draw(const twins *t, drawn *d, uint64_t samples)
{
    uint64_t seed = 7;
    for (int i = 0; i < PLANS; i++) {
        static const uint32_t rare[PLANS] = {1000000, 9, 5, 3, 2, 1, 2, 3, 3, 2};
        ck_assert_int_lt(t->operators, MOST_OPS);
        twins_plan(t, d->modes[i], rare[i], &seed);
        for (int op = 0; op < t->operators * (i - ALIKE) / (PLANS - ALIKE); op++) {
            d->modes[i][op] = d->modes[ALIKE][op];
        }
        twins_measure(t, d->modes[i], samples, &d->whole[i]);
        d->list[i] = d->modes[i];
    }
}

static double noise_of(const ql_bench_result *result)
{
    return pow(10, -result->figures.sqnr_db / 10);
}

/* Each plan has to do as well as the next one; those that do not have no figures, the others all. */
static void check_lost(ql_bench *bench, const drawn *d, int pair, int setting)
{
    ql_err err;
    ql_bench_result some[PLANS];
    double most[PLANS];
    int lost = 0;
    for (int i = 0; i < PLANS; i++) {
        most[i] = noise_of(&d->whole[(i + 1) % PLANS]);
    }
    ck_assert_int_eq(ql_bench_evaluate_until(bench, d->list, most, PLANS, 0, some, &err), QL_OK);
    for (int i = 0; i < PLANS; i++) {
        bool worse = noise_of(&d->whole[i]) > most[i] * (1 + 1e-8);
        ck_assert_msg(some[i].lost == worse, "pair %d, setting %d: plan %d is%s lost", pair, setting, i,
                      some[i].lost ? "" : " not");
        ck_assert_int_eq((int)some[i].figures.samples, worse ? 0 : (int)d->whole[i].figures.samples);
        if (!worse) {
            check_same(&some[i], &d->whole[i], pair, setting, i);
        }
        lost += worse;
    }
    ck_assert_int_gt(lost, 0);
}

START_TEST(equals_the_whole_run)
{
    twins t;
    ql_err err;
    drawn *d = calloc(1, sizeof *d);
    ck_assert_ptr_nonnull(d);
    if (!twins_open(&t, pairs[_i].reference, pairs[_i].candidate, pairs[_i].data, pairs[_i].samples, NULL)) {
        ql_skip("bench", "no folder ../shared of extra models");
    } else {
        draw(&t, d, 0);
        for (int s = 0; s < SETTINGS; s++) {
            ql_bench *bench;
            ql_bench_result all[PLANS], one;
            t.engine.threads = settings[s].threads;
            ck_assert_int_eq(ql_bench_open(&bench, &t.engine, &err), QL_OK);
            ql_bench_keep(bench, settings[s].bytes);
            ck_assert_int_eq(s % 2 ? ql_bench_warm(bench, &err) : QL_OK, QL_OK);
            if (s % 3) { /* before the reference's outputs are known */
                check_lost(bench, d, _i, s);
            }
            for (int i = 0; i < PLANS; i += 3) { /* one after the other, then together, then again */
                ck_assert_int_eq(ql_bench_evaluate(bench, d->list[i], 0, &one, &err), QL_OK);
                check_same(&one, &d->whole[i], _i, s, i);
            }
            ck_assert_int_eq(ql_bench_evaluate_all(bench, d->list, PLANS, 0, all, &err), QL_OK);
            for (int i = 0; i < PLANS; i++) {
                check_same(&all[i], &d->whole[i], _i, s, i);
            }
            check_lost(bench, d, _i, s);
            ck_assert_int_eq(ql_bench_evaluate(bench, d->list[1], 0, &one, &err), QL_OK);
            check_same(&one, &d->whole[1], _i, s, 1);
            ql_bench_close(bench);
        }
    }
    twins_close(&t);
    free(d);
}
END_TEST

static void open_digits(twins *t, int samples)
{
    ck_assert(twins_open(t, pairs[0].reference, pairs[0].candidate, pairs[0].data, samples, "y"));
}

START_TEST(first_samples_and_labels)
{
    twins t;
    ql_err err;
    ql_bench *bench;
    drawn *d = calloc(1, sizeof *d);
    ql_bench_result result;
    ck_assert_ptr_nonnull(d);
    open_digits(&t, 30);
    draw(&t, d, 11);
    ck_assert_int_eq(ql_bench_open(&bench, &t.engine, &err), QL_OK);
    ck_assert_uint_eq(ql_bench_samples(bench), 30);
    ck_assert_int_eq(ql_bench_evaluate(bench, d->list[2], 5, &result, &err), QL_OK);
    ck_assert_uint_eq(result.figures.samples, 5);
    ck_assert_int_eq(ql_bench_evaluate(bench, d->list[2], 11, &result, &err), QL_OK);
    check_same(&result, &d->whole[2], 0, 0, 2);
    ck_assert(result.figures.accuracy >= 0 && result.figures.accuracy <= 1);
    ck_assert(result.figures.sqnr_half > 0);
    ck_assert_int_eq(ql_bench_evaluate(bench, d->list[2], 1000, &result, &err), QL_OK);
    ck_assert_uint_eq(result.figures.samples, 30);
    ql_bench_close(bench);
    twins_close(&t);
    free(d);
}
END_TEST

typedef struct {
    ql_bench *bench;
    uint64_t last, total;
    uint64_t end_at; /* the sample at which the evaluation is canceled; 0: never */
    bool by_cancel;
} follower;

static bool follow(void *user, uint64_t done, uint64_t total)
{
    follower *f = user;
    bool now = f->end_at && done == f->end_at;
    f->last = done;
    f->total = total;
    if (now && f->by_cancel) {
        ql_bench_cancel(f->bench);
    }
    return !now || f->by_cancel;
}

/* Stopped by progress (_i 0) or canceled (_i 1), and used on after that. */
START_TEST(ends_when_told)
{
    twins t;
    ql_err err;
    follower f = {.end_at = 3, .by_cancel = _i == 1};
    ql_bench_result result, whole;
    open_digits(&t, 10);
    t.engine.progress = follow;
    t.engine.user = &f;
    ql_layer_mode *modes = calloc((size_t)t.operators, sizeof *modes);
    ck_assert_ptr_nonnull(modes);
    ck_assert_int_eq(ql_bench_open(&f.bench, &t.engine, &err), QL_OK);
    ck_assert_int_eq(ql_bench_evaluate(f.bench, modes, 0, &result, &err), QL_E_INTERRUPTED);
    ck_assert_uint_eq(f.last, 3);
    f.end_at = 0;
    ck_assert_int_eq(ql_bench_evaluate(f.bench, modes, 0, &result, &err), QL_OK);
    ck_assert_uint_eq(f.last, 10);
    ck_assert_uint_eq(f.total, 10);
    t.engine.progress = NULL;
    twins_measure(&t, modes, 0, &whole);
    check_same(&result, &whole, 0, 0, 0);
    ql_bench_close(f.bench);
    free(modes);
    twins_close(&t);
}
END_TEST

START_TEST(each_layer_alone)
{
    twins t;
    ql_err err;
    ql_bench *bench;
    ql_sensitivities s;
    ql_bench_result whole;
    open_digits(&t, 6);
    ql_layer_mode *modes = calloc((size_t)t.operators, sizeof *modes);
    ck_assert_ptr_nonnull(modes);
    ck_assert_int_eq(ql_bench_open(&bench, &t.engine, &err), QL_OK);
    ck_assert_int_eq(ql_bench_sensitivities(bench, 0, &s, &err), QL_OK);
    ck_assert_int_eq(s.count, t.operators);
    ck_assert_int_gt(s.layers, 4);
    twins_measure(&t, modes, 0, &whole);
    check_same(&s.all, &whole, 0, 0, 0);
    for (int op = 0; op < t.operators; op++) {
        modes[op] = s.layer[op] ? QL_LAYER_FLOAT : QL_LAYER_KEEP;
    }
    twins_measure(&t, modes, 0, &whole);
    check_same(&s.none, &whole, 0, 0, 0);
    for (int op = 0; op < t.operators; op++) {
        if (s.layer[op]) {
            modes[op] = QL_LAYER_KEEP;
            twins_measure(&t, modes, 0, &whole);
            check_same(&s.only[op], &whole, 0, 1, op);
            modes[op] = QL_LAYER_FLOAT;
        }
    }
    memset(modes, 0, (size_t)t.operators * sizeof *modes);
    for (int op = 0; op < t.operators; op++) {
        if (s.layer[op]) {
            modes[op] = QL_LAYER_FLOAT;
            twins_measure(&t, modes, 0, &whole);
            check_same(&s.without[op], &whole, 0, 2, op);
            modes[op] = QL_LAYER_KEEP;
        }
    }
    ql_sensitivities_free(&s);
    ql_bench_close(bench);
    free(modes);
    twins_close(&t);
}
END_TEST

START_TEST(refuses_what_cannot_be)
{
    twins t;
    ql_err err;
    ql_bench *bench;
    ql_bench_result result;
    ck_assert(twins_open(&t, pairs[0].reference, pairs[0].reference, pairs[0].data, 2, NULL));
    ql_layer_mode *modes = calloc((size_t)t.operators, sizeof *modes);
    ck_assert_ptr_nonnull(modes);
    modes[0] = QL_LAYER_FLOAT; /* it is already */
    ck_assert_int_eq(ql_bench_open(&bench, &t.engine, &err), QL_OK);
    ck_assert_int_eq(ql_bench_evaluate(bench, modes, 0, &result, &err), QL_E_UNSUPPORTED);
    modes[0] = QL_LAYER_KEEP;
    ck_assert_int_eq(ql_bench_evaluate(bench, modes, 0, &result, &err), QL_OK);
    ql_bench_close(bench);
    free(modes);
    twins_close(&t);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("bench");
    TCase *tests = tcase_create("bench");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, equals_the_whole_run, 0, (int)(sizeof pairs / sizeof *pairs));
    tcase_add_test(tests, first_samples_and_labels);
    tcase_add_loop_test(tests, ends_when_told, 0, 2);
    tcase_add_test(tests, each_layer_alone);
    tcase_add_test(tests, refuses_what_cannot_be);
    suite_add_tcase(suite, tests);
    return suite;
}
