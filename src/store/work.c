/* SPDX-License-Identifier: Apache-2.0 */
/* The staging of a run: temporary tables of this connection, moved into place in one transaction. See docs/internals/staging.md. */
#include <string.h>

#include "store/guard.h"
#include "store/store_priv.h"

/*
 * `wants`: the host is going to be written (guard.h). For the case that another run commits meanwhile: `news` is 0 when the row says nothing that the store did not say
 * when it was staged; `seen` is the digest of the desired state that was stored then; `pinned` is that state itself, kept when the host is going to be written from it.
 * `text_id` and `pinned_id` are where the two texts are in host_text: the one is moved there before the commit (ahead.c), the other may be gone by then.
 */
static const char SQL_WORK_TABLES[] =
	"CREATE TEMP TABLE IF NOT EXISTS work ("
	" seq INTEGER PRIMARY KEY, rank INTEGER NOT NULL, pk INTEGER, is_new INTEGER NOT NULL, object_type TEXT NOT NULL, object_id "
	"INTEGER NOT NULL, moved_from INTEGER,"
	" name TEXT NOT NULL, host TEXT, server TEXT NOT NULL, hostid INTEGER, nb_hostid INTEGER, state TEXT NOT NULL, reason TEXT,"
	" desired TEXT, digest TEXT, secrets TEXT, origins TEXT, pulled_at INTEGER,"
	" wants INTEGER NOT NULL DEFAULT 0, news INTEGER NOT NULL DEFAULT 1, seen TEXT, pinned TEXT, pinned_secrets TEXT,"
	" text_id INTEGER, pinned_id INTEGER, outcome INTEGER NOT NULL DEFAULT 0, r_hostid INTEGER, r_error TEXT, r_applied INTEGER NOT "
	"NULL DEFAULT 0, r_pushed TEXT,"
	" r_checked INTEGER, r_digest TEXT);"
	"CREATE INDEX IF NOT EXISTS temp.work_order ON work (server, rank, seq);"
	"CREATE TEMP TABLE IF NOT EXISTS work_slim AS SELECT " ZYNC_WORK_NARROW ", desired, pinned FROM work LIMIT 0;"
	"CREATE TEMP TABLE IF NOT EXISTS work_event ("
	" id INTEGER PRIMARY KEY, time INTEGER NOT NULL, job_id TEXT, name TEXT NOT NULL, kind TEXT NOT NULL, action TEXT NOT NULL, state "
	"TEXT NOT NULL,"
	" host_config_pk INTEGER, hostid INTEGER, message TEXT, exception TEXT, pre_data TEXT, post_data TEXT, user_name TEXT, request_id "
	"TEXT);"
	"CREATE TEMP TABLE IF NOT EXISTS work_change ("
	" id INTEGER PRIMARY KEY, time INTEGER NOT NULL, job_id TEXT, host_config_pk INTEGER NOT NULL, object_type TEXT NOT NULL, "
	"object_id INTEGER NOT NULL,"
	" name TEXT NOT NULL, hostid INTEGER, action TEXT NOT NULL, pre_data TEXT, post_data TEXT, user_name TEXT, request_id TEXT);"
	"DELETE FROM work; DELETE FROM work_event; DELETE FROM work_change;"
	"CREATE TEMP TABLE IF NOT EXISTS work_old (id INTEGER PRIMARY KEY); DELETE FROM work_old;";

enum zync_status zync_store_work_begin(struct zync_store *store, struct zync_err *err)
{
	store->settings_due = 0;
	ZYNC_TRY(zync_db_script(store->db, SQL_WORK_TABLES, err));
	return zync_store_guard_epoch(store, &store->staged_epoch, err);
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
		" secrets, origins, pulled_at, moved_from) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
		"$17, "
		"$18) "
		"RETURNING "
		"seq",
		ZYNC_PARAMS(ZYNC_P_INT(work->rank), ZYNC_P_ID(work->pk), ZYNC_P_INT(work->is_new), ZYNC_P_TEXT(work->object_type),
			    ZYNC_P_INT(work->object_id), ZYNC_P_TEXT(work->name), ZYNC_P_TEXT(work->host), ZYNC_P_TEXT(work->server),
			    ZYNC_P_ID(work->hostid), ZYNC_P_ID(work->nb_hostid), ZYNC_P_TEXT(work->state), ZYNC_P_TEXT(work->reason),
			    ZYNC_P_TEXT(work->desired), ZYNC_P_TEXT(work->digest), ZYNC_P_TEXT(work->secrets), ZYNC_P_TEXT(work->origins),
			    ZYNC_P_ID(work->pulled_at), ZYNC_P_ID(work->moved_from)),
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

/* A desired state that the store has already need not be written again. */
static const char SQL_WORK_DROP_EQUAL[] = "UPDATE work SET desired = NULL, digest = NULL, secrets = NULL, text_id = NULL, seen = digest"
					  " WHERE digest IS NOT NULL AND digest = (SELECT s.digest FROM host_state s WHERE s.pk = work.pk)";
static const char SQL_WORK_SEEN[] =
	"UPDATE work SET seen = s.digest FROM host_state s WHERE s.pk = work.pk AND s.digest IS DISTINCT FROM work.seen";
static const char SQL_WORK_NO_NEWS[] =
	"UPDATE work SET news = 0 WHERE desired IS NULL AND news = 1 AND EXISTS (SELECT 1 FROM host_config c WHERE c.pk = work.pk"
	" AND c.name = work.name AND c.server = work.server AND c.state = work.state AND c.reason IS NOT DISTINCT FROM work.reason"
	" AND (work.host IS NULL OR work.host = c.host))";

enum zync_status zync_store_work_settle(struct zync_store *store, bool reserve_pks, uint64_t *ret_unchanged, struct zync_err *err)
{
	int64_t unchanged = 0;

