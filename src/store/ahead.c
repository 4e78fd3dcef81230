/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes ahead of a run's commit, in pieces: its events, which are kept however it ends, and what nobody sees before it is committed, its changes and the texts of desired
 * states. Each piece is a transaction of a few milliseconds, and between two of them others get the lock. See docs/internals/staging.md.
 */
#include "base/clock.h"
#include "store/store_priv.h"

/* Rows of a piece, and how long the lock is free at least before the next one. */
#define PIECE_ROWS     UINT64_C(500)
#define PIECE_PAUSE_MS 4

enum zync_status zync_store_in_pieces(struct zync_store *store, zync_store_piece_fn *piece, void *ctx, struct zync_err *err)
{
	bool more = true;

	while (more) {
		int64_t started = zync_clock_mono_ms();
		enum zync_status status;

		ZYNC_TRY(zync_db_begin(store->db, err));
		more = false;
		status = piece(store, ctx, PIECE_ROWS, &more, err);
		if (status != ZYNC_OK) {
			zync_db_rollback(store->db);
			return status;
		}
		ZYNC_TRY(zync_db_commit(store->db, err));
		if (more)
			(void)zync_clock_sleep_ms(ZYNC_MAX(zync_clock_mono_ms() - started, PIECE_PAUSE_MS));
	}
	return ZYNC_OK;
}

struct ahead {
	const char *job_id; /* NULL: no job, all is done in the caller's transaction */
	uint64_t after;	    /* done up to this row */
};

/* Nothing of a job that somebody else has ended may follow: what it has left is being deleted. */
static enum zync_status ahead_check(struct zync_store *store, const struct ahead *ahead, struct zync_err *err)
{
	uint64_t running = 1;

	if (ahead->job_id != NULL)
		ZYNC_TRY(zync_store_number(store, "SELECT count(*) FROM job WHERE job_id = $1 AND status = 'running'",
					   ZYNC_PARAMS(ZYNC_P_TEXT(ahead->job_id)), &running, err));
	return running != 0 ? ZYNC_OK : zync_store_not_running(ahead->job_id, err);
}

/* ---- events ---- */

/* $1: up to this id. */
static const char SQL_MOVE_EVENTS[] =
	"INSERT INTO event (" ZYNC_EVENT_COLUMNS ") SELECT " ZYNC_EVENT_COLUMNS " FROM work_event WHERE id <= $1 ORDER BY id";
static const char SQL_DROP_EVENTS[] = "DELETE FROM work_event WHERE id <= $1";

static enum zync_status ahead_some_events(struct zync_store *store, ZYNC_UNUSED void *ctx, uint64_t rows, bool *ret_more,
					  struct zync_err *err)
{
	uint64_t first = 0;

	ZYNC_TRY(zync_store_number(store, "SELECT min(id) FROM work_event", ZYNC_NO_PARAMS, &first, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_MOVE_EVENTS, ZYNC_PARAMS(ZYNC_P_INT(first + rows - 1)), NULL, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_DROP_EVENTS, ZYNC_PARAMS(ZYNC_P_INT(first + rows - 1)), NULL, err));
	ZYNC_TRY(zync_store_number(store, "SELECT EXISTS (SELECT 1 FROM work_event)", ZYNC_NO_PARAMS, &first, err));
	*ret_more = first != 0;
	return ZYNC_OK;
}

enum zync_status zync_store_ahead_events(struct zync_store *store, struct zync_err *err)
{
	uint64_t found = 0;

	/* After a crash in between, the recovery adds only those that are missing. */
	ZYNC_TRY(zync_store_number(store, "SELECT EXISTS (SELECT 1 FROM work_event)", ZYNC_NO_PARAMS, &found, err));
	return found == 0 ? ZYNC_OK : zync_store_in_pieces(store, ahead_some_events, NULL, err);
}

/* ---- changes ---- */

static const char SQL_MOVE_CHANGES[] =
	"INSERT INTO change (" ZYNC_CHANGE_COLUMNS ") SELECT " ZYNC_CHANGE_COLUMNS " FROM work_change WHERE id <= $1 ORDER BY id";
static const char SQL_DROP_CHANGES[] = "DELETE FROM work_change WHERE id <= $1";

static enum zync_status ahead_some_changes(struct zync_store *store, void *ctx, uint64_t rows, bool *ret_more, struct zync_err *err)
{
	uint64_t first = 0;

	ZYNC_TRY(ahead_check(store, ctx, err));
	ZYNC_TRY(zync_store_number(store, "SELECT min(id) FROM work_change", ZYNC_NO_PARAMS, &first, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_MOVE_CHANGES, ZYNC_PARAMS(ZYNC_P_INT(first + rows - 1)), NULL, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_DROP_CHANGES, ZYNC_PARAMS(ZYNC_P_INT(first + rows - 1)), NULL, err));
	ZYNC_TRY(zync_store_number(store, "SELECT EXISTS (SELECT 1 FROM work_change)", ZYNC_NO_PARAMS, &first, err));
	*ret_more = first != 0;
	return ZYNC_OK;
}

