/* SPDX-License-Identifier: Apache-2.0 */
/* Values: literals, lists of them, and the environment; the rest is passed over. */
#include "convert/python_priv.h"

#include <string.h>

#include "base/str.h"

static const char value_computed[] = "it is no plain value (a name, a call or an operator), and nothing of the file is run";
static const char value_formatted[] = "an f-string is worked out by Python when it runs";

static enum zync_status value_element(struct py_parser *p, bool key, struct py_value **ret);

static enum zync_status value_count(struct py_parser *p, struct py_pos pos)
{
	if (++p->values > ZYNC_LIMIT_CONVERT_VALUES)
		return py_error(&p->lex, pos, "more than %u values are not read", ZYNC_LIMIT_CONVERT_VALUES);
	return ZYNC_OK;
}

enum zync_status py_value_new(struct py_parser *p, enum py_kind kind, struct py_pos pos, struct py_value **ret)
{
	struct py_value *value = ZYNC_NEW(p->lex.arena, struct py_value);

	if (value == NULL)
		return py_nomem(&p->lex);
	ZYNC_TRY(value_count(p, pos));
	*value = (struct py_value){.kind = kind, .pos = pos};
	*ret = value;
	return ZYNC_OK;
}

static void value_spoil(struct py_value *value, struct py_pos pos, const char *why)
{
	*value = (struct py_value){.kind = PY_OTHER, .pos = pos, .text = why};
}

/* A list holds what is no literal: then it is none itself. */
static void value_spoil_by(struct py_value *value, const struct py_value *element)
{
	if (element->kind == PY_OTHER && value->kind != PY_OTHER)
		value_spoil(value, element->pos, element->text);
}

/* What may stand behind a value; anything else makes it a part of something bigger. */
static bool value_ends(const struct py_parser *p, bool key)
{
	return py_ends_statement(p) || py_is(p, ",") || py_is(p, ")") || py_is(p, "]") || py_is(p, "}") || (key && py_is(p, ":")) ||
	       (p->nesting == 0 && py_is(p, "="));
}

static bool value_opens(const struct py_parser *p)
{
	return py_is(p, "(") || py_is(p, "[") || py_is(p, "{");
}

/* Pass over the rest of something that is no literal. The lexer keeps count of the brackets. */
static enum zync_status value_pass_over(struct py_parser *p, bool key)
{
	unsigned depth = 0;

	while (p->token.kind != PY_T_END && (depth > 0 || !value_ends(p, key))) {
		if (value_opens(p))
			depth++;
		else if (depth > 0 && (py_is(p, ")") || py_is(p, "]") || py_is(p, "}")))
			depth--;
		ZYNC_TRY(py_next(p));
	}
	return ZYNC_OK;
}

/* --- texts and numbers --- */

static enum zync_status value_strings(struct py_parser *p, struct py_value *value)
{
	enum zync_status status = ZYNC_OK;
	bool formatted = false;
	struct zync_buf out;

	zync_buf_init(&out, ZYNC_LIMIT_CONVERT_BYTES);
	while (status == ZYNC_OK && p->token.kind == PY_T_STRING) {
		formatted = formatted || p->token.formatted;
		status = p->token.formatted ? ZYNC_OK : py_unescape(&p->lex, &p->token, &out);
		if (status == ZYNC_OK)
			status = py_next(p);
	}
	if (status == ZYNC_OK)
		status = zync_buf_check(&out, "a text of the Python file", p->lex.err);
	if (status == ZYNC_OK && formatted) {
		value_spoil(value, value->pos, value_formatted);
	} else if (status == ZYNC_OK) {
		value->kind = PY_STR;
		value->text = zync_arena_strndup(p->lex.arena, out.data, out.len);
		status = value->text != NULL ? ZYNC_OK : py_nomem(&p->lex);
	}
	zync_buf_done(&out);
	return status;
}

/* Digits of one kind, "_" between them. */
static bool value_digits(const char *text, const char *allowed)
{
	return text[0] != '\0' && text[0] != '_' && text[strlen(text) - 1] != '_' && strspn(text, allowed) == strlen(text) &&
	       strstr(text, "__") == NULL;
}

