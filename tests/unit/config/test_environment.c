/* SPDX-License-Identifier: Apache-2.0 */
/* ${NAME}, what the environment fills in, and which file is taken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "config_test.h"

static void set(const char *name, const char *value)
{
	assert_int_equal(setenv(name, value, 1), 0);
}

static void test_expansion(void **state)
{
	ZYNC_AUTO_CONFIG c = NULL;
	const struct zync_cfg_set *s;

	(void)state;
	set("TEST_A", "alpha");
	set("TEST_EMPTY", "");
	set("TEST_NESTED", "${TEST_A} $${");
	set("TEST_NUMBER", "77");
	c = config_ok(NETBOX_X("page_size: \"${TEST_NUMBER}\", \"instance\": \"x-${TEST_A}-${TEST_A}\"")
			      ZABBIX SET("host: \"$${TEST_A}\", name: \"{$TEST_A} $TEST_A $$\", description: \"a${TEST_EMPTY}b\", "
					 "host_groups: [\"${TEST_NESTED}\", plain], "
					 "inventory: {\"${TEST_A}\": \"${TEST_A}\"}"));
	s = &c->mappings.items[0].set;
	assert_int_equal(c->netbox.page_size, 77);
	assert_string_equal(c->netbox.instance, "x-alpha-alpha");
	assert_string_equal(s->host.value, "${TEST_A}");
	assert_false(s->host.secret);
	assert_string_equal(s->name.value, "{$TEST_A} $TEST_A $$");
	assert_string_equal(s->description.value, "ab");
	assert_true(s->description.secret);
	assert_string_equal(s->host_groups.items[0].value, "${TEST_A} $${");
	assert_true(s->host_groups.items[0].secret);
	assert_false(s->host_groups.items[1].secret);
	assert_string_equal(s->inventory.items[0].key.value, "${TEST_A}");
	assert_string_equal(s->inventory.items[0].values.items[0].value, "alpha");
}

static void test_expansion_errors(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"store: ${TEST_NOT_SET}\n" SMALL, "z.yaml:1:8: store: the environment variable TEST_NOT_SET is not set"},
		{BOTH SET("host_groups: [a, \"x${TEST_NOT_SET}\"]"),
		 "z.yaml:3:36: host_groups: the environment variable TEST_NOT_SET is not set"},
		{"store: \"${\"\n" SMALL, "z.yaml:1:8: store: \"${\" begins the name of an environment variable, as in ${NETBOX_TOKEN}; "
					  "write $${ for the two characters"},
		{"store: \"${A\"\n" SMALL, "z.yaml:1:8: store: \"${\" begins the name of an environment variable, as in ${NETBOX_TOKEN}; "
					   "write $${ for the two characters"},
		{"store: \"${1A}\"\n" SMALL, "z.yaml:1:8: store: \"${\" begins the name of an environment variable, as in ${NETBOX_TOKEN}; "
					     "write $${ for the two characters"},
		{"store: \"${A-B}\"\n" SMALL, "z.yaml:1:8: store: \"${\" begins the name of an environment variable, as in "
					      "${NETBOX_TOKEN}; write $${ for the two characters"},
		{"netbox: {url: https://h, token: \"${TEST_EMPTY}\"}\n" ZABBIX MAPPING,
		 "z.yaml:1:33: token: the value is empty; remove the key or give a value"},
		{"netbox: {url: https://h, token: \"${TEST_LINE}\"}\n" ZABBIX MAPPING,
		 "z.yaml:1:33: token: the value is a text with a line break; this value is one line"},
		{"key_file: \"${TEST_LATIN1}\"\n" SMALL, "z.yaml:1:11: key_file: the value is not valid UTF-8, or with a NUL character"},
	};

	(void)state;
	set("TEST_EMPTY", "");
	set("TEST_LINE", "two\nlines");
	set("TEST_LATIN1", "k\xfchl");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++)
		assert_string_equal(config_bad(cases[i].text), cases[i].message);
}

/* Values are masked when the key is a secret or the variable's name speaks of one. */
static void test_masking(void **state)
{
	static const char *const names[] = {"TEST_TOKEN_X", "TESTPASSWORD", "test_secret", "TEST_KEY", "TEST_COMMUNITY"};
	char text[] = NETBOX_TOKEN_VALUE " " ZABBIX_TOKEN_VALUE " snmp-value plain-value";

	(void)state;
	set("TEST_PLAIN", "plain-value");
	set("TEST_SNMP", "snmp-value");
	zync_config_free(config_ok(BOTH SET("host: \"${TEST_PLAIN}\", interfaces: [{type: snmp, community: \"${TEST_SNMP}\"}]")));
	zync_log_mask(text);
	assert_string_equal(text, "*** *** *** plain-value");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(names); i++) {
		char config[512], value[] = "a-value-0815";

		set(names[i], value);
		(void)snprintf(config, sizeof(config), BOTH SET("host: \"x ${%s}\""), names[i]);
		zync_config_free(config_ok(config));
		zync_log_mask(value);
		assert_string_equal(value, "***");
		zync_log_reset();
	}
}

