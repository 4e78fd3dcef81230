/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, of the document and made by the template, and a single value as a list of one. */
#include "expr/expr_priv.h"

#include <string.h>

bool expr_value_is_list(const struct expr_value *value)
{
	return value->kind == EXPR_LIST || (value->kind == EXPR_JSON && zync_jval_type(value->json) == ZYNC_JSON_ARRAY);
}

size_t expr_value_count(const struct expr_value *value)
{
	if (value->kind == EXPR_LIST)
		return value->list->len;
	if (expr_value_is_list(value))
		return zync_jval_len(value->json);
	return value->kind == EXPR_UNDEFINED ? 0 : 1;
}

void expr_iter_init(struct expr_iter *it, const struct expr_value *value)
{
	it->value = value;
	it->index = 0;
	if (value->kind == EXPR_JSON)
		zync_jiter_init(&it->json, value->json);
}

bool expr_iter_next(struct expr_iter *it, struct expr_value *ret)
{
	const struct expr_value *value = it->value;
	const struct zync_jval *element;

	if (value->kind == EXPR_LIST) {
		if (it->index >= value->list->len)
			return false;
		*ret = value->list->items[it->index++];
		return true;
	}
	if (!expr_value_is_list(value)) {
		*ret = *value;
		return value->kind != EXPR_UNDEFINED && it->index++ == 0;
	}
	while ((element = zync_jiter_next(&it->json, NULL)) != NULL) {
		*ret = expr_value_json(element);
		if (ret->kind != EXPR_UNDEFINED)
			return true;
	}
	return false;
}

struct expr_list *expr_list_new(struct expr_run *run)
{
	return ZYNC_NEW(run->arena, struct expr_list);
}

enum zync_status expr_list_add(struct expr_run *run, size_t offset, struct expr_list *list, const struct expr_value *value)
{
	ZYNC_TRY(expr_step(run, offset, 1));
	if (value->kind == EXPR_UNDEFINED)
		return ZYNC_OK;
	if (list->len == list->cap) {
		size_t cap = list->cap > 0 ? list->cap * 2 : 8;
		struct expr_value *items = ZYNC_NEW_ARRAY(run->arena, struct expr_value, cap);

		if (items == NULL)
			return expr_run_nomem(run);
		if (list->len > 0)
			memcpy(items, list->items, list->len * sizeof(*items));
		list->items = items;
		list->cap = cap;
	}
	list->items[list->len++] = *value;
	return ZYNC_OK;
}

struct list_piece {
	const char *text;
	size_t len;
};

/* The texts of all elements; *ret_bytes is their length together. */
static enum zync_status list_pieces(struct expr_run *run, size_t offset, const struct expr_value *list, struct list_piece *pieces,
				    size_t *ret_count, size_t *ret_bytes)
{
	struct expr_iter it;
	struct expr_value element;

	*ret_count = *ret_bytes = 0;
	expr_iter_init(&it, list);
	while (expr_iter_next(&it, &element)) {
		struct list_piece *piece = &pieces[(*ret_count)++];

		ZYNC_TRY(expr_step(run, offset, 1));
		ZYNC_TRY(expr_value_text(run, offset, &element, &piece->text));
		piece->len = strlen(piece->text);
		*ret_bytes += piece->len;
		if (*ret_bytes > ZYNC_LIMIT_TEMPLATE_OUTPUT)
			break;
	}
	return ZYNC_OK;
}

enum zync_status expr_join(struct expr_run *run, size_t offset, const struct expr_value *list, const char *separator, const char **ret)
{
	size_t most = expr_value_count(list), separator_len = strlen(separator), count = 0, bytes = 0;
	struct list_piece *pieces;
	char *out;

	if (most > ZYNC_LIMIT_TEMPLATE_STEPS) /* not to make room for what cannot be walked */
		return expr_step(run, offset, most);
	pieces = ZYNC_NEW_ARRAY(run->arena, struct list_piece, most);
	if (pieces == NULL)
		return expr_run_nomem(run);
	ZYNC_TRY(list_pieces(run, offset, list, pieces, &count, &bytes));
	if (count > 1 && separator_len <= ZYNC_LIMIT_TEMPLATE_OUTPUT)
		bytes += (count - 1) * separator_len;
	if (bytes > ZYNC_LIMIT_TEMPLATE_OUTPUT || separator_len > ZYNC_LIMIT_TEMPLATE_OUTPUT)
		return expr_run_error(run, ZYNC_ERR_LIMIT, offset, "the list is longer than %u bytes", ZYNC_LIMIT_TEMPLATE_OUTPUT);
	ZYNC_TRY(expr_charge(run, offset, bytes));
	*ret = out = zync_arena_alloc(run->arena, bytes + 1);
	if (out == NULL)
		return expr_run_nomem(run);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			out = mempcpy(out, separator, separator_len);
		out = mempcpy(out, pieces[i].text, pieces[i].len);
	}
	*out = '\0';
	return ZYNC_OK;
}
