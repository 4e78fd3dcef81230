/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mask_priv.h"
#include "base/str_priv.h"

#define LOG_LINE ((size_t)ZYNC_LIMIT_LOG_LINE)
/* Room after the text of a line for what closes it: an ellipsis, a quote, a brace, the newline, a NUL. */
#define LOG_TAIL ((size_t)16)

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic enum zync_log_level log_level = ZYNC_LOG_INFO;
/* All of these under the lock. */
static struct {
	enum zync_log_format format;
	void (*hook)(bool before, void *ctx);
	void *hook_ctx;
	struct zync_mask mask;
} log_state;
/* A worker's job log gets the lines of that worker only. */
static _Thread_local struct {
	void (*sink)(enum zync_log_level level, const char *text, void *ctx);
	void *ctx;
} log_thread;

static void log_take(void)
{
	ZYNC_ASSERT(pthread_mutex_lock(&log_lock) == 0);
}

static void log_give(void)
{
	ZYNC_ASSERT(pthread_mutex_unlock(&log_lock) == 0);
}

void zync_log_set_level(enum zync_log_level level)
{
	atomic_store(&log_level, level);
}

enum zync_log_level zync_log_get_level(void)
{
	return atomic_load(&log_level);
}

void zync_log_set_format(enum zync_log_format format)
{
	log_take();
	log_state.format = format;
	log_give();
}

enum zync_log_format zync_log_get_format(void)
{
	enum zync_log_format format;

	log_take();
	format = log_state.format;
	log_give();
	return format;
}

void zync_log_set_hook(void (*hook)(bool before, void *ctx), void *ctx)
{
	log_take();
	log_state.hook = hook;
	log_state.hook_ctx = ctx;
	log_give();
}

void zync_log_set_sink(void (*sink)(enum zync_log_level level, const char *text, void *ctx), void *ctx)
{
	log_thread.sink = sink;
	log_thread.ctx = ctx;
}

static const char *log_level_name(enum zync_log_level level)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};

	return (size_t)level < ZYNC_ARRAY_LEN(names) ? names[level] : "debug";
}

/* Append one piece whole, or say that there is no room for it. */
static bool log_piece(char *line, size_t *len, size_t room, const char *piece, size_t piece_len)
{
	if (*len + piece_len > room)
		return false;
	memcpy(line + *len, piece, piece_len);
	*len += piece_len;
	line[*len] = '\0';
	return true;
}

/* How the character at @p s (n bytes, 0: not UTF-8) is shown; what could move the cursor or end a line is spelled out. */
static size_t log_show(const char *s, size_t n, uint32_t cp, bool json, char ret[16])
{
	if (json && n > 0 && (cp < 0x20 || cp == 0x7f || (cp >= 0x80 && cp < 0xa0)))
		return (size_t)snprintf(ret, 16, "\\u%04x", (unsigned)cp);
	if (json && n == 0)
		return (size_t)snprintf(ret, 16, "\\ufffd");
	if (json && (cp == '"' || cp == '\\'))
		return (size_t)snprintf(ret, 16, "\\%c", (char)cp);
	if (n == 0 || (n == 1 && (cp == 0x7f || (cp < 0x20 && cp != '\t'))))
		return (size_t)snprintf(ret, 16, "\\x%02x", (unsigned char)s[0]);
	if (n == 2 && cp < 0xa0)
		return (size_t)snprintf(ret, 16, "\\x%02x\\x%02x", (unsigned char)s[0], (unsigned char)s[1]);
	memcpy(ret, s, n);
	return n;
}

/* Append the text made harmless, cut with an ellipsis where @p room ends (the line has LOG_TAIL bytes behind it). */
static size_t log_text(char *line, size_t len, size_t room, const char *text, bool cut, bool json)
{
	size_t text_len = strlen(text);

	for (size_t i = 0; i < text_len;) {
		uint32_t cp = 0;
		size_t n = zync_utf8_seq(text + i, text_len - i, &cp);
		char piece[16];

		if (!log_piece(line, &len, room, piece, log_show(text + i, n, cp, json, piece))) {
			cut = true;
			break;
		}
		i += n > 0 ? n : 1;
	}
	if (cut)
		(void)log_piece(line, &len, room + LOG_TAIL, "\xe2\x80\xa6", 3);
	return len;
}

static void log_write(enum zync_log_level level, const char *text, bool cut)
{
	char line[LOG_LINE + 1], when[ZYNC_TIME_TEXT_SIZE];
	const size_t room = LOG_LINE - LOG_TAIL;
	bool json = log_state.format == ZYNC_LOG_JSON;
	size_t len;
	int n;

	(void)zync_time_format(zync_clock_now_ms(), when);
	if (json)
		n = snprintf(line, sizeof(line), "{\"time\":\"%s\",\"level\":\"%s\",\"message\":\"", when, log_level_name(level));
	else
		n = snprintf(line, sizeof(line), "%s %s: ", when, log_level_name(level));
	len = log_text(line, (size_t)n, room, text, cut, json);
	(void)log_piece(line, &len, LOG_LINE, json ? "\"}\n" : "\n", json ? 3 : 1);
	/* Nobody could be told that standard error is closed or full. */
	(void)fwrite(line, 1, len, stderr);
	(void)fflush(stderr);
}

static void log_line(enum zync_log_level level, char *text, bool cut, bool show)
{
	char shown[LOG_LINE + 1];

	log_take();
	zync_mask_apply(&log_state.mask, text, cut);
	if (show && log_state.hook)
		log_state.hook(/* before= */ true, log_state.hook_ctx);
	if (show)
		log_write(level, text, cut);
	if (show && log_state.hook)
		log_state.hook(/* before= */ false, log_state.hook_ctx);
	log_give();
	if (log_thread.sink) {
		shown[0] = '\0';
		(void)log_text(shown, 0, LOG_LINE - LOG_TAIL, text, cut, /* json= */ false);
		log_thread.sink(level, shown, log_thread.ctx);
	}
}

void zync_log(enum zync_log_level level, const char *fmt, ...)
{
	char text[LOG_LINE];
	int saved = errno, n;
	bool show = level <= zync_log_get_level();
	bool cut;
	va_list ap;

	/* What a person wants to see now says nothing about what shall be known of a job later. */
	if (!show && (!log_thread.sink || level == ZYNC_LOG_DEBUG))
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		(void)snprintf(text, sizeof(text), "%s", fmt);
	cut = n < 0 || (size_t)n >= sizeof(text);
	if (cut)
		text[zync_utf8_cut(text, strlen(text))] = '\0';
	log_line(level, text, cut, show);
	errno = saved;
}

enum zync_status zync_log_add_secret(const char *secret, struct zync_err *err)
{
	enum zync_status status;

	log_take();
	status = zync_mask_add(&log_state.mask, secret, err);
	log_give();
	return status;
}

void zync_log_mask(char *text)
{
	log_take();
	zync_mask_apply(&log_state.mask, text, /* cut= */ false);
	log_give();
}

void zync_log_reset(void)
{
	log_take();
	log_state.hook = NULL;
	log_thread.sink = NULL;
	zync_mask_done(&log_state.mask);
	log_give();
}
