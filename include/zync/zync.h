/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file zync.h
 * The public API of Zync: an instance, and one function a command. The program `zync` is a plain client of this header.
 *
 * An instance belongs to one thread at a time; only zync_cancel() may be called from anywhere, also from a signal handler. Structured answers come as JSON
 * documents (struct zync_result) with the keys that `zync … --json` prints; SyncHostsNow has a typed summary besides. Every function that takes
 * a struct zync_err fills it on failure (see error.h); on success it is left alone. Strings of a result live as long as the result.
 */
#ifndef ZYNC_ZYNC_H
#define ZYNC_ZYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zync/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Version of the library, as "0.1.0". */
const char *zync_version(void);

struct zync;
struct zync_result;

/** How far a job is; the same numbers are stored for other readers. */
struct zync_progress {
	const char *
		phase; /**< "recover", "pull", "plan", "wait" (for another run that writes the same hosts), "apply", "put-back", "record"; "import" and "clean-up" of the jobs of these names */
	uint64_t current;
	uint64_t total; /**< 0: not known yet */
	uint64_t updated;
	uint64_t failed;
	double rate;	 /**< per second since the phase began */
	int64_t left_ms; /**< estimated, -1: not known */
};

struct zync_open_params {
	const char *
		config_path; /**< NULL: $ZYNC_CONFIG, ./zync.yaml, ~/.config/zync/zync.yaml, /etc/zync/zync.yaml, else the environment alone */
	const char *user;    /**< for the audit trail; NULL: none known */
	const char *request_id;						   /**< for the audit trail; NULL: a fresh UUID */
	void (*progress)(void *ctx, const struct zync_progress *progress); /**< may be NULL */
	void *progress_ctx;
};

/** Load and check the configuration and open the store. Servers are contacted when a command needs them. Free with zync_close(). */
enum zync_status zync_open(const struct zync_open_params *params, struct zync **ret, struct zync_err *err);
/** Log out of the servers, close the store, free. NULL is fine. */
void zync_close(struct zync *zync);
/** Ask a running job to stop: it ends between two calls to the servers, is rolled back and ends as failed. Async-signal-safe. */
void zync_cancel(struct zync *zync);

/** The JSON text of a result; ends without a newline. */
const char *zync_result_json(const struct zync_result *result);
/** Free; NULL is fine. */
void zync_result_free(struct zync_result *result);

/* ---- the sync job ---------------------------------------------------------------------------------------------- */

/** The triggering request (the spec's HttpRequest): who, and under which id. */
struct zync_request {
	const char *user;	/**< NULL: that of zync_open() */
	const char *request_id; /**< NULL: that of zync_open() */
};

struct zync_sync_options {
	const char *const *hosts; /**< only these: names in NetBox or Zabbix, "pk:N", "device:N", "vm:N"; NULL: all */
	size_t host_count;
	bool no_pull; /**< start at the stored host configs: the spec's SyncHostsNow to the letter */
	bool force;   /**< go over the safety limits */
	bool strict;  /**< the first failed host fails the job; what was written to Zabbix is put back, newest first */
	bool dry_run; /**< up to the plan; nothing is written anywhere */
};

struct zync_sync_summary {
	char job_id[37];
	uint64_t total;	  /**< host configs in the run's scope; updated + failed */
	uint64_t updated; /**< brought (or found) in sync: created + changed + unchanged + deleted + disabled */
	uint64_t failed;
	uint64_t created, changed, unchanged, deleted, disabled;
	uint64_t skipped; /**< objects that the rules leave out */
	int64_t duration_ms;
	uint64_t zabbix_calls, zabbix_write_calls, netbox_calls; /**< without the write-back to NetBox, which follows the commit */
	char message[160];					 /**< "Sync complete: U/T hosts updated, F failed." */
};

/**
 * SyncHostsNow: bring every host config in line with its Zabbix host. @p user and @p request_id may be NULL.
 * Returns ZYNC_OK when the job completed, also with failed hosts (see summary and result); else the job errored or failed, nothing is recorded but the
 * job itself, and *ret_summary and *ret tell how far it came. *ret (may be NULL) gets the summary as JSON with the failures of hosts.
 * With dry_run it gets the plan instead (see zync_plan_hosts()), and *ret_summary is left alone.
 */
enum zync_status zync_sync_hosts_now_run(struct zync *zync, const struct zync_sync_options *options, const char *user,
					 const char *request_id, struct zync_sync_summary *ret_summary, struct zync_result **ret,
					 struct zync_err *err);
/** The same at once in this process for a request, without a queue and not bound by the single instance of queued jobs. */
enum zync_status zync_sync_hosts_now_run_job_now(struct zync *zync, const struct zync_request *request,
						 const struct zync_sync_options *options, struct zync_sync_summary *ret_summary,
						 struct zync_result **ret, struct zync_err *err);

