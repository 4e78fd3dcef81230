/* SPDX-License-Identifier: Apache-2.0 */
/* Which templates a host can be linked to, before Zabbix is asked. The facts are those that tests/contract measures. */
#include "zabbix/templates_priv.h"
#include "zabbix_test.h"

/* What stands in the templates of this little world, one row each. */
static const struct {
	unsigned templateid;
	enum zync_zbx_entity entity;
	unsigned id;
	const char *key;
	unsigned type; /* Zabbix's number of the item's */
} rows[] = {
	{1, ZYNC_ZBX_ITEM, 101, "icmpping", 3},
	{2, ZYNC_ZBX_ITEM, 102, "system.uptime", 0},
	{2, ZYNC_ZBX_ITEM, 103, "icmpping", 3},
	{3, ZYNC_ZBX_ITEM, 104, "ifIndex", 20},
	{3, ZYNC_ZBX_ITEM, 105, "trap", 17},
	{4, ZYNC_ZBX_ITEM, 106, "jmx[a,b]", 16},
	{5, ZYNC_ZBX_RULE, 107, "ipmi.discovery", 12},
	{6, ZYNC_ZBX_PROTOTYPE, 108, "net[{#IF}]", 20},
	{7, ZYNC_ZBX_RULE, 109, "icmpping", 2},
	{8, ZYNC_ZBX_PROTOTYPE, 110, "net[{#IF}]", 2},
	{9, ZYNC_ZBX_WEB, 111, "home", 0},
	{10, ZYNC_ZBX_WEB, 112, "home", 0},
	{11, ZYNC_ZBX_ITEM, 113, "home", 2},
	/* HTTP agent, script, dependent, trapper, internal, active, calculated, ODBC, browser: no interface on any version. */
	{12, ZYNC_ZBX_ITEM, 114, "a", 19},
	{12, ZYNC_ZBX_ITEM, 115, "b", 21},
	{12, ZYNC_ZBX_ITEM, 116, "c", 18},
	{12, ZYNC_ZBX_ITEM, 117, "d", 2},
	{12, ZYNC_ZBX_ITEM, 118, "e", 5},
	{12, ZYNC_ZBX_ITEM, 119, "f", 7},
	{12, ZYNC_ZBX_ITEM, 120, "g", 15},
	{12, ZYNC_ZBX_ITEM, 121, "h", 11},
	{12, ZYNC_ZBX_ITEM, 122, "i", 22},
	{13, ZYNC_ZBX_RULE, 123, "ssh.run[x]", 13},
	{19, ZYNC_ZBX_RULE, 124, "ipmi.discovery", 2},
};
/* 14 is linked to 15, 15 to 16; 17 to 16; 18 to 15. */
static const unsigned parents[][2] = {{14, 15}, {15, 16}, {17, 16}, {18, 15}};

struct world {
	unsigned calls;
	unsigned reads;	    /* of these, by templateids */
	const char *refuse; /* method that this user may not call */
};

static bool world_asks(const struct zync_jval *params, const char *list, unsigned id)
{
	const struct zync_jval *ids = zync_jval_get(params, list);
	const struct zync_jval *v;
	struct zync_jiter it;
	uint64_t n;

	zync_jiter_init(&it, ids);
	while ((v = zync_jiter_next(&it, NULL))) {
		if (zync_jval_to_u64(v, &n) && n == id)
			return true;
	}
	return false;
}

static const char *world_parents(const struct zync_jval *params, struct zync_arena *arena)
{
	const char *out = "=[";

	for (unsigned id = 1; id < 20; id++) {
		const char *list = "";

		if (!world_asks(params, "templateids", id))
			continue;
		for (size_t i = 0; i < ZYNC_ARRAY_LEN(parents); i++) {
			if (parents[i][0] == id)
				list = zync_arena_printf(arena, "%s%s{\"templateid\":\"%u\"}", list, list[0] ? "," : "", parents[i][1]);
		}
		out = zync_arena_printf(arena, "%s%s{\"templateid\":\"%u\",\"parentTemplates\":[%s]}", out, out[2] ? "," : "", id, list);
	}
	return zync_arena_printf(arena, "%s]", out);
}

