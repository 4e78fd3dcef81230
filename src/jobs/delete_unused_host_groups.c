/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job delete-unused-host-groups: of the host groups that Zync made, those go that nobody needs any more. Only groups that are remembered with their id and still have both id and
 * name; of these only what is proven to be unused, children before parents, right after looking. What is gone or renamed is forgotten.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"
#include "jobs/types.h"
#include "store/made_group.h"
#include "store/queue.h"

#define UNUSED_WAIT_MS 250
#define UNUSED_PAGE    500u /* groups a look at what uses them */

enum unused_fate { UNUSED_DELETE = 0, UNUSED_KEEP, UNUSED_FORGET, UNUSED_FATES };

struct unused_group {
	const struct zync_remembered_group *row;
	unsigned depth;
	enum unused_fate fate;
	const char *reason; /* of UNUSED_KEEP and UNUSED_FORGET */
};

struct unused {
	struct zync_run *run;
	bool dry;
	struct zync_map *named; /* group name of the configuration → why it stays */
	struct zync_jnode *servers, *groups;
	uint64_t counts[UNUSED_FATES];
	/* of one server */
	struct zync_zabbix *zabbix;
	struct unused_group *items;
	size_t len;
	struct zync_map *needed; /* names above a group that stays → name of that group */
};

static const struct zync_job_type *unused_type(void)
{
	return &zync_job_delete_unused_host_groups;
}

/* The maps hold what they are given as plain pointers; nobody writes through them. */
static enum zync_status unused_put(struct zync_map *map, const char *key, const char *value, struct zync_err *err)
{
	union {
		const char *in;
		void *out;
	} cast = {.in = value};

	return zync_map_put(map, key, cast.out, err);
}

/* The names above @p name get the value, but those that have one. */
static enum zync_status unused_put_parents(struct unused *u, struct zync_map *map, const char *name, const char *value,
					   struct zync_err *err)
{
	for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		char *parent = zync_arena_strndup(u->run->arena, name, (size_t)(slash - name));

		if (parent == NULL)
			return zync_err_nomem(err, "looking for unused host groups");
		if (zync_map_get(map, parent) == NULL)
			ZYNC_TRY(unused_put(map, parent, value, err));
	}
	return ZYNC_OK;
}

/* ---- what the configuration names: of any server, since the server of a host may come from another mapping ---- */

static enum zync_status unused_configured(struct unused *u, struct zync_err *err)
{
	const struct zync_config *config = u->run->app->config;
	struct zync_rules_name *names = NULL;
	size_t count = 0;

	u->named = zync_map_new(u->run->arena);
	if (u->named == NULL)
		return zync_err_nomem(err, "looking for unused host groups");
	ZYNC_TRY(unused_put(u->named, config->sync.graveyard_group, "it is sync.graveyard_group", err));
	ZYNC_TRY(zync_rules_constant_names(u->run->app->rules, u->run->arena, &names, &count, err));
	for (size_t i = 0; i < count; i++) {
		const char *reason;

		if (names[i].kind != ZYNC_RULES_NAME_GROUP)
			continue;
		reason = zync_arena_printf(u->run->arena, "the mappings name it (%s:%u)",
					   config->path != NULL ? config->path : "environment", names[i].pos.line);
		if (reason == NULL)
			return zync_err_nomem(err, "looking for unused host groups");
		ZYNC_TRY(unused_put(u->named, names[i].name, reason, err));
	}
	return ZYNC_OK;
}

/* ---- one server: what becomes of each group ---- */

static void unused_decide(struct unused_group *group, enum unused_fate fate, const char *reason)
{
	group->fate = fate;
	group->reason = reason;
}

static void unused_keep_all(struct unused *u, const char *reason)
{
	for (size_t i = 0; i < u->len; i++)
		unused_decide(&u->items[i], UNUSED_KEEP, reason);
}

static enum zync_status unused_identify(struct unused *u, struct unused_group *group, struct zync_err *err)
{
	const char *now = zync_zabbix_name_of_id(u->zabbix, ZYNC_ZABBIX_GROUP, group->row->groupid);
	const char *reason;

