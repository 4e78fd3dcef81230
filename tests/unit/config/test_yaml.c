/* SPDX-License-Identifier: Apache-2.0 */
/* The YAML itself: syntax, anchors, bounds; memory that runs out; the corpus of the fuzz target. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "config_test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void test_syntax(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"a: [1\n", "z.yaml:2:1: not valid YAML: did not find expected ',' or ']', while parsing a flow sequence from line 1 on"},
		{"a: 'x\n", "z.yaml:2:1: not valid YAML: found unexpected end of stream, while scanning a quoted scalar from line 1 on"},
		{"sync:\n\ton_missing: disable\n", "z.yaml:2:1: not valid YAML: found character that cannot start any token; the line is "
						   "indented with a tab, YAML needs spaces"},
		{"a: 1\n b: 2\n", "z.yaml:2:3: not valid YAML: mapping values are not allowed in this context"},
		{"a: {{ x }}\n", "z.yaml:1:5: a key must be a text, not a list or a mapping; quote texts that begin with { or ["},
		{"? [a]\n: b\n", "z.yaml:1:3: a key must be a text, not a list or a mapping; quote texts that begin with { or ["},
		{"a: @x\n", "z.yaml:1:4: not valid YAML: found character that cannot start any token, while scanning for the next token "
			    "from line 1 on"},
		{"a: 1\nb: 2\na: 3\n", "z.yaml:3:1: key \"a\" is given twice, first in line 1"},
		{"a: {\"x\": 1, x: 2}\n", "z.yaml:1:13: key \"x\" is given twice, first in line 1"},
		{SMALL "---\nstore: x\n", "z.yaml:4:1: a second document begins here; one file holds one configuration"},
		{"a: !vault x\n",
		 "z.yaml:1:4: YAML tags (!name) are not supported; remove the tag, or quote a text that begins with \"!\""},
		{"a: *x\n", "z.yaml:1:4: alias \"x\": no anchor of that name stands above it"},
		{"a: &x [*x]\n", "z.yaml:1:8: alias \"x\" stands inside its own anchor"},
		{"a: {<<: text}\n", "z.yaml:1:9: <<: expected a mapping or a list of mappings"},
		{"a: {<<: [text]}\n", "z.yaml:1:10: <<: expected a mapping or a list of mappings"},
		{"\"a\\0b\": 1\n", "z.yaml:1:1: a key holds a NUL character"},
		{"store: \xff\xfe\n", "z.yaml:1:1: not valid YAML text: invalid leading UTF-8 octet at byte 8; the file must be UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++)
		assert_string_equal(config_bad(cases[i].text), cases[i].message);
}

static void test_accepted(void **state)
{
	static const char *const texts[] = {
		"---\n" SMALL "...\n",
		"\xef\xbb\xbf" SMALL,
		"%YAML 1.1\n---\n" SMALL,
		"# comment\n\n" SMALL "\n# end",
		"sync:\nlog: ~\nstatus: null\nownership: {}\nstore:\n" SMALL,
		"store: !!str sqlite:x\n" SMALL,
		"netbox: !!map {url: https://h, token: ! abcd}\n" ZABBIX MAPPING,
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(texts); i++)
		zync_config_free(config_ok(texts[i]));
	assert_string_equal(config_bad("store: \"~\"\n" SMALL),
			    "z.yaml:1:8: store: expected sqlite:PATH or postgresql://…; example: sqlite:zync.db");
}

static void test_anchors(void **state)
{
	ZYNC_AUTO_CONFIG c = config_ok(NETBOX "zabbix:\n"
					      "  - &a {name: a, url: https://a, token: tok-aaaa, timeout: 7, read_page: 9}\n"
					      "  - {<<: *a, name: b, timeout: 8}\n"
					      "  - {name: c, <<: [{read_page: 3, url: https://c}, *a]}\n"
					      "mappings: [&m {set: {host_groups: &g [x, y]}}, *m, {set: {templates: *g}}]\n");

	(void)state;
	assert_int_equal(c->zabbix.len, 3);
	assert_string_equal(c->zabbix.items[1].name, "b");
	assert_int_equal(c->zabbix.items[1].timeout_ms, 8000);
	assert_int_equal(c->zabbix.items[1].read_page, 9);
	assert_string_equal(zync_secret_reveal(c->zabbix.items[1].token), "tok-aaaa");
	assert_string_equal(c->zabbix.items[2].url, "https://c/api_jsonrpc.php");
	assert_int_equal(c->zabbix.items[2].read_page, 3);
	assert_int_equal(c->zabbix.items[2].timeout_ms, 7000);
	assert_int_equal(c->mappings.len, 3);
	assert_string_equal(c->mappings.items[1].set.host_groups.items[1].value, "y");
	assert_string_equal(c->mappings.items[2].set.templates.items[0].value, "x");
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text);
}

static void test_bounds(void **state)
{
	ZYNC_AUTO_BUF text;

	(void)state;
	zync_buf_init(&text, (size_t)8 * 1024 * 1024);
	/* Each level is ten times the one before: a billion values in ten lines. */
	zync_buf_adds(&text, "a0: &a0 [x]\n");
	for (int i = 1; i < 10; i++) {
		zync_buf_printf(&text, "a%d: &a%d [", i, i);
		for (int j = 0; j < 10; j++)
			zync_buf_printf(&text, "*a%d,", i - 1);
		zync_buf_adds(&text, "]\n");
	}
	assert_contains(config_bad(text.data), "more than 200000 values, aliases expanded: the configuration is too large");
	/* The same with merge keys. */
	zync_buf_clear(&text);
	zync_buf_adds(&text, "a0: &a0 {x: 1}\n");
	for (int i = 1; i < 40; i++)
		zync_buf_printf(&text, "a%d: &a%d {<<: [*a%d, *a%d], k%d: *a%d}\n", i, i, i - 1, i - 1, i, i - 1);
	assert_true(strstr(config_bad(text.data), "more than 200000 values") || strstr(config_bad(text.data), "levels deep"));
	zync_buf_clear(&text);
	for (unsigned i = 0; i < ZYNC_LIMIT_CONFIG_DEPTH + 1; i++)
		zync_buf_addc(&text, '[');
	assert_string_equal(config_bad(text.data), "z.yaml:1:33: nested more than 32 levels deep");
	/* Depth by aliases. */
	zync_buf_clear(&text);
	zync_buf_adds(&text, "a0: &a0 [x]\n");
	for (unsigned i = 1; i < ZYNC_LIMIT_CONFIG_DEPTH + 2; i++)
		zync_buf_printf(&text, "a%u: &a%u [*a%u]\n", i, i, i - 1);
	assert_contains(config_bad(text.data), "nested more than 32 levels deep");
	zync_buf_clear(&text);
	for (unsigned i = 0; i <= ZYNC_LIMIT_CONFIG_NODES; i++)
		zync_buf_adds(&text, "- x\n");
	assert_string_equal(config_bad(text.data),
			    "z.yaml:200000:3: more than 200000 values, aliases expanded: the configuration is too large");
	zync_buf_clear(&text);
	while (text.len <= ZYNC_LIMIT_CONFIG_BYTES)
		zync_buf_adds(&text, "# the longest comment of the world\n");
	assert_string_equal(config_bad(text.data), "z.yaml: larger than 4194304 bytes; a configuration is never that large");
	zync_buf_clear(&text);
	zync_buf_adds(&text, BOTH "mappings:\n");
	for (unsigned i = 0; i <= ZYNC_LIMIT_MAPPINGS; i++)
		zync_buf_adds(&text, "- {}\n");
	assert_string_equal(config_bad(text.data), "z.yaml:4:1: mappings: expected from 1 to 10000 entries, found 10001");
}

