/* SPDX-License-Identifier: Apache-2.0 */
/* Filters on lists and on the members of objects. A single value is a list of one. */
#include "expr/expr_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"

EXPR_FILTER(join)
{
	const char *separator = call->arg_count > 0 ? args[0].text : ", ";
	const char *text;

	if (!expr_value_is_list(value))
		return ZYNC_OK;
	ZYNC_TRY(expr_join(run, call->offset, value, separator, &text));
	return expr_value_set_text(run, call->offset, text, value);
}

static struct expr_value list_element(const struct expr_value *value, bool last)
{
	size_t len = expr_value_count(value), index = last ? len - 1 : 0;

	if (!expr_value_is_list(value))
		return *value;
	if (len == 0)
		return (struct expr_value){.kind = EXPR_UNDEFINED, .origin = NULL};
	return value->kind == EXPR_LIST ? value->list->items[index] : expr_value_json(zync_jval_at(value->json, index));
}

EXPR_FILTER(first)
{
	(void)run;
	(void)call;
	(void)args;
	*value = list_element(value, /* last= */ false);
	return ZYNC_OK;
}

EXPR_FILTER(last)
{
	(void)run;
	(void)call;
	(void)args;
	*value = list_element(value, /* last= */ true);
	return ZYNC_OK;
}

/* Elements of a list, members of an object, characters of a text. */
EXPR_FILTER(length)
{
	struct expr_value plain = expr_value_plain(value);
	const char *text;
	size_t len;

	(void)args;
	if (expr_value_is_list(&plain)) {
		len = expr_value_count(&plain);
	} else if (plain.kind == EXPR_JSON && zync_jval_type(plain.json) == ZYNC_JSON_OBJECT) {
		len = zync_jval_len(plain.json);
	} else {
		ZYNC_TRY(expr_value_text(run, call->offset, &plain, &text));
		len = zync_utf8_len(text);
	}
	*value = (struct expr_value){.kind = EXPR_INTEGER, .integer = (int64_t)len};
	return ZYNC_OK;
}

/* Put all elements into @p list, which may be changed then. */
static enum zync_status list_copy(struct expr_run *run, const struct expr_call *call, const struct expr_value *value,
				  struct expr_list *list)
{
	struct expr_value element;
	struct expr_iter it;

	expr_iter_init(&it, value);
	while (expr_iter_next(&it, &element))
		ZYNC_TRY(expr_list_add(run, call->offset, list, &element));
	return ZYNC_OK;
}

EXPR_FILTER(reverse)
{
	struct expr_list *list = expr_list_new(run);

	(void)args;
	if (list == NULL)
		return expr_run_nomem(run);
	ZYNC_TRY(list_copy(run, call, value, list));
	for (size_t i = 0; i < list->len / 2; i++) {
		struct expr_value other = list->items[list->len - 1 - i];

		list->items[list->len - 1 - i] = list->items[i];
		list->items[i] = other;
	}
	*value = (struct expr_value){.kind = EXPR_LIST, .list = list};
	return ZYNC_OK;
}

struct list_key {
	struct expr_value value;
	const char *text; /* NULL: by number */
	long double number;
	size_t index; /* equal ones keep their order */
};

static int list_compare(const void *a, const void *b)
{
	const struct list_key *x = a, *y = b;
	int order = x->text != NULL ? strcmp(x->text, y->text) : (x->number > y->number) - (x->number < y->number);

	return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* By number when all are numbers, else by text. */
EXPR_FILTER(sort)
{
	struct expr_list *list = expr_list_new(run);
	struct list_key *keys;
	bool numbers = true;

	(void)args;
	if (list == NULL)
		return expr_run_nomem(run);
	ZYNC_TRY(list_copy(run, call, value, list));
	keys = ZYNC_NEW_ARRAY(run->arena, struct list_key, list->len);
	if (keys == NULL)
		return expr_run_nomem(run);
	for (size_t i = 0; i < list->len; i++) {
		struct expr_value plain = expr_value_plain(&list->items[i]);

		keys[i] = (struct list_key){.value = list->items[i], .index = i};
		numbers = expr_value_number(&plain, &keys[i].number) && numbers;
	}
	for (size_t i = 0; i < list->len && !numbers; i++)
		ZYNC_TRY(expr_value_text(run, call->offset, &list->items[i], &keys[i].text));
	if (list->len > 1)
		qsort(keys, list->len, sizeof(*keys), list_compare);
	for (size_t i = 0; i < list->len; i++)
		list->items[i] = keys[i].value;
	*value = (struct expr_value){.kind = EXPR_LIST, .list = list};
	return ZYNC_OK;
}

/* Of elements with the same text the first one. */
EXPR_FILTER(unique)
{
	struct expr_list *list = expr_list_new(run);
	struct zync_map *seen = zync_map_new(run->arena);
	struct expr_value element;
	struct expr_iter it;

	(void)args;
	if (list == NULL || seen == NULL)
		return expr_run_nomem(run);
	expr_iter_init(&it, value);
	while (expr_iter_next(&it, &element)) {
		const char *text;

		ZYNC_TRY(expr_step(run, call->offset, 1));
		ZYNC_TRY(expr_value_text(run, call->offset, &element, &text));
		if (zync_map_get(seen, text) != NULL)
			continue;
		ZYNC_TRY(zync_map_put(seen, text, list, run->err));
		ZYNC_TRY(expr_list_add(run, call->offset, list, &element));
	}
	*value = (struct expr_value){.kind = EXPR_LIST, .list = list};
	return ZYNC_OK;
}

static enum zync_status list_members(struct expr_run *run, const struct expr_call *call, bool names, struct expr_value *value)
{
	const struct zync_jval *json = value->kind == EXPR_JSON ? value->json : NULL, *member;
	struct expr_list *list = expr_list_new(run);
	const char *name = NULL;
	struct zync_jiter it;

	if (zync_jval_type(json) != ZYNC_JSON_OBJECT)
		return expr_run_error(run, ZYNC_ERR_REJECTED, call->offset, "%s: the value is not an object", call->filter->name);
	if (list == NULL)
		return expr_run_nomem(run);
	zync_jiter_init(&it, json);
	while ((member = zync_jiter_next(&it, &name)) != NULL) {
		struct expr_value element = expr_value_json(member);

		if (names)
			ZYNC_TRY(expr_value_set_text(run, call->offset, zync_arena_strdup(run->arena, name), &element));
		ZYNC_TRY(expr_list_add(run, call->offset, list, &element));
	}
	*value = (struct expr_value){.kind = EXPR_LIST, .list = list};
	return ZYNC_OK;
}

EXPR_FILTER(keys)
{
	(void)args;
	return list_members(run, call, /* names= */ true, value);
}

EXPR_FILTER(values)
{
	(void)args;
	return list_members(run, call, /* names= */ false, value);
}
