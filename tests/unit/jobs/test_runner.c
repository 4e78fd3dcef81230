/* SPDX-License-Identifier: Apache-2.0 */
/* The runner with bodies made for the purpose: each way a job ends, what is recorded and what is not. */
#include "jobs_test.h"

#include "base/clock.h"
#include "store/undo.h"

/* What a body shall do: stage a host config with its event and change, then end so. */
struct body {
	enum zync_status end;
	bool cancel;
	bool log;
	unsigned *runs; /* may be NULL */
};

static enum zync_status body_stage(struct zync_run *run, struct zync_err *err)
{
	struct zync_work work = {.is_new = true,
				 .object_type = "device",
				 .object_id = 1,
				 .name = "sw1",
				 .server = "zabbix",
				 .state = "monitored",
				 .desired = "{}",
				 .digest = "d"};
	struct zync_work_result result = {.outcome = ZYNC_WORK_SYNCED, .hostid = 101, .applied = true};
	struct zync_event event = {
		.time = 1, .job_id = run->job_id, .name = "sw1", .kind = "host", .action = "create", .state = "completed", .hostid = 101};
	struct zync_change_row change = {.time = 1,
					 .job_id = run->job_id,
					 .host_config_pk = 1,
					 .object_type = "device",
					 .object_id = 1,
					 .name = "sw1",
					 .action = "create"};
	uint64_t seq = 0;

	ZYNC_TRY(zync_store_work_add(run->app->store, &work, &seq, err));
	ZYNC_TRY(zync_store_work_settle(run->app->store, !run->dry, NULL, err));
	ZYNC_TRY(zync_store_work_set_result(run->app->store, seq, &result, err));
	ZYNC_TRY(zync_store_work_add_event(run->app->store, &event, err));
	return zync_store_work_add_change(run->app->store, &change, err);
}

static enum zync_status body_run(struct zync_run *run, const void *ctx, struct zync_err *err)
{
	const struct body *body = ctx;

	if (body->runs != NULL)
		(*body->runs)++;
	ZYNC_TRY(zync_run_progress(run, "pull", 0, 0, err));
	ZYNC_TRY(body_stage(run, err));
	run->summary.total = 3;
	run->summary.updated = 2;
	run->summary.failed = 1;
	if (body->log)
		zync_log_error("[1/3] Failed to update host sw1 (pk=1): token-that-must-not-show");
	if (body->cancel)
		zync_app_stop(run->app, "cancelled by a test");
	ZYNC_TRY(zync_run_progress(run, "apply", 1, 3, err));
	if (body->end != ZYNC_OK)
		return zync_err_set(err, body->end, "the reason, with token-that-must-not-show");
	return zync_run_summary_json(run, "completed", &run->data, err);
}

static enum zync_status run_body(struct fixture *fx, struct body *body, bool dry, struct zync_sync_summary *summary, const char **data)
{
	struct zync_run_spec spec = {.name = "test-job", .params = "{\"p\":1}", .dry = dry, .body = body_run, .ctx = body};

	return zync_runner_run(&fx->app, &spec, fx->arena, data, summary, &fx->err);
}

