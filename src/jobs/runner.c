/* SPDX-License-Identifier: Apache-2.0 */
/* The job runner (the spec's AtomicJobRunner): every job runs through zync_runner_run(). docs/job-semantics.md is its contract in words. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"

#define PROGRESS_SHOW_MS  100
#define PROGRESS_STORE_MS 1000

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

static enum zync_status runner_start(struct zync_run *run, const struct zync_job_spec *spec, struct zync_err *err)
{
	struct zync_job job = {
		.name = spec->name,
		.status = "running",
		.user = run->user,
		.request_id = run->request_id,
		.params = spec->params,
	};

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
	ZYNC_TRY(zync_store_work_begin(run->app->store, err));
	if (run->dry)
		return ZYNC_OK;
	ZYNC_TRY(zync_uuid_new(run->job_id, err));
	memcpy(run->summary.job_id, run->job_id, sizeof(run->summary.job_id));
	job.job_id = run->job_id;
	job.created = run->started;
	job.started = run->started;
	return zync_store_job_start(run->app->store, &job, err);
}

static void runner_finish_summary(struct zync_run *run)
{
	struct zync_sync_summary *summary = &run->summary;
	uint64_t writes = 0;

	summary->duration_ms = zync_clock_mono_ms() - run->started_mono;
	summary->netbox_calls = zync_app_netbox_calls(run->app) - run->netbox_calls_before;
	summary->zabbix_calls = zync_app_zabbix_calls(run->app, &writes) - run->calls_before;
	summary->zabbix_write_calls = writes - run->write_calls_before;
}

/* Did the run end by somebody's decision ("failed" in NetBox's words) or by a fault ("errored")? */
static const char *runner_end_status(enum zync_status status)
{
	if (status == ZYNC_OK)
		return "completed";
	return status == ZYNC_ERR_SAFETY || status == ZYNC_ERR_CANCELLED ? "failed" : "errored";
}

static enum zync_status runner_end(struct zync_run *run, enum zync_status status, const struct zync_err *failure, struct zync_err *err)
{
	const char *end_status = runner_end_status(status);
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
		.completed = now,
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
		.post_data = run->data,
		.user = run->user,
		.request_id = run->request_id,
	};
	if (status == ZYNC_OK)
		return zync_store_work_commit(run->app->store, now, &end, &event, err);
	return zync_store_work_abandon(run->app->store, &end, &event, err);
}

/* The body, and then its end; a commit that fails makes the whole job fail. */
static enum zync_status runner_body(struct zync_run *run, const struct zync_job_spec *spec, struct zync_err *err)
{
	struct zync_err failure = {0};
	struct zync_err second;
	char line[ZYNC_ERR_MESSAGE_SIZE + 64];
	enum zync_status status = spec->body(run, spec->ctx, &failure);

	runner_finish_summary(run);
	if (run->dry) {
		if (status != ZYNC_OK)
			zync_err_copy(err, &failure);
		return status;
	}
	if (status == ZYNC_OK) {
		status = zync_run_progress(run, "record", 0, 0, &failure);
		if (status == ZYNC_OK)
			status = runner_end(run, ZYNC_OK, NULL, &failure);
		if (status == ZYNC_OK) {
			zync_run_write_back(run);
			return ZYNC_OK;
		}
		run->data = NULL; /* it said "completed" */
	}
	zync_err_copy(err, &failure);
	/* To the job's own log; on the terminal the caller says it, once. */
	(void)snprintf(line, sizeof(line), "Job %s %s: %s", run->job_name, runner_end_status(status), failure.message);
	zync_log_mask(line);
	runner_log_sink(ZYNC_LOG_ERROR, line, run);
	if (runner_end(run, status, &failure, &second) != ZYNC_OK)
		zync_log_error("The end of job %s could not be recorded either: %s", run->job_id, second.message);
	return status;
}

static void runner_free_pages(struct zync_run *run)
{
	for (size_t i = 0; i < run->pages.len; i++)
		zync_page_drop(run->pages.items[i]);
}

enum zync_status zync_runner_run(struct zync_app *app, const struct zync_job_spec *spec, struct zync_arena *arena, const char **ret_data,
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
	ZYNC_TRY(runner_start(&run, spec, err));
	if (!run.dry)
		zync_log_set_sink(runner_log_sink, &run);
	status = runner_body(&run, spec, err);
	zync_log_set_sink(NULL, NULL);
	runner_free_pages(&run);
	if (ret_summary != NULL)
		*ret_summary = run.summary;
	if (ret_data != NULL && run.data != NULL) {
		*ret_data = zync_arena_strdup(arena, run.data);
		if (*ret_data == NULL && status == ZYNC_OK)
			return zync_err_nomem(err, "returning a job's result");
	}
	return status;
}

static void run_tell(struct zync_run *run, uint64_t current, uint64_t total, int64_t now)
{
	double seconds = (double)(now - run->phase_started) / 1000.0;
	struct zync_progress progress = {
		.phase = run->phase,
		.current = current,
		.total = total,
		.updated = run->summary.updated,
		.failed = run->summary.failed,
		.rate = seconds > 0.2 ? (double)current / seconds : 0,
		.left_ms = -1,
	};

	if (progress.rate > 0 && total >= current)
		progress.left_ms = (int64_t)((double)(total - current) * 1000.0 / progress.rate);
	if (run->app->progress != NULL)
		run->app->progress(run->app->progress_ctx, &progress);
}

