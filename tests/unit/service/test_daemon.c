/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon with real workers on a real store: jobs that need no server complete, jobs that need one wait for a server that never answers. */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "service_test.h"

/* Well below the time-out of a call, well above what a busy machine needs. */
#define STOP_MS 10000

static void start(struct fixture *fx, const char *more)
{
	char path[100];

	if (more != NULL)
		write_config(fx, more);
	if (fx->app == NULL)
		open_app(fx);
	(void)snprintf(path, sizeof(path), "%s/notify", fx->folder);
	manager_listen(fx, path);
	daemon_start(fx);
	assert_true(manager_hears(fx, "READY=1"));
}

static void reload(struct fixture *fx)
{
	zync_daemon_reload(fx->daemon);
	assert_true(manager_hears(fx, "RELOADING=1\nMONOTONIC_USEC="));
	assert_true(manager_hears(fx, "READY=1"));
}

static void test_idle(void **state)
{
	struct fixture *fx = *state;

	start(fx, "");
	assert_string_equal(fx->heard, "READY=1\nSTATUS=idle");
	assert_true(daemon_stop(fx) < STOP_MS);
	assert_true(manager_hears(fx, "STOPPING=1"));
}

/* Opened and closed without having run; and what cannot be opened. */
static void test_open(void **state)
{
	struct fixture *fx = *state;

	OK(fx, zync_daemon_open(&fx->params, &fx->daemon, &fx->err));
	zync_daemon_close(fx->daemon);
	fx->daemon = NULL;
	write_config(fx, "nonsense: 1\n");
	assert_int_equal(zync_daemon_open(&fx->params, &fx->daemon, &fx->err), ZYNC_ERR_INVALID);
	assert_null(fx->daemon);
	assert_non_null(strstr(fx->err.message, "nonsense"));
}

/* A stop that comes before the start ends it at once. */
static void test_stop_first(void **state)
{
	struct fixture *fx = *state;

	OK(fx, zync_daemon_open(&fx->params, &fx->daemon, &fx->err));
	zync_daemon_stop(fx->daemon);
	OK(fx, zync_daemon_run(fx->daemon, "0.0.0", &fx->err));
}

/* Many jobs on many workers: each runs once, and each has its event. */
static void test_many(void **state)
{
	static const char *const NAMES[] = {"clean-up", "sync-hosts-now", "host-config-sync-refresh"};
	struct fixture *fx = *state;
	const char *ids[8][ZYNC_ARRAY_LEN(NAMES)];

	start(fx, "service: {workers: 4, refresh_every: 0, import_every: 0, clean_up_every: 0}\n");
	for (size_t round = 0; round < ZYNC_ARRAY_LEN(ids); round++) {
		for (size_t i = 0; i < ZYNC_ARRAY_LEN(NAMES); i++)
			ids[round][i] = queue(fx, NAMES[i], "eve", 0, 0);
		for (size_t i = 0; i < ZYNC_ARRAY_LEN(NAMES); i++) {
			const struct zync_job *job = wait_for(fx, ids[round][i], "completed");
			struct zync_event_filter filter = {.job_id = job->job_id, .kind = "job", .limit = 10};
			struct zync_event *events = NULL;
			size_t count = 0;

			assert_string_equal(job->user, "eve");
			OK(fx, zync_store_events(fx->app->store, &filter, fx->arena, &events, &count, &fx->err));
			assert_int_equal(count, 1);
			assert_string_equal(events->state, "completed");
		}
	}
	assert_true(daemon_stop(fx) < STOP_MS);
}

/* A stop in the middle of calls: the jobs fail with the reason, what waits stays queued. */
static void test_stop_in_a_job(void **state)
{
	struct fixture *fx = *state;
	const char *pull;
	const char *import;
	const char *waits;

	start(fx, "");
	pull = queue(fx, "pull", "eve", 0, 0);
	import = queue(fx, "import-zabbix-settings", "eve", 0, 0);
	(void)wait_for(fx, pull, "running");
	(void)wait_for(fx, import, "running");
	assert_true(manager_hears(fx, "STATUS=running 2 jobs"));
	waits = queue(fx, "clean-up", "eve", 0, 0);
	assert_true(daemon_stop(fx) < STOP_MS);
	assert_true(manager_hears(fx, "STOPPING=1\nSTATUS=stopping, running 2 jobs"));
	assert_non_null(strstr(job_of(fx, pull)->error, "the service was stopped"));
	assert_string_equal(job_of(fx, pull)->status, "failed");
	assert_string_equal(job_of(fx, import)->status, "failed");
	assert_string_equal(job_of(fx, waits)->status, "pending");
}

/* A job whose process died is ended at the start. */
static void test_interrupted(void **state)
{
	struct fixture *fx = *state;
	struct zync_app *dead = NULL;
	struct zync_job *job = NULL;
	const char *clean_up;

	open_app(fx);
	clean_up = queue(fx, "clean-up", "eve", 0, 0);
	OK(fx, zync_app_open(&fx->params, &dead, &fx->err));
	OK(fx, zync_job_take_next(dead, fx->arena, &job, &fx->err));
	zync_app_close(dead);
	assert_string_equal(job_of(fx, clean_up)->status, "running");
	start(fx, NULL);
	assert_string_equal(job_of(fx, clean_up)->status, "errored");
	assert_non_null(strstr(job_of(fx, clean_up)->error, "interrupted"));
	(void)wait_for(fx, queue(fx, "clean-up", "eve", 0, 0), "completed");
}

