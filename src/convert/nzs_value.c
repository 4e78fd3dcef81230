/* SPDX-License-Identifier: Apache-2.0 */
/* From values of Python, and from variables, to settings. */
#include "convert/nzs_priv.h"

#include <string.h>

#include "base/str.h"

#define VALUE_TEXT_MAX 1000 /* bytes */

static const char *value_kind(const struct py_value *v)
{
	switch (v->kind) {
	case PY_NONE:
		return "None";
	case PY_TRUE:
		return "True";
	case PY_FALSE:
		return "False";
	case PY_INT:
	case PY_FLOAT:
		return "a number";
	case PY_STR:
		return "a text";
	case PY_LIST:
		return "a list";
	case PY_DICT:
		return "a dictionary";
	case PY_ENV:
	case PY_OTHER:
		break;
	}
	return "something else";
}

/* As Python's bool() has it. */
static bool value_true(const struct py_value *v)
{
	switch (v->kind) {
	case PY_TRUE:
		return true;
	case PY_INT:
	case PY_FLOAT:
		return strpbrk(v->text, "123456789") != NULL;
	case PY_STR:
		return v->text[0] != '\0';
	case PY_LIST:
	case PY_DICT:
		return v->len > 0;
	case PY_NONE:
	case PY_FALSE:
	case PY_ENV:
	case PY_OTHER:
		break;
	}
	return false;
}

static bool value_is_nothing(const struct py_value *v)
{
	return v->kind == PY_NONE || v->kind == PY_FALSE;
}

/* Texts and what counts as one. False: it is none. */
static bool value_text(const struct py_value *v, struct nzs_text *ret)
{
	bool is = v->kind == PY_STR || v->kind == PY_INT || v->kind == PY_FLOAT || v->kind == PY_ENV;

	if (is)
		*ret = (struct nzs_text){.text = v->text, .variable = v->kind == PY_ENV, .line = v->pos.line};
	return is;
}

static enum zync_status value_wrong(struct nzs *n, enum nzs_key key, const struct py_value *v, const char *wanted)
{
	return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, v->pos.line, "expected %s, found %s; the default is used", wanted, value_kind(v));
}

/* What no value of a configuration of Zync may have. NULL: it is fine. */
static const char *value_problem(enum nzs_key key, const char *text)
{
	if (nzs_key_rows[key].type == NZS_FILTER && text[0] == '\0')
		return "a filter with nothing to look for";
	/* The description has a bound of its own. */
	if (key != NZS_DESCRIPTION && strlen(text) > VALUE_TEXT_MAX)
		return "it is too long";
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
		if ((*c < 0x20 || *c == 0x7f) && !(key == NZS_DESCRIPTION && (*c == '\n' || *c == '\t')))
			return "it holds a line break or another control character";
	return NULL;
}

/* The default of os.getenv() has no counterpart. */
static enum zync_status value_told_variable(struct nzs *n, enum nzs_key key, const struct py_value *v)
{
	if (v->kind != PY_ENV || v->item == NULL || v->item->kind == PY_NONE)
		return ZYNC_OK;
	return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, v->pos.line,
			   "the variable %s must be set: Python's default for one that is not has no counterpart here", v->text);
}

static enum zync_status value_bool(struct nzs *n, enum nzs_key key, const struct py_value *v)
{
	struct nzs_setting *setting = &n->settings[key];
	bool full = nzs_key_rows[key].type == NZS_BOOL_OR_FULL && v->kind == PY_STR && zync_str_eq_nocase(v->text, "full");

	if (v->kind == PY_ENV)
		return nzs_note_at(
			n, ZYNC_CONVERT_WARNING, key, v->pos.line,
			"it comes from the variable %s, and what the configuration looks like depends on it; the default (%s) is used: "
			"write True or False and convert again",
			v->text, setting->on ? "True" : "False");
	setting->on = value_true(v);
	if (full)
		setting->text = (struct nzs_text){.text = "full"};
	if (v->kind == PY_STR && v->text[0] != '\0' && !full)
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, v->pos.line,
				   "a text counts as True, whatever it says, as in netbox-zabbix-sync");
	return ZYNC_OK;
}

