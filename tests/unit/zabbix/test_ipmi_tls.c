/* SPDX-License-Identifier: Apache-2.0 */
/* IPMI and TLS from replies and into requests. */
#include "zabbix_test.h"

#define BIT(aspect) ZYNC_ASPECT_BIT(aspect)
#define BOTH	    (BIT(ZYNC_ASPECT_IPMI) | BIT(ZYNC_ASPECT_TLS))

#define HOST_GET(members) "=[{\"hostid\":\"20\",\"host\":\"a\"" members "}]"
static const struct {
	const char *reply;
	int authtype;
	unsigned privilege;
	const char *username;
	const char *password;
	unsigned connect;
	unsigned accept;
	const char *issuer;
	bool key_known;
} replies[] = {
	{HOST_GET(",\"ipmi_authtype\":\"6\",\"ipmi_privilege\":\"4\",\"ipmi_username\":\"u\",\"ipmi_password\":\"p\",\"tls_connect\":\"2\","
		  "\"tls_"
		  "accept\":\"7\",\"tls_issuer\":\"CN=i\",\"tls_subject\":\"CN=s\""),
	 6, 4, "u", "p", 2, 7, "CN=i", false},
	{HOST_GET(",\"ipmi_authtype\":\"-1\",\"ipmi_privilege\":\"2\",\"tls_connect\":\"1\",\"tls_accept\":\"1\""), -1, 2, "", "", 1, 1, "",
	 true},
	/* Zabbix takes numbers without a meaning, and an older or a stranger one may leave members out. */
	{HOST_GET(",\"ipmi_authtype\":\"3\",\"ipmi_privilege\":\"6\",\"tls_connect\":\"3\",\"tls_accept\":\"8\""), -1, 2, "", "", 1, 1, "",
	 true},
	{HOST_GET(",\"ipmi_authtype\":\"7\",\"ipmi_privilege\":\"0\",\"tls_connect\":\"x\",\"tls_accept\":\"0\""), -1, 2, "", "", 1, 1, "",
	 true},
	{HOST_GET(""), -1, 2, "", "", 1, 1, "", true},
};

static void test_ipmi_tls_decode(void **state)
{
	const uint64_t id = 20;

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(replies); i++) {
		const struct step steps[] = {{.expect = {"ipmi_authtype\",\"ipmi_privilege\",\"ipmi_username\",\"ipmi_password",
							 "tls_connect\",\"tls_accept\",\"tls_issuer\",\"tls_subject"},
					      .reply = replies[i].reply}};
		struct zync_zabbix_hosts hosts = {0};
		struct fake f = {0};

		fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
		OK(zync_zabbix_get_hosts(f.z, &id, 1, f.arena, &hosts, ok_err));
		const struct zync_ipmi *ipmi = &hosts.items[0].ipmi;
		const struct zync_tls *tls = &hosts.items[0].tls;
		assert_int_equal(ipmi->authtype, replies[i].authtype);
		assert_int_equal(ipmi->privilege, replies[i].privilege);
		assert_string_equal(ipmi->username, replies[i].username);
		assert_string_equal(ipmi->password.plain, replies[i].password);
		assert_int_equal(tls->connect, replies[i].connect);
		assert_int_equal(tls->accept, replies[i].accept);
		assert_string_equal(tls->issuer, replies[i].issuer);
		/* "": there is none; NULL: it is not told. */
		assert_int_equal(tls->psk.plain != NULL, replies[i].key_known);
		assert_int_equal(tls->psk_identity != NULL, replies[i].key_known);
		fake_close(&f);
	}
}

#define KEY			       "00112233445566778899aabbccddeeff"
#define IPMI_OUT(password)	       "{\"hostid\":\"20\",\"ipmi_authtype\":6,\"ipmi_privilege\":4,\"ipmi_username\":\"u\"" password "}"
#define TLS_OUT(connect, accept, more) "{\"hostid\":\"20\",\"tls_connect\":" #connect ",\"tls_accept\":" #accept more "}"
#define PSK(identity_, digest_, plain_) \
	.connect = ZYNC_TLS_PSK, .accept = ZYNC_TLS_PSK, .psk_identity = (identity_), .psk = {.digest = (digest_), .plain = (plain_)}
