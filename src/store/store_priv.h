/* SPDX-License-Identifier: Apache-2.0 */
/** @file store_priv.h  What the files of the store share. */
#ifndef ZYNC_STORE_STORE_PRIV_H
#define ZYNC_STORE_STORE_PRIV_H

#include "store/db.h"
#include "store/store.h"

struct zync_store {
	struct zync_db *db;
	uint64_t staged_epoch; /* the epoch (guard.h) when the staged work was begun, or made ready anew */
	int64_t settings_due;  /* not 0: the commit of the run stores the imported settings as of this time */
};

/** Bring the schema up to date under the write lock; a newer one is an error. */
enum zync_status zync_store_migrate(struct zync_db *db, struct zync_err *err) ZYNC_MUST_CHECK;
/** Run @p change in one writing transaction; when it fails, nothing of it stays. */
typedef enum zync_status zync_store_change_fn(struct zync_store *store, void *ctx, struct zync_err *err);
enum zync_status zync_store_transaction(struct zync_store *store, zync_store_change_fn *change, void *ctx,
					struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * End a job inside the caller's transaction, and schedule a recurring one again. *ret_ended false: the job is not running (any more); nothing is done then.
 */
enum zync_status zync_store_job_end(struct zync_store *store, const struct zync_job_end *end, bool *ret_ended,
				    struct zync_err *err) ZYNC_MUST_CHECK;
/** The job of exactly that id; *ret NULL: there is none. */
enum zync_status zync_store_job(struct zync_store *store, const char *job_id, struct zync_arena *arena, struct zync_job **ret,
				struct zync_err *err) ZYNC_MUST_CHECK;
/** Begin the next epoch, inside the caller's transaction. */
enum zync_status zync_store_epoch_next(struct zync_store *store, uint64_t *ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** Give the guards of a slot back as of @p epoch, inside the caller's transaction. */
enum zync_status zync_store_guard_free(struct zync_store *store, uint64_t slot, uint64_t epoch, struct zync_err *err) ZYNC_MUST_CHECK;
/** The guards of a run that ends. With @p prune they, and what else is free, are forgotten when no job is running; the job itself must have ended by then. */
enum zync_status zync_store_guard_end(struct zync_store *store, uint64_t slot, uint64_t epoch, bool prune,
				      struct zync_err *err) ZYNC_MUST_CHECK;
/** Forget free guards when no job is running: then there is no plan any more that could be too old. Inside the caller's transaction. */
enum zync_status zync_store_guard_prune(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
/** The staged work learns what has been committed meanwhile; see work.c. */
enum zync_status zync_store_work_learn(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
/** Does any staged row move to another object? See move.c. */
enum zync_status zync_store_moves_any(struct zync_store *store, bool *ret, struct zync_err *err) ZYNC_MUST_CHECK;
/** Staged rows under the object that the store knows, and the second time back; @p drop: first forget moves that others have made. */
enum zync_status zync_store_moves_turn(struct zync_store *store, bool drop, struct zync_err *err) ZYNC_MUST_CHECK;
/** Move the rows of the store, before the merge, inside its transaction; those that cannot are staged under their former object. */
enum zync_status zync_store_moves_merge(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
/** And their texts, after the merge. */
enum zync_status zync_store_moves_texts(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
/** Move one row of the store to an object that no other row has, inside the caller's transaction. */
enum zync_status zync_store_move_now(struct zync_store *store, uint64_t pk, uint64_t object_id, struct zync_err *err) ZYNC_MUST_CHECK;
/** Store the imported settings if they are due with this run, inside the caller's transaction. */
enum zync_status zync_store_settings_merge(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
/* ---- pieces: work that must not hold the lock for long ---- */

/** Do at most @p rows inside the transaction; *ret_more: there is more to do. */
typedef enum zync_status zync_store_piece_fn(struct zync_store *store, void *ctx, uint64_t rows, bool *ret_more, struct zync_err *err);
/** Run @p piece in transactions of its own until there is no more; between them the lock is free for as long as it was held. */
enum zync_status zync_store_in_pieces(struct zync_store *store, zync_store_piece_fn *piece, void *ctx,
				      struct zync_err *err) ZYNC_MUST_CHECK;

/** Move the staged events to their place. */
enum zync_status zync_store_ahead_events(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
/** Give the staged texts their numbers in host_text; *ret_texts: how many rows have one. */
enum zync_status zync_store_ahead_numbers(struct zync_store *store, uint64_t *ret_texts, struct zync_err *err) ZYNC_MUST_CHECK;
/** Changes and texts of a running job, before its commit. The staged rows keep no text that is in its place. */
enum zync_status zync_store_ahead(struct zync_store *store, const char *job_id, uint64_t texts, struct zync_err *err) ZYNC_MUST_CHECK;
/** The same inside the caller's transaction, for a commit without a job: nothing would hide these rows before it. */
enum zync_status zync_store_ahead_inside(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
/** Reserve @p count numbers of host_text. */
enum zync_status zync_store_text_numbers(struct zync_store *store, uint64_t count, uint64_t *ret_first,
					 struct zync_err *err) ZYNC_MUST_CHECK;
/** The error of a run whose job somebody else has ended. */
enum zync_status zync_store_not_running(const char *job_id, struct zync_err *err);

/** Note which texts the commit is going to replace. */
enum zync_status zync_store_leftover_texts_of_work(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
/** Delete these, and the intents of completed jobs. */
enum zync_status zync_store_leftover_committed(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;
/** Delete the changes of a job that has ended without completing, and texts of a job that no host config names. */
enum zync_status zync_store_leftover_of_job(struct zync_store *store, const char *job_id, struct zync_err *err) ZYNC_MUST_CHECK;
/** Delete everything of that kind, whosever it is. */
enum zync_status zync_store_leftover_of_all(struct zync_store *store, struct zync_err *err) ZYNC_MUST_CHECK;

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

/** Staged work whose result is not known (yet, or any more). */
#define ZYNC_WORK_NO_RESULT \
	"outcome = 0, r_hostid = NULL, r_error = NULL, r_applied = 0, r_pushed = NULL, r_checked = NULL, r_digest = NULL"
/** The columns of staged work but its texts. */
#define ZYNC_WORK_NARROW                                                                                                            \
	"seq, rank, pk, is_new, object_type, object_id, moved_from, name, host, server, hostid, nb_hostid, state, reason, digest, " \
	"pulled_at,"                                                                                                                \
	" wants, news, seen, text_id, pinned_id, outcome, r_hostid, r_error, r_applied, r_pushed, r_checked, r_digest"
/** The texts of a host_state "s": "d" is the desired one; what was applied is mostly the same. */
#define ZYNC_JOIN_TEXTS                                 \
	" LEFT JOIN host_text d ON d.id = s.desired_id" \
	" LEFT JOIN host_text a ON a.id = s.applied_id AND s.applied_id IS DISTINCT FROM s.desired_id"
#define ZYNC_APPLIED "CASE WHEN s.applied_id = s.desired_id THEN d.desired ELSE a.desired END"
/** A change counts when its job is completed, or its row is gone: then nothing else would be left of it. */
#define ZYNC_CHANGE_COUNTS(change) " NOT EXISTS (SELECT 1 FROM job cj WHERE cj.job_id = " #change ".job_id AND cj.status <> 'completed')"
/** The columns of events and changes, and of the tables in which they are staged. */
#define ZYNC_EVENT_COLUMNS \
	"time, job_id, name, kind, action, state, host_config_pk, hostid, message, exception, pre_data, post_data, user_name, request_id"
#define ZYNC_CHANGE_COLUMNS \
	"time, job_id, host_config_pk, object_type, object_id, name, hostid, action, pre_data, post_data, user_name, request_id"

#endif
