/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file types.h
 * The kinds of jobs, each defined in the file of its name; types.c makes the table of them. Private to jobs/.
 */
#ifndef ZYNC_JOBS_TYPES_H
#define ZYNC_JOBS_TYPES_H

#include "jobs/jobs.h"

extern const struct zync_job_type zync_job_host_config_sync_refresh;
extern const struct zync_job_type zync_job_import_zabbix_settings;
extern const struct zync_job_type zync_job_clean_up;

#endif
