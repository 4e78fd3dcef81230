/* SPDX-License-Identifier: Apache-2.0 */
#include "expr_test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "expr/expr_priv.h"
#include "heapfault.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file below the source folder of this test, read whole. */
static char *read_data(struct zync_arena *arena, const char *name, size_t *ret_len)
{
	const char *folder = getenv("ZYNC_TEST_DATA");
	char *path = zync_arena_printf(arena, "%s/%s", folder, name);
	FILE *f;
	char *text;
	long size;

	assert_non_null(folder);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("cannot open %s", path);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	assert_true(size >= 0);
	rewind(f);
	text = zync_arena_alloc(arena, (size_t)size + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)size, f), (size_t)size);
	(void)fclose(f);
	*ret_len = (size_t)size;
	return text;
}

const struct zync_jval *expr_test_member(void *ctx, const struct zync_jval *parent, const char *name)
{
	const struct fixture *f = ctx;

	return zync_jval_get(parent == NULL ? f->root : parent, name);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct zync_err err;
	const char *json, *end;
	size_t len;

	assert_non_null(f);
	f->arena = zync_arena_new(0);
	assert_non_null(f->arena);
	f->page = read_data(f->arena, "../../../docs/templates-language.md", &len);
	json = strstr(f->page, "```json\n");
	assert_non_null(json);
	json += strlen("```json\n");
	end = strstr(json, "```");
	assert_non_null(end);
	assert_int_equal(zync_json_parse(f->arena, json, (size_t)(end - json), &f->root, &err), ZYNC_OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	zync_arena_free(f->arena);
	free(f);
	return 0;
}

struct zync_expr *expr_test_compiled(struct fixture *f, const char *text)
{
	struct zync_expr *expr = NULL;
	struct zync_err err;

	if (zync_expr_compile(f->arena, text, &expr, NULL, &err) != ZYNC_OK)
		fail_msg("%s: %s", text, err.message);
	return expr;
}

void expr_test_list(struct fixture *f, const char *text, const char *want)
{
	struct zync_expr_source source = {expr_test_member, f};
	const struct zync_expr *expr = expr_test_compiled(f, text);
	const char *const *texts = NULL;
	const char *all = "";
	struct zync_err err;
	size_t count = 0;

	if (zync_expr_render_list(expr, &source, ZYNC_EXPR_LENIENT, f->arena, &texts, &count, &err) != ZYNC_OK)
		fail_msg("%s: %s", text, err.message);
	for (size_t i = 0; i < count; i++)
		all = zync_arena_printf(f->arena, "%s%s|", all, texts[i]);
	if (strcmp(all, want) != 0)
		fail_msg("%s gives %s, not %s", text, all, want);
}

enum zync_status expr_test_render(struct fixture *f, const char *text, enum zync_expr_mode mode, const char **ret_text, bool *ret_defined)
{
	struct zync_expr_source source = {expr_test_member, f};
	struct zync_expr *expr = NULL;
	struct zync_err err;
	enum zync_status status = zync_expr_compile(f->arena, text, &expr, NULL, &err);

	if (status == ZYNC_OK)
		status = zync_expr_render(expr, &source, mode, f->arena, ret_text, ret_defined, &err);
	if (status != ZYNC_OK) {
		*ret_text = zync_arena_strdup(f->arena, err.message);
		assert_int_equal(err.status, status);
	}
	return status;
}

/* The code span that begins at *s, without its \| escapes; "" for "(empty)". Moves *s behind it. */
static char *page_cell(struct fixture *f, char **s)
{
	char *start, *out, *to;

	*s += strspn(*s, "| ");
	if (zync_str_starts(*s, "(empty)")) {
		*s += strlen("(empty)");
		return zync_arena_strdup(f->arena, "");
	}
	assert_int_equal(**s, '`');
	start = ++*s;
	while (**s != '`')
		assert_int_not_equal(*(*s)++, '\n');
	out = to = zync_arena_strndup(f->arena, start, (size_t)(*s - start));
	for (const char *from = out; *from != '\0'; from++)
		if (from[0] != '\\' || from[1] != '|')
			*to++ = *from;
	*to = '\0';
	(*s)++;
	return out;
}

/* What a table of the page says about its templates. */
struct page_kind {
	const char *head; /* of its second column */
	enum zync_expr_mode mode;
	unsigned least; /* rows that there must be */
	enum zync_status failures[2];
};

static unsigned page_table(struct fixture *f, char *row, const struct page_kind *kind)
{
	unsigned rows = 0;

	while (*row == '|') {
		char *s = row, *end = strchr(row, '\n');
		char *template, *wanted;
		const char *text = NULL;
		enum zync_status status;
		bool right;

		assert_non_null(end);
		template = page_cell(f, &s);
		wanted = page_cell(f, &s);
		status = expr_test_render(f, template, kind->mode, &text, NULL);
		if (zync_str_starts(wanted, "at character "))
			right = status != ZYNC_OK && (status == kind->failures[0] || status == kind->failures[1]);
		else
			right = status == ZYNC_OK && kind->failures[0] != ZYNC_ERR_INVALID;
		if (!right || strcmp(text, wanted) != 0)
			fail_msg("%s gives (%s) \"%s\", the page says \"%s\"", template, zync_status_name(status), text, wanted);
		row = end + 1;
		rows++;
	}
	return rows;
}

static unsigned page_tables(struct fixture *f, const struct page_kind *kind)
{
	char *head = zync_arena_printf(f->arena, "| template | %s |\n|---|---|\n", kind->head);
	unsigned rows = 0;

	for (char *s = strstr(f->page, head); s != NULL; s = strstr(s, head)) {
		s += strlen(head);
		rows += page_table(f, s, kind);
	}
	return rows;
}

/* Every example of the language page gives what the page says. */
static void test_page_examples(void **state)
{
	static const struct page_kind kinds[] = {
		{.head = "text", .least = 100},
		{.head = "in strict mode", .mode = ZYNC_EXPR_STRICT, .least = 10, .failures = {ZYNC_ERR_REJECTED}},
		{.head = "error", .least = 14, .failures = {ZYNC_ERR_INVALID}},
		{.head = "error for this object", .least = 4, .failures = {ZYNC_ERR_REJECTED, ZYNC_ERR_LIMIT}},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(kinds); i++)
		assert_true(page_tables(*state, &kinds[i]) >= kinds[i].least);
}

/* Every filter has an example and a line of its own on the page, and the list of names is that of the table. */
static void test_filters_documented(void **state)
{
	struct fixture *f = *state;
	const char *const *names = zync_expr_filters();

	for (size_t i = 0; names[i] != NULL; i++) {
		assert_non_null(expr_filter_find(names[i]));
		assert_string_equal(expr_filter_find(names[i])->name, names[i]);
		assert_non_null(strstr(f->page, zync_arena_printf(f->arena, "\\| %s", names[i])));
		assert_true(strstr(f->page, zync_arena_printf(f->arena, "`%s`", names[i])) != NULL ||
			    strstr(f->page, zync_arena_printf(f->arena, "`%s(", names[i])) != NULL);
	}
	assert_null(expr_filter_find("nothing"));
}

static void test_more_texts(void **state)
{
	static const struct {
		const char *template, *text;
	} cases[] = {
		{"", ""},
		{"}} }{ {", "}} }{ {"},
		{"{{ name }}{{ name }}", "core-sw1core-sw1"},
		{"{{\n\tname\r\n}}", "core-sw1"},
		{"{{ \"\\\\ \\\" \\' \\n\\t.\" }}", "\\ \" ' \n\t."},
		{"{{ -5 }}", "-5"},
		{"{{ 9223372036854775807 }}", "9223372036854775807"},
		{"{{ tags[2] }}{{ tags[-3] }}{{ name[0] }}{{ site[0] }}", ""},
		{"{{ tags.name }}", ""},
		{"{{ status[\"value\"] }}", "active"},
		{"{{ name | truncate(0) }}", ""},
		{"{{ name | truncate(1000) }}", "core-sw1"},
		{"{{ name | truncate(custom_fields.rack-unit) }}", "core-sw1"},
		{"{{ \"aaa\" | replace(\"aa\", \"b\") }}", "ba"},
		{"{{ \"aXbX\" | replace(\"X\", tenant.name) }}", "ab"},
		{"{{ tags | join(\"\") }}", "ProductionEdge"},
		{"{{ tags | join }}", "Production, Edge"},
		{"{{ name | join(\"/\") }}{{ name | first }}", "core-sw1core-sw1"},
		{"{{ \"[]\" | first }}", "[]"},
		{"{{ tags | upper }}", "PRODUCTION, EDGE"},
		{"{{ 12345 | truncate(2) }}", "12"},
		{"{{ 7 | default(8) }}", "7"},
		{"{{ id | default(8) }}{{ custom_fields.monitored | default(9) }}", "17true"},
		{"{{ \"a×b÷c\" | slug }}", "a-b-c"},
		{"{{ config_context.none | default(config_context.plain) | truncate(4) }}", "{\"a\""},
		{"{{ \"\" | default(8) }}", "8"},
		{"{{ tenant | upper | default(\"x\") }}", "x"},
		{"{{ tenant | default(asset_tag) }}", ""},
		{"{{ config_context.plain.b | last }}", "3"},
		{"{{ config_context.none | first }}", ""},
		{"{{ \"Ærø, Łódź & Þór\" | slug }}", "aero-lodz-thor"},
		{"{{ \"  --x--  \" | slug }}{{ \"Москва\" | slug }}{{ \"a—b\" | slug }}", "xa-b"},
		{"{{ \"}}\" }}", "}}"},
		{"{{ forest }}", ""},
		{"{{ site.if }}", ""},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const char *text = NULL;

		if (expr_test_render(*state, cases[i].template, ZYNC_EXPR_LENIENT, &text, NULL) != ZYNC_OK ||
		    strcmp(text, cases[i].text) != 0)
			fail_msg("%s gives \"%s\", not \"%s\"", cases[i].template, text, cases[i].text);
	}
}

static void test_defined(void **state)
{
	static const struct {
		const char *template;
		bool defined;
	} cases[] = {
		{"", true},
		{" ", true},
		{"text", true},
		{"{{ name }}", true},
		{"{{ serial }}", true}, /* empty, but there */
		{"{{ asset_tag }}", false},
		{"{{ tenant.name }}", false},
		{"{{ tenant.name }} {{ missing }}", false},
		{"{{ tenant.name }}/{{ missing }}", true},
		{"{{ tenant.name | upper }}", false},
		{"{{ tenant.name | default(\"\") }}", true},
		{"{{ tenant.name | default(missing) }}", false},
		{"{{ tenant.name }}{{ name }}", true},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const char *text = NULL;
		bool defined = !cases[i].defined;

		assert_int_equal(expr_test_render(*state, cases[i].template, ZYNC_EXPR_LENIENT, &text, &defined), ZYNC_OK);
		if (defined != cases[i].defined)
			fail_msg("%s is %sdefined", cases[i].template, defined ? "" : "un");
	}
}

static void test_errors(void **state)
{
	static const struct {
		const char *template;
		enum zync_expr_mode mode;
		enum zync_status status;
		const char *message; /* its beginning */
	} cases[] = {
		{"{{ \"abc }}", 0, ZYNC_ERR_INVALID, "at character 4: the text that begins with \" is not closed"},
		{"{{ \"a\\q\" }}", 0, ZYNC_ERR_INVALID, "at character 6: unknown escape"},
		{"{{ \"a\\", 0, ZYNC_ERR_INVALID, "at character 6: unknown escape"},
		{"{{ 9223372036854775808 }}", 0, ZYNC_ERR_INVALID, "at character 4: the number is too large"},
		{"{{ 99999999999999999999999999999 }}", 0, ZYNC_ERR_INVALID, "at character 4: the number is too large"},
		{"{{ tags[name] }}", 0, ZYNC_ERR_INVALID, "at character 9: expected a number or a text in quotes after \"[\""},
		{"{{ tags[0 }}", 0, ZYNC_ERR_INVALID, "at character 11: expected \"]\", not \"}}\""},
		{"{{ name | }}", 0, ZYNC_ERR_INVALID, "at character 11: expected the name of a filter after \"|\""},
		{"{{ name | upper(1) }}", 0, ZYNC_ERR_INVALID, "at character 17: upper takes at most 0 arguments"},
		{"{{ name | default(1, 2) }}", 0, ZYNC_ERR_INVALID, "at character 22: default takes at most 1 argument"},
		{"{{ name | default(1 2) }}", 0, ZYNC_ERR_INVALID, "at character 21: expected \",\" or \")\", not \"2\""},
		{"{{ name | default }}", 0, ZYNC_ERR_INVALID, "at character 11: default needs 1 argument in parentheses"},
		{"{{ name | replace(\"\", \"x\") }}", 0, ZYNC_ERR_INVALID, "at character 19: replace: the text to look for is empty"},
		{"{{ name | truncate(-1) }}", 0, ZYNC_ERR_INVALID, "at character 20: truncate: the number must not be negative"},
		{"{{ name | frobnicate }}", 0, ZYNC_ERR_INVALID,
		 "at character 11: unknown filter \"frobnicate\"; known are capitalize, default, first, "},
		{"{{ (name }}", 0, ZYNC_ERR_INVALID, "at character 10: expected \")\""},
		{"{{ name name }}", 0, ZYNC_ERR_INVALID, "at character 9: expected \"}}\" or \"|\" and a filter, not \"name\""},
		{"\xff", 0, ZYNC_ERR_INVALID, "at character 1: the text is not well-formed UTF-8"},
		{"ääää{{ name | truncate(site.slug) }}", 0, ZYNC_ERR_REJECTED,
		 "at character 24: truncate: the argument must be a whole number, not \"zurich\""},
		{"{{ name | truncate(tenant) }}", 0, ZYNC_ERR_REJECTED, "at character 20: truncate: the argument must be a whole number"},
		{"{{ name | truncate(custom_fields.minus) }}", 0, ZYNC_ERR_REJECTED, "at character 20: truncate: the argument must be"},
		{"{{ name | truncate(\"-1\" | trim) }}", 0, ZYNC_ERR_REJECTED,
		 "at character 11: truncate: the number of characters is negative"},
		{"{{ name | replace(serial, \"x\") }}", 0, ZYNC_ERR_REJECTED, "at character 19: replace: the text to look for is empty"},
		{"a{{ tenant.name }}", ZYNC_EXPR_STRICT, ZYNC_ERR_REJECTED,
		 "at character 5: \"tenant.name\" is not defined for this object"},
		{"{{ name | replace(\"a\", tenant[\"x\"]) }}", ZYNC_EXPR_STRICT, ZYNC_ERR_REJECTED,
		 "at character 24: \"tenant[\"x\"]\" is not defined for this object"},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		const char *text = NULL;
		enum zync_status status = expr_test_render(*state, cases[i].template, cases[i].mode, &text, NULL);

		if (status != cases[i].status || !zync_str_starts(text, cases[i].message))
			fail_msg("%s gives (%s) \"%s\", not \"%s\"", cases[i].template, zync_status_name(status), text, cases[i].message);
	}
}

static void test_strict_default(void **state)
{
	const char *text = NULL;

	assert_int_equal(expr_test_render(*state, "{{ tenant.name | default(missing) | default(\"x\") }}", ZYNC_EXPR_STRICT, &text, NULL),
			 ZYNC_OK);
	assert_string_equal(text, "x");
}

static void test_offset_is_bytes(void **state)
{
	struct fixture *f = *state;
	struct zync_expr *expr = NULL;
	struct zync_err err;
	size_t offset = 0;

	assert_int_equal(zync_expr_compile(f->arena, "üü{{ nme | x }}", &expr, &offset, &err), ZYNC_ERR_INVALID);
	assert_int_equal(offset, 13);
	assert_true(zync_str_starts(err.message, "at character 12: "));
}

static void test_constant_and_uses(void **state)
{
	struct fixture *f = *state;
	struct zync_expr *expr = NULL;
	struct zync_err err;

	assert_int_equal(zync_expr_compile(f->arena, "{$A} }} text", &expr, NULL, &err), ZYNC_OK);
	assert_true(zync_expr_is_constant(expr));
	assert_false(zync_expr_uses(expr, "text"));
	assert_int_equal(zync_expr_compile(f->arena, "{{ \"x\" }}", &expr, NULL, &err), ZYNC_OK);
	assert_false(zync_expr_is_constant(expr));
	assert_int_equal(zync_expr_compile(f->arena, "{{ a.b }}-{{ x | default((c.d | upper)) }}", &expr, NULL, &err), ZYNC_OK);
	assert_true(zync_expr_uses(expr, "a"));
	assert_true(zync_expr_uses(expr, "x"));
	assert_true(zync_expr_uses(expr, "c"));
	assert_false(zync_expr_uses(expr, "b"));
}

char *expr_test_repeat(struct zync_arena *arena, const char *before, const char *piece, size_t times, const char *after)
{
	char *text = zync_arena_alloc(arena, strlen(before) + strlen(piece) * times + strlen(after) + 1);
	char *to = text;

	assert_non_null(text);
	to = stpcpy(to, before);
	for (size_t i = 0; i < times; i++)
		to = stpcpy(to, piece);
	(void)stpcpy(to, after);
	return text;
}

static void test_bounds(void **state)
{
	struct fixture *f = *state;
	struct zync_arena *a = f->arena;
	const char *long_text = expr_test_repeat(a, "{{ \"", "a", 1000, "\" | replace(\"a\", \"");
	const char *text = NULL;

	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "", "a", ZYNC_LIMIT_TEMPLATE_SOURCE, ""), 0, &text, NULL), ZYNC_OK);
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "", "a", ZYNC_LIMIT_TEMPLATE_SOURCE + 1, ""), 0, &text, NULL),
			 ZYNC_ERR_INVALID);
	assert_non_null(strstr(text, "longer than 16384 bytes"));
	assert_int_equal(expr_test_render(f,
					  expr_test_repeat(a, zync_arena_printf(a, "%s%s", "{{ ", expr_test_repeat(a, "", "(", 32, "name")),
							   ")", 32, " }}"),
					  0, &text, NULL),
			 ZYNC_OK);
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "{{ ", "(", 33, "name"), 0, &text, NULL), ZYNC_ERR_INVALID);
	assert_non_null(strstr(text, "nested deeper than 32"));
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, long_text, "b", 65, "\") }}"), 0, &text, NULL), ZYNC_OK);
	assert_int_equal(strlen(text), 65000);
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, long_text, "b", 66, "\") }}"), 0, &text, NULL), ZYNC_ERR_LIMIT);
	assert_non_null(strstr(text, "the result of replace is longer than 65536 bytes"));
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, expr_test_repeat(a, long_text, "b", 60, "\")"), " | trim", 20, " }}"), 0,
					  &text, NULL),
			 ZYNC_ERR_LIMIT);
	assert_non_null(strstr(text, "make more than 1048576 bytes"));
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "", "{{ tags }}", 1600, ""), 0, &text, NULL), ZYNC_OK);
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "{{ a", " | upper", 2000, " }}"), 0, &text, NULL), ZYNC_OK);
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "", "{{tags|join|join}}", 900, ""), 0, &text, NULL), ZYNC_OK);
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "", "{{id|trim|trim}}", 1000, ""), 0, &text, NULL), ZYNC_OK);
	assert_int_equal(expr_test_render(f, expr_test_repeat(a, "", "{{a[0][0]}}", 1400, ""), 0, &text, NULL), ZYNC_OK);
}

