/* SPDX-License-Identifier: Apache-2.0 */
/* Every type and every key: what a text becomes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_test.h"

static void assert_text(const struct zync_cfg_text *text, const char *value)
{
	if (!value) {
		assert_null(text->value);
		return;
	}
	assert_non_null(text->value);
	assert_string_equal(text->value, value);
}

static void assert_texts(const struct zync_cfg_texts *texts, const char *a, const char *b)
{
	assert_int_equal(texts->len, (a ? 1 : 0) + (b ? 1 : 0));
	if (a)
		assert_text(&texts->items[0], a);
	if (b)
		assert_text(&texts->items[1], b);
}

static void test_defaults(void **state)
{
	ZYNC_AUTO_CONFIG c = config_ok(SMALL);
	const struct zync_cfg_zabbix *z = &c->zabbix.items[0];

	(void)state;
	assert_string_equal(c->netbox.url, "https://nb.example.com");
	assert_string_equal(zync_secret_reveal(c->netbox.token), NETBOX_TOKEN_VALUE);
	assert_null(c->netbox.ca_file);
	assert_true(c->netbox.verify_tls);
	assert_int_equal(c->netbox.timeout_ms, 60000);
	assert_true(c->netbox.requests_per_second == 0);
	assert_int_equal(c->netbox.page_size, 500);
	assert_string_equal(c->netbox.instance, "nb.example.com");
	assert_true(c->netbox.devices && c->netbox.virtual_machines);
	assert_int_equal(c->netbox.device_filter.len + c->netbox.vm_filter.len, 0);
	assert_string_equal(c->netbox.hostid_field, "zabbix_hostid");
	assert_false(c->netbox.write_back || c->netbox.journal);
	assert_int_equal(c->zabbix.len, 1);
	assert_string_equal(z->name, "zabbix");
	assert_string_equal(z->url, "https://zbx.example.com/api_jsonrpc.php");
	assert_string_equal(zync_secret_reveal(z->token), ZABBIX_TOKEN_VALUE);
	assert_null(z->username);
	assert_null(z->password);
	assert_true(z->verify_tls);
	assert_int_equal(z->timeout_ms, 120000);
	assert_int_equal(z->read_page, 500);
	assert_int_equal(z->write_batch, 100);
	assert_int_equal(z->target_call_ms, 1000);
	assert_int_equal(z->max_in_flight, 1);
	assert_int_equal(z->pos.line, 2);
	assert_int_equal(z->pos.column, 9);
	assert_string_equal(c->store, "sqlite:zync.db");
	assert_string_equal(c->key_file, "zync.db.key");
	assert_int_equal(c->log.level, ZYNC_LOG_INFO);
	assert_int_equal(c->log.format, ZYNC_LOG_TEXT);
	assert_null(c->path);
	assert_ptr_equal(zync_config_zabbix(c, NULL), z);
	assert_ptr_equal(zync_config_zabbix(c, "zabbix"), z);
	assert_null(zync_config_zabbix(c, "other"));
}

static void test_defaults_of_a_run(void **state)
{
	ZYNC_AUTO_CONFIG c = config_ok(SMALL);
	const struct zync_cfg_text *const owned[] = {&c->ownership.groups,	&c->ownership.templates, &c->ownership.tags,
						     &c->ownership.macros,	&c->ownership.inventory, &c->ownership.interfaces,
						     &c->ownership.description, &c->ownership.proxy};

	(void)state;
	assert_int_equal(c->sync.on_missing, ZYNC_ON_MISSING_DISABLE);
	assert_int_equal(c->sync.delete_mode, ZYNC_DELETE_SOFT);
	assert_string_equal(c->sync.graveyard_group, "Zync/Graveyard");
	assert_string_equal(c->sync.graveyard_suffix, "_deleted");
	assert_true(c->sync.max_deletes.count == 10 && c->sync.max_deletes.percent == 5);
	assert_true(c->sync.max_disables.count == 50 && c->sync.max_disables.percent == 10);
	assert_true(c->sync.max_changes.count == -1 && c->sync.max_changes.percent < 0);
	assert_true(c->sync.max_shrink_percent == 20);
	assert_true(c->sync.max_vanished.count == 10 && c->sync.max_vanished.percent == 5);
	assert_int_equal(c->sync.host_events, ZYNC_EVENT_HOSTS_CHANGED);
	assert_true(c->sync.intent_journal);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(owned); i++)
		assert_text(owned[i], "overwrite");
}

static void test_defaults_of_the_service(void **state)
{
	ZYNC_AUTO_CONFIG c = config_ok(SMALL);

	(void)state;
	assert_int_equal(c->service.workers, 2);
	assert_int_equal(c->service.job_timeout_ms, 0);
	assert_int_equal(c->service.sync_every_ms, 0);
	assert_int_equal(c->service.pull_every_ms, 0);
	assert_int_equal(c->service.refresh_every_ms, 60 * 60000);
	assert_int_equal(c->service.refresh_older_than_ms, 60 * 60000);
	assert_int_equal(c->service.import_every_ms, INT64_C(24) * 3600000);
	assert_int_equal(c->service.clean_up_every_ms, INT64_C(24) * 3600000);
	assert_int_equal(c->retention.age_ms, INT64_C(365) * 86400000);
	assert_int_equal(c->retention.max_events, 1000000);
	assert_int_equal(c->retention.max_jobs, 10000);
}

static void test_service_keys(void **state)
{
	ZYNC_AUTO_CONFIG c = config_ok(
		"service: {workers: 16, job_timeout: 90s, sync_every: 15m, pull_every: 0.5h, refresh_every: 0, refresh_older_than: 2h,\n"
		"  import_every: 7d, clean_up_every: \"60 s\"}\n"
		"retention: {age: 30d, max_events: 5, max_jobs: 0}\n"
		"sync: {max_vanished: 3 or 20%, intent_journal: off}\n" SMALL);
	ZYNC_AUTO_CONFIG other =
		config_ok("service: {workers: 1, job_timeout: 30d, sync_every: 365d, pull_every: 120000ms, refresh_every: 0s}\n"
			  "retention: {age: 36500d, max_events: 1000000000}\n" SMALL);

	(void)state;
	assert_int_equal(c->service.workers, 16);
	assert_int_equal(c->service.job_timeout_ms, 90000);
	assert_int_equal(c->service.sync_every_ms, 15 * 60000);
	assert_int_equal(c->service.pull_every_ms, 30 * 60000);
	assert_int_equal(c->service.refresh_every_ms, 0);
	assert_int_equal(c->service.refresh_older_than_ms, 120 * 60000);
	assert_int_equal(c->service.import_every_ms, INT64_C(7) * 86400000);
	assert_int_equal(c->service.clean_up_every_ms, 60000);
	assert_int_equal(c->retention.age_ms, INT64_C(30) * 86400000);
	assert_int_equal(c->retention.max_events, 5);
	assert_int_equal(c->retention.max_jobs, 0);
	assert_true(c->sync.max_vanished.count == 3 && c->sync.max_vanished.percent == 20);
	assert_false(c->sync.intent_journal);
	assert_int_equal(other->service.job_timeout_ms, INT64_C(30) * 86400000);
	assert_int_equal(other->service.sync_every_ms, INT64_C(365) * 86400000);
	assert_int_equal(other->service.pull_every_ms, 120000);
	assert_int_equal(other->service.refresh_every_ms, 0);
	assert_int_equal(other->retention.age_ms, INT64_C(36500) * 86400000);
	assert_int_equal(other->retention.max_events, 1000000000);
}

static const char *pair_value(const struct zync_cfg_pairs *pairs, const char *key)
{
	const char *found = NULL;

	for (size_t i = 0; i < pairs->len; i++) {
		if (strcmp(pairs->items[i].key.value, key) == 0) {
			assert_null(found); /* a key stands there once */
			assert_int_equal(pairs->items[i].values.len, 1);
			found = pairs->items[i].values.items[0].value;
		}
	}
	return found ? found : "-";
}

