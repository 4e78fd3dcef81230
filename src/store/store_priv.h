/* SPDX-License-Identifier: Apache-2.0 */
/** @file store_priv.h  What the files of the store share. */
#ifndef ZYNC_STORE_STORE_PRIV_H
#define ZYNC_STORE_STORE_PRIV_H

#include "store/db.h"
#include "store/store.h"

struct zync_store {
	struct zync_db *db;
};

/** Bring the schema up to date under the write lock; a newer one is an error. */
enum zync_status zync_store_migrate(struct zync_db *db, struct zync_err *err) ZYNC_MUST_CHECK;
/** End a job inside the caller's transaction. */
enum zync_status zync_store_job_end(struct zync_store *store, const struct zync_job_end *end, struct zync_err *err) ZYNC_MUST_CHECK;
/** One number from a statement that always has one row. */
enum zync_status zync_store_number(struct zync_store *store, const char *sql, const struct zync_param *params, size_t count, uint64_t *ret,
				   struct zync_err *err) ZYNC_MUST_CHECK;
/** Copy consecutive text columns into the given places. */
enum zync_status zync_store_copy_texts(struct zync_stmt *stmt, int first_column, struct zync_arena *arena, const char **const *places,
				       size_t count, struct zync_err *err) ZYNC_MUST_CHECK;
/** Fills one row struct from the current row of a query. */
typedef enum zync_status zync_store_read_fn(struct zync_stmt *stmt, const void *ctx, struct zync_arena *arena, void *row,
					    struct zync_err *err);
/** Run a query to its end and read each of its rows into an array of structs of @p size bytes in @p arena. */
enum zync_status zync_store_read_all(struct zync_stmt *stmt, zync_store_read_fn *read, const void *ctx, size_t size,
				     struct zync_arena *arena, void **ret, size_t *ret_count, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
