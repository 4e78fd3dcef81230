/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <stddef.h>

#include "base/limits.h"

/* One field: S is the struct, the rest are members of struct zync_cfg_field by name. */
#define FIELD(S, TYPE, NAME, MEMBER, ...) {.key = NAME, .type = ZYNC_CFG_TYPE_##TYPE, .offset = offsetof(struct S, MEMBER), __VA_ARGS__}
#define TABLE(S, PATH, FIELDS, ...)	  {.path = PATH, .fields = FIELDS, .count = ZYNC_ARRAY_LEN(FIELDS), .size = sizeof(struct S), __VA_ARGS__}

#define MINUTE_MS 60000.0
#define HOUR_MS	  3600000.0
#define DAY_MS	  86400000.0

static const char *const virtual_chassis_words[] = {"members", "one_host", NULL};

static const struct zync_cfg_field netbox_fields[] = {
	FIELD(zync_cfg_netbox, STRING, "url", url, .flags = ZYNC_CFG_REQUIRED | ZYNC_CFG_SMALLEST, .convert = zync_cfg_convert_netbox_url,
	      .env = "NETBOX_HOST", .example = "https://netbox.example.com",
	      .help = "Base URL of NetBox, with the path that it may live under; a trailing slash or /api is removed."),
	FIELD(zync_cfg_netbox, SECRET, "token", token, .flags = ZYNC_CFG_REQUIRED | ZYNC_CFG_SMALLEST, .env = "NETBOX_TOKEN",
	      .example = "${NETBOX_TOKEN}",
	      .help = "API token, version 1 or 2. It needs to read; to write only with write_back or journal."),
	FIELD(zync_cfg_netbox, SECRET_FILE, "token_file", token, .def_help = "none", .example = "/run/secrets/netbox",
	      .help = "File with the token, instead of token. A relative name is also looked for in $CREDENTIALS_DIRECTORY."),
	FIELD(zync_cfg_netbox, STRING, "ca_file", ca_file, .def_help = "the system's certificates",
	      .example = "/etc/ssl/certs/ca-certificates.crt",
	      .help = "File with the CA certificates (PEM) that NetBox's certificate is checked against."),
	FIELD(zync_cfg_netbox, BOOL, "verify_tls", verify_tls, .def = "true",
	      .help = "Check NetBox's certificate. Switched off, anybody in between can read the token."),
	FIELD(zync_cfg_netbox, DURATION, "timeout", timeout_ms, .def = "60s", .minimum = 1000, .maximum = HOUR_MS,
	      .help = "How long one request may take."),
	FIELD(zync_cfg_netbox, REAL, "requests_per_second", requests_per_second, .def = "0", .minimum = 0, .maximum = 10000,
	      .help = "At most this many requests a second; 0 is no limit."),
	FIELD(zync_cfg_netbox, INT, "page_size", page_size, .def = "500", .minimum = 1, .maximum = 1000,
	      .help = "Objects asked for in one request. NetBox may answer fewer (its MAX_PAGE_SIZE)."),
	FIELD(zync_cfg_netbox, STRING, "instance", instance, .convert = zync_cfg_convert_word, .def_help = "the host name in url",
	      .example = "netbox.example.com",
	      .help = "Name of this NetBox in the ownership marks of the hosts. Set it before the host name of NetBox changes."),
	FIELD(zync_cfg_netbox, BOOL, "devices", devices, .def = "true", .help = "Read devices."),
	FIELD(zync_cfg_netbox, BOOL, "virtual_machines", virtual_machines, .def = "true", .help = "Read virtual machines."),
	FIELD(zync_cfg_netbox, PAIRS, "device_filter", device_filter, .def_help = "none", .example = "{tag: monitoring, site: [ams, ber]}",
	      .help = "Filters of NetBox's list of devices, passed through as they are. NetBox ignores names that it does not know."),
	FIELD(zync_cfg_netbox, PAIRS, "vm_filter", vm_filter, .def_help = "none", .example = "{tag: monitoring}",
	      .help = "The same for the list of virtual machines."),
	FIELD(zync_cfg_netbox, ENUM, "virtual_chassis", virtual_chassis, .def = "members", .words = virtual_chassis_words,
	      .help = "members: each device of a virtual chassis is a host. one_host: its master is the host, under the name of the "
		      "chassis, and the others are left out; when the master changes, the host stays and moves to the new one."),
	FIELD(zync_cfg_netbox, STRING, "hostid_field", hostid_field, .convert = zync_cfg_convert_word, .def = "zabbix_hostid",
	      .help = "Custom field that holds the Zabbix host id of the object."),
	FIELD(zync_cfg_netbox, BOOL, "write_back", write_back, .def = "false", .help = "Write the host ids to that field."),
	FIELD(zync_cfg_netbox, BOOL, "journal", journal, .def = "false",
	      .help = "Add a journal entry to each object whose host was changed, once a run."),
};
static const struct zync_cfg_table netbox_table = TABLE(zync_cfg_netbox, "netbox", netbox_fields, .help = "Where the hosts come from.");

