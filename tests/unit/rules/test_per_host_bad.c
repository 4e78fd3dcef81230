/* SPDX-License-Identifier: Apache-2.0 */
/* Config contexts that are wrong: the host fails, and the reason names the place and no secret. */
#include "rules_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const char rules[] =
	"  - set: {host_groups: [G], templates: [Own], per_host: {oob: \"true\", proxy_field: unset, template_field: number}}\n";

static const struct {
	const char *members, *reason;
} wrong[] = {
	{"\"templates\":17", "config_context.zabbix.templates: it must be the name of a template or a list of names, and holds a number"},
	{"\"templates\":[\"A\",{}]",
	 "config_context.zabbix.templates: it must be the name of a template or a list of names, and holds an object"},
	{"\"templates\":[[\"A\"]]", "and holds a list"},
	{"\"templates\":true", "and holds true or false"},
	{"\"template\":\"A\"",
	 "config_context.zabbix.template: there is no such key; did you mean \"templates\"? Rename it in the config context"},
	{"\"Templates\":\"A\"", "did you mean \"templates\"?"},
	{"\"templates\":\"A\",\"proxy\":5", "config_context.zabbix.proxy: it must be a text, not a number; put it in quotation marks"},
	{"\"templates\":\"A\",\"proxy_group\":[\"g\"]", "config_context.zabbix.proxy_group: it must be a text, not a list"},
	{"\"templates\":\"A\",\"proxygroup\":\"g\"",
	 "config_context.zabbix.proxygroup: there is no such key; did you mean \"proxy_group\"?"},
	/* the interface */
	{"\"templates\":\"A\",\"interface_type\":5",
	 "config_context.zabbix.interface_type: \"5\" is none of agent, snmp, ipmi, jmx; correct it"},
	{"\"templates\":\"A\",\"interface_type\":0", "config_context.zabbix.interface_type: \"0\" is none of"},
	{"\"templates\":\"A\",\"interface_type\":\"ssh\"", "config_context.zabbix.interface_type: \"ssh\" is none of"},
	{"\"templates\":\"A\",\"interface_type\":[2]", "config_context.zabbix.interface_type: it must be a text or a number, not a list"},
	{"\"templates\":\"A\",\"interface_type\":true", "config_context.zabbix.interface_type: \"true\" is none of"},
	{"\"templates\":\"A\",\"interface_tpye\":2",
	 "config_context.zabbix.interface_tpye: there is no such key; did you mean \"interface_type\"?"},
	{"\"templates\":\"A\",\"interface_type\":1,\"interface_port\":70000",
	 "config_context.zabbix.interface_port: \"70000\": it is no port number (1 to 65535) or user macro"},
	{"\"templates\":\"A\",\"interface_type\":1,\"interface_port\":0", "config_context.zabbix.interface_port: \"0\": it is no port"},
	{"\"templates\":\"A\",\"interface_type\":1,\"interface_port\":-1", "config_context.zabbix.interface_port: \"-1\": it is no port"},
	{"\"templates\":\"A\",\"interface_type\":1,\"interface_port\":{}",
	 "config_context.zabbix.interface_port: it must be a text or a number, not an object"},
	{"\"templates\":\"A\",\"interface_ip\":\"sw1.example.net\"",
	 "config_context.zabbix.interface_ip: \"sw1.example.net\": it is no IPv4 or IPv6 address; a name goes into interface_dns"},
	{"\"templates\":\"A\",\"interface_ip\":10", "config_context.zabbix.interface_ip: it must be a text, not a number"},
	{"\"templates\":\"A\",\"interface_dns\":\"a b\"", "config_context.zabbix.interface_dns: \"a b\": it is no DNS name or user macro"},
	{"\"templates\":\"A\",\"interface_dns\":[]", "config_context.zabbix.interface_dns: it must be a text, not a list"},
	{"\"templates\":\"A\",\"oob_interface_type\":\"x\"", "config_context.zabbix.oob_interface_type: \"x\" is none of"},
	{"\"templates\":\"A\",\"oob_interface_type\":3,\"oob_interface_port\":\"x\"",
	 "config_context.zabbix.oob_interface_port: \"x\": it is no port"},
	{"\"templates\":\"A\",\"oob_interface_ip\":\"x\"", "config_context.zabbix.oob_interface_ip: \"x\": it is no IPv4 or IPv6 address"},
	{"\"templates\":\"A\",\"oob_interface_dns\":5", "config_context.zabbix.oob_interface_dns: it must be a text, not a number"},
	/* SNMP */
	{"\"templates\":\"A\",\"interface_type\":2",
	 "config_context.zabbix.snmp: it is missing, and interfaces of type snmp need it; add {\"version\": 2}"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":\"public\"", "config_context.zabbix.snmp: it must be an object, not a text"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{}", "config_context.zabbix.snmp.version: it is missing; set it to 1, 2 or 3"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":null}", "config_context.zabbix.snmp.version: it is missing"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":4}",
	 "config_context.zabbix.snmp.version: \"4\" is none of 1, 2, 3"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":[]}",
	 "config_context.zabbix.snmp.version: it must be a text or a number"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"verison\":2}",
	 "config_context.zabbix.snmp.verison: there is no such key; did you mean \"version\"?"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":2,\"bulk\":2}",
	 "config_context.zabbix.snmp.bulk: \"2\" is none of true, false"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":2,\"max_repetitions\":0}",
	 "config_context.zabbix.snmp.max_repetitions: \"0\" is no number from 1"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":2,\"community\":\"\"}",
	 "config_context.zabbix.snmp.community: it is empty"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":2,\"community\":[\"s3cr3t\"]}",
	 "config_context.zabbix.snmp.community: it must be a text, not a list"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":3,\"securitylevel\":3}",
	 "config_context.zabbix.snmp.securitylevel: \"3\" is none of noAuthNoPriv, authNoPriv, authPriv"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":3,\"securitylevel\":1}",
	 "config_context.zabbix.snmp.authpassphrase: it is missing or empty, and securitylevel authNoPriv needs it; best name a user macro "
	 "there"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":3,\"securitylevel\":2,\"authpassphrase\":\"s3cr3t\","
	 "\"privpassphrase\":\"\"}",
	 "config_context.zabbix.snmp.privpassphrase: it is missing or empty, and securitylevel authPriv needs it"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":3,\"securitylevel\":1,\"authprotocol\":6,\"authpassphrase\":"
	 "\"s3cr3t\"}",
	 "config_context.zabbix.snmp.authprotocol: \"6\" is none of MD5"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":3,\"privprotocol\":\"aes512\"}",
	 "config_context.zabbix.snmp.privprotocol: \"aes512\" is none of DES"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":3,\"securityname\":{}}",
	 "config_context.zabbix.snmp.securityname: it must be a text"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":3,\"contextname\":[]}",
	 "config_context.zabbix.snmp.contextname: it must be a text"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":3,\"authpassphrase\":{\"s3cr3t\":1}}",
	 "config_context.zabbix.snmp.authpassphrase: it must be a text, not an object"},
	{"\"templates\":\"A\",\"interface_type\":2,\"snmp\":{\"version\":3,\"privpassphrase\":1.5}",
	 "config_context.zabbix.snmp.privpassphrase: it must be a text, not a number"},
	/* IPMI */
	{"\"templates\":\"A\",\"ipmi\":\"s3cr3t\"", "config_context.zabbix.ipmi: it must be an object, not a text"},
	{"\"templates\":\"A\",\"ipmi\":{\"username\":\"u\"}",
	 "config_context.zabbix.ipmi.password: it is missing or empty; ipmi needs both"},
	{"\"templates\":\"A\",\"ipmi\":{\"username\":\"\",\"password\":\"s3cr3t\"}",
	 "config_context.zabbix.ipmi.username: it is missing or empty; ipmi needs both"},
	{"\"templates\":\"A\",\"ipmi\":{\"username\":\"u\",\"password\":[\"s3cr3t\"]}",
	 "config_context.zabbix.ipmi.password: it must be a text, not a list"},
	{"\"templates\":\"A\",\"ipmi\":{\"username\":\"u2345678901234567\",\"password\":\"p\"}",
	 "config_context.zabbix.ipmi.username: it has 17 characters, Zabbix allows 16"},
	{"\"templates\":\"A\",\"ipmi\":{\"username\":\"u\",\"password\":\"s3cr3t789012345678901\"}",
	 "config_context.zabbix.ipmi.password: it has 21 characters, Zabbix allows 20"},
	{"\"templates\":\"A\",\"ipmi\":{\"username\":\"u\",\"password\":\"s3cr3t\",\"authtype\":\"kerberos\"}",
	 "config_context.zabbix.ipmi.authtype: \"kerberos\" is none of default"},
	{"\"templates\":\"A\",\"ipmi\":{\"username\":\"u\",\"password\":\"s3cr3t\",\"privilege\":9}",
	 "config_context.zabbix.ipmi.privilege: \"9\" is none of callback"},
	{"\"templates\":\"A\",\"ipmi\":{\"user_name\":\"u\",\"password\":\"s3cr3t\"}",
	 "config_context.zabbix.ipmi.user_name: there is no such key; did you mean \"username\"?"},
	/* macros */
	{"\"templates\":\"A\",\"usermacros\":[]", "config_context.zabbix.usermacros: it must be an object, not a list"},
	{"\"templates\":\"A\",\"usermacros\":{\"{$a}\":\"s3cr3t\"}",
	 "config_context.zabbix.usermacros[{$a}]: this cannot be the name of a macro: the name of a macro has only A-Z, 0-9, dot and "
	 "underscore; names look like {$NAME}"},
	{"\"templates\":\"A\",\"usermacros\":{\"\":\"s3cr3t\"}",
	 "config_context.zabbix.usermacros[]: this cannot be the name of a macro: it is empty"},
	{"\"templates\":\"A\",\"usermacros\":{\"{$ZYNC.OWNER}\":\"s3cr3t\"}",
	 "cannot be the name of a macro: it is the mark by which zync knows its hosts"},
	{"\"templates\":\"A\",\"usermacros\":{\"{$S}\":{\"type\":\"sercet\",\"value\":\"s3cr3t\"}}",
	 "config_context.zabbix.usermacros[{$S}].type: \"sercet\" is none of text, secret, vault"},
	{"\"templates\":\"A\",\"usermacros\":{\"{$S}\":{\"type\":\"secret\",\"value\":[\"s3cr3t\"]}}",
	 "config_context.zabbix.usermacros[{$S}]: the value must be a text or a number, not a list"},
	{"\"templates\":\"A\",\"usermacros\":{\"{$S}\":[\"s3cr3t\"]}",
	 "config_context.zabbix.usermacros[{$S}]: the value must be a text or a number, not a list"},
	{"\"templates\":\"A\",\"usermacros\":{\"{$S}\":{\"type\":[],\"value\":\"s3cr3t\"}}",
	 "config_context.zabbix.usermacros[{$S}].type: it must be a text or a number"},
	{"\"templates\":\"A\",\"usermacros\":{\"{$S}\":{\"vaule\":\"s3cr3t\"}}",
	 "config_context.zabbix.usermacros[{$S}].vaule: there is no such key; did you mean \"value\"?"},
	{"\"templates\":\"A\",\"usermacros\":{\"{$S}\":{\"value\":\"s3cr3t\",\"description\":5}}",
	 "config_context.zabbix.usermacros[{$S}].description: it must be a text, not a number"},
	{"\"templates\":\"A\",\"usermacro\":{}", "did you mean \"usermacros\"?"},
	/* tags, description */
	{"\"templates\":\"A\",\"tags\":\"a\"", "config_context.zabbix.tags: it must be a list of {\"name\": \"value\"}, not a text"},
	{"\"templates\":\"A\",\"tags\":[\"a\"]", "config_context.zabbix.tags: an entry must be {\"name\": \"value\"}, not a text"},
	{"\"templates\":\"A\",\"tags\":[{\"a\":[\"b\"]}]",
	 "config_context.zabbix.tags[a]: the value must be a text or a number, not a list"},
	{"\"templates\":\"A\",\"tag\":{}", "config_context.zabbix.tag: there is no such key; did you mean \"tags\"?"},
	{"\"templates\":\"A\",\"description\":5", "config_context.zabbix.description: it must be a text, not a number"},
	/* custom fields */
	{"", "custom field \"number\" of the device type: a text, a selection or an object with a name is wanted, not a number"},
};

