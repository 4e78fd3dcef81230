/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base_test.h"

static int str_sign(int n)
{
	return (n > 0) - (n < 0);
}

static void str_compares(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *a, *b;
		int order;
		bool nocase;
	} cases[] = {
		{NULL, NULL, 0, true},	{NULL, "", -1, false}, {"", NULL, 1, false},  {"", "", 0, true},
		{"a", "a", 0, true},	{"a", "b", -1, false}, {"a", "A", 1, true},   {"aB", "Ab", 1, true},
		{"a", "ab", -1, false}, {"[", "{", -1, false}, {"@", "`", -1, false}, {"\xc3\xa4", "\xc3\x84", 1, false},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		assert_int_equal(zync_str_eq(cases[i].a, cases[i].b), cases[i].order == 0);
		assert_int_equal(str_sign(zync_str_cmp(cases[i].a, cases[i].b)), cases[i].order);
		assert_int_equal(str_sign(zync_str_cmp(cases[i].b, cases[i].a)), -cases[i].order);
		assert_int_equal(zync_str_eq_nocase(cases[i].a, cases[i].b), cases[i].nocase);
		assert_int_equal(zync_str_eq_nocase(cases[i].b, cases[i].a), cases[i].nocase);
	}
	assert_true(zync_str_empty(NULL) && zync_str_empty("") && !zync_str_empty(" "));
	assert_true(zync_str_starts("abc", "ab") && zync_str_starts("abc", "") && zync_str_starts("", ""));
	assert_false(zync_str_starts("abc", "abcd") || zync_str_starts("abc", "b") || zync_str_starts(NULL, "") ||
		     zync_str_starts("", NULL));
	assert_true(zync_str_ends("abc", "bc") && zync_str_ends("abc", "") && zync_str_ends("abc", "abc"));
	assert_false(zync_str_ends("abc", "xabc") || zync_str_ends("abc", "b") || zync_str_ends(NULL, "") || zync_str_ends("", NULL));
}

static void str_numbers(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *text;
		bool is_u64, is_i64;
		uint64_t u64;
		int64_t i64;
	} cases[] = {
		{"0", true, true, 0, 0},
		{"007", true, true, 7, 7},
		{"9223372036854775807", true, true, INT64_MAX, INT64_MAX},
		{"9223372036854775808", true, false, 9223372036854775808u, 0},
		{"18446744073709551615", true, false, UINT64_MAX, 0},
		{"18446744073709551616", false, false, 0, 0},
		{"99999999999999999999999", false, false, 0, 0},
		{"-0", false, true, 0, 0},
		{"-1", false, true, 0, -1},
		{"-9223372036854775808", false, true, 0, INT64_MIN},
		{"-9223372036854775809", false, false, 0, 0},
		{NULL, false, false, 0, 0},
		{"", false, false, 0, 0},
		{"-", false, false, 0, 0},
		{"--1", false, false, 0, 0},
		{"+1", false, false, 0, 0},
		{" 1", false, false, 0, 0},
		{"1 ", false, false, 0, 0},
		{"1.0", false, false, 0, 0},
		{"0x1", false, false, 0, 0},
		{"1e3", false, false, 0, 0},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		uint64_t u = 4711;
		int64_t n = -4711;

		if (zync_str_to_u64(cases[i].text, &u) != cases[i].is_u64 || zync_str_to_i64(cases[i].text, &n) != cases[i].is_i64)
			fail_msg("case %zu: \"%s\"", i, cases[i].text);
		/* Outputs are untouched on failure. */
		assert_true(u == (cases[i].is_u64 ? cases[i].u64 : 4711));
		assert_true(n == (cases[i].is_i64 ? cases[i].i64 : -4711));
	}
}

static void str_globs(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *pattern, *text;
		bool match, match_nocase;
	} cases[] = {
		{"", "", true, true},
		{"", "a", false, false},
		{"a", "", false, false},
		{"*", "", true, true},
		{"**", "abc", true, true},
		{"a*", "abc", true, true},
		{"*c", "abc", true, true},
		{"*b", "abc", false, false},
		{"a*c", "abcabc", true, true},
		{"a*b*c", "a-b-b-c", true, true},
		{"a*b*c", "a-c-b", false, false},
		{"*ab", "aaaab", true, true},
		{"*a*a*b", "aaaaac", false, false},
		{"core-?", "core-1", true, true},
		{"core-?", "core-", false, false},
		{"core-?", "core-12", false, false},
		{"?", "\xc3\xa4", true, true},
		{"??", "\xc3\xa4", false, false},
		{"?x", "\xffx", true, true},
		{"*?", "\xe2\x82\xac", true, true},
		{"SW*", "sw1", false, true},
		{"sw\\A", "SWa", false, true},
		{"\\*", "*", true, true},
		{"\\*", "a", false, false},
		{"\\?", "?", true, true},
		{"\\\\", "\\", true, true},
		{"a\\", "a\\", true, true},
		{"a\\", "ab", false, false},
		{"[a]", "a", false, false},
		{NULL, "a", false, false},
		{"a", NULL, false, false},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		if (zync_glob_match(cases[i].pattern, cases[i].text, /* nocase= */ false) != cases[i].match ||
		    zync_glob_match(cases[i].pattern, cases[i].text, /* nocase= */ true) != cases[i].match_nocase)
			fail_msg("case %zu: \"%s\" and \"%s\"", i, cases[i].pattern, cases[i].text);
	}
}

