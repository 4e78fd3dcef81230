/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that nobody sees: changes and texts of runs that did not come to their commit, texts that a commit has replaced, intents of runs that completed. Readers pass over them, so they
 * are deleted when there is time for it, in pieces, and a deletion that fails is no failure of the run: the clean-up looks for all of them.
 */
#include "store/store_priv.h"

/* ---- texts ---- */

#define SQL_OLD_TABLE "CREATE TEMP TABLE IF NOT EXISTS work_old (id INTEGER PRIMARY KEY);"

/* A text belongs to one object, and only the state of that one can name it. */
#define TEXT_IS_UNUSED(text)                                                                                                   \
	" NOT EXISTS (SELECT 1 FROM host_config c JOIN host_state s ON s.pk = c.pk WHERE c.object_type = " text ".object_type" \
	" AND c.object_id = " text ".object_id AND (s.desired_id = " text ".id OR s.applied_id = " text ".id))"                \
	" AND NOT EXISTS (SELECT 1 FROM job j WHERE j.job_id = " text ".job_id AND j.status = 'running')"

/* What the commit is going to replace. */
static const char SQL_OLD_OF_WORK[] = "INSERT INTO work_old (id) SELECT s.desired_id FROM work w JOIN host_state s ON s.pk = w.pk"
				      " WHERE (w.text_id IS NOT NULL OR w.outcome = 3) AND s.desired_id IS NOT NULL"
				      " UNION ALL SELECT s.applied_id FROM work w JOIN host_state s ON s.pk = w.pk"
				      " WHERE (w.r_applied = 1 OR w.outcome = 3) AND s.applied_id IS NOT NULL ON CONFLICT (id) DO NOTHING";
static const char SQL_OLD_OF_JOB[] =
	"INSERT INTO work_old (id) SELECT t.id FROM host_text t WHERE t.job_id = $1 AND" TEXT_IS_UNUSED("t") " ON CONFLICT (id) DO NOTHING";
static const char SQL_OLD_OF_ALL[] =
	"INSERT INTO work_old (id) SELECT t.id FROM host_text t WHERE" TEXT_IS_UNUSED("t") " ON CONFLICT (id) DO NOTHING";
/* $1: up to this id. */
static const char SQL_DELETE_OLD[] =
	"DELETE FROM host_text WHERE id IN (SELECT id FROM work_old WHERE id <= $1) AND" TEXT_IS_UNUSED("host_text");

enum zync_status zync_store_leftover_texts_of_work(struct zync_store *store, struct zync_err *err)
{
	return zync_db_run(store->db, SQL_OLD_OF_WORK, ZYNC_NO_PARAMS, NULL, err);
}

static enum zync_status leftover_some_texts(struct zync_store *store, ZYNC_UNUSED void *ctx, uint64_t rows, bool *ret_more,
					    struct zync_err *err)
{
	uint64_t last = 0;

	ZYNC_TRY(zync_store_number(store, "SELECT coalesce(max(id), 0) FROM (SELECT id FROM work_old ORDER BY id LIMIT $1)",
				   ZYNC_PARAMS(ZYNC_P_INT(rows)), &last, err));
	*ret_more = last != 0;
	if (last == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_db_run(store->db, SQL_DELETE_OLD, ZYNC_PARAMS(ZYNC_P_INT(last)), NULL, err));
	return zync_db_run(store->db, "DELETE FROM work_old WHERE id <= $1", ZYNC_PARAMS(ZYNC_P_INT(last)), NULL, err);
}

static enum zync_status leftover_texts(struct zync_store *store, struct zync_err *err)
{
	uint64_t found = 0;

	ZYNC_TRY(zync_store_number(store, "SELECT EXISTS (SELECT 1 FROM work_old)", ZYNC_NO_PARAMS, &found, err));
	return found == 0 ? ZYNC_OK : zync_store_in_pieces(store, leftover_some_texts, NULL, err);
}

