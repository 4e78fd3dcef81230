/* SPDX-License-Identifier: Apache-2.0 */
/* Opening: addresses, migrations, other programs' files, several processes at once; the driver's parameters and statements. */
#include "store_test.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_addresses(void **state)
{
	static const struct {
		const char *url, *path;
	} CASES[] = {
		{"sqlite:zync.db", "zync.db"},
		{"sqlite:/var/lib/zync.db", "/var/lib/zync.db"},
		{"sqlite:///var/z.db", "/var/z.db"},
		{"zync.db", "zync.db"},
		{"/var/lib/z.db", "/var/lib/z.db"},
		{"postgresql://host/db", NULL},
		{"mysql://x", NULL},
		{"sqlite:", ""},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		const char *path = zync_store_sqlite_path(CASES[i].url);

		if (CASES[i].path == NULL)
			assert_null(path);
		else
			assert_string_equal(path, CASES[i].path);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *url;
		enum zync_status status;
		const char *words;
	} CASES[] = {
		{"postgresql://host/db", ZYNC_ERR_INVALID, "sqlite:PATH"},
		{"sqlite:", ZYNC_ERR_INVALID, "path is empty"},
		{"", ZYNC_ERR_INVALID, "path is empty"},
		{"sqlite:/no/such/folder/zync.db", ZYNC_ERR_STORE, "directory exist"},
		{"sqlite:/tmp", ZYNC_ERR_STORE, "/tmp"},
	};
	struct zync_store *store = NULL;
	struct zync_err err;

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(CASES); i++) {
		assert_int_equal(zync_store_open(CASES[i].url, &store, &err), CASES[i].status);
		if (strstr(err.message, CASES[i].words) == NULL)
			fail_msg("%s: %s", CASES[i].url, err.message);
		assert_null(store);
	}
	zync_store_close(NULL);
}

