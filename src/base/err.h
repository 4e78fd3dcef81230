/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file err.h
 * Filling and wrapping of struct zync_err (include/zync/error.h).
 *
 * All functions accept err == NULL and then only pass the status on, so that a caller who does not care need not own a record.
 */
#ifndef ZYNC_BASE_ERR_H
#define ZYNC_BASE_ERR_H

#include "base/macros.h"
#include "zync/error.h"

/**
 * Fill @p err with a new failure and return @p status, so that one may write `return zync_err_set(err, ZYNC_ERR_INVALID, "…")`.
 * The disposition follows from the status: unreachable → retry, rejected/conflict/not found → reject, cancelled → cancelled, else fatal;
 * change it afterwards with zync_err_dispose() where the part knows better. Origin and code become none.
 */
enum zync_status zync_err_set(struct zync_err *err, enum zync_status status, const char *fmt, ...) ZYNC_PRINTF(3, 4);

/** As zync_err_set() for "out of memory while @p doing"; allocates nothing. */
enum zync_status zync_err_nomem(struct zync_err *err, const char *doing);

/** As zync_err_set() with origin OS and the code @p errnum; appends ": " and the system's words for it. */
enum zync_status zync_err_os(struct zync_err *err, int errnum, const char *fmt, ...) ZYNC_PRINTF(3, 4);

/** Record whose number @p code is; returns err->status. */
enum zync_status zync_err_origin(struct zync_err *err, enum zync_origin origin, long code);

/** Override the disposition; returns err->status. */
enum zync_status zync_err_dispose(struct zync_err *err, enum zync_disposition disposition);

/** Put "context: " before the message and return err->status (ZYNC_OK for err == NULL is impossible: the status of the failed call must be kept by the caller then). */
enum zync_status zync_err_wrap(struct zync_err *err, enum zync_status status, const char *fmt, ...) ZYNC_PRINTF(3, 4);

/** Copy a whole record; either may be NULL. */
void zync_err_copy(struct zync_err *to, const struct zync_err *from);

/** The exit code of the program for a failure (DESIGN section 7): 2 usage or configuration, 3 unreachable or not authorised, 4 errored, 6 safety. */
int zync_err_exit_code(enum zync_status status);

#endif
