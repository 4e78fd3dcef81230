/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation fails in turn, values that nobody expects, many mappings. */
#include "rules_test.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

static const char full[] =
	"  - name: all\n"
	"    match: {region: eu, tags: [mon, \"!none\"], custom_fields: {level: full}, config_context: {zabbix.profile: linux}}\n"
	"    set:\n"
	"      host_groups: [\"NetBox/{{ site.name }}\", \"{{ tags | join('/') | slug }}\"]\n"
	"      templates: [ICMP Ping, \"{{ platform.name }}\"]\n"
	"      interfaces: [{type: agent}, {type: snmp, address: oob, max_repetitions: \"5\"}, {type: snmp, version: \"3\",\n"
	"        security_level: authPriv, auth_passphrase: \"{$A}\", priv_passphrase: \"{$P}\"}]\n"
	"      description: \"{{ comments | default(name) }}\"\n"
	"      zabbix_server: second\n"
	"      host: \"{{ name }}/x\"\n"
	"      tags: [{tag: site, value: \"{{ site.slug }}\"}]\n"
	"      macros: [{macro: \"{$A}\", value: \"{{ id }}\", type: secret}]\n"
	"      inventory: {location: \"{{ site.name }}\"}\n"
	"  - set: {proxy: \"{{ config_context.zabbix.proxy }}\", macros: [{macro: \"{$A}\", value: y}], state: disabled}\n";

static const struct zync_jval *plain_member(void *ctx, const struct zync_jval *parent, const char *name)
{
	const struct zync_jval *root = ctx;

	return zync_jval_get(parent == NULL ? root : parent, name);
}

/* Compiling and deriving, with the n-th allocation failing; everything is freed whatever happens. */
static enum zync_status attempt(const struct zync_config *config, const struct zync_rules_object *object, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	ZYNC_AUTO_RULES rules = NULL;
	struct zync_rules_result result;
	struct zync_rules_name *names = NULL;
	size_t count = 0;

	if (arena == NULL)
		return zync_err_nomem(err, "testing");
	ZYNC_TRY(zync_rules_compile(config, &rules, err));
	ZYNC_TRY(zync_rules_constant_names(rules, arena, &names, &count, err));
	ZYNC_TRY(zync_rules_derive(rules, object, /* explain= */ true, arena, &result, err));
	if (result.verdict != ZYNC_VERDICT_DISABLED)
		fail_msg("%s: %s", zync_verdict_name(result.verdict), result.reason);
	return ZYNC_OK;
}

static void test_allocation_failures(void **state)
{
	struct world w;
	union {
		const struct zync_jval *in;
		void *out;
	} ctx;
	unsigned long nth = 0;
	enum zync_status status;

	(void)state;
	world_init(&w);
	world_rules(&w, full);
	assert_int_equal(zync_json_parse(w.arena, test_device, strlen(test_device), &ctx.in, &w.err), ZYNC_OK);
	struct zync_rules_object object = {
		.type = "device", .id = 17, .name = "core-sw1", .owner = "nb:device:17", .member = plain_member, .ctx = ctx.out};
	do {
		fault_alloc(++nth);
		status = attempt(w.config, &object, &w.err);
		if (fault_alloc_fired())
			assert_int_equal(status, ZYNC_ERR_NOMEM);
	} while (fault_alloc_fired() && nth < 10000);
	fault_alloc(0);
	assert_int_equal(status, ZYNC_OK);
	assert_true(nth > 5);
	world_done(&w);
}

/* The arena's own bound in small steps reaches the allocations that share a chunk. */
static void test_small_arenas(void **state)
{
	struct world w;
	union {
		const struct zync_jval *in;
		void *out;
	} ctx;
	enum zync_status status = ZYNC_ERR_NOMEM;
	unsigned failures = 0;

	(void)state;
	world_init(&w);
	world_rules(&w, full);
	assert_int_equal(zync_json_parse(w.arena, test_device, strlen(test_device), &ctx.in, &w.err), ZYNC_OK);
	struct zync_rules_object object = {
		.type = "device", .id = 17, .name = "core-sw1", .owner = "nb:device:17", .member = plain_member, .ctx = ctx.out};
	for (size_t bytes = 16; bytes < 1u << 20 && status != ZYNC_OK; bytes += 16) {
		ZYNC_AUTO_ARENA arena = zync_arena_new(bytes);
		struct zync_rules_result result = {.verdict = ZYNC_VERDICT_REMOVED};

		assert_non_null(arena);
		status = zync_rules_derive(w.rules, &object, /* explain= */ true, arena, &result, &w.err);
		if (status != ZYNC_OK) {
			assert_int_equal(status, ZYNC_ERR_NOMEM);
			assert_int_equal(result.verdict, ZYNC_VERDICT_REMOVED); /* untouched */
			failures++;
		} else {
			assert_int_equal(result.verdict, ZYNC_VERDICT_DISABLED);
		}
	}
	assert_int_equal(status, ZYNC_OK);
	assert_true(failures > 100);
	world_done(&w);
}

/* Values of the wrong type where rules look: a verdict, and no crash. */
static void test_odd_objects(void **state)
{
	static const char *const objects[] = {
		"{\"type\":\"device\",\"id\":1,\"name\":\"x\"}",
		"{\"type\":\"vm\",\"id\":1,\"name\":\"x\",\"status\":17,\"site\":\"text\",\"tags\":{},\"primary_ip\":\"10.0.0.1\",\"custom_"
		"fields\":[]}",
		"{\"type\":\"device\",\"id\":1,\"name\":\"x\",\"status\":null,\"site\":[],\"tags\":[null,[],{}],\"primary_ip\":{"
		"\"address\":5},"
		"\"custom_fields\":{\"level\":{\"value\":{}}},\"config_context\":[1]}",
		"{\"type\":\"device\",\"id\":1,\"name\":\"\",\"role\":true,\"primary_ip\":{\"address\":\"nonsense\",\"dns_name\":null}}",
	};
	struct world w;

	(void)state;
	world_init(&w);
	world_rules(&w, full);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(objects); i++) {
		world_derive(&w, objects[i], /* explain= */ true);
		assert_int_not_equal(w.result.verdict, ZYNC_VERDICT_MONITORED);
		assert_non_null(w.result.reason);
	}
	world_done(&w);
}

/* Reasons are bounded, however many texts of an object are wrong. */
static void test_many_failures(void **state)
{
	struct world w;
	struct zync_buf text;
	unsigned count = 0;

	(void)state;
	world_init(&w);
	zync_buf_init(&text, 1u << 20);
	for (unsigned i = 0; i < 300; i++)
		zync_buf_adds(&text, "  - set: {host_groups: [\"{{ name | truncate(site.slug) }}\"]}\n");
	world_rules(&w, text.data);
	zync_buf_done(&text);
	world_derive(&w, test_device, /* explain= */ true);
	assert_int_equal(w.result.verdict, ZYNC_VERDICT_FAILED);
	for (const char *s = w.result.reason; (s = strstr(s, "host_groups (mapping")) != NULL; s++)
		count++;
	assert_int_equal(count, 5);
	world_done(&w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_allocation_failures),
	cmocka_unit_test(test_small_arenas),
	cmocka_unit_test(test_odd_objects),
	cmocka_unit_test(test_many_failures),
};
const struct test_group group_robust = {tests, ZYNC_ARRAY_LEN(tests)};
