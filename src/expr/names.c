/* SPDX-License-Identifier: Apache-2.0 */
/* The names in an expression: those of loops are bound to their values, all others are the object's. */
#include "expr/expr_priv.h"

#include <string.h>

/* The names of loops that are known in one place, the innermost first. */
struct names_scope {
	const char *name;
	unsigned slot;
	const struct names_scope *outer;
};

static enum zync_status names_bind(const struct expr_lexer *lexer, struct expr_ast *ast, const struct names_scope *scope);

static enum zync_status names_bind_all(const struct expr_lexer *lexer, struct expr_ast *first, const struct names_scope *scope)
{
	for (struct expr_ast *ast = first; ast != NULL; ast = ast->next)
		ZYNC_TRY(names_bind(lexer, ast, scope));
	return ZYNC_OK;
}

/* Each loop knows the names of those before it, the element knows them all. */
static enum zync_status names_bind_loop(const struct expr_lexer *lexer, struct expr_loop *loop, struct expr_ast *element,
					const struct names_scope *scope)
{
	struct names_scope first, second;

	if (loop == NULL)
		return names_bind(lexer, element, scope);
	ZYNC_TRY(names_bind(lexer, loop->source, scope));
	loop->slot = scope == NULL ? 0 : scope->slot + 1;
	if (loop->slot + (loop->names[1] != NULL ? 1 : 0) >= EXPR_MAX_NAMES)
		return expr_syntax_error(lexer, loop->span.offset, "more than %u names of loops inside each other", EXPR_MAX_NAMES);
	first = (struct names_scope){.name = loop->names[0], .slot = loop->slot, .outer = scope};
	second = (struct names_scope){.name = loop->names[1], .slot = loop->slot + 1, .outer = &first};
	scope = loop->names[1] != NULL ? &second : &first;
	if (loop->condition != NULL)
		ZYNC_TRY(names_bind(lexer, loop->condition, scope));
	return names_bind_loop(lexer, loop->next, element, scope);
}

static void names_bind_path(struct expr_ast *ast, const struct names_scope *scope)
{
	for (; scope != NULL; scope = scope->outer) {
		if (strcmp(scope->name, ast->path.steps->name) != 0)
			continue;
		ast->path.slot = (int)scope->slot;
		return;
	}
}

static enum zync_status names_bind(const struct expr_lexer *lexer, struct expr_ast *ast, const struct names_scope *scope)
{
	for (const struct expr_call *call = ast->calls; call != NULL; call = call->next)
		ZYNC_TRY(names_bind_all(lexer, call->args, scope));
	switch (ast->kind) {
	case EXPR_PATH:
		names_bind_path(ast, scope);
		return ZYNC_OK;
	case EXPR_LITERAL:
		return ZYNC_OK;
	case EXPR_LIST_OF:
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_NOT:
		return names_bind_all(lexer, ast->parts, scope);
	case EXPR_IF:
		for (const struct expr_branch *branch = ast->choice.branches; branch != NULL; branch = branch->next) {
			ZYNC_TRY(names_bind(lexer, branch->value, scope));
			ZYNC_TRY(names_bind(lexer, branch->condition, scope));
		}
		return ast->choice.otherwise == NULL ? ZYNC_OK : names_bind(lexer, ast->choice.otherwise, scope);
	case EXPR_COMPARE:
		ZYNC_TRY(names_bind(lexer, ast->compare.left, scope));
		return names_bind(lexer, ast->compare.right, scope);
	case EXPR_EACH:
		break;
	}
	return names_bind_loop(lexer, ast->each.loops, ast->each.element, scope);
}

enum zync_status expr_names_bind(const struct expr_lexer *lexer, struct expr_ast *ast)
{
	return names_bind(lexer, ast, NULL);
}

/* --- reading them --- */

struct names_reader {
	void (*each)(void *ctx, const char *name, bool root);
	void (*path)(void *ctx, const char *const *names, size_t count); /* instead of it: a whole path */
	void *ctx;
};

static void names_read(const struct names_reader *reader, const struct expr_ast *ast);

