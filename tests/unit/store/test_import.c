/* SPDX-License-Identifier: Apache-2.0 */
/* Imported settings are stored with the commit of their run, of all servers at once, or not at all. */
#include "store/settings.h"
#include "store_test.h"

/* A host group of two servers, which have no templates (any more); nothing is known of proxies. */
static void import(struct fixture *fx)
{
	static const char *const SERVERS[] = {"a", "b"};

	OK(fx, zync_store_work_begin(fx->store, &fx->err));
	OK(fx, zync_store_settings_begin(fx->store, &fx->err));
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(SERVERS); i++) {
		struct zync_setting setting = {.server = SERVERS[i], .kind = "host_group", .id = 5, .name = "new"};

		OK(fx, zync_store_settings_add(fx->store, &setting, &fx->err));
		OK(fx, zync_store_settings_kind(fx->store, SERVERS[i], "template", &fx->err));
	}
	zync_store_settings_with_run(fx->store, 2000);
}

/* What was there before: one of each kind on both servers, and something of a server that is not imported. */
static void known(struct fixture *fx)
{
	sql(fx,
	    "INSERT INTO zabbix_setting (server, kind, id, name, updated) VALUES ('a', 'host_group', 5, 'old', 1000), ('a', 'template', 6, "
	    "'old', 1000), ('a', 'proxy', 7, 'old', 1000), ('b', 'template', 6, 'old', 1000), ('b', 'proxy', 7, 'old', 1000),"
	    " ('c', 'template', 6, 'old', 1000)");
}

#define OLD "SELECT count(*) FROM zabbix_setting WHERE name = 'old' AND updated = 1000"
#define NEW "SELECT count(*) FROM zabbix_setting WHERE name = 'new' AND updated = 2000 AND kind = 'host_group' AND id = 5"

static void test_committed(void **state)
{
	struct fixture *fx = *state;

	known(fx);
	import(fx);
	assert_int_equal(sql_number(fx, OLD), 6); /* not before */
	commit(fx, fx->store, 3000);
	assert_int_equal(sql_number(fx, NEW), 2);
	assert_int_equal(sql_number(fx, OLD " AND kind = 'proxy'"), 2);
	assert_int_equal(sql_number(fx, OLD " AND server = 'c'"), 1);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM zabbix_setting"), 5);
}

static void test_abandoned(void **state)
{
	struct fixture *fx = *state;

	known(fx);
	import(fx);
	OK(fx, zync_store_work_abandon(fx->store, NULL, NULL, &fx->err));
	assert_int_equal(sql_number(fx, OLD), 6);
	/* The next run of this connection has nothing to do with it. */
	OK(fx, zync_store_work_begin(fx->store, &fx->err));
	commit(fx, fx->store, 3000);
	assert_int_equal(sql_number(fx, OLD), 6);
	assert_int_equal(sql_number(fx, NEW), 0);
}

/* A server that cannot be stored takes the other, and the rest of the run, with it. */
static void test_refused(void **state)
{
	struct fixture *fx = *state;

	known(fx);
	import(fx);
	(void)stage(fx, fx->store, 0, 1, "sw1", "sw1");
	OK(fx, zync_store_work_settle(fx->store, /* reserve_pks= */ true, NULL, &fx->err));
	sql(fx, "CREATE TRIGGER broken BEFORE INSERT ON zabbix_setting WHEN NEW.server = 'b' BEGIN SELECT RAISE(ABORT, 'no room'); END");
	assert_int_equal(zync_store_work_commit(fx->store, 3000, NULL, NULL, &fx->err), ZYNC_ERR_STORE);
	assert_int_equal(sql_number(fx, OLD), 6);
	assert_int_equal(sql_number(fx, NEW), 0);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 0);
}

TEST_GROUP(test_import, TEST(test_committed), TEST(test_abandoned), TEST(test_refused));
