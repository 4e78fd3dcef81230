/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/secret.h"
#include "base_test.h"

static int secret_setup(void **state ZYNC_UNUSED)
{
	(void)test_dir();
	zync_log_reset();
	return unsetenv("CREDENTIALS_DIRECTORY");
}

static int secret_teardown(void **state ZYNC_UNUSED)
{
	fault_reset();
	test_dir_remove();
	zync_log_reset();
	return unsetenv("CREDENTIALS_DIRECTORY");
}

static void secret_texts(void **state ZYNC_UNUSED)
{
	static char big[ZYNC_LIMIT_SECRET_BYTES + 2];
	char text[] = "open sesame";
	struct zync_secret *secret = NULL;
	struct zync_err err = {0};

	assert_int_equal(zync_secret_new(text, &secret, &err), ZYNC_OK);
	zync_log_mask(text); /* known to the log from now on, and a copy */
	assert_string_equal(text, "***");
	assert_string_equal(zync_secret_reveal(secret), "open sesame");
	assert_null(zync_secret_reveal(NULL));
	zync_secret_free(secret);
	zync_secret_free(NULL);
	memset(big, 'x', sizeof(big) - 1);
	secret = NULL;
	assert_int_equal(zync_secret_new(big, &secret, &err), ZYNC_ERR_LIMIT);
	test_expect(&err, ZYNC_ERR_LIMIT, "larger than the limit of 65536 bytes");
	assert_null(secret);
}

static void secret_files(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *content;
		size_t len;
		const char *secret;
		const char *message;
	} cases[] = {
		{"token", 5, "token", NULL},  {"token\n", 6, "token", NULL},  {"  two words \t\r\n\n", 16, "  two words", NULL},
		{"", 0, NULL, "is empty"},    {" \n\t", 3, NULL, "is empty"}, {"a\0b", 3, NULL, "NUL byte"},
		{"a\0", 2, NULL, "NUL byte"},
	};
	const char *path = test_path("token");

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		ZYNC_AUTO_SECRET secret = NULL;
		struct zync_err err = {0};
		enum zync_status status;

		test_write_file(path, cases[i].content, cases[i].len, 0600);
		status = zync_secret_read_file(path, &secret, &err);
		if (cases[i].secret) {
			assert_int_equal(status, ZYNC_OK);
			assert_string_equal(zync_secret_reveal(secret), cases[i].secret);
			continue;
		}
		assert_int_equal(status, ZYNC_ERR_INVALID);
		test_expect(&err, ZYNC_ERR_INVALID, cases[i].message);
		test_expect(&err, ZYNC_ERR_INVALID, path);
		assert_null(secret);
	}
}

static void secret_file_errors(void **state ZYNC_UNUSED)
{
	static char big[ZYNC_LIMIT_SECRET_BYTES + 1];
	const char *path = test_path("token");
	struct zync_secret *secret = NULL;
	struct zync_err err = {0};

	assert_int_equal(zync_secret_read_file(path, &secret, &err), ZYNC_ERR_IO);
	test_expect(&err, ZYNC_ERR_IO, "No such file or directory");
	assert_int_equal(err.code, ENOENT);
	assert_int_equal(zync_secret_read_file(path, &secret, NULL), ZYNC_ERR_IO);
	assert_int_equal(zync_secret_read_file(test_path(""), &secret, &err), ZYNC_ERR_IO);
	assert_int_equal(err.code, EISDIR);
	test_expect(&err, ZYNC_ERR_IO, "reading secret file");
	memset(big, 'x', sizeof(big));
	test_write_file(path, big, sizeof(big), 0600);
	assert_int_equal(zync_secret_read_file(path, &secret, &err), ZYNC_ERR_LIMIT);
	test_expect(&err, ZYNC_ERR_LIMIT, path);
	assert_int_equal(zync_secret_read_file(path, &secret, NULL), ZYNC_ERR_LIMIT);
	test_write_file(path, "right", 5, 0600);
	fault_arm(FAULT_READ, 1, EINTR); /* an interrupted call is made again */
	assert_int_equal(zync_secret_read_file(path, &secret, &err), ZYNC_OK);
	assert_true(fault_fired(FAULT_READ));
	zync_secret_free(secret);
	secret = NULL;
	fault_arm(FAULT_READ, 1, EIO);
	assert_int_equal(zync_secret_read_file(path, &secret, &err), ZYNC_ERR_IO);
	assert_int_equal(err.code, EIO);
	assert_null(secret);
}

static void secret_credentials_directory(void **state ZYNC_UNUSED)
{
	char *directory = strdup(test_path("."));
	struct zync_secret *secret = NULL;
	struct zync_err err = {0};
	char *long_name = calloc(1, ZYNC_LIMIT_SECRET_BYTES + 1);

	assert_non_null(directory);
	assert_non_null(long_name);
	test_write_file(test_path("zync-test-credential"), "from systemd\n", 13, 0600);
	assert_int_equal(zync_secret_read_file("zync-test-credential", &secret, &err), ZYNC_ERR_IO);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "", 1), 0);
	assert_int_equal(zync_secret_read_file("zync-test-credential", &secret, &err), ZYNC_ERR_IO);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", directory, 1), 0);
	assert_int_equal(zync_secret_read_file("zync-test-credential", &secret, &err), ZYNC_OK);
	assert_string_equal(zync_secret_reveal(secret), "from systemd");
	zync_secret_free(secret);
	assert_int_equal(zync_secret_read_file("zync-test-other", &secret, &err), ZYNC_ERR_IO);
	test_expect(&err, ZYNC_ERR_IO, "zync-test-other (which does not exist) as ");
	test_expect(&err, ZYNC_ERR_IO, directory);
	/* An absolute path is taken as it is. */
	assert_int_equal(zync_secret_read_file("/zync-test-credential", &secret, &err), ZYNC_ERR_IO);
	test_expect(&err, ZYNC_ERR_IO, "opening secret file /zync-test-credential: ");
	/* The system refuses a path this long with another error than "not there". */
	memset(long_name, 'x', ZYNC_LIMIT_SECRET_BYTES);
	assert_int_equal(zync_secret_read_file(long_name, &secret, &err), ZYNC_ERR_IO);
	assert_int_equal(err.code, ENAMETOOLONG);
	free(long_name);
	free(directory);
}

#define SECRET_TEST(name) cmocka_unit_test_setup_teardown(name, secret_setup, secret_teardown)
TEST_GROUP(test_secret, SECRET_TEST(secret_texts), SECRET_TEST(secret_files), SECRET_TEST(secret_file_errors),
	   SECRET_TEST(secret_credentials_directory));