static const char *world_server(struct fake *f, const struct zync_jval *request, struct zync_arena *arena)
{
	struct world *w = f->server_ctx;
	const char *method = zync_jval_get_str(request, "method");
	const struct zync_jval *params = zync_jval_get(request, "params");
	const char *out = "=[";

	w->calls++;
	w->reads += zync_jval_get(params, "templateids") != NULL;
	if (zync_str_eq(method, w->refuse))
		return "!No permissions to call";
	if (zync_str_eq(method, "template.get"))
		return world_parents(params, arena);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++) {
		const struct zync_zbx_entity_source *s = &zync_zbx_entity_sources[rows[i].entity];

		if (zync_str_eq(method, s->method) &&
		    (world_asks(params, "templateids", rows[i].templateid) || world_asks(params, s->ids, rows[i].id)))
			out = zync_arena_printf(arena, "%s%s{\"%s\":\"%u\",\"hostid\":\"%u\",\"%s\":\"%s\",\"type\":\"%u\"}", out,
						out[2] ? "," : "", s->id, rows[i].id, rows[i].templateid, s->key, rows[i].key,
						rows[i].type);
	}
	return zync_arena_printf(arena, "%s]", out);
}

/* A host of "1 2 3" templates and "as" interfaces (a: agent, s: SNMP, i: IPMI, j: JMX). */
static struct zync_host *world_host(struct zync_arena *arena, const unsigned *templates, const char *interfaces)
{
	static const char letters[] = " asij";
	struct zync_host *h = ZYNC_NEW(arena, struct zync_host);

	assert_non_null(h);
	*h = (struct zync_host){.host = "h"};
	h->templates.items = ZYNC_NEW_ARRAY(arena, struct zync_ref, 4);
	h->interfaces.items = ZYNC_NEW_ARRAY(arena, struct zync_interface, 8);
	for (; templates && templates[h->templates.len]; h->templates.len++)
		h->templates.items[h->templates.len] = (struct zync_ref){
			.name = zync_arena_printf(arena, "T%u", templates[h->templates.len]), .id = templates[h->templates.len]};
	for (; *interfaces; interfaces++)
		h->interfaces.items[h->interfaces.len++].type = (enum zync_interface_type)(strchr(letters, *interfaces) - letters);
	return h;
}

