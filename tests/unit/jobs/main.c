/* SPDX-License-Identifier: Apache-2.0 */
#include "jobs_test.h"

int main(void)
{
	static const struct {
		const char *name;
		const struct CMUnitTest *tests;
		const size_t *len;
	} groups[] = {
		{"runner", runner_tests, &runner_tests_len},
		{"types", types_tests, &types_tests_len},
		{"queue", queue_tests, &queue_tests_len},
		{"names", names_tests, &names_tests_len},
		{"journal", journal_tests, &journal_tests_len},
		{"recover", recover_tests, &recover_tests_len},
		{"put_back", put_back_tests, &put_back_tests_len},
		{"put_back_run", put_back_run_tests, &put_back_run_tests_len},
		{"put_back_tls", put_back_tls_tests, &put_back_tls_tests_len},
		{"templates", templates_tests, &templates_tests_len},
		{"made_groups", made_groups_tests, &made_groups_tests_len},
	};
	struct CMUnitTest all[256];
	size_t count = 0;

	/* One group, so that the TAP has one plan. */
	for (size_t g = 0; g < ZYNC_ARRAY_LEN(groups); g++) {
		for (size_t i = 0; i < *groups[g].len; i++) {
			assert_true(count < ZYNC_ARRAY_LEN(all));
			all[count++] = groups[g].tests[i];
		}
	}
	return _cmocka_run_group_tests("jobs", all, count, NULL, NULL);
}
