/* SPDX-License-Identifier: Apache-2.0 */
/* What puts one host of a strict run back: which aspects, which secrets, which interfaces, what is told. Without a server. */
#include "jobs_test.h"

#include "jobs/put_back.h"

#define BIT(aspect) ZYNC_ASPECT_BIT(ZYNC_ASPECT_##aspect)
#define SECRET(digest) \
	"\"macros\":[{\"macro\":\"{$S}\",\"type\":\"secret\",\"value\":{\"digest\":" digest "},\"description\":\"\",\"hostmacroid\":9}]"
#define HOST(...)                                                                                                         \
	"{\"v\":1,\"hostid\":501,\"host\":\"sw1\",\"name\":\"sw1\",\"status\":\"monitored\",\"groups\":[{\"name\":\"A\"," \
	"\"id\":2}]," __VA_ARGS__ "}"
#define OWNER ",\"owner\":\"nb:device:1\",\"owner_hostmacroid\":8"

static const char *digest_of(struct fixture *fx, const char *text)
{
	char hex[ZYNC_DIGEST_HEX_SIZE];
	const char *copy;

	OK(fx, zync_keyring_digest(fx->app.keyring, "macro", text, hex, &fx->err));
	copy = zync_arena_strdup(fx->arena, hex);
	assert_non_null(copy);
	return copy;
}

/* A host whose secret macro has the digest of that text; NULL: nobody knows. */
static struct zync_host *with_secret(struct fixture *fx, const char *text, bool plain)
{
	struct zync_host *host = host_of(fx, HOST(SECRET("null") OWNER));

	host->macros.items[0].value.digest = text != NULL ? digest_of(fx, text) : NULL;
	host->macros.items[0].value.plain = plain ? text : NULL;
	return host;
}

static void begin(struct fixture *fx)
{
	run_begin(fx);
	fx->run->strict = true;
	OK(fx, zync_store_undo_begin(fx->app.store, &fx->err));
}

/* The only row, read again. */
static struct zync_back *read_back(struct fixture *fx)
{
	struct zync_back *back = ZYNC_NEW(fx->arena, struct zync_back);
	struct zync_undo *rows = NULL;
	size_t count = 0;

	assert_non_null(back);
	OK(fx, zync_store_undo_page(fx->app.store, UINT64_MAX, 10, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 1);
	OK(fx, zync_back_read(fx->run, &rows[0], fx->arena, back, &fx->err));
	return back;
}

static void plan(struct fixture *fx, struct zync_back *back, struct zync_host *now)
{
	OK(fx, zync_back_plan(fx->run, back, now, fx->arena, &fx->err));
}

/* What becomes of a host that the run changed from @p pre to @p target, and that is in Zabbix as @p now says. */
static struct zync_back *changed(struct fixture *fx, struct zync_host *pre, const struct zync_host *target, struct zync_host *now,
				 enum zync_undo_state state)
{
	struct zync_item *item = item_of(fx, 1, ZYNC_OP_UPDATE, pre, target);
	struct zync_back *back;

