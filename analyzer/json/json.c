#include "analyzer/json/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ql_code ql_doc_check(const ql_doc *d, ql_err *err)
{
    return d->failed ? ql_fail(err, QL_E_NOMEM, "a document was refused memory") : QL_OK;
}

static ql_json *made(ql_doc *d, ql_json *json)
{
    d->failed |= !json;
    return json;
}

ql_json *ql_json_object(ql_doc *d)
{
    return made(d, cJSON_CreateObject());
}

ql_json *ql_json_array(ql_doc *d)
{
    return made(d, cJSON_CreateArray());
}

ql_json *ql_json_copy(ql_doc *d, const ql_json *json)
{
    return made(d, cJSON_Duplicate(json, true));
}

ql_json *ql_json_settled(ql_doc *d, const ql_json *json)
{
    char *text = ql_json_print(json);
    ql_json *settled = made(d, text ? cJSON_Parse(text) : NULL);
    free(text);
    return settled;
}

void ql_json_free(ql_json *json)
{
    cJSON_Delete(json);
}

ql_json *ql_put(ql_doc *d, ql_json *to, const char *key, ql_json *child)
{
    if (!to || !child || !(key ? cJSON_AddItemToObject(to, key, child) : cJSON_AddItemToArray(to, child))) {
        cJSON_Delete(child);
        d->failed = true;
        return NULL;
    }
    return child;
}

ql_json *ql_put_object(ql_doc *d, ql_json *to, const char *key)
{
    return ql_put(d, to, key, cJSON_CreateObject());
}

ql_json *ql_put_array(ql_doc *d, ql_json *to, const char *key)
{
    return ql_put(d, to, key, cJSON_CreateArray());
}

void ql_put_text(ql_doc *d, ql_json *to, const char *key, const char *text)
{
    ql_put_str(d, to, key, (ql_str){text, strlen(text)});
}

void ql_put_str(ql_doc *d, ql_json *to, const char *key, ql_str str)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *text = malloc(3 * str.length + 1);
    size_t used = 0;
    for (size_t at = 0; text && at < str.length;) {
        size_t length = ql_utf8_length(str.text + at, str.length - at);
        if (length && str.text[at]) {
            memcpy(text + used, str.text + at, length);
            used += length;
            at += length;
        } else {
            memcpy(text + used, replacement, 3);
            used += 3;
            at++;
        }
    }
    if (text) {
        text[used] = 0;
    }
    ql_put(d, to, key, text ? cJSON_CreateString(text) : NULL);
    free(text);
}

void ql_put_number(ql_doc *d, ql_json *to, const char *key, double number)
{
    ql_put(d, to, key, isfinite(number) ? cJSON_CreateNumber(number) : cJSON_CreateNull());
}

void ql_put_float(ql_doc *d, ql_json *to, const char *key, float number)
{
    char text[40];
    int digits = 6;
    do {
        snprintf(text, sizeof text, "%.*g", digits, (double)number);
    } while (digits++ < 9 && strtof(text, NULL) != number);
    ql_put(d, to, key, isfinite(number) ? cJSON_CreateRaw(text) : cJSON_CreateNull());
}

void ql_put_int(ql_doc *d, ql_json *to, const char *key, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)number);
    ql_put(d, to, key, cJSON_CreateRaw(text));
}

void ql_put_count(ql_doc *d, ql_json *to, const char *key, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    ql_put(d, to, key, cJSON_CreateRaw(text));
}

void ql_put_bool(ql_doc *d, ql_json *to, const char *key, bool value)
{
    ql_put(d, to, key, cJSON_CreateBool(value));
}

void ql_put_null(ql_doc *d, ql_json *to, const char *key)
{
    ql_put(d, to, key, cJSON_CreateNull());
}

void ql_json_drop(ql_json *object, const char *key)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
}

