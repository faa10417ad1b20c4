#include "analyzer/analyzer.h"
#include "analyzer/data/convert.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STR(text)                                                                                            \
    {                                                                                                        \
        text, sizeof(text) - 1                                                                               \
    }

/* Two twins: float32 "x" and int8 "x_int8" (0.5, -3) of shape [1,2,2], signature "serve" input "image"; and a
 * model with two inputs, the second of shape [?,3] whose first dimension is not 1. */
static const int32_t shape_x[] = {1, 2, 2}, shape_b[] = {2, 3}, open_b[] = {2, -1}, inputs[] = {0, 1};
static const float half = 0.5f;
static const int64_t minus_3 = -3;
static ql_tensor float_tensors[] = {{.name = STR("x_in"), .type = QL_F32, .rank = 3, .shape = shape_x}};
static ql_tensor int8_tensors[] = {{.name = STR("x_int8"),
                                    .type = QL_I8,
                                    .rank = 3,
                                    .shape = shape_x,
                                    .quant = {.scale_count = 1, .scale = &half, .zero_point = &minus_3}}};
static ql_tensor two_tensors[] = {
    {.name = STR("a"), .type = QL_F32, .rank = 3, .shape = shape_x},
    {.name = STR("b"), .type = QL_I32, .rank = 2, .shape = shape_b, .signature = open_b}};
static ql_subgraph float_graph = {
    .tensor_count = 1, .input_count = 1, .tensors = float_tensors, .inputs = inputs};
static ql_subgraph int8_graph = {
    .tensor_count = 1, .input_count = 1, .tensors = int8_tensors, .inputs = inputs};
static ql_subgraph two_graph = {
    .tensor_count = 2, .input_count = 2, .tensors = two_tensors, .inputs = inputs};
static const ql_tensor_map image = {STR("image"), 0};
static const ql_signature serve = {.key = STR("serve"), .input_count = 1, .inputs = &image};
static const ql_model float_model = {
    .subgraph_count = 1, .subgraphs = &float_graph, .signature_count = 1, .signatures = &serve};
static const ql_model int8_model = {
    .subgraph_count = 1, .subgraphs = &int8_graph, .signature_count = 1, .signatures = &serve};
static const ql_model two_model = {.subgraph_count = 1, .subgraphs = &two_graph};

static const int main_graph, main_graphs[2];

enum { MAX_ARRAYS = 3 };
typedef struct {
    const char *name;
    ql_type type;
    int rank;
    int32_t dims[5];
} array;

static char path[256];

static void write_file(const array *arrays)
{
    const char *folder = getenv("TMPDIR");
    char values[4096];
    ql_npz_writer *writer;
    snprintf(path, sizeof path, "%s/qloupe-dataset-%ld.npz", folder ? folder : "/tmp", (long)getpid());
    ck_assert_int_eq(ql_npz_create(&writer, path, NULL), QL_OK);
    for (int i = 0; i < MAX_ARRAYS && arrays[i].name; i++) {
        memset(values, 0, sizeof values);
        for (int k = 0; k < 40; k++) { /* 0, 1, 2 ... in the array's type */
            float f = (float)k;
            int64_t whole = k;
            size_t size = (size_t)ql_type_bits(arrays[i].type) / 8;
            memcpy(values + (size_t)k * size,
                   arrays[i].type == QL_F32 ? (const void *)&f : (const void *)&whole, size);
        }
        ck_assert_int_eq(
            ql_npz_add(writer, arrays[i].name, arrays[i].type, arrays[i].rank, arrays[i].dims, values, NULL),
            QL_OK);
    }
    ck_assert_int_eq(ql_npz_finish(writer, NULL), QL_OK);
}

#define N4(n)                                                                                                \
    {                                                                                                        \
        n, 2, 2                                                                                              \
    }
