/* SPDX-License-Identifier: Apache-2.0 */
/** @file api_priv.h  What the files of the public API share. */
#ifndef ZYNC_API_API_PRIV_H
#define ZYNC_API_API_PRIV_H

#include "jobs/jobs.h"
#include "zync/zync.h"

struct zync {
	struct zync_app *app;
};

struct zync_result {
	char *json;
};

/** A result that holds a copy of @p json, with every known secret masked. NULL @p json or @p ret: nothing. */
enum zync_status zync_result_new(const char *json, struct zync_result **ret, struct zync_err *err);

/* queue.c */

/** Run a job at once; *ret (may be NULL) is what it gives, set also when it failed. */
enum zync_status zync_api_run_call(struct zync *zync, const struct zync_job_call *call, struct zync_sync_summary *ret_summary,
				   struct zync_result **ret, struct zync_err *err);
/** The same for the kind of job that is called @p name, without a time-out. @p request may be NULL. */
enum zync_status zync_api_run_job(struct zync *zync, const char *name, const struct zync_job_params *params,
				  const struct zync_request *request, struct zync_sync_summary *ret_summary, struct zync_result **ret,
				  struct zync_err *err);

#endif
