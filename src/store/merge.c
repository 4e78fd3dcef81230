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
	"INSERT INTO host_state (pk, desired, digest, secrets, applied, pushed)"
	" SELECT c.pk, coalesce(w.desired, s.desired), coalesce(w.digest, s.digest), CASE WHEN w.desired IS NULL THEN s.secrets ELSE "
	"w.secrets END,"
	"  CASE WHEN w.r_applied = 1 THEN coalesce(w.desired, w.pinned, s.desired) ELSE s.applied END, coalesce(w.r_pushed, s.pushed)"
	" FROM work w JOIN host_config c ON c.object_type = w.object_type AND c.object_id = w.object_id LEFT JOIN host_state s ON s.pk = "
	"c.pk"
	" WHERE w.pk IS NOT NULL AND w.outcome <> 3 AND (w.desired IS NOT NULL OR w.r_applied = 1 OR w.r_pushed IS NOT NULL)"
	" ON CONFLICT (pk) DO UPDATE SET desired = excluded.desired, digest = excluded.digest, secrets = excluded.secrets, applied = "
	"excluded.applied,"
	"  pushed = excluded.pushed";

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
/* $1: up to this id. */
static const char SQL_MOVE_EVENTS[] =
	"INSERT INTO event (" ZYNC_EVENT_COLUMNS ") SELECT " ZYNC_EVENT_COLUMNS " FROM work_event WHERE id <= $1 ORDER BY id";
static const char SQL_DROP_EVENTS[] = "DELETE FROM work_event WHERE id <= $1";
/* Events of this run ($1) about a new object that another run has recorded first, after they were moved. */
static const char SQL_RENUMBER_EVENTS[] =
	"UPDATE event SET host_config_pk = m.pk FROM (SELECT w.pk AS staged, c.pk AS pk FROM work w JOIN host_config c"
	" ON c.object_type = w.object_type AND c.object_id = w.object_id WHERE w.is_new = 1 AND w.pk <> c.pk) AS m"
	" WHERE event.job_id = $1 AND event.host_config_pk = m.staged";
static const char SQL_MERGE_CHANGES[] =
	"INSERT INTO change (" ZYNC_CHANGE_COLUMNS ") SELECT " ZYNC_CHANGE_COLUMNS " FROM work_change ORDER BY id";
static const char SQL_EMPTY_WORK[] = "DELETE FROM work; DELETE FROM work_event; DELETE FROM work_change;";

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
	bool compared, forgotten;	    /* is there anything of that kind */
};

/* Events so many at a time: a few milliseconds each. */
#define EVENTS_A_MOVE 500u

static bool merge_has_job(const struct merge *merge)
{
	return merge->end != NULL && merge->end->job_id != NULL;
}

/* ---- before the transaction ---- */

static enum zync_status merge_move_some(struct zync_store *store, void *ctx, struct zync_err *err)
{
	const uint64_t *last = ctx;

	ZYNC_TRY(zync_db_run(store->db, SQL_MOVE_EVENTS, ZYNC_PARAMS(ZYNC_P_INT(*last)), NULL, err));
	return zync_db_run(store->db, SQL_DROP_EVENTS, ZYNC_PARAMS(ZYNC_P_INT(*last)), NULL, err);
}

/* Events are kept whether the run ends well or not, so they need not wait for its end. After a crash in between, the recovery adds only those that are missing. */
static enum zync_status merge_move_events(struct zync_store *store, struct zync_err *err)
{
	for (;;) {
		uint64_t first = 0;

		ZYNC_TRY(zync_store_number(store, "SELECT min(id) FROM work_event", ZYNC_NO_PARAMS, &first, err));
		if (first == 0)
			return ZYNC_OK;
		first += EVENTS_A_MOVE - 1;
		ZYNC_TRY(zync_store_transaction(store, merge_move_some, &first, err));
	}
}

/* To look through all of the staged work takes its time; what is not there is not looked for under the lock. */
static enum zync_status merge_look(struct zync_store *store, struct merge *merge, struct zync_err *err)
{
	uint64_t found = 0;

	ZYNC_TRY(zync_store_number(store, "SELECT EXISTS (SELECT 1 FROM work WHERE outcome IN (5, 6))", ZYNC_NO_PARAMS, &found, err));
	merge->compared = found != 0;
	ZYNC_TRY(zync_store_number(store, "SELECT EXISTS (SELECT 1 FROM work WHERE outcome = 3)", ZYNC_NO_PARAMS, &found, err));
	merge->forgotten = found != 0;
	return ZYNC_OK;
}

/* ---- the transaction ---- */

/* Every commit begins an epoch, so when the epoch is still the one of the staging, nobody has committed anything meanwhile. */
static enum zync_status merge_learn(struct zync_store *store, const struct merge *merge, struct zync_err *err)
{
	const struct zync_job_end *end = merge->end;
	uint64_t epoch = 0;

