/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file undo.h
 * What a strict run needs to put back what it wrote: hosts as they were, in a temporary table of the run's connection, so that memory stays bounded.
 *
 * A row is added before the call that writes the host, and learns afterwards what came of it: so nothing is missing when a call gets no answer.
 */
#ifndef ZYNC_STORE_UNDO_H
#define ZYNC_STORE_UNDO_H

#include "store/store.h"

enum zync_undo_state {
	ZYNC_UNDO_SENT = 0, /**< nobody knows (yet) whether it was written */
	ZYNC_UNDO_WRITTEN,
	ZYNC_UNDO_REFUSED
};
struct zync_undo {
	uint64_t seq; /**< in the order of writing; out only */
	int64_t time; /**< of the call */
	enum zync_undo_state state;
	uint64_t hostid; /**< 0: it was to be created, and nobody knows (yet) whether it was */
	const char *server;
	const char *data; /**< JSON, in the format of jobs/put_back_host.c; secrets sealed */
};
/** Forget everything; at the beginning of a run. */
enum zync_status zync_store_undo_begin(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_store_undo_add(struct zync_store *store, const struct zync_undo *undo, uint64_t *ret_seq,
				     struct zync_err *err) ZYNC_MUST_CHECK;
/** What came of the row; @p hostid 0: as it was. */
enum zync_status zync_store_undo_decided(struct zync_store *store, uint64_t seq, enum zync_undo_state state, uint64_t hostid,
					 struct zync_err *err) ZYNC_MUST_CHECK;
/** How many rows are not refused. */
enum zync_status zync_store_undo_count(struct zync_store *store, uint64_t *ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** The next at most @p limit rows before @p before_seq (UINT64_MAX: from the newest), newest first. */
enum zync_status zync_store_undo_page(struct zync_store *store, uint64_t before_seq, size_t limit, struct zync_arena *arena,
				      struct zync_undo **ret, size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
