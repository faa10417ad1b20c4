#include "reports/config/mangle.h"

#include <string.h>

typedef struct {
    ql_str part, stem;
} part_of_name;

static ql_str stem_of(ql_str part)
{
    size_t n = part.length;
    while (n && part.text[n - 1] >= '0' && part.text[n - 1] <= '9') {
        n--;
    }
    if (n && (part.text[n - 1] == '.' || part.text[n - 1] == '_')) {
        n--;
    }
    return (ql_str){part.text, n};
}

static bool same(ql_str a, ql_str b)
{
    return a.length == b.length && !memcmp(a.text, b.text, a.length);
}

/* Takes the part in, in the place of an earlier one that is alike; empty parts stay by themselves. */
static int take_part(part_of_name *parts, int count, ql_str part)
{
    ql_str stem = stem_of(part);
    for (int i = 0; i < count && part.length; i++) {
        if (parts[i].part.length && same(parts[i].stem, stem)) {
            parts[i].part = part.length < parts[i].part.length ? part : parts[i].part;
            return count;
        }
    }
    parts[count] = (part_of_name){part, stem};
    return count + 1;
}

static int split(ql_str name, part_of_name *parts)
{
    int count = 0;
    for (size_t at = 0, end; at <= name.length; at = end + 1) {
        for (end = at; end < name.length && name.text[end] != ';'; end++) {
        }
        count = take_part(parts, count, (ql_str){name.text + at, end - at});
    }
    return count;
}

ql_code ql_name_unmangle(ql_str name, ql_str *out, ql_arena *arena, ql_err *err)
{
    size_t most = 1;
    for (size_t i = 0; i < name.length; i++) {
        most += name.text[i] == ';';
    }
    part_of_name *parts = QL_TAKE(arena, most, part_of_name);
    char *text = QL_TAKE(arena, name.length + 1, char);
    if (!parts || !text) {
        return ql_fail_memory(err, name.length);
    }
    int count = split(name, parts);
    size_t length = 0;
    for (int i = 0; i < count; i++) {
        if (i) {
            text[length++] = ';';
        }
        memcpy(text + length, parts[i].part.text, parts[i].part.length);
        length += parts[i].part.length;
    }
    text[length] = 0;
    *out = (size_t)count == most ? name : (ql_str){text, length};
    return QL_OK;
}
