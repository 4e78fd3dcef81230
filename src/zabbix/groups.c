/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "zabbix/zabbix_priv.h"

#define GROUPS_SPLIT 6002u /* from 6.2 host groups hold hosts only */
#define GROUPS_RACES 3u	   /* how often others may create a group between our look and our call */

/* The names that are missing, parents before children, each once. */
struct groups_missing {
	struct zync_map *seen;
	struct zync_vec names;
};

static enum zync_status groups_want(const struct zync_zabbix *z, struct groups_missing *missing, struct zync_arena *arena, const char *name,
				    size_t len, struct zync_err *err)
{
	char *copy = zync_arena_strndup(arena, name, len);

	if (!copy)
		return zync_err_nomem(err, "creating host groups");
	if (len == 0 || zync_zabbix_lookup(z, ZYNC_ZABBIX_GROUP, copy) || zync_map_get(missing->seen, copy))
		return ZYNC_OK;
	ZYNC_TRY(zync_map_put(missing->seen, copy, copy, err));
	return zync_vec_push(&missing->names, copy, err);
}

static enum zync_status groups_find_missing(const struct zync_zabbix *z, const char *const *names, size_t count, struct zync_arena *arena,
					    struct groups_missing *ret, struct zync_err *err)
{
	ret->seen = zync_map_new(arena);
	if (!ret->seen)
		return zync_err_nomem(err, "creating host groups");
	zync_vec_init(&ret->names, arena);
	for (size_t i = 0; i < count; i++) {
		unsigned depth = 0;

		for (const char *slash = strchr(names[i], '/'); slash; slash = strchr(slash + 1, '/')) {
			if (++depth >= ZYNC_LIMIT_GROUP_DEPTH)
				return zync_err_set(err, ZYNC_ERR_REJECTED, "host group \"%s\" is nested deeper than %u levels", names[i],
						    ZYNC_LIMIT_GROUP_DEPTH);
			ZYNC_TRY(groups_want(z, ret, arena, names[i], (size_t)(slash - names[i]), err));
		}
		ZYNC_TRY(groups_want(z, ret, arena, names[i], strlen(names[i]), err));
	}
	return ZYNC_OK;
}

enum zync_status zync_zabbix_missing_groups(const struct zync_zabbix *z, const char *const *names, size_t count, struct zync_vec *ret,
					    struct zync_err *err)
{
	struct groups_missing missing;

	ZYNC_TRY(groups_find_missing(z, names, count, ret->arena, &missing, err));
	*ret = missing.names;
	return ZYNC_OK;
}

/* The catalogue learns the groups of one successful call. */
static enum zync_status groups_learn(struct zync_zabbix *z, const struct zync_jval *result, char *const *names, size_t count,
				     struct zync_err *err)
{
	const struct zync_jval *ids = zync_jval_get(result, "groupids");
	struct zync_jiter it;

	if (zync_jval_len(ids) != count)
		return zync_zbx_bad_reply("hostgroup.create", "id for each group", err);
	zync_jiter_init(&it, ids);
	for (size_t i = 0; i < count; i++) {
		uint64_t id;

		if (!zync_jval_to_u64(zync_jiter_next(&it, NULL), &id))
			return zync_zbx_bad_reply("hostgroup.create", "groupids", err);
		ZYNC_TRY(zync_zbx_learn_group(z, names[i], id, err));
	}
	return ZYNC_OK;
}

static bool groups_noted(const struct zync_vec *made, const char *name)
{
	for (size_t i = 0; i < made->len; i++) {
		if (zync_str_eq(made->items[i], name))
			return true;
	}
	return false;
}

/* What was made, or may have been, is remembered for the caller; a name that was refused because somebody else made it meanwhile is not among them. */
static enum zync_status groups_note(struct zync_vec *made, char *const *names, size_t count, struct zync_err *err)
{
	for (size_t i = 0; made && i < count; i++) {
		char *copy;

		if (groups_noted(made, names[i]))
			continue;
		copy = zync_arena_strdup(made->arena, names[i]);
		if (!copy)
			return zync_err_nomem(err, "creating host groups");
		ZYNC_TRY(zync_vec_push(made, copy, err));
	}
	return ZYNC_OK;
}

static enum zync_status groups_create_some(struct zync_zabbix *z, char *const *names, size_t count, struct zync_vec *made,
					   struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_jb *b = arena ? zync_jb_new(arena) : NULL;
	struct zync_jnode *params = b ? zync_jb_array(b) : NULL;
	struct zync_zbx_call call = {.method = "hostgroup.create", .kind = ZYNC_ZBX_WRITE, .label = count == 1 ? names[0] : NULL};
	const struct zync_jval *result;
	enum zync_status status;

	if (!params)
		return zync_err_nomem(err, "creating host groups");
	for (size_t i = 0; i < count; i++)
		zync_jb_set_str(b, zync_jb_add_object(b, params), "name", names[i]);
	ZYNC_TRY(zync_jb_text(b, params, ZYNC_JSON_COMPACT, arena, &call.params, err));
	status = zync_zbx_call(z, &call, arena, &result, err);
	if (status == ZYNC_OK || z->unknown) {
		struct zync_err later;

		if (groups_note(made, names, count, status == ZYNC_OK ? err : &later) != ZYNC_OK && status == ZYNC_OK)
			return ZYNC_ERR_NOMEM;
	}
	ZYNC_TRY(status);
	return groups_learn(z, result, names, count, err);
}

/*
 * One by one, because the array was refused: the good ones get created, the first refusal is kept in @p first. A group that somebody else created meanwhile
 * is refused, too; the caller's reload finds it.
 */
