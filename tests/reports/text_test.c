/* Hostile names are inert in every format. */
#include "reports/reports.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

typedef enum { PLAIN, MARKUP, CSV, SPAN, MARKDOWN, SHELL } format;

static const struct {
    format format;
    const char *text, *want;
} escapes[] = {
    {PLAIN, "conv/Relu;conv/BiasAdd", "conv/Relu;conv/BiasAdd"},
    {PLAIN, "a\x1b[31mb\n\tc\r", "a\\x1b[31mb\\n\\tc\\x0d"},
    {PLAIN, "\xc3\xa9\xff\xc0\xaf", "\xc3\xa9\\xff\\xc0\\xaf"},
    {PLAIN, "\xe2\x80\xaegpj", "\\xe2\\x80\\xaegpj"},
    {PLAIN,
     "\xc2\x9b"
     "31m",
     "\\xc2\\x9b31m"},
    {PLAIN, "<b>&amp;`|", "<b>&amp;`|"},
    {MARKUP, "<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"},
    {MARKUP, "</svg>\" onload=\"x&y", "&lt;/svg&gt;&quot; onload=&quot;x&amp;y"},
    {MARKUP, "]]>\x01\x7f", "]]&gt;\\x01\\x7f"},
    {CSV, "plain", "plain"},
    {CSV, "", ""},
    {CSV, "a,b", "\"a,b\""},
    {CSV, "a;b", "\"a;b\""},
    {CSV, "a\"b", "\"a\"\"b\""},
    {CSV, "=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""},
    {CSV, "+1", "\"'+1\""},
    {CSV, "-1", "\"'-1\""},
    {CSV, "@SUM(1)", "\"'@SUM(1)\""},
    {CSV, "\tx", "\"'\\tx\""},
    {CSV, "a\nb,c", "\"a\\nb,c\""},
    {SPAN, "a`b",
     "`a\xe2\x80\x98"
     "b`"},
    {SPAN, "a|b", "`a\\|b`"},
    {SPAN, "", "` `"},
    {SPAN, "a\nb", "`a\\nb`"},
    {SPAN, "<script>", "`<script>`"},
    {MARKDOWN, "a*b_c[d](e)`f`<g>&h", "a\\*b\\_c\\[d\\]\\(e\\)\\`f\\`&lt;g&gt;&amp;h"},
    {MARKDOWN, "# x | y", "\\# x \\| y"},
    {MARKDOWN, "@team", "@&#8203;team"},
    {MARKDOWN, "a\nb", "a\\\\nb"},
    {MARKDOWN, "\x1b", "\\\\x1b"},
    {SHELL, "model.tflite", "model.tflite"},
    {SHELL, "", "''"},
    {SHELL, "a b", "'a b'"},
    {SHELL, "it's", "'it'\\''s'"},
    {SHELL, "$(id)`id`", "'$(id)`id`'"},
    {SHELL, "; system(\"id\")", "'; system(\"id\")'"},
};

static void put(ql_text *text, format how, const char *string)
{
    switch (how) {
    case PLAIN:
        ql_text_escaped(text, &ql_escape_plain, string);
        break;
    case MARKUP:
        ql_text_escaped(text, &ql_escape_markup, string);
        break;
    case CSV:
        ql_text_csv(text, string);
        break;
    case SPAN:
        ql_text_code_span(text, string, 40);
        break;
    case MARKDOWN:
        ql_text_markdown(text, string);
        break;
    case SHELL:
        ql_text_shell_word(text, string);
        break;
    }
}

START_TEST(escape)
{
    ql_text text = {0};
    put(&text, escapes[_i].format, escapes[_i].text);
    ck_assert_str_eq(ql_text_bytes(&text), escapes[_i].want);
    ck_assert(!text.failed);
    ql_text_free(&text);
}
END_TEST

static const struct {
    const char *text;
    size_t columns;
    const char *want;
} cuts[] = {
    {"abcdef", 6, "abcdef"},
    {"abcdefg", 6,
     "ab\xe2\x80\xa6"
     "efg"},
    {"abcdefg", 1, "\xe2\x80\xa6"},
    {"abcdefg", 0, "\xe2\x80\xa6"},
    {"", 0, ""},
    {"\n\n\n\n", 5, "\\n\xe2\x80\xa6\\n"},
    {"\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97", 6, "\xe6\xbc\xa2\xe2\x80\xa6\xe5\xad\x97"},
};

START_TEST(cut)
{
    ql_text text = {0};
    ql_text_cut(&text, &ql_escape_plain, cuts[_i].text, cuts[_i].columns);
    ck_assert_str_eq(ql_text_bytes(&text), cuts[_i].want);
    ql_text_free(&text);
}
END_TEST

START_TEST(cut_of_a_long_name)
{
    ql_text text = {0};
    char *name = malloc(10001);
    ck_assert_ptr_nonnull(name);
    memset(name, 'x', 10000);
    name[10000] = 0;
    ql_text_cut(&text, &ql_escape_markup, name, 80);
    ck_assert_uint_eq(ql_text_columns(ql_text_bytes(&text), text.length), 80);
    free(name);
    ql_text_free(&text);
}
END_TEST

static const struct {
    const char *metric;
    double figure;
    const char *want;
} figures[] = {
    {"sqnr_db", 31.2345, "31.2"},           {"cosine", 0.999987, "0.99999"},
    {"rmse_over_scale", 0.2887, "0.29"},    {"rmse", 0.00012345, "0.000123"},
    {"saturated", 0.0831, "8.31\xc2\xa0%"}, {"sqnr_db", 1e300, "1e+300"},
};

START_TEST(figure)
{
    char text[QL_FIGURE_SIZE];
    ck_assert_str_eq(ql_figure_text(text, figures[_i].metric, figures[_i].figure), figures[_i].want);
    ck_assert_str_eq(ql_figure_text(text, figures[_i].metric, strtod("nan", NULL)), "");
}
END_TEST

START_TEST(exact_text_is_read_back)
{
    static const double numbers[] = {
        0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 123456789012345680.0};
    char text[QL_FIGURE_SIZE];
    double back = strtod(ql_exact_text(text, numbers[_i]), NULL);
    ck_assert_mem_eq(&back, &numbers[_i], sizeof back);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

Suite *ql_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *all = tcase_create("escapers");
    tcase_add_loop_test(all, escape, 0, COUNT(escapes));
    tcase_add_loop_test(all, cut, 0, COUNT(cuts));
    tcase_add_test(all, cut_of_a_long_name);
    tcase_add_loop_test(all, figure, 0, COUNT(figures));
    tcase_add_loop_test(all, exact_text_is_read_back, 0, 6);
    suite_add_tcase(suite, all);
    return suite;
}
