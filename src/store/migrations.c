/* SPDX-License-Identifier: Apache-2.0 */
/* Numbered migrations, applied at start under the write lock. A migration that has been released is never edited: add the next one. */
#include "store/store_priv.h"

/* host_config is narrow, because every run writes every row's sync status; the wide texts, which seldom change, are elsewhere. */
static const char MIGRATION_1[] =
	"CREATE TABLE host_config ("
	" pk INTEGER PRIMARY KEY,"
	" object_type TEXT NOT NULL, object_id INTEGER NOT NULL, name TEXT NOT NULL, host TEXT, server TEXT NOT NULL, hostid INTEGER,"
	" state TEXT NOT NULL, reason TEXT, in_sync INTEGER, last_sync_update INTEGER, last_error TEXT,"
	" created INTEGER NOT NULL, updated INTEGER NOT NULL,"
	" UNIQUE (object_type, object_id));"
	"CREATE INDEX host_config_name ON host_config (name);"
	"CREATE INDEX host_config_host ON host_config (host);"
	"CREATE TABLE host_state ("
	" pk INTEGER PRIMARY KEY REFERENCES host_config (pk) ON DELETE CASCADE,"
	" desired TEXT, digest TEXT, secrets TEXT, applied TEXT, pushed TEXT);"
	"CREATE TABLE sequence (name TEXT PRIMARY KEY, next INTEGER NOT NULL);"
	"INSERT INTO sequence (name, next) VALUES ('host_config', 1);"
	"CREATE TABLE job ("
	" job_id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, user_name TEXT, request_id TEXT,"
	" created INTEGER NOT NULL, started INTEGER, completed INTEGER, params TEXT, data TEXT, error TEXT,"
	" phase TEXT, progress_current INTEGER, progress_total INTEGER, progress_updated INTEGER, progress_failed INTEGER);"
	"CREATE INDEX job_created ON job (created);"
	"CREATE TABLE job_log (id INTEGER PRIMARY KEY, job_id TEXT NOT NULL, time INTEGER NOT NULL, level TEXT NOT NULL, message TEXT NOT "
	"NULL);"
	"CREATE INDEX job_log_job ON job_log (job_id, id);"
	"CREATE TABLE event ("
	" id INTEGER PRIMARY KEY, time INTEGER NOT NULL, job_id TEXT, name TEXT NOT NULL, kind TEXT NOT NULL, action TEXT NOT NULL, state "
	"TEXT NOT NULL,"
	" host_config_pk INTEGER, hostid INTEGER, message TEXT, exception TEXT, pre_data TEXT, post_data TEXT, user_name TEXT, request_id "
	"TEXT);"
	"CREATE INDEX event_job ON event (job_id);"
	"CREATE INDEX event_host ON event (host_config_pk);"
	"CREATE TABLE change ("
	" id INTEGER PRIMARY KEY, time INTEGER NOT NULL, job_id TEXT, host_config_pk INTEGER NOT NULL, object_type TEXT NOT NULL, "
	"object_id INTEGER NOT NULL,"
	" name TEXT NOT NULL, hostid INTEGER, action TEXT NOT NULL, pre_data TEXT, post_data TEXT, user_name TEXT, request_id TEXT);"
	"CREATE INDEX change_job ON change (job_id);"
	"CREATE INDEX change_host ON change (host_config_pk);";

/*
 * Queue, slots, guards, intent journal, settings, texts of their own. A sequence's `next` is the number that is given next; of 'epoch' it is the current epoch. A guard that nobody holds has no slot.
 * Numbers of intents are never used again (AUTOINCREMENT): two that clear up the same ones at the same time must not take away a newer one.
 */
