/* SPDX-License-Identifier: Apache-2.0 */
/* Technical names that two objects share. */
#include "jobs_test.h"

static const char *claim(struct fixture *fx, struct zync_run *run, const char *type, uint64_t id, const char *server, const char *name,
			 bool only_named)
{
	struct zync_work work = {.object_type = type, .object_id = id, .server = server, .name = name};

	if (zync_names_claim(run, &work, only_named, fx->arena, &name, &fx->err) != ZYNC_OK)
		fail_msg("%s", fx->err.message);
	return name;
}

static void test_names(void **state)
{
	struct fixture *fx = *state;
	struct zync_run run = {.app = &fx->app, .arena = fx->arena};

	assert_string_equal(claim(fx, &run, "device", 1, "zabbix", "rtr", false), "rtr");
	assert_string_equal(claim(fx, &run, "device", 2, "zabbix", "rtr", false), "rtr__d2");
	assert_string_equal(claim(fx, &run, "vm", 1, "zabbix", "rtr", false), "rtr__v1");
	assert_string_equal(claim(fx, &run, "device", 1, "zabbix", "rtr", false), "rtr"); /* asked a second time */
	assert_string_equal(claim(fx, &run, "device", 3, "other", "rtr", false), "rtr");  /* another server, another space of names */
	assert_string_equal(claim(fx, &run, "device", 4, "zabbix", "RTR", false), "RTR");
}

static const char *claim_visible(struct fixture *fx, struct zync_run *run, const char *type, uint64_t id, const char *name, bool only_named)
{
	struct zync_work work = {.object_type = type, .object_id = id, .server = "zabbix", .name = name};

	if (zync_names_claim_visible(run, &work, /* apart= */ false, only_named, fx->arena, &name, &fx->err) != ZYNC_OK)
		fail_msg("%s", fx->err.message);
	return name;
}

/* Visible names: the first of one name shows it, the others say who they are. */
static void test_visible_names(void **state)
{
	struct fixture *fx = *state;
	struct zync_run run = {.app = &fx->app, .arena = fx->arena};
	const char *name;
	char longest[129];

	assert_string_equal(claim_visible(fx, &run, "device", 1, "Über", false), "Über");
	assert_string_equal(claim_visible(fx, &run, "device", 2, "Über", false), "Über (d2)");
	assert_string_equal(claim_visible(fx, &run, "vm", 1, "Über", false), "Über (v1)");
	assert_string_equal(claim_visible(fx, &run, "device", 1, "Über", false), "Über");
	memset(longest, 'x', 128);
	longest[128] = '\0';
	assert_string_equal(claim_visible(fx, &run, "device", 3, longest, false), longest);
	assert_int_equal(strlen(claim_visible(fx, &run, "device", 4, longest, false)), 128);
	assert_int_equal(
		zync_db_script(fx->app.store->db,
			       "INSERT INTO host_config (pk, object_type, object_id, name, host, server, state, created, updated) VALUES"
			       " (1, 'device', 5, 'rtr', 'rtr', 'zabbix', 'monitored', 1, 1), (2, 'device', 6, 'gone', 'gone', 'zabbix', "
			       "'removed', 1, 1)",
			       &fx->err),
		ZYNC_OK);
	name = "alone";
	assert_int_equal(zync_names_claim_visible(&run, &(struct zync_work){.object_type = "vm", .object_id = 7, .server = "zabbix"},
						  /* apart= */ true,
						  /* only_named= */ false, fx->arena, &name, &fx->err),
			 ZYNC_OK);
	assert_string_equal(name, "alone (v7)");
	run.visible_names = NULL;
	assert_string_equal(claim_visible(fx, &run, "device", 9, "rtr", true), "rtr (d9)");
	assert_string_equal(claim_visible(fx, &run, "device", 4, "rtr", true), "rtr"); /* it comes before */
	assert_string_equal(claim_visible(fx, &run, "device", 9, "gone", true), "gone");
}

/* A run over named objects asks the store for the others; only what has a host and comes before counts. */
static void test_names_of_the_store(void **state)
{
	struct fixture *fx = *state;
	struct zync_run run = {.app = &fx->app, .arena = fx->arena};

	assert_int_equal(
		zync_db_script(fx->app.store->db,
			       "INSERT INTO host_config (pk, object_type, object_id, name, host, server, state, created, updated) VALUES"
			       " (1, 'device', 5, 'rtr', 'rtr', 'zabbix', 'monitored', 1, 1), (2, 'device', 6, 'gone', 'gone', 'zabbix', "
			       "'removed', 1, 1),"
			       " (3, 'device', 7, 'x', 'far', 'other', 'monitored', 1, 1), (4, 'device', 8, 'named', 'else', 'zabbix', "
			       "'monitored', 1, 1)",
			       &fx->err),
		ZYNC_OK);
	assert_string_equal(claim(fx, &run, "device", 9, "zabbix", "rtr", true), "rtr__d9");
	run.names = NULL;
	assert_string_equal(claim(fx, &run, "device", 4, "zabbix", "rtr", true), "rtr"); /* it comes before */
	run.names = NULL;
	assert_string_equal(claim(fx, &run, "device", 5, "zabbix", "rtr", true), "rtr"); /* it is this one */
	assert_string_equal(claim(fx, &run, "device", 9, "zabbix", "gone", true), "gone");
	assert_string_equal(claim(fx, &run, "device", 9, "zabbix", "far", true), "far");
	assert_string_equal(claim(fx, &run, "device", 9, "zabbix", "named", true), "named"); /* only its NetBox name */
	run.names = NULL;
	assert_string_equal(claim(fx, &run, "device", 9, "zabbix", "rtr", false), "rtr"); /* a run over all does not ask */
}

/* The host config of a virtual chassis, whose master has changed: in the store it is still that of the device before. Its own name is not another one's. */
static void test_names_of_one_that_moves(void **state)
{
	struct fixture *fx = *state;
	struct zync_run run = {.app = &fx->app, .arena = fx->arena};
	struct zync_work work = {
		.pk = 1, .object_type = "device", .object_id = 9, .moved_from = 5, .server = "zabbix", .name = "stack", .hostid = 7};
	const char *name = "stack";

	OK(fx,
	   zync_db_script(fx->app.store->db,
			  "INSERT INTO host_config (pk, object_type, object_id, name, host, server, hostid, state, created, updated) VALUES"
			  " (1, 'device', 5, 'stack', 'stack', 'zabbix', 7, 'monitored', 1, 1)",
			  &fx->err));
	OK(fx, zync_names_claim(&run, &work, /* only_named= */ true, fx->arena, &name, &fx->err));
	assert_string_equal(name, "stack");
	run.names = NULL;
	/* A device of the chassis' name comes after it as before, and keeps its suffix. */
	assert_string_equal(claim(fx, &run, "device", 8, "zabbix", "stack", true), "stack__d8");
}

const struct CMUnitTest names_tests[] = {
	TEST(test_names),
	TEST(test_visible_names),
	TEST(test_names_of_the_store),
	TEST(test_names_of_one_that_moves),
};
const size_t names_tests_len = ZYNC_ARRAY_LEN(names_tests);
