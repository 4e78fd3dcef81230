/* SPDX-License-Identifier: Apache-2.0 */
/* Versions, dialects, replies that are no replies, authorisation, sessions, the catalogue, groups, access, sizes of arrays. */
#include <stdio.h>

#include "zabbix_test.h"

static void test_versions(void **state)
{
	static const struct {
		const char *text;
		bool good;
		unsigned number;
	} cases[] = {{"6.0.14", true, 6000},   {"7.0.22", true, 7000}, {"7.2.0rc1", true, 7002}, {"6.4", true, 6004},
		     {"10.11.0", true, 10011}, {"", false, 0},	       {"7", false, 0},		 {"7.", false, 0},
		     {"v7.0", false, 0},       {".7", false, 0},       {NULL, false, 0},	 {"7.x", false, 0},
		     {"99999.1", false, 0},    {"7.99999", false, 0}};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		unsigned number = 0;

		assert_int_equal(zync_zbx_version_parse(cases[i].text, &number), cases[i].good);
		assert_int_equal(number, cases[i].number);
	}
}

static void test_dialects(void **state)
{
	static const struct {
		unsigned number;
		bool bearer;
		const char *groups;
		bool monitored_by;
		bool max_repetitions;
	} cases[] = {{6000, false, "groups", false, false},	{6001, false, "groups", false, false},
		     {6002, false, "hostgroups", false, false}, {6004, true, "hostgroups", false, true},
		     {7000, true, "hostgroups", true, true},	{7004, true, "hostgroups", true, true},
		     {12000, true, "hostgroups", true, true}};

	(void)state;
	assert_null(zync_zbx_dialect_find(5004));
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const struct zync_zbx_dialect *d = zync_zbx_dialect_find(cases[i].number);

		assert_non_null(d);
		assert_int_equal(d->bearer, cases[i].bearer);
		assert_string_equal(d->groups, cases[i].groups);
		assert_int_equal(d->monitored_by, cases[i].monitored_by);
		assert_int_equal(d->max_repetitions, cases[i].max_repetitions);
	}
}

static void test_sizing(void **state)
{
	static const struct {
		size_t size, count;
		int64_t ms;
		size_t expect;
	} cases[] = {
		{50, 50, 100, 100},  /* fast: at most doubled, and at most the maximum */
		{20, 20, 10, 40},    /* at most doubled */
		{50, 50, 1000, 50},  /* as wanted */
		{50, 50, 1250, 40},  /* a little too slow */
		{50, 50, 60000, 25}, /* at most halved */
		{50, 3, 90, 50},     /* a rest proves nothing */
		{50, 3, 3000, 25},   /* unless it is too slow */
		{1, 1, 60000, 1},    /* never nothing */
		{50, 0, 10, 50},     {50, 50, 0, 100},
	};
	struct zync_zbx_sizing sizing;

	(void)state;
	zync_zbx_sizing_init(&sizing, 100);
	assert_int_equal(sizing.size, 50);
	zync_zbx_sizing_init(&sizing, 7);
	assert_int_equal(sizing.size, 7);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		sizing.size = cases[i].size;
		zync_zbx_sizing_learn(&sizing, cases[i].count, cases[i].ms, 1000, 100);
		if (sizing.size != cases[i].expect)
			fail_msg("case %zu: size %zu instead of %zu", i, sizing.size, cases[i].expect);
	}
}

/* --- opening -------------------------------------------------------------------------------------------------------------------------- */

