/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contract of the Zabbix client, against a real server or the simulator. Not run by `meson test`: it needs a server.
 *
 *   ZYNC_ZABBIX_URL=http://127.0.0.1:8080 ZYNC_ZABBIX_TOKEN=… ZYNC_ZABBIX_USER=Admin ZYNC_ZABBIX_PASSWORD=… contract-zabbix
 *
 * ZYNC_TEST_DEBUG=1 shows every call. Every host it makes begins with "zync-ct-", and every group with "Zync contract"; leftovers of a broken run are removed first.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/str.h"
#include "zabbix/write_priv.h"

#define PREFIX	   "zync-ct-"
#define SHAPES	   30u
#define ARRAY_SIZE 100u
#define OWNER_BASE "netbox.contract.test:device:"

/* Every group begins so, which is how the clean-up finds them. */
static const char *const group_names[] = {"Zync contract", "Zync contract/Sites/Köln", "Zync contract/Sites/Ж 1",
					  "Zync contract/Roles/router"};

struct fixture {
	char url[512];
	struct zync_secret *token;
	struct zync_secret *password;
	struct zync_cfg_zabbix config; /* by token */
	struct zync_zabbix *z;
	struct zync_arena *arena;
	struct zync_keyring *ring;
	uint64_t proxyid;
	uint64_t proxy_groupid; /* 0 before 7.0 */
};

static struct fixture fx;

/* --- helpers -------------------------------------------------------------------------------------------------------------------------- */