static const struct {
    const ql_model *model;
    array arrays[MAX_ARRAYS];
    const char *labels, *signature;
    ql_code code;
    uint64_t samples;
    const char *says; /* in the message */
} files[] = {
    {&float_model, {{"x_in", QL_F32, 3, N4(5)}}, NULL, NULL, QL_OK, 5, ""},
    {&float_model, {{"x_in", QL_F32, 4, {5, 1, 2, 2}}}, NULL, NULL, QL_OK, 5, ""},
    {&float_model, {{"image", QL_F32, 3, N4(5)}, {"other", QL_F32, 1, {1}}}, NULL, NULL, QL_OK, 5, ""},
    {&float_model,
     {{"serve/image", QL_F32, 3, N4(5)}, {"image", QL_F32, 1, {1}}},
     NULL,
     "serve",
     QL_OK,
     5,
     ""},
    {&float_model, {{"#0", QL_F32, 3, N4(4)}, {"y", QL_I32, 1, {4}}}, NULL, NULL, QL_OK, 4, ""},
    {&float_model, {{"x", QL_U8, 3, N4(3)}, {"y", QL_I32, 1, {3}}}, NULL, NULL, QL_OK, 3, ""},
    {&float_model, {{"anything", QL_I64, 3, N4(2)}}, NULL, NULL, QL_OK, 2, ""},
    {&float_model, {{"anything", QL_F32, 3, N4(2)}, {"y", QL_I64, 1, {2}}}, "y", NULL, QL_OK, 2, ""},
    {&two_model, {{"a", QL_F32, 3, N4(1)}, {"b", QL_I32, 2, {2, 3}}}, NULL, NULL, QL_OK, 1, ""},
    {&two_model, {{"a", QL_F32, 3, N4(3)}, {"b", QL_I32, 3, {3, 2, 5}}}, NULL, NULL, QL_OK, 3, ""},
    {&two_model, {{"#0", QL_F32, 3, N4(3)}, {"#1", QL_F32, 3, {3, 2, 3}}}, NULL, NULL, QL_OK, 3, ""},
    {&float_model,
     {{"a", QL_F32, 3, N4(2)}, {"b", QL_F32, 3, N4(2)}},
     NULL,
     NULL,
     QL_E_FIT,
     0,
     "'x_in': no array for this input: the file has 'a', 'b'"},
    {&float_model,
     {{"x_in", QL_F32, 3, {2, 2, 3}}},
     NULL,
     NULL,
     QL_E_FIT,
     0,
     "array 'x_in' of shape [2, 2, 3]: the input is [1, 2, 2], samples along the first axis"},
    {&float_model,
     {{"x_in", QL_F32, 2, {2, 2}}},
     NULL,
     NULL,
     QL_E_FIT,
     0,
     "array 'x_in' of shape [2, 2]: the input is [1, 2, 2]"},
    {&float_model,
     {{"x_in", QL_F32, 3, N4(0)}},
     NULL,
     NULL,
     QL_E_FIT,
     0,
     "no samples: at least one is required"},
    {&float_model, {{NULL, QL_F32, 0, {0}}}, NULL, NULL, QL_E_FIT, 0, "the file has none"},
    {&float_model, {{"x_in", QL_F32, 3, N4(5)}}, "y", NULL, QL_E_FIT, 0, "no array 'y' for the labels"},
    {&float_model,
     {{"x_in", QL_F32, 3, N4(5)}, {"y", QL_I64, 1, {4}}},
     "y",
     NULL,
     QL_E_FIT,
     0,
     "labels 'y' of 4 elements: one number a sample is required, 5"},
    {&float_model,
     {{"x_in", QL_F32, 3, N4(5)}, {"y", QL_C64, 1, {5}}},
     "y",
     NULL,
     QL_E_FIT,
     0,
     "labels 'y' of 5 elements: one number a sample is required"},
    {&two_model,
     {{"a", QL_F32, 3, N4(3)}},
     NULL,
     NULL,
     QL_E_FIT,
     0,
     "'b': no array for this input: the file has 'a'"},
    {&two_model,
     {{"a", QL_F32, 3, N4(3)}, {"b", QL_I32, 3, {2, 2, 3}}},
     NULL,
     NULL,
     QL_E_FIT,
     0,
     "array 'b' has 2 samples: the others have 3"},
    {&two_model,
     {{"a", QL_F32, 3, N4(3)}, {"b", QL_I32, 3, {3, 1, 3}}},
     NULL,
     NULL,
     QL_E_FIT,
     0,
     "array 'b' of shape [3, 1, 3]: the input is [2, 3]"},
};

