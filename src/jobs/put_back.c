/* SPDX-License-Identifier: Apache-2.0 */
/* Strict runs: what was written to Zabbix before the first host failed is put back, newest first. One host: put_back_host.c; what is told of it: put_back_report.c. */
#include "jobs/put_back.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define PUT_BACK_PAGE	 ((size_t)100)
#define PUT_BACK_POLL_MS 500
#define PUT_BACK_GIVE_UP 3u /* pages in a row that a server did not answer: then the others of it are not tried */

/* Hosts of one server, newest first. */
struct put_back {
	struct zync_run *run;
	const struct zync_undo *rows;
	struct zync_back *hosts;
	size_t count;
	struct zync_arena *arena; /* of the last look at the hosts, and of what is written then */
	struct zync_zabbix *zabbix;
	struct zync_zabbix_write *writes;
	struct zync_back **written; /* of the writes */
	size_t write_count;
};

/* ---- looking ---- */

/* The hosts whose creation got no answer are looked for by their mark. */
static enum zync_status look_for_created(struct put_back *p, struct zync_err *err)
{
	const char **owners = ZYNC_NEW_ARRAY(p->arena, const char *, p->count);
	struct zync_map *by_owner = zync_map_new(p->arena);
	struct zync_zabbix_mark *marks = NULL;
	size_t count = 0;
	size_t mark_count = 0;

	if (owners == NULL || by_owner == NULL)
		return zync_err_nomem(err, "putting hosts back");
	for (size_t i = 0; i < p->count; i++) {
		struct zync_back *back = &p->hosts[i];

		if (back->item.hostid != 0 || back->state != ZYNC_UNDO_SENT)
			continue;
		owners[count++] = back->owner;
		ZYNC_TRY(zync_map_put(by_owner, back->owner, back, err));
	}
	if (count == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_zabbix_find_marks(p->zabbix, owners, count, p->arena, &marks, &mark_count, err));
	for (size_t i = 0; i < mark_count; i++) {
		struct zync_back *back = zync_map_get(by_owner, marks[i].owner);

		if (back == NULL)
			continue;
		if (back->item.hostid != 0)
			back->error = "two hosts in Zabbix carry its ownership mark, so it is not known which of them this run created";
		back->item.hostid = marks[i].hostid;
	}
	return ZYNC_OK;
}

static enum zync_status look_at_hosts(struct put_back *p, struct zync_idmap *by_id, struct zync_err *err)
{
	uint64_t *ids = ZYNC_NEW_ARRAY(p->arena, uint64_t, p->count);
	struct zync_zabbix_hosts hosts = {0};
	size_t count = 0;

	if (ids == NULL)
		return zync_err_nomem(err, "putting hosts back");
	for (size_t i = 0; i < p->count; i++) {
		if (p->hosts[i].item.hostid != 0)
			ids[count++] = p->hosts[i].item.hostid;
	}
	if (count > 0)
		ZYNC_TRY(zync_zabbix_get_hosts(p->zabbix, ids, count, p->arena, &hosts, err));
	for (size_t i = 0; i < hosts.len; i++)
		ZYNC_TRY(zync_idmap_put(by_id, hosts.items[i].hostid, &hosts.items[i], err));
	return ZYNC_OK;
}

/* What cannot be worked out for one host is said of that host; only without memory nothing can be done. */
static enum zync_status look_plan(struct put_back *p, struct zync_back *back, struct zync_host *now, struct zync_err *err)
{
	struct zync_err problem = {0};
	enum zync_status status;

	if (back->error != NULL) {
		back->settled = true;
		return ZYNC_OK;
	}
	status = zync_back_plan(p->run, back, now, p->arena, &problem);
	if (status == ZYNC_OK)
		return ZYNC_OK;
	back->settled = true;
	back->error = zync_arena_strdup(p->arena, problem.message);
	if (status == ZYNC_ERR_NOMEM || back->error == NULL)
		return zync_err_nomem(err, "putting hosts back");
	return ZYNC_OK;
}

static enum zync_status look_once(struct put_back *p, struct zync_err *err)
{
	struct zync_idmap *by_id = zync_idmap_new(p->arena);

	if (by_id == NULL)
		return zync_err_nomem(err, "putting hosts back");
	for (size_t i = 0; i < p->count; i++)
		ZYNC_TRY(zync_back_read(p->run, &p->rows[i], p->arena, &p->hosts[i], err));
	ZYNC_TRY(zync_app_zabbix(p->run->app, p->rows[0].server, &p->zabbix, err));
	ZYNC_TRY(look_for_created(p, err));
	ZYNC_TRY(look_at_hosts(p, by_id, err));
	for (size_t i = 0; i < p->count; i++)
		ZYNC_TRY(look_plan(p, &p->hosts[i], zync_idmap_get(by_id, p->hosts[i].item.hostid), err));
	return ZYNC_OK;
}

