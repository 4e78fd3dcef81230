/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file vec.h
 * A growing array of pointers in an arena, and a hash map from strings to pointers in an arena. Neither owns what it points to.
 */
#ifndef ZYNC_BASE_VEC_H
#define ZYNC_BASE_VEC_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/** Read `items` and `len`; grow with zync_vec_push(). Zero-initialise, then set `arena`. */
struct zync_vec {
	struct zync_arena *arena;
	void **items;
	size_t len;
	size_t cap;
};

void zync_vec_init(struct zync_vec *vec, struct zync_arena *arena);
enum zync_status zync_vec_push(struct zync_vec *vec, void *item, struct zync_err *err) ZYNC_MUST_CHECK;

struct zync_map;
/** An empty map; memory from @p arena. NULL when memory is out. */
struct zync_map *zync_map_new(struct zync_arena *arena) ZYNC_MUST_CHECK;
/** The value of @p key or NULL. */
void *zync_map_get(const struct zync_map *map, const char *key);
/** Set @p key (copied into the arena) to @p value (not NULL), replacing an older value. */
enum zync_status zync_map_put(struct zync_map *map, const char *key, void *value, struct zync_err *err) ZYNC_MUST_CHECK;
size_t zync_map_len(const struct zync_map *map);
/** Iterate in insertion order: *pos starts at 0; returns the key or NULL at the end, the value in *ret_value. */
const char *zync_map_next(const struct zync_map *map, size_t *pos, void **ret_value);

/** Map from unsigned 64-bit keys to pointers, same rules. */
struct zync_idmap;
struct zync_idmap *zync_idmap_new(struct zync_arena *arena) ZYNC_MUST_CHECK;
void *zync_idmap_get(const struct zync_idmap *map, unsigned long long key);
enum zync_status zync_idmap_put(struct zync_idmap *map, unsigned long long key, void *value, struct zync_err *err) ZYNC_MUST_CHECK;
size_t zync_idmap_len(const struct zync_idmap *map);

#endif
