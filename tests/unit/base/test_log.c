/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mask_priv.h"
#include "base/str.h"
#include "base_test.h"

/* Standard error goes to a file between begin and end. */
static int log_saved_fd = -1;
static char log_output[400000];

static void log_capture_begin(void)
{
	int fd = open(test_path("stderr"), O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	log_saved_fd = dup(STDERR_FILENO);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	(void)close(fd);
}

static const char *log_capture_end(void)
{
	ssize_t n;
	int fd;

	assert_true(dup2(log_saved_fd, STDERR_FILENO) >= 0);
	(void)close(log_saved_fd);
	fd = open(test_path("stderr"), O_RDONLY);
	n = read(fd, log_output, sizeof(log_output) - 1);
	(void)close(fd);
	assert_true(n >= 0);
	log_output[n] = '\0';
	return log_output;
}

static int log_setup(void **state ZYNC_UNUSED)
{
	(void)test_dir();
	zync_log_reset();
	zync_log_set_level(ZYNC_LOG_INFO);
	zync_log_set_format(ZYNC_LOG_TEXT);
	return 0;
}

static int log_teardown(void **state ZYNC_UNUSED)
{
	zync_log_reset();
	zync_log_set_format(ZYNC_LOG_TEXT);
	test_dir_remove();
	return 0;
}

static void log_text_lines(void **state ZYNC_UNUSED)
{
	const char *line;
	int64_t ms;
	char when[25];

	log_capture_begin();
	errno = EBUSY;
	zync_log_warning("host \"%s\"", "a\nb\r\x1b[31m\x7f\ttab \xc2\x9b \xff \xc3\xa4");
	assert_int_equal(errno, EBUSY);
	zync_log_debug("not shown");
	zync_log_error("e");
	zync_log_info("i");
	zync_log_set_level(ZYNC_LOG_DEBUG);
	assert_int_equal(zync_log_get_level(), ZYNC_LOG_DEBUG);
	zync_log_debug("d");
	line = log_capture_end();
	memcpy(when, line, 24);
	when[24] = '\0';
	assert_true(zync_time_parse(when, &ms) && llabs(zync_clock_now_ms() - ms) < 60000);
	assert_true(zync_str_starts(line + 24, " warning: host \"a\\x0ab\\x0d\\x1b[31m\\x7f\ttab \\xc2\\x9b \\xff \xc3\xa4\"\n"));
	line = strchr(line, '\n') + 1;
	assert_true(zync_str_starts(line + 24, " error: e\n"));
	line = strchr(line, '\n') + 1;
	assert_true(zync_str_starts(line + 24, " info: i\n"));
	line = strchr(line, '\n') + 1;
	assert_string_equal(line + 24, " debug: d\n");
}

static void log_json_lines(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	const struct zync_jval *v = NULL;
	const char *line;
	int64_t ms;

	assert_int_equal(zync_log_get_format(), ZYNC_LOG_TEXT);
	zync_log_set_format(ZYNC_LOG_JSON);
	assert_int_equal(zync_log_get_format(), ZYNC_LOG_JSON);
	log_capture_begin();
	zync_log_warning("%s", "a\"b\\c\n\t\x1b \xc2\x9b \xc3\xa4 \xff");
	line = log_capture_end();
	assert_int_equal(strchr(line, '\n') - line, strlen(line) - 1);
	assert_int_equal(zync_json_parse(arena, line, strlen(line), &v, NULL), ZYNC_OK);
	assert_string_equal(zync_jval_get_str(v, "level"), "warning");
	assert_string_equal(zync_jval_get_str(v, "message"), "a\"b\\c\n\t\x1b \xc2\x9b \xc3\xa4 \xef\xbf\xbd");
	assert_true(zync_time_parse(zync_jval_get_str(v, "time"), &ms));
	assert_int_equal(zync_jval_len(v), 3);
}

/* Longer texts than a line may hold, in both forms and with characters of one to four bytes or escapes at the cut. */
static void log_cuts_lines(void **state ZYNC_UNUSED)
{
	static const char *const fills[] = {"x", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\"", "\n"};
	static char text[20000];
	ZYNC_AUTO_ARENA arena = test_arena();

	for (size_t i = 0; i < 2 * ZYNC_ARRAY_LEN(fills); i++) {
		const char *fill = fills[i / 2], *line;
		const struct zync_jval *v = NULL;
		size_t len = strlen(fill);

		for (size_t at = 0; at + len < sizeof(text); at += len)
			memcpy(text + at, fill, len + 1);
		zync_log_set_format(i % 2 ? ZYNC_LOG_JSON : ZYNC_LOG_TEXT);
		log_capture_begin();
		zync_log_info("%s", text + (i / 2 == 0));
		line = log_capture_end();
		assert_in_range(strlen(line), ZYNC_LIMIT_LOG_LINE - 40, ZYNC_LIMIT_LOG_LINE);
		assert_true(zync_utf8_valid(line, strlen(line)));
		assert_true(zync_str_ends(line, i % 2 ? "\xe2\x80\xa6\"}\n" : "\xe2\x80\xa6\n"));
		if (i % 2)
			assert_int_equal(zync_json_parse(arena, line, strlen(line), &v, NULL), ZYNC_OK);
	}
	/* What printf() itself refuses: the format says at least what it was. */
	zync_log_set_format(ZYNC_LOG_TEXT);
	log_capture_begin();
	zync_log_info("wide %ls", test_bad_wide);
	assert_non_null(strstr(log_capture_end(), "info: wide %ls\xe2\x80\xa6\n"));
}

struct log_seen {
	char text[1000];
	enum zync_log_level level;
	int before, after, lines, wrong;
};

static void log_seen_hook(bool before, void *ctx)
{
	struct log_seen *seen = ctx;

	/* No assertion here: it would leave with the lock of the logger held. */
	seen->wrong += seen->before != seen->after + (before ? 0 : 1);
	*(before ? &seen->before : &seen->after) += 1;
}

static void log_seen_sink(enum zync_log_level level, const char *text, void *ctx)
{
	struct log_seen *seen = ctx;

	seen->level = level;
	seen->lines++;
	(void)snprintf(seen->text, sizeof(seen->text), "%s", text);
}

static void log_hook_and_sink(void **state ZYNC_UNUSED)
{
	struct log_seen seen = {0};

	assert_int_equal(zync_log_add_secret("hunter22", NULL), ZYNC_OK);
	zync_log_set_hook(log_seen_hook, &seen);
	zync_log_set_sink(log_seen_sink, &seen);
	log_capture_begin();
	zync_log_warning("password hunter22\nof x");
	zync_log_debug("not shown");
	zync_log_info("second");
	(void)log_capture_end();
	assert_int_equal(seen.lines, 2);
	assert_string_equal(seen.text, "second");
	log_capture_begin();
	zync_log_warning("password hunter22\nof x");
	assert_non_null(strstr(log_capture_end(), "password ***\\x0aof x"));
	assert_string_equal(seen.text, "password ***\\x0aof x");
	assert_int_equal(seen.level, ZYNC_LOG_WARNING);
	assert_int_equal(seen.before, 3);
	assert_int_equal(seen.after, 3);
	assert_int_equal(seen.wrong, 0);
	zync_log_set_level(ZYNC_LOG_ERROR); /* what is shown is one thing, what a job's log keeps another */
	log_capture_begin();
	zync_log_info("kept, not shown");
	zync_log_debug("neither");
	assert_string_equal(log_capture_end(), "");
	assert_string_equal(seen.text, "kept, not shown");
	assert_int_equal(seen.lines, 4);
	zync_log_set_level(ZYNC_LOG_INFO);
	zync_log_reset();
	log_capture_begin();
	zync_log_warning("password hunter22");
	assert_non_null(strstr(log_capture_end(), "password hunter22\n"));
	assert_int_equal(seen.lines, 4);
	assert_int_equal(seen.before, 3);
}

static void log_masks(void **state ZYNC_UNUSED)
{
	static const char *const secrets[] = {
		"abcd",	       "cdefgh", "s3cr/et+key",		"qu\"ote\\",	    "line\nbreak\x01",	 "nbt_1111.aaaa", "nbt_1111",
		"p\xc3\xa4ss", "xxxx",	 "abc" /* too short */, "abcd" /* again */, "outer-inner-outer", "inner"};
	static const struct {
		const char *text, *masked;
	} cases[] = {
		{"", ""},
		{"abc", "abc"},
		{"abcd", "***"},
		{"xabcdx", "x***x"},
		{"abcdabcd", "******"},
		{"abcdefgh", "***"}, /* overlapping: all bytes of both */
		{"ababcdefghi", "ab***i"},
		{"Token nbt_1111.aaaa and nbt_1111!", "Token *** and ***!"},
		{"s3cr/et+key s3cr\\/et+key s3cr%2Fet%2Bkey s3cr%2fet%2bkey", "*** *** *** ***"},
		{"{\"p\":\"qu\\\"ote\\\\\"} qu\"ote\\", "{\"p\":\"***\"} ***"},
		{"line\nbreak\x01 line\\nbreak\\u0001 line%0Abreak%01", "*** *** ***"},
		{"p\xc3\xa4ss p%C3%A4ss p\xc3\xa4s", "*** *** p\xc3\xa4s"},
		{"xxxxx", "***"},
		{"outer-inner-outer.", "***."},
		{"xxxxxxxxx", "***"},
		{"cut nbt_1111.a\xe2\x80\xa6", "cut ***\xe2\x80\xa6"},
		{"cut s3cr/\xe2\x80\xa6 and on", "cut ***\xe2\x80\xa6 and on"},
		{"cut s3c\xe2\x80\xa6", "cut s3c\xe2\x80\xa6"},
		{"not cut s3cr/et", "not cut s3cr/et"},
		{"s3cr/et-other", "s3cr/et-other"},
	};
	char text[200];

	(void)snprintf(text, sizeof(text), "nothing registered: abcd");
	zync_log_mask(text);
	assert_string_equal(text, "nothing registered: abcd");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(secrets); i++)
		assert_int_equal(zync_log_add_secret(secrets[i], NULL), ZYNC_OK);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		(void)snprintf(text, sizeof(text), "%s", cases[i].text);
		zync_log_mask(text);
		assert_string_equal(text, cases[i].masked);
	}
}

