/* SPDX-License-Identifier: Apache-2.0 */
/* How mappings are put together: bundles, override and remove, the most specific one alone; lengths, case, empty fields; host group formats; IPMI and TLS. */
#include "rules_test.h"

#include <string.h>

#include "base/str.h"

/* Sections, mappings, object (NULL: test_device) and a part of the host, or of the reason where it begins with "! ". */
static const struct {
	const char *sections, *mappings, *object, *part;
} cases[] = {
	/* bundles come before the mapping that uses them, in order, and may use others */
	{"bundles: {a: {set: {templates: [A], host: a}}, b: {set: {use: a, templates: [B], host: b}}}\n",
	 "  - {set: {host_groups: [G], use: [b]}}\n", NULL,
	 "host=b; name=core-sw1; status=0; owner=nb:device:17; description=; groups=G; templates=A,B;"},
	{"bundles: {a: {set: {templates: [A], host: a}}}\n", "  - {set: {host_groups: [G], use: [a], host: own}}\n", NULL, "host=own;"},
	{"bundles: {a: {set: {templates: [A]}}}\n", "  - {set: {host_groups: [G], use: [a]}}\n  - {set: {use: [a], templates: [B]}}\n",
	 NULL, "templates=A,B;"},
	{"bundles: [{name: a, set: {tls: {connect: certificate}}}]\n", "  - {set: {host_groups: [G], use: a}}\n", NULL, "tls=4/4 : |;"},
	/* override: the list begins anew; later mappings add again */
	{NULL,
	 "  - {set: {host_groups: [A], templates: [T1, T2]}}\n  - {set: {override: [templates], templates: [T3]}}\n  - {set: {templates: "
	 "[T1]}}\n",
	 NULL, "templates=T1,T3;"},
	{NULL, "  - {set: {host_groups: [A], templates: [T1]}}\n  - {set: {override: templates}}\n", NULL, "templates=;"},
	{NULL,
	 "  - {set: {host_groups: [A], tags: {a: 1}, macros: {\"{$A}\": 1}, inventory: {os: x}}}\n"
	 "  - {set: {override: [host_groups, tags, macros, inventory], host_groups: [B], tags: {b: 2}}}\n",
	 NULL, "groups=B; templates=; by=0 proxy=- proxy_group=-; tags=b:2; macros=; mode=0; inventory=;"},
	{NULL, "  - {set: {host_groups: [A]}}\n  - {set: {override: host_groups}}\n", NULL,
	 "! no host group: the matching mappings take all of them away again"},
	/* remove: patterns of names, of earlier mappings only */
	{NULL,
	 "  - {set: {host_groups: [A, Lab/x, Lab/y], templates: [T1, T2]}}\n  - {set: {remove_templates: [T1], remove_host_groups: "
	 "\"Lab/*\"}}\n",
	 NULL, "groups=A; templates=T2;"},
	{NULL, "  - {set: {host_groups: [A], remove_templates: [T1], templates: [T1]}}\n", NULL, "templates=T1;"},
	{NULL, "  - {set: {host_groups: [A], templates: [t1], remove_templates: [T1]}}\n  - {set: {remove_templates: [T?]}}\n", NULL,
	 "templates=t1;"},
	{NULL,
	 "  - {set: {host_groups: [A], tags: {site: [a, b], x: 1}, macros: {\"{$SNMP.A}\": 1, \"{$B}\": 2}}}\n"
	 "  - {set: {remove_tags: [site], remove_macros: [\"{$SNMP*}\"]}}\n",
	 NULL, "tags=x:1; macros={$B}:2(0);"},
	{NULL, "  - {set: {host_groups: [A], templates: [T]}}\n  - {set: {remove_templates: [T]}}\n  - {set: {templates: [T]}}\n", NULL,
	 "templates=T;"},
	/* first: the most specific, of equals the first; nothing of the others */
	{"rules: {combine: first}\n",
	 "  - {set: {host_groups: [All], templates: [A]}}\n"
	 "  - {match: {role: core-switch}, set: {host_groups: [Role]}}\n"
	 "  - {match: {role: core-switch, site: ber-hq}, set: {host_groups: [Both]}}\n"
	 "  - {match: {role: core-switch, platform: ios-xe}, set: {host_groups: [Late]}}\n",
	 NULL, "groups=Both; templates=;"},
	{"rules: {combine: first}\n", "  - {set: {host_groups: [All]}}\n  - {match: {role: none}, set: {host_groups: [Role]}}\n", NULL,
	 "groups=All;"},
	{"rules: {combine: first}\n", "  - {match: {role: none}, set: {host_groups: [Role]}}\n", NULL, "! no mapping matches"},
	{"rules: {combine: first}\nbundles: {t: {set: {templates: [T]}}}\n",
	 "  - {set: {host_groups: [All]}}\n  - {match: {name: core-*}, set: {host_groups: [N], use: t}}\n", NULL, "groups=N; templates=T;"},
	/* undefined values */
	{"rules: {undefined: error}\n", "  - {set: {host_groups: [\"A/{{ asset_tag }}\"]}}\n", NULL,
	 "! host_groups (mapping \"mapping 1\", line 15): "},
	{"rules: {undefined: error}\n", "  - {set: {host_groups: [\"A/{{ asset_tag | default('none') }}\"]}}\n", NULL, "groups=A/none;"},
	/* illegal names */
	{"rules: {illegal_names: netbox_id}\n", "  - {set: {host_groups: [A]}}\n",
	 "{\"type\":\"device\",\"id\":17,\"name\":\"Zürich (1)\"}", "host=NETBOX_ID17; name=Zürich (1);"},
	{"rules: {illegal_names: netbox_id}\n", "  - {set: {host_groups: [A]}}\n", "{\"type\":\"device\",\"id\":9,\"name\":\"core_fw_v2\"}",
	 "host=core_fw_v2; name=core_fw_v2;"},
	/* tags */
	{"rules: {tag_case: lower, tag_prefix: nb_}\n",
	 "  - {set: {host_groups: [A], tags: {Site: \"{{ site.name }}\", SITE: BERLIN HQ}}}\n", NULL, "tags=nb_site:berlin hq;"},
	{"rules: {tag_case: upper}\n", "  - {set: {host_groups: [A], tags: {ä: ö}}}\n", NULL, "tags=Ä:Ö;"},
	/* inventory: a field that a mapping names is there, empty or kept */
	{NULL, "  - {set: {host_groups: [A], inventory: {os: \"{{ asset_tag }}\", type: t}}}\n", NULL, "inventory=os:,type:t;"},
	{"rules: {empty_inventory: keep}\n", "  - {set: {host_groups: [A], inventory: {os: \"{{ asset_tag }}\", type: t}}}\n", NULL,
	 "inventory=os:(null),type:t;"},
	{"rules: {empty_inventory: keep}\n", "  - {set: {host_groups: [A], inventory: {os: x}}}\n  - {set: {inventory: {os: \"\"}}}\n",
	 NULL, "inventory=os:(null);"},
	/* formats of host groups */
	{NULL, "  - {set: {host_group_format: [site/manufacturer/role, \"'Net / Box'/\\\"x\\\"/level\", region]}}\n", NULL,
	 "groups=Berlin,Berlin HQ/Cisco/Core Switch,Net / Box/x/full;"},
	{NULL, "  - {set: {host_group_format: site_group/tenant/tenant_group/platform/location/rack/cluster/device_type}}\n", NULL,
	 "groups=Campus West/ACME Corp/Gold/IOS XE/Row 1/C9300-48P;"},
	{NULL, "  - {set: {host_group_format: select/object/multi/number/on/unset}}\n", NULL, "groups=gold/px1/a, b/42/true;"},
	{NULL, "  - {set: {host_group_format: cluster_type/cluster/role}}\n",
	 "{\"type\":\"vm\",\"id\":5,\"name\":\"web1\",\"cluster\":{\"name\":\"c/1\",\"type\":{\"name\":\"v\"}}}", "groups=v/c/1;"},
	{NULL, "  - {set: {host_group_format: unset/asset}}\n", NULL,
	 "! no host group: all host_groups of the matching mappings are empty for this object"},
	/* addresses: the first that the object has */
	{NULL, "  - {set: {host_groups: [A], interfaces: [{type: agent, address: [\"interface:mgmt*\", oob, primary]}]}}\n", NULL,
	 "if[type=1 main=1 useip=1 ip=192.0.2.5 dns=oob.example.net port=10050]"},
	{NULL, "  - {set: {host_groups: [A], interfaces: [{type: jmx, address: [\"interface:mgmt*\", oob]}]}}\n",
	 "{\"type\":\"device\",\"id\":1,\"name\":\"x\",\"ip_addresses\":[{\"address\":\"10.0.0.1/"
	 "24\",\"interface\":\"eth0\"},{\"address\":\"10.0.0.9/24\","
	 "\"interface\":\"mgmt0\",\"role\":{\"value\":\"vrrp\"}},{\"address\":\"10.0.0.2/"
	 "24\",\"dns_name\":\"m.example.net\",\"interface\":\"mgmt1\"}]}",
	 "if[type=4 main=1 useip=1 ip=10.0.0.2 dns=m.example.net port=12345]"},
	{NULL,
	 "  - {set: {host_groups: [A], interfaces: [{type: ipmi, address: [\"{{ custom_fields.unset }}\", \"{{ custom_fields.list }}\"], "
	 "use: dns}]}}\n",
	 NULL, "if[type=3 main=1 useip=0 ip= dns=x port=623]"},
	{NULL, "  - {set: {host_groups: [A], interfaces: [{type: agent, address: [\"interface:mgmt0\"]}]}}\n", NULL,
	 "! no IP address on an interface \"mgmt0\" in NetBox (interface agent needs one)"},
	{NULL, "  - {set: {host_groups: [A], interfaces: [{type: agent, address: [oob, primary6]}]}}\n",
	 "{\"type\":\"device\",\"id\":1,\"name\":\"x\"}",
	 "! no address of those that the mapping names in NetBox (interface agent needs one)"},
	/* IPMI and TLS */
	{NULL,
	 "  - {set: {host_groups: [A], ipmi: {username: \"{{ name | truncate(4) }}\", password: \"{$P}\", authtype: rmcp+, privilege: "
	 "admin}}}\n",
	 NULL, "ipmi=6/4 core:{$P};"},
	{NULL, "  - {set: {host_groups: [A], ipmi: {username: u}}}\n", NULL, "ipmi=-1/2 u:;"},
	{NULL, "  - {set: {host_groups: [A], ipmi: {username: abcdefghijklmnopq}}}\n", NULL,
	 "! ipmi.username has 17 characters, Zabbix allows 16"},
	{NULL,
	 "  - {set: {host_groups: [A], tls: {connect: psk, accept: [psk, none], psk_identity: \"i {{ id }}\", psk: "
	 "00112233445566778899aabbccddeeff}}}\n",
	 NULL, "tls=2/3 i 17:00112233445566778899aabbccddeeff |;"},
	{NULL, "  - {set: {host_groups: [A], tls: {connect: certificate, issuer: I, subject: \"CN={{ name }}\", psk_identity: unused}}}\n",
	 NULL, "tls=4/4 : I|CN=core-sw1;"},
	{NULL, "  - {set: {host_groups: [A], tls: {connect: psk, psk_identity: i, psk: \"{{ asset_tag }}\"}}}\n", NULL,
	 "! tls: psk needs both psk_identity and psk; psk is empty for this object"},
	{NULL, "  - {set: {host_groups: [A], tls: {connect: \"{{ custom_fields.level }}\"}}}\n", NULL,
	 "! tls.connect (mapping \"mapping 1\", line 14): \"full\" is none of none, psk, certificate"},
};

