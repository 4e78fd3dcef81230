/* SPDX-License-Identifier: Apache-2.0 */
/* One TAP stream: the groups are run as one, since a stream may hold one plan only. */
#include <string.h>

#include "rules_test.h"

int main(void)
{
	const struct test_group *const groups[] = {&group_match,     &group_derive,   &group_interfaces,   &group_explain,
						   &group_compile,   &group_robust,   &group_sets,	   &group_property,
						   &group_documents, &group_per_host, &group_per_host_bad, &group_per_host_bounds,
						   &group_inspect};
	struct CMUnitTest all[128];
	size_t count = 0;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(groups); i++) {
		ZYNC_ASSERT(groups[i]->count <= ZYNC_ARRAY_LEN(all) - count);
		memcpy(all + count, groups[i]->tests, groups[i]->count * sizeof(all[0]));
		count += groups[i]->count;
	}
	return _cmocka_run_group_tests("rules", all, count, NULL, NULL);
}