	begin(fx);
	OK(fx, zync_put_back_note(fx->run, item, &fx->err));
	if (state != ZYNC_UNDO_SENT)
		OK(fx, zync_put_back_decided(fx->run, item, state == ZYNC_UNDO_WRITTEN, &fx->err));
	back = read_back(fx);
	plan(fx, back, now);
	return back;
}

/* ---- the row ---- */

/* A run that is not strict remembers nothing, and needs no table for it. */
static void test_not_strict(void **state)
{
	struct fixture *fx = *state;
	struct zync_item *item =
		item_of(fx, 1, ZYNC_OP_UPDATE, host_of(fx, HOST("\"description\":\"old\"")), host_of(fx, HOST("\"description\":\"new\"")));

	run_begin(fx);
	OK(fx, zync_put_back_note(fx->run, item, &fx->err));
	OK(fx, zync_put_back_decided(fx->run, item, true, &fx->err));
}

static void test_row(void **state)
{
	struct fixture *fx = *state;
	struct zync_item *item = item_of(fx, 1, ZYNC_OP_UPDATE, with_secret(fx, "was", true), with_secret(fx, "new", true));
	struct zync_back *back;
	const char *data;

	begin(fx);
	OK(fx, zync_put_back_note(fx->run, item, &fx->err));
	data = text_of(fx, "SELECT data FROM work_undo");
	assert_null(strstr(data, "\"was\"")); /* secrets are sealed */
	expect_words(data, zync_arena_printf(fx->arena, "\"written\":{\"{$S}\":\"%s\"}", digest_of(fx, "new")));
	back = read_back(fx);
	assert_int_equal(back->state, ZYNC_UNDO_SENT);
	assert_false(back->created || back->hard);
	assert_int_equal(back->aspects, BIT(MACROS));
	assert_string_equal(back->owner, "nb:device:1");
	assert_string_equal(back->item.work.name, "sw1");
	assert_int_equal(back->item.work.pk, 101);
	assert_int_equal(back->item.hostid, 501);
	OK(fx, zync_put_back_decided(fx->run, item, true, &fx->err));
	assert_int_equal(read_back(fx)->state, ZYNC_UNDO_WRITTEN);
	OK(fx, zync_put_back_decided(fx->run, item, false, &fx->err));
	assert_int_equal(read_back(fx)->state, ZYNC_UNDO_REFUSED);
	assert_int_equal(read_back(fx)->aspects, 0);
	OK(fx, zync_store_undo_begin(fx->app.store, &fx->err)); /* the next run knows nothing of it */
	assert_int_equal(number(fx, "SELECT count(*) FROM work_undo"), 0);
}

/* ---- created and deleted hosts ---- */

static void test_created(void **state)
{
	static const struct {
		const char *now; /* NULL: not in Zabbix */
		bool decided;
		bool nothing, settled, seen;
		const char *error;
	} cases[] = {
		{HOST("\"tags\":[]" OWNER), true, false, false, true, NULL},
		{HOST("\"tags\":[]" OWNER), false, false, false, true, NULL},
		{HOST("\"tags\":[]"), true, false, true, true, "does not carry its ownership mark any more"},
		{HOST("\"tags\":[],\"owner\":\"nb:device:2\""), true, false, true, true, "does not carry its ownership mark any more"},
		{NULL, true, false, true, false, NULL}, /* somebody deleted it already */
		{NULL, false, true, true, false, NULL}, /* it never came to be */
	};
	struct fixture *fx;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_item *item;
		struct zync_back *back;

		assert_int_equal(setup(state), 0);
		fx = *state;
		item = item_of(fx, 1, ZYNC_OP_CREATE, NULL, host_of(fx, HOST("\"tags\":[]" OWNER)));
		begin(fx);
		OK(fx, zync_put_back_note(fx->run, item, &fx->err));
		assert_int_equal(read_back(fx)->item.hostid, 0);
		item->hostid = 501;
		if (cases[i].decided)
			OK(fx, zync_put_back_decided(fx->run, item, true, &fx->err));
		back = read_back(fx);
		assert_true(back->created);
		assert_int_equal(back->item.hostid, cases[i].decided ? 501 : 0);
		plan(fx, back, cases[i].now != NULL ? host_of(fx, cases[i].now) : NULL);
		assert_int_equal(back->nothing, cases[i].nothing);
		assert_int_equal(back->settled, cases[i].settled);
		assert_int_equal(back->seen, cases[i].seen);
		assert_int_equal(back->item.op.hard, !cases[i].settled);
		if (cases[i].error != NULL)
			expect_words(back->error, cases[i].error);
		else
			assert_null(back->error);
		assert_int_equal(teardown(state), 0);
	}
}

static void test_hard(void **state)
{
	struct fixture *fx = *state;
	struct zync_item *item = item_of(fx, 1, ZYNC_OP_DELETE, host_of(fx, HOST("\"tags\":[]" OWNER)), NULL);
	struct zync_back *back;

	item->op.hard = true;
	begin(fx);
	OK(fx, zync_put_back_note(fx->run, item, &fx->err));
	back = read_back(fx);
	plan(fx, back, NULL);
	assert_string_equal(back->error, "it was deleted for good, with its history");
	back = read_back(fx);
	plan(fx, back, host_of(fx, HOST("\"tags\":[]"))); /* the call was not carried out */
	assert_true(back->nothing && back->settled && back->error == NULL);
	OK(fx, zync_put_back_decided(fx->run, item, false, &fx->err));
	back = read_back(fx);
	plan(fx, back, host_of(fx, HOST("\"tags\":[]")));
	assert_true(back->nothing && back->error == NULL);
}

/* ---- changed hosts ---- */