static void test_cases(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		bool failed = zync_str_starts(cases[i].part, "! ");

		world_rules_with(&w, cases[i].sections, cases[i].mappings);
		world_derive(&w, cases[i].object != NULL ? cases[i].object : test_device, /* explain= */ i % 2 == 0);
		if (failed)
			assert_contains(cases[i].mappings, w.result.reason, cases[i].part + 2);
		else if (w.result.verdict != ZYNC_VERDICT_MONITORED)
			fail_msg("%s\nfails: %s", cases[i].mappings, w.result.reason);
		else
			assert_contains(cases[i].mappings, world_host(&w), cases[i].part);
	}
	world_done(&w);
}

/* A text of @p chars characters, each of two bytes. */
static const char *long_text(struct world *w, size_t chars)
{
	char *text = zync_arena_alloc(w->arena, 2 * chars + 1);

	assert_non_null(text);
	for (size_t i = 0; i < chars; i++)
		memcpy(text + 2 * i, "ü", 2);
	text[2 * chars] = '\0';
	return text;
}

static void derive_long(struct world *w, const char *policy, const char *set, size_t chars)
{
	world_rules_with(w, zync_arena_printf(w->arena, "rules: {too_long: %s}\n", policy),
			 zync_arena_printf(w->arena, "  - set: {host_groups: [A], %s}\n", set));
	world_derive(w, zync_arena_printf(w->arena, "{\"type\":\"device\",\"id\":1,\"name\":\"x\",\"serial\":\"%s\"}", long_text(w, chars)),
		     /* explain= */ true);
}

