/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that overlap: what staged work learns of what another run commits meanwhile, when it is planned anew and when it is committed. */
#include "store_test.h"

#include "store/guard.h"
#include "store/queue.h"

static const struct zync_host_config_filter DEVICE_1 = {.in_sync = -1, .name = "device:1", .with_state = true};

static void settle(struct fixture *fx, struct zync_store *store)
{
	OK(fx, zync_store_work_settle(store, true, NULL, &fx->err));
}

static uint64_t epoch_of(struct fixture *fx)
{
	uint64_t epoch = 0;

	OK(fx, zync_store_guard_epoch(fx->store, &epoch, &fx->err));
	return epoch;
}

static struct zync_work page_one(struct fixture *fx, struct zync_store *store)
{
	struct zync_work *rows = NULL;
	size_t count = 0;

	OK(fx, zync_store_work_page(store, "zabbix", -1, 0, 10, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 1);
	return rows[0];
}

/* The other run: device 1 gets that desired state and is written under guard. */
static void written_by_other(struct fixture *fx, struct zync_store *other, uint64_t pk, const char *desired, uint64_t hostid)
{
	uint64_t slot = slot_of(fx, other);
	struct zync_job_end end = {.job_id = "other", .status = "completed", .completed = 1500, .slot = slot, .epoch = epoch_of(fx)};
	struct zync_guard_state guard = {0};
	uint64_t seq;

	running_job(fx, other, "other", slot);
	seq = stage(fx, other, pk, 1, "sw1", desired);
	settle(fx, other);
	OK(fx, zync_store_work_want(other, seq, &fx->err));
	OK(fx, zync_store_guard_take(other, slot, end.epoch, &guard, &fx->err));
	result(fx, other, seq, ZYNC_WORK_SYNCED, hostid);
	OK(fx, zync_store_work_commit(other, 1500, &end, NULL, &fx->err));
	zync_store_slot_release(other);
}

/* The commit of a run that planned in that epoch and guards nothing. */
static void commit_late(struct fixture *fx, uint64_t epoch)
{
	struct zync_job_end end = {.job_id = "late", .status = "completed", .completed = 2000, .epoch = epoch};

	OK(fx, zync_store_work_commit(fx->store, 2000, &end, NULL, &fx->err));
}

/* ---- planning anew ---- */

static void test_refresh_new(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *other = fixture_second(fx);
	struct zync_event event = {.time = 1, .name = "sw1", .kind = "host", .action = "create", .state = "completed"};
	struct zync_change_row change = {.time = 1, .object_type = "device", .object_id = 1, .name = "sw1", .action = "create"};
	struct zync_work work;
	uint64_t seq = stage(fx, fx->store, 0, 1, "sw1", "d1");

	settle(fx, fx->store);
	OK(fx, zync_store_work_want(fx->store, seq, &fx->err));
	result(fx, fx->store, seq, ZYNC_WORK_FAILED, 0);
	OK(fx, zync_store_work_add_event(fx->store, &event, &fx->err));
	OK(fx, zync_store_work_add_change(fx->store, &change, &fx->err));
	written_by_other(fx, other, 0, "d1", 101);
	OK(fx, zync_store_work_refresh(fx->store, &fx->err));
	work = page_one(fx, fx->store);
	assert_int_equal(work.seq, seq);
	assert_int_equal(work.pk, sql_number(fx, "SELECT pk FROM host_config"));
	assert_int_equal(work.hostid, 101);
	assert_false(work.is_new);
	assert_string_equal(work.desired, "d1");
	assert_string_equal(work.applied, "d1");
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM work WHERE desired IS NOT NULL"), 0);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM work WHERE wants = 0 AND outcome = 0 AND r_error IS NULL AND r_hostid IS NULL"
					" AND r_applied = 0 AND r_pushed IS NULL"),
			 1);
	assert_int_equal(sql_number(fx, "SELECT (SELECT count(*) FROM work_event) + (SELECT count(*) FROM work_change)"), 0);
	zync_store_close(other);
}

