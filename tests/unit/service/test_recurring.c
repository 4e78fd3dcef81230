/* SPDX-License-Identifier: Apache-2.0 */
/* The recurring jobs of the configuration against what the queue holds already. */
#include "base/clock.h"
#include "service_test.h"

#define MINUTE ((int64_t)60000)

static bool align(struct fixture *fx)
{
	bool later = true;

	OK(fx, zync_recurring_align(fx->app, zync_clock_now_ms(), /* tell= */ true, &later, &fx->err));
	return later;
}

/* Nothing recurs but clean-up, every so many minutes. */
static void clean_up_every(struct fixture *fx, int64_t minutes)
{
	if (fx->app == NULL)
		open_app(fx);
	fx->app->config->service.clean_up_every_ms = minutes * MINUTE;
}

/* Take the job that is due, as a worker does. */
static const struct zync_job *take(struct fixture *fx)
{
	struct zync_job *job = NULL;

	OK(fx, zync_job_take_next(fx->app, fx->arena, &job, &fx->err));
	assert_non_null(job);
	return job;
}

/* Each kind that has an interval is queued to run at once; nothing more happens when it is there. */
static void test_first_start(void **state)
{
	static const char *const NAMES[] = {"sync-hosts-now", "pull", "host-config-sync-refresh", "import-zabbix-settings", "clean-up"};
	struct fixture *fx = *state;
	struct zync_job *found = NULL;

	write_config(
		fx,
		"service: {sync_every: 1m, pull_every: 2m, refresh_every: 3m, import_every: 4m, clean_up_every: 5m, job_timeout: 9m}\n");
	open_app(fx);
	for (unsigned round = 0; round < 2; round++) {
		assert_false(align(fx));
		assert_int_equal(jobs(fx, NULL, NULL, &found), ZYNC_ARRAY_LEN(NAMES));
		for (size_t i = 0; i < ZYNC_ARRAY_LEN(NAMES); i++) {
			const struct zync_job *job = one_job(fx, NAMES[i], "pending");

			assert_int_equal(job->interval_min, i + 1);
			assert_int_equal(job->timeout_ms, 9 * MINUTE);
			assert_string_equal(job->user, "service");
		}
	}
}

static void test_no_interval(void **state)
{
	struct fixture *fx = *state;
	struct zync_job *found = NULL;

	open_app(fx);
	assert_false(align(fx));
	assert_int_equal(jobs(fx, NULL, NULL, &found), 0);
}

/* What completed within the interval, whoever asked for it, counts as a turn; what did so earlier, or not at all, does not. */
static void test_last_turn(void **state)
{
	struct fixture *fx = *state;
	const struct zync_job *done;
	const struct zync_job *next;
	struct zync_job_call call = {.params = {.older_than_min = -1}, .user = "eve"};
	bool later = true;

	clean_up_every(fx, 30);
	OK(fx, zync_job_type_find("clean-up", &call.type, &fx->err));
	OK(fx, zync_job_run_now(fx->app, &call, fx->arena, NULL, NULL, &fx->err));
	done = one_job(fx, "clean-up", "completed");
	assert_false(align(fx));
	next = one_job(fx, "clean-up", "scheduled");
	assert_int_equal(next->run_at, done->started + 30 * MINUTE);
	OK(fx, zync_job_cancel(fx->app, next->job_id, "eve", NULL, fx->arena, &(const char *){NULL}, &fx->err));
	/* Half an hour later */
	OK(fx, zync_recurring_align(fx->app, done->started + 30 * MINUTE, true, &later, &fx->err));
	assert_false(later);
	(void)one_job(fx, "clean-up", "pending");
}

/* A schedule that was missed is due at once, and the row is the same: it runs once. */
static void test_missed(void **state)
{
	struct fixture *fx = *state;
	const struct zync_job *before;

	clean_up_every(fx, 1);
	assert_false(align(fx));
	before = one_job(fx, "clean-up", NULL);
	assert_false(align(fx));
	assert_string_equal(one_job(fx, "clean-up", NULL)->job_id, before->job_id);
	assert_string_equal(take(fx)->job_id, before->job_id);
}

static void test_changed(void **state)
{
	struct fixture *fx = *state;

	clean_up_every(fx, 30);
	assert_false(align(fx));
	clean_up_every(fx, 45);
	assert_false(align(fx));
	assert_int_equal(one_job(fx, "clean-up", "pending")->interval_min, 45);
	fx->app->config->service.job_timeout_ms = 7 * MINUTE;
	assert_false(align(fx));
	assert_int_equal(one_job(fx, "clean-up", "pending")->timeout_ms, 7 * MINUTE);
}

