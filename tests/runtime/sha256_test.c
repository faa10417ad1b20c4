/* SHA-256: the standard's examples, and the same digests by every means that the machine has. */
#include "runtime/base/sha256.h"

#include "runtime/base/sha256_blocks.h"
#include "tests/support/suite.h"

#include <string.h>

static const char *digest(const void *bytes, size_t count, size_t piece)
{
    static char hex[65];
    ql_sha256 sha;
    ql_sha256_start(&sha);
    for (size_t at = 0; at < count; at += piece) {
        ql_sha256_add(&sha, (const char *)bytes + at, count - at < piece ? count - at : piece);
    }
    ql_sha256_hex(&sha, hex);
    return hex;
}

static const struct {
    const char *text, *hex;
} examples[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

START_TEST(examples_of_the_standard_hold)
{
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const char *text = examples[i].text;
        ck_assert_str_eq(digest(text, strlen(text), 64), examples[i].hex);
        ck_assert_str_eq(digest(text, strlen(text), 1), examples[i].hex);
    }
}
END_TEST

START_TEST(the_machines_instructions_give_the_same_state)
{
    uint8_t bytes[64 * 9];
    uint32_t state = 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(state >> 24);
    }
    for (size_t count = 0; ql_sha256_x86() && count <= 9; count++) {
        uint32_t plain[8] = {1, 2, 3, 4, 0x80000000, 6, 0xffffffff, 8}, fast[8];
        memcpy(fast, plain, sizeof fast);
        ql_sha256_plain(plain, bytes, count);
        ql_sha256_x86()(fast, bytes, count);
        ck_assert_int_eq(memcmp(plain, fast, sizeof fast), 0);
    }
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("sha256");
    TCase *sha = tcase_create("sha256");
    tcase_add_test(sha, examples_of_the_standard_hold);
    tcase_add_test(sha, the_machines_instructions_give_the_same_state);
    suite_add_tcase(suite, sha);
    return suite;
}
