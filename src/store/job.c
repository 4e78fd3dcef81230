/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs, their progress and their log. Written at once, outside of the run's transaction, since they must survive a failure. */
#include "base/str.h"
#include "store/store_priv.h"

enum zync_status zync_store_job_start(struct zync_store *store, const struct zync_job *job, struct zync_err *err)
{
	return zync_db_run(store->db,
			   "INSERT INTO job (job_id, name, status, user_name, request_id, created, started, params) VALUES ($1, $2, $3, "
			   "$4, $5, $6, $7, $8)",
			   ZYNC_PARAMS(ZYNC_P_TEXT(job->job_id), ZYNC_P_TEXT(job->name), ZYNC_P_TEXT(job->status), ZYNC_P_TEXT(job->user),
				       ZYNC_P_TEXT(job->request_id), ZYNC_P_INT(job->created), ZYNC_P_ID(job->started),
				       ZYNC_P_TEXT(job->params)),
			   NULL, err);
}

enum zync_status zync_store_job_progress(struct zync_store *store, const struct zync_job *job, struct zync_err *err)
{
	return zync_db_run(store->db,
			   "UPDATE job SET phase = $2, progress_current = $3, progress_total = $4, progress_updated = $5, progress_failed "
			   "= $6 WHERE job_id = $1",
			   ZYNC_PARAMS(ZYNC_P_TEXT(job->job_id), ZYNC_P_TEXT(job->phase), ZYNC_P_INT(job->current), ZYNC_P_INT(job->total),
				       ZYNC_P_INT(job->updated), ZYNC_P_INT(job->failed)),
			   NULL, err);
}

enum zync_status zync_store_job_end(struct zync_store *store, const struct zync_job_end *end, struct zync_err *err)
{
	return zync_db_run(store->db, "UPDATE job SET status = $2, data = $3, error = $4, completed = $5, phase = NULL WHERE job_id = $1",
			   ZYNC_PARAMS(ZYNC_P_TEXT(end->job_id), ZYNC_P_TEXT(end->status), ZYNC_P_TEXT(end->data), ZYNC_P_TEXT(end->error),
				       ZYNC_P_INT(end->completed)),
			   NULL, err);
}

enum zync_status zync_store_job_log(struct zync_store *store, const char *job_id, int64_t time, const char *level, const char *message,
				    struct zync_err *err)
{
	return zync_db_run(store->db, "INSERT INTO job_log (job_id, time, level, message) VALUES ($1, $2, $3, $4)",
			   ZYNC_PARAMS(ZYNC_P_TEXT(job_id), ZYNC_P_INT(time), ZYNC_P_TEXT(level), ZYNC_P_TEXT(message)), NULL, err);
}

/* A prefix is matched by comparing the first characters: unlike LIKE, no character of it has a meaning. */
static const char SQL_JOBS[] =
	"SELECT created, started, completed, progress_current, progress_total, progress_updated, progress_failed,"
	" job_id, name, status, user_name, request_id, params, data, error, phase FROM job"
	" WHERE ($1 IS NULL OR substr(job_id, 1, length($1)) = $1) AND ($2 IS NULL OR name = $2) AND ($3 IS NULL OR status = $3)"
	" ORDER BY created DESC, job_id LIMIT $4";

static enum zync_status job_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
				 struct zync_err *err)
{
	struct zync_job *ret = row;
	const char **texts[] = {&ret->job_id, &ret->name, &ret->status, &ret->user, &ret->request_id,
				&ret->params, &ret->data, &ret->error,	&ret->phase};

	*ret = (struct zync_job){
		.created = zync_db_int(stmt, 0),
		.started = zync_db_int(stmt, 1),
		.completed = zync_db_int(stmt, 2),
		.current = zync_db_int(stmt, 3),
		.total = zync_db_int(stmt, 4),
		.updated = zync_db_int(stmt, 5),
		.failed = zync_db_int(stmt, 6),
	};
	return zync_store_copy_texts(stmt, 7, arena, texts, ZYNC_ARRAY_LEN(texts), err);
}

enum zync_status zync_store_jobs(struct zync_store *store, const struct zync_job_filter *filter, struct zync_arena *arena,
				 struct zync_job **ret, size_t *ret_count, struct zync_err *err)
{
	int64_t limit = filter->limit == 0 ? INT64_MAX : (int64_t)filter->limit;
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(
		store->db, SQL_JOBS,
		ZYNC_PARAMS(ZYNC_P_TEXT(filter->job_id), ZYNC_P_TEXT(filter->name), ZYNC_P_TEXT(filter->status), ZYNC_P_INT(limit)), &stmt,
		err));
	ZYNC_TRY(zync_store_read_all(stmt, job_read, NULL, sizeof(struct zync_job), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
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
