/* SPDX-License-Identifier: Apache-2.0 */
/* Slots: who holds them, what the end of a connection or a process does to them, and the file they live in. */
#include "store_test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/queue.h"

static void lock_path(const struct fixture *fx, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s.lock", fx->path);
}

static void test_life(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = fixture_second(fx);
	uint64_t a = slot_of(fx, fx->store);
	uint64_t b = slot_of(fx, second);

	assert_true(a != 0 && b > a);
	assert_true(zync_store_slot_alive(fx->store, a)); /* one's own */
	assert_true(zync_store_slot_alive(second, a));
	assert_true(zync_store_slot_alive(fx->store, b));
	assert_false(zync_store_slot_alive(fx->store, 0));
	assert_false(zync_store_slot_alive(fx->store, b + 1));
	zync_store_slot_release(fx->store);
	assert_false(zync_store_slot_alive(fx->store, a));
	assert_false(zync_store_slot_alive(second, a));
	zync_store_slot_release(fx->store); /* without one: nothing */
	assert_true(zync_store_slot_alive(fx->store, b));
	assert_true(slot_of(fx, fx->store) > b); /* never given again */
	zync_store_close(second);
	assert_false(zync_store_slot_alive(fx->store, b)); /* a connection ends, and its slot with it */
}

/* A database from a backup hands out numbers that are in use: they are passed over. */
static void test_number_in_use(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = fixture_second(fx);
	uint64_t a = slot_of(fx, fx->store);

	sql(fx, "UPDATE sequence SET next = 1 WHERE name = 'slot'");
	assert_int_equal(slot_of(fx, second), a + 1);
	assert_true(zync_store_slot_alive(second, a));
	zync_store_close(second);
}

static void test_file(void **state)
{
	struct fixture *fx = *state;
	char path[160];
	struct stat st;
	int found = 0;

	lock_path(fx, path, sizeof(path));
	assert_int_not_equal(stat(path, &st), 0); /* opened when it is needed */
	(void)slot_of(fx, fx->store);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 0);
	for (int fd = 0; fd < 256; fd++) {
		struct stat own;

		if (fstat(fd, &own) != 0 || own.st_ino != st.st_ino || own.st_dev != st.st_dev)
			continue;
		found++;
		assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0); /* a program started by Zync does not keep its slots alive */
	}
	assert_int_equal(found, 1);
}

/* Two names of one database: one lock file. */
static void test_symbolic_link(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *second = NULL;
	uint64_t slot = slot_of(fx, fx->store);
	char link_path[160];

	(void)snprintf(link_path, sizeof(link_path), "%s/link.db", fx->folder);
	assert_int_equal(symlink(fx->path, link_path), 0);
	OK(fx, zync_store_open(link_path, &second, &fx->err));
	assert_true(zync_store_slot_alive(second, slot));
	zync_store_close(second);
	assert_int_equal(unlink(link_path), 0);
}

static void test_in_memory(void **state)
{
	struct fixture *fx = *state;
	struct zync_store *memory = NULL;
	uint64_t slot;

	OK(fx, zync_store_open(":memory:", &memory, &fx->err));
	slot = slot_of(fx, memory);
	assert_true(zync_store_slot_alive(memory, slot));
	assert_false(zync_store_slot_alive(memory, slot + 1));
	zync_store_slot_release(memory);
	assert_false(zync_store_slot_alive(memory, slot));
	zync_store_close(memory);
}

/* The file cannot be opened: no slot, and nothing is taken from those that may be alive. */
static void test_no_file(void **state)
{
	struct fixture *fx = *state;
	uint64_t slot = 77;
	char path[160];

	lock_path(fx, path, sizeof(path));
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(zync_store_slot_take(fx->store, &slot, &fx->err), ZYNC_ERR_IO);
	assert_non_null(strstr(fx->err.message, path));
	assert_int_equal(slot, 77);
	assert_true(zync_store_slot_alive(fx->store, 5));
	assert_false(zync_store_slot_alive(fx->store, 0));
	assert_int_equal(rmdir(path), 0);
	assert_false(zync_store_slot_alive(fx->store, 5));
}

/* Nobody is led by a link to a file that is not his. */
static void test_file_is_link(void **state)
{
	struct fixture *fx = *state;
	uint64_t slot = 0;
	char path[160];

	lock_path(fx, path, sizeof(path));
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(zync_store_slot_take(fx->store, &slot, &fx->err), ZYNC_ERR_IO);
	assert_int_equal(unlink(path), 0);
}

/* A process that holds a slot is killed. */
static void test_killed(void **state)
{
	struct fixture *fx = *state;
	uint64_t slot = 0;
	int pipes[2];
	pid_t child;
	int status = 0;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct zync_store *store = NULL;
		bool fine = zync_store_open(fx->url, &store, NULL) == ZYNC_OK && zync_store_slot_take(store, &slot, NULL) == ZYNC_OK;

		if (!fine || write(pipes[1], &slot, sizeof(slot)) != (ssize_t)sizeof(slot))
			_exit(1);
		(void)alarm(30); /* when the test fails before it kills this process */
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(pipes[0], &slot, sizeof(slot)), sizeof(slot));
	assert_true(zync_store_slot_alive(fx->store, slot));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_false(zync_store_slot_alive(fx->store, slot));
	assert_int_equal(close(pipes[0]), 0);
	assert_int_equal(close(pipes[1]), 0);
}

TEST_GROUP(test_slot, TEST(test_life), TEST(test_number_in_use), TEST(test_file), TEST(test_symbolic_link), TEST(test_in_memory),
	   TEST(test_no_file), TEST(test_file_is_link), TEST(test_killed));
