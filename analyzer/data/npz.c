#include "analyzer/data/npz.h"
#include "analyzer/data/npy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

typedef struct {
    ql_array array;
    size_t header; /* bytes before the values */
    zip_uint64_t index;
    bool fortran;
    void *values; /* NULL until loaded */
    FILE *spool;  /* NULL until streamed from a zip */
} member;

struct ql_npz {
    zip_t *zip;           /* NULL for a .npy */
    const uint8_t *bytes; /* of a .npy, or of a zip in memory */
    char *owned;          /* the same when they are ours */
    size_t byte_count, max_bytes;
    void *mapping; /* of a .npy file */
    int file;      /* that file, -1: none */
    member *members;
    int count;
    ql_arena arena;
};

/* A byte of deflate data expands to no more than this. */
enum { MAX_EXPANSION = 1040 };

static ql_code zip_failed(ql_err *err, zip_error_t *error)
{
    int kind = zip_error_code_zip(error);
    bool io = kind == ZIP_ER_OPEN || kind == ZIP_ER_READ || kind == ZIP_ER_NOENT || kind == ZIP_ER_SEEK;
    ql_code code = kind == ZIP_ER_MEMORY ? QL_E_NOMEM : io ? QL_E_IO : QL_E_FORMAT;
    ql_fail(err, code, "%s%s", kind == ZIP_ER_NOZIP ? "neither a .npz nor a .npy file: " : "",
            zip_error_strerror(error));
    zip_error_fini(error);
    return code;
}

/* Reads exactly `count` bytes of an opened member. */
static ql_code pull(zip_file_t *file, void *to, size_t count, ql_err *err)
{
    size_t done = 0;
    while (done < count) {
        zip_int64_t got = zip_fread(file, (char *)to + done, count - done);
        if (got < 0) {
            return ql_fail(err, QL_E_FORMAT, "cannot be unpacked: %s", zip_file_strerror(file));
        }
        if (!got) {
            return ql_fail(err, QL_E_FORMAT, "ends after %zu bytes: %zu more were promised", done,
                           count - done);
        }
        done += (size_t)got;
    }
    return QL_OK;
}

static ql_code at_array(ql_err *err, const member *m, ql_code code)
{
    if (code) {
        ql_at_tensor(err, m->array.name, strlen(m->array.name));
    }
    return code;
}

static ql_code open_member(ql_npz *npz, const member *m, zip_file_t **file, ql_err *err)
{
    *file = zip_fopen_index(npz->zip, m->index, 0);
    if (!*file) {
        return ql_fail(err, QL_E_FORMAT, "cannot be unpacked: %s", zip_strerror(npz->zip));
    }
    return QL_OK;
}

static ql_code check_sizes(const ql_npz *npz, const member *m, size_t total, ql_err *err)
{
    const ql_array *a = &m->array;
    if (total < m->header || total - m->header != a->bytes) {
        return ql_fail(err, QL_E_FORMAT, "an array of %zu bytes: its shape says %zu",
                       total < m->header ? 0 : total - m->header, a->bytes);
    }
    if (npz->max_bytes && a->bytes > npz->max_bytes) {
        return ql_fail(err, QL_E_NOMEM, "an array of %zu bytes: the limit is %zu", a->bytes, npz->max_bytes);
    }
    return QL_OK;
}

static ql_code read_header(zip_file_t *file, member *m, ql_err *err)
{
    uint8_t prefix[QL_NPY_PREFIX];
    ql_code code = pull(file, prefix, sizeof prefix, err);
    code = code ? code : ql_npy_header_length(prefix, &m->header, err);
    if (code) {
        return code;
    }
    uint8_t *header = malloc(m->header);
    if (!header) {
        return ql_fail_memory(err, m->header);
    }
    memcpy(header, prefix, sizeof prefix);
    code = pull(file, header + sizeof prefix, m->header - sizeof prefix, err);
    code = code ? code : ql_npy_header(header, m->header, &m->array, &m->fortran, err);
    free(header);
    return code;
}

