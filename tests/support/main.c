#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>

void ql_skip(const char *name, const char *reason)
{
    printf("skipped: %s: %s\n", name, reason);
    fflush(stdout);
}

int main(void)
{
    SRunner *runner = srunner_create(ql_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
