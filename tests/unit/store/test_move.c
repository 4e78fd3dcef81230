/* SPDX-License-Identifier: Apache-2.0 */
/* Host configs that move to another object, since the master of their virtual chassis has changed. */
#include "store_test.h"

#include "store/guard.h"
#include "store/intent.h"

/* Stage a host config under its new object. */
static uint64_t move(struct fixture *fx, struct zync_store *store, uint64_t pk, uint64_t from, uint64_t to, const char *name,
		     const char *desired)
{
	struct zync_work work = {.rank = 1,
				 .pk = pk,
				 .object_type = "device",
				 .object_id = to,
				 .moved_from = from,
				 .name = name,
				 .host = name,
				 .server = "zabbix",
				 .hostid = 100 + pk,
				 .state = "monitored",
				 .desired = desired,
				 .digest = desired};
	uint64_t seq = 0;

	OK(fx, zync_store_work_add(store, &work, &seq, &fx->err));
	return seq;
}

static void settle(struct fixture *fx, struct zync_store *store)
{
	OK(fx, zync_store_work_settle(store, /* reserve_pks= */ true, NULL, &fx->err));
}

/* Which host config is the object's, 0: none. */
static int64_t pk_of(struct fixture *fx, uint64_t object_id)
{
	char name[32];
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	(void)snprintf(name, sizeof(name), "device:%llu", (unsigned long long)object_id);
	OK(fx, zync_store_host_configs(fx->store, &(struct zync_host_config_filter){.in_sync = -1, .name = name}, fx->arena, &configs,
				       &count, &fx->err));
	return count == 1 ? (int64_t)configs[0].pk : 0;
}

/* Every text belongs to the object of its host config, and is still there after the clean-up. */
static void assert_texts(struct fixture *fx, int64_t rows)
{
	struct zync_retention_counts counts;

	OK(fx, zync_store_clean_up(fx->store, &(struct zync_retention){0}, &counts, &fx->err));
	assert_int_equal(
		sql_number(fx, "SELECT count(*) FROM host_config c JOIN host_state s ON s.pk = c.pk JOIN host_text d ON d.id = s.desired_id"
			       " JOIN host_text a ON a.id = s.applied_id WHERE d.object_id = c.object_id AND a.object_id = c.object_id"),
		rows);
}

static void test_moves(void **state)
{
	static const struct {
		enum zync_work_outcome outcome;
		const char *desired; /* NULL: as stored */
		bool moves;
	} cases[] = {
		{ZYNC_WORK_SYNCED, NULL, true},	 {ZYNC_WORK_SYNCED, "new", true},  {ZYNC_WORK_OUT_OF_SYNC, "new", true},
		{ZYNC_WORK_FAILED, NULL, false}, {ZYNC_WORK_FAILED, "new", false}, {ZYNC_WORK_UNDECIDED, "new", false},
	};
	struct fixture *fx = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		uint64_t from = 10 * i + 1, to = from + 1, seq;
		int64_t pk;

		synced_host(fx, from, "stack", 100 + i + 1);
		pk = pk_of(fx, from);
		seq = move(fx, fx->store, (uint64_t)pk, from, to, "stack", cases[i].desired);
		settle(fx, fx->store);
		if (cases[i].outcome != ZYNC_WORK_UNDECIDED)
			result(fx, fx->store, seq, cases[i].outcome, 100 + i + 1);
		commit(fx, fx->store, 2000);
		assert_int_equal(pk_of(fx, to), cases[i].moves ? pk : 0);
		assert_int_equal(pk_of(fx, from), cases[i].moves ? 0 : pk);
		assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), (int64_t)i + 1);
		assert_texts(fx, (int64_t)i + 1);
	}
}

/* Two that change places, three in a circle: none meets another on the way. */
static void test_circles(void **state)
{
	struct fixture *fx = *state;

	for (uint64_t size = 2; size <= 3; size++) {
		uint64_t first = 10 * size;
		int64_t pks[3] = {0};

		for (uint64_t i = 0; i < size; i++) {
			synced_host(fx, first + i, "sw", 100 * size + i);
			pks[i] = pk_of(fx, first + i);
		}
		for (uint64_t i = 0; i < size; i++)
			result(fx, fx->store, move(fx, fx->store, (uint64_t)pks[i], first + i, first + (i + 1) % size, "sw", "new"),
			       ZYNC_WORK_SYNCED, 100 * size + i);
		commit(fx, fx->store, 2000);
		for (uint64_t i = 0; i < size; i++)
			assert_int_equal(pk_of(fx, first + (i + 1) % size), pks[i]);
	}
	assert_texts(fx, 5);
}

