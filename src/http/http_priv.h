/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file http_priv.h
 * What the files of the HTTP client share: the client itself, one attempt, and the policy of repeats as data.
 */
#ifndef ZYNC_HTTP_HTTP_PRIV_H
#define ZYNC_HTTP_HTTP_PRIV_H

#include <curl/curl.h>

#include "http/http.h"

/** How often the cancellation hook is asked while something is being waited for. */
#define HTTP_POLL_MS 100

struct zync_http {
	char *what;
	char *base_url; /* without trailing slash */
	char *host;	/* "host:port" for messages */
	char *ca_file;
	bool insecure;
	int64_t timeout_ms;
	int64_t connect_timeout_ms;
	size_t max_reply_bytes;
	int64_t interval_us;	 /* between the starts of two requests, 0: no limit */
	int64_t next_request_us; /* monotonic time before which no request may start */
	unsigned max_attempts;
	int64_t backoff_base_ms;
	int64_t backoff_max_ms;
	bool (*cancelled)(void *ctx);
	void *cancelled_ctx;

	CURL *easy;
	CURLM *multi;
	char curl_error[CURL_ERROR_SIZE];
	struct zync_http_stats stats;
	bool outcome_unknown;
};

/** Why an attempt ended; the rows of the policy table. */
enum http_failure {
	HTTP_FAILURE_NONE = 0,	/* a complete reply */
	HTTP_FAILURE_CONNECT,	/* no connection: refused, unknown name, unreachable network */
	HTTP_FAILURE_HANDSHAKE, /* TLS did not come about */
	HTTP_FAILURE_CERTIFICATE,
	HTTP_FAILURE_CA_FILE,
	HTTP_FAILURE_TIMEOUT,
	HTTP_FAILURE_BROKEN, /* connection lost, or what came was no complete HTTP reply */
	HTTP_FAILURE_TOO_LARGE,
	HTTP_FAILURE_NOMEM,
	HTTP_FAILURE_CANCELLED,
	HTTP_FAILURE_INTERNAL, /* the library refused the request: a bad URL or a defect of Zync */
};

struct http_attempt {
	const struct zync_http *http;
	const struct zync_http_request *request;
	struct zync_http_reply *reply;
	bool may_have_arrived; /* a connection stood, so bytes of the request may have reached the server */
	bool repeated_by_curl; /* curl wanted to send a request again that must not be repeated */
	bool too_large;
	CURLcode code;
	long os_error;
	long verify_result; /* of the TLS library, 0: fine */
	long retry_after_s;
	enum http_failure failure;
};

/** Do one attempt; everything about its end is in @p attempt. */
void http_attempt_run(struct zync_http *http, const struct zync_http_request *request, struct zync_http_reply *reply,
		      struct http_attempt *attempt);

/** Is the attempt worth (and safe) to be repeated? */
bool http_policy_repeat(const struct http_attempt *attempt);
/** Pause before attempt number @p next (2, 3 …). */
int64_t http_policy_pause_ms(const struct zync_http *http, const struct http_attempt *attempt, unsigned next);
/** Class of a curl result. */
enum http_failure http_policy_classify(const struct http_attempt *attempt);
/** Append why the attempt failed, in words for the administrator. */
void http_policy_reason(const struct http_attempt *attempt, struct zync_buf *out);
enum zync_status http_policy_status(enum http_failure failure);
enum zync_disposition http_policy_disposition(enum http_failure failure);

/** "GET /api/dcim/devices/?limit=5", the query cut, into @p out. */
void http_describe_request(const struct zync_http *http, const struct zync_http_request *request, struct zync_buf *out);

#endif