static void assert_no_secret(struct world *w, const char *members)
{
	if (w->result.reason != NULL && strstr(w->result.reason, "s3cr3t") != NULL)
		fail_msg("%s: the reason tells the secret: %s", members, w->result.reason);
	for (size_t i = 0; i < w->result.origin_count; i++) {
		const struct zync_rules_origin *o = &w->result.origins[i];
		const char *const texts[] = {o->field, o->value, o->note};

		for (size_t j = 0; j < ZYNC_ARRAY_LEN(texts); j++)
			if (texts[j] != NULL && strstr(texts[j], "s3cr3t") != NULL)
				fail_msg("%s: explain tells the secret: %s", members, texts[j]);
	}
}

static void test_wrong(void **state)
{
	struct world w;

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(wrong); i++) {
		world_init(&w);
		world_rules(&w, rules);
		world_derive_zabbix(&w, test_context_device, wrong[i].members, /* explain= */ true);
		if (w.result.verdict != ZYNC_VERDICT_FAILED)
			fail_msg("%s: %s, not failed", wrong[i].members, zync_verdict_name(w.result.verdict));
		assert_contains(wrong[i].members, w.result.reason, wrong[i].reason);
		if (strstr(w.result.reason, "; config_context") != NULL)
			fail_msg("one thing is wrong, more than one is told: %s", w.result.reason);
		assert_false(w.result.no_address);
		assert_no_secret(&w, wrong[i].members);
		world_done(&w);
	}
}

