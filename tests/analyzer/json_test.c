#include "analyzer/analyzer.h"
#include "tests/support/suite.h"

#include <cjson/cJSON.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANDOM_NUMBERS = 20000, NEIGHBOURS = 5, NUMBER_ROOM = 40 };

/* --- What the texts must be, by printf and strtof --- */

static void float_text(float number, char *to)
{
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(to, NUMBER_ROOM, "%.*g", digits, (double)number);
        if (strtof(to, NULL) == number) {
            return;
        }
    }
}

/* As a document has it. */
static void check_float(float number)
{
    char want[NUMBER_ROOM];
    if (isfinite(number)) {
        ql_doc d = {0};
        ql_json *list = ql_json_array(&d);
        ql_put_float(&d, list, NULL, number);
        char *got = ql_json_print(list);
        ck_assert_ptr_nonnull(got);
        float_text(number, want);
        ck_assert_uint_eq(strlen(got), strlen(want) + strlen("[]\n"));
        ck_assert(!strncmp(got + 1, want, strlen(want)));
        free(got);
        ql_json_free(list);
    }
}

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

/* --- Numbers of every kind --- */

static const double edges[] = {0,
                               1,
                               0.1,
                               0.5,
                               9.995,
                               1e-4,
                               9.9999999999999995e-5,
                               1e-5,
                               1e6,
                               999999.5,
                               1e14,
                               999999999999999,
                               999999999999999.9,
                               1e15,
                               1e16,
                               1e17,
                               1e22,
                               1e23,
                               1e-38,
                               0.30000000000000004,
                               4503599627370496.5,
                               2147483648,
                               9007199254740994,
                               FLT_MIN,
                               FLT_MAX,
                               FLT_TRUE_MIN,
                               DBL_MIN,
                               DBL_MAX,
                               DBL_TRUE_MIN};

START_TEST(edges_have_printfs_text)
{
    check_float((float)edges[_i]);
    check_float(-(float)edges[_i]);
}
END_TEST

