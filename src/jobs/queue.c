/* SPDX-License-Identifier: Apache-2.0 */
/* The doors to jobs: run one now, run a queued one, queue, cancel, repeat. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "jobs/jobs.h"
#include "jobs/run.h"
#include "store/queue.h"
#include "store/undo.h"

/* ---- running ---- */

static enum zync_status queue_body(struct zync_run *run, const void *ctx, struct zync_err *err)
{
	const struct zync_job_call *call = ctx;

	run->force = call->params.force;
	if (call->params.strict)
		ZYNC_TRY(zync_store_undo_begin(run->app->store, err));
	run->strict = call->params.strict;
	return call->type->body(run, &call->params, err);
}

static struct zync_run_spec queue_spec(const struct zync_job_call *call)
{
	return (struct zync_run_spec){
		.name = call->type->name,
		.user = call->user,
		.request_id = call->request_id,
		.timeout_ms = call->timeout_ms,
		.retry_of = call->retry_of,
		.writes_zabbix = call->type->writes_zabbix,
		.body = queue_body,
		.ctx = call,
	};
}

enum zync_status zync_job_run_now(struct zync_app *app, const struct zync_job_call *call, struct zync_arena *arena, const char **ret_json,
				  struct zync_sync_summary *ret_summary, struct zync_err *err)
{
	struct zync_run_spec spec = queue_spec(call);

	ZYNC_TRY(zync_job_params_check(call->type, &call->params, err));
	ZYNC_TRY(zync_job_params_to_json(&call->params, arena, &spec.params, err));
	return zync_runner_run(app, &spec, arena, ret_json, ret_summary, err);
}

enum zync_status zync_job_take_next(struct zync_app *app, struct zync_arena *arena, struct zync_job **ret, struct zync_err *err)
{
	*ret = NULL;
	/* One slot for all looks into the queue up to the next job: taking one writes to the store. */
	if (app->slot == 0)
		ZYNC_TRY(zync_store_slot_take(app->store, &app->slot, err));
	return zync_store_job_take(app->store, app->slot, zync_clock_now_ms(), arena, ret, err);
}

/* A body for a job that this program does not understand: it says so, and the runner records it. */
static enum zync_status queue_refuse(struct zync_run *run, const void *ctx, struct zync_err *err)
{
	(void)run;
	zync_err_copy(err, ctx);
	return err->status;
}

static enum zync_status queue_read_call(const struct zync_job *job, struct zync_arena *arena, struct zync_job_call *ret,
					struct zync_err *err)
{
	*ret = (struct zync_job_call){
		.user = job->user, .request_id = job->request_id, .timeout_ms = job->timeout_ms, .retry_of = job->retry_of};
	ZYNC_TRY(zync_job_type_find(job->name, &ret->type, err));
	ZYNC_TRY(zync_job_params_from_json(job->params, arena, &ret->params, err));
	return zync_job_params_check(ret->type, &ret->params, err);
}

enum zync_status zync_job_run_taken(struct zync_app *app, const struct zync_job *job, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_job_call call;
	struct zync_err problem = {0};
	struct zync_run_spec spec;

	if (arena == NULL)
		return zync_err_nomem(err, "starting a job");
	if (queue_read_call(job, arena, &call, &problem) == ZYNC_OK)
		spec = queue_spec(&call);
	else
		spec = (struct zync_run_spec){
			.name = job->name, .user = job->user, .request_id = job->request_id, .body = queue_refuse, .ctx = &problem};
	spec.taken = job;
	return zync_runner_run(app, &spec, arena, NULL, NULL, err);
}

/* ---- queueing ---- */

/* What may be pending or running only once: the job and the hosts that it is for. */
static enum zync_status queue_kind(const struct zync_job_call *call, struct zync_arena *arena, const char **ret, struct zync_err *err)
{
	const char *kind = call->type->name;

	for (size_t i = 0; i < call->params.host_count && kind != NULL; i++)
		kind = zync_arena_printf(arena, "%s %s", kind, zync_str_shell_word(arena, call->params.hosts[i]));
	if (kind == NULL)
		return zync_err_nomem(err, "queueing a job");
	*ret = kind;
	return ZYNC_OK;
}

static const char *queue_message(const struct zync_job_call *call, const struct zync_job *job, const char *job_id, bool existing,
				 struct zync_arena *arena)
{
	char when[ZYNC_TIME_TEXT_SIZE];
	const char *text =
		zync_arena_printf(arena, existing ? "%s is queued already as job %s" : "Queued %s as job %s", call->type->name, job_id);