#define OK(expr)                                                                                    \
	do {                                                                                        \
		struct zync_err ok_err = {0};                                                       \
		struct zync_err *err = &ok_err;                                                     \
		enum zync_status ok_status = (expr);                                                \
		if (ok_status != ZYNC_OK)                                                           \
			fail_msg("%s: %s: %s", #expr, zync_status_name(ok_status), ok_err.message); \
	} while (0)

static const char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *text(const char *fmt, ...)
{
	va_list ap;
	const char *s;

	va_start(ap, fmt);
	s = zync_arena_vprintf(fx.arena, fmt, ap);
	va_end(ap);
	assert_non_null(s);
	return s;
}

static void *array(size_t count, size_t size)
{
	void *p = zync_arena_array(fx.arena, count, size);

	if (!p)
		abort();
	return p;
}

/* A call of any method with parameters as JSON text. */
static const struct zync_jval *api(const char *method, enum zync_zbx_call_kind kind, const char *params)
{
	struct zync_zbx_call call = {.method = method, .kind = kind, .params = params};
	const struct zync_jval *result = NULL;

	OK(zync_zbx_call(fx.z, &call, fx.arena, &result, err));
	return result;
}

static uint64_t first_id(const struct zync_jval *result, const char *list)
{
	uint64_t id = 0;

	assert_true(zync_jval_to_u64(zync_jval_at(zync_jval_get(result, list), 0), &id));
	return id;
}

static void set_groups(struct zync_host *h, size_t count, const char *const *names)
{
	h->groups.items = array(count, sizeof(*h->groups.items));
	for (size_t i = 0; i < count; i++)
		h->groups.items[i].name = names[i];
	h->groups.len = count;
}

static void set_templates(struct zync_host *h, size_t count, const char *const *names)
{
	h->templates.items = array(count, sizeof(*h->templates.items));
	for (size_t i = 0; i < count; i++)
		h->templates.items[i].name = names[i];
	h->templates.len = count;
}

static struct zync_interface *add_interface(struct zync_host *h, enum zync_interface_type type, const char *ip, const char *dns,
					    const char *port)
{
	struct zync_interface *in;

	if (!h->interfaces.items)
		h->interfaces.items = array(8, sizeof(*h->interfaces.items));
	assert_true(h->interfaces.len < 8);
	in = &h->interfaces.items[h->interfaces.len++];
	if (!in)
		abort();
	*in = (struct zync_interface){.type = type, .useip = !zync_str_empty(ip), .ip = ip, .dns = dns, .port = port};
	return in;
}

static void add_tag(struct zync_host *h, const char *tag, const char *value)
{
	if (!h->tags.items)
		h->tags.items = array(8, sizeof(*h->tags.items));
	assert_true(h->tags.len < 8);
	h->tags.items[h->tags.len++] = (struct zync_tag){.tag = tag, .value = value};
}

static struct zync_macro *add_macro(struct zync_host *h, const char *macro, enum zync_macro_type type, const char *value,
				    const char *description)
{
	if (!h->macros.items)
		h->macros.items = array(8, sizeof(*h->macros.items));
	assert_true(h->macros.len < 8);
	h->macros.items[h->macros.len] =
		(struct zync_macro){.macro = macro, .type = type, .value = {.plain = value}, .description = description};
	return &h->macros.items[h->macros.len++];
}

static void add_inventory(struct zync_host *h, const char *field, const char *value)
{
	h->inventory_mode = ZYNC_INVENTORY_MANUAL;
	if (!h->inventory.items)
		h->inventory.items = array(8, sizeof(*h->inventory.items));
	assert_true(h->inventory.len < 8);
	h->inventory.items[h->inventory.len++] = (struct zync_inventory_field){.field = field, .value = value};
}

static void snmp_v2(struct zync_interface *in, const char *community)
{
	in->snmp = (struct zync_snmp){.version = 2, .bulk = true, .community = {.plain = community}};
}

static void snmp_v3(struct zync_interface *in)
{
	in->snmp = (struct zync_snmp){.version = 3,
				      .bulk = false,
				      .contextname = "ctx",
				      .securityname = "zync",
				      .securitylevel = 2,
				      .authprotocol = 3,
				      .authpassphrase = {.plain = "authentic-words"},
				      .privprotocol = 1,
				      .privpassphrase = {.plain = "private-words"}};
}

/* Desired state ready to be written: canonical, resolved, digests filled. */
static void finish(struct zync_host *h)
{
	h->managed = (1u << (unsigned)ZYNC_ASPECT_COUNT) - 1u;
	OK(zync_host_canonicalise(h, fx.arena, err));
	OK(zync_zabbix_resolve(fx.z, h, err));
	OK(zync_host_fill_digests(h, fx.ring, fx.arena, err));
}

static struct zync_host *blank(const char *kind, unsigned i)
{
	struct zync_host *h = array(1, sizeof(*h));

	h->host = text(PREFIX "%s-%03u", kind, i);
	h->name = text("Contract %s %03u Übergröße", kind, i);
	h->inventory_mode = ZYNC_INVENTORY_DISABLED;
	h->owner = text(OWNER_BASE "%s%u", kind, i);
	set_groups(h, 1, group_names);
	return h;
}

static void shape_interfaces(struct zync_host *h, unsigned i)
{
	struct zync_interface *in;

	if (i % 5 != 4)
		add_interface(h, ZYNC_INTERFACE_AGENT, text("10.1.0.%u", i + 1), "", "10050")->main = true;
	if (i % 5 == 1) {
		add_interface(h, ZYNC_INTERFACE_AGENT, "", text("second-%u.example.com", i), "{$AGENT_PORT}");
		snmp_v2(add_interface(h, ZYNC_INTERFACE_SNMP, "", text("snmp-%u.example.com", i), "161"), "{$SNMP_COMMUNITY}");
	}
	if (i % 5 == 2)
		snmp_v3(add_interface(h, ZYNC_INTERFACE_SNMP, text("2001:db8::%x", i + 1), "", "161"));
	if (i % 5 == 3) {
		in = add_interface(h, ZYNC_INTERFACE_SNMP, text("10.2.0.%u", i + 1), text("both-%u.example.com", i), "1161");
		snmp_v2(in, "plain-community");
		in->snmp.version = i % 2 ? 1 : 2;
		add_interface(h, ZYNC_INTERFACE_IPMI, text("10.3.0.%u", i + 1), "", "623");
		add_interface(h, ZYNC_INTERFACE_JMX, text("10.4.0.%u", i + 1), "", "12345");
	}
}

static void shape_texts(struct zync_host *h, unsigned i)
{
	if (i % 3 != 0) {
		add_tag(h, "site", i % 2 ? "Köln" : "");
		add_tag(h, "role", "router");
		add_tag(h, "role", "edge");
	}
	if (i % 4 == 1)
		add_macro(h, "{$TEXT}", ZYNC_MACRO_TEXT, "with \"quotes\" and \\", "a description");
	if (i % 4 == 2) {
		add_macro(h, "{$SECRET}", ZYNC_MACRO_SECRET, "top-secret-value", "");
		add_macro(h, "{$VAULT}", ZYNC_MACRO_VAULT, "secret/zabbix:password", "");
		add_macro(h, "{$LIMIT:\"/var\"}", ZYNC_MACRO_TEXT, "", "with context");
	}
	if (i % 6 == 1) {
		add_inventory(h, "serialno_a", text("SN-%u", i));
		add_inventory(h, "location", "Raum 1\nSchrank 2");
		add_inventory(h, "url_a", "https://netbox.example.com/dcim/devices/1/");
	}
	if (i % 6 == 2)
		h->inventory_mode = ZYNC_INVENTORY_MANUAL;
	if (i % 6 == 3)
		h->inventory_mode = ZYNC_INVENTORY_AUTOMATIC;
	h->description = i % 3 == 1 ? "Zeile 1\nline 2 with trailing" : "";
	h->status = i % 7 == 6 ? ZYNC_HOST_DISABLED : ZYNC_HOST_MONITORED;
}

/* Hosts of every shape that Zync can want. */
static struct zync_host *shape(unsigned i)
{
	static const char *const icmp[] = {"ICMP Ping"};
	static const char *const two[] = {"ICMP Ping", "Linux by Zabbix agent"};
	struct zync_host *h = blank("shape", i);

	set_groups(h, 1 + i % ZYNC_ARRAY_LEN(group_names), group_names);
	shape_interfaces(h, i);
	if (i % 10 == 5)
		set_templates(h, 1, icmp);
	if (i == 10)
		set_templates(h, 2, two);
	shape_texts(h, i);
	if (i % 8 == 3) {
		h->monitored_by = ZYNC_MONITORED_BY_PROXY;
		h->proxy.name = PREFIX "proxy";
	}
	if (i % 8 == 4 && fx.proxy_groupid) {
		h->monitored_by = ZYNC_MONITORED_BY_PROXY_GROUP;
		h->proxy_group.name = PREFIX "proxy group";
	}
	finish(h);
	return h;
}

/* Write and expect every one to succeed. */
static void write_all(struct zync_zabbix_write *writes, size_t count)
{
	OK(zync_zabbix_write(fx.z, writes, count, NULL, NULL, err));
	for (size_t i = 0; i < count; i++) {
		if (!writes[i].done)
			fail_msg("%s was not written: %s", writes[i].label, writes[i].err.message);
	}
}

static struct zync_zabbix_write creation(const struct zync_host *h)
{
	return (struct zync_zabbix_write){.kind = ZYNC_ZABBIX_CREATE, .label = h->host, .target = h};
}

/* The host as it is, with the digests that the store would remember of what was pushed. */
static struct zync_host read_one(uint64_t hostid, const struct zync_host *pushed)
{
	struct zync_zabbix_hosts hosts = {0};
	struct zync_jb *b = zync_jb_new(fx.arena);
	const struct zync_jval *remembered = NULL;
	const char *json = NULL;

	assert_non_null(b);
	OK(zync_zabbix_get_hosts(fx.z, &hostid, 1, fx.arena, &hosts, err));
	assert_int_equal(hosts.len, 1);
	OK(zync_host_fill_digests(&hosts.items[0], fx.ring, fx.arena, err));
	OK(zync_jb_text(b, zync_host_secret_macros_to_json(b, pushed), ZYNC_JSON_COMPACT, fx.arena, &json, err));
	OK(zync_json_parse(fx.arena, json, strlen(json), &remembered, err));
	zync_host_apply_pushed(&hosts.items[0], remembered);
	return hosts.items[0];
}

static struct zync_diff diff_of(const struct zync_host *desired, const struct zync_host *actual, struct zync_host *ret_target)
{
	struct zync_diff diff = {0};

	OK(zync_host_target(desired, actual, NULL, fx.arena, ret_target, err));
	OK(zync_host_diff(ret_target, actual, fx.arena, &diff, err));
	return diff;
}

static void expect_equal(const struct zync_host *desired, uint64_t hostid)
{
	struct zync_host actual = read_one(hostid, desired);
	struct zync_host target;
	struct zync_diff diff = diff_of(desired, &actual, &target);

	assert_string_equal(actual.owner ? actual.owner : "(none)", desired->owner);
	if (diff.len > 0)
		fail_msg("%s: %zu differences after writing, first: %s: \"%s\" instead of \"%s\"", desired->host, diff.len,
			 diff.items[0].field, diff.items[0].old_text ? diff.items[0].old_text : "(none)",
			 diff.items[0].new_text ? diff.items[0].new_text : "(none)");
}

static uint64_t create_one(const struct zync_host *h)
{
	struct zync_zabbix_write w = creation(h);

	write_all(&w, 1);
	assert_int_not_equal(w.hostid, 0);
	return w.hostid;
}

static void delete_host(uint64_t hostid, const char *label)
{
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_DELETE, .label = label, .hostid = hostid};

	write_all(&w, 1);
}

