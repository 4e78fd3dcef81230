/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions, loops, lists and the filters on them, beyond the examples of the language page. */
#include "expr_test.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"

struct text_case {
	const char *template, *text;
};

static void check_texts(struct fixture *f, const struct text_case *cases, size_t count, enum zync_expr_mode mode)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = NULL;
		enum zync_status status = expr_test_render(f, cases[i].template, mode, &text, NULL);

		if (status != ZYNC_OK || strcmp(text, cases[i].text) != 0)
			fail_msg("%s gives (%s) \"%s\", not \"%s\"", cases[i].template, zync_status_name(status), text, cases[i].text);
	}
}

void test_conditions(void **state)
{
	static const struct text_case cases[] = {
		{"{{ 1 if true }}{{ 2 if false }}{{ 3 if none }}{{ 4 if 0 }}{{ 5 if 0.0 }}{{ 6 if \"\" }}{{ 7 if [] }}", "1"},
		{"{{ 1 if serial }}{{ 2 if asset_tag }}{{ 3 if missing.x }}{{ 4 if tenant }}", ""},
		{"{{ 1 if \"0\" }}{{ 2 if \"false\" }}{{ 3 if -1 }}{{ 4 if 0.5 }}{{ 5 if [0] }}{{ 6 if site }}{{ 7 if vcpus }}", "1234567"},
		{"{{ 1 if custom_fields.factor }}{{ 2 if custom_fields.monitored }}", "12"},
		{"{{ \"a\" if 1 else \"b\" if 1 else \"c\" }}{{ \"a\" if 0 else \"b\" if 1 else \"c\" }}{{ \"a\" if 0 else \"b\" if 0 else "
		 "\"c\" }}",
		 "abc"},
		{"{{ (\"a\" if 1 else \"b\") if 0 else \"c\" }}", "c"},
		{"{{ \"a\" | upper if 1 else \"b\" | upper }}{{ (\"a\" if 0 else \"b\") | upper }}", "AB"},
		{"{{ 1 == 1.0 }} {{ vcpus == 2.5 }} {{ 10 > 9 }} {{ \"10\" > \"9\" }} {{ \"10\" > 9 }} {{ weight == 3 }}",
		 "true true true false false true"},
		{"{{ 1 < 2 }}{{ 2 <= 2 }}{{ 3 >= 4 }}{{ 3 != 4 }}{{ 3 > 3 }}", "truetruefalsetruefalse"},
		{"{{ 9007199254740993 == 9007199254740992 }} {{ 9223372036854775807 > 9223372036854775806 }}", "false true"},
		{"{{ custom_fields.monitored == true }} {{ custom_fields.monitored == \"true\" }} {{ true == 1 }}", "true true false"},
		{"{{ status == \"active\" }} {{ status == \"Active\" }} {{ site == \"Zürich HQ\" }} {{ tags == \"Production, Edge\" }}",
		 "true false true true"},
		{"{{ custom_fields.level == custom_fields.level_47 }} {{ custom_fields.zones == custom_fields.zones_47 }}", "true true"},
		{"{{ tenant == none }} {{ tenant == \"\" }} {{ serial == none }} {{ tenant != \"x\" }} {{ tenant == 0 }}",
		 "true true true true false"},
		{"{{ tenant < 5 }} {{ tenant >= 5 }} {{ 5 > none }} {{ none <= none }}", "false false false false"},
		{"{{ \"a\" < \"ä\" }} {{ \"Z\" < \"a\" }}", "true true"},
		{"{{ not 1 == 2 }} {{ not not name }} {{ not not not name }} {{ not (1 == 1) }}", "true true false false"},
		{"{{ 1 or 0 and 0 }} {{ (1 or 0) and 0 }} {{ 0 or \"\" or \"x\" or \"y\" }} {{ 1 and 2 and 3 }} {{ 0 and name }}",
		 "1 0 x 3 0"},
		{"{{ tenant or asset_tag }}|{{ name and tenant }}|{{ not tenant and name }}", "||core-sw1"},
		{"{{ \"Edge\" in tags }} {{ \"edge\" in tags }} {{ 3 in config_context.plain.b }} {{ \"3\" in config_context.plain.b }}",
		 "true false true true"},
		{"{{ \"dmz\" in custom_fields.zones_47 }} {{ \"x\" in [] }} {{ name in [\"a\", name] }} {{ 4 not in [1, 2] }}",
		 "true false true true"},
		{"{{ \"a\" in config_context.plain }} {{ \"c\" in config_context.plain }} {{ \"name\" in site }} {{ \"value\" in status }}",
		 "true false true false"},
		{"{{ \"acti\" in status }} {{ \"acti\" in \"activity\" }} {{ \"\" in name }} {{ 7 in id }} {{ 8 in id }}",
		 "true true true true false"},
		{"{{ tenant in [none, \"\"] }} {{ \"x\" in tenant }} {{ \"x\" not in tenant }} {{ tenant in name }} {{ tenant not in name "
		 "}}",
		 "false false true false true"},
		{"{{ a-b if name }}{{ custom_fields.if }}{{ site.true }}{{ [true, false] }}", "true, false"},
		{"{{ name|upper if name|lower==\"core-sw1\" }}", "CORE-SW1"},
	};

	check_texts(*state, cases, ZYNC_ARRAY_LEN(cases), ZYNC_EXPR_LENIENT);
}

