/* SPDX-License-Identifier: Apache-2.0 */
/* What runs left open that did not come to their end: the cases of docs/internals/journal.md, against a Zabbix that says what happened. */
#include "jobs_test.h"

#include "base/clock.h"

#define OLD 1600000000000LL /* a call so long ago that it cannot be at work any more */

/* A job that was killed (its events are missing), or one that ended itself without completing. */
static void add_job(struct fixture *fx, const char *id, bool killed)
{
	sql(fx, zync_arena_printf(fx->arena,
				  "INSERT INTO job (job_id, name, status, user_name, request_id, created, started, completed, error) VALUES"
				  " ('%s', 'sync-hosts-now', '%s', 'adam', 'r1', 1, 1, 2, '%s')",
				  id, killed ? "errored" : "failed", killed ? "interrupted: its process died" : "cancelled"));
}

static void add_intent(struct fixture *fx, const char *job, int64_t time, const char *method, const char *entries, const char *outcome)
{
	struct zync_intent intent = {
		.job_id = job, .time = time, .server = "zabbix", .method = method, .entries = entries, .outcome = outcome};
	uint64_t id = 0;

	OK(fx, zync_store_intent_add(fx->app.store, &intent, &id, &fx->err));
}

static void add_config(struct fixture *fx, uint64_t id, uint64_t hostid)
{
	sql(fx, zync_arena_printf(
			fx->arena,
			"INSERT INTO host_config (pk, object_type, object_id, name, host, server, hostid, state, in_sync, created, updated)"
			" VALUES (%llu, 'device', %llu, 'sw', 'sw', 'zabbix', %s, 'monitored', 1, 1, 1);"
			"INSERT INTO host_text (id, object_type, object_id, desired) VALUES (%llu, 'device', %llu, '{}'), (%llu, 'device', "
			"%llu, "
			"'{\"old\":1}');"
			"INSERT INTO host_state (pk, desired_id, digest, pushed, applied_id) VALUES (%llu, %llu, 'd', '{\"{$S}\":\"aa\"}', "
			"%llu);"
			"UPDATE sequence SET next = 10000 WHERE name = 'host_text'",
			(unsigned long long)id + 100, (unsigned long long)id,
			hostid == 0 ? "NULL" : zync_arena_printf(fx->arena, "%llu", (unsigned long long)hostid),
			(unsigned long long)id + 1000, (unsigned long long)id, (unsigned long long)id + 2000, (unsigned long long)id,
			(unsigned long long)id + 100, (unsigned long long)id + 1000, (unsigned long long)id + 2000));
}

static const char *owner_of(struct fixture *fx, unsigned id)
{
	return zync_arena_printf(fx->arena, "nb:device:%u", id);
}

static const char *entry(struct fixture *fx, unsigned id, const char *op, unsigned hostid, const char *pre, const char *more)
{
	const char *known = hostid == 0 ? "" : zync_arena_printf(fx->arena, ",\"hostid\":%u,\"pre\":\"%s\"", hostid, pre);

	return zync_arena_printf(fx->arena,
				 "{\"type\":\"device\",\"id\":%u,\"pk\":%u,\"name\":\"sw%u\",\"host\":\"sw%u\",\"op\":\"%s\"%s%s}", id,
				 id + 100, id, id, op, known, more);
}

static const char *list(struct fixture *fx, const char *a, const char *b)
{
	return zync_arena_printf(fx->arena, b == NULL ? "[%s]" : "[%s,%s]", a, b);
}

/* The digest of a host as it is now, made as the journal makes it: with the secrets that were last pushed. */
static const char *digest_now(struct fixture *fx, uint64_t id, const char *pushed)
{
	struct zync_host host = world_read(fx, id);
	const struct zync_jval *value = NULL;
	const char *hex = NULL;

	if (pushed != NULL)
		OK(fx, zync_json_parse(fx->arena, pushed, strlen(pushed), &value, &fx->err));
	zync_host_apply_pushed(&host, value);
	OK(fx, zync_journal_digest(&host, fx->arena, &hex, &fx->err));
	return hex;
}

static void recover(struct fixture *fx)
{
	fx->world.requests = 0;
	OK(fx, run_empty(fx));
	assert_int_equal(number(fx, "SELECT count(*) FROM intent"), 0);
	assert_string_equal(fx->world.writes, ""); /* nothing is written to Zabbix by a recovery */
}

static const char *config_row(struct fixture *fx, unsigned id)
{
	return text_of(fx, zync_arena_printf(fx->arena,
					     "SELECT c.pk || ' ' || coalesce(c.hostid, '-') || ' ' || coalesce(c.in_sync, '-') || ' ' || "
					     "coalesce(s.pushed, '-') || ' ' ||"
					     " coalesce(a.desired, '-') FROM host_config c LEFT JOIN host_state s ON s.pk = c.pk LEFT JOIN "
					     "host_text a ON a.id = "
					     "s.applied_id WHERE c.object_id = %u",
					     id));
}

