/* SPDX-License-Identifier: Apache-2.0 */
/* Host configs: reading, filtering, linking. They are written by the commit of a run (work.c). */
#include <string.h>

#include "base/str.h"
#include "store/store_priv.h"

/* How the user named a host config. */
struct host_config_selector {
	int64_t pk;
	const char *object_type;
	int64_t object_id;
	const char *name;
};

/* "pk:N", "device:N", "vm:N", else a name; a name that merely looks like one of these ("vm:web") is a name. */
static struct host_config_selector host_config_select(const char *text)
{
	struct host_config_selector selector = {.name = text};
	const char *colon = text == NULL ? NULL : strchr(text, ':');
	uint64_t number = 0;

	if (colon == NULL || !zync_str_to_u64(colon + 1, &number) || number > INT64_MAX)
		return selector;
	if (zync_str_starts(text, "pk:"))
		selector = (struct host_config_selector){.pk = (int64_t)number};
	else if (zync_str_starts(text, "device:"))
		selector = (struct host_config_selector){.object_type = "device", .object_id = (int64_t)number};
	else if (zync_str_starts(text, "vm:"))
		selector = (struct host_config_selector){.object_type = "vm", .object_id = (int64_t)number};
	return selector;
}

/* Absent conditions are NULL parameters, so that one text (and one prepared statement) serves every filter. */
#define HOST_CONFIG_COLUMNS                                                                               \
	"c.pk, c.object_id, c.hostid, coalesce(c.in_sync, -1), c.last_sync_update, c.created, c.updated," \
	" c.object_type, c.name, c.host, c.server, c.state, c.reason, c.last_error"
#define HOST_CONFIG_CONDITIONS                                                                                               \
	" WHERE c.pk > $1 AND ($2 IS NULL OR c.pk = $2) AND ($3 IS NULL OR (c.object_type = $3 AND c.object_id = $4))"       \
	" AND ($5 IS NULL OR c.name = $5 OR c.host = $5) AND ($6 IS NULL OR c.server = $6) AND ($7 IS NULL OR c.state = $7)" \
	" AND ($8 < 0 OR coalesce(c.in_sync, 0) = $8) AND ($9 = 0 OR c.last_error IS NOT NULL)"                              \
	" AND ($10 = 0 OR coalesce(c.last_sync_update, 0) < $10) ORDER BY c.pk LIMIT $11"
#define HOST_CONFIG_FIRST_TEXT 7

static const char SQL_HOST_CONFIGS[] = "SELECT " HOST_CONFIG_COLUMNS " FROM host_config c" HOST_CONFIG_CONDITIONS;
static const char SQL_HOST_CONFIGS_STATE[] =
	"SELECT " HOST_CONFIG_COLUMNS ", d.desired, s.digest, d.secrets, " ZYNC_APPLIED ", s.pushed"
	" FROM host_config c LEFT JOIN host_state s ON s.pk = c.pk" ZYNC_JOIN_TEXTS HOST_CONFIG_CONDITIONS;

static enum zync_status host_config_read(struct zync_stmt *stmt, const void *with_state, struct zync_arena *arena, void *row,
					 struct zync_err *err)
{
	struct zync_host_config *ret = row;
	const char **texts[] = {&ret->object_type, &ret->name,	  &ret->host,	&ret->server,  &ret->state,   &ret->reason,
				&ret->last_error,  &ret->desired, &ret->digest, &ret->secrets, &ret->applied, &ret->pushed};
	size_t count = *(const bool *)with_state ? ZYNC_ARRAY_LEN(texts) : 7;

	*ret = (struct zync_host_config){
		.pk = (uint64_t)zync_db_int(stmt, 0),
		.object_id = (uint64_t)zync_db_int(stmt, 1),
		.hostid = (uint64_t)zync_db_int(stmt, 2),
		.in_sync = (int)zync_db_int(stmt, 3),
		.last_sync_update = zync_db_int(stmt, 4),
		.created = zync_db_int(stmt, 5),
		.updated = zync_db_int(stmt, 6),
	};
	return zync_store_copy_texts(stmt, HOST_CONFIG_FIRST_TEXT, arena, texts, count, err);
}

enum zync_status zync_store_host_configs(struct zync_store *store, const struct zync_host_config_filter *filter, struct zync_arena *arena,
					 struct zync_host_config **ret, size_t *ret_count, struct zync_err *err)
{
	struct host_config_selector selector = host_config_select(filter->name);
	int64_t limit = filter->limit == 0 || filter->limit > INT64_MAX ? INT64_MAX : (int64_t)filter->limit;
	struct zync_stmt *stmt = NULL;
	void *rows = NULL;

	ZYNC_TRY(zync_db_query(store->db, filter->with_state ? SQL_HOST_CONFIGS_STATE : SQL_HOST_CONFIGS,
			       ZYNC_PARAMS(ZYNC_P_INT(filter->after_pk), ZYNC_P_ID(selector.pk), ZYNC_P_TEXT(selector.object_type),
					   ZYNC_P_INT(selector.object_id), ZYNC_P_TEXT(selector.name), ZYNC_P_TEXT(filter->server),
					   ZYNC_P_TEXT(filter->state), ZYNC_P_INT(filter->in_sync), ZYNC_P_INT(filter->failed),
					   ZYNC_P_INT(filter->checked_before), ZYNC_P_INT(limit)),
			       &stmt, err));
	ZYNC_TRY(zync_store_read_all(stmt, host_config_read, &filter->with_state, sizeof(struct zync_host_config), arena, &rows, ret_count,
				     err));
	*ret = rows;
	return ZYNC_OK;
}

enum zync_status zync_store_count_linked(struct zync_store *store, uint64_t *ret, struct zync_err *err)
{
	return zync_store_number(store, "SELECT count(*) FROM host_config WHERE hostid IS NOT NULL AND state <> 'removed'", ZYNC_NO_PARAMS,
				 ret, err);
}
