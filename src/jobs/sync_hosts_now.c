/* SPDX-License-Identifier: Apache-2.0 */
/* SyncHostsNow: every host config in line with its Zabbix host, through update_zabbix_host(). */
#include "base/str.h"
#include "jobs/jobs.h"
#include "jobs/run.h"

static enum zync_status sync_body(struct zync_run *run, void *ctx, struct zync_err *err)
{
	const struct zync_sync_options *options = ctx;

	run->force = options->force;
	if (options->no_pull)
		ZYNC_TRY(zync_pull_stage_stored(run, options->hosts, options->host_count, err));
	else
		ZYNC_TRY(zync_pull_stage(run, options->hosts, options->host_count, err));
	run->summary.skipped = run->pull.skipped;
	ZYNC_TRY(zync_run_update_zabbix_hosts(run, err));
	return zync_run_summary_json(run, "completed", &run->data, err);
}

static enum zync_status sync_params(const struct zync_sync_options *options, struct zync_arena *arena, const char **ret,
				    struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *params;
	struct zync_jnode *hosts;

	if (b == NULL)
		return zync_err_nomem(err, "starting a sync");
	params = zync_jb_object(b);
	hosts = zync_jb_set_array(b, params, "hosts");
	for (size_t i = 0; i < options->host_count; i++)
		zync_jb_add_str(b, hosts, options->hosts[i]);
	zync_jb_set_bool(b, params, "no_pull", options->no_pull);
	zync_jb_set_bool(b, params, "force", options->force);
	return zync_jb_text(b, params, ZYNC_JSON_COMPACT, arena, ret, err);
}

enum zync_status zync_job_sync_hosts_now(struct zync_app *app, const struct zync_sync_options *options, const char *user,
					 const char *request_id, struct zync_arena *arena, struct zync_sync_summary *ret_summary,
					 const char **ret_json, struct zync_err *err)
{
	struct zync_sync_options copy = *options;
	struct zync_job_spec spec = {
		.name = "sync-hosts-now",
		.user = user,
		.request_id = request_id,
		.body = sync_body,
		.ctx = &copy,
	};

	ZYNC_TRY(sync_params(options, arena, &spec.params, err));
	return zync_runner_run(app, &spec, arena, ret_json, ret_summary, err);
}
