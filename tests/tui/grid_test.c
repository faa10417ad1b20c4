/* Cells: what is put stays inside, whatever its width; plots. */
#include "tests/support/suite.h"
#include "tui/grid/plot.h"

#include <stdlib.h>
#include <string.h>

typedef enum { PUT, CUT, RIGHT } how;

static const struct {
    how how;
    int col, width;
    bool ascii;
    const char *text, *want; /* the only row of a grid of ten columns */
} puts_[] = {
    {PUT, 0, 10, false, "abc", "abc\n"},
    {PUT, 2, 3, false, "abcdef", "  abc\n"},
    {PUT, 8, 10, false, "abcdef", "        ab\n"},
    {PUT, -1, 10, false, "abc", "bc\n"},
    {PUT, 20, 10, false, "abc", "\n"},
    {PUT, 0, 0, false, "abc", "\n"},
    {PUT, 0, -5, false, "abc", "\n"},
    {PUT, 0, 10, false, NULL, "\n"},
    {PUT, 0, 3, false, "\xe6\xbc\xa2\xe5\xad\x97", "\xe6\xbc\xa2\n"},
    {PUT, 9, 2, false, "\xe6\xbc\xa2", "         ?\n"},
    {PUT, 0, 10, true, "\xe6\xbc\xa2x", "??x\n"},
    {PUT, 0, 10, true,
     "a\xe2\x86\x92"
     "b",
     "a>b\n"},
    {PUT, 0, 10, false, "e\xcc\x81x", "e\xcc\x81x\n"},
    {PUT, 0, 10, true, "e\xcc\x81x", "ex\n"},
    {PUT, 0, 10, false, "a\x1b[1m", "a\\x1b[1m\n"},
    {PUT, 0, 10, false, "a\nb", "a\\nb\n"},
    {CUT, 0, 5, false, "abcdefgh", "ab\xe2\x80\xa6gh\n"},
    {CUT, 0, 5, true, "abcdefgh", "ab~gh\n"},
    {CUT, 0, 0, false, "abcdefgh", "\n"},
    {RIGHT, 0, 6, false, "abc", "   abc\n"},
    {RIGHT, 0, 2, false, "abc", "ab\n"},
};

START_TEST(put)
{
    ql_err err;
    ql_grid grid;
    ql_text text = {0};
    ck_assert_int_eq(ql_grid_make(&grid, 1, 10, puts_[_i].ascii, &err), QL_OK);
    int col = puts_[_i].col, width = puts_[_i].width;
    if (puts_[_i].how == PUT) {
        ql_grid_put(&grid, 0, col, width, QL_ROLE_NORMAL, puts_[_i].text);
    } else if (puts_[_i].how == CUT) {
        ql_grid_cut(&grid, 0, col, width, QL_ROLE_NORMAL, puts_[_i].text);
    } else {
        ql_grid_right(&grid, 0, col, width, QL_ROLE_NORMAL, puts_[_i].text);
    }
    ql_grid_dump(&grid, false, &text);
    ck_assert_str_eq(ql_text_bytes(&text), puts_[_i].want);
    ql_text_free(&text);
    ql_grid_free(&grid);
}
END_TEST

/* Half of a wide character that is written over leaves a blank, never a half. */
START_TEST(wide_characters_break_whole)
{
    static const char *const wants[] = {"x \xe5\xad\x97\n", " x\xe5\xad\x97\n", "\xe6\xbc\xa2x\n",
                                        "\xe6\xbc\xa2 x\n"};
    ql_err err;
    ql_grid grid;
    ql_text text = {0};
    ck_assert_int_eq(ql_grid_make(&grid, 1, 10, false, &err), QL_OK);
    ql_grid_put(&grid, 0, 0, 10, QL_ROLE_NORMAL, "\xe6\xbc\xa2\xe5\xad\x97");
    ql_grid_put(&grid, 0, _i, 1, QL_ROLE_NORMAL, "x");
    ql_grid_dump(&grid, false, &text);
    ck_assert_str_eq(ql_text_bytes(&text), wants[_i]);
    ql_text_free(&text);
    ql_grid_free(&grid);
}
END_TEST