static void test_gone(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back = changed(fx, host_of(fx, HOST("\"description\":\"old\"")), host_of(fx, HOST("\"description\":\"new\"")),
					 NULL, ZYNC_UNDO_WRITTEN);

	assert_true(back->settled && !back->nothing);
	assert_string_equal(back->error, "it is not in Zabbix any more");
}

/* What others changed meanwhile stays, but in the aspects that the run changed. */
static void test_aspects(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back = changed(
		fx, host_of(fx, HOST("\"description\":\"old\",\"tags\":[{\"tag\":\"a\",\"value\":\"1\"}]" OWNER)),
		host_of(fx, HOST("\"description\":\"old\",\"tags\":[{\"tag\":\"a\",\"value\":\"2\"}]" OWNER)),
		host_of(fx, HOST("\"description\":\"by hand\",\"tags\":[{\"tag\":\"by\",\"value\":\"hand\"}]" OWNER)), ZYNC_UNDO_WRITTEN);

	assert_int_equal(back->item.op.diff.aspects, BIT(TAGS));
	assert_string_equal(back->item.op.target.description, "by hand");
	assert_int_equal(back->item.op.target.tags.len, 1);
	assert_string_equal(back->item.op.target.tags.items[0].value, "1");
	assert_false(back->settled || back->drop_mark);
	assert_null(back->note);
}

/* Somebody put it back already: nothing to write, but it counts. */
static void test_back_already(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back = changed(fx, host_of(fx, HOST("\"description\":\"old\"")), host_of(fx, HOST("\"description\":\"new\"")),
					 host_of(fx, HOST("\"description\":\"old\"")), ZYNC_UNDO_WRITTEN);

	assert_true(back->settled && !back->nothing);
	assert_null(back->error);
}

/* Nobody knows whether it was written: what Zabbix shows decides. */
static void test_not_known(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back = changed(fx, host_of(fx, HOST("\"description\":\"old\"")), host_of(fx, HOST("\"description\":\"new\"")),
					 host_of(fx, HOST("\"description\":\"old\"")), ZYNC_UNDO_SENT);

	assert_true(back->settled && back->nothing && !back->seen);
	back = read_back(fx);
	plan(fx, back, host_of(fx, HOST("\"description\":\"new\"")));
	assert_true(!back->settled && !back->nothing && back->seen);
	assert_string_equal(back->item.op.target.description, "old");
}

/* Refused with certainty: others may have changed the host since, and that is their affair. */
static void test_refused(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back = changed(fx, host_of(fx, HOST("\"description\":\"old\"")), host_of(fx, HOST("\"description\":\"new\"")),
					 host_of(fx, HOST("\"description\":\"by hand\"")), ZYNC_UNDO_REFUSED);

	assert_true(back->settled && back->nothing);
	back = read_back(fx);
	plan(fx, back, NULL);
	assert_true(back->nothing && back->error == NULL);
}

#define AGENT                                                                                                                   \
	"\"interfaces\":[{\"type\":\"agent\",\"main\":true,\"useip\":true,\"ip\":\"10.0.0.1\",\"dns\":\"\",\"port\":\"10050\"," \
	"\"interfaceid\":1}]"
#define JMX                                                                                                                               \
	"\"interfaces\":[{\"type\":\"jmx\",\"main\":true,\"useip\":true,\"ip\":\"10.0.0.1\",\"dns\":\"\",\"port\":\"1\",\"interfaceid\":" \
	"2}]"
#define TEMPLATE "\"templates\":[{\"name\":\"T\",\"id\":30}],"

/* A refused exchange of interface types may have cleared templates; only these are put back. */
static void test_refused_exchange(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back = changed(fx, host_of(fx, HOST(TEMPLATE AGENT)), host_of(fx, HOST("\"templates\":[]," JMX)),
					 host_of(fx, HOST(TEMPLATE AGENT)), ZYNC_UNDO_REFUSED);

	assert_true(back->settled && back->nothing);
	back = read_back(fx);
	plan(fx, back, host_of(fx, HOST("\"templates\":[],\"description\":\"by hand\"," AGENT)));
	assert_int_equal(back->item.op.diff.aspects, BIT(TEMPLATES));
	assert_string_equal(back->item.op.target.templates.items[0].name, "T");
	assert_false(back->settled || back->nothing);
	assert_string_equal(back->note, "the history of the items of T is gone");
}