static const struct zync_cfg_field zabbix_fields[] = {
	FIELD(zync_cfg_zabbix, STRING, "name", name, .convert = zync_cfg_convert_word, .def = "zabbix",
	      .help = "Name of this server, for set.zabbix_server and in messages. Several servers need several names."),
	FIELD(zync_cfg_zabbix, STRING, "url", url, .flags = ZYNC_CFG_REQUIRED | ZYNC_CFG_SMALLEST, .convert = zync_cfg_convert_zabbix_url,
	      .env = "ZABBIX_HOST", .example = "https://zabbix.example.com",
	      .help = "URL of the Zabbix frontend, with the path that it may live under, with or without /api_jsonrpc.php."),
	FIELD(zync_cfg_zabbix, SECRET, "token", token, .flags = ZYNC_CFG_REQUIRED | ZYNC_CFG_SMALLEST, .env = "ZABBIX_TOKEN",
	      .example = "${ZABBIX_TOKEN}", .help = "API token. Alternatively a user name and a password."),
	FIELD(zync_cfg_zabbix, SECRET_FILE, "token_file", token, .def_help = "none", .example = "/run/secrets/zabbix",
	      .help = "File with the token, instead of token. A relative name is also looked for in $CREDENTIALS_DIRECTORY."),
	FIELD(zync_cfg_zabbix, STRING, "username", username, .env = "ZABBIX_USER", .def_help = "none", .example = "zync",
	      .help = "User name to log in with, instead of a token."),
	FIELD(zync_cfg_zabbix, SECRET, "password", password, .env = "ZABBIX_PASS", .def_help = "none", .example = "${ZABBIX_PASS}",
	      .help = "Password of that user."),
	FIELD(zync_cfg_zabbix, SECRET_FILE, "password_file", password, .def_help = "none", .example = "/run/secrets/zabbix",
	      .help = "File with the password, instead of password."),
	FIELD(zync_cfg_zabbix, STRING, "ca_file", ca_file, .def_help = "the system's certificates",
	      .example = "/etc/ssl/certs/ca-certificates.crt",
	      .help = "File with the CA certificates (PEM) that the frontend's certificate is checked against."),
	FIELD(zync_cfg_zabbix, BOOL, "verify_tls", verify_tls, .def = "true",
	      .help = "Check the frontend's certificate. Switched off, anybody in between can read the token."),
	FIELD(zync_cfg_zabbix, DURATION, "timeout", timeout_ms, .def = "120s", .minimum = 1000, .maximum = HOUR_MS,
	      .help = "How long one call may take."),
	FIELD(zync_cfg_zabbix, REAL, "requests_per_second", requests_per_second, .def = "0", .minimum = 0, .maximum = 10000,
	      .help = "At most this many calls a second; 0 is no limit."),
	FIELD(zync_cfg_zabbix, INT, "read_page", read_page, .def = "500", .minimum = 1, .maximum = 5000, .help = "Hosts in one read call."),
	FIELD(zync_cfg_zabbix, INT, "write_batch", write_batch, .def = "100", .minimum = 1, .maximum = 1000,
	      .help = "Hosts in one write call at most. The size adapts to target_call_ms."),
	FIELD(zync_cfg_zabbix, INT, "target_call_ms", target_call_ms, .def = "1000", .minimum = 50, .maximum = MINUTE_MS,
	      .help = "Milliseconds that one write call shall take about: a busy server gets smaller calls."),
	FIELD(zync_cfg_zabbix, INT, "max_in_flight", max_in_flight, .def = "1", .minimum = 1, .maximum = 16,
	      .help = "Write calls at the same time. This version refuses values above 1."),
};
static const struct zync_cfg_table zabbix_table =
	TABLE(zync_cfg_zabbix, "zabbix", zabbix_fields, .has_pos = true, .pos_offset = offsetof(struct zync_cfg_zabbix, pos),
	      .help = "Where the hosts go to: one server, or a list of servers, of which the first is the default.");

