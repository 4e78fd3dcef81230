/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused, with the whole message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "config_test.h"

struct error_case {
	const char *text;
	const char *message;
};

static void check_cases(const struct error_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *message = config_bad(cases[i].text);

		if (strcmp(message, cases[i].message) != 0)
			fail_msg("%s\nsays:     %s\nexpected: %s", cases[i].text, message, cases[i].message);
	}
}

static void test_keys(void **state)
{
	static const struct error_case cases[] = {
		{"stor: x\n" SMALL, "z.yaml:1:1: unknown key \"stor\"; did you mean \"store\"?"},
		{"\"<<\": {store: x}\n" SMALL, "z.yaml:1:1: unknown key \"<<\"; docs/configuration.md lists the known ones"},
		{"sync: {\n  max_delete: 3}\n" SMALL, "z.yaml:2:3: unknown key \"max_delete\" in sync; did you mean \"max_deletes\"?"},
		{"qqqqqq: 1\n" SMALL, "z.yaml:1:1: unknown key \"qqqqqq\"; docs/configuration.md lists the known ones"},
		{BOTH SET("host_group: x"), "z.yaml:3:19: unknown key \"host_group\" in mappings[].set; did you mean \"host_groups\"?"},
		{"\"a\\nb\\t0123456789012345678901234567890123456789012345678901234567890\": 1\n" SMALL,
		 "z.yaml:1:1: unknown key \"a?b?01234567890123456789012345678901234567890123456789012345…\"; docs/configuration.md lists "
		 "the known ones"},
		{"xüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü: 1\n" SMALL,
		 "z.yaml:1:1: unknown key \"xüüüüüüüüüüüüüüüüüüüüüüüüüüüüü…\"; docs/configuration.md lists the known ones"},
		{BOTH, "z.yaml:1:1: \"mappings\" is missing: Which objects become hosts, and what these hosts have. Every mapping that "
		       "matches counts, in order: later "
		       "single values win, lists add up."},
		{BOTH SET("interfaces: [{port: 1}]"), "z.yaml:3:32: mappings[].set.interfaces[]: \"type\" is missing: Kind of interface."},
		{BOTH SET("tags: [{value: 1}]"), "z.yaml:3:26: mappings[].set.tags[]: \"tag\" is missing: Name of the tag."},
		{BOTH SET("macros: [{macro: \"{$A}\"}]"),
		 "z.yaml:3:28: mappings[].set.macros[]: \"value\" is missing: Its value; for a secret best ${NAME} from the environment."},
	};

	(void)state;
	check_cases(cases, ZYNC_ARRAY_LEN(cases));
}

