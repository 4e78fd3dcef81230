/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: jobs and the audit trail. */
#include <string.h>

#include "api/api_priv.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "store/queue.h"

#define DEFAULT_LIMIT 50

static void audit_set_time(struct zync_jb *b, struct zync_jnode *node, const char *key, int64_t ms)
{
	char text[ZYNC_TIME_TEXT_SIZE];

	zync_jb_set_str(b, node, key, ms == 0 ? NULL : zync_time_format(ms, text));
}

/* Stored JSON as a value; a text that is no JSON (it was never written so) becomes null. */
static void audit_set_json(struct zync_jb *b, struct zync_jnode *node, const char *key, const char *json, struct zync_arena *arena)
{
	const struct zync_jval *value = NULL;

	if (json == NULL || zync_json_parse(arena, json, strlen(json), &value, NULL) != ZYNC_OK)
		value = NULL;
	zync_jb_set_val(b, node, key, value);
}

static void audit_fill_progress(struct zync_jb *b, struct zync_jnode *node, const struct zync_job *job)
{
	struct zync_jnode *progress = zync_jb_set_object(b, node, "progress");

	zync_jb_set_str(b, progress, "phase", job->phase);
	zync_jb_set_i64(b, progress, "current", job->current);
	zync_jb_set_i64(b, progress, "total", job->total);
	zync_jb_set_i64(b, progress, "updated", job->updated);
	zync_jb_set_i64(b, progress, "failed", job->failed);
	zync_jb_set_real(b, progress, "rate", (double)job->rate_milli / 1000.0);
	if (job->left_ms >= 0)
		zync_jb_set_i64(b, progress, "left_ms", job->left_ms);
	else
		zync_jb_set_null(b, progress, "left_ms");
}

/* 0 is none. */
static void audit_set_number(struct zync_jb *b, struct zync_jnode *node, const char *key, int64_t number)
{
	if (number != 0)
		zync_jb_set_i64(b, node, key, number);
	else
		zync_jb_set_null(b, node, key);
}

static void audit_fill_job(struct zync_jb *b, struct zync_jnode *node, const struct zync_job *job, bool with_data, struct zync_arena *arena)
{
	zync_jb_set_str(b, node, "job_id", job->job_id);
	zync_jb_set_str(b, node, "name", job->name);
	zync_jb_set_str(b, node, "kind", job->kind);
	zync_jb_set_str(b, node, "status", job->status);
	zync_jb_set_str(b, node, "user", job->user);
	zync_jb_set_str(b, node, "request_id", job->request_id);
	audit_set_time(b, node, "created", job->created);
	audit_set_time(b, node, "run_at", job->run_at);
	audit_set_number(b, node, "every", job->interval_min);
	audit_set_number(b, node, "timeout_ms", job->timeout_ms);
	zync_jb_set_str(b, node, "retry_of", job->retry_of);
	audit_set_time(b, node, "started", job->started);
	audit_set_time(b, node, "completed", job->completed);
	if (job->started != 0 && job->completed != 0) /* one that was cancelled before its turn never began */
		zync_jb_set_i64(b, node, "duration_ms", job->completed - job->started);
	else
		zync_jb_set_null(b, node, "duration_ms");
	audit_set_number(b, node, "pid", job->pid);
	zync_jb_set_str(b, node, "cancel", job->cancel);
	zync_jb_set_str(b, node, "error", job->error);
	if (zync_str_eq(job->status, "running"))
		audit_fill_progress(b, node, job);
	if (with_data) {
		audit_set_json(b, node, "params", job->params, arena);
		audit_set_json(b, node, "data", job->data, arena);
		audit_set_json(b, node, "pre_data", job->pre_data, arena);
		audit_set_json(b, node, "post_data", job->post_data, arena);
	}
}

static enum zync_status audit_finish(struct zync_jb *b, struct zync_jnode *root, struct zync_arena *arena, struct zync_result **ret,
				     struct zync_err *err)
{
	const char *json = NULL;

	ZYNC_TRY(zync_jb_text(b, root, ZYNC_JSON_COMPACT, arena, &json, err));
	return zync_result_new(json, ret, err);
}

