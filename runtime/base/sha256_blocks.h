/* The compression function of SHA-256, by the means of the machine. */
#ifndef QL_BASE_SHA256_BLOCKS_H
#define QL_BASE_SHA256_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
extern const uint32_t ql_sha256_rounds[64];

/* Mixes `count` blocks of 64 bytes into the state. */
typedef void (*ql_sha256_fn)(uint32_t state[8], const uint8_t *blocks, size_t count);
void ql_sha256_plain(uint32_t state[8], const uint8_t *blocks, size_t count);

/* The same with the SHA instructions of x86; NULL where the machine has none. */
ql_sha256_fn ql_sha256_x86(void);

#endif
