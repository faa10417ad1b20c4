#include "runtime/model/build.h"
#include "runtime/model/schema.h"
#include "runtime/runtime.h"
#include "tests/support/fbuild.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static fb file;
static ql_model *base, *model;
static ql_builder build;
static ql_err err;
static char text[1024];

static void start(void)
{
    fb_sample(&file);
    ck_assert_int_eq(ql_model_read(&base, file.bytes, file.size, &err), QL_OK);
    ck_assert_int_eq(ql_edit_start(&model, base, &err), QL_OK);
    model->subgraphs[0].debug_index = 0;
    model->subgraphs[0].operators[0].debug_index = 0;
}

static void stop(void)
{
    ql_build_end(&build);
    free(build.bytes);
    build.bytes = NULL;
    ql_model_close(model);
    ql_model_close(base);
}

/* One attribute: `text` for names and files, a and b for indices, or line and column. */
typedef struct {
    int kind;
    const char *text;
    uint32_t a, b;
} attribute;

static void add_location(size_t values, int i, const attribute *from)
{
    ql_slots outer = {0}, inner = {0};
    uint32_t list[] = {from->a, from->b};
    bool call = from->kind == QL_AT_CALL_SITE, fused = from->kind == QL_AT_FUSED;
    ql_put_bytes(&outer, QL_LOCATION_TYPE, 1, (uint64_t)from->kind, 0);
    ql_put_ref(&outer, QL_LOCATION_VALUE, true);
    ql_build_item(&build, values, i, &outer);
    ql_put_ref(&inner, 0, fused || from->text);
    if (call) {
        ql_put_bytes(&inner, 0, 4, from->a, 0);
        ql_put_bytes(&inner, 1, 4, from->b, 0);
    } else if (!fused) {
        ql_put_bytes(&inner, 1, 4, from->a, 0);
    }
    ql_build_child(&build, &outer, QL_LOCATION_VALUE, &inner);
    if (fused) {
        ql_build_vector(&build, &inner, 0, list, 2, 4, 4);
    } else if (!call && from->text) {
        ql_build_string(&build, &inner, 0, (ql_str){from->text, strlen(from->text)});
    }
}

static void add_operator(const ql_slots *conversion, uint32_t first)
{
    ql_slots graph = {0}, op = {0};
    ql_put_ref(&graph, 0, true);
    ql_build_item(&build, ql_build_tables(&build, conversion, QL_CONVERSION_SUBGRAPHS, 1), 0, &graph);
    ql_put_ref(&op, 0, true);
    ql_build_item(&build, ql_build_tables(&build, &graph, 0, 1), 0, &op);
    ql_build_vector(&build, &op, 0, &first, 1, 4, 4);
}

/* The metadata entry: the operator's only attribute is number `first`. */
static void set_debug(const attribute *attributes, int count, uint32_t first)
{
    ql_slots root = {0}, conversion = {0};
    uint8_t types[16];
    memset(types, QL_ATTRIBUTE_LOCATION, sizeof types);
    ql_build_start(&build, INT32_MAX, "DBGM", &err);
    ql_put_ref(&root, QL_DEBUG_TYPES, true);
    ql_put_ref(&root, QL_DEBUG_VALUES, true);
    ql_build_root(&build, &root);
    ql_build_vector(&build, &root, QL_DEBUG_TYPES, (const uint8_t[]){QL_DEBUG_CONVERSION}, 1, 1, 1);
    size_t values = ql_build_tables(&build, &root, QL_DEBUG_VALUES, 1);
    for (int slot = 0; slot <= QL_CONVERSION_ATTRIBUTES; slot++) {
        ql_put_ref(&conversion, slot, true);
    }
    ql_build_item(&build, values, 0, &conversion);
    add_operator(&conversion, first);
    ql_build_vector(&build, &conversion, QL_CONVERSION_ATTRIBUTE_TYPES, types, (size_t)count, 1, 1);
    values = ql_build_tables(&build, &conversion, QL_CONVERSION_ATTRIBUTES, count);
    for (int i = 0; i < count; i++) {
        add_location(values, i, &attributes[i]);
    }
    ck_assert_int_eq(build.code, QL_OK);
    ck_assert_int_eq(ql_edit_metadata(model, "debug_metadata", build.bytes, build.count, &err), QL_OK);
}

