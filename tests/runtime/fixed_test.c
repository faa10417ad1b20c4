/* Fixed-point arithmetic against exact rational arithmetic, libm within stated errors, and gemmlowp's bits.
 */
#include "runtime/tensor/fixed.h"
#include "tests/support/suite.h"

#include <float.h>
#include <limits.h>
#include <math.h>

/* Check tells its parent of every assertion, which takes long in loops: this one speaks of failures only. */
#define EXPECT(holds, at)                                                                                    \
    do {                                                                                                     \
        if (!(holds)) {                                                                                      \
            ck_abort_msg("at %.17g: " #holds, (double)(at));                                                 \
        }                                                                                                    \
    } while (0)

enum { ROUNDS = 200000 };

/* Edges, which every test with random values meets in all combinations first. */
static const int32_t edges[] = {0,
                                1,
                                -1,
                                2,
                                -2,
                                3,
                                -3,
                                127,
                                -128,
                                32767,
                                -32768,
                                65535,
                                1 << 30,
                                -(1 << 30),
                                (1 << 30) - 1,
                                (1 << 30) + 1,
                                INT32_MAX,
                                INT32_MIN,
                                INT32_MAX - 1,
                                INT32_MIN + 1};
enum { EDGES = sizeof edges / sizeof *edges };

static uint64_t random_state;

static uint32_t random_32(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 32);
}

/* The k-th pair: edges with edges, then random magnitudes. */
static void pair(int k, int32_t *a, int32_t *b)
{
    if (k == 0) {
        random_state = 1;
    }
    if (k < EDGES * EDGES) {
        *a = edges[k / EDGES];
        *b = edges[k % EDGES];
        return;
    }
    *a = (int32_t)random_32() >> (random_32() % 31);
    *b = (int32_t)random_32() >> (random_32() % 31);
}

/* floor(n / 2^bits) and round(n / 2^bits) with ties up or away from zero, without shifting negative numbers.
 */
static int64_t floor_div(int64_t n, int bits)
{
    int64_t unit = 1LL << bits, quotient = n / unit;
    return n % unit < 0 ? quotient - 1 : quotient;
}

static int64_t round_up(int64_t n, int bits)
{
    int64_t whole = floor_div(n, bits), rest = n - whole * (1LL << bits);
    return bits && rest >= 1LL << (bits - 1) ? whole + 1 : whole;
}

static int64_t round_away(int64_t n, int bits)
{
    return n < 0 ? -round_up(-n, bits) : round_up(n, bits);
}

static int64_t saturated(int64_t n, int64_t lowest, int64_t highest)
{
    return n < lowest ? lowest : n > highest ? highest : n;
}

START_TEST(srdhm_rounds_the_exact_product)
{
    for (int k = 0; k < ROUNDS; k++) {
        int32_t a, b;
        pair(k, &a, &b);
        int64_t exact = saturated(round_up((int64_t)a * b, 31), INT32_MIN, INT32_MAX);
        EXPECT(ql_srdhm(a, b) == exact, a);
    }
}
END_TEST

START_TEST(srdhm16_rounds_the_exact_product)
{
    for (int a = INT16_MIN; a <= INT16_MAX; a += 7) {
        for (int b = INT16_MIN; b <= INT16_MAX; b += 31) {
            int64_t exact = saturated(round_up((int64_t)a * b, 15), INT16_MIN, INT16_MAX);
            EXPECT(ql_srdhm16((int16_t)a, (int16_t)b) == exact, a);
        }
    }
    ck_assert_int_eq(ql_srdhm16(INT16_MIN, INT16_MIN), INT16_MAX);
}
END_TEST

START_TEST(rdivpot_rounds_ties_away)
{
    for (int k = 0; k < ROUNDS; k++) {
        int32_t x, other;
        pair(k, &x, &other);
        int n = (int)((uint32_t)other % 32);
        EXPECT(ql_rdivpot(x, n) == round_away(x, n), x);
    }
}
END_TEST

static const struct {
    double real;
    int32_t m;
    int shift;
} multipliers[] = {
    {0, 0, 0},
    {1, 1 << 30, 1},
    {0.5, 1 << 30, 0},
    {-0.5, -(1 << 30), 0},
    {0.75, 3 << 29, 0},
    {1.0 / 3, 1431655765, -1},
    {0.1, 1717986918, -3},
    {123.456, 2071247978, 7},
    {0.99999999999, 1 << 30, 1}, /* the mantissa rounds up to 1 */
    {0x1p-32, 1 << 30, -31},
    {0x1.8p-33, 0, 0}, /* too small */
    {0x1p30, 1 << 30, 31},
};

