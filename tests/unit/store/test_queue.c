/* SPDX-License-Identifier: Apache-2.0 */
/* The queue: ordering, single instance, taking, schedule, cancelling, and jobs whose process died. */
#include "store_test.h"

#include <pthread.h>

#include "store/queue.h"

#define MINUTE INT64_C(60000)

struct order {
	const char *id, *kind;
	int64_t created, run_at, interval_min;
};

/* Queue it; gives the id of the answer. */
static const char *enqueue_as(struct fixture *fx, struct order order, int64_t now, bool existing)
{
	struct zync_job job = {.job_id = order.id,
			       .name = "sync-hosts-now",
			       .kind = order.kind,
			       .user = "eve",
			       .request_id = "r1",
			       .created = order.created != 0 ? order.created : now,
			       .run_at = order.run_at,
			       .interval_min = order.interval_min,
			       .timeout_ms = 5000,
			       .retry_of = "old",
			       .params = "{\"force\":true}"};
	char id[ZYNC_JOB_ID_SIZE];
	bool found = false;

	OK(fx, zync_store_job_enqueue(fx->store, &job, now, id, &found, &fx->err));
	if (found != existing)
		fail_msg("%s: existing is %d", order.id, found);
	return zync_arena_strdup(fx->arena, id);
}

static void enqueue(struct fixture *fx, struct order order, int64_t now)
{
	assert_string_equal(enqueue_as(fx, order, now, false), order.id);
}

static struct zync_job *take(struct fixture *fx, struct zync_store *store, uint64_t slot, int64_t now)
{
	struct zync_job *job = NULL;

	OK(fx, zync_store_job_take(store, slot, now, fx->arena, &job, &fx->err));
	return job;
}

static void end(struct fixture *fx, const char *id, const char *status, int64_t now)
{
	struct zync_job_end job_end = {.job_id = id, .status = status, .completed = now};

	OK(fx, zync_store_work_commit(fx->store, now, &job_end, NULL, &fx->err));
}

static void expect_next(struct fixture *fx, uint64_t slot, int64_t now, const char *id)
{
	struct zync_job *job = take(fx, fx->store, slot, now);

	if (id == NULL) {
		assert_null(job);
		return;
	}
	assert_non_null(job);
	assert_string_equal(job->job_id, id);
	assert_string_equal(job->status, "running");
}

static void test_columns(void **state)
{
	struct fixture *fx = *state;
	struct zync_job job;
	uint64_t slot = slot_of(fx, fx->store);

	enqueue(fx, (struct order){.id = "a", .kind = "sync", .run_at = 500, .interval_min = 15}, 100);
	job = job_of(fx, "a");
	assert_string_equal(job.status, "scheduled");
	assert_string_equal(job.kind, "sync");
	assert_string_equal(job.name, "sync-hosts-now");
	assert_string_equal(job.user, "eve");
	assert_string_equal(job.request_id, "r1");
	assert_string_equal(job.params, "{\"force\":true}");
	assert_string_equal(job.retry_of, "old");
	assert_true(job.run_at == 500 && job.interval_min == 15 && job.timeout_ms == 5000 && job.created == 100);
	assert_true(job.started == 0 && job.slot == 0 && job.pid == 0 && job.left_ms == -1);
	assert_null(job.cancel);
	expect_next(fx, slot, 499, NULL); /* not before its time */
	expect_next(fx, slot, 500, "a");
	job = job_of(fx, "a");
	assert_int_equal(job.slot, slot);
	assert_int_equal(job.started, 500);
	assert_true(job.pid > 1);
}

