/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays: isolation of bad hosts, unknown outcomes, exchange of interface types. */
#include "zabbix_test.h"

#include <inttypes.h>
#include <stdio.h>

#define HOSTS	 100u
#define FIRST_ID 1000u

/* --- a Zabbix that knows host.create, host.get and template.get ------------------------------------------------------------------------ */

enum words { WORDS_POSITION, WORDS_NAME, WORDS_VALUE, WORDS_NONE, WORDS_WRONG_POSITION };

struct world {
	enum words words;
	bool bad[HOSTS];
	bool refuses_batches;
	bool silent_batches; /* a batch with a bad host is carried out up to it, and answered with nothing */
	bool drops_replies;  /* a batch lacks its first reply and has one of a stranger */
	unsigned created[HOSTS];
	unsigned requests;
	unsigned writes;	  /* requests with writes */
	unsigned lose_write;	  /* number of the write request whose reply is lost; 0: none */
	bool lose_all_from_there; /* and the server is gone from there on */
	bool carried_out_when_lost;
};

static unsigned world_index(const struct zync_jval *entry)
{
	const char *name = zync_jval_get_str(entry, "host");
	uint64_t n = HOSTS;

	assert_non_null(name);
	assert_true(zync_str_to_u64(name + 1, &n) && n < HOSTS);
	return (unsigned)n;
}

static const char *world_refusal(const struct world *w, unsigned index, size_t position, struct zync_arena *arena)
{
	switch (w->words) {
	case WORDS_POSITION:
		return zync_arena_printf(arena, "Invalid parameter \\\"/%zu/groups\\\": cannot be empty.", position);
	case WORDS_WRONG_POSITION:
		return "Invalid parameter \\\"/1/macros/2\\\": value already exists.";
	case WORDS_NAME:
		return zync_arena_printf(arena, "Host with the same name \\\"h%03u\\\" already exists.", index);
	case WORDS_VALUE:
		return zync_arena_printf(arena, "Value \\\"value of %u\\\" is too long for field \\\"description\\\".", index);
	case WORDS_NONE:
		break;
	}
	return "No permissions to referred object or it does not exist!";
}

/* All or nothing, as Zabbix does. The result in the short form of a script. */
static const char *world_create(struct world *w, const struct zync_jval *params, struct zync_arena *arena)
{
	const char *ids = "";
	const struct zync_jval *entry;
	struct zync_jiter it;
	size_t position = 0;

	zync_jiter_init(&it, params);
	while ((entry = zync_jiter_next(&it, NULL))) {
		unsigned index = world_index(entry);

		position++;
		if (w->bad[index])
			return zync_arena_printf(arena, "!%s", world_refusal(w, index, position, arena));
		if (w->created[index])
			return zync_arena_printf(arena, "!Host with the same name \\\"h%03u\\\" already exists.", index);
		ids = zync_arena_printf(arena, "%s%s\"%u\"", ids, position > 1 ? "," : "", FIRST_ID + index);
	}
	zync_jiter_init(&it, params);
	while ((entry = zync_jiter_next(&it, NULL)))
		w->created[world_index(entry)]++;
	return zync_arena_printf(arena, "={\"hostids\":[%s]}", ids);
}

static const char *world_get(const struct world *w, const struct zync_jval *params, struct zync_arena *arena)
{
	const char *list = "";
	const struct zync_jval *name;
	struct zync_jiter it;

	zync_jiter_init(&it, zync_jval_get(zync_jval_get(params, "filter"), "host"));
	while ((name = zync_jiter_next(&it, NULL))) {
		uint64_t n = HOSTS;

		assert_true(zync_str_to_u64(zync_jval_str(name) + 1, &n) && n < HOSTS);
		if (w->created[n])
			list = zync_arena_printf(arena,
						 "%s%s{\"hostid\":\"%u\",\"host\":\"%s\",\"name\":\"%s\",\"macros\":[{\"hostmacroid\":"
						 "\"1\",\"macro\":\"{$ZYNC.OWNER}\","
						 "\"value\":\"nb:device:%u\",\"type\":\"0\"}]}",
						 list, *list ? "," : "", FIRST_ID + (unsigned)n, zync_jval_str(name), zync_jval_str(name),
						 (unsigned)n);
	}
	return zync_arena_printf(arena, "=[%s]", list);
}

