/* SPDX-License-Identifier: Apache-2.0 */
/* One TAP stream: the groups are run as one, since a stream may hold one plan only. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_test.h"

static char dir_path[256], dir_before[4096];

void env_clear(void)
{
	static const char *const names[] = {"NETBOX_HOST", "NETBOX_TOKEN", "ZABBIX_HOST", "ZABBIX_TOKEN",	  "ZABBIX_USER",
					    "ZABBIX_PASS", "ZYNC_CONFIG",  "HOME",	  "CREDENTIALS_DIRECTORY"};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(names); i++)
		assert_int_equal(unsetenv(names[i]), 0);
	zync_log_reset();
}

int env_known(void **state)
{
	(void)state;
	env_clear();
	assert_int_equal(setenv("NETBOX_TOKEN", NETBOX_TOKEN_VALUE, 1), 0);
	assert_int_equal(setenv("ZABBIX_TOKEN", ZABBIX_TOKEN_VALUE, 1), 0);
	return 0;
}

struct zync_config *config_ok(const char *text)
{
	struct zync_config *config = NULL;
	struct zync_err err = {0};

	if (zync_config_parse("z.yaml", text, strlen(text), &config, &err) != ZYNC_OK)
		fail_msg("refused: %s\n%s", err.message, text);
	assert_non_null(config);
	return config;
}

const char *config_bad(const char *text)
{
	static struct zync_err err;
	struct zync_config *config = NULL;

	memset(&err, 0, sizeof(err));
	if (zync_config_parse("z.yaml", text, strlen(text), &config, &err) == ZYNC_OK)
		fail_msg("not refused: %s", text);
	assert_null(config);
	assert_int_equal(err.status, ZYNC_ERR_INVALID);
	return err.message;
}

const char *dir_enter(void)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(dir_path, sizeof(dir_path), "%s/zync-test-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(dir_path));
	assert_non_null(getcwd(dir_before, sizeof(dir_before)));
	assert_int_equal(chdir(dir_path), 0);
	return dir_path;
}

void dir_leave(void)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			assert_int_equal(remove(entry->d_name), 0);
	}
	assert_int_equal(closedir(dir), 0);
	assert_int_equal(chdir(dir_before), 0);
	assert_int_equal(rmdir(dir_path), 0);
}

void file_write(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

int main(void)
{
	const struct test_group *const groups[] = {&test_values, &test_errors, &test_yaml, &test_environment, &test_writers};
	struct CMUnitTest all[128];
	size_t count = 0;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(groups); i++) {
		ZYNC_ASSERT(groups[i]->count <= ZYNC_ARRAY_LEN(all) - count);
		memcpy(all + count, groups[i]->tests, groups[i]->count * sizeof(all[0]));
		count += groups[i]->count;
	}
	return _cmocka_run_group_tests("config", all, count, NULL, NULL);
}
