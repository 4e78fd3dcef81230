/* SPDX-License-Identifier: Apache-2.0 */
/* The interfaces of a host: those of the last matching mapping that gives any. */
#include "rules/rules_priv.h"

#include <string.h>

#include "base/str.h"

/* One interface in the making. */
struct making {
	struct rules_run *run;
	const struct rules_mapping *mapping;
	const struct rules_interface *rule;
	struct zync_interface *out;
	const char *type_name;
	const char *label; /* "agent", "snmp#2", for explain */
	const char *overrode;
	const char *source;		  /* which of NetBox's addresses was asked for; NULL: a text of the mapping */
	const struct rules_text *address; /* the text of `address` that counts; NULL: the default */
	bool ip_from_rule, dns_from_rule;
};

static const struct {
	const char *word, *member, *words;
} interface_addresses[] = {
	{"primary", "primary_ip", "primary IP address"},
	{"primary4", "primary_ip4", "primary IPv4 address"},
	{"primary6", "primary_ip6", "primary IPv6 address"},
	{"oob", "oob_ip", "out-of-band IP address"},
};

static const char *const interface_ports[] = {
	[ZYNC_INTERFACE_AGENT] = "10050", [ZYNC_INTERFACE_SNMP] = "161", [ZYNC_INTERFACE_IPMI] = "623", [ZYNC_INTERFACE_JMX] = "12345"};

static enum zync_status interface_text(const struct making *m, enum rules_if field, const char **ret)
{
	return rules_render(m->run, m->mapping, &m->rule->fields[field], ret);
}

static enum zync_status interface_choice(const struct making *m, enum rules_if field, int *ret)
{
	bool given = false;

	return rules_render_choice(m->run, m->mapping, &m->rule->fields[field], rules_interface_choices(field), ret, &given);
}

/* One line of explain for a field that the text gives, or its default. */
static enum zync_status interface_origin_text(const struct making *m, const struct rules_text *text, const char *name, const char *value)
{
	const char *path;

	if (!m->run->explain)
		return ZYNC_OK;
	path = zync_arena_printf(m->run->arena, "interfaces[%s].%s", m->label, name);
	if (text == NULL || text->expr == NULL)
		return rules_origin_default(m->run, path, value, "default");
	return rules_origin(m->run, path, value, m->mapping, text, m->overrode);
}

static enum zync_status interface_origin(const struct making *m, enum rules_if field, const char *name, const char *value)
{
	return interface_origin_text(m, &m->rule->fields[field], name, value);
}

static const char *interface_hidden(const struct zync_sensitive *text)
{
	return text->plain == NULL || text->plain[0] == '\0' || zync_is_macro_reference(text->plain) ? text->plain : "***";
}

/* --- address --- */

/* "10.0.0.1/24" → "10.0.0.1". */
static enum zync_status interface_without_prefix(const struct making *m, const char *text, const char **ret)
{
	*ret = zync_arena_strndup(m->run->arena, text, text[0] == '{' ? strlen(text) : strcspn(text, "/"));
	return *ret != NULL ? ZYNC_OK : rules_nomem(m->run);
}

/* One of NetBox's addresses, which may not be there. */
static enum zync_status interface_take_address(struct making *m, const struct zync_jval *ip)
{
	const struct zync_rules_object *object = m->run->object;
	const char *address = NULL, *dns = NULL;

	if (zync_jval_type(ip) == ZYNC_JSON_OBJECT) {
		address = zync_jval_str(object->member(object->ctx, ip, "address"));
		dns = zync_jval_str(object->member(object->ctx, ip, "dns_name"));
	}
	if (dns != NULL) {
		m->out->dns = zync_arena_strdup(m->run->arena, dns);
		if (m->out->dns == NULL)
			return rules_nomem(m->run);
	}
	return address == NULL ? ZYNC_OK : interface_without_prefix(m, address, &m->out->ip);
}

