/* SPDX-License-Identifier: Apache-2.0 */
/* What NetBox itself holds for one object: every key of the config context, custom fields, and which of them wins. */
#include "rules_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* The mapping's own texts beside per_host, and the object around the config context. */
static const char mapping[] = "  - set: {host_groups: [G], templates: [Own], per_host: {%s}}\n";
const char *const test_context_device =
	"{\"type\":\"device\",\"id\":17,\"name\":\"sw1\",\"status\":{\"value\":\"active\"},\"owner\":{\"id\":1,\"name\":\"Network Team\"},"
	"\"site\":{\"name\":\"B\",\"custom_fields\":{\"px\":\"site-proxy\",\"pxg\":null,\"both\":\"site-group\",\"level\":\"of the "
	"site\"}},"
	"\"device_type\":{\"model\":\"C9300\",\"custom_fields\":{\"zabbix_template\":\"From type\",\"sel\":{\"value\":\"Sel\",\"label\":"
	"\"Selected\"},\"multi\":[\"M1\",{\"value\":\"M2\",\"label\":\"Two\"},{\"id\":5,\"name\":\"M3\",\"display\":\"D\"}],\"number\":5,"
	"\"empty\":\"\",\"unset\":null}},"
	"\"primary_ip\":{\"address\":\"2001:db8::5/64\",\"dns_name\":\"six.example.net\"},"
	"\"primary_ip4\":{\"address\":\"10.0.0.5/24\",\"dns_name\":\"\"},"
	"\"primary_ip6\":{\"address\":\"2001:db8::5/64\",\"dns_name\":\"six.example.net\"},"
	"\"oob_ip\":{\"address\":\"192.0.2.5/32\",\"dns_name\":\"oob.example.net\"},"
	"\"custom_fields\":{\"own\":{\"id\":3,\"url\":\"x\",\"display\":\"PX "
	"1\",\"name\":\"px1\"},\"text\":\"plain\",\"sel\":{\"value\":\"gold\","
	"\"label\":\"Gold\"},\"list\":[\"one\"],\"two\":[\"one\",\"two\"],\"number\":5,\"yes\":true,\"unset\":null,\"empty\":\"\","
	"\"level\":\"of the device\"},"
	"\"config_context\":%s}";
const char *const test_context_vm =
	"{\"type\":\"vm\",\"id\":5,\"name\":\"vm1\",\"status\":{\"value\":\"active\"},\"owner\":null,\"site\":null,"
	"\"primary_ip\":{\"address\":\"10.0.0.6/24\",\"dns_name\":\"vm1.example.net\"},"
	"\"primary_ip4\":{\"address\":\"10.0.0.6/24\",\"dns_name\":\"vm1.example.net\"},\"primary_ip6\":null,"
	"\"custom_fields\":{},\"config_context\":%s}";

void world_derive_context(struct world *w, const char *object, const char *context, bool explain)
{
	struct zync_buf text;

	zync_buf_init(&text, 1u << 24);
	zync_buf_add(&text, object, (size_t)(strstr(object, "%s") - object));
	zync_buf_adds(&text, context);
	zync_buf_adds(&text, strstr(object, "%s") + 2);
	assert_int_equal(text.failed, ZYNC_OK);
	world_derive(w, text.data, explain);
	zync_buf_done(&text);
}

/* The same with the members of the key `zabbix`. */
void world_derive_zabbix(struct world *w, const char *object, const char *members, bool explain)
{
	char *context = zync_arena_printf(w->arena, "{\"zabbix\":{%s}}", members);

	assert_non_null(context);
	world_derive_context(w, object, context, explain);
}

static void per_host_rules(struct world *w, const char *keys)
{
	char *text = zync_arena_printf(w->arena, mapping, keys);

	assert_non_null(text);
	world_rules(w, text);
}

