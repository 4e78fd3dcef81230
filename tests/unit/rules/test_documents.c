/* SPDX-License-Identifier: Apache-2.0 */
/* The configurations of the documents compile. */
#include "rules_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

static const char document_head[] = "netbox: {url: https://netbox.example.com, token: 0123456789abcdef0123456789abcdef01234567}\n"
				    "zabbix: {url: https://zabbix.example.com, token: abcdefabcdefabcdefabcdefabcdefabcdefabcd}\n";

static void document_read(const char *name, struct zync_buf *out)
{
	char path[2048], chunk[4096];
	size_t got;
	FILE *file;

	assert_non_null(getenv("ZYNC_TEST_DATA"));
	(void)snprintf(path, sizeof(path), "%s/../../../docs/%s", getenv("ZYNC_TEST_DATA"), name);
	file = fopen(path, "r");
	if (file == NULL)
		fail_msg("%s cannot be read", path);
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		zync_buf_add(out, chunk, got);
	(void)fclose(file);
	assert_int_equal(out->failed, ZYNC_OK);
}

/* Every block between ```yaml and ``` that has mappings. */
static unsigned document_check(const char *name)
{
	unsigned count = 0;
	ZYNC_AUTO_BUF page;

	zync_buf_init(&page, 1u << 20);
	document_read(name, &page);
	for (char *block = strstr(page.data, "```yaml\n"); block != NULL; block = strstr(block, "```yaml\n")) {
		char *text = block + strlen("```yaml\n"), *end = strstr(text, "\n```");
		struct world w;

		assert_non_null(end);
		*end = '\0';
		block = end + 1;
		if (strstr(text, "mappings:") == NULL)
			continue;
		world_init(&w);
		text = zync_arena_printf(w.arena, "%s%s\n", strstr(text, "netbox:") == NULL ? document_head : "", text);
		if (zync_config_parse(name, text, strlen(text), &w.config, &w.err) != ZYNC_OK ||
		    zync_rules_compile(w.config, &w.rules, &w.err) != ZYNC_OK)
			fail_msg("docs/%s: %s\n%s", name, w.err.message, text);
		world_done(&w);
		count++;
	}
	return count;
}

static void test_documents(void **state)
{
	(void)state;
	assert_true(document_check("mappings.md") >= 8);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_documents)};
const struct test_group group_documents = {tests, ZYNC_ARRAY_LEN(tests)};
