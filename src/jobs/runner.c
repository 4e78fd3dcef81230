/* SPDX-License-Identifier: Apache-2.0 */
/* The job runner (the spec's AtomicJobRunner): every job runs through zync_runner_run(). docs/job-semantics.md is its contract in words. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"
#include "store/guard.h"
#include "store/queue.h"

static void runner_log_sink(enum zync_log_level level, const char *text, void *ctx)
{
	static const char *const LEVELS[] = {"error", "warning", "info", "debug"};
	const struct zync_run *run = ctx;
	struct zync_err ignored;

	/* Debug lines are for the terminal. A line that cannot be stored was shown there; if the database is gone, the run's next write says so. */
	if (level != ZYNC_LOG_DEBUG &&
	    zync_store_job_log(run->app->store, run->job_id, zync_clock_now_ms(), LEVELS[level], text, &ignored) != ZYNC_OK)
		return;
}

/* ---- beginning ---- */

static enum zync_status runner_prepare(struct zync_run *run, struct zync_err *err)
{
	run->started = zync_clock_now_ms();
	run->started_mono = zync_clock_mono_ms();
	run->netbox_calls_before = zync_app_netbox_calls(run->app);
	run->calls_before = zync_app_zabbix_calls(run->app, &run->write_calls_before);
	run->json = zync_jb_new(run->arena);
	if (run->json == NULL)
		return zync_err_nomem(err, "starting a job");
	zync_vec_init(&run->failures, run->arena);
	zync_vec_init(&run->pages, run->arena);
	zync_vec_init(&run->servers, run->arena);
	zync_vec_init(&run->write_backs, run->arena);
	zync_vec_init(&run->made_groups, run->arena);
	zync_vec_init(&run->moves, run->arena);
	zync_vec_init(&run->stale_fields, run->arena);
	zync_vec_init(&run->put_back.failed, run->arena);
	return zync_store_work_begin(run->app->store, err);
}

/* A new row for a job that was not queued. */
static enum zync_status runner_new_row(struct zync_run *run, const struct zync_run_spec *spec, struct zync_err *err)
{
	struct zync_job job = {
		.name = spec->name,
		.status = "running",
		.user = run->user,
		.request_id = run->request_id,
		.params = spec->params,
		.timeout_ms = spec->timeout_ms,
		.retry_of = spec->retry_of,
		.created = run->started,
		.started = run->started,
		.slot = run->slot,
		.pid = (int64_t)getpid(),
	};

	ZYNC_TRY(zync_uuid_new(run->job_id, err));
	job.job_id = run->job_id;
	return zync_store_job_start(run->app->store, &job, err);
}

static enum zync_status runner_start(struct zync_run *run, const struct zync_run_spec *spec, struct zync_err *err)
{
	struct zync_app *app = run->app;

	ZYNC_TRY(runner_prepare(run, err));
	if (run->dry)
		return ZYNC_OK;
	ZYNC_TRY(zync_store_jobs_interrupt(app->store, run->started, NULL, err));
	if (app->slot == 0)
		ZYNC_TRY(zync_store_slot_take(app->store, &app->slot, err));
	run->slot = app->slot;
	ZYNC_TRY(zync_store_guard_epoch(app->store, &run->epoch, err));
	if (spec->taken != NULL)
		(void)snprintf(run->job_id, sizeof(run->job_id), "%s", spec->taken->job_id);
	else
		ZYNC_TRY(runner_new_row(run, spec, err));
	memcpy(run->summary.job_id, run->job_id, sizeof(run->summary.job_id));
	app->job_id = run->job_id;
	app->job_arena = run->arena;
	app->cancel_asked = 0;
	if (spec->timeout_ms > 0)
		app->deadline = run->started_mono + spec->timeout_ms;
	return ZYNC_OK;
}

/* ---- ending ---- */

