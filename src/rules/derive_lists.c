/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of a host: what the matching mappings give is added up; what two give of one name, the later one decides. */
#include "rules/rules_priv.h"

#include <string.h>

#include "base/str.h"
#include "model/names.h"

/* --- groups and templates --- */

/* The same path without its empty components, in place: what is not there in NetBox makes no level. */
static void lists_clean_path(char *path)
{
	char *to = path;

	for (const char *from = path; *from != '\0';) {
		size_t len = strcspn(from, "/");

		if (strspn(from, " ") < len) {
			if (to != path)
				*to++ = '/';
			memmove(to, from, len);
			to += len;
		}
		from += len + (from[len] == '/' ? 1 : 0);
	}
	*to = '\0';
}

struct list_names {
	struct zync_vec names; /* char */
	struct zync_map *seen;
};

/* Add a name once; the first mapping that gave it is its origin. */
static enum zync_status lists_add_name(struct rules_run *run, struct list_names *list, const char *field, char *name,
				       const struct rules_mapping *m, const struct rules_text *text)
{
	if (zync_map_get(list->seen, name) != NULL)
		return ZYNC_OK;
	ZYNC_TRY(zync_map_put(list->seen, name, name, run->err));
	ZYNC_TRY(zync_vec_push(&list->names, name, run->err));
	if (!run->explain)
		return ZYNC_OK;
	return rules_origin(run, zync_arena_printf(run->arena, "%s[%s]", field, rules_shown(text, name)), name, m, text, NULL);
}

static enum zync_status lists_names_init(struct rules_run *run, struct list_names *list)
{
	zync_vec_init(&list->names, run->arena);
	list->seen = zync_map_new(run->arena);
	return list->seen != NULL ? ZYNC_OK : rules_nomem(run);
}

static enum zync_status lists_names_done(struct rules_run *run, const struct list_names *list, struct zync_ref_list *ret)
{
	ret->items = ZYNC_NEW_ARRAY(run->arena, struct zync_ref, list->names.len);
	if (ret->items == NULL)
		return rules_nomem(run);
	ret->len = list->names.len;
	for (size_t i = 0; i < ret->len; i++)
		ret->items[i].name = list->names.items[i];
	return ZYNC_OK;
}

static enum zync_status lists_add_group(struct rules_run *run, struct list_names *list, const struct rules_mapping *m,
					const struct rules_text *text, const char *value)
{
	const char *problem;
	char *name = zync_arena_strdup(run->arena, value);

	if (name == NULL)
		return rules_nomem(run);
	lists_clean_path(name);
	if (name[0] == '\0')
		return ZYNC_OK;
	problem = zync_group_name_problem(name);
	if (problem != NULL)
		return rules_fail(run, "host_groups (mapping \"%s\", line %u): \"%.300s\" is no legal group name: %s", m->name,
				  text->cfg->pos.line, rules_shown(text, name), problem);
	return lists_add_name(run, list, "groups", name, m, text);
}

static enum zync_status lists_add_template(struct rules_run *run, struct list_names *list, const struct rules_mapping *m,
					   const struct rules_text *text, const char *value)
{
	char *name;

	if (value[0] == '\0')
		return ZYNC_OK;
	name = zync_arena_strdup(run->arena, value);
	return name == NULL ? rules_nomem(run) : lists_add_name(run, list, "templates", name, m, text);
}

/* All names that the texts of one mapping give. */
static enum zync_status lists_add_texts(struct rules_run *run, struct list_names *list, const struct rules_mapping *m,
					const struct rules_texts *texts,
					enum zync_status (*add)(struct rules_run *, struct list_names *, const struct rules_mapping *,
								const struct rules_text *, const char *))
{
	for (size_t i = 0; i < texts->len; i++) {
		const char *const *values = NULL;
		size_t count = 0;

		ZYNC_TRY(rules_render_list(run, m, &texts->items[i], &values, &count));
		for (size_t j = 0; j < count; j++)
			ZYNC_TRY(add(run, list, m, &texts->items[i], values[j]));
	}
	return ZYNC_OK;
}