static void test_types(void **state)
{
	static const struct error_case cases[] = {
		{"sync: 3\n" SMALL, "z.yaml:1:7: sync: expected a mapping with keys, found a single text"},
		{"sync: [3]\n" SMALL, "z.yaml:1:7: sync: expected a mapping with keys, found a list"},
		{"just text\n", "z.yaml:1:1: the configuration: expected a mapping with keys, found a single text"},
		{"- a\n", "z.yaml:1:1: the configuration: expected a mapping with keys, found a list"},
		{"store: [a]\n" SMALL, "z.yaml:1:8: store: expected a text, found a list"},
		{"store: {a: b}\n" SMALL, "z.yaml:1:8: store: expected a text, found a mapping"},
		{NETBOX_X("page_size: many") ZABBIX MAPPING,
		 "z.yaml:1:76: page_size: expected a whole number from 1 to 1000, found \"many\""},
		{NETBOX_X("page_size: 0") ZABBIX MAPPING, "z.yaml:1:76: page_size: expected a whole number from 1 to 1000, found \"0\""},
		{NETBOX_X("page_size: 1001") ZABBIX MAPPING,
		 "z.yaml:1:76: page_size: expected a whole number from 1 to 1000, found \"1001\""},
		{NETBOX_X("page_size: 1.5") ZABBIX MAPPING,
		 "z.yaml:1:76: page_size: expected a whole number from 1 to 1000, found \"1.5\""},
		{NETBOX_X("timeout: 1x") ZABBIX MAPPING,
		 "z.yaml:1:74: timeout: expected a time such as 30s, 2m or 500ms, from 1s to 1h, found \"1x\""},
		{NETBOX_X("timeout: 999ms") ZABBIX MAPPING,
		 "z.yaml:1:74: timeout: expected a time such as 30s, 2m or 500ms, from 1s to 1h, found \"999ms\""},
		{NETBOX_X("timeout: 1d") ZABBIX MAPPING,
		 "z.yaml:1:74: timeout: expected a time such as 30s, 2m or 500ms, from 1s to 1h, found \"1d\""},
		{NETBOX_X("timeout: -1") ZABBIX MAPPING,
		 "z.yaml:1:74: timeout: expected a time such as 30s, 2m or 500ms, from 1s to 1h, found \"-1\""},
		{NETBOX_X("devices: 1") ZABBIX MAPPING, "z.yaml:1:74: devices: expected true or false, found \"1\""},
		{NETBOX_X("devices: [yes]") ZABBIX MAPPING, "z.yaml:1:74: devices: expected true or false, found a list"},
		{NETBOX_X("requests_per_second: -1") ZABBIX MAPPING,
		 "z.yaml:1:86: requests_per_second: expected a number from 0 to 10000, found \"-1\""},
		{NETBOX_X("requests_per_second: 1.") ZABBIX MAPPING,
		 "z.yaml:1:86: requests_per_second: expected a number from 0 to 10000, found \"1.\""},
		{"sync: {max_shrink: 101}\n" SMALL,
		 "z.yaml:1:20: max_shrink: expected a percentage from 0 to 100, such as 20%, found \"101\""},
		{"sync: {max_shrink: lots}\n" SMALL,
		 "z.yaml:1:20: max_shrink: expected a percentage from 0 to 100, such as 20%, found \"lots\""},
		{"netbox: {url: https://h, token_file: [x]}\n" ZABBIX MAPPING,
		 "z.yaml:1:38: token_file: expected the name of a file, found a list"},
		{"ownership: {tls: merge}\n" SMALL, "z.yaml:1:18: tls: expected overwrite or ignore, found \"merge\""},
		{"zabbix: {url: https://h, token: tok-1234, name: a b}\n" NETBOX MAPPING,
		 "z.yaml:1:49: name: only letters, digits, dots, dashes and underscores are allowed"},
		{"sync: {on_missing: keep}\n" SMALL, "z.yaml:1:20: on_missing: expected disable, report or delete, found \"keep\""},
		{"log: {level: loud}\n" SMALL, "z.yaml:1:14: level: expected error, warning, info or debug, found \"loud\""},
		{"ownership: {tags: mine}\n" SMALL, "z.yaml:1:19: tags: expected overwrite, merge or ignore, found \"mine\""},
		{"status: {device: {active: on}}\n" SMALL,
		 "z.yaml:1:27: device: expected a map of names to monitored, disabled, removed or skipped, found \"on\""},
		{"status: {device: {active: [disabled, removed]}}\n" SMALL,
		 "z.yaml:1:19: status: a NetBox status has one meaning, not a list"},
		{"status: {device: [active]}\n" SMALL,
		 "z.yaml:1:18: device: expected a map of names to monitored, disabled, removed or skipped, found a list"},
		{"status: {device: {active: }}\n" SMALL,
		 "z.yaml:1:27: device: expected a map of names to monitored, disabled, removed or skipped, found nothing"},
		{"status: {device: {active: []}}\n" SMALL,
		 "z.yaml:1:27: device: expected a map of names to monitored, disabled, removed or skipped, found a list"},
		{BOTH MATCH("type: printer"),
		 "z.yaml:3:27: type: expected a text or a list of texts of device, virtual_machine or vm, found \"printer\""},
		{BOTH MATCH("site: {a: b}"), "z.yaml:3:27: site: expected a text or a list of texts, found a mapping"},
		{BOTH MATCH("site: [a, [b]]"), "z.yaml:3:31: site: expected a text or a list of texts, found a list"},
		{BOTH MATCH("site: [a, ~]"), "z.yaml:3:31: site: expected a text or a list of texts, found nothing"},
		{BOTH SET("interfaces: {type: agent}"), "z.yaml:3:31: interfaces: expected a list of mappings with keys, found a mapping"},
		{BOTH SET("interfaces: agent"), "z.yaml:3:31: interfaces: expected a list of mappings with keys, found a single text"},
		{BOTH SET("interfaces: [{type: tcp}]"), "z.yaml:3:39: type: expected agent, snmp, ipmi or jmx, found \"tcp\""},
		{BOTH SET("interfaces: [{type: snmp, version: 4}]"), "z.yaml:3:54: version: expected 1, 2, 2c or 3, found \"4\""},
		{BOTH SET("tags: {a: }"),
		 "z.yaml:3:29: tags: expected a list of mappings with keys, or a map of names to values, found nothing"},
		{BOTH SET("tags: {a: [[b]]}"),
		 "z.yaml:3:30: tags: expected a list of mappings with keys, or a map of names to values, found a list"},
		{BOTH SET("tags: {a: {tag: b}}"), "z.yaml:3:29: tags: the key of the map is the tag already"},
		{BOTH SET("macros: {\"{$A}\": {valu: b, value: c}}"),
		 "z.yaml:3:37: unknown key \"valu\" in mappings[].set.macros[]; did you mean \"value\"?"},
		{NETBOX "zabbix: []\n" MAPPING, "z.yaml:2:9: zabbix: expected from 1 to 64 entries, found 0"},
		{"netbox: text\nzabbix: [text]\n" MAPPING, "z.yaml:1:9: netbox: expected a mapping with keys, found a single text\n"
							   "z.yaml:2:10: zabbix: expected a mapping with keys, found a single text"},
		{"zabbix: text\n" NETBOX MAPPING,
		 "z.yaml:1:9: zabbix: expected a list of mappings with keys, or one of them, found a single text"},
		{BOTH "mappings: []\n", "z.yaml:3:11: mappings: expected from 1 to 10000 entries, found 0"},
		{BOTH "mappings: {set: {}}\n", "z.yaml:3:11: mappings: expected a list of mappings with keys, found a mapping"},
	};

	(void)state;
	check_cases(cases, ZYNC_ARRAY_LEN(cases));
}

