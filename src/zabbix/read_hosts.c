/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "zabbix/zabbix_priv.h"

static int read_compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int read_compare_hosts(const void *a, const void *b)
{
	uint64_t x = ((const struct zync_host *)a)->hostid;
	uint64_t y = ((const struct zync_host *)b)->hostid;

	return x < y ? -1 : x > y;
}

static enum zync_status read_nomem(struct zync_err *err)
{
	return zync_err_nomem(err, "reading hosts from zabbix");
}

/* Room for @p need elements behind the @p len that @p items holds; doubled, since an arena gives nothing back. */
static void *read_grow(struct zync_arena *arena, void *items, size_t len, size_t need, size_t size, size_t *cap)
{
	size_t wanted = ZYNC_MAX(len + need, *cap * 2);
	void *grown;

	if (items && len + need <= *cap)
		return items;
	grown = zync_arena_array(arena, wanted, size);
	if (!grown)
		return NULL;
	if (len)
		memcpy(grown, items, len * size);
	*cap = wanted;
	return grown;
}

/* Sorted ids without zeros and repetitions, in @p arena. */
static enum zync_status read_sort_ids(const uint64_t *ids, size_t count, struct zync_arena *arena, uint64_t **ret, size_t *ret_count,
				      struct zync_err *err)
{
	uint64_t *sorted = ZYNC_NEW_ARRAY(arena, uint64_t, count);
	size_t kept = 0;

	if (!sorted)
		return read_nomem(err);
	for (size_t i = 0; i < count; i++)
		sorted[i] = ids[i];
	if (count > 1)
		qsort(sorted, count, sizeof(*sorted), read_compare_ids);
	for (size_t i = 0; i < count; i++) {
		if (sorted[i] && (kept == 0 || sorted[kept - 1] != sorted[i]))
			sorted[kept++] = sorted[i];
	}
	*ret = sorted;
	*ret_count = kept;
	return ZYNC_OK;
}

/* A proxy's name comes from the catalogue; it is loaded when the first page shows that one is needed. */
static enum zync_status read_need_catalogue(struct zync_zabbix *z, const struct zync_jval *page, struct zync_err *err)
{
	const char *const fields[] = {"proxy_hostid", "proxyid", "proxy_groupid"};
	const struct zync_jval *v;
	struct zync_jiter it;

	zync_jiter_init(&it, page);
	while (!z->catalogue_loaded && (v = zync_jiter_next(&it, NULL))) {
		for (size_t i = 0; i < ZYNC_ARRAY_LEN(fields); i++) {
			uint64_t id;

			if (zync_jval_to_u64(zync_jval_get(v, fields[i]), &id) && id)
				return zync_zabbix_load_catalogue(z, err);
		}
	}
	return ZYNC_OK;
}

/* Decode a reply of host.get behind what @p ret holds; @p room is for how many more. */
static enum zync_status read_take_page(struct zync_zabbix *z, const struct zync_jval *page, struct zync_arena *arena, size_t room,
				       struct zync_zabbix_hosts *ret, struct zync_err *err)
{
	const struct zync_jval *v;
	struct zync_jiter it;

	if (zync_jval_type(page) != ZYNC_JSON_ARRAY || zync_jval_len(page) > room)
		return zync_zbx_bad_reply("host.get", "list of the hosts that were asked for", err);
	ZYNC_TRY(read_need_catalogue(z, page, err));
	zync_jiter_init(&it, page);
	while ((v = zync_jiter_next(&it, NULL))) {
		ZYNC_TRY(zync_zbx_decode_host(z, v, arena, &ret->items[ret->len], err));
		ret->len++;
	}
	return ZYNC_OK;
}

static enum zync_status read_page(struct zync_zabbix *z, const uint64_t *ids, size_t count, struct zync_arena *arena,
				  struct zync_zabbix_hosts *ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA page = zync_arena_new(0);
	struct zync_jb *b = page ? zync_jb_new(page) : NULL;
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_jnode *list;
	const struct zync_jval *result;

	if (!params)
		return read_nomem(err);
	zync_zbx_host_output(z->dialect, b, params);
	list = zync_jb_set_array(b, params, "hostids");
	for (size_t i = 0; i < count; i++)
		zync_jb_add_id(b, list, ids[i]);
	ZYNC_TRY(zync_zbx_call_node(z, "host.get", ZYNC_ZBX_READ, b, params, page, &result, err));
	return read_take_page(z, result, arena, count, ret, err);
}

