/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict runs: what was written to Zabbix before the first host failed is put back, newest first. A created host is deleted, a changed one gets back the aspects that the run changed, as
 * they were; nothing else of it is touched. What cannot be put back (a host deleted for good, the former value of a secret macro that nobody knows) is said for each host.
 *
 * The row of a host in the undo table: {"op":"update","type","id","pk","name","server","hostid","aspects":N,"pre":{…},"sealed":{…},"written":{macro: digest}}
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"
#include "store/undo.h"

#define PUT_BACK_PAGE ((size_t)100)

/* ---- remembering ---- */

static enum zync_status note_pre(struct zync_run *run, const struct zync_item *item, struct zync_jb *b, struct zync_jnode *row,
				 struct zync_err *err)
{
	struct zync_jnode *sealed = NULL;

	if (item->actual == NULL)
		return ZYNC_OK;
	zync_jb_set_node(b, row, "pre", zync_host_to_json(b, item->actual, ZYNC_HOST_JSON_ACTUAL));
	ZYNC_TRY(zync_host_seal_secrets(item->actual, run->app->keyring, b, &sealed, err));
	zync_jb_set_node(b, row, "sealed", sealed);
	zync_jb_set_node(b, row, "written", zync_host_secret_macros_to_json(b, &item->op.target));
	return ZYNC_OK;
}

enum zync_status zync_put_back_note(struct zync_run *run, const struct zync_item *item, struct zync_err *err)
{
	ZYNC_AUTO_ARENA scratch = NULL;
	struct zync_undo undo = {.server = item->work.server};
	bool hard = item->op.kind == ZYNC_OP_DELETE && item->op.hard;
	struct zync_jnode *row;
	struct zync_jb *b;

	if (!run->strict)
		return ZYNC_OK;
	scratch = zync_arena_new(0);
	b = scratch == NULL ? NULL : zync_jb_new(scratch);
	if (b == NULL)
		return zync_err_nomem(err, "remembering a host");
	row = zync_jb_object(b);
	zync_jb_set_str(b, row, "op", hard ? "delete-hard" : zync_op_kind_name(item->op.kind));
	zync_jb_set_str(b, row, "type", item->work.object_type);
	zync_jb_set_u64(b, row, "id", item->work.object_id);
	zync_jb_set_u64(b, row, "pk", item->work.pk);
	zync_jb_set_str(b, row, "name", item->work.name);
	zync_jb_set_u64(b, row, "hostid", item->hostid);
	zync_jb_set_u64(b, row, "aspects", item->op.diff.aspects);
	ZYNC_TRY(note_pre(run, item, b, row, err));
	ZYNC_TRY(zync_jb_text(b, row, ZYNC_JSON_COMPACT, scratch, &undo.data, err));
	return zync_store_undo_add(run->app->store, &undo, err);
}

/* ---- one host ---- */

/* A host that is to be put back, as an item of its own, and what of it is lost. */
struct back {
	struct zync_item item;
	bool created, hard;
	unsigned aspects;
	const struct zync_jval *row;
	bool drop_mark;
	const char *lost;  /* what cannot be put back though the rest can; NULL: nothing */
	const char *error; /* why nothing of it was put back */
	bool settled;	   /* nothing is left to be done for it */
};

struct put_back {
	struct zync_run *run;
	struct zync_arena *arena; /* of a page */
	struct zync_zabbix *zabbix;
	struct back *hosts;
	size_t count;
	struct zync_zabbix_write *writes;
	struct back **written; /* of the writes */
	size_t write_count;
};

static enum zync_status back_read(struct put_back *p, const struct zync_undo *undo, struct back *ret, struct zync_err *err)
{
	const struct zync_jval *row = NULL;
	const char *op;
	uint64_t aspects = 0;

	ZYNC_TRY(zync_json_parse(p->arena, undo->data, strlen(undo->data), &row, err));
	op = zync_jval_get_str(row, "op");
	*ret = (struct back){.row = row, .created = zync_str_eq(op, "create"), .hard = zync_str_eq(op, "delete-hard")};
	ret->item.work.object_type = zync_jval_get_str(row, "type");
	ret->item.work.name = zync_jval_get_str(row, "name");
	ret->item.work.server = undo->server;
	(void)zync_jval_to_u64(zync_jval_get(row, "id"), &ret->item.work.object_id);
	(void)zync_jval_to_u64(zync_jval_get(row, "pk"), &ret->item.work.pk);
	(void)zync_jval_to_u64(zync_jval_get(row, "hostid"), &ret->item.hostid);
	(void)zync_jval_to_u64(zync_jval_get(row, "aspects"), &aspects);
	ret->aspects = (unsigned)aspects;
	if (ret->hard)
		ret->error = "it was deleted for good, with its history";
	return ZYNC_OK;
}

