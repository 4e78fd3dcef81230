/* SPDX-License-Identifier: Apache-2.0 */
/** @file custom_field.c Custom fields, and what the token may read. */
#include "netbox/netbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "netbox/netbox_priv.h"

static bool field_has_type(const struct zync_jval *types, const char *wanted)
{
	const struct zync_jval *type;
	struct zync_jiter it;

	zync_jiter_init(&it, types);
	while ((type = zync_jiter_next(&it, NULL)) != NULL) {
		if (zync_str_eq(zync_jval_str(type), wanted))
			return true;
	}
	return false;
}

static enum zync_status field_on_item(void *ctx, struct zync_arena *arena, const struct zync_jval *item, uint64_t id, struct zync_err *err)
{
	struct zync_map *fields = ctx;
	const char *name = zync_jval_get_str(item, "name");
	struct nb_custom_field *field = ZYNC_NEW(arena, struct nb_custom_field);

	if (field == NULL)
		return zync_err_nomem(err, "reading custom fields");
	if (name == NULL)
		return ZYNC_OK;
	field->id = id;
	field->type = zync_jval_get_str(zync_jval_get(item, "type"), "value");
	field->on_device = field_has_type(zync_jval_get(item, "object_types"), nb_object_type(ZYNC_NB_DEVICE));
	field->on_vm = field_has_type(zync_jval_get(item, "object_types"), nb_object_type(ZYNC_NB_VM));
	return zync_map_put(fields, name, field, err);
}

static enum zync_status field_load(struct zync_netbox *nb, struct zync_err *err)
{
	struct nb_list list = {.endpoint = "extras/custom-fields",
			       .query = "&fields=id,name,type,object_types",
			       .limit = nb->page_size,
			       .whole_arena = true};
	struct zync_arena *arena = zync_arena_new(0);
	struct zync_map *fields = arena != NULL ? zync_map_new(arena) : NULL;
	enum zync_status status;

	if (fields == NULL) {
		zync_arena_free(arena);
		return zync_err_nomem(err, "reading custom fields");
	}
	list.arena = arena;
	status = nb_list_walk(nb, &list, field_on_item, fields, err);
	if (status != ZYNC_OK) {
		zync_arena_free(arena);
		return status;
	}
	zync_arena_free(nb->field_arena);
	nb->field_arena = arena;
	nb->fields = fields;
	return ZYNC_OK;
}

enum zync_status nb_custom_fields(struct zync_netbox *nb, struct zync_err *err)
{
	return nb->fields == NULL ? field_load(nb, err) : ZYNC_OK;
}

enum zync_status zync_netbox_has_custom_field(struct zync_netbox *nb, enum zync_nb_type type, const char *name, bool *ret,
					      struct zync_err *err)
{
	const struct nb_custom_field *field;

	ZYNC_TRY(nb_custom_fields(nb, err));
	field = zync_map_get(nb->fields, name);
	*ret = field != NULL && (type == ZYNC_NB_DEVICE ? field->on_device : field->on_vm);
	return ZYNC_OK;
}