static const char *world_batch(struct world *w, const struct zync_jval *requests, struct zync_arena *arena)
{
	const char *text = w->drops_replies ? "{\"jsonrpc\":\"2.0\",\"result\":{\"hostids\":[\"1\"]},\"id\":99999999}" : "";
	const struct zync_jval *request;
	struct zync_jiter it;
	bool first = true;

	if (w->refuses_batches)
		return "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"Invalid request.\",\"data\":\"\"},\"id\":null}";
	zync_jiter_init(&it, requests);
	while ((request = zync_jiter_next(&it, NULL))) {
		const char *one = world_create(w, zync_jval_get(request, "params"), arena);
		const char *id = zync_jval_text(arena, zync_jval_get(request, "id"));

		if (one[0] == '!' && w->silent_batches)
			return "";
		if (first && w->drops_replies) {
			first = false;
			continue;
		}
		/* The last request stands first: replies are matched by id. */
		text = zync_arena_printf(
			arena,
			one[0] == '=' ? "{\"jsonrpc\":\"2.0\",\"result\":%s,\"id\":%s}%s%s"
				      : "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32602,\"message\":\"m\",\"data\":\"%s\"},\"id\":%s}%s%s",
			one + 1, id, *text ? "," : "", text);
	}
	return zync_arena_printf(arena, "[%s]", text);
}

static const char *world_server(struct fake *f, const struct zync_jval *request, struct zync_arena *arena)
{
	struct world *w = f->server_ctx;
	const char *method = zync_jval_get_str(request, "method");
	const char *reply;
	bool lost;

	w->requests++;
	if (w->lose_all_from_there && w->writes >= w->lose_write)
		return NULL;
	if (zync_str_eq(method, "host.get"))
		return world_get(w, zync_jval_get(request, "params"), arena);
	if (zync_str_eq(method, "template.get"))
		return "=[]";
	lost = ++w->writes == w->lose_write;
	if (lost && !w->carried_out_when_lost)
		return NULL;
	reply = zync_jval_type(request) == ZYNC_JSON_ARRAY ? world_batch(w, request, arena)
							   : world_create(w, zync_jval_get(request, "params"), arena);
	return lost ? NULL : reply;
}

/* --- running it ----------------------------------------------------------------------------------------------------------------------- */

struct run {
	struct fake f;
	struct zync_host hosts[HOSTS];
	struct zync_zabbix_write writes[HOSTS];
	unsigned reported[HOSTS];
};

static enum zync_status run_written(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	struct run *run = ctx;

	(void)err;
	for (size_t i = 0; i < count; i++) {
		assert_true(writes[i]->done != (writes[i]->err.status != ZYNC_OK));
		run->reported[writes[i] - run->writes]++;
	}
	return ZYNC_OK;
}

static enum zync_status run_world(struct run *run, struct world *w, size_t count, struct zync_err *err)
{
	memset(run, 0, sizeof(*run));
	run->f.server = world_server;
	run->f.server_ctx = w;
	fake_open(&run->f, "7.0.0", /* by_token= */ true, NULL, 0);
	run->f.z->sizing[ZYNC_ZABBIX_CREATE].size = HOSTS;
	for (unsigned i = 0; i < count; i++) {
		struct zync_host *h = &run->hosts[i];

		h->host = zync_arena_printf(run->f.arena, "h%03u", i);
		h->name = h->host;
		h->description = zync_arena_printf(run->f.arena, "value of %u", i);
		h->owner = zync_arena_printf(run->f.arena, "nb:device:%u", i);
		h->inventory_mode = ZYNC_INVENTORY_DISABLED;
		run->writes[i] = (struct zync_zabbix_write){.kind = ZYNC_ZABBIX_CREATE, .label = h->host, .target = h};
	}
	return zync_zabbix_write(run->f.z, run->writes, count, &(struct zync_zabbix_observer){.written = run_written, .ctx = run}, err);
}

/* Every good host exists exactly once and has its id, every bad one its own words, each was reported once. */
static void expect_decided(const struct run *run, const struct world *w, size_t count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct zync_zabbix_write *write = &run->writes[i];

		assert_int_equal(run->reported[i], 1);
		assert_int_equal(w->created[i], w->bad[i] ? 0 : 1);
		assert_int_equal(write->done, !w->bad[i]);
		if (write->done) {
			assert_int_equal(write->hostid, FIRST_ID + i);
		} else {
			assert_int_equal(write->err.status, ZYNC_ERR_REJECTED);
			expect_words(write->err.message, "zabbix: host.create for \"h");
			expect_words(write->err.message, write->label);
		}
	}
}

