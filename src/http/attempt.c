/* SPDX-License-Identifier: Apache-2.0 */
/** @file attempt.c One attempt of a request through curl. */
#include "http/http_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static size_t attempt_on_body(char *data, size_t size, size_t count, void *ctx)
{
	struct http_attempt *attempt = ctx;
	struct zync_buf *body = &attempt->reply->body;
	size_t len = size * count; /* size is always 1 */

	/* Zero-length calls happen for empty bodies; returning anything but `len` ends the transfer. */
	if (len > attempt->http->max_reply_bytes || body->len > attempt->http->max_reply_bytes - len) {
		attempt->too_large = true;
		return len + 1;
	}
	zync_buf_add(body, data, len);
	if (body->failed == ZYNC_ERR_LIMIT)
		attempt->too_large = true;
	return body->failed == ZYNC_OK ? len : len + 1;
}

/**
 * Called when a connection stands and the request is about to be sent. When a kept connection dies before the first byte of the reply,
 * curl sends the request again on a new one by itself: harmless for reads, but a write could be carried out twice.
 */
static int attempt_on_connected(void *ctx, char *ip, char *local_ip, int port, int local_port)
{
	struct http_attempt *attempt = ctx;

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	if (attempt->may_have_arrived && !attempt->request->repeatable) {
		attempt->repeated_by_curl = true;
		return CURL_PREREQFUNC_ABORT;
	}
	attempt->may_have_arrived = true;
	return CURL_PREREQFUNC_OK;
}

/** Add to a header list; false when memory is out (the list stays as it was). */
static bool attempt_add_header(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer == NULL)
		return false;
	*list = longer;
	return true;
}

static bool attempt_headers(const struct zync_http_request *request, struct curl_slist **ret)
{
	/* Waiting for "100 Continue" costs a second with servers that never send it. */
	bool fine = attempt_add_header(ret, "Expect:");

	for (size_t i = 0; fine && request->headers != NULL && request->headers[i] != NULL; i++)
		fine = attempt_add_header(ret, request->headers[i]);
	return fine;
}

/* curl_easy_setopt is a macro with type checks; the first failure sticks. */
#define ATTEMPT_SET(option, value)                                              \
	do {                                                                    \
		if (code == CURLE_OK)                                           \
			code = curl_easy_setopt(http->easy, (option), (value)); \
	} while (0)

static CURLcode attempt_set_method(struct zync_http *http, const struct zync_http_request *request)
{
	CURLcode code = CURLE_OK;

	if (request->body != NULL) {
		ATTEMPT_SET(CURLOPT_POST, 1L);
		ATTEMPT_SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
		ATTEMPT_SET(CURLOPT_POSTFIELDS, request->body);
	}
	if (!zync_str_eq(request->method, request->body != NULL ? "POST" : "GET"))
		ATTEMPT_SET(CURLOPT_CUSTOMREQUEST, request->method);
	return code;
}

static CURLcode attempt_set_options(struct zync_http *http, struct http_attempt *attempt, const char *url, struct curl_slist *headers)
{
	CURLcode code = CURLE_OK;

	ATTEMPT_SET(CURLOPT_URL, url);
	ATTEMPT_SET(CURLOPT_HTTPHEADER, headers);
	ATTEMPT_SET(CURLOPT_ERRORBUFFER, http->curl_error);
	ATTEMPT_SET(CURLOPT_NOSIGNAL, 1L);
	ATTEMPT_SET(CURLOPT_PROTOCOLS_STR, "http,https");
	/* One request at a time gains nothing from HTTP/2. */
	ATTEMPT_SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	ATTEMPT_SET(CURLOPT_FOLLOWLOCATION, 0L);
	ATTEMPT_SET(CURLOPT_ACCEPT_ENCODING, "");
	ATTEMPT_SET(CURLOPT_USERAGENT, ZYNC_HTTP_USER_AGENT);
	ATTEMPT_SET(CURLOPT_TCP_KEEPALIVE, 1L);
	ATTEMPT_SET(CURLOPT_TIMEOUT_MS, (long)http->timeout_ms);
	ATTEMPT_SET(CURLOPT_CONNECTTIMEOUT_MS, (long)http->connect_timeout_ms);
	ATTEMPT_SET(CURLOPT_SSL_VERIFYPEER, http->insecure ? 0L : 1L);
	ATTEMPT_SET(CURLOPT_SSL_VERIFYHOST, http->insecure ? 0L : 2L);
	if (http->ca_file != NULL)
		ATTEMPT_SET(CURLOPT_CAINFO, http->ca_file);
	ATTEMPT_SET(CURLOPT_WRITEFUNCTION, attempt_on_body);
	ATTEMPT_SET(CURLOPT_WRITEDATA, attempt);
	ATTEMPT_SET(CURLOPT_PREREQFUNCTION, attempt_on_connected);
	ATTEMPT_SET(CURLOPT_PREREQDATA, attempt);
	if (code == CURLE_OK)
		code = attempt_set_method(http, attempt->request);
	return code;
}