static void test_open_replies(void **state)
{
	static const struct {
		struct step step;
		enum zync_status status;
		const char *words;
	} cases[] = {
		{{.reply = "=\"5.4.9\""}, ZYNC_ERR_INVALID, "Zync needs Zabbix 6.0 or newer, this is 5.4.9"},
		{{.reply = "=7"}, ZYNC_ERR_PROTOCOL, "which is none of Zabbix"},
		{{.reply = "=\"nginx\""}, ZYNC_ERR_PROTOCOL, "\"nginx\""},
		{{.reply = "{\"jsonrpc\":\"2.0\",\"id\":@ID@}"}, ZYNC_ERR_PROTOCOL, "no result"},
		{{.reply = "{\"jsonrpc\":\"2.0\",\"result\":\"7.0.0\",\"id\":77}"}, ZYNC_ERR_PROTOCOL, "no id of the request"},
		{{.reply = "{\"jsonrpc\":"}, ZYNC_ERR_PROTOCOL, "is broken"},
		{{.reply = ""}, ZYNC_ERR_PROTOCOL, "answered nothing"},
		{{.reply = "<html><head><title>Sign in\n</title>"}, ZYNC_ERR_PROTOCOL, "an HTML page (\"Sign in \")"},
		{{.reply = "<br />\n<b>Fatal error</b>: Allowed memory size"}, ZYNC_ERR_PROTOCOL, "PHP failed"},
		{{.reply = "<a href=\"setup.php\">"}, ZYNC_ERR_PROTOCOL, "finish its setup"},
		{{.reply = "It works!"}, ZYNC_ERR_PROTOCOL, "\"It works!\" instead of JSON"},
		{{.reply = "x", .status = 301}, ZYNC_ERR_PROTOCOL, "redirects"},
		{{.reply = "x", .status = 401}, ZYNC_ERR_AUTH, "HTTP 401"},
		{{.reply = "x", .status = 403}, ZYNC_ERR_AUTH, "HTTP 403"},
		{{.reply = "x", .status = 404}, ZYNC_ERR_PROTOCOL, "no Zabbix API at https://zabbix.example.com/api_jsonrpc.php"},
		{{.reply = "x", .status = 405}, ZYNC_ERR_PROTOCOL, "does not take JSON-RPC"},
		{{.reply = "x", .status = 413}, ZYNC_ERR_PROTOCOL, "zabbix.write_batch"},
		{{.reply = "x", .status = 418}, ZYNC_ERR_PROTOCOL, "HTTP 418"},
		{{.reply = "x", .status = 429}, ZYNC_ERR_UNREACHABLE, "HTTP 429"},
		{{.reply = "x", .status = 502}, ZYNC_ERR_UNREACHABLE, "HTTP 502"},
		{{.reply = "PHP Fatal error: x", .status = 500}, ZYNC_ERR_PROTOCOL, "PHP failed"},
		{{.reply = "{\"error\":{\"code\":1,\"message\":\"Error connecting to database\",\"data\":\"\"},\"id\":null}"},
		 ZYNC_ERR_UNREACHABLE,
		 "the Zabbix front end does not work: Error connecting to database"},
		{{.lost = true}, ZYNC_ERR_UNREACHABLE, "connection lost"},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct fake f = {.raw = true};
		struct zync_err err = {.status = ZYNC_OK};
		enum zync_status status = fake_try_open(&f, "", /* by_token= */ true, &cases[i].step, 1, &err);

		expect_words(err.message, cases[i].words);
		assert_int_equal(status, cases[i].status);
		assert_null(f.z);
		fake_close(&f);
	}
}

/* Who may see the credentials: no call before the login, the header from 6.4, the body before. */
static void test_credentials(void **state)
{
	static const struct {
		const char *version;
		bool bearer;
	} cases[] = {{"6.0.14", false}, {"6.2.9", false}, {"6.4.0", true}, {"7.0.22", true}, {"9.0.0", true}};
	static const struct step get[] = {{.expect = {"host.get"}, .reply = "=[]"}};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct fake f = {0};
		const struct zync_jval *result = NULL;
		struct zync_zbx_call call = {.method = "host.get", .kind = ZYNC_ZBX_READ, .params = "{}"};

		fake_open(&f, cases[i].version, /* by_token= */ true, STEPS(get));
		assert_string_equal(f.last_bearer, "");
		assert_null(strstr(f.last_body, "\"auth\""));
		assert_string_equal(zync_zabbix_version(f.z), cases[i].version);
		OK(zync_zbx_call(f.z, &call, f.arena, &result, ok_err));
		assert_string_equal(f.last_bearer, cases[i].bearer ? "token-token-token" : "");
		assert_int_equal(strstr(f.last_body, "\"auth\":\"token-token-token\"") != NULL, !cases[i].bearer);
		assert_int_equal(f.z->stats.calls, 3);
		assert_int_equal(f.z->stats.write_calls, 0);
		fake_close(&f);
		assert_int_equal(f.logouts, 0);
	}
}