enum zync_status zync_run_progress(struct zync_run *run, const char *phase, uint64_t current, uint64_t total, struct zync_err *err)
{
	int64_t now = zync_clock_mono_ms();
	bool changed = !zync_str_eq(run->phase, phase);
	struct zync_job job;

	if (zync_app_is_cancelled(run->app))
		return zync_err_set(err, ZYNC_ERR_CANCELLED, "cancelled; what this run had not yet written is left to the next one");
	if (changed) {
		run->phase = phase;
		run->phase_started = now;
		run->progress_shown = 0;
		run->progress_stored = 0;
	}
	if (changed || now - run->progress_shown >= PROGRESS_SHOW_MS || (total != 0 && current == total)) {
		run->progress_shown = now;
		run_tell(run, current, total, now);
	}
	if (run->dry || now - run->progress_stored < PROGRESS_STORE_MS)
		return ZYNC_OK;
	run->progress_stored = now;
	job = (struct zync_job){
		.job_id = run->job_id,
		.phase = phase,
		.current = (int64_t)current,
		.total = (int64_t)total,
		.updated = (int64_t)run->summary.updated,
		.failed = (int64_t)run->summary.failed,
	};
	return zync_store_job_progress(run->app->store, &job, err);
}

void zync_run_set_message(struct zync_run *run, const char *text)
{
	char *message = run->summary.message;
	size_t len = text == NULL ? 0 : strlen(text);

	if (len >= sizeof(run->summary.message)) {
		len = sizeof(run->summary.message) - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0u) == 0x80u) /* not inside a character */
			len--;
	}
	if (len > 0)
		memcpy(message, text, len);
	message[len] = '\0';
}

enum zync_status zync_run_add_failure(struct zync_run *run, const struct zync_work *work, const char *error, struct zync_err *err)
{
	struct zync_failure *failure = ZYNC_NEW(run->arena, struct zync_failure);

	if (failure == NULL)
		return zync_err_nomem(err, "recording a failure");
	*failure = (struct zync_failure){
		.pk = work->pk,
		.object_type = zync_arena_strdup(run->arena, work->object_type),
		.object_id = work->object_id,
		.name = zync_arena_strdup(run->arena, work->name),
		.error = zync_arena_strdup(run->arena, error),
	};
	if (failure->object_type == NULL || failure->name == NULL || failure->error == NULL)
		return zync_err_nomem(err, "recording a failure");
	return zync_vec_push(&run->failures, failure, err);
}

struct zync_jnode *zync_run_failures_json(struct zync_run *run)
{
	struct zync_jnode *list = zync_jb_array(run->json);

	for (size_t i = 0; i < run->failures.len; i++) {
		const struct zync_failure *failure = run->failures.items[i];
		struct zync_jnode *node = zync_jb_add_object(run->json, list);

		if (failure->pk != 0)
			zync_jb_set_u64(run->json, node, "host_config_id", failure->pk);
		else
			zync_jb_set_null(run->json, node, "host_config_id");
		zync_jb_set_str(run->json, node, "name", failure->name);
		zync_jb_set_str(run->json, node, "type", failure->object_type);
		zync_jb_set_u64(run->json, node, "id", failure->object_id);
		zync_jb_set_str(run->json, node, "error", failure->error);
	}
	return list;
}

enum zync_status zync_run_summary_json(struct zync_run *run, const char *status, const char **ret, struct zync_err *err)
{
	struct zync_sync_summary *s = &run->summary;
	struct zync_jb *b = run->json;
	struct zync_jnode *data = zync_jb_object(b);

	runner_finish_summary(run);
	if (zync_str_eq(status, "completed"))
		(void)snprintf(s->message, sizeof(s->message), "Sync complete: %llu/%llu hosts updated, %llu failed.",
			       (unsigned long long)s->updated, (unsigned long long)s->total, (unsigned long long)s->failed);
	else
		(void)snprintf(s->message, sizeof(s->message),
			       "Sync %s: nothing was recorded; the next run continues from what Zabbix has.", status);
	zync_jb_set_str(b, data, "job_id", run->job_id);
	zync_jb_set_str(b, data, "status", status);
	zync_jb_set_u64(b, data, "total", s->total);
	zync_jb_set_u64(b, data, "updated", s->updated);
	zync_jb_set_u64(b, data, "failed", s->failed);
	zync_jb_set_str(b, data, "message", s->message);
	zync_jb_set_u64(b, data, "created", s->created);
	zync_jb_set_u64(b, data, "changed", s->changed);
	zync_jb_set_u64(b, data, "unchanged", s->unchanged);
	zync_jb_set_u64(b, data, "deleted", s->deleted);
	zync_jb_set_u64(b, data, "disabled", s->disabled);
	zync_jb_set_u64(b, data, "skipped", s->skipped);
	zync_jb_set_node(b, data, "failures", zync_run_failures_json(run));
	zync_jb_set_i64(b, data, "duration_ms", s->duration_ms);
	zync_jb_set_u64(b, data, "zabbix_calls", s->zabbix_calls);
	zync_jb_set_u64(b, data, "zabbix_write_calls", s->zabbix_write_calls);
	zync_jb_set_u64(b, data, "netbox_calls", s->netbox_calls);
	return zync_jb_text(b, data, ZYNC_JSON_COMPACT, run->arena, ret, err);
}