	if (now == NULL) {
		unused_decide(group, UNUSED_FORGET, "it is gone");
		return ZYNC_OK;
	}
	if (!zync_str_eq(now, group->row->name)) {
		reason = zync_arena_printf(u->run->arena, "it is called \"%s\" now", now);
		if (reason == NULL)
			return zync_err_nomem(err, "looking for unused host groups");
		unused_decide(group, UNUSED_FORGET, reason);
		return ZYNC_OK;
	}
	reason = zync_map_get(u->named, group->row->name);
	if (reason != NULL)
		unused_decide(group, UNUSED_KEEP, reason);
	return ZYNC_OK;
}

static enum zync_status unused_look_page(struct unused *u, struct unused_group **page, size_t count, struct zync_err *err)
{
	uint64_t *ids = ZYNC_NEW_ARRAY(u->run->arena, uint64_t, count);
	const char **reasons = ZYNC_NEW_ARRAY(u->run->arena, const char *, count);

	if (ids == NULL || reasons == NULL)
		return zync_err_nomem(err, "looking for unused host groups");
	for (size_t i = 0; i < count; i++)
		ids[i] = page[i]->row->groupid;
	ZYNC_TRY(zync_zabbix_group_uses(u->zabbix, ids, count, u->run->arena, reasons, err));
	for (size_t i = 0; i < count; i++) {
		if (reasons[i] != NULL)
			unused_decide(page[i], UNUSED_KEEP, reasons[i]);
	}
	return ZYNC_OK;
}

static enum zync_status unused_look(struct unused *u, struct zync_err *err)
{
	struct unused_group **page = ZYNC_NEW_ARRAY(u->run->arena, struct unused_group *, UNUSED_PAGE);
	size_t count = 0;

	if (page == NULL)
		return zync_err_nomem(err, "looking for unused host groups");
	for (size_t i = 0; i < u->len; i++) {
		if (u->items[i].fate == UNUSED_DELETE)
			page[count++] = &u->items[i];
		if (count == UNUSED_PAGE || (count > 0 && i + 1 == u->len)) {
			ZYNC_TRY(zync_run_progress(u->run, "look", i + 1, u->len, err));
			ZYNC_TRY(unused_look_page(u, page, count, err));
			count = 0;
		}
	}
	return ZYNC_OK;
}

/* Whatever else is on the server, and is not going to be deleted, keeps the groups above it. */
static enum zync_status unused_find_needed(struct unused *u, struct zync_err *err)
{
	struct zync_idmap *going = zync_idmap_new(u->run->arena);
	struct zync_zabbix_name name;
	size_t pos = 0;

	u->needed = zync_map_new(u->run->arena);
	if (going == NULL || u->needed == NULL)
		return zync_err_nomem(err, "looking for unused host groups");
	for (size_t i = 0; i < u->len; i++) {
		if (u->items[i].fate == UNUSED_DELETE)
			ZYNC_TRY(zync_idmap_put(going, u->items[i].row->groupid, u, err));
	}
	while (zync_zabbix_catalogue_next(u->zabbix, ZYNC_ZABBIX_GROUP, &pos, &name)) {
		if (zync_idmap_get(going, name.id) == NULL)
			ZYNC_TRY(unused_put_parents(u, u->needed, name.name, name.name, err));
	}
	return ZYNC_OK;
}

static enum zync_status unused_keep(struct unused *u, struct unused_group *group, const char *reason, struct zync_err *err)
{
	unused_decide(group, UNUSED_KEEP, reason);
	return reason == NULL ? zync_err_nomem(err, "looking for unused host groups")
			      : unused_put_parents(u, u->needed, group->row->name, group->row->name, err);
}

/* ---- deleting ---- */

