#include "runtime/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ql_code io_error(ql_err *err, const char *path, const char *what)
{
    int reason = errno;
    ql_fail(err, QL_E_IO, "%s: %s", what, strerror(reason));
    ql_at_file(err, path);
    return QL_E_IO;
}

static ql_code read_all(int file, const char *path, char **bytes, size_t *count, ql_err *err)
{
    size_t capacity = 1 << 16;
    *count = 0;
    *bytes = malloc(capacity + 1);
    while (*bytes) {
        ssize_t got = read(file, *bytes + *count, capacity - *count);
        if (got < 0 && errno != EINTR) {
            free(*bytes);
            return io_error(err, path, "cannot be read");
        }
        *count += got > 0 ? (size_t)got : 0;
        if (!got) {
            (*bytes)[*count] = 0;
            return QL_OK;
        }
        if (*count == capacity) {
            capacity *= 2;
            char *grown = capacity < SIZE_MAX / 4 ? realloc(*bytes, capacity + 1) : NULL;
            if (!grown) {
                free(*bytes);
            }
            *bytes = grown;
        }
    }
    return ql_fail_memory(err, capacity);
}

ql_code ql_file_read(const char *path, char **bytes, size_t *count, ql_err *err)
{
    if (!strcmp(path, "-")) {
        return read_all(STDIN_FILENO, path, bytes, count, err);
    }
    int file = open(path, O_RDONLY);
    if (file < 0) {
        return io_error(err, path, "cannot be opened");
    }
    ql_code code = read_all(file, path, bytes, count, err);
    close(file);
    return code;
}

static int write_all(int file, const char *bytes, size_t count)
{
    while (count) {
        ssize_t put = write(file, bytes, count);
        if (put < 0 && errno != EINTR) {
            return -1;
        }
        bytes += put > 0 ? put : 0;
        count -= put > 0 ? (size_t)put : 0;
    }
    return 0;
}

static ql_code write_in_place(const char *path, const char *bytes, size_t count, ql_err *err)
{
    int file = strcmp(path, "-") ? open(path, O_WRONLY) : STDOUT_FILENO;
    if (file < 0) {
        return io_error(err, path, "cannot be opened");
    }
    int failed = write_all(file, bytes, count);
    if (file != STDOUT_FILENO) {
        failed |= close(file);
    }
    return failed ? io_error(err, path, "cannot be written") : QL_OK;
}

/* An existing file keeps its permissions; a new one gets what the umask leaves. */
static mode_t permissions(const struct stat *old)
{
    mode_t mask = umask(0);
    umask(mask);
    return old ? old->st_mode & 07777 : 0666 & ~mask;
}

ql_code ql_file_write(const char *path, const char *bytes, size_t count, ql_err *err)
{
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (!strcmp(path, "-") || (exists && !S_ISREG(old.st_mode))) {
        return write_in_place(path, bytes, count, err);
    }
    size_t length = strlen(path);
    char *beside = malloc(length + 8);
    if (!beside) {
        return ql_fail_memory(err, length);
    }
    memcpy(beside, path, length);
    memcpy(beside + length, ".XXXXXX", 8);
    int file = mkstemp(beside);
    ql_code code = file < 0 ? io_error(err, path, "cannot be written") : QL_OK;
    if (!code &&
        (write_all(file, bytes, count) | fchmod(file, permissions(exists ? &old : NULL)) | close(file) ||
         rename(beside, path))) {
        code = io_error(err, path, "cannot be written");
        unlink(beside);
    }
    free(beside);
    return code;
}