static double of_bits(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static float of_float_bits(uint32_t bits)
{
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* A short decimal of some digits, such as people write. */
static void short_decimal(uint64_t *state, char *to)
{
    snprintf(to, NUMBER_ROOM, "%.*fe%d", (int)(next(state) % 17), (double)(next(state) >> 11) * 0x1p-53,
             (int)(next(state) % 60) - 40);
}

START_TEST(floats_have_printfs_text)
{
    uint64_t state = 0x2545f4914f6cdd1d;
    for (int i = 0; i < RANDOM_NUMBERS; i++) {
        char text[NUMBER_ROOM];
        check_float(of_float_bits((uint32_t)next(&state)));
        check_float((float)ldexp((double)(next(&state) >> 11), (int)(next(&state) % 60) - 80));
        short_decimal(&state, text);
        float number = strtof(text, NULL);
        check_float(number);
        check_float(nextafterf(number, 1));
    }
}
END_TEST

/* Where the distance between neighbours changes. */
START_TEST(powers_of_two_have_printfs_text)
{
    for (int exponent = -140; exponent <= 130; exponent++) {
        float single = (float)ldexp(1, exponent);
        uint32_t few;
        memcpy(&few, &single, sizeof few);
        for (uint32_t k = 0; k <= NEIGHBOURS && few > NEIGHBOURS; k++) {
            check_float(of_float_bits(few + k));
            check_float(of_float_bits(few - k));
        }
    }
}
END_TEST

/* --- Documents --- */

static ql_json *some_document(ql_doc *d)
{
    ql_json *root = ql_json_object(d), *list, *inner;
    ql_put_text(d, root, "plain", "a name");
    ql_put_text(d, root, "odd \"key\"\n", "\b\f\n\r\t\\\"/ \x01\x1f\x7f \xc3\xa9");
    ql_put_text(d, root, "", "");
    ql_put_number(d, root, "pi", 3.141592653589793);
    ql_put_number(d, root, "none", (double)NAN);
    ql_put_bool(d, root, "yes", true);
    ql_put_bool(d, root, "no", false);
    ql_put_object(d, root, "empty");
    ql_put_array(d, root, "nothing");
    list = ql_put_array(d, root, "list");
    for (int i = 0; i < 200; i++) {
        ql_put_number(d, list, NULL, i * 0.1 - 7);
    }
    inner = ql_put_object(d, ql_put_object(d, list, NULL), "deep");
    ql_put_null(d, inner, "null");
    ql_put_count(d, ql_put_array(d, inner, "counts"), NULL, 7);
    return root;
}

START_TEST(documents_are_laid_out_as_cjson_does)
{
    ql_doc d = {0};
    ql_json *document = some_document(&d);
    ck_assert_int_eq(ql_doc_check(&d, NULL), QL_OK);
    char *want = cJSON_Print(document), *got = ql_json_print(document);
    ck_assert_ptr_nonnull(want);
    ck_assert_ptr_nonnull(got);
    ck_assert_uint_eq(strlen(got), strlen(want) + 1);
    ck_assert(!strncmp(got, want, strlen(want)) && got[strlen(want)] == '\n');
    free(want);
    free(got);
    ql_json_free(document);
    ck_assert_ptr_null(ql_json_print(NULL));
}
END_TEST

static void put_figures(ql_doc *d, ql_json *list)
{
    uint64_t state = 0x853c49e6748fea9b;
    static const float singles[] = {0,      1,     -1,    1e6F,   1.5e6F,   123456792, 1e9F,
                                    1e-5F,  1e-4F, 0.1F,  1e15F,  1.25e16F, FLT_MAX,   FLT_MIN,
                                    1e-40F, -3e7F, 65504, 1e-45F, 16777216, -0.0F,     0.3F};
    static const int64_t whole[] = {0, -1, 255, 999999999999999, 1000000000000000, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++) {
        ql_put_float(d, list, NULL, singles[i]);
    }
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        ql_put_int(d, list, NULL, whole[i]);
    }
    ql_put_count(d, list, NULL, UINT64_MAX);
    for (int i = 0; i < 2000; i++) {
        ql_put_float(d, list, NULL, of_float_bits((uint32_t)next(&state)));
        ql_put_number(d, list, NULL, of_bits(next(&state)));
    }
}

static void same_numbers(const ql_json *a, const ql_json *b)
{
    ck_assert_int_eq(ql_json_size(a), ql_json_size(b));
    b = ql_json_first(b);
    for (a = ql_json_first(a); a; a = ql_json_next(a), b = ql_json_next(b)) {
        double x = ql_json_number_or(a, -1), y = ql_json_number_or(b, -2);
        ck_assert(ql_json_is_null(a) == ql_json_is_null(b));
        ck_assert(ql_json_is_null(a) || !memcmp(&x, &y, sizeof x));
    }
}

START_TEST(a_settled_text_stays_when_it_is_read_and_written)
{
    ql_doc d = {0};
    ql_json *document = some_document(&d), *read = NULL;
    put_figures(&d, ql_put_array(&d, document, "figures"));
    char *once = ql_json_print(document), *settled = ql_json_print_settled(document);
    ck_assert_ptr_nonnull(once);
    ck_assert_ptr_nonnull(settled);
    ck_assert_int_eq(ql_json_parse(&read, once, strlen(once), NULL), QL_OK);
    char *twice = ql_json_print(read);
    ck_assert_str_eq(settled, twice);
    ql_json *copy = ql_json_settled(&d, document);
    ck_assert(cJSON_Compare(copy, read, true));
    same_numbers(ql_json_get(copy, "figures"), ql_json_get(read, "figures"));
    ql_json_free(copy);
    ck_assert_str_ne(settled, once); /* 1e+06 has become 1000000 */
    free(once);
    free(twice);
    free(settled);
    ql_json_free(read);
    ql_json_free(document);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("json");
    TCase *numbers = tcase_create("numbers"), *documents = tcase_create("documents");
    tcase_set_timeout(numbers, 120);
    tcase_add_loop_test(numbers, edges_have_printfs_text, 0, (int)(sizeof edges / sizeof *edges));
    tcase_add_test(numbers, floats_have_printfs_text);
    tcase_add_test(numbers, powers_of_two_have_printfs_text);
    tcase_add_test(documents, documents_are_laid_out_as_cjson_does);
    tcase_add_test(documents, a_settled_text_stays_when_it_is_read_and_written);
    suite_add_tcase(suite, numbers);
    suite_add_tcase(suite, documents);
    return suite;
}
