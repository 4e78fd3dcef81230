/* SPDX-License-Identifier: Apache-2.0 */
/* The intent journal, and the recording of what dead runs did. */
#include "store_test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/guard.h"
#include "store/intent.h"
#include "store/queue.h"

static const struct zync_host_config_filter DEVICE_1 = {.in_sync = -1, .name = "device:1", .with_state = true};

static uint64_t add(struct fixture *fx, struct zync_store *store, const char *job_id, const char *entries)
{
	struct zync_intent intent = {.job_id = job_id, .time = 5, .server = "zabbix", .method = "host.create", .entries = entries};
	uint64_t id = 0;

	OK(fx, zync_store_intent_add(store, &intent, &id, &fx->err));
	return id;
}

static size_t left(struct fixture *fx, struct zync_intent **ret)
{
	size_t count = 99;

	OK(fx, zync_store_intents_left(fx->store, fx->arena, ret, &count, &fx->err));
	return count;
}

static void test_left(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = fixture_second(fx);
	uint64_t slot = slot_of(fx, second);
	struct zync_intent *rows = NULL;
	uint64_t first, other;

	assert_int_equal(left(fx, &rows), 0);
	running_job(fx, second, "dies", slot);
	running_job(fx, fx->store, "lives", slot_of(fx, fx->store));
	first = add(fx, second, "dies", "[1]");
	other = add(fx, fx->store, "lives", "[2]");
	assert_true(other > first);
	assert_true(add(fx, second, "dies", "[3]") > other);
	OK(fx, zync_store_intent_outcome(second, first, "[null]", &fx->err));
	assert_int_equal(left(fx, &rows), 0); /* both run */
	zync_store_close(second);
	assert_int_equal(left(fx, &rows), 0); /* not looked at yet */
	OK(fx, zync_store_jobs_interrupt(fx->store, 9, NULL, &fx->err));
	assert_int_equal(left(fx, &rows), 2);
	assert_int_equal(rows[0].id, first);
	assert_string_equal(rows[0].job_id, "dies");
	assert_string_equal(rows[0].server, "zabbix");
	assert_string_equal(rows[0].method, "host.create");
	assert_string_equal(rows[0].entries, "[1]");
	assert_string_equal(rows[0].outcome, "[null]");
	assert_string_equal(rows[0].user, "eve");
	assert_string_equal(rows[0].request_id, "r1");
	assert_int_equal(rows[0].time, 5);
	assert_string_equal(rows[1].entries, "[3]");
	assert_null(rows[1].outcome);
}

/* The commit of a run removes its intents, the abandoning leaves them. */
static void test_ends(void **state)
{
	struct fixture *fx = *state;
	struct zync_job_end end = {.job_id = "a", .status = "completed", .completed = 9};
	struct zync_intent *rows = NULL;

	running_job(fx, fx->store, "a", 0);
	running_job(fx, fx->store, "b", 0);
	(void)add(fx, fx->store, "a", "[1]");
	(void)add(fx, fx->store, "b", "[2]");
	OK(fx, zync_store_work_commit(fx->store, 9, &end, NULL, &fx->err));
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM intent"), 1);
	end.job_id = "b";
	end.status = "errored";
	OK(fx, zync_store_work_abandon(fx->store, &end, NULL, &fx->err));
	assert_int_equal(left(fx, &rows), 1);
	assert_string_equal(rows[0].job_id, "b");
}

/* A journal that somebody took away: the run must not go on as if it were covered. */
static void test_outcome_gone(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = add(fx, fx->store, "a", "[1]");

	sql(fx, "DELETE FROM intent");
	assert_int_equal(zync_store_intent_outcome(fx->store, id, "[true]", &fx->err), ZYNC_ERR_STORE);
	assert_true(add(fx, fx->store, "a", "[1]") > id); /* numbers are not used again */
}

/* Durable when the call returns: the process is killed right after it. */
static void test_killed(void **state)
{
	struct fixture *fx = *state;
	struct zync_intent *rows = NULL;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct zync_store *store = NULL;
		struct zync_intent intent = {.job_id = "j", .server = "z", .method = "host.update", .entries = "[]"};
		uint64_t id = 0;

		if (zync_store_open(fx->url, &store, NULL) == ZYNC_OK && zync_store_intent_add(store, &intent, &id, NULL) == ZYNC_OK)
			(void)kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(left(fx, &rows), 1);
	assert_string_equal(rows[0].method, "host.update");
	assert_null(rows[0].user); /* no such job */
}

/* ---- recovering ---- */