START_TEST(arrays_are_found_and_counted)
{
    ql_dataset *data;
    ql_err err;
    char text[1024];
    ql_data_options options = {.labels = files[_i].labels, .signature = files[_i].signature};
    ql_err_clear(&err);
    write_file(files[_i].arrays);
    ql_code code = ql_dataset_open(&data, path, &files[_i].model, &main_graph, 1, &options, &err);
    unlink(path);
    ql_err_text(&err, text, sizeof text);
    ck_assert_msg(code == files[_i].code, "case %d: %d %s", _i, code, text);
    ck_assert_msg(strstr(text, files[_i].says) != NULL, "case %d: %s", _i, text);
    if (!code) {
        ck_assert_uint_eq(ql_dataset_total(data), files[_i].samples);
        ck_assert_uint_eq(strlen(ql_dataset_sha256(data)), 64);
        ck_assert(!ql_dataset_is_random(data));
    }
    ql_dataset_close(data);
}
END_TEST

static const char *const unreadable[] = {"/nowhere/x.npz", "/nowhere/"};

START_TEST(unreadable_files_are_said_so)
{
    ql_dataset *data;
    const ql_model *model = &float_model;
    ck_assert_int_eq(
        ql_dataset_open(&data, unreadable[_i], &model, &main_graph, 1, &(ql_data_options){0}, NULL), QL_E_IO);
    ck_assert_ptr_null(data);
}
END_TEST

/* Text from a file reaches the terminal escaped: here a right-to-left override. */
START_TEST(array_names_are_escaped)
{
    static const array hostile[MAX_ARRAYS] = {{"x\xe2\x80\xae", QL_F32, 2, {1, 2}}};
    const ql_model *model = &float_model;
    ql_dataset *data;
    ql_err err;
    ql_err_clear(&err);
    write_file(hostile);
    ck_assert_int_eq(ql_dataset_open(&data, path, &model, &main_graph, 1, &(ql_data_options){0}, &err),
                     QL_E_FIT);
    unlink(path);
    ck_assert_ptr_null(strchr(err.text, 0xe2));
    ck_assert_msg(strstr(err.text, "x\\xe2\\x80\\xae") != NULL, "%s", err.text);
}
END_TEST

static const ql_type no_numbers[] = {QL_I4, QL_STRING, QL_RESOURCE, QL_C64, QL_BF16};

START_TEST(inputs_that_hold_no_numbers_are_refused)
{
    static const array arrays[MAX_ARRAYS] = {{"x", QL_F32, 3, N4(5)}};
    ql_tensor tensor = float_tensors[0];
    ql_subgraph graph = float_graph;
    tensor.type = no_numbers[_i];
    graph.tensors = &tensor;
    const ql_model of = {.subgraph_count = 1, .subgraphs = &graph}, *model = &of;
    ql_dataset *data;
    write_file(arrays);
    ck_assert_int_eq(ql_dataset_open(&data, path, &model, &main_graph, 1, &(ql_data_options){0}, NULL),
                     QL_E_UNSUPPORTED);
    ck_assert_int_eq(ql_dataset_open(&data, "random", &model, &main_graph, 1, &(ql_data_options){0}, NULL),
                     QL_E_UNSUPPORTED);
    unlink(path);
}
END_TEST

static const struct {
    double value;
    int stored;
} conversions[] = {
    /* scale 0.5, zero point -3 */
    {0, -3},       {0.25, -2},      {-0.25, -4}, {0.2499, -3}, {1, -1},     {1e30, 127},
    {-1e30, -128}, {INFINITY, 127}, {65, 127},   {64.9, 127},  {64.7, 126}, {-62.5, -128},
};

START_TEST(real_values_are_quantized)
{
    const double value = conversions[_i].value;
    int8_t stored = 99;
    ql_view view = {.tensor = int8_tensors, .type = QL_I8, .count = 1, .bytes = 1, .data = &stored};
    ql_convert(&value, QL_F64, 0, &view);
    ck_assert_int_eq(stored, conversions[_i].stored);
    const float single = (float)value;
    stored = 99;
    ql_convert(&single, QL_F32, 0, &view);
    ck_assert_int_eq(stored, conversions[_i].stored);
}
END_TEST