/* Roles of addresses that several devices share. */
static bool interface_is_shared(const struct zync_jval *role)
{
	static const char *const shared[] = {"anycast", "vip", "vrrp", "hsrp", "glbp", "carp"};
	const char *text = zync_jval_str(zync_jval_type(role) == ZYNC_JSON_OBJECT ? zync_jval_get(role, "value") : role);

	for (size_t i = 0; text != NULL && i < ZYNC_ARRAY_LEN(shared); i++)
		if (strcmp(text, shared[i]) == 0)
			return true;
	return false;
}

/* The first address of the interfaces whose name matches; one that other devices share only where there is no other. */
static enum zync_status interface_named_address(struct making *m, const char *pattern)
{
	const struct zync_rules_object *object = m->run->object;
	const struct zync_jval *address, *found = NULL;
	bool found_shared = false;
	struct zync_jiter it;

	zync_jiter_init(&it, object->member(object->ctx, NULL, "ip_addresses"));
	while ((address = zync_jiter_next(&it, NULL)) != NULL) {
		const char *name = zync_jval_get_str(address, "interface");
		bool shared = interface_is_shared(zync_jval_get(address, "role"));

		if (name == NULL || !zync_glob_match(pattern, name, /* nocase= */ true) || (found != NULL && (shared || !found_shared)))
			continue;
		found = address;
		found_shared = shared;
	}
	return found != NULL ? interface_take_address(m, found) : ZYNC_OK;
}

/* One text of `address`: a word for one of NetBox's addresses, or an address or a DNS name itself. */
static enum zync_status interface_try_address(struct making *m, const char *text)
{
	const struct zync_rules_object *object = m->run->object;
	const char *address = NULL;

	m->source = NULL;
	if (text[0] == '\0')
		return ZYNC_OK;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(interface_addresses); i++)
		if (zync_str_eq_nocase(text, interface_addresses[i].word)) {
			m->source = interface_addresses[i].words;
			return interface_take_address(m, object->member(object->ctx, NULL, interface_addresses[i].member));
		}
	if (zync_str_starts(text, RULES_ADDRESS_OF_INTERFACE)) {
		m->source = zync_arena_printf(m->run->arena, "IP address on an interface \"%.100s\"",
					      text + strlen(RULES_ADDRESS_OF_INTERFACE));
		return m->source == NULL ? rules_nomem(m->run) : interface_named_address(m, text + strlen(RULES_ADDRESS_OF_INTERFACE));
	}
	ZYNC_TRY(interface_without_prefix(m, text, &address));
	if (rules_ip_problem(address) == NULL)
		m->out->ip = address;
	else
		m->out->dns = text;
	return ZYNC_OK;
}

/* `address`: the first of its texts by which the object has an address. */
static enum zync_status interface_address(struct making *m)
{
	const struct rules_texts *texts = &m->rule->addresses;

	if (texts->len == 0)
		return interface_try_address(m, interface_addresses[0].word);
	for (size_t i = 0; i < texts->len; i++) {
		const char *const *values = NULL;
		size_t count = 0;

		m->address = &texts->items[i];
		ZYNC_TRY(rules_render_list(m->run, m->mapping, m->address, &values, &count));
		for (size_t j = 0; j < count; j++) {
			ZYNC_TRY(interface_try_address(m, values[j]));
			if (!zync_str_empty(m->out->ip) || !zync_str_empty(m->out->dns))
				return ZYNC_OK;
		}
	}
	if (texts->len > 1 && m->source != NULL)
		m->source = "address of those that the mapping names";
	return ZYNC_OK;
}

/* Zabbix could not connect: says what is missing, and where. */
static enum zync_status interface_no_address(const struct making *m)
{
	const char *kind = m->out->useip ? "IP address" : "DNS name";
	const char *other = m->out->useip ? m->out->dns : m->out->ip;
	unsigned line = m->rule->pos.line;

