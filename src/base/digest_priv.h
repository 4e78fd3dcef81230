/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file digest_priv.h
 * What digest.c and keyring.c share.
 */
#ifndef ZYNC_BASE_DIGEST_PRIV_H
#define ZYNC_BASE_DIGEST_PRIV_H

#include <stddef.h>

#include "base/err.h"

/** Record that the cryptographic library failed at @p what, in its own words; returns the status (ZYNC_ERR_IO). */
enum zync_status zync_digest_failed(struct zync_err *err, const char *what);
/** 2 × @p len lower-case hexadecimal digits and a NUL. */
void zync_digest_hex(const unsigned char *bytes, size_t len, char *ret);

#endif
