/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts from replies and into requests. */
#include "zabbix_test.h"

/* --- reading -------------------------------------------------------------------------------------------------------------------------- */

static const char full_70[] =
	"=[{\"hostid\":\"20\",\"host\":\"sw1\",\"name\":\"Switch "
	"1\",\"status\":\"1\",\"flags\":\"0\",\"description\":\"d\",\"inventory_mode\":\"0\","
	"\"monitored_by\":\"1\",\"proxyid\":\"5\",\"proxy_groupid\":\"0\",\"hostgroups\":[{\"groupid\":\"3\",\"name\":\"Z\"},{\"groupid\":"
	"\"2\",\"name\":\"A\"}],"
	"\"parentTemplates\":[{\"templateid\":\"10\",\"host\":\"tmpl_icmp\"}],"
	"\"interfaces\":[{\"interfaceid\":\"31\",\"type\":\"2\",\"main\":\"1\",\"useip\":\"0\",\"ip\":\"\",\"dns\":\"sw1.example.com\","
	"\"port\":\"161\","
	"\"details\":{\"version\":\"3\",\"bulk\":\"0\",\"securityname\":\"u\",\"securitylevel\":\"2\",\"authpassphrase\":\"aaaaaaaa\","
	"\"privpassphrase\":\"pppppppp\","
	"\"authprotocol\":\"3\",\"privprotocol\":\"1\",\"contextname\":\"c\",\"max_repetitions\":\"10\"}},"
	"{\"interfaceid\":\"30\",\"type\":\"1\",\"main\":\"1\",\"useip\":\"1\",\"ip\":\"10.0.0.1\",\"dns\":\"\",\"port\":\"10050\","
	"\"details\":[]}],"
	"\"tags\":[{\"tag\":\"b\",\"value\":\"2\"},{\"tag\":\"a\",\"value\":\"1\"}],"
	"\"macros\":[{\"hostmacroid\":\"40\",\"macro\":\"{$ZYNC.OWNER}\",\"value\":\"nb:device:7\",\"type\":\"0\",\"description\":\"x\"},"
	"{\"hostmacroid\":\"41\",\"macro\":\"{$SECRET}\",\"type\":\"1\",\"description\":\"\"},"
	"{\"hostmacroid\":\"42\",\"macro\":\"{$TEXT}\",\"value\":\"v\",\"type\":\"0\",\"description\":\"y\"}],"
	"\"inventory\":{\"type\":\"router\",\"name\":\"\",\"location\":\"R1\"}}]";

static void check_interfaces(const struct zync_host *h)
{
	const struct zync_interface *agent = &h->interfaces.items[0];
	const struct zync_interface *snmp = &h->interfaces.items[1];

	assert_int_equal(h->interfaces.len, 2);
	assert_int_equal(agent->interfaceid, 30);
	assert_true(agent->main && agent->useip);
	assert_string_equal(agent->ip, "10.0.0.1");
	assert_int_equal(snmp->interfaceid, 31);
	assert_false(snmp->useip);
	assert_string_equal(snmp->dns, "sw1.example.com");
	assert_int_equal(snmp->snmp.version, 3);
	assert_false(snmp->snmp.bulk);
	assert_int_equal(snmp->snmp.max_repetitions, 10);
	assert_int_equal(snmp->snmp.authprotocol, 3);
	assert_string_equal(snmp->snmp.privpassphrase.plain, "pppppppp");
	assert_string_equal(snmp->snmp.contextname, "c");
}

static void check_full(const struct zync_host *h)
{
	assert_int_equal(h->hostid, 20);
	assert_string_equal(h->host, "sw1");
	assert_string_equal(h->name, "Switch 1");
	assert_int_equal(h->status, ZYNC_HOST_DISABLED);
	assert_string_equal(h->groups.items[0].name, "A");
	assert_int_equal(h->groups.items[1].id, 3);
	assert_int_equal(h->templates.items[0].id, 10);
	assert_string_equal(h->tags.items[0].tag, "a");
	/* The mark stands apart, and nothing of it leaks into the macro behind it. */
	assert_string_equal(h->owner, "nb:device:7");
	assert_int_equal(h->owner_hostmacroid, 40);
	assert_int_equal(h->macros.len, 2);
	assert_string_equal(h->macros.items[0].macro, "{$SECRET}");
	assert_null(h->macros.items[0].value.plain);
	assert_int_equal(h->macros.items[0].hostmacroid, 41);
	assert_string_equal(h->macros.items[1].value.plain, "v");
	assert_int_equal(h->inventory_mode, ZYNC_INVENTORY_MANUAL);
	assert_int_equal(h->inventory.len, 2);
	assert_string_equal(h->inventory.items[0].field, "location");
	assert_int_equal(h->managed, (1u << (unsigned)ZYNC_ASPECT_COUNT) - 1u);
	check_interfaces(h);
}