	m->run->missing_addresses++;
	if (m->source == NULL && zync_str_empty(other))
		return rules_fail(m->run,
				  "no address: the text of the mapping \"%s\", line %u, is empty for this object (interface %s needs one)",
				  m->mapping->name, line, m->type_name);
	if (m->source == NULL || (m->out->useip ? m->ip_from_rule : m->dns_from_rule))
		return rules_fail(m->run, "no %s in mapping \"%s\", line %u, for this object (interface %s needs one)", kind,
				  m->mapping->name, line, m->type_name);
	if (m->out->useip || zync_str_empty(m->out->ip))
		return rules_fail(m->run, "no %s in NetBox (interface %s needs one)", m->source, m->type_name);
	return rules_fail(m->run, "no DNS name on the %s in NetBox (interface %s needs one)", m->source, m->type_name);
}

static enum zync_status interface_connect(struct making *m)
{
	const char *ip = NULL, *dns = NULL;
	int use = -1;

	ZYNC_TRY(interface_address(m));
	ZYNC_TRY(interface_text(m, RULES_IF_IP, &ip));
	ZYNC_TRY(interface_text(m, RULES_IF_DNS, &dns));
	if (ip != NULL) {
		ZYNC_TRY(interface_without_prefix(m, ip, &m->out->ip));
		if (m->out->ip[0] != '\0' && rules_ip_problem(m->out->ip) != NULL)
			return rules_fail(m->run, "interfaces: ip (mapping \"%s\", line %u): \"%.100s\": %s", m->mapping->name,
					  m->rule->fields[RULES_IF_IP].cfg->pos.line,
					  rules_shown(&m->rule->fields[RULES_IF_IP], m->out->ip), rules_ip_problem(m->out->ip));
	}
	if (dns != NULL)
		m->out->dns = dns;
	m->ip_from_rule = ip != NULL;
	m->dns_from_rule = dns != NULL;
	ZYNC_TRY(interface_choice(m, RULES_IF_USE, &use));
	m->out->useip = use == 1 || (use == -1 && (!zync_str_empty(m->out->ip) || zync_str_empty(m->out->dns)));
	return zync_str_empty(m->out->useip ? m->out->ip : m->out->dns) ? interface_no_address(m) : ZYNC_OK;
}

static enum zync_status interface_explain_address(const struct making *m)
{
	const struct rules_text *ip = m->ip_from_rule ? &m->rule->fields[RULES_IF_IP] : m->address;
	const struct rules_text *dns = m->dns_from_rule ? &m->rule->fields[RULES_IF_DNS] : m->address;

	if (!zync_str_empty(m->out->ip))
		ZYNC_TRY(interface_origin_text(m, ip, "ip", m->out->ip));
	if (!zync_str_empty(m->out->dns))
		ZYNC_TRY(interface_origin_text(m, dns, "dns", m->out->dns));
	return interface_origin(m, RULES_IF_USE, "useip", m->out->useip ? "true" : "false");
}

static enum zync_status interface_port(const struct making *m)
{
	const char *port = NULL;

	ZYNC_TRY(interface_text(m, RULES_IF_PORT, &port));
	m->out->port = zync_str_empty(port) ? interface_ports[m->out->type] : port;
	if (rules_port_problem(m->out->port) != NULL)
		return rules_fail(m->run, "interfaces: port (mapping \"%s\", line %u): \"%.100s\": %s", m->mapping->name,
				  m->rule->fields[RULES_IF_PORT].cfg->pos.line, rules_shown(&m->rule->fields[RULES_IF_PORT], m->out->port),
				  rules_port_problem(m->out->port));
	return interface_origin(m, RULES_IF_PORT, "port", m->out->port);
}

/* --- SNMP --- */

static enum zync_status interface_snmp_passphrase(const struct making *m, enum rules_if field, const char *name, struct zync_sensitive *ret)
{
	ZYNC_TRY(interface_text(m, field, &ret->plain));
	if (ret->plain == NULL)
		ret->plain = "";
	return interface_origin(m, field, name, interface_hidden(ret));
}

static enum zync_status interface_snmp3(const struct making *m)
{
	struct zync_snmp *snmp = &m->out->snmp;
	int level = 0, auth = 0, priv = 0;
	const char *problem;