START_TEST(multipliers_are_the_known_ones)
{
    ql_mult mult = ql_quantize_multiplier(multipliers[_i].real);
    ck_assert_int_eq(mult.m, multipliers[_i].m);
    ck_assert_int_eq(mult.shift, multipliers[_i].shift);
}
END_TEST

START_TEST(multipliers_are_the_nearest)
{
    random_state = 2;
    for (int k = 0; k < ROUNDS; k++) {
        double real = ldexp(1 + random_32() * 0x1p-32 + random_32() * 0x1p-52, (int)(random_32() % 50) - 31);
        ql_mult mult = ql_quantize_multiplier(real);
        EXPECT(mult.m >= 1 << 30, k);
        EXPECT(fabs(ldexp(mult.m, mult.shift - 31) - real) <= ldexp(1, mult.shift - 32), k);
    }
}
END_TEST

START_TEST(mul32_single_rounds_the_exact_product_once)
{
    for (int k = 0; k < ROUNDS; k++) {
        int32_t x, other;
        pair(k, &x, &other);
        ql_mult by = {(int32_t)(random_32() >> 2 | 1u << 30), (int)((uint32_t)other % 31) - 30};
        EXPECT(ql_mul32(x, by, QL_ROUND_SINGLE) == round_up((int64_t)x * by.m, 31 - by.shift), x);
    }
}
END_TEST

START_TEST(mul32_double_rounds_twice)
{
    for (int k = 0; k < ROUNDS; k++) {
        int32_t x, other;
        pair(k, &x, &other);
        ql_mult by = {(int32_t)(random_32() >> 2 | 1u << 30), (int)((uint32_t)other % 40) - 31};
        int left = by.shift > 0 ? by.shift : 0, right = by.shift < 0 ? -by.shift : 0;
        int32_t shifted = (int32_t)(uint32_t)((uint64_t)(int64_t)x << left);
        int64_t exact = round_away(round_up((int64_t)shifted * by.m, 31), right);
        EXPECT(ql_mul32(x, by, QL_ROUND_DOUBLE) == exact, x);
    }
    /* a quarter of 1: 0.25 rounds to 0, but 0.5 first and then 1 */
    ql_mult quarter = ql_quantize_multiplier(0.25);
    ck_assert_int_eq(ql_mul32(1, quarter, QL_ROUND_DOUBLE), 1);
    ck_assert_int_eq(ql_mul32(1, quarter, QL_ROUND_SINGLE), 0);
}
END_TEST

START_TEST(mul64_uses_the_upper_16_bits_of_the_factor)
{
    random_state = 3;
    for (int k = 0; k < ROUNDS; k++) {
        int64_t x = (int64_t)((uint64_t)random_32() << 15 | random_32() >> 17) - (1LL << 46);
        x >>= random_32() % 47;
        ql_mult by = {(int32_t)(random_32() >> 2 | 1u << 30), -(int)(random_32() % 32)};
        int64_t upper = saturated(round_up(by.m, 16), 0, 0x7fff);
        EXPECT(ql_mul64(x, by) == (int32_t)round_up(x * upper, 15 - by.shift), x);
    }
    ck_assert_int_eq(ql_mul64(1000, (ql_mult){1 << 30, 7}), 64000);
    ck_assert_int_eq(ql_mul64(-1, (ql_mult){1 << 30, 0}), 0); /* -0.5 goes up */
}
END_TEST

static const struct {
    double x;
    int32_t rounded;
} floats[] = {
    {0.5, 1},
    {-0.5, -1},
    {1.5, 2},
    {2.5, 3},
    {-2.5, -3},
    {0.49999997f, 0},
    {8388607.5, 8388608},
    {16777217, 16777216},
    {2147483520, 2147483520},
    {-2147483648.0, INT32_MIN},
    {2147483648.0, INT32_MIN},
    {-2147483904.0, INT32_MIN},
    {1e30, INT32_MIN},
    {-1e30, INT32_MIN},
    {(double)INFINITY, INT32_MIN},
    {(double)-INFINITY, INT32_MIN},
    {(double)NAN, INT32_MIN},
};

START_TEST(floats_round_half_away_and_overflow_as_x86_does)
{
    ck_assert_int_eq(ql_round_to_i32((float)floats[_i].x), floats[_i].rounded);
}
END_TEST

