/* SPDX-License-Identifier: Apache-2.0 */
#include "store_test.h"

#include <stdlib.h>
#include <unistd.h>

int fixture_setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	assert_non_null(fx);
	(void)snprintf(fx->folder, sizeof(fx->folder), "/tmp/zync-store-XXXXXX");
	assert_non_null(mkdtemp(fx->folder));
	(void)snprintf(fx->path, sizeof(fx->path), "%s/zync.db", fx->folder);
	(void)snprintf(fx->url, sizeof(fx->url), "sqlite:%s", fx->path);
	fx->arena = zync_arena_new(0);
	assert_non_null(fx->arena);
	OK(fx, zync_store_open(fx->url, &fx->store, &fx->err));
	OK(fx, zync_store_work_begin(fx->store, &fx->err));
	*state = fx;
	return 0;
}

int fixture_teardown(void **state)
{
	static const char *const SUFFIXES[] = {"", "-wal", "-shm", "-journal", ".lock"};
	struct fixture *fx = *state;

	zync_store_close(fx->store);
	zync_arena_free(fx->arena);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(SUFFIXES); i++) {
		char path[160];

		(void)snprintf(path, sizeof(path), "%s%s", fx->path, SUFFIXES[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(fx->folder), 0);
	free(fx);
	return 0;
}

struct zync_store *fixture_second(struct fixture *fx)
{
	struct zync_store *store = NULL;

	OK(fx, zync_store_open(fx->url, &store, &fx->err));
	OK(fx, zync_store_work_begin(store, &fx->err));
	return store;
}

void sql(struct fixture *fx, const char *text)
{
	OK(fx, zync_db_script(fx->store->db, text, &fx->err));
}

int64_t sql_number(struct fixture *fx, const char *text)
{
	struct zync_stmt *stmt = NULL;
	bool row = false;
	int64_t number = -1;

	OK(fx, zync_db_query(fx->store->db, text, ZYNC_NO_PARAMS, &stmt, &fx->err));
	OK(fx, zync_db_next(stmt, &row, &fx->err));
	if (row) {
		number = zync_db_int(stmt, 0);
		zync_db_end(stmt);
	}
	return number;
}

uint64_t stage(struct fixture *fx, struct zync_store *store, uint64_t pk, uint64_t object_id, const char *name, const char *desired)
{
	struct zync_work work = {
		.rank = 1,
		.pk = pk,
		.is_new = pk == 0,
		.object_type = "device",
		.object_id = object_id,
		.name = name,
		.host = desired != NULL ? name : NULL,
		.server = "zabbix",
		.state = "monitored",
		.desired = desired,
		.digest = desired, /* any text that changes with it */
		.secrets = desired != NULL ? "{\"d\":\"sealed\"}" : NULL,
	};
	uint64_t seq = 0;

	OK(fx, zync_store_work_add(store, &work, &seq, &fx->err));
	return seq;
}

void result(struct fixture *fx, struct zync_store *store, uint64_t seq, enum zync_work_outcome outcome, uint64_t hostid)
{
	struct zync_work_result r = {
		.outcome = outcome,
		.hostid = hostid,
		.error = outcome == ZYNC_WORK_FAILED ? "it failed" : NULL,
		.applied = outcome == ZYNC_WORK_SYNCED,
		.pushed = outcome == ZYNC_WORK_SYNCED ? "{\"{$S}\":\"digest\"}" : NULL,
	};

	OK(fx, zync_store_work_set_result(store, seq, &r, &fx->err));
}

uint64_t slot_of(struct fixture *fx, struct zync_store *store)
{
	uint64_t slot = 0;

	OK(fx, zync_store_slot_take(store, &slot, &fx->err));
	return slot;
}

void running_job(struct fixture *fx, struct zync_store *store, const char *job_id, uint64_t slot)
{
	struct zync_job job = {.job_id = job_id,
			       .name = "sync-hosts-now",
			       .status = "running",
			       .user = "eve",
			       .request_id = "r1",
			       .created = 10,
			       .started = 10,
			       .slot = slot};

	OK(fx, zync_store_job_start(store, &job, &fx->err));
}

struct zync_job job_of(struct fixture *fx, const char *job_id)
{
	struct zync_job *jobs = NULL;
	size_t count = 0;

	OK(fx, zync_store_jobs(fx->store, &(struct zync_job_filter){.job_id = job_id}, fx->arena, &jobs, &count, &fx->err));
	if (count != 1)
		fail_msg("%zu jobs %s", count, job_id);
	return jobs[0];
}

void commit(struct fixture *fx, struct zync_store *store, int64_t now)
{
	OK(fx, zync_store_work_commit(store, now, NULL, NULL, &fx->err));
}

void synced_host(struct fixture *fx, uint64_t object_id, const char *name, uint64_t hostid)
{
	uint64_t seq = stage(fx, fx->store, 0, object_id, name, name);

	OK(fx, zync_store_work_settle(fx->store, /* reserve_pks= */ true, NULL, &fx->err));
	result(fx, fx->store, seq, ZYNC_WORK_SYNCED, hostid);
	commit(fx, fx->store, 1000);
}

struct zync_host_config one(struct fixture *fx, const struct zync_host_config_filter *filter)
{
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	OK(fx, zync_store_host_configs(fx->store, filter, fx->arena, &configs, &count, &fx->err));
	assert_int_equal(count, 1);
	return configs[0];
}

size_t found(struct fixture *fx, struct zync_host_config_filter filter)
{
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	OK(fx, zync_store_host_configs(fx->store, &filter, fx->arena, &configs, &count, &fx->err));
	return count;
}

int main(void)
{
	const struct test_group *const groups[] = {&test_open,	 &test_upgrade,	  &test_read,	  &test_work,	   &test_learn,
						   &test_move,	 &test_compared,  &test_audit,	  &test_slot,	   &test_queue,
						   &test_guard,	 &test_intent,	  &test_settings, &test_retention, &test_indexes,
						   &test_import, &test_made_group};
	struct CMUnitTest all[256];
	size_t count = 0;

	/* One TAP stream may hold one plan only. */
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(groups); i++) {
		ZYNC_ASSERT(groups[i]->count <= ZYNC_ARRAY_LEN(all) - count);
		memcpy(all + count, groups[i]->tests, groups[i]->count * sizeof(all[0]));
		count += groups[i]->count;
	}
	return _cmocka_run_group_tests("store", all, count, NULL, NULL);
}