static void test_login_refused(void **state)
{
	static const struct step steps[] = {{.expect = {"apiinfo.version"}, .reply = "=\"7.0.0\""},
					    {.expect = {"user.login", "\"username\":\"zync\"", "password-password"},
					     .reply = "!Incorrect user name or password or account is temporarily blocked."}};
	static const struct step token[] = {{.reply = "=\"6.0.0\""}, {.expect = {"user.checkAuthentication"}, .reply = "!Not authorized."}};
	struct fake f = {.raw = true};
	struct fake t = {.raw = true};
	struct zync_err err = {.status = ZYNC_OK};

	(void)state;
	assert_int_equal(fake_try_open(&f, "", /* by_token= */ false, STEPS(steps), &err), ZYNC_ERR_AUTH);
	expect_words(err.message, "Incorrect user name or password");
	expect_words(err.message, "zabbix.username");
	fake_close(&f);
	assert_int_equal(fake_try_open(&t, "", /* by_token= */ true, STEPS(token), &err), ZYNC_ERR_AUTH);
	expect_words(err.message, "API token of \"main\" was refused");
	fake_close(&t);
}

/* A session that ended is renewed once; a second refusal is the answer. */
static void test_relogin(void **state)
{
	static const struct step steps[] = {{.expect = {"host.get"}, .reply = "!Session terminated, re-login, please."},
					    {.expect = {"host.get"}, .reply = "=[]"},
					    {.expect = {"host.get"}, .reply = "!Not authorized."},
					    {.expect = {"host.get"}, .reply = "!Not authorised."}};
	struct zync_zbx_call call = {.method = "host.get", .kind = ZYNC_ZBX_READ, .params = "{}"};
	const struct zync_jval *result = NULL;
	struct zync_err err = {.status = ZYNC_OK};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ false, STEPS(steps));
	OK(zync_zbx_call(f.z, &call, f.arena, &result, ok_err));
	assert_int_equal(f.logins, 2);
	assert_string_equal(f.last_bearer, "session-2");
	assert_int_equal(zync_zbx_call(f.z, &call, f.arena, &result, &err), ZYNC_ERR_AUTH);
	assert_int_equal(f.logins, 3);
	fake_close(&f);
	assert_int_equal(f.logouts, 1);
}

static void test_token_ends(void **state)
{
	static const struct step steps[] = {{.reply = "!API token expired."}, {.reply = "!No permissions to call \\\"host.get\\\"."}};
	struct zync_zbx_call call = {.method = "host.get", .kind = ZYNC_ZBX_READ, .params = "{}"};
	const struct zync_jval *result = NULL;
	struct zync_err err = {.status = ZYNC_OK};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
	assert_int_equal(zync_zbx_call(f.z, &call, f.arena, &result, &err), ZYNC_ERR_AUTH);
	expect_words(err.message, "Users > API tokens");
	assert_int_equal(err.origin, ZYNC_ORIGIN_JSONRPC);
	assert_int_equal(err.code, -32602);
	assert_int_equal(zync_zbx_call(f.z, &call, f.arena, &result, &err), ZYNC_ERR_AUTH);
	expect_words(err.message, "zabbix: host.get: No permissions to call");
	fake_close(&f);
}

static bool always(void *ctx)
{
	(void)ctx;
	return true;
}

