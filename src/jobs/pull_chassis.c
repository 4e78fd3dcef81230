/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual chassis as one host: its master stands for it, and when the master changes, the host config moves to the new one with its host. Which host config is that of a chassis, its
 * desired state says (the id of the chassis, see zync_host.virtual_chassis); names and members of a chassis change. See docs/internals/chassis.md.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "jobs/pull.h"

/* One host config on its way. */
struct move {
	struct known *known;
	uint64_t from, to;
	const struct zync_nb_chassis *chassis; /* NULL: a leftover that makes room */
	bool dropped;
};

static bool chassis_counts(const struct pull *pull)
{
	const struct zync_cfg_netbox *config = &pull->run->app->config->netbox;

	return config->virtual_chassis == ZYNC_VC_ONE_HOST && config->devices;
}

static enum zync_status chassis_nomem(struct zync_err *err)
{
	return zync_err_nomem(err, "looking for hosts of virtual chassis");
}

enum zync_status zync_chassis_reason(const struct zync_nb_object *object, struct zync_arena *arena, const char **ret_reason,
				     struct zync_err *err)
{
	const struct zync_nb_chassis *chassis = object->chassis;
	const char *name;

	*ret_reason = NULL;
	if (chassis == NULL || chassis->master == object->id)
		return ZYNC_OK;
	name = chassis->name != NULL ? chassis->name : "";
	if (chassis->master == 0)
		*ret_reason = zync_arena_printf(
			arena,
			"member of the virtual chassis \"%s\", which has no master, so that no device stands for it; choose its "
			"master in NetBox, or set netbox.virtual_chassis to members",
			name);
	else
		*ret_reason = zync_arena_printf(arena, "member of the virtual chassis \"%s\", whose master \"%s\" is the host", name,
						chassis->master_name != NULL ? chassis->master_name : "");
	return *ret_reason != NULL ? ZYNC_OK : zync_err_nomem(err, "deriving a host");
}

/* ---- what the store and NetBox know ---- */

static enum zync_status chassis_load(struct pull *pull, struct zync_err *err)
{
	if (pull->chassis_read)
		return ZYNC_OK;
	ZYNC_TRY(zync_store_chassis_rows(pull->run->app->store, pull->run->arena, &pull->chassis_rows, &pull->chassis_row_count, err));
	pull->chassis_read = true;
	return ZYNC_OK;
}

/* One that is monitored is the chassis' host; another one was left behind when it had a master that was not selected. */
static bool row_is_better(const struct zync_chassis_row *row, const struct zync_chassis_row *than)
{
	bool gone = zync_str_eq(row->state, "missing") || zync_str_eq(row->state, "removed");
	bool than_gone = zync_str_eq(than->state, "missing") || zync_str_eq(than->state, "removed");

	return than_gone && !gone;
}

/* The host config of the chassis that is to move to its master; NULL: none, or it is there already. */
static const struct zync_chassis_row *chassis_row_to_move(const struct pull *pull, const struct zync_nb_chassis *chassis)
{
	const struct zync_chassis_row *best = NULL;

	for (size_t i = 0; i < pull->chassis_row_count; i++) {
		const struct zync_chassis_row *row = &pull->chassis_rows[i];

		if (row->chassis != chassis->id)
			continue;
		if (row->object_id == chassis->master)
			return NULL;
		if (best == NULL || row_is_better(row, best))
			best = row;
	}
	return best;
}

/* A device that belongs to a chassis whose master is another one is no host. */
static bool chassis_is_member(const struct pull *pull, uint64_t device)
{
	struct zync_nb_chassis chassis;
	size_t pos = 0;

	while (zync_netbox_next_chassis(pull->run->app->netbox, &pos, &chassis)) {
		if (chassis.master != device && zync_nb_chassis_has(&chassis, device))
			return true;
	}
	return false;
}

struct selected {
	struct pull *pull;
	bool answer;
};

static enum zync_status selected_on_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct selected *selected = ctx;
	struct zync_rules_result result;

	zync_arena_clear(selected->pull->scratch);
	ZYNC_TRY(zync_pull_derive(selected->pull, object, &result, err));
	selected->answer = result.verdict != ZYNC_VERDICT_SKIPPED;
	return ZYNC_OK;
}