	ZYNC_TRY(interface_text(m, RULES_IF_CONTEXT_NAME, &snmp->contextname));
	ZYNC_TRY(interface_text(m, RULES_IF_SECURITY_NAME, &snmp->securityname));
	snmp->contextname = snmp->contextname != NULL ? snmp->contextname : "";
	snmp->securityname = snmp->securityname != NULL ? snmp->securityname : "";
	ZYNC_TRY(interface_choice(m, RULES_IF_SECURITY_LEVEL, &level));
	ZYNC_TRY(interface_choice(m, RULES_IF_AUTH_PROTOCOL, &auth));
	ZYNC_TRY(interface_choice(m, RULES_IF_PRIV_PROTOCOL, &priv));
	ZYNC_TRY(interface_origin(m, RULES_IF_SECURITY_NAME, "securityname", snmp->securityname));
	ZYNC_TRY(interface_origin(m, RULES_IF_SECURITY_LEVEL, "securitylevel", rules_choice_name(&rules_security_levels, level)));
	snmp->securitylevel = (unsigned)level;
	/* What the level does not use is left at Zabbix's defaults, so that it cannot differ. */
	snmp->authpassphrase.plain = "";
	snmp->privpassphrase.plain = "";
	if (level >= 1) {
		snmp->authprotocol = (unsigned)auth;
		ZYNC_TRY(interface_origin(m, RULES_IF_AUTH_PROTOCOL, "authprotocol", rules_choice_name(&rules_auth_protocols, auth)));
		ZYNC_TRY(interface_snmp_passphrase(m, RULES_IF_AUTH_PASSPHRASE, "authpassphrase", &snmp->authpassphrase));
	}
	if (level >= 2) {
		snmp->privprotocol = (unsigned)priv;
		ZYNC_TRY(interface_origin(m, RULES_IF_PRIV_PROTOCOL, "privprotocol", rules_choice_name(&rules_priv_protocols, priv)));
		ZYNC_TRY(interface_snmp_passphrase(m, RULES_IF_PRIV_PASSPHRASE, "privpassphrase", &snmp->privpassphrase));
	}
	problem = rules_snmp3_problem(level, snmp->authpassphrase.plain[0] != '\0', snmp->privpassphrase.plain[0] != '\0');
	return problem == NULL
		       ? ZYNC_OK
		       : rules_fail(m->run, "interface snmp (mapping \"%s\", line %u): %s", m->mapping->name, m->rule->pos.line, problem);
}

static enum zync_status interface_max_repetitions(const struct making *m)
{
	const struct rules_text *text = &m->rule->fields[RULES_IF_MAX_REPETITIONS];
	const char *value = NULL;

	ZYNC_TRY(interface_text(m, RULES_IF_MAX_REPETITIONS, &value));
	if (zync_str_empty(value))
		return ZYNC_OK;
	if (!rules_max_repetitions(value, &m->out->snmp.max_repetitions))
		return rules_fail(m->run,
				  "interfaces: max_repetitions (mapping \"%s\", line %u): \"%.100s\" is no number from 1 to 2147483647",
				  m->mapping->name, text->cfg->pos.line, rules_shown(text, value));
	return interface_origin(m, RULES_IF_MAX_REPETITIONS, "max_repetitions", value);
}

static enum zync_status interface_snmp(const struct making *m)
{
	struct zync_snmp *snmp = &m->out->snmp;
	int version = 2, bulk = 1;

	ZYNC_TRY(interface_choice(m, RULES_IF_VERSION, &version));
	ZYNC_TRY(interface_choice(m, RULES_IF_BULK, &bulk));
	snmp->version = (unsigned)version;
	snmp->bulk = bulk != 0;
	ZYNC_TRY(interface_origin(m, RULES_IF_VERSION, "version", rules_choice_name(&rules_snmp_versions, version)));
	ZYNC_TRY(interface_origin(m, RULES_IF_BULK, "bulk", snmp->bulk ? "true" : "false"));
	if (version > 1)
		ZYNC_TRY(interface_max_repetitions(m));
	if (version == 3)
		return interface_snmp3(m);
	ZYNC_TRY(interface_text(m, RULES_IF_COMMUNITY, &snmp->community.plain));
	if (snmp->community.plain == NULL)
		snmp->community.plain = "{$SNMP_COMMUNITY}";
	return interface_origin(m, RULES_IF_COMMUNITY, "community", interface_hidden(&snmp->community));
}

