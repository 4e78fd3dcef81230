/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file intent.h
 * The intent journal: what a run is about to write to Zabbix, durable before the call, and what came of it, durable after it.
 *
 * One short row a write call, with all its hosts. The commit of a run removes its rows (store.h), since then the store itself says what happened. Rows that are left belong to runs that
 * did not complete; zync_store_recover() takes them away together with recording what really happened. docs/internals/journal.md.
 */
#ifndef ZYNC_STORE_INTENT_H
#define ZYNC_STORE_INTENT_H

#include "store/store.h"

struct zync_intent {
	uint64_t id; /**< in the order of writing */
	const char *job_id;
	int64_t time;
	const char *server;	       /**< name of the Zabbix server */
	const char *method;	       /**< "host.create", "host.update", "host.delete", "hostgroup.create" … */
	const char *entries;	       /**< JSON array, an element a host (or group); the format is that of jobs/journal.c */
	const char *outcome;	       /**< JSON array, NULL: open. An element that is null: not decided yet */
	const char *user, *request_id; /**< of its job; out only */
};
/** Write it down; durable when this returns. */
enum zync_status zync_store_intent_add(struct zync_store *store, const struct zync_intent *intent, uint64_t *ret_id,
				       struct zync_err *err) ZYNC_MUST_CHECK;
/** What came of it so far; durable when this returns. */
enum zync_status zync_store_intent_outcome(struct zync_store *store, uint64_t id, const char *outcome,
					   struct zync_err *err) ZYNC_MUST_CHECK;
/** The rows of runs that are over: their job is not "running" any more. Oldest first. */
enum zync_status zync_store_intents_left(struct zync_store *store, struct zync_arena *arena, struct zync_intent **ret, size_t *ret_count,
					 struct zync_err *err) ZYNC_MUST_CHECK;

/** What was found out about a host that a run wrote without coming to its end. */
struct zync_recovered {
	const char *object_type;
	uint64_t object_id;
	uint64_t pk;	     /**< as it was reserved */
	uint64_t moved_from; /**< 0, or the object that its host config belonged to when it was written */
	bool moved;	     /**< its host carries the mark of the new object: the host config moves, too */
	const char *name, *host, *server;
	bool exists; /**< the host is in Zabbix, under `hostid` */
	uint64_t hostid;
	bool gone;	     /**< its host was deleted by that run: the link goes (only if it is still that hostid) */
	bool forget_pushed;  /**< nobody knows what its secret macros are: they are to be pushed once more */
	const char *applied; /**< the desired state that was written, where it counts for merging; NULL: as it is */
};
/**
 * Record what happened, in one transaction: links (a host config that was not there yet is made, not in sync, state "monitored"; one that has another link keeps it), secrets to be pushed again, the
 * events, and the end of these intents. Only what has still to be recorded: when another process has taken one of these intents away meanwhile, nothing is done and ZYNC_OK
 * returned; ask zync_store_intents_left() again.
 */
enum zync_status zync_store_recover(struct zync_store *store, int64_t now, const struct zync_recovered *hosts, size_t host_count,
				    const struct zync_event *events, size_t event_count, const uint64_t *intents, size_t intent_count,
				    struct zync_err *err) ZYNC_MUST_CHECK;

#endif
