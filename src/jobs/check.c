/* SPDX-License-Identifier: Apache-2.0 */
/* `zync check`: everything that can be known before a run. It goes on past what fails, so that one call shows all. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "jobs/jobs.h"
#include "jobs/run.h"

struct check {
	struct zync_app *app;
	struct zync_arena *arena;
	struct zync_jb *json;
	struct zync_jnode *checks;
	enum zync_status worst; /* the first thing that is wrong decides the exit code */
	bool fix;
};

static void check_add(struct check *check, const char *what, const char *level, const char *message)
{
	struct zync_jnode *node = zync_jb_add_object(check->json, check->checks);

	zync_jb_set_str(check->json, node, "what", what);
	zync_jb_set_bool(check->json, node, "ok", !zync_str_eq(level, "error"));
	zync_jb_set_str(check->json, node, "level", level);
	zync_jb_set_str(check->json, node, "message", message);
}

static void check_wrong(struct check *check, const char *what, enum zync_status status, const char *message)
{
	if (check->worst == ZYNC_OK)
		check->worst = status;
	check_add(check, what, "error", message);
}

/* A failure of a server is a finding; only lack of memory ends the check. */
static enum zync_status check_failed(struct check *check, const char *what, enum zync_status status, const struct zync_err *problem,
				     struct zync_err *err)
{
	const char *message;

	if (status == ZYNC_ERR_NOMEM || status == ZYNC_ERR_CANCELLED) {
		zync_err_copy(err, problem);
		return status;
	}
	message = zync_arena_strdup(check->arena, problem->message);
	if (message == NULL)
		return zync_err_nomem(err, "checking");
	check_wrong(check, what, status, message);
	return ZYNC_OK;
}

static bool url_is_plain_remote(const char *url)
{
	return zync_str_starts(url, "http://") && !zync_str_starts(url, "http://127.") && !zync_str_starts(url, "http://localhost") &&
	       !zync_str_starts(url, "http://[::1]");
}

static void check_transport(struct check *check, const char *what, const char *url, bool verify_tls)
{
	if (url_is_plain_remote(url))
		check_add(check, what, "warning",
			  "the address is plain http: the token travels readable for everybody on the way; use https");
	else if (!verify_tls)
		check_add(check, what, "warning",
			  "verify_tls is off: whoever answers is believed; use ca_file for an own certificate authority");
}

static enum zync_status check_netbox_read(struct check *check, struct zync_netbox *netbox, struct zync_err *err)
{
	static const char *const ENDPOINTS[] = {"dcim/devices",	     "virtualization/virtual-machines",
						"dcim/sites",	     "dcim/regions",
						"dcim/site-groups",  "dcim/locations",
						"dcim/device-roles", "dcim/platforms",
						"dcim/device-types", "dcim/manufacturers",
						"tenancy/tenants",   "virtualization/clusters",
						"ipam/ip-addresses", "extras/tags"};
	size_t readable = 0;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(ENDPOINTS); i++) {
		struct zync_err problem;
		const char *reason = NULL;
		bool may = false;
		enum zync_status status = zync_netbox_may_read(netbox, ENDPOINTS[i], check->arena, &may, &reason, &problem);

		if (status != ZYNC_OK)
			return check_failed(check, "netbox permissions", status, &problem, err);
		if (may) {
			readable++;
			continue;
		}
		check_wrong(check, "netbox permissions", ZYNC_ERR_AUTH,
			    zync_arena_printf(check->arena,
					      "the token may not read %s: %s; give its user a permission with the action \"view\"",
					      ENDPOINTS[i], reason != NULL ? reason : "refused"));
	}
	if (readable == ZYNC_ARRAY_LEN(ENDPOINTS))
		check_add(check, "netbox permissions", "ok", "all objects that Zync reads may be read");
	return ZYNC_OK;
}

