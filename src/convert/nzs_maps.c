/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps "path in NetBox → name in Zabbix" of inventory, tags and macros. The values are those of the old tool: nothing, an empty text and an empty list are "", everything
 * else is what Python's str() makes of it (the filter `python`; of lists and objects JSON).
 */
#include "convert/nzs_priv.h"

#include <string.h>

#include "base/str.h"
#include "model/host.h"
#include "model/names.h"

#define MAPS_PATH_MAX 255 /* bytes of a path */

/* Words that cannot begin a path of the template language. */
static const char *const maps_words[] = {"and", "elif", "else", "endfor", "endif", "false", "for", "if",
					 "in",	"is",	"none", "not",	  "null",  "or",    "true"};
/* Last names of paths whose value is never a list. */
static const char *const maps_scalars[] = {"address",	"asset_tag",   "comments", "description", "device_name", "disk",
					   "display",	"display_url", "facility", "id",	  "label",	 "latitude",
					   "longitude", "memory",      "model",	   "name",	  "position",	 "serial",
					   "slug",	"url",	       "value",	   "vcpus"};

static bool maps_has(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static bool maps_is_name(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-";

	return text[0] != '\0' && strchr(letters, text[0]) != NULL && strspn(text, allowed) == strlen(text);
}

static void maps_add_member(struct zync_buf *out, const char *name)
{
	if (maps_is_name(name)) {
		zync_buf_printf(out, ".%s", name);
		return;
	}
	zync_buf_adds(out, "[\"");
	for (const char *c = name; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			zync_buf_addc(out, '\\');
		zync_buf_addc(out, *c);
	}
	zync_buf_adds(out, "\"]");
}

/* Why a part of a path cannot be written; NULL: it can. */
static const char *maps_part_problem(const char *part, bool root)
{
	if (part[0] == '\0')
		return "it has nothing between two slashes, or a slash at its begin or end";
	if (root && (!maps_is_name(part) || maps_has(maps_words, ZYNC_ARRAY_LEN(maps_words), part)))
		return "no object of NetBox has a member of that name";
	return NULL;
}

enum zync_status nzs_path(struct nzs *n, enum nzs_key key, unsigned line, const char *path, const char **ret)
{
	const char *problem = strlen(path) > MAPS_PATH_MAX ? "it is too long" : NULL;
	char *copy = zync_arena_strdup(n->arena, path), *part = copy, *last = copy;
	struct zync_buf out;

	*ret = NULL;
	if (copy == NULL)
		return nzs_nomem(n);
	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_SOURCE);
	while (problem == NULL && part != NULL) {
		char *slash = strchr(part, '/');

		if (slash != NULL)
			*slash = '\0';
		problem = maps_part_problem(part, part == copy);
		if (part == copy)
			zync_buf_adds(&out, part);
		else
			maps_add_member(&out, part);
		last = part;
		part = slash != NULL ? slash + 1 : NULL;
	}
	if (problem == NULL && out.failed == ZYNC_OK) {
		bool scalar = maps_has(maps_scalars, ZYNC_ARRAY_LEN(maps_scalars), last) && strncmp(path, "custom_fields/", 14) != 0 &&
			      strncmp(path, "config_context/", 15) != 0 && strncmp(path, "local_context_data/", 19) != 0;
		*ret = zync_arena_printf(n->arena, "%s%s", scalar ? "" : "?", out.data);
	}
	zync_buf_done(&out);
	if (problem != NULL)
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, line, "the path \"%s\" is left out: %s", nzs_shown(n, path), problem);
	return *ret != NULL ? ZYNC_OK : nzs_nomem(n);
}

/* The name of a chassis' host is that of the chassis; the maps of the old tool mean that of the device. */
static const char *maps_own_name(const struct nzs *n, enum nzs_key key, const char *path)
{
	bool device = key == NZS_DEVICE_INVENTORY_MAP || key == NZS_DEVICE_TAG_MAP || key == NZS_DEVICE_USERMACRO_MAP;

	return device && n->settings[NZS_CLUSTERING].on && strcmp(path, "name") == 0 ? "device_name" : path;
}