/* In one call there is nothing in between: a refused change of interfaces leaves the templates alone. */
static void test_refused_in_one_call(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back = changed(fx, host_of(fx, HOST("\"templates\":[]," AGENT)), host_of(fx, HOST("\"templates\":[]," JMX)),
					 host_of(fx, HOST("\"templates\":[{\"name\":\"by hand\",\"id\":31}]," AGENT)), ZYNC_UNDO_REFUSED);

	assert_true(back->settled && back->nothing);
}

static void test_history(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back = changed(fx, host_of(fx, HOST(TEMPLATE AGENT)), host_of(fx, HOST(TEMPLATE JMX)),
					 host_of(fx, HOST(TEMPLATE JMX)), ZYNC_UNDO_WRITTEN);

	assert_int_equal(back->item.op.diff.aspects, BIT(INTERFACES));
	assert_string_equal(back->note, "the history of the items of the templates that use its former interface is gone");
	assert_int_equal(back->item.op.target.interfaces.items[0].interfaceid, 0); /* of another type: it is made anew */
}

#define PAIR(ip1, main1, ip2)                                                                                               \
	"\"interfaces\":[{\"type\":\"agent\",\"main\":" main1 ",\"useip\":true,\"ip\":\"" ip1                               \
	"\",\"dns\":\"\",\"port\":\"1\",\"interfaceid\":1},{\"type\":\"agent\",\"main\":false,\"useip\":true,\"ip\":\"" ip2 \
	"\",\"dns\":\"\",\"port\":\"1\",\"interfaceid\":2}]"

