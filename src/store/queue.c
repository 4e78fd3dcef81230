/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of jobs: ordering, taking, cancelling. See queue.h. */
#include "store/queue.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "store/store_priv.h"

/* ---- ordering ---- */

struct enqueue {
	const struct zync_job *job;
	int64_t now;
	char job_id[ZYNC_JOB_ID_SIZE]; /* of the answer */
	bool existing;
};

/* The id in the first column of the query's first row, if it has any. */
static enum zync_status queue_first_id(struct zync_store *store, const char *sql, const struct zync_param *params, size_t count,
				       struct enqueue *enqueue, struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	bool row = false;

	ZYNC_TRY(zync_db_query(store->db, sql, params, count, &stmt, err));
	ZYNC_TRY(zync_db_next(stmt, &row, err));
	enqueue->existing = row;
	if (row)
		(void)snprintf(enqueue->job_id, sizeof(enqueue->job_id), "%s", zync_db_text(stmt, 0));
	while (row) /* to its end: only then a writing statement takes effect */
		ZYNC_TRY(zync_db_next(stmt, &row, err));
	return ZYNC_OK;
}

/* A recurring order of a kind that waits for its turn already changes that one. */
static enum zync_status queue_take_over(struct zync_store *store, struct enqueue *enqueue, bool due, struct zync_err *err)
{
	const struct zync_job *job = enqueue->job;

	return queue_first_id(store,
			      "UPDATE job SET interval_min = $2, run_at = $3, status = $4, params = $5, user_name = $6, request_id = $7,"
			      " timeout_ms = $8 WHERE job_id = (SELECT o.job_id FROM job o WHERE o.status IN ('scheduled', 'pending') AND"
			      " o.kind = $1 AND o.interval_min > 0 ORDER BY o.created, o.job_id LIMIT 1) RETURNING job_id",
			      ZYNC_PARAMS(ZYNC_P_TEXT(job->kind), ZYNC_P_INT(job->interval_min), ZYNC_P_ID(job->run_at),
					  ZYNC_P_TEXT(due ? "pending" : "scheduled"), ZYNC_P_TEXT(job->params), ZYNC_P_TEXT(job->user),
					  ZYNC_P_TEXT(job->request_id), ZYNC_P_ID(job->timeout_ms)),
			      enqueue, err);
}

/*
 * One that is running, and by a living process; one that was asked to stop does not do what is ordered now. *ret_id (may be NULL, else in a buffer of ZYNC_JOB_ID_SIZE) is
 * its id.
 */
static enum zync_status queue_kind_runs(struct zync_store *store, const char *kind, bool also_cancelled, char *ret_id, bool *ret,
					struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	bool row = false;

	*ret = false;
	ZYNC_TRY(zync_db_query(store->db,
			       "SELECT job_id, slot FROM job WHERE status = 'running' AND kind = $1 AND ($2 = 1 OR cancel IS NULL)",
			       ZYNC_PARAMS(ZYNC_P_TEXT(kind), ZYNC_P_INT(also_cancelled)), &stmt, err));
	for (;;) {
		ZYNC_TRY(zync_db_next(stmt, &row, err));
		if (!row)
			return ZYNC_OK;
		if (!zync_store_slot_alive(store, (uint64_t)zync_db_int(stmt, 1)))
			continue;
		if (ret_id != NULL)
			(void)snprintf(ret_id, ZYNC_JOB_ID_SIZE, "%s", zync_db_text(stmt, 0));
		*ret = true;
		zync_db_end(stmt);
		return ZYNC_OK;
	}
}

/* The single instance: what is due or running already, or is meant for the same later time. A scheduled one whose time has come is as good as pending. */
static enum zync_status queue_same(struct zync_store *store, struct enqueue *enqueue, bool due, struct zync_err *err)
{
	const char *kind = enqueue->job->kind;

	if (!due)
		return queue_first_id(store,
				      "SELECT job_id FROM job WHERE status = 'scheduled' AND kind = $1 AND run_at = $2 AND "
				      "coalesce(interval_min, 0) = 0",
				      ZYNC_PARAMS(ZYNC_P_TEXT(kind), ZYNC_P_INT(enqueue->job->run_at)), enqueue, err);
	ZYNC_TRY(queue_first_id(
		store,
		"SELECT job_id FROM job WHERE status IN ('scheduled', 'pending') AND kind = $1 AND (status = 'pending' OR run_at"
		" <= $2) ORDER BY created, job_id LIMIT 1",
		ZYNC_PARAMS(ZYNC_P_TEXT(kind), ZYNC_P_INT(enqueue->now)), enqueue, err));
	return enqueue->existing ? ZYNC_OK
				 : queue_kind_runs(store, kind, /* also_cancelled= */ false, enqueue->job_id, &enqueue->existing, err);
}

