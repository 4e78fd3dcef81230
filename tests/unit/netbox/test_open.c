/* SPDX-License-Identifier: Apache-2.0 */
/** @file test_open.c Connecting: versions, tokens, and each way in which it goes wrong. */
#include "fake_netbox.h"

#include "base/str.h"

#define TOKEN_V1  "0123456789abcdef0123456789abcdef01234567"
#define JSON	  "Content-Type: application/json\r\n"
#define HTML	  "Content-Type: text/html; charset=utf-8\r\n"
#define DETAIL(t) "{\"detail\":\"" t "\"}"

static const struct {
	const char *name;
	struct fake_reply reply;
	const char *token;
	enum zync_status status;
	const char *words[3];
} open_cases[] = {
	{"html",
	 {.headers = HTML, .body = "<!DOCTYPE html><html><head><title>\n Corporate\tportal </title></head>"},
	 FAKE_TOKEN,
	 ZYNC_ERR_PROTOCOL,
	 {"GET /api/status/: the answer is a web page with the title \"Corporate portal \"",
	  "netbox.url (http://127.0.0.1:", "login page or proxy"}},
	{"html without a type",
	 {.headers = "X-A: b\r\n", .body = "<html>"},
	 FAKE_TOKEN,
	 ZYNC_ERR_PROTOCOL,
	 {"is a web page, not NetBox's API"}},
	{"JSON called a page",
	 {.headers = HTML, .body = "{\"netbox-version\":\"4.7.3\"}"},
	 FAKE_TOKEN,
	 ZYNC_ERR_PROTOCOL,
	 {"is a web page"}},
	{"text",
	 {.headers = "Content-Type: text/plain\r\n", .body = "hello"},
	 FAKE_TOKEN,
	 ZYNC_ERR_PROTOCOL,
	 {"is not JSON but \"text/plain\""}},
	{"broken JSON",
	 {.headers = JSON, .body = "{\"netbox-version\":\"4."},
	 FAKE_TOKEN,
	 ZYNC_ERR_PROTOCOL,
	 {"is not JSON but \"application/json\" ("}},
	{"empty", {.headers = JSON, .body = ""}, FAKE_TOKEN, ZYNC_ERR_PROTOCOL, {"is not JSON"}},
	{"other JSON", {.headers = JSON, .body = "{\"status\":\"up\"}"}, FAKE_TOKEN, ZYNC_ERR_PROTOCOL, {"names no netbox-version"}},
	{"a list", {.headers = JSON, .body = "[1,2]"}, FAKE_TOKEN, ZYNC_ERR_PROTOCOL, {"names no netbox-version"}},
	{"odd version",
	 {.headers = JSON, .body = "{\"netbox-version\":\"latest\"}"},
	 FAKE_TOKEN,
	 ZYNC_ERR_PROTOCOL,
	 {"names no netbox-version"}},
	{"3.7",
	 {.headers = JSON, .body = "{\"netbox-version\":\"3.7.8\"}"},
	 FAKE_TOKEN,
	 ZYNC_ERR_INVALID,
	 {"Zync needs NetBox 4.0 or newer, this is 3.7.8"}},
	{"3.7 that refuses",
	 {.status = 403, .headers = JSON "API-Version: 3.7\r\n", .body = DETAIL("Invalid token")},
	 FAKE_TOKEN,
	 ZYNC_ERR_INVALID,
	 {"Zync needs NetBox 4.0 or newer, this is 3.7"}},
	{"redirect to https",
	 {.status = 301, .headers = "Location: https://nb.example/netbox/api/status/\r\n"},
	 FAKE_TOKEN,
	 ZYNC_ERR_INVALID,
	 {"redirects to https://nb.example/netbox/api/status/; set netbox.url to https://nb.example/netbox"}},
	{"redirect to a login",
	 {.status = 302, .headers = "Location: https://sso.example/login?next=/api/status/\r\n"},
	 FAKE_TOKEN,
	 ZYNC_ERR_INVALID,
	 {"redirects to https://sso.example/login", "wants its own login"}},
	{"redirect elsewhere",
	 {.status = 302, .headers = "Location: /home\r\n"},
	 FAKE_TOKEN,
	 ZYNC_ERR_INVALID,
	 {"/home; set netbox.url to the address"}},
	{"404 page",
	 {.status = 404, .headers = HTML, .body = "<html>"},
	 FAKE_TOKEN,
	 ZYNC_ERR_INVALID,
	 {"there is no NetBox API at http://127.0.0.1:", "/api/ (HTTP 404)", "home page, without /api"}},
	{"404 JSON", {.status = 404, .headers = JSON, .body = "{}"}, FAKE_TOKEN, ZYNC_ERR_INVALID, {"there is no NetBox API at"}},
	{"401",
	 {.status = 401, .headers = HTML, .body = "<html>"},
	 FAKE_TOKEN,
	 ZYNC_ERR_AUTH,
	 {"a proxy before NetBox wants a login of its own"}},
	{"403 page",
	 {.status = 403, .headers = HTML, .body = "<html>"},
	 FAKE_TOKEN,
	 ZYNC_ERR_AUTH,
	 {"\"a web page\" (HTTP 403)", "check netbox.token"}},
	{"403 v1",
	 {.status = 403, .body = DETAIL("Invalid v1 token")},
	 TOKEN_V1,
	 ZYNC_ERR_AUTH,
	 {"\"Invalid v1 token\" (HTTP 403); check netbox.token; a v2 token begins with nbt_"}},
	{"403 v2",
	 {.status = 403, .body = DETAIL("Invalid v2 token")},
	 FAKE_TOKEN,
	 ZYNC_ERR_AUTH,
	 {"Invalid v2 token", "API_TOKEN_PEPPERS"}},
	{"403 old",
	 {.status = 403, .body = DETAIL("Invalid token")},
	 TOKEN_V1,
	 ZYNC_ERR_AUTH,
	 {"\"Invalid token\" (HTTP 403); check netbox.token"}},
	{"403 expired", {.status = 403, .body = DETAIL("Token expired")}, TOKEN_V1, ZYNC_ERR_AUTH, {"Token expired", "later expiry date"}},
	{"403 disabled",
	 {.status = 403, .body = DETAIL("Token disabled")},
	 TOKEN_V1,
	 ZYNC_ERR_AUTH,
	 {"Token disabled", "enable the token"}},
	{"403 user", {.status = 403, .body = DETAIL("User inactive")}, TOKEN_V1, ZYNC_ERR_AUTH, {"make the token's user active"}},
	{"403 address",
	 {.status = 403, .body = DETAIL("Source IP 10.0.0.9 is not permitted to authenticate using this token.")},
	 TOKEN_V1,
	 ZYNC_ERR_AUTH,
	 {"Source IP 10.0.0.9 is not permitted", "allowed IPs"}},
	{"403 no address",
	 {.status = 403, .body = DETAIL("Client IP address could not be determined for validation.")},
	 TOKEN_V1,
	 ZYNC_ERR_AUTH,
	 {"must pass X-Real-IP or X-Forwarded-For"}},
	{"403 no dot",
	 {.status = 403, .body = DETAIL("Invalid authorization header: Could not parse key from v2 token. Did you mean")},
	 FAKE_TOKEN,
	 ZYNC_ERR_AUTH,
	 {"the part after the dot is missing"}},
	{"403 dropped",
	 {.status = 403, .headers = JSON "API-Version: 4.6\r\n", .body = DETAIL("Authentication credentials were not provided.")},
	 FAKE_TOKEN,
	 ZYNC_ERR_AUTH,
	 {"drops the Authorization header"}},
	{"403 v2 on 4.4",
	 {.status = 403, .headers = JSON "API-Version: 4.4\r\n", .body = DETAIL("Authentication credentials were not provided.")},
	 FAKE_TOKEN,
	 ZYNC_ERR_AUTH,
	 {"tokens that begin with nbt_ need NetBox 4.5 or newer, this is 4.4: make a v1 token"}},
	{"403 in another language",
	 {.status = 403, .body = DETAIL("Ung\xc3\xbcltiges Token")},
	 TOKEN_V1,
	 ZYNC_ERR_AUTH,
	 {"\"Ung\xc3\xbcltiges Token\" (HTTP 403); check netbox.token and the permissions of its user"}},
	{"500",
	 {.status = 500, .body = "{\"error\":\"relation does not exist\",\"exception\":\"ProgrammingError\",\"netbox_version\":\"4.7.3\"}"},
	 FAKE_TOKEN,
	 ZYNC_ERR_PROTOCOL,
	 {"HTTP 500, \"relation does not exist; exception: ProgrammingError\" (after 5 attempts)"}},
	{"502",
	 {.status = 502, .headers = HTML, .body = "<html><title>502 Bad Gateway</title>"},
	 FAKE_TOKEN,
	 ZYNC_ERR_UNREACHABLE,
	 {"HTTP 502, a web page with the title \"502 Bad Gateway\" (after 5 attempts)"}},
	{"418", {.status = 418, .body = "{\"detail\":\"teapot\"}"}, FAKE_TOKEN, ZYNC_ERR_REJECTED, {"HTTP 418, \"teapot\""}},
};