/* Does NetBox have the device, and do filter and rules want it? Asked only where a host may move. */
static enum zync_status chassis_selected(struct pull *pull, uint64_t device, bool *ret, struct zync_err *err)
{
	struct zync_nb_walk walk = zync_pull_walk_of(pull, ZYNC_NB_DEVICE);
	struct selected selected = {.pull = pull};

	walk.id = device;
	ZYNC_TRY(zync_netbox_walk(pull->run->app->netbox, &walk, selected_on_object, &selected, err));
	*ret = selected.answer;
	return ZYNC_OK;
}

/* ---- the moves ---- */

static struct move *move_of(const struct zync_vec *moves, const struct known *known)
{
	for (size_t i = 0; i < moves->len; i++) {
		struct move *move = moves->items[i];

		if (move->known == known && !move->dropped)
			return move;
	}
	return NULL;
}

static bool move_goes_to(const struct zync_vec *moves, uint64_t device)
{
	for (size_t i = 0; i < moves->len; i++) {
		const struct move *move = moves->items[i];

		if (move->to == device && !move->dropped)
			return true;
	}
	return false;
}

static enum zync_status move_add(struct pull *pull, struct zync_vec *moves, struct known *known, uint64_t to,
				 const struct zync_nb_chassis *chassis, struct zync_err *err)
{
	struct move *move = ZYNC_NEW(pull->run->arena, struct move);
	struct zync_nb_chassis *copy = chassis != NULL ? ZYNC_NEW(pull->run->arena, struct zync_nb_chassis) : NULL;

	if (move == NULL || (chassis != NULL && copy == NULL))
		return chassis_nomem(err);
	if (copy != NULL)
		*copy = *chassis;
	*move = (struct move){.known = known, .from = known->config->object_id, .to = to, .chassis = copy};
	return zync_vec_push(moves, move, err);
}

/* Has the chassis another master than its host config? Then that moves, if the new one is wanted at all. */
static enum zync_status move_find(struct pull *pull, const struct zync_nb_chassis *chassis, struct zync_vec *moves, struct zync_err *err)
{
	const struct zync_chassis_row *row = chassis->master != 0 ? chassis_row_to_move(pull, chassis) : NULL;
	struct known *known = row != NULL ? zync_pull_known(pull, "device", row->object_id) : NULL;
	bool selected = false;

	if (known == NULL || known->config->pk != row->pk)
		return ZYNC_OK;
	ZYNC_TRY(chassis_selected(pull, chassis->master, &selected, err));
	return selected ? move_add(pull, moves, known, chassis->master, chassis, err) : ZYNC_OK;
}

/*
 * The new master has a host config, of the time when each member had one: it changes places with the one of the chassis, which only works when the former master is no host now. If it is, nothing
 * moves: both stay what they are, and none gets the other's.
 */
static enum zync_status move_make_room(struct pull *pull, struct zync_vec *moves, struct move *move, struct known *occupant,
				       struct zync_err *err)
{
	bool own = move_goes_to(moves, move->from);

	if (!own && !chassis_is_member(pull, move->from))
		ZYNC_TRY(chassis_selected(pull, move->from, &own, err));
	if (!own)
		return move_add(pull, moves, occupant, move->from, NULL, err);
	move->dropped = true;
	return ZYNC_OK;
}

/* Until every place that a host config moves to is free. */
static enum zync_status moves_settle(struct pull *pull, struct zync_vec *moves, struct zync_err *err)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < moves->len; i++) {
			struct move *move = moves->items[i];
			struct known *occupant = zync_pull_known(pull, "device", move->to);

			if (move->dropped || move->chassis == NULL || occupant == NULL || move_of(moves, occupant) != NULL)
				continue;
			ZYNC_TRY(move_make_room(pull, moves, move, occupant, err));
			again = true;
		}
	}
	return ZYNC_OK;
}

static enum zync_status move_note(struct zync_run *run, const struct move *move, struct zync_err *err)
{
	struct zync_host_move *note = ZYNC_NEW(run->arena, struct zync_host_move);

