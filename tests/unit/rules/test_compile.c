/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const struct {
	const char *set;
	const char *problem;
} problems[] = {
	{"host_groups: [\"{{ site.name | uper }}\"]", ": host_groups: at character 16: unknown filter \"uper\"; did you mean \"upper\"?"},
	{"host_groups: [\"A//B\"]", ": host_groups: \"A//B\" is no legal group name: "},
	{"host_groups: [\"/A\"]", ": host_groups: \"/A\" is no legal group name: "},
	{"templates: [\"{{ x\"]", ": templates: at character 5: the text ends inside {{ }}"},
	{"zabbix_server: secnd", ": zabbix_server: there is no server named \"secnd\" under zabbix; did you mean \"second\"?"},
	{"zabbix_server: elsewhere", ": zabbix_server: there is no server named \"elsewhere\" under zabbix"},
	{"inventory: {serialno: x}", ": inventory: Zabbix has no inventory field \"serialno\"; did you mean \"serialno_"},
	{"inventory: {shoe_size: x}", ": inventory: Zabbix has no inventory field \"shoe_size\""},
	{"macros: [{macro: \"{$lower}\", value: x}]", ": macros: \"{$lower}\" is no legal macro name: "},
	{"macros: [{macro: \"{$ZYNC.OWNER}\", value: x}]", ": macros: {$ZYNC.OWNER} is the mark by which zync knows its hosts"},
	{"interfaces: [{type: agent, community: x}]", ": interfaces: community: only interfaces of type snmp have it"},
	{"interfaces: [{type: snmp, security_name: x}]", ": interfaces: security_name: SNMP version 2 does not have it; set version: 3"},
	{"interfaces: [{type: snmp, version: \"3\", community: x}]", ": interfaces: community: SNMP version 3 does not have it"},
	{"interfaces: [{type: snmp, version: \"1\", max_repetitions: \"5\"}]",
	 ": interfaces: max_repetitions: SNMP version 1 does not have it"},
	{"interfaces: [{type: snmp, version: \"2\", max_repetitions: many}]",
	 ": interfaces: max_repetitions: \"many\" is no number from 1"},
	{"interfaces: [{type: snmp, version: \"3\", security_level: authNoPriv}]",
	 ": interfaces: security_level authNoPriv needs an auth_passphrase"},
	{"interfaces: [{type: snmp, version: \"3\", security_level: authPriv, auth_passphrase: x}]",
	 ": interfaces: security_level authPriv needs a priv_passphrase"},
	{"interfaces: [{type: snmp, version: \"3\", auth_passphrase: x}]",
	 ": interfaces: auth_passphrase is not used at security_level noAuthNoPriv"},
	{"interfaces: [{type: snmp, version: \"3\", security_level: authNoPriv, auth_passphrase: x, priv_passphrase: y}]",
	 ": interfaces: priv_passphrase is only used at security_level authPriv"},
	{"interfaces: [{type: agent, main: \"true\"}, {type: agent, main: \"true\"}]",
	 ": interfaces: main: there are two default interfaces of type agent"},
	{"interfaces: [{type: agent, port: \"70000\"}]", ": interfaces: port: \"70000\": it is no port number (1 to 65535) or user macro"},
	{"interfaces: [{type: agent, ip: 10.0.0.300}]", ": interfaces: ip: \"10.0.0.300\": it is no IPv4 or IPv6 address"},
};

static void test_compile_problems(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(problems); i++) {
		const char *set = problems[i].set;

		if (world_compile(&w, zync_arena_printf(w.arena, "  - set: {host_groups: [A]}\n  - set:\n      %s\n", set)) !=
		    ZYNC_ERR_INVALID)
			fail_msg("accepted: %s", set);
		assert_contains(set, w.err.message, problems[i].problem);
		assert_true(zync_str_starts(w.err.message, "test.yaml:16:"));
		assert_null(strchr(w.err.message, '\n'));
	}
	world_done(&w);
}