START_TEST(doubles_round_half_away_and_overflow_as_x86_does)
{
    ck_assert_int_eq(ql_round_to_i32_d(2147483647.0), INT32_MAX);
    ck_assert_int_eq(ql_round_to_i32_d(2147483647.5), INT32_MIN);
    ck_assert_int_eq(ql_round_to_i32_d(-2147483648.4), INT32_MIN);
    ck_assert_int_eq(ql_round_to_i32_d(-7.5), -8);
    ck_assert_int_eq(ql_round_to_i32_d(7.4999999), 7);
    ck_assert_int_eq(ql_round_to_i32_d((double)NAN), INT32_MIN);
}
END_TEST

START_TEST(rescale_f32_rounds_ties_to_even_inside_its_bounds)
{
    for (int x = -70000; x <= 70000; x += 13) {
        for (int zero = -128; zero <= 127; zero += 85) {
            float factor = 0.0078125f * (float)(1 + (x & 7));
            int64_t exact = saturated((int64_t)rint((double)((float)x * factor)) + zero, -128, 127);
            EXPECT(ql_rescale_f32(x, factor, zero, -128, 127) == exact, x);
        }
    }
}
END_TEST

START_TEST(sums_and_shifts_wrap)
{
    for (int k = 0; k < ROUNDS; k++) {
        int32_t a, b;
        pair(k, &a, &b);
        int64_t x = a, y = b;
        EXPECT(ql_wrap_add(a, b) == (int32_t)(uint32_t)(uint64_t)(x + y), x);
        EXPECT(ql_wrap_sub(a, b) == (int32_t)(uint32_t)(uint64_t)(x - y), x);
        EXPECT(ql_wrap_mul(a, b) == (int32_t)(uint32_t)(uint64_t)(x * y), x);
        EXPECT(ql_clamp(a, -100, 100) == saturated(a, -100, 100), a);
        EXPECT(ql_sat16(a) == saturated(a, INT16_MIN, INT16_MAX), a);
        EXPECT(ql_half_sum(a, b) == round_away(x + y, 1), x);
    }
    ck_assert_int_eq(ql_shift_left(3, 30), -(1 << 30));
    ck_assert_int_eq(ql_shift_left(1, 31), INT32_MIN);
    ck_assert_int_eq(ql_shift_left(-1, 32), 0);
    ck_assert_int_eq(ql_shift_left(-1, 1000), 0);
}
END_TEST

/* A power of two up saturates where the reference's thresholds are: one step before the true ones below. */
static int64_t times_pot(int64_t x, int n, int bits)
{
    int64_t threshold = (1LL << (bits - 1 - n)) - 1, highest = (1LL << (bits - 1)) - 1;
    return x > threshold ? highest : x < -threshold ? -highest - 1 : x * (1LL << n);
}

START_TEST(mul_pot_saturates)
{
    for (int k = 0; k < ROUNDS; k++) {
        int32_t x, other;
        pair(k, &x, &other);
        int n = (int)((uint32_t)other % 62) - 31;
        EXPECT(ql_mul_pot(x, n) == (n > 0 ? times_pot(x, n, 32) : round_away(x, -n)), x);
    }
    for (int x = INT16_MIN; x <= INT16_MAX; x++) {
        for (int n = -15; n < 15; n++) {
            EXPECT(ql_mul_pot16((int16_t)x, n) == (n > 0 ? times_pot(x, n, 16) : round_away(x, -n)), x);
        }
    }
}
END_TEST

/* FNV-1a of the raw results of gemmlowp's own templates (1.0), as four bytes each. */
static uint64_t hashed(uint64_t hash, int32_t value)
{
    for (int i = 0; i < 4; i++) {
        hash = (hash ^ ((uint32_t)value >> (8 * i) & 255)) * 1099511628211u;
    }
    return hash;
}
#define HASH_START 14695981039346656037u

static const struct {
    int bits;
    uint64_t logistic, tanh;
} golden_16[] = {
    {0, 0x0b12f9e809d2423e, 0x442f95080c29be3f}, {1, 0x905c04eddcfdf79f, 0xed5544c867c9414b},
    {2, 0x8d19cc4e49e3a458, 0xf13dd26f94c99197}, {3, 0xef01ec2b77ce7c34, 0xe4a38410afdf07fd},
    {4, 0x0b9eccc1920427cf, 0x7a7410effe3fc2bc}, {5, 0x5214362f4d71127f, 0x6bfdd0c20be7b6b0},
    {6, 0x6a77c4e974ffe123, 0xb855bc2b71e805e2},
};

