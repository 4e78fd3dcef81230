/* SPDX-License-Identifier: Apache-2.0 */
#include "expr/expr_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* Words that later versions of the language give a meaning; as the first name of a path they are refused already. */
static const char *const parse_reserved[] = {"and", "else", "elif", "endfor", "endif", "false", "for", "if",
					     "in",  "is",   "none", "not",    "null",  "or",	"true"};

struct parser {
	struct expr_lexer lexer;
	struct expr_token token; /* the one to be looked at */
};

static enum zync_status parse_next(struct parser *p)
{
	return expr_lex(&p->lexer, &p->token);
}

static bool parse_is(const struct parser *p, char punct)
{
	return p->token.kind == EXPR_TOKEN_PUNCT && p->token.punct == punct;
}

static enum zync_status parse_unexpected(const struct parser *p, const char *wanted)
{
	if (p->token.kind == EXPR_TOKEN_EOF)
		return expr_syntax_error(&p->lexer, p->token.offset, "the text ends inside {{ }}; expected %s", wanted);
	return expr_syntax_error(&p->lexer, p->token.offset, "expected %s, not \"%.*s\"", wanted,
				 (int)zync_utf8_prefix(p->lexer.source + p->token.offset, ZYNC_MIN(p->token.len, 40u)),
				 p->lexer.source + p->token.offset);
}

static enum zync_status parse_add_step(struct parser *p, struct expr_step ***tail, const char *name, int64_t index)
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
static enum zync_status parse_subscript(struct parser *p, struct expr_step ***tail)
{
	ZYNC_TRY(parse_next(p));
	if (p->token.kind == EXPR_TOKEN_STRING)
		ZYNC_TRY(parse_add_step(p, tail, p->token.text, 0));
	else if (p->token.kind == EXPR_TOKEN_INTEGER)
		ZYNC_TRY(parse_add_step(p, tail, NULL, p->token.integer));
	else
		return parse_unexpected(p, "a number or a text in quotes after \"[\"");
	ZYNC_TRY(parse_next(p));
	return parse_is(p, ']') ? ZYNC_OK : parse_unexpected(p, "\"]\"");
}

static enum zync_status parse_path(struct parser *p, struct expr_ast *ast)
{
	struct expr_step **tail = &ast->path;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(parse_reserved); i++)
		if (strcmp(p->token.text, parse_reserved[i]) == 0)
			return expr_syntax_error(&p->lexer, p->token.offset,
						 "\"%s\" is a reserved word of the language and no value of an object", p->token.text);
	ast->kind = EXPR_OPERAND_PATH;
	ZYNC_TRY(parse_add_step(p, &tail, p->token.text, 0));
	for (;;) {
		ast->len = p->token.offset + p->token.len - ast->offset;
		ZYNC_TRY(parse_next(p));
		if (parse_is(p, '[')) {
			ZYNC_TRY(parse_subscript(p, &tail));
		} else if (parse_is(p, '.')) {
			ZYNC_TRY(parse_next(p));
			if (p->token.kind != EXPR_TOKEN_NAME)
				return parse_unexpected(p, "a name after \".\" (names with other characters are written [\"…\"])");
			ZYNC_TRY(parse_add_step(p, &tail, p->token.text, 0));
		} else {
			return ZYNC_OK;
		}
	}
}

static enum zync_status parse_expression(struct parser *p, unsigned depth, struct expr_ast **ret);

static enum zync_status parse_arguments(struct parser *p, unsigned depth, struct expr_call *call)
{
	struct expr_ast **tail = &call->args;

