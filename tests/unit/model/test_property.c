/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold for every host. The seed is printed; ZYNC_TEST_SEED takes one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "model/model_priv.h"
#include "model_test.h"

#define ROUNDS 2000

static uint64_t property_seed(void)
{
	static uint64_t seed;
	if (seed == 0) {
		const char *given = getenv("ZYNC_TEST_SEED");
		if (given == NULL || !zync_str_to_u64(given, &seed) || seed == 0)
			seed = (uint64_t)time(NULL);
		print_message("# seed of the properties of model: ZYNC_TEST_SEED=%llu\n", (unsigned long long)seed);
	}
	return seed;
}

/* A canonical random host with digests. */
static void property_host(struct random *r, struct zync_arena *arena, bool actual, struct zync_host *ret)
{
	struct zync_err err = {0};
	random_host(r, arena, actual, ret);
	if (zync_host_canonicalise(ret, arena, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	assert_int_equal(zync_host_fill_digests(ret, test_ring(), arena, NULL), ZYNC_OK);
}

static void property_canonical(void **state ZYNC_UNUSED)
{
	struct random r = {property_seed()};
	for (unsigned round = 0; round < ROUNDS; round++) {
		ZYNC_AUTO_ARENA arena = test_arena();
		struct zync_host host, shuffled;
		random_host(&r, arena, random_below(&r, 2) == 0, &host);
		assert_int_equal(zync_host_copy(&host, arena, &shuffled, NULL), ZYNC_OK);
		random_shuffle(&r, &shuffled);
		assert_int_equal(zync_host_canonicalise(&host, arena, NULL), ZYNC_OK);
		assert_int_equal(zync_host_canonicalise(&shuffled, arena, NULL), ZYNC_OK);
		const char *text = test_host_text(arena, &host, ZYNC_HOST_JSON_ACTUAL);
		assert_string_equal(test_host_text(arena, &shuffled, ZYNC_HOST_JSON_ACTUAL), text);
		assert_int_equal(zync_host_canonicalise(&host, arena, NULL), ZYNC_OK);
		assert_string_equal(test_host_text(arena, &host, ZYNC_HOST_JSON_ACTUAL), text);
	}
}

static void property_json(void **state ZYNC_UNUSED)
{
	struct random r = {property_seed() + 1};
	for (unsigned round = 0; round < ROUNDS; round++) {
		ZYNC_AUTO_ARENA arena = test_arena();
		bool actual = random_below(&r, 2) == 0;
		enum zync_host_json form = actual ? ZYNC_HOST_JSON_ACTUAL : ZYNC_HOST_JSON_DESIRED;
		struct zync_host host, again;
		struct zync_diff diff;
		property_host(&r, arena, actual, &host);
		const char *text = test_host_text(arena, &host, form);
		assert_int_equal(zync_host_from_json(test_jval(arena, text), arena, &again, NULL), ZYNC_OK);
		assert_string_equal(test_host_text(arena, &again, form), text);
		assert_int_equal(again.managed, host.managed);
		assert_int_equal(zync_host_diff(&again, &host, arena, &diff, NULL), ZYNC_OK);
		assert_string_equal(test_diff_text(arena, &diff), "");
		assert_null(strstr(text, "ownership':null"));
	}
}

/* Zabbix after the target was written: new interfaces and macros have ids, cleared inventory fields are gone, lists are in any order. */
static void property_apply(struct random *r, struct zync_arena *arena, const struct zync_host *target, struct zync_host *ret)
{
	uint64_t next = 10000;
	assert_int_equal(zync_host_copy(target, arena, ret, NULL), ZYNC_OK);
	ret->managed = ZYNC_ASPECT_BIT(ZYNC_ASPECT_COUNT) - 1;
	for (size_t i = 0; i < ret->interfaces.len; i++) {
		if (ret->interfaces.items[i].interfaceid == 0)
			ret->interfaces.items[i].interfaceid = next++;
		struct zync_snmp *snmp = &ret->interfaces.items[i].snmp;
		if (snmp->version > 1 && snmp->max_repetitions == 0)
			snmp->max_repetitions = 10;
	}
	for (size_t i = 0; i < ret->macros.len; i++) {
		if (ret->macros.items[i].hostmacroid == 0)
			ret->macros.items[i].hostmacroid = next++;
		if (ret->macros.items[i].type == ZYNC_MACRO_SECRET)
			ret->macros.items[i].value.plain = NULL;
	}
	for (size_t i = 0; i < ret->groups.len; i++)
		ret->groups.items[i].id = ret->groups.items[i].id == 0 ? next++ : ret->groups.items[i].id;
	ret->tls.psk.plain = zync_str_eq(ret->tls.psk.plain, "") ? "" : NULL;
	random_shuffle(r, ret);
	struct zync_err err = {0};
	if (zync_host_canonicalise(ret, arena, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
}

static void property_converges(void **state ZYNC_UNUSED)
{
	struct random r = {property_seed() + 2};
	unsigned changed = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		ZYNC_AUTO_ARENA arena = test_arena();
		struct zync_host desired, actual, base, target, applied;
		struct zync_diff diff;
		property_host(&r, arena, /* actual= */ false, &desired);
		property_host(&r, arena, /* actual= */ true, &actual);
		property_host(&r, arena, /* actual= */ false, &base);
		const struct zync_host *on = random_below(&r, 10) == 0 ? NULL : &actual;
		const struct zync_host *last = random_below(&r, 3) == 0 ? NULL : &base;
		assert_int_equal(zync_host_target(&desired, on, last, arena, &target, NULL), ZYNC_OK);
		assert_int_equal(zync_host_diff(&target, on, arena, &diff, NULL), ZYNC_OK);
		changed += diff.len > 0;
		property_apply(&r, arena, &target, &applied);
		/* What was just written is now what was last written. */
		struct zync_host again;
		assert_int_equal(zync_host_target(&desired, &applied, &desired, arena, &again, NULL), ZYNC_OK);
		assert_int_equal(zync_host_diff(&again, &applied, arena, &diff, NULL), ZYNC_OK);
		assert_string_equal(test_diff_text(arena, &diff), "");
		/* Against the target itself, too. */
		assert_int_equal(zync_host_diff(&target, &applied, arena, &diff, NULL), ZYNC_OK);
		for (size_t i = 0; i < diff.len; i++) /* an interface without an id is new to the diff */
			assert_int_equal(diff.items[i].aspect, ZYNC_ASPECT_INTERFACES);
	}
	assert_true(changed > ROUNDS / 2);
}

/* In base, or in the desired state that may replace it? */
static bool property_may_go(const struct zync_host *base, enum zync_aspect aspect, bool found)
{
	return base != NULL && (base->managed & ZYNC_ASPECT_BIT(aspect)) != 0 && found;
}

/* Asked for as empty? */
static bool property_clears(const struct zync_host *desired, const char *field)
{
	const struct zync_inventory_field *wanted = zync_model_inventory_field(desired, field);
	return (desired->managed & ZYNC_ASPECT_BIT(ZYNC_ASPECT_INVENTORY)) != 0 && wanted != NULL && zync_str_eq(wanted->value, "");
}

static void property_merge_one(const struct zync_host *desired, const struct zync_host *actual, const struct zync_host *base,
			       const struct zync_host *target)
{
	static const struct zync_host none;
	const struct zync_host *b = base != NULL ? base : &none;
	for (size_t i = 0; i < actual->groups.len; i++)
		assert_true(zync_model_ref_find(&target->groups, &actual->groups.items[i]) != NULL ||
			    property_may_go(base, ZYNC_ASPECT_GROUPS, zync_model_ref_find(&b->groups, &actual->groups.items[i]) != NULL));
	for (size_t i = 0; i < actual->templates.len; i++)
		assert_true(zync_model_ref_find(&target->templates, &actual->templates.items[i]) != NULL ||
			    property_may_go(base, ZYNC_ASPECT_TEMPLATES,
					    zync_model_ref_find(&b->templates, &actual->templates.items[i]) != NULL));
	for (size_t i = 0; i < actual->tags.len; i++)
		assert_true(zync_model_tag_find(target, &actual->tags.items[i]) ||
			    property_may_go(base, ZYNC_ASPECT_TAGS, zync_model_tag_find(b, &actual->tags.items[i])));
	for (size_t i = 0; i < actual->macros.len; i++)
		assert_true(zync_model_macro_find(target, actual->macros.items[i].macro) != NULL ||
			    property_may_go(base, ZYNC_ASPECT_MACROS, zync_model_macro_find(b, actual->macros.items[i].macro) != NULL));
	for (size_t i = 0; target->inventory_mode != ZYNC_INVENTORY_DISABLED && i < actual->inventory.len; i++)
		assert_true(zync_str_empty(actual->inventory.items[i].value) ||
			    property_clears(desired, actual->inventory.items[i].field) ||
			    zync_model_inventory_find(target, actual->inventory.items[i].field) != NULL ||
			    property_may_go(base, ZYNC_ASPECT_INVENTORY,
					    zync_model_inventory_find(b, actual->inventory.items[i].field) != NULL));
	for (size_t i = 0; i < actual->interfaces.len; i++) {
		const struct zync_interface *interface = &actual->interfaces.items[i];
		bool stays = false, was_ours = false;
		for (size_t j = 0; j < target->interfaces.len; j++)
			stays = stays || target->interfaces.items[j].interfaceid == interface->interfaceid;
		for (size_t j = 0; j < b->interfaces.len; j++)
			was_ours = was_ours || zync_model_interface_same_address(&b->interfaces.items[j], interface);
		assert_true(stays || property_may_go(base, ZYNC_ASPECT_INTERFACES, was_ours));
	}
}

static void property_merge(void **state ZYNC_UNUSED)
{
	struct random r = {property_seed() + 3};
	for (unsigned round = 0; round < ROUNDS; round++) {
		ZYNC_AUTO_ARENA arena = test_arena();
		struct zync_host desired, actual, base, target;
		property_host(&r, arena, /* actual= */ false, &desired);
		property_host(&r, arena, /* actual= */ true, &actual);
		property_host(&r, arena, /* actual= */ false, &base);
		for (size_t i = 0; i < ZYNC_ASPECT_COUNT; i++)
			desired.own[i] = ZYNC_OWN_MERGE;
		const struct zync_host *last = random_below(&r, 3) == 0 ? NULL : &base;
		assert_int_equal(zync_host_target(&desired, &actual, last, arena, &target, NULL), ZYNC_OK);
		property_merge_one(&desired, &actual, last, &target);
	}
}

/* One default interface a type, whatever was combined; no interface of Zabbix is taken twice. */
static void property_interfaces(void **state ZYNC_UNUSED)
{
	struct random r = {property_seed() + 4};
	for (unsigned round = 0; round < ROUNDS; round++) {
		ZYNC_AUTO_ARENA arena = test_arena();
		struct zync_host desired, actual, base, target;
		unsigned mains[5] = {0}, count[5] = {0};
		property_host(&r, arena, /* actual= */ false, &desired);
		property_host(&r, arena, /* actual= */ true, &actual);
		property_host(&r, arena, /* actual= */ false, &base);
		assert_int_equal(zync_host_target(&desired, &actual, &base, arena, &target, NULL), ZYNC_OK);
		for (size_t i = 0; i < target.interfaces.len; i++) {
			const struct zync_interface *interface = &target.interfaces.items[i];
			count[interface->type]++;
			mains[interface->type] += interface->main;
			for (size_t j = 0; j < i; j++)
				assert_true(interface->interfaceid == 0 ||
					    interface->interfaceid != target.interfaces.items[j].interfaceid);
		}
		for (size_t type = 0; type < 5; type++)
			assert_int_equal(mains[type], count[type] > 0);
	}
}

static void property_equal(void **state ZYNC_UNUSED)
{
	struct random r = {property_seed() + 5};
	for (unsigned round = 0; round < ROUNDS; round++) {
		ZYNC_AUTO_ARENA arena = test_arena();
		struct zync_host host, copy;
		struct zync_diff diff;
		property_host(&r, arena, random_below(&r, 2) == 0, &host);
		assert_int_equal(zync_host_copy(&host, arena, &copy, NULL), ZYNC_OK);
		assert_int_equal(zync_host_diff(&host, &copy, arena, &diff, NULL), ZYNC_OK);
		assert_string_equal(test_diff_text(arena, &diff), "");
		assert_int_equal(diff.aspects, 0);
	}
}

TEST_GROUP(test_property, cmocka_unit_test(property_canonical), cmocka_unit_test(property_json), cmocka_unit_test(property_converges),
	   cmocka_unit_test(property_merge), cmocka_unit_test(property_interfaces), cmocka_unit_test(property_equal));