static const struct {
	const char *what;
	enum words words;
	bool refuses_batches;
	bool silent_batches;
	unsigned bad[6]; /* index + 1; 0 ends the list */
	unsigned max_requests;
} isolations[] = {
	{"nothing bad", WORDS_NONE, false, false, {0}, 1},
	{"one by its position", WORDS_POSITION, false, false, {58}, 3},
	{"first by its position", WORDS_POSITION, false, false, {1}, 3},
	{"last by its position", WORDS_POSITION, false, false, {100}, 3},
	{"one by its name", WORDS_NAME, false, false, {58}, 3},
	{"one by its value", WORDS_VALUE, false, false, {58}, 3},
	{"three by their positions", WORDS_POSITION, false, false, {1, 50, 100}, 7},
	{"six by their positions", WORDS_POSITION, false, false, {1, 20, 50, 51, 99, 100}, 11},
	{"one without words", WORDS_NONE, false, false, {58}, 5},
	{"six without words", WORDS_NONE, false, false, {1, 20, 50, 51, 99, 100}, 5},
	{"one without words or batches", WORDS_NONE, true, false, {58}, 17},
	{"six without words or batches", WORDS_NONE, true, false, {1, 20, 50, 51, 99, 100}, 70},
	{"misleading position", WORDS_WRONG_POSITION, false, false, {58}, 7},
	{"misleading position, no batches", WORDS_WRONG_POSITION, true, false, {58}, 24},
	{"batches that end in silence", WORDS_NONE, false, true, {58}, 40},
	{"all of a batch bad, in silence", WORDS_NONE, false, true, {26, 27, 28, 29, 30, 31}, 60},
};

static void test_isolation(void **state)
{
	struct run *run = test_calloc(1, sizeof(*run));

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(isolations); i++) {
		struct world w = {.words = isolations[i].words,
				  .refuses_batches = isolations[i].refuses_batches,
				  .silent_batches = isolations[i].silent_batches};

		for (size_t k = 0; k < ZYNC_ARRAY_LEN(isolations[i].bad) && isolations[i].bad[k]; k++)
			w.bad[isolations[i].bad[k] - 1] = true;
		OK(run_world(run, &w, HOSTS, ok_err));
		expect_decided(run, &w, HOSTS);
		if (w.requests > isolations[i].max_requests)
			fail_msg("%s: %u requests", isolations[i].what, w.requests);
		assert_int_equal(run->f.z->no_batch, isolations[i].refuses_batches);
		fake_close(&run->f);
	}
	test_free(run);
}

/* Every host bad, in every way of telling it. */
static void test_isolation_all_bad(void **state)
{
	struct run *run = test_calloc(1, sizeof(*run));

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		struct world w = {.words = (enum words)(i % 5), .refuses_batches = i % 4 == 1, .silent_batches = i % 4 == 2};

		memset(w.bad, 1, sizeof(w.bad));
		OK(run_world(run, &w, 1 + i, ok_err));
		expect_decided(run, &w, 1 + i);
		fake_close(&run->f);
	}
	test_free(run);
}

/* Replies that are missing in a batch are found by a look, replies of strangers count for nothing. */
static void test_isolation_dropped_replies(void **state)
{
	struct run *run = test_calloc(1, sizeof(*run));
	struct world w = {.words = WORDS_NONE, .drops_replies = true};

	(void)state;
	w.bad[57] = true;
	OK(run_world(run, &w, HOSTS, ok_err));
	expect_decided(run, &w, HOSTS);
	fake_close(&run->f);
	test_free(run);
}

static void test_suspect(void **state)
{
	static struct zync_host one = {.host = "sw1", .name = "Switch \"1\""};
	static struct zync_host two = {.host = "sw2", .name = "same"};
	static struct zync_host three = {.host = "sw3", .name = "same"};
	struct zync_zabbix_write writes[] = {{.target = &one}, {.target = &two}, {.target = &three}};
	struct zync_zbx_entry items[] = {{.w = &writes[0], .text = "{\"host\":\"sw1\"}"},
					 {.w = &writes[1], .text = "{\"x\":\"loud\"}"},
					 {.w = &writes[2], .text = "{\"x\":\"quiet\"}"}};
	struct zync_zbx_entries entries = {.items = items, .len = 3};
	static const struct {
		const char *words;
		size_t expect;
	} cases[] = {
		{"Invalid parameter \"/2/groups\": x", 1},
		{"Invalid parameter \"/3\": x", 2},
		{"Invalid parameter \"/0/x\"", SIZE_MAX},
		{"Invalid parameter \"/4/x\"", SIZE_MAX},
		{"Invalid parameter \"/\": x", SIZE_MAX},
		{"Invalid parameter \"/99999999999999999999/x\"", SIZE_MAX},
		{"Host \"sw2\" is odd", 1},
		{"Host sw2 is odd", SIZE_MAX},
		{"Host \"sw22\" is odd", SIZE_MAX},
		{"visible name \"same\" already exists", SIZE_MAX},
		{"Host with the same visible name \"Switch \"1\"\" already exists.", 0},
		{"Value \"quiet\" is too long", 2},
		{"the key \"x\" of \"quiet\"", 2},
		{"Value \"unheard\" is", SIZE_MAX},
		{"an open quote \"quiet", SIZE_MAX},
		{"", SIZE_MAX},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		if (zync_zbx_suspect(&entries, cases[i].words) != cases[i].expect)
			fail_msg("%s: %zu", cases[i].words, zync_zbx_suspect(&entries, cases[i].words));
	}
}