/* The template of a path; @p made: nothing at all, not an empty text, where the value is empty. NULL: the path is left out. */
static enum zync_status maps_template(struct nzs *n, enum nzs_key key, const struct nzs_pair *pair, bool made, const char **ret)
{
	const char *path = NULL;
	bool list;

	*ret = NULL;
	ZYNC_TRY(nzs_path(n, key, pair->line, maps_own_name(n, key, pair->key), &path));
	if (path == NULL)
		return ZYNC_OK;
	list = path[0] == '?';
	path += list ? 1 : 0;
	if (list || made)
		*ret = zync_arena_printf(n->arena, "{{ %s | python if %s | length }}", path, path);
	else
		*ret = zync_arena_printf(n->arena, "{{ %s | python }}", path);
	return *ret != NULL ? ZYNC_OK : nzs_nomem(n);
}

/* Two paths for one name: as in the old tool the later one counts. */
static enum zync_status maps_is_last(struct nzs *n, enum nzs_key key, size_t at, bool *ret)
{
	const struct nzs_setting *setting = &n->settings[key];
	const char *name = setting->pairs[at].values[0].text;

	*ret = true;
	for (size_t i = at + 1; i < setting->pair_count; i++)
		*ret = *ret && strcmp(setting->pairs[i].values[0].text, name) != 0;
	if (*ret)
		return ZYNC_OK;
	return nzs_note_at(n, ZYNC_CONVERT_NOTE, key, setting->pairs[at].line,
			   "\"%s\" is left out: a later path has the same name \"%s\", and the last one counts",
			   nzs_shown(n, setting->pairs[at].key), nzs_shown(n, name));
}

static const char *maps_inventory_problem(const char *name)
{
	return zync_inventory_field_known(name) ? NULL : "Zabbix has no inventory field of that name, and refuses the host";
}

static const char *maps_tag_problem(const char *name)
{
	if (name[0] == '\0')
		return "the name of the tag is empty";
	return zync_utf8_len(name) > ZYNC_TAG_MAX ? "Zabbix allows 255 characters in the name of a tag" : NULL;
}

static const char *maps_macro_problem(const char *name)
{
	const char *problem = zync_macro_name_problem(name);

	if (problem == NULL && strcmp(name, ZYNC_OWNER_MACRO) == 0)
		return "it is the mark by which Zync knows its hosts";
	return problem;
}

/* Names with their templates, as far as both can be had. */
struct maps_entry {
	const char *name, *value;
};
struct maps_list {
	struct maps_entry *items;
	size_t len;
};

static enum zync_status maps_collect(struct nzs *n, enum nzs_key key, bool made, const char *(*problem_of)(const char *name),
				     struct maps_list *ret)
{
	const struct nzs_setting *setting = &n->settings[key];

	*ret = (struct maps_list){.items = ZYNC_NEW_ARRAY(n->arena, struct maps_entry, setting->pair_count)};
	if (ret->items == NULL)
		return nzs_nomem(n);
	for (size_t i = 0; i < setting->pair_count; i++) {
		const struct nzs_pair *pair = &setting->pairs[i];
		const char *name = pair->values[0].text, *problem = problem_of(name), *value = NULL;
		bool last = true;

		if (problem != NULL) {
			ZYNC_TRY(nzs_note_at(n, ZYNC_CONVERT_WARNING, key, pair->line, "\"%s\" is left out: \"%s\": %s",
					     nzs_shown(n, pair->key), nzs_shown(n, name), problem));
			continue;
		}
		ZYNC_TRY(maps_is_last(n, key, i, &last));
		if (last)
			ZYNC_TRY(maps_template(n, key, pair, made, &value));
		if (value != NULL)
			ret->items[ret->len++] = (struct maps_entry){name, value};
	}
	return ZYNC_OK;
}

