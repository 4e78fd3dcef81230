/* SPDX-License-Identifier: Apache-2.0 */
/* Recording what runs that did not come to their end have left in Zabbix. */
#include "base/str.h"
#include "store/intent.h"
#include "store/store_priv.h"

struct recover {
	int64_t now;
	const struct zync_recovered *hosts;
	size_t host_count;
	const struct zync_event *events;
	size_t event_count;
	const uint64_t *intents;
	size_t intent_count;
};

/* The stored host config of a recovered host; pk 0: there is none. */
struct recover_row {
	uint64_t pk, hostid;
	bool same_server;
};

static enum zync_status recover_find(struct zync_store *store, const struct zync_recovered *host, uint64_t object_id,
				     struct recover_row *ret, struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	bool row = false;

	*ret = (struct recover_row){0};
	ZYNC_TRY(zync_db_query(store->db, "SELECT pk, hostid, server = $3 FROM host_config WHERE object_type = $1 AND object_id = $2",
			       ZYNC_PARAMS(ZYNC_P_TEXT(host->object_type), ZYNC_P_INT(object_id), ZYNC_P_TEXT(host->server)), &stmt, err));
	ZYNC_TRY(zync_db_next(stmt, &row, err));
	if (!row)
		return ZYNC_OK;
	ret->pk = (uint64_t)zync_db_int(stmt, 0);
	ret->hostid = (uint64_t)zync_db_int(stmt, 1);
	ret->same_server = zync_db_int(stmt, 2) != 0;
	zync_db_end(stmt);
	return ZYNC_OK;
}

/* The number that the dead run had reserved, unless another object has got it: after a backup was put back it may have been given twice. */
static enum zync_status recover_number(struct zync_store *store, uint64_t reserved, uint64_t *ret, struct zync_err *err)
{
	uint64_t taken = 1;

	if (reserved != 0)
		ZYNC_TRY(zync_store_number(store, "SELECT count(*) FROM host_config WHERE pk = $1", ZYNC_PARAMS(ZYNC_P_INT(reserved)),
					   &taken, err));
	if (taken != 0)
		return zync_store_number(store, "UPDATE sequence SET next = next + 1 WHERE name = 'host_config' RETURNING next - 1",
					 ZYNC_NO_PARAMS, ret, err);
	*ret = reserved;
	return zync_db_run(store->db, "UPDATE sequence SET next = $1 + 1 WHERE name = 'host_config' AND next <= $1",
			   ZYNC_PARAMS(ZYNC_P_INT(reserved)), NULL, err);
}

static enum zync_status recover_insert(struct zync_store *store, const struct zync_recovered *host, int64_t now, uint64_t *ret_pk,
				       struct zync_err *err)
{
	ZYNC_TRY(recover_number(store, host->pk, ret_pk, err));
	return zync_db_run(
		store->db,
		"INSERT INTO host_config (pk, object_type, object_id, name, host, server, hostid, state, in_sync, created, updated)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, 'monitored', 0, $8, $8)",
		ZYNC_PARAMS(ZYNC_P_INT(*ret_pk), ZYNC_P_TEXT(host->object_type), ZYNC_P_INT(host->object_id), ZYNC_P_TEXT(host->name),
			    ZYNC_P_TEXT(host->host), ZYNC_P_TEXT(host->server), ZYNC_P_ID(host->hostid), ZYNC_P_INT(now)),
		NULL, err);
}

static enum zync_status recover_applied(struct zync_store *store, const struct zync_recovered *host, uint64_t pk, struct zync_err *err)
{
	uint64_t id = 0;

	ZYNC_TRY(zync_store_text_numbers(store, 1, &id, err));
	ZYNC_TRY(zync_db_run(store->db,
			     "INSERT INTO host_text (id, object_type, object_id, desired) SELECT $1, object_type, object_id, $3 FROM "
			     "host_config WHERE pk = $2",
			     ZYNC_PARAMS(ZYNC_P_INT(id), ZYNC_P_INT(pk), ZYNC_P_TEXT(host->applied)), NULL, err));
	return zync_db_run(
		store->db,
		"INSERT INTO host_state (pk, applied_id) VALUES ($1, $2) ON CONFLICT (pk) DO UPDATE SET applied_id = excluded.applied_id",
		ZYNC_PARAMS(ZYNC_P_INT(pk), ZYNC_P_INT(id)), NULL, err);
}

/* What hangs on the host config: it is not known to be in sync, and its secrets and what was written to it may be others now. */
static enum zync_status recover_touch(struct zync_store *store, const struct zync_recovered *host, uint64_t pk, uint64_t hostid,
				      int64_t now, struct zync_err *err)
{
	ZYNC_TRY(zync_db_run(store->db, "UPDATE host_config SET hostid = $2, in_sync = 0, updated = $3 WHERE pk = $1",
			     ZYNC_PARAMS(ZYNC_P_INT(pk), ZYNC_P_ID(hostid), ZYNC_P_INT(now)), NULL, err));
	if (host->forget_pushed)
		ZYNC_TRY(zync_db_run(store->db, "UPDATE host_state SET pushed = NULL WHERE pk = $1", ZYNC_PARAMS(ZYNC_P_INT(pk)), NULL,
				     err));
	return host->applied == NULL ? ZYNC_OK : recover_applied(store, host, pk, err);
}

