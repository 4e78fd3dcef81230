/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts of virtual chassis whose ownership mark names a device that was their master before. Members of a chassis that is one host are no hosts of their own, so the mark of one of them on a host is
 * that of the chassis. See docs/internals/chassis.md.
 */
#include <string.h>

#include "base/str.h"
#include "jobs/run.h"

/* The chassis that the item stands for, as NetBox has it now; false when it stands for none, or NetBox was not asked. */
static bool link_chassis(const struct zync_run *run, const struct zync_item *item, struct zync_nb_chassis *ret)
{
	return run->pulled && run->app->netbox != NULL && run->app->config->netbox.virtual_chassis == ZYNC_VC_ONE_HOST &&
	       item->desired.virtual_chassis != 0 && zync_netbox_chassis(run->app->netbox, item->desired.virtual_chassis, ret) &&
	       ret->master == item->work.object_id;
}

/* The device that a mark names, 0: none, or one of another NetBox. */
static uint64_t link_mark_device(const struct zync_run *run, const char *mark)
{
	const char *instance = run->app->config->netbox.instance;
	size_t len = strlen(instance);
	uint64_t id = 0;

	if (mark == NULL || strncmp(mark, instance, len) != 0 || !zync_str_starts(mark + len, ":device:"))
		return 0;
	return zync_str_to_u64(mark + len + strlen(":device:"), &id) ? id : 0;
}

enum zync_status zync_link_owner_before(struct zync_run *run, struct zync_item *item, struct zync_arena *arena, struct zync_err *err)
{
	struct zync_nb_chassis chassis;
	uint64_t device;

	item->input.owner_before = NULL;
	if (item->actual == NULL || item->actual->owner == NULL || !zync_str_eq(item->work.object_type, "device"))
		return ZYNC_OK;
	device = link_mark_device(run, item->actual->owner);
	if (device == 0 || device == item->work.object_id)
		return ZYNC_OK;
	if (device != item->work.moved_from && !(link_chassis(run, item, &chassis) && zync_nb_chassis_has(&chassis, device)))
		return ZYNC_OK;
	item->input.owner_before = zync_arena_strdup(arena, item->actual->owner);
	return item->input.owner_before != NULL ? ZYNC_OK : zync_err_nomem(err, "planning");
}

/* Is it linked with a host config? One that a member left behind is not the chassis' host. */
static enum zync_status link_is_stored(struct zync_run *run, const struct zync_server_state *server, uint64_t device, uint64_t hostid,
				       struct zync_arena *arena, bool *ret, struct zync_err *err)
{
	struct zync_host_config_filter filter = {.server = server->name, .in_sync = -1};
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	filter.name = zync_arena_printf(arena, "device:%llu", (unsigned long long)device);
	if (filter.name == NULL)
		return zync_err_nomem(err, "planning");
	ZYNC_TRY(zync_store_host_configs(run->app->store, &filter, arena, &configs, &count, err));
	*ret = count > 0 && configs[0].hostid == hostid;
	return ZYNC_OK;
}

enum zync_status zync_link_chassis_mark(struct zync_run *run, struct zync_server_state *server, struct zync_page *page,
					struct zync_item *item, struct zync_err *err)
{
	struct zync_nb_chassis chassis;
	const struct zync_jval *member;
	struct zync_jiter it;
	uint64_t found = 0;

	if (!link_chassis(run, item, &chassis))
		return ZYNC_OK;
	zync_jiter_init(&it, chassis.members);
	while ((member = zync_jiter_next(&it, NULL)) != NULL) {
		const struct zync_mark_link *link = NULL;
		const char *owner;
		uint64_t device = 0;
		bool stored = false;

		if (!zync_jval_to_u64(zync_jval_get(member, "id"), &device) || device == item->work.object_id)
			continue;
		owner = zync_app_owner(run->app, "device", device, page->arena);
		if (owner == NULL)
			return zync_err_nomem(err, "planning");
		link = zync_map_get(server->marks, owner);
		if (link == NULL)
			continue;
		ZYNC_TRY(link_is_stored(run, server, device, link->hostid, page->arena, &stored, err));
		if (stored)
			continue;
		if (found != 0 || link->second != 0)
			return zync_item_fail(item,
					      zync_arena_printf(page->arena,
								"several hosts in Zabbix carry ownership marks of members of the virtual "
								"chassis \"%s\" (hostids %llu "
								"and %llu), so it is not known which one is the host of the chassis; "
								"remove the user macro %s from the "
								"others",
								chassis.name != NULL ? chassis.name : "",
								(unsigned long long)(found != 0 ? found : link->second),
								(unsigned long long)link->hostid, ZYNC_OWNER_MACRO),
					      err);
		found = link->hostid;
	}
	item->hostid = found;
	return ZYNC_OK;
}