static void test_cancelled(void **state)
{
	struct zync_zbx_call call = {.method = "host.get", .kind = ZYNC_ZBX_READ, .params = "{}"};
	const struct zync_jval *result = NULL;
	struct zync_err err = {.status = ZYNC_OK};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, NULL, 0);
	f.z->cancelled = always;
	assert_int_equal(zync_zbx_call(f.z, &call, f.arena, &result, &err), ZYNC_ERR_CANCELLED);
	fake_close(&f);
}

/* --- access --------------------------------------------------------------------------------------------------------------------------- */

static void test_access(void **state)
{
	static const struct {
		const char *reply;
		const char *role;
		bool super_admin, hosts, groups;
	} cases[] = {
		{"=[{\"roleid\":\"3\",\"name\":\"Root\",\"type\":\"3\",\"rules\":{\"api.access\":\"1\",\"api.mode\":\"0\",\"api\":[]}}]",
		 "Root", true, true, true},
		{"=[{\"name\":\"R\",\"type\":\"2\",\"rules\":{\"api.access\":\"1\",\"api.mode\":\"0\",\"api\":[]}}]", "R", false, true,
		 false},
		{"=[{\"name\":\"R\",\"type\":\"1\",\"rules\":{\"api.access\":\"1\",\"api.mode\":\"0\",\"api\":[]}}]", "R", false, false,
		 false},
		{"=[{\"name\":\"R\",\"type\":\"3\",\"rules\":{\"api.access\":\"0\",\"api.mode\":\"0\",\"api\":[]}}]", "R", true, false,
		 false},
		{"=[{\"name\":\"R\",\"type\":\"3\",\"rules\":{\"api.access\":\"1\",\"api.mode\":\"0\",\"api\":[\"host.delete\"]}}]", "R",
		 true, false, true},
		{"=[{\"name\":\"R\",\"type\":\"3\",\"rules\":{\"api.access\":\"1\",\"api.mode\":\"0\",\"api\":[\"*.create\"]}}]", "R", true,
		 false, false},
		{"=[{\"name\":\"R\",\"type\":\"3\",\"rules\":{\"api.access\":\"1\",\"api.mode\":\"1\",\"api\":[\"host.*\"]}}]", "R", true,
		 true, false},
		{"=[{\"name\":\"R\",\"type\":\"3\",\"rules\":{\"api.access\":\"1\",\"api.mode\":\"1\",\"api\":[\"host.get\"]}}]", "R", true,
		 false, false},
		{"=[]", "Super admin", true, true, true},
		{"!No permissions to call \\\"role.get\\\".", "Super admin", true, true, true},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct step step = {.expect = {"role.get", "\"roleids\":[\"3\"]"}, .reply = cases[i].reply};
		struct zync_zabbix_access access = {0};
		struct fake f = {0};

		fake_open(&f, "7.0.0", /* by_token= */ true, &step, 1);
		OK(zync_zabbix_access(f.z, f.arena, &access, ok_err));
		assert_string_equal(access.username, "Admin");
		assert_string_equal(access.role, cases[i].role);
		if (access.super_admin != cases[i].super_admin || access.may_write_hosts != cases[i].hosts ||
		    access.may_create_groups != cases[i].groups)
			fail_msg("case %zu: %d %d %d", i, access.super_admin, access.may_write_hosts, access.may_create_groups);
		fake_close(&f);
	}
}

/* --- catalogue and groups ------------------------------------------------------------------------------------------------------------- */

static const struct step catalogue_70[] = {
	{.expect = {"hostgroup.get", "\"output\":[\"groupid\",\"name\"]"}, .reply = "=[{\"groupid\":\"2\",\"name\":\"A\"}]"},
	{.expect = {"template.get"},
	 .reply = "=[{\"templateid\":\"10\",\"host\":\"tmpl_icmp\",\"name\":\"ICMP "
		  "Ping\"},{\"templateid\":\"11\",\"host\":\"Linux\",\"name\":\"Linux\"}]"},
	{.expect = {"proxy.get", "\"name\""}, .reply = "=[{\"proxyid\":\"5\",\"name\":\"p1\"}]"},
	{.expect = {"proxygroup.get"}, .reply = "=[{\"proxy_groupid\":\"6\",\"name\":\"g1\"}]"},
};

