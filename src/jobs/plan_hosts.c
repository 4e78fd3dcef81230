/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of a whole run, page by page, and the job behind `zync plan`. */
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "jobs/jobs.h"
#include "jobs/run.h"
#include "store/guard.h"

/* Planned pages are kept until they are written, up to this many bytes; a larger plan is read again page by page when its turn comes. */
#define HELD_BYTES_MAX ((size_t)64 * 1024 * 1024)

static bool op_writes(const struct zync_op *op)
{
	return op->kind == ZYNC_OP_CREATE || op->kind == ZYNC_OP_UPDATE || op->kind == ZYNC_OP_DISABLE || op->kind == ZYNC_OP_DELETE;
}

static bool op_counts(const struct zync_op *op)
{
	return op_writes(op) || op->kind == ZYNC_OP_NONE || op->kind == ZYNC_OP_FAIL;
}

static enum zync_status plan_list_operation(struct zync_run *run, const struct zync_item *item, struct zync_err *err)
{
	const struct zync_jval *origins = NULL;

	if (run->operations == NULL || item->op.kind == ZYNC_OP_NONE || item->op.kind == ZYNC_OP_DONE || item->op.kind == ZYNC_OP_FORGET)
		return ZYNC_OK;
	if (item->work.origins != NULL)
		ZYNC_TRY(zync_json_parse(run->arena, item->work.origins, strlen(item->work.origins), &origins, err));
	zync_jb_add_node(run->json, run->operations, zync_op_to_json(run->json, &item->input, item->work.server, &item->op, origins));
	return ZYNC_OK;
}

/* Count a page; *ret_keep: something of it is to be written or reported as failed, so it has its turn in the apply phase. */
static enum zync_status plan_count_page(struct zync_run *run, struct zync_page *page, bool *ret_keep, struct zync_err *err)
{
	*ret_keep = false;
	for (size_t i = 0; i < page->len; i++) {
		const struct zync_item *item = &page->items[i];

		zync_plan_count(&run->plan, &item->op);
		if (op_counts(&item->op))
			run->summary.total++;
		ZYNC_TRY(plan_list_operation(run, item, err));
		if (op_writes(&item->op) || item->op.kind == ZYNC_OP_FAIL)
			*ret_keep = true;
	}
	return ZYNC_OK;
}

/* What is going to be written is guarded before that. */
static enum zync_status plan_want_writes(struct zync_run *run, const struct zync_page *page, struct zync_err *err)
{
	for (size_t i = 0; i < page->len; i++) {
		if (op_writes(&page->items[i].op))
			ZYNC_TRY(zync_store_work_want(run->app->store, page->items[i].work.seq, err));
	}
	return ZYNC_OK;
}

static enum zync_status plan_record_quiet(struct zync_run *run, struct zync_page *page, struct zync_err *err)
{
	for (size_t i = 0; i < page->len; i++)
		ZYNC_TRY(zync_record_item(run, &page->items[i], NULL, err));
	return ZYNC_OK;
}

static enum zync_status plan_comparison_failed(struct zync_run *run, const struct zync_item *item, struct zync_err *err)
{
	if (run->dry) /* a single host: its caller tells it */
		return ZYNC_OK;
	zync_log_warning("Failed to compare host %s (pk=%llu): %s", item->work.name, (unsigned long long)item->work.pk, item->op.reason);
	return zync_run_add_failure(run, &run->failures, &item->work, item->op.reason, err);
}

/* update_sync_status(): what the comparison said, nothing else. */
static enum zync_status plan_record_comparison(struct zync_run *run, const struct zync_page *page, struct zync_err *err)
{
	for (size_t i = 0; i < page->len; i++) {
		const struct zync_item *item = &page->items[i];
		bool same = item->op.kind == ZYNC_OP_NONE || item->op.kind == ZYNC_OP_DONE || item->op.kind == ZYNC_OP_FORGET;
		struct zync_work_result result = {
			.outcome = same ? ZYNC_WORK_FOUND_SAME : ZYNC_WORK_FOUND_DIFFERENT,
			.hostid = item->work.hostid,
			.error = item->op.kind == ZYNC_OP_FAIL ? item->op.reason : NULL,
			.checked = page->read_at,
			.digest = item->work.digest,
		};

		ZYNC_TRY(zync_store_work_set_result(run->app->store, item->work.seq, &result, err));
		if (item->op.kind == ZYNC_OP_FAIL)
			ZYNC_TRY(plan_comparison_failed(run, item, err));
	}
	return ZYNC_OK;
}

/* Keep the page for the apply phase, in memory or as a position only; or be done with it. */
static enum zync_status plan_dispose_page(struct zync_run *run, const struct zync_page *page, bool keep, struct zync_err *err)
{
	struct zync_page held = *page;
	struct zync_page *kept;
	enum zync_status status = ZYNC_OK;

	if (run->compare_only || run->dry || !keep) {
		if (run->compare_only)
			status = plan_record_comparison(run, &held, err);
		else if (!run->dry)
			status = plan_record_quiet(run, &held, err);
		zync_page_drop(&held);
		return status;
	}
	status = plan_want_writes(run, &held, err);
	kept = ZYNC_NEW(run->arena, struct zync_page);
	if (kept == NULL || status != ZYNC_OK) {
		zync_page_drop(&held);
		return status != ZYNC_OK ? status : zync_err_nomem(err, "planning");
	}
	run->held_bytes += zync_arena_used(held.arena);
	if (run->held_bytes > HELD_BYTES_MAX) {
		run->held_bytes -= zync_arena_used(held.arena);
		held.limit = held.len; /* the same hosts again */
		zync_page_drop(&held);
	}
	*kept = held;
	status = zync_vec_push(&run->pages, kept, err);
	if (status != ZYNC_OK)
		zync_page_drop(kept);
	return status;
}

