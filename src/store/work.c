/* SPDX-License-Identifier: Apache-2.0 */
/* The staging of a run: temporary tables of this connection, moved into place in one transaction. See docs/internals/staging.md. */
#include <string.h>

#include "store/store_priv.h"

static const char SQL_WORK_TABLES[] =
	"CREATE TEMP TABLE IF NOT EXISTS work ("
	" seq INTEGER PRIMARY KEY, rank INTEGER NOT NULL, pk INTEGER, is_new INTEGER NOT NULL, object_type TEXT NOT NULL, object_id "
	"INTEGER NOT NULL,"
	" name TEXT NOT NULL, host TEXT, server TEXT NOT NULL, hostid INTEGER, nb_hostid INTEGER, state TEXT NOT NULL, reason TEXT,"
	" desired TEXT, digest TEXT, secrets TEXT, origins TEXT,"
	" outcome INTEGER NOT NULL DEFAULT 0, r_hostid INTEGER, r_error TEXT, r_applied INTEGER NOT NULL DEFAULT 0, r_pushed TEXT,"
	" r_checked INTEGER, r_digest TEXT);"
	"CREATE INDEX IF NOT EXISTS temp.work_order ON work (server, rank, seq);"
	"CREATE TEMP TABLE IF NOT EXISTS work_event ("
	" id INTEGER PRIMARY KEY, time INTEGER NOT NULL, job_id TEXT, name TEXT NOT NULL, kind TEXT NOT NULL, action TEXT NOT NULL, state "
	"TEXT NOT NULL,"
	" host_config_pk INTEGER, hostid INTEGER, message TEXT, exception TEXT, pre_data TEXT, post_data TEXT, user_name TEXT, request_id "
	"TEXT);"
	"CREATE TEMP TABLE IF NOT EXISTS work_change ("
	" id INTEGER PRIMARY KEY, time INTEGER NOT NULL, job_id TEXT, host_config_pk INTEGER NOT NULL, object_type TEXT NOT NULL, "
	"object_id INTEGER NOT NULL,"
	" name TEXT NOT NULL, hostid INTEGER, action TEXT NOT NULL, pre_data TEXT, post_data TEXT, user_name TEXT, request_id TEXT);"
	"DELETE FROM work; DELETE FROM work_event; DELETE FROM work_change;";

enum zync_status zync_store_work_begin(struct zync_store *store, struct zync_err *err)
{
	return zync_db_script(store->db, SQL_WORK_TABLES, err);
}

enum zync_status zync_store_work_add(struct zync_store *store, const struct zync_work *work, uint64_t *ret_seq, struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	bool row = false;
	uint64_t seq = 0;

	ZYNC_TRY(zync_db_query(
		store->db,
		"INSERT INTO work (rank, pk, is_new, object_type, object_id, name, host, server, hostid, nb_hostid, state, reason, "
		"desired, digest,"
		" secrets, origins) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING seq",
		ZYNC_PARAMS(ZYNC_P_INT(work->rank), ZYNC_P_ID(work->pk), ZYNC_P_INT(work->is_new), ZYNC_P_TEXT(work->object_type),
			    ZYNC_P_INT(work->object_id), ZYNC_P_TEXT(work->name), ZYNC_P_TEXT(work->host), ZYNC_P_TEXT(work->server),
			    ZYNC_P_ID(work->hostid), ZYNC_P_ID(work->nb_hostid), ZYNC_P_TEXT(work->state), ZYNC_P_TEXT(work->reason),
			    ZYNC_P_TEXT(work->desired), ZYNC_P_TEXT(work->digest), ZYNC_P_TEXT(work->secrets), ZYNC_P_TEXT(work->origins)),
		&stmt, err));
	do {
		ZYNC_TRY(zync_db_next(stmt, &row, err));
		if (row)
			seq = (uint64_t)zync_db_int(stmt, 0);
	} while (row);
	if (ret_seq != NULL)
		*ret_seq = seq;
	return ZYNC_OK;
}

/* Of rows that become host configs and have no pk yet. */
#define WORK_UNNUMBERED " FROM work WHERE is_new = 1 AND pk IS NULL AND state <> 'removed'"

static enum zync_status work_number_new(struct zync_store *store, struct zync_err *err)
{
	uint64_t count = 0;
	uint64_t first = 0;

	ZYNC_TRY(zync_store_number(store, "SELECT count(*)" WORK_UNNUMBERED, ZYNC_NO_PARAMS, &count, err));
	if (count == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_store_number(store, "UPDATE sequence SET next = next + $1 WHERE name = 'host_config' RETURNING next - $1",
				   ZYNC_PARAMS(ZYNC_P_INT(count)), &first, err));
	return zync_db_run(store->db,
			   "UPDATE work SET pk = $1 + r.n FROM (SELECT seq AS s, row_number() OVER (ORDER BY seq) - 1 AS n" WORK_UNNUMBERED
			   ") AS r WHERE r.s = work.seq",
			   ZYNC_PARAMS(ZYNC_P_INT(first)), NULL, err);
}

