/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_test.h"

static const struct {
	const char *interfaces;
	const char *object; /* NULL: test_device */
	enum zync_verdict verdict;
	const char *part;
} cases[] = {
	{"[{type: agent}]", NULL, 0, " if[type=1 main=1 useip=1 ip=10.0.0.5 dns=core-sw1.example.net port=10050] by"},
	{"[{type: agent, address: primary4, use: dns, port: \"10060\"}]", NULL, 0,
	 "if[type=1 main=1 useip=0 ip=10.0.0.5 dns=core-sw1.example.net port=10060]"},
	{"[{type: agent, address: primary6}]", NULL, 0, "useip=1 ip=2001:db8::5 dns= port=10050]"},
	{"[{type: snmp, address: oob}]", NULL, 0,
	 "if[type=2 main=1 useip=1 ip=192.0.2.5 dns=oob.example.net port=161 v=2 bulk=1 rep=0 comm={$SNMP_COMMUNITY} ctx= user= level=0 "
	 "auth=0: priv=0:]"},
	{"[{type: agent, port: \"{$PORT}\", dns: \"{{ name }}.lan\"}]", NULL, 0, "ip=10.0.0.5 dns=core-sw1.lan port={$PORT}]"},
	{"[{type: agent, ip: \"{{ oob_ip.address }}\"}]", NULL, 0, "useip=1 ip=192.0.2.5 dns=core-sw1.example.net"},
	{"[{type: agent, ip: \"{{ asset_tag }}\"}]", NULL, 0, "useip=1 ip=10.0.0.5"},
	{"[{type: agent, address: \"{{ primary_ip6.address }}\"}]", NULL, 0, "useip=1 ip=2001:db8::5 dns= "},
	{"[{type: agent, address: \"{{ name }}.example.org\"}]", NULL, 0, "useip=0 ip= dns=core-sw1.example.org "},
	{"[{type: agent, address: \"{{ asset_tag | default('oob') }}\"}]", NULL, 0, "ip=192.0.2.5"},
	{"[{type: snmp, version: \"1\", community: pub, bulk: \"false\"}]", NULL, 0, "v=1 bulk=0 rep=0 comm=pub"},
	{"[{type: snmp, version: 2c, max_repetitions: \"25\", community: \"{{ custom_fields.level }}\"}]", NULL, 0,
	 "v=2 bulk=1 rep=25 comm=full"},
	{"[{type: snmp, community: \"{{ asset_tag }}\"}]", NULL, 0, "comm={$SNMP_COMMUNITY}"},
	{"[{type: snmp, version: \"3\", security_name: zbx, context_name: vlan}]", NULL, 0,
	 "v=3 bulk=1 rep=0 comm= ctx=vlan user=zbx level=0 auth=0: priv=0:]"},
	{"[{type: snmp, version: \"3\", security_level: authNoPriv, auth_protocol: SHA256, auth_passphrase: \"{$AUTH}\"}]", NULL, 0,
	 "level=1 auth=3:{$AUTH} priv=0:]"},
	{"[{type: snmp, version: \"3\", security_level: authPriv, auth_protocol: SHA1, auth_passphrase: aaaaaaaa, priv_protocol: AES256C, "
	 "priv_passphrase: bbbbbbbb}]",
	 NULL, 0, "level=2 auth=1:aaaaaaaa priv=5:bbbbbbbb]"},
	{"[{type: agent}, {type: snmp}, {type: agent, address: oob}]", NULL, 0,
	 "if[type=1 main=1 useip=1 ip=10.0.0.5 dns=core-sw1.example.net port=10050] if[type=1 main=0 useip=1 ip=192.0.2.5 "
	 "dns=oob.example.net "
	 "port=10050] if[type=2 main=1"},
	{"[{type: agent}, {type: agent, address: oob, main: \"true\"}]", NULL, 0, "if[type=1 main=1 useip=1 ip=192.0.2.5"},
	{"[{type: agent, main: \"false\"}, {type: agent, address: oob}]", NULL, 0, "if[type=1 main=1 useip=1 ip=10.0.0.5"},
	{"[]", NULL, 0, "templates=; by=0"},
	/* what cannot be */
	{"[{type: agent}]", "{\"type\":\"vm\",\"id\":1,\"name\":\"x\",\"primary_ip\":null}", ZYNC_VERDICT_FAILED,
	 "no primary IP address in NetBox (interface agent needs one)"},
	{"[{type: snmp, address: oob}]", "{\"type\":\"vm\",\"id\":1,\"name\":\"x\"}", ZYNC_VERDICT_FAILED,
	 "no out-of-band IP address in NetBox (interface snmp needs one)"},
	{"[{type: agent, address: primary6, use: dns}]", NULL, ZYNC_VERDICT_FAILED,
	 "no DNS name on the primary IPv6 address in NetBox (interface agent needs one)"},
	{"[{type: agent, address: primary6, use: dns}]", "{\"type\":\"vm\",\"id\":1,\"name\":\"x\"}", ZYNC_VERDICT_FAILED,
	 "no primary IPv6 address in NetBox (interface agent needs one)"},
	{"[{type: agent, address: \"{{ asset_tag }}\"}]", NULL, ZYNC_VERDICT_FAILED,
	 "no address: the text of the mapping \"mapping 1\", line 16, is empty for this object (interface agent needs one)"},
	{"[{type: agent, use: ip, address: \"{{ name }}\"}]", NULL, ZYNC_VERDICT_FAILED,
	 "no IP address in mapping \"mapping 1\", line 16, for this object (interface agent needs one)"},
	{"[{type: agent, use: dns, dns: \"{{ comments }}\"}]", NULL, ZYNC_VERDICT_FAILED, "no DNS name in mapping \"mapping 1\", line 16"},
	{"[{type: agent, ip: \"{{ name }}\"}]", NULL, ZYNC_VERDICT_FAILED,
	 "interfaces: ip (mapping \"mapping 1\", line 16): \"core-sw1\": it is no IPv4 or IPv6 address"},
	{"[{type: agent, port: \"{{ custom_fields.level }}\"}]", NULL, ZYNC_VERDICT_FAILED,
	 "interfaces: port (mapping \"mapping 1\", line 16): \"full\": it is no port number"},
	{"[{type: snmp, version: \"3\", security_level: authPriv, auth_passphrase: \"{{ asset_tag }}\", priv_passphrase: x}]", NULL,
	 ZYNC_VERDICT_FAILED, "interface snmp (mapping \"mapping 1\", line 16): security_level authPriv needs an auth_passphrase"},
	{"[{type: snmp, version: \"3\", security_level: authPriv, auth_passphrase: y, priv_passphrase: \"{{ asset_tag }}\"}]", NULL,
	 ZYNC_VERDICT_FAILED, "security_level authPriv needs a priv_passphrase"},
	{"[{type: snmp, max_repetitions: \"{{ name }}\"}]", NULL, ZYNC_VERDICT_FAILED,
	 "max_repetitions (mapping \"mapping 1\", line 16): \"core-sw1\" is no number from 1 to 2147483647"},
};

