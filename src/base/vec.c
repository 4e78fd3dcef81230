/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define VEC_FIRST_CAP ((size_t)8)
#define MAP_FIRST_CAP ((size_t)8)

void zync_vec_init(struct zync_vec *vec, struct zync_arena *arena)
{
	*vec = (struct zync_vec){.arena = arena};
}

enum zync_status zync_vec_push(struct zync_vec *vec, void *item, struct zync_err *err)
{
	if (vec->len == vec->cap) {
		size_t cap = VEC_FIRST_CAP;
		void **items = NULL;

		if (vec->cap == 0 || !__builtin_mul_overflow(vec->cap, (size_t)2, &cap))
			items = ZYNC_NEW_ARRAY(vec->arena, void *, cap);
		if (!items)
			return zync_err_nomem(err, "growing a list");
		if (vec->len > 0)
			memcpy(items, vec->items, vec->len * sizeof(*items));
		vec->items = items;
		vec->cap = cap;
	}
	vec->items[vec->len++] = item;
	return ZYNC_OK;
}

/*
 * Both maps are one table: entries in the order of their insertion, and slots (a power of two, at most half of them taken)
 * that hold the number of an entry + 1, found by the hash and linear probing. Nothing is ever removed.
 */
struct map_entry {
	const char *key; /* NULL in a map of numbers */
	uint64_t hash;	 /* the number itself there */
	void *value;
};

struct zync_map {
	struct zync_arena *arena;
	struct map_entry *entries;
	size_t *slots;
	size_t len;
	size_t cap; /* of entries; slots are twice as many */
};

struct zync_idmap {
	struct zync_map map;
};

/* The finaliser of MurmurHash3 (public domain): spreads neighbouring numbers over all bits. */
static uint64_t map_mix(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdULL;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53ULL;
	h ^= h >> 33;
	return h;
}

/* FNV-1a. */
static uint64_t map_hash(const char *key)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (; *key != '\0'; key++) {
		h ^= (unsigned char)*key;
		h *= 0x100000001b3ULL;
	}
	return h;
}

/* The slot of the key, or the free one where it belongs. Needs a table. */
static size_t map_slot(const struct zync_map *map, const char *key, uint64_t hash)
{
	size_t mask = map->cap * 2 - 1, i = (size_t)map_mix(hash) & mask;

	while (map->slots[i] != 0) {
		const struct map_entry *e = &map->entries[map->slots[i] - 1];

		if (e->hash == hash && (!key || strcmp(e->key, key) == 0))
			break;
		i = (i + 1) & mask;
	}
	return i;
}

static bool map_grow(struct zync_map *map)
{
	struct zync_map grown = *map;
	size_t slots;

	grown.cap = map->cap > 0 ? map->cap : MAP_FIRST_CAP / 2;
	if (__builtin_mul_overflow(grown.cap, (size_t)2, &grown.cap) || __builtin_mul_overflow(grown.cap, (size_t)2, &slots))
		return false;
	grown.entries = ZYNC_NEW_ARRAY(map->arena, struct map_entry, grown.cap);
	grown.slots = ZYNC_NEW_ARRAY(map->arena, size_t, slots);
	if (!grown.entries || !grown.slots)
		return false;
	for (size_t i = 0; i < map->len; i++) {
		size_t at = (size_t)map_mix(map->entries[i].hash) & (slots - 1);

		grown.entries[i] = map->entries[i];
		while (grown.slots[at] != 0)
			at = (at + 1) & (slots - 1);
		grown.slots[at] = i + 1;
	}
	*map = grown;
	return true;
}

static void *map_find(const struct zync_map *map, const char *key, uint64_t hash)
{
	size_t slot;

	if (map->len == 0)
		return NULL;
	slot = map->slots[map_slot(map, key, hash)];
	return slot > 0 ? map->entries[slot - 1].value : NULL;
}

static enum zync_status map_store(struct zync_map *map, const char *key, uint64_t hash, void *value, struct zync_err *err)
{
	const char *copy = NULL;
	size_t slot;

	ZYNC_ASSERT(value != NULL);
	if (map->len > 0) {
		slot = map->slots[map_slot(map, key, hash)];
		if (slot > 0) {
			map->entries[slot - 1].value = value;
			return ZYNC_OK;
		}
	}
	if (map->len == map->cap && !map_grow(map))
		return zync_err_nomem(err, "growing a map");
	if (key) {
		copy = zync_arena_strdup(map->arena, key);
		if (!copy)
			return zync_err_nomem(err, "adding to a map");
	}
	map->entries[map->len] = (struct map_entry){.key = copy, .hash = hash, .value = value};
	map->slots[map_slot(map, key, hash)] = map->len + 1;
	map->len++;
	return ZYNC_OK;
}

struct zync_map *zync_map_new(struct zync_arena *arena)
{
	struct zync_map *map = ZYNC_NEW(arena, struct zync_map);

	if (map)
		map->arena = arena;
	return map;
}

void *zync_map_get(const struct zync_map *map, const char *key)
{
	return key ? map_find(map, key, map_hash(key)) : NULL;
}

enum zync_status zync_map_put(struct zync_map *map, const char *key, void *value, struct zync_err *err)
{
	ZYNC_ASSERT(key != NULL);
	return map_store(map, key, map_hash(key), value, err);
}

size_t zync_map_len(const struct zync_map *map)
{
	return map->len;
}

const char *zync_map_next(const struct zync_map *map, size_t *pos, void **ret_value)
{
	const struct map_entry *e;

	if (*pos >= map->len)
		return NULL;
	e = &map->entries[(*pos)++];
	if (ret_value)
		*ret_value = e->value;
	return e->key;
}

struct zync_idmap *zync_idmap_new(struct zync_arena *arena)
{
	struct zync_idmap *map = ZYNC_NEW(arena, struct zync_idmap);

	if (map)
		map->map.arena = arena;
	return map;
}

void *zync_idmap_get(const struct zync_idmap *map, unsigned long long key)
{
	return map_find(&map->map, NULL, key);
}

enum zync_status zync_idmap_put(struct zync_idmap *map, unsigned long long key, void *value, struct zync_err *err)
{
	return map_store(&map->map, NULL, key, value, err);
}

size_t zync_idmap_len(const struct zync_idmap *map)
{
	return map->map.len;
}