static void recover(struct fixture *fx, const struct zync_recovered *host)
{
	OK(fx, zync_store_recover(fx->store, 3000, host, 1, NULL, 0, NULL, 0, &fx->err));
}

static struct zync_recovered device(uint64_t id)
{
	return (struct zync_recovered){
		.object_type = "device", .object_id = id, .name = "sw1", .host = "tech1", .server = "zabbix", .hostid = 101};
}

static void test_orphan(void **state)
{
	struct fixture *fx = *state;
	struct zync_recovered host = device(1);
	struct zync_host_config config;

	host.exists = true;
	host.pk = 7;
	host.applied = "written";
	recover(fx, &host);
	config = one(fx, &DEVICE_1);
	assert_int_equal(config.pk, 7);
	assert_string_equal(config.name, "sw1");
	assert_string_equal(config.host, "tech1");
	assert_string_equal(config.server, "zabbix");
	assert_string_equal(config.state, "monitored");
	assert_int_equal(config.hostid, 101);
	assert_int_equal(config.in_sync, 0);
	assert_int_equal(config.created, 3000);
	assert_string_equal(config.applied, "written");
	assert_null(config.desired);
	assert_int_equal(sql_number(fx, "SELECT next FROM sequence WHERE name = 'host_config'"), 8); /* never given again */
	/* The number belongs to another object by now, or there was none: a fresh one. */
	host.object_id = 2;
	host.hostid = 102;
	recover(fx, &host);
	host.object_id = 3;
	host.hostid = 103;
	host.pk = 0;
	recover(fx, &host);
	assert_int_equal(sql_number(fx, "SELECT pk FROM host_config WHERE object_id = 2"), 8);
	assert_int_equal(sql_number(fx, "SELECT pk FROM host_config WHERE object_id = 3"), 9);
	assert_int_equal(sql_number(fx, "SELECT next FROM sequence WHERE name = 'host_config'"), 10);
}

/* What becomes of the link of a known host config: stored link and server, what was found, link afterwards, touched. */
static void test_links(void **state)
{
	struct fixture *fx = *state;
	static const struct {
		const char *stored;
		bool exists, gone;
		uint64_t hostid; /* found */
		int64_t after;
		int in_sync;
	} CASES[] = {
		{"hostid = NULL", true, false, 101, 101, 0},
		{"hostid = 101", true, false, 101, 101, 0},
		{"hostid = 555", true, false, 101, 555, 1}, /* never another link */
		{"hostid = NULL, server = 'other'", true, false, 101, 0, 1},
		{"hostid = 101", false, true, 101, 0, 0},
		{"hostid = 555", false, true, 101, 555, 1},
		{"hostid = 101, server = 'other'", false, true, 101, 101, 1},
		{"hostid = NULL", false, true, 101, 0, 0},
		{"hostid = 101", false, false, 101, 101, 0}, /* written or not: it is to be looked at */
		{"hostid = NULL", false, false, 0, 0, 0},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		struct zync_recovered host = device(1);
		struct zync_host_config config;
		char text[120];

		sql(fx, "DELETE FROM host_config; UPDATE sequence SET next = 1 WHERE name = 'host_config'");
		synced_host(fx, 1, "sw1", 101);
		(void)snprintf(text, sizeof(text), "UPDATE host_config SET %s", CASES[i].stored);
		sql(fx, text);
		host.exists = CASES[i].exists;
		host.gone = CASES[i].gone;
		host.hostid = CASES[i].hostid;
		host.pk = 9;
		host.forget_pushed = true;
		recover(fx, &host);
		config = one(fx, &DEVICE_1);
		if ((int64_t)config.hostid != CASES[i].after || config.in_sync != CASES[i].in_sync)
			fail_msg("case %zu: hostid %llu, in sync %d", i, (unsigned long long)config.hostid, config.in_sync);
		assert_int_equal(config.pk, 1);
		assert_true((config.pushed == NULL) == (CASES[i].in_sync == 0));
		assert_string_equal(config.applied, "sw1");
		assert_string_equal(config.desired, "sw1");
	}
	sql(fx, "DELETE FROM host_config");
	recover(fx,
		&(struct zync_recovered){.object_type = "device", .object_id = 1, .name = "n", .server = "z", .gone = true, .hostid = 4});
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 0);
}