	if (text != NULL && job->run_at > 0)
		text = zync_arena_printf(arena, "%s, for %s", text, zync_time_format(job->run_at, when));
	if (text != NULL && job->interval_min > 0)
		text = zync_arena_printf(arena, "%s, every %lld min", text, (long long)job->interval_min);
	return text;
}

static enum zync_status queue_answer(struct zync_app *app, const struct zync_job_call *call, const char *job_id, bool existing,
				     struct zync_arena *arena, const char **ret_json, struct zync_err *err)
{
	struct zync_job_filter filter = {.job_id = job_id, .limit = 1};
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *root = b == NULL ? NULL : zync_jb_object(b);
	struct zync_job *jobs = NULL;
	char when[ZYNC_TIME_TEXT_SIZE];
	size_t count = 0;

	if (root == NULL)
		return zync_err_nomem(err, "queueing a job");
	ZYNC_TRY(zync_store_jobs(app->store, &filter, arena, &jobs, &count, err));
	if (count == 0) /* it ran and was cleaned up meanwhile */
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND, "job %s is gone already", job_id);
	zync_jb_set_str(b, root, "job_id", jobs->job_id);
	zync_jb_set_str(b, root, "name", jobs->name);
	zync_jb_set_str(b, root, "status", jobs->status);
	zync_jb_set_bool(b, root, "existing", existing);
	zync_jb_set_str(b, root, "run_at", jobs->run_at > 0 ? zync_time_format(jobs->run_at, when) : NULL);
	if (jobs->interval_min > 0)
		zync_jb_set_i64(b, root, "every", jobs->interval_min);
	else
		zync_jb_set_null(b, root, "every");
	zync_jb_set_str(b, root, "message", queue_message(call, jobs, jobs->job_id, existing, arena));
	return zync_jb_text(b, root, ZYNC_JSON_COMPACT, arena, ret_json, err);
}

enum zync_status zync_job_enqueue(struct zync_app *app, const struct zync_job_call *call, const struct zync_job_schedule *schedule,
				  struct zync_arena *arena, const char **ret_json, struct zync_err *err)
{
	int64_t now = zync_clock_now_ms();
	char job_id[ZYNC_UUID_SIZE];
	char answered[ZYNC_JOB_ID_SIZE];
	bool existing = false;
	struct zync_job job = {
		.job_id = job_id,
		.name = call->type->name,
		.user = call->user != NULL ? call->user : app->user,
		.request_id = call->request_id != NULL ? call->request_id : app->request_id,
		.created = now,
		.run_at = schedule->run_at,
		.interval_min = schedule->interval_min,
		.timeout_ms = call->timeout_ms,
		.retry_of = call->retry_of,
	};

	ZYNC_TRY(zync_job_params_check(call->type, &call->params, err));
	if (schedule->interval_min < 0)
		return zync_err_set(err, ZYNC_ERR_INVALID, "the interval of a job must be at least one minute");
	ZYNC_TRY(zync_job_params_to_json(&call->params, arena, &job.params, err));
	ZYNC_TRY(queue_kind(call, arena, &job.kind, err));
	ZYNC_TRY(zync_uuid_new(job_id, err));
	ZYNC_TRY(zync_store_job_enqueue(app->store, &job, now, answered, &existing, err));
	return queue_answer(app, call, answered, existing, arena, ret_json, err);
}

/* ---- cancelling and repeating ---- */

static enum zync_status queue_find(struct zync_app *app, const char *job_id, struct zync_arena *arena, struct zync_job *ret,
				   struct zync_err *err)
{
	struct zync_job_filter filter = {.job_id = job_id, .limit = 2};
	struct zync_job *jobs = NULL;
	size_t count = 0;

	if (!zync_str_empty(job_id))
		ZYNC_TRY(zync_store_jobs(app->store, &filter, arena, &jobs, &count, err));
	if (count == 0)
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND, "there is no job \"%s\"; see `zync job list`", job_id != NULL ? job_id : "");
	if (count > 1)
		return zync_err_set(err, ZYNC_ERR_INVALID, "several jobs begin with \"%s\"; give more of the id (see `zync job list`)",
				    job_id);
	*ret = jobs[0];
	return ZYNC_OK;
}

static bool queue_has_ended(const struct zync_job *job)
{
	return !zync_str_eq(job->status, "pending") && !zync_str_eq(job->status, "scheduled") && !zync_str_eq(job->status, "running");
}