/* A run that is at work may be about to put a host into a group that is empty now. */
static enum zync_status unused_is_busy(struct unused *u, bool *ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_job_filter filter = {.status = "running"};
	struct zync_job *jobs = NULL;
	size_t count = 0;

	if (arena == NULL)
		return zync_err_nomem(err, "looking for other jobs");
	ZYNC_TRY(zync_store_jobs_interrupt(u->run->app->store, zync_clock_now_ms(), NULL, err));
	ZYNC_TRY(zync_store_jobs(u->run->app->store, &filter, arena, &jobs, &count, err));
	*ret = false;
	for (size_t i = 0; i < count; i++) {
		const struct zync_job_type *type = NULL;
		struct zync_err unknown;

		if (zync_str_eq(jobs[i].name, unused_type()->name))
			continue;
		*ret = *ret || zync_job_type_find(jobs[i].name, &type, &unknown) != ZYNC_OK || type->writes_zabbix;
	}
	return ZYNC_OK;
}

static enum zync_status unused_wait(struct unused *u, struct zync_err *err)
{
	for (;;) {
		bool busy = false;

		ZYNC_TRY(zync_run_progress(u->run, "wait", 0, 0, err));
		ZYNC_TRY(unused_is_busy(u, &busy, err));
		if (!busy)
			return ZYNC_OK;
		(void)zync_clock_sleep_ms(UNUSED_WAIT_MS);
	}
}

/* What is not there any more was deleted; the rest was not empty any more at the last look. */
static enum zync_status unused_deleted(struct unused *u, struct unused_group *const *some, size_t count, struct zync_err *err)
{
	struct zync_remembered_group *gone = ZYNC_NEW_ARRAY(u->run->arena, struct zync_remembered_group, count);
	size_t deleted = 0;

	if (gone == NULL)
		return zync_err_nomem(err, "deleting host groups");
	for (size_t i = 0; i < count; i++) {
		if (zync_zabbix_name_of_id(u->zabbix, ZYNC_ZABBIX_GROUP, some[i]->row->groupid) != NULL) {
			ZYNC_TRY(unused_keep(u, some[i], "somebody has put a host into it just now", err));
			continue;
		}
		gone[deleted++] = (struct zync_remembered_group){.server = some[i]->row->server, .name = some[i]->row->name};
		zync_log_info("Deleted host group \"%s\" (groupid %llu) on \"%s\"", some[i]->row->name,
			      (unsigned long long)some[i]->row->groupid, some[i]->row->server);
	}
	return zync_store_made_groups_decided(u->run->app->store, gone, deleted, err);
}

/* All at once; when Zabbix refuses that, one by one. */
static enum zync_status unused_delete(struct unused *u, struct unused_group *const *some, size_t count, struct zync_err *err)
{
	uint64_t *ids = ZYNC_NEW_ARRAY(u->run->arena, uint64_t, count);
	struct zync_err problem;
	enum zync_status status;
	size_t deleted = 0;

	if (ids == NULL)
		return zync_err_nomem(err, "deleting host groups");
	ZYNC_TRY(zync_run_progress(u->run, "delete", 0, u->len, err));
	for (size_t i = 0; i < count; i++)
		ids[i] = some[i]->row->groupid;
	status = zync_zabbix_delete_empty_groups(u->zabbix, ids, count, &deleted, &problem);
	if (status == ZYNC_OK)
		return unused_deleted(u, some, count, err);
	if (status != ZYNC_ERR_REJECTED) {
		zync_err_copy(err, &problem);
		return status;
	}
	if (count == 1)
		return unused_keep(u, some[0], zync_arena_strdup(u->run->arena, problem.message), err);
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(unused_delete(u, &some[i], 1, err));
	return ZYNC_OK;
}

/* The groups of one depth; those above a group that stays, stay. */
static enum zync_status unused_level(struct unused *u, unsigned depth, struct zync_err *err)
{
	struct unused_group **some = ZYNC_NEW_ARRAY(u->run->arena, struct unused_group *, u->len);
	size_t count = 0;