static enum zync_status groups_create_singly(struct zync_zabbix *z, char *const *names, size_t count, struct zync_vec *made,
					     struct zync_err *first, struct zync_err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct zync_err own;
		enum zync_status status = groups_create_some(z, &names[i], 1, made, &own);

		if (status == ZYNC_ERR_REJECTED) {
			if (first->status == ZYNC_OK)
				*first = own;
		} else if (status != ZYNC_OK) {
			zync_err_copy(err, &own);
			return status;
		}
	}
	return ZYNC_OK;
}

/* One look and at most one attempt at everything that is missing. *ret_left: how many were missing before it. */
static enum zync_status groups_round(struct zync_zabbix *z, const char *const *names, size_t count, bool singly, struct zync_vec *made,
				     size_t *ret_left, struct zync_err *refused, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct groups_missing missing;

	if (!arena)
		return zync_err_nomem(err, "creating host groups");
	ZYNC_TRY(groups_find_missing(z, names, count, arena, &missing, err));
	*ret_left = missing.names.len;
	for (size_t i = 0; i < missing.names.len; i += ZYNC_ZBX_FILTER_MAX) {
		size_t n = ZYNC_MIN(missing.names.len - i, (size_t)ZYNC_ZBX_FILTER_MAX);
		char *const *some = (char *const *)&missing.names.items[i];
		struct zync_err own;
		enum zync_status status;

		if (singly) {
			ZYNC_TRY(groups_create_singly(z, some, n, made, refused, err));
			continue;
		}
		status = groups_create_some(z, some, n, made, &own);
		if (status == ZYNC_ERR_REJECTED ||
		    (status != ZYNC_OK && z->unknown && status != ZYNC_ERR_CANCELLED && status != ZYNC_ERR_NOMEM)) {
			*refused = own;
		} else if (status != ZYNC_OK) {
			zync_err_copy(err, &own);
			return status;
		}
	}
	return ZYNC_OK;
}

enum zync_status zync_zabbix_create_groups(struct zync_zabbix *z, const char *const *names, size_t count, struct zync_vec *made,
					   struct zync_err *err)
{
	struct zync_err refused = {.status = ZYNC_OK};
	size_t left = 0;

	if (!z->catalogue_loaded)
		ZYNC_TRY(zync_zabbix_load_catalogue(z, err));
	/* First all in one call. What was refused or of unknown outcome is looked at again and tried one by one: somebody may have been faster. */
	for (unsigned round = 0; round < GROUPS_RACES; round++) {
		refused.status = ZYNC_OK;
		ZYNC_TRY(groups_round(z, names, count, /* singly= */ round > 0, made, &left, &refused, err));
		if (left == 0 || refused.status == ZYNC_OK)
			break;
		ZYNC_TRY(zync_zbx_reload_groups(z, err));
	}
	if (left > 0 && refused.status != ZYNC_OK) {
		zync_err_copy(err, &refused);
		return refused.status;
	}
	return ZYNC_OK;
}

/* --- taking away ---------------------------------------------------------------------------------------------------------------------- */

/* Groups that any of these hosts or templates is in → itself. */
static enum zync_status groups_find_used(struct zync_zabbix *z, const char *method, const uint64_t *ids, size_t count,
					 struct zync_arena *arena, struct zync_idmap *used, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_jnode *list;
	const struct zync_jval *result;
	const struct zync_jval *member;
	struct zync_jiter it;

	if (!params)
		return zync_err_nomem(err, "deleting host groups");
	zync_jb_add_str(b, zync_jb_set_array(b, params, "output"), "name");
	list = zync_jb_set_array(b, params, "groupids");
	for (size_t i = 0; i < count; i++)
		zync_jb_add_id(b, list, ids[i]);
	zync_jb_add_str(b, zync_jb_set_array(b, params, z->dialect->select_groups), "groupid");
	ZYNC_TRY(zync_zbx_call_node(z, method, ZYNC_ZBX_READ, b, params, arena, &result, err));
	zync_jiter_init(&it, result);
	while ((member = zync_jiter_next(&it, NULL))) {
		struct zync_jiter groups;
		const struct zync_jval *group;
		uint64_t id;

		zync_jiter_init(&groups, zync_jval_get(member, z->dialect->groups));
		while ((group = zync_jiter_next(&groups, NULL))) {
			if (zync_jval_to_u64(zync_jval_get(group, "groupid"), &id))
				ZYNC_TRY(zync_idmap_put(used, id, used, err));
		}
	}
	return ZYNC_OK;
}

enum zync_status zync_zabbix_delete_empty_groups(struct zync_zabbix *z, const uint64_t *ids, size_t count, size_t *ret_deleted,
						 struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_idmap *used = arena ? zync_idmap_new(arena) : NULL;
	struct zync_jb *b = arena ? zync_jb_new(arena) : NULL;
	struct zync_jnode *params = b ? zync_jb_array(b) : NULL;
	const struct zync_jval *result;

	*ret_deleted = 0;
	if (!used || !params)
		return zync_err_nomem(err, "deleting host groups");
	if (count == 0)
		return ZYNC_OK;
	ZYNC_TRY(groups_find_used(z, "host.get", ids, count, arena, used, err));
	/* Before 6.2 templates are in host groups, too. */
	if (z->number < GROUPS_SPLIT)
		ZYNC_TRY(groups_find_used(z, "template.get", ids, count, arena, used, err));
	for (size_t i = 0; i < count; i++) {
		if (!zync_idmap_get(used, ids[i]))
			zync_jb_add_id(b, params, ids[i]);
	}
	if (zync_jnode_len(params) == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_zbx_call_node(z, "hostgroup.delete", ZYNC_ZBX_WRITE, b, params, arena, &result, err));
	*ret_deleted = zync_jnode_len(params);
	return zync_zbx_reload_groups(z, err);
}