static void test_status(void **state)
{
	ZYNC_AUTO_CONFIG defaults = config_ok(SMALL);
	ZYNC_AUTO_CONFIG c = config_ok("status: {device: {failed: Monitored, active: skipped}}\n" SMALL);

	(void)state;
	assert_int_equal(defaults->status.device.len, 6);
	assert_string_equal(pair_value(&defaults->status.device, "offline"), "disabled");
	assert_string_equal(pair_value(&defaults->status.device, "planned"), "disabled");
	assert_string_equal(pair_value(&defaults->status.device, "staged"), "disabled");
	assert_string_equal(pair_value(&defaults->status.device, "failed"), "disabled");
	assert_string_equal(pair_value(&defaults->status.device, "decommissioning"), "removed");
	assert_string_equal(pair_value(&defaults->status.device, "inventory"), "removed");
	assert_int_equal(defaults->status.virtual_machine.len, 6);
	assert_string_equal(pair_value(&defaults->status.virtual_machine, "paused"), "disabled");
	assert_string_equal(pair_value(&defaults->status.virtual_machine, "decommissioning"), "removed");
	assert_int_equal(defaults->status.device.items[0].key.pos.line, 0);
	assert_int_equal(c->status.device.len, 7);
	assert_string_equal(pair_value(&c->status.device, "failed"), "monitored");
	assert_string_equal(pair_value(&c->status.device, "active"), "skipped");
	assert_string_equal(pair_value(&c->status.device, "offline"), "disabled");
	assert_int_equal(c->status.virtual_machine.len, 6);
}

