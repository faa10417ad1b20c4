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

/* An existing file keeps its permissions; a new one gets what the umask leaves. */
static mode_t permissions(const struct stat *old)
{
    mode_t mask = umask(0);
    umask(mask);
    return old ? old->st_mode & 07777 : 0666 & ~mask;
}

struct ql_file_out {
    int file;
    char *path, *beside; /* beside: "" when written in place */
    mode_t mode;
    unsigned char *pending;
    size_t pending_count;
};
enum { PENDING = 1 << 16 };

static ql_code open_out(ql_file_out *out, const char *path, ql_err *err)
{
    struct stat old;
    bool standard = !strcmp(path, "-"), exists = !standard && stat(path, &old) == 0;
    size_t length = strlen(path);
    memcpy(out->path, path, length + 1);
    out->mode = permissions(exists ? &old : NULL);
    if (standard) {
        out->file = STDOUT_FILENO;
    } else if (exists && !S_ISREG(old.st_mode)) {
        out->file = open(path, O_WRONLY);
    } else {
        memcpy(out->beside, path, length);
        memcpy(out->beside + length, ".XXXXXX", 8);
        out->file = mkstemp(out->beside);
    }
    if (out->file < 0) {
        out->beside[0] = 0;
        return io_error(err, path, "cannot be written");
    }
    return QL_OK;
}

ql_code ql_file_begin(ql_file_out **out, const char *path, ql_err *err)
{
    size_t length = strlen(path) + 8;
    ql_file_out *made = calloc(1, sizeof *made);
    *out = NULL;
    if (!made) {
        return ql_fail_memory(err, sizeof *made);
    }
    made->file = -1;
    made->path = calloc(length, 1);
    made->beside = calloc(length, 1);
    made->pending = malloc(PENDING);
    ql_code code = made->path && made->beside && made->pending ? open_out(made, path, err)
                                                               : ql_fail_memory(err, PENDING);
    if (code) {
        ql_file_drop(made);
        return code;
    }
    *out = made;
    return QL_OK;
}

static ql_code flush(ql_file_out *out, ql_err *err)
{
    size_t count = out->pending_count;
    out->pending_count = 0;
    return write_all(out->file, (const char *)out->pending, count)
               ? io_error(err, out->path, "cannot be written")
               : QL_OK;
}

ql_code ql_file_put(ql_file_out *out, const void *bytes, size_t count, ql_err *err)
{
    if (count > PENDING - out->pending_count) {
        ql_code code = flush(out, err);
        if (code) {
            return code;
        }
    }
    if (count > PENDING) {
        return write_all(out->file, bytes, count) ? io_error(err, out->path, "cannot be written") : QL_OK;
    }
    if (count) {
        memcpy(out->pending + out->pending_count, bytes, count);
        out->pending_count += count;
    }
    return QL_OK;
}

static int close_out(ql_file_out *out)
{
    int file = out->file;
    out->file = -1;
    return file > STDERR_FILENO ? close(file) : 0;
}

ql_code ql_file_end(ql_file_out *out, ql_err *err)
{
    ql_code code = flush(out, err);
    if (!code && out->beside[0]) {
        if (fchmod(out->file, out->mode) | close_out(out) || rename(out->beside, out->path)) {
            code = io_error(err, out->path, "cannot be written");
        } else {
            out->beside[0] = 0;
        }
    } else if (!code && close_out(out)) {
        code = io_error(err, out->path, "cannot be written");
    }
    ql_file_drop(out);
    return code;
}

void ql_file_drop(ql_file_out *out)
{
    if (!out) {
        return;
    }
    close_out(out);
    if (out->beside && out->beside[0]) {
        unlink(out->beside);
    }
    free(out->path);
    free(out->beside);
    free(out->pending);
    free(out);
}

ql_code ql_file_write(const char *path, const char *bytes, size_t count, ql_err *err)
{
    ql_file_out *out;
    ql_code code = ql_file_begin(&out, path, err);
    if (code) {
        return code;
    }
    code = ql_file_put(out, bytes, count, err);
    if (code) {
        ql_file_drop(out);
        return code;
    }
    return ql_file_end(out, err);
}
