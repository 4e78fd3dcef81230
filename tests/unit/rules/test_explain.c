/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_test.h"

#include <stdlib.h>
#include <string.h>

static const char mappings[] =
	/* 14 */ "  - name: base\n"
		 /* 15 */ "    set:\n"
		 /* 16 */ "      host_groups: [\"NetBox/{{ site.name }}\", Shared]\n"
		 /* 17 */ "      templates: [ICMP Ping]\n"
		 /* 18 */ "      interfaces: [{type: agent}]\n"
		 /* 19 */ "      description: first\n"
		 /* 20 */ "      proxy: px\n"
		 /* 21 */ "      tags: [{tag: site, value: \"{{ site.slug }}\"}]\n"
		 /* 22 */ "      macros: [{macro: \"{$A}\", value: one}, {macro: \"{$S}\", value: hush-hush, type: secret},"
		 " {macro: \"{$T}\", value: \"{{ serial }}\", type: secret}, {macro: \"{$E}\", value: \"\", type: secret}]\n"
		 /* 23 */ "      inventory: {location: x, serialno_a: \"{{ serial }}\", notes: n}\n"
		 /* 24 */ "  - name: other\n"
		 /* 25 */ "    match: {site: nowhere}\n"
		 /* 26 */ "    set: {templates: [Never]}\n"
		 /* 27 */ "  - set:\n"
		 /* 28 */ "      host_groups: [Shared]\n"
		 /* 29 */ "      name: \"{{ name | upper }}\"\n"
		 /* 30 */ "      state: disabled\n"
		 /* 31 */ "      description: second\n"
		 /* 32 */ "      proxy_group: grp\n"
		 /* 33 */ "      zabbix_server: second\n"
		 /* 34 */ "      inventory: {location: y, notes: \"\"}\n"
		 /* 35 */ "      inventory_mode: automatic\n"
		 /* 36 */ "      macros: [{macro: \"{$A}\", value: two, description: why}]\n"
		 /* 37 */ "      interfaces:\n"
		 /* 38 */ "        - {type: snmp, community: hush-hush, port: \"1161\"}\n"
		 /* 39 */ "        - {type: snmp, address: oob, version: \"3\", security_name: u, security_level: authPriv, "
		 "auth_passphrase: hush-hush,\n"
		 /* 40 */ "           priv_passphrase: \"{$PRIV}\", priv_protocol: AES128}\n"
		 /* 41 */ "        - {type: snmp, community: \"{{ serial }}\", main: \"true\"}\n";

static const struct {
	const char *field, *wanted;
} origins[] = {
	{"host", "core-sw1 < default@0 (-)"},
	{"name", "CORE-SW1 < mapping 3@29 (default)"},
	{"status", "disabled < mapping 3@30 (status)"},
	{"server", "second < mapping 3@33 (-)"},
	{"description", "second < mapping 3@31 (base)"},
	{"groups[NetBox/Berlin HQ]", "NetBox/Berlin HQ < base@16 (-)"},
	{"groups[Shared]", "Shared < base@16 (-)"},
	{"templates[ICMP Ping]", "ICMP Ping < base@17 (-)"},
	{"templates[Never]", NULL},
	{"proxy_group", "grp < mapping 3@32 (base)"},
	{"proxy", NULL},
	{"tags[site]", "ber-hq < base@21 (-)"},
	{"macros[{$A}].value", "two < mapping 3@36 (base)"},
	{"macros[{$A}].description", "why < mapping 3@36 (base)"},
	{"macros[{$S}].value", "*** < base@22 (-)"},
	{"macros[{$S}].type", "secret < base@22 (-)"},
	{"inventory[location]", "y < mapping 3@34 (base)"},
	{"inventory[serialno_a]", "FOC1 < base@23 (-)"},
	{"inventory[notes]", NULL}, /* taken back */
	{"macros[{$T}].value", "*** < base@22 (-)"},
	{"macros[{$E}].value", " < base@22 (-)"},
	{"interfaces[snmp#3].community", "*** < mapping 3@41 (base)"},
	{"inventory_mode", "automatic < mapping 3@35 (-)"},
	{"interfaces[agent].ip", NULL},
	{"interfaces[snmp].ip", "10.0.0.5 < default@0 (-)"},
	{"interfaces[snmp].port", "1161 < mapping 3@38 (base)"},
	{"interfaces[snmp].community", "*** < mapping 3@38 (base)"},
	{"interfaces[snmp].version", "2 < default@0 (-)"},
	{"interfaces[snmp#2].ip", "192.0.2.5 < mapping 3@39 (base)"},
	{"interfaces[snmp#2].authpassphrase", "*** < mapping 3@39 (base)"},
	{"interfaces[snmp#2].privpassphrase", "{$PRIV} < mapping 3@40 (base)"},
	{"interfaces[snmp#2].securitylevel", "authPriv < mapping 3@39 (base)"},
	{"interfaces[snmp#2].privprotocol", "AES128 < mapping 3@40 (base)"},
	{"interfaces[snmp#2].authprotocol", "MD5 < default@0 (-)"},
};

