#include "analyzer/analyzer.h"
#include "analyzer/data/image.h"
#include "tests/support/png.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder with what each case needs: two grey images of 2x2 in b/, one of RGB 4x2 in a/, one beside them. */
static char root[256];
static const uint8_t grey[] = {0, 51, 102, 255}, dark[] = {10, 20, 30, 40};
static const uint8_t rgb[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, /* row by row, 2 wide */
                              0,   0, 0, 0, 0,   0, 9, 9, 9,   200, 100, 50};

static const char *in_root(const char *name)
{
    static char path[2][512];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", root, name);
    return path[turn];
}

static void write_png(const char *name, size_t height, size_t width, size_t channels, const uint8_t *pixels)
{
    png p;
    png_make(&p, height, width, channels, pixels);
    ck_assert(png_write(&p, in_root(name)));
}

static void write_text(const char *name, const char *text)
{
    ck_assert_int_eq(ql_file_write(in_root(name), text, strlen(text), NULL), QL_OK);
}

static const char *const folders[] = {"b", "a", "none", "broken", "mixed", "mixed/z", ".hidden"};

static void make(void)
{
    const char *folder = getenv("TMPDIR");
    snprintf(root, sizeof root, "%s/qloupe-images-XXXXXX", folder ? folder : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(root));
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        ck_assert(!mkdir(in_root(folders[i]), 0700));
    }
    write_png("b/2.png", 2, 2, 1, grey);
    write_png("b/1.PNG", 2, 2, 1, dark);
    write_png("a/x.png", 4, 2, 3, rgb);
    write_png("mixed/beside.png", 2, 2, 1, grey);
    write_png("mixed/z/y.png", 2, 2, 1, dark);
    write_png(".hidden/no.png", 2, 2, 1, grey);
    write_text("b/labels.txt", "not an image");
    write_text("broken/a.jpg", "not an image");
}

static const char *const files[] = {"b/2.png",       "b/1.PNG",      "a/x.png",      "mixed/beside.png",
                                    "mixed/z/y.png", "b/labels.txt", "broken/a.jpg", ".hidden/no.png"};

static void clear(void)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        unlink(in_root(files[i]));
    }
    for (size_t i = sizeof folders / sizeof *folders; i-- > 0;) {
        rmdir(in_root(folders[i]));
    }
    rmdir(root);
}

enum { MOST = 16 };

/* A model with one input. */
typedef struct {
    ql_type type;
    int rank;
    int32_t shape[4];
    int32_t open[4]; /* -1: the model leaves it open */
    float scale;     /* 0: none */
} input;

typedef struct {
    ql_tensor tensor;
    int64_t zero;
    ql_subgraph graph;
    ql_model model;
} holder;

static const int32_t first[] = {0};

static const ql_model *model_of(holder *h, const input *in)
{
    memset(h, 0, sizeof *h);
    h->tensor = (ql_tensor){.name = {"image", 5}, .type = in->type, .rank = in->rank, .shape = in->shape};
    h->tensor.signature = in->open[0] || in->open[1] || in->open[2] ? in->open : NULL;
    h->tensor.quant.scale_count = in->scale > 0;
    h->tensor.quant.scale = &in->scale;
    h->tensor.quant.zero_point = &h->zero;
    h->graph = (ql_subgraph){.tensor_count = 1, .input_count = 1, .tensors = &h->tensor, .inputs = first};
    h->model = (ql_model){.subgraph_count = 1, .subgraphs = &h->graph};
    return &h->model;
}

