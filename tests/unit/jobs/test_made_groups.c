/* SPDX-License-Identifier: Apache-2.0 */
/* Groups that Zync made: settled after jobs that died, forgotten after putting back, and the job delete-unused-host-groups. */
#include "jobs_test.h"

#include "base/clock.h"
#include "jobs/types.h"
#include "store/made_group.h"

static void remember(struct fixture *fx, const char *name, uint64_t id)
{
	struct zync_remembered_group group = {.server = "zabbix", .name = name, .groupid = id};

	OK(fx, zync_store_made_groups_intend(fx->app.store, "zabbix", &name, 1, "old-job", 5, &fx->err));
	if (id != 0)
		OK(fx, zync_store_made_groups_decided(fx->app.store, &group, 1, &fx->err));
}

static const char *remembered(struct fixture *fx)
{
	const char *text = text_of(
		fx, "SELECT group_concat(name || '=' || coalesce(groupid, '?'), ' ') FROM (SELECT * FROM made_group ORDER BY name)");

	return text != NULL ? text : "";
}

static enum zync_status run_job(struct fixture *fx, bool dry, const struct zync_jval **ret)
{
	struct zync_job_call call = {.type = &zync_job_delete_unused_host_groups, .params = {.older_than_min = -1, .dry_run = dry}};
	const char *json = NULL;
	enum zync_status status = zync_job_run_now(&fx->app, &call, fx->arena, &json, NULL, &fx->err);

	if (status == ZYNC_OK)
		OK(fx, zync_json_parse(fx->arena, json, strlen(json), ret, &fx->err));
	return status;
}

/* "name:action(reason) …" */
static const char *fates(struct fixture *fx, const struct zync_jval *result)
{
	const struct zync_jval *group;
	const char *text = "";
	struct zync_jiter it;

	zync_jiter_init(&it, zync_jval_get(result, "groups"));
	while ((group = zync_jiter_next(&it, NULL)) != NULL) {
		const char *reason = zync_jval_get_str(group, "reason");

		text = zync_arena_printf(fx->arena, "%s%s:%s(%s) ", text, zync_jval_get_str(group, "name"),
					 zync_jval_get_str(group, "action"), reason != NULL ? reason : "");
	}
	return text;
}

static void begin(struct fixture *fx)
{
	OK(fx, zync_rules_compile(fx->app.config, &fx->app.rules, &fx->err));
	world_open(fx);
}

static int end(void **state)
{
	struct fixture *fx = *state;

	zync_rules_free(fx->app.rules);
	return teardown(state);
}

static void test_levels(void **state)
{
	struct fixture *fx = *state;
	const struct zync_jval *result = NULL;

	begin(fx);
	(void)world_add_group(fx, 1, "A"); /* the configuration names it */
	(void)world_add_group(fx, 2, "Z");
	(void)world_add_group(fx, 3, "Z/1");
	(void)world_add_group(fx, 4, "Z/1/x");
	(void)world_add_group(fx, 5, "Z/2");
	world_add_group(fx, 6, "Z/2/y")->hosts = 1;
	(void)world_add_group(fx, 7, "Renamed");
	(void)world_add_group(fx, 8, "Theirs/below");
	(void)world_add_group(fx, 9, "Theirs");
	(void)world_add_group(fx, 10, "Zync/Graveyard");
	for (size_t i = 0; i < fx->world.group_count; i++) {
		if (fx->world.groups[i].id != 7 && fx->world.groups[i].id != 8)
			remember(fx, fx->world.groups[i].name, fx->world.groups[i].id);
	}
	remember(fx, "Before", 7);
	remember(fx, "Gone", 99);
	OK(fx, run_job(fx, /* dry= */ true, &result));
	assert_string_equal(
		fates(fx, result),
		"A:keep(the mappings name it (environment:3)) Before:forget(it is called \"Renamed\" now) Gone:forget(it is gone) "
		"Theirs:keep(it is above \"Theirs/below\", which stays) Z:keep(it is above \"Z/2/y\", which stays) Z/1:delete() "
		"Z/1/x:delete() Z/2:keep(it is above \"Z/2/y\", which stays) Z/2/y:keep(it has 1 host) Zync/Graveyard:keep(it is "
		"sync.graveyard_group) ");
	assert_string_equal(fx->world.writes, "");
	expect_words(remembered(fx), "Before=7 Gone=99");
	OK(fx, run_job(fx, /* dry= */ false, &result));
	assert_string_equal(fx->world.writes, "hostgroup.delete Z/1/x; hostgroup.delete Z/1; ");
	assert_string_equal(remembered(fx), "A=1 Theirs=9 Z=2 Z/2=5 Z/2/y=6 Zync/Graveyard=10");
}

