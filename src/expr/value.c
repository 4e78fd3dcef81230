/* SPDX-License-Identifier: Apache-2.0 */
/* Values: their texts, what counts as true, how they compare. */
#include "expr/expr_priv.h"

#include <string.h>

#include "base/str.h"

struct expr_value expr_value_json(const struct zync_jval *json)
{
	if (zync_jval_type(json) <= ZYNC_JSON_NULL)
		return (struct expr_value){.kind = EXPR_UNDEFINED, .origin = NULL};
	return (struct expr_value){.kind = EXPR_JSON, .json = json};
}

/* The value of a selection (NetBox: {"value", "label"}), NULL for anything else. */
static const struct zync_jval *value_selection(const struct zync_jval *object)
{
	const struct zync_jval *value;

	if (zync_jval_type(object) != ZYNC_JSON_OBJECT || zync_jval_len(object) != 2 || zync_jval_get(object, "label") == NULL)
		return NULL;
	value = zync_jval_get(object, "value");
	return zync_jval_type(value) > ZYNC_JSON_NULL && zync_jval_type(value) < ZYNC_JSON_ARRAY ? value : NULL;
}

struct expr_value expr_value_plain(const struct expr_value *value)
{
	const struct zync_jval *selected = value->kind == EXPR_JSON ? value_selection(value->json) : NULL;

	return selected != NULL ? expr_value_json(selected) : *value;
}

/* What stands for an object in a text: selections for their value, references for their name. */
static const struct zync_jval *value_object_text(const struct zync_jval *object)
{
	static const char *const order[] = {"name", "display", "label", "value"};
	const struct zync_jval *selected = value_selection(object);

	if (selected != NULL)
		return selected;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(order); i++) {
		const struct zync_jval *v = zync_jval_get(object, order[i]);
		enum zync_jtype type = zync_jval_type(v);

		if (type > ZYNC_JSON_NULL && type < ZYNC_JSON_ARRAY)
			return v;
	}
	return NULL;
}

/* Short and often wanted, so without printf(). */
static char *value_integer_text(struct zync_arena *arena, int64_t n)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (n < 0)
		digits[--at] = '-';
	return zync_arena_strndup(arena, digits + at, sizeof(digits) - at);
}

static enum zync_status value_scalar_text(struct expr_run *run, const struct zync_jval *v, const char **ret)
{
	int64_t n;

	if (zync_jval_type(v) == ZYNC_JSON_INT && zync_jval_to_i64(v, &n))
		*ret = value_integer_text(run->arena, n);
	else
		*ret = zync_jval_text(run->arena, v);
	return *ret != NULL ? ZYNC_OK : expr_run_nomem(run);
}

static enum zync_status value_object_json(struct expr_run *run, size_t offset, const struct zync_jval *v, const char **ret)
{
	enum zync_status status;
	ZYNC_AUTO_BUF out;

	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_OUTPUT);
	status = zync_jval_write(run->arena, v, ZYNC_JSON_SORTED, &out, run->err);
	if (status == ZYNC_ERR_LIMIT)
		return expr_run_error(run, status, offset, "the value is longer than %u bytes", ZYNC_LIMIT_TEMPLATE_OUTPUT);
	ZYNC_TRY(status);
	ZYNC_TRY(expr_charge(run, offset, out.len));
	*ret = zync_arena_strndup(run->arena, out.data, out.len);
	return *ret != NULL ? ZYNC_OK : expr_run_nomem(run);
}

static enum zync_status value_json_text(struct expr_run *run, size_t offset, const struct expr_value *value, const char **ret)
{
	enum zync_jtype type = zync_jval_type(value->json);

	if (type == ZYNC_JSON_STR) {
		*ret = zync_jval_str(value->json);
		return ZYNC_OK;
	}
	if (type == ZYNC_JSON_ARRAY)
		return expr_join(run, offset, value, ", ", ret);
	if (type == ZYNC_JSON_OBJECT) {
		const struct zync_jval *part = value_object_text(value->json);

		return part != NULL ? value_scalar_text(run, part, ret) : value_object_json(run, offset, value->json, ret);
	}
	return value_scalar_text(run, value->json, ret);
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
		*ret = value_integer_text(run->arena, value->integer);
		return *ret != NULL ? ZYNC_OK : expr_run_nomem(run);
	case EXPR_BOOL:
		*ret = value->boolean ? "true" : "false";
		return ZYNC_OK;
	case EXPR_LIST:
		return expr_join(run, offset, value, ", ", ret);
	case EXPR_JSON:
		break;
	}
	return value_json_text(run, offset, value, ret);
}

enum zync_status expr_value_set_text(struct expr_run *run, size_t offset, const char *text, struct expr_value *value)
{
	if (text == NULL)
		return expr_run_nomem(run);
	ZYNC_TRY(expr_charge(run, offset, strlen(text)));
	*value = (struct expr_value){.kind = EXPR_TEXT, .text = text};
	return ZYNC_OK;
}

