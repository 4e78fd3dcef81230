/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file config.h
 * The configuration: one YAML file (or only the environment), checked as a whole against one schema table before anything runs.
 *
 * The table (schema.c) is the one source for parsing, defaults, checks, `zync init`, docs/configuration.md and redaction. What is loaded is plain
 * data, immutable, owned by struct zync_config and freed with it. Every text that came from the file keeps its position, so that later
 * checks (templates, inventory fields) can name line and column, too. The only part that includes libyaml.
 */
#ifndef ZYNC_CONFIG_CONFIG_H
#define ZYNC_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/secret.h"

/** Position in the file, 1-based; line 0: did not come from a file (default, environment). */
struct zync_cfg_pos {
	unsigned line;
	unsigned column;
};

struct zync_cfg_text {
	const char *value; /**< NULL: not given */
	struct zync_cfg_pos pos;
	bool secret; /**< contains an expanded ${VARIABLE}: never show it in messages */
};
struct zync_cfg_texts {
	struct zync_cfg_text *items;
	size_t len;
};
/** A member of a map whose keys the user chooses (custom fields, inventory, filters). */
struct zync_cfg_pair {
	struct zync_cfg_text key;
	struct zync_cfg_texts values; /**< one or more */
};
struct zync_cfg_pairs {
	struct zync_cfg_pair *items;
	size_t len;
};

/** What the members of a virtual chassis are. */
enum zync_virtual_chassis { ZYNC_VC_MEMBERS = 0, /**< hosts of their own */ ZYNC_VC_ONE_HOST /**< one host, that of the master */ };

struct zync_cfg_netbox {
	const char *url; /**< base URL without a trailing slash and without /api */
	struct zync_secret *token;
	const char *ca_file;
	bool verify_tls;		     /**< default true */
	int64_t timeout_ms;		     /**< default 60 s, for one request */
	double requests_per_second;	     /**< 0: no limit (default) */
	int64_t page_size;		     /**< default 500, 1 to 1000 */
	const char *instance;		     /**< name of this NetBox in ownership marks; default: host of url */
	bool devices;			     /**< default true */
	bool virtual_machines;		     /**< default true */
	struct zync_cfg_pairs device_filter; /**< passed through to the devices list */
	struct zync_cfg_pairs vm_filter;
	enum zync_virtual_chassis virtual_chassis; /**< default members */
	const char *hostid_field;		   /**< custom field with the hostid, default "zabbix_hostid" */
	bool write_back;			   /**< write hostids to that field; default false */
	bool journal;				   /**< journal entry once a host and run; default false */
};

struct zync_cfg_zabbix {
	const char *name; /**< default "zabbix"; unique in the list */
	struct zync_cfg_pos pos;
	const char *url;	   /**< full URL of api_jsonrpc.php */
	struct zync_secret *token; /**< or username and password */
	const char *username;
	struct zync_secret *password;
	const char *ca_file;
	bool verify_tls;
	int64_t timeout_ms;	    /**< default 120 s, for one call */
	double requests_per_second; /**< 0: no limit */
	int64_t read_page;	    /**< hosts a read call, default 500 (1 to 5000) */
	int64_t write_batch;	    /**< hosts a write call at most, default 100 (1 to 1000) */
	int64_t target_call_ms;	    /**< one write call shall take about this, default 1000 */
	int64_t max_in_flight;	    /**< write calls at once, default 1; more is refused so far */
};

enum zync_on_missing { ZYNC_ON_MISSING_DISABLE = 0, ZYNC_ON_MISSING_REPORT, ZYNC_ON_MISSING_DELETE };
enum zync_delete_mode { ZYNC_DELETE_SOFT = 0, ZYNC_DELETE_HARD };
/** What becomes of the items of a template that is unlinked. */
enum zync_unlink { ZYNC_UNLINK_CLEAR = 0, ZYNC_UNLINK_KEEP_ITEMS };
enum zync_event_hosts { ZYNC_EVENT_HOSTS_CHANGED = 0, ZYNC_EVENT_HOSTS_OFF, ZYNC_EVENT_HOSTS_ALL };

/** A limit of a run: more than `count` hosts, or more than `percent` of the hosts that it knows, stops it before the first write. count -1 / percent < 0: no limit. */
struct zync_cfg_limit {
	int64_t count;
	double percent;
};

