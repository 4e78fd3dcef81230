/* SPDX-License-Identifier: Apache-2.0 */
/* The conditions of `match`: what they compare is looked up once an object, not once a mapping. */
#include "rules/rules_priv.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"

/* A plain condition and where its object is found below the NetBox object. */
static const struct {
	const char *label;
	size_t offset;
	const char *path[2];
	bool tree; /* what stands above it (member "parent") counts, too */
} match_keys[RULES_KEY_PLAIN_COUNT] = {
#define KEY(member) .label = #member, .offset = offsetof(struct zync_cfg_match, member)
	[RULES_KEY_TYPE] = {KEY(type)},
	[RULES_KEY_SITE] = {KEY(site), .path = {"site"}},
	[RULES_KEY_SITE_GROUP] = {KEY(site_group), .path = {"site", "group"}, .tree = true},
	[RULES_KEY_REGION] = {KEY(region), .path = {"site", "region"}, .tree = true},
	[RULES_KEY_LOCATION] = {KEY(location), .path = {"location"}, .tree = true},
	[RULES_KEY_ROLE] = {KEY(role), .path = {"role"}, .tree = true},
	[RULES_KEY_PLATFORM] = {KEY(platform), .path = {"platform"}, .tree = true},
	[RULES_KEY_MANUFACTURER] = {KEY(manufacturer), .path = {"device_type", "manufacturer"}},
	[RULES_KEY_DEVICE_TYPE] = {KEY(device_type), .path = {"device_type"}},
	[RULES_KEY_TENANT] = {KEY(tenant), .path = {"tenant"}},
	[RULES_KEY_TENANT_GROUP] = {KEY(tenant_group), .path = {"tenant", "group"}, .tree = true},
	[RULES_KEY_CLUSTER] = {KEY(cluster), .path = {"cluster"}},
	[RULES_KEY_CLUSTER_TYPE] = {KEY(cluster_type), .path = {"cluster", "type"}},
	[RULES_KEY_CLUSTER_GROUP] = {KEY(cluster_group), .path = {"cluster", "group"}},
	[RULES_KEY_STATUS] = {KEY(status), .path = {"status"}},
	[RULES_KEY_NAME] = {KEY(name), .path = {"name"}},
	[RULES_KEY_TAGS] = {KEY(tags), .path = {"tags"}},
	[RULES_KEY_ALL_TAGS] = {KEY(all_tags), .path = {"tags"}},
#undef KEY
};

static const char *const match_types[] = {"device", "virtual_machine", "vm"};

bool rules_is_vm(const struct zync_rules_object *object)
{
	return strcmp(object->type, "vm") == 0;
}

/* --- compiling --- */

static enum zync_status match_compile_patterns(struct rules_compiler *c, const struct zync_cfg_texts *texts, struct rules_condition *out)
{
	out->patterns = ZYNC_NEW_ARRAY(c->arena, struct rules_pattern, texts->len);
	if (out->patterns == NULL)
		return rules_compile_nomem(c);
	out->len = texts->len;
	for (size_t i = 0; i < texts->len; i++) {
		const char *text = texts->items[i].value != NULL ? texts->items[i].value : "";

		out->patterns[i].negated = text[0] == '!';
		out->patterns[i].glob = text[0] == '!' ? text + 1 : text;
		out->positive = out->positive || text[0] != '!';
	}
	return ZYNC_OK;
}

static void match_check_types(struct rules_compiler *c, const struct zync_cfg_texts *texts, const struct rules_condition *condition)
{
	for (size_t i = 0; i < condition->len; i++) {
		bool known = false;

		for (size_t j = 0; j < ZYNC_ARRAY_LEN(match_types); j++)
			known = known || zync_glob_match(condition->patterns[i].glob, match_types[j], /* nocase= */ true);
		if (!known)
			rules_problem(c, texts->items[i].pos, "match.type: \"%s\" is none of device, virtual_machine (vm)",
				      condition->patterns[i].glob);
	}
}

/* The names of "a.b.c"; an empty one is a problem. */
static enum zync_status match_compile_path(struct rules_compiler *c, const struct zync_cfg_text *key, bool dots,
					   struct rules_condition *out)
{
	size_t count = 1;
	const char *s = key->value;
	const char **path;

