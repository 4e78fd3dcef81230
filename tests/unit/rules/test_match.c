/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_test.h"

#include <string.h>

static const struct {
	const char *match; /* YAML flow map */
	bool device, vm;   /* does it match them? */
} cases[] = {
	{"{}", true, true},
	{"{type: device}", true, false},
	{"{type: virtual_machine}", false, true},
	{"{type: vm}", false, true},
	{"{type: [device, vm]}", true, true},
	{"{site: ber-hq}", true, false},
	{"{site: BERLIN*}", true, false},
	{"{site: [ams, \"ber-??\"]}", true, false},
	{"{site: ams}", false, false},
	{"{site: \"!ber-hq\"}", false, true},
	{"{site: [\"*\", \"!ber-hq\"]}", false, false},
	{"{site: [\"*\", \"!ams\"]}", true, false},
	{"{site: \"*\"}", true, false},
	{"{site: \"!*\"}", false, true},
	{"{site_group: west}", true, false},
	{"{site_group: campus}", true, false},
	{"{site_group: Campus West}", true, false},
	{"{region: ber}", true, false},
	{"{region: germany}", true, false},
	{"{region: eu}", true, false},
	{"{region: \"!eu\"}", false, true},
	{"{region: asia}", false, false},
	{"{location: row-1}", true, false},
	{"{location: Hall 2}", true, false},
	{"{role: core-switch}", true, false},
	{"{role: switch}", true, false},
	{"{platform: ios*}", true, false},
	{"{platform: IOS}", true, false},
	{"{manufacturer: CISCO}", true, false},
	{"{device_type: c9300-*}", true, false},
	{"{device_type: C9300-48P}", true, false},
	{"{device_type: cisco}", false, false},
	{"{tenant: acme}", true, false},
	{"{tenant: ACME Corp}", true, false},
	{"{tenant_group: gold}", true, false},
	{"{tenant_group: customers}", true, false},
	{"{cluster: vmware 1}", false, true},
	{"{cluster_type: vsphere}", false, true},
	{"{cluster_group: prod}", false, true},
	{"{cluster_group: Production}", false, true},
	{"{status: active}", true, true},
	{"{status: Active}", true, true},
	{"{status: [planned, staged]}", false, false},
	{"{status: \"!active\"}", false, false},
	{"{name: CORE-*}", true, false},
	{"{name: [\"core-*\", \"web?\"]}", true, true},
	{"{name: \"!core-*\"}", false, true},
	{"{tags: mon}", true, false},
	{"{tags: Edge Site}", true, false},
	{"{tags: [none, edge]}", true, false},
	{"{tags: \"!edge\"}", false, true},
	{"{tags: [mon, \"!edge\"]}", false, false},
	{"{all_tags: [mon, edge]}", true, false},
	{"{all_tags: [mon, other]}", false, false},
	{"{all_tags: [mon, \"!other\"]}", true, false},
	{"{all_tags: [mon, \"!edge\"]}", false, false},
	{"{all_tags: \"!edge\"}", false, true},
	{"{custom_fields: {level: full}}", true, false},
	{"{custom_fields: {level: [basic, FULL]}}", true, false},
	{"{custom_fields: {level: basic}}", false, false},
	{"{custom_fields: {level: \"!basic\"}}", true, true},
	{"{custom_fields: {select: gold}}", true, false},
	{"{custom_fields: {select: Gold Plan}}", true, false},
	{"{custom_fields: {multi: b}}", true, false},
	{"{custom_fields: {multi: Alpha}}", true, false},
	{"{custom_fields: {multi: c}}", false, false},
	{"{custom_fields: {on: \"true\"}}", true, false},
	{"{custom_fields: {on: \"false\"}}", false, false},
	{"{custom_fields: {off: \"false\"}}", true, false},
	{"{custom_fields: {number: \"42\"}}", true, false},
	{"{custom_fields: {object: px1}}", true, false},
	{"{custom_fields: {shown: only display}}", true, false},
	{"{custom_fields: {list: y}}", true, false},
	{"{custom_fields: {odd.key: dot}}", true, false},
	{"{custom_fields: {number: \"*\"}}", true, false},
	{"{custom_fields: {off: \"*\"}}", true, false},
	{"{custom_fields: {unset: \"*\"}}", false, false},
	{"{custom_fields: {unset: \"!*\"}}", true, true},
	{"{custom_fields: {level: full, number: \"42\"}}", true, false},
	{"{custom_fields: {level: full, number: \"43\"}}", false, false},
	{"{config_context: {zabbix.profile: linux}}", true, false},
	{"{config_context: {zabbix.profile: windows}}", false, false},
	{"{config_context: {zabbix.deep.er: two}}", true, false},
	{"{config_context: {zabbix.missing: \"*\"}}", false, false},
	{"{type: device, site: ber-hq, role: switch, tags: mon}", true, false},
	{"{type: device, site: ber-hq, role: router, tags: mon}", false, false},
};

