/* SPDX-License-Identifier: Apache-2.0 */
/* The interface that the config context describes, or the default one, and the one for out-of-band management. */
#include "rules/per_host_priv.h"

#include <string.h>

#include "base/str.h"

/* The keys of one of the two interfaces. */
struct interface_keys {
	const char *type, *port, *ip, *dns;
};
static const struct interface_keys interface_main = {"interface_type", "interface_port", "interface_ip", "interface_dns"};
static const struct interface_keys interface_oob = {"oob_interface_type", "oob_interface_port", "oob_interface_ip", "oob_interface_dns"};

static const char *const interface_ports[] = {
	[ZYNC_INTERFACE_AGENT] = "10050", [ZYNC_INTERFACE_SNMP] = "161", [ZYNC_INTERFACE_IPMI] = "623", [ZYNC_INTERFACE_JMX] = "12345"};

static const char *interface_type_name(const struct zync_interface *in)
{
	return rules_choice_name(&rules_interface_types, (int)in->type);
}

/* --- address --- */

/*
 * One of NetBox's addresses, without its mask; *ret_there false: there is none. Its DNS name counts only where Zabbix shall use it: netbox-zabbix-sync leaves it empty else,
 * and the first plan of who comes from there must have nothing to change.
 */
static enum zync_status interface_netbox_address(const struct per_host *p, const char *member, struct rules_per_host_interface *out,
						 bool *ret_there)
{
	const struct zync_rules_object *object = p->run->object;
	const struct zync_jval *ip = object->member(object->ctx, NULL, member);
	const char *address, *dns;

	*ret_there = false;
	if (zync_jval_type(ip) != ZYNC_JSON_OBJECT)
		return ZYNC_OK;
	address = zync_jval_str(object->member(object->ctx, ip, "address"));
	dns = zync_jval_str(object->member(object->ctx, ip, "dns_name"));
	if (zync_str_empty(address))
		return ZYNC_OK;
	out->interface.ip = zync_arena_strndup(p->run->arena, address, strcspn(address, "/"));
	out->interface.dns = zync_arena_strdup(p->run->arena, dns != NULL && p->cfg->prefer_dns ? dns : "");
	if (out->interface.ip == NULL || out->interface.dns == NULL)
		return rules_nomem(p->run);
	if (rules_ip_problem(out->interface.ip) != NULL)
		return rules_fail(p->run, "%s: \"%s\": %s", member, per_host_shown(p, out->interface.ip),
				  rules_ip_problem(out->interface.ip));
	*ret_there = true;
	ZYNC_TRY(per_host_source_text(p, &out->ip_source, "from %s", member));
	return per_host_source_text(p, &out->dns_source, "from %s", member);
}

/* The primary address of the preferred family, else of the other one. */
static enum zync_status interface_primary(const struct per_host *p, struct rules_per_host_interface *out)
{
	static const char *const by_family[][2] = {{"primary_ip", NULL}, {"primary_ip4", "primary_ip6"}, {"primary_ip6", "primary_ip4"}};
	const char *const *members = by_family[p->cfg->family == 4 ? 1 : p->cfg->family == 6 ? 2 : 0];
	bool there = false;

	for (size_t i = 0; i < 2 && members[i] != NULL && !there; i++)
		ZYNC_TRY(interface_netbox_address(p, members[i], out, &there));
	return ZYNC_OK;
}

