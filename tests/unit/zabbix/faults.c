/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of base that the linker puts these in front of (--wrap), so that the n-th of the client's allocations fails. The fake server
 * takes its own memory while the faults pause.
 */
#include "zabbix_test.h"

#include "base/mem.h"

static struct {
	unsigned long left;
	bool fired;
	bool paused;
} fault;

void fault_arm(unsigned long nth)
{
	fault.left = nth;
	fault.fired = false;
	fault.paused = false;
}

bool fault_fired(void)
{
	return fault.fired;
}

void fault_pause(bool paused)
{
	fault.paused = paused;
}

static bool fault_due(void)
{
	if (fault.paused || fault.left == 0 || --fault.left > 0)
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

char *__real_zync_arena_strndup(struct zync_arena *arena, const char *s, size_t len);
char *__wrap_zync_arena_strndup(struct zync_arena *arena, const char *s, size_t len);
char *__wrap_zync_arena_strndup(struct zync_arena *arena, const char *s, size_t len)
{
	return fault_due() ? NULL : __real_zync_arena_strndup(arena, s, len);
}

void *__real_zync_calloc(size_t count, size_t size);
void *__wrap_zync_calloc(size_t count, size_t size);
void *__wrap_zync_calloc(size_t count, size_t size)
{
	return fault_due() ? NULL : __real_zync_calloc(count, size);
}

void *__real_zync_realloc(void *p, size_t count, size_t size);
void *__wrap_zync_realloc(void *p, size_t count, size_t size);
void *__wrap_zync_realloc(void *p, size_t count, size_t size)
{
	return fault_due() ? NULL : __real_zync_realloc(p, count, size);
}
