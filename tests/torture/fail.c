/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one allocation, one SQL call or one write to the disk of the whole program fail. Two ways to use it:
 *  - as a shared object in LD_PRELOAD: allocations of all libraries count, too;
 *  - compiled with ZYNC_TORTURE_WRAP and linked with --wrap, for a build with AddressSanitizer: only the program's own allocations count.
 *
 * Environment: ZYNC_FAIL_ALLOC=N, ZYNC_FAIL_SQL=N or ZYNC_FAIL_DISK=N fails the N-th from 1 (none when unset); ZYNC_FAIL_ON=1 also all that follow;
 * ZYNC_FAIL_SQL_CODE is the result code of SQLite (default SQLITE_IOERR); a write to the disk is one to a file of the store (its name holds "zync.db") and fails with ENOSPC;
 * ZYNC_FAIL_REPORT=FILE gets "ALLOCATIONS SQL-CALLS FIRED DISK-WRITES" at the end.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct counter {
	atomic_ulong seen;
	unsigned long nth; /* 0: never */
};

static struct counter allocations, statements, disk;
static atomic_ulong fired;
static bool onwards;
static int sql_code = 10; /* SQLITE_IOERR */

static unsigned long fail_number(const char *name)
{
	const char *text = getenv(name);
	unsigned long number = 0;

	for (; text != NULL && *text >= '0' && *text <= '9'; text++)
		number = number * 10 + (unsigned long)(*text - '0');
	return number;
}

__attribute__((constructor)) static void fail_start(void)
{
	allocations.nth = fail_number("ZYNC_FAIL_ALLOC");
	statements.nth = fail_number("ZYNC_FAIL_SQL");
	disk.nth = fail_number("ZYNC_FAIL_DISK");
	onwards = fail_number("ZYNC_FAIL_ON") != 0;
	if (fail_number("ZYNC_FAIL_SQL_CODE") != 0)
		sql_code = (int)fail_number("ZYNC_FAIL_SQL_CODE");
	atomic_store(&allocations.seen, 0);
}

__attribute__((destructor)) static void fail_report(void)
{
	const char *path = getenv("ZYNC_FAIL_REPORT");
	char text[96];
	int fd;
	int len;

	if (path == NULL)
		return;
	len = snprintf(text, sizeof(text), "%lu %lu %lu %lu\n", atomic_load(&allocations.seen), atomic_load(&statements.seen),
		       atomic_load(&fired), atomic_load(&disk.seen));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (write(fd, text, (size_t)len) != len)
		(void)unlink(path);
	(void)close(fd);
}

static bool fail_due(struct counter *counter)
{
	unsigned long number = atomic_fetch_add(&counter->seen, 1) + 1;
	bool due = counter->nth != 0 && (number == counter->nth || (onwards && number > counter->nth));

	if (due)
		atomic_fetch_add(&fired, 1);
	return due;
}

/*
 * OpenSSL 3.0 crashes by itself when its random generator cannot set up its locks (RAND_bytes on a NULL lock), so the first allocation at or after the N-th that
 * is not its own fails instead.
 */
static bool fail_memory_due(const void *caller)
{
	unsigned long number = atomic_fetch_add(&allocations.seen, 1) + 1;
	Dl_info info;

	if (allocations.nth == 0 || number < allocations.nth || (!onwards && atomic_load(&fired) != 0))
		return false;
	if (dladdr(caller, &info) != 0 && info.dli_fname != NULL && strstr(info.dli_fname, "libcrypto") != NULL)
		return false;
	atomic_fetch_add(&fired, 1);
	return true;
}

static void *fail_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

#ifdef ZYNC_TORTURE_WRAP
#define NAME(function) __wrap_##function
#define REAL(function) __real_##function
#else
#define NAME(function) function
#define REAL(function) __libc_##function
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *p, size_t size);
void *NAME(malloc)(size_t size);
void *NAME(calloc)(size_t count, size_t size);
void *NAME(realloc)(void *p, size_t size);

void *NAME(malloc)(size_t size)
{
	return fail_memory_due(__builtin_return_address(0)) ? fail_memory() : REAL(malloc)(size);
}

