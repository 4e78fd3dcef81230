/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What needs a host group. Zabbix refuses to delete one that a global script, a correlation, a host prototype or a maintenance without anything else names. All else it takes
 * along without a word: hosts leave the group, actions are disabled and lose the condition, rights of user groups, elements of maps and fields of dashboards' widgets go
 * (CHostGroup::deleteForce() and foreign keys of 6.0 and 7.0). So these are looked up here.
 */
#include <string.h>

#include "base/str.h"
#include "zabbix/zabbix_priv.h"

#define USE_SPLIT	    6002u /* from 6.2 host groups hold hosts only, and user groups have rights of their own for them */
#define USE_CONDITION_GROUP 0	  /* conditiontype of an action's condition */
#define USE_FIELD_GROUP	    2	  /* type of a field of a dashboard's widget */
#define USE_MAX_DEPTH	    16u	  /* of an action: operations, their conditions and targets */

struct group_use {
	uint64_t id;
	const char *reason; /* NULL: none so far */
};

struct uses {
	struct zync_zabbix *z;
	struct zync_arena *arena; /* of the reasons */
	struct group_use *items;
	size_t len;
	struct zync_idmap *by_id;
};

/* Where groups are named: as the member "groupid" of something, or as the "value" of something whose member @p kind_key is @p kind. */
struct use_source {
	const char *method, *what;
	const char *const *selects; /* each is asked for whole */
	const char *kind_key;	    /* NULL: only as groupid */
	uint64_t kind;
};

/* --- asking --- */

/* Refused by the role: nothing is known, so every group stays. */
static enum zync_status use_ask(struct uses *uses, const struct use_source *source, struct zync_arena *arena, const struct zync_jval **ret,
				struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_err own;
	enum zync_status status;
	const char *reason;

	*ret = NULL;
	if (!params)
		return zync_err_nomem(err, "looking up what needs a host group");
	zync_jb_add_str(b, zync_jb_set_array(b, params, "output"), "name");
	for (size_t i = 0; source->selects[i]; i++)
		zync_jb_set_str(b, params, source->selects[i], "extend");
	status = zync_zbx_call_node(uses->z, source->method, ZYNC_ZBX_READ, b, params, arena, ret, &own);
	if (status == ZYNC_OK)
		return ZYNC_OK;
	if (status != ZYNC_ERR_REJECTED && !(status == ZYNC_ERR_AUTH && own.origin == ZYNC_ORIGIN_JSONRPC)) {
		zync_err_copy(err, &own);
		return status;
	}
	reason = zync_arena_printf(uses->arena, "the role of the Zabbix user hides %ss, one of which may use it: %s", source->what,
				   own.message);
	if (!reason)
		return zync_err_nomem(err, "looking up what needs a host group");
	for (size_t i = 0; i < uses->len; i++) {
		if (!uses->items[i].reason)
			uses->items[i].reason = reason;
	}
	return ZYNC_OK;
}

static struct group_use *use_find(const struct uses *uses, const struct zync_jval *id)
{
	uint64_t number;

	return zync_jval_to_u64(id, &number) ? zync_idmap_get(uses->by_id, number) : NULL;
}

static enum zync_status use_note(struct uses *uses, const struct zync_jval *id, const char *what, const struct zync_jval *user,
				 struct zync_err *err)
{
	struct group_use *use = use_find(uses, id);
	const char *name = zync_jval_get_str(user, "name");

	if (!use || use->reason)
		return ZYNC_OK;
	use->reason = zync_arena_printf(uses->arena, "the %s \"%s\" uses it", what, name ? name : "?");
	return use->reason ? ZYNC_OK : zync_err_nomem(err, "looking up what needs a host group");
}

/* --- hosts and templates --- */

static enum zync_status use_count(struct uses *uses, struct group_use *use, const struct zync_jval *group, const char *key, const char *one,
				  struct zync_err *err)
{
	uint64_t count = 0;

	if (use->reason || !zync_jval_to_u64(zync_jval_get(group, key), &count) || count == 0)
		return ZYNC_OK;
	use->reason = zync_arena_printf(uses->arena, "it has %llu %s%s", (unsigned long long)count, one, count == 1 ? "" : "s");
	return use->reason ? ZYNC_OK : zync_err_nomem(err, "looking up what needs a host group");
}

