/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/str.h"
#include "base_test.h"

static int digest_setup(void **state ZYNC_UNUSED)
{
	(void)test_dir();
	fault_reset();
	return 0;
}

static int digest_teardown(void **state ZYNC_UNUSED)
{
	fault_reset();
	test_dir_remove();
	return 0;
}

static struct zync_keyring *digest_ring(unsigned char fill)
{
	struct zync_keyring *ring = NULL;
	unsigned char key[32];

	memset(key, fill, sizeof(key));
	assert_int_equal(zync_keyring_new(key, &ring, NULL), ZYNC_OK);
	return ring;
}

/* Test vectors of FIPS 180-4. */
static void digest_sha256(void **state ZYNC_UNUSED)
{
	char hex[ZYNC_DIGEST_HEX_SIZE];
	struct zync_err err = {0};

	assert_int_equal(zync_digest_sha256("abc", 3, hex, NULL), ZYNC_OK);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(zync_digest_sha256(NULL, 0, hex, NULL), ZYNC_OK);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	fault_arm(FAULT_DIGEST, 1, 0);
	assert_int_equal(zync_digest_sha256("abc", 3, hex, &err), ZYNC_ERR_IO);
	test_expect(&err, ZYNC_ERR_IO, "failed at SHA-256: no reason given");
}

