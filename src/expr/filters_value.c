/* SPDX-License-Identifier: Apache-2.0 */
/* Filters that know what kind of value they have: numbers, addresses, objects with a parent, JSON, Python. */
#include "expr/expr_priv.h"

#include <string.h>

#include "base/str.h"

EXPR_FILTER(default)
{
	(void)run;
	(void)call;
	*value = args[0]; /* called for empty values only */
	return ZYNC_OK;
}

/* The address without its mask. An object that has an address is one. */
EXPR_FILTER(ip)
{
	const char *text = value->kind == EXPR_JSON ? zync_jval_get_str(value->json, "address") : NULL;

	(void)args;
	if (text == NULL)
		ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
	return expr_value_set_text(run, call->offset, zync_arena_strndup(run->arena, text, strcspn(text, "/")), value);
}

/* --- int --- */

/* "-12", " 7 ", "2.9" (what stands behind the point does not count). */
static bool value_whole(const char *text, int64_t *ret)
{
	static const char white[] = " \t\r\n";
	size_t len, rest;
	char digits[24];
	bool negative;

	text += strspn(text, white);
	negative = *text == '-';
	text += *text == '-' || *text == '+' ? 1 : 0;
	len = strspn(text, "0123456789");
	rest = len + (text[len] == '.' ? 1 + strspn(text + len + 1, "0123456789") : 0);
	rest += strspn(text + rest, white);
	if (text[rest] != '\0' || len == 0 || len >= sizeof(digits))
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (!zync_str_to_i64(digits, ret))
		return false;
	*ret = negative ? -*ret : *ret;
	return true;
}

EXPR_FILTER(int)
{
	struct expr_value plain = expr_value_plain(value);
	enum zync_jtype type = plain.kind == EXPR_JSON ? zync_jval_type(plain.json) : ZYNC_JSON_NONE;
	int64_t whole = 0;
	bool known;

	(void)args;
	if (plain.kind == EXPR_INTEGER)
		return ZYNC_OK;
	if (plain.kind == EXPR_BOOL || type == ZYNC_JSON_BOOL) {
		whole = expr_value_true(&plain) ? 1 : 0;
		known = true;
	} else if (type == ZYNC_JSON_REAL) {
		double real = zync_jval_real(plain.json);

		known = real > -9.2e18 && real < 9.2e18;
		whole = known ? (int64_t)real : 0;
	} else {
		const char *text;

		ZYNC_TRY(expr_value_text(run, call->offset, &plain, &text));
		known = value_whole(text, &whole);
	}
	*value = (struct expr_value){.kind = EXPR_UNDEFINED, .origin = NULL};
	if (known)
		*value = (struct expr_value){.kind = EXPR_INTEGER, .integer = whole};
	return ZYNC_OK;
}

/* --- path --- */

/* The object and what stands above it, innermost first; how many. */
static size_t value_ancestors(const struct expr_run *run, const struct zync_jval *object, const struct zync_jval **ret)
{
	size_t count = 0;

	while (count <= EXPR_MAX_ANCESTORS && zync_jval_type(object) == ZYNC_JSON_OBJECT) {
		for (size_t i = 0; i < count; i++)
			if (ret[i] == object)
				return count;
		ret[count++] = object;
		object = run->source->member(run->source->ctx, object, "parent");
	}
	return count;
}

EXPR_FILTER(path)
{
	const struct zync_jval *chain[EXPR_MAX_ANCESTORS + 1];
	const char *separator = call->arg_count > 0 ? args[0].text : "/";
	struct expr_list *list = expr_list_new(run);
	struct expr_value all = {.kind = EXPR_LIST, .list = list};
	const char *text;

	if (list == NULL)
		return expr_run_nomem(run);
	if (value->kind != EXPR_JSON || zync_jval_type(value->json) != ZYNC_JSON_OBJECT) {
		ZYNC_TRY(expr_value_text(run, call->offset, value, &text));
		return expr_value_set_text(run, call->offset, zync_arena_strdup(run->arena, text), value);
	}
	for (size_t i = value_ancestors(run, value->json, chain); i-- > 0;) {
		struct expr_value element = expr_value_json(chain[i]);

		ZYNC_TRY(expr_list_add(run, call->offset, list, &element));
	}
	ZYNC_TRY(expr_join(run, call->offset, &all, separator, &text));
	return expr_value_set_text(run, call->offset, text, value);
}

/* --- json --- */

static enum zync_status value_node(struct expr_run *run, size_t offset, struct zync_jb *builder, struct zync_jnode *array,
				   const struct expr_value *value);

static enum zync_status value_list_node(struct expr_run *run, size_t offset, struct zync_jb *builder, struct zync_jnode *array,
					const struct expr_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		ZYNC_TRY(expr_step(run, offset, 1));
		ZYNC_TRY(value_node(run, offset, builder, array, &list->items[i]));
	}
	return ZYNC_OK;
}

