/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "zabbix/zabbix_priv.h"

/*
 * Entries and names live in an arena of their own, also over a reload, since hosts that were resolved point to them: until the whole catalogue is renewed, or the
 * client closed.
 */
struct catalogue_entry {
	const char *name;
	const char *alias; /* visible name of a template, else NULL */
	uint64_t id;
};

/* What to ask for each kind. */
struct catalogue_source {
	const char *method;
	const char *id;
	const char *name;
	const char *alias; /* NULL: none */
	unsigned from;	   /* first version that has it */
};

static struct catalogue_source catalogue_source(const struct zync_zabbix *z, enum zync_zabbix_kind kind)
{
	switch (kind) {
	case ZYNC_ZABBIX_GROUP:
		return (struct catalogue_source){"hostgroup.get", "groupid", "name", NULL, 6000};
	case ZYNC_ZABBIX_TEMPLATE:
		return (struct catalogue_source){"template.get", "templateid", "host", "name", 6000};
	case ZYNC_ZABBIX_PROXY:
		return (struct catalogue_source){"proxy.get", "proxyid", z->dialect->proxy_name, NULL, 6000};
	case ZYNC_ZABBIX_PROXY_GROUP:
		break;
	}
	return (struct catalogue_source){"proxygroup.get", "proxy_groupid", "name", NULL, 7000};
}

static const char *catalogue_kind_name(enum zync_zabbix_kind kind)
{
	switch (kind) {
	case ZYNC_ZABBIX_GROUP:
		return "host group";
	case ZYNC_ZABBIX_TEMPLATE:
		return "template";
	case ZYNC_ZABBIX_PROXY:
		return "proxy";
	case ZYNC_ZABBIX_PROXY_GROUP:
		break;
	}
	return "proxy group";
}

static enum zync_status catalogue_add(struct zync_zabbix *z, struct zync_zbx_names *names, const char *name, const char *alias, uint64_t id,
				      struct zync_err *err)
{
	struct catalogue_entry *entry = ZYNC_NEW(z->catalogue, struct catalogue_entry);

	if (!entry)
		return zync_err_nomem(err, "loading the catalogue of zabbix");
	entry->name = zync_arena_strdup(z->catalogue, name);
	if (alias)
		entry->alias = zync_str_eq(alias, name) ? entry->name : zync_arena_strdup(z->catalogue, alias);
	if (!entry->name || (alias && !entry->alias))
		return zync_err_nomem(err, "loading the catalogue of zabbix");
	entry->id = id;
	ZYNC_TRY(zync_map_put(names->by_name, name, entry, err));
	if (alias)
		ZYNC_TRY(zync_map_put(names->by_alias, alias, entry, err));
	return zync_idmap_put(names->by_id, id, entry, err);
}

static enum zync_status catalogue_new_names(struct zync_zabbix *z, struct zync_zbx_names *ret, struct zync_err *err)
{
	struct zync_zbx_names names = {
		.by_name = zync_map_new(z->catalogue), .by_alias = zync_map_new(z->catalogue), .by_id = zync_idmap_new(z->catalogue)};

	if (!names.by_name || !names.by_alias || !names.by_id)
		return zync_err_nomem(err, "loading the catalogue of zabbix");
	*ret = names;
	return ZYNC_OK;
}

static enum zync_status catalogue_ask(struct zync_zabbix *z, const struct catalogue_source *source, struct zync_arena *arena,
				      const struct zync_jval **ret_result, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_jnode *output;

	if (!params)
		return zync_err_nomem(err, "loading the catalogue of zabbix");
	output = zync_jb_set_array(b, params, "output");
	zync_jb_add_str(b, output, source->id);
	zync_jb_add_str(b, output, source->name);
	if (source->alias)
		zync_jb_add_str(b, output, source->alias);
	return zync_zbx_call_node(z, source->method, ZYNC_ZBX_READ, b, params, arena, ret_result, err);
}

/* Read one kind anew. The old names stay until the new ones are complete. */
static enum zync_status catalogue_load_kind(struct zync_zabbix *z, enum zync_zabbix_kind kind, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct catalogue_source source = catalogue_source(z, kind);
	struct zync_zbx_names names;
	const struct zync_jval *result;
	const struct zync_jval *v;
	struct zync_jiter it;

	if (!arena)
		return zync_err_nomem(err, "loading the catalogue of zabbix");
	ZYNC_TRY(catalogue_new_names(z, &names, err));
	if (z->number >= source.from) {
		ZYNC_TRY(catalogue_ask(z, &source, arena, &result, err));
		zync_jiter_init(&it, result);
		while ((v = zync_jiter_next(&it, NULL))) {
			const char *name = zync_jval_get_str(v, source.name);
			uint64_t id;

			if (!name || !zync_jval_to_u64(zync_jval_get(v, source.id), &id))
				return zync_zbx_bad_reply(source.method, source.id, err);
			ZYNC_TRY(catalogue_add(z, &names, name, source.alias ? zync_jval_get_str(v, source.alias) : NULL, id, err));
		}
	}
	z->names[kind] = names;
	return ZYNC_OK;
}

