/* SPDX-License-Identifier: Apache-2.0 */
/* Host groups that runs made: written down before the call, settled after it, open when a job died between. */
#include "store_test.h"

#include "store/made_group.h"

static void intend(struct fixture *fx, const char *server, const char *job_id, int64_t now, const char *const *names, size_t count)
{
	OK(fx, zync_store_made_groups_intend(fx->store, server, names, count, job_id, now, &fx->err));
}

static void decide(struct fixture *fx, const char *server, const char *name, uint64_t id)
{
	struct zync_remembered_group group = {.server = server, .name = name, .groupid = id};

	OK(fx, zync_store_made_groups_decided(fx->store, &group, 1, &fx->err));
}

/* "server/name=id@made_at(job); " of what is known, or of what is open. */
static const char *listed(struct fixture *fx, bool open)
{
	struct zync_remembered_group *rows = NULL;
	const char *text = "";
	size_t count = 0;

	if (open)
		OK(fx, zync_store_made_groups_open(fx->store, fx->arena, &rows, &count, &fx->err));
	else
		OK(fx, zync_store_made_groups(fx->store, fx->arena, &rows, &count, &fx->err));
	for (size_t i = 0; i < count; i++)
		text = zync_arena_printf(fx->arena, "%s%s:%s=%llu@%lld(%s); ", text, rows[i].server, rows[i].name,
					 (unsigned long long)rows[i].groupid, (long long)rows[i].made_at, rows[i].job_id);
	return text;
}

static void test_life(void **state)
{
	struct fixture *fx = *state;

	running_job(fx, fx->store, "run", slot_of(fx, fx->store));
	intend(fx, "b", "run", 5, (const char *const[]){"A", "A/B", "C"}, 3);
	intend(fx, "a", "run", 6, (const char *const[]){"A"}, 1);
	assert_string_equal(listed(fx, false), "");
	assert_string_equal(listed(fx, true), ""); /* its job is at work, and will say */
	decide(fx, "b", "A", 0);
	decide(fx, "b", "A/B", 12);
	decide(fx, "a", "A", 1);
	assert_string_equal(listed(fx, false), "a:A=1@6(run); b:A/B=12@5(run); ");
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM made_group"), 3);
	/* The job dies: of C nobody knows. */
	sql(fx, "UPDATE job SET status = 'errored'");
	assert_string_equal(listed(fx, true), "b:C=0@5(run); ");
	decide(fx, "b", "C", 13);
	decide(fx, "b", "A/B", 0);
	assert_string_equal(listed(fx, true), "");
	assert_string_equal(listed(fx, false), "a:A=1@6(run); b:C=13@5(run); ");
	decide(fx, "b", "unknown", 0);
	decide(fx, "b", "unknown", 7);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM made_group"), 2);
}

/* Made once more, because it was gone: the old id counts no more. The row of a job that was cleaned up is open, too. */
static void test_again(void **state)
{
	struct fixture *fx = *state;

	intend(fx, "a", "old", 5, (const char *const[]){"A"}, 1);
	decide(fx, "a", "A", 1);
	intend(fx, "a", "new", 9, (const char *const[]){"A"}, 1);
	assert_string_equal(listed(fx, false), "");
	assert_string_equal(listed(fx, true), "a:A=0@9(new); ");
	intend(fx, "a", "new", 9, NULL, 0);
	OK(fx, zync_store_made_groups_decided(fx->store, NULL, 0, &fx->err));
}

/* What is remembered is there whatever becomes of the run. */
static void test_outside_of_the_run(void **state)
{
	struct fixture *fx = *state;
	struct zync_job_end end = {.job_id = "run", .status = "errored", .completed = 9};

	running_job(fx, fx->store, "run", slot_of(fx, fx->store));
	(void)stage(fx, fx->store, 0, 1, "sw1", "d");
	intend(fx, "a", "run", 5, (const char *const[]){"A"}, 1);
	decide(fx, "a", "A", 1);
	OK(fx, zync_store_work_abandon(fx->store, &end, NULL, &fx->err));
	assert_string_equal(listed(fx, false), "a:A=1@5(run); ");
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 0);
}

TEST_GROUP(test_made_group, TEST(test_life), TEST(test_again), TEST(test_outside_of_the_run));