static const char *describe(char *out, size_t size, const ql_origin *origin)
{
    int used = 0;
    for (int i = 0; i < origin->name_count; i++) {
        used += snprintf(out + used, size - (size_t)used, "%s ", origin->names[i].text);
    }
    for (int i = 0; i < origin->source_count; i++) {
        const ql_frame *frame = &origin->sources[i];
        used += snprintf(out + used, size - (size_t)used, frame->user ? "%s:%u " : "(%s:%u) ",
                         frame->file.text, frame->line);
    }
    return out;
}

enum { NONE = QL_AT_UNKNOWN, CALL = QL_AT_CALL_SITE, AT = QL_AT_FILE, FUSE = QL_AT_FUSED, NAME = QL_AT_NAME };
enum { OPAQUE = QL_AT_OPAQUE };

/* Attributes, the first to look at, and what comes of it. */
static const struct {
    attribute attributes[8];
    uint32_t first;
    const char *origin;
} cases[] = {
    {{{NONE, NULL, 0, 0}, {NAME, "conv", 0, 0}}, 1, "conv "},
    {{{NONE, NULL, 0, 0}, {NAME, "Conv2D:", 0, 0}, {NAME, "conv", 0, 0}, {FUSE, NULL, 1, 2}}, 3, "conv "},
    /* a node's stack as TensorFlow has it, outermost first */
    {{{AT, "main.py", 1, 0},
      {NAME, "conv", 0, 0},
      {AT, "net.py", 2, 0},
      {AT, "layer.py", 3, 0},
      {CALL, NULL, 2, 3},
      {CALL, NULL, 1, 4}},
     5,
     "conv layer.py:3 net.py:2 main.py:1 "},
    /* callees are the inner frames elsewhere, and callers' names are functions */
    {{{NONE, NULL, 0, 0},
      {AT, "layer.py", 3, 0},
      {NAME, "f", 4, 0},
      {CALL, NULL, 1, 2},
      {AT, "main.py", 1, 0},
      {NAME, "dot", 3, 0}},
     5,
     "dot layer.py:3 main.py:1 "},
    {{{AT, "a/site-packages/keras/src/x.py", 7, 0}, {AT, "me.py", 8, 0}, {FUSE, NULL, 0, 1}},
     2,
     "(a/site-packages/keras/src/x.py:7) me.py:8 "},
    {{{AT, "a/site-packages/keras/src/x.py", 7, 0},
      {AT, "/usr/lib/python3.11/abc.py", 8, 0},
      {FUSE, NULL, 0, 1}},
     2,
     "a/site-packages/keras/src/x.py:7 /usr/lib/python3.11/abc.py:8 "},
    {{{AT, "a/lib/python3.11/site-packages/mine/x.py", 7, 0},
      {AT, "tensorflow/y.py", 8, 0},
      {FUSE, NULL, 0, 1}},
     2,
     "a/lib/python3.11/site-packages/mine/x.py:7 (tensorflow/y.py:8) "},
    {{{AT, "x.py", 7, 0}, {OPAQUE, "id", 0, 0}}, 1, "x.py:7 "},
    {{{AT, "x.py", 7, 0}, {FUSE, NULL, 0, 0}}, 1, "x.py:7 "},
    /* circles end */
    {{{FUSE, NULL, 0, 0}}, 0, ""},
    {{{CALL, NULL, 1, 0}, {NAME, "loop", 0, 0}}, 0, "loop "},
    {{{AT, "x.py", 7, 0}, {NAME, "n", 0, 0}, {CALL, NULL, 0, 2}, {CALL, NULL, 1, 2}}, 3, "n x.py:7 "},
};
enum { CASES = sizeof cases / sizeof *cases };

START_TEST(locations_become_names_and_frames)
{
    ql_debug *debug;
    ql_origin origin;
    ql_arena arena;
    int count = 0;
    ql_arena_init(&arena, 0);
    while (count < 8 && cases[_i].attributes[count].kind) {
        count++;
    }
    set_debug(cases[_i].attributes, count, cases[_i].first);
    ck_assert_int_eq(ql_debug_open(model, &debug, &err), QL_OK);
    ck_assert_int_eq(ql_debug_origin(debug, 0, 0, &arena, &origin, &err), QL_OK);
    ck_assert_str_eq(describe(text, sizeof text, &origin), cases[_i].origin);
    ck_assert_int_eq(ql_debug_origin(debug, 0, 1, &arena, &origin, &err), QL_OK);
    ck_assert_int_eq(origin.name_count + origin.source_count, 0);
    ql_debug_close(debug);
    ql_arena_free(&arena);
}
END_TEST

