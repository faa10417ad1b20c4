#include "runtime/model/verify.h"
#include "runtime/runtime.h"
#include "tests/support/fbuild.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

/* Where a case writes: into the vtable entry of a field, into the field, or into what it refers to. */
enum { ENTRY, FIELD, TARGET };

/* A bad file: the sample with `size` bytes at a place replaced. */
static const struct {
    ql_rule rule;
    const char *mark;
    int part;
    int delta; /* bytes from there */
    size_t size;
    uint64_t value;
    const char *message;
} cases[] = {
#include "tests/runtime/verify_cases.def"
};
enum { CASES = sizeof cases / sizeof *cases };

static fb file;

static ql_code read_file(size_t size, ql_err *err)
{
    ql_model *model;
    ql_err_clear(err);
    ql_code code = ql_model_read(&model, file.bytes, size, err);
    ck_assert(!model == (code != QL_OK));
    ql_model_close(model);
    return code;
}

/* Whether the message is one of this rule's sentence: its words in order, numbers between them. */
static bool is_of_rule(const char *message, ql_rule rule)
{
    static const char *const sentences[] = {
#define SENTENCE(name, code, sentence) sentence,
        QL_RULES(SENTENCE)
#undef SENTENCE
    };
    char words[256];
    snprintf(words, sizeof words, "%s", sentences[rule]);
    for (char *word = words, *end; word; word = end) {
        end = strstr(word, "%lld");
        if (end) {
            *end = 0;
            end += 4;
        }
        message = strstr(message, word);
        if (!message) {
            return false;
        }
        message += strlen(word);
    }
    return true;
}

static void expect(ql_rule rule, size_t size, const char *message)
{
    ql_err err;
    char text[1024];
    ck_assert_msg(read_file(size, &err) != QL_OK, "opened, not: %s", message);
    ck_assert_msg(strcmp(ql_err_text(&err, text, sizeof text), message) == 0, "said: %s", text);
    ck_assert_msg(is_of_rule(text, rule), "another rule's sentence: %s", text);
}

START_TEST(sample_is_legal)
{
    ql_err err;
    char text[1024];
    fb_sample(&file);
    ck_assert_msg(!read_file(file.size, &err), "%s", ql_err_text(&err, text, sizeof text));
}
END_TEST

START_TEST(each_broken_rule_says_so)
{
    fb_sample(&file);
    const fb_mark *mark = fb_find(&file, cases[_i].mark);
    ck_assert_msg(mark, "no mark %s", cases[_i].mark);
    size_t at = cases[_i].part == ENTRY ? mark->entry : cases[_i].part == FIELD ? mark->field : mark->target;
    fb_poke(&file, at + (size_t)cases[_i].delta, cases[_i].size, cases[_i].value);
    expect(cases[_i].rule, file.size, cases[_i].message);
}
END_TEST

START_TEST(short_file)
{
    fb_sample(&file);
    expect(QL_RULE_FILE_SIZE, 7, "7 bytes: a model has at least 8");
    expect(QL_RULE_FILE_SIZE, 0, "0 bytes: a model has at least 8");
}
END_TEST

START_TEST(foreign_file)
{
    fb_sample(&file);
    memcpy(file.bytes + 4, "PK\3\4", 4);
    expect(QL_RULE_IDENTIFIER, file.size, "file identifier 'PK\\x03\\x04' at byte 4: must be TFL3");
}
END_TEST

static void poke_field(const char *mark, size_t size, uint64_t value)
{
    fb_poke(&file, fb_find(&file, mark)->field, size, value);
}

START_TEST(negative_operator_code)
{
    fb_sample(&file);
    poke_field("code", 4, UINT32_MAX);
    poke_field("old code", 1, UINT8_MAX);
    expect(QL_RULE_OPCODE, file.size, "operator code #0: builtin code -1: must not be negative");
}
END_TEST

START_TEST(table_at_the_very_end)
{
    fb_sample(&file);
    poke_field("quant", 4, file.size - 2 - fb_find(&file, "quant")->field);
    expect(QL_RULE_TABLE_START, file.size,
           "QuantizationParameters: table at byte 3869: the file ends at byte 3871");
}
END_TEST

START_TEST(sparse_levels_multiply)
{
    fb_sample(&file);
    fb_poke(&file, fb_find(&file, "sparse shape")->target + 4, 8, 0x1000000010000);
    poke_field("dense size", 4, 0x10000);
    poke_field("csr size", 4, 0x10000);
    poke_field("format", 1, 0);
    expect(QL_RULE_SPARSE_COUNT, file.size,
           "'sparse': sparsity: 4294967296 elements down to level #1: must be at most 2147483647");
}
END_TEST

/* A hundred thousand tensors that are all the same one. */
START_TEST(shared_parts_are_limited)
{
    enum { COUNT = 100000 };
    size_t root = fb_start(&file, 8);
    size_t graph = fb_item(&file, fb_tables(&file, (fb_at){root, 2, NULL}, 1), 0, 6);
    size_t tensors = fb_tables(&file, (fb_at){graph, 0, NULL}, COUNT);
    size_t tensor = fb_item(&file, tensors, 0, 11);
    for (size_t i = 1; i < COUNT; i++) {
        size_t at = tensors + 4 + 4 * i;
        fb_poke(&file, at, 4, tensor - at);
    }
    expect(QL_RULE_OVERLAP, file.size,
           "Tensor: parts of more than 866144 bytes in all: too many share the 400304 bytes of the file");
}
END_TEST

START_TEST(every_rule_has_a_case)
{
    static const char *const names[] = {
#define NAME(name, code, sentence) #name,
        QL_RULES(NAME)
#undef NAME
    };
    bool has[QL_RULE_COUNT] = {
        [QL_RULE_OPCODE] = true,    [QL_RULE_TABLE_START] = true, [QL_RULE_SPARSE_COUNT] = true,
        [QL_RULE_FILE_SIZE] = true, [QL_RULE_IDENTIFIER] = true,  [QL_RULE_OVERLAP] = true};
    for (int i = 0; i < CASES; i++) {
        has[cases[i].rule] = true;
    }
    for (int i = 0; i < QL_RULE_COUNT; i++) {
        ck_assert_msg(has[i], "no bad file breaks the rule %s", names[i]);
    }
}
END_TEST

START_TEST(no_truncation_crashes)
{
    ql_err err;
    fb_sample(&file);
    for (size_t size = 0; size < file.size; size++) {
        memset(file.bytes + size, 0xff, 16);
        read_file(size, &err);
        fb_sample(&file);
    }
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("verify");
    TCase *rules = tcase_create("rules");
    tcase_set_timeout(rules, 120);
    tcase_add_test(rules, sample_is_legal);
    tcase_add_loop_test(rules, each_broken_rule_says_so, 0, CASES);
    tcase_add_test(rules, short_file);
    tcase_add_test(rules, foreign_file);
    tcase_add_test(rules, negative_operator_code);
    tcase_add_test(rules, table_at_the_very_end);
    tcase_add_test(rules, sparse_levels_multiply);
    tcase_add_test(rules, shared_parts_are_limited);
    tcase_add_test(rules, every_rule_has_a_case);
    tcase_add_test(rules, no_truncation_crashes);
    suite_add_tcase(suite, rules);
    return suite;
}