static enum zync_status check_hostid_field(struct check *check, struct zync_netbox *netbox, struct zync_err *err)
{
	const struct zync_cfg_netbox *config = &check->app->config->netbox;
	const char *what = "netbox custom field";
	struct zync_err problem;
	bool device = false;
	bool vm = false;
	enum zync_status status = zync_netbox_has_custom_field(netbox, ZYNC_NB_DEVICE, config->hostid_field, &device, &problem);

	if (status == ZYNC_OK)
		status = zync_netbox_has_custom_field(netbox, ZYNC_NB_VM, config->hostid_field, &vm, &problem);
	if (status != ZYNC_OK)
		return check_failed(check, what, status, &problem, err);
	if (device && vm) {
		check_add(check, what, "ok",
			  zync_arena_printf(check->arena, "%s is there for devices and virtual machines", config->hostid_field));
		return ZYNC_OK;
	}
	if (check->fix) {
		status = zync_netbox_create_hostid_field(netbox, config->hostid_field, &problem);
		if (status != ZYNC_OK)
			return check_failed(check, what, status, &problem, err);
		check_add(check, what, "ok", zync_arena_printf(check->arena, "%s has been created", config->hostid_field));
		return ZYNC_OK;
	}
	if (config->write_back)
		check_wrong(check, what, ZYNC_ERR_INVALID,
			    zync_arena_printf(check->arena,
					      "netbox.write_back needs the custom field %s for devices and virtual machines, which NetBox "
					      "does not have; `zync check --fix` creates it",
					      config->hostid_field));
	else
		check_add(check, what, "info",
			  zync_arena_printf(
				  check->arena,
				  "NetBox has no custom field %s; it is only needed for netbox.write_back (`zync check --fix` creates it)",
				  config->hostid_field));
	return ZYNC_OK;
}

static enum zync_status check_netbox(struct check *check, struct zync_err *err)
{
	const struct zync_cfg_netbox *config = &check->app->config->netbox;
	struct zync_netbox *netbox = NULL;
	struct zync_err problem;
	enum zync_status status;

	check_transport(check, "netbox", config->url, config->verify_tls);
	status = zync_app_netbox(check->app, &netbox, &problem);
	if (status != ZYNC_OK)
		return check_failed(check, "netbox", status, &problem, err);
	check_add(check, "netbox", "ok",
		  zync_arena_printf(check->arena, "NetBox %s at %s; this installation is \"%s\" in ownership marks",
				    zync_netbox_version(netbox), config->url, config->instance));
	ZYNC_TRY(check_netbox_read(check, netbox, err));
	return check_hostid_field(check, netbox, err);
}

static enum zync_status check_access(struct check *check, struct zync_zabbix *zabbix, const char *what, bool *ret_groups,
				     struct zync_err *err)
{
	struct zync_zabbix_access access = {0};
	struct zync_err problem;
	enum zync_status status = zync_zabbix_access(zabbix, check->arena, &access, &problem);

