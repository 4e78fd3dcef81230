/* SPDX-License-Identifier: Apache-2.0 */
/* Operands (paths, literals, lists, parentheses) and the filters behind them. */
#include "expr/expr_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

static const char *const operand_reserved[] = {"and", "elif", "else", "endfor", "endif", "false", "for", "if",
					       "in",  "is",   "none", "not",	"null",	 "or",	  "true"};

enum zync_status expr_parse_reserved(const struct expr_parser *p)
{
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(operand_reserved); i++)
		if (strcmp(p->token.text, operand_reserved[i]) == 0)
			return expr_syntax_error(&p->lexer, p->token.offset,
						 "\"%s\" is a reserved word of the language and no value of an object", p->token.text);
	return ZYNC_OK;
}

static enum zync_status operand_add_step(struct expr_parser *p, struct expr_step ***tail, const char *name, int64_t index)
{
	struct expr_step *step = ZYNC_NEW(p->lexer.arena, struct expr_step);

	if (step == NULL)
		return zync_err_nomem(p->lexer.err, "parsing a template");
	step->name = name;
	step->index = index;
	**tail = step;
	*tail = &step->next;
	return ZYNC_OK;
}

/* [index] or ["name"], the bracket being the current token. */
static enum zync_status operand_subscript(struct expr_parser *p, struct expr_step ***tail)
{
	ZYNC_TRY(expr_parse_next(p));
	if (p->token.kind == EXPR_TOKEN_STRING)
		ZYNC_TRY(operand_add_step(p, tail, p->token.text, 0));
	else if (p->token.kind == EXPR_TOKEN_INTEGER)
		ZYNC_TRY(operand_add_step(p, tail, NULL, p->token.integer));
	else
		return expr_parse_unexpected(p, "a number or a text in quotes after \"[\"");
	ZYNC_TRY(expr_parse_next(p));
	return expr_parse_is(p, ']') ? ZYNC_OK : expr_parse_unexpected(p, "\"]\"");
}

static enum zync_status operand_path(struct expr_parser *p, struct expr_ast *ast)
{
	struct expr_step **tail = &ast->path.steps;

	ZYNC_TRY(expr_parse_reserved(p));
	ast->path.slot = -1;
	ZYNC_TRY(operand_add_step(p, &tail, p->token.text, 0));
	for (;;) {
		ast->span.len = p->token.offset + p->token.len - ast->span.offset;
		ZYNC_TRY(expr_parse_next(p));
		if (expr_parse_is(p, '[')) {
			ZYNC_TRY(operand_subscript(p, &tail));
		} else if (expr_parse_is(p, '.')) {
			ZYNC_TRY(expr_parse_next(p));
			if (p->token.kind != EXPR_TOKEN_NAME)
				return expr_parse_unexpected(p, "a name after \".\" (names with other characters are written [\"…\"])");
			ZYNC_TRY(operand_add_step(p, &tail, p->token.text, 0));
		} else {
			return ZYNC_OK;
		}
	}
}

/* What can be said of an argument before rendering; a pattern is compiled here. */
static enum zync_status operand_check_argument(struct expr_parser *p, struct expr_call *call, const struct expr_ast *arg)
{
	const struct expr_filter *filter = call->filter;
	const char *problem = expr_filter_arg_problem(filter, call->arg_count, arg);
	bool text = arg->kind == EXPR_LITERAL && arg->calls == NULL && arg->literal.kind == EXPR_TEXT;
	struct expr_regex *regex = NULL;
	char words[256];

	if (problem == NULL && filter->takes_pattern && text && call->arg_count == 0) {
		enum zync_status status = expr_regex_compile(p->lexer.arena, arg->literal.text, &regex, words, sizeof(words));

		if (status == ZYNC_ERR_NOMEM)
			return zync_err_nomem(p->lexer.err, "parsing a template");
		problem = status != ZYNC_OK ? words : NULL;
		call->regex = regex;
	}
	if (problem == NULL && filter->takes_pattern && text && call->arg_count == 1)
		problem = expr_regex_replacement_problem(call->regex, arg->literal.text);
	if (problem == NULL)
		return ZYNC_OK;
	return expr_syntax_error(&p->lexer, arg->span.offset, "%s: %s", filter->name, problem);
}

