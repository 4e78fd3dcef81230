/* SPDX-License-Identifier: Apache-2.0 */
/* Putting back all that a strict run wrote, against a Zabbix with a handful of hosts: order, calls without an answer, refusals, a server that goes away. */
#include "jobs_test.h"

#include "base/clock.h"
#include "store/undo.h"

#define OLD 1600000000000LL

static void begin(struct fixture *fx)
{
	world_open(fx);
	run_begin(fx);
	fx->run->strict = true;
	fx->app.finishing = true;
	OK(fx, zync_store_undo_begin(fx->app.store, &fx->err));
	zync_log_set_level(ZYNC_LOG_ERROR);
}

/* A row as zync_put_back_note() makes it. */
static void add_row(struct fixture *fx, const char *op, unsigned id, unsigned hostid, enum zync_undo_state state, const char *more)
{
	struct zync_undo undo = {.time = OLD, .state = state, .hostid = hostid, .server = "zabbix"};
	uint64_t seq = 0;

	undo.data = zync_arena_printf(fx->arena,
				      "{\"op\":\"%s\",\"type\":\"device\",\"id\":%u,\"pk\":%u,\"name\":\"sw%u\",\"host\":\"sw%u\"%s}", op,
				      id, id + 100, id, id, more);
	OK(fx, zync_store_undo_add(fx->app.store, &undo, &seq, &fx->err));
}

static struct world_host *add_host(struct fixture *fx, unsigned id)
{
	return world_add(fx, 500 + id, zync_arena_printf(fx->arena, "sw%u", id), zync_arena_printf(fx->arena, "nb:device:%u", id));
}

static void add_created(struct fixture *fx, unsigned id)
{
	(void)add_host(fx, id);
	add_row(fx, "create", id, 500 + id, ZYNC_UNDO_WRITTEN, ",\"aspects\":0");
}

/* A host whose description the run changed from "old" to "new". */
static void add_changed(struct fixture *fx, unsigned id)
{
	add_host(fx, id)->description = "new";
	add_row(fx, "update", id, 500 + id, ZYNC_UNDO_WRITTEN,
		zync_arena_printf(fx->arena,
				  ",\"aspects\":%u,\"pre\":{\"v\":1,\"hostid\":%u,\"host\":\"sw%u\",\"name\":\"sw%u\",\"status\":"
				  "\"monitored\",\"description\":\"old\"},\"sealed\":{},\"written\":{}",
				  ZYNC_ASPECT_BIT(ZYNC_ASPECT_DESCRIPTION), 500 + id, id, id));
}

static void check_counts(struct fixture *fx, uint64_t restored, uint64_t deleted, size_t failed)
{
	const struct zync_put_back *p = &fx->run->put_back;

	assert_int_equal(p->restored, restored);
	assert_int_equal(p->deleted, deleted);
	assert_int_equal(p->failed.len, failed);
	assert_int_equal(number(fx, "SELECT count(*) FROM work_event WHERE action = 'put-back' AND state = 'completed'"),
			 restored + deleted);
	assert_int_equal(number(fx, "SELECT count(*) FROM work_event WHERE action = 'put-back' AND state = 'failed'"), failed);
}

static const struct zync_failure *failure(const struct fixture *fx, size_t i)
{
	return fx->run->put_back.failed.items[i];
}

static void test_nothing(void **state)
{
	struct fixture *fx = *state;

	begin(fx);
	add_row(fx, "create", 1, 0, ZYNC_UNDO_REFUSED, ",\"aspects\":0");
	zync_run_put_back(fx->run);
	assert_false(fx->run->put_back.tried);
	assert_int_equal(fx->world.requests, 0);
	check_counts(fx, 0, 0, 0);
}

/* In bulk, the newest first; of what the run did not write nothing is touched. */
static void test_all(void **state)
{
	struct fixture *fx = *state;

	begin(fx);
	for (unsigned i = 1; i <= 3; i++)
		add_created(fx, i);
	for (unsigned i = 4; i <= 5; i++)
		add_changed(fx, i);
	add_host(fx, 6)->description = "new";
	zync_run_put_back(fx->run);
	assert_string_equal(fx->world.writes, "host.delete 503,502,501; host.update 505,504; ");
	assert_int_equal(fx->world.requests, 3);
	check_counts(fx, 2, 3, 0);
	assert_true(fx->run->put_back.tried);
	assert_null(fx->run->put_back.broke_off);
	assert_string_equal(fx->world.hosts[3].description, "old");
	assert_string_equal(fx->world.hosts[5].description, "new");
	expect_words(fx->phases, "put-back ");
	/* The journal says that these hosts are as they were. */
	assert_int_equal(number(fx, "SELECT count(*) FROM intent WHERE entries LIKE '%\"op\":\"put-back\"%'"), 2);
	assert_string_equal(text_of(fx, "SELECT group_concat(outcome) FROM intent"), "[503,502,501],[505,504]");
	assert_string_equal(text_of(fx, "SELECT entries FROM intent WHERE method = 'host.delete' AND entries LIKE '%\"host\":\"sw1\"%'") !=
					    NULL
				    ? "named"
				    : "",
			    "named");
}

/* One that Zabbix refuses is named with its words; the others are put back. */
static void test_refused(void **state)
{
	struct fixture *fx = *state;

	begin(fx);
	for (unsigned i = 1; i <= 4; i++)
		add_created(fx, i);
	fx->world.refuse = "sw2";
	zync_run_put_back(fx->run);
	check_counts(fx, 0, 3, 1);
	assert_string_equal(failure(fx, 0)->name, "sw2");
	assert_int_equal(failure(fx, 0)->pk, 102);
	expect_words(failure(fx, 0)->error, "Refused \"sw2\".");
	expect_words(text_of(fx, "SELECT group_concat(outcome) FROM intent"), "Refused");
}

