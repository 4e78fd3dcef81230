/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules_priv.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "base/str.h"

/* Which interfaces a field makes sense on. */
enum interface_scope { SCOPE_ALL = 0, SCOPE_SNMP, SCOPE_SNMP12, SCOPE_SNMP23, SCOPE_SNMP3 };

static const struct {
	const char *label;
	size_t offset;
	const struct rules_choices *choices;
	enum interface_scope scope;
} interface_fields[RULES_IF_COUNT] = {
#define FIELD(member) .label = "interfaces: " #member, .offset = offsetof(struct zync_cfg_interface, member)
	[RULES_IF_TYPE] = {FIELD(type), .choices = &rules_interface_types},
	[RULES_IF_USE] = {FIELD(use), .choices = &rules_uses},
	[RULES_IF_IP] = {FIELD(ip)},
	[RULES_IF_DNS] = {FIELD(dns)},
	[RULES_IF_PORT] = {FIELD(port)},
	[RULES_IF_MAIN] = {FIELD(main), .choices = &rules_booleans},
	[RULES_IF_VERSION] = {FIELD(version), .choices = &rules_snmp_versions, .scope = SCOPE_SNMP},
	[RULES_IF_COMMUNITY] = {FIELD(community), .scope = SCOPE_SNMP12},
	[RULES_IF_BULK] = {FIELD(bulk), .choices = &rules_booleans, .scope = SCOPE_SNMP},
	[RULES_IF_MAX_REPETITIONS] = {FIELD(max_repetitions), .scope = SCOPE_SNMP23},
	[RULES_IF_CONTEXT_NAME] = {FIELD(context_name), .scope = SCOPE_SNMP3},
	[RULES_IF_SECURITY_NAME] = {FIELD(security_name), .scope = SCOPE_SNMP3},
	[RULES_IF_SECURITY_LEVEL] = {FIELD(security_level), .choices = &rules_security_levels, .scope = SCOPE_SNMP3},
	[RULES_IF_AUTH_PROTOCOL] = {FIELD(auth_protocol), .choices = &rules_auth_protocols, .scope = SCOPE_SNMP3},
	[RULES_IF_AUTH_PASSPHRASE] = {FIELD(auth_passphrase), .scope = SCOPE_SNMP3},
	[RULES_IF_PRIV_PROTOCOL] = {FIELD(priv_protocol), .choices = &rules_priv_protocols, .scope = SCOPE_SNMP3},
	[RULES_IF_PRIV_PASSPHRASE] = {FIELD(priv_passphrase), .scope = SCOPE_SNMP3},
#undef FIELD
};

const struct rules_choices *rules_interface_choices(enum rules_if field)
{
	return interface_fields[field].choices;
}

const char *rules_ip_problem(const char *ip)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (ip[0] == '{' || inet_pton(AF_INET, ip, address) == 1 || inet_pton(AF_INET6, ip, address) == 1)
		return NULL;
	return "it is no IPv4 or IPv6 address";
}

const char *rules_port_problem(const char *port)
{
	uint64_t number = 0;

	if (port[0] == '{' || (zync_str_to_u64(port, &number) && number >= 1 && number <= 65535))
		return NULL;
	return "it is no port number (1 to 65535) or user macro";
}

bool rules_max_repetitions(const char *text, unsigned *ret)
{
	uint64_t number = 0;

	if (!zync_str_to_u64(text, &number) || number < 1 || number > INT32_MAX)
		return false;
	*ret = (unsigned)number;
	return true;
}

const char *rules_snmp3_problem(int level, bool has_auth_passphrase, bool has_priv_passphrase)
{
	if (level >= 1 && !has_auth_passphrase)
		return level == 1 ? "security_level authNoPriv needs an auth_passphrase"
				  : "security_level authPriv needs an auth_passphrase";
	if (level >= 2 && !has_priv_passphrase)
		return "security_level authPriv needs a priv_passphrase";
	return NULL;
}