/* Zabbix refuses one: it and those above it stay, the others of the call go. */
static void test_refused(void **state)
{
	struct fixture *fx = *state;
	const struct zync_jval *result = NULL;

	begin(fx);
	(void)world_add_group(fx, 2, "Z");
	(void)world_add_group(fx, 3, "Z/1");
	(void)world_add_group(fx, 4, "Z/2");
	for (size_t i = 0; i < 3; i++)
		remember(fx, fx->world.groups[i].name, fx->world.groups[i].id);
	fx->world.refuse_group = "Z/1";
	OK(fx, run_job(fx, /* dry= */ false, &result));
	expect_words(fates(fx, result), "Z:keep(it is above \"Z/1\", which stays) ");
	expect_words(fates(fx, result), "It is used in a global script.) Z/2:delete() ");
	assert_string_equal(fx->world.writes, "hostgroup.delete Z/2; ");
	assert_string_equal(remembered(fx), "Z=2 Z/1=3");
}

/* Another job that writes to Zabbix is waited for; one that does not is not. */
static void test_waits(void **state)
{
	struct fixture *fx = *state;
	const struct zync_jval *result = NULL;
	struct zync_job job = {.job_id = "other", .name = "pull", .status = "running", .created = 1, .started = 1, .slot = 77};
	struct zync_job_call call = {.type = &zync_job_delete_unused_host_groups, .params = {.older_than_min = -1}, .timeout_ms = 600};

	begin(fx);
	(void)world_add_group(fx, 2, "Z");
	remember(fx, "Z", 2);
	OK(fx, zync_store_slot_take(fx->app.store, &job.slot, &fx->err));
	OK(fx, zync_store_job_start(fx->app.store, &job, &fx->err));
	fx->app.slot = job.slot;
	sql(fx, "UPDATE job SET name = 'sync-hosts-now'");
	assert_int_equal(zync_job_run_now(&fx->app, &call, fx->arena, NULL, NULL, &fx->err), ZYNC_ERR_CANCELLED);
	expect_words(fx->phases, "wait ");
	assert_string_equal(fx->world.writes, "");
	sql(fx, "UPDATE job SET name = 'pull' WHERE job_id = 'other'");
	OK(fx, run_job(fx, /* dry= */ false, &result));
	assert_string_equal(fx->world.writes, "hostgroup.delete Z; ");
}

/* What a dead job may have made: there is one, one is not, and one may still come. */
static void test_settled(void **state)
{
	struct fixture *fx = *state;

	begin(fx);
	(void)world_add_group(fx, 2, "There");
	remember(fx, "There", 0);
	remember(fx, "Not there", 0);
	remember(fx, "Young", 0);
	sql(fx, zync_arena_printf(fx->arena, "UPDATE made_group SET made_at = %lld WHERE name = 'Young'", (long long)zync_clock_now_ms()));
	OK(fx, run_empty(fx));
	assert_string_equal(remembered(fx), "There=2 Young=?");
	sql(fx, "UPDATE made_group SET made_at = 5");
	OK(fx, run_empty(fx));
	assert_string_equal(remembered(fx), "There=2");
	fx->world.requests = 0;
	OK(fx, run_empty(fx));
	assert_int_equal(fx->world.requests, 0); /* nothing is open, nobody is asked */
	remember(fx, "Open", 0);
	fx->world.lost_from = 1;
	OK(fx, run_empty(fx)); /* a server that does not answer is asked the next time */
	assert_string_equal(remembered(fx), "Open=? There=2");
	sql(fx, "UPDATE made_group SET server = 'unknown'");
	OK(fx, run_empty(fx));
	assert_string_equal(remembered(fx), "Open=? There=2");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, end)
const struct CMUnitTest made_groups_tests[] = {CASE(test_levels), CASE(test_refused), CASE(test_waits), CASE(test_settled)};
const size_t made_groups_tests_len = ZYNC_ARRAY_LEN(made_groups_tests);
