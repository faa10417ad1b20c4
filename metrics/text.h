/* Inside metrics only: compact text out of and into the accumulators.
 *
 * A writer writes as much as fits and counts all of it, or compares what it is given with an expected text;
 * a parser checks its input by writing what it understood back against it, so that only the canonical text
 * of a value is accepted. A reader goes over text that may be hostile; after the first fault it stays failed
 * and yields zeros. */
#ifndef QL_METRICS_TEXT_H
#define QL_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    char *out; /* NULL when nothing is kept */
    size_t size;
    const char *expect; /* NULL when writing */
    size_t length;      /* of expect */
    size_t used;        /* bytes given so far, whether they fitted or not */
    bool same;          /* all bytes so far are those of expect */
} ql_compact;

ql_compact ql_compact_into(char *out, size_t size);
ql_compact ql_compact_expect(const char *expect, size_t length);

void ql_compact_bytes(ql_compact *text, const char *bytes, size_t length);
void ql_compact_string(ql_compact *text, const char *string);
void ql_compact_uint(ql_compact *text, uint64_t value);
void ql_compact_int(ql_compact *text, int64_t value);

/* The 16 hex digits of the double's bits. */
void ql_compact_double(ql_compact *text, double value);

/* Terminates what was written (cutting it when it did not fit); the length the whole text has. */
size_t ql_compact_end(ql_compact *text);

/* Whether exactly the expected text was given. */
bool ql_compact_matches(const ql_compact *text);

typedef struct {
    const char *at, *end;
    bool ok;
} ql_reader;

ql_reader ql_reader_of(const char *text, size_t length);

/* Takes `string` when the input goes on with it; false, taking nothing and without failing, when not. */
bool ql_read_if(ql_reader *reader, const char *string);

/* Takes `string` or fails. */
void ql_read_string(ql_reader *reader, const char *string);
uint64_t ql_read_uint(ql_reader *reader);

/* A number within [low, high], else failure and 0. */
int64_t ql_read_int(ql_reader *reader, int64_t low, int64_t high);
double ql_read_double(ql_reader *reader);

/* 0..15, or -1 for a byte that is no lower-case hex digit. */
int ql_hex_digit(char c);

#endif
