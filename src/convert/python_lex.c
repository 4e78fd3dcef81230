/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/python_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const lex_operators[] = {"**=", "//=", "<<=", ">>=", "...", "==", "!=", "<=", ">=", "->", ":=", "+=",
					    "-=",  "*=",  "/=",	 "%=",	"&=",  "|=", "^=", "@=", "**", "//", "<<", ">>"};

enum zync_status py_error(const struct py_lexer *lex, struct py_pos pos, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return zync_err_set(lex->err, ZYNC_ERR_INVALID, "%s:%u:%u: %s", lex->name, pos.line, pos.column, text);
}

enum zync_status py_nomem(const struct py_lexer *lex)
{
	return zync_err_nomem(lex->err, "reading a Python file");
}

/* Counted on from the last place, so that a file of one long line costs no more than another. */
struct py_pos py_here(struct py_lexer *lex, const char *at)
{
	if (lex->counted == NULL || lex->counted < lex->line_start || at < lex->counted) {
		lex->counted = lex->line_start;
		lex->column = 1;
	}
	for (; lex->counted < at; lex->counted++)
		lex->column += ((unsigned char)*lex->counted & 0xc0) != 0x80 ? 1 : 0;
	return (struct py_pos){.line = lex->line, .column = lex->column};
}

static bool lex_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letters of any script count: which of them Python allows matters to nobody here. */
static bool lex_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || lex_is_digit(c) || ((unsigned char)c & 0x80) != 0;
}

static size_t lex_left(const struct py_lexer *lex)
{
	return (size_t)(lex->end - lex->at);
}

/* Length of the end of a line at @p at, 0: there is none. */
static size_t lex_newline(const struct py_lexer *lex, const char *at)
{
	if (at >= lex->end || (*at != '\n' && *at != '\r'))
		return 0;
	return at[0] == '\r' && at + 1 < lex->end && at[1] == '\n' ? 2 : 1;
}

static void lex_take_line(struct py_lexer *lex, size_t len)
{
	lex->at += len;
	lex->line++;
	lex->line_start = lex->at;
}

/* Spaces, comments and joined lines; *ret_indented when a line begins with white space. */
static enum zync_status lex_skip(struct py_lexer *lex, bool *ret_indented)
{
	*ret_indented = false;
	while (lex->at < lex->end) {
		char c = *lex->at;

		if (c == ' ' || c == '\t' || c == '\f') {
			*ret_indented = *ret_indented || (lex->fresh && c != '\f');
			lex->at++;
		} else if (c == '#') {
			while (lex->at < lex->end && lex_newline(lex, lex->at) == 0)
				lex->at++;
		} else if (c == '\\') {
			size_t len = lex_newline(lex, lex->at + 1);

			if (len == 0)
				return py_error(lex, py_here(lex, lex->at), "a backslash must be the last character of its line");
			lex->at++;
			lex_take_line(lex, len);
		} else if (lex->depth > 0 && lex_newline(lex, lex->at) > 0) {
			lex_take_line(lex, lex_newline(lex, lex->at));
		} else {
			break;
		}
	}
	return ZYNC_OK;
}

/* Does a string begin here? *ret_prefix is the length of what stands before its quotes. */
static bool lex_string_begins(const struct py_lexer *lex, struct py_token *token, size_t *ret_prefix)
{
	size_t len = 0;

	for (; len < 3 && len < lex_left(lex); len++) {
		char c = lex->at[len];

		if (c == '\'' || c == '"') {
			*ret_prefix = len;
			return true;
		}
		if (len == 2 || strchr("rRbBuUfFtT", c) == NULL)
			return false;
		token->raw = token->raw || c == 'r' || c == 'R';
		token->bytes = token->bytes || c == 'b' || c == 'B';
		token->formatted = token->formatted || strchr("fFtT", c) != NULL;
	}
	return false;
}