static void expect_unresolved(struct fake *f, struct zync_host *host, const char *words)
{
	struct zync_err err = {.status = ZYNC_OK};

	assert_int_equal(zync_zabbix_resolve(f->z, host, &err), ZYNC_ERR_REJECTED);
	expect_words(err.message, words);
}

static void test_resolve(void **state)
{
	struct zync_ref templates[] = {{.name = "tmpl_icmp"}, {.name = "Linux"}, {.name = "ICMP Ping"}};
	struct zync_ref groups[] = {{.name = "A"}, {.name = "B"}};
	struct zync_ref wrong = {.name = "icmp ping"};
	struct zync_host host = {
		.templates = {templates, 3}, .groups = {groups, 2}, .monitored_by = ZYNC_MONITORED_BY_PROXY, .proxy = {.name = "p1"}};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(catalogue_70));
	OK(zync_zabbix_load_catalogue(f.z, ok_err));
	OK(zync_zabbix_resolve(f.z, &host, ok_err));
	/* Visible and technical name of one template are one entry, in canonical order. */
	assert_int_equal(host.templates.len, 2);
	assert_string_equal(host.templates.items[0].name, "Linux");
	assert_string_equal(host.templates.items[1].name, "tmpl_icmp");
	assert_int_equal(host.templates.items[1].id, 10);
	assert_int_equal(host.groups.items[0].id, 2);
	assert_int_equal(host.groups.items[1].id, 0);
	assert_int_equal(host.proxy.id, 5);
	host.monitored_by = ZYNC_MONITORED_BY_PROXY_GROUP;
	host.proxy_group.name = "g1";
	OK(zync_zabbix_resolve(f.z, &host, ok_err));
	assert_int_equal(host.proxy_group.id, 6);
	host.proxy_group.name = "g2";
	expect_unresolved(&f, &host, "proxy group \"g2\" does not exist in Zabbix; did you mean \"g1\"?");
	host = (struct zync_host){.templates = {&wrong, 1}};
	expect_unresolved(&f, &host, "template \"icmp ping\" does not exist in Zabbix; did you mean \"ICMP Ping\"?");
	wrong.name = "something quite different";
	expect_unresolved(&f, &host, "or the Zabbix user may not see it");
	fake_close(&f);
}

/* 6.0 has no proxy groups, and its proxies have another field for the name; a role may hide proxies. */
static void test_resolve_60(void **state)
{
	static const struct step hidden[] = {
		{.reply = "=[]"}, {.reply = "=[]"}, {.expect = {"proxy.get", "\"host\""}, .reply = "!No permissions to call"}};
	struct zync_host host = {.monitored_by = ZYNC_MONITORED_BY_PROXY_GROUP, .proxy_group = {.name = "g"}};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "6.0.14", /* by_token= */ true, STEPS(hidden));
	OK(zync_zabbix_load_catalogue(f.z, ok_err));
	expect_unresolved(&f, &host, "proxy groups need Zabbix 7.0 or newer, this is 6.0.14");
	host = (struct zync_host){.monitored_by = ZYNC_MONITORED_BY_PROXY, .proxy = {.name = "p"}};
	expect_unresolved(&f, &host, "the role of the Zabbix user hides them");
	fake_close(&f);
}