static void test_completed(void **state)
{
	struct fixture *fx = *state;
	struct zync_sync_summary summary = {0};
	const char *data = NULL;
	struct zync_job job;
	struct zync_event event;

	if (run_body(fx, &(struct body){.end = ZYNC_OK}, false, &summary, &data) != ZYNC_OK)
		fail_msg("%s", fx->err.message);
	job = last_job(fx);
	event = job_event(fx);
	assert_string_equal(job.status, "completed");
	assert_string_equal(job.name, "test-job");
	assert_string_equal(job.user, "eve");
	assert_string_equal(job.request_id, "request-1");
	assert_string_equal(job.params, "{\"p\":1}");
	assert_string_equal(job.data, data);
	assert_null(job.error);
	assert_true(job.completed >= job.started && job.started > 0);
	assert_string_equal(job.job_id, summary.job_id);
	assert_string_equal(summary.message, "Sync complete: 2/3 hosts updated, 1 failed.");
	assert_non_null(strstr(data, "\"status\":\"completed\""));
	assert_non_null(strstr(data, "\"total\":3,\"updated\":2,\"failed\":1,\"message\":\"Sync complete: 2/3 hosts updated, 1 failed.\""));
	assert_non_null(strstr(data, "\"failures\":[]"));
	assert_string_equal(event.state, "completed");
	assert_string_equal(event.message, summary.message);
	assert_null(event.exception);
	assert_string_equal(event.user, "eve");
	assert_int_equal(number(fx, "SELECT count(*) FROM host_config WHERE hostid = 101"), 1);
	assert_int_equal(number(fx, "SELECT count(*) FROM change"), 1);
	assert_int_equal(number(fx, "SELECT count(*) FROM event"), 2);
	assert_string_equal(fx->phases, "pull apply record ");
}

/* Nothing of a failed job is recorded but the job, its log and its events. */
static void check_undone(struct fixture *fx, const char *status, const char *exception)
{
	struct zync_job job = last_job(fx);
	struct zync_event event = job_event(fx);

	assert_string_equal(job.status, status);
	assert_string_equal(event.state, status);
	assert_string_equal(event.exception, exception);
	assert_non_null(job.error);
	assert_true(job.completed > 0);
	assert_non_null(job.data);
	assert_non_null(strstr(job.data, status));
	assert_null(strstr(job.data, "completed"));
	assert_int_equal(number(fx, "SELECT count(*) FROM host_config"), 0);
	assert_int_equal(number(fx, "SELECT count(*) FROM host_state"), 0);
	assert_int_equal(number(fx, "SELECT count(*) FROM change"), 0);
	assert_int_equal(number(fx, "SELECT count(*) FROM event WHERE kind = 'host'"), 1); /* what was written in Zabbix is told */
	assert_int_equal(number(fx, "SELECT count(*) FROM work"), 0);
}

static void test_failures(void **state)
{
	static const struct {
		enum zync_status end;
		const char *status;
	} ENDS[] = {
		{ZYNC_ERR_UNREACHABLE, "errored"}, {ZYNC_ERR_AUTH, "errored"},	{ZYNC_ERR_NOMEM, "errored"},	{ZYNC_ERR_STORE, "errored"},
		{ZYNC_ERR_INVALID, "errored"},	   {ZYNC_ERR_SAFETY, "failed"}, {ZYNC_ERR_CANCELLED, "failed"},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(ENDS); i++) {
		struct fixture *fx;
		struct zync_sync_summary summary = {0};
		const char *data = NULL;

		assert_int_equal(setup(state), 0);
		fx = *state;
		assert_int_equal(zync_log_add_secret("token-that-must-not-show", &fx->err), ZYNC_OK);
		assert_int_equal(run_body(fx, &(struct body){.end = ENDS[i].end, .log = true}, false, &summary, &data), ENDS[i].end);
		assert_non_null(strstr(fx->err.message, "the reason"));
		check_undone(fx, ENDS[i].status, zync_status_name(ENDS[i].end));
		assert_string_equal(last_job(fx).error, "the reason, with ***");
		assert_int_equal(number(fx, "SELECT count(*) FROM job_log WHERE message = '[1/3] Failed to update host sw1 (pk=1): ***' "
					    "AND level = 'error'"),
				 1);
		assert_int_equal(number(fx, "SELECT count(*) FROM job_log WHERE message LIKE '%must-not-show%'"), 0);
		assert_int_equal(summary.total, 3); /* how far it came */
		assert_non_null(data);
		assert_int_equal(teardown(state), 0);
	}
}

