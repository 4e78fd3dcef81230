/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file arena.h
 * Memory for one unit of work (a page, a request, a job step): many allocations, one free. Not thread-safe.
 *
 * Nothing allocated from an arena is freed by itself. zync_arena_free() zeroes what it held, since arenas carry secrets.
 */
#ifndef ZYNC_BASE_ARENA_H
#define ZYNC_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/macros.h"

struct zync_arena;

/** A new arena that refuses to hold more than @p max_bytes (0: ZYNC_LIMIT_ARENA_BYTES). NULL when memory is out. */
struct zync_arena *zync_arena_new(size_t max_bytes) ZYNC_MUST_CHECK;
/** Free the arena and all that was taken from it; NULL is fine. */
void zync_arena_free(struct zync_arena *arena);
/** Forget all that was taken but keep a chunk for re-use. */
void zync_arena_clear(struct zync_arena *arena);
/** Bytes handed out so far. */
size_t zync_arena_used(const struct zync_arena *arena);

/** @p size zeroed bytes aligned for any type; NULL when memory or the bound is out. A @p size of 0 gives a valid pointer. */
void *zync_arena_alloc(struct zync_arena *arena, size_t size) ZYNC_MUST_CHECK;
/** Zeroed array, with overflow check. */
void *zync_arena_array(struct zync_arena *arena, size_t count, size_t size) ZYNC_MUST_CHECK;
/** Copy of @p s; NULL gives NULL. */
char *zync_arena_strdup(struct zync_arena *arena, const char *s) ZYNC_MUST_CHECK;
/** Copy of the first @p len bytes of @p s, NUL-terminated. */
char *zync_arena_strndup(struct zync_arena *arena, const char *s, size_t len) ZYNC_MUST_CHECK;
char *zync_arena_printf(struct zync_arena *arena, const char *fmt, ...) ZYNC_PRINTF(2, 3) ZYNC_MUST_CHECK;
char *zync_arena_vprintf(struct zync_arena *arena, const char *fmt, va_list ap) ZYNC_PRINTF(2, 0) ZYNC_MUST_CHECK;

#define ZYNC_NEW(arena, type)	       ((type *)zync_arena_alloc((arena), sizeof(type)))
#define ZYNC_NEW_ARRAY(arena, type, n) ((type *)zync_arena_array((arena), (n), sizeof(type)))

ZYNC_DEFINE_CLEANUP(zync_arena, struct zync_arena *, zync_arena_free)
#define ZYNC_AUTO_ARENA ZYNC_CLEANUP(zync_arena_cleanup) struct zync_arena *

#endif