static void test_order(void **state)
{
	struct fixture *fx = *state;
	uint64_t slot = slot_of(fx, fx->store);

	enqueue(fx, (struct order){.id = "late", .kind = "k1", .created = 10, .run_at = 400}, 10);
	enqueue(fx, (struct order){.id = "young", .kind = "k2", .created = 300}, 300);
	enqueue(fx, (struct order){.id = "old", .kind = "k3", .created = 200}, 200);
	enqueue(fx, (struct order){.id = "early", .kind = "k4", .created = 20, .run_at = 250}, 20);
	enqueue(fx, (struct order){.id = "free", .created = 350}, 350);
	enqueue(fx, (struct order){.id = "later", .kind = "k5", .run_at = 9000}, 350);
	expect_next(fx, slot, 1000, "old");
	expect_next(fx, slot, 1000, "early");
	expect_next(fx, slot, 1000, "young");
	expect_next(fx, slot, 1000, "free");
	expect_next(fx, slot, 1000, "late");
	expect_next(fx, slot, 1000, NULL);
}

/* Pending or running once: a second order gets the first one's answer. */
static void test_single_instance(void **state)
{
	struct fixture *fx = *state;
	uint64_t slot = slot_of(fx, fx->store);

	enqueue(fx, (struct order){.id = "a", .kind = "sync"}, 100);
	assert_string_equal(enqueue_as(fx, (struct order){.id = "b", .kind = "sync"}, 101, true), "a");
	enqueue(fx, (struct order){.id = "c", .kind = "other"}, 102);
	enqueue(fx, (struct order){.id = "d"}, 103); /* no kind: not bound */
	enqueue(fx, (struct order){.id = "e"}, 104);
	expect_next(fx, slot, 200, "a");
	assert_string_equal(enqueue_as(fx, (struct order){.id = "b", .kind = "sync"}, 201, true), "a"); /* running */
	end(fx, "a", "completed", 300);
	enqueue(fx, (struct order){.id = "b", .kind = "sync"}, 301);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM job WHERE kind = 'sync'"), 2);
	/* For a time that is past is for now. */
	assert_string_equal(enqueue_as(fx, (struct order){.id = "f", .kind = "sync", .run_at = 250}, 302, true), "b");
}

/* An order for later is another run than the one that is due now; but the same one only once. */
static void test_single_instance_later(void **state)
{
	struct fixture *fx = *state;

	enqueue(fx, (struct order){.id = "now", .kind = "sync"}, 100);
	enqueue(fx, (struct order){.id = "tonight", .kind = "sync", .run_at = 5000}, 100);
	assert_string_equal(enqueue_as(fx, (struct order){.id = "x", .kind = "sync", .run_at = 5000}, 100, true), "tonight");
	enqueue(fx, (struct order){.id = "tomorrow", .kind = "sync", .run_at = 9000}, 100);
	sql(fx, "DELETE FROM job WHERE job_id = 'now'");
	/* Its time has come, nobody has taken it yet: as good as pending. */
	assert_string_equal(enqueue_as(fx, (struct order){.id = "x", .kind = "sync"}, 5000, true), "tonight");
}

/* One that is running by a dead process, or was asked to stop, does not do what is ordered now; but two never run at once. */
static void test_single_instance_unfit(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = fixture_second(fx);
	enum zync_cancelled cancelled;
	uint64_t slot = slot_of(fx, second);
	uint64_t own = slot_of(fx, fx->store);

	enqueue(fx, (struct order){.id = "a", .kind = "sync"}, 100);
	assert_non_null(take(fx, second, slot, 110));
	OK(fx, zync_store_job_cancel(fx->store, "a", "by eve", "eve", "r", 120, &cancelled, &fx->err));
	enqueue(fx, (struct order){.id = "b", .kind = "sync"}, 130);
	expect_next(fx, own, 140, NULL); /* the other one has not stopped yet */
	zync_store_close(second);
	expect_next(fx, own, 150, "b"); /* now it has */
	sql(fx, "UPDATE job SET status = 'running', slot = 999 WHERE job_id = 'b'");
	enqueue(fx, (struct order){.id = "c", .kind = "sync"}, 160);
}