START_TEST(functions_of_16_bits_have_gemmlowps_bits)
{
    uint64_t logistic = HASH_START, tanh_hash = HASH_START;
    for (int a = INT16_MIN; a <= INT16_MAX; a++) {
        logistic = hashed(logistic, ql_fixed_logistic16((int16_t)a, golden_16[_i].bits));
        tanh_hash = hashed(tanh_hash, ql_fixed_tanh16((int16_t)a, golden_16[_i].bits));
    }
    ck_assert_uint_eq(logistic, golden_16[_i].logistic);
    ck_assert_uint_eq(tanh_hash, golden_16[_i].tanh);
}
END_TEST

static const struct {
    int bits;
    uint64_t logistic, tanh, exp_neg;
} golden_32[] = {
    {1, 0xf4c0c8f23f685477, 0x89ea823eac2cbdde, 0xe894b9988e31a9c5},
    {3, 0xe22efc0ce14283c8, 0xfcb168397ff01222, 0x24d3932e9de09021},
    {5, 0x7da2e1e69cccab49, 0x80a610d1b668363f, 0x7a8a701df13b7cb4},
    {6, 0xd32e3dd7b4e7e620, 0xd500e53ef1f4ca57, 0xbfca6fc204b4c12c},
};

START_TEST(functions_of_32_bits_have_gemmlowps_bits)
{
    uint64_t logistic = HASH_START, tanh_hash = HASH_START, exp_neg = HASH_START;
    for (int64_t a = INT32_MIN; a <= INT32_MAX; a += 65521) {
        logistic = hashed(logistic, ql_fixed_logistic((int32_t)a, golden_32[_i].bits));
        tanh_hash = hashed(tanh_hash, ql_fixed_tanh((int32_t)a, golden_32[_i].bits));
        exp_neg = a <= 0 ? hashed(exp_neg, ql_fixed_exp_neg((int32_t)a, golden_32[_i].bits)) : exp_neg;
    }
    ck_assert_uint_eq(logistic, golden_32[_i].logistic);
    ck_assert_uint_eq(tanh_hash, golden_32[_i].tanh);
    ck_assert_uint_eq(exp_neg, golden_32[_i].exp_neg);
}
END_TEST

/* Hashes say that nothing changed; these say that the functions are what they are called. */
START_TEST(functions_approximate_their_names)
{
    for (int64_t a = INT32_MIN; a <= INT32_MAX; a += 1000003) {
        double x = ldexp((double)a, 4 - 31);
        EXPECT(fabs(ldexp(ql_fixed_tanh((int32_t)a, 4), -31) - tanh(x)) <= 1e-6, a);
        EXPECT(fabs(ldexp(ql_fixed_logistic((int32_t)a, 4), -31) - 1 / (1 + exp(-x))) <= 1e-6, a);
        if (a <= 0) {
            EXPECT(fabs(ldexp(ql_fixed_exp_neg((int32_t)a, 4), -31) - exp(x)) <= 1e-6, a);
        } else {
            double one_over = 1 / (1 + ldexp((double)a, -31));
            EXPECT(fabs(ldexp(ql_fixed_one_over_1px((int32_t)a), -31) - one_over) <= 1e-8, a);
        }
    }
    for (int a = INT16_MIN; a <= INT16_MAX; a++) {
        double x = ldexp(a, 3 - 15);
        EXPECT(fabs(ldexp(ql_fixed_tanh16((int16_t)a, 3), -15) - tanh(x)) <= 1e-3, x);
        EXPECT(fabs(ldexp(ql_fixed_logistic16((int16_t)a, 3), -15) - 1 / (1 + exp(-x))) <= 1e-3, x);
    }
}
END_TEST

START_TEST(tanh_is_odd_and_logistic_complements)
{
    for (int a = 1; a <= INT16_MAX; a++) {
        EXPECT(ql_fixed_tanh16((int16_t)-a, 3) == -ql_fixed_tanh16((int16_t)a, 3), a);
        EXPECT(ql_fixed_logistic16((int16_t)-a, 3) == INT16_MAX - ql_fixed_logistic16((int16_t)a, 3), a);
    }
    for (int64_t a = 1; a <= INT32_MAX; a += 999983) {
        EXPECT(ql_fixed_tanh((int32_t)-a, 3) == -ql_fixed_tanh((int32_t)a, 3), a);
        EXPECT(ql_fixed_logistic((int32_t)-a, 3) == INT32_MAX - ql_fixed_logistic((int32_t)a, 3), a);
    }
    ck_assert_int_eq(ql_fixed_tanh16(0, 3), 0);
    ck_assert_int_eq(ql_fixed_logistic16(0, 3), 1 << 14);
}
END_TEST

