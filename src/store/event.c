/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail: events (what jobs did and what came of it) and changes (hosts before and after). */
#include "base/str.h"
#include "store/store_priv.h"

#define EVENT_VALUES " (" ZYNC_EVENT_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"

static enum zync_status event_insert(struct zync_store *store, const char *sql, const struct zync_event *event, struct zync_err *err)
{
	return zync_db_run(store->db, sql,
			   ZYNC_PARAMS(ZYNC_P_INT(event->time), ZYNC_P_TEXT(event->job_id), ZYNC_P_TEXT(event->name),
				       ZYNC_P_TEXT(event->kind), ZYNC_P_TEXT(event->action), ZYNC_P_TEXT(event->state),
				       ZYNC_P_ID(event->host_config_pk), ZYNC_P_ID(event->hostid), ZYNC_P_TEXT(event->message),
				       ZYNC_P_TEXT(event->exception), ZYNC_P_TEXT(event->pre_data), ZYNC_P_TEXT(event->post_data),
				       ZYNC_P_TEXT(event->user), ZYNC_P_TEXT(event->request_id)),
			   NULL, err);
}

enum zync_status zync_store_event_add(struct zync_store *store, const struct zync_event *event, struct zync_err *err)
{
	return event_insert(store, "INSERT INTO event" EVENT_VALUES, event, err);
}

enum zync_status zync_store_work_add_event(struct zync_store *store, const struct zync_event *event, struct zync_err *err)
{
	return event_insert(store, "INSERT INTO work_event" EVENT_VALUES, event, err);
}

enum zync_status zync_store_work_add_change(struct zync_store *store, const struct zync_change_row *change, struct zync_err *err)
{
	return zync_db_run(store->db,
			   "INSERT INTO work_change (" ZYNC_CHANGE_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
			   ZYNC_PARAMS(ZYNC_P_INT(change->time), ZYNC_P_TEXT(change->job_id), ZYNC_P_INT(change->host_config_pk),
				       ZYNC_P_TEXT(change->object_type), ZYNC_P_INT(change->object_id), ZYNC_P_TEXT(change->name),
				       ZYNC_P_ID(change->hostid), ZYNC_P_TEXT(change->action), ZYNC_P_TEXT(change->pre_data),
				       ZYNC_P_TEXT(change->post_data), ZYNC_P_TEXT(change->user), ZYNC_P_TEXT(change->request_id)),
			   NULL, err);
}

/*
 * One text for each condition by which an index finds the rows; the other conditions, absent ones being NULL, are the same in all. Newest first is by time: host events are
 * staged and get their ids only when their run ends. Where another index shall be used than that of the times, SQLite is told so by a plus, which changes nothing else.
 */
#define EVENT_SELECT                                                                                           \
	"SELECT id, time, host_config_pk, hostid, job_id, name, kind, action, state, message, exception,"      \
	" CASE WHEN $7 = 1 THEN pre_data END, CASE WHEN $7 = 1 THEN post_data END, user_name, request_id FROM" \
	" event WHERE"
#define EVENT_CONDITIONS(time)                                                                                                  \
	" ($1 IS NULL OR id = $1) AND ($2 IS NULL OR substr(job_id, 1, length($2)) = $2) AND ($3 IS NULL OR (kind = 'host'"     \
	" AND name = $3)) AND ($4 IS NULL OR host_config_pk = $4) AND ($5 IS NULL OR state = $5) AND ($6 IS NULL OR kind = $6)" \
	" AND " time " >= $9 AND " time " < $10 ORDER BY " time " DESC, id DESC LIMIT $8"

static const char SQL_EVENTS[] = EVENT_SELECT EVENT_CONDITIONS("time");
static const char SQL_EVENTS_BY_NAME[] = EVENT_SELECT " name = $3 AND" EVENT_CONDITIONS("time");
static const char SQL_EVENTS_BY_ID[] = EVENT_SELECT " id = $1 AND" EVENT_CONDITIONS("+time");
static const char SQL_EVENTS_BY_JOB[] = EVENT_SELECT " job_id >= $2 AND job_id < $2 || '~' AND" EVENT_CONDITIONS("+time");
static const char SQL_EVENTS_BY_PK[] = EVENT_SELECT " host_config_pk = $4 AND" EVENT_CONDITIONS("+time");

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

static const char *event_sql(const struct zync_event_filter *filter, const char *name, uint64_t pk)
{
	if (filter->id != 0)
		return SQL_EVENTS_BY_ID;
	if (filter->job_id != NULL)
		return SQL_EVENTS_BY_JOB;
	if (name != NULL)
		return SQL_EVENTS_BY_NAME;
	return pk != 0 ? SQL_EVENTS_BY_PK : SQL_EVENTS;
}

enum zync_status zync_store_events(struct zync_store *store, const struct zync_event_filter *filter, struct zync_arena *arena,
				   struct zync_event **ret, size_t *ret_count, struct zync_err *err)
{
	int64_t limit = filter->limit == 0 ? INT64_MAX : (int64_t)filter->limit;
	uint64_t pk = 0;
	const char *name = event_host_name(filter->host, &pk);
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(store->db, event_sql(filter, name, pk),
			       ZYNC_PARAMS(ZYNC_P_ID(filter->id), ZYNC_P_TEXT(filter->job_id), ZYNC_P_TEXT(name), ZYNC_P_ID(pk),
					   ZYNC_P_TEXT(filter->state), ZYNC_P_TEXT(filter->kind), ZYNC_P_INT(filter->with_data),
					   ZYNC_P_INT(limit), ZYNC_P_INT(filter->since),
					   ZYNC_P_INT(filter->until == 0 ? INT64_MAX : filter->until)),
			       &stmt, err));
	ZYNC_TRY(zync_store_read_all(stmt, event_read, NULL, sizeof(struct zync_event), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}

#define CHANGE_SELECT                                                                                                 \
	"SELECT id, time, host_config_pk, object_id, hostid, job_id, object_type, name, action, pre_data, post_data," \
	" user_name, request_id FROM change WHERE"
#define CHANGE_CONDITIONS \
	" ($1 IS NULL OR job_id = $1) AND ($2 IS NULL OR host_config_pk = $2) AND" ZYNC_CHANGE_COUNTS(change) " ORDER BY id DESC LIMIT $3"

static const char SQL_CHANGES[] = CHANGE_SELECT CHANGE_CONDITIONS;
static const char SQL_CHANGES_BY_JOB[] = CHANGE_SELECT " job_id = $1 AND" CHANGE_CONDITIONS;
static const char SQL_CHANGES_BY_PK[] = CHANGE_SELECT " host_config_pk = $2 AND" CHANGE_CONDITIONS;

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
	const char *sql = job_id != NULL ? SQL_CHANGES_BY_JOB : host_config_pk != 0 ? SQL_CHANGES_BY_PK : SQL_CHANGES;

	ZYNC_TRY(zync_db_query(
		store->db, sql,
		ZYNC_PARAMS(ZYNC_P_TEXT(job_id), ZYNC_P_ID(host_config_pk), ZYNC_P_INT(limit == 0 ? INT64_MAX : (int64_t)limit)), &stmt,
		err));
	ZYNC_TRY(zync_store_read_all(stmt, change_read, NULL, sizeof(struct zync_change_row), arena, &rows, ret_count, err));
	*ret = rows;
	return ZYNC_OK;
}