/* The catalogue is loaded when the first page names a proxy. */
static void test_decode_70(void **state)
{
	static const struct step steps[] = {{.expect = {"host.get", "\"hostids\":[\"20\"]", "selectHostGroups"}, .reply = full_70},
					    {.reply = "=[]"},
					    {.reply = "=[]"},
					    {.reply = "=[{\"proxyid\":\"5\",\"name\":\"p1\"}]"},
					    {.reply = "=[]"}};
	const uint64_t ids[] = {20, 20, 0};
	struct zync_zabbix_hosts hosts = {0};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
	OK(zync_zabbix_get_hosts(f.z, ids, 3, f.arena, &hosts, ok_err));
	assert_int_equal(hosts.len, 1);
	check_full(&hosts.items[0]);
	assert_int_equal(hosts.items[0].monitored_by, ZYNC_MONITORED_BY_PROXY);
	assert_int_equal(hosts.items[0].proxy.id, 5);
	assert_string_equal(hosts.items[0].proxy.name, "p1");
	fake_close(&f);
}

/* Pages of two, order by id, absent hosts, the fields of 6.0, and hosts that no rule of ours would allow. */
static void test_decode_60_pages(void **state)
{
	static const struct step steps[] = {
		{.expect = {"\"hostids\":[\"1\",\"2\"]", "selectGroups", "proxy_hostid"},
		 .reply = "=[{\"hostid\":\"2\",\"host\":\"b\",\"name\":\"b\",\"groups\":[{\"groupid\":\"2\",\"name\":\"A\"}],\"proxy_"
			  "hostid\":\"0\",\"inventory\":[],"
			  "\"interfaces\":[{\"interfaceid\":\"1\",\"type\":\"9\",\"main\":\"1\"},{\"interfaceid\":\"2\",\"type\":\"1\","
			  "\"main\":\"1\"}]},"
			  "{\"hostid\":\"1\",\"host\":\"a\",\"name\":\"a\",\"flags\":\"4\",\"inventory_mode\":\"-1\"}]"},
		{.expect = {"\"hostids\":[\"3\"]"}, .reply = "=[]"}};
	const uint64_t ids[] = {3, 1, 2};
	struct zync_zabbix_hosts hosts = {0};
	struct fake f = {0};

	(void)state;
	fake_open(&f, "6.0.14", /* by_token= */ true, STEPS(steps));
	OK(zync_zabbix_get_hosts(f.z, ids, 3, f.arena, &hosts, ok_err));
	assert_int_equal(hosts.len, 2);
	assert_int_equal(hosts.items[0].hostid, 1);
	assert_int_equal(hosts.items[0].flags, 4);
	assert_int_equal(hosts.items[1].groups.len, 1);
	assert_int_equal(hosts.items[1].interfaces.len, 2);
	assert_int_equal(hosts.items[1].inventory_mode, ZYNC_INVENTORY_DISABLED);
	assert_int_equal(hosts.items[1].monitored_by, ZYNC_MONITORED_BY_SERVER);
	fake_close(&f);
}

static void test_decode_wrong(void **state)
{
	static const char *const replies[] = {"={}", "=[{\"host\":\"a\"}]", "=[{\"hostid\":\"1\"}]", "=[1]",
					      "=[{\"hostid\":\"1\",\"host\":\"a\"},{\"hostid\":\"2\",\"host\":\"b\"}]"};
	const uint64_t id = 1;

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(replies); i++) {
		struct step step = {.reply = replies[i]};
		struct zync_zabbix_hosts hosts = {0};
		struct zync_err err = {.status = ZYNC_OK};
		struct fake f = {0};

		fake_open(&f, "7.0.0", /* by_token= */ true, &step, 1);
		assert_int_equal(zync_zabbix_get_hosts(f.z, &id, 1, f.arena, &hosts, &err), ZYNC_ERR_PROTOCOL);
		assert_null(hosts.items);
		fake_close(&f);
	}
}

