/* SPDX-License-Identifier: Apache-2.0 */
/** @file cli_test.h  The tests of the program are one TAP stream: the files' groups are run as one. */
#ifndef ZYNC_TEST_CLI_H
#define ZYNC_TEST_CLI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** test_jobs.c */
extern const struct CMUnitTest cli_job_tests[];
extern const size_t cli_job_test_count;

#endif