static void test_no_database(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *store = NULL;
	char path[160];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/other", fx->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 200; i++)
		(void)fputs("This is somebody's letter and no database.\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(zync_store_open(path, &store, &fx->err), ZYNC_ERR_STORE);
	assert_non_null(strstr(fx->err.message, "no SQLite database"));
	assert_int_equal(fx->err.origin, ZYNC_ORIGIN_SQL);
	assert_int_equal(unlink(path), 0);
}

static void test_mode(void **state)
{
	struct fixture *fx = *state;
	struct stat st;

	assert_int_equal(stat(fx->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_migrated(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second;

	assert_int_equal(sql_number(fx, "SELECT version FROM zync_schema"), zync_store_schema_version());
	second = fixture_second(fx);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM zync_schema"), 1);
	zync_store_close(second);
}

/* A database of an earlier version gets only what it lacks. */
static void test_from_nothing(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second;

	sql(fx, "DROP TABLE host_state; DROP TABLE host_config; DROP TABLE sequence; DROP TABLE job; DROP TABLE job_log; DROP TABLE event; "
		"DROP TABLE change; DROP TABLE guard; DROP TABLE host_text; DROP TABLE intent; DROP TABLE zabbix_setting; DROP TABLE "
		"made_group;"
		"UPDATE zync_schema SET version = 0");
	second = fixture_second(fx);
	assert_int_equal(sql_number(fx, "SELECT version FROM zync_schema"), zync_store_schema_version());
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM host_config"), 0);
	zync_store_close(second);
}

static void test_newer_refused(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = NULL;

	sql(fx, "UPDATE zync_schema SET version = 999");
	assert_int_equal(zync_store_open(fx->url, &second, &fx->err), ZYNC_ERR_STORE);
	assert_non_null(strstr(fx->err.message, "version 999"));
	assert_non_null(strstr(fx->err.message, "newer Zync"));
	assert_null(second);
	assert_int_equal(sql_number(fx, "SELECT version FROM zync_schema"), 999);
}

/* A migration that fails leaves the schema as it was. */
static void test_migration_fails(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = NULL;

	sql(fx, "DROP TABLE host_state; DROP TABLE host_config; UPDATE zync_schema SET version = 0");
	assert_int_equal(zync_store_open(fx->url, &second, &fx->err), ZYNC_ERR_STORE); /* table sequence exists already */
	assert_non_null(strstr(fx->err.message, "migration 1"));
	assert_int_equal(sql_number(fx, "SELECT version FROM zync_schema"), 0);
	assert_int_equal(sql_number(fx, "SELECT count(*) FROM sqlite_master WHERE name = 'host_config'"), 0);
}

#define OPENERS 8

struct opener {
	pthread_barrier_t *start;
	const char *url;
	enum zync_status status;
	struct zync_err err;
};

static void *open_thread(void *arg)
{
	struct opener *opener = arg;
	struct zync_store *store = NULL;

	(void)pthread_barrier_wait(opener->start);
	opener->status = zync_store_open(opener->url, &store, &opener->err);
	zync_store_close(store);
	return NULL;
}

/* Several runs create one database at the same moment: all get it, and the schema is there once. */
static void test_concurrent_open(void **state)
{
	struct fixture *fx = *state;

	for (int round = 0; round < 60; round++) {
		struct opener openers[OPENERS];
		pthread_t threads[OPENERS];
		pthread_barrier_t start;
		char url[160];

		(void)snprintf(url, sizeof(url), "%s/fresh.db", fx->folder);
		assert_int_equal(pthread_barrier_init(&start, NULL, OPENERS), 0);
		for (size_t i = 0; i < OPENERS; i++) {
			openers[i] = (struct opener){.start = &start, .url = url};
			assert_int_equal(pthread_create(&threads[i], NULL, open_thread, &openers[i]), 0);
		}
		for (size_t i = 0; i < OPENERS; i++)
			assert_int_equal(pthread_join(threads[i], NULL), 0);
		for (size_t i = 0; i < OPENERS; i++) {
			if (openers[i].status != ZYNC_OK)
				fail_msg("%s", openers[i].err.message);
		}
		assert_int_equal(pthread_barrier_destroy(&start), 0);
		assert_int_equal(unlink(url), 0);
	}
}

/* "$2" before "$1" in the text: each value goes to its number, not to its place. */
static void test_parameters(void **state)
{
	struct fixture *fx = *state;
	struct zync_stmt *stmt = NULL;
	bool row = false;

	OK(fx, zync_db_query(fx->store->db, "SELECT $3, $1, $2, $1, $11, $4, $5, $6, $7, $8, $9, $10",
			     ZYNC_PARAMS(ZYNC_P_TEXT("one"), ZYNC_P_INT(2), ZYNC_P_NULL, ZYNC_P_ID(0), ZYNC_P_ID(5), ZYNC_P_TEXT(NULL),
					 ZYNC_P_INT(INT64_MIN), ZYNC_P_INT(8), ZYNC_P_INT(9), ZYNC_P_INT(10), ZYNC_P_TEXT("eleven")),
			     &stmt, &fx->err));
	OK(fx, zync_db_next(stmt, &row, &fx->err));
	assert_true(row);
	assert_true(zync_db_is_null(stmt, 0));
	assert_null(zync_db_text(stmt, 0));
	assert_string_equal(zync_db_text(stmt, 1), "one");
	assert_int_equal(zync_db_int(stmt, 2), 2);
	assert_string_equal(zync_db_text(stmt, 3), "one");
	assert_string_equal(zync_db_text(stmt, 4), "eleven");
	assert_true(zync_db_is_null(stmt, 5));
	assert_int_equal(zync_db_int(stmt, 6), 5);
	assert_true(zync_db_is_null(stmt, 7));
	assert_true(zync_db_int(stmt, 8) == INT64_MIN);
	assert_int_equal(zync_db_int(stmt, 9), 8);
	assert_int_equal(zync_db_int(stmt, 10), 9);
	assert_int_equal(zync_db_int(stmt, 11), 10);
	OK(fx, zync_db_next(stmt, &row, &fx->err));
	assert_false(row);
	zync_db_end(NULL);
}

static enum zync_status open_count(struct fixture *fx, struct zync_stmt **ret)
{
	return zync_db_query(fx->store->db, "SELECT 1 UNION SELECT 2", ZYNC_NO_PARAMS, ret, &fx->err);
}

/* One text twice at a time gives two statements; a finished one is used again. */
static void test_statements(void **state)
{
	struct fixture *fx = *state;
	struct zync_stmt *a = NULL, *b = NULL, *c = NULL;
	bool row = false;

	OK(fx, open_count(fx, &a));
	OK(fx, zync_db_next(a, &row, &fx->err));
	OK(fx, open_count(fx, &b));
	assert_ptr_not_equal(a, b);
	OK(fx, zync_db_next(b, &row, &fx->err));
	assert_int_equal(zync_db_int(b, 0), 1);
	OK(fx, zync_db_next(a, &row, &fx->err));
	assert_int_equal(zync_db_int(a, 0), 2);
	zync_db_end(a);
	zync_db_end(b);
	OK(fx, open_count(fx, &c));
	assert_true(c == a || c == b);
	zync_db_end(c);
}

static void test_sql_errors(void **state)
{
	struct fixture *fx = *state;
	int64_t changed = -1;

	assert_int_equal(zync_db_run(fx->store->db, "SELECT nonsense FROM nowhere", ZYNC_NO_PARAMS, NULL, &fx->err), ZYNC_ERR_STORE);
	assert_non_null(strstr(fx->err.message, "nowhere"));
	assert_non_null(strstr(fx->err.message, fx->path));
	assert_int_equal(zync_db_script(fx->store->db, "SELECT 1; nonsense", &fx->err), ZYNC_ERR_STORE);
	OK(fx, zync_db_run(fx->store->db, "UPDATE sequence SET next = next WHERE name = 'slot'", ZYNC_NO_PARAMS, &changed, &fx->err));
	assert_int_equal(changed, 1);
	zync_db_rollback(fx->store->db); /* without a transaction: nothing */
}

TEST_GROUP(test_open, TEST(test_addresses), TEST(test_refused), TEST(test_no_database), TEST(test_mode), TEST(test_migrated),
	   TEST(test_from_nothing), TEST(test_newer_refused), TEST(test_migration_fails), TEST(test_concurrent_open), TEST(test_parameters),
	   TEST(test_statements), TEST(test_sql_errors));