/* Jobs whose process died are not shown as running. When that cannot be recorded now, the list still tells what the store has. */
static void audit_mark_interrupted(struct zync *zync)
{
	struct zync_err problem;

	if (zync_store_jobs_interrupt(zync->app->store, zync_clock_now_ms(), NULL, &problem) != ZYNC_OK)
		zync_log_warning("Jobs whose process died could not be marked: %s", problem.message);
}

enum zync_status zync_job_list(struct zync *zync, const struct zync_job_query *query, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena == NULL ? NULL : zync_jb_new(arena);
	struct zync_job_filter filter = {.limit = DEFAULT_LIMIT};
	struct zync_job *jobs = NULL;
	struct zync_jnode *root;
	struct zync_jnode *list;
	size_t count = 0;

	if (b == NULL)
		return zync_err_nomem(err, "listing jobs");
	if (query != NULL)
		filter = (struct zync_job_filter){.job_id = query->job_id,
						  .name = query->name,
						  .status = query->status,
						  .limit = query->limit != 0 ? query->limit : DEFAULT_LIMIT};
	audit_mark_interrupted(zync);
	ZYNC_TRY(zync_store_jobs(zync->app->store, &filter, arena, &jobs, &count, err));
	root = zync_jb_object(b);
	list = zync_jb_set_array(b, root, "jobs");
	for (size_t i = 0; i < count; i++)
		audit_fill_job(b, zync_jb_add_object(b, list), &jobs[i], /* with_data= */ false, arena);
	return audit_finish(b, root, arena, ret, err);
}

static enum zync_status audit_find_job(struct zync *zync, const char *job_id, struct zync_arena *arena, struct zync_job *ret,
				       struct zync_err *err)
{
	struct zync_job_filter filter = {.job_id = job_id, .limit = 2};
	struct zync_job *jobs = NULL;
	size_t count = 0;

	audit_mark_interrupted(zync);
	ZYNC_TRY(zync_store_jobs(zync->app->store, &filter, arena, &jobs, &count, err));
	if (count == 0 || zync_str_empty(job_id))
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND, "there is no job \"%s\"; see `zync job list`", job_id);
	if (count > 1)
		return zync_err_set(err, ZYNC_ERR_INVALID, "several jobs begin with \"%s\"; give more of the id (see `zync job list`)",
				    job_id);
	*ret = jobs[0];
	return ZYNC_OK;
}

enum zync_status zync_job_show(struct zync *zync, const char *job_id, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena == NULL ? NULL : zync_jb_new(arena);
	struct zync_job job = {0};
	struct zync_change_row *changes = NULL;
	struct zync_jnode *root;
	struct zync_jnode *list;
	size_t count = 0;

	if (b == NULL)
		return zync_err_nomem(err, "showing a job");
	ZYNC_TRY(audit_find_job(zync, job_id, arena, &job, err));
	ZYNC_TRY(zync_store_changes(zync->app->store, job.job_id, 0, 0, arena, &changes, &count, err));
	root = zync_jb_object(b);
	audit_fill_job(b, root, &job, /* with_data= */ true, arena);
	list = zync_jb_set_array(b, root, "changes");
	for (size_t i = count; i > 0; i--) { /* oldest first */
		const struct zync_change_row *change = &changes[i - 1];
		struct zync_jnode *node = zync_jb_add_object(b, list);

		audit_set_time(b, node, "time", change->time);
		zync_jb_set_u64(b, node, "host_config_id", change->host_config_pk);
		zync_jb_set_str(b, node, "name", change->name);
		zync_jb_set_str(b, node, "action", change->action);
		zync_jb_set_id(b, node, "hostid", change->hostid);
		audit_set_json(b, node, "pre_data", change->pre_data, arena);
		audit_set_json(b, node, "post_data", change->post_data, arena);
	}
	return audit_finish(b, root, arena, ret, err);
}

