/* SPDX-License-Identifier: Apache-2.0 */
/* What puts the encryption of a host back after a strict run: Zabbix shows neither the former key nor its identity. */
#include "jobs_test.h"

#include "jobs/put_back.h"

#define HOST(...)                                                                                                         \
	"{\"v\":1,\"hostid\":501,\"host\":\"sw1\",\"name\":\"sw1\",\"status\":\"monitored\",\"groups\":[{\"name\":\"A\"," \
	"\"id\":2}]," __VA_ARGS__ ",\"owner\":\"nb:device:1\",\"owner_hostmacroid\":8}"
#define PSK(identity, digest) \
	HOST("\"tls\":{\"connect\":\"psk\",\"accept\":[\"psk\"],\"psk_identity\":" identity ",\"psk\":{\"digest\":" digest "}}")
#define OPEN HOST("\"tls\":{\"connect\":\"none\",\"accept\":[\"none\"]}")
#define IPMI(user, password) \
	HOST("\"ipmi\":{\"authtype\":\"none\",\"privilege\":\"user\",\"username\":\"" user "\",\"password\":\"" password "\"}")

/* What becomes of the host of an item that the run has written, and that is in Zabbix as @p now says. */
static struct zync_back *written(struct fixture *fx, struct zync_item *item, struct zync_host *now)
{
	struct zync_back *back = ZYNC_NEW(fx->arena, struct zync_back);
	struct zync_undo *rows = NULL;
	size_t count = 0;

