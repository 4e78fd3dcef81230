/* SPDX-License-Identifier: Apache-2.0 */
/* Host groups, templates and tags: what the matching mappings give is added up. */
#include "rules/rules_priv.h"

#include <string.h>

#include "base/str.h"
#include "model/names.h"

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

/* --- groups and templates --- */

static enum zync_status lists_add_group(struct rules_list *list, const struct rules_mapping *m, const struct rules_text *text,
					const char *value)
{
	struct rules_run *run = list->run;
	const char *problem;
	char *name = zync_arena_strdup(run->arena, value);

	if (name == NULL)
		return rules_nomem(run);
	lists_clean_path(name);
	if (name[0] == '\0')
		return ZYNC_OK;
	problem = zync_group_name_problem(name);
	if (problem != NULL)
		return rules_fail(run, "%s (mapping \"%s\", line %u): \"%.300s\" is no legal group name: %s", text->label, m->name,
				  text->cfg->pos.line, rules_shown(text, name), problem);
	return rules_list_put(list, &(struct rules_entry){.name = name, .mapping = m, .text = text});
}

static enum zync_status lists_add_template(struct rules_list *list, const struct rules_mapping *m, const struct rules_text *text,
					   const char *value)
{
	if (value[0] == '\0')
		return ZYNC_OK;
	return rules_list_put(list, &(struct rules_entry){.name = value, .mapping = m, .text = text});
}

/* All names that the texts of one mapping give. */
static enum zync_status lists_add_texts(struct rules_list *list, const struct rules_mapping *m, const struct rules_texts *texts,
					enum zync_status (*add)(struct rules_list *, const struct rules_mapping *,
								const struct rules_text *, const char *))
{
	for (size_t i = 0; i < texts->len; i++) {
		const char *const *values = NULL;
		size_t count = 0;

		ZYNC_TRY(rules_render_list(list->run, m, &texts->items[i], &values, &count));
		for (size_t j = 0; j < count; j++)
			ZYNC_TRY(add(list, m, &texts->items[i], values[j]));
	}
	return ZYNC_OK;
}

/* The names that are left, with a line of explain each. */
static enum zync_status lists_take_names(struct rules_list *list, const char *field, struct zync_ref_list *ret)
{
	struct rules_run *run = list->run;
	struct rules_entry **entries = NULL;
	size_t count = 0;

	ZYNC_TRY(rules_list_done(list, &entries, &count));
	ret->items = ZYNC_NEW_ARRAY(run->arena, struct zync_ref, count);
	if (ret->items == NULL)
		return rules_nomem(run);
	ret->len = count;
	for (size_t i = 0; i < count; i++) {
		const struct rules_entry *entry = entries[i];
		const char *shown = entry->text != NULL ? rules_shown(entry->text, entry->name) : entry->name;

		ret->items[i].name = entry->name;
		if (run->explain)
			ZYNC_TRY(rules_origin_note(run, zync_arena_printf(run->arena, "%s[%s]", field, shown), entry->name, entry->mapping,
						   entry->text, entry->overrode, entry->note));
	}
	return ZYNC_OK;
}

static enum zync_status lists_mapping_groups(struct rules_list *list, const struct rules_mapping *m)
{
	return lists_add_texts(list, m, &m->host_groups, lists_add_group);
}

/* Why the object has no group, for a message. */
static const char *lists_no_group(const struct rules_list *list)
{
	if (list->entries.len > 0)
		return "the matching mappings take all of them away again";
	for (size_t i = 0; i < list->run->matched.len; i++)
		if (rules_matched(list->run, i)->host_groups.len > 0)
			return "all host_groups of the matching mappings are empty for this object";
	return "no matching mapping sets host_groups";
}

enum zync_status rules_derive_groups(struct rules_run *run)
{
	struct rules_list list;
	unsigned failures = run->failures;

	ZYNC_TRY(rules_list_gather(&list, run, RULES_LIST_GROUPS, lists_mapping_groups));
	ZYNC_TRY(lists_take_names(&list, "groups", &run->out->host.groups));
	if (run->out->host.groups.len > 0 || run->failures != failures)
		return ZYNC_OK;
	return rules_fail(run, "no host group: %s", lists_no_group(&list));
}

static enum zync_status lists_mapping_templates(struct rules_list *list, const struct rules_mapping *m)
{
	const struct rules_per_host_values *values = NULL;

	ZYNC_TRY(lists_add_texts(list, m, &m->templates, lists_add_template));
	ZYNC_TRY(rules_per_host(list->run, m, &values));
	for (size_t i = 0; values != NULL && i < values->template_count; i++)
		ZYNC_TRY(rules_list_put(
			list, &(struct rules_entry){.name = values->templates[i].name, .mapping = m, .note = values->templates[i].source}));
	return ZYNC_OK;
}

enum zync_status rules_derive_templates(struct rules_run *run)
{
	struct rules_list list;

	ZYNC_TRY(rules_list_gather(&list, run, RULES_LIST_TEMPLATES, lists_mapping_templates));
	return lists_take_names(&list, "templates", &run->out->host.templates);
}

/* --- tags --- */

static enum zync_status lists_tag_case(struct rules_run *run, const char **text)
{
	enum zync_case letters = run->rules->config->rules.tag_case;

