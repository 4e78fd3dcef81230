/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refs.c The reference tables: what devices and virtual machines point to, read once in pages and joined here.
 *
 * Nested objects carry only a few members (a site's region, a tenant's group, a cluster's type are missing), and asking for each by itself
 * would cost a request an object.
 */
#include "netbox/netbox_priv.h"

#include <string.h>

#include "base/str.h"

const struct nb_table nb_tables[] = {
	{"dcim/sites",
	 "id,url,display,name,slug,status,region,group,tenant,facility,time_zone,description,physical_address,shipping_address,"
	 "latitude,longitude,comments,tags,custom_fields"},
	{"dcim/regions", "id,url,display,name,slug,parent,description,tags,custom_fields"},
	{"dcim/site-groups", "id,url,display,name,slug,parent,description,tags,custom_fields"},
	{"dcim/locations", "id,url,display,name,slug,site,parent,status,tenant,facility,description,tags,custom_fields"},
	{"dcim/racks", "id,url,display,name,facility_id,site,location,tenant,status,role,serial,asset_tag,description,tags,custom_fields"},
	{"dcim/device-roles", "id,url,display,name,slug,parent,color,vm_role,description,tags,custom_fields"},
	{"dcim/platforms", "id,url,display,name,slug,parent,manufacturer,description,tags,custom_fields"},
	{"dcim/manufacturers", "id,url,display,name,slug,description,tags,custom_fields"},
	{"dcim/device-types",
	 "id,url,display,manufacturer,default_platform,model,slug,part_number,u_height,description,comments,tags,custom_fields"},
	{"tenancy/tenants", "id,url,display,name,slug,group,description,comments,tags,custom_fields"},
	{"tenancy/tenant-groups", "id,url,display,name,slug,parent,description,tags,custom_fields"},
	{"virtualization/clusters",
	 "id,url,display,name,type,group,status,tenant,site,scope_type,scope_id,scope,description,comments,tags,custom_fields"},
	{"virtualization/cluster-types", "id,url,display,name,slug,description,tags,custom_fields"},
	{"virtualization/cluster-groups", "id,url,display,name,slug,description,tags,custom_fields"},
	{"dcim/virtual-chassis", "id,url,display,name,domain,master,description,comments,member_count,tags,custom_fields"},
	{NULL, NULL},
};
_Static_assert(ZYNC_ARRAY_LEN(nb_tables) <= NB_TABLES_MAX, "more tables than the client has places for");

struct refs_table {
	struct zync_idmap *map;
};

/* The maps hold what they are given as plain pointers; nobody writes through them. */
static void *refs_unconst(const struct zync_jval *v)
{
	union {
		const struct zync_jval *in;
		void *out;
	} cast = {.in = v};

	return cast.out;
}

static enum zync_status refs_on_item(void *ctx, struct zync_arena *arena ZYNC_UNUSED, const struct zync_jval *item, uint64_t id,
				     struct zync_err *err)
{
	struct refs_table *table = ctx;

	return zync_idmap_put(table->map, id, refs_unconst(item), err);
}

static enum zync_status refs_read_table(struct zync_netbox *nb, const struct nb_table *table, struct zync_arena *arena,
					struct zync_idmap **ret, struct zync_err *err)
{
	struct refs_table state = {.map = zync_idmap_new(arena)};
	struct nb_list list = {.endpoint = table->endpoint, .limit = nb->page_size, .whole_arena = true, .arena = arena};
	ZYNC_AUTO_BUF query;
	enum zync_status status;

	zync_buf_init(&query, NB_PATH_BYTES);
	zync_buf_printf(&query, "&fields=%s", table->fields);
	ZYNC_TRY(zync_buf_check(&query, "a NetBox address", err));
	if (state.map == NULL)
		return zync_err_nomem(err, "reading a table of NetBox");
	list.query = query.data;
	status = nb_list_walk(nb, &list, refs_on_item, &state, err);
	if (status == ZYNC_OK)
		*ret = state.map;
	return status;
}

/** DNS names of addresses by their id; only those that have one, since there may be very many addresses. */
struct refs_dns {
	struct zync_arena *arena;
	struct zync_idmap *map;
};

static enum zync_status refs_on_address(void *ctx, struct zync_arena *arena ZYNC_UNUSED, const struct zync_jval *item, uint64_t id,
					struct zync_err *err)
{
	struct refs_dns *dns = ctx;
	const char *name = zync_jval_get_str(item, "dns_name");
	const struct zync_jval *copy;
	struct zync_jb *builder;
	const char *text;

	if (zync_str_empty(name))
		return ZYNC_OK;
	builder = zync_jb_new(arena);
	if (builder == NULL)
		return zync_err_nomem(err, "reading addresses of NetBox");
	ZYNC_TRY(zync_jb_text(builder, zync_jb_str(builder, name), ZYNC_JSON_COMPACT, arena, &text, err));
	ZYNC_TRY(zync_json_parse(dns->arena, text, strlen(text), &copy, err));
	return zync_idmap_put(dns->map, id, refs_unconst(copy), err);
}

/** Before 4.6.4 an address inside a device has no dns_name. */
static bool refs_needs_dns(const struct zync_netbox *nb)
{
	return nb->api_version < NB_VERSION(4, 6) || (nb->api_version == NB_VERSION(4, 6) && nb->patch < 4);
}

static enum zync_status refs_read_dns(struct zync_netbox *nb, struct zync_arena *arena, struct zync_idmap **ret, struct zync_err *err)
{
	struct refs_dns dns = {.arena = arena, .map = zync_idmap_new(arena)};
	/* A version that does not know one of the filters sends more addresses, never fewer. */
	struct nb_list list = {.endpoint = "ipam/ip-addresses",
			       .query = "&assigned_to_interface=true&dns_name__empty=false&fields=id,dns_name",
			       .limit = nb->page_size};
	enum zync_status status;

	if (dns.map == NULL)
		return zync_err_nomem(err, "reading addresses of NetBox");
	status = nb_list_walk(nb, &list, refs_on_address, &dns, err);
	if (status == ZYNC_OK)
		*ret = dns.map;
	return status;
}

enum zync_status zync_netbox_load_references(struct zync_netbox *nb, struct zync_err *err)
{
	struct zync_idmap *refs[NB_TABLES_MAX] = {NULL}, *dns = NULL;
	struct zync_arena *arena = zync_arena_new(0);
	enum zync_status status = ZYNC_OK;

	if (arena == NULL)
		return zync_err_nomem(err, "reading the reference tables of NetBox");
	for (size_t i = 0; nb_tables[i].endpoint != NULL && status == ZYNC_OK; i++)
		status = refs_read_table(nb, &nb_tables[i], arena, &refs[i], err);
	if (status == ZYNC_OK && refs_needs_dns(nb))
		status = refs_read_dns(nb, arena, &dns, err);
	if (status != ZYNC_OK) {
		zync_arena_free(arena);
		return zync_err_wrap(err, status, "reading the reference tables");
	}
	zync_arena_free(nb->ref_arena);
	nb->ref_arena = arena;
	memcpy(nb->refs, refs, sizeof(refs));
	nb->dns = dns;
	return ZYNC_OK;
}