static void test_recurring_order(void **state)
{
	struct fixture *fx = *state;
	struct zync_job job;
	struct zync_job other = {.job_id = "b",
				 .name = "sync-hosts-now",
				 .kind = "sync",
				 .user = "adam",
				 .request_id = "r2",
				 .created = 200,
				 .run_at = 7000,
				 .interval_min = 30,
				 .params = "{}"};
	char id[ZYNC_JOB_ID_SIZE];
	bool existing = false;

	enqueue(fx, (struct order){.id = "a", .kind = "sync", .run_at = 5000, .interval_min = 15}, 100);
	OK(fx, zync_store_job_enqueue(fx->store, &other, 200, id, &existing, &fx->err));
	assert_true(existing);
	assert_string_equal(id, "a");
	job = job_of(fx, "a");
	assert_true(job.run_at == 7000 && job.interval_min == 30 && job.timeout_ms == 0);
	assert_string_equal(job.params, "{}");
	assert_string_equal(job.user, "adam");
	assert_string_equal(job.request_id, "r2");
	assert_string_equal(job.status, "scheduled");
	other.run_at = 0;
	OK(fx, zync_store_job_enqueue(fx->store, &other, 300, id, &existing, &fx->err));
	assert_string_equal(job_of(fx, "a").status, "pending");
	assert_int_equal(job_of(fx, "a").run_at, 0);
	/* A single order of the kind is answered by it when it is due, and is another run when it is not. */
	assert_string_equal(enqueue_as(fx, (struct order){.id = "x", .kind = "sync"}, 400, true), "a");
	other.run_at = 9000;
	OK(fx, zync_store_job_enqueue(fx->store, &other, 500, id, &existing, &fx->err));
	enqueue(fx, (struct order){.id = "x", .kind = "sync"}, 600);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM job"), 2);
}

/* A schedule is not swallowed by a single run that is at it: that one is its first turn. */
static void test_recurring_beside_single(void **state)
{
	struct fixture *fx = *state;
	struct zync_job job;

	enqueue(fx, (struct order){.id = "single", .kind = "sync"}, 100);
	enqueue(fx, (struct order){.id = "every", .kind = "sync", .interval_min = 10}, 200);
	job = job_of(fx, "every");
	assert_string_equal(job.status, "scheduled");
	assert_int_equal(job.run_at, 200 + 10 * MINUTE);
}

static void test_interval_refused(void **state)
{
	struct fixture *fx = *state;
	static const int64_t CASES[] = {-1, ZYNC_INTERVAL_MAX_MIN + 1, INT64_MAX};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		struct zync_job job = {.job_id = "a", .name = "pull", .kind = "pull", .interval_min = CASES[i]};
		char id[ZYNC_JOB_ID_SIZE];
		bool existing;

		assert_int_equal(zync_store_job_enqueue(fx->store, &job, 1, id, &existing, &fx->err), ZYNC_ERR_INVALID);
		assert_non_null(strstr(fx->err.message, "interval"));
	}
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM job"), 0);
	enqueue(fx, (struct order){.id = "a", .kind = "pull", .interval_min = ZYNC_INTERVAL_MAX_MIN}, 1);
}

/* ---- the next turn ---- */

/* The row that a recurring job leaves behind. */
static struct zync_job next_turn(struct fixture *fx)
{
	struct zync_job *jobs = NULL;
	size_t count = 0;

	OK(fx, zync_store_jobs(fx->store, &(struct zync_job_filter){.status = "scheduled"}, fx->arena, &jobs, &count, &fx->err));
	assert_int_equal(count, 1);
	return jobs[0];
}