static const char MIGRATION_2[] =
	"ALTER TABLE host_config ADD COLUMN pulled_at INTEGER;"
	"ALTER TABLE job ADD COLUMN kind TEXT;"
	"ALTER TABLE job ADD COLUMN run_at INTEGER;"
	"ALTER TABLE job ADD COLUMN interval_min INTEGER;"
	"ALTER TABLE job ADD COLUMN timeout_ms INTEGER;"
	"ALTER TABLE job ADD COLUMN slot INTEGER;"
	"ALTER TABLE job ADD COLUMN pid INTEGER;"
	"ALTER TABLE job ADD COLUMN retry_of TEXT;"
	"ALTER TABLE job ADD COLUMN cancel TEXT;"
	"ALTER TABLE job ADD COLUMN pre_data TEXT;"
	"ALTER TABLE job ADD COLUMN post_data TEXT;"
	"ALTER TABLE job ADD COLUMN progress_rate_milli INTEGER;"
	"ALTER TABLE job ADD COLUMN progress_left_ms INTEGER;"
	"CREATE INDEX job_status ON job (status, kind);"
	"CREATE INDEX job_completed ON job (completed);"
	"CREATE INDEX job_name ON job (name, completed, job_id);"
	"DROP INDEX event_job;"
	"CREATE INDEX event_job ON event (job_id, hostid);"
	"CREATE INDEX event_time ON event (time);"
	"CREATE INDEX event_name ON event (name, time);"
	"CREATE INDEX change_time ON change (time);"
	/* Texts never change, so that a commit only sets numbers. They belong to one object; a row that no host_state names is nobody's. */
	"CREATE TABLE host_text ("
	" id INTEGER PRIMARY KEY, job_id TEXT, object_type TEXT NOT NULL, object_id INTEGER NOT NULL, desired TEXT NOT NULL, secrets TEXT);"
	"CREATE INDEX host_text_job ON host_text (job_id);"
	"INSERT INTO host_text (id, object_type, object_id, desired, secrets) SELECT 2 * s.pk - 1, c.object_type, c.object_id, s.desired, "
	"s.secrets FROM host_state s JOIN host_config c ON c.pk = s.pk WHERE s.desired IS NOT NULL;"
	"INSERT INTO host_text (id, object_type, object_id, desired) SELECT 2 * s.pk, c.object_type, c.object_id, s.applied"
	" FROM host_state s JOIN host_config c ON c.pk = s.pk WHERE s.applied IS NOT NULL AND s.applied IS DISTINCT FROM s.desired;"
	"INSERT INTO sequence (name, next) SELECT 'host_text', coalesce(max(id), 0) + 1 FROM host_text;"
	"ALTER TABLE host_state RENAME TO host_state_1;"
	"CREATE TABLE host_state ("
	" pk INTEGER PRIMARY KEY REFERENCES host_config (pk) ON DELETE CASCADE,"
	" desired_id INTEGER, applied_id INTEGER, digest TEXT, pushed TEXT);"
	"INSERT INTO host_state (pk, desired_id, applied_id, digest, pushed) SELECT pk, CASE WHEN desired IS NOT NULL THEN 2 * pk - 1 END,"
	" CASE WHEN applied = desired THEN 2 * pk - 1 WHEN applied IS NOT NULL THEN 2 * pk END, digest, pushed FROM host_state_1;"
	"DROP TABLE host_state_1;"
	"INSERT INTO sequence (name, next) VALUES ('slot', 1), ('epoch', 1);"
	"CREATE TABLE guard ("
	" object_type TEXT NOT NULL, object_id INTEGER NOT NULL, slot INTEGER, epoch INTEGER NOT NULL,"
	" PRIMARY KEY (object_type, object_id));"
	"CREATE INDEX guard_slot ON guard (slot) WHERE slot IS NOT NULL;"
	"CREATE TABLE intent ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, job_id TEXT NOT NULL, time INTEGER NOT NULL, server TEXT NOT NULL, method TEXT NOT NULL,"
	" entries TEXT NOT NULL, outcome TEXT);"
	"CREATE INDEX intent_job ON intent (job_id);"
	"CREATE TABLE zabbix_setting ("
	" server TEXT NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, visible_name TEXT, updated INTEGER NOT NULL,"
	" PRIMARY KEY (server, kind, id));";

/* Host groups that Zync made in Zabbix; made_group.h. Few rows, so that the key is all the index there is. */
static const char MIGRATION_3[] =
	"CREATE TABLE made_group ("
	" server TEXT NOT NULL, name TEXT NOT NULL, groupid INTEGER, made_at INTEGER NOT NULL, job_id TEXT NOT NULL,"
	" PRIMARY KEY (server, name));";

static const char *const MIGRATIONS[] = {MIGRATION_1, MIGRATION_2, MIGRATION_3};

int zync_store_schema_version(void)
{
	return (int)ZYNC_ARRAY_LEN(MIGRATIONS);
}

static enum zync_status migrations_read_version(struct zync_db *db, int *ret, struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	bool row = false;

	ZYNC_TRY(zync_db_query(db, "SELECT version FROM zync_schema", ZYNC_NO_PARAMS, &stmt, err));
	ZYNC_TRY(zync_db_next(stmt, &row, err));
	*ret = row ? (int)zync_db_int(stmt, 0) : 0;
	if (row)
		zync_db_end(stmt);
	return ZYNC_OK;
}

static enum zync_status migrations_apply(struct zync_db *db, struct zync_err *err)
{
	int known = zync_store_schema_version();
	int version = 0;

	ZYNC_TRY(migrations_read_version(db, &version, err));
	if (version > known)
		return zync_err_set(err, ZYNC_ERR_STORE,
				    "store: its schema has version %d, this program knows only %d: it was written by a newer Zync; use "
				    "that one, or restore a backup",
				    version, known);
	for (int i = version; i < known; i++) {
		enum zync_status status = zync_db_script(db, MIGRATIONS[i], err);

		if (status != ZYNC_OK)
			return zync_err_wrap(err, status, "store: migration %d", i + 1);
	}
	if (version == known)
		return ZYNC_OK;
	ZYNC_TRY(zync_db_run(db, "DELETE FROM zync_schema", ZYNC_NO_PARAMS, NULL, err));
	return zync_db_run(db, "INSERT INTO zync_schema (version) VALUES ($1)", ZYNC_PARAMS(ZYNC_P_INT(known)), NULL, err);
}

enum zync_status zync_store_migrate(struct zync_db *db, struct zync_err *err)
{
	enum zync_status status;
	int version = 0;

	ZYNC_TRY(zync_db_script(db, "CREATE TABLE IF NOT EXISTS zync_schema (version INTEGER NOT NULL)", err));
	/* The usual start finds nothing to do and takes no lock. */
	ZYNC_TRY(migrations_read_version(db, &version, err));
	if (version == zync_store_schema_version())
		return ZYNC_OK;
	ZYNC_TRY(zync_db_begin(db, err));
	status = migrations_apply(db, err);
	if (status != ZYNC_OK) {
		zync_db_rollback(db);
		return status;
	}
	return zync_db_commit(db, err);
}
