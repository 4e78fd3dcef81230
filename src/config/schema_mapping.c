/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <stddef.h>

#define FIELD(S, TYPE, NAME, MEMBER, ...) {.key = NAME, .type = ZYNC_CFG_TYPE_##TYPE, .offset = offsetof(struct S, MEMBER), __VA_ARGS__}
#define TABLE(S, PATH, FIELDS, ...)	  {.path = PATH, .fields = FIELDS, .count = ZYNC_ARRAY_LEN(FIELDS), .size = sizeof(struct S), __VA_ARGS__}

#define ENTRIES_MAX 10000 /* tags, macros or interfaces of one mapping */

static const char *const type_words[] = {"device", "virtual_machine", "vm", NULL};
#define MATCH(NAME, EXAMPLE, HELP) FIELD(zync_cfg_match, TEXTS, #NAME, NAME, .def_help = "any", .example = EXAMPLE, .help = HELP)

static const struct zync_cfg_field match_fields[] = {
	FIELD(zync_cfg_match, TEXTS, "type", type, .words = type_words, .def_help = "any", .example = "device",
	      .help = "Kind of object; vm is short for virtual_machine."),
	MATCH(name, "[\"core-*\", \"edge-*\"]", "Name of the object; patterns with * and ?."),
	MATCH(site, "[ams, ber]", "Site, by slug or name."),
	MATCH(site_group, "campus", "Group of the site, or one above it."),
	MATCH(region, "europe", "Region of the site, or one above it."),
	MATCH(location, "hall-2", "Location of a device."),
	MATCH(role, "[core-switch, router]", "Role."),
	MATCH(platform, "ios-xe", "Platform."),
	MATCH(manufacturer, "cisco", "Manufacturer of a device."),
	MATCH(device_type, "c9300-*", "Device type, by slug or model."),
	MATCH(tenant, "acme", "Tenant."),
	MATCH(tenant_group, "customers", "Group of the tenant."),
	MATCH(cluster, "vmware-1", "Cluster."),
	MATCH(cluster_type, "vsphere", "Type of the cluster."),
	MATCH(cluster_group, "production", "Group of the cluster."),
	MATCH(status, "[active, staged]", "Status in NetBox."),
	MATCH(tags, "[monitoring, snmp]", "The object has any of these tags."),
	MATCH(all_tags, "[monitoring, snmp]", "The object has all of these tags."),
	FIELD(zync_cfg_match, PAIRS, "custom_fields", custom_fields, .def_help = "any", .example = "{monitoring: [basic, full]}",
	      .help = "Custom field → value, or a list of which one suffices."),
	FIELD(zync_cfg_match, PAIRS, "config_context", config_context, .def_help = "any", .example = "{zabbix.profile: linux}",
	      .help = "Path in the config context, with dots → value, or a list of which one suffices."),
};
static const struct zync_cfg_table match_table = TABLE(
	zync_cfg_match, "mappings[].match", match_fields,
	.help = "Which objects the mapping speaks of. All conditions that are given must hold; any one value of a condition suffices. "
		"Values are patterns (* and ?) for slug or name, without regard to case. No match: every object.");

static const char *const interface_types[] = {"agent", "snmp", NULL};
static const char *const use_words[] = {"ip", "dns", NULL};
static const char *const bool_words[] = {"true", "false", "yes", "no", "on", "off", NULL};
static const char *const version_words[] = {"1", "2", "2c", "3", NULL};
static const char *const level_words[] = {"noAuthNoPriv", "authNoPriv", "authPriv", NULL};
static const char *const auth_words[] = {"MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512", NULL};
static const char *const priv_words[] = {"DES", "AES128", "AES192", "AES256", "AES192C", "AES256C", NULL};
#define INTERFACE(NAME, ...) FIELD(zync_cfg_interface, TEXT, #NAME, NAME, __VA_ARGS__)

