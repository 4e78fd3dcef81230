/* SPDX-License-Identifier: Apache-2.0 */
/** @file types.h  The kinds of jobs, each defined by its file. A new one: its line here, its row in types.c, its file. docs/internals/jobs.md. */
#ifndef ZYNC_JOBS_TYPES_H
#define ZYNC_JOBS_TYPES_H

#include "jobs/jobs.h"

extern const struct zync_job_type zync_job_sync_hosts_now;
extern const struct zync_job_type zync_job_pull;
extern const struct zync_job_type zync_job_create_zabbix_host;
extern const struct zync_job_type zync_job_update_zabbix_host;
extern const struct zync_job_type zync_job_delete_zabbix_host;
extern const struct zync_job_type zync_job_adopt_zabbix_host;
extern const struct zync_job_type zync_job_host_config_sync_refresh;
extern const struct zync_job_type zync_job_import_zabbix_settings;
extern const struct zync_job_type zync_job_clean_up;
extern const struct zync_job_type zync_job_delete_unused_host_groups;

#endif
