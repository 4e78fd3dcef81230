/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file str_priv.h
 * UTF-8 helpers for base itself. Pure.
 */
#ifndef ZYNC_BASE_STR_PRIV_H
#define ZYNC_BASE_STR_PRIV_H

#include <stddef.h>
#include <stdint.h>

/** Length of the well-formed UTF-8 sequence at @p s (1 to 4; a NUL byte counts as one), or 0. Its code point in *ret_cp unless that is NULL. */
size_t zync_utf8_seq(const char *s, size_t len, uint32_t *ret_cp);
/** Replace each byte that is not part of well-formed UTF-8 by '?'. */
void zync_utf8_mend(char *s, size_t len);
/** The largest length up to @p len at which @p s may be cut without splitting a character. */
size_t zync_utf8_cut(const char *s, size_t len);

#endif