static enum zync_status queue_insert(struct zync_store *store, struct enqueue *enqueue, int64_t run_at, struct zync_err *err)
{
	const struct zync_job *job = enqueue->job;

	(void)snprintf(enqueue->job_id, sizeof(enqueue->job_id), "%s", job->job_id);
	return zync_db_run(store->db,
			   "INSERT INTO job (job_id, name, kind, status, user_name, request_id, created, params, timeout_ms, run_at, "
			   "interval_min, retry_of) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
			   ZYNC_PARAMS(ZYNC_P_TEXT(job->job_id), ZYNC_P_TEXT(job->name), ZYNC_P_TEXT(job->kind),
				       ZYNC_P_TEXT(run_at > enqueue->now ? "scheduled" : "pending"), ZYNC_P_TEXT(job->user),
				       ZYNC_P_TEXT(job->request_id), ZYNC_P_INT(job->created), ZYNC_P_TEXT(job->params),
				       ZYNC_P_ID(job->timeout_ms), ZYNC_P_ID(run_at), ZYNC_P_ID(job->interval_min),
				       ZYNC_P_TEXT(job->retry_of)),
			   NULL, err);
}

static enum zync_status queue_order(struct zync_store *store, void *ctx, struct zync_err *err)
{
	struct enqueue *enqueue = ctx;
	const struct zync_job *job = enqueue->job;
	bool due = job->run_at <= enqueue->now;
	int64_t run_at = job->run_at;

	if (job->kind == NULL)
		return queue_insert(store, enqueue, run_at, err);
	if (job->interval_min > 0) {
		ZYNC_TRY(queue_take_over(store, enqueue, due, err));
		if (enqueue->existing)
			return ZYNC_OK;
	}
	if (job->interval_min == 0 || due)
		ZYNC_TRY(queue_same(store, enqueue, due, err));
	if (enqueue->existing && job->interval_min == 0)
		return ZYNC_OK;
	/* A single one is at it: that is this turn, and the schedule begins with the next. */
	if (enqueue->existing)
		run_at = enqueue->now + job->interval_min * 60000;
	enqueue->existing = false;
	return queue_insert(store, enqueue, run_at, err);
}

enum zync_status zync_store_job_enqueue(struct zync_store *store, const struct zync_job *job, int64_t now,
					char ret_job_id[ZYNC_JOB_ID_SIZE], bool *ret_existing, struct zync_err *err)
{
	struct enqueue enqueue = {.job = job, .now = now};

	if (job->interval_min < 0 || job->interval_min > ZYNC_INTERVAL_MAX_MIN)
		return zync_err_set(err, ZYNC_ERR_INVALID, "job %s: the interval must be 1 to %lld minutes, not %lld", job->name,
				    (long long)ZYNC_INTERVAL_MAX_MIN, (long long)job->interval_min);
	ZYNC_TRY(zync_store_transaction(store, queue_order, &enqueue, err));
	memcpy(ret_job_id, enqueue.job_id, sizeof(enqueue.job_id));
	*ret_existing = enqueue.existing;
	return ZYNC_OK;
}

/* ---- taking ---- */

static const char SQL_QUEUE_DUE[] = "SELECT job_id, kind FROM job WHERE status IN ('pending', 'scheduled') AND coalesce(run_at, 0) <= $1"
				    " ORDER BY coalesce(run_at, created), created, job_id";

/* The first due job whose kind is not running. */
static enum zync_status queue_find_due(struct zync_store *store, int64_t now, char ret_id[ZYNC_JOB_ID_SIZE], bool *ret_found,
				       struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	bool row = false;

	*ret_found = false;
	ZYNC_TRY(zync_db_query(store->db, SQL_QUEUE_DUE, ZYNC_PARAMS(ZYNC_P_INT(now)), &stmt, err));
	for (;;) {
		bool runs = false;
		enum zync_status status = ZYNC_OK;

		ZYNC_TRY(zync_db_next(stmt, &row, err));
		if (!row)
			return ZYNC_OK;
		if (!zync_db_is_null(stmt, 1))
			status = queue_kind_runs(store, zync_db_text(stmt, 1), /* also_cancelled= */ true, NULL, &runs, err);
		if (status == ZYNC_OK && runs)
			continue;
		(void)snprintf(ret_id, ZYNC_JOB_ID_SIZE, "%s", zync_db_text(stmt, 0));
		zync_db_end(stmt);
		*ret_found = status == ZYNC_OK;
		return status;
	}
}

struct take {
	uint64_t slot;
	int64_t now;
	struct zync_arena *arena;
	struct zync_job *job; /* NULL: none */
};

static enum zync_status queue_take(struct zync_store *store, void *ctx, struct zync_err *err)
{
	struct take *take = ctx;
	char id[ZYNC_JOB_ID_SIZE];
	bool found = false;

