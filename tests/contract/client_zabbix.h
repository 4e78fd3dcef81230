/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client_zabbix.h
 * What the files of the contract tests of the Zabbix client share: the server under test, hosts to write, and checks of what came of it.
 *
 * Memory is that of the whole run: one arena, freed at the end. Helpers fail the test instead of returning an error.
 */
#ifndef ZYNC_TESTS_CLIENT_ZABBIX_H
#define ZYNC_TESTS_CLIENT_ZABBIX_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/str.h"
#include "zabbix/write_priv.h"

#define PREFIX	   "zync-ct-"
#define OWNER_BASE "netbox.contract.test:device:"

/* Every group begins with "Zync contract", which is how the clean-up finds them. */
#define GROUP_NAMES 4u
extern const char *const group_names[GROUP_NAMES];

struct fixture {
	char url[512];
	struct zync_secret *token;
	struct zync_secret *password;
	struct zync_cfg_zabbix config; /* by token */
	struct zync_zabbix *z;
	struct zync_arena *arena;
	struct zync_keyring *ring;
	uint64_t proxyid;
	uint64_t proxy_groupid; /* 0 before 7.0 */
};
extern struct fixture fx;

/** The expression uses `err` for its error; a failure ends the test. */
#define OK(expr)                                                                                    \
	do {                                                                                        \
		struct zync_err ok_err = {0};                                                       \
		struct zync_err *err = &ok_err;                                                     \
		enum zync_status ok_status = (expr);                                                \
		if (ok_status != ZYNC_OK)                                                           \
			fail_msg("%s: %s: %s", #expr, zync_status_name(ok_status), ok_err.message); \
	} while (0)

/** Zeroed memory in the arena of the run. */
void *array(size_t count, size_t size);
/** A formatted text in the arena of the run. */
const char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** A call of any method with parameters as JSON text. */
const struct zync_jval *api(const char *method, enum zync_zbx_call_kind kind, const char *params);
void set_groups(struct zync_host *h, size_t count, const char *const *names);
void set_templates(struct zync_host *h, size_t count, const char *const *names);
struct zync_interface *add_interface(struct zync_host *h, enum zync_interface_type type, const char *ip, const char *dns, const char *port);
void add_tag(struct zync_host *h, const char *tag, const char *value);
struct zync_macro *add_macro(struct zync_host *h, const char *macro, enum zync_macro_type type, const char *value, const char *description);
void add_inventory(struct zync_host *h, const char *field, const char *value);
void snmp_v2(struct zync_interface *in, const char *community);
void snmp_v3(struct zync_interface *in);
/** Desired state ready to be written: canonical, resolved, digests filled. */
void finish(struct zync_host *h);
/** A host with names, a group and a mark, and nothing else. */
struct zync_host *blank(const char *kind, unsigned i);
/** Write and expect every one to succeed. */
void write_all(struct zync_zabbix_write *writes, size_t count);
struct zync_zabbix_write creation(const struct zync_host *h);
/** The host as it is, with the digests that the store would remember of what was pushed. */
struct zync_host read_one(uint64_t hostid, const struct zync_host *pushed);
/** What differs, and the target. */
struct zync_diff diff_of(const struct zync_host *desired, const struct zync_host *actual, struct zync_host *ret_target);
/** The host in Zabbix is exactly what was desired, mark included. */
void expect_equal(const struct zync_host *desired, uint64_t hostid);
uint64_t create_one(const struct zync_host *h);
void delete_host(uint64_t hostid, const char *label);
/** Delete all whose @p field begins with @p prefix. */
void remove_all(const char *get, const char *id, const char *field, const char *prefix, const char *delete);

/** Open the client by the environment, remove leftovers, make groups and proxies. */
int set_up(void **state);
/** Remove them again and close. */
int tear_down(void **state);

/* client_zabbix_update.c */
void test_update_every_aspect(void **state);
void test_mark_is_added(void **state);
void test_mark_is_dropped(void **state);
void test_keep_items(void **state);
void test_keep_items_of_interface(void **state);
void test_templates_clash(void **state);
void test_templates_interfaces(void **state);
void test_type_change_each(void **state);
void test_default_interface(void **state);
void test_interface_made_anew(void **state);

/* client_zabbix_refused.c */
void test_create_one_bad(void **state);
void test_create_many_bad(void **state);
void test_create_bad_without_batches(void **state);
void test_update_bad(void **state);
void test_unsayable(void **state);
void test_type_change(void **state);
void test_type_change_refused(void **state);

#endif
