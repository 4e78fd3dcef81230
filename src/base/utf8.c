/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/str.h"
#include "base/str_priv.h"

static bool utf8_is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t zync_utf8_seq(const char *s, size_t len, uint32_t *ret_cp)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first;
	uint32_t cp;
	size_t n;

	if (len == 0)
		return 0;
	first = (unsigned char)s[0];
	if (first < 0x80) {
		if (ret_cp)
			*ret_cp = first;
		return 1;
	}
	if (first < 0xc2 || first > 0xf4)
		return 0;
	n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (len < n)
		return 0;
	cp = first & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (!utf8_is_tail(s[i]))
			return 0;
		cp = cp << 6 | ((unsigned char)s[i] & 0x3fu);
	}
	if (cp < smallest[n] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	if (ret_cp)
		*ret_cp = cp;
	return n;
}

void zync_utf8_mend(char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = zync_utf8_seq(s + i, len - i, NULL);

		if (n == 0) {
			s[i] = '?';
			n = 1;
		}
		i += n;
	}
}

size_t zync_utf8_cut(const char *s, size_t len)
{
	/* Back to the first byte of the last character, at most three bytes: bad UTF-8 must not cost more. */
	for (size_t back = 0; back < 4 && back < len; back++) {
		size_t start = len - 1 - back;
		unsigned char c = (unsigned char)s[start];

		if (utf8_is_tail(s[start]))
			continue;
		if (c >= 0xc2 && (size_t)(c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4) > back + 1)
			return start;
		break;
	}
	return len;
}

bool zync_utf8_valid(const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = s[i] == '\0' ? 0 : zync_utf8_seq(s + i, len - i, NULL);

		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

size_t zync_utf8_len(const char *s)
{
	size_t chars = 0;

	for (; *s != '\0'; s++)
		chars += !utf8_is_tail(*s);
	return chars;
}

size_t zync_utf8_prefix(const char *s, size_t max_chars)
{
	size_t i, chars = 0;

	for (i = 0; s[i] != '\0'; i++) {
		if (utf8_is_tail(s[i]))
			continue;
		if (chars == max_chars)
			break;
		chars++;
	}
	return i;
}

/*
 * Upper-case letters and how far their lower-case partners are, from the simple case mappings of the Unicode
 * Character Database (UnicodeData.txt, version 15). Step 2: every second code point from the first on.
 */
static const struct utf8_range {
	uint16_t first, last;
	uint8_t step;
	int16_t to_lower;
} utf8_ranges[] = {
	/* ASCII and Latin-1 */
	{0x0041, 0x005a, 1, 32},
	{0x00c0, 0x00d6, 1, 32},
	{0x00d8, 0x00de, 1, 32},
	/* Latin Extended-A */
	{0x0100, 0x012e, 2, 1},
	{0x0132, 0x0136, 2, 1},
	{0x0139, 0x0147, 2, 1},
	{0x014a, 0x0176, 2, 1},
	{0x0178, 0x0178, 1, -121},
	{0x0179, 0x017d, 2, 1},
	/* Greek */
	{0x0370, 0x0372, 2, 1},
	{0x0376, 0x0376, 1, 1},
	{0x037f, 0x037f, 1, 116},
	{0x0386, 0x0386, 1, 38},
	{0x0388, 0x038a, 1, 37},
	{0x038c, 0x038c, 1, 64},
	{0x038e, 0x038f, 1, 63},
	{0x0391, 0x03a1, 1, 32},
	{0x03a3, 0x03ab, 1, 32},
	{0x03cf, 0x03cf, 1, 8},
	{0x03d8, 0x03ee, 2, 1},
	{0x03f7, 0x03f7, 1, 1},
	{0x03f9, 0x03f9, 1, -7},
	{0x03fa, 0x03fa, 1, 1},
	{0x03fd, 0x03ff, 1, -130},
	/* Cyrillic */
	{0x0400, 0x040f, 1, 80},
	{0x0410, 0x042f, 1, 32},
	{0x0460, 0x0480, 2, 1},
	{0x048a, 0x04be, 2, 1},
	{0x04c0, 0x04c0, 1, 15},
	{0x04c1, 0x04cd, 2, 1},
	{0x04d0, 0x052e, 2, 1},
};

/* Letters whose partner does not lead back. */
static const struct utf8_one_way {
	uint16_t from, to;
} utf8_only_lower[] = {{0x0130, 'i'}, {0x03f4, 0x03b8}},
  utf8_only_upper[] = {{0x00b5, 0x039c}, {0x0131, 'I'},	   {0x017f, 'S'},    {0x03c2, 0x03a3}, {0x03d0, 0x0392}, {0x03d1, 0x0398},
		       {0x03d5, 0x03a6}, {0x03d6, 0x03a0}, {0x03f0, 0x039a}, {0x03f1, 0x03a1}, {0x03f5, 0x0395}};

static uint32_t utf8_one_way(const struct utf8_one_way *table, size_t count, uint32_t cp)
{
	for (size_t i = 0; i < count; i++) {
		if (table[i].from == cp)
			return table[i].to;
	}
	return cp;
}

static uint32_t utf8_cp_lower(uint32_t cp)
{
	if (cp < 0x80) /* the most */
		return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(utf8_ranges); i++) {
		const struct utf8_range *r = &utf8_ranges[i];

		if (cp >= r->first && cp <= r->last && (cp - r->first) % r->step == 0)
			return (uint32_t)((int32_t)cp + r->to_lower);
	}
	return utf8_one_way(utf8_only_lower, ZYNC_ARRAY_LEN(utf8_only_lower), cp);
}

static uint32_t utf8_cp_upper(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'a' && cp <= 'z' ? cp - 32 : cp;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(utf8_ranges); i++) {
		const struct utf8_range *r = &utf8_ranges[i];
		int32_t up = (int32_t)cp - r->to_lower;

		if (up >= r->first && up <= r->last && (up - r->first) % r->step == 0)
			return (uint32_t)up;
	}
	return utf8_one_way(utf8_only_upper, ZYNC_ARRAY_LEN(utf8_only_upper), cp);
}

/* No mapping of the ranges makes a character longer, so that the copy fits the length of @p s. */
static char *utf8_map(struct zync_arena *arena, const char *s, uint32_t (*map)(uint32_t cp))
{
	size_t len = strlen(s), out = 0;
	char *copy = zync_arena_alloc(arena, len + 1);

	if (!copy)
		return NULL;
	for (size_t i = 0; i < len;) {
		uint32_t cp = 0;
		size_t n = zync_utf8_seq(s + i, len - i, &cp);

		if (n == 1 || n == 2)
			cp = map(cp);
		if (n == 1 || (n == 2 && cp < 0x80)) {
			copy[out++] = (char)cp;
		} else if (n == 2) {
			copy[out++] = (char)(0xc0 | cp >> 6);
			copy[out++] = (char)(0x80 | (cp & 0x3f));
		} else {
			n = n > 0 ? n : 1;
			memcpy(copy + out, s + i, n);
			out += n;
		}
		i += n;
	}
	copy[out] = '\0';
	return copy;
}

char *zync_utf8_lower(struct zync_arena *arena, const char *s)
{
	return utf8_map(arena, s, utf8_cp_lower);
}

char *zync_utf8_upper(struct zync_arena *arena, const char *s)
{
	return utf8_map(arena, s, utf8_cp_upper);
}
