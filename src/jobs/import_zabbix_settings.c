/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job import-zabbix-settings: templates, host groups, proxies and proxy groups of every configured Zabbix server, into the store. All servers are read and compared
 * before anything is stored; when much of a server has vanished, nothing is.
 */
#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"
#include "jobs/types.h"
#include "store/settings.h"

#define KINDS	       4
#define VANISHED_LINES 20 /* names of vanished entries in the log, for each server */

/* As the result, the store and messages name them. */
static const struct {
	enum zync_zabbix_kind kind;
	const char *key, *stored, *words;
} import_kinds[KINDS] = {
	{ZYNC_ZABBIX_TEMPLATE, "templates", "template", "template"},
	{ZYNC_ZABBIX_GROUP, "host_groups", "host_group", "host group"},
	{ZYNC_ZABBIX_PROXY, "proxies", "proxy", "proxy"},
	{ZYNC_ZABBIX_PROXY_GROUP, "proxy_groups", "proxy_group", "proxy group"},
};

struct import_server {
	const char *name;
	uint64_t found[KINDS];
	const char *refused[KINDS]; /* the server's words: what is stored of that kind stays */
	struct zync_idmap *ids[KINDS];
	struct zync_settings_counts counts;
};

/* The catalogue is read when a server is opened; what an earlier job of this process opened is read anew. */
static enum zync_status import_open(struct zync_run *run, size_t index, struct zync_zabbix **ret, struct zync_err *err)
{
	bool opened_before = run->app->zabbix[index] != NULL;

	ZYNC_TRY(zync_app_zabbix(run->app, run->app->config->zabbix.items[index].name, ret, err));
	return opened_before ? zync_zabbix_renew_catalogue(*ret, err) : ZYNC_OK;
}

/* Not readable is not gone: what is stored of a kind that is not named in the import stays, and counts. */
static enum zync_status import_keep_kind(struct zync_run *run, struct import_server *server, size_t kind, struct zync_err *err)
{
	ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
	struct zync_setting *stored = NULL;
	size_t count = 0;

	if (scratch == NULL)
		return zync_err_nomem(err, "importing settings");
	zync_log_warning("Zabbix server \"%s\": what is known of its %s stays as it is, they cannot be read: %s", server->name,
			 import_kinds[kind].words, server->refused[kind]);
	ZYNC_TRY(zync_store_settings(run->app->store, server->name, import_kinds[kind].stored, scratch, &stored, &count, err));
	server->found[kind] = count;
	return ZYNC_OK;
}

static enum zync_status import_read_kind(struct zync_run *run, struct import_server *server, const struct zync_zabbix *zabbix, size_t kind,
					 struct zync_err *err)
{
	const char *refused = zync_zabbix_catalogue_refused(zabbix, import_kinds[kind].kind);
	struct zync_zabbix_name name;
	size_t pos = 0;

	server->ids[kind] = zync_idmap_new(run->arena);
	if (server->ids[kind] == NULL)
		return zync_err_nomem(err, "importing settings");
	if (refused != NULL) {
		server->refused[kind] = zync_arena_strdup(run->arena, refused);
		if (server->refused[kind] == NULL)
			return zync_err_nomem(err, "importing settings");
		return import_keep_kind(run, server, kind, err);
	}
	ZYNC_TRY(zync_store_settings_kind(run->app->store, server->name, import_kinds[kind].stored, err));
	while (zync_zabbix_catalogue_next(zabbix, import_kinds[kind].kind, &pos, &name)) {
		struct zync_setting setting = {
			.server = server->name,
			.kind = import_kinds[kind].stored,
			.id = name.id,
			.name = name.name,
			.visible_name = name.visible_name,
		};

		server->found[kind]++;
		ZYNC_TRY(zync_idmap_put(server->ids[kind], setting.id, server, err));
		ZYNC_TRY(zync_store_settings_add(run->app->store, &setting, err));
	}
	return ZYNC_OK;
}

/* Which ones are gone: the first of them are named in the log. */
static enum zync_status import_log_vanished(struct zync_run *run, const struct import_server *server, struct zync_err *err)
{
	uint64_t told = 0;

	for (size_t kind = 0; kind < KINDS && server->counts.vanished > told; kind++) {
		ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
		struct zync_setting *stored = NULL;
		size_t count = 0;

		if (scratch == NULL)
			return zync_err_nomem(err, "importing settings");
		if (server->refused[kind] != NULL)
			continue;
		ZYNC_TRY(zync_store_settings(run->app->store, server->name, import_kinds[kind].stored, scratch, &stored, &count, err));
		for (size_t i = 0; i < count && told < VANISHED_LINES; i++) {
			if (zync_idmap_get(server->ids[kind], stored[i].id) != NULL)
				continue;
			told++;
			zync_log_info("Zabbix server \"%s\": %s \"%s\" (id %llu) is gone", server->name, import_kinds[kind].words,
				      stored[i].name, (unsigned long long)stored[i].id);
		}
	}
	if (server->counts.vanished > told)
		zync_log_info("Zabbix server \"%s\": and %llu more are gone", server->name,
			      (unsigned long long)(server->counts.vanished - told));
	return ZYNC_OK;
}

