/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kills the whole program with SIGKILL at the n-th kill point of its run: a shared object for LD_PRELOAD. A kill point is the moment before or after
 *  - a commit to the database file: whatever SQL makes it; what touches temporary tables only is none. Each write of the intent journal is such a commit;
 *  - a call that writes to Zabbix: before it leaves, when it has left ("during"), and when its answer is there but the program has not seen it;
 *  - the key file being published.
 *
 * Environment: ZYNC_KILL_AT=N kills at the N-th from 1 (never when unset); ZYNC_KILL_REPORT=FILE gets a line for each point that was reached: "before|during|after KIND DETAIL".
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_FD	 1024
#define MAX_NAME 40

static atomic_ulong points;
static unsigned long kill_at;
static int report = -1;

__attribute__((constructor)) static void kill_start(void)
{
	const char *path = getenv("ZYNC_KILL_REPORT");
	const char *at = getenv("ZYNC_KILL_AT");

	for (; at != NULL && *at >= '0' && *at <= '9'; at++)
		kill_at = kill_at * 10 + (unsigned long)(*at - '0');
	if (path != NULL)
		report = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* A point is reached. Its line is written first, so that the report tells where the program died. */
static void kill_point(const char *when, const char *kind, const char *detail)
{
	unsigned long number = atomic_fetch_add(&points, 1) + 1;
	char line[160];
	int len = snprintf(line, sizeof(line), "%s %s %.100s\n", when, kind, detail);

	if (report >= 0 && write(report, line, (size_t)len) != len)
		abort();
	if (number != kill_at)
		return;
	(void)kill(getpid(), SIGKILL);
	for (;;)
		(void)pause();
}

static void *kill_next(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (found == NULL)
		abort();
	return found;
}

/* ISO C has no conversion from an object pointer to a function pointer; POSIX has, through memory. */
#define NEXT(type, name)                 \
	type real;                       \
	void *address = kill_next(name); \
	memcpy(&real, &address, sizeof(real))

/* ---- commits ---- */

/* sqlite3.h belongs to store/sqlite, so the types are spelled out. */
int sqlite3_open_v2(const char *path, void **db, int flags, const char *vfs);
int sqlite3_step(void *stmt);
int sqlite3_exec(void *db, const char *sql, int (*callback)(void *, int, char **, char **), void *ctx, char **error);
/* Not linked, but there as soon as the program is. */
extern int sqlite3_txn_state(void *db, const char *schema) __attribute__((weak));
extern void *sqlite3_commit_hook(void *db, int (*hook)(void *), void *ctx) __attribute__((weak));
extern int sqlite3_stmt_readonly(void *stmt) __attribute__((weak));
extern const char *sqlite3_sql(void *stmt) __attribute__((weak));

#define TXN_WRITE 2 /* SQLITE_TXN_WRITE */

static _Thread_local unsigned long commits;   /* that this thread has begun */
static _Thread_local char last_sql[MAX_NAME]; /* the last statement that writes: what the commit is about */

static void kill_note_sql(const char *sql)
{
	size_t len = 0;

	for (; sql != NULL && *sql != '\0' && *sql != '(' && len + 1 < sizeof(last_sql); sql++)
		last_sql[len++] = *sql == '\n' ? ' ' : *sql;
	last_sql[len] = '\0';
}

/* SQLite calls it when a transaction that wrote is about to be committed, before anything of the commit is on the disk. */
static int kill_on_commit(void *db)
{
	if (sqlite3_txn_state(db, "main") != TXN_WRITE)
		return 0;
	commits++;
	kill_point("before", "commit", last_sql);
	return 0;
}

typedef int open_fn(const char *path, void **db, int flags, const char *vfs);
int sqlite3_open_v2(const char *path, void **db, int flags, const char *vfs)
{
	int result;

	NEXT(open_fn *, "sqlite3_open_v2");
	result = real(path, db, flags, vfs);
	if (*db != NULL)
		(void)sqlite3_commit_hook(*db, kill_on_commit, *db);
	return result;
}

/* SQLite reaches the same doors from inside, where a commit is not over yet. */
static _Thread_local bool inside;

typedef int step_fn(void *stmt);
int sqlite3_step(void *stmt)
{
	bool was_inside = inside;
	unsigned long before = commits;
	int result;

	NEXT(step_fn *, "sqlite3_step");
	if (!sqlite3_stmt_readonly(stmt))
		kill_note_sql(sqlite3_sql(stmt));
	inside = true;
	result = real(stmt);
	inside = was_inside;
	if (!inside && commits != before)
		kill_point("after", "commit", last_sql);
	return result;
}

typedef int exec_fn(void *db, const char *sql, int (*callback)(void *, int, char **, char **), void *ctx, char **error);
int sqlite3_exec(void *db, const char *sql, int (*callback)(void *, int, char **, char **), void *ctx, char **error)
{
	bool was_inside = inside;
	unsigned long before = commits;
	int result;

	NEXT(exec_fn *, "sqlite3_exec");
	inside = true;
	result = real(db, sql, callback, ctx, error);
	inside = was_inside;
	if (!inside && commits != before)
		kill_point("after", "commit", last_sql);
	return result;
}

/* ---- calls ---- */

/* What is under way on each connection: the method of a call that writes to Zabbix, "" otherwise. One thread at a time uses a connection. */
static char under_way[MAX_FD][MAX_NAME];
static bool is_call[MAX_FD]; /* a request to Zabbix whose method has not been seen yet */

static bool kill_starts(const char *data, size_t len, const char *word)
{
	return len >= strlen(word) && memcmp(data, word, strlen(word)) == 0;
}

static bool kill_writes(const char *method)
{
	static const char *const actions[] = {".create", ".update", ".delete", ".massadd", ".massupdate", ".massremove"};
	const char *action = strrchr(method, '.');

	for (size_t i = 0; action != NULL && i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(action, actions[i]) == 0)
			return true;
	}
	return false;
}

