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

#endif
