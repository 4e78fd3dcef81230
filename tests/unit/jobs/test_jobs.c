/* SPDX-License-Identifier: Apache-2.0 */
/* The runner with bodies made for the purpose: each way a job ends, what is recorded and what is not; and technical names that two objects share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/str.h"
#include "jobs/run.h"
#include "store/store_priv.h"

static const char CONFIG[] = "netbox: {url: http://127.0.0.1, token: 0123456789abcdef0123456789abcdef01234567}\n"
			     "zabbix: {url: http://127.0.0.1, token: abcdefabcdefabcdefabcdefabcdefabcdefabcd}\n"
			     "mappings: [{set: {host_groups: [A]}}]\n";

struct fixture {
	char folder[64];
	char path[128];
	struct zync_app app;
	struct zync_zabbix *servers[1];
	struct zync_arena *arena;
	struct zync_err err;
	unsigned told; /* calls of the progress function */
	char phases[256];
};

static void on_progress(void *ctx, const struct zync_progress *progress)
{
	struct fixture *fx = ctx;

	fx->told++;
	(void)strncat(fx->phases, progress->phase, sizeof(fx->phases) - strlen(fx->phases) - 1);
	(void)strncat(fx->phases, " ", sizeof(fx->phases) - strlen(fx->phases) - 1);
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	assert_non_null(fx);
	(void)snprintf(fx->folder, sizeof(fx->folder), "/tmp/zync-jobs-XXXXXX");
	assert_non_null(mkdtemp(fx->folder));
	(void)snprintf(fx->path, sizeof(fx->path), "%s/zync.db", fx->folder);
	fx->arena = zync_arena_new(0);
	assert_non_null(fx->arena);
	fx->app.arena = fx->arena;
	fx->app.user = "eve";
	fx->app.request_id = "request-1";
	fx->app.zabbix = fx->servers;
	fx->app.progress = on_progress;
	fx->app.progress_ctx = fx;
	if (zync_config_parse("test", CONFIG, sizeof(CONFIG) - 1, &fx->app.config, &fx->err) != ZYNC_OK ||
	    zync_store_open(fx->path, &fx->app.store, &fx->err) != ZYNC_OK)
		fail_msg("%s", fx->err.message);
	zync_log_set_level(ZYNC_LOG_ERROR);
	*state = fx;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;
	char path[160];

	zync_store_close(fx->app.store);
	zync_config_free(fx->app.config);
	zync_arena_free(fx->arena);
	zync_log_reset();
	for (size_t i = 0; i < 4; i++) {
		static const char *const SUFFIXES[] = {"", "-wal", "-shm", ".lock"};

		(void)snprintf(path, sizeof(path), "%s%s", fx->path, SUFFIXES[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(fx->folder), 0);
	free(fx);
	return 0;
}

static uint64_t number(struct fixture *fx, const char *sql)
{
	uint64_t n = 0;

	if (zync_store_number(fx->app.store, sql, ZYNC_NO_PARAMS, &n, &fx->err) != ZYNC_OK)
		fail_msg("%s", fx->err.message);
	return n;
}

static struct zync_job last_job(struct fixture *fx)
{
	struct zync_job *jobs = NULL;
	size_t count = 0;

	assert_int_equal(zync_store_jobs(fx->app.store, &(struct zync_job_filter){.limit = 1}, fx->arena, &jobs, &count, &fx->err),
			 ZYNC_OK);
	assert_int_equal(count, 1);
	return jobs[0];
}

static struct zync_event job_event(struct fixture *fx)
{
	struct zync_event *events = NULL;
	size_t count = 0;

	assert_int_equal(zync_store_events(fx->app.store, &(struct zync_event_filter){.kind = "job", .with_data = true}, fx->arena, &events,
					   &count, &fx->err),
			 ZYNC_OK);
	assert_int_equal(count, 1);
	return events[0];
}

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

/* ---- technical names ---- */

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_completed), cmocka_unit_test(test_failures), TEST(test_cancelled), TEST(test_commit_fails),
		TEST(test_end_fails), TEST(test_start_fails),	       TEST(test_dry),	     TEST(test_two_jobs),
		TEST(test_names),     TEST(test_names_of_the_store),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
