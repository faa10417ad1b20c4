/* The door to gnuplot: whatever the program does, a report is made in time and says what is missing. */
#include "reports/plot/plots.h"
#include "reports/plot/svg.h"
#include "reports/reports.h"
#include "tests/support/suite.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DOCUMENT QL_SOURCE_DIR "/tests/reports/golden/small.json"
#define NOWHERE  "/nonexistent/gnuplot"

static bool has_gnuplot(void)
{
    return system("gnuplot --version >/dev/null 2>&1") == 0;
}

/* An emulator may not pass on that a program could not be started. */
static bool failures_to_start_are_told(void)
{
    pid_t child;
    char name[] = "gnuplot", *arguments[] = {name, NULL};
    int failed = posix_spawn(&child, NOWHERE, NULL, NULL, arguments, NULL);
    if (!failed) {
        waitpid(child, NULL, 0);
    }
    return failed != 0;
}

static ql_json *document(void)
{
    ql_err err;
    ql_json *doc = NULL;
    ck_assert_int_eq(ql_json_read(&doc, DOCUMENT, &err), QL_OK);
    return doc;
}

static const struct {
    const char *script; /* a program in gnuplot's place */
    const char *says;
} programs[] = {
    {NULL, "gnuplot could not be started"},
    {"#!/bin/sh\nexit 1\n", "gnuplot did not draw all of them"},
    {"#!/bin/sh\nexec 0<&-\nexit 0\n", "gnuplot did not draw all of them"},
    {"#!/bin/sh\ncat >/dev/null\necho nonsense\n", "gnuplot did not draw all of them"},
    {"#!/bin/sh\nkill -SEGV $$\n", "gnuplot did not draw all of them"},
    {"#!/bin/sh\nsleep 600\n", "gnuplot took too long"},
    {"#!/bin/sh\nsleep 600 &\nexec 1>&- 0<&-\nsleep 600\n", "gnuplot took too long"},
    {"#!/bin/sh\nwhile :; do echo '@@plot 0 <svg </defs>'; done\n", "gnuplot took too long"},
    {"#!/bin/sh\ncat >/dev/null\necho '@@plot 0'\necho '<svg "
     "<defs></defs><script>hostile()</script></g></svg>'\n",
     "gnuplot did not draw all of them"},
};

START_TEST(report_without_gnuplot)
{
    if (!programs[_i].script && !failures_to_start_are_told()) {
        ql_skip("a gnuplot that is not there", "posix_spawn does not tell under this emulator");
        return;
    }
    char path[] = "/tmp/qloupe-plot-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    if (programs[_i].script) {
        size_t length = strlen(programs[_i].script);
        ck_assert_int_eq(write(fd, programs[_i].script, length), (ssize_t)length);
        fchmod(fd, 0700);
    }
    close(fd);
    ql_report_options options = {.gnuplot = programs[_i].script ? path : NOWHERE, .plot_seconds = 1};
    ql_json *doc = document();
    ql_text page = {0};
    ql_err err;
    time_t began = time(NULL);
    ck_assert_int_eq(ql_report_make(ql_report_find("html"), doc, &options, &page, &err), QL_OK);
    ck_assert_int_le(time(NULL) - began, 5);
    ck_assert_msg(strstr(page.bytes, programs[_i].says) != NULL, "not said: %s", programs[_i].says);
    ck_assert(!strstr(page.bytes, "class=\"plot\""));
    ck_assert(strstr(page.bytes, "class=\"mini\""));
    ck_assert(!strstr(page.bytes, "hostile"));
    ck_assert(strstr(page.bytes, "</html>\n"));
    unlink(path);
    ql_text_free(&page);
    ql_json_free(doc);
}
END_TEST

