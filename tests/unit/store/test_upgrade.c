/* SPDX-License-Identifier: Apache-2.0 */
/* Databases of earlier schema versions, with what was in them. The texts below are what those versions wrote, and never change. */
#include "store_test.h"

#include <unistd.h>

#include "store/guard.h"
#include "store/intent.h"
#include "store/queue.h"

static const char SCHEMA_1[] =
	"CREATE TABLE zync_schema (version INTEGER NOT NULL); INSERT INTO zync_schema VALUES (1);"
	"CREATE TABLE host_config (pk INTEGER PRIMARY KEY, object_type TEXT NOT NULL, object_id INTEGER NOT NULL, name TEXT NOT NULL, host "
	"TEXT,"
	" server TEXT NOT NULL, hostid INTEGER, state TEXT NOT NULL, reason TEXT, in_sync INTEGER, last_sync_update INTEGER, last_error "
	"TEXT,"
	" created INTEGER NOT NULL, updated INTEGER NOT NULL, UNIQUE (object_type, object_id));"
	"CREATE INDEX host_config_name ON host_config (name); CREATE INDEX host_config_host ON host_config (host);"
	"CREATE TABLE host_state (pk INTEGER PRIMARY KEY REFERENCES host_config (pk) ON DELETE CASCADE, desired TEXT, digest TEXT, secrets "
	"TEXT,"
	" applied TEXT, pushed TEXT);"
	"CREATE TABLE sequence (name TEXT PRIMARY KEY, next INTEGER NOT NULL); INSERT INTO sequence VALUES ('host_config', 3);"
	"CREATE TABLE job (job_id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, user_name TEXT, request_id TEXT,"
	" created INTEGER NOT NULL, started INTEGER, completed INTEGER, params TEXT, data TEXT, error TEXT, phase TEXT, progress_current "
	"INTEGER,"
	" progress_total INTEGER, progress_updated INTEGER, progress_failed INTEGER);"
	"CREATE INDEX job_created ON job (created);"
	"CREATE TABLE job_log (id INTEGER PRIMARY KEY, job_id TEXT NOT NULL, time INTEGER NOT NULL, level TEXT NOT NULL, message TEXT NOT "
	"NULL);"
	"CREATE INDEX job_log_job ON job_log (job_id, id);"
	"CREATE TABLE event (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, job_id TEXT, name TEXT NOT NULL, kind TEXT NOT NULL, action "
	"TEXT NOT "
	"NULL, state TEXT NOT NULL, host_config_pk INTEGER, hostid INTEGER, message TEXT, exception TEXT, pre_data TEXT, post_data TEXT,"
	" user_name TEXT, request_id TEXT);"
	"CREATE INDEX event_job ON event (job_id); CREATE INDEX event_host ON event (host_config_pk);"
	"CREATE TABLE change (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, job_id TEXT, host_config_pk INTEGER NOT NULL, object_type "
	"TEXT NOT "
	"NULL, object_id INTEGER NOT NULL, name TEXT NOT NULL, hostid INTEGER, action TEXT NOT NULL, pre_data TEXT, post_data TEXT,"
	" user_name TEXT, request_id TEXT);"
	"CREATE INDEX change_job ON change (job_id); CREATE INDEX change_host ON change (host_config_pk);"
	"INSERT INTO host_config VALUES (1, 'device', 1, 'sw1', 'sw1', 'zabbix', 101, 'monitored', NULL, 1, 1000, NULL, 900, 1000),"
	" (2, 'vm', 7, 'web', NULL, 'zabbix', NULL, 'failed', 'no name', 0, 1000, 'it failed', 900, 1000);"
	"INSERT INTO host_state VALUES (1, 'd', 'd', '{\"d\":\"sealed\"}', 'd', '{}');"
	"INSERT INTO job (job_id, name, status, user_name, request_id, created, started, completed, data) VALUES"
	" ('done', 'sync-hosts-now', 'completed', 'eve', 'r', 1, 1, 2, '{}'), ('killed', 'pull', 'running', 'eve', 'r', 3, 3, NULL, NULL);"
	"INSERT INTO job_log (job_id, time, level, message) VALUES ('done', 1, 'info', 'line');"
	"INSERT INTO event (time, job_id, name, kind, action, state, host_config_pk) VALUES (2, 'done', 'sw1', 'host', 'create', "
	"'completed', 1);"
	"INSERT INTO change (time, job_id, host_config_pk, object_type, object_id, name, action) VALUES (2, 'done', 1, 'device', 1, 'sw1', "
	"'create');";

/* A database of schema 1 in the place of the fixture's. */
static void make_old(struct fixture *fx)
{
	struct zync_db *db = NULL;

	zync_store_close(fx->store);
	fx->store = NULL;
	assert_int_equal(unlink(fx->path), 0);
	OK(fx, zync_db_open_sqlite(fx->path, &db, &fx->err));
	OK(fx, zync_db_script(db, SCHEMA_1, &fx->err));
	zync_db_close(db);
}

