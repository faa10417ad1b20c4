/* SHA-256 (FIPS 180-4), to say which file a result is about. */
#ifndef QL_BASE_SHA256_H
#define QL_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t state[8];
    uint64_t length;   /* bytes so far */
    uint8_t block[64]; /* the bytes that do not fill one yet */
} ql_sha256;

void ql_sha256_start(ql_sha256 *sha);
void ql_sha256_add(ql_sha256 *sha, const void *bytes, size_t count);

/* 64 hex digits and a NUL; the state is spent. */
void ql_sha256_hex(ql_sha256 *sha, char out[65]);

#endif
