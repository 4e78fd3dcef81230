/* SPDX-License-Identifier: Apache-2.0 */
/* SyncHostsNow: every host config in line with its Zabbix host, through update_zabbix_host(). */
#include "jobs/run.h"
#include "jobs/types.h"

static enum zync_status sync_body(struct zync_run *run, const struct zync_job_params *params, struct zync_err *err)
{
	if (params->no_pull)
		ZYNC_TRY(zync_pull_stage_stored(run, params->hosts, params->host_count, err));
	else
		ZYNC_TRY(zync_pull_stage(run, params->hosts, params->host_count, err));
	ZYNC_TRY(zync_run_update_zabbix_hosts(run, err));
	return zync_run_summary_json(run, "completed", &run->data, err);
}

const struct zync_job_type zync_job_sync_hosts_now = {
	.name = "sync-hosts-now",
	.summary = "bring every host config in line with its host in Zabbix",
	.takes = ZYNC_TAKES_HOSTS | ZYNC_TAKES_NO_PULL | ZYNC_TAKES_FORCE | ZYNC_TAKES_STRICT,
	.writes_zabbix = true,
	.body = sync_body,
};