static void test_turns(void **state)
{
	struct fixture *fx = *state;
	uint64_t slot = slot_of(fx, fx->store);
	static const struct {
		const char *status;
		int64_t run_at, taken, ended, next;
	} CASES[] = {
		{"completed", 10 * MINUTE, 10 * MINUTE + 7, 11 * MINUTE, 25 * MINUTE}, /* no drift */
		{"errored", 10 * MINUTE, 10 * MINUTE, 25 * MINUTE - 1, 25 * MINUTE},
		{"failed", 10 * MINUTE, 10 * MINUTE, 25 * MINUTE, 40 * MINUTE},	     /* that turn is over */
		{"completed", 10 * MINUTE, 99 * MINUTE, 101 * MINUTE, 115 * MINUTE}, /* what was missed has run once */
		{"completed", 0, 3 * MINUTE, 4 * MINUTE, 18 * MINUTE},		     /* ordered at once: from its beginning */
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		struct zync_job next;

		sql(fx, "DELETE FROM job");
		enqueue(fx, (struct order){.id = "turn", .kind = "sync", .run_at = CASES[i].run_at, .interval_min = 15, .created = 1}, 1);
		expect_next(fx, slot, CASES[i].taken, "turn");
		end(fx, "turn", CASES[i].status, CASES[i].ended);
		assert_string_equal(job_of(fx, "turn").status, CASES[i].status);
		next = next_turn(fx);
		if (next.run_at != CASES[i].next)
			fail_msg("case %zu: %lld", i, (long long)next.run_at);
		assert_int_equal(strlen(next.job_id), 36);
		assert_string_equal(next.name, "sync-hosts-now");
		assert_string_equal(next.kind, "sync");
		assert_string_equal(next.params, "{\"force\":true}");
		assert_string_equal(next.user, "eve");
		assert_string_equal(next.request_id, "r1");
		assert_true(next.interval_min == 15 && next.timeout_ms == 5000 && next.created == CASES[i].ended && next.started == 0);
		assert_true(next.completed == 0 && next.slot == 0 && next.pid == 0);
		assert_null(next.retry_of);
		assert_null(next.cancel);
		assert_null(next.error);
	}
}

/* No next turn: cancelled by somebody, ordered once, or ordered anew while it ran. */
static void test_no_turn(void **state)
{
	struct fixture *fx = *state;
	uint64_t slot = slot_of(fx, fx->store);
	enum zync_cancelled cancelled;

	enqueue(fx, (struct order){.id = "a", .kind = "sync", .interval_min = 15}, 1);
	expect_next(fx, slot, 2, "a");
	OK(fx, zync_store_job_cancel(fx->store, "a", "by eve", "eve", "r", 3, &cancelled, &fx->err));
	end(fx, "a", "failed", 4);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM job"), 1);
	enqueue(fx, (struct order){.id = "b", .kind = "sync"}, 5);
	expect_next(fx, slot, 6, "b");
	end(fx, "b", "completed", 7);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM job"), 2);
	enqueue(fx, (struct order){.id = "c", .kind = "sync", .interval_min = 15}, 8);
	expect_next(fx, slot, 9, "c");
	enqueue(fx, (struct order){.id = "d", .kind = "sync", .interval_min = 20, .run_at = 5000}, 10);
	end(fx, "c", "completed", 11);
	assert_string_equal(next_turn(fx).job_id, "d");
	/* A single one that waits, and a schedule of another kind, are no reason. */
	sql(fx, "DELETE FROM job");
	enqueue(fx, (struct order){.id = "e", .kind = "sync", .interval_min = 15}, 12);
	expect_next(fx, slot, 13, "e");
	enqueue(fx, (struct order){.id = "f", .kind = "sync", .run_at = 6000}, 14);
	enqueue(fx, (struct order){.id = "g", .kind = "pull", .run_at = 6000, .interval_min = 1}, 15);
	end(fx, "e", "completed", 16);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM job WHERE status = 'scheduled'"), 3);
}

/* ---- the end of a job ---- */

