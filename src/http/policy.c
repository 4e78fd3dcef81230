/* SPDX-License-Identifier: Apache-2.0 */
/** @file policy.c What a failed attempt was, whether it is repeated and when, and in which words it is told. */
#include "http/http_priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/str.h"

#define HTTP_QUERY_SHOWN 200

/** The results of curl that mean something special; all others are a broken connection. */
static const struct {
	CURLcode code;
	enum http_failure failure;
} policy_codes[] = {
	{CURLE_OK, HTTP_FAILURE_NONE},
	{CURLE_COULDNT_RESOLVE_HOST, HTTP_FAILURE_CONNECT},
	{CURLE_COULDNT_RESOLVE_PROXY, HTTP_FAILURE_CONNECT},
	{CURLE_COULDNT_CONNECT, HTTP_FAILURE_CONNECT},
	{CURLE_INTERFACE_FAILED, HTTP_FAILURE_CONNECT},
	{CURLE_PROXY, HTTP_FAILURE_CONNECT},
	{CURLE_SSL_CONNECT_ERROR, HTTP_FAILURE_HANDSHAKE},
	{CURLE_PEER_FAILED_VERIFICATION, HTTP_FAILURE_CERTIFICATE},
	{CURLE_SSL_ISSUER_ERROR, HTTP_FAILURE_CERTIFICATE},
	{CURLE_SSL_INVALIDCERTSTATUS, HTTP_FAILURE_CERTIFICATE},
	{CURLE_SSL_CACERT_BADFILE, HTTP_FAILURE_CA_FILE},
	{CURLE_OPERATION_TIMEDOUT, HTTP_FAILURE_TIMEOUT},
	{CURLE_OUT_OF_MEMORY, HTTP_FAILURE_NOMEM},
	{CURLE_URL_MALFORMAT, HTTP_FAILURE_INTERNAL},
	{CURLE_FAILED_INIT, HTTP_FAILURE_INTERNAL},
	{CURLE_BAD_FUNCTION_ARGUMENT, HTTP_FAILURE_INTERNAL},
	{CURLE_UNKNOWN_OPTION, HTTP_FAILURE_INTERNAL},
	{CURLE_NOT_BUILT_IN, HTTP_FAILURE_INTERNAL},
};

/** What each failure means: to the caller, and for repeating. */
static const struct {
	enum zync_status status;
	enum zync_disposition disposition;
	bool repeat;
} policy_failures[] = {
	[HTTP_FAILURE_NONE] = {ZYNC_OK, ZYNC_DISPOSITION_FATAL, false},
	[HTTP_FAILURE_CONNECT] = {ZYNC_ERR_UNREACHABLE, ZYNC_DISPOSITION_RETRY, true},
	[HTTP_FAILURE_HANDSHAKE] = {ZYNC_ERR_UNREACHABLE, ZYNC_DISPOSITION_RETRY, true},
	[HTTP_FAILURE_CERTIFICATE] = {ZYNC_ERR_UNREACHABLE, ZYNC_DISPOSITION_FATAL, false},
	[HTTP_FAILURE_CA_FILE] = {ZYNC_ERR_INVALID, ZYNC_DISPOSITION_FATAL, false},
	[HTTP_FAILURE_TIMEOUT] = {ZYNC_ERR_UNREACHABLE, ZYNC_DISPOSITION_RETRY, true},
	[HTTP_FAILURE_BROKEN] = {ZYNC_ERR_UNREACHABLE, ZYNC_DISPOSITION_RETRY, true},
	[HTTP_FAILURE_TOO_LARGE] = {ZYNC_ERR_LIMIT, ZYNC_DISPOSITION_FATAL, false},
	[HTTP_FAILURE_NOMEM] = {ZYNC_ERR_NOMEM, ZYNC_DISPOSITION_FATAL, false},
	[HTTP_FAILURE_CANCELLED] = {ZYNC_ERR_CANCELLED, ZYNC_DISPOSITION_CANCELLED, false},
	[HTTP_FAILURE_INTERNAL] = {ZYNC_ERR_INVALID, ZYNC_DISPOSITION_FATAL, false},
};

/** Statuses after which the same read may well succeed. */
static const long policy_statuses[] = {408, 429, 500, 502, 503, 504};