static void test_netbox_keys(void **state)
{
	ZYNC_AUTO_CONFIG c = config_ok(
		NETBOX_X("ca_file: /ca.pem, verify_tls: No, timeout: 2m, requests_per_second: 2.5, page_size: 50, instance: lab_1, "
			 "devices: false, device_filter: {tag: [a, b], id: 7}, vm_filter: {site: x}, hostid_field: zid, "
			 "write_back: yes, journal: on") ZABBIX MAPPING);

	(void)state;
	assert_string_equal(c->netbox.ca_file, "/ca.pem");
	assert_false(c->netbox.verify_tls);
	assert_int_equal(c->netbox.timeout_ms, 120000);
	assert_true(c->netbox.requests_per_second == 2.5);
	assert_int_equal(c->netbox.page_size, 50);
	assert_string_equal(c->netbox.instance, "lab_1");
	assert_false(c->netbox.devices);
	assert_true(c->netbox.virtual_machines);
	assert_int_equal(c->netbox.device_filter.len, 2);
	assert_text(&c->netbox.device_filter.items[0].key, "tag");
	assert_texts(&c->netbox.device_filter.items[0].values, "a", "b");
	assert_texts(&c->netbox.device_filter.items[1].values, "7", NULL);
	assert_texts(&c->netbox.vm_filter.items[0].values, "x", NULL);
	assert_string_equal(c->netbox.hostid_field, "zid");
	assert_true(c->netbox.write_back && c->netbox.journal);
}

static void test_zabbix_keys(void **state)
{
	ZYNC_AUTO_CONFIG c =
		config_ok(NETBOX "zabbix:\n"
				 "  - {name: a, url: https://a, token: tok-a-123, ca_file: c, verify_tls: false, timeout: 1500ms,\n"
				 "     requests_per_second: 3, read_page: 5000, write_batch: 1, target_call_ms: 50, max_in_flight: 1}\n"
				 "  - {name: b, url: https://b, username: Admin, password: pass-b-123}\n" MAPPING);
	const struct zync_cfg_zabbix *a = zync_config_zabbix(c, "a"), *b = zync_config_zabbix(c, "b");

	(void)state;
	assert_int_equal(c->zabbix.len, 2);
	assert_ptr_equal(zync_config_zabbix(c, NULL), a);
	assert_string_equal(a->ca_file, "c");
	assert_false(a->verify_tls);
	assert_int_equal(a->timeout_ms, 1500);
	assert_true(a->requests_per_second == 3);
	assert_int_equal(a->read_page, 5000);
	assert_int_equal(a->write_batch, 1);
	assert_int_equal(a->target_call_ms, 50);
	assert_int_equal(a->max_in_flight, 1);
	assert_string_equal(zync_secret_reveal(a->token), "tok-a-123");
	assert_null(b->token);
	assert_string_equal(b->username, "Admin");
	assert_string_equal(zync_secret_reveal(b->password), "pass-b-123");
	assert_int_equal(b->pos.line, 5);
}

