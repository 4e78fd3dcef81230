/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_test.h"

#include <string.h>

#include "base/str.h"

static const struct {
	const char *mappings;
	const char *object; /* NULL: test_device */
	enum zync_verdict verdict;
	const char *part; /* of the host, or of the reason when failed or skipped */
} cases[] = {
	/* names */
	{"  - set: {host_groups: [A]}\n", NULL, 0, "host=core-sw1; name=core-sw1; status=0; owner=nb:device:17; description=;"},
	{"  - set: {host_groups: [A], host: \"{{ site.slug }}-{{ name }}\"}\n", NULL, 0, "host=ber-hq-core-sw1; name=core-sw1;"},
	{"  - set: {host_groups: [A], name: \"{{ name | upper }} ({{ site.name }})\"}\n", NULL, 0,
	 "host=core-sw1; name=CORE-SW1 (Berlin HQ);"},
	{"  - set: {host_groups: [A], host: \"{{ asset_tag }}\"}\n", NULL, 0, "host=core-sw1;"},
	{"  - set: {host_groups: [A], host: \"{{ site.name }}/{{ name }}\"}\n", NULL, 0, "name=core-sw1;"},
	{"  - set: {host_groups: [A]}\n", "{\"type\":\"device\",\"id\":17,\"name\":\"Zürich (1)\"}", 0, "_d17; name=Zürich (1);"},
	{"  - set: {host_groups: [A]}\n", "{\"type\":\"vm\",\"id\":9,\"name\":\"a/b\"}", 0, "_v9; name=a/b;"},
	{"  - set: {host_groups: [A], host: \"dev-{{ id }}\"}\n", "{\"type\":\"device\",\"id\":17,\"name\":null}", 0,
	 "host=dev-17; name=dev-17;"},
	{"  - set: {host_groups: [A]}\n", "{\"type\":\"device\",\"id\":17,\"name\":null}", ZYNC_VERDICT_SKIPPED, "the device has no name"},
	{"  - set: {host_groups: [A]}\n", "{\"type\":\"vm\",\"id\":17,\"name\":\"\"}", ZYNC_VERDICT_SKIPPED,
	 "the virtual machine has no name"},
	{"  - set: {host_groups: [A], host: one}\n  - set: {host: two}\n  - {match: {site: ams}, set: {host: three}}\n", NULL, 0,
	 "host=two;"},
	/* groups */
	{"  - set: {host_groups: [B, A, \"NetBox/{{ site.name }}\", A]}\n", NULL, 0, "groups=A,B,NetBox/Berlin HQ;"},
	{"  - set: {host_groups: [A]}\n  - set: {host_groups: [B, A]}\n", NULL, 0, "groups=A,B;"},
	{"  - set: {host_groups: [\"NetBox/{{ asset_tag }}/{{ site.slug }}\"]}\n", NULL, 0, "groups=NetBox/ber-hq;"},
	{"  - set: {host_groups: [\"NetBox/{{ asset_tag }}\"]}\n", NULL, 0, "groups=NetBox;"},
	{"  - set: {host_groups: [\"{{ asset_tag }}/{{ name }}/{{ comments }}\"]}\n", NULL, 0, "groups=core-sw1;"},
	{"  - set: {host_groups: [\"{{ asset_tag }}/{{ cluster.name }}\", A]}\n", NULL, 0, "groups=A;"},
	{"  - set: {host_groups: [\"{{ asset_tag }}\", \"{{ cluster.name }}/\"]}\n", NULL, ZYNC_VERDICT_FAILED,
	 "no host group: all host_groups of the matching mappings are empty for this object"},
	{"  - set: {templates: [T]}\n", NULL, ZYNC_VERDICT_FAILED, "no host group: no matching mapping sets host_groups"},
	{"  - set: {host_groups: [\"{{ name | replace('-', custom_fields.level) | truncate(custom_fields.level) }}\"]}\n", NULL,
	 ZYNC_VERDICT_FAILED,
	 "host_groups (mapping \"mapping 1\", line 14): at character 56: truncate: the argument must be a whole number"},
	/* templates */
	{"  - set: {host_groups: [A], templates: [T2, T1]}\n  - set: {templates: [T1, \"{{ platform.name }}\", \"{{ asset_tag }}\"]}\n",
	 NULL, 0, "templates=IOS XE,T1,T2;"},
	/* tags */
	{"  - set: {host_groups: [A], tags: [{tag: site, value: \"{{ site.slug }}\"}, {tag: plain}, {tag: \"{{ asset_tag }}\", value: "
	 "x}]}\n"
	 "  - set: {tags: [{tag: site, value: ber-hq}, {tag: site, value: other}, {tag: gone, value: \"{{ asset_tag }}\"},"
	 " {tag: empty, value: \"{{ comments }}\"}]}\n",
	 NULL, 0, "tags=empty:,plain:,site:ber-hq,site:other;"},
	/* a list of NetBox gives one entry an element, a text is a text */
	{"  - set: {host_groups: [\"{{ tags }}\", \"Multi {{ custom_fields.list }}\"], templates: [\"{{ custom_fields.list }}\", x],"
	 " tags: [{tag: netbox, value: \"{{ tags }}\"}, {tag: all, value: \"{{ tags | join('+') }}\"}]}\n",
	 NULL, 0, "groups=Edge Site,Monitoring,Multi x, y; templates=x,y; "},
	{"  - set: {host_groups: [A], tags: [{tag: netbox, value: \"{{ tags }}\"}, {tag: all, value: \"{{ tags | join('+') }}\"}]}\n", NULL,
	 0, "tags=all:Monitoring+Edge Site,netbox:Edge Site,netbox:Monitoring;"},
	{"  - set: {host_groups: [A], tags: [{tag: netbox, value: \"{{ tags }}\"}]}\n",
	 "{\"type\":\"vm\",\"id\":1,\"name\":\"x\",\"tags\":[]}", 0, "tags=;"},
	/* macros */
	{"  - set: {host_groups: [A], macros: [{macro: \"{$A}\", value: one, description: d}, {macro: \"{$B}\", value: \"{{ asset_tag "
	 "}}\"},"
	 " {macro: \"{$C}\", value: \"\"}]}\n"
	 "  - set: {macros: [{macro: \"{$A}\", value: two, type: secret}, {macro: \"{$D:ctx}\", value: \"path:key\", type: vault}]}\n",
	 NULL, 0, "macros={$A}:two(1),{$C}:(0),{$D:ctx}:path:key(2);"},
	/* inventory */
	{"  - set: {host_groups: [A], inventory: {serialno_a: \"{{ serial }}\", location: x, asset_tag: \"{{ asset_tag }}\"}}\n"
	 "  - set: {inventory: {location: \"{{ site.name }}\", type: \"{{ comments }}\"}}\n",
	 NULL, 0, "mode=0; inventory=asset_tag:,location:Berlin HQ,serialno_a:FOC1,type:;"},
	{"  - set: {host_groups: [A], inventory: {location: x}}\n  - set: {inventory: {location: \"\"}}\n", NULL, 0,
	 "mode=0; inventory=location:;"},
	{"  - set: {host_groups: [A], inventory: {location: x}}\n  - set: {inventory_mode: automatic}\n", NULL, 0,
	 "mode=1; inventory=location:x;"},
	{"  - set: {host_groups: [A], inventory: {location: x}, inventory_mode: disabled}\n", NULL, 0, "mode=-1; inventory=;"},
	/* description and proxy */
	{"  - set: {host_groups: [A], description: one}\n  - set: {description: \"{{ asset_tag }}\"}\n", NULL, 0, "description=one;"},
	{"  - set: {host_groups: [A], description: one}\n  - set: {description: \"\"}\n", NULL, 0, "description=;"},
	{"  - set: {host_groups: [A], proxy: px}\n", NULL, 0, "by=1 proxy=px proxy_group=-;"},
	{"  - set: {host_groups: [A], proxy: px}\n  - set: {proxy_group: grp}\n", NULL, 0, "by=2 proxy=- proxy_group=grp;"},
	{"  - set: {host_groups: [A], proxy_group: grp}\n  - set: {proxy: \"{{ config_context.zabbix.proxy }}\"}\n", NULL, 0,
	 "by=1 proxy=px-ctx proxy_group=-;"},
	{"  - set: {host_groups: [A], proxy_group: grp}\n  - set: {proxy: \"{{ asset_tag }}\"}\n", NULL, 0,
	 "by=2 proxy=- proxy_group=grp;"},
	{"  - set: {host_groups: [A], proxy_group: grp}\n  - set: {proxy: \"{{ comments }}\"}\n", NULL, 0, "by=0 proxy=- proxy_group=-;"},
	/* several reasons at once */
	{"  - set: {host_groups: [\"{{ asset_tag }}\"], interfaces: [{type: agent, address: primary6}]}\n",
	 "{\"type\":\"vm\",\"id\":1,\"name\":\"x\"}", ZYNC_VERDICT_FAILED,
	 "no host group: all host_groups of the matching mappings are empty for this object; no primary IPv6 address in NetBox (interface "
	 "agent"},
};

