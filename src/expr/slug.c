/* SPDX-License-Identifier: Apache-2.0 */
#include "expr/expr_priv.h"

#include <string.h>

/* Latin letters with marks and their plain letters (Unicode Latin-1 and Latin Extended-A); in order. */
static const struct {
	unsigned short first, last;
	char plain[3];
} slug_letters[] = {
	{0x00C0, 0x00C5, "a"}, {0x00C6, 0x00C6, "ae"}, {0x00C7, 0x00C7, "c"},  {0x00C8, 0x00CB, "e"},  {0x00CC, 0x00CF, "i"},
	{0x00D0, 0x00D0, "d"}, {0x00D1, 0x00D1, "n"},  {0x00D2, 0x00D6, "o"},  {0x00D8, 0x00D8, "o"},  {0x00D9, 0x00DC, "u"},
	{0x00DD, 0x00DD, "y"}, {0x00DE, 0x00DE, "th"}, {0x00DF, 0x00DF, "ss"}, {0x00E0, 0x00E5, "a"},  {0x00E6, 0x00E6, "ae"},
	{0x00E7, 0x00E7, "c"}, {0x00E8, 0x00EB, "e"},  {0x00EC, 0x00EF, "i"},  {0x00F0, 0x00F0, "d"},  {0x00F1, 0x00F1, "n"},
	{0x00F2, 0x00F6, "o"}, {0x00F8, 0x00F8, "o"},  {0x00F9, 0x00FC, "u"},  {0x00FD, 0x00FD, "y"},  {0x00FE, 0x00FE, "th"},
	{0x00FF, 0x00FF, "y"}, {0x0100, 0x0105, "a"},  {0x0106, 0x010D, "c"},  {0x010E, 0x0111, "d"},  {0x0112, 0x011B, "e"},
	{0x011C, 0x0123, "g"}, {0x0124, 0x0127, "h"},  {0x0128, 0x0131, "i"},  {0x0132, 0x0133, "ij"}, {0x0134, 0x0135, "j"},
	{0x0136, 0x0138, "k"}, {0x0139, 0x0142, "l"},  {0x0143, 0x014B, "n"},  {0x014C, 0x0151, "o"},  {0x0152, 0x0153, "oe"},
	{0x0154, 0x0159, "r"}, {0x015A, 0x0161, "s"},  {0x0162, 0x0167, "t"},  {0x0168, 0x0173, "u"},  {0x0174, 0x0175, "w"},
	{0x0176, 0x0178, "y"}, {0x0179, 0x017E, "z"},  {0x017F, 0x017F, "s"},
};

static const char *slug_plain(unsigned code)
{
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(slug_letters); i++)
		if (code >= slug_letters[i].first && code <= slug_letters[i].last)
			return slug_letters[i].plain;
	return "";
}

/* The letters that stand for the character at *s in a slug, "" for a separator; moves *s on. */
static const char *slug_next(const unsigned char **s, char single[2])
{
	unsigned char c = **s;

	(*s)++;
	if (c < 0x80) {
		bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';

		single[0] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : keep ? c : 0);
		single[1] = '\0';
		return single;
	}
	/* The letters of the table are two bytes long in UTF-8; of longer characters each byte is a separator. */
	if (c >= 0xC3 && c <= 0xC5 && (**s & 0xC0) == 0x80)
		return slug_plain((unsigned)(c & 0x1F) << 6 | (unsigned)(*(*s)++ & 0x3F));
	return "";
}

char *expr_slug(struct zync_arena *arena, const char *text)
{
	char *out = zync_arena_alloc(arena, strlen(text) + 1); /* no character has a plain form longer than itself */
	size_t len = 0;
	bool gap = false;

	if (out == NULL)
		return NULL;
	for (const unsigned char *s = (const unsigned char *)text; *s != '\0';) {
		char single[2];
		const char *plain = slug_next(&s, single);

		if (*plain == '\0') {
			gap = true;
			continue;
		}
		if (gap && len > 0)
			out[len++] = '-';
		gap = false;
		while (*plain != '\0')
			out[len++] = *plain++;
	}
	out[len] = '\0';
	return out;
}
