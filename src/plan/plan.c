/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan.h"

#include <string.h>

#include "base/str.h"
#include "model/names.h"

/* Zabbix's flag of a host that low-level discovery made: most of its fields are read-only, and it is never ours. */
#define FLAG_DISCOVERED 4u

const char *zync_op_kind_name(enum zync_op_kind kind)
{
	switch (kind) {
	case ZYNC_OP_CREATE:
		return "create";
	case ZYNC_OP_UPDATE:
		return "update";
	case ZYNC_OP_DISABLE:
		return "disable";
	case ZYNC_OP_DELETE:
		return "delete";
	case ZYNC_OP_FORGET:
		return "forget";
	case ZYNC_OP_REPORT:
		return "report";
	case ZYNC_OP_FAIL:
		return "fail";
	case ZYNC_OP_NONE:
	case ZYNC_OP_DONE:
		break;
	}
	return "none";
}

static enum zync_status plan_fail(struct zync_op *op, const char *reason, struct zync_err *err)
{
	if (reason == NULL)
		return zync_err_nomem(err, "planning");
	op->kind = ZYNC_OP_FAIL;
	op->reason = reason;
	return ZYNC_OK;
}

bool zync_plan_is_buried(const struct zync_cfg_sync *policy, const struct zync_host *actual)
{
	return actual->status == ZYNC_HOST_DISABLED && actual->groups.len == 1 &&
	       zync_str_eq(actual->groups.items[0].name, policy->graveyard_group) && strstr(actual->host, policy->graveyard_suffix) != NULL;
}

/* "core-sw1" → "core-sw1_deleted_10542": the hostid keeps two buried hosts of one name apart. */
static const char *plan_buried_name(const struct zync_cfg_sync *policy, const char *name, uint64_t hostid, struct zync_arena *arena)
{
	const char *suffix = zync_arena_printf(arena, "%s_%llu", policy->graveyard_suffix, (unsigned long long)hostid);
	size_t suffix_chars;

	if (suffix == NULL)
		return NULL;
	suffix_chars = zync_utf8_len(suffix);
	if (suffix_chars >= ZYNC_HOST_NAME_MAX)
		return zync_arena_printf(arena, "%llu", (unsigned long long)hostid);
	return zync_arena_printf(arena, "%.*s%s", (int)zync_utf8_prefix(name, ZYNC_HOST_NAME_MAX - suffix_chars), name, suffix);
}

static enum zync_status plan_diff(const struct zync_host *actual, struct zync_arena *arena, struct zync_op *op, struct zync_err *err)
{
	op->actual = actual;
	return zync_host_diff(&op->target, actual, arena, &op->diff, err);
}

/* Soft: rename, disable, move to the graveyard group. Templates, items and history stay, so that the host can come back. */
static enum zync_status plan_delete(const struct zync_cfg_sync *policy, const struct zync_plan_input *in, struct zync_arena *arena,
				    struct zync_op *op, struct zync_err *err)
{
	op->kind = ZYNC_OP_DELETE;
	op->actual = in->actual;
	op->reason = in->reason;
	op->hard = policy->delete_mode == ZYNC_DELETE_HARD;
	op->target = *in->actual;
	if (op->hard)
		return ZYNC_OK;
	struct zync_ref *grave = ZYNC_NEW(arena, struct zync_ref);

	op->target.host = plan_buried_name(policy, in->actual->host, in->actual->hostid, arena);
	op->target.name = plan_buried_name(policy, in->actual->name, in->actual->hostid, arena);
	if (grave == NULL || op->target.host == NULL || op->target.name == NULL)
		return zync_err_nomem(err, "planning a deletion");
	grave->name = policy->graveyard_group;
	op->target.groups.items = grave;
	op->target.groups.len = 1;
	op->target.status = ZYNC_HOST_DISABLED;
	return plan_diff(in->actual, arena, op, err);
}