static void test_limit_texts(void **state)
{
	static const char *const bad[] = {"\"\"",     "ten",  "-1",	  "5 %%",	  "101%",	"1.5", "1 or 2",
					  "1% or 2%", "1 or", "1 and 2%", "1 or 2% or 3", "2000000000", "1e3"};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(bad); i++) {
		char text[512];
		const char *message;

		(void)snprintf(text, sizeof(text), "sync: {max_deletes: %s}\n" SMALL, bad[i]);
		message = config_bad(text);
		assert_ptr_equal(strstr(message, "z.yaml:1:21: max_deletes: "), message);
		assert_null(strchr(message, '\n'));
	}
	assert_string_equal(config_bad("sync: {max_deletes: {count: -1}}\n" SMALL),
			    "z.yaml:1:29: count: expected a whole number from 0 to 1000000000, found \"-1\"");
	assert_string_equal(config_bad("sync: {max_deletes: {cont: 1}}\n" SMALL),
			    "z.yaml:1:22: unknown key \"cont\" in limit; did you mean \"count\"?");
}

static void test_service(void **state)
{
	static const struct error_case cases[] = {
		{"service: {sync_every: 90s}\n" SMALL,
		 "z.yaml:1:23: sync_every: expected a time in whole minutes such as 30m, 12h or 7d, from 0 to 365d, found \"90s\""},
		{"service:\n  pull_every: 60\n" SMALL,
		 "z.yaml:2:15: pull_every: expected a time in whole minutes such as 30m, 12h or 7d, from 0 to 365d, found \"60\""},
		{"service: {refresh_every: 1.01m}\n" SMALL,
		 "z.yaml:1:26: refresh_every: expected a time in whole minutes such as 30m, 12h or 7d, from 0 to 365d, found \"1.01m\""},
		{"service: {refresh_older_than: 1s}\n" SMALL,
		 "z.yaml:1:31: refresh_older_than: expected a time in whole minutes such as 30m, 12h or 7d, from 0 to 365d, found \"1s\""},
		{"service: {import_every: 366d}\n" SMALL,
		 "z.yaml:1:25: import_every: expected a time in whole minutes such as 30m, 12h or 7d, from 0 to 365d, found \"366d\""},
		{"service: {clean_up_every: never}\n" SMALL,
		 "z.yaml:1:27: clean_up_every: expected a time in whole minutes such as 30m, 12h or 7d, from 0 to 365d, found \"never\""},
		{"service: {job_timeout: 31d}\n" SMALL,
		 "z.yaml:1:24: job_timeout: expected a time such as 30m, 12h or 7d, from 0 to 30d, found \"31d\""},
		{"service: {workers: 0}\n" SMALL, "z.yaml:1:20: workers: expected a whole number from 1 to 16, found \"0\""},
		{"service: {workers: 17}\n" SMALL, "z.yaml:1:20: workers: expected a whole number from 1 to 16, found \"17\""},
		{"service: {sync_evry: 1m}\n" SMALL, "z.yaml:1:11: unknown key \"sync_evry\" in service; did you mean \"sync_every\"?"},
		{"retention: {age: -1d}\n" SMALL,
		 "z.yaml:1:18: age: expected a time such as 30m, 12h or 7d, from 0 to 36500d, found \"-1d\""},
		{"retention: {age: 36501d}\n" SMALL,
		 "z.yaml:1:18: age: expected a time such as 30m, 12h or 7d, from 0 to 36500d, found \"36501d\""},
		{"retention: {max_events: -1}\n" SMALL,
		 "z.yaml:1:25: max_events: expected a whole number from 0 to 1000000000, found \"-1\""},
		{"retention: {max_jobs: many}\n" SMALL,
		 "z.yaml:1:23: max_jobs: expected a whole number from 0 to 1000000000, found \"many\""},
		{"sync: {intent_journal: maybe}\n" SMALL, "z.yaml:1:24: intent_journal: expected true or false, found \"maybe\""},
		{"sync: {max_vanished: 1 and 2%}\n" SMALL,
		 "z.yaml:1:22: max_vanished: expected a limit such as 10, 5%, 10 or 5%, none, or {count: 10, percent: 5}, found \"1 and "
		 "2%\""},
	};

	(void)state;
	check_cases(cases, ZYNC_ARRAY_LEN(cases));
}