	if (status != ZYNC_OK)
		return check_failed(check, what, status, &problem, err);
	*ret_groups = access.may_create_groups;
	if (!access.may_write_hosts) {
		check_wrong(check, what, ZYNC_ERR_AUTH,
			    zync_arena_printf(
				    check->arena,
				    "the user \"%s\" (role \"%s\") may not write hosts: it needs host.create, host.update and host.delete",
				    access.username, access.role));
		return ZYNC_OK;
	}
	check_add(check, what, "ok",
		  zync_arena_printf(check->arena, "user \"%s\", role \"%s\": may write hosts%s", access.username, access.role,
				    access.may_create_groups ? " and create host groups" : ""));
	if (!access.may_create_groups)
		check_add(check, what, "warning",
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

static void check_name(struct check *check, struct zync_zabbix *zabbix, const struct zync_rules_name *name, bool may_create_groups)
{
	enum zync_zabbix_kind kind = catalogue_kind((int)name->kind);
	const char *path = check->app->config->path != NULL ? check->app->config->path : "environment";
	const char *near;

	if (zync_zabbix_lookup(zabbix, kind, name->name) != 0)
		return;
	if (name->kind == ZYNC_RULES_NAME_GROUP) {
		if (may_create_groups)
			check_add(check, "mappings", "info",
				  zync_arena_printf(check->arena, "host group \"%s\" does not exist yet; the sync creates it", name->name));
		else
			check_wrong(check, "mappings", ZYNC_ERR_INVALID,
				    zync_arena_printf(check->arena,
						      "%s:%u:%u: host group \"%s\" does not exist on %s (or is not visible), and the user "
						      "may not create it",
						      path, name->pos.line, name->pos.column, name->name, zync_zabbix_name(zabbix)));
		return;
	}
	near = zync_zabbix_nearest(zabbix, kind, name->name);
	check_wrong(check, "mappings", ZYNC_ERR_INVALID,
		    zync_arena_printf(check->arena, "%s:%u:%u: %s \"%s\" does not exist on %s (or is not visible for its user)%s%s%s", path,
				      name->pos.line, name->pos.column, kind_word((int)name->kind), name->name, zync_zabbix_name(zabbix),
				      near != NULL ? "; did you mean \"" : "", near != NULL ? near : "", near != NULL ? "\"?" : ""));
}

static enum zync_status check_names(struct check *check, struct zync_zabbix *zabbix, const char *server, bool may_create_groups,
				    struct zync_err *err)
{
	struct zync_rules_name *names = NULL;
	const char *first = check->app->config->zabbix.items[0].name;
	size_t count = 0;

	ZYNC_TRY(zync_rules_constant_names(check->app->rules, check->arena, &names, &count, err));
	for (size_t i = 0; i < count; i++) {
		if (zync_str_eq(names[i].server != NULL ? names[i].server : first, server))
			check_name(check, zabbix, &names[i], may_create_groups);
	}
	return ZYNC_OK;
}

static enum zync_status check_zabbix(struct check *check, const struct zync_cfg_zabbix *config, struct zync_err *err)
{
	const char *what = zync_arena_printf(check->arena, "zabbix %s", config->name);
	struct zync_zabbix *zabbix = NULL;
	struct zync_err problem;
	bool groups = true;
	enum zync_status status;

	if (what == NULL)
		return zync_err_nomem(err, "checking");
	check_transport(check, what, config->url, config->verify_tls);
	status = zync_app_zabbix(check->app, config->name, &zabbix, &problem);
	if (status != ZYNC_OK)
		return check_failed(check, what, status, &problem, err);
	check_add(check, what, "ok", zync_arena_printf(check->arena, "Zabbix %s at %s", zync_zabbix_version(zabbix), config->url));
	ZYNC_TRY(check_access(check, zabbix, what, &groups, err));
	return check_names(check, zabbix, config->name, groups, err);
}

enum zync_status zync_job_check(struct zync_app *app, bool fix, struct zync_arena *arena, const char **ret_json, struct zync_err *err)
{
	struct check check = {.app = app, .arena = arena, .json = zync_jb_new(arena), .fix = fix};
	struct zync_jnode *root;

	if (check.json == NULL)
		return zync_err_nomem(err, "checking");
	root = zync_jb_object(check.json);
	check.checks = zync_jb_array(check.json);
	check_add(&check, "configuration", "ok",
		  zync_arena_printf(arena, "%s: %zu mappings, %zu Zabbix servers",
				    app->config->path != NULL ? app->config->path : "from the environment", app->config->mappings.len,
				    app->config->zabbix.len));
	check_add(&check, "store", "ok", app->config->store);
	ZYNC_TRY(check_netbox(&check, err));
	for (size_t i = 0; i < app->config->zabbix.len; i++)
		ZYNC_TRY(check_zabbix(&check, &app->config->zabbix.items[i], err));
	zync_jb_set_bool(check.json, root, "ok", check.worst == ZYNC_OK);
	zync_jb_set_node(check.json, root, "checks", check.checks);
	ZYNC_TRY(zync_jb_text(check.json, root, ZYNC_JSON_COMPACT, arena, ret_json, err));
	if (check.worst != ZYNC_OK)
		return zync_err_set(err, check.worst, "the check found problems; see above");
	return ZYNC_OK;
}
