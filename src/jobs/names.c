/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that are legal but not unique: NetBox has one device name at several sites. In the order of type and id the first object keeps the name, the
 * others get their suffix; so the answer depends on the objects alone, and a second run finds the same. Technical and visible names are each unique by themselves.
 */
#include "model/names.h"

#include <string.h>

#include "base/str.h"
#include "jobs/run.h"

struct zync_name_holder {
	const char *object_type;
	uint64_t object_id;
};

static bool holder_is(const struct zync_name_holder *holder, const struct zync_work *work)
{
	return holder->object_id == work->object_id && zync_str_eq(holder->object_type, work->object_type);
}

/* Does a stored host config that comes before the object have the name in Zabbix? Visible: the store knows names of NetBox only. */
static bool stored_has_name(const struct zync_host_config *other, const struct zync_work *work, const char *name, bool visible)
{
	int order = zync_str_cmp(other->object_type, work->object_type);
	bool before = order < 0 || (order == 0 && other->object_id < work->object_id);
	bool wanted = zync_str_eq(other->state, "monitored") || zync_str_eq(other->state, "disabled");
	/* One that failed or is missing has its host under that name still. */
	bool stays = other->hostid != 0 && (zync_str_eq(other->state, "failed") || zync_str_eq(other->state, "missing"));

	/* Of a virtual chassis whose master has changed: it is this one. */
	if (other->pk == work->pk && work->pk != 0)
		return false;
	return zync_str_eq(visible ? other->name : other->host, name) && before && (wanted || (stays && work->hostid != 0));
}

/* A run over named objects has not met the others: the store knows the names of those that come before this one. */
static enum zync_status names_stored_holder(struct zync_run *run, const struct zync_work *work, const char *name, bool visible,
					    bool *ret_taken, struct zync_err *err)
{
	struct zync_host_config_filter filter = {.name = name, .server = work->server, .in_sync = -1};
	ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	if (scratch == NULL)
		return zync_err_nomem(err, "comparing host names");
	ZYNC_TRY(zync_store_host_configs(run->app->store, &filter, scratch, &configs, &count, err));
	for (size_t i = 0; i < count; i++)
		*ret_taken = *ret_taken || stored_has_name(&configs[i], work, name, visible);
	return ZYNC_OK;
}

/* Claim the name for the object in the map of those claimed; *ret_taken: another one has it. */
static enum zync_status names_claim(struct zync_run *run, struct zync_map **claimed, const struct zync_work *work, bool only_named,
				    struct zync_arena *arena, const char *name, bool *ret_taken, struct zync_err *err)
{
	const char *key = zync_arena_printf(arena, "%s\n%s", work->server, name);
	struct zync_name_holder *holder;

	*ret_taken = false;
	if (*claimed == NULL)
		*claimed = zync_map_new(run->arena);
	if (key == NULL || *claimed == NULL)
		return zync_err_nomem(err, "comparing host names");
	holder = zync_map_get(*claimed, key);
	if (holder != NULL && !holder_is(holder, work))
		*ret_taken = true;
	else if (only_named)
		ZYNC_TRY(names_stored_holder(run, work, name, claimed == &run->visible_names, ret_taken, err));
	if (*ret_taken || holder != NULL)
		return ZYNC_OK;
	holder = ZYNC_NEW(run->arena, struct zync_name_holder);
	if (holder == NULL)
		return zync_err_nomem(err, "comparing host names");
	/* "device" and "vm" are literals. */
	*holder = (struct zync_name_holder){.object_type = work->object_type, .object_id = work->object_id};
	return zync_map_put(*claimed, key, holder, err);
}

enum zync_status zync_names_claim(struct zync_run *run, const struct zync_work *work, bool only_named, struct zync_arena *arena,
				  const char **name, struct zync_err *err)
{
	bool taken = false;

	ZYNC_TRY(names_claim(run, &run->names, work, only_named, arena, *name, &taken, err));
	return taken ? zync_host_name_distinguish(*name, work->object_type, work->object_id, arena, name, err) : ZYNC_OK;
}

enum zync_status zync_names_claim_visible(struct zync_run *run, const struct zync_work *work, bool apart, bool only_named,
					  struct zync_arena *arena, const char **name, struct zync_err *err)
{
	const char *suffix, *own;
	bool taken = apart;

	if (!apart)
		ZYNC_TRY(names_claim(run, &run->visible_names, work, only_named, arena, *name, &taken, err));
	if (!taken)
		return ZYNC_OK;
	/* As in a technical name that is distinguished. */
	suffix = zync_arena_printf(arena, " (%c%llu)", work->object_type[0], (unsigned long long)work->object_id);
	if (suffix == NULL)
		return zync_err_nomem(err, "comparing host names");
	own = zync_arena_printf(arena, "%.*s%s", (int)zync_utf8_prefix(*name, ZYNC_HOST_NAME_MAX - strlen(suffix)), *name, suffix);
	if (own == NULL)
		return zync_err_nomem(err, "comparing host names");
	*name = own;
	return ZYNC_OK;
}
