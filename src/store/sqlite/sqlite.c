/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite driver of store/db.h. */
#include "store/db.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "store/sqlite/slot.h"

/* How long a statement waits for another process's write lock. Writing transactions of Zync are short. */
#define BUSY_TIMEOUT_MS 30000
#define WAL_RETRY_MS	20

struct zync_stmt {
	struct zync_db *db;
	const char *sql; /* the literal: its address is the key */
	sqlite3_stmt *handle;
	bool busy;
	struct zync_stmt *next;
};

#define CACHE_BUCKETS 64u

struct zync_db {
	sqlite3 *handle;
	char *path;
	struct zync_stmt *cache[CACHE_BUCKETS];
	struct zync_slot_file slots;
	bool in_transaction;
};

/* A full disk shows itself as FULL, or, where SQLite could not extend a file beside the database, as a mere I/O error. */
static bool db_is_full(const struct zync_db *db, int code)
{
	int reason = (code & 0xff) == SQLITE_IOERR ? sqlite3_system_errno(db->handle) : 0;

	return (code & 0xff) == SQLITE_FULL || reason == ENOSPC || reason == EDQUOT;
}

static enum zync_status db_fail(struct zync_db *db, int code, const char *doing, struct zync_err *err)
{
	const char *hint = "";

	if (code == SQLITE_NOMEM)
		return zync_err_nomem(err, doing);
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		hint = "; another process has held the database for too long: find it and let it finish";
		break;
	case SQLITE_FULL:
	case SQLITE_IOERR:
		hint = db_is_full(db, code) ? "; make room on the disk and run the command again"
					    : "; the disk or the file system that it is on fails: look at the system's log";
		break;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		hint = "; check that the file and its directory exist and may be written by this user (key `store`)";
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		hint = "; the file is damaged or is no SQLite database: restore it, or move it away and run `zync pull` (hosts are found "
		       "again by their ownership mark)";
		break;
	default:
		break;
	}
	zync_err_set(err, ZYNC_ERR_STORE, "store %s: %s: %s%s", db->path, doing, sqlite3_errmsg(db->handle), hint);
	if ((code & 0xff) == SQLITE_BUSY)
		zync_err_dispose(err, ZYNC_DISPOSITION_RETRY);
	return zync_err_origin(err, ZYNC_ORIGIN_SQL, code);
}

/*
 * Changing the journal of a new database needs it alone, and SQLite does not wait for that: of several processes that start at the same moment all but one get
 * BUSY at once.
 */
static enum zync_status db_use_wal(struct zync_db *db, struct zync_err *err)
{
	int waited = 0;
	int code;

	while ((code = sqlite3_exec(db->handle, "PRAGMA journal_mode=WAL", NULL, NULL, NULL)) != SQLITE_OK) {
		if ((code & 0xff) != SQLITE_BUSY || waited >= BUSY_TIMEOUT_MS)
			return db_fail(db, code, "opening", err);
		waited += sqlite3_sleep(WAL_RETRY_MS);
	}
	return ZYNC_OK;
}

static enum zync_status db_pragmas(struct zync_db *db, struct zync_err *err)
{
	ZYNC_TRY(db_use_wal(db, err));
	/* WAL: readers never wait for a writer. FULL: a commit that was reported survives a power cut. Temporary tables go to a file, so that a
	 * run over a hundred thousand hosts stays within its memory. */
	return zync_db_script(db,
			      "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=FILE;"
			      "PRAGMA cache_size=-8000; PRAGMA temp.cache_size=-8000;",
			      err);
}

enum zync_status zync_db_open_sqlite(const char *path, struct zync_db **ret, struct zync_err *err)
{
	struct zync_db *db = zync_calloc(1, sizeof(*db));
	enum zync_status status;
	mode_t old_mask;
	int code;

	if (db == NULL)
		return zync_err_nomem(err, "opening the store");
	zync_slot_file_init(&db->slots);
	db->path = zync_strdup(path);
	if (db->path == NULL) {
		zync_db_close(db);
		return zync_err_nomem(err, "opening the store");
	}
	old_mask = umask(077); /* the database tells what is monitored and how: for its owner only */
	code = sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	(void)umask(old_mask);
	if (code != SQLITE_OK) {
		if (db->handle == NULL)
			status = zync_err_nomem(err, "opening the store");
		else
			status = db_fail(db, code, "opening", err);
		zync_db_close(db);
		return status;
	}
	(void)sqlite3_extended_result_codes(db->handle, 1);
	(void)sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	status = db_pragmas(db, err);
	if (status != ZYNC_OK) {
		zync_db_close(db);
		return status;
	}
	*ret = db;
	return ZYNC_OK;
}

