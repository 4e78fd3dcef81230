/* SPDX-License-Identifier: Apache-2.0 */
/* What the intent journal says before a call and after it. */
#include "jobs_test.h"

#define ENTRIES "SELECT entries FROM intent ORDER BY id DESC LIMIT 1"
#define OUTCOME "SELECT outcome FROM intent ORDER BY id DESC LIMIT 1"

static const char HOST[] = "{\"v\":1,\"hostid\":501,\"host\":\"sw1\",\"name\":\"sw1\",\"status\":\"monitored\",\"description\":\"old\","
			   "\"groups\":[{\"name\":\"A\",\"id\":2}],"
			   "\"macros\":[{\"macro\":\"{$S}\",\"type\":\"secret\",\"value\":{\"digest\":\"aa\"},\"description\":\"\","
			   "\"hostmacroid\":9}],\"tags\":[]}";

static struct zync_host *described(struct fixture *fx, const char *description)
{
	struct zync_host *host = host_of(fx, HOST);

	host->description = description;
	return host;
}

static void intend(struct fixture *fx, const char *method, struct zync_item *const *items, size_t count)
{
	OK(fx, zync_journal_intend(fx->run, "zabbix", method, items, count, fx->arena, &fx->err));
}

static const char *digest(struct fixture *fx, const struct zync_host *host)
{
	const char *hex = NULL;

	OK(fx, zync_journal_digest(host, fx->arena, &hex, &fx->err));
	assert_int_equal(strlen(hex), 64);
	return hex;
}

static void test_entries(void **state)
{
	struct fixture *fx = *state;
	struct zync_host *actual = host_of(fx, HOST);
	struct zync_host *secret = host_of(fx, HOST);
	static const char *const rest[] = {
		"\"id\":2,\"pk\":102,\"name\":\"sw2\",\"host\":\"sw1\",\"op\":\"update\"",
		"\"id\":3,\"pk\":103,\"name\":\"sw3\",\"host\":\"sw1\",\"op\":\"update\",\"secrets\":true",
		"\"id\":4,\"pk\":104,\"name\":\"sw4\",\"host\":\"sw4\",\"op\":\"delete\"",
		"\"id\":5,\"pk\":105,\"name\":\"sw5\",\"host\":\"sw5\",\"op\":\"delete-hard\"",
		"\"id\":6,\"pk\":106,\"name\":\"sw6\",\"host\":\"sw1\",\"op\":\"put-back\"",
	};
	struct zync_item *items[6];
	const char *pre;
	const char *wanted;

	run_begin(fx);
	secret->macros.items[0].value = (struct zync_sensitive){.plain = "new", .digest = "bb"};
	items[0] = item_of(fx, 1, ZYNC_OP_CREATE, NULL, described(fx, "new"));
	items[1] = item_of(fx, 2, ZYNC_OP_UPDATE, actual, described(fx, "new"));
	items[2] = item_of(fx, 3, ZYNC_OP_UPDATE, actual, secret);
	items[3] = item_of(fx, 4, ZYNC_OP_DELETE, actual, described(fx, "buried"));
	items[4] = item_of(fx, 5, ZYNC_OP_DELETE, actual, NULL);
	items[4]->op.hard = true;
	items[5] = item_of(fx, 6, ZYNC_OP_UPDATE, actual, described(fx, "new"));
	items[5]->puts_back = true;
	intend(fx, "host.update", items, 6);
	pre = zync_arena_printf(fx->arena, ",\"hostid\":501,\"pre\":\"%s\"}", digest(fx, actual));
	wanted = "[{\"type\":\"device\",\"id\":1,\"pk\":101,\"name\":\"sw1\",\"host\":\"sw1\",\"op\":\"create\",\"secrets\":true}";
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rest); i++)
		wanted = zync_arena_printf(fx->arena, "%s,{\"type\":\"device\",%s%s", wanted, rest[i], pre);
	assert_string_equal(text_of(fx, ENTRIES), zync_arena_printf(fx->arena, "%s]", wanted));
	assert_null(text_of(fx, OUTCOME));
	assert_string_equal(text_of(fx, "SELECT job_id || ' ' || server || ' ' || method FROM intent"), "job-1 zabbix host.update");
	assert_int_equal(number(fx, "SELECT time > 1600000000000 FROM intent"), 1);
}

/* What Zync once wrote counts only where it merges. */
static void test_applied(void **state)
{
	struct fixture *fx = *state;
	struct zync_host *desired = described(fx, "new");
	struct zync_item *item = item_of(fx, 1, ZYNC_OP_UPDATE, host_of(fx, HOST), desired);

	run_begin(fx);
	item->work.desired = "{\"v\":1,\"tags\":[]}";
	item->input.desired = desired;
	intend(fx, "host.update", &item, 1);
	assert_null(strstr(text_of(fx, ENTRIES), "applied"));
	desired->own[ZYNC_ASPECT_TAGS] = ZYNC_OWN_MERGE;
	intend(fx, "host.update", &item, 1);
	expect_words(text_of(fx, ENTRIES), ",\"applied\":{\"v\":1,\"tags\":[]},");
	item->op.kind = ZYNC_OP_DELETE;
	intend(fx, "host.update", &item, 1);
	assert_null(strstr(text_of(fx, ENTRIES), "applied"));
}

