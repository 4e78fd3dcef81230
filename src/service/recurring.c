/* SPDX-License-Identifier: Apache-2.0 */
/* The recurring jobs of the configuration, as rows of the queue. Only the queue knows when a turn is due: no clock of the service runs beside it. */
#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "service/service_priv.h"

#define MINUTE_MS	 ((int64_t)60000)
#define RECURRING_LOOKED 50 /* completed jobs that are looked through for the last turn */

struct recurring_kind {
	const char *name; /* of the job */
	const char *key;  /* in the configuration */
	size_t interval;  /* where struct zync_cfg_service has it */
};

static const struct recurring_kind KINDS[] = {
	{"sync-hosts-now", "service.sync_every", offsetof(struct zync_cfg_service, sync_every_ms)},
	{"pull", "service.pull_every", offsetof(struct zync_cfg_service, pull_every_ms)},
	{"host-config-sync-refresh", "service.refresh_every", offsetof(struct zync_cfg_service, refresh_every_ms)},
	{"import-zabbix-settings", "service.import_every", offsetof(struct zync_cfg_service, import_every_ms)},
	{"clean-up", "service.clean_up_every", offsetof(struct zync_cfg_service, clean_up_every_ms)},
};

/* One round of looking after the recurring jobs. */
struct recurring {
	struct zync_app *app;
	int64_t now;
	bool tell;
	bool *ret_later;
	struct zync_arena *arena;
};

/* What there is of a kind: only jobs over all hosts are the service's business. */
struct recurring_rows {
	const struct zync_job *waiting; /* its own, scheduled or pending */
	const struct zync_job *running; /* its own */
	const struct zync_job *other;	/* somebody else's, in any of these states */
};

static int64_t recurring_minutes(const struct zync_app *app, const struct recurring_kind *kind)
{
	int64_t ms;

	memcpy(&ms, (const char *)&app->config->service + kind->interval, sizeof(ms));
	return ms / MINUTE_MS;
}

static bool recurring_takes_all(const struct zync_job *job, struct zync_arena *arena)
{
	struct zync_job_params params = {0};
	struct zync_err ignored;

	return job->params == NULL ||
	       (zync_job_params_from_json(job->params, arena, &params, &ignored) == ZYNC_OK && params.host_count == 0);
}

static enum zync_status recurring_find(const struct recurring *turn, const char *name, struct recurring_rows *ret, struct zync_err *err)
{
	static const char *const STATUSES[] = {"scheduled", "pending", "running"};

	*ret = (struct recurring_rows){0};
	for (size_t s = 0; s < ZYNC_ARRAY_LEN(STATUSES); s++) {
		struct zync_job_filter filter = {.name = name, .status = STATUSES[s]};
		struct zync_job *jobs = NULL;
		size_t count = 0;

		ZYNC_TRY(zync_store_jobs(turn->app->store, &filter, turn->arena, &jobs, &count, err));
		for (size_t i = 0; i < count; i++) {
			if (jobs[i].interval_min == 0 || !recurring_takes_all(&jobs[i], turn->arena))
				continue;
			if (!zync_str_eq(jobs[i].user, ZYNC_SERVICE_USER))
				ret->other = &jobs[i];
			else if (zync_str_eq(STATUSES[s], "running"))
				ret->running = &jobs[i];
			else
				ret->waiting = &jobs[i];
		}
	}
	return ZYNC_OK;
}

/* When the last turn that went well began, whoever asked for it; 0: there is none. */
static enum zync_status recurring_last(const struct recurring *turn, const char *name, int64_t *ret, struct zync_err *err)
{
	struct zync_job_filter filter = {.name = name, .status = "completed", .limit = RECURRING_LOOKED};
	struct zync_job *jobs = NULL;
	size_t count = 0;
	int64_t last = 0;

	ZYNC_TRY(zync_store_jobs(turn->app->store, &filter, turn->arena, &jobs, &count, err));
	for (size_t i = 0; i < count; i++) {
		if (jobs[i].started > last && recurring_takes_all(&jobs[i], turn->arena))
			last = jobs[i].started;
	}
	*ret = last;
	return ZYNC_OK;
}

static enum zync_status recurring_cancel(const struct recurring *turn, const struct recurring_kind *kind, const struct zync_job *job,
					 struct zync_err *err)
{
	const char *answer = NULL;
	enum zync_status status;

