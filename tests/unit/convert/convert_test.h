/* SPDX-License-Identifier: Apache-2.0 */
/** @file convert_test.h  What the tests of the converter share. */
#ifndef ZYNC_TESTS_CONVERT_TEST_H
#define ZYNC_TESTS_CONVERT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "convert/convert.h"
#include "convert/python.h"
#include "heapfault.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct test_group {
	const struct CMUnitTest *tests;
	size_t count;
};
extern const struct test_group group_python, group_keys, group_robust;

struct bench {
	struct zync_arena *arena;
	struct zync_convert_result result;
	struct zync_err err;
	const char *environment; /* NAME=VALUE, one a line; NULL: it does not count */
};
int bench_setup(void **state);
int bench_teardown(void **state);
/* Convert; the result must load and compile, with every variable that it names set. */
void bench_convert(struct bench *b, const char *python);
/* The assignments of a file as one text: name=VALUE, with a line each; or the error. */
const char *bench_python(struct bench *b, const char *text, size_t len);
/* The lines of the configuration without comments and indentation, joined by "; ". */
const char *bench_plain(struct bench *b);
/* The notes: "warning|note KEY LINE text", one a line. */
const char *bench_notes(struct bench *b);
void bench_has(const char *text, const char *part);
void bench_lacks(const char *text, const char *part);

#endif