/* Objects that look like selections, and equal elements that must not change places. */
void test_objects(void **state)
{
	static const char json[] =
		"{\"nine\":{\"value\":9,\"label\":\"Nine\"},\"full\":{\"value\":1,\"label\":\"L\",\"name\":\"N\"},"
		"\"null\":{\"value\":null,\"label\":\"L\"},\"list\":{\"value\":[1],\"label\":\"L\"},\"o\":{\"x\":[1]},"
		"\"same\":[{\"name\":\"b\",\"n\":1},{\"name\":\"a\",\"n\":2},{\"name\":\"b\",\"n\":3},{\"name\":\"a\",\"n\":4}],"
		"\"selected\":[{\"value\":10,\"label\":\"Ten\"},{\"value\":9,\"label\":\"Nine\"}]}";
	static const struct text_case cases[] = {
		{"{{ nine > 10 }} {{ nine < 10 }} {{ nine == 9.0 }} {{ nine == \"9\" }} {{ 9 in [nine] }}", "false true true true true"},
		{"{{ full }} {{ full == \"N\" }} {{ full | int }}|", "N true |"},
		{"{{ custom.null }}{{ o }}{{ list }}", "{\"x\":[1]}L"},
		{"{{ (s.n for s in same | sort) }} {{ (s.n for s in same | unique) }}", "2, 4, 1, 3 1, 2"},
		{"{{ selected | sort }} {{ nine | int }} {{ nine | python }} {{ nine | length }}", "9, 10 9 9 1"},
	};
	struct fixture *f = *state;
	struct fixture own = {.arena = f->arena};
	struct zync_err err;

	assert_int_equal(zync_json_parse(f->arena, json, strlen(json), &own.root, &err), ZYNC_OK);
	check_texts(&own, cases, ZYNC_ARRAY_LEN(cases), ZYNC_EXPR_LENIENT);
}

void test_loops(void **state)
{
	static const struct text_case cases[] = {
		{"{{ x for x in [1, 2, none, missing, 3] }}", "1, 2, 3"},
		{"{{ [x for x in [1, 2]] | length }}{{ [(x for x in [1, 2])] | length }}{{ [] }}{{ [[1, 2], 3] | length }}", "212"},
		{"{{ x for x in name }}{{ x for x in missing }}{{ x for x in [] }}", "core-sw1"},
		{"{{ (x.slug for x in site) | first }}", "zurich"},
		{"{{ name.slug for name in tags }} {{ name }}", "prod, edge core-sw1"},
		{"{{ x for x in (x.slug for x in tags) if x == \"edge\" }}", "edge"},
		{"{{ (y for y in (x.slug | upper for x in tags)) | reverse | join(\"-\") }}", "EDGE-PROD"},
		{"{{ k for k, v in config_context.plain if v == 1 }}{{ k for k, v in missing }}", "a"},
		{"{{ v for k, v in config_context.plain }}", "2, 3, 1"},
		{"{{ n for m in config_context.plain.b for n in [m, 9] if n != 3 }}", "2, 9, 9"},
		{"{{ a.address for t in tags if t.slug == \"edge\" for a in ip_addresses if a.mgmt_only }}", "192.0.2.5/28"},
		{"{{ x if x > 2 for x in [1, 2, 3] }}{{ x if x > 2 else 0 for x in [1, 2, 3] }}", "30, 0, 3"},
		{"{{ x.parent.name for x in [site.region] }} {{ x[0] for x in [[7, 8]] }} {{ x[-1] for x in [[7, 8]] }} {{ x.y for x in "
		 "[[7]] }}",
		 "Europe 7 8 "},
		{"{{ x.a[1] for x in [\"text\"] }}|{{ x[0] for x in [5] }}", "|"},
		{"{{ x for x in tags | reverse if not x.slug == \"prod\" or none }}", "Edge"},
		{"{{ c for c in custom_fields.contacts }} {{ c.name | upper for c in custom_fields.contacts }}", "Ada, Grace ADA, GRACE"},
		{"{{ m for m in config_context.zabbix.templates | default([\"none\"]) }}", "Cisco IOS, ICMP Ping"},
		{"{{ (x for x in tags if false) | default(\"no tag\") }}{{ x for x in [1] if x in [1] and x not in [2] }}", "no tag1"},
	};

	check_texts(*state, cases, ZYNC_ARRAY_LEN(cases), ZYNC_EXPR_LENIENT);
}