	if (note == NULL)
		return chassis_nomem(err);
	*note = (struct zync_host_move){.server = move->known->config->server,
					.hostid = move->known->config->hostid,
					.from = move->from,
					.to = move->to,
					.chassis = move->chassis != NULL ? move->chassis->id : 0};
	if (move->chassis != NULL && note->hostid != 0 && !run->pull_only && !run->dry)
		zync_log_info(
			"The host \"%s\" (hostid %llu) moves from device:%llu to device:%llu, the new master of the virtual chassis \"%s\"",
			move->known->config->host != NULL ? move->known->config->host : move->known->config->name,
			(unsigned long long)note->hostid, (unsigned long long)move->from, (unsigned long long)move->to,
			move->chassis->name != NULL ? move->chassis->name : "");
	return zync_vec_push(&run->moves, note, err);
}

/* From here on the host configs are those of their new objects. */
static enum zync_status moves_apply(struct pull *pull, const struct zync_vec *moves, struct zync_err *err)
{
	struct known *nobody = ZYNC_NEW(pull->run->arena, struct known);

	if (nobody == NULL)
		return chassis_nomem(err);
	for (size_t i = 0; i < moves->len; i++) {
		const struct move *move = moves->items[i];

		if (!move->dropped)
			ZYNC_TRY(zync_idmap_put(pull->known, zync_pull_key("device", move->from), nobody, err));
	}
	for (size_t i = 0; i < moves->len; i++) {
		const struct move *move = moves->items[i];
		struct zync_host_config *config = ZYNC_NEW(pull->run->arena, struct zync_host_config);

		if (move->dropped)
			continue;
		if (config == NULL)
			return chassis_nomem(err);
		*config = *move->known->config;
		config->object_id = move->to;
		move->known->config = config;
		move->known->moved_from = move->from;
		move->known->leftover = move->chassis == NULL;
		ZYNC_TRY(zync_idmap_put(pull->known, zync_pull_key("device", move->to), move->known, err));
		ZYNC_TRY(move_note(pull->run, move, err));
	}
	return ZYNC_OK;
}

enum zync_status zync_pull_moves(struct pull *pull, struct zync_err *err)
{
	struct zync_nb_chassis chassis;
	struct zync_vec moves;
	size_t pos = 0;

	if (!chassis_counts(pull))
		return ZYNC_OK;
	zync_vec_init(&moves, pull->run->arena);
	ZYNC_TRY(chassis_load(pull, err));
	while (zync_netbox_next_chassis(pull->run->app->netbox, &pos, &chassis))
		ZYNC_TRY(move_find(pull, &chassis, &moves, err));
	ZYNC_TRY(moves_settle(pull, &moves, err));
	return moves_apply(pull, &moves, err);
}

bool zync_pull_moves_away(const struct pull *pull, const char *type, uint64_t id)
{
	for (size_t i = 0; i < pull->run->moves.len && zync_str_eq(type, "device"); i++) {
		if (((const struct zync_host_move *)pull->run->moves.items[i])->from == id)
			return true;
	}
	return false;
}

/* ---- a run over named objects ---- */

/* Is it the chassis' name, or a member's name or id? */
static bool chassis_is_named(const struct zync_nb_chassis *chassis, const char *host)
{
	const struct zync_jval *member;
	struct zync_jiter it;
	uint64_t wanted = 0;
	uint64_t id = 0;
	bool by_id = zync_str_starts(host, "device:") && zync_str_to_u64(host + strlen("device:"), &wanted);

	if (!by_id && zync_str_eq(chassis->name, host))
		return true;
	zync_jiter_init(&it, chassis->members);
	while ((member = zync_jiter_next(&it, NULL)) != NULL) {
		if (by_id ? zync_jval_to_u64(zync_jval_get(member, "id"), &id) && id == wanted
			  : zync_str_eq(zync_jval_get_str(member, "name"), host))
			return true;
	}
	return false;
}

/* Does one of the host configs that were named stand for it? */
static bool chassis_is_stored(const struct pull *pull, const struct zync_nb_chassis *chassis)
{
	for (size_t i = 0; i < pull->chassis_row_count; i++) {
		const struct zync_chassis_row *row = &pull->chassis_rows[i];
		const struct known *known = row->chassis == chassis->id ? zync_pull_known(pull, "device", row->object_id) : NULL;

		if (known != NULL && known->config->pk == row->pk)
			return true;
	}
	return false;
}

