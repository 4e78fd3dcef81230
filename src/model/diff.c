/* SPDX-License-Identifier: Apache-2.0 */
#include "model/diff.h"

#include <string.h>

#include "base/str.h"
#include "model/model_priv.h"

#define CHANGES_FIRST 8

enum zync_status zync_model_change_add(struct zync_model_changes *changes, enum zync_aspect aspect, const char *field, const char *old_text,
				       const char *new_text, struct zync_err *err)
{
	if (field == NULL)
		return zync_err_nomem(err, "comparing hosts");
	if (changes->len == changes->cap) {
		size_t cap = changes->cap == 0 ? CHANGES_FIRST : changes->cap * 2;
		struct zync_change *items = ZYNC_NEW_ARRAY(changes->arena, struct zync_change, cap);
		if (items == NULL)
			return zync_err_nomem(err, "comparing hosts");
		if (changes->len > 0)
			memcpy(items, changes->items, changes->len * sizeof(*items));
		changes->items = items;
		changes->cap = cap;
	}
	changes->items[changes->len++] = (struct zync_change){.aspect = aspect, .field = field, .old_text = old_text, .new_text = new_text};
	changes->aspects |= ZYNC_ASPECT_BIT(aspect);
	return ZYNC_OK;
}

enum zync_status zync_model_change_text(struct zync_model_changes *changes, enum zync_aspect aspect, const char *field,
					const char *old_text, const char *new_text, struct zync_err *err)
{
	if (zync_str_eq(old_text, new_text))
		return ZYNC_OK;
	return zync_model_change_add(changes, aspect, field, old_text, new_text, err);
}

/* A single value; at creation (@p created) an empty one is no change, and there is no old text. */
static enum zync_status diff_text(struct zync_model_changes *changes, enum zync_aspect aspect, bool created, const char *old_text,
				  const char *new_text, struct zync_err *err)
{
	if (created && new_text[0] == '\0')
		return ZYNC_OK;
	return zync_model_change_text(changes, aspect, zync_aspect_name(aspect), created ? NULL : zync_model_text(old_text), new_text, err);
}

/* Members that only one side has, both lists being walked in the order of names. */
static enum zync_status diff_refs(struct zync_model_changes *changes, enum zync_aspect aspect, const struct zync_ref_list *target,
				  const struct zync_ref_list *actual, struct zync_err *err)
{
	size_t i = 0, j = 0;
	while (i < target->len || j < actual->len) {
		bool next_new = j == actual->len || (i < target->len && zync_str_cmp(target->items[i].name, actual->items[j].name) < 0);
		const struct zync_ref *ref = next_new ? &target->items[i++] : &actual->items[j++];
		if (zync_model_ref_find(next_new ? actual : target, ref) == NULL)
			ZYNC_TRY(zync_model_change_add(changes, aspect, zync_aspect_name(aspect), next_new ? NULL : ref->name,
						       next_new ? ref->name : NULL, err));
	}
	return ZYNC_OK;
}

/* The first tag after @p from that has another name. */
static size_t diff_tag_run(const struct zync_host *host, size_t from, const char *name)
{
	while (from < host->tags.len && strcmp(host->tags.items[from].tag, name) == 0)
		from++;
	return from;
}

/* The values of one tag name: tags [from, to) of @p host that @p other lacks; *ret_first is the first of them. */
static size_t diff_tag_count(const struct zync_host *host, size_t from, size_t to, const struct zync_host *other, const char **ret_first)
{
	size_t count = 0;
	for (size_t i = from; i < to; i++) {
		if (zync_model_tag_find(other, &host->tags.items[i]))
			continue;
		if (count++ == 0)
			*ret_first = host->tags.items[i].value;
	}
	return count;
}