/* May a call that got no answer, and of which nothing is seen yet, still be at work? As in recover.c. */
static bool look_is_young(const struct put_back *p)
{
	const struct zync_cfg_zabbix *server = zync_config_zabbix(p->run->app->config, p->rows[0].server);
	int64_t settle = ZYNC_MIN(server->timeout_ms, ZYNC_SETTLE_MS);
	int64_t now = zync_clock_now_ms();

	for (size_t i = 0; i < p->count; i++) {
		const struct zync_back *back = &p->hosts[i];

		if (back->state == ZYNC_UNDO_SENT && !back->seen && now >= back->time && now - back->time < settle)
			return true;
	}
	return false;
}

static enum zync_status page_look(struct put_back *p, struct zync_err *err)
{
	for (;;) {
		ZYNC_TRY(look_once(p, err));
		if (!look_is_young(p))
			return ZYNC_OK;
		(void)zync_clock_sleep_ms(PUT_BACK_POLL_MS);
		zync_arena_clear(p->arena);
	}
}

/* ---- writing ---- */

static enum zync_status page_add_writes(struct put_back *p, struct zync_err *err)
{
	p->writes = ZYNC_NEW_ARRAY(p->arena, struct zync_zabbix_write, p->count);
	p->written = ZYNC_NEW_ARRAY(p->arena, struct zync_back *, p->count);
	if (p->writes == NULL || p->written == NULL)
		return zync_err_nomem(err, "putting hosts back");
	for (size_t i = 0; i < p->count; i++) {
		struct zync_back *back = &p->hosts[i];
		const struct zync_op *op = &back->item.op;

		if (back->settled)
			continue;
		back->item.puts_back = back->lost == NULL;
		p->writes[p->write_count] = (struct zync_zabbix_write){
			.kind = op->hard ? ZYNC_ZABBIX_DELETE : ZYNC_ZABBIX_UPDATE,
			.label = back->item.work.name,
			.hostid = back->item.hostid,
			.target = op->hard ? NULL : &op->target,
			.actual = back->item.actual,
			.aspects = op->diff.aspects,
			.drop_mark = back->drop_mark,
		};
		p->written[p->write_count++] = back;
	}
	return ZYNC_OK;
}

/*
 * The journal tells a later run where to look. It need not be there for these calls: the entries of the calls that they put back lead to the same hosts. So what keeps the store from being
 * written to (a full disk, which may be why the run failed) does not keep hosts from being put back.
 */
static enum zync_status page_intend(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	struct put_back *p = ctx;
	struct zync_item **items = ZYNC_NEW_ARRAY(p->arena, struct zync_item *, count);
	const char *method = zync_zabbix_write_method(writes[0]->kind);
	struct zync_err problem = {0};

	if (items == NULL)
		return zync_err_nomem(err, "putting hosts back");
	for (size_t i = 0; i < count; i++)
		items[i] = &p->written[writes[i] - p->writes]->item;
	if (zync_journal_intend(p->run, p->rows[0].server, method, items, count, p->arena, &problem) == ZYNC_OK)
		return ZYNC_OK;
	for (size_t i = 0; i < count; i++)
		items[i]->call = NULL;
	zync_log_warning("Hosts are put back without an entry in the journal: %s", problem.message);
	return ZYNC_OK;
}

static enum zync_status page_written(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	struct put_back *p = ctx;
	struct zync_err problem = {0};

	for (size_t i = 0; i < count; i++) {
		struct zync_back *back = p->written[writes[i] - p->writes];

		ZYNC_TRY(zync_journal_decided(p->run, &back->item, writes[i]->done ? NULL : writes[i]->err.message, err));
	}
	if (zync_journal_flush(p->run, &p->written[writes[0] - p->writes]->item, &problem) != ZYNC_OK)
		zync_log_warning("The outcome of putting hosts back is not in the journal: %s", problem.message);
	return ZYNC_OK;
}

/* Take what one attempt came to; the writes that are left are those that were refused. *ret_done: how many were written. */
static enum zync_status page_outcomes(struct put_back *p, size_t *ret_done, struct zync_err *err)
{
	size_t left = 0;

	*ret_done = 0;
	for (size_t i = 0; i < p->write_count; i++) {
		struct zync_back *back = p->written[i];

		if (p->writes[i].done) {
			(*ret_done)++;
			back->error = NULL;
			back->settled = true;
			continue;
		}
		back->error = NULL; /* nobody knows: the reason why the attempt broke off */
		if (p->writes[i].err.status != ZYNC_OK) {
			back->error = zync_arena_strdup(p->arena, p->writes[i].err.message);
			if (back->error == NULL)
				return zync_err_nomem(err, "putting hosts back");
		}
		p->writes[left] = p->writes[i];
		p->written[left++] = back;
	}
	p->write_count = left;
	return ZYNC_OK;
}

