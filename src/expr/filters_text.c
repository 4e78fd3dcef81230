/* SPDX-License-Identifier: Apache-2.0 */
/* Filters that make a text of a text. */
#include "expr/expr_priv.h"

#include <string.h>

#include "base/str.h"

EXPR_FILTER(lower)
{
	const char *text;

	(void)args;
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	return expr_value_set_text(run, call->offset, zync_utf8_lower(run->arena, text), value);
}

EXPR_FILTER(upper)
{
	const char *text;

	(void)args;
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	return expr_value_set_text(run, call->offset, zync_utf8_upper(run->arena, text), value);
}

EXPR_FILTER(capitalize)
{
	const char *text, *rest;
	char *first;
	size_t len;

	(void)args;
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	len = zync_utf8_prefix(text, 1);
	first = zync_arena_strndup(run->arena, text, len);
	first = first == NULL ? NULL : zync_utf8_upper(run->arena, first);
	rest = zync_utf8_lower(run->arena, text + len);
	if (first == NULL || rest == NULL)
		return expr_run_nomem(run);
	return expr_value_set_text(run, call->offset, zync_arena_printf(run->arena, "%s%s", first, rest), value);
}

EXPR_FILTER(slug)
{
	const char *text;

	(void)args;
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	return expr_value_set_text(run, call->offset, expr_slug(run->arena, text), value);
}

EXPR_FILTER(replace)
{
	const char *text, *hit, *old = args[0].text, *new = args[1].text;
	size_t old_len = strlen(old), new_len = strlen(new), len, hits = 0;
	char *out, *to;

	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	len = strlen(text);
	for (hit = text; (hit = strstr(hit, old)) != NULL; hit += old_len)
		hits++;
	len -= hits * old_len;
	if (len > ZYNC_LIMIT_TEMPLATE_OUTPUT || (hits > 0 && new_len > (ZYNC_LIMIT_TEMPLATE_OUTPUT - len) / hits))
		return expr_run_error(run, ZYNC_ERR_LIMIT, call->offset, "the result of replace is longer than %u bytes",
				      ZYNC_LIMIT_TEMPLATE_OUTPUT);
	to = out = zync_arena_alloc(run->arena, len + hits * new_len + 1);
	if (out == NULL)
		return expr_run_nomem(run);
	for (; (hit = strstr(text, old)) != NULL; text = hit + old_len) {
		to = mempcpy(to, text, (size_t)(hit - text));
		to = mempcpy(to, new, new_len);
	}
	(void)stpcpy(to, text);
	return expr_value_set_text(run, call->offset, out, value);
}

EXPR_FILTER(truncate)
{
	const char *text;

	if (args[0].integer < 0)
		return expr_run_error(run, ZYNC_ERR_REJECTED, call->offset, "truncate: the number of characters is negative");
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	text = zync_arena_strndup(run->arena, text, zync_utf8_prefix(text, (size_t)args[0].integer));
	return expr_value_set_text(run, call->offset, text, value);
}

EXPR_FILTER(trim)
{
	static const char white[] = " \t\r\n\v\f";
	const char *text;
	size_t len;

	(void)args;
	ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	text += strspn(text, white);
	for (len = strlen(text); len > 0 && strchr(white, text[len - 1]) != NULL;)
		len--;
	return expr_value_set_text(run, call->offset, zync_arena_strndup(run->arena, text, len), value);
}

static enum zync_status text_split(struct expr_run *run, const struct expr_call *call, const char *text, const char *separator,
				   struct expr_list *list)
{
	for (bool more = true; more;) {
		const char *hit = strstr(text, separator);
		size_t len = hit != NULL ? (size_t)(hit - text) : strlen(text);
		struct expr_value part = {.kind = EXPR_UNDEFINED};

		ZYNC_TRY(expr_value_set_text(run, call->offset, zync_arena_strndup(run->arena, text, len), &part));
		ZYNC_TRY(expr_list_add(run, call->offset, list, &part));
		more = hit != NULL;
		text += more ? len + strlen(separator) : 0;
	}
	return ZYNC_OK;
}

/* Of a list the parts of all elements in one list. */
EXPR_FILTER(split)
{
	struct expr_list *list = expr_list_new(run);
	struct expr_value element;
	struct expr_iter it;

	if (list == NULL)
		return expr_run_nomem(run);
	expr_iter_init(&it, value);
	while (expr_iter_next(&it, &element)) {
		const char *text;

		ZYNC_TRY(expr_value_text(run, call->offset, &element, &text));
		ZYNC_TRY(text_split(run, call, text, args[0].text, list));
	}
	*value = (struct expr_value){.kind = EXPR_LIST, .list = list};
	return ZYNC_OK;
}