/* All tags of one name: target's [i, i_end), actual's [j, j_end). */
static enum zync_status diff_tag(struct zync_model_changes *changes, const struct zync_host *target, size_t i, size_t i_end,
				 const struct zync_host *actual, size_t j, size_t j_end, struct zync_err *err)
{
	const char *name = i < i_end ? target->tags.items[i].tag : actual->tags.items[j].tag;
	const char *added = NULL, *removed = NULL;
	size_t added_count = diff_tag_count(target, i, i_end, actual, &added);
	size_t removed_count = diff_tag_count(actual, j, j_end, target, &removed);
	if (added_count + removed_count == 0)
		return ZYNC_OK;
	const char *field = zync_arena_printf(changes->arena, "tags[%s]", name);
	if (added_count <= 1 && removed_count <= 1)
		return zync_model_change_add(changes, ZYNC_ASPECT_TAGS, field, removed, added, err);
	for (; j < j_end; j++) {
		if (!zync_model_tag_find(target, &actual->tags.items[j]))
			ZYNC_TRY(zync_model_change_add(changes, ZYNC_ASPECT_TAGS, field, actual->tags.items[j].value, NULL, err));
	}
	for (; i < i_end; i++) {
		if (!zync_model_tag_find(actual, &target->tags.items[i]))
			ZYNC_TRY(zync_model_change_add(changes, ZYNC_ASPECT_TAGS, field, NULL, target->tags.items[i].value, err));
	}
	return ZYNC_OK;
}

static enum zync_status diff_tags(struct zync_model_changes *changes, const struct zync_host *target, const struct zync_host *actual,
				  struct zync_err *err)
{
	size_t i = 0, j = 0;
	while (i < target->tags.len || j < actual->tags.len) {
		bool next_new =
			j == actual->tags.len || (i < target->tags.len && strcmp(target->tags.items[i].tag, actual->tags.items[j].tag) < 0);
		const char *name = next_new ? target->tags.items[i].tag : actual->tags.items[j].tag;
		size_t i_end = diff_tag_run(target, i, name), j_end = diff_tag_run(actual, j, name);
		ZYNC_TRY(diff_tag(changes, target, i, i_end, actual, j, j_end, err));
		i = i_end;
		j = j_end;
	}
	return ZYNC_OK;
}

static const char *diff_macro_field(const struct zync_model_changes *changes, const struct zync_macro *macro, const char *member)
{
	return zync_arena_printf(changes->arena, "macros[%s].%s", macro->macro, member);
}

static const char *diff_macro_shown(const struct zync_macro *macro)
{
	return macro->type == ZYNC_MACRO_SECRET ? "***" : zync_model_text(macro->value.plain);
}

/* A macro that is new (@p actual NULL) or on both sides. */
static enum zync_status diff_macro(struct zync_model_changes *changes, const struct zync_macro *target, const struct zync_macro *actual,
				   struct zync_err *err)
{
	const char *shown = diff_macro_shown(target);
	if (actual == NULL) {
		ZYNC_TRY(zync_model_change_add(changes, ZYNC_ASPECT_MACROS, diff_macro_field(changes, target, "value"), NULL, shown, err));
	} else if (zync_model_sensitive_differs(&target->value, &actual->value)) {
		const char *old_shown = diff_macro_shown(actual);
		if (target->type == ZYNC_MACRO_SECRET && actual->type == ZYNC_MACRO_SECRET)
			shown = "*** (changed)";
		ZYNC_TRY(zync_model_change_add(changes, ZYNC_ASPECT_MACROS, diff_macro_field(changes, target, "value"), old_shown, shown,
					       err));
	}
	enum zync_macro_type old_type = actual != NULL ? actual->type : ZYNC_MACRO_TEXT;
	if (target->type != old_type)
		ZYNC_TRY(zync_model_change_add(changes, ZYNC_ASPECT_MACROS, diff_macro_field(changes, target, "type"),
					       actual != NULL ? zync_model_word(ZYNC_WORDS_MACRO_TYPE, (int)old_type) : NULL,
					       zync_model_word(ZYNC_WORDS_MACRO_TYPE, (int)target->type), err));
	if (strcmp(target->description, actual != NULL ? actual->description : "") != 0)
		ZYNC_TRY(zync_model_change_add(changes, ZYNC_ASPECT_MACROS, diff_macro_field(changes, target, "description"),
					       actual != NULL ? actual->description : NULL, target->description, err));
	return ZYNC_OK;
}