static void test_nothing_left(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	recover(fx);
	assert_int_equal(fx->world.requests, 0);
}

/* The rows of a job that is at work are its own affair. */
static void test_of_the_living(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	run_begin(fx);
	add_intent(fx, "job-1", OLD, "host.create", list(fx, entry(fx, 1, "create", 0, NULL, ""), NULL), NULL);
	fx->app.slot = 0; /* the run has one of its own */
	sql(fx, "INSERT INTO job (job_id, name, status, created, slot) SELECT 'other', 'x', 'running', 1, slot FROM job");
	assert_int_equal(number(fx, "SELECT count(*) FROM intent"), 1);
	OK(fx, zync_run_recover(fx->run, &fx->err));
	assert_int_equal(number(fx, "SELECT count(*) FROM intent"), 1);
	assert_int_equal(fx->world.requests, 0);
}

static void test_created(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	add_job(fx, "dead", true);
	world_add(fx, 501, "sw1", owner_of(fx, 1));
	add_config(fx, 2, 0);
	world_add(fx, 502, "sw2", owner_of(fx, 2));
	add_intent(
		fx, "dead", OLD, "host.create",
		list(fx, entry(fx, 1, "create", 0, NULL, ",\"secrets\":true"), entry(fx, 2, "create", 0, NULL, ",\"applied\":{\"new\":1}")),
		NULL);
	add_intent(fx, "dead", OLD, "host.create", list(fx, entry(fx, 3, "create", 0, NULL, ""), NULL), NULL);
	recover(fx);
	assert_string_equal(config_row(fx, 1), "101 501 0 - -"); /* made, with the number that was reserved */
	assert_string_equal(text_of(fx, "SELECT name || ' ' || host || ' ' || server || ' ' || state FROM host_config WHERE pk = 101"),
			    "sw1 sw1 zabbix monitored");
	assert_string_equal(config_row(fx, 2), "102 502 0 {\"{$S}\":\"aa\"} {\"new\":1}");
	assert_null(config_row(fx, 3)); /* it was not created: the next plan does it */
	assert_int_equal(number(fx, "SELECT count(*) FROM event WHERE kind = 'host'"), 2);
	assert_int_equal(
		number(fx,
		       "SELECT count(*) FROM event WHERE kind = 'host' AND job_id = 'dead' AND action = 'create' AND state = 'completed' "
		       "AND user_name = 'adam'"
		       " AND request_id = 'r1' AND hostid IN (501, 502) AND message LIKE '%as was found after job dead was interrupted'"),
		2);
	assert_int_equal(fx->world.requests, 2); /* one for the marks, one for the hosts: in bulk */
}

/* Two hosts with one mark: somebody cloned one. Nobody guesses. */
static void test_cloned(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	add_job(fx, "dead", true);
	world_add(fx, 501, "sw1", owner_of(fx, 1));
	world_add(fx, 502, "sw1 clone", owner_of(fx, 1));
	add_intent(fx, "dead", OLD, "host.create", list(fx, entry(fx, 1, "create", 0, NULL, ""), NULL), NULL);
	recover(fx);
	assert_null(config_row(fx, 1));
	assert_int_equal(number(fx, "SELECT count(*) FROM event WHERE kind = 'host'"), 0);
}

static void test_updated(void **state)
{
	struct fixture *fx = *state;
	const char *before;

	world_open(fx);
	add_job(fx, "dead", true);
	for (unsigned i = 1; i <= 4; i++) {
		world_add(fx, 500 + i, "sw", owner_of(fx, i))->macros =
			"{\"hostmacroid\":\"9\",\"macro\":\"{$S}\",\"type\":\"1\",\"description\":\"\"}";
		add_config(fx, i, 500 + i);
	}
	for (unsigned i = 1; i <= 4; i++) {
		before = digest_now(fx, 500 + i, "{\"{$S}\":\"aa\"}");
		add_intent(fx, "dead", OLD, "host.update",
			   list(fx,
				entry(fx, i, "update", 500 + i, before,
				      i % 2 ? ",\"applied\":{\"new\":1}" : ",\"secrets\":true,\"applied\":{\"new\":1}"),
				NULL),
			   NULL);
	}
	fx->world.hosts[0].description = "new"; /* these two happened */
	fx->world.hosts[1].description = "new";
	recover(fx);
	assert_string_equal(config_row(fx, 1), "101 501 0 {\"{$S}\":\"aa\"} {\"new\":1}");
	assert_string_equal(config_row(fx, 2), "102 502 0 - {\"new\":1}"); /* its secrets are pushed once more */
	assert_string_equal(config_row(fx, 3), "103 503 0 {\"{$S}\":\"aa\"} {\"old\":1}");
	assert_string_equal(config_row(fx, 4), "104 504 0 - {\"old\":1}"); /* nobody can tell whether its secret was written */
	assert_string_equal(text_of(fx, "SELECT group_concat(action || ' ' || hostid) FROM event WHERE kind = 'host'"),
			    "update 501,update 502");
	expect_words(text_of(fx, "SELECT post_data FROM event WHERE hostid = 501"), "\"description\":\"new\"");
}