static enum zync_status operand_arguments(struct expr_parser *p, unsigned depth, struct expr_call *call)
{
	struct expr_ast **tail = &call->args;

	ZYNC_TRY(expr_parse_next(p)); /* behind ( */
	while (!expr_parse_is(p, ')')) {
		struct expr_ast *arg = NULL;

		if (call->arg_count > 0) {
			if (!expr_parse_is(p, ','))
				return expr_parse_unexpected(p, "\",\" or \")\"");
			ZYNC_TRY(expr_parse_next(p));
		}
		if (call->arg_count == call->filter->max_args)
			return expr_syntax_error(&p->lexer, p->token.offset, "%s takes at most %u argument%s", call->filter->name,
						 call->filter->max_args, call->filter->max_args == 1 ? "" : "s");
		ZYNC_TRY(expr_parse_whole(p, depth + 1, &arg));
		ZYNC_ASSERT(arg != NULL);
		ZYNC_TRY(operand_check_argument(p, call, arg));
		call->arg_count++;
		*tail = arg;
		tail = &arg->next;
	}
	return expr_parse_next(p); /* behind ) */
}

static enum zync_status operand_unknown_filter(const struct expr_parser *p)
{
	const char *const *names = zync_expr_filters();
	const char *nearest;
	char list[256] = "";
	size_t count = 0, used = 0;

	for (; names[count] != NULL; count++) {
		int n = snprintf(list + used, sizeof(list) - used, "%s%s", count > 0 ? ", " : "", names[count]);

		used = n > 0 && used + (size_t)n < sizeof(list) ? used + (size_t)n : used;
	}
	nearest = zync_nearest(p->token.text, names, count);
	if (nearest != NULL)
		return expr_syntax_error(&p->lexer, p->token.offset, "unknown filter \"%.60s\"; did you mean \"%s\"?", p->token.text,
					 nearest);
	return expr_syntax_error(&p->lexer, p->token.offset, "unknown filter \"%.60s\"; known are %s", p->token.text, list);
}

/* A filter with its arguments, its name being the current token. */
static enum zync_status operand_call(struct expr_parser *p, unsigned depth, size_t start, struct expr_call **ret)
{
	struct expr_call *call;

	if (p->token.kind != EXPR_TOKEN_NAME)
		return expr_parse_unexpected(p, "the name of a filter after \"|\"");
	call = ZYNC_NEW(p->lexer.arena, struct expr_call);
	if (call == NULL)
		return zync_err_nomem(p->lexer.err, "parsing a template");
	call->filter = expr_filter_find(p->token.text);
	call->offset = p->token.offset;
	if (call->filter == NULL)
		return operand_unknown_filter(p);
	ZYNC_TRY(expr_parse_next(p));
	if (expr_parse_is(p, '('))
		ZYNC_TRY(operand_arguments(p, depth, call));
	if (call->arg_count < call->filter->min_args)
		return expr_syntax_error(&p->lexer, call->offset, "%s needs %u argument%s in parentheses", call->filter->name,
					 call->filter->min_args, call->filter->min_args == 1 ? "" : "s");
	call->span = (struct expr_span){.offset = start, .len = p->end - start};
	*ret = call;
	return ZYNC_OK;
}

/* [a, b], the bracket being the current token. */
static enum zync_status operand_list(struct expr_parser *p, unsigned depth, struct expr_ast *ast)
{
	struct expr_ast *first = NULL;
	struct expr_ast **tail = &first;

	ast->kind = EXPR_LIST_OF;
	ZYNC_TRY(expr_parse_next(p));
	while (!expr_parse_is(p, ']')) {
		size_t start;

		if (first != NULL) {
			if (!expr_parse_is(p, ','))
				return expr_parse_unexpected(p, "\",\" or \"]\"");
			ZYNC_TRY(expr_parse_next(p));
		}
		start = p->token.offset;
		ZYNC_TRY(expr_parse_whole(p, depth + 1, tail));
		ZYNC_ASSERT(*tail != NULL);
		/* [a for b in c] is the list of the loop, not a list that holds one. */
		if ((*tail)->kind == EXPR_EACH && (*tail)->span.offset == start) {
			if (tail != &first || !expr_parse_is(p, ']'))
				return expr_syntax_error(&p->lexer, start,
							 "put the loop into parentheses to make it one element of a list");
			ast->kind = EXPR_EACH;
			break;
		}
		tail = &(*tail)->next;
	}
	if (ast->kind == EXPR_EACH)
		ast->each = first->each;
	else
		ast->parts = first;
	ZYNC_TRY(expr_parse_next(p));
	ast->span.len = p->end - ast->span.offset;
	return ZYNC_OK;
}

