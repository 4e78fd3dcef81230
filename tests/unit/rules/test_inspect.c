/* SPDX-License-Identifier: Apache-2.0 */
/* The mappings as a whole: what they match over many objects, host groups that come out empty, custom fields that they name. */
#include <string.h>

#include "base/str.h"
#include "rules/inspect.h"
#include "rules_test.h"

static const struct zync_jval *inspect_member(void *ctx, const struct zync_jval *parent, const char *name)
{
	return zync_jval_get(parent == NULL ? ctx : parent, name);
}

static struct zync_rules_census *begin(struct world *w)
{
	struct zync_rules_census *census = NULL;

	if (zync_rules_census_new(w->rules, w->arena, &census, &w->err) != ZYNC_OK)
		fail_msg("%s", w->err.message);
	return census;
}

static enum zync_status add(struct world *w, struct zync_rules_census *census, const char *json, bool wanted)
{
	struct zync_rules_object object = {.owner = "nb:device:17", .member = inspect_member};
	const struct zync_jval *root = NULL;
	union {
		const struct zync_jval *in;
		void *out;
	} cast;

	assert_int_equal(zync_json_parse(w->arena, json, strlen(json), &root, &w->err), ZYNC_OK);
	cast.in = root;
	object.ctx = cast.out;
	object.type = zync_jval_get_str(root, "type");
	object.name = zync_jval_get_str(root, "name");
	object.display = "shown";
	return zync_rules_census_add(census, &object, wanted, w->arena, &w->err);
}

/* "name matched/counted; " of all. */
static const char *counts(struct world *w, const struct zync_rules_census *census)
{
	const char *text = "";

	for (size_t i = 0; i < zync_rules_census_len(census); i++) {
		struct zync_rules_seen seen = zync_rules_census_at(census, i);

		text = zync_arena_printf(w->arena, "%s%s %llu/%llu%s; ", text, seen.name, (unsigned long long)seen.matched,
					 (unsigned long long)seen.counted, seen.used ? "" : " unused");
	}
	return text;
}

static const char *unmet(struct world *w, const struct zync_rules_census *census, size_t index)
{
	struct zync_rules_unmet *list = NULL;
	const char *text = "";
	size_t count = 0;

	assert_int_equal(zync_rules_census_unmet(census, index, &list, &count, &w->err), ZYNC_OK);
	for (size_t i = 0; i < count; i++)
		text = zync_arena_printf(w->arena, "%s%s %s@%u; ", text, list[i].label, list[i].values, list[i].pos.line);
	return text;
}

#define OBJECT(name, more) "{\"type\":\"device\",\"name\":\"" name "\"" more "}"

static void test_matches(void **state)
{
	static const char mappings[] =
		"- {name: all, set: {use: [b], host_groups: [A]}}\n"
		"- {name: sw, match: {role: switch, status: active}, set: {use: [b], tags: {x: y}}}\n"
		"- {name: none, match: {role: router, status: [actve, \"!x\"], custom_fields: {f: a, g: b}}, set: {tags: {x: z}}}\n"
		"- {name: never both, match: {role: switch, name: s3}, set: {tags: {x: z}}}\n";
	static const char bundles[] =
		"bundles: [{name: a, set: {tags: {q: q}}}, {name: b, set: {use: [a]}}, {name: c, set: {tags: {u: u}}}]\n";
	struct zync_rules_census *census;
	struct world w;

	(void)state;
	for (unsigned first = 0; first < 2; first++) {
		world_init(&w);
		world_rules_with(&w, zync_arena_printf(w.arena, "rules: {combine: %s}\n%s", first ? "first" : "merge", bundles), mappings);
		census = begin(&w);
		assert_int_equal(add(&w, census, OBJECT("s1", ",\"role\":{\"slug\":\"switch\"},\"status\":{\"value\":\"active\"}"), true),
				 ZYNC_OK);
		assert_int_equal(add(&w, census, OBJECT("s2", ",\"role\":{\"slug\":\"switch\"},\"custom_fields\":{\"g\":\"b\"}"), true),
				 ZYNC_OK);
		assert_int_equal(add(&w, census, OBJECT("s3", ""), false), ZYNC_OK);
		assert_string_equal(counts(&w, census),
				    first ? "all 3/2; sw 1/1; none 0/0; never both 0/0; bundle a 3/3; bundle b 3/3; bundle c 0/0 unused; "
					  : "all 3/3; sw 1/1; none 0/0; never both 0/0; bundle a 3/3; bundle b 3/3; bundle c 0/0 unused; ");
		assert_string_equal(unmet(&w, census, 2),
				    zync_arena_printf(w.arena,
						      "role \"router\"@%u; status \"actve\", \"!x\"@%u; custom_fields.f \"a\"@%u; ",
						      RULES_TEST_LINE + 2 + 2, RULES_TEST_LINE + 2 + 2, RULES_TEST_LINE + 2 + 2));
		assert_string_equal(unmet(&w, census, 3), "");
		world_done(&w);
	}
}