static void digest_random(void **state ZYNC_UNUSED)
{
	static unsigned char big[3 * 1024 * 1024];
	unsigned char a[16], b[16];
	struct zync_err err = {0};
	unsigned counts[3] = {0};

	assert_int_equal(zync_random_bytes(a, sizeof(a), NULL), ZYNC_OK);
	assert_int_equal(zync_random_bytes(b, sizeof(b), NULL), ZYNC_OK);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(zync_random_bytes(a, 0, NULL), ZYNC_OK);
	assert_int_equal(zync_random_bytes(big, sizeof(big), NULL), ZYNC_OK); /* more than one call may give */
	assert_memory_not_equal(big + sizeof(big) - 16, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	for (int i = 0; i < 3000; i++) {
		uint32_t n = zync_random_below(3);

		assert_true(n < 3);
		counts[n]++;
	}
	for (size_t i = 0; i < 3; i++)
		assert_in_range(counts[i], 800, 1200);
	assert_int_equal(zync_random_below(1), 0);
	(void)zync_random_below(UINT32_MAX);
	fault_arm(FAULT_RANDOM, 1, 0);
	assert_int_equal(zync_random_bytes(a, sizeof(a), &err), ZYNC_ERR_IO);
	test_expect(&err, ZYNC_ERR_IO, "making random bytes");
	fault_arm(FAULT_RANDOM, 1, 0);
	assert_true(zync_random_below(10) < 10);
	assert_true(fault_fired(FAULT_RANDOM));
}

static void digest_uuids(void **state ZYNC_UNUSED)
{
	char a[ZYNC_UUID_SIZE], b[ZYNC_UUID_SIZE];

	assert_int_equal(zync_uuid_new(b, NULL), ZYNC_OK);
	for (int round = 0; round < 100; round++) {
		assert_int_equal(zync_uuid_new(a, NULL), ZYNC_OK);
		assert_string_not_equal(a, b);
		assert_int_equal(strlen(a), 36);
		assert_int_equal(strspn(a, "0123456789abcdef-"), 36);
		assert_true(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-');
		assert_int_equal(a[14], '4');
		assert_non_null(strchr("89ab", a[19]));
		memcpy(b, a, sizeof(b));
	}
	fault_arm(FAULT_RANDOM, 1, 0);
	assert_int_equal(zync_uuid_new(a, NULL), ZYNC_ERR_IO);
}

/* The expected texts were computed with Python's hmac module: hmac(hmac(key, "zync:" + purpose), text). */
static void keyring_digests(void **state ZYNC_UNUSED)
{
	struct zync_keyring *ring = digest_ring(1), *other = digest_ring(2);
	char hex[ZYNC_DIGEST_HEX_SIZE], again[ZYNC_DIGEST_HEX_SIZE], purpose[200];
	struct zync_err err = {0};

	assert_int_equal(zync_keyring_digest(ring, "macro", "secret", hex, NULL), ZYNC_OK);
	assert_string_equal(hex, "c0beeda335ee8fd4f38cb047b56d10412e718db77c74b409c9cff8444a0c77dd");
	assert_int_equal(zync_keyring_digest(ring, "macro", "", again, NULL), ZYNC_OK);
	assert_string_equal(again, "680593aa6a827af3c00d14b4f0a2ae1feeefbe144d9baf3ef89b8e4ffb8a2aee");
	assert_int_equal(zync_keyring_digest(ring, "psk", "secret", again, NULL), ZYNC_OK);
	assert_string_not_equal(again, hex);
	assert_int_equal(zync_keyring_digest(other, "macro", "secret", again, NULL), ZYNC_OK);
	assert_string_not_equal(again, hex);
	memset(purpose, 'x', sizeof(purpose) - 1);
	purpose[sizeof(purpose) - 1] = '\0';
	assert_int_equal(zync_keyring_digest(ring, purpose, "x", hex, &err), ZYNC_ERR_INVALID);
	test_expect(&err, ZYNC_ERR_INVALID, "purpose of a keyed digest is longer than 127 bytes");
	for (unsigned long nth = 1; nth <= 2; nth++) {
		fault_arm(FAULT_HMAC, nth, 0);
		assert_int_equal(zync_keyring_digest(ring, "macro", "x", hex, &err), ZYNC_ERR_IO);
		test_expect(&err, ZYNC_ERR_IO, nth == 1 ? "deriving a key" : "a keyed digest");
	}
	fault_arm(FAULT_HMAC, 1, 0);
	assert_int_equal(zync_keyring_new((const unsigned char *)purpose, &other, &err), ZYNC_ERR_IO);
	zync_keyring_free(ring);
	zync_keyring_free(other);
	zync_keyring_free(NULL);
}

static void keyring_seals(void **state ZYNC_UNUSED)
{
	static const char *const texts[] = {
		"", "a", "ab", "abc", "p\xc3\xa4ssw\xc3\xb6rter", "a text that is longer than one block of AES, twice over"};
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_keyring *ring = digest_ring(1), *other = digest_ring(2);
	struct zync_err err = {0};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(texts); i++) {
		const char *sealed = NULL, *again = NULL, *text = NULL;
		char *damaged;

		assert_int_equal(zync_keyring_seal(ring, texts[i], arena, &sealed, NULL), ZYNC_OK);
		assert_int_equal(zync_keyring_seal(ring, texts[i], arena, &again, NULL), ZYNC_OK);
		assert_string_not_equal(sealed, again);
		assert_null(strchr(sealed, '\n'));
		assert_int_equal(zync_keyring_unseal(ring, sealed, arena, &text, NULL), ZYNC_OK);
		assert_string_equal(text, texts[i]);
		text = NULL;
		assert_int_equal(zync_keyring_unseal(other, sealed, arena, &text, &err), ZYNC_ERR_INVALID);
		test_expect(&err, ZYNC_ERR_INVALID, "key file is not the one");
		/* Each character changed in turn, and each length. */
		damaged = zync_arena_strdup(arena, sealed);
		for (size_t at = 0; at < strlen(sealed); at++) {
			damaged[at] = sealed[at] == 'A' ? 'B' : 'A';
			if (sealed[at] != '=' && sealed[at + 1] != '=') /* the digit before the padding may have unused bits */
				assert_int_equal(zync_keyring_unseal(ring, damaged, arena, &text, &err), ZYNC_ERR_INVALID);
			if (at == 0)
				test_expect(&err, ZYNC_ERR_INVALID, "another version");
			damaged[at] = '\0';
			assert_int_equal(zync_keyring_unseal(ring, damaged, arena, &text, &err), ZYNC_ERR_INVALID);
			damaged[at] = '!';
			assert_int_equal(zync_keyring_unseal(ring, damaged, arena, &text, &err), ZYNC_ERR_INVALID);
			test_expect(&err, ZYNC_ERR_INVALID, "damaged");
			damaged[at] = sealed[at];
		}
		assert_null(text);
	}
	zync_keyring_free(ring);
	zync_keyring_free(other);
}

static void keyring_seal_errors(void **state ZYNC_UNUSED)
{
	static const char *const broken[] = {"", "====", "AAAA", "A===", "AAAAA", "AA=A", "AAA=AAAA", "A A="};
	ZYNC_AUTO_ARENA arena = test_arena();
	struct zync_keyring *ring = digest_ring(1);
	struct zync_err err = {0};
	const char *sealed = NULL, *text = NULL;
	char *big = calloc(1, (size_t)2 * ZYNC_LIMIT_REQUEST_BYTES + 2);

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(broken); i++) {
		assert_int_equal(zync_keyring_unseal(ring, broken[i], arena, &text, &err), ZYNC_ERR_INVALID);
		test_expect(&err, ZYNC_ERR_INVALID, "damaged or was made by another version");
	}
	assert_non_null(big);
	memset(big, 'x', ZYNC_LIMIT_REQUEST_BYTES + 1);
	assert_int_equal(zync_keyring_seal(ring, big, arena, &sealed, &err), ZYNC_ERR_LIMIT);
	test_expect(&err, ZYNC_ERR_LIMIT, "67108865 bytes is too large");
	memset(big, 'x', (size_t)2 * ZYNC_LIMIT_REQUEST_BYTES + 1);
	assert_int_equal(zync_keyring_unseal(ring, big, arena, &text, &err), ZYNC_ERR_LIMIT);
	free(big);
	fault_arm(FAULT_RANDOM, 1, 0);
	assert_int_equal(zync_keyring_seal(ring, "x", arena, &sealed, &err), ZYNC_ERR_IO);
	fault_arm(FAULT_CIPHER, 1, 0);
	assert_int_equal(zync_keyring_seal(ring, "x", arena, &sealed, &err), ZYNC_ERR_IO);
	test_expect(&err, ZYNC_ERR_IO, "failed at sealing a secret");
	assert_null(sealed);
	zync_keyring_free(ring);
}