struct zync_cfg_sync {
	enum zync_on_missing on_missing;
	enum zync_delete_mode delete_mode;
	const char *graveyard_group;	     /**< default "Zync/Graveyard" */
	const char *graveyard_suffix;	     /**< default " (deleted by zync)"-like legal suffix, "_deleted" */
	struct zync_cfg_limit max_deletes;   /**< default 10 or 5 % */
	struct zync_cfg_limit max_disables;  /**< default 50 or 10 % */
	struct zync_cfg_limit max_changes;   /**< default none */
	double max_shrink_percent;	     /**< NetBox answering this much fewer objects than known stops the run; default 20 */
	struct zync_cfg_limit max_vanished;  /**< of import-zabbix-settings: default 10 or 5 % */
	enum zync_unlink unlink;	     /**< of templates that no rule gives any more; default clear */
	struct zync_cfg_texts keep_items_of; /**< globs of template names: these are never cleared */
	bool check_templates;		     /**< compare templates with interfaces and with each other before writing; default true */
	enum zync_event_hosts host_events;
	bool intent_journal; /**< write down each call to Zabbix before and after it; default true */
};

/** `zync serve`. Intervals are whole minutes, 0: not at all. */
struct zync_cfg_service {
	int64_t workers;	       /**< jobs at the same time, default 2 (1 to 16) */
	int64_t job_timeout_ms;	       /**< of queued jobs, 0: none (default) */
	int64_t sync_every_ms;	       /**< sync-hosts-now, default 0 */
	int64_t pull_every_ms;	       /**< pull, default 0 */
	int64_t refresh_every_ms;      /**< host-config-sync-refresh, default 60 min */
	int64_t refresh_older_than_ms; /**< it re-checks what was not checked for so long, default 60 min */
	int64_t import_every_ms;       /**< import-zabbix-settings, default 24 h */
	int64_t clean_up_every_ms;     /**< clean-up, default 24 h */
};

/** What is kept of jobs, events and changes; the job clean-up deletes the rest. */
struct zync_cfg_retention {
	int64_t age_ms;	    /**< default 365 days, 0: for ever */
	int64_t max_events; /**< default 1,000,000; 0: no limit */
	int64_t max_jobs;   /**< default 10,000; 0: no limit */
};

enum zync_combine {
	ZYNC_COMBINE_MERGE = 0,
	/**< every mapping that matches, in order */ ZYNC_COMBINE_FIRST /**< the most specific one alone */
};
enum zync_catch_all { ZYNC_CATCH_ALL_OPTIONAL = 0, ZYNC_CATCH_ALL_REQUIRED };
enum zync_undefined { ZYNC_UNDEFINED_EMPTY = 0, ZYNC_UNDEFINED_ERROR };
enum zync_illegal_names { ZYNC_ILLEGAL_NAMES_REPLACE = 0, ZYNC_ILLEGAL_NAMES_NETBOX_ID };
enum zync_too_long { ZYNC_TOO_LONG_FAIL = 0, ZYNC_TOO_LONG_TRUNCATE, ZYNC_TOO_LONG_SKIP };
enum zync_case { ZYNC_CASE_KEEP = 0, ZYNC_CASE_LOWER, ZYNC_CASE_UPPER };
enum zync_empty_inventory { ZYNC_EMPTY_INVENTORY_CLEAR = 0, ZYNC_EMPTY_INVENTORY_KEEP };

/** How the mappings are put together and rendered. */
struct zync_cfg_rules {
	enum zync_combine combine;
	enum zync_catch_all catch_all;
	enum zync_undefined undefined;	       /**< of a template */
	enum zync_illegal_names illegal_names; /**< technical names that Zabbix refuses */
	enum zync_too_long too_long;	       /**< what Zabbix has no room for */
	enum zync_case tag_case;	       /**< names and values of tags */
	const char *tag_prefix;		       /**< of the names of all tags; NULL: none */
	enum zync_empty_inventory empty_inventory;
	struct zync_cfg_texts traverse; /**< tokens of host_group_format that stand for the whole path */
	const char *datetime_format;	/**< strftime, of {datetime} in a description that is set at creation only */
};

/** Which NetBox objects a mapping speaks of: all given conditions must hold, any one value of a condition suffices. Texts are globs matched against slug or name, without case. */
struct zync_cfg_match {
	struct zync_cfg_texts type; /**< "device", "virtual_machine" (short: "vm") */
	struct zync_cfg_texts site, site_group, region, location, role, platform, manufacturer, device_type, tenant, tenant_group;
	struct zync_cfg_texts cluster, cluster_type, cluster_group, status, name;
	struct zync_cfg_texts tags;	/**< the object has any of them */
	struct zync_cfg_texts all_tags; /**< the object has all of them */
	struct zync_cfg_pairs custom_fields;
	struct zync_cfg_pairs config_context; /**< key: path with dots */
};

