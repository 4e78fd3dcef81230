/* SPDX-License-Identifier: Apache-2.0 */
/** @file test_netbox.c The program of all NetBox client tests. */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "fake_netbox.h"
#include "http/http.h"

#define TESTS_MAX 128

int main(void)
{
	static struct CMUnitTest tests[TESTS_MAX];
	static const struct {
		const struct CMUnitTest *tests;
		const size_t *len;
	} groups[] = {{tests_open, &tests_open_len},	 {tests_walk, &tests_walk_len},	  {tests_members, &tests_members_len},
		      {tests_filter, &tests_filter_len}, {tests_write, &tests_write_len}, {tests_memory, &tests_memory_len}};
	struct zync_err err;
	size_t count = 0;
	int failed;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(groups); i++) {
		for (size_t j = 0; j < *groups[i].len && count < TESTS_MAX; j++)
			tests[count++] = groups[i].tests[j];
	}
	/* The machine's proxy must not come between the test and its server. */
	if (setenv("no_proxy", "127.0.0.1", 1) != 0 || zync_http_global_init(&err) != ZYNC_OK)
		return 2;
	failed = _cmocka_run_group_tests("netbox", tests, count, NULL, NULL);
	zync_http_global_done();
	zync_log_reset();
	return failed;
}