static enum zync_status plan_removed(const struct zync_cfg_sync *policy, const struct zync_plan_input *in, struct zync_arena *arena,
				     struct zync_op *op, struct zync_err *err)
{
	if (in->actual == NULL) {
		op->kind = ZYNC_OP_FORGET;
		op->reason = in->reason;
		return ZYNC_OK;
	}
	if (!in->unbury && zync_plan_is_buried(policy, in->actual)) {
		op->kind = ZYNC_OP_DONE;
		op->actual = in->actual;
		return ZYNC_OK;
	}
	return plan_delete(policy, in, arena, op, err);
}

static enum zync_status plan_missing(const struct zync_cfg_sync *policy, const struct zync_plan_input *in, struct zync_arena *arena,
				     struct zync_op *op, struct zync_err *err)
{
	if (in->actual == NULL || policy->on_missing == ZYNC_ON_MISSING_DELETE || zync_plan_is_buried(policy, in->actual))
		return plan_removed(policy, in, arena, op, err);
	op->actual = in->actual;
	op->reason = in->reason;
	if (policy->on_missing == ZYNC_ON_MISSING_REPORT) {
		op->kind = ZYNC_OP_REPORT;
		return ZYNC_OK;
	}
	if (in->actual->status == ZYNC_HOST_DISABLED) {
		op->kind = ZYNC_OP_NONE;
		return ZYNC_OK;
	}
	op->kind = ZYNC_OP_DISABLE;
	op->target = *in->actual;
	op->target.status = ZYNC_HOST_DISABLED;
	return plan_diff(in->actual, arena, op, err);
}

/* What becomes of the items of the templates that go. */
static void plan_note_templates(struct zync_op *op)
{
	for (size_t i = 0; i < op->diff.len; i++) {
		struct zync_change *change = &op->diff.items[i];
		bool kept = false;

		if (change->aspect != ZYNC_ASPECT_TEMPLATES || change->new_text != NULL)
			continue;
		for (size_t k = 0; k < op->keep_items.len; k++)
			kept = kept || zync_str_eq(op->keep_items.items[k].name, change->old_text);
		change->note = kept ? "unlinked, items kept" : "unlinked and cleared";
	}
}

static enum zync_status plan_wanted(const struct zync_cfg_sync *policy, const struct zync_plan_input *in, struct zync_arena *arena,
				    struct zync_op *op, struct zync_err *err)
{
	struct zync_host desired;
	struct zync_err problem;
	enum zync_status status;

	if (in->desired == NULL)
		return plan_fail(op, "no desired state is stored for it: run `zync pull`", err);
	desired = *in->desired;
	/* Back from the graveyard: Zync, not people, put it into that group, whoever owns the groups otherwise. */
	if (in->actual != NULL && zync_plan_is_buried(policy, in->actual))
		desired.own[ZYNC_ASPECT_GROUPS] = ZYNC_OWN_OVERWRITE;
	status = zync_host_target(&desired, in->actual, in->base, arena, &op->target, &problem);
	if (status == ZYNC_ERR_NOMEM) {
		zync_err_copy(err, &problem);
		return status;
	}
	if (status != ZYNC_OK)
		return plan_fail(op, zync_arena_strdup(arena, problem.message), err);
	ZYNC_TRY(plan_diff(in->actual, arena, op, err));
	op->keep_items = in->keep_items;
	plan_note_templates(op);
	if (in->actual == NULL)
		op->kind = ZYNC_OP_CREATE;
	else if (op->diff.aspects == 0)
		op->kind = ZYNC_OP_NONE;
	else if (in->actual->status == ZYNC_HOST_MONITORED && op->target.status == ZYNC_HOST_DISABLED)
		op->kind = ZYNC_OP_DISABLE;
	else
		op->kind = ZYNC_OP_UPDATE;
	return ZYNC_OK;
}

/* Does the host still carry the mark of the object whose place this one took? */
static bool plan_takes_over(const struct zync_plan_input *in)
{
	return in->actual != NULL && in->owner_before != NULL && zync_str_eq(in->actual->owner, in->owner_before);
}