static bool interface_in_scope(enum interface_scope scope, int version)
{
	switch (scope) {
	case SCOPE_SNMP12:
		return version < 3;
	case SCOPE_SNMP23:
		return version > 1;
	case SCOPE_SNMP3:
		return version == 3;
	case SCOPE_ALL:
	case SCOPE_SNMP:
		break;
	}
	return true;
}

static void interface_check_texts(struct rules_compiler *c, const struct rules_interface *item)
{
	const struct rules_text *f = item->fields;
	const char *ip = rules_constant(&f[RULES_IF_IP]);
	const char *port = rules_constant(&f[RULES_IF_PORT]);
	const char *repetitions = rules_constant(&f[RULES_IF_MAX_REPETITIONS]);
	unsigned number = 0;

	if (ip != NULL && ip[0] != '\0' && rules_ip_problem(ip) != NULL)
		rules_problem(c, f[RULES_IF_IP].cfg->pos, "interfaces: ip: \"%s\": %s", rules_shown(&f[RULES_IF_IP], ip),
			      rules_ip_problem(ip));
	if (port != NULL && rules_port_problem(port) != NULL)
		rules_problem(c, f[RULES_IF_PORT].cfg->pos, "interfaces: port: \"%s\": %s", rules_shown(&f[RULES_IF_PORT], port),
			      rules_port_problem(port));
	if (repetitions != NULL && !rules_max_repetitions(repetitions, &number))
		rules_problem(c, f[RULES_IF_MAX_REPETITIONS].cfg->pos,
			      "interfaces: max_repetitions: \"%s\" is no number from 1 to 2147483647",
			      rules_shown(&f[RULES_IF_MAX_REPETITIONS], repetitions));
}

/* Fields that the type or the SNMP version, as far as they are constant, has no use for. */
static void interface_check_scope(struct rules_compiler *c, const struct rules_interface *item, int type, int version)
{
	for (size_t i = 0; i < RULES_IF_COUNT; i++) {
		const struct rules_text *text = &item->fields[i];
		enum interface_scope scope = interface_fields[i].scope;

		if (text->cfg->value == NULL || scope == SCOPE_ALL)
			continue;
		if (type != 0 && type != ZYNC_INTERFACE_SNMP)
			rules_problem(c, text->cfg->pos, "%s: only interfaces of type snmp have it", text->label);
		else if (version != 0 && !interface_in_scope(scope, version))
			rules_problem(c, text->cfg->pos, "%s: SNMP version %d does not have it%s", text->label, version,
				      scope == SCOPE_SNMP3 ? "; set version: 3" : "");
	}
}

static bool interface_text_given(const struct rules_text *text)
{
	return text->cfg->value != NULL && text->cfg->value[0] != '\0';
}

static void interface_check_snmp3(struct rules_compiler *c, const struct rules_interface *item)
{
	const struct rules_text *f = item->fields;
	bool auth = interface_text_given(&f[RULES_IF_AUTH_PASSPHRASE]);
	bool priv = interface_text_given(&f[RULES_IF_PRIV_PASSPHRASE]);
	int level = 0;
	const char *problem;

	if (f[RULES_IF_SECURITY_LEVEL].cfg->value != NULL) {
		if (rules_constant(&f[RULES_IF_SECURITY_LEVEL]) == NULL ||
		    !rules_choice_find(&rules_security_levels, rules_constant(&f[RULES_IF_SECURITY_LEVEL]), &level))
			return;
	}
	problem = rules_snmp3_problem(level, auth, priv);
	if (problem != NULL)
		rules_problem(c, item->pos, "interfaces: %s", problem);
	else if (auth && level < 1)
		rules_problem(c, f[RULES_IF_AUTH_PASSPHRASE].cfg->pos,
			      "interfaces: auth_passphrase is not used at security_level noAuthNoPriv; set authNoPriv or authPriv");
	else if (priv && level < 2)
		rules_problem(c, f[RULES_IF_PRIV_PASSPHRASE].cfg->pos,
			      "interfaces: priv_passphrase is only used at security_level authPriv");
}