/* --- unknown outcomes ----------------------------------------------------------------------------------------------------------------- */

/* Whichever write request is lost, carried out or not: every good host is there exactly once. */
static void test_lost_replies(void **state)
{
	struct run *run = test_calloc(1, sizeof(*run));

	(void)state;
	for (unsigned lost = 1; lost <= 8; lost++) {
		for (unsigned carried_out = 0; carried_out < 2; carried_out++) {
			struct world w = {.words = lost % 2 ? WORDS_NONE : WORDS_POSITION,
					  .lose_write = lost,
					  .carried_out_when_lost = carried_out == 1};

			w.bad[7] = w.bad[40] = w.bad[41] = w.bad[90] = true;
			OK(run_world(run, &w, HOSTS, ok_err));
			expect_decided(run, &w, HOSTS);
			fake_close(&run->f);
		}
	}
	test_free(run);
}

/* The server stays away: what was decided is decided, the rest is open, and nobody says that a host failed. */
static void test_server_gone(void **state)
{
	struct run *run = test_calloc(1, sizeof(*run));
	struct world w = {.words = WORDS_POSITION, .lose_write = 3, .lose_all_from_there = true};
	struct zync_err err = {.status = ZYNC_OK};

	(void)state;
	w.bad[7] = true;
	assert_int_equal(run_world(run, &w, HOSTS, &err), ZYNC_ERR_UNREACHABLE);
	assert_int_equal(err.disposition, ZYNC_DISPOSITION_RETRY);
	for (unsigned i = 0; i < HOSTS; i++) {
		assert_false(run->writes[i].done);
		assert_int_equal(run->writes[i].err.status != ZYNC_OK, i == 7);
		assert_int_equal(run->reported[i], i == 7);
	}
	fake_close(&run->f);
	test_free(run);
}

/* Without a clear answer again and again: an end, not a loop. */
static void test_never_clear(void **state)
{
	static const struct step steps[] = {{.expect = {"host.delete", "[\"5\"]"}, .reply = "", .status = 200},
					    {.reply = "=[{\"hostid\":\"5\",\"host\":\"x\"}]"},
					    {.expect = {"host.delete"}, .reply = "x", .status = 504},
					    {.reply = "=[{\"hostid\":\"5\",\"host\":\"x\"}]"},
					    {.expect = {"host.delete"}, .reply = "{\"jsonrpc\""},
					    {.reply = "=[{\"hostid\":\"5\",\"host\":\"x\"}]"},
					    {.expect = {"host.delete"}, .lost = true, .unknown = true}};
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_DELETE, .label = "x", .hostid = 5};
	struct zync_err err = {.status = ZYNC_OK};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
	assert_int_equal(zync_zabbix_write(f.z, &w, 1, NULL, &err), ZYNC_ERR_UNREACHABLE);
	expect_words(err.message, "4 times in a row");
	assert_false(w.done);
	assert_int_equal(w.err.status, ZYNC_OK);
	fake_close(&f);
}

/* A write that certainly did not arrive needs no look. */
static void test_lost_before(void **state)
{
	static const struct step steps[] = {{.expect = {"host.delete"}, .lost = true}};
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_DELETE, .label = "x", .hostid = 5};
	struct zync_err err = {.status = ZYNC_OK};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
	assert_int_equal(zync_zabbix_write(f.z, &w, 1, NULL, &err), ZYNC_ERR_UNREACHABLE);
	fake_close(&f);
}

#define UPDATED(tags) "=[{\"hostid\":\"5\",\"host\":\"x\",\"name\":\"x\",\"status\":\"1\",\"tags\":" tags "}]"

