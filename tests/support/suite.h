/* One Check suite a test program: the file defines ql_suite(), tests/support/main.c runs it. */
#ifndef QL_TESTS_SUITE_H
#define QL_TESTS_SUITE_H

#include <check.h>

Suite *ql_suite(void);

#endif
