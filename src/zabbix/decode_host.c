/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "base/str.h"
#include "zabbix/zabbix_priv.h"

#define DECODE_ALL_ASPECTS ((1u << (unsigned)ZYNC_ASPECT_COUNT) - 1u)

static void decode_select(struct zync_jb *b, struct zync_jnode *params, const char *select, const char *const *fields, size_t count)
{
	struct zync_jnode *list = zync_jb_set_array(b, params, select);

	for (size_t i = 0; i < count; i++)
		zync_jb_add_str(b, list, fields[i]);
}

void zync_zbx_host_output(const struct zync_zbx_dialect *d, struct zync_jb *b, struct zync_jnode *params)
{
	static const char *const output[] = {"hostid", "host", "name", "status", "flags", "description", "inventory_mode"};
	static const char *const proxy_old[] = {"proxy_hostid"};
	static const char *const proxy_new[] = {"monitored_by", "proxyid", "proxy_groupid"};
	static const char *const groups[] = {"groupid", "name"};
	static const char *const templates[] = {"templateid", "host"};
	static const char *const interfaces[] = {"interfaceid", "type", "main", "useip", "ip", "dns", "port", "details"};
	static const char *const tags[] = {"tag", "value"};
	static const char *const macros[] = {"hostmacroid", "macro", "value", "type", "description"};
	const char *const *proxy = d->monitored_by ? proxy_new : proxy_old;
	size_t proxy_len = d->monitored_by ? ZYNC_ARRAY_LEN(proxy_new) : ZYNC_ARRAY_LEN(proxy_old);
	struct zync_jnode *list = zync_jb_set_array(b, params, "output");

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(output); i++)
		zync_jb_add_str(b, list, output[i]);
	zync_zbx_ipmi_tls_output(b, list);
	for (size_t i = 0; i < proxy_len; i++)
		zync_jb_add_str(b, list, proxy[i]);
	decode_select(b, params, d->select_groups, groups, ZYNC_ARRAY_LEN(groups));
	decode_select(b, params, "selectParentTemplates", templates, ZYNC_ARRAY_LEN(templates));
	decode_select(b, params, "selectInterfaces", interfaces, ZYNC_ARRAY_LEN(interfaces));
	decode_select(b, params, "selectTags", tags, ZYNC_ARRAY_LEN(tags));
	decode_select(b, params, "selectMacros", macros, ZYNC_ARRAY_LEN(macros));
	zync_jb_set_str(b, params, "selectInventory", "extend");
}

/* --- scalars -------------------------------------------------------------------------------------------------------------------------- */

/* A text member, "" when it is missing; NULL when memory is out. */
static const char *decode_text(const struct zync_jval *v, const char *key, struct zync_arena *arena)
{
	const char *text = zync_jval_text(arena, zync_jval_get(v, key));

	return zync_arena_strdup(arena, text ? text : "");
}

static int64_t decode_number(const struct zync_jval *v, const char *key, int64_t otherwise)
{
	int64_t n;

	return zync_jval_to_i64(zync_jval_get(v, key), &n) ? n : otherwise;
}

static uint64_t decode_id(const struct zync_jval *v, const char *key)
{
	uint64_t id;

	return zync_jval_to_u64(zync_jval_get(v, key), &id) ? id : 0;
}

static unsigned decode_small(const struct zync_jval *v, const char *key, unsigned otherwise)
{
	int64_t n = decode_number(v, key, otherwise);

	return n >= 0 && n <= 1000000 ? (unsigned)n : otherwise;
}

static enum zync_status decode_nomem(struct zync_err *err)
{
	return zync_err_nomem(err, "reading hosts from zabbix");
}

/* --- lists ---------------------------------------------------------------------------------------------------------------------------- */

static enum zync_status decode_refs(const struct zync_jval *list, const char *id, const char *name, struct zync_arena *arena,
				    struct zync_ref_list *ret, struct zync_err *err)
{
	size_t len = zync_jval_len(list);
	const struct zync_jval *v;
	struct zync_jiter it;

