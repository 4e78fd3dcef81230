/* SPDX-License-Identifier: Apache-2.0 */
/* Config contexts of any size and order: bounds, texts that are too long, memory that runs out, what reading them costs; the examples of docs/per-host.md. */
#include "rules_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

static const char rules[] =
	"  - set: {host_groups: [G], templates: [Own], per_host: {oob: \"true\", templates_from: both, template_field: multi}}\n";
/* Every key at once. */
static const char everything[] = "{\"zabbix\":{\"templates\":[\"B\",\"A\"],\"proxy\":\"p\",\"proxy_group\":\"g\",\"interface_type\":2,"
				 "\"interface_port\":161,\"interface_ip\":\"10.1.1.1\","
				 "\"interface_dns\":\"a.b\",\"snmp\":{\"version\":3,\"bulk\":1,\"securityname\":\"u\",\"securitylevel\":2,"
				 "\"authprotocol\":1,\"authpassphrase\":\"aaaa\","
				 "\"privprotocol\":1,\"privpassphrase\":\"pppp\",\"contextname\":\"c\"},\"oob_interface_type\":\"ipmi\","
				 "\"oob_interface_port\":623,\"ipmi\":{\"username\":"
				 "\"u\",\"password\":\"p\",\"authtype\":\"OEM\",\"privilege\":\"admin\"},\"usermacros\":{\"{$T}\":\"v\",\"{"
				 "$S}\":{\"type\":\"Secret\",\"value\":5,"
				 "\"description\":\"d\"},\"{$V}\":{\"type\":\"vault\",\"value\":\"a:b\"}},\"tags\":[{\"a\":\"1\",\"b\":2},{"
				 "\"c\":\"\"}],\"description\":\"by {owner}\"}}";

/* `head` and then count members made by @p fmt from their number, `tail`. */
static const char *many(struct world *w, const char *head, const char *fmt_begin, const char *fmt_end, unsigned count, const char *tail)
{
	struct zync_buf text;
	char *copy;

	zync_buf_init(&text, 1u << 22);
	zync_buf_adds(&text, head);
	for (unsigned i = 0; i < count; i++)
		zync_buf_printf(&text, "%s%s%u%s", i > 0 ? "," : "", fmt_begin, i, fmt_end);
	zync_buf_adds(&text, tail);
	copy = zync_arena_strdup(w->arena, text.data);
	zync_buf_done(&text);
	assert_non_null(copy);
	return copy;
}

static void test_many_entries(void **state)
{
	static const struct {
		const char *head, *begin, *end, *tail, *reason;
	} cases[] = {
		{"\"templates\":[", "\"T", "\"", "]", "config_context.zabbix.templates: 1001 entries, at most 1000 are read"},
		{"\"tags\":[", "{\"t", "\":\"v\"}", "]", "config_context.zabbix.tags: more than 1000 entries"},
		{"\"tags\":{", "\"t", "\":\"v\"", "}", "config_context.zabbix.tags: more than 1000 entries"},
		{"\"tags\":[{\"x\":\"y\"},{", "\"t", "\":\"v\"", "}]", "config_context.zabbix.tags: more than 1000 entries"},
		{"\"usermacros\":{", "\"{$M", "}\":\"v\"", "}", "config_context.zabbix.usermacros: 1001 entries, at most 1000 are read"},
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		unsigned most = strstr(cases[i].head, "\"x\"") != NULL ? 999 : 1000;

		world_init(&w);
		world_rules(&w, rules);
		world_derive_zabbix(&w, test_context_device, many(&w, cases[i].head, cases[i].begin, cases[i].end, most, cases[i].tail),
				    /* explain= */ true);
		if (w.result.verdict != ZYNC_VERDICT_MONITORED)
			fail_msg("%s: %s", cases[i].head, w.result.reason);
		world_derive_zabbix(&w, test_context_device, many(&w, cases[i].head, cases[i].begin, cases[i].end, most + 1, cases[i].tail),
				    /* explain= */ true);
		assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
		assert_contains(cases[i].head, w.result.reason, cases[i].reason);
		world_done(&w);
	}
}

static char *repeated(struct world *w, const char *part, size_t count)
{
	char *text = ZYNC_NEW_ARRAY(w->arena, char, strlen(part) * count + 1);

	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * strlen(part), part, strlen(part));
	return text;
}