	ZYNC_TRY(parse_next(p)); /* behind ( */
	while (!parse_is(p, ')')) {
		struct expr_ast *arg = NULL;
		const char *problem;

		if (call->arg_count > 0) {
			if (!parse_is(p, ','))
				return parse_unexpected(p, "\",\" or \")\"");
			ZYNC_TRY(parse_next(p));
		}
		if (call->arg_count == call->filter->max_args)
			return expr_syntax_error(&p->lexer, p->token.offset, "%s takes at most %u argument%s", call->filter->name,
						 call->filter->max_args, call->filter->max_args == 1 ? "" : "s");
		ZYNC_TRY(parse_expression(p, depth + 1, &arg));
		ZYNC_ASSERT(arg != NULL);
		problem = expr_filter_arg_problem(call->filter, call->arg_count, arg);
		if (problem != NULL)
			return expr_syntax_error(&p->lexer, arg->offset, "%s: %s", call->filter->name, problem);
		call->arg_count++;
		*tail = arg;
		tail = &arg->next;
	}
	return parse_next(p); /* behind ) */
}

static enum zync_status parse_unknown_filter(const struct parser *p)
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
static enum zync_status parse_call(struct parser *p, unsigned depth, struct expr_call **ret)
{
	struct expr_call *call;

	if (p->token.kind != EXPR_TOKEN_NAME)
		return parse_unexpected(p, "the name of a filter after \"|\"");
	call = ZYNC_NEW(p->lexer.arena, struct expr_call);
	if (call == NULL)
		return zync_err_nomem(p->lexer.err, "parsing a template");
	call->filter = expr_filter_find(p->token.text);
	call->offset = p->token.offset;
	if (call->filter == NULL)
		return parse_unknown_filter(p);
	ZYNC_TRY(parse_next(p));
	if (parse_is(p, '('))
		ZYNC_TRY(parse_arguments(p, depth, call));
	if (call->arg_count < call->filter->min_args)
		return expr_syntax_error(&p->lexer, call->offset, "%s needs %u argument%s in parentheses", call->filter->name,
					 call->filter->min_args, call->filter->min_args == 1 ? "" : "s");
	*ret = call;
	return ZYNC_OK;
}

static enum zync_status parse_operand(struct parser *p, unsigned depth, struct expr_ast **ret)
{
	struct expr_ast *ast;

	if (parse_is(p, '(')) {
		ZYNC_TRY(parse_next(p));
		ZYNC_TRY(parse_expression(p, depth + 1, ret));
		return parse_is(p, ')') ? parse_next(p) : parse_unexpected(p, "\")\"");
	}
	ast = ZYNC_NEW(p->lexer.arena, struct expr_ast);
	if (ast == NULL)
		return zync_err_nomem(p->lexer.err, "parsing a template");
	ast->offset = p->token.offset;
	ast->len = p->token.len;
	*ret = ast;
	if (p->token.kind == EXPR_TOKEN_NAME)
		return parse_path(p, ast);
	if (p->token.kind == EXPR_TOKEN_STRING) {
		ast->kind = EXPR_OPERAND_STRING;
		ast->string = p->token.text;
		return parse_next(p);
	}
	if (p->token.kind == EXPR_TOKEN_INTEGER) {
		ast->kind = EXPR_OPERAND_INTEGER;
		ast->integer = p->token.integer;
		return parse_next(p);
	}
	return parse_unexpected(p, "a path such as site.name, a text in quotes or a number");
}

static enum zync_status parse_expression(struct parser *p, unsigned depth, struct expr_ast **ret)
{
	struct expr_ast *ast = NULL;
	struct expr_call **tail;

	if (depth > EXPR_MAX_DEPTH)
		return expr_syntax_error(&p->lexer, p->token.offset, "parentheses are nested deeper than %u", EXPR_MAX_DEPTH);
	ZYNC_TRY(parse_operand(p, depth, &ast));
	/* (a | x) | y is the same as a | x | y: filters of the outer expression join those of the inner one. */
	for (tail = &ast->calls; *tail != NULL; tail = &(*tail)->next)
		;
	while (parse_is(p, '|')) {
		ZYNC_TRY(parse_next(p));
		ZYNC_TRY(parse_call(p, depth, tail));
		tail = &(*tail)->next;
	}
	*ret = ast;
	return ZYNC_OK;
}

/* A fresh node at the end of the list; NULL when memory is out. */
static struct expr_node *parse_add_node(struct parser *p, struct expr_node ***tail, enum expr_node_kind kind)
{
	struct expr_node *node = ZYNC_NEW(p->lexer.arena, struct expr_node);

