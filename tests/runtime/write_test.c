#include "runtime/model/flatbuffer.h"
#include "runtime/model/schema.h"
#include "tests/support/fbuild.h"
#include "tests/support/same.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static fb file;
static ql_model *sample, *made; /* made: a model of its own that starts as the sample */

static void start(void)
{
    ql_err err;
    char text[1024];
    fb_sample(&file);
    ql_err_clear(&err);
    ck_assert_msg(!ql_model_read(&sample, file.bytes, file.size, &err), "%s",
                  ql_err_text(&err, text, sizeof text));
    ck_assert_int_eq(ql_edit_start(&made, sample, &err), QL_OK);
}

static void stop(void)
{
    ql_model_close(made);
    ql_model_close(sample);
}

static char *write_model(const ql_model *model, size_t limit, size_t *count)
{
    char *bytes, text[1024];
    ql_err err;
    ql_err_clear(&err);
    ql_code code = ql_model_write_within(model, limit, &bytes, count, &err);
    ck_assert_msg(!code, "%s", ql_err_text(&err, text, sizeof text));
    return bytes;
}

static ql_model *read_model(const char *bytes, size_t count)
{
    ql_model *model;
    ql_err err;
    char text[1024];
    ql_err_clear(&err);
    ck_assert_msg(!ql_model_read(&model, bytes, count, &err), "%s", ql_err_text(&err, text, sizeof text));
    return model;
}

/* What is read from what was written says the same and is written the same. */
static void expect_round_trip(const ql_model *model, size_t limit)
{
    size_t count, again_count;
    char *bytes = write_model(model, limit, &count);
    ql_model *again = read_model(bytes, count);
    const char *fault = same_model(model, again);
    ck_assert_msg(!fault, "differ: %s", fault);
    char *twice = write_model(again, limit, &again_count);
    ck_assert(same_bytes(bytes, count, twice, again_count));
    ql_model_close(again);
    free(twice);
    free(bytes);
}

START_TEST(sample_round_trips)
{
    expect_round_trip(sample, INT32_MAX);
    expect_round_trip(made, INT32_MAX);
}
END_TEST

/* A value other than the default for each kind of slot. */
static ql_option other_value(const ql_option_slot *slot)
{
    static const int64_t longs[] = {-5, INT64_MAX, 7};
    static const int32_t ints[] = {-5, INT32_MAX, 7}, graphs[] = {1, 1};
    static const float floats[] = {-0.0F, 2.5F};
    static const uint8_t bytes[] = {1, 0, 1, 1, 0};
    switch (slot->kind) {
    case QL_OPT_BOOL:
        return (ql_option){.i = !slot->fallback};
    case QL_OPT_I8:
        return (ql_option){.i = -3};
    case QL_OPT_U8:
        return (ql_option){.i = 200};
    case QL_OPT_I32:
        return (ql_option){.i = INT32_MIN};
    case QL_OPT_SUBGRAPH:
        return (ql_option){.i = 1};
    case QL_OPT_U32:
        return (ql_option){.i = UINT32_MAX};
    case QL_OPT_I64:
        return (ql_option){.i = INT64_MIN + 1};
    case QL_OPT_F32:
        return (ql_option){.f = -0.375};
    case QL_OPT_STRING:
        return (ql_option){.count = 4, .data = "name"};
    case QL_OPT_I32S:
    case QL_OPT_U32S:
        return (ql_option){.count = 3, .data = ints};
    case QL_OPT_I64S:
        return (ql_option){.count = 3, .data = longs};
    case QL_OPT_F32S:
        return (ql_option){.count = 2, .data = floats};
    case QL_OPT_U8S:
    case QL_OPT_BOOLS:
        return (ql_option){.count = 5, .data = bytes};
    case QL_OPT_SUBGRAPHS:
        return (ql_option){.count = 2, .data = graphs};
    default:
        return (ql_option){0};
    }
}