/* What the loader checks itself cannot come from a file; rules check it again, for whoever builds a configuration otherwise. */
static void test_compile_problems_of_values(void **state)
{
	struct world w;
	struct zync_cfg_set *set;
	struct zync_cfg_text two[2] = {{.value = "a"}, {.value = "b"}};
	struct zync_cfg_pair pair = {.key = {.value = "location", .pos = {99, 3}}, .values = {.items = two, .len = 2}};
	struct zync_cfg_text states[3] = {
		{.value = "paused", .pos = {3, 3}}, {.value = "merge", .pos = {4, 4}}, {.value = "keep", .pos = {5, 5}}};
	struct zync_cfg_pair status[2] = {{.key = {.value = "active"}, .values = {.items = states, .len = 1}},
					  {.key = {.value = "failed", .pos = {6, 6}}, .values = {.items = states, .len = 2}}};
	struct zync_rules *rules = NULL;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - set: {host_groups: [A], tags: [{tag: a, value: b}], macros: [{macro: \"{$A}\", value: b}], interfaces: "
			"[{type: agent}]}\n");
	set = &w.config->mappings.items[0].set;
	set->state.value = "gone";
	set->inventory_mode.value = "semi";
	set->proxy.value = "p";
	set->proxy_group.value = "g";
	set->inventory = (struct zync_cfg_pairs){.items = &pair, .len = 1};
	set->templates = (struct zync_cfg_texts){.items = &(struct zync_cfg_text){.value = ""}, .len = 1};
	set->tags.items[0].tag.value = NULL;
	set->macros.items[0].macro.value = NULL;
	set->macros.items[0].value.value = NULL;
	set->macros.items[0].type.value = "open";
	set->interfaces.items[0].type.value = NULL;
	set->interfaces.items[0].use.value = "name";
	w.config->mappings.items[0].match.type = (struct zync_cfg_texts){.items = &(struct zync_cfg_text){.value = "server"}, .len = 1};
	w.config->mappings.items[0].match.config_context = (struct zync_cfg_pairs){
		.items = &(struct zync_cfg_pair){.key = {.value = "a..b"}, .values = {.items = two, .len = 1}}, .len = 1};
	w.config->status.device = (struct zync_cfg_pairs){.items = status, .len = 2};
	w.config->ownership.description = states[1];
	w.config->ownership.macros = states[2];
	assert_int_equal(zync_rules_compile(w.config, &rules, &w.err), ZYNC_ERR_INVALID);
	assert_contains("state", w.err.message, "state: \"gone\" is none of monitored, disabled, removed, skipped");
	assert_contains("mode", w.err.message, "inventory_mode: \"semi\" is none of manual, automatic, disabled");
	assert_contains("proxy", w.err.message, "proxy_group: this mapping sets proxy, too");
	assert_contains("inventory", w.err.message, "test.yaml:99:3: inventory.location: one text is wanted, not 2");
	assert_contains("templates", w.err.message, "templates: the name of a template is empty");
	assert_contains("tags", w.err.message, "tags: the name (tag) of a tag is missing");
	assert_contains("macro", w.err.message, "macros: the name (macro) of a macro is missing");
	assert_contains("macro", w.err.message, "macros: the value of a macro is missing");
	assert_contains("macro", w.err.message, "macros: type: \"open\" is none of text, secret, vault");
	assert_contains("interface", w.err.message, "interfaces: type is missing; one of agent, snmp, ipmi, jmx");
	assert_contains("interface", w.err.message, "interfaces: use: \"name\" is none of ip, dns");
	assert_contains("type", w.err.message, "match.type: \"server\" is none of device, virtual_machine (vm)");
	assert_contains("path", w.err.message, "match: \"a..b\" has an empty name in it");
	assert_contains("status", w.err.message,
			"test.yaml:3:3: status.device.active: \"paused\" is none of monitored, disabled, removed, skipped");
	assert_contains("status", w.err.message,
			"test.yaml:6:6: status.device.failed: one of monitored, disabled, removed, skipped is wanted");
	assert_contains("own", w.err.message, "test.yaml:4:4: ownership.description: \"merge\" is none of overwrite, ignore");
	assert_contains("own", w.err.message, "test.yaml:5:5: ownership.macros: \"keep\" is none of overwrite, merge, ignore");
	assert_null(rules);
	world_done(&w);
}

/* One line a problem, twenty of them and the number of the others. */
static void test_compile_many_problems(void **state)
{
	struct world w;
	char text[4096] = "  - set:\n      host_groups: [A]\n      inventory:\n";
	size_t lines = 1;

	(void)state;
	world_init(&w);
	for (unsigned i = 0; i < 25; i++) {
		size_t len = strlen(text);
		char *line = zync_arena_printf(w.arena, "        x%u: y\n", i);

		assert_true(len + strlen(line) < sizeof(text));
		memcpy(text + len, line, strlen(line) + 1);
	}
	assert_int_equal(world_compile(&w, text), ZYNC_ERR_INVALID);
	for (const char *s = w.err.message; (s = strchr(s, '\n')) != NULL; s++)
		lines++;
	assert_int_equal(lines, 21);
	assert_contains("first", w.err.message, "test.yaml:17:9: inventory: Zabbix has no inventory field \"x0\"");
	assert_contains("last", w.err.message, "\n… and 5 more");
	world_done(&w);
}

static void test_too_many_mappings(void **state)
{
	struct world w;
	struct zync_rules *rules = NULL;
	size_t len;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - set: {host_groups: [A]}\n");
	len = w.config->mappings.len;
	w.config->mappings.len = 10001;
	assert_int_equal(zync_rules_compile(w.config, &rules, &w.err), ZYNC_ERR_LIMIT);
	w.config->mappings.len = len;
	world_done(&w);
}

static void test_need_config_context(void **state)
{
	static const struct {
		const char *mapping;
		bool need;
	} rows[] = {
		{"{set: {host_groups: [A]}}", false},
		{"{set: {host_groups: [\"{{ site.config_context }}\"]}}", false},
		{"{set: {host_groups: [\"{{ config_context.a }}\"]}}", true},
		{"{set: {host_groups: [A], tags: [{tag: a, value: \"{{ name | default(config_context.b) }}\"}]}}", true},
		{"{set: {host_groups: [A], interfaces: [{type: agent, port: \"{{ config_context.port }}\"}]}}", true},
		{"{match: {config_context: {a: b}}, set: {host_groups: [A]}}", true},
	};
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++) {
		world_rules(&w, zync_arena_printf(w.arena, "  - %s\n", rows[i].mapping));
		if (zync_rules_need_config_context(w.rules) != rows[i].need)
			fail_msg("%s", rows[i].mapping);
	}
	world_done(&w);
}

static void test_constant_names(void **state)
{
	static const struct {
		int kind;
		const char *name, *server;
		unsigned line;
	} wanted[] = {
		{ZYNC_RULES_NAME_TEMPLATE, "ICMP Ping", NULL, 16},
		{ZYNC_RULES_NAME_PROXY, "px", NULL, 17},
		{ZYNC_RULES_NAME_GROUP, "A", NULL, 15},
		{ZYNC_RULES_NAME_TEMPLATE, "ICMP Ping", "second", 20},
		{ZYNC_RULES_NAME_PROXY_GROUP, "grp", "second", 22},
		{ZYNC_RULES_NAME_GROUP, "A", "second", 19},
	};
	struct world w;
	struct zync_rules_name *names = NULL;
	size_t count = 0;

	(void)state;
	world_init(&w);
	world_rules(&w, /* 14 */ "  - set:\n"
				 /* 15 */ "      host_groups: [A, \"{{ name }}\"]\n"
				 /* 16 */ "      templates: [ICMP Ping, \"{{ platform.name }}\", ICMP Ping]\n"
				 /* 17 */ "      proxy: px\n"
				 /* 18 */ "  - set:\n"
				 /* 19 */ "      host_groups: [A]\n"
				 /* 20 */ "      templates: [ICMP Ping]\n"
				 /* 21 */ "      zabbix_server: second\n"
				 /* 22 */ "      proxy_group: grp\n"
				 /* 23 */ "  - set: {host_groups: [A], templates: [ICMP Ping]}\n");
	assert_int_equal(zync_rules_constant_names(w.rules, w.arena, &names, &count, &w.err), ZYNC_OK);
	assert_int_equal(count, ZYNC_ARRAY_LEN(wanted));
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(names[i].kind, wanted[i].kind);
		assert_string_equal(names[i].name, wanted[i].name);
		assert_true(zync_str_eq(names[i].server, wanted[i].server));
		assert_int_equal(names[i].pos.line, wanted[i].line);
	}
	world_done(&w);
}