	for (const char *p = s; dots && *p != '\0'; p++)
		count += *p == '.' ? 1 : 0;
	path = ZYNC_NEW_ARRAY(c->arena, const char *, count);
	if (path == NULL)
		return rules_compile_nomem(c);
	for (size_t i = 0; i < count; i++) {
		size_t len = dots ? strcspn(s, ".") : strlen(s);

		path[i] = zync_arena_strndup(c->arena, s, len);
		if (path[i] == NULL)
			return rules_compile_nomem(c);
		if (len == 0)
			rules_problem(c, key->pos, "match: \"%s\" has an empty name in it", key->value);
		s += len + (s[len] == '.' ? 1 : 0);
	}
	out->path = path;
	out->path_len = count;
	return ZYNC_OK;
}

static enum zync_status match_compile_pairs(struct rules_compiler *c, const struct zync_cfg_pairs *pairs, enum rules_key key,
					    struct rules_mapping *out)
{
	for (size_t i = 0; i < pairs->len; i++) {
		struct rules_condition *condition = &out->conditions[out->condition_count++];

		condition->key = key;
		ZYNC_TRY(match_compile_path(c, &pairs->items[i].key, key == RULES_KEY_CONFIG_CONTEXT, condition));
		ZYNC_TRY(match_compile_patterns(c, &pairs->items[i].values, condition));
		if (key == RULES_KEY_CONFIG_CONTEXT)
			c->rules->need_config_context = true;
	}
	return ZYNC_OK;
}

enum zync_status rules_compile_match(struct rules_compiler *c, const struct zync_cfg_match *match, struct rules_mapping *out)
{
	out->conditions = ZYNC_NEW_ARRAY(c->arena, struct rules_condition,
					 RULES_KEY_PLAIN_COUNT + match->custom_fields.len + match->config_context.len);
	if (out->conditions == NULL)
		return rules_compile_nomem(c);
	for (size_t i = 0; i < RULES_KEY_PLAIN_COUNT; i++) {
		const void *at = (const char *)match + match_keys[i].offset;
		const struct zync_cfg_texts *texts = at;
		struct rules_condition *condition = &out->conditions[out->condition_count];

		if (texts->len == 0)
			continue;
		out->condition_count++;
		condition->key = (enum rules_key)i;
		ZYNC_TRY(match_compile_patterns(c, texts, condition));
		if (i == RULES_KEY_TYPE)
			match_check_types(c, texts, condition);
	}
	ZYNC_TRY(match_compile_pairs(c, &match->custom_fields, RULES_KEY_CUSTOM_FIELD, out));
	return match_compile_pairs(c, &match->config_context, RULES_KEY_CONFIG_CONTEXT, out);
}

const struct zync_cfg_texts *rules_match_texts(const struct zync_cfg_match *match, enum rules_key key, size_t pair,
					       struct zync_arena *arena, const char **ret_label)
{
	const struct zync_cfg_pairs *pairs = key == RULES_KEY_CUSTOM_FIELD ? &match->custom_fields : &match->config_context;

	if (key < RULES_KEY_PLAIN_COUNT) {
		const void *at = (const char *)match + match_keys[key].offset;

		*ret_label = match_keys[key].label;
		return at;
	}
	*ret_label = zync_arena_printf(arena, "%s.%s", key == RULES_KEY_CUSTOM_FIELD ? "custom_fields" : "config_context",
				       pairs->items[pair].key.value);
	return &pairs->items[pair].values;
}

/* --- deriving --- */

static enum zync_status match_add(struct rules_run *run, struct zync_vec *texts, const char *text)
{
	union {
		const char *in;
		void *out;
	} item = {.in = text};

	return text == NULL || text[0] == '\0' ? ZYNC_OK : zync_vec_push(texts, item.out, run->err);
}

static enum zync_status match_add_scalar(struct rules_run *run, struct zync_vec *texts, const struct zync_jval *v)
{
	enum zync_jtype type = zync_jval_type(v);
	const char *text;

	if (type <= ZYNC_JSON_NULL || type >= ZYNC_JSON_ARRAY)
		return ZYNC_OK;
	text = zync_jval_text(run->arena, v);
	return text == NULL ? rules_nomem(run) : match_add(run, texts, text);
}

