/* A zip of stored members, written piece by piece: memory holds the directory only, so that a run over many
 * samples can keep every tensor. 64-bit records appear only where the old ones are too small. */
#include "analyzer/data/npy.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint64_t offset;
    uint32_t size, crc;
    char *name;
} entry;

struct ql_npz_writer {
    ql_file_out *out;
    entry *entries;
    size_t count, capacity;
    uint64_t at; /* bytes written */
    uint32_t crc_table[256];
};

enum { VERSION = 20, VERSION_64 = 45, MIDNIGHT = 0, FIRST_OF_1980 = 1 << 5 | 1, UTF8 = 1 << 11 };
static const uint32_t full16 = 0xffff, full32 = 0xffffffff;

static void make_crc_table(uint32_t *table)
{
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++) {
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320u : 0);
        }
    }
}

static uint32_t crc_of(const uint32_t *table, uint32_t crc, const uint8_t *bytes, size_t count)
{
    crc = ~crc;
    for (size_t i = 0; i < count; i++) {
        crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 255];
    }
    return ~crc;
}

/* A record under construction. */
typedef struct {
    uint8_t bytes[128];
    size_t count;
} record;

static void put(record *r, int width, uint64_t value)
{
    for (int i = 0; i < width; i++) {
        r->bytes[r->count++] = (uint8_t)(value >> (8 * i) & 255);
    }
}

static ql_code send(ql_npz_writer *w, const void *bytes, size_t count, ql_err *err)
{
    w->at += count;
    return ql_file_put(w->out, bytes, count, err);
}

/* What local and central headers have in common, from "version needed" to the length of the name. */
static void put_common(record *r, const entry *e, int version)
{
    put(r, 2, (uint64_t)version);
    put(r, 2, UTF8);
    put(r, 2, 0); /* stored */
    put(r, 2, MIDNIGHT);
    put(r, 2, FIRST_OF_1980);
    put(r, 4, e->crc);
    put(r, 4, e->size);
    put(r, 4, e->size);
    put(r, 2, strlen(e->name));
}

ql_code ql_npz_create(ql_npz_writer **writer, const char *path, ql_err *err)
{
    *writer = NULL;
    ql_npz_writer *w = calloc(1, sizeof *w);
    if (!w) {
        return ql_fail_memory(err, sizeof *w);
    }
    ql_code code = ql_file_begin(&w->out, path, err);
    if (code) {
        free(w);
        return code;
    }
    make_crc_table(w->crc_table);
    *writer = w;
    return QL_OK;
}

static entry *new_entry(ql_npz_writer *w, const char *name, ql_err *err)
{
    if (w->count == w->capacity) {
        size_t capacity = w->capacity ? 2 * w->capacity : 64;
        entry *grown = realloc(w->entries, capacity * sizeof *grown);
        if (!grown) {
            ql_fail_memory(err, capacity * sizeof *grown);
            return NULL;
        }
        w->entries = grown;
        w->capacity = capacity;
    }
    size_t length = strlen(name);
    entry *e = &w->entries[w->count];
    *e = (entry){.name = malloc(length + 5), .offset = w->at};
    if (!e->name) {
        ql_fail_memory(err, length);
        return NULL;
    }
    memcpy(e->name, name, length);
    memcpy(e->name + length, ".npy", 5);
    w->count++;
    return e;
}