/* What Zabbix has no room for: characters count, not bytes. */
static void test_lengths(void **state)
{
	static const struct {
		const char *set, *field, *what;
		size_t max;
	} rows[] = {
		{"tags: [{tag: t, value: \"{{ serial }}\"}]", "tags[t]", "tags: the value of \"t\"", 255},
		{"macros: {\"{$M}\": \"{{ serial }}\"}", "macros[{$M}].value", "macros: the value of {$M}", 2048},
		{"inventory: {os: \"{{ serial }}\"}", "inventory[os]", "inventory: os", 128},
		{"inventory: {type: \"{{ serial }}\"}", "inventory[type]", "inventory: type", 64},
	};
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++) {
		derive_long(&w, "fail", rows[i].set, rows[i].max);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
		assert_contains(rows[i].set, world_host(&w), "ü");
		derive_long(&w, "fail", rows[i].set, rows[i].max + 1);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
		assert_contains(
			rows[i].set, w.result.reason,
			zync_arena_printf(
				w.arena,
				"%s (mapping \"mapping 1\", line 15) has %zu characters, Zabbix allows %zu; cut it with truncate(%zu)",
				rows[i].what, rows[i].max + 1, rows[i].max, rows[i].max));
		derive_long(&w, "truncate", rows[i].set, rows[i].max + 7);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
		assert_contains(rows[i].set, world_host(&w), long_text(&w, rows[i].max));
		assert_null(strstr(world_host(&w), long_text(&w, rows[i].max + 1)));
		assert_non_null(world_origin(&w, rows[i].field));
		derive_long(&w, "skip", rows[i].set, rows[i].max + 1);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
		assert_null(strstr(world_host(&w), "ü"));
		assert_contains(rows[i].set, world_origin(&w, rows[i].field), "left out: ");
	}
	world_done(&w);
}