static void test_derive_cases(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		bool host = cases[i].verdict == ZYNC_VERDICT_MONITORED;

		world_rules(&w, cases[i].mappings);
		world_derive(&w, cases[i].object != NULL ? cases[i].object : test_device, /* explain= */ i % 2 == 0);
		if (w.result.verdict != cases[i].verdict)
			fail_msg("%s\nis %s: %s", cases[i].mappings, zync_verdict_name(w.result.verdict), w.result.reason);
		assert_contains(cases[i].mappings, host ? world_host(&w) : w.result.reason, cases[i].part);
		assert_true((w.result.reason == NULL) == host);
	}
	world_done(&w);
}

static const char *with_status(struct world *w, const char *type, const char *status)
{
	return zync_arena_printf(w->arena, "{\"type\":\"%s\",\"id\":3,\"name\":\"x\",\"status\":{\"value\":\"%s\",\"label\":\"L %s\"}}",
				 type, status, status);
}

static void test_verdicts(void **state)
{
	static const struct {
		const char *status, *set; /* what a second mapping sets */
		enum zync_verdict verdict;
		const char *reason;
	} rows[] = {
		{"active", "", ZYNC_VERDICT_MONITORED, NULL},
		{"custom", "", ZYNC_VERDICT_MONITORED, NULL},
		{"offline", "", ZYNC_VERDICT_DISABLED, "status \"offline\" is mapped to disabled"},
		{"OFFLINE", "", ZYNC_VERDICT_DISABLED, "status \"OFFLINE\" is mapped to disabled"},
		{"decommissioning", "", ZYNC_VERDICT_REMOVED, "status \"decommissioning\" is mapped to removed"},
		{"inventory", "", ZYNC_VERDICT_SKIPPED, "status \"inventory\" is mapped to skipped"},
		{"offline", "state: monitored", ZYNC_VERDICT_MONITORED, NULL},
		{"active", "state: disabled", ZYNC_VERDICT_DISABLED, "mapping \"second\" (line 16) sets state disabled"},
		{"active", "state: removed", ZYNC_VERDICT_REMOVED, "mapping \"second\" (line 16) sets state removed"},
		{"decommissioning", "state: skipped", ZYNC_VERDICT_SKIPPED, "mapping \"second\" (line 16) sets state skipped"},
		{"active", "state: '{{ \"skipped\" if not asset_tag }}'", ZYNC_VERDICT_SKIPPED,
		 "mapping \"second\" (line 16) sets state skipped"},
		{"offline", "state: '{{ \"skipped\" if asset_tag }}'", ZYNC_VERDICT_DISABLED, "status \"offline\" is mapped to disabled"},
	};
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++) {
		world_rules(&w, zync_arena_printf(w.arena, "  - set: {host_groups: [A]}\n  - name: second\n    set: {templates: [T]%s%s}\n",
						  rows[i].set[0] != '\0' ? ", " : "", rows[i].set));
		world_derive(&w, with_status(&w, "device", rows[i].status), /* explain= */ false);
		if (w.result.verdict != rows[i].verdict || !zync_str_eq(w.result.reason, rows[i].reason))
			fail_msg("row %zu: %s, %s", i, zync_verdict_name(w.result.verdict), w.result.reason);
		if (w.result.verdict <= ZYNC_VERDICT_REMOVED)
			assert_string_equal(w.result.host.host, "x");
		assert_int_equal(w.result.host.status,
				 w.result.verdict == ZYNC_VERDICT_DISABLED ? ZYNC_HOST_DISABLED : ZYNC_HOST_MONITORED);
	}
	world_done(&w);
}

