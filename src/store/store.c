/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/store_priv.h"

const char *zync_store_sqlite_path(const char *url)
{
	if (zync_str_starts(url, "sqlite:///"))
		return url + strlen("sqlite://");
	if (zync_str_starts(url, "sqlite:"))
		return url + strlen("sqlite:");
	return strstr(url, "://") == NULL ? url : NULL;
}

enum zync_status zync_store_open(const char *url, struct zync_store **ret, struct zync_err *err)
{
	const char *path = zync_store_sqlite_path(url);
	struct zync_store *store;
	enum zync_status status;

	if (path == NULL)
		return zync_err_set(err, ZYNC_ERR_INVALID,
				    "store: \"%.40s\" is no store of this version; use sqlite:PATH, such as sqlite:/var/lib/zync/zync.db",
				    url);
	if (zync_str_empty(path))
		return zync_err_set(err, ZYNC_ERR_INVALID, "store: the path is empty; use sqlite:PATH, such as sqlite:zync.db");
	store = zync_calloc(1, sizeof(*store));
	if (store == NULL)
		return zync_err_nomem(err, "opening the store");
	status = zync_db_open_sqlite(path, &store->db, err);
	if (status == ZYNC_OK)
		status = zync_store_migrate(store->db, err);
	if (status != ZYNC_OK) {
		zync_store_close(store);
		return status;
	}
	*ret = store;
	return ZYNC_OK;
}

void zync_store_close(struct zync_store *store)
{
	if (store == NULL)
		return;
	zync_db_close(store->db);
	zync_free(store);
}

enum zync_status zync_store_transaction(struct zync_store *store, zync_store_change_fn *change, void *ctx, struct zync_err *err)
{
	enum zync_status status;

	ZYNC_TRY(zync_db_begin(store->db, err));
	status = change(store, ctx, err);
	if (status != ZYNC_OK) {
		zync_db_rollback(store->db);
		return status;
	}
	return zync_db_commit(store->db, err);
}

enum zync_status zync_store_copy_texts(struct zync_stmt *stmt, int first_column, struct zync_arena *arena, const char **const *places,
				       size_t count, struct zync_err *err)
{
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(zync_db_copy(stmt, first_column + (int)i, arena, places[i], err));
	return ZYNC_OK;
}

/* Double the arena array *items of structs of size bytes when it is full. */
static enum zync_status store_grow(struct zync_arena *arena, void **items, size_t *cap, size_t len, size_t size, struct zync_err *err)
{
	size_t wanted = *cap == 0 ? 16 : *cap * 2;
	void *grown;

	if (len < *cap)
		return ZYNC_OK;
	grown = zync_arena_array(arena, wanted, size);
	if (grown == NULL)
		return zync_err_nomem(err, "reading from the store");
	if (len > 0)
		memcpy(grown, *items, len * size);
	*items = grown;
	*cap = wanted;
	return ZYNC_OK;
}

enum zync_status zync_store_read_all(struct zync_stmt *stmt, zync_store_read_fn *read, const void *ctx, size_t size,
				     struct zync_arena *arena, void **ret, size_t *ret_count, struct zync_err *err)
{
	void *rows = NULL;
	size_t cap = 0;
	size_t len = 0;
	bool row = false;

	for (;;) {
		enum zync_status status;

		ZYNC_TRY(zync_db_next(stmt, &row, err));
		if (!row)
			break;
		status = store_grow(arena, &rows, &cap, len, size, err);
		if (status == ZYNC_OK)
			status = read(stmt, ctx, arena, (char *)rows + len * size, err);
		if (status != ZYNC_OK) {
			zync_db_end(stmt);
			return status;
		}
		len++;
	}
	*ret = rows;
	*ret_count = len;
	return ZYNC_OK;
}

enum zync_status zync_store_number(struct zync_store *store, const char *sql, const struct zync_param *params, size_t count, uint64_t *ret,
				   struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	bool row = false;

	ZYNC_TRY(zync_db_query(store->db, sql, params, count, &stmt, err));
	ZYNC_TRY(zync_db_next(stmt, &row, err));
	if (!row)
		return zync_err_set(err, ZYNC_ERR_STORE, "store: a row is missing that every migration makes; restore a backup");
	*ret = (uint64_t)zync_db_int(stmt, 0);
	while (row) /* to its end: only then a writing statement takes effect */
		ZYNC_TRY(zync_db_next(stmt, &row, err));
	return ZYNC_OK;
}