static void test_root_keys(void **state)
{
	ZYNC_AUTO_CONFIG c = config_ok(
		"store: \"sqlite:/var/lib/zync/z.db\"\nlog: {level: debug, format: json}\n"
		"sync: {on_missing: DELETE, delete_mode: hard, graveyard_group: Old/Hosts, graveyard_suffix: -gone, max_shrink: 12.5,\n"
		"  host_events: all, max_deletes: none, max_disables: {count: 3}, max_changes: {percent: 2%, count: 4}}\n"
		"ownership: {groups: merge, proxy: ignore}\n" SMALL);
	ZYNC_AUTO_CONFIG pg = config_ok("store: postgresql://zync:pg-pass-77@db/zync\n" SMALL);
	ZYNC_AUTO_CONFIG key = config_ok("key_file: /etc/zync/key\n" SMALL);
	char masked[] = "login pg-pass-77 refused";

	(void)state;
	assert_string_equal(c->store, "sqlite:/var/lib/zync/z.db");
	assert_string_equal(c->key_file, "/var/lib/zync/z.db.key");
	assert_int_equal(c->log.level, ZYNC_LOG_DEBUG);
	assert_int_equal(c->log.format, ZYNC_LOG_JSON);
	assert_int_equal(c->sync.on_missing, ZYNC_ON_MISSING_DELETE);
	assert_int_equal(c->sync.delete_mode, ZYNC_DELETE_HARD);
	assert_string_equal(c->sync.graveyard_group, "Old/Hosts");
	assert_string_equal(c->sync.graveyard_suffix, "-gone");
	assert_true(c->sync.max_shrink_percent == 12.5);
	assert_int_equal(c->sync.host_events, ZYNC_EVENT_HOSTS_ALL);
	assert_true(c->sync.max_deletes.count == -1 && c->sync.max_deletes.percent < 0);
	assert_true(c->sync.max_disables.count == 3 && c->sync.max_disables.percent < 0);
	assert_true(c->sync.max_changes.count == 4 && c->sync.max_changes.percent == 2);
	assert_text(&c->ownership.groups, "merge");
	assert_text(&c->ownership.proxy, "ignore");
	assert_text(&c->ownership.tags, "overwrite");
	assert_string_equal(pg->store, "postgresql://zync:pg-pass-77@db/zync");
	assert_string_equal(pg->key_file, "zync.key");
	zync_log_mask(masked);
	assert_string_equal(masked, "login *** refused");
	assert_string_equal(key->key_file, "/etc/zync/key");
}