static const struct zync_cfg_field limit_fields[] = {
	FIELD(zync_cfg_limit, INT, "count", count, .minimum = 0, .maximum = 1e9, .def_help = "no limit", .example = "10",
	      .help = "At most this many."),
	FIELD(zync_cfg_limit, PERCENT, "percent", percent, .def_help = "no limit", .example = "5",
	      .help = "At most this share of the known ones."),
};
static const struct zync_cfg_table limit_table =
	TABLE(zync_cfg_limit, "limit", limit_fields,
	      .help = "A limit of a run as a mapping; as text it is \"10\", \"5%\", \"10 or 5%\" or \"none\".");

static const char *const on_missing_words[] = {"disable", "report", "delete", NULL};
static const char *const delete_mode_words[] = {"soft", "hard", NULL};
static const char *const host_events_words[] = {"changed", "off", "all", NULL};

static const char *const unlink_words[] = {"clear", "keep_items", NULL};

static const struct zync_cfg_field sync_fields[] = {
	FIELD(zync_cfg_sync, ENUM, "on_missing", on_missing, .def = "disable", .words = on_missing_words,
	      .help = "What becomes of a host whose object is gone from NetBox or no longer selected."),
	FIELD(zync_cfg_sync, ENUM, "delete_mode", delete_mode, .def = "soft", .words = delete_mode_words,
	      .help = "soft: rename with graveyard_suffix, disable and move to graveyard_group. hard: delete the host with its history."),
	FIELD(zync_cfg_sync, STRING, "graveyard_group", graveyard_group, .def = "Zync/Graveyard", .convert = zync_cfg_convert_group,
	      .help = "Host group of softly deleted hosts."),
	FIELD(zync_cfg_sync, STRING, "graveyard_suffix", graveyard_suffix, .def = "_deleted", .convert = zync_cfg_convert_suffix,
	      .help = "What softly deleted hosts get behind their technical name."),
	FIELD(zync_cfg_sync, LIMIT, "max_deletes", max_deletes, .def = "10 or 5%", .table = &limit_table,
	      .help = "A run that would delete more hosts stops before its first write."),
	FIELD(zync_cfg_sync, LIMIT, "max_disables", max_disables, .def = "50 or 10%", .table = &limit_table,
	      .help = "A run that would disable more hosts stops before its first write."),
	FIELD(zync_cfg_sync, LIMIT, "max_changes", max_changes, .def = "none", .table = &limit_table,
	      .help = "A run that would change more hosts in any way stops before its first write."),
	FIELD(zync_cfg_sync, LIMIT, "max_vanished", max_vanished, .def = "10 or 5%", .table = &limit_table,
	      .help = "The job import-zabbix-settings stops, and keeps what it knows, when more of a server's templates, host groups, "
		      "proxies and proxy groups are gone than this."),
	FIELD(zync_cfg_sync, PERCENT, "max_shrink", max_shrink_percent, .def = "20%",
	      .help = "A run stops when NetBox answers this much fewer objects than are known."),
	FIELD(zync_cfg_sync, ENUM, "unlink", unlink, .def = "clear", .words = unlink_words,
	      .help = "clear: a template that goes takes its items, triggers and graphs with it, and their history. keep_items: it is only "
		      "unlinked, and they stay as the host's own."),
	FIELD(zync_cfg_sync, TEXTS, "keep_items_of", keep_items_of, .def_help = "none", .example = "[\"Legacy *\"]",
	      .help = "Templates (patterns) that are only unlinked, also with unlink: clear."),
	FIELD(zync_cfg_sync, BOOL, "check_templates", check_templates, .def = "true",
	      .help = "Before templates are linked, look whether the host has the interfaces that they need, and whether two of them have "
		      "an "
		      "item with the same key."),
	FIELD(zync_cfg_sync, ENUM, "host_events", host_events, .def = "changed", .words = host_events_words,
	      .help = "For which hosts an event is recorded, besides the one of the job."),
	FIELD(zync_cfg_sync, BOOL, "intent_journal", intent_journal, .def = "true",
	      .help = "Write down each writing call to Zabbix before and after it, so that the next run knows what a killed one left open. "
		      "Switching it off is there for measuring what it costs: what a killed run left is then only found by comparing "
		      "every host, and by ownership marks."),
};
static const struct zync_cfg_table sync_table = TABLE(zync_cfg_sync, "sync", sync_fields, .help = "What a run may do.");