/* Cancelled from outside: the next sign of progress ends the run. */
static void test_cancelled(void **state)
{
	struct fixture *fx = *state;
	struct body body = {.cancel = true};

	assert_int_equal(run_body(fx, &body, false, NULL, NULL), ZYNC_ERR_CANCELLED);
	check_undone(fx, "failed", "cancelled");
	assert_int_equal(fx->err.disposition, ZYNC_DISPOSITION_CANCELLED);
	assert_non_null(strstr(fx->err.message, "cancelled by a test; what it wrote to Zabbix stays there"));
}

/* The body is good and the commit is not: the job errored, and nothing of it is there. */
static void test_commit_fails(void **state)
{
	struct fixture *fx = *state;
	struct zync_sync_summary summary = {0};
	const char *data = NULL;

	assert_int_equal(zync_db_script(fx->app.store->db,
					"CREATE TRIGGER bad BEFORE INSERT ON change BEGIN SELECT RAISE(ABORT, 'no room'); END", &fx->err),
			 ZYNC_OK);
	assert_int_equal(run_body(fx, &(struct body){.end = ZYNC_OK}, false, &summary, &data), ZYNC_ERR_STORE);
	assert_non_null(strstr(fx->err.message, "no room"));
	check_undone(fx, "errored", "store");
	assert_non_null(strstr(data, "\"status\":\"errored\""));
}

/* Not even the end can be recorded: the failure is the first one, and the job stays running for the next start to see. */
static void test_end_fails(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(zync_db_script(fx->app.store->db,
					"CREATE TRIGGER bad BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no event'); END", &fx->err),
			 ZYNC_OK);
	zync_log_set_level(ZYNC_LOG_ERROR);
	assert_int_equal(run_body(fx, &(struct body){.end = ZYNC_ERR_UNREACHABLE}, false, NULL, NULL), ZYNC_ERR_UNREACHABLE);
	assert_non_null(strstr(fx->err.message, "the reason"));
	assert_int_equal(number(fx, "SELECT count(*) FROM host_config"), 0);
	assert_string_equal(last_job(fx).status, "running");
}

static void test_start_fails(void **state)
{
	struct fixture *fx = *state;
	unsigned runs = 0;
	struct body body = {.end = ZYNC_OK, .runs = &runs};

	assert_int_equal(zync_db_script(fx->app.store->db,
					"CREATE TRIGGER bad BEFORE INSERT ON job BEGIN SELECT RAISE(ABORT, 'no job'); END", &fx->err),
			 ZYNC_OK);
	assert_int_equal(run_body(fx, &body, false, NULL, NULL), ZYNC_ERR_STORE);
	assert_int_equal(runs, 0);
}

static void test_dry(void **state)
{
	struct fixture *fx = *state;
	const char *data = NULL;

	assert_int_equal(run_body(fx, &(struct body){.end = ZYNC_OK}, true, NULL, &data), ZYNC_OK);
	assert_non_null(data);
	assert_int_equal(number(fx, "SELECT (SELECT count(*) FROM job) + (SELECT count(*) FROM event) + (SELECT count(*) FROM host_config) "
				    "+ (SELECT count(*) FROM job_log)"),
			 0);
	assert_int_equal(number(fx, "SELECT next FROM sequence"), 1);
	assert_int_equal(run_body(fx, &(struct body){.end = ZYNC_ERR_UNREACHABLE}, true, NULL, &data), ZYNC_ERR_UNREACHABLE);
	assert_int_equal(number(fx, "SELECT count(*) FROM job"), 0);
}

/* Two jobs one after the other on one connection share nothing. */
static void test_two_jobs(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(run_body(fx, &(struct body){.end = ZYNC_ERR_UNREACHABLE}, false, NULL, NULL), ZYNC_ERR_UNREACHABLE);
	assert_int_equal(run_body(fx, &(struct body){.end = ZYNC_OK}, false, NULL, NULL), ZYNC_OK);
	assert_int_equal(number(fx, "SELECT count(*) FROM job"), 2);
	assert_int_equal(number(fx, "SELECT count(DISTINCT job_id) FROM job"), 2);
	assert_int_equal(number(fx, "SELECT count(*) FROM change"), 1);
	assert_int_equal(number(fx, "SELECT count(*) FROM host_config"), 1);
}

