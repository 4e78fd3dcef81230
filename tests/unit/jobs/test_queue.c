/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of the queue: taken and run, with what this program does not understand; recurring ones come again however they end. */
#include "jobs_test.h"

#include "base/clock.h"

/* A row as another program may have queued it. */
static void queue(struct fixture *fx, const char *name, const char *params, int64_t interval_min)
{
	char id[ZYNC_UUID_SIZE];
	char answered[ZYNC_JOB_ID_SIZE];
	bool existing = false;
	int64_t now = zync_clock_now_ms();
	struct zync_job job = {.job_id = id,
			       .name = name,
			       .kind = name,
			       .user = "cron",
			       .request_id = "r7",
			       .created = now,
			       .interval_min = interval_min,
			       .params = params};

	OK(fx, zync_uuid_new(id, &fx->err));
	OK(fx, zync_store_job_enqueue(fx->app.store, &job, now, answered, &existing, &fx->err));
	assert_false(existing);
}

static const struct zync_job *take(struct fixture *fx)
{
	struct zync_job *job = NULL;

	OK(fx, zync_job_take_next(&fx->app, fx->arena, &job, &fx->err));
	return job;
}

static struct zync_job job_of(struct fixture *fx, const char *id)
{
	struct zync_job_filter filter = {.job_id = id, .limit = 1};
	struct zync_job *jobs = NULL;
	size_t count = 0;

	OK(fx, zync_store_jobs(fx->app.store, &filter, fx->arena, &jobs, &count, &fx->err));
	assert_int_equal(count, 1);
	return jobs[0];
}

static void test_nothing(void **state)
{
	struct fixture *fx = *state;

	assert_null(take(fx));
	assert_int_equal(number(fx, "SELECT count(*) FROM job"), 0);
}

static void test_taken(void **state)
{
	struct fixture *fx = *state;
	const struct zync_job *job;
	struct zync_job after;

	queue(fx, "clean-up", NULL, 0);
	job = take(fx);
	assert_non_null(job);
	assert_string_equal(job->status, "running");
	assert_int_not_equal(fx->app.slot, 0);
	assert_null(take(fx)); /* there is no other one */
	OK(fx, zync_job_run_taken(&fx->app, job, &fx->err));
	after = job_of(fx, job->job_id);
	assert_string_equal(after.status, "completed");
	assert_string_equal(after.user, "cron");
	assert_string_equal(after.request_id, "r7");
	assert_int_equal(fx->app.slot, 0);
	assert_int_equal(number(fx, "SELECT count(*) FROM job"), 1); /* no row beside that of the queue */
	assert_string_equal(job_event(fx).user, "cron");
	assert_null(take(fx));
}

/* Queued by another version, or damaged: it ends, and says why; it is not taken again and again. */
static void test_not_understood(void **state)
{
	static const struct {
		const char *name, *params, *words;
	} cases[] = {
		{"clean-upp", NULL, "there is no job \"clean-upp\"; did you mean \"clean-up\"?"},
		{"clean-up", "{\"parallel\":4}", "\"parallel\" is none that this version of Zync understands"},
		{"clean-up", "{broken", "\"(all)\" is none that this version"},
		{"clean-up", "{\"strict\":true}", "the job clean-up takes no --strict"},
		{"delete-zabbix-host", "{\"hard\":true}", "needs exactly one host, not 0"},
	};
	struct fixture *fx = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const struct zync_job *job;
		struct zync_job after;

		queue(fx, cases[i].name, cases[i].params, 0);
		job = take(fx);
		assert_non_null(job);
		assert_int_equal(zync_job_run_taken(&fx->app, job, &fx->err), ZYNC_ERR_INVALID);
		expect_words(fx->err.message, cases[i].words);
		after = job_of(fx, job->job_id);
		assert_string_equal(after.status, "errored");
		expect_words(after.error, cases[i].words);
		assert_int_equal(fx->app.slot, 0);
		assert_null(take(fx));
	}
	assert_int_equal(number(fx, "SELECT count(*) FROM event WHERE kind = 'job' AND state = 'errored' AND user_name = 'cron'"),
			 ZYNC_ARRAY_LEN(cases));
}

