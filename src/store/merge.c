/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a run: what it staged moves into place, or is dropped, in one short transaction. While that lasts nobody else can write, so whatever need not be in it is done before or
 * after. See docs/internals/staging.md.
 */
#include "store/guard.h"
#include "store/store_priv.h"

/*
 * The merge of a run. $1: now. The unique key is the NetBox object, so that two runs that found the same new object end with one row: the pk that was there
 * first stays. A hostid stays only with its server. Outcomes: 0 undecided, 1 synced, 2 failed, 3 forget, 4 out of sync (enum zync_work_outcome); rows of
 * what was only compared are gone by then.
 */
static const char SQL_MERGE_HOST_CONFIG[] =
	"INSERT INTO host_config (pk, object_type, object_id, name, host, server, hostid, state, reason, in_sync, last_sync_update, "
	"last_error, created, updated, pulled_at)"
	" SELECT w.pk, w.object_type, w.object_id, w.name, w.host, w.server, CASE WHEN w.outcome = 0 THEN w.hostid ELSE w.r_hostid END, "
	"w.state, w.reason,"
	"  CASE w.outcome WHEN 1 THEN 1 WHEN 2 THEN 0 WHEN 4 THEN 0 ELSE NULL END, CASE WHEN w.outcome = 0 THEN NULL ELSE $1 END,"
	"  w.r_error, $1, $1, w.pulled_at FROM work w WHERE w.pk IS NOT NULL AND w.outcome <> 3"
	" ON CONFLICT (object_type, object_id) DO UPDATE SET name = excluded.name, host = coalesce(excluded.host, host_config.host), "
	"server = excluded.server,"
	"  hostid = CASE WHEN excluded.server <> host_config.server THEN excluded.hostid"
	"   WHEN excluded.last_sync_update IS NULL THEN host_config.hostid WHEN excluded.in_sync = 1 THEN excluded.hostid"
	"   ELSE coalesce(excluded.hostid, host_config.hostid) END, state = excluded.state, "
	"reason = excluded.reason,"
	"  in_sync = CASE WHEN excluded.last_sync_update IS NOT NULL THEN excluded.in_sync WHEN excluded.state <> host_config.state OR "
	"   excluded.server <> host_config.server THEN 0"
	"   ELSE host_config.in_sync END,"
	"  last_sync_update = coalesce(excluded.last_sync_update, host_config.last_sync_update),"
	"  last_error = CASE WHEN excluded.last_sync_update IS NULL THEN host_config.last_error ELSE excluded.last_error END,"
	"  updated = excluded.updated,"
	"  pulled_at = CASE WHEN excluded.pulled_at IS NULL OR host_config.pulled_at > excluded.pulled_at THEN host_config.pulled_at"
	"   ELSE excluded.pulled_at END";

/* Only rows that have something new to say: a new desired state, a written one, or pushed secrets. */
static const char SQL_MERGE_HOST_STATE[] =
	"INSERT INTO host_state (pk, desired_id, applied_id, digest, pushed)"
	" SELECT c.pk, coalesce(w.text_id, s.desired_id),"
	"  CASE WHEN w.r_applied = 1 THEN coalesce(w.text_id, w.pinned_id, s.desired_id) ELSE s.applied_id END, coalesce(w.digest, "
	"s.digest), coalesce(w.r_pushed, s.pushed)"
	" FROM work w JOIN host_config c ON c.object_type = w.object_type AND c.object_id = w.object_id LEFT JOIN host_state s ON s.pk = "
	"c.pk"
	" WHERE w.pk IS NOT NULL AND w.outcome <> 3 AND (w.text_id IS NOT NULL OR w.r_applied = 1 OR w.r_pushed IS NOT NULL)"
	" ON CONFLICT (pk) DO UPDATE SET desired_id = excluded.desired_id, applied_id = excluded.applied_id, digest = excluded.digest,"
	"  pushed = excluded.pushed";

/* A text that was written to Zabbix, and that others have replaced and deleted since then, gets a row of its own. $1: the first number. */
#define LOST_TEXTS                                                                                                                       \
	" FROM work w WHERE w.text_id IS NULL AND w.r_applied = 1 AND w.outcome <> 3 AND w.pinned IS NOT NULL AND NOT EXISTS (SELECT 1 " \
	"FROM"                                                                                                                           \
	" host_text t WHERE t.id = w.pinned_id)"
static const char SQL_NUMBER_LOST[] =
	"UPDATE work SET pinned_id = $1 + r.n FROM (SELECT w.seq AS s, row_number() OVER (ORDER BY w.seq) - 1 AS n" LOST_TEXTS
	") AS r WHERE r.s = work.seq";
