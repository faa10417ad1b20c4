/* Eigen's functions in the bits of LiteRT's kernels; answers from Eigen as TensorFlow 2.21 has it. */
#include "runtime/ops/common/eigen_math.h"
#include "tests/support/suite.h"

#include <math.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

static float estimated(float x)
{
#ifdef __SSE__
    return _mm_cvtss_f32(_mm_rcp_ss(_mm_set_ss(x)));
#else
    return 1.0f / x;
#endif
}

/* `estimate` is that of 1 / x^2 on the processor that gave the answer; 0 where none is taken. */
static const struct {
    float x, estimate, y;
} erfcs[] = {
    {-11.5f, 0x1.ef8p-8f, 0x1p+1f},
    {-4.69999981f, 0x1.72dp-5f, 0x1p+1f},
    {-2.82999992f, 0x1.ff7p-4f, 0x1.fffbe4p+0f},
    {-1.37f, 0x1.10dp-1f, 0x1.f2831p+0f},
    {-1.0f, 0.0f, 0x1.d7bb3cp+0f},
    {-0.310000002f, 0.0f, 0x1.56c2bp+0f},
    {0.0f, 0.0f, 0x1p+0f},
    {0.0199999996f, 0.0f, 0x1.f4726ap-1f},
    {0.769999981f, 0.0f, 0x1.1ace84p-2f},
    {1.0f, 0.0f, 0x1.422618p-3f},
    {1.00097656f, 0x1.fefp-1f, 0x1.4151c4p-3f},
    {1.13f, 0x1.90fp-1f, 0x1.c2ae18p-4f},
    {1.28999996f, 0x1.33bp-1f, 0x1.16f17ap-4f},
    {1.62f, 0x1.863p-2f, 0x1.67d2eep-6f},
    {1.92999995f, 0x1.12fp-2f, 0x1.9fc88ep-8f},
    {2.47000003f, 0x1.4fbp-3f, 0x1.f4a048p-12f},
    {3.30999994f, 0x1.75ep-4f, 0x1.7f136ep-19f},
    {4.19000006f, 0x1.d2ap-5f, 0x1.abc56ep-29f},
    {5.57000017f, 0x1.081p-5f, 0x1.e29cdp-49f},
    {7.03000021f, 0x1.4b9p-6f, 0x1.08832cp-75f},
    {8.85000038f, 0x1.a26p-7f, 0x1.044c08p-117f},
    {9.30000019f, 0x1.7aep-7f, 0x1.2008ep-129f},
    {9.89999962f, 0x1.4e6p-7f, 0x1.6p-146f},
    {10.6000004f, 0x1.23ap-7f, 0.0f},
};

START_TEST(erfc_has_the_bits_of_eigen)
{
    float x = erfcs[_i].x, want = erfcs[_i].y, got = ql_eigen_erfc(x);
    if (erfcs[_i].estimate == 0 || erfcs[_i].estimate == estimated(x * x)) {
        ck_assert_msg(got == want, "erfc(%a) is %a, not %a", (double)x, (double)got, (double)want);
    }
    ck_assert(fabsf(got - want) <= want * 6e-7f + 1e-44f);
}
END_TEST

START_TEST(nothing_is_lost_at_the_ends)
{
    ck_assert(ql_eigen_erfc(-INFINITY) == 2.0f);
    ck_assert(ql_eigen_erfc(INFINITY) == 0.0f);
    ck_assert(ql_eigen_logistic(-INFINITY) == 0.0f);
    ck_assert(ql_eigen_logistic(INFINITY) == 1.0f);
    ck_assert(ql_eigen_tanh(INFINITY) == 1.0f);
    ck_assert(isnan(ql_eigen_erfc(NAN)) && isnan(ql_eigen_logistic(NAN)) && isnan(ql_eigen_tanh(NAN)));
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("eigen_math");
    TCase *tests = tcase_create("eigen_math");
    tcase_add_loop_test(tests, erfc_has_the_bits_of_eigen, 0, sizeof erfcs / sizeof *erfcs);
    tcase_add_test(tests, nothing_is_lost_at_the_ends);
    suite_add_tcase(suite, tests);
    return suite;
}
