/* SPDX-License-Identifier: Apache-2.0 */
#include "expr/expr_priv.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum zync_status expr_run_error(struct expr_run *run, enum zync_status status, size_t offset, const char *fmt, ...)
{
	char words[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	(void)zync_err_set(run->err, status, "at character %zu: %s", expr_character(run->expr->source, offset), words);
	/* Whatever it is, it concerns this object alone. */
	(void)zync_err_dispose(run->err, ZYNC_DISPOSITION_REJECT);
	return status;
}

static enum zync_status eval_step(struct expr_run *run, size_t offset)
{
	if (++run->steps > ZYNC_LIMIT_TEMPLATE_STEPS)
		return expr_run_error(run, ZYNC_ERR_LIMIT, offset, "the template takes more than %u steps", ZYNC_LIMIT_TEMPLATE_STEPS);
	return ZYNC_OK;
}

enum zync_status expr_charge(struct expr_run *run, size_t offset, size_t bytes)
{
	run->work += bytes;
	if (run->work > EXPR_MAX_WORK)
		return expr_run_error(run, ZYNC_ERR_LIMIT, offset, "the filters of the template make more than %zu bytes of text",
				      EXPR_MAX_WORK);
	return ZYNC_OK;
}

/* NetBox's selections (4.7: {"value", "label"}) stand for their value, references for their name. */
static const struct zync_jval *eval_object_text(const struct zync_jval *object)
{
	static const char *const order[] = {"name", "display", "label", "value"};
	const struct zync_jval *value = zync_jval_get(object, "value");

	if (zync_jval_len(object) == 2 && zync_jval_type(value) > ZYNC_JSON_NULL && zync_jval_get(object, "label") != NULL)
		return value;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(order); i++) {
		const struct zync_jval *v = zync_jval_get(object, order[i]);
		enum zync_jtype type = zync_jval_type(v);

		if (type > ZYNC_JSON_NULL && type < ZYNC_JSON_ARRAY)
			return v;
	}
	return NULL;
}

static enum zync_status eval_json_text(struct expr_run *run, size_t offset, const struct zync_jval *v, const char **ret)
{
	enum zync_jtype type = zync_jval_type(v);
	ZYNC_AUTO_BUF out;

	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_OUTPUT);
	if (type == ZYNC_JSON_ARRAY)
		return expr_join(run, offset, v, ", ", ret);
	if (type == ZYNC_JSON_OBJECT) {
		const struct zync_jval *part = eval_object_text(v);
		enum zync_status status;

		if (part != NULL && zync_jval_type(part) < ZYNC_JSON_ARRAY)
			return eval_json_text(run, offset, part, ret);
		status = zync_jval_write(run->arena, v, ZYNC_JSON_SORTED, &out, run->err);
		if (status == ZYNC_ERR_LIMIT)
			return expr_run_error(run, status, offset, "the value is longer than %u bytes", ZYNC_LIMIT_TEMPLATE_OUTPUT);
		ZYNC_TRY(status);
		ZYNC_TRY(expr_charge(run, offset, out.len));
		*ret = zync_arena_strndup(run->arena, out.data, out.len);
	} else {
		*ret = zync_jval_text(run->arena, v);
	}
	return *ret != NULL ? ZYNC_OK : zync_err_nomem(run->err, "rendering a template");
}

enum zync_status expr_join(struct expr_run *run, size_t offset, const struct zync_jval *list, const char *separator, const char **ret)
{
	struct zync_jiter it;
	const struct zync_jval *element;
	bool first = true;
	ZYNC_AUTO_BUF out;

	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_OUTPUT);
	zync_jiter_init(&it, list);
	while ((element = zync_jiter_next(&it, NULL)) != NULL) {
		const char *text = NULL;

		ZYNC_TRY(eval_step(run, offset));
		if (zync_jval_type(element) <= ZYNC_JSON_NULL)
			continue;
		ZYNC_TRY(eval_json_text(run, offset, element, &text));
		if (!first)
			zync_buf_adds(&out, separator);
		zync_buf_adds(&out, text);
		first = false;
	}
	if (out.failed == ZYNC_ERR_LIMIT)
		return expr_run_error(run, ZYNC_ERR_LIMIT, offset, "the list is longer than %u bytes", ZYNC_LIMIT_TEMPLATE_OUTPUT);
	ZYNC_TRY(zync_buf_check(&out, "a rendered template", run->err));
	ZYNC_TRY(expr_charge(run, offset, out.len));
	*ret = zync_arena_strndup(run->arena, out.data, out.len);
	return *ret != NULL ? ZYNC_OK : zync_err_nomem(run->err, "rendering a template");
}

enum zync_status expr_value_text(struct expr_run *run, size_t offset, const struct expr_value *value, const char **ret)
{
	*ret = NULL;
	switch (value->kind) {
	case EXPR_UNDEFINED:
		return ZYNC_OK;
	case EXPR_TEXT:
		*ret = value->text;
		return ZYNC_OK;
	case EXPR_INTEGER:
		*ret = zync_arena_printf(run->arena, "%" PRId64, value->integer);
		return *ret != NULL ? ZYNC_OK : zync_err_nomem(run->err, "rendering a template");
	case EXPR_JSON:
		break;
	}
	return eval_json_text(run, offset, value->json, ret);
}

