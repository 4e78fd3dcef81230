/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file queue.h
 * Who is at work, and what is to be done: slots, the queue of jobs with its schedule, cancelling, and jobs whose process died.
 *
 * A run has a slot, a number that is given once and never again. The slot is held by a lock of the operating system (a byte of the file beside the database), so
 * that every process of the machine can tell at once whether the run still lives, however it ended: no time-out, no heartbeat, nothing to clean up.
 * Everything here is written at once, outside of a run's transaction.
 */
#ifndef ZYNC_STORE_QUEUE_H
#define ZYNC_STORE_QUEUE_H

#include "store/store.h"

/* ---- slots ------------------------------------------------------------------------------------------------------ */

/** Take a fresh slot for a run; it is held until zync_store_slot_release(), or until the process ends, however it ends. One a connection at a time. */
enum zync_status zync_store_slot_take(struct zync_store *store, uint64_t *ret_slot, struct zync_err *err) ZYNC_MUST_CHECK;
/** Give the slot of this connection back; without one it does nothing. */
void zync_store_slot_release(struct zync_store *store);
/** Does anybody hold the slot, in this process or another? 0 is nobody's. When the system cannot tell, it counts as alive: nothing is taken from the living. */
bool zync_store_slot_alive(const struct zync_store *store, uint64_t slot);

/* ---- the queue -------------------------------------------------------------------------------------------------- */

/** The longest interval of a recurring job: ten years, in minutes. */
#define ZYNC_INTERVAL_MAX_MIN INT64_C(5256000)

/**
 * Queue @p job (job_id, name, kind, user, request_id, created, params, timeout_ms, run_at, interval_min, retry_of count): "pending", or "scheduled" when run_at is later
 * than @p now. One of the same kind that is pending or running already answers in its stead (single instance); a recurring one (interval_min) of the same kind that is scheduled or
 * pending takes over interval, time, parameters and user and answers. *ret_job_id: whose turn it is; *ret_existing: it was there before.
 */
enum zync_status zync_store_job_enqueue(struct zync_store *store, const struct zync_job *job, int64_t now,
					char ret_job_id[ZYNC_JOB_ID_SIZE], bool *ret_existing, struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Take the next job that is due: pending, or scheduled and its time has come; by time, then by age; none whose kind is running under a live slot. It becomes "running" under
 * @p slot, with started = @p now and the process id. *ret NULL: there is none. Atomic among all processes.
 */
enum zync_status zync_store_job_take(struct zync_store *store, uint64_t slot, int64_t now, struct zync_arena *arena, struct zync_job **ret,
				     struct zync_err *err) ZYNC_MUST_CHECK;

enum zync_cancelled {
	ZYNC_CANCELLED_AT_ONCE = 0, /**< it had not begun: now "failed", with its event; a recurring one does not come again */
	ZYNC_CANCEL_ASKED,	    /**< it is running: its run is asked to stop */
	ZYNC_CANCEL_TOO_LATE	    /**< it has ended */
};
/** Cancel a job; @p why is its error text ("cancelled by admin"). The event of one that had not begun carries @p user and @p request_id. NOT_FOUND when there is no such job. */
enum zync_status zync_store_job_cancel(struct zync_store *store, const char *job_id, const char *why, const char *user,
				       const char *request_id, int64_t now, enum zync_cancelled *ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** Why a running job has been asked to stop, NULL: it has not. */
enum zync_status zync_store_job_cancel_reason(struct zync_store *store, const char *job_id, struct zync_arena *arena, const char **ret,
					      struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Jobs that are "running" under a slot that nobody holds: their process died. They become "errored" (error: "interrupted: …", completed = @p now), each with its event, their guards
 * are freed as by a run that wrote, and recurring ones are scheduled again. Their intents stay (intent.h). *ret_count (may be NULL): how many. Without such jobs
 * it takes no lock.
 */
enum zync_status zync_store_jobs_interrupt(struct zync_store *store, int64_t now, uint64_t *ret_count,
					   struct zync_err *err) ZYNC_MUST_CHECK;

#endif
