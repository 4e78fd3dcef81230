/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_test.h
 * What the tests of rules share: mappings as YAML, NetBox objects as JSON, a host as one text, allocations that fail.
 */
#ifndef ZYNC_TESTS_RULES_TEST_H
#define ZYNC_TESTS_RULES_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "heapfault.h"
#include "rules/rules.h"

/* The text of the mappings begins in this line of the configuration. */
#define RULES_TEST_LINE 14

struct world {
	struct zync_arena *arena;
	struct zync_config *config;
	struct zync_rules *rules;
	const struct zync_jval *object;
	struct zync_rules_result result;
	struct zync_err err;
	const char *sections; /* more of the configuration, before the mappings; NULL: none */
};

/* A device and a virtual machine with a value of everything that rules may ask for. */
extern const char *const test_device;
extern const char *const test_vm;

void world_init(struct world *w);
void world_done(struct world *w);
/* Replace the rules by those of @p mappings: YAML list entries, without indentation. */
enum zync_status world_compile(struct world *w, const char *mappings);
/* The same, which must succeed. */
void world_rules(struct world *w, const char *mappings);
/* The same with more sections of the configuration before them. */
void world_rules_with(struct world *w, const char *sections, const char *mappings);
/* Derive the host of an object; "type" in its JSON decides what it is. */
void world_derive(struct world *w, const char *object_json, bool explain);
/* The host as one text. */
const char *world_host(struct world *w);
/* Fail the test unless @p text contains @p part. */
void assert_contains(const char *what, const char *text, const char *part);
/* The explain line of @p field as "value < rule@line (overrode x)"; NULL when there is none. */
const char *world_origin(struct world *w, const char *field);

/* A device and a virtual machine around a config context, "%s" in them. */
extern const char *const test_context_device;
extern const char *const test_context_vm;
/* Derive the host of such an object with that config context, and with those members of its key `zabbix`. */
void world_derive_context(struct world *w, const char *object, const char *context, bool explain);
void world_derive_zabbix(struct world *w, const char *object, const char *members, bool explain);

/* The text as one of JSON, in quotes. */
void add_json_text(struct zync_buf *out, const char *text);

/* The tests of one file. */
struct test_group {
	const struct CMUnitTest *tests;
	size_t count;
};
extern const struct test_group group_match, group_derive, group_interfaces, group_explain, group_compile, group_robust, group_sets,
	group_property, group_documents, group_per_host, group_per_host_bad, group_per_host_bounds, group_inspect;

#endif
