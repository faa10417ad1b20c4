#include "runtime/base/arena.h"
#include "runtime/base/error.h"
#include "tests/support/suite.h"

#include <stdint.h>
#include <string.h>

START_TEST(message_has_every_place)
{
    ql_err err;
    ql_code code = ql_fail(&err, QL_E_FORMAT, "output scale %g: must be exactly 1/256", 0.004);
    ql_at_tensor(&err, "probs", 5);
    ql_at_op(&err, 12, "SOFTMAX");
    ql_at_op(&err, 13, "OUTER"); /* the innermost place stays */
    ql_at_file(&err, "m.tflite");
    char text[512];
    ck_assert_str_eq(ql_err_text(&err, text, sizeof text),
                     "m.tflite: op #12 SOFTMAX 'probs': output scale 0.004: must be exactly 1/256");
    ck_assert_int_eq(code, QL_E_FORMAT);
    ck_assert_int_eq(ql_exit_status(code), 4);
}
END_TEST

static const struct {
    const char *text;
    size_t length, room;
    const char *want;
} escapes[] = {
    {"plain", 5, 64, "plain"},
    {"a\nb\tc", 5, 64, "a\\nb\\tc"},
    {"\x1b[31m", 5, 64, "\\x1b[31m"},
    {"nul\0here", 8, 64, "nul\\x00here"},
    {"\xc3\xa9\xff", 3, 64, "\xc3\xa9\\xff"},
    {"\xe2\x80\xae", 3, 64, "\\xe2\\x80\\xae"}, /* right-to-left override */
    {"\xc2\x9b", 2, 64, "\\xc2\\x9b"},          /* a C1 control */
    {"\xed\xa0\x80", 3, 64, "\\xed\\xa0\\x80"}, /* a surrogate */
    {"\xc0\xaf", 2, 64, "\\xc0\\xaf"},          /* overlong */
    {"abcdefghij", 10, 8, "abcd..."},
    {"abcdefg", 7, 8, "abcdefg"},
    {"ab", 2, 2, "."},
};

START_TEST(escape_makes_text_inert)
{
    char out[64];
    ql_escape(out, escapes[_i].room, escapes[_i].text, escapes[_i].length);
    ck_assert_str_eq(out, escapes[_i].want);
}
END_TEST

START_TEST(arena_pieces_are_zeroed_aligned_and_bounded)
{
    ql_arena arena;
    ql_arena_init(&arena, 1 << 20);
    for (size_t i = 1; i < 100; i++) {
        unsigned char *piece = ql_take(&arena, i, 7);
        ck_assert_ptr_nonnull(piece);
        ck_assert_uint_eq((uintptr_t)piece % 64, 0);
        for (size_t k = 0; k < 7 * i; k++) {
            ck_assert_uint_eq(piece[k], 0);
        }
        memset(piece, 0xff, 7 * i);
    }
    ck_assert_ptr_null(ql_take(&arena, 2 << 20, 1));
    ck_assert_ptr_null(ql_take(&arena, SIZE_MAX / 2, 3));
    ck_assert_ptr_nonnull(ql_take(&arena, 0, 8));
    ck_assert_ptr_nonnull(ql_take(&arena, 300000, 2));
    ql_arena_free(&arena);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("base");
    TCase *errors = tcase_create("errors");
    tcase_add_test(errors, message_has_every_place);
    tcase_add_loop_test(errors, escape_makes_text_inert, 0, sizeof escapes / sizeof *escapes);
    suite_add_tcase(suite, errors);
    TCase *arena = tcase_create("arena");
    tcase_add_test(arena, arena_pieces_are_zeroed_aligned_and_bounded);
    suite_add_tcase(suite, arena);
    return suite;
}
