/* SPDX-License-Identifier: Apache-2.0 */
/* `zync check`: a Zabbix server, what its user may do, and whether it has what the mappings and the objects name. */
#include "base/str.h"
#include "jobs/check.h"

static enum zync_status check_access(struct zync_check_run *check, struct zync_zabbix *zabbix, const char *what, bool *ret_groups,
				     struct zync_err *err)
{
	struct zync_zabbix_access access = {0};
	struct zync_err problem;
	enum zync_status status = zync_zabbix_access(zabbix, check->arena, &access, &problem);

	if (status != ZYNC_OK)
		return zync_check_failed(check, what, status, &problem, err);
	*ret_groups = access.may_create_groups;
	if (!access.may_write_hosts) {
		zync_check_wrong(check, what, ZYNC_ERR_AUTH,
				 "the user \"%s\" (role \"%s\") may not write hosts: it needs host.create, host.update and host.delete",
				 access.username, access.role);
		return ZYNC_OK;
	}
	zync_check_say(check, what, "ok", "user \"%s\", role \"%s\": may write hosts%s", access.username, access.role,
		       access.may_create_groups ? " and create host groups" : "");
	if (!access.may_create_groups)
		zync_check_say(check, what, "warning",
			       "the user may not create host groups: all groups that the mappings name must exist and be writable for it");
	return ZYNC_OK;
}

static const char *kind_word(int kind)
{
	static const char *const WORDS[] = {"template", "proxy", "proxy group", "host group"};

	return WORDS[kind];
}

static enum zync_zabbix_kind catalogue_kind(int kind)
{
	static const enum zync_zabbix_kind KINDS[] = {ZYNC_ZABBIX_TEMPLATE, ZYNC_ZABBIX_PROXY, ZYNC_ZABBIX_PROXY_GROUP, ZYNC_ZABBIX_GROUP};

	return KINDS[kind];
}

/* "; 12 hosts, for example "sw1"", or "". */
static const char *check_hosts(const struct zync_check_run *check, const struct zync_check_tally *tally)
{
	const char *text = NULL;

	if (tally != NULL)
		text = zync_arena_printf(check->arena, "; %llu host%s, for example \"%s\"", (unsigned long long)tally->count,
					 tally->count == 1 ? " wants it" : "s want it", tally->example);
	return text != NULL ? text : "";
}

static void check_name(struct zync_check_run *check, struct zync_zabbix *zabbix, const struct zync_rules_name *name, bool may_create_groups)
{
	enum zync_zabbix_kind kind = catalogue_kind((int)name->kind);
	const char *server = zync_zabbix_name(zabbix);

	if (zync_zabbix_lookup(zabbix, kind, name->name) != 0)
		return;
	if (name->kind != ZYNC_RULES_NAME_GROUP)
		zync_check_wrong(check, "mappings", ZYNC_ERR_INVALID,
				 "%s: %s \"%s\" does not exist on %s (or is not visible for its user)%s%s",
				 zync_check_place(check, name->pos), kind_word((int)name->kind), name->name, server,
				 check_hosts(check, zync_check_wanted(check, (int)name->kind, server, name->name)),
				 zync_check_suggest(check, zync_zabbix_nearest(zabbix, kind, name->name)));
	else if (may_create_groups)
		zync_check_say(check, "mappings", "info", "host group \"%s\" does not exist yet; the sync creates it", name->name);
	else
		zync_check_wrong(check, "mappings", ZYNC_ERR_INVALID,
				 "%s: host group \"%s\" does not exist on %s (or is not visible), and the user may not create it",
				 zync_check_place(check, name->pos), name->name, server);
}

/* The constant names of the mappings that are for this server; they are in @p told then. */
static enum zync_status check_constants(struct zync_check_run *check, struct zync_zabbix *zabbix, bool may_create_groups,
					struct zync_map *told, struct zync_err *err)
{
	struct zync_rules_name *names = NULL;
	const char *first = check->app->config->zabbix.items[0].name;
	size_t count = 0;

