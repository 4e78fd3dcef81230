/* SPDX-License-Identifier: Apache-2.0 */
/* The staging of a run: order, settling, the merge of each outcome, two runs at once, and everything undone when the merge fails. */
#include "store_test.h"

static const struct zync_host_config_filter DEVICE_1 = {.in_sync = -1, .name = "device:1", .with_state = true};

static void settle(struct fixture *fx, struct zync_store *store, bool reserve, uint64_t expected)
{
	uint64_t unchanged = 99;

	OK(fx, zync_store_work_settle(store, reserve, &unchanged, &fx->err));
	assert_int_equal(unchanged, expected);
}

static void test_page_order(void **state)
{
	struct fixture *fx = *state;
	static const int RANKS[] = {2, 0, 1, 0, 2, 1};
	static const uint64_t ORDER[] = {2, 4, 3, 6, 1, 5};
	struct zync_work *rows = NULL;
	size_t count = 0;
	size_t seen = 0;
	int rank = -1;
	uint64_t seq = 0;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(RANKS); i++) {
		struct zync_work work = {.rank = RANKS[i],
					 .object_type = "vm",
					 .object_id = i,
					 .name = "n",
					 .server = "zabbix",
					 .state = "monitored",
					 .is_new = true};

		OK(fx, zync_store_work_add(fx->store, &work, NULL, &fx->err));
	}
	stage(fx, fx->store, 0, 50, "elsewhere", NULL);
	sql(fx, "UPDATE work SET server = 'b' WHERE name = 'elsewhere'");
	do {
		OK(fx, zync_store_work_page(fx->store, "zabbix", rank, seq, 4, fx->arena, &rows, &count, &fx->err));
		for (size_t i = 0; i < count; i++) {
			assert_true(seen < ZYNC_ARRAY_LEN(ORDER));
			assert_int_equal(rows[i].seq, ORDER[seen++]);
			rank = rows[i].rank;
			seq = rows[i].seq;
		}
	} while (count > 0);
	assert_int_equal(seen, 6);
}

static void test_servers(void **state)
{
	struct fixture *fx = *state;
	const char **servers = NULL;
	size_t count = 99;

	OK(fx, zync_store_work_servers(fx->store, fx->arena, &servers, &count, &fx->err));
	assert_int_equal(count, 0);
	stage(fx, fx->store, 0, 1, "a", NULL);
	stage(fx, fx->store, 0, 2, "b", NULL);
	sql(fx, "UPDATE work SET server = 'another' WHERE name = 'b'");
	OK(fx, zync_store_work_servers(fx->store, fx->arena, &servers, &count, &fx->err));
	assert_int_equal(count, 2);
	assert_string_equal(servers[0], "another");
	assert_string_equal(servers[1], "zabbix");
}

static void test_new_and_synced(void **state)
{
	struct fixture *fx = *state;
	struct zync_host_config config;

	synced_host(fx, 1, "sw1", 101);
	config = one(fx, &DEVICE_1);
	assert_int_equal(config.pk, 1);
	assert_int_equal(config.hostid, 101);
	assert_int_equal(config.in_sync, 1);
	assert_int_equal(config.last_sync_update, 1000);
	assert_string_equal(config.desired, "sw1");
	assert_string_equal(config.applied, "sw1");
	assert_string_equal(config.secrets, "{\"d\":\"sealed\"}");
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM work"), 0);
}

static void test_settle_unchanged(void **state)
{
	struct fixture *fx = *state;
	struct zync_work *rows = NULL;
	size_t count = 0;

	synced_host(fx, 1, "sw1", 101);
	stage(fx, fx->store, 1, 1, "sw1", "sw1");
	stage(fx, fx->store, 0, 2, "sw2", "sw2");
	settle(fx, fx->store, true, 1);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM work WHERE desired IS NULL"), 1);
	OK(fx, zync_store_work_page(fx->store, "zabbix", -1, 0, 10, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].desired, "sw1"); /* the stored one */
	assert_string_equal(rows[0].secrets, "{\"d\":\"sealed\"}");
	assert_string_equal(rows[0].applied, "sw1");
	assert_string_equal(rows[0].host, "sw1");
	assert_int_equal(rows[1].pk, 2);
	assert_null(rows[1].applied);
}