/** Results of certificate checks as OpenSSL numbers them (X509_V_ERR_…), and what to do about them. */
static const struct {
	long result;
	const char *advice;
} policy_certificates[] = {
	{9, "the certificate is not valid yet; compare the clocks of both machines"},
	{10, "the certificate has expired; renew it on the server"},
	{18, "the server's certificate is signed by itself; set `ca_file` to that certificate"},
	{19, "the server's certificate comes from a private authority; set `ca_file` to that authority's certificate"},
	{20, "the authority that signed it is not known here; set `ca_file` to that authority's certificate (or have the server send its "
	     "whole chain)"},
	{21, "the authority that signed it is not known here; set `ca_file` to that authority's certificate (or have the server send its "
	     "whole chain)"},
};

enum http_failure http_policy_classify(const struct http_attempt *attempt)
{
	if (attempt->too_large)
		return HTTP_FAILURE_TOO_LARGE;
	if (attempt->reply->body.failed == ZYNC_ERR_NOMEM)
		return HTTP_FAILURE_NOMEM;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(policy_codes); i++) {
		if (policy_codes[i].code == attempt->code)
			return policy_codes[i].failure;
	}
	return HTTP_FAILURE_BROKEN;
}

enum zync_status http_policy_status(enum http_failure failure)
{
	return policy_failures[failure].status;
}

enum zync_disposition http_policy_disposition(enum http_failure failure)
{
	return policy_failures[failure].disposition;
}

bool http_policy_repeat(const struct http_attempt *attempt)
{
	if (attempt->failure != HTTP_FAILURE_NONE)
		return policy_failures[attempt->failure].repeat && (attempt->request->repeatable || !attempt->may_have_arrived);
	if (!attempt->request->repeatable)
		return false;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(policy_statuses); i++) {
		if (policy_statuses[i] == attempt->reply->status)
			return true;
	}
	return false;
}

int64_t http_policy_pause_ms(const struct zync_http *http, const struct http_attempt *attempt, unsigned next)
{
	int64_t ceiling = http->backoff_base_ms;

	if (attempt->failure == HTTP_FAILURE_NONE && attempt->retry_after_s > 0)
		return ZYNC_MIN((int64_t)attempt->retry_after_s * 1000, http->backoff_max_ms);
	for (unsigned i = 2; i < next && ceiling < http->backoff_max_ms; i++)
		ceiling *= 2;
	ceiling = ZYNC_MIN(ceiling, http->backoff_max_ms);
	return (int64_t)zync_random_below((uint32_t)ZYNC_MIN(ceiling, INT32_MAX) + 1);
}

static const char *policy_certificate_advice(const struct http_attempt *attempt)
{
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(policy_certificates); i++) {
		if (policy_certificates[i].result == attempt->verify_result)
			return policy_certificates[i].advice;
	}
	if (strstr(attempt->http->curl_error, "subject name") != NULL)
		return "the certificate was made for another name; use that name in the URL or renew the certificate";
	return "if it comes from a private authority, set `ca_file` to that authority's certificate";
}

static void policy_connect_reason(const struct http_attempt *attempt, struct zync_buf *out)
{
	const struct zync_http *http = attempt->http;
	const char *host_end = strrchr(http->host, ':');
	char host[256] = "";
	size_t len = host_end != NULL ? (size_t)(host_end - http->host) : strlen(http->host);

	memcpy(host, http->host, ZYNC_MIN(len, sizeof(host) - 1));
	if (attempt->code != CURLE_COULDNT_CONNECT)
		zync_buf_printf(out, "%s", http->curl_error[0] != '\0' ? http->curl_error : curl_easy_strerror(attempt->code));
	else if (strstr(http->curl_error, host) != NULL && attempt->os_error != 0)
		zync_buf_printf(out, "could not connect to %s: %s", http->host, strerror((int)attempt->os_error));
	else /* through a proxy: curl's words name it */
		zync_buf_printf(out, "%s%s%s", http->curl_error, attempt->os_error != 0 ? ": " : "",
				attempt->os_error != 0 ? strerror((int)attempt->os_error) : "");
}

static void policy_handshake_reason(const struct http_attempt *attempt, struct zync_buf *out)
{
	const char *words = attempt->http->curl_error[0] != '\0' ? attempt->http->curl_error : curl_easy_strerror(attempt->code);

	zync_buf_printf(out, "TLS handshake with %s failed: %s", attempt->http->host, words);
	if (strstr(words, "wrong version number") != NULL || strstr(words, "packet length too long") != NULL)
		zync_buf_adds(out, "; the server seems to speak plain HTTP there: use http:// or another port");
}