static void test_deleted(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	add_job(fx, "dead", true);
	for (unsigned i = 1; i <= 3; i++) {
		world_add(fx, 500 + i, "sw", owner_of(fx, i));
		add_config(fx, i, 500 + i);
		add_intent(fx, "dead", OLD, "host.delete",
			   list(fx, entry(fx, i, i == 3 ? "update" : "delete-hard", 500 + i, digest_now(fx, 500 + i, NULL), ""), NULL),
			   NULL);
	}
	fx->world.hosts[0].gone = true;
	fx->world.hosts[2].gone = true; /* not by an update: somebody else did it */
	recover(fx);
	assert_string_equal(text_of(fx, "SELECT group_concat(pk || ':' || coalesce(hostid, '-'), ' ') FROM host_config"),
			    "101:- 102:502 103:503");
	assert_string_equal(text_of(fx, "SELECT group_concat(action || ' ' || hostid) FROM event WHERE kind = 'host'"), "delete 501");
	expect_words(text_of(fx, "SELECT message FROM event WHERE hostid = 501"), "Deleted host sw1 for good");
}

/* A run that ended itself has told what it did; what the store believes is mended all the same. */
static void test_told(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	add_job(fx, "cancelled", false);
	world_add(fx, 501, "sw1", owner_of(fx, 1));
	add_intent(fx, "cancelled", OLD, "host.create", list(fx, entry(fx, 1, "create", 0, NULL, ""), NULL), "[501]");
	recover(fx);
	assert_string_equal(config_row(fx, 1), "101 501 0 - -");
	assert_int_equal(number(fx, "SELECT count(*) FROM event WHERE kind = 'host'"), 0);
}

/* Refused, or put back: what the store says is true, whatever somebody else did to the host since. */
static void test_untouched(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	add_job(fx, "dead", true);
	for (unsigned i = 1; i <= 4; i++)
		world_add(fx, 500 + i, "sw", owner_of(fx, i))->gone = i == 3;
	for (unsigned i = 1; i <= 2; i++)
		add_config(fx, i, 500 + i);
	add_intent(fx, "dead", OLD, "host.update",
		   list(fx, entry(fx, 1, "update", 501, "other", ",\"secrets\":true"),
			entry(fx, 2, "update", 502, "other", ",\"secrets\":true,\"applied\":{\"new\":1}")),
		   "[\"refused\",502]");
	add_intent(fx, "dead", OLD, "host.create", list(fx, entry(fx, 3, "create", 0, NULL, ""), entry(fx, 4, "create", 0, NULL, "")),
		   "[503,\"refused\"]");
	add_intent(fx, "dead", OLD, "host.update",
		   list(fx, entry(fx, 2, "put-back", 502, "other", ",\"secrets\":true"), entry(fx, 3, "put-back", 503, "other", "")),
		   "[502,503]");
	recover(fx);
	assert_string_equal(config_row(fx, 1), "101 501 1 {\"{$S}\":\"aa\"} {\"old\":1}");
	assert_string_equal(config_row(fx, 2), "102 502 1 {\"{$S}\":\"aa\"} {\"old\":1}");
	assert_null(config_row(fx, 3));
	assert_null(config_row(fx, 4));
	assert_int_equal(number(fx, "SELECT count(*) FROM event WHERE kind = 'host'"), 0);
	assert_int_equal(fx->world.requests, 0);
}

/* Killed while it was put back: what Zabbix has counts. */
static void test_put_back_open(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	add_job(fx, "dead", true);
	world_add(fx, 501, "sw1", owner_of(fx, 1))->description = "new";
	add_config(fx, 1, 501);
	add_intent(fx, "dead", OLD, "host.update", list(fx, entry(fx, 1, "update", 501, "before", ",\"applied\":{\"new\":1}"), NULL),
		   "[501]");
	add_intent(fx, "dead", OLD, "host.update", list(fx, entry(fx, 1, "put-back", 501, "after", ",\"secrets\":true"), NULL), NULL);
	recover(fx);
	assert_string_equal(config_row(fx, 1), "101 501 0 - {\"new\":1}");
}