/* Of all slots, or only of those that name a subgraph, as 0 would be the caller itself. */
static bool set_options(int id, bool second, bool all)
{
    ql_err err;
    ql_option *values;
    ql_options *options = &made->subgraphs[0].operators[0].options;
    ck_assert_int_eq(ql_edit_options(made, id, second, options, &values, &err), QL_OK);
    for (int i = 0; options->table && i < ql_options_slot_count(options->table); i++) {
        if (all || options->table->slots[i].kind == QL_OPT_SUBGRAPH) {
            values[i] = other_value(&options->table->slots[i]);
        }
    }
    return options->table != NULL;
}

START_TEST(all_options_round_trip)
{
    int kinds = 0;
    for (int id = 1; id < 256; id++) {
        for (int second = 0; second < 2; second++) {
            if (set_options(id, second, true)) {
                expect_round_trip(made, INT32_MAX);
                set_options(id, second, false);
                expect_round_trip(made, INT32_MAX);
                kinds++;
            }
        }
    }
    ck_assert_int_eq(kinds, 126 + 23);
}
END_TEST

/* Options that the reader gets as they were set, not merely equal on both sides. */
START_TEST(options_values_arrive)
{
    size_t count;
    set_options(1, false, true);
    char *bytes = write_model(made, INT32_MAX, &count);
    ql_model *again = read_model(bytes, count);
    const ql_options *options = &again->subgraphs[0].operators[0].options;
    ck_assert_str_eq(options->table->name, "Conv2DOptions");
    ck_assert_int_eq(ql_opt_int(options, 0), -3);
    ck_assert_int_eq(ql_opt_int(options, 1), INT32_MIN);
    ql_model_close(again);
    free(bytes);
}
END_TEST

static void set_custom_details(ql_tensor *tensor, ql_operator *op)
{
    static const ql_details details = {.custom = (const uint8_t *)"abcde", .custom_bytes = 5};
    (void)op;
    tensor->quant.other_details = QL_DETAILS_CUSTOM;
    tensor->quant.details = &details;
}

static void set_multi_axis(ql_tensor *tensor, ql_operator *op)
{
    static const int32_t axes[] = {0, 1};
    static const ql_details details = {
        .scales = 1, .zero_points = -1, .block_size = 32, .axes = axes, .axis_count = 2};
    (void)op;
    tensor->quant.other_details = QL_DETAILS_MULTI_AXIS;
    tensor->quant.details = &details;
}

static void set_ranges(ql_tensor *tensor, ql_operator *op)
{
    static const float low[] = {-1, -2}, high[] = {1};
    (void)op;
    tensor->quant.min = low;
    tensor->quant.min_count = 2;
    tensor->quant.max = high;
    tensor->quant.max_count = 1;
}

static void set_variants(ql_tensor *tensor, ql_operator *op)
{
    static const int32_t shape[] = {2, -1};
    static const ql_variant variants[] = {{2, shape, QL_I16, true}, {0}};
    (void)op;
    tensor->type = QL_VARIANT;
    tensor->variants = variants;
    tensor->variant_count = 2;
}

static void set_flags(ql_tensor *tensor, ql_operator *op)
{
    tensor->has_rank = true;
    op->custom_options_format = 1;
    op->debug_index = 12;
}

static void set_custom_options(ql_tensor *tensor, ql_operator *op)
{
    (void)tensor;
    op->custom_options = (const uint8_t *)"12345";
    op->custom_options_bytes = 5;
}

static void set_mutating(ql_tensor *tensor, ql_operator *op)
{
    static const uint8_t mutating[] = {0, 1};
    (void)tensor;
    op->mutating = mutating;
    op->mutating_count = 2;
}

static void set_model(ql_tensor *tensor, ql_operator *op)
{
    static const int32_t old[] = {3, 4};
    (void)tensor;
    (void)op;
    made->metadata_buffers = old;
    made->metadata_buffer_count = 2;
    made->subgraphs[0].debug_index = 3;
    made->subgraphs[1].name = (ql_str){"body", 4};
}

/* One row a field that the sample does not have. */
static void (*const changes[])(ql_tensor *, ql_operator *) = {
    set_custom_details, set_multi_axis,     set_ranges,   set_variants,
    set_flags,          set_custom_options, set_mutating, set_model,
};
enum { CHANGES = sizeof changes / sizeof *changes };