/** NetBox → host configs: {"job_id","status","objects","total","new","changed","unchanged","removed","missing","skipped","without_address","failed","failures":[…],"message","netbox_calls"}. */
enum zync_status zync_pull(struct zync *zync, bool force, struct zync_result **ret, struct zync_err *err);
/** What a sync would change, changing nothing anywhere: {"total","create","update","disable","delete","report","unchanged","failed","skipped","limits","operations":[…]}. */
enum zync_status zync_plan_hosts(struct zync *zync, const struct zync_sync_options *options, struct zync_result **ret,
				 struct zync_err *err);
/** Where each value of a host comes from, or why it is skipped: {"hosts":[{"name","type","id","verdict","reason","advice","server","virtual_chassis":{…},"mappings":[…],"passed_over":[…],"values":[{"field","value","rule","file","line","column","overrode","note"}]}]}; value null: something was taken away, or left out. `virtual_chassis` only where it is one host. */
enum zync_status zync_explain(struct zync *zync, const char *host, struct zync_result **ret, struct zync_err *err);
/** What zync_check() does beside looking. */
struct zync_check_options {
	bool fix;	 /**< create missing NetBox custom fields */
	bool no_objects; /**< do not read and derive all objects */
};
/**
 * Checks configuration, connections, versions, permissions, names; reads all objects from NetBox and says what the mappings make of them:
 * {"ok","checks":[{"what","ok","level","message"}]}, level "ok", "info", "warning" or "error". Only an error makes it fail. @p options NULL: all defaults.
 */
enum zync_status zync_check(struct zync *zync, const struct zync_check_options *options, struct zync_result **ret, struct zync_err *err);

/* ---- single hosts ---------------------------------------------------------------------------------------------- */

/** Filter of zync_host_config_list(). */
struct zync_host_config_query {
	bool in_sync, out_of_sync, failed; /**< at most one */
	const char *server;
	const char *state; /**< monitored, disabled, removed, missing, failed */
};
/** {"hosts":[{"host_config_id","name","host","type","id","server","hostid","state","in_sync","last_sync_update","last_error"}]} */
enum zync_status zync_host_config_list(struct zync *zync, const struct zync_host_config_query *filter, struct zync_result **ret,
				       struct zync_err *err);
/** One host config with its desired state; with @p actual also Zabbix's. */
enum zync_status zync_host_config_show(struct zync *zync, const char *host, bool actual, struct zync_result **ret, struct zync_err *err);
/** Desired (as stored) against actual; the sync status is updated. */
enum zync_status zync_host_config_diff(struct zync *zync, const char *host, struct zync_result **ret, struct zync_err *err);

/** What became of a single host: {"job_id","status","host_config_id","name","action","message","hostid","pre_data","post_data"}. */
enum zync_status zync_create_zabbix_host(struct zync *zync, const char *host, struct zync_result **ret, struct zync_err *err);
/** Pull one object and bring its host in line: zync_update_zabbix_host() by name, after asking NetBox. */
enum zync_status zync_update_zabbix_host_by_name(struct zync *zync, const char *host, struct zync_result **ret, struct zync_err *err);
/** Soft (rename, disable, move to the graveyard group) or @p hard. */
enum zync_status zync_delete_zabbix_host(struct zync *zync, const char *host, bool hard, struct zync_result **ret, struct zync_err *err);
/** Link the host of the same technical name that exists in Zabbix already to its host config. */
enum zync_status zync_adopt_zabbix_host(struct zync *zync, const char *host, struct zync_result **ret, struct zync_err *err);

/** The one function behind bulk and single-host jobs: fetch, compare, write, changelog. *ret carries message, pre_data and post_data. */
enum zync_status zync_update_zabbix_host(struct zync *zync, uint64_t host_config_id, const char *user, const char *request_id,
					 struct zync_result **ret, struct zync_err *err);
/** Compare a host config with Zabbix and store in_sync and last_sync_update; reads Zabbix only. */
enum zync_status zync_host_config_update_sync_status(struct zync *zync, uint64_t host_config_id, bool *ret_in_sync, struct zync_err *err);

/* ---- jobs and audit trail -------------------------------------------------------------------------------------- */

struct zync_job_query {
	const char *job_id; /**< or a unique prefix */
	const char *name;
	const char *status;
	size_t limit; /**< 0: 50 */
};
enum zync_status zync_job_list(struct zync *zync, const struct zync_job_query *query, struct zync_result **ret, struct zync_err *err);
enum zync_status zync_job_show(struct zync *zync, const char *job_id, struct zync_result **ret, struct zync_err *err);
enum zync_status zync_job_log(struct zync *zync, const char *job_id, struct zync_result **ret, struct zync_err *err);

struct zync_event_query {
	const char *job_id;
	const char *host;
	const char *state;
	int64_t since_ms; /**< not before this time, milliseconds since 1970 UTC; 0: all */
	int64_t until_ms; /**< before this time; 0: all */
	size_t limit;	  /**< 0: 50 */
};
enum zync_status zync_event_list(struct zync *zync, const struct zync_event_query *query, struct zync_result **ret, struct zync_err *err);
enum zync_status zync_event_show(struct zync *zync, uint64_t event_id, struct zync_result **ret, struct zync_err *err);