static const struct {
    attribute attributes[2];
    uint32_t first;
    const char *message;
} bad[] = {
    {{{AT, "x.py", 1, 0}}, 9, "debug_metadata: subgraph #0, operator #0: attribute 9: there are 1"},
    {{{NAME, "n", 5, 0}}, 0, "debug_metadata: attribute #0 refers to #5: there are 1"},
    {{{CALL, NULL, 0, 3}}, 0, "debug_metadata: attribute #0 refers to #3: there are 1"},
    {{{FUSE, NULL, 0, 4}}, 0, "debug_metadata: attribute #0 refers to #4: there are 1"},
};
enum { BAD = sizeof bad / sizeof *bad };

START_TEST(wrong_indices_are_refused)
{
    ql_debug *debug;
    set_debug(bad[_i].attributes, 1, bad[_i].first);
    ck_assert_int_eq(ql_debug_open(model, &debug, &err), QL_E_FORMAT);
    ck_assert_ptr_null(debug);
    ck_assert_str_eq(ql_err_text(&err, text, sizeof text), bad[_i].message);
}
END_TEST

/* Whatever the bytes: refused with a sentence, or read; the model can be used all the same. */
START_TEST(mangled_entries_harm_nobody)
{
    uint32_t state = 1;
    int refused = 0;
    set_debug(cases[2].attributes, 6, 5);
    uint8_t *bytes = malloc(build.count);
    for (int i = 0; i < 20000; i++) {
        ql_debug *debug;
        ql_origin origin;
        ql_arena arena;
        ql_arena_init(&arena, 0);
        state = state * 1664525U + 1013904223U;
        memcpy(bytes, build.bytes, build.count);
        bytes[(state >> 8) % build.count] = (uint8_t)(state >> 24);
        size_t count = i % 2 ? build.count : (state >> 4) % build.count;
        ((ql_buffer *)(uintptr_t)model->buffers)[model->metadata[1].buffer] = (ql_buffer){bytes, count};
        ql_code code = ql_debug_open(model, &debug, &err);
        refused += code != QL_OK;
        ck_assert(!code || strncmp(err.text, "debug_metadata: ", 16) == 0);
        ck_assert_int_eq(ql_debug_origin(debug, 0, 0, &arena, &origin, &err), QL_OK);
        ql_debug_close(debug);
        ql_arena_free(&arena);
    }
    free(bytes);
    ck_assert_int_gt(refused, 1000);
}
END_TEST

START_TEST(errors_end_with_the_origin)
{
    set_debug(cases[2].attributes, 6, 5);
    ql_fail(&err, QL_E_FIT, "too odd: must be even");
    ck_assert_int_eq(ql_at_operator(&err, model, 0, 0), QL_E_FIT);
    ql_at_operator(&err, model, 0, 1); /* the innermost place stays */
    ck_assert_str_eq(ql_err_text(&err, text, sizeof text),
                     "op #0 ADD 'out': too odd: must be even (conv, layer.py:3)");
    ql_fail(&err, QL_E_FIT, "too odd: must be even");
    ql_at_operator(&err, model, 0, 1);
    ck_assert_str_eq(ql_err_text(&err, text, sizeof text), "op #1 IF 'chosen': too odd: must be even");
}
END_TEST

START_TEST(models_without_the_entry_have_no_origins)
{
    ql_debug *debug;
    ql_origin origin;
    ck_assert_int_eq(ql_debug_open(model, &debug, &err), QL_OK);
    ck_assert_ptr_null(debug);
    ck_assert_int_eq(ql_debug_origin(NULL, 0, 0, NULL, &origin, &err), QL_OK);
    ck_assert_int_eq(origin.name_count, 0);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("debug");
    TCase *debug = tcase_create("debug");
    tcase_add_checked_fixture(debug, start, stop);
    tcase_add_loop_test(debug, locations_become_names_and_frames, 0, CASES);
    tcase_add_loop_test(debug, wrong_indices_are_refused, 0, BAD);
    tcase_add_test(debug, mangled_entries_harm_nobody);
    tcase_add_test(debug, errors_end_with_the_origin);
    tcase_add_test(debug, models_without_the_entry_have_no_origins);
    suite_add_tcase(suite, debug);
    return suite;
}