	ZYNC_TRY(zync_db_run(store->db, SQL_WORK_DROP_EQUAL, ZYNC_NO_PARAMS, &unchanged, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_WORK_SEEN, ZYNC_NO_PARAMS, NULL, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_WORK_NO_NEWS, ZYNC_NO_PARAMS, NULL, err));
	if (reserve_pks)
		ZYNC_TRY(work_number_new(store, err));
	if (ret_unchanged != NULL)
		*ret_unchanged = (uint64_t)unchanged;
	return ZYNC_OK;
}

/* ---- what other runs have committed since the work was staged ---- */

/* A new object that another run has recorded first: its number counts, also for what is to be told of it. */
#define WORK_RENUMBER(table)                                                                                                     \
	"UPDATE " table " SET host_config_pk = m.pk FROM (SELECT w.pk AS staged, c.pk AS pk FROM work w JOIN host_config c"      \
	" ON c.object_type = w.object_type AND c.object_id = w.object_id WHERE w.is_new = 1 AND w.pk <> c.pk) AS m WHERE " table \
	".host_config_pk"                                                                                                        \
	" = m.staged"

static const char *const SQL_WORK_LEARN[] = {
	WORK_RENUMBER("work_event"),
	WORK_RENUMBER("work_change"),
	"UPDATE work SET pk = c.pk, is_new = 0 FROM host_config c WHERE c.object_type = work.object_type AND c.object_id = work.object_id"
	" AND work.outcome <> 3 AND (work.is_new = 1 OR work.pk <> c.pk)",
	/* What another run has read from NetBox later than this one counts; what was written from the older state stays known as that. */
	"UPDATE work SET seen = CASE WHEN outcome <> 0 AND digest IS NOT NULL THEN digest ELSE seen END,"
	" pinned = CASE WHEN outcome <> 0 THEN coalesce(desired, pinned) ELSE pinned END,"
	" pinned_secrets = CASE WHEN outcome <> 0 AND desired IS NOT NULL THEN secrets ELSE pinned_secrets END,"
	" pinned_id = CASE WHEN outcome <> 0 THEN coalesce(text_id, pinned_id) ELSE pinned_id END,"
	" desired = NULL, digest = NULL, secrets = NULL, text_id = NULL, news = 0, pulled_at = NULL"
	" WHERE pulled_at IS NOT NULL AND outcome <> 3 AND EXISTS (SELECT 1 FROM host_config c WHERE c.pk = work.pk AND c.pulled_at > "
	"work.pulled_at)",
	SQL_WORK_DROP_EQUAL,
	/* A link belongs to its server. */
	"UPDATE work SET " ZYNC_WORK_NO_RESULT " WHERE news = 0 AND outcome <> 0 AND EXISTS (SELECT 1 FROM host_config c WHERE "
	"c.pk = work.pk AND c.server <> work.server)",
	/* In sync with what was wanted then is not in sync with what is wanted now. */
	"UPDATE work SET outcome = 4, r_applied = CASE WHEN pinned IS NULL THEN 0 ELSE r_applied END WHERE desired IS NULL AND outcome IN "
	"(1, 4)"
	" AND EXISTS (SELECT 1 FROM host_config c LEFT JOIN host_state s ON s.pk = c.pk WHERE c.pk = work.pk"
	" AND (s.digest IS DISTINCT FROM work.seen OR (work.news = 0 AND c.state <> work.state)))",
	/* Rows without news follow what was recorded. */
	"UPDATE work SET name = c.name, host = c.host, server = c.server, state = c.state, reason = c.reason FROM host_config c"
	" WHERE c.pk = work.pk AND work.news = 0 AND (c.name <> work.name OR c.host IS DISTINCT FROM "
	"work.host OR c.server <> work.server"
	" OR c.state <> work.state OR c.reason IS DISTINCT FROM work.reason)",
	"UPDATE work SET hostid = c.hostid FROM host_config c WHERE c.pk = work.pk AND c.server = work.server"
	" AND c.hostid IS DISTINCT FROM work.hostid",
	/* What another run has forgotten is not brought back by one that knows nothing new of it. */
	"DELETE FROM work WHERE is_new = 0 AND outcome = 0 AND desired IS NULL AND NOT EXISTS (SELECT 1 FROM host_config c"
	" WHERE c.object_type = work.object_type AND c.object_id = work.object_id)",
	"UPDATE work SET is_new = 1, news = 1, hostid = NULL WHERE is_new = 0 AND outcome = 0 AND NOT EXISTS (SELECT 1 FROM host_config c"
	" WHERE c.object_type = work.object_type AND c.object_id = work.object_id)",
	SQL_WORK_NO_NEWS,
};

enum zync_status zync_store_work_learn(struct zync_store *store, struct zync_err *err)
{
	bool moves = false;

