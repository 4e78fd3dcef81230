/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a template and its expressions, from conditions down to operands (operand.c). */
#include "expr/expr_priv.h"

#include <string.h>

#include "base/str.h"

enum zync_status expr_parse_next(struct expr_parser *p)
{
	p->end = p->token.offset + p->token.len;
	return expr_lex(&p->lexer, &p->token);
}

bool expr_parse_is(const struct expr_parser *p, char punct)
{
	return p->token.kind == EXPR_TOKEN_PUNCT && p->token.punct == punct;
}

bool expr_parse_word(const struct expr_parser *p, const char *word)
{
	return p->token.kind == EXPR_TOKEN_NAME && strcmp(p->token.text, word) == 0;
}

enum zync_status expr_parse_unexpected(const struct expr_parser *p, const char *wanted)
{
	if (p->token.kind == EXPR_TOKEN_EOF)
		return expr_syntax_error(&p->lexer, p->token.offset, "the text ends inside {{ }}; expected %s", wanted);
	return expr_syntax_error(&p->lexer, p->token.offset, "expected %s, not \"%.*s\"", wanted,
				 (int)zync_utf8_prefix(p->lexer.source + p->token.offset, ZYNC_MIN(p->token.len, 40u)),
				 p->lexer.source + p->token.offset);
}

struct expr_ast *expr_parse_new(struct expr_parser *p, enum expr_kind kind, size_t offset)
{
	struct expr_ast *ast = ZYNC_NEW(p->lexer.arena, struct expr_ast);

	if (ast != NULL) {
		ast->kind = kind;
		ast->span.offset = offset;
	}
	return ast;
}

static enum zync_status parse_nomem(const struct expr_parser *p)
{
	return zync_err_nomem(p->lexer.err, "parsing a template");
}

/* ==, in, not in …: skipped when it is there. */
static enum zync_status parse_operator(struct expr_parser *p, enum expr_compare *ret, bool *ret_found)
{
	*ret_found = true;
	if (p->token.kind == EXPR_TOKEN_COMPARE) {
		*ret = p->token.compare;
	} else if (expr_parse_word(p, "in")) {
		*ret = EXPR_IN;
	} else if (expr_parse_word(p, "not")) {
		*ret = EXPR_NOT_IN;
		ZYNC_TRY(expr_parse_next(p));
		if (!expr_parse_word(p, "in"))
			return expr_parse_unexpected(p, "\"in\" after \"not\"");
	} else {
		*ret_found = false;
		return ZYNC_OK;
	}
	return expr_parse_next(p);
}

static enum zync_status parse_compare(struct expr_parser *p, unsigned depth, struct expr_ast **ret)
{
	size_t start = p->token.offset;
	enum expr_compare relation = EXPR_EQ;
	struct expr_ast *left = NULL, *ast;
	bool found = false;

	ZYNC_TRY(expr_parse_filtered(p, depth, &left));
	ZYNC_TRY(parse_operator(p, &relation, &found));
	*ret = left;
	if (!found)
		return ZYNC_OK;
	ast = expr_parse_new(p, EXPR_COMPARE, start);
	if (ast == NULL)
		return parse_nomem(p);
	ast->compare.relation = relation;
	ast->compare.left = left;
	ZYNC_TRY(expr_parse_filtered(p, depth, &ast->compare.right));
	ast->span.len = p->end - start;
	*ret = ast;
	if (p->token.kind == EXPR_TOKEN_COMPARE)
		return expr_syntax_error(&p->lexer, p->token.offset, "a comparison cannot follow another one; put \"and\" between them");
	return ZYNC_OK;
}

static enum zync_status parse_not(struct expr_parser *p, unsigned depth, struct expr_ast **ret)
{
	size_t start = p->token.offset;
	unsigned count = 0;
	struct expr_ast *ast;

	for (; expr_parse_word(p, "not"); count++)
		ZYNC_TRY(expr_parse_next(p));
	if (count == 0)
		return parse_compare(p, depth, ret);
	ast = expr_parse_new(p, EXPR_NOT, start);
	if (ast == NULL)
		return parse_nomem(p);
	ast->negated = count % 2 == 1;
	ZYNC_TRY(parse_compare(p, depth, &ast->parts));
	ast->span.len = p->end - start;
	*ret = ast;
	return ZYNC_OK;
}

/* Operands of one level with @p word between them; a single one is itself. */
static enum zync_status parse_chain(struct expr_parser *p, unsigned depth, enum expr_kind kind, struct expr_ast **ret)
{
	const char *word = kind == EXPR_AND ? "and" : "or";
	size_t start = p->token.offset;
	struct expr_ast *first = NULL, *last, *ast;

	ZYNC_TRY(kind == EXPR_AND ? parse_not(p, depth, &first) : parse_chain(p, depth, EXPR_AND, &first));
	*ret = first;
	if (!expr_parse_word(p, word))
		return ZYNC_OK;
	ast = expr_parse_new(p, kind, start);
	if (ast == NULL)
		return parse_nomem(p);
	ast->parts = last = first;
	while (expr_parse_word(p, word)) {
		ZYNC_TRY(expr_parse_next(p));
		ZYNC_TRY(kind == EXPR_AND ? parse_not(p, depth, &last->next) : parse_chain(p, depth, EXPR_AND, &last->next));
		last = last->next;
	}
	ast->span.len = p->end - start;
	*ret = ast;
	return ZYNC_OK;
}

static enum zync_status parse_condition(struct expr_parser *p, unsigned depth, struct expr_ast **ret)
{
	return parse_chain(p, depth, EXPR_OR, ret);
}