/* ---- changes and intents ---- */

struct leftover {
	const char *exists; /* is there any? */
	const char *sql;    /* deletes at most $2 of them */
	const char *job_id; /* $1; NULL: of all jobs */
};

static enum zync_status leftover_some_rows(struct zync_store *store, void *ctx, uint64_t rows, bool *ret_more, struct zync_err *err)
{
	const struct leftover *leftover = ctx;
	int64_t deleted = 0;

	ZYNC_TRY(zync_db_run(store->db, leftover->sql, ZYNC_PARAMS(ZYNC_P_TEXT(leftover->job_id), ZYNC_P_INT(rows)), &deleted, err));
	*ret_more = (uint64_t)deleted == rows;
	return ZYNC_OK;
}

static enum zync_status leftover_rows(struct zync_store *store, struct leftover leftover, struct zync_err *err)
{
	uint64_t found = 0;

	ZYNC_TRY(zync_store_number(store, leftover.exists, ZYNC_PARAMS(ZYNC_P_TEXT(leftover.job_id)), &found, err));
	return found == 0 ? ZYNC_OK : zync_store_in_pieces(store, leftover_some_rows, &leftover, err);
}

#define CHANGES_OF_JOB                                                                                         \
	" FROM change c JOIN job j ON j.job_id = c.job_id WHERE c.job_id = $1 AND j.status NOT IN ('running'," \
	" 'completed')"
/* Jobs come first, since few of them have anything left. */
#define CHANGES_OF_ALL                                                                        \
	" FROM job j JOIN change c ON c.job_id = j.job_id WHERE $1 IS NULL AND j.status IN (" \
	"'errored', 'failed')"
#define INTENTS_OF_ALL " FROM intent i JOIN job j ON j.job_id = i.job_id WHERE $1 IS NULL AND j.status = 'completed'"

static const struct leftover CHANGES_BY_JOB = {.exists = "SELECT EXISTS (SELECT 1" CHANGES_OF_JOB ")",
					       .sql = "DELETE FROM change WHERE id IN (SELECT c.id" CHANGES_OF_JOB " LIMIT $2)"};
static const struct leftover CHANGES = {.exists = "SELECT EXISTS (SELECT 1" CHANGES_OF_ALL ")",
					.sql = "DELETE FROM change WHERE id IN (SELECT c.id" CHANGES_OF_ALL " LIMIT $2)"};
static const struct leftover INTENTS = {.exists = "SELECT EXISTS (SELECT 1" INTENTS_OF_ALL ")",
					.sql = "DELETE FROM intent WHERE id IN (SELECT i.id" INTENTS_OF_ALL " LIMIT $2)"};

/* ---- when ---- */

enum zync_status zync_store_leftover_committed(struct zync_store *store, struct zync_err *err)
{
	ZYNC_TRY(leftover_texts(store, err));
	return leftover_rows(store, INTENTS, err);
}

enum zync_status zync_store_leftover_of_job(struct zync_store *store, const char *job_id, struct zync_err *err)
{
	struct leftover changes = CHANGES_BY_JOB;

	changes.job_id = job_id;
	ZYNC_TRY(zync_db_script(store->db, SQL_OLD_TABLE "DELETE FROM work_old;", err));
	ZYNC_TRY(leftover_rows(store, changes, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_OLD_OF_JOB, ZYNC_PARAMS(ZYNC_P_TEXT(job_id)), NULL, err));
	return leftover_texts(store, err);
}

enum zync_status zync_store_leftover_of_all(struct zync_store *store, struct zync_err *err)
{
	ZYNC_TRY(zync_db_script(store->db, SQL_OLD_TABLE "DELETE FROM work_old;", err));
	ZYNC_TRY(leftover_rows(store, CHANGES, err));
	ZYNC_TRY(leftover_rows(store, INTENTS, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_OLD_OF_ALL, ZYNC_NO_PARAMS, NULL, err));
	return leftover_texts(store, err);
}
