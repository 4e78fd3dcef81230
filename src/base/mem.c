/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void *zync_calloc(size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return NULL;
	return calloc(1, total > 0 ? total : 1);
}

void *zync_realloc(void *p, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return NULL;
	return realloc(p, total > 0 ? total : 1);
}

char *zync_strdup(const char *s)
{
	size_t size;
	char *copy;

	if (!s)
		return NULL;
	size = strlen(s) + 1;
	copy = zync_calloc(size, 1);
	if (copy)
		memcpy(copy, s, size);
	return copy;
}

void zync_free(void *p)
{
	free(p);
}

void zync_wipe(void *p, size_t len)
{
	if (p && len > 0)
		explicit_bzero(p, len);
}
