/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"

_Static_assert(sizeof(enum zync_on_missing) == sizeof(unsigned), "enums of the configuration are stored as unsigned");
_Static_assert(sizeof(enum zync_log_level) == sizeof(unsigned), "enums of the configuration are stored as unsigned");

/* How every list of sections lies in its struct: { T *items; size_t len; }. */
struct list {
	void *items;
	size_t len;
};

static enum zync_status decode_nomem(const struct zync_cfg_ctx *ctx)
{
	return zync_err_nomem(ctx->err, "reading the configuration");
}

static void *member_at(void *base, size_t offset)
{
	return (char *)base + offset;
}

const struct zync_cfg_field *zync_cfg_field_find(const struct zync_cfg_table *table, const char *key)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->fields[i].key, key) == 0)
			return &table->fields[i];
	}
	return NULL;
}

/* "KEY: expected …, found …". Scalars are shown only where they cannot be a secret. */
static enum zync_status problem_expected(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
					 const struct zync_cfg_text *text)
{
	static const char *const kinds[] = {"a single text", "a list", "a mapping"};
	const char *found = kinds[node->kind];
	ZYNC_AUTO_BUF expects;

	zync_buf_init(&expects, 4096);
	ZYNC_TRY(zync_cfg_field_expects(field, &expects, ctx->err));
	if (zync_cfg_node_is_null(node))
		found = "nothing";
	else if (text && text->secret)
		found = "something else";
	else if (text && text->value)
		found = zync_cfg_quote(ctx, text->value);
	if (!found)
		return decode_nomem(ctx);
	return zync_cfg_problem(ctx, node->pos, "%s: expected %s, found %s", field->key, expects.data, found);
}

/* The text of a node that must be a scalar; ret->value stays NULL when there was a problem. */
static enum zync_status decode_text(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				    struct zync_cfg_text *ret)
{
	if (node->kind != ZYNC_CFG_SCALAR || zync_cfg_node_is_null(node))
		return problem_expected(ctx, field, node, NULL);
	return zync_cfg_scalar_text(ctx, field, node, ret);
}