/*
 * A secret across the end of the longest text that is looked at must not show its beginning. Another one before it is masked, so that
 * the end of that text is not cut off the line anyway.
 */
static void log_masks_at_the_cut(void **state ZYNC_UNUSED)
{
	const char *secret = "0123456789abcdef0123456789abcdef";
	static char fill[ZYNC_LIMIT_LOG_LINE], other[1001];

	memset(other, 'z', sizeof(other) - 1);
	assert_int_equal(zync_log_add_secret(secret, NULL), ZYNC_OK);
	assert_int_equal(zync_log_add_secret(other, NULL), ZYNC_OK);
	for (size_t shown = 0; shown < strlen(secret); shown++) {
		const char *line;

		memset(fill, 'y', sizeof(fill));
		fill[ZYNC_LIMIT_LOG_LINE - sizeof(other) - shown] = '\0';
		log_capture_begin();
		zync_log_info("%s%s%s", other, fill, secret);
		line = log_capture_end();
		assert_non_null(strstr(line, "info: ***y"));
		assert_true(zync_str_ends(line, shown == 0 ? "y\xe2\x80\xa6\n" : shown < 4 ? "\xe2\x80\xa6\n" : "y***\xe2\x80\xa6\n"));
		assert_null(strstr(line, "0123"));
	}
}