bool expr_value_empty(const struct expr_value *value)
{
	enum zync_jtype type;

	if (value->kind == EXPR_UNDEFINED)
		return true;
	if (value->kind == EXPR_TEXT)
		return value->text[0] == '\0';
	if (value->kind == EXPR_LIST)
		return value->list->len == 0;
	if (value->kind != EXPR_JSON)
		return false;
	type = zync_jval_type(value->json);
	if (type == ZYNC_JSON_STR)
		return zync_jval_str(value->json)[0] == '\0';
	return (type == ZYNC_JSON_ARRAY || type == ZYNC_JSON_OBJECT) && zync_jval_len(value->json) == 0;
}

bool expr_value_number(const struct expr_value *value, long double *ret)
{
	enum zync_jtype type;
	int64_t whole;
	uint64_t large;

	if (value->kind == EXPR_INTEGER) {
		*ret = (long double)value->integer;
		return true;
	}
	if (value->kind != EXPR_JSON)
		return false;
	type = zync_jval_type(value->json);
	if (type == ZYNC_JSON_REAL)
		*ret = (long double)zync_jval_real(value->json);
	else if (type == ZYNC_JSON_INT && zync_jval_to_i64(value->json, &whole))
		*ret = (long double)whole;
	else if (type == ZYNC_JSON_INT && zync_jval_to_u64(value->json, &large))
		*ret = (long double)large;
	else
		return false;
	return true;
}

bool expr_value_true(const struct expr_value *value)
{
	long double number;

	if (expr_value_empty(value))
		return false;
	if (value->kind == EXPR_BOOL)
		return value->boolean;
	if (value->kind == EXPR_JSON && zync_jval_type(value->json) == ZYNC_JSON_BOOL)
		return zync_jval_is_true(value->json);
	return !expr_value_number(value, &number) || number < 0 || number > 0;
}

/* The order of two values: by number when both are numbers, else by text, where an undefined value has the empty text. */
static enum zync_status value_order(struct expr_run *run, size_t offset, const struct expr_value *left, const struct expr_value *right,
				    int *ret)
{
	struct expr_value a = expr_value_plain(left), b = expr_value_plain(right);
	const char *a_text = NULL, *b_text = NULL;
	long double x, y;

	if (expr_value_number(&a, &x) && expr_value_number(&b, &y)) {
		*ret = (x > y) - (x < y);
		return ZYNC_OK;
	}
	ZYNC_TRY(expr_value_text(run, offset, &a, &a_text));
	ZYNC_TRY(expr_value_text(run, offset, &b, &b_text));
	*ret = strcmp(a_text != NULL ? a_text : "", b_text != NULL ? b_text : "");
	return ZYNC_OK;
}

/* Is @p needle an element of a list, a member of an object, or a part of a text? Nothing undefined is in anything. */
static enum zync_status value_in(struct expr_run *run, size_t offset, const struct expr_value *needle, const struct expr_value *haystack,
				 bool *ret)
{
	struct expr_value in = expr_value_plain(haystack), element;
	const char *text = NULL, *in_text = NULL;
	struct expr_iter it;

	*ret = false;
	if (needle->kind == EXPR_UNDEFINED || in.kind == EXPR_UNDEFINED)
		return ZYNC_OK;
	if (expr_value_is_list(&in)) {
		expr_iter_init(&it, &in);
		while (!*ret && expr_iter_next(&it, &element)) {
			int order = 0;

			ZYNC_TRY(expr_step(run, offset, 1));
			ZYNC_TRY(value_order(run, offset, needle, &element, &order));
			*ret = order == 0;
		}
		return ZYNC_OK;
	}
	ZYNC_TRY(expr_value_text(run, offset, needle, &text));
	if (in.kind == EXPR_JSON && zync_jval_type(in.json) == ZYNC_JSON_OBJECT) {
		*ret = zync_jval_get(in.json, text) != NULL;
		return ZYNC_OK;
	}
	ZYNC_TRY(expr_value_text(run, offset, &in, &in_text));
	*ret = strstr(in_text, text) != NULL;
	return expr_step(run, offset, strlen(in_text) / 1024);
}

enum zync_status expr_value_compare(struct expr_run *run, size_t offset, enum expr_compare relation, const struct expr_value *left,
				    const struct expr_value *right, bool *ret)
{
	bool ordered = relation == EXPR_LT || relation == EXPR_LE || relation == EXPR_GT || relation == EXPR_GE;
	int order = 0;

	if (relation == EXPR_IN || relation == EXPR_NOT_IN) {
		ZYNC_TRY(value_in(run, offset, left, right, ret));
		*ret = *ret == (relation == EXPR_IN);
		return ZYNC_OK;
	}
	*ret = false;
	if (ordered && (left->kind == EXPR_UNDEFINED || right->kind == EXPR_UNDEFINED))
		return ZYNC_OK;
	ZYNC_TRY(value_order(run, offset, left, right, &order));
	switch (relation) {
	case EXPR_NE:
		*ret = order != 0;
		break;
	case EXPR_LT:
		*ret = order < 0;
		break;
	case EXPR_LE:
		*ret = order <= 0;
		break;
	case EXPR_GT:
		*ret = order > 0;
		break;
	case EXPR_GE:
		*ret = order >= 0;
		break;
	case EXPR_EQ:
	case EXPR_IN:
	case EXPR_NOT_IN:
		*ret = order == 0;
		break;
	}
	return ZYNC_OK;
}