static void test_wrong_contexts(void **state)
{
	static const struct {
		const char *context, *reason;
	} cases[] = {
		{"[1]", "config_context: it must be an object, not a list"},
		{"\"x\"", "config_context: it must be an object, not a text"},
		{"{\"zabbix\":[]}", "config_context.zabbix: it must be an object, not a list; correct it in the config context"},
		{"{\"zabbix\":true}", "config_context.zabbix: it must be an object, not true or false"},
		{"{\"zabbix\":\"templates\"}", "config_context.zabbix: it must be an object, not a text"},
	};
	static const struct {
		const char *keys, *reason;
	} fields[] = {
		{"proxy_field: number",
		 "custom field \"number\" of the device: a text, a selection or an object with a name is wanted, not a number"},
		{"proxy_field: \"yes\"",
		 "custom field \"yes\" of the device: a text, a selection or an object with a name is wanted, not true or false"},
		{"proxy_group_field: two", "custom field \"two\" of the device: a host has one of them only, not 2"},
	};
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - set: {host_groups: [G], templates: [Own], per_host: {}}\n");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		world_derive_context(&w, test_context_device, cases[i].context, /* explain= */ true);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
		assert_contains(cases[i].context, w.result.reason, cases[i].reason);
	}
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(fields); i++) {
		world_rules(&w,
			    zync_arena_printf(w.arena, "  - set: {host_groups: [G], templates: [Own], per_host: {%s}}\n", fields[i].keys));
		world_derive_zabbix(&w, test_context_device, "", /* explain= */ false);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
		assert_contains(fields[i].keys, w.result.reason, fields[i].reason);
	}
	world_done(&w);
}

