/* One Check suite a test program: the file defines ql_suite(), tests/support/main.c runs it. */
#ifndef QL_TESTS_SUITE_H
#define QL_TESTS_SUITE_H

#include <check.h>

Suite *ql_suite(void);

/* Says that a test cannot run here, on the line that tests/run_all.py counts; the test then returns. Once a
 * test. */
void ql_skip(const char *name, const char *reason);

#endif