ql_code ql_npz_add(ql_npz_writer *w, const char *name, ql_type type, int rank, const int32_t *dims,
                   const void *values, ql_err *err)
{
    uint8_t header[256];
    size_t count, bytes, header_bytes = ql_npy_write_header(header, type, rank, dims);
    if (!header_bytes) {
        return ql_fail(err, QL_E_UNSUPPORTED, "%s values: NumPy has no such type", ql_type_name(type));
    }
    if (strlen(name) > 60000 || !ql_dims_count(dims, rank, &count) || !ql_type_bytes(type, count, &bytes) ||
        bytes > full32 - sizeof header) {
        return ql_fail(err, QL_E_UNSUPPORTED, "an array too large for a .npz member: at most 4 GiB");
    }
    entry *e = new_entry(w, name, err);
    if (!e) {
        return QL_E_NOMEM;
    }
    e->size = (uint32_t)(header_bytes + bytes);
    e->crc = crc_of(w->crc_table, 0, header, header_bytes);
    e->crc = crc_of(w->crc_table, e->crc, values, bytes);
    record r = {.count = 0};
    put(&r, 4, 0x04034b50);
    put_common(&r, e, VERSION);
    put(&r, 2, 0); /* no extra field */
    ql_code code = send(w, r.bytes, r.count, err);
    code = code ? code : send(w, e->name, strlen(e->name), err);
    code = code ? code : send(w, header, header_bytes, err);
    return code ? code : send(w, values, bytes, err);
}

static ql_code send_central(ql_npz_writer *w, const entry *e, ql_err *err)
{
    bool far = e->offset >= full32;
    record r = {.count = 0}, extra = {.count = 0};
    put(&r, 4, 0x02014b50);
    put(&r, 2, far ? VERSION_64 : VERSION);
    put_common(&r, e, far ? VERSION_64 : VERSION);
    put(&r, 2, far ? 12 : 0);
    put(&r, 6, 0); /* comment, disk, internal attributes */
    put(&r, 4, 0);
    put(&r, 4, far ? full32 : e->offset);
    put(&extra, 2, 1);
    put(&extra, 2, 8);
    put(&extra, 8, e->offset);
    ql_code code = send(w, r.bytes, r.count, err);
    code = code ? code : send(w, e->name, strlen(e->name), err);
    return code || !far ? code : send(w, extra.bytes, extra.count, err);
}

static void put_end_64(record *r, const ql_npz_writer *w, uint64_t start)
{
    put(r, 4, 0x06064b50);
    put(r, 8, 44);
    put(r, 2, VERSION_64);
    put(r, 2, VERSION_64);
    put(r, 8, 0);
    put(r, 8, w->count);
    put(r, 8, w->count);
    put(r, 8, w->at - start);
    put(r, 8, start);
    put(r, 4, 0x07064b50);
    put(r, 4, 0);
    put(r, 8, w->at);
    put(r, 4, 1);
}

static uint64_t capped(uint64_t value, uint64_t most)
{
    return value < most ? value : most;
}

static ql_code send_directory(ql_npz_writer *w, ql_err *err)
{
    uint64_t start = w->at;
    ql_code code = QL_OK;
    for (size_t i = 0; i < w->count && !code; i++) {
        code = send_central(w, &w->entries[i], err);
    }
    record r = {.count = 0};
    uint64_t size = w->at - start;
    if (w->count >= full16 || start >= full32 || size >= full32) {
        put_end_64(&r, w, start);
    }
    put(&r, 4, 0x06054b50);
    put(&r, 4, 0);
    put(&r, 2, capped(w->count, full16));
    put(&r, 2, capped(w->count, full16));
    put(&r, 4, capped(size, full32));
    put(&r, 4, capped(start, full32));
    put(&r, 2, 0);
    return code ? code : send(w, r.bytes, r.count, err);
}

static void release(ql_npz_writer *w)
{
    for (size_t i = 0; i < w->count; i++) {
        free(w->entries[i].name);
    }
    free(w->entries);
    free(w);
}

ql_code ql_npz_finish(ql_npz_writer *w, ql_err *err)
{
    ql_code code = send_directory(w, err);
    if (code) {
        ql_npz_abandon(w);
        return code;
    }
    code = ql_file_end(w->out, err);
    release(w);
    return code;
}

void ql_npz_abandon(ql_npz_writer *w)
{
    if (w) {
        ql_file_drop(w->out);
        release(w);
    }
}
