/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base_test.h"

static const char *jb_text(struct zync_arena *arena, struct zync_jb *b, const struct zync_jnode *node, unsigned flags)
{
	const char *text = NULL;
	struct zync_err err;

	if (zync_jb_text(b, node, flags, arena, &text, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	return text;
}

static void jb_every_kind(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *obj = zync_jb_object(b), *arr, *inner;
	const struct zync_jval *read = NULL;
	char name[] = "copied";

	assert_int_equal(zync_json_parse(arena, "{\"k\":[1,{\"m\":\"x\"}]}", 19, &read, NULL), ZYNC_OK);
	zync_jb_set_str(b, obj, name, name);
	memset(name, 'x', sizeof(name) - 1); /* given strings are copied */
	zync_jb_set_str(b, obj, "none", NULL);
	zync_jb_set_i64(b, obj, "i", INT64_MIN);
	zync_jb_set_u64(b, obj, "u", UINT64_MAX);
	zync_jb_set_id(b, obj, "id", 10084);
	zync_jb_set_real(b, obj, "r", 0.1);
	zync_jb_set_real(b, obj, "whole", 3);
	zync_jb_set_bool(b, obj, "t", true);
	zync_jb_set_bool(b, obj, "f", false);
	zync_jb_set_null(b, obj, "z");
	zync_jb_set_val(b, obj, "v", read);
	zync_jb_set_val(b, obj, "nv", NULL);
	arr = zync_jb_set_array(b, obj, "arr");
	zync_jb_add_str(b, arr, "s");
	zync_jb_add_str(b, arr, NULL);
	zync_jb_add_i64(b, arr, -5);
	zync_jb_add_id(b, arr, 7);
	zync_jb_add_node(b, arr, zync_jb_str(b, "node"));
	zync_jb_add_val(b, arr, zync_jval_get(read, "k"));
	inner = zync_jb_add_object(b, arr);
	zync_jb_set_node(b, inner, "deep", zync_jb_array(b));
	zync_jb_add_i64(b, zync_jb_add_array(b, arr), 1);
	zync_jb_set_str(b, zync_jb_set_object(b, obj, "o"), "p", "q");
	assert_int_equal(zync_jnode_len(arr), 8);
	assert_int_equal(zync_jnode_len(obj), 14);
	assert_int_equal(zync_jnode_len(NULL), 0);
	assert_int_equal(zync_jnode_len(zync_jb_str(b, "abc")), 0);
	assert_string_equal(jb_text(arena, b, obj, ZYNC_JSON_COMPACT),
			    "{\"copied\":\"copied\",\"none\":null,\"i\":-9223372036854775808,\"u\":18446744073709551615,\"id\":\"10084\","
			    "\"r\":0.1,\"whole\":3.0,\"t\":true,\"f\":false,\"z\":null,\"v\":{\"k\":[1,{\"m\":\"x\"}]},\"nv\":null,"
			    "\"arr\":[\"s\",null,-5,\"7\",\"node\",[1,{\"m\":\"x\"}],{\"deep\":[]},[1]],\"o\":{\"p\":\"q\"}}");
}

static void jb_layouts(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *text, *sorted, *pretty;
	} cases[] = {
		{"[]", "[]", "[]"},
		{"{}", "{}", "{}"},
		{"\"x\"", "\"x\"", "\"x\""},
		{"[1,2]", "[1,2]", "[\n  1,\n  2\n]"},
		{"{\"b\":1,\"a\":{\"d\":[],\"c\":{}}}", "{\"a\":{\"c\":{},\"d\":[]},\"b\":1}",
		 "{\n  \"b\": 1,\n  \"a\": {\n    \"d\": [],\n    \"c\": {}\n  }\n}"},
		/* By bytes: upper case first, a beginning before the longer, and of one name the first set first. */
		{"{\"ab\":1,\"a\":2,\"B\":3,\"a\":4,\"\xc3\xa4\":5,\"\":6}", "{\"\":6,\"B\":3,\"a\":2,\"a\":4,\"ab\":1,\"\xc3\xa4\":5}",
		 "{\n  \"ab\": 1,\n  \"a\": 2,\n  \"B\": 3,\n  \"a\": 4,\n  \"\xc3\xa4\": 5,\n  \"\": 6\n}"},
		{"[{\"b\":1,\"a\":2}]", "[{\"a\":2,\"b\":1}]", "[\n  {\n    \"b\": 1,\n    \"a\": 2\n  }\n]"},
	};
	ZYNC_AUTO_ARENA arena = test_arena();

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const struct zync_jval *v = NULL;
		ZYNC_AUTO_BUF out;

		zync_buf_init(&out, 1000);
		assert_int_equal(zync_json_parse(arena, cases[i].text, strlen(cases[i].text), &v, NULL), ZYNC_OK);
		assert_int_equal(zync_jval_write(arena, v, ZYNC_JSON_SORTED, &out, NULL), ZYNC_OK);
		assert_string_equal(out.data, cases[i].sorted);
		zync_buf_clear(&out);
		assert_int_equal(zync_jval_write(arena, v, ZYNC_JSON_COMPACT, &out, NULL), ZYNC_OK);
		assert_string_equal(out.data, cases[i].text);
		zync_buf_clear(&out);
		assert_int_equal(zync_jval_write(arena, v, ZYNC_JSON_PRETTY, &out, NULL), ZYNC_OK);
		assert_string_equal(out.data, cases[i].pretty);
	}
	{
		ZYNC_AUTO_BUF out;
		const struct zync_jval *v = NULL;

		zync_buf_init(&out, 1000);
		assert_int_equal(zync_json_parse(arena, "{\"b\":1,\"a\":2}", 13, &v, NULL), ZYNC_OK);
		assert_int_equal(zync_jval_write(arena, v, ZYNC_JSON_SORTED | ZYNC_JSON_PRETTY, &out, NULL), ZYNC_OK);
		assert_string_equal(out.data, "{\n  \"a\": 2,\n  \"b\": 1\n}");
		zync_buf_clear(&out);
		assert_int_equal(zync_jval_write(arena, NULL, 0, &out, NULL), ZYNC_OK);
		assert_string_equal(out.data, "null");
	}
}