enum zync_status rules_derive_groups(struct rules_run *run)
{
	struct list_names list;
	unsigned failures = run->failures;
	bool given = false;

	ZYNC_TRY(lists_names_init(run, &list));
	for (size_t i = 0; i < run->matched.len; i++) {
		const struct rules_mapping *m = rules_matched(run, i);

		given = given || m->host_groups.len > 0;
		ZYNC_TRY(lists_add_texts(run, &list, m, &m->host_groups, lists_add_group));
	}
	if (list.names.len == 0 && run->failures == failures)
		ZYNC_TRY(rules_fail(run, "no host group: %s",
				    given ? "all host_groups of the matching mappings are empty for this object"
					  : "no matching mapping sets host_groups"));
	return lists_names_done(run, &list, &run->out->host.groups);
}

enum zync_status rules_derive_templates(struct rules_run *run)
{
	struct list_names list;

	ZYNC_TRY(lists_names_init(run, &list));
	for (size_t i = 0; i < run->matched.len; i++)
		ZYNC_TRY(lists_add_texts(run, &list, rules_matched(run, i), &rules_matched(run, i)->templates, lists_add_template));
	return lists_names_done(run, &list, &run->out->host.templates);
}

/* --- tags --- */

struct list_tags {
	struct zync_vec tags; /* struct zync_tag */
	struct zync_map *seen;
};

static enum zync_status lists_add_tag(struct rules_run *run, struct list_tags *list, const struct rules_mapping *m,
				      const struct rules_tag *rule, const char *name, const char *value)
{
	struct zync_tag *tag = ZYNC_NEW(run->arena, struct zync_tag);
	/* The length of the name keeps ("a", "b:c") and ("a:b", "c") apart. */
	const char *key = zync_arena_printf(run->arena, "%zu:%s:%s", strlen(name), name, value);

	if (tag == NULL || key == NULL)
		return rules_nomem(run);
	*tag = (struct zync_tag){.tag = name, .value = value};
	if (zync_map_get(list->seen, key) != NULL)
		return ZYNC_OK;
	ZYNC_TRY(zync_map_put(list->seen, key, tag, run->err));
	ZYNC_TRY(zync_vec_push(&list->tags, tag, run->err));
	if (!run->explain)
		return ZYNC_OK;
	return rules_origin(run, zync_arena_printf(run->arena, "tags[%s]", rules_shown(&rule->tag, name)), value, m,
			    rule->value.expr != NULL ? &rule->value : &rule->tag, NULL);
}

static enum zync_status lists_add_tags(struct rules_run *run, struct list_tags *list, const struct rules_mapping *m,
				       const struct rules_tag *rule)
{
	const char *const *values = NULL;
	const char *name = NULL;
	size_t count = 0;

	ZYNC_TRY(rules_render(run, m, &rule->tag, &name));
	ZYNC_TRY(rules_render_list(run, m, &rule->value, &values, &count));
	if (zync_str_empty(name))
		return ZYNC_OK;
	/* A tag without a value key is meant so; one whose value NetBox does not have says nothing. */
	if (rule->value.expr == NULL)
		return lists_add_tag(run, list, m, rule, name, "");
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(lists_add_tag(run, list, m, rule, name, values[i]));
	return ZYNC_OK;
}

enum zync_status rules_derive_tags(struct rules_run *run)
{
	struct list_tags list = {.seen = zync_map_new(run->arena)};
	struct zync_host *host = &run->out->host;

	if (list.seen == NULL)
		return rules_nomem(run);
	zync_vec_init(&list.tags, run->arena);
	for (size_t i = 0; i < run->matched.len; i++) {
		const struct rules_mapping *m = rules_matched(run, i);

		for (size_t j = 0; j < m->tags.len; j++)
			ZYNC_TRY(lists_add_tags(run, &list, m, &m->tags.items[j]));
	}
	host->tags.items = ZYNC_NEW_ARRAY(run->arena, struct zync_tag, list.tags.len);
	if (host->tags.items == NULL)
		return rules_nomem(run);
	host->tags.len = list.tags.len;
	for (size_t i = 0; i < host->tags.len; i++)
		host->tags.items[i] = *(const struct zync_tag *)list.tags.items[i];
	return ZYNC_OK;
}