static const struct zync_cfg_field interface_fields[] = {
	INTERFACE(type, .flags = ZYNC_CFG_REQUIRED | ZYNC_CFG_SMALLEST, .words = interface_types, .example = "agent",
		  .help = "Kind of interface."),
	INTERFACE(address, .flags = ZYNC_CFG_TEMPLATE, .def_help = "primary", .example = "primary",
		  .help = "Which address of the object: primary, primary4, primary6, oob, or a text that yields an address or DNS name."),
	INTERFACE(use, .words = use_words, .def_help = "ip", .example = "ip",
		  .help = "Whether Zabbix connects to the address or to the DNS name."),
	INTERFACE(ip, .flags = ZYNC_CFG_TEMPLATE, .def_help = "from address", .example = "\"{{ custom_fields.management_ip }}\"",
		  .help = "IP address, where it does not come from address."),
	INTERFACE(dns, .flags = ZYNC_CFG_TEMPLATE, .def_help = "from address", .example = "\"{{ name | lower }}.example.com\"",
		  .help = "DNS name, where it does not come from address."),
	INTERFACE(port, .flags = ZYNC_CFG_TEMPLATE, .def_help = "10050 for agent, 161 for snmp", .example = "10050",
		  .help = "Port, or a user macro."),
	INTERFACE(main, .words = bool_words, .def_help = "true for the first of its type", .example = "true",
		  .help = "Default interface of its type."),
	INTERFACE(version, .words = version_words, .def_help = "2", .example = "2", .help = "SNMP version; 2c is the same as 2."),
	INTERFACE(community, .flags = ZYNC_CFG_HIDDEN | ZYNC_CFG_TEMPLATE, .def_help = "{$SNMP_COMMUNITY}",
		  .example = "\"{$SNMP_COMMUNITY}\"", .help = "SNMP 1 and 2: community."),
	INTERFACE(bulk, .words = bool_words, .def_help = "true", .example = "true", .help = "SNMP: ask for several values at once."),
	INTERFACE(max_repetitions, .def_help = "10", .example = "10", .help = "SNMP 2 and 3: values in one reply to a bulk request."),
	INTERFACE(context_name, .flags = ZYNC_CFG_TEMPLATE, .def_help = "empty", .example = "vlan-10", .help = "SNMP 3: context."),
	INTERFACE(security_name, .flags = ZYNC_CFG_TEMPLATE, .def_help = "empty", .example = "zabbix", .help = "SNMP 3: user."),
	INTERFACE(security_level, .words = level_words, .def_help = "noAuthNoPriv", .example = "authPriv",
		  .help = "SNMP 3: what is protected."),
	INTERFACE(auth_protocol, .words = auth_words, .def_help = "MD5", .example = "SHA256", .help = "SNMP 3: authentication."),
	INTERFACE(auth_passphrase, .flags = ZYNC_CFG_HIDDEN | ZYNC_CFG_TEMPLATE, .def_help = "empty", .example = "\"{$SNMP_AUTH}\"",
		  .help = "SNMP 3: authentication pass phrase; best a user macro or ${NAME}."),
	INTERFACE(priv_protocol, .words = priv_words, .def_help = "DES", .example = "AES128", .help = "SNMP 3: encryption."),
	INTERFACE(priv_passphrase, .flags = ZYNC_CFG_HIDDEN | ZYNC_CFG_TEMPLATE, .def_help = "empty", .example = "\"{$SNMP_PRIV}\"",
		  .help = "SNMP 3: encryption pass phrase."),
};
static const struct zync_cfg_table interface_table =
	TABLE(zync_cfg_interface, "mappings[].set.interfaces[]", interface_fields, .has_pos = true,
	      .pos_offset = offsetof(struct zync_cfg_interface, pos),
	      .help = "One interface of a host. A later mapping that gives interfaces replaces those of earlier ones.");

static const struct zync_cfg_field tag_fields[] = {
	FIELD(zync_cfg_tag, TEXT, "tag", tag, .flags = ZYNC_CFG_REQUIRED | ZYNC_CFG_TEMPLATE, .example = "site",
	      .help = "Name of the tag."),
	FIELD(zync_cfg_tag, TEXT, "value", value, .flags = ZYNC_CFG_EMPTY | ZYNC_CFG_TEMPLATE, .def_help = "empty",
	      .example = "\"{{ site.slug }}\"", .help = "Value of the tag."),
};
static const struct zync_cfg_table tag_table =
	TABLE(zync_cfg_tag, "mappings[].set.tags[]", tag_fields,
	      .help = "One tag of a host. Instead of the list, a map \"name: value\" or \"name: [values]\" may be given.");

static const char *const macro_words[] = {"text", "secret", "vault", NULL};

static const struct zync_cfg_field macro_fields[] = {
	FIELD(zync_cfg_macro, TEXT, "macro", macro, .flags = ZYNC_CFG_REQUIRED, .example = "\"{$SNMP_COMMUNITY}\"",
	      .help = "Name of the macro, as {$NAME}."),
	FIELD(zync_cfg_macro, TEXT, "value", value, .flags = ZYNC_CFG_REQUIRED | ZYNC_CFG_EMPTY | ZYNC_CFG_LINES | ZYNC_CFG_TEMPLATE,
	      .example = "\"{{ custom_fields.snmp_community }}\"", .help = "Its value; for a secret best ${NAME} from the environment."),
	FIELD(zync_cfg_macro, TEXT, "type", type, .words = macro_words, .def_help = "text", .example = "text",
	      .help = "text, secret (write-only in Zabbix), or vault (the value is a path in a vault)."),
	FIELD(zync_cfg_macro, TEXT, "description", description, .flags = ZYNC_CFG_LINES | ZYNC_CFG_EMPTY | ZYNC_CFG_TEMPLATE,
	      .def_help = "empty", .example = "Set by Zync", .help = "Description of the macro."),
};
static const struct zync_cfg_table macro_table =
	TABLE(zync_cfg_macro, "mappings[].set.macros[]", macro_fields, .check = zync_cfg_check_macro,
	      .help = "One user macro of a host. Instead of the list, a map may be given: \"{$NAME}\": value, or \"{$NAME}\": {value: …, "
		      "type: …, description: …}.");