static void test_find(void **state)
{
	static const struct step steps[] = {
		{.expect = {"host.get", "\"filter\":{\"host\":[\"a\",\"T\"],\"name\":[\"a\",\"T\"]},\"searchByAny\":true"},
		 .reply = "=[{\"hostid\":\"9\",\"host\":\"a\",\"name\":\"a\"}]"},
		{.expect = {"template.get"}, .reply = "=[{\"templateid\":\"4\",\"host\":\"T\",\"name\":\"T\"}]"},
		{.expect = {"usermacro.get", "{\"macro\":[\"{$ZYNC.OWNER}\"],\"value\":[\"nb:device:1\"]}"},
		 .reply = "=[{\"hostmacroid\":\"1\",\"hostid\":\"9\",\"value\":\"nb:device:1\"}]"},
		{.expect = {"\"filter\":{\"macro\":[\"{$ZYNC.OWNER}\"]}"},
		 .reply = "=[{\"hostid\":\"9\",\"value\":\"nb:device:1\"},{\"hostid\":\"10\"},{\"hostid\":\"11\",\"value\":\"x\"}]"}};
	static const char *const names[] = {"a", "T"};
	static const char *const owners[] = {"nb:device:1"};
	struct zync_zabbix_hosts hosts = {0};
	struct zync_zabbix_mark *marks = NULL;
	size_t count = 0;
	struct fake f = {0};

	(void)state;
	fake_open(&f, "7.0.0", /* by_token= */ true, STEPS(steps));
	OK(zync_zabbix_find_by_names(f.z, names, 2, f.arena, &hosts, ok_err));
	assert_int_equal(hosts.len, 2);
	assert_int_equal(hosts.items[0].flags, ZYNC_ZABBIX_FLAG_TEMPLATE);
	assert_int_equal(hosts.items[1].hostid, 9);
	OK(zync_zabbix_find_marks(f.z, owners, 1, f.arena, &marks, &count, ok_err));
	assert_int_equal(count, 1);
	assert_string_equal(marks[0].owner, "nb:device:1");
	OK(zync_zabbix_find_marks(f.z, NULL, 0, f.arena, &marks, &count, ok_err));
	assert_int_equal(count, 2);
	assert_int_equal(marks[1].hostid, 11);
	fake_close(&f);
}

/* --- writing -------------------------------------------------------------------------------------------------------------------------- */

#define BIT ZYNC_ASPECT_BIT

static struct zync_ref group_a[] = {{"A", 2}};
static struct zync_ref group_0[] = {{"B", 0}};
static struct zync_ref templates_12[] = {{"t1", 11}, {"t2", 12}};
static struct zync_ref templates_23[] = {{"t2", 12}, {"t3", 13}};
static struct zync_ref templates_4[] = {{"t4", 14}};
static const struct zync_ref_list first_template = {.items = templates_12, .len = 1};
static struct zync_ref template_0[] = {{"t0", 0}};
static struct zync_tag tags[] = {{"a", "1"}};
static struct zync_interface agent[] = {
	{.interfaceid = 30, .type = ZYNC_INTERFACE_AGENT, .main = true, .useip = true, .ip = "10.0.0.1", .port = "10050"}};
static struct zync_interface snmp2[] = {{.type = ZYNC_INTERFACE_SNMP,
					 .main = true,
					 .dns = "n",
					 .port = "161",
					 .snmp = {.version = 2, .bulk = true, .max_repetitions = 20, .community = {.plain = "{$C}"}}}};
static struct zync_interface snmp1[] = {{.type = ZYNC_INTERFACE_SNMP,
					 .dns = "n",
					 .port = "161",
					 .snmp = {.version = 1, .max_repetitions = 20, .community = {.plain = "x"}}}};
static struct zync_interface snmp3_known[] = {{.interfaceid = 31,
					       .type = ZYNC_INTERFACE_SNMP,
					       .snmp = {.version = 3,
							.securityname = "u",
							.securitylevel = 2,
							.authpassphrase = {.plain = "aaaaaaaa", .digest = "d1"},
							.privpassphrase = {.plain = "pppppppp", .digest = "d2"}}}};
static struct zync_interface snmp3_same[] = {{.interfaceid = 31,
					      .type = ZYNC_INTERFACE_SNMP,
					      .snmp = {.version = 3,
						       .securityname = "u2",
						       .securitylevel = 2,
						       .authpassphrase = {.digest = "d1"},
						       .privpassphrase = {.digest = NULL}}}};