/* --- set-up and clean-up -------------------------------------------------------------------------------------------------------------- */

/* {"output": [ID], "search": {FIELD: PREFIX}, "startSearch": true} → ids. */
static void remove_all(const char *get, const char *id, const char *field, const char *prefix, const char *delete)
{
	const struct zync_jval *found =
		api(get, ZYNC_ZBX_READ, text("{\"output\":[\"%s\"],\"search\":{\"%s\":\"%s\"},\"startSearch\":true}", id, field, prefix));
	struct zync_jb *b = zync_jb_new(fx.arena);
	struct zync_jnode *list = zync_jb_array(b);
	const struct zync_jval *v;
	struct zync_jiter it;
	const char *params = NULL;

	zync_jiter_init(&it, found);
	while ((v = zync_jiter_next(&it, NULL)))
		zync_jb_add_str(b, list, zync_jval_get_str(v, id));
	if (zync_jnode_len(list) == 0)
		return;
	OK(zync_jb_text(b, list, ZYNC_JSON_COMPACT, fx.arena, &params, err));
	(void)api(delete, ZYNC_ZBX_WRITE, params);
}

static void remove_leftovers(void)
{
	remove_all("host.get", "hostid", "host", PREFIX, "host.delete");
	remove_all("proxy.get", "proxyid", fx.z->dialect->proxy_name, PREFIX, "proxy.delete");
	if (fx.z->dialect->monitored_by)
		remove_all("proxygroup.get", "proxy_groupid", "name", PREFIX, "proxygroup.delete");
	remove_all("hostgroup.get", "groupid", "name", "Zync contract", "hostgroup.delete");
}

static void make_proxies(void)
{
	if (!fx.z->dialect->monitored_by) {
		fx.proxyid = first_id(api("proxy.create", ZYNC_ZBX_WRITE, "{\"host\":\"" PREFIX "proxy\",\"status\":5}"), "proxyids");
		return;
	}
	fx.proxyid = first_id(api("proxy.create", ZYNC_ZBX_WRITE, "{\"name\":\"" PREFIX "proxy\",\"operating_mode\":0}"), "proxyids");
	fx.proxy_groupid = first_id(api("proxygroup.create", ZYNC_ZBX_WRITE,
					"{\"name\":\"" PREFIX "proxy group\",\"failover_delay\":\"1m\",\"min_online\":\"1\"}"),
				    "proxy_groupids");
}

static int set_up(void **state)
{
	static const unsigned char key[32] = "contract tests of the client....";
	const char *url = getenv("ZYNC_ZABBIX_URL");
	const char *token = getenv("ZYNC_ZABBIX_TOKEN");
	const char *user = getenv("ZYNC_ZABBIX_USER");
	const char *password = getenv("ZYNC_ZABBIX_PASSWORD");
	size_t created = 0;

	(void)state;
	if (!url || !token || !user || !password) {
		(void)fprintf(stderr, "set ZYNC_ZABBIX_URL, ZYNC_ZABBIX_TOKEN, ZYNC_ZABBIX_USER and ZYNC_ZABBIX_PASSWORD\n");
		return -1;
	}
	(void)snprintf(fx.url, sizeof(fx.url), "%s%s", url, zync_str_ends(url, "/api_jsonrpc.php") ? "" : "/api_jsonrpc.php");
	fx.arena = zync_arena_new(0);
	OK(zync_http_global_init(err));
	OK(zync_secret_new(token, &fx.token, err));
	OK(zync_secret_new(password, &fx.password, err));
	OK(zync_keyring_new(key, &fx.ring, err));
	fx.config = (struct zync_cfg_zabbix){.name = "contract",
					     .url = fx.url,
					     .token = fx.token,
					     .username = user,
					     .verify_tls = true,
					     .timeout_ms = 120000,
					     .read_page = 20,
					     .write_batch = 100,
					     .target_call_ms = 60000,
					     .max_in_flight = 1};
	OK(zync_zabbix_open(&fx.config, NULL, NULL, &fx.z, err));
	remove_leftovers();
	make_proxies();
	OK(zync_zabbix_load_catalogue(fx.z, err));
	OK(zync_zabbix_create_groups(fx.z, group_names, ZYNC_ARRAY_LEN(group_names), &created, err));
	/* The parents "Sites" and "Roles" come along. */
	assert_int_equal(created, ZYNC_ARRAY_LEN(group_names) + 2);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (fx.z)
		remove_leftovers();
	zync_zabbix_close(fx.z);
	zync_keyring_free(fx.ring);
	zync_secret_free(fx.token);
	zync_secret_free(fx.password);
	zync_arena_free(fx.arena);
	zync_http_global_done();
	zync_log_reset();
	return 0;
}

/* --- connecting ----------------------------------------------------------------------------------------------------------------------- */

