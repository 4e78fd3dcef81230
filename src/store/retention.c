/* SPDX-License-Identifier: Apache-2.0 */
/* What of the past goes. Each statement is a transaction of its own and deletes so much that nobody who waits for it notices. */
#include "base/clock.h"
#include "store/store_priv.h"

#define CLEAN_BATCH 1000
/* Who waits for the lock looks for it at intervals that grow up to 100 ms, so it must be free for a while, too. */
#define CLEAN_PAUSE_MS 20

/* The last row that goes, by (time, id): everything up to it does. */
struct bound {
	int64_t time;
	const char *text; /* id of a job */
	int64_t number;	  /* id of an event or change */
};

/* Repeat the statement, whose last parameter is the size of a batch, until it finds nothing more. */
static enum zync_status clean(struct zync_store *store, const char *sql, const struct bound *bound, uint64_t *deleted, struct zync_err *err)
{
	int64_t changed = 0;

	do {
		int64_t started = zync_clock_mono_ms();
		int64_t took;

		ZYNC_TRY(zync_db_run(store->db, sql,
				     ZYNC_PARAMS(ZYNC_P_INT(bound->time),
						 bound->text != NULL ? ZYNC_P_TEXT(bound->text) : ZYNC_P_INT(bound->number),
						 ZYNC_P_INT(CLEAN_BATCH)),
				     &changed, err));
		*deleted += (uint64_t)changed;
		took = zync_clock_mono_ms() - started;
		if (changed == CLEAN_BATCH)
			(void)zync_clock_sleep_ms(ZYNC_MAX(took, CLEAN_PAUSE_MS));
	} while (changed == CLEAN_BATCH);
	return ZYNC_OK;
}

/* The newest row beyond the number that may stay, when it is newer than what goes for its age. */
static enum zync_status clean_bound(struct zync_store *store, const char *sql, uint64_t keep, struct bound *bound, struct zync_arena *arena,
				    struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	enum zync_status status = ZYNC_OK;
	bool row = false;

	if (keep == 0 || keep > INT64_MAX)
		return ZYNC_OK;
	ZYNC_TRY(zync_db_query(store->db, sql, ZYNC_PARAMS(ZYNC_P_INT(keep)), &stmt, err));
	ZYNC_TRY(zync_db_next(stmt, &row, err));
	if (!row)
		return ZYNC_OK;
	if (zync_db_int(stmt, 0) > bound->time) {
		bound->time = zync_db_int(stmt, 0);
		bound->number = zync_db_int(stmt, 1);
		if (arena != NULL)
			status = zync_db_copy(stmt, 1, arena, &bound->text, err);
	}
	zync_db_end(stmt);
	return status;
}

static enum zync_status clean_events(struct zync_store *store, const struct zync_retention *retention, struct zync_retention_counts *counts,
				     struct zync_err *err)
{
	/* "Before" as a bound: the last id of the millisecond before it. */
	struct bound events = {.time = retention->before - 1, .number = INT64_MAX};
	struct bound changes = events;

	ZYNC_TRY(clean_bound(store, "SELECT time, id FROM event ORDER BY time DESC, id DESC LIMIT 1 OFFSET $1", retention->max_events,
			     &events, NULL, err));
	ZYNC_TRY(clean_bound(
		store, "SELECT time, id FROM change WHERE" ZYNC_CHANGE_COUNTS(change) " ORDER BY time DESC, id DESC LIMIT 1 OFFSET $1",
		retention->max_events, &changes, NULL, err));
	ZYNC_TRY(clean(store,
		       "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE (time, id) <= ($1, $2) ORDER BY time, id LIMIT $3)",
		       &events, &counts->events, err));
	return clean(store,
		     "DELETE FROM change WHERE id IN (SELECT id FROM change WHERE (time, id) <= ($1, $2) AND" ZYNC_CHANGE_COUNTS(
			     change) " ORDER BY time, id LIMIT $3)",
		     &changes, &counts->changes, err);
}

/* Ended jobs up to the bound. Of each name the newest stays, one whose intents have not been looked into (intent.h), and one by whose row it is known that its changes do not count. */
#define OLD_JOBS                                                                                                                        \
	" job j WHERE j.completed IS NOT NULL AND (j.completed, j.job_id) <= ($1, $2) AND EXISTS (SELECT 1 FROM job n"                  \
	" WHERE n.name = j.name AND n.completed IS NOT NULL AND (n.completed, n.job_id) > (j.completed, j.job_id)) AND NOT"             \
	" EXISTS (SELECT 1 FROM intent i WHERE i.job_id = j.job_id) AND (j.status = 'completed' OR NOT EXISTS (SELECT 1 FROM change c " \
	"WHERE c.job_id = j.job_id))"

static enum zync_status clean_jobs(struct zync_store *store, const struct zync_retention *retention, struct zync_retention_counts *counts,
				   struct zync_err *err)
{
	struct bound bound = {.time = retention->before - 1, .text = "~"};
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);

	if (arena == NULL)
		return zync_err_nomem(err, "cleaning up jobs");
	ZYNC_TRY(clean_bound(
		store,
		"SELECT completed, job_id FROM job WHERE completed IS NOT NULL ORDER BY completed DESC, job_id DESC LIMIT 1 OFFSET $1",
		retention->max_jobs, &bound, arena, err));
	ZYNC_TRY(clean(store,
		       "DELETE FROM job_log WHERE id IN (SELECT l.id FROM job_log l WHERE l.job_id IN (SELECT j.job_id FROM" OLD_JOBS
		       ") LIMIT $3)",
		       &bound, &counts->log_lines, err));
	return clean(store, "DELETE FROM job WHERE job_id IN (SELECT j.job_id FROM" OLD_JOBS " LIMIT $3)", &bound, &counts->jobs, err);
}

enum zync_status zync_store_clean_up(struct zync_store *store, const struct zync_retention *retention, struct zync_retention_counts *ret,
				     struct zync_err *err)
{
	struct zync_retention_counts counts = {0};

	ZYNC_TRY(zync_store_leftover_of_all(store, err));
	ZYNC_TRY(clean_events(store, retention, &counts, err));
	ZYNC_TRY(clean_jobs(store, retention, &counts, err));
	*ret = counts;
	return ZYNC_OK;
}
