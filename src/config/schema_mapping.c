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

static const char *const authtype_words[] = {"default", "none", "MD2", "MD5", "straight", "OEM", "RMCP+", NULL};
static const char *const privilege_words[] = {"callback", "user", "operator", "admin", "OEM", NULL};
#define IPMI(NAME, ...) FIELD(zync_cfg_ipmi, TEXT, #NAME, NAME, __VA_ARGS__)

static const struct zync_cfg_field ipmi_fields[] = {
	IPMI(authtype, .words = authtype_words, .def_help = "default", .example = "default", .help = "How to authenticate."),
	IPMI(privilege, .words = privilege_words, .def_help = "user", .example = "user", .help = "Privilege level."),
	IPMI(username, .flags = ZYNC_CFG_TEMPLATE, .def_help = "empty", .example = "monitor", .help = "User."),
	IPMI(password, .flags = ZYNC_CFG_HIDDEN | ZYNC_CFG_TEMPLATE, .def_help = "empty", .example = "\"{$IPMI_PASSWORD}\"",
	     .help = "Password; best a user macro or ${NAME}."),
};
static const struct zync_cfg_table ipmi_table =
	TABLE(zync_cfg_ipmi, "mappings[].set.ipmi", ipmi_fields, .help = "Access of the host's IPMI interfaces.");

#define TLS(TYPE, NAME, ...) FIELD(zync_cfg_tls, TYPE, #NAME, NAME, __VA_ARGS__)

static const struct zync_cfg_field tls_fields[] = {
	TLS(TEXT, connect, .flags = ZYNC_CFG_TEMPLATE, .def_help = "none", .example = "psk",
	    .help = "Encryption of connections to the host: none, psk or certificate."),
	TLS(TEXTS, accept, .flags = ZYNC_CFG_TEMPLATE, .def_help = "as connect", .example = "[psk, certificate]",
	    .help = "What is accepted of connections from the host: none, psk, certificate, or several of them."),
	TLS(TEXT, psk_identity, .flags = ZYNC_CFG_TEMPLATE, .def_help = "none", .example = "\"psk-{{ site.slug }}\"",
	    .help = "Identity of the pre-shared key. One identity has one key on the whole Zabbix server."),
	TLS(TEXT, psk, .flags = ZYNC_CFG_HIDDEN | ZYNC_CFG_TEMPLATE, .def_help = "none", .example = "\"{{ custom_fields.agent_psk }}\"",
	    .help = "The key: 32 to 512 hexadecimal digits, an even number; best ${NAME}."),
	TLS(TEXT, issuer, .flags = ZYNC_CFG_TEMPLATE, .def_help = "any", .example = "\"CN=Agents CA,O=Example\"",
	    .help = "Issuer that the certificate must have."),
	TLS(TEXT, subject, .flags = ZYNC_CFG_TEMPLATE, .def_help = "any", .example = "\"CN={{ name }},O=Example\"",
	    .help = "Subject that the certificate must have."),
};
static const struct zync_cfg_table tls_table =
	TABLE(zync_cfg_tls, "mappings[].set.tls", tls_fields, .help = "Encryption between Zabbix and the host's agent.");

static const char *const parts_words[] = {"templates", "proxy", "interface", "tags", "macros", "description", "ipmi", NULL};
static const char *const templates_from_words[] = {"context", "custom_field", "context_or_custom_field", "both", NULL};
static const char *const preferred_ip_words[] = {"auto", "ipv4", "ipv6", NULL};
static const char *const per_host_bool_words[] = {"true", "false", "yes", "no", "on", "off", NULL};
#define PER_HOST(TYPE, NAME, ...) FIELD(zync_cfg_per_host, TYPE, #NAME, NAME, __VA_ARGS__)

static const struct zync_cfg_field per_host_fields[] = {
	PER_HOST(TEXT, context, .flags = ZYNC_CFG_EMPTY, .def = "zabbix",
		 .help = "Key in the config context; \"\": the config context does not count."),
	PER_HOST(TEXTS, parts, .words = parts_words, .def_help = "all of them", .example = "[templates, interface, tags]",
		 .help = "What of these values counts, of config context and custom fields."),
	PER_HOST(TEXT, templates_from, .words = templates_from_words, .def = "context_or_custom_field",
		 .help = "Where templates come from; context_or_custom_field: from the custom field only where the config context has "
			 "none. Virtual machines have no device type, so only the config context."),
	PER_HOST(TEXT, template_field, .def = "zabbix_template", .help = "Custom field of the device type with the name of a template."),
	PER_HOST(TEXT, proxy_field, .def_help = "none", .example = "zabbix_proxy",
		 .help = "Custom field with the name of the proxy: of the object, else of its site."),
	PER_HOST(TEXT, proxy_group_field, .def_help = "none", .example = "zabbix_proxy_group",
		 .help = "The same for the proxy group (Zabbix 7.0 and newer), which goes before a proxy."),
	PER_HOST(TEXT, preferred_ip, .words = preferred_ip_words, .def = "auto",
		 .help = "Family of the address, where the object has both; auto: NetBox's own choice."),
	PER_HOST(TEXT, prefer_dns, .words = per_host_bool_words, .def = "false",
		 .help = "Connect to the DNS name where the address has one."),
	PER_HOST(TEXT, oob, .words = per_host_bool_words, .def = "false",
		 .help = "Add an interface for the out-of-band address, as the keys oob_… of the config context say."),
	PER_HOST(TEXT, default_interface, .words = per_host_bool_words, .def = "true",
		 .help = "Where neither the config context has an interface_type nor the mapping interfaces: SNMP version 2 with "
			 "{$SNMP_COMMUNITY} for devices, agent for virtual machines. false: what other mappings give."),
};
static const struct zync_cfg_table per_host_table =
	TABLE(zync_cfg_per_host, "mappings[].set.per_host", per_host_fields, .has_pos = true,
	      .pos_offset = offsetof(struct zync_cfg_per_host, pos),
	      .help = "Values that NetBox itself holds for one object, in the format of netbox-zabbix-sync: docs/per-host.md.");