static void test_open_cases(void **state)
{
	static struct fake_netbox netbox; /* only its server is used */

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(open_cases); i++) {
		struct zync_netbox *nb = NULL;
		struct zync_err err = {0};

		netbox.server = fake_start_script(&open_cases[i].reply, 1);
		enum zync_status status = fake_netbox_try(&netbox, NULL, open_cases[i].token, &nb, &err);
		if (status != open_cases[i].status || err.status != status)
			fail_msg("%s: %s: %s", open_cases[i].name, zync_status_name(status), err.message);
		for (size_t j = 0; j < 3 && open_cases[i].words[j] != NULL; j++)
			assert_words(err.message, open_cases[i].words[j]);
		if (strncmp(err.message, "netbox: ", 8) != 0 || strstr(err.message, open_cases[i].token) != NULL)
			fail_msg("%s", err.message);
		assert_null(nb);
		fake_stop(netbox.server);
	}
}

static void test_versions(void **state)
{
	static const struct {
		const char *text;
		unsigned api;
	} cases[] = {{"4.0.0", 4000}, {"4.7.3", 4007}, {"4.7.0-beta1", 4007}, {"4.10.2-Docker-3.2", 4010}, {"5.0.0", 5000}, {"4.6", 4006}};
	static struct fake_netbox netbox;

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		fake_netbox_start(&netbox, cases[i].text, 0);
		struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
		assert_string_equal(zync_netbox_version(nb), cases[i].text);
		assert_int_equal(zync_netbox_api_version(nb), cases[i].api);
		assert_int_equal(zync_netbox_calls(nb), 1);
		zync_netbox_close(nb);
		fake_netbox_stop(&netbox);
	}
	zync_netbox_close(NULL);
}

