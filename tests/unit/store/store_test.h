/* SPDX-License-Identifier: Apache-2.0 */
/** @file store_test.h  What the tests of the store share: a store in a folder of its own, SQL beside it, and short ways to stage work. */
#ifndef ZYNC_TEST_STORE_H
#define ZYNC_TEST_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "store/queue.h"
#include "store/store_priv.h"

struct fixture {
	char folder[64];
	char url[160];
	char path[128];
	struct zync_store *store;
	struct zync_arena *arena;
	struct zync_err err;
};

struct test_group {
	const struct CMUnitTest *tests;
	size_t count;
};

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
#define TEST_GROUP(name, ...)                                          \
	static const struct CMUnitTest name##_tests[] = {__VA_ARGS__}; \
	const struct test_group name = {name##_tests, ZYNC_ARRAY_LEN(name##_tests)}

extern const struct test_group test_audit, test_compared, test_guard, test_import, test_indexes, test_intent, test_learn, test_made_group,
	test_move, test_open, test_queue, test_read, test_retention, test_settings, test_slot, test_upgrade, test_work;

int fixture_setup(void **state);
int fixture_teardown(void **state);

/** The call succeeds, or the test fails with its message. */
#define OK(fx, expr)                                                  \
	do {                                                          \
		if ((expr) != ZYNC_OK)                                \
			fail_msg("%s: %s", #expr, (fx)->err.message); \
	} while (0)

/** Another connection to the same database. */
struct zync_store *fixture_second(struct fixture *fx);
/** Run SQL on the fixture's connection. */
void sql(struct fixture *fx, const char *text);
/** The number that a query of one number gives; -1 when it gives no row. The text must be a literal. */
int64_t sql_number(struct fixture *fx, const char *text);

/** Stage work of the given object with a desired state (NULL: as stored); gives its seq. */
uint64_t stage(struct fixture *fx, struct zync_store *store, uint64_t pk, uint64_t object_id, const char *name, const char *desired);
/** Record a result of staged work. */
void result(struct fixture *fx, struct zync_store *store, uint64_t seq, enum zync_work_outcome outcome, uint64_t hostid);
/** A fresh slot of that connection. */
uint64_t slot_of(struct fixture *fx, struct zync_store *store);
/** A row of a job "sync-hosts-now" that runs under a slot. */
void running_job(struct fixture *fx, struct zync_store *store, const char *job_id, uint64_t slot);
/** The job of that id. */
struct zync_job job_of(struct fixture *fx, const char *job_id);
/** Settle and commit without a job. */
void commit(struct fixture *fx, struct zync_store *store, int64_t now);
/** One synchronised host config of device @p object_id, made by a run of its own. */
void synced_host(struct fixture *fx, uint64_t object_id, const char *name, uint64_t hostid);
/** The only host config that the filter finds. */
struct zync_host_config one(struct fixture *fx, const struct zync_host_config_filter *filter);
/** How many a filter finds. */
size_t found(struct fixture *fx, struct zync_host_config_filter filter);

#endif
