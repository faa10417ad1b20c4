/* Regular expressions (PCRE2) that come from users, over text that comes from models: bytes, not characters;
 * what a match may cost is bounded. The one door to the library. */
#ifndef QL_REGEX_REGEX_H
#define QL_REGEX_REGEX_H

#include "runtime/runtime.h"

typedef struct ql_regex ql_regex;

/* USAGE: `pattern` is malformed; the message tells where. Release with ql_regex_free. */
ql_code ql_regex_make(ql_regex **regex, const char *pattern, bool ignore_case, ql_err *err);

/* NULL is allowed. */
void ql_regex_free(ql_regex *regex);

/* Does it match anywhere in `text`? UNSUPPORTED: finding out takes more than the bound. */
ql_code ql_regex_matches(const ql_regex *regex, ql_str text, bool *matches, ql_err *err);

/* A rule "s/A/B/": expression A becomes B, where $1 or ${name} are what groups of A matched. Any character
 * that is no letter, digit, space or backslash may stand for "/". Flags: g every match, i ignore case. */
typedef struct ql_substitution ql_substitution;

/* USAGE: the rule is malformed. Release with ql_substitution_free. */
ql_code ql_substitution_make(ql_substitution **substitution, const char *rule, ql_err *err);

/* NULL is allowed. */
void ql_substitution_free(ql_substitution *substitution);

/* *out = `text` with the rule applied; `text` itself when nothing matches. Memory of `arena`. UNSUPPORTED:
 * the result is longer than 64 KiB or takes too long; USAGE: B names no group of A. */
ql_code ql_substitute(const ql_substitution *substitution, ql_str text, ql_str *out, ql_arena *arena,
                      ql_err *err);

#endif