struct zync_cfg_interface {
	struct zync_cfg_pos pos;
	struct zync_cfg_text type; /**< agent, snmp, ipmi, jmx */
	struct zync_cfg_texts
		address; /**< the first that the object has: primary (default), primary4, primary6, oob, interface:NAME, or a template that yields an address or DNS name */
	struct zync_cfg_text use;	/**< ip (default) or dns */
	struct zync_cfg_text ip;	/**< template; default from address */
	struct zync_cfg_text dns;	/**< template; default from address */
	struct zync_cfg_text port;	/**< template; default 10050 or 161 */
	struct zync_cfg_text main;	/**< true or false; default: the first of its type */
	struct zync_cfg_text version;	/**< SNMP: 1, 2 (also 2c), 3; default 2 */
	struct zync_cfg_text community; /**< default {$SNMP_COMMUNITY} */
	struct zync_cfg_text bulk;	/**< default true */
	struct zync_cfg_text max_repetitions;
	struct zync_cfg_text context_name, security_name;
	struct zync_cfg_text security_level; /**< noAuthNoPriv, authNoPriv, authPriv */
	struct zync_cfg_text auth_protocol;  /**< MD5 SHA1 SHA224 SHA256 SHA384 SHA512 */
	struct zync_cfg_text auth_passphrase;
	struct zync_cfg_text priv_protocol; /**< DES AES128 AES192 AES256 AES192C AES256C */
	struct zync_cfg_text priv_passphrase;
};
struct zync_cfg_tag {
	struct zync_cfg_text tag, value;
};
struct zync_cfg_macro {
	struct zync_cfg_text macro, value, type, description; /**< type: text (default), secret, vault */
};

/** Access of the host's IPMI interfaces. */
struct zync_cfg_ipmi {
	struct zync_cfg_text authtype;	/**< default none MD2 MD5 straight OEM RMCP+ */
	struct zync_cfg_text privilege; /**< callback user operator admin OEM */
	struct zync_cfg_text username, password;
};
/** Encryption between Zabbix and the host's agent. */
struct zync_cfg_tls {
	struct zync_cfg_text connect; /**< none, psk, certificate: of connections to the agent */
	struct zync_cfg_texts accept; /**< the same, of connections from it */
	struct zync_cfg_text psk_identity, psk;
	struct zync_cfg_text issuer, subject;
};
/** Values that NetBox itself holds for one object: its config context, and custom fields (those of netbox-zabbix-sync). */
struct zync_cfg_per_host {
	bool given;
	struct zync_cfg_pos pos;
	struct zync_cfg_text context;	     /**< key in the config context, default "zabbix"; "" none */
	struct zync_cfg_texts parts;	     /**< what of it counts; default all: templates proxy interface tags macros description ipmi */
	struct zync_cfg_text templates_from; /**< context, custom_field, context_or_custom_field (default), both */
	struct zync_cfg_text template_field; /**< custom field of the device type, default "zabbix_template" */
	struct zync_cfg_text proxy_field, proxy_group_field; /**< custom fields of the object, then of its site */
	struct zync_cfg_text preferred_ip;		     /**< auto (default), ipv4, ipv6 */
	struct zync_cfg_text prefer_dns;		     /**< default false */
	struct zync_cfg_text oob;			     /**< an interface for the out-of-band address; default false */
	struct zync_cfg_text
		default_interface; /**< where the context has none: SNMP for devices, agent for virtual machines; default true */
};

/** What a mapping sets. A text with value NULL is not set; lists add to what earlier mappings gave. */
struct zync_cfg_set {
	struct zync_cfg_texts use;	/**< bundles, whose settings come before its own */
	struct zync_cfg_texts override; /**< lists that replace what earlier mappings gave instead of adding to it */
	struct zync_cfg_text zabbix_server;
	struct zync_cfg_text host; /**< technical name, default {{ name }} */
	struct zync_cfg_text name; /**< visible name, default {{ name }} */
	struct zync_cfg_text description;
	struct zync_cfg_text state; /**< monitored, disabled, removed, skipped: overrules `status` */
	struct zync_cfg_texts host_groups;
	struct zync_cfg_texts host_group_format; /**< as in netbox-zabbix-sync: "site/manufacturer/role" */
	struct zync_cfg_texts templates;
	/** Globs: what earlier mappings gave of these names goes. */
	struct zync_cfg_texts remove_host_groups, remove_templates, remove_tags, remove_macros;
	struct {
		struct zync_cfg_interface *items;
		size_t len;
		bool given; /**< a later mapping that gives interfaces replaces those of earlier ones */
	} interfaces;
	struct zync_cfg_text proxy, proxy_group;
	struct {
		struct zync_cfg_tag *items;
		size_t len;
	} tags;
	struct {
		struct zync_cfg_macro *items;
		size_t len;
	} macros;
	struct zync_cfg_text inventory_mode; /**< manual (default where fields are set), automatic, disabled */
	struct zync_cfg_pairs inventory;
	struct zync_cfg_ipmi ipmi;
	struct zync_cfg_tls tls;
	struct zync_cfg_per_host per_host;
};

