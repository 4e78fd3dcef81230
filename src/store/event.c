/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the audit trail: events (what jobs did and what came of it) and changes (hosts before and after). */
#include "base/str.h"
#include "store/store_priv.h"

static const char SQL_EVENTS[] =
	"SELECT id, time, host_config_pk, hostid, job_id, name, kind, action, state, message, exception,"
	" CASE WHEN $7 = 1 THEN pre_data END, CASE WHEN $7 = 1 THEN post_data END, user_name, request_id FROM event"
	" WHERE ($1 IS NULL OR id = $1) AND ($2 IS NULL OR substr(job_id, 1, length($2)) = $2) AND ($3 IS NULL OR (kind = 'host' AND name "
	"= $3))"
	" AND ($4 IS NULL OR host_config_pk = $4) AND ($5 IS NULL OR state = $5) AND ($6 IS NULL OR kind = $6) ORDER BY id DESC LIMIT $8";

static enum zync_status event_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
				   struct zync_err *err)
{
	struct zync_event *ret = row;
	const char **texts[] = {&ret->job_id,	 &ret->name,	 &ret->kind,	  &ret->action, &ret->state,	 &ret->message,
				&ret->exception, &ret->pre_data, &ret->post_data, &ret->user,	&ret->request_id};

	*ret = (struct zync_event){
		.id = (uint64_t)zync_db_int(stmt, 0),
		.time = zync_db_int(stmt, 1),
		.host_config_pk = (uint64_t)zync_db_int(stmt, 2),
		.hostid = (uint64_t)zync_db_int(stmt, 3),
	};
	return zync_store_copy_texts(stmt, 4, arena, texts, ZYNC_ARRAY_LEN(texts), err);
}

/* A host is named by its name or as "pk:N". */
static const char *event_host_name(const char *host, uint64_t *ret_pk)
{
	if (host != NULL && zync_str_starts(host, "pk:") && zync_str_to_u64(host + 3, ret_pk))
		return NULL;
	*ret_pk = 0;
	return host;
}

enum zync_status zync_store_events(struct zync_store *store, const struct zync_event_filter *filter, struct zync_arena *arena,
				   struct zync_event **ret, size_t *ret_count, struct zync_err *err)
{
	int64_t limit = filter->limit == 0 ? INT64_MAX : (int64_t)filter->limit;
	uint64_t pk = 0;
	const char *name = event_host_name(filter->host, &pk);
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(store->db, SQL_EVENTS,
			       ZYNC_PARAMS(ZYNC_P_ID(filter->id), ZYNC_P_TEXT(filter->job_id), ZYNC_P_TEXT(name), ZYNC_P_ID(pk),
					   ZYNC_P_TEXT(filter->state), ZYNC_P_TEXT(filter->kind), ZYNC_P_INT(filter->with_data),
					   ZYNC_P_INT(limit)),
			       &stmt, err));
	ZYNC_TRY(zync_store_read_all(stmt, event_read, NULL, sizeof(struct zync_event), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}

static const char SQL_CHANGES[] = "SELECT id, time, host_config_pk, object_id, hostid, job_id, object_type, name, action, pre_data, "
				  "post_data, user_name, request_id FROM change"
				  " WHERE ($1 IS NULL OR job_id = $1) AND ($2 IS NULL OR host_config_pk = $2) ORDER BY id DESC LIMIT $3";

static enum zync_status change_read(struct zync_stmt *stmt, ZYNC_UNUSED const void *ctx, struct zync_arena *arena, void *row,
				    struct zync_err *err)
{
	struct zync_change_row *ret = row;
	const char **texts[] = {&ret->job_id,	&ret->object_type, &ret->name, &ret->action,
				&ret->pre_data, &ret->post_data,   &ret->user, &ret->request_id};

	*ret = (struct zync_change_row){
		.id = (uint64_t)zync_db_int(stmt, 0),
		.time = zync_db_int(stmt, 1),
		.host_config_pk = (uint64_t)zync_db_int(stmt, 2),
		.object_id = (uint64_t)zync_db_int(stmt, 3),
		.hostid = (uint64_t)zync_db_int(stmt, 4),
	};
	return zync_store_copy_texts(stmt, 5, arena, texts, ZYNC_ARRAY_LEN(texts), err);
}

enum zync_status zync_store_changes(struct zync_store *store, const char *job_id, uint64_t host_config_pk, size_t limit,
				    struct zync_arena *arena, struct zync_change_row **ret, size_t *ret_count, struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(
		store->db, SQL_CHANGES,
		ZYNC_PARAMS(ZYNC_P_TEXT(job_id), ZYNC_P_ID(host_config_pk), ZYNC_P_INT(limit == 0 ? INT64_MAX : (int64_t)limit)), &stmt,
		err));
	ZYNC_TRY(zync_store_read_all(stmt, change_read, NULL, sizeof(struct zync_change_row), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}
