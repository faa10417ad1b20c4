/* Pieces of a comparison in a folder: which are there, which are missing, and what is no piece at all. */
#include "tests/support/suite.h"
#include "tests/support/twins.h"

#include <string.h>
#include <sys/stat.h>

#define MODEL(name) QL_SOURCE_DIR "/samples/digits_" name ".tflite"

static twins pair;
static char folder[64];
static ql_comparison first; /* samples 0 to 3 of 20 */

static void run_range(uint64_t from, uint64_t upto, ql_comparison *sums)
{
    ql_engine_options o = pair.engine;
    o.from = from;
    o.limit = upto - from;
    ck_assert_int_eq(ql_engine_run(&o, sums, NULL), QL_OK);
}

static void set_up(void)
{
    ck_assert(twins_open(&pair, MODEL("float32"), MODEL("int8"), "random:20", 0, NULL));
    pair.engine.local = true;
    snprintf(folder, sizeof folder, "/tmp/qloupe-pieces-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    run_range(0, 4, &first);
}

static void open_pieces(ql_pieces *p)
{
    ck_assert_int_eq(ql_pieces_open(p, folder, &pair.engine, NULL), QL_OK);
}

static void tear_down(void)
{
    ql_pieces p;
    open_pieces(&p);
    ql_pieces_remove(&p);
    ql_pieces_close(&p);
    ql_comparison_free(&first);
    twins_close(&pair);
    ck_assert_int_ne(access(folder, F_OK), 0);
}

static void put_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_int_eq(ql_file_write(path, text, strlen(text), NULL), QL_OK);
}

static void drop_file(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

/* --- The list --- */

START_TEST(what_is_missing)
{
    static const ql_piece there[] = {{8, 12}, {0, 4}, {8, 10}, {12, 13}, {19, 20}};
    static const ql_piece missing[] = {{4, 8}, {13, 19}};
    ql_pieces p;
    int count;
    open_pieces(&p);
    for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
        ck_assert_int_eq(ql_pieces_write(&p, there[i], &first, NULL, NULL), QL_OK);
    }
    ql_pieces_close(&p);
    open_pieces(&p);
    ck_assert_int_eq(p.count, 4); /* one lies within another */
    ck_assert_uint_eq(ql_pieces_samples(&p), 10);
    ql_piece *list = ql_pieces_missing(&p, &count);
    ck_assert_int_eq(count, 2);
    ck_assert_mem_eq(list, missing, sizeof missing);
    free(list);
    ql_pieces_close(&p);
}
END_TEST

START_TEST(an_earlier_piece_is_replaced)
{
    ql_pieces p;
    open_pieces(&p);
    ck_assert_int_eq(ql_pieces_write(&p, (ql_piece){0, 2}, &first, NULL, NULL), QL_OK);
    ck_assert_int_eq(ql_pieces_write(&p, (ql_piece){0, 4}, &first, &(ql_piece){0, 2}, NULL), QL_OK);
    ql_pieces_close(&p);
    open_pieces(&p);
    ck_assert_int_eq(p.count, 1);
    ck_assert_uint_eq(p.list[0].upto, 4);
    ql_pieces_close(&p);
}
END_TEST

/* What follows the comparison's name, and what such a file counts as */
static const struct {
    const char *name;
    int there, damaged;
} names[] = {
    {"-000000000000-000000000003.part.json", 1, 0},
    {"-000000000000-000000000019.part.json", 1, 0},
    {"-000000000000-000000000020.part.json", 0, 1}, /* more than there are */
    {"-000000000003-000000000002.part.json", 0, 1},
    {"-0-3.part.json", 0, 1},
    {"-000000000000-999999999999.part.json", 0, 1},
    {"--00000000001-000000000003.part.json", 0, 1},
    {"-000000000000-000000000003.part.json.Ab3dE6", 0, 0}, /* half written */
    {"-.part.json", 0, 1},
};

START_TEST(names_of_files)
{
    char name[128];
    ql_pieces p;
    open_pieces(&p);
    snprintf(name, sizeof name, "%.8s%s", p.subject, names[_i].name);
    ql_pieces_close(&p);
    put_file(name, "{}");
    open_pieces(&p);
    ck_assert_int_eq(p.count, names[_i].there);
    ck_assert_int_eq(p.damaged, names[_i].damaged);
    ck_assert_int_eq(p.foreign, 0);
    ql_pieces_close(&p);
}
END_TEST

START_TEST(other_files_are_left_alone)
{
    static const char *const others[] = {"deadbeef-000000000000-000000000003.part.json", "notes.txt"};
    ql_pieces p;
    for (int i = 0; i < 2; i++) {
        put_file(others[i], "mine");
    }
    open_pieces(&p);
    ck_assert_int_eq(p.count + p.damaged, 0);
    ck_assert_int_eq(p.foreign, 1);
    ql_pieces_remove(&p);
    ql_pieces_close(&p);
    ck_assert_int_eq(access(folder, F_OK), 0);
    for (int i = 0; i < 2; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", folder, others[i]);
        ck_assert_int_eq(access(path, F_OK), 0);
        drop_file(others[i]);
    }
}
END_TEST

/* Whatever decides the result names the comparison. */
START_TEST(subjects_differ)
{
    char plain[65], other[65];
    ql_pieces_subject(&pair.engine, plain);
    ql_engine_options o = pair.engine;
    o.local = false;
    ql_pieces_subject(&o, other);
    ck_assert_str_ne(plain, other);
    o = pair.engine;
    o.threads = 7;
    ql_pieces_subject(&o, other);
    ck_assert_str_eq(plain, other);
    o.candidate_numerics = ql_numerics_at(1);
    ql_pieces_subject(&o, other);
    ck_assert_str_ne(plain, other);
    twins less;
    ck_assert(twins_open(&less, MODEL("float32"), MODEL("int8"), "random:20", 19, NULL));
    less.engine.local = true;
    ql_pieces_subject(&less.engine, other);
    ck_assert_str_ne(plain, other);
    twins_close(&less);
}
END_TEST