	/* A row that is to move is compared with what the store has of it now. */
	ZYNC_TRY(zync_store_moves_any(store, &moves, err));
	if (moves)
		ZYNC_TRY(zync_store_moves_turn(store, /* drop= */ true, err));
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(SQL_WORK_LEARN); i++)
		ZYNC_TRY(zync_db_run(store->db, SQL_WORK_LEARN[i], ZYNC_NO_PARAMS, NULL, err));
	return moves ? zync_store_moves_turn(store, /* drop= */ false, err) : ZYNC_OK;
}

static enum zync_status work_refresh(struct zync_store *store, struct zync_err *err)
{
	ZYNC_TRY(zync_db_script(store->db,
				"UPDATE work SET wants = 0, pinned = NULL, pinned_secrets = NULL, pinned_id = NULL, " ZYNC_WORK_NO_RESULT
				";"
				"DELETE FROM work_event; DELETE FROM work_change;",
				err));
	ZYNC_TRY(zync_store_work_learn(store, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_WORK_SEEN, ZYNC_NO_PARAMS, NULL, err));
	return zync_store_guard_epoch(store, &store->staged_epoch, err);
}

enum zync_status zync_store_work_refresh(struct zync_store *store, struct zync_err *err)
{
	enum zync_status status;

	/* One state of the database; only temporary tables are written, so nobody waits. */
	ZYNC_TRY(zync_db_begin_reading(store->db, err));
	status = work_refresh(store, err);
	if (status != ZYNC_OK) {
		zync_db_rollback(store->db);
		return status;
	}
	return zync_db_commit(store->db, err);
}

/* A staged desired state counts; without one (NULL) the stored one does, as it was when the host was found to need a write. */
static const char SQL_WORK_PAGE[] =
	"SELECT w.seq, w.rank, w.pk, w.is_new, w.object_id, w.hostid, w.nb_hostid, w.wants, w.moved_from, w.object_type, w.name, "
	"coalesce(w.host, "
	"c.host), "
	"w.server,"
	" w.state, w.reason, coalesce(w.desired, w.pinned, d.desired),"
	" coalesce(w.digest, CASE WHEN w.pinned IS NULL THEN s.digest ELSE w.seen END),"
	" CASE WHEN w.desired IS NOT NULL THEN w.secrets WHEN w.pinned IS NOT NULL THEN w.pinned_secrets ELSE d.secrets END,"
	" w.origins, " ZYNC_APPLIED
	", s.pushed FROM work w LEFT JOIN host_config c ON c.pk = w.pk LEFT JOIN host_state s ON s.pk = w.pk" ZYNC_JOIN_TEXTS
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
		.wanted = zync_db_int(stmt, 7) != 0,
		.moved_from = (uint64_t)zync_db_int(stmt, 8),
	};
	return zync_store_copy_texts(stmt, 9, arena, texts, ZYNC_ARRAY_LEN(texts), err);
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

#define WORK_PIN(column)                                                                                                                   \
	"(SELECT " column " FROM host_state s LEFT JOIN host_text d ON d.id = s.desired_id WHERE s.pk = work.pk AND work.desired IS NULL " \
	"AND s.digest IS NOT DISTINCT FROM "                                                                                               \
	"work.seen)"

enum zync_status zync_store_work_want(struct zync_store *store, uint64_t seq, struct zync_err *err)
{
	return zync_db_run(store->db,
			   "UPDATE work SET wants = 1, pinned = " WORK_PIN("d.desired") ", pinned_secrets = " WORK_PIN(
				   "d.secrets") ", pinned_id = " WORK_PIN("d.id") " WHERE seq = $1",
			   ZYNC_PARAMS(ZYNC_P_INT(seq)), NULL, err);
}