static void test_texts(void **state)
{
	static const struct error_case cases[] = {
		{"store: \"\"\n" SMALL, "z.yaml:1:8: store: the value is empty; remove the key or give a value"},
		{"store: \"a\\0b\"\n" SMALL, "z.yaml:1:8: store: the value holds a NUL character"},
		{"store: \"a\\x01b\"\n" SMALL, "z.yaml:1:8: store: the value is a text with a control character"},
		{"store: \"a\\x7fb\"\n" SMALL, "z.yaml:1:8: store: the value is a text with a control character"},
		{"store: \"a\\nb\"\n" SMALL, "z.yaml:1:8: store: the value is a text with a line break; this value is one line"},
		{"store: \"a\\tb\"\n" SMALL, "z.yaml:1:8: store: the value is a text with a tab"},
		{"store: mysql://x\n" SMALL, "z.yaml:1:8: store: expected sqlite:PATH or postgresql://…; example: sqlite:zync.db"},
		{"store: \"sqlite:\"\n" SMALL, "z.yaml:1:8: store: expected sqlite:PATH or postgresql://…; example: sqlite:zync.db"},
		{"sync: {graveyard_group: /a}\n" SMALL,
		 "z.yaml:1:25: graveyard_group: a host group name has no empty part before, between or after slashes"},
		{"sync: {graveyard_group: a//b}\n" SMALL,
		 "z.yaml:1:25: graveyard_group: a host group name has no empty part before, between or after slashes"},
		{"sync: {graveyard_group: a/}\n" SMALL,
		 "z.yaml:1:25: graveyard_group: a host group name has no empty part before, between or after slashes"},
		{"sync: {graveyard_suffix: \" (old)\"}\n" SMALL, "z.yaml:1:26: graveyard_suffix: a technical host name may only have "
								 "letters, digits, spaces, dots, dashes and underscores"},
		{"sync: {graveyard_suffix: \"_x \"}\n" SMALL,
		 "z.yaml:1:26: graveyard_suffix: at most 32 characters, not ending in a space"},
		{NETBOX_X("instance: \"a:b\"") ZABBIX MAPPING,
		 "z.yaml:1:75: instance: only letters, digits, dots, dashes and underscores are allowed"},
		{NETBOX_X("hostid_field: a b") ZABBIX MAPPING,
		 "z.yaml:1:79: hostid_field: only letters, digits, dots, dashes and underscores are allowed"},
		{NETBOX_X("devices: false, virtual_machines: false") ZABBIX MAPPING,
		 "z.yaml:1:9: netbox: devices and virtual_machines are both switched off; nothing is left to read"},
		{BOTH SET("inventory: {\"a\\nb\": c}"),
		 "z.yaml:3:31: inventory: the value is a text with a line break; this value is one line"},
		{BOTH SET("inventory: {\"\": c}"), "z.yaml:3:31: inventory: the value is empty; remove the key or give a value"},
		{BOTH SET("proxy: a, proxy_group: b"),
		 "z.yaml:3:18: \"proxy\" and \"proxy_group\" are both set; a host has one or the other"},
		{BOTH SET("macros: [{macro: \"{$A}\", value: 1},\n {macro: \"{$A}\", value: 2}]"),
		 "z.yaml:4:10: macros: the same macro is given twice, first in line 3"},
		{BOTH SET("macros: {\"{$A}\": [1, 2]}"), "z.yaml:3:28: macros: the same macro is given twice, first in line 3"},
	};
	ZYNC_AUTO_BUF text;

	(void)state;
	check_cases(cases, ZYNC_ARRAY_LEN(cases));
	zync_buf_init(&text, 1u << 20);
	zync_buf_adds(&text, SMALL "store: sqlite:");
	for (size_t i = 0; i < ZYNC_LIMIT_TEMPLATE_SOURCE; i++)
		zync_buf_addc(&text, 'x');
	assert_string_equal(config_bad(text.data), "z.yaml:4:8: store: the value is longer than 16384 bytes");
	zync_buf_clear(&text);
	zync_buf_printf(&text, NETBOX_X("instance: %0129d") ZABBIX MAPPING "sync: {graveyard_suffix: %033d, graveyard_group: %0256d}\n", 0,
			0, 0);
	assert_string_equal(config_bad(text.data), "z.yaml:1:75: instance: longer than 128 characters\n"
						   "z.yaml:4:26: graveyard_suffix: at most 32 characters, not ending in a space\n"
						   "z.yaml:4:78: graveyard_group: a host group name has at most 255 characters");
}