/* A dead client's last call may still be at work: it is waited for, but no longer than Zabbix may take. */
static void test_young(void **state)
{
	struct fixture *fx = *state;
	int64_t start;

	world_open(fx);
	add_job(fx, "dead", true);
	world_add(fx, 501, "sw1", owner_of(fx, 1))->appears = 3;
	add_intent(fx, "dead", zync_clock_now_ms(), "host.create", list(fx, entry(fx, 1, "create", 0, NULL, ""), NULL), NULL);
	recover(fx);
	assert_string_equal(config_row(fx, 1), "101 501 0 - -");
	/* One that never comes: until the configured time-out of a second is over. */
	add_intent(fx, "dead", zync_clock_now_ms(), "host.create", list(fx, entry(fx, 2, "create", 0, NULL, ""), NULL), NULL);
	start = zync_clock_mono_ms();
	recover(fx);
	assert_in_range(zync_clock_mono_ms() - start, 700, 3000);
	assert_null(config_row(fx, 2));
	/* With an outcome nothing is waited for, nor with a clock that was set back. */
	start = zync_clock_mono_ms();
	add_intent(fx, "dead", zync_clock_now_ms(), "host.create", list(fx, entry(fx, 3, "create", 0, NULL, ""), NULL), "[503]");
	add_intent(fx, "dead", zync_clock_now_ms() + 3600000, "host.create", list(fx, entry(fx, 4, "create", 0, NULL, ""), NULL), NULL);
	recover(fx);
	assert_in_range(zync_clock_mono_ms() - start, 0, 600);
}

/* Zabbix does not answer: the job ends, and the journal stays for the next one. */
static void test_unreachable(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	add_job(fx, "dead", true);
	add_intent(fx, "dead", OLD, "host.create", list(fx, entry(fx, 1, "create", 0, NULL, ""), NULL), NULL);
	fx->world.lost_from = 1;
	assert_int_equal(run_empty(fx), ZYNC_ERR_UNREACHABLE);
	assert_int_equal(number(fx, "SELECT count(*) FROM intent"), 1);
	assert_int_equal(number(fx, "SELECT count(*) FROM job WHERE name = 'test-job' AND status = 'errored'"), 1);
	fx->world.lost_from = 0;
	recover(fx);
}

/* The configuration has lost the server: nobody can look, and that must not keep everything else from running. */
static void test_unknown_server(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	add_job(fx, "dead", true);
	add_intent(fx, "dead", OLD, "host.create", list(fx, entry(fx, 1, "create", 0, NULL, ""), NULL), NULL);
	sql(fx, "UPDATE intent SET server = 'gone'");
	zync_log_set_level(ZYNC_LOG_ERROR);
	recover(fx);
	assert_int_equal(fx->world.requests, 0);
	assert_int_equal(
		number(fx, "SELECT count(*) FROM job_log WHERE message LIKE '%does not have any more could not be looked up (1 calls)'"),
		1);
}

/* Host groups have entries, too: there is nothing to record of them. And what a later version writes is no reason to stop. */
static void test_strange_entries(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	add_job(fx, "dead", true);
	add_intent(fx, "dead", OLD, "hostgroup.create", "[\"A\",\"B\"]", NULL);
	add_intent(fx, "dead", OLD, "host.create", "[{\"kind\":\"site\"},7,null]", "[]");
	recover(fx);
	assert_int_equal(fx->world.requests, 0);
}

/* Linked elsewhere meanwhile: the newer link stays. */
static void test_linked_elsewhere(void **state)
{
	struct fixture *fx = *state;

	world_open(fx);
	add_job(fx, "dead", true);
	world_add(fx, 501, "sw1", owner_of(fx, 1));
	add_config(fx, 1, 600);
	add_intent(fx, "dead", OLD, "host.create", list(fx, entry(fx, 1, "create", 0, NULL, ""), NULL), "[501]");
	recover(fx);
	assert_string_equal(config_row(fx, 1), "101 600 1 {\"{$S}\":\"aa\"} {\"old\":1}");
}

const struct CMUnitTest recover_tests[] = {
	TEST(test_nothing_left), TEST(test_of_the_living),  TEST(test_created),		TEST(test_cloned),	     TEST(test_updated),
	TEST(test_deleted),	 TEST(test_told),	    TEST(test_untouched),	TEST(test_put_back_open),    TEST(test_young),
	TEST(test_unreachable),	 TEST(test_unknown_server), TEST(test_strange_entries), TEST(test_linked_elsewhere),
};
const size_t recover_tests_len = ZYNC_ARRAY_LEN(recover_tests);
