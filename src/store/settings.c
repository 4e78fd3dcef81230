/* SPDX-License-Identifier: Apache-2.0 */
/* Templates, groups and proxies of Zabbix servers: added to temporary tables, compared with what is stored, put in its place. */
#include "store/settings.h"

#include "store/store_priv.h"

enum zync_status zync_store_settings_begin(struct zync_store *store, struct zync_err *err)
{
	return zync_db_script(
		store->db,
		"CREATE TEMP TABLE IF NOT EXISTS setting_new (server TEXT NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL,"
		" name TEXT NOT NULL, visible_name TEXT, PRIMARY KEY (server, kind, id));"
		"CREATE TEMP TABLE IF NOT EXISTS setting_kind (server TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (server, "
		"kind)); DELETE FROM setting_new; DELETE FROM setting_kind;",
		err);
}

/* Met twice – something was inserted in the list while its pages were read –, the last one counts. */
enum zync_status zync_store_settings_add(struct zync_store *store, const struct zync_setting *setting, struct zync_err *err)
{
	return zync_db_run(store->db,
			   "INSERT INTO setting_new (server, kind, id, name, visible_name) VALUES ($1, $2, $3, $4, $5)"
			   " ON CONFLICT (server, kind, id) DO UPDATE SET name = excluded.name, visible_name = excluded.visible_name",
			   ZYNC_PARAMS(ZYNC_P_TEXT(setting->server), ZYNC_P_TEXT(setting->kind), ZYNC_P_INT(setting->id),
				       ZYNC_P_TEXT(setting->name), ZYNC_P_TEXT(setting->visible_name)),
			   NULL, err);
}

enum zync_status zync_store_settings_kind(struct zync_store *store, const char *server, const char *kind, struct zync_err *err)
{
	return zync_db_run(store->db, "INSERT INTO setting_kind (server, kind) VALUES ($1, $2) ON CONFLICT (server, kind) DO NOTHING",
			   ZYNC_PARAMS(ZYNC_P_TEXT(server), ZYNC_P_TEXT(kind)), NULL, err);
}

#define SAME_SETTING(a, b) " " a ".server = " b ".server AND " a ".kind = " b ".kind AND " a ".id = " b ".id"
#define KNOWN_KINDS	   " (SELECT server, kind FROM setting_kind UNION SELECT server, kind FROM setting_new)"
/* What is stored of these kinds and was not found again, of one server or ($1 is NULL) of all. */
#define VANISHED                                                                                   \
	" FROM zabbix_setting WHERE ($1 IS NULL OR server = $1) AND (server, kind) IN" KNOWN_KINDS \
	" AND NOT EXISTS (SELECT 1 FROM setting_new n WHERE" SAME_SETTING("n", "zabbix_setting") ")"

static const char SQL_SETTINGS_COMPARE[] =
	"SELECT count(*), coalesce(sum(CASE WHEN o.id IS NULL THEN 1 ELSE 0 END), 0),"
	" coalesce(sum(CASE WHEN o.id IS NOT NULL AND (o.name <> n.name OR o.visible_name IS DISTINCT FROM n.visible_name) THEN 1 ELSE 0 "
	"END), 0), (SELECT count(*)" VANISHED
	") FROM setting_new n LEFT JOIN zabbix_setting o ON" SAME_SETTING("o", "n") " WHERE n.server = $1";

enum zync_status zync_store_settings_compare(struct zync_store *store, const char *server, struct zync_settings_counts *ret,
					     struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	bool row = false;

	ZYNC_TRY(zync_db_query(store->db, SQL_SETTINGS_COMPARE, ZYNC_PARAMS(ZYNC_P_TEXT(server)), &stmt, err));
	ZYNC_TRY(zync_db_next(stmt, &row, err));
	ZYNC_ASSERT(row);
	*ret = (struct zync_settings_counts){.total = (uint64_t)zync_db_int(stmt, 0),
					     .added = (uint64_t)zync_db_int(stmt, 1),
					     .changed = (uint64_t)zync_db_int(stmt, 2),
					     .vanished = (uint64_t)zync_db_int(stmt, 3)};
	zync_db_end(stmt);
	return ZYNC_OK;
}

void zync_store_settings_with_run(struct zync_store *store, int64_t now)
{
	store->settings_due = now;
}

enum zync_status zync_store_settings_merge(struct zync_store *store, struct zync_err *err)
{
	if (store->settings_due == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_db_run(store->db, "DELETE" VANISHED, ZYNC_PARAMS(ZYNC_P_NULL), NULL, err));
	return zync_db_run(store->db,
			   "INSERT INTO zabbix_setting (server, kind, id, name, visible_name, updated)"
			   " SELECT server, kind, id, name, visible_name, $1 FROM setting_new WHERE true"
			   " ON CONFLICT (server, kind, id) DO UPDATE SET name = excluded.name, visible_name = excluded.visible_name,"
			   " updated = excluded.updated",
			   ZYNC_PARAMS(ZYNC_P_INT(store->settings_due)), NULL, err);
}

static enum zync_status settings_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
				      struct zync_err *err)
{
	struct zync_setting *ret = row;
	const char **texts[] = {&ret->server, &ret->kind, &ret->name, &ret->visible_name};

	*ret = (struct zync_setting){.id = (uint64_t)zync_db_int(stmt, 0), .updated = zync_db_int(stmt, 1)};
	return zync_store_copy_texts(stmt, 2, arena, texts, ZYNC_ARRAY_LEN(texts), err);
}

enum zync_status zync_store_settings(struct zync_store *store, const char *server, const char *kind, struct zync_arena *arena,
				     struct zync_setting **ret, size_t *ret_count, struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(store->db,
			       "SELECT id, updated, server, kind, name, visible_name FROM zabbix_setting WHERE ($1 IS NULL OR server = $1)"
			       " AND ($2 IS NULL OR kind = $2) ORDER BY server, kind, name, id",
			       ZYNC_PARAMS(ZYNC_P_TEXT(server), ZYNC_P_TEXT(kind)), &stmt, err));
	ZYNC_TRY(zync_store_read_all(stmt, settings_read, NULL, sizeof(struct zync_setting), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}