enum zync_status zync_store_work_settle(struct zync_store *store, bool reserve_pks, uint64_t *ret_unchanged, struct zync_err *err)
{
	int64_t unchanged = 0;

	ZYNC_TRY(zync_db_run(store->db,
			     "UPDATE work SET desired = NULL, digest = NULL, secrets = NULL WHERE digest IS NOT NULL"
			     " AND digest = (SELECT s.digest FROM host_state s WHERE s.pk = work.pk)",
			     ZYNC_NO_PARAMS, &unchanged, err));
	if (reserve_pks)
		ZYNC_TRY(work_number_new(store, err));
	if (ret_unchanged != NULL)
		*ret_unchanged = (uint64_t)unchanged;
	return ZYNC_OK;
}

/* A staged desired state counts; without one (NULL) the stored one does. */
static const char SQL_WORK_PAGE[] = "SELECT w.seq, w.rank, w.pk, w.is_new, w.object_id, w.hostid, w.nb_hostid,"
				    " w.object_type, w.name, coalesce(w.host, c.host), w.server, w.state, w.reason, coalesce(w.desired, "
				    "s.desired), coalesce(w.digest, s.digest),"
				    " CASE WHEN w.desired IS NULL THEN s.secrets ELSE w.secrets END, w.origins, s.applied, s.pushed"
				    " FROM work w LEFT JOIN host_config c ON c.pk = w.pk LEFT JOIN host_state s ON s.pk = w.pk"
				    " WHERE w.server = $1 AND (w.rank, w.seq) > ($2, $3) ORDER BY w.rank, w.seq LIMIT $4";

static enum zync_status work_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
				  struct zync_err *err)
{
	struct zync_work *ret = row;
	const char **texts[] = {&ret->object_type, &ret->name,	 &ret->host,	&ret->server,  &ret->state,   &ret->reason,
				&ret->desired,	   &ret->digest, &ret->secrets, &ret->origins, &ret->applied, &ret->pushed};

	*ret = (struct zync_work){
		.seq = (uint64_t)zync_db_int(stmt, 0),
		.rank = (int)zync_db_int(stmt, 1),
		.pk = (uint64_t)zync_db_int(stmt, 2),
		.is_new = zync_db_int(stmt, 3) != 0,
		.object_id = (uint64_t)zync_db_int(stmt, 4),
		.hostid = (uint64_t)zync_db_int(stmt, 5),
		.nb_hostid = (uint64_t)zync_db_int(stmt, 6),
	};
	return zync_store_copy_texts(stmt, 7, arena, texts, ZYNC_ARRAY_LEN(texts), err);
}

enum zync_status zync_store_work_page(struct zync_store *store, const char *server, int after_rank, uint64_t after_seq, size_t limit,
				      struct zync_arena *arena, struct zync_work **ret, size_t *ret_count, struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(store->db, SQL_WORK_PAGE,
			       ZYNC_PARAMS(ZYNC_P_TEXT(server), ZYNC_P_INT(after_rank), ZYNC_P_INT(after_seq), ZYNC_P_INT(limit)), &stmt,
			       err));
	ZYNC_TRY(zync_store_read_all(stmt, work_read, NULL, sizeof(struct zync_work), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}

static enum zync_status work_server_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
					 struct zync_err *err)
{
	return zync_db_copy(stmt, 0, arena, row, err);
}