/* What the configuration itself has wrong. */
static void test_problems(void **state)
{
	static const struct {
		const char *sections, *mappings, *problem;
	} rows[] = {
		{"bundles: {a: {set: {use: b}}, b: {set: {use: a}}}\n", "  - {set: {host_groups: [A]}}\n",
		 "bundles: \"a\" uses itself, by way of other bundles or directly"},
		{"bundles: {a: {set: {use: a}}}\n", "  - {set: {host_groups: [A]}}\n", "bundles: \"a\" uses itself"},
		{"bundles: {linux: {set: {}}}\n", "  - {set: {host_groups: [A], use: [linus]}}\n",
		 "use: there is no bundle \"linus\"; did you mean \"linux\"?"},
		{"bundles: [{name: a, set: {}}, {name: a, set: {}}]\n", "  - {set: {host_groups: [A]}}\n",
		 "bundles: two of them have the name \"a\""},
		{"rules: {catch_all: required}\n", "  - {match: {site: x}, set: {host_groups: [A]}}\n",
		 "rules.catch_all: required, but no mapping is without `match`"},
		{NULL, "  - {set: {host_group_format: [site//role]}}\n",
		 "host_group_format: \"site//role\" has nothing between two slashes"},
		{NULL, "  - {set: {host_group_format: [\"'open/role\"]}}\n",
		 "host_group_format: a quotation mark has no counterpart in \"'open\""},
		{NULL, "  - {set: {host_groups: [A], tls: {connect: pks}}}\n", "tls: connect: \"pks\" is none of none, psk, certificate"},
		{NULL, "  - {set: {host_groups: [A], tls: {psk: 0123}}}\n",
		 "tls: psk: an even number of hexadecimal digits is wanted, 32 to 512 of them (not shown)"},
		{NULL, "  - {set: {host_groups: [A], interfaces: [{type: agent, address: \"interface:\"}]}}\n",
		 "interfaces: address: \"interface:\" wants the name of an interface"},
		{NULL, "  - {set: {host_groups: [A], interfaces: [{type: ipmi, version: 2}]}}\n",
		 "interfaces: version: only interfaces of type snmp have it"},
	};
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++) {
		w.sections = rows[i].sections;
		assert_int_equal(world_compile(&w, rows[i].mappings), ZYNC_ERR_INVALID);
		assert_contains(rows[i].mappings, w.err.message, rows[i].problem);
	}
	w.sections = "rules: {catch_all: required}\n";
	assert_int_equal(world_compile(&w, "  - {match: {site: x}, set: {}}\n  - {set: {host_groups: [A]}}\n"), ZYNC_OK);
	world_done(&w);
}

