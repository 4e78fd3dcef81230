/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold for every object: the order of members and of lists that have none does not matter. The seed is printed; ZYNC_TEST_SEED takes one. */
#include "rules_test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/str.h"

#define ROUNDS 400

/* A small generator of its own, so that a seed means the same everywhere (xorshift64*). */
struct random {
	uint64_t state;
};

static uint64_t random_below(struct random *r, uint64_t n)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return (r->state * 2685821657736338717ull >> 33) % n;
}

static uint64_t property_seed(void)
{
	const char *given = getenv("ZYNC_TEST_SEED");
	uint64_t seed = 0;

	if (given == NULL || !zync_str_to_u64(given, &seed) || seed == 0)
		seed = (uint64_t)time(NULL);
	print_message("# seed of the properties of rules: ZYNC_TEST_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

/* The numbers from 0 to count - 1 in any order. */
static void random_order(struct random *r, size_t *order, size_t count)
{
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) {
		size_t j = random_below(r, i), old = order[i - 1];

		order[i - 1] = order[j];
		order[j] = old;
	}
}

/* The value as JSON with its members, and the elements of the lists named in @p free_lists, in any order. */
static void add_shuffled(struct random *r, struct zync_buf *out, struct zync_arena *arena, const struct zync_jval *v, bool free_order)
{
	static const char *const free_lists[] = {"tags"};
	enum zync_jtype type = zync_jval_type(v);
	bool list = type == ZYNC_JSON_ARRAY;
	size_t count = zync_jval_len(v), order[64];
	const struct zync_jval *items[64];
	const char *keys[64];
	struct zync_jiter it;

	if (type == ZYNC_JSON_STR) {
		add_json_text(out, zync_jval_str(v));
		return;
	}
	if (!list && type != ZYNC_JSON_OBJECT) {
		zync_buf_adds(out, type == ZYNC_JSON_NULL ? "null" : zync_jval_text(arena, v));
		return;
	}
	assert_true(count <= ZYNC_ARRAY_LEN(order));
	zync_jiter_init(&it, v);
	for (size_t i = 0; i < count; i++)
		items[i] = zync_jiter_next(&it, list ? NULL : &keys[i]);
	random_order(r, order, count);
	zync_buf_addc(out, list ? '[' : '{');
	for (size_t i = 0; i < count; i++) {
		size_t at = list && !free_order ? i : order[i];

		if (i > 0)
			zync_buf_addc(out, ',');
		if (!list) {
			add_json_text(out, keys[at]);
			zync_buf_addc(out, ':');
		}
		add_shuffled(r, out, arena, items[at], !list && zync_str_eq(keys[at], free_lists[0]));
	}
	zync_buf_addc(out, list ? ']' : '}');
}

static const char mappings[] =
	"  - set:\n"
	"      host_groups: [\"NetBox/{{ site.region.name }}/{{ site.name }}\", \"{{ tags }}\"]\n"
	"      templates: [A, \"{{ platform.name }}\"]\n"
	"      tags: {netbox: \"{{ tags }}\", site: \"{{ site.slug }}\", multi: \"{{ custom_fields.list }}\"}\n"
	"      macros: {\"{$A}\": \"{{ serial }}\", \"{$B}\": {value: \"{{ name }}\", type: secret}}\n"
	"      inventory: {location: \"{{ site.name }}\", os: \"{{ asset_tag }}\"}\n"
	"      interfaces: [{type: agent}, {type: snmp, address: oob}]\n"
	"  - {match: {tags: mon, custom_fields: {level: full}}, set: {templates: [B], remove_tags: [site]}}\n"
	"  - {match: {all_tags: [mon, edge], region: europe}, set: {proxy: px, tls: {connect: certificate, subject: \"{{ name }}\"}}}\n"
	"  - {match: {config_context: {zabbix.deep.er: two}}, set: {description: \"{{ config_context.zabbix.profile }}\"}}\n"
	"  - {match: {type: vm}, set: {host_groups: [VMs], interfaces: [], use: b}}\n";

static const char *canonical(struct world *w)
{
	struct zync_jb *b = zync_jb_new(w->arena);
	const char *text = NULL;

	assert_non_null(b);
	assert_int_equal(w->result.verdict, ZYNC_VERDICT_MONITORED);
	assert_int_equal(
		zync_jb_text(b, zync_host_to_json(b, &w->result.host, ZYNC_HOST_JSON_DESIRED), ZYNC_JSON_SORTED, w->arena, &text, &w->err),
		ZYNC_OK);
	return text;
}

static void check_object(struct random *r, const char *object)
{
	ZYNC_AUTO_BUF shuffled;
	struct world w;
	const char *first;

	world_init(&w);
	zync_buf_init(&shuffled, 1u << 20);
	world_rules_with(&w, "bundles: {b: {set: {tags: {kind: vm}}}}\n", mappings);
	world_derive(&w, object, /* explain= */ false);
	first = canonical(&w);
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct zync_jval *v = NULL;

		assert_int_equal(zync_json_parse(w.arena, object, strlen(object), &v, &w.err), ZYNC_OK);
		zync_buf_clear(&shuffled);
		add_shuffled(r, &shuffled, w.arena, v, /* free_order= */ false);
		assert_int_equal(shuffled.failed, ZYNC_OK);
		world_derive(&w, shuffled.data, /* explain= */ round % 2 == 0);
		if (strcmp(canonical(&w), first) != 0)
			fail_msg("%s\ngives     %s\ninstead   %s", shuffled.data, canonical(&w), first);
	}
	world_done(&w);
}

/* The same object in another order gives the same canonical host. */
static void test_order(void **state)
{
	struct random r = {property_seed()};

	(void)state;
	check_object(&r, test_device);
	check_object(&r, test_vm);
}

/* The same rules, compiled again, give the same host of the same object. */
static void test_again(void **state)
{
	struct world w;
	const char *first = NULL;

	(void)state;
	world_init(&w);
	for (unsigned i = 0; i < 3; i++) {
		world_rules_with(&w, "bundles: {b: {set: {tags: {kind: vm}}}}\n", mappings);
		world_derive(&w, test_device, /* explain= */ i == 1);
		if (first != NULL)
			assert_string_equal(canonical(&w), first);
		first = canonical(&w);
	}
	world_done(&w);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_order), cmocka_unit_test(test_again)};
const struct test_group group_property = {tests, ZYNC_ARRAY_LEN(tests)};