enum zync_status zync_store_work_servers(struct zync_store *store, struct zync_arena *arena, const char ***ret, size_t *ret_count,
					 struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(store->db, "SELECT DISTINCT server FROM work ORDER BY server", ZYNC_NO_PARAMS, &stmt, err));
	ZYNC_TRY(zync_store_read_all(stmt, work_server_read, NULL, sizeof(const char *), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}

enum zync_status zync_store_work_set_result(struct zync_store *store, uint64_t seq, const struct zync_work_result *result,
					    struct zync_err *err)
{
	return zync_db_run(
		store->db,
		"UPDATE work SET outcome = $2, r_hostid = $3, r_error = $4, r_applied = $5, r_pushed = $6, r_checked = $7, r_digest = $8"
		" WHERE seq = $1",
		ZYNC_PARAMS(ZYNC_P_INT(seq), ZYNC_P_INT(result->outcome), ZYNC_P_ID(result->hostid), ZYNC_P_TEXT(result->error),
			    ZYNC_P_INT(result->applied), ZYNC_P_TEXT(result->pushed), ZYNC_P_INT(result->checked),
			    ZYNC_P_TEXT(result->digest)),
		NULL, err);
}

#define EVENT_COLUMNS \
	"time, job_id, name, kind, action, state, host_config_pk, hostid, message, exception, pre_data, post_data, user_name, request_id"
#define EVENT_PARAMS(e)                                                                                                              \
	ZYNC_PARAMS(ZYNC_P_INT((e)->time), ZYNC_P_TEXT((e)->job_id), ZYNC_P_TEXT((e)->name), ZYNC_P_TEXT((e)->kind),                 \
		    ZYNC_P_TEXT((e)->action), ZYNC_P_TEXT((e)->state), ZYNC_P_ID((e)->host_config_pk), ZYNC_P_ID((e)->hostid),       \
		    ZYNC_P_TEXT((e)->message), ZYNC_P_TEXT((e)->exception), ZYNC_P_TEXT((e)->pre_data), ZYNC_P_TEXT((e)->post_data), \
		    ZYNC_P_TEXT((e)->user), ZYNC_P_TEXT((e)->request_id))
#define EVENT_VALUES " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"

enum zync_status zync_store_work_add_event(struct zync_store *store, const struct zync_event *event, struct zync_err *err)
{
	return zync_db_run(store->db, "INSERT INTO work_event (" EVENT_COLUMNS ")" EVENT_VALUES, EVENT_PARAMS(event), NULL, err);
}

enum zync_status zync_store_event_add(struct zync_store *store, const struct zync_event *event, struct zync_err *err)
{
	return zync_db_run(store->db, "INSERT INTO event (" EVENT_COLUMNS ")" EVENT_VALUES, EVENT_PARAMS(event), NULL, err);
}

#define CHANGE_COLUMNS \
	"time, job_id, host_config_pk, object_type, object_id, name, hostid, action, pre_data, post_data, user_name, request_id"

enum zync_status zync_store_work_add_change(struct zync_store *store, const struct zync_change_row *change, struct zync_err *err)
{
	return zync_db_run(store->db,
			   "INSERT INTO work_change (" CHANGE_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
			   ZYNC_PARAMS(ZYNC_P_INT(change->time), ZYNC_P_TEXT(change->job_id), ZYNC_P_INT(change->host_config_pk),
				       ZYNC_P_TEXT(change->object_type), ZYNC_P_INT(change->object_id), ZYNC_P_TEXT(change->name),
				       ZYNC_P_ID(change->hostid), ZYNC_P_TEXT(change->action), ZYNC_P_TEXT(change->pre_data),
				       ZYNC_P_TEXT(change->post_data), ZYNC_P_TEXT(change->user), ZYNC_P_TEXT(change->request_id)),
			   NULL, err);
}

/*
 * The merge of a run. $1: now. The unique key is the NetBox object, so that two runs that found the same new object end with one row: the pk that was there
 * first stays. A hostid stays only with its server. Outcomes: 0 undecided, 1 synced, 2 failed, 3 forget, 4 out of sync, 5 and 6 only compared (enum zync_work_outcome).
 */
static const char SQL_MERGE_HOST_CONFIG[] =
	"INSERT INTO host_config (pk, object_type, object_id, name, host, server, hostid, state, reason, in_sync, last_sync_update, "
	"last_error, created, updated)"
	" SELECT w.pk, w.object_type, w.object_id, w.name, w.host, w.server, CASE WHEN w.outcome = 0 THEN w.hostid ELSE w.r_hostid END, "
	"w.state, w.reason,"
	"  CASE w.outcome WHEN 1 THEN 1 WHEN 2 THEN 0 WHEN 4 THEN 0 ELSE NULL END, CASE WHEN w.outcome = 0 THEN NULL ELSE $1 END,"
	"  w.r_error, $1, $1 FROM work w WHERE w.pk IS NOT NULL AND w.outcome NOT IN (3, 5, 6)"
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
	"  updated = excluded.updated";

/* Only rows that have something new to say: a new desired state, a written one, or pushed secrets. */
static const char SQL_MERGE_HOST_STATE[] =
	"INSERT INTO host_state (pk, desired, digest, secrets, applied, pushed)"
	" SELECT c.pk, coalesce(w.desired, s.desired), coalesce(w.digest, s.digest), CASE WHEN w.desired IS NULL THEN s.secrets ELSE "
	"w.secrets END,"
	"  CASE WHEN w.r_applied = 1 THEN coalesce(w.desired, s.desired) ELSE s.applied END, coalesce(w.r_pushed, s.pushed)"
	" FROM work w JOIN host_config c ON c.object_type = w.object_type AND c.object_id = w.object_id LEFT JOIN host_state s ON s.pk = "
	"c.pk"
	" WHERE w.pk IS NOT NULL AND w.outcome <> 3 AND (w.desired IS NOT NULL OR w.r_applied = 1 OR w.r_pushed IS NOT NULL)"
	" ON CONFLICT (pk) DO UPDATE SET desired = excluded.desired, digest = excluded.digest, secrets = excluded.secrets, applied = "
	"excluded.applied,"
	"  pushed = excluded.pushed";

/*
 * What was only compared says nothing of a host config that is another by now: forgotten, moved, desired differently, or written or compared later by another run.
 */
static const char SQL_MERGE_COMPARED[] =
	"UPDATE host_config SET in_sync = CASE w.outcome WHEN 5 THEN 1 ELSE 0 END, last_sync_update = w.r_checked,"
	"  last_error = CASE w.outcome WHEN 5 THEN NULL ELSE coalesce(w.r_error, host_config.last_error) END"
	" FROM work AS w LEFT JOIN host_state s ON s.pk = w.pk WHERE host_config.pk = w.pk AND w.outcome IN (5, 6)"
	" AND coalesce(host_config.last_sync_update, 0) < w.r_checked AND host_config.state = w.state AND host_config.server = w.server"
	" AND coalesce(host_config.hostid, 0) = coalesce(w.hostid, 0) AND coalesce(s.digest, '') = coalesce(w.r_digest, '')";

/* A desired state that changed without having been written yet is not in sync any more. */
static const char SQL_MERGE_STALE[] = "UPDATE host_config SET in_sync = 0 WHERE pk IN (SELECT w.pk FROM work w WHERE w.outcome = 0 AND "
				      "w.desired IS NOT NULL AND w.is_new = 0)";

static const char SQL_MERGE_FORGET[] = "DELETE FROM host_config WHERE pk IN (SELECT w.pk FROM work w WHERE w.outcome = 3 AND w.is_new = 0)";
static const char SQL_MERGE_EVENTS[] = "INSERT INTO event (" EVENT_COLUMNS ") SELECT " EVENT_COLUMNS " FROM work_event ORDER BY id";
static const char SQL_MERGE_CHANGES[] = "INSERT INTO change (" CHANGE_COLUMNS ") SELECT " CHANGE_COLUMNS " FROM work_change ORDER BY id";
static const char SQL_EMPTY_WORK[] = "DELETE FROM work; DELETE FROM work_event; DELETE FROM work_change;";

static enum zync_status work_end(struct zync_store *store, const struct zync_job_end *end, const struct zync_event *job_event,
				 struct zync_err *err)
{
	ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_EVENTS, ZYNC_NO_PARAMS, NULL, err));
	if (end != NULL)
		ZYNC_TRY(zync_store_job_end(store, end, err));
	return job_event == NULL ? ZYNC_OK : zync_store_event_add(store, job_event, err);
}