static ql_code check_packing(const zip_stat_t *stat, ql_err *err)
{
    zip_uint64_t needs =
        ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((stat->valid & needs) != needs || stat->size > SIZE_MAX) {
        return ql_fail(err, QL_E_FORMAT, "the zip directory does not say how large it is");
    }
    if (stat->encryption_method != ZIP_EM_NONE) {
        return ql_fail(err, QL_E_UNSUPPORTED, "encrypted: must be plain");
    }
    if (stat->comp_method != ZIP_CM_STORE && stat->comp_method != ZIP_CM_DEFLATE) {
        return ql_fail(err, QL_E_UNSUPPORTED, "zip method %d: must be stored or deflate", stat->comp_method);
    }
    if (stat->size / MAX_EXPANSION > stat->comp_size) {
        return ql_fail(err, QL_E_FORMAT, "%llu bytes that unpack to %llu: more than deflate can",
                       (unsigned long long)stat->comp_size, (unsigned long long)stat->size);
    }
    return QL_OK;
}

static ql_code add_member(ql_npz *npz, zip_uint64_t index, ql_err *err)
{
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_stat_index(npz->zip, index, ZIP_FL_ENC_RAW, &stat) || !(stat.valid & ZIP_STAT_NAME)) {
        return ql_fail(err, QL_E_FORMAT, "zip entry %llu: %s", (unsigned long long)index,
                       zip_strerror(npz->zip));
    }
    size_t length = strlen(stat.name);
    if (length < 4 || strcmp(stat.name + length - 4, ".npy")) {
        return QL_OK; /* NumPy passes such members over too */
    }
    member *m = &npz->members[npz->count];
    char *name = ql_take_copy(&npz->arena, stat.name, length);
    if (!name) {
        return ql_fail_memory(err, length);
    }
    name[length - 4] = 0;
    *m = (member){.index = index, .array = {.name = name}};
    zip_file_t *file;
    ql_code code = check_packing(&stat, err);
    code = code ? code : open_member(npz, m, &file, err);
    if (!code) {
        code = read_header(file, m, err);
        zip_fclose(file);
    }
    code = code ? code : check_sizes(npz, m, (size_t)stat.size, err);
    npz->count += !code;
    return at_array(err, m, code);
}

static ql_code list_zip(ql_npz *npz, ql_err *err)
{
    zip_int64_t entries = zip_get_num_entries(npz->zip, 0);
    if (entries > INT32_MAX) {
        return ql_fail(err, QL_E_FORMAT, "more zip entries than can be counted");
    }
    npz->members = QL_TAKE(&npz->arena, (size_t)entries, member);
    if (!npz->members) {
        return ql_fail_memory(err, (size_t)entries * sizeof(member));
    }
    ql_code code = QL_OK;
    for (zip_int64_t i = 0; i < entries && !code; i++) {
        code = add_member(npz, (zip_uint64_t)i, err);
    }
    return code;
}

static bool is_npy(const uint8_t *bytes, size_t count)
{
    return count >= 6 && !memcmp(bytes, "\x93NUMPY", 6);
}

static ql_code list_npy(ql_npz *npz, ql_err *err)
{
    member *m = QL_TAKE(&npz->arena, 1, member);
    if (!m) {
        return ql_fail_memory(err, sizeof *m);
    }
    if (npz->byte_count < QL_NPY_PREFIX) {
        return ql_fail(err, QL_E_FORMAT, "ends within the NumPy header");
    }
    npz->members = m;
    m->array.name = "";
    ql_code code = ql_npy_header_length(npz->bytes, &m->header, err);
    if (!code && m->header > npz->byte_count) {
        code = ql_fail(err, QL_E_FORMAT, "ends within the NumPy header");
    }
    code = code ? code : ql_npy_header(npz->bytes, m->header, &m->array, &m->fortran, err);
    code = code ? code : check_sizes(npz, m, npz->byte_count, err);
    npz->count = !code;
    return code;
}

static ql_code open_bytes(ql_npz *npz, ql_err *err)
{
    if (!npz->byte_count) { /* libzip takes it for an archive of nothing */
        return ql_fail(err, QL_E_FORMAT, "an empty file: must be a .npz or .npy file");
    }
    if (is_npy(npz->bytes, npz->byte_count)) {
        return list_npy(npz, err);
    }
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(npz->bytes, npz->byte_count, 0, &error);
    npz->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (!npz->zip) {
        zip_source_free(source);
        return zip_failed(err, &error);
    }
    return list_zip(npz, err);
}

static ql_code open_zip_path(ql_npz *npz, const char *path, ql_err *err)
{
    int kind = 0;
    npz->zip = zip_open(path, ZIP_RDONLY, &kind);
    if (!npz->zip) {
        zip_error_t error;
        zip_error_init_with_code(&error, kind);
        return zip_failed(err, &error);
    }
    return list_zip(npz, err);
}