/* A plan takes no numbers; a removed object that was never known gets none either. */
static void test_reserve(void **state)
{
	struct fixture *fx = *state;

	stage(fx, fx->store, 0, 1, "a", "a");
	stage(fx, fx->store, 0, 2, "b", "b");
	stage(fx, fx->store, 0, 3, "c", "c");
	sql(fx, "UPDATE work SET state = 'removed' WHERE name = 'b'");
	settle(fx, fx->store, false, 0);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM work WHERE pk IS NOT NULL"), 0);
	assert_int_equal(sql_number(fx, "SELECT next FROM sequence WHERE name = 'host_config'"), 1);
	settle(fx, fx->store, true, 0);
	assert_int_equal(sql_number(fx, "SELECT sum(pk) FROM work"), 1 + 2);
	assert_int_equal(sql_number(fx, "SELECT next FROM sequence WHERE name = 'host_config'"), 3);
	settle(fx, fx->store, true, 0); /* once is enough */
	assert_int_equal(sql_number(fx, "SELECT next FROM sequence WHERE name = 'host_config'"), 3);
	commit(fx, fx->store, 1);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 2);
}

/* What each outcome leaves of a config that was in sync with hostid 101 and gets another desired state. */
static void test_outcomes(void **state)
{
	struct fixture *fx = *state;
	static const struct {
		enum zync_work_outcome outcome;
		uint64_t hostid;
		int in_sync;
		int64_t last;
		const char *error, *desired, *applied;
		uint64_t hostid_after;
	} CASES[] = {
		{ZYNC_WORK_UNDECIDED, 0, 0, 1000, NULL, "new", "sw1", 101},
		{ZYNC_WORK_SYNCED, 202, 1, 2000, NULL, "new", "new", 202},
		{ZYNC_WORK_FAILED, 101, 0, 2000, "it failed", "new", "sw1", 101},
		{ZYNC_WORK_FAILED, 0, 0, 2000, "it failed", "new", "sw1", 101}, /* a failure takes no link */
		{ZYNC_WORK_SYNCED, 0, 1, 2000, NULL, "new", "new", 0},		/* deleted for good */
		{ZYNC_WORK_OUT_OF_SYNC, 101, 0, 2000, NULL, "new", "sw1", 101},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		struct zync_host_config config;
		uint64_t seq;

		sql(fx, "DELETE FROM host_config; UPDATE sequence SET next = 1 WHERE name = 'host_config'");
		synced_host(fx, 1, "sw1", 101);
		seq = stage(fx, fx->store, 1, 1, "renamed", "new");
		settle(fx, fx->store, true, 0);
		if (CASES[i].outcome != ZYNC_WORK_UNDECIDED)
			result(fx, fx->store, seq, CASES[i].outcome, CASES[i].hostid);
		commit(fx, fx->store, 2000);
		config = one(fx, &DEVICE_1);
		assert_int_equal(config.pk, 1);
		assert_string_equal(config.name, "renamed");
		assert_int_equal(config.in_sync, CASES[i].in_sync);
		assert_int_equal(config.last_sync_update, CASES[i].last);
		assert_int_equal(config.hostid, CASES[i].hostid_after);
		assert_string_equal(config.desired, CASES[i].desired);
		assert_string_equal(config.applied, CASES[i].applied);
		assert_true(zync_str_eq(config.last_error, CASES[i].error));
		assert_int_equal(config.created, 1000);
		assert_int_equal(config.updated, 2000);
		assert_string_equal(config.pushed, "{\"{$S}\":\"digest\"}");
	}
}

/* A success clears the error of the run before; an undecided config keeps it. */
static void test_error_cleared(void **state)
{
	struct fixture *fx = *state;
	uint64_t seq;

	synced_host(fx, 1, "sw1", 101);
	seq = stage(fx, fx->store, 1, 1, "sw1", NULL);
	result(fx, fx->store, seq, ZYNC_WORK_FAILED, 101);
	commit(fx, fx->store, 2000);
	assert_string_equal(one(fx, &DEVICE_1).last_error, "it failed");
	stage(fx, fx->store, 1, 1, "sw1", NULL);
	commit(fx, fx->store, 3000);
	assert_string_equal(one(fx, &DEVICE_1).last_error, "it failed");
	seq = stage(fx, fx->store, 1, 1, "sw1", NULL);
	result(fx, fx->store, seq, ZYNC_WORK_SYNCED, 101);
	commit(fx, fx->store, 4000);
	assert_null(one(fx, &DEVICE_1).last_error);
	assert_string_equal(one(fx, &DEVICE_1).desired, "sw1"); /* as stored */
}