/* ---- stopped from outside ---- */

/* A body that works until it hears that it shall stop, or for ten seconds. */
struct endless {
	const char *cancel; /* ask for it through the job's row, as another process does; NULL: not */
	bool strict;
	bool linger; /* until its time-out is over, too */
	int64_t took;
};

static enum zync_status endless_run(struct zync_run *run, const void *ctx, struct zync_err *err)
{
	struct endless *endless = *(struct endless *const *)ctx;
	int64_t start = zync_clock_mono_ms();
	enum zync_status status = ZYNC_OK;

	run->strict = endless->strict;
	ZYNC_TRY(body_stage(run, err));
	if (endless->cancel != NULL) {
		enum zync_cancelled outcome;

		ZYNC_TRY(zync_store_job_cancel(run->app->store, run->job_id, endless->cancel, "mallory", "r2", zync_clock_now_ms(),
					       &outcome, err));
		assert_int_equal(outcome, ZYNC_CANCEL_ASKED);
	}
	while (status == ZYNC_OK && zync_clock_mono_ms() - start < 10000) {
		status = zync_run_progress(run, "apply", 1, 3, err);
		(void)zync_clock_sleep_ms(5);
	}
	endless->took = zync_clock_mono_ms() - start;
	while (endless->linger && !zync_app_is_late(run->app))
		(void)zync_clock_sleep_ms(5);
	return status;
}

static enum zync_status run_endless(struct fixture *fx, struct endless *endless, int64_t timeout_ms)
{
	struct zync_run_spec spec = {.name = "test-job", .timeout_ms = timeout_ms, .body = endless_run, .ctx = &endless};

	return zync_runner_run(&fx->app, &spec, fx->arena, NULL, NULL, &fx->err);
}

static void test_time_out(void **state)
{
	struct fixture *fx = *state;
	struct endless endless = {0};

	assert_int_equal(run_endless(fx, &endless, 300), ZYNC_ERR_CANCELLED);
	assert_in_range(endless.took, 250, 5000);
	check_undone(fx, "errored", "cancelled");
	expect_words(last_job(fx).error, "its time-out of 300 ms was over; what it wrote to Zabbix stays there");
	assert_int_equal(number(fx, "SELECT timeout_ms FROM job"), 300);
	/* The next one has no deadline of its own. */
	assert_int_equal(fx->app.deadline, 0);
	assert_int_equal(run_body(fx, &(struct body){.end = ZYNC_OK}, false, NULL, NULL), ZYNC_OK);
}

/* `zync job cancel` in another process writes a word into the job's row. */
static void test_cancelled_by_row(void **state)
{
	struct fixture *fx = *state;
	struct endless endless = {.cancel = "cancelled by mallory"};

	assert_int_equal(run_endless(fx, &endless, 0), ZYNC_ERR_CANCELLED);
	assert_in_range(endless.took, 0, 3000);
	check_undone(fx, "failed", "cancelled");
	expect_words(last_job(fx).error, "cancelled by mallory; what it wrote to Zabbix stays there");
	assert_null(fx->app.cancel_reason);
	assert_int_equal(run_body(fx, &(struct body){.end = ZYNC_OK}, false, NULL, NULL), ZYNC_OK);
}

/* Both: somebody's word counts, whether or not the time is up by the time everything is put back. */
static void test_cancelled_and_late(void **state)
{
	struct fixture *fx = *state;
	struct endless endless = {.cancel = "cancelled by mallory", .linger = true};

	assert_int_equal(run_endless(fx, &endless, 1500), ZYNC_ERR_CANCELLED);
	assert_in_range(endless.took, 0, 1400);
	check_undone(fx, "failed", "cancelled");
	expect_words(last_job(fx).error, "cancelled by mallory");
}

