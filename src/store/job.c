/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs, their progress and their log. Written at once, outside of the run's transaction, since they must survive a failure. */
#include <unistd.h>

#include "base/digest.h"
#include "base/str.h"
#include "store/store_priv.h"

#define MS_PER_MINUTE INT64_C(60000)

enum zync_status zync_store_job_start(struct zync_store *store, const struct zync_job *job, struct zync_err *err)
{
	return zync_db_run(store->db,
			   "INSERT INTO job (job_id, name, status, user_name, request_id, created, started, params, kind, slot, pid, "
			   "timeout_ms, retry_of) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
			   ZYNC_PARAMS(ZYNC_P_TEXT(job->job_id), ZYNC_P_TEXT(job->name), ZYNC_P_TEXT(job->status), ZYNC_P_TEXT(job->user),
				       ZYNC_P_TEXT(job->request_id), ZYNC_P_INT(job->created), ZYNC_P_ID(job->started),
				       ZYNC_P_TEXT(job->params), ZYNC_P_TEXT(job->kind), ZYNC_P_ID(job->slot),
				       ZYNC_P_INT(job->pid != 0 ? job->pid : getpid()), ZYNC_P_ID(job->timeout_ms),
				       ZYNC_P_TEXT(job->retry_of)),
			   NULL, err);
}

enum zync_status zync_store_job_progress(struct zync_store *store, const struct zync_job *job, struct zync_err *err)
{
	return zync_db_run(store->db,
			   "UPDATE job SET phase = $2, progress_current = $3, progress_total = $4, progress_updated = $5, progress_failed "
			   "= $6, progress_rate_milli = $7, progress_left_ms = $8 WHERE job_id = $1",
			   ZYNC_PARAMS(ZYNC_P_TEXT(job->job_id), ZYNC_P_TEXT(job->phase), ZYNC_P_INT(job->current), ZYNC_P_INT(job->total),
				       ZYNC_P_INT(job->updated), ZYNC_P_INT(job->failed), ZYNC_P_INT(job->rate_milli),
				       job->left_ms < 0 ? ZYNC_P_NULL : ZYNC_P_INT(job->left_ms)),
			   NULL, err);
}

/* ---- the end of a job, and the next turn of a recurring one ---- */

/* Counted from the time for which the last turn was meant, so that the schedule does not drift; turns that were missed are skipped. */
static int64_t job_next_turn(int64_t base, int64_t interval_min, int64_t now)
{
	int64_t step = interval_min * MS_PER_MINUTE;

	return now < base ? base + step : base + ((now - base) / step + 1) * step;
}

/* Not when somebody cancelled it, and not when another order of the kind has taken over the schedule. */
static const char SQL_JOB_RECURS[] =
	"SELECT j.interval_min, coalesce(j.run_at, j.started, j.created) FROM job j WHERE j.job_id = $1 AND j.interval_min > 0"
	" AND j.cancel IS NULL AND NOT EXISTS (SELECT 1 FROM job o WHERE o.status IN ('scheduled', 'pending') AND o.kind = j.kind"
	" AND o.interval_min > 0)";

static enum zync_status job_schedule_again(struct zync_store *store, const char *job_id, int64_t now, struct zync_err *err)
{
	char uuid[ZYNC_UUID_SIZE];
	struct zync_stmt *stmt = NULL;
	bool row = false;
	int64_t run_at;

	ZYNC_TRY(zync_db_query(store->db, SQL_JOB_RECURS, ZYNC_PARAMS(ZYNC_P_TEXT(job_id)), &stmt, err));
	ZYNC_TRY(zync_db_next(stmt, &row, err));
	if (!row)
		return ZYNC_OK;
	run_at = job_next_turn(zync_db_int(stmt, 1), zync_db_int(stmt, 0), now);
	zync_db_end(stmt);
	ZYNC_TRY(zync_uuid_new(uuid, err));
	return zync_db_run(store->db,
			   "INSERT INTO job (job_id, name, kind, status, user_name, request_id, created, params, timeout_ms, run_at, "
			   "interval_min) SELECT $2, name, kind, 'scheduled', user_name, request_id, $3, params, timeout_ms, $4, "
			   "interval_min FROM job WHERE job_id = $1",
			   ZYNC_PARAMS(ZYNC_P_TEXT(job_id), ZYNC_P_TEXT(uuid), ZYNC_P_INT(now), ZYNC_P_INT(run_at)), NULL, err);
}

enum zync_status zync_store_job_end(struct zync_store *store, const struct zync_job_end *end, bool *ret_ended, struct zync_err *err)
{
	int64_t changed = 0;

	ZYNC_TRY(zync_db_run(
		store->db,
		"UPDATE job SET status = $2, data = $3, error = $4, completed = $5, pre_data = $6, post_data = $7, phase = NULL, "
		"progress_left_ms = NULL, slot = NULL WHERE job_id = $1 AND status = 'running'",
		ZYNC_PARAMS(ZYNC_P_TEXT(end->job_id), ZYNC_P_TEXT(end->status), ZYNC_P_TEXT(end->data), ZYNC_P_TEXT(end->error),
			    ZYNC_P_INT(end->completed), ZYNC_P_TEXT(end->pre_data), ZYNC_P_TEXT(end->post_data)),
		&changed, err));
	*ret_ended = changed > 0;
	return changed > 0 ? job_schedule_again(store, end->job_id, end->completed, err) : ZYNC_OK;
}

/* ---- reading ---- */

/*
 * A prefix is matched by comparing the first characters: unlike LIKE, no character of it has a meaning. Ids are made of digits, letters and "-", all of which are less than
 * "~"; the range is what the index finds.
 */
