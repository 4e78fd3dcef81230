/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which host in Zabbix belongs to a host config: the stored hostid, else the ownership mark, else NetBox's custom field. And the hosts that are not ours:
 * another object's mark, another config's host, a host of the same technical name that nobody linked.
 */
#include <string.h>

#include "base/str.h"
#include "jobs/run.h"

enum zync_status zync_run_server(struct zync_run *run, const char *name, struct zync_server_state **ret, struct zync_err *err)
{
	struct zync_server_state *server;

	for (size_t i = 0; i < run->servers.len; i++) {
		server = run->servers.items[i];
		if (zync_str_eq(server->name, name)) {
			*ret = server;
			return ZYNC_OK;
		}
	}
	server = ZYNC_NEW(run->arena, struct zync_server_state);
	if (server == NULL)
		return zync_err_nomem(err, "planning");
	server->name = zync_arena_strdup(run->arena, name);
	server->claims = zync_idmap_new(run->arena);
	server->freed = zync_idmap_new(run->arena);
	if (server->name == NULL || server->claims == NULL || server->freed == NULL)
		return zync_err_nomem(err, "planning");
	ZYNC_TRY(zync_app_zabbix(run->app, name, &server->zabbix, err));
	ZYNC_TRY(zync_vec_push(&run->servers, server, err));
	*ret = server;
	return ZYNC_OK;
}

/* All marks of the server in one cheap call: the hosts without a link may be anywhere among them. */
static enum zync_status link_load_marks(struct zync_run *run, struct zync_server_state *server, struct zync_err *err)
{
	ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
	struct zync_zabbix_mark *marks = NULL;
	size_t count = 0;
	struct zync_map *map;

	if (server->marks != NULL)
		return ZYNC_OK;
	map = zync_map_new(run->arena);
	if (scratch == NULL || map == NULL)
		return zync_err_nomem(err, "reading ownership marks");
	ZYNC_TRY(zync_zabbix_find_marks(server->zabbix, NULL, 0, scratch, &marks, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct zync_mark_link *link = zync_map_get(map, marks[i].owner);

		if (link != NULL) {
			link->second = marks[i].hostid;
			continue;
		}
		link = ZYNC_NEW(run->arena, struct zync_mark_link);
		if (link == NULL)
			return zync_err_nomem(err, "reading ownership marks");
		link->hostid = marks[i].hostid;
		ZYNC_TRY(zync_map_put(map, marks[i].owner, link, err));
	}
	server->marks = map;
	return ZYNC_OK;
}

enum zync_status zync_item_fail(struct zync_item *item, const char *reason, struct zync_err *err)
{
	if (reason == NULL)
		return zync_err_nomem(err, "planning");
	item->input.state = "failed";
	item->input.reason = reason;
	item->input.actual = NULL;
	item->actual = NULL;
	return ZYNC_OK;
}

/* Does that host belong to another object from this run on? Its mark, and NetBox's custom field, may still say otherwise. */
static bool link_moves_away(const struct zync_run *run, const struct zync_server_state *server, const struct zync_item *item,
			    uint64_t hostid)
{
	for (size_t i = 0; i < run->moves.len; i++) {
		const struct zync_host_move *move = run->moves.items[i];

		if (move->hostid == hostid && zync_str_eq(move->server, server->name) && item->work.moved_from != move->from)
			return true;
	}
	return false;
}

/* The host that carries the item's mark. */
static enum zync_status link_by_mark(struct zync_run *run, struct zync_server_state *server, struct zync_page *page, struct zync_item *item,
				     struct zync_err *err)
{
	const struct zync_mark_link *link = zync_map_get(server->marks, item->input.owner);

	if (link == NULL || (link->second == 0 && link_moves_away(run, server, item, link->hostid)))
		return ZYNC_OK;
	if (link->second != 0)
		return zync_item_fail(
			item,
			zync_arena_printf(page->arena,
					  "two hosts in Zabbix carry its ownership mark (hostids %llu and %llu; a clone keeps the "
					  "mark); remove the user macro %s from the "
					  "one that is not meant",
					  (unsigned long long)link->hostid, (unsigned long long)link->second, ZYNC_OWNER_MACRO),
			err);
	item->hostid = link->hostid;
	return ZYNC_OK;
}

static bool item_lives(const struct zync_item *item)
{
	return !zync_str_eq(item->input.state, "failed");
}

/* hostids that the items point to → the hosts that exist. */
static enum zync_status link_read_hosts(struct zync_server_state *server, struct zync_page *page, bool only_unread, struct zync_err *err)
{
	uint64_t *ids = ZYNC_NEW_ARRAY(page->arena, uint64_t, page->len);
	struct zync_idmap *by_id = zync_idmap_new(page->arena);
	struct zync_zabbix_hosts hosts = {0};
	size_t count = 0;