static void test_end_columns(void **state)
{
	struct fixture *fx = *state;
	uint64_t slot = slot_of(fx, fx->store);
	struct zync_job progress = {.job_id = "j1", .phase = "apply", .rate_milli = 12500, .left_ms = 3000};
	struct zync_job_end job_end = {
		.job_id = "j1", .status = "completed", .pre_data = "{\"a\":1}", .post_data = "{\"a\":2}", .completed = 20, .slot = slot};
	struct zync_job job;

	running_job(fx, fx->store, "j1", slot);
	assert_int_equal(job_of(fx, "j1").slot, slot);
	assert_int_equal(job_of(fx, "j1").left_ms, -1);
	OK(fx, zync_store_job_progress(fx->store, &progress, &fx->err));
	job = job_of(fx, "j1");
	assert_true(job.rate_milli == 12500 && job.left_ms == 3000 && job.pid > 1);
	progress.left_ms = -1;
	OK(fx, zync_store_job_progress(fx->store, &progress, &fx->err));
	assert_int_equal(job_of(fx, "j1").left_ms, -1);
	OK(fx, zync_store_work_commit(fx->store, 20, &job_end, NULL, &fx->err));
	job = job_of(fx, "j1");
	assert_int_equal(job.slot, 0);
	assert_string_equal(job.pre_data, "{\"a\":1}");
	assert_string_equal(job.post_data, "{\"a\":2}");
	assert_int_equal(job.completed, 20);
}

/* Somebody took the run for dead: what it did is not recorded as if nothing had happened, and the job is not ended twice. */
static void test_end_of_the_dead(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = fixture_second(fx);
	uint64_t slot = slot_of(fx, fx->store);
	struct zync_job_end job_end = {.job_id = "j1", .status = "completed", .completed = 20, .slot = slot};
	struct zync_event event = {.time = 20, .job_id = "j1", .name = "n", .kind = "job", .action = "n", .state = "completed"};
	uint64_t seq;

	running_job(fx, fx->store, "j1", slot);
	zync_store_slot_release(fx->store);
	OK(fx, zync_store_jobs_interrupt(second, 15, NULL, &fx->err));
	zync_store_close(second);
	seq = stage(fx, fx->store, 0, 1, "sw1", "sw1");
	OK(fx, zync_store_work_settle(fx->store, true, NULL, &fx->err));
	result(fx, fx->store, seq, ZYNC_WORK_SYNCED, 101);
	assert_int_equal(zync_store_work_commit(fx->store, 20, &job_end, &event, &fx->err), ZYNC_ERR_STORE);
	assert_non_null(strstr(fx->err.message, "j1 is not running any more"));
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 0);
	event.kind = "host";
	OK(fx, zync_store_work_add_event(fx->store, &event, &fx->err));
	event.kind = "job";
	OK(fx, zync_store_work_abandon(fx->store, &job_end, &event, &fx->err));
	assert_string_equal(job_of(fx, "j1").status, "errored");
	assert_int_equal(job_of(fx, "j1").completed, 15);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM event WHERE kind = 'job'"), 1);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM event WHERE kind = 'host'"), 1);
	/* One whose row could never be written is told of all the same. */
	job_end.job_id = event.job_id = "never";
	OK(fx, zync_store_work_abandon(fx->store, &job_end, &event, &fx->err));
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM event WHERE job_id = 'never'"), 1);
}

/* ---- cancelling ---- */