static void test_lost_update(void **state)
{
	static const struct step done[] = {{.expect = {"host.update", "\"status\":1", "\"tags\""}, .lost = true, .unknown = true},
					   {.expect = {"host.get"}, .reply = UPDATED("[{\"tag\":\"a\",\"value\":\"1\"}]")}};
	static const struct step half[] = {
		{.expect = {"host.update"}, .reply = "oops", .status = 502},
		{.expect = {"host.get"}, .reply = UPDATED("[]")},
		{.expect = {"[{\"hostid\":\"5\",\"tags\":[{\"tag\":\"a\",\"value\":\"1\"}]}]"}, .reply = "={\"hostids\":[\"5\"]}"}};
	static struct zync_tag tag = {"a", "1"};
	struct zync_host actual = {.hostid = 5, .host = "x", .name = "x", .description = "", .inventory_mode = ZYNC_INVENTORY_DISABLED};
	struct zync_host target = actual;
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_UPDATE,
				      .label = "x",
				      .hostid = 5,
				      .target = &target,
				      .actual = &actual,
				      .aspects = ZYNC_ASPECT_BIT(ZYNC_ASPECT_STATUS) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_TAGS)};
	struct fake f = {0};

	(void)state;
	target.managed = (1u << (unsigned)ZYNC_ASPECT_COUNT) - 1u;
	target.status = ZYNC_HOST_DISABLED;
	target.tags.items = &tag;
	target.tags.len = 1;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(done));
	OK(zync_zabbix_write(f.z, &w, 1, NULL, ok_err));
	assert_true(w.done);
	/* What is not there yet is sent again, and only that. */
	fake_script(&f, STEPS(half));
	OK(zync_zabbix_write(f.z, &w, 1, NULL, ok_err));
	assert_true(w.done);
	fake_close(&f);
}

static void test_lost_delete(void **state)
{
	static const struct step steps[] = {{.expect = {"host.delete", "[\"5\",\"6\"]"}, .lost = true, .unknown = true},
					    {.expect = {"host.get"}, .reply = "=[{\"hostid\":\"6\",\"host\":\"y\"}]"},
					    {.expect = {"host.delete", "[\"6\"]"}, .reply = "={\"hostids\":[\"6\"]}"}};
	struct zync_zabbix_write w[] = {{.kind = ZYNC_ZABBIX_DELETE, .label = "x", .hostid = 5},
					{.kind = ZYNC_ZABBIX_DELETE, .label = "y", .hostid = 6}};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
	OK(zync_zabbix_write(f.z, w, 2, NULL, ok_err));
	assert_true(w[0].done && w[1].done);
	fake_close(&f);
}

/* --- the rest of the contract --------------------------------------------------------------------------------------------------------- */

/* Deletions and renames free names: they come first. */
static void test_order_and_session(void **state)
{
	static const struct step steps[] = {{.expect = {"host.delete", "[\"3\"]"}, .reply = "!Session terminated, re-login, please."},
					    {.expect = {"host.delete", "[\"3\"]"}, .reply = "={\"hostids\":[\"3\"]}"},
					    {.expect = {"host.update", "\"hostid\":\"2\""}, .reply = "={\"hostids\":[\"2\"]}"},
					    {.expect = {"host.create", "\"host\":\"new\""}, .reply = "={\"hostids\":[\"77\"]}"}};
	struct zync_host new = {.host = "new", .name = "new", .inventory_mode = ZYNC_INVENTORY_DISABLED};
	struct zync_host old = {.host = "old", .name = "old", .inventory_mode = ZYNC_INVENTORY_DISABLED};
	struct zync_zabbix_write w[] = {{.kind = ZYNC_ZABBIX_CREATE, .label = "new", .target = &new},
					{.kind = ZYNC_ZABBIX_UPDATE,
					 .label = "old",
					 .hostid = 2,
					 .target = &old,
					 .actual = &old,
					 .aspects = ZYNC_ASPECT_BIT(ZYNC_ASPECT_STATUS)},
					{.kind = ZYNC_ZABBIX_DELETE, .label = "gone", .hostid = 3}};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ false, STEPS(steps));
	OK(zync_zabbix_write(f.z, w, 3, NULL, ok_err));
	assert_int_equal(w[0].hostid, 77);
	assert_int_equal(f.z->stats.write_calls, 4);
	assert_int_equal(f.logins, 2);
	fake_close(&f);
}