/* A row that says nothing new follows what was recorded; one that does keeps its word. */
static void test_refresh_known(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *other = fixture_second(fx);
	struct zync_work work;

	synced_host(fx, 1, "sw1", 101);
	stage(fx, fx->store, 1, 1, "sw1", "sw1"); /* as stored */
	settle(fx, fx->store);
	stage(fx, other, 1, 1, "renamed", "d2");
	OK(fx, zync_db_script(other->db, "UPDATE work SET state = 'disabled', reason = 'status', host = 'tech'", &fx->err));
	commit(fx, other, 1500);
	OK(fx, zync_store_work_refresh(fx->store, &fx->err));
	work = page_one(fx, fx->store);
	assert_string_equal(work.name, "renamed");
	assert_string_equal(work.host, "tech");
	assert_string_equal(work.state, "disabled");
	assert_string_equal(work.reason, "status");
	assert_string_equal(work.desired, "d2");

	OK(fx, zync_store_work_begin(fx->store, &fx->err));
	stage(fx, fx->store, 1, 1, "mine", "d3");
	settle(fx, fx->store);
	stage(fx, other, 1, 1, "theirs", "d4");
	commit(fx, other, 1600);
	OK(fx, zync_store_work_refresh(fx->store, &fx->err));
	work = page_one(fx, fx->store);
	assert_string_equal(work.name, "mine");
	assert_string_equal(work.desired, "d3");
	zync_store_close(other);
}

/* Forgotten by the other run: one that knows nothing new does not bring it back; one that has a desired state begins anew. */
static void test_refresh_forgotten(void **state)
{
	struct fixture *fx = *state;
	struct zync_work work;

	synced_host(fx, 1, "sw1", 101);
	synced_host(fx, 2, "sw2", 102);
	stage(fx, fx->store, 1, 1, "sw1", "d2");
	stage(fx, fx->store, 2, 2, "sw2", NULL);
	sql(fx, "UPDATE work SET hostid = 100 + object_id");
	settle(fx, fx->store);
	sql(fx, "DELETE FROM host_config");
	OK(fx, zync_store_work_refresh(fx->store, &fx->err));
	work = page_one(fx, fx->store);
	assert_int_equal(work.object_id, 1);
	assert_true(work.is_new);
	assert_int_equal(work.hostid, 0);
	assert_int_equal(work.pk, 1);
	commit(fx, fx->store, 2000);
	assert_int_equal(sql_number(fx, "SELECT sum(object_id) FROM host_config"), 1);
}

/* ---- a late commit ---- */

/* What was found out before another run wrote the host is not recorded; that one's words stay. */
static void test_superseded(void **state)
{
	struct fixture *fx = *state;
	static const enum zync_work_outcome OUTCOMES[] = {ZYNC_WORK_SYNCED,	 ZYNC_WORK_FAILED,     ZYNC_WORK_FORGET,
							  ZYNC_WORK_OUT_OF_SYNC, ZYNC_WORK_FOUND_SAME, ZYNC_WORK_FOUND_DIFFERENT};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(OUTCOMES); i++) {
		struct zync_store *other = fixture_second(fx);
		struct zync_host_config config;
		uint64_t epoch, seq;

		sql(fx, "DELETE FROM host_config; DELETE FROM job; UPDATE sequence SET next = 1 WHERE name = 'host_config'");
		synced_host(fx, 1, "sw1", 101);
		running_job(fx, fx->store, "late", 0);
		OK(fx, zync_store_work_begin(fx->store, &fx->err));
		epoch = epoch_of(fx);
		seq = stage(fx, fx->store, 1, 1, "sw1", NULL);
		sql(fx, "UPDATE work SET host = 'sw1'");
		settle(fx, fx->store);
		result(fx, fx->store, seq, OUTCOMES[i], 999);
		sql(fx, "UPDATE work SET r_checked = 1800, r_digest = 'd2', hostid = 202");
		written_by_other(fx, other, 1, "d2", 202);
		commit_late(fx, epoch);
		config = one(fx, &DEVICE_1);
		assert_int_equal(config.hostid, 202);
		assert_int_equal(config.in_sync, 1);
		assert_int_equal(config.last_sync_update, 1500);
		assert_null(config.last_error);
		assert_string_equal(config.desired, "d2");
		assert_string_equal(config.applied, "d2");
		zync_store_close(other);
	}
}

/* The same, but this run planned after the other one's end. */
static void test_not_superseded(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *other = fixture_second(fx);
	uint64_t seq;

	synced_host(fx, 1, "sw1", 101);
	running_job(fx, fx->store, "late", 0);
	written_by_other(fx, other, 1, "d2", 101);
	OK(fx, zync_store_work_begin(fx->store, &fx->err));
	seq = stage(fx, fx->store, 1, 1, "sw1", NULL);
	settle(fx, fx->store);
	result(fx, fx->store, seq, ZYNC_WORK_FAILED, 101);
	commit_late(fx, epoch_of(fx));
	assert_string_equal(one(fx, &DEVICE_1).last_error, "it failed");
	assert_int_equal(one(fx, &DEVICE_1).in_sync, 0);
	zync_store_close(other);
}

