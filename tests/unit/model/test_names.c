/* SPDX-License-Identifier: Apache-2.0 */
#include "model/names.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "model_test.h"

/* Fifty characters. */
#define FIFTY "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"

static const char *repeated(struct zync_arena *arena, const char *piece, size_t count)
{
	char *text = zync_arena_alloc(arena, strlen(piece) * count + 1);
	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * strlen(piece), piece, strlen(piece));
	return text;
}

static void names_legal(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *name;
		bool legal;
	} cases[] = {
		{"sw1", true},
		{"A b.c-d_9", true},
		{"x", true},
		{"host_d17", true},
		{FIFTY FIFTY "1234567890123456789012345678", true},
		{NULL, false},
		{"", false},
		{" ", false},
		{" sw1", false},
		{"sw1 ", false},
		{"m\xc3\xbcnchen", false},
		{"a/b", false},
		{"a:b", false},
		{"a(b)", false},
		{"a\tb", false},
		{"a@b", false},
		{FIFTY FIFTY "12345678901234567890123456789", false},
	};
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		if (zync_host_name_legal(cases[i].name) != cases[i].legal)
			fail_msg("\"%s\"", cases[i].name);
	}
}

static void names_made_legal(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *name;
		const char *type;
		uint64_t id;
		const char *expected;
	} cases[] = {
		{"sw1", "device", 17, "sw1"},
		{"m\xc3\xbcnchen/sw1", "device", 17, "m_nchen_sw1_d17"},
		{"\xd1\x81\xd0\xb2\x31", "vm", 5, "__1_v5"},
		{"a\xf0\x9f\x98\x80"
		 "b",
		 "vm", 5, "a_b_v5"},
		{"a\x80\xff"
		 "b",
		 "vm", 5, "a__b_v5"}, /* not UTF-8 */
		{" sw1 ", "device", 17, "sw1__d17"},
		{" sw/1 ", "device", 17, "sw_1_d17"},
		{NULL, "device", 17, "host_d17"},
		{"", "vm", 0, "host_v0"},
		{"   ", "device", 17, "host_d17"},
		{"\xc3\xbc.\xc3\xbc", "device", 17, "host_d17"},
		{"///", "vm", UINT64_MAX, "host_v18446744073709551615"},
		{FIFTY FIFTY FIFTY, "device", 17, FIFTY FIFTY "aaaaaaaaaabbbbbbbbbbcccc_d17"},
		/* Legal, but what another's illegal name could become. */
		{"core_fw_v2", "device", 9, "core_fw_v2_d9"},
		{"core_fw_v2", "vm", 2, "core_fw_v2"},
		{"core_fw_v2", "vm", 3, "core_fw_v2_v3"},
		{"core_fw_d2", "vm", 2, "core_fw_d2_v2"},
		{"host_d17", "device", 18, "host_d17_d18"},
		{"host_d17", "device", 17, "host_d17"},
		{FIFTY FIFTY "aaaaaaaaaabbbbbbbbbbcccc_d17", "device", 18, FIFTY FIFTY "aaaaaaaaaabbbbbbbbbbcccc_d18"},
		{FIFTY FIFTY "aaaaaaaaaabbbbbbbbbbcccc_d17", "device", 17, FIFTY FIFTY "aaaaaaaaaabbbbbbbbbbcccc_d17"},
		/* Legal, and never made by Zync. */
		{"fw_v2", "device", 9, "fw_v2"},
		{"core_fw_v02", "device", 9, "core_fw_v02"},
		{"core_fw_x2", "device", 9, "core_fw_x2"},
		{"core_fwv2", "device", 9, "core_fwv2"},
		{"core_fw_v", "device", 9, "core_fw_v"},
		{"core_fw_v99999999999999999999", "device", 9, "core_fw_v99999999999999999999"},
		{"17", "device", 9, "17"},
		{"_v0", "device", 9, "_v0"},
		{"__v0", "device", 9, "__v0_d9"},
		{"ghost_d17", "device", 9, "ghost_d17"},
		{"hos_d17", "device", 9, "hos_d17"},
	};
	ZYNC_AUTO_ARENA arena = test_arena();
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const char *name = NULL;
		struct zync_err err = {0};
		assert_int_equal(zync_host_name_make_legal(cases[i].name, cases[i].type, cases[i].id, arena, &name, &err), ZYNC_OK);
		assert_string_equal(name, cases[i].expected);
		assert_true(zync_host_name_legal(name));
	}
}

