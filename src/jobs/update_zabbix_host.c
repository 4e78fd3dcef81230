/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update_zabbix_host(): fetch → desired → diff → write → changelog. The bulk job and the single-host jobs differ only in what is staged; from
 * zync_run_update_zabbix_hosts() on they are one code.
 */
#include <string.h>

#include "base/str.h"
#include "jobs/jobs.h"
#include "jobs/run.h"
#include "jobs/types.h"
#include "store/guard.h"

enum zync_status zync_run_update_zabbix_hosts(struct zync_run *run, struct zync_err *err)
{
	ZYNC_TRY(zync_run_plan_guarded(run, err));
	return zync_run_apply(run, err);
}

enum single { SINGLE_UPDATE, SINGLE_CREATE, SINGLE_DELETE };

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

static enum zync_status single_check_kind(const struct zync_run *run, enum single what, const char *host, struct zync_err *err)
{
	if (what == SINGLE_CREATE && run->plan.forget > 0)
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND, "%s is to have no host in Zabbix: see `zync explain %s`", host, host);
	if (what == SINGLE_CREATE && run->plan.create == 0 && run->plan.failed == 0)
		return zync_err_set(err, ZYNC_ERR_CONFLICT, "%s has a host in Zabbix already; bring it in line with `zync host update %s`",
				    host, host);
	if (what == SINGLE_DELETE && run->plan.delete_ == 0 && run->plan.failed == 0 && !run->server_gone)
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND, "%s has no host in Zabbix that could be deleted", host);
	return ZYNC_OK;
}

static enum zync_status single_data(struct zync_run *run, struct zync_err *err)
{
	zync_jb_set_str(run->json, run->single, "job_id", run->job_id);
	zync_jb_set_str(run->json, run->single, "status", "completed");
	return zync_jb_text(run->json, run->single, ZYNC_JSON_COMPACT, run->arena, &run->data, err);
}

static enum zync_status single_body(struct zync_run *run, enum single what, const struct zync_job_params *params, struct zync_err *err)
{
	const char *host = params->hosts[0];

	run->single = zync_jb_object(run->json);
	if (what == SINGLE_DELETE || params->no_pull)
		ZYNC_TRY(zync_pull_stage_stored(run, &host, 1, err));
	else
		ZYNC_TRY(zync_pull_stage(run, &host, 1, err));
	run->delete_all = what == SINGLE_DELETE;
	run->delete_hard = params->hard;
	run->force = true; /* one host, asked for by name: the limits are for what nobody looked at */
	ZYNC_TRY(zync_run_plan_guarded(run, err));
	ZYNC_TRY(single_check_one(run, host, err));
	ZYNC_TRY(single_check_kind(run, what, host, err));
	ZYNC_TRY(zync_run_apply(run, err));
	return single_data(run, err);
}

static enum zync_status update_body(struct zync_run *run, const struct zync_job_params *params, struct zync_err *err)
{
	return single_body(run, SINGLE_UPDATE, params, err);
}

static enum zync_status create_body(struct zync_run *run, const struct zync_job_params *params, struct zync_err *err)
{
	return single_body(run, SINGLE_CREATE, params, err);
}

static enum zync_status delete_body(struct zync_run *run, const struct zync_job_params *params, struct zync_err *err)
{
	return single_body(run, SINGLE_DELETE, params, err);
}

const struct zync_job_type zync_job_update_zabbix_host = {
	.name = "update-zabbix-host",
	.summary = "bring one host in line",
	.takes = ZYNC_TAKES_HOSTS | ZYNC_TAKES_NO_PULL,
	.one_host = true,
	.writes_zabbix = true,
	.body = update_body,
};
const struct zync_job_type zync_job_create_zabbix_host = {
	.name = "create-zabbix-host",
	.summary = "create the host of one host config",
	.takes = ZYNC_TAKES_HOSTS | ZYNC_TAKES_NO_PULL,
	.one_host = true,
	.writes_zabbix = true,
	.body = create_body,
};
const struct zync_job_type zync_job_delete_zabbix_host = {
	.name = "delete-zabbix-host",
	.summary = "move one host to the graveyard, or delete it for good (--hard)",
	.takes = ZYNC_TAKES_HOSTS | ZYNC_TAKES_HARD,
	.one_host = true,
	.writes_zabbix = true,
	.body = delete_body,
};

/* ---- update_sync_status() ---- */

struct status_job {
	const char *host;
	bool *in_sync;
	const char **json;
	struct zync_arena *arena;
};

static enum zync_status status_body(struct zync_run *run, const void *ctx, struct zync_err *err)
{
	const struct status_job *job = ctx;
	struct zync_job_end end = {0};
	const char *text = NULL;

	run->compare_only = true;
	ZYNC_TRY(zync_store_guard_epoch(run->app->store, &end.epoch, err));
	run->operations = zync_jb_array(run->json);
	ZYNC_TRY(zync_pull_stage_stored(run, &job->host, 1, err));
	ZYNC_TRY(zync_run_plan(run, err));
	ZYNC_TRY(single_check_one(run, job->host, err));
	*job->in_sync = run->plan.unchanged + run->plan.skipped + run->plan.forget > 0;
	ZYNC_TRY(zync_jb_text(run->json, run->operations, ZYNC_JSON_COMPACT, run->arena, &text, err));
	*job->json = zync_arena_strdup(job->arena, text);
	if (*job->json == NULL)
		return zync_err_nomem(err, "comparing a host");
	run->data = text;
	return zync_store_work_commit(run->app->store, run->started, &end, NULL, err);
}

enum zync_status zync_job_sync_status(struct zync_app *app, const char *host, struct zync_arena *arena, bool *ret_in_sync,
				      const char **ret_json, struct zync_err *err)
{
	struct status_job job = {.host = host, .in_sync = ret_in_sync, .json = ret_json, .arena = arena};
	struct zync_run_spec spec = {.name = "update-sync-status", .dry = true, .body = status_body, .ctx = &job};

	return zync_runner_run(app, &spec, arena, NULL, NULL, err);
}
