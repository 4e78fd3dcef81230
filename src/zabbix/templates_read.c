/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "zabbix/templates_priv.h"

#define READ_CHUNK	((size_t)50) /* templates in one call */
#define READ_KEYS_MAX	((size_t)2000000)
#define READ_LEVELS_MAX 32

const struct zync_zbx_entity_source zync_zbx_entity_sources[ZYNC_ZBX_ENTITIES] = {
	[ZYNC_ZBX_ITEM] = {"item.get", "itemid", "itemids", "key_", "an item"},
	[ZYNC_ZBX_RULE] = {"discoveryrule.get", "itemid", "itemids", "key_", "a discovery rule"},
	[ZYNC_ZBX_PROTOTYPE] = {"itemprototype.get", "itemid", "itemids", "key_", "an item prototype"},
	[ZYNC_ZBX_WEB] = {"httptest.get", "httptestid", "httptestids", "name", "a web scenario"},
};

struct zync_zabbix_templates *zync_zabbix_templates_new(struct zync_arena *arena)
{
	struct zync_zabbix_templates *t = ZYNC_NEW(arena, struct zync_zabbix_templates);

	if (!t)
		return NULL;
	*t = (struct zync_zabbix_templates){
		.arena = arena, .by_id = zync_idmap_new(arena), .parents = zync_idmap_new(arena), .pairs = zync_map_new(arena)};
	return t->by_id && t->parents && t->pairs ? t : NULL;
}

static enum zync_status read_nomem(struct zync_err *err)
{
	return zync_err_nomem(err, "reading templates from zabbix");
}

/* FNV-1a; the names of web scenarios are no keys. */
static uint64_t read_hash(enum zync_zbx_entity entity, const char *s)
{
	uint64_t hash = entity == ZYNC_ZBX_WEB ? 0x9e3779b97f4a7c15u : 0xcbf29ce484222325u;

	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 0x100000001b3u;
	return hash;
}

/* The interface that an item of this type needs, by Zabbix's numbers of item types; 0: none. */
static size_t read_need(const struct zync_zabbix *z, uint64_t type)
{
	switch (type) {
	case 0:
		return ZYNC_INTERFACE_AGENT;
	case 12:
		return ZYNC_INTERFACE_IPMI;
	case 16:
		return ZYNC_INTERFACE_JMX;
	case 17: /* SNMP trap */
	case 20:
		return ZYNC_INTERFACE_SNMP;
	case 3:	 /* simple check */
	case 10: /* external check */
	case 13: /* SSH */
	case 14: /* Telnet */
		return z->dialect->any_interface ? ZYNC_ZBX_ANY_INTERFACE : 0;
	default:
		return 0;
	}
}

/* --- asking --------------------------------------------------------------------------------------------------------------------------- */

/* A user who may not ask learns nothing; the server will say what it refuses. */
static bool read_is_refused(enum zync_status status, const struct zync_err *own)
{
	return status == ZYNC_ERR_REJECTED || (status == ZYNC_ERR_AUTH && own->origin == ZYNC_ORIGIN_JSONRPC);
}

enum zync_status zync_zbx_templates_call(struct zync_zabbix *z, const char *method, struct zync_jb *b, struct zync_jnode *params,
					 struct zync_arena *arena, const struct zync_jval **ret, struct zync_err *err)
{
	struct zync_err own = {.status = ZYNC_OK};
	enum zync_status status = zync_zbx_call_node(z, method, ZYNC_ZBX_READ, b, params, arena, ret, &own);

	if (status == ZYNC_OK)
		return ZYNC_OK;
	*ret = NULL;
	if (read_is_refused(status, &own))
		return ZYNC_OK;
	zync_err_copy(err, &own);
	return status;
}

static enum zync_status read_entities(struct zync_zabbix *z, enum zync_zbx_entity entity, const uint64_t *ids, size_t count,
				      struct zync_arena *arena, const struct zync_jval **ret, struct zync_err *err)
{
	const struct zync_zbx_entity_source *source = &zync_zbx_entity_sources[entity];
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_jnode *list;

