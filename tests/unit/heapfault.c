/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "heapfault.h"

static unsigned long alloc_left;
static bool alloc_fired;

void fault_alloc(unsigned long nth)
{
	alloc_left = nth;
	alloc_fired = false;
}

bool fault_alloc_fired(void)
{
	return alloc_fired;
}

static bool alloc_due(void)
{
	if (alloc_left == 0 || --alloc_left > 0)
		return false;
	alloc_fired = true;
	errno = ENOMEM;
	return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
	return alloc_due() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return alloc_due() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return alloc_due() ? NULL : __real_realloc(p, size);
}