static void keyring_file_is_made_once(void **state ZYNC_UNUSED)
{
	const char *path = test_path("key");
	struct zync_keyring *first = NULL, *second = NULL;
	char a[ZYNC_DIGEST_HEX_SIZE], b[ZYNC_DIGEST_HEX_SIZE];
	struct stat st;

	assert_int_equal(zync_keyring_open(path, &first, NULL), ZYNC_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(st.st_nlink, 1); /* the temporary name is gone */
	assert_int_equal(zync_keyring_open(path, &second, NULL), ZYNC_OK);
	assert_int_equal(zync_keyring_digest(first, "p", "t", a, NULL), ZYNC_OK);
	assert_int_equal(zync_keyring_digest(second, "p", "t", b, NULL), ZYNC_OK);
	assert_string_equal(a, b);
	zync_keyring_free(first);
	zync_keyring_free(second);
	/* A path without a directory is in the current one. */
	assert_int_equal(chdir(test_path(".")), 0);
	assert_int_equal(zync_keyring_open("other-key", &first, NULL), ZYNC_OK);
	assert_int_equal(zync_keyring_digest(first, "p", "t", b, NULL), ZYNC_OK);
	assert_string_not_equal(a, b);
	zync_keyring_free(first);
	assert_int_equal(chdir("/"), 0);
}

static void keyring_creators_agree(void **state ZYNC_UNUSED)
{
	char digests[8][ZYNC_DIGEST_HEX_SIZE];
	const char *path = test_path("key");
	int pipes[2], status;
	pid_t pids[8];

	assert_int_equal(pipe(pipes), 0);
	for (size_t i = 0; i < 8; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			struct zync_keyring *ring = NULL;

			if (zync_keyring_open(path, &ring, NULL) != ZYNC_OK ||
			    zync_keyring_digest(ring, "p", "t", digests[0], NULL) != ZYNC_OK)
				_exit(1);
			_exit(write(pipes[1], digests[0], sizeof(digests[0])) != sizeof(digests[0]));
		}
	}
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(read(pipes[0], digests, sizeof(digests)), sizeof(digests));
	for (size_t i = 1; i < 8; i++)
		assert_string_equal(digests[i], digests[0]);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
}

