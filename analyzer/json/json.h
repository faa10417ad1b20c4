/* The door to cJSON. A document is built with a ql_doc that remembers the first refusal of memory, so that
 * callers check once, at the end:
 *
 *     ql_doc d = {0};
 *     ql_json *root = ql_json_object(&d);
 *     ql_put_text(&d, root, "schema", "qloupe.ops/1");
 *     code = ql_doc_check(&d, err); ...
 *
 * Numbers that are not finite become null. Text may be hostile: bytes that are not UTF-8, and NUL, become
 * U+FFFD.
 */
#ifndef QL_JSON_JSON_H
#define QL_JSON_JSON_H

#include "runtime/runtime.h"

typedef struct cJSON ql_json;

typedef struct {
    bool failed;
} ql_doc;

/* NOMEM when something was refused while building. */
ql_code ql_doc_check(const ql_doc *d, ql_err *err);

/* New values; yours until put into another. NULL when refused. */
ql_json *ql_json_object(ql_doc *d);
ql_json *ql_json_array(ql_doc *d);
ql_json *ql_json_copy(ql_doc *d, const ql_json *json);
ql_json *ql_json_settled(ql_doc *d, const ql_json *json); /* as it is once it has been written and read */
void ql_json_free(ql_json *json);                         /* NULL is allowed */

/* Put a member at the end of an object (`to` an object, `key` its name) or of an array (`key` NULL). A NULL
 * `to` or child is passed over: the document has failed already. Children are taken. */
ql_json *ql_put(ql_doc *d, ql_json *to, const char *key, ql_json *child); /* returns child */
ql_json *ql_put_object(ql_doc *d, ql_json *to, const char *key);
ql_json *ql_put_array(ql_doc *d, ql_json *to, const char *key);
void ql_put_text(ql_doc *d, ql_json *to, const char *key, const char *text);
void ql_put_str(ql_doc *d, ql_json *to, const char *key, ql_str str);
void ql_put_number(ql_doc *d, ql_json *to, const char *key, double number);
void ql_put_float(ql_doc *d, ql_json *to, const char *key,
                  float number); /* the shortest text that is this float */
void ql_put_int(ql_doc *d, ql_json *to, const char *key, int64_t number);
void ql_put_count(ql_doc *d, ql_json *to, const char *key, uint64_t number);
void ql_put_bool(ql_doc *d, ql_json *to, const char *key, bool value);
void ql_put_null(ql_doc *d, ql_json *to, const char *key);

/* Takes the member out of the object and releases it, if it is there. */
void ql_json_drop(ql_json *object, const char *key);

/* Reading: NULL, 0, false or the fallback where something else is there or nothing. All take NULL. */
ql_json *ql_json_get(const ql_json *object, const char *key);
ql_json *ql_json_at(const ql_json *array, int i);
int ql_json_size(const ql_json *array_or_object);
ql_json *ql_json_first(const ql_json *array_or_object);
ql_json *ql_json_next(const ql_json *member);
const char *ql_json_key(const ql_json *member);
const char *ql_json_text(const ql_json *json); /* NULL when it is no string */
bool ql_json_number(const ql_json *json, double *number);
double ql_json_number_or(const ql_json *json, double fallback);
bool ql_json_is_true(const ql_json *json);
bool ql_json_is_bool(const ql_json *json);
bool ql_json_is_null(const ql_json *json);
bool ql_json_is_array(const ql_json *json);
bool ql_json_is_object(const ql_json *json);

/* Shorthands: the text or number of a member. */
const char *ql_json_get_text(const ql_json *object, const char *key, const char *fallback);
double ql_json_get_number(const ql_json *object, const char *key, double fallback);

/* Parses a whole text; FORMAT names the byte where it stops making sense. Nesting is bounded. */
ql_code ql_json_parse(ql_json **json, const char *text, size_t length, ql_err *err);

/* Reads a file ("-": standard input). IO, FORMAT, NOMEM with the file's name. */
ql_code ql_json_read(ql_json **json, const char *path, ql_err *err);

/* The text, indented, with a newline at the end; release with free. NULL when refused. */
char *ql_json_print(const ql_json *json);

/* The text of the settled document. */
char *ql_json_print_settled(const ql_json *json);

/* Writes the text to a file, whole or not at all ("-": standard output). */
ql_code ql_json_write(const ql_json *json, const char *path, ql_err *err);

#endif