static enum zync_status recover_host(struct zync_store *store, const struct zync_recovered *host, int64_t now, struct zync_err *err)
{
	struct recover_row row;
	uint64_t hostid;

	ZYNC_TRY(recover_find(store, host, host->object_id, &row, err));
	if (row.pk == 0 && host->moved_from != 0) {
		ZYNC_TRY(recover_find(store, host, host->moved_from, &row, err));
		if (row.pk != 0 && host->moved)
			ZYNC_TRY(zync_store_move_now(store, row.pk, host->object_id, err));
	}
	if (row.pk == 0) {
		if (!host->exists)
			return ZYNC_OK;
		ZYNC_TRY(recover_insert(store, host, now, &row.pk, err));
		return recover_touch(store, host, row.pk, host->hostid, now, err);
	}
	/* A config that has moved to another server, or has another link, has nothing to do with this host any more. */
	if (!row.same_server || (host->hostid != 0 && row.hostid != 0 && row.hostid != host->hostid))
		return ZYNC_OK;
	hostid = row.hostid;
	if (host->exists)
		hostid = host->hostid;
	else if (host->gone)
		hostid = 0;
	return recover_touch(store, host, row.pk, hostid, now, err);
}

static enum zync_status recover_guard(struct zync_store *store, const char *object_type, uint64_t object_id, uint64_t epoch,
				      struct zync_err *err)
{
	return zync_db_run(store->db,
			   "INSERT INTO guard (object_type, object_id, slot, epoch) VALUES ($1, $2, NULL, $3)"
			   " ON CONFLICT (object_type, object_id) DO UPDATE SET epoch = excluded.epoch",
			   ZYNC_PARAMS(ZYNC_P_TEXT(object_type), ZYNC_P_INT(object_id), ZYNC_P_INT(epoch)), NULL, err);
}

/* Everybody who planned before this must plan these hosts anew, as after a run that wrote them. */
static enum zync_status recover_hosts(struct zync_store *store, const struct recover *recover, struct zync_err *err)
{
	uint64_t epoch = 0;

	ZYNC_TRY(zync_store_epoch_next(store, &epoch, err));
	for (size_t i = 0; i < recover->host_count; i++) {
		const struct zync_recovered *host = &recover->hosts[i];

		ZYNC_TRY(recover_host(store, host, recover->now, err));
		ZYNC_TRY(recover_guard(store, host->object_type, host->object_id, epoch, err));
		if (host->moved_from != 0)
			ZYNC_TRY(recover_guard(store, host->object_type, host->moved_from, epoch, err));
	}
	return zync_store_guard_prune(store, err);
}

/* Events of a run move to their place shortly before its commit (merge.c): what it told already is not told twice. */
static enum zync_status recover_event(struct zync_store *store, const struct zync_event *event, struct zync_err *err)
{
	uint64_t told = 0;

	ZYNC_TRY(zync_store_number(
		store, "SELECT EXISTS (SELECT 1 FROM event WHERE job_id = $1 AND kind = 'host' AND hostid = $2 AND state = 'completed')",
		ZYNC_PARAMS(ZYNC_P_TEXT(event->job_id), ZYNC_P_INT(event->hostid)), &told, err));
	return told != 0 ? ZYNC_OK : zync_store_event_add(store, event, err);
}

/* Is all still in the journal? If not, another process has recorded meanwhile what became of it, and may know more by now. */
static enum zync_status recover_all_left(struct zync_store *store, const struct recover *recover, bool *ret, struct zync_err *err)
{
	*ret = true;
	for (size_t i = 0; i < recover->intent_count && *ret; i++) {
		uint64_t left = 0;

		ZYNC_TRY(zync_store_number(store, "SELECT count(*) FROM intent WHERE id = $1", ZYNC_PARAMS(ZYNC_P_INT(recover->intents[i])),
					   &left, err));
		*ret = left != 0;
	}
	return ZYNC_OK;
}

static enum zync_status recover_all(struct zync_store *store, void *ctx, struct zync_err *err)
{
	const struct recover *recover = ctx;
	bool left = false;

	ZYNC_TRY(recover_all_left(store, recover, &left, err));
	if (!left)
		return ZYNC_OK;
	ZYNC_TRY(recover_hosts(store, recover, err));
	for (size_t i = 0; i < recover->event_count; i++)
		ZYNC_TRY(recover_event(store, &recover->events[i], err));
	for (size_t i = 0; i < recover->intent_count; i++)
		ZYNC_TRY(zync_db_run(store->db, "DELETE FROM intent WHERE id = $1", ZYNC_PARAMS(ZYNC_P_INT(recover->intents[i])), NULL,
				     err));
	return ZYNC_OK;
}

enum zync_status zync_store_recover(struct zync_store *store, int64_t now, const struct zync_recovered *hosts, size_t host_count,
				    const struct zync_event *events, size_t event_count, const uint64_t *intents, size_t intent_count,
				    struct zync_err *err)
{
	struct recover recover = {.now = now,
				  .hosts = hosts,
				  .host_count = host_count,
				  .events = events,
				  .event_count = event_count,
				  .intents = intents,
				  .intent_count = intent_count};

	return zync_store_transaction(store, recover_all, &recover, err);
}
