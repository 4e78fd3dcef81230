/* SPDX-License-Identifier: Apache-2.0 */
/* One rendering: the outputs of a template put together. */
#include "expr/expr_priv.h"

#include <string.h>

#define RENDER_FEW 8u /* pieces of most templates */

struct render_piece {
	const char *text;
	size_t len;
};

/* A text that stays when the document goes: strings, also those that stand for an object, are pieces of it. */
static enum zync_status render_own(struct expr_run *run, const struct expr_value *value, const char *text, const char **ret)
{
	enum zync_jtype type = value->kind == EXPR_JSON ? zync_jval_type(value->json) : ZYNC_JSON_NONE;

	if (type == ZYNC_JSON_STR || type == ZYNC_JSON_OBJECT)
		text = zync_arena_strdup(run->arena, text);
	if (text == NULL)
		return expr_run_nomem(run);
	*ret = text;
	return ZYNC_OK;
}

static enum zync_status render_too_long(struct expr_run *run)
{
	return expr_run_error(run, ZYNC_ERR_LIMIT, 0, "the rendered text is longer than %u bytes", ZYNC_LIMIT_TEMPLATE_OUTPUT);
}

/* A template that is a single output, whose value is known. */
static enum zync_status render_value(struct expr_run *run, size_t offset, const struct expr_value *value, const char **ret_text,
				     bool *ret_defined)
{
	const char *text = NULL;

	ZYNC_TRY(expr_check_defined(run, value));
	ZYNC_TRY(expr_value_text(run, offset, value, &text));
	*ret_defined = text != NULL;
	if (text == NULL) {
		*ret_text = "";
		return ZYNC_OK;
	}
	if (strlen(text) > ZYNC_LIMIT_TEMPLATE_OUTPUT)
		return render_too_long(run);
	return render_own(run, value, text, ret_text);
}

/* The text of each node; those of undefined values are empty. */
static enum zync_status render_pieces(struct expr_run *run, struct render_piece *pieces, size_t *ret_bytes, bool *ret_defined)
{
	size_t bytes = 0;

	for (const struct expr_node *node = run->expr->nodes; node != NULL; node = node->next, pieces++) {
		struct expr_value value = {.kind = EXPR_UNDEFINED};
		const char *text = NULL;

		ZYNC_TRY(expr_step(run, 0, 1));
		if (node->kind == EXPR_NODE_TEXT) {
			*pieces = (struct render_piece){.text = node->text, .len = node->text_len};
			*ret_defined = *ret_defined || !node->blank;
		} else {
			ZYNC_TRY(expr_eval(run, node->ast, &value));
			ZYNC_TRY(expr_check_defined(run, &value));
			ZYNC_TRY(expr_value_text(run, node->ast->span.offset, &value, &text));
			*pieces = (struct render_piece){.text = text != NULL ? text : "", .len = text != NULL ? strlen(text) : 0};
			*ret_defined = *ret_defined || text != NULL;
		}
		bytes += pieces->len;
		if (bytes > ZYNC_LIMIT_TEMPLATE_OUTPUT)
			return render_too_long(run);
	}
	*ret_bytes = bytes;
	return ZYNC_OK;
}

static enum zync_status render_nodes(struct expr_run *run, const char **ret_text, bool *ret_defined)
{
	struct render_piece few[RENDER_FEW], *pieces = few;
	size_t count = run->expr->node_count, bytes = 0;
	char *out;

	if (count > RENDER_FEW)
		pieces = ZYNC_NEW_ARRAY(run->arena, struct render_piece, count);
	if (pieces == NULL)
		return expr_run_nomem(run);
	*ret_defined = false;
	ZYNC_TRY(render_pieces(run, pieces, &bytes, ret_defined));
	out = zync_arena_alloc(run->arena, bytes + 1);
	if (out == NULL)
		return expr_run_nomem(run);
	*ret_text = out;
	for (size_t i = 0; i < count; i++)
		out = mempcpy(out, pieces[i].text, pieces[i].len);
	*out = '\0';
	return ZYNC_OK;
}