/* One of a circle fails: it stays, and so does everyone who wanted its place. One that is forgotten is no obstacle. */
static void test_blocked(void **state)
{
	struct fixture *fx = *state;

	synced_host(fx, 1, "a", 101);
	synced_host(fx, 2, "b", 102);
	synced_host(fx, 3, "c", 103);
	result(fx, fx->store, move(fx, fx->store, 1, 1, 2, "a", NULL), ZYNC_WORK_SYNCED, 101);
	result(fx, fx->store, move(fx, fx->store, 2, 2, 3, "b", NULL), ZYNC_WORK_SYNCED, 102);
	result(fx, fx->store, move(fx, fx->store, 3, 3, 4, "c", NULL), ZYNC_WORK_FAILED, 103);
	commit(fx, fx->store, 2000);
	for (uint64_t i = 1; i <= 3; i++)
		assert_int_equal(pk_of(fx, i), (int64_t)i);
	result(fx, fx->store, move(fx, fx->store, 1, 1, 2, "a", NULL), ZYNC_WORK_SYNCED, 101);
	result(fx, fx->store, move(fx, fx->store, 2, 2, 1, "b", NULL), ZYNC_WORK_FORGET, 0);
	commit(fx, fx->store, 3000);
	assert_int_equal(pk_of(fx, 2), 1);
	assert_int_equal(pk_of(fx, 1), 0);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 2);
	/* A row that does not move itself keeps its place. */
	result(fx, fx->store, move(fx, fx->store, 1, 2, 3, "a", NULL), ZYNC_WORK_SYNCED, 101);
	commit(fx, fx->store, 4000);
	assert_int_equal(pk_of(fx, 2), 1);
	assert_int_equal(pk_of(fx, 3), 3);
	assert_texts(fx, 2);
}

/* Another run has made the same move first, or forgotten the host config: this one ends with one row. */
static void test_others_were_first(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *other = fixture_second(fx);
	struct zync_work *rows = NULL;
	size_t count = 0;
	uint64_t seq;

	synced_host(fx, 1, "stack", 101);
	seq = move(fx, fx->store, 1, 1, 2, "stack", "new");
	settle(fx, fx->store);
	result(fx, other, move(fx, other, 1, 1, 2, "stack", "new"), ZYNC_WORK_SYNCED, 101);
	commit(fx, other, 1500);
	OK(fx, zync_store_work_refresh(fx->store, &fx->err));
	OK(fx, zync_store_work_page(fx->store, "zabbix", -1, 0, 10, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].pk, 1);
	assert_int_equal(rows[0].object_id, 2);
	assert_int_equal(rows[0].moved_from, 0);
	assert_int_equal(rows[0].hostid, 101);
	result(fx, fx->store, seq, ZYNC_WORK_SYNCED, 101);
	commit(fx, fx->store, 2000);
	assert_int_equal(pk_of(fx, 2), 1);

	/* Moved on to a third object meanwhile, without having been planned anew: what this run found says nothing of that. */
	seq = move(fx, fx->store, 1, 2, 3, "stack", "new");
	result(fx, fx->store, seq, ZYNC_WORK_SYNCED, 101);
	result(fx, other, move(fx, other, 1, 2, 3, "stack", "newer"), ZYNC_WORK_SYNCED, 101);
	commit(fx, other, 2500);
	commit(fx, fx->store, 3000);
	assert_int_equal(pk_of(fx, 3), 1);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 1);
	assert_texts(fx, 1);

	/* A refresh keeps a move that still is one. */
	(void)move(fx, fx->store, 1, 3, 4, "stack", "newest");
	result(fx, other, stage(fx, other, 0, 9, "else", "else"), ZYNC_WORK_SYNCED, 109);
	settle(fx, other);
	commit(fx, other, 3500);
	OK(fx, zync_store_work_refresh(fx->store, &fx->err));
	OK(fx, zync_store_work_page(fx->store, "zabbix", -1, 0, 10, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].pk, 1);
	assert_int_equal(rows[0].object_id, 4);
	assert_int_equal(rows[0].moved_from, 3);
	assert_string_equal(rows[0].desired, "newest");
	zync_store_close(other);
}

