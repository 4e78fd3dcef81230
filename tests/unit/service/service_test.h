/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file service_test.h
 * What the tests of the service share: a folder with a configuration and a store, servers that accept a connection and never answer, and a daemon in a thread of its own.
 */
#ifndef ZYNC_TEST_SERVICE_H
#define ZYNC_TEST_SERVICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "base/str.h"
#include "service/daemon.h"
#include "service/service_priv.h"
#include "store/queue.h"

struct fixture {
	char folder[64];
	char config[96];
	int silent; /* listens on `port`; nobody accepts, so that a call waits */
	unsigned port;
	struct zync_open_params params;
	struct zync_app *app; /* what another process would have open */
	struct zync_arena *arena;
	struct zync_err err;
	/* the daemon */
	struct zync_daemon *daemon;
	pthread_t thread;
	bool started;
	enum zync_status ended;
	struct zync_err daemon_err;
	/* the service manager */
	int manager;
	const char *told[256]; /* datagrams, in the order of their coming */
	size_t told_count, told_seen;
	const char *heard; /* the last one that was waited for */
};

struct test_group {
	const struct CMUnitTest *tests;
	size_t count;
};

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
#define TEST_GROUP(name, ...)                                          \
	static const struct CMUnitTest name##_tests[] = {__VA_ARGS__}; \
	const struct test_group name = {name##_tests, ZYNC_ARRAY_LEN(name##_tests)}

extern const struct test_group group_notify, group_recurring, group_daemon;

int fixture_setup(void **state);
int fixture_teardown(void **state);

/** The call succeeds, or the test fails with its message. */
#define OK(fx, expr)                                                  \
	do {                                                          \
		if ((expr) != ZYNC_OK)                                \
			fail_msg("%s: %s", #expr, (fx)->err.message); \
	} while (0)

/** Write the configuration: NetBox and Zabbix at the silent server, and @p more. */
void write_config(struct fixture *fx, const char *more);
/** Open fx->app. */
void open_app(struct fixture *fx);
/** Queue a job as @p user; gives its id. */
const char *queue(struct fixture *fx, const char *name, const char *user, int64_t run_at, int64_t every);
/** The jobs of that name (NULL: all) and status (NULL: all), newest first. */
size_t jobs(struct fixture *fx, const char *name, const char *status, struct zync_job **ret);
/** The only one. */
const struct zync_job *one_job(struct fixture *fx, const char *name, const char *status);
const struct zync_job *job_of(struct fixture *fx, const char *job_id);
/** Wait until there is one. */
const struct zync_job *wait_for_one(struct fixture *fx, const char *name, const char *status);
/** Wait until the job is in that status; gives its row. */
const struct zync_job *wait_for(struct fixture *fx, const char *job_id, const char *status);

/** Be the service manager: a socket at @p name, "/path" or "@name", which is then in the environment. */
void manager_listen(struct fixture *fx, const char *name);
/** Is it told @p words? Waits for that; the datagrams before the one with them do not count any more. */
bool manager_hears(struct fixture *fx, const char *words);

/** Open the daemon and run it in a thread. */
void daemon_start(struct fixture *fx);
/** Stop it; gives how long that took, in ms. */
int64_t daemon_stop(struct fixture *fx);

#endif
