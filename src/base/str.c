/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str_priv.h"

bool zync_str_eq(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

int zync_str_cmp(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* Not tolower(): that follows the locale of the process. */
static char str_fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool zync_str_eq_nocase(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	while (*a != '\0' && str_fold(*a) == str_fold(*b)) {
		a++;
		b++;
	}
	return str_fold(*a) == str_fold(*b);
}

bool zync_str_empty(const char *s)
{
	return !s || *s == '\0';
}

bool zync_str_starts(const char *s, const char *prefix)
{
	return s && prefix && strncmp(s, prefix, strlen(prefix)) == 0;
}

bool zync_str_ends(const char *s, const char *suffix)
{
	size_t len, suffix_len;

	if (!s || !suffix)
		return false;
	len = strlen(s);
	suffix_len = strlen(suffix);
	return len >= suffix_len && memcmp(s + len - suffix_len, suffix, suffix_len) == 0;
}

bool zync_str_to_u64(const char *s, uint64_t *ret)
{
	uint64_t n = 0;

	if (zync_str_empty(s))
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) || __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
			return false;
	}
	*ret = n;
	return true;
}

bool zync_str_to_i64(const char *s, int64_t *ret)
{
	bool negative = s && *s == '-';
	uint64_t n;

	if (!zync_str_to_u64(negative ? s + 1 : s, &n))
		return false;
	if (n > (uint64_t)INT64_MAX + negative)
		return false;
	/* In two steps: -INT64_MIN does not exist. */
	*ret = negative ? (n > 0 ? -(int64_t)(n - 1) - 1 : 0) : (int64_t)n;
	return true;
}

/* Bytes of the character at @p s; a byte that is not UTF-8 counts as one. */
static size_t str_char_len(const char *s, const char *end)
{
	size_t n = zync_utf8_seq(s, (size_t)(end - s), NULL);

	return n > 0 ? n : 1;
}

/*
 * Match one element of the pattern other than a star at @p p against the character at @p s; false when it does not fit.
 * On success both are moved on.
 */
static bool glob_one(const char **p, const char **s, const char *end, bool nocase)
{
	const char *pattern = *p;

	if (*pattern == '?') {
		*s += str_char_len(*s, end);
		*p += 1;
		return true;
	}
	if (*pattern == '\\' && pattern[1] != '\0')
		pattern++;
	if (*pattern != **s && !(nocase && str_fold(*pattern) == str_fold(**s)))
		return false;
	*p = pattern + 1;
	*s += 1;
	return true;
}

bool zync_glob_match(const char *pattern, const char *s, bool nocase)
{
	const char *end, *star = NULL, *retry = NULL;

	if (!pattern || !s)
		return false;
	end = s + strlen(s);
	for (;;) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = s;
			continue;
		}
		if (s == end)
			return *pattern == '\0';
		if (*pattern != '\0' && glob_one(&pattern, &s, end, nocase))
			continue;
		/* Only the last star need take one character more: what stood before it has matched as early as it could. */
		if (!star)
			return false;
		retry += str_char_len(retry, end);
		s = retry;
		pattern = star;
	}
}

/* The two rows of the table of Wagner and Fischer, kept to the band of width max around its diagonal. */
static size_t str_distance_rows(const char *a, size_t a_len, const char *b, size_t b_len, size_t max, size_t *row)
{
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t from = i > max ? i - max : 1, to = ZYNC_MIN(b_len, i + max);
		size_t diagonal = row[from - 1], best = max + 1;

		row[from - 1] = from == 1 ? i : max + 1;
		best = ZYNC_MIN(best, row[from - 1]);
		for (size_t j = from; j <= to; j++) {
			/* Right of the last row's band nothing was computed: it is beyond max. */
			size_t above = j == i + max ? max + 1 : row[j];
			size_t cost = diagonal + (a[i - 1] != b[j - 1]);

			cost = ZYNC_MIN(cost, above + 1);
			cost = ZYNC_MIN(cost, row[j - 1] + 1);
			diagonal = row[j];
			row[j] = ZYNC_MIN(cost, max + 1);
			best = ZYNC_MIN(best, row[j]);
		}
		if (best > max)
			return max + 1;
	}
	return row[b_len];
}

size_t zync_edit_distance(const char *a, const char *b, size_t max)
{
	size_t a_len = strlen(a), b_len = strlen(b), small[128], *row = small, distance, longest;

	while (a_len > 0 && b_len > 0 && a[a_len - 1] == b[b_len - 1]) {
		a_len--;
		b_len--;
	}
	while (a_len > 0 && b_len > 0 && *a == *b) {
		a++;
		b++;
		a_len--;
		b_len--;
	}
	longest = ZYNC_MAX(a_len, b_len);
	/* A bound above the longest possible distance changes nothing and would only overflow sums. */
	max = ZYNC_MIN(max, longest);
	if (longest - ZYNC_MIN(a_len, b_len) > max)
		return max + 1;
	if (b_len + 1 > ZYNC_ARRAY_LEN(small)) {
		row = zync_calloc(b_len + 1, sizeof(*row));
		/* Without memory the words count as far apart: the answer is a hint for people and nothing rests on it. */
		if (!row)
			return max + 1;
	}
	distance = str_distance_rows(a, a_len, b, b_len, max, row);
	if (row != small)
		zync_free(row);
	return distance;
}

/* Two neighbouring letters changed places: to a person who types that is one slip, not two. */
static bool str_swapped(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return a[0] != '\0' && a[1] != '\0' && b[0] != '\0' && a[0] == b[1] && a[1] == b[0] && strcmp(a + 2, b + 2) == 0;
}

char *zync_str_shell_word(struct zync_arena *arena, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/@";
	size_t quotes = 0;
	char *word, *out;

	if (*s != '\0' && *s != '-' && strspn(s, plain) == strlen(s))
		return zync_arena_strdup(arena, s);
	for (const char *c = s; *c != '\0'; c++)
		quotes += *c == '\'';
	/* A quote inside ends the quoted part, stands escaped, and begins the next: '\'' */
	word = zync_arena_alloc(arena, strlen(s) + quotes * 3 + 3);
	if (word == NULL)
		return NULL;
	out = word;
	*out++ = '\'';
	for (const char *c = s; *c != '\0'; c++) {
		if (*c == '\'') {
			memcpy(out, "'\\''", 4);
			out += 4;
		} else {
			*out++ = *c;
		}
	}
	*out++ = '\'';
	*out = '\0';
	return word;
}

const char *zync_nearest(const char *word, const char *const *candidates, size_t count)
{
	size_t best = strlen(word) / 3;
	const char *nearest = NULL;

	best = ZYNC_MIN(ZYNC_MAX(best, 1), 3);
	for (size_t i = 0; i < count; i++) {
		size_t distance = str_swapped(word, candidates[i]) ? 1 : zync_edit_distance(word, candidates[i], best);

		if (distance > best)
			continue;
		if (distance == 0)
			return candidates[i];
		nearest = candidates[i];
		best = distance - 1; /* of equals the first stays */
	}
	return nearest;
}