static bool lex_at_quotes(const struct py_lexer *lex, char quote, size_t count)
{
	if (lex_left(lex) < count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (lex->at[i] != quote)
			return false;
	return true;
}

static enum zync_status lex_string(struct py_lexer *lex, size_t prefix, struct py_token *token)
{
	char quote = lex->at[prefix];
	size_t quotes;

	token->kind = PY_T_STRING;
	lex->at += prefix;
	quotes = lex_at_quotes(lex, quote, 3) ? 3 : 1;
	lex->at += quotes;
	token->text = lex->at;
	while (!lex_at_quotes(lex, quote, quotes)) {
		size_t newline;

		if (lex->at >= lex->end)
			return py_error(lex, token->pos, "this text in quotes has no end");
		if (*lex->at == '\\' && lex->at + 1 < lex->end) {
			lex->at++;
			newline = lex_newline(lex, lex->at);
			if (newline > 0)
				lex_take_line(lex, newline);
			else
				lex->at++;
			continue;
		}
		newline = lex_newline(lex, lex->at);
		if (newline > 0 && quotes == 1)
			return py_error(lex, token->pos, "this text in quotes has no end in its line");
		if (newline > 0)
			lex_take_line(lex, newline);
		else
			lex->at++;
	}
	token->len = (size_t)(lex->at - token->text);
	lex->at += quotes;
	return ZYNC_OK;
}

static void lex_word(struct py_lexer *lex, struct py_token *token)
{
	bool number = lex_is_digit(*lex->at) || *lex->at == '.';

	token->kind = number ? PY_T_NUMBER : PY_T_NAME;
	token->text = lex->at;
	while (lex->at < lex->end) {
		bool exponent = number && (*lex->at == 'e' || *lex->at == 'E') && !(token->len > 1 && (token->text[1] | 0x20) == 'x');

		if (!lex_is_name(*lex->at) && !(number && *lex->at == '.'))
			break;
		lex->at++;
		if (exponent && lex->at < lex->end && (*lex->at == '-' || *lex->at == '+'))
			lex->at++;
		token->len = (size_t)(lex->at - token->text);
	}
}

static enum zync_status lex_operator(struct py_lexer *lex, struct py_token *token)
{
	static const char singles[] = "()[]{}:,;=.+-*/%&|^~<>@!";

	token->kind = PY_T_OP;
	token->text = lex->at;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(lex_operators) && token->len == 0; i++) {
		size_t len = strlen(lex_operators[i]);

		if (lex_left(lex) >= len && memcmp(lex->at, lex_operators[i], len) == 0)
			token->len = len;
	}
	if (token->len == 0 && strchr(singles, *lex->at) == NULL)
		return py_error(lex, token->pos, "\"%c\" has no meaning in Python here", *lex->at > ' ' && *lex->at < 127 ? *lex->at : '?');
	token->len = ZYNC_MAX(token->len, (size_t)1);
	if (token->len == 1 && strchr("([{", *lex->at) != NULL)
		lex->depth++;
	else if (token->len == 1 && strchr(")]}", *lex->at) != NULL && lex->depth == 0)
		return py_error(lex, token->pos, "\"%c\" has no counterpart", *lex->at);
	else if (token->len == 1 && strchr(")]}", *lex->at) != NULL)
		lex->depth--;
	lex->at += token->len;
	return ZYNC_OK;
}

enum zync_status py_lex(struct py_lexer *lex, struct py_token *ret)
{
	struct py_token token = {.kind = PY_T_END};
	size_t prefix = 0;
	bool indented = false;

	ZYNC_TRY(lex_skip(lex, &indented));
	token.pos = py_here(lex, lex->at);
	token.indented = indented;
	if (lex->at >= lex->end) {
		if (lex->depth > 0)
			return py_error(lex, token.pos, "the file ends inside brackets");
	} else if (lex_newline(lex, lex->at) > 0) {
		token.kind = PY_T_NEWLINE;
		lex_take_line(lex, lex_newline(lex, lex->at));
	} else if (lex_string_begins(lex, &token, &prefix)) {
		ZYNC_TRY(lex_string(lex, prefix, &token));
	} else if (lex_is_name(*lex->at) || (*lex->at == '.' && lex_left(lex) > 1 && lex_is_digit(lex->at[1]))) {
		token.raw = token.bytes = token.formatted = false;
		lex_word(lex, &token);
	} else {
		ZYNC_TRY(lex_operator(lex, &token));
	}
	lex->fresh = token.kind == PY_T_NEWLINE;
	*ret = token;
	return ZYNC_OK;
}