/* Writing sorted leaves the tree as it was. */
static void jb_sorting_changes_nothing(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *obj = zync_jb_object(b);

	zync_jb_set_i64(b, obj, "b", 1);
	zync_jb_set_i64(b, obj, "a", 2);
	assert_string_equal(jb_text(arena, b, obj, ZYNC_JSON_SORTED), "{\"a\":2,\"b\":1}");
	zync_jb_set_i64(b, obj, "0", 3);
	assert_string_equal(jb_text(arena, b, obj, ZYNC_JSON_COMPACT), "{\"b\":1,\"a\":2,\"0\":3}");
}

static void jb_escapes(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_jb *b = zync_jb_new(arena);
	char all[160] = "";
	const struct zync_jval *v = NULL;
	const char *text;

	assert_string_equal(jb_text(arena, b, zync_jb_str(b, "a\"b\\c/\b\t\n\f\r\v\x01\x1f\x7f\xc3\xa4"), 0),
			    "\"a\\\"b\\\\c/\\b\\t\\n\\f\\r\\u000b\\u0001\\u001f\x7f\xc3\xa4\"");
	for (int c = 1; c < 128; c++)
		all[c - 1] = (char)c;
	text = jb_text(arena, b, zync_jb_str(b, all), 0);
	assert_int_equal(zync_json_parse(arena, text, strlen(text), &v, NULL), ZYNC_OK);
	assert_string_equal(zync_jval_str(v), all);
}

static void jb_fail_real(struct zync_jb *b, struct zync_jnode *obj)
{
	zync_jb_set_real(b, obj, "load", (double)NAN);
}

static void jb_fail_inf(struct zync_jb *b, struct zync_jnode *obj)
{
	zync_jb_set_real(b, obj, "load", -(double)INFINITY);
}

static void jb_fail_str(struct zync_jb *b, struct zync_jnode *obj)
{
	zync_jb_set_str(b, obj, "name", "\xff");
}

static void jb_fail_key(struct zync_jb *b, struct zync_jnode *obj)
{
	zync_jb_set_bool(b, obj, "\xff", true);
}

/* The first failure stays, whatever comes after, and every call is harmless. */
static void jb_failure_sticks(void **state ZYNC_UNUSED)
{
	static const struct {
		void (*break_it)(struct zync_jb *b, struct zync_jnode *obj);
		const char *message;
	} cases[] = {
		{jb_fail_real, "number for \"load\" is not finite"},
		{jb_fail_inf, "number for \"load\" is not finite"},
		{jb_fail_str, "1 bytes for JSON is not valid UTF-8"},
		{jb_fail_key, "1 bytes for JSON is not valid UTF-8"},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		ZYNC_AUTO_ARENA arena = test_arena();
		struct zync_jb *b = zync_jb_new(arena);
		struct zync_jnode *obj = zync_jb_object(b), *arr = zync_jb_array(b);
		struct zync_err err = {0};
		const char *text = NULL;

		cases[i].break_it(b, obj);
		assert_null(zync_jb_object(b));
		assert_null(zync_jb_array(b));
		assert_null(zync_jb_str(b, "x"));
		zync_jb_set_str(b, obj, "k", "\xfe\xff");
		zync_jb_set_id(b, obj, "k", 1);
		zync_jb_set_i64(b, obj, "k", 1);
		zync_jb_set_real(b, obj, "other", (double)NAN);
		zync_jb_set_val(b, obj, "k", NULL);
		assert_null(zync_jb_set_object(b, obj, "k"));
		assert_null(zync_jb_set_array(b, obj, "k"));
		assert_null(zync_jb_add_object(b, arr));
		assert_null(zync_jb_add_array(b, arr));
		zync_jb_add_str(b, arr, "x");
		assert_int_equal(zync_jb_text(b, obj, 0, arena, &text, &err), ZYNC_ERR_INVALID);
		test_expect(&err, ZYNC_ERR_INVALID, cases[i].message);
		assert_int_equal(zync_jb_text(b, obj, 0, arena, &text, NULL), ZYNC_ERR_INVALID);
		assert_null(text);
	}
}