/* What looks odd but says enough is no failure: keys of others, values of parts that do not count, leftovers of another SNMP version. */
static void test_harmless(void **state)
{
	static const struct {
		const char *keys, *members;
	} cases[] = {
		{"", "\"profile\":\"linux\",\"deep\":{\"er\":[1]},\"interface\":\"x\",\"snmpv3\":{}"},
		{"", "\"templates\":\"A\",\"template\":\"B\""},
		{"parts: [tags]",
		 "\"template\":5,\"interface_type\":\"x\",\"snmp\":7,\"usermacros\":[],\"ipmi\":1,\"description\":[],\"proxy\":{}"},
		{"", "\"interface_type\":1,\"snmp\":\"x\""},
		{"", "\"interface_port\":\"x\",\"snmp\":17"},
		{"", "\"interface_type\":2,\"snmp\":{\"version\":1,\"max_repetitions\":\"x\"}"},
		{"", "\"interface_type\":2,\"snmp\":{\"version\":2,\"securitylevel\":77,\"colour\":\"red\"}"},
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		world_init(&w);
		world_rules(&w,
			    zync_arena_printf(w.arena, "  - set: {host_groups: [G], templates: [Own], per_host: {%s}}\n", cases[i].keys));
		world_derive_zabbix(&w, test_context_device, cases[i].members, /* explain= */ true);
		if (w.result.verdict != ZYNC_VERDICT_MONITORED)
			fail_msg("%s: %s", cases[i].members, w.result.reason);
		world_done(&w);
	}
}

