/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs with progress and log, events, changes. */
#include "store_test.h"

static void start(struct fixture *fx, const char *id, const char *name, const char *status, int64_t created)
{
	struct zync_job job = {.job_id = id,
			       .name = name,
			       .status = status,
			       .user = "eve",
			       .request_id = "r1",
			       .created = created,
			       .started = created,
			       .params = "{}"};

	OK(fx, zync_store_job_start(fx->store, &job, &fx->err));
}

static size_t jobs(struct fixture *fx, struct zync_job_filter filter, struct zync_job **ret)
{
	size_t count = 0;

	OK(fx, zync_store_jobs(fx->store, &filter, fx->arena, ret, &count, &fx->err));
	return count;
}

static void test_jobs(void **state)
{
	struct fixture *fx = *state;
	struct zync_job *rows = NULL;
	static const struct {
		struct zync_job_filter filter;
		size_t count;
	} CASES[] = {
		{{0}, 3},
		{{.job_id = "aaaa-1"}, 1},
		{{.job_id = "aaaa"}, 2},
		{{.job_id = "a%"}, 0}, /* no pattern */
		{{.job_id = "_aaa"}, 0},
		{{.job_id = "aaaa-1-longer-than-the-id"}, 0},
		{{.name = "sync-hosts-now"}, 2},
		{{.status = "pending"}, 1},
		{{.name = "sync-hosts-now", .status = "pending"}, 0},
		{{.limit = 2}, 2},
	};

	start(fx, "aaaa-1", "sync-hosts-now", "running", 10);
	start(fx, "aaaa-2", "sync-hosts-now", "running", 30);
	start(fx, "bbbb-1", "pull", "pending", 20);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		size_t count = jobs(fx, CASES[i].filter, &rows);

		if (count != CASES[i].count)
			fail_msg("case %zu: %zu, not %zu", i, count, CASES[i].count);
	}
	assert_int_equal(jobs(fx, (struct zync_job_filter){0}, &rows), 3);
	assert_string_equal(rows[0].job_id, "aaaa-2"); /* newest first */
	assert_string_equal(rows[2].job_id, "aaaa-1");
	assert_string_equal(rows[0].user, "eve");
	assert_string_equal(rows[0].request_id, "r1");
	assert_string_equal(rows[0].params, "{}");
	assert_int_equal(rows[0].completed, 0);
	assert_null(rows[0].error);
}

static void test_progress_and_end(void **state)
{
	struct fixture *fx = *state;
	struct zync_job *rows = NULL;
	struct zync_job progress = {.job_id = "j1", .phase = "apply", .current = 3, .total = 9, .updated = 2, .failed = 1};
	bool ended = false;
	struct zync_job_end end = {.job_id = "j1", .status = "errored", .data = "{\"a\":1}", .error = "why", .completed = 99};

	start(fx, "j1", "sync-hosts-now", "running", 10);
	OK(fx, zync_store_job_progress(fx->store, &progress, &fx->err));
	assert_int_equal(jobs(fx, (struct zync_job_filter){.job_id = "j1"}, &rows), 1);
	assert_string_equal(rows[0].phase, "apply");
	assert_true(rows[0].current == 3 && rows[0].total == 9 && rows[0].updated == 2 && rows[0].failed == 1);
	OK(fx, zync_store_job_end(fx->store, &end, &ended, &fx->err));
	assert_int_equal(jobs(fx, (struct zync_job_filter){.job_id = "j1"}, &rows), 1);
	assert_string_equal(rows[0].status, "errored");
	assert_string_equal(rows[0].data, "{\"a\":1}");
	assert_string_equal(rows[0].error, "why");
	assert_int_equal(rows[0].completed, 99);
	assert_null(rows[0].phase);
}

static void test_same_job_twice(void **state)
{
	struct fixture *fx = *state;
	struct zync_job job = {.job_id = "j1", .name = "n", .status = "running", .created = 1};

	start(fx, "j1", "n", "running", 1);
	assert_int_equal(zync_store_job_start(fx->store, &job, &fx->err), ZYNC_ERR_STORE);
	assert_non_null(strstr(fx->err.message, "UNIQUE"));
}

static void test_log(void **state)
{
	struct fixture *fx = *state;
	struct zync_job_log_line *lines = NULL;
	size_t count = 0;

	OK(fx, zync_store_job_log(fx->store, "j1", 5, "error", "first; '; DROP TABLE job; --", &fx->err));
	OK(fx, zync_store_job_log(fx->store, "j2", 6, "info", "of another", &fx->err));
	OK(fx, zync_store_job_log(fx->store, "j1", 4, "info", "second", &fx->err));
	OK(fx, zync_store_job_log_lines(fx->store, "j1", fx->arena, &lines, &count, &fx->err));
	assert_int_equal(count, 2);
	assert_string_equal(lines[0].message, "first; '; DROP TABLE job; --");
	assert_string_equal(lines[0].level, "error");
	assert_int_equal(lines[1].time, 4); /* in the order of writing */
	OK(fx, zync_store_job_log_lines(fx->store, "j9", fx->arena, &lines, &count, &fx->err));
	assert_int_equal(count, 0);
}

