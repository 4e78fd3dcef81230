/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file file_priv.h
 * Reading and writing of the small files that base itself needs.
 */
#ifndef ZYNC_BASE_FILE_PRIV_H
#define ZYNC_BASE_FILE_PRIV_H

#include <stddef.h>

#include "base/buf.h"

/** Read @p fd to its end into @p out; false with errno set, or with errno 0 when @p out has failed. */
bool zync_file_read_fd(int fd, struct zync_buf *out);
/** Write all; false with errno set. */
bool zync_file_write_fd(int fd, const void *data, size_t len);

#endif