#define JOB_SELECT                                                                                                         \
	"SELECT created, started, completed, progress_current, progress_total, progress_updated, progress_failed, run_at," \
	" interval_min, timeout_ms, slot, pid, progress_rate_milli, coalesce(progress_left_ms, -1),"                       \
	" job_id, name, kind, status, user_name, request_id, retry_of, cancel, params, data, error, pre_data, post_data, phase FROM job"
#define JOB_CONDITIONS                                                                                                      \
	" ($1 IS NULL OR substr(job_id, 1, length($1)) = $1) AND ($2 IS NULL OR name = $2) AND ($3 IS NULL OR status = $3)" \
	" ORDER BY created DESC, job_id LIMIT $4"
#define JOB_FIRST_TEXT 14

static const char SQL_JOBS[] = JOB_SELECT " WHERE" JOB_CONDITIONS;
static const char SQL_JOBS_BY_STATUS[] = JOB_SELECT " WHERE status = $3 AND" JOB_CONDITIONS;
static const char SQL_JOB[] = JOB_SELECT " WHERE job_id = $1";
static const char SQL_JOBS_BY_ID[] = JOB_SELECT " WHERE job_id >= $1 AND job_id < $1 || '~' AND" JOB_CONDITIONS;

static enum zync_status job_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
				 struct zync_err *err)
{
	struct zync_job *ret = row;
	const char **texts[] = {&ret->job_id, &ret->name,   &ret->kind, &ret->status, &ret->user,     &ret->request_id, &ret->retry_of,
				&ret->cancel, &ret->params, &ret->data, &ret->error,  &ret->pre_data, &ret->post_data,	&ret->phase};

	*ret = (struct zync_job){
		.created = zync_db_int(stmt, 0),
		.started = zync_db_int(stmt, 1),
		.completed = zync_db_int(stmt, 2),
		.current = zync_db_int(stmt, 3),
		.total = zync_db_int(stmt, 4),
		.updated = zync_db_int(stmt, 5),
		.failed = zync_db_int(stmt, 6),
		.run_at = zync_db_int(stmt, 7),
		.interval_min = zync_db_int(stmt, 8),
		.timeout_ms = zync_db_int(stmt, 9),
		.slot = (uint64_t)zync_db_int(stmt, 10),
		.pid = zync_db_int(stmt, 11),
		.rate_milli = zync_db_int(stmt, 12),
		.left_ms = zync_db_int(stmt, 13),
	};
	return zync_store_copy_texts(stmt, JOB_FIRST_TEXT, arena, texts, ZYNC_ARRAY_LEN(texts), err);
}

enum zync_status zync_store_jobs(struct zync_store *store, const struct zync_job_filter *filter, struct zync_arena *arena,
				 struct zync_job **ret, size_t *ret_count, struct zync_err *err)
{
	int64_t limit = filter->limit == 0 ? INT64_MAX : (int64_t)filter->limit;
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;
	const char *sql = filter->job_id != NULL ? SQL_JOBS_BY_ID : filter->status != NULL ? SQL_JOBS_BY_STATUS : SQL_JOBS;

	ZYNC_TRY(zync_db_query(
		store->db, sql,
		ZYNC_PARAMS(ZYNC_P_TEXT(filter->job_id), ZYNC_P_TEXT(filter->name), ZYNC_P_TEXT(filter->status), ZYNC_P_INT(limit)), &stmt,
		err));
	ZYNC_TRY(zync_store_read_all(stmt, job_read, NULL, sizeof(struct zync_job), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}

enum zync_status zync_store_job(struct zync_store *store, const char *job_id, struct zync_arena *arena, struct zync_job **ret,
				struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;
	size_t count = 0;

	ZYNC_TRY(zync_db_query(store->db, SQL_JOB, ZYNC_PARAMS(ZYNC_P_TEXT(job_id)), &stmt, err));
	ZYNC_TRY(zync_store_read_all(stmt, job_read, NULL, sizeof(struct zync_job), arena, &rows, &count, err));
	*ret = rows; /* NULL when there is none */
	return ZYNC_OK;
}

/* ---- the log ---- */

enum zync_status zync_store_job_log(struct zync_store *store, const char *job_id, int64_t time, const char *level, const char *message,
				    struct zync_err *err)
{
	return zync_db_run(store->db, "INSERT INTO job_log (job_id, time, level, message) VALUES ($1, $2, $3, $4)",
			   ZYNC_PARAMS(ZYNC_P_TEXT(job_id), ZYNC_P_INT(time), ZYNC_P_TEXT(level), ZYNC_P_TEXT(message)), NULL, err);
}

static enum zync_status job_log_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
				     struct zync_err *err)
{
	struct zync_job_log_line *line = row;
	const char **texts[] = {&line->level, &line->message};

	line->time = zync_db_int(stmt, 0);
	return zync_store_copy_texts(stmt, 1, arena, texts, ZYNC_ARRAY_LEN(texts), err);
}

enum zync_status zync_store_job_log_lines(struct zync_store *store, const char *job_id, struct zync_arena *arena,
					  struct zync_job_log_line **ret, size_t *ret_count, struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(store->db, "SELECT time, level, message FROM job_log WHERE job_id = $1 ORDER BY id",
			       ZYNC_PARAMS(ZYNC_P_TEXT(job_id)), &stmt, err));
	ZYNC_TRY(zync_store_read_all(stmt, job_log_read, NULL, sizeof(struct zync_job_log_line), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}
