/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules_priv.h"

#include "base/str.h"

#define CHOICES(words, table) {.allowed = (words), .items = (table), .len = ZYNC_ARRAY_LEN(table)}

static const struct rules_choice state_items[] = {{"monitored", ZYNC_VERDICT_MONITORED},
						  {"disabled", ZYNC_VERDICT_DISABLED},
						  {"removed", ZYNC_VERDICT_REMOVED},
						  {"skipped", ZYNC_VERDICT_SKIPPED}};
const struct rules_choices rules_states = CHOICES("monitored, disabled, removed, skipped", state_items);

static const struct rules_choice ownership_items[] = {
	{"overwrite", ZYNC_OWN_OVERWRITE}, {"ignore", ZYNC_OWN_IGNORE}, {"merge", ZYNC_OWN_MERGE}};
const struct rules_choices rules_ownership = CHOICES("overwrite, merge, ignore", ownership_items);
/* Single values cannot be merged. */
const struct rules_choices rules_own_or_ignore = {.allowed = "overwrite, ignore", .items = ownership_items, .len = 2};

/* The numbers are those of Zabbix's API, which config contexts of older tools hold. */
static const struct rules_choice type_items[] = {
	{"agent", ZYNC_INTERFACE_AGENT}, {"snmp", ZYNC_INTERFACE_SNMP}, {"ipmi", ZYNC_INTERFACE_IPMI}, {"jmx", ZYNC_INTERFACE_JMX},
	{"1", ZYNC_INTERFACE_AGENT},	 {"2", ZYNC_INTERFACE_SNMP},	{"3", ZYNC_INTERFACE_IPMI},    {"4", ZYNC_INTERFACE_JMX}};
const struct rules_choices rules_interface_types = CHOICES("agent, snmp, ipmi, jmx", type_items);

static const struct rules_choice use_items[] = {{"ip", 1}, {"dns", 0}};
const struct rules_choices rules_uses = CHOICES("ip, dns", use_items);

static const struct rules_choice boolean_items[] = {{"true", 1}, {"false", 0}, {"yes", 1}, {"no", 0},
						    {"on", 1},	 {"off", 0},   {"1", 1},   {"0", 0}};
const struct rules_choices rules_booleans = CHOICES("true, false", boolean_items);

static const struct rules_choice version_items[] = {{"1", 1}, {"2", 2}, {"2c", 2}, {"3", 3}};
const struct rules_choices rules_snmp_versions = CHOICES("1, 2, 3", version_items);

static const struct rules_choice level_items[] = {{"noAuthNoPriv", 0}, {"authNoPriv", 1}, {"authPriv", 2}, {"0", 0}, {"1", 1}, {"2", 2}};
const struct rules_choices rules_security_levels = CHOICES("noAuthNoPriv, authNoPriv, authPriv", level_items);

static const struct rules_choice auth_items[] = {{"MD5", 0},	{"SHA1", 1}, {"SHA224", 2}, {"SHA256", 3}, {"SHA384", 4},
						 {"SHA512", 5}, {"SHA", 1},  {"0", 0},	    {"1", 1},	   {"2", 2},
						 {"3", 3},	{"4", 4},    {"5", 5}};
const struct rules_choices rules_auth_protocols = CHOICES("MD5, SHA1, SHA224, SHA256, SHA384, SHA512", auth_items);

static const struct rules_choice priv_items[] = {{"DES", 0},	 {"AES128", 1}, {"AES192", 2}, {"AES256", 3}, {"AES192C", 4},
						 {"AES256C", 5}, {"AES", 1},	{"0", 0},      {"1", 1},      {"2", 2},
						 {"3", 3},	 {"4", 4},	{"5", 5}};
const struct rules_choices rules_priv_protocols = CHOICES("DES, AES128, AES192, AES256, AES192C, AES256C", priv_items);

static const struct rules_choice macro_items[] = {{"text", ZYNC_MACRO_TEXT}, {"secret", ZYNC_MACRO_SECRET}, {"vault", ZYNC_MACRO_VAULT},
						  {"0", ZYNC_MACRO_TEXT},    {"1", ZYNC_MACRO_SECRET},	    {"2", ZYNC_MACRO_VAULT}};
const struct rules_choices rules_macro_types = CHOICES("text, secret, vault", macro_items);

static const struct rules_choice mode_items[] = {{"manual", ZYNC_INVENTORY_MANUAL},	{"automatic", ZYNC_INVENTORY_AUTOMATIC},
						 {"disabled", ZYNC_INVENTORY_DISABLED}, {"0", ZYNC_INVENTORY_MANUAL},
						 {"1", ZYNC_INVENTORY_AUTOMATIC},	{"-1", ZYNC_INVENTORY_DISABLED}};
const struct rules_choices rules_inventory_modes = CHOICES("manual, automatic, disabled", mode_items);

static const struct rules_choice authtype_items[] = {{"default", -1}, {"none", 0},  {"MD2", 1}, {"MD5", 2}, {"straight", 4},
						     {"OEM", 5},      {"RMCP+", 6}, {"-1", -1}, {"0", 0},   {"1", 1},
						     {"2", 2},	      {"4", 4},	    {"5", 5},	{"6", 6}};
const struct rules_choices rules_ipmi_authtypes = CHOICES("default, none, MD2, MD5, straight, OEM, RMCP+", authtype_items);

static const struct rules_choice privilege_items[] = {{"callback", 1}, {"user", 2}, {"operator", 3}, {"admin", 4}, {"OEM", 5},
						      {"1", 1},	       {"2", 2},    {"3", 3},	     {"4", 4},	   {"5", 5}};
const struct rules_choices rules_ipmi_privileges = CHOICES("callback, user, operator, admin, OEM", privilege_items);

static const struct rules_choice tls_items[] = {
	{"none", ZYNC_TLS_NONE}, {"psk", ZYNC_TLS_PSK}, {"certificate", ZYNC_TLS_CERTIFICATE}, {"cert", ZYNC_TLS_CERTIFICATE}};
const struct rules_choices rules_tls_modes = CHOICES("none, psk, certificate", tls_items);

bool rules_choice_find(const struct rules_choices *choices, const char *text, int *ret)
{
	for (size_t i = 0; i < choices->len; i++)
		if (zync_str_eq_nocase(choices->items[i].name, text)) {
			*ret = choices->items[i].value;
			return true;
		}
	return false;
}

const char *rules_choice_name(const struct rules_choices *choices, int value)
{
	for (size_t i = 0; i < choices->len; i++)
		if (choices->items[i].value == value)
			return choices->items[i].name;
	return "";
}

const char *zync_verdict_name(enum zync_verdict verdict)
{
	return verdict == ZYNC_VERDICT_FAILED ? "failed" : rules_choice_name(&rules_states, (int)verdict);
}