static void test_tokens(void **state)
{
	static const struct {
		const char *token, *header, *words;
	} cases[] = {
		{FAKE_TOKEN, "Bearer " FAKE_TOKEN, NULL},
		{TOKEN_V1, "Token " TOKEN_V1, NULL},
		{NULL, NULL, "no token is given; set netbox.token"},
		{"with space", NULL, "holds a space or another character"},
		{"with\r\nX-Evil: 1", NULL, "holds a space or another character"},
		{"\xc3\xbc", NULL, "holds a space or another character"},
	};
	static struct fake_netbox netbox;

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_netbox *nb = NULL;
		struct zync_err err = {0};
		char text[256];

		fake_netbox_start(&netbox, "4.7.3", 0);
		enum zync_status status = fake_netbox_try(&netbox, NULL, cases[i].token, &nb, &err);
		if (cases[i].words != NULL) {
			assert_int_equal(status, ZYNC_ERR_INVALID);
			assert_words(err.message, cases[i].words);
			assert_int_equal(fake_count(netbox.server), 0);
		} else {
			assert_int_equal(status, ZYNC_OK);
			fake_header(fake_request_at(netbox.server, 0), "Authorization", text, sizeof(text));
			assert_string_equal(text, cases[i].header);
			fake_header(fake_request_at(netbox.server, 0), "Accept", text, sizeof(text));
			assert_string_equal(text, "application/json");
		}
		zync_netbox_close(nb);
		fake_netbox_stop(&netbox);
	}
}

static void test_may_read(void **state)
{
	static struct fake_netbox netbox;
	struct zync_arena *arena = zync_arena_new(0);
	struct zync_err err = {0};
	const char *reason = "";
	bool may = false;

	(void)state;
	fake_netbox_start(&netbox, "4.7.3", 3);
	struct zync_netbox *nb = fake_netbox_open(&netbox, 500);
	assert_int_equal(zync_netbox_may_read(nb, "dcim/site-groups", arena, &may, &reason, &err), ZYNC_OK);
	assert_true(may);
	assert_null(reason);
	netbox.fault = (struct fake_reply){.status = 403, .body = DETAIL("You do not have permission to perform this action.")};
	netbox.fault_at = 1;
	netbox.fault_times = 100;
	assert_int_equal(zync_netbox_may_read(nb, "dcim/site-groups", arena, &may, &reason, &err), ZYNC_OK);
	assert_false(may);
	assert_words(reason, "You do not have permission to perform this action.\" (HTTP 403); the token's user needs the permission "
			     "dcim.view_sitegroup");
	netbox.fault = (struct fake_reply){.status = 404, .headers = HTML, .body = "<html>"};
	assert_int_equal(zync_netbox_may_read(nb, "dcim/no-such", arena, &may, &reason, &err), ZYNC_OK);
	assert_words(reason, "HTTP 404");
	netbox.fault = (struct fake_reply){.status = 500, .body = "{}"};
	assert_int_equal(zync_netbox_may_read(nb, "dcim/sites", arena, &may, &reason, &err), ZYNC_ERR_PROTOCOL);
	zync_netbox_close(nb);
	fake_netbox_stop(&netbox);
	zync_arena_free(arena);
}

const struct CMUnitTest tests_open[] = {
	cmocka_unit_test(test_open_cases),
	cmocka_unit_test(test_versions),
	cmocka_unit_test(test_tokens),
	cmocka_unit_test(test_may_read),
};
const size_t tests_open_len = ZYNC_ARRAY_LEN(tests_open);