static bool value_is_real(const char *text)
{
	size_t at = strspn(text, "0123456789_");
	size_t digits = at;

	if (text[at] == '.') {
		size_t more = strspn(text + at + 1, "0123456789_");

		digits += more;
		at += more + 1;
	}
	if (digits == 0 || text[0] == '_' || text[at] == '_' || strstr(text, "__") != NULL || strpbrk(text, ".eE") == NULL)
		return false;
	if (text[at] == 'e' || text[at] == 'E') {
		at += text[at + 1] == '-' || text[at + 1] == '+' ? 2 : 1;
		digits = strspn(text + at, "0123456789_");
		at += digits;
	}
	return digits > 0 && text[at] == '\0';
}

static void value_without_underscores(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++)
		if (*from != '_')
			*to++ = *from;
	*to = '\0';
}

static unsigned value_base(const char *text)
{
	if (text[0] != '0')
		return 10;
	switch (text[1] | 0x20) {
	case 'x':
		return 16;
	case 'o':
		return 8;
	case 'b':
		return 2;
	default:
		return 10;
	}
}

/* 0x1F and its like in decimal; false when it is none or does not fit. */
static bool value_based(const char *text, unsigned base, unsigned long long *ret)
{
	unsigned long long number = 0;

	if (!value_digits(text + 2, base == 16 ? "0123456789abcdefABCDEF_" : base == 8 ? "01234567_" : "01_"))
		return false;
	for (const char *c = text + 2; *c != '\0'; c++) {
		unsigned digit = *c <= '9' ? (unsigned)(*c - '0') : (unsigned)((*c | 0x20) - 'a' + 10);

		if (*c == '_')
			continue;
		if (number > (~0ull - digit) / base)
			return false;
		number = number * base + digit;
	}
	*ret = number;
	return true;
}

static enum zync_status value_number(struct py_parser *p, const char *sign, struct py_value *value)
{
	char *text = zync_arena_strndup(p->lex.arena, p->token.text, p->token.len);
	unsigned base = text == NULL ? 10 : value_base(text);
	unsigned long long number = 0;
	const char *digits = text;

	if (text == NULL)
		return py_nomem(&p->lex);
	if (base != 10 && value_based(text, base, &number)) {
		value->kind = PY_INT;
		value->text = zync_arena_printf(p->lex.arena, "%s%llu", number != 0 ? sign : "", number);
	} else if (base == 10 && value_digits(text, "0123456789_")) {
		value_without_underscores(text);
		while (digits[0] == '0' && digits[1] != '\0')
			digits++;
		value->kind = PY_INT;
		value->text = zync_arena_printf(p->lex.arena, "%s%s", digits[0] != '0' ? sign : "", digits);
	} else if (base == 10 && value_is_real(text)) {
		value_without_underscores(text);
		value->kind = PY_FLOAT;
		value->text = zync_arena_printf(p->lex.arena, "%s%s", sign, text);
	} else {
		value_spoil(value, value->pos, "it is a number of a kind that is not read");
	}
	if (value->text == NULL)
		return py_nomem(&p->lex);
	return py_next(p);
}

/* --- the environment --- */

/* Consume @p text or leave everything. */
static enum zync_status value_try(struct py_parser *p, const char *text, bool *ret)
{
	*ret = py_is(p, text);
	return *ret ? py_next(p) : ZYNC_OK;
}

static bool value_is_variable(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	return name[0] != '\0' && !(name[0] >= '0' && name[0] <= '9') && strspn(name, allowed) == strlen(name);
}

/* What stands before the variable's name: `os.environ[`, `os.environ.get(`, `os.getenv(`, the first two letters optional. *ret_close is the bracket that ends it. */
static enum zync_status value_environment_begins(struct py_parser *p, const char **ret_close)
{
	bool found = false, environ = false;