/* a if b else c if d else e. */
static enum zync_status parse_choice(struct expr_parser *p, unsigned depth, struct expr_ast **ret)
{
	size_t start = p->token.offset;
	struct expr_ast *value = NULL, *ast = NULL;
	struct expr_branch **tail = NULL;

	ZYNC_TRY(parse_condition(p, depth, &value));
	while (value != NULL && expr_parse_word(p, "if")) {
		struct expr_branch *branch = ZYNC_NEW(p->lexer.arena, struct expr_branch);

		if (ast == NULL)
			ast = expr_parse_new(p, EXPR_IF, start);
		if (branch == NULL || ast == NULL)
			return parse_nomem(p);
		if (tail == NULL)
			tail = &ast->choice.branches;
		*tail = branch;
		tail = &branch->next;
		branch->value = value;
		value = NULL;
		ZYNC_TRY(expr_parse_next(p));
		ZYNC_TRY(parse_condition(p, depth, &branch->condition));
		if (!expr_parse_word(p, "else"))
			break;
		ZYNC_TRY(expr_parse_next(p));
		ZYNC_TRY(parse_condition(p, depth, &value));
	}
	*ret = value;
	if (ast == NULL)
		return ZYNC_OK;
	ast->choice.otherwise = value;
	ast->span.len = p->end - start;
	*ret = ast;
	return ZYNC_OK;
}

static enum zync_status parse_loop_name(struct expr_parser *p, const char **ret)
{
	if (p->token.kind != EXPR_TOKEN_NAME)
		return expr_parse_unexpected(p, "a name for the elements");
	ZYNC_TRY(expr_parse_reserved(p));
	*ret = p->token.text;
	return expr_parse_next(p);
}

/* for a in b if c, "for" being the current token. */
static enum zync_status parse_loop(struct expr_parser *p, unsigned depth, struct expr_loop **ret)
{
	struct expr_loop *loop = ZYNC_NEW(p->lexer.arena, struct expr_loop);

	if (loop == NULL)
		return parse_nomem(p);
	loop->span.offset = p->token.offset;
	ZYNC_TRY(expr_parse_next(p));
	ZYNC_TRY(parse_loop_name(p, &loop->names[0]));
	if (expr_parse_is(p, ',')) {
		ZYNC_TRY(expr_parse_next(p));
		ZYNC_TRY(parse_loop_name(p, &loop->names[1]));
	}
	if (!expr_parse_word(p, "in"))
		return expr_parse_unexpected(p, "\"in\" and a list");
	ZYNC_TRY(expr_parse_next(p));
	ZYNC_TRY(parse_condition(p, depth, &loop->source));
	if (expr_parse_word(p, "if")) {
		ZYNC_TRY(expr_parse_next(p));
		ZYNC_TRY(parse_condition(p, depth, &loop->condition));
	}
	loop->span.len = p->end - loop->span.offset;
	*ret = loop;
	return ZYNC_OK;
}

enum zync_status expr_parse_whole(struct expr_parser *p, unsigned depth, struct expr_ast **ret)
{
	size_t start = p->token.offset;
	struct expr_ast *element = NULL, *ast;
	struct expr_loop **tail;

	if (depth > EXPR_MAX_DEPTH)
		return expr_syntax_error(&p->lexer, p->token.offset, "parentheses are nested deeper than %u", EXPR_MAX_DEPTH);
	ZYNC_TRY(parse_choice(p, depth, &element));
	*ret = element;
	if (!expr_parse_word(p, "for"))
		return ZYNC_OK;
	ast = expr_parse_new(p, EXPR_EACH, start);
	if (ast == NULL)
		return parse_nomem(p);
	ast->each.element = element;
	for (tail = &ast->each.loops; expr_parse_word(p, "for"); tail = &(*tail)->next)
		ZYNC_TRY(parse_loop(p, depth, tail));
	ast->span.len = p->end - start;
	*ret = ast;
	return ZYNC_OK;
}

/* A fresh node at the end of the list; NULL when memory is out. */
static struct expr_node *parse_add_node(struct expr_parser *p, struct expr_node ***tail, enum expr_node_kind kind)
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
static enum zync_status parse_literal(struct expr_parser *p, struct expr_node ***tail)
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
		return parse_nomem(p);
	node->text = s;
	node->text_len = len;
	node->blank = strspn(s, " \t\r\n") >= len;
	p->lexer.pos += len;
	return ZYNC_OK;
}

static enum zync_status parse_output(struct expr_parser *p, struct expr_node ***tail)
{
	struct expr_node *node;

	p->lexer.pos += 2; /* behind {{ */
	ZYNC_TRY(expr_parse_next(p));
	node = parse_add_node(p, tail, EXPR_NODE_OUTPUT);
	if (node == NULL)
		return parse_nomem(p);
	ZYNC_TRY(expr_parse_whole(p, 0, &node->ast));
	if (p->token.kind != EXPR_TOKEN_END)
		return expr_parse_unexpected(p, "\"}}\" or \"|\" and a filter");
	return expr_names_bind(&p->lexer, node->ast);
}

enum zync_status zync_expr_compile(struct zync_arena *arena, const char *text, struct zync_expr **ret, size_t *ret_offset,
				   struct zync_err *err)
{
	struct zync_expr *expr = ZYNC_NEW(arena, struct zync_expr);
	struct expr_parser p = {.lexer = {.source = text, .arena = arena, .ret_offset = ret_offset, .err = err}};
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
	for (const struct expr_node *node = expr->nodes; node != NULL; node = node->next)
		expr->node_count++;
	*ret = expr;
	return ZYNC_OK;
}

bool zync_expr_is_constant(const struct zync_expr *expr)
{
	return expr->constant;
}