static void test_open(void **state)
{
	struct zync_zabbix_access access = {0};
	struct zync_cfg_zabbix config = fx.config;
	struct zync_zabbix *z = NULL;

	(void)state;
	assert_true(zync_zabbix_version_number(fx.z) >= 6000);
	assert_string_equal(zync_zabbix_name(fx.z), "contract");
	OK(zync_zabbix_access(fx.z, fx.arena, &access, err));
	assert_true(access.super_admin && access.may_write_hosts && access.may_create_groups);
	config.token = NULL;
	config.password = fx.password;
	OK(zync_zabbix_open(&config, NULL, NULL, &z, err));
	OK(zync_zabbix_access(z, fx.arena, &access, err));
	assert_string_equal(access.username, config.username);
	zync_zabbix_close(z);
}

static void expect_open(const struct zync_cfg_zabbix *config, enum zync_status status, const char *words)
{
	struct zync_zabbix *z = NULL;
	struct zync_err err = {0};

	assert_int_equal(zync_zabbix_open(config, NULL, NULL, &z, &err), status);
	assert_null(z);
	if (!strstr(err.message, words))
		fail_msg("\"%s\" is not in: %s", words, err.message);
}

static void test_open_refused(void **state)
{
	struct zync_cfg_zabbix config = fx.config;
	struct zync_secret *wrong = NULL;

	(void)state;
	OK(zync_secret_new("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", &wrong, err));
	config.token = wrong;
	expect_open(&config, ZYNC_ERR_AUTH, "API token");
	config.token = NULL;
	config.password = wrong;
	expect_open(&config, ZYNC_ERR_AUTH, "zabbix.username");
	config = fx.config;
	config.url = text("%s/no/such/path", getenv("ZYNC_ZABBIX_URL"));
	expect_open(&config, ZYNC_ERR_PROTOCOL, "zabbix.url");
	zync_secret_free(wrong);
}

/* A session that somebody ended is renewed, and the call carried out. */
static void test_session_ends(void **state)
{
	struct zync_cfg_zabbix config = fx.config;
	struct zync_zbx_call logout = {.method = "user.logout", .kind = ZYNC_ZBX_READ, .params = "[]"};
	struct zync_zbx_call get = {.method = "host.get", .kind = ZYNC_ZBX_READ, .params = "{\"output\":[\"hostid\"],\"limit\":1}"};
	const struct zync_jval *result = NULL;
	struct zync_zabbix *z = NULL;

	(void)state;
	config.token = NULL;
	config.password = fx.password;
	OK(zync_zabbix_open(&config, NULL, NULL, &z, err));
	OK(zync_zbx_call(z, &logout, fx.arena, &result, err));
	OK(zync_zbx_call(z, &get, fx.arena, &result, err));
	assert_int_equal(zync_jval_type(result), ZYNC_JSON_ARRAY);
	zync_zabbix_close(z);
}

static void test_catalogue(void **state)
{
	struct zync_ref unknown = {.name = "ICMP Pingg"};
	struct zync_host host = {.templates = {.items = &unknown, .len = 1}};
	struct zync_err why = {0};
	size_t created = 99;

	(void)state;
	assert_int_not_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_TEMPLATE, "ICMP Ping"), 0);
	assert_int_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_TEMPLATE, "ICMP Pingg"), 0);
	assert_int_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_PROXY, PREFIX "proxy"), fx.proxyid);
	assert_int_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_PROXY_GROUP, PREFIX "proxy group"), fx.proxy_groupid);
	assert_int_not_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, "Zync contract/Sites"), 0);
	assert_int_equal(zync_zabbix_resolve(fx.z, &host, &why), ZYNC_ERR_REJECTED);
	assert_string_equal(why.message, "template \"ICMP Pingg\" does not exist in Zabbix; did you mean \"ICMP Ping\"?");
	OK(zync_zabbix_create_groups(fx.z, group_names, ZYNC_ARRAY_LEN(group_names), &created, err));
	assert_int_equal(created, 0);
}

/* Somebody else was faster: the catalogue does not know the group, Zabbix does. */
static void test_group_race(void **state)
{
	const char *const names[] = {"Zync contract/race", "Zync contract/race/child"};
	size_t created = 0;

	(void)state;
	(void)api("hostgroup.create", ZYNC_ZBX_WRITE, "{\"name\":\"Zync contract/race\"}");
	assert_int_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, names[0]), 0);
	OK(zync_zabbix_create_groups(fx.z, names, 2, &created, err));
	assert_int_equal(created, 1);
	assert_int_not_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, names[0]), 0);
	assert_int_not_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, names[1]), 0);
}

/* --- creating and reading ------------------------------------------------------------------------------------------------------------- */

static void check_found(const struct zync_zabbix_write *writes)
{
	const char *const names[] = {writes[0].target->host, writes[1].target->name, "ICMP Ping", "no such host"};
	const char *const owners[] = {writes[2].target->owner, "nobody:device:1"};
	struct zync_zabbix_hosts hosts = {0};
	struct zync_zabbix_mark *marks = NULL;
	size_t count = 0;

	OK(zync_zabbix_find_by_names(fx.z, names, ZYNC_ARRAY_LEN(names), fx.arena, &hosts, err));
	assert_int_equal(hosts.len, 3);
	for (size_t i = 0; i < hosts.len; i++)
		assert_int_equal(hosts.items[i].flags, zync_str_eq(hosts.items[i].host, "ICMP Ping") ? ZYNC_ZABBIX_FLAG_TEMPLATE : 0);
	OK(zync_zabbix_find_marks(fx.z, owners, 2, fx.arena, &marks, &count, err));
	assert_int_equal(count, 1);
	assert_int_equal(marks[0].hostid, writes[2].hostid);
	assert_string_equal(marks[0].owner, owners[0]);
	OK(zync_zabbix_find_marks(fx.z, NULL, 0, fx.arena, &marks, &count, err));
	assert_true(count >= SHAPES);
}