static void test_passed_over(void **state)
{
	struct zync_rules_census *census;
	struct world w;

	(void)state;
	world_init(&w);
	world_rules_with(&w, "rules: {combine: first}\n",
			 "- {name: general, set: {host_groups: [A]}}\n- {name: special, match: {type: device}, set: {host_groups: [B]}}\n");
	census = begin(&w);
	assert_int_equal(add(&w, census, OBJECT("s1", ""), true), ZYNC_OK);
	assert_string_equal(counts(&w, census), "general 1/0; special 1/1; ");
	world_done(&w);
}

static void test_groups(void **state)
{
	static const char *const want[] = {
		"host_groups A/{{ tenant.name }} 3 empty 0 - partly 2 s2",
		"host_groups {{ tenant.name }} 3 empty 2 s2 partly 0 -",
		"host_groups {{ tags }} 3 empty 3 s1 partly 0 -",
		"host_group_format site/tenant 3 empty 2 s2 partly 1 s1",
		"host_groups {{ name | truncate }} 1 empty 1 s1 partly 0 -",
	};
	struct zync_rules_group_text *texts = NULL;
	struct zync_rules_census *census;
	struct world w;
	size_t count = 0;

	(void)state;
	world_init(&w);
	world_rules_with(&w, "bundles: [{name: b, set: {host_groups: [\"{{ name | truncate(0) }}\"]}}]\n",
			 "- {set: {host_groups: [\"A/{{ tenant.name }}\", \"{{ tenant.name }}\", \"{{ tags }}\"], host_group_format: "
			 "[site/tenant]}}\n"
			 "- {match: {name: s1}, set: {use: [b], tags: {a: b}}}\n");
	census = begin(&w);
	assert_int_equal(add(&w, census, OBJECT("s1", ",\"tenant\":{\"name\":\"T\"}"), true), ZYNC_OK);
	assert_int_equal(add(&w, census, OBJECT("s2", ",\"tenant\":{\"name\":\" \"}"), true), ZYNC_OK);
	assert_int_equal(add(&w, census, OBJECT("s3", ""), true), ZYNC_OK);
	assert_int_equal(add(&w, census, OBJECT("s4", ""), false), ZYNC_OK); /* gets no host */
	assert_int_equal(zync_rules_census_groups(census, &texts, &count, &w.err), ZYNC_OK);
	assert_int_equal(count, ZYNC_ARRAY_LEN(want));
	for (size_t i = 0; i < count; i++) {
		const struct zync_rules_group_text *t = &texts[i];
		const char *got = zync_arena_printf(w.arena, "%s %s %llu empty %llu %s partly %llu %s", t->label, t->text,
						    (unsigned long long)t->objects, (unsigned long long)t->empty,
						    t->empty_example != NULL ? t->empty_example : "-", (unsigned long long)t->partly,
						    t->partly_example != NULL ? t->partly_example : "-");

		if (i != 4)
			assert_string_equal(got, want[i]);
		else
			assert_int_equal(t->empty, 1);
	}
	world_done(&w);
}