void test_new_filters(void **state)
{
	static const struct text_case cases[] = {
		{"{{ tags | replace(\"o\", \"0\") }} {{ tags | truncate(3) | join(\"/\") }} {{ tags | slug | first }}",
		 "Pr0ducti0n, Edge Pro/Edg production"},
		{"{{ [\" a \", none, \"b \"] | trim | join(\"-\") }} {{ tenant | lower | default(\"x\") }}", "a-b x"},
		{"{{ [\"x\", [\"A\", \"B\"]] | lower | length }}", "2"},
		{"{{ \"\" | capitalize }}{{ \"x\" | capitalize }}{{ \"ÉA\" | capitalize }}{{ tags | capitalize }}", "XÉaProduction, Edge"},
		{"{{ \"a,b,,c\" | split(\",\") | join(\"-\") }} {{ \"\" | split(\",\") | length }} {{ [\"a b\", \"c\"] | split(\" \") | "
		 "length }}",
		 "a-b--c 1 3"},
		{"{{ \"aXXbXXc\" | split(\"XX\") }} {{ \"abc\" | split(\"x\") }}", "a, b, c abc"},
		{"{{ name | reverse }} {{ name | sort }} {{ name | unique }} {{ name | length }} {{ \"äö\" | length }}",
		 "core-sw1 core-sw1 core-sw1 8 2"},
		{"{{ [] | length }} {{ config_context.plain | length }} {{ status | length }} {{ id | length }} {{ missing | length }}",
		 "0 2 6 2 "},
		{"{{ [3, 1, 2] | sort }}; {{ [3, \"1\", 2] | sort }}; {{ [\"b\", \"B\", \"a\"] | sort }}; {{ tags | sort }}",
		 "1, 2, 3; 1, 2, 3; B, a, b; Edge, Production"},
		{"{{ [] | sort }}{{ [] | reverse }}{{ [] | unique }}{{ [] | first }}{{ [] | last }}", ""},
		{"{{ [1, 2, 3, 4, 5] | reverse }} {{ [\"1\", 1, 1.0, \"1.0\"] | unique }}", "5, 4, 3, 2, 1 1, 1.0"},
		{"{{ [2, 1] | sort | first }}{{ [2, 1] | sort | last }}{{ (t for t in tags) | last }}", "12Edge"},
		{"{{ config_context.plain | keys }} {{ config_context.plain | values | length }} {{ missing | keys }}", "b, a 2 "},
		{"{{ [] | json }} {{ [[]] | json }} {{ [1.50, \"a\\\"b\", false] | json }} {{ status | json }} {{ true | json }} {{ 5 | "
		 "json }}",
		 "[] [[]] [1.5,\"a\\\"b\",false] {\"label\":\"Active\",\"value\":\"active\"} true 5"},
		{"{{ (t.slug for t in tags) | json }} {{ [tags[0]] | json }}",
		 "[\"prod\",\"edge\"] [{\"id\":1,\"name\":\"Production\",\"slug\":\"prod\"}]"},
		{"{{ [\"a\", site.region] | path }} {{ name | path }} {{ site | path }} {{ tenant | path }}",
		 "a, World/Europe/Switzerland core-sw1 Zürich HQ "},
		{"{{ \"10.0.0.1/24\" | ip }} {{ \"2001:db8::1/64\" | ip }} {{ \"10.0.0.2\" | ip }} {{ \"\" | ip }}|{{ (a for a in "
		 "ip_addresses) | ip }}",
		 "10.0.0.1 2001:db8::1 10.0.0.2 |10.0.0.5, 192.0.2.5, 2001:db8::5"},
		{"{{ \" -7 \" | int }} {{ \"+7\" | int }} {{ \"2.99\" | int }} {{ \"7.\" | int }} {{ true | int }} {{ false | int }} {{ "
		 "2.9 | int }}",
		 "-7 7 2 7 1 0 2"},
		{"{{ custom_fields.monitored | int }} {{ vcpus | int }} {{ 8 | int }} {{ [\"1\", \"x\", \"2\"] | int }} {{ status | int "
		 "}}|",
		 "1 2 8 1, 2 |"},
		{"{{ \"\" | int }}{{ \"-\" | int }}{{ \"1e3\" | int }}{{ \"9223372036854775808\" | int }}{{ \"1x\" | int }}{{ \".5\" | int "
		 "}}",
		 ""},
		{"{{ \"99999999999999999999999999\" | int }}{{ (\"10\" | int) == 10 }}", "true"},
		{"{{ \"a1b22\" | regex_replace(\"[0-9]+\", \"<\\\\0>\") }} {{ \"ab\" | regex_replace(\"(a)(b)\", \"\\\\2\\\\1\\\\\\\\\") "
		 "}}",
		 "a<1>b<22> ba\\"},
		{"{{ \"abxd\" | regex_replace(\"x*\", \"-\") }} {{ \"äöü\" | regex_replace(\"\", \".\") }} {{ \"\" | regex_replace(\"^$\", "
		 "\"e\") }}",
		 "-a-b--d- .ä.ö.ü. e"},
		{"{{ \"aa\" | regex_replace(\"^a\", \"\") }} {{ \"abc\" | regex_replace(\"b(?=c)\", \"\") }} {{ \"foobar\" | "
		 "regex_replace(\"foo\\\\Kbar\", \"x\") }}",
		 "a ac foox"},
		{"{{ \"ab\" | regex_replace(\"(x)?b\", \"[\\\\1]\") }} {{ \"ab\" | regex_replace(name, \"\") }}", "a[] ab"},
		{"{{ \"$1 {$M} ${n}\" | regex_replace(\"n\", \"$0${x}\") }}", "$1 {$M} ${$0${x}}"},
		{"{{ \"ÄB\" | regex_search(\"(?i)ä.\") }} {{ \"ab\" | regex_search(\"(x)?b\") | default(\"none\") }} {{ \"a\" | "
		 "regex_search(\"\") }}|",
		 "ÄB none |"},
		{"{{ [\"sw1\", \"rt2\", \"sw3\"] | regex_search(\"^sw(.)\") }} {{ tags | regex_replace(\"[a-z]+$\", \"\") }}", "1, 3 P, E"},
		{"{{ \"x\" | regex_search(\"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)|(x)\") | default(\"unset\") }}", "unset"},
		{"{{ \"kx\" | regex_replace(\"(a)?(b)?(c)?(d)?(e)?(f)?(g)?(h)?(i)?(j)?(k)(x)\", \"\\\\9!\") }}", "!"},
	};

	check_texts(*state, cases, ZYNC_ARRAY_LEN(cases), ZYNC_EXPR_LENIENT);
}

