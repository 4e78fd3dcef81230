/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file heapfault.h
 * Let the n-th allocation from the heap fail. Shared by the tests of config, convert, expr and rules, whose meson.build has the linker put heapfault.c in front of malloc(),
 * calloc() and realloc() (--wrap).
 */
#ifndef ZYNC_TESTS_HEAPFAULT_H
#define ZYNC_TESTS_HEAPFAULT_H

#include <stdbool.h>

/** The @p nth allocation from now on fails once, with errno ENOMEM; 0: none does. */
void fault_alloc(unsigned long nth);
/** Did it come to that since fault_alloc()? */
bool fault_alloc_fired(void);

#endif