static const char SQL_COPY_LOST[] = "INSERT INTO host_text (id, object_type, object_id, desired)"
				    " SELECT w.pinned_id, w.object_type, w.object_id, w.pinned" LOST_TEXTS;

/*
 * What was only compared (5 the same, 6 different) says nothing of a host config that is another by now: forgotten, moved, desired differently, or written or compared later
 * by another run. The rows still say how it was then: this comes before they learn anything.
 */
static const char SQL_MERGE_COMPARED[] =
	"UPDATE host_config SET in_sync = CASE w.outcome WHEN 5 THEN 1 ELSE 0 END, last_sync_update = w.r_checked,"
	"  last_error = CASE w.outcome WHEN 5 THEN NULL ELSE coalesce(w.r_error, host_config.last_error) END"
	" FROM work AS w LEFT JOIN host_state s ON s.pk = w.pk WHERE host_config.pk = w.pk AND w.outcome IN (5, 6)"
	" AND coalesce(host_config.last_sync_update, 0) < w.r_checked AND host_config.state = w.state AND host_config.server = w.server"
	" AND coalesce(host_config.hostid, 0) = coalesce(w.hostid, 0) AND coalesce(s.digest, '') = coalesce(w.r_digest, '')";
static const char SQL_EMPTY_COMPARED[] = "DELETE FROM work WHERE outcome IN (5, 6)";

/* A desired state that changed without having been written yet is not in sync any more. */
static const char SQL_MERGE_STALE[] = "UPDATE host_config SET in_sync = 0 WHERE pk IN (SELECT w.pk FROM work w WHERE w.outcome = 0 AND "
				      "w.desired IS NOT NULL AND w.is_new = 0)";

static const char SQL_MERGE_FORGET[] = "DELETE FROM host_config WHERE pk IN (SELECT w.pk FROM work w WHERE w.outcome = 3 AND w.is_new = 0)";
/* Events and changes of this run ($1) about a new object that another run has recorded first, after they were moved. */
#define RENUMBER(table)                                                                                                     \
	"UPDATE " table " SET host_config_pk = m.pk FROM (SELECT w.pk AS staged, c.pk AS pk FROM work w JOIN host_config c" \
	" ON c.object_type = w.object_type AND c.object_id = w.object_id WHERE w.is_new = 1 AND w.pk <> c.pk) AS m"         \
	" WHERE " table ".job_id = $1 AND " table ".host_config_pk = m.staged"
static const char SQL_RENUMBER_EVENTS[] = RENUMBER("event");
static const char SQL_RENUMBER_CHANGES[] = RENUMBER("change");
static const char SQL_EMPTY_WORK[] = "DELETE FROM work; DELETE FROM work_event; DELETE FROM work_change; DELETE FROM work_old;";

/*
 * Another run has given this host back since the plan was made ($2), and this run ($1) does not guard it: what was found out about it is older than what that one recorded.
 */
#define GUARDED_BY_ANOTHER                                                                                       \
	" EXISTS (SELECT 1 FROM guard g WHERE g.object_type = work.object_type AND g.object_id = work.object_id" \
	" AND g.epoch > $2 AND g.slot IS DISTINCT FROM $1)"
static const char SQL_FORGET_COMPARED[] = "DELETE FROM work WHERE outcome IN (5, 6) AND" GUARDED_BY_ANOTHER;
static const char SQL_FORGET_RESULTS[] = "UPDATE work SET " ZYNC_WORK_NO_RESULT " WHERE outcome <> 0 AND" GUARDED_BY_ANOTHER;

struct merge {
	int64_t now;
	const struct zync_job_end *end;	    /* NULL: nobody guards, nobody planned */
	const struct zync_event *job_event; /* or NULL */
	uint64_t texts;			    /* staged ones */
	bool compared, forgotten, waiting;  /* is there anything of that kind; the last: a new desired state that was not written */
	bool learnt;			    /* others have committed since the work was staged */
	bool moves;			    /* rows that belong to another object now */
};

static bool merge_has_job(const struct merge *merge)
{
	return merge->end != NULL && merge->end->job_id != NULL;
}

enum zync_status zync_store_not_running(const char *job_id, struct zync_err *err)
{
	return zync_err_set(
		err, ZYNC_ERR_STORE,
		"store: job %s is not running any more: another process has ended it; its results are not recorded, the next run "
		"finds out what it did",
		job_id);
}

/* ---- before the transaction ---- */