/* A NULL node means "do nothing", and is no failure of the builder. */
static void jb_null_nodes(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *obj = zync_jb_object(b);
	struct zync_err err = {0};
	ZYNC_AUTO_BUF out;

	zync_buf_init(&out, 100);
	zync_jb_set_str(b, NULL, "k", "x");
	zync_jb_set_node(b, obj, "k", NULL);
	zync_jb_add_node(b, NULL, obj);
	zync_jb_add_i64(b, NULL, 1);
	assert_null(zync_jb_set_object(b, NULL, "k"));
	assert_null(zync_jb_set_array(b, NULL, "k"));
	assert_null(zync_jb_add_object(b, NULL));
	assert_null(zync_jb_add_array(b, NULL));
	assert_string_equal(jb_text(arena, b, obj, 0), "{}");
	assert_int_equal(zync_jb_write(b, NULL, 0, &out, &err), ZYNC_ERR_INVALID);
	test_expect(&err, ZYNC_ERR_INVALID, "no JSON value to write");
}

static void jb_bounds(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *root = zync_jb_array(b), *node = root, *sorted = zync_jb_object(b);
	struct zync_err err = {0};
	const char *text = NULL;
	ZYNC_AUTO_BUF out;

	zync_buf_init(&out, 10);
	/* An empty array at the end is not opened: 128 levels around it are fine. */
	for (size_t i = 0; i < ZYNC_LIMIT_JSON_DEPTH; i++)
		node = zync_jb_add_array(b, node);
	assert_int_equal(strlen(jb_text(arena, b, root, 0)), 2 * ZYNC_LIMIT_JSON_DEPTH + 2);
	zync_jb_add_i64(b, node, 1);
	zync_jb_set_i64(b, sorted, "b", 1);
	zync_jb_set_node(b, sorted, "a", root);
	assert_int_equal(zync_jb_text(b, sorted, ZYNC_JSON_SORTED, arena, &text, &err), ZYNC_ERR_LIMIT);
	test_expect(&err, ZYNC_ERR_LIMIT, "deeper than 128 levels");
	assert_int_equal(zync_jb_write(b, sorted, 0, &out, &err), ZYNC_ERR_LIMIT);
	test_expect(&err, ZYNC_ERR_LIMIT, "JSON text is larger than the limit of 10 bytes");
}

static void jb_add_to_object(void)
{
	struct zync_arena *arena = zync_arena_new(0);
	struct zync_jb *b = zync_jb_new(arena);

	zync_jb_add_i64(b, zync_jb_object(b), 1);
}

static void jb_add_twice(void)
{
	struct zync_arena *arena = zync_arena_new(0);
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *arr = zync_jb_array(b), *node = zync_jb_object(b);

	zync_jb_add_node(b, arr, node);
	zync_jb_add_node(b, arr, node);
}

static void jb_set_twice(void)
{
	struct zync_arena *arena = zync_arena_new(0);
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *obj = zync_jb_object(b), *node = zync_jb_array(b);

	zync_jb_set_node(b, obj, "a", node);
	zync_jb_set_node(b, obj, "b", node);
}

static void jb_asserts(void **state ZYNC_UNUSED)
{
	assert_true(test_aborts(jb_add_to_object));
	assert_true(test_aborts(jb_add_twice));
	assert_true(test_aborts(jb_set_twice));
}

TEST_GROUP(test_json_build, cmocka_unit_test(jb_every_kind), cmocka_unit_test(jb_layouts), cmocka_unit_test(jb_sorting_changes_nothing),
	   cmocka_unit_test(jb_escapes), cmocka_unit_test(jb_failure_sticks), cmocka_unit_test(jb_null_nodes), cmocka_unit_test(jb_bounds),
	   cmocka_unit_test(jb_asserts));
