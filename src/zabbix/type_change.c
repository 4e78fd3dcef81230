/* SPDX-License-Identifier: Apache-2.0 */
#include "zabbix/write_priv.h"

#define CHANGE_CHUNK	       ((size_t)50)
#define CHANGE_DISCOVERED_ITEM 4u /* flags of an item that low-level discovery made: it goes with its rule */

/* One update with its steps. */
struct change {
	struct zync_zabbix_write *w;
	struct zync_ref_list keep;  /* templates that may stay linked */
	struct zync_ref_list clear; /* templates whose items use an interface that goes */
	bool own_items;		    /* an item of the host itself uses it, or one that shall stay: only the user can help */
	struct zync_host first_target;
	struct zync_host between; /* the host after the first step */
	struct zync_zabbix_write first, second, back;
};

static bool change_has_type(const struct zync_host *host, enum zync_interface_type type)
{
	for (size_t i = 0; i < host->interfaces.len; i++) {
		if (host->interfaces.items[i].type == type)
			return true;
	}
	return false;
}

bool zync_zbx_is_type_change(const struct zync_zabbix_write *w)
{
	if (w->kind != ZYNC_ZABBIX_UPDATE || !w->actual || !w->target || !(w->aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES)) ||
	    w->actual->templates.len == 0)
		return false;
	for (size_t i = 0; i < w->actual->interfaces.len; i++) {
		if (!change_has_type(w->target, w->actual->interfaces.items[i].type))
			return true;
	}
	return false;
}

/* --- which templates stand in the way -------------------------------------------------------------------------------------------------- */

static struct change *change_by_hostid(struct change *changes, size_t count, uint64_t hostid)
{
	for (size_t i = 0; i < count; i++) {
		if (changes[i].w->hostid == hostid)
			return &changes[i];
	}
	return NULL;
}

/* {"output": […], "filter": {"interfaceid": […]}} of all interfaces whose type goes. */
static enum zync_status change_ask_users(struct zync_zabbix *z, const char *method, const struct change *changes, size_t count,
					 struct zync_arena *arena, const struct zync_jval **ret, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_jnode *list;

	if (!params)
		return zync_err_nomem(err, "changing interfaces in zabbix");
	list = zync_jb_set_array(b, params, "output");
	zync_jb_add_str(b, list, "itemid");
	zync_jb_add_str(b, list, "hostid");
	zync_jb_add_str(b, list, "templateid");
	zync_jb_add_str(b, list, "flags");
	list = zync_jb_set_array(b, zync_jb_set_object(b, params, "filter"), "interfaceid");
	for (size_t i = 0; i < count; i++) {
		const struct zync_host *actual = changes[i].w->actual;

		for (size_t k = 0; k < actual->interfaces.len; k++) {
			if (!change_has_type(changes[i].w->target, actual->interfaces.items[k].type))
				zync_jb_add_id(b, list, actual->interfaces.items[k].interfaceid);
		}
	}
	return zync_zbx_call_node(z, method, ZYNC_ZBX_READ, b, params, arena, ret, err);
}

/* Item of a template → the template. */
static enum zync_status change_ask_parents(struct zync_zabbix *z, const char *method, const struct zync_jval *users,
					   struct zync_arena *arena, struct zync_idmap **ret, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_idmap *map = zync_idmap_new(arena);
	struct zync_jnode *list;
	const struct zync_jval *result;
	const struct zync_jval *v;
	struct zync_jiter it;
	uint64_t id;

	if (!params || !map)
		return zync_err_nomem(err, "changing interfaces in zabbix");
	*ret = map;
	list = zync_jb_set_array(b, params, "output");
	zync_jb_add_str(b, list, "itemid");
	zync_jb_add_str(b, list, "hostid");
	list = zync_jb_set_array(b, params, "itemids");
	zync_jiter_init(&it, users);
	while ((v = zync_jiter_next(&it, NULL))) {
		if (zync_jval_to_u64(zync_jval_get(v, "templateid"), &id) && id)
			zync_jb_add_id(b, list, id);
	}
	if (zync_jnode_len(list) == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_zbx_call_node(z, method, ZYNC_ZBX_READ, b, params, arena, &result, err));
	zync_jiter_init(&it, result);
	while ((v = zync_jiter_next(&it, NULL))) {
		uint64_t *templateid = ZYNC_NEW(arena, uint64_t);

		if (!templateid)
			return zync_err_nomem(err, "changing interfaces in zabbix");
		if (zync_jval_to_u64(zync_jval_get(v, "itemid"), &id) && zync_jval_to_u64(zync_jval_get(v, "hostid"), templateid))
			ZYNC_TRY(zync_idmap_put(map, id, templateid, err));
	}
	return ZYNC_OK;
}

static bool change_has_ref(const struct zync_ref_list *list, uint64_t id)
{
	for (size_t i = 0; list && i < list->len; i++) {
		if (list->items[i].id == id)
			return true;
	}
	return false;
}

