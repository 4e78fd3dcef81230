/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "base_test.h"

static const struct zync_jval *json_read(struct zync_arena *arena, const char *text)
{
	const struct zync_jval *root = NULL;
	struct zync_err err;

	if (zync_json_parse(arena, text, strlen(text), &root, &err) != ZYNC_OK)
		fail_msg("%s: %s", text, err.message);
	return root;
}

static void json_refuses(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "byte 0: the text is empty"},
		{" ", "bad JSON at byte"},
		{"{", "bad JSON at byte 1"},
		{"[1,]", "bad JSON at byte 2"},
		{"{\"a\":1,}", "bad JSON at byte"},
		{"[1] x", "bad JSON at byte 4"},
		{"nul", "bad JSON at byte"},
		{"\"abc", "bad JSON at byte"},
		{"\"\\", "bad JSON at byte"},
		{"\"\\u00", "bad JSON at byte"},
		{"\"a\xff\"", "bad JSON at byte"},
		{"\"\xed\xa0\x80\"", "bad JSON at byte"},
		{"\"\\ud800\"", "bad JSON at byte"},
		{"\"tab\t\"", "bad JSON at byte"},
		{"]", "bad JSON at byte 0"},
		{"1e999", "bad JSON at byte"},
		{"\xef\xbb\xbf{}", "bad JSON at byte"},
		{"<html>", "bad JSON at byte 0"},
		{"{\"a\":\"x\\u0000y\"}", "byte 7: a string holds the character NUL"},
		{"{\"x\\u0000y\":1}", "byte 3: a string holds the character NUL"},
		{"\"\\\\\\u0000\"", "byte 3: a string holds the character NUL"},
	};
	ZYNC_AUTO_ARENA arena = test_arena();

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const struct zync_jval *root = NULL;
		struct zync_err err = {0};

		assert_int_equal(zync_json_parse(arena, cases[i].text, strlen(cases[i].text), &root, &err), ZYNC_ERR_PROTOCOL);
		test_expect(&err, ZYNC_ERR_PROTOCOL, cases[i].message);
		assert_null(root);
		assert_int_equal(zync_json_parse(arena, cases[i].text, strlen(cases[i].text), &root, NULL), ZYNC_ERR_PROTOCOL);
	}
	/* A NUL byte, plain and in a string. */
	assert_int_equal(zync_json_parse(arena, "1\0", 2, &(const struct zync_jval *){NULL}, NULL), ZYNC_ERR_PROTOCOL);
	assert_int_equal(zync_json_parse(arena, "\"\0\"", 3, &(const struct zync_jval *){NULL}, NULL), ZYNC_ERR_PROTOCOL);
	/* What only looks like one. */
	assert_string_equal(zync_jval_str(json_read(arena, "\"\\\\u0000\"")), "\\u0000");
}

static void json_depth(void **state ZYNC_UNUSED)
{
	char text[2 * ZYNC_LIMIT_JSON_DEPTH + 16];
	ZYNC_AUTO_ARENA arena = test_arena();

	for (size_t depth = ZYNC_LIMIT_JSON_DEPTH; depth <= ZYNC_LIMIT_JSON_DEPTH + 1; depth++) {
		const struct zync_jval *root = NULL;
		struct zync_err err = {0};
		enum zync_status status;

		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		status = zync_json_parse(arena, text, 2 * depth, &root, &err);
		if (depth == ZYNC_LIMIT_JSON_DEPTH) {
			assert_int_equal(status, ZYNC_OK);
			continue;
		}
		assert_int_equal(status, ZYNC_ERR_LIMIT);
		test_expect(&err, ZYNC_ERR_LIMIT, "deeper than 128 levels at byte 128");
	}
	/* Brackets in strings and beside each other are no depth. */
	memset(text, '[', sizeof(text));
	text[0] = '"';
	memcpy(text + 1, "\\\"", 2);
	text[sizeof(text) - 1] = '"';
	assert_int_equal(zync_json_parse(arena, text, sizeof(text), &(const struct zync_jval *){NULL}, NULL), ZYNC_OK);
}