/* As Python 3 prints json.loads(NUMBER). */
void test_python(void **state)
{
	static const char *const numbers[][2] = {
		{"1", "1"},
		{"-17", "-17"},
		{"1.0", "1.0"},
		{"-0.0", "-0.0"},
		{"0.0", "0.0"},
		{"2.50", "2.5"},
		{"100.0", "100.0"},
		{"1e3", "1000.0"},
		{"0.1", "0.1"},
		{"0.001", "0.001"},
		{"0.0001", "0.0001"},
		{"0.00001", "1e-05"},
		{"0.00012345", "0.00012345"},
		{"-1.5e-7", "-1.5e-07"},
		{"123456789.125", "123456789.125"},
		{"1e15", "1000000000000000.0"},
		{"1234567890123456.0", "1234567890123456.0"},
		{"1e16", "1e+16"},
		{"12345678901234567890.0", "1.2345678901234567e+19"},
		{"1.7976931348623157e308", "1.7976931348623157e+308"},
		{"5e-324", "5e-324"},
		{"18446744073709551615", "18446744073709551615"},
	};
	static const struct text_case cases[] = {
		{"{{ true | python }} {{ false | python }} {{ custom_fields.monitored | python }} {{ (1 == 2) | python }}",
		 "True False True False"},
		{"{{ name | python }} {{ id | python }} {{ 7 | python }} {{ 2.50 | python }} {{ tenant | python }}|{{ serial | python }}",
		 "core-sw1 17 7 2.5 |"},
		{"{{ status | python }} {{ config_context.plain | python }} {{ custom_fields.zones | python }} {{ [true, 1.0] | python }}",
		 "active {\"a\":1,\"b\":[2,3]} [\"dmz\",\"lan\"] [true,1.0]"},
	};
	struct fixture *f = *state;
	struct fixture number = {.arena = f->arena};

	check_texts(f, cases, ZYNC_ARRAY_LEN(cases), ZYNC_EXPR_LENIENT);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(numbers); i++) {
		const char *json = zync_arena_printf(f->arena, "{\"x\":%s}", numbers[i][0]);
		struct zync_err err;

		assert_int_equal(zync_json_parse(f->arena, json, strlen(json), &number.root, &err), ZYNC_OK);
		check_texts(&number, &(struct text_case){"{{ x | python }}", numbers[i][1]}, 1, ZYNC_EXPR_LENIENT);
	}
	check_texts(&number, &(struct text_case){"{{ x > 9223372036854775807 }} {{ x == 18446744073709551615.0 }}", "true false"}, 1,
		    ZYNC_EXPR_LENIENT);
}

void test_language_errors(void **state)
{
	static const struct {
		const char *template;
		enum zync_status status;
		const char *message; /* its beginning */
	} cases[] = {
		{"{{ name if }}", ZYNC_ERR_INVALID, "at character 12: expected a path such as site.name"},
		{"{{ name if 1 else }}", ZYNC_ERR_INVALID, "at character 19: expected a path"},
		{"{{ name else 1 }}", ZYNC_ERR_INVALID, "at character 9: expected \"}}\" or \"|\" and a filter, not \"else\""},
		{"{{ if name }}", ZYNC_ERR_INVALID, "at character 4: \"if\" is a reserved word"},
		{"{{ name and }}", ZYNC_ERR_INVALID, "at character 13: expected a path"},
		{"{{ not }}", ZYNC_ERR_INVALID, "at character 8: expected a path"},
		{"{{ name not 1 }}", ZYNC_ERR_INVALID, "at character 13: expected \"in\" after \"not\", not \"1\""},
		{"{{ name == }}", ZYNC_ERR_INVALID, "at character 12: expected a path"},
		{"{{ name is defined }}", ZYNC_ERR_INVALID, "at character 9: expected \"}}\""},
		{"{{ !name }}", ZYNC_ERR_INVALID, "at character 4: \"!\" has no meaning inside {{ }}; write not"},
		{"{{ a && b }}", ZYNC_ERR_INVALID, "at character 6: \"&\" has no meaning inside {{ }}; write and"},
		{"{{ [1 2] }}", ZYNC_ERR_INVALID, "at character 7: expected \",\" or \"]\", not \"2\""},
		{"{{ [1, ] }}", ZYNC_ERR_INVALID, "at character 8: expected a path"},
		{"{{ [1", ZYNC_ERR_INVALID, "at character 6: the text ends inside {{ }}; expected \",\" or \"]\""},
		{"{{ [x for x in y, 1] }}", ZYNC_ERR_INVALID, "at character 5: put the loop into parentheses"},
		{"{{ [1, x for x in y] }}", ZYNC_ERR_INVALID, "at character 8: put the loop into parentheses"},
		{"{{ x for }}", ZYNC_ERR_INVALID, "at character 10: expected a name for the elements"},
		{"{{ x for in y }}", ZYNC_ERR_INVALID, "at character 10: \"in\" is a reserved word"},
		{"{{ x for true in y }}", ZYNC_ERR_INVALID, "at character 10: \"true\" is a reserved word"},
		{"{{ x for x, 1 in y }}", ZYNC_ERR_INVALID, "at character 13: expected a name for the elements, not \"1\""},
		{"{{ x for x in }}", ZYNC_ERR_INVALID, "at character 15: expected a path"},
		{"{{ x for x in y if }}", ZYNC_ERR_INVALID, "at character 20: expected a path"},
		{"{{ 007.5 }}", ZYNC_ERR_INVALID, "at character 4: \"007.5\" is no decimal number"},
		{"{{ 1.5.5 }}", ZYNC_ERR_INVALID, "at character 7: expected \"}}\""},
		{"{{ name | truncate(true) }}", ZYNC_ERR_INVALID, "at character 20: truncate: the argument must be a whole number"},
		{"{{ name | split(\"\") }}", ZYNC_ERR_INVALID, "at character 17: split: the text to look for is empty"},
		{"{{ name | regex_search(\"[\") }}", ZYNC_ERR_INVALID,
		 "at character 24: regex_search: the pattern is wrong at its character 2: "},
		{"{{ name | regex_search(\"\\\\C\") }}", ZYNC_ERR_INVALID, "at character 24: regex_search: the pattern is wrong"},
		{"{{ name | regex_search(\"ä)\") }}", ZYNC_ERR_INVALID,
		 "at character 24: regex_search: the pattern is wrong at its character 2: "},
		{"{{ name | regex_replace(\"a\", \"\\\\x\") }}", ZYNC_ERR_INVALID,
		 "at character 30: regex_replace: in the replacement a backslash"},
		{"{{ name | regex_replace(\"a\", \"\\\\\") }}", ZYNC_ERR_INVALID,
		 "at character 30: regex_replace: in the replacement a backslash"},
		{"{{ name | regex_search(serial | default(\"[\")) }}", ZYNC_ERR_REJECTED,
		 "at character 11: regex_search: the pattern is wrong"},
		{"{{ name | regex_replace(\"a\", (\"\\\\9\" | trim)) }}", ZYNC_ERR_REJECTED,
		 "at character 11: regex_replace: the pattern has no group"},
		{"{{ name | split(serial) }}", ZYNC_ERR_REJECTED, "at character 17: split: the text to look for is empty"},
		{"{{ tags | keys }}", ZYNC_ERR_REJECTED, "at character 11: keys: the value is not an object"},
		{"{{ [1] | values }}", ZYNC_ERR_REJECTED, "at character 10: values: the value is not an object"},
		{"{{ v for k, v in [1] }}", ZYNC_ERR_REJECTED, "at character 6: two names loop over the members of an object"},
		{"{{ v for x in tags for k, v in x.slug }}", ZYNC_ERR_REJECTED, "at character 20: two names loop over the members"},
		{"ä{{ [1] | truncate(name) }}", ZYNC_ERR_REJECTED,
		 "at character 20: truncate: the argument must be a whole number, not \"core-sw1\""},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const char *text = NULL;
		enum zync_status status = expr_test_render(*state, cases[i].template, ZYNC_EXPR_LENIENT, &text, NULL);

		if (status != cases[i].status || !zync_str_starts(text, cases[i].message))
			fail_msg("%s gives (%s) \"%s\", not \"%s\"", cases[i].template, zync_status_name(status), text, cases[i].message);
	}
}

