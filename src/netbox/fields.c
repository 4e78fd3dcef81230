/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fields.c Which members of an object are asked for: the base list of its table, and what the rules name beyond that.
 *
 * NetBox drops names that it does not know in silence, in every version, so a name goes to every table: which one it means is not known here.
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

enum zync_status nb_fields_add(struct zync_buf *query, const char *base, const char *more, const struct nb_names *names, bool *ret_added,
			       struct zync_err *err)
{
	ZYNC_AUTO_BUF list;

	zync_buf_init(&list, NB_FIELDS_BYTES);
	zync_buf_adds(&list, base);
	zync_buf_adds(&list, more);
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->items[i];

		if (name != NULL && fields_is_name(name) && !fields_has(list.data, name, strlen(name)))
			zync_buf_printf(&list, ",%s", name);
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