static void test_create_every_shape(void **state)
{
	struct zync_zabbix_write *writes = array(SHAPES, sizeof(*writes));
	uint64_t *ids = array(SHAPES + 1, sizeof(*ids));
	struct zync_zabbix_hosts hosts = {0};
	uint64_t calls;

	(void)state;
	for (unsigned i = 0; i < SHAPES; i++)
		writes[i] = creation(shape(i));
	calls = fx.z->stats.write_calls;
	write_all(writes, SHAPES);
	assert_int_equal(fx.z->stats.write_calls - calls, 1);
	for (unsigned i = 0; i < SHAPES; i++) {
		expect_equal(writes[i].target, writes[i].hostid);
		ids[SHAPES - 1 - i] = writes[i].hostid;
	}
	ids[SHAPES] = 999999999;
	OK(zync_zabbix_get_hosts(fx.z, ids, SHAPES + 1, fx.arena, &hosts, err));
	assert_int_equal(hosts.len, SHAPES);
	for (size_t i = 1; i < hosts.len; i++)
		assert_true(hosts.items[i - 1].hostid < hosts.items[i].hostid);
	check_found(writes);
	for (unsigned i = 0; i < SHAPES; i++)
		delete_host(writes[i].hostid, writes[i].label);
	OK(zync_zabbix_get_hosts(fx.z, ids, SHAPES, fx.arena, &hosts, err));
	assert_int_equal(hosts.len, 0);
}

/* --- updating ------------------------------------------------------------------------------------------------------------------------- */

/* What is changed: exactly one aspect each. */
static void change_host(struct zync_host *h)
{
	h->host = text("%s-renamed", h->host);
}
static void change_name(struct zync_host *h)
{
	h->name = text("%s ☂", h->name);
}
static void change_status(struct zync_host *h)
{
	h->status = ZYNC_HOST_DISABLED;
}
static void change_description(struct zync_host *h)
{
	h->description = "another\nthing";
}
static void change_groups(struct zync_host *h)
{
	set_groups(h, 2, group_names + 1);
}
static void change_templates(struct zync_host *h)
{
	static const char *const names[] = {"Zabbix server health", "ICMP Ping"};

	set_templates(h, 1, names + (h->templates.len ? 0 : 1));
}
static void change_templates_none(struct zync_host *h)
{
	h->templates.len = 0;
}
static void change_address(struct zync_host *h)
{
	h->interfaces.items[0].ip = "10.9.9.9";
}
static void change_interface_list(struct zync_host *h)
{
	add_interface(h, ZYNC_INTERFACE_AGENT, "", "extra.example.com", "10051");
	snmp_v3(add_interface(h, ZYNC_INTERFACE_SNMP, "10.9.9.10", "", "161"));
}
static struct zync_interface *find_snmp(struct zync_host *h)
{
	for (size_t i = 0; i < h->interfaces.len; i++) {
		if (h->interfaces.items[i].type == ZYNC_INTERFACE_SNMP)
			return &h->interfaces.items[i];
	}
	abort();
}
static void change_passphrase(struct zync_host *h)
{
	find_snmp(h)->snmp.authpassphrase = (struct zync_sensitive){.plain = "other-authentic-words"};
}
static void change_snmp_level(struct zync_host *h)
{
	find_snmp(h)->snmp.securitylevel = 0;
}
static void change_snmp_version(struct zync_host *h)
{
	snmp_v2(find_snmp(h), "now-a-community");
}
static void change_interface_removed(struct zync_host *h)
{
	h->interfaces.len = 1;
}
static void change_proxy(struct zync_host *h)
{
	h->monitored_by = ZYNC_MONITORED_BY_PROXY;
	h->proxy = (struct zync_ref){.name = PREFIX "proxy"};
}
static void change_proxy_group(struct zync_host *h)
{
	h->monitored_by = ZYNC_MONITORED_BY_PROXY_GROUP;
	h->proxy_group = (struct zync_ref){.name = PREFIX "proxy group"};
}
static void change_no_proxy(struct zync_host *h)
{
	h->monitored_by = ZYNC_MONITORED_BY_SERVER;
}
static void change_tags(struct zync_host *h)
{
	h->tags.len = 0;
	add_tag(h, "new", "value");
}
static void change_macros(struct zync_host *h)
{
	h->macros.len = 0;
	add_macro(h, "{$TEXT}", ZYNC_MACRO_TEXT, "other", "");
	add_macro(h, "{$SECRET}", ZYNC_MACRO_SECRET, "new-secret-value", "");
}
static void change_secret(struct zync_host *h)
{
	for (size_t i = 0; i < h->macros.len; i++) {
		if (h->macros.items[i].type == ZYNC_MACRO_SECRET)
			h->macros.items[i].value = (struct zync_sensitive){.plain = "third-secret-value"};
	}
}
/* The value is not known here (a stored state); another macro changes. */
static void change_beside_secret(struct zync_host *h)
{
	for (size_t i = 0; i < h->macros.len; i++) {
		if (h->macros.items[i].type == ZYNC_MACRO_SECRET)
			h->macros.items[i].value.plain = NULL;
	}
	add_macro(h, "{$BESIDE}", ZYNC_MACRO_TEXT, "x", "");
}
static void change_inventory(struct zync_host *h)
{
	add_inventory(h, "serialno_a", "SN-1");
	add_inventory(h, "type", "router");
}
static void change_inventory_field(struct zync_host *h)
{
	h->inventory.len = 1;
	h->inventory.items[0].value = "SN-2";
}
static void change_inventory_off(struct zync_host *h)
{
	h->inventory_mode = ZYNC_INVENTORY_DISABLED;
	h->inventory.len = 0;
}