/* Lists with more elements than steps, and documents that are longer than a text may be. */
static void test_bounds_of_values(void **state)
{
	struct fixture *f = *state;
	struct fixture big = {.arena = f->arena};
	struct zync_err err;
	const char *text = NULL;
	char *json = expr_test_repeat(f->arena, "{\"l\":[0", ",1", 10000, "]}");

	assert_int_equal(zync_json_parse(f->arena, json, strlen(json), &big.root, &err), ZYNC_OK);
	assert_int_equal(expr_test_render(&big, "{{ l }}", 0, &text, NULL), ZYNC_ERR_LIMIT);
	assert_non_null(strstr(text, "at character 4: the template takes more than 10000 steps"));
	json = expr_test_repeat(f->arena, "{\"o\":{\"x\":\"", "y", 70000, "\"},\"l\":[\"");
	json = expr_test_repeat(f->arena, json, "z", 70000, "\"]}");
	assert_int_equal(zync_json_parse(f->arena, json, strlen(json), &big.root, &err), ZYNC_OK);
	assert_int_equal(expr_test_render(&big, "{{ o }}", 0, &text, NULL), ZYNC_ERR_LIMIT);
	assert_non_null(strstr(text, "the value is longer than 65536 bytes"));
	assert_int_equal(expr_test_render(&big, "{{ l }}", 0, &text, NULL), ZYNC_ERR_LIMIT);
	assert_non_null(strstr(text, "the list is longer than 65536 bytes"));
	assert_int_equal(expr_test_render(&big, "{{ o.x }}", 0, &text, NULL), ZYNC_ERR_LIMIT);
	assert_non_null(strstr(text, "the rendered text is longer than 65536 bytes"));
}