/* What this run guards itself it may record, whatever others gave back before. */
static void test_own_guard(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *other = fixture_second(fx);
	uint64_t slot = slot_of(fx, fx->store);
	uint64_t epoch = epoch_of(fx);
	struct zync_job_end end = {.job_id = "late", .status = "completed", .completed = 2000, .slot = slot, .epoch = epoch};
	struct zync_guard_state guard = {0};
	uint64_t seq;

	synced_host(fx, 1, "sw1", 101);
	running_job(fx, fx->store, "late", slot);
	seq = stage(fx, fx->store, 1, 1, "sw1", "d3");
	settle(fx, fx->store);
	written_by_other(fx, other, 1, "d2", 101);
	OK(fx, zync_store_work_want(fx->store, seq, &fx->err));
	OK(fx, zync_store_guard_take(fx->store, slot, epoch, &guard, &fx->err));
	assert_int_equal(guard.stale, 1);
	result(fx, fx->store, seq, ZYNC_WORK_SYNCED, 101);
	OK(fx, zync_store_work_commit(fx->store, 2000, &end, NULL, &fx->err));
	assert_string_equal(one(fx, &DEVICE_1).applied, "d3");
	assert_int_equal(one(fx, &DEVICE_1).last_sync_update, 2000);
	zync_store_close(other);
}

/* A run over stored configs commits after a pull: it does not put the old names and states back. */
static void test_no_news_no_harm(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *other = fixture_second(fx);
	struct zync_host_config config;
	uint64_t seq;

	synced_host(fx, 1, "sw1", 101);
	running_job(fx, fx->store, "late", 0);
	seq = stage(fx, fx->store, 1, 1, "sw1", NULL);
	sql(fx, "UPDATE work SET host = 'sw1'");
	settle(fx, fx->store);
	stage(fx, other, 1, 1, "renamed", NULL);
	OK(fx, zync_db_script(other->db, "UPDATE work SET state = 'disabled', reason = 'status'", &fx->err));
	commit(fx, other, 1500);
	result(fx, fx->store, seq, ZYNC_WORK_SYNCED, 101);
	commit_late(fx, epoch_of(fx));
	config = one(fx, &DEVICE_1);
	assert_string_equal(config.name, "renamed");
	assert_string_equal(config.state, "disabled");
	assert_string_equal(config.reason, "status");
	assert_int_equal(config.in_sync, 0); /* it was so with the state of before */
	zync_store_close(other);
}

/* While this run writes the stored desired state, a pull finds a newer one: in sync with the old one, which was applied. */
static void test_desired_changes_under_write(void **state)
{
	struct fixture *fx = *state;
	static const bool WANTED[] = {true, false};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(WANTED); i++) {
		struct zync_store *other = fixture_second(fx);
		struct zync_host_config config;
		struct zync_work work;
		uint64_t seq;

		sql(fx, "DELETE FROM host_config; DELETE FROM job; UPDATE sequence SET next = 1 WHERE name = 'host_config'");
		synced_host(fx, 1, "d1", 101);
		sql(fx, "INSERT INTO host_text (id, object_type, object_id, desired) VALUES (900, 'device', 1, 'd0') ON CONFLICT (id) DO "
			"NOTHING;"
			"UPDATE host_state SET applied_id = 900");
		running_job(fx, fx->store, "late", 0);
		OK(fx, zync_store_work_begin(fx->store, &fx->err));
		seq = stage(fx, fx->store, 1, 1, "d1", "d1");
		settle(fx, fx->store);
		if (WANTED[i])
			OK(fx, zync_store_work_want(fx->store, seq, &fx->err));
		stage(fx, other, 1, 1, "d1", "d2");
		commit(fx, other, 1500);
		work = page_one(fx, fx->store);
		assert_string_equal(work.desired, WANTED[i] ? "d1" : "d2");
		assert_string_equal(work.digest, WANTED[i] ? "d1" : "d2");
		assert_string_equal(work.secrets, "{\"d\":\"sealed\"}");
		result(fx, fx->store, seq, ZYNC_WORK_SYNCED, 101);
		commit_late(fx, epoch_of(fx));
		config = one(fx, &DEVICE_1);
		assert_string_equal(config.desired, "d2");
		assert_string_equal(config.digest, "d2");
		assert_int_equal(config.in_sync, 0);
		assert_int_equal(config.last_sync_update, 2000);
		assert_string_equal(config.applied, WANTED[i] ? "d1" : "d0");
		zync_store_close(other);
	}
}