static void keyring_refuses_files(void **state ZYNC_UNUSED)
{
	static const char good[] = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";
	static const struct {
		const char *content;
		unsigned mode;
		const char *message; /* NULL: is taken */
	} cases[] = {
		{good, 0600, NULL},
		{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\r\n", 0400, NULL},
		{good, 0640, "(mode 0640); mend it with: chmod 600 "},
		{good, 0604, "(mode 0604); mend it with: chmod 600 "},
		{good, 0620, "(mode 0620); mend it with: chmod 600 "},
		{"", 0600, "holds 0 characters instead of 64"},
		{"0001\n", 0600, "holds 4 characters instead of 64"},
		{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0", 0600, "holds 65 characters instead of 64"},
		{"00010203040506g708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0600, "something else than hexadecimal digits"},
		{"000102030405060G08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0600, "something else than hexadecimal digits"},
		{"0001020304050607/8090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0600, "something else than hexadecimal digits"},
	};
	const char *path = test_path("key");

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_keyring *ring = NULL;
		struct zync_err err = {0};
		enum zync_status status;

		(void)unlink(path);
		test_write_file(path, cases[i].content, strlen(cases[i].content), cases[i].mode);
		status = zync_keyring_open(path, &ring, &err);
		if (!cases[i].message) {
			char a[ZYNC_DIGEST_HEX_SIZE], b[ZYNC_DIGEST_HEX_SIZE];
			unsigned char key[32];
			struct zync_keyring *same = NULL;

			for (size_t j = 0; j < sizeof(key); j++)
				key[j] = (unsigned char)j;
			assert_int_equal(status, ZYNC_OK);
			assert_int_equal(zync_keyring_new(key, &same, NULL), ZYNC_OK);
			assert_int_equal(zync_keyring_digest(ring, "p", "t", a, NULL), ZYNC_OK);
			assert_int_equal(zync_keyring_digest(same, "p", "t", b, NULL), ZYNC_OK);
			assert_string_equal(a, b);
			zync_keyring_free(same);
			zync_keyring_free(ring);
			continue;
		}
		assert_int_equal(status, ZYNC_ERR_INVALID);
		test_expect(&err, ZYNC_ERR_INVALID, cases[i].message);
		test_expect(&err, ZYNC_ERR_INVALID, path);
		assert_null(ring);
	}
}

static void keyring_refuses_places(void **state ZYNC_UNUSED)
{
	static char big[ZYNC_LIMIT_SECRET_BYTES + 1];
	struct zync_keyring *ring = NULL;
	struct zync_err err = {0};
	const char *path = test_path("file");

	assert_int_equal(zync_keyring_open(test_path("."), &ring, &err), ZYNC_ERR_INVALID);
	test_expect(&err, ZYNC_ERR_INVALID, "not a regular file");
	assert_int_equal(zync_keyring_open(test_path("missing/key"), &ring, &err), ZYNC_ERR_IO);
	test_expect(&err, ZYNC_ERR_IO, "its directory must exist");
	assert_int_equal(err.code, ENOENT);
	memset(big, '0', sizeof(big));
	test_write_file(path, big, sizeof(big), 0600);
	assert_int_equal(zync_keyring_open(path, &ring, &err), ZYNC_ERR_LIMIT);
	assert_int_equal(zync_keyring_open(test_path("file/key"), &ring, &err), ZYNC_ERR_IO);
	assert_int_equal(err.code, ENOTDIR);
	/* A named pipe must not make the program wait. */
	assert_int_equal(mkfifo(test_path("pipe"), 0600), 0);
	assert_int_equal(zync_keyring_open(test_path("pipe"), &ring, &err), ZYNC_ERR_INVALID);
	/* A link to nothing is not followed by creating its target. */
	assert_int_equal(symlink("nowhere", test_path("link")), 0);
	assert_int_equal(zync_keyring_open(test_path("link"), &ring, &err), ZYNC_ERR_IO);
	assert_int_equal(access(test_path("nowhere"), F_OK), -1);
	assert_null(ring);
}

/* Each step of making the file fails: an error, no file left half-made, and the next try works. */
static void keyring_create_faults(void **state ZYNC_UNUSED)
{
	static const struct {
		enum fault fault;
		unsigned long nth;
		int errnum;
		const char *message; /* NULL: gets over it */
	} cases[] = {
		{FAULT_RANDOM, 1, 0, "making random bytes"},
		{FAULT_RANDOM, 2, 0, "making random bytes"},
		{FAULT_WRITE, 1, ENOSPC, "No space left on device"},
		{FAULT_WRITE, 1, EINTR, NULL},
		{FAULT_FSYNC, 1, EIO, "writing key file"},
		{FAULT_FSYNC, 2, EIO, "writing the directory of key file"},
		{FAULT_FSYNC, 2, EINVAL, NULL},
		{FAULT_CLOSE, 1, EIO, "writing key file"},
		{FAULT_LINK, 1, EPERM, NULL}, /* a file system without hard links */
		{FAULT_FSTAT, 1, EIO, "looking at key file"},
		{FAULT_READ, 1, EIO, "reading key file"},
		{FAULT_HMAC, 1, 0, "deriving a key"},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_keyring *ring = NULL;
		struct zync_err err = {0};
		enum zync_status status;

		fault_arm(cases[i].fault, cases[i].nth, cases[i].errnum);
		status = zync_keyring_open(test_path("key"), &ring, &err);
		assert_true(fault_fired(cases[i].fault));
		fault_reset();
		if (cases[i].message) {
			assert_int_equal(status, ZYNC_ERR_IO);
			test_expect(&err, ZYNC_ERR_IO, cases[i].message);
			assert_null(ring);
			assert_int_equal(zync_keyring_open(test_path("key"), &ring, &err), ZYNC_OK);
		}
		assert_non_null(ring);
		zync_keyring_free(ring);
		assert_int_equal(test_dir_count(), 1); /* no temporary file is left beside it */
		assert_int_equal(unlink(test_path("key")), 0);
	}
}

#define DIGEST_TEST(name) cmocka_unit_test_setup_teardown(name, digest_setup, digest_teardown)
TEST_GROUP(test_digest, DIGEST_TEST(digest_sha256), DIGEST_TEST(digest_random), DIGEST_TEST(digest_uuids), DIGEST_TEST(keyring_digests),
	   DIGEST_TEST(keyring_seals), DIGEST_TEST(keyring_seal_errors), DIGEST_TEST(keyring_file_is_made_once),
	   DIGEST_TEST(keyring_creators_agree), DIGEST_TEST(keyring_refuses_files), DIGEST_TEST(keyring_refuses_places),
	   DIGEST_TEST(keyring_create_faults));