/* The mask itself at a cut, where no fill hides the end. */
static void log_mask_cut(void **state ZYNC_UNUSED)
{
	struct zync_mask mask = {0};
	char text[64] = "tail s3cr";

	assert_int_equal(zync_mask_add(&mask, "s3cret", NULL), ZYNC_OK);
	zync_mask_apply(&mask, text, /* cut= */ false);
	assert_string_equal(text, "tail s3cr");
	zync_mask_apply(&mask, text, /* cut= */ true);
	assert_string_equal(text, "tail ***");
	zync_mask_done(&mask);
	zync_mask_done(&mask);
}

static void log_secret_bounds(void **state ZYNC_UNUSED)
{
	static char big[ZYNC_LIMIT_SECRET_BYTES + 2];
	struct zync_err err = {0};
	enum zync_status status = ZYNC_OK;
	char text[32];
	unsigned i;

	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(zync_log_add_secret(big, &err), ZYNC_ERR_LIMIT);
	test_expect(&err, ZYNC_ERR_LIMIT, "a secret of 65537 bytes is larger than the limit of 65536 bytes");
	memset(big, '\x01', sizeof(big) - 2);
	big[sizeof(big) - 2] = '\0';
	assert_int_equal(zync_log_add_secret(big, &err), ZYNC_OK); /* its escaped form is six times as long */
	for (i = 0; i < ZYNC_LIMIT_SECRET_FORMS && status == ZYNC_OK; i++) {
		(void)snprintf(text, sizeof(text), "%08x", i * 2654435761u);
		status = zync_log_add_secret(text, &err);
	}
	assert_int_equal(status, ZYNC_ERR_LIMIT);
	test_expect(&err, ZYNC_ERR_LIMIT, "more than 65536 texts");
	assert_true(i > ZYNC_LIMIT_SECRET_FORMS - 10);
}

static void *log_thread(void *ctx)
{
	for (int i = 0; i < 200; i++)
		zync_log_info("thread %s says token-%s", (const char *)ctx, (const char *)ctx);
	return NULL;
}

static void log_threads(void **state ZYNC_UNUSED)
{
	static char names[4][2] = {"a", "b", "c", "d"};
	pthread_t threads[4];
	const char *line, *end;
	int lines = 0;

	assert_int_equal(zync_log_add_secret("token-c", NULL), ZYNC_OK);
	log_capture_begin();
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_thread, names[i]), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	line = log_capture_end();
	for (; (end = strchr(line, '\n')); line = end + 1, lines++) {
		const char *text = line + strlen("2026-11-22T21:30:07.123Z info: ");

		assert_true(zync_str_starts(text, "thread "));
		assert_int_equal(end - text, text[7] == 'c' ? strlen("thread c says ***") : strlen("thread a says token-a"));
	}
	assert_int_equal(lines, 800);
	assert_string_equal(line, "");
}

#define LOG_TEST(name) cmocka_unit_test_setup_teardown(name, log_setup, log_teardown)
TEST_GROUP(test_log, LOG_TEST(log_text_lines), LOG_TEST(log_json_lines), LOG_TEST(log_cuts_lines), LOG_TEST(log_hook_and_sink),
	   LOG_TEST(log_masks), LOG_TEST(log_masks_at_the_cut), LOG_TEST(log_mask_cut), LOG_TEST(log_secret_bounds), LOG_TEST(log_threads));