static const struct {
	const char *keys;    /* of per_host */
	const char *members; /* of config_context.zabbix */
	const char *device, *vm;
} values[] = {
	/* templates */
	{"", "\"templates\":\"A\"", "templates=A,Own;", "templates=A,Own;"},
	{"", "\"templates\":[\"B\",\"A\",\"\",null,\"B\"]", "templates=A,B,Own;", "templates=A,B,Own;"},
	{"", "", "templates=From type,Own;", "templates=Own;"},
	{"", "\"templates\":null", "templates=From type,Own;", "templates=Own;"},
	{"", "\"templates\":[]", "templates=From type,Own;", "templates=Own;"},
	{"templates_from: context", "", "templates=Own;", "templates=Own;"},
	{"templates_from: custom_field", "\"templates\":\"A\"", "templates=From type,Own;", "templates=A,Own;"},
	{"templates_from: both", "\"templates\":\"A\"", "templates=A,From type,Own;", "templates=A,Own;"},
	{"template_field: sel", "", "templates=Own,Sel;", "templates=Own;"},
	{"template_field: multi", "", "templates=M1,M2,M3,Own;", "templates=Own;"},
	{"template_field: empty", "", "templates=Own;", "templates=Own;"},
	{"template_field: unset", "", "templates=Own;", "templates=Own;"},
	{"template_field: nowhere", "", "templates=Own;", "templates=Own;"},
	{"parts: [tags]", "\"templates\":17,\"tags\":{\"a\":\"b\"}", "templates=Own; by=0 proxy=- proxy_group=-; tags=a:b;", "tags=a:b;"},
	/* proxy and proxy group */
	{"", "\"proxy\":\"p1\"", "by=1 proxy=p1 proxy_group=-;", "by=1 proxy=p1 "},
	{"", "\"proxy\":\"p1\",\"proxy_group\":\"g1\"", "by=2 proxy=- proxy_group=g1;", "by=2 proxy=- proxy_group=g1;"},
	{"", "\"proxy\":\"\",\"proxy_group\":null", "by=0 ", "by=0 "},
	{"", "\"proxy\":false", "by=0 ", "by=0 "},
	{"proxy_field: own", "\"proxy\":\"p1\"", "by=1 proxy=px1 ", "by=1 proxy=p1 "},
	{"proxy_field: text", "\"proxy\":\"p1\"", "proxy=plain ", "proxy=p1 "},
	{"proxy_field: sel", "\"proxy\":\"p1\"", "proxy=gold ", "proxy=p1 "},
	{"proxy_field: list", "\"proxy\":\"p1\"", "proxy=one ", "proxy=p1 "},
	{"proxy_field: px", "\"proxy\":\"p1\"", "proxy=site-proxy ", "proxy=p1 "},
	{"proxy_field: level", "\"proxy\":\"p1\"", "proxy=of the device ", "proxy=p1 "},
	{"proxy_field: unset", "\"proxy\":\"p1\"", "proxy=p1 ", "proxy=p1 "},
	{"proxy_field: empty", "\"proxy\":\"p1\"", "proxy=p1 ", "proxy=p1 "},
	{"proxy_field: text, proxy_group_field: both", "\"proxy_group\":\"g1\"", "by=2 proxy=- proxy_group=site-group;", "proxy_group=g1;"},
	{"proxy_field: text, proxy_group_field: pxg", "\"proxy_group\":\"g1\"", "by=2 proxy=- proxy_group=g1;", "proxy_group=g1;"},
	{"proxy_field: text, proxy_group_field: pxg", "", "by=1 proxy=plain ", "by=0 "},
	/* the interface and its defaults */
	{"", "", " if[type=2 main=1 useip=1 ip=2001:db8::5 dns= port=161 v=2 bulk=1 rep=0 comm={$SNMP_COMMUNITY} ",
	 " if[type=1 main=1 useip=1 ip=10.0.0.6 dns= port=10050] by"},
	{"", "\"interface_port\":9,\"snmp\":{\"version\":3}", "port=161 v=2 ", "port=10050]"},
	{"default_interface: \"false\"", "\"interface_port\":9", "Own; by=0", "Own; by=0"},
	{"", "\"interface_type\":1", "if[type=1 main=1 useip=1 ip=2001:db8::5 dns= port=10050]", "if[type=1 "},
	{"", "\"interface_type\":\"AGENT\",\"interface_port\":\"10060\"", "if[type=1 main=1 useip=1 ip=2001:db8::5 dns= port=10060]",
	 "port=10060]"},
	{"", "\"interface_type\":3", "type=3 main=1 useip=1 ip=2001:db8::5 dns= port=623]", "type=3 "},
	{"", "\"interface_type\":\"jmx\",\"interface_port\":\"{$JMX}\"", "type=4 main=1 useip=1 ip=2001:db8::5 dns= port={$JMX}]",
	 "type=4 "},
	{"", "\"interface_type\":4.0", "port=12345]", "port=12345]"},
	/* SNMP */
	{"", "\"interface_type\":2,\"snmp\":{\"version\":2}",
	 "type=2 main=1 useip=1 ip=2001:db8::5 dns= port=161 v=2 bulk=1 rep=0 "
	 "comm={$SNMP_COMMUNITY} ctx= user= level=0",
	 "type=2 "},
	{"",
	 "\"interface_type\":\"2\",\"interface_port\":1161,\"snmp\":{\"version\":\"1\",\"bulk\":0,\"community\":\"pub\",\"max_"
	 "repetitions\":7}",
	 "port=1161 v=1 bulk=0 rep=0 comm=pub ", "v=1 "},
	{"",
	 "\"interface_type\":\"snmp\",\"snmp\":{\"version\":\"2c\",\"bulk\":false,\"community\":12345,\"max_repetitions\":25,"
	 "\"securityname\":\"u\"}",
	 "v=2 bulk=0 rep=25 comm=12345 ctx= user= level=0", "v=2 "},
	{"",
	 "\"interface_type\":2,\"snmp\":{\"version\":3,\"securityname\":\"zbx\",\"securitylevel\":2,\"authprotocol\":3,\"authpassphrase\":"
	 "\"{$A}\","
	 "\"privprotocol\":\"aes256c\",\"privpassphrase\":\"secret-p\",\"contextname\":\"vlan\",\"bulk\":\"1\",\"community\":\"x\"}",
	 "v=3 bulk=1 rep=0 comm= ctx=vlan user=zbx level=2 auth=3:{$A} priv=5:secret-p]", "v=3 "},
	{"",
	 "\"interface_type\":2,\"snmp\":{\"version\":3,\"securitylevel\":\"authNoPriv\",\"authpassphrase\":\"a\",\"privpassphrase\":\"b\"}",
	 "level=1 auth=0:a priv=0:]", "level=1 auth=0:a priv=0:]"},
	{"", "\"interface_type\":2,\"snmp\":{\"version\":3}", "v=3 bulk=1 rep=0 comm= ctx= user= level=0 auth=0: priv=0:]", "level=0"},
	/* addresses */
	{"preferred_ip: ipv4", "", "useip=1 ip=10.0.0.5 dns= port=161", "useip=1 ip=10.0.0.6 dns= port=10050"},
	{"preferred_ip: ipv6", "", "useip=1 ip=2001:db8::5 dns=", "ip=10.0.0.6 "},
	{"prefer_dns: \"yes\"", "", "useip=0 ip=2001:db8::5 dns=six.example.net", "useip=0 ip=10.0.0.6 dns=vm1.example.net"},
	{"prefer_dns: \"yes\", preferred_ip: ipv4", "", "useip=1 ip=10.0.0.5 dns= ", "useip=0 "},
	{"", "\"interface_ip\":\"10.9.9.9/32\"", "useip=1 ip=10.9.9.9 dns=", "ip=10.9.9.9 "},
	{"", "\"interface_ip\":\"{$ADDRESS}\",\"interface_dns\":\"a.example.org\"", "useip=1 ip={$ADDRESS} dns=a.example.org ", "useip=1 "},
	{"prefer_dns: \"true\"", "\"interface_dns\":\"a.example.org\"", "useip=0 ip=2001:db8::5 dns=a.example.org ", "useip=0 "},
	{"", "\"interface_ip\":\"\",\"interface_dns\":null", "ip=2001:db8::5 dns=", "ip=10.0.0.6 "},
	/* out of band */
	{"oob: \"true\"", "",
	 "port=161 v=2 bulk=1 rep=0 comm={$SNMP_COMMUNITY} ctx= user= level=0 auth=0: priv=0:] if[type=3 main=1 useip=1 "
	 "ip=192.0.2.5 dns= port=623] by",
	 "port=10050] by"},
	{"oob: \"true\"", "\"interface_type\":1",
	 "port=10050] if[type=2 main=1 useip=1 ip=192.0.2.5 dns= port=161 v=2 bulk=1 rep=0 "
	 "comm={$SNMP_COMMUNITY} ",
	 "port=10050] by"},
	{"oob: \"true\"", "\"oob_interface_type\":\"ipmi\",\"oob_interface_port\":1623",
	 "if[type=3 main=1 useip=1 ip=192.0.2.5 dns= port=1623]", "port=10050] by"},
	{"oob: \"true\", prefer_dns: \"on\"", "\"oob_interface_type\":1,\"oob_interface_ip\":\"192.0.2.9\"",
	 "if[type=1 main=1 useip=0 ip=192.0.2.9 dns=oob.example.net port=10050]",
	 "if[type=1 main=1 useip=0 ip=10.0.0.6 dns=vm1.example.net port=10050] if[type=1 main=0 useip=1 ip=192.0.2.9 dns= port=10050]"},
	{"oob: \"true\"", "\"oob_interface_type\":3,\"oob_interface_dns\":\"bmc.example.org\"",
	 "ip=192.0.2.5 dns=bmc.example.org port=623]", "if[type=3 main=1 useip=0 ip= dns=bmc.example.org port=623]"},
	{"oob: \"true\"",
	 "\"interface_type\":2,\"oob_interface_type\":2,\"oob_interface_port\":162,\"snmp\":{\"version\":1,\"community\":\"c\"}",
	 "main=1 useip=1 ip=2001:db8::5 dns= port=161 v=1 bulk=1 rep=0 comm=c ", "port=161 v=1 "},
	{"oob: \"true\"", "\"oob_interface_port\":99", "type=3 main=1 useip=1 ip=192.0.2.5 dns= port=623]", "by=0"},
	{"", "\"oob_interface_type\":\"nonsense\",\"oob_interface_ip\":17", "auth=0: priv=0:] by", "port=10050] by"},
	{"oob: \"true\", default_interface: \"off\"", "", "Own; if[type=2 main=1 useip=1 ip=192.0.2.5 ", "Own; by"},
	/* tags */
	{"", "\"tags\":[{\"b\":\"2\"},{\"a\":\"1\",\"c\":3},null,{}]", "tags=a:1,b:2,c:3;", "tags=a:1,b:2,c:3;"},
	{"", "\"tags\":{\"b\":\"2\",\"a\":true,\"r\":1.5,\"no\":false}", "tags=a:true,b:2,no:false,r:1.5;", "tags=a:true"},
	{"", "\"tags\":[{\"a\":\"\"},{\"b\":null},{\"\":\"x\"},{\"c\":\"d\"},{\"c\":\"d\"},{\"c\":\"e\"}]", "tags=c:d,c:e;",
	 "tags=c:d,c:e;"},
	{"", "\"tags\":null", "tags=;", "tags=;"},
	{"parts: [macros]", "\"tags\":{\"a\":\"b\"}", "tags=;", "tags=;"},
	/* macros */
	{"", "\"usermacros\":{\"{$B}\":\"v\",\"{$A:regex:\\\"x\\\"}\":5,\"{$C}\":true,\"{$D}\":2.50,\"{$E}\":false}",
	 "macros={$A:regex:\"x\"}:5(0),{$B}:v(0),{$C}:true(0),{$D}:2.5(0),{$E}:false(0);", "{$B}:v(0)"},
	{"",
	 "\"usermacros\":{\"{$S}\":{\"type\":\"SECRET\",\"value\":\"s\",\"description\":\"d\"},\"{$V}\":{\"type\":\"vault\",\"value\":\"a:"
	 "b\"},"
	 "\"{$N}\":{\"value\":17,\"type\":1}}",
	 "macros={$N}:17(1),{$S}:s(1)d,{$V}:a:b(2);", "{$V}:a:b(2)"},
	{"",
	 "\"usermacros\":{\"{$A}\":\"\",\"{$B}\":null,\"{$C}\":{\"type\":\"text\"},\"{$D}\":{\"value\":null},\"{$E}\":{\"value\":\"\"}}",
	 "macros={$E}:(0);", "macros={$E}:(0);"},
	{"", "\"usermacros\":null", "macros=;", "macros=;"},
	/* description */
	{"", "\"description\":\"By {owner}, {datetime}, {owner}{x}\"", "description=By Network Team, {datetime}, Network Team{x};",
	 "description=By , {datetime}, {x};"},
	{"", "\"description\":\"\"", "description=;", "description=;"},
	{"", "\"description\":null", "description=;", "description=;"},
	/* the key of the config context */
	{"context: \"\"", "\"templates\":7,\"proxy\":[]", "templates=From type,Own;", "templates=Own;"},
	{"context: other", "\"templates\":\"A\"", "templates=From type,Own;", "templates=Own;"},
};