static void test_urls(void **state)
{
	static const struct {
		const char *given, *netbox, *zabbix, *instance;
	} cases[] = {
		{"https://h", "https://h", "https://h/api_jsonrpc.php", "h"},
		{"https://h/", "https://h", "https://h/api_jsonrpc.php", "h"},
		{"HTTP://User.Example.COM:8080//", "http://user.example.com:8080", "http://user.example.com:8080/api_jsonrpc.php",
		 "user.example.com"},
		{"https://h/Base/path/", "https://h/Base/path", "https://h/Base/path/api_jsonrpc.php", "h"},
		{"https://h/x/api/", "https://h/x", "https://h/x/api/api_jsonrpc.php", "h"},
		{"https://h/api", "https://h", "https://h/api/api_jsonrpc.php", "h"},
		{"http://127.0.0.1:80/", "http://127.0.0.1:80", "http://127.0.0.1:80/api_jsonrpc.php", "127.0.0.1"},
		{"http://[FE80::1]:80", "http://[fe80::1]:80", "http://[fe80::1]:80/api_jsonrpc.php", "fe80--1"},
		{"https://h/zabbix/api_jsonrpc.php", NULL, "https://h/zabbix/api_jsonrpc.php", NULL},
		{"https://h/index.php", NULL, "https://h/api_jsonrpc.php", NULL},
		{"https://h/z/zabbix.php?action=dashboard.view#x", NULL, "https://h/z/api_jsonrpc.php", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		ZYNC_AUTO_CONFIG c = NULL;

		assert_int_equal(setenv("TEST_URL", cases[i].given, 1), 0);
		c = config_ok("zabbix: {url: \"${TEST_URL}\", token: some-token}\n" NETBOX MAPPING);
		assert_string_equal(c->zabbix.items[0].url, cases[i].zabbix);
		if (cases[i].netbox) {
			ZYNC_AUTO_CONFIG n = config_ok("netbox: {url: \"${TEST_URL}\", token: some-token}\n" ZABBIX MAPPING);

			assert_string_equal(n->netbox.url, cases[i].netbox);
			assert_string_equal(n->netbox.instance, cases[i].instance);
		}
	}
	assert_int_equal(unsetenv("TEST_URL"), 0);
}

static void test_durations(void **state)
{
	static const struct {
		const char *given;
		int64_t ms;
	} cases[] = {{"timeout: 30s", 30000}, {"timeout: 2m", 120000},	{"timeout: 2min", 120000}, {"timeout: 1h", 3600000},
		     {"timeout: 45", 45000},  {"timeout: 1.5", 1500},	{"timeout: 1500ms", 1500}, {"timeout: \"90 s\"", 90000},
		     {"timeout: 1sec", 1000}, {"timeout: 0.5m", 30000}, {"timeout: 0.01d", 864000}};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		char text[512];

		(void)snprintf(text, sizeof(text), "netbox: {url: https://h, token: some-token, %s}\n" ZABBIX MAPPING, cases[i].given);
		{
			ZYNC_AUTO_CONFIG c = config_ok(text);

			assert_int_equal(c->netbox.timeout_ms, cases[i].ms);
		}
	}
}

static void test_limits(void **state)
{
	static const struct {
		const char *given;
		int64_t count;
		double percent;
	} cases[] = {{"10", 10, -1},   {"5%", -1, 5}, {"10 or 5%", 10, 5}, {"2.5 % or 7", 7, 2.5},
		     {"none", -1, -1}, {"0", 0, -1},  {"{}", -1, -1}};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		char text[512];

		(void)snprintf(text, sizeof(text), "sync: {max_deletes: %s}\n" SMALL, cases[i].given);
		{
			ZYNC_AUTO_CONFIG c = config_ok(text);

			assert_int_equal(c->sync.max_deletes.count, cases[i].count);
			assert_true(c->sync.max_deletes.percent == cases[i].percent);
		}
	}
}

static void test_match(void **state)
{
	ZYNC_AUTO_CONFIG c = config_ok(
		BOTH "mappings:\n"
		     "  - name: m\n"
		     "    match: {type: VM, site: [a, b], site_group: c, region: d, location: e, role: f, platform: g, manufacturer: h,\n"
		     "      device_type: i, tenant: j, tenant_group: k, cluster: l, cluster_type: m, cluster_group: n, status: o,\n"
		     "      name: [\"p*\", q], tags: r, all_tags: [s, t], custom_fields: {u: 1, v: [true, x]}, config_context: {a.b: c}}\n"
		     "  - match:\n"
		     "    set:\n");
	const struct zync_cfg_match *m = &c->mappings.items[0].match;
	const struct zync_cfg_texts *const single[] = {&m->site_group,	 &m->region,	    &m->location, &m->role,	    &m->platform,
						       &m->manufacturer, &m->device_type,   &m->tenant,	  &m->tenant_group, &m->cluster,
						       &m->cluster_type, &m->cluster_group, &m->status};

	(void)state;
	assert_int_equal(c->mappings.len, 2);
	assert_text(&c->mappings.items[0].name, "m");
	assert_int_equal(c->mappings.items[0].pos.line, 4);
	assert_int_equal(c->mappings.items[0].pos.column, 5);
	assert_text(&c->mappings.items[1].name, NULL);
	assert_int_equal(c->mappings.items[1].match.site.len, 0);
	assert_texts(&m->type, "vm", NULL);
	assert_texts(&m->site, "a", "b");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(single); i++)
		assert_texts(single[i], (char[]){(char)('c' + (int)i), '\0'}, NULL);
	assert_texts(&m->name, "p*", "q");
	assert_texts(&m->tags, "r", NULL);
	assert_texts(&m->all_tags, "s", "t");
	assert_int_equal(m->custom_fields.len, 2);
	assert_texts(&m->custom_fields.items[0].values, "1", NULL);
	assert_texts(&m->custom_fields.items[1].values, "true", "x");
	assert_text(&m->config_context.items[0].key, "a.b");
}