static const struct {
	const char *what;
	enum zync_aspect aspect;
	void (*change)(struct zync_host *h);
	bool needs_proxy_group;
} changes[] = {
	{"technical name", ZYNC_ASPECT_HOST, change_host, false},
	{"visible name", ZYNC_ASPECT_NAME, change_name, false},
	{"status", ZYNC_ASPECT_STATUS, change_status, false},
	{"description", ZYNC_ASPECT_DESCRIPTION, change_description, false},
	{"groups", ZYNC_ASPECT_GROUPS, change_groups, false},
	{"first template", ZYNC_ASPECT_TEMPLATES, change_templates, false},
	{"other template", ZYNC_ASPECT_TEMPLATES, change_templates, false},
	{"no template", ZYNC_ASPECT_TEMPLATES, change_templates_none, false},
	{"template again", ZYNC_ASPECT_TEMPLATES, change_templates, false},
	{"address of an interface in use", ZYNC_ASPECT_INTERFACES, change_address, false},
	{"more interfaces", ZYNC_ASPECT_INTERFACES, change_interface_list, false},
	{"pass phrase", ZYNC_ASPECT_INTERFACES, change_passphrase, false},
	{"security level", ZYNC_ASPECT_INTERFACES, change_snmp_level, false},
	{"SNMP version", ZYNC_ASPECT_INTERFACES, change_snmp_version, false},
	{"interfaces removed", ZYNC_ASPECT_INTERFACES, change_interface_removed, false},
	{"proxy", ZYNC_ASPECT_PROXY, change_proxy, false},
	{"proxy group", ZYNC_ASPECT_PROXY, change_proxy_group, true},
	{"no proxy", ZYNC_ASPECT_PROXY, change_no_proxy, false},
	{"tags", ZYNC_ASPECT_TAGS, change_tags, false},
	{"macros", ZYNC_ASPECT_MACROS, change_macros, false},
	{"secret macro", ZYNC_ASPECT_MACROS, change_secret, false},
	{"macro beside a secret", ZYNC_ASPECT_MACROS, change_beside_secret, false},
	{"inventory", ZYNC_ASPECT_INVENTORY, change_inventory, false},
	{"inventory field", ZYNC_ASPECT_INVENTORY, change_inventory_field, false},
	{"inventory off", ZYNC_ASPECT_INVENTORY, change_inventory_off, false},
};

static void update_one(const char *what, enum zync_aspect aspect, const struct zync_host *before, struct zync_host *desired,
		       uint64_t hostid)
{
	struct zync_host actual = read_one(hostid, before);
	struct zync_host target;
	struct zync_diff diff = diff_of(desired, &actual, &target);
	struct zync_zabbix_write w = {
		.kind = ZYNC_ZABBIX_UPDATE, .label = what, .hostid = hostid, .target = &target, .actual = &actual, .aspects = diff.aspects};
	uint64_t calls = fx.z->stats.write_calls;

	if (diff.aspects != ZYNC_ASPECT_BIT(aspect))
		fail_msg("%s: the aspects 0x%x differ, first field %s", what, diff.aspects, diff.len ? diff.items[0].field : "(none)");
	write_all(&w, 1);
	assert_int_equal(fx.z->stats.write_calls - calls, 1);
	expect_equal(desired, hostid);
}

/* Interfaces that stay keep their ids, as items hang on them. */
static void test_update_every_aspect(void **state)
{
	struct zync_host *desired = blank("update", 0);
	uint64_t interfaceid;
	uint64_t hostid;

	(void)state;
	add_interface(desired, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
	finish(desired);
	hostid = create_one(desired);
	interfaceid = read_one(hostid, desired).interfaces.items[0].interfaceid;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(changes); i++) {
		struct zync_host before = *desired;
		struct zync_host *next = array(1, sizeof(*next));

		if (changes[i].needs_proxy_group && !fx.proxy_groupid)
			continue;
		OK(zync_host_copy(desired, fx.arena, next, err));
		/* A copy is exactly as long as it has to be: lists that grow are made anew. */
		next->interfaces.items = memcpy(array(8, sizeof(*next->interfaces.items)), next->interfaces.items,
						next->interfaces.len * sizeof(*next->interfaces.items));
		next->tags.items = NULL;
		next->tags.len = 0;
		for (size_t k = 0; k < desired->tags.len; k++)
			add_tag(next, desired->tags.items[k].tag, desired->tags.items[k].value);
		next->macros.items = NULL;
		next->macros.len = 0;
		for (size_t k = 0; k < desired->macros.len; k++)
			*add_macro(next, "", ZYNC_MACRO_TEXT, "", "") = desired->macros.items[k];
		next->inventory.items = NULL;
		next->inventory.len = 0;
		for (size_t k = 0; k < desired->inventory.len; k++)
			add_inventory(next, desired->inventory.items[k].field, desired->inventory.items[k].value);
		print_message("# %s\n", changes[i].what);
		changes[i].change(next);
		finish(next);
		update_one(changes[i].what, changes[i].aspect, &before, next, hostid);
		desired = next;
	}
	assert_int_equal(read_one(hostid, desired).interfaces.items[0].interfaceid, interfaceid);
	delete_host(hostid, "update");
}

/* The mark is added with the next write of macros, and no macro that is already there is made twice. */
static void test_mark_is_added(void **state)
{
	struct zync_host *h = blank("mark", 0);
	const char *owner = h->owner;
	uint64_t hostid;
	struct zync_host actual;
	struct zync_host target;
	struct zync_diff diff;
	struct zync_zabbix_write w;

	(void)state;
	h->owner = NULL;
	add_macro(h, "{$A}", ZYNC_MACRO_TEXT, "1", "");
	finish(h);
	hostid = create_one(h);
	h->owner = owner;
	h->macros.items[0].value.plain = "2";
	actual = read_one(hostid, h);
	assert_null(actual.owner);
	diff = diff_of(h, &actual, &target);
	w = (struct zync_zabbix_write){.kind = ZYNC_ZABBIX_UPDATE,
				       .label = h->host,
				       .hostid = hostid,
				       .target = &target,
				       .actual = &actual,
				       .aspects = diff.aspects};
	write_all(&w, 1);
	expect_equal(h, hostid);
	assert_int_equal(read_one(hostid, h).macros.items[0].hostmacroid, actual.macros.items[0].hostmacroid);
	delete_host(hostid, h->host);
}

/* Unlinked templates take their items along, unless they shall stay. */
static void test_unlink_only(void **state)
{
	static const char *const icmp[] = {"ICMP Ping"};

	(void)state;
	for (unsigned unlink_only = 0; unlink_only < 2; unlink_only++) {
		struct zync_host *h = blank("unlink", unlink_only);
		struct zync_host actual;
		struct zync_host target;
		struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_UPDATE, .label = h->host, .unlink_only = unlink_only == 1};
		const struct zync_jval *items;

		add_interface(h, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
		set_templates(h, 1, icmp);
		finish(h);
		w.hostid = create_one(h);
		actual = read_one(w.hostid, h);
		h->templates.len = 0;
		w.aspects = diff_of(h, &actual, &target).aspects;
		w.target = &target;
		w.actual = &actual;
		write_all(&w, 1);
		items = api("item.get", ZYNC_ZBX_READ, text("{\"output\":[\"itemid\"],\"hostids\":[\"%" PRIu64 "\"]}", w.hostid));
		assert_int_equal(zync_jval_len(items) > 0, unlink_only);
		delete_host(w.hostid, h->host);
	}
}