static void test_explain_origins(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, mappings);
	world_derive(&w, test_device, /* explain= */ true);
	if (w.result.verdict != ZYNC_VERDICT_DISABLED)
		fail_msg("%s: %s", zync_verdict_name(w.result.verdict), w.result.reason);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(origins); i++) {
		const char *line = world_origin(&w, origins[i].field);

		if (origins[i].wanted == NULL ? line != NULL : line == NULL || strcmp(line, origins[i].wanted) != 0)
			fail_msg("%s: %s, not %s", origins[i].field, line, origins[i].wanted);
	}
	assert_int_equal(w.result.matched_count, 2);
	assert_string_equal(w.result.matched[0], "base");
	assert_string_equal(w.result.matched[1], "mapping 3");
	for (size_t i = 0; i < w.result.origin_count; i++) {
		assert_null(strstr(w.result.origins[i].field, "hush-hush"));
		assert_null(strstr(w.result.origins[i].value, "hush-hush"));
	}
	world_done(&w);
}

/* Explaining changes nothing of the host, and nothing is filled without it. */
static void test_explain_is_the_same(void **state)
{
	struct world w;
	const char *with;

	(void)state;
	world_init(&w);
	world_rules(&w, mappings);
	world_derive(&w, test_device, /* explain= */ true);
	with = world_host(&w);
	world_derive(&w, test_device, /* explain= */ false);
	assert_string_equal(world_host(&w), with);
	assert_int_equal(w.result.origin_count, 0);
	assert_int_equal(w.result.matched_count, 0);
	assert_null(w.result.origins);
	world_done(&w);
}

/* A text from ${VARIABLE} is never shown: not in explain, not in a reason, not in a problem of the configuration. */
static void test_secret_texts(void **state)
{
	struct world w;

	(void)state;
	assert_int_equal(setenv("ZYNC_TEST_SECRET", "top-secret", 1), 0);
	world_init(&w);
	world_rules(&w, "  - set:\n"
			"      host_groups: [A]\n"
			"      description: ${ZYNC_TEST_SECRET}\n"
			"      tags: [{tag: t, value: \"${ZYNC_TEST_SECRET}\"}]\n"
			"      interfaces: [{type: agent, port: \"${ZYNC_TEST_SECRET}{{ asset_tag }}\"}]\n");
	world_derive(&w, test_device, /* explain= */ true);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
	assert_contains("port", w.result.reason, "\"***\": it is no port number");
	assert_string_equal(world_origin(&w, "description"), "*** < mapping 1@16 (-)");
	assert_string_equal(world_origin(&w, "tags[t]"), "*** < mapping 1@17 (-)");
	assert_string_equal(w.result.host.description, "top-secret");
	assert_int_equal(world_compile(&w, "  - set: {host_groups: [A], description: \"${ZYNC_TEST_SECRET} {{ 'x' | top-secret }}\"}\n"),
			 ZYNC_ERR_INVALID);
	assert_null(strstr(w.err.message, "top-secret"));
	assert_contains("template", w.err.message, "description: the template is wrong at byte 21 (not shown, it holds a secret)");
	assert_int_equal(world_compile(&w, "  - set: {host_groups: [A], interfaces: [{type: agent, port: \"${ZYNC_TEST_SECRET}\"}]}\n"),
			 ZYNC_ERR_INVALID);
	assert_contains("port", w.err.message, "port: \"***\": it is no port number");
	world_done(&w);
	assert_int_equal(unsetenv("ZYNC_TEST_SECRET"), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_explain_origins),
	cmocka_unit_test(test_explain_is_the_same),
	cmocka_unit_test(test_secret_texts),
};
const struct test_group group_explain = {tests, ZYNC_ARRAY_LEN(tests)};
