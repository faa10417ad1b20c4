/* NumPy files. A .npz is a zip of .npy members; a .npy is one array. Both are read as a list of arrays whose
 * values are brought in when first asked for, in C order and little endian.
 *
 * Files are hostile: a header is parsed under bounds, a member must hold exactly the bytes its shape says,
 * and none may claim to expand further than its compression can.
 */
#ifndef QL_DATA_NPZ_H
#define QL_DATA_NPZ_H

#include "runtime/runtime.h"

enum { QL_ARRAY_MAX_RANK = 16 };

typedef struct {
    const char *name; /* the member's without ".npy"; "" for the array of a .npy file */
    ql_type type;     /* float16/32/64, int and uint 8 to 64, bool (0 or 1), complex64/128 */
    int rank;
    size_t dims[QL_ARRAY_MAX_RANK];
    size_t count; /* elements */
    size_t bytes;
} ql_array;

typedef struct ql_npz ql_npz;

/* Opens either kind of file; "-" is standard input. `max_bytes` bounds one array (0: no bound). IO: cannot be
 * read; FORMAT: not such a file, or malformed (file and array are named); UNSUPPORTED: an array of a type
 * that qloupe has no use for, a way of compression other than deflate, encryption. */
ql_code ql_npz_open(ql_npz **npz, const char *path, size_t max_bytes, ql_err *err);

/* The same for bytes in memory, which must outlive it. */
ql_code ql_npz_read(ql_npz **npz, const void *bytes, size_t count, size_t max_bytes, ql_err *err);
void ql_npz_close(ql_npz *npz); /* NULL is allowed */

/* The arrays, in the order of the file. */
int ql_npz_count(const ql_npz *npz);
const ql_array *ql_npz_at(const ql_npz *npz, int i);

/* The index of the array called `name`; -1 when there is none. */
int ql_npz_find(const ql_npz *npz, const char *name);

/* The values of array i, 64-byte aligned, kept until ql_npz_close or ql_npz_drop. Not thread-safe. */
ql_code ql_npz_load(ql_npz *npz, int i, const void **values, ql_err *err);

/* Array i's values as a file, for arrays too large to keep: value k is at byte *base + k * its size of *file,
 * to be read with pread by any thread. Packed arrays are unpacked to a temporary file once. The descriptor
 * belongs to `npz`. UNSUPPORTED: the array is not in C order, or booleans, or in memory (use ql_npz_load). */
ql_code ql_npz_stream(ql_npz *npz, int i, int *file, int64_t *base, ql_err *err);

/* Lets go of array i's values. */
void ql_npz_drop(ql_npz *npz, int i);

/* --- Writing: members are stored, with fixed dates: the same arrays give the same bytes --- */

typedef struct ql_npz_writer ql_npz_writer;

/* Begins a file that appears under `path` only when ql_npz_finish succeeds. */
ql_code ql_npz_create(ql_npz_writer **writer, const char *path, ql_err *err);

/* Adds an array in C order. UNSUPPORTED for types that NumPy does not have. */
ql_code ql_npz_add(ql_npz_writer *writer, const char *name, ql_type type, int rank, const int32_t *dims,
                   const void *values, ql_err *err);

/* Completes the file; the writer is gone in any case. */
ql_code ql_npz_finish(ql_npz_writer *writer, ql_err *err);

/* Gives up: no file is left. NULL is allowed. */
void ql_npz_abandon(ql_npz_writer *writer);

#endif