/* Its host config, and what its master has of its own. */
static enum zync_status chassis_remember(struct pull *pull, const struct zync_nb_chassis *chassis, struct zync_err *err)
{
	size_t count;
	char name[48];

	for (size_t i = 0; i < pull->chassis_row_count; i++) {
		if (pull->chassis_rows[i].chassis != chassis->id)
			continue;
		(void)snprintf(name, sizeof(name), "pk:%llu", (unsigned long long)pull->chassis_rows[i].pk);
		ZYNC_TRY(zync_pull_load_known(pull, name, &count, err));
	}
	(void)snprintf(name, sizeof(name), "device:%llu", (unsigned long long)chassis->master);
	return chassis->master != 0 ? zync_pull_load_known(pull, name, &count, err) : ZYNC_OK;
}

static enum zync_status note_on_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	return zync_pull_note_field(ctx, object, err);
}

/* Members that this run does not meet may still have the hostid in their custom field. */
static enum zync_status chassis_note_fields(struct pull *pull, const struct zync_nb_chassis *chassis, struct zync_err *err)
{
	struct zync_nb_walk walk = {.type = ZYNC_NB_DEVICE, .chassis = chassis->id};

	if (!pull->run->app->config->netbox.write_back)
		return ZYNC_OK;
	ZYNC_TRY(zync_netbox_walk(pull->run->app->netbox, &walk, note_on_object, pull, err));
	for (size_t i = 0; i < pull->run->moves.len; i++) {
		const struct zync_host_move *move = pull->run->moves.items[i];

		walk = (struct zync_nb_walk){.type = ZYNC_NB_DEVICE, .id = move->from};
		if (move->chassis == chassis->id && !zync_nb_chassis_has(chassis, move->from))
			ZYNC_TRY(zync_netbox_walk(pull->run->app->netbox, &walk, note_on_object, pull, err));
	}
	return ZYNC_OK;
}

enum zync_status zync_pull_named_chassis(struct pull *pull, const char *host, struct zync_err *err)
{
	struct zync_vec moves, named;
	struct zync_nb_chassis chassis, *kept;
	size_t pos = 0;

	if (!chassis_counts(pull))
		return ZYNC_OK;
	zync_vec_init(&moves, pull->run->arena);
	zync_vec_init(&named, pull->run->arena);
	ZYNC_TRY(chassis_load(pull, err));
	while (zync_netbox_next_chassis(pull->run->app->netbox, &pos, &chassis)) {
		if (!chassis_is_named(&chassis, host) && !chassis_is_stored(pull, &chassis))
			continue;
		kept = ZYNC_NEW(pull->run->arena, struct zync_nb_chassis);
		if (kept == NULL)
			return chassis_nomem(err);
		*kept = chassis;
		ZYNC_TRY(zync_vec_push(&named, kept, err));
		ZYNC_TRY(chassis_remember(pull, kept, err));
		ZYNC_TRY(move_find(pull, kept, &moves, err));
	}
	ZYNC_TRY(moves_settle(pull, &moves, err));
	ZYNC_TRY(moves_apply(pull, &moves, err));
	for (size_t i = 0; i < named.len; i++) {
		kept = named.items[i];
		ZYNC_TRY(chassis_note_fields(pull, kept, err));
		if (kept->master != 0)
			ZYNC_TRY(zync_pull_walk(pull, ZYNC_NB_DEVICE, NULL, kept->master, err));
	}
	return ZYNC_OK;
}

/* ---- NetBox's custom field ---- */

enum zync_status zync_pull_note_field(struct pull *pull, const struct zync_nb_object *object, struct zync_err *err)
{
	struct zync_run *run = pull->run;
	struct zync_stale_field *field;

	if (!chassis_counts(pull) || !run->app->config->netbox.write_back || object->hostid == 0 || object->type != ZYNC_NB_DEVICE ||
	    zync_nb_object_is_chassis(object))
		return ZYNC_OK;
	if (object->chassis == NULL && !zync_pull_moves_away(pull, "device", object->id))
		return ZYNC_OK;
	field = ZYNC_NEW(run->arena, struct zync_stale_field);
	if (field == NULL)
		return chassis_nomem(err);
	*field = (struct zync_stale_field){.device = object->id, .hostid = object->hostid};
	return zync_vec_push(&run->stale_fields, field, err);
}
