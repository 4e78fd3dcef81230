/* SPDX-License-Identifier: Apache-2.0 */
/* Working out what an expression yields for one object. */
#include "expr/expr_priv.h"

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

enum zync_status expr_run_nomem(struct expr_run *run)
{
	return zync_err_nomem(run->err, "rendering a template");
}

enum zync_status expr_step(struct expr_run *run, size_t offset, size_t steps)
{
	run->steps += steps;
	if (run->steps > ZYNC_LIMIT_TEMPLATE_STEPS)
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

enum zync_status expr_check_defined(struct expr_run *run, const struct expr_value *value)
{
	const struct expr_span *span;

	if (run->mode != ZYNC_EXPR_STRICT || run->tolerant > 0 || value->kind != EXPR_UNDEFINED || value->origin == NULL)
		return ZYNC_OK;
	span = value->origin;
	return expr_run_error(run, ZYNC_ERR_REJECTED, span->offset, "\"%.*s\" is not defined for this object; add | default(\"…\")",
			      (int)zync_utf8_prefix(run->expr->source + span->offset, ZYNC_MIN(span->len, 100u)),
			      run->expr->source + span->offset);
}

/* --- paths --- */

static struct expr_value eval_index(const struct expr_value *list, int64_t index)
{
	size_t len = expr_value_is_list(list) ? expr_value_count(list) : 0;

	if (index < 0)
		index += (int64_t)len;
	if (index < 0 || (uint64_t)index >= len)
		return (struct expr_value){.kind = EXPR_UNDEFINED, .origin = NULL};
	return list->kind == EXPR_LIST ? list->list->items[index] : expr_value_json(zync_jval_at(list->json, (size_t)index));
}

static enum zync_status eval_path(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret)
{
	const struct zync_expr_source *source = run->source;
	const struct expr_step *step = ast->path.steps;

	ZYNC_TRY(expr_step(run, ast->span.offset, 1));
	if (ast->path.slot >= 0)
		*ret = run->names[ast->path.slot];
	else
		*ret = expr_value_json(source->member(source->ctx, NULL, step->name));
	for (step = step->next; step != NULL && ret->kind != EXPR_UNDEFINED; step = step->next) {
		ZYNC_TRY(expr_step(run, ast->span.offset, 1));
		if (step->name == NULL)
			*ret = eval_index(ret, step->index);
		else if (ret->kind == EXPR_JSON)
			*ret = expr_value_json(source->member(source->ctx, ret->json, step->name));
		else
			*ret = (struct expr_value){.kind = EXPR_UNDEFINED, .origin = NULL};
	}
	if (ret->kind == EXPR_UNDEFINED)
		ret->origin = &ast->span;
	return ZYNC_OK;
}

/* --- filters --- */

/* Bring an argument into the form that its filter asks for. */
static enum zync_status eval_argument(struct expr_run *run, const struct expr_call *call, unsigned index, const struct expr_ast *arg,
				      struct expr_value *ret)
{
	enum expr_arg_kind kind = call->filter->arg_kinds[index];
	unsigned tolerant = run->tolerant;
	const char *text = NULL;
	bool negative;

	ZYNC_TRY(expr_eval(run, arg, ret));
	if (kind == EXPR_ARG_ANY || (kind == EXPR_ARG_INTEGER && ret->kind == EXPR_INTEGER))
		return ZYNC_OK;
	run->tolerant = 0; /* a filter in a condition needs its arguments all the same */
	ZYNC_TRY(expr_check_defined(run, ret));
	run->tolerant = tolerant;
	ZYNC_TRY(expr_value_text(run, arg->span.offset, ret, &text));
	text = text == NULL ? "" : text;
	if (kind == EXPR_ARG_INTEGER) {
		negative = text[0] == '-';
		*ret = (struct expr_value){.kind = EXPR_INTEGER, .integer = 0};
		if (!zync_str_to_i64(negative ? text + 1 : text, &ret->integer))
			return expr_run_error(run, ZYNC_ERR_REJECTED, arg->span.offset,
					      "%s: the argument must be a whole number, not \"%.60s\"", call->filter->name, text);
		ret->integer = negative ? -ret->integer : ret->integer;
		return ZYNC_OK;
	}
	*ret = (struct expr_value){.kind = EXPR_TEXT, .text = text};
	if (call->filter->takes_nonempty && index == 0 && text[0] == '\0')
		return expr_run_error(run, ZYNC_ERR_REJECTED, arg->span.offset, "%s: the text to look for is empty", call->filter->name);
	return ZYNC_OK;
}

static enum zync_status eval_call_each(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				       const struct expr_value *args)
{
	struct expr_list *list = expr_list_new(run);
	struct expr_value element;
	struct expr_iter it;

