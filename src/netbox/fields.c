/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fields.c Which members of an object are asked for: the base list of its table, and what the rules name beyond that.
 *
 * NetBox drops names that it does not know in silence, so a name that is in none of our lists goes to every table: which one it means is not known here. But a name that is no field
 * of the API and yet a relation of the table's model ("cluster" of a site) is an error of NetBox, HTTP 500 (4.7): names that some list has are asked for only there, and a
 * table that answers so is read with all of its fields (nb_fields_refused()).
 */
#include "netbox/netbox_priv.h"

#include <string.h>

#include "base/str.h"

/* What is asked for by a walk's own switch, or made here: never as an extra field. */
static const char *const fields_never[] = {"config_context", "ip_addresses", "device_name"};

/** Is the name, @p len long, in the list "id,url,name"? */
static bool fields_has(const char *list, const char *name, size_t len)
{
	for (const char *at = list; at != NULL && *at != '\0'; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
	}
	return false;
}

/** Can it be the name of a field? Names of custom fields and of keys of a config context come along, and some of them cannot. */
static bool fields_is_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	if (len == 0 || name[len] != '\0' || (*name >= '0' && *name <= '9'))
		return false;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(fields_never); i++) {
		if (zync_str_eq(name, fields_never[i]))
			return false;
	}
	return true;
}

/* Names of devices and virtual machines beyond their base list: no other table has them. */
static const char fields_of_objects[] =
	"face,position,owner,display_url,local_context_data,airflow,latitude,longitude,parent_device,rack,location,device_type,"
	"config_template,device_bay_count,interface_count,inventory_item_count,module_bay_count,power_port_count,"
	"virtual_machine_type,virtual_disk_count,start_on_boot,vcpus,memory,disk";

/* Does the list of another table have it, so that it is no field of one that does not? */
static bool fields_elsewhere(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; nb_tables[i].endpoint != NULL; i++) {
		if (fields_has(nb_tables[i].fields, name, len))
			return true;
	}
	return fields_has(fields_of_objects, name, len) || fields_has(nb_object_fields(ZYNC_NB_DEVICE), name, len) ||
	       fields_has(nb_object_fields(ZYNC_NB_VM), name, len);
}

/* Is it to be asked for beyond @p list? @p object: of devices or virtual machines. */
static bool fields_wanted(const char *list, const char *name, bool object)
{
	if (name == NULL || !fields_is_name(name) || fields_has(list, name, strlen(name)))
		return false;
	return !fields_elsewhere(name) || (object && fields_has(fields_of_objects, name, strlen(name)));
}

bool nb_fields_refused(const struct zync_err *err)
{
	return err->status != ZYNC_OK && nb_error_status(err) == 500;
}

enum zync_status nb_fields_add(struct zync_buf *query, const char *base, const char *more, const struct nb_names *names, bool object,
			       bool *ret_added, struct zync_err *err)
{
	ZYNC_AUTO_BUF list;

	zync_buf_init(&list, NB_FIELDS_BYTES);
	zync_buf_adds(&list, base);
	zync_buf_adds(&list, more);
	for (size_t i = 0; i < names->count; i++) {
		if (fields_wanted(list.data, names->items[i], object))
			zync_buf_printf(&list, ",%s", names->items[i]);
	}
	if (list.failed == ZYNC_ERR_NOMEM)
		return zync_buf_check(&list, "a NetBox address", err);
	/* All of it or nothing: without the list NetBox sends every field. */
	*ret_added = list.failed == ZYNC_OK && query->len + list.len + sizeof("&fields=") <= NB_FIELDS_BYTES;
	if (*ret_added)
		zync_buf_printf(query, "&fields=%s", list.data);
	return ZYNC_OK;
}

enum zync_status nb_names_copy(const char *const *names, size_t count, struct zync_arena *arena, struct nb_names *ret, struct zync_err *err)
{
	const char **items = ZYNC_NEW_ARRAY(arena, const char *, count);

	for (size_t i = 0; items != NULL && i < count; i++) {
		items[i] = zync_arena_strdup(arena, names[i]);
		if (items[i] == NULL)
			items = NULL;
	}
	if (items == NULL)
		return zync_err_nomem(err, "reading the reference tables of NetBox");
	*ret = (struct nb_names){.items = items, .count = count};
	return ZYNC_OK;
}
