/* SPDX-License-Identifier: Apache-2.0 */
#include "expr/expr_priv.h"

#include <string.h>

#include "base/str.h"

static enum zync_status filter_result(struct expr_run *run, const struct expr_call *call, const char *text, struct expr_value *value)
{
	if (text == NULL)
		return zync_err_nomem(run->err, "rendering a template");
	ZYNC_TRY(expr_charge(run, call->offset, strlen(text)));
	*value = (struct expr_value){.kind = EXPR_TEXT, .text = text};
	return ZYNC_OK;
}

static enum zync_status filter_lower(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				     const struct expr_value *args)
{
	const char *text;

	(void)args;
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	return filter_result(run, call, zync_utf8_lower(run->arena, text), value);
}

static enum zync_status filter_upper(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				     const struct expr_value *args)
{
	const char *text;

	(void)args;
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	return filter_result(run, call, zync_utf8_upper(run->arena, text), value);
}

static enum zync_status filter_slug(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				    const struct expr_value *args)
{
	const char *text;

	(void)args;
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	return filter_result(run, call, expr_slug(run->arena, text), value);
}

static enum zync_status filter_default(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				       const struct expr_value *args)
{
	(void)run;
	(void)call;
	if (expr_value_empty(value))
		*value = args[0];
	return ZYNC_OK;
}

static enum zync_status filter_replace(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				       const struct expr_value *args)
{
	size_t old_len = strlen(args[0].text);
	const char *text, *hit;
	ZYNC_AUTO_BUF out;

	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_OUTPUT);
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	for (; (hit = strstr(text, args[0].text)) != NULL; text = hit + old_len) {
		zync_buf_add(&out, text, (size_t)(hit - text));
		zync_buf_adds(&out, args[1].text);
	}
	zync_buf_adds(&out, text);
	if (out.failed == ZYNC_ERR_LIMIT)
		return expr_run_error(run, ZYNC_ERR_LIMIT, call->offset, "the result of replace is longer than %u bytes",
				      ZYNC_LIMIT_TEMPLATE_OUTPUT);
	ZYNC_TRY(zync_buf_check(&out, "a rendered template", run->err));
	return filter_result(run, call, zync_arena_strndup(run->arena, out.data, out.len), value);
}

static enum zync_status filter_truncate(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
					const struct expr_value *args)
{
	const char *text;

	if (args[0].integer < 0)
		return expr_run_error(run, ZYNC_ERR_REJECTED, call->offset, "truncate: the number of characters is negative");
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	return filter_result(run, call, zync_arena_strndup(run->arena, text, zync_utf8_prefix(text, (size_t)args[0].integer)), value);
}

static enum zync_status filter_trim(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				    const struct expr_value *args)
{
	static const char white[] = " \t\r\n\v\f";
	const char *text;
	size_t len;

	(void)args;
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	text += strspn(text, white);
	for (len = strlen(text); len > 0 && strchr(white, text[len - 1]) != NULL;)
		len--;
	return filter_result(run, call, zync_arena_strndup(run->arena, text, len), value);
}

static bool filter_is_list(const struct expr_value *value)
{
	return value->kind == EXPR_JSON && zync_jval_type(value->json) == ZYNC_JSON_ARRAY;
}

static enum zync_status filter_join(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				    const struct expr_value *args)
{
	const char *separator = call->arg_count > 0 ? args[0].text : ", ";
	const char *text;

	if (!filter_is_list(value)) /* a single value is a list of one */
		return ZYNC_OK;
	ZYNC_TRY(expr_join(run, call->offset, value->json, separator, &text));
	return filter_result(run, call, text, value);
}

static enum zync_status filter_element(struct expr_value *value, bool last)
{
	const struct zync_jval *element;
	size_t len;

	if (!filter_is_list(value)) /* a single value is a list of one */
		return ZYNC_OK;
	len = zync_jval_len(value->json);
	element = len == 0 ? NULL : zync_jval_at(value->json, last ? len - 1 : 0);
	*value = (struct expr_value){.kind = EXPR_UNDEFINED};
	if (zync_jval_type(element) > ZYNC_JSON_NULL)
		*value = (struct expr_value){.kind = EXPR_JSON, .json = element};
	return ZYNC_OK;
}

static enum zync_status filter_first(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				     const struct expr_value *args)
{
	(void)run;
	(void)call;
	(void)args;
	return filter_element(value, /* last= */ false);
}

static enum zync_status filter_last(struct expr_run *run, const struct expr_call *call, struct expr_value *value,
				    const struct expr_value *args)
{
	(void)run;
	(void)call;
	(void)args;
	return filter_element(value, /* last= */ true);
}

static const struct expr_filter filter_table[] = {
	{.name = "default", .min_args = 1, .max_args = 1, .takes_undefined = true, .apply = filter_default},
	{.name = "first", .apply = filter_first},
	{.name = "join", .max_args = 1, .arg_kinds = {EXPR_ARG_TEXT}, .apply = filter_join},
	{.name = "last", .apply = filter_last},
	{.name = "lower", .apply = filter_lower},
	{.name = "replace",
	 .min_args = 2,
	 .max_args = 2,
	 .arg_kinds = {EXPR_ARG_TEXT, EXPR_ARG_TEXT},
	 .takes_nonempty = true,
	 .apply = filter_replace},
	{.name = "slug", .apply = filter_slug},
	{.name = "trim", .apply = filter_trim},
	{.name = "truncate", .min_args = 1, .max_args = 1, .arg_kinds = {EXPR_ARG_INTEGER}, .apply = filter_truncate},
	{.name = "upper", .apply = filter_upper},
};

/* The names of the table above, which a unit test compares. */
static const char *const filter_names[] = {"default", "first", "join",	   "last",  "lower", "replace",
					   "slug",    "trim",  "truncate", "upper", NULL};
_Static_assert(ZYNC_ARRAY_LEN(filter_names) == ZYNC_ARRAY_LEN(filter_table) + 1, "each filter has its name in the list");

const char *const *zync_expr_filters(void)
{
	return filter_names;
}

const struct expr_filter *expr_filter_find(const char *name)
{
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(filter_table); i++)
		if (strcmp(filter_table[i].name, name) == 0)
			return &filter_table[i];
	return NULL;
}

const char *expr_filter_arg_problem(const struct expr_filter *filter, unsigned index, const struct expr_ast *arg)
{
	if (arg->calls != NULL || arg->kind == EXPR_OPERAND_PATH)
		return NULL; /* known only when it is rendered */
	if (filter->arg_kinds[index] == EXPR_ARG_INTEGER) {
		if (arg->kind != EXPR_OPERAND_INTEGER)
			return "the argument must be a whole number";
		if (arg->integer < 0)
			return "the number must not be negative";
	}
	if (filter->takes_nonempty && index == 0 && arg->kind == EXPR_OPERAND_STRING && arg->string[0] == '\0')
		return "the text to look for is empty";
	return NULL;
}