/* Floats go to bytes by a loop of their own: what comes out is what the same numbers as doubles give. */
START_TEST(floats_are_quantized_as_doubles_are)
{
    enum { MANY = 4000 };
    static float single[MANY];
    static double same[MANY];
    uint8_t got[MANY], want[MANY];
    const float odd[] = {(float)NAN, -INFINITY, INFINITY, 3e38F, -3e38F, 0.49999997F, -0.49999997F, 2.5F};
    float scales[] = {1, 0.0235F, -0.5F, 1e-40F, 0, 7e30F};
    int64_t zeros[] = {0, -128, 37, 1 << 20, -(1 << 20), (int64_t)1 << 40};
    ql_tensor tensor = {.type = _i % 2 ? QL_I8 : QL_U8};
    tensor.quant.scale = &scales[_i / 2 % 6];
    tensor.quant.zero_point = &zeros[_i / 12];
    tensor.quant.scale_count = 1;
    srand(7);
    for (int i = 0; i < MANY; i++) {
        single[i] = i < 8 ? odd[i] : (float)(rand() % 1200 - 600) * (rand() % 2 ? 0.5F : scales[_i / 2 % 6]);
        same[i] = (double)single[i];
    }
    ql_view view = {.tensor = &tensor, .type = tensor.type, .count = MANY, .bytes = MANY, .data = want};
    ql_convert(same, QL_F64, 0, &view);
    view.data = got;
    const ql_isa *isa;
    for (int i = 0; (isa = ql_isa_at(i)); i++) {
        if (isa->present()) {
            memset(got, 99, MANY);
            ql_convert_on(isa, single, QL_F32, 0, &view);
            ck_assert_msg(!memcmp(got, want, MANY), "%s", isa->name);
        }
    }
}
END_TEST

static ql_view view_of(const ql_tensor *tensor, void *memory, size_t size)
{
    return (ql_view){.tensor = tensor, .type = tensor->type, .count = 4, .bytes = 4 * size, .data = memory};
}

/* One file feeds a float model and its int8 twin, by the names of either. */
START_TEST(twins_are_fed_from_one_file)
{
    static const array by_float[MAX_ARRAYS] = {
        {"x_in", QL_F32, 3, N4(5)}, {"y", QL_I64, 1, {5}}, {"z", QL_F32, 1, {1}}};
    static const array by_int8[MAX_ARRAYS] = {
        {"x_int8", QL_F32, 3, N4(5)}, {"y", QL_I64, 1, {5}}, {"z", QL_F32, 1, {1}}};
    const ql_model *models[] = {&float_model, &int8_model};
    ql_dataset *data;
    float x[4];
    int8_t q[4];
    int64_t label;
    write_file(_i ? by_int8 : by_float);
    ck_assert_int_eq(
        ql_dataset_open(&data, path, models, main_graphs, 2, &(ql_data_options){.labels = "y"}, NULL), QL_OK);
    unlink(path);
    ql_view fx = view_of(float_tensors, x, sizeof *x), qx = view_of(int8_tensors, q, 1);
    ck_assert_int_eq(ql_dataset_feed(data, 2, 0, 0, &fx, NULL), QL_OK);
    ck_assert_int_eq(ql_dataset_feed(data, 2, 1, 0, &qx, NULL), QL_OK);
    for (int i = 0; i < 4; i++) {
        ck_assert(x[i] == (float)(8 + i));
        ck_assert_int_eq(q[i], 2 * (8 + i) - 3);
    }
    ck_assert(ql_dataset_label(data, 3, &label));
    ck_assert_int_eq(label, 3);
    ql_dataset_close(data);
}
END_TEST

START_TEST(arrays_of_the_stored_type_are_fed_as_they_are)
{
    static const array stored[MAX_ARRAYS] = {{"x", QL_I8, 3, N4(5)}};
    const ql_model *model = &int8_model;
    ql_dataset *data;
    int8_t q[4];
    write_file(stored);
    ck_assert_int_eq(ql_dataset_open(&data, path, &model, &main_graph, 1, &(ql_data_options){0}, NULL),
                     QL_OK);
    unlink(path);
    ql_view view = view_of(int8_tensors, q, 1);
    ck_assert_int_eq(ql_dataset_feed(data, 1, 0, 0, &view, NULL), QL_OK);
    ck_assert_mem_eq(q, "\4\5\6\7", 4);
    ql_dataset_close(data);
}
END_TEST