/* Who writes a host that moves keeps away those that know it by its former object, and by its new one. */
static void test_guards(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *other = fixture_second(fx);
	uint64_t slot = slot_of(fx, fx->store), others = slot_of(fx, other), epoch = 0;
	struct zync_guard_state guard = {0};

	synced_host(fx, 1, "stack", 101);
	OK(fx, zync_store_guard_epoch(fx->store, &epoch, &fx->err));
	OK(fx, zync_store_work_want(fx->store, move(fx, fx->store, 1, 1, 2, "stack", NULL), &fx->err));
	OK(fx, zync_store_guard_take(fx->store, slot, epoch, &guard, &fx->err));
	assert_int_equal(guard.conflicts, 0);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM guard WHERE object_type = 'device' AND object_id IN (1, 2)"), 2);
	for (uint64_t object = 1; object <= 3; object++) {
		OK(fx, zync_store_work_begin(other, &fx->err));
		OK(fx, zync_store_work_want(other, stage(fx, other, object == 1 ? 1 : 0, object, "x", "x"), &fx->err));
		OK(fx, zync_store_guard_take(other, others, epoch, &guard, &fx->err));
		assert_int_equal(guard.conflicts != 0, object < 3);
	}
	zync_store_slot_release(other);
	zync_store_close(other);
}

/* A run was killed when its host carried the new mark already. */
static void test_recovered(void **state)
{
	struct fixture *fx = *state;

	for (int moved = 0; moved < 2; moved++) {
		uint64_t from = 10 * (uint64_t)moved + 1;
		uint64_t pk;
		struct zync_recovered host = {.object_type = "device",
					      .object_id = from + 1,
					      .moved_from = from,
					      .moved = moved != 0,
					      .name = "stack",
					      .host = "stack",
					      .server = "zabbix",
					      .hostid = 100 + from,
					      .forget_pushed = true,
					      .applied = "written"};

		synced_host(fx, from, "stack", 100 + from);
		pk = (uint64_t)pk_of(fx, from);
		host.pk = pk;
		OK(fx, zync_store_recover(fx->store, 5000, &host, 1, NULL, 0, NULL, 0, &fx->err));
		assert_int_equal(pk_of(fx, moved ? from + 1 : from), pk);
		assert_int_equal(pk_of(fx, moved ? from : from + 1), 0);
		assert_int_equal(sql_number(fx,
					    "SELECT count(*) FROM host_state s JOIN host_config c ON c.pk = s.pk WHERE s.pushed IS NULL AND"
					    " c.in_sync = 0 AND c.hostid IS NOT NULL"),
				 moved + 1);
		assert_texts(fx, moved + 1);
	}
}

static void test_chassis_rows(void **state)
{
	struct fixture *fx = *state;
	struct zync_chassis_row *rows = NULL;
	size_t count = 0;

	/* Ordinary ones; a chassis; one whose description looks like it; one that is a virtual machine. */
	synced_host(fx, 1, "{\"host\":\"a\"}", 101);
	synced_host(fx, 2, "{\"host\":\"b\",\"virtual_chassis\":17,\"owner\":\"x\"}", 102);
	synced_host(fx, 3, "{\"description\":\"\\\"virtual_chassis\\\":5\"}", 103);
	synced_host(fx, 4, "{\"virtual_chassis\":18}", 104);
	sql(fx, "UPDATE host_config SET object_type = 'vm' WHERE object_id = 4");
	OK(fx, zync_store_chassis_rows(fx->store, fx->arena, &rows, &count, &fx->err));
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].object_id, 2);
	assert_int_equal(rows[0].hostid, 102);
	assert_int_equal(rows[0].chassis, 17);
	assert_string_equal(rows[0].server, "zabbix");
	assert_string_equal(rows[0].state, "monitored");
}

TEST_GROUP(test_move, TEST(test_moves), TEST(test_circles), TEST(test_blocked), TEST(test_others_were_first), TEST(test_guards),
	   TEST(test_recovered), TEST(test_chassis_rows));