/* What `zync init` writes, and what is used without any file, gives hosts. */
static void test_examples_compile(void **state)
{
	struct world w;
	struct zync_buf text;

	(void)state;
	assert_int_equal(setenv("NETBOX_TOKEN", "0123456789abcdef0123456789abcdef01234567", 1), 0);
	assert_int_equal(setenv("ZABBIX_TOKEN", "abcdefabcdefabcdefabcdefabcdefabcdefabcd", 1), 0);
	world_init(&w);
	zync_buf_init(&text, 1u << 20);
	assert_int_equal(zync_config_write_example("https://netbox.example.com", "https://zabbix.example.com", &text, &w.err), ZYNC_OK);
	if (zync_config_parse("example", text.data, text.len, &w.config, &w.err) != ZYNC_OK ||
	    zync_rules_compile(w.config, &w.rules, &w.err) != ZYNC_OK)
		fail_msg("%s", w.err.message);
	zync_buf_done(&text);
	world_derive(&w, test_device, /* explain= */ false);
	if (w.result.verdict != ZYNC_VERDICT_MONITORED)
		fail_msg("%s: %s", zync_verdict_name(w.result.verdict), w.result.reason);
	world_done(&w);
	assert_int_equal(unsetenv("NETBOX_TOKEN"), 0);
	assert_int_equal(unsetenv("ZABBIX_TOKEN"), 0);
}

static void test_verdict_names(void **state)
{
	(void)state;
	assert_string_equal(zync_verdict_name(ZYNC_VERDICT_MONITORED), "monitored");
	assert_string_equal(zync_verdict_name(ZYNC_VERDICT_DISABLED), "disabled");
	assert_string_equal(zync_verdict_name(ZYNC_VERDICT_REMOVED), "removed");
	assert_string_equal(zync_verdict_name(ZYNC_VERDICT_SKIPPED), "skipped");
	assert_string_equal(zync_verdict_name(ZYNC_VERDICT_FAILED), "failed");
	zync_rules_free(NULL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_compile_problems),      cmocka_unit_test(test_compile_problems_of_values),
	cmocka_unit_test(test_compile_many_problems), cmocka_unit_test(test_too_many_mappings),
	cmocka_unit_test(test_need_config_context),   cmocka_unit_test(test_constant_names),
	cmocka_unit_test(test_examples_compile),      cmocka_unit_test(test_verdict_names),
};
const struct test_group group_compile = {tests, ZYNC_ARRAY_LEN(tests)};