/* The output of a template that is nothing else; NULL. */
static const struct expr_ast *render_single(const struct zync_expr *expr)
{
	return expr->node_count == 1 ? expr->nodes->ast : NULL;
}

/* The text of a template that is no constant. */
static enum zync_status render_text(struct expr_run *run, const char **ret_text, bool *ret_defined)
{
	const struct expr_ast *single = render_single(run->expr);
	struct expr_value value = {.kind = EXPR_UNDEFINED};

	if (single == NULL)
		return render_nodes(run, ret_text, ret_defined);
	ZYNC_TRY(expr_eval(run, single, &value));
	return render_value(run, single->span.offset, &value, ret_text, ret_defined);
}

enum zync_status zync_expr_render(const struct zync_expr *expr, const struct zync_expr_source *source, enum zync_expr_mode mode,
				  struct zync_arena *arena, const char **ret_text, bool *ret_defined, struct zync_err *err)
{
	const char *text = expr->source;
	bool defined = true;

	if (!expr->constant) {
		struct expr_run run = {.expr = expr, .source = source, .mode = mode, .arena = arena, .err = err};
		enum zync_status status = render_text(&run, &text, &defined);

		expr_regex_done(&run);
		ZYNC_TRY(status);
	}
	*ret_text = text;
	if (ret_defined != NULL)
		*ret_defined = defined;
	return ZYNC_OK;
}

/* The elements of a list as texts. */
static enum zync_status render_elements(struct expr_run *run, size_t offset, const struct expr_value *list, const char *const **ret_texts,
					size_t *ret_count)
{
	size_t most = expr_value_count(list), count = 0;
	struct expr_iter it;
	struct expr_value element;
	const char **texts;

	if (most > ZYNC_LIMIT_TEMPLATE_STEPS) /* not to make room for what cannot be walked */
		return expr_step(run, offset, most);
	texts = ZYNC_NEW_ARRAY(run->arena, const char *, most);
	if (texts == NULL)
		return expr_run_nomem(run);
	expr_iter_init(&it, list);
	while (expr_iter_next(&it, &element)) {
		const char *text = NULL;

		ZYNC_TRY(expr_step(run, offset, 1));
		ZYNC_TRY(expr_value_text(run, offset, &element, &text));
		ZYNC_TRY(expr_charge(run, offset, strlen(text)));
		ZYNC_TRY(render_own(run, &element, text, &texts[count]));
		count++;
	}
	*ret_texts = texts;
	*ret_count = count;
	return ZYNC_OK;
}

static enum zync_status render_list(struct expr_run *run, const char *const **ret_texts, size_t *ret_count)
{
	const struct expr_ast *single = render_single(run->expr);
	struct expr_value value = {.kind = EXPR_UNDEFINED};
	const char **texts;
	bool defined = false;

	if (single != NULL) {
		ZYNC_TRY(expr_eval(run, single, &value));
		if (expr_value_is_list(&value))
			return render_elements(run, single->span.offset, &value, ret_texts, ret_count);
	}
	texts = ZYNC_NEW_ARRAY(run->arena, const char *, 1);
	if (texts == NULL)
		return expr_run_nomem(run);
	if (single != NULL)
		ZYNC_TRY(render_value(run, single->span.offset, &value, &texts[0], &defined));
	else
		ZYNC_TRY(render_nodes(run, &texts[0], &defined));
	*ret_texts = texts;
	*ret_count = defined ? 1 : 0;
	return ZYNC_OK;
}

enum zync_status zync_expr_render_list(const struct zync_expr *expr, const struct zync_expr_source *source, enum zync_expr_mode mode,
				       struct zync_arena *arena, const char *const **ret_texts, size_t *ret_count, struct zync_err *err)
{
	struct expr_run run = {.expr = expr, .source = source, .mode = mode, .arena = arena, .err = err};
	enum zync_status status;

	if (expr->constant) {
		*ret_texts = &expr->source;
		*ret_count = 1;
		return ZYNC_OK;
	}
	status = render_list(&run, ret_texts, ret_count);
	expr_regex_done(&run);
	return status;
}