/* Shall the items of this template stay when it is unlinked? Then they must not be cleared on the way, either. */
static bool change_keeps_items(const struct change *c, uint64_t templateid)
{
	return change_has_ref(c->w->keep_items, templateid) && !change_has_ref(&c->w->target->templates, templateid);
}

/* Move a template of the host to those that are cleared. One that is not linked directly means that all of them are in doubt. */
static void change_clear(struct change *c, uint64_t templateid)
{
	bool known = false;
	size_t kept = 0;

	for (size_t i = 0; i < c->clear.len; i++)
		known = known || c->clear.items[i].id == templateid;
	for (size_t i = 0; i < c->keep.len; i++)
		known = known || c->keep.items[i].id == templateid;
	for (size_t i = 0; i < c->keep.len; i++) {
		if ((c->keep.items[i].id == templateid || !known) && !change_keeps_items(c, c->keep.items[i].id))
			c->clear.items[c->clear.len++] = c->keep.items[i];
		else
			c->keep.items[kept++] = c->keep.items[i];
	}
	c->keep.len = kept;
}

/* Items, rules or prototypes of the hosts that use an interface that goes. */
static enum zync_status change_find_users(struct zync_zabbix *z, const char *method, struct change *changes, size_t count,
					  struct zync_arena *arena, struct zync_err *err)
{
	const struct zync_jval *users;
	const struct zync_jval *v;
	struct zync_idmap *parents = NULL;
	struct zync_jiter it;

	ZYNC_TRY(change_ask_users(z, method, changes, count, arena, &users, err));
	ZYNC_TRY(change_ask_parents(z, method, users, arena, &parents, err));
	zync_jiter_init(&it, users);
	while ((v = zync_jiter_next(&it, NULL))) {
		uint64_t hostid = 0;
		uint64_t parent = 0;
		uint64_t flags = 0;
		const uint64_t *templateid;
		struct change *c;

		(void)zync_jval_to_u64(zync_jval_get(v, "hostid"), &hostid);
		(void)zync_jval_to_u64(zync_jval_get(v, "templateid"), &parent);
		(void)zync_jval_to_u64(zync_jval_get(v, "flags"), &flags);
		c = change_by_hostid(changes, count, hostid);
		if (!c || (flags & CHANGE_DISCOVERED_ITEM))
			continue;
		templateid = parent ? zync_idmap_get(parents, parent) : NULL;
		if (!parent || (templateid && change_keeps_items(c, *templateid)))
			c->own_items = true;
		else
			change_clear(c, templateid ? *templateid : 0);
	}
	return ZYNC_OK;
}

/* Split the templates of each host into those that may stay and those that stand in the way. */
static enum zync_status change_classify(struct zync_zabbix *z, struct change *changes, size_t count, struct zync_arena *arena,
					struct zync_err *err)
{
	static const char *const methods[] = {"item.get", "discoveryrule.get", "itemprototype.get"};
	struct zync_err own;

	for (size_t i = 0; i < count; i++) {
		const struct zync_ref_list *had = &changes[i].w->actual->templates;

		changes[i].keep.items = ZYNC_NEW_ARRAY(arena, struct zync_ref, had->len);
		changes[i].clear.items = ZYNC_NEW_ARRAY(arena, struct zync_ref, had->len);
		if (!changes[i].keep.items || !changes[i].clear.items)
			return zync_err_nomem(err, "changing interfaces in zabbix");
		for (size_t k = 0; k < had->len; k++)
			changes[i].keep.items[changes[i].keep.len++] = had->items[k];
	}
	for (size_t m = 0; m < ZYNC_ARRAY_LEN(methods); m++) {
		enum zync_status status = change_find_users(z, methods[m], changes, count, arena, &own);

		/* A role without the right to read items: then every template counts as standing in the way. */
		if (status == ZYNC_ERR_REJECTED || (status == ZYNC_ERR_AUTH && own.origin == ZYNC_ORIGIN_JSONRPC)) {
			for (size_t i = 0; i < count; i++)
				change_clear(&changes[i], 0);
		} else if (status != ZYNC_OK) {
			zync_err_copy(err, &own);
			return status;
		}
	}
	return ZYNC_OK;
}

/* --- the steps ------------------------------------------------------------------------------------------------------------------------ */

static void change_prepare(struct change *c)
{
	const struct zync_zabbix_write *w = c->w;

	c->first_target = *w->actual;
	c->first_target.templates = c->keep;
	c->between = c->first_target;
	c->first = (struct zync_zabbix_write){.kind = ZYNC_ZABBIX_UPDATE,
					      .label = w->label,
					      .hostid = w->hostid,
					      .target = &c->first_target,
					      .actual = w->actual,
					      .aspects = ZYNC_ASPECT_BIT(ZYNC_ASPECT_TEMPLATES)};
	c->second = c->first;
	c->second.target = w->target;
	c->second.actual = &c->between;
	c->second.aspects = w->aspects | ZYNC_ASPECT_BIT(ZYNC_ASPECT_TEMPLATES);
	c->second.keep_items = w->keep_items;
	c->second.drop_mark = w->drop_mark;
	c->back = c->first;
	c->back.target = w->actual;
	c->back.actual = &c->between;
}

