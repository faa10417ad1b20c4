/* Every vector of tests/vectors, and every filled slot of the op table in some vector. */
#include "tests/support/suite.h"
#include "tests/support/vectors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 64, MAX_ROWS = 512, ANY_TYPES = 2 };

static ql_vectors files[MAX_FILES];
static int file_count, case_count;

static bool is_npz(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && !strcmp(name + length - 4, ".npz");
}

static void open_files(void)
{
    DIR *folder = opendir(QL_SOURCE_DIR "/tests/vectors");
    char path[1024], text[1024];
    ql_err err;
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        if (!is_npz(entry->d_name)) {
            continue;
        }
        snprintf(path, sizeof path, QL_SOURCE_DIR "/tests/vectors/%s", entry->d_name);
        if (file_count == MAX_FILES || ql_vectors_open(&files[file_count], path, &err)) {
            fprintf(stderr, "%s: %s\n", path,
                    file_count == MAX_FILES ? "too many files" : ql_err_text(&err, text, sizeof text));
            exit(1);
        }
        case_count += files[file_count++].count;
    }
    if (folder) {
        closedir(folder);
    }
}

static const ql_vectors *locate(int *i)
{
    const ql_vectors *v = files;
    while (*i >= v->count) {
        *i -= v->count;
        v++;
    }
    return v;
}

START_TEST(answers_are_the_official_ones)
{
    char text[1024];
    ql_err err;
    ql_vector_result result;
    int i = _i;
    const ql_vectors *v = locate(&i);
    ql_err_clear(&err);
    ql_code code = ql_vector_run(v, i, NULL, NULL, &result, &err);
    ck_assert_msg(!code, "%s: %s", v->cases[i].name, ql_err_text(&err, text, sizeof text));
    ck_assert_msg(!*result.text, "%s: %s", v->cases[i].name, result.text);
}
END_TEST

static bool seen[MAX_ROWS][QL_S_COUNT];

static void see(void *user, const ql_call *call)
{
    (void)user;
    for (int i = 0; call && call->row && i < MAX_ROWS && ql_op_at(i); i++) {
        seen[i][call->slot] |= call->row == ql_op_at(i);
    }
}

/* How many of the row's slots no vector reaches; prints them. */
static int unseen(int i)
{
    const ql_op *row = ql_op_at(i);
    int lacking = 0, any = 0;
    for (int slot = 0; slot < QL_S_COUNT; slot++) {
        any += !row->run[slot] && seen[i][slot];
        if (row->run[slot] && !seen[i][slot]) {
            printf("no vector: %s %s\n", row->name, ql_slot_name((ql_slot)slot));
            lacking++;
        }
    }
    if (row->run_any && any < ANY_TYPES) {
        printf("no vector: %s any type: %d seen, at least %d are required\n", row->name, any, ANY_TYPES);
        lacking++;
    }
    return lacking;
}

START_TEST(every_filled_slot_has_a_vector)
{
    int lacking = 0;
    for (int i = 0; i < case_count; i++) {
        int k = i;
        const ql_vectors *v = locate(&k);
        ql_vector_result result;
        ql_vector_run(v, k, see, NULL, &result, NULL);
    }
    for (int i = 0; ql_op_at(i); i++) {
        ck_assert_int_lt(i, MAX_ROWS);
        lacking += unseen(i);
    }
    fflush(stdout);
    ck_assert_msg(!lacking, "%d filled slots have no vector (listed above)", lacking);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("vectors");
    open_files();
    TCase *answers = tcase_create("answers");
    tcase_add_loop_test(answers, answers_are_the_official_ones, 0, case_count);
    suite_add_tcase(suite, answers);
    TCase *coverage = tcase_create("coverage");
    tcase_add_test(coverage, every_filled_slot_has_a_vector);
    suite_add_tcase(suite, coverage);
    return suite;
}