#define CERTIFICATE .connect = ZYNC_TLS_CERTIFICATE, .accept = ZYNC_TLS_CERTIFICATE
#define NO_TLS	    .connect = ZYNC_TLS_NONE, .accept = ZYNC_TLS_NONE

static const struct {
	const char *what;
	struct zync_ipmi ipmi, ipmi_had;
	struct zync_tls tls, tls_had;
	unsigned aspects;
	const char *expect; /* text; or, of a refusal, words */
	bool refused;
} updates[] = {
	{"a new password",
	 {6, 4, "u", {"p", "2"}},
	 {-1, 2, "", {"", NULL}},
	 {0},
	 {0},
	 BIT(ZYNC_ASPECT_IPMI),
	 IPMI_OUT(",\"ipmi_password\":\"p\""),
	 false},
	{"the same password", {6, 4, "u", {"p", "2"}}, {-1, 2, "", {"p", "2"}}, {0}, {0}, BIT(ZYNC_ASPECT_IPMI), IPMI_OUT(""), false},
	{"the same one, known by its digest",
	 {6, 4, "u", {NULL, "2"}},
	 {-1, 2, "", {"p", "2"}},
	 {0},
	 {0},
	 BIT(ZYNC_ASPECT_IPMI),
	 IPMI_OUT(""),
	 false},
	{"no password any more",
	 {6, 4, "u", {"", NULL}},
	 {6, 4, "u", {"p", "2"}},
	 {0},
	 {0},
	 BIT(ZYNC_ASPECT_IPMI),
	 IPMI_OUT(",\"ipmi_password\":\"\""),
	 false},
	{"a password that is not known",
	 {6, 4, "u", {NULL, "3"}},
	 {6, 4, "u", {"p", "2"}},
	 {0},
	 {0},
	 BIT(ZYNC_ASPECT_IPMI),
	 "the ipmi_password is not known here: run `zync pull`",
	 true},
	{"a user name that is no text",
	 {6, 4, "\xff", {"", NULL}},
	 {0},
	 {0},
	 {0},
	 BIT(ZYNC_ASPECT_IPMI),
	 "ipmi_username is not valid UTF-8",
	 true},
	{"a key for the first time",
	 {0},
	 {0},
	 {PSK("i", "1", KEY)},
	 {NO_TLS},
	 BIT(ZYNC_ASPECT_TLS),
	 TLS_OUT(2, 2, ",\"tls_psk_identity\":\"i\",\"tls_psk\":\"" KEY "\""),
	 false},
	{"a key over one that nobody knows",
	 {0},
	 {0},
	 {PSK("i", "1", KEY)},
	 {PSK(NULL, NULL, NULL)},
	 BIT(ZYNC_ASPECT_TLS),
	 TLS_OUT(2, 2, ",\"tls_psk_identity\":\"i\",\"tls_psk\":\"" KEY "\""),
	 false},
	{"the same key, another identity",
	 {0},
	 {0},
	 {PSK("j", "1", KEY)},
	 {PSK("i", "1", NULL)},
	 BIT(ZYNC_ASPECT_TLS),
	 TLS_OUT(2, 2, ",\"tls_psk_identity\":\"j\""),
	 false},
	{"another key, the same identity",
	 {0},
	 {0},
	 {PSK("i", "2", KEY)},
	 {PSK("i", "1", NULL)},
	 BIT(ZYNC_ASPECT_TLS),
	 TLS_OUT(2, 2, ",\"tls_psk\":\"" KEY "\""),
	 false},
	{"an unknown key stays", {0}, {0}, {PSK(NULL, NULL, NULL)}, {PSK("i", "1", NULL)}, BIT(ZYNC_ASPECT_TLS), TLS_OUT(2, 2, ""), false},
	{"an unknown key where none is",
	 {0},
	 {0},
	 {PSK("i", NULL, NULL)},
	 {NO_TLS},
	 BIT(ZYNC_ASPECT_TLS),
	 "the tls_psk is not known here: run `zync pull`",
	 true},
	{"an unknown key in place of another",
	 {0},
	 {0},
	 {PSK("i", "2", NULL)},
	 {PSK("i", "1", NULL)},
	 BIT(ZYNC_ASPECT_TLS),
	 "the tls_psk is not known here",
	 true},
	{"no identity where none is", {0}, {0}, {PSK(NULL, "1", KEY)}, {NO_TLS}, BIT(ZYNC_ASPECT_TLS), "needs an identity", true},
	{"a key instead of a certificate",
	 {0},
	 {0},
	 {PSK("i", "1", KEY)},
	 {CERTIFICATE},
	 BIT(ZYNC_ASPECT_TLS),
	 TLS_OUT(2, 2, ",\"tls_psk_identity\":\"i\",\"tls_psk\":\"" KEY "\""),
	 false},
	{"a certificate instead of a key",
	 {0},
	 {0},
	 {CERTIFICATE, .issuer = "CN=i"},
	 {PSK("i", "1", NULL)},
	 BIT(ZYNC_ASPECT_TLS),
	 TLS_OUT(4, 4, ",\"tls_issuer\":\"CN=i\",\"tls_subject\":\"\""),
	 false},
	{"nothing instead of a key", {0}, {0}, {NO_TLS}, {PSK("i", "1", NULL)}, BIT(ZYNC_ASPECT_TLS), TLS_OUT(1, 1, ""), false},
	{"an issuer that is no text",
	 {0},
	 {0},
	 {CERTIFICATE, .issuer = "\xff"},
	 {NO_TLS},
	 BIT(ZYNC_ASPECT_TLS),
	 "tls_issuer is not valid UTF-8",
	 true},
	{"neither is asked for",
	 {6, 4, "u", {"p", "2"}},
	 {0},
	 {PSK("i", "1", KEY)},
	 {0},
	 BIT(ZYNC_ASPECT_STATUS),
	 "{\"hostid\":\"20\",\"status\":0}",
	 false},
};

