/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that the linker puts in front of the C library's own (--wrap). */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "config_test.h"

static unsigned long alloc_left, read_left;
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

void fault_read(unsigned long nth)
{
	read_left = nth;
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
ssize_t __real_read(int fd, void *data, size_t len);
ssize_t __wrap_read(int fd, void *data, size_t len);

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

ssize_t __wrap_read(int fd, void *data, size_t len)
{
	if (read_left > 0 && --read_left == 0) {
		errno = EIO;
		return -1;
	}
	return __real_read(fd, data, len);
}