static void test_discovered(void **state)
{
	struct zync_host found = {.host = "found", .flags = 4};
	struct zync_zabbix_write w[] = {
		{.kind = ZYNC_ZABBIX_UPDATE, .label = "found", .hostid = 2, .target = &found, .actual = &found, .aspects = 1},
		{.kind = ZYNC_ZABBIX_DELETE, .label = "found", .hostid = 2, .actual = &found}};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, NULL, 0);
	OK(zync_zabbix_write(f.z, w, 2, NULL, ok_err));
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(w[i].err.status, ZYNC_ERR_REJECTED);
		expect_words(w[i].err.message, "low-level discovery");
	}
	fake_close(&f);
}

static void test_secret_in_refusal(void **state)
{
	static const struct step steps[] = {{.expect = {"host.create", "geheimnis"}, .reply = "!Value \\\"geheimnis\\\" is too long."}};
	static struct zync_macro secret = {.macro = "{$S}", .type = ZYNC_MACRO_SECRET, .value = {.plain = "geheimnis"}};
	struct zync_host host = {.host = "h", .macros = {&secret, 1}, .inventory_mode = ZYNC_INVENTORY_DISABLED};
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_CREATE, .label = "h", .target = &host};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
	OK(zync_zabbix_write(f.z, &w, 1, NULL, ok_err));
	assert_string_equal(w.err.message, "zabbix: host.create for \"h\": Value \"***\" is too long.");
	fake_close(&f);
}

static void test_permission(void **state)
{
	static const struct step steps[] = {{.expect = {"host.delete"}, .reply = "!No permissions to call \\\"host.delete\\\"."}};
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_DELETE, .label = "x", .hostid = 5};
	struct zync_err err = {.status = ZYNC_OK};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
	assert_int_equal(zync_zabbix_write(f.z, &w, 1, NULL, &err), ZYNC_ERR_AUTH);
	assert_int_equal(w.err.status, ZYNC_OK);
	fake_close(&f);
}

/* A web server that takes only small requests: halves, and smaller arrays from then on. */
static void test_too_large(void **state)
{
	static const struct step steps[] = {{.expect = {"[\"1\",\"2\"]"}, .reply = "x", .status = 413},
					    {.expect = {"[\"1\"]"}, .reply = "={\"hostids\":[\"1\"]}"},
					    {.expect = {"[\"2\"]"}, .reply = "={\"hostids\":[\"2\"]}"}};
	struct zync_zabbix_write w[] = {{.kind = ZYNC_ZABBIX_DELETE, .label = "x", .hostid = 1},
					{.kind = ZYNC_ZABBIX_DELETE, .label = "y", .hostid = 2}};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
	OK(zync_zabbix_write(f.z, w, 2, NULL, ok_err));
	assert_true(w[0].done && w[1].done);
	assert_true(f.z->sizing[ZYNC_ZABBIX_DELETE].size <= 4);
	fake_close(&f);
}

static enum zync_status stop(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	(void)ctx;
	(void)writes;
	(void)count;
	return zync_err_set(err, ZYNC_ERR_CANCELLED, "stop");
}

static void test_callback_stops(void **state)
{
	static const struct step steps[] = {{.reply = "={\"hostids\":[\"1\"]}"}};
	struct zync_zabbix_write w[] = {{.kind = ZYNC_ZABBIX_DELETE, .label = "x", .hostid = 1},
					{.kind = ZYNC_ZABBIX_DELETE, .label = "y", .hostid = 2}};
	struct zync_err err = {.status = ZYNC_OK};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
	f.z->sizing[ZYNC_ZABBIX_DELETE].size = 1;
	assert_int_equal(zync_zabbix_write(f.z, w, 2, &(struct zync_zabbix_observer){.written = stop, .ctx = NULL}, &err),
			 ZYNC_ERR_CANCELLED);
	assert_true(w[0].done && !w[1].done);
	fake_close(&f);
}

/* --- exchange of interface types ------------------------------------------------------------------------------------------------------ */

static struct zync_ref had[] = {{"http", 11}, {"linux", 12}};
static struct zync_ref wanted[] = {{"http", 11}, {"snmp", 13}};
static struct zync_interface agent = {
	.interfaceid = 30, .type = ZYNC_INTERFACE_AGENT, .main = true, .useip = true, .ip = "10.0.0.1", .dns = "", .port = "10050"};
static struct zync_interface snmp = {.type = ZYNC_INTERFACE_SNMP,
				     .main = true,
				     .useip = true,
				     .ip = "10.0.0.1",
				     .dns = "",
				     .port = "161",
				     .snmp = {.version = 2, .community = {.plain = "{$C}"}}};