static enum zync_status use_members(struct uses *uses, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena ? zync_jb_new(arena) : NULL;
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_jnode *list;
	const struct zync_jval *result;
	const struct zync_jval *group;
	struct zync_jiter it;

	if (!params)
		return zync_err_nomem(err, "looking up what needs a host group");
	zync_jb_add_str(b, zync_jb_set_array(b, params, "output"), "groupid");
	list = zync_jb_set_array(b, params, "groupids");
	for (size_t i = 0; i < uses->len; i++)
		zync_jb_add_id(b, list, uses->items[i].id);
	zync_jb_set_str(b, params, "selectHosts", "count");
	if (uses->z->number < USE_SPLIT)
		zync_jb_set_str(b, params, "selectTemplates", "count");
	ZYNC_TRY(zync_zbx_call_node(uses->z, "hostgroup.get", ZYNC_ZBX_READ, b, params, arena, &result, err));
	zync_jiter_init(&it, result);
	while ((group = zync_jiter_next(&it, NULL))) {
		struct group_use *use = use_find(uses, zync_jval_get(group, "groupid"));

		if (!use)
			continue;
		if (zync_jval_type(zync_jval_get(group, "hosts")) <= ZYNC_JSON_NULL ||
		    (uses->z->number < USE_SPLIT && zync_jval_type(zync_jval_get(group, "templates")) <= ZYNC_JSON_NULL))
			return zync_zbx_bad_reply("hostgroup.get", "number of members", err);
		ZYNC_TRY(use_count(uses, use, group, "hosts", "host", err));
		ZYNC_TRY(use_count(uses, use, group, "templates", "template", err));
	}
	return ZYNC_OK;
}

/* --- actions, maintenances, maps, dashboards: wherever a group stands in them --- */

static enum zync_status use_walk(struct uses *uses, const struct use_source *source, const struct zync_jval *v,
				 const struct zync_jval *user, unsigned depth, struct zync_err *err)
{
	const struct zync_jval *child;
	struct zync_jiter it;
	uint64_t kind;

	if ((zync_jval_type(v) != ZYNC_JSON_OBJECT && zync_jval_type(v) != ZYNC_JSON_ARRAY) || depth > USE_MAX_DEPTH)
		return ZYNC_OK;
	if (zync_jval_type(v) == ZYNC_JSON_OBJECT) {
		ZYNC_TRY(use_note(uses, zync_jval_get(v, "groupid"), source->what, user, err));
		if (source->kind_key && zync_jval_to_u64(zync_jval_get(v, source->kind_key), &kind) && kind == source->kind)
			ZYNC_TRY(use_note(uses, zync_jval_get(v, "value"), source->what, user, err));
	}
	zync_jiter_init(&it, v);
	while ((child = zync_jiter_next(&it, NULL)))
		ZYNC_TRY(use_walk(uses, source, child, user, depth + 1, err));
	return ZYNC_OK;
}

static enum zync_status use_in(struct uses *uses, const struct use_source *source, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const struct zync_jval *result;
	const struct zync_jval *user;
	struct zync_jiter it;

	if (!arena)
		return zync_err_nomem(err, "looking up what needs a host group");
	ZYNC_TRY(use_ask(uses, source, arena, &result, err));
	zync_jiter_init(&it, result);
	while ((user = zync_jiter_next(&it, NULL)))
		ZYNC_TRY(use_walk(uses, source, user, user, 0, err));
	return ZYNC_OK;
}

/* --- user groups --- */

/* The id of the group above, by its name; 0: none. */
static uint64_t use_parent(const struct zync_zabbix *z, uint64_t id, struct zync_arena *arena)
{
	const char *name = zync_zbx_name_of(z, ZYNC_ZABBIX_GROUP, id);
	const char *slash = name ? strrchr(name, '/') : NULL;
	char *parent = slash ? zync_arena_strndup(arena, name, (size_t)(slash - name)) : NULL;

	return parent ? zync_zabbix_lookup(z, ZYNC_ZABBIX_GROUP, parent) : 0;
}

