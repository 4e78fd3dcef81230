/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file python_priv.h
 * Tokens of a Python file, for the files python*.c only.
 */
#ifndef ZYNC_CONVERT_PYTHON_PRIV_H
#define ZYNC_CONVERT_PYTHON_PRIV_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/limits.h"
#include "convert/python.h"

enum py_token_kind { PY_T_END = 0, PY_T_NEWLINE, PY_T_NAME, PY_T_NUMBER, PY_T_STRING, PY_T_OP };

struct py_token {
	enum py_token_kind kind;
	struct py_pos pos;
	bool indented; /* the first of a line that begins with white space, outside brackets */
	/* NAME, NUMBER, OP: a part of the file. STRING: what stands between the quotes. */
	const char *text;
	size_t len;
	bool formatted; /* an f-string or a template string */
	bool raw, bytes;
};

/* Where reading stands; a copy looks ahead. */
struct py_lexer {
	struct zync_arena *arena;
	const char *name;
	const char *at, *end;
	const char *line_start;
	const char *counted; /* up to here the columns of the line are counted; NULL: nothing yet */
	unsigned column;     /* of `counted` */
	unsigned line;
	unsigned depth; /* of brackets: lines do not end inside */
	bool fresh;	/* at the begin of a line */
	struct zync_err *err;
};

/* A parser: the token that comes next, and what was collected. */
struct py_parser {
	struct py_lexer lex;
	struct py_token token;
	struct py_module *module;
	unsigned nesting;
	size_t values;
};

/* The error of a place in the file. */
enum zync_status py_error(const struct py_lexer *lex, struct py_pos pos, const char *fmt, ...) ZYNC_PRINTF(3, 4);
enum zync_status py_nomem(const struct py_lexer *lex);
struct py_pos py_here(struct py_lexer *lex, const char *at);

/* The next token. */
enum zync_status py_lex(struct py_lexer *lex, struct py_token *ret) ZYNC_MUST_CHECK;
/* The text of a string, escapes resolved, added to @p out. */
enum zync_status py_unescape(const struct py_lexer *lex, const struct py_token *token, struct zync_buf *out) ZYNC_MUST_CHECK;

enum zync_status py_next(struct py_parser *p) ZYNC_MUST_CHECK;
bool py_is(const struct py_parser *p, const char *text);
bool py_ends_statement(const struct py_parser *p);
/* Is it one of Python's words that no variable may have? */
bool py_is_keyword(const struct py_token *token);
/* What stands behind an equals sign, tuples without parentheses included. */
enum zync_status py_expression(struct py_parser *p, struct py_value **ret) ZYNC_MUST_CHECK;
enum zync_status py_value_new(struct py_parser *p, enum py_kind kind, struct py_pos pos, struct py_value **ret) ZYNC_MUST_CHECK;

#endif
