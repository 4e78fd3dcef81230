/* SPDX-License-Identifier: Apache-2.0 */
/* Templates, groups and proxies: comparing and replacing, kind by kind, server by server. */
#include "store_test.h"

#include "store/settings.h"

static void add(struct fixture *fx, const char *server, const char *kind, uint64_t id, const char *name, const char *visible)
{
	struct zync_setting setting = {.server = server, .kind = kind, .id = id, .name = name, .visible_name = visible};

	OK(fx, zync_store_settings_add(fx->store, &setting, &fx->err));
}

static void begin(struct fixture *fx)
{
	OK(fx, zync_store_settings_begin(fx->store, &fx->err));
}

static void expect(struct fixture *fx, const char *server, uint64_t total, uint64_t added, uint64_t changed, uint64_t vanished)
{
	struct zync_settings_counts c = {99, 99, 99, 99};

	OK(fx, zync_store_settings_compare(fx->store, server, &c, &fx->err));
	if (c.total != total || c.added != added || c.changed != changed || c.vanished != vanished)
		fail_msg("%s: total %llu, added %llu, changed %llu, vanished %llu", server, (unsigned long long)c.total,
			 (unsigned long long)c.added, (unsigned long long)c.changed, (unsigned long long)c.vanished);
}

/* What the job does: the settings go into place with the commit of its run. */
static enum zync_status commit_settings(struct fixture *fx, int64_t now)
{
	OK(fx, zync_store_work_begin(fx->store, &fx->err));
	zync_store_settings_with_run(fx->store, now);
	return zync_store_work_commit(fx->store, now, NULL, NULL, &fx->err);
}

static void replace(struct fixture *fx, int64_t now)
{
	OK(fx, commit_settings(fx, now));
}

static size_t stored(struct fixture *fx, const char *server, const char *kind, struct zync_setting **ret)
{
	size_t count = 99;

	OK(fx, zync_store_settings(fx->store, server, kind, fx->arena, ret, &count, &fx->err));
	return count;
}

static void test_first_import(void **state)
{
	struct fixture *fx = *state;
	struct zync_setting *rows = NULL;

	begin(fx);
	expect(fx, "a", 0, 0, 0, 0);
	add(fx, "a", "template", 2, "tb", "Template B");
	add(fx, "a", "template", 1, "ta", "Template A");
	add(fx, "a", "template", 3, "tc", NULL);
	add(fx, "a", "host_group", 1, "g", NULL);
	add(fx, "b", "template", 1, "other", NULL);
	expect(fx, "a", 4, 4, 0, 0);
	expect(fx, "b", 1, 1, 0, 0);
	replace(fx, 100);
	replace(fx, 100);
	expect(fx, "a", 4, 0, 0, 0);
	assert_int_equal(stored(fx, NULL, NULL, &rows), 5);
	assert_string_equal(rows[0].kind, "host_group"); /* by server, kind, name */
	assert_string_equal(rows[1].name, "ta");
	assert_string_equal(rows[1].visible_name, "Template A");
	assert_null(rows[3].visible_name);
	assert_string_equal(rows[4].server, "b");
	assert_int_equal(rows[1].id, 1);
	assert_int_equal(rows[1].updated, 100);
	assert_int_equal(stored(fx, "a", NULL, &rows), 4);
	assert_int_equal(stored(fx, NULL, "template", &rows), 4);
	assert_int_equal(stored(fx, "b", "host_group", &rows), 0);

	begin(fx);
	add(fx, "a", "template", 1, "ta", "Template A");
	add(fx, "a", "template", 2, "tb", "renamed");
	add(fx, "a", "template", 4, "new", NULL);
	add(fx, "a", "host_group", 1, "g2", NULL);
	expect(fx, "a", 4, 1, 2, 1);
	replace(fx, 200);
	assert_int_equal(stored(fx, "a", "template", &rows), 3);
	assert_string_equal(rows[0].name, "new");
	assert_int_equal(rows[1].updated, 200); /* found again */
	assert_string_equal(rows[2].visible_name, "renamed");
	assert_int_equal(stored(fx, "b", NULL, &rows), 1);
	assert_int_equal(rows[0].updated, 100); /* another server's */
}

/* Of a kind that nothing was said about nothing goes; one that was read and is empty is empty. */
static void test_kinds(void **state)
{
	struct fixture *fx = *state;
	struct zync_setting *rows = NULL;

	begin(fx);
	add(fx, "a", "template", 1, "t", NULL);
	add(fx, "a", "proxy", 1, "p", NULL);
	add(fx, "a", "proxy", 2, "q", NULL);
	replace(fx, 100);
	begin(fx);
	add(fx, "a", "template", 1, "t", NULL);
	expect(fx, "a", 1, 0, 0, 0);
	replace(fx, 200);
	assert_int_equal(stored(fx, "a", "proxy", &rows), 2);
	OK(fx, zync_store_settings_kind(fx->store, "b", "proxy", &fx->err)); /* of another server */
	expect(fx, "a", 1, 0, 0, 0);
	OK(fx, zync_store_settings_kind(fx->store, "a", "proxy", &fx->err));
	OK(fx, zync_store_settings_kind(fx->store, "a", "proxy", &fx->err));
	expect(fx, "a", 1, 0, 0, 2);
	replace(fx, 300);
	assert_int_equal(stored(fx, "a", "proxy", &rows), 0);
	assert_int_equal(stored(fx, "a", NULL, &rows), 1);
	begin(fx); /* forgets what was said */
	expect(fx, "a", 0, 0, 0, 0);
	replace(fx, 400);
	assert_int_equal(stored(fx, "a", NULL, &rows), 1);
}

static void test_twice(void **state)
{
	struct fixture *fx = *state;
	struct zync_setting *rows = NULL;

	begin(fx);
	add(fx, "a", "template", 1, "old", "x");
	add(fx, "a", "template", 1, "new", NULL);
	expect(fx, "a", 1, 1, 0, 0);
	replace(fx, 100);
	assert_int_equal(stored(fx, "a", NULL, &rows), 1);
	assert_string_equal(rows[0].name, "new");
	assert_null(rows[0].visible_name);
	begin(fx);
	add(fx, "a", "template", 1, "new", "");
	expect(fx, "a", 1, 0, 1, 0); /* NULL and empty are two */
}

static void test_replace_fails(void **state)
{
	struct fixture *fx = *state;
	struct zync_setting *rows = NULL;

	begin(fx);
	add(fx, "a", "template", 1, "t", NULL);
	replace(fx, 100);
	begin(fx);
	add(fx, "a", "template", 2, "u", NULL);
	sql(fx, "CREATE TRIGGER bad BEFORE INSERT ON zabbix_setting BEGIN SELECT RAISE(ABORT, 'test'); END");
	assert_int_equal(commit_settings(fx, 200), ZYNC_ERR_STORE);
	sql(fx, "DROP TRIGGER bad");
	assert_int_equal(stored(fx, "a", NULL, &rows), 1);
	assert_string_equal(rows[0].name, "t");
}

TEST_GROUP(test_settings, TEST(test_first_import), TEST(test_kinds), TEST(test_twice), TEST(test_replace_fails));
