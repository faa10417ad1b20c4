/* Finite numbers as the text that JSON documents have: printf's with few digits, if they suffice, but in a
 * tenth of its time. `to` has room for QL_NUMBER_ROOM bytes; both return the length, without the 0 behind. */
#ifndef QL_JSON_NUMBER_H
#define QL_JSON_NUMBER_H

#include <stddef.h>

enum { QL_NUMBER_ROOM = 40 };

/* "%.15g" where reading that back gives the number or a neighbour of it, else "%.17g" (as cJSON_Print). */
size_t ql_number_text(double number, char *to);

/* "%.6g", or the first of "%.7g" to "%.9g" that is read back as this float. */
size_t ql_float_text(float number, char *to);

/* As strtod reads the whole text. */
double ql_number_read(const char *text);

/* The number as it is once its text has been read. */
double ql_number_settled(double number);

#endif
