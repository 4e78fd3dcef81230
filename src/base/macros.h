/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file macros.h
 * Attributes, cleanup helpers and the few macros that the whole of Zync uses. The only place for statement expressions.
 */
#ifndef ZYNC_BASE_MACROS_H
#define ZYNC_BASE_MACROS_H

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#define ZYNC_PRINTF(fmt_index, first_arg) __attribute__((format(printf, fmt_index, first_arg)))
#define ZYNC_MUST_CHECK			  __attribute__((warn_unused_result))
#define ZYNC_UNUSED			  __attribute__((unused))
#define ZYNC_FALLTHROUGH		  __attribute__((fallthrough))
#define ZYNC_NONNULL(...)		  __attribute__((nonnull(__VA_ARGS__)))
/** Run @p fn on the variable's address when it goes out of scope. */
#define ZYNC_CLEANUP(fn) __attribute__((cleanup(fn)))

#define ZYNC_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define ZYNC_MIN(a, b)	  ((a) < (b) ? (a) : (b))
#define ZYNC_MAX(a, b)	  ((a) > (b) ? (a) : (b))

/** Return the status of @p expr from the calling function when it is not ZYNC_OK. */
#define ZYNC_TRY(expr)                                     \
	do {                                               \
		enum zync_status zync_try_status = (expr); \
		if (zync_try_status != ZYNC_OK)            \
			return zync_try_status;            \
	} while (0)

/** A programming error ends the program, also in release builds. Never use it for what the world does. */
#define ZYNC_ASSERT(cond)                                              \
	do {                                                           \
		if (!(cond))                                           \
			zync_assert_failed(#cond, __FILE__, __LINE__); \
	} while (0)

/** Print the broken assertion to standard error and abort(). */
__attribute__((noreturn)) void zync_assert_failed(const char *expression, const char *file, int line);

/**
 * Define a cleanup function `name_cleanup(type *p)` that calls `free_fn(*p)`, for use as
 * `ZYNC_CLEANUP(name_cleanup) type variable = NULL;`.
 */
#define ZYNC_DEFINE_CLEANUP(name, type, free_fn)               \
	ZYNC_UNUSED static inline void name##_cleanup(type *p) \
	{                                                      \
		free_fn(*p);                                   \
	}

#endif