enum zync_status zync_job_cancel(struct zync_app *app, const char *job_id, const char *user, const char *request_id,
				 struct zync_arena *arena, const char **ret_json, struct zync_err *err)
{
	enum zync_cancelled outcome = ZYNC_CANCEL_TOO_LATE;
	struct zync_job job = {0};
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *root = b == NULL ? NULL : zync_jb_object(b);
	const char *who = user != NULL ? user : app->user;
	const char *why = who == NULL ? "cancelled" : zync_arena_printf(arena, "cancelled by %s", who);
	const char *message;

	if (root == NULL || why == NULL)
		return zync_err_nomem(err, "cancelling a job");
	ZYNC_TRY(zync_store_jobs_interrupt(app->store, zync_clock_now_ms(), NULL, err));
	ZYNC_TRY(queue_find(app, job_id, arena, &job, err));
	ZYNC_TRY(zync_store_job_cancel(app->store, job.job_id, why, who, request_id != NULL ? request_id : app->request_id,
				       zync_clock_now_ms(), &outcome, err));
	if (outcome == ZYNC_CANCEL_TOO_LATE)
		return zync_err_set(err, ZYNC_ERR_CONFLICT, "job %s has ended already (%s)", job.job_id, job.status);
	if (outcome == ZYNC_CANCEL_ASKED)
		message = zync_arena_printf(arena, "Job %s is asked to stop; it ends after the call that is under way", job.job_id);
	else
		message = zync_arena_printf(arena, "Job %s is cancelled%s", job.job_id,
					    job.interval_min > 0 ? ", and does not come again" : "");
	zync_jb_set_str(b, root, "job_id", job.job_id);
	zync_jb_set_str(b, root, "status", outcome == ZYNC_CANCEL_ASKED ? "running" : "failed");
	zync_jb_set_str(b, root, "message", message);
	return zync_jb_text(b, root, ZYNC_JSON_COMPACT, arena, ret_json, err);
}

/* The failed hosts of a job's result, as selectors that mean exactly them. */
static enum zync_status queue_failed_hosts(const struct zync_job *job, struct zync_arena *arena, struct zync_job_params *params,
					   struct zync_err *err)
{
	const struct zync_jval *root = NULL;
	const struct zync_jval *failures;
	const struct zync_jval *failure;
	const char **hosts;
	struct zync_jiter it;

	if (job->data != NULL)
		ZYNC_TRY(zync_json_parse(arena, job->data, strlen(job->data), &root, err));
	failures = zync_jval_get(root, "failures");
	if (zync_jval_len(failures) == 0)
		return zync_err_set(err, ZYNC_ERR_INVALID, "no host failed in job %s; there is nothing to repeat with --failed-only",
				    job->job_id);
	hosts = ZYNC_NEW_ARRAY(arena, const char *, zync_jval_len(failures));
	if (hosts == NULL)
		return zync_err_nomem(err, "repeating a job");
	params->host_count = 0;
	zync_jiter_init(&it, failures);
	while ((failure = zync_jiter_next(&it, NULL)) != NULL) {
		const char *type = zync_jval_get_str(failure, "type");
		uint64_t id = 0;

		if (type == NULL || !zync_jval_to_u64(zync_jval_get(failure, "id"), &id))
			continue;
		hosts[params->host_count] = zync_arena_printf(arena, "%s:%llu", type, (unsigned long long)id);
		if (hosts[params->host_count++] == NULL)
			return zync_err_nomem(err, "repeating a job");
	}
	params->hosts = hosts;
	return ZYNC_OK;
}

enum zync_status zync_job_retry_call(struct zync_app *app, const char *job_id, bool failed_only, struct zync_arena *arena,
				     struct zync_job_call *ret, struct zync_err *err)
{
	struct zync_job job = {0};

	ZYNC_TRY(zync_store_jobs_interrupt(app->store, zync_clock_now_ms(), NULL, err));
	ZYNC_TRY(queue_find(app, job_id, arena, &job, err));
	if (!queue_has_ended(&job))
		return zync_err_set(err, ZYNC_ERR_CONFLICT, "job %s is %s; it can be repeated when it has ended", job.job_id, job.status);
	ZYNC_TRY(queue_read_call(&job, arena, ret, err));
	ret->user = NULL; /* whoever repeats it */
	ret->request_id = NULL;
	ret->retry_of = job.job_id;
	if (!failed_only)
		return ZYNC_OK;
	if ((ret->type->takes & ZYNC_TAKES_HOSTS) == 0 || ret->type->one_host)
		return zync_err_set(err, ZYNC_ERR_INVALID, "the job %s is not about many hosts; repeat it without --failed-only", job.name);
	return queue_failed_hosts(&job, arena, &ret->params, err);
}
