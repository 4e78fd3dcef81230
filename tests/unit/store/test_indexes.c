/* SPDX-License-Identifier: Apache-2.0 */
/* The queries that are asked often, or under a lock, find their rows by an index: what SQLite says of the statements that the store really runs. */
#include "store_test.h"

#include <stdlib.h>

#include "store/guard.h"
#include "store/intent.h"
#include "store/queue.h"

/* Some rows of everything, so that each statement is prepared and run; the planner itself looks at no statistics. */
static void use_everything(struct fixture *fx)
{
	static const struct zync_event_filter EVENTS[] = {
		{.id = 1}, {.job_id = "run"}, {.host = "sw1"}, {.host = "pk:1"}, {.since = 5, .until = 90, .limit = 10}};
	uint64_t slot = slot_of(fx, fx->store);
	struct zync_retention_counts counts;
	struct zync_event *events = NULL;
	struct zync_change_row *changes = NULL;
	struct zync_intent *intents = NULL;
	struct zync_intent intent = {.job_id = "run", .server = "z", .method = "host.update", .entries = "[]"};
	struct zync_event event = {.job_id = "run", .name = "sw1", .kind = "host", .action = "update", .state = "completed", .hostid = 1};
	struct zync_guard_state guard;
	struct zync_job *jobs = NULL;
	struct zync_job queued = {.job_id = "queued", .name = "pull", .kind = "pull", .interval_min = 5};
	struct zync_job_end end = {.job_id = "run", .status = "completed", .completed = 9, .slot = slot, .epoch = 1};
	char id[ZYNC_JOB_ID_SIZE];
	enum zync_cancelled cancelled;
	const char *reason;
	bool flag = false;
	size_t n;
	uint64_t number;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(EVENTS); i++)
		OK(fx, zync_store_events(fx->store, &EVENTS[i], fx->arena, &events, &n, &fx->err));
	OK(fx, zync_store_changes(fx->store, "run", 0, 0, fx->arena, &changes, &n, &fx->err));
	OK(fx, zync_store_changes(fx->store, NULL, 1, 0, fx->arena, &changes, &n, &fx->err));
	OK(fx, zync_store_jobs(fx->store, &(struct zync_job_filter){.job_id = "run"}, fx->arena, &jobs, &n, &fx->err));
	OK(fx, zync_store_jobs(fx->store, &(struct zync_job_filter){.limit = 50}, fx->arena, &jobs, &n, &fx->err));
	OK(fx, zync_store_job_enqueue(fx->store, &queued, 1, id, &flag, &fx->err));
	queued.interval_min = 0;
	OK(fx, zync_store_job_enqueue(fx->store, &queued, 1, id, &flag, &fx->err));
	OK(fx, zync_store_job_take(fx->store, slot, 5, fx->arena, &jobs, &fx->err));
	OK(fx, zync_store_job_enqueue(fx->store, &queued, 1, id, &flag, &fx->err));
	queued.run_at = 99;
	queued.job_id = "later";
	OK(fx, zync_store_job_enqueue(fx->store, &queued, 1, id, &flag, &fx->err));
	OK(fx, zync_store_job_cancel(fx->store, "queued", "w", "u", "r", 6, &cancelled, &fx->err));
	OK(fx, zync_store_job_cancel_reason(fx->store, "queued", fx->arena, &reason, &fx->err));
	running_job(fx, fx->store, "run", slot);
	OK(fx, zync_store_recover(fx->store, 6, NULL, 0, &event, 1, NULL, 0, &fx->err));
	OK(fx, zync_store_jobs_interrupt(fx->store, 7, NULL, &fx->err));
	OK(fx, zync_store_work_want(fx->store, stage(fx, fx->store, 0, 1, "sw1", "d"), &fx->err));
	OK(fx, zync_store_guard_take(fx->store, slot, 1, &guard, &fx->err));
	OK(fx, zync_store_guard_take(fx->store, slot + 1, 1, &guard, &fx->err));
	OK(fx, zync_store_guard_held(fx->store, slot, &flag, &fx->err));
	OK(fx, zync_store_guard_drop(fx->store, slot, &fx->err));
	OK(fx, zync_store_intent_add(fx->store, &intent, &number, &fx->err));
	OK(fx, zync_store_intents_left(fx->store, fx->arena, &intents, &n, &fx->err));
	OK(fx, zync_store_work_refresh(fx->store, &fx->err));
	sql(fx, "UPDATE sequence SET next = next + 1 WHERE name = 'epoch'"); /* another run has committed */
	OK(fx,
	   zync_store_work_set_result(fx->store, 1, &(struct zync_work_result){.outcome = ZYNC_WORK_FOUND_SAME, .checked = 9}, &fx->err));
	OK(fx, zync_store_work_commit(fx->store, 9, &end, NULL, &fx->err));
	OK(fx, zync_store_clean_up(fx->store, &(struct zync_retention){.before = 1, .max_events = 1, .max_jobs = 1}, &counts, &fx->err));
}

/* The plan of the statement that contains the words, its steps separated by "; ". */
static const char *plan_of(struct fixture *fx, const char *words)
{
	struct zync_stmt *stmt = NULL;
	const char *text = NULL;
	char *plan = zync_arena_strdup(fx->arena, "");
	size_t found_texts = 0;
	bool row = false;

	OK(fx, zync_db_query(fx->store->db, "SELECT DISTINCT sql FROM sqlite_stmt WHERE instr(sql, $1) > 0",
			     ZYNC_PARAMS(ZYNC_P_TEXT(words)), &stmt, &fx->err));
	for (;;) {
		OK(fx, zync_db_next(stmt, &row, &fx->err));
		if (!row)
			break;
		text = zync_arena_printf(fx->arena, "EXPLAIN QUERY PLAN %s", zync_db_text(stmt, 0));
		found_texts++;
	}
	if (found_texts != 1)
		fail_msg("%zu statements have \"%s\"", found_texts, words);
	/* The parameters stay unbound; the text lives as long as the connection keeps its statement. */
	OK(fx, zync_db_query(fx->store->db, text, ZYNC_NO_PARAMS, &stmt, &fx->err));
	for (;;) {
		OK(fx, zync_db_next(stmt, &row, &fx->err));
		if (!row)
			return plan;
		plan = zync_arena_printf(fx->arena, "%s%s; ", plan, zync_db_text(stmt, 3));
	}
}

