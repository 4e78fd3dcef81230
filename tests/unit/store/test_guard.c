/* SPDX-License-Identifier: Apache-2.0 */
/* Guards: taking all or none, plans that became stale, dead holders, and what a commit may still say of hosts that another run has written. */
#include "store_test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/guard.h"
#include "store/queue.h"

#define MANY 20000

static uint64_t epoch_of(struct fixture *fx)
{
	uint64_t epoch = 0;

	OK(fx, zync_store_guard_epoch(fx->store, &epoch, &fx->err));
	return epoch;
}

/* Stage device @p id and want it; gives its seq. */
static uint64_t want(struct fixture *fx, struct zync_store *store, uint64_t id)
{
	uint64_t seq = stage(fx, store, 0, id, "n", NULL);

	OK(fx, zync_store_work_want(store, seq, &fx->err));
	return seq;
}

static struct zync_guard_state take(struct fixture *fx, struct zync_store *store, uint64_t slot, uint64_t epoch)
{
	struct zync_guard_state state = {.conflicts = 99, .stale = 99, .holder = 99};

	OK(fx, zync_store_guard_take(store, slot, epoch, &state, &fx->err));
	return state;
}

static bool held(struct fixture *fx, struct zync_store *store, uint64_t slot)
{
	bool ret = false;

	OK(fx, zync_store_guard_held(store, slot, &ret, &fx->err));
	return ret;
}

static void end_of(struct fixture *fx, struct zync_store *store, const char *job_id, uint64_t slot, uint64_t epoch, bool commits)
{
	struct zync_job_end job_end = {
		.job_id = job_id, .status = commits ? "completed" : "errored", .completed = 20, .slot = slot, .epoch = epoch};

	if (commits)
		OK(fx, zync_store_work_commit(store, 20, &job_end, NULL, &fx->err));
	else
		OK(fx, zync_store_work_abandon(store, &job_end, NULL, &fx->err));
}

/* Two runs at the same store, each with a job. */
struct two {
	struct zync_store *other;
	uint64_t a, b; /* slots of fx->store and of the other one */
};

static struct two two_runs(struct fixture *fx)
{
	struct two two = {.other = fixture_second(fx)};

	two.a = slot_of(fx, fx->store);
	two.b = slot_of(fx, two.other);
	running_job(fx, fx->store, "job-a", two.a);
	running_job(fx, two.other, "job-b", two.b);
	return two;
}

static void test_all_or_none(void **state)
{
	struct fixture *fx = *state;
	struct two two = two_runs(fx);
	uint64_t epoch = epoch_of(fx);
	struct zync_guard_state got;

	want(fx, fx->store, 1);
	want(fx, fx->store, 2);
	stage(fx, fx->store, 0, 3, "not wanted", NULL);
	got = take(fx, fx->store, two.a, epoch);
	assert_true(got.conflicts == 0 && got.stale == 0);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM guard WHERE slot IS NOT NULL"), 2);
	assert_true(held(fx, two.other, two.a));
	want(fx, two.other, 2);
	want(fx, two.other, 3);
	want(fx, two.other, 1);
	got = take(fx, two.other, two.b, epoch);
	assert_int_equal(got.conflicts, 2);
	assert_int_equal(got.holder, two.a);
	assert_string_equal(got.job_id, "job-a");
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM guard"), 2); /* none of the third */
	assert_false(held(fx, fx->store, two.b));
	/* What is only staged is nobody's concern. */
	OK(fx, zync_store_work_begin(two.other, &fx->err));
	stage(fx, two.other, 0, 1, "not wanted", NULL);
	want(fx, two.other, 4);
	assert_int_equal(take(fx, two.other, two.b, epoch).conflicts, 0);
	OK(fx, zync_store_guard_drop(two.other, two.b, &fx->err));
	/* A device and a virtual machine of one number are two objects. */
	OK(fx, zync_store_work_begin(two.other, &fx->err));
	want(fx, two.other, 1);
	OK(fx, zync_db_script(two.other->db, "UPDATE work SET object_type = 'vm'", &fx->err));
	assert_int_equal(take(fx, two.other, two.b, epoch).conflicts, 0);
	zync_store_close(two.other);
}

