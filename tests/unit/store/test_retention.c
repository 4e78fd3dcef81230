/* SPDX-License-Identifier: Apache-2.0 */
/* Retention: by age, by count, what stays in any case, and that others get the lock meanwhile. */
#include "store_test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"

static struct zync_retention_counts clean_up(struct fixture *fx, struct zync_retention retention)
{
	struct zync_retention_counts counts = {99, 99, 99, 99};

	OK(fx, zync_store_clean_up(fx->store, &retention, &counts, &fx->err));
	return counts;
}

/* Ten events and ten changes at the times 10 … 100; the ids run against the times. */
static void fill_trail(struct fixture *fx)
{
	sql(fx, "DELETE FROM event; DELETE FROM change;"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)"
		" INSERT INTO event (id, time, name, kind, action, state) SELECT 11 - i, i * 10, 'n', 'host', 'a', 's' FROM n;"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)"
		" INSERT INTO change (id, time, host_config_pk, object_type, object_id, name, action)"
		" SELECT 11 - i, i * 10, 1, 'device', 1, 'n', 'update' FROM n");
}

static void test_trail(void **state)
{
	struct fixture *fx = *state;
	static const struct {
		struct zync_retention retention;
		int64_t left; /* sum of times */
		uint64_t gone;
	} CASES[] = {
		{{0}, 550, 0},
		{{.before = 10}, 550, 0},
		{{.before = 11}, 540, 1},
		{{.before = 51}, 400, 5},
		{{.before = 1000}, 0, 10},
		{{.max_events = 10}, 550, 0},
		{{.max_events = 9}, 540, 1},
		{{.max_events = 1}, 100, 9},
		{{.max_events = UINT64_MAX}, 550, 0},
		{{.before = 51, .max_events = 9}, 400, 5}, /* the stricter one */
		{{.before = 11, .max_events = 3}, 270, 7},
		{{.before = 51, .max_events = 5}, 400, 5},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		struct zync_retention_counts counts;

		fill_trail(fx);
		counts = clean_up(fx, CASES[i].retention);
		if (counts.events != CASES[i].gone || counts.changes != CASES[i].gone)
			fail_msg("case %zu: %llu events, %llu changes", i, (unsigned long long)counts.events,
				 (unsigned long long)counts.changes);
		assert_int_equal(sql_number(fx, "SELECT coalesce(sum(time), 0) FROM event"), CASES[i].left);
		assert_int_equal(sql_number(fx, "SELECT coalesce(sum(time), 0) FROM change"), CASES[i].left);
	}
}

/* Of rows of one moment all go for their age, but only so many as are beyond the count. */
static void test_one_moment(void **state)
{
	struct fixture *fx = *state;

	fill_trail(fx);
	sql(fx, "UPDATE event SET time = 50");
	assert_int_equal(clean_up(fx, (struct zync_retention){.max_events = 4}).events, 6);
	assert_int_equal(sql_number(fx, "SELECT min(id) FROM event"), 7); /* the newest ids stay */
	assert_int_equal(clean_up(fx, (struct zync_retention){.before = 51, .max_events = 3}).events, 4);
}

/* Jobs of two names, with log lines; the last of each name is the newest. */
static void fill_jobs(struct fixture *fx)
{
	sql(fx, "DELETE FROM job; DELETE FROM job_log; DELETE FROM intent;"
		"INSERT INTO job (job_id, name, status, created, completed) VALUES"
		" ('s1', 'sync', 'completed', 1, 10), ('s2', 'sync', 'errored', 2, 20), ('p1', 'pull', 'failed', 3, 30),"
		" ('s3', 'sync', 'completed', 4, 40), ('s4', 'sync', 'completed', 5, 50), ('p2', 'pull', 'completed', 0, 5),"
		" ('run', 'sync', 'running', 1, NULL), ('wait', 'sync', 'pending', 1, NULL), ('later', 'sync', 'scheduled', 1, NULL);"
		"INSERT INTO job_log (job_id, time, level, message) SELECT job_id, 1, 'info', 'm' FROM job;"
		"INSERT INTO job_log (job_id, time, level, message) VALUES ('s1', 2, 'info', 'm')");
}