/* --- refused hosts -------------------------------------------------------------------------------------------------------------------- */

struct bad {
	unsigned index;
	void (*spoil)(struct zync_host *h);
	const char *words;
};

static void spoil_template(struct zync_host *h)
{
	h->templates.items = array(1, sizeof(*h->templates.items));
	h->templates.items[0] = (struct zync_ref){.name = "gone", .id = 999999999};
	h->templates.len = 1;
}
static void spoil_name(struct zync_host *h)
{
	h->name = "Zabbix server";
}
static void spoil_inventory(struct zync_host *h)
{
	add_inventory(h, "type",
		      "0123456789012345678901234567890123456789012345678901234567890123456789 is more than sixty-four characters");
}
static void spoil_interface(struct zync_host *h)
{
	static const char *const agent[] = {"Linux by Zabbix agent"};

	h->interfaces.len = 0;
	set_templates(h, 1, agent);
	h->templates.items[0].id = zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_TEMPLATE, agent[0]);
}
static void spoil_group(struct zync_host *h)
{
	h->groups.len = 0;
}

static const struct bad one_bad[] = {{57, spoil_template, "ermissions to"}};
static const struct bad many_bad[] = {{3, spoil_template, "ermissions to"}, {17, spoil_name, "already exists"},
				      {40, spoil_inventory, "too long"},    {41, spoil_interface, "nterface"},
				      {80, spoil_group, "cannot be "},	    {99, spoil_template, "ermissions to"}};

struct counter {
	size_t calls;
	size_t reported;
};

static enum zync_status count_written(void *ctx, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	struct counter *c = ctx;

	(void)err;
	c->calls++;
	for (size_t i = 0; i < count; i++)
		c->reported += writes[i]->done || writes[i]->err.status != ZYNC_OK;
	return ZYNC_OK;
}

/* Write an array in which some are bad: the good ones are written, the bad ones have the server's words, nothing is left open. */
static void write_with_bad(struct zync_zabbix_write *writes, size_t count, const struct bad *bad, size_t bad_count, size_t max_requests)
{
	struct counter counter = {0};
	uint64_t requests;
	size_t next = 0;

	fx.z->sizing[ZYNC_ZABBIX_CREATE].size = count;
	fx.z->sizing[ZYNC_ZABBIX_UPDATE].size = count;
	requests = fx.z->stats.http_requests;
	OK(zync_zabbix_write(fx.z, writes, count, count_written, &counter, err));
	requests = fx.z->stats.http_requests - requests;
	assert_int_equal(counter.reported, count);
	for (size_t i = 0; i < count; i++) {
		if (next < bad_count && bad[next].index == i) {
			assert_false(writes[i].done);
			if (!strstr(writes[i].err.message, bad[next].words) || !strstr(writes[i].err.message, writes[i].label))
				fail_msg("\"%s\" is not in: %s", bad[next].words, writes[i].err.message);
			assert_int_equal(writes[i].err.status, ZYNC_ERR_REJECTED);
			next++;
		} else if (!writes[i].done) {
			fail_msg("the good host %s was not written: %s", writes[i].label, writes[i].err.message);
		}
	}
	if (requests > max_requests)
		fail_msg("%" PRIu64 " requests for %zu bad of %zu hosts", requests, bad_count, count);
}

