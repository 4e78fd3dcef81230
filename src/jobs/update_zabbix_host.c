/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update_zabbix_host(): fetch → desired → diff → write → changelog. The bulk job and the single-host jobs differ only in what is staged; from
 * zync_run_update_zabbix_hosts() on they are one code.
 */
#include <string.h>

#include "base/str.h"
#include "jobs/jobs.h"
#include "jobs/run.h"

enum zync_status zync_run_update_zabbix_hosts(struct zync_run *run, struct zync_err *err)
{
	ZYNC_TRY(zync_run_plan(run, err));
	return zync_run_apply(run, err);
}

struct single_job {
	enum zync_single what;
	const char *host;
	bool stored;
};

/* A named host must be one host: what is meant is not guessed when it changes monitoring. */
static enum zync_status single_check_one(struct zync_run *run, const char *host, struct zync_err *err)
{
	uint64_t staged = run->plan.create + run->plan.update + run->plan.disable + run->plan.delete_ + run->plan.unchanged +
			  run->plan.failed + run->plan.report + run->plan.forget + run->plan.skipped;

	if (staged > 1)
		return zync_err_set(
			err, ZYNC_ERR_INVALID,
			"%llu objects are called \"%s\"; name the one that is meant as device:N or vm:N (see `zync explain %s`)",
			(unsigned long long)staged, host, host);
	if (staged == 0)
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND, "%s is not selected for monitoring: see `zync explain %s`", host, host);
	return ZYNC_OK;
}

static enum zync_status single_check_kind(const struct zync_run *run, const struct single_job *job, struct zync_err *err)
{
	if (job->what == ZYNC_SINGLE_CREATE && run->plan.forget > 0)
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND, "%s is to have no host in Zabbix: see `zync explain %s`", job->host,
				    job->host);
	if (job->what == ZYNC_SINGLE_CREATE && run->plan.create == 0 && run->plan.failed == 0)
		return zync_err_set(err, ZYNC_ERR_CONFLICT, "%s has a host in Zabbix already; bring it in line with `zync host update %s`",
				    job->host, job->host);
	if ((job->what == ZYNC_SINGLE_DELETE_SOFT || job->what == ZYNC_SINGLE_DELETE_HARD) && run->plan.delete_ == 0 &&
	    run->plan.failed == 0 && !run->server_gone)
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND, "%s has no host in Zabbix that could be deleted", job->host);
	return ZYNC_OK;
}

static enum zync_status single_data(struct zync_run *run, struct zync_err *err)
{
	zync_jb_set_str(run->json, run->single, "job_id", run->job_id);
	zync_jb_set_str(run->json, run->single, "status", "completed");
	return zync_jb_text(run->json, run->single, ZYNC_JSON_COMPACT, run->arena, &run->data, err);
}

static enum zync_status single_body(struct zync_run *run, void *ctx, struct zync_err *err)
{
	const struct single_job *job = ctx;
	bool deletes = job->what == ZYNC_SINGLE_DELETE_SOFT || job->what == ZYNC_SINGLE_DELETE_HARD;

	run->single = zync_jb_object(run->json);
	if (deletes || job->stored)
		ZYNC_TRY(zync_pull_stage_stored(run, &job->host, 1, err));
	else
		ZYNC_TRY(zync_pull_stage(run, &job->host, 1, err));
	if (deletes) {
		run->delete_all = true;
		run->delete_hard = job->what == ZYNC_SINGLE_DELETE_HARD;
	}
	run->force = true; /* one host, asked for by name: the limits are for what nobody looked at */
	ZYNC_TRY(zync_run_plan(run, err));
	ZYNC_TRY(single_check_one(run, job->host, err));
	ZYNC_TRY(single_check_kind(run, job, err));
	ZYNC_TRY(zync_run_apply(run, err));
	return single_data(run, err);
}

static const char *single_job_name(enum zync_single what)
{
	switch (what) {
	case ZYNC_SINGLE_CREATE:
		return "create-zabbix-host";
	case ZYNC_SINGLE_DELETE_SOFT:
	case ZYNC_SINGLE_DELETE_HARD:
		return "delete-zabbix-host";
	case ZYNC_SINGLE_UPDATE:
		break;
	}
	return "update-zabbix-host";
}

enum zync_status zync_job_single_host(struct zync_app *app, enum zync_single what, const char *host, bool stored, const char *user,
				      const char *request_id, struct zync_arena *arena, const char **ret_json, struct zync_err *err)
{
	struct single_job job = {.what = what, .host = host, .stored = stored};
	struct zync_job_spec spec = {
		.name = single_job_name(what),
		.user = user,
		.request_id = request_id,
		.body = single_body,
		.ctx = &job,
	};

	return zync_runner_run(app, &spec, arena, ret_json, NULL, err);
}

/* ---- update_sync_status() ---- */

struct status_job {
	const char *host;
	bool in_sync;
	const char *json;
	struct zync_arena *arena;
};

static enum zync_status status_body(struct zync_run *run, void *ctx, struct zync_err *err)
{
	struct status_job *job = ctx;
	const char *text = NULL;

	run->compare_only = true;
	run->operations = zync_jb_array(run->json);
	ZYNC_TRY(zync_pull_stage_stored(run, &job->host, 1, err));
	ZYNC_TRY(zync_run_plan(run, err));
	ZYNC_TRY(single_check_one(run, job->host, err));
	job->in_sync = run->plan.unchanged + run->plan.skipped + run->plan.forget > 0;
	ZYNC_TRY(zync_jb_text(run->json, run->operations, ZYNC_JSON_COMPACT, run->arena, &text, err));
	job->json = zync_arena_strdup(job->arena, text);
	if (job->json == NULL)
		return zync_err_nomem(err, "comparing a host");
	run->data = text;
	return zync_store_work_commit(run->app->store, run->started, NULL, NULL, err);
}

enum zync_status zync_job_sync_status(struct zync_app *app, const char *host, struct zync_arena *arena, bool *ret_in_sync,
				      const char **ret_json, struct zync_err *err)
{
	struct status_job job = {.host = host, .arena = arena};
	struct zync_job_spec spec = {.name = "update-sync-status", .dry = true, .body = status_body, .ctx = &job};

	ZYNC_TRY(zync_runner_run(app, &spec, arena, NULL, NULL, err));
	*ret_in_sync = job.in_sync;
	*ret_json = job.json;
	return ZYNC_OK;
}