static void test_forget(void **state)
{
	struct fixture *fx = *state;
	uint64_t seq;

	synced_host(fx, 1, "sw1", 101);
	synced_host(fx, 2, "sw2", 102);
	seq = stage(fx, fx->store, 1, 1, "sw1", NULL);
	result(fx, fx->store, seq, ZYNC_WORK_FORGET, 0);
	seq = stage(fx, fx->store, 0, 3, "never known", NULL);
	result(fx, fx->store, seq, ZYNC_WORK_FORGET, 0);
	settle(fx, fx->store, true, 0);
	commit(fx, fx->store, 2000);
	assert_int_equal(sql_number(fx, "SELECT sum(object_id) FROM host_config"), 2);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_state"), 1); /* with what hung on it */
}

/* Two runs find the same new object: one row stays, with the number that was there first and the last word of each. */
static void test_two_runs(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = fixture_second(fx);
	struct zync_host_config config;
	uint64_t a = stage(fx, fx->store, 0, 1, "sw1", "from-a");
	uint64_t b = stage(fx, second, 0, 1, "sw1", "from-b");

	settle(fx, fx->store, true, 0);
	settle(fx, second, true, 0);
	result(fx, fx->store, a, ZYNC_WORK_SYNCED, 101);
	result(fx, second, b, ZYNC_WORK_SYNCED, 101);
	commit(fx, fx->store, 1000);
	commit(fx, second, 2000);
	config = one(fx, &DEVICE_1);
	assert_int_equal(config.pk, 1);
	assert_int_equal(config.last_sync_update, 2000);
	assert_string_equal(config.desired, "from-b");
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_state"), 1);
	zync_store_close(second);
}

/* Staging locks nothing: another connection writes meanwhile. */
static void test_no_lock(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = fixture_second(fx);

	stage(fx, fx->store, 0, 1, "a", "a");
	settle(fx, fx->store, true, 0);
	OK(fx, zync_store_job_log(second, "job", 1, "info", "written meanwhile", &fx->err));
	zync_store_close(second);
	commit(fx, fx->store, 1);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM job_log"), 1);
}

static void start_job(struct fixture *fx)
{
	struct zync_job job = {.job_id = "j1", .name = "sync-hosts-now", .status = "running", .created = 5, .started = 5};

	OK(fx, zync_store_job_start(fx->store, &job, &fx->err));
}

static const struct zync_job_end ENDED = {.job_id = "j1", .status = "completed", .data = "{}", .completed = 9};
static const struct zync_event JOB_EVENT = {
	.time = 9, .job_id = "j1", .name = "sync-hosts-now", .kind = "job", .action = "sync-hosts-now", .state = "completed"};

/* Something of everything is staged. */
static void stage_everything(struct fixture *fx)
{
	struct zync_event event = {
		.time = 8, .job_id = "j1", .name = "new", .kind = "host", .action = "create", .state = "completed", .host_config_pk = 2};
	struct zync_change_row change = {
		.time = 8, .job_id = "j1", .host_config_pk = 2, .object_type = "device", .object_id = 2, .name = "new", .action = "create"};
	uint64_t seq = stage(fx, fx->store, 0, 2, "new", "new");

	settle(fx, fx->store, true, 0);
	result(fx, fx->store, seq, ZYNC_WORK_SYNCED, 102);
	seq = stage(fx, fx->store, 1, 1, "sw1", NULL);
	result(fx, fx->store, seq, ZYNC_WORK_FORGET, 0);
	OK(fx, zync_store_work_add_event(fx->store, &event, &fx->err));
	OK(fx, zync_store_work_add_change(fx->store, &change, &fx->err));
}

/* Changes that a reader is shown. */
static size_t counting_changes(struct fixture *fx)
{
	struct zync_change_row *changes = NULL;
	size_t count = 0;

	OK(fx, zync_store_changes(fx->store, NULL, 0, 0, fx->arena, &changes, &count, &fx->err));
	return count;
}

