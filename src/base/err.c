/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str_priv.h"

#define ERR_SIZE     ((size_t)ZYNC_ERR_MESSAGE_SIZE)
#define ERR_ELLIPSIS "\xe2\x80\xa6" /* … */

void zync_assert_failed(const char *expression, const char *file, int line)
{
	(void)fprintf(stderr, "%s:%d: broken assertion: %s\n", file, line, expression);
	abort();
}

const char *zync_status_name(enum zync_status status)
{
	switch (status) {
	case ZYNC_OK:
		return "ok";
	case ZYNC_ERR_NOMEM:
		return "out of memory";
	case ZYNC_ERR_INVALID:
		return "invalid";
	case ZYNC_ERR_NOT_FOUND:
		return "not found";
	case ZYNC_ERR_CONFLICT:
		return "conflict";
	case ZYNC_ERR_IO:
		return "io";
	case ZYNC_ERR_STORE:
		return "store";
	case ZYNC_ERR_UNREACHABLE:
		return "unreachable";
	case ZYNC_ERR_AUTH:
		return "auth";
	case ZYNC_ERR_PROTOCOL:
		return "protocol";
	case ZYNC_ERR_REJECTED:
		return "rejected";
	case ZYNC_ERR_LIMIT:
		return "limit";
	case ZYNC_ERR_SAFETY:
		return "safety";
	case ZYNC_ERR_CANCELLED:
		return "cancelled";
	}
	return "unknown";
}

static enum zync_disposition err_disposition(enum zync_status status)
{
	if (status == ZYNC_ERR_UNREACHABLE)
		return ZYNC_DISPOSITION_RETRY;
	if (status == ZYNC_ERR_REJECTED || status == ZYNC_ERR_CONFLICT || status == ZYNC_ERR_NOT_FOUND)
		return ZYNC_DISPOSITION_REJECT;
	if (status == ZYNC_ERR_CANCELLED)
		return ZYNC_DISPOSITION_CANCELLED;
	return ZYNC_DISPOSITION_FATAL;
}

/* Cut text[0..len) to at most max bytes, with an ellipsis in place of what went. The array must hold max + 1 bytes. */
static size_t err_cut(char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	len = zync_utf8_cut(text, max - strlen(ERR_ELLIPSIS));
	memcpy(text + len, ERR_ELLIPSIS, sizeof(ERR_ELLIPSIS));
	return len + strlen(ERR_ELLIPSIS);
}

/*
 * Format into text[ERR_SIZE] and cut to max bytes; returns the length. Always into a buffer of the caller's own,
 * since an argument may point into the record that is about to be overwritten.
 */
ZYNC_PRINTF(3, 0) static size_t err_format(char text[ERR_SIZE], size_t max, const char *fmt, va_list ap)
{
	int n = vsnprintf(text, ERR_SIZE, fmt, ap);
	size_t len;

	if (n < 0) {
		/* The arguments do not fit a length in int: the format alone still says what failed. */
		n = snprintf(text, ERR_SIZE, "%s", fmt);
	}
	len = ZYNC_MIN((size_t)(n > 0 ? n : 0), ERR_SIZE - 1);
	/* Cut before mending, or the split last character would become question marks. */
	if (n > 0 && (size_t)n > max)
		len = err_cut(text, ERR_SIZE, max);
	zync_utf8_mend(text, len);
	return len;
}

static void err_fill(struct zync_err *err, enum zync_status status, const char *text, size_t len)
{
	err->status = status;
	err->disposition = err_disposition(status);
	err->origin = ZYNC_ORIGIN_NONE;
	err->code = 0;
	memcpy(err->message, text, len);
	err->message[len] = '\0';
}

enum zync_status zync_err_set(struct zync_err *err, enum zync_status status, const char *fmt, ...)
{
	char text[ERR_SIZE];
	va_list ap;
	size_t len;

	ZYNC_ASSERT(status != ZYNC_OK);
	if (!err)
		return status;
	va_start(ap, fmt);
	len = err_format(text, ERR_SIZE - 1, fmt, ap);
	va_end(ap);
	err_fill(err, status, text, len);
	return status;
}

enum zync_status zync_err_nomem(struct zync_err *err, const char *doing)
{
	return zync_err_set(err, ZYNC_ERR_NOMEM, "out of memory while %s", doing);
}

enum zync_status zync_err_os(struct zync_err *err, int errnum, const char *fmt, ...)
{
	char text[ERR_SIZE], number[128], reason[160];
	size_t len, reason_len;
	va_list ap;

	if (!err)
		return ZYNC_ERR_IO;
	(void)snprintf(reason, sizeof(reason), ": %s", strerror_r(errnum, number, sizeof(number)));
	reason_len = strlen(reason);
	va_start(ap, fmt);
	len = err_format(text, ERR_SIZE - 1 - reason_len, fmt, ap);
	va_end(ap);
	memcpy(text + len, reason, reason_len);
	err_fill(err, ZYNC_ERR_IO, text, len + reason_len);
	return zync_err_origin(err, ZYNC_ORIGIN_OS, errnum);
}

enum zync_status zync_err_origin(struct zync_err *err, enum zync_origin origin, long code)
{
	if (!err)
		return ZYNC_OK;
	err->origin = origin;
	err->code = code;
	return err->status;
}

enum zync_status zync_err_dispose(struct zync_err *err, enum zync_disposition disposition)
{
	if (!err)
		return ZYNC_OK;
	err->disposition = disposition;
	return err->status;
}

enum zync_status zync_err_wrap(struct zync_err *err, enum zync_status status, const char *fmt, ...)
{
	char text[ERR_SIZE];
	size_t len, old, room;
	va_list ap;

	if (status == ZYNC_OK || !err)
		return status;
	va_start(ap, fmt);
	/* Half for the context at most, so that the reason stays readable whatever was put before it. */
	len = err_format(text, ERR_SIZE / 2, fmt, ap);
	va_end(ap);
	text[len++] = ':';
	text[len++] = ' ';
	old = strnlen(err->message, ERR_SIZE - 1);
	room = ERR_SIZE - 1 - len;
	old = err_cut(err->message, old, room);
	memmove(err->message + len, err->message, old);
	memcpy(err->message, text, len);
	err->message[len + old] = '\0';
	err->status = status;
	return status;
}

void zync_err_copy(struct zync_err *to, const struct zync_err *from)
{
	if (to && from)
		memmove(to, from, sizeof(*to));
}

int zync_err_exit_code(enum zync_status status)
{
	switch (status) {
	case ZYNC_OK:
		return 0;
	case ZYNC_ERR_INVALID:
	case ZYNC_ERR_NOT_FOUND:
		return 2;
	case ZYNC_ERR_UNREACHABLE:
	case ZYNC_ERR_AUTH:
		return 3;
	case ZYNC_ERR_SAFETY:
		return 6;
	case ZYNC_ERR_NOMEM:
	case ZYNC_ERR_CONFLICT:
	case ZYNC_ERR_IO:
	case ZYNC_ERR_STORE:
	case ZYNC_ERR_PROTOCOL:
	case ZYNC_ERR_REJECTED:
	case ZYNC_ERR_LIMIT:
	case ZYNC_ERR_CANCELLED:
		return 4;
	}
	return 4;
}