static const struct {
    const char *folder;
    input in;
    ql_image_options options;
    int sample, count;
    float values[MOST];
} fed[] = {
    /* sorted by name: 1.PNG, 2.png */
    {"b", {QL_F32, 4, {1, 2, 2, 1}, {0}, 0}, {0}, 1, 4, {0, 51 / 255.0f, 102 / 255.0f, 1}},
    {"b", {QL_F32, 4, {1, 2, 2, 1}, {0}, 0}, {.means = 1}, 0, 4, {10, 20, 30, 40}},
    {"b", {QL_F32, 3, {1, 2, 2}, {0}, 0}, {.stds = 1, .std = {10}}, 0, 4, {1, 2, 3, 4}},
    {"b", {QL_F32, 2, {2, 2}, {0}, 0}, {.stds = 1, .std = {10}}, 0, 4, {1, 2, 3, 4}},
    {"b",
     {QL_F32, 4, {1, 2, 2, 1}, {0}, 0},
     {.means = 1, .mean = {20}, .stds = 1, .std = {2}},
     0,
     4,
     {-5, 0, 5, 10}},
    /* grey to RGB, to RGBA */
    {"b",
     {QL_F32, 4, {1, 2, 2, 3}, {0}, 0},
     {.means = 3, .mean = {0, 1, 2}},
     0,
     12,
     {10, 9, 8, 20, 19, 18, 30, 29, 28, 40, 39, 38}},
    {"b",
     {QL_F32, 4, {1, 2, 2, 4}, {0}, 0},
     {.means = 1},
     0,
     16,
     {10, 10, 10, 255, 20, 20, 20, 255, 30, 30, 30, 255, 40, 40, 40, 255}},
    /* channels first */
    {"b",
     {QL_F32, 4, {1, 3, 2, 2}, {0}, 0},
     {.means = 3, .mean = {0, 1, 2}},
     0,
     12,
     {10, 20, 30, 40, 9, 19, 29, 39, 8, 18, 28, 38}},
    /* RGB to grey: (77 R + 150 G + 29 B) / 256 */
    {"a", {QL_F32, 4, {1, 4, 2, 1}, {0}, 0}, {.means = 1}, 0, 8, {76, 149, 28, 255, 0, 0, 9, 124}},
    {"a", {QL_F32, 3, {4, 2, 1}, {0}, 0}, {.means = 1}, 0, 8, {76, 149, 28, 255, 0, 0, 9, 124}},
    /* resized: half-pixel centers, ends held */
    {"b", {QL_F32, 4, {1, 1, 1, 1}, {0}, 0}, {.means = 1}, 0, 1, {25}},
    {"b",
     {QL_F32, 4, {1, 2, 4, 1}, {0}, 0},
     {.means = 1},
     0,
     8,
     {10, 12.5f, 17.5f, 20, 30, 32.5f, 37.5f, 40}},
    /* resized, then the middle */
    {"b",
     {QL_F32, 4, {1, 2, 2, 1}, {0}, 0},
     {.height = 2, .width = 4, .means = 1},
     0,
     4,
     {12.5f, 17.5f, 32.5f, 37.5f}},
    /* open size and batch */
    {"b",
     {QL_F32, 4, {1, 1, 1, 1}, {-1, -1, -1, 1}, 0},
     {.height = 2, .width = 2, .means = 1},
     0,
     4,
     {10, 20, 30, 40}},
    /* quantized inputs take the real values; integers without a scale take pixels */
    {"b", {QL_U8, 4, {1, 2, 2, 1}, {0}, 1 / 255.0f}, {0}, 1, 4, {0, 51, 102, 255}},
    {"b", {QL_I8, 4, {1, 2, 2, 1}, {0}, 0.5f}, {.stds = 1, .std = {10}}, 0, 4, {2, 4, 6, 8}},
    {"b", {QL_U8, 4, {1, 2, 2, 1}, {0}, 0}, {0}, 1, 4, {0, 51, 102, 255}},
    {"b", {QL_I32, 4, {1, 2, 2, 1}, {0}, 0}, {0}, 1, 4, {0, 51, 102, 255}},
    /* folders after what lies beside them */
    {"mixed", {QL_F32, 4, {1, 2, 2, 1}, {0}, 0}, {.means = 1}, 0, 4, {0, 51, 102, 255}},
    {"mixed", {QL_F32, 4, {1, 2, 2, 1}, {0}, 0}, {.means = 1}, 1, 4, {10, 20, 30, 40}},
};

static double value_at(const ql_view *view, int i)
{
    switch (view->type) {
    case QL_F32:
        return (double)((const float *)view->data)[i];
    case QL_I8:
        return ((const int8_t *)view->data)[i];
    case QL_U8:
        return ((const uint8_t *)view->data)[i];
    default:
        return ((const int32_t *)view->data)[i];
    }
}