	status = zync_job_cancel(turn->app, job->job_id, ZYNC_SERVICE_USER, NULL, turn->arena, &answer, err);
	if (status == ZYNC_ERR_CONFLICT || status == ZYNC_ERR_NOT_FOUND) { /* it began, ended or went just now */
		*turn->ret_later = true;
		return ZYNC_OK;
	}
	if (status == ZYNC_OK)
		zync_log_info("Job %s does not recur any more: %s is 0", kind->name, kind->key);
	return status;
}

/* One job of a kind may wait or run at a time: where another one does, the answer tells of that one, and the schedule has to wait for its end. */
static enum zync_status recurring_judge(const struct recurring *turn, const struct recurring_kind *kind, int64_t minutes,
					const char *answer, struct zync_err *err)
{
	const struct zync_jval *root = NULL;
	int64_t every = 0;

	ZYNC_TRY(zync_json_parse(turn->arena, answer, strlen(answer), &root, err));
	if (!zync_jval_to_i64(zync_jval_get(root, "every"), &every) || every != minutes)
		*turn->ret_later = true;
	else
		zync_log_info("Job %s recurs every %lld min (%s)", kind->name, (long long)minutes, kind->key);
	return ZYNC_OK;
}

static enum zync_status recurring_queue(const struct recurring *turn, const struct recurring_kind *kind, int64_t minutes,
					struct zync_err *err)
{
	struct zync_job_call call = {
		.params = {.older_than_min = -1},
		.user = ZYNC_SERVICE_USER,
		.timeout_ms = turn->app->config->service.job_timeout_ms,
	};
	struct zync_job_schedule schedule = {.interval_min = minutes};
	const char *answer = NULL;
	int64_t last = 0;

	ZYNC_TRY(zync_job_type_find(kind->name, &call.type, err));
	ZYNC_TRY(recurring_last(turn, kind->name, &last, err));
	/* A clock that was set back must not put the first turn far into the future. */
	if (last > 0 && last <= turn->now && last + minutes * MINUTE_MS > turn->now)
		schedule.run_at = last + minutes * MINUTE_MS;
	ZYNC_TRY(zync_job_enqueue(turn->app, &call, &schedule, turn->arena, &answer, err));
	return recurring_judge(turn, kind, minutes, answer, err);
}

static bool recurring_is_as_wanted(const struct recurring *turn, const struct zync_job *job, int64_t minutes)
{
	return job->interval_min == minutes && job->timeout_ms == turn->app->config->service.job_timeout_ms;
}

static enum zync_status recurring_align_kind(const struct recurring *turn, const struct recurring_kind *kind, struct zync_err *err)
{
	int64_t minutes = recurring_minutes(turn->app, kind);
	struct recurring_rows rows;

	ZYNC_TRY(recurring_find(turn, kind->name, &rows, err));
	if (minutes == 0) {
		/* A turn that runs is left to its end; the next one, which it schedules then, is the one to cancel. */
		if (rows.running != NULL)
			*turn->ret_later = true;
		return rows.waiting != NULL ? recurring_cancel(turn, kind, rows.waiting, err) : ZYNC_OK;
	}
	if (rows.other != NULL) {
		if (turn->tell)
			zync_log_info("Job %s recurs every %lld min as %s queued it, and not as %s says; `zync job cancel %s` ends that",
				      kind->name, (long long)rows.other->interval_min,
				      rows.other->user != NULL ? rows.other->user : "somebody", kind->key, rows.other->job_id);
		return ZYNC_OK;
	}
	if (rows.waiting != NULL && recurring_is_as_wanted(turn, rows.waiting, minutes))
		return ZYNC_OK;
	if (rows.waiting == NULL && rows.running != NULL) {
		*turn->ret_later = *turn->ret_later || !recurring_is_as_wanted(turn, rows.running, minutes);
		return ZYNC_OK;
	}
	return recurring_queue(turn, kind, minutes, err);
}

enum zync_status zync_recurring_align(struct zync_app *app, int64_t now, bool tell, bool *ret_later, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	bool later = false;
	struct recurring turn = {.app = app, .now = now, .tell = tell, .ret_later = &later, .arena = arena};

	if (arena == NULL)
		return zync_err_nomem(err, "looking after the recurring jobs");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(KINDS); i++) {
		enum zync_status status = recurring_align_kind(&turn, &KINDS[i], err);

		if (status != ZYNC_OK)
			return zync_err_wrap(err, status, "the recurring job %s (%s)", KINDS[i].name, KINDS[i].key);
	}
	*ret_later = later;
	return ZYNC_OK;
}