void zync_db_close(struct zync_db *db)
{
	if (db == NULL)
		return;
	for (size_t i = 0; i < CACHE_BUCKETS; i++) {
		struct zync_stmt *stmt = db->cache[i];

		while (stmt != NULL) {
			struct zync_stmt *next = stmt->next;

			(void)sqlite3_finalize(stmt->handle);
			zync_free(stmt);
			stmt = next;
		}
	}
	zync_slot_file_done(&db->slots);
	(void)sqlite3_close(db->handle);
	zync_free(db->path);
	zync_free(db);
}

enum zync_status zync_db_script(struct zync_db *db, const char *sql, struct zync_err *err)
{
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? ZYNC_OK : db_fail(db, code, "running SQL", err);
}

/* A free prepared statement of this text: from the cache or new. Two queries of one text at a time get one each. */
static enum zync_status db_statement(struct zync_db *db, const char *sql, struct zync_stmt **ret, struct zync_err *err)
{
	size_t bucket = ((uintptr_t)sql >> 3) % CACHE_BUCKETS;
	struct zync_stmt *stmt;
	int code;

	for (stmt = db->cache[bucket]; stmt != NULL; stmt = stmt->next) {
		if (stmt->sql == sql && !stmt->busy) {
			stmt->busy = true;
			*ret = stmt;
			return ZYNC_OK;
		}
	}
	stmt = zync_calloc(1, sizeof(*stmt));
	if (stmt == NULL)
		return zync_err_nomem(err, "preparing SQL");
	stmt->db = db;
	stmt->sql = sql;
	code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt->handle, NULL);
	if (code != SQLITE_OK) {
		zync_free(stmt);
		return db_fail(db, code, "preparing SQL", err);
	}
	stmt->busy = true;
	stmt->next = db->cache[bucket];
	db->cache[bucket] = stmt;
	*ret = stmt;
	return ZYNC_OK;
}

/*
 * To SQLite "$1" is a name like any other and is numbered by its first appearance, not by its digit: the position has to be asked for.
 */
static int db_bind_index(const struct zync_stmt *stmt, size_t number)
{
	char name[8] = "$";

	if (number < 10) {
		name[1] = (char)('0' + number);
	} else {
		name[1] = (char)('0' + number / 10);
		name[2] = (char)('0' + number % 10);
	}
	return sqlite3_bind_parameter_index(stmt->handle, name);
}

static int db_bind(struct zync_stmt *stmt, const struct zync_param *params, size_t count)
{
	int code = SQLITE_OK;

	ZYNC_ASSERT(count < 100);
	for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
		int index = db_bind_index(stmt, i + 1);

		ZYNC_ASSERT(index != 0); /* a parameter too many is a mistake in the SQL */
		switch (params[i].type) {
		case ZYNC_PARAM_INT:
			code = sqlite3_bind_int64(stmt->handle, index, params[i].number);
			break;
		case ZYNC_PARAM_TEXT:
			code = params[i].text == NULL ? sqlite3_bind_null(stmt->handle, index)
						      : sqlite3_bind_text(stmt->handle, index, params[i].text, -1, SQLITE_TRANSIENT);
			break;
		case ZYNC_PARAM_NULL:
			code = sqlite3_bind_null(stmt->handle, index);
			break;
		}
	}
	return code;
}

enum zync_status zync_db_query(struct zync_db *db, const char *sql, const struct zync_param *params, size_t count, struct zync_stmt **ret,
			       struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	int code;

	ZYNC_TRY(db_statement(db, sql, &stmt, err));
	ZYNC_ASSERT(stmt != NULL);
	code = db_bind(stmt, params, count);
	if (code != SQLITE_OK) {
		enum zync_status status = db_fail(db, code, "binding SQL parameters", err);

		zync_db_end(stmt);
		return status;
	}
	*ret = stmt;
	return ZYNC_OK;
}