static void test_values(void **state)
{
	struct world w;

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(values); i++) {
		world_init(&w);
		per_host_rules(&w, values[i].keys);
		for (unsigned kind = 0; kind < 2; kind++) {
			world_derive_zabbix(&w, kind == 0 ? test_context_device : test_context_vm, values[i].members,
					    /* explain= */ i % 2 == 0);
			if (w.result.verdict != ZYNC_VERDICT_MONITORED)
				fail_msg("per_host {%s} of {%s}: %s", values[i].keys, values[i].members, w.result.reason);
			assert_contains(values[i].members, world_host(&w), kind == 0 ? values[i].device : values[i].vm);
		}
		world_done(&w);
	}
}

/* No config context at all, or nothing in it. */
static void test_no_context(void **state)
{
	static const char *const contexts[] = {"null", "{}", "{\"other\":1}", "{\"zabbix\":null}", "{\"zabbix\":{}}", "{\"zabbix\":false}"};
	struct world w;

	(void)state;
	world_init(&w);
	per_host_rules(&w, "");
	assert_true(zync_rules_need_config_context(w.rules));
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(contexts); i++) {
		world_derive_context(&w, test_context_device, contexts[i], /* explain= */ true);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
		assert_contains(contexts[i], world_host(&w), "templates=From type,Own; if[type=2 ");
	}
	per_host_rules(&w, "context: \"\"");
	assert_false(zync_rules_need_config_context(w.rules));
	world_done(&w);
}