/* Every allocation fails in turn, with a good and with a bad configuration. */
static void test_out_of_memory(void **state)
{
	static const char *const texts[] = {
		"store: postgresql://u:pass-9999@h/d\n" NETBOX_X("device_filter: {a: b}")
			ZABBIX SET("macros: {\"{$A}\": x, \"{$B}\": {value: some-secret, type: secret}}, tags: {a: [b, c]}, interfaces: "
				   "[{type: snmp, community: some-community}]"),
		"stor: \"${NETBOX_TOKEN}\"\nsync: {max_deletes: {count: x}}\na: &a [b]\nb: *a\n" SMALL,
		"a: [\n",
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(texts); i++) {
		bool fired = true;
		unsigned long nth = 1;

		for (; fired; nth++) {
			struct zync_config *config = NULL;
			struct zync_err err = {0};
			enum zync_status status;

			zync_log_reset();
			fault_alloc(nth);
			status = zync_config_parse("z.yaml", texts[i], strlen(texts[i]), &config, &err);
			fired = fault_alloc_fired();
			fault_alloc(0);
			if (fired) {
				assert_int_equal(status, ZYNC_ERR_NOMEM);
				assert_int_equal(err.status, ZYNC_ERR_NOMEM);
				assert_null(config);
			}
			zync_config_free(config);
		}
		assert_true(nth > 3);
	}
}

static void replay(const char *folder, const char *name)
{
	char path[4096];
	ZYNC_AUTO_BUF data;
	char chunk[4096];
	size_t got;
	FILE *file;

	zync_buf_init(&data, (size_t)1 << 20);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "r");
	assert_non_null(file);
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		zync_buf_add(&data, chunk, got);
	assert_int_equal(ferror(file), 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(data.failed, ZYNC_OK);
	assert_int_equal(LLVMFuzzerTestOneInput((const uint8_t *)data.data, data.len), 0);
}

static void test_corpus(void **state)
{
	const char *tests = getenv("ZYNC_TEST_DATA");
	char folder[2048];
	struct dirent *entry;
	size_t count = 0;
	DIR *dir;

	(void)state;
	assert_non_null(tests);
	(void)snprintf(folder, sizeof(folder), "%s/../../fuzz/config-corpus", tests);
	dir = opendir(folder);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		replay(folder, entry->d_name);
		count++;
	}
	assert_int_equal(closedir(dir), 0);
	assert_true(count >= 10);
}

TEST_GROUP(test_yaml, cmocka_unit_test_setup(test_syntax, env_known), cmocka_unit_test_setup(test_accepted, env_known),
	   cmocka_unit_test_setup(test_anchors, env_known), cmocka_unit_test_setup(test_bounds, env_known),
	   cmocka_unit_test_setup(test_out_of_memory, env_known), cmocka_unit_test_setup(test_corpus, env_known));
