/* SPDX-License-Identifier: Apache-2.0 */
/* One TAP stream: the groups are run as one, since a stream may hold one plan only. */
#include <string.h>

#include "convert_test.h"

int main(void)
{
	const struct test_group *const groups[] = {&group_python, &group_keys, &group_robust};
	struct CMUnitTest all[64];
	size_t count = 0;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(groups); i++) {
		ZYNC_ASSERT(groups[i]->count <= ZYNC_ARRAY_LEN(all) - count);
		memcpy(all + count, groups[i]->tests, groups[i]->count * sizeof(all[0]));
		count += groups[i]->count;
	}
	return _cmocka_run_group_tests("convert", all, count, NULL, NULL);
}