START_TEST(rare_fields_round_trip)
{
    changes[_i](&made->subgraphs[0].tensors[0], &made->subgraphs[0].operators[0]);
    ck_assert(same_model(sample, made));
    expect_round_trip(made, INT32_MAX);
}
END_TEST

/* Constants large enough that files without them have room for their offsets. */
static void add_weights(size_t bytes)
{
    ql_err err;
    int index;
    uint8_t *data = ql_take(&made->arena, bytes, 1);
    ck_assert_ptr_nonnull(data);
    memset(data, 7, bytes);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(ql_edit_buffer(made, data, bytes, &index, &err), QL_OK);
    }
}

START_TEST(shared_data_is_stored_once)
{
    size_t before, after;
    free(write_model(made, INT32_MAX, &before));
    add_weights(10000);
    free(write_model(made, INT32_MAX, &after));
    ck_assert_uint_gt(after, before + 10000);
    ck_assert_uint_lt(after, before + 11000);
    expect_round_trip(made, INT32_MAX);
}
END_TEST

static const uint8_t *buffer_table(const char *bytes, int index)
{
    const uint8_t *root = ql_fb_follow((const uint8_t *)bytes);
    return ql_fb_table(ql_fb_ref(root, QL_MODEL_BUFFERS), index);
}

START_TEST(data_is_aligned)
{
    size_t count;
    add_weights(33);
    char *bytes = write_model(made, INT32_MAX, &count);
    for (int i = 1; i < made->buffer_count; i++) {
        const uint8_t *data = ql_fb_ref(buffer_table(bytes, i), QL_BUFFER_DATA);
        ck_assert_ptr_nonnull(data);
        ck_assert_int_eq((data + 4 - (const uint8_t *)bytes) % 16, 0);
    }
    ck_assert_ptr_null(ql_fb_ref(buffer_table(bytes, 0), QL_BUFFER_DATA));
    free(bytes);
}
END_TEST

START_TEST(large_files_have_data_behind)
{
    size_t near, far, count;
    const uint8_t *told;
    set_custom_options(NULL, &made->subgraphs[0].operators[0]);
    add_weights(4000);
    free(write_model(made, INT32_MAX, &near));
    expect_round_trip(made, near - 1);
    char *bytes = write_model(made, near - 1, &far);
    uint64_t offset = ql_fb_u64(buffer_table(bytes, 5), QL_BUFFER_OFFSET, 0);
    ck_assert_uint_gt(offset, 16);
    ck_assert_uint_eq(offset % 16, 0);
    ck_assert_uint_eq(ql_fb_u64(buffer_table(bytes, 5), QL_BUFFER_SIZE, 0), 4000);
    ck_assert_uint_eq(ql_fb_u64(buffer_table(bytes, 6), QL_BUFFER_OFFSET, 0), offset);
    ck_assert_ptr_null(ql_fb_ref(buffer_table(bytes, 5), QL_BUFFER_DATA));
    ql_model *again = read_model(bytes, far);
    ck_assert(ql_model_metadata(again, "buffer_location", &told, &count));
    ck_assert(same_bytes(told, count, "outside flatbuffers", 19));
    expect_round_trip(again, INT32_MAX);
    char *back = write_model(again, INT32_MAX, &near);
    ql_model_close(again);
    free(bytes);
    again = read_model(back, near);
    ck_assert(!ql_model_metadata(again, "buffer_location", &told, &count));
    ql_model_close(again);
    free(back);
}
END_TEST

/* code, what the one-byte field says of it */
static const int codes[][2] = {{0, 0}, {118, 118}, {126, 126}, {127, 127}, {128, 127}, {209, 127}};
enum { CODES = sizeof codes / sizeof *codes };

START_TEST(old_operator_code_is_capped)
{
    size_t count;
    ((ql_opcode *)(uintptr_t)made->opcodes)[0].code = codes[_i][0];
    char *bytes = write_model(made, INT32_MAX, &count);
    const uint8_t *root = ql_fb_follow((const uint8_t *)bytes);
    const uint8_t *opcode = ql_fb_table(ql_fb_ref(root, QL_MODEL_OPCODES), 0);
    ck_assert_int_eq(ql_fb_i8(opcode, QL_OPCODE_OLD_CODE, 0), codes[_i][1]);
    ck_assert_int_eq(ql_fb_i32(opcode, QL_OPCODE_CODE, 0), codes[_i][0]);
    ck_assert_ptr_null(ql_fb_slot(opcode, QL_OPCODE_VERSION));
    free(bytes);
}
END_TEST

