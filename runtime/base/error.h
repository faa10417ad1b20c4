/* Errors are values. A function that can fail returns a ql_code and writes where and why into the caller's
 * ql_err; nothing is printed and nothing exits inside a library.
 *
 * The callee says what is wrong (ql_fail), the callers on the way up add where (ql_at_*). Each ql_at_* fills
 * its field only while that is empty, so the innermost place wins. A message reads
 *
 *     m.tflite: op #12 SOFTMAX 'probs': output scale 0.004: must be exactly 1/256
 *
 * that is: file, operator, tensor, what was found, what is required. Of an operator whose model says where it
 * was written, that follows at the end: " (dense/MatMul, train.py:12)".
 */
#ifndef QL_BASE_ERROR_H
#define QL_BASE_ERROR_H

#include <stddef.h>

/* X(code, exit status of the program, phrase) */
#define QL_ERRORS(X)                                                                                         \
    X(OK, 0, "done")                                                                                         \
    X(GATE, 1, "a gate did not hold")                                                                        \
    X(USAGE, 2, "usage")                                                                                     \
    X(IO, 3, "cannot be read or written")                                                                    \
    X(FORMAT, 4, "malformed model or data")                                                                  \
    X(FIT, 5, "models or data do not fit each other")                                                        \
    X(UNSUPPORTED, 6, "operator or mode not supported")                                                      \
    X(NOMEM, 7, "out of memory")                                                                             \
    X(INTERRUPTED, 130, "interrupted")

typedef enum {
#define QL_ERROR_ENUM(name, exit_status, phrase) QL_E_##name,
    QL_ERRORS(QL_ERROR_ENUM)
#undef QL_ERROR_ENUM
        QL_E_COUNT
} ql_code;
#define QL_OK QL_E_OK

typedef struct {
    ql_code code;
    int op;         /* operator index in its subgraph, -1 when the error is not about one */
    char file[256]; /* empty when unknown; names here are escaped and cut to fit */
    char op_name[48];
    char tensor[128];
    char text[384];   /* what was found: what is required */
    char source[192]; /* where the operator comes from: its TF node, the Python file and line */
} ql_err;

#if defined(__GNUC__)
#define QL_PRINTF(format_at, first) __attribute__((format(printf, format_at, first)))
#else
#define QL_PRINTF(format_at, first)
#endif

/* Forgets whatever `err` held. */
void ql_err_clear(ql_err *err);

/* Records the failure and returns `code`, so that a check is one line. `err` may be NULL. */
ql_code ql_fail(ql_err *err, ql_code code, const char *format, ...) QL_PRINTF(3, 4);

/* ql_fail for an allocation of `bytes` that was refused. */
ql_code ql_fail_memory(ql_err *err, size_t bytes);

/* Add the place to an error that has none of that kind yet; each returns err's code (QL_OK if err is NULL).
 * Names are model-controlled: they are escaped (ql_escape) and cut. A NULL path adds nothing. */
ql_code ql_at_file(ql_err *err, const char *path);
ql_code ql_at_op(ql_err *err, int op, const char *op_name);
ql_code ql_at_tensor(ql_err *err, const char *name, size_t length);

/* Adds where the operator comes from; escaped and cut as names are. */
ql_code ql_at_source(ql_err *err, const char *source, size_t length);

/* The whole message in `out` (always terminated); returns `out`. */
const char *ql_err_text(const ql_err *err, char *out, size_t size);

int ql_exit_status(ql_code code);
const char *ql_code_phrase(ql_code code);

/* The length of the UTF-8 sequence that starts at `text` (1 to 4), 0 when there is none. */
size_t ql_utf8_length(const char *text, size_t left);

/* Copies text that may be hostile into `out`, at most size-1 bytes, always terminated: control characters,
 * quotes' escapes and bytes that are not UTF-8 become \n, \t or \xHH, and what does not fit is replaced by
 * "...". Returns `out`. */
char *ql_escape(char *out, size_t size, const char *text, size_t length);

#endif
