/* SPDX-License-Identifier: Apache-2.0 */
#include "zabbix/write_priv.h"

#define MOVE_DISCOVERED_ITEM 4u /* flags of an item that low-level discovery made: nobody may change it */
#define MOVE_CHUNK	     ((size_t)500)

/* Items of templates may change their interface, measured on 6.0 and 7.0; only the methods have different names. */
static const struct {
	const char *get;
	const char *update;
} move_kinds[] = {
	{"item.get", "item.update"},
	{"discoveryrule.get", "discoveryrule.update"},
	{"itemprototype.get", "itemprototype.update"},
};

static bool move_stays(const struct zync_host *target, uint64_t interfaceid)
{
	for (size_t i = 0; i < target->interfaces.len; i++) {
		if (target->interfaces.items[i].interfaceid == interfaceid)
			return true;
	}
	return false;
}

/* The interface of this type that is in Zabbix and stays: the default one where it is among them. 0: none. */
static uint64_t move_to(const struct zync_host *target, enum zync_interface_type type)
{
	uint64_t found = 0;

	for (size_t i = 0; i < target->interfaces.len; i++) {
		const struct zync_interface *in = &target->interfaces.items[i];

		if (in->type == type && in->interfaceid && (!found || in->main))
			found = in->interfaceid;
	}
	return found;
}

/* Interfaces that go, and the one of their host that their items move to. */
struct moves {
	struct move {
		uint64_t from;
		uint64_t to;
	} *items;
	size_t len;
};

static enum zync_status move_find(struct zync_zabbix_write *const *writes, size_t count, struct zync_arena *arena, struct moves *ret,
				  struct zync_err *err)
{
	size_t most = 0;

	for (size_t i = 0; i < count; i++)
		most += writes[i]->actual ? writes[i]->actual->interfaces.len : 0;
	*ret = (struct moves){.items = ZYNC_NEW_ARRAY(arena, struct move, most)};
	if (!ret->items)
		return zync_err_nomem(err, "moving items in zabbix");
	for (size_t i = 0; i < count; i++) {
		const struct zync_zabbix_write *w = writes[i];

		if (!w->actual || !w->target || !(w->aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES)))
			continue;
		for (size_t k = 0; k < w->actual->interfaces.len; k++) {
			const struct zync_interface *in = &w->actual->interfaces.items[k];
			struct move move = {.from = in->interfaceid, .to = move_to(w->target, in->type)};

			if (move.from && move.to && !move_stays(w->target, move.from))
				ret->items[ret->len++] = move;
		}
	}
	return ZYNC_OK;
}

static enum zync_status move_ask(struct zync_zabbix *z, const char *method, const struct moves *moves, struct zync_arena *arena,
				 const struct zync_jval **ret, struct zync_err *err)
{
	static const char *const output[] = {"itemid", "interfaceid", "flags"};
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *params = b ? zync_jb_object(b) : NULL;
	struct zync_jnode *list;

	if (!params)
		return zync_err_nomem(err, "moving items in zabbix");
	list = zync_jb_set_array(b, params, "output");
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(output); i++)
		zync_jb_add_str(b, list, output[i]);
	list = zync_jb_set_array(b, zync_jb_set_object(b, params, "filter"), "interfaceid");
	for (size_t i = 0; i < moves->len; i++)
		zync_jb_add_id(b, list, moves->items[i].from);
	return zync_zbx_call_node(z, method, ZYNC_ZBX_READ, b, params, arena, ret, err);
}

/* Parameters of an update of the next items of that interface, at most MOVE_CHUNK of them. */
static void move_params(struct zync_jiter *it, const struct move *move, struct zync_jb *b, struct zync_jnode *list)
{
	const struct zync_jval *v;

	while (zync_jnode_len(list) < MOVE_CHUNK && (v = zync_jiter_next(it, NULL))) {
		uint64_t id = 0;
		uint64_t from = 0;
		uint64_t flags = 0;
		struct zync_jnode *entry;

		(void)zync_jval_to_u64(zync_jval_get(v, "itemid"), &id);
		(void)zync_jval_to_u64(zync_jval_get(v, "interfaceid"), &from);
		(void)zync_jval_to_u64(zync_jval_get(v, "flags"), &flags);
		if (!id || from != move->from || (flags & MOVE_DISCOVERED_ITEM))
			continue;
		entry = zync_jb_add_object(b, list);
		zync_jb_set_id(b, entry, "itemid", id);
		zync_jb_set_id(b, entry, "interfaceid", move->to);
	}
}

/* One interface at a time, so that what is refused is in the way of its own host only. */
static enum zync_status move_one(struct zync_zabbix *z, const char *method, const struct zync_jval *users, const struct move *move,
				 struct zync_arena *arena, struct zync_err *err)
{
	const struct zync_jval *result;
	struct zync_jiter it;

	zync_jiter_init(&it, users);
	for (;;) {
		struct zync_jb *b = zync_jb_new(arena);
		struct zync_jnode *list = b ? zync_jb_array(b) : NULL;

		if (!list)
			return zync_err_nomem(err, "moving items in zabbix");
		move_params(&it, move, b, list);
		if (zync_jnode_len(list) == 0)
			return ZYNC_OK;
		ZYNC_TRY(zync_zbx_call_node(z, method, ZYNC_ZBX_WRITE, b, list, arena, &result, err));
	}
}

/*
 * What may not be moved, or not by this user, stays where it is, and the update of its host is refused in Zabbix's words. Where no answer came the update will find out
 * whether there is a server, and moving is repeated safely by the next run.
 */
static bool move_goes_on(enum zync_status status, const struct zync_err *own)
{
	return status == ZYNC_OK || status == ZYNC_ERR_REJECTED || status == ZYNC_ERR_UNREACHABLE ||
	       (status == ZYNC_ERR_AUTH && own->origin == ZYNC_ORIGIN_JSONRPC);
}

enum zync_status zync_zbx_move_items(struct zync_zabbix *z, struct zync_zabbix_write *const *writes, size_t count, struct zync_arena *arena,
				     struct zync_err *err)
{
	struct moves moves;

	ZYNC_TRY(move_find(writes, count, arena, &moves, err));
	for (size_t kind = 0; moves.len > 0 && kind < ZYNC_ARRAY_LEN(move_kinds); kind++) {
		const struct zync_jval *users = NULL;
		struct zync_err own = {.status = ZYNC_OK};
		enum zync_status status = move_ask(z, move_kinds[kind].get, &moves, arena, &users, &own);

		for (size_t i = 0; status == ZYNC_OK && i < moves.len; i++) {
			status = move_one(z, move_kinds[kind].update, users, &moves.items[i], arena, &own);
			if (move_goes_on(status, &own))
				status = ZYNC_OK;
		}
		if (!move_goes_on(status, &own)) {
			zync_err_copy(err, &own);
			return status;
		}
	}
	return ZYNC_OK;
}
