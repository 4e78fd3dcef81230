/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes of Python's texts in quotes. */
#include "convert/python_priv.h"

#include <stdint.h>
#include <string.h>

/* A text in the making. */
struct unescape {
	const struct py_lexer *lex;
	const struct py_token *token;
	const char *at, *end;
	struct zync_buf *out;
};

static enum zync_status text_error(const struct unescape *u, const char *what)
{
	return py_error(u->lex, u->token->pos, "this text in quotes %s", what);
}

static enum zync_status text_add_point(const struct unescape *u, uint32_t point)
{
	char bytes[4];
	size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

	if (point == 0)
		return text_error(u, "holds a NUL character, which no setting can have");
	if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return text_error(u, "holds an escape that stands for no character");
	if (u->token->bytes && point > 0x7f)
		return text_error(u, "is of bytes and holds one beyond ASCII; write it as a text, without the b");
	if (len == 1) {
		zync_buf_addc(u->out, (char)point);
		return ZYNC_OK;
	}
	for (size_t i = len; i-- > 1; point >>= 6)
		bytes[i] = (char)(0x80 | (point & 0x3f));
	bytes[0] = (char)((0xf00u >> len & 0xf0u) | point);
	zync_buf_add(u->out, bytes, len);
	return ZYNC_OK;
}

static int text_digit(char c, unsigned base)
{
	int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : 99;

	return digit < (int)base ? digit : -1;
}

/* Up to @p max digits, at least @p min. */
static enum zync_status text_number(struct unescape *u, unsigned base, size_t min, size_t max)
{
	uint32_t point = 0;
	size_t count = 0;

	for (; count < max && u->at < u->end && text_digit(*u->at, base) >= 0; count++, u->at++)
		point = point * base + (uint32_t)text_digit(*u->at, base);
	if (count < min)
		return text_error(u, "holds an escape with too few digits");
	return text_add_point(u, point);
}

/* @p at stands behind the backslash. */
static enum zync_status text_escape(struct unescape *u)
{
	static const char letters[] = "\\'\"abfnrtv";
	static const char values[] = "\\'\"\a\b\f\n\r\t\v";
	const char *letter;
	char c = *u->at;

	if (c == '\r' || c == '\n') {
		u->at += c == '\r' && u->at + 1 < u->end && u->at[1] == '\n' ? 2 : 1;
		return ZYNC_OK;
	}
	if (c >= '0' && c <= '7')
		return text_number(u, 8, 1, 3);
	u->at++;
	letter = strchr(letters, c);
	if (letter != NULL) {
		zync_buf_addc(u->out, values[letter - letters]);
		return ZYNC_OK;
	}
	if (c == 'x')
		return text_number(u, 16, 2, 2);
	if (c == 'u' && !u->token->bytes)
		return text_number(u, 16, 4, 4);
	if (c == 'U' && !u->token->bytes)
		return text_number(u, 16, 8, 8);
	if (c == 'N' && !u->token->bytes)
		return text_error(u, "names a character by \\N{…}; write the character itself");
	/* What is no escape stays, backslash included. */
	zync_buf_addc(u->out, '\\');
	zync_buf_addc(u->out, c);
	return ZYNC_OK;
}

enum zync_status py_unescape(const struct py_lexer *lex, const struct py_token *token, struct zync_buf *out)
{
	struct unescape u = {.lex = lex, .token = token, .at = token->text, .end = token->text + token->len, .out = out};

	while (u.at < u.end) {
		char c = *u.at;

		if (c == '\\' && !token->raw && u.at + 1 < u.end) {
			u.at++;
			ZYNC_TRY(text_escape(&u));
			continue;
		}
		/* Python reads every end of a line as one character. */
		if (c == '\r') {
			c = '\n';
			u.at += u.at + 1 < u.end && u.at[1] == '\n' ? 1 : 0;
		}
		zync_buf_addc(out, c);
		u.at++;
	}
	return ZYNC_OK;
}