/* *npy: the file begins as a .npy does. */
static ql_code sniff(const char *path, bool *npy, ql_err *err)
{
    uint8_t magic[6];
    FILE *file = fopen(path, "rb");
    if (!file) {
        return ql_fail(err, QL_E_IO, "cannot be opened: %s", strerror(errno));
    }
    size_t got = fread(magic, 1, sizeof magic, file);
    bool failed = ferror(file);
    int reason = errno;
    fclose(file);
    *npy = is_npy(magic, got) || !got;
    return failed ? ql_fail(err, QL_E_IO, "cannot be read: %s", strerror(reason)) : QL_OK;
}

/* A large .npy is mapped, not read: only its header is touched unless all of it is asked for. */
static ql_code map(ql_npz *npz, const char *path, ql_err *err)
{
    struct stat facts;
    npz->file = open(path, O_RDONLY);
    if (npz->file < 0 || fstat(npz->file, &facts)) {
        return ql_fail(err, QL_E_IO, "cannot be opened: %s", strerror(errno));
    }
    npz->byte_count = (size_t)facts.st_size;
    if (!npz->byte_count || !S_ISREG(facts.st_mode)) {
        ql_code code = ql_file_read(path, &npz->owned, &npz->byte_count, err);
        npz->bytes = (const uint8_t *)npz->owned;
        return code;
    }
    void *bytes = mmap(NULL, npz->byte_count, PROT_READ, MAP_PRIVATE, npz->file, 0);
    if (bytes == MAP_FAILED) {
        return ql_fail(err, QL_E_IO, "cannot be mapped: %s", strerror(errno));
    }
    npz->bytes = npz->mapping = bytes;
    return QL_OK;
}

static ql_code open_path(ql_npz *npz, const char *path, ql_err *err)
{
    bool npy = false;
    if (!strcmp(path, "-")) {
        ql_code code = ql_file_read(path, &npz->owned, &npz->byte_count, err);
        npz->bytes = (const uint8_t *)npz->owned;
        return code ? code : open_bytes(npz, err);
    }
    ql_code code = sniff(path, &npy, err);
    code = code || !npy ? code : map(npz, path, err);
    return code ? code : npy ? open_bytes(npz, err) : open_zip_path(npz, path, err);
}

static ql_npz *make(size_t max_bytes, ql_err *err)
{
    ql_npz *npz = calloc(1, sizeof *npz);
    if (!npz) {
        ql_fail_memory(err, sizeof *npz);
        return NULL;
    }
    ql_arena_init(&npz->arena, 0);
    npz->max_bytes = max_bytes;
    npz->file = -1;
    return npz;
}

static ql_code hand_over(ql_npz **out, ql_npz *npz, ql_code code)
{
    if (code) {
        ql_npz_close(npz);
        npz = NULL;
    }
    *out = npz;
    return code;
}

ql_code ql_npz_open(ql_npz **npz, const char *path, size_t max_bytes, ql_err *err)
{
    ql_npz *made = make(max_bytes, err);
    ql_code code = made ? open_path(made, path, err) : QL_E_NOMEM;
    if (code) {
        ql_at_file(err, path);
    }
    return hand_over(npz, made, code);
}

ql_code ql_npz_read(ql_npz **npz, const void *bytes, size_t count, size_t max_bytes, ql_err *err)
{
    ql_npz *made = make(max_bytes, err);
    ql_code code = QL_E_NOMEM;
    if (made) {
        made->bytes = bytes;
        made->byte_count = count;
        code = open_bytes(made, err);
    }
    return hand_over(npz, made, code);
}

void ql_npz_close(ql_npz *npz)
{
    if (!npz) {
        return;
    }
    for (int i = 0; i < npz->count; i++) {
        free(npz->members[i].values);
        if (npz->members[i].spool) {
            fclose(npz->members[i].spool);
        }
    }
    if (npz->zip) {
        zip_discard(npz->zip);
    }
    if (npz->mapping) {
        munmap(npz->mapping, npz->byte_count);
    }
    if (npz->file >= 0) {
        close(npz->file);
    }
    free(npz->owned);
    ql_arena_free(&npz->arena);
    free(npz);
}

int ql_npz_count(const ql_npz *npz)
{
    return npz->count;
}

const ql_array *ql_npz_at(const ql_npz *npz, int i)
{
    return &npz->members[i].array;
}