ql_json *ql_json_get(const ql_json *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

ql_json *ql_json_at(const ql_json *array, int i)
{
    return cJSON_GetArrayItem(array, i);
}

int ql_json_size(const ql_json *json)
{
    return cJSON_GetArraySize(json);
}

ql_json *ql_json_first(const ql_json *json)
{
    return cJSON_IsArray(json) || cJSON_IsObject(json) ? json->child : NULL;
}

ql_json *ql_json_next(const ql_json *member)
{
    return member ? member->next : NULL;
}

const char *ql_json_key(const ql_json *member)
{
    return member ? member->string : NULL;
}

const char *ql_json_text(const ql_json *json)
{
    return cJSON_IsString(json) ? json->valuestring : NULL;
}

bool ql_json_number(const ql_json *json, double *number)
{
    if (cJSON_IsRaw(json)) { /* written by ql_put_int and its kin, not yet through a parser */
        *number = strtod(json->valuestring, NULL);
        return true;
    }
    if (!cJSON_IsNumber(json)) {
        return false;
    }
    *number = json->valuedouble;
    return true;
}

double ql_json_number_or(const ql_json *json, double fallback)
{
    double number;
    return ql_json_number(json, &number) ? number : fallback;
}

bool ql_json_is_true(const ql_json *json)
{
    return cJSON_IsTrue(json);
}

bool ql_json_is_bool(const ql_json *json)
{
    return cJSON_IsBool(json);
}

bool ql_json_is_null(const ql_json *json)
{
    return cJSON_IsNull(json);
}

bool ql_json_is_array(const ql_json *json)
{
    return cJSON_IsArray(json);
}

bool ql_json_is_object(const ql_json *json)
{
    return cJSON_IsObject(json);
}

const char *ql_json_get_text(const ql_json *object, const char *key, const char *fallback)
{
    const char *text = ql_json_text(ql_json_get(object, key));
    return text ? text : fallback;
}

double ql_json_get_number(const ql_json *object, const char *key, double fallback)
{
    return ql_json_number_or(ql_json_get(object, key), fallback);
}

ql_code ql_json_parse(ql_json **json, const char *text, size_t length, ql_err *err)
{
    const char *end = NULL;
    *json = cJSON_ParseWithLengthOpts(text, length, &end, false);
    if (!*json) {
        size_t at = end && end >= text ? (size_t)(end - text) : 0;
        return ql_fail(err, QL_E_FORMAT, "not JSON from byte %zu on", at);
    }
    for (size_t at = (size_t)(end - text); at < length; at++) {
        if (!strchr(" \t\r\n", text[at]) || !text[at]) {
            ql_json_free(*json);
            *json = NULL;
            return ql_fail(err, QL_E_FORMAT, "not JSON from byte %zu on", at);
        }
    }
    return QL_OK;
}

ql_code ql_json_read(ql_json **json, const char *path, ql_err *err)
{
    char *text;
    size_t length;
    *json = NULL;
    ql_code code = ql_file_read(path, &text, &length, err);
    if (!code) {
        code = ql_json_parse(json, text, length, err);
        free(text);
    }
    if (code) {
        ql_at_file(err, path);
    }
    return code;
}

char *ql_json_print(const ql_json *json)
{
    char *text = cJSON_Print(json);
    size_t length = text ? strlen(text) : 0;
    char *line = text ? realloc(text, length + 2) : NULL;
    if (!line) {
        free(text);
        return NULL;
    }
    memcpy(line + length, "\n", 2);
    return line;
}

static void settle_raw(ql_json *json)
{
    if (cJSON_IsRaw(json)) {
        json->type = (json->type & ~0xff) | cJSON_Number;
        cJSON_SetNumberHelper(json, strtod(json->valuestring, NULL));
        free(json->valuestring);
        json->valuestring = NULL;
    }
    for (ql_json *member = json->child; member; member = member->next) {
        settle_raw(member);
    }
}

/* The text of a number stays when it is read and written again; only that of others may become another. */
char *ql_json_print_settled(const ql_json *json)
{
    ql_json *copy = cJSON_Duplicate(json, true);
    if (copy) {
        settle_raw(copy);
    }
    char *text = copy ? ql_json_print(copy) : NULL;
    cJSON_Delete(copy);
    return text;
}

ql_code ql_json_write(const ql_json *json, const char *path, ql_err *err)
{
    char *text = ql_json_print(json);
    if (!text) {
        return ql_fail(err, QL_E_NOMEM, "a document was refused memory");
    }
    ql_code code = ql_file_write(path, text, strlen(text), err);
    free(text);
    return code;
}
