/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/str.h"
#include "base_test.h"

static void utf8_validity(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *text;
		size_t len;
		bool valid;
	} cases[] = {
		{"", 0, true},
		{"plain", 5, true},
		{"a\0b", 3, false},
		{"\xc2\x80", 2, true},
		{"\xdf\xbf", 2, true},
		{"\xe0\xa0\x80", 3, true},
		{"\xef\xbf\xbf", 3, true},
		{"\xed\x9f\xbf", 3, true},
		{"\xee\x80\x80", 3, true},
		{"\xf0\x90\x80\x80", 4, true},
		{"\xf4\x8f\xbf\xbf", 4, true},
		{"\x80", 1, false},
		{"\xbf", 1, false},
		{"\xc0\x80", 2, false},
		{"\xc1\xbf", 2, false},
		{"\xe0\x9f\xbf", 3, false},
		{"\xf0\x8f\xbf\xbf", 4, false},
		{"\xed\xa0\x80", 3, false},
		{"\xed\xbf\xbf", 3, false},
		{"\xf4\x90\x80\x80", 4, false},
		{"\xf5\x80\x80\x80", 4, false},
		{"\xff", 1, false},
		{"\xc3", 1, false},
		{"\xe2\x82", 2, false},
		{"\xf0\x9f\x98", 3, false},
		{"\xc3z", 2, false},
		{"\xe2\x82z", 3, false},
		{"\xe2z\x82", 3, false},
		{"ok\xc3\xa4", 4, true},
		{"ok\xc3\xa4", 3, false},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		if (zync_utf8_valid(cases[i].text, cases[i].len) != cases[i].valid)
			fail_msg("case %zu", i);
	}
}

static void utf8_lengths(void **state ZYNC_UNUSED)
{
	const char *text = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z"; /* 1, 2, 3, 4, 1 bytes */
	static const size_t prefix[] = {0, 1, 3, 6, 10, 11, 11};

	assert_int_equal(zync_utf8_len(""), 0);
	assert_int_equal(zync_utf8_len(text), 5);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(prefix); i++)
		assert_int_equal(zync_utf8_prefix(text, i), prefix[i]);
	assert_int_equal(zync_utf8_prefix("", 3), 0);
}

static void utf8_cases(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *text, *lower, *upper;
	} cases[] = {
		{"", "", ""},
		{"Core-SW1 [x]@`{", "core-sw1 [x]@`{", "CORE-SW1 [X]@`{"},
		{"\xc3\x84\xc3\x96\xc3\x9c \xc3\xa4\xc3\xb6\xc3\xbc \xc3\x9f", "\xc3\xa4\xc3\xb6\xc3\xbc \xc3\xa4\xc3\xb6\xc3\xbc \xc3\x9f",
		 "\xc3\x84\xc3\x96\xc3\x9c \xc3\x84\xc3\x96\xc3\x9c \xc3\x9f"},			      /* ÄÖÜ äöü ß */
		{"\xc3\x97\xc3\xb7", "\xc3\x97\xc3\xb7", "\xc3\x97\xc3\xb7"},			      /* × ÷ are no letters */
		{"\xc3\xbf", "\xc3\xbf", "\xc5\xb8"},						      /* ÿ Ÿ */
		{"\xc5\xb8", "\xc3\xbf", "\xc5\xb8"},						      /* Ÿ ÿ */
		{"\xc4\x8c\xc4\x8d", "\xc4\x8d\xc4\x8d", "\xc4\x8c\xc4\x8c"},			      /* Č č */
		{"\xc5\x81\xc5\x82", "\xc5\x82\xc5\x82", "\xc5\x81\xc5\x81"},			      /* Ł ł */
		{"\xc5\xbd\xc5\xbe", "\xc5\xbe\xc5\xbe", "\xc5\xbd\xc5\xbd"},			      /* Ž ž */
		{"\xc4\xb8\xc5\x89", "\xc4\xb8\xc5\x89", "\xc4\xb8\xc5\x89"},			      /* ĸ ŉ have no partner */
		{"\xc4\xb0\xc4\xb1\xc5\xbf", "i\xc4\xb1\xc5\xbf", "\xc4\xb0IS"},		      /* İ ı ſ */
		{"\xc2\xb5", "\xc2\xb5", "\xce\x9c"},						      /* µ */
		{"\xce\x86\xce\x8c\xce\xa9", "\xce\xac\xcf\x8c\xcf\x89", "\xce\x86\xce\x8c\xce\xa9"}, /* Ά Ό Ω */
		{"\xcf\x83\xcf\x82", "\xcf\x83\xcf\x82", "\xce\xa3\xce\xa3"},			      /* σ ς */
		{"\xd0\x81\xd0\x96\xd1\x8f", "\xd1\x91\xd0\xb6\xd1\x8f", "\xd0\x81\xd0\x96\xd0\xaf"}, /* Ё Ж я */
		{"\xd2\x90\xd2\x91", "\xd2\x91\xd2\x91", "\xd2\x90\xd2\x90"},			      /* Ґ ґ */
		{"\xe2\x82\xac\xf0\x9f\x98\x80\xff\xc3", "\xe2\x82\xac\xf0\x9f\x98\x80\xff\xc3", "\xe2\x82\xac\xf0\x9f\x98\x80\xff\xc3"},
	};
	ZYNC_AUTO_ARENA arena = test_arena();

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		assert_string_equal(zync_utf8_lower(arena, cases[i].text), cases[i].lower);
		assert_string_equal(zync_utf8_upper(arena, cases[i].text), cases[i].upper);
	}
}

/* For every code point of two bytes: mapping twice changes nothing more, and nothing but letters of the ranges moves. */
static void utf8_case_properties(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	size_t lowered = 0, raised = 0;

	for (unsigned cp = 0x80; cp < 0x800; cp++) {
		char text[3] = {(char)(0xc0 | cp >> 6), (char)(0x80 | (cp & 0x3f)), '\0'};
		const char *lower = zync_utf8_lower(arena, text), *upper = zync_utf8_upper(arena, text);

		assert_true(zync_utf8_valid(lower, strlen(lower)) && zync_utf8_valid(upper, strlen(upper)));
		assert_string_equal(zync_utf8_lower(arena, lower), lower);
		assert_string_equal(zync_utf8_upper(arena, upper), upper);
		lowered += strcmp(lower, text) != 0;
		raised += strcmp(upper, text) != 0;
		if ((cp >= 0x180 && cp < 0x370) || cp >= 0x530)
			assert_true(strcmp(lower, text) == 0 && strcmp(upper, text) == 0);
	}
	/* Counted with an independent implementation of the Unicode Character Database over the same blocks. */
	assert_int_equal(lowered, 298);
	assert_int_equal(raised, 307);
}

TEST_GROUP(test_utf8, cmocka_unit_test(utf8_validity), cmocka_unit_test(utf8_lengths), cmocka_unit_test(utf8_cases),
	   cmocka_unit_test(utf8_case_properties));
