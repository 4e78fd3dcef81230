/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file secret.h
 * A secret text (token, password, key): wiped when freed, never printed by accident.
 */
#ifndef ZYNC_BASE_SECRET_H
#define ZYNC_BASE_SECRET_H

#include "base/err.h"

struct zync_secret;

/** Copy @p text; also registers it for masking (log.h). */
enum zync_status zync_secret_new(const char *text, struct zync_secret **ret, struct zync_err *err) ZYNC_MUST_CHECK;
void zync_secret_free(struct zync_secret *secret);
/** The text itself, valid as long as the secret; NULL for NULL. Call it only where the text is sent. */
const char *zync_secret_reveal(const struct zync_secret *secret);
/**
 * Read a secret from a file: trailing white space removed, empty refused, at most ZYNC_LIMIT_SECRET_BYTES.
 * A relative @p path that does not exist is looked for in $CREDENTIALS_DIRECTORY too (systemd).
 */
enum zync_status zync_secret_read_file(const char *path, struct zync_secret **ret, struct zync_err *err) ZYNC_MUST_CHECK;

ZYNC_DEFINE_CLEANUP(zync_secret, struct zync_secret *, zync_secret_free)
#define ZYNC_AUTO_SECRET ZYNC_CLEANUP(zync_secret_cleanup) struct zync_secret *

#endif