static void test_switched_off(void **state)
{
	struct fixture *fx = *state;

	clean_up_every(fx, 30);
	assert_false(align(fx));
	clean_up_every(fx, 0);
	assert_false(align(fx));
	assert_non_null(strstr(one_job(fx, "clean-up", "failed")->error, "service"));
	assert_false(align(fx));
	(void)one_job(fx, "clean-up", NULL);
}

/* A turn that runs is left alone; what it schedules when it ends is then brought in line. */
static void test_while_running(void **state)
{
	struct fixture *fx = *state;
	const struct zync_job *running;

	clean_up_every(fx, 30);
	assert_false(align(fx));
	running = take(fx);
	assert_false(align(fx));
	clean_up_every(fx, 45);
	assert_true(align(fx));
	(void)one_job(fx, "clean-up", NULL);
	OK(fx, zync_job_run_taken(fx->app, running, &fx->err));
	assert_int_equal(one_job(fx, "clean-up", "scheduled")->interval_min, 30);
	assert_false(align(fx));
	assert_int_equal(one_job(fx, "clean-up", "scheduled")->interval_min, 45);
}

static void test_switched_off_while_running(void **state)
{
	struct fixture *fx = *state;
	const struct zync_job *running;
	struct zync_job *found = NULL;

	clean_up_every(fx, 30);
	assert_false(align(fx));
	running = take(fx);
	clean_up_every(fx, 0);
	assert_true(align(fx));
	OK(fx, zync_job_run_taken(fx->app, running, &fx->err));
	(void)one_job(fx, "clean-up", "completed");
	assert_false(align(fx));
	assert_int_equal(jobs(fx, "clean-up", "scheduled", &found), 0);
	(void)one_job(fx, "clean-up", "failed");
}

/* What a person queued to recur stays, whatever the configuration says. */
static void test_of_a_person(void **state)
{
	struct fixture *fx = *state;
	const char *theirs;

	open_app(fx);
	theirs = queue(fx, "clean-up", "eve", zync_clock_now_ms() + MINUTE, 10);
	clean_up_every(fx, 30);
	assert_false(align(fx));
	assert_string_equal(one_job(fx, "clean-up", NULL)->job_id, theirs);
	assert_int_equal(job_of(fx, theirs)->interval_min, 10);
	clean_up_every(fx, 0);
	assert_false(align(fx));
	assert_string_equal(job_of(fx, theirs)->status, "scheduled");
}

/* One that runs once and waits already is this turn: the schedule begins with the next. */
static void test_once_in_the_way(void **state)
{
	struct fixture *fx = *state;
	const char *once;
	int64_t before = zync_clock_now_ms();

	open_app(fx);
	once = queue(fx, "clean-up", "eve", 0, 0);
	clean_up_every(fx, 30);
	assert_false(align(fx));
	assert_string_equal(one_job(fx, "clean-up", "pending")->job_id, once);
	assert_int_equal(job_of(fx, once)->interval_min, 0);
	assert_int_equal(one_job(fx, "clean-up", "scheduled")->interval_min, 30);
	assert_true(one_job(fx, "clean-up", "scheduled")->run_at >= before + 30 * MINUTE);
}

/* A job over some hosts is another one than that over all. */
static void test_of_some_hosts(void **state)
{
	struct fixture *fx = *state;
	struct zync_job_call call = {.params = {.hosts = (const char *const[]){"sw1"}, .host_count = 1, .older_than_min = -1},
				     .user = "eve"};
	struct zync_job_schedule schedule = {.interval_min = 10};
	const char *json = NULL;
	struct zync_job *found = NULL;

	open_app(fx);
	OK(fx, zync_job_type_find("sync-hosts-now", &call.type, &fx->err));
	OK(fx, zync_job_enqueue(fx->app, &call, &schedule, fx->arena, &json, &fx->err));
	fx->app->config->service.sync_every_ms = 30 * MINUTE;
	assert_false(align(fx));
	assert_int_equal(jobs(fx, "sync-hosts-now", "pending", &found), 2);
	assert_int_equal(found[0].interval_min + found[1].interval_min, 40);
}

TEST_GROUP(group_recurring, TEST(test_first_start), TEST(test_no_interval), TEST(test_last_turn), TEST(test_missed), TEST(test_changed),
	   TEST(test_switched_off), TEST(test_while_running), TEST(test_switched_off_while_running), TEST(test_of_a_person),
	   TEST(test_once_in_the_way), TEST(test_of_some_hosts));
