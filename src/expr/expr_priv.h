/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file expr_priv.h
 * The syntax tree and the values of the template language, for the files of this part only.
 *
 * A template is a list of nodes (text, output). A new kind of statement is one more expr_node_kind with a branch in parse.c and eval.c;
 * a new kind of operand one more expr_operand_kind; a new filter one more row of the table in filters.c. Everything lives in the
 * arena that the template was compiled in; values of a rendering live in the arena of that rendering.
 */
#ifndef ZYNC_EXPR_EXPR_PRIV_H
#define ZYNC_EXPR_EXPR_PRIV_H

#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "expr/expr.h"

#define EXPR_MAX_DEPTH 32u /* parentheses and filter arguments inside each other */
#define EXPR_MAX_ARGS  2u  /* arguments of one filter */
/* Bytes that all filters of one rendering may produce together: intermediate texts are no part of the output's own bound. */
#define EXPR_MAX_WORK (16u * (size_t)ZYNC_LIMIT_TEMPLATE_OUTPUT)

/* What an expression yields. */
enum expr_value_kind { EXPR_UNDEFINED = 0, EXPR_JSON, EXPR_TEXT, EXPR_INTEGER };
struct expr_value {
	enum expr_value_kind kind;
	const struct zync_jval *json; /* EXPR_JSON: never null */
	const char *text;	      /* EXPR_TEXT */
	int64_t integer;	      /* EXPR_INTEGER */
};

/* One step of a path: .name, ["name"] or [index]. */
struct expr_step {
	const char *name; /* NULL: by index */
	int64_t index;	  /* negative: from the end */
	struct expr_step *next;
};

enum expr_operand_kind { EXPR_OPERAND_PATH = 0, EXPR_OPERAND_STRING, EXPR_OPERAND_INTEGER };

struct expr_call;

/* An operand and the filters that it goes through. */
struct expr_ast {
	enum expr_operand_kind kind;
	size_t offset; /* bytes into the source */
	size_t len;    /* bytes of the operand in the source, for messages */
	struct expr_step *path;
	const char *string;
	int64_t integer;
	struct expr_call *calls;
	struct expr_ast *next; /* the next argument of the same call */
};

struct expr_filter;

struct expr_call {
	const struct expr_filter *filter;
	size_t offset;
	struct expr_ast *args;
	unsigned arg_count;
	struct expr_call *next;
};

enum expr_node_kind { EXPR_NODE_TEXT = 0, EXPR_NODE_OUTPUT };
struct expr_node {
	enum expr_node_kind kind;
	const char *text; /* EXPR_NODE_TEXT */
	size_t text_len;
	bool blank;	      /* nothing but white space */
	struct expr_ast *ast; /* EXPR_NODE_OUTPUT */
	struct expr_node *next;
};

struct zync_expr {
	const char *source; /* a copy, for positions in messages */
	struct expr_node *nodes;
	bool constant;
};

/* One rendering. */
struct expr_run {
	const struct zync_expr *expr;
	const struct zync_expr_source *source;
	enum zync_expr_mode mode;
	struct zync_arena *arena;
	struct zync_err *err;
	size_t steps;
	size_t work;
};

enum expr_arg_kind { EXPR_ARG_ANY = 0, EXPR_ARG_TEXT, EXPR_ARG_INTEGER };

struct expr_filter {
	const char *name;
	unsigned min_args;
	unsigned max_args;
	enum expr_arg_kind arg_kinds[EXPR_MAX_ARGS];
	bool takes_undefined; /* all others hand an undefined value on */
	bool takes_nonempty;  /* the first argument must not be the empty text */
	/* Turns *value into the result. TEXT arguments are EXPR_TEXT, INTEGER arguments EXPR_INTEGER when it is called. */
	enum zync_status (*apply)(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				  const struct expr_value *args);
};

/* The row of a filter or NULL. */
const struct expr_filter *expr_filter_find(const char *name);
/* What is wrong with a literal argument, as far as it shows before rendering; NULL: nothing. */
const char *expr_filter_arg_problem(const struct expr_filter *filter, unsigned index, const struct expr_ast *arg);

/* Tokens between {{ and }}. */
enum expr_token_kind {
	EXPR_TOKEN_END = 0, /* }} */
	EXPR_TOKEN_EOF,	    /* the text ended */
	EXPR_TOKEN_NAME,
	EXPR_TOKEN_STRING,
	EXPR_TOKEN_INTEGER,
	EXPR_TOKEN_PUNCT /* one of . [ ] ( ) | , */
};
struct expr_token {
	enum expr_token_kind kind;
	size_t offset;
	size_t len;
	const char *text; /* NAME, STRING: the value */
	int64_t integer;
	char punct;
};
struct expr_lexer {
	const char *source;
	size_t pos;
	struct zync_arena *arena;
	size_t *ret_offset;
	struct zync_err *err;
};
enum zync_status expr_lex(struct expr_lexer *lexer, struct expr_token *ret);

/* The number of the character at byte @p offset, from 1. */
size_t expr_character(const char *source, size_t offset);
/* INVALID "at character N: …", and the offset handed out. */
enum zync_status expr_syntax_error(const struct expr_lexer *lexer, size_t offset, const char *fmt, ...) ZYNC_PRINTF(3, 4);
/* REJECTED (or LIMIT) "at character N: …" while rendering. */
enum zync_status expr_run_error(struct expr_run *run, enum zync_status status, size_t offset, const char *fmt, ...) ZYNC_PRINTF(4, 5);

/* The text of a value; NULL when it is undefined. */
enum zync_status expr_value_text(struct expr_run *run, size_t offset, const struct expr_value *value, const char **ret);
/* Is it undefined, null, "", [] or {}? */
bool expr_value_empty(const struct expr_value *value);
/* The elements of a list joined by @p separator. */
enum zync_status expr_join(struct expr_run *run, size_t offset, const struct zync_jval *list, const char *separator, const char **ret);
/* Count @p bytes that a filter made; LIMIT when it is too much. */
enum zync_status expr_charge(struct expr_run *run, size_t offset, size_t bytes);
/* A URL-like short name of @p text: lower-case ASCII letters, digits, "_", everything else one "-". NULL when memory is out. */
char *expr_slug(struct zync_arena *arena, const char *text);

#endif