static void json_types(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *text;
		enum zync_jtype type;
		const char *as_text, *str;
		bool is_i64, is_u64;
		int64_t i64;
		uint64_t u64;
		double real;
	} cases[] = {
		{"null", ZYNC_JSON_NULL, NULL, NULL, false, false, 0, 0, 0},
		{"true", ZYNC_JSON_BOOL, "true", NULL, false, false, 0, 0, 0},
		{"false", ZYNC_JSON_BOOL, "false", NULL, false, false, 0, 0, 0},
		{"0", ZYNC_JSON_INT, "0", NULL, true, true, 0, 0, 0},
		{"-7", ZYNC_JSON_INT, "-7", NULL, true, false, -7, 0, -7},
		{"42", ZYNC_JSON_INT, "42", NULL, true, true, 42, 42, 42},
		{"9223372036854775807", ZYNC_JSON_INT, "9223372036854775807", NULL, true, true, INT64_MAX, INT64_MAX,
		 9223372036854775808.0},
		{"18446744073709551615", ZYNC_JSON_INT, "18446744073709551615", NULL, false, true, 0, UINT64_MAX, 18446744073709551616.0},
		{"-9223372036854775808", ZYNC_JSON_INT, "-9223372036854775808", NULL, true, false, INT64_MIN, 0, -9223372036854775808.0},
		{"18446744073709551616", ZYNC_JSON_REAL, "18446744073709552000", NULL, false, false, 0, 0, 18446744073709551616.0},
		{"0.1", ZYNC_JSON_REAL, "0.1", NULL, false, false, 0, 0, 0.1},
		{"1.0", ZYNC_JSON_REAL, "1", NULL, false, false, 0, 0, 1},
		{"-2.5e-300", ZYNC_JSON_REAL, "-2.5e-300", NULL, false, false, 0, 0, -2.5e-300},
		{"\"\"", ZYNC_JSON_STR, "", "", false, false, 0, 0, 0},
		{"\"12\"", ZYNC_JSON_STR, "12", "12", true, true, 12, 12, 0},
		{"\"-12\"", ZYNC_JSON_STR, "-12", "-12", true, false, -12, 0, 0},
		{"\"12x\"", ZYNC_JSON_STR, "12x", "12x", false, false, 0, 0, 0},
		{"\"\\u00e4\\n\\ud83d\\ude00\"", ZYNC_JSON_STR, "\xc3\xa4\n\xf0\x9f\x98\x80", "\xc3\xa4\n\xf0\x9f\x98\x80", false, false, 0,
		 0, 0},
		{"[]", ZYNC_JSON_ARRAY, NULL, NULL, false, false, 0, 0, 0},
		{"{}", ZYNC_JSON_OBJECT, NULL, NULL, false, false, 0, 0, 0},
	};
	ZYNC_AUTO_ARENA arena = test_arena();

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const struct zync_jval *v = json_read(arena, cases[i].text);
		int64_t n = 0;
		uint64_t u = 0;

		assert_int_equal(zync_jval_type(v), cases[i].type);
		assert_true(zync_str_eq(zync_jval_text(arena, v), cases[i].as_text));
		assert_true(zync_str_eq(zync_jval_str(v), cases[i].str));
		assert_int_equal(zync_jval_is_true(v), i == 1);
		assert_int_equal(zync_jval_to_i64(v, &n), cases[i].is_i64);
		assert_int_equal(zync_jval_to_u64(v, &u), cases[i].is_u64);
		assert_true(n == cases[i].i64 && u == cases[i].u64);
		assert_true(fabs(zync_jval_real(v) - cases[i].real) <= fabs(cases[i].real) * 1e-15);
		assert_int_equal(zync_jval_len(v), 0);
	}
}

static void json_containers(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	const struct zync_jval *v = json_read(arena, "{\"a\":[1,[2,3],{\"x\":4}],\"b\":{\"c\":\"d\"},\"a\":5,\"n\":null,\"\":6}");
	const struct zync_jval *e;
	struct zync_jiter it;
	const char *key = "untouched";
	static const char *const keys[] = {"a", "b", "a", "n", ""};
	size_t seen = 0;
	int64_t n = 0;

	assert_int_equal(zync_jval_len(v), 5);
	assert_int_equal(zync_jval_type(zync_jval_get(v, "a")), ZYNC_JSON_ARRAY); /* the first of two */
	assert_int_equal(zync_jval_len(zync_jval_get(v, "a")), 3);
	assert_string_equal(zync_jval_get_str(zync_jval_get(v, "b"), "c"), "d");
	assert_null(zync_jval_get_str(v, "n"));
	assert_null(zync_jval_get_str(v, "zz"));
	assert_null(zync_jval_get(v, NULL));
	assert_true(zync_jval_to_i64(zync_jval_getn(v, "xyz", 0), &n) && n == 6);
	assert_non_null(zync_jval_getn(v, "bcd", 1));
	assert_true(zync_jval_to_i64(zync_jval_get(zync_jval_at(zync_jval_get(v, "a"), 2), "x"), &n) && n == 4);
	assert_null(zync_jval_at(zync_jval_get(v, "a"), 3));
	assert_null(zync_jval_at(v, 0));
	assert_null(zync_jval_get(zync_jval_get(v, "a"), "a"));
	for (zync_jiter_init(&it, v); (e = zync_jiter_next(&it, &key)); seen++)
		assert_string_equal(key, keys[seen]);
	assert_int_equal(seen, 5);
	for (seen = 0, zync_jiter_init(&it, zync_jval_get(v, "a")); (e = zync_jiter_next(&it, &key)); seen++) {
		assert_null(key);
		assert_ptr_equal(e, zync_jval_at(zync_jval_get(v, "a"), seen));
	}
	assert_int_equal(seen, 3);
	zync_jiter_init(&it, zync_jval_get(v, "b"));
	assert_string_equal(zync_jval_str(zync_jiter_next(&it, NULL)), "d");
	assert_null(zync_jiter_next(&it, NULL));
}