	*ret_close = NULL;
	ZYNC_TRY(value_try(p, "os", &found));
	if (found)
		ZYNC_TRY(value_try(p, ".", &found));
	ZYNC_TRY(value_try(p, "environ", &environ));
	if (environ) {
		ZYNC_TRY(value_try(p, "[", &found));
		*ret_close = found ? "]" : NULL;
		if (!found)
			ZYNC_TRY(value_try(p, ".", &found));
		if (*ret_close == NULL && found)
			ZYNC_TRY(value_try(p, "get", &found));
	} else {
		ZYNC_TRY(value_try(p, "getenv", &found));
	}
	if (*ret_close != NULL || !found)
		return ZYNC_OK;
	ZYNC_TRY(value_try(p, "(", &found));
	*ret_close = found ? ")" : NULL;
	return ZYNC_OK;
}

/* With @p p a copy of the parser: *ret_found when all of it was an access to the environment. */
static enum zync_status value_environment(struct py_parser *p, struct py_value *value, bool *ret_found)
{
	struct py_value *name = NULL, *def = NULL;
	const char *close = NULL;
	bool found = false;

	*ret_found = false;
	ZYNC_TRY(value_environment_begins(p, &close));
	if (close == NULL || p->token.kind != PY_T_STRING)
		return ZYNC_OK;
	p->nesting++;
	ZYNC_TRY(value_element(p, /* key= */ false, &name));
	ZYNC_TRY(value_try(p, ",", &found));
	if (found && close[0] == ')' && !py_is(p, ")"))
		ZYNC_TRY(value_element(p, /* key= */ false, &def));
	if (def != NULL)
		ZYNC_TRY(value_try(p, ",", &found));
	p->nesting--;
	ZYNC_TRY(value_try(p, close, &found));
	if (!found || name->kind != PY_STR || !value_is_variable(name->text))
		return ZYNC_OK;
	*ret_found = true;
	value->kind = PY_ENV;
	value->text = name->text;
	value->item = def;
	return ZYNC_OK;
}

/* --- names and lists --- */

static enum zync_status value_name(struct py_parser *p, struct py_value *value)
{
	static const struct {
		const char *name;
		enum py_kind kind;
	} constants[] = {{"None", PY_NONE}, {"True", PY_TRUE}, {"False", PY_FALSE}};
	struct py_parser ahead = *p;
	bool found = false;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(constants); i++) {
		if (!py_is(p, constants[i].name))
			continue;
		value->kind = constants[i].kind;
		return py_next(p);
	}
	ZYNC_TRY(value_environment(&ahead, value, &found));
	if (found) {
		*p = ahead;
		return ZYNC_OK;
	}
	value_spoil(value, value->pos, value_computed);
	/* An element may have been counted in vain, but never twice the same. */
	p->values = ahead.values;
	return py_next(p);
}

/* The elements that were collected become the value's. */
static enum zync_status value_take(struct py_parser *p, struct py_value *value, const struct zync_vec *items, const struct zync_vec *keys)
{
	if (value->kind == PY_OTHER)
		return ZYNC_OK;
	value->len = items->len;
	value->items = ZYNC_NEW_ARRAY(p->lex.arena, struct py_value *, items->len);
	value->keys = ZYNC_NEW_ARRAY(p->lex.arena, struct py_value *, keys->len);
	if (value->items == NULL || value->keys == NULL)
		return py_nomem(&p->lex);
	for (size_t i = 0; i < items->len; i++)
		value->items[i] = items->items[i];
	for (size_t i = 0; i < keys->len; i++)
		value->keys[i] = keys->items[i];
	return ZYNC_OK;
}

/* One element, or a key with its value. */
static enum zync_status value_member(struct py_parser *p, bool braces, struct py_value *value, struct zync_vec *items,
				     struct zync_vec *keys)
{
	struct py_value *element = NULL;

	ZYNC_TRY(value_element(p, braces, &element));
	value_spoil_by(value, element);
	if (braces && py_is(p, ":")) {
		ZYNC_TRY(zync_vec_push(keys, element, p->lex.err));
		ZYNC_TRY(py_next(p));
		ZYNC_TRY(value_element(p, /* key= */ false, &element));
		value_spoil_by(value, element);
	}
	return zync_vec_push(items, element, p->lex.err);
}

/* From the bracket that opens to the one that closes. */
static enum zync_status value_brackets(struct py_parser *p, struct py_value *value)
{
	const char *close = py_is(p, "(") ? ")" : py_is(p, "[") ? "]" : "}";
	bool braces = close[0] == '}', comma = false;
	struct zync_vec items, keys;

