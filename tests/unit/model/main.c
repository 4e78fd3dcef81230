/* SPDX-License-Identifier: Apache-2.0 */
/* One TAP stream: the groups are run as one, since a stream may hold one plan only. */
#include <string.h>

#include "model_test.h"

int main(void)
{
	const struct test_group *const groups[] = {&test_names,	 &test_canonical, &test_json,	  &test_secrets,
						   &test_target, &test_diff,	  &test_property, &test_oom};
	struct CMUnitTest all[256];
	size_t count = 0;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(groups); i++) {
		ZYNC_ASSERT(groups[i]->count <= ZYNC_ARRAY_LEN(all) - count);
		memcpy(all + count, groups[i]->tests, groups[i]->count * sizeof(all[0]));
		count += groups[i]->count;
	}
	int failed = _cmocka_run_group_tests("model", all, count, NULL, NULL);
	test_ring_free();
	return failed;
}