	if (node != NULL) {
		node->kind = kind;
		**tail = node;
		*tail = &node->next;
	}
	return node;
}

/* The literal text up to the next {{ or the end. */
static enum zync_status parse_literal(struct parser *p, struct expr_node ***tail)
{
	const char *s = p->lexer.source + p->lexer.pos;
	size_t len = 0;
	struct expr_node *node;

	while (s[len] != '\0' && !(s[len] == '{' && s[len + 1] == '{')) {
		if (s[len] == '{' && s[len + 1] == '%')
			return expr_syntax_error(&p->lexer, p->lexer.pos + len,
						 "\"{%%\" is reserved for statements; write {{ \"{%%\" }} for these two characters");
		len++;
	}
	if (len == 0)
		return ZYNC_OK;
	node = parse_add_node(p, tail, EXPR_NODE_TEXT);
	if (node == NULL)
		return zync_err_nomem(p->lexer.err, "parsing a template");
	node->text = s;
	node->text_len = len;
	node->blank = strspn(s, " \t\r\n") >= len;
	p->lexer.pos += len;
	return ZYNC_OK;
}

static enum zync_status parse_output(struct parser *p, struct expr_node ***tail)
{
	struct expr_node *node;

	p->lexer.pos += 2; /* behind {{ */
	ZYNC_TRY(parse_next(p));
	node = parse_add_node(p, tail, EXPR_NODE_OUTPUT);
	if (node == NULL)
		return zync_err_nomem(p->lexer.err, "parsing a template");
	ZYNC_TRY(parse_expression(p, 0, &node->ast));
	return p->token.kind == EXPR_TOKEN_END ? ZYNC_OK : parse_unexpected(p, "\"}}\" or \"|\" and a filter");
}

enum zync_status zync_expr_compile(struct zync_arena *arena, const char *text, struct zync_expr **ret, size_t *ret_offset,
				   struct zync_err *err)
{
	struct zync_expr *expr = ZYNC_NEW(arena, struct zync_expr);
	struct parser p = {.lexer = {.source = text, .arena = arena, .ret_offset = ret_offset, .err = err}};
	struct expr_node **tail;

	if (expr == NULL || (expr->source = zync_arena_strdup(arena, text)) == NULL)
		return zync_err_nomem(err, "parsing a template");
	p.lexer.source = expr->source;
	if (strlen(text) > ZYNC_LIMIT_TEMPLATE_SOURCE)
		return expr_syntax_error(&p.lexer, 0, "the text is longer than %u bytes", ZYNC_LIMIT_TEMPLATE_SOURCE);
	if (!zync_utf8_valid(text, strlen(text)))
		return expr_syntax_error(&p.lexer, 0, "the text is not well-formed UTF-8");
	expr->constant = true;
	tail = &expr->nodes;
	while (expr->source[p.lexer.pos] != '\0') {
		ZYNC_TRY(parse_literal(&p, &tail));
		if (expr->source[p.lexer.pos] == '\0')
			break;
		expr->constant = false;
		ZYNC_TRY(parse_output(&p, &tail));
	}
	*ret = expr;
	return ZYNC_OK;
}

bool zync_expr_is_constant(const struct zync_expr *expr)
{
	return expr->constant;
}

static bool parse_ast_uses(const struct expr_ast *ast, const char *root)
{
	if (ast->kind == EXPR_OPERAND_PATH && strcmp(ast->path->name, root) == 0)
		return true;
	for (const struct expr_call *call = ast->calls; call != NULL; call = call->next)
		for (const struct expr_ast *arg = call->args; arg != NULL; arg = arg->next)
			if (parse_ast_uses(arg, root))
				return true;
	return false;
}

bool zync_expr_uses(const struct zync_expr *expr, const char *root)
{
	for (const struct expr_node *node = expr->nodes; node != NULL; node = node->next)
		if (node->kind == EXPR_NODE_OUTPUT && parse_ast_uses(node->ast, root))
			return true;
	return false;
}