static enum zync_status import_compare(struct zync_run *run, struct import_server *server, bool force, struct zync_err *err)
{
	struct zync_settings_counts *counts = &server->counts;

	ZYNC_TRY(zync_store_settings_compare(run->app->store, server->name, counts, err));
	ZYNC_TRY(import_log_vanished(run, server, err));
	if (force)
		return ZYNC_OK;
	return zync_plan_check_vanished(&run->app->config->sync, server->name, counts->total - counts->added + counts->vanished,
					counts->vanished, err);
}

static void import_server_json(struct zync_jb *b, struct zync_jnode *list, const struct import_server *server)
{
	struct zync_jnode *node = zync_jb_add_object(b, list);
	struct zync_jnode *refused;

	zync_jb_set_str(b, node, "name", server->name);
	for (size_t kind = 0; kind < KINDS; kind++)
		zync_jb_set_u64(b, node, import_kinds[kind].key, server->found[kind]);
	zync_jb_set_u64(b, node, "added", server->counts.added);
	zync_jb_set_u64(b, node, "changed", server->counts.changed);
	zync_jb_set_u64(b, node, "vanished", server->counts.vanished);
	refused = zync_jb_set_array(b, node, "not_readable");
	for (size_t kind = 0; kind < KINDS; kind++) {
		if (server->refused[kind] != NULL)
			zync_jb_add_str(b, refused, import_kinds[kind].key);
	}
}

static const char *import_message(struct zync_run *run, const struct zync_settings_counts *sum, size_t servers)
{
	const char *plural = servers == 1 ? "" : "s";

	if (sum->added + sum->changed + sum->vanished == 0)
		return zync_arena_printf(run->arena, "Import complete: %llu entries of %zu Zabbix server%s, nothing changed.",
					 (unsigned long long)sum->total, servers, plural);
	return zync_arena_printf(run->arena,
				 "Import complete: %llu entries of %zu Zabbix server%s, %llu added, %llu changed, %llu vanished.",
				 (unsigned long long)sum->total, servers, plural, (unsigned long long)sum->added,
				 (unsigned long long)sum->changed, (unsigned long long)sum->vanished);
}

static enum zync_status import_data(struct zync_run *run, const struct import_server *servers, size_t count, struct zync_err *err)
{
	struct zync_jnode *data = zync_jb_object(run->json);
	struct zync_settings_counts sum = {0};
	struct zync_jnode *list;

	zync_jb_set_str(run->json, data, "job_id", run->job_id);
	zync_jb_set_str(run->json, data, "status", "completed");
	list = zync_jb_set_array(run->json, data, "servers");
	for (size_t i = 0; i < count; i++) {
		import_server_json(run->json, list, &servers[i]);
		for (size_t kind = 0; kind < KINDS; kind++)
			sum.total += servers[i].found[kind];
		sum.added += servers[i].counts.added;
		sum.changed += servers[i].counts.changed;
		sum.vanished += servers[i].counts.vanished;
	}
	run->summary.total = sum.total;
	run->summary.updated = sum.total;
	zync_run_set_message(run, import_message(run, &sum, count));
	zync_jb_set_u64(run->json, data, "total", sum.total);
	zync_jb_set_str(run->json, data, "message", run->summary.message);
	return zync_jb_text(run->json, data, ZYNC_JSON_COMPACT, run->arena, &run->data, err);
}

static enum zync_status import_body(struct zync_run *run, const struct zync_job_params *params, struct zync_err *err)
{
	size_t count = run->app->config->zabbix.len;
	struct import_server *servers = ZYNC_NEW_ARRAY(run->arena, struct import_server, count);

	if (servers == NULL)
		return zync_err_nomem(err, "importing settings");
	ZYNC_TRY(zync_store_settings_begin(run->app->store, err));
	for (size_t i = 0; i < count; i++) {
		struct zync_zabbix *zabbix = NULL;

		servers[i].name = run->app->config->zabbix.items[i].name;
		ZYNC_TRY(zync_run_progress(run, "import", i, count, err));
		ZYNC_TRY(import_open(run, i, &zabbix, err));
		for (size_t kind = 0; kind < KINDS; kind++)
			ZYNC_TRY(import_read_kind(run, &servers[i], zabbix, kind, err));
	}
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(import_compare(run, &servers[i], params->force, err));
	ZYNC_TRY(zync_run_progress(run, "import", count, count, err));
	zync_store_settings_with_run(run->app->store, run->started);
	return import_data(run, servers, count, err);
}

const struct zync_job_type zync_job_import_zabbix_settings = {
	.name = "import-zabbix-settings",
	.summary = "Store which templates, host groups, proxies and proxy groups the Zabbix servers have",
	.takes = ZYNC_TAKES_FORCE,
	.body = import_body,
};