static const struct {
    int64_t limit;
    int shard, shards;
    uint64_t total, count, second;
} shards[] = {
    {0, 0, 0, 10, 10, 1}, {0, 0, 1, 10, 10, 1},  {0, 0, 3, 10, 4, 3}, {0, 2, 3, 10, 3, 5},
    {5, 1, 2, 5, 2, 3},   {99, 0, 1, 10, 10, 1}, {2, 2, 4, 2, 0, 6},
};

START_TEST(shards_take_their_samples)
{
    const ql_model *model = &float_model;
    ql_dataset *data;
    ql_data_options options = {
        .limit = shards[_i].limit, .shard = shards[_i].shard, .shards = shards[_i].shards};
    ck_assert_int_eq(ql_dataset_open(&data, "random:10", &model, &main_graph, 1, &options, NULL), QL_OK);
    ck_assert_uint_eq(ql_dataset_total(data), shards[_i].total);
    ck_assert_uint_eq(ql_dataset_count(data), shards[_i].count);
    ck_assert_uint_eq(ql_dataset_sample(data, 1), shards[_i].second);
    ql_dataset_close(data);
}
END_TEST

static const struct {
    const char *spec;
    ql_code code;
} specs[] = {
    {"random", QL_OK},         {"random:3", QL_OK},       {"random:", QL_E_USAGE}, {"random:0", QL_E_USAGE},
    {"random:-1", QL_E_USAGE}, {"random:3x", QL_E_USAGE}, {"randomly", QL_E_IO},
};

START_TEST(random_specs)
{
    const ql_model *model = &float_model;
    ql_dataset *data;
    ck_assert_int_eq(
        ql_dataset_open(&data, specs[_i].spec, &model, &main_graph, 1, &(ql_data_options){0}, NULL),
        specs[_i].code);
    ql_dataset_close(data);
}
END_TEST

/* Saved results depend on the stream. */
START_TEST(noise_is_the_same_on_every_instruction_set)
{
    enum { MOST = 5000 };
    static const size_t counts[] = {0, 1, 4, 15, 16, 17, 2047, 2048, 2049, MOST};
    static float want[MOST + 1], got[MOST + 1];
    static int8_t want8[MOST + 1], got8[MOST + 1];
    const ql_model *models[] = {&float_model, &int8_model};
    const ql_isa *isa;
    size_t count = counts[_i];
    for (int i = 0; (isa = ql_isa_at(i)); i++) {
        ql_dataset *data;
        if (!isa->present()) {
            continue;
        }
        setenv("QLOUPE_ISA", isa->name, 1);
        ck_assert_int_eq(
            ql_dataset_open(&data, "random", models, main_graphs, 2, &(ql_data_options){.seed = 5}, NULL),
            QL_OK);
        memset(got, 0, sizeof got);
        memset(got8, 0, sizeof got8);
        ql_view x = {
            .tensor = float_tensors, .type = QL_F32, .count = count, .bytes = 4 * count, .data = got};
        ql_view q = {.tensor = int8_tensors, .type = QL_I8, .count = count, .bytes = count, .data = got8};
        ck_assert_int_eq(ql_dataset_feed(data, 3, 0, 0, &x, NULL), QL_OK);
        ck_assert_int_eq(ql_dataset_feed(data, 3, 1, 0, &q, NULL), QL_OK);
        ql_dataset_close(data);
        if (!i) { /* portable */
            memcpy(want, got, sizeof got);
            memcpy(want8, got8, sizeof got8);
        }
        ck_assert_msg(!memcmp(got, want, sizeof got), "%s", isa->name);
        ck_assert_msg(!memcmp(got8, want8, sizeof got8), "%s", isa->name);
    }
    if (count == MOST) { /* SplitMix64's numbers, worked out elsewhere */
        ck_assert(want[0] == -0x1.d758ep+5F);
        ck_assert(want[MOST - 1] == 0x1.b6d238p+5F);
        ck_assert(want[MOST] == 0);
    }
}
END_TEST

