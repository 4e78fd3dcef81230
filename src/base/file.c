/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "base/file_priv.h"
#include "base/mem.h"

bool zync_file_read_fd(int fd, struct zync_buf *out)
{
	char part[4096];
	ssize_t n;

	for (;;) {
		n = read(fd, part, sizeof(part));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		zync_buf_add(out, part, (size_t)n);
		if (out->failed) {
			errno = 0;
			n = -1;
			break;
		}
	}
	zync_wipe(part, sizeof(part));
	return n == 0;
}

bool zync_file_write_fd(int fd, const void *data, size_t len)
{
	const char *from = data;

	while (len > 0) {
		ssize_t n = write(fd, from, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		from += n;
		len -= (size_t)n;
	}
	return true;
}