static void test_cancel(void **state)
{
	struct fixture *fx = *state;
	uint64_t slot = slot_of(fx, fx->store);
	enum zync_cancelled cancelled = ZYNC_CANCEL_TOO_LATE;
	struct zync_event *events = NULL;
	const char *reason = "?";
	size_t count = 0;
	struct zync_job job;

	enqueue(fx, (struct order){.id = "aa", .kind = "sync", .run_at = 700, .interval_min = 15}, 100);
	assert_int_equal(zync_store_job_cancel(fx->store, "a", "w", "u", "r", 1, &cancelled, &fx->err), ZYNC_ERR_NOT_FOUND);
	assert_int_equal(zync_store_job_cancel(fx->store, "b", "w", "u", "r", 1, &cancelled, &fx->err), ZYNC_ERR_NOT_FOUND);
	OK(fx, zync_store_job_cancel(fx->store, "aa", "cancelled by admin", "admin", "r9", 200, &cancelled, &fx->err));
	assert_int_equal(cancelled, ZYNC_CANCELLED_AT_ONCE);
	job = job_of(fx, "aa");
	assert_string_equal(job.status, "failed");
	assert_string_equal(job.error, "cancelled by admin");
	assert_int_equal(job.completed, 200);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM job"), 1); /* it does not come again */
	OK(fx, zync_store_events(fx->store, &(struct zync_event_filter){.job_id = "aa"}, fx->arena, &events, &count, &fx->err));
	assert_int_equal(count, 1);
	assert_string_equal(events[0].state, "failed");
	assert_string_equal(events[0].kind, "job");
	assert_string_equal(events[0].name, "sync-hosts-now");
	assert_string_equal(events[0].action, "sync-hosts-now");
	assert_string_equal(events[0].exception, "cancelled by admin");
	assert_string_equal(events[0].user, "admin");
	assert_string_equal(events[0].request_id, "r9");
	OK(fx, zync_store_job_cancel(fx->store, "aa", "once more", "admin", "r9", 300, &cancelled, &fx->err));
	assert_int_equal(cancelled, ZYNC_CANCEL_TOO_LATE);
	expect_next(fx, slot, 10000, NULL);

	enqueue(fx, (struct order){.id = "bb", .kind = "sync"}, 400);
	expect_next(fx, slot, 410, "bb");
	OK(fx, zync_store_job_cancel_reason(fx->store, "bb", fx->arena, &reason, &fx->err));
	assert_null(reason);
	OK(fx, zync_store_job_cancel(fx->store, "bb", "first", "admin", "r", 420, &cancelled, &fx->err));
	assert_int_equal(cancelled, ZYNC_CANCEL_ASKED);
	OK(fx, zync_store_job_cancel(fx->store, "bb", "second", "admin", "r", 430, &cancelled, &fx->err));
	OK(fx, zync_store_job_cancel_reason(fx->store, "bb", fx->arena, &reason, &fx->err));
	assert_string_equal(reason, "first");
	assert_string_equal(job_of(fx, "bb").status, "running");
	OK(fx, zync_store_job_cancel_reason(fx->store, "nobody", fx->arena, &reason, &fx->err));
	assert_null(reason);
}

/* ---- dead processes ---- */

static void test_interrupt(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = fixture_second(fx);
	uint64_t dead = slot_of(fx, second);
	uint64_t alive = slot_of(fx, fx->store);
	struct zync_event *events = NULL;
	uint64_t count = 99;
	size_t found_events = 0;
	struct zync_job job;

	running_job(fx, fx->store, "lives", alive);
	enqueue(fx, (struct order){.id = "dies", .kind = "sync", .interval_min = 10}, 1);
	assert_non_null(take(fx, second, dead, 2));
	OK(fx, zync_store_jobs_interrupt(fx->store, 50, &count, &fx->err));
	assert_int_equal(count, 0);
	zync_store_close(second);
	OK(fx, zync_store_jobs_interrupt(fx->store, 60, &count, &fx->err));
	assert_int_equal(count, 1);
	job = job_of(fx, "dies");
	assert_string_equal(job.status, "errored");
	assert_true(zync_str_starts(job.error, "interrupted: "));
	assert_int_equal(job.completed, 60);
	assert_int_equal(job.slot, 0);
	assert_string_equal(job_of(fx, "lives").status, "running");
	assert_int_equal(next_turn(fx).run_at, 2 + 10 * MINUTE);
	OK(fx, zync_store_events(fx->store, &(struct zync_event_filter){.kind = "job"}, fx->arena, &events, &found_events, &fx->err));
	assert_int_equal(found_events, 1);
	assert_string_equal(events[0].job_id, "dies");
	assert_string_equal(events[0].state, "errored");
	assert_string_equal(events[0].exception, "interrupted");
	assert_string_equal(events[0].user, "eve");
	assert_string_equal(events[0].request_id, "r1");
	assert_int_equal(events[0].time, 60);
	OK(fx, zync_store_jobs_interrupt(fx->store, 70, &count, &fx->err));
	assert_int_equal(count, 0);
	/* From before there were slots. */
	sql(fx, "INSERT INTO job (job_id, name, status, created) VALUES ('ancient', 'pull', 'running', 1)");
	OK(fx, zync_store_jobs_interrupt(fx->store, 80, NULL, &fx->err));
	assert_string_equal(job_of(fx, "ancient").status, "errored");
}