/* Names that one host gives back and another one gets back may need a second attempt, as long as an attempt does anything. */
static enum zync_status page_write(struct put_back *p, struct zync_err *err)
{
	struct zync_zabbix_observer observer = {.intend = page_intend, .written = page_written, .ctx = p};
	size_t done = 1;

	ZYNC_TRY(page_add_writes(p, err));
	while (p->write_count > 0 && done > 0) {
		enum zync_status status = zync_zabbix_write(p->zabbix, p->writes, p->write_count, &observer, err);
		struct zync_err later;

		if (page_outcomes(p, &done, status == ZYNC_OK ? err : &later) != ZYNC_OK && status == ZYNC_OK)
			return ZYNC_ERR_NOMEM;
		ZYNC_TRY(status);
	}
	return ZYNC_OK;
}

/* ---- a page ---- */

/* Those of a page that broke off before anything was known of them. */
static enum zync_status report_unread(struct put_back *p, const char *reason, struct zync_err *err)
{
	for (size_t i = 0; i < p->count; i++) {
		struct zync_back *back = &p->hosts[i];

		ZYNC_TRY(zync_back_read(p->run, &p->rows[i], p->arena, back, err));
		back->error = reason;
		back->nothing = back->state == ZYNC_UNDO_REFUSED && back->aspects == 0;
		if (back->nothing)
			back->error = NULL;
		else if (back->hard && back->state == ZYNC_UNDO_WRITTEN)
			back->error = "it was deleted for good, with its history";
		ZYNC_TRY(zync_back_report(p->run, back, p->arena, err));
	}
	return ZYNC_OK;
}

/* Rows of one server. When the page itself breaks off, each of its hosts that is still open gets the reason. *ret_gone: the server did not answer. */
static enum zync_status page_put_back(struct zync_run *run, const struct zync_undo *rows, size_t count, const char *given_up,
				      bool *ret_gone, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	ZYNC_AUTO_ARENA own = zync_arena_new(0);
	struct put_back p = {.run = run, .rows = rows, .count = count, .arena = arena};
	struct zync_err problem = {0};
	enum zync_status status;

	*ret_gone = given_up != NULL;
	p.hosts = own == NULL ? NULL : ZYNC_NEW_ARRAY(own, struct zync_back, count);
	if (arena == NULL || p.hosts == NULL)
		return zync_err_nomem(err, "putting hosts back");
	if (given_up != NULL)
		return report_unread(&p, given_up, err);
	status = page_look(&p, &problem);
	*ret_gone = status == ZYNC_ERR_UNREACHABLE;
	if (status != ZYNC_OK)
		return report_unread(&p, problem.message, err);
	status = page_write(&p, &problem);
	*ret_gone = status == ZYNC_ERR_UNREACHABLE;
	for (size_t i = 0; i < count; i++) {
		if (status != ZYNC_OK && !p.hosts[i].settled && p.hosts[i].error == NULL)
			p.hosts[i].error = problem.message;
		ZYNC_TRY(zync_back_report(run, &p.hosts[i], arena, err));
	}
	return ZYNC_OK;
}

/* ---- all of it ---- */

/* A server that does not answer; pages of several servers may alternate. */
struct silent {
	const char *server;
	unsigned pages; /* in a row */
};

static const char *silent_reason(const struct silent *silent, const char *server)
{
	if (silent->pages < PUT_BACK_GIVE_UP || !zync_str_eq(silent->server, server))
		return NULL;
	return "its Zabbix server did not answer when the hosts before it were to be put back";
}

static enum zync_status silent_note(struct zync_run *run, struct silent *silent, const char *server, bool gone, struct zync_err *err)
{
	if (!gone || !zync_str_eq(silent->server, server))
		silent->pages = 0;
	if (gone)
		silent->pages++;
	if (!zync_str_eq(silent->server, server))
		silent->server = zync_arena_strdup(run->arena, server);
	return silent->server == NULL ? zync_err_nomem(err, "putting hosts back") : ZYNC_OK;
}

static void put_back_tell(struct zync_run *run, uint64_t total)
{
	struct zync_err ignored;
	uint64_t done = run->put_back.restored + run->put_back.deleted + run->put_back.failed.len;

	if (zync_run_progress(run, "put-back", ZYNC_MIN(done, total), total, &ignored) != ZYNC_OK)
		return; /* nobody sees it; the work goes on */
}

static enum zync_status put_back_hosts(struct zync_run *run, uint64_t total, struct zync_err *err)
{
	uint64_t before = UINT64_MAX;
	struct silent silent = {0};

