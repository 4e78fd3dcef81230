/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base_test.h
 * What the tests of base share: the groups, faults on demand, small helpers.
 */
#ifndef ZYNC_TEST_BASE_H
#define ZYNC_TEST_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"

struct test_group {
	const struct CMUnitTest *tests;
	size_t count;
};

#define TEST_GROUP(name, ...)                                          \
	static const struct CMUnitTest name##_tests[] = {__VA_ARGS__}; \
	const struct test_group name = {name##_tests, ZYNC_ARRAY_LEN(name##_tests)}

extern const struct test_group test_clock, test_digest, test_err, test_json_build, test_json_read, test_log, test_mem, test_oom,
	test_secret, test_str, test_utf8, test_vec;

/** Which call fails. */
enum fault {
	FAULT_ALLOC, /* malloc, calloc, realloc */
	FAULT_LINK,
	FAULT_FSYNC,
	FAULT_WRITE,
	FAULT_READ,
	FAULT_FSTAT,
	FAULT_CLOSE,
	FAULT_RANDOM,
	FAULT_HMAC,
	FAULT_DIGEST,
	FAULT_CIPHER,
	FAULT_COUNT
};
/** Let the @p nth call (from 1) from now on fail with @p errnum; 0 switches the fault off. */
void fault_arm(enum fault fault, unsigned long nth, int errnum);
/** Did it happen since it was armed? */
bool fault_fired(enum fault fault);
/** Switch all off. */
void fault_reset(void);

/** A fresh arena; the test fails without one. */
struct zync_arena *test_arena(void);
/** A fresh directory; path valid until test_dir_remove(), which removes it with the files in it. */
const char *test_dir(void);
void test_dir_remove(void);
/** Number of files in the directory. */
size_t test_dir_count(void);
/** dir/name in static memory, valid until the eighth next call. */
const char *test_path(const char *name);
void test_write_file(const char *path, const void *data, size_t len, unsigned mode);
/** Does @p fn end its process by abort()? (It runs in a child with standard error closed.) */
bool test_aborts(void (*fn)(void));

/** A wide text that vsnprintf() cannot convert: %ls makes it fail. */
extern const wchar_t test_bad_wide[];

/** Status and a part of the message of a record. */
void test_expect(const struct zync_err *err, enum zync_status status, const char *part);

#endif
