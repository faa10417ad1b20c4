/* Inputs of hybrid operators in 8 bits: scale and zero point also of values that no model should see. */
#include "runtime/ops/common/hybrid.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdbool.h>

enum { VALUES = 4 };

/* Answers of the reference kernels on x86-64. */
static const struct {
    const char *name;
    float x[VALUES];
    bool scaled; /* by a number */
    int32_t zero;
    int8_t q[VALUES];
} cases[] = {
    {"zeros", {0, 0, 0, 0}, true, 0, {0, 0, 0, 0}},
    {"one sign", {0, 1, 2, 2.55f}, true, -128, {-128, -28, 72, 127}},
    {"both signs", {-1.27f, -1, 1, 1.28f}, true, -1, {-128, -101, 99, 127}},
    {"infinity", {-1, INFINITY, 1, 2}, false, 0, {0, -128, 0, 0}},
    {"infinities", {-INFINITY, INFINITY, 1, 2}, false, 0, {-128, -128, 0, 0}},
};

START_TEST(asymmetric)
{
    for (int i = 0; ql_isa_at(i); i++) {
        int8_t q[VALUES];
        if (!ql_isa_at(i)->present()) {
            continue;
        }
        ql_hybrid made = ql_hybrid_asymmetric(ql_isa_at(i), cases[_i].x, VALUES, q);
        ck_assert_msg(made.zero == cases[_i].zero, "%s: zero point %d", cases[_i].name, made.zero);
        ck_assert_int_eq(isfinite(made.scale) != 0, cases[_i].scaled);
        for (int k = 0; k < VALUES; k++) {
            ck_assert_msg(q[k] == cases[_i].q[k], "%s under %s: %d", cases[_i].name, ql_isa_at(i)->name,
                          q[k]);
        }
    }
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("hybrid");
    TCase *tests = tcase_create("inputs");
    tcase_add_loop_test(tests, asymmetric, 0, sizeof cases / sizeof *cases);
    suite_add_tcase(suite, tests);
    return suite;
}
