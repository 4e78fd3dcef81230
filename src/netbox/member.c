/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file member.c Members of objects, with the reference tables joined in.
 *
 * Which table a nested object belongs to is told by its "url" (…/api/dcim/sites/2/), which every version sends; so one rule serves site.region,
 * tenant.group, cluster.type and cluster.scope alike.
 */
#include "netbox/netbox.h"

#include "base/str.h"
#include "netbox/netbox_priv.h"

/** The full record of a nested object, or the nested object itself where there is none. */
static const struct zync_jval *member_join(const struct zync_netbox *nb, const struct zync_jval *nested)
{
	const struct zync_jval *full = NULL;
	size_t table;
	uint64_t id;

	if (nb_refs_place(nested, &table, &id) && nb->refs[table] != NULL)
		full = zync_idmap_get(nb->refs[table], id);
	return zync_jval_type(full) == ZYNC_JSON_OBJECT ? full : nested;
}

/** The DNS name of a nested address, where the version does not nest it. */
static const struct zync_jval *member_dns_name(const struct zync_netbox *nb, const struct zync_jval *address)
{
	const struct zync_jval *name;
	uint64_t id;

	if (nb->dns == NULL || zync_jval_get(address, "address") == NULL || !zync_jval_to_u64(zync_jval_get(address, "id"), &id))
		return NULL;
	name = zync_idmap_get(nb->dns, id);
	return name != NULL ? name : nb->no_name;
}

static bool member_is_nothing(const struct zync_jval *v)
{
	return v == NULL || zync_jval_type(v) == ZYNC_JSON_NULL;
}

/** A member of the object itself, also what NetBox has not under that name. */
static const struct zync_jval *member_of_object(const struct zync_netbox *nb, const struct zync_nb_object *object, const char *name)
{
	const struct zync_jval *value;

	if (zync_str_eq(name, "type"))
		return nb->types[object->type];
	if (zync_str_eq(name, "ip_addresses"))
		return object->ip_addresses;
	if (zync_str_eq(name, "device_name"))
		return object->type == ZYNC_NB_DEVICE ? zync_jval_get(object->json, "name") : NULL;
	if (zync_str_eq(name, "name") && zync_nb_object_is_chassis(object) && object->chassis->name != NULL)
		return zync_jval_get(object->chassis->json, "name");
	value = zync_jval_get(object->json, name);
	if (member_is_nothing(value) && zync_str_eq(name, "primary_ip")) {
		value = zync_jval_get(object->json, "primary_ip4");
		if (member_is_nothing(value))
			value = zync_jval_get(object->json, "primary_ip6");
	}
	return value;
}

const struct zync_jval *zync_netbox_member(const struct zync_netbox *nb, const struct zync_nb_object *object,
					   const struct zync_jval *parent, const char *name)
{
	const struct zync_jval *value = parent != NULL ? zync_jval_get(parent, name) : member_of_object(nb, object, name);

	if (parent != NULL && value == NULL && zync_str_eq(name, "dns_name"))
		value = member_dns_name(nb, parent);
	/* An element of a list came as it is nested. */
	if (parent != NULL && value == NULL)
		value = zync_jval_get(member_join(nb, parent), name);
	return zync_jval_type(value) == ZYNC_JSON_OBJECT ? member_join(nb, value) : value;
}