/* Stage device 1 as read from NetBox at that time. */
static uint64_t pulled(struct fixture *fx, struct zync_store *store, int64_t at, const char *name, const char *desired)
{
	struct zync_work work = {.rank = 1,
				 .pk = 1,
				 .object_type = "device",
				 .object_id = 1,
				 .name = name,
				 .host = name,
				 .server = "zabbix",
				 .state = "monitored",
				 .desired = desired,
				 .digest = desired,
				 .secrets = desired,
				 .pulled_at = at};
	uint64_t seq = 0;

	OK(fx, zync_store_work_add(store, &work, &seq, &fx->err));
	settle(fx, store);
	return seq;
}

/* Two runs have read different things from NetBox: what was read later counts, whichever commits first. */
static void test_later_pull(void **state)
{
	struct fixture *fx = *state;
	static const struct {
		int64_t first, second; /* when each read; the first one commits first */
		const char *stays;
	} CASES[] = {{100, 200, "second"}, {200, 100, "first"}};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		struct zync_store *other = fixture_second(fx);
		struct zync_host_config config;

		sql(fx, "DELETE FROM host_config; DELETE FROM job; UPDATE sequence SET next = 1 WHERE name = 'host_config'");
		synced_host(fx, 1, "sw1", 101);
		running_job(fx, fx->store, "late", 0);
		OK(fx, zync_store_work_begin(fx->store, &fx->err));
		(void)pulled(fx, fx->store, CASES[i].second, "second", "second");
		(void)pulled(fx, other, CASES[i].first, "first", "first");
		commit(fx, other, 1500);
		assert_string_equal(one(fx, &DEVICE_1).desired, "first");
		commit_late(fx, epoch_of(fx));
		config = one(fx, &DEVICE_1);
		assert_string_equal(config.desired, CASES[i].stays);
		assert_string_equal(config.digest, CASES[i].stays);
		assert_string_equal(config.secrets, CASES[i].stays);
		assert_string_equal(config.name, CASES[i].stays);
		assert_string_equal(config.host, CASES[i].stays);
		assert_int_equal(config.in_sync, 0);
		assert_int_equal(sql_number(fx, "SELECT pulled_at FROM host_config"), 200);
		zync_store_close(other);
	}
}

/* An unchanged object that was read later counts, too, and an older reading that was written is known as what was applied. */
static void test_later_pull_under_write(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *other = fixture_second(fx);
	struct zync_host_config config;
	uint64_t seq;

	synced_host(fx, 1, "d1", 101);
	running_job(fx, fx->store, "late", 0);
	OK(fx, zync_store_work_begin(fx->store, &fx->err));
	seq = pulled(fx, fx->store, 100, "d1", "d2");
	(void)pulled(fx, other, 200, "d1", "d1"); /* changed and changed back */
	commit(fx, other, 1500);
	result(fx, fx->store, seq, ZYNC_WORK_SYNCED, 101);
	commit_late(fx, epoch_of(fx));
	config = one(fx, &DEVICE_1);
	assert_string_equal(config.desired, "d1");
	assert_string_equal(config.applied, "d2");
	assert_int_equal(config.in_sync, 0);
	assert_int_equal(config.last_sync_update, 2000);
	/* Planned anew, it is the later reading that is planned. */
	OK(fx, zync_store_work_begin(fx->store, &fx->err));
	(void)pulled(fx, fx->store, 150, "renamed", "d3");
	sql(fx, "UPDATE sequence SET next = next + 1 WHERE name = 'epoch'");
	OK(fx, zync_store_work_refresh(fx->store, &fx->err));
	assert_string_equal(page_one(fx, fx->store).desired, "d1");
	assert_string_equal(page_one(fx, fx->store).name, "d1");
	zync_store_close(other);
}