	if (some == NULL)
		return zync_err_nomem(err, "deleting host groups");
	for (size_t i = 0; i < u->len; i++) {
		struct unused_group *group = &u->items[i];
		const char *above;

		if (group->fate != UNUSED_DELETE || group->depth != depth)
			continue;
		above = zync_map_get(u->needed, group->row->name);
		if (above != NULL)
			unused_decide(group, UNUSED_KEEP, zync_arena_printf(u->run->arena, "it is above \"%s\", which stays", above));
		else
			some[count++] = group;
	}
	return count == 0 || u->dry ? ZYNC_OK : unused_delete(u, some, count, err);
}

static unsigned unused_depth(const char *name)
{
	unsigned depth = 0;

	for (const char *p = name; *p != '\0'; p++)
		depth += *p == '/' ? 1 : 0;
	return depth;
}

static enum zync_status unused_forget(struct unused *u, struct zync_err *err)
{
	struct zync_remembered_group *gone = ZYNC_NEW_ARRAY(u->run->arena, struct zync_remembered_group, u->len);
	size_t count = 0;

	if (gone == NULL)
		return zync_err_nomem(err, "looking for unused host groups");
	for (size_t i = 0; i < u->len; i++) {
		if (u->items[i].fate == UNUSED_FORGET)
			gone[count++] = (struct zync_remembered_group){.server = u->items[i].row->server, .name = u->items[i].row->name};
	}
	return u->dry ? ZYNC_OK : zync_store_made_groups_decided(u->run->app->store, gone, count, err);
}

static enum zync_status unused_open(struct unused *u, const char *name, struct zync_err *err)
{
	const struct zync_cfg_zabbix *server = zync_config_zabbix(u->run->app->config, name);
	bool opened_before = u->run->app->zabbix[server - u->run->app->config->zabbix.items] != NULL;

	ZYNC_TRY(zync_app_zabbix(u->run->app, name, &u->zabbix, err));
	return opened_before ? zync_zabbix_renew_catalogue(u->zabbix, err) : ZYNC_OK;
}

static enum zync_status unused_on_server(struct unused *u, const char *name, struct zync_err *err)
{
	struct zync_zabbix_access access = {0};
	unsigned deepest = 0;

	if (zync_config_zabbix(u->run->app->config, name) == NULL) {
		unused_keep_all(u, "the configuration has no Zabbix server of that name (any more)");
		return ZYNC_OK;
	}
	if (!u->dry)
		ZYNC_TRY(unused_wait(u, err));
	ZYNC_TRY(unused_open(u, name, err));
	ZYNC_TRY(zync_zabbix_access(u->zabbix, u->run->arena, &access, err));
	if (!access.super_admin) {
		unused_keep_all(u, "only a super admin sees all that may need it, and the Zabbix user is none");
		return ZYNC_OK;
	}
	for (size_t i = 0; i < u->len; i++) {
		ZYNC_TRY(unused_identify(u, &u->items[i], err));
		deepest = ZYNC_MAX(deepest, u->items[i].depth);
	}
	ZYNC_TRY(unused_forget(u, err));
	ZYNC_TRY(unused_look(u, err));
	ZYNC_TRY(unused_find_needed(u, err));
	for (unsigned depth = deepest + 1; depth-- > 0;)
		ZYNC_TRY(unused_level(u, depth, err));
	return ZYNC_OK;
}

/* ---- the result ---- */

static void unused_report(struct unused *u, const char *server)
{
	static const char *const FATES[UNUSED_FATES] = {"delete", "keep", "forget"};
	static const char *const KEYS[UNUSED_FATES] = {"deleted", "kept", "forgotten"};
	struct zync_jb *b = u->run->json;
	struct zync_jnode *part = zync_jb_add_object(b, u->servers);
	uint64_t counts[UNUSED_FATES] = {0};

	for (size_t i = 0; i < u->len; i++) {
		const struct unused_group *group = &u->items[i];
		struct zync_jnode *node = zync_jb_add_object(b, u->groups);

		counts[group->fate]++;
		zync_jb_set_str(b, node, "server", server);
		zync_jb_set_str(b, node, "name", group->row->name);
		zync_jb_set_id(b, node, "groupid", group->row->groupid);
		zync_jb_set_str(b, node, "action", FATES[group->fate]);
		zync_jb_set_str(b, node, "reason", group->reason);
	}
	zync_jb_set_str(b, part, "name", server);
	for (unsigned fate = 0; fate < UNUSED_FATES; fate++) {
		zync_jb_set_u64(b, part, u->dry && fate == UNUSED_DELETE ? "would_delete" : KEYS[fate], counts[fate]);
		u->counts[fate] += counts[fate];
	}
}