	if (ids == NULL || by_id == NULL)
		return zync_err_nomem(err, "reading hosts");
	for (size_t i = 0; i < page->len; i++) {
		const struct zync_item *item = &page->items[i];

		if (item->hostid != 0 && item_lives(item) && !(only_unread && item->actual != NULL))
			ids[count++] = item->hostid;
	}
	if (count == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_zabbix_get_hosts(server->zabbix, ids, count, page->arena, &hosts, err));
	for (size_t i = 0; i < hosts.len; i++)
		ZYNC_TRY(zync_idmap_put(by_id, hosts.items[i].hostid, &hosts.items[i], err));
	for (size_t i = 0; i < page->len; i++) {
		struct zync_item *item = &page->items[i];

		if (item->hostid != 0 && item->actual == NULL && item_lives(item))
			item->actual = zync_idmap_get(by_id, item->hostid);
	}
	return ZYNC_OK;
}

/* Has the host, which carries no mark, a name that the object has, shall have or had when Zync last wrote it? */
static bool link_name_fits(const struct zync_run *run, const struct zync_item *item)
{
	const struct zync_host *actual = item->actual;
	const char *names[] = {item->work.name, item->work.host, item->desired.host, item->desired.name, item->base.host, item->base.name};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(names); i++) {
		if (names[i] != NULL && (zync_str_eq(actual->host, names[i]) || zync_str_eq(actual->name, names[i])))
			return true;
	}
	return zync_plan_is_buried(&run->app->config->sync, actual);
}

/* The host's name as it is typed in a command. */
static const char *link_word(const struct zync_item *item, struct zync_arena *arena)
{
	const char *word = zync_str_shell_word(arena, item->work.name);

	return word != NULL ? word : item->work.name;
}

static const char *link_stranger_text(const struct zync_run *run, const struct zync_item *item, struct zync_arena *arena)
{
	if (item->hostid != item->work.hostid)
		return zync_arena_printf(arena,
					 "its custom field %s in NetBox points to hostid %llu, which in Zabbix is \"%s\", another name; "
					 "correct the field, or link it with "
					 "`zync host adopt %s`",
					 run->app->config->netbox.hostid_field, (unsigned long long)item->hostid, item->actual->host,
					 link_word(item, arena));
	return zync_arena_printf(
		arena,
		"its host was hostid %llu, which in Zabbix is \"%s\" now, another name without an ownership mark, and is left alone. "
		"If it is the right one, rename it there or give it the user macro %s with the value %s; if this is another Zabbix "
		"than before, start with a new store (hosts are found again by their marks)",
		(unsigned long long)item->hostid, item->actual->host, ZYNC_OWNER_MACRO, item->input.owner);
}

/*
 * A hostid is only a number: people edit NetBox's custom field, and the store may be shown another Zabbix than before. Without our mark on the host it
 * counts only with a name that fits; otherwise a wrong number would rewrite, disable or delete somebody else's host.
 */
static enum zync_status link_check_stranger(struct zync_run *run, struct zync_page *page, struct zync_item *item, struct zync_err *err)
{
	if (item->actual == NULL || item->actual->owner != NULL || !item_lives(item) || link_name_fits(run, item))
		return ZYNC_OK;
	return zync_item_fail(item, link_stranger_text(run, item, page->arena), err);
}

static enum zync_status link_claim(struct zync_run *run, struct zync_server_state *server, struct zync_page *page, struct zync_item *item,
				   struct zync_err *err)
{
	const char *other;
	char *owner;

	if (item->actual == NULL || !item_lives(item))
		return ZYNC_OK;
	if (item->actual->owner != NULL && !zync_str_eq(item->actual->owner, item->input.owner) &&
	    !zync_str_eq(item->actual->owner, item->input.owner_before))
		return ZYNC_OK; /* the plan refuses it; the one that the mark names may still claim it */
	other = zync_idmap_get(server->claims, item->actual->hostid);
	if (other != NULL && !zync_str_eq(other, item->input.owner))
		return zync_item_fail(item,
				      zync_arena_printf(page->arena, "its host in Zabbix (hostid %llu, \"%s\") belongs to %s already",
							(unsigned long long)item->actual->hostid, item->actual->host, other),
				      err);
	if (other != NULL)
		return ZYNC_OK;					  /* prepared a second time */
	owner = zync_arena_strdup(run->arena, item->input.owner); /* claims live as long as the run */
	return owner == NULL ? zync_err_nomem(err, "planning") : zync_idmap_put(server->claims, item->actual->hostid, owner, err);
}