#define NONE "nothing"
static const struct {
	unsigned target[4];
	const char *interfaces;
	unsigned actual[4];
	const char *had;	   /* interfaces; NULL: the host is new */
	const char *on_60, *on_70; /* NONE: it would be linked */
} cases[] = {
	/* Interfaces. */
	{{1}, "", {0}, NULL, "template \"T1\" needs an interface (item \"icmpping\"), the host has none", NONE},
	{{1}, "j", {0}, NULL, NONE, NONE},
	{{13}, "", {0}, NULL, "template \"T13\" needs an interface (item \"ssh.run[x]\"), the host has none", NONE},
	{{2},
	 "sij",
	 {0},
	 NULL,
	 "template \"T2\" needs an agent interface (item \"system.uptime\"), the host has only: SNMP, IPMI, JMX",
	 "template \"T2\" needs an agent interface (item \"system.uptime\"), the host has only: SNMP, IPMI, JMX"},
	{{2}, "a", {0}, NULL, NONE, NONE},
	{{3},
	 "a",
	 {0},
	 NULL,
	 "template \"T3\" needs an SNMP interface (item \"ifIndex\"), the host has only: agent",
	 "template \"T3\" needs an SNMP interface (item \"ifIndex\"), the host has only: agent"},
	{{3}, "s", {0}, NULL, NONE, NONE},
	{{4},
	 "",
	 {0},
	 NULL,
	 "template \"T4\" needs a JMX interface (item \"jmx[a,b]\"), the host has none",
	 "template \"T4\" needs a JMX interface (item \"jmx[a,b]\"), the host has none"},
	{{5},
	 "a",
	 {0},
	 NULL,
	 "template \"T5\" needs an IPMI interface (item \"ipmi.discovery\"), the host has only: agent",
	 "template \"T5\" needs an IPMI interface (item \"ipmi.discovery\"), the host has only: agent"},
	{{6},
	 "a",
	 {0},
	 NULL,
	 "template \"T6\" needs an SNMP interface (item \"net[{#IF}]\"), the host has only: agent",
	 "template \"T6\" needs an SNMP interface (item \"net[{#IF}]\"), the host has only: agent"},
	{{12}, "", {0}, NULL, NONE, NONE},
	/* The interfaces change under a template that stays; what was missing before is not of this change. */
	{{2},
	 "s",
	 {2},
	 "a",
	 "template \"T2\" needs an agent interface (item \"system.uptime\"), the host has only: SNMP",
	 "template \"T2\" needs an agent interface (item \"system.uptime\"), the host has only: SNMP"},
	{{2}, "s", {2}, "sj", NONE, NONE},
	{{3}, "s", {2}, "a", NONE, NONE},
	/* Keys. */
	{{1, 2}, "a", {0}, NULL, NONE, "templates \"T1\" and \"T2\" both have an item with the key \"icmpping\""},
	{{1, 2}, "a", {0}, "a", NONE, "templates \"T1\" and \"T2\" both have an item with the key \"icmpping\""},
	{{1, 2},
	 "a",
	 {1},
	 "a",
	 "templates \"T1\" and \"T2\" both have an item with the key \"icmpping\"",
	 "templates \"T1\" and \"T2\" both have an item with the key \"icmpping\""},
	{{1, 2},
	 "a",
	 {2},
	 "a",
	 "templates \"T1\" and \"T2\" both have an item with the key \"icmpping\"",
	 "templates \"T1\" and \"T2\" both have an item with the key \"icmpping\""},
	{{2}, "a", {1}, "a", NONE, NONE}, /* the other one goes */
	{{1, 7},
	 "a",
	 {0},
	 NULL,
	 "template \"T1\" has an item and template \"T7\" has a discovery rule with the key \"icmpping\"",
	 "template \"T1\" has an item and template \"T7\" has a discovery rule with the key \"icmpping\""},
	{{5, 19}, "i", {0}, NULL, NONE, "templates \"T19\" and \"T5\" both have a discovery rule with the key \"ipmi.discovery\""},
	{{6, 8},
	 "s",
	 {8},
	 "s",
	 "templates \"T6\" and \"T8\" both have an item prototype with the key \"net[{#IF}]\"",
	 "templates \"T6\" and \"T8\" both have an item prototype with the key \"net[{#IF}]\""},
	{{9, 10},
	 "",
	 {0},
	 NULL,
	 "templates \"T10\" and \"T9\" both have a web scenario with the name \"home\"",
	 "templates \"T10\" and \"T9\" both have a web scenario with the name \"home\""},
	{{9, 11}, "", {0}, NULL, NONE, NONE}, /* a name and a key */
	{{3, 4}, "sj", {0}, NULL, NONE, NONE},
	/* Parents. */
	{{14, 15}, "", {0}, NULL, "template \"T14\" brings template \"T15\" along, and Zabbix does not", NULL},
	{{14, 16}, "", {16}, "", "template \"T14\" brings template \"T16\" along", NULL},
	{{14, 17}, "", {0}, NULL, "templates \"T14\" and \"T17\" both bring template \"\" along, and Zabbix", NULL},
	{{14, 18}, "", {18}, "", "templates \"T14\" and \"T18\" both bring template", NULL},
	{{12, 17}, "", {0}, NULL, NONE, NONE},
	/* One that is not in Zabbix (any more): no id, nothing known. */
	{{99}, "", {0}, NULL, NONE, NONE},
};

static void check_all(const char *version, bool old)
{
	struct world world = {0};
	struct fake f = {.server = world_server, .server_ctx = &world};
	struct zync_zabbix_templates *t;

	fake_prepare(&f, version, /* by_token= */ true, NULL, 0);
	f.server = world_server;
	f.server_ctx = &world;
	OK(fake_connect(&f, ok_err));
	t = zync_zabbix_templates_new(f.arena);
	assert_non_null(t);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_host *target = world_host(f.arena, cases[i].target, cases[i].interfaces);
		struct zync_host *actual = cases[i].had ? world_host(f.arena, cases[i].actual, cases[i].had) : NULL;
		const char *expect = old || !cases[i].on_70 ? cases[i].on_60 : cases[i].on_70;
		const char *problem = NULL;
		uint64_t ids[4];
		unsigned calls;

		assert_true(zync_zabbix_templates_matter(target, actual) || zync_str_eq(expect, NONE));
		for (size_t k = 0; k < target->templates.len; k++)
			ids[k] = target->templates.items[k].id;
		OK(zync_zabbix_templates_read(f.z, t, ids, target->templates.len, ok_err));
		OK(zync_zabbix_templates_check(f.z, t, target, actual, f.arena, &problem, ok_err));
		if (!problem || zync_str_eq(expect, NONE)) {
			if (problem || !zync_str_eq(expect, NONE))
				fail_msg("case %zu on %s: %s\ninstead of %s", i, version, problem ? problem : NONE, expect);
		} else {
			expect_words(problem, expect);
		}
		/* All is known now. */
		calls = world.calls;
		OK(zync_zabbix_templates_read(f.z, t, ids, target->templates.len, ok_err));
		OK(zync_zabbix_templates_check(f.z, t, target, actual, f.arena, &problem, ok_err));
		assert_int_equal(world.calls, calls);
	}
	fake_close(&f);
}

