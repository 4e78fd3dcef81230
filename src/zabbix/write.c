/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "zabbix/write_priv.h"

#define WRITE_FLAG_DISCOVERED 4u

const char *zync_zabbix_write_method(enum zync_zabbix_write_kind kind)
{
	switch (kind) {
	case ZYNC_ZABBIX_CREATE:
		return "host.create";
	case ZYNC_ZABBIX_UPDATE:
		return "host.update";
	case ZYNC_ZABBIX_DELETE:
		break;
	}
	return "host.delete";
}

static enum zync_status write_text(struct zync_zbx_run *run, struct zync_zbx_entry *entry, struct zync_err *err)
{
	if (entry->w->actual && (entry->w->actual->flags & WRITE_FLAG_DISCOVERED))
		return zync_err_set(err, ZYNC_ERR_REJECTED, "the host was created by low-level discovery; Zync never writes to such hosts");
	if (run->kind != ZYNC_ZABBIX_DELETE)
		return zync_zbx_encode_write(run->z->dialect, entry->w, run->arena, &entry->text, err);
	entry->text = zync_arena_printf(run->arena, "\"%" PRIu64 "\"", entry->w->hostid);
	return entry->text ? ZYNC_OK : zync_err_nomem(err, "writing hosts to zabbix");
}

/* Text of every entry; one that cannot be said is refused here and does not hold up the others. */
static enum zync_status write_prepare(struct zync_zbx_run *run, struct zync_zabbix_write *const *writes, size_t count,
				      struct zync_zbx_entries *ret, struct zync_err *err)
{
	ret->len = 0;
	ret->items = ZYNC_NEW_ARRAY(run->arena, struct zync_zbx_entry, count);
	if (!ret->items)
		return zync_err_nomem(err, "writing hosts to zabbix");
	for (size_t i = 0; i < count; i++) {
		struct zync_zbx_entry *entry = &ret->items[ret->len++];
		struct zync_err why;
		enum zync_status status;

		*entry = (struct zync_zbx_entry){.w = writes[i]};
		status = write_text(run, entry, &why);
		if (status == ZYNC_ERR_NOMEM) {
			zync_err_copy(err, &why);
			return status;
		}
		if (status != ZYNC_OK) {
			(void)zync_err_wrap(&why, ZYNC_ERR_REJECTED, "zabbix: %s for \"%s\"", run->method, writes[i]->label);
			why.status = ZYNC_ERR_REJECTED;
			ZYNC_TRY(zync_zbx_decide_refused(run, entry, &why, err));
		}
	}
	return zync_zbx_report(run, ret, err);
}

enum zync_status zync_zbx_intend(const struct zync_zabbix_observer *observer, struct zync_zabbix_write *const *writes, size_t count,
				 struct zync_err *err)
{
	if (count == 0 || !observer || !observer->intend)
		return ZYNC_OK;
	return observer->intend(observer->ctx, writes, count, err);
}

static enum zync_status write_slice(struct zync_zbx_run *run, struct zync_zabbix_write *const *writes, size_t count, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_zbx_entries entries;

	if (!arena)
		return zync_err_nomem(err, "writing hosts to zabbix");
	run->arena = arena;
	run->decided = NULL;
	run->decided_len = 0;
	run->decided_cap = 0;
	run->suspects = 0;
	run->misled = false;
	ZYNC_TRY(zync_zbx_intend(run->observer, writes, count, err));
	if (run->kind == ZYNC_ZABBIX_UPDATE)
		ZYNC_TRY(zync_zbx_move_items(run->z, writes, count, arena, err));
	ZYNC_TRY(write_prepare(run, writes, count, &entries, err));
	return zync_zbx_settle(run, &entries, err);
}

enum zync_status zync_zbx_write_kind(struct zync_zabbix *z, enum zync_zabbix_write_kind kind, struct zync_zabbix_write *const *writes,
				     size_t count, const struct zync_zabbix_observer *observer, struct zync_err *err)
{
	struct zync_zbx_run run = {.z = z, .kind = kind, .method = zync_zabbix_write_method(kind), .observer = observer};
	size_t from = 0;

	while (from < count) {
		size_t n = ZYNC_MIN(z->sizing[kind].size, count - from);

		ZYNC_TRY(write_slice(&run, writes + from, n, err));
		from += n;
	}
	return ZYNC_OK;
}

/* The writes of one kind, in their order; type changes go their own way. */
static size_t write_select(struct zync_zabbix_write *writes, size_t count, enum zync_zabbix_write_kind kind, bool type_changes,
			   struct zync_zabbix_write **ret)
{
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		if (writes[i].kind == kind && zync_zbx_is_type_change(&writes[i]) == type_changes)
			ret[len++] = &writes[i];
	}
	return len;
}

enum zync_status zync_zabbix_write(struct zync_zabbix *z, struct zync_zabbix_write *writes, size_t count,
				   const struct zync_zabbix_observer *observer, struct zync_err *err)
{
	/* Deletions and renames free names that creations may want. */
	static const enum zync_zabbix_write_kind order[] = {ZYNC_ZABBIX_DELETE, ZYNC_ZABBIX_UPDATE, ZYNC_ZABBIX_CREATE};
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_zabbix_write **some = arena ? ZYNC_NEW_ARRAY(arena, struct zync_zabbix_write *, count) : NULL;
	size_t len;

	if (!some)
		return zync_err_nomem(err, "writing hosts to zabbix");
	for (size_t i = 0; i < count; i++) {
		writes[i].done = false;
		writes[i].err.status = ZYNC_OK;
		writes[i].err.message[0] = '\0';
	}
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(order); i++) {
		len = write_select(writes, count, order[i], /* type_changes= */ false, some);
		ZYNC_TRY(zync_zbx_write_kind(z, order[i], some, len, observer, err));
		if (order[i] != ZYNC_ZABBIX_UPDATE)
			continue;
		len = write_select(writes, count, ZYNC_ZABBIX_UPDATE, /* type_changes= */ true, some);
		ZYNC_TRY(zync_zbx_type_changes(z, some, len, observer, err));
	}
	return ZYNC_OK;
}