/* "id name visible name" of each of a kind. */
static void expect_names(const struct zync_zabbix *z, enum zync_zabbix_kind kind, const char *const *expected, size_t count)
{
	struct zync_zabbix_name name;
	size_t pos = 0;
	size_t seen = 0;
	char line[128];

	while (zync_zabbix_catalogue_next(z, kind, &pos, &name)) {
		(void)snprintf(line, sizeof(line), "%llu %s %s", (unsigned long long)name.id, name.name,
			       name.visible_name ? name.visible_name : "-");
		assert_true(seen < count);
		assert_string_equal(line, expected[seen++]);
	}
	assert_int_equal(seen, count);
}
#define EXPECT_NAMES(Z, KIND, ...) \
	expect_names(Z, KIND, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void test_catalogue(void **state)
{
	static const struct step gone[] = {
		{.expect = {"hostgroup.get"}, .reply = "=[{\"groupid\":\"3\",\"name\":\"B\"},{\"groupid\":\"2\",\"name\":\"A2\"}]"},
		{.expect = {"template.get"}, .reply = "=[]"},
		{.expect = {"proxy.get"}, .reply = "!No permissions to call"},
		{.expect = {"proxygroup.get"}, .reply = "=[{\"proxy_groupid\":\"6\",\"name\":\"g2\"}]"},
	};
	static const struct step broken[] = {
		{.expect = {"hostgroup.get"}, .reply = "=[{\"groupid\":\"9\",\"name\":\"Z\"}]"},
		{.expect = {"template.get"}, .reply = "!Internal error."},
	};
	struct zync_err err = {.status = ZYNC_OK};
	struct zync_zabbix_name name;
	struct fake f = {0};
	size_t pos = 0;

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(catalogue_70));
	assert_false(zync_zabbix_catalogue_next(f.z, ZYNC_ZABBIX_GROUP, &pos, &name)); /* not read yet */
	OK(zync_zabbix_load_catalogue(f.z, ok_err));
	EXPECT_NAMES(f.z, ZYNC_ZABBIX_GROUP, "2 A -");
	EXPECT_NAMES(f.z, ZYNC_ZABBIX_TEMPLATE, "10 tmpl_icmp ICMP Ping", "11 Linux Linux");
	EXPECT_NAMES(f.z, ZYNC_ZABBIX_PROXY, "5 p1 -");
	EXPECT_NAMES(f.z, ZYNC_ZABBIX_PROXY_GROUP, "6 g1 -");
	assert_null(zync_zabbix_catalogue_refused(f.z, ZYNC_ZABBIX_PROXY));
	/* A renewal that breaks off leaves what was there. */
	fake_script(&f, STEPS(broken));
	assert_int_equal(zync_zabbix_renew_catalogue(f.z, &err), ZYNC_ERR_REJECTED);
	EXPECT_NAMES(f.z, ZYNC_ZABBIX_GROUP, "2 A -");
	EXPECT_NAMES(f.z, ZYNC_ZABBIX_TEMPLATE, "10 tmpl_icmp ICMP Ping", "11 Linux Linux");
	assert_int_equal(zync_zabbix_lookup(f.z, ZYNC_ZABBIX_TEMPLATE, "ICMP Ping"), 10);
	fake_script(&f, STEPS(gone));
	OK(zync_zabbix_renew_catalogue(f.z, ok_err));
	EXPECT_NAMES(f.z, ZYNC_ZABBIX_GROUP, "3 B -", "2 A2 -");
	pos = 0;
	assert_false(zync_zabbix_catalogue_next(f.z, ZYNC_ZABBIX_TEMPLATE, &pos, &name));
	assert_int_equal(zync_zabbix_lookup(f.z, ZYNC_ZABBIX_TEMPLATE, "ICMP Ping"), 0);
	expect_words(zync_zabbix_catalogue_refused(f.z, ZYNC_ZABBIX_PROXY), "No permissions to call");
	assert_null(zync_zabbix_catalogue_refused(f.z, ZYNC_ZABBIX_PROXY_GROUP));
	assert_false(zync_zabbix_catalogue_next(f.z, ZYNC_ZABBIX_PROXY, &pos, &name));
	EXPECT_NAMES(f.z, ZYNC_ZABBIX_PROXY_GROUP, "6 g2 -");
	fake_close(&f);
}