/* Every so many minutes, whether it went well or not. */
static void test_recurring(void **state)
{
	static const struct {
		const char *params, *status;
	} cases[] = {{NULL, "completed"}, {"{\"parallel\":4}", "errored"}};
	struct fixture *fx = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		int64_t before = zync_clock_now_ms();
		const struct zync_job *job;
		enum zync_status status;

		sql(fx, "DELETE FROM job");
		queue(fx, "clean-up", cases[i].params, 5);
		job = take(fx);
		assert_non_null(job);
		status = zync_job_run_taken(&fx->app, job, &fx->err);
		assert_int_equal(status == ZYNC_OK, zync_str_eq(cases[i].status, "completed"));
		assert_string_equal(job_of(fx, job->job_id).status, cases[i].status);
		assert_int_equal(
			number(fx, "SELECT count(*) FROM job WHERE status = 'scheduled' AND name = 'clean-up' AND interval_min = 5"), 1);
		assert_in_range(number(fx, "SELECT run_at FROM job WHERE status = 'scheduled'"), (uint64_t)before + 4 * 60000,
				(uint64_t)before + 6 * 60000);
		if (cases[i].params != NULL)
			assert_int_equal(number(fx, "SELECT count(*) FROM job WHERE status = 'scheduled' AND params = '{\"parallel\":4}'"),
					 1);
		assert_null(take(fx)); /* not yet */
	}
}

/* Asked for at once: it does not come again, and is bound by no queue. */
static void test_run_now(void **state)
{
	struct fixture *fx = *state;
	const struct zync_job_type *type = NULL;
	const char *json = NULL;

	OK(fx, zync_job_type_find("clean-up", &type, &fx->err));
	queue(fx, "clean-up", NULL, 0);
	OK(fx, zync_job_run_now(&fx->app, &(struct zync_job_call){.type = type, .params = {.older_than_min = -1}, .user = "adam"},
				fx->arena, &json, NULL, &fx->err));
	assert_non_null(json);
	assert_int_equal(number(fx, "SELECT count(*) FROM job WHERE status = 'pending'"), 1);
	assert_int_equal(number(fx, "SELECT count(*) FROM job WHERE status = 'completed' AND user_name = 'adam' AND params = '{}'"), 1);
	/* What it does not take is no job at all. */
	assert_int_equal(zync_job_run_now(&fx->app, &(struct zync_job_call){.type = type, .params = {.strict = true, .older_than_min = -1}},
					  fx->arena, &json, NULL, &fx->err),
			 ZYNC_ERR_INVALID);
	assert_int_equal(number(fx, "SELECT count(*) FROM job"), 2);
}

/* Repeating a job: the same parameters, or only the hosts that failed; by whoever repeats it. */
static void test_retry(void **state)
{
	struct fixture *fx = *state;
	struct zync_job_call call = {0};

	sql(fx, "INSERT INTO job (job_id, name, status, user_name, created, params, data) VALUES"
		" ('aaa1', 'sync-hosts-now', 'completed', 'adam', 1, '{\"hosts\":[\"x\",\"y\"],\"strict\":true}',"
		"  '{\"failures\":[{\"type\":\"device\",\"id\":17},{\"type\":null,\"id\":1},{\"type\":\"vm\",\"id\":3}]}'),"
		" ('aaa2', 'sync-hosts-now', 'completed', 'adam', 1, NULL, '{\"failures\":[]}'), ('bbb', 'pull', 'errored', 'adam', 1, "
		"NULL, NULL),"
		" ('ccc', 'sync-hosts-now', 'pending', 'adam', 1, NULL, NULL)");
	OK(fx, zync_job_retry_call(&fx->app, "aaa1", false, fx->arena, &call, &fx->err));
	assert_true(call.params.strict && call.params.host_count == 2 && call.user == NULL && call.request_id == NULL);
	assert_string_equal(call.retry_of, "aaa1");
	OK(fx, zync_job_retry_call(&fx->app, "aaa1", true, fx->arena, &call, &fx->err));
	assert_true(call.params.strict && call.params.host_count == 2);
	assert_string_equal(call.params.hosts[0], "device:17");
	assert_string_equal(call.params.hosts[1], "vm:3");
	assert_int_equal(zync_job_retry_call(&fx->app, "aaa2", true, fx->arena, &call, &fx->err), ZYNC_ERR_INVALID);
	expect_words(fx->err.message, "no host failed in job aaa2");
	assert_int_equal(zync_job_retry_call(&fx->app, "bbb", true, fx->arena, &call, &fx->err), ZYNC_ERR_INVALID);
	assert_int_equal(zync_job_retry_call(&fx->app, "ccc", false, fx->arena, &call, &fx->err), ZYNC_ERR_CONFLICT);
	assert_int_equal(zync_job_retry_call(&fx->app, "aaa", false, fx->arena, &call, &fx->err), ZYNC_ERR_INVALID);
	assert_int_equal(zync_job_retry_call(&fx->app, "", false, fx->arena, &call, &fx->err), ZYNC_ERR_NOT_FOUND);
	assert_int_equal(zync_job_retry_call(&fx->app, "zzz", false, fx->arena, &call, &fx->err), ZYNC_ERR_NOT_FOUND);
}

const struct CMUnitTest queue_tests[] = {
	TEST(test_nothing), TEST(test_taken), TEST(test_not_understood), TEST(test_recurring), TEST(test_run_now), TEST(test_retry),
};
const size_t queue_tests_len = ZYNC_ARRAY_LEN(queue_tests);