	ZYNC_TRY(zync_rules_constant_names(check->app->rules, check->arena, &names, &count, err));
	for (size_t i = 0; i < count; i++) {
		const char *key;

		if (!zync_str_eq(names[i].server != NULL ? names[i].server : first, zync_zabbix_name(zabbix)))
			continue;
		check_name(check, zabbix, &names[i], may_create_groups);
		key = zync_arena_printf(check->arena, "%d %s", (int)names[i].kind, names[i].name);
		if (key == NULL)
			return zync_err_nomem(err, "checking");
		ZYNC_TRY(zync_map_put(told, key, names, err));
	}
	return ZYNC_OK;
}

/* What the objects name beyond that: from templates of the language, the config context, custom fields. Their hosts fail in a sync; the others do not. */
static enum zync_status check_derived(struct zync_check_run *check, struct zync_zabbix *zabbix, const struct zync_map *told,
				      struct zync_err *err)
{
	size_t pos = 0;
	void *value;

	while (check->objects != NULL && zync_map_next(check->objects->names, &pos, &value) != NULL) {
		const struct zync_check_tally *tally = value;
		enum zync_zabbix_kind kind = catalogue_kind(tally->kind);
		const char *key = zync_arena_printf(check->arena, "%d %s", tally->kind, tally->text);

		if (key == NULL)
			return zync_err_nomem(err, "checking");
		if (!zync_str_eq(tally->server, zync_zabbix_name(zabbix)) || zync_map_get(told, key) != NULL ||
		    zync_zabbix_lookup(zabbix, kind, tally->text) != 0)
			continue;
		zync_check_say(check, "objects", "warning", "%s \"%s\": not on zabbix %s%s%s", kind_word(tally->kind), tally->text,
			       tally->server, check_hosts(check, tally),
			       zync_check_suggest(check, zync_zabbix_nearest(zabbix, kind, tally->text)));
	}
	return ZYNC_OK;
}

static enum zync_status check_names(struct zync_check_run *check, struct zync_zabbix *zabbix, bool may_create_groups, struct zync_err *err)
{
	struct zync_map *told = zync_map_new(check->arena);

	if (told == NULL)
		return zync_err_nomem(err, "checking");
	ZYNC_TRY(check_constants(check, zabbix, may_create_groups, told, err));
	return check_derived(check, zabbix, told, err);
}

enum zync_status zync_check_zabbix(struct zync_check_run *check, const struct zync_cfg_zabbix *config, struct zync_err *err)
{
	const char *what = zync_arena_printf(check->arena, "zabbix %s", config->name);
	struct zync_zabbix *zabbix = NULL;
	struct zync_err problem;
	bool groups = true;
	enum zync_status status;

	if (what == NULL)
		return zync_err_nomem(err, "checking");
	zync_check_transport(check, what, config->url, config->verify_tls);
	status = zync_app_zabbix(check->app, config->name, &zabbix, &problem);
	if (status != ZYNC_OK)
		return zync_check_failed(check, what, status, &problem, err);
	zync_check_say(check, what, "ok", "Zabbix %s at %s", zync_zabbix_version(zabbix), config->url);
	ZYNC_TRY(check_access(check, zabbix, what, &groups, err));
	return check_names(check, zabbix, groups, err);
}

enum zync_status zync_check_unused_templates(struct zync_check_run *check, struct zync_err *err)
{
	struct zync_rules_name *names = NULL;
	size_t count = 0;

	if (check->objects == NULL || check->objects->total == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_rules_constant_names(check->app->rules, check->arena, &names, &count, err));
	for (size_t i = 0; i < count; i++) {
		if (names[i].kind == ZYNC_RULES_NAME_TEMPLATE &&
		    zync_check_wanted(check, ZYNC_RULES_NAME_TEMPLATE, NULL, names[i].name) == NULL)
			zync_check_say(check, "mappings", "warning", "%s: no object gets the template \"%s\"",
				       zync_check_place(check, names[i].pos), names[i].name);
	}
	return ZYNC_OK;
}
