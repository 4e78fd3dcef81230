/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define BUF_FIRST_CAP ((size_t)256)

/* What `data` of a buffer without memory points to. Never written: every append makes memory first. */
static char buf_empty[1];

void zync_buf_init(struct zync_buf *buf, size_t max)
{
	*buf = (struct zync_buf){.data = buf_empty, .max = ZYNC_MIN(max, (size_t)PTRDIFF_MAX - 1)};
}

void zync_buf_done(struct zync_buf *buf)
{
	if (buf->cap > 0) {
		zync_wipe(buf->data, buf->cap);
		zync_free(buf->data);
	}
	zync_buf_init(buf, buf->max);
}

void zync_buf_clear(struct zync_buf *buf)
{
	buf->failed = ZYNC_OK;
	zync_buf_truncate(buf, 0);
}

/* Room for @p more bytes and the NUL; false when the buffer has failed. Not realloc(): that would leave a copy of a secret behind. */
static bool buf_reserve(struct zync_buf *buf, size_t more)
{
	size_t need, cap;
	char *data;

	if (buf->failed)
		return false;
	if (more > buf->max - buf->len) {
		buf->failed = ZYNC_ERR_LIMIT;
		return false;
	}
	need = buf->len + more + 1;
	if (need <= buf->cap)
		return true;
	cap = buf->cap > 0 ? buf->cap : BUF_FIRST_CAP;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	cap = ZYNC_MIN(cap, buf->max + 1);
	data = zync_calloc(cap, 1);
	if (!data) {
		buf->failed = ZYNC_ERR_NOMEM;
		return false;
	}
	if (buf->cap > 0) {
		memcpy(data, buf->data, buf->len);
		zync_wipe(buf->data, buf->cap);
		zync_free(buf->data);
	}
	buf->data = data;
	buf->cap = cap;
	return true;
}

void zync_buf_add(struct zync_buf *buf, const void *data, size_t len)
{
	if (len == 0 || !buf_reserve(buf, len))
		return;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void zync_buf_adds(struct zync_buf *buf, const char *s)
{
	zync_buf_add(buf, s, strlen(s));
}

void zync_buf_addc(struct zync_buf *buf, char c)
{
	zync_buf_add(buf, &c, 1);
}

void zync_buf_vprintf(struct zync_buf *buf, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	if (buf->failed)
		return;
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0) {
		buf->failed = ZYNC_ERR_LIMIT; /* longer than an int can say */
		return;
	}
	if (len == 0 || !buf_reserve(buf, (size_t)len))
		return;
	(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, ap);
	buf->len += (size_t)len;
}

void zync_buf_printf(struct zync_buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	zync_buf_vprintf(buf, fmt, ap);
	va_end(ap);
}

void zync_buf_truncate(struct zync_buf *buf, size_t len)
{
	ZYNC_ASSERT(len <= buf->len);
	if (buf->cap == 0)
		return;
	zync_wipe(buf->data + len, buf->len - len);
	buf->len = len;
	buf->data[len] = '\0';
}

enum zync_status zync_buf_check(const struct zync_buf *buf, const char *what, struct zync_err *err)
{
	if (buf->failed == ZYNC_OK)
		return ZYNC_OK;
	if (buf->failed == ZYNC_ERR_NOMEM)
		return zync_err_set(err, ZYNC_ERR_NOMEM, "out of memory: %s could not grow beyond %zu bytes", what, buf->len);
	return zync_err_set(err, buf->failed, "%s is larger than the limit of %zu bytes", what, buf->max);
}
