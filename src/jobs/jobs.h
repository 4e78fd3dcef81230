/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file jobs.h
 * The jobs and the one door to them, for the public API and the service: what kinds there are, running one at once, queueing, cancelling, repeating.
 *
 * A job is a row of the table in types.c and a file with its body; docs/internals/jobs.md says how to add one. Results are JSON texts in the arena
 * given; the keys are documented in zync/zync.h.
 */
#ifndef ZYNC_JOBS_JOBS_H
#define ZYNC_JOBS_JOBS_H

#include "jobs/app.h"

struct zync_run;

/** What a job can be told. Kept with the job as JSON, so that it can be queued and repeated. */
struct zync_job_params {
	const char *const *hosts; /**< names in NetBox or Zabbix, "pk:N", "device:N", "vm:N" */
	size_t host_count;
	bool no_pull;		/**< start at the stored host configs */
	bool force;		/**< go over the safety limits */
	bool strict;		/**< the first failed host fails the job, and what was written is put back */
	bool hard;		/**< delete with the history */
	bool dry_run;		/**< say what would be done, and write nothing to Zabbix */
	int64_t older_than_min; /**< host-config-sync-refresh: configs whose last check is older; -1: as configured */
};

/** What a kind of job can be told: bits of zync_job_type.takes. */
enum zync_job_takes {
	ZYNC_TAKES_HOSTS = 1,
	ZYNC_TAKES_NO_PULL = 2,
	ZYNC_TAKES_FORCE = 4,
	ZYNC_TAKES_STRICT = 8,
	ZYNC_TAKES_HARD = 16,
	ZYNC_TAKES_OLDER_THAN = 32,
	ZYNC_TAKES_DRY_RUN = 64
};

/** A kind of job: a row of the table in types.c. */
struct zync_job_type {
	const char *name;    /**< "sync-hosts-now" */
	const char *summary; /**< one line for people */
	unsigned takes;
	bool one_host;	    /**< works on exactly one named host */
	bool writes_zabbix; /**< what interrupted runs left open is cleared up before it begins */
	/** The work itself. Sets run->data on success. Everything it stages is committed when it returns ZYNC_OK, and dropped otherwise. */
	enum zync_status (*body)(struct zync_run *run, const struct zync_job_params *params, struct zync_err *err);
};
/** The table: pointers to the kinds. */
const struct zync_job_type *const *zync_job_types(size_t *ret_count);
/** The kind of that name; INVALID names the nearest one. */
enum zync_status zync_job_type_find(const char *name, const struct zync_job_type **ret, struct zync_err *err) ZYNC_MUST_CHECK;

/** Does the kind take these parameters? INVALID says which one it does not, or what it lacks. */
enum zync_status zync_job_params_check(const struct zync_job_type *type, const struct zync_job_params *params,
				       struct zync_err *err) ZYNC_MUST_CHECK;
/** {"hosts":[…],"no_pull":true …}: only what differs from nothing. */
enum zync_status zync_job_params_to_json(const struct zync_job_params *params, struct zync_arena *arena, const char **ret,
					 struct zync_err *err) ZYNC_MUST_CHECK;
/** The parameters of such a text; unknown members and wrong types are INVALID. */
enum zync_status zync_job_params_from_json(const char *json, struct zync_arena *arena, struct zync_job_params *ret,
					   struct zync_err *err) ZYNC_MUST_CHECK;

/** One call of a job. */
struct zync_job_call {
	const struct zync_job_type *type;
	struct zync_job_params params;
	const char *user;	/**< NULL: the application's */
	const char *request_id; /**< NULL: the application's */
	int64_t timeout_ms;	/**< 0: none */
	const char *retry_of;	/**< or NULL */
};
/** run_job_now: run it here and at once, bound by no queue. *ret_json (may be NULL) and *ret_summary (may be NULL) are set also when the job failed. */
enum zync_status zync_job_run_now(struct zync_app *app, const struct zync_job_call *call, struct zync_arena *arena, const char **ret_json,
				  struct zync_sync_summary *ret_summary, struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Run a job that zync_job_take_next() gave. Its end is recorded in any case; an error is returned for the log only.
 * What its row says and this program does not understand (another version queued it) ends it as errored.
 */
enum zync_status zync_job_run_taken(struct zync_app *app, const struct zync_job *job, struct zync_err *err) ZYNC_MUST_CHECK;
/** Take the next due job for this process; *ret NULL: none. */
enum zync_status zync_job_take_next(struct zync_app *app, struct zync_arena *arena, struct zync_job **ret,
				    struct zync_err *err) ZYNC_MUST_CHECK;

/** When a queued job is to run. */
struct zync_job_schedule {
	int64_t run_at;	      /**< wall clock, ms; 0: at once */
	int64_t interval_min; /**< again every so many minutes; 0: once */
};
/** Queue it: {"job_id","name","status","existing","run_at","every","message"}. Single instance as in store/queue.h. */
enum zync_status zync_job_enqueue(struct zync_app *app, const struct zync_job_call *call, const struct zync_job_schedule *schedule,
				  struct zync_arena *arena, const char **ret_json, struct zync_err *err) ZYNC_MUST_CHECK;
/** The call that would repeat a job that has ended; @p failed_only: only for the hosts that failed (INVALID when none did, or the kind has no hosts). */
enum zync_status zync_job_retry_call(struct zync_app *app, const char *job_id, bool failed_only, struct zync_arena *arena,
				     struct zync_job_call *ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** Cancel: {"job_id","status","message"}. NOT_FOUND, or CONFLICT when it has ended. */
enum zync_status zync_job_cancel(struct zync_app *app, const char *job_id, const char *user, const char *request_id,
				 struct zync_arena *arena, const char **ret_json, struct zync_err *err) ZYNC_MUST_CHECK;

/* ---- what is no job -------------------------------------------------------------------------------------------- */

/** The plan of a sync, writing nothing anywhere. */
enum zync_status zync_job_plan_hosts(struct zync_app *app, const struct zync_sync_options *options, struct zync_arena *arena,
				     const char **ret_json, struct zync_err *err) ZYNC_MUST_CHECK;
/** Compare the stored desired state of one host config with Zabbix and store the sync status; *ret_json is its plan operation. */
enum zync_status zync_job_sync_status(struct zync_app *app, const char *host, struct zync_arena *arena, bool *ret_in_sync,
				      const char **ret_json, struct zync_err *err) ZYNC_MUST_CHECK;
/** explain.c */
enum zync_status zync_job_explain(struct zync_app *app, const char *host, struct zync_arena *arena, const char **ret_json,
				  struct zync_err *err) ZYNC_MUST_CHECK;
/** check.c */
enum zync_status zync_job_check(struct zync_app *app, const struct zync_check_options *options, struct zync_arena *arena,
				const char **ret_json, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
