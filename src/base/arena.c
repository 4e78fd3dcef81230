/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

#define ARENA_ALIGN	  alignof(max_align_t)
#define ARENA_FIRST_CHUNK ((size_t)4096)
#define ARENA_LAST_CHUNK  ((size_t)1024 * 1024)

/* Bytes of a chunk above `used` have never been written since they were zeroed, so that allocating needs no memset(). */
struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

struct zync_arena {
	struct arena_chunk *chunks; /* the first is the one that small requests are served from */
	size_t next_size;
	size_t used;
	size_t max;
};

struct zync_arena *zync_arena_new(size_t max_bytes)
{
	struct zync_arena *arena = zync_calloc(1, sizeof(*arena));

	if (!arena)
		return NULL;
	arena->max = max_bytes > 0 ? max_bytes : ZYNC_LIMIT_ARENA_BYTES;
	arena->next_size = ARENA_FIRST_CHUNK;
	return arena;
}

static void arena_free_chunks(struct arena_chunk *chunk)
{
	while (chunk) {
		struct arena_chunk *next = chunk->next;

		zync_wipe(chunk->bytes, chunk->used);
		zync_free(chunk);
		chunk = next;
	}
}

void zync_arena_free(struct zync_arena *arena)
{
	if (!arena)
		return;
	arena_free_chunks(arena->chunks);
	zync_free(arena);
}

void zync_arena_clear(struct zync_arena *arena)
{
	struct arena_chunk *kept = arena->chunks;

	arena->used = 0;
	if (!kept)
		return;
	arena_free_chunks(kept->next);
	kept->next = NULL;
	zync_wipe(kept->bytes, kept->used);
	kept->used = 0;
}

size_t zync_arena_used(const struct zync_arena *arena)
{
	return arena->used;
}

static struct arena_chunk *arena_new_chunk(size_t size)
{
	struct arena_chunk *chunk;
	size_t total;

	if (__builtin_add_overflow(size, sizeof(*chunk), &total))
		return NULL;
	chunk = zync_calloc(1, total);
	if (chunk)
		chunk->size = size;
	return chunk;
}

/* A chunk with room for @p size bytes, which is a multiple of the alignment. */
static struct arena_chunk *arena_room(struct zync_arena *arena, size_t size)
{
	struct arena_chunk *chunk = arena->chunks;

	if (chunk && chunk->size - chunk->used >= size)
		return chunk;
	if (chunk && size > arena->next_size / 4) {
		/* A large block gets a chunk of its own behind the current one, whose rest stays in use. */
		struct arena_chunk *own = arena_new_chunk(size);

		if (!own)
			return NULL;
		own->next = chunk->next;
		chunk->next = own;
		return own;
	}
	chunk = arena_new_chunk(ZYNC_MAX(size, arena->next_size));
	if (!chunk)
		return NULL;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	if (arena->next_size < ARENA_LAST_CHUNK)
		arena->next_size *= 2;
	return chunk;
}

void *zync_arena_alloc(struct zync_arena *arena, size_t size)
{
	struct arena_chunk *chunk;
	size_t rounded;
	void *p;

	if (size == 0)
		size = 1;
	if (__builtin_add_overflow(size, ARENA_ALIGN - 1, &rounded))
		return NULL;
	rounded &= ~(ARENA_ALIGN - 1);
	if (size > arena->max || arena->used > arena->max - size)
		return NULL;
	chunk = arena_room(arena, rounded);
	if (!chunk)
		return NULL;
	p = chunk->bytes + chunk->used;
	chunk->used += rounded;
	arena->used += rounded;
	return p;
}

void *zync_arena_array(struct zync_arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return NULL;
	return zync_arena_alloc(arena, total);
}

char *zync_arena_strdup(struct zync_arena *arena, const char *s)
{
	return s ? zync_arena_strndup(arena, s, strlen(s)) : NULL;
}

char *zync_arena_strndup(struct zync_arena *arena, const char *s, size_t len)
{
	char *copy;

	if (!s || len == SIZE_MAX)
		return NULL;
	copy = zync_arena_alloc(arena, len + 1);
	if (copy)
		memcpy(copy, s, len);
	return copy;
}

char *zync_arena_vprintf(struct zync_arena *arena, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return NULL;
	text = zync_arena_alloc(arena, (size_t)len + 1);
	if (text)
		(void)vsnprintf(text, (size_t)len + 1, fmt, ap);
	return text;
}

char *zync_arena_printf(struct zync_arena *arena, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = zync_arena_vprintf(arena, fmt, ap);
	va_end(ap);
	return text;
}