/* --- macros and inventory: the later one of a name decides --- */

/* A value by name with the mapping that gave it. */
struct list_entry {
	const char *name;
	struct zync_macro macro; /* macros */
	const char *value;	 /* inventory */
	const struct rules_mapping *mapping;
	const struct rules_macro *rule; /* macros */
	const struct rules_text *text;
	const char *overrode;
};
struct list_entries {
	struct zync_vec order; /* struct list_entry */
	struct zync_map *by_name;
};

static enum zync_status lists_entries_init(struct rules_run *run, struct list_entries *list)
{
	zync_vec_init(&list->order, run->arena);
	list->by_name = zync_map_new(run->arena);
	return list->by_name != NULL ? ZYNC_OK : rules_nomem(run);
}

static enum zync_status lists_put(struct rules_run *run, struct list_entries *list, const struct list_entry *entry)
{
	struct list_entry *old = zync_map_get(list->by_name, entry->name);
	const char *overrode;

	if (old == NULL) {
		old = ZYNC_NEW(run->arena, struct list_entry);
		if (old == NULL)
			return rules_nomem(run);
		ZYNC_TRY(zync_map_put(list->by_name, entry->name, old, run->err));
		ZYNC_TRY(zync_vec_push(&list->order, old, run->err));
		*old = *entry;
		return ZYNC_OK;
	}
	overrode = old->mapping->name;
	*old = *entry;
	old->overrode = overrode;
	return ZYNC_OK;
}

static enum zync_status lists_put_macro(struct rules_run *run, struct list_entries *list, const struct rules_mapping *m,
					const struct rules_macro *rule)
{
	struct list_entry entry = {.mapping = m, .rule = rule, .text = &rule->value};
	const char *value = NULL, *description = NULL;
	const char *problem;
	int type = ZYNC_MACRO_TEXT;
	bool given = false;

	ZYNC_TRY(rules_render(run, m, &rule->macro, &entry.name));
	ZYNC_TRY(rules_render(run, m, &rule->value, &value));
	if (zync_str_empty(entry.name) || value == NULL)
		return ZYNC_OK;
	problem = zync_macro_name_problem(entry.name);
	if (problem == NULL && strcmp(entry.name, ZYNC_OWNER_MACRO) == 0)
		problem = "it is the mark by which zync knows its hosts";
	if (problem != NULL)
		return rules_fail(run, "macros (mapping \"%s\", line %u): \"%.300s\" cannot be the name of a macro: %s", m->name,
				  rule->macro.cfg->pos.line, rules_shown(&rule->macro, entry.name), problem);
	ZYNC_TRY(rules_render(run, m, &rule->description, &description));
	ZYNC_TRY(rules_render_choice(run, m, &rule->type, &rules_macro_types, &type, &given));
	entry.macro = (struct zync_macro){.macro = entry.name,
					  .type = (enum zync_macro_type)type,
					  .value = {.plain = value},
					  .description = description != NULL ? description : ""};
	return lists_put(run, list, &entry);
}

static enum zync_status lists_macro_origin(struct rules_run *run, const struct list_entry *entry)
{
	const struct zync_macro *macro = &entry->macro;
	const char *value = macro->type == ZYNC_MACRO_SECRET && macro->value.plain[0] != '\0' ? "***" : macro->value.plain;

	if (!run->explain)
		return ZYNC_OK;
	ZYNC_TRY(rules_origin(run, zync_arena_printf(run->arena, "macros[%s].value", macro->macro), value, entry->mapping, entry->text,
			      entry->overrode));
	if (macro->type != ZYNC_MACRO_TEXT)
		ZYNC_TRY(rules_origin(run, zync_arena_printf(run->arena, "macros[%s].type", macro->macro),
				      rules_choice_name(&rules_macro_types, (int)macro->type), entry->mapping, &entry->rule->type,
				      entry->overrode));
	if (macro->description[0] == '\0')
		return ZYNC_OK;
	return rules_origin(run, zync_arena_printf(run->arena, "macros[%s].description", macro->macro), macro->description, entry->mapping,
			    &entry->rule->description, entry->overrode);
}