static void test_url_errors(void **state)
{
	static const struct {
		const char *url, *problem;
	} cases[] = {
		{"h.example.com", "expected a URL that begins with https:// or http://"},
		{"ftp://h", "expected a URL that begins with https:// or http://"},
		{"https://", "the URL has no host"},
		{"https:///x", "the URL has no host"},
		{"https://:80", "the URL has no host"},
		{"https://user:s3cretpw@h", "a user and password in the URL are not supported; use the keys for tokens and passwords"},
		{"https://a b", "the URL holds a character that no URL may have"},
		{"https://{{ x }}", "the URL holds a character that no URL may have"},
		{"https://[::1", "the IPv6 address in the URL is not valid"},
		{"https://[]", "the IPv6 address in the URL is not valid"},
		{"https://[x]", "the IPv6 address in the URL is not valid"},
		{"https://[::1]x", "the port of the URL is not a number from 1 to 65535"},
		{"https://h:", "the port of the URL is not a number from 1 to 65535"},
		{"https://h:0", "the port of the URL is not a number from 1 to 65535"},
		{"https://h:65536", "the port of the URL is not a number from 1 to 65535"},
		{"https://h:999999", "the port of the URL is not a number from 1 to 65535"},
		{"https://h:8x", "the port of the URL is not a number from 1 to 65535"},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		char text[512], expected[512];

		(void)snprintf(text, sizeof(text), "netbox: {url: \"%s\", token: some-token}\n" ZABBIX MAPPING, cases[i].url);
		(void)snprintf(expected, sizeof(expected), "z.yaml:1:15: url: %s; example: https://netbox.example.com", cases[i].problem);
		assert_string_equal(config_bad(text), expected);
		(void)snprintf(text, sizeof(text), "zabbix: {url: \"%s\", token: some-token}\n" NETBOX MAPPING, cases[i].url);
		(void)snprintf(expected, sizeof(expected), "z.yaml:1:15: url: %s; example: https://zabbix.example.com", cases[i].problem);
		assert_string_equal(config_bad(text), expected);
	}
	assert_string_equal(config_bad("netbox: {url: \"https://h?x\", token: some-token}\n" ZABBIX MAPPING),
			    "z.yaml:1:15: url: the base URL of NetBox has no \"?\" or \"#\"; example: https://netbox.example.com");
	assert_string_equal(config_bad("zabbix: {url: \"https://h/#x\", token: some-token}\n" NETBOX MAPPING),
			    "z.yaml:1:15: url: the URL of Zabbix has no \"?\" or \"#\"; example: https://zabbix.example.com");
}

