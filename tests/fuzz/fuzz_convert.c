/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the converter: any bytes as a config.py of netbox-zabbix-sync; behind a line "#---" come variables NBZX_…, one NAME=VALUE a line. Nothing may crash, leak or
 * exceed the bounds, and what is made of it is a configuration that loads and compiles. The corpus in convert-corpus/ is replayed by `make test` and by tests/unit/convert.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "convert/convert.h"
#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fuzz_line[] = "\n#---\n";

/* The value of a variable in the second part of the input. */
static const char *fuzz_environment(void *ctx, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = ctx; *line != '\0'; line += strlen(line) + 1)
		if (strncmp(line, name, len) == 0 && line[len] == '=')
			return line + len + 1;
	return NULL;
}

/* Set every variable that the configuration names, so that it can be loaded; its value must do for a URL, a token, a field and a text. */
static void fuzz_set_variables(struct zync_arena *arena, const char *config)
{
	for (const char *at = strstr(config, "${"); at != NULL; at = strstr(at + 2, "${")) {
		const char *end = strchr(at, '}');
		char *name = end == NULL ? NULL : zync_arena_strndup(arena, at + 2, (size_t)(end - at) - 2);

		if (name != NULL && name[0] != '\0' && strncmp(name, "NETBOX_", 7) != 0 && strncmp(name, "ZABBIX_", 7) != 0 &&
		    getenv(name) == NULL)
			(void)setenv(name, "auto", /* overwrite= */ 0);
	}
	(void)setenv("NETBOX_HOST", "https://netbox.example.com", 0);
	(void)setenv("NETBOX_TOKEN", "0123456789abcdef0123456789abcdef01234567", 0);
	(void)setenv("ZABBIX_HOST", "https://zabbix.example.com", 0);
	(void)setenv("ZABBIX_TOKEN", "abcdefabcdefabcdefabcdefabcdefabcdefabcd", 0);
}

/* A choice such as inventory_mode from a variable is told of only when the variable has its value; no word suits them all. */
static bool fuzz_is_choice(const char *message)
{
	return strstr(message, "inventory_mode: ") != NULL;
}

static void fuzz_use(struct zync_arena *arena, const struct zync_convert_result *result)
{
	ZYNC_AUTO_CONFIG config = NULL;
	ZYNC_AUTO_RULES rules = NULL;
	struct zync_err err = {0};
	enum zync_status status;

	fuzz_set_variables(arena, result->config);
	status = zync_config_parse("converted", result->config, strlen(result->config), &config, &err);
	if (status == ZYNC_OK)
		status = zync_rules_compile(config, &rules, &err);
	if (status == ZYNC_ERR_INVALID && !fuzz_is_choice(err.message)) {
		(void)fprintf(stderr, "%s\n%s\n", err.message, result->config);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new((size_t)256 * 1024 * 1024);
	struct zync_convert_params params = {.name = "config.py"};
	struct zync_convert_result result = {0};
	struct zync_err err = {0};
	enum zync_status status;
	char *input, *line;

	if (arena == NULL)
		return 0;
	input = zync_arena_alloc(arena, size + 2); /* zeros at the end: two end the list of variables */
	if (input == NULL)
		return 0;
	memcpy(input, data, size);
	line = memmem(input, size, fuzz_line, strlen(fuzz_line));
	params.text = input;
	params.len = line == NULL ? size : (size_t)(line - input);
	if (line != NULL) {
		params.ctx = line + strlen(fuzz_line);
		params.environment = fuzz_environment;
		for (char *c = params.ctx; c < input + size; c++)
			if (*c == '\n')
				*c = '\0';
	}
	status = zync_convert_nzs(&params, arena, &result, &err);
	if (status == ZYNC_OK) {
		ZYNC_ASSERT(result.config != NULL && (result.notes != NULL || result.note_count == 0));
		fuzz_use(arena, &result);
	} else {
		ZYNC_ASSERT(status == ZYNC_ERR_INVALID || status == ZYNC_ERR_NOMEM || status == ZYNC_ERR_LIMIT);
		ZYNC_ASSERT(err.status == status && err.message[0] != '\0' && result.config == NULL);
	}
	zync_log_reset();
	return 0;
}