void *NAME(calloc)(size_t count, size_t size)
{
	return fail_memory_due(__builtin_return_address(0)) ? fail_memory() : REAL(calloc)(count, size);
}

void *NAME(realloc)(void *p, size_t size)
{
	return fail_memory_due(__builtin_return_address(0)) ? fail_memory() : REAL(realloc)(p, size);
}

#ifndef ZYNC_TORTURE_WRAP
/* The three doors through which the program reaches SQLite to run something. sqlite3.h belongs to store/sqlite, so the types are spelled out. */
int sqlite3_step(void *stmt);
int sqlite3_exec(void *db, const char *sql, int (*callback)(void *, int, char **, char **), void *ctx, char **error);
int sqlite3_prepare_v3(void *db, const char *sql, int len, unsigned flags, void **stmt, const char **tail);

static void *fail_next(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (found == NULL)
		abort();
	return found;
}

/* ISO C has no conversion from an object pointer to a function pointer; POSIX has, through memory. */
#define NEXT(type, name)                 \
	type real;                       \
	void *address = fail_next(name); \
	memcpy(&real, &address, sizeof(real))

/*
 * SQLite reaches the same doors from inside (sqlite3_exec() for its steps, the schema for its statements) and would take a step that was never made for a good
 * one: only calls from outside count.
 */
static _Thread_local bool inside;

typedef int step_fn(void *stmt);
int sqlite3_step(void *stmt)
{
	bool was_inside = inside;
	int result;

	NEXT(step_fn *, "sqlite3_step");
	if (!inside && fail_due(&statements))
		return sql_code;
	inside = true;
	result = real(stmt);
	inside = was_inside;
	return result;
}

typedef int exec_fn(void *db, const char *sql, int (*callback)(void *, int, char **, char **), void *ctx, char **error);
int sqlite3_exec(void *db, const char *sql, int (*callback)(void *, int, char **, char **), void *ctx, char **error)
{
	bool was_inside = inside;
	int result;

	NEXT(exec_fn *, "sqlite3_exec");
	/* A rollback that fails has no meaning: the connection's end undoes everything as well. */
	if (!inside && strcmp(sql, "ROLLBACK") != 0 && fail_due(&statements))
		return sql_code;
	inside = true;
	result = real(db, sql, callback, ctx, error);
	inside = was_inside;
	return result;
}

typedef int prepare_fn(void *db, const char *sql, int len, unsigned flags, void **stmt, const char **tail);
int sqlite3_prepare_v3(void *db, const char *sql, int len, unsigned flags, void **stmt, const char **tail)
{
	bool was_inside = inside;
	int result;

	NEXT(prepare_fn *, "sqlite3_prepare_v3");
	if (!inside && fail_due(&statements))
		return sql_code;
	inside = true;
	result = real(db, sql, len, flags, stmt, tail);
	inside = was_inside;
	return result;
}

/* ---- the disk ---- */

/* A write that would make a file of the store larger or change it: does the disk have room for it? */
static bool fail_disk_due(int fd)
{
	char link_name[40];
	char path[512];
	ssize_t len;

	(void)snprintf(link_name, sizeof(link_name), "/proc/self/fd/%d", fd);
	len = readlink(link_name, path, sizeof(path) - 1);
	if (len < 0)
		return false;
	path[len] = '\0';
	if (strstr(path, "/zync.db") == NULL || !fail_due(&disk))
		return false;
	errno = ENOSPC;
	return true;
}

typedef ssize_t write_fn(int fd, const void *data, size_t len);
ssize_t write(int fd, const void *data, size_t len)
{
	NEXT(write_fn *, "write");
	return fail_disk_due(fd) ? -1 : real(fd, data, len);
}

typedef ssize_t pwrite_fn(int fd, const void *data, size_t len, off64_t at);
ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	NEXT(pwrite_fn *, "pwrite64");
	return fail_disk_due(fd) ? -1 : real(fd, data, len, at);
}

typedef int truncate_fn(int fd, off64_t len);
int ftruncate64(int fd, off64_t len)
{
	struct stat st;

	NEXT(truncate_fn *, "ftruncate64");
	if (fstat(fd, &st) == 0 && len > st.st_size && fail_disk_due(fd))
		return -1;
	return real(fd, len);
}
#endif
