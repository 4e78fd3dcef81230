/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file clock.h
 * Time: wall clock in milliseconds since 1970 UTC, monotonic milliseconds, and their texts. Pure parts never call it.
 */
#ifndef ZYNC_BASE_CLOCK_H
#define ZYNC_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZYNC_TIME_TEXT_SIZE 32

/** Milliseconds since 1970-01-01 UTC. */
int64_t zync_clock_now_ms(void);
/** Milliseconds of a clock that never jumps. */
int64_t zync_clock_mono_ms(void);
/** Microseconds of the same clock. */
int64_t zync_clock_mono_us(void);
/** Sleep; returns early (false) when a signal arrives. */
bool zync_clock_sleep_ms(int64_t ms);
/** "2026-11-22T21:30:07.123Z" into @p ret; returns @p ret. */
char *zync_time_format(int64_t ms, char ret[ZYNC_TIME_TEXT_SIZE]);
/** Parse ISO 8601 with Z or an offset, fraction optional. */
bool zync_time_parse(const char *text, int64_t *ret_ms);
/** "850 ms", "12.3 s", "4 min 05 s", "2 h 03 min" into @p ret (size ZYNC_TIME_TEXT_SIZE); returns @p ret. */
char *zync_duration_format(int64_t ms, char ret[ZYNC_TIME_TEXT_SIZE]);

#endif