/* The texts of secrets that are known: those that Zabbix showed before the run, and those of the desired state that the store still has. */
static enum zync_status back_unseal(struct put_back *p, struct back *back, struct zync_host *pre, struct zync_err *err)
{
	struct zync_host_config_filter filter = {
		.name = zync_arena_printf(p->arena, "%s:%llu", back->item.work.object_type, (unsigned long long)back->item.work.object_id),
		.in_sync = -1,
		.with_state = true};
	const struct zync_keyring *ring = p->run->app->keyring;
	const struct zync_jval *stored = NULL;
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	if (filter.name == NULL)
		return zync_err_nomem(err, "putting a host back");
	ZYNC_TRY(zync_host_unseal_secrets(pre, zync_jval_get(back->row, "sealed"), ring, p->arena, err));
	ZYNC_TRY(zync_store_host_configs(p->run->app->store, &filter, p->arena, &configs, &count, err));
	if (count == 0 || configs[0].secrets == NULL)
		return ZYNC_OK;
	ZYNC_TRY(zync_json_parse(p->arena, configs[0].secrets, strlen(configs[0].secrets), &stored, err));
	return zync_host_unseal_secrets(pre, stored, ring, p->arena, err);
}

static const struct zync_macro *back_find_macro(const struct zync_host *host, const char *name)
{
	for (size_t i = 0; i < host->macros.len; i++) {
		if (zync_str_eq(host->macros.items[i].macro, name))
			return &host->macros.items[i];
	}
	return NULL;
}

/* A secret macro whose former text is not known: one that was not changed stays; one that was cannot be put back and stays as it is now, or away. */
static enum zync_status back_secret_macros(struct put_back *p, struct back *back, struct zync_host *pre, const struct zync_host *now,
					   struct zync_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < pre->macros.len; i++) {
		struct zync_macro *macro = &pre->macros.items[i];
		const struct zync_macro *current = back_find_macro(now, macro->macro);
		bool secret = macro->type == ZYNC_MACRO_SECRET && macro->value.plain == NULL;
		bool same = current != NULL && current->type == ZYNC_MACRO_SECRET && macro->value.digest != NULL &&
			    zync_str_eq(macro->value.digest, current->value.digest);

		if (secret && !same) {
			back->lost = zync_arena_printf(p->arena, "%s%sthe former value of the secret macro %s, which Zabbix does not show",
						       back->lost != NULL ? back->lost : "", back->lost != NULL ? ", " : "", macro->macro);
			if (back->lost == NULL)
				return zync_err_nomem(err, "putting a host back");
			if (current == NULL)
				continue;
			*macro = *current;
		}
		pre->macros.items[kept++] = *macro;
	}
	pre->macros.len = kept;
	return ZYNC_OK;
}

/* The aspects that the run changed become what they were; the others stay as they are now. */
static enum zync_status back_target(struct put_back *p, struct back *back, struct zync_host *now, struct zync_err *err)
{
	struct zync_host pre = {0};
	struct zync_op *op = &back->item.op;

	ZYNC_TRY(zync_host_from_json(zync_jval_get(back->row, "pre"), p->arena, &pre, err));
	ZYNC_TRY(back_unseal(p, back, &pre, err));
	zync_host_apply_pushed(now, zync_jval_get(back->row, "written"));
	ZYNC_TRY(zync_host_fill_digests(now, p->run->app->keyring, p->arena, err));
	if ((back->aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS)) != 0)
		ZYNC_TRY(back_secret_macros(p, back, &pre, now, err));
	pre.managed = back->aspects;
	ZYNC_TRY(zync_host_target(&pre, now, NULL, p->arena, &op->target, err));
	ZYNC_TRY(zync_host_diff(&op->target, now, p->arena, &op->diff, err));
	op->kind = ZYNC_OP_UPDATE;
	op->diff.aspects &= back->aspects;
	/* The mark came with the run's macros and goes with them. */
	back->drop_mark = pre.owner == NULL && now->owner != NULL && (back->aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS)) != 0;
	if (back->drop_mark)
		op->diff.aspects |= ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS);
	return ZYNC_OK;
}

static enum zync_status back_plan(struct put_back *p, struct back *back, struct zync_host *now, struct zync_err *err)
{
	const char *owner = zync_app_owner(p->run->app, back->item.work.object_type, back->item.work.object_id, p->arena);

	if (owner == NULL)
		return zync_err_nomem(err, "putting a host back");
	back->settled = back->error != NULL;
	if (back->settled)
		return ZYNC_OK;
	if (now == NULL) {
		if (!back->created)
			back->error = "it is not in Zabbix any more";
		back->settled = true;
		return ZYNC_OK;
	}
	back->item.actual = now;
	back->item.op.actual = now;
	if (!back->created) {
		ZYNC_TRY(back_target(p, back, now, err));
		back->settled = back->item.op.diff.aspects == 0;
		return ZYNC_OK;
	}
	if (!zync_str_eq(now->owner, owner)) {
		back->error = "it was created by this run, but does not carry its ownership mark any more";
		back->settled = true;
		return ZYNC_OK;
	}
	back->item.op.kind = ZYNC_OP_DELETE;
	back->item.op.hard = true;
	return ZYNC_OK;
}

