/* SPDX-License-Identifier: Apache-2.0 */
#include "expr/expr_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

size_t expr_character(const char *source, size_t offset)
{
	size_t n = 1;

	for (size_t i = 0; i < offset && source[i] != '\0'; i++)
		if (((unsigned char)source[i] & 0xC0) != 0x80)
			n++;
	return n;
}

enum zync_status expr_syntax_error(const struct expr_lexer *lexer, size_t offset, const char *fmt, ...)
{
	char words[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	if (lexer->ret_offset != NULL)
		*lexer->ret_offset = offset;
	return zync_err_set(lexer->err, ZYNC_ERR_INVALID, "at character %zu: %s", expr_character(lexer->source, offset), words);
}

static bool lex_is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool lex_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static enum zync_status lex_name(struct expr_lexer *lexer, struct expr_token *ret)
{
	const char *s = lexer->source + lexer->pos;
	size_t len = 1;

	while (lex_is_name_start(s[len]) || lex_is_digit(s[len]) || s[len] == '-')
		len++;
	ret->kind = EXPR_TOKEN_NAME;
	ret->len = len;
	ret->text = zync_arena_strndup(lexer->arena, s, len);
	if (ret->text == NULL)
		return zync_err_nomem(lexer->err, "parsing a template");
	lexer->pos += len;
	return ZYNC_OK;
}

/* A whole number, or a decimal one where digits follow a full stop. */
static enum zync_status lex_number(struct expr_lexer *lexer, struct expr_token *ret)
{
	const char *s = lexer->source + lexer->pos;
	size_t sign = s[0] == '-' ? 1 : 0;
	size_t len = sign;
	char digits[24];

	while (lex_is_digit(s[len]))
		len++;
	if (len - sign >= sizeof(digits))
		return expr_syntax_error(lexer, lexer->pos, "the number is too large");
	ret->kind = EXPR_TOKEN_INTEGER;
	if (s[len] == '.' && lex_is_digit(s[len + 1])) {
		ret->kind = EXPR_TOKEN_DECIMAL;
		for (len++; lex_is_digit(s[len]);)
			len++;
		ret->text = zync_arena_strndup(lexer->arena, s, len);
		if (ret->text == NULL)
			return zync_err_nomem(lexer->err, "parsing a template");
	} else {
		memcpy(digits, s + sign, len - sign);
		digits[len - sign] = '\0';
		if (!zync_str_to_i64(digits, &ret->integer))
			return expr_syntax_error(lexer, lexer->pos, "the number is too large");
		if (sign != 0)
			ret->integer = -ret->integer;
	}
	ret->len = len;
	lexer->pos += len;
	return ZYNC_OK;
}

static char lex_escape(char c)
{
	switch (c) {
	case '\\':
	case '"':
	case '\'':
		return c;
	case 'n':
		return '\n';
	case 't':
		return '\t';
	default:
		return '\0';
	}
}

static enum zync_status lex_string(struct expr_lexer *lexer, struct expr_token *ret)
{
	const char *s = lexer->source + lexer->pos;
	char quote = s[0];
	size_t len = 1, out_len = 0;
	char *out;

	while (s[len] != quote && s[len] != '\0')
		len += s[len] == '\\' && s[len + 1] != '\0' ? 2 : 1;
	out = zync_arena_alloc(lexer->arena, len);
	if (out == NULL)
		return zync_err_nomem(lexer->err, "parsing a template");
	len = 1;
	while (s[len] != quote) {
		char c = s[len];

		if (c == '\0')
			return expr_syntax_error(lexer, lexer->pos, "the text that begins with %c is not closed", quote);
		if (c == '\\') {
			c = s[len + 1] == '\0' ? '\0' : lex_escape(s[len + 1]);
			if (c == '\0')
				return expr_syntax_error(lexer, lexer->pos + len,
							 "unknown escape; known are \\\\ \\\" \\' \\n and \\t, write \\\\ for a backslash");
			len++;
		}
		out[out_len++] = c;
		len++;
	}
	out[out_len] = '\0';
	ret->kind = EXPR_TOKEN_STRING;
	ret->text = out;
	ret->len = len + 1;
	lexer->pos += len + 1;
	return ZYNC_OK;
}

/* == != < <= > >= */
static bool lex_compare(const char *s, struct expr_token *ret)
{
	static const struct {
		char text[3];
		enum expr_compare compare;
	} table[] = {{"==", EXPR_EQ}, {"!=", EXPR_NE}, {"<=", EXPR_LE}, {">=", EXPR_GE}, {"<", EXPR_LT}, {">", EXPR_GT}};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(table); i++) {
		if (!zync_str_starts(s, table[i].text))
			continue;
		ret->kind = EXPR_TOKEN_COMPARE;
		ret->len = strlen(table[i].text);
		ret->compare = table[i].compare;
		return true;
	}
	return false;
}

static enum zync_status lex_unknown(const struct expr_lexer *lexer)
{
	const char *s = lexer->source + lexer->pos;
	const char *hint = "put texts between quotes";

	if (*s == '=')
		hint = "two values are compared with ==";
	else if (*s == '!')
		hint = "write not, or != between two values";
	else if (*s == '&')
		hint = "write and";
	return expr_syntax_error(lexer, lexer->pos, "\"%.*s\" has no meaning inside {{ }}; %s", (int)zync_utf8_prefix(s, 1), s, hint);
}

enum zync_status expr_lex(struct expr_lexer *lexer, struct expr_token *ret)
{
	const char *s = lexer->source + lexer->pos;

	while (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r')
		s++;
	lexer->pos = (size_t)(s - lexer->source);
	*ret = (struct expr_token){.offset = lexer->pos, .len = 1};
	if (*s == '\0') {
		ret->kind = EXPR_TOKEN_EOF;
		ret->len = 0;
		return ZYNC_OK;
	}
	if (lex_is_name_start(*s))
		return lex_name(lexer, ret);
	if (lex_is_digit(*s) || (*s == '-' && lex_is_digit(s[1])))
		return lex_number(lexer, ret);
	if (*s == '"' || *s == '\'')
		return lex_string(lexer, ret);
	if (s[0] == '}' && s[1] == '}') {
		ret->kind = EXPR_TOKEN_END;
		ret->len = 2;
	} else if (strchr(".[]()|,", *s) != NULL) {
		ret->kind = EXPR_TOKEN_PUNCT;
		ret->punct = *s;
	} else if (!lex_compare(s, ret)) {
		return lex_unknown(lexer);
	}
	lexer->pos += ret->len;
	return ZYNC_OK;
}
