/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file http.h
 * An HTTP client for one server: keep-alive, TLS verified, time-outs, size limits, rate limit, safe repeats. The only part that includes curl.
 *
 * A client belongs to one thread. Proxies come from the environment (https_proxy, no_proxy …) as curl reads them. Redirects are not followed: a reply with
 * 3xx is given back, so that the caller can say where the server wanted to go (a token must never travel to another host).
 */
#ifndef ZYNC_HTTP_HTTP_H
#define ZYNC_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct zync_http;

struct zync_http_params {
	const char *what;	    /**< for messages: "netbox", "zabbix" */
	const char *base_url;	    /**< scheme, host, port and path prefix, no trailing slash */
	const char *ca_file;	    /**< NULL: the system's */
	bool insecure;		    /**< do not verify TLS */
	int64_t timeout_ms;	    /**< one request, from start to last byte */
	int64_t connect_timeout_ms; /**< 0: 10 s */
	size_t max_reply_bytes;	    /**< 0: ZYNC_LIMIT_REPLY_BYTES; counted after decompression */
	double requests_per_second; /**< 0: no limit */
	unsigned max_attempts;	    /**< tries of a repeatable request in all; 0: 5 */
	int64_t backoff_base_ms;    /**< 0: 250; full jitter, doubled each time */
	int64_t backoff_max_ms;	    /**< 0: 15000; also the cap for Retry-After */
	/**
	 * Asked between attempts and while waiting; true ends the request with ZYNC_ERR_CANCELLED. Not while a request that is not repeatable may have reached the server:
	 * that one is waited for.
	 */
	bool (*cancelled)(void *ctx);
	void *cancelled_ctx;
};

struct zync_http_request {
	const char *method;	    /**< "GET", "POST", "PATCH", "DELETE" */
	const char *path;	    /**< appended to the base URL, begins with "/" (or is empty), with query string */
	const char *const *headers; /**< "Name: value" lines, NULL-terminated; may be NULL */
	const char *body;	    /**< NULL: none */
	size_t body_len;
	bool repeatable;       /**< safe to send again after a failure (reads) */
	unsigned max_attempts; /**< for this request; 0: the client's */
};

struct zync_http_reply {
	long status;
	struct zync_buf body;
	char content_type[128];
	char api_version[32]; /**< header API-Version (NetBox) or "" */
	char request_id[64];  /**< header X-Request-ID or "" */
	char location[1024];  /**< of a redirect, or "" */
	unsigned attempts;
	int64_t elapsed_us; /**< of the last attempt */
};

struct zync_http_stats {
	uint64_t requests; /**< attempts sent */
	uint64_t bytes_sent;
	uint64_t bytes_received;
	uint64_t retries;
};

/** Once a process, before threads start; safe to repeat. */
enum zync_status zync_http_global_init(struct zync_err *err) ZYNC_MUST_CHECK;
void zync_http_global_done(void);

/** INVALID for a bad base URL, IO for an unreadable CA file. Free with zync_http_free(). */
enum zync_status zync_http_new(const struct zync_http_params *params, struct zync_http **ret, struct zync_err *err) ZYNC_MUST_CHECK;
void zync_http_free(struct zync_http *http);

void zync_http_reply_init(struct zync_http_reply *reply, size_t max_bytes);
void zync_http_reply_done(struct zync_http_reply *reply);

/**
 * Send one request and read the reply, whatever its HTTP status (that is the caller's to judge). Repeatable requests are repeated after
 * connection failures, time-outs, broken replies and the statuses 408, 429, 500, 502, 503, 504, with capped full-jitter back-off or as Retry-After says;
 * others only when nothing of the request can have arrived (connection refused, name not resolved, TLS handshake failed): then too.
 * 429 and 503 with Retry-After are repeated for every request when @p repeatable, else given back.
 * Errors: UNREACHABLE (retry; fatal for a certificate that was not accepted; message with the reason and attempts), LIMIT (reply or request too large),
 * INVALID (unusable request or CA file), CANCELLED, NOMEM. err->code is the CURLcode.
 * For a request that is not repeatable the error's message ends in "(it is not known whether the server carried it out)" when it may have been.
 */
enum zync_status zync_http_perform(struct zync_http *http, const struct zync_http_request *request, struct zync_http_reply *reply,
				   struct zync_err *err) ZYNC_MUST_CHECK;
const struct zync_http_stats *zync_http_stats(const struct zync_http *http);
/** May the last non-repeatable request have been carried out although no success was reported (it failed on the way, or the reply was 408 or 5xx)? */
bool zync_http_outcome_unknown(const struct zync_http *http);

/** Percent-encode @p s for a query value, appended to @p out. */
void zync_http_escape(struct zync_buf *out, const char *s);

#endif