	ret->items = ZYNC_NEW_ARRAY(arena, struct zync_ref, len);
	if (!ret->items)
		return decode_nomem(err);
	zync_jiter_init(&it, list);
	while ((v = zync_jiter_next(&it, NULL))) {
		struct zync_ref *ref = &ret->items[ret->len];

		ref->id = decode_id(v, id);
		ref->name = decode_text(v, name, arena);
		if (!ref->name)
			return decode_nomem(err);
		if (ref->id)
			ret->len++;
	}
	return ZYNC_OK;
}

static enum zync_status decode_tags(const struct zync_jval *list, struct zync_arena *arena, struct zync_host *ret, struct zync_err *err)
{
	const struct zync_jval *v;
	struct zync_jiter it;

	ret->tags.items = ZYNC_NEW_ARRAY(arena, struct zync_tag, zync_jval_len(list));
	if (!ret->tags.items)
		return decode_nomem(err);
	zync_jiter_init(&it, list);
	while ((v = zync_jiter_next(&it, NULL))) {
		struct zync_tag *tag = &ret->tags.items[ret->tags.len++];

		tag->tag = decode_text(v, "tag", arena);
		tag->value = decode_text(v, "value", arena);
		if (!tag->tag || !tag->value)
			return decode_nomem(err);
	}
	return ZYNC_OK;
}

/*
 * The value of a secret macro is never returned. Macros that low-level discovery made exist on discovered hosts only (flags 4), which are never written,
 * so that no list that is sent back can lose one.
 */
static enum zync_status decode_macros(const struct zync_jval *list, struct zync_arena *arena, struct zync_host *ret, struct zync_err *err)
{
	const struct zync_jval *v;
	struct zync_jiter it;

	ret->macros.items = ZYNC_NEW_ARRAY(arena, struct zync_macro, zync_jval_len(list));
	if (!ret->macros.items)
		return decode_nomem(err);
	zync_jiter_init(&it, list);
	while ((v = zync_jiter_next(&it, NULL))) {
		struct zync_macro *macro = &ret->macros.items[ret->macros.len];
		unsigned type = decode_small(v, "type", ZYNC_MACRO_TEXT);

		/* The mark was in this place before: nothing of it may stay. */
		*macro = (struct zync_macro){0};
		macro->hostmacroid = decode_id(v, "hostmacroid");
		macro->macro = decode_text(v, "macro", arena);
		macro->type = type == ZYNC_MACRO_SECRET ? ZYNC_MACRO_SECRET : type == ZYNC_MACRO_VAULT ? ZYNC_MACRO_VAULT : ZYNC_MACRO_TEXT;
		macro->description = decode_text(v, "description", arena);
		if (macro->type != ZYNC_MACRO_SECRET)
			macro->value.plain = decode_text(v, "value", arena);
		if (!macro->macro || !macro->description || (macro->type != ZYNC_MACRO_SECRET && !macro->value.plain))
			return decode_nomem(err);
		if (zync_str_eq(macro->macro, ZYNC_OWNER_MACRO)) {
			/* A mark that somebody made secret cannot be read: it is there, and it is not known to be ours. */
			ret->owner = macro->value.plain;
			ret->owner_hostmacroid = macro->hostmacroid;
			continue;
		}
		ret->macros.len++;
	}
	return ZYNC_OK;
}