/* true, false, none; false when the current token, a name, is none of them. */
static bool operand_word(const struct expr_parser *p, struct expr_value *ret)
{
	bool truth = expr_parse_word(p, "true");

	if (!truth && !expr_parse_word(p, "false") && !expr_parse_word(p, "none"))
		return false;
	*ret = (struct expr_value){.kind = EXPR_UNDEFINED, .origin = NULL};
	if (!expr_parse_word(p, "none"))
		*ret = (struct expr_value){.kind = EXPR_BOOL, .boolean = truth};
	return true;
}

static enum zync_status operand_decimal(struct expr_parser *p, struct expr_value *ret)
{
	const char *text = p->token.text;
	const struct zync_jval *json = NULL;
	struct zync_err err;

	if (zync_json_parse(p->lexer.arena, text, strlen(text), &json, &err) != ZYNC_OK) {
		if (err.status == ZYNC_ERR_NOMEM)
			return zync_err_nomem(p->lexer.err, "parsing a template");
		return expr_syntax_error(&p->lexer, p->token.offset, "\"%.40s\" is no decimal number", text);
	}
	*ret = (struct expr_value){.kind = EXPR_JSON, .json = json};
	return ZYNC_OK;
}

static enum zync_status operand_simple(struct expr_parser *p, struct expr_ast *ast)
{
	ast->span.len = p->token.len;
	ast->kind = EXPR_LITERAL;
	if (p->token.kind == EXPR_TOKEN_NAME && !operand_word(p, &ast->literal)) {
		ast->kind = EXPR_PATH;
		return operand_path(p, ast);
	}
	if (p->token.kind == EXPR_TOKEN_STRING)
		ast->literal = (struct expr_value){.kind = EXPR_TEXT, .text = p->token.text};
	else if (p->token.kind == EXPR_TOKEN_INTEGER)
		ast->literal = (struct expr_value){.kind = EXPR_INTEGER, .integer = p->token.integer};
	else if (p->token.kind == EXPR_TOKEN_DECIMAL)
		ZYNC_TRY(operand_decimal(p, &ast->literal));
	else if (p->token.kind != EXPR_TOKEN_NAME)
		return expr_parse_unexpected(p, "a path such as site.name, a text in quotes or a number");
	return expr_parse_next(p);
}

static enum zync_status operand_any(struct expr_parser *p, unsigned depth, struct expr_ast **ret)
{
	struct expr_ast *ast;

	if (expr_parse_is(p, '(')) {
		ZYNC_TRY(expr_parse_next(p));
		ZYNC_TRY(expr_parse_whole(p, depth + 1, ret));
		return expr_parse_is(p, ')') ? expr_parse_next(p) : expr_parse_unexpected(p, "\")\"");
	}
	ast = expr_parse_new(p, EXPR_LITERAL, p->token.offset);
	if (ast == NULL)
		return zync_err_nomem(p->lexer.err, "parsing a template");
	*ret = ast;
	return expr_parse_is(p, '[') ? operand_list(p, depth, ast) : operand_simple(p, ast);
}

enum zync_status expr_parse_filtered(struct expr_parser *p, unsigned depth, struct expr_ast **ret)
{
	size_t start = p->token.offset;
	struct expr_ast *ast = NULL;
	struct expr_call **tail;

	ZYNC_TRY(operand_any(p, depth, &ast));
	/* (a | x) | y is the same as a | x | y: filters of the outer expression join those of the inner one. */
	for (tail = &ast->calls; *tail != NULL; tail = &(*tail)->next)
		;
	while (expr_parse_is(p, '|')) {
		ZYNC_TRY(expr_parse_next(p));
		ZYNC_TRY(operand_call(p, depth, start, tail));
		tail = &(*tail)->next;
	}
	*ret = ast;
	return ZYNC_OK;
}