enum zync_status zync_zabbix_load_catalogue(struct zync_zabbix *z, struct zync_err *err)
{
	struct zync_err own;

	ZYNC_TRY(catalogue_load_kind(z, ZYNC_ZABBIX_GROUP, err));
	ZYNC_TRY(catalogue_load_kind(z, ZYNC_ZABBIX_TEMPLATE, err));
	for (unsigned kind = ZYNC_ZABBIX_PROXY; kind <= ZYNC_ZABBIX_PROXY_GROUP; kind++) {
		enum zync_status status = catalogue_load_kind(z, (enum zync_zabbix_kind)kind, &own);

		/* A role may hide proxies. That is no reason to stop before a host names one. */
		if ((status == ZYNC_ERR_REJECTED || status == ZYNC_ERR_AUTH) && !zync_str_empty(own.message)) {
			ZYNC_TRY(catalogue_new_names(z, &z->names[kind], err));
			z->names[kind].refused = zync_arena_strdup(z->catalogue, own.message);
			if (!z->names[kind].refused)
				return zync_err_nomem(err, "loading the catalogue of zabbix");
		} else if (status != ZYNC_OK) {
			zync_err_copy(err, &own);
			return status;
		}
	}
	z->catalogue_loaded = true;
	return ZYNC_OK;
}

enum zync_status zync_zabbix_renew_catalogue(struct zync_zabbix *z, struct zync_err *err)
{
	struct zync_zbx_names names[ZYNC_ZBX_KINDS];
	struct zync_arena *old = z->catalogue;
	enum zync_status status;

	memcpy(names, z->names, sizeof(names));
	z->catalogue = zync_arena_new(ZYNC_ZBX_CATALOGUE_BYTES);
	status = z->catalogue ? zync_zabbix_load_catalogue(z, err) : zync_err_nomem(err, "loading the catalogue of zabbix");
	if (status == ZYNC_OK) {
		zync_arena_free(old);
		return ZYNC_OK;
	}
	zync_arena_free(z->catalogue);
	z->catalogue = old;
	memcpy(z->names, names, sizeof(names));
	return status;
}

bool zync_zabbix_catalogue_next(const struct zync_zabbix *z, enum zync_zabbix_kind kind, size_t *pos, struct zync_zabbix_name *ret)
{
	const struct catalogue_entry *entry;
	void *value;

	if (!z->names[kind].by_name || !zync_map_next(z->names[kind].by_name, pos, &value))
		return false;
	entry = value;
	*ret = (struct zync_zabbix_name){.id = entry->id, .name = entry->name, .visible_name = entry->alias};
	return true;
}

bool zync_zabbix_catalogue_find(const struct zync_zabbix *z, enum zync_zabbix_kind kind, uint64_t id, struct zync_zabbix_name *ret)
{
	const struct catalogue_entry *entry = z->names[kind].by_id ? zync_idmap_get(z->names[kind].by_id, id) : NULL;

	if (!entry)
		return false;
	*ret = (struct zync_zabbix_name){.id = entry->id, .name = entry->name, .visible_name = entry->alias};
	return true;
}

const char *zync_zabbix_catalogue_refused(const struct zync_zabbix *z, enum zync_zabbix_kind kind)
{
	return z->names[kind].refused;
}

enum zync_status zync_zbx_reload_groups(struct zync_zabbix *z, struct zync_err *err)
{
	return catalogue_load_kind(z, ZYNC_ZABBIX_GROUP, err);
}

enum zync_status zync_zbx_learn_group(struct zync_zabbix *z, const char *name, uint64_t id, struct zync_err *err)
{
	return catalogue_add(z, &z->names[ZYNC_ZABBIX_GROUP], name, NULL, id, err);
}

static const struct catalogue_entry *catalogue_find(const struct zync_zabbix *z, enum zync_zabbix_kind kind, const char *name)
{
	const struct zync_zbx_names *names = &z->names[kind];
	const struct catalogue_entry *entry;

	if (!names->by_name || !name)
		return NULL;
	entry = zync_map_get(names->by_name, name);
	return entry ? entry : zync_map_get(names->by_alias, name);
}

uint64_t zync_zabbix_lookup(const struct zync_zabbix *z, enum zync_zabbix_kind kind, const char *name)
{
	const struct catalogue_entry *entry = catalogue_find(z, kind, name);

	return entry ? entry->id : 0;
}

