/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file jobs_test.h
 * What the tests of the jobs share: an application over a store of its own, a body for the runner, and a Zabbix with a handful of hosts behind the client's transport.
 */
#ifndef ZYNC_TESTS_JOBS_TEST_H
#define ZYNC_TESTS_JOBS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/str.h"
#include "jobs/jobs.h"
#include "jobs/run.h"
#include "store/intent.h"
#include "store/queue.h"
#include "store/store_priv.h"

#define WORLD_HOSTS 80u

struct world_host {
	uint64_t id;
	const char *host;
	const char *owner;	 /**< value of the mark, NULL: none */
	const char *description; /**< NULL: "" */
	const char *macros;	 /**< more of them, JSON objects with commas between, or NULL */
	bool gone;
	unsigned appears; /**< not there before that many requests */
};

struct world_group {
	uint64_t id;
	const char *name;
	unsigned hosts;
	bool gone;
};

/** A Zabbix that knows host.get, usermacro.get, host.update (of the description) and host.delete. */
struct world {
	struct world_host hosts[WORLD_HOSTS];
	size_t count;
	unsigned requests;
	unsigned lost_from;	       /**< from that request on (the first is 1) nothing is answered; 0: never */
	unsigned lost_until;	       /**< up to that request; 0: for good */
	bool lost_done;		       /**< and the first of these is carried out */
	const char *refuse;	       /**< name of a host that may not be written, NULL: none */
	struct world_group groups[16]; /**< for hostgroup.get and hostgroup.delete */
	size_t group_count;
	const char *refuse_group; /**< name of a group that may not be deleted, NULL: none */
	char writes[4096];	  /**< "host.delete 101,102; host.update 103; " */
	struct zync_arena *arena;
};

struct fixture {
	char folder[64];
	char path[128];
	struct zync_app app;
	struct zync_zabbix *servers[1];
	struct zync_arena *arena;
	struct zync_err err;
	unsigned told; /**< calls of the progress function */
	char phases[256];
	struct zync_secret *token;
	struct world world;   /**< behind servers[0] after world_open() */
	struct zync_run *run; /**< for what is tested without the runner, after run_begin() */
};

/** The configuration of all of them: one server "zabbix" with a time-out of one second. */
int setup(void **state);
int teardown(void **state);

/** The expression uses fx->err for its error; a failure ends the test. */
#define OK(fx, expr)                                                  \
	do {                                                          \
		if ((expr) != ZYNC_OK)                                \
			fail_msg("%s: %s", #expr, (fx)->err.message); \
	} while (0)

uint64_t number(struct fixture *fx, const char *sql);
void sql(struct fixture *fx, const char *text);
/** The first column of the first row, NULL when there is none. */
const char *text_of(struct fixture *fx, const char *sql);
/** The job that was begun last, and the only event of a job. */
struct zync_job last_job(struct fixture *fx);
struct zync_event job_event(struct fixture *fx);
/** @p text contains @p words, or the test fails with both. */
void expect_words(const char *text, const char *words);

/** Connect the fixture's server with its world. */
void world_open(struct fixture *fx);
struct world_host *world_add(struct fixture *fx, uint64_t id, const char *host, const char *owner);
struct world_group *world_add_group(struct fixture *fx, uint64_t id, const char *name);
/** The host as the client reads it, digests filled. */
struct zync_host world_read(struct fixture *fx, uint64_t id);

/** A host of its JSON (host.h), digests filled where a secret is given as {"plain": …}. */
struct zync_host *host_of(struct fixture *fx, const char *json);
/** An item of the run about device ID, in the hosts of the fixture's server: from @p actual (NULL: creation) to @p target. */
struct zync_item *item_of(struct fixture *fx, uint64_t id, enum zync_op_kind kind, struct zync_host *actual,
			  const struct zync_host *target);

/** A run as the runner makes it, with a job row that is running. */
void run_begin(struct fixture *fx);

/** Runs a job whose body does nothing but that it is one that writes to Zabbix: what earlier ones left is cleared up first. */
enum zync_status run_empty(struct fixture *fx);

extern const struct CMUnitTest runner_tests[], types_tests[], queue_tests[], names_tests[], journal_tests[], recover_tests[],
	put_back_tests[], put_back_run_tests[], put_back_tls_tests[], templates_tests[], made_groups_tests[];
extern const size_t runner_tests_len, types_tests_len, queue_tests_len, names_tests_len, journal_tests_len, recover_tests_len,
	put_back_tests_len, put_back_run_tests_len, put_back_tls_tests_len, templates_tests_len, made_groups_tests_len;

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
