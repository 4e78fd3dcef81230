/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_priv.h"

#include "base/str.h"

/* The words of one enumeration: number `first` and the ones after it. */
struct words_table {
	int first;
	size_t count;
	const char *const *words;
};

static const char *const words_aspect[] = {"host",  "name", "status", "description", "groups", "templates", "interfaces",
					   "proxy", "tags", "macros", "inventory",   "ipmi",   "tls"};
static const char *const words_ownership[] = {"overwrite", "merge", "ignore"};
static const char *const words_status[] = {"monitored", "disabled"};
static const char *const words_interface_type[] = {"agent", "snmp", "ipmi", "jmx"};
static const char *const words_macro_type[] = {"text", "secret", "vault"};
static const char *const words_monitored_by[] = {"server", "proxy", "proxy_group"};
static const char *const words_inventory_mode[] = {"disabled", "manual", "automatic"};
static const char *const words_securitylevel[] = {"noAuthNoPriv", "authNoPriv", "authPriv"};
static const char *const words_authprotocol[] = {"MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"};
static const char *const words_privprotocol[] = {"DES", "AES128", "AES192", "AES256", "AES192C", "AES256C"};
/* NULL: a number that Zabbix does not use. */
static const char *const words_ipmi_authtype[] = {"default", "none", "MD2", "MD5", NULL, "straight", "OEM", "RMCP+"};
static const char *const words_ipmi_privilege[] = {"callback", "user", "operator", "admin", "OEM"};
static const char *const words_tls[] = {"none", "psk", NULL, "certificate"};

#define WORDS_TABLE(first, words) {(first), ZYNC_ARRAY_LEN(words), words}
static const struct words_table words_tables[ZYNC_WORDS_COUNT] = {
	[ZYNC_WORDS_ASPECT] = WORDS_TABLE(0, words_aspect),
	[ZYNC_WORDS_OWNERSHIP] = WORDS_TABLE(0, words_ownership),
	[ZYNC_WORDS_STATUS] = WORDS_TABLE(0, words_status),
	[ZYNC_WORDS_INTERFACE_TYPE] = WORDS_TABLE(1, words_interface_type),
	[ZYNC_WORDS_MACRO_TYPE] = WORDS_TABLE(0, words_macro_type),
	[ZYNC_WORDS_MONITORED_BY] = WORDS_TABLE(0, words_monitored_by),
	[ZYNC_WORDS_INVENTORY_MODE] = WORDS_TABLE(-1, words_inventory_mode),
	[ZYNC_WORDS_SECURITYLEVEL] = WORDS_TABLE(0, words_securitylevel),
	[ZYNC_WORDS_AUTHPROTOCOL] = WORDS_TABLE(0, words_authprotocol),
	[ZYNC_WORDS_PRIVPROTOCOL] = WORDS_TABLE(0, words_privprotocol),
	[ZYNC_WORDS_IPMI_AUTHTYPE] = WORDS_TABLE(ZYNC_IPMI_AUTHTYPE_DEFAULT, words_ipmi_authtype),
	[ZYNC_WORDS_IPMI_PRIVILEGE] = WORDS_TABLE(1, words_ipmi_privilege),
	[ZYNC_WORDS_TLS] = WORDS_TABLE(ZYNC_TLS_NONE, words_tls),
};

_Static_assert(ZYNC_ARRAY_LEN(words_aspect) == ZYNC_ASPECT_COUNT, "every aspect has a word");

const char *zync_model_word(enum zync_model_words words, int number)
{
	const struct words_table *table = &words_tables[words];
	if (number < table->first || (size_t)(number - table->first) >= table->count)
		return NULL;
	return table->words[number - table->first];
}

bool zync_model_number(enum zync_model_words words, const char *word, int *ret_number)
{
	const struct words_table *table = &words_tables[words];
	for (size_t i = 0; i < table->count; i++) {
		if (zync_str_eq(table->words[i], word)) {
			*ret_number = table->first + (int)i;
			return true;
		}
	}
	return false;
}

const char *zync_aspect_name(enum zync_aspect aspect)
{
	const char *name = zync_model_word(ZYNC_WORDS_ASPECT, (int)aspect);
	ZYNC_ASSERT(name != NULL);
	return name;
}
