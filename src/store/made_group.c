/* SPDX-License-Identifier: Apache-2.0 */
/* Host groups that runs created in Zabbix. */
#include "store/made_group.h"

#include "store/store_priv.h"

struct intended {
	const char *server;
	const char *const *names;
	size_t count;
	const char *job_id;
	int64_t now;
};

static enum zync_status made_intend(struct zync_store *store, void *ctx, struct zync_err *err)
{
	const struct intended *in = ctx;

	for (size_t i = 0; i < in->count; i++)
		ZYNC_TRY(zync_db_run(
			store->db,
			"INSERT INTO made_group (server, name, groupid, made_at, job_id) VALUES ($1, $2, NULL, $3, $4)"
			" ON CONFLICT (server, name) DO UPDATE SET groupid = NULL, made_at = excluded.made_at, job_id = "
			"excluded.job_id",
			ZYNC_PARAMS(ZYNC_P_TEXT(in->server), ZYNC_P_TEXT(in->names[i]), ZYNC_P_INT(in->now), ZYNC_P_TEXT(in->job_id)), NULL,
			err));
	return ZYNC_OK;
}

enum zync_status zync_store_made_groups_intend(struct zync_store *store, const char *server, const char *const *names, size_t count,
					       const char *job_id, int64_t now, struct zync_err *err)
{
	struct intended in = {.server = server, .names = names, .count = count, .job_id = job_id, .now = now};

	return count == 0 ? ZYNC_OK : zync_store_transaction(store, made_intend, &in, err);
}

struct decided {
	const struct zync_remembered_group *groups;
	size_t count;
};

static enum zync_status made_decide(struct zync_store *store, void *ctx, struct zync_err *err)
{
	const struct decided *in = ctx;

	for (size_t i = 0; i < in->count; i++) {
		const struct zync_remembered_group *group = &in->groups[i];

		if (group->groupid == 0)
			ZYNC_TRY(zync_db_run(store->db, "DELETE FROM made_group WHERE server = $1 AND name = $2",
					     ZYNC_PARAMS(ZYNC_P_TEXT(group->server), ZYNC_P_TEXT(group->name)), NULL, err));
		else
			ZYNC_TRY(zync_db_run(store->db, "UPDATE made_group SET groupid = $3 WHERE server = $1 AND name = $2",
					     ZYNC_PARAMS(ZYNC_P_TEXT(group->server), ZYNC_P_TEXT(group->name), ZYNC_P_INT(group->groupid)),
					     NULL, err));
	}
	return ZYNC_OK;
}

enum zync_status zync_store_made_groups_decided(struct zync_store *store, const struct zync_remembered_group *groups, size_t count,
						struct zync_err *err)
{
	struct decided in = {.groups = groups, .count = count};

	return count == 0 ? ZYNC_OK : zync_store_transaction(store, made_decide, &in, err);
}

static enum zync_status made_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
				  struct zync_err *err)
{
	struct zync_remembered_group *ret = row;
	const char **texts[] = {&ret->server, &ret->name, &ret->job_id};

	*ret = (struct zync_remembered_group){.groupid = (uint64_t)zync_db_int(stmt, 0), .made_at = zync_db_int(stmt, 1)};
	return zync_store_copy_texts(stmt, 2, arena, texts, ZYNC_ARRAY_LEN(texts), err);
}

static enum zync_status made_query(struct zync_store *store, const char *sql, struct zync_arena *arena, struct zync_remembered_group **ret,
				   size_t *ret_count, struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(store->db, sql, ZYNC_NO_PARAMS, &stmt, err));
	ZYNC_TRY(zync_store_read_all(stmt, made_read, NULL, sizeof(struct zync_remembered_group), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}

enum zync_status zync_store_made_groups(struct zync_store *store, struct zync_arena *arena, struct zync_remembered_group **ret,
					size_t *ret_count, struct zync_err *err)
{
	return made_query(store,
			  "SELECT groupid, made_at, server, name, job_id FROM made_group WHERE groupid IS NOT NULL ORDER BY server, name",
			  arena, ret, ret_count, err);
}

enum zync_status zync_store_made_groups_open(struct zync_store *store, struct zync_arena *arena, struct zync_remembered_group **ret,
					     size_t *ret_count, struct zync_err *err)
{
	return made_query(store,
			  "SELECT 0, g.made_at, g.server, g.name, g.job_id FROM made_group g LEFT JOIN job j ON j.job_id = g.job_id"
			  " WHERE g.groupid IS NULL AND coalesce(j.status, '') <> 'running' ORDER BY g.server, g.name",
			  arena, ret, ret_count, err);
}
