/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Technical names that are legal but not unique: NetBox has one device name at several sites. In the order of type and id the first object keeps the name, the
 * others get their suffix; so the answer depends on the objects alone, and a second run finds the same.
 */
#include <string.h>

#include "base/str.h"
#include "jobs/run.h"
#include "model/names.h"

struct zync_name_holder {
	const char *object_type;
	uint64_t object_id;
};

static bool holder_is(const struct zync_name_holder *holder, const struct zync_work *work)
{
	return holder->object_id == work->object_id && zync_str_eq(holder->object_type, work->object_type);
}

/* A run over named objects has not met the others: the store knows the names of those that come before this one. */
static enum zync_status names_stored_holder(struct zync_run *run, const struct zync_work *work, const char *name, bool *ret_taken,
					    struct zync_err *err)
{
	struct zync_host_config_filter filter = {.name = name, .server = work->server, .in_sync = -1};
	ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	if (scratch == NULL)
		return zync_err_nomem(err, "comparing host names");
	ZYNC_TRY(zync_store_host_configs(run->app->store, &filter, scratch, &configs, &count, err));
	for (size_t i = 0; i < count; i++) {
		const struct zync_host_config *other = &configs[i];
		int order = zync_str_cmp(other->object_type, work->object_type);
		bool before = order < 0 || (order == 0 && other->object_id < work->object_id);

		bool wanted = zync_str_eq(other->state, "monitored") || zync_str_eq(other->state, "disabled");
		/* One that failed or is missing has its host under that name still. */
		bool stays = other->hostid != 0 && (zync_str_eq(other->state, "failed") || zync_str_eq(other->state, "missing"));

		/* Of a virtual chassis whose master has changed: it is this one. */
		if (other->pk == work->pk && work->pk != 0)
			continue;
		if (zync_str_eq(other->host, name) && before && (wanted || (stays && work->hostid != 0)))
			*ret_taken = true;
	}
	return ZYNC_OK;
}

enum zync_status zync_names_claim(struct zync_run *run, const struct zync_work *work, bool only_named, struct zync_arena *arena,
				  const char **name, struct zync_err *err)
{
	const char *key = zync_arena_printf(arena, "%s\n%s", work->server, *name);
	struct zync_name_holder *holder;
	bool taken = false;

	if (run->names == NULL)
		run->names = zync_map_new(run->arena);
	if (key == NULL || run->names == NULL)
		return zync_err_nomem(err, "comparing host names");
	holder = zync_map_get(run->names, key);
	if (holder != NULL && !holder_is(holder, work))
		taken = true;
	else if (only_named)
		ZYNC_TRY(names_stored_holder(run, work, *name, &taken, err));
	if (taken)
		return zync_host_name_distinguish(*name, work->object_type, work->object_id, arena, name, err);
	if (holder != NULL)
		return ZYNC_OK;
	holder = ZYNC_NEW(run->arena, struct zync_name_holder);
	if (holder == NULL)
		return zync_err_nomem(err, "comparing host names");
	/* "device" and "vm" are literals. */
	*holder = (struct zync_name_holder){.object_type = work->object_type, .object_id = work->object_id};
	return zync_map_put(run->names, key, holder, err);
}

/* ---- visible names ---- */

/* A run over named objects has not met the others: those that come before this one and have its name in NetBox show it in Zabbix, too. */
static enum zync_status names_visible_holder(struct zync_run *run, const struct zync_work *work, const char *name, bool *ret_taken,
					     struct zync_err *err)
{
	struct zync_host_config_filter filter = {.name = name, .server = work->server, .in_sync = -1};
	ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	if (scratch == NULL)
		return zync_err_nomem(err, "comparing host names");
	ZYNC_TRY(zync_store_host_configs(run->app->store, &filter, scratch, &configs, &count, err));
	for (size_t i = 0; i < count; i++) {
		const struct zync_host_config *other = &configs[i];
		int order = zync_str_cmp(other->object_type, work->object_type);
		bool before = order < 0 || (order == 0 && other->object_id < work->object_id);

		if (before && other->pk != work->pk && zync_str_eq(other->name, name) && !zync_str_eq(other->state, "removed"))
			*ret_taken = true;
	}
	return ZYNC_OK;
}

enum zync_status zync_names_claim_visible(struct zync_run *run, const struct zync_work *work, bool only_named, struct zync_arena *arena,
					  const char **name, struct zync_err *err)
{
	const char *key = zync_arena_printf(arena, "%s\n%s", work->server, *name);
	struct zync_name_holder *holder;
	bool taken = false;

	if (run->visible_names == NULL)
		run->visible_names = zync_map_new(run->arena);
	if (key == NULL || run->visible_names == NULL)
		return zync_err_nomem(err, "comparing host names");
	holder = zync_map_get(run->visible_names, key);
	if (holder != NULL)
		taken = !holder_is(holder, work);
	else if (only_named)
		ZYNC_TRY(names_visible_holder(run, work, *name, &taken, err));
	if (taken) {
		/* " (d17)": the suffix of the object, as in a technical name that is distinguished. */
		const char *suffix = zync_arena_printf(arena, " (%c%llu)", work->object_type[0], (unsigned long long)work->object_id);

		if (suffix == NULL)
			return zync_err_nomem(err, "comparing host names");
		*name = zync_arena_printf(arena, "%.*s%s", (int)zync_utf8_prefix(*name, ZYNC_HOST_NAME_MAX - strlen(suffix)), *name,
					  suffix);
		return *name != NULL ? ZYNC_OK : zync_err_nomem(err, "comparing host names");
	}
	if (holder != NULL)
		return ZYNC_OK;
	holder = ZYNC_NEW(run->arena, struct zync_name_holder);
	if (holder == NULL)
		return zync_err_nomem(err, "comparing host names");
	*holder = (struct zync_name_holder){.object_type = work->object_type, .object_id = work->object_id};
	return zync_map_put(run->visible_names, key, holder, err);
}
