/* SPDX-License-Identifier: Apache-2.0 */
#include "zabbix_test.h"

#define MAX_TESTS 64

int main(void)
{
	struct CMUnitTest tests[MAX_TESTS];
	size_t len = 0;

	for (size_t i = 0; i < rpc_tests_len; i++)
		tests[len++] = rpc_tests[i];
	for (size_t i = 0; i < codec_tests_len; i++)
		tests[len++] = codec_tests[i];
	for (size_t i = 0; i < ipmi_tls_tests_len; i++)
		tests[len++] = ipmi_tls_tests[i];
	for (size_t i = 0; i < templates_tests_len; i++)
		tests[len++] = templates_tests[i];
	for (size_t i = 0; i < write_tests_len; i++)
		tests[len++] = write_tests[i];
	for (size_t i = 0; i < group_use_tests_len; i++)
		tests[len++] = group_use_tests[i];
	for (size_t i = 0; i < oom_tests_len; i++)
		tests[len++] = oom_tests[i];
	return _cmocka_run_group_tests("zabbix", tests, len, NULL, NULL);
}
