/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file guard.h
 * Two runs never write the same host at the same time: before its first write a run takes a guard for each host that it is going to write, all at once or none, and keeps
 * them until its results are committed or abandoned (store.h does that together).
 *
 * Each guard remembers the epoch in which it was last given back. A run that planned before that epoch planned with what was true before the other one wrote: it is
 * stale and must plan anew. A guard whose slot nobody holds (queue.h) does not block. docs/internals/guards.md.
 */
#ifndef ZYNC_STORE_GUARD_H
#define ZYNC_STORE_GUARD_H

#include "store/store.h"

/** The current epoch, to be read before a plan is made. */
enum zync_status zync_store_guard_epoch(struct zync_store *store, uint64_t *ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** The staged work of that seq is going to be written to Zabbix by this run (or its link is going to be). */
enum zync_status zync_store_work_want(struct zync_store *store, uint64_t seq, struct zync_err *err) ZYNC_MUST_CHECK;

struct zync_guard_state {
	uint64_t conflicts;	       /**< wanted hosts that another living run guards */
	uint64_t holder;	       /**< slot of one of these runs */
	char job_id[ZYNC_JOB_ID_SIZE]; /**< its job */
	uint64_t stale;		       /**< wanted hosts, not guarded by this run before, that another run has given back since @p epoch */
};
/**
 * Take guards for everything wanted. With conflicts none is taken. Else all are, and `stale` says how many of them were planned too early: then the run keeps its guards, plans anew and
 * calls this again. Rows of dead slots are freed first and count as stale.
 */
enum zync_status zync_store_guard_take(struct zync_store *store, uint64_t slot, uint64_t epoch, struct zync_guard_state *ret,
				       struct zync_err *err) ZYNC_MUST_CHECK;
/** Does that slot still guard anything, and live? */
enum zync_status zync_store_guard_held(struct zync_store *store, uint64_t slot, bool *ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** Give everything back without having written: before waiting for another run, so that two never wait for each other. */
enum zync_status zync_store_guard_drop(struct zync_store *store, uint64_t slot, struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * Make the staged work ready to be planned anew: rows learn what other runs have committed (pk, hostid; a desired state that equals the stored one is dropped), and results, wants, events and
 * changes of the former plan are forgotten.
 */
enum zync_status zync_store_work_refresh(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