/* The ownership mark: one that is missing is written along with other macros, one that names something else is a difference. */
static enum zync_status diff_owner(struct zync_model_changes *changes, const struct zync_host *target, const struct zync_host *actual,
				   bool created, struct zync_err *err)
{
	bool along = created || (changes->aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS)) != 0;
	if (target->owner == NULL || zync_str_eq(target->owner, actual->owner) || (actual->owner == NULL && !along))
		return ZYNC_OK;
	return zync_model_change_add(changes, ZYNC_ASPECT_MACROS, "macros[" ZYNC_OWNER_MACRO "].value", actual->owner, target->owner, err);
}

static enum zync_status diff_macros(struct zync_model_changes *changes, const struct zync_host *target, const struct zync_host *actual,
				    struct zync_err *err)
{
	size_t i = 0, j = 0;
	while (i < target->macros.len || j < actual->macros.len) {
		const struct zync_macro *new_macro = i < target->macros.len ? &target->macros.items[i] : NULL;
		const struct zync_macro *old_macro = j < actual->macros.len ? &actual->macros.items[j] : NULL;
		if (old_macro == NULL || (new_macro != NULL && strcmp(new_macro->macro, old_macro->macro) <= 0)) {
			ZYNC_TRY(diff_macro(changes, new_macro, zync_model_macro_find(actual, new_macro->macro), err));
			i++;
		} else {
			if (zync_model_macro_find(target, old_macro->macro) == NULL)
				ZYNC_TRY(zync_model_change_add(changes, ZYNC_ASPECT_MACROS, diff_macro_field(changes, old_macro, "value"),
							       diff_macro_shown(old_macro), NULL, err));
			j++;
		}
	}
	return ZYNC_OK;
}

static enum zync_status diff_inventory(struct zync_model_changes *changes, const struct zync_host *target, const struct zync_host *actual,
				       bool created, struct zync_err *err)
{
	const char *new_mode = zync_model_word(ZYNC_WORDS_INVENTORY_MODE, (int)target->inventory_mode);
	const char *old_mode = created ? NULL : zync_model_word(ZYNC_WORDS_INVENTORY_MODE, (int)actual->inventory_mode);
	ZYNC_TRY(zync_model_change_text(changes, ZYNC_ASPECT_INVENTORY, "inventory_mode", old_mode, new_mode, err));
	size_t i = 0, j = 0;
	while (i < target->inventory.len || j < actual->inventory.len) {
		const char *new_field = i < target->inventory.len ? target->inventory.items[i].field : NULL;
		const char *old_field = j < actual->inventory.len ? actual->inventory.items[j].field : NULL;
		const char *field = new_field;
		if (new_field == NULL || (old_field != NULL && strcmp(old_field, new_field) < 0))
			field = old_field;
		i += new_field != NULL && strcmp(new_field, field) == 0;
		j += old_field != NULL && strcmp(old_field, field) == 0;
		const char *new_value = zync_model_inventory_find(target, field), *old_value = zync_model_inventory_find(actual, field);
		if (!zync_str_eq(new_value, old_value))
			ZYNC_TRY(zync_model_change_add(changes, ZYNC_ASPECT_INVENTORY,
						       zync_arena_printf(changes->arena, "inventory[%s]", field), old_value, new_value,
						       err));
	}
	return ZYNC_OK;
}

/* "server", "proxy NAME" or "proxy group NAME"; NULL when memory is out. */
static const char *diff_proxy_shown(const struct zync_model_changes *changes, const struct zync_host *host)
{
	if (host->monitored_by == ZYNC_MONITORED_BY_PROXY)
		return zync_arena_printf(changes->arena, "proxy %s", zync_model_text(host->proxy.name));
	if (host->monitored_by == ZYNC_MONITORED_BY_PROXY_GROUP)
		return zync_arena_printf(changes->arena, "proxy group %s", zync_model_text(host->proxy_group.name));
	return "server";
}