static void test_ipmi(void **state)
{
	static const struct {
		const char *members;
		int authtype;
		unsigned privilege;
	} cases[] = {
		{"", -1, 2},
		{",\"authtype\":\"default\",\"privilege\":\"callback\"", -1, 1},
		{",\"authtype\":\"none\",\"privilege\":\"user\"", 0, 2},
		{",\"authtype\":\"MD2\",\"privilege\":\"Operator\"", 1, 3},
		{",\"authtype\":\"md5\",\"privilege\":\"admin\"", 2, 4},
		{",\"authtype\":\"Straight\",\"privilege\":\"OEM\"", 4, 5},
		{",\"authtype\":\"OEM\",\"privilege\":\"oem\"", 5, 5},
		{",\"authtype\":\"oem\",\"privilege\":4", 5, 4},
		{",\"authtype\":\"rmcp+\",\"privilege\":\"5\"", 6, 5},
	};
	struct world w;

	(void)state;
	world_init(&w);
	per_host_rules(&w, "");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		world_derive_zabbix(
			&w, test_context_device,
			zync_arena_printf(w.arena, "\"ipmi\":{\"username\":\"adm\",\"password\":\"s3cr3t\"%s}", cases[i].members),
			/* explain= */ true);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
		assert_true((w.result.host.managed & ZYNC_ASPECT_BIT(ZYNC_ASPECT_IPMI)) != 0);
		assert_string_equal(w.result.host.ipmi.username, "adm");
		assert_string_equal(w.result.host.ipmi.password.plain, "s3cr3t");
		assert_int_equal(w.result.host.ipmi.authtype, cases[i].authtype);
		assert_int_equal(w.result.host.ipmi.privilege, cases[i].privilege);
		assert_contains("explain", world_origin(&w, "ipmi.password"), "*** < mapping 1@");
	}
	/* Others may have been set up by hand. */
	world_derive_zabbix(&w, test_context_device, "", /* explain= */ false);
	assert_int_equal(w.result.host.managed & ZYNC_ASPECT_BIT(ZYNC_ASPECT_IPMI), 0);
	world_done(&w);
}