static void test_access(void **state)
{
	static const struct error_case cases[] = {
		{"netbox: {url: https://h, token: tok-1234, token_file: f}\n" ZABBIX MAPPING,
		 "z.yaml:1:55: token_file: the same secret is also given as text; keep one of the two"},
		{"zabbix: {url: https://h, token: tok-1234, username: u, password: pass-1}\n" NETBOX MAPPING,
		 "z.yaml:1:9: zabbix: token and username or password are both given; keep one way to log in"},
		{"zabbix: {url: https://h, token: tok-1234, password: pass-1}\n" NETBOX MAPPING,
		 "z.yaml:1:9: zabbix: token and username or password are both given; keep one way to log in"},
		{"zabbix: {url: https://h, username: u}\n" NETBOX MAPPING,
		 "z.yaml:1:9: zabbix: \"username\" without a password; give password or password_file, or set ZABBIX_PASS"},
		{"zabbix: {url: https://h, password: pass-1}\n" NETBOX MAPPING,
		 "z.yaml:1:9: zabbix: a password without \"username\"; give it, or set ZABBIX_USER"},
		{"zabbix: [{url: https://h, token: tok-1234}, {url: https://i, token: tok-1234}]\n" NETBOX MAPPING,
		 "z.yaml:1:45: zabbix: two servers have the name \"zabbix\"; give each a \"name\" of its own"},
		{"zabbix: [{url: https://h, token: tok-1234}, {name: b}]\n" NETBOX MAPPING,
		 "z.yaml:1:45: zabbix: \"url\" is missing; give the URL of the Zabbix frontend, or set ZABBIX_HOST\n"
		 "z.yaml:1:45: zabbix: \"token\" is missing; give token, token_file, or username and password, or set ZABBIX_TOKEN"},
	};

	(void)state;
	check_cases(cases, ZYNC_ARRAY_LEN(cases));
	env_clear();
	assert_string_equal(
		config_bad(MAPPING),
		"z.yaml:1:1: netbox: \"url\" is missing; give the base URL of NetBox, or set NETBOX_HOST\n"
		"z.yaml:1:1: netbox: \"token\" is missing; give token or token_file, or set NETBOX_TOKEN\n"
		"z.yaml:1:1: zabbix: \"url\" is missing; give the URL of the Zabbix frontend, or set ZABBIX_HOST\n"
		"z.yaml:1:1: zabbix: \"token\" is missing; give token, token_file, or username and password, or set ZABBIX_TOKEN");
	assert_string_equal(config_bad("a: 1\nnetbox: {url: https://h}\n" MAPPING "zabbix:\n  url: https://h\n  token: tok-1234\n"),
			    "z.yaml:1:1: unknown key \"a\"; docs/configuration.md lists the known ones\n"
			    "z.yaml:2:9: netbox: \"token\" is missing; give token or token_file, or set NETBOX_TOKEN");
}

