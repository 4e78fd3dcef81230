/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file undo.h
 * What a strict run needs to put back what it wrote: hosts as they were, in a temporary table of the run's connection, so that memory stays bounded.
 */
#ifndef ZYNC_STORE_UNDO_H
#define ZYNC_STORE_UNDO_H

#include "store/store.h"

struct zync_undo {
	uint64_t seq; /**< in the order of writing; out only */
	const char *server;
	const char *data; /**< JSON, in the format of jobs/put_back.c; secrets sealed */
};
/** Forget everything; at the beginning of a run. */
enum zync_status zync_store_undo_begin(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_store_undo_add(struct zync_store *store, const struct zync_undo *undo, struct zync_err *err) ZYNC_MUST_CHECK;
/** The next at most @p limit rows before @p before_seq (UINT64_MAX: from the newest), newest first. */
enum zync_status zync_store_undo_page(struct zync_store *store, uint64_t before_seq, size_t limit, struct zync_arena *arena,
				      struct zync_undo **ret, size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