START_TEST(images_become_samples)
{
    holder h;
    const ql_model *model = model_of(&h, &fed[_i].in);
    const int graph = 0;
    ql_dataset *data;
    ql_err err;
    char memory[256], text[1024];
    ql_err_clear(&err);
    ql_code code = ql_dataset_open(&data, in_root(fed[_i].folder), &model, &graph, 1,
                                   &(ql_data_options){.image = fed[_i].options}, &err);
    ck_assert_msg(!code, "case %d: %s", _i, ql_err_text(&err, text, sizeof text));
    size_t bytes, count = (size_t)fed[_i].count;
    ck_assert(ql_type_bytes(fed[_i].in.type, count, &bytes));
    ql_view view = {
        .tensor = &h.tensor, .type = fed[_i].in.type, .count = count, .bytes = bytes, .data = memory};
    ck_assert_int_eq(ql_dataset_feed(data, (uint64_t)fed[_i].sample, 0, 0, &view, &err), QL_OK);
    for (int i = 0; i < fed[_i].count; i++) {
        ck_assert_msg(value_at(&view, i) == (double)fed[_i].values[i], "case %d, value %d: %g, not %g", _i, i,
                      value_at(&view, i), (double)fed[_i].values[i]);
    }
    ck_assert_str_eq(ql_dataset_sha256(data), "");
    int rank;
    int32_t dims[QL_MAX_RANK];
    bool open = fed[_i].in.open[1] < 0;
    ck_assert(ql_dataset_shape(data, 0, 0, &rank, dims) == open);
    ck_assert(!open || (rank == 4 && dims[0] == 1 && dims[1] == 2 && dims[2] == 2 && dims[3] == 1));
    ql_dataset_close(data);
}
END_TEST

static const struct {
    const char *folder, *labels;
    input in;
    ql_image_options options;
    ql_code code;
    const char *says;
} refused[] = {
    {"none",
     NULL,
     {QL_F32, 4, {1, 2, 2, 1}, {0}, 0},
     {0},
     QL_E_FIT,
     "/none: no PNG or JPEG images in the folder: at least one is required"},
    {"b",
     NULL,
     {QL_F32, 2, {1, 0}, {0}, 0},
     {0},
     QL_E_FIT,
     "an image input of open size: --resize HxW is required"},
    {"b", NULL, {QL_F32, 1, {4}, {0}, 0}, {0}, QL_E_FIT, "'image': no image input: [1, height, width"},
    {"b", NULL, {QL_F32, 4, {1, 2, 2, 2}, {0}, 0}, {0}, QL_E_FIT, "no image input"},
    {"b", NULL, {QL_F32, 4, {2, 2, 2, 3}, {0}, 0}, {0}, QL_E_FIT, "no image input"},
    {"b",
     NULL,
     {QL_F32, 4, {1, 1, 1, 1}, {1, -1, -1, 1}, 0},
     {0},
     QL_E_FIT,
     "an image input of open size: --resize HxW is required"},
    {"b",
     NULL,
     {QL_F32, 4, {1, 99999, 2, 1}, {0}, 0},
     {0},
     QL_E_FIT,
     "99999 pixels long: at most 16384 are taken"},
    {"b",
     NULL,
     {QL_F32, 4, {1, 3, 2, 1}, {0}, 0},
     {.height = 2, .width = 9},
     QL_E_FIT,
     "images resized to 2x9: the input needs at least 3x2"},
    {"b",
     NULL,
     {QL_F32, 4, {1, 2, 2, 1}, {0}, 0},
     {.means = 3},
     QL_E_USAGE,
     "3 means and 0 standard deviations: one or 1 are required"},
    {"b", "y", {QL_F32, 4, {1, 2, 2, 1}, {0}, 0}, {0}, QL_E_FIT, "labels 'y': images have --labels folder"},
    {"b",
     "folder",
     {QL_F32, 4, {1, 2, 2, 1}, {0}, 0},
     {0},
     QL_E_FIT,
     "/b/1.PNG: an image outside the class folders has no label"},
    {"mixed",
     "folder",
     {QL_F32, 4, {1, 2, 2, 1}, {0}, 0},
     {0},
     QL_E_FIT,
     "/mixed/beside.png: an image outside"},
};

START_TEST(what_does_not_fit_is_said_so)
{
    holder h;
    const ql_model *model = model_of(&h, &refused[_i].in);
    const int graph = 0;
    ql_dataset *data;
    ql_err err;
    char text[1024];
    ql_err_clear(&err);
    ql_data_options options = {.image = refused[_i].options, .labels = refused[_i].labels};
    ql_code code = ql_dataset_open(&data, in_root(refused[_i].folder), &model, &graph, 1, &options, &err);
    ql_err_text(&err, text, sizeof text);
    ck_assert_msg(code == refused[_i].code && strstr(text, refused[_i].says), "case %d: %d %s", _i, code,
                  text);
    ck_assert_ptr_null(data);
}
END_TEST