static void test_secret_files(void **state)
{
	const char *text = "netbox: {url: https://h, token_file: nb}\nzabbix: {url: https://h, username: u, password_file: zb}\n" MAPPING;

	(void)state;
	(void)dir_enter();
	assert_string_equal(config_bad(text), "z.yaml:1:38: token_file: opening secret file nb: No such file or directory\n"
					      "z.yaml:2:54: password_file: opening secret file zb: No such file or directory");
	file_write("nb", "file-token-55\n");
	file_write("zb", "file-pass-66\n");
	{
		ZYNC_AUTO_CONFIG c = config_ok(text);

		assert_string_equal(zync_secret_reveal(c->netbox.token), "file-token-55");
		assert_string_equal(zync_secret_reveal(c->zabbix.items[0].password), "file-pass-66");
		assert_null(c->zabbix.items[0].token);
	}
	assert_string_equal(config_bad("netbox: {url: https://h, token_file: nb, token: tok-1234}\n" ZABBIX MAPPING),
			    "z.yaml:1:49: token: the same secret is also given by file; keep one of the two");
	dir_leave();
}

/* Many problems: in the order of the file, whole lines, and the number of those that did not fit. */
static void test_many(void **state)
{
	ZYNC_AUTO_BUF text;
	const char *message;
	size_t lines = 1;
	unsigned left = 0;

	(void)state;
	zync_buf_init(&text, 1u << 20);
	zync_buf_adds(&text, SMALL);
	for (int i = 0; i < 30; i++)
		zync_buf_printf(&text, "unknown_key_%d: 1\n", i);
	message = config_bad(text.data);
	assert_ptr_equal(strstr(message, "z.yaml:4:1: unknown key \"unknown_key_0\"; docs/"), message);
	for (const char *s = message; (s = strchr(s, '\n')) != NULL; s++)
		lines++;
	assert_int_equal(sscanf(strrchr(message, '\n'), "\nand %u more problems", &left), 1);
	assert_int_equal(lines - 1 + left, 30);
	assert_int_equal(lines - 1, 20);
	zync_buf_clear(&text);
	zync_buf_adds(&text, SMALL);
	for (int i = 0; i < 30; i++)
		zync_buf_printf(&text, "a_very_long_unknown_key_that_fills_the_message_quickly_with_%d: 1\n", i);
	message = config_bad(text.data);
	assert_true(strlen(message) < ZYNC_ERR_MESSAGE_SIZE - 1);
	lines = 1;
	for (const char *s = message; (s = strchr(s, '\n')) != NULL; s++)
		lines++;
	assert_true(lines > 5 && lines < 20);
	assert_int_equal(sscanf(strrchr(message, '\n'), "\nand %u more problems", &left), 1);
	assert_int_equal(lines - 1 + left, 30);
	message = config_bad("zz: 1\naa: 1\n" NETBOX ZABBIX);
	assert_non_null(strstr(message, "z.yaml:1:1: \"mappings\" is missing"));
	assert_true(strstr(message, "\"mappings\" is missing") < strstr(message, "z.yaml:2:1:"));
}