/* The order of the mappings first; in one mapping NetBox's own values before its texts. */
static const struct {
	const char *mappings, *members, *part;
} precedence[] = {
	{"  - set: {host_groups: [G], templates: [Own], proxy: mine, description: mine, per_host: {}}\n",
	 "\"proxy\":\"ctx\",\"description\":\"ctx\",\"templates\":\"Ctx\"",
	 "description=ctx; groups=G; templates=Ctx,Own; if[type=2 main=1 useip=1 ip=2001:db8::5 dns= port=161 v=2 bulk=1 "
	 "rep=0 "
	 "comm={$SNMP_COMMUNITY} ctx= user= level=0 auth=0: priv=0:] by=1 proxy=ctx "},
	{"  - set: {host_groups: [G], templates: [Own], proxy: mine, description: mine, per_host: {}}\n", "", "description=mine; "},
	{"  - set: {host_groups: [G], templates: [Own], proxy: mine, description: mine, per_host: {}}\n", "", "by=1 proxy=mine "},
	{"  - set: {host_groups: [G], templates: [Own], proxy_group: mine, per_host: {}}\n", "\"proxy\":\"ctx\"",
	 "by=1 proxy=ctx proxy_group=-"},
	{"  - set: {host_groups: [G], templates: [Own], per_host: {}}\n  - set: {proxy: later, description: later}\n",
	 "\"proxy_group\":\"ctx\",\"description\":\"ctx\"", "by=1 proxy=later proxy_group=-"},
	{"  - set: {host_groups: [G], templates: [Own], per_host: {}}\n  - set: {proxy: later, description: later}\n",
	 "\"proxy_group\":\"ctx\",\"description\":\"ctx\"", "description=later; "},
	{"  - set: {host_groups: [G], templates: [Own], proxy: early}\n  - set: {per_host: {}}\n", "\"proxy\":\"ctx\"", "by=1 proxy=ctx "},
	{"  - set: {host_groups: [G], templates: [Own], proxy: early}\n  - set: {per_host: {}}\n", "", "by=1 proxy=early "},
	/* interfaces: the config context, the mapping's own, the default; the last mapping that gives any replaces those before */
	{"  - set: {host_groups: [G], templates: [Own], interfaces: [{type: jmx}], per_host: {}}\n", "\"interface_type\":1", " if[type=1 "},
	{"  - set: {host_groups: [G], templates: [Own], interfaces: [{type: jmx}], per_host: {}}\n", "", "Own; if[type=4 "},
	{"  - set: {host_groups: [G], templates: [Own], interfaces: [{type: jmx}]}\n  - set: {per_host: {}}\n", "", "Own; if[type=2 "},
	{"  - set: {host_groups: [G], templates: [Own], interfaces: [{type: jmx}]}\n  - set: {per_host: {default_interface: \"false\"}}\n",
	 "", "Own; if[type=4 "},
	{"  - set: {host_groups: [G], templates: [Own], per_host: {oob: \"true\"}}\n  - set: {interfaces: [{type: jmx}]}\n",
	 "\"interface_type\":1", "Own; if[type=4 main=1 useip=1 ip=2001:db8::5 dns=six.example.net port=12345] by"},
	{"  - set: {host_groups: [G], templates: [Own], interfaces: [{type: snmp}], per_host: {oob: \"true\"}}\n", "",
	 "] if[type=3 main=1 useip=1 ip=192.0.2.5 "},
	{"  - set: {host_groups: [G], templates: [Own], interfaces: [{type: ipmi, address: primary4}], per_host: {oob: \"true\"}}\n",
	 "\"oob_interface_type\":3", "if[type=3 main=1 useip=1 ip=10.0.0.5 dns= port=623] if[type=3 main=0 useip=1 ip=192.0.2.5 "},
	/* macros of one name: the config context before the mapping's own, a later mapping before it; tags add up */
	{"  - set: {host_groups: [G], templates: [Own], macros: {\"{$A}\": own, \"{$B}\": own}, tags: {t: own}, per_host: {}}\n"
	 "  - set: {macros: {\"{$B}\": later}}\n",
	 "\"usermacros\":{\"{$A}\":\"ctx\",\"{$B}\":\"ctx\"},\"tags\":[{\"t\":\"ctx\"}]",
	 "tags=t:ctx,t:own; macros={$A}:ctx(0),{$B}:later(0);"},
	{"  - set: {host_groups: [G], per_host: {}}\n  - set: {override: [templates, tags], templates: [Only]}\n",
	 "\"templates\":\"Ctx\",\"tags\":{\"a\":\"b\"}", "templates=Only; "},
	{"  - set: {host_groups: [G], per_host: {}}\n  - set: {remove_templates: [\"C*\"], remove_macros: [\"{$A*\"]}\n",
	 "\"templates\":[\"Ctx\",\"Own\"],\"usermacros\":{\"{$AB}\":\"x\"}", "templates=Own; "},
	/* two of them: each has its own key */
	{"  - set: {host_groups: [G], per_host: {context: other, default_interface: \"false\"}}\n  - set: {per_host: {}}\n",
	 "\"templates\":\"Ctx\"", "templates=Ctx,From type; "},
};