/* A value as the texts that a pattern may name it by: selections by value and label, references by slug, name and model. */
static enum zync_status match_add_value(struct rules_run *run, struct zync_vec *texts, const struct zync_jval *v)
{
	static const char *const names[] = {"value", "label", "slug", "name", "model"};
	struct zync_jiter it;
	const struct zync_jval *element;
	size_t before = texts->len;

	if (zync_jval_type(v) == ZYNC_JSON_ARRAY) {
		zync_jiter_init(&it, v);
		while ((element = zync_jiter_next(&it, NULL)) != NULL)
			ZYNC_TRY(match_add_value(run, texts, element));
		return ZYNC_OK;
	}
	if (zync_jval_type(v) != ZYNC_JSON_OBJECT)
		return match_add_scalar(run, texts, v);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(names); i++)
		ZYNC_TRY(match_add_scalar(run, texts, zync_jval_get(v, names[i])));
	return texts->len > before ? ZYNC_OK : match_add_scalar(run, texts, zync_jval_get(v, "display"));
}

static const struct zync_jval *match_member(const struct rules_run *run, const struct zync_jval *parent, const char *name)
{
	const struct zync_jval *v = run->object->member(run->object->ctx, parent, name);

	return zync_jval_type(v) <= ZYNC_JSON_NULL ? NULL : v;
}

static enum zync_status match_fill(struct rules_run *run, enum rules_key key, struct zync_vec *texts)
{
	const struct zync_jval *v = NULL;

	if (key == RULES_KEY_TYPE) {
		ZYNC_TRY(match_add(run, texts, rules_is_vm(run->object) ? "virtual_machine" : "device"));
		return match_add(run, texts, rules_is_vm(run->object) ? "vm" : NULL);
	}
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(match_keys[key].path) && match_keys[key].path[i] != NULL; i++) {
		v = match_member(run, v, match_keys[key].path[i]);
		if (v == NULL)
			return ZYNC_OK;
	}
	ZYNC_TRY(match_add_value(run, texts, v));
	for (unsigned depth = 0; match_keys[key].tree && depth < RULES_MAX_ANCESTORS; depth++) {
		v = match_member(run, v, "parent");
		if (v == NULL)
			break;
		ZYNC_TRY(match_add_value(run, texts, v));
	}
	return ZYNC_OK;
}

static enum zync_status match_fill_path(struct rules_run *run, const struct rules_condition *condition, struct zync_vec *texts)
{
	const struct zync_jval *v = match_member(run, NULL, condition->key == RULES_KEY_CUSTOM_FIELD ? "custom_fields" : "config_context");

	for (size_t i = 0; i < condition->path_len && v != NULL; i++)
		v = match_member(run, v, condition->path[i]);
	return v == NULL ? ZYNC_OK : match_add_value(run, texts, v);
}

static bool match_pattern(const char *glob, const struct zync_vec *texts)
{
	if (glob[0] == '\0')
		return texts->len == 0;
	for (size_t i = 0; i < texts->len; i++)
		if (zync_glob_match(glob, texts->items[i], /* nocase= */ true))
			return true;
	return false;
}

static bool match_patterns(const struct rules_condition *condition, const struct zync_vec *texts)
{
	bool any = !condition->positive;

	for (size_t i = 0; i < condition->len; i++) {
		bool hit = match_pattern(condition->patterns[i].glob, texts);

		if (condition->patterns[i].negated ? hit : !hit && condition->key == RULES_KEY_ALL_TAGS)
			return false;
		any = any || (hit && !condition->patterns[i].negated);
	}
	return any;
}

enum zync_status rules_match(struct rules_run *run, const struct rules_mapping *mapping, bool *ret)
{
	*ret = false;
	for (size_t i = 0; i < mapping->condition_count; i++) {
		const struct rules_condition *condition = &mapping->conditions[i];
		struct zync_vec own;
		struct zync_vec *texts = &own;

		if (condition->key < RULES_KEY_PLAIN_COUNT) {
			struct rules_values *values = &run->values[condition->key];

			texts = &values->texts;
			if (!values->known) {
				zync_vec_init(texts, run->arena);
				ZYNC_TRY(match_fill(run, condition->key, texts));
				values->known = true;
			}
		} else {
			zync_vec_init(texts, run->arena);
			ZYNC_TRY(match_fill_path(run, condition, texts));
		}
		if (!match_patterns(condition, texts))
			return ZYNC_OK;
	}
	*ret = true;
	return ZYNC_OK;
}
