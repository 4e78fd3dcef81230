/* SPDX-License-Identifier: Apache-2.0 */
/* Reading host configs: every filter, paging, names that look like numbers. */
#include "store_test.h"

/* Five configs: a1 synced, b2 failed, c3 compared and different, d4 not compared, e5 removed on another server. */
static void fill(struct fixture *fx)
{
	static const struct {
		const char *name, *server, *state;
		enum zync_work_outcome outcome;
		uint64_t hostid;
	} ROWS[] = {
		{"a1", "zabbix", "monitored", ZYNC_WORK_SYNCED, 101},	    {"b2", "zabbix", "monitored", ZYNC_WORK_FAILED, 0},
		{"vm:7", "zabbix", "disabled", ZYNC_WORK_OUT_OF_SYNC, 103}, {"same", "zabbix", "monitored", ZYNC_WORK_UNDECIDED, 0},
		{"same", "other", "missing", ZYNC_WORK_SYNCED, 105},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(ROWS); i++) {
		struct zync_work work = {
			.rank = 1,
			.is_new = true,
			.object_type = i % 2 == 0 ? "device" : "vm",
			.object_id = 11 + i,
			.name = ROWS[i].name,
			.host = i == 0 ? "tech-a1" : NULL,
			.server = ROWS[i].server,
			.state = ROWS[i].state,
			.reason = "why",
			.desired = "{}",
			.digest = "d",
		};
		uint64_t seq = 0;

		OK(fx, zync_store_work_add(fx->store, &work, &seq, &fx->err));
		if (ROWS[i].outcome != ZYNC_WORK_UNDECIDED)
			result(fx, fx->store, seq, ROWS[i].outcome, ROWS[i].hostid);
	}
	OK(fx, zync_store_work_settle(fx->store, true, NULL, &fx->err));
	commit(fx, fx->store, 5000);
}

static void test_filters(void **state)
{
	struct fixture *fx = *state;
	static const struct {
		struct zync_host_config_filter filter;
		size_t count;
	} CASES[] = {
		{{.in_sync = -1}, 5},
		{{.in_sync = -1, .name = "a1"}, 1},
		{{.in_sync = -1, .name = "tech-a1"}, 1},
		{{.in_sync = -1, .name = "same"}, 2},
		{{.in_sync = -1, .name = "nobody"}, 0},
		{{.in_sync = -1, .name = "pk:2"}, 1},
		{{.in_sync = -1, .name = "pk:99"}, 0},
		{{.in_sync = -1, .name = "device:11"}, 1},
		{{.in_sync = -1, .name = "device:12"}, 0},
		{{.in_sync = -1, .name = "vm:12"}, 1},
		{{.in_sync = -1, .name = "vm:7"}, 0}, /* an id first: the object is meant */
		{{.in_sync = -1, .name = "vm:web"}, 0},
		{{.in_sync = -1, .name = "pk:18446744073709551615"}, 0},
		{{.in_sync = -1, .name = ""}, 0},
		{{.in_sync = -1, .server = "other"}, 1},
		{{.in_sync = -1, .server = "zabbix"}, 4},
		{{.in_sync = -1, .server = "zabbix", .state = "monitored"}, 3},
		{{.in_sync = -1, .state = "disabled"}, 1},
		{{.in_sync = 1}, 2},
		{{.in_sync = 0}, 3},
		{{.in_sync = -1, .failed = true}, 1},
		{{.in_sync = 1, .failed = true}, 0},
		{{.in_sync = -1, .after_pk = 3}, 2},
		{{.in_sync = -1, .limit = 2}, 2},
		{{.in_sync = -1, .after_pk = 4, .limit = 2}, 1},
	};

	fill(fx);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		size_t count = found(fx, CASES[i].filter);

		if (count != CASES[i].count)
			fail_msg("case %zu (%s): %zu, not %zu", i, CASES[i].filter.name != NULL ? CASES[i].filter.name : "-", count,
				 CASES[i].count);
	}
}

static void test_pages(void **state)
{
	struct fixture *fx = *state;
	struct zync_host_config_filter filter = {.in_sync = -1, .limit = 2};
	uint64_t last = 0;
	size_t total = 0;

	fill(fx);
	for (;;) {
		struct zync_host_config *configs = NULL;
		size_t count = 0;

		filter.after_pk = last;
		OK(fx, zync_store_host_configs(fx->store, &filter, fx->arena, &configs, &count, &fx->err));
		for (size_t i = 0; i < count; i++) {
			assert_true(configs[i].pk > last);
			last = configs[i].pk;
		}
		total += count;
		if (count == 0)
			break;
	}
	assert_int_equal(total, 5);
}

static void test_columns(void **state)
{
	struct fixture *fx = *state;
	struct zync_host_config config;

	fill(fx);
	config = one(fx, &(struct zync_host_config_filter){.in_sync = -1, .name = "a1", .with_state = true});
	assert_string_equal(config.object_type, "device");
	assert_int_equal(config.object_id, 11);
	assert_string_equal(config.host, "tech-a1");
	assert_string_equal(config.server, "zabbix");
	assert_string_equal(config.state, "monitored");
	assert_string_equal(config.reason, "why");
	assert_int_equal(config.hostid, 101);
	assert_int_equal(config.in_sync, 1);
	assert_int_equal(config.last_sync_update, 5000);
	assert_null(config.last_error);
	assert_int_equal(config.created, 5000);
	assert_string_equal(config.desired, "{}");
	assert_string_equal(config.digest, "d");
	assert_string_equal(config.applied, "{}");
	assert_string_equal(config.pushed, "{\"{$S}\":\"digest\"}");
	config = one(fx, &(struct zync_host_config_filter){.in_sync = -1, .name = "b2"});
	assert_string_equal(config.last_error, "it failed");
	assert_int_equal(config.in_sync, 0);
	assert_int_equal(config.hostid, 0);
	assert_null(config.desired); /* not asked for */
	config = one(fx, &(struct zync_host_config_filter){.in_sync = -1, .name = "pk:4"});
	assert_int_equal(config.in_sync, -1);
	assert_int_equal(config.last_sync_update, 0);
}

static void test_count_linked(void **state)
{
	struct fixture *fx = *state;
	uint64_t count = 99;

	OK(fx, zync_store_count_linked(fx->store, &count, &fx->err));
	assert_int_equal(count, 0);
	fill(fx);
	OK(fx, zync_store_count_linked(fx->store, &count, &fx->err));
	assert_int_equal(count, 3);
	sql(fx, "UPDATE host_config SET state = 'removed' WHERE name = 'a1'");
	OK(fx, zync_store_count_linked(fx->store, &count, &fx->err));
	assert_int_equal(count, 2);
}

/* What a hand in the database can do: nulls where there are none, numbers as texts. */
static void test_odd_rows(void **state)
{
	struct fixture *fx = *state;
	struct zync_host_config config;

	sql(fx, "INSERT INTO host_config (pk, object_type, object_id, name, server, state, created, updated) VALUES (9, 'device', 'x', "
		"'odd', 'zabbix', 'what', 'y', 1)");
	config = one(fx, &(struct zync_host_config_filter){.in_sync = -1, .name = "odd", .with_state = true});
	assert_int_equal(config.object_id, 0);
	assert_string_equal(config.state, "what");
	assert_null(config.desired);
}

TEST_GROUP(test_read, TEST(test_filters), TEST(test_pages), TEST(test_columns), TEST(test_count_linked), TEST(test_odd_rows));