/* Why somebody asked the run to stop; NULL: nobody did. */
static const char *runner_stop_reason(const struct zync_run *run)
{
	const char *stop = atomic_load_explicit(&run->app->stop, memory_order_relaxed);

	return stop != NULL ? stop : run->app->cancel_reason;
}

/* Did the run end by somebody's decision ("failed" in NetBox's words) or by a fault ("errored")? */
static const char *runner_end_status(const struct zync_run *run, enum zync_status status)
{
	if (status == ZYNC_OK)
		return "completed";
	/* Whoever asked for it: also when the time is up by the time everything is put back. */
	if (status == ZYNC_ERR_CANCELLED)
		return runner_stop_reason(run) == NULL && zync_app_is_late(run->app) ? "errored" : "failed";
	return status == ZYNC_ERR_SAFETY || run->strict_hit ? "failed" : "errored";
}

/* Whoever noticed first that the run shall stop only said "cancelled". Why, is known here. */
static void runner_stop_text(struct zync_run *run, const struct zync_run_spec *spec, struct zync_err *failure)
{
	const char *reason = runner_stop_reason(run);
	const char *after = run->dry || run->strict
				    ? ""
				    : "; what it wrote to Zabbix stays there, nothing else is recorded, and the next run continues from "
				      "what Zabbix has";
	char took[ZYNC_TIME_TEXT_SIZE];

	if (reason != NULL)
		(void)zync_err_set(failure, ZYNC_ERR_CANCELLED, "%s%s", reason, after);
	else if (zync_app_is_late(run->app))
		(void)zync_err_set(failure, ZYNC_ERR_CANCELLED, "stopped, because its time-out of %s was over%s",
				   zync_duration_format(spec->timeout_ms, took), after);
}

static enum zync_status runner_end(struct zync_run *run, enum zync_status status, const struct zync_err *failure, struct zync_err *err)
{
	const char *end_status = runner_end_status(run, status);
	char message[ZYNC_ERR_MESSAGE_SIZE] = "";
	int64_t now = zync_clock_now_ms();

	if (status != ZYNC_OK) {
		(void)snprintf(message, sizeof(message), "%s", failure->message);
		zync_log_mask(message);
		if (run->data == NULL)
			ZYNC_TRY(zync_run_summary_json(run, end_status, &run->data, err));
	}
	struct zync_job_end end = {
		.job_id = run->job_id,
		.status = end_status,
		.data = run->data,
		.error = status == ZYNC_OK ? NULL : message,
		.pre_data = run->pre_data,
		.post_data = run->post_data,
		.completed = now,
		.slot = run->slot,
		.epoch = run->epoch,
	};
	struct zync_event event = {
		.time = now,
		.job_id = run->job_id,
		.name = run->job_name,
		.kind = "job",
		.action = run->job_name,
		.state = end_status,
		.message = status == ZYNC_OK ? run->summary.message : message,
		.exception = status == ZYNC_OK ? NULL : zync_status_name(status),
		.pre_data = run->pre_data,
		.post_data = run->post_data != NULL ? run->post_data : run->data,
		.user = run->user,
		.request_id = run->request_id,
	};
	if (status == ZYNC_OK)
		return zync_store_work_commit(run->app->store, now, &end, &event, err);
	return zync_store_work_abandon(run->app->store, &end, &event, err);
}

/* What a strict run has written is put back before anything is recorded; what came of that belongs to the reason of the failure. */
static void runner_put_back(struct zync_run *run)
{
	if (!run->strict || run->dry)
		return;
	run->app->finishing = true;
	zync_run_put_back(run);
	run->app->finishing = false;
}

static void runner_put_back_text(const struct zync_run *run, struct zync_err *failure)
{
	size_t len = strlen(failure->message);

	if (run->strict && !run->dry)
		zync_put_back_text(run, failure->message + len, sizeof(failure->message) - len);
}

static enum zync_status runner_fail(struct zync_run *run, const struct zync_run_spec *spec, enum zync_status status,
				    struct zync_err *failure, struct zync_err *err)
{
	struct zync_err second;
	char line[ZYNC_ERR_MESSAGE_SIZE + 64];

