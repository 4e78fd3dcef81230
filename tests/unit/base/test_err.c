/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base_test.h"

static const struct {
	enum zync_status status;
	const char *name;
	enum zync_disposition disposition;
	int exit_code;
} err_cases[] = {
	{ZYNC_ERR_NOMEM, "out of memory", ZYNC_DISPOSITION_FATAL, 4},
	{ZYNC_ERR_INVALID, "invalid", ZYNC_DISPOSITION_FATAL, 2},
	{ZYNC_ERR_NOT_FOUND, "not found", ZYNC_DISPOSITION_REJECT, 2},
	{ZYNC_ERR_CONFLICT, "conflict", ZYNC_DISPOSITION_REJECT, 4},
	{ZYNC_ERR_IO, "io", ZYNC_DISPOSITION_FATAL, 4},
	{ZYNC_ERR_STORE, "store", ZYNC_DISPOSITION_FATAL, 4},
	{ZYNC_ERR_UNREACHABLE, "unreachable", ZYNC_DISPOSITION_RETRY, 3},
	{ZYNC_ERR_AUTH, "auth", ZYNC_DISPOSITION_FATAL, 3},
	{ZYNC_ERR_PROTOCOL, "protocol", ZYNC_DISPOSITION_FATAL, 4},
	{ZYNC_ERR_REJECTED, "rejected", ZYNC_DISPOSITION_REJECT, 4},
	{ZYNC_ERR_LIMIT, "limit", ZYNC_DISPOSITION_FATAL, 4},
	{ZYNC_ERR_SAFETY, "safety", ZYNC_DISPOSITION_FATAL, 6},
	{ZYNC_ERR_CANCELLED, "cancelled", ZYNC_DISPOSITION_CANCELLED, 4},
};

static void err_statuses(void **state ZYNC_UNUSED)
{
	struct zync_err err;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(err_cases); i++) {
		assert_string_equal(zync_status_name(err_cases[i].status), err_cases[i].name);
		memset(&err, 0xff, sizeof(err));
		assert_int_equal(zync_err_set(&err, err_cases[i].status, "object %d", 7), err_cases[i].status);
		assert_int_equal(err.status, err_cases[i].status);
		assert_int_equal(err.disposition, err_cases[i].disposition);
		assert_int_equal(err.origin, ZYNC_ORIGIN_NONE);
		assert_int_equal(err.code, 0);
		assert_string_equal(err.message, "object 7");
		assert_int_equal(zync_err_set(NULL, err_cases[i].status, "%s", "x"), err_cases[i].status);
		assert_int_equal(zync_err_exit_code(err_cases[i].status), err_cases[i].exit_code);
	}
	assert_int_equal(ZYNC_ARRAY_LEN(err_cases), ZYNC_ERR_CANCELLED); /* none forgotten */
	assert_string_equal(zync_status_name(ZYNC_OK), "ok");
	assert_string_equal(zync_status_name((enum zync_status)99), "unknown");
	assert_int_equal(zync_err_exit_code(ZYNC_OK), 0);
	assert_int_equal(zync_err_exit_code((enum zync_status)99), 4);
}

static void err_details(void **state ZYNC_UNUSED)
{
	struct zync_err err, other = {0};

	assert_int_equal(zync_err_nomem(&err, "reading a page"), ZYNC_ERR_NOMEM);
	assert_string_equal(err.message, "out of memory while reading a page");
	assert_int_equal(zync_err_nomem(NULL, "x"), ZYNC_ERR_NOMEM);
	assert_int_equal(zync_err_os(&err, ENOENT, "opening %s", "zync.yaml"), ZYNC_ERR_IO);
	assert_string_equal(err.message, "opening zync.yaml: No such file or directory");
	assert_int_equal(err.origin, ZYNC_ORIGIN_OS);
	assert_int_equal(err.code, ENOENT);
	assert_int_equal(zync_err_os(NULL, ENOENT, "x"), ZYNC_ERR_IO);
	assert_int_equal(zync_err_origin(&err, ZYNC_ORIGIN_HTTP, 503), ZYNC_ERR_IO);
	assert_int_equal(zync_err_dispose(&err, ZYNC_DISPOSITION_RETRY), ZYNC_ERR_IO);
	zync_err_copy(&other, &err);
	assert_int_equal(other.code, 503);
	assert_int_equal(other.origin, ZYNC_ORIGIN_HTTP);
	assert_int_equal(other.disposition, ZYNC_DISPOSITION_RETRY);
	assert_string_equal(other.message, err.message);
	zync_err_copy(NULL, &err);
	zync_err_copy(&other, NULL);
	zync_err_copy(&other, &other);
	assert_int_equal(other.code, 503);
	assert_int_equal(zync_err_origin(NULL, ZYNC_ORIGIN_HTTP, 1), ZYNC_OK);
	assert_int_equal(zync_err_dispose(NULL, ZYNC_DISPOSITION_RETRY), ZYNC_OK);
}