	if (list == NULL)
		return expr_run_nomem(run);
	expr_iter_init(&it, value);
	while (expr_iter_next(&it, &element)) {
		ZYNC_TRY(call->filter->apply(run, call, &element, args));
		ZYNC_TRY(expr_list_add(run, call->offset, list, &element));
	}
	*value = (struct expr_value){.kind = EXPR_LIST, .list = list};
	return ZYNC_OK;
}

static enum zync_status eval_call(struct expr_run *run, const struct expr_call *call, struct expr_value *value)
{
	struct expr_value args[EXPR_MAX_ARGS] = {{.kind = EXPR_UNDEFINED}};
	const struct expr_filter *filter = call->filter;
	unsigned i = 0;

	ZYNC_TRY(expr_step(run, call->offset, 1));
	if (filter->takes_undefined ? !expr_value_empty(value) : value->kind == EXPR_UNDEFINED)
		return ZYNC_OK;
	for (const struct expr_ast *arg = call->args; arg != NULL; arg = arg->next, i++)
		ZYNC_TRY(eval_argument(run, call, i, arg, &args[i]));
	if (filter->each && expr_value_is_list(value))
		return eval_call_each(run, call, value, args);
	ZYNC_TRY(filter->apply(run, call, value, args));
	if (value->kind == EXPR_UNDEFINED && !filter->takes_undefined)
		value->origin = &call->span;
	return ZYNC_OK;
}

/* --- conditions --- */

static enum zync_status eval_truth(struct expr_run *run, const struct expr_ast *ast, bool *ret)
{
	struct expr_value value = {.kind = EXPR_UNDEFINED};

	run->tolerant++;
	ZYNC_TRY(expr_eval(run, ast, &value));
	run->tolerant--;
	*ret = expr_value_true(&value);
	return ZYNC_OK;
}

static enum zync_status eval_choice(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret)
{
	for (const struct expr_branch *branch = ast->choice.branches; branch != NULL; branch = branch->next) {
		bool truth = false;

		ZYNC_TRY(eval_truth(run, branch->condition, &truth));
		if (truth)
			return expr_eval(run, branch->value, ret);
	}
	if (ast->choice.otherwise != NULL)
		return expr_eval(run, ast->choice.otherwise, ret);
	*ret = (struct expr_value){.kind = EXPR_UNDEFINED, .origin = NULL};
	return ZYNC_OK;
}

/* The first operand that decides, else the last one. */
static enum zync_status eval_chain(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret)
{
	for (const struct expr_ast *part = ast->parts; part != NULL; part = part->next) {
		ZYNC_TRY(expr_eval(run, part, ret));
		if (expr_value_true(ret) == (ast->kind == EXPR_OR))
			return ZYNC_OK;
	}
	return ZYNC_OK;
}

static enum zync_status eval_not(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret)
{
	bool truth = false;

	ZYNC_TRY(eval_truth(run, ast->parts, &truth));
	*ret = (struct expr_value){.kind = EXPR_BOOL, .boolean = truth != ast->negated};
	return ZYNC_OK;
}

static enum zync_status eval_compare(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret)
{
	struct expr_value left = {.kind = EXPR_UNDEFINED}, right = {.kind = EXPR_UNDEFINED};
	bool truth = false;

	run->tolerant++;
	ZYNC_TRY(expr_eval(run, ast->compare.left, &left));
	ZYNC_TRY(expr_eval(run, ast->compare.right, &right));
	run->tolerant--;
	ZYNC_TRY(expr_value_compare(run, ast->span.offset, ast->compare.relation, &left, &right, &truth));
	*ret = (struct expr_value){.kind = EXPR_BOOL, .boolean = truth};
	return ZYNC_OK;
}

/* --- lists --- */

static enum zync_status eval_list(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret)
{
	struct expr_list *list = expr_list_new(run);

	if (list == NULL)
		return expr_run_nomem(run);
	for (const struct expr_ast *part = ast->parts; part != NULL; part = part->next) {
		struct expr_value value = {.kind = EXPR_UNDEFINED};

		ZYNC_TRY(expr_eval(run, part, &value));
		ZYNC_TRY(expr_check_defined(run, &value));
		ZYNC_TRY(expr_list_add(run, part->span.offset, list, &value));
	}
	*ret = (struct expr_value){.kind = EXPR_LIST, .list = list};
	return ZYNC_OK;
}

static enum zync_status eval_loop_over(struct expr_run *run, const struct expr_ast *ast, const struct expr_loop *loop,
				       const struct expr_value *source, struct expr_list *list);

/* With the names of @p loop bound: the loop inside it, or the element. */
static enum zync_status eval_loop_once(struct expr_run *run, const struct expr_ast *ast, const struct expr_loop *loop,
				       struct expr_list *list)
{
	struct expr_value value = {.kind = EXPR_UNDEFINED};
	bool truth = true;