/* A name that two objects have in NetBox: the suffix also where the name is legal. */
static void names_distinguished(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *name;
		const char *expected;
	} cases[] = {
		{"sw1", "sw1__d17"},
		{"sw_1", "sw_1_d17"},
		{"a/b", "a_b_d17"},
		{NULL, "host_d17"},
		{"core_fw_v2", "core_fw_v2_d17"},
		{FIFTY FIFTY "1234567890123456789012345678", FIFTY FIFTY "123456789012345678901234_d17"},
	};
	ZYNC_AUTO_ARENA arena = test_arena();
	const char *name = NULL, *again = NULL;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		assert_int_equal(zync_host_name_distinguish(cases[i].name, "device", 17, arena, &name, NULL), ZYNC_OK);
		assert_string_equal(name, cases[i].expected);
		assert_true(zync_host_name_legal(name));
		/* It belongs to that object: another one of this very name in NetBox does not get it. */
		assert_int_equal(zync_host_name_make_legal(name, "device", 18, arena, &again, NULL), ZYNC_OK);
		assert_string_not_equal(again, name);
	}
	struct zync_err err = {0};
	assert_int_equal(zync_host_name_distinguish("sw1", "rack", 1, arena, &name, &err), ZYNC_ERR_INVALID);
	test_expect(&err, ZYNC_ERR_INVALID, "type \"rack\"");
}

static void names_unknown_type(void **state ZYNC_UNUSED)
{
	ZYNC_AUTO_ARENA arena = test_arena();
	const char *name = "untouched";
	struct zync_err err = {0};
	assert_int_equal(zync_host_name_make_legal("a", "rack", 1, arena, &name, &err), ZYNC_ERR_INVALID);
	test_expect(&err, ZYNC_ERR_INVALID, "type \"rack\"; it must be device or vm");
	assert_int_equal(zync_host_name_make_legal("a", NULL, 1, arena, &name, &err), ZYNC_ERR_INVALID);
	assert_int_equal(zync_host_name_make_legal("a/b", NULL, 1, arena, &name, &err), ZYNC_ERR_INVALID);
	assert_int_equal(zync_host_name_make_legal(NULL, NULL, 1, arena, &name, &err), ZYNC_ERR_INVALID);
	assert_string_equal(name, "untouched");
}

/* Every name of a small alphabet for several objects: no name is given to two objects, unless both have it as their legal name. */
static void names_injective(void **state ZYNC_UNUSED)
{
	static const char *const pieces[] = {"a", "_d1", "_v1", "/", " ", "host", "_", "_d12", "\xc3\xbc"};
	static const struct {
		const char *type;
		uint64_t id;
	} objects[] = {{"device", 1}, {"device", 12}, {"vm", 1}, {"vm", 12}};
	ZYNC_AUTO_ARENA arena = test_arena();
	struct made {
		const char *from;
		const char *name;
		size_t object;
	};
	enum { NAMES = 9 * 9 * 9, MADE = NAMES * 4 };
	struct made *made = ZYNC_NEW_ARRAY(arena, struct made, MADE);
	assert_non_null(made);
	for (size_t i = 0; i < MADE; i++) {
		size_t n = i / 4;
		made[i].from = zync_arena_printf(arena, "%s%s%s", pieces[n % 9], pieces[n / 9 % 9], pieces[n / 81]);
		made[i].object = i % 4;
		assert_int_equal(
			zync_host_name_make_legal(made[i].from, objects[i % 4].type, objects[i % 4].id, arena, &made[i].name, NULL),
			ZYNC_OK);
		assert_true(zync_host_name_legal(made[i].name));
	}
	size_t shared = 0;
	for (size_t i = 0; i < MADE; i++) {
		for (size_t j = 0; j < i; j++) {
			if (made[i].object == made[j].object || strcmp(made[i].name, made[j].name) != 0)
				continue;
			shared++;
			if (strcmp(made[i].name, made[i].from) != 0 || strcmp(made[j].name, made[j].from) != 0)
				fail_msg("\"%s\" of object %zu and \"%s\" of object %zu both become \"%s\"", made[i].from, made[i].object,
					 made[j].from, made[j].object, made[i].name);
		}
	}
	assert_true(shared > 0); /* "aaa" of two objects: the loop has compared */
}

static void names_inventory(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *field;
		size_t max;
	} cases[] = {
		{"alias", 128},
		{"type", 64},
		{"type_full", 64},
		{"name", 128},
		{"os_full", 255},
		{"serialno_a", 64},
		{"asset_tag", 64},
		{"hardware", 255},
		{"location", 65535},
		{"location_lat", 16},
		{"hw_arch", 32},
		{"url_a", 2048},
		{"url_c", 2048},
		{"oob_ip", 39},
		{"host_netmask", 39},
		{"site_rack", 128},
		{"site_city", 128},
		{"site_notes", 65535},
		{"poc_1_email", 128},
		{"poc_2_notes", 65535},
		{"vendor", 64},
		{"", 0},
		{"inventory_mode", 0},
		{"hostid", 0},
		{"Alias", 0},
		{"zzz", 0},
		{NULL, 0},
	};
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		assert_int_equal(zync_inventory_field_max(cases[i].field), cases[i].max);
		assert_int_equal(zync_inventory_field_known(cases[i].field), cases[i].max != 0);
	}
	size_t count = 0;
	const char *const *fields = zync_inventory_fields(&count);
	assert_int_equal(count, 70);
	for (size_t i = 0; i < count; i++) {
		assert_true(zync_inventory_field_known(fields[i]));
		assert_true(i == 0 || strcmp(fields[i - 1], fields[i]) < 0);
	}
}