/* Each statement of the merge fails in turn: nothing of it is there, the work is still staged, and the job can be ended as errored with its events. */
static void test_merge_fails(void **state)
{
	static const char *const TRIGGERS[] = {
		"CREATE TRIGGER bad BEFORE INSERT ON host_config BEGIN SELECT RAISE(ABORT, 'test'); END",
		"CREATE TRIGGER bad BEFORE INSERT ON host_state BEGIN SELECT RAISE(ABORT, 'test'); END",
		"CREATE TRIGGER bad BEFORE DELETE ON host_config BEGIN SELECT RAISE(ABORT, 'test'); END",
		"CREATE TRIGGER bad BEFORE INSERT ON change BEGIN SELECT RAISE(ABORT, 'test'); END",
		"CREATE TRIGGER bad BEFORE INSERT ON event WHEN NEW.kind = 'host' BEGIN SELECT RAISE(ABORT, 'test'); END",
		"CREATE TRIGGER bad BEFORE INSERT ON event WHEN NEW.kind = 'job' BEGIN SELECT RAISE(ABORT, 'test'); END",
		"CREATE TRIGGER bad BEFORE UPDATE ON job BEGIN SELECT RAISE(ABORT, 'test'); END",
	};
	struct fixture *fx = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(TRIGGERS); i++) {
		struct zync_job_end errored = ENDED;

		sql(fx, "DELETE FROM host_config; DELETE FROM job; DELETE FROM event; DELETE FROM work; DELETE FROM work_event; DELETE "
			"FROM work_change; UPDATE sequence SET next = 1 WHERE name = 'host_config'");
		synced_host(fx, 1, "sw1", 101);
		start_job(fx);
		stage_everything(fx);
		sql(fx, TRIGGERS[i]);
		assert_int_equal(zync_store_work_commit(fx->store, 2000, &ENDED, &JOB_EVENT, &fx->err), ZYNC_ERR_STORE);
		if (strstr(fx->err.message, "test") == NULL)
			fail_msg("trigger %zu: %s", i, fx->err.message);
		assert_int_equal(sql_number(fx, "SELECT sum(object_id) FROM host_config"), 1);
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_state"), 1);
		assert_int_equal(counting_changes(fx), 0);
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM event WHERE kind = 'job'"), 0);
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM job WHERE status = 'running'"), 1);
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM work"), 2);
		sql(fx, "DROP TRIGGER bad");
		errored.status = "errored";
		errored.error = "why";
		OK(fx, zync_store_work_abandon(fx->store, &errored, &JOB_EVENT, &fx->err));
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 1);
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM change"), 0);
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM event"),
				 2); /* what happened to a host in Zabbix is told all the same */
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM job WHERE status = 'errored'"), 1);
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM work"), 0);
	}
}

/* The disk is full in the middle of the commit. */
static void test_disk_full(void **state)
{
	struct fixture *fx = *state;
	char *large = zync_arena_alloc(fx->arena, 400000);
	uint64_t seq;

	assert_non_null(large);
	memset(large, 'x', 399999);
	synced_host(fx, 1, "sw1", 101);
	seq = stage(fx, fx->store, 0, 2, "large", large);
	settle(fx, fx->store, true, 0);
	result(fx, fx->store, seq, ZYNC_WORK_SYNCED, 102);
	OK(fx, zync_db_script(fx->store->db, "PRAGMA max_page_count = 1", &fx->err)); /* never below what is there */
	assert_int_equal(zync_store_work_commit(fx->store, 2000, NULL, NULL, &fx->err), ZYNC_ERR_STORE);
	assert_non_null(strstr(fx->err.message, "make room on the disk"));
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 1);
	OK(fx, zync_db_script(fx->store->db, "PRAGMA max_page_count = 1000000", &fx->err));
	commit(fx, fx->store, 3000);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 2);
}

static void test_begin_empties(void **state)
{
	struct fixture *fx = *state;

	stage_everything(fx);
	OK(fx, zync_store_work_begin(fx->store, &fx->err));
	assert_int_equal(
		sql_number(fx,
			   "SELECT (SELECT count(*) FROM work) + (SELECT count(*) FROM work_event) + (SELECT count(*) FROM work_change)"),
		0);
}

TEST_GROUP(test_work, TEST(test_page_order), TEST(test_servers), TEST(test_new_and_synced), TEST(test_settle_unchanged), TEST(test_reserve),
	   TEST(test_outcomes), TEST(test_error_cleared), TEST(test_forget), TEST(test_two_runs), TEST(test_no_lock),
	   TEST(test_merge_fails), TEST(test_disk_full), TEST(test_begin_empties));