	ZYNC_TRY(queue_find_due(store, take->now, id, &found, err));
	if (!found)
		return ZYNC_OK;
	ZYNC_TRY(zync_db_run(store->db, "UPDATE job SET status = 'running', slot = $2, started = $3, pid = $4 WHERE job_id = $1",
			     ZYNC_PARAMS(ZYNC_P_TEXT(id), ZYNC_P_INT(take->slot), ZYNC_P_INT(take->now), ZYNC_P_INT(getpid())), NULL, err));
	return zync_store_job(store, id, take->arena, &take->job, err);
}

enum zync_status zync_store_job_take(struct zync_store *store, uint64_t slot, int64_t now, struct zync_arena *arena, struct zync_job **ret,
				     struct zync_err *err)
{
	struct take take = {.slot = slot, .now = now, .arena = arena};
	char id[ZYNC_JOB_ID_SIZE];
	bool found = false;

	ZYNC_ASSERT(slot != 0);
	/* Workers ask all the time, and mostly there is nothing: no lock for that. */
	ZYNC_TRY(queue_find_due(store, now, id, &found, err));
	if (found)
		ZYNC_TRY(zync_store_transaction(store, queue_take, &take, err));
	*ret = take.job;
	return ZYNC_OK;
}

/* ---- cancelling ---- */

struct cancel {
	const char *job_id, *why, *user, *request_id;
	int64_t now;
	enum zync_cancelled result;
};

static enum zync_status queue_cancel_waiting(struct zync_store *store, const struct cancel *cancel, const struct zync_job *job,
					     struct zync_err *err)
{
	struct zync_event event = {.time = cancel->now,
				   .job_id = job->job_id,
				   .name = job->name,
				   .kind = "job",
				   .action = job->name,
				   .state = "failed",
				   .message = "It had not begun",
				   .exception = cancel->why,
				   .user = cancel->user,
				   .request_id = cancel->request_id};

	ZYNC_TRY(zync_db_run(store->db, "UPDATE job SET status = 'failed', error = $2, cancel = $2, completed = $3 WHERE job_id = $1",
			     ZYNC_PARAMS(ZYNC_P_TEXT(job->job_id), ZYNC_P_TEXT(cancel->why), ZYNC_P_INT(cancel->now)), NULL, err));
	return zync_store_event_add(store, &event, err);
}

static enum zync_status queue_cancel(struct zync_store *store, void *ctx, struct zync_err *err)
{
	struct cancel *cancel = ctx;
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_job *job = NULL;

	if (arena == NULL)
		return zync_err_nomem(err, "cancelling a job");
	ZYNC_TRY(zync_store_job(store, cancel->job_id, arena, &job, err));
	if (job == NULL)
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND, "there is no job %s; `zync job list` shows them", cancel->job_id);
	if (zync_str_eq(job->status, "pending") || zync_str_eq(job->status, "scheduled")) {
		cancel->result = ZYNC_CANCELLED_AT_ONCE;
		return queue_cancel_waiting(store, cancel, job, err);
	}
	cancel->result = zync_str_eq(job->status, "running") ? ZYNC_CANCEL_ASKED : ZYNC_CANCEL_TOO_LATE;
	if (cancel->result == ZYNC_CANCEL_TOO_LATE)
		return ZYNC_OK;
	/* The first who asks gives the reason. */
	return zync_db_run(store->db, "UPDATE job SET cancel = $2 WHERE job_id = $1 AND cancel IS NULL",
			   ZYNC_PARAMS(ZYNC_P_TEXT(cancel->job_id), ZYNC_P_TEXT(cancel->why)), NULL, err);
}

enum zync_status zync_store_job_cancel(struct zync_store *store, const char *job_id, const char *why, const char *user,
				       const char *request_id, int64_t now, enum zync_cancelled *ret, struct zync_err *err)
{
	struct cancel cancel = {.job_id = job_id, .why = why, .user = user, .request_id = request_id, .now = now};

	ZYNC_TRY(zync_store_transaction(store, queue_cancel, &cancel, err));
	*ret = cancel.result;
	return ZYNC_OK;
}

enum zync_status zync_store_job_cancel_reason(struct zync_store *store, const char *job_id, struct zync_arena *arena, const char **ret,
					      struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	const char *reason = NULL;
	bool row = false;
	enum zync_status status = ZYNC_OK;

	ZYNC_TRY(zync_db_query(store->db, "SELECT cancel FROM job WHERE job_id = $1", ZYNC_PARAMS(ZYNC_P_TEXT(job_id)), &stmt, err));
	ZYNC_TRY(zync_db_next(stmt, &row, err));
	if (row) {
		status = zync_db_copy(stmt, 0, arena, &reason, err);
		zync_db_end(stmt);
	}
	if (status == ZYNC_OK)
		*ret = reason;
	return status;
}