	if (letters == ZYNC_CASE_KEEP)
		return ZYNC_OK;
	*text = letters == ZYNC_CASE_LOWER ? zync_utf8_lower(run->arena, *text) : zync_utf8_upper(run->arena, *text);
	return *text != NULL ? ZYNC_OK : rules_nomem(run);
}

/* What of a tag Zabbix has no room for. */
static enum zync_status lists_fit_tag(struct rules_run *run, const struct rules_mapping *m, const char **name, const char **value,
				      bool *ret_keep, const char **ret_note)
{
	const char *what;

	*ret_keep = true;
	if (strlen(*name) <= ZYNC_TAG_MAX && strlen(*value) <= ZYNC_TAG_MAX)
		return ZYNC_OK;
	what = zync_arena_printf(run->arena, "tags: the value of \"%.60s\"", *name);
	if (what == NULL)
		return rules_nomem(run);
	ZYNC_TRY(rules_fit(run, m, "tags: a name", ZYNC_TAG_MAX, name, ret_keep, ret_note));
	return *ret_keep ? rules_fit(run, m, what, ZYNC_TAG_MAX, value, ret_keep, ret_note) : ZYNC_OK;
}

/* A tag in the letter case and with the prefix of the configuration. */
static enum zync_status lists_add_tag(struct rules_list *list, const struct rules_mapping *m, const struct rules_tag *rule,
				      const char *name, const char *value, const char *note)
{
	struct rules_run *run = list->run;
	const char *prefix = run->rules->config->rules.tag_prefix;
	struct rules_entry entry = {.mapping = m, .note = note};
	bool keep = true;

	ZYNC_TRY(lists_tag_case(run, &name));
	ZYNC_TRY(lists_tag_case(run, &value));
	if (!zync_str_empty(prefix)) {
		name = zync_arena_printf(run->arena, "%s%s", prefix, name);
		if (name == NULL)
			return rules_nomem(run);
	}
	ZYNC_TRY(lists_fit_tag(run, m, &name, &value, &keep, &entry.note));
	entry.name = name;
	entry.value = value;
	if (rule != NULL) {
		entry.text = rule->value.expr != NULL ? &rule->value : &rule->tag;
		entry.name_text = &rule->tag;
	}
	if (keep)
		return rules_list_put(list, &entry);
	if (!run->explain || run->failure != NULL)
		return ZYNC_OK;
	return rules_origin_note(run, zync_arena_printf(run->arena, "tags[%.60s]", name), NULL, m, entry.text, NULL, entry.note);
}

static enum zync_status lists_add_tags(struct rules_list *list, const struct rules_mapping *m, const struct rules_tag *rule)
{
	const char *const *values = NULL;
	const char *name = NULL;
	size_t count = 0;

	ZYNC_TRY(rules_render(list->run, m, &rule->tag, &name));
	ZYNC_TRY(rules_render_list(list->run, m, &rule->value, &values, &count));
	if (zync_str_empty(name))
		return ZYNC_OK;
	/* A tag without a value key is meant so; one whose value NetBox does not have says nothing. */
	if (rule->value.expr == NULL)
		return lists_add_tag(list, m, rule, name, "", NULL);
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(lists_add_tag(list, m, rule, name, values[i], NULL));
	return ZYNC_OK;
}

static enum zync_status lists_mapping_tags(struct rules_list *list, const struct rules_mapping *m)
{
	const struct rules_per_host_values *values = NULL;

	for (size_t i = 0; i < m->tags.len; i++)
		ZYNC_TRY(lists_add_tags(list, m, &m->tags.items[i]));
	ZYNC_TRY(rules_per_host(list->run, m, &values));
	for (size_t i = 0; values != NULL && i < values->tag_count; i++)
		ZYNC_TRY(lists_add_tag(list, m, NULL, values->tags[i].tag, values->tags[i].value, values->tags_source));
	return ZYNC_OK;
}

static enum zync_status lists_tag_origin(struct rules_run *run, const struct rules_entry *entry)
{
	const char *name = entry->name;

	if (!run->explain)
		return ZYNC_OK;
	if (entry->name_text != NULL)
		name = rules_shown(entry->name_text, name);
	return rules_origin_note(run, zync_arena_printf(run->arena, "tags[%s]", name), entry->value, entry->mapping, entry->text,
				 entry->overrode, entry->note);
}

enum zync_status rules_derive_tags(struct rules_run *run)
{
	struct zync_host *host = &run->out->host;
	struct rules_entry **entries = NULL;
	struct rules_list list;
	size_t count = 0;

	ZYNC_TRY(rules_list_gather(&list, run, RULES_LIST_TAGS, lists_mapping_tags));
	ZYNC_TRY(rules_list_done(&list, &entries, &count));
	host->tags.items = ZYNC_NEW_ARRAY(run->arena, struct zync_tag, count);
	if (host->tags.items == NULL)
		return rules_nomem(run);
	host->tags.len = count;
	for (size_t i = 0; i < count; i++) {
		host->tags.items[i] = (struct zync_tag){.tag = entries[i]->name, .value = entries[i]->value};
		ZYNC_TRY(lists_tag_origin(run, entries[i]));
	}
	return ZYNC_OK;
}