/* A strict run has nothing to leave behind, and says so. */
static void test_strict_stopped(void **state)
{
	struct fixture *fx = *state;
	struct endless endless = {.cancel = "cancelled by mallory", .strict = true};

	assert_int_equal(zync_store_undo_begin(fx->app.store, &fx->err), ZYNC_OK);
	assert_int_equal(run_endless(fx, &endless, 0), ZYNC_ERR_CANCELLED);
	assert_string_equal(last_job(fx).error, "cancelled by mallory; nothing was written to Zabbix");
	expect_words(last_job(fx).data, "\"put_back\":{\"restored\":0,\"deleted\":0,\"groups\":0,\"failed\":[]}");
}

/* ---- slots ---- */

static enum zync_status slot_run(struct zync_run *run, const void *ctx, struct zync_err *err)
{
	uint64_t *slot = *(uint64_t *const *)ctx;

	*slot = run->slot;
	assert_true(zync_store_slot_alive(run->app->store, run->slot));
	return zync_err_set(err, ZYNC_ERR_UNREACHABLE, "gone");
}

/* Each run has a slot of its own and gives it back, however it ends. */
static void test_slot(void **state)
{
	struct fixture *fx = *state;
	uint64_t slots[2] = {0};

	for (size_t i = 0; i < 2; i++) {
		uint64_t *slot = &slots[i];
		struct zync_run_spec spec = {.name = "test-job", .body = slot_run, .ctx = &slot};

		assert_int_equal(zync_runner_run(&fx->app, &spec, fx->arena, NULL, NULL, &fx->err), ZYNC_ERR_UNREACHABLE);
		assert_false(zync_store_slot_alive(fx->app.store, slots[i]));
		assert_int_equal(fx->app.slot, 0);
	}
	assert_true(slots[0] > 0 && slots[1] > slots[0]);
	assert_int_equal(number(fx, "SELECT count(*) FROM job WHERE status = 'running'"), 0);
}

/* A plan is no job: it takes no slot, and leaves the one that waits for the next job of the queue. */
static void test_slot_of_a_plan(void **state)
{
	struct fixture *fx = *state;

	fx->app.slot = 77;
	assert_int_equal(run_body(fx, &(struct body){.end = ZYNC_OK}, true, NULL, NULL), ZYNC_OK);
	assert_int_equal(fx->app.slot, 77);
	fx->app.slot = 0;
}

/* A job whose process died is noticed by the next one. */
static void test_interrupted(void **state)
{
	struct fixture *fx = *state;

	sql(fx, "INSERT INTO job (job_id, name, status, created, started, slot, pid) VALUES ('dead', 'sync-hosts-now', 'running', 1, 1, "
		"4711, 99)");
	assert_int_equal(run_body(fx, &(struct body){.end = ZYNC_OK}, false, NULL, NULL), ZYNC_OK);
	assert_int_equal(number(fx, "SELECT count(*) FROM job WHERE job_id = 'dead' AND status = 'errored' AND error LIKE 'interrupted%'"),
			 1);
	assert_int_equal(number(fx, "SELECT count(*) FROM event WHERE job_id = 'dead' AND kind = 'job' AND state = 'errored'"), 1);
}

const struct CMUnitTest runner_tests[] = {
	TEST(test_completed),
	cmocka_unit_test(test_failures),
	TEST(test_cancelled),
	TEST(test_commit_fails),
	TEST(test_end_fails),
	TEST(test_start_fails),
	TEST(test_dry),
	TEST(test_two_jobs),
	TEST(test_time_out),
	TEST(test_cancelled_by_row),
	TEST(test_cancelled_and_late),
	TEST(test_strict_stopped),
	TEST(test_slot),
	TEST(test_slot_of_a_plan),
	TEST(test_interrupted),
};
const size_t runner_tests_len = ZYNC_ARRAY_LEN(runner_tests);