/* ---- a page of hosts of one server ---- */

static enum zync_status page_read_now(struct put_back *p, struct zync_idmap *by_id, struct zync_err *err)
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

static void page_add_write(struct put_back *p, struct back *back)
{
	const struct zync_op *op = &back->item.op;

	p->writes[p->write_count] = (struct zync_zabbix_write){
		.kind = back->created ? ZYNC_ZABBIX_DELETE : ZYNC_ZABBIX_UPDATE,
		.label = back->item.work.name,
		.hostid = back->item.hostid,
		.target = back->created ? NULL : &op->target,
		.actual = back->item.actual,
		.aspects = op->diff.aspects,
		.drop_mark = back->drop_mark,
	};
	p->written[p->write_count++] = back;
}

static enum zync_status page_intend(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	struct put_back *p = ctx;
	struct zync_item **items = ZYNC_NEW_ARRAY(p->arena, struct zync_item *, count);
	const char *server = p->hosts[0].item.work.server;

	if (items == NULL)
		return zync_err_nomem(err, "putting hosts back");
	for (size_t i = 0; i < count; i++)
		items[i] = &p->written[writes[i] - p->writes]->item;
	return zync_journal_intend(p->run, server, writes[0]->kind == ZYNC_ZABBIX_DELETE ? "host.delete" : "host.update", items, count,
				   p->arena, err);
}

static enum zync_status page_written(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	struct put_back *p = ctx;

	for (size_t i = 0; i < count; i++) {
		struct back *back = p->written[writes[i] - p->writes];

		ZYNC_TRY(zync_journal_decided(p->run, &back->item, writes[i]->done ? NULL : writes[i]->err.message, err));
	}
	return zync_journal_flush(p->run, &p->written[writes[0] - p->writes]->item, err);
}

/* Names that one host gives back and another one gets back may need a second attempt, as long as an attempt does anything. */
static enum zync_status page_write(struct put_back *p, struct zync_err *err)
{
	struct zync_zabbix_observer observer = {.intend = page_intend, .written = page_written, .ctx = p};
	size_t done = 1;

	while (p->write_count > 0 && done > 0) {
		size_t left = 0;

		ZYNC_TRY(zync_zabbix_write(p->zabbix, p->writes, p->write_count, &observer, err));
		done = 0;
		for (size_t i = 0; i < p->write_count; i++) {
			if (p->writes[i].done) {
				done++;
				p->written[i]->error = NULL;
				p->written[i]->settled = true;
				continue;
			}
			p->written[i]->error = zync_arena_strdup(p->arena, p->writes[i].err.message);
			if (p->written[i]->error == NULL)
				return zync_err_nomem(err, "putting hosts back");
			p->writes[left] = p->writes[i];
			p->written[left++] = p->written[i];
		}
		p->write_count = left;
	}
	return ZYNC_OK;
}

static enum zync_status page_put_back(struct put_back *p, struct zync_err *err)
{
	struct zync_idmap *by_id = zync_idmap_new(p->arena);

	p->writes = ZYNC_NEW_ARRAY(p->arena, struct zync_zabbix_write, p->count);
	p->written = ZYNC_NEW_ARRAY(p->arena, struct back *, p->count);
	if (by_id == NULL || p->writes == NULL || p->written == NULL)
		return zync_err_nomem(err, "putting hosts back");
	ZYNC_TRY(zync_app_zabbix(p->run->app, p->hosts[0].item.work.server, &p->zabbix, err));
	ZYNC_TRY(page_read_now(p, by_id, err));
	for (size_t i = 0; i < p->count; i++) {
		struct back *back = &p->hosts[i];
		struct zync_err problem = {0};
		enum zync_status status = back_plan(p, back, zync_idmap_get(by_id, back->item.hostid), &problem);

		if (status == ZYNC_ERR_NOMEM) {
			zync_err_copy(err, &problem);
			return status;
		}
		if (status != ZYNC_OK) {
			back->error = zync_arena_strdup(p->arena, problem.message);
			if (back->error == NULL)
				return zync_err_nomem(err, "putting hosts back");
			back->settled = true;
		} else if (!back->settled) {
			page_add_write(p, back);
		}
	}
	return page_write(p, err);
}

/* ---- the report ---- */