static void test_long_texts(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, rules);
	world_derive_zabbix(&w, test_context_device, zync_arena_printf(w.arena, "\"tags\":{\"a\":\"%s\"}", repeated(&w, "\xc3\xa4", 255)),
			    false);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
	world_derive_zabbix(&w, test_context_device, zync_arena_printf(w.arena, "\"tags\":{\"a\":\"%s\"}", repeated(&w, "\xc3\xa4", 256)),
			    false);
	assert_contains("tag", w.result.reason, "has 256 characters, Zabbix allows 255");
	world_derive_zabbix(&w, test_context_device,
			    zync_arena_printf(w.arena, "\"usermacros\":{\"{$A}\":\"%s\"}", repeated(&w, "x", 2049)), false);
	assert_contains("macro", w.result.reason, "has 2049 characters, Zabbix allows 2048");
	world_derive_zabbix(&w, test_context_device, zync_arena_printf(w.arena, "\"templates\":\"%s\"", repeated(&w, "x", 256)), false);
	assert_contains("template", w.result.reason,
			"config_context.zabbix.templates: a name of 256 characters; Zabbix has none of more than 255");
	world_derive_zabbix(&w, test_context_device, zync_arena_printf(w.arena, "\"proxy\":\"%s\"", repeated(&w, "x", 256)), false);
	assert_contains("proxy", w.result.reason,
			"config_context.zabbix.proxy: a name of 256 characters; Zabbix has none of more than 255");
	world_derive_zabbix(&w, test_context_device, zync_arena_printf(w.arena, "\"interface_dns\":\"%s\"", repeated(&w, "x", 256)), false);
	assert_contains("dns", w.result.reason, "it is longer than 255 characters");
	world_derive_zabbix(&w, test_context_device, zync_arena_printf(w.arena, "\"description\":\"%s\"", repeated(&w, "{owner}", 30000)),
			    false);
	assert_contains("owner", w.result.reason, "config_context.zabbix.description: it has more than 262144 bytes");
	/* What a message shows of a text is its beginning, in whole characters. */
	world_derive_zabbix(&w, test_context_device,
			    zync_arena_printf(w.arena, "\"interface_type\":\"%s\"", repeated(&w, "\xc3\xa4", 5000)), false);
	assert_true(strlen(w.result.reason) < 300 && zync_utf8_valid(w.result.reason, strlen(w.result.reason)));
	world_done(&w);
}

/* Reasons are few, however much is wrong. */
static void test_many_mistakes(void **state)
{
	struct world w;
	unsigned count = 0;

	(void)state;
	world_init(&w);
	world_rules(&w, rules);
	world_derive_zabbix(&w, test_context_device, many(&w, "\"usermacros\":{", "\"m", "\":\"v\"", 900, "}"), /* explain= */ true);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
	for (const char *s = w.result.reason; (s = strstr(s, "usermacros[")) != NULL; s++)
		count++;
	assert_int_equal(count, 5);
	world_done(&w);
}

/* --- the order of members --- */

/* The value with the members of every object, and the elements of every list, turned around. */
static void add_reversed(struct world *w, struct zync_buf *out, const struct zync_jval *v)
{
	bool list = zync_jval_type(v) == ZYNC_JSON_ARRAY;
	const struct zync_jval *items[32];
	const char *keys[32] = {NULL};
	size_t count = zync_jval_len(v);
	struct zync_jiter it;

	if (zync_jval_type(v) == ZYNC_JSON_STR) {
		add_json_text(out, zync_jval_str(v));
		return;
	}
	if (!list && zync_jval_type(v) != ZYNC_JSON_OBJECT) {
		zync_buf_adds(out, zync_jval_type(v) == ZYNC_JSON_NULL ? "null" : zync_jval_text(w->arena, v));
		return;
	}
	assert_true(count <= ZYNC_ARRAY_LEN(items));
	zync_jiter_init(&it, v);
	for (size_t i = 0; i < count; i++)
		items[i] = zync_jiter_next(&it, list ? NULL : &keys[i]);
	zync_buf_addc(out, list ? '[' : '{');
	for (size_t i = count; i-- > 0;) {
		if (!list) {
			add_json_text(out, keys[i]);
			zync_buf_addc(out, ':');
		}
		add_reversed(w, out, items[i]);
		zync_buf_adds(out, i > 0 ? "," : "");
	}
	zync_buf_addc(out, list ? ']' : '}');
}

