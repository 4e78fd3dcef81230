/* SPDX-License-Identifier: Apache-2.0 */
/* What NetBox itself holds for one object, as netbox-zabbix-sync knows it: docs/per-host.md. */
#include "rules/per_host_priv.h"

static const struct {
	const char *key;
	enum rules_part part;
} per_host_keys[] = {
	{"templates", RULES_PART_TEMPLATES},
	{"proxy", RULES_PART_PROXY},
	{"proxy_group", RULES_PART_PROXY},
	{"interface_type", RULES_PART_INTERFACE},
	{"interface_port", RULES_PART_INTERFACE},
	{"interface_ip", RULES_PART_INTERFACE},
	{"interface_dns", RULES_PART_INTERFACE},
	{"snmp", RULES_PART_INTERFACE},
	{"oob_interface_type", RULES_PART_INTERFACE},
	{"oob_interface_port", RULES_PART_INTERFACE},
	{"oob_interface_ip", RULES_PART_INTERFACE},
	{"oob_interface_dns", RULES_PART_INTERFACE},
	{"ipmi", RULES_PART_IPMI},
	{"usermacros", RULES_PART_MACROS},
	{"tags", RULES_PART_TAGS},
	{"description", RULES_PART_DESCRIPTION},
};

/* A key that is nearly one which would count: `template` would cost the host all its templates. */
static enum zync_status per_host_check_keys(const struct per_host *p)
{
	const char *known[ZYNC_ARRAY_LEN(per_host_keys)];
	size_t count = 0;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(per_host_keys); i++)
		if (per_host_wants(p, per_host_keys[i].part))
			known[count++] = per_host_keys[i].key;
	return per_host_check_names(p, (struct per_host_place){p->context, ""}, known, count);
}

static enum zync_status per_host_read(struct rules_run *run, const struct rules_mapping *mapping, struct rules_per_host_values *out)
{
	static const struct {
		enum rules_part part;
		enum zync_status (*read)(struct per_host *p);
	} rows[] = {{RULES_PART_TEMPLATES, per_host_templates},
		    {RULES_PART_PROXY, per_host_proxy},
		    {RULES_PART_INTERFACE, per_host_interface},
		    {RULES_PART_TAGS, per_host_tags},
		    {RULES_PART_MACROS, per_host_macros},
		    {RULES_PART_DESCRIPTION, per_host_description},
		    {RULES_PART_IPMI, per_host_ipmi}};
	struct per_host p;

	ZYNC_TRY(per_host_open(run, mapping, &p));
	p.out = out;
	ZYNC_TRY(per_host_check_keys(&p));
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(rows); i++)
		if (per_host_wants(&p, rows[i].part))
			ZYNC_TRY(rows[i].read(&p));
	return ZYNC_OK;
}

enum zync_status rules_per_host(struct rules_run *run, const struct rules_mapping *mapping, const struct rules_per_host_values **ret)
{
	struct rules_per_host_values *values;

	*ret = NULL;
	if (!mapping->per_host.given)
		return ZYNC_OK;
	for (size_t i = 0; i < run->per_hosts.len; i++) {
		values = run->per_hosts.items[i];
		if (values->mapping == mapping) {
			*ret = values;
			return ZYNC_OK;
		}
	}
	values = ZYNC_NEW(run->arena, struct rules_per_host_values);
	if (values == NULL)
		return rules_nomem(run);
	values->mapping = mapping;
	ZYNC_TRY(per_host_read(run, mapping, values));
	ZYNC_TRY(zync_vec_push(&run->per_hosts, values, run->err));
	*ret = values;
	return ZYNC_OK;
}