enum zync_status zync_zabbix_get_hosts(struct zync_zabbix *z, const uint64_t *hostids, size_t count, struct zync_arena *arena,
				       struct zync_zabbix_hosts *ret, struct zync_err *err)
{
	size_t size = (size_t)ZYNC_MAX(z->config->read_page, (int64_t)1);
	struct zync_zabbix_hosts hosts = {0};
	uint64_t *ids = NULL;

	ZYNC_TRY(read_sort_ids(hostids, count, arena, &ids, &count, err));
	hosts.items = ZYNC_NEW_ARRAY(arena, struct zync_host, count);
	if (!hosts.items)
		return read_nomem(err);
	for (size_t i = 0; i < count; i += size)
		ZYNC_TRY(read_page(z, ids + i, ZYNC_MIN(size, count - i), arena, &hosts, err));
	if (hosts.len > 1)
		qsort(hosts.items, hosts.len, sizeof(hosts.items[0]), read_compare_hosts);
	*ret = hosts;
	return ZYNC_OK;
}

/* --- by name -------------------------------------------------------------------------------------------------------------------------- */

/* Parameters for "technical or visible name is one of these". */
static void read_name_filter(struct zync_jb *b, struct zync_jnode *params, const char *const *names, size_t count)
{
	static const char *const fields[] = {"host", "name"};
	struct zync_jnode *filter = zync_jb_set_object(b, params, "filter");

	for (size_t f = 0; f < ZYNC_ARRAY_LEN(fields); f++) {
		struct zync_jnode *list = zync_jb_set_array(b, filter, fields[f]);

		for (size_t i = 0; i < count; i++)
			zync_jb_add_str(b, list, names[i]);
	}
	zync_jb_set_bool(b, params, "searchByAny", true);
}

static enum zync_status read_hosts_named(struct zync_zabbix *z, const char *const *names, size_t count, struct zync_arena *page,
					 const struct zync_jval **ret, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(page);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;

	if (!params)
		return read_nomem(err);
	zync_zbx_host_output(z->dialect, b, params);
	read_name_filter(b, params, names, count);
	return zync_zbx_call_node(z, "host.get", ZYNC_ZBX_READ, b, params, page, ret, err);
}

static enum zync_status read_templates_named(struct zync_zabbix *z, const char *const *names, size_t count, struct zync_arena *page,
					     const struct zync_jval **ret, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(page);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_jnode *output;

	if (!params)
		return read_nomem(err);
	output = zync_jb_set_array(b, params, "output");
	zync_jb_add_str(b, output, "templateid");
	zync_jb_add_str(b, output, "host");
	zync_jb_add_str(b, output, "name");
	read_name_filter(b, params, names, count);
	return zync_zbx_call_node(z, "template.get", ZYNC_ZBX_READ, b, params, page, ret, err);
}

/* A template as a host of which only the names, the id and the flag are known. */
static enum zync_status read_take_template(const struct zync_jval *v, struct zync_arena *arena, struct zync_host *ret, struct zync_err *err)
{
	struct zync_host host = {.flags = ZYNC_ZABBIX_FLAG_TEMPLATE};

	if (!zync_jval_to_u64(zync_jval_get(v, "templateid"), &host.hostid) || !zync_jval_get_str(v, "host"))
		return zync_zbx_bad_reply("template.get", "templateid and host", err);
	host.host = zync_arena_strdup(arena, zync_jval_get_str(v, "host"));
	host.name = zync_arena_strdup(arena, zync_jval_get_str(v, "name") ? zync_jval_get_str(v, "name") : "");
	host.description = zync_arena_strdup(arena, "");
	if (!host.host || !host.name || !host.description)
		return read_nomem(err);
	*ret = host;
	return ZYNC_OK;
}

/* One group of names: at most two hosts and two templates answer to each, by either name. */
static enum zync_status read_named(struct zync_zabbix *z, const char *const *names, size_t count, struct zync_arena *arena,
				   struct zync_zabbix_hosts *ret, size_t *cap, struct zync_err *err)
{
	ZYNC_AUTO_ARENA page = zync_arena_new(0);
	const struct zync_jval *hosts;
	const struct zync_jval *templates;
	const struct zync_jval *v;
	struct zync_jiter it;
	struct zync_host *grown;
	size_t room;

