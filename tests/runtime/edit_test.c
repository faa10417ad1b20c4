#include "tests/support/fbuild.h"
#include "tests/support/same.h"
#include "tests/support/suite.h"

#include <stdlib.h>

enum { QUANTIZE = 114, DEQUANTIZE = 6, QUANTIZE_OPTIONS = 89 };

static fb file;
static ql_model *base, *model;
static ql_err err;

static void start(void)
{
    fb_sample(&file);
    ck_assert_int_eq(ql_model_read(&base, file.bytes, file.size, &err), QL_OK);
    ck_assert_int_eq(ql_edit_start(&model, base, &err), QL_OK);
}

static void stop(void)
{
    ql_model_close(model);
    ql_model_close(base);
}

/* Through the writer: what was made is a model. */
static ql_model *settle(char **bytes)
{
    size_t count;
    char text[1024];
    ql_model *again;
    ql_err_clear(&err);
    ck_assert_msg(!ql_model_write(model, bytes, &count, &err), "%s", ql_err_text(&err, text, sizeof text));
    ck_assert_int_eq(ql_model_read(&again, *bytes, count, &err), QL_OK);
    ck_assert_ptr_null(same_model(model, again));
    return again;
}

START_TEST(starts_as_its_base)
{
    ck_assert_ptr_null(same_model(base, model));
    ck_assert_ptr_null(model->bytes);
    model->subgraphs[0].tensors[0].type = QL_I8;
    model->subgraphs[0].operators[0].debug_index = 9;
    ck_assert_int_eq(base->subgraphs[0].tensors[0].type, QL_F32);
    ck_assert_int_eq(base->subgraphs[0].operators[0].debug_index, -1);
}
END_TEST

static int add_tensor(const char *name, ql_type type)
{
    ql_tensor tensor = model->subgraphs[0].tensors[0];
    int index;
    tensor.type = type;
    ck_assert_int_eq(ql_edit_str(model, name, strlen(name), &tensor.name, &err), QL_OK);
    ck_assert_int_eq(ql_edit_tensor(model, 0, &tensor, &index, &err), QL_OK);
    ck_assert(ql_str_is(model->subgraphs[0].tensors[index].name, name));
    return index;
}

static ql_operator make_op(int code, int from, int to)
{
    ql_operator op = {.input_count = 1, .output_count = 1, .debug_index = -1};
    ck_assert_int_eq(ql_edit_opcode(model, code, 1, &op.opcode, &err), QL_OK);
    ck_assert_int_eq(ql_edit_ints(model, &from, 1, &op.inputs, &err), QL_OK);
    ck_assert_int_eq(ql_edit_ints(model, &to, 1, &op.outputs, &err), QL_OK);
    return op;
}

/* The input becomes int8, an operator brings it back to float. */
START_TEST(operators_are_put_in)
{
    char *bytes;
    int old = model->subgraphs[0].inputs[0], quantized = add_tensor("in_int8", QL_I8);
    ql_operator list[3] = {make_op(DEQUANTIZE, quantized, old)};
    ck_assert_int_eq(ql_edit_options(model, QUANTIZE_OPTIONS, false, &list[0].options, NULL, &err), QL_OK);
    memcpy(list + 1, model->subgraphs[0].operators, 2 * sizeof *list);
    ck_assert_int_eq(ql_edit_operators(model, 0, list, 3, &err), QL_OK);
    ql_edit_input(model, 0, old, quantized);
    ql_model *again = settle(&bytes);
    ck_assert_int_eq(again->subgraphs[0].operator_count, 3);
    ck_assert_int_eq(again->subgraphs[0].inputs[0], quantized);
    ck_assert_int_eq(again->signatures[0].inputs[0].tensor, quantized);
    ck_assert_int_eq(base->signatures[0].inputs[0].tensor, old);
    ck_assert_int_eq(base->subgraphs[0].inputs[0], old);
    ql_model_close(again);
    free(bytes);
}
END_TEST

START_TEST(output_is_redirected)
{
    char *bytes;
    int old = model->subgraphs[0].outputs[0], quantized = add_tensor("out_int8", QL_I8);
    ql_operator list[3] = {0};
    memcpy(list, model->subgraphs[0].operators, 2 * sizeof *list);
    list[2] = make_op(QUANTIZE, old, quantized);
    ck_assert_int_eq(ql_edit_operators(model, 0, list, 3, &err), QL_OK);
    ql_edit_output(model, 0, old, quantized);
    ql_model *again = settle(&bytes);
    ck_assert_int_eq(again->subgraphs[0].outputs[0], quantized);
    ql_model_close(again);
    free(bytes);
}
END_TEST

START_TEST(constant_is_swapped)
{
    static const float values[] = {8, 9};
    char *bytes;
    ql_tensor *tensor = &model->subgraphs[0].tensors[1];
    ck_assert_int_eq(ql_edit_constant(model, tensor, values, sizeof values, &err), QL_OK);
    ql_model *again = settle(&bytes);
    ck_assert_int_eq(again->subgraphs[0].tensors[1].buffer, base->buffer_count);
    ck_assert(same_bytes(again->subgraphs[0].tensors[1].data, 8, values, 8));
    ql_model_close(again);
    free(bytes);
}
END_TEST

START_TEST(metadata_is_set_and_replaced)
{
    char *bytes;
    const uint8_t *found;
    size_t count;
    ck_assert_int_eq(ql_edit_metadata(model, "note", "12", 2, &err), QL_OK);
    ck_assert_int_eq(ql_edit_metadata(model, "other", "345", 3, &err), QL_OK);
    ck_assert_int_eq(model->metadata_count, 2);
    ql_model *again = settle(&bytes);
    ck_assert(ql_model_metadata(again, "note", &found, &count) && same_bytes(found, count, "12", 2));
    ck_assert(ql_model_metadata(again, "other", &found, &count) && same_bytes(found, count, "345", 3));
    ql_model_close(again);
    free(bytes);
}
END_TEST

/* Beyond any room that the lists start with. */
START_TEST(lists_grow)
{
    char *bytes;
    int opcodes = model->opcode_count, opcode;
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(add_tensor("more", QL_F32), base->subgraphs[0].tensor_count + i);
        ck_assert_int_eq(ql_edit_opcode(model, 40 + i / 2, 2, &opcode, &err), QL_OK);
        ck_assert_int_eq(opcode, opcodes + i / 2);
    }
    ck_assert_int_eq(model->opcode_count, opcodes + 50);
    ql_model *again = settle(&bytes);
    ql_model_close(again);
    free(bytes);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("edit");
    TCase *edit = tcase_create("edit");
    tcase_add_checked_fixture(edit, start, stop);
    tcase_add_test(edit, starts_as_its_base);
    tcase_add_test(edit, operators_are_put_in);
    tcase_add_test(edit, output_is_redirected);
    tcase_add_test(edit, constant_is_swapped);
    tcase_add_test(edit, metadata_is_set_and_replaced);
    tcase_add_test(edit, lists_grow);
    suite_add_tcase(suite, edit);
    return suite;
}
