#include "analyzer/json/json.h"
#include "analyzer/json/number.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Laid out as cJSON_Print does. */
typedef struct {
    char *text;
    size_t length, room;
    bool settled, failed;
} paper;

/* Room for so many bytes more; NULL when refused. */
static char *room_for(paper *p, size_t bytes)
{
    if (p->failed || bytes > p->room - p->length) {
        size_t room = p->room < SIZE_MAX / 4 ? 2 * p->room + bytes : 0;
        char *text = p->failed || room < bytes ? NULL : realloc(p->text, room);
        p->failed |= !text;
        p->text = text ? text : p->text;
        p->room = text ? room : p->room;
    }
    return p->failed ? NULL : p->text + p->length;
}

static void put(paper *p, const char *text, size_t length)
{
    char *to = room_for(p, length);
    if (to) {
        memcpy(to, text, length);
        p->length += length;
    }
}

static void put_tabs(paper *p, size_t count)
{
    char *to = room_for(p, count);
    if (to) {
        memset(to, '\t', count);
        p->length += count;
    }
}

static size_t escape_of(unsigned char c, char *to)
{
    static const char plain[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *place = c ? strchr(plain, c) : NULL;
    if (place) {
        to[0] = '\\';
        to[1] = names[place - plain];
        return 2;
    }
    return (size_t)snprintf(to, sizeof "\\u0000", "\\u%04x", c);
}

static void put_string(paper *p, const char *text)
{
    const char *from = text ? text : "", *at = from;
    char escaped[8];
    put(p, "\"", 1);
    for (; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (c < ' ' || c == '"' || c == '\\') {
            put(p, from, (size_t)(at - from));
            put(p, escaped, escape_of(c, escaped));
            from = at + 1;
        }
    }
    put(p, from, (size_t)(at - from));
    put(p, "\"", 1);
}

static void put_number(paper *p, double number)
{
    char text[QL_NUMBER_ROOM];
    if (isfinite(number)) {
        put(p, text, ql_number_text(number, text));
    } else {
        put(p, "null", 4);
    }
}

/* What ql_put_int and its kin have written. Few digits without an exponent stay as they are when they are
 * read and written again. */
static void put_raw(paper *p, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    bool stays = !p->settled || (length <= 15 && !memchr(text, 'e', length));
    p->failed |= !text;
    if (stays) {
        put(p, text, length);
    } else {
        put_number(p, ql_number_read(text));
    }
}

static void put_value(paper *p, const cJSON *item, size_t depth);

static void put_members(paper *p, const cJSON *object, size_t depth)
{
    put(p, "{\n", 2);
    for (const cJSON *item = object->child; item && !p->failed; item = item->next) {
        put_tabs(p, depth + 1);
        put_string(p, item->string);
        put(p, ":\t", 2);
        put_value(p, item, depth + 1);
        put(p, ",\n", item->next ? 2 : 0);
        put(p, "\n", item->next ? 0 : 1);
    }
    put_tabs(p, depth);
    put(p, "}", 1);
}

static void put_elements(paper *p, const cJSON *array, size_t depth)
{
    put(p, "[", 1);
    for (const cJSON *item = array->child; item && !p->failed; item = item->next) {
        put_value(p, item, depth + 1);
        put(p, ", ", item->next ? 2 : 0);
    }
    put(p, "]", 1);
}

static void put_value(paper *p, const cJSON *item, size_t depth)
{
    switch (item->type & 0xff) {
    case cJSON_NULL:
        put(p, "null", 4);
        break;
    case cJSON_False:
        put(p, "false", 5);
        break;
    case cJSON_True:
        put(p, "true", 4);
        break;
    case cJSON_Number:
        put_number(p, item->valuedouble);
        break;
    case cJSON_Raw:
        put_raw(p, item->valuestring);
        break;
    case cJSON_String:
        put_string(p, item->valuestring);
        break;
    case cJSON_Array:
        put_elements(p, item, depth);
        break;
    case cJSON_Object:
        put_members(p, item, depth);
        break;
    default:
        p->failed = true;
    }
}

static char *print(const ql_json *json, bool settled)
{
    paper p = {.settled = settled, .failed = !json};
    if (json) {
        put_value(&p, json, 0);
        put(&p, "\n", 2);
    }
    if (p.failed) {
        free(p.text);
        return NULL;
    }
    return p.text;
}

char *ql_json_print(const ql_json *json)
{
    return print(json, false);
}

char *ql_json_print_settled(const ql_json *json)
{
    return print(json, true);
}