static void names_read_all(const struct names_reader *reader, const struct expr_ast *first)
{
	for (const struct expr_ast *ast = first; ast != NULL; ast = ast->next)
		names_read(reader, ast);
}

static void names_read_whole(const struct names_reader *reader, const struct expr_ast *ast)
{
	const char *names[ZYNC_EXPR_PATH_NAMES];
	size_t count = 0;

	for (const struct expr_step *step = ast->path.steps; step != NULL && count < ZYNC_ARRAY_LEN(names); step = step->next)
		if (step->name != NULL)
			names[count++] = step == ast->path.steps && ast->path.slot >= 0 ? NULL : step->name;
	reader->path(reader->ctx, names, count);
}

static void names_read_path(const struct names_reader *reader, const struct expr_ast *ast)
{
	if (reader->path != NULL) {
		names_read_whole(reader, ast);
		return;
	}
	for (const struct expr_step *step = ast->path.steps; step != NULL; step = step->next)
		if (step->name != NULL && (step != ast->path.steps || ast->path.slot < 0))
			reader->each(reader->ctx, step->name, /* root= */ step == ast->path.steps);
}

static void names_read_loops(const struct names_reader *reader, const struct expr_ast *ast)
{
	names_read(reader, ast->each.element);
	for (const struct expr_loop *loop = ast->each.loops; loop != NULL; loop = loop->next) {
		names_read(reader, loop->source);
		if (loop->condition != NULL)
			names_read(reader, loop->condition);
	}
}

static void names_read_calls(const struct names_reader *reader, const struct expr_ast *ast)
{
	for (const struct expr_call *call = ast->calls; call != NULL; call = call->next) {
		names_read_all(reader, call->args);
		if (reader->each != NULL && call->filter->apply == expr_filter_path)
			reader->each(reader->ctx, "parent", /* root= */ false);
	}
}

static void names_read(const struct names_reader *reader, const struct expr_ast *ast)
{
	names_read_calls(reader, ast);
	switch (ast->kind) {
	case EXPR_PATH:
		names_read_path(reader, ast);
		break;
	case EXPR_LITERAL:
		break;
	case EXPR_LIST_OF:
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_NOT:
		names_read_all(reader, ast->parts);
		break;
	case EXPR_IF:
		for (const struct expr_branch *branch = ast->choice.branches; branch != NULL; branch = branch->next) {
			names_read(reader, branch->value);
			names_read(reader, branch->condition);
		}
		if (ast->choice.otherwise != NULL)
			names_read(reader, ast->choice.otherwise);
		break;
	case EXPR_COMPARE:
		names_read(reader, ast->compare.left);
		names_read(reader, ast->compare.right);
		break;
	case EXPR_EACH:
		names_read_loops(reader, ast);
		break;
	}
}

static void names_read_nodes(const struct names_reader *reader, const struct zync_expr *expr)
{
	for (const struct expr_node *node = expr->nodes; node != NULL; node = node->next)
		if (node->kind == EXPR_NODE_OUTPUT)
			names_read(reader, node->ast);
}

void zync_expr_each_path(const struct zync_expr *expr, void (*each)(void *ctx, const char *const *names, size_t count), void *ctx)
{
	names_read_nodes(&(struct names_reader){.path = each, .ctx = ctx}, expr);
}

void zync_expr_each_name(const struct zync_expr *expr, void (*each)(void *ctx, const char *name, bool root), void *ctx)
{
	names_read_nodes(&(struct names_reader){.each = each, .ctx = ctx}, expr);
}

struct names_wanted {
	const char *root;
	bool found;
};

static void names_compare(void *ctx, const char *name, bool root)
{
	struct names_wanted *wanted = ctx;

	wanted->found = wanted->found || (root && strcmp(name, wanted->root) == 0);
}

bool zync_expr_uses(const struct zync_expr *expr, const char *root)
{
	struct names_wanted wanted = {.root = root, .found = false};

	zync_expr_each_name(expr, names_compare, &wanted);
	return wanted.found;
}
