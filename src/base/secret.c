/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_priv.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

struct zync_secret {
	size_t len;
	char text[];
};

enum zync_status zync_secret_new(const char *text, struct zync_secret **ret, struct zync_err *err)
{
	size_t len = strlen(text);
	struct zync_secret *secret;
	enum zync_status status;

	if (len > ZYNC_LIMIT_SECRET_BYTES)
		return zync_err_set(err, ZYNC_ERR_LIMIT, "a secret of %zu bytes is larger than the limit of %u bytes", len,
				    ZYNC_LIMIT_SECRET_BYTES);
	secret = zync_calloc(1, sizeof(*secret) + len + 1);
	if (!secret)
		return zync_err_nomem(err, "keeping a secret");
	secret->len = len;
	memcpy(secret->text, text, len);
	status = zync_log_add_secret(secret->text, err);
	if (status != ZYNC_OK) {
		zync_secret_free(secret);
		return status;
	}
	*ret = secret;
	return ZYNC_OK;
}

void zync_secret_free(struct zync_secret *secret)
{
	if (!secret)
		return;
	zync_wipe(secret->text, secret->len);
	zync_free(secret);
}

const char *zync_secret_reveal(const struct zync_secret *secret)
{
	return secret ? secret->text : NULL;
}

/* Open the file, a relative one that is not there in systemd's directory of credentials, too. */
static enum zync_status secret_open(const char *path, int *ret_fd, struct zync_err *err)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	ZYNC_AUTO_BUF other;

	zync_buf_init(&other, ZYNC_LIMIT_SECRET_BYTES);
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*ret_fd >= 0)
		return ZYNC_OK;
	if (errno != ENOENT || path[0] == '/' || !directory || directory[0] == '\0')
		return zync_err_os(err, errno, "opening secret file %s", path);
	zync_buf_printf(&other, "%s/%s", directory, path);
	ZYNC_TRY(zync_buf_check(&other, "the path of a secret file", err));
	*ret_fd = open(other.data, O_RDONLY | O_CLOEXEC);
	if (*ret_fd >= 0)
		return ZYNC_OK;
	return zync_err_os(err, errno, "opening secret file %s (which does not exist) as %s", path, other.data);
}

static enum zync_status secret_check(const char *path, struct zync_buf *text, struct zync_err *err)
{
	while (text->len > 0 && strchr(" \t\r\n", text->data[text->len - 1]) && text->data[text->len - 1] != '\0')
		zync_buf_truncate(text, text->len - 1);
	if (text->len == 0)
		return zync_err_set(err, ZYNC_ERR_INVALID, "secret file %s is empty", path);
	if (memchr(text->data, '\0', text->len))
		return zync_err_set(err, ZYNC_ERR_INVALID, "secret file %s holds a NUL byte; it must be text", path);
	return ZYNC_OK;
}

enum zync_status zync_secret_read_file(const char *path, struct zync_secret **ret, struct zync_err *err)
{
	ZYNC_AUTO_BUF text;
	int fd, reason;
	bool done;

	zync_buf_init(&text, ZYNC_LIMIT_SECRET_BYTES);
	ZYNC_TRY(secret_open(path, &fd, err));
	done = zync_file_read_fd(fd, &text);
	reason = errno;
	(void)close(fd);
	if (!done && reason == 0)
		return zync_err_wrap(err, zync_buf_check(&text, "the content", err), "secret file %s", path);
	if (!done)
		return zync_err_os(err, reason, "reading secret file %s", path);
	ZYNC_TRY(secret_check(path, &text, err));
	return zync_secret_new(text.data, ret, err);
}
