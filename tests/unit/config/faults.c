/* SPDX-License-Identifier: Apache-2.0 */
/* The function that the linker puts in front of the C library's own (--wrap). */
#include <errno.h>
#include <unistd.h>

#include "config_test.h"

static unsigned long read_left;

void fault_read(unsigned long nth)
{
	read_left = nth;
}

ssize_t __real_read(int fd, void *data, size_t len);
ssize_t __wrap_read(int fd, void *data, size_t len);

ssize_t __wrap_read(int fd, void *data, size_t len)
{
	if (read_left > 0 && --read_left == 0) {
		errno = EIO;
		return -1;
	}
	return __real_read(fd, data, len);
}