static struct zync_host agent_host = {
	.hostid = 5, .host = "x", .name = "x", .templates = {had, 2}, .interfaces = {&agent, 1}, .inventory_mode = ZYNC_INVENTORY_DISABLED};
static struct zync_host snmp_host = {.hostid = 5,
				     .host = "x",
				     .name = "x",
				     .templates = {wanted, 2},
				     .interfaces = {&snmp, 1},
				     .inventory_mode = ZYNC_INVENTORY_DISABLED};

static struct zync_zabbix_write type_change(void)
{
	return (struct zync_zabbix_write){.kind = ZYNC_ZABBIX_UPDATE,
					  .label = "x",
					  .hostid = 5,
					  .target = &snmp_host,
					  .actual = &agent_host,
					  .aspects = ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_TEMPLATES)};
}

#define USERS                                                \
	{.expect = {"item.get", "\"interfaceid\":[\"30\"]"}, \
	 .reply = "=[{\"itemid\":\"100\",\"hostid\":\"5\",\"templateid\":\"90\",\"flags\":\"0\"}]"}
#define PARENTS {.expect = {"item.get", "\"itemids\":[\"90\"]"}, .reply = "=[{\"itemid\":\"90\",\"hostid\":\"12\"}]"}
#define NOBODY	{.reply = "=[]"}
#define CLEARED                                                                                                                    \
	{.expect = {"[{\"hostid\":\"5\",\"templates\":[{\"templateid\":\"11\"}],\"templates_clear\":[{\"templateid\":\"12\"}]}]"}, \
	 .reply = "={\"hostids\":[\"5\"]}"}
#define CHANGED "\"templates\":[{\"templateid\":\"11\"},{\"templateid\":\"13\"}],\"interfaces\":[{\"type\":2"

static void test_type_change(void **state)
{
	/* Only the template whose items use the interface is cleared. */
	static const struct step two[] = {USERS,  PARENTS, NOBODY,
					  NOBODY, CLEARED, {.expect = {"host.update", CHANGED}, .reply = "={\"hostids\":[\"5\"]}"}};
	/* Nothing uses it: one call, in which the template that goes is cleared as ever. */
	static const struct step one[] = {NOBODY,
					  NOBODY,
					  NOBODY,
					  {.expect = {"\"templates\":[{\"templateid\":\"11\"},{\"templateid\":\"13\"}],\"templates_clear\":"
						      "[{\"templateid\":\"12\"}],\"interfaces\""},
					   .reply = "={\"hostids\":[\"5\"]}"}};
	/* An item of the host itself uses it: Zabbix's own words, and no template is touched. */
	static const struct step own[] = {{.reply = "=[{\"itemid\":\"100\",\"hostid\":\"5\",\"templateid\":\"90\",\"flags\":\"0\"},{"
						    "\"itemid\":\"101\",\"hostid\":\"5\",\"templateid\":\"0\",\"flags\":\"0\"}]"},
					  PARENTS,
					  NOBODY,
					  NOBODY,
					  {.expect = {"host.update", "\"templates_clear\":[{\"templateid\":\"12\"}],\"interfaces\""},
					   .reply = "!Interface is linked to item."}};
	/* Items may not be read: every template counts. */
	static const struct step blind[] = {
		{.reply = "!No permissions to call \\\"item.get\\\"."},
		NOBODY,
		NOBODY,
		{.expect = {"\"templates\":[],\"templates_clear\":[{\"templateid\":\"11\"},{\"templateid\":\"12\"}]"},
		 .reply = "={\"hostids\":[\"5\"]}"},
		{.expect = {"host.update", CHANGED}, .reply = "={\"hostids\":[\"5\"]}"}};
	static const struct {
		const struct step *steps;
		size_t count;
		bool done;
	} cases[] = {{STEPS(two), true}, {STEPS(one), true}, {STEPS(own), false}, {STEPS(blind), true}};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_zabbix_write w = type_change();
		struct fake f = {0};

		assert_true(zync_zbx_is_type_change(&w));
		fake_open(&f, "7.0.0", /* by_token= */ true, cases[i].steps, cases[i].count);
		OK(zync_zabbix_write(f.z, &w, 1, NULL, ok_err));
		assert_int_equal(w.done, cases[i].done);
		fake_close(&f);
	}
}