/* By id, whatever address each has now: items point to interfaces by id. */
static void test_interfaces(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back = changed(fx, host_of(fx, HOST(PAIR("10.0.0.1", "true", "10.0.0.2"))),
					 host_of(fx, HOST(PAIR("10.0.0.3", "true", "10.0.0.4"))),
					 host_of(fx, HOST(PAIR("10.0.0.2", "true", "10.0.0.1"))), ZYNC_UNDO_WRITTEN);
	const struct zync_host *target = &back->item.op.target;

	assert_int_equal(target->interfaces.len, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(target->interfaces.items[i].ip, target->interfaces.items[i].interfaceid == 1 ? "10.0.0.1" : "10.0.0.2");
	assert_int_equal(back->item.op.diff.aspects, BIT(INTERFACES));
}

/* One whose id is gone becomes another one of its type: an interface that items use cannot be deleted. */
static void test_interface_replaced(void **state)
{
	static const char OTHER[] = HOST("\"interfaces\":[{\"type\":\"agent\",\"main\":true,\"useip\":true,\"ip\":\"10.0.0.9\",\"dns\":"
					 "\"\",\"port\":\"1\",\"interfaceid\":77}]");
	struct fixture *fx = *state;
	struct zync_back *back = changed(fx, host_of(fx, HOST(AGENT)), host_of(fx, OTHER), host_of(fx, OTHER), ZYNC_UNDO_WRITTEN);

	assert_int_equal(back->item.op.target.interfaces.items[0].interfaceid, 77);
	assert_string_equal(back->item.op.target.interfaces.items[0].ip, "10.0.0.1");
}

/* Fields that the run filled go, also where Zabbix fills the others by itself. */
static void test_inventory(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back = changed(
		fx, host_of(fx, HOST("\"inventory\":{\"mode\":\"automatic\",\"fields\":{\"type\":\"a\"}}")),
		host_of(fx, HOST("\"inventory\":{\"mode\":\"manual\",\"fields\":{\"type\":\"b\",\"notes\":\"n\"}}")),
		host_of(fx, HOST("\"inventory\":{\"mode\":\"manual\",\"fields\":{\"type\":\"b\",\"notes\":\"n\"}}")), ZYNC_UNDO_WRITTEN);
	const struct zync_host *target = &back->item.op.target;

	assert_int_equal(target->inventory_mode, ZYNC_INVENTORY_AUTOMATIC);
	for (size_t i = 0; i < target->inventory.len; i++)
		assert_string_equal(target->inventory.items[i].value, zync_str_eq(target->inventory.items[i].field, "type") ? "a" : "");
	assert_int_equal(target->inventory.len, 2);
}

/* ---- the mark ---- */

/* With a text macro or without, and with that member for its owner. */
static struct zync_host *marked(struct fixture *fx, bool macro, const char *owner)
{
	return host_of(fx, zync_arena_printf(fx->arena, HOST("\"description\":\"old\",\"macros\":[%s]%s"),
					     macro ? "{\"macro\":\"{$A}\",\"type\":\"text\",\"value\":\"1\",\"description\":\"\"}" : "",
					     owner));
}

static void test_mark(void **state)
{
	static const struct {
		const char *pre, *now;
		bool macros, drop;
	} cases[] = {
		{"", OWNER, true, true},
		{"", OWNER, false, false},			 /* the run did not write macros: somebody else put it there */
		{OWNER, OWNER, true, false},			 /* it was there before */
		{"", "", true, false},				 /* somebody took it away */
		{"", ",\"owner\":\"nb:device:2\"", true, false}, /* it is another one by now */
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct fixture *fx;
		struct zync_host *target;
		struct zync_back *back;

		assert_int_equal(setup(state), 0);
		fx = *state;
		target = marked(fx, cases[i].macros, OWNER);
		target->description = "new";
		back = changed(fx, marked(fx, false, cases[i].pre), target, marked(fx, cases[i].macros, cases[i].now), ZYNC_UNDO_WRITTEN);
		assert_int_equal(back->drop_mark, cases[i].drop);
		assert_int_equal((back->item.op.diff.aspects & BIT(MACROS)) != 0, cases[i].macros);
		assert_int_equal(teardown(state), 0);
	}
}

/* ---- secret macros ---- */

/* What the store knows of device 1: the sealed text of a secret, with the key of the fixture. */
static void store_secret(struct fixture *fx, const char *text)
{
	struct zync_jb *b = zync_jb_new(fx->arena);
	struct zync_jnode *sealed = NULL;
	const char *json = NULL;

	OK(fx, zync_host_seal_secrets(with_secret(fx, text, true), fx->app.keyring, b, &sealed, &fx->err));
	OK(fx, zync_jb_text(b, sealed, ZYNC_JSON_COMPACT, fx->arena, &json, &fx->err));
	sql(fx,
	    zync_arena_printf(fx->arena,
			      "INSERT INTO host_config (pk, object_type, object_id, name, server, state, created, updated) VALUES "
			      "(101, 'device', 1, 'sw1', 'zabbix', 'monitored', 1, 1);"
			      "INSERT INTO host_text (id, object_type, object_id, desired, secrets) VALUES (1, 'device', 1, '{}', '%s');"
			      "INSERT INTO host_state (pk, desired_id) VALUES (101, 1)",
			      json));
}

/* The value is in the store: it is sent. */
static void test_secret_known(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back;

	store_secret(fx, "was");
	back = changed(fx, with_secret(fx, "was", false), with_secret(fx, "new", true), with_secret(fx, NULL, false), ZYNC_UNDO_WRITTEN);
	assert_null(back->lost);
	assert_int_equal(back->item.op.diff.aspects, BIT(MACROS));
	assert_string_equal(back->item.op.target.macros.items[0].value.plain, "was");
	assert_int_equal(back->item.op.target.macros.items[0].hostmacroid, 9);
}

/* The store has the secret of another time: sending that would be worse than saying so. */
static void test_secret_of_another_time(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back;

	store_secret(fx, "older");
	back = changed(fx, with_secret(fx, "was", false), with_secret(fx, "new", true), with_secret(fx, NULL, false), ZYNC_UNDO_WRITTEN);
	assert_string_equal(back->lost, "the former value of the secret macro {$S}, which Zabbix does not show");
	assert_int_equal(back->item.op.diff.aspects, 0);
	assert_true(back->settled && !back->nothing);
}

/* Sealed with a key that is lost: likewise, and no reason to give up the rest. */
static void test_secret_other_key(void **state)
{
	static const unsigned char OTHER[32] = "another key of the same length..";
	struct fixture *fx = *state;
	struct zync_keyring *right = fx->app.keyring;
	struct zync_back *back;
	const char *sealed = NULL;

	OK(fx, zync_keyring_new(OTHER, &fx->app.keyring, &fx->err));
	OK(fx, zync_keyring_seal(fx->app.keyring, "was", fx->arena, &sealed, &fx->err));
	zync_keyring_free(fx->app.keyring);
	fx->app.keyring = right;
	sql(fx, zync_arena_printf(fx->arena,
				  "INSERT INTO host_config (pk, object_type, object_id, name, server, state, created, updated) VALUES "
				  "(101, 'device', 1, 'sw1', 'zabbix', 'monitored', 1, 1);"
				  "INSERT INTO host_text (id, object_type, object_id, desired, secrets) VALUES (1, 'device', 1, '{}', "
				  "'{\"%s\":\"%s\"}');"
				  "INSERT INTO host_state (pk, desired_id) VALUES (101, 1)",
				  digest_of(fx, "was"), sealed));
	back = changed(fx, with_secret(fx, "was", false), with_secret(fx, "new", true), with_secret(fx, NULL, false), ZYNC_UNDO_WRITTEN);
	expect_words(back->lost, "{$S}");
}

/* Changed from or to what nobody knows, kept, removed, turned into text: what is lost, what is sent. */
static void test_secret_cases(void **state)
{
	static const char NONE[] = HOST("\"macros\":[]" OWNER);
	static const char TEXT[] =
		HOST("\"macros\":[{\"macro\":\"{$S}\",\"type\":\"text\",\"value\":\"new\",\"description\":\"\",\"hostmacroid\":9}]" OWNER);
	static const struct {
		const char *what, *pre, *written; /* text of the secret before, and as the run sent it; NULL: not known */
		const char *target, *now;	  /* other hosts than those with that secret */
		bool lost;
		size_t left; /* macros that the host has then */
	} cases[] = {
		{"the run wrote another one", NULL, "new", NULL, NULL, true, 1},
		{"the run wrote the same", "was", "was", NULL, NULL, false, 1},
		{"the run sent it without its value", NULL, NULL, NULL, NULL, false, 1},
		{"the run removed it", NULL, NULL, NONE, NONE, true, 0},
		{"the run made it a text", "was", NULL, TEXT, TEXT, true, 1},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct fixture *fx;
		struct zync_host *target;
		struct zync_host *now;
		struct zync_back *back;

		assert_int_equal(setup(state), 0);
		fx = *state;
		target = cases[i].target != NULL ? host_of(fx, cases[i].target) : with_secret(fx, cases[i].written, true);
		now = cases[i].now != NULL ? host_of(fx, cases[i].now) : with_secret(fx, NULL, false);
		back = changed(fx, with_secret(fx, cases[i].pre, false), target, now, ZYNC_UNDO_WRITTEN);
		/* As if another macro had changed with it. */
		back->aspects |= BIT(MACROS);
		back->lost = NULL;
		plan(fx, back, now);
		if ((back->lost != NULL) != cases[i].lost)
			fail_msg("%s: %s", cases[i].what, back->lost != NULL ? back->lost : "nothing is lost");
		assert_int_equal(back->item.op.target.macros.len, cases[i].left);
		assert_null(cases[i].left > 0 && !zync_str_eq(cases[i].now, TEXT) ? back->item.op.target.macros.items[0].value.plain
										  : NULL);
		assert_int_equal(teardown(state), 0);
	}
}

/* Another macro of the same name that somebody made meanwhile is not the one that was there. */
static void test_secret_other_macro(void **state)
{
	struct fixture *fx = *state;
	struct zync_host *now = with_secret(fx, NULL, false);
	struct zync_host *target = with_secret(fx, NULL, false);
	struct zync_back *back;

	now->macros.items[0].hostmacroid = 10;
	target->macros.items[0].description = "new";
	back = changed(fx, with_secret(fx, NULL, false), target, now, ZYNC_UNDO_WRITTEN);
	expect_words(back->lost, "{$S}");
}

/* Nobody knows whether it was written: a known one is sent to be sure, an unknown one is said to be lost. */
static void test_secret_not_known(void **state)
{
	struct fixture *fx = *state;
	struct zync_back *back;

	store_secret(fx, "was");
	back = changed(fx, with_secret(fx, "was", false), with_secret(fx, "new", true), with_secret(fx, NULL, false), ZYNC_UNDO_SENT);
	assert_string_equal(back->item.op.target.macros.items[0].value.plain, "was");
	assert_int_equal(back->item.op.diff.aspects, BIT(MACROS));
	sql(fx, "DELETE FROM host_state");
	back = read_back(fx);
	plan(fx, back, with_secret(fx, NULL, false));
	expect_words(back->lost, "{$S}");
	assert_false(back->nothing);
}

/* ---- what is told ---- */

static const char *sentence(struct fixture *fx)
{
	char *text = zync_arena_alloc(fx->arena, 600);

	assert_non_null(text);
	zync_put_back_text(fx->run, text, 600);
	return text;
}

static void report(struct fixture *fx, const struct zync_back *back)
{
	OK(fx, zync_back_report(fx->run, back, fx->arena, &fx->err));
}

static void test_report(void **state)
{
	struct fixture *fx = *state;
	struct zync_back back = {.item.work = {.object_type = "device", .object_id = 1, .pk = 101, .name = "sw1"}, .item.hostid = 501};

	begin(fx);
	zync_log_set_level(ZYNC_LOG_ERROR);
	assert_string_equal(sentence(fx), "; nothing was written to Zabbix");
	fx->run->put_back.tried = true;
	back.nothing = true;
	report(fx, &back);
	assert_int_equal(number(fx, "SELECT count(*) FROM work_event"), 0);
	back.nothing = false;
	report(fx, &back);
	assert_string_equal(text_of(fx, "SELECT action || ' ' || state || ' ' || message || ' ' || host_config_pk || ' ' || hostid || ' ' "
					"|| user_name FROM work_event"),
			    "put-back completed Put back as it was 101 501 eve");
	back.created = true;
	report(fx, &back);
	back.created = false;
	back.note = "the history of the items of T is gone";
	report(fx, &back);
	assert_string_equal(text_of(fx, "SELECT message FROM work_event ORDER BY id DESC LIMIT 1"),
			    "Put back as it was, but the history of the items of T is gone");
	assert_true(fx->run->put_back.restored == 2 && fx->run->put_back.deleted == 1 && fx->run->put_back.failed.len == 0);
	assert_string_equal(sentence(fx), "; what had been written to Zabbix is put back");
	back.lost = "the former value of {$S}";
	report(fx, &back);
	assert_string_equal(text_of(fx, "SELECT state || ' ' || message || ' ' || exception FROM work_event ORDER BY id DESC LIMIT 1"),
			    "failed Could not be put back all but the former value of {$S}");
	assert_string_equal(sentence(fx), "; what had been written to Zabbix is put back, but for 1 host: sw1");
	for (unsigned i = 2; i <= 7; i++) {
		back.item.work.name = zync_arena_printf(fx->arena, "sw%u", i);
		back.error = "refused";
		report(fx, &back);
	}
	assert_int_equal(fx->run->put_back.restored, 2);
	assert_string_equal(sentence(fx),
			    "; what had been written to Zabbix is put back, but for 7 hosts: sw1, sw2, sw3, sw4, sw5 and 2 more");
	fx->run->put_back.broke_off = "the disk is full";
	assert_string_equal(sentence(fx), "; not everything that had been written to Zabbix could be put back: the disk is full");
	/* Without host events, the result and the log tell all the same. */
	fx->app.config->sync.host_events = ZYNC_EVENT_HOSTS_OFF;
	sql(fx, "DELETE FROM work_event");
	report(fx, &back);
	assert_int_equal(number(fx, "SELECT count(*) FROM work_event"), 0);
	assert_int_equal(fx->run->put_back.failed.len, 8);
	/* Nor does it matter when the event cannot be kept. */
	fx->app.config->sync.host_events = ZYNC_EVENT_HOSTS_CHANGED;
	sql(fx, "DROP TABLE work_event");
	report(fx, &back);
	assert_int_equal(fx->run->put_back.failed.len, 9);
}

const struct CMUnitTest put_back_tests[] = {
	TEST(test_not_strict),
	TEST(test_row),
	cmocka_unit_test(test_created),
	TEST(test_hard),
	TEST(test_gone),
	TEST(test_aspects),
	TEST(test_back_already),
	TEST(test_not_known),
	TEST(test_refused),
	TEST(test_refused_exchange),
	TEST(test_refused_in_one_call),
	TEST(test_history),
	TEST(test_interfaces),
	TEST(test_interface_replaced),
	TEST(test_inventory),
	cmocka_unit_test(test_mark),
	TEST(test_secret_known),
	TEST(test_secret_of_another_time),
	TEST(test_secret_other_key),
	cmocka_unit_test(test_secret_cases),
	TEST(test_secret_other_macro),
	TEST(test_secret_not_known),
	TEST(test_report),
};
const size_t put_back_tests_len = ZYNC_ARRAY_LEN(put_back_tests);
