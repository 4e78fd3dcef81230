/* SPDX-License-Identifier: Apache-2.0 */
/* The table, and what is written from it: the example and the reference. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "config/config_priv.h"
#include "config_test.h"

static void example_into(struct zync_buf *out)
{
	struct zync_err err = {0};

	zync_buf_init(out, (size_t)1 << 20);
	if (zync_config_write_example(NULL, NULL, out, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
}

/* Each key has all that the writers and the messages need. */
static void check_table(const struct zync_cfg_table *table)
{
	assert_true(table->count > 0 && table->count <= 64);
	assert_non_null(table->help);
	for (size_t i = 0; i < table->count; i++) {
		const struct zync_cfg_field *f = &table->fields[i];
		bool section = f->type == ZYNC_CFG_TYPE_STRUCT || f->type == ZYNC_CFG_TYPE_STRUCTS;

		assert_true(f->help && zync_str_ends(f->help, "."));
		assert_ptr_equal(zync_cfg_field_find(table, f->key), f); /* no key twice */
		if (!section && !f->def && !f->example)
			fail_msg("%s.%s has neither a default nor an example", table->path, f->key);
		if (!section && !f->def && !f->def_help && !(f->flags & ZYNC_CFG_REQUIRED))
			fail_msg("%s.%s does not say what happens without it", table->path, f->key);
		if ((f->type == ZYNC_CFG_TYPE_INT || f->type == ZYNC_CFG_TYPE_DURATION || f->type == ZYNC_CFG_TYPE_REAL ||
		     f->type == ZYNC_CFG_TYPE_STRUCTS) &&
		    !(f->minimum < f->maximum))
			fail_msg("%s.%s has no range", table->path, f->key);
		assert_true(f->type != ZYNC_CFG_TYPE_ENUM || f->words);
		assert_int_equal(section || f->type == ZYNC_CFG_TYPE_LIMIT, f->table != NULL);
		if (f->table)
			check_table(f->table);
	}
}

static void test_table(void **state)
{
	(void)state;
	check_table(&zync_cfg_table_root);
}

static void test_example_loads(void **state)
{
	ZYNC_AUTO_BUF text;
	ZYNC_AUTO_CONFIG c = NULL;

	(void)state;
	example_into(&text);
	assert_null(strstr(text.data, NETBOX_TOKEN_VALUE));
	c = config_ok(text.data);
	assert_string_equal(c->netbox.url, "https://netbox.example.com");
	assert_string_equal(zync_secret_reveal(c->netbox.token), NETBOX_TOKEN_VALUE);
	assert_string_equal(c->zabbix.items[0].url, "https://zabbix.example.com/api_jsonrpc.php");
	assert_string_equal(c->store, "sqlite:zync.db");
	assert_int_equal(c->mappings.len, 1);
	assert_string_equal(c->mappings.items[0].set.host_groups.items[0].value, "NetBox/{{ site.name }}");
	assert_string_equal(c->mappings.items[0].set.templates.items[0].value, "ICMP Ping");
	assert_string_equal(c->mappings.items[0].set.interfaces.items[0].type.value, "agent");
	assert_null(c->mappings.items[0].set.interfaces.items[0].port.value);
}

/* Length of the indentation before "#key:" or "#  …" (a line that is commented out), or -1. */
static int commented_at(const char *line)
{
	int indent = (int)strspn(line, " ");

	if (line[indent] != '#')
		return -1;
	if (islower((unsigned char)line[indent + 1]) || zync_str_starts(line + indent + 1, "  "))
		return indent;
	return -1;
}

/* Append the text with the commented-out block that begins at @p line (and nothing else) brought in. Returns the name of its first key. */
static const char *uncomment(const char *text, const char *line, struct zync_buf *out)
{
	static char key[64];
	int indent = commented_at(line);

	assert_int_equal(sscanf(line + indent + 1, "%63[a-z0-9_]", key), 1);
	zync_buf_clear(out);
	zync_buf_add(out, text, (size_t)(line - text));
	do {
		const char *end = strchr(line, '\n') + 1;

		zync_buf_add(out, line, (size_t)indent);
		zync_buf_add(out, line + indent + 1, (size_t)(end - line - indent - 1));
		line = end;
	} while (commented_at(line) == indent && line[indent + 1] == ' ');
	zync_buf_adds(out, line);
	return key;
}

/* Every key that is commented out loads when its "#" is taken away, but for the secrets that are given already. */
static void test_example_keys(void **state)
{
	ZYNC_AUTO_BUF text;
	ZYNC_AUTO_BUF changed;
	size_t keys = 0, conflicts = 0;

	(void)state;
	assert_int_equal(setenv("ZABBIX_PASS", "some-pass", 1), 0);
	zync_buf_init(&changed, (size_t)1 << 20);
	example_into(&text);
	for (const char *line = text.data; *line; line = strchr(line, '\n') + 1) {
		int indent = commented_at(line);
		const char *key;

		if (indent < 0 || line[indent + 1] == ' ')
			continue;
		key = uncomment(text.data, line, &changed);
		keys++;
		if (strcmp(key, "token_file") == 0 || strcmp(key, "username") == 0 || strcmp(key, "password") == 0 ||
		    strcmp(key, "password_file") == 0) {
			(void)config_bad(changed.data);
			conflicts++;
		} else {
			zync_config_free(config_ok(changed.data));
		}
	}
	assert_int_equal(conflicts, 5);
	assert_true(keys > 60);
}