/* A level that is known only per object is not checked before. */
static void test_level_from_template(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - set: {host_groups: [A], interfaces: [{type: snmp, version: \"3\", security_level: noAuthNoPriv}]}\n");
	w.config->mappings.items[0].set.interfaces.items[0].security_level.value = "{{ 'authPriv' }}";
	zync_rules_free(w.rules);
	w.rules = NULL;
	assert_int_equal(zync_rules_compile(w.config, &w.rules, &w.err), ZYNC_OK);
	world_derive(&w, test_device, /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
	assert_contains("level", w.result.reason, "security_level authPriv needs an auth_passphrase");
	world_done(&w);
}

static void test_interface_cases(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		world_rules(&w,
			    zync_arena_printf(w.arena, "  - set:\n      host_groups: [A]\n      interfaces: %s\n", cases[i].interfaces));
		world_derive(&w, cases[i].object != NULL ? cases[i].object : test_device, /* explain= */ i % 2 == 0);
		if (w.result.verdict != cases[i].verdict)
			fail_msg("%s\nis %s: %s", cases[i].interfaces, zync_verdict_name(w.result.verdict), w.result.reason);
		assert_contains(cases[i].interfaces, w.result.verdict == ZYNC_VERDICT_FAILED ? w.result.reason : world_host(&w),
				cases[i].part);
	}
	world_done(&w);
}

/* A later mapping that gives interfaces replaces all of the earlier ones; one that gives none changes nothing. */
static void test_interfaces_replace(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - set: {host_groups: [A], interfaces: [{type: agent}, {type: agent, address: oob}]}\n"
			"  - set: {interfaces: [{type: snmp}]}\n  - set: {templates: [T]}\n");
	world_derive(&w, test_device, /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
	assert_int_equal(w.result.host.interfaces.len, 1);
	assert_int_equal(w.result.host.interfaces.items[0].type, ZYNC_INTERFACE_SNMP);
	world_done(&w);
}

/* Types that the file does not offer yet, and words that come from NetBox. */
static void test_interface_from_templates(void **state)
{
	static const struct {
		const char *type, *number;
		enum zync_verdict verdict;
		const char *part;
	} rows[] = {
		{"{{ custom_fields.t }}", "\"ipmi\"", ZYNC_VERDICT_MONITORED, "if[type=3 main=1 useip=1 ip=10.0.0.5 dns= port=623]"},
		{"{{ custom_fields.t }}", "4", ZYNC_VERDICT_MONITORED, "if[type=4 main=1 useip=1 ip=10.0.0.5 dns= port=12345]"},
		{"{{ custom_fields.t }}", "\"Agent\"", ZYNC_VERDICT_MONITORED, "if[type=1"},
		{"{{ custom_fields.t }}", "\"ssh\"", ZYNC_VERDICT_FAILED, "\"ssh\" is none of agent, snmp, ipmi, jmx"},
		{"{{ custom_fields.t }}", "null", ZYNC_VERDICT_FAILED,
		 "interfaces: type (mapping \"mapping 1\", line 15): it is empty for this object"},
	};
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++) {
		world_rules(&w, "  - set: {host_groups: [A],\n     interfaces: [{type: agent}]}\n");
		w.config->mappings.items[0].set.interfaces.items[0].type.value = rows[i].type;
		zync_rules_free(w.rules);
		w.rules = NULL;
		assert_int_equal(zync_rules_compile(w.config, &w.rules, &w.err), ZYNC_OK);
		world_derive(&w,
			     zync_arena_printf(
				     w.arena,
				     "{\"type\":\"vm\",\"id\":1,\"name\":\"x\",\"custom_fields\":{\"t\":%s},\"primary_ip\":{\"address\":"
				     "\"10.0.0.5/24\"}}",
				     rows[i].number),
			     /* explain= */ true);
		assert_int_equal(w.result.verdict, rows[i].verdict);
		assert_contains(rows[i].number, w.result.verdict == ZYNC_VERDICT_FAILED ? w.result.reason : world_host(&w), rows[i].part);
	}
	world_done(&w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_interface_cases),
	cmocka_unit_test(test_level_from_template),
	cmocka_unit_test(test_interfaces_replace),
	cmocka_unit_test(test_interface_from_templates),
};
const struct test_group group_interfaces = {tests, ZYNC_ARRAY_LEN(tests)};