static void test_order_of_members(void **state)
{
	struct world w;
	struct zync_buf text;
	const char *forward;
	unsigned managed;
	const struct zync_jval *parsed;

	(void)state;
	world_init(&w);
	world_rules(&w, rules);
	world_derive_context(&w, test_context_device, everything, /* explain= */ false);
	forward = world_host(&w);
	managed = w.result.host.managed;
	assert_contains("everything", forward, "templates=A,B,M1,M2,M3,Own; if[type=2 main=1 useip=1 ip=10.1.1.1 dns=a.b port=161 v=3 ");
	assert_int_equal(zync_json_parse(w.arena, everything, strlen(everything), &parsed, &w.err), ZYNC_OK);
	zync_buf_init(&text, 1u << 16);
	add_reversed(&w, &text, parsed);
	assert_int_equal(text.failed, ZYNC_OK);
	assert_true(zync_str_starts(text.data, "{\"zabbix\":{\"description\""));
	world_derive_context(&w, test_context_device, text.data, /* explain= */ true);
	zync_buf_done(&text);
	assert_string_equal(world_host(&w), forward);
	assert_int_equal(w.result.host.managed, managed);
	world_done(&w);
}

/* --- cost and memory --- */

struct counted {
	const struct zync_jval *root;
	unsigned contexts;
};

static const struct zync_jval *counting_member(void *ctx, const struct zync_jval *parent, const char *name)
{
	struct counted *counted = ctx;

	if (parent == NULL && strcmp(name, "config_context") == 0)
		counted->contexts++;
	return zync_jval_get(parent == NULL ? counted->root : parent, name);
}

static const struct zync_jval *parse_device(struct world *w)
{
	const char *text = zync_arena_printf(w->arena, "%.*s%s}", (int)(strstr(test_context_device, "%s") - test_context_device),
					     test_context_device, everything);
	const struct zync_jval *root = NULL;

	assert_non_null(text);
	assert_int_equal(zync_json_parse(w->arena, text, strlen(text), &root, &w->err), ZYNC_OK);
	return root;
}

static void test_read_once(void **state)
{
	struct counted counted = {.contexts = 0};
	struct zync_rules_object object = {
		.type = "device", .id = 17, .name = "sw1", .owner = "o", .member = counting_member, .ctx = &counted};
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, "  - set: {host_groups: [G], per_host: {}}\n  - set: {tags: {a: b}}\n");
	counted.root = parse_device(&w);
	assert_int_equal(zync_rules_derive(w.rules, &object, /* explain= */ true, w.arena, &w.result, &w.err), ZYNC_OK);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
	assert_int_equal(counted.contexts, 1);
	world_done(&w);
}

static void test_small_arenas(void **state)
{
	struct counted counted = {.contexts = 0};
	struct zync_rules_object object = {
		.type = "device", .id = 17, .name = "sw1", .owner = "o", .member = counting_member, .ctx = &counted};
	enum zync_status status = ZYNC_ERR_NOMEM;
	unsigned failures = 0;
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, rules);
	counted.root = parse_device(&w);
	for (size_t bytes = 16; bytes < 1u << 20 && status != ZYNC_OK; bytes += 16) {
		ZYNC_AUTO_ARENA arena = zync_arena_new(bytes);
		struct zync_rules_result result = {.verdict = ZYNC_VERDICT_REMOVED};

		assert_non_null(arena);
		status = zync_rules_derive(w.rules, &object, /* explain= */ true, arena, &result, &w.err);
		if (status != ZYNC_OK) {
			assert_int_equal(status, ZYNC_ERR_NOMEM);
			assert_int_equal(result.verdict, ZYNC_VERDICT_REMOVED); /* untouched */
			failures++;
		} else if (result.verdict != ZYNC_VERDICT_MONITORED) {
			fail_msg("%s", result.reason);
		}
	}
	assert_int_equal(status, ZYNC_OK);
	assert_true(failures > 100);
	world_done(&w);
}

static enum zync_status attempt(const struct world *w, const struct zync_rules_object *object, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_rules_result result;

	if (arena == NULL)
		return zync_err_nomem(err, "testing");
	ZYNC_TRY(zync_rules_derive(w->rules, object, /* explain= */ true, arena, &result, err));
	if (result.verdict != ZYNC_VERDICT_MONITORED)
		fail_msg("%s", result.reason);
	return ZYNC_OK;
}

