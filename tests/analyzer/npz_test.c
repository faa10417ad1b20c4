#include "analyzer/analyzer.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A .npy of version 1.0 with this dictionary and `values` zero bytes (1, 2, 3 ... where it matters). */
static size_t npy(uint8_t *out, const char *dictionary, size_t values)
{
    size_t length = strlen(dictionary);
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    out[8] = (uint8_t)(length & 255);
    out[9] = (uint8_t)(length >> 8);
    memcpy(out + 10, dictionary, length);
    for (size_t i = 0; i < values; i++) {
        out[10 + length + i] = (uint8_t)(i + 1);
    }
    return 10 + length + values;
}

#define NPY(descr, order, shape) "{'descr': '" descr "', 'fortran_order': " order ", 'shape': " shape ", }"
static const struct {
    const char *dictionary;
    size_t bytes;
    ql_type type;
    int rank;
    size_t count;
} good[] = {
    {NPY("<f4", "False", "(2, 3)"), 24, QL_F32, 2, 6},
    {NPY("<f8", "False", "()"), 8, QL_F64, 0, 1},
    {NPY("<f2", "False", "(5,)"), 10, QL_F16, 1, 5},
    {NPY("|i1", "False", "(1,1,7)"), 7, QL_I8, 3, 7},
    {NPY("|u1", "False", "(0, 4)"), 0, QL_U8, 2, 0},
    {NPY("<i2", "True", "(2, 2)"), 8, QL_I16, 2, 4},
    {NPY("<u2", "False", "(1,)"), 2, QL_U16, 1, 1},
    {NPY("<i4", "False", "(1,)"), 4, QL_I32, 1, 1},
    {NPY("<u4", "False", "(1,)"), 4, QL_U32, 1, 1},
    {NPY("=i8", "False", "(1,)"), 8, QL_I64, 1, 1},
    {NPY("<u8", "False", "(1,)"), 8, QL_U64, 1, 1},
    {NPY("|b1", "False", "(3,)"), 3, QL_BOOL, 1, 3},
    {NPY("<c8", "False", "(2,)"), 16, QL_C64, 1, 2},
    {"{\"shape\":(3,),\"fortran_order\":False,\"descr\":\"|i1\"}\n", 3, QL_I8, 1, 3},
};

START_TEST(headers_are_read)
{
    uint8_t bytes[512];
    size_t size = npy(bytes, good[_i].dictionary, good[_i].bytes);
    ql_npz *npz;
    ql_err err;
    ck_assert_int_eq(ql_npz_read(&npz, bytes, size, 0, &err), QL_OK);
    ck_assert_int_eq(ql_npz_count(npz), 1);
    const ql_array *array = ql_npz_at(npz, 0);
    ck_assert_int_eq(array->type, good[_i].type);
    ck_assert_int_eq(array->rank, good[_i].rank);
    ck_assert_uint_eq(array->count, good[_i].count);
    ck_assert_uint_eq(array->bytes, good[_i].bytes);
    const void *values;
    ck_assert_int_eq(ql_npz_load(npz, 0, &values, &err), QL_OK);
    ql_npz_close(npz);
}
END_TEST