/* A turn comes once in so many whole minutes: that is what a job's schedule counts in. */
#define INTERVAL(NAME, MEMBER, DEF, HELP) \
	FIELD(zync_cfg_service, DURATION, NAME, MEMBER, .def = DEF, .minimum = 0, .maximum = 365 * DAY_MS, .step = MINUTE_MS, .help = HELP)

static const struct zync_cfg_field service_fields[] = {
	FIELD(zync_cfg_service, INT, "workers", workers, .def = "2", .minimum = 1, .maximum = 16,
	      .help = "Jobs that run at the same time. Two of them never write the same host at once."),
	FIELD(zync_cfg_service, DURATION, "job_timeout", job_timeout_ms, .def = "0", .minimum = 0, .maximum = 30 * DAY_MS,
	      .help = "A queued job that takes longer is stopped, and nothing of it is recorded; 0 is no limit. A job that is queued with "
		      "a time-out of its own has that."),
	INTERVAL("sync_every", sync_every_ms, "0", "Run sync-hosts-now (as `zync sync` does) once in this time; 0: only when asked."),
	INTERVAL("pull_every", pull_every_ms, "0",
		 "Run pull (as `zync pull` does) once in this time; 0: only when asked. A sync pulls by itself."),
	INTERVAL("refresh_every", refresh_every_ms, "60m",
		 "Run host-config-sync-refresh once in this time, which compares host configs with Zabbix, writes nothing there and stores "
		 "whether they are in sync; 0: only when asked."),
	INTERVAL("refresh_older_than", refresh_older_than_ms, "60m",
		 "It compares the host configs that were not compared for this time, or never; 0: all of them."),
	INTERVAL("import_every", import_every_ms, "24h",
		 "Run import-zabbix-settings once in this time, which reads the templates, host groups, proxies and proxy groups of the "
		 "Zabbix servers; 0: only when asked."),
	INTERVAL("clean_up_every", clean_up_every_ms, "24h",
		 "Run clean-up once in this time, which deletes what `retention` lets go; 0: only when asked."),
};
static const struct zync_cfg_table service_table =
	TABLE(zync_cfg_service, "service", service_fields,
	      .help = "What `zync serve` does by itself. The intervals are whole minutes and need a unit, as in `30m`, `12h` or `7d`.");

static const struct zync_cfg_field retention_fields[] = {
	FIELD(zync_cfg_retention, DURATION, "age", age_ms, .def = "365d", .minimum = 0, .maximum = 36500 * DAY_MS,
	      .help = "Jobs, events and changes are kept for this time; 0 is for ever."),
	FIELD(zync_cfg_retention, INT, "max_events", max_events, .def = "1000000", .minimum = 0, .maximum = 1e9,
	      .help = "At most so many events, and as many changes, are kept, the newest; 0 is no limit."),
	FIELD(zync_cfg_retention, INT, "max_jobs", max_jobs, .def = "10000", .minimum = 0, .maximum = 1e9,
	      .help = "At most so many jobs that have ended are kept with their log, the newest; 0 is no limit."),
};
static const struct zync_cfg_table retention_table =
	TABLE(zync_cfg_retention, "retention", retention_fields,
	      .help = "How much of the past is kept. The job clean-up deletes the rest; what is queued or running, and the last job of "
		      "each kind, always stays.");

static const char *const state_words[] = {"monitored", "disabled", "removed", "skipped", NULL};

static const struct zync_cfg_field status_fields[] = {
	FIELD(zync_cfg_status, PAIRS, "device", device, .words = state_words,
	      .def = "{offline: disabled, planned: disabled, staged: disabled, failed: disabled, decommissioning: removed, inventory: "
		     "removed}",
	      .help = "Status of a device → monitored, disabled, removed (no host) or skipped (not selected; a host that it had is treated "
		      "as sync.on_missing says). What is given is added to the "
		      "defaults; a status not listed is monitored."),
	FIELD(zync_cfg_status, PAIRS, "virtual_machine", virtual_machine, .words = state_words,
	      .def = "{offline: disabled, planned: disabled, staged: disabled, failed: disabled, paused: disabled, decommissioning: "
		     "removed}",
	      .help = "The same for virtual machines."),
};
static const struct zync_cfg_table status_table =
	TABLE(zync_cfg_status, "status", status_fields, .help = "What the NetBox status of an object means for its host.");