/* The table of devices is not that of virtual machines: without a line of its own there, "inventory" is monitored. */
static void test_status_tables(void **state)
{
	struct world w;
	struct zync_cfg_text verdict = {.value = "disabled"};
	struct zync_cfg_pair by_label = {.key = {.value = "l odd"}, .values = {.items = &verdict, .len = 1}};

	(void)state;
	world_init(&w);
	world_rules(&w, "  - set: {host_groups: [A]}\n");
	world_derive(&w, with_status(&w, "vm", "inventory"), /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
	zync_rules_free(w.rules);
	w.rules = NULL;
	w.config->status.virtual_machine = (struct zync_cfg_pairs){.items = &by_label, .len = 1};
	assert_int_equal(zync_rules_compile(w.config, &w.rules, &w.err), ZYNC_OK);
	world_derive(&w, with_status(&w, "vm", "odd"), /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_DISABLED);
	world_derive(&w, with_status(&w, "device", "odd"), /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
	world_derive(&w, "{\"type\":\"vm\",\"id\":1,\"name\":\"x\",\"status\":\"odd\"}", /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
	world_done(&w);
}

/* Words that the file must give as they are, but that whoever builds a configuration otherwise may take from NetBox. */
static void test_words_from_templates(void **state)
{
	static const struct {
		size_t offset; /* of the text in struct zync_cfg_set */
		const char *value;
		enum zync_verdict verdict;
		const char *part;
	} rows[] = {
		{offsetof(struct zync_cfg_set, state), "{{ custom_fields.level }}", ZYNC_VERDICT_FAILED,
		 "state (mapping \"mapping 1\", line 0): \"full\" is none of monitored, disabled, removed, skipped"},
		{offsetof(struct zync_cfg_set, state), "{{ 'Disabled' }}", ZYNC_VERDICT_DISABLED, "sets state disabled"},
		{offsetof(struct zync_cfg_set, state), "{{ asset_tag }}", ZYNC_VERDICT_MONITORED, NULL},
		{offsetof(struct zync_cfg_set, zabbix_server), "{{ custom_fields.level }}", ZYNC_VERDICT_FAILED,
		 "zabbix_server: there is no server named \"full\" under zabbix"},
		{offsetof(struct zync_cfg_set, zabbix_server), "{{ asset_tag }}", ZYNC_VERDICT_MONITORED, NULL},
		{offsetof(struct zync_cfg_set, inventory_mode), "{{ custom_fields.level }}", ZYNC_VERDICT_FAILED,
		 "inventory_mode (mapping \"mapping 1\", line 0): \"full\" is none of manual, automatic, disabled"},
	};
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++) {
		void *set;
		struct zync_cfg_text *text;

		world_rules(&w, "  - set: {host_groups: [A]}\n");
		set = (char *)&w.config->mappings.items[0].set + rows[i].offset;
		text = set;
		text->value = rows[i].value;
		zync_rules_free(w.rules);
		w.rules = NULL;
		assert_int_equal(zync_rules_compile(w.config, &w.rules, &w.err), ZYNC_OK);
		world_derive(&w, test_device, /* explain= */ false);
		assert_int_equal(w.result.verdict, rows[i].verdict);
		if (rows[i].part != NULL)
			assert_contains(rows[i].value, w.result.reason, rows[i].part);
	}
	world_done(&w);
}

/* Names that come from NetBox and that Zabbix would refuse. */
static void test_illegal_names(void **state)
{
	struct world w;
	char name[300];

	(void)state;
	world_init(&w);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	world_rules(&w, "  - set: {host_groups: [\"{{ serial }}\"]}\n");
	world_derive(&w, zync_arena_printf(w.arena, "{\"type\":\"device\",\"id\":8,\"name\":\"x\",\"serial\":\"%s\"}", name),
		     /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
	assert_contains("group", w.result.reason, "host_groups (mapping \"mapping 1\", line 14): \"xxx");
	assert_contains("group", w.result.reason, "is no legal group name: ");
	world_rules(&w, "  - set: {host_groups: [A], macros: [{macro: \"{$A}\", value: x}]}\n");
	for (size_t i = 0; i < 2; i++) {
		w.config->mappings.items[0].set.macros.items[0].macro.value = i == 0 ? "{{ name }}" : "{${{ 'ZYNC.OWNER' }}}";
		zync_rules_free(w.rules);
		w.rules = NULL;
		assert_int_equal(zync_rules_compile(w.config, &w.rules, &w.err), ZYNC_OK);
		world_derive(&w, test_device, /* explain= */ false);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
		assert_contains("macro", w.result.reason,
				i == 0 ? "\"core-sw1\" cannot be the name of a macro: " : "it is the mark by which zync knows its hosts");
	}
	world_done(&w);
}

/* What is removed needs neither a name nor a group nor an address. */
static void test_removed_needs_nothing(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - set: {host_groups: [\"{{ asset_tag }}\"], interfaces: [{type: agent}], state: removed}\n");
	world_derive(&w, "{\"type\":\"device\",\"id\":3,\"name\":null}", /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_REMOVED);
	assert_null(w.result.host.host);
	assert_string_equal(w.result.host.owner, "nb:device:17");
	assert_string_equal(w.result.server, "main");
	world_done(&w);
}

static void test_server(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - set: {host_groups: [A]}\n  - {match: {site: ber-hq}, set: {zabbix_server: second}}\n");
	world_derive(&w, test_device, /* explain= */ false);
	assert_string_equal(w.result.server, "second");
	world_derive(&w, test_vm, /* explain= */ false);
	assert_string_equal(w.result.server, "main");
	world_done(&w);
}

static void test_managed_and_ownership(void **state)
{
	static const struct {
		const char *set;
		unsigned bits;
	} rows[] = {
		{"host_groups: [A]", 0},
		{"description: x", ZYNC_ASPECT_BIT(ZYNC_ASPECT_DESCRIPTION)},
		{"templates: [T]", ZYNC_ASPECT_BIT(ZYNC_ASPECT_TEMPLATES)},
		{"interfaces: [{type: agent}]", ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES)},
		{"proxy: p", ZYNC_ASPECT_BIT(ZYNC_ASPECT_PROXY)},
		{"proxy_group: p", ZYNC_ASPECT_BIT(ZYNC_ASPECT_PROXY)},
		{"tags: [{tag: a}]", ZYNC_ASPECT_BIT(ZYNC_ASPECT_TAGS)},
		{"macros: [{macro: \"{$A}\", value: b}]", ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS)},
		{"inventory: {location: x}", ZYNC_ASPECT_BIT(ZYNC_ASPECT_INVENTORY)},
		{"inventory_mode: automatic", ZYNC_ASPECT_BIT(ZYNC_ASPECT_INVENTORY)},
	};
	unsigned always = ZYNC_ASPECT_BIT(ZYNC_ASPECT_HOST) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_NAME) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_STATUS) |
			  ZYNC_ASPECT_BIT(ZYNC_ASPECT_GROUPS);
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++) {
		/* The mapping that sets it does not even match. */
		world_rules(&w, zync_arena_printf(w.arena, "  - set: {host_groups: [A]}\n  - {match: {site: nowhere}, set: {%s}}\n",
						  rows[i].set));
		world_derive(&w, test_device, /* explain= */ false);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
		assert_int_equal(w.result.host.managed, always | rows[i].bits);
	}
	assert_int_equal(w.result.host.own[ZYNC_ASPECT_TAGS], ZYNC_OWN_MERGE);
	assert_int_equal(w.result.host.own[ZYNC_ASPECT_DESCRIPTION], ZYNC_OWN_IGNORE);
	assert_int_equal(w.result.host.own[ZYNC_ASPECT_MACROS], ZYNC_OWN_OVERWRITE);
	world_done(&w);
}