	if (loop->condition != NULL)
		ZYNC_TRY(eval_truth(run, loop->condition, &truth));
	if (!truth)
		return ZYNC_OK;
	ZYNC_TRY(expr_eval(run, loop->next != NULL ? loop->next->source : ast->each.element, &value));
	ZYNC_TRY(expr_check_defined(run, &value));
	if (loop->next != NULL)
		return eval_loop_over(run, ast, loop->next, &value, list);
	return expr_list_add(run, ast->each.element->span.offset, list, &value);
}

static enum zync_status eval_loop_members(struct expr_run *run, const struct expr_ast *ast, const struct expr_loop *loop,
					  const struct expr_value *source, struct expr_list *list)
{
	const struct zync_jval *json = source->kind == EXPR_JSON ? source->json : NULL, *member;
	const char *name = NULL;
	struct zync_jiter it;

	if (zync_jval_type(json) != ZYNC_JSON_OBJECT)
		return expr_run_error(run, ZYNC_ERR_REJECTED, loop->span.offset,
				      "two names loop over the members of an object, and this is none; name only the elements");
	zync_jiter_init(&it, json);
	while ((member = zync_jiter_next(&it, &name)) != NULL) {
		/* A copy: texts never point into a document. */
		const char *copy = zync_arena_strdup(run->arena, name);

		if (copy == NULL)
			return expr_run_nomem(run);
		run->names[loop->slot] = (struct expr_value){.kind = EXPR_TEXT, .text = copy};
		run->names[loop->slot + 1] = expr_value_json(member);
		ZYNC_TRY(eval_loop_once(run, ast, loop, list));
	}
	return ZYNC_OK;
}

static enum zync_status eval_loop_over(struct expr_run *run, const struct expr_ast *ast, const struct expr_loop *loop,
				       const struct expr_value *source, struct expr_list *list)
{
	struct expr_iter it;

	if (loop->names[1] != NULL && source->kind != EXPR_UNDEFINED)
		return eval_loop_members(run, ast, loop, source, list);
	expr_iter_init(&it, source);
	while (expr_iter_next(&it, &run->names[loop->slot]))
		ZYNC_TRY(eval_loop_once(run, ast, loop, list));
	return ZYNC_OK;
}

/* A loop over something undefined is undefined itself, so that default can tell it from a loop that found nothing. */
static enum zync_status eval_each(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret)
{
	struct expr_value source = {.kind = EXPR_UNDEFINED};
	struct expr_list *list;

	ZYNC_TRY(expr_eval(run, ast->each.loops->source, &source));
	*ret = source;
	if (source.kind == EXPR_UNDEFINED)
		return ZYNC_OK;
	list = expr_list_new(run);
	if (list == NULL)
		return expr_run_nomem(run);
	ZYNC_TRY(eval_loop_over(run, ast, ast->each.loops, &source, list));
	*ret = (struct expr_value){.kind = EXPR_LIST, .list = list};
	return ZYNC_OK;
}

static enum zync_status eval_operand(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret)
{
	switch (ast->kind) {
	case EXPR_PATH:
		return eval_path(run, ast, ret);
	case EXPR_LITERAL:
		*ret = ast->literal;
		return ZYNC_OK;
	case EXPR_LIST_OF:
		return eval_list(run, ast, ret);
	case EXPR_IF:
		return eval_choice(run, ast, ret);
	case EXPR_AND:
	case EXPR_OR:
		return eval_chain(run, ast, ret);
	case EXPR_NOT:
		return eval_not(run, ast, ret);
	case EXPR_COMPARE:
		return eval_compare(run, ast, ret);
	case EXPR_EACH:
		break;
	}
	return eval_each(run, ast, ret);
}

enum zync_status expr_eval(struct expr_run *run, const struct expr_ast *ast, struct expr_value *ret)
{
	ZYNC_TRY(expr_step(run, ast->span.offset, 1));
	ZYNC_TRY(eval_operand(run, ast, ret));
	for (const struct expr_call *call = ast->calls; call != NULL; call = call->next)
		ZYNC_TRY(eval_call(run, call, ret));
	return ZYNC_OK;
}