	for (;;) {
		ZYNC_AUTO_ARENA arena = zync_arena_new(0);
		struct zync_undo *rows = NULL;
		size_t count = 0;

		if (arena == NULL)
			return zync_err_nomem(err, "putting hosts back");
		ZYNC_TRY(zync_store_undo_page(run->app->store, before, PUT_BACK_PAGE, arena, &rows, &count, err));
		if (count == 0)
			return ZYNC_OK;
		before = rows[count - 1].seq;
		for (size_t first = 0; first < count;) {
			const char *server = rows[first].server;
			bool gone = false;
			size_t n = 1;

			while (first + n < count && zync_str_eq(rows[first + n].server, server))
				n++;
			put_back_tell(run, total);
			ZYNC_TRY(page_put_back(run, &rows[first], n, silent_reason(&silent, server), &gone, err));
			ZYNC_TRY(silent_note(run, &silent, server, gone, err));
			first += n;
		}
	}
}

/* All at once; when Zabbix refuses that, one by one, so that a group that something else needs keeps none of the others. */
static enum zync_status groups_delete(struct zync_run *run, struct zync_zabbix *zabbix, const uint64_t *ids, size_t count,
				      struct zync_err *err)
{
	struct zync_err problem = {0};
	size_t deleted = 0;
	enum zync_status status = zync_zabbix_delete_empty_groups(zabbix, ids, count, &deleted, &problem);

	run->put_back.groups += deleted;
	if (status == ZYNC_ERR_REJECTED && count > 1) {
		for (size_t i = 0; i < count; i++)
			ZYNC_TRY(groups_delete(run, zabbix, &ids[i], 1, err));
		return ZYNC_OK;
	}
	if (status == ZYNC_ERR_REJECTED) {
		zync_log_warning("A host group that this job made was not deleted again: %s", problem.message);
		return ZYNC_OK;
	}
	if (status != ZYNC_OK)
		zync_err_copy(err, &problem);
	return status;
}

static void groups_add(uint64_t *ids, size_t *count, uint64_t id)
{
	for (size_t i = 0; i < *count; i++) {
		if (ids[i] == id)
			return; /* tried twice, since the first call got no answer */
	}
	ids[(*count)++] = id;
}

/* Groups that the run made on a server and that are empty again. One that somebody uses meanwhile stays. */
static enum zync_status groups_of_server(struct zync_run *run, const char *name, struct zync_zabbix *zabbix, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	uint64_t *ids = arena == NULL ? NULL : ZYNC_NEW_ARRAY(arena, uint64_t, run->made_groups.len);
	bool renewed = false;
	size_t count = 0;

	if (ids == NULL)
		return zync_err_nomem(err, "putting host groups back");
	for (size_t i = 0; i < run->made_groups.len; i++) {
		struct zync_made_group *group = run->made_groups.items[i];

		if (!zync_str_eq(group->server, name))
			continue;
		/* Its creation got no answer: Zabbix says whether it is there. */
		if (group->id == 0 && !renewed) {
			ZYNC_TRY(zync_zabbix_renew_catalogue(zabbix, err));
			renewed = true;
		}
		if (group->id == 0)
			group->id = zync_zabbix_lookup(zabbix, ZYNC_ZABBIX_GROUP, group->name);
		if (group->id != 0)
			groups_add(ids, &count, group->id);
	}
	if (count > 0)
		ZYNC_TRY(groups_delete(run, zabbix, ids, count, err));
	return zync_made_groups_forget_gone(run, name, zabbix, err);
}

static void put_back_groups(struct zync_run *run)
{
	for (size_t i = 0; run->made_groups.len > 0 && i < run->servers.len; i++) {
		const struct zync_server_state *server = run->servers.items[i];
		struct zync_err err = {0};

		if (groups_of_server(run, server->name, server->zabbix, &err) != ZYNC_OK)
			zync_log_warning("Host groups that this job made on the Zabbix server \"%s\" were not deleted again: %s",
					 server->name, err.message);
	}
}

void zync_run_put_back(struct zync_run *run)
{
	struct zync_err err = {0};
	uint64_t total = 0;
	bool counted = zync_store_undo_count(run->app->store, &total, &err) == ZYNC_OK;

	run->put_back.tried = !counted || total > 0 || run->made_groups.len > 0;
	if (!run->put_back.tried)
		return;
	if (!counted || put_back_hosts(run, total, &err) != ZYNC_OK) {
		run->put_back.broke_off = zync_arena_strdup(run->arena, err.message);
		zync_log_error("Not everything was put back: %s", err.message);
	}
	put_back_groups(run);
	zync_log_info(
		"Put back in Zabbix: %llu hosts as they were, %llu created hosts deleted, %llu created host groups deleted, %zu hosts not",
		(unsigned long long)run->put_back.restored, (unsigned long long)run->put_back.deleted,
		(unsigned long long)run->put_back.groups, run->put_back.failed.len);
}