static const char *link_conflict_text(const struct zync_item *item, const struct zync_host *other, struct zync_arena *arena)
{
	if (other->flags == ZYNC_ZABBIX_FLAG_TEMPLATE)
		return zync_arena_printf(arena, "a template in Zabbix has the name \"%s\"; a host cannot have it, too", other->host);
	if (other->flags != 0)
		return zync_arena_printf(
			arena,
			"a host \"%s\" exists in Zabbix already (hostid %llu); low-level discovery created it, so it is left alone: "
			"rename one of them, or exclude the object by a mapping",
			other->host, (unsigned long long)other->hostid);
	if (other->owner != NULL)
		return zync_arena_printf(
			arena,
			"a host \"%s\" exists in Zabbix already (hostid %llu) and belongs to %s; when that object is gone for good, "
			"delete its host with `zync host delete` (`zync host list` names it), or give one of them another name",
			other->host, (unsigned long long)other->hostid, other->owner);
	return zync_arena_printf(arena,
				 "a host \"%s\" exists in Zabbix already (hostid %llu) and is not managed by Zync; take it over with `zync "
				 "host adopt %s`, or rename one of them",
				 other->host, (unsigned long long)other->hostid, link_word(item, arena));
}

enum zync_status zync_page_check_names(struct zync_server_state *server, struct zync_page *page, struct zync_err *err)
{
	const char **names = ZYNC_NEW_ARRAY(page->arena, const char *, page->len);
	struct zync_map *wanted = zync_map_new(page->arena);
	struct zync_zabbix_hosts hosts = {0};
	size_t count = 0;

	if (names == NULL || wanted == NULL)
		return zync_err_nomem(err, "looking for hosts of the same name");
	for (size_t i = 0; i < page->len; i++) {
		struct zync_item *item = &page->items[i];

		if (item->actual != NULL || item->input.desired == NULL || !item_lives(item) || zync_str_empty(item->desired.host))
			continue;
		names[count++] = item->desired.host;
		ZYNC_TRY(zync_map_put(wanted, item->desired.host, item, err));
	}
	if (count == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_zabbix_find_by_names(server->zabbix, names, count, page->arena, &hosts, err));
	for (size_t i = 0; i < hosts.len; i++) {
		struct zync_item *item = zync_map_get(wanted, hosts.items[i].host);

		if (item == NULL || !item_lives(item))
			continue;
		/* Another run has created it since this one looked for its mark. */
		if (zync_str_eq(hosts.items[i].owner, item->input.owner)) {
			item->hostid = hosts.items[i].hostid;
			item->actual = &hosts.items[i];
			item->found_late = true;
		} else if (zync_idmap_get(server->freed, hosts.items[i].hostid) == NULL) {
			ZYNC_TRY(zync_item_fail(item, link_conflict_text(item, &hosts.items[i], page->arena), err));
		}
	}
	return ZYNC_OK;
}

/* Items whose host is not known, or is gone: by mark, then by NetBox's custom field. */
static enum zync_status link_search(struct zync_run *run, struct zync_server_state *server, struct zync_page *page, struct zync_err *err)
{
	bool searched = false;

	for (size_t i = 0; i < page->len; i++) {
		struct zync_item *item = &page->items[i];

		if (item->actual != NULL || !item_lives(item))
			continue;
		searched = true;
		ZYNC_TRY(link_load_marks(run, server, err));
		item->hostid = 0;
		ZYNC_TRY(link_by_mark(run, server, page, item, err));
		if (item->hostid == 0 && item_lives(item))
			ZYNC_TRY(zync_link_chassis_mark(run, server, page, item, err));
		if (item->hostid == 0 && item->work.nb_hostid != item->work.hostid &&
		    !link_moves_away(run, server, item, item->work.nb_hostid))
			item->hostid = item->work.nb_hostid;
	}
	if (searched)
		ZYNC_TRY(link_read_hosts(server, page, /* only_unread= */ true, err));
	for (size_t i = 0; i < page->len; i++)
		ZYNC_TRY(link_check_stranger(run, page, &page->items[i], err));
	return ZYNC_OK;
}

enum zync_status zync_page_observe(struct zync_run *run, struct zync_server_state *server, struct zync_page *page, struct zync_err *err)
{
	for (size_t i = 0; i < page->len; i++)
		page->items[i].hostid = page->items[i].work.hostid;
	ZYNC_TRY(link_read_hosts(server, page, /* only_unread= */ false, err));
	ZYNC_TRY(link_search(run, server, page, err));
	for (size_t i = 0; i < page->len; i++)
		ZYNC_TRY(zync_link_owner_before(run, &page->items[i], page->arena, err));
	for (size_t i = 0; i < page->len; i++)
		ZYNC_TRY(link_claim(run, server, page, &page->items[i], err));
	return ZYNC_OK;
}