static void test_groups(void **state)
{
	static const struct step all[] = {{.expect = {"hostgroup.create", "[{\"name\":\"A/B\"},{\"name\":\"A/B/C\"},{\"name\":\"D\"}]"},
					   .reply = "={\"groupids\":[\"7\",\"8\",\"9\"]}"}};
	static const struct step race[] = {
		{.expect = {"[{\"name\":\"E\"},{\"name\":\"F\"}]"}, .reply = "!Host group \\\"E\\\" already exists."},
		{.expect = {"hostgroup.get"}, .reply = "=[{\"groupid\":\"20\",\"name\":\"E\"}]"},
		{.expect = {"[{\"name\":\"F\"}]"}, .reply = "={\"groupids\":[\"21\"]}"}};
	static const struct step bad[] = {
		{.expect = {"[{\"name\":\"bad\"},{\"name\":\"good\"}]"}, .reply = "!Invalid parameter \\\"/1/name\\\"."},
		{.expect = {"hostgroup.get"}, .reply = "=[]"},
		{.expect = {"[{\"name\":\"bad\"}]"}, .reply = "!Invalid parameter \\\"/1/name\\\"."},
		{.expect = {"[{\"name\":\"good\"}]"}, .reply = "={\"groupids\":[\"30\"]}"},
		{.expect = {"hostgroup.get"}, .reply = "=[{\"groupid\":\"30\",\"name\":\"good\"}]"},
		{.expect = {"[{\"name\":\"bad\"}]"}, .reply = "!Invalid parameter \\\"/1/name\\\"."},
		{.expect = {"hostgroup.get"}, .reply = "=[{\"groupid\":\"30\",\"name\":\"good\"}]"}};
	static const char *const names[] = {"A/B/C", "D", "A/B", "D"};
	static const char *const raced[] = {"E", "F"};
	static const char *const spoilt[] = {"bad", "good"};
	struct zync_err err = {.status = ZYNC_OK};
	struct fake f = {0};
	struct zync_vec made;

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(catalogue_70));
	OK(zync_zabbix_load_catalogue(f.z, ok_err));
	zync_vec_init(&made, f.arena);
	fake_script(&f, STEPS(all));
	OK(zync_zabbix_create_groups(f.z, names, 4, &made, ok_err));
	assert_int_equal(made.len, 3);
	assert_int_equal(zync_zabbix_lookup(f.z, ZYNC_ZABBIX_GROUP, "A/B/C"), 8);
	OK(zync_zabbix_create_groups(f.z, names, 4, &made, ok_err));
	assert_int_equal(made.len, 3);
	fake_script(&f, STEPS(race));
	OK(zync_zabbix_create_groups(f.z, raced, 2, &made, ok_err));
	assert_int_equal(made.len, 4);
	assert_int_equal(zync_zabbix_lookup(f.z, ZYNC_ZABBIX_GROUP, "E"), 20);
	/* The good one is created although the other is refused. */
	fake_script(&f, STEPS(bad));
	assert_int_equal(zync_zabbix_create_groups(f.z, spoilt, 2, &made, &err), ZYNC_ERR_REJECTED);
	expect_words(err.message, "hostgroup.create for \"bad\"");
	assert_int_equal(made.len, 5);
	assert_string_equal(made.items[4], "good");
	assert_int_equal(zync_zabbix_lookup(f.z, ZYNC_ZABBIX_GROUP, "good"), 30);
	fake_close(&f);
}

const struct CMUnitTest rpc_tests[] = {
	cmocka_unit_test(test_versions),     cmocka_unit_test(test_dialects),	 cmocka_unit_test(test_sizing),
	cmocka_unit_test(test_open_replies), cmocka_unit_test(test_credentials), cmocka_unit_test(test_login_refused),
	cmocka_unit_test(test_relogin),	     cmocka_unit_test(test_token_ends),	 cmocka_unit_test(test_cancelled),
	cmocka_unit_test(test_access),	     cmocka_unit_test(test_resolve),	 cmocka_unit_test(test_resolve_60),
	cmocka_unit_test(test_groups),	     cmocka_unit_test(test_catalogue),
};
const size_t rpc_tests_len = ZYNC_ARRAY_LEN(rpc_tests);