static void err_wraps(void **state ZYNC_UNUSED)
{
	struct zync_err err;

	(void)zync_err_os(&err, ECONNREFUSED, "connecting");
	assert_int_equal(zync_err_wrap(&err, ZYNC_ERR_UNREACHABLE, "loading site %s", "x"), ZYNC_ERR_UNREACHABLE);
	assert_string_equal(err.message, "loading site x: connecting: Connection refused");
	assert_int_equal(err.status, ZYNC_ERR_UNREACHABLE);
	assert_int_equal(err.code, ECONNREFUSED);
	assert_int_equal(err.origin, ZYNC_ORIGIN_OS);
	/* The context may name the record itself. */
	(void)zync_err_set(&err, ZYNC_ERR_INVALID, "abc");
	(void)zync_err_wrap(&err, ZYNC_ERR_INVALID, "<%s>", err.message);
	assert_string_equal(err.message, "<abc>: abc");
	(void)zync_err_set(&err, ZYNC_ERR_INVALID, "again %s and %s", err.message, err.message + 1);
	assert_string_equal(err.message, "again <abc>: abc and abc>: abc");
	assert_int_equal(zync_err_wrap(NULL, ZYNC_ERR_IO, "x"), ZYNC_ERR_IO);
	/* A call that went well needs no context. */
	assert_int_equal(zync_err_wrap(&err, ZYNC_OK, "nothing"), ZYNC_OK);
	assert_string_equal(err.message, "again <abc>: abc and abc>: abc");
}

/* Texts of two-byte characters at both parities, so that the cut meets the middle of one. */
static void err_cuts(void **state ZYNC_UNUSED)
{
	static char text[5000];
	struct zync_err err;

	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (size_t i = shift; i + 2 < sizeof(text); i += 2)
			memcpy(text + i, "\xc3\xa4", 3);
		(void)zync_err_set(&err, ZYNC_ERR_INVALID, "%s", text);
		assert_in_range(strlen(err.message), ZYNC_ERR_MESSAGE_SIZE - 3, ZYNC_ERR_MESSAGE_SIZE - 1);
		assert_true(zync_utf8_valid(err.message, strlen(err.message)));
		assert_true(zync_str_ends(err.message, "\xc3\xa4\xe2\x80\xa6"));
		(void)zync_err_wrap(&err, ZYNC_ERR_INVALID, "context %zu", shift);
		assert_true(zync_str_starts(err.message, "context "));
		assert_in_range(strlen(err.message), ZYNC_ERR_MESSAGE_SIZE - 8, ZYNC_ERR_MESSAGE_SIZE - 1);
		assert_true(zync_utf8_valid(err.message, strlen(err.message)));
		assert_true(zync_str_ends(err.message, "\xe2\x80\xa6"));
		(void)zync_err_os(&err, ENOENT, "opening %s", text);
		assert_true(zync_str_ends(err.message, "\xc3\xa4\xe2\x80\xa6: No such file or directory"));
		assert_true(zync_utf8_valid(err.message, strlen(err.message)));
		(void)zync_err_wrap(&err, ZYNC_ERR_IO, "%s", text);
		assert_non_null(strstr(err.message, "\xe2\x80\xa6: opening "));
		assert_true(zync_utf8_valid(err.message, strlen(err.message)));
	}
	/* One byte more than fits, and just what fits. */
	memset(text, 'y', ZYNC_ERR_MESSAGE_SIZE);
	text[ZYNC_ERR_MESSAGE_SIZE - 1] = '\0';
	(void)zync_err_set(&err, ZYNC_ERR_INVALID, "%s", text);
	assert_string_equal(err.message, text);
	(void)zync_err_set(&err, ZYNC_ERR_INVALID, "%s%c", text, 'y');
	assert_int_equal(strlen(err.message), ZYNC_ERR_MESSAGE_SIZE - 1);
	assert_true(zync_str_ends(err.message, "y\xe2\x80\xa6"));
}

static void err_mends_text(void **state ZYNC_UNUSED)
{
	struct zync_err err;

	(void)zync_err_set(&err, ZYNC_ERR_IO, "file %s", "a\xff\xc3z\xe2\x82");
	assert_string_equal(err.message, "file a??z??");
	/* What printf() itself refuses: the format remains. */
	(void)zync_err_set(&err, ZYNC_ERR_IO, "wide %ls", test_bad_wide);
	assert_string_equal(err.message, "wide %ls");
}

static void err_set_ok(void)
{
	(void)zync_err_set(NULL, ZYNC_OK, "x");
}

static void err_assert(void)
{
	ZYNC_ASSERT(1 + 1 == 3);
}

static void err_asserts(void **state ZYNC_UNUSED)
{
	assert_true(test_aborts(err_set_ok));
	assert_true(test_aborts(err_assert));
}

TEST_GROUP(test_err, cmocka_unit_test(err_statuses), cmocka_unit_test(err_details), cmocka_unit_test(err_wraps), cmocka_unit_test(err_cuts),
	   cmocka_unit_test(err_mends_text), cmocka_unit_test(err_asserts));
