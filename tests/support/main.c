#include "tests/support/suite.h"

#include <stdlib.h>

int main(void)
{
    SRunner *runner = srunner_create(ql_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