/* --- Contents --- */

static void replace(char **text, const char *from, const char *to)
{
    char *at = strstr(*text, from);
    ck_assert_msg(at != NULL, "no '%s'", from);
    size_t size = strlen(*text) + strlen(to) + 1;
    char *made = malloc(size);
    ck_assert_ptr_nonnull(made);
    snprintf(made, size, "%.*s%s%s", (int)(at - *text), *text, to, at + strlen(from));
    free(*text);
    *text = made;
}

/* Words of a piece, what takes their place ("": it is cut off there), and words of what is said */
static const struct {
    const char *from, *to, *said;
} damages[] = {
    {"{", "[", "not JSON"},
    {"\"partial\"", "", "not JSON"},
    {"qloupe.piece/1", "qloupe.piece/2", "not a piece"},
    {"qloupe.piece/1", "qloupe.comparison/1", "not a piece"},
    {"\"subject\"", "\"subjekt\"", "another comparison"},
    {"\"from\"", "\"form\"", "of other samples"},
    {"\"upto\"", "\"samples\"", "of other samples"},
    {"\"samples\"", "\"sample\"", "of other samples"},
    {"\"partial\"", "\"parts\"", "no exact sums"},
    {"\"pairs\"", "\"pears\"", "sums of 0 pairs"},
    {"\"cumulative\"", "\"local\"", "are damaged"},
    {"\"levels\"", "\"level\"", "are damaged"},
    {"\"top1\"", "\"top2\"", "is damaged"},
    {"\"classes\"", "\"klasses\"", "damaged"},
};

START_TEST(contents_of_files)
{
    ql_pieces p;
    ql_comparison sums;
    size_t *channels;
    ql_err err;
    ql_err_clear(&err);
    open_pieces(&p);
    char *text = ql_piece_text(p.subject, (ql_piece){0, 4}, &first);
    ck_assert_ptr_nonnull(text);
    if (*damages[_i].to) {
        replace(&text, damages[_i].from, damages[_i].to);
    } else {
        *strstr(text, damages[_i].from) = 0;
    }
    ck_assert_int_eq(ql_engine_channels(&pair.engine, &channels, &err), QL_OK);
    ck_assert_int_eq(
        ql_comparison_make(&sums, pair.pairing.pair_count, channels, ql_engine_task(&pair.engine), &err),
        QL_OK);
    ql_code code = ql_piece_parse(text, strlen(text), p.subject, (ql_piece){0, 4}, &sums, &err);
    ck_assert_int_eq(code, QL_E_FORMAT);
    ck_assert_msg(strstr(err.text, damages[_i].said) != NULL, "'%s'", err.text);
    ql_comparison_free(&sums);
    free(channels);
    free(text);
    ql_pieces_close(&p);
}
END_TEST

/* Sums read back from files are those that were written; a damaged file is passed over and its samples
 * missing. */
START_TEST(pieces_add_up)
{
    ql_pieces p;
    ql_comparison rest, whole, sum;
    size_t *channels;
    char name[128];
    run_range(4, 20, &rest);
    run_range(0, 20, &whole);
    open_pieces(&p);
    ck_assert_int_eq(ql_pieces_write(&p, (ql_piece){0, 4}, &first, NULL, NULL), QL_OK);
    ck_assert_int_eq(ql_pieces_write(&p, (ql_piece){4, 20}, &rest, NULL, NULL), QL_OK);
    ql_pieces_close(&p);
    for (int damaged = 0; damaged < 2; damaged++) {
        open_pieces(&p);
        ck_assert_int_eq(ql_engine_channels(&pair.engine, &channels, NULL), QL_OK);
        ck_assert_int_eq(
            ql_comparison_make(&sum, pair.pairing.pair_count, channels, ql_engine_task(&pair.engine), NULL),
            QL_OK);
        ck_assert_int_eq(ql_pieces_read(&p, &pair.engine, &sum, NULL), QL_OK);
        char *got = ql_piece_text(p.subject, (ql_piece){0, 20}, &sum);
        char *want = ql_piece_text(p.subject, (ql_piece){0, 20}, damaged ? &first : &whole);
        ck_assert_str_eq(got, want);
        ck_assert_int_eq(p.damaged, damaged);
        ck_assert_uint_eq(ql_pieces_samples(&p), damaged ? 4 : 20);
        free(got);
        free(want);
        free(channels);
        ql_comparison_free(&sum);
        snprintf(name, sizeof name, "%.8s-000000000004-000000000019.part.json", p.subject);
        put_file(name, "{\"schema\": \"qloupe.piece/1\"}");
        ql_pieces_close(&p);
    }
    ql_comparison_free(&rest);
    ql_comparison_free(&whole);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("pieces");
    TCase *pieces = tcase_create("pieces");
    tcase_add_checked_fixture(pieces, set_up, tear_down);
    tcase_add_test(pieces, what_is_missing);
    tcase_add_test(pieces, an_earlier_piece_is_replaced);
    tcase_add_loop_test(pieces, names_of_files, 0, sizeof names / sizeof *names);
    tcase_add_test(pieces, other_files_are_left_alone);
    tcase_add_test(pieces, subjects_differ);
    tcase_add_loop_test(pieces, contents_of_files, 0, sizeof damages / sizeof *damages);
    tcase_add_test(pieces, pieces_add_up);
    suite_add_tcase(suite, pieces);
    return suite;
}
