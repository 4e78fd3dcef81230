/* SPDX-License-Identifier: Apache-2.0 */
/* Tags, user macros and the description of the config context. */
#include "rules/per_host_priv.h"

#include <string.h>

#include "base/str.h"
#include "model/names.h"

/* "usermacros[{$X}]" */
static enum zync_status lists_path(const struct per_host *p, const char *list, const char *name, const char **ret)
{
	*ret = zync_arena_printf(p->run->arena, "%s[%s]", list, per_host_shown(p, name));
	return *ret != NULL ? ZYNC_OK : rules_nomem(p->run);
}

/* --- tags --- */

static enum zync_status lists_tag(const struct per_host *p, const char *name, const struct zync_jval *v, struct zync_vec *ret)
{
	struct zync_tag *tag;
	const char *path, *text;

	ZYNC_TRY(lists_path(p, "tags", name, &path));
	if (name[0] == '\0')
		return per_host_left_out(p, "tags[]", path, "the name is empty");
	if (zync_jval_type(v) == ZYNC_JSON_NULL)
		return per_host_left_out(p, path, path, "the value is empty");
	if (!per_host_is_scalar(v))
		return per_host_fail(p, path, "the value must be a text or a number, not %s", per_host_kind(v));
	text = zync_jval_text(p->run->arena, v);
	if (text == NULL)
		return rules_nomem(p->run);
	if (text[0] == '\0')
		return per_host_left_out(p, path, path, "the value is empty");
	tag = ZYNC_NEW(p->run->arena, struct zync_tag);
	if (tag == NULL)
		return rules_nomem(p->run);
	*tag = (struct zync_tag){.tag = name, .value = text};
	return zync_vec_push(ret, tag, p->run->err);
}

static enum zync_status lists_too_many(const struct per_host *p)
{
	return per_host_fail(p, "tags", "more than %u entries", PER_HOST_ENTRIES_MAX);
}

static enum zync_status lists_tag_map(const struct per_host *p, const struct zync_jval *map, struct zync_vec *ret)
{
	const struct zync_jval *v;
	const char *name = NULL;
	struct zync_jiter it;

	if (zync_jval_len(map) + ret->len > PER_HOST_ENTRIES_MAX)
		return lists_too_many(p);
	zync_jiter_init(&it, map);
	while ((v = zync_jiter_next(&it, &name)) != NULL)
		ZYNC_TRY(lists_tag(p, name, v, ret));
	return ZYNC_OK;
}

static enum zync_status lists_tags(const struct per_host *p, const struct zync_jval *value, struct zync_vec *ret)
{
	const struct zync_jval *item;
	unsigned failures = p->run->failures;
	struct zync_jiter it;

	if (per_host_is_nothing(value))
		return ZYNC_OK;
	if (zync_jval_type(value) == ZYNC_JSON_OBJECT)
		return lists_tag_map(p, value, ret);
	if (zync_jval_type(value) != ZYNC_JSON_ARRAY)
		return per_host_fail(p, "tags", "it must be a list of {\"name\": \"value\"}, not %s", per_host_kind(value));
	if (zync_jval_len(value) > PER_HOST_ENTRIES_MAX)
		return lists_too_many(p);
	zync_jiter_init(&it, value);
	while ((item = zync_jiter_next(&it, NULL)) != NULL && p->run->failures == failures) {
		if (per_host_is_nothing(item))
			continue;
		if (zync_jval_type(item) != ZYNC_JSON_OBJECT)
			return per_host_fail(p, "tags", "an entry must be {\"name\": \"value\"}, not %s", per_host_kind(item));
		ZYNC_TRY(lists_tag_map(p, item, ret));
	}
	return ZYNC_OK;
}

enum zync_status per_host_tags(struct per_host *p)
{
	struct zync_tag *tags;
	struct zync_vec found;

	zync_vec_init(&found, p->run->arena);
	ZYNC_TRY(lists_tags(p, zync_jval_get(p->context, "tags"), &found));
	tags = ZYNC_NEW_ARRAY(p->run->arena, struct zync_tag, found.len);
	if (tags == NULL)
		return rules_nomem(p->run);
	for (size_t i = 0; i < found.len; i++)
		tags[i] = *(const struct zync_tag *)found.items[i];
	p->out->tags = tags;
	p->out->tag_count = found.len;
	return found.len > 0 ? per_host_source(p, "tags", &p->out->tags_source) : ZYNC_OK;
}

/* --- macros --- */

/* The value as text; *ret NULL: there is none, or it is wrong, which is noted. An object with an empty value means it. */
static enum zync_status lists_macro_value(const struct per_host *p, const char *path, const struct zync_jval *v, const char **ret)
{
	const struct zync_jval *value = zync_jval_type(v) == ZYNC_JSON_OBJECT ? zync_jval_get(v, "value") : v;

	*ret = NULL;
	if (zync_jval_type(value) == ZYNC_JSON_NONE || zync_jval_type(value) == ZYNC_JSON_NULL)
		return ZYNC_OK;
	if (!per_host_is_scalar(value))
		return per_host_fail(p, path, "the value must be a text or a number, not %s", per_host_kind(value));
	*ret = zync_jval_text(p->run->arena, value);
	if (*ret == NULL)
		return rules_nomem(p->run);
	if (value == v && (*ret)[0] == '\0')
		*ret = NULL;
	return ZYNC_OK;
}