static const char *const override_words[] = {"host_groups", "templates", "tags", "macros", "inventory", NULL};
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
	    .table = &zync_cfg_table_interface, .maximum = ENTRIES_MAX, .def_help = "none",
	    .help = "Interfaces. A later mapping that gives interfaces replaces those of earlier ones."),
	SET(TEXTS, use, .def_help = "none", .example = "[linux, snmp-v3]",
	    .help = "Bundles whose settings count as if they stood in mappings just before this one."),
	SET(TEXTS, override, .words = override_words, .def_help = "none", .example = "[templates]",
	    .help = "Lists that begin anew here: what earlier mappings gave of them does not count."),
	SET(TEXTS, host_group_format, .def_help = "none", .example = "site/manufacturer/role",
	    .help = "Host groups in the format of netbox-zabbix-sync: names of NetBox's objects or custom fields, texts in quotes, with "
		    "slashes between."),
	SET(TEXTS, remove_host_groups, .def_help = "none", .example = "[\"Lab/*\"]",
	    .help = "Host groups (patterns) of earlier mappings that do not count."),
	SET(TEXTS, remove_templates, .def_help = "none", .example = "[ICMP Ping]",
	    .help = "Templates (patterns) of earlier mappings that do not count."),
	SET(TEXTS, remove_tags, .def_help = "none", .example = "[site]",
	    .help = "Names of tags (patterns) of earlier mappings that do not count."),
	SET(TEXTS, remove_macros, .def_help = "none", .example = "[\"{$SNMP.*}\"]",
	    .help = "Macros (patterns) of earlier mappings that do not count."),
	SET(TEXT, zabbix_server, .def_help = "the first server", .example = "zabbix",
	    .help = "Name of the Zabbix server that the host belongs to."),
	SET(TEXT, host, .flags = ZYNC_CFG_TEMPLATE, .def_help = "{{ name }}, made legal", .example = "\"{{ name }}\"",
	    .help = "Technical name of the host."),
	SET(TEXT, name, .flags = ZYNC_CFG_TEMPLATE, .def_help = "{{ name }}", .example = "\"{{ name }}\"",
	    .help = "Visible name of the host."),
	SET(TEXT, description, .flags = ZYNC_CFG_TEMPLATE | ZYNC_CFG_LINES | ZYNC_CFG_EMPTY, .def_help = "empty",
	    .example = "\"{{ description }}\"", .help = "Description of the host."),
	SET(TEXT, state, .flags = ZYNC_CFG_TEMPLATE, .words = set_state_words, .def_help = "by status", .example = "monitored",
	    .help = "monitored, disabled, removed (no host) or skipped (not selected; a host that it had is treated as sync.on_missing "
		    "says); overrules the status section."),
	SET(TEXT, proxy, .flags = ZYNC_CFG_TEMPLATE | ZYNC_CFG_EMPTY, .def_help = "none", .example = "proxy-ams",
	    .help = "Proxy that monitors the host, by name; an empty text: the server itself."),
	SET(TEXT, proxy_group, .flags = ZYNC_CFG_TEMPLATE | ZYNC_CFG_EMPTY, .def_help = "none", .example = "proxies-europe",
	    .help = "Proxy group that monitors the host (Zabbix 7.0 and newer)."),
	SET(STRUCTS, tags, .flags = ZYNC_CFG_NAMED, .table = &tag_table, .maximum = ENTRIES_MAX, .def_help = "none",
	    .help = "Tags: a list, or a map \"name: value\"."),
	SET(STRUCTS, macros, .flags = ZYNC_CFG_NAMED, .table = &macro_table, .maximum = ENTRIES_MAX, .def_help = "none",
	    .help = "User macros: a list, or a map \"{$NAME}\": value."),
	SET(PAIRS, inventory, .flags = ZYNC_CFG_TEMPLATE | ZYNC_CFG_LINES | ZYNC_CFG_EMPTY, .def_help = "none",
	    .example = "{location: \"{{ site.name }}\", serialno_a: \"{{ serial }}\"}", .help = "Inventory fields, by Zabbix's names."),
	SET(TEXT, inventory_mode, .words = inventory_mode_words, .def_help = "manual where inventory is set", .example = "manual",
	    .help = "How the inventory is filled."),
	SET(STRUCT, ipmi, .table = &ipmi_table, .def_help = "none", .help = "Access of the host's IPMI interfaces."),
	SET(STRUCT, tls, .table = &tls_table, .def_help = "none", .help = "Encryption between Zabbix and the host's agent."),
	SET(STRUCT, per_host, .table = &per_host_table, .given_offset = offsetof(struct zync_cfg_set, per_host.given), .def_help = "none",
	    .help = "Values that NetBox itself holds for one object, in its config context and custom fields."),
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

static const struct zync_cfg_field bundle_fields[] = {
	FIELD(zync_cfg_bundle, TEXT, "name", name, .flags = ZYNC_CFG_REQUIRED, .example = "linux",
	      .help = "Name of the bundle, for set.use."),
	FIELD(zync_cfg_bundle, STRUCT, "set", set, .table = &set_table, .help = "What the hosts have."),
};
const struct zync_cfg_table zync_cfg_table_bundle =
	TABLE(zync_cfg_bundle, "bundles[]", bundle_fields, .has_pos = true, .pos_offset = offsetof(struct zync_cfg_bundle, pos),
	      .help = "Settings with a name. Instead of the list, a map \"NAME: {set: {…}}\" may be given.");