static bool use_same_but(const struct zync_jval *a, const struct zync_jval *b, const char *id_key)
{
	const struct zync_jval *value;
	struct zync_jiter it;
	const char *key;

	zync_jiter_init(&it, a);
	while ((value = zync_jiter_next(&it, &key))) {
		if (!zync_str_eq(key, id_key) && !zync_str_eq(zync_jval_get_str(b, key), zync_jval_str(value)))
			return false;
	}
	return true;
}

/* A new group gets the rights and tag filters of the one above it: what that one has in the same way, nobody has given to this one. */
static enum zync_status use_rights(struct uses *uses, const struct zync_jval *user, const char *list_key, const char *id_key,
				   struct zync_arena *arena, struct zync_err *err)
{
	const struct zync_jval *list = zync_jval_get(user, list_key);
	const struct zync_jval *row;
	struct zync_jiter it;

	zync_jiter_init(&it, list);
	while ((row = zync_jiter_next(&it, NULL))) {
		struct group_use *use = use_find(uses, zync_jval_get(row, id_key));
		const struct zync_jval *other;
		struct zync_jiter others;
		uint64_t parent = use ? use_parent(uses->z, use->id, arena) : 0;
		bool inherited = false;
		uint64_t id;

		if (!use)
			continue;
		zync_jiter_init(&others, list);
		while (parent && !inherited && (other = zync_jiter_next(&others, NULL)))
			inherited = zync_jval_to_u64(zync_jval_get(other, id_key), &id) && id == parent && use_same_but(row, other, id_key);
		if (!inherited)
			ZYNC_TRY(use_note(uses, zync_jval_get(row, id_key), "user group", user, err));
	}
	return ZYNC_OK;
}

static enum zync_status use_in_user_groups(struct uses *uses, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	bool split = uses->z->number >= USE_SPLIT;
	const char *const selects[] = {split ? "selectHostGroupRights" : "selectRights", "selectTagFilters", NULL};
	const struct use_source source = {"usergroup.get", "user group", selects, NULL, 0};
	const struct zync_jval *result;
	const struct zync_jval *user;
	struct zync_jiter it;

	if (!arena)
		return zync_err_nomem(err, "looking up what needs a host group");
	ZYNC_TRY(use_ask(uses, &source, arena, &result, err));
	zync_jiter_init(&it, result);
	while ((user = zync_jiter_next(&it, NULL))) {
		ZYNC_TRY(use_rights(uses, user, split ? "hostgroup_rights" : "rights", "id", arena, err));
		ZYNC_TRY(use_rights(uses, user, "tag_filters", "groupid", arena, err));
	}
	return ZYNC_OK;
}

enum zync_status zync_zabbix_group_uses(struct zync_zabbix *z, const uint64_t *ids, size_t count, struct zync_arena *arena,
					const char **ret, struct zync_err *err)
{
	static const char *const actions[] = {"selectFilter", "selectOperations", "selectRecoveryOperations", "selectUpdateOperations",
					      NULL};
	static const char *const maps[] = {"selectSelements", NULL};
	static const char *const pages[] = {"selectPages", NULL};
	const char *const maintenances[] = {z->dialect->select_groups, NULL};
	const struct use_source sources[] = {
		{"action.get", "action", actions, "conditiontype", USE_CONDITION_GROUP},
		{"maintenance.get", "maintenance", maintenances, NULL, 0},
		{"map.get", "map", maps, NULL, 0},
		{"dashboard.get", "dashboard", pages, "type", USE_FIELD_GROUP},
	};
	struct uses uses = {.z = z, .arena = arena, .len = count, .by_id = zync_idmap_new(arena)};

	uses.items = ZYNC_NEW_ARRAY(arena, struct group_use, count);
	if (!uses.items || !uses.by_id)
		return zync_err_nomem(err, "looking up what needs a host group");
	for (size_t i = 0; i < count; i++) {
		uses.items[i].id = ids[i];
		ZYNC_TRY(zync_idmap_put(uses.by_id, ids[i], &uses.items[i], err));
	}
	if (count > 0) {
		ZYNC_TRY(use_members(&uses, err));
		for (size_t i = 0; i < ZYNC_ARRAY_LEN(sources); i++)
			ZYNC_TRY(use_in(&uses, &sources[i], err));
		ZYNC_TRY(use_in_user_groups(&uses, err));
	}
	for (size_t i = 0; i < count; i++)
		ret[i] = uses.items[i].reason;
	return ZYNC_OK;
}