/** Settings with a name, which mappings use. */
struct zync_cfg_bundle {
	struct zync_cfg_text name;
	struct zync_cfg_pos pos;
	struct zync_cfg_set set;
};

struct zync_cfg_mapping {
	struct zync_cfg_text name; /**< default "mapping N" in messages */
	struct zync_cfg_pos pos;
	struct zync_cfg_match match;
	struct zync_cfg_set set;
};

/** NetBox status → what becomes of the host; anything not listed is monitored. Defaults in the schema table. */
struct zync_cfg_status {
	struct zync_cfg_pairs device; /**< status value → monitored | disabled | removed | skipped */
	struct zync_cfg_pairs virtual_machine;
};

struct zync_cfg_ownership {
	struct zync_cfg_text groups, templates, tags, macros, inventory, interfaces, description, proxy, ipmi,
		tls; /**< overwrite (default), merge, ignore */
};

struct zync_config {
	const char *path; /**< the file, NULL when only the environment was used */
	struct zync_cfg_netbox netbox;
	struct {
		struct zync_cfg_zabbix *items;
		size_t len; /**< at least 1 */
	} zabbix;
	const char *store;    /**< "sqlite:PATH" (relative to the working directory) or "postgresql://…"; default sqlite:zync.db */
	const char *key_file; /**< key ring file; default: the SQLite file's path + ".key" */
	struct zync_cfg_sync sync;
	struct zync_cfg_service service;
	struct zync_cfg_retention retention;
	struct zync_cfg_status status;
	struct zync_cfg_ownership ownership;
	struct zync_cfg_rules rules;
	struct {
		struct zync_cfg_bundle *items;
		size_t len;
	} bundles;
	struct {
		struct zync_cfg_mapping *items;
		size_t len;
	} mappings;
	struct {
		enum zync_log_level level;
		enum zync_log_format format;
	} log;
	struct zync_arena *arena; /**< holds all of the above */
};

/**
 * Load @p path; or, when @p path is NULL, the first that exists of $ZYNC_CONFIG, ./zync.yaml, ~/.config/zync/zync.yaml, /etc/zync/zync.yaml;
 * or, when there is none, the environment alone (NETBOX_HOST, NETBOX_TOKEN, ZABBIX_HOST, ZABBIX_TOKEN or ZABBIX_USER and ZABBIX_PASS) with one sensible
 * default mapping. The same variables fill what a file leaves out. All problems of a file are collected: the message of the
 * INVALID error has one line each, "FILE:LINE:COLUMN: what is wrong; what to do", at most 20. Secrets are registered for masking.
 */
enum zync_status zync_config_load(const char *path, struct zync_config **ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** The same from a text; @p name stands for the file in messages. For tests and fuzzing. */
enum zync_status zync_config_parse(const char *name, const char *text, size_t len, struct zync_config **ret,
				   struct zync_err *err) ZYNC_MUST_CHECK;
void zync_config_free(struct zync_config *config);

/** The Zabbix server of that name (NULL: the first), or NULL. */
const struct zync_cfg_zabbix *zync_config_zabbix(const struct zync_config *config, const char *name);

/** A commented example with all keys at their defaults, for `zync init`. Values NULL give placeholders. Tokens are never written: ${NETBOX_TOKEN}, ${ZABBIX_TOKEN}. */
enum zync_status zync_config_write_example(const char *netbox_url, const char *zabbix_url, struct zync_buf *out,
					   struct zync_err *err) ZYNC_MUST_CHECK;
/** The reference in Markdown (docs/configuration.md), from the table. */
enum zync_status zync_config_write_reference(struct zync_buf *out, struct zync_err *err) ZYNC_MUST_CHECK;

ZYNC_DEFINE_CLEANUP(zync_config, struct zync_config *, zync_config_free)
#define ZYNC_AUTO_CONFIG ZYNC_CLEANUP(zync_config_cleanup) struct zync_config *

#endif
