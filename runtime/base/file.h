/* Files, read and written whole. */
#ifndef QL_BASE_FILE_H
#define QL_BASE_FILE_H

#include "runtime/base/error.h"

/* Reads a whole file ("-": standard input) into memory that ends with a NUL not counted; release with free.
 */
ql_code ql_file_read(const char *path, char **bytes, size_t *count, ql_err *err);

/* Writes a whole file or nothing: the bytes go to a new file beside it, which then takes its name. "-" is
 * standard output. A path that names something other than a plain file (a pipe, /dev/null) is written in
 * place. */
ql_code ql_file_write(const char *path, const char *bytes, size_t count, ql_err *err);

/* The same for bytes that come piece by piece. A file that was begun is ended (and takes its name) or
 * dropped (and leaves nothing); both release `out`, and ql_file_drop allows NULL. */
typedef struct ql_file_out ql_file_out;
ql_code ql_file_begin(ql_file_out **out, const char *path, ql_err *err);
ql_code ql_file_put(ql_file_out *out, const void *bytes, size_t count, ql_err *err);
ql_code ql_file_end(ql_file_out *out, ql_err *err);
void ql_file_drop(ql_file_out *out);

#endif