static void test_precedence(void **state)
{
	struct world w;

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(precedence); i++) {
		world_init(&w);
		world_rules(&w, precedence[i].mappings);
		world_derive_zabbix(&w, test_context_device, precedence[i].members, /* explain= */ i % 2 == 0);
		if (w.result.verdict != ZYNC_VERDICT_MONITORED)
			fail_msg("%s: %s", precedence[i].mappings, w.result.reason);
		assert_contains(precedence[i].mappings, world_host(&w), precedence[i].part);
		world_done(&w);
	}
}

/* IPMI counts as a whole: that of the config context, unless a later mapping speaks of it. */
static void test_ipmi_precedence(void **state)
{
	static const char early[] =
		"  - set: {host_groups: [G], templates: [Own], ipmi: {username: own, privilege: admin}, per_host: {}}\n";
	static const char late[] = "  - set: {host_groups: [G], templates: [Own], per_host: {}}\n"
				   "  - set: {ipmi: {username: later, password: p}}\n";
	static const char ipmi[] = "\"ipmi\":{\"username\":\"ctx\",\"password\":\"pw\"}";
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, early);
	world_derive_zabbix(&w, test_context_device, ipmi, /* explain= */ false);
	assert_string_equal(w.result.host.ipmi.username, "ctx");
	assert_int_equal(w.result.host.ipmi.privilege, 2);
	world_derive_zabbix(&w, test_context_device, "", /* explain= */ false);
	assert_string_equal(w.result.host.ipmi.username, "own");
	assert_int_equal(w.result.host.ipmi.privilege, 4);
	world_rules(&w, late);
	world_derive_zabbix(&w, test_context_device, ipmi, /* explain= */ false);
	assert_string_equal(w.result.host.ipmi.username, "later");
	world_done(&w);
}

