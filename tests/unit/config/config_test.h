/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file config_test.h
 * What the tests of config share: groups, a known environment, small texts, faults.
 */
#ifndef ZYNC_TEST_CONFIG_H
#define ZYNC_TEST_CONFIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config.h"
#include "heapfault.h"

struct test_group {
	const struct CMUnitTest *tests;
	size_t count;
};
#define TEST_GROUP(name, ...)                                          \
	static const struct CMUnitTest name##_tests[] = {__VA_ARGS__}; \
	const struct test_group name = {name##_tests, ZYNC_ARRAY_LEN(name##_tests)}

extern const struct test_group test_environment, test_errors, test_values, test_writers, test_yaml;

#define NETBOX_TOKEN_VALUE "netbox-token-Zq81"
#define ZABBIX_TOKEN_VALUE "zabbix-token-Kw37"

/* Sections on one line each, so that the columns in messages are easy to count. */
#define NETBOX	    "netbox: {url: https://nb.example.com, token: \"${NETBOX_TOKEN}\"}\n"
#define NETBOX_X(x) "netbox: {url: https://nb.example.com, token: \"${NETBOX_TOKEN}\", " x "}\n"
#define ZABBIX	    "zabbix: {url: https://zbx.example.com, token: \"${ZABBIX_TOKEN}\"}\n"
#define ZABBIX_X(x) "zabbix: {url: https://zbx.example.com, token: \"${ZABBIX_TOKEN}\", " x "}\n"
#define MAPPING	    "mappings: [{set: {host_groups: g}}]\n"
#define SET(x)	    "mappings: [{set: {" x "}}]\n"
#define MATCH(x)    "mappings: [{match: {" x "}}]\n"
#define BOTH	    NETBOX ZABBIX
#define SMALL	    NETBOX ZABBIX MAPPING

/** Unset every variable that the configuration looks at and set only the two tokens. Masked secrets are forgotten. */
int env_known(void **state);
/** Unset the variables, the tokens too. */
void env_clear(void);

/** Parse @p text as "z.yaml"; the test fails with the message when it does not load. */
struct zync_config *config_ok(const char *text);
/** Parse @p text, which must be refused as INVALID; returns the message in static memory. */
const char *config_bad(const char *text);

/** A fresh directory that becomes the working directory; dir_leave() goes back and removes it with its files. */
const char *dir_enter(void);
void dir_leave(void);
void file_write(const char *name, const char *text);

/** Let the @p nth read() from now on fail; 0 switches it off. For allocations see heapfault.h. */
void fault_read(unsigned long nth);

#endif
