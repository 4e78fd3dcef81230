/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the values that NetBox itself holds for one object: any JSON as an object, with whatever config context and custom fields, through mappings with
 * per_host in all its variants. Nothing may crash or leak, and the same object always gives the same host. The corpus in context-corpus/ is replayed by
 * tests/unit/rules.
 */
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fuzz_head[] = "netbox: {url: \"https://netbox.example.com\", token: 0123456789abcdef0123456789abcdef01234567}\n"
				"zabbix: {url: \"https://zabbix.example.com\", token: abcdefabcdefabcdefabcdefabcdefabcdefabcd}\n"
				"mappings:\n";
static const char *const fuzz_mappings[] = {
	"  - set: {host_groups: [G], per_host: {}}\n",
	"  - set: {host_groups: [G], templates: [T], interfaces: [{type: agent, ip: 10.0.0.1}], macros: {\"{$A}\": x}, tags: {a: b}, "
	"per_host: {templates_from: both, "
	"template_field: t, proxy_field: p, proxy_group_field: g, preferred_ip: ipv4, prefer_dns: \"true\", oob: \"true\", "
	"default_interface: \"false\"}}\n",
	"  - set: {host_groups: [G], templates: [T], per_host: {templates_from: custom_field, template_field: t, preferred_ip: ipv6, oob: "
	"\"true\"}}\n"
	"  - set: {remove_tags: [\"a*\"], remove_macros: [\"{$A*\"], per_host: {context: other, templates_from: context, proxy_field: "
	"p}}\n",
	"  - set: {host_groups: [G], per_host: {context: \"\", parts: [tags, macros, proxy, interface], proxy_group_field: g}}\n",
};

static const struct zync_jval *fuzz_member(void *ctx, const struct zync_jval *parent, const char *name)
{
	const struct zync_jval *root = ctx;

	return zync_jval_get(parent == NULL ? root : parent, name);
}

static struct zync_rules *fuzz_compile(const char *mapping)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_config *config = NULL;
	struct zync_rules *rules = NULL;
	struct zync_err err;
	char *text = zync_arena_printf(arena, "%s%s", fuzz_head, mapping);

	/* They live as long as the program. */
	if (zync_config_parse("fuzz", text, strlen(text), &config, &err) != ZYNC_OK || zync_rules_compile(config, &rules, &err) != ZYNC_OK)
		return NULL;
	return rules;
}

/* Verdict, reason and host as one text; NULL when memory is out. */
static const char *fuzz_derive(struct zync_arena *arena, const struct zync_rules *rules, const struct zync_jval *root, bool explain)
{
	union {
		const struct zync_jval *in;
		void *out;
	} ctx = {.in = root};
	struct zync_rules_object object = {.id = 17, .name = "sw1", .owner = "nb:device:17", .member = fuzz_member, .ctx = ctx.out};
	struct zync_rules_result result;
	struct zync_jb *b = zync_jb_new(arena);
	const char *text = "";
	struct zync_err err;

	object.type = zync_str_eq(zync_jval_get_str(root, "type"), "vm") ? "vm" : "device";
	if (b == NULL || zync_rules_derive(rules, &object, explain, arena, &result, &err) != ZYNC_OK)
		return NULL;
	ZYNC_ASSERT((result.verdict == ZYNC_VERDICT_FAILED) ==
		    (result.reason != NULL && result.verdict != ZYNC_VERDICT_SKIPPED && result.verdict != ZYNC_VERDICT_DISABLED &&
		     result.verdict != ZYNC_VERDICT_REMOVED));
	ZYNC_ASSERT(result.reason == NULL || zync_utf8_valid(result.reason, strlen(result.reason)));
	for (size_t i = 0; i < result.origin_count; i++) {
		const struct zync_rules_origin *o = &result.origins[i];

		ZYNC_ASSERT(o->field != NULL && zync_utf8_valid(o->field, strlen(o->field)));
		ZYNC_ASSERT(o->note == NULL || zync_utf8_valid(o->note, strlen(o->note)));
	}
	if (result.verdict == ZYNC_VERDICT_MONITORED &&
	    zync_jb_text(b, zync_host_to_json(b, &result.host, ZYNC_HOST_JSON_DESIRED), ZYNC_JSON_SORTED, arena, &text, &err) != ZYNC_OK)
		return NULL;
	return zync_arena_printf(arena, "%s|%s|%s", zync_verdict_name(result.verdict), result.reason != NULL ? result.reason : "", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct zync_rules *rules[ZYNC_ARRAY_LEN(fuzz_mappings)];
	ZYNC_AUTO_ARENA arena = zync_arena_new((size_t)64 * 1024 * 1024);
	const struct zync_jval *root = NULL;
	struct zync_err err;

	if (arena == NULL || zync_json_parse(arena, (const char *)data, size, &root, &err) != ZYNC_OK)
		return 0;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rules); i++) {
		const char *plain, *explained;

		if (rules[i] == NULL)
			rules[i] = fuzz_compile(fuzz_mappings[i]);
		ZYNC_ASSERT(rules[i] != NULL);
		plain = fuzz_derive(arena, rules[i], root, /* explain= */ false);
		explained = fuzz_derive(arena, rules[i], root, /* explain= */ true);
		ZYNC_ASSERT(plain == NULL || explained == NULL || strcmp(plain, explained) == 0);
	}
	return 0;
}
