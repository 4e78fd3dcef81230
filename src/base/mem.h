/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mem.h
 * The only door to the heap for all parts. No function aborts: out of memory is NULL.
 */
#ifndef ZYNC_BASE_MEM_H
#define ZYNC_BASE_MEM_H

#include <stddef.h>

#include "base/macros.h"

/** @p count × @p size zeroed bytes; NULL when memory is out or the product overflows. count or size 0 gives one byte. Free with zync_free(). */
void *zync_calloc(size_t count, size_t size) ZYNC_MUST_CHECK;
/** Grow or shrink @p p to @p count × @p size bytes; on NULL the old block is still there. */
void *zync_realloc(void *p, size_t count, size_t size) ZYNC_MUST_CHECK;
/** A heap copy of @p s (NULL gives NULL). */
char *zync_strdup(const char *s) ZYNC_MUST_CHECK;
/** Free; NULL is fine. */
void zync_free(void *p);
/** Zero @p len bytes in a way the compiler may not leave out. */
void zync_wipe(void *p, size_t len);

ZYNC_DEFINE_CLEANUP(zync_str, char *, zync_free)
#define ZYNC_AUTO_STR ZYNC_CLEANUP(zync_str_cleanup) char *

#endif