/* Nothing to do: no lock is taken, also while another process writes. */
static void test_idle_takes_no_lock(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = fixture_second(fx);
	uint64_t slot = slot_of(fx, fx->store);
	uint64_t count = 99;

	running_job(fx, fx->store, "lives", slot);
	OK(fx, zync_db_begin(second->db, &fx->err));
	OK(fx, zync_store_jobs_interrupt(fx->store, 50, &count, &fx->err));
	assert_int_equal(count, 0);
	expect_next(fx, slot, 1000, NULL);
	zync_db_rollback(second->db);
	zync_store_close(second);
}

/* ---- many processes at one queue ---- */

#define WORKERS 4
#define JOBS	60

struct worker {
	struct fixture *fx;
	int taken[JOBS];
	size_t count;
	char failure[ZYNC_ERR_MESSAGE_SIZE];
};

static void *work_thread(void *arg)
{
	struct worker *worker = arg;
	struct zync_arena *arena = zync_arena_new(0);
	struct zync_store *store = NULL;
	struct zync_err err = {0};
	uint64_t slot = 0;
	enum zync_status status = zync_store_open(worker->fx->url, &store, &err);

	if (status == ZYNC_OK)
		status = zync_store_work_begin(store, &err);
	if (status == ZYNC_OK)
		status = zync_store_slot_take(store, &slot, &err);
	while (status == ZYNC_OK) {
		struct zync_job_end job_end = {.status = "completed", .completed = 10};
		struct zync_job *job = NULL;

		status = zync_store_job_take(store, slot, 5, arena, &job, &err);
		if (status != ZYNC_OK || job == NULL)
			break;
		worker->taken[worker->count++] = (int)job->created;
		job_end.job_id = job->job_id;
		status = zync_store_work_commit(store, 10, &job_end, NULL, &err);
	}
	if (status != ZYNC_OK)
		(void)snprintf(worker->failure, sizeof(worker->failure), "%s", err.message);
	zync_store_close(store);
	zync_arena_free(arena);
	return NULL;
}

static void test_many_workers(void **state)
{
	struct fixture *fx = *state;
	struct worker workers[WORKERS] = {0};
	pthread_t threads[WORKERS];
	int seen[JOBS] = {0};

	for (int i = 0; i < JOBS; i++) {
		char id[ZYNC_JOB_ID_SIZE];

		(void)snprintf(id, sizeof(id), "job-%d", i);
		enqueue(fx, (struct order){.id = id, .created = i + 1}, i + 1);
	}
	sql(fx, "UPDATE job SET created = created - 1");
	for (size_t i = 0; i < WORKERS; i++) {
		workers[i].fx = fx;
		assert_int_equal(pthread_create(&threads[i], NULL, work_thread, &workers[i]), 0);
	}
	for (size_t i = 0; i < WORKERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_string_equal(workers[i].failure, "");
		for (size_t k = 0; k < workers[i].count; k++)
			seen[workers[i].taken[k]]++;
	}
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(seen[i], 1);
}

TEST_GROUP(test_queue, TEST(test_columns), TEST(test_order), TEST(test_single_instance), TEST(test_single_instance_later),
	   TEST(test_single_instance_unfit), TEST(test_recurring_order), TEST(test_recurring_beside_single), TEST(test_interval_refused),
	   TEST(test_turns), TEST(test_no_turn), TEST(test_end_columns), TEST(test_end_of_the_dead), TEST(test_cancel),
	   TEST(test_interrupt), TEST(test_idle_takes_no_lock), TEST(test_many_workers));
