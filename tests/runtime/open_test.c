#include "runtime/runtime.h"
#include "tests/support/suite.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static const char *const zoo = QL_SOURCE_DIR "/../shared/zoo/models";

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Opens what the folder and its folders have; returns how many models that were. */
static int open_all(const char *folder)
{
    DIR *entries = opendir(folder);
    int count = 0;
    for (struct dirent *entry = entries ? readdir(entries) : NULL; entry; entry = readdir(entries)) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (!ends_with(path, ".tflite")) {
            count += open_all(path);
            continue;
        }
        ql_model *model;
        ql_err err;
        char text[1024];
        ck_assert_msg(!ql_model_open(&model, path, &err), "%s", ql_err_text(&err, text, sizeof text));
        ck_assert_int_gt(model->subgraphs[0].tensor_count, 0);
        ql_model_close(model);
        count++;
    }
    if (entries) {
        closedir(entries);
    }
    return count;
}

START_TEST(real_models_open)
{
    int count = open_all(zoo);
    if (!count) {
        printf("skipped: real_models_open: %s has no models\n", zoo);
    }
}
END_TEST

START_TEST(files_that_cannot_be_read_say_why)
{
    ql_model *model;
    ql_err err;
    char text[1024];
    ck_assert_int_eq(ql_model_open(&model, "/no/such/file.tflite", &err), QL_E_IO);
    ck_assert_str_eq(ql_err_text(&err, text, sizeof text),
                     "/no/such/file.tflite: cannot be opened: No such file or directory");
    ck_assert_ptr_null(model);
    ck_assert_int_eq(ql_model_open(&model, "/dev/null", &err), QL_E_IO);
    ck_assert_str_eq(ql_err_text(&err, text, sizeof text), "/dev/null: not a regular file: one is required");
    ql_model_close(NULL);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("open");
    TCase *open = tcase_create("open");
    tcase_set_timeout(open, 120);
    tcase_add_test(open, real_models_open);
    tcase_add_test(open, files_that_cannot_be_read_say_why);
    suite_add_tcase(suite, open);
    return suite;
}
