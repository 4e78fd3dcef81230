/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which host groups Zync made, for the job delete-unused-host-groups. Written down before the call that creates them, and settled after it, so that a group is known also when the process
 * dies between. docs/internals/journal.md.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"
#include "store/made_group.h"

enum zync_status zync_made_groups_intend(struct zync_run *run, const struct zync_server_state *server, const char *const *names,
					 size_t count, struct zync_arena *arena, struct zync_vec *ret, struct zync_err *err)
{
	struct zync_err problem;
	enum zync_status status;
	const char **missing;

	zync_vec_init(ret, arena);
	status = zync_zabbix_missing_groups(server->zabbix, names, count, ret, &problem);
	if (status == ZYNC_ERR_REJECTED) /* a name that cannot be created: the creation says so */
		return ZYNC_OK;
	if (status != ZYNC_OK) {
		zync_err_copy(err, &problem);
		return status;
	}
	missing = ZYNC_NEW_ARRAY(arena, const char *, ret->len);
	if (missing == NULL)
		return zync_err_nomem(err, "creating host groups");
	for (size_t i = 0; i < ret->len; i++)
		missing[i] = ret->items[i];
	return zync_store_made_groups_intend(run->app->store, server->name, missing, ret->len, run->job_id, zync_clock_now_ms(), err);
}

static bool groups_have(const struct zync_vec *names, const char *name)
{
	for (size_t i = 0; i < names->len; i++) {
		if (zync_str_eq(names->items[i], name))
			return true;
	}
	return false;
}

/* What was intended and is not among the made ones was refused, never sent, or somebody else was faster. One that may have been made and does not show yet stays open. */
enum zync_status zync_made_groups_decided(struct zync_run *run, const struct zync_server_state *server, const struct zync_vec *intended,
					  const struct zync_vec *made, struct zync_arena *arena, struct zync_err *err)
{
	struct zync_remembered_group *groups = ZYNC_NEW_ARRAY(arena, struct zync_remembered_group, intended->len);
	size_t count = 0;

	if (groups == NULL)
		return zync_err_nomem(err, "creating host groups");
	for (size_t i = 0; i < intended->len; i++) {
		const char *name = intended->items[i];
		bool ours = groups_have(made, name);
		uint64_t id = ours ? zync_zabbix_lookup(server->zabbix, ZYNC_ZABBIX_GROUP, name) : 0;

		if (!ours || id != 0)
			groups[count++] = (struct zync_remembered_group){.server = server->name, .name = name, .groupid = id};
	}
	return zync_store_made_groups_decided(run->app->store, groups, count, err);
}

enum zync_status zync_made_groups_forget_gone(struct zync_run *run, const char *server, const struct zync_zabbix *zabbix,
					      struct zync_err *err)
{
	struct zync_remembered_group *gone = ZYNC_NEW_ARRAY(run->arena, struct zync_remembered_group, run->made_groups.len);
	size_t count = 0;

	if (gone == NULL)
		return zync_err_nomem(err, "putting host groups back");
	for (size_t i = 0; i < run->made_groups.len; i++) {
		const struct zync_made_group *group = run->made_groups.items[i];

		/* Of one without an id the creation may still be at work: the next job asks. */
		if (zync_str_eq(group->server, server) && group->id != 0 && zync_zabbix_lookup(zabbix, ZYNC_ZABBIX_GROUP, group->name) == 0)
			gone[count++] = (struct zync_remembered_group){.server = server, .name = group->name};
	}
	return zync_store_made_groups_decided(run->app->store, gone, count, err);
}

/* ---- after jobs that did not come to their end ---- */

static enum zync_status settle_ask(struct zync_run *run, const char *name, struct zync_zabbix **ret, struct zync_err *err)
{
	const struct zync_cfg_zabbix *server = zync_config_zabbix(run->app->config, name);
	bool opened_before = run->app->zabbix[server - run->app->config->zabbix.items] != NULL;

	ZYNC_TRY(zync_app_zabbix(run->app, name, ret, err));
	return opened_before ? zync_zabbix_renew_catalogue(*ret, err) : ZYNC_OK;
}

/* Groups of one server. A creation that was sent a moment ago may still be carried out: what is not seen yet and young is looked for the next time. */
static enum zync_status settle_server(struct zync_run *run, struct zync_remembered_group *groups, size_t count, struct zync_err *err)
{
	int64_t now = zync_clock_now_ms();
	struct zync_zabbix *zabbix = NULL;
	struct zync_err problem;
	size_t settled = 0;
	enum zync_status status = settle_ask(run, groups[0].server, &zabbix, &problem);

	if (status == ZYNC_ERR_NOMEM || status == ZYNC_ERR_CANCELLED) {
		zync_err_copy(err, &problem);
		return status;
	}
	if (status != ZYNC_OK) {
		zync_log_debug("Whether earlier jobs made %zu host groups on \"%s\" could not be looked up: %s", count, groups[0].server,
			       problem.message);
		return ZYNC_OK;
	}
	for (size_t i = 0; i < count; i++) {
		struct zync_remembered_group group = groups[i];

		group.groupid = zync_zabbix_lookup(zabbix, ZYNC_ZABBIX_GROUP, group.name);
		if (group.groupid != 0 || now < group.made_at || now - group.made_at >= ZYNC_SETTLE_MS)
			groups[settled++] = group;
	}
	return zync_store_made_groups_decided(run->app->store, groups, settled, err);
}

enum zync_status zync_made_groups_settle(struct zync_run *run, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_remembered_group *groups = NULL;
	size_t count = 0;

	if (arena == NULL)
		return zync_err_nomem(err, "reading which host groups were made");
	ZYNC_TRY(zync_store_made_groups_open(run->app->store, arena, &groups, &count, err));
	for (size_t first = 0; first < count;) {
		size_t n = 1;

		while (first + n < count && zync_str_eq(groups[first + n].server, groups[first].server))
			n++;
		if (zync_config_zabbix(run->app->config, groups[first].server) != NULL)
			ZYNC_TRY(settle_server(run, &groups[first], n, err));
		first += n;
	}
	return ZYNC_OK;
}
