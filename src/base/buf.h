/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file buf.h
 * A growing byte buffer with a maximum. The first failure sticks: later appends do nothing, so a caller may check once at the end.
 */
#ifndef ZYNC_BASE_BUF_H
#define ZYNC_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/** Open so that it can live on the stack; read `data` (always NUL-terminated, "" when empty) and `len`, leave the rest alone. */
struct zync_buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;
	enum zync_status failed; /* ZYNC_OK, ZYNC_ERR_NOMEM or ZYNC_ERR_LIMIT */
};

/** An empty buffer that holds at most @p max bytes. Release with zync_buf_done(). */
void zync_buf_init(struct zync_buf *buf, size_t max);
/** Zero and free the memory; the buffer may be initialised again. */
void zync_buf_done(struct zync_buf *buf);
/** Empty it and forget a failure, keeping the memory. */
void zync_buf_clear(struct zync_buf *buf);

void zync_buf_add(struct zync_buf *buf, const void *data, size_t len);
void zync_buf_adds(struct zync_buf *buf, const char *s);
void zync_buf_addc(struct zync_buf *buf, char c);
void zync_buf_printf(struct zync_buf *buf, const char *fmt, ...) ZYNC_PRINTF(2, 3);
void zync_buf_vprintf(struct zync_buf *buf, const char *fmt, va_list ap) ZYNC_PRINTF(2, 0);
/** Cut to @p len bytes; longer is a programming error. */
void zync_buf_truncate(struct zync_buf *buf, size_t len);
/** ZYNC_OK, or the sticky failure with a message that names @p what grew too large. */
enum zync_status zync_buf_check(const struct zync_buf *buf, const char *what, struct zync_err *err) ZYNC_MUST_CHECK;

/** A buffer that is released when it goes out of scope. Initialise it with {0} when anything can return before zync_buf_init(). */
#define ZYNC_AUTO_BUF ZYNC_CLEANUP(zync_buf_done) struct zync_buf

#endif