void test_strict_language(void **state)
{
	static const struct text_case right[] = {
		{"{{ 1 if tenant else 2 }}{{ 1 if tenant == none }}{{ 1 if \"x\" in tenant }}{{ 1 if tenant < 3 }}{{ not tenant }}",
		 "21true"},
		{"{{ none }}{{ tenant | default(none) }}{{ \"x\" if tenant.name | upper | lower == \"x\" }}", ""},
		{"{{ tenant == 1 or \"y\" }}{{ tenant or \"x\" }}{{ [none, \"a\"] }}{{ 1 if \"q\" in [tenant] }}", "yxa"},
		{"{{ 1 if \"q\" in (t.color for t in tags) else 2 }}{{ t.color if t.color for t in tags }}", "2"},
		{"{{ (x for x in tenant) | default(\"none\") }}{{ x for x in [] }}", "none"},
		{"{{ v for k, v in custom_fields if k == \"level\" }}", "gold"},
	};
	static const struct text_case wrong[] = {
		{"{{ tenant if name }}", "at character 4: \"tenant\" is not"},
		{"{{ name if 0 else tenant.name }}", "at character 19: \"tenant.name\" is not"},
		{"{{ tenant or asset_tag }}", "at character 14: \"asset_tag\" is not"},
		{"{{ name and tenant }}", "at character 13: \"tenant\" is not"},
		{"{{ [tenant] }}", "at character 5: \"tenant\" is not"},
		{"{{ x for x in tenant.list }}", "at character 15: \"tenant.list\" is not"},
		{"{{ x for t in tags for x in t.list }}", "at character 29: \"t.list\" is not"},
		{"{{ tenant.name | upper | slug }}", "at character 4: \"tenant.name\" is not"},
		{"{{ [] | first }}", "at character 4: \"[] | first\" is not"},
		{"{{ (\"x\" | int) | upper }}", "at character 5: \"\"x\" | int\" is not"},
		{"{{ 1 if name | replace(\"a\", tenant) }}", "at character 29: \"tenant\" is not"},
		{"{{ v for k, v in custom_fields if k == \"nothing\" }}", "at character 4: \"v\" is not"},
		{"{{ name | default(1) }}-{{ missing }}", "at character 28: \"missing\" is not"},
	};
	struct fixture *f = *state;

	check_texts(f, right, ZYNC_ARRAY_LEN(right), ZYNC_EXPR_STRICT);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(wrong); i++) {
		const char *text = NULL;
		enum zync_status status = expr_test_render(f, wrong[i].template, ZYNC_EXPR_STRICT, &text, NULL);

		if (status != ZYNC_ERR_REJECTED || !zync_str_starts(text, wrong[i].text))
			fail_msg("%s gives (%s) \"%s\", not \"%s\"", wrong[i].template, zync_status_name(status), text, wrong[i].text);
		assert_int_equal(expr_test_render(f, wrong[i].template, ZYNC_EXPR_LENIENT, &text, NULL), ZYNC_OK);
	}
}