START_TEST(reciprocal_inverts)
{
    for (int64_t x = 1; x <= INT32_MAX; x += 1 + x / 1000) {
        int over;
        int32_t y = ql_fixed_reciprocal((int32_t)x, 31, &over);
        /* x = (1 + a) 2^over at 31 - 31 fraction bits: y is 1 / (1 + a) */
        double exact = ldexp(1, over) / (double)x;
        EXPECT(fabs(ldexp(y, -31) - exact) < 1e-8, x);
    }
}
END_TEST

START_TEST(inv_sqrt_inverts)
{
    for (int64_t v = 2; v <= INT32_MAX; v += 1 + v / 1000) {
        ql_mult root = ql_fixed_inv_sqrt((int32_t)v);
        double got = ldexp(root.m, root.shift - 31), exact = 1 / sqrt((double)v);
        EXPECT(fabs(got / exact - 1) < 2e-6, v);
    }
    ck_assert_int_eq(ql_fixed_inv_sqrt(1).m, INT32_MAX);
    ck_assert_int_eq(ql_fixed_inv_sqrt(0).m, INT32_MAX);
}
END_TEST

START_TEST(log_is_the_logarithm)
{
    enum { BITS = 12 };
    for (int64_t x = 1LL << (31 - BITS); x <= INT32_MAX; x += 1 + x / 1000) {
        double exact = log(ldexp((double)x, BITS - 31));
        double got = ldexp(ql_fixed_log((int32_t)x, BITS, 5), 5 - 31);
        EXPECT(fabs(got - exact) < 1e-3, x);
    }
}
END_TEST

static const struct {
    float scale;
    bool power;
    int exponent;
} scales[] = {
    {1, true, 0},
    {0.5f, true, -1},
    {0x1p-12f, true, -12},
    {0x1p-12f * 1.0005f, true, -12},
    {0x1p-12f * 1.001f, false, -12},
    {0x1p-15f, true, -15},
    {3, false, 2},
    {0.0078f, false, -7},
};

START_TEST(powers_of_two_are_recognized)
{
    int exponent;
    ck_assert_int_eq(ql_log2_of(scales[_i].scale, &exponent), scales[_i].power);
    ck_assert_int_eq(exponent, scales[_i].exponent);
}
END_TEST

#define LOOP(test, table) tcase_add_loop_test(tests, test, 0, sizeof table / sizeof *table)
Suite *ql_suite(void)
{
    Suite *suite = suite_create("fixed");
    TCase *tests = tcase_create("fixed");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, srdhm_rounds_the_exact_product);
    tcase_add_test(tests, srdhm16_rounds_the_exact_product);
    tcase_add_test(tests, rdivpot_rounds_ties_away);
    LOOP(multipliers_are_the_known_ones, multipliers);
    tcase_add_test(tests, multipliers_are_the_nearest);
    tcase_add_test(tests, mul32_single_rounds_the_exact_product_once);
    tcase_add_test(tests, mul32_double_rounds_twice);
    tcase_add_test(tests, mul64_uses_the_upper_16_bits_of_the_factor);
    LOOP(floats_round_half_away_and_overflow_as_x86_does, floats);
    tcase_add_test(tests, doubles_round_half_away_and_overflow_as_x86_does);
    tcase_add_test(tests, rescale_f32_rounds_ties_to_even_inside_its_bounds);
    tcase_add_test(tests, sums_and_shifts_wrap);
    tcase_add_test(tests, mul_pot_saturates);
    LOOP(functions_of_16_bits_have_gemmlowps_bits, golden_16);
    LOOP(functions_of_32_bits_have_gemmlowps_bits, golden_32);
    tcase_add_test(tests, functions_approximate_their_names);
    tcase_add_test(tests, tanh_is_odd_and_logistic_complements);
    tcase_add_test(tests, reciprocal_inverts);
    tcase_add_test(tests, inv_sqrt_inverts);
    tcase_add_test(tests, log_is_the_logarithm);
    LOOP(powers_of_two_are_recognized, scales);
    suite_add_tcase(suite, tests);
    return suite;
}