static struct zync_interface snmp3_other[] = {
	{.interfaceid = 31, .type = ZYNC_INTERFACE_SNMP, .snmp = {.version = 3, .securitylevel = 1, .authpassphrase = {.digest = "d9"}}}};
static struct zync_macro macros_new[] = {{.macro = "{$A}", .value = {.plain = "1"}, .description = "d"},
					 {.macro = "{$S}", .type = ZYNC_MACRO_SECRET, .value = {.plain = "geheim"}}};
static struct zync_macro macros_kept[] = {{.hostmacroid = 41, .macro = "{$S}", .type = ZYNC_MACRO_SECRET, .value = {.digest = "d"}}};
static struct zync_macro macros_unknown[] = {{.macro = "{$S}", .type = ZYNC_MACRO_SECRET, .value = {.digest = "d"}}};
static struct zync_inventory_field inventory_old[] = {{"location", "R1"}, {"type", "router"}};
static struct zync_inventory_field inventory_new[] = {{"location", "R2"}, {"name", "n"}};

static struct zync_host minimal = {.host = "h", .name = "N", .groups = {group_a, 1}, .inventory_mode = ZYNC_INVENTORY_DISABLED};
static struct zync_host old = {.host = "h",
			       .templates = {templates_12, 2},
			       .interfaces = {snmp3_known, 1},
			       .inventory_mode = ZYNC_INVENTORY_MANUAL,
			       .inventory = {inventory_old, 2},
			       .owner = "nb:device:1",
			       .owner_hostmacroid = 40};

#define MARK_DESCRIPTION "\"description\":\"Which NetBox object this host comes from; written by Zync.\""

