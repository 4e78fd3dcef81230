/* SPDX-License-Identifier: Apache-2.0 */
/* Host configs that a run only compares: which are due, and that nothing but their sync status is recorded, and only where nobody knows better by now. */
#include "store_test.h"

static const struct zync_host_config_filter DEVICE_1 = {.in_sync = -1, .name = "device:1", .with_state = true};

static void compared(struct fixture *fx, enum zync_work_outcome outcome, const char *error, int64_t checked, const char *digest)
{
	struct zync_work_result r = {.outcome = outcome, .hostid = 101, .error = error, .checked = checked, .digest = digest};
	struct zync_work work = {.pk = 1,
				 .object_type = "device",
				 .object_id = 1,
				 .name = "old name",
				 .server = "zabbix",
				 .hostid = 101,
				 .state = "monitored"};
	uint64_t seq = 0;

	OK(fx, zync_store_work_add(fx->store, &work, &seq, &fx->err));
	OK(fx, zync_store_work_set_result(fx->store, seq, &r, &fx->err));
}

static void test_due(void **state)
{
	struct fixture *fx = *state;
	static const struct {
		int64_t before;
		size_t found;
	} CASES[] = {{0, 4}, {1, 1}, {1000, 1}, {1001, 3}, {2000, 3}, {2001, 4}};

	synced_host(fx, 1, "sw1", 101);
	synced_host(fx, 2, "sw2", 102);
	synced_host(fx, 3, "sw3", 103);
	synced_host(fx, 4, "sw4", 104);
	sql(fx, "UPDATE host_config SET last_sync_update = 2000 WHERE pk = 3; UPDATE host_config SET last_sync_update = NULL WHERE pk = 2");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++)
		assert_int_equal(found(fx, (struct zync_host_config_filter){.in_sync = -1, .checked_before = CASES[i].before}),
				 CASES[i].found);
	assert_int_equal(found(fx, (struct zync_host_config_filter){.in_sync = -1, .checked_before = 1001, .name = "sw3"}), 0);
	assert_int_equal(found(fx, (struct zync_host_config_filter){.in_sync = -1, .checked_before = 1001, .after_pk = 1, .limit = 1}), 1);
}

static void test_status_only(void **state)
{
	struct fixture *fx = *state;
	static const struct {
		enum zync_work_outcome outcome;
		const char *before, *error, *after; /* last_error */
		int in_sync;
	} CASES[] = {
		{ZYNC_WORK_FOUND_SAME, NULL, NULL, NULL, 1},
		{ZYNC_WORK_FOUND_SAME, "refused", NULL, NULL, 1},
		{ZYNC_WORK_FOUND_DIFFERENT, NULL, NULL, NULL, 0},
		{ZYNC_WORK_FOUND_DIFFERENT, "refused", NULL, "refused", 0},
		{ZYNC_WORK_FOUND_DIFFERENT, NULL, "foreign", "foreign", 0},
		{ZYNC_WORK_FOUND_DIFFERENT, "refused", "foreign", "foreign", 0},
	};

	synced_host(fx, 1, "sw1", 101);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		struct zync_host_config config;

		sql(fx, "UPDATE host_config SET last_sync_update = 1000, in_sync = NULL, last_error = NULL");
		if (CASES[i].before)
			sql(fx, "UPDATE host_config SET last_error = 'refused'");
		compared(fx, CASES[i].outcome, CASES[i].error, 2000, "sw1");
		commit(fx, fx->store, 3000);
		config = one(fx, &DEVICE_1);
		assert_int_equal(config.in_sync, CASES[i].in_sync);
		assert_int_equal(config.last_sync_update, 2000);
		assert_true(zync_str_eq(config.last_error, CASES[i].after));
		assert_string_equal(config.name, "sw1");
		assert_int_equal(config.hostid, 101);
		assert_int_equal(config.updated, 1000);
		assert_string_equal(config.desired, "sw1");
		assert_string_equal(config.applied, "sw1");
		assert_string_equal(config.pushed, "{\"{$S}\":\"digest\"}");
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM work"), 0);
	}
}

/* Meanwhile another run has changed the host config: what was compared is of no interest any more. */
static void test_overtaken(void **state)
{
	struct fixture *fx = *state;
	static const char *const CHANGES[] = {
		"UPDATE host_config SET last_sync_update = 2000", /* written or compared while this one read */
		"UPDATE host_config SET state = 'missing'",
		"UPDATE host_config SET server = 'another'",
		"UPDATE host_config SET hostid = 102",
		"UPDATE host_config SET hostid = NULL",
		"UPDATE host_state SET digest = 'new'",
		"DELETE FROM host_state",
	};

	synced_host(fx, 1, "sw1", 101);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CHANGES); i++) {
		sql(fx, "UPDATE host_config SET last_sync_update = 1000, in_sync = 1, state = 'monitored', server = 'zabbix', hostid = 101;"
			"UPDATE host_state SET digest = 'sw1'");
		compared(fx, ZYNC_WORK_FOUND_DIFFERENT, NULL, 2000, "sw1");
		sql(fx, CHANGES[i]);
		commit(fx, fx->store, 3000);
		if (sql_number(fx, "SELECT count(*) FROM host_config WHERE in_sync = 1 AND last_sync_update <= 2000") != 1)
			fail_msg("recorded in spite of: %s", CHANGES[i]);
	}
	compared(fx, ZYNC_WORK_FOUND_DIFFERENT, NULL, 2000, "sw1");
	sql(fx, "DELETE FROM host_config");
	commit(fx, fx->store, 3000);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 0); /* what is forgotten does not come back */
}

TEST_GROUP(test_compared, TEST(test_due), TEST(test_status_only), TEST(test_overtaken));