static const char *const set_state_words[] = {"monitored", "disabled", "removed", "skipped", NULL};
static const char *const inventory_mode_words[] = {"manual", "automatic", "disabled", NULL};
#define SET(TYPE, NAME, ...) FIELD(zync_cfg_set, TYPE, #NAME, NAME, __VA_ARGS__)

static const struct zync_cfg_field set_fields[] = {
	SET(TEXTS, host_groups, .flags = ZYNC_CFG_SMALLEST | ZYNC_CFG_TEMPLATE, .def_help = "none",
	    .example = "[\"NetBox/{{ site.name }}\"]",
	    .help = "Host groups, created with their parents where they are missing. A host needs at least one."),
	SET(TEXTS, templates, .flags = ZYNC_CFG_SMALLEST | ZYNC_CFG_TEMPLATE, .def_help = "none", .example = "[\"ICMP Ping\"]",
	    .help = "Templates to link, by name."),
	SET(STRUCTS, interfaces, .flags = ZYNC_CFG_SMALLEST, .given_offset = offsetof(struct zync_cfg_set, interfaces.given),
	    .table = &interface_table, .maximum = ENTRIES_MAX, .def_help = "none",
	    .help = "Interfaces. A later mapping that gives interfaces replaces those of earlier ones."),
	SET(TEXT, zabbix_server, .def_help = "the first server", .example = "zabbix",
	    .help = "Name of the Zabbix server that the host belongs to."),
	SET(TEXT, host, .flags = ZYNC_CFG_TEMPLATE, .def_help = "{{ name }}, made legal", .example = "\"{{ name }}\"",
	    .help = "Technical name of the host."),
	SET(TEXT, name, .flags = ZYNC_CFG_TEMPLATE, .def_help = "{{ name }}", .example = "\"{{ name }}\"",
	    .help = "Visible name of the host."),
	SET(TEXT, description, .flags = ZYNC_CFG_TEMPLATE | ZYNC_CFG_LINES | ZYNC_CFG_EMPTY, .def_help = "empty",
	    .example = "\"{{ description }}\"", .help = "Description of the host."),
	SET(TEXT, state, .words = set_state_words, .def_help = "by status", .example = "monitored",
	    .help = "monitored, disabled, removed (no host) or skipped (not selected; a host that it had is treated as sync.on_missing "
		    "says); overrules the status section."),
	SET(TEXT, proxy, .flags = ZYNC_CFG_TEMPLATE, .def_help = "none", .example = "proxy-ams",
	    .help = "Proxy that monitors the host, by name."),
	SET(TEXT, proxy_group, .flags = ZYNC_CFG_TEMPLATE, .def_help = "none", .example = "proxies-europe",
	    .help = "Proxy group that monitors the host (Zabbix 7.0 and newer)."),
	SET(STRUCTS, tags, .flags = ZYNC_CFG_NAMED, .table = &tag_table, .maximum = ENTRIES_MAX, .def_help = "none",
	    .help = "Tags: a list, or a map \"name: value\"."),
	SET(STRUCTS, macros, .flags = ZYNC_CFG_NAMED, .table = &macro_table, .maximum = ENTRIES_MAX, .def_help = "none",
	    .help = "User macros: a list, or a map \"{$NAME}\": value."),
	SET(PAIRS, inventory, .flags = ZYNC_CFG_TEMPLATE | ZYNC_CFG_LINES | ZYNC_CFG_EMPTY, .def_help = "none",
	    .example = "{location: \"{{ site.name }}\", serialno_a: \"{{ serial }}\"}", .help = "Inventory fields, by Zabbix's names."),
	SET(TEXT, inventory_mode, .words = inventory_mode_words, .def_help = "manual where inventory is set", .example = "manual",
	    .help = "How the inventory is filled."),
};
static const struct zync_cfg_table set_table = TABLE(zync_cfg_set, "mappings[].set", set_fields, .check = zync_cfg_check_set,
						     .help = "What the hosts have. Later mappings win for single values and add to lists.");

static const struct zync_cfg_field mapping_fields[] = {
	FIELD(zync_cfg_mapping, STRUCT, "set", set, .flags = ZYNC_CFG_SMALLEST, .table = &set_table, .help = "What the hosts have."),
	FIELD(zync_cfg_mapping, TEXT, "name", name, .def_help = "mapping N", .example = "everything",
	      .help = "Name of the mapping in messages and in zync explain."),
	FIELD(zync_cfg_mapping, STRUCT, "match", match, .table = &match_table, .help = "Which objects; left out: every object."),
};
const struct zync_cfg_table zync_cfg_table_mapping =
	TABLE(zync_cfg_mapping, "mappings[]", mapping_fields, .has_pos = true, .pos_offset = offsetof(struct zync_cfg_mapping, pos),
	      .help = "One rule: which objects, and what their hosts have.");
