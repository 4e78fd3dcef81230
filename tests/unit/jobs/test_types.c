/* SPDX-License-Identifier: Apache-2.0 */
/* The table of jobs, and what a job can be told: as JSON and back, what is refused, and by whom. */
#include "jobs_test.h"

static const struct zync_job_type *type(const char *name)
{
	const struct zync_job_type *found = NULL;
	struct zync_err err;

	if (zync_job_type_find(name, &found, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	return found;
}

static void test_table(void **state)
{
	size_t count = 0;
	const struct zync_job_type *const *types = zync_job_types(&count);

	(void)state;
	assert_true(count >= 9);
	for (size_t i = 0; i < count; i++) {
		assert_non_null(types[i]->body);
		assert_false(zync_str_empty(types[i]->summary));
		assert_ptr_equal(type(types[i]->name), types[i]);
		assert_true(!types[i]->one_host || (types[i]->takes & ZYNC_TAKES_HOSTS) != 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(types[k]->name, types[i]->name);
	}
	/* Whoever writes to Zabbix clears up first what others have left there. */
	assert_true(type("sync-hosts-now")->writes_zabbix && type("delete-zabbix-host")->writes_zabbix);
	assert_false(type("host-config-sync-refresh")->writes_zabbix);
}

static void test_find(void **state)
{
	const struct zync_job_type *found = NULL;
	struct zync_err err;

	(void)state;
	assert_int_equal(zync_job_type_find("sync-host-now", &found, &err), ZYNC_ERR_INVALID);
	assert_string_equal(err.message, "there is no job \"sync-host-now\"; did you mean \"sync-hosts-now\"? See `zync job types`");
	assert_int_equal(zync_job_type_find("make-coffee-with-milk", &found, &err), ZYNC_ERR_INVALID);
	assert_string_equal(err.message, "there is no job \"make-coffee-with-milk\"; see `zync job types`");
	assert_int_equal(zync_job_type_find("", &found, &err), ZYNC_ERR_INVALID);
	assert_null(found);
}

static void check_round(struct fixture *fx, const struct zync_job_params *params, const char *json)
{
	struct zync_job_params back = {0};
	const char *text = NULL;

	OK(fx, zync_job_params_to_json(params, fx->arena, &text, &fx->err));
	assert_string_equal(text, json);
	OK(fx, zync_job_params_from_json(text, fx->arena, &back, &fx->err));
	assert_int_equal(back.host_count, params->host_count);
	for (size_t i = 0; i < params->host_count; i++)
		assert_string_equal(back.hosts[i], params->hosts[i]);
	assert_int_equal(back.no_pull, params->no_pull);
	assert_int_equal(back.force, params->force);
	assert_int_equal(back.strict, params->strict);
	assert_int_equal(back.hard, params->hard);
	assert_int_equal(back.dry_run, params->dry_run);
	assert_int_equal(back.older_than_min, params->older_than_min);
}

static void test_round_trip(void **state)
{
	static const char *const hosts[] = {"sw 1", "device:17", "ü\"\\"};
	struct fixture *fx = *state;

	check_round(fx, &(struct zync_job_params){.older_than_min = -1}, "{}");
	check_round(fx, &(struct zync_job_params){.older_than_min = 0}, "{\"older_than_min\":0}");
	check_round(fx, &(struct zync_job_params){.no_pull = true, .older_than_min = -1}, "{\"no_pull\":true}");
	check_round(fx, &(struct zync_job_params){.force = true, .older_than_min = -1}, "{\"force\":true}");
	check_round(fx, &(struct zync_job_params){.strict = true, .older_than_min = -1}, "{\"strict\":true}");
	check_round(fx, &(struct zync_job_params){.hard = true, .older_than_min = -1}, "{\"hard\":true}");
	check_round(fx, &(struct zync_job_params){.dry_run = true, .older_than_min = -1}, "{\"dry_run\":true}");
	check_round(fx,
		    &(struct zync_job_params){.hosts = hosts,
					      .host_count = 3,
					      .no_pull = true,
					      .force = true,
					      .strict = true,
					      .hard = true,
					      .older_than_min = 90},
		    "{\"hosts\":[\"sw "
		    "1\",\"device:17\",\"ü\\\"\\\\\"],\"no_pull\":true,\"force\":true,\"strict\":true,\"hard\":true,\"older_than_"
		    "min\":90}");
}

/* What is stored may come from another version: it is refused as a whole, not half understood. */
static void test_refused_json(void **state)
{
	static const struct {
		const char *json, *member;
	} cases[] = {
		{"", "(all)"},
		{"[]", "(all)"},
		{"null", "(all)"},
		{"{\"hosts\":", "(all)"},
		{"{\"hosts\":{}}", "hosts"},
		{"{\"hosts\":[1]}", "hosts"},
		{"{\"hosts\":\"a\"}", "hosts"},
		{"{\"strict\":1}", "strict"},
		{"{\"strict\":\"true\"}", "strict"},
		{"{\"strict\":null}", "strict"},
		{"{\"older_than_min\":-1}", "older_than_min"},
		{"{\"older_than_min\":\"x\"}", "older_than_min"},
		{"{\"older_than_min\":1.5}", "older_than_min"},
		{"{\"parallel\":true}", "parallel"},
		{"{\"Strict\":true}", "Strict"},
	};
	struct fixture *fx = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_job_params params = {.force = true};

		assert_int_equal(zync_job_params_from_json(cases[i].json, fx->arena, &params, &fx->err), ZYNC_ERR_INVALID);
		expect_words(fx->err.message, zync_arena_printf(fx->arena, "\"%s\"", cases[i].member));
		expect_words(fx->err.message, "cancel the job, or queue it anew");
		assert_true(params.force); /* untouched */
	}
}

/* A job of an older version has no parameters at all. */
static void test_no_json(void **state)
{
	struct fixture *fx = *state;
	struct zync_job_params params = {.force = true};

	OK(fx, zync_job_params_from_json(NULL, fx->arena, &params, &fx->err));
	assert_false(params.force);
	assert_int_equal(params.older_than_min, -1);
	assert_int_equal(params.host_count, 0);
}

static void test_check(void **state)
{
	static const char *const one[] = {"sw1"};
	static const char *const two[] = {"sw1", "sw2"};
	static const char *const empty[] = {"sw1", ""};
	static const struct {
		const char *job;
		struct zync_job_params params;
		const char *words; /* NULL: taken */
	} cases[] = {
		{"sync-hosts-now",
		 {.hosts = two, .host_count = 2, .no_pull = true, .force = true, .strict = true, .older_than_min = -1},
		 NULL},
		{"sync-hosts-now",
		 {.hard = true, .older_than_min = -1},
		 "the job sync-hosts-now takes no --hard (it is for: delete-zabbix-host)"},
		{"sync-hosts-now", {.older_than_min = 5}, "takes no --older-than (it is for: host-config-sync-refresh)"},
		{"sync-hosts-now", {.hosts = empty, .host_count = 2, .older_than_min = -1}, "the name of a host is empty"},
		{"host-config-sync-refresh", {.older_than_min = 0}, NULL},
		{"pull", {.strict = true, .older_than_min = -1}, "the job pull takes no --strict (it is for: sync-hosts-now)"},
		{"pull", {.no_pull = true, .older_than_min = -1}, "takes no --no-pull"},
		{"clean-up",
		 {.hosts = one, .host_count = 1, .older_than_min = -1},
		 "the job clean-up takes no hosts (it is for: sync-hosts-now, "},
		{"delete-zabbix-host", {.hosts = one, .host_count = 1, .hard = true, .older_than_min = -1}, NULL},
		{"delete-zabbix-host", {.older_than_min = -1}, "needs exactly one host, not 0"},
		{"update-zabbix-host",
		 {.hosts = two, .host_count = 2, .older_than_min = -1},
		 "the job update-zabbix-host needs exactly one host, not 2"},
		{"update-zabbix-host", {.hosts = one, .host_count = 1, .force = true, .older_than_min = -1}, "takes no --force"},
	};
	struct fixture *fx = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		enum zync_status status = zync_job_params_check(type(cases[i].job), &cases[i].params, &fx->err);

		assert_int_equal(status, cases[i].words == NULL ? ZYNC_OK : ZYNC_ERR_INVALID);
		if (cases[i].words != NULL)
			expect_words(fx->err.message, cases[i].words);
	}
}

const struct CMUnitTest types_tests[] = {
	cmocka_unit_test(test_table), cmocka_unit_test(test_find), TEST(test_round_trip),
	TEST(test_refused_json),      TEST(test_no_json),	   TEST(test_check),
};
const size_t types_tests_len = ZYNC_ARRAY_LEN(types_tests);