bool expr_value_empty(const struct expr_value *value)
{
	enum zync_jtype type;

	if (value->kind == EXPR_UNDEFINED)
		return true;
	if (value->kind == EXPR_TEXT)
		return value->text[0] == '\0';
	if (value->kind == EXPR_INTEGER)
		return false;
	type = zync_jval_type(value->json);
	if (type == ZYNC_JSON_STR)
		return zync_jval_str(value->json)[0] == '\0';
	return (type == ZYNC_JSON_ARRAY || type == ZYNC_JSON_OBJECT) && zync_jval_len(value->json) == 0;
}

static const struct zync_jval *eval_index(const struct zync_jval *list, int64_t index)
{
	size_t len = zync_jval_len(list);

	if (zync_jval_type(list) != ZYNC_JSON_ARRAY)
		return NULL;
	if (index < 0)
		index += (int64_t)len;
	return index < 0 || (uint64_t)index >= len ? NULL : zync_jval_at(list, (size_t)index);
}

static enum zync_status eval_path(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret)
{
	const struct zync_jval *v = NULL;

	*ret = (struct expr_value){.kind = EXPR_UNDEFINED};
	for (const struct expr_step *step = ast->path; step != NULL; step = step->next) {
		ZYNC_TRY(eval_step(run, ast->offset));
		v = step->name != NULL ? run->source->member(run->source->ctx, v, step->name) : eval_index(v, step->index);
		if (zync_jval_type(v) <= ZYNC_JSON_NULL)
			return ZYNC_OK;
	}
	*ret = (struct expr_value){.kind = EXPR_JSON, .json = v};
	return ZYNC_OK;
}

static enum zync_status eval_undefined(struct expr_run *run, const struct expr_ast *ast)
{
	return expr_run_error(run, ZYNC_ERR_REJECTED, ast->offset, "\"%.*s\" is not defined for this object; add | default(\"…\")",
			      (int)ZYNC_MIN(ast->len, 100u), run->expr->source + ast->offset);
}

static enum zync_status eval_expression(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret);

/* Bring an argument into the form that its filter asks for. */
static enum zync_status eval_argument(struct expr_run *run, const struct expr_call *call, unsigned index, const struct expr_ast *arg,
				      struct expr_value *ret)
{
	enum expr_arg_kind kind = call->filter->arg_kinds[index];
	const char *text = NULL;

	ZYNC_TRY(eval_expression(run, arg, ret));
	if (kind == EXPR_ARG_ANY)
		return ZYNC_OK;
	if (ret->kind == EXPR_UNDEFINED && run->mode == ZYNC_EXPR_STRICT)
		return eval_undefined(run, arg);
	ZYNC_TRY(expr_value_text(run, arg->offset, ret, &text));
	if (kind == EXPR_ARG_INTEGER) {
		bool negative = text != NULL && text[0] == '-';

		if (text == NULL || !zync_str_to_i64(negative ? text + 1 : text, &ret->integer))
			return expr_run_error(run, ZYNC_ERR_REJECTED, arg->offset, "%s: the argument must be a whole number, not \"%.60s\"",
					      call->filter->name, text == NULL ? "" : text);
		ret->integer = negative ? -ret->integer : ret->integer;
		ret->kind = EXPR_INTEGER;
		return ZYNC_OK;
	}
	*ret = (struct expr_value){.kind = EXPR_TEXT, .text = text == NULL ? "" : text};
	if (call->filter->takes_nonempty && index == 0 && ret->text[0] == '\0')
		return expr_run_error(run, ZYNC_ERR_REJECTED, arg->offset, "%s: the text to look for is empty", call->filter->name);
	return ZYNC_OK;
}

static enum zync_status eval_call(struct expr_run *run, const struct expr_call *call, struct expr_value *value)
{
	struct expr_value args[EXPR_MAX_ARGS] = {{.kind = EXPR_UNDEFINED}};
	unsigned i = 0;

	ZYNC_TRY(eval_step(run, call->offset));
	if (value->kind == EXPR_UNDEFINED && !call->filter->takes_undefined)
		return ZYNC_OK;
	for (const struct expr_ast *arg = call->args; arg != NULL; arg = arg->next, i++)
		ZYNC_TRY(eval_argument(run, call, i, arg, &args[i]));
	return call->filter->apply(run, call, value, args);
}

static enum zync_status eval_expression(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret)
{
	ZYNC_TRY(eval_step(run, ast->offset));
	switch (ast->kind) {
	case EXPR_OPERAND_PATH:
		ZYNC_TRY(eval_path(run, ast, ret));
		break;
	case EXPR_OPERAND_STRING:
		*ret = (struct expr_value){.kind = EXPR_TEXT, .text = ast->string};
		break;
	case EXPR_OPERAND_INTEGER:
		*ret = (struct expr_value){.kind = EXPR_INTEGER, .integer = ast->integer};
		break;
	}
	for (const struct expr_call *call = ast->calls; call != NULL; call = call->next)
		ZYNC_TRY(eval_call(run, call, ret));
	return ZYNC_OK;
}