/* 128 characters and no more, whatever their length in bytes. */
static void test_long_names(void **state)
{
	struct world w;
	char name[2 * 200 + 1];

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < 200; i++)
		memcpy(name + 2 * i, "\xc3\xbc", 2);
	name[sizeof(name) - 1] = '\0';
	world_rules(&w, "  - set: {host_groups: [A]}\n");
	world_derive(&w, zync_arena_printf(w.arena, "{\"type\":\"device\",\"id\":8,\"name\":\"%s\"}", name), /* explain= */ false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
	assert_int_equal(strlen(w.result.host.name), 256);
	assert_int_equal(zync_utf8_len(w.result.host.name), 128);
	assert_true(strlen(w.result.host.host) <= 128);
	assert_true(zync_str_ends(w.result.host.host, "_d8"));
	world_done(&w);
}

/* The order of list entries, and of mappings that only add to lists, changes nothing. */
static void test_order_does_not_matter(void **state)
{
	static const char *const entries[] = {"{tag: a, value: \"1\"}", "{tag: b, value: \"{{ name }}\"}", "{tag: a, value: \"2\"}",
					      "{tag: c}", "{tag: \"{{ site.slug }}\", value: x}"};
	static const unsigned orders[][5] = {{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 4, 1, 3}, {1, 4, 0, 3, 2}};
	struct world w;
	const char *first = NULL;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(orders); i++) {
		const unsigned *o = orders[i];

		world_rules(&w, zync_arena_printf(w.arena,
						  "  - set: {host_groups: [G%u, G%u], templates: [T%u], tags: [%s, %s]}\n"
						  "  - set: {host_groups: [G%u], templates: [T%u, T%u], tags: [%s, %s, %s]}\n",
						  o[0], o[1], o[0], entries[o[0]], entries[o[1]], o[2], o[1], o[2], entries[o[2]],
						  entries[o[3]], entries[o[4]]));
		world_derive(&w, test_device, /* explain= */ false);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
		assert_contains("tags", world_host(&w), "tags=a:1,a:2,b:core-sw1,ber-hq:x,c:;");
		if (i == 0)
			first = strstr(world_host(&w), "tags=");
		else
			assert_string_equal(strstr(world_host(&w), "tags="), first);
	}
	world_done(&w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_derive_cases),  cmocka_unit_test(test_verdicts),
	cmocka_unit_test(test_status_tables), cmocka_unit_test(test_removed_needs_nothing),
	cmocka_unit_test(test_server),	      cmocka_unit_test(test_words_from_templates),
	cmocka_unit_test(test_illegal_names), cmocka_unit_test(test_managed_and_ownership),
	cmocka_unit_test(test_long_names),    cmocka_unit_test(test_order_does_not_matter),
};
const struct test_group group_derive = {tests, ZYNC_ARRAY_LEN(tests)};