/* a, b, broken, mixed, none: labels are places among all folders, those without images too. */
START_TEST(folders_are_classes)
{
    static const input in = {QL_F32, 4, {1, 2, 2, 1}, {0}, 0};
    static const int64_t labels[] = {0, 1, 1, 2, 3};
    holder h;
    const ql_model *model = model_of(&h, &in);
    const int graph = 0;
    ql_dataset *data;
    int64_t label;
    float values[4];
    ql_err err;
    ql_err_clear(&err);
    ck_assert_int_eq(
        ql_dataset_open(&data, root, &model, &graph, 1, &(ql_data_options){.labels = "folder"}, NULL), QL_OK);
    ck_assert_uint_eq(ql_dataset_total(data), 5);
    for (uint64_t i = 0; i < 5; i++) {
        ck_assert(ql_dataset_label(data, i, &label));
        ck_assert_int_eq(label, labels[i]);
    }
    ql_view view = {.tensor = &h.tensor, .type = QL_F32, .count = 4, .bytes = 16, .data = values};
    ck_assert_int_eq(ql_dataset_feed(data, 3, 0, 0, &view, &err), QL_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.file, "broken/a.jpg"));
    ck_assert_ptr_nonnull(strstr(err.text, "not a PNG or JPEG image"));
    ql_dataset_close(data);
}
END_TEST

/* Whatever a file says, it is an image or an error. */
START_TEST(damaged_images_are_refused)
{
    png whole;
    ql_image image;
    png_make(&whole, 4, 2, 3, rgb);
    for (size_t length = 0; length < whole.size; length += 3) {
        ck_assert_int_eq(ql_file_write(in_root("broken/a.jpg"), (const char *)whole.bytes, length, NULL),
                         QL_OK);
        ql_code code = ql_image_read(&image, in_root("broken/a.jpg"), 3, NULL);
        ck_assert(code == QL_E_FORMAT || (code == QL_OK && length + 12 >= whole.size));
        ql_image_free(&image);
    }
    for (size_t at = 0; at < whole.size; at++) {
        png flipped = whole;
        flipped.bytes[at] ^= (uint8_t)(1 << at % 8);
        ck_assert(png_write(&flipped, in_root("broken/a.jpg")));
        ql_image_read(&image, in_root("broken/a.jpg"), 3, NULL);
        ql_image_free(&image);
    }
}
END_TEST

static const struct {
    size_t height, width;
    ql_code code;
} sizes[] = {{16384, 2048, QL_E_FORMAT}, {16384, 2049, QL_E_UNSUPPORTED}, {1, 20000, QL_E_FORMAT}};

/* Sizes are refused by the header, before memory is taken: here there is no more than a header. */
START_TEST(large_images_are_refused)
{
    png p;
    ql_image image;
    png_make(&p, 1, 1, 1, grey);
    for (int i = 0; i < 4; i++) {
        p.bytes[16 + i] = (uint8_t)(sizes[_i].width >> (24 - 8 * i));
        p.bytes[20 + i] = (uint8_t)(sizes[_i].height >> (24 - 8 * i));
    }
    ck_assert(png_write(&p, in_root("broken/a.jpg")));
    ck_assert_int_eq(ql_image_read(&image, in_root("broken/a.jpg"), 1, NULL), sizes[_i].code);
    ck_assert_ptr_null(image.pixels);
}
END_TEST

START_TEST(files_that_are_not_there)
{
    ql_image image;
    ck_assert_int_eq(ql_image_read(&image, in_root("nothing.png"), 1, NULL), QL_E_IO);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("images");
    TCase *tests = tcase_create("images");
    tcase_add_checked_fixture(tests, make, clear);
    tcase_add_loop_test(tests, images_become_samples, 0, sizeof fed / sizeof *fed);
    tcase_add_loop_test(tests, what_does_not_fit_is_said_so, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tests, folders_are_classes);
    tcase_add_test(tests, damaged_images_are_refused);
    tcase_add_loop_test(tests, large_images_are_refused, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(tests, files_that_are_not_there);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