static void test_custom_fields(void **state)
{
	static const char mappings[] =
		"- {match: {custom_fields: {m: x}}, set: {host_groups: [\"{{ custom_fields.g | default(site.custom_fields.s) }}\"], use: "
		"[b]}}\n"
		"- {set: {host_group_format: [site/fmt], templates: [\"{{ custom_fields.g }}\"], tags: [{tag: t, value: \"{{ "
		"x.custom_fields.l for x in y }}\"}],\n"
		"   interfaces: [{type: agent, ip: \"{{ custom_fields.ip }}\"}], macros: {\"{$A}\": \"{{ custom_fields.mac }}\"}}}\n"
		"- {set: {per_host: {proxy_field: p, proxy_group_field: pg}}}\n"
		"- {set: {per_host: {templates_from: custom_field, parts: [templates]}}}\n";
	struct zync_rules_custom_field *fields = NULL;
	const char *text = "";
	size_t count = 0;
	struct world w;

	(void)state;
	world_init(&w);
	world_rules_with(&w, "bundles: [{name: b, set: {inventory: {location: \"{{ custom_fields.inv }}\"}}}]\n", mappings);
	assert_int_equal(zync_rules_custom_fields(w.rules, w.arena, &fields, &count, &w.err), ZYNC_OK);
	for (size_t i = 0; i < count; i++)
		text = zync_arena_printf(w.arena, "%s%s%s%s@%d ", text, fields[i].of != NULL ? fields[i].of : "",
					 fields[i].of != NULL ? ":" : "", fields[i].name, (int)fields[i].pos.line - RULES_TEST_LINE);
	assert_string_equal(text, "inv@-1 m@1 site:s@1 g@1 fmt@2 ip@3 :l@2 mac@3 :p@4 :pg@4 device_type:zabbix_template@5 ");
	world_done(&w);
}

static enum zync_status everything(struct world *w, struct zync_arena *arena)
{
	struct zync_rules_object object = {.type = "device", .display = "a display name", .member = inspect_member};
	struct zync_rules_census *census = NULL;
	struct zync_rules_group_text *texts = NULL;
	struct zync_rules_custom_field *fields = NULL;
	struct zync_rules_unmet *list = NULL;
	size_t count = 0;

	ZYNC_TRY(zync_rules_census_new(w->rules, arena, &census, &w->err));
	for (unsigned i = 0; i < 3; i++)
		ZYNC_TRY(zync_rules_census_add(census, &object, /* wanted= */ true, arena, &w->err));
	ZYNC_TRY(zync_rules_census_unmet(census, 1, &list, &count, &w->err));
	ZYNC_TRY(zync_rules_census_groups(census, &texts, &count, &w->err));
	return zync_rules_custom_fields(w->rules, arena, &fields, &count, &w->err);
}

/* With ever more room: too little is an error each time. */
static void test_memory(void **state)
{
	enum zync_status status = ZYNC_ERR_NOMEM;
	unsigned rounds = 0;
	struct world w;

	(void)state;
	world_init(&w);
	world_rules_with(&w, "bundles: [{name: b, set: {host_groups: [\"{{ name }}\", \"B/{{ site }}\"]}}]\n",
			 "- {set: {use: [b], templates: [\"{{ custom_fields.t }}\"]}}\n- {match: {role: x, custom_fields: {a: b}}, set: "
			 "{tags: {a: b}}}\n");
	for (size_t room = 16; status == ZYNC_ERR_NOMEM; room += 16, rounds++) {
		struct zync_arena *arena = zync_arena_new(room);

		assert_non_null(arena);
		status = everything(&w, arena);
		zync_arena_free(arena);
	}
	assert_int_equal(status, ZYNC_OK);
	assert_true(rounds > 20);
	world_done(&w);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_matches), cmocka_unit_test(test_passed_over), cmocka_unit_test(test_groups),
					  cmocka_unit_test(test_custom_fields), cmocka_unit_test(test_memory)};
const struct test_group group_inspect = {tests, ZYNC_ARRAY_LEN(tests)};