static enum zync_status value_single(struct nzs *n, enum nzs_key key, const struct py_value *v)
{
	bool none = nzs_key_rows[key].type == NZS_TEXT_OR_NONE;
	struct nzs_text text = {0};

	if (none && (value_is_nothing(v) || (v->kind == PY_STR && v->text[0] == '\0'))) {
		n->settings[key].text = text;
		return ZYNC_OK;
	}
	if (!value_text(v, &text))
		return value_wrong(n, key, v, none ? "a text or False" : "a text");
	if (text.text[0] == '\0')
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, v->pos.line, "an empty text means nothing here; the default is used");
	if (value_problem(key, text.text) != NULL)
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, v->pos.line, "%s; the default is used", value_problem(key, text.text));
	n->settings[key].text = text;
	return value_told_variable(n, key, v);
}

/* The texts of a list, or of one text; others are told of and left out. */
static enum zync_status value_texts(struct nzs *n, enum nzs_key key, const struct py_value *v, const struct nzs_text **ret,
				    size_t *ret_count)
{
	struct py_value *single[1];
	struct py_value *const *items = v->items;
	size_t len = v->len, count = 0;
	struct nzs_text *texts;
	struct py_value copy = *v;

	if (v->kind != PY_LIST) {
		single[0] = &copy;
		items = single;
		len = 1;
	}
	texts = ZYNC_NEW_ARRAY(n->arena, struct nzs_text, len);
	if (texts == NULL)
		return nzs_nomem(n);
	for (size_t i = 0; i < len; i++) {
		const struct py_value *item = items[i];

		if (nzs_key_rows[key].type == NZS_FILTER && (item->kind == PY_TRUE || item->kind == PY_FALSE)) {
			texts[count++] = (struct nzs_text){.text = item->kind == PY_TRUE ? "true" : "false", .line = item->pos.line};
		} else if (value_text(item, &texts[count]) && value_problem(key, texts[count].text) != NULL) {
			ZYNC_TRY(nzs_note_at(n, ZYNC_CONVERT_WARNING, key, item->pos.line, "\"%s\" is left out: %s",
					     nzs_shown(n, texts[count].text), value_problem(key, texts[count].text)));
		} else if (value_text(item, &texts[count])) {
			count++;
			ZYNC_TRY(value_told_variable(n, key, item));
		} else {
			ZYNC_TRY(nzs_note_at(n, ZYNC_CONVERT_WARNING, key, item->pos.line, "expected a text, found %s, which is left out",
					     value_kind(item)));
		}
	}
	*ret = texts;
	*ret_count = count;
	return ZYNC_OK;
}

static enum zync_status value_list(struct nzs *n, enum nzs_key key, const struct py_value *v)
{
	struct nzs_text text;

	if (v->kind != PY_LIST && !value_text(v, &text))
		return value_wrong(n, key, v, "a text or a list of texts");
	return value_texts(n, key, v, &n->settings[key].texts, &n->settings[key].text_count);
}

/* A member of a map or a filter; false in *ret_keep: it is left out. */
static enum zync_status value_pair(struct nzs *n, enum nzs_key key, const struct py_value *name, const struct py_value *v,
				   struct nzs_pair *ret, bool *ret_keep)
{
	bool map = nzs_key_rows[key].type == NZS_MAP;

	*ret_keep = false;
	if (name->kind != PY_STR || name->text[0] == '\0')
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, name->pos.line, "%s as the name of a member is left out",
				   name->kind == PY_STR ? "an empty text" : value_kind(name));
	if (value_problem(key, name->text) != NULL)
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, name->pos.line, "\"%s\" is left out: %s", nzs_shown(n, name->text),
				   value_problem(key, name->text));
	if (map && v->kind != PY_STR)
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, v->pos.line, "\"%s\" is left out: expected a text as its value, found %s",
				   nzs_shown(n, name->text), v->kind == PY_ENV ? "a variable" : value_kind(v));
	ret->key = name->text;
	ret->line = name->pos.line;
	ZYNC_TRY(value_texts(n, key, v, &ret->values, &ret->len));
	*ret_keep = ret->len > 0;
	return ZYNC_OK;
}