/* In a list position. */
void test_list_values(void **state)
{
	static const struct text_case cases[] = {
		/* each text followed by | */
		{"{{ t.slug for t in tags }}", "prod|edge|"},
		{"{{ t.slug | upper for t in tags if t.slug != \"prod\" }}", "EDGE|"},
		{"{{ t.missing for t in tags }}", ""},
		{"{{ t.slug if t.slug == \"edge\" for t in tags }}", "edge|"},
		{"{{ tags | lower }}", "production|edge|"},
		{"{{ [\"a\", name, tenant, [1, 2]] }}", "a|core-sw1|1, 2|"},
		{"{{ \"a;b\" | split(\";\") }}", "a|b|"},
		{"{{ x for x in tenant }}", ""},
		{"{{ tags if type == \"device\" else [] }}", "Production|Edge|"},
		{"{{ tags if type == \"vm\" }}", ""},
		{"{{ name if type == \"vm\" else \"x\" }}", "x|"},
		{"{{ config_context.zabbix.usermacros | keys }}", "{$CPU}|{$SNMP}|"},
		{"{{ (t.slug for t in tags) | first }}", "prod|"},
		{"{{ (t.slug for t in tags if t.slug == \"x\") | first }}", ""},
		{"{{ [true, 1.50, status, id] }}", "true|1.5|active|17|"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++)
		expr_test_list(f, cases[i].template, cases[i].text);
}

struct name_list {
	struct zync_arena *arena;
	const char *text;
};

static void add_name(void *ctx, const char *name, bool root)
{
	struct name_list *list = ctx;

	list->text = zync_arena_printf(list->arena, "%s%s%s ", list->text, root ? "^" : "", name);
}

void test_each_name(void **state)
{
	static const struct text_case cases[] = {
		/* ^ before the first name of a path */
		{"text", ""},
		{"{{ \"x\" | default([1, true]) }}", ""},
		{"{{ a.b[0].c }}-{{ d[\"e f\"] }}", "^a b c ^d e f "},
		{"{{ a | default(b.c | upper) }}", "^b c ^a "},
		{"{{ a if b.x == c else d and e or not f }}", "^a ^b x ^c ^d ^e ^f "},
		{"{{ x.slug for x in tags if x in y.z }}", "slug ^tags ^y z "},
		{"{{ (k for k, v in a.b if v.c) | join(d) }} {{ k }}", "^d ^a b c ^k "},
		{"{{ x.q for x in a for y in x.l if y == m }}", "q ^a l ^m "},
		{"{{ (x for x in x) | first }}", "^x "},
		{"{{ site.region | path }}", "parent ^site region "},
		{"{{ [a, [b]] }}", "^a ^b "},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct name_list list = {f->arena, ""};
		const struct zync_expr *expr = expr_test_compiled(f, cases[i].template);

		zync_expr_each_name(expr, add_name, &list);
		if (strcmp(list.text, cases[i].text) != 0)
			fail_msg("%s has %s, not %s", cases[i].template, list.text, cases[i].text);
		assert_int_equal(zync_expr_uses(expr, "a"), strstr(cases[i].text, "^a ") != NULL);
		assert_false(zync_expr_uses(expr, "slug"));
		assert_int_equal(zync_expr_is_constant(expr), i == 0);
	}
}

static void add_path(void *ctx, const char *const *names, size_t count)
{
	struct name_list *list = ctx;

	for (size_t i = 0; i < count; i++)
		list->text = zync_arena_printf(list->arena, "%s%s%s", list->text, i > 0 ? "." : "", names[i] != NULL ? names[i] : "?");
	list->text = zync_arena_printf(list->arena, "%s ", list->text);
}

void test_each_path(void **state)
{
	static const struct text_case cases[] = {
		/* ? for the name of a loop */
		{"text", ""},
		{"{{ a.b[0].c }}-{{ d[\"e f\"] }}", "a.b.c d.e f "},
		{"{{ custom_fields.x | default(site.custom_fields.y) }}", "site.custom_fields.y custom_fields.x "},
		{"{{ x.slug for x in tags if x in y.z }}", "?.slug tags ? y.z "},
		{"{{ a if b.x == c else d }} {{ site.region | path }}", "a b.x c d site.region "},
		{"{{ a.b.c.d.e.f.g.h.i }}", "a.b.c.d.e.f.g.h "},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct name_list list = {f->arena, ""};
		const struct zync_expr *expr = expr_test_compiled(f, cases[i].template);

		zync_expr_each_path(expr, add_path, &list);
		if (strcmp(list.text, cases[i].text) != 0)
			fail_msg("%s has %s, not %s", cases[i].template, list.text, cases[i].text);
	}
}

/* Parents that go round, and more of them than path goes through: the number of @p ctx is the number of objects, -1 a ring of three. */
static const struct zync_jval *member_parent(void *ctx, const struct zync_jval *parent, const char *name)
{
	const struct zync_jval *all = ((struct fixture *)ctx)->root;
	size_t index = 0;

	if (parent == NULL)
		return zync_jval_at(all, 0);
	if (strcmp(name, "parent") != 0)
		return zync_jval_get(parent, name);
	while (zync_jval_at(all, index) != parent)
		index++;
	if (zync_jval_get(parent, "ring") != NULL)
		return zync_jval_at(all, (index + 1) % zync_jval_len(all));
	return zync_jval_at(all, index + 1);
}

static const char *render_parents(struct fixture *f, const char *json)
{
	struct fixture parents = {.arena = f->arena};
	struct zync_expr_source source = {member_parent, &parents};
	struct zync_expr *expr = NULL;
	struct zync_err err;
	const char *text = NULL;

	assert_int_equal(zync_json_parse(f->arena, json, strlen(json), &parents.root, &err), ZYNC_OK);
	assert_int_equal(zync_expr_compile(f->arena, "{{ x | path(\"\") }}", &expr, NULL, &err), ZYNC_OK);
	assert_int_equal(zync_expr_render(expr, &source, ZYNC_EXPR_LENIENT, f->arena, &text, NULL, &err), ZYNC_OK);
	return text;
}

void test_path_ends(void **state)
{
	struct fixture *f = *state;
	char *many = expr_test_repeat(f->arena, "[{\"name\":\"a\"}", ",{\"name\":\"b\"}", 100, "]");

	assert_string_equal(render_parents(f, "[{\"name\":\"a\",\"ring\":1},{\"name\":\"b\",\"ring\":1},{\"name\":\"c\",\"ring\":1}]"),
			    "cba");
	assert_string_equal(render_parents(f, "[{\"name\":\"a\",\"ring\":1}]"), "a");
	assert_string_equal(render_parents(f, many), expr_test_repeat(f->arena, "", "b", 64, "a"));
	assert_string_equal(render_parents(f, "[{\"name\":\"a\"},null,{\"name\":\"c\"}]"), "a");
}

static void expect_limit(struct fixture *f, const char *template, const char *words)
{
	const char *text = NULL;
	enum zync_status status = expr_test_render(f, template, ZYNC_EXPR_LENIENT, &text, NULL);

	if (status != ZYNC_ERR_LIMIT || strstr(text, words) == NULL)
		fail_msg("%.80s… gives (%s) \"%.200s\", not \"%s\"", template, zync_status_name(status), text, words);
}

static struct fixture long_list(struct fixture *f, size_t len)
{
	struct fixture big = {.arena = f->arena};
	char *json = expr_test_repeat(f->arena, "{\"l\":[0", ",1", len - 1, "]}");
	struct zync_err err;

	assert_int_equal(zync_json_parse(f->arena, json, strlen(json), &big.root, &err), ZYNC_OK);
	return big;
}

void test_language_bounds(void **state)
{
	struct fixture *f = *state;
	struct zync_arena *a = f->arena;
	struct fixture big = long_list(f, 100), huge = long_list(f, 20000);
	const char *text = NULL;

	expect_limit(&big, "{{ x for x in l for y in l for z in l }}", "takes more than 10000 steps");
	expect_limit(&big, "{{ ((x for x in l) for y in l) for z in l }}", "takes more than 10000 steps");
	expect_limit(&huge, "{{ l | reverse | first }}", "takes more than 10000 steps");
	expect_limit(&huge, "{{ l | sort | first }}", "takes more than 10000 steps");
	expect_limit(&huge, "{{ l | unique }}", "takes more than 10000 steps");
	expect_limit(&huge, "{{ 5 in l }}", "takes more than 10000 steps");
	expect_limit(&huge, "{{ x for x in l if false }}", "takes more than 10000 steps");
	{
		struct zync_expr_source source = {expr_test_member, &huge};
		struct zync_expr *expr = NULL;
		struct zync_err err;
		const char *const *texts = NULL;
		size_t count = 0;

		assert_int_equal(zync_expr_compile(a, "{{ l }}", &expr, NULL, &err), ZYNC_OK);
		assert_int_equal(zync_expr_render_list(expr, &source, ZYNC_EXPR_LENIENT, a, &texts, &count, &err), ZYNC_ERR_LIMIT);
	}
	expect_limit(&huge, "{{ l | join }}", "takes more than 10000 steps");
	expect_limit(&huge, "{{ l | lower | first }}", "takes more than 10000 steps");
	expect_limit(f, expr_test_repeat(a, "{{ \"", "a,", 8000, "\" | replace(\"a\", \",,,,\") | split(\",\") | length }}"),
		     "takes more than 10000 steps");
	expect_limit(f,
		     expr_test_repeat(a, "{{ [\"", "a", 1000,
				      expr_test_repeat(a, "\", \"\"] | join(\"", "b", 15000, "\") | json | replace(\"b\", \"bbbbb\") }}")),
		     "the result of replace is longer than 65536 bytes");
	assert_int_equal(expr_test_render(&huge, "{{ l | length }} {{ l | last }} {{ l[-1] }}", 0, &text, NULL), ZYNC_OK);
	assert_string_equal(text, "20000 1 1");
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "{{ x for x in [1]", " for x in [1]", 15, " }}"), 0, &text, NULL),
			 ZYNC_OK);
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "{{ x for x in [1]", " for x in [1]", 16, " }}"), 0, &text, NULL),
			 ZYNC_ERR_INVALID);
	assert_non_null(strstr(text, "more than 16 names of loops"));
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "{{ 1", " if 0 else 1", 1300, " }}"), 0, &text, NULL), ZYNC_OK);
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "{{ ", "not ", 4000, "1 }}"), 0, &text, NULL), ZYNC_OK);
	assert_string_equal(text, "true");
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "{{ 0", " or 0", 3000, " }}"), 0, &text, NULL), ZYNC_OK);
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "{{ ", "[", 33, "1"), 0, &text, NULL), ZYNC_ERR_INVALID);
	assert_non_null(strstr(text, "nested deeper than 32"));
}