static enum zync_status diff_proxy(struct zync_model_changes *changes, const struct zync_host *target, const struct zync_host *actual,
				   bool created, struct zync_err *err)
{
	bool same = target->monitored_by == actual->monitored_by;
	if (same && target->monitored_by == ZYNC_MONITORED_BY_PROXY)
		same = zync_model_ref_equal(&target->proxy, &actual->proxy);
	if (same && target->monitored_by == ZYNC_MONITORED_BY_PROXY_GROUP)
		same = zync_model_ref_equal(&target->proxy_group, &actual->proxy_group);
	if (same)
		return ZYNC_OK;
	const char *new_text = diff_proxy_shown(changes, target);
	const char *old_text = created ? NULL : diff_proxy_shown(changes, actual);
	if (new_text == NULL || (old_text == NULL && !created))
		return zync_err_nomem(err, "comparing hosts");
	return zync_model_change_add(changes, ZYNC_ASPECT_PROXY, "proxy", old_text, new_text, err);
}

static enum zync_status diff_aspect(struct zync_model_changes *changes, enum zync_aspect aspect, const struct zync_host *target,
				    const struct zync_host *actual, bool created, struct zync_err *err)
{
	switch (aspect) {
	case ZYNC_ASPECT_HOST:
		return diff_text(changes, aspect, created, actual->host, zync_model_text(target->host), err);
	case ZYNC_ASPECT_NAME:
		return diff_text(changes, aspect, created, actual->name, zync_model_text(target->name), err);
	case ZYNC_ASPECT_STATUS:
		return diff_text(changes, aspect, created, zync_model_word(ZYNC_WORDS_STATUS, (int)actual->status),
				 zync_model_text(zync_model_word(ZYNC_WORDS_STATUS, (int)target->status)), err);
	case ZYNC_ASPECT_DESCRIPTION:
		return diff_text(changes, aspect, created, actual->description, zync_model_text(target->description), err);
	case ZYNC_ASPECT_GROUPS:
		return diff_refs(changes, aspect, &target->groups, &actual->groups, err);
	case ZYNC_ASPECT_TEMPLATES:
		return diff_refs(changes, aspect, &target->templates, &actual->templates, err);
	case ZYNC_ASPECT_INTERFACES:
		return zync_model_diff_interfaces(changes, target, actual, err);
	case ZYNC_ASPECT_PROXY:
		return diff_proxy(changes, target, actual, created, err);
	case ZYNC_ASPECT_TAGS:
		return diff_tags(changes, target, actual, err);
	case ZYNC_ASPECT_MACROS:
		return diff_macros(changes, target, actual, err);
	case ZYNC_ASPECT_INVENTORY:
		return diff_inventory(changes, target, actual, created, err);
	case ZYNC_ASPECT_IPMI:
		return zync_model_diff_ipmi(changes, &target->ipmi, &actual->ipmi, created, err);
	case ZYNC_ASPECT_TLS:
	case ZYNC_ASPECT_COUNT:
		break;
	}
	return zync_model_diff_tls(changes, &target->tls, &actual->tls, created, err);
}

enum zync_status zync_host_diff(const struct zync_host *target, const struct zync_host *actual, struct zync_arena *arena,
				struct zync_diff *ret_diff, struct zync_err *err)
{
	static const struct zync_host nothing;
	bool created = actual == NULL;
	if (created)
		actual = &nothing;
	struct zync_model_changes changes = {.arena = arena};
	for (enum zync_aspect aspect = ZYNC_ASPECT_HOST; aspect < ZYNC_ASPECT_COUNT; aspect++) {
		if ((target->managed & ZYNC_ASPECT_BIT(aspect)) != 0)
			ZYNC_TRY(diff_aspect(&changes, aspect, target, actual, created, err));
		/* The mark belongs to the host, not to the macros that the rules manage. */
		if (aspect == ZYNC_ASPECT_MACROS)
			ZYNC_TRY(diff_owner(&changes, target, actual, created, err));
	}
	*ret_diff = (struct zync_diff){.items = changes.items, .len = changes.len, .aspects = changes.aspects};
	return ZYNC_OK;
}