/** POST a new field, or (with @p field) PATCH the missing object types into an existing one. */
static enum zync_status field_send(struct zync_netbox *nb, const char *name, const struct nb_custom_field *field, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *builder = arena != NULL ? zync_jb_new(arena) : NULL;
	struct nb_call call = {
		.method = field == NULL ? "POST" : "PATCH", .path = "/api/extras/custom-fields/", .repeatable = field != NULL};
	const struct zync_jval *json, *old = NULL;
	struct zync_jnode *body, *types;
	char path[64];
	struct zync_jiter it;

	if (builder == NULL)
		return zync_err_nomem(err, "creating a custom field");
	body = zync_jb_object(builder);
	if (field == NULL) {
		zync_jb_set_str(builder, body, "name", name);
		zync_jb_set_str(builder, body, "label", "Zabbix host ID");
		zync_jb_set_str(builder, body, "type", "integer");
		zync_jb_set_str(builder, body, "description", "hostid of this object's host in Zabbix, written by Zync");
		zync_jb_set_str(builder, body, "filter_logic", "exact");
		zync_jb_set_str(builder, body, "ui_visible", "if-set");
		/* Out of the search index, where it would make each write dearer; and without a default, which would be written to every object. */
		zync_jb_set_i64(builder, body, "search_weight", 0);
	} else { /* object_types is replaced as a whole, so what other types have the field must be read at once before */
		snprintf(path, sizeof(path), "/api/extras/custom-fields/%" PRIu64 "/", field->id);
		ZYNC_TRY(nb_request(nb, &(struct nb_call){.path = path, .repeatable = true}, arena, &old, err));
		call.path = path;
	}
	types = zync_jb_set_array(builder, body, "object_types");
	zync_jiter_init(&it, zync_jval_get(old, "object_types"));
	while ((json = zync_jiter_next(&it, NULL)) != NULL)
		zync_jb_add_val(builder, types, json);
	if (field == NULL || !field->on_device)
		zync_jb_add_str(builder, types, nb_object_type(ZYNC_NB_DEVICE));
	if (field == NULL || !field->on_vm)
		zync_jb_add_str(builder, types, nb_object_type(ZYNC_NB_VM));
	ZYNC_TRY(zync_jb_text(builder, body, ZYNC_JSON_COMPACT, arena, &call.body, err));
	return nb_request(nb, &call, arena, &json, err);
}

enum zync_status zync_netbox_create_hostid_field(struct zync_netbox *nb, const char *name, struct zync_err *err)
{
	const struct nb_custom_field *field;
	struct zync_err why = {0};
	enum zync_status status;

	ZYNC_TRY(field_load(nb, err)); /* fresh: somebody may have made it since */
	field = zync_map_get(nb->fields, name);
	if (field != NULL && !zync_str_eq(field->type, "integer") && !zync_str_eq(field->type, "text"))
		return zync_err_set(err, ZYNC_ERR_CONFLICT,
				    "netbox: the custom field \"%s\" exists with the type %s, but a hostid needs integer; set "
				    "netbox.hostid_field to another "
				    "name",
				    name, field->type != NULL ? field->type : "?");
	if (field != NULL && field->on_device && field->on_vm)
		return ZYNC_OK;
	status = field_send(nb, name, field, &why);
	if (status == ZYNC_ERR_REJECTED && field == NULL) { /* made by somebody else between the two requests? */
		ZYNC_TRY(field_load(nb, err));
		if (zync_map_get(nb->fields, name) != NULL)
			return ZYNC_OK;
	}
	if (status != ZYNC_OK) {
		zync_err_copy(err, &why);
		return zync_err_wrap(err, status, "creating the custom field \"%s\"", name);
	}
	return field_load(nb, err);
}

enum zync_status zync_netbox_may_read(struct zync_netbox *nb, const char *endpoint, struct zync_arena *arena, bool *ret,
				      const char **ret_reason, struct zync_err *err)
{
	struct nb_call call = {.repeatable = true};
	const struct zync_jval *json;
	ZYNC_AUTO_ARENA own = zync_arena_new(0);
	struct zync_err why = {0};
	enum zync_status status;

	call.path = own != NULL ? zync_arena_printf(own, "/api/%s/?limit=1&brief=1", endpoint) : NULL;
	if (call.path == NULL)
		return zync_err_nomem(err, "asking for permissions");
	status = nb_request(nb, &call, own, &json, &why);
	if (status == ZYNC_OK) {
		*ret = true;
		*ret_reason = NULL;
		return ZYNC_OK;
	}
	if (status != ZYNC_ERR_AUTH && status != ZYNC_ERR_NOT_FOUND) {
		zync_err_copy(err, &why);
		return status;
	}
	*ret_reason = zync_arena_strdup(arena, why.message);
	if (*ret_reason == NULL)
		return zync_err_nomem(err, "asking for permissions");
	*ret = false;
	return ZYNC_OK;
}
