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
	uint64_t met; /* objects that came */
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

/** The virtual chassis that the device is in, where that counts. */
static enum zync_status object_chassis(const struct zync_netbox *nb, struct zync_arena *arena, struct zync_nb_object *object,
				       struct zync_err *err)
{
	struct zync_nb_chassis chassis, *kept;
	uint64_t id;

	if (!nb->one_host || object->type != ZYNC_NB_DEVICE ||
	    !zync_jval_to_u64(zync_jval_get(zync_jval_get(object->json, "virtual_chassis"), "id"), &id) ||
	    !zync_netbox_chassis(nb, id, &chassis))
		return ZYNC_OK;
	kept = ZYNC_NEW(arena, struct zync_nb_chassis);
	if (kept == NULL)
		return zync_err_nomem(err, "reading a list of NetBox");
	*kept = chassis;
	object->chassis = kept;
	if (chassis.master == object->id && chassis.name != NULL)
		object->name = chassis.name;
	return ZYNC_OK;
}

static enum zync_status object_addresses(struct object_walk *walk, struct zync_arena *arena, struct zync_nb_object *object,
					 struct zync_err *err)
{
	struct nb_addresses own = {0};
	enum zync_status status;

	if (!walk->walk->ip_addresses)
		return ZYNC_OK;
	if (walk->nb->addresses.arena != NULL)
		return nb_addresses_list(&walk->nb->addresses, object, arena, &object->ip_addresses, err);
	ZYNC_TRY(nb_addresses_read(walk->nb, object->type, object->id, &own, err));
	status = nb_addresses_list(&own, object, arena, &object->ip_addresses, err);
	zync_arena_free(own.arena);
	return status;
}

static enum zync_status object_on_item(void *ctx, struct zync_arena *arena, const struct zync_jval *item, uint64_t id, struct zync_err *err)
{
	struct object_walk *walk = ctx;
	struct zync_nb_object object = {.type = walk->walk->type, .id = id, .json = item};

	walk->met++;
	object.name = zync_jval_get_str(item, "name");
	if (zync_str_empty(object.name))
		object.name = NULL;
	object.device_name = object.name;
	if (walk->walk->id != 0 && walk->walk->id != id)
		return ZYNC_OK;
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
	ZYNC_TRY(object_chassis(walk->nb, arena, &object, err));
	ZYNC_TRY(object_addresses(walk, arena, &object, err));
	object.hostid = object_hostid(walk->nb, item);
	return walk->sink(walk->ctx, &object, err);
}

static enum zync_status object_too_long(enum zync_nb_type type, struct zync_err *err)
{
	return zync_err_set(err, ZYNC_ERR_INVALID,
			    "netbox: %s is too long: together with what Zync adds, a request must stay below %d bytes", nb_filter_key(type),
			    NB_PATH_BYTES);
}

/** NetBox would take two values of one key as alternatives: then the user's stands, and which object is meant is checked here. */
static bool object_filters_by(const struct zync_nb_walk *walk, const char *key)
{
	for (size_t i = 0; walk->filter != NULL && i < walk->filter->len; i++) {
		if (zync_str_eq(walk->filter->items[i].key.value, key))
			return true;
	}
	return false;
}

const char *nb_object_fields(enum zync_nb_type type)
{
	return object_fields[type];
}

/* *ret_added: with a list of fields; @p all: without one, so that every field is asked for. */
static enum zync_status object_query(struct zync_netbox *nb, const struct zync_nb_walk *walk, bool all, struct zync_buf *query,
				     bool *ret_added, struct zync_err *err)
{
	const struct nb_names names = {.items = walk->names, .count = walk->name_count};
	const char *context = walk->config_context ? ",config_context" : "";

	/*
	 * Up to 4.6 only `exclude` keeps the server from rendering contexts, from 4.7 on only `fields` or `omit` does; each is harmless on the other.
	 */
	if (!walk->config_context)
		zync_buf_adds(query, "&exclude=config_context");
	if (walk->id != 0 && !object_filters_by(walk, "id"))
		zync_buf_printf(query, "&id=%" PRIu64, walk->id);
	if (walk->chassis != 0)
		zync_buf_printf(query, "&virtual_chassis_id=%" PRIu64, walk->chassis);
	if (walk->name != NULL && !object_filters_by(walk, "name")) {
		zync_buf_adds(query, "&name=");
		zync_http_escape(query, walk->name);
	}
	if (walk->filter != NULL)
		ZYNC_TRY(nb_filter_query(nb, walk->type, walk->filter, query, err));
	if (query->failed == ZYNC_ERR_LIMIT)
		return object_too_long(walk->type, err);
	/* Where the list does not fit, every field is asked for. */
	*ret_added = false;
	if (!all)
		ZYNC_TRY(nb_fields_add(query, object_fields[walk->type], context, &names, /* object= */ true, ret_added, err));
	if (!*ret_added && !walk->config_context)
		zync_buf_adds(query, "&omit=config_context");
	if (query->failed == ZYNC_ERR_LIMIT)
		return object_too_long(walk->type, err);
	return zync_buf_check(query, "a NetBox address", err);
}

/* *ret_refused: nothing came but an error of NetBox that the names among the fields may have caused. */
static enum zync_status object_walk_list(struct object_walk *state, bool all, bool *ret_refused, struct zync_err *err)
{
	struct zync_netbox *nb = state->nb;
	const struct zync_nb_walk *walk = state->walk;
	struct nb_list list = {.endpoint = nb_endpoint(walk->type), .limit = nb->page_size};
	enum zync_status status;
	ZYNC_AUTO_BUF query;
	bool added = false;

	zync_buf_init(&query, NB_PATH_BYTES);
	ZYNC_TRY(object_query(nb, walk, all, &query, &added, err));
	list.query = query.data;
	if (walk->filter != NULL && walk->filter->len > 0)
		list.filter_key = nb_filter_key(walk->type);
	if (walk->config_context && nb->api_version < NB_VERSION(4, 7))
		list.limit = ZYNC_MIN(list.limit, OBJECT_CONTEXT_PAGE);
	status = nb_list_walk(nb, &list, object_on_item, state, err);
	*ret_refused = status != ZYNC_OK && added && walk->name_count > 0 && state->met == 0 && nb_fields_refused(err);
	return status;
}

enum zync_status zync_netbox_walk(struct zync_netbox *nb, const struct zync_nb_walk *walk,
				  enum zync_status (*sink)(void *ctx, const struct zync_nb_object *object, struct zync_err *err), void *ctx,
				  struct zync_err *err)
{
	struct object_walk state = {.nb = nb, .walk = walk, .sink = sink, .ctx = ctx};
	struct zync_err why = {0};
	bool refused = false;
	enum zync_status status;

	if (walk->ip_addresses && walk->id == 0 && walk->chassis == 0 && walk->name == NULL && nb->addresses.arena == NULL)
		ZYNC_TRY(nb_addresses_read(nb, walk->type, 0, &nb->addresses, err));
	status = object_walk_list(&state, /* all= */ false, &refused, &why);
	if (refused)
		return object_walk_list(&state, /* all= */ true, &refused, err);
	if (status != ZYNC_OK)
		zync_err_copy(err, &why);
	return status;
}