static enum zync_status decode_snmp(const struct zync_jval *v, struct zync_arena *arena, struct zync_snmp *ret, struct zync_err *err)
{
	ret->version = decode_small(v, "version", 2);
	ret->bulk = decode_number(v, "bulk", 1) != 0;
	ret->max_repetitions = decode_small(v, "max_repetitions", 0);
	ret->community.plain = decode_text(v, "community", arena);
	ret->contextname = decode_text(v, "contextname", arena);
	ret->securityname = decode_text(v, "securityname", arena);
	ret->securitylevel = decode_small(v, "securitylevel", 0);
	ret->authprotocol = decode_small(v, "authprotocol", 0);
	ret->authpassphrase.plain = decode_text(v, "authpassphrase", arena);
	ret->privprotocol = decode_small(v, "privprotocol", 0);
	ret->privpassphrase.plain = decode_text(v, "privpassphrase", arena);
	if (!ret->community.plain || !ret->contextname || !ret->securityname || !ret->authpassphrase.plain || !ret->privpassphrase.plain)
		return decode_nomem(err);
	return ZYNC_OK;
}

static enum zync_status decode_interfaces(const struct zync_jval *list, struct zync_arena *arena, struct zync_host *ret,
					  struct zync_err *err)
{
	const struct zync_jval *v;
	struct zync_jiter it;

	ret->interfaces.items = ZYNC_NEW_ARRAY(arena, struct zync_interface, zync_jval_len(list));
	if (!ret->interfaces.items)
		return decode_nomem(err);
	zync_jiter_init(&it, list);
	while ((v = zync_jiter_next(&it, NULL))) {
		struct zync_interface *interface = &ret->interfaces.items[ret->interfaces.len++];

		interface->interfaceid = decode_id(v, "interfaceid");
		interface->type = (enum zync_interface_type)decode_small(v, "type", ZYNC_INTERFACE_AGENT);
		interface->main = decode_number(v, "main", 0) == 1;
		interface->useip = decode_number(v, "useip", 1) == 1;
		interface->ip = decode_text(v, "ip", arena);
		interface->dns = decode_text(v, "dns", arena);
		interface->port = decode_text(v, "port", arena);
		if (!interface->ip || !interface->dns || !interface->port)
			return decode_nomem(err);
		if (interface->type == ZYNC_INTERFACE_SNMP)
			ZYNC_TRY(decode_snmp(zync_jval_get(v, "details"), arena, &interface->snmp, err));
	}
	return ZYNC_OK;
}

/* [] when disabled; otherwise every field of Zabbix, "" being "not set". */
static enum zync_status decode_inventory(const struct zync_jval *v, struct zync_arena *arena, struct zync_host *ret, struct zync_err *err)
{
	const struct zync_jval *inventory = zync_jval_get(v, "inventory");
	int64_t mode = decode_number(v, "inventory_mode", ZYNC_INVENTORY_DISABLED);
	const struct zync_jval *value;
	struct zync_jiter it;
	const char *key;
	size_t used = 0;

	ret->inventory_mode = mode == ZYNC_INVENTORY_MANUAL	 ? ZYNC_INVENTORY_MANUAL
			      : mode == ZYNC_INVENTORY_AUTOMATIC ? ZYNC_INVENTORY_AUTOMATIC
								 : ZYNC_INVENTORY_DISABLED;
	if (zync_jval_type(inventory) != ZYNC_JSON_OBJECT)
		return ZYNC_OK;
	zync_jiter_init(&it, inventory);
	while ((value = zync_jiter_next(&it, &key)))
		used += !zync_str_empty(zync_jval_str(value));
	ret->inventory.items = ZYNC_NEW_ARRAY(arena, struct zync_inventory_field, used);
	if (!ret->inventory.items)
		return decode_nomem(err);
	zync_jiter_init(&it, inventory);
	while ((value = zync_jiter_next(&it, &key))) {
		struct zync_inventory_field *field;

		if (zync_str_empty(zync_jval_str(value)) || zync_str_eq(key, "hostid") || zync_str_eq(key, "inventory_mode"))
			continue;
		field = &ret->inventory.items[ret->inventory.len++];
		field->field = zync_arena_strdup(arena, key);
		field->value = zync_arena_strdup(arena, zync_jval_str(value));
		if (!field->field || !field->value)
			return decode_nomem(err);
	}
	return ZYNC_OK;
}