/* Two runs found the same change, one wrote it: the other one's pull does not make it out of sync again. */
static void test_same_change(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *other = fixture_second(fx);
	uint64_t epoch = epoch_of(fx);

	synced_host(fx, 1, "sw1", 101);
	running_job(fx, fx->store, "late", 0);
	stage(fx, fx->store, 1, 1, "sw1", "d2");
	settle(fx, fx->store);
	written_by_other(fx, other, 1, "d2", 101);
	commit_late(fx, epoch); /* a pull: undecided */
	assert_int_equal(one(fx, &DEVICE_1).in_sync, 1);
	zync_store_close(other);
}

/* The number of a new object is that of the run that committed first, also in the audit trail of the second. */
static void test_numbers(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *other = fixture_second(fx);
	uint64_t epoch = epoch_of(fx);
	struct zync_event event = {
		.time = 1, .job_id = "late", .name = "sw1", .kind = "host", .action = "create", .state = "failed", .host_config_pk = 1};
	struct zync_change_row change = {.time = 1,
					 .job_id = "late",
					 .object_type = "device",
					 .object_id = 1,
					 .name = "sw1",
					 .action = "create",
					 .host_config_pk = 1};
	uint64_t seq;

	running_job(fx, fx->store, "late", 0);
	seq = stage(fx, fx->store, 0, 1, "sw1", "d1");
	settle(fx, fx->store);
	assert_int_equal(sql_number(fx, "SELECT pk FROM work"), 1);
	written_by_other(fx, other, 0, "d1", 101);
	assert_int_equal(sql_number(fx, "SELECT pk FROM host_config"), 2);
	OK(fx, zync_store_work_add_event(fx->store, &event, &fx->err));
	OK(fx, zync_store_work_add_change(fx->store, &change, &fx->err));
	result(fx, fx->store, seq, ZYNC_WORK_FAILED, 0);
	commit_late(fx, epoch);
	assert_int_equal(sql_number(fx, "SELECT pk FROM host_config"), 2);
	assert_int_equal(sql_number(fx, "SELECT host_config_pk FROM event WHERE job_id = 'late'"), 2);
	assert_int_equal(sql_number(fx, "SELECT host_config_pk FROM change WHERE job_id = 'late'"), 2);
	zync_store_close(other);
}

/* Moved to another server meanwhile: a link found on the old one is no link there. */
static void test_moved(void **state)
{
	struct fixture *fx = *state;
	uint64_t seq;

	synced_host(fx, 1, "sw1", 101);
	running_job(fx, fx->store, "late", 0);
	seq = stage(fx, fx->store, 1, 1, "sw1", NULL);
	settle(fx, fx->store);
	result(fx, fx->store, seq, ZYNC_WORK_SYNCED, 101);
	sql(fx, "UPDATE host_config SET server = 'another', hostid = NULL, in_sync = 0;"
		"UPDATE sequence SET next = next + 1 WHERE name = 'epoch'");
	commit_late(fx, epoch_of(fx));
	assert_string_equal(one(fx, &DEVICE_1).server, "another");
	assert_int_equal(one(fx, &DEVICE_1).hostid, 0);
	assert_int_equal(one(fx, &DEVICE_1).in_sync, 0);
}

/* Without a job there is nothing to end, but hosts that were written meanwhile are seen all the same. */
static void test_without_job(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *other = fixture_second(fx);
	struct zync_job_end end = {.epoch = epoch_of(fx)};
	uint64_t seq;

	synced_host(fx, 1, "sw1", 101);
	running_job(fx, fx->store, "another", 0); /* guards are remembered as long as any job runs */
	seq = stage(fx, fx->store, 1, 1, "sw1", NULL);
	settle(fx, fx->store);
	result(fx, fx->store, seq, ZYNC_WORK_OUT_OF_SYNC, 101);
	written_by_other(fx, other, 1, "d2", 101);
	OK(fx, zync_store_work_commit(fx->store, 2000, &end, NULL, &fx->err));
	assert_int_equal(one(fx, &DEVICE_1).in_sync, 1);
	zync_store_close(other);
}

TEST_GROUP(test_learn, TEST(test_refresh_new), TEST(test_refresh_known), TEST(test_refresh_forgotten), TEST(test_superseded),
	   TEST(test_not_superseded), TEST(test_own_guard), TEST(test_no_news_no_harm), TEST(test_desired_changes_under_write),
	   TEST(test_later_pull), TEST(test_later_pull_under_write), TEST(test_same_change), TEST(test_numbers), TEST(test_moved),
	   TEST(test_without_job));