	assert_non_null(back);
	run_begin(fx);
	fx->run->strict = true;
	OK(fx, zync_store_undo_begin(fx->app.store, &fx->err));
	OK(fx, zync_put_back_note(fx->run, item, &fx->err));
	OK(fx, zync_put_back_decided(fx->run, item, true, &fx->err));
	OK(fx, zync_store_undo_page(fx->app.store, UINT64_MAX, 10, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 1);
	OK(fx, zync_back_read(fx->run, &rows[0], fx->arena, back, &fx->err));
	OK(fx, zync_back_plan(fx->run, back, now, fx->arena, &fx->err));
	return back;
}

/* The same for a host that the run changed from @p pre to @p target. */
static struct zync_back *changed(struct fixture *fx, struct zync_host *pre, const struct zync_host *target, struct zync_host *now)
{
	return written(fx, item_of(fx, 1, ZYNC_OP_UPDATE, pre, target), now);
}

/* @p now is as Zabbix tells it: without key and identity. */
static void test_tls_cases(void **state)
{
	static const char UNKNOWN[] = PSK("null", "null");
	static const struct {
		const char *what, *pre, *target, *now;
		bool lost;
		unsigned connect;	  /* that it shall have again */
		const char *psk_identity; /* "": the host has none then */
		bool written;		  /* is anything written? */
	} cases[] = {
		{"a key was given", OPEN, PSK("\"i\"", "\"1\""), UNKNOWN, false, ZYNC_TLS_NONE, "", true},
		{"the key was exchanged", PSK("\"i\"", "\"1\""), PSK("\"i\"", "\"2\""), UNKNOWN, true, ZYNC_TLS_PSK, "i", false},
		{"the identity was exchanged", PSK("\"i\"", "\"1\""), PSK("\"j\"", "\"1\""), UNKNOWN, false, ZYNC_TLS_PSK, "i", true},
		{"a stranger's key was exchanged", UNKNOWN, PSK("\"i\"", "\"1\""), UNKNOWN, true, ZYNC_TLS_PSK, "i", false},
		{"the key was taken away", PSK("\"i\"", "\"1\""), OPEN, OPEN, true, ZYNC_TLS_NONE, "", false},
		{"something beside the key", PSK("\"i\"", "\"1\""),
		 HOST("\"tls\":{\"connect\":\"none\",\"accept\":[\"psk\"],\"psk_identity\":\"i\",\"psk\":{\"digest\":\"1\"}}"),
		 HOST("\"tls\":{\"connect\":\"none\",\"accept\":[\"psk\"],\"psk_identity\":null,\"psk\":{\"digest\":null}}"), false,
		 ZYNC_TLS_PSK, "i", true},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct fixture *fx;
		struct zync_back *back;

		assert_int_equal(setup(state), 0);
		fx = *state;
		back = changed(fx, host_of(fx, cases[i].pre), host_of(fx, cases[i].target), host_of(fx, cases[i].now));
		if ((back->lost != NULL) != cases[i].lost)
			fail_msg("%s: %s", cases[i].what, back->lost != NULL ? back->lost : "nothing is lost");
		if (cases[i].lost)
			assert_string_equal(back->lost, "the former pre-shared key (tls), which Zabbix does not show");
		assert_int_equal(back->item.op.target.tls.connect, cases[i].connect);
		assert_string_equal(back->item.op.target.tls.psk_identity, cases[i].psk_identity);
		assert_int_equal(back->item.op.diff.aspects, cases[i].written ? ZYNC_ASPECT_BIT(ZYNC_ASPECT_TLS) : 0);
		assert_int_equal(back->settled, !cases[i].written);
		assert_int_equal(teardown(state), 0);
	}
}

/* A key that is known from the store is sent again. */
static void test_tls_known(void **state)
{
	struct fixture *fx = *state;
	struct zync_host *pre = host_of(fx, PSK("\"i\"", "null"));
	struct zync_back *back;

	pre->tls.psk.plain = "00112233445566778899aabbccddeeff";
	OK(fx, zync_host_fill_digests(pre, fx->app.keyring, fx->arena, &fx->err));
	back = changed(fx, pre, host_of(fx, PSK("\"j\"", "\"2\"")), host_of(fx, PSK("null", "null")));
	assert_null(back->lost);
	assert_string_equal(back->item.op.target.tls.psk.plain, "00112233445566778899aabbccddeeff");
	assert_string_equal(back->item.op.target.tls.psk_identity, "i");
	assert_int_equal(back->item.op.diff.aspects, ZYNC_ASPECT_BIT(ZYNC_ASPECT_TLS));
	assert_null(strstr(text_of(fx, "SELECT data FROM work_undo"), "00112233"));
}

/* Zabbix shows the password of IPMI: nothing of it is lost. */
static void test_ipmi(void **state)
{
	struct fixture *fx = *state;
	struct zync_host *pre = host_of(fx, IPMI("u", ""));
	struct zync_host *now = host_of(fx, IPMI("v", ""));
	struct zync_back *back;

	pre->ipmi.password.plain = "former";
	now->ipmi.password.plain = "later";
	OK(fx, zync_host_fill_digests(pre, fx->app.keyring, fx->arena, &fx->err));
	OK(fx, zync_host_fill_digests(now, fx->app.keyring, fx->arena, &fx->err));
	back = changed(fx, pre, now, now);
	assert_null(back->lost);
	assert_string_equal(back->item.op.target.ipmi.password.plain, "former");
	assert_string_equal(back->item.op.target.ipmi.username, "u");
	assert_null(strstr(text_of(fx, "SELECT data FROM work_undo"), "former"));
}

/* The journal says of a call that it may have changed what nobody can see. */
static void test_journal(void **state)
{
	struct fixture *fx = *state;
	struct zync_item *items[] = {
		item_of(fx, 1, ZYNC_OP_UPDATE, host_of(fx, PSK("\"i\"", "\"1\"")), host_of(fx, PSK("\"i\"", "\"2\""))),
		item_of(fx, 2, ZYNC_OP_UPDATE, host_of(fx, IPMI("u", "")), host_of(fx, IPMI("v", ""))),
	};
	const struct zync_jval *entries = NULL;
	const char *text;

	run_begin(fx);
	OK(fx, zync_journal_intend(fx->run, "zabbix", "host.update", items, 2, fx->arena, &fx->err));
	text = text_of(fx, "SELECT entries FROM intent");
	OK(fx, zync_json_parse(fx->arena, text, strlen(text), &entries, &fx->err));
	assert_true(zync_jval_is_true(zync_jval_get(zync_jval_at(entries, 0), "secrets")));
	assert_null(zync_jval_get(zync_jval_at(entries, 1), "secrets"));
}

/* The history of a template that was only unlinked is not gone. */
static void test_kept_items(void **state)
{
	static const char WITH[] = HOST("\"templates\":[{\"name\":\"T\",\"id\":7},{\"name\":\"U\",\"id\":8}]");
	static const char WITHOUT[] = HOST("\"templates\":[]");
	struct zync_ref kept = {.name = "T", .id = 7};

	for (unsigned i = 0; i < 2; i++) {
		struct fixture *fx;
		struct zync_item *item;

		assert_int_equal(setup(state), 0);
		fx = *state;
		item = item_of(fx, 1, ZYNC_OP_UPDATE, host_of(fx, WITH), host_of(fx, WITHOUT));
		item->op.keep_items = (struct zync_ref_list){.items = &kept, .len = i};
		assert_string_equal(written(fx, item, host_of(fx, WITHOUT))->note,
				    i == 0 ? "the history of the items of T, U is gone" : "the history of the items of U is gone");
		assert_int_equal(teardown(state), 0);
	}
}

const struct CMUnitTest put_back_tls_tests[] = {cmocka_unit_test(test_tls_cases), TEST(test_tls_known), TEST(test_ipmi), TEST(test_journal),
						cmocka_unit_test(test_kept_items)};
const size_t put_back_tls_tests_len = ZYNC_ARRAY_LEN(put_back_tls_tests);
