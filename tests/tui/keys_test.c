/* The table of keys: no key means two things, and docs/tui-keys.md is made from it. */
#include "tests/support/suite.h"
#include "tui/keys/keys.h"

#include <stdlib.h>
#include <string.h>

START_TEST(page)
{
    static const char path[] = QL_SOURCE_DIR "/docs/tui-keys.md";
    ql_text text = {0};
    ql_err err;
    char *want;
    size_t length;
    ql_text_keys_page(&text);
    if (getenv("QL_UPDATE_GOLDEN")) {
        ck_assert_int_eq(ql_file_write(path, text.bytes, text.length, &err), QL_OK);
    }
    ck_assert_int_eq(ql_file_read(path, &want, &length, &err), QL_OK);
    ck_assert_str_eq(ql_text_bytes(&text), want);
    free(want);
    ql_text_free(&text);
}
END_TEST

START_TEST(no_key_means_two_things)
{
    for (size_t i = 0; i < ql_binding_count; i++) {
        const ql_binding *row = &ql_bindings[i];
        ck_assert(row->keys[0] && *row->help);
        for (int k = 0; k < QL_BIND_KEYS && row->keys[k]; k++) {
            int view = row->scope == QL_SCOPE_ANY ? QL_TUI_help : row->scope;
            ck_assert_int_eq(ql_key_action((ql_tui_id)view, row->keys[k]), row->action);
            ck_assert(row->keys[k] < '0' || row->keys[k] > '9');
        }
    }
}
END_TEST

static const struct {
    int key;
    const char *name;
} names[] = {
    {'j', "j"}, {QL_KEY_F(10), "F10"}, {QL_CTRL('f'), "Ctrl-F"}, {QL_KEY_ENTER, "Enter"}, {' ', "Space"}};

START_TEST(name)
{
    char out[16];
    ck_assert_str_eq(ql_key_name(names[_i].key, out), names[_i].name);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("keys");
    TCase *all = tcase_create("keys");
    tcase_add_test(all, page);
    tcase_add_test(all, no_key_means_two_things);
    tcase_add_loop_test(all, name, 0, (int)(sizeof names / sizeof *names));
    suite_add_tcase(suite, all);
    return suite;
}