/* NULL when Zabbix may take it for a DNS name, else why not. */
static const char *interface_dns_problem(const char *dns)
{
	if (strchr(dns, '{') == NULL && strspn(dns, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != strlen(dns))
		return "it is no DNS name or user macro";
	return zync_utf8_len(dns) > 255 ? "it is longer than 255 characters" : NULL;
}

/* What the config context says instead. */
static enum zync_status interface_override(const struct per_host *p, const struct interface_keys *keys,
					   struct rules_per_host_interface *out)
{
	struct per_host_place place = {p->context, ""};
	const char *ip = NULL, *dns = NULL;

	ZYNC_TRY(per_host_text(p, place, keys->ip, &ip));
	ZYNC_TRY(per_host_text(p, place, keys->dns, &dns));
	if (!zync_str_empty(ip)) {
		out->interface.ip = zync_arena_strndup(p->run->arena, ip, ip[0] == '{' ? strlen(ip) : strcspn(ip, "/"));
		if (out->interface.ip == NULL)
			return rules_nomem(p->run);
		if (rules_ip_problem(out->interface.ip) != NULL)
			ZYNC_TRY(per_host_fail(p, keys->ip, "\"%s\": %s; a name goes into %s", per_host_shown(p, ip),
					       rules_ip_problem(out->interface.ip), keys->dns));
		ZYNC_TRY(per_host_source(p, keys->ip, &out->ip_source));
	}
	if (zync_str_empty(dns))
		return ZYNC_OK;
	out->interface.dns = dns;
	if (interface_dns_problem(dns) != NULL)
		return per_host_fail(p, keys->dns, "\"%s\": %s", per_host_shown(p, dns), interface_dns_problem(dns));
	return per_host_source(p, keys->dns, &out->dns_source);
}

static bool interface_has_address(const struct zync_interface *in)
{
	return !zync_str_empty(in->ip) || !zync_str_empty(in->dns);
}

static void interface_choose(const struct per_host *p, struct zync_interface *in)
{
	in->useip = !zync_str_empty(in->ip) && !(p->cfg->prefer_dns && !zync_str_empty(in->dns));
}

/* --- type, port, details --- */

/* What an interface has that the config context does not give a type: port and snmp do not count, as in netbox-zabbix-sync. */
static void interface_make_default(struct zync_interface *in, enum zync_interface_type type)
{
	in->type = type;
	in->port = interface_ports[type];
	if (type == ZYNC_INTERFACE_SNMP)
		in->snmp = (struct zync_snmp){.version = 2, .bulk = true, .community = {.plain = "{$SNMP_COMMUNITY}"}};
}

static enum zync_status interface_details(const struct per_host *p, const struct interface_keys *keys, enum zync_interface_type type,
					  struct rules_per_host_interface *out)
{
	struct zync_interface *in = &out->interface;
	const char *port = NULL;

	in->type = type;
	ZYNC_TRY(per_host_word(p, (struct per_host_place){p->context, ""}, keys->port, &port));
	in->port = zync_str_empty(port) ? interface_ports[type] : port;
	if (rules_port_problem(in->port) != NULL)
		ZYNC_TRY(per_host_fail(p, keys->port, "\"%s\": %s", per_host_shown(p, in->port), rules_port_problem(in->port)));
	ZYNC_TRY(per_host_source(p, zync_str_empty(port) ? keys->type : keys->port, &out->port_source));
	if (type != ZYNC_INTERFACE_SNMP)
		return ZYNC_OK;
	ZYNC_TRY(per_host_source(p, "snmp", &out->snmp_source));
	return per_host_snmp(p, &in->snmp);
}

/* Zabbix could not connect: says what is missing, and where. */
static enum zync_status interface_no_address(const struct per_host *p, const struct zync_interface *in)
{
	p->run->missing_addresses++;
	return rules_fail(
		p->run,
		"no primary IP address in NetBox, and no interface_ip or interface_dns in config_context.%s (interface %s needs one)",
		p->cfg->context, interface_type_name(in));
}

enum zync_status per_host_interface(struct per_host *p)
{
	struct rules_per_host_interface *out = &p->out->interface;
	unsigned failures = p->run->failures;
	bool vm = rules_is_vm(p->run->object), given = false;
	int type = 0;

	ZYNC_TRY(per_host_choice(p, (struct per_host_place){p->context, ""}, interface_main.type, &rules_interface_types, &type, &given));
	/* A default of ours hides nothing that the mapping says itself. */
	if (p->run->failures != failures || (!given && (!p->cfg->default_interface || p->mapping->interfaces.given)))
		return ZYNC_OK;
	p->out->has_interface = true;
	if (given) {
		ZYNC_TRY(interface_details(p, &interface_main, (enum zync_interface_type)type, out));
	} else {
		interface_make_default(&out->interface, vm ? ZYNC_INTERFACE_AGENT : ZYNC_INTERFACE_SNMP);
		ZYNC_TRY(per_host_source_text(p, &out->port_source, "default of per_host for %s", vm ? "virtual machines" : "devices"));
		out->snmp_source = out->port_source;
	}
	failures = p->run->failures;
	ZYNC_TRY(interface_primary(p, out));
	ZYNC_TRY(interface_override(p, &interface_main, out));
	interface_choose(p, &out->interface);
	return interface_has_address(&out->interface) || p->run->failures != failures ? ZYNC_OK : interface_no_address(p, &out->interface);
}

/* --- explain --- */

static enum zync_status interface_origin(struct rules_run *run, const struct rules_mapping *mapping, const char *label, const char *member,
					 const char *value, const char *note)
{
	return rules_origin_note(run, zync_arena_printf(run->arena, "interfaces[%s].%s", label, member), value, mapping, NULL, NULL, note);
}

static const char *interface_hidden(const struct zync_sensitive *text)
{
	return zync_str_empty(text->plain) || zync_is_macro_reference(text->plain) ? text->plain : "***";
}

static enum zync_status interface_explain_snmp(struct rules_run *run, const struct rules_mapping *mapping, const char *label,
					       const struct zync_snmp *snmp, const char *note)
{
	const struct {
		const char *member, *value;
		bool used;
	} rows[] = {
		{"version", rules_choice_name(&rules_snmp_versions, (int)snmp->version), true},
		{"bulk", snmp->bulk ? "true" : "false", true},
		{"community", interface_hidden(&snmp->community), snmp->version < 3},
		{"securityname", snmp->securityname, snmp->version == 3},
		{"contextname", snmp->contextname, snmp->version == 3},
		{"securitylevel", rules_choice_name(&rules_security_levels, (int)snmp->securitylevel), snmp->version == 3},
		{"authprotocol", rules_choice_name(&rules_auth_protocols, (int)snmp->authprotocol), snmp->securitylevel >= 1},
		{"authpassphrase", interface_hidden(&snmp->authpassphrase), snmp->securitylevel >= 1},
		{"privprotocol", rules_choice_name(&rules_priv_protocols, (int)snmp->privprotocol), snmp->securitylevel >= 2},
		{"privpassphrase", interface_hidden(&snmp->privpassphrase), snmp->securitylevel >= 2},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++)
		if (rows[i].used && !zync_str_empty(rows[i].value))
			ZYNC_TRY(interface_origin(run, mapping, label, rows[i].member, rows[i].value, note));
	return ZYNC_OK;
}

/* The last interface of the host came from NetBox itself. */
static enum zync_status interface_explain(struct rules_run *run, const struct rules_mapping *mapping,
					  const struct rules_per_host_interface *from, const char *overrode)
{
	const struct zync_host *host = &run->out->host;
	const struct zync_interface *in = &from->interface;
	const char *label = interface_type_name(in);
	size_t number = 0;

	if (!run->explain)
		return ZYNC_OK;
	for (size_t i = 0; i < host->interfaces.len; i++)
		number += host->interfaces.items[i].type == in->type ? 1 : 0;
	if (number > 1)
		label = zync_arena_printf(run->arena, "%s#%zu", label, number);
	if (label == NULL)
		return rules_nomem(run);
	if (!zync_str_empty(in->ip))
		ZYNC_TRY(interface_origin(run, mapping, label, "ip", in->ip, from->ip_source));
	if (!zync_str_empty(in->dns))
		ZYNC_TRY(interface_origin(run, mapping, label, "dns", in->dns, from->dns_source));
	ZYNC_TRY(interface_origin(run, mapping, label, "useip", in->useip ? "true" : "false", in->useip ? NULL : from->dns_source));
	ZYNC_TRY(rules_origin_note(run, zync_arena_printf(run->arena, "interfaces[%s].port", label), in->port, mapping, NULL, overrode,
				   from->port_source));
	return in->type == ZYNC_INTERFACE_SNMP ? interface_explain_snmp(run, mapping, label, &in->snmp, from->snmp_source) : ZYNC_OK;
}

/* --- what the host gets --- */

enum zync_status rules_per_host_take_interface(struct rules_run *run, const struct rules_per_host_values *values, const char *overrode)
{
	struct zync_host *host = &run->out->host;

	host->interfaces.items[host->interfaces.len++] = values->interface.interface;
	return interface_explain(run, values->mapping, &values->interface, overrode);
}

/*
 * netbox-zabbix-sync gives an interface without oob_interface_type the defaults of SNMP, and passes over a host that then has two of that type. Those hosts get the
 * interface that out-of-band controllers usually have.
 */
static enum zync_interface_type interface_oob_type(const struct zync_host *host)
{
	for (size_t i = 0; i < host->interfaces.len; i++)
		if (host->interfaces.items[i].type == ZYNC_INTERFACE_SNMP)
			return ZYNC_INTERFACE_IPMI;
	return ZYNC_INTERFACE_SNMP;
}

static enum zync_status interface_make_oob(const struct per_host *p, struct rules_per_host_interface *out, bool *ret_given)
{
	unsigned failures = p->run->failures;
	bool there = false, given = false;
	int type = 0;

	*ret_given = false;
	ZYNC_TRY(interface_netbox_address(p, "oob_ip", out, &there));
	ZYNC_TRY(interface_override(p, &interface_oob, out));
	/* A config context speaks of many devices: one without the address has no such interface. */
	if (!interface_has_address(&out->interface))
		return ZYNC_OK;
	interface_choose(p, &out->interface);
	ZYNC_TRY(per_host_choice(p, (struct per_host_place){p->context, ""}, interface_oob.type, &rules_interface_types, &type, &given));
	if (given) {
		ZYNC_TRY(interface_details(p, &interface_oob, (enum zync_interface_type)type, out));
	} else {
		interface_make_default(&out->interface, interface_oob_type(&p->run->out->host));
		ZYNC_TRY(per_host_source_text(p, &out->port_source, "default of per_host for out-of-band addresses"));
		out->snmp_source = out->port_source;
	}
	*ret_given = p->run->failures == failures;
	return ZYNC_OK;
}

enum zync_status rules_per_host_add_oob(struct rules_run *run, size_t from)
{
	struct zync_host *host = &run->out->host;

	for (size_t i = run->matched.len; i-- > from;) {
		const struct rules_mapping *m = rules_matched(run, i);
		struct rules_per_host_interface found = {.ip_source = NULL};
		struct per_host p;
		bool given = false;

		if (!m->per_host.given || !m->per_host.oob || (m->per_host.parts & RULES_PART_INTERFACE) == 0)
			continue;
		ZYNC_TRY(per_host_open(run, m, &p));
		ZYNC_TRY(interface_make_oob(&p, &found, &given));
		if (!given)
			continue;
		host->interfaces.items[host->interfaces.len++] = found.interface;
		return interface_explain(run, m, &found, NULL);
	}
	return ZYNC_OK;
}
