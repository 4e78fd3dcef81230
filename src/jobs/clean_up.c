/* SPDX-License-Identifier: Apache-2.0 */
/* The job clean-up: what the configuration does not want to be kept of events, changes and jobs goes. */
#include "jobs/run.h"
#include "jobs/types.h"

static enum zync_status clean_up_data(struct zync_run *run, const struct zync_retention_counts *counts, struct zync_err *err)
{
	struct zync_jnode *data = zync_jb_object(run->json);

	run->summary.total = counts->events + counts->changes + counts->jobs;
	run->summary.updated = run->summary.total;
	zync_run_set_message(run,
			     zync_arena_printf(run->arena,
					       "Clean-up complete: %llu events, %llu changes and %llu jobs with %llu log lines deleted.",
					       (unsigned long long)counts->events, (unsigned long long)counts->changes,
					       (unsigned long long)counts->jobs, (unsigned long long)counts->log_lines));
	zync_jb_set_str(run->json, data, "job_id", run->job_id);
	zync_jb_set_str(run->json, data, "status", "completed");
	zync_jb_set_u64(run->json, data, "events", counts->events);
	zync_jb_set_u64(run->json, data, "changes", counts->changes);
	zync_jb_set_u64(run->json, data, "jobs", counts->jobs);
	zync_jb_set_u64(run->json, data, "log_lines", counts->log_lines);
	zync_jb_set_str(run->json, data, "message", run->summary.message);
	return zync_jb_text(run->json, data, ZYNC_JSON_COMPACT, run->arena, &run->data, err);
}

static enum zync_status clean_up_body(struct zync_run *run, ZYNC_UNUSED const struct zync_job_params *params, struct zync_err *err)
{
	const struct zync_cfg_retention *config = &run->app->config->retention;
	struct zync_retention retention = {
		.before = config->age_ms > 0 && config->age_ms < run->started ? run->started - config->age_ms : 0,
		.max_events = (uint64_t)config->max_events,
		.max_jobs = (uint64_t)config->max_jobs,
	};
	struct zync_retention_counts counts = {0};

	ZYNC_TRY(zync_run_progress(run, "clean-up", 0, 0, err));
	ZYNC_TRY(zync_store_clean_up(run->app->store, &retention, &counts, err));
	return clean_up_data(run, &counts, err);
}

const struct zync_job_type zync_job_clean_up = {
	.name = "clean-up",
	.summary = "Delete events, changes and ended jobs that are older or more than `retention` keeps",
	.body = clean_up_body,
};