	runner_put_back(run);
	if (status == ZYNC_ERR_CANCELLED)
		runner_stop_text(run, spec, failure);
	runner_put_back_text(run, failure);
	run->data = NULL; /* it may have said "completed" */
	zync_run_finish_summary(run);
	zync_err_copy(err, failure);
	/* To the job's own log; on the terminal the caller says it, once. */
	(void)snprintf(line, sizeof(line), "Job %s %s: %s", run->job_name, runner_end_status(run, status), failure->message);
	zync_log_mask(line);
	runner_log_sink(ZYNC_LOG_ERROR, line, run);
	if (runner_end(run, status, failure, &second) != ZYNC_OK)
		zync_log_error("The end of job %s could not be recorded either: %s", run->job_id, second.message);
	return status;
}

/* The body, and then its end; a commit that fails makes the whole job fail. */
static enum zync_status runner_body(struct zync_run *run, const struct zync_run_spec *spec, struct zync_err *err)
{
	struct zync_err failure = {0};
	enum zync_status status = ZYNC_OK;

	if (spec->writes_zabbix)
		status = zync_run_recover(run, &failure);
	if (status == ZYNC_OK)
		status = spec->body(run, spec->ctx, &failure);
	zync_run_finish_summary(run);
	if (run->dry) {
		if (status == ZYNC_ERR_CANCELLED)
			runner_stop_text(run, spec, &failure);
		if (status != ZYNC_OK)
			zync_err_copy(err, &failure);
		return status;
	}
	if (status == ZYNC_OK)
		status = zync_run_progress(run, "record", 0, 0, &failure);
	if (status == ZYNC_OK)
		status = runner_end(run, ZYNC_OK, NULL, &failure);
	if (status != ZYNC_OK)
		return runner_fail(run, spec, status, &failure, err);
	zync_run_write_back(run);
	return ZYNC_OK;
}

static void runner_free_pages(struct zync_run *run)
{
	for (size_t i = 0; i < run->pages.len; i++)
		zync_page_drop(run->pages.items[i]);
}

/* Whatever happened, the next run of this application begins anew. */
static void runner_leave(struct zync_run *run)
{
	struct zync_app *app = run->app;

	zync_log_set_sink(NULL, NULL);
	runner_free_pages(run);
	app->deadline = 0;
	app->job_id = NULL;
	app->job_arena = NULL;
	app->cancel_reason = NULL;
	app->finishing = false;
	if (run->dry)
		return;
	zync_store_slot_release(app->store);
	app->slot = 0;
}

enum zync_status zync_runner_run(struct zync_app *app, const struct zync_run_spec *spec, struct zync_arena *arena, const char **ret_data,
				 struct zync_sync_summary *ret_summary, struct zync_err *err)
{
	ZYNC_AUTO_ARENA run_arena = zync_arena_new(0);
	struct zync_run run = {
		.app = app,
		.job_name = spec->name,
		.user = spec->user != NULL ? spec->user : app->user,
		.request_id = spec->request_id != NULL ? spec->request_id : app->request_id,
		.arena = run_arena,
		.dry = spec->dry,
	};
	enum zync_status status;

	if (run_arena == NULL)
		return zync_err_nomem(err, "starting a job");
	status = runner_start(&run, spec, err);
	if (status == ZYNC_OK) {
		if (!run.dry)
			zync_log_set_sink(runner_log_sink, &run);
		status = runner_body(&run, spec, err);
	}
	runner_leave(&run);
	if (ret_summary != NULL)
		*ret_summary = run.summary;
	if (ret_data != NULL && run.data != NULL) {
		*ret_data = zync_arena_strdup(arena, run.data);
		if (*ret_data == NULL && status == ZYNC_OK)
			return zync_err_nomem(err, "returning a job's result");
	}
	return status;
}