/* The second step is refused: the old templates come back, and the message tells what happened. */
static void test_type_change_back(void **state)
{
	static const struct step linked[] = {
		USERS,
		PARENTS,
		NOBODY,
		NOBODY,
		CLEARED,
		{.expect = {CHANGED}, .reply = "!Bad thing."},
		{.expect = {"[{\"hostid\":\"5\",\"templates\":[{\"templateid\":\"11\"},{\"templateid\":\"12\"}]}]"},
		 .reply = "={\"hostids\":[\"5\"]}"}};
	static const struct step lost[] = {USERS, PARENTS, NOBODY, NOBODY, CLEARED, {.reply = "!Bad thing."}, {.reply = "!Worse thing."}};
	struct zync_zabbix_write w = type_change();
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(linked));
	OK(zync_zabbix_write(f.z, &w, 1, NULL, ok_err));
	assert_false(w.done);
	expect_words(w.err.message, "Bad thing. (its templates had to be cleared");
	expect_words(w.err.message, "are linked again");
	fake_script(&f, STEPS(lost));
	OK(zync_zabbix_write(f.z, &w, 1, NULL, ok_err));
	expect_words(w.err.message, "could not be linked again: zabbix: host.update for \"x\": Worse thing.");
	fake_close(&f);
}

/* An interface goes while another one of its type stays: its items move there first, those that low-level discovery made excepted. */
static void test_move_items(void **state)
{
	static struct zync_interface both[] = {
		{.interfaceid = 30, .type = ZYNC_INTERFACE_AGENT, .main = true, .useip = true, .ip = "1", .dns = "", .port = "1"},
		{.interfaceid = 31, .type = ZYNC_INTERFACE_AGENT, .useip = true, .ip = "2", .dns = "", .port = "1"}};
	static struct zync_interface left[] = {
		{.interfaceid = 31, .type = ZYNC_INTERFACE_AGENT, .main = true, .useip = true, .ip = "2", .dns = "", .port = "1"}};
	static const struct step steps[] = {
		{.expect = {"item.get", "\"filter\":{\"interfaceid\":[\"30\"]}"},
		 .reply = "=[{\"itemid\":\"1\",\"interfaceid\":\"30\",\"flags\":\"0\"},{\"itemid\":\"2\",\"interfaceid\":\"30\",\"flags\":"
			  "\"4\"}]"},
		{.expect = {"item.update", "[{\"itemid\":\"1\",\"interfaceid\":\"31\"}]"}, .reply = "={\"itemids\":[\"1\"]}"},
		{.expect = {"discoveryrule.get"}, .reply = "!No permissions to call \\\"discoveryrule.get\\\"."},
		{.expect = {"itemprototype.get"}, .reply = "=[{\"itemid\":\"3\",\"interfaceid\":\"30\",\"flags\":\"2\"}]"},
		{.expect = {"itemprototype.update"}, .reply = "!No permissions to referred object or it does not exist!"},
		{.expect = {"host.update", "\"interfaceid\":\"31\""}, .reply = "={\"hostids\":[\"5\"]}"},
	};
	struct zync_host actual = {.hostid = 5, .host = "x", .interfaces = {both, 2}};
	struct zync_host target = {.hostid = 5, .host = "x", .interfaces = {left, 1}};
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_UPDATE,
				      .label = "x",
				      .hostid = 5,
				      .target = &target,
				      .actual = &actual,
				      .aspects = ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES)};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
	OK(zync_zabbix_write(f.z, &w, 1, NULL, ok_err));
	assert_true(w.done);
	fake_close(&f);
}

const struct CMUnitTest write_tests[] = {
	cmocka_unit_test(test_isolation),	  cmocka_unit_test(test_isolation_all_bad),
	cmocka_unit_test(test_suspect),		  cmocka_unit_test(test_isolation_dropped_replies),
	cmocka_unit_test(test_secret_in_refusal), cmocka_unit_test(test_lost_replies),
	cmocka_unit_test(test_server_gone),	  cmocka_unit_test(test_never_clear),
	cmocka_unit_test(test_lost_before),	  cmocka_unit_test(test_lost_update),
	cmocka_unit_test(test_lost_delete),	  cmocka_unit_test(test_order_and_session),
	cmocka_unit_test(test_discovered),	  cmocka_unit_test(test_permission),
	cmocka_unit_test(test_too_large),	  cmocka_unit_test(test_callback_stops),
	cmocka_unit_test(test_type_change),	  cmocka_unit_test(test_type_change_back),
	cmocka_unit_test(test_move_items),
};
const size_t write_tests_len = ZYNC_ARRAY_LEN(write_tests);