/* Addresses of named interfaces are read only where a mapping may ask for them. */
static void interface_check_addresses(struct rules_compiler *c, const struct rules_texts *addresses)
{
	for (size_t i = 0; i < addresses->len; i++) {
		const struct rules_text *text = &addresses->items[i];

		if (text->expr == NULL)
			continue;
		if (strstr(text->cfg->value, RULES_ADDRESS_OF_INTERFACE) != NULL)
			c->rules->need_ip_addresses = true;
		if (zync_str_eq(rules_constant(text), RULES_ADDRESS_OF_INTERFACE))
			rules_problem(c, text->cfg->pos, "interfaces: address: \"interface:\" wants the name of an interface behind it");
	}
}

static enum zync_status interface_compile(struct rules_compiler *c, const struct zync_cfg_interface *cfg, struct rules_interface *out)
{
	int type = 0, version = 2;

	out->pos = cfg->pos;
	ZYNC_TRY(rules_compile_texts(c, &cfg->address, "interfaces: address", &out->addresses));
	interface_check_addresses(c, &out->addresses);
	for (size_t i = 0; i < RULES_IF_COUNT; i++) {
		const void *text = (const char *)cfg + interface_fields[i].offset;
		int value = 0;

		ZYNC_TRY(rules_compile_text(c, text, interface_fields[i].label, &out->fields[i]));
		if (interface_fields[i].choices != NULL)
			(void)rules_check_choice(c, &out->fields[i], interface_fields[i].choices, &value);
	}
	if (cfg->type.value == NULL)
		rules_problem(c, cfg->pos, "interfaces: type is missing; one of %s", rules_interface_types.allowed);
	if (rules_constant(&out->fields[RULES_IF_TYPE]) != NULL)
		(void)rules_choice_find(&rules_interface_types, cfg->type.value, &type);
	if (cfg->version.value != NULL) {
		version = 0;
		if (rules_constant(&out->fields[RULES_IF_VERSION]) != NULL)
			(void)rules_choice_find(&rules_snmp_versions, cfg->version.value, &version);
	}
	interface_check_texts(c, out);
	interface_check_scope(c, out, type, version);
	if (type == ZYNC_INTERFACE_SNMP && version == 3)
		interface_check_snmp3(c, out);
	return ZYNC_OK;
}

/* Two default interfaces of one type, as far as both are constant. */
static void interface_check_main(struct rules_compiler *c, const struct rules_mapping *m)
{
	bool seen[ZYNC_INTERFACE_JMX + 1] = {false};

	for (size_t i = 0; i < m->interfaces.len; i++) {
		const struct rules_text *f = m->interfaces.items[i].fields;
		const char *type_text = rules_constant(&f[RULES_IF_TYPE]);
		const char *main_text = rules_constant(&f[RULES_IF_MAIN]);
		int type = 0, is_main = 0;

		if (type_text == NULL || main_text == NULL || !rules_choice_find(&rules_interface_types, type_text, &type) ||
		    !rules_choice_find(&rules_booleans, main_text, &is_main) || is_main == 0)
			continue;
		if (seen[type])
			rules_problem(c, f[RULES_IF_MAIN].cfg->pos, "interfaces: main: there are two default interfaces of type %s",
				      rules_choice_name(&rules_interface_types, type));
		seen[type] = true;
	}
}

enum zync_status rules_compile_interfaces(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out)
{
	out->interfaces.given = set->interfaces.given;
	out->interfaces.items = ZYNC_NEW_ARRAY(c->arena, struct rules_interface, set->interfaces.len);
	if (out->interfaces.items == NULL)
		return rules_compile_nomem(c);
	out->interfaces.len = set->interfaces.len;
	for (size_t i = 0; i < set->interfaces.len; i++)
		ZYNC_TRY(interface_compile(c, &set->interfaces.items[i], &out->interfaces.items[i]));
	interface_check_main(c, out);
	return ZYNC_OK;
}
