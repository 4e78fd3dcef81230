/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file model_test.h
 * What the tests of model share: hosts written as JSON with single quotes, hosts and diffs as text, random hosts, faults on demand.
 */
#ifndef ZYNC_TEST_MODEL_H
#define ZYNC_TEST_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/diff.h"
#include "model/host.h"

struct test_group {
	const struct CMUnitTest *tests;
	size_t count;
};

#define TEST_GROUP(name, ...)                                          \
	static const struct CMUnitTest name##_tests[] = {__VA_ARGS__}; \
	const struct test_group name = {name##_tests, ZYNC_ARRAY_LEN(name##_tests)}

extern const struct test_group test_canonical, test_diff, test_json, test_names, test_oom, test_property, test_secrets, test_target;

/** Let the @p nth allocation (from 1) of model/ from now on fail; 0 switches it off. */
void fault_arm(unsigned long nth);
/** Did it happen since it was armed? */
bool fault_fired(void);

/** A fresh arena; the test fails without one. */
struct zync_arena *test_arena(void);
/** The key ring of the tests, freed at the end of the program. */
const struct zync_keyring *test_ring(void);
void test_ring_free(void);
/** @p text with every ' as ", parsed. */
const struct zync_jval *test_jval(struct zync_arena *arena, const char *text);
/** The host of JSON text with ' for "; "v":1 is added. NULL gives NULL. */
struct zync_host *test_host(struct zync_arena *arena, const char *text);
/** The sorted JSON of a host, with ' for ". */
const char *test_host_text(struct zync_arena *arena, const struct zync_host *host, enum zync_host_json form);
/** The changes as lines "field: old -> new\n", a missing text as "-". */
const char *test_diff_text(struct zync_arena *arena, const struct zync_diff *diff);
/** The status and a part of the message of a record. */
void test_expect(const struct zync_err *err, enum zync_status status, const char *part);

/** A random generator with a seed, and hosts within Zabbix's limits from a small stock of names, so that two hosts share many. */
struct random {
	uint64_t state;
};
unsigned random_below(struct random *r, unsigned bound);
/** Not canonical: lists in any order, with duplicates. @p actual: with ids and all aspects; else any aspects and ownership. */
void random_host(struct random *r, struct zync_arena *arena, bool actual, struct zync_host *ret);
/** Put the lists of a host into another order. */
void random_shuffle(struct random *r, struct zync_host *host);

#endif