static void names_macros(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *macro;
		const char *problem;
	} cases[] = {
		{"{$A}", NULL},
		{"{$SNMP_COMMUNITY}", NULL},
		{"{$A.B_9}", NULL},
		{"{$A:}", NULL},
		{"{$A:ctx}", NULL},
		{"{$A: ctx }", NULL},
		{"{$A:\"ctx\"}", NULL},
		{"{$A:\"a}b\"}", NULL},
		{"{$A:\"a\\\"b\" }", NULL},
		{"{$A:regex:^/var}", NULL},
		{"{$A: regex:\"^a{2}\"}", NULL},
		{"{$A:\t\"x}", NULL},
		{"{$A:\xc3\xbc}", NULL},
		{NULL, "it is empty"},
		{"", "it is empty"},
		{"A", "does not start with {$"},
		{"{A}", "does not start with {$"},
		{"{$}", "has no name"},
		{"{$", "has no name"},
		{"{$:x}", "has no name"},
		{"{$a}", "only A-Z"},
		{"{$A-B}", "only A-Z"},
		{"{$A", "closing brace is missing"},
		{"{$A}x", "text after the closing brace"},
		{"{$A:x", "closing brace is missing"},
		{"{$A:x}y", "text after the closing brace"},
		{"{$A:\"x}", "no closing quotation mark"},
		{"{$A:\"x\"y}", "text after the quoted context"},
		{"{$A:\"x\"", "closing brace is missing"},
		{"{$A:\"x\"}y", "text after the closing brace"},
		{"{$A:\xff}", "not valid UTF-8"},
	};
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const char *problem = zync_macro_name_problem(cases[i].macro);
		if ((problem == NULL) != (cases[i].problem == NULL) || (problem != NULL && strstr(problem, cases[i].problem) == NULL))
			fail_msg("%s: %s", cases[i].macro, problem);
		assert_int_equal(zync_is_macro_reference(cases[i].macro), cases[i].problem == NULL);
	}
	ZYNC_AUTO_ARENA arena = test_arena();
	const char *context = repeated(arena, "\xc3\xbc", 250);
	assert_null(zync_macro_name_problem(zync_arena_printf(arena, "{$A:%s}", context))); /* 255 characters */
	assert_string_equal(zync_macro_name_problem(zync_arena_printf(arena, "{$AB:%s}", context)), "it is longer than 255 characters");
}

static void names_groups(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *name;
		const char *problem;
	} cases[] = {
		{"A", NULL},
		{"NetBox/Z\xc3\xbcrich/Rack 1", NULL},
		{" a ", NULL},
		{NULL, "empty"},
		{"", "empty"},
		{"/", "starts with a slash"},
		{"/A", "starts with a slash"},
		{"A/", "ends with a slash"},
		{"A//B", "empty part"},
		{"\xff", "not valid UTF-8"},
	};
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const char *problem = zync_group_name_problem(cases[i].name);
		if ((problem == NULL) != (cases[i].problem == NULL) || (problem != NULL && strstr(problem, cases[i].problem) == NULL))
			fail_msg("%s: %s", cases[i].name, problem);
	}
	ZYNC_AUTO_ARENA arena = test_arena();
	assert_null(zync_group_name_problem(repeated(arena, "\xc3\xbc", 255)));
	assert_string_equal(zync_group_name_problem(repeated(arena, "a", 256)), "it is longer than 255 characters");
	assert_null(zync_group_name_problem(zync_arena_printf(arena, "%sa", repeated(arena, "a/", 31))));
	assert_string_equal(zync_group_name_problem(zync_arena_printf(arena, "%sa", repeated(arena, "a/", 32))),
			    "it is nested deeper than 32 levels");
}

TEST_GROUP(test_names, cmocka_unit_test(names_legal), cmocka_unit_test(names_made_legal), cmocka_unit_test(names_distinguished),
	   cmocka_unit_test(names_unknown_type), cmocka_unit_test(names_injective), cmocka_unit_test(names_inventory),
	   cmocka_unit_test(names_macros), cmocka_unit_test(names_groups));
