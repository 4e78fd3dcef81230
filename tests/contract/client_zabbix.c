/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contract of the Zabbix client, against a real server or the simulator. Not run by `meson test`: it needs a server.
 *
 *   ZYNC_ZABBIX_URL=http://127.0.0.1:8080 ZYNC_ZABBIX_TOKEN=… ZYNC_ZABBIX_USER=Admin ZYNC_ZABBIX_PASSWORD=… contract-zabbix
 *
 * ZYNC_TEST_DEBUG=1 shows every call. Every host it makes begins with "zync-ct-", and every group with "Zync contract"; leftovers of a broken run are removed first.
 */
#include "client_zabbix.h"

#define SHAPES 30u

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
	struct zync_vec made;

	(void)state;
	assert_int_not_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_TEMPLATE, "ICMP Ping"), 0);
	assert_int_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_TEMPLATE, "ICMP Pingg"), 0);
	assert_int_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_PROXY, PREFIX "proxy"), fx.proxyid);
	assert_int_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_PROXY_GROUP, PREFIX "proxy group"), fx.proxy_groupid);
	assert_int_not_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, "Zync contract/Sites"), 0);
	assert_int_equal(zync_zabbix_resolve(fx.z, &host, &why), ZYNC_ERR_REJECTED);
	assert_string_equal(why.message, "template \"ICMP Pingg\" does not exist in Zabbix; did you mean \"ICMP Ping\"?");
	zync_vec_init(&made, fx.arena);
	OK(zync_zabbix_create_groups(fx.z, group_names, GROUP_NAMES, &made, err));
	assert_int_equal(made.len, 0);
}

/* Somebody else was faster: the catalogue does not know the group, Zabbix does. */
static void test_group_race(void **state)
{
	const char *const names[] = {"Zync contract/race", "Zync contract/race/child"};
	struct zync_vec made;

	(void)state;
	(void)api("hostgroup.create", ZYNC_ZBX_WRITE, "{\"name\":\"Zync contract/race\"}");
	assert_int_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, names[0]), 0);
	zync_vec_init(&made, fx.arena);
	OK(zync_zabbix_create_groups(fx.z, names, 2, &made, err));
	assert_int_equal(made.len, 1);
	assert_int_not_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, names[0]), 0);
	assert_int_not_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, names[1]), 0);
}

/* Only what is empty goes, and nobody else's: a group with hosts, or on 6.0 with templates, stays. */
static void test_delete_empty_groups(void **state)
{
	const char *const names[] = {"Zync contract/race", "Zync contract/race/child"};
	const char *const used = "Templates/Operating systems";
	uint64_t ids[3];
	size_t deleted = 0;

	(void)state;
	ids[0] = zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, names[0]);
	ids[1] = zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, names[1]);
	ids[2] = zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, zync_zabbix_version_number(fx.z) < 6002 ? used : "Zabbix servers");
	assert_true(ids[0] && ids[1] && ids[2]);
	OK(zync_zabbix_delete_empty_groups(fx.z, ids, 3, &deleted, err));
	assert_int_equal(deleted, 2);
	assert_int_equal(zync_zabbix_lookup(fx.z, ZYNC_ZABBIX_GROUP, names[0]), 0);
	assert_int_not_equal(ids[2], 0);
	OK(zync_zabbix_delete_empty_groups(fx.z, &ids[2], 1, &deleted, err));
	assert_int_equal(deleted, 0);
}

/* --- creating and reading ------------------------------------------------------------------------------------------------------------- */

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

	set_groups(h, 1 + i % GROUP_NAMES, group_names);
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

/* An argument is a pattern of the tests to run, such as "test_update_*". */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_open_refused),
		cmocka_unit_test(test_session_ends),
		cmocka_unit_test(test_catalogue),
		cmocka_unit_test(test_group_race),
		cmocka_unit_test(test_delete_empty_groups),
		cmocka_unit_test(test_create_every_shape),
		cmocka_unit_test(test_update_every_aspect),
		cmocka_unit_test(test_mark_is_added),
		cmocka_unit_test(test_mark_is_dropped),
		cmocka_unit_test(test_keep_items),
		cmocka_unit_test(test_keep_items_of_interface),
		cmocka_unit_test(test_create_one_bad),
		cmocka_unit_test(test_create_many_bad),
		cmocka_unit_test(test_create_bad_without_batches),
		cmocka_unit_test(test_update_bad),
		cmocka_unit_test(test_unsayable),
		cmocka_unit_test(test_type_change),
		cmocka_unit_test(test_type_change_refused),
		cmocka_unit_test(test_type_change_each),
		cmocka_unit_test(test_default_interface),
		cmocka_unit_test(test_interface_made_anew),
		cmocka_unit_test(test_templates_clash),
		cmocka_unit_test(test_templates_interfaces),
	};

	if (getenv("ZYNC_TEST_DEBUG"))
		zync_log_set_level(ZYNC_LOG_DEBUG);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("client_zabbix", tests, set_up, tear_down);
}