/* To look through all of the staged work takes its time; what is not there is not looked for under the lock. */
static enum zync_status merge_look(struct zync_store *store, struct merge *merge, struct zync_err *err)
{
	uint64_t written = 0;
	struct zync_stmt *stmt = NULL;
	bool row = false;

	ZYNC_TRY(zync_db_query(
		store->db,
		"SELECT count(*) FILTER (WHERE outcome IN (5, 6)), count(*) FILTER (WHERE outcome = 3),"
		" count(*) FILTER (WHERE outcome = 0 AND desired IS NOT NULL AND is_new = 0), coalesce(sum(r_applied), 0) FROM work",
		ZYNC_NO_PARAMS, &stmt, err));
	ZYNC_TRY(zync_db_next(stmt, &row, err));
	if (row) {
		merge->compared = zync_db_int(stmt, 0) != 0;
		merge->forgotten = zync_db_int(stmt, 1) != 0;
		merge->waiting = zync_db_int(stmt, 2) != 0;
		written = (uint64_t)zync_db_int(stmt, 3);
		zync_db_end(stmt);
	}
	ZYNC_TRY(zync_store_moves_any(store, &merge->moves, err));
	return merge->texts > 0 || merge->forgotten || written > 0 ? zync_store_leftover_texts_of_work(store, err) : ZYNC_OK;
}

static enum zync_status merge_prepare(struct zync_store *store, struct merge *merge, struct zync_err *err)
{
	ZYNC_TRY(zync_store_ahead_events(store, err));
	ZYNC_TRY(zync_store_ahead_numbers(store, &merge->texts, err));
	if (merge_has_job(merge))
		ZYNC_TRY(zync_store_ahead(store, merge->end->job_id, merge->texts, err));
	return merge_look(store, merge, err);
}

/* ---- the transaction ---- */

static enum zync_status merge_lost_texts(struct zync_store *store, struct zync_err *err)
{
	uint64_t lost = 0;
	uint64_t first = 0;

	ZYNC_TRY(zync_store_number(store, "SELECT count(*)" LOST_TEXTS, ZYNC_NO_PARAMS, &lost, err));
	if (lost == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_store_text_numbers(store, lost, &first, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_NUMBER_LOST, ZYNC_PARAMS(ZYNC_P_INT(first)), NULL, err));
	return zync_db_run(store->db, SQL_COPY_LOST, ZYNC_NO_PARAMS, NULL, err);
}

/* Every commit begins an epoch, so when the epoch is still the one of the staging, nobody has committed anything meanwhile. */
static enum zync_status merge_learn(struct zync_store *store, struct merge *merge, struct zync_err *err)
{
	const struct zync_job_end *end = merge->end;
	uint64_t epoch = 0;

	ZYNC_TRY(zync_store_guard_epoch(store, &epoch, err));
	if (end != NULL && end->epoch != 0 && epoch > end->epoch)
		ZYNC_TRY(zync_db_run(store->db, SQL_FORGET_RESULTS, ZYNC_PARAMS(ZYNC_P_INT(end->slot), ZYNC_P_INT(end->epoch)), NULL, err));
	if (epoch <= store->staged_epoch)
		return ZYNC_OK;
	merge->learnt = true;
	if (merge_has_job(merge)) {
		ZYNC_TRY(zync_db_run(store->db, SQL_RENUMBER_EVENTS, ZYNC_PARAMS(ZYNC_P_TEXT(end->job_id)), NULL, err));
		ZYNC_TRY(zync_db_run(store->db, SQL_RENUMBER_CHANGES, ZYNC_PARAMS(ZYNC_P_TEXT(end->job_id)), NULL, err));
	}
	ZYNC_TRY(zync_store_work_learn(store, err));
	return merge_lost_texts(store, err);
}

static enum zync_status merge_compared(struct zync_store *store, const struct zync_job_end *end, struct zync_err *err)
{
	if (end != NULL && end->epoch != 0)
		ZYNC_TRY(
			zync_db_run(store->db, SQL_FORGET_COMPARED, ZYNC_PARAMS(ZYNC_P_INT(end->slot), ZYNC_P_INT(end->epoch)), NULL, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_COMPARED, ZYNC_NO_PARAMS, NULL, err));
	return zync_db_run(store->db, SQL_EMPTY_COMPARED, ZYNC_NO_PARAMS, NULL, err);
}