static const struct zync_rules_origin *origin_of(const struct world *w, const char *field)
{
	for (size_t i = 0; i < w->result.origin_count; i++)
		if (strcmp(w->result.origins[i].field, field) == 0)
			return &w->result.origins[i];
	fail_msg("no line of explain for %s", field);
	return NULL;
}

static void test_notes(void **state)
{
	static const char members[] = "\"templates\":\"A\",\"proxy_group\":\"g\",\"interface_type\":2,\"interface_port\":1161,\"interface_"
				      "dns\":\"a.b\",\"snmp\":{\"version\":2,"
				      "\"community\":\"s3cr3t\"},\"tags\":[{\"a\":\"1\"},{\"b\":\"\"}],\"usermacros\":{\"{$A}\":\"1\",\"{$"
				      "B}\":\"\"},\"description\":\"D\","
				      "\"ipmi\":{\"username\":\"u\",\"password\":\"{$PW}\"},\"oob_interface_type\":3";
	static const struct {
		const char *field, *value, *note;
	} lines[] = {
		{"templates[A]", "A", "from config_context.zabbix.templates"},
		{"templates[From type]", "From type", "from custom field \"zabbix_template\" of the device type"},
		{"proxy_group", "g", "from config_context.zabbix.proxy_group"},
		{"interfaces[snmp].ip", "10.0.0.5", "from primary_ip4"},
		{"interfaces[snmp].dns", "a.b", "from config_context.zabbix.interface_dns"},
		{"interfaces[snmp].port", "1161", "from config_context.zabbix.interface_port"},
		{"interfaces[snmp].community", "***", "from config_context.zabbix.snmp"},
		{"interfaces[ipmi].ip", "192.0.2.5", "from oob_ip"},
		{"interfaces[ipmi].port", "623", "from config_context.zabbix.oob_interface_type"},
		{"tags[a]", "1", "from config_context.zabbix.tags"},
		{"tags[b]", NULL, "left out: config_context.zabbix.tags[b]: the value is empty"},
		{"macros[{$A}].value", "1", "from config_context.zabbix.usermacros"},
		{"macros[{$B}].value", NULL, "left out: config_context.zabbix.usermacros[{$B}]: the value is empty"},
		{"description", "D", "from config_context.zabbix.description"},
		{"ipmi.username", "u", "from config_context.zabbix.ipmi"},
		{"ipmi.password", "{$PW}", "from config_context.zabbix.ipmi"},
	};
	struct world w;

	(void)state;
	world_init(&w);
	per_host_rules(&w, "templates_from: both, oob: \"true\", preferred_ip: ipv4, proxy_field: px");
	world_derive_zabbix(&w, test_context_device, members, /* explain= */ true);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(lines); i++) {
		const struct zync_rules_origin *o = origin_of(&w, lines[i].field);

		if (lines[i].value == NULL)
			assert_null(o->value);
		else
			assert_string_equal(o->value, lines[i].value);
		assert_non_null(o->note);
		assert_string_equal(o->note, lines[i].note);
	}
	world_derive_zabbix(&w, test_context_device, "", /* explain= */ true);
	assert_string_equal(origin_of(&w, "proxy")->note, "from custom field \"px\" of the site");
	assert_string_equal(origin_of(&w, "interfaces[snmp].port")->note, "default of per_host for devices");
	world_done(&w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_values),	   cmocka_unit_test(test_no_context),	   cmocka_unit_test(test_ipmi),
	cmocka_unit_test(test_precedence), cmocka_unit_test(test_ipmi_precedence), cmocka_unit_test(test_notes),
};
const struct test_group group_per_host = {tests, ZYNC_ARRAY_LEN(tests)};