static void test_set(void **state)
{
	ZYNC_AUTO_CONFIG c = config_ok(BOTH SET(
		"zabbix_server: zabbix, host: h, name: n, description: \"l1\\nl2\\tx\", state: Disabled, host_groups: [g1, \"{{ x }}\"], "
		"templates: t, proxy: p, inventory: {a: b, c: \"\"}, inventory_mode: automatic"));
	const struct zync_cfg_set *s = &c->mappings.items[0].set;

	(void)state;
	assert_text(&s->zabbix_server, "zabbix");
	assert_text(&s->host, "h");
	assert_text(&s->name, "n");
	assert_text(&s->description, "l1\nl2\tx");
	assert_text(&s->state, "disabled");
	assert_texts(&s->host_groups, "g1", "{{ x }}");
	assert_int_equal(s->host_groups.items[1].pos.line, 3);
	assert_false(s->host_groups.items[1].secret);
	assert_texts(&s->templates, "t", NULL);
	assert_text(&s->proxy, "p");
	assert_text(&s->proxy_group, NULL);
	assert_text(&s->inventory_mode, "automatic");
	assert_int_equal(s->inventory.len, 2);
	assert_texts(&s->inventory.items[1].values, "", NULL);
	assert_false(s->interfaces.given);
}

static void test_interfaces(void **state)
{
	ZYNC_AUTO_CONFIG c = config_ok(BOTH SET(
		"interfaces: [{type: snmp, address: oob, use: dns, ip: a, dns: b, port: 1161, main: false, version: 3, community: public, "
		"bulk: true, max_repetitions: 20, context_name: c, security_name: d, security_level: AUTHPRIV, auth_protocol: sha256, "
		"auth_passphrase: hush-hush-1, priv_protocol: aes192c, priv_passphrase: \"{$PRIV}\"}, {type: agent}]"));
	ZYNC_AUTO_CONFIG none = config_ok(BOTH SET("interfaces: []"));
	const struct zync_cfg_interface *i = &c->mappings.items[0].set.interfaces.items[0];
	char masked[] = "hush-hush-1 public {$PRIV}";

	(void)state;
	assert_int_equal(c->mappings.items[0].set.interfaces.len, 2);
	assert_true(c->mappings.items[0].set.interfaces.given);
	assert_int_equal(i->pos.line, 3);
	assert_text(&i->type, "snmp");
	assert_int_equal(i->address.len, 1);
	assert_text(&i->address.items[0], "oob");
	assert_text(&i->use, "dns");
	assert_text(&i->ip, "a");
	assert_text(&i->dns, "b");
	assert_text(&i->port, "1161");
	assert_text(&i->main, "false");
	assert_text(&i->version, "3");
	assert_text(&i->community, "public");
	assert_false(i->community.secret);
	assert_text(&i->bulk, "true");
	assert_text(&i->max_repetitions, "20");
	assert_text(&i->context_name, "c");
	assert_text(&i->security_name, "d");
	assert_text(&i->security_level, "authPriv");
	assert_text(&i->auth_protocol, "SHA256");
	assert_text(&i->auth_passphrase, "hush-hush-1");
	assert_true(i->auth_passphrase.secret);
	assert_text(&i->priv_protocol, "AES192C");
	assert_text(&i->priv_passphrase, "{$PRIV}");
	assert_false(i->priv_passphrase.secret);
	assert_text(&i[1].type, "agent");
	assert_text(&i[1].port, NULL);
	zync_log_mask(masked);
	assert_string_equal(masked, "*** public {$PRIV}");
	assert_true(none->mappings.items[0].set.interfaces.given);
	assert_int_equal(none->mappings.items[0].set.interfaces.len, 0);
}