	ZYNC_TRY(zync_store_guard_epoch(store, &epoch, err));
	if (end != NULL && end->epoch != 0 && epoch > end->epoch)
		ZYNC_TRY(zync_db_run(store->db, SQL_FORGET_RESULTS, ZYNC_PARAMS(ZYNC_P_INT(end->slot), ZYNC_P_INT(end->epoch)), NULL, err));
	if (epoch <= store->staged_epoch)
		return ZYNC_OK;
	if (merge_has_job(merge))
		ZYNC_TRY(zync_db_run(store->db, SQL_RENUMBER_EVENTS, ZYNC_PARAMS(ZYNC_P_TEXT(end->job_id)), NULL, err));
	return zync_store_work_learn(store, err);
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
	ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_STALE, ZYNC_NO_PARAMS, NULL, err));
	if (merge->forgotten)
		ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_FORGET, ZYNC_NO_PARAMS, NULL, err));
	return zync_db_run(store->db, SQL_MERGE_CHANGES, ZYNC_NO_PARAMS, NULL, err);
}

/* Guards, and the job itself; *ret_ended false: its row says that it is over already. */
static enum zync_status merge_end(struct zync_store *store, const struct merge *merge, bool *ret_ended, struct zync_err *err)
{
	const struct zync_job_end *end = merge->end;
	uint64_t epoch = 0;
	uint64_t rows = 1;

	*ret_ended = true;
	ZYNC_TRY(zync_store_epoch_next(store, &epoch, err));
	if (end != NULL)
		ZYNC_TRY(zync_store_guard_free(store, end->slot, epoch, err));
	if (merge_has_job(merge)) {
		ZYNC_TRY(zync_store_job_end(store, end, ret_ended, err));
		ZYNC_TRY(zync_store_guard_prune(store, err));
	}
	/* Whoever ended the job has told so. One that never got its row – the store was full then – is told of here. */
	if (!*ret_ended)
		ZYNC_TRY(zync_store_number(store, "SELECT count(*) FROM job WHERE job_id = $1", ZYNC_PARAMS(ZYNC_P_TEXT(end->job_id)),
					   &rows, err));
	return merge->job_event != NULL && (*ret_ended || rows == 0) ? zync_store_event_add(store, merge->job_event, err) : ZYNC_OK;
}

static enum zync_status merge_commit(struct zync_store *store, void *ctx, struct zync_err *err)
{
	const struct merge *merge = ctx;
	bool ended = false;

	if (merge->compared)
		ZYNC_TRY(merge_compared(store, merge->end, err));
	ZYNC_TRY(merge_learn(store, merge, err));
	ZYNC_TRY(merge_work(store, merge, err));
	ZYNC_TRY(zync_store_settings_merge(store, err));
	ZYNC_TRY(merge_end(store, merge, &ended, err));
	if (!merge_has_job(merge))
		return ZYNC_OK;
	if (!ended)
		return zync_err_set(
			err, ZYNC_ERR_STORE,
			"store: job %s is not running any more: another process has ended it; its results are not recorded, the next run "
			"finds out what it did",
			merge->end->job_id);
	return zync_db_run(store->db, "DELETE FROM intent WHERE job_id = $1", ZYNC_PARAMS(ZYNC_P_TEXT(merge->end->job_id)), NULL, err);
}

static enum zync_status merge_abandon(struct zync_store *store, void *ctx, struct zync_err *err)
{
	bool ended = false;

	return merge_end(store, ctx, &ended, err);
}

/* After the transaction: a run whose work is in place is not told that it failed, and what cannot be emptied now is emptied when the next work begins. */
static void merge_empty(struct zync_store *store)
{
	struct zync_err ignored;

	if (zync_db_script(store->db, SQL_EMPTY_WORK, &ignored) != ZYNC_OK)
		return;
}

enum zync_status zync_store_work_commit(struct zync_store *store, int64_t now, const struct zync_job_end *end,
					const struct zync_event *job_event, struct zync_err *err)
{
	struct merge merge = {.now = now, .end = end, .job_event = job_event};

	ZYNC_TRY(merge_move_events(store, err));
	ZYNC_TRY(merge_look(store, &merge, err));
	ZYNC_TRY(zync_store_transaction(store, merge_commit, &merge, err));
	merge_empty(store);
	return ZYNC_OK;
}

enum zync_status zync_store_work_abandon(struct zync_store *store, const struct zync_job_end *end, const struct zync_event *job_event,
					 struct zync_err *err)
{
	struct merge merge = {.end = end, .job_event = job_event};

	ZYNC_TRY(merge_move_events(store, err));
	ZYNC_TRY(zync_store_transaction(store, merge_abandon, &merge, err));
	merge_empty(store);
	return ZYNC_OK;
}