/* The text of an output node; NULL when it is undefined. */
static enum zync_status eval_output(struct expr_run *run, const struct expr_ast *ast, const char **ret)
{
	struct expr_value value = {.kind = EXPR_UNDEFINED};

	ZYNC_TRY(eval_expression(run, ast, &value));
	if (value.kind == EXPR_UNDEFINED && run->mode == ZYNC_EXPR_STRICT)
		return eval_undefined(run, ast);
	return expr_value_text(run, ast->offset, &value, ret);
}

static enum zync_status eval_nodes(struct expr_run *run, struct zync_buf *out, bool *ret_defined)
{
	bool defined = run->expr->constant;

	for (const struct expr_node *node = run->expr->nodes; node != NULL; node = node->next) {
		const char *text = NULL;

		ZYNC_TRY(eval_step(run, 0));
		if (node->kind == EXPR_NODE_TEXT) {
			zync_buf_add(out, node->text, node->text_len);
			defined = defined || !node->blank;
			continue;
		}
		ZYNC_TRY(eval_output(run, node->ast, &text));
		if (text == NULL)
			continue;
		zync_buf_adds(out, text);
		defined = true;
	}
	*ret_defined = defined;
	return ZYNC_OK;
}

enum zync_status zync_expr_render(const struct zync_expr *expr, const struct zync_expr_source *source, enum zync_expr_mode mode,
				  struct zync_arena *arena, const char **ret_text, bool *ret_defined, struct zync_err *err)
{
	struct expr_run run = {.expr = expr, .source = source, .mode = mode, .arena = arena, .err = err};
	const char *text;
	bool defined = true;
	ZYNC_AUTO_BUF out;

	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_OUTPUT);
	if (expr->constant) {
		text = zync_arena_strdup(arena, expr->source);
	} else {
		ZYNC_TRY(eval_nodes(&run, &out, &defined));
		if (out.failed == ZYNC_ERR_LIMIT)
			return expr_run_error(&run, ZYNC_ERR_LIMIT, 0, "the rendered text is longer than %u bytes",
					      ZYNC_LIMIT_TEMPLATE_OUTPUT);
		ZYNC_TRY(zync_buf_check(&out, "a rendered template", err));
		text = zync_arena_strndup(arena, out.data, out.len);
	}
	if (text == NULL)
		return zync_err_nomem(err, "rendering a template");
	*ret_text = text;
	if (ret_defined != NULL)
		*ret_defined = defined;
	return ZYNC_OK;
}

/* The elements of a list as texts. */
static enum zync_status eval_elements(struct expr_run *run, size_t offset, const struct zync_jval *list, const char *const **ret_texts,
				      size_t *ret_count)
{
	const char **texts = ZYNC_NEW_ARRAY(run->arena, const char *, zync_jval_len(list));
	struct zync_jiter it;
	const struct zync_jval *element;
	size_t count = 0;

	if (texts == NULL)
		return zync_err_nomem(run->err, "rendering a template");
	zync_jiter_init(&it, list);
	while ((element = zync_jiter_next(&it, NULL)) != NULL) {
		const char *text = NULL;

		ZYNC_TRY(eval_step(run, offset));
		if (zync_jval_type(element) <= ZYNC_JSON_NULL)
			continue;
		ZYNC_TRY(eval_json_text(run, offset, element, &text));
		ZYNC_TRY(expr_charge(run, offset, strlen(text)));
		/* The text of a string is the document's own; what is handed out lives in the arena. */
		texts[count] = zync_arena_strdup(run->arena, text);
		if (texts[count] == NULL)
			return zync_err_nomem(run->err, "rendering a template");
		count++;
	}
	*ret_texts = texts;
	*ret_count = count;
	return ZYNC_OK;
}

enum zync_status zync_expr_render_list(const struct zync_expr *expr, const struct zync_expr_source *source, enum zync_expr_mode mode,
				       struct zync_arena *arena, const char *const **ret_texts, size_t *ret_count, struct zync_err *err)
{
	struct expr_run run = {.expr = expr, .source = source, .mode = mode, .arena = arena, .err = err};
	const struct expr_node *only = expr->nodes != NULL && expr->nodes->next == NULL ? expr->nodes : NULL;
	struct expr_value value = {.kind = EXPR_UNDEFINED};
	const char **texts;
	bool defined = false;

	if (only != NULL && only->kind == EXPR_NODE_OUTPUT) {
		ZYNC_TRY(eval_expression(&run, only->ast, &value));
		if (value.kind == EXPR_JSON && zync_jval_type(value.json) == ZYNC_JSON_ARRAY)
			return eval_elements(&run, only->ast->offset, value.json, ret_texts, ret_count);
	}
	texts = ZYNC_NEW_ARRAY(arena, const char *, 1);
	if (texts == NULL)
		return zync_err_nomem(err, "rendering a template");
	ZYNC_TRY(zync_expr_render(expr, source, mode, arena, &texts[0], &defined, err));
	*ret_texts = texts;
	*ret_count = defined ? 1 : 0;
	return ZYNC_OK;
}
