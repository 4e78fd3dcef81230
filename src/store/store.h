/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file store.h
 * What Zync remembers: host configs, jobs with progress and log, events, changes. One connection; belongs to one thread.
 *
 * Writes of a run are staged: the run fills temporary work tables of its own connection, which lock nothing, and zync_store_work_commit() moves them into
 * place in one short transaction, or they vanish. Job state, progress, log lines and events are written at once, outside of that, because
 * they must survive a failure. Times are milliseconds since 1970 UTC. Texts of rows live in the arena given. The store never holds a secret in plain.
 */
#ifndef ZYNC_STORE_STORE_H
#define ZYNC_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct zync_store;

/** Room for a job's id, a UUID. */
#define ZYNC_JOB_ID_SIZE 37

/** Open "sqlite:PATH" (or a bare path) and bring the schema up to date. A newer schema, an unknown scheme and a database that cannot be opened are STORE or INVALID errors that say what to do. */
enum zync_status zync_store_open(const char *url, struct zync_store **ret, struct zync_err *err) ZYNC_MUST_CHECK;
void zync_store_close(struct zync_store *store);
/** Path of the SQLite file of a store URL, or NULL when it is not SQLite. Points into @p url. */
const char *zync_store_sqlite_path(const char *url);
/** The newest schema version that this program knows. */
int zync_store_schema_version(void);

/* ---- host configs ---------------------------------------------------------------------------------------------- */

/** One NetBox object ↔ one host on one Zabbix server (the spec's HostConfig). */
struct zync_host_config {
	uint64_t pk;
	const char *object_type; /**< "device" or "vm" */
	uint64_t object_id;
	const char *name;	  /**< the object's name in NetBox */
	const char *host;	  /**< technical name in Zabbix, NULL until derived */
	const char *server;	  /**< name of the Zabbix server */
	uint64_t hostid;	  /**< 0 until created or linked */
	const char *state;	  /**< "monitored", "disabled", "removed", "missing", "failed" */
	const char *reason;	  /**< why it is in that state, or NULL */
	int in_sync;		  /**< 1 yes, 0 no, -1 not known */
	int64_t last_sync_update; /**< 0: never */
	const char *last_error;	  /**< NULL: none */
	int64_t created, updated;
	/* read only when asked for: */
	const char *desired; /**< canonical JSON, NULL when none could be derived */
	const char *digest;
	const char *secrets; /**< sealed texts, JSON, or NULL */
	const char *applied; /**< desired state that was last written to Zabbix, or NULL */
	const char *pushed;  /**< digests of the secret macros last pushed, JSON, or NULL */
};