static enum zync_status work_merge(struct zync_store *store, int64_t now, struct zync_err *err)
{
	ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_HOST_CONFIG, ZYNC_PARAMS(ZYNC_P_INT(now)), NULL, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_HOST_STATE, ZYNC_NO_PARAMS, NULL, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_STALE, ZYNC_NO_PARAMS, NULL, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_COMPARED, ZYNC_NO_PARAMS, NULL, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_MERGE_FORGET, ZYNC_NO_PARAMS, NULL, err));
	return zync_db_run(store->db, SQL_MERGE_CHANGES, ZYNC_NO_PARAMS, NULL, err);
}

enum zync_status zync_store_work_commit(struct zync_store *store, int64_t now, const struct zync_job_end *end,
					const struct zync_event *job_event, struct zync_err *err)
{
	enum zync_status status;

	ZYNC_TRY(zync_db_begin(store->db, err));
	status = work_merge(store, now, err);
	if (status == ZYNC_OK)
		status = work_end(store, end, job_event, err);
	/* Inside the transaction: a run whose work is in place must not be told that it failed. */
	if (status == ZYNC_OK)
		status = zync_db_script(store->db, SQL_EMPTY_WORK, err);
	if (status != ZYNC_OK) {
		zync_db_rollback(store->db);
		return status;
	}
	return zync_db_commit(store->db, err);
}

enum zync_status zync_store_work_abandon(struct zync_store *store, const struct zync_job_end *end, const struct zync_event *job_event,
					 struct zync_err *err)
{
	enum zync_status status;

	ZYNC_TRY(zync_db_begin(store->db, err));
	status = work_end(store, end, job_event, err);
	if (status == ZYNC_OK)
		status = zync_db_script(store->db, SQL_EMPTY_WORK, err);
	if (status != ZYNC_OK) {
		zync_db_rollback(store->db);
		return status;
	}
	return zync_db_commit(store->db, err);
}