static const char *const ownership_words[] = {"overwrite", "merge", "ignore", NULL};
static const char *const own_or_ignore_words[] = {"overwrite", "ignore", NULL}; /* single values cannot be merged */
#define OWNERSHIP(NAME, WORDS, HELP) FIELD(zync_cfg_ownership, TEXT, #NAME, NAME, .def = "overwrite", .words = WORDS, .help = HELP)

static const struct zync_cfg_field ownership_fields[] = {
	OWNERSHIP(groups, ownership_words, "Host groups."),
	OWNERSHIP(templates, ownership_words, "Linked templates. Templates that go are unlinked and cleared."),
	OWNERSHIP(tags, ownership_words, "Host tags."),
	OWNERSHIP(macros, ownership_words, "User macros of the host."),
	OWNERSHIP(inventory, ownership_words, "Inventory fields and the inventory mode."),
	OWNERSHIP(interfaces, ownership_words, "Interfaces. They are changed in place where they can be."),
	OWNERSHIP(description, own_or_ignore_words, "Description."),
	OWNERSHIP(proxy, ownership_words, "Proxy or proxy group. merge: where no mapping gives one, what people chose stays."),
	OWNERSHIP(ipmi, own_or_ignore_words, "Access by IPMI."),
	OWNERSHIP(tls, own_or_ignore_words, "Encryption of the agent's connections."),
};
static const struct zync_cfg_table ownership_table = TABLE(zync_cfg_ownership, "ownership", ownership_fields,
							   .help = "Whose each aspect of a host is. overwrite: Zync's alone. merge: what "
								   "people add by hand stays, Zync takes away only what it once set. "
								   "ignore: set at creation and left alone afterwards.");

static const char *const combine_words[] = {"merge", "first", NULL};
static const char *const catch_all_words[] = {"optional", "required", NULL};
static const char *const undefined_words[] = {"empty", "error", NULL};
static const char *const illegal_names_words[] = {"replace", "netbox_id", NULL};
static const char *const too_long_words[] = {"fail", "truncate", "skip", NULL};
static const char *const case_words[] = {"keep", "lower", "upper", NULL};
static const char *const empty_inventory_words[] = {"clear", "keep", NULL};
static const char *const traverse_words[] = {"region", "site_group", "location", "role", "platform", "tenant_group", NULL};
#define RULES(TYPE, NAME, ...) FIELD(zync_cfg_rules, TYPE, #NAME, NAME, __VA_ARGS__)

static const struct zync_cfg_field rules_fields[] = {
	RULES(ENUM, combine, .def = "merge", .words = combine_words,
	      .help = "merge: every mapping that matches counts, in order. first: one mapping alone counts, the most specific one (that "
		      "with "
		      "the most conditions; of equals the first in the file)."),
	RULES(ENUM, catch_all, .def = "optional", .words = catch_all_words,
	      .help = "required: the configuration must have a mapping without `match`, so that no object is left out by mistake."),
	RULES(ENUM, undefined, .def = "empty", .words = undefined_words,
	      .help = "What a template makes of a value that NetBox does not have: empty text, or an error of that host (unless it has a "
		      "`default`)."),
	RULES(ENUM, illegal_names, .def = "replace", .words = illegal_names_words,
	      .help = "How a technical name is made from a name that Zabbix refuses. replace: each character that is not allowed becomes "
		      "\"_\", "
		      "and a suffix such as _d17 keeps it unique. netbox_id: NETBOX_ID17, as in netbox-zabbix-sync."),
	RULES(ENUM, too_long, .def = "fail", .words = too_long_words,
	      .help = "What becomes of a tag, macro, inventory field or description that is longer than Zabbix allows. fail: the host "
		      "fails with a "
		      "message. truncate: it is cut. skip: it is left out. `zync explain` tells of both."),
	RULES(ENUM, tag_case, .def = "keep", .words = case_words, .help = "Letter case of the names and values of all tags."),
	RULES(STRING, tag_prefix, .flags = ZYNC_CFG_EMPTY, .def_help = "none", .example = "nb_",
	      .help = "What the names of all tags begin with."),
	RULES(ENUM, empty_inventory, .def = "clear", .words = empty_inventory_words,
	      .help = "What an inventory field becomes whose template is empty for an object. clear: empty in Zabbix, too. keep: as it is "
		      "there."),
	RULES(TEXTS, traverse, .words = traverse_words, .def_help = "none", .example = "[region, site_group]",
	      .help = "Names in `host_group_format` that stand for the whole path, as in Europe/Germany/Bavaria."),
	RULES(STRING, datetime_format, .def = "\"%Y-%m-%d %H:%M:%S\"",
	      .help = "How {datetime} is written in a description (strftime), which ownership.description: ignore sets at creation only."),
};
static const struct zync_cfg_table rules_table =
	TABLE(zync_cfg_rules, "rules", rules_fields, .help = "How the mappings are put together, and what becomes of odd values.");

