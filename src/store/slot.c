/* SPDX-License-Identifier: Apache-2.0 */
/* Slots: numbers from the sequence, held by the driver. */
#include "store/queue.h"
#include "store/store_priv.h"

/* A database that was put back from a backup hands out numbers again that living runs still hold; each is tried once. */
#define SLOT_TRIES 1000

enum zync_status zync_store_slot_take(struct zync_store *store, uint64_t *ret_slot, struct zync_err *err)
{
	for (int i = 0; i < SLOT_TRIES; i++) {
		uint64_t slot = 0;
		bool held = false;

		ZYNC_TRY(zync_store_number(store, "UPDATE sequence SET next = next + 1 WHERE name = 'slot' RETURNING next - 1",
					   ZYNC_NO_PARAMS, &slot, err));
		ZYNC_TRY(zync_db_slot_hold(store->db, slot, &held, err));
		if (held) {
			*ret_slot = slot;
			return ZYNC_OK;
		}
	}
	return zync_err_set(
		err, ZYNC_ERR_STORE,
		"store: %d slots in a row are held by other runs; was the database put back from a backup while runs were at work? "
		"Let them end first",
		SLOT_TRIES);
}

void zync_store_slot_release(struct zync_store *store)
{
	zync_db_slot_release(store->db);
}

bool zync_store_slot_alive(const struct zync_store *store, uint64_t slot)
{
	return zync_db_slot_alive(store->db, slot);
}