static void test_fill(void **state)
{
	(void)state;
	env_clear();
	set("NETBOX_HOST", "nb.example.org");
	set("NETBOX_TOKEN", "env-nb-token");
	set("ZABBIX_HOST", "http://127.0.0.1:8070/api_jsonrpc.php");
	set("ZABBIX_USER", "Admin");
	set("ZABBIX_PASS", "env-zbx-pass");
	{
		ZYNC_AUTO_CONFIG c = config_ok(MAPPING);

		assert_string_equal(c->netbox.url, "https://nb.example.org");
		assert_string_equal(c->netbox.instance, "nb.example.org");
		assert_string_equal(zync_secret_reveal(c->netbox.token), "env-nb-token");
		assert_int_equal(c->zabbix.len, 1);
		assert_string_equal(c->zabbix.items[0].name, "zabbix");
		assert_int_equal(c->zabbix.items[0].read_page, 500);
		assert_string_equal(c->zabbix.items[0].url, "http://127.0.0.1:8070/api_jsonrpc.php");
		assert_string_equal(c->zabbix.items[0].username, "Admin");
		assert_string_equal(zync_secret_reveal(c->zabbix.items[0].password), "env-zbx-pass");
	}
	set("ZABBIX_TOKEN", "env-zbx-token");
	{
		/* A token goes before a log-in. */
		ZYNC_AUTO_CONFIG c = config_ok("netbox: {page_size: 3}\nzabbix: {name: z}\n" MAPPING);

		assert_int_equal(c->netbox.page_size, 3);
		assert_string_equal(c->zabbix.items[0].name, "z");
		assert_string_equal(zync_secret_reveal(c->zabbix.items[0].token), "env-zbx-token");
		assert_null(c->zabbix.items[0].username);
		assert_null(c->zabbix.items[0].password);
	}
	{
		/* What the file says wins; a log-in that it begins is completed. Only the first server is filled. */
		ZYNC_AUTO_CONFIG c = config_ok("netbox: {url: https://file, token: file-token}\n"
					       "zabbix: [{name: a, username: other}, {name: b, url: https://b, token: b-token}]\n" MAPPING);

		assert_string_equal(c->netbox.url, "https://file");
		assert_string_equal(zync_secret_reveal(c->netbox.token), "file-token");
		assert_string_equal(c->zabbix.items[0].username, "other");
		assert_string_equal(zync_secret_reveal(c->zabbix.items[0].password), "env-zbx-pass");
		assert_null(c->zabbix.items[0].token);
		assert_string_equal(c->zabbix.items[1].url, "https://b/api_jsonrpc.php");
		assert_null(c->zabbix.items[1].password);
	}
	{
		ZYNC_AUTO_CONFIG c = config_ok("zabbix: {token: file-zbx-token}\n" MAPPING);

		assert_string_equal(zync_secret_reveal(c->zabbix.items[0].token), "file-zbx-token");
		assert_null(c->zabbix.items[0].password);
	}
	set("NETBOX_HOST", "https://u:hidden-pw@h");
	set("NETBOX_TOKEN", "two\nlines");
	assert_string_equal(
		config_bad(MAPPING),
		"environment variable NETBOX_HOST: url: a user and password in the URL are not supported; use the keys for tokens and "
		"passwords; example: https://netbox.example.com\n"
		"environment variable NETBOX_TOKEN: token: the value is a text with a line break; this value is one line\n"
		"z.yaml:1:1: netbox: \"url\" is missing; give the base URL of NetBox, or set NETBOX_HOST\n"
		"z.yaml:1:1: netbox: \"token\" is missing; give token or token_file, or set NETBOX_TOKEN");
}