static const struct {
	const char *what;
	unsigned version;
	bool create;
	struct zync_host target;
	unsigned aspects;
	bool keep_items;    /* of its first template */
	const char *expect; /* text; or, of a refusal, words */
	bool refused;
} encodings[] = {
	{"a host that has nothing",
	 7000,
	 true,
	 {.host = "h", .inventory_mode = ZYNC_INVENTORY_DISABLED},
	 0,
	 false,
	 "{\"host\":\"h\",\"name\":\"h\",\"status\":0,\"description\":\"\",\"groups\":[],\"templates\":[],\"interfaces\":[],\"monitored_"
	 "by\":0,\"tags\":[],"
	 "\"macros\":[],\"inventory_mode\":-1}",
	 false},
	{"6.0 says proxy_hostid",
	 6000,
	 false,
	 {.host = "h"},
	 BIT(ZYNC_ASPECT_PROXY),
	 false,
	 "{\"hostid\":\"20\",\"proxy_hostid\":\"0\"}",
	 false},
	{"6.0 with proxy",
	 6000,
	 false,
	 {.monitored_by = ZYNC_MONITORED_BY_PROXY, .proxy = {"p", 5}},
	 BIT(ZYNC_ASPECT_PROXY),
	 false,
	 "{\"hostid\":\"20\",\"proxy_hostid\":\"5\"}",
	 false},
	{"7.0 with proxy",
	 7000,
	 false,
	 {.monitored_by = ZYNC_MONITORED_BY_PROXY, .proxy = {"p", 5}},
	 BIT(ZYNC_ASPECT_PROXY),
	 false,
	 "{\"hostid\":\"20\",\"monitored_by\":1,\"proxyid\":\"5\"}",
	 false},
	{"7.0 with proxy group",
	 7000,
	 false,
	 {.monitored_by = ZYNC_MONITORED_BY_PROXY_GROUP, .proxy_group = {"g", 6}},
	 BIT(ZYNC_ASPECT_PROXY),
	 false,
	 "{\"hostid\":\"20\",\"monitored_by\":2,\"proxy_groupid\":\"6\"}",
	 false},
	{"6.0 has no proxy groups",
	 6000,
	 false,
	 {.monitored_by = ZYNC_MONITORED_BY_PROXY_GROUP, .proxy_group = {"g", 6}},
	 BIT(ZYNC_ASPECT_PROXY),
	 false,
	 "need Zabbix 7.0",
	 true},
	{"unknown proxy",
	 7000,
	 false,
	 {.monitored_by = ZYNC_MONITORED_BY_PROXY, .proxy = {"p", 0}},
	 BIT(ZYNC_ASPECT_PROXY),
	 false,
	 "proxy \"p\" does not exist",
	 true},
	{"a new technical name brings the visible one along",
	 7000,
	 false,
	 {.host = "new", .name = "N"},
	 BIT(ZYNC_ASPECT_HOST),
	 false,
	 "{\"hostid\":\"20\",\"host\":\"new\",\"name\":\"N\"}",
	 false},
	{"only the visible name",
	 7000,
	 false,
	 {.host = "h", .name = "M"},
	 BIT(ZYNC_ASPECT_NAME),
	 false,
	 "{\"hostid\":\"20\",\"name\":\"M\"}",
	 false},
	{"status and description",
	 7000,
	 false,
	 {.status = ZYNC_HOST_DISABLED, .description = "x\n\"y\""},
	 BIT(ZYNC_ASPECT_STATUS) | BIT(ZYNC_ASPECT_DESCRIPTION),
	 false,
	 "{\"hostid\":\"20\",\"status\":1,\"description\":\"x\\n\\\"y\\\"\"}",
	 false},
	{"groups and tags",
	 7000,
	 false,
	 {.groups = {group_a, 1}, .tags = {tags, 1}},
	 BIT(ZYNC_ASPECT_GROUPS) | BIT(ZYNC_ASPECT_TAGS),
	 false,
	 "{\"hostid\":\"20\",\"groups\":[{\"groupid\":\"2\"}],\"tags\":[{\"tag\":\"a\",\"value\":\"1\"}]}",
	 false},
	{"a group that could not be created",
	 7000,
	 false,
	 {.groups = {group_0, 1}},
	 BIT(ZYNC_ASPECT_GROUPS),
	 false,
	 "host group \"B\" does not exist",
	 true},
	{"removed templates are cleared",
	 7000,
	 false,
	 {.templates = {templates_23, 2}},
	 BIT(ZYNC_ASPECT_TEMPLATES),
	 false,
	 "{\"hostid\":\"20\",\"templates\":[{\"templateid\":\"12\"},{\"templateid\":\"13\"}],\"templates_clear\":[{\"templateid\":\"11\"}]"
	 "}",
	 false},
	{"or only unlinked",
	 7000,
	 false,
	 {.templates = {templates_23, 2}},
	 BIT(ZYNC_ASPECT_TEMPLATES),
	 true,
	 "{\"hostid\":\"20\",\"templates\":[{\"templateid\":\"12\"},{\"templateid\":\"13\"}]}",
	 false},
	{"each by itself",
	 7000,
	 false,
	 {.templates = {templates_4, 1}},
	 BIT(ZYNC_ASPECT_TEMPLATES),
	 true,
	 "{\"hostid\":\"20\",\"templates\":[{\"templateid\":\"14\"}],\"templates_clear\":[{\"templateid\":\"12\"}]}",
	 false},
	{"nothing to clear",
	 7000,
	 false,
	 {.templates = {templates_12, 2}},
	 BIT(ZYNC_ASPECT_TEMPLATES),
	 false,
	 "{\"hostid\":\"20\",\"templates\":[{\"templateid\":\"11\"},{\"templateid\":\"12\"}]}",
	 false},
	{"unknown template",
	 7000,
	 false,
	 {.templates = {template_0, 1}},
	 BIT(ZYNC_ASPECT_TEMPLATES),
	 false,
	 "template \"t0\" does not exist",
	 true},
	{"an interface in place",
	 7000,
	 false,
	 {.interfaces = {agent, 1}},
	 BIT(ZYNC_ASPECT_INTERFACES),
	 false,
	 "{\"hostid\":\"20\",\"interfaces\":[{\"interfaceid\":\"30\",\"type\":1,\"main\":1,\"useip\":1,\"ip\":\"10.0.0.1\",\"dns\":\"\","
	 "\"port\":\"10050\"}]}",
	 false},
	{"SNMP 2c on 7.0",
	 7000,
	 false,
	 {.interfaces = {snmp2, 1}},
	 BIT(ZYNC_ASPECT_INTERFACES),
	 false,
	 "{\"hostid\":\"20\",\"interfaces\":[{\"type\":2,\"main\":1,\"useip\":0,\"ip\":\"\",\"dns\":\"n\",\"port\":\"161\",\"details\":{"
	 "\"version\":2,\"bulk\":1,"
	 "\"max_repetitions\":20,\"community\":\"{$C}\"}}]}",
	 false},
	{"6.0 has no max_repetitions",
	 6000,
	 false,
	 {.interfaces = {snmp2, 1}},
	 BIT(ZYNC_ASPECT_INTERFACES),
	 false,
	 "{\"hostid\":\"20\",\"interfaces\":[{\"type\":2,\"main\":1,\"useip\":0,\"ip\":\"\",\"dns\":\"n\",\"port\":\"161\",\"details\":{"
	 "\"version\":2,\"bulk\":1,"
	 "\"community\":\"{$C}\"}}]}",
	 false},
	{"nor has SNMP 1",
	 7000,
	 false,
	 {.interfaces = {snmp1, 1}},
	 BIT(ZYNC_ASPECT_INTERFACES),
	 false,
	 "{\"hostid\":\"20\",\"interfaces\":[{\"type\":2,\"main\":0,\"useip\":0,\"ip\":\"\",\"dns\":\"n\",\"port\":\"161\",\"details\":{"
	 "\"version\":1,\"bulk\":0,"
	 "\"community\":\"x\"}}]}",
	 false},
	{"pass phrases that are not known here but in Zabbix",
	 7000,
	 false,
	 {.interfaces = {snmp3_same, 1}},
	 BIT(ZYNC_ASPECT_INTERFACES),
	 false,
	 "{\"hostid\":\"20\",\"interfaces\":[{\"interfaceid\":\"31\",\"type\":2,\"main\":0,\"useip\":0,\"ip\":\"\",\"dns\":\"\",\"port\":"
	 "\"\",\"details\":{\"version\":3,"
	 "\"bulk\":0,\"contextname\":\"\",\"securityname\":\"u2\",\"securitylevel\":2,\"authprotocol\":0,\"authpassphrase\":\"aaaaaaaa\","
	 "\"privprotocol\":0,"
	 "\"privpassphrase\":\"pppppppp\"}}]}",
	 false},
	{"a pass phrase that nobody knows",
	 7000,
	 false,
	 {.interfaces = {snmp3_other, 1}},
	 BIT(ZYNC_ASPECT_INTERFACES),
	 false,
	 "the authpassphrase of an SNMP interface is not known here",
	 true},
	{"macros with the mark in place",
	 7000,
	 false,
	 {.macros = {macros_new, 2}, .owner = "nb:device:1"},
	 BIT(ZYNC_ASPECT_MACROS),
	 false,
	 "{\"hostid\":\"20\",\"macros\":[{\"hostmacroid\":\"40\",\"macro\":\"{$ZYNC.OWNER}\",\"value\":\"nb:device:1\",\"type\":"
	 "0," MARK_DESCRIPTION "},"
	 "{\"macro\":\"{$A}\",\"type\":0,\"description\":\"d\",\"value\":\"1\"},{\"macro\":\"{$S}\",\"type\":1,\"description\":\"\","
	 "\"value\":\"geheim\"}]}",
	 false},
	{"a mark is never lost in passing, a secret keeps its value",
	 7000,
	 false,
	 {.macros = {macros_kept, 1}},
	 BIT(ZYNC_ASPECT_MACROS),
	 false,
	 "{\"hostid\":\"20\",\"macros\":[{\"hostmacroid\":\"40\"},{\"hostmacroid\":\"41\",\"macro\":\"{$S}\",\"type\":1,\"description\":"
	 "\"\"}]}",
	 false},
	{"a secret that is not known",
	 7000,
	 false,
	 {.macros = {macros_unknown, 1}},
	 BIT(ZYNC_ASPECT_MACROS),
	 false,
	 "the value of the secret macro {$S} is not known here: run `zync pull`",
	 true},
	{"the mark at creation",
	 7000,
	 true,
	 {.host = "h", .owner = "nb:vm:2", .inventory_mode = ZYNC_INVENTORY_DISABLED},
	 0,
	 false,
	 "{\"host\":\"h\",\"name\":\"h\",\"status\":0,\"description\":\"\",\"groups\":[],\"templates\":[],\"interfaces\":[],\"monitored_"
	 "by\":0,\"tags\":[],"
	 "\"macros\":[{\"macro\":\"{$ZYNC.OWNER}\",\"value\":\"nb:vm:2\",\"type\":0," MARK_DESCRIPTION "}],\"inventory_mode\":-1}",
	 false},
	{"inventory: what differs, and what goes",
	 7000,
	 false,
	 {.inventory = {inventory_new, 2}},
	 BIT(ZYNC_ASPECT_INVENTORY),
	 false,
	 "{\"hostid\":\"20\",\"inventory_mode\":0,\"inventory\":{\"location\":\"R2\",\"name\":\"n\",\"type\":\"\"}}",
	 false},
	{"inventory off",
	 7000,
	 false,
	 {.inventory_mode = ZYNC_INVENTORY_DISABLED},
	 BIT(ZYNC_ASPECT_INVENTORY),
	 false,
	 "{\"hostid\":\"20\",\"inventory_mode\":-1}",
	 false},
	{"only the mode",
	 7000,
	 false,
	 {.inventory_mode = ZYNC_INVENTORY_AUTOMATIC, .inventory = {inventory_old, 2}},
	 BIT(ZYNC_ASPECT_INVENTORY),
	 false,
	 "{\"hostid\":\"20\",\"inventory_mode\":1}",
	 false},
	{"a text that is no text",
	 7000,
	 false,
	 {.description = "\xff"},
	 BIT(ZYNC_ASPECT_DESCRIPTION),
	 false,
	 "description is not valid UTF-8",
	 true},
};

