/* Builds small .tflite files front to back: a table first, what it refers to after it. Each field set is
 * noted under a name, so that a test can then break it. Positions are bytes from the start of the file. */
#ifndef FBUILD_H
#define FBUILD_H

#include <stddef.h>
#include <stdint.h>

enum { FB_ROOM = 1 << 19, FB_MARKS = 256 };

typedef struct {
    const char *name;
    size_t entry;  /* in the vtable */
    size_t field;  /* in the table */
    size_t target; /* what the field refers to: a vector's count, a table's start; 0 for scalars */
} fb_mark;

typedef struct {
    _Alignas(16) uint8_t bytes[FB_ROOM];
    size_t size;
    fb_mark marks[FB_MARKS];
    int mark_count;
} fb;

/* A field of a table: where it is set, and the name it is noted under (NULL: not noted). */
typedef struct {
    size_t table;
    int slot;
    const char *name;
} fb_at;

/* Starts a file; returns its root table, which has room for `slots` fields. */
size_t fb_start(fb *b, int slots);

/* A scalar of `size` bytes. */
void fb_scalar(fb *b, fb_at at, size_t size, uint64_t value);

/* A table, a vector of scalars or a string that the field refers to; returns its position. */
size_t fb_table(fb *b, fb_at at, int slots);
size_t fb_vector(fb *b, fb_at at, size_t size, size_t count, const void *elements);
size_t fb_string(fb *b, fb_at at, const char *text);

/* A vector of `count` tables, and one of them. */
size_t fb_tables(fb *b, fb_at at, size_t count);
size_t fb_item(fb *b, size_t tables, size_t index, int slots);

const fb_mark *fb_find(const fb *b, const char *name);

void fb_poke(fb *b, size_t at, size_t size, uint64_t value);

/* A legal model that has at least one of everything the verifier has a rule for. */
void fb_sample(fb *b);

#endif
