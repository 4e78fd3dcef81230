/* SPDX-License-Identifier: Apache-2.0 */
/* User macros and inventory fields: of what two mappings give by one name the later one decides. */
#include "rules/rules_priv.h"

#include <string.h>

#include "base/str.h"
#include "model/names.h"

/* --- macros --- */

/* Left out for its length: explain tells. */
static enum zync_status values_left_out(struct rules_run *run, const char *field, const struct rules_entry *entry)
{
	if (!run->explain || run->failure != NULL)
		return ZYNC_OK;
	return rules_origin_note(run, field, NULL, entry->mapping, entry->text, NULL, entry->note);
}

static enum zync_status values_put_macro(struct rules_list *list, struct rules_entry *entry)
{
	struct rules_run *run = list->run;
	bool keep = true, keep_description = true;

	if (strlen(entry->macro.value.plain) > ZYNC_MACRO_VALUE_MAX) {
		const char *what = zync_arena_printf(run->arena, "macros: the value of %.60s", entry->name);

		if (what == NULL)
			return rules_nomem(run);
		ZYNC_TRY(rules_fit(run, entry->mapping, what, ZYNC_MACRO_VALUE_MAX, &entry->macro.value.plain, &keep, &entry->note));
	}
	ZYNC_TRY(rules_fit(run, entry->mapping, "macros: a description", ZYNC_DESCRIPTION_MAX, &entry->macro.description, &keep_description,
			   &entry->note));
	if (!keep)
		return values_left_out(run, zync_arena_printf(run->arena, "macros[%s].value", entry->name), entry);
	if (!keep_description)
		entry->macro.description = "";
	return rules_list_put(list, entry);
}

static enum zync_status values_add_macro(struct rules_list *list, const struct rules_mapping *m, const struct rules_macro *rule)
{
	struct rules_run *run = list->run;
	struct rules_entry entry = {.mapping = m, .rule = rule, .text = &rule->value};
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
	return values_put_macro(list, &entry);
}

static enum zync_status values_mapping_macros(struct rules_list *list, const struct rules_mapping *m)
{
	const struct rules_per_host_values *values = NULL;

	for (size_t i = 0; i < m->macros.len; i++)
		ZYNC_TRY(values_add_macro(list, m, &m->macros.items[i]));
	ZYNC_TRY(rules_per_host(list->run, m, &values));
	for (size_t i = 0; values != NULL && i < values->macro_count; i++) {
		struct rules_entry entry = {
			.name = values->macros[i].macro, .macro = values->macros[i], .mapping = m, .note = values->macros_source};

		ZYNC_TRY(values_put_macro(list, &entry));
	}
	return ZYNC_OK;
}

/* One line of explain for a member of a macro; @p text NULL: from NetBox itself. */
static enum zync_status values_macro_line(struct rules_run *run, const struct rules_entry *entry, const char *member, const char *value,
					  const struct rules_text *text)
{
	return rules_origin_note(run, zync_arena_printf(run->arena, "macros[%s].%s", entry->name, member), value, entry->mapping, text,
				 entry->overrode, entry->note);
}

static enum zync_status values_macro_origin(struct rules_run *run, const struct rules_entry *entry)
{
	const struct zync_macro *macro = &entry->macro;
	const char *value = macro->type == ZYNC_MACRO_SECRET && macro->value.plain[0] != '\0' ? "***" : macro->value.plain;

	if (!run->explain)
		return ZYNC_OK;
	ZYNC_TRY(values_macro_line(run, entry, "value", value, entry->text));
	if (macro->type != ZYNC_MACRO_TEXT)
		ZYNC_TRY(values_macro_line(run, entry, "type", rules_choice_name(&rules_macro_types, (int)macro->type),
					   entry->rule != NULL ? &entry->rule->type : NULL));
	if (macro->description[0] == '\0')
		return ZYNC_OK;
	return values_macro_line(run, entry, "description", macro->description, entry->rule != NULL ? &entry->rule->description : NULL);
}

enum zync_status rules_derive_macros(struct rules_run *run)
{
	struct zync_host *host = &run->out->host;
	struct rules_entry **entries = NULL;
	struct rules_list list;
	size_t count = 0;