	if (!params)
		return read_nomem(err);
	list = zync_jb_set_array(b, params, "output");
	zync_jb_add_str(b, list, source->id);
	zync_jb_add_str(b, list, "hostid");
	zync_jb_add_str(b, list, source->key);
	if (entity != ZYNC_ZBX_WEB)
		zync_jb_add_str(b, list, "type");
	list = zync_jb_set_array(b, params, "templateids");
	for (size_t i = 0; i < count; i++)
		zync_jb_add_id(b, list, ids[i]);
	return zync_zbx_templates_call(z, source->method, b, params, arena, ret, err);
}

/* --- keys ----------------------------------------------------------------------------------------------------------------------------- */

static enum zync_status read_note_need(struct zync_zabbix *z, struct zync_zabbix_templates *t, struct zync_zbx_template *template,
				       const struct zync_jval *v, const char *key, struct zync_err *err)
{
	uint64_t type = 0;
	size_t need;

	if (!zync_jval_to_u64(zync_jval_get(v, "type"), &type))
		return ZYNC_OK;
	need = read_need(z, type);
	if (need == 0 || template->needs[need])
		return ZYNC_OK;
	template->needs[need] = zync_arena_strdup(t->arena, key);
	return template->needs[need] ? ZYNC_OK : read_nomem(err);
}

static enum zync_status read_take(struct zync_zabbix *z, struct zync_zabbix_templates *t, enum zync_zbx_entity entity,
				  const struct zync_jval *rows, struct zync_zbx_template_key *keys, size_t *len, struct zync_err *err)
{
	const struct zync_zbx_entity_source *source = &zync_zbx_entity_sources[entity];
	const struct zync_jval *v;
	struct zync_jiter it;

	zync_jiter_init(&it, rows);
	while ((v = zync_jiter_next(&it, NULL))) {
		struct zync_zbx_template_key row = {.entity = entity};
		const char *key = zync_jval_get_str(v, source->key);
		struct zync_zbx_template *template;

		if (!key || !zync_jval_to_u64(zync_jval_get(v, "hostid"), &row.templateid) ||
		    !zync_jval_to_u64(zync_jval_get(v, source->id), &row.id))
			continue;
		template = zync_idmap_get(t->by_id, row.templateid);
		if (!template)
			continue;
		row.hash = read_hash(entity, key);
		keys[(*len)++] = row;
		if (entity != ZYNC_ZBX_WEB)
			ZYNC_TRY(read_note_need(z, t, template, v, key, err));
	}
	return ZYNC_OK;
}