static enum zync_status report_event(struct zync_run *run, const struct back *back, const char *problem, struct zync_err *err)
{
	const char *message = problem != NULL ? "Could not be put back" : back->created ? "Put back: deleted again" : "Put back as it was";
	struct zync_event event = {
		.time = zync_clock_now_ms(),
		.job_id = run->job_id,
		.name = back->item.work.name,
		.kind = "host",
		.action = "put-back",
		.state = problem != NULL ? "failed" : "completed",
		.host_config_pk = back->item.work.pk,
		.hostid = back->item.hostid,
		.message = message,
		.exception = problem,
		.user = run->user,
		.request_id = run->request_id,
	};

	if (run->app->config->sync.host_events == ZYNC_EVENT_HOSTS_OFF)
		return ZYNC_OK;
	return zync_store_work_add_event(run->app->store, &event, err);
}

static enum zync_status report_host(struct zync_run *run, const struct back *back, struct zync_arena *arena, struct zync_err *err)
{
	const char *problem = back->error;

	if (problem == NULL && back->lost != NULL) {
		problem = zync_arena_printf(arena, "all but %s", back->lost);
		if (problem == NULL)
			return zync_err_nomem(err, "putting hosts back");
	}
	ZYNC_TRY(report_event(run, back, problem, err));
	if (problem != NULL) {
		zync_log_error("Host %s (hostid %llu) could not be put back: %s", back->item.work.name,
			       (unsigned long long)back->item.hostid, problem);
		return zync_run_add_failure(run, &run->put_back.failed, &back->item.work, problem, err);
	}
	if (back->created)
		run->put_back.deleted++;
	else
		run->put_back.restored++;
	return ZYNC_OK;
}

/* Rows of one server from @p first on. When the page itself breaks off, each of its hosts that is still open gets the reason. */
static enum zync_status report_page(struct zync_run *run, const struct zync_undo *rows, size_t count, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct put_back p = {.run = run, .arena = arena, .count = count};
	struct zync_err problem = {0};
	enum zync_status status;

	if (arena == NULL)
		return zync_err_nomem(err, "putting hosts back");
	p.hosts = ZYNC_NEW_ARRAY(arena, struct back, count);
	if (p.hosts == NULL)
		return zync_err_nomem(err, "putting hosts back");
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(back_read(&p, &rows[i], &p.hosts[i], err));
	status = page_put_back(&p, &problem);
	for (size_t i = 0; i < count; i++) {
		if (status != ZYNC_OK && !p.hosts[i].settled && p.hosts[i].error == NULL)
			p.hosts[i].error = problem.message;
		ZYNC_TRY(report_host(run, &p.hosts[i], arena, err));
	}
	return ZYNC_OK;
}

static enum zync_status put_back_hosts(struct zync_run *run, struct zync_err *err)
{
	uint64_t before = UINT64_MAX;

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
			size_t n = 1;

			while (first + n < count && zync_str_eq(rows[first + n].server, rows[first].server))
				n++;
			ZYNC_TRY(report_page(run, &rows[first], n, err));
			first += n;
			ZYNC_TRY(zync_run_progress(run, "put-back",
						   run->put_back.restored + run->put_back.deleted + run->put_back.failed.len, 0, err));
		}
	}
}

/* Groups that the run made and that are empty again. One that somebody uses meanwhile stays. */
static enum zync_status put_back_groups(struct zync_run *run, struct zync_err *err)
{
	for (size_t k = 0; k < run->servers.len; k++) {
		const struct zync_server_state *server = run->servers.items[k];
		uint64_t *ids = ZYNC_NEW_ARRAY(run->arena, uint64_t, run->made_groups.len + 1);
		size_t count = 0;
		size_t deleted = 0;

		if (ids == NULL)
			return zync_err_nomem(err, "putting host groups back");
		for (size_t i = 0; i < run->made_groups.len; i++) {
			const struct zync_made_group *group = run->made_groups.items[i];

			if (zync_str_eq(group->server, server->name) && group->id != 0)
				ids[count++] = group->id;
		}
		ZYNC_TRY(zync_zabbix_delete_empty_groups(server->zabbix, ids, count, &deleted, err));
		run->put_back.groups += deleted;
	}
	return ZYNC_OK;
}

void zync_run_put_back(struct zync_run *run)
{
	struct zync_err err = {0};

	run->put_back.tried = true;
	if (put_back_hosts(run, &err) != ZYNC_OK)
		zync_log_error("Not everything was put back: %s", err.message);
	else if (put_back_groups(run, &err) != ZYNC_OK)
		zync_log_warning("Host groups that this job made were not deleted again: %s", err.message);
	zync_log_info("Put back: %llu hosts as they were, %llu created hosts deleted, %llu host groups deleted, %zu hosts not",
		      (unsigned long long)run->put_back.restored, (unsigned long long)run->put_back.deleted,
		      (unsigned long long)run->put_back.groups, run->put_back.failed.len);
}