int ql_npz_find(const ql_npz *npz, const char *name)
{
    for (int i = 0; i < npz->count; i++) {
        if (!strcmp(npz->members[i].array.name, name)) {
            return i;
        }
    }
    return -1;
}

static ql_code unpack(ql_npz *npz, const member *m, void *to, ql_err *err)
{
    if (!npz->zip) {
        memcpy(to, npz->bytes + m->header, m->array.bytes);
        return QL_OK;
    }
    zip_file_t *file;
    ql_code code = open_member(npz, m, &file, err);
    if (code) {
        return code;
    }
    char passed[256];
    for (size_t left = m->header; left && !code;) {
        size_t step = left < sizeof passed ? left : sizeof passed;
        code = pull(file, passed, step, err);
        left -= step;
    }
    code = code ? code : pull(file, to, m->array.bytes, err);
    if (!code && zip_fread(file, passed, 1) != 0) { /* the end is where libzip checks the CRC */
        code = ql_fail(err, QL_E_FORMAT, "cannot be unpacked: %s", zip_file_strerror(file));
    }
    zip_fclose(file);
    return code;
}

/* Unpacks a member into its spool, header and all, in steps. */
static ql_code unpack_to_spool(ql_npz *npz, member *m, ql_err *err)
{
    char step[1 << 14];
    zip_file_t *file;
    ql_code code = open_member(npz, m, &file, err);
    if (code) {
        return code;
    }
    for (size_t left = m->header + m->array.bytes; left && !code;) {
        size_t count = left < sizeof step ? left : sizeof step;
        code = pull(file, step, count, err);
        if (!code && fwrite(step, 1, count, m->spool) != count) {
            code = ql_fail(err, QL_E_IO, "a temporary file cannot be written: %s", strerror(errno));
        }
        left -= count;
    }
    if (!code && zip_fread(file, step, 1) != 0) { /* the end is where libzip checks the CRC */
        code = ql_fail(err, QL_E_FORMAT, "cannot be unpacked: %s", zip_file_strerror(file));
    }
    zip_fclose(file);
    return code || !fflush(m->spool) ? code : ql_fail(err, QL_E_IO, "a temporary file cannot be written");
}

ql_code ql_npz_stream(ql_npz *npz, int i, int *file, int64_t *base, ql_err *err)
{
    member *m = &npz->members[i];
    if ((m->fortran && m->array.rank > 1) || m->array.type == QL_BOOL || (!npz->zip && npz->file < 0)) {
        return at_array(err, m, ql_fail(err, QL_E_UNSUPPORTED, "cannot be read in pieces"));
    }
    *base = (int64_t)m->header;
    *file = npz->file;
    ql_code code = QL_OK;
    if (npz->zip && !m->spool) {
        m->spool = tmpfile();
        code = m->spool ? unpack_to_spool(npz, m, err)
                        : ql_fail(err, QL_E_IO, "a temporary file cannot be made: %s", strerror(errno));
    }
    if (npz->zip && !code) {
        *file = fileno(m->spool);
    }
    return at_array(err, m, code);
}

static void *take_values(size_t bytes, ql_err *err)
{
    void *values = NULL;
    if (bytes > SIZE_MAX - 64 || posix_memalign(&values, 64, bytes + 1)) {
        ql_fail_memory(err, bytes);
        return NULL;
    }
    return values;
}

static void make_bools(uint8_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = values[i] != 0;
    }
}

static ql_code load(ql_npz *npz, member *m, ql_err *err)
{
    void *values = take_values(m->array.bytes, err);
    ql_code code = values ? unpack(npz, m, values, err) : QL_E_NOMEM;
    if (!code && m->fortran && m->array.rank > 1) {
        void *ordered = take_values(m->array.bytes, err);
        if (ordered) {
            ql_npy_transpose(&m->array, values, ordered);
            free(values);
            values = ordered;
        } else {
            code = QL_E_NOMEM;
        }
    }
    if (code) {
        free(values);
        return at_array(err, m, code);
    }
    if (m->array.type == QL_BOOL) {
        make_bools(values, m->array.count);
    }
    m->values = values;
    return QL_OK;
}

ql_code ql_npz_load(ql_npz *npz, int i, const void **values, ql_err *err)
{
    member *m = &npz->members[i];
    ql_code code = m->values ? QL_OK : load(npz, m, err);
    *values = m->values;
    return code;
}

void ql_npz_drop(ql_npz *npz, int i)
{
    free(npz->members[i].values);
    npz->members[i].values = NULL;
}