static enum zync_status value_pairs(struct nzs *n, enum nzs_key key, const struct py_value *v)
{
	struct nzs_setting *setting = &n->settings[key];
	struct nzs_pair *pairs;
	size_t count = 0;

	if (v->kind != PY_DICT && !value_is_nothing(v) && !(v->kind == PY_LIST && v->len == 0))
		return value_wrong(n, key, v, "a dictionary");
	pairs = ZYNC_NEW_ARRAY(n->arena, struct nzs_pair, v->len);
	if (pairs == NULL)
		return nzs_nomem(n);
	for (size_t i = 0; i < v->len; i++) {
		bool keep = false;

		ZYNC_TRY(value_pair(n, key, v->keys[i], v->items[i], &pairs[count], &keep));
		/* Of two members of one name Python takes the later one, at the place of the first. */
		for (size_t j = 0; keep && j < count; j++) {
			if (strcmp(pairs[j].key, pairs[count].key) != 0)
				continue;
			pairs[j] = pairs[count];
			keep = false;
		}
		count += keep ? 1 : 0;
	}
	setting->pairs = pairs;
	setting->pair_count = count;
	return ZYNC_OK;
}

enum zync_status nzs_set_value(struct nzs *n, enum nzs_key key, const struct py_value *value)
{
	enum nzs_type type = nzs_key_rows[key].type;

	if (type == NZS_IGNORED) {
		n->settings[key].on = !value_is_nothing(value);
		return ZYNC_OK;
	}
	if (value->kind == PY_OTHER)
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, value->pos.line,
				   "%s; the default is used: write the value out and convert again", value->text);
	switch (type) {
	case NZS_BOOL:
	case NZS_BOOL_OR_FULL:
		return value_bool(n, key, value);
	case NZS_TEXT:
	case NZS_TEXT_OR_NONE:
		return value_single(n, key, value);
	case NZS_TEXTS:
		return value_list(n, key, value);
	case NZS_MAP:
	case NZS_FILTER:
		return value_pairs(n, key, value);
	case NZS_IGNORED:
		break;
	}
	return ZYNC_OK;
}

/* --- variables --- */

/* The words of 4.1; 4.0.1 took every text for true. 1, 0, or -1: none of them. */
static int value_word(const char *text)
{
	static const char *const yes[] = {"true", "1", "yes", "on"};
	static const char *const no[] = {"false", "0", "no", "off"};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(yes); i++) {
		if (zync_str_eq_nocase(text, yes[i]))
			return 1;
		if (zync_str_eq_nocase(text, no[i]))
			return 0;
	}
	return -1;
}

enum zync_status nzs_set_variable(struct nzs *n, enum nzs_key key, const char *text)
{
	struct nzs_setting *setting = &n->settings[key];
	enum nzs_type type = nzs_key_rows[key].type;
	struct py_value value = {.kind = PY_STR, .text = zync_arena_strdup(n->arena, text)};

	if (value.text == NULL)
		return nzs_nomem(n);
	if (!zync_utf8_valid(text, strlen(text)))
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, 0, "the variable %s is no text in UTF-8 and is left out",
				   setting->variable);
	if (type == NZS_MAP || type == NZS_FILTER)
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, 0,
				   "the variable %s is left out: a text cannot be a dictionary, in netbox-zabbix-sync neither",
				   setting->variable);
	setting->line = 0;
	if (type == NZS_BOOL || type == NZS_BOOL_OR_FULL || type == NZS_IGNORED) {
		if (value_word(text) >= 0)
			value.kind = value_word(text) == 1 ? PY_TRUE : PY_FALSE;
	} else if (type == NZS_TEXT_OR_NONE && value_word(text) == 0) {
		value.kind = PY_FALSE;
	}
	return nzs_set_value(n, key, &value);
}