static const struct {
    int width, rows;
    const char *text;
    int used;
    const char *want;
} wraps[] = {
    {10, 3, "one two three", 2, "one two\nthree\n\n"},
    {5, 3, "abcdefgh", 2, "abcde\nfgh\n\n"},
    {5, 3, "abcde fgh", 2, "abcde\nfgh\n\n"},
    {3, 2, "aa bb cc dd", 2, "aa\nbb\n\n"},
    {10, 3, "", 0, "\n\n\n"},
    {0, 3, "abc", 0, "\n\n\n"},
    {1, 3, "\xe6\xbc\xa2\xe5\xad\x97", 2, "\n\n\n"},
};

START_TEST(wrap)
{
    ql_err err;
    ql_grid grid;
    ql_text text = {0};
    ck_assert_int_eq(ql_grid_make(&grid, 3, 10, false, &err), QL_OK);
    ck_assert_int_eq(
        ql_grid_wrap(&grid, 0, 0, wraps[_i].rows, wraps[_i].width, QL_ROLE_NORMAL, wraps[_i].text),
        wraps[_i].used);
    ql_grid_dump(&grid, false, &text);
    ck_assert_str_eq(ql_text_bytes(&text), wraps[_i].want);
    ql_text_free(&text);
    ql_grid_free(&grid);
}
END_TEST

static const struct {
    double share;
    bool ascii;
    const char *want;
} bars[] = {
    {0, false, "\n"},
    {1, true, "####\n"},
    {0.5, true, "##\n"},
    {2, true, "####\n"},
    {-1, true, "\n"},
    {0.125, false, "\xe2\x96\x8c\n"},
    {0.5, false, "\xe2\x96\x88\xe2\x96\x88\n"},
};

START_TEST(bar)
{
    ql_err err;
    ql_grid grid;
    ql_text text = {0};
    ck_assert_int_eq(ql_grid_make(&grid, 1, 10, bars[_i].ascii, &err), QL_OK);
    ql_plot_bar(&grid, 0, 0, 4, bars[_i].share, QL_ROLE_GOOD);
    ql_grid_dump(&grid, false, &text);
    ck_assert_str_eq(ql_text_bytes(&text), bars[_i].want);
    ql_text_free(&text);
    ql_grid_free(&grid);
}
END_TEST

START_TEST(histogram)
{
    static const double heights[] = {0, 1, 0.5, 0.25};
    static const char *const wants[] = {"\xe2\xa2\xb8\xe2\xa3\xa6\n\n", "\xe2\xa2\xb8\xe2\xa0\x9f\n\n",
                                        " #:.\n\n", " ##\"\n\n"};
    ql_err err;
    ql_grid grid;
    ql_text text = {0};
    bool ascii = _i >= 2;
    ck_assert_int_eq(ql_grid_make(&grid, 2, 10, ascii, &err), QL_OK);
    ql_box box = {0, 0, 1, ascii ? 4 : 2};
    ql_plot_histogram(&grid, &box, heights, 4, _i % 2 ? QL_PLOT_DOWN : QL_PLOT_UP, QL_ROLE_BAR);
    ql_grid_dump(&grid, false, &text);
    ck_assert_str_eq(ql_text_bytes(&text), wants[_i]);
    ql_text_free(&text);
    ql_grid_free(&grid);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

Suite *ql_suite(void)
{
    Suite *suite = suite_create("grid");
    TCase *all = tcase_create("grid");
    tcase_add_loop_test(all, put, 0, COUNT(puts_));
    tcase_add_loop_test(all, wide_characters_break_whole, 0, 4);
    tcase_add_loop_test(all, wrap, 0, COUNT(wraps));
    tcase_add_loop_test(all, bar, 0, COUNT(bars));
    tcase_add_loop_test(all, histogram, 0, 4);
    suite_add_tcase(suite, all);
    return suite;
}