static void check_keys(const struct zync_cfg_table *table, const char *text, const char *before, const char *after)
{
	for (size_t i = 0; i < table->count; i++) {
		char part[128];

		(void)snprintf(part, sizeof(part), "%s%s%s", before, table->fields[i].key, after);
		if (!strstr(text, part))
			fail_msg("%s is missing", part);
		if (table->fields[i].table && table->fields[i].type != ZYNC_CFG_TYPE_LIMIT)
			check_keys(table->fields[i].table, text, before, after);
	}
}

static void test_example_is_complete(void **state)
{
	ZYNC_AUTO_BUF text;

	(void)state;
	example_into(&text);
	check_keys(&zync_cfg_table_root, text.data, "", ":");
	/* What is needed stands first. */
	assert_true(strstr(text.data, "  url: https://zabbix") < strstr(text.data, "  #name: zabbix"));
	assert_true(strstr(text.data, "\nmappings:") < strstr(text.data, "\n#sync:"));
}

static void test_example_urls(void **state)
{
	static const char *const urls[] = {"http://127.0.0.1:8001", "https://h/a%20b", "https://[::1]:8080/x", "https://h/${HOME}",
					   "https://h/ü'&*!"};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(urls); i++) {
		ZYNC_AUTO_BUF text;
		struct zync_err err = {0};

		zync_buf_init(&text, (size_t)1 << 20);
		assert_int_equal(zync_config_write_example(urls[i], urls[i], &text, &err), ZYNC_OK);
		if (strchr(urls[i], '{')) {
			/* Kept as it is, which is no URL; above all it is not expanded and breaks no quotes. */
			assert_non_null(strstr(config_bad(text.data), "the URL holds a character that no URL may have"));
		} else {
			ZYNC_AUTO_CONFIG c = config_ok(text.data);

			assert_string_equal(c->netbox.url, urls[i]);
		}
	}
}

static void read_page(struct zync_buf *out)
{
	const char *tests = getenv("ZYNC_TEST_DATA");
	char path[4096], chunk[4096];
	size_t got;
	FILE *file;

	assert_non_null(tests);
	(void)snprintf(path, sizeof(path), "%s/../../../docs/configuration.md", tests);
	file = fopen(path, "r");
	assert_non_null(file);
	zync_buf_init(out, (size_t)1 << 20);
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		zync_buf_add(out, chunk, got);
	assert_int_equal(fclose(file), 0);
}

static void test_reference(void **state)
{
	ZYNC_AUTO_BUF text;
	ZYNC_AUTO_BUF page;
	struct zync_err err = {0};

	(void)state;
	zync_buf_init(&text, (size_t)1 << 20);
	assert_int_equal(zync_config_write_reference(&text, &err), ZYNC_OK);
	check_keys(&zync_cfg_table_root, text.data, "| `", "` |");
	read_page(&page);
	if (strcmp(text.data, page.data) != 0)
		fail_msg("docs/configuration.md is out of date; write it again: config-reference > docs/configuration.md");
}

static void test_reference_examples(void **state)
{
	size_t count = 0;

	(void)state;
	assert_int_equal(setenv("ZABBIX_PASS", "some-pass", 1), 0);
	for (const struct zync_cfg_example *e = zync_cfg_reference_examples; e->title; e++, count++) {
		if (strstr(e->yaml, "username"))
			assert_int_equal(unsetenv("ZABBIX_TOKEN"), 0);
		zync_config_free(config_ok(e->yaml));
		assert_int_equal(env_known(NULL), 0);
		assert_int_equal(setenv("ZABBIX_PASS", "some-pass", 1), 0);
	}
	assert_int_equal(count, 3);
}

static void test_writers_out_of_memory(void **state)
{
	for (int which = 0; which < 2; which++) {
		bool fired = true;

		for (unsigned long nth = 1; fired; nth++) {
			ZYNC_AUTO_BUF text;
			struct zync_err err = {0};
			enum zync_status status;

			zync_buf_init(&text, (size_t)1 << 20);
			fault_alloc(nth);
			status = which == 0 ? zync_config_write_example(NULL, NULL, &text, &err) : zync_config_write_reference(&text, &err);
			fired = fault_alloc_fired();
			fault_alloc(0);
			assert_int_equal(status, fired ? ZYNC_ERR_NOMEM : ZYNC_OK);
		}
	}
	{
		ZYNC_AUTO_BUF small;
		struct zync_err err = {0};

		(void)state;
		zync_buf_init(&small, 100);
		assert_int_equal(zync_config_write_example(NULL, NULL, &small, &err), ZYNC_ERR_LIMIT);
	}
}

TEST_GROUP(test_writers, cmocka_unit_test_setup(test_table, env_known), cmocka_unit_test_setup(test_example_loads, env_known),
	   cmocka_unit_test_setup(test_example_keys, env_known), cmocka_unit_test_setup(test_example_is_complete, env_known),
	   cmocka_unit_test_setup(test_example_urls, env_known), cmocka_unit_test_setup(test_reference, env_known),
	   cmocka_unit_test_setup(test_reference_examples, env_known), cmocka_unit_test_setup(test_writers_out_of_memory, env_known));
