/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules_priv.h"

#include "base/str.h"

struct names {
	struct zync_vec list; /* struct zync_rules_name */
	struct zync_map *seen;
	struct zync_arena *arena;
	struct zync_err *err;
};

static enum zync_status names_add(struct names *names, int kind, const struct rules_text *text, const char *server)
{
	const char *name = rules_constant(text);
	struct zync_rules_name *item;
	char *key;

	if (zync_str_empty(name))
		return ZYNC_OK;
	/* The unit separator cannot stand in a name of the configuration that anybody would write. */
	key = zync_arena_printf(names->arena, "%d\x1f%s\x1f%s", kind, server == NULL ? "" : server, name);
	item = ZYNC_NEW(names->arena, struct zync_rules_name);
	if (key == NULL || item == NULL)
		return zync_err_nomem(names->err, "listing the names of the mappings");
	if (zync_map_get(names->seen, key) != NULL)
		return ZYNC_OK;
	*item = (struct zync_rules_name){.name = name, .server = server, .pos = text->cfg->pos};
	switch (kind) {
	case ZYNC_RULES_NAME_TEMPLATE:
		item->kind = ZYNC_RULES_NAME_TEMPLATE;
		break;
	case ZYNC_RULES_NAME_PROXY:
		item->kind = ZYNC_RULES_NAME_PROXY;
		break;
	case ZYNC_RULES_NAME_PROXY_GROUP:
		item->kind = ZYNC_RULES_NAME_PROXY_GROUP;
		break;
	default:
		item->kind = ZYNC_RULES_NAME_GROUP;
		break;
	}
	ZYNC_TRY(zync_map_put(names->seen, key, item, names->err));
	return zync_vec_push(&names->list, item, names->err);
}

/* With the bundles that it uses: these are for the server of whatever uses them. */
static enum zync_status names_of_mapping(struct names *names, const struct rules_mapping *m, const char *server)
{
	if (server == NULL)
		server = rules_constant(&m->single[RULES_SERVER]);
	for (size_t i = 0; i < m->bundle_count; i++)
		ZYNC_TRY(names_of_mapping(names, m->bundles[i], server));
	for (size_t i = 0; i < m->templates.len; i++)
		ZYNC_TRY(names_add(names, ZYNC_RULES_NAME_TEMPLATE, &m->templates.items[i], server));
	ZYNC_TRY(names_add(names, ZYNC_RULES_NAME_PROXY, &m->single[RULES_PROXY], server));
	ZYNC_TRY(names_add(names, ZYNC_RULES_NAME_PROXY_GROUP, &m->single[RULES_PROXY_GROUP], server));
	for (size_t i = 0; i < m->host_groups.len; i++)
		ZYNC_TRY(names_add(names, ZYNC_RULES_NAME_GROUP, &m->host_groups.items[i], server));
	return ZYNC_OK;
}

enum zync_status zync_rules_constant_names(const struct zync_rules *rules, struct zync_arena *arena, struct zync_rules_name **ret,
					   size_t *ret_count, struct zync_err *err)
{
	struct names names = {.arena = arena, .err = err, .seen = zync_map_new(arena)};
	struct zync_rules_name *items;

	zync_vec_init(&names.list, arena);
	if (names.seen == NULL)
		return zync_err_nomem(err, "listing the names of the mappings");
	for (size_t i = 0; i < rules->mapping_count; i++)
		ZYNC_TRY(names_of_mapping(&names, &rules->mappings[i], NULL));
	items = ZYNC_NEW_ARRAY(arena, struct zync_rules_name, names.list.len);
	if (items == NULL)
		return zync_err_nomem(err, "listing the names of the mappings");
	for (size_t i = 0; i < names.list.len; i++)
		items[i] = *(const struct zync_rules_name *)names.list.items[i];
	*ret = items;
	*ret_count = names.list.len;
	return ZYNC_OK;
}