static void add_event(struct fixture *fx, const char *job, const char *kind, const char *name, const char *state, uint64_t pk)
{
	struct zync_event event = {
		.time = 7,
		.job_id = job,
		.name = name,
		.kind = kind,
		.action = "update",
		.state = state,
		.host_config_pk = pk,
		.hostid = 10 * pk,
		.message = "m",
		.exception = "e",
		.pre_data = "{\"pre\":1}",
		.post_data = "{\"post\":1}",
		.user = "eve",
		.request_id = "r",
	};

	OK(fx, zync_store_event_add(fx->store, &event, &fx->err));
}

static void test_events(void **state)
{
	struct fixture *fx = *state;
	struct zync_event *rows = NULL;
	size_t count = 0;
	static const struct {
		struct zync_event_filter filter;
		size_t count;
	} CASES[] = {
		{{0}, 4},
		{{.id = 2}, 1},
		{{.id = 99}, 0},
		{{.job_id = "j1"}, 3},
		{{.job_id = "j"}, 4},
		{{.host = "sw1"}, 2},
		{{.host = "sync"}, 0}, /* a job's name is no host */
		{{.host = "pk:2"}, 1},
		{{.host = "pk:x"}, 0},
		{{.state = "failed"}, 1},
		{{.kind = "job"}, 1},
		{{.kind = "host", .state = "completed"}, 2},
		{{.limit = 3}, 3},
	};

	add_event(fx, "j1", "host", "sw1", "completed", 1);
	add_event(fx, "j1", "host", "sw2", "failed", 2);
	add_event(fx, "j1", "job", "sync", "completed", 0);
	add_event(fx, "j2", "host", "sw1", "completed", 1);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		OK(fx, zync_store_events(fx->store, &CASES[i].filter, fx->arena, &rows, &count, &fx->err));
		if (count != CASES[i].count)
			fail_msg("case %zu: %zu, not %zu", i, count, CASES[i].count);
	}
	OK(fx, zync_store_events(fx->store, &(struct zync_event_filter){0}, fx->arena, &rows, &count, &fx->err));
	assert_string_equal(rows[0].job_id, "j2"); /* newest first */
	assert_null(rows[0].pre_data);		   /* not asked for */
	assert_int_equal(rows[1].host_config_pk, 0);
	OK(fx, zync_store_events(fx->store, &(struct zync_event_filter){.id = 2, .with_data = true}, fx->arena, &rows, &count, &fx->err));
	assert_string_equal(rows[0].pre_data, "{\"pre\":1}");
	assert_string_equal(rows[0].post_data, "{\"post\":1}");
	assert_string_equal(rows[0].message, "m");
	assert_string_equal(rows[0].exception, "e");
	assert_string_equal(rows[0].user, "eve");
	assert_string_equal(rows[0].request_id, "r");
	assert_int_equal(rows[0].hostid, 20);
	assert_int_equal(rows[0].time, 7);
}

static void test_changes(void **state)
{
	struct fixture *fx = *state;
	struct zync_change_row *rows = NULL;
	size_t count = 0;

	for (uint64_t i = 1; i <= 3; i++) {
		struct zync_change_row change = {.time = (int64_t)i,
						 .job_id = i == 3 ? "j2" : "j1",
						 .host_config_pk = i % 2 + 1,
						 .object_type = "vm",
						 .object_id = i,
						 .name = "n",
						 .hostid = 100 + i,
						 .action = "update",
						 .pre_data = "{}",
						 .post_data = "[]",
						 .user = "u",
						 .request_id = "r"};

		OK(fx, zync_store_work_add_change(fx->store, &change, &fx->err));
	}
	OK(fx, zync_store_changes(fx->store, NULL, 0, 0, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 0); /* only staged */
	commit(fx, fx->store, 1);
	OK(fx, zync_store_changes(fx->store, NULL, 0, 0, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 3);
	assert_int_equal(rows[0].object_id, 3);
	assert_int_equal(rows[0].hostid, 103);
	assert_string_equal(rows[0].object_type, "vm");
	assert_string_equal(rows[0].pre_data, "{}");
	assert_string_equal(rows[0].post_data, "[]");
	assert_string_equal(rows[0].user, "u");
	OK(fx, zync_store_changes(fx->store, "j1", 0, 0, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 2);
	OK(fx, zync_store_changes(fx->store, "j1", 2, 0, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 1);
	OK(fx, zync_store_changes(fx->store, NULL, 0, 2, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 2);
}

TEST_GROUP(test_audit, TEST(test_jobs), TEST(test_progress_and_end), TEST(test_same_job_twice), TEST(test_log), TEST(test_events),
	   TEST(test_changes));