/* Patterns that would run for ages end soon, whatever way they take. */
void test_regex_bounds(void **state)
{
	static const char steps[] = "the pattern takes too many steps for this text";
	struct fixture *f = *state;
	struct zync_arena *a = f->arena;
	const char *text = NULL;
	char *large = expr_test_repeat(a, "{\"x\":\"", "a", 60000, "\",");
	struct fixture big = {.arena = a};
	struct zync_err err;

	large = expr_test_repeat(a, large, "\"y\":\"", 1, expr_test_repeat(a, "", "b", 70000, "\"}"));
	assert_int_equal(zync_json_parse(a, large, strlen(large), &big.root, &err), ZYNC_OK);
	expect_limit(&big, "{{ x | regex_search(\"(a+)+[bc]\") }}", steps);
	expect_limit(&big, "{{ x | regex_search(\"(a|aa)+[bc]\") }}", steps);
	expect_limit(&big, "{{ x | regex_search(\"a*a*a*a*[bc]\") }}", steps);
	expect_limit(&big, "{{ x | regex_search(\"(.*)\\\\1[bc]\") }}", steps);
	expect_limit(&big, "{{ x | regex_search(\"a(?R)?[bc]\") }}", steps);
	expect_limit(&big, "{{ x | regex_search(\"(?=(a+))*?[bc]\") }}", steps);
	expect_limit(&big, "{{ x | truncate(20000) | regex_replace(\"a\", \"bb\") }}", "takes more than 10000 steps");
	expect_limit(&big, "{{ x }}{{ x }}", "at character 1: the rendered text is longer than 65536 bytes");
	expect_limit(&big, "{{ [y] | json }}", "the value is longer than 65536 bytes");
	assert_int_equal(expr_test_render(f, "{{ \"ab\" | regex_search(\"(?R)?a[bc]\") }}", 0, &text, NULL), ZYNC_ERR_REJECTED);
	assert_string_equal(text, "at character 11: regex_search: nested recursion at the same subject position");
	expect_limit(&big, "{{ y | regex_search(\"b\") }}", "regex_search: the text is longer than 65536 bytes");
	expect_limit(&big, "{{ x | regex_replace(\"(a+)\", \"\\\\1\\\\1\") }}", "the result of regex_replace is longer than 65536 bytes");
	/* Compiling while rendering has its price. */
	expect_limit(f, expr_test_repeat(a, "", "{{ name | regex_search(name) }}", 200, ""), "make more than 1048576 bytes");
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "", "{{ name | regex_search(\"^c\") }}", 200, ""), 0, &text, NULL),
			 ZYNC_OK);
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "{{ name | regex_search(\"", "x", 1025, "\") }}"), 0, &text, NULL),
			 ZYNC_ERR_INVALID);
	assert_non_null(strstr(text, "the pattern is longer than 1024 bytes"));
	assert_int_equal(expr_test_render(f, "{{ name | regex_search(\"((a{1000}){1000}){1000}\") }}", 0, &text, NULL), ZYNC_ERR_INVALID);
	assert_non_null(strstr(text, "regular expression is too large"));
	/* What is reasonable is not hindered. */
	assert_int_equal(expr_test_render(&big, "{{ x | truncate(9000) | regex_search(\"a{100}$\") | length }}", 0, &text, NULL), ZYNC_OK);
	assert_string_equal(text, "100");
	assert_int_equal(expr_test_render(&big, "{{ x | truncate(9000) | regex_replace(\"a\", \"b\") | length }}", 0, &text, NULL),
			 ZYNC_OK);
	assert_string_equal(text, "9000");
}