/* What another run has given back since the plan is stale once; the guard is kept all the same. */
static void stale_after(struct fixture *fx, bool commits)
{
	struct two two = two_runs(fx);
	uint64_t epoch = epoch_of(fx);
	struct zync_guard_state got;

	want(fx, fx->store, 1);
	take(fx, fx->store, two.a, epoch);
	want(fx, two.other, 1);
	want(fx, two.other, 2);
	assert_int_equal(take(fx, two.other, two.b, epoch).conflicts, 1);
	end_of(fx, fx->store, "job-a", two.a, epoch, commits);
	assert_false(held(fx, two.other, two.a));
	assert_true(epoch_of(fx) > epoch);
	got = take(fx, two.other, two.b, epoch);
	assert_true(got.conflicts == 0 && got.stale == 1);
	assert_true(held(fx, fx->store, two.b));
	got = take(fx, two.other, two.b, epoch_of(fx)); /* planned anew */
	assert_true(got.conflicts == 0 && got.stale == 0);
	end_of(fx, two.other, "job-b", two.b, epoch_of(fx), true);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM guard"), 0); /* nobody runs any more */
	zync_store_close(two.other);
}

static void test_stale_after_commit(void **state)
{
	stale_after(*state, true);
}

static void test_stale_after_abandon(void **state)
{
	stale_after(*state, false);
}

/* A plan that was made after the other one's end is not stale. */
static void test_fresh(void **state)
{
	struct fixture *fx = *state;
	struct two two = two_runs(fx);

	want(fx, fx->store, 1);
	take(fx, fx->store, two.a, epoch_of(fx));
	end_of(fx, fx->store, "job-a", two.a, epoch_of(fx), true);
	want(fx, two.other, 1);
	assert_int_equal(take(fx, two.other, two.b, epoch_of(fx)).stale, 0);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM guard"), 1); /* remembered while another job runs */
	zync_store_close(two.other);
}

/* Given back without having written: nothing becomes stale by that. */
static void test_drop(void **state)
{
	struct fixture *fx = *state;
	struct two two = two_runs(fx);
	uint64_t epoch = epoch_of(fx);
	struct zync_guard_state got;

	want(fx, fx->store, 1);
	take(fx, fx->store, two.a, epoch);
	OK(fx, zync_store_guard_drop(fx->store, two.a, &fx->err));
	assert_false(held(fx, fx->store, two.a));
	want(fx, two.other, 1);
	got = take(fx, two.other, two.b, epoch);
	assert_true(got.conflicts == 0 && got.stale == 0);
	assert_int_equal(epoch_of(fx), epoch);
	zync_store_close(two.other);
}

/* Nothing is wanted: nothing is waited for. */
static void test_nothing_wanted(void **state)
{
	struct fixture *fx = *state;
	struct two two = two_runs(fx);
	struct zync_guard_state got;

	stage(fx, fx->store, 0, 1, "n", NULL);
	OK(fx, zync_db_begin(two.other->db, &fx->err));
	got = take(fx, fx->store, two.a, epoch_of(fx));
	assert_true(got.conflicts == 0 && got.stale == 0 && got.holder == 0);
	zync_db_rollback(two.other->db);
	zync_store_close(two.other);
}

/* Without its process a guard does not block, but what it guarded may have been written. */
static void test_dead_holder(void **state)
{
	struct fixture *fx = *state;
	struct two two = two_runs(fx);
	uint64_t epoch = epoch_of(fx);
	struct zync_guard_state got;

	want(fx, two.other, 1);
	want(fx, two.other, 2);
	take(fx, two.other, two.b, epoch);
	want(fx, fx->store, 1);
	want(fx, fx->store, 3);
	assert_int_equal(take(fx, fx->store, two.a, epoch).conflicts, 1);
	zync_store_close(two.other);
	assert_false(held(fx, fx->store, two.b));
	got = take(fx, fx->store, two.a, epoch);
	assert_true(got.conflicts == 0 && got.stale == 1);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM guard WHERE slot IS NOT NULL"), 2);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM guard WHERE slot IS NULL"), 1);
}