/* A pattern that costs exponential time where stars are tried by recursion. */
static void str_glob_is_quick(void **state ZYNC_UNUSED)
{
	char pattern[101], text[2001];

	for (size_t i = 0; i < 100; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[100] = '\0';
	memset(text, 'a', 2000);
	text[2000] = '\0';
	assert_true(zync_glob_match(pattern, text, false));
	text[1999] = 'b';
	assert_false(zync_glob_match(pattern, text, false));
}

/* The textbook table, to compare with. */
static size_t str_distance_plain(const char *a, const char *b)
{
	size_t table[24][24], a_len = strlen(a), b_len = strlen(b);

	for (size_t i = 0; i <= a_len; i++) {
		for (size_t j = 0; j <= b_len; j++) {
			if (i == 0 || j == 0) {
				table[i][j] = i + j;
				continue;
			}
			table[i][j] = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			table[i][j] = ZYNC_MIN(table[i][j], table[i - 1][j] + 1);
			table[i][j] = ZYNC_MIN(table[i][j], table[i][j - 1] + 1);
		}
	}
	return table[a_len][b_len];
}

static void str_distances(void **state ZYNC_UNUSED)
{
	unsigned seed = 20261122;
	char a[24], b[24];
	static char long_a[1000], long_b[1000];

	print_message("# seed %u\n", seed);
	assert_int_equal(zync_edit_distance("kitten", "sitting", 5), 3);
	assert_int_equal(zync_edit_distance("", "", 0), 0);
	assert_int_equal(zync_edit_distance("abc", "", SIZE_MAX), 3);
	assert_int_equal(zync_edit_distance("abc", "abd", 0), 1);
	for (int round = 0; round < 8000; round++) {
		size_t max = (size_t)rand_r(&seed) % 12, a_len = (size_t)rand_r(&seed) % 23, b_len = (size_t)rand_r(&seed) % 23, want;

		for (size_t i = 0; i < 23; i++) {
			a[i] = (char)('a' + rand_r(&seed) % 3);
			b[i] = (char)('a' + rand_r(&seed) % 3);
		}
		a[a_len] = b[b_len] = '\0';
		want = ZYNC_MIN(str_distance_plain(a, b), max + 1);
		if (zync_edit_distance(a, b, max) != want)
			fail_msg("\"%s\" and \"%s\" within %zu: %zu instead of %zu", a, b, max, zync_edit_distance(a, b, max), want);
	}
	memset(long_a, 'a', 999);
	memset(long_b, 'b', 999);
	assert_int_equal(zync_edit_distance(long_a, long_b, 2000), 999);
	assert_int_equal(zync_edit_distance(long_a, long_b, 7), 8);
	/* Without memory for words that long the answer is "far". */
	fault_arm(FAULT_ALLOC, 1, ENOMEM);
	assert_int_equal(zync_edit_distance(long_a, long_b, 2000), 1000);
	assert_true(fault_fired(FAULT_ALLOC));
	fault_reset();
}

static void str_shell_words(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
		{"core-sw1.example.net", "core-sw1.example.net"},
		{"device:17", "device:17"},
		{"Zabbix server", "'Zabbix server'"},
		{"it's", "'it'\\''s'"},
		{"", "''"},
		{"-v", "'-v'"},
		{"$(reboot)", "'$(reboot)'"},
		{"Straße", "'Straße'"},
	};
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++)
		assert_string_equal(zync_str_shell_word(arena, cases[i].text), cases[i].word);
}

static void str_nearest(void **state ZYNC_UNUSED)
{
	static const char *const words[] = {"host_groups", "templates", "interfaces", "tags", "tag", "token", "token_file"};
	static const struct {
		const char *word, *nearest;
	} cases[] = {
		{"tgas", "tags"},
		{"host_group", "host_groups"},
		{"hostgroups", "host_groups"},
		{"tmeplates", "templates"},
		{"tags", "tags"},
		{"tagz", "tags"},
		{"taf", "tag"},
		{"x", NULL},
		{"", NULL},
		{"zzzzzzzzz", NULL},
		{"tokne", "token"},
		{"tokenfile", "token_file"},
		{"interfface", "interfaces"},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const char *nearest = zync_nearest(cases[i].word, words, ZYNC_ARRAY_LEN(words));

		if (!zync_str_eq(nearest, cases[i].nearest))
			fail_msg("\"%s\": %s", cases[i].word, nearest ? nearest : "none");
	}
	assert_null(zync_nearest("tags", NULL, 0));
}

TEST_GROUP(test_str, cmocka_unit_test(str_compares), cmocka_unit_test(str_numbers), cmocka_unit_test(str_globs),
	   cmocka_unit_test(str_glob_is_quick), cmocka_unit_test(str_distances), cmocka_unit_test(str_nearest),
	   cmocka_unit_test(str_shell_words));