static void break_options(void)
{
    made->subgraphs[0].operators[0].options = (ql_options){.union_id = 250};
}

static void break_details(void)
{
    made->subgraphs[0].tensors[1].quant.other_details = 9;
}

static void break_data(void)
{
    static const float other[] = {5, 6};
    made->subgraphs[0].tensors[1].data = other;
}

static void break_size(void)
{
    made->subgraphs[0].tensors[1].bytes = 4;
}

static void break_reference(void)
{
    made->subgraphs[0].tensors[1].buffer = 99;
}

static const struct {
    void (*breaks)(void);
    ql_code code;
    const char *message;
} refusals[] = {
    {break_options, QL_E_UNSUPPORTED, "op #0 ADD: options of kind 250: cannot be written"},
    {break_details, QL_E_UNSUPPORTED, "'const': quantization details of kind 9: cannot be written"},
    {break_data, QL_E_FORMAT, "'const': constant of 8 bytes: its buffer must hold them"},
    {break_size, QL_E_FORMAT, "'const': constant of 4 bytes: its shape and type require 8"},
    {break_reference, QL_E_FORMAT, "'const': buffer 99: must be from 0 to 4"},
};
enum { REFUSALS = sizeof refusals / sizeof *refusals };

START_TEST(what_cannot_be_written_is_refused)
{
    char *bytes, text[1024];
    size_t count;
    ql_err err;
    refusals[_i].breaks();
    ck_assert_int_eq(ql_model_write(made, &bytes, &count, &err), refusals[_i].code);
    ck_assert_ptr_null(bytes);
    ck_assert_str_eq(ql_err_text(&err, text, sizeof text), refusals[_i].message);
}
END_TEST

START_TEST(limit_of_the_structure_is_an_error)
{
    char *bytes;
    size_t count;
    ql_err err;
    ck_assert_int_eq(ql_model_write_within(made, 200, &bytes, &count, &err), QL_E_UNSUPPORTED);
    ck_assert_ptr_null(bytes);
}
END_TEST

START_TEST(saved_whole_or_not_at_all)
{
    char folder[] = "/tmp/ql_write_XXXXXX", path[64], text[1024];
    struct stat status;
    ql_model *again;
    ql_err err;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/m.tflite", folder);
    ck_assert_int_eq(ql_model_save(made, path, &err), QL_OK);
    ck_assert_int_eq(ql_model_open(&again, path, &err), QL_OK);
    ck_assert_ptr_null(same_model(made, again));
    ql_model_close(again);
    unlink(path);
    break_data();
    ck_assert_int_eq(ql_model_save(made, path, &err), QL_E_FORMAT);
    ck_assert_int_ne(stat(path, &status), 0);
    ck_assert(strstr(ql_err_text(&err, text, sizeof text), "m.tflite: 'const': constant") != NULL);
    rmdir(folder);
    ck_assert_int_eq(ql_model_save(sample, path, &err), QL_E_IO);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("write");
    TCase *write = tcase_create("write");
    tcase_add_checked_fixture(write, start, stop);
    tcase_add_test(write, sample_round_trips);
    tcase_add_test(write, all_options_round_trip);
    tcase_add_test(write, options_values_arrive);
    tcase_add_loop_test(write, rare_fields_round_trip, 0, CHANGES);
    tcase_add_test(write, shared_data_is_stored_once);
    tcase_add_test(write, data_is_aligned);
    tcase_add_test(write, large_files_have_data_behind);
    tcase_add_loop_test(write, old_operator_code_is_capped, 0, CODES);
    tcase_add_loop_test(write, what_cannot_be_written_is_refused, 0, REFUSALS);
    tcase_add_test(write, limit_of_the_structure_is_an_error);
    tcase_add_test(write, saved_whole_or_not_at_all);
    suite_add_tcase(suite, write);
    return suite;
}