static void test_templates_60(void **state)
{
	(void)state;
	check_all("6.0.14", /* old= */ true);
}

static void test_templates_70(void **state)
{
	(void)state;
	check_all("7.0.22", /* old= */ false);
}

/* Many at once: five calls for fifty of them, and parents level by level. */
static void test_templates_bulk(void **state)
{
	struct world world = {0};
	struct fake f = {0};
	struct zync_zabbix_templates *t;
	uint64_t ids[130];

	(void)state;
	fake_prepare(&f, "7.0.0", /* by_token= */ true, NULL, 0);
	f.server = world_server;
	f.server_ctx = &world;
	OK(fake_connect(&f, ok_err));
	t = zync_zabbix_templates_new(f.arena);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(ids); i++)
		ids[i] = i % 120 + 20; /* some twice, none with a parent */
	OK(zync_zabbix_templates_read(f.z, t, ids, ZYNC_ARRAY_LEN(ids), ok_err));
	assert_int_equal(world.reads, 3 * 5);
	OK(zync_zabbix_templates_read(f.z, t, ids, ZYNC_ARRAY_LEN(ids), ok_err));
	OK(zync_zabbix_templates_read(f.z, t, (const uint64_t[]){0}, 1, ok_err));
	assert_int_equal(world.reads, 3 * 5);
	OK(zync_zabbix_templates_read(f.z, t, (const uint64_t[]){14}, 1, ok_err));
	assert_int_equal(world.reads, 3 * 5 + 4 + 3); /* 14, 15, 16 */
	fake_close(&f);
}

/* A user who may not look into templates: nothing is known, and nothing is refused here. */
static void test_templates_not_allowed(void **state)
{
	static const char *const methods[] = {"item.get", "template.get", "httptest.get"};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(methods); i++) {
		struct world world = {.refuse = methods[i]};
		struct fake f = {0};
		struct zync_zabbix_templates *t;
		struct zync_host *target;
		const char *problem = NULL;

		fake_prepare(&f, "7.0.0", /* by_token= */ true, NULL, 0);
		f.server = world_server;
		f.server_ctx = &world;
		OK(fake_connect(&f, ok_err));
		t = zync_zabbix_templates_new(f.arena);
		target = world_host(f.arena, (const unsigned[]){1, 2, 0}, "a");
		OK(zync_zabbix_templates_read(f.z, t, (const uint64_t[]){1, 2}, 2, ok_err));
		OK(zync_zabbix_templates_check(f.z, t, target, NULL, f.arena, &problem, ok_err));
		assert_int_equal(problem != NULL, i != 0);
		fake_close(&f);
	}
}

static void test_templates_matter(void **state)
{
	struct zync_arena *arena = zync_arena_new(0);
	const unsigned one[] = {1, 0}, two[] = {1, 2, 0};

	(void)state;
	assert_false(zync_zabbix_templates_matter(world_host(arena, NULL, "a"), NULL));
	assert_false(zync_zabbix_templates_matter(world_host(arena, NULL, "a"), world_host(arena, one, "s")));
	assert_true(zync_zabbix_templates_matter(world_host(arena, one, "a"), NULL));
	assert_false(zync_zabbix_templates_matter(world_host(arena, one, "a"), world_host(arena, two, "a")));
	assert_true(zync_zabbix_templates_matter(world_host(arena, two, "a"), world_host(arena, one, "a")));
	assert_true(zync_zabbix_templates_matter(world_host(arena, one, "a"), world_host(arena, one, "aj")));
	assert_false(zync_zabbix_templates_matter(world_host(arena, one, "aj"), world_host(arena, one, "a")));
	zync_arena_free(arena);
}

const struct CMUnitTest templates_tests[] = {
	cmocka_unit_test(test_templates_60),	 cmocka_unit_test(test_templates_70),	       cmocka_unit_test(test_templates_bulk),
	cmocka_unit_test(test_templates_matter), cmocka_unit_test(test_templates_not_allowed),
};
const size_t templates_tests_len = ZYNC_ARRAY_LEN(templates_tests);
