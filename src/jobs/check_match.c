/* SPDX-License-Identifier: Apache-2.0 */
/* `zync check`: sites, roles, tags and custom fields that the mappings name, and NetBox does not have. Each table is read once, and only when a mapping names something of it. */
#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "jobs/check.h"

/* A condition of `match` that names records of NetBox. For those of a tree any ancestor counts, too: all records of the table are possible values. */
static const struct {
	const char *label, *words, *endpoint;
	size_t offset;
	bool all; /* each value is needed, else any one */
} match_kinds[] = {
#define KIND(member, words, endpoint, all) {#member, words, endpoint, offsetof(struct zync_cfg_match, member), all}
	KIND(site, "site", "dcim/sites", false),
	KIND(site_group, "site group", "dcim/site-groups", false),
	KIND(region, "region", "dcim/regions", false),
	KIND(location, "location", "dcim/locations", false),
	KIND(role, "role", "dcim/device-roles", false),
	KIND(platform, "platform", "dcim/platforms", false),
	KIND(manufacturer, "manufacturer", "dcim/manufacturers", false),
	KIND(device_type, "device type", "dcim/device-types", false),
	KIND(tenant, "tenant", "tenancy/tenants", false),
	KIND(tenant_group, "tenant group", "tenancy/tenant-groups", false),
	KIND(cluster, "cluster", "virtualization/clusters", false),
	KIND(cluster_type, "cluster type", "virtualization/cluster-types", false),
	KIND(cluster_group, "cluster group", "virtualization/cluster-groups", false),
	KIND(tags, "tag", "extras/tags", false),
	KIND(all_tags, "tag", "extras/tags", true),
#undef KIND
};
#define MATCH_KINDS ZYNC_ARRAY_LEN(match_kinds)

struct match {
	struct zync_check_run *check;
	struct zync_vec names[MATCH_KINDS];
	bool read[MATCH_KINDS], refused[MATCH_KINDS];
};

static enum zync_status match_read(struct match *m, size_t kind, struct zync_err *err)
{
	struct zync_err problem;
	enum zync_status status;

	m->read[kind] = true;
	zync_vec_init(&m->names[kind], m->check->arena);
	status = zync_netbox_names(m->check->app->netbox, match_kinds[kind].endpoint, &m->names[kind], &problem);
	if (status == ZYNC_OK)
		return ZYNC_OK;
	m->refused[kind] = true;
	return zync_check_failed(m->check, "netbox", status, &problem, err);
}

static bool match_exists(const struct zync_vec *names, const char *pattern)
{
	for (size_t i = 0; i < names->len; i++) {
		if (zync_glob_match(pattern, names->items[i], /* nocase= */ true))
			return true;
	}
	return false;
}

static bool match_is_glob(const char *pattern)
{
	return strpbrk(pattern, "*?\\") != NULL;
}

static const char *match_nearest(struct match *m, const struct zync_vec *names, const char *pattern)
{
	const char **list = ZYNC_NEW_ARRAY(m->check->arena, const char *, names->len);

	if (list == NULL || match_is_glob(pattern))
		return NULL;
	for (size_t i = 0; i < names->len; i++)
		list[i] = names->items[i];
	return zync_nearest(pattern, list, names->len);
}

/* The values of one condition. Without "!" and with it: a name that nothing has is a slip. */
static void match_values(struct match *m, size_t kind, size_t mapping, const struct zync_cfg_texts *texts)
{
	const struct zync_config *config = m->check->app->config;
	const char *name = config->mappings.items[mapping].name.value;
	size_t wanted = 0;
	size_t missing = 0;

	for (size_t i = 0; i < texts->len; i++) {
		const char *text = texts->items[i].value != NULL ? texts->items[i].value : "";
		bool negated = text[0] == '!';

		wanted += negated ? 0 : 1;
		missing += !negated && text[0] != '\0' && !match_exists(&m->names[kind], text) ? 1 : 0;
	}
	for (size_t i = 0; i < texts->len; i++) {
		const char *text = texts->items[i].value != NULL ? texts->items[i].value : "";
		const char *pattern = text[0] == '!' ? text + 1 : text;
		bool never = missing > 0 && text[0] != '!' && (match_kinds[kind].all || missing == wanted);
		const char *ending = name != NULL ? zync_arena_printf(m->check->arena, "; the mapping \"%s\" can never match", name) : NULL;

		if (pattern[0] == '\0' || match_exists(&m->names[kind], pattern))
			continue;
		m->check->never[mapping] = m->check->never[mapping] || never;
		zync_check_say(m->check, "mappings", "warning", "%s: match.%s: no %s has %s \"%s\"%s%s",
			       zync_check_place(m->check, texts->items[i].pos), match_kinds[kind].label, match_kinds[kind].words,
			       match_is_glob(pattern) ? "a slug or name like" : "the slug or name", pattern,
			       !never		? ""
			       : ending != NULL ? ending
						: "; the mapping can never match",
			       zync_check_suggest(m->check, match_nearest(m, &m->names[kind], pattern)));
	}
}