static bool word_index(const char *const *words, const char *text, size_t *ret)
{
	for (size_t i = 0; words[i]; i++) {
		if (zync_str_eq_nocase(words[i], text)) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* A text of a field with words becomes the word as the table spells it; *ret_ok is false when there was a problem. */
static enum zync_status check_word(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				   struct zync_cfg_text *text)
{
	size_t index;

	if (!text->value || !field->words)
		return ZYNC_OK;
	/* What a template gives is seen when it is rendered. */
	if ((field->flags & ZYNC_CFG_TEMPLATE) && strstr(text->value, "{{"))
		return ZYNC_OK;
	if (word_index(field->words, text->value, &index)) {
		text->value = field->words[index];
		return ZYNC_OK;
	}
	ZYNC_TRY(problem_expected(ctx, field, node, text));
	text->value = NULL;
	return ZYNC_OK;
}

static enum zync_status decode_string(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				      const char **ret)
{
	struct zync_cfg_text text = {0};

	ZYNC_TRY(decode_text(ctx, field, node, &text));
	ZYNC_TRY(check_word(ctx, field, node, &text));
	if (!text.value)
		return ZYNC_OK;
	if (field->convert)
		return field->convert(ctx, field, &text, ret);
	*ret = text.value;
	return ZYNC_OK;
}

static enum zync_status decode_secret(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				      struct zync_secret **ret)
{
	struct zync_cfg_text text = {0};

	ZYNC_TRY(decode_text(ctx, field, node, &text));
	if (!text.value)
		return ZYNC_OK;
	if (*ret)
		return zync_cfg_problem(ctx, node->pos, "%s: the same secret is also given by file; keep one of the two", field->key);
	return zync_secret_new(text.value, ret, ctx->err);
}

static enum zync_status decode_secret_file(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
					   struct zync_secret **ret)
{
	struct zync_cfg_text text = {0};
	struct zync_err err = {0};
	enum zync_status status;

	ZYNC_TRY(decode_text(ctx, field, node, &text));
	if (!text.value)
		return ZYNC_OK;
	if (*ret)
		return zync_cfg_problem(ctx, node->pos, "%s: the same secret is also given as text; keep one of the two", field->key);
	status = zync_secret_read_file(text.value, ret, &err);
	if (status == ZYNC_ERR_NOMEM) {
		zync_err_copy(ctx->err, &err);
		return status;
	}
	if (status != ZYNC_OK)
		return zync_cfg_problem(ctx, node->pos, "%s: %s", field->key, err.message);
	return ZYNC_OK;
}

static bool parse_duration(const struct zync_cfg_field *field, const char *text, int64_t *ret_ms)
{
	int64_t ms;

	if (!zync_cfg_parse_duration(text, &ms) || (double)ms < field->minimum || (double)ms > field->maximum)
		return false;
	if (field->step > 0 && ms != 0 && (ms % (int64_t)field->step != 0 || isdigit((unsigned char)text[strlen(text) - 1])))
		return false;
	*ret_ms = ms;
	return true;
}

/* Scalars that are parsed: numbers, durations, words. */
static bool parse_scalar(const struct zync_cfg_field *field, const char *text, void *at)
{
	double real;
	int64_t number;
	size_t index;

	switch (field->type) {
	case ZYNC_CFG_TYPE_INT:
		if (!zync_str_to_i64(text, &number) || (double)number < field->minimum || (double)number > field->maximum)
			return false;
		*(int64_t *)at = number;
		return true;
	case ZYNC_CFG_TYPE_DURATION:
		return parse_duration(field, text, at);
	case ZYNC_CFG_TYPE_REAL:
		if (!zync_cfg_parse_real(text, &real) || real < field->minimum || real > field->maximum)
			return false;
		*(double *)at = real;
		return true;
	case ZYNC_CFG_TYPE_PERCENT:
		return zync_cfg_parse_percent(text, at);
	case ZYNC_CFG_TYPE_BOOL:
		return zync_cfg_parse_bool(text, at);
	case ZYNC_CFG_TYPE_LIMIT:
		return zync_cfg_parse_limit(text, at);
	case ZYNC_CFG_TYPE_ENUM:
		if (!word_index(field->words, text, &index))
			return false;
		memcpy(at, &(unsigned){(unsigned)index}, sizeof(unsigned));
		return true;
	case ZYNC_CFG_TYPE_STRING:
	case ZYNC_CFG_TYPE_TEXT:
	case ZYNC_CFG_TYPE_SECRET:
	case ZYNC_CFG_TYPE_SECRET_FILE:
	case ZYNC_CFG_TYPE_TEXTS:
	case ZYNC_CFG_TYPE_PAIRS:
	case ZYNC_CFG_TYPE_STRUCT:
	case ZYNC_CFG_TYPE_STRUCTS:
		break;
	}
	return false;
}

static enum zync_status decode_parsed(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				      void *at)
{
	struct zync_cfg_text text = {0};

	if (field->type == ZYNC_CFG_TYPE_LIMIT && node->kind == ZYNC_CFG_MAP) {
		*(struct zync_cfg_limit *)at = (struct zync_cfg_limit){-1, -1};
		return zync_cfg_decode(ctx, field->table, node, at);
	}
	ZYNC_TRY(decode_text(ctx, field, node, &text));
	if (!text.value || parse_scalar(field, text.value, at))
		return ZYNC_OK;
	return problem_expected(ctx, field, node, &text);
}

/* A list, or one text as a list of one. Entries with problems are left out. */
static enum zync_status decode_texts(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				     struct zync_cfg_texts *ret)
{
	size_t count = node->kind == ZYNC_CFG_LIST ? node->count : 1;
	struct zync_cfg_texts texts = {0};

	if (node->kind == ZYNC_CFG_MAP)
		return problem_expected(ctx, field, node, NULL);
	texts.items = ZYNC_NEW_ARRAY(ctx->arena, struct zync_cfg_text, count);
	if (!texts.items)
		return decode_nomem(ctx);
	for (size_t i = 0; i < count; i++) {
		const struct zync_cfg_node *item = node->kind == ZYNC_CFG_LIST ? node->items[i] : node;
		struct zync_cfg_text text = {0};

		ZYNC_TRY(decode_text(ctx, field, item, &text));
		ZYNC_TRY(check_word(ctx, field, item, &text));
		if (text.value)
			texts.items[texts.len++] = text;
	}
	*ret = texts;
	return ZYNC_OK;
}

static struct zync_cfg_pair *pair_find(const struct zync_cfg_pairs *pairs, const char *key)
{
	for (size_t i = 0; i < pairs->len; i++) {
		if (strcmp(pairs->items[i].key.value, key) == 0)
			return &pairs->items[i];
	}
	return NULL;
}

/* A key that the user chose: not expanded, and without control characters. */
static enum zync_status decode_key(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				   struct zync_cfg_text *ret)
{
	struct zync_cfg_field named = *field;
	struct zync_cfg_node literal = *node;

	literal.literal = true;
	named.flags = 0;
	named.words = NULL;
	named.type = ZYNC_CFG_TYPE_TEXT;
	return zync_cfg_scalar_text(ctx, &named, &literal, ret);
}

/* What is there already (the defaults) stays unless the map names it. */
static enum zync_status decode_pairs(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				     struct zync_cfg_pairs *ret)
{
	struct zync_cfg_pairs pairs = {0};
	size_t defaults = ret->len;

	if (node->kind != ZYNC_CFG_MAP)
		return problem_expected(ctx, field, node, NULL);
	pairs.items = ZYNC_NEW_ARRAY(ctx->arena, struct zync_cfg_pair, defaults + node->count);
	if (!pairs.items)
		return decode_nomem(ctx);
	for (; pairs.len < defaults; pairs.len++)
		pairs.items[pairs.len] = ret->items[pairs.len];
	for (size_t i = 0; i < node->count; i++) {
		struct zync_cfg_pair pair = {0}, *old;
		const struct zync_cfg_node *value = node->members[i].value;

		ZYNC_TRY(decode_key(ctx, field, node->members[i].key, &pair.key));
		ZYNC_TRY(decode_texts(ctx, field, value, &pair.values));
		if (value->kind == ZYNC_CFG_LIST && value->count == 0)
			ZYNC_TRY(problem_expected(ctx, field, value, NULL));
		if (!pair.key.value || pair.values.len == 0)
			continue;
		old = defaults > 0 ? pair_find(&(struct zync_cfg_pairs){pairs.items, defaults}, pair.key.value) : NULL;
		if (old)
			*old = pair;
		else
			pairs.items[pairs.len++] = pair;
	}
	*ret = pairs;
	return ZYNC_OK;
}

static void set_pos(const struct zync_cfg_table *table, void *base, struct zync_cfg_pos pos)
{
	if (table->has_pos)
		memcpy(member_at(base, table->pos_offset), &pos, sizeof(pos));
}

/* One entry of a map "name: value" or "name: {…}": the key is the table's first field. */
static enum zync_status decode_named_entry(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *key,
					   const struct zync_cfg_node *value, void *base)
{
	const struct zync_cfg_table *table = field->table;
	struct zync_cfg_node *section = ZYNC_NEW(ctx->scratch, struct zync_cfg_node), *name = ZYNC_NEW(ctx->scratch, struct zync_cfg_node),
			     *names = ZYNC_NEW(ctx->scratch, struct zync_cfg_node);
	size_t inner = value->kind == ZYNC_CFG_MAP ? value->count : 1;

	if (!section || !name || !names)
		return decode_nomem(ctx);
	if (value->kind != ZYNC_CFG_MAP && (value->kind != ZYNC_CFG_SCALAR || zync_cfg_node_is_null(value)))
		return problem_expected(ctx, field, value, NULL);
	*section = (struct zync_cfg_node){.kind = ZYNC_CFG_MAP, .pos = key->pos, .count = inner + 1};
	section->members = ZYNC_NEW_ARRAY(ctx->scratch, struct zync_cfg_member, inner + 1);
	if (!section->members)
		return decode_nomem(ctx);
	*names = (struct zync_cfg_node){.kind = ZYNC_CFG_SCALAR, .pos = key->pos, .text = table->fields[0].key};
	*name = *key;
	name->literal = true;
	section->members[0] = (struct zync_cfg_member){names, name};
	if (value->kind == ZYNC_CFG_MAP) {
		if (zync_cfg_node_get(value, table->fields[0].key))
			return zync_cfg_problem(ctx, value->pos, "%s: the key of the map is the %s already", field->key,
						table->fields[0].key);
		memcpy(section->members + 1, value->members, value->count * sizeof(*value->members));
	} else {
		struct zync_cfg_node *values = ZYNC_NEW(ctx->scratch, struct zync_cfg_node),
				     *copy = ZYNC_NEW(ctx->scratch, struct zync_cfg_node);

		if (!values || !copy)
			return decode_nomem(ctx);
		*values = (struct zync_cfg_node){.kind = ZYNC_CFG_SCALAR, .pos = value->pos, .text = table->fields[1].key};
		*copy = *value;
		section->members[1] = (struct zync_cfg_member){values, copy};
	}
	set_pos(table, base, key->pos);
	return zync_cfg_decode(ctx, table, section, base);
}

/* Entries of the map form: a list of values makes an entry of each. */
static enum zync_status decode_named(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				     struct list *list)
{
	for (size_t i = 0; i < node->count; i++) {
		const struct zync_cfg_node *value = node->members[i].value;
		bool many = value->kind == ZYNC_CFG_LIST;

		for (size_t j = 0; j < (many ? value->count : 1); j++) {
			void *item = member_at(list->items, list->len++ * field->table->size);

			ZYNC_TRY(zync_cfg_defaults(ctx, field->table, item));
			ZYNC_TRY(decode_named_entry(ctx, field, node->members[i].key, many ? value->items[j] : value, item));
		}
	}
	return ZYNC_OK;
}

static size_t structs_count(const struct zync_cfg_field *field, const struct zync_cfg_node *node)
{
	size_t count = 0;

	if (node->kind == ZYNC_CFG_LIST)
		return node->count;
	if (field->flags & ZYNC_CFG_ONE)
		return 1;
	for (size_t i = 0; i < node->count; i++)
		count += node->members[i].value->kind == ZYNC_CFG_LIST ? node->members[i].value->count : 1;
	return count;
}

static enum zync_status decode_structs(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				       void *base)
{
	struct list list = {0};
	size_t count;

	if (node->kind == ZYNC_CFG_SCALAR || (node->kind == ZYNC_CFG_MAP && !(field->flags & (ZYNC_CFG_ONE | ZYNC_CFG_NAMED))))
		return problem_expected(ctx, field, node, NULL);
	count = structs_count(field, node);
	if ((double)count < field->minimum || (double)count > field->maximum)
		return zync_cfg_problem(ctx, node->pos, "%s: expected from %.15g to %.15g entries, found %zu", field->key, field->minimum,
					field->maximum, count);
	list.items = zync_arena_array(ctx->arena, count, field->table->size);
	if (!list.items)
		return decode_nomem(ctx);
	if (field->given_offset)
		*(bool *)member_at(base, field->given_offset) = true;
	if (node->kind == ZYNC_CFG_MAP && field->flags & ZYNC_CFG_NAMED) {
		ZYNC_TRY(decode_named(ctx, field, node, &list));
		memcpy(member_at(base, field->offset), &list, sizeof(list));
		return ZYNC_OK;
	}
	/* The list is in place before its entries are filled: they may come to own secrets. */
	list.len = count;
	memcpy(member_at(base, field->offset), &list, sizeof(list));
	for (size_t i = 0; i < count; i++) {
		void *item = member_at(list.items, i * field->table->size);
		const struct zync_cfg_node *entry = node->kind == ZYNC_CFG_LIST ? node->items[i] : node;

		ZYNC_TRY(zync_cfg_defaults(ctx, field->table, item));
		ZYNC_TRY(zync_cfg_decode(ctx, field->table, entry, item));
	}
	return ZYNC_OK;
}

enum zync_status zync_cfg_decode_field(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, const struct zync_cfg_node *node,
				       void *base)
{
	void *at = member_at(base, field->offset);

	switch (field->type) {
	case ZYNC_CFG_TYPE_STRING:
		return decode_string(ctx, field, node, at);
	case ZYNC_CFG_TYPE_TEXT: {
		struct zync_cfg_text text = {0};

		ZYNC_TRY(decode_text(ctx, field, node, &text));
		ZYNC_TRY(check_word(ctx, field, node, &text));
		if (text.value)
			*(struct zync_cfg_text *)at = text;
		return ZYNC_OK;
	}
	case ZYNC_CFG_TYPE_SECRET:
		return decode_secret(ctx, field, node, at);
	case ZYNC_CFG_TYPE_SECRET_FILE:
		return decode_secret_file(ctx, field, node, at);
	case ZYNC_CFG_TYPE_TEXTS:
		return decode_texts(ctx, field, node, at);
	case ZYNC_CFG_TYPE_PAIRS:
		return decode_pairs(ctx, field, node, at);
	case ZYNC_CFG_TYPE_STRUCT:
		if (field->given_offset)
			*(bool *)member_at(base, field->given_offset) = true;
		return zync_cfg_decode(ctx, field->table, node, at);
	case ZYNC_CFG_TYPE_STRUCTS:
		return decode_structs(ctx, field, node, base);
	case ZYNC_CFG_TYPE_INT:
	case ZYNC_CFG_TYPE_DURATION:
	case ZYNC_CFG_TYPE_BOOL:
	case ZYNC_CFG_TYPE_REAL:
	case ZYNC_CFG_TYPE_PERCENT:
	case ZYNC_CFG_TYPE_ENUM:
	case ZYNC_CFG_TYPE_LIMIT:
		return decode_parsed(ctx, field, node, at);
	}
	return ZYNC_OK;
}

static enum zync_status problem_unknown_key(struct zync_cfg_ctx *ctx, const struct zync_cfg_table *table, const struct zync_cfg_node *key)
{
	const char *keys[64];
	const char *quoted = zync_cfg_quote(ctx, key->text), *nearest;

	for (size_t i = 0; i < table->count; i++)
		keys[i] = table->fields[i].key;
	if (!quoted)
		return decode_nomem(ctx);
	nearest = zync_nearest(key->text, keys, table->count);
	if (nearest)
		return zync_cfg_problem(ctx, key->pos, "unknown key %s%s%s; did you mean \"%s\"?", quoted, *table->path ? " in " : "",
					table->path, nearest);
	return zync_cfg_problem(ctx, key->pos, "unknown key %s%s%s; docs/configuration.md lists the known ones", quoted,
				*table->path ? " in " : "", table->path);
}

static enum zync_status decode_members(struct zync_cfg_ctx *ctx, const struct zync_cfg_table *table, const struct zync_cfg_node *node,
				       void *base)
{
	for (size_t i = 0; i < node->count; i++) {
		const struct zync_cfg_field *field = zync_cfg_field_find(table, node->members[i].key->text);

		if (!field)
			ZYNC_TRY(problem_unknown_key(ctx, table, node->members[i].key));
		else if (!zync_cfg_node_is_null(node->members[i].value))
			ZYNC_TRY(zync_cfg_decode_field(ctx, field, node->members[i].value, base));
	}
	for (size_t i = 0; i < table->count; i++) {
		const struct zync_cfg_field *field = &table->fields[i];

		/* What the environment can fill is missed later. */
		if (field->flags & ZYNC_CFG_REQUIRED && !field->env && !zync_cfg_node_get(node, field->key))
			ZYNC_TRY(zync_cfg_problem(ctx, node->pos, "%s%s\"%s\" is missing: %s", table->path, *table->path ? ": " : "",
						  field->key, field->help));
	}
	return ZYNC_OK;
}

enum zync_status zync_cfg_decode(struct zync_cfg_ctx *ctx, const struct zync_cfg_table *table, const struct zync_cfg_node *node, void *base)
{
	if (node->kind != ZYNC_CFG_MAP)
		return zync_cfg_problem(ctx, node->pos, "%s: expected a mapping with keys, found %s",
					*table->path ? table->path : "the configuration",
					node->kind == ZYNC_CFG_LIST ? "a list" : "a single text");
	set_pos(table, base, node->pos);
	ZYNC_TRY(decode_members(ctx, table, node, base));
	return table->check ? table->check(ctx, node, base) : ZYNC_OK;
}

/* A default is YAML as a user would write it, read by the same code. */
static enum zync_status default_field(struct zync_cfg_ctx *ctx, const struct zync_cfg_field *field, void *base)
{
	struct zync_cfg_node scalar = {.kind = ZYNC_CFG_SCALAR, .text = field->def, .text_len = strlen(field->def), .literal = true};
	struct zync_cfg_node *node = &scalar;

	if (field->type == ZYNC_CFG_TYPE_PAIRS || field->type == ZYNC_CFG_TYPE_TEXTS) {
		node = NULL;
		ZYNC_TRY(zync_cfg_yaml_read(ctx, field->def, strlen(field->def), &node));
		ZYNC_ASSERT(node);
		for (size_t i = 0; i < node->count && node->kind == ZYNC_CFG_MAP; i++) {
			node->members[i].key->pos = (struct zync_cfg_pos){0};
			node->members[i].value->pos = (struct zync_cfg_pos){0};
		}
	}
	return zync_cfg_decode_field(ctx, field, node, base);
}

enum zync_status zync_cfg_defaults(struct zync_cfg_ctx *ctx, const struct zync_cfg_table *table, void *base)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct zync_cfg_field *field = &table->fields[i];

		if (field->type == ZYNC_CFG_TYPE_STRUCT)
			ZYNC_TRY(zync_cfg_defaults(ctx, field->table, member_at(base, field->offset)));
		else if (field->def)
			ZYNC_TRY(default_field(ctx, field, base));
	}
	return ZYNC_OK;
}