static void test_reload(void **state)
{
	struct fixture *fx = *state;

	start(fx, "");
	write_config(fx, "service: {workers: 3, refresh_every: 0, import_every: 0, clean_up_every: 30m}\n");
	reload(fx);
	/* It is taken at once, and when it has ended there is the next turn. */
	assert_int_equal(wait_for_one(fx, "clean-up", "scheduled")->interval_min, 30);
	(void)one_job(fx, "clean-up", "completed");
	write_config(fx, "");
	reload(fx);
	assert_string_equal(one_job(fx, "clean-up", "failed")->user, "service"); /* the next turn: cancelled */
	assert_true(daemon_stop(fx) < STOP_MS);
}

/* A configuration that is wrong, or that wants another store, changes nothing. */
static void test_reload_refused(void **state)
{
	static const char *const BAD[] = {
		"service: {workers: none}\n",
		"service: {clean_up_every: 30m}\nstore: sqlite:%s/other.db\n",
		"service: {clean_up_every: 30m}\nkey_file: %s/other.key\n",
	};
	struct fixture *fx = *state;
	struct zync_job *found = NULL;
	char text[512];

	start(fx, "");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(BAD); i++) {
		char *at;

		(void)snprintf(text, sizeof(text), "%s", BAD[i]);
		at = strstr(text, "%s");
		if (at != NULL)
			(void)snprintf(at, sizeof(text) - (size_t)(at - text), "%s%s", fx->folder, strstr(BAD[i], "%s") + 2);
		write_config(fx, text);
		reload(fx);
		assert_int_equal(jobs(fx, "clean-up", NULL, &found), i);
		(void)wait_for(fx, queue(fx, "clean-up", "eve", 0, 0), "completed");
	}
	(void)snprintf(text, sizeof(text), "%s/other.db", fx->folder);
	assert_int_not_equal(access(text, F_OK), 0);
	(void)snprintf(text, sizeof(text), "%s/other.key", fx->folder);
	assert_int_not_equal(access(text, F_OK), 0);
}

/* What runs at a reload goes on, is taken for dead by nobody, and is stopped with the rest. */
static void test_reload_in_a_job(void **state)
{
	struct fixture *fx = *state;
	const char *pull;
	uint64_t interrupted = 99;

	start(fx, "");
	pull = queue(fx, "pull", "eve", 0, 0);
	(void)wait_for(fx, pull, "running");
	for (unsigned i = 0; i < 3; i++)
		reload(fx);
	assert_non_null(strstr(fx->heard, "STATUS=running 1 job"));
	(void)wait_for(fx, queue(fx, "clean-up", "eve", 0, 0), "completed");
	OK(fx, zync_store_jobs_interrupt(fx->app->store, zync_clock_now_ms(), &interrupted, &fx->err));
	assert_int_equal(interrupted, 0);
	assert_string_equal(job_of(fx, pull)->status, "running");
	assert_true(daemon_stop(fx) < STOP_MS);
	assert_non_null(strstr(job_of(fx, pull)->error, "the service was stopped"));
}

static void test_watchdog(void **state)
{
	struct fixture *fx = *state;
	int64_t begun;

	assert_int_equal(setenv("WATCHDOG_USEC", "200000", 1), 0);
	start(fx, "");
	assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
	begun = zync_clock_mono_ms();
	for (unsigned i = 0; i < 5; i++)
		assert_true(manager_hears(fx, "WATCHDOG=1"));
	assert_in_range(zync_clock_mono_ms() - begun, 300, 5000);
}

/* Two daemons share one queue. */
static void test_two(void **state)
{
	struct fixture *fx = *state;
	struct fixture second = {.params = fx->params, .manager = -1};
	struct zync_job *found = NULL;

	start(fx, "service: {workers: 2, refresh_every: 0, import_every: 0, clean_up_every: 1m}\n");
	daemon_start(&second);
	for (unsigned i = 0; i < 10; i++)
		(void)wait_for(fx, queue(fx, "host-config-sync-refresh", "eve", 0, 0), "completed");
	assert_true(daemon_stop(&second) < STOP_MS);
	assert_true(daemon_stop(fx) < STOP_MS);
	zync_daemon_close(second.daemon);
	assert_int_equal(jobs(fx, "host-config-sync-refresh", "completed", &found), 10);
	(void)one_job(fx, "clean-up", "completed");
	(void)one_job(fx, "clean-up", "scheduled");
}

TEST_GROUP(group_daemon, TEST(test_open), TEST(test_idle), TEST(test_stop_first), TEST(test_many), TEST(test_stop_in_a_job),
	   TEST(test_interrupted), TEST(test_reload), TEST(test_reload_refused), TEST(test_reload_in_a_job), TEST(test_watchdog),
	   TEST(test_two));
