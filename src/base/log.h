/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file log.h
 * The logger: text or JSON lines to standard error, with levels. Thread-safe.
 *
 * Every secret of the process is registered here (zync_log_add_secret) and masked as *** wherever it would appear in a line;
 * zync_log_mask() does the same for texts that go elsewhere (errors, events, job logs). Parts below jobs/ log at debug only.
 */
#ifndef ZYNC_BASE_LOG_H
#define ZYNC_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum zync_log_level { ZYNC_LOG_ERROR = 0, ZYNC_LOG_WARNING, ZYNC_LOG_INFO, ZYNC_LOG_DEBUG };
enum zync_log_format { ZYNC_LOG_TEXT = 0, ZYNC_LOG_JSON };

void zync_log_set_level(enum zync_log_level level);
enum zync_log_level zync_log_get_level(void);
void zync_log_set_format(enum zync_log_format format);
enum zync_log_format zync_log_get_format(void);
/**
 * Called before and after each line, with the lock held, so that a progress bar can get out of the way. NULL switches it off.
 * It must not log.
 */
void zync_log_set_hook(void (*hook)(bool before, void *ctx), void *ctx);
/**
 * Receives level and masked text of each line that this thread logs (the log of the job that it runs), down to "info" whatever level is shown. NULL switches it off. Called without the lock,
 * so it may take its time; it must not log.
 */
void zync_log_set_sink(void (*sink)(enum zync_log_level level, const char *text, void *ctx), void *ctx);

void zync_log(enum zync_log_level level, const char *fmt, ...) ZYNC_PRINTF(2, 3);
#define zync_log_debug(...)   zync_log(ZYNC_LOG_DEBUG, __VA_ARGS__)
#define zync_log_info(...)    zync_log(ZYNC_LOG_INFO, __VA_ARGS__)
#define zync_log_warning(...) zync_log(ZYNC_LOG_WARNING, __VA_ARGS__)
#define zync_log_error(...)   zync_log(ZYNC_LOG_ERROR, __VA_ARGS__)

/** Remember a text that must never be shown; shorter than 4 bytes are not masked (they would mask everything). Copies; freed at exit of the process. */
enum zync_status zync_log_add_secret(const char *secret, struct zync_err *err) ZYNC_MUST_CHECK;
/** Replace every registered secret in @p text (in place, the text only gets shorter or stays: the mask is three characters). */
void zync_log_mask(char *text);
/** Forget the secrets and hooks (tests, end of the process). */
void zync_log_reset(void);

#endif