/* Noise covers the quantized twin's range, is the same for both, and changes with the seed. */
START_TEST(noise_is_shared_and_seeded)
{
    const ql_model *models[] = {&float_model, &int8_model};
    float x[4], other[4];
    int8_t q[4];
    ql_view fx = view_of(float_tensors, x, sizeof *x), qx = view_of(int8_tensors, q, 1),
            again = view_of(float_tensors, other, sizeof *x);
    float lowest = 0, highest = 0;
    for (uint64_t seed = 0; seed < 2; seed++) {
        ql_dataset *data;
        ck_assert_int_eq(ql_dataset_open(&data, "random:500", models, main_graphs, 2,
                                         &(ql_data_options){.seed = seed}, NULL),
                         QL_OK);
        ck_assert(ql_dataset_is_random(data));
        for (uint64_t k = 0; k < 500; k++) {
            ck_assert_int_eq(ql_dataset_feed(data, k, 0, 0, &fx, NULL), QL_OK);
            ck_assert_int_eq(ql_dataset_feed(data, k, 1, 0, &qx, NULL), QL_OK);
            for (int i = 0; i < 4; i++) {
                ck_assert_int_eq(q[i], (int)roundf(x[i] / 0.5f) - 3);
                lowest = fminf(lowest, x[i]);
                highest = fmaxf(highest, x[i]);
            }
        }
        ck_assert_int_eq(ql_dataset_feed(data, 7, 0, 0, seed ? &fx : &again, NULL), QL_OK);
        ql_dataset_close(data);
    }
    ck_assert(lowest < -62);
    ck_assert(lowest >= -62.5f);
    ck_assert(highest > 64.5f);
    ck_assert(highest <= 65);
    ck_assert_mem_ne(x, other, sizeof x);
}
END_TEST

START_TEST(open_dimensions_take_the_data_s_size)
{
    static const array arrays[MAX_ARRAYS] = {{"a", QL_F32, 3, N4(2)}, {"b", QL_I32, 3, {2, 2, 5}}};
    const ql_model *model = &two_model;
    ql_dataset *data;
    int rank;
    int32_t dims[QL_MAX_RANK];
    write_file(arrays);
    ck_assert_int_eq(ql_dataset_open(&data, path, &model, &main_graph, 1, &(ql_data_options){0}, NULL),
                     QL_OK);
    unlink(path);
    ck_assert(!ql_dataset_shape(data, 0, 0, &rank, dims));
    ck_assert(ql_dataset_shape(data, 0, 1, &rank, dims));
    ck_assert_int_eq(rank, 2);
    ck_assert_int_eq(dims[1], 5);
    ql_dataset_close(data);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("dataset");
    TCase *tests = tcase_create("dataset");
    tcase_add_loop_test(tests, arrays_are_found_and_counted, 0, sizeof files / sizeof *files);
    tcase_add_loop_test(tests, unreadable_files_are_said_so, 0, sizeof unreadable / sizeof *unreadable);
    tcase_add_test(tests, array_names_are_escaped);
    tcase_add_loop_test(tests, inputs_that_hold_no_numbers_are_refused, 0,
                        sizeof no_numbers / sizeof *no_numbers);
    tcase_add_loop_test(tests, real_values_are_quantized, 0, sizeof conversions / sizeof *conversions);
    tcase_add_loop_test(tests, twins_are_fed_from_one_file, 0, 2);
    tcase_add_test(tests, arrays_of_the_stored_type_are_fed_as_they_are);
    tcase_add_loop_test(tests, shards_take_their_samples, 0, sizeof shards / sizeof *shards);
    tcase_add_loop_test(tests, random_specs, 0, sizeof specs / sizeof *specs);
    tcase_add_loop_test(tests, floats_are_quantized_as_doubles_are, 0, 2 * 6 * 6);
    tcase_add_loop_test(tests, noise_is_the_same_on_every_instruction_set, 0, 10);
    tcase_add_test(tests, noise_is_shared_and_seeded);
    tcase_add_test(tests, open_dimensions_take_the_data_s_size);
    suite_add_tcase(suite, tests);
    return suite;
}