/* ---- texts ---- */

enum zync_status zync_store_text_numbers(struct zync_store *store, uint64_t count, uint64_t *ret_first, struct zync_err *err)
{
	return zync_store_number(store, "UPDATE sequence SET next = next + $1 WHERE name = 'host_text' RETURNING next - $1",
				 ZYNC_PARAMS(ZYNC_P_INT(count)), ret_first, err);
}

static const char SQL_NUMBER_TEXTS[] = "UPDATE work SET text_id = $1 + r.n FROM (SELECT seq AS s, row_number() OVER (ORDER BY seq) - 1 AS n"
				       " FROM work WHERE desired IS NOT NULL AND text_id IS NULL) AS r WHERE r.s = work.seq";
/* $1: job, $2: after this row, $3: up to this one. */
static const char SQL_COPY_TEXTS[] =
	"INSERT INTO host_text (id, job_id, object_type, object_id, desired, secrets) SELECT text_id, $1, object_type, object_id, desired, "
	"secrets FROM work WHERE seq > $2 AND seq <= $3 AND text_id IS NOT NULL ON CONFLICT (id) DO NOTHING";

static enum zync_status ahead_some_texts(struct zync_store *store, void *ctx, uint64_t rows, bool *ret_more, struct zync_err *err)
{
	struct ahead *ahead = ctx;
	uint64_t last = 0;

	ZYNC_TRY(ahead_check(store, ahead, err));
	/* The end of the piece: so many rows that have a text. */
	ZYNC_TRY(zync_store_number(store,
				   "SELECT coalesce(max(seq), 0) FROM (SELECT seq FROM work WHERE seq > $1 AND text_id IS NOT NULL"
				   " ORDER BY seq LIMIT $2)",
				   ZYNC_PARAMS(ZYNC_P_INT(ahead->after), ZYNC_P_INT(rows)), &last, err));
	*ret_more = last != 0;
	if (last == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_db_run(store->db, SQL_COPY_TEXTS, ZYNC_PARAMS(ZYNC_P_TEXT(ahead->job_id), ZYNC_P_INT(ahead->after), ZYNC_P_INT(last)),
			     NULL, err));
	ahead->after = last;
	return ZYNC_OK;
}

enum zync_status zync_store_ahead_numbers(struct zync_store *store, uint64_t *ret_texts, struct zync_err *err)
{
	uint64_t missing = 0;
	uint64_t first = 0;

	ZYNC_TRY(zync_store_number(store, "SELECT count(*) FROM work WHERE desired IS NOT NULL", ZYNC_NO_PARAMS, ret_texts, err));
	if (*ret_texts == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_store_number(store, "SELECT count(*) FROM work WHERE desired IS NOT NULL AND text_id IS NULL", ZYNC_NO_PARAMS,
				   &missing, err));
	if (missing == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_store_text_numbers(store, missing, &first, err));
	return zync_db_run(store->db, SQL_NUMBER_TEXTS, ZYNC_PARAMS(ZYNC_P_INT(first)), NULL, err);
}

/*
 * The staged rows without the texts that are in their place by now: to look through what is left takes a fraction of the time. That there was one still shows. `pinned` stays where
 * the commit may have to put it into a row of its own.
 */
static const char SQL_SLIM[] =
	"DELETE FROM work_slim;"
	"INSERT INTO work_slim (" ZYNC_WORK_NARROW ", desired, pinned) SELECT " ZYNC_WORK_NARROW
	", CASE WHEN desired IS NOT NULL THEN '' END,"
	" CASE WHEN r_applied = 1 AND desired IS NULL THEN pinned WHEN pinned IS NOT NULL THEN '' END FROM work;"
	"DELETE FROM work;"
	"INSERT INTO work (" ZYNC_WORK_NARROW ", desired, pinned) SELECT " ZYNC_WORK_NARROW ", desired, pinned FROM work_slim;"
	"DELETE FROM work_slim;";

enum zync_status zync_store_ahead(struct zync_store *store, const char *job_id, uint64_t texts, struct zync_err *err)
{
	struct ahead ahead = {.job_id = job_id};
	uint64_t changes = 0;

	ZYNC_TRY(zync_store_number(store, "SELECT EXISTS (SELECT 1 FROM work_change)", ZYNC_NO_PARAMS, &changes, err));
	if (changes != 0)
		ZYNC_TRY(zync_store_in_pieces(store, ahead_some_changes, &ahead, err));
	if (texts != 0)
		ZYNC_TRY(zync_store_in_pieces(store, ahead_some_texts, &ahead, err));
	return texts != 0 || changes != 0 ? zync_db_script(store->db, SQL_SLIM, err) : ZYNC_OK;
}

enum zync_status zync_store_ahead_inside(struct zync_store *store, struct zync_err *err)
{
	struct ahead ahead = {0};
	bool more = false;

	ZYNC_TRY(ahead_some_changes(store, &ahead, INT32_MAX, &more, err));
	return ahead_some_texts(store, &ahead, INT32_MAX, &more, err);
}