/* The answer to a creation was lost: its host is found by its mark, also when it comes to be only while it is looked for. */
static void test_lost_creation(void **state)
{
	struct fixture *fx = *state;

	begin(fx);
	(void)add_host(fx, 1);
	add_host(fx, 2)->appears = 4; /* not before the second look */
	for (unsigned i = 1; i <= 3; i++)
		add_row(fx, "create", i, 0, ZYNC_UNDO_SENT, ",\"aspects\":0");
	sql(fx, zync_arena_printf(fx->arena, "UPDATE work_undo SET time = %lld", (long long)zync_clock_now_ms()));
	zync_run_put_back(fx->run);
	assert_string_equal(fx->world.writes, "host.delete 502,501; ");
	check_counts(fx, 0, 2, 0); /* the third was never created: nothing to tell */
}

static void test_cloned(void **state)
{
	struct fixture *fx = *state;

	begin(fx);
	(void)add_host(fx, 1);
	world_add(fx, 777, "clone", "nb:device:1");
	add_row(fx, "create", 1, 0, ZYNC_UNDO_SENT, ",\"aspects\":0");
	zync_run_put_back(fx->run);
	assert_string_equal(fx->world.writes, "");
	check_counts(fx, 0, 0, 1);
	expect_words(failure(fx, 0)->error, "two hosts in Zabbix carry its ownership mark");
}

/* The server goes away between two calls: what was put back by then is not called lost, and each of the others is. */
static void test_half_a_page(void **state)
{
	struct fixture *fx = *state;

	begin(fx);
	for (unsigned i = 1; i <= 60; i++)
		add_created(fx, i);
	fx->world.lost_from = 3; /* read, first fifty deleted */
	zync_run_put_back(fx->run);
	check_counts(fx, 0, 50, 10);
	assert_string_equal(failure(fx, 0)->name, "sw10");
	expect_words(failure(fx, 9)->error, "connection lost");
	assert_int_equal(number(fx, "SELECT count(DISTINCT host_config_pk) FROM work_event"), 60);
}

/* The answer to a deletion is lost, and the server is back: it is looked up. */
static void test_lost_deletion(void **state)
{
	struct fixture *fx = *state;

	begin(fx);
	add_created(fx, 1);
	fx->world.lost_from = 2;
	fx->world.lost_done = true;
	fx->world.lost_until = 2;
	zync_run_put_back(fx->run);
	check_counts(fx, 0, 1, 0);
	assert_string_equal(fx->world.writes, "host.delete 501; ");
}

/* Nobody answers: each host is named, and the server is not asked for ever. */
static void test_silent(void **state)
{
	struct fixture *fx = *state;

	begin(fx);
	for (unsigned i = 1; i <= 450; i++)
		add_row(fx, i % 10 ? "create" : "delete-hard", i, 500 + i, i % 7 ? ZYNC_UNDO_WRITTEN : ZYNC_UNDO_REFUSED, ",\"aspects\":0");
	fx->world.lost_from = 1;
	zync_run_put_back(fx->run);
	assert_int_equal(fx->world.requests, 3); /* a page each, then never again */
	check_counts(fx, 0, 0, 450 - 450 / 7);
	assert_string_equal(failure(fx, 0)->error, "it was deleted for good, with its history"); /* that is certain */
	expect_words(failure(fx, 1)->error, "connection lost");
	expect_words(failure(fx, fx->run->put_back.failed.len - 1)->error, "did not answer when the hosts before it were to be put back");
	assert_int_equal(number(fx, "SELECT count(*) FROM work_event WHERE exception LIKE 'it was deleted for good%'"), 45 - 6);
}

/* The store takes no more writes, which may be why the run failed: the hosts are put back all the same. */
static void test_without_store(void **state)
{
	struct fixture *fx = *state;

	begin(fx);
	add_created(fx, 1);
	add_changed(fx, 2);
	sql(fx, "CREATE TRIGGER full BEFORE INSERT ON intent BEGIN SELECT RAISE(ABORT, 'the disk is full'); END;"
		"CREATE TEMP TRIGGER full_event BEFORE INSERT ON work_event BEGIN SELECT RAISE(ABORT, 'the disk is full'); END;"
		"CREATE TRIGGER full_job BEFORE UPDATE ON job BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
	zync_run_put_back(fx->run);
	assert_string_equal(fx->world.writes, "host.delete 501; host.update 502; ");
	assert_true(fx->run->put_back.restored == 1 && fx->run->put_back.deleted == 1 && fx->run->put_back.failed.len == 0);
}

/* Not even what is to be put back can be read: that is said, since no host can be named. */
static void test_unreadable(void **state)
{
	struct fixture *fx = *state;
	char text[400];

	begin(fx);
	add_created(fx, 1);
	sql(fx, "DROP TABLE work_undo");
	zync_run_put_back(fx->run);
	assert_true(fx->run->put_back.tried);
	expect_words(fx->run->put_back.broke_off, "work_undo");
	zync_put_back_text(fx->run, text, sizeof(text));
	expect_words(text, "; not everything that had been written to Zabbix could be put back: ");
}

const struct CMUnitTest put_back_run_tests[] = {
	TEST(test_nothing),	TEST(test_all),		  TEST(test_refused), TEST(test_lost_creation), TEST(test_cloned),
	TEST(test_half_a_page), TEST(test_lost_deletion), TEST(test_silent),  TEST(test_without_store), TEST(test_unreadable),
};
const size_t put_back_run_tests_len = ZYNC_ARRAY_LEN(put_back_run_tests);
