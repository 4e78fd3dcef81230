/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file db.h
 * The driver interface below the store: prepared SQL with $1, $2 … parameters on one connection. Private to store/ and its drivers.
 *
 * SQL text is written once for SQLite and PostgreSQL. Statements are prepared at first use and kept, keyed by the address of their text, so
 * SQL must be a string literal. A query in progress owns its statement until it returned no row or zync_db_end() was called.
 */
#ifndef ZYNC_STORE_DB_H
#define ZYNC_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct zync_db;
struct zync_stmt;

/** One parameter; made by the macros below. A NULL text is SQL NULL. */
struct zync_param {
	enum { ZYNC_PARAM_NULL = 0, ZYNC_PARAM_INT, ZYNC_PARAM_TEXT } type;
	int64_t number;
	const char *text;
};
#define ZYNC_P_INT(n)  ((struct zync_param){.type = ZYNC_PARAM_INT, .number = (int64_t)(n)})
#define ZYNC_P_TEXT(s) ((struct zync_param){.type = ZYNC_PARAM_TEXT, .text = (s)})
#define ZYNC_P_NULL    ((struct zync_param){.type = ZYNC_PARAM_NULL})
/** An id of which 0 means none: NULL in the database. */
#define ZYNC_P_ID(n) ((n) != 0 ? ZYNC_P_INT(n) : ZYNC_P_NULL)
#define ZYNC_PARAMS(...) \
	((const struct zync_param[]){__VA_ARGS__}), (sizeof((const struct zync_param[]){__VA_ARGS__}) / sizeof(struct zync_param))
#define ZYNC_NO_PARAMS NULL, 0

/** Open a database file of SQLite (created when missing). STORE errors name the file and say what to do. */
enum zync_status zync_db_open_sqlite(const char *path, struct zync_db **ret, struct zync_err *err) ZYNC_MUST_CHECK;
void zync_db_close(struct zync_db *db);

/** Run several statements without parameters or results (migrations, temporary tables). */
enum zync_status zync_db_script(struct zync_db *db, const char *sql, struct zync_err *err) ZYNC_MUST_CHECK;
/** Run one statement to its end; *ret_changed (may be NULL) gets the number of rows it touched. */
enum zync_status zync_db_run(struct zync_db *db, const char *sql, const struct zync_param *params, size_t count, int64_t *ret_changed,
			     struct zync_err *err) ZYNC_MUST_CHECK;
/** Start a query; then zync_db_next() for each row. */
enum zync_status zync_db_query(struct zync_db *db, const char *sql, const struct zync_param *params, size_t count, struct zync_stmt **ret,
			       struct zync_err *err) ZYNC_MUST_CHECK;
/** The next row: *ret_row false at the end (the statement is given back then, and also after an error). */
enum zync_status zync_db_next(struct zync_stmt *stmt, bool *ret_row, struct zync_err *err) ZYNC_MUST_CHECK;
/** Give a statement back before its end; NULL is fine. */
void zync_db_end(struct zync_stmt *stmt);

/** Columns of the current row, from 0. Text lives until the next row. NULL gives NULL / 0. */
const char *zync_db_text(struct zync_stmt *stmt, int column);
int64_t zync_db_int(struct zync_stmt *stmt, int column);
bool zync_db_is_null(struct zync_stmt *stmt, int column);
/** Copy of a text column in @p arena; *ret NULL for NULL. */
enum zync_status zync_db_copy(struct zync_stmt *stmt, int column, struct zync_arena *arena, const char **ret,
			      struct zync_err *err) ZYNC_MUST_CHECK;

/** Begin a writing transaction (takes the write lock now, so that it cannot fail in the middle for another writer). */
enum zync_status zync_db_begin(struct zync_db *db, struct zync_err *err) ZYNC_MUST_CHECK;
/** Begin a transaction that sees one state of the database, takes no lock, and writes temporary tables only. */
enum zync_status zync_db_begin_reading(struct zync_db *db, struct zync_err *err) ZYNC_MUST_CHECK;
enum zync_status zync_db_commit(struct zync_db *db, struct zync_err *err) ZYNC_MUST_CHECK;
/** Undo; without a transaction it does nothing. */
void zync_db_rollback(struct zync_db *db);

/**
 * Hold a slot (queue.h) until it is released or the process ends, however it ends; *ret_held false: somebody else holds it. SQLite: a lock of the operating system on
 * that byte of the file "DATABASE.lock", which is opened when it is first needed. One a connection at a time.
 */
enum zync_status zync_db_slot_hold(struct zync_db *db, uint64_t slot, bool *ret_held, struct zync_err *err) ZYNC_MUST_CHECK;
/** Without a slot it does nothing. */
void zync_db_slot_release(struct zync_db *db);
/** Does anybody hold the slot? Also true when that cannot be found out. */
bool zync_db_slot_alive(struct zync_db *db, uint64_t slot);

#endif