static const struct {
    const char *dictionary;
    size_t bytes;
    ql_code code;
    const char *says;
} bad[] = {
    {NPY(">f4", "False", "(1,)"), 4, QL_E_UNSUPPORTED, "NumPy type '>f4'"},
    {NPY("<U3", "False", "(1,)"), 12, QL_E_UNSUPPORTED, "NumPy type '<U3'"},
    {NPY("|O", "False", "(1,)"), 8, QL_E_UNSUPPORTED, "NumPy type '|O'"},
    {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4, QL_E_UNSUPPORTED, "records"},
    {NPY("<f4", "False", "(2, 3)"), 23, QL_E_FORMAT, "an array of 23 bytes: its shape says 24"},
    {NPY("<f4", "False", "(2, 3)"), 25, QL_E_FORMAT, "an array of 25 bytes: its shape says 24"},
    {NPY("<f4", "Maybe", "(1,)"), 4, QL_E_FORMAT, "fortran_order must be"},
    {NPY("<f4", "False", "(-1,)"), 4, QL_E_FORMAT, "tuple of sizes"},
    {NPY("<f4", "False", "(1 1)"), 4, QL_E_FORMAT, "tuple of sizes"},
    {NPY("<f4", "False", "[1]"), 4, QL_E_FORMAT, "must be a tuple"},
    {NPY("<f4", "False", "(1,"), 4, QL_E_FORMAT, "tuple of sizes"},
    {NPY("<f4", "False", "(99999999999999999999999,)"), 4, QL_E_FORMAT, "tuple of sizes"},
    {NPY("<f4", "False", "(4294967296, 4294967296)"), 4, QL_E_FORMAT, "more elements than memory"},
    {NPY("<f8", "False", "(2305843009213693952,)"), 0, QL_E_FORMAT, "more elements than memory"},
    {NPY("<f4", "False", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"), 4, QL_E_UNSUPPORTED,
     "more than 16 dimensions"},
    {"{'descr': '<f4', 'shape': (1,), }", 4, QL_E_FORMAT, "must all be there"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", 4, QL_E_FORMAT, "must be a dictionary"},
    {"{'descr", 4, QL_E_FORMAT, "must be a dictionary"},
    {"['descr']", 4, QL_E_FORMAT, "must be a dictionary"},
    {"{'x': 1}", 4, QL_E_FORMAT, "unknown entry 'x'"},
    {"", 0, QL_E_FORMAT, "ends within"},
};

START_TEST(bad_headers_are_refused)
{
    uint8_t bytes[512];
    size_t size = npy(bytes, bad[_i].dictionary, bad[_i].bytes);
    ql_npz *npz;
    ql_err err;
    ck_assert_int_eq(ql_npz_read(&npz, bytes, size, 0, &err), bad[_i].code);
    ck_assert_ptr_null(npz);
    ck_assert_msg(strstr(err.text, bad[_i].says), "%s", err.text);
}
END_TEST

START_TEST(fortran_order_is_brought_into_c_order)
{
    uint8_t bytes[256];
    size_t size = npy(bytes, NPY("|i1", "True", "(2, 3)"), 6);
    ql_npz *npz;
    const void *values;
    ck_assert_int_eq(ql_npz_read(&npz, bytes, size, 0, NULL), QL_OK);
    ck_assert_int_eq(ql_npz_load(npz, 0, &values, NULL), QL_OK);
    ck_assert_mem_eq(values, "\1\3\5\2\4\6", 6);
    ql_npz_close(npz);
}
END_TEST

START_TEST(limits_hold)
{
    uint8_t bytes[256];
    size_t size = npy(bytes, NPY("|i1", "False", "(6,)"), 6);
    ql_npz *npz;
    ck_assert_int_eq(ql_npz_read(&npz, bytes, size, 5, NULL), QL_E_NOMEM);
    ck_assert_int_eq(ql_npz_read(&npz, bytes, size, 6, NULL), QL_OK);
    ql_npz_close(npz);
}
END_TEST

static const char *path_in_tmp(char *out, size_t size, const char *name)
{
    const char *folder = getenv("TMPDIR");
    snprintf(out, size, "%s/qloupe-npz-%ld-%s", folder ? folder : "/tmp", (long)getpid(), name);
    return out;
}

START_TEST(written_arrays_are_read_back)
{
    char path[256];
    path_in_tmp(path, sizeof path, "a.npz");
    const float x[6] = {1, -2, 3.5f, 0, 1e30f, -1e-30f};
    const uint8_t yes[3] = {1, 0, 1};
    const int32_t dims[2] = {2, 3};
    for (int round = 0; round < 2; round++) {
        ql_npz_writer *writer;
        ck_assert_int_eq(ql_npz_create(&writer, path, NULL), QL_OK);
        ck_assert_int_eq(ql_npz_add(writer, "s0/t/1", QL_F32, 2, dims, x, NULL), QL_OK);
        ck_assert_int_eq(ql_npz_add(writer, "yes", QL_BOOL, 1, dims + 1, yes, NULL), QL_OK);
        ck_assert_int_eq(ql_npz_add(writer, "one", QL_I64, 0, dims, "\1\0\0\0\0\0\0\0", NULL), QL_OK);
        ck_assert_int_eq(ql_npz_add(writer, "no", QL_BF16, 0, dims, x, NULL), QL_E_UNSUPPORTED);
        ck_assert_int_eq(ql_npz_finish(writer, NULL), QL_OK);
    }
    ql_npz *npz;
    const void *values;
    ck_assert_int_eq(ql_npz_open(&npz, path, 0, NULL), QL_OK);
    ck_assert_int_eq(ql_npz_count(npz), 3);
    ck_assert_int_eq(ql_npz_find(npz, "two"), -1);
    int at = ql_npz_find(npz, "s0/t/1");
    ck_assert_int_eq(ql_npz_at(npz, at)->rank, 2);
    ck_assert_int_eq(ql_npz_load(npz, at, &values, NULL), QL_OK);
    ck_assert_mem_eq(values, x, sizeof x);
    ck_assert_int_eq(ql_npz_load(npz, ql_npz_find(npz, "yes"), &values, NULL), QL_OK);
    ck_assert_mem_eq(values, yes, sizeof yes);
    ck_assert_int_eq(ql_npz_at(npz, ql_npz_find(npz, "one"))->rank, 0);
    ql_npz_close(npz);
    unlink(path);
}
END_TEST

START_TEST(abandoned_files_leave_nothing)
{
    char path[256];
    path_in_tmp(path, sizeof path, "b.npz");
    ql_npz_writer *writer;
    ck_assert_int_eq(ql_npz_create(&writer, path, NULL), QL_OK);
    ql_npz_abandon(writer);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_int_eq(ql_npz_create(&writer, "/nowhere/x.npz", NULL), QL_E_IO);
    ck_assert_ptr_null(writer);
}
END_TEST

/* Every byte of a written file, changed: the reader says so or reads on, and never crashes. */
START_TEST(damaged_files_are_survived)
{
    char path[256];
    path_in_tmp(path, sizeof path, "c.npz");
    const int32_t dims[2] = {3, 5};
    const uint8_t values[15] = {1, 2, 3};
    ql_npz_writer *writer;
    ck_assert_int_eq(ql_npz_create(&writer, path, NULL), QL_OK);
    ck_assert_int_eq(ql_npz_add(writer, "x", QL_U8, 2, dims, values, NULL), QL_OK);
    ck_assert_int_eq(ql_npz_finish(writer, NULL), QL_OK);
    char *bytes;
    size_t count, refused = 0;
    ck_assert_int_eq(ql_file_read(path, &bytes, &count, NULL), QL_OK);
    unlink(path);
    for (size_t i = 0; i < count; i++) {
        ql_npz *npz;
        const void *loaded;
        bytes[i] = (char)(bytes[i] ^ 0x55);
        ql_code code = ql_npz_read(&npz, bytes, count, 0, NULL);
        if (!code && ql_npz_count(npz)) {
            code = ql_npz_load(npz, 0, &loaded, NULL);
        }
        refused += code != QL_OK;
        ql_npz_close(npz);
        bytes[i] = (char)(bytes[i] ^ 0x55);
        ck_assert_int_ne(ql_npz_read(&npz, bytes, i, 0, NULL), QL_OK);
    }
    ck_assert_uint_gt(refused, count / 2);
    free(bytes);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("npz");
    TCase *read = tcase_create("reading");
    tcase_add_loop_test(read, headers_are_read, 0, sizeof good / sizeof *good);
    tcase_add_loop_test(read, bad_headers_are_refused, 0, sizeof bad / sizeof *bad);
    tcase_add_test(read, fortran_order_is_brought_into_c_order);
    tcase_add_test(read, limits_hold);
    suite_add_tcase(suite, read);
    TCase *write = tcase_create("writing");
    tcase_add_test(write, written_arrays_are_read_back);
    tcase_add_test(write, abandoned_files_leave_nothing);
    tcase_add_test(write, damaged_files_are_survived);
    suite_add_tcase(suite, write);
    return suite;
}