static void test_ipmi_tls_encode(void **state)
{
	struct zync_arena *arena = zync_arena_new(0);

	(void)state;
	assert_non_null(arena);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(updates); i++) {
		struct zync_host target = {.host = "h", .ipmi = updates[i].ipmi, .tls = updates[i].tls};
		struct zync_host actual = {.host = "h", .ipmi = updates[i].ipmi_had, .tls = updates[i].tls_had};
		struct zync_zabbix_write w = {
			.kind = ZYNC_ZABBIX_UPDATE, .hostid = 20, .target = &target, .actual = &actual, .aspects = updates[i].aspects};
		struct zync_err err = {.status = ZYNC_OK};
		const char *text = NULL;
		enum zync_status status = zync_zbx_encode_write(zync_zbx_dialect_find(7000), &w, arena, &text, &err);

		if (updates[i].refused) {
			assert_int_equal(status, ZYNC_ERR_REJECTED);
			expect_words(err.message, updates[i].expect);
		} else if (status != ZYNC_OK || !zync_str_eq(text, updates[i].expect)) {
			fail_msg("%s: %s%s\ninstead of %s", updates[i].what, text ? text : "", err.message, updates[i].expect);
		}
	}
	zync_arena_free(arena);
}

/* A new host has what the rules manage; without them Zabbix's own defaults, which are not our zeroes. */
static void test_ipmi_tls_create(void **state)
{
	struct zync_host host = {.host = "h", .inventory_mode = ZYNC_INVENTORY_DISABLED, .ipmi = {0, 2, "", {"", NULL}}, .tls = {NO_TLS}};
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_CREATE, .target = &host};
	struct zync_arena *arena = zync_arena_new(0);
	const char *text = NULL;

	(void)state;
	OK(zync_zbx_encode_write(zync_zbx_dialect_find(6000), &w, arena, &text, ok_err));
	assert_null(strstr(text, "ipmi"));
	assert_null(strstr(text, "tls"));
	host.managed = BOTH;
	OK(zync_zbx_encode_write(zync_zbx_dialect_find(6000), &w, arena, &text, ok_err));
	expect_words(text, "\"ipmi_authtype\":0,\"ipmi_privilege\":2,\"ipmi_username\":\"\",\"ipmi_password\":\"\","
			   "\"tls_connect\":1,\"tls_accept\":1}");
	host.tls = (struct zync_tls){PSK("i", NULL, KEY)};
	OK(zync_zbx_encode_write(zync_zbx_dialect_find(6000), &w, arena, &text, ok_err));
	expect_words(text, "\"tls_connect\":2,\"tls_accept\":2,\"tls_psk_identity\":\"i\",\"tls_psk\":\"" KEY "\"}");
	zync_arena_free(arena);
}