	if (!page)
		return read_nomem(err);
	ZYNC_TRY(read_hosts_named(z, names, count, page, &hosts, err));
	ZYNC_TRY(read_templates_named(z, names, count, page, &templates, err));
	room = zync_jval_len(hosts) + zync_jval_len(templates);
	grown = read_grow(arena, ret->items, ret->len, room, sizeof(*grown), cap);
	if (!grown)
		return read_nomem(err);
	ret->items = grown;
	ZYNC_TRY(read_take_page(z, hosts, arena, room, ret, err));
	zync_jiter_init(&it, templates);
	while ((v = zync_jiter_next(&it, NULL))) {
		ZYNC_TRY(read_take_template(v, arena, &ret->items[ret->len], err));
		ret->len++;
	}
	return ZYNC_OK;
}

enum zync_status zync_zabbix_find_by_names(struct zync_zabbix *z, const char *const *names, size_t count, struct zync_arena *arena,
					   struct zync_zabbix_hosts *ret, struct zync_err *err)
{
	struct zync_zabbix_hosts hosts = {0};
	size_t cap = 0;
	size_t kept = 0;

	for (size_t i = 0; i < count; i += ZYNC_ZBX_FILTER_MAX)
		ZYNC_TRY(read_named(z, names + i, ZYNC_MIN(count - i, (size_t)ZYNC_ZBX_FILTER_MAX), arena, &hosts, &cap, err));
	if (hosts.len > 1)
		qsort(hosts.items, hosts.len, sizeof(hosts.items[0]), read_compare_hosts);
	/* The technical name of a host may be in one group of names and its visible name in another. */
	for (size_t i = 0; i < hosts.len; i++) {
		if (kept == 0 || hosts.items[kept - 1].hostid != hosts.items[i].hostid)
			hosts.items[kept++] = hosts.items[i];
	}
	hosts.len = kept;
	*ret = hosts;
	return ZYNC_OK;
}

/* --- by ownership mark ---------------------------------------------------------------------------------------------------------------- */

static enum zync_status read_marks(struct zync_zabbix *z, const char *const *owners, size_t count, struct zync_arena *page,
				   const struct zync_jval **ret, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(page);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_jnode *list;
	struct zync_jnode *filter;

	if (!params)
		return read_nomem(err);
	list = zync_jb_set_array(b, params, "output");
	zync_jb_add_str(b, list, "hostid");
	zync_jb_add_str(b, list, "value");
	filter = zync_jb_set_object(b, params, "filter");
	list = zync_jb_set_array(b, filter, "macro");
	zync_jb_add_str(b, list, ZYNC_OWNER_MACRO);
	if (owners && count > 0) {
		list = zync_jb_set_array(b, filter, "value");
		for (size_t i = 0; i < count; i++)
			zync_jb_add_str(b, list, owners[i]);
	}
	return zync_zbx_call_node(z, "usermacro.get", ZYNC_ZBX_READ, b, params, page, ret, err);
}

static enum zync_status read_take_marks(const struct zync_jval *result, struct zync_arena *arena, struct zync_zabbix_mark **marks,
					size_t *len, size_t *cap, struct zync_err *err)
{
	struct zync_zabbix_mark *grown = read_grow(arena, *marks, *len, zync_jval_len(result), sizeof(*grown), cap);
	const struct zync_jval *v;
	struct zync_jiter it;

	if (!grown)
		return read_nomem(err);
	*marks = grown;
	zync_jiter_init(&it, result);
	while ((v = zync_jiter_next(&it, NULL))) {
		const char *value = zync_jval_get_str(v, "value");

		/* A mark without a value was made secret by hand: nobody can tell whose it is. */
		if (!value || !zync_jval_to_u64(zync_jval_get(v, "hostid"), &grown[*len].hostid))
			continue;
		grown[*len].owner = zync_arena_strdup(arena, value);
		if (!grown[*len].owner)
			return read_nomem(err);
		(*len)++;
	}
	return ZYNC_OK;
}

enum zync_status zync_zabbix_find_marks(struct zync_zabbix *z, const char *const *owners, size_t count, struct zync_arena *arena,
					struct zync_zabbix_mark **ret, size_t *ret_count, struct zync_err *err)
{
	struct zync_zabbix_mark *marks = NULL;
	size_t cap = 0;
	size_t len = 0;
	size_t from = 0;

	do {
		ZYNC_AUTO_ARENA page = zync_arena_new(0);
		size_t n = ZYNC_MIN(count - from, (size_t)ZYNC_ZBX_FILTER_MAX);
		const struct zync_jval *result;

		if (!page)
			return read_nomem(err);
		ZYNC_TRY(read_marks(z, owners ? owners + from : NULL, n, page, &result, err));
		ZYNC_TRY(read_take_marks(result, arena, &marks, &len, &cap, err));
		from += n;
	} while (from < count);
	*ret = marks;
	*ret_count = len;
	return ZYNC_OK;
}