static void test_jobs(void **state)
{
	struct fixture *fx = *state;
	static const struct {
		struct zync_retention retention;
		uint64_t jobs, lines;
		const char *gone;
	} CASES[] = {
		{{0}, 0, 0, ""},
		{{.before = 10}, 1, 1, "p2"},
		{{.before = 11}, 2, 3, "p2 s1"},
		{{.before = 1000}, 4, 5, "p2 s1 s2 s3"}, /* the newest of each name stays */
		{{.max_jobs = 6}, 0, 0, ""},
		{{.max_jobs = 4}, 2, 3, "p2 s1"},
		{{.max_jobs = 1}, 4, 5, "p2 s1 s2 s3"},
		{{.before = 11, .max_jobs = 3}, 3, 4, "p2 s1 s2"},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		struct zync_retention_counts counts;
		struct zync_job *jobs = NULL;
		size_t count = 0;

		fill_jobs(fx);
		counts = clean_up(fx, CASES[i].retention);
		if (counts.jobs != CASES[i].jobs || counts.log_lines != CASES[i].lines)
			fail_msg("case %zu: %llu jobs, %llu lines", i, (unsigned long long)counts.jobs,
				 (unsigned long long)counts.log_lines);
		OK(fx, zync_store_jobs(fx->store, &(struct zync_job_filter){0}, fx->arena, &jobs, &count, &fx->err));
		assert_int_equal(count, 9 - CASES[i].jobs);
		for (size_t k = 0; k < count; k++)
			assert_null(strstr(CASES[i].gone, jobs[k].job_id));
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM job_log WHERE job_id NOT IN (SELECT job_id FROM job)"), 0);
	}
}

/* What a dead job left open is not forgotten before it is looked into. */
static void test_open_intents(void **state)
{
	struct fixture *fx = *state;

	fill_jobs(fx);
	sql(fx, "INSERT INTO intent (job_id, time, server, method, entries) VALUES ('s2', 1, 'z', 'host.create', '[]')");
	assert_int_equal(clean_up(fx, (struct zync_retention){.before = 1000}).jobs, 3);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM job WHERE job_id = 's2'"), 1);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM job_log WHERE job_id = 's2'"), 1);
}

/* More than one batch of each; meanwhile another process writes. */
struct writer {
	struct fixture *fx;
	atomic_bool stop;
	int64_t longest;
	int writes;
	enum zync_status status;
};

static void *write_thread(void *arg)
{
	struct writer *writer = arg;
	struct zync_store *store = NULL;
	struct zync_err err;

	writer->status = zync_store_open(writer->fx->url, &store, &err);
	while (writer->status == ZYNC_OK && !atomic_load(&writer->stop)) {
		int64_t started = zync_clock_mono_ms();

		writer->status = zync_store_job_log(store, "s4", 1, "info", "meanwhile", &err);
		writer->longest = ZYNC_MAX(writer->longest, zync_clock_mono_ms() - started);
		writer->writes++;
		(void)zync_clock_sleep_ms(2);
	}
	zync_store_close(store);
	return NULL;
}

static void test_batches(void **state)
{
	struct fixture *fx = *state;
	struct writer writer = {.fx = fx};
	struct zync_retention_counts counts;
	pthread_t thread;
	int64_t took;

	fill_jobs(fx);
	sql(fx, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)"
		" INSERT INTO event (time, name, kind, action, state) SELECT i, 'n', 'host', 'a', 's' FROM n;"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
		" INSERT INTO job_log (job_id, time, level, message) SELECT 's1', i, 'info', 'm' FROM n;"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
		" INSERT INTO job (job_id, name, status, created, completed) SELECT 'old-' || i, 'pull', 'completed', 1, i FROM n");
	assert_int_equal(pthread_create(&thread, NULL, write_thread, &writer), 0);
	took = zync_clock_mono_ms();
	counts = clean_up(fx, (struct zync_retention){.before = 20000});
	took = zync_clock_mono_ms() - took;
	atomic_store(&writer.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(writer.status, ZYNC_OK);
	assert_int_equal(counts.events, 12000);
	assert_int_equal(counts.jobs, 5 + 3999);
	assert_int_equal(counts.log_lines, 6 + 5000);
	assert_true(writer.writes > 3);
	if (writer.longest > took / 3)
		fail_msg("somebody waited for %lld of %lld ms", (long long)writer.longest, (long long)took);
}

TEST_GROUP(test_retention, TEST(test_trail), TEST(test_one_moment), TEST(test_jobs), TEST(test_open_intents), TEST(test_batches));