/* --- who monitors it ------------------------------------------------------------------------------------------------------------------ */

static enum zync_status decode_monitor_ref(const struct zync_zabbix *z, enum zync_zabbix_kind kind, uint64_t id, struct zync_arena *arena,
					   struct zync_ref *ret, struct zync_err *err)
{
	const char *name = zync_zbx_name_of(z, kind, id);

	ret->id = id;
	/* Not in the catalogue: made after it was loaded, or hidden from this user. The id still compares. */
	ret->name = name ? zync_arena_strdup(arena, name) : zync_arena_printf(arena, "#%" PRIu64, id);
	return ret->name ? ZYNC_OK : decode_nomem(err);
}

static enum zync_status decode_monitored_by(const struct zync_zabbix *z, const struct zync_jval *v, struct zync_arena *arena,
					    struct zync_host *ret, struct zync_err *err)
{
	uint64_t proxy = decode_id(v, z->dialect->monitored_by ? "proxyid" : "proxy_hostid");
	int64_t by = z->dialect->monitored_by ? decode_number(v, "monitored_by", 0) : proxy != 0;

	if (by == ZYNC_MONITORED_BY_PROXY) {
		ret->monitored_by = ZYNC_MONITORED_BY_PROXY;
		return decode_monitor_ref(z, ZYNC_ZABBIX_PROXY, proxy, arena, &ret->proxy, err);
	}
	if (by == ZYNC_MONITORED_BY_PROXY_GROUP) {
		ret->monitored_by = ZYNC_MONITORED_BY_PROXY_GROUP;
		return decode_monitor_ref(z, ZYNC_ZABBIX_PROXY_GROUP, decode_id(v, "proxy_groupid"), arena, &ret->proxy_group, err);
	}
	ret->monitored_by = ZYNC_MONITORED_BY_SERVER;
	return ZYNC_OK;
}

enum zync_status zync_zbx_decode_host(const struct zync_zabbix *z, const struct zync_jval *v, struct zync_arena *arena,
				      struct zync_host *ret, struct zync_err *err)
{
	struct zync_host host = {.managed = DECODE_ALL_ASPECTS};
	struct zync_err odd;

	host.hostid = decode_id(v, "hostid");
	if (!host.hostid || !zync_jval_get_str(v, "host"))
		return zync_zbx_bad_reply("host.get", "hostid and host", err);
	host.flags = decode_small(v, "flags", 0);
	host.host = decode_text(v, "host", arena);
	host.name = decode_text(v, "name", arena);
	host.description = decode_text(v, "description", arena);
	if (!host.host || !host.name || !host.description)
		return decode_nomem(err);
	host.status = decode_number(v, "status", 0) == 1 ? ZYNC_HOST_DISABLED : ZYNC_HOST_MONITORED;
	ZYNC_TRY(decode_refs(zync_jval_get(v, z->dialect->groups), "groupid", "name", arena, &host.groups, err));
	ZYNC_TRY(decode_refs(zync_jval_get(v, "parentTemplates"), "templateid", "host", arena, &host.templates, err));
	ZYNC_TRY(decode_interfaces(zync_jval_get(v, "interfaces"), arena, &host, err));
	ZYNC_TRY(decode_monitored_by(z, v, arena, &host, err));
	ZYNC_TRY(decode_tags(zync_jval_get(v, "tags"), arena, &host, err));
	ZYNC_TRY(decode_macros(zync_jval_get(v, "macros"), arena, &host, err));
	ZYNC_TRY(decode_inventory(v, arena, &host, err));
	ZYNC_TRY(zync_zbx_decode_ipmi_tls(v, arena, &host, err));
	/* What our model would refuse in a desired host is no reason to fail a page of real ones: such a host stays as Zabbix told it. */
	if (zync_host_canonicalise(&host, arena, &odd) == ZYNC_ERR_NOMEM)
		return decode_nomem(err);
	*ret = host;
	return ZYNC_OK;
}