	zync_vec_init(&items, p->lex.arena);
	zync_vec_init(&keys, p->lex.arena);
	if (++p->nesting > ZYNC_LIMIT_CONVERT_DEPTH)
		return py_error(&p->lex, value->pos, "brackets are nested more than %u deep", ZYNC_LIMIT_CONVERT_DEPTH);
	ZYNC_TRY(py_next(p));
	while (!py_is(p, close)) {
		ZYNC_TRY(value_member(p, braces, value, &items, &keys));
		comma = py_is(p, ",");
		if (!comma && !py_is(p, close))
			return py_error(&p->lex, p->token.pos, "expected \",\" or \"%s\" here", close);
		if (comma)
			ZYNC_TRY(py_next(p));
	}
	p->nesting--;
	ZYNC_TRY(py_next(p));
	if (value->kind != PY_OTHER && keys.len > 0 && keys.len != items.len)
		return py_error(&p->lex, value->pos, "some elements of these braces have a value and others none");
	if (close[0] == ')' && items.len == 1 && !comma) {
		*value = *(const struct py_value *)items.items[0];
		return ZYNC_OK;
	}
	if (value->kind != PY_OTHER)
		value->kind = braces && (keys.len > 0 || items.len == 0) ? PY_DICT : PY_LIST;
	return value_take(p, value, &items, &keys);
}

static enum zync_status value_signed(struct py_parser *p, struct py_value *value)
{
	const char *sign = py_is(p, "-") ? "-" : "";

	ZYNC_TRY(py_next(p));
	if (p->token.kind == PY_T_NUMBER)
		return value_number(p, sign, value);
	value_spoil(value, value->pos, value_computed);
	return ZYNC_OK;
}

/* One value with what follows it up to a comma or a bracket; a bigger expression is no literal. */
static enum zync_status value_element(struct py_parser *p, bool key, struct py_value **ret)
{
	struct py_value *value = NULL;
	const struct py_token *token = &p->token;

	ZYNC_TRY(py_value_new(p, PY_LIST, token->pos, &value));
	ZYNC_ASSERT(value != NULL); /* gcc 12's analyzer does not see it */
	if (value_ends(p, key))
		return py_error(&p->lex, token->pos, "expected a value here");
	if (token->kind == PY_T_STRING)
		ZYNC_TRY(value_strings(p, value));
	else if (token->kind == PY_T_NUMBER)
		ZYNC_TRY(value_number(p, "", value));
	else if (py_is(p, "-") || py_is(p, "+"))
		ZYNC_TRY(value_signed(p, value));
	else if (value_opens(p))
		ZYNC_TRY(value_brackets(p, value));
	else if (token->kind == PY_T_NAME)
		ZYNC_TRY(value_name(p, value));
	else
		value_spoil(value, token->pos, value_computed);
	if (!value_ends(p, key)) {
		value_spoil(value, value->pos, value_computed);
		ZYNC_TRY(value_pass_over(p, key));
	}
	*ret = value;
	return ZYNC_OK;
}

enum zync_status py_expression(struct py_parser *p, struct py_value **ret)
{
	struct py_value *value = NULL, *tuple = NULL;
	struct zync_vec items, keys;

	ZYNC_TRY(value_element(p, /* key= */ false, &value));
	*ret = value;
	if (!py_is(p, ","))
		return ZYNC_OK;
	zync_vec_init(&items, p->lex.arena);
	zync_vec_init(&keys, p->lex.arena);
	ZYNC_TRY(py_value_new(p, PY_LIST, value->pos, &tuple));
	for (;;) {
		value_spoil_by(tuple, value);
		ZYNC_TRY(zync_vec_push(&items, value, p->lex.err));
		if (!py_is(p, ","))
			break;
		ZYNC_TRY(py_next(p));
		if (py_ends_statement(p))
			break;
		ZYNC_TRY(value_element(p, /* key= */ false, &value));
	}
	*ret = tuple;
	return value_take(p, tuple, &items, &keys);
}
