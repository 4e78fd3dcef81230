/* SPDX-License-Identifier: Apache-2.0 */
#include "store/undo.h"

#include "store/store_priv.h"

enum zync_status zync_store_undo_begin(struct zync_store *store, struct zync_err *err)
{
	return zync_db_script(
		store->db,
		"CREATE TEMP TABLE IF NOT EXISTS work_undo (seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, state INTEGER NOT NULL,"
		" hostid INTEGER, server TEXT NOT NULL, data TEXT NOT NULL);"
		"DELETE FROM work_undo;",
		err);
}

enum zync_status zync_store_undo_add(struct zync_store *store, const struct zync_undo *undo, uint64_t *ret_seq, struct zync_err *err)
{
	return zync_store_number(store,
				 "INSERT INTO work_undo (time, state, hostid, server, data) VALUES ($1, $2, $3, $4, $5) RETURNING seq",
				 ZYNC_PARAMS(ZYNC_P_INT(undo->time), ZYNC_P_INT(undo->state), ZYNC_P_ID(undo->hostid),
					     ZYNC_P_TEXT(undo->server), ZYNC_P_TEXT(undo->data)),
				 ret_seq, err);
}

enum zync_status zync_store_undo_decided(struct zync_store *store, uint64_t seq, enum zync_undo_state state, uint64_t hostid,
					 struct zync_err *err)
{
	return zync_db_run(store->db, "UPDATE work_undo SET state = $2, hostid = coalesce($3, hostid) WHERE seq = $1",
			   ZYNC_PARAMS(ZYNC_P_INT(seq), ZYNC_P_INT(state), ZYNC_P_ID(hostid)), NULL, err);
}

enum zync_status zync_store_undo_count(struct zync_store *store, uint64_t *ret, struct zync_err *err)
{
	return zync_store_number(store, "SELECT count(*) FROM work_undo WHERE state <> $1", ZYNC_PARAMS(ZYNC_P_INT(ZYNC_UNDO_REFUSED)), ret,
				 err);
}

static enum zync_status undo_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
				  struct zync_err *err)
{
	struct zync_undo *ret = row;
	const char **texts[] = {&ret->server, &ret->data};

	ret->seq = (uint64_t)zync_db_int(stmt, 0);
	ret->time = zync_db_int(stmt, 1);
	ret->state = (enum zync_undo_state)zync_db_int(stmt, 2);
	ret->hostid = (uint64_t)zync_db_int(stmt, 3);
	return zync_store_copy_texts(stmt, 4, arena, texts, ZYNC_ARRAY_LEN(texts), err);
}

enum zync_status zync_store_undo_page(struct zync_store *store, uint64_t before_seq, size_t limit, struct zync_arena *arena,
				      struct zync_undo **ret, size_t *ret_count, struct zync_err *err)
{
	int64_t before = before_seq > INT64_MAX ? INT64_MAX : (int64_t)before_seq;
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(store->db,
			       "SELECT seq, time, state, hostid, server, data FROM work_undo WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
			       ZYNC_PARAMS(ZYNC_P_INT(before), ZYNC_P_INT(limit)), &stmt, err));
	ZYNC_TRY(zync_store_read_all(stmt, undo_read, NULL, sizeof(struct zync_undo), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}