static void test_encode(void **state)
{
	struct zync_arena *arena = zync_arena_new(0);

	(void)state;
	assert_non_null(arena);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(encodings); i++) {
		struct zync_zabbix_write w = {.kind = encodings[i].create ? ZYNC_ZABBIX_CREATE : ZYNC_ZABBIX_UPDATE,
					      .hostid = 20,
					      .target = &encodings[i].target,
					      .actual = encodings[i].create ? NULL : &old,
					      .aspects = encodings[i].aspects,
					      .keep_items = encodings[i].keep_items ? &first_template : NULL};
		struct zync_err err = {.status = ZYNC_OK};
		const char *text = NULL;
		enum zync_status status = zync_zbx_encode_write(zync_zbx_dialect_find(encodings[i].version), &w, arena, &text, &err);

		if (encodings[i].refused) {
			assert_int_equal(status, ZYNC_ERR_REJECTED);
			expect_words(err.message, encodings[i].expect);
		} else if (status != ZYNC_OK || !zync_str_eq(text, encodings[i].expect)) {
			fail_msg("%s: %s%s\ninstead of %s", encodings[i].what, text ? text : "", err.message, encodings[i].expect);
		}
	}
	zync_arena_free(arena);
}

/* An inventory that was off gets every field. */
static void test_encode_inventory_on(void **state)
{
	struct zync_host target = {.inventory = {inventory_old, 2}};
	struct zync_zabbix_write w = {
		.kind = ZYNC_ZABBIX_UPDATE, .hostid = 20, .target = &target, .actual = &minimal, .aspects = BIT(ZYNC_ASPECT_INVENTORY)};
	struct zync_arena *arena = zync_arena_new(0);
	const char *text = NULL;

	(void)state;
	OK(zync_zbx_encode_write(zync_zbx_dialect_find(7000), &w, arena, &text, ok_err));
	assert_string_equal(text, "{\"hostid\":\"20\",\"inventory_mode\":0,\"inventory\":{\"location\":\"R1\",\"type\":\"router\"}}");
	zync_arena_free(arena);
}