/* Texts outlive the document that they come from, and those of constants cost nothing. */
void test_lifetime(void **state)
{
	static const char *const templates[] = {"{{ name }}",
						"{{ site }}",
						"{{ status }}",
						"{{ tags | first }}",
						"{{ tenant | default(name) }}",
						"{{ k for k, v in custom_fields }}",
						"{{ config_context.plain | keys | first }}",
						"{{ name if true }}",
						"{{ tags }}",
						"{{ [name] }}",
						"{{ x for x in name }}",
						"{{ name or 1 }}",
						"{{ id }}",
						"{{ custom_fields.monitored }}",
						"{{ name | trim }}",
						"{{ (name) | join }}",
						"{{ name }}!"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(templates); i++) {
		ZYNC_AUTO_ARENA document = zync_arena_new(0);
		ZYNC_AUTO_ARENA arena = zync_arena_new(0);
		struct fixture own = {.arena = arena};
		struct zync_expr_source source = {expr_test_member, &own};
		const char *json = strchr(strstr(f->page, "```json"), '{'), *text = NULL, *wanted = NULL;
		const char *const *texts = NULL;
		struct zync_expr *expr = NULL;
		struct zync_err err;
		size_t count = 0;

		assert_int_equal(zync_json_parse(document, json, (size_t)(strstr(json, "```") - json), &own.root, &err), ZYNC_OK);
		assert_int_equal(zync_expr_compile(arena, templates[i], &expr, NULL, &err), ZYNC_OK);
		assert_int_equal(zync_expr_render(expr, &source, ZYNC_EXPR_LENIENT, arena, &text, NULL, &err), ZYNC_OK);
		assert_int_equal(zync_expr_render_list(expr, &source, ZYNC_EXPR_LENIENT, arena, &texts, &count, &err), ZYNC_OK);
		zync_arena_clear(document); /* zeroes what it held */
		assert_int_equal(expr_test_render(f, templates[i], ZYNC_EXPR_LENIENT, &wanted, NULL), ZYNC_OK);
		assert_string_equal(text, wanted);
		assert_true(count >= 1);
		assert_true(zync_str_starts(wanted, texts[0]));
		assert_string_not_equal(texts[0], "");
	}
}

/* A constant is neither copied nor looked at; a path costs its text. */
void test_shared(void **state)
{
	struct fixture *f = *state;
	struct zync_expr_source source = {expr_test_member, f};
	struct zync_expr *expr = NULL;
	struct zync_err err;
	const char *text = NULL, *again = NULL;
	const char *const *texts = NULL;
	size_t count = 0, used;

	assert_int_equal(zync_expr_compile(f->arena, "a constant", &expr, NULL, &err), ZYNC_OK);
	used = zync_arena_used(f->arena);
	assert_int_equal(zync_expr_render(expr, &source, ZYNC_EXPR_LENIENT, f->arena, &text, NULL, &err), ZYNC_OK);
	assert_int_equal(zync_expr_render(expr, &source, ZYNC_EXPR_LENIENT, f->arena, &again, NULL, &err), ZYNC_OK);
	assert_int_equal(zync_expr_render_list(expr, &source, ZYNC_EXPR_LENIENT, f->arena, &texts, &count, &err), ZYNC_OK);
	assert_string_equal(text, "a constant");
	assert_ptr_equal(text, again);
	assert_int_equal(count, 1);
	assert_ptr_equal(texts[0], text);
	assert_int_equal(zync_arena_used(f->arena), used);
	assert_int_equal(zync_expr_compile(f->arena, "{{ name }}", &expr, NULL, &err), ZYNC_OK);
	used = zync_arena_used(f->arena);
	assert_int_equal(zync_expr_render(expr, &source, ZYNC_EXPR_LENIENT, f->arena, &text, NULL, &err), ZYNC_OK);
	assert_true(zync_arena_used(f->arena) - used <= 16);
}