enum zync_status nzs_emit_inventory(struct nzs *n, enum nzs_key map)
{
	struct maps_list list;

	ZYNC_TRY(maps_collect(n, map, /* made= */ false, maps_inventory_problem, &list));
	emit_origin(n, "      ", map);
	if (list.len == 0)
		return ZYNC_OK;
	emit_line(n, "      ", "inventory:");
	for (size_t i = 0; i < list.len; i++)
		emit_line(n, "        ", "%s: %s", list.items[i].name, emit_value(n, list.items[i].value));
	return ZYNC_OK;
}

/* What NetBox's own tags become. */
static enum zync_status maps_netbox_tags(struct nzs *n, bool *ret)
{
	static const char *const members[] = {"name", "slug", "display"};
	const struct nzs_text *name = &n->settings[NZS_TAG_NAME].text, *member = &n->settings[NZS_TAG_VALUE].text;
	const char *but = member->variable ? ", not a variable" : "";
	const char *chosen = "name", *problem = name->text == NULL || name->variable ? NULL : maps_tag_problem(name->text);
	bool known = false;

	*ret = name->text != NULL && problem == NULL;
	if (problem != NULL)
		return nzs_note(n, ZYNC_CONVERT_WARNING, NZS_TAG_NAME, "NetBox's tags are left out: %s", problem);
	for (size_t i = 0; !member->variable && i < ZYNC_ARRAY_LEN(members); i++) {
		if (!zync_str_eq_nocase(member->text, members[i]))
			continue;
		chosen = members[i];
		known = true;
	}
	n->settings[NZS_TAG_VALUE].text = (struct nzs_text){.text = chosen};
	if (known)
		return ZYNC_OK;
	return nzs_note(n, ZYNC_CONVERT_WARNING, NZS_TAG_VALUE, "\"name\" is used: it must be name, slug or display%s", but);
}

enum zync_status nzs_emit_tags(struct nzs *n, enum nzs_key map)
{
	const struct nzs_text *name = &n->settings[NZS_TAG_NAME].text;
	struct maps_list list;
	bool netbox = false;

	ZYNC_TRY(maps_collect(n, map, /* made= */ true, maps_tag_problem, &list));
	ZYNC_TRY(maps_netbox_tags(n, &netbox));
	emit_origin(n, "      ", map);
	emit_origin(n, "      ", NZS_TAG_NAME);
	emit_origin(n, "      ", NZS_TAG_VALUE);
	if (list.len == 0 && !netbox)
		return ZYNC_OK;
	emit_line(n, "      ", "tags:");
	for (size_t i = 0; i < list.len; i++)
		emit_line(n, "        ", "- {tag: %s, value: %s}", emit_value(n, emit_template(n, list.items[i].name)),
			  emit_value(n, list.items[i].value));
	if (netbox)
		emit_line(n, "        ", "- {tag: %s, value: \"{{ t.%s for t in tags }}\"}",
			  name->variable ? emit_text(n, name) : emit_value(n, emit_template(n, name->text)),
			  n->settings[NZS_TAG_VALUE].text.text);
	return ZYNC_OK;
}

enum zync_status nzs_emit_macros(struct nzs *n, enum nzs_key map)
{
	struct maps_list list;

	ZYNC_TRY(maps_collect(n, map, /* made= */ true, maps_macro_problem, &list));
	emit_origin(n, "      ", map);
	if (list.len == 0)
		return ZYNC_OK;
	emit_line(n, "      ", "macros:");
	for (size_t i = 0; i < list.len; i++) {
		emit_line(n, "        ", "- macro: %s", emit_value(n, emit_template(n, list.items[i].name)));
		emit_line(n, "          ", "value: %s", emit_value(n, list.items[i].value));
	}
	return ZYNC_OK;
}