static int read_order(const void *a, const void *b)
{
	const struct zync_zbx_template_key *x = a;
	const struct zync_zbx_template_key *y = b;

	if (x->templateid != y->templateid)
		return x->templateid < y->templateid ? -1 : 1;
	return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Items, rules, prototypes and web scenarios of some templates, which are in the map already. */
static enum zync_status read_keys(struct zync_zabbix *z, struct zync_zabbix_templates *t, const uint64_t *ids, size_t count,
				  struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const struct zync_jval *rows[ZYNC_ZBX_ENTITIES] = {NULL};
	struct zync_zbx_template_key *keys;
	size_t most = 0;
	size_t len = 0;

	if (!arena)
		return read_nomem(err);
	for (enum zync_zbx_entity e = ZYNC_ZBX_ITEM; e < ZYNC_ZBX_ENTITIES; e++) {
		ZYNC_TRY(read_entities(z, e, ids, count, arena, &rows[e], err));
		most += zync_jval_len(rows[e]);
	}
	if (most > READ_KEYS_MAX - t->keys)
		return ZYNC_OK; /* no room: these templates are not compared */
	keys = ZYNC_NEW_ARRAY(t->arena, struct zync_zbx_template_key, most);
	if (!keys)
		return read_nomem(err);
	for (enum zync_zbx_entity e = ZYNC_ZBX_ITEM; e < ZYNC_ZBX_ENTITIES; e++)
		ZYNC_TRY(read_take(z, t, e, rows[e], keys, &len, err));
	t->keys += len;
	if (len > 0)
		qsort(keys, len, sizeof(*keys), read_order);
	for (size_t i = 0; i < len;) {
		struct zync_zbx_template *template = zync_idmap_get(t->by_id, keys[i].templateid);
		size_t end = i;

		while (end < len && keys[end].templateid == keys[i].templateid)
			end++;
		template->keys = &keys[i];
		template->keys_len = end - i;
		i = end;
	}
	return ZYNC_OK;
}

/* --- parents -------------------------------------------------------------------------------------------------------------------------- */

static enum zync_status read_ask_parents(struct zync_zabbix *z, const uint64_t *ids, size_t count, struct zync_arena *arena,
					 const struct zync_jval **ret, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_jnode *list;

	if (!params)
		return read_nomem(err);
	zync_jb_add_str(b, zync_jb_set_array(b, params, "output"), "templateid");
	zync_jb_add_str(b, zync_jb_set_array(b, params, "selectParentTemplates"), "templateid");
	list = zync_jb_set_array(b, params, "templateids");
	for (size_t i = 0; i < count; i++)
		zync_jb_add_id(b, list, ids[i]);
	return zync_zbx_templates_call(z, "template.get", b, params, arena, ret, err);
}

/* One template's parents go into the map, and those that nobody asked about yet to the end of @p next. */
static enum zync_status read_take_parents(struct zync_zabbix_templates *t, const struct zync_jval *v, uint64_t *next, size_t *next_len,
					  struct zync_err *err)
{
	const struct zync_jval *list = zync_jval_get(v, "parentTemplates");
	struct zync_zbx_parents *parents = ZYNC_NEW(t->arena, struct zync_zbx_parents);
	uint64_t *ids = ZYNC_NEW_ARRAY(t->arena, uint64_t, zync_jval_len(list));
	const struct zync_jval *parent;
	struct zync_jiter it;
	uint64_t id;

	if (!parents || !ids)
		return read_nomem(err);
	*parents = (struct zync_zbx_parents){.ids = ids};
	zync_jiter_init(&it, list);
	while ((parent = zync_jiter_next(&it, NULL))) {
		if (!zync_jval_to_u64(zync_jval_get(parent, "templateid"), &id))
			continue;
		ids[parents->len++] = id;
		if (!zync_idmap_get(t->parents, id))
			next[(*next_len)++] = id;
	}
	if (!zync_jval_to_u64(zync_jval_get(v, "templateid"), &id))
		return ZYNC_OK;
	return zync_idmap_put(t->parents, id, parents, err);
}

/* Level by level; most templates have no parents. */
static enum zync_status read_parents(struct zync_zabbix *z, struct zync_zabbix_templates *t, const uint64_t *ids, size_t count,
				     struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);

	for (unsigned level = 0; arena && count > 0 && level < READ_LEVELS_MAX; level++) {
		const struct zync_jval *rows = NULL;
		const struct zync_jval *v;
		struct zync_jiter it;
		uint64_t *next;
		size_t most = 0;
		size_t len = 0;

		ZYNC_TRY(read_ask_parents(z, ids, count, arena, &rows, err));
		zync_jiter_init(&it, rows);
		while ((v = zync_jiter_next(&it, NULL)))
			most += zync_jval_len(zync_jval_get(v, "parentTemplates"));
		next = ZYNC_NEW_ARRAY(arena, uint64_t, most);
		if (!next)
			return read_nomem(err);
		zync_jiter_init(&it, rows);
		while ((v = zync_jiter_next(&it, NULL)))
			ZYNC_TRY(read_take_parents(t, v, next, &len, err));
		ids = next;
		count = len;
	}
	return arena ? ZYNC_OK : read_nomem(err);
}

enum zync_status zync_zabbix_templates_read(struct zync_zabbix *z, struct zync_zabbix_templates *t, const uint64_t *ids, size_t count,
					    struct zync_err *err)
{
	uint64_t chunk[READ_CHUNK];
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		struct zync_zbx_template *template;

		if (ids[i] && !zync_idmap_get(t->by_id, ids[i])) {
			template = ZYNC_NEW(t->arena, struct zync_zbx_template);
			if (!template)
				return read_nomem(err);
			*template = (struct zync_zbx_template){.id = ids[i]};
			ZYNC_TRY(zync_idmap_put(t->by_id, ids[i], template, err));
			chunk[len++] = ids[i];
		}
		if (len < READ_CHUNK && (i + 1 < count || len == 0))
			continue;
		ZYNC_TRY(read_keys(z, t, chunk, len, err));
		ZYNC_TRY(read_parents(z, t, chunk, len, err));
		len = 0;
	}
	return ZYNC_OK;
}