enum zync_status zync_db_next(struct zync_stmt *stmt, bool *ret_row, struct zync_err *err)
{
	int code = sqlite3_step(stmt->handle);

	if (code == SQLITE_ROW) {
		*ret_row = true;
		return ZYNC_OK;
	}
	if (code == SQLITE_DONE) {
		*ret_row = false;
		zync_db_end(stmt);
		return ZYNC_OK;
	}
	/* The message belongs to the connection and is lost with the reset: take it first. */
	enum zync_status status = db_fail(stmt->db, code, "running SQL", err);

	zync_db_end(stmt);
	return status;
}

void zync_db_end(struct zync_stmt *stmt)
{
	if (stmt == NULL)
		return;
	(void)sqlite3_reset(stmt->handle);
	(void)sqlite3_clear_bindings(stmt->handle);
	stmt->busy = false;
}

enum zync_status zync_db_run(struct zync_db *db, const char *sql, const struct zync_param *params, size_t count, int64_t *ret_changed,
			     struct zync_err *err)
{
	struct zync_stmt *stmt = NULL;
	bool row = true;

	ZYNC_TRY(zync_db_query(db, sql, params, count, &stmt, err));
	ZYNC_ASSERT(stmt != NULL);
	while (row)
		ZYNC_TRY(zync_db_next(stmt, &row, err));
	if (ret_changed != NULL)
		*ret_changed = sqlite3_changes64(db->handle);
	return ZYNC_OK;
}

const char *zync_db_text(struct zync_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt->handle, column);
}

int64_t zync_db_int(struct zync_stmt *stmt, int column)
{
	return sqlite3_column_int64(stmt->handle, column);
}

bool zync_db_is_null(struct zync_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt->handle, column) == SQLITE_NULL;
}

enum zync_status zync_db_copy(struct zync_stmt *stmt, int column, struct zync_arena *arena, const char **ret, struct zync_err *err)
{
	if (zync_db_is_null(stmt, column)) {
		*ret = NULL;
		return ZYNC_OK;
	}
	const char *text = zync_db_text(stmt, column);
	const char *copy = text == NULL ? NULL : zync_arena_strdup(arena, text);

	if (copy == NULL)
		return zync_err_nomem(err, "reading from the store");
	*ret = copy;
	return ZYNC_OK;
}

static enum zync_status db_begin(struct zync_db *db, const char *sql, struct zync_err *err)
{
	ZYNC_ASSERT(!db->in_transaction);
	ZYNC_TRY(zync_db_script(db, sql, err));
	db->in_transaction = true;
	return ZYNC_OK;
}

enum zync_status zync_db_begin(struct zync_db *db, struct zync_err *err)
{
	return db_begin(db, "BEGIN IMMEDIATE", err);
}

enum zync_status zync_db_begin_reading(struct zync_db *db, struct zync_err *err)
{
	return db_begin(db, "BEGIN DEFERRED", err);
}

enum zync_status zync_db_commit(struct zync_db *db, struct zync_err *err)
{
	ZYNC_ASSERT(db->in_transaction);
	enum zync_status status = zync_db_script(db, "COMMIT", err);

	if (status != ZYNC_OK) {
		zync_db_rollback(db);
		return status;
	}
	db->in_transaction = false;
	return ZYNC_OK;
}

void zync_db_rollback(struct zync_db *db)
{
	if (!db->in_transaction)
		return;
	(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->in_transaction = false;
}

/* SQLite's own name of the file: absolute and without symbolic links, so that all who work on one database meet at one lock file. "" for one in memory. */
static const char *db_file(const struct zync_db *db)
{
	const char *file = sqlite3_db_filename(db->handle, "main");

	return file == NULL ? "" : file;
}

enum zync_status zync_db_slot_hold(struct zync_db *db, uint64_t slot, bool *ret_held, struct zync_err *err)
{
	return zync_slot_file_hold(&db->slots, db_file(db), slot, ret_held, err);
}

void zync_db_slot_release(struct zync_db *db)
{
	zync_slot_file_release(&db->slots);
}

bool zync_db_slot_alive(struct zync_db *db, uint64_t slot)
{
	return zync_slot_file_alive(&db->slots, db_file(db), slot);
}
