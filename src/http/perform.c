/* SPDX-License-Identifier: Apache-2.0 */
/** @file perform.c A request with its repeats, the rate limit and the pauses. */
#include "http/http.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/http_priv.h"

#define HTTP_MESSAGE_BYTES 1800

static bool perform_is_cancelled(const struct zync_http *http)
{
	return http->cancelled != NULL && http->cancelled(http->cancelled_ctx);
}

/** Wait until the monotonic clock shows @p until_us; false when cancelled. */
static bool perform_wait(const struct zync_http *http, int64_t until_us)
{
	for (;;) {
		int64_t left_us = until_us - zync_clock_mono_us();

		if (perform_is_cancelled(http))
			return false;
		if (left_us <= 0)
			return true;
		zync_clock_sleep_ms(ZYNC_MIN((left_us + 999) / 1000, HTTP_POLL_MS));
	}
}

/** Wait for the next slot of the rate limit (a token bucket that holds one token) and take it. */
static bool perform_take_slot(struct zync_http *http)
{
	if (!perform_wait(http, http->interval_us > 0 ? http->next_request_us : 0))
		return false;
	if (http->interval_us > 0)
		http->next_request_us = zync_clock_mono_us() + http->interval_us;
	return true;
}

static enum zync_status perform_fail(struct zync_http *http, const struct http_attempt *attempt, unsigned attempts, struct zync_err *err)
{
	enum zync_status status = http_policy_status(attempt->failure);
	struct zync_buf text;

	zync_buf_init(&text, HTTP_MESSAGE_BYTES);
	http_describe_request(http, attempt->request, &text);
	zync_buf_adds(&text, ": ");
	http_policy_reason(attempt, &text);
	if (attempts > 1)
		zync_buf_printf(&text, " (after %u attempts)", attempts);
	if (http->outcome_unknown)
		zync_buf_adds(&text, " (it is not known whether the server carried it out)");
	if (text.failed == ZYNC_ERR_NOMEM)
		zync_err_nomem(err, "describing a failed HTTP request");
	else
		zync_err_set(err, status, "%s", text.data);
	zync_buf_done(&text);
	zync_err_dispose(err, http_policy_disposition(attempt->failure));
	if (attempt->code != CURLE_OK)
		zync_err_origin(err, ZYNC_ORIGIN_CURL, (long)attempt->code);
	return status;
}

static void perform_log(const struct zync_http *http, const struct http_attempt *attempt, int64_t pause_ms)
{
	struct zync_buf text;

	if (zync_log_get_level() < ZYNC_LOG_DEBUG)
		return;
	zync_buf_init(&text, HTTP_MESSAGE_BYTES);
	http_describe_request(http, attempt->request, &text);
	zync_buf_adds(&text, ": ");
	http_policy_reason(attempt, &text);
	if (attempt->failure == HTTP_FAILURE_NONE)
		zync_buf_printf(&text, ", %zu bytes, %lld ms", attempt->reply->body.len, (long long)attempt->reply->elapsed_us / 1000);
	if (pause_ms >= 0)
		zync_buf_printf(&text, "; again in %lld ms", (long long)pause_ms);
	zync_log_debug("%s", text.data);
	zync_buf_done(&text);
}

/** A line break in a header would let a value add headers of its own. */
static enum zync_status perform_check(const struct zync_http *http, const struct zync_http_request *request, struct zync_err *err)
{
	if (request->path[0] != '\0' && request->path[0] != '/' && request->path[0] != '?')
		return zync_err_set(err, ZYNC_ERR_INVALID, "%s: request path \"%.100s\" does not begin with \"/\"", http->what,
				    request->path);
	if (request->body != NULL && request->body_len > ZYNC_LIMIT_REQUEST_BYTES)
		return zync_err_set(err, ZYNC_ERR_LIMIT, "%s: a request of %zu bytes is larger than the limit of %u", http->what,
				    request->body_len, ZYNC_LIMIT_REQUEST_BYTES);
	for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++) {
		if (strpbrk(request->headers[i], "\r\n") != NULL)
			return zync_err_set(err, ZYNC_ERR_INVALID, "%s: a header (number %zu) holds a line break; check the token",
					    http->what, i + 1);
	}
	return ZYNC_OK;
}

/** A gateway's or server's failure says nothing about whether a write behind it was done. */
static bool perform_status_leaves_open(long status)
{
	return status >= 500 || status == 408;
}

enum zync_status zync_http_perform(struct zync_http *http, const struct zync_http_request *request, struct zync_http_reply *reply,
				   struct zync_err *err)
{
	struct http_attempt attempt = {.http = http, .request = request, .reply = reply, .failure = HTTP_FAILURE_CANCELLED};
	unsigned number = 0, most = request->max_attempts > 0 ? request->max_attempts : http->max_attempts;

	http->outcome_unknown = false;
	reply->status = 0;
	ZYNC_TRY(perform_check(http, request, err));
	while (perform_take_slot(http)) {
		int64_t pause_ms;

		number++;
		http_attempt_run(http, request, reply, &attempt);
		reply->attempts = number;
		if (number >= most || !http_policy_repeat(&attempt)) {
			perform_log(http, &attempt, -1);
			if (!request->repeatable && attempt.may_have_arrived)
				http->outcome_unknown = attempt.failure != HTTP_FAILURE_NONE || perform_status_leaves_open(reply->status);
			if (attempt.failure == HTTP_FAILURE_NONE)
				return ZYNC_OK;
			return perform_fail(http, &attempt, number, err);
		}
		pause_ms = http_policy_pause_ms(http, &attempt, number + 1);
		perform_log(http, &attempt, pause_ms);
		http->stats.retries++;
		if (!perform_wait(http, zync_clock_mono_us() + pause_ms * 1000))
			break;
	}
	attempt.failure = HTTP_FAILURE_CANCELLED;
	attempt.code = CURLE_OK;
	return perform_fail(http, &attempt, number, err);
}