struct zync_host_config_filter {
	const char *name;	/**< NetBox name, technical name, "pk:N", "device:N" or "vm:N"; NULL: all */
	const char *server;	/**< NULL: all */
	const char *state;	/**< NULL: all */
	int in_sync;		/**< -1: all, 0: those not in sync (or not known), 1 */
	bool failed;		/**< only those with an error */
	int64_t checked_before; /**< last_sync_update is older, or never was; 0: all */
	bool with_state;	/**< read desired … pushed too */
	uint64_t after_pk;	/**< paging: only greater ones */
	size_t limit;		/**< 0: no limit */
};
enum zync_status zync_store_host_configs(struct zync_store *store, const struct zync_host_config_filter *filter, struct zync_arena *arena,
					 struct zync_host_config **ret, size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;
/** A host config that stands for a virtual chassis of NetBox: its desired state says so. */
struct zync_chassis_row {
	uint64_t pk;
	uint64_t object_id; /**< the device that is, or was, its master */
	uint64_t hostid;    /**< 0: none */
	uint64_t chassis;
	const char *server, *state;
};
/** All of them, in order of pk. */
enum zync_status zync_store_chassis_rows(struct zync_store *store, struct zync_arena *arena, struct zync_chassis_row **ret,
					 size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;
/** How many host configs have a hostid: what percentages of safety limits refer to. */
enum zync_status zync_store_count_linked(struct zync_store *store, uint64_t *ret, struct zync_err *err) ZYNC_MUST_CHECK;

/* ---- the work of a run ----------------------------------------------------------------------------------------- */

/** What a run intends with one host config. `desired == NULL` with pk != 0: as stored. */
struct zync_work {
	uint64_t seq; /**< given by zync_store_work_add() */
	int rank;     /**< order inside a server: lower first (removals free names for creations) */
	uint64_t pk;  /**< 0: new and not reserved (plan) */
	bool is_new;
	const char *object_type;
	uint64_t object_id;
	const char *name;
	const char *host;
	const char *server;
	uint64_t hostid;    /**< of the store */
	uint64_t nb_hostid; /**< of NetBox's custom field */
	const char *state;
	const char *reason;
	const char *desired, *digest, *secrets;
	int64_t pulled_at;   /**< when NetBox said so; 0: it is as stored. What was read later counts, whichever run commits first */
	const char *origins; /**< JSON object {field: rule} for plans, or NULL */
	uint64_t
		moved_from; /**< 0, or the object that the host config belonged to: its row moves with the commit, if its host was written or found in sync (move.c) */
	const char *applied, *pushed; /**< out only */
	bool wanted;		      /**< out only: zync_store_work_want() was called for it */
};

enum zync_work_outcome {
	ZYNC_WORK_UNDECIDED = 0, /**< nothing is recorded but what the pull found */
	ZYNC_WORK_SYNCED,	 /**< in sync now */
	ZYNC_WORK_FAILED,
	ZYNC_WORK_FORGET,      /**< the host config is deleted */
	ZYNC_WORK_OUT_OF_SYNC, /**< compared, differs, not written (report) */
	ZYNC_WORK_FOUND_SAME, /**< only compared: nothing but the sync status is recorded, and not even that where the store has something newer by now */
	ZYNC_WORK_FOUND_DIFFERENT /**< the same; without an error of its own it keeps the one of the last sync */
};
struct zync_work_result {
	enum zync_work_outcome outcome;
	uint64_t hostid;    /**< the link as it is now; 0: none */
	const char *error;  /**< for FAILED and FOUND_DIFFERENT */
	bool applied;	    /**< the desired state was written: it becomes `applied` */
	const char *pushed; /**< new digests of secret macros, NULL: unchanged */
	int64_t checked;    /**< FOUND_…: when its host was read */
	const char *digest; /**< FOUND_…: of the desired state that it was compared with */
};

/** Start a run's staging: empty work tables. */
enum zync_status zync_store_work_begin(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_store_work_add(struct zync_store *store, const struct zync_work *work, uint64_t *ret_seq,
				     struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * After the last addition: a staged desired state that equals the stored one is dropped (the stored one counts, and is not written again), and new host configs get
 * their pks when @p reserve_pks (committed at once; a run that fails leaves a gap). A new config whose state is "removed" gets none: nothing is kept of it.
 */
enum zync_status zync_store_work_settle(struct zync_store *store, bool reserve_pks, uint64_t *ret_unchanged,
					struct zync_err *err) ZYNC_MUST_CHECK;
/** The next rows of a server in order of (rank, seq), after that position. Desired state and secrets as staged, else as stored. */
enum zync_status zync_store_work_page(struct zync_store *store, const char *server, int after_rank, uint64_t after_seq, size_t limit,
				      struct zync_arena *arena, struct zync_work **ret, size_t *ret_count,
				      struct zync_err *err) ZYNC_MUST_CHECK;
/** Names of the servers that the staged work belongs to. */
enum zync_status zync_store_work_servers(struct zync_store *store, struct zync_arena *arena, const char ***ret, size_t *ret_count,
					 struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_store_work_set_result(struct zync_store *store, uint64_t seq, const struct zync_work_result *result,
					    struct zync_err *err) ZYNC_MUST_CHECK;

/** Staged host event or change (below), written with the run. */
struct zync_event;
struct zync_change_row;
enum zync_status zync_store_work_add_event(struct zync_store *store, const struct zync_event *event, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_store_work_add_change(struct zync_store *store, const struct zync_change_row *change,
					    struct zync_err *err) ZYNC_MUST_CHECK;

/** How a job ended. */
struct zync_job_end {
	const char *job_id;		  /**< NULL: what commits is no job (a single comparison); only `epoch` counts then */
	const char *status;		  /**< "completed", "errored", "failed" */
	const char *data;		  /**< summary, JSON */
	const char *error;		  /**< or NULL */
	const char *pre_data, *post_data; /**< of a single host, JSON or NULL */
	int64_t completed;
	uint64_t slot; /**< of the run: its guards are given back (guard.h); 0: it has none */
	uint64_t
		epoch; /**< in which it planned: hosts that another run gave back since then, and that this one does not guard, keep what that one recorded */
};
/**
 * Move everything staged into place and end the job, in one transaction; then the work tables are empty. In the same transaction its guards are given back, its intents removed, and a
 * recurring job is scheduled again: a new "scheduled" row, interval_min after the time for which this one was meant, moved on by whole intervals while that is in the past (missed ones run once).
 */
enum zync_status zync_store_work_commit(struct zync_store *store, int64_t now, const struct zync_job_end *end,
					const struct zync_event *job_event, struct zync_err *err) ZYNC_MUST_CHECK;
/** Drop the staged domain writes, keep the staged events (they tell what really happened in Zabbix), and end the job; guards and the next turn of a recurring job as above, intents stay. */
enum zync_status zync_store_work_abandon(struct zync_store *store, const struct zync_job_end *end, const struct zync_event *job_event,
					 struct zync_err *err) ZYNC_MUST_CHECK;

/* ---- jobs ------------------------------------------------------------------------------------------------------ */

struct zync_job {
	const char *job_id; /**< UUID */
	const char *name;   /**< "sync-hosts-now" … */
	const char *
		kind; /**< of queued jobs: the name and its hosts, which may be pending or running only once; NULL: run at once, not bound by that */
	const char *status; /**< pending, scheduled, running, completed, errored, failed */
	const char *user;
	const char *request_id;
	int64_t created, started, completed; /**< 0: not yet */
	int64_t run_at;			     /**< not before this time; 0: at once */
	int64_t interval_min;		     /**< recurring: minutes from one turn to the next; 0: once */
	int64_t timeout_ms;		     /**< it is stopped after this time; 0: never */
	uint64_t slot;			     /**< of its run, see queue.h; 0: none */
	int64_t pid;			     /**< of the process that runs it, for people; 0: none */
	const char *retry_of;		     /**< id of the job that it repeats, or NULL */
	const char *cancel;		     /**< why it was asked to stop, or NULL */
	const char *params;		     /**< JSON */
	const char *data;		     /**< JSON */
	const char *error;
	const char *pre_data, *post_data; /**< of a single host, JSON */
	const char *phase;
	int64_t current, total, updated, failed;
	int64_t rate_milli; /**< thousandths of a host per second in this phase */
	int64_t left_ms;    /**< estimated, -1: not known */
};
enum zync_status zync_store_job_start(struct zync_store *store, const struct zync_job *job, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_store_job_progress(struct zync_store *store, const struct zync_job *job, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_store_job_log(struct zync_store *store, const char *job_id, int64_t time, const char *level, const char *message,
				    struct zync_err *err) ZYNC_MUST_CHECK;
struct zync_job_filter {
	const char *job_id; /**< full or a unique prefix; NULL: all */
	const char *name;
	const char *status;
	size_t limit; /**< newest first; 0: no limit */
};
enum zync_status zync_store_jobs(struct zync_store *store, const struct zync_job_filter *filter, struct zync_arena *arena,
				 struct zync_job **ret, size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;
struct zync_job_log_line {
	int64_t time;
	const char *level;
	const char *message;
};
enum zync_status zync_store_job_log_lines(struct zync_store *store, const char *job_id, struct zync_arena *arena,
					  struct zync_job_log_line **ret, size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;

/* ---- events and changes ---------------------------------------------------------------------------------------- */

/** One line of the audit trail: a job that ended, or a host that a job dealt with. */
struct zync_event {
	uint64_t id;
	int64_t time;
	const char *job_id;
	const char *name;	 /**< of the job, or of the host */
	const char *kind;	 /**< "job" or "host" */
	const char *action;	 /**< job name; or create, update, disable, delete, none */
	const char *state;	 /**< completed, errored, failed */
	uint64_t host_config_pk; /**< 0: none */
	uint64_t hostid;
	const char *message;
	const char *exception;
	const char *pre_data, *post_data; /**< JSON or NULL */
	const char *user;
	const char *request_id;
};
struct zync_event_filter {
	uint64_t id;	    /**< 0: all */
	int64_t since;	    /**< not before this time; 0: all */
	int64_t until;	    /**< before this time; 0: all */
	const char *job_id; /**< full or prefix */
	const char *host;   /**< name, or "pk:N" */
	const char *state;
	const char *kind;
	size_t limit; /**< newest first */
	bool with_data;
};
enum zync_status zync_store_event_add(struct zync_store *store, const struct zync_event *event, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_store_events(struct zync_store *store, const struct zync_event_filter *filter, struct zync_arena *arena,
				   struct zync_event **ret, size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;

/** A written host, before and after (changelog). Part of the transaction of its run. */
struct zync_change_row {
	uint64_t id;
	int64_t time;
	const char *job_id;
	uint64_t host_config_pk;
	const char *object_type;
	uint64_t object_id;
	const char *name;
	uint64_t hostid;
	const char *action;
	const char *pre_data, *post_data;
	const char *user;
	const char *request_id;
};
enum zync_status zync_store_changes(struct zync_store *store, const char *job_id, uint64_t host_config_pk, size_t limit,
				    struct zync_arena *arena, struct zync_change_row **ret, size_t *ret_count,
				    struct zync_err *err) ZYNC_MUST_CHECK;

/* ---- retention ------------------------------------------------------------------------------------------------- */

/** What is kept of the past. */
struct zync_retention {
	int64_t before;	     /**< older than this time goes; 0: nothing goes for its age */
	uint64_t max_events; /**< at most so many events, and as many changes; 0: no limit */
	uint64_t max_jobs;   /**< at most so many ended jobs, with their log; 0: no limit */
};
struct zync_retention_counts {
	uint64_t events, changes, jobs, log_lines;
};
/** Delete what is older or beyond the counts: events, changes, ended jobs with their log lines (the newest ended job of each name stays). In short transactions of a thousand rows, with pauses in which others get the lock. */
enum zync_status zync_store_clean_up(struct zync_store *store, const struct zync_retention *retention, struct zync_retention_counts *ret,
				     struct zync_err *err) ZYNC_MUST_CHECK;

ZYNC_DEFINE_CLEANUP(zync_store, struct zync_store *, zync_store_close)
#define ZYNC_AUTO_STORE ZYNC_CLEANUP(zync_store_cleanup) struct zync_store *

#endif
