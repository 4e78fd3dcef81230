/* SPDX-License-Identifier: Apache-2.0 */
/** @file records.c What NetBox has of a kind, by name, for `zync check`: sites, roles, tags; custom fields. */
#include "base/str.h"
#include "netbox/netbox_priv.h"

struct records {
	struct zync_vec *names;
};

static enum zync_status records_add(struct zync_vec *names, const struct zync_jval *item, const char *key, struct zync_err *err)
{
	const char *text = zync_jval_get_str(item, key);
	char *copy;

	if (zync_str_empty(text))
		return ZYNC_OK;
	copy = zync_arena_strdup(names->arena, text);
	return copy == NULL ? zync_err_nomem(err, "reading names of NetBox") : zync_vec_push(names, copy, err);
}

static enum zync_status records_on_item(void *ctx, struct zync_arena *arena ZYNC_UNUSED, const struct zync_jval *item,
					uint64_t id ZYNC_UNUSED, struct zync_err *err)
{
	struct records *records = ctx;

	ZYNC_TRY(records_add(records->names, item, "slug", err));
	ZYNC_TRY(records_add(records->names, item, "name", err));
	return records_add(records->names, item, "model", err);
}

enum zync_status zync_netbox_names(struct zync_netbox *nb, const char *endpoint, struct zync_vec *ret, struct zync_err *err)
{
	struct nb_list list = {.endpoint = endpoint, .query = "&fields=id,slug,name,model", .limit = nb->page_size};
	struct records records = {.names = ret};

	return nb_list_walk(nb, &list, records_on_item, &records, err);
}

enum zync_status zync_netbox_next_custom_field(struct zync_netbox *nb, size_t *pos, struct zync_nb_custom_field *ret, bool *ret_found,
					       struct zync_err *err)
{
	const struct nb_custom_field *field;
	void *value;

	ZYNC_TRY(nb_custom_fields(nb, err));
	ret->name = zync_map_next(nb->fields, pos, &value);
	*ret_found = ret->name != NULL;
	if (ret->name == NULL)
		return ZYNC_OK;
	field = value;
	ret->on_device = field->on_device;
	ret->on_vm = field->on_vm;
	return ZYNC_OK;
}
