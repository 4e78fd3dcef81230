/* SPDX-License-Identifier: Apache-2.0 */
/* One TAP stream: the groups are run as one, since a stream may hold one plan only. */
#include <string.h>

#include "base_test.h"

int main(void)
{
	const struct test_group *const groups[] = {&test_mem,	    &test_err,	      &test_utf8, &test_str,	&test_vec,    &test_clock,
						   &test_json_read, &test_json_build, &test_log,  &test_secret, &test_digest, &test_oom};
	struct CMUnitTest all[256];
	size_t count = 0;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(groups); i++) {
		ZYNC_ASSERT(groups[i]->count <= ZYNC_ARRAY_LEN(all) - count);
		memcpy(all + count, groups[i]->tests, groups[i]->count * sizeof(all[0]));
		count += groups[i]->count;
	}
	return _cmocka_run_group_tests("base", all, count, NULL, NULL);
}