/* Nothing else is to be done with it, but the mark must name its object. */
static enum zync_status plan_mark(const struct zync_plan_input *in, struct zync_arena *arena, struct zync_op *op, struct zync_err *err)
{
	op->kind = ZYNC_OP_UPDATE;
	op->reason = in->reason;
	op->target = *in->actual;
	op->target.owner = in->owner;
	return plan_diff(in->actual, arena, op, err);
}

/* The part of a mark behind the installation: ":device:17". */
static const char *plan_mark_object(const char *mark)
{
	const char *at = strrchr(mark, ':');

	while (at != NULL && at > mark && at[-1] != ':')
		at--;
	return at != NULL && at > mark ? at - 1 : mark;
}

/* What the host becomes, it becomes under the mark of the object that it belongs to now. */
static enum zync_status plan_take_over(const struct zync_plan_input *in, struct zync_arena *arena, struct zync_op *op, struct zync_err *err)
{
	const char *from = plan_mark_object(in->owner_before);

	if (op->kind == ZYNC_OP_NONE || op->kind == ZYNC_OP_DONE)
		return plan_mark(in, arena, op, err);
	if (op->kind == ZYNC_OP_FAIL || op->kind == ZYNC_OP_REPORT || op->kind == ZYNC_OP_FORGET || op->hard)
		return ZYNC_OK;
	op->target.owner = in->owner;
	ZYNC_TRY(plan_diff(in->actual, arena, op, err));
	if (op->reason == NULL)
		op->reason = zync_arena_printf(arena, "the host of %s moves to it, the new master of its virtual chassis",
					       *from == ':' ? from + 1 : from);
	return op->reason != NULL ? ZYNC_OK : zync_err_nomem(err, "planning");
}

static const char *plan_foreign_text(const struct zync_plan_input *in, struct zync_arena *arena)
{
	const char *mark = in->actual->owner;
	const char *object = plan_mark_object(mark);

	/* The usual cause of this one is a new address of NetBox. */
	if (object > mark && zync_str_eq(object, plan_mark_object(in->owner)))
		return zync_arena_printf(
			arena,
			"its host in Zabbix (hostid %llu, \"%s\") carries the ownership mark of another NetBox, %s, and is left alone; "
			"if that is this NetBox under an earlier address, set netbox.instance to \"%.*s\"",
			(unsigned long long)in->actual->hostid, in->actual->host, mark, (int)(object - mark), mark);
	return zync_arena_printf(
		arena,
		"its host in Zabbix (hostid %llu, \"%s\") carries the ownership mark of another object, %s, and is left alone; "
		"look at the user macro %s there",
		(unsigned long long)in->actual->hostid, in->actual->host, mark, ZYNC_OWNER_MACRO);
}

enum zync_status zync_plan_host(const struct zync_cfg_sync *policy, const struct zync_plan_input *in, struct zync_arena *arena,
				struct zync_op *ret, struct zync_err *err)
{
	struct zync_op op = {.kind = ZYNC_OP_NONE};
	enum zync_status status;

	if (zync_str_eq(in->state, "failed"))
		status = plan_fail(&op, in->reason != NULL ? in->reason : "it could not be derived", err);
	else if (in->actual != NULL && (in->actual->flags & FLAG_DISCOVERED) != 0)
		status = plan_fail(&op, "its host in Zabbix was created by low-level discovery and is left alone", err);
	else if (in->actual != NULL && in->actual->owner != NULL && !zync_str_eq(in->actual->owner, in->owner) && !plan_takes_over(in))
		status = plan_fail(&op, plan_foreign_text(in, arena), err);
	else if (zync_str_eq(in->state, "removed"))
		status = plan_removed(policy, in, arena, &op, err);
	else if (zync_str_eq(in->state, "missing"))
		status = plan_missing(policy, in, arena, &op, err);
	else
		status = plan_wanted(policy, in, arena, &op, err);
	if (status == ZYNC_OK && plan_takes_over(in))
		status = plan_take_over(in, arena, &op, err);
	if (status == ZYNC_OK)
		*ret = op;
	return status;
}
