#include "analyzer/regex/regex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { MATCH_LIMIT = 200000, DEPTH_LIMIT = 20000, HEAP_LIMIT = 8192 /* KiB */, LONGEST = 65536 };

struct ql_regex {
    pcre2_code *code;
    pcre2_match_context *limits;
    pcre2_match_data *data;
    char pattern[128]; /* escaped, for messages */
};

struct ql_substitution {
    ql_regex *regex;
    char *with;
    bool all;
};

static ql_code refuse(const ql_regex *regex, ql_code code, int error, ql_err *err)
{
    PCRE2_UCHAR text[160];
    pcre2_get_error_message(error, text, sizeof text);
    return ql_fail(err, code, "regular expression '%s': %s", regex->pattern, (const char *)text);
}

ql_code ql_regex_make(ql_regex **out, const char *pattern, bool ignore_case, ql_err *err)
{
    ql_regex *regex = *out = calloc(1, sizeof *regex);
    if (!regex) {
        return ql_fail_memory(err, sizeof *regex);
    }
    int error;
    PCRE2_SIZE at;
    ql_escape(regex->pattern, sizeof regex->pattern, pattern, strlen(pattern));
    regex->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                PCRE2_NEVER_UTF | (ignore_case ? PCRE2_CASELESS : 0), &error, &at, NULL);
    if (!regex->code) {
        PCRE2_UCHAR text[160];
        pcre2_get_error_message(error, text, sizeof text);
        ql_fail(err, QL_E_USAGE, "regular expression '%s': character %zu: %s", regex->pattern, (size_t)at + 1,
                (const char *)text);
        ql_regex_free(regex);
        *out = NULL;
        return QL_E_USAGE;
    }
    regex->limits = pcre2_match_context_create(NULL);
    regex->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
    if (!regex->limits || !regex->data) {
        ql_regex_free(regex);
        *out = NULL;
        return ql_fail_memory(err, sizeof *regex);
    }
    pcre2_set_match_limit(regex->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(regex->limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(regex->limits, HEAP_LIMIT);
    return QL_OK;
}

void ql_regex_free(ql_regex *regex)
{
    if (regex) {
        pcre2_match_data_free(regex->data);
        pcre2_match_context_free(regex->limits);
        pcre2_code_free(regex->code);
        free(regex);
    }
}

ql_code ql_regex_matches(const ql_regex *regex, ql_str text, bool *matches, ql_err *err)
{
    int found =
        pcre2_match(regex->code, (PCRE2_SPTR)text.text, text.length, 0, 0, regex->data, regex->limits);
    *matches = found >= 0;
    return found >= 0 || found == PCRE2_ERROR_NOMATCH ? QL_OK : refuse(regex, QL_E_UNSUPPORTED, found, err);
}

static bool may_delimit(char c)
{
    return c && c != '\\' && !isalnum((unsigned char)c) && !isspace((unsigned char)c);
}

/* Copies up to the next bare delimiter; what stays NULL had none. "\/" is a "/" in the text. */
static char *next_field(const char **at, char delimiter)
{
    char *field = malloc(strlen(*at) + 1), *end = field;
    const char *c = *at;
    for (; field && *c && *c != delimiter; c++) {
        if (*c == '\\' && c[1] == delimiter) {
            c++;
        } else if (*c == '\\' && c[1]) {
            *end++ = *c++;
        }
        *end++ = *c;
    }
    if (field && !*c) {
        free(field);
        return NULL;
    }
    if (field) {
        *end = 0;
        *at = c + 1;
    }
    return field;
}

static ql_code malformed(const char *rule, ql_err *err)
{
    char text[128];
    return ql_fail(err, QL_E_USAGE, "rule '%s': must look like s/A/B/ with flags g and i",
                   ql_escape(text, sizeof text, rule, strlen(rule)));
}

static bool read_flags(const char *flags, bool *all, bool *ignore_case)
{
    for (; *flags; flags++) {
        *all = *all || *flags == 'g';
        *ignore_case = *ignore_case || *flags == 'i';
        if (*flags != 'g' && *flags != 'i') {
            return false;
        }
    }
    return true;
}

ql_code ql_substitution_make(ql_substitution **out, const char *rule, ql_err *err)
{
    *out = NULL;
    if (rule[0] != 's' || !may_delimit(rule[1])) {
        return malformed(rule, err);
    }
    const char *at = rule + 2;
    bool all = false, ignore_case = false;
    char *pattern = next_field(&at, rule[1]), *with = pattern ? next_field(&at, rule[1]) : NULL;
    ql_substitution *s = with ? calloc(1, sizeof *s) : NULL;
    ql_code code = !s || !read_flags(at, &all, &ignore_case)
                       ? malformed(rule, err)
                       : ql_regex_make(&s->regex, pattern, ignore_case, err);
    free(pattern);
    if (code) {
        free(with);
        free(s);
        return code;
    }
    s->with = with;
    s->all = all;
    *out = s;
    return QL_OK;
}

void ql_substitution_free(ql_substitution *s)
{
    if (s) {
        ql_regex_free(s->regex);
        free(s->with);
        free(s);
    }
}

ql_code ql_substitute(const ql_substitution *s, ql_str text, ql_str *out, ql_arena *arena, ql_err *err)
{
    PCRE2_SIZE length = LONGEST;
    PCRE2_UCHAR *buffer = malloc(LONGEST);
    *out = text;
    if (!buffer) {
        return ql_fail_memory(err, LONGEST);
    }
    int made = pcre2_substitute(s->regex->code, (PCRE2_SPTR)text.text, text.length, 0,
                                s->all ? PCRE2_SUBSTITUTE_GLOBAL : 0, s->regex->data, s->regex->limits,
                                (PCRE2_SPTR)s->with, PCRE2_ZERO_TERMINATED, buffer, &length);
    ql_code code = QL_OK;
    if (made > 0) {
        const char *copy = ql_take_copy(arena, buffer, length + 1);
        code = copy ? QL_OK : ql_fail_memory(err, length);
        *out = copy ? (ql_str){copy, length} : text;
    } else if (made < 0) {
        bool limit = made == PCRE2_ERROR_MATCHLIMIT || made == PCRE2_ERROR_DEPTHLIMIT ||
                     made == PCRE2_ERROR_HEAPLIMIT || made == PCRE2_ERROR_NOMEMORY;
        code = refuse(s->regex, limit ? QL_E_UNSUPPORTED : QL_E_USAGE, made, err);
    }
    free(buffer);
    return code;
}
