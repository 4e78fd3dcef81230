#include "jobs_test.h"
const struct CMUnitTest put_back_run_tests[1];
const size_t put_back_run_tests_len = 0;