const char *zync_zbx_name_of(const struct zync_zabbix *z, enum zync_zabbix_kind kind, uint64_t id)
{
	const struct catalogue_entry *entry = z->names[kind].by_id ? zync_idmap_get(z->names[kind].by_id, id) : NULL;

	return entry ? entry->name : NULL;
}

const char *zync_zabbix_name_of_id(const struct zync_zabbix *z, enum zync_zabbix_kind kind, uint64_t id)
{
	return zync_zbx_name_of(z, kind, id);
}

/* Names come one by one from the map: no array of all of them has to be made. A name that differs only in case is nearest of all. */
static const char *catalogue_nearest_in(const struct zync_map *map, const char *name, const char *best)
{
	size_t pos = 0;
	void *value;
	const char *candidate;

	while (map && (candidate = zync_map_next(map, &pos, &value))) {
		const char *pair[] = {best ? best : candidate, candidate};

		if (zync_str_eq_nocase(candidate, name))
			return candidate;
		best = zync_nearest(name, pair, 2);
	}
	return best;
}

const char *zync_zabbix_nearest(const struct zync_zabbix *z, enum zync_zabbix_kind kind, const char *name)
{
	const char *best;

	if (!name)
		return NULL;
	best = catalogue_nearest_in(z->names[kind].by_name, name, NULL);
	return catalogue_nearest_in(z->names[kind].by_alias, name, best);
}

static enum zync_status catalogue_unknown(const struct zync_zabbix *z, enum zync_zabbix_kind kind, const char *name, struct zync_err *err)
{
	const char *nearest = zync_zabbix_nearest(z, kind, name);

	if (z->names[kind].refused)
		return zync_err_set(err, ZYNC_ERR_REJECTED, "%s \"%s\" cannot be looked up, the role of the Zabbix user hides them: %s",
				    catalogue_kind_name(kind), name, z->names[kind].refused);
	if (nearest)
		return zync_err_set(err, ZYNC_ERR_REJECTED, "%s \"%s\" does not exist in Zabbix; did you mean \"%s\"?",
				    catalogue_kind_name(kind), name, nearest);
	return zync_err_set(err, ZYNC_ERR_REJECTED, "%s \"%s\" does not exist in Zabbix (or the Zabbix user may not see it)",
			    catalogue_kind_name(kind), name);
}

static enum zync_status catalogue_resolve_ref(const struct zync_zabbix *z, enum zync_zabbix_kind kind, struct zync_ref *ref,
					      struct zync_err *err)
{
	const struct catalogue_entry *entry = catalogue_find(z, kind, ref->name);

	if (!entry)
		return catalogue_unknown(z, kind, ref->name ? ref->name : "", err);
	ref->name = entry->name;
	ref->id = entry->id;
	return ZYNC_OK;
}

static int catalogue_compare_refs(const void *a, const void *b)
{
	return zync_str_cmp(((const struct zync_ref *)a)->name, ((const struct zync_ref *)b)->name);
}

/* A visible and a technical name may have meant one template: canonical order and no duplicates again, as zync_host_canonicalise() leaves them. */
static void catalogue_tidy_refs(struct zync_ref_list *refs)
{
	size_t kept = 0;

	if (refs->len > 1)
		qsort(refs->items, refs->len, sizeof(refs->items[0]), catalogue_compare_refs);
	for (size_t i = 0; i < refs->len; i++) {
		if (kept == 0 || !zync_str_eq(refs->items[kept - 1].name, refs->items[i].name))
			refs->items[kept++] = refs->items[i];
	}
	refs->len = kept;
}

enum zync_status zync_zabbix_resolve(const struct zync_zabbix *z, struct zync_host *host, struct zync_err *err)
{
	for (size_t i = 0; i < host->groups.len; i++)
		host->groups.items[i].id = zync_zabbix_lookup(z, ZYNC_ZABBIX_GROUP, host->groups.items[i].name);
	for (size_t i = 0; i < host->templates.len; i++)
		ZYNC_TRY(catalogue_resolve_ref(z, ZYNC_ZABBIX_TEMPLATE, &host->templates.items[i], err));
	catalogue_tidy_refs(&host->templates);
	if (host->monitored_by == ZYNC_MONITORED_BY_PROXY)
		return catalogue_resolve_ref(z, ZYNC_ZABBIX_PROXY, &host->proxy, err);
	if (host->monitored_by != ZYNC_MONITORED_BY_PROXY_GROUP)
		return ZYNC_OK;
	if (!z->dialect->monitored_by)
		return zync_err_set(err, ZYNC_ERR_REJECTED,
				    "proxy group \"%s\" cannot be used: proxy groups need Zabbix 7.0 or newer, this is %s",
				    host->proxy_group.name ? host->proxy_group.name : "", z->version);
	return catalogue_resolve_ref(z, ZYNC_ZABBIX_PROXY_GROUP, &host->proxy_group, err);
}
