/* SPDX-License-Identifier: Apache-2.0 */
/* Guards: which run may write which host. See guard.h and docs/internals/guards.md. */
#include "store/guard.h"

#include <stdio.h>

#include "store/queue.h"
#include "store/store_priv.h"

enum zync_status zync_store_guard_epoch(struct zync_store *store, uint64_t *ret, struct zync_err *err)
{
	return zync_store_number(store, "SELECT next FROM sequence WHERE name = 'epoch'", ZYNC_NO_PARAMS, ret, err);
}

enum zync_status zync_store_epoch_next(struct zync_store *store, uint64_t *ret, struct zync_err *err)
{
	return zync_store_number(store, "UPDATE sequence SET next = next + 1 WHERE name = 'epoch' RETURNING next", ZYNC_NO_PARAMS, ret,
				 err);
}

enum zync_status zync_store_guard_free(struct zync_store *store, uint64_t slot, uint64_t epoch, struct zync_err *err)
{
	return zync_db_run(store->db, "UPDATE guard SET slot = NULL, epoch = $2 WHERE slot = $1",
			   ZYNC_PARAMS(ZYNC_P_INT(slot), ZYNC_P_INT(epoch)), NULL, err);
}

enum zync_status zync_store_guard_prune(struct zync_store *store, struct zync_err *err)
{
	return zync_db_run(store->db, "DELETE FROM guard WHERE slot IS NULL AND NOT EXISTS (SELECT 1 FROM job WHERE status = 'running')",
			   ZYNC_NO_PARAMS, NULL, err);
}

enum zync_status zync_store_guard_end(struct zync_store *store, uint64_t slot, uint64_t epoch, bool prune, struct zync_err *err)
{
	uint64_t others = 1;

	if (prune)
		ZYNC_TRY(zync_store_number(store,
					   "SELECT EXISTS (SELECT 1 FROM job WHERE status = 'running') OR EXISTS (SELECT 1 FROM guard WHERE"
					   " slot < $1) OR EXISTS (SELECT 1 FROM guard WHERE slot > $1)",
					   ZYNC_PARAMS(ZYNC_P_INT(slot)), &others, err));
	/* Without a condition SQLite drops the whole table at once. */
	if (others == 0)
		return zync_db_run(store->db, "DELETE FROM guard", ZYNC_NO_PARAMS, NULL, err);
	ZYNC_TRY(zync_store_guard_free(store, slot, epoch, err));
	return prune ? zync_store_guard_prune(store, err) : ZYNC_OK;
}

enum zync_status zync_store_guard_held(struct zync_store *store, uint64_t slot, bool *ret, struct zync_err *err)
{
	uint64_t found = 0;

	if (zync_store_slot_alive(store, slot))
		ZYNC_TRY(zync_store_number(store, "SELECT EXISTS (SELECT 1 FROM guard WHERE slot = $1)", ZYNC_PARAMS(ZYNC_P_INT(slot)),
					   &found, err));
	*ret = found != 0;
	return ZYNC_OK;
}

enum zync_status zync_store_guard_drop(struct zync_store *store, uint64_t slot, struct zync_err *err)
{
	return zync_db_run(store->db, "UPDATE guard SET slot = NULL WHERE slot = $1", ZYNC_PARAMS(ZYNC_P_INT(slot)), NULL, err);
}

struct take {
	uint64_t slot, epoch;
	struct zync_guard_state state;
};

#define GUARD_OF_WANTED \
	" FROM work w JOIN guard g ON g.object_type = w.object_type AND g.object_id IN (w.object_id, w.moved_from) WHERE w.wants = 1"

/* Guards of dead slots, one slot after the other: there are as many as runs at work. */
static enum zync_status take_free_dead(struct zync_store *store, uint64_t own, struct zync_err *err)
{
	uint64_t after = 0;

	for (;;) {
		uint64_t slot = 0;
		uint64_t epoch = 0;

		ZYNC_TRY(zync_store_number(store, "SELECT min(slot) FROM guard WHERE slot > $1", ZYNC_PARAMS(ZYNC_P_INT(after)), &slot,
					   err));
		if (slot == 0)
			return ZYNC_OK;
		after = slot;
		if (slot == own || zync_store_slot_alive(store, slot))
			continue;
		/* Nobody knows what it wrote: as if it had written everything. */
		ZYNC_TRY(zync_store_epoch_next(store, &epoch, err));
		ZYNC_TRY(zync_store_guard_free(store, slot, epoch, err));
	}
}

static enum zync_status take_conflicts(struct zync_store *store, struct take *take, struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	bool row = false;

	ZYNC_TRY(zync_db_query(store->db, "SELECT count(*), min(g.slot)" GUARD_OF_WANTED " AND g.slot <> $1",
			       ZYNC_PARAMS(ZYNC_P_INT(take->slot)), &stmt, err));
	ZYNC_TRY(zync_db_next(stmt, &row, err));
	if (row) {
		take->state.conflicts = (uint64_t)zync_db_int(stmt, 0);
		take->state.holder = (uint64_t)zync_db_int(stmt, 1);
		zync_db_end(stmt);
	}
	if (take->state.conflicts == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_db_query(store->db, "SELECT job_id FROM job WHERE status = 'running' AND slot = $1",
			       ZYNC_PARAMS(ZYNC_P_INT(take->state.holder)), &stmt, err));
	ZYNC_TRY(zync_db_next(stmt, &row, err));
	if (row) {
		(void)snprintf(take->state.job_id, sizeof(take->state.job_id), "%s", zync_db_text(stmt, 0));
		zync_db_end(stmt);
	}
	return ZYNC_OK;
}

static enum zync_status take_all(struct zync_store *store, void *ctx, struct zync_err *err)
{
	struct take *take = ctx;

	ZYNC_TRY(take_free_dead(store, take->slot, err));
	ZYNC_TRY(take_conflicts(store, take, err));
	if (take->state.conflicts > 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_store_number(store, "SELECT count(*)" GUARD_OF_WANTED " AND g.slot IS NULL AND g.epoch > $1",
				   ZYNC_PARAMS(ZYNC_P_INT(take->epoch)), &take->state.stale, err));
	return zync_db_run(
		store->db,
		/* Of a host config that moves, both: others know it by the one or by the other. */
		"INSERT INTO guard (object_type, object_id, slot, epoch) SELECT object_type, object_id, $1, 0 FROM work WHERE wants = 1"
		" UNION SELECT object_type, moved_from, $1, 0 FROM work WHERE wants = 1 AND moved_from IS NOT NULL"
		" ON CONFLICT (object_type, object_id) DO UPDATE SET slot = excluded.slot",
		ZYNC_PARAMS(ZYNC_P_INT(take->slot)), NULL, err);
}

enum zync_status zync_store_guard_take(struct zync_store *store, uint64_t slot, uint64_t epoch, struct zync_guard_state *ret,
				       struct zync_err *err)
{
	struct take take = {.slot = slot, .epoch = epoch};
	uint64_t wanted = 0;

	ZYNC_TRY(zync_store_number(store, "SELECT EXISTS (SELECT 1 FROM work WHERE wants = 1)", ZYNC_NO_PARAMS, &wanted, err));
	/* A run that writes nothing waits for nobody. */
	if (wanted != 0)
		ZYNC_TRY(zync_store_transaction(store, take_all, &take, err));
	*ret = take.state;
	return ZYNC_OK;
}
