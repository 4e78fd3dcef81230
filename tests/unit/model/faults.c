/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of base that the linker puts these in front of (--wrap): what model/ takes from the heap, it takes through them, so that the n-th call
 * that fails is the n-th allocation that fails. An arena's own chunks would hide nearly all of them.
 */
#include "model_test.h"

#include "base/vec.h"

static struct {
	unsigned long left;
	bool fired;
} fault;

void fault_arm(unsigned long nth)
{
	fault.left = nth;
	fault.fired = false;
}

bool fault_fired(void)
{
	return fault.fired;
}

static bool fault_due(void)
{
	if (fault.left == 0 || --fault.left > 0)
		return false;
	fault.fired = true;
	return true;
}

struct zync_arena *__real_zync_arena_new(size_t max_bytes);
struct zync_arena *__wrap_zync_arena_new(size_t max_bytes);
struct zync_arena *__wrap_zync_arena_new(size_t max_bytes)
{
	return fault_due() ? NULL : __real_zync_arena_new(max_bytes);
}

void *__real_zync_arena_alloc(struct zync_arena *arena, size_t size);
void *__wrap_zync_arena_alloc(struct zync_arena *arena, size_t size);
void *__wrap_zync_arena_alloc(struct zync_arena *arena, size_t size)
{
	return fault_due() ? NULL : __real_zync_arena_alloc(arena, size);
}

void *__real_zync_arena_array(struct zync_arena *arena, size_t count, size_t size);
void *__wrap_zync_arena_array(struct zync_arena *arena, size_t count, size_t size);
void *__wrap_zync_arena_array(struct zync_arena *arena, size_t count, size_t size)
{
	return fault_due() ? NULL : __real_zync_arena_array(arena, count, size);
}

char *__real_zync_arena_strdup(struct zync_arena *arena, const char *s);
char *__wrap_zync_arena_strdup(struct zync_arena *arena, const char *s);
char *__wrap_zync_arena_strdup(struct zync_arena *arena, const char *s)
{
	return fault_due() ? NULL : __real_zync_arena_strdup(arena, s);
}

char *__wrap_zync_arena_printf(struct zync_arena *arena, const char *fmt, ...) ZYNC_PRINTF(2, 3);
char *__wrap_zync_arena_printf(struct zync_arena *arena, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = fault_due() ? NULL : zync_arena_vprintf(arena, fmt, ap);
	va_end(ap);
	return text;
}

enum zync_status __real_zync_keyring_digest(const struct zync_keyring *ring, const char *purpose, const char *text,
					    char ret_hex[ZYNC_DIGEST_HEX_SIZE], struct zync_err *err);
enum zync_status __wrap_zync_keyring_digest(const struct zync_keyring *ring, const char *purpose, const char *text,
					    char ret_hex[ZYNC_DIGEST_HEX_SIZE], struct zync_err *err);
enum zync_status __wrap_zync_keyring_digest(const struct zync_keyring *ring, const char *purpose, const char *text,
					    char ret_hex[ZYNC_DIGEST_HEX_SIZE], struct zync_err *err)
{
	return fault_due() ? zync_err_nomem(err, "testing") : __real_zync_keyring_digest(ring, purpose, text, ret_hex, err);
}

enum zync_status __real_zync_keyring_seal(const struct zync_keyring *ring, const char *text, struct zync_arena *arena,
					  const char **ret_sealed, struct zync_err *err);
enum zync_status __wrap_zync_keyring_seal(const struct zync_keyring *ring, const char *text, struct zync_arena *arena,
					  const char **ret_sealed, struct zync_err *err);
enum zync_status __wrap_zync_keyring_seal(const struct zync_keyring *ring, const char *text, struct zync_arena *arena,
					  const char **ret_sealed, struct zync_err *err)
{
	return fault_due() ? zync_err_nomem(err, "testing") : __real_zync_keyring_seal(ring, text, arena, ret_sealed, err);
}

enum zync_status __real_zync_keyring_unseal(const struct zync_keyring *ring, const char *sealed, struct zync_arena *arena,
					    const char **ret_text, struct zync_err *err);
enum zync_status __wrap_zync_keyring_unseal(const struct zync_keyring *ring, const char *sealed, struct zync_arena *arena,
					    const char **ret_text, struct zync_err *err);
enum zync_status __wrap_zync_keyring_unseal(const struct zync_keyring *ring, const char *sealed, struct zync_arena *arena,
					    const char **ret_text, struct zync_err *err)
{
	return fault_due() ? zync_err_nomem(err, "testing") : __real_zync_keyring_unseal(ring, sealed, arena, ret_text, err);
}

struct zync_map *__real_zync_map_new(struct zync_arena *arena);
struct zync_map *__wrap_zync_map_new(struct zync_arena *arena);
struct zync_map *__wrap_zync_map_new(struct zync_arena *arena)
{
	return fault_due() ? NULL : __real_zync_map_new(arena);
}

enum zync_status __real_zync_map_put(struct zync_map *map, const char *key, void *value, struct zync_err *err);
enum zync_status __wrap_zync_map_put(struct zync_map *map, const char *key, void *value, struct zync_err *err);
enum zync_status __wrap_zync_map_put(struct zync_map *map, const char *key, void *value, struct zync_err *err)
{
	return fault_due() ? zync_err_nomem(err, "testing") : __real_zync_map_put(map, key, value, err);
}

struct zync_jnode *__real_zync_jb_object(struct zync_jb *b);
struct zync_jnode *__wrap_zync_jb_object(struct zync_jb *b);
struct zync_jnode *__wrap_zync_jb_object(struct zync_jb *b)
{
	return fault_due() ? NULL : __real_zync_jb_object(b);
}
