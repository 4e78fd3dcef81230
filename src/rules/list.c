/* SPDX-License-Identifier: Apache-2.0 */
/* A list of a host in the making: mappings add to it, take away from it, begin it anew. */
#include "rules/rules_priv.h"

#include <string.h>

#include "base/str.h"

#define LIST_MAP_FROM 16 /* entries; below that comparing each is faster than a map */

static const char *const list_fields[RULES_LIST_COUNT] = {"groups", "templates", "tags", "macros", "inventory"};

static struct rules_entry *list_at(const struct rules_list *list, size_t index)
{
	return list->entries.items[index];
}

static bool list_matches(const struct zync_cfg_texts *patterns, const char *name)
{
	for (size_t i = 0; i < patterns->len; i++)
		if (zync_glob_match(patterns->items[i].value, name, /* nocase= */ false))
			return true;
	return false;
}

static void list_take_away(struct rules_list *list, const struct rules_mapping *mapping)
{
	const struct zync_cfg_texts *removes = mapping->removes[list->kind];
	bool anew = (mapping->override & (1u << (unsigned)list->kind)) != 0;

	if (!anew && removes == NULL)
		return;
	for (size_t i = 0; i < list->entries.len; i++) {
		struct rules_entry *entry = list_at(list, i);

		if (entry->taken_by == NULL && (anew || list_matches(removes, entry->name)))
			entry->taken_by = mapping;
	}
}

enum zync_status rules_list_gather(struct rules_list *list, struct rules_run *run, enum rules_list_kind kind,
				   enum zync_status (*add)(struct rules_list *list, const struct rules_mapping *mapping))
{
	*list = (struct rules_list){.run = run, .kind = kind};
	zync_vec_init(&list->entries, run->arena);
	for (size_t i = 0; i < run->matched.len; i++) {
		const struct rules_mapping *mapping = rules_matched(run, i);

		list_take_away(list, mapping);
		ZYNC_TRY(add(list, mapping));
	}
	return ZYNC_OK;
}

/* Two values of one tag are two entries. */
static bool list_same(const struct rules_list *list, const struct rules_entry *a, const struct rules_entry *b)
{
	return strcmp(a->name, b->name) == 0 && (list->kind != RULES_LIST_TAGS || strcmp(a->value, b->value) == 0);
}

/* The length of the name keeps ("a", "b:c") and ("a:b", "c") apart. */
static const char *list_key(const struct rules_list *list, const struct rules_entry *entry)
{
	if (list->kind != RULES_LIST_TAGS)
		return entry->name;
	return zync_arena_printf(list->run->arena, "%zu:%s:%s", strlen(entry->name), entry->name, entry->value);
}

static enum zync_status list_map_put(struct rules_list *list, struct rules_entry *entry)
{
	const char *key = list_key(list, entry);

	return key == NULL ? rules_nomem(list->run) : zync_map_put(list->by_key, key, entry, list->run->err);
}

static enum zync_status list_find(struct rules_list *list, const struct rules_entry *wanted, struct rules_entry **ret)
{
	const char *key;

	*ret = NULL;
	if (list->by_key != NULL) {
		key = list_key(list, wanted);
		*ret = key == NULL ? NULL : zync_map_get(list->by_key, key);
		return key == NULL ? rules_nomem(list->run) : ZYNC_OK;
	}
	for (size_t i = 0; i < list->entries.len && *ret == NULL; i++)
		if (list_same(list, list_at(list, i), wanted))
			*ret = list_at(list, i);
	return ZYNC_OK;
}

static enum zync_status list_add(struct rules_list *list, const struct rules_entry *entry)
{
	struct rules_entry *copy = ZYNC_NEW(list->run->arena, struct rules_entry);

	if (copy == NULL)
		return rules_nomem(list->run);
	*copy = *entry;
	ZYNC_TRY(zync_vec_push(&list->entries, copy, list->run->err));
	if (list->by_key != NULL)
		return list_map_put(list, copy);
	if (list->entries.len <= LIST_MAP_FROM)
		return ZYNC_OK;
	list->by_key = zync_map_new(list->run->arena);
	if (list->by_key == NULL)
		return rules_nomem(list->run);
	for (size_t i = 0; i < list->entries.len; i++)
		ZYNC_TRY(list_map_put(list, list_at(list, i)));
	return ZYNC_OK;
}

enum zync_status rules_list_put(struct rules_list *list, const struct rules_entry *entry)
{
	bool last_counts = list->kind == RULES_LIST_MACROS || list->kind == RULES_LIST_INVENTORY;
	struct rules_entry *old;
	const char *overrode;

	ZYNC_TRY(list_find(list, entry, &old));
	if (old == NULL)
		return list_add(list, entry);
	if (old->taken_by == NULL && !last_counts)
		return ZYNC_OK;
	overrode = old->mapping->name;
	*old = *entry;
	old->overrode = overrode;
	return ZYNC_OK;
}

static enum zync_status list_explain_taken(struct rules_list *list, const struct rules_entry *entry)
{
	struct rules_run *run = list->run;
	const char *suffix = list->kind == RULES_LIST_MACROS ? ".value" : "";

	if (!run->explain)
		return ZYNC_OK;
	return rules_origin_note(run, zync_arena_printf(run->arena, "%s[%s]%s", list_fields[list->kind], entry->name, suffix), NULL,
				 entry->taken_by, NULL, entry->mapping->name, "taken away");
}

enum zync_status rules_list_done(struct rules_list *list, struct rules_entry ***ret, size_t *ret_count)
{
	struct rules_entry **kept = ZYNC_NEW_ARRAY(list->run->arena, struct rules_entry *, list->entries.len);
	size_t count = 0;

	if (kept == NULL)
		return rules_nomem(list->run);
	for (size_t i = 0; i < list->entries.len; i++) {
		struct rules_entry *entry = list_at(list, i);

		if (entry->taken_by == NULL)
			kept[count++] = entry;
		else
			ZYNC_TRY(list_explain_taken(list, entry));
	}
	*ret = kept;
	*ret_count = count;
	return ZYNC_OK;
}