/* Explain says what was taken away, by whom and from whom, which bundle gave a value, and which mappings were passed over. */
static void test_explained(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_rules_with(&w, "bundles: {t: {set: {templates: [T1, T2]}}}\n",
			 "  - {name: base, set: {host_groups: [A], use: t}}\n"
			 "  - {name: special, set: {remove_templates: [T2]}}\n");
	world_derive(&w, test_device, /* explain= */ true);
	assert_string_equal(world_origin(&w, "templates[T1]"), "T1 < bundle t@13 (-)");
	assert_string_equal(world_origin(&w, "templates[T2]"), "(null) < special@16 (bundle t) taken away");
	assert_int_equal(w.result.matched_count, 3);
	assert_string_equal(w.result.matched[0], "bundle t");
	world_rules_with(&w, "rules: {combine: first}\n",
			 "  - {name: all, set: {host_groups: [A]}}\n  - {name: core, match: {name: core-*}, set: {host_groups: [B]}}\n"
			 "  - {name: other, match: {name: edge-*}, set: {host_groups: [C]}}\n");
	world_derive(&w, test_device, /* explain= */ true);
	assert_int_equal(w.result.matched_count, 1);
	assert_string_equal(w.result.matched[0], "core");
	assert_int_equal(w.result.passed_over_count, 1);
	assert_string_equal(w.result.passed_over[0], "all");
	world_done(&w);
}

/* What NetBox has to be asked for. */
static void test_needs(void **state)
{
	const char *const *names, *text;
	size_t count = 0;
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - {set: {host_groups: [A], interfaces: [{type: agent, address: oob}]}}\n");
	assert_false(zync_rules_need_ip_addresses(w.rules));
	assert_false(zync_rules_need_config_context(w.rules));
	world_rules(&w, "  - {set: {host_groups: [A], interfaces: [{type: agent, address: \"interface:x\"}]}}\n");
	assert_true(zync_rules_need_ip_addresses(w.rules));
	world_rules(&w, "  - {set: {host_groups: [A], description: \"{{ ip_addresses[0].address }}\"}}\n");
	assert_true(zync_rules_need_ip_addresses(w.rules));
	world_rules(&w,
		    "  - {set: {host_groups: [\"{{ face.label }}/{{ (x.asn for x in site.asns) | first }}\"], host_group_format: role}}\n");
	names = zync_rules_names(w.rules, &count);
	text = "";
	for (size_t i = 0; i < count; i++)
		text = zync_arena_printf(w.arena, "%s %s", text, names[i]);
	assert_contains("names", text, " face label");
	assert_contains("names", text, "site");
	assert_contains("names", text, "asns");
	assert_contains("names", text, "role");
	world_rules(&w, "  - {set: {host_groups: [A], per_host: {}}}\n");
	assert_true(zync_rules_need_config_context(w.rules));
	world_rules(&w, "  - {set: {host_groups: [A], per_host: {context: \"\"}}}\n");
	assert_false(zync_rules_need_config_context(w.rules));
	world_done(&w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_cases),	  cmocka_unit_test(test_lengths), cmocka_unit_test(test_problems),
	cmocka_unit_test(test_explained), cmocka_unit_test(test_needs),
};
const struct test_group group_sets = {tests, ZYNC_ARRAY_LEN(tests)};