static void load_bad(const char *path, enum zync_status status, const char *part)
{
	struct zync_config *config = NULL;
	struct zync_err err = {0};

	assert_int_equal(zync_config_load(path, &config, &err), status);
	assert_null(config);
	if (!strstr(err.message, part))
		fail_msg("\"%s\" is not in: %s", part, err.message);
}

static void load_ok(const char *path, const char *expected_path, const char *expected_store)
{
	ZYNC_AUTO_CONFIG config = NULL;
	struct zync_err err = {0};

	if (zync_config_load(path, &config, &err) != ZYNC_OK)
		fail_msg("refused: %s", err.message);
	if (expected_path)
		assert_string_equal(config->path, expected_path);
	else
		assert_null(config->path);
	assert_string_equal(config->store, expected_store);
}

static void test_files(void **state)
{
	const char *dir = dir_enter();
	char home_path[512], home[512];

	(void)state;
	load_bad("nope.yaml", ZYNC_ERR_INVALID, "configuration nope.yaml (from --config) does not exist; write one with \"zync init\"");
	load_bad("nope.yaml/x", ZYNC_ERR_INVALID, "configuration nope.yaml/x (from --config) does not exist");
	assert_int_equal(symlink("loop", "loop"), 0);
	load_bad("loop", ZYNC_ERR_IO, "configuration loop: Too many levels of symbolic links");
	{
		ZYNC_AUTO_BUF large;

		zync_buf_init(&large, (size_t)8 * 1024 * 1024);
		while (large.len <= ZYNC_LIMIT_CONFIG_BYTES)
			zync_buf_adds(&large, "# the longest comment of the world\n");
		file_write("large.yaml", large.data);
	}
	load_bad("large.yaml", ZYNC_ERR_INVALID, "large.yaml: larger than 4194304 bytes");
	load_bad(".", ZYNC_ERR_IO, "configuration .: Is a directory");
	file_write("a.yaml", "store: sqlite:a\n" SMALL);
	load_ok("a.yaml", "a.yaml", "sqlite:a");
	file_write("bad.yaml", "stor: 1\n" SMALL);
	load_bad("bad.yaml", ZYNC_ERR_INVALID, "bad.yaml:1:1: unknown key \"stor\"");
	set("ZYNC_CONFIG", "a.yaml");
	load_ok(NULL, "a.yaml", "sqlite:a");
	set("ZYNC_CONFIG", "nope.yaml");
	load_bad(NULL, ZYNC_ERR_INVALID, "configuration nope.yaml (from ZYNC_CONFIG) does not exist");
	set("ZYNC_CONFIG", "");
	(void)snprintf(home, sizeof(home), "%s/.config", dir);
	(void)snprintf(home_path, sizeof(home_path), "%s/.config/zync/zync.yaml", dir);
	assert_int_equal(mkdir(".config", 0700), 0);
	assert_int_equal(mkdir(".config/zync", 0700), 0);
	file_write(".config/zync/zync.yaml", "store: sqlite:home\n" SMALL);
	set("HOME", dir);
	load_ok(NULL, home_path, "sqlite:home");
	file_write("zync.yaml", "store: sqlite:here\n" SMALL);
	load_ok(NULL, "zync.yaml", "sqlite:here");
	/* A file that is there but cannot be read is not passed over. */
	fault_read(1);
	load_bad(NULL, ZYNC_ERR_IO, "configuration zync.yaml: Input/output error");
	fault_read(0);
	assert_int_equal(remove(".config/zync/zync.yaml"), 0);
	assert_int_equal(rmdir(".config/zync"), 0);
	dir_leave();
}