enum zync_status zync_job_log(struct zync *zync, const char *job_id, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena == NULL ? NULL : zync_jb_new(arena);
	struct zync_job_log_line *lines = NULL;
	struct zync_job job = {0};
	struct zync_jnode *root;
	struct zync_jnode *list;
	size_t count = 0;

	if (b == NULL)
		return zync_err_nomem(err, "showing a job's log");
	ZYNC_TRY(audit_find_job(zync, job_id, arena, &job, err));
	ZYNC_TRY(zync_store_job_log_lines(zync->app->store, job.job_id, arena, &lines, &count, err));
	root = zync_jb_object(b);
	zync_jb_set_str(b, root, "job_id", job.job_id);
	list = zync_jb_set_array(b, root, "lines");
	for (size_t i = 0; i < count; i++) {
		struct zync_jnode *node = zync_jb_add_object(b, list);

		audit_set_time(b, node, "time", lines[i].time);
		zync_jb_set_str(b, node, "level", lines[i].level);
		zync_jb_set_str(b, node, "message", lines[i].message);
	}
	return audit_finish(b, root, arena, ret, err);
}

static void audit_fill_event(struct zync_jb *b, struct zync_jnode *node, const struct zync_event *event)
{
	zync_jb_set_u64(b, node, "event_id", event->id);
	audit_set_time(b, node, "time", event->time);
	zync_jb_set_str(b, node, "kind", event->kind);
	zync_jb_set_str(b, node, "name", event->name);
	zync_jb_set_str(b, node, "action", event->action);
	zync_jb_set_str(b, node, "state", event->state);
	zync_jb_set_str(b, node, "message", event->message);
	zync_jb_set_str(b, node, "exception", event->exception);
	if (event->host_config_pk != 0)
		zync_jb_set_u64(b, node, "host_config_id", event->host_config_pk);
	if (event->hostid != 0)
		zync_jb_set_id(b, node, "hostid", event->hostid);
	zync_jb_set_str(b, node, "job_id", event->job_id);
	zync_jb_set_str(b, node, "user", event->user);
	zync_jb_set_str(b, node, "request_id", event->request_id);
}

enum zync_status zync_event_list(struct zync *zync, const struct zync_event_query *query, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena == NULL ? NULL : zync_jb_new(arena);
	struct zync_event_filter filter = {.limit = DEFAULT_LIMIT};
	struct zync_event *events = NULL;
	struct zync_jnode *root;
	struct zync_jnode *list;
	size_t count = 0;

	if (b == NULL)
		return zync_err_nomem(err, "listing events");
	if (query != NULL)
		filter = (struct zync_event_filter){.job_id = query->job_id,
						    .host = query->host,
						    .state = query->state,
						    .since = query->since_ms,
						    .until = query->until_ms,
						    .limit = query->limit != 0 ? query->limit : DEFAULT_LIMIT};
	ZYNC_TRY(zync_store_events(zync->app->store, &filter, arena, &events, &count, err));
	root = zync_jb_object(b);
	list = zync_jb_set_array(b, root, "events");
	for (size_t i = 0; i < count; i++)
		audit_fill_event(b, zync_jb_add_object(b, list), &events[i]);
	return audit_finish(b, root, arena, ret, err);
}

enum zync_status zync_event_show(struct zync *zync, uint64_t event_id, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena == NULL ? NULL : zync_jb_new(arena);
	struct zync_event_filter filter = {.id = event_id, .limit = 1, .with_data = true};
	struct zync_event *events = NULL;
	struct zync_jnode *root;
	size_t count = 0;

	if (b == NULL)
		return zync_err_nomem(err, "showing an event");
	if (event_id != 0)
		ZYNC_TRY(zync_store_events(zync->app->store, &filter, arena, &events, &count, err));
	if (count == 0)
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND, "there is no event %llu; see `zync event list`", (unsigned long long)event_id);
	root = zync_jb_object(b);
	audit_fill_event(b, root, &events[0]);
	audit_set_json(b, root, "pre_data", events[0].pre_data, arena);
	audit_set_json(b, root, "post_data", events[0].post_data, arena);
	return audit_finish(b, root, arena, ret, err);
}