/* Does a call that writes begin with these bytes? */
static bool kill_look_at(int fd, const char *data, size_t len)
{
	static const char key[] = "\"method\":\"";
	const char *at;
	char *method = under_way[fd];
	size_t n = 0;

	if (kill_starts(data, len, "POST ") || kill_starts(data, len, "GET ") || kill_starts(data, len, "PATCH ")) {
		method[0] = '\0';
		is_call[fd] = memmem(data, len, "api_jsonrpc.php", 15) != NULL;
	}
	at = is_call[fd] ? memmem(data, len, key, sizeof(key) - 1) : NULL;
	if (at == NULL)
		return false;
	is_call[fd] = false;
	for (at += sizeof(key) - 1; at < data + len && *at != '"' && n + 1 < MAX_NAME; at++)
		method[n++] = *at;
	method[n] = '\0';
	if (kill_writes(method))
		return true;
	method[0] = '\0';
	return false;
}

typedef ssize_t send_fn(int fd, const void *data, size_t len, int flags);
ssize_t send(int fd, const void *data, size_t len, int flags)
{
	bool begins;
	ssize_t sent;

	NEXT(send_fn *, "send");
	begins = fd >= 0 && fd < MAX_FD && kill_look_at(fd, data, len);
	if (begins)
		kill_point("before", "call", under_way[fd]);
	sent = real(fd, data, len, flags);
	if (begins)
		kill_point("during", "call", under_way[fd]);
	return sent;
}

typedef ssize_t recv_fn(int fd, void *data, size_t len, int flags);
ssize_t recv(int fd, void *data, size_t len, int flags)
{
	char method[MAX_NAME];
	ssize_t got;

	NEXT(recv_fn *, "recv");
	got = real(fd, data, len, flags);
	if (got <= 0 || (flags & MSG_PEEK) != 0 || fd < 0 || fd >= MAX_FD || under_way[fd][0] == '\0')
		return got;
	memcpy(method, under_way[fd], sizeof(method));
	under_way[fd][0] = '\0';
	kill_point("after", "call", method);
	return got;
}

/* ---- the key file ---- */

typedef int link_fn(const char *from, const char *to);
int link(const char *from, const char *to)
{
	int result;

	NEXT(link_fn *, "link");
	kill_point("before", "link", strrchr(to, '/') != NULL ? strrchr(to, '/') + 1 : to);
	result = real(from, to);
	kill_point("after", "link", strrchr(to, '/') != NULL ? strrchr(to, '/') + 1 : to);
	return result;
}