static void test_without_file(void **state)
{
	(void)state;
	env_clear();
	(void)dir_enter();
	assert_int_not_equal(access("/etc/zync/zync.yaml", F_OK), 0); /* this test cannot run on a machine where Zync is configured */
	load_bad(NULL, ZYNC_ERR_INVALID, "Run \"zync init\" to write one, or set NETBOX_HOST, NETBOX_TOKEN, ZABBIX_HOST and ZABBIX_TOKEN");
	set("NETBOX_HOST", "https://nb");
	set("NETBOX_TOKEN", "env-nb-token");
	set("ZABBIX_HOST", "https://zb");
	set("ZABBIX_USER", "Admin");
	load_bad(NULL, ZYNC_ERR_INVALID, "no configuration: ");
	set("ZABBIX_PASS", "env-pass");
	load_ok(NULL, NULL, "sqlite:zync.db");
	assert_int_equal(unsetenv("ZABBIX_PASS"), 0);
	set("ZABBIX_TOKEN", "env-zb-token");
	{
		ZYNC_AUTO_CONFIG c = NULL;
		struct zync_err err = {0};
		const struct zync_cfg_set *s;

		/* User without a password: the token is what counts. */
		assert_int_equal(zync_config_load(NULL, &c, &err), ZYNC_OK);
		s = &c->mappings.items[0].set;
		assert_int_equal(c->mappings.len, 1);
		assert_string_equal(c->mappings.items[0].name.value, "default");
		assert_string_equal(s->host_groups.items[0].value, "NetBox/{{ site.name | default(\"No site\") }}");
		assert_string_equal(s->templates.items[0].value, "ICMP Ping");
		assert_string_equal(s->interfaces.items[0].type.value, "agent");
		assert_string_equal(zync_secret_reveal(c->zabbix.items[0].token), "env-zb-token");
		assert_null(c->zabbix.items[0].username);
	}
	set("ZABBIX_HOST", "");
	load_bad(NULL, ZYNC_ERR_INVALID, "no configuration: ");
	dir_leave();
}

static void test_load_out_of_memory(void **state)
{
	bool fired = true;
	unsigned long nth = 1;

	(void)state;
	(void)dir_enter();
	file_write("zync.yaml", "netbox: {url: https://h, token_file: nb}\n" ZABBIX MAPPING);
	file_write("nb", "file-token");
	set("HOME", "/nowhere");
	for (; fired; nth++) {
		struct zync_config *config = NULL;
		struct zync_err err = {0};
		enum zync_status status;

		zync_log_reset();
		fault_alloc(nth);
		status = zync_config_load(NULL, &config, &err);
		fired = fault_alloc_fired();
		fault_alloc(0);
		assert_int_equal(status, fired ? ZYNC_ERR_NOMEM : ZYNC_OK);
		assert_int_equal(config == NULL, fired);
		zync_config_free(config);
	}
	assert_true(nth > 4);
	dir_leave();
}

TEST_GROUP(test_environment, cmocka_unit_test_setup(test_expansion, env_known), cmocka_unit_test_setup(test_expansion_errors, env_known),
	   cmocka_unit_test_setup(test_masking, env_known), cmocka_unit_test_setup(test_fill, env_known),
	   cmocka_unit_test_setup(test_files, env_known), cmocka_unit_test_setup(test_without_file, env_known),
	   cmocka_unit_test_setup(test_load_out_of_memory, env_known));