/* Zabbix repeats refused values: a secret in them never leaves. */
static void test_scrub(void **state)
{
	struct zync_host host = {.macros = {macros_new, 2}, .interfaces = {snmp3_known, 1}};
	struct zync_host reference = {.interfaces = {snmp2, 1}};
	struct zync_err err;

	(void)state;
	(void)zync_err_set(&err, ZYNC_ERR_REJECTED, "Value \"geheimgeheim\" is too long, aaaaaaaa and pppppppp, too");
	zync_zbx_scrub(&err, &host);
	assert_string_equal(err.message, "Value \"******\" is too long, *** and ***, too");
	(void)zync_err_set(&err, ZYNC_ERR_REJECTED, "Community {$C} is odd");
	zync_zbx_scrub(&err, &reference);
	assert_string_equal(err.message, "Community {$C} is odd");
}

const struct CMUnitTest codec_tests[] = {
	cmocka_unit_test(test_decode_70), cmocka_unit_test(test_decode_60_pages), cmocka_unit_test(test_decode_wrong),
	cmocka_unit_test(test_find),	  cmocka_unit_test(test_encode),	  cmocka_unit_test(test_encode_inventory_on),
	cmocka_unit_test(test_scrub),
};
const size_t codec_tests_len = ZYNC_ARRAY_LEN(codec_tests);
