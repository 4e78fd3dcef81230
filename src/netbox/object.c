/* SPDX-License-Identifier: Apache-2.0 */
/** @file object.c Reading devices and virtual machines. */
#include "netbox/netbox.h"

#include <inttypes.h>

#include "base/str.h"
#include "netbox/netbox_priv.h"

/* Rendering contexts before 4.7 costs the server a subquery an object. */
#define OBJECT_CONTEXT_PAGE 200

/*
 * What rules can use. primary_ip alone would cost NetBox a query an object; together with primary_ip4 and primary_ip6 it does not.
 */
static const char *const object_fields[] = {
	[ZYNC_NB_DEVICE] = "id,url,name,display,status,role,site,location,rack,tenant,platform,device_type,serial,asset_tag,airflow,"
			   "latitude,longitude,parent_device,primary_ip,primary_ip4,primary_ip6,oob_ip,cluster,virtual_chassis,vc_position,"
			   "vc_priority,owner,description,comments,tags,custom_fields,created,last_updated",
	[ZYNC_NB_VM] =
		"id,url,name,display,status,role,site,cluster,device,tenant,platform,serial,vcpus,memory,disk,primary_ip,primary_ip4,"
		"primary_ip6,owner,description,comments,tags,custom_fields,created,last_updated",
};

struct object_walk {
	struct zync_netbox *nb;
	const struct zync_nb_walk *walk;
	enum zync_status (*sink)(void *ctx, const struct zync_nb_object *object, struct zync_err *err);
	void *ctx;
};

/** The custom field may be an integer, a text, or (4.7) a selection. */
static uint64_t object_hostid(const struct zync_netbox *nb, const struct zync_jval *item)
{
	const struct zync_jval *field = zync_jval_get(zync_jval_get(item, "custom_fields"), nb->hostid_field);
	uint64_t hostid = 0;

	if (zync_jval_type(field) == ZYNC_JSON_OBJECT)
		field = zync_jval_get(field, "value");
	return zync_jval_to_u64(field, &hostid) ? hostid : 0;
}

static enum zync_status object_on_item(void *ctx, struct zync_arena *arena, const struct zync_jval *item, uint64_t id, struct zync_err *err)
{
	struct object_walk *walk = ctx;
	struct zync_nb_object object = {.type = walk->walk->type, .id = id, .json = item};

	object.name = zync_jval_get_str(item, "name");
	if (zync_str_empty(object.name))
		object.name = NULL;
	/* NetBox compares names without case; the caller asked for this very one. */
	if (walk->walk->name != NULL && !zync_str_eq(walk->walk->name, object.name))
		return ZYNC_OK;
	object.display = zync_jval_get_str(item, "display");
	if (zync_str_empty(object.display))
		object.display =
			object.name != NULL ? object.name : zync_arena_printf(arena, "%s %" PRIu64, zync_nb_type_name(object.type), id);
	if (object.display == NULL)
		return zync_err_nomem(err, "reading a list of NetBox");
	ZYNC_TRY(nb_refs_complete(walk->nb, item, err));
	object.hostid = object_hostid(walk->nb, item);
	return walk->sink(walk->ctx, &object, err);
}

static enum zync_status object_query(struct zync_netbox *nb, const struct zync_nb_walk *walk, struct zync_buf *query, struct zync_err *err)
{
	/*
	 * Up to 4.6 only `exclude` keeps the server from rendering contexts, from 4.7 on only `fields` does; each is harmless on the other.
	 */
	zync_buf_printf(query, "%s&fields=%s%s", walk->config_context ? "" : "&exclude=config_context", object_fields[walk->type],
			walk->config_context ? ",config_context" : "");
	if (walk->id != 0)
		zync_buf_printf(query, "&id=%" PRIu64, walk->id);
	if (walk->name != NULL) {
		zync_buf_adds(query, "&name=");
		zync_http_escape(query, walk->name);
	}
	if (walk->filter != NULL)
		ZYNC_TRY(nb_filter_query(nb, walk->type, walk->filter, query, err));
	if (query->failed == ZYNC_ERR_LIMIT)
		return zync_err_set(err, ZYNC_ERR_INVALID,
				    "netbox: %s is too long: together with what Zync adds, a request must stay below %d bytes",
				    nb_filter_key(walk->type), NB_PATH_BYTES);
	return zync_buf_check(query, "a NetBox address", err);
}

enum zync_status zync_netbox_walk(struct zync_netbox *nb, const struct zync_nb_walk *walk,
				  enum zync_status (*sink)(void *ctx, const struct zync_nb_object *object, struct zync_err *err), void *ctx,
				  struct zync_err *err)
{
	struct object_walk state = {.nb = nb, .walk = walk, .sink = sink, .ctx = ctx};
	struct nb_list list = {.endpoint = nb_endpoint(walk->type), .limit = nb->page_size};
	ZYNC_AUTO_BUF query;

	zync_buf_init(&query, NB_PATH_BYTES);
	ZYNC_TRY(object_query(nb, walk, &query, err));
	list.query = query.data;
	if (walk->filter != NULL && walk->filter->len > 0)
		list.filter_key = nb_filter_key(walk->type);
	if (walk->config_context && nb->api_version < NB_VERSION(4, 7))
		list.limit = ZYNC_MIN(list.limit, OBJECT_CONTEXT_PAGE);
	return nb_list_walk(nb, &list, object_on_item, &state, err);
}
