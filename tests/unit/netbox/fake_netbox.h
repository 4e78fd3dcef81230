/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fake_netbox.h
 * As much of a NetBox as the unit tests need, on the fake server: lists of any version with faults at a chosen request. How a real one behaves is
 * proved by tests/contract; here it is made to misbehave.
 */
#ifndef ZYNC_TESTS_FAKE_NETBOX_H
#define ZYNC_TESTS_FAKE_NETBOX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fakeserver.h"
#include "netbox/netbox.h"

#define FAKE_DEVICES_MAX 4000
#define FAKE_TOKEN	 "nbt_abcdefghijkl.0123456789"

/** A fixed answer for an endpoint: the objects of its list, as JSON without the brackets. */
struct fake_table {
	const char *endpoint, *objects;
};

struct fake_netbox {
	struct fake_server *server;
	const char *version;		/* "4.7.3" */
	unsigned page_max;		/* MAX_PAGE_SIZE, 0: 1000 */
	bool ignores_start;		/* knows nothing of start=, whatever its version */
	long too_large;			/* a limit above this is answered with `fault` */
	const char *extra;		/* further members of each device, ",\"a\":1" */
	uint64_t ids[FAKE_DEVICES_MAX]; /* devices, ascending */
	size_t count;
	const struct fake_table *tables; /* ended by NULL */

	_Atomic size_t lists; /* requests of lists so far */
	size_t fault_at;      /* this list request (1, 2 …) and */
	size_t fault_times;   /* this many in all get */
	struct fake_reply fault;
	/* Called before the page of list request number `lists` is made: things change meanwhile. */
	void (*meanwhile)(struct fake_netbox *netbox);
	/* Takes over requests that are no GET; false: 404. */
	bool (*write)(struct fake_netbox *netbox, const struct fake_request *request, struct fake_reply *reply);
	/* Takes over a GET of a list; false: as usual. */
	bool (*list)(struct fake_netbox *netbox, const struct fake_request *request, struct fake_reply *reply);

	char text[2 * 1024 * 1024];
	char headers[256];
};

void fake_netbox_start(struct fake_netbox *netbox, const char *version, size_t devices);
void fake_netbox_stop(struct fake_netbox *netbox);
/** A client of it; the test fails when it cannot be opened. */
struct zync_netbox *fake_netbox_open(const struct fake_netbox *netbox, int64_t page_size);
/** The same, with netbox.virtual_chassis: one_host. */
struct zync_netbox *fake_netbox_open_one_host(const struct fake_netbox *netbox);
/** The same, with what is expected. */
enum zync_status fake_netbox_try(const struct fake_netbox *netbox, const char *url, const char *token, struct zync_netbox **ret,
				 struct zync_err *err);
void fake_netbox_insert(struct fake_netbox *netbox, uint64_t id);
void fake_netbox_remove(struct fake_netbox *netbox, uint64_t id);

/** Fail unless @p text contains @p words. */
void assert_words(const char *text, const char *words);

extern const struct CMUnitTest tests_open[], tests_walk[], tests_members[], tests_filter[], tests_write[], tests_memory[];
extern const size_t tests_open_len, tests_walk_len, tests_members_len, tests_filter_len, tests_write_len, tests_memory_len;

/** What an object has at a path of members and indexes, "tags.0.name"; NULL: nothing. */
const struct zync_jval *fake_member_at(const struct zync_netbox *nb, const struct zync_nb_object *object, const char *path);

#endif