static enum zync_status unused_data(struct unused *u, struct zync_err *err)
{
	struct zync_run *run = u->run;
	struct zync_jnode *data = zync_jb_object(run->json);
	unsigned long long total = u->counts[UNUSED_DELETE] + u->counts[UNUSED_KEEP] + u->counts[UNUSED_FORGET];

	run->summary.total = total;
	run->summary.updated = total;
	zync_run_set_message(run, zync_arena_printf(run->arena, "%s %llu of %llu host groups that Zync made: %llu stay, %llu %s forgotten.",
						    u->dry ? "Would delete" : "Deleted", (unsigned long long)u->counts[UNUSED_DELETE],
						    total, (unsigned long long)u->counts[UNUSED_KEEP],
						    (unsigned long long)u->counts[UNUSED_FORGET], u->dry ? "would be" : "are"));
	zync_jb_set_str(run->json, data, "job_id", run->job_id);
	zync_jb_set_str(run->json, data, "status", "completed");
	zync_jb_set_bool(run->json, data, "dry_run", u->dry);
	zync_jb_set_u64(run->json, data, "total", total);
	zync_jb_set_u64(run->json, data, "deleted", u->dry ? 0 : u->counts[UNUSED_DELETE]);
	zync_jb_set_u64(run->json, data, "kept", u->counts[UNUSED_KEEP]);
	zync_jb_set_u64(run->json, data, "forgotten", u->dry ? 0 : u->counts[UNUSED_FORGET]);
	zync_jb_set_str(run->json, data, "message", run->summary.message);
	zync_jb_set_node(run->json, data, "servers", u->servers);
	zync_jb_set_node(run->json, data, "groups", u->groups);
	return zync_jb_text(run->json, data, ZYNC_JSON_COMPACT, run->arena, &run->data, err);
}

static enum zync_status unused_server(struct unused *u, const struct zync_remembered_group *rows, size_t count, struct zync_err *err)
{
	u->items = ZYNC_NEW_ARRAY(u->run->arena, struct unused_group, count);
	if (u->items == NULL)
		return zync_err_nomem(err, "looking for unused host groups");
	u->len = count;
	for (size_t i = 0; i < count; i++)
		u->items[i] = (struct unused_group){.row = &rows[i], .depth = unused_depth(rows[i].name)};
	ZYNC_TRY(unused_on_server(u, rows[0].server, err));
	unused_report(u, rows[0].server);
	return ZYNC_OK;
}

static enum zync_status unused_body(struct zync_run *run, const struct zync_job_params *params, struct zync_err *err)
{
	struct unused u = {.run = run, .dry = params->dry_run, .servers = zync_jb_array(run->json), .groups = zync_jb_array(run->json)};
	struct zync_remembered_group *rows = NULL;
	size_t count = 0;

	ZYNC_TRY(zync_run_progress(run, "look", 0, 0, err));
	ZYNC_TRY(unused_configured(&u, err));
	ZYNC_TRY(zync_store_made_groups(run->app->store, run->arena, &rows, &count, err));
	for (size_t first = 0; first < count;) {
		size_t n = 1;

		while (first + n < count && zync_str_eq(rows[first + n].server, rows[first].server))
			n++;
		ZYNC_TRY(unused_server(&u, &rows[first], n, err));
		first += n;
	}
	return unused_data(&u, err);
}

const struct zync_job_type zync_job_delete_unused_host_groups = {
	.name = "delete-unused-host-groups",
	.summary = "Delete the host groups that Zync made in Zabbix and that nobody uses any more",
	.takes = ZYNC_TAKES_DRY_RUN,
	.writes_zabbix = true,
	.body = unused_body,
};