static void test_tags(void **state)
{
	static const char *const texts[] = {
		BOTH SET("tags: [{tag: a, value: 1}, {tag: b}, {tag: c, value: \"\"}, {tag: c, value: x}]"),
		BOTH SET("tags: {a: 1, b: \"\", c: [\"\", x]}"),
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(texts); i++) {
		ZYNC_AUTO_CONFIG c = config_ok(texts[i]);
		const struct zync_cfg_set *s = &c->mappings.items[0].set;

		assert_int_equal(s->tags.len, 4);
		assert_text(&s->tags.items[0].tag, "a");
		assert_text(&s->tags.items[0].value, "1");
		assert_text(&s->tags.items[1].tag, "b");
		assert_text(&s->tags.items[1].value, i == 0 ? NULL : "");
		assert_text(&s->tags.items[2].tag, "c");
		assert_text(&s->tags.items[2].value, "");
		assert_text(&s->tags.items[3].tag, "c");
		assert_text(&s->tags.items[3].value, "x");
		assert_int_equal(s->tags.items[3].tag.pos.line, 3);
	}
}

static void test_macros(void **state)
{
	static const char *const texts[] = {
		BOTH SET("macros: [{macro: \"{$A}\", value: 1}, {macro: \"{$B}\", value: hidden-88, type: Secret, description: d}]"),
		BOTH SET("macros: {\"{$A}\": 1, \"{$B}\": {value: hidden-88, type: secret, description: d}}"),
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(texts); i++) {
		ZYNC_AUTO_CONFIG c = config_ok(texts[i]);
		const struct zync_cfg_set *s = &c->mappings.items[0].set;
		char masked[] = "hidden-88";

		assert_int_equal(s->macros.len, 2);
		assert_text(&s->macros.items[0].macro, "{$A}");
		assert_text(&s->macros.items[0].value, "1");
		assert_text(&s->macros.items[0].type, NULL);
		assert_false(s->macros.items[0].value.secret);
		assert_text(&s->macros.items[1].macro, "{$B}");
		assert_text(&s->macros.items[1].value, "hidden-88");
		assert_true(s->macros.items[1].value.secret);
		assert_text(&s->macros.items[1].type, "secret");
		assert_text(&s->macros.items[1].description, "d");
		zync_log_mask(masked);
		assert_string_equal(masked, "***");
		zync_log_reset();
	}
}

TEST_GROUP(test_values, cmocka_unit_test_setup(test_defaults, env_known), cmocka_unit_test_setup(test_defaults_of_a_run, env_known),
	   cmocka_unit_test_setup(test_defaults_of_the_service, env_known), cmocka_unit_test_setup(test_service_keys, env_known),
	   cmocka_unit_test_setup(test_status, env_known), cmocka_unit_test_setup(test_netbox_keys, env_known),
	   cmocka_unit_test_setup(test_zabbix_keys, env_known), cmocka_unit_test_setup(test_root_keys, env_known),
	   cmocka_unit_test_setup(test_urls, env_known), cmocka_unit_test_setup(test_durations, env_known),
	   cmocka_unit_test_setup(test_limits, env_known), cmocka_unit_test_setup(test_match, env_known),
	   cmocka_unit_test_setup(test_set, env_known), cmocka_unit_test_setup(test_interfaces, env_known),
	   cmocka_unit_test_setup(test_tags, env_known), cmocka_unit_test_setup(test_macros, env_known));