static bool matches(struct world *w, const char *object)
{
	world_derive(w, object, /* explain= */ true);
	if (w->result.verdict == ZYNC_VERDICT_SKIPPED)
		assert_string_equal(w->result.reason, "no mapping matches");
	return w->result.matched_count == 1;
}

static void test_match_cases(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		world_rules(&w, zync_arena_printf(w.arena, "  - {match: %s, set: {host_groups: [A]}}\n", cases[i].match));
		if (matches(&w, test_device) != cases[i].device)
			fail_msg("match %s: the device %s", cases[i].match, cases[i].device ? "does not match" : "matches");
		if (matches(&w, test_vm) != cases[i].vm)
			fail_msg("match %s: the VM %s", cases[i].match, cases[i].vm ? "does not match" : "matches");
	}
	world_done(&w);
}

/* "" as a value: nothing is set there. The loader may refuse an empty text, so the condition is made here. */
static void test_match_unset(void **state)
{
	static const struct {
		const char *field;
		bool unset;
	} fields[] = {{"unset", true}, {"empty", true}, {"missing", true}, {"level", false}, {"off", false}};
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(fields); i++) {
		struct zync_cfg_text value = {.value = ""};
		struct zync_cfg_pair pair = {.key = {.value = fields[i].field}, .values = {.items = &value, .len = 1}};
		struct zync_rules *rules = NULL;

		world_rules(&w, "  - {set: {host_groups: [A]}}\n");
		w.config->mappings.items[0].match.custom_fields = (struct zync_cfg_pairs){.items = &pair, .len = 1};
		assert_int_equal(zync_rules_compile(w.config, &rules, &w.err), ZYNC_OK);
		zync_rules_free(w.rules);
		w.rules = rules;
		if (matches(&w, test_device) != fields[i].unset)
			fail_msg("custom field %s", fields[i].field);
	}
	world_done(&w);
}

/* A cycle among parents ends the walk and not the program. */
static const struct zync_jval *cycle_member(void *ctx, const struct zync_jval *parent, const char *name)
{
	const struct zync_jval *root = ctx;

	if (parent != NULL && strcmp(name, "parent") == 0)
		return parent;
	return zync_jval_get(parent == NULL ? root : parent, name);
}

static void test_match_cycle(void **state)
{
	struct world w;
	union {
		const struct zync_jval *in;
		void *out;
	} ctx;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - {match: {role: nowhere}, set: {host_groups: [A]}}\n");
	assert_int_equal(zync_json_parse(w.arena, test_device, strlen(test_device), &ctx.in, &w.err), ZYNC_OK);
	struct zync_rules_object object = {.type = "device", .id = 1, .name = "x", .member = cycle_member, .ctx = ctx.out};
	assert_int_equal(zync_rules_derive(w.rules, &object, false, w.arena, &w.result, &w.err), ZYNC_OK);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_SKIPPED);
	world_done(&w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_match_cases),
	cmocka_unit_test(test_match_unset),
	cmocka_unit_test(test_match_cycle),
};
const struct test_group group_match = {tests, ZYNC_ARRAY_LEN(tests)};