/* jobs_interrupt() frees them, too, as after a run that wrote. */
static void test_interrupted_holder(void **state)
{
	struct fixture *fx = *state;
	struct two two = two_runs(fx);
	uint64_t epoch = epoch_of(fx);
	uint64_t count = 0;
	struct zync_guard_state got;

	want(fx, two.other, 1);
	take(fx, two.other, two.b, epoch);
	zync_store_close(two.other);
	OK(fx, zync_store_jobs_interrupt(fx->store, 30, &count, &fx->err));
	assert_int_equal(count, 1);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM guard WHERE slot IS NULL"), 1);
	want(fx, fx->store, 1);
	got = take(fx, fx->store, two.a, epoch);
	assert_true(got.conflicts == 0 && got.stale == 1);
}

/* A process that holds a slot and a guard is killed. */
static void test_killed_holder(void **state)
{
	struct fixture *fx = *state;
	uint64_t epoch = epoch_of(fx);
	uint64_t slot = slot_of(fx, fx->store);
	struct zync_guard_state got;
	int pipes[2];
	char ready = 0;
	pid_t child;

	running_job(fx, fx->store, "job-a", slot);
	want(fx, fx->store, 1);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct zync_store *store = NULL;
		struct zync_job job = {.job_id = "job-child", .name = "n", .status = "running"};
		struct zync_work work = {.object_type = "device", .object_id = 1, .name = "n", .server = "z", .state = "monitored"};
		uint64_t seq = 0;
		bool fine = zync_store_open(fx->url, &store, NULL) == ZYNC_OK && zync_store_work_begin(store, NULL) == ZYNC_OK &&
			    zync_store_slot_take(store, &job.slot, NULL) == ZYNC_OK && zync_store_job_start(store, &job, NULL) == ZYNC_OK &&
			    zync_store_work_add(store, &work, &seq, NULL) == ZYNC_OK && zync_store_work_want(store, seq, NULL) == ZYNC_OK &&
			    zync_store_guard_take(store, job.slot, epoch, &got, NULL) == ZYNC_OK;

		if (!fine || write(pipes[1], "x", 1) != 1)
			_exit(1);
		(void)alarm(30); /* when the test fails before it kills this process */
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(pipes[0], &ready, 1), 1);
	got = take(fx, fx->store, slot, epoch);
	assert_int_equal(got.conflicts, 1);
	assert_string_equal(got.job_id, "job-child");
	assert_true(held(fx, fx->store, got.holder));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(held(fx, fx->store, got.holder));
	got = take(fx, fx->store, slot, epoch);
	assert_true(got.conflicts == 0 && got.stale == 1);
	OK(fx, zync_store_jobs_interrupt(fx->store, 30, NULL, &fx->err));
	assert_string_equal(job_of(fx, "job-child").status, "errored");
	assert_string_equal(job_of(fx, "job-a").status, "running");
	assert_int_equal(close(pipes[0]), 0);
	assert_int_equal(close(pipes[1]), 0);
}

/* The usual run writes many hosts: one statement for all. */
static void test_many(void **state)
{
	struct fixture *fx = *state;
	struct two two = two_runs(fx);
	uint64_t epoch = epoch_of(fx);
	int64_t started, took;

	OK(fx,
	   zync_db_script(fx->store->db,
			  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO work (rank, is_new, "
			  "object_type, object_id, name, server, state, wants) SELECT 1, 1, 'device', i, 'n', 'z', 'monitored', 1 FROM n",
			  &fx->err));
	started = zync_clock_mono_ms();
	assert_int_equal(take(fx, fx->store, two.a, epoch).conflicts, 0);
	want(fx, two.other, MANY);
	assert_int_equal(take(fx, two.other, two.b, epoch).conflicts, 1);
	assert_int_equal(take(fx, fx->store, two.a, epoch).stale, 0);
	OK(fx, zync_store_guard_drop(fx->store, two.a, &fx->err));
	took = zync_clock_mono_ms() - started;
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM guard"), MANY);
	if (took > 20000) /* ten times what an instrumented build takes; about 100 ms as built for use */
		fail_msg("%lld ms", (long long)took);
	zync_store_close(two.other);
}

TEST_GROUP(test_guard, TEST(test_all_or_none), TEST(test_stale_after_commit), TEST(test_stale_after_abandon), TEST(test_fresh),
	   TEST(test_drop), TEST(test_nothing_wanted), TEST(test_dead_holder), TEST(test_interrupted_holder), TEST(test_killed_holder),
	   TEST(test_many));