/** Run the transfer to its end, asking the hook all the while. */
static CURLcode attempt_transfer(struct zync_http *http, struct http_attempt *attempt)
{
	CURLMcode multi_code = curl_multi_add_handle(http->multi, http->easy);
	CURLcode code = CURLE_FAILED_INIT;
	int running = 1;

	while (multi_code == CURLM_OK) {
		CURLMsg *message;
		int left;

		/* A write that is on its way is waited for (as long as the time-out allows): what came of it is worth more than a quick end. */
		bool under_way = !attempt->request->repeatable && attempt->may_have_arrived;

		if (!under_way && http->cancelled != NULL && http->cancelled(http->cancelled_ctx)) {
			attempt->failure = HTTP_FAILURE_CANCELLED;
			break;
		}
		multi_code = curl_multi_perform(http->multi, &running);
		if (multi_code == CURLM_OK && running > 0) {
			multi_code = curl_multi_poll(http->multi, NULL, 0, HTTP_POLL_MS, NULL);
			continue;
		}
		message = curl_multi_info_read(http->multi, &left);
		if (message != NULL && message->msg == CURLMSG_DONE)
			code = message->data.result;
		break;
	}
	if (multi_code == CURLM_OUT_OF_MEMORY)
		code = CURLE_OUT_OF_MEMORY;
	curl_multi_remove_handle(http->multi, http->easy);
	return code;
}

static void attempt_read_header(CURL *easy, const char *name, char *ret, size_t size)
{
	struct curl_header *header = NULL;

	ret[0] = '\0';
	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
		snprintf(ret, size, "%s", header->value);
}

static void attempt_read_info(struct zync_http *http, struct http_attempt *attempt)
{
	struct zync_http_reply *reply = attempt->reply;
	curl_off_t received = 0, sent = 0, elapsed = 0, retry_after = 0;
	long request_size = 0, header_size = 0;
	char *text = NULL;

	curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &reply->status);
	curl_easy_getinfo(http->easy, CURLINFO_OS_ERRNO, &attempt->os_error);
	curl_easy_getinfo(http->easy, CURLINFO_SSL_VERIFYRESULT, &attempt->verify_result);
	curl_easy_getinfo(http->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
	curl_easy_getinfo(http->easy, CURLINFO_HEADER_SIZE, &header_size);
	curl_easy_getinfo(http->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	curl_easy_getinfo(http->easy, CURLINFO_REQUEST_SIZE, &request_size);
	curl_easy_getinfo(http->easy, CURLINFO_TOTAL_TIME_T, &elapsed);
	curl_easy_getinfo(http->easy, CURLINFO_RETRY_AFTER, &retry_after);
	http->stats.bytes_received += (uint64_t)received + (uint64_t)header_size;
	http->stats.bytes_sent += (uint64_t)sent + (uint64_t)request_size;
	attempt->retry_after_s = (long)ZYNC_MIN(retry_after, 86400);
	reply->elapsed_us = (int64_t)elapsed;
	attempt_read_header(http->easy, "Content-Type", reply->content_type, sizeof(reply->content_type));
	attempt_read_header(http->easy, "API-Version", reply->api_version, sizeof(reply->api_version));
	attempt_read_header(http->easy, "X-Request-ID", reply->request_id, sizeof(reply->request_id));
	reply->location[0] = '\0';
	if (curl_easy_getinfo(http->easy, CURLINFO_REDIRECT_URL, &text) == CURLE_OK && text != NULL)
		snprintf(reply->location, sizeof(reply->location), "%s", text);
}

void http_attempt_run(struct zync_http *http, const struct zync_http_request *request, struct zync_http_reply *reply,
		      struct http_attempt *attempt)
{
	struct curl_slist *headers = NULL;
	struct zync_buf url;

	*attempt = (struct http_attempt){.http = http, .request = request, .reply = reply, .code = CURLE_OUT_OF_MEMORY};
	zync_buf_clear(&reply->body);
	zync_buf_init(&url, 64u * 1024);
	zync_buf_adds(&url, http->base_url);
	zync_buf_adds(&url, request->path);
	curl_easy_reset(http->easy); /* keeps connections and the TLS session, forgets the former request */
	http->curl_error[0] = '\0';
	if (url.failed == ZYNC_ERR_LIMIT)
		attempt->code = CURLE_URL_MALFORMAT;
	else if (url.failed == ZYNC_OK && attempt_headers(request, &headers)) {
		attempt->code = attempt_set_options(http, attempt, url.data, headers);
		if (attempt->code == CURLE_OK) {
			http->stats.requests++;
			attempt->code = attempt_transfer(http, attempt);
			attempt_read_info(http, attempt);
		}
	}
	if (attempt->failure == HTTP_FAILURE_NONE)
		attempt->failure = http_policy_classify(attempt);
	/* The handle must not keep pointers to what dies here, secrets in headers included. */
	curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, NULL);
	for (struct curl_slist *line = headers; line != NULL; line = line->next)
		zync_wipe(line->data, strlen(line->data));
	curl_slist_free_all(headers);
	zync_buf_done(&url);
}
