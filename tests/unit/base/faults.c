/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that the linker puts in front of the C library's and OpenSSL's own (--wrap). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base_test.h"

static struct {
	unsigned long left;
	int errnum;
	bool fired;
} faults[FAULT_COUNT];

void fault_arm(enum fault fault, unsigned long nth, int errnum)
{
	faults[fault].left = nth;
	faults[fault].errnum = errnum;
	faults[fault].fired = false;
}

bool fault_fired(enum fault fault)
{
	return faults[fault].fired;
}

void fault_reset(void)
{
	memset(faults, 0, sizeof(faults));
}

static bool fault_due(enum fault fault)
{
	if (faults[fault].left == 0 || --faults[fault].left > 0)
		return false;
	faults[fault].fired = true;
	errno = faults[fault].errnum;
	return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);
ssize_t __real_read(int fd, void *data, size_t len);
ssize_t __wrap_read(int fd, void *data, size_t len);
/* The name that fstat() has with 64-bit offsets, which meson always asks for. */
int __real_fstat64(int fd, struct stat *st);
int __wrap_fstat64(int fd, struct stat *st);
int __real_close(int fd);
int __wrap_close(int fd);
ssize_t __real_getrandom(void *ret, size_t len, unsigned flags);
ssize_t __wrap_getrandom(void *ret, size_t len, unsigned flags);
unsigned char *__real_HMAC(const EVP_MD *md, const void *key, int key_len, const unsigned char *data, size_t len, unsigned char *ret,
			   unsigned *ret_len);
unsigned char *__wrap_HMAC(const EVP_MD *md, const void *key, int key_len, const unsigned char *data, size_t len, unsigned char *ret,
			   unsigned *ret_len);
int __real_EVP_Digest(const void *data, size_t len, unsigned char *ret, unsigned *ret_len, const EVP_MD *md, ENGINE *engine);
int __wrap_EVP_Digest(const void *data, size_t len, unsigned char *ret, unsigned *ret_len, const EVP_MD *md, ENGINE *engine);
EVP_CIPHER_CTX *__real_EVP_CIPHER_CTX_new(void);
EVP_CIPHER_CTX *__wrap_EVP_CIPHER_CTX_new(void);

void *__wrap_malloc(size_t size)
{
	return fault_due(FAULT_ALLOC) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fault_due(FAULT_ALLOC) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fault_due(FAULT_ALLOC) ? NULL : __real_realloc(p, size);
}

int __wrap_link(const char *from, const char *to)
{
	return fault_due(FAULT_LINK) ? -1 : __real_link(from, to);
}

int __wrap_fsync(int fd)
{
	return fault_due(FAULT_FSYNC) ? -1 : __real_fsync(fd);
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	return fault_due(FAULT_WRITE) ? -1 : __real_write(fd, data, len);
}

ssize_t __wrap_read(int fd, void *data, size_t len)
{
	return fault_due(FAULT_READ) ? -1 : __real_read(fd, data, len);
}

int __wrap_fstat64(int fd, struct stat *st)
{
	return fault_due(FAULT_FSTAT) ? -1 : __real_fstat64(fd, st);
}

int __wrap_close(int fd)
{
	int result = __real_close(fd);

	return fault_due(FAULT_CLOSE) ? -1 : result;
}

ssize_t __wrap_getrandom(void *ret, size_t len, unsigned flags)
{
	if (!fault_due(FAULT_RANDOM))
		return __real_getrandom(ret, len, flags);
	errno = ENOSYS;
	return -1;
}

unsigned char *__wrap_HMAC(const EVP_MD *md, const void *key, int key_len, const unsigned char *data, size_t len, unsigned char *ret,
			   unsigned *ret_len)
{
	return fault_due(FAULT_HMAC) ? NULL : __real_HMAC(md, key, key_len, data, len, ret, ret_len);
}

int __wrap_EVP_Digest(const void *data, size_t len, unsigned char *ret, unsigned *ret_len, const EVP_MD *md, ENGINE *engine)
{
	return fault_due(FAULT_DIGEST) ? 0 : __real_EVP_Digest(data, len, ret, ret_len, md, engine);
}

EVP_CIPHER_CTX *__wrap_EVP_CIPHER_CTX_new(void)
{
	return fault_due(FAULT_CIPHER) ? NULL : __real_EVP_CIPHER_CTX_new();
}

struct zync_arena *test_arena(void)
{
	struct zync_arena *arena = zync_arena_new(0);

	assert_non_null(arena);
	return arena;
}

static char dir_path[256];

const char *test_dir(void)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(dir_path, sizeof(dir_path), "%s/zync-test-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(dir_path));
	return dir_path;
}

void test_dir_remove(void)
{
	DIR *dir = opendir(dir_path);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			assert_int_equal(remove(test_path(entry->d_name)), 0);
	}
	(void)closedir(dir);
	assert_int_equal(rmdir(dir_path), 0);
}

size_t test_dir_count(void)
{
	DIR *dir = opendir(dir_path);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	(void)closedir(dir);
	return count;
}

const char *test_path(const char *name)
{
	static char paths[8][sizeof(dir_path) + 300];
	static size_t next;
	char *path = paths[next++ % ZYNC_ARRAY_LEN(paths)];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", dir_path, name);
	return path;
}

void test_write_file(const char *path, const void *data, size_t len, unsigned mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(fchmod(fd, (mode_t)mode), 0);
	assert_int_equal(close(fd), 0);
}

bool test_aborts(void (*fn)(void))
{
	int state = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit no_core = {0};

		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)signal(SIGABRT, SIG_DFL); /* cmocka catches it */
		(void)close(STDERR_FILENO);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &state, 0), pid);
	return WIFSIGNALED(state) && WTERMSIG(state) == SIGABRT;
}

const wchar_t test_bad_wide[] = {0x110000, 0};

void test_expect(const struct zync_err *err, enum zync_status status, const char *part)
{
	assert_string_equal(zync_status_name(err->status), zync_status_name(status));
	if (!strstr(err->message, part))
		fail_msg("\"%s\" is not in the message \"%s\"", part, err->message);
}