static const char *const level_words[] = {"error", "warning", "info", "debug", NULL};
static const char *const format_words[] = {"text", "json", NULL};

static const struct zync_cfg_field log_fields[] = {
	FIELD(zync_config, ENUM, "level", log.level, .def = "info", .words = level_words,
	      .help = "The least important lines that are shown."),
	FIELD(zync_config, ENUM, "format", log.format, .def = "text", .words = format_words,
	      .help = "text for people, json for one JSON object a line."),
};
static const struct zync_cfg_table log_table = TABLE(zync_config, "log", log_fields, .help = "The lines on standard error.");

#define SECTION(NAME, OFFSET, TABLE_, ...) {.key = NAME, .type = ZYNC_CFG_TYPE_STRUCT, .offset = OFFSET, .table = TABLE_, __VA_ARGS__}

static const struct zync_cfg_field root_fields[] = {
	SECTION("netbox", offsetof(struct zync_config, netbox), &netbox_table, .flags = ZYNC_CFG_SMALLEST,
		.help = "Where the hosts come from."),
	FIELD(zync_config, STRUCTS, "zabbix", zabbix, .flags = ZYNC_CFG_SMALLEST | ZYNC_CFG_ONE, .table = &zabbix_table, .minimum = 1,
	      .maximum = 64,
	      .help = "Where the hosts go to: one server, or a list of servers with names, of which the first is the default."),
	FIELD(zync_config, STRING, "store", store, .flags = ZYNC_CFG_SMALLEST, .def = "sqlite:zync.db", .convert = zync_cfg_convert_store,
	      .help = "Database of Zync: sqlite:PATH (relative to the working directory), or postgresql://… where it is supported."),
	FIELD(zync_config, STRING, "key_file", key_file, .def_help = "the SQLite file's path with .key behind it", .example = "zync.db.key",
	      .help = "File with the installation's own key, which seals secrets in the store. It is created when it does not exist; keep "
		      "a copy."),
	SECTION("sync", offsetof(struct zync_config, sync), &sync_table, .help = "What a run may do."),
	SECTION("service", offsetof(struct zync_config, service), &service_table, .help = "What `zync serve` does by itself."),
	SECTION("retention", offsetof(struct zync_config, retention), &retention_table, .help = "How much of the past is kept."),
	SECTION("status", offsetof(struct zync_config, status), &status_table,
		.help = "What the NetBox status of an object means for its host."),
	SECTION("ownership", offsetof(struct zync_config, ownership), &ownership_table, .help = "Whose each aspect of a host is."),
	SECTION("rules", offsetof(struct zync_config, rules), &rules_table,
		.help = "How the mappings are put together, and what becomes of odd values."),
	FIELD(zync_config, STRUCTS, "bundles", bundles, .flags = ZYNC_CFG_NAMED, .table = &zync_cfg_table_bundle,
	      .maximum = ZYNC_LIMIT_MAPPINGS, .def_help = "none", .example = "{ping: {set: {templates: [ICMP Ping]}}}",
	      .help = "Settings with a name, for several mappings: `set: {use: NAME}`."),
	/* Its fields count from the start of the configuration. */
	SECTION("log", 0, &log_table, .help = "The lines on standard error."),
	FIELD(zync_config, STRUCTS, "mappings", mappings, .flags = ZYNC_CFG_REQUIRED | ZYNC_CFG_SMALLEST, .table = &zync_cfg_table_mapping,
	      .minimum = 1, .maximum = ZYNC_LIMIT_MAPPINGS,
	      .help = "Which objects become hosts, and what these hosts have. Every mapping that matches counts, in order: later single "
		      "values win, lists add up."),
};
const struct zync_cfg_table zync_cfg_table_root = TABLE(zync_config, "", root_fields, .help = "The sections of the file.");
