/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file jobs.h
 * The jobs, one function each, for the public API. Results are JSON texts in the arena given; the keys are documented in zync/zync.h.
 */
#ifndef ZYNC_JOBS_JOBS_H
#define ZYNC_JOBS_JOBS_H

#include "jobs/app.h"

/** sync_hosts_now.c: SyncHostsNow. *ret_json and *ret_summary are set also when the job failed. */
enum zync_status zync_job_sync_hosts_now(struct zync_app *app, const struct zync_sync_options *options, const char *user,
					 const char *request_id, struct zync_arena *arena, struct zync_sync_summary *ret_summary,
					 const char **ret_json, struct zync_err *err) ZYNC_MUST_CHECK;
/** The same without writing anything anywhere: the plan. */
enum zync_status zync_job_plan_hosts(struct zync_app *app, const struct zync_sync_options *options, struct zync_arena *arena,
				     const char **ret_json, struct zync_err *err) ZYNC_MUST_CHECK;
/** pull.c: NetBox → host configs. */
enum zync_status zync_job_pull(struct zync_app *app, bool force, struct zync_arena *arena, const char **ret_json,
			       struct zync_err *err) ZYNC_MUST_CHECK;

/** What to do with a single host. */
enum zync_single { ZYNC_SINGLE_UPDATE = 0, ZYNC_SINGLE_CREATE, ZYNC_SINGLE_DELETE_SOFT, ZYNC_SINGLE_DELETE_HARD };
/** update_zabbix_host.c: one named host, by the very same steps as the bulk job. @p stored: as the store has it, without asking NetBox. */
enum zync_status zync_job_single_host(struct zync_app *app, enum zync_single what, const char *host, bool stored, const char *user,
				      const char *request_id, struct zync_arena *arena, const char **ret_json,
				      struct zync_err *err) ZYNC_MUST_CHECK;
/** Compare the stored desired state of one host config with Zabbix and store the sync status; *ret_json is its plan operation. */
enum zync_status zync_job_sync_status(struct zync_app *app, const char *host, struct zync_arena *arena, bool *ret_in_sync,
				      const char **ret_json, struct zync_err *err) ZYNC_MUST_CHECK;
/** adopt_zabbix_host.c */
enum zync_status zync_job_adopt(struct zync_app *app, const char *host, struct zync_arena *arena, const char **ret_json,
				struct zync_err *err) ZYNC_MUST_CHECK;
/** explain.c */
enum zync_status zync_job_explain(struct zync_app *app, const char *host, struct zync_arena *arena, const char **ret_json,
				  struct zync_err *err) ZYNC_MUST_CHECK;
/** check.c */
enum zync_status zync_job_check(struct zync_app *app, bool fix, struct zync_arena *arena, const char **ret_json,
				struct zync_err *err) ZYNC_MUST_CHECK;

#endif