/* Add a value to an array of the builder. */
static enum zync_status value_node(struct expr_run *run, size_t offset, struct zync_jb *builder, struct zync_jnode *array,
				   const struct expr_value *value)
{
	const struct zync_jval *truth = NULL;
	const char *word = value->kind == EXPR_BOOL && value->boolean ? "true" : "false";

	switch (value->kind) {
	case EXPR_UNDEFINED:
		break;
	case EXPR_JSON:
		zync_jb_add_val(builder, array, value->json);
		break;
	case EXPR_TEXT:
		zync_jb_add_str(builder, array, value->text);
		break;
	case EXPR_INTEGER:
		zync_jb_add_i64(builder, array, value->integer);
		break;
	case EXPR_BOOL:
		ZYNC_TRY(zync_json_parse(run->arena, word, strlen(word), &truth, run->err));
		zync_jb_add_val(builder, array, truth);
		break;
	case EXPR_LIST:
		return value_list_node(run, offset, builder, zync_jb_add_array(builder, array), value->list);
	}
	return ZYNC_OK;
}

/* Written inside an array, whose brackets are then cut off: the builder can hold a single value no other way. */
EXPR_FILTER(json)
{
	struct zync_jb *builder = zync_jb_new(run->arena);
	struct zync_jnode *array;
	enum zync_status status;
	ZYNC_AUTO_BUF out;

	(void)args;
	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_OUTPUT + 2);
	if (builder == NULL)
		return expr_run_nomem(run);
	array = zync_jb_array(builder);
	ZYNC_TRY(value_node(run, call->offset, builder, array, value));
	status = zync_jb_write(builder, array, ZYNC_JSON_SORTED, &out, run->err);
	if (status == ZYNC_ERR_LIMIT)
		return expr_run_error(run, status, call->offset, "the value is longer than %u bytes", ZYNC_LIMIT_TEMPLATE_OUTPUT);
	ZYNC_TRY(status);
	return expr_value_set_text(run, call->offset, zync_arena_strndup(run->arena, out.data + 1, out.len - 2), value);
}

/* --- python --- */

/* A number of JSON in its shortest form taken apart: 0.DIGITS times ten to the power of *ret_point. */
static void python_digits(const char *text, char digits[static 32], size_t *ret_len, int *ret_point)
{
	bool fraction = false;
	int64_t exponent = 0;
	size_t len = 0;
	int point = 0;

	for (; *text != '\0' && *text != 'e' && *text != 'E'; text++) {
		if (*text == '.') {
			fraction = true;
		} else if (len > 0 || *text != '0') {
			if (len < 31)
				digits[len++] = *text;
			point += fraction ? 0 : 1;
		} else {
			point -= fraction ? 1 : 0;
		}
	}
	if (*text != '\0' && value_whole(text + 1, &exponent))
		point += (int)exponent;
	while (len > 0 && digits[len - 1] == '0')
		len--;
	digits[len] = '\0';
	*ret_len = len;
	*ret_point = point;
}

/* As repr() of Python writes a float: 2.5, 3.0, 1e-05, 1e+16. */
static char *python_real(struct zync_arena *arena, const char *text)
{
	static const char zeros[] = "00000000000000000";
	const char *sign = *text == '-' ? "-" : "";
	char digits[32];
	size_t len = 0, whole;
	int point = 0;

	python_digits(text + strlen(sign), digits, &len, &point);
	if (len == 0)
		return zync_arena_printf(arena, "%s0.0", sign);
	if (point <= -4 || point > 16)
		return zync_arena_printf(arena, "%s%c%s%se%c%02d", sign, digits[0], len > 1 ? "." : "", digits + 1, point > 0 ? '+' : '-',
					 point > 0 ? point - 1 : 1 - point);
	if (point <= 0)
		return zync_arena_printf(arena, "%s0.%.*s%s", sign, -point, zeros, digits);
	whole = (size_t)point;
	if (len <= whole)
		return zync_arena_printf(arena, "%s%s%.*s.0", sign, digits, (int)(whole - len), zeros);
	return zync_arena_printf(arena, "%s%.*s.%s", sign, (int)whole, digits, digits + whole);
}

/* The text that Python's str() gives for the value: what tools written in Python have put into Zabbix. Lists and objects as JSON. */
EXPR_FILTER(python)
{
	struct expr_value plain = expr_value_plain(value);
	enum zync_jtype type = plain.kind == EXPR_JSON ? zync_jval_type(plain.json) : ZYNC_JSON_NONE;
	const char *text;

	if (expr_value_is_list(&plain) || type == ZYNC_JSON_OBJECT)
		return expr_filter_json(run, call, value, args);
	ZYNC_TRY(expr_value_text(run, call->offset, &plain, &text));
	if (plain.kind == EXPR_BOOL || type == ZYNC_JSON_BOOL)
		text = expr_value_true(&plain) ? "True" : "False";
	else
		text = type == ZYNC_JSON_REAL ? python_real(run->arena, text) : zync_arena_strdup(run->arena, text);
	return expr_value_set_text(run, call->offset, text, value);
}
