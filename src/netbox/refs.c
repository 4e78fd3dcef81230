/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refs.c The reference tables: what devices and virtual machines point to, read once in pages and joined here.
 *
 * Nested objects carry only a few members (a site's region, a tenant's group, a cluster's type are missing), and asking for each by itself
 * would cost a request an object.
 */
#include "netbox/netbox_priv.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"

const struct nb_table nb_tables[] = {
	[NB_TABLE_CHASSIS] = {"dcim/virtual-chassis",
			      "id,url,display,name,domain,master,members,description,comments,member_count,tags,custom_fields"},
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
	{NULL, NULL},
};
_Static_assert(ZYNC_ARRAY_LEN(nb_tables) <= NB_TABLES_MAX, "more tables than the client has places for");

/* An object of a site that was made a moment ago costs one more request; a token that may not see some records must not cost one for each. */
#define REFS_ASKED_MAX 200
#define REFS_DEPTH     8

struct refs_table {
	struct zync_idmap *map;
	struct zync_vec *list; /* the records in order, NULL: not wanted */
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

	if (table->list != NULL && zync_jval_type(zync_idmap_get(table->map, id)) != ZYNC_JSON_OBJECT)
		ZYNC_TRY(zync_vec_push(table->list, refs_unconst(item), err));
	return zync_idmap_put(table->map, id, refs_unconst(item), err);
}

/** Read records of a table into the state: with its base fields and the names, or with all of its fields where NetBox refuses that. */
static enum zync_status refs_walk(struct zync_netbox *nb, size_t table, uint64_t id, const struct nb_names *names, struct refs_table *state,
				  struct zync_arena *arena, struct zync_err *err)
{
	struct nb_list list = {
		.endpoint = nb_tables[table].endpoint, .limit = id != 0 ? 1 : nb->page_size, .whole_arena = true, .arena = arena};

	for (;;) {
		struct zync_err why = {0};
		enum zync_status status;
		ZYNC_AUTO_BUF query;
		bool added = false;

		zync_buf_init(&query, NB_PATH_BYTES);
		if (id != 0)
			zync_buf_printf(&query, "&id=%" PRIu64, id);
		if (!nb->all_fields[table])
			ZYNC_TRY(nb_fields_add(&query, nb_tables[table].fields, "", names, /* object= */ false, &added, err));
		ZYNC_TRY(zync_buf_check(&query, "a NetBox address", err));
		list.query = query.data;
		status = nb_list_walk(nb, &list, refs_on_item, state, &why);
		if (status != ZYNC_OK && added && names->count > 0 && nb_fields_refused(&why)) {
			nb->all_fields[table] = true;
			continue;
		}
		if (status != ZYNC_OK)
			zync_err_copy(err, &why);
		return status;
	}
}

static enum zync_status refs_read_table(struct zync_netbox *nb, size_t table, const struct nb_names *names, struct zync_vec *list_of,
					struct zync_arena *arena, struct zync_idmap **ret, struct zync_err *err)
{
	struct refs_table state = {.map = zync_idmap_new(arena), .list = list_of};

	if (state.map == NULL)
		return zync_err_nomem(err, "reading a table of NetBox");
	ZYNC_TRY(refs_walk(nb, table, 0, names, &state, arena, err));
	*ret = state.map;
	return ZYNC_OK;
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

/** What zync_netbox_load_references() reads, until it has all of it. */
struct refs_loaded {
	struct zync_arena *arena;
	struct zync_idmap *refs[NB_TABLES_MAX], *dns;
	struct nb_names names;
	struct zync_vec chassis;
};

static enum zync_status refs_load(struct zync_netbox *nb, const char *const *names, size_t name_count, struct refs_loaded *loaded,
				  struct zync_err *err)
{
	zync_vec_init(&loaded->chassis, loaded->arena);
	ZYNC_TRY(nb_names_copy(names, name_count, loaded->arena, &loaded->names, err));
	for (size_t i = 0; nb_tables[i].endpoint != NULL; i++)
		ZYNC_TRY(refs_read_table(nb, i, &loaded->names, i == NB_TABLE_CHASSIS ? &loaded->chassis : NULL, loaded->arena,
					 &loaded->refs[i], err));
	return refs_needs_dns(nb) ? refs_read_dns(nb, loaded->arena, &loaded->dns, err) : ZYNC_OK;
}

enum zync_status zync_netbox_load_references(struct zync_netbox *nb, const char *const *names, size_t name_count, struct zync_err *err)
{
	struct refs_loaded loaded = {.arena = zync_arena_new(0)};
	enum zync_status status;

	if (loaded.arena == NULL)
		return zync_err_nomem(err, "reading the reference tables of NetBox");
	status = refs_load(nb, names, name_count, &loaded, err);
	if (status != ZYNC_OK) {
		zync_arena_free(loaded.arena);
		return zync_err_wrap(err, status, "reading the reference tables");
	}
	zync_arena_free(nb->ref_arena);
	zync_arena_free(nb->addresses.arena);
	nb->addresses = (struct nb_addresses){0};
	nb->ref_arena = loaded.arena;
	memcpy(nb->refs, loaded.refs, sizeof(nb->refs));
	nb->dns = loaded.dns;
	nb->names = loaded.names;
	nb->chassis = loaded.chassis;
	nb->refs_asked = 0;
	return ZYNC_OK;
}

/** Does the address @p url name an object of @p endpoint? */
static bool refs_is_of(const char *url, const char *endpoint)
{
	size_t len = strlen(endpoint);

	return strncmp(url, endpoint, len) == 0 && url[len] == '/';
}

bool nb_refs_place(const struct zync_jval *nested, size_t *ret_table, uint64_t *ret_id)
{
	const char *url = zync_jval_get_str(nested, "url");

	if (url == NULL || !zync_jval_to_u64(zync_jval_get(nested, "id"), ret_id))
		return false;
	/* A base path may hold "/api/", too; the last one is the API's own, since no endpoint is called so. */
	for (const char *next = strstr(url, "/api/"); next != NULL; next = strstr(url, "/api/"))
		url = next + strlen("/api/");
	for (size_t i = 0; nb_tables[i].endpoint != NULL; i++) {
		if (refs_is_of(url, nb_tables[i].endpoint)) {
			*ret_table = i;
			return true;
		}
	}
	return false;
}

static enum zync_status refs_read_one(struct zync_netbox *nb, size_t table, uint64_t id, struct zync_err *err)
{
	struct refs_table state = {.map = nb->refs[table], .list = table == NB_TABLE_CHASSIS ? &nb->chassis : NULL};

	nb->refs_asked++;
	/* What stays missing (gone again, or hidden from the token) is marked by a value that is no object, and not asked for again. */
	ZYNC_TRY(zync_idmap_put(state.map, id, refs_unconst(nb->no_name), err));
	return refs_walk(nb, table, id, &nb->names, &state, nb->ref_arena, err);
}

static enum zync_status refs_complete(struct zync_netbox *nb, const struct zync_jval *object, unsigned depth, struct zync_err *err);

/** One value of an object: a nested object of a table, or what holds such ones, a list or the custom fields. */
static enum zync_status refs_complete_value(struct zync_netbox *nb, const struct zync_jval *value, unsigned depth, struct zync_err *err)
{
	enum zync_jtype type = zync_jval_type(value);
	size_t table;
	uint64_t id;

	if (type == ZYNC_JSON_ARRAY || (type == ZYNC_JSON_OBJECT && zync_jval_get(value, "url") == NULL))
		return depth < REFS_DEPTH ? refs_complete(nb, value, depth + 1, err) : ZYNC_OK;
	if (type != ZYNC_JSON_OBJECT || !nb_refs_place(value, &table, &id) || nb->refs[table] == NULL ||
	    zync_idmap_get(nb->refs[table], id) != NULL || nb->refs_asked >= REFS_ASKED_MAX)
		return ZYNC_OK;
	ZYNC_TRY(refs_read_one(nb, table, id, err));
	return depth < REFS_DEPTH ? refs_complete(nb, zync_idmap_get(nb->refs[table], id), depth + 1, err) : ZYNC_OK;
}

/* Recursion is bounded by REFS_DEPTH: a site, its region, the regions above it. */
static enum zync_status refs_complete(struct zync_netbox *nb, const struct zync_jval *object, unsigned depth, struct zync_err *err)
{
	const struct zync_jval *value;
	struct zync_jiter it;
	const char *key;

	zync_jiter_init(&it, object);
	while ((value = zync_jiter_next(&it, &key)) != NULL) {
		/* What people write themselves names no records. */
		if (!zync_str_eq(key, "config_context") && !zync_str_eq(key, "local_context_data"))
			ZYNC_TRY(refs_complete_value(nb, value, depth, err));
	}
	return ZYNC_OK;
}

enum zync_status nb_refs_complete(struct zync_netbox *nb, const struct zync_jval *object, struct zync_err *err)
{
	return nb->ref_arena != NULL ? refs_complete(nb, object, 0, err) : ZYNC_OK;
}
