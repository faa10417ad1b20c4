/* FlexBuffers made by the flatbuffers package, read back key by key, and damaged in every byte. */
#include "runtime/model/flexbuffer.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const uint8_t verify[] = {
    0x74, 0x6f, 0x6c, 0x65, 0x72, 0x61, 0x6e, 0x63, 0x65, 0x00, 0x6c, 0x6f, 0x67, 0x5f, 0x69, 0x66,
    0x5f, 0x66, 0x61, 0x69, 0x6c, 0x65, 0x64, 0x00, 0x02, 0x0f, 0x1a, 0x00, 0x03, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa0, 0x40,
    0x6a, 0x0e, 0x0a, 0x26, 0x01,
};
static const uint8_t mixed[] = {
    0x61, 0x00, 0x62, 0x00, 0x63, 0x00, 0x04, 0x74, 0x65, 0x78, 0x74, 0x00, 0x64, 0x00, 0x65, 0x00,
    0x66, 0x00, 0x02, 0x01, 0x02, 0x04, 0x04, 0x62, 0x69, 0x67, 0x00, 0x68, 0x75, 0x67, 0x65, 0x00,
    0x08, 0x21, 0x20, 0x0c, 0x20, 0x19, 0x18, 0x17, 0x0d, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x0f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x70, 0x11, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0e, 0xfa, 0xd5, 0xfe, 0xff, 0xff, 0xff,
    0x59, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x3f,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x65, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x80, 0xdb, 0xd9, 0x90, 0x56, 0x05, 0xfa, 0x43, 0x07, 0x07, 0x07, 0x14, 0x0f, 0x03, 0x28, 0x0f,
    0x48, 0x27, 0x01,
};
static const uint8_t other[] = {
    0x69, 0x00, 0xf9, 0x66, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x40, 0x75, 0x00, 0x62, 0x69,
    0x67, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x04, 0x13, 0x1f, 0x23, 0x18, 0x04, 0x01, 0x04, 0x10, 0x21, 0x28, 0x01, 0x1f, 0x22, 0x18, 0x68,
    0x08, 0x24, 0x01,
};
static const uint8_t vec[] = {
    0x03, 0x01, 0x02, 0x03, 0x04, 0x04, 0x04, 0x06, 0x28, 0x01,
};
/* clang-format on */

#define BYTES(array) array, sizeof array
static const struct {
    const uint8_t *bytes;
    size_t count;
    const char *key;
    ql_flex want;
} found[] = {
    {BYTES(verify), "tolerance", {QL_FLEX_FLOAT, 5, 5.0, NULL, 0}},
    {BYTES(verify), "log_if_failed", {QL_FLEX_BOOL, 1, 1, NULL, 0}},
    {BYTES(mixed), "a", {QL_FLEX_INT, -3, -3, NULL, 0}},
    {BYTES(mixed), "b", {QL_FLEX_INT, 70000, 70000, NULL, 0}},
    {BYTES(mixed), "c", {QL_FLEX_TEXT, 0, 0, "text", 4}},
    {BYTES(mixed), "d", {QL_FLEX_FLOAT, 1, 1.5, NULL, 0}},
    {BYTES(mixed), "e", {QL_FLEX_NULL, 0, 0, NULL, 0}},
    {BYTES(mixed), "f", {QL_FLEX_OTHER, 0, 0, NULL, 0}},
    {BYTES(mixed), "big", {QL_FLEX_INT, -5000000000, -5e9, NULL, 0}},
    {BYTES(mixed), "huge", {QL_FLEX_FLOAT, INT64_MAX, 3e19, NULL, 0}},
    {BYTES(other), "i", {QL_FLEX_INT, -7, -7, NULL, 0}},
    {BYTES(other), "f", {QL_FLEX_FLOAT, 2, 2.5, NULL, 0}},
    {BYTES(other), "u", {QL_FLEX_BOOL, 1, 1, NULL, 0}},
    {BYTES(other), "big", {QL_FLEX_INT, INT64_MAX, 18446744073709551615.0, NULL, 0}},
};

START_TEST(finds_each_kind)
{
    ql_flex value;
    const ql_flex *want = &found[_i].want;
    ck_assert(ql_flex_find(found[_i].bytes, found[_i].count, found[_i].key, &value));
    ck_assert_int_eq(value.kind, want->kind);
    ck_assert_int_eq(value.i, want->i);
    ck_assert_double_eq(value.f, want->f);
    ck_assert_uint_eq(value.length, want->length);
    ck_assert(!want->text || !memcmp(value.text, want->text, want->length));
}
END_TEST

static const struct {
    const uint8_t *bytes;
    size_t count;
    const char *key;
} absent[] = {
    {BYTES(verify), "toleranc"},   {BYTES(verify), "tolerance2"},
    {BYTES(verify), ""},           {BYTES(vec), "a"},
    {verify, 0, "tolerance"},      {verify, 2, "tolerance"},
    {verify + 50, 3, "tolerance"}, {verify, 30, "tolerance"},
};

START_TEST(absent_is_not_found)
{
    ql_flex value;
    ck_assert(!ql_flex_find(absent[_i].bytes, absent[_i].count, absent[_i].key, &value));
    ck_assert_double_eq(ql_flex_number(absent[_i].bytes, absent[_i].count, absent[_i].key, -2), -2);
}
END_TEST

/* Reads every byte of what was found, so that a sanitizer sees a pointer that is out of range. */
static unsigned touched(const ql_flex *value)
{
    unsigned sum = 0;
    for (size_t i = 0; i < value->length; i++) {
        sum += (unsigned char)value->text[i];
    }
    return sum;
}

static void read_damaged(const uint8_t *bytes, size_t count)
{
    static const char *const keys[] = {"tolerance", "a", "b", "c", "d", "big", "f", "i", "u", "huge"};
    uint8_t *copy = malloc(count ? count : 1); /* of the exact size */
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes, count);
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        ql_flex value = {0};
        if (ql_flex_find(copy, count, keys[k], &value) && value.kind == QL_FLEX_TEXT) {
            ck_assert_uint_le(value.length, count);
            ck_assert_uint_le(touched(&value), 255 * count);
        }
    }
    free(copy);
}

static const struct {
    const uint8_t *bytes;
    size_t count;
} whole[] = {{BYTES(verify)}, {BYTES(mixed)}, {BYTES(other)}, {BYTES(vec)}};

START_TEST(damage_is_survived)
{
    uint8_t copy[256];
    size_t count = whole[_i].count;
    ck_assert_uint_le(count, sizeof copy);
    for (size_t cut = 0; cut <= count; cut++) {
        read_damaged(whole[_i].bytes, cut);
        read_damaged(whole[_i].bytes + cut, count - cut);
    }
    for (size_t at = 0; at < count; at++) {
        memcpy(copy, whole[_i].bytes, count);
        for (int byte = 0; byte < 256; byte++) {
            copy[at] = (uint8_t)byte;
            read_damaged(copy, count);
        }
    }
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

Suite *ql_suite(void)
{
    Suite *suite = suite_create("flexbuffer");
    TCase *cases = tcase_create("flexbuffer");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, finds_each_kind, 0, COUNT(found));
    tcase_add_loop_test(cases, absent_is_not_found, 0, COUNT(absent));
    tcase_add_loop_test(cases, damage_is_survived, 0, COUNT(whole));
    suite_add_tcase(suite, cases);
    return suite;
}