static enum zync_status match_mapping(struct match *m, size_t mapping, struct zync_err *err)
{
	const struct zync_cfg_match *match = &m->check->app->config->mappings.items[mapping].match;

	for (size_t kind = 0; kind < MATCH_KINDS; kind++) {
		const void *at = (const char *)match + match_kinds[kind].offset;
		const struct zync_cfg_texts *texts = at;

		if (texts->len == 0)
			continue;
		if (!m->read[kind])
			ZYNC_TRY(match_read(m, kind, err));
		if (!m->refused[kind])
			match_values(m, kind, mapping, texts);
	}
	return ZYNC_OK;
}

/* ---- custom fields ---- */

static enum zync_status match_load_fields(struct zync_check_run *check, struct zync_map *fields, struct zync_err *err)
{
	struct zync_nb_custom_field field;
	bool found = true;
	size_t pos = 0;

	for (;;) {
		struct zync_nb_custom_field *copy;

		ZYNC_TRY(zync_netbox_next_custom_field(check->app->netbox, &pos, &field, &found, err));
		if (!found)
			return ZYNC_OK;
		copy = ZYNC_NEW(check->arena, struct zync_nb_custom_field);
		if (copy == NULL)
			return zync_err_nomem(err, "checking");
		*copy = field;
		ZYNC_TRY(zync_map_put(fields, field.name, copy, err));
	}
}

static const char *match_nearest_field(struct zync_check_run *check, const struct zync_map *fields, const char *name)
{
	const char **list = ZYNC_NEW_ARRAY(check->arena, const char *, zync_map_len(fields));
	size_t pos = 0;
	size_t count = 0;
	void *value;

	if (list == NULL)
		return NULL;
	while ((list[count] = zync_map_next(fields, &pos, &value)) != NULL)
		if (++count == zync_map_len(fields))
			break;
	return zync_nearest(name, list, count);
}

static void match_field(struct zync_check_run *check, const struct zync_map *fields, const struct zync_rules_custom_field *field)
{
	const struct zync_nb_custom_field *there = zync_map_get(fields, field->name);
	const char *place = zync_check_place(check, field->pos);

	if (there == NULL)
		zync_check_say(check, "mappings", "warning", "%s: %s: NetBox has no custom field \"%s\"%s", place, field->label,
			       field->name, zync_check_suggest(check, match_nearest_field(check, fields, field->name)));
	else if (field->of == NULL && !there->on_device && !there->on_vm)
		zync_check_say(check, "mappings", "warning",
			       "%s: %s: the custom field \"%s\" of NetBox is neither for devices nor for virtual machines", place,
			       field->label, field->name);
}

static enum zync_status match_fields(struct zync_check_run *check, struct zync_err *err)
{
	struct zync_rules_custom_field *list = NULL;
	struct zync_map *fields = zync_map_new(check->arena);
	struct zync_err problem;
	enum zync_status status;
	size_t count = 0;

	if (fields == NULL)
		return zync_err_nomem(err, "checking");
	ZYNC_TRY(zync_rules_custom_fields(check->app->rules, check->arena, &list, &count, err));
	if (count == 0)
		return ZYNC_OK;
	status = match_load_fields(check, fields, &problem);
	if (status != ZYNC_OK)
		return zync_check_failed(check, "netbox custom field", status, &problem, err);
	for (size_t i = 0; i < count; i++)
		match_field(check, fields, &list[i]);
	return ZYNC_OK;
}

enum zync_status zync_check_match(struct zync_check_run *check, struct zync_err *err)
{
	struct match m = {.check = check};

	for (size_t i = 0; i < check->app->config->mappings.len; i++)
		ZYNC_TRY(match_mapping(&m, i, err));
	return match_fields(check, err);
}