static enum zync_status plan_server(struct zync_run *run, const char *server, struct zync_err *err)
{
	const struct zync_cfg_zabbix *config = zync_config_zabbix(run->app->config, server);
	struct zync_page page = {.server = server, .after_rank = -1, .limit = config != NULL ? (size_t)config->read_page : 500};

	for (;;) {
		bool keep = false;
		size_t len;
		int last_rank;
		uint64_t last_seq;
		enum zync_status status;

		ZYNC_TRY(zync_page_prepare(run, &page, err));
		len = page.len;
		if (len == 0) {
			zync_page_drop(&page);
			return ZYNC_OK;
		}
		last_rank = page.items[len - 1].work.rank;
		last_seq = page.items[len - 1].work.seq;
		status = plan_count_page(run, &page, &keep, err);
		if (status != ZYNC_OK) {
			zync_page_drop(&page);
			return status;
		}
		ZYNC_TRY(plan_dispose_page(run, &page, keep, err));
		run->planned += len;
		ZYNC_TRY(zync_run_progress(run, "plan", run->planned, run->staged, err));
		page = (struct zync_page){.server = server, .after_rank = last_rank, .after_seq = last_seq, .limit = page.limit};
	}
}

/* A run that waited for another one plans anew; the results, events and wants of the former plan were forgotten with zync_store_work_refresh(). */
static void plan_reset(struct zync_run *run)
{
	for (size_t i = 0; i < run->pages.len; i++)
		zync_page_drop(run->pages.items[i]);
	run->pages.len = 0;
	run->servers.len = 0; /* marks and claims with them; the clients stay open */
	run->failures.len = 0;
	run->write_backs.len = 0;
	run->held_bytes = 0;
	run->planned = 0;
	run->done = 0;
	run->plan = (struct zync_plan_counts){0};
	run->summary.total = run->summary.updated = run->summary.failed = 0;
	run->summary.created = run->summary.changed = run->summary.unchanged = run->summary.deleted = run->summary.disabled = 0;
	run->summary.skipped = run->pull.skipped;
	if (run->operations != NULL)
		run->operations = zync_jb_array(run->json);
}

enum zync_status zync_run_plan(struct zync_run *run, struct zync_err *err)
{
	const char **servers = NULL;
	size_t count = 0;

	plan_reset(run);
	ZYNC_TRY(zync_run_progress(run, "plan", 0, run->staged, err));
	ZYNC_TRY(zync_store_count_linked(run->app->store, &run->plan.linked, err));
	ZYNC_TRY(zync_store_work_servers(run->app->store, run->arena, &servers, &count, err));
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(plan_server(run, servers[i], err));
	if (run->force || run->dry || run->compare_only)
		return ZYNC_OK;
	return zync_plan_check_limits(&run->app->config->sync, &run->plan, err);
}

/* ---- the job of `zync plan` ---- */

static enum zync_status plan_body_json(struct zync_run *run, struct zync_err *err)
{
	struct zync_jb *b = run->json;
	struct zync_jnode *data = zync_jb_object(b);
	struct zync_err limit;
	bool over = zync_plan_check_limits(&run->app->config->sync, &run->plan, &limit) != ZYNC_OK;

	zync_jb_set_u64(b, data, "total", run->summary.total);
	zync_jb_set_u64(b, data, "create", run->plan.create);
	zync_jb_set_u64(b, data, "update", run->plan.update);
	zync_jb_set_u64(b, data, "disable", run->plan.disable);
	zync_jb_set_u64(b, data, "delete", run->plan.delete_);
	zync_jb_set_u64(b, data, "report", run->plan.report);
	zync_jb_set_u64(b, data, "unchanged", run->plan.unchanged);
	zync_jb_set_u64(b, data, "failed", run->plan.failed);
	zync_jb_set_u64(b, data, "skipped", run->pull.skipped + run->plan.skipped + run->plan.forget);
	if (run->limit_note != NULL)
		zync_jb_set_str(b, data, "limits", run->limit_note);
	else
		zync_jb_set_str(b, data, "limits", over ? limit.message : NULL);
	zync_jb_set_node(b, data, "operations", run->operations);
	return zync_jb_text(b, data, ZYNC_JSON_COMPACT, run->arena, &run->data, err);
}

static enum zync_status plan_body(struct zync_run *run, const void *ctx, struct zync_err *err)
{
	const struct zync_sync_options *options = ctx;

	run->force = options->force;
	run->explain = !options->no_pull;
	run->operations = zync_jb_array(run->json);
	if (options->no_pull)
		ZYNC_TRY(zync_pull_stage_stored(run, options->hosts, options->host_count, err));
	else
		ZYNC_TRY(zync_pull_stage(run, options->hosts, options->host_count, err));
	ZYNC_TRY(zync_run_plan(run, err));
	return plan_body_json(run, err);
}

enum zync_status zync_job_plan_hosts(struct zync_app *app, const struct zync_sync_options *options, struct zync_arena *arena,
				     const char **ret_json, struct zync_err *err)
{
	struct zync_sync_options copy = *options;
	struct zync_run_spec spec = {.name = "plan", .dry = true, .body = plan_body, .ctx = &copy};

	return zync_runner_run(app, &spec, arena, ret_json, NULL, err);
}
