/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <stddef.h>

#define FIELD(S, TYPE, NAME, MEMBER, ...) {.key = NAME, .type = ZYNC_CFG_TYPE_##TYPE, .offset = offsetof(struct S, MEMBER), __VA_ARGS__}
#define TABLE(S, PATH, FIELDS, ...)	  {.path = PATH, .fields = FIELDS, .count = ZYNC_ARRAY_LEN(FIELDS), .size = sizeof(struct S), __VA_ARGS__}

/* The interfaces of a host; what else a mapping sets is in schema_mapping.c. */
static const char *const interface_types[] = {"agent", "snmp", "ipmi", "jmx", NULL};
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
	FIELD(zync_cfg_interface, TEXTS, "address", address, .flags = ZYNC_CFG_TEMPLATE, .def_help = "primary",
	      .example = "[\"interface:mgmt*\", oob, primary]",
	      .help = "Which address of the object, or a list of which the first that it has counts: primary, primary4, primary6, oob, "
		      "interface:NAME (of an interface in NetBox; patterns with * and ?), or a text that yields an address or DNS name."),
	INTERFACE(use, .words = use_words, .def_help = "ip", .example = "ip",
		  .help = "Whether Zabbix connects to the address or to the DNS name."),
	INTERFACE(ip, .flags = ZYNC_CFG_TEMPLATE, .def_help = "from address", .example = "\"{{ custom_fields.management_ip }}\"",
		  .help = "IP address, where it does not come from address."),
	INTERFACE(dns, .flags = ZYNC_CFG_TEMPLATE, .def_help = "from address", .example = "\"{{ name | lower }}.example.com\"",
		  .help = "DNS name, where it does not come from address."),
	INTERFACE(port, .flags = ZYNC_CFG_TEMPLATE, .def_help = "10050 for agent, 161 for snmp, 623 for ipmi, 12345 for jmx",
		  .example = "10050", .help = "Port, or a user macro."),
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
const struct zync_cfg_table zync_cfg_table_interface =
	TABLE(zync_cfg_interface, "mappings[].set.interfaces[]", interface_fields, .has_pos = true,
	      .pos_offset = offsetof(struct zync_cfg_interface, pos),
	      .help = "One interface of a host. A later mapping that gives interfaces replaces those of earlier ones.");