static enum zync_status merge_work(struct zync_store *store, const struct merge *merge, struct zync_err *err)
{
	ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_HOST_CONFIG, ZYNC_PARAMS(ZYNC_P_INT(merge->now)), NULL, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_HOST_STATE, ZYNC_NO_PARAMS, NULL, err));
	if (merge->waiting || merge->learnt)
		ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_STALE, ZYNC_NO_PARAMS, NULL, err));
	return merge->forgotten ? zync_db_run(store->db, SQL_MERGE_FORGET, ZYNC_NO_PARAMS, NULL, err) : ZYNC_OK;
}

/* Guards, and the job itself; *ret_ended false: its row says that it is over already. */
static enum zync_status merge_end(struct zync_store *store, const struct merge *merge, bool *ret_ended, struct zync_err *err)
{
	const struct zync_job_end *end = merge->end;
	uint64_t epoch = 0;
	uint64_t rows = 1;

	*ret_ended = true;
	ZYNC_TRY(zync_store_epoch_next(store, &epoch, err));
	if (merge_has_job(merge))
		ZYNC_TRY(zync_store_job_end(store, end, ret_ended, err));
	if (end != NULL)
		ZYNC_TRY(zync_store_guard_end(store, end->slot, epoch, /* prune= */ merge_has_job(merge), err));
	/* Whoever ended the job has told so. One that never got its row – the store was full then – is told of here. */
	if (!*ret_ended)
		ZYNC_TRY(zync_store_number(store, "SELECT count(*) FROM job WHERE job_id = $1", ZYNC_PARAMS(ZYNC_P_TEXT(end->job_id)),
					   &rows, err));
	return merge->job_event != NULL && (*ret_ended || rows == 0) ? zync_store_event_add(store, merge->job_event, err) : ZYNC_OK;
}

static enum zync_status merge_commit(struct zync_store *store, void *ctx, struct zync_err *err)
{
	struct merge *merge = ctx;
	bool ended = false;

	if (merge->compared)
		ZYNC_TRY(merge_compared(store, merge->end, err));
	if (!merge_has_job(merge))
		ZYNC_TRY(zync_store_ahead_inside(store, err));
	ZYNC_TRY(merge_learn(store, merge, err));
	if (merge->moves)
		ZYNC_TRY(zync_store_moves_merge(store, err));
	ZYNC_TRY(merge_work(store, merge, err));
	if (merge->moves)
		ZYNC_TRY(zync_store_moves_texts(store, err));
	ZYNC_TRY(zync_store_settings_merge(store, err));
	ZYNC_TRY(merge_end(store, merge, &ended, err));
	return ended ? ZYNC_OK : zync_store_not_running(merge->end->job_id, err);
}

static enum zync_status merge_abandon(struct zync_store *store, void *ctx, struct zync_err *err)
{
	bool ended = false;

	return merge_end(store, ctx, &ended, err);
}

/*
 * After the transaction: a run whose work is in place is not told that it failed. What cannot be emptied now is emptied when the next work begins; what cannot be deleted, by the
 * clean-up.
 */
static void merge_leave(struct zync_store *store, const struct merge *merge, bool committed)
{
	const char *job_id = merge_has_job(merge) ? merge->end->job_id : NULL;
	struct zync_err ignored;
	enum zync_status status = ZYNC_OK;

	if (committed)
		status = zync_store_leftover_committed(store, &ignored);
	/* Texts that became needless under the lock. */
	if (status == ZYNC_OK && job_id != NULL && (!committed || (merge->learnt && merge->texts > 0)))
		status = zync_store_leftover_of_job(store, job_id, &ignored);
	if (zync_db_script(store->db, SQL_EMPTY_WORK, &ignored) != ZYNC_OK || status != ZYNC_OK)
		return;
}

enum zync_status zync_store_work_commit(struct zync_store *store, int64_t now, const struct zync_job_end *end,
					const struct zync_event *job_event, struct zync_err *err)
{
	struct merge merge = {.now = now, .end = end, .job_event = job_event};

	ZYNC_TRY(merge_prepare(store, &merge, err));
	ZYNC_TRY(zync_store_transaction(store, merge_commit, &merge, err));
	merge_leave(store, &merge, /* committed= */ true);
	return ZYNC_OK;
}

enum zync_status zync_store_work_abandon(struct zync_store *store, const struct zync_job_end *end, const struct zync_event *job_event,
					 struct zync_err *err)
{
	struct merge merge = {.end = end, .job_event = job_event};

	ZYNC_TRY(zync_store_ahead_events(store, err));
	ZYNC_TRY(zync_store_transaction(store, merge_abandon, &merge, err));
	merge_leave(store, &merge, /* committed= */ false);
	return ZYNC_OK;
}