static void test_outcomes(void **state)
{
	struct fixture *fx = *state;
	struct zync_item *items[3];

	run_begin(fx);
	OK(fx, zync_log_add_secret("swordfish", &fx->err));
	for (uint64_t i = 0; i < 3; i++)
		items[i] = item_of(fx, i + 1, i == 0 ? ZYNC_OP_CREATE : ZYNC_OP_UPDATE, i == 0 ? NULL : host_of(fx, HOST),
				   described(fx, "new"));
	intend(fx, "host.update", items, 3);
	OK(fx, zync_journal_flush(fx->run, items[0], &fx->err));
	assert_string_equal(text_of(fx, OUTCOME), "[null,null,null]");
	items[0]->hostid = 777;
	OK(fx, zync_journal_decided(fx->run, items[0], NULL, &fx->err));
	OK(fx, zync_journal_decided(fx->run, items[2], "Host \"swordfish\" already exists.", &fx->err));
	assert_string_equal(text_of(fx, OUTCOME), "[null,null,null]"); /* only the flush is durable */
	OK(fx, zync_journal_flush(fx->run, items[2], &fx->err));
	assert_string_equal(text_of(fx, OUTCOME), "[777,null,\"Host \\\"***\\\" already exists.\"]");
	OK(fx, zync_journal_decided(fx->run, items[1], NULL, &fx->err));
	OK(fx, zync_journal_flush(fx->run, items[1], &fx->err));
	assert_string_equal(text_of(fx, OUTCOME), "[777,501,\"Host \\\"***\\\" already exists.\"]");
}

/* Another process has taken this run for dead and cleared up its journal: it must not go on. */
static void test_row_gone(void **state)
{
	struct fixture *fx = *state;
	struct zync_item *item = item_of(fx, 1, ZYNC_OP_UPDATE, host_of(fx, HOST), described(fx, "new"));

	run_begin(fx);
	intend(fx, "host.update", &item, 1);
	sql(fx, "DELETE FROM intent");
	assert_int_equal(zync_journal_flush(fx->run, item, &fx->err), ZYNC_ERR_STORE);
	expect_words(fx->err.message, "another process takes this run for dead");
}

static void test_groups(void **state)
{
	static const char *const names[] = {"A/B", "Größe"};
	struct fixture *fx = *state;
	uint64_t id = 0;

	run_begin(fx);
	OK(fx, zync_journal_groups(fx->run, "zabbix", names, 2, &id, &fx->err));
	assert_string_equal(text_of(fx, ENTRIES), "[\"A/B\",\"Größe\"]");
	assert_string_equal(text_of(fx, "SELECT method FROM intent"), "hostgroup.create");
	OK(fx, zync_journal_groups_done(fx->run, id, NULL, &fx->err));
	assert_string_equal(text_of(fx, OUTCOME), "[\"done\"]");
	OK(fx, zync_journal_groups_done(fx->run, id, "no permission", &fx->err));
	assert_string_equal(text_of(fx, OUTCOME), "[\"no permission\"]");
}

static void test_switched_off(void **state)
{
	static const char *const names[] = {"A"};
	struct fixture *fx = *state;
	struct zync_item *item = item_of(fx, 1, ZYNC_OP_UPDATE, host_of(fx, HOST), described(fx, "new"));
	uint64_t id = 1;

	run_begin(fx);
	fx->app.config->sync.intent_journal = false;
	intend(fx, "host.update", &item, 1);
	assert_null(item->call);
	OK(fx, zync_journal_decided(fx->run, item, "refused", &fx->err));
	OK(fx, zync_journal_flush(fx->run, item, &fx->err));
	OK(fx, zync_journal_groups(fx->run, "zabbix", names, 1, &id, &fx->err));
	assert_int_equal(id, 0);
	OK(fx, zync_journal_groups_done(fx->run, id, NULL, &fx->err));
	assert_int_equal(number(fx, "SELECT count(*) FROM intent"), 0);
}

/* The digest is that of the host, however its members were ordered, and another one for any change of it. */
static void test_digest(void **state)
{
	static const char OTHER_ORDER[] = "{\"v\":1,\"tags\":[],\"macros\":[{\"description\":\"\",\"hostmacroid\":9,\"macro\":\"{$S}\","
					  "\"type\":\"secret\",\"value\":{\"digest\":\"aa\"}}],"
					  "\"groups\":[{\"id\":2,\"name\":\"A\"}],\"description\":\"old\",\"status\":\"monitored\","
					  "\"name\":\"sw1\",\"host\":\"sw1\",\"hostid\":501}";
	struct fixture *fx = *state;
	const char *before = digest(fx, host_of(fx, HOST));
	struct zync_host *host = host_of(fx, HOST);

	assert_string_equal(digest(fx, host_of(fx, OTHER_ORDER)), before);
	assert_string_not_equal(digest(fx, described(fx, "new")), before);
	host->macros.items[0].value.digest = "bb";
	assert_string_not_equal(digest(fx, host), before);
}

const struct CMUnitTest journal_tests[] = {
	TEST(test_entries), TEST(test_applied),	     TEST(test_outcomes), TEST(test_row_gone),
	TEST(test_groups),  TEST(test_switched_off), TEST(test_digest),
};
const size_t journal_tests_len = ZYNC_ARRAY_LEN(journal_tests);