enum zync_status rules_derive_macros(struct rules_run *run)
{
	struct zync_host *host = &run->out->host;
	struct list_entries list;

	ZYNC_TRY(lists_entries_init(run, &list));
	for (size_t i = 0; i < run->matched.len; i++) {
		const struct rules_mapping *m = rules_matched(run, i);

		for (size_t j = 0; j < m->macros.len; j++)
			ZYNC_TRY(lists_put_macro(run, &list, m, &m->macros.items[j]));
	}
	host->macros.items = ZYNC_NEW_ARRAY(run->arena, struct zync_macro, list.order.len);
	if (host->macros.items == NULL)
		return rules_nomem(run);
	host->macros.len = list.order.len;
	for (size_t i = 0; i < list.order.len; i++) {
		const struct list_entry *entry = list.order.items[i];

		host->macros.items[i] = entry->macro;
		ZYNC_TRY(lists_macro_origin(run, entry));
	}
	return ZYNC_OK;
}

static enum zync_status lists_inventory_mode(struct rules_run *run)
{
	struct rules_pick pick;
	int mode = ZYNC_INVENTORY_MANUAL;

	if ((run->rules->managed & ZYNC_ASPECT_BIT(ZYNC_ASPECT_INVENTORY)) == 0)
		return ZYNC_OK;
	ZYNC_TRY(rules_pick_single(run, RULES_INVENTORY_MODE, &pick));
	run->out->host.inventory_mode = ZYNC_INVENTORY_MANUAL;
	if (zync_str_empty(pick.value))
		return rules_origin_default(run, "inventory_mode", "manual", "default");
	if (!rules_choice_find(&rules_inventory_modes, pick.value, &mode))
		return rules_fail(run, "inventory_mode (mapping \"%s\", line %u): \"%s\" is none of %s", pick.mapping->name,
				  pick.text->cfg->pos.line, rules_shown(pick.text, pick.value), rules_inventory_modes.allowed);
	run->out->host.inventory_mode = (enum zync_inventory_mode)mode;
	return rules_origin(run, "inventory_mode", rules_choice_name(&rules_inventory_modes, mode), pick.mapping, pick.text,
			    pick.overrode != NULL ? pick.overrode->name : NULL);
}

enum zync_status rules_derive_inventory(struct rules_run *run)
{
	struct zync_host *host = &run->out->host;
	struct list_entries list;

	ZYNC_TRY(lists_entries_init(run, &list));
	ZYNC_TRY(lists_inventory_mode(run));
	for (size_t i = 0; i < run->matched.len && host->inventory_mode != ZYNC_INVENTORY_DISABLED; i++) {
		const struct rules_mapping *m = rules_matched(run, i);

		for (size_t j = 0; j < m->inventory.len; j++) {
			const struct rules_inventory *rule = &m->inventory.items[j];
			struct list_entry entry = {.name = rule->field, .mapping = m, .text = &rule->value};

			ZYNC_TRY(rules_render(run, m, &rule->value, &entry.value));
			if (entry.value != NULL)
				ZYNC_TRY(lists_put(run, &list, &entry));
		}
	}
	host->inventory.items = ZYNC_NEW_ARRAY(run->arena, struct zync_inventory_field, list.order.len);
	if (host->inventory.items == NULL)
		return rules_nomem(run);
	for (size_t i = 0; i < list.order.len; i++) {
		const struct list_entry *entry = list.order.items[i];

		if (entry->value[0] == '\0') /* nothing to put there; it also takes back what an earlier mapping gave */
			continue;
		host->inventory.items[host->inventory.len++] = (struct zync_inventory_field){.field = entry->name, .value = entry->value};
		if (run->explain)
			ZYNC_TRY(rules_origin(run, zync_arena_printf(run->arena, "inventory[%s]", entry->name), entry->value,
					      entry->mapping, entry->text, entry->overrode));
	}
	return ZYNC_OK;
}
