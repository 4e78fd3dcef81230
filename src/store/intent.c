/* SPDX-License-Identifier: Apache-2.0 */
/* The intent journal: writing it, and what is left of it. */
#include "store/intent.h"

#include "store/store_priv.h"

enum zync_status zync_store_intent_add(struct zync_store *store, const struct zync_intent *intent, uint64_t *ret_id, struct zync_err *err)
{
	return zync_store_number(
		store, "INSERT INTO intent (job_id, time, server, method, entries, outcome) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
		ZYNC_PARAMS(ZYNC_P_TEXT(intent->job_id), ZYNC_P_INT(intent->time), ZYNC_P_TEXT(intent->server), ZYNC_P_TEXT(intent->method),
			    ZYNC_P_TEXT(intent->entries), ZYNC_P_TEXT(intent->outcome)),
		ret_id, err);
}

enum zync_status zync_store_intent_outcome(struct zync_store *store, uint64_t id, const char *outcome, struct zync_err *err)
{
	int64_t changed = 0;

	ZYNC_TRY(zync_db_run(store->db, "UPDATE intent SET outcome = $2 WHERE id = $1", ZYNC_PARAMS(ZYNC_P_INT(id), ZYNC_P_TEXT(outcome)),
			     &changed, err));
	/* Only a run that counts as dead loses its journal while it works. */
	if (changed == 0)
		return zync_err_set(err, ZYNC_ERR_STORE,
				    "store: entry %llu of the intent journal is gone: another process takes this run for dead",
				    (unsigned long long)id);
	return ZYNC_OK;
}

static enum zync_status intent_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
				    struct zync_err *err)
{
	struct zync_intent *ret = row;
	const char **texts[] = {&ret->job_id, &ret->server, &ret->method, &ret->entries, &ret->outcome, &ret->user, &ret->request_id};

	*ret = (struct zync_intent){.id = (uint64_t)zync_db_int(stmt, 0), .time = zync_db_int(stmt, 1)};
	return zync_store_copy_texts(stmt, 2, arena, texts, ZYNC_ARRAY_LEN(texts), err);
}

enum zync_status zync_store_intents_left(struct zync_store *store, struct zync_arena *arena, struct zync_intent **ret, size_t *ret_count,
					 struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(store->db,
			       "SELECT i.id, i.time, i.job_id, i.server, i.method, i.entries, i.outcome, j.user_name, j.request_id"
			       " FROM intent i LEFT JOIN job j ON j.job_id = i.job_id WHERE coalesce(j.status, '') NOT IN ('running', "
			       "'completed') ORDER BY i.id",
			       ZYNC_NO_PARAMS, &stmt, err));
	ZYNC_TRY(zync_store_read_all(stmt, intent_read, NULL, sizeof(struct zync_intent), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}