static void test_applied(void **state)
{
	struct fixture *fx = *state;
	struct zync_recovered host = device(1);

	synced_host(fx, 1, "sw1", 101);
	host.exists = true;
	recover(fx, &host);
	assert_string_equal(one(fx, &DEVICE_1).pushed, "{\"{$S}\":\"digest\"}");
	host.applied = "written";
	recover(fx, &host);
	assert_string_equal(one(fx, &DEVICE_1).applied, "written");
	sql(fx, "DELETE FROM host_state");
	recover(fx, &host);
	assert_string_equal(one(fx, &DEVICE_1).applied, "written");
}

/* Others that planned before it must plan anew, as after a run that wrote. */
static void test_stale(void **state)
{
	struct fixture *fx = *state;
	uint64_t slot = slot_of(fx, fx->store);
	uint64_t epoch = 0;
	uint64_t seq = stage(fx, fx->store, 0, 1, "sw1", NULL);
	struct zync_recovered host = device(1);
	struct zync_guard_state guard = {0};

	running_job(fx, fx->store, "a", slot);
	OK(fx, zync_store_guard_epoch(fx->store, &epoch, &fx->err));
	recover(fx, &host);
	OK(fx, zync_store_work_want(fx->store, seq, &fx->err));
	OK(fx, zync_store_guard_take(fx->store, slot, epoch, &guard, &fx->err));
	assert_int_equal(guard.stale, 1);
	recover(fx, &host); /* of a guarded one the guard stays */
	assert_int_equal(sql_number(fx, "SELECT slot FROM guard"), (int64_t)slot);
}

/* Links, events and the end of the intents come together, or not at all; what another process has recorded is not recorded again. */
static void test_together(void **state)
{
	struct fixture *fx = *state;
	struct zync_recovered host = device(1);
	struct zync_event events[] = {{.time = 1, .name = "sw1", .kind = "host", .action = "create", .state = "completed"},
				      {.time = 2, .name = "sw2", .kind = "host", .action = "update", .state = "failed"}};
	uint64_t ids[] = {add(fx, fx->store, "a", "[1]"), add(fx, fx->store, "a", "[2]")};
	uint64_t third = add(fx, fx->store, "a", "[3]");

	host.exists = true;
	sql(fx, "CREATE TRIGGER bad BEFORE DELETE ON intent WHEN OLD.id = 2 BEGIN SELECT RAISE(ABORT, 'test'); END");
	assert_int_equal(zync_store_recover(fx->store, 1, &host, 1, events, 2, ids, 2, &fx->err), ZYNC_ERR_STORE);
	assert_int_equal(sql_number(fx, "SELECT (SELECT count(*) FROM host_config) + (SELECT count(*) FROM event)"), 0);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM intent"), 3);
	sql(fx, "DROP TRIGGER bad");
	OK(fx, zync_store_recover(fx->store, 1, &host, 1, events, 2, ids, 2, &fx->err));
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 1);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM event"), 2);
	assert_int_equal(sql_number(fx, "SELECT id FROM intent"), (int64_t)third);
	/* Once more, and one that is still open beside it. */
	ids[0] = third;
	host.object_id = 2;
	OK(fx, zync_store_recover(fx->store, 1, &host, 1, events, 2, ids, 2, &fx->err));
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 1);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM event"), 2);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM intent"), 1);
	OK(fx, zync_store_recover(fx->store, 1, NULL, 0, NULL, 0, ids, 1, &fx->err));
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM intent"), 0);
}

/* A run moves its host events shortly before its commit: what it has told itself is not told twice. */
static void test_told_already(void **state)
{
	struct fixture *fx = *state;
	struct zync_event event = {
		.time = 1, .job_id = "a", .name = "sw1", .kind = "host", .action = "create", .state = "completed", .hostid = 7};

	OK(fx, zync_store_event_add(fx->store, &event, &fx->err));
	OK(fx, zync_store_recover(fx->store, 1, NULL, 0, &event, 1, NULL, 0, &fx->err));
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM event"), 1);
	event.hostid = 8;
	OK(fx, zync_store_recover(fx->store, 1, NULL, 0, &event, 1, NULL, 0, &fx->err));
	event.job_id = "b";
	OK(fx, zync_store_recover(fx->store, 1, NULL, 0, &event, 1, NULL, 0, &fx->err));
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM event"), 3);
	sql(fx, "UPDATE event SET state = 'failed'");
	OK(fx, zync_store_recover(fx->store, 1, NULL, 0, &event, 1, NULL, 0, &fx->err));
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM event"), 4);
}

TEST_GROUP(test_intent, TEST(test_left), TEST(test_ends), TEST(test_outcome_gone), TEST(test_killed), TEST(test_orphan), TEST(test_links),
	   TEST(test_applied), TEST(test_stale), TEST(test_together), TEST(test_told_already));