static void policy_timeout_reason(const struct http_attempt *attempt, struct zync_buf *out)
{
	const struct zync_http *http = attempt->http;
	char text[ZYNC_TIME_TEXT_SIZE];

	if (attempt->may_have_arrived)
		zync_buf_printf(out, "no complete reply from %s within %s (%zu bytes came)", http->host,
				zync_duration_format(http->timeout_ms, text), attempt->reply->body.len);
	else
		zync_buf_printf(out, "could not connect to %s within %s", http->host,
				zync_duration_format(ZYNC_MIN(http->connect_timeout_ms,
							      http->timeout_ms > 0 ? http->timeout_ms : http->connect_timeout_ms),
						     text));
}

static void policy_broken_reason(const struct http_attempt *attempt, struct zync_buf *out)
{
	const struct zync_http *http = attempt->http;

	if (attempt->repeated_by_curl || attempt->code == CURLE_GOT_NOTHING)
		zync_buf_printf(out, "%s closed the connection without an answer", http->host);
	else if (attempt->code == CURLE_PARTIAL_FILE)
		zync_buf_printf(out, "%s closed the connection in the middle of the reply (%zu bytes came)", http->host,
				attempt->reply->body.len);
	else if (attempt->code == CURLE_UNSUPPORTED_PROTOCOL || attempt->code == CURLE_WEIRD_SERVER_REPLY)
		zync_buf_printf(out, "what %s answered is not HTTP", http->host);
	else
		zync_buf_printf(out, "connection to %s broke: %s", http->host,
				http->curl_error[0] != '\0' ? http->curl_error : curl_easy_strerror(attempt->code));
}

void http_policy_reason(const struct http_attempt *attempt, struct zync_buf *out)
{
	const struct zync_http *http = attempt->http;
	const char *words = http->curl_error[0] != '\0' ? http->curl_error : curl_easy_strerror(attempt->code);

	switch (attempt->failure) {
	case HTTP_FAILURE_CONNECT:
		policy_connect_reason(attempt, out);
		break;
	case HTTP_FAILURE_HANDSHAKE:
		policy_handshake_reason(attempt, out);
		break;
	case HTTP_FAILURE_CERTIFICATE:
		zync_buf_printf(out, "the TLS certificate of %s was not accepted: %s; %s", http->host, words,
				policy_certificate_advice(attempt));
		break;
	case HTTP_FAILURE_CA_FILE:
		zync_buf_printf(out, "ca_file \"%s\" holds no usable certificate: %s", http->ca_file != NULL ? http->ca_file : "", words);
		break;
	case HTTP_FAILURE_TIMEOUT:
		policy_timeout_reason(attempt, out);
		break;
	case HTTP_FAILURE_BROKEN:
		policy_broken_reason(attempt, out);
		break;
	case HTTP_FAILURE_TOO_LARGE:
		zync_buf_printf(out, "the reply is larger than %zu bytes", ZYNC_MIN(http->max_reply_bytes, attempt->reply->body.max));
		break;
	case HTTP_FAILURE_NOMEM:
		zync_buf_adds(out, "out of memory");
		break;
	case HTTP_FAILURE_CANCELLED:
		zync_buf_adds(out, "cancelled");
		break;
	case HTTP_FAILURE_NONE:
		zync_buf_printf(out, "HTTP status %ld", attempt->reply->status);
		break;
	case HTTP_FAILURE_INTERNAL:
	default:
		zync_buf_printf(out, "the request could not be made: %s", words);
		break;
	}
}

void http_describe_request(const struct zync_http *http, const struct zync_http_request *request, struct zync_buf *out)
{
	const char *query = strchr(request->path, '?');
	size_t path_len = query != NULL ? (size_t)(query - request->path) : strlen(request->path);

	zync_buf_printf(out, "%s: %s ", http->what, request->method);
	if (path_len == 0) /* the base URL alone is the address, as with Zabbix */
		zync_buf_adds(out, http->base_url);
	zync_buf_add(out, request->path, path_len);
	if (query != NULL && strlen(query) > HTTP_QUERY_SHOWN) {
		zync_buf_add(out, query, HTTP_QUERY_SHOWN);
		zync_buf_adds(out, "…");
	} else if (query != NULL)
		zync_buf_adds(out, query);
}