static void test_from_1(void **state)
{
	struct fixture *fx = *state;
	struct zync_host_config config;
	struct zync_job_log_line *lines = NULL;
	struct zync_event *events = NULL;
	struct zync_change_row *changes = NULL;
	struct zync_job job;
	size_t count = 0;
	uint64_t number = 0;

	make_old(fx);
	OK(fx, zync_store_open(fx->url, &fx->store, &fx->err));
	OK(fx, zync_store_work_begin(fx->store, &fx->err));
	assert_int_equal(sql_number(fx, "SELECT version FROM zync_schema"), zync_store_schema_version());
	config = one(fx, &(struct zync_host_config_filter){.in_sync = -1, .name = "device:1", .with_state = true});
	assert_true(config.pk == 1 && config.hostid == 101 && config.in_sync == 1);
	assert_string_equal(config.applied, "d");
	assert_string_equal(one(fx, &(struct zync_host_config_filter){.in_sync = -1, .name = "vm:7"}).last_error, "it failed");
	job = job_of(fx, "done");
	assert_string_equal(job.data, "{}");
	assert_true(job.slot == 0 && job.interval_min == 0 && job.run_at == 0 && job.left_ms == -1);
	assert_null(job.kind);
	OK(fx, zync_store_job_log_lines(fx->store, "done", fx->arena, &lines, &count, &fx->err));
	assert_int_equal(count, 1);
	OK(fx, zync_store_events(fx->store, &(struct zync_event_filter){.host = "sw1"}, fx->arena, &events, &count, &fx->err));
	assert_int_equal(count, 1);
	OK(fx, zync_store_changes(fx->store, "done", 0, 0, fx->arena, &changes, &count, &fx->err));
	assert_int_equal(count, 1);

	/* What is new works on it. */
	assert_int_equal(slot_of(fx, fx->store), 1);
	OK(fx, zync_store_guard_epoch(fx->store, &number, &fx->err));
	assert_int_equal(number, 1);
	OK(fx, zync_store_jobs_interrupt(fx->store, 50, &number, &fx->err));
	assert_int_equal(number, 1);
	assert_string_equal(job_of(fx, "killed").status, "errored");
	synced_host(fx, 9, "new", 109);
	assert_int_equal(sql_number(fx, "SELECT pk FROM host_config WHERE object_id = 9"), 3);
}

/* It fails in the middle: the database is as it was, and a program of the old version could go on. */
static void test_fails(void **state)
{
	struct fixture *fx = *state;
	struct zync_db *db = NULL;

	make_old(fx);
	OK(fx, zync_db_open_sqlite(fx->path, &db, &fx->err));
	OK(fx, zync_db_script(db, "CREATE TABLE zabbix_setting (x INTEGER)", &fx->err));
	assert_int_equal(zync_store_open(fx->url, &fx->store, &fx->err), ZYNC_ERR_STORE);
	assert_non_null(strstr(fx->err.message, "migration 2"));
	OK(fx, zync_db_script(db,
			      "INSERT INTO job (job_id, name, status, created) VALUES ('x', 'pull', 'running', 1);"
			      "CREATE TABLE guard (x INTEGER); DROP TABLE guard; DROP TABLE zabbix_setting",
			      &fx->err));
	zync_db_close(db);
	OK(fx, zync_store_open(fx->url, &fx->store, &fx->err));
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM job"), 3);
}

/* The schema is the same, whichever way it came about. */
static void test_same_schema(void **state)
{
	struct fixture *fx = *state;
	char path[160];
	struct zync_store *fresh = NULL;
	struct zync_stmt *stmt = NULL;
	bool row = false;
	size_t objects = 0;

	make_old(fx);
	OK(fx, zync_store_open(fx->url, &fx->store, &fx->err));
	(void)snprintf(path, sizeof(path), "%s/fresh.db", fx->folder);
	OK(fx, zync_store_open(path, &fresh, &fx->err));
	OK(fx, zync_db_query(fresh->db, "SELECT type, name FROM sqlite_master ORDER BY name", ZYNC_NO_PARAMS, &stmt, &fx->err));
	for (;;) {
		uint64_t there = 0;

		OK(fx, zync_db_next(stmt, &row, &fx->err));
		if (!row)
			break;
		OK(fx, zync_store_number(fx->store, "SELECT count(*) FROM sqlite_master WHERE type = $1 AND name = $2",
					 ZYNC_PARAMS(ZYNC_P_TEXT(zync_db_text(stmt, 0)), ZYNC_P_TEXT(zync_db_text(stmt, 1))), &there,
					 &fx->err));
		if (there != 1)
			fail_msg("%s is missing", zync_db_text(stmt, 1));
		objects++;
	}
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM sqlite_master"), (int64_t)objects);
	zync_store_close(fresh);
	assert_int_equal(unlink(path), 0);
}

TEST_GROUP(test_upgrade, TEST(test_from_1), TEST(test_fails), TEST(test_same_schema));