START_TEST(report_with_gnuplot)
{
    if (!has_gnuplot()) {
        ql_skip("plots of the report", "gnuplot is not installed");
        return;
    }
    ql_json *doc = document();
    ql_text page = {0}, again = {0};
    ql_err err;
    ck_assert_int_eq(ql_report_make(ql_report_find("html"), doc, NULL, &page, &err), QL_OK);
    ck_assert_int_eq(ql_report_make(ql_report_find("html"), doc, NULL, &again, &err), QL_OK);
    ck_assert_str_eq(page.bytes, again.bytes);
    int plots = 0;
    for (const char *at = page.bytes; (at = strstr(at, "class=\"plot\"")) != NULL; at++) {
        plots++;
    }
    ck_assert_int_eq(plots, 1 + 2 * 6); /* the network; six tensors that are not plain integers */
    ck_assert(!strstr(page.bytes, "Plots are missing"));
    ck_assert(strstr(page.bytes, "var(--plot-3)"));
    ql_text_free(&page);
    ql_text_free(&again);
    ql_json_free(doc);
}
END_TEST

/* Of all that a document says, only numbers reach gnuplot. */
START_TEST(scripts_hold_numbers_only)
{
    static const char name[] = "\"; system(\"touch hostile\"); '`hostile`' \\n EOD hostile";
    ql_json *doc = document();
    ql_doc d = {0};
    for (ql_json *pair = ql_json_first(ql_json_get(doc, "pairs")); pair; pair = ql_json_next(pair)) {
        static const char *const members[] = {"name", "op", "how", "node_names"};
        for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
            ql_json_drop(pair, members[i]);
            ql_put_text(&d, pair, members[i], name);
        }
        ql_json *values = ql_json_get(ql_json_get(pair, "histograms"), "values");
        ql_put_text(&d, ql_json_get(values, "reference"), NULL, name);
    }
    ql_digest digest;
    ql_err err;
    ck_assert_int_eq(ql_digest_make(&digest, doc, &err), QL_OK);
    ql_plot plots[3] = {0};
    ql_plot_network(&plots[0], &digest);
    ck_assert(ql_plot_values(&plots[1], &digest.rows[1]));
    ck_assert(ql_plot_error(&plots[2], &digest.rows[1]));
    for (int i = 0; i < 3; i++) {
        ck_assert(!strstr(ql_text_bytes(&plots[i].script), "hostile"));
        ck_assert(plots[i].script.length > 200);
    }
    ql_plot_free(plots, 3);
    ql_digest_free(&digest);
    ql_json_free(doc);
}
END_TEST

static const struct {
    const char *svg, *want;
} drawings[] = {
    {"<svg a><g><defs>x</defs><path d='M1,2'/></g></svg>", "<g><path d='M1,2'/></g>"},
    {"<svg a><g><defs></defs><path stroke='rgb(  3,   3,   3)'/></g></svg>",
     "<g><path stroke='var(--plot-3)'/></g>"},
    {"<svg a><g><defs></defs><path stroke='rgb(148,   0, 211)'/></g></svg>",
     "<g><path stroke='rgb(148, 0, 211)'/></g>"},
    {"<svg a><g><defs></defs><g id=\"p\"><title>t</title></g></g></svg>", "<g><g ><title>t</title></g></g>"},
    {"<svg a><g><defs></defs><g fill=\"none\">\n</g><g x>y</g></g></svg>", "<g><g x>y</g></g>"},
    {"<svg a><g><defs></defs><path d='M1,2'/></g>", ""},
    {"<g><defs></defs><path/></g></svg>", ""},
    {"<svg><defs></defs><script>1</script></svg>", ""},
    {"<svg><defs></defs><g onload='x'></g></svg>", ""},
    {"<svg><defs></defs><image href='x'/></svg>", ""},
    {"", ""},
};

START_TEST(svg_is_taken)
{
    ql_text body = {0};
    ql_plot_take_svg(&body, drawings[_i].svg, strlen(drawings[_i].svg));
    ck_assert_str_eq(ql_text_bytes(&body), drawings[_i].want);
    ql_text_free(&body);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

Suite *ql_suite(void)
{
    Suite *suite = suite_create("plot");
    TCase *all = tcase_create("gnuplot");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, report_without_gnuplot, 0, COUNT(programs));
    tcase_add_test(all, report_with_gnuplot);
    tcase_add_test(all, scripts_hold_numbers_only);
    tcase_add_loop_test(all, svg_is_taken, 0, COUNT(drawings));
    suite_add_tcase(suite, all);
    return suite;
}