/* Zabbix repeats refused values, and a long one is cut off with the message. */
static void test_ipmi_tls_scrub(void **state)
{
	struct zync_host host = {.ipmi = {.password = {.plain = "ipmi-word"}}, .tls = {PSK("i", NULL, KEY)}};
	struct zync_err err;
	char *cut;

	(void)state;
	(void)zync_err_set(&err, ZYNC_ERR_REJECTED, "Value \"ipmi-word\" is too long, " KEY "x, too");
	zync_zbx_scrub(&err, &host);
	assert_string_equal(err.message, "Value \"***\" is too long, ***x, too");
	(void)zync_err_set(&err, ZYNC_ERR_REJECTED, "%*s" KEY KEY, (int)sizeof(err.message) - 20, "");
	cut = strstr(err.message, "0011");
	assert_non_null(cut);
	zync_zbx_scrub(&err, &host);
	assert_string_equal(cut, "***\xe2\x80\xa6");
	(void)zync_err_set(&err, ZYNC_ERR_REJECTED, "cut off by somebody else: 00112233");
	zync_zbx_scrub(&err, &host);
	assert_string_equal(err.message, "cut off by somebody else: ***");
	(void)zync_err_set(&err, ZYNC_ERR_REJECTED, "nothing of it: 001, 0011223x");
	zync_zbx_scrub(&err, &host);
	assert_string_equal(err.message, "nothing of it: 001, 0011223x");
}

/* What Zabbix has is left alone, and what shall be empty is not sent again. */
static void test_inventory_left(void **state)
{
	struct zync_inventory_field had[] = {{"location", "R1"}, {"notes", "n"}, {"os", "o"}};
	struct zync_inventory_field wanted[] = {{"alias", ""}, {"location", NULL}, {"notes", ""}, {"type", NULL}};
	struct zync_host actual = {.inventory = {had, 3}};
	struct zync_host target = {.inventory = {wanted, 4}};
	struct zync_zabbix_write w = {
		.kind = ZYNC_ZABBIX_UPDATE, .hostid = 20, .target = &target, .actual = &actual, .aspects = BIT(ZYNC_ASPECT_INVENTORY)};
	struct zync_arena *arena = zync_arena_new(0);
	const char *text = NULL;

	(void)state;
	OK(zync_zbx_encode_write(zync_zbx_dialect_find(7000), &w, arena, &text, ok_err));
	assert_string_equal(text, "{\"hostid\":\"20\",\"inventory_mode\":0,\"inventory\":{\"notes\":\"\",\"os\":\"\"}}");
	w.kind = ZYNC_ZABBIX_CREATE;
	OK(zync_zbx_encode_write(zync_zbx_dialect_find(7000), &w, arena, &text, ok_err));
	assert_null(strstr(text, "\"inventory\":"));
	zync_arena_free(arena);
}

const struct CMUnitTest ipmi_tls_tests[] = {
	cmocka_unit_test(test_ipmi_tls_decode), cmocka_unit_test(test_ipmi_tls_encode), cmocka_unit_test(test_ipmi_tls_create),
	cmocka_unit_test(test_ipmi_tls_scrub),	cmocka_unit_test(test_inventory_left),
};
const size_t ipmi_tls_tests_len = ZYNC_ARRAY_LEN(ipmi_tls_tests);