/* The second step was refused: say whether the host has its old templates again. */
static void change_finish_refused(struct change *c)
{
	c->w->err = c->second.err;
	if (c->back.done)
		(void)zync_err_set(&c->w->err, ZYNC_ERR_REJECTED,
				   "%s (its templates had to be cleared for the change of interfaces and are linked again; the history of "
				   "their items is gone)",
				   c->second.err.message);
	else
		(void)zync_err_set(&c->w->err, ZYNC_ERR_REJECTED,
				   "%s (its templates had to be cleared for the change of interfaces and could not be linked again: %s)",
				   c->second.err.message, c->back.err.message);
	(void)zync_err_origin(&c->w->err, c->second.err.origin, c->second.err.code);
}

enum change_step { CHANGE_FIRST, CHANGE_SECOND, CHANGE_BACK };

/* Write one step of those that are due for it. */
static enum zync_status change_run_step(struct zync_zabbix *z, struct change *staged, size_t count, enum change_step step,
					struct zync_zabbix_write **room, struct zync_err *err)
{
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		struct change *c = &staged[i];

		if (step == CHANGE_FIRST)
			room[len++] = &c->first;
		else if (step == CHANGE_SECOND && c->first.done)
			room[len++] = &c->second;
		else if (step == CHANGE_BACK && c->first.done && c->second.err.status != ZYNC_OK)
			room[len++] = &c->back;
	}
	return zync_zbx_write_kind(z, ZYNC_ZABBIX_UPDATE, room, len, NULL, err);
}

/* The outcome of the steps so far, as the outcome of the update itself. */
static size_t change_outcomes(struct change *staged, size_t count, struct zync_zabbix_write **room)
{
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		struct change *c = &staged[i];

		if (c->second.done)
			c->w->done = true;
		else if (c->second.err.status != ZYNC_OK)
			change_finish_refused(c);
		else if (c->first.err.status != ZYNC_OK)
			c->w->err = c->first.err;
		else
			continue;
		room[len++] = c->w;
	}
	return len;
}

static enum zync_status change_run_staged(struct zync_zabbix *z, struct change *staged, size_t count, struct zync_zabbix_write **room,
					  const struct zync_zabbix_observer *observer, struct zync_err *err)
{
	static const enum change_step steps[] = {CHANGE_FIRST, CHANGE_SECOND, CHANGE_BACK};
	enum zync_status status = ZYNC_OK;
	struct zync_err later;
	size_t len;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(steps) && status == ZYNC_OK; i++)
		status = change_run_step(z, staged, count, steps[i], room, err);
	len = change_outcomes(staged, count, room);
	if (len > 0 && observer && observer->written) {
		enum zync_status reported = observer->written(observer->ctx, room, len, status == ZYNC_OK ? err : &later);

		if (status == ZYNC_OK)
			status = reported;
	}
	return status;
}

static enum zync_status change_run_chunk(struct zync_zabbix *z, struct zync_zabbix_write *const *writes, size_t count,
					 const struct zync_zabbix_observer *observer, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct change *changes = arena ? ZYNC_NEW_ARRAY(arena, struct change, count) : NULL;
	struct zync_zabbix_write **room = arena ? ZYNC_NEW_ARRAY(arena, struct zync_zabbix_write *, count) : NULL;
	size_t plain = 0;
	size_t staged = 0;

	if (!changes || !room)
		return zync_err_nomem(err, "changing interfaces in zabbix");
	for (size_t i = 0; i < count; i++)
		changes[i].w = writes[i];
	ZYNC_TRY(change_classify(z, changes, count, arena, err));
	/* Nothing in the way, or something that clearing templates would not move: one ordinary call, and Zabbix's own words if it refuses. */
	for (size_t i = 0; i < count; i++) {
		if (changes[i].clear.len == 0 || changes[i].own_items)
			room[plain++] = changes[i].w;
	}
	ZYNC_TRY(zync_zbx_write_kind(z, ZYNC_ZABBIX_UPDATE, room, plain, observer, err));
	for (size_t i = 0; i < count; i++) {
		if (changes[i].clear.len > 0 && !changes[i].own_items)
			changes[staged++] = changes[i];
	}
	for (size_t i = 0; i < staged; i++) {
		change_prepare(&changes[i]);
		room[i] = changes[i].w;
	}
	ZYNC_TRY(zync_zbx_intend(observer, room, staged, err));
	return change_run_staged(z, changes, staged, room, observer, err);
}

enum zync_status zync_zbx_type_changes(struct zync_zabbix *z, struct zync_zabbix_write *const *writes, size_t count,
				       const struct zync_zabbix_observer *observer, struct zync_err *err)
{
	for (size_t i = 0; i < count; i += CHANGE_CHUNK)
		ZYNC_TRY(change_run_chunk(z, writes + i, ZYNC_MIN(count - i, CHANGE_CHUNK), observer, err));
	return ZYNC_OK;
}