static void json_nothing(void **state ZYNC_UNUSED)
{
	struct zync_jiter it;
	int64_t n;
	uint64_t u;

	assert_int_equal(zync_jval_type(NULL), ZYNC_JSON_NONE);
	assert_null(zync_jval_get(NULL, "a"));
	assert_null(zync_jval_getn(NULL, "a", 1));
	assert_null(zync_jval_at(NULL, 0));
	assert_null(zync_jval_str(NULL));
	assert_null(zync_jval_get_str(NULL, "a"));
	assert_null(zync_jval_text(NULL, NULL));
	assert_int_equal(zync_jval_len(NULL), 0);
	assert_false(zync_jval_is_true(NULL));
	assert_false(zync_jval_to_i64(NULL, &n));
	assert_false(zync_jval_to_u64(NULL, &u));
	assert_true(zync_jval_real(NULL) < 1e-300);
	zync_jiter_init(&it, NULL);
	assert_null(zync_jiter_next(&it, NULL));
}

/* Random documents of the bytes that mean something, and damaged ones: a value or an error with a message, nothing else. */
static void json_random(void **state ZYNC_UNUSED)
{
	static const char alphabet[] = "{}[]\",:\\u0019eE+-. truefalsn\n\x01\x80\xc3\xa4\xff";
	const char *given = getenv("ZYNC_TEST_SEED");
	uint64_t number = (uint64_t)time(NULL);
	unsigned seed, parsed = 0, refused = 0;
	char text[64];

	if (given)
		assert_true(zync_str_to_u64(given, &number));
	seed = (unsigned)number;
	print_message("# seed %u (set ZYNC_TEST_SEED to repeat)\n", seed);
	for (int round = 0; round < 20000; round++) {
		ZYNC_AUTO_ARENA arena = test_arena();
		const struct zync_jval *root = NULL;
		struct zync_err err = {0};
		size_t len = (size_t)rand_r(&seed) % sizeof(text);

		for (size_t i = 0; i < len; i++)
			text[i] = round % 2 ? (char)rand_r(&seed) : alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)];
		if (round % 4 == 0) {
			/* One byte of a sound document changed. */
			len = strlen("{\"a\":[1,2.5,\"\\u00e4\",null],\"b\":{\"c\":true}}");
			memcpy(text, "{\"a\":[1,2.5,\"\\u00e4\",null],\"b\":{\"c\":true}}", len);
			text[(size_t)rand_r(&seed) % len] = (char)rand_r(&seed);
		}
		if (zync_json_parse(arena, text, len, &root, &err) == ZYNC_OK) {
			ZYNC_AUTO_BUF out;

			assert_non_null(root);
			zync_buf_init(&out, 100000);
			assert_int_equal(zync_jval_write(arena, root, ZYNC_JSON_SORTED, &out, &err), ZYNC_OK);
			assert_int_equal(zync_json_parse(arena, out.data, out.len, &root, &err), ZYNC_OK);
			parsed++;
		} else {
			assert_non_null(strstr(err.message, "JSON"));
			refused++;
		}
	}
	assert_true(parsed > 100 && refused > 100);
}

TEST_GROUP(test_json_read, cmocka_unit_test(json_refuses), cmocka_unit_test(json_depth), cmocka_unit_test(json_types),
	   cmocka_unit_test(json_containers), cmocka_unit_test(json_nothing), cmocka_unit_test(json_random));