/* Type and description of {type, value, description}. */
static enum zync_status lists_macro_members(const struct per_host *p, const char *path, const struct zync_jval *v, struct zync_macro *out)
{
	static const char *const members[] = {"type", "value", "description"};
	struct per_host_place place = {v, zync_arena_printf(p->run->arena, "%s.", path)};
	int type = ZYNC_MACRO_TEXT;
	const char *description = NULL;
	bool given = false;

	if (place.path == NULL)
		return rules_nomem(p->run);
	ZYNC_TRY(per_host_check_names(p, place, members, ZYNC_ARRAY_LEN(members)));
	ZYNC_TRY(per_host_choice(p, place, "type", &rules_macro_types, &type, &given));
	ZYNC_TRY(per_host_text(p, place, "description", &description));
	out->type = (enum zync_macro_type)type;
	out->description = description != NULL ? description : "";
	return ZYNC_OK;
}

static enum zync_status lists_macro(const struct per_host *p, const char *name, const struct zync_jval *v, struct zync_vec *ret)
{
	struct zync_macro *macro = ZYNC_NEW(p->run->arena, struct zync_macro);
	const char *problem = zync_macro_name_problem(name);
	unsigned failures = p->run->failures;
	const char *path, *value = NULL;

	if (macro == NULL)
		return rules_nomem(p->run);
	ZYNC_TRY(lists_path(p, "usermacros", name, &path));
	if (problem == NULL && strcmp(name, ZYNC_OWNER_MACRO) == 0)
		problem = "it is the mark by which zync knows its hosts";
	if (problem != NULL)
		return per_host_fail(p, path, "this cannot be the name of a macro: %s; names look like {$NAME}", problem);
	*macro = (struct zync_macro){.macro = name, .description = ""};
	if (zync_jval_type(v) == ZYNC_JSON_OBJECT)
		ZYNC_TRY(lists_macro_members(p, path, v, macro));
	ZYNC_TRY(lists_macro_value(p, path, v, &value));
	if (p->run->failures != failures)
		return ZYNC_OK;
	if (value == NULL)
		return per_host_left_out(p, zync_arena_printf(p->run->arena, "macros[%s].value", name), path, "the value is empty");
	macro->value.plain = value;
	return zync_vec_push(ret, macro, p->run->err);
}

enum zync_status per_host_macros(struct per_host *p)
{
	const struct zync_jval *all, *v;
	struct zync_macro *macros;
	const char *name = NULL;
	struct zync_jiter it;
	struct zync_vec found;

	ZYNC_TRY(per_host_object(p, "usermacros", &all));
	if (zync_jval_len(all) > PER_HOST_ENTRIES_MAX)
		return per_host_fail(p, "usermacros", "%zu entries, at most %u are read", zync_jval_len(all), PER_HOST_ENTRIES_MAX);
	zync_vec_init(&found, p->run->arena);
	zync_jiter_init(&it, all);
	while ((v = zync_jiter_next(&it, &name)) != NULL)
		ZYNC_TRY(lists_macro(p, name, v, &found));
	macros = ZYNC_NEW_ARRAY(p->run->arena, struct zync_macro, found.len);
	if (macros == NULL)
		return rules_nomem(p->run);
	for (size_t i = 0; i < found.len; i++)
		macros[i] = *(const struct zync_macro *)found.items[i];
	p->out->macros = macros;
	p->out->macro_count = found.len;
	return found.len > 0 ? per_host_source(p, "usermacros", &p->out->macros_source) : ZYNC_OK;
}

/* --- description --- */

/* The name of the object's owner in NetBox (4.5 and newer), "" when it has none. */
static const char *lists_owner(const struct per_host *p)
{
	const struct zync_rules_object *object = p->run->object;
	const struct zync_jval *owner = object->member(object->ctx, NULL, "owner");
	const char *name = zync_jval_str(owner);

	if (name == NULL)
		name = zync_jval_get_str(owner, "name");
	if (name == NULL)
		name = zync_jval_get_str(owner, "display");
	return name != NULL ? name : "";
}

enum zync_status per_host_description(struct per_host *p)
{
	static const char mark[] = "{owner}";
	const char *text = NULL, *next;
	struct zync_buf out;
	enum zync_status status;

	ZYNC_TRY(per_host_text(p, (struct per_host_place){p->context, ""}, "description", &text));
	if (text == NULL)
		return ZYNC_OK;
	ZYNC_TRY(per_host_source(p, "description", &p->out->description_source));
	p->out->description = text;
	if (strstr(text, mark) == NULL)
		return ZYNC_OK;
	zync_buf_init(&out, PER_HOST_TEXT_BYTES);
	for (; (next = strstr(text, mark)) != NULL; text = next + strlen(mark)) {
		zync_buf_add(&out, text, (size_t)(next - text));
		zync_buf_adds(&out, lists_owner(p));
	}
	zync_buf_adds(&out, text);
	status = out.failed;
	p->out->description = status == ZYNC_OK ? zync_arena_strndup(p->run->arena, out.data, out.len) : "";
	zync_buf_done(&out);
	if (status == ZYNC_ERR_LIMIT)
		return per_host_fail(p, "description", "it has more than %u bytes", PER_HOST_TEXT_BYTES);
	return status == ZYNC_OK && p->out->description != NULL ? ZYNC_OK : rules_nomem(p->run);
}