/* ---- the queue ------------------------------------------------------------------------------------------------- */

/** A job to be queued or run. */
struct zync_job_order {
	const char *name;	  /**< "sync-hosts-now", "pull", "host-config-sync-refresh" … see zync_job_types_list() */
	const char *const *hosts; /**< for jobs that take hosts */
	size_t host_count;
	bool no_pull, force, strict, hard; /**< for jobs that take them; one that does not is an error */
	bool dry_run;			   /**< the same: say what would be done, and write nothing to Zabbix */
	int64_t older_than_min;		   /**< host-config-sync-refresh: re-check what was not checked for so long; -1: as configured */
	int64_t run_at_ms;		   /**< wall clock, milliseconds since 1970 UTC; 0: at once */
	int64_t every_min;		   /**< again every so many minutes, after success and failure alike; 0: once */
	int64_t timeout_ms;		   /**< stop it after this time; 0: never, -1: as configured (service.job_timeout) */
};
/** The kinds of jobs: {"jobs":[{"name","summary","takes":["hosts","no_pull"…],"one_host"}]}. */
enum zync_status zync_job_types_list(struct zync_result **ret, struct zync_err *err);
/** Queue a job for `zync serve`: {"job_id","name","status","existing","run_at","every","message"}. A kind of job (with its hosts) is pending or running at most once; a second order is answered with the first. */
enum zync_status zync_job_queue(struct zync *zync, const struct zync_job_order *order, const struct zync_request *request,
				struct zync_result **ret, struct zync_err *err);
/** Run it at once in this process, not bound by the single instance; *ret is what the job gives (set also when it failed), *ret_summary (may be NULL) its numbers. */
enum zync_status zync_job_run(struct zync *zync, const struct zync_job_order *order, const struct zync_request *request,
			      struct zync_sync_summary *ret_summary, struct zync_result **ret, struct zync_err *err);
/** Cancel a job: one that has not begun fails at once, one that runs stops between two calls to Zabbix and is rolled back. {"job_id","status","message"} */
enum zync_status zync_job_stop(struct zync *zync, const char *job_id, const struct zync_request *request, struct zync_result **ret,
			       struct zync_err *err);
/** Queue a job that has ended once more, or only its failed hosts; with @p now run it in this process instead. As zync_job_queue() or zync_job_run(). */
enum zync_status zync_job_repeat(struct zync *zync, const char *job_id, bool failed_only, bool now, const struct zync_request *request,
				 struct zync_sync_summary *ret_summary, struct zync_result **ret, struct zync_err *err);

/* ---- the service ----------------------------------------------------------------------------------------------- */

/** `zync serve`: workers that take queued jobs. Its parameters are those of zync_open(); progress goes to the store only. */
struct zync_service;
/** Load the configuration and open the store, once for the caller's thread and once a worker. Free with zync_service_close(). */
enum zync_status zync_service_open(const struct zync_open_params *params, struct zync_service **ret, struct zync_err *err);
/** Queue the recurring jobs of the configuration and work until zync_service_stop(). May be called once. */
enum zync_status zync_service_run(struct zync_service *service, struct zync_err *err);
/** Let the workers end: what runs stops between two calls to Zabbix and is rolled back. Async-signal-safe, from any thread. */
void zync_service_stop(struct zync_service *service);
/** Read the configuration again; a bad one is logged and the old one kept. Async-signal-safe, from any thread. */
void zync_service_reload(struct zync_service *service);
/** NULL is fine. */
void zync_service_close(struct zync_service *service);

/* ---- set-up ---------------------------------------------------------------------------------------------------- */

/** A commented example configuration; addresses may be NULL. Needs no instance. */
enum zync_status zync_config_example(const char *netbox_url, const char *zabbix_url, struct zync_result **ret, struct zync_err *err);

/** What zync_convert_config() reads. */
struct zync_convert_order {
	const char *name; /**< of the file, for messages */
	const char *text; /**< what stands in it: a config.py of netbox-zabbix-sync */
	size_t len;
	bool environment; /**< variables NBZX_KEY overrule the file */
};
/**
 * A configuration of netbox-zabbix-sync as one of Zync: {"config":"…","notes":[{"level","key","line","message"}]}, where level is "note" or "warning", key and line may be
 * missing, and every note stands in the configuration as a comment, too. INVALID for what is no Python. Needs no instance; nothing of the file is run.
 */
enum zync_status zync_convert_config(const struct zync_convert_order *order, struct zync_result **ret, struct zync_err *err);

/** Logging of the process: level "error", "warning", "info" or "debug" (NULL: leave), JSON lines or text. */
enum zync_status zync_log_configure(const char *level, bool json, struct zync_err *err);

#ifdef __cplusplus
}
#endif
#endif