static void create_with_bad(const char *kind, const struct bad *bad, size_t bad_count, size_t max_requests)
{
	struct zync_zabbix_write *writes = array(ARRAY_SIZE, sizeof(*writes));
	size_t next = 0;

	for (unsigned i = 0; i < ARRAY_SIZE; i++) {
		struct zync_host *h = blank(kind, i);

		add_interface(h, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
		finish(h);
		if (next < bad_count && bad[next].index == i)
			bad[next++].spoil(h);
		writes[i] = creation(h);
	}
	write_with_bad(writes, ARRAY_SIZE, bad, bad_count, max_requests);
	for (unsigned i = 0; i < ARRAY_SIZE; i++) {
		if (!writes[i].done)
			continue;
		if (i % 10 == 0)
			expect_equal(writes[i].target, writes[i].hostid);
		writes[i].kind = ZYNC_ZABBIX_DELETE;
	}
	/* Delete what was made; the bad ones are no deletions and stay out. */
	for (unsigned i = 0, len = 0; i < ARRAY_SIZE; i++) {
		if (writes[i].kind == ZYNC_ZABBIX_DELETE)
			writes[len++] = writes[i];
		if (i == ARRAY_SIZE - 1)
			write_all(writes, len);
	}
}

static void test_create_one_bad(void **state)
{
	(void)state;
	/* Refused array, four batches of single calls. */
	create_with_bad("one", one_bad, ZYNC_ARRAY_LEN(one_bad), 5);
}

static void test_create_many_bad(void **state)
{
	(void)state;
	create_with_bad("many", many_bad, ZYNC_ARRAY_LEN(many_bad), 16);
}

/* The same where something between us and Zabbix refuses JSON-RPC batches. */
static void test_create_bad_without_batches(void **state)
{
	(void)state;
	fx.z->no_batch = true;
	create_with_bad("halve", many_bad, ZYNC_ARRAY_LEN(many_bad), 100);
	fx.z->no_batch = false;
}

static void test_update_bad(void **state)
{
	struct zync_zabbix_write *writes = array(ARRAY_SIZE, sizeof(*writes));
	struct zync_host *hosts = array(ARRAY_SIZE, sizeof(*hosts));
	size_t next = 0;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE; i++) {
		hosts[i] = *blank("badupd", i);
		add_interface(&hosts[i], ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
		finish(&hosts[i]);
		writes[i] = creation(&hosts[i]);
	}
	write_all(writes, ARRAY_SIZE);
	for (unsigned i = 0; i < ARRAY_SIZE; i++) {
		struct zync_host *actual = array(1, sizeof(*actual));
		struct zync_host *target = array(1, sizeof(*target));

		*actual = read_one(writes[i].hostid, &hosts[i]);
		add_tag(&hosts[i], "updated", "yes");
		writes[i].kind = ZYNC_ZABBIX_UPDATE;
		writes[i].actual = actual;
		writes[i].target = target;
		writes[i].aspects = diff_of(&hosts[i], actual, target).aspects;
		if (next < ZYNC_ARRAY_LEN(many_bad) && many_bad[next].index == i) {
			many_bad[next++].spoil(target);
			writes[i].aspects = (1u << (unsigned)ZYNC_ASPECT_COUNT) - 1u;
		}
	}
	write_with_bad(writes, ARRAY_SIZE, many_bad, ZYNC_ARRAY_LEN(many_bad), 16);
	expect_equal(&hosts[0], writes[0].hostid);
	for (unsigned i = 0; i < ARRAY_SIZE; i++)
		writes[i] = (struct zync_zabbix_write){.kind = ZYNC_ZABBIX_DELETE, .label = hosts[i].host, .hostid = writes[i].hostid};
	/* One that is gone already is refused, the others go. */
	delete_host(writes[50].hostid, "one in the middle");
	OK(zync_zabbix_write(fx.z, writes, ARRAY_SIZE, NULL, NULL, err));
	for (unsigned i = 0; i < ARRAY_SIZE; i++)
		assert_int_equal(writes[i].done, i != 50);
}

/* What is refused here before it is sent does not hold up the others. */
static void test_unsayable(void **state)
{
	struct zync_host *good = blank("say", 0);
	struct zync_host *no_secret = blank("say", 1);
	struct zync_host *no_group = blank("say", 2);
	struct zync_zabbix_write writes[3];

	(void)state;
	finish(good);
	add_macro(no_secret, "{$X}", ZYNC_MACRO_SECRET, NULL, "");
	finish(no_secret);
	finish(no_group);
	no_group->groups.items[0] = (struct zync_ref){.name = "nowhere"};
	writes[0] = creation(no_secret);
	writes[1] = creation(good);
	writes[2] = creation(no_group);
	OK(zync_zabbix_write(fx.z, writes, 3, NULL, NULL, err));
	assert_true(writes[1].done);
	assert_string_equal(writes[0].err.message, "zabbix: host.create for \"" PREFIX
						   "say-001\": the value of the secret macro {$X} is not known here: run `zync pull`");
	assert_non_null(strstr(writes[2].err.message, "host group \"nowhere\" does not exist"));
	delete_host(writes[1].hostid, good->host);
}

/* --- exchange of interface types ------------------------------------------------------------------------------------------------------ */

/* agent → SNMP under templates that share an item key (icmpping), and one that stays. */
static void test_type_change(void **state)
{
	static const char *const before[] = {"ICMP Ping", "Linux by Zabbix agent"};
	static const char *const after[] = {"Linux by SNMP"};
	struct zync_host *h = blank("type", 0);
	struct zync_host *next = blank("type", 0);
	struct zync_host actual;
	struct zync_host target;
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_UPDATE, .label = h->host};

	(void)state;
	add_interface(h, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
	set_templates(h, 2, before);
	finish(h);
	w.hostid = create_one(h);
	snmp_v2(add_interface(next, ZYNC_INTERFACE_SNMP, "10.0.0.1", "", "161"), "{$SNMP_COMMUNITY}");
	set_templates(next, 1, after);
	finish(next);
	actual = read_one(w.hostid, h);
	w.aspects = diff_of(next, &actual, &target).aspects;
	w.target = &target;
	w.actual = &actual;
	assert_true(zync_zbx_is_type_change(&w));
	write_all(&w, 1);
	expect_equal(next, w.hostid);
	delete_host(w.hostid, h->host);
}

/* The second step is refused: the host has its templates again, and the message says so. */
static void test_type_change_refused(void **state)
{
	static const char *const before[] = {"ICMP Ping"};
	struct zync_host *h = blank("typebad", 0);
	struct zync_host *next = blank("typebad", 0);
	struct zync_host actual;
	struct zync_host target;
	struct zync_zabbix_write w = {.kind = ZYNC_ZABBIX_UPDATE, .label = h->host};

	(void)state;
	add_interface(h, ZYNC_INTERFACE_AGENT, "10.0.0.1", "", "10050");
	set_templates(h, 1, before);
	finish(h);
	w.hostid = create_one(h);
	snmp_v2(add_interface(next, ZYNC_INTERFACE_SNMP, "10.0.0.1", "", "161"), "{$SNMP_COMMUNITY}");
	set_templates(next, 1, before);
	finish(next);
	next->name = "Zabbix server";
	actual = read_one(w.hostid, h);
	w.aspects = diff_of(next, &actual, &target).aspects;
	w.target = &target;
	w.actual = &actual;
	OK(zync_zabbix_write(fx.z, &w, 1, NULL, NULL, err));
	assert_false(w.done);
	assert_non_null(strstr(w.err.message, "already exists"));
	assert_non_null(strstr(w.err.message, "linked again"));
	expect_equal(h, w.hostid);
	delete_host(w.hostid, h->host);
}

/* An argument is a pattern of the tests to run, such as "test_update_*". */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_open_refused),
		cmocka_unit_test(test_session_ends),
		cmocka_unit_test(test_catalogue),
		cmocka_unit_test(test_group_race),
		cmocka_unit_test(test_create_every_shape),
		cmocka_unit_test(test_update_every_aspect),
		cmocka_unit_test(test_mark_is_added),
		cmocka_unit_test(test_unlink_only),
		cmocka_unit_test(test_create_one_bad),
		cmocka_unit_test(test_create_many_bad),
		cmocka_unit_test(test_create_bad_without_batches),
		cmocka_unit_test(test_update_bad),
		cmocka_unit_test(test_unsayable),
		cmocka_unit_test(test_type_change),
		cmocka_unit_test(test_type_change_refused),
	};

	if (getenv("ZYNC_TEST_DEBUG"))
		zync_log_set_level(ZYNC_LOG_DEBUG);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("client_zabbix", tests, set_up, tear_down);
}
