/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file slot.h
 * Slots of runs as locks on single bytes of the file "DATABASE.lock". Private to the SQLite driver.
 *
 * The locks are "open file description" locks of Linux: they belong to one connection and not to the whole process, so that two connections of one process see each
 * other, and the kernel takes them away with the process. A database in memory has no file: only the connection's own slot is alive there.
 */
#ifndef ZYNC_STORE_SQLITE_SLOT_H
#define ZYNC_STORE_SQLITE_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct zync_slot_file {
	int fd;	       /* -1: not opened yet */
	uint64_t held; /* 0: none */
};
void zync_slot_file_init(struct zync_slot_file *file);
/** Closes the file, and so gives the slot back. */
void zync_slot_file_done(struct zync_slot_file *file);
/** @p database: path of the database's file, "" when it is in memory. */
enum zync_status zync_slot_file_hold(struct zync_slot_file *file, const char *database, uint64_t slot, bool *ret_held,
				     struct zync_err *err) ZYNC_MUST_CHECK;
void zync_slot_file_release(struct zync_slot_file *file);
bool zync_slot_file_alive(struct zync_slot_file *file, const char *database, uint64_t slot);

#endif