/* A text that is one {{ }} with a list gives its elements, any other one text or none. */
static void test_render_list(void **state)
{
	static const struct {
		const char *template, *texts; /* each followed by | */
	} cases[] = {
		{"{{ tags }}", "Production|Edge|"},
		{"{{ config_context.zabbix.templates }}", "Cisco IOS|ICMP Ping|"},
		{"{{ config_context.plain.b }}", "2|3|"},
		{"{{ tenant | default(tags) }}", "Production|Edge|"},
		{"{{ tags | join(\"+\") }}", "Production+Edge|"},
		{"{{ tags }} ", "Production, Edge |"},
		{"x{{ tags }}", "xProduction, Edge|"},
		{"{{ name }}", "core-sw1|"},
		{"{{ serial }}", "|"},
		{"{{ tenant }}", ""},
		{"text", "text|"},
		{"", "|"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++)
		expr_test_list(f, cases[i].template, cases[i].texts);
}

/* However little memory the arena gives, the answer is NOMEM or the right text. */
static void test_out_of_memory(void **state)
{
	static const char template[] =
		"x{{ tags | join(\"-\") | replace(\"P\", \"p\") | slug | default(name) }}{{ config_context.plain }}{{ 5 | lower }}"
		"{{ [t.slug | capitalize, k] | reverse | sort | unique | join(\"+\") | json for t in tags for k, v in config_context.plain "
		"if k == \"a\" }}"
		"{{ name | regex_replace(\"(c)\", \"\\\\1\") | split(\"-\") }}{{ name | regex_search(name) }}{{ role | path }}{{ 1.5 | "
		"python }}";
	struct fixture *f = *state;
	struct zync_expr_source source = {expr_test_member, f};
	bool finished = false;
	unsigned failures = 0;

	for (size_t bytes = 64; bytes < 1u << 20 && !finished; bytes += 64) {
		ZYNC_AUTO_ARENA arena = zync_arena_new(bytes);
		struct zync_expr *expr = NULL;
		struct zync_err err;
		const char *text = NULL;
		enum zync_status status;

		assert_non_null(arena);
		status = zync_expr_compile(arena, template, &expr, NULL, &err);
		if (status == ZYNC_OK)
			status = zync_expr_render(expr, &source, ZYNC_EXPR_LENIENT, arena, &text, NULL, &err);
		if (status == ZYNC_OK) {
			assert_string_equal(
				text,
				"xproduction-edge{\"a\":1,\"b\":[2,3]}5\"Prod+a\", \"Edge+a\"core, sw1core-sw1Network/Access Switch1.5");
			finished = true;
		} else {
			assert_int_equal(status, ZYNC_ERR_NOMEM);
			failures++;
		}
	}
	assert_true(finished);
	assert_true(failures > 5);
}

/* Each allocation from the heap fails in turn: NOMEM, and nothing is lost. */
static void test_allocation_failures(void **state)
{
	struct fixture *f = *state;
	struct zync_expr_source source = {expr_test_member, f};
	unsigned failures = 0;
	bool failed = false;

	do {
		ZYNC_AUTO_ARENA arena = NULL;
		struct zync_expr *expr = NULL;
		struct zync_err err;
		const char *text = NULL;
		const char *const *texts = NULL;
		size_t count = 0;
		enum zync_status status = ZYNC_ERR_NOMEM;

		fault_alloc(++failures);
		arena = zync_arena_new(0);
		if (arena != NULL)
			status = zync_expr_compile(arena,
						   "{{ tags | join(\"-\") | replace(\"P\", tags) }}{{ config_context.plain }}"
						   "{{ name | regex_replace(\"c\", \"d\") }}{{ [t.slug] for t in tags }}{{ tags | json }}",
						   &expr, NULL, &err);
		if (status == ZYNC_OK)
			status = zync_expr_render(expr, &source, ZYNC_EXPR_LENIENT, arena, &text, NULL, &err);
		if (status == ZYNC_OK)
			status = zync_expr_render_list(expr, &source, ZYNC_EXPR_LENIENT, arena, &texts, &count, &err);
		failed = fault_alloc_fired();
		fault_alloc(0);
		assert_int_equal(status, failed ? ZYNC_ERR_NOMEM : ZYNC_OK);
	} while (failed && failures < 1000);
	assert_false(failed);
	assert_true(failures > 3);
}

static void test_fuzz_corpus(void **state)
{
	struct fixture *f = *state;
	char *folder = zync_arena_printf(f->arena, "%s/../../fuzz/expr-corpus", getenv("ZYNC_TEST_DATA"));
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		size_t len = 0;
		char *data;

		if (entry->d_name[0] == '.')
			continue;
		data = read_data(f->arena, zync_arena_printf(f->arena, "../../fuzz/expr-corpus/%s", entry->d_name), &len);
		assert_int_equal(LLVMFuzzerTestOneInput((const uint8_t *)data, len), 0);
		for (size_t cut = 0; cut < ZYNC_MIN(len, 100u); cut++) /* what an editor leaves half-written */
			assert_int_equal(LLVMFuzzerTestOneInput((const uint8_t *)data, cut), 0);
		count++;
	}
	(void)closedir(dir);
	assert_true(count >= 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_examples),
		cmocka_unit_test(test_filters_documented),
		cmocka_unit_test(test_more_texts),
		cmocka_unit_test(test_defined),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_strict_default),
		cmocka_unit_test(test_render_list),
		cmocka_unit_test(test_offset_is_bytes),
		cmocka_unit_test(test_constant_and_uses),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_bounds_of_values),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_loops),
		cmocka_unit_test(test_new_filters),
		cmocka_unit_test(test_python),
		cmocka_unit_test(test_language_errors),
		cmocka_unit_test(test_strict_language),
		cmocka_unit_test(test_list_values),
		cmocka_unit_test(test_each_name),
		cmocka_unit_test(test_each_path),
		cmocka_unit_test(test_path_ends),
		cmocka_unit_test(test_language_bounds),
		cmocka_unit_test(test_regex_bounds),
		cmocka_unit_test(test_lifetime),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_allocation_failures),
		cmocka_unit_test(test_fuzz_corpus),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
