/* The name that somebody who misspelt one most likely meant. */
#ifndef QL_GATES_NEAREST_H
#define QL_GATES_NEAREST_H

#include <stddef.h>

/* How many letters must be inserted, removed or replaced to make `b` of the first `length` letters of `a`; at
 * most 1000, which also stands for names too long to tell. */
int ql_name_distance(const char *a, size_t length, const char *b);

#endif