static void test_allocations(void **state)
{
	struct counted counted = {.contexts = 0};
	struct zync_rules_object object = {
		.type = "device", .id = 17, .name = "sw1", .owner = "o", .member = counting_member, .ctx = &counted};
	enum zync_status status;
	unsigned long nth = 0;
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, rules);
	counted.root = parse_device(&w);
	do {
		fault_alloc(++nth);
		status = attempt(&w, &object, &w.err);
		if (fault_alloc_fired())
			assert_int_equal(status, ZYNC_ERR_NOMEM);
	} while (fault_alloc_fired() && nth < 10000);
	fault_alloc(0);
	assert_int_equal(status, ZYNC_OK);
	assert_true(nth > 3); /* the arena, its chunks, the text with the owner */
	world_done(&w);
}

/* --- docs/per-host.md --- */

static const char *document(struct world *w)
{
	const char *path = zync_arena_printf(w->arena, "%s/../../../docs/per-host.md", getenv("ZYNC_TEST_DATA"));
	char chunk[4096];
	struct zync_buf text;
	const char *copy;
	size_t got;
	FILE *file = fopen(path, "r");

	if (file == NULL)
		fail_msg("%s cannot be read", path);
	zync_buf_init(&text, 1u << 20);
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		zync_buf_add(&text, chunk, got);
	(void)fclose(file);
	copy = zync_arena_strdup(w->arena, text.data);
	zync_buf_done(&text);
	assert_non_null(copy);
	return copy;
}

/* Cut the next block of that language out of the page. */
static char *document_block(struct world *w, const char **page, const char *fence)
{
	const char *begin = strstr(*page, fence), *end;
	char *block;

	if (begin == NULL)
		return NULL;
	begin += strlen(fence);
	end = strstr(begin, "\n```");
	assert_non_null(end);
	block = zync_arena_strndup(w->arena, begin, (size_t)(end - begin));
	*page = end;
	assert_non_null(block);
	return block;
}

/* Each config context of the page, under the mappings of its first configuration, gives what the page says. */
static void test_documents(void **state)
{
	static const char *const parts[] = {
		"templates=Template A,Template B; if[type=2 main=1 useip=1 ip=2001:db8::5 dns= port=161 v=2 bulk=1 rep=0 "
		"comm={$SNMP_COMMUNITY} ",
		"v=3 bulk=1 rep=0 comm= ctx= user=zabbix level=2 auth=3:{$SNMP_AUTH} priv=1:{$SNMP_PRIV}]",
		"if[type=1 main=1 useip=1 ip=2001:db8::5 dns= port=10050] if[type=3 main=1 useip=1 ip=192.0.2.5 "
		"dns= port=623]",
		"macros={$EMPTY}:(0),{$LIMIT}:90(0),{$SECRET}:x(1)y,{$TEXT}:value(0),{$VAULT}:secret/path:key(2);",
		"tags=a:1,b:2,name:value;",
	};
	const char *page, *yaml, *json;
	size_t count = 0;
	struct world w;

	(void)state;
	world_init(&w);
	page = document(&w);
	yaml = document_block(&w, &page, "```yaml\nmappings:\n");
	assert_non_null(yaml);
	world_rules(&w, zync_arena_printf(w.arena, "%s\n", yaml));
	for (; (json = document_block(&w, &page, "```json\n")) != NULL; count++) {
		world_derive_context(&w, test_context_device, json, /* explain= */ true);
		if (w.result.verdict != ZYNC_VERDICT_MONITORED)
			fail_msg("%s\n%s", json, w.result.reason);
		assert_true(count < ZYNC_ARRAY_LEN(parts));
		assert_contains(json, world_host(&w), parts[count]);
	}
	assert_int_equal(count, ZYNC_ARRAY_LEN(parts));
	world_done(&w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_many_entries),	 cmocka_unit_test(test_long_texts), cmocka_unit_test(test_many_mistakes),
	cmocka_unit_test(test_order_of_members), cmocka_unit_test(test_read_once),  cmocka_unit_test(test_small_arenas),
	cmocka_unit_test(test_allocations),	 cmocka_unit_test(test_documents),
};
const struct test_group group_per_host_bounds = {tests, ZYNC_ARRAY_LEN(tests)};