	ZYNC_TRY(rules_list_gather(&list, run, RULES_LIST_MACROS, values_mapping_macros));
	ZYNC_TRY(rules_list_done(&list, &entries, &count));
	host->macros.items = ZYNC_NEW_ARRAY(run->arena, struct zync_macro, count);
	if (host->macros.items == NULL)
		return rules_nomem(run);
	host->macros.len = count;
	for (size_t i = 0; i < count; i++) {
		host->macros.items[i] = entries[i]->macro;
		ZYNC_TRY(values_macro_origin(run, entries[i]));
	}
	return ZYNC_OK;
}

/* --- inventory --- */

static enum zync_status values_inventory_mode(struct rules_run *run)
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

/* A field that a mapping speaks of; without a value it is there all the same, since it may have to be emptied. */
static enum zync_status values_add_field(struct rules_list *list, const struct rules_mapping *m, const struct rules_inventory *rule)
{
	struct rules_run *run = list->run;
	struct rules_entry entry = {.name = rule->field, .mapping = m, .text = &rule->value};
	size_t max = zync_inventory_field_max(rule->field);
	bool keep = true;

	ZYNC_TRY(rules_render(run, m, &rule->value, &entry.value));
	if (entry.value != NULL && max > 0 && strlen(entry.value) > max) {
		const char *what = zync_arena_printf(run->arena, "inventory: %s", rule->field);

		if (what == NULL)
			return rules_nomem(run);
		ZYNC_TRY(rules_fit(run, m, what, max, &entry.value, &keep, &entry.note));
	}
	if (!keep)
		return values_left_out(run, zync_arena_printf(run->arena, "inventory[%s]", rule->field), &entry);
	return entry.value != NULL ? rules_list_put(list, &entry) : ZYNC_OK;
}

static enum zync_status values_mapping_fields(struct rules_list *list, const struct rules_mapping *m)
{
	for (size_t i = 0; i < m->inventory.len; i++)
		ZYNC_TRY(values_add_field(list, m, &m->inventory.items[i]));
	return ZYNC_OK;
}

/* The fields that some matching mapping names but none gives a value: empty, or as they are in Zabbix. */
static enum zync_status values_add_unset(struct rules_list *list)
{
	struct rules_run *run = list->run;

	for (size_t i = 0; i < run->matched.len; i++) {
		const struct rules_mapping *m = rules_matched(run, i);

		for (size_t j = 0; j < m->inventory.len; j++) {
			const struct rules_inventory *rule = &m->inventory.items[j];
			bool there = false;

			for (size_t k = 0; k < list->entries.len && !there; k++)
				there = strcmp(((const struct rules_entry *)list->entries.items[k])->name, rule->field) == 0;
			if (!there)
				ZYNC_TRY(rules_list_put(
					list, &(struct rules_entry){.name = rule->field, .value = "", .mapping = m, .text = &rule->value}));
		}
	}
	return ZYNC_OK;
}

static enum zync_status values_field(struct rules_run *run, const struct rules_entry *entry)
{
	struct zync_host *host = &run->out->host;
	bool keeps = run->rules->config->rules.empty_inventory == ZYNC_EMPTY_INVENTORY_KEEP;
	bool empty = entry->value[0] == '\0';

	host->inventory.items[host->inventory.len++] =
		(struct zync_inventory_field){.field = entry->name, .value = empty && keeps ? NULL : entry->value};
	if (!run->explain || empty)
		return ZYNC_OK;
	return rules_origin_note(run, zync_arena_printf(run->arena, "inventory[%s]", entry->name), entry->value, entry->mapping,
				 entry->text, entry->overrode, entry->note);
}

enum zync_status rules_derive_inventory(struct rules_run *run)
{
	struct zync_host *host = &run->out->host;
	struct rules_entry **entries = NULL;
	struct rules_list list;
	size_t count = 0;

	ZYNC_TRY(values_inventory_mode(run));
	if (host->inventory_mode == ZYNC_INVENTORY_DISABLED)
		return ZYNC_OK;
	ZYNC_TRY(rules_list_gather(&list, run, RULES_LIST_INVENTORY, values_mapping_fields));
	ZYNC_TRY(values_add_unset(&list));
	ZYNC_TRY(rules_list_done(&list, &entries, &count));
	host->inventory.items = ZYNC_NEW_ARRAY(run->arena, struct zync_inventory_field, count);
	if (host->inventory.items == NULL)
		return rules_nomem(run);
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(values_field(run, entries[i]));
	return ZYNC_OK;
}