/* Secrets that are right are not told either. */
static void test_secrets(void **state)
{
	static const char members[] = "\"interface_type\":2,\"snmp\":{\"version\":3,\"securitylevel\":2,\"authpassphrase\":\"s3cr3t1\","
				      "\"privpassphrase\":\"s3cr3t2\"},"
				      "\"ipmi\":{\"username\":\"u\",\"password\":\"s3cr3t3\"},\"usermacros\":{\"{$S}\":{\"type\":"
				      "\"secret\",\"value\":\"s3cr3t4\"}},"
				      "\"oob_interface_type\":2";
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - set: {host_groups: [G], templates: [Own], per_host: {oob: \"true\"}}\n");
	world_derive_zabbix(&w, test_context_device, members, /* explain= */ true);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
	assert_no_secret(&w, members);
	assert_contains("host", world_host(&w), "auth=0:s3cr3t1 priv=0:s3cr3t2]");
	assert_contains("explain", world_origin(&w, "interfaces[snmp#2].privpassphrase"), "*** < ");
	assert_contains("explain", world_origin(&w, "macros[{$S}].value"), "*** < ");
	/* the same beside a mistake */
	world_derive_zabbix(&w, test_context_device, zync_arena_printf(w.arena, "%s,\"proxy\":7", members), /* explain= */ true);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
	assert_no_secret(&w, members);
	world_done(&w);
}

static void test_no_address(void **state)
{
	static const char six[] = "{\"type\":\"device\",\"id\":1,\"name\":\"x\",\"primary_ip4\":null,\"primary_ip6\":{\"address\":\"2001:"
				  "db8::1/64\"},\"config_context\":%s}";
	static const char bare[] = "{\"type\":\"device\",\"id\":1,\"name\":\"x\",\"config_context\":%s}";
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - set: {host_groups: [G], templates: [Own], per_host: {}}\n");
	world_derive_zabbix(&w, bare, "", /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
	assert_true(w.result.no_address);
	assert_string_equal(w.result.reason, "no primary IP address in NetBox, and no interface_ip or interface_dns in "
					     "config_context.zabbix (interface snmp needs one)");
	world_rules(&w, "  - set: {host_groups: [G], templates: [Own], per_host: {preferred_ip: ipv4}}\n");
	world_derive_zabbix(&w, six, "", /* explain= */ false);
	assert_contains("family", world_host(&w), "useip=1 ip=2001:db8::1 dns= port=161");
	world_derive_zabbix(&w, bare, "\"interface_ip\":\"10.0.0.1\"", /* explain= */ false);
	assert_contains("ip", world_host(&w), "useip=1 ip=10.0.0.1 dns= port=161");
	world_derive_zabbix(&w, bare, "\"interface_type\":1,\"interface_dns\":\"a.b\"", /* explain= */ false);
	assert_contains("dns", world_host(&w), "useip=0 ip= dns=a.b port=10050");
	/* Another mistake beside it: it must be told. */
	world_derive_zabbix(&w, bare, "\"proxy\":7", /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
	assert_false(w.result.no_address);
	world_rules(&w, "  - set: {host_groups: [G], templates: [Own], per_host: {default_interface: \"false\"}}\n");
	world_derive_zabbix(&w, bare, "", /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
	world_done(&w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_wrong),	cmocka_unit_test(test_wrong_contexts), cmocka_unit_test(test_harmless),
	cmocka_unit_test(test_secrets), cmocka_unit_test(test_no_address),
};
const struct test_group group_per_host_bad = {tests, ZYNC_ARRAY_LEN(tests)};