/* --- all of them --- */

static enum zync_status interface_make(struct making *m, size_t number)
{
	m->type_name = rules_choice_name(&rules_interface_types, (int)m->out->type);
	m->label = number < 2 ? m->type_name : zync_arena_printf(m->run->arena, "%s#%zu", m->type_name, number);
	if (m->label == NULL)
		return rules_nomem(m->run);
	ZYNC_TRY(interface_connect(m));
	ZYNC_TRY(interface_explain_address(m));
	ZYNC_TRY(interface_port(m));
	return m->out->type == ZYNC_INTERFACE_SNMP ? interface_snmp(m) : ZYNC_OK;
}

static enum zync_status interface_add(struct rules_run *run, const struct rules_mapping *mapping, const char *overrode, size_t index)
{
	struct zync_host *host = &run->out->host;
	struct making m = {.run = run, .mapping = mapping, .rule = &mapping->interfaces.items[index], .overrode = overrode};
	int type = 0, is_main = 0;
	bool given = false;
	size_t number = 1;

	m.out = &host->interfaces.items[host->interfaces.len];
	ZYNC_TRY(rules_render_choice(run, mapping, &m.rule->fields[RULES_IF_TYPE], &rules_interface_types, &type, &given));
	if (!given)
		return run->failure != NULL ? ZYNC_OK
					    : rules_fail(run, "interfaces: type (mapping \"%s\", line %u): it is empty for this object",
							 mapping->name, m.rule->pos.line);
	ZYNC_TRY(interface_choice(&m, RULES_IF_MAIN, &is_main));
	m.out->type = (enum zync_interface_type)type;
	m.out->main = is_main != 0;
	for (size_t i = 0; i < host->interfaces.len; i++)
		number += host->interfaces.items[i].type == m.out->type ? 1 : 0;
	host->interfaces.len++;
	return interface_make(&m, number);
}

/* The last matching mapping that gives interfaces, its place, and the one before it; *ret_values where they come from NetBox itself. */
static enum zync_status interface_pick(struct rules_run *run, const struct rules_mapping **ret_last, size_t *ret_index,
				       const struct rules_per_host_values **ret_values, const struct rules_mapping **ret_overrode)
{
	for (size_t i = run->matched.len; i-- > 0 && *ret_overrode == NULL;) {
		const struct rules_mapping *m = rules_matched(run, i);
		const struct rules_per_host_values *values = NULL;

		ZYNC_TRY(rules_per_host(run, m, &values));
		if (values != NULL && !values->has_interface)
			values = NULL;
		if (values == NULL && !m->interfaces.given)
			continue;
		if (*ret_last != NULL) {
			*ret_overrode = m;
			break;
		}
		*ret_last = m;
		*ret_index = i;
		*ret_values = values;
		if (!run->explain)
			break;
	}
	return ZYNC_OK;
}

enum zync_status rules_derive_interfaces(struct rules_run *run)
{
	struct zync_host *host = &run->out->host;
	const struct rules_mapping *last = NULL, *overrode = NULL;
	const struct rules_per_host_values *values = NULL;
	const char *overrode_name;
	size_t count, from = 0;

	ZYNC_TRY(interface_pick(run, &last, &from, &values, &overrode));
	overrode_name = overrode != NULL ? overrode->name : NULL;
	count = last == NULL || values != NULL ? 0 : last->interfaces.len;
	host->interfaces.items = ZYNC_NEW_ARRAY(run->arena, struct zync_interface, count + 2);
	if (host->interfaces.items == NULL)
		return rules_nomem(run);
	if (values != NULL)
		ZYNC_TRY(rules_per_host_take_interface(run, values, overrode_name));
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(interface_add(run, last, overrode_name, i));
	return rules_per_host_add_oob(run, from);
}
