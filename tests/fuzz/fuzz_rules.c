/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the mappings: sections of a configuration, a line "---", and an object of NetBox as JSON. What compiles is derived twice, with and without explain, which
 * must give the same host; nothing may crash, leak or exceed the bounds. The corpus in rules-corpus/ is replayed by tests/unit/rules.
 */
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fuzz_head[] = "netbox: {url: https://netbox.example.com, token: 0123456789abcdef0123456789abcdef01234567}\n"
				"zabbix: {url: https://zabbix.example.com, token: abcdefabcdefabcdefabcdefabcdefabcdefabcd}\n";
static const char fuzz_line[] = "\n---\n";

static const struct zync_jval *fuzz_member(void *ctx, const struct zync_jval *parent, const char *name)
{
	return zync_jval_get(parent == NULL ? ctx : parent, name);
}

static const char *fuzz_host(struct zync_arena *arena, const struct zync_rules *rules, const struct zync_jval *object, bool explain)
{
	union {
		const struct zync_jval *in;
		void *out;
	} ctx = {.in = object};
	struct zync_rules_object seen = {.type = zync_str_eq(zync_jval_get_str(object, "type"), "vm") ? "vm" : "device",
					 .id = 17,
					 .name = zync_jval_get_str(object, "name"),
					 .owner = "nb:device:17",
					 .member = fuzz_member,
					 .ctx = ctx.out};
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_rules_result result;
	struct zync_err err;
	const char *text = NULL;

	if (b == NULL || zync_rules_derive(rules, &seen, explain, arena, &result, &err) != ZYNC_OK)
		return NULL;
	if (result.verdict != ZYNC_VERDICT_MONITORED && result.verdict != ZYNC_VERDICT_DISABLED)
		return zync_arena_printf(arena, "%s: %s", zync_verdict_name(result.verdict), result.reason != NULL ? result.reason : "");
	if (zync_jb_text(b, zync_host_to_json(b, &result.host, ZYNC_HOST_JSON_DESIRED), ZYNC_JSON_COMPACT, arena, &text, &err) != ZYNC_OK)
		return NULL;
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new((size_t)256 * 1024 * 1024);
	ZYNC_AUTO_CONFIG config = NULL;
	ZYNC_AUTO_RULES rules = NULL;
	const struct zync_jval *object = NULL;
	const char *explained, *plain;
	struct zync_err err;
	char *input, *line, *text;

	if (arena == NULL || (input = zync_arena_strndup(arena, (const char *)data, size)) == NULL)
		return 0;
	line = strstr(input, fuzz_line);
	if (line == NULL)
		return 0;
	*line = '\0';
	text = zync_arena_printf(arena, "%s%s\n", fuzz_head, input);
	line += strlen(fuzz_line);
	if (text == NULL || zync_json_parse(arena, line, strlen(line), &object, &err) != ZYNC_OK)
		return 0;
	if (zync_config_parse("fuzz.yaml", text, strlen(text), &config, &err) == ZYNC_OK &&
	    zync_rules_compile(config, &rules, &err) == ZYNC_OK) {
		explained = fuzz_host(arena, rules, object, /* explain= */ true);
		plain = fuzz_host(arena, rules, object, /* explain= */ false);
		ZYNC_ASSERT(explained == NULL || plain == NULL || strcmp(explained, plain) == 0);
	}
	zync_log_reset();
	return 0;
}
