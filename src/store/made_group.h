/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file made_group.h
 * The host groups that runs created in Zabbix, for the job delete-unused-host-groups.
 *
 * They are written down like the intent journal, outside the transaction of the run: a group that was created is there whatever becomes of the run. First with id 0, before the call that
 * is going to create them; then with their id, or taken away again when the call did not create them. Id 0 of a job that is over: nobody knows, Zabbix is to be asked (jobs/made_groups.c).
 */
#ifndef ZYNC_STORE_MADE_GROUP_H
#define ZYNC_STORE_MADE_GROUP_H

#include "store/store.h"

struct zync_remembered_group {
	const char *server;
	const char *name;
	uint64_t groupid; /**< 0: not known (yet) */
	int64_t made_at;  /**< ms */
	const char *job_id;
};
/** These are about to be created; durable when this returns. What was remembered under such a name counts no more: it was not there. */
enum zync_status zync_store_made_groups_intend(struct zync_store *store, const char *server, const char *const *names, size_t count,
					       const char *job_id, int64_t now, struct zync_err *err) ZYNC_MUST_CHECK;
/** What came of them, by server and name: a group with id 0 was not created (by that job) and is forgotten, of others the id is known. */
enum zync_status zync_store_made_groups_decided(struct zync_store *store, const struct zync_remembered_group *groups, size_t count,
						struct zync_err *err) ZYNC_MUST_CHECK;
/** Those whose id is known, by server and name. */
enum zync_status zync_store_made_groups(struct zync_store *store, struct zync_arena *arena, struct zync_remembered_group **ret,
					size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;
/** Those whose id is not known and whose job is not running any more. */
enum zync_status zync_store_made_groups_open(struct zync_store *store, struct zync_arena *arena, struct zync_remembered_group **ret,
					     size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