/* Whatever is wrong, the values of secrets are not in the message. */
static void test_no_secret_in_messages(void **state)
{
	static const char *const secret = "Vq7-very-secret";
	static const char *const texts[] = {
		"netbox: {url: https://h, token: \"Vq7-very-secret\", token_file: x}\n" ZABBIX MAPPING,
		"netbox: {url: \"https://u:Vq7-very-secret@h\", token: a}\n" ZABBIX MAPPING,
		"netbox: Vq7-very-secret\n" ZABBIX MAPPING,
		"netbox: {url: https://h, token: \"Vq7-very-secret\\n\"}\n" ZABBIX MAPPING,
		"netbox: {url: https://h, token: [Vq7-very-secret]}\n" ZABBIX MAPPING,
		"netbox: {url: https://h, token: {Vq7-very-secret: 1}}\n" ZABBIX MAPPING,
		NETBOX_X("page_size: \"${TEST_SECRET}\"") ZABBIX MAPPING,
		NETBOX_X("devices: \"${TEST_SECRET}\"") ZABBIX MAPPING,
		"sync: {on_missing: \"${TEST_SECRET}\", max_deletes: \"x${TEST_SECRET}\"}\n" SMALL,
		"status: {device: {active: \"${TEST_SECRET}\"}}\n" SMALL,
		"sync: {on_missing: \"${TEST_PLAIN}\", max_deletes: \"x${TEST_PLAIN}\"}\n" SMALL,
		"store: \"mysql://u:${TEST_SECRET}@h\"\n" SMALL,
		BOTH SET("interfaces: [{type: \"${TEST_SECRET}\"}, {type: snmp, community: [\"Vq7-very-secret\"]}]"),
		BOTH SET("macros: [{macro: \"{$A}\", value: Vq7-very-secret, type: secret}, {macro: \"{$A}\", value: {a: "
			 "Vq7-very-secret}}]"),
	};

	(void)state;
	/* The name of the second does not speak of a secret: its value is not masked, and hidden all the same. */
	assert_int_equal(setenv("TEST_SECRET", secret, 1), 0);
	assert_int_equal(setenv("TEST_PLAIN", secret, 1), 0);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(texts); i++) {
		const char *message;

		zync_log_reset();
		message = config_bad(texts[i]);
		if (strstr(message, secret))
			fail_msg("the secret is in: %s", message);
	}
	assert_int_equal(unsetenv("TEST_SECRET"), 0);
	assert_int_equal(unsetenv("TEST_PLAIN"), 0);
}

TEST_GROUP(test_errors, cmocka_unit_test_setup(test_keys, env_known), cmocka_unit_test_setup(test_types, env_known),
	   cmocka_unit_test_setup(test_limit_texts, env_known), cmocka_unit_test_setup(test_service, env_known),
	   cmocka_unit_test_setup(test_texts, env_known), cmocka_unit_test_setup(test_url_errors, env_known),
	   cmocka_unit_test_setup(test_access, env_known), cmocka_unit_test_setup(test_secret_files, env_known),
	   cmocka_unit_test_setup(test_many, env_known), cmocka_unit_test_setup(test_no_secret_in_messages, env_known));