static void test_plans(void **state)
{
	struct fixture *fx = *state;
	static const struct {
		const char *words, *uses, *not;
	} CASES[] = {
		/* events */
		{"FROM event WHERE id = $1 AND", "event USING INTEGER PRIMARY KEY", NULL},
		{"FROM event WHERE job_id >= $2", "event USING INDEX event_job", NULL},
		{"FROM event WHERE name = $3", "event USING INDEX event_name", NULL},
		{"FROM event WHERE host_config_pk = $4", "event USING INDEX event_host", NULL},
		{"FROM event WHERE ($1 IS NULL", "event USING INDEX event_time", "TEMP B-TREE"},
		{"FROM change WHERE job_id = $1", "change USING INDEX change_job", NULL},
		{"FROM change WHERE host_config_pk = $2", "change USING INDEX change_host", NULL},
		/* jobs and the queue */
		{"FROM job WHERE job_id >= $1", "job USING INDEX sqlite_autoindex_job_1", NULL},
		{"FROM job WHERE status = $3 AND", "job USING INDEX job_status", NULL},
		{"FROM job WHERE ($1 IS NULL", "job USING INDEX job_created", NULL},
		{"FROM job WHERE status IN ('pending', 'scheduled') AND coalesce", "job USING INDEX job_status", "SCAN job"},
		{"FROM job WHERE status = 'running' AND kind = $1", "job USING INDEX job_status (status=? AND kind=?)", NULL},
		{"FROM job WHERE status IN ('scheduled', 'pending') AND kind = $1", "job USING INDEX job_status (status=? AND kind=?)",
		 NULL},
		{"FROM job WHERE status = 'scheduled' AND kind = $1 AND run_at", "job USING INDEX job_status (status=? AND kind=?)", NULL},
		{"WHERE job_id = (SELECT o.job_id", "o USING INDEX job_status (status=? AND kind=?)", "SCAN"},
		{"SELECT j.interval_min", "j USING INDEX sqlite_autoindex_job_1", "SCAN"},
		/* guards */
		{"UPDATE guard SET slot = NULL, epoch", "guard USING INDEX guard_slot", "SCAN"},
		{"UPDATE guard SET slot = NULL WHERE", "guard USING INDEX guard_slot", "SCAN"},
		{"SELECT min(slot) FROM guard", "guard USING COVERING INDEX guard_slot", "SCAN guard"},
		{"EXISTS (SELECT 1 FROM guard WHERE slot = $1", "guard USING COVERING INDEX guard_slot", NULL},
		{"SELECT count(*), min(g.slot)", "g USING INDEX sqlite_autoindex_guard_1", "AUTOMATIC"},
		{"AND g.slot IS NULL AND g.epoch", "g USING INDEX sqlite_autoindex_guard_1", "AUTOMATIC"},
		{"SELECT job_id FROM job WHERE status = 'running' AND slot", "job USING INDEX job_status", "SCAN"},
		{"DELETE FROM guard WHERE slot IS NULL", "job USING COVERING INDEX job_status", NULL},
		{"SELECT EXISTS (SELECT 1 FROM event WHERE job_id", "event USING INDEX event_job (job_id=? AND hostid=?)", NULL},
		/* the commit */
		{"DELETE FROM work WHERE outcome IN (5, 6) AND", "g USING INDEX sqlite_autoindex_guard_1", NULL},
		{"SELECT EXISTS (SELECT 1 FROM intent i JOIN job j", "i USING COVERING INDEX intent_job", "SCAN i"},
		{"SELECT EXISTS (SELECT 1 FROM change c JOIN job j ON j.job_id = c.job_id WHERE c.job_id",
		 "c USING COVERING INDEX change_job", NULL},
		{"UPDATE work_event SET host_config_pk", "c USING COVERING INDEX sqlite_autoindex_host_config_1", NULL},
		{"UPDATE work SET pk = c.pk", "c USING COVERING INDEX sqlite_autoindex_host_config_1", NULL},
		{"UPDATE work SET name = c.name", "c USING INTEGER PRIMARY KEY", NULL},
		/* retention */
		{"DELETE FROM event WHERE id IN", "event USING COVERING INDEX event_time", "TEMP B-TREE FOR ORDER"},
		{"DELETE FROM change WHERE id IN", "change USING INDEX change_time", "TEMP B-TREE FOR ORDER"},
		{"SELECT time, id FROM event ORDER BY", "event USING COVERING INDEX event_time", "TEMP B-TREE"},
		{"DELETE FROM job_log WHERE id IN", "l USING COVERING INDEX job_log_job", "SCAN l"},
		{"DELETE FROM job WHERE job_id IN", "n USING COVERING INDEX job_name", "SCAN n"},
	};
	size_t wrong = 0;

	use_everything(fx);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		const char *plan = plan_of(fx, CASES[i].words);

		if (strstr(plan, CASES[i].uses) != NULL && (CASES[i].not== NULL || strstr(plan, CASES[i].not) == NULL))
			continue;
		print_error("%s: %s\n", CASES[i].words, plan);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

TEST_GROUP(test_indexes, TEST(test_plans));
