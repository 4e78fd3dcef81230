/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host configs that belong to another object than before: the master of a virtual chassis has changed, and its host stays the same host. A staged row has the new object in
 * object_id and the one that the store knows in moved_from. The row in the store moves with the commit, and only when its host was written or found in sync; until then its
 * ownership mark in Zabbix names the former object.
 */
#include "store/store_priv.h"

/* Rows that move: the store still has them under the former object. One that stays after all has both the same. */
#define MOVES " work.moved_from IS NOT NULL AND work.moved_from <> work.object_id"

/* Another run has moved or forgotten it meanwhile: then it is a row as all others. */
static const char SQL_MOVE_DROP[] = "UPDATE work SET moved_from = NULL WHERE work.moved_from IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
				    "host_config c WHERE c.pk = work.pk"
				    " AND c.object_type = work.object_type AND c.object_id = work.moved_from)";
static const char SQL_MOVE_TURN[] = "UPDATE work SET object_id = moved_from, moved_from = object_id WHERE moved_from IS NOT NULL";
static const char SQL_MOVE_REFUSE[] = "UPDATE work SET object_id = moved_from WHERE" MOVES " AND outcome NOT IN (1, 3, 4)";
/* Its new place is another row's, which does not give it up. */
static const char SQL_MOVE_BLOCKED[] =
	"UPDATE work SET object_id = moved_from WHERE" MOVES " AND outcome <> 3 AND EXISTS (SELECT 1 FROM host_config c"
	" WHERE c.object_type = work.object_type AND c.object_id = work.object_id AND c.pk <> work.pk"
	" AND NOT EXISTS (SELECT 1 FROM work o WHERE o.pk = c.pk AND o.moved_from IS NOT NULL AND (o.moved_from <> o.object_id OR "
	"o.outcome = 3)))";
/* Two that change places meet nowhere: they leave first. */
static const char SQL_MOVE_LEAVE[] = "UPDATE host_config SET object_id = -pk WHERE pk IN (SELECT pk FROM work WHERE" MOVES ")";
static const char SQL_MOVE_ARRIVE[] = "UPDATE host_config SET object_id = m.object_id FROM (SELECT pk, object_id FROM work WHERE" MOVES
				      ") AS m WHERE m.pk = host_config.pk";
/* A text is found by the object that it belongs to. */
#define MOVED_TEXTS(column)                                                                                 \
	"SELECT s." column " AS id, c.object_id AS object_id FROM work w JOIN host_config c ON c.pk = w.pk" \
	" JOIN host_state s ON s.pk = w.pk WHERE w.moved_from IS NOT NULL AND s." column " IS NOT NULL"
static const char SQL_MOVE_TEXTS[] = "UPDATE host_text SET object_id = m.object_id FROM (" MOVED_TEXTS("desired_id") " UNION " MOVED_TEXTS(
	"applied_id") ") AS m WHERE m.id = host_text.id";

enum zync_status zync_store_moves_any(struct zync_store *store, bool *ret, struct zync_err *err)
{
	uint64_t found = 0;

	ZYNC_TRY(zync_store_number(store, "SELECT EXISTS (SELECT 1 FROM work WHERE moved_from IS NOT NULL)", ZYNC_NO_PARAMS, &found, err));
	*ret = found != 0;
	return ZYNC_OK;
}

enum zync_status zync_store_moves_turn(struct zync_store *store, bool drop, struct zync_err *err)
{
	if (drop)
		ZYNC_TRY(zync_db_run(store->db, SQL_MOVE_DROP, ZYNC_NO_PARAMS, NULL, err));
	return zync_db_run(store->db, SQL_MOVE_TURN, ZYNC_NO_PARAMS, NULL, err);
}

enum zync_status zync_store_moves_merge(struct zync_store *store, struct zync_err *err)
{
	int64_t blocked = 1;

	ZYNC_TRY(zync_db_run(store->db, SQL_MOVE_DROP, ZYNC_NO_PARAMS, NULL, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_MOVE_REFUSE, ZYNC_NO_PARAMS, NULL, err));
	/* Each round at least one row stays, so it ends. */
	while (blocked > 0)
		ZYNC_TRY(zync_db_run(store->db, SQL_MOVE_BLOCKED, ZYNC_NO_PARAMS, &blocked, err));
	ZYNC_TRY(zync_db_run(store->db, SQL_MOVE_LEAVE, ZYNC_NO_PARAMS, NULL, err));
	return zync_db_run(store->db, SQL_MOVE_ARRIVE, ZYNC_NO_PARAMS, NULL, err);
}

enum zync_status zync_store_moves_texts(struct zync_store *store, struct zync_err *err)
{
	return zync_db_run(store->db, SQL_MOVE_TEXTS, ZYNC_NO_PARAMS, NULL, err);
}

enum zync_status zync_store_move_now(struct zync_store *store, uint64_t pk, uint64_t object_id, struct zync_err *err)
{
	ZYNC_TRY(zync_db_run(store->db, "UPDATE host_config SET object_id = $2 WHERE pk = $1",
			     ZYNC_PARAMS(ZYNC_P_INT(pk), ZYNC_P_INT(object_id)), NULL, err));
	return zync_db_run(store->db,
			   "UPDATE host_text SET object_id = $2 WHERE id IN (SELECT desired_id FROM host_state WHERE pk = $1"
			   " UNION SELECT applied_id FROM host_state WHERE pk = $1)",
			   ZYNC_PARAMS(ZYNC_P_INT(pk), ZYNC_P_INT(object_id)), NULL, err);
}

/* ---- which host configs stand for a virtual chassis ---- */

/* The number is written by the model (zync_host_to_json()); within a text the quotes would be escaped. */
#define CHASSIS_KEY "\"virtual_chassis\":"
static const char SQL_CHASSIS[] = "SELECT c.pk, c.object_id, c.hostid, CAST(substr(d.desired, instr(d.desired, '" CHASSIS_KEY
				  "') + length('" CHASSIS_KEY "')) AS INTEGER), c.server, c.state"
				  " FROM host_config c JOIN host_state s ON s.pk = c.pk JOIN host_text d ON d.id = s.desired_id"
				  " WHERE c.object_type = 'device' AND instr(d.desired, '" CHASSIS_KEY "') > 0 ORDER BY c.pk";

static enum zync_status chassis_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
				     struct zync_err *err)
{
	struct zync_chassis_row *ret = row;
	const char **texts[] = {&ret->server, &ret->state};

	*ret = (struct zync_chassis_row){.pk = (uint64_t)zync_db_int(stmt, 0),
					 .object_id = (uint64_t)zync_db_int(stmt, 1),
					 .hostid = (uint64_t)zync_db_int(stmt, 2),
					 .chassis = (uint64_t)zync_db_int(stmt, 3)};
	return zync_store_copy_texts(stmt, 4, arena, texts, ZYNC_ARRAY_LEN(texts), err);
}

enum zync_status zync_store_chassis_rows(struct zync_store *store, struct zync_arena *arena, struct zync_chassis_row **ret,
					 size_t *ret_count, struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(store->db, SQL_CHASSIS, ZYNC_NO_PARAMS, &stmt, err));
	ZYNC_TRY(zync_store_read_all(stmt, chassis_read, NULL, sizeof(struct zync_chassis_row), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}
