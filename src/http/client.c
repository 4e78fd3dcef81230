/* SPDX-License-Identifier: Apache-2.0 */
/** @file client.c Making, checking and freeing a client; small helpers. */
#include "http/http.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "http/http_priv.h"

#define HTTP_DEFAULT_CONNECT_MS	 10000
#define HTTP_DEFAULT_ATTEMPTS	 5u
#define HTTP_DEFAULT_BACKOFF_MS	 250
#define HTTP_DEFAULT_BACKOFF_MAX 15000
#define HTTP_URL_BYTES		 4096

enum zync_status zync_http_global_init(struct zync_err *err)
{
	CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

	if (code == CURLE_OUT_OF_MEMORY)
		return zync_err_nomem(err, "starting the HTTP library");
	if (code != CURLE_OK) {
		zync_err_set(err, ZYNC_ERR_IO, "the HTTP library could not be started: %s", curl_easy_strerror(code));
		zync_err_origin(err, ZYNC_ORIGIN_CURL, (long)code);
		return ZYNC_ERR_IO;
	}
	return ZYNC_OK;
}

void zync_http_global_done(void)
{
	curl_global_cleanup();
}

/** A part of a parsed URL; "" when it has none, NULL when memory is out. Free with curl_free(). */
static char *client_url_part(CURLU *url, CURLUPart part, unsigned flags, bool *ret_nomem)
{
	char *text = NULL;
	CURLUcode code = curl_url_get(url, part, &text, flags);

	if (code == CURLUE_OUT_OF_MEMORY)
		*ret_nomem = true;
	return code == CURLUE_OK ? text : NULL;
}

static enum zync_status client_check_url(const char *what, const char *base_url, CURLU *url, struct zync_err *err)
{
	bool nomem = false;
	CURLUcode code = curl_url_set(url, CURLUPART_URL, base_url, 0);
	if (code == CURLUE_OUT_OF_MEMORY)
		return zync_err_nomem(err, "reading a URL");
	if (code != CURLUE_OK && code != CURLUE_UNSUPPORTED_SCHEME)
		return zync_err_set(err, ZYNC_ERR_INVALID, "%s: \"%s\" is not a usable URL (%s); it must look like https://%s.example.com",
				    what, base_url, curl_url_strerror(code), what);
	char *scheme = client_url_part(url, CURLUPART_SCHEME, 0, &nomem);
	char *host = client_url_part(url, CURLUPART_HOST, 0, &nomem);
	char *user = client_url_part(url, CURLUPART_USER, 0, &nomem);
	char *query = client_url_part(url, CURLUPART_QUERY, 0, &nomem);
	char *fragment = client_url_part(url, CURLUPART_FRAGMENT, 0, &nomem);
	enum zync_status status = ZYNC_OK;

	if (nomem)
		status = zync_err_nomem(err, "reading a URL");
	else if (user != NULL) /* the URL is shown in messages, so it is not repeated here */
		status = zync_err_set(err, ZYNC_ERR_INVALID, "%s: the URL holds a user name; remove it and use the token setting", what);
	else if (scheme == NULL || (!zync_str_eq(scheme, "http") && !zync_str_eq(scheme, "https")))
		status = zync_err_set(err, ZYNC_ERR_INVALID, "%s: the URL \"%s\" must begin with https:// or http://", what, base_url);
	else if (zync_str_empty(host))
		status = zync_err_set(err, ZYNC_ERR_INVALID, "%s: the URL \"%s\" names no host", what, base_url);
	else if (query != NULL || fragment != NULL)
		status = zync_err_set(err, ZYNC_ERR_INVALID, "%s: the URL \"%s\" must have no part after \"?\" or \"#\"", what, base_url);
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(query);
	curl_free(fragment);
	return status;
}

/** "host:port", for messages. */
static char *client_host_text(CURLU *url)
{
	bool nomem = false;
	char *host = client_url_part(url, CURLUPART_HOST, 0, &nomem);
	char *port = client_url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, &nomem);
	char text[512] = "";
	char *copy = NULL;

	if (!nomem && host != NULL && port != NULL) {
		snprintf(text, sizeof(text), "%s:%s", host, port);
		copy = zync_strdup(text);
	}
	curl_free(host);
	curl_free(port);
	return copy;
}

static enum zync_status client_read_url(struct zync_http *http, const char *base_url, struct zync_err *err)
{
	CURLU *url;
	enum zync_status status;
	size_t len;

	if (zync_str_empty(base_url))
		return zync_err_set(err, ZYNC_ERR_INVALID, "%s: no URL is given", http->what);
	if (strlen(base_url) > HTTP_URL_BYTES)
		return zync_err_set(err, ZYNC_ERR_INVALID, "%s: the URL is longer than %d bytes", http->what, HTTP_URL_BYTES);
	url = curl_url();
	if (url == NULL)
		return zync_err_nomem(err, "reading a URL");
	status = client_check_url(http->what, base_url, url, err);
	if (status == ZYNC_OK) {
		http->base_url = zync_strdup(base_url);
		http->host = client_host_text(url);
		if (http->base_url == NULL || http->host == NULL)
			status = zync_err_nomem(err, "keeping a URL");
	}
	if (status == ZYNC_OK) {
		len = strlen(http->base_url);
		while (len > 0 && http->base_url[len - 1] == '/')
			http->base_url[--len] = '\0';
	}
	curl_url_cleanup(url);
	return status;
}

static enum zync_status client_check_ca_file(const char *what, const char *path, struct zync_err *err)
{
	FILE *file = fopen(path, "rbe");
	enum zync_status status = ZYNC_OK;
	int c;

	if (file == NULL)
		return zync_err_os(err, errno, "%s: ca_file \"%s\" cannot be read", what, path);
	errno = 0;
	c = fgetc(file);
	if (c == EOF) /* a folder can be opened, too, but not read */
		status = errno != 0 ? zync_err_os(err, errno, "%s: ca_file \"%s\" cannot be read", what, path)
				    : zync_err_set(err, ZYNC_ERR_IO, "%s: ca_file \"%s\" is empty", what, path);
	fclose(file);
	return status;
}

static enum zync_status client_fill(struct zync_http *http, const struct zync_http_params *params, struct zync_err *err)
{
	http->what = zync_strdup(params->what != NULL ? params->what : "http");
	if (http->what == NULL)
		return zync_err_nomem(err, "making an HTTP client");
	ZYNC_TRY(client_read_url(http, params->base_url, err));
	if (params->ca_file != NULL) {
		ZYNC_TRY(client_check_ca_file(http->what, params->ca_file, err));
		http->ca_file = zync_strdup(params->ca_file);
		if (http->ca_file == NULL)
			return zync_err_nomem(err, "making an HTTP client");
	}
	if (params->requests_per_second < 0 || !isfinite(params->requests_per_second))
		return zync_err_set(err, ZYNC_ERR_INVALID, "%s: requests_per_second must not be negative", http->what);
	http->insecure = params->insecure;
	http->timeout_ms = params->timeout_ms;
	http->connect_timeout_ms = params->connect_timeout_ms > 0 ? params->connect_timeout_ms : HTTP_DEFAULT_CONNECT_MS;
	http->max_reply_bytes = params->max_reply_bytes > 0 ? params->max_reply_bytes : ZYNC_LIMIT_REPLY_BYTES;
	http->max_attempts = params->max_attempts > 0 ? params->max_attempts : HTTP_DEFAULT_ATTEMPTS;
	http->backoff_base_ms = params->backoff_base_ms > 0 ? params->backoff_base_ms : HTTP_DEFAULT_BACKOFF_MS;
	http->backoff_max_ms = params->backoff_max_ms > 0 ? params->backoff_max_ms : HTTP_DEFAULT_BACKOFF_MAX;
	http->cancelled = params->cancelled;
	http->cancelled_ctx = params->cancelled_ctx;
	/* Rounded up. An hour between two requests is the slowest that makes sense; it also keeps the number in range. */
	if (params->requests_per_second > 0)
		http->interval_us = (int64_t)ZYNC_MIN(1e6 / params->requests_per_second + 1, 3600e6);
	http->easy = curl_easy_init();
	http->multi = curl_multi_init();
	if (http->easy == NULL || http->multi == NULL)
		return zync_err_nomem(err, "making an HTTP client");
	return ZYNC_OK;
}

enum zync_status zync_http_new(const struct zync_http_params *params, struct zync_http **ret, struct zync_err *err)
{
	struct zync_http *http = zync_calloc(1, sizeof(*http));
	enum zync_status status;

	if (http == NULL)
		return zync_err_nomem(err, "making an HTTP client");
	status = client_fill(http, params, err);
	if (status != ZYNC_OK) {
		zync_http_free(http);
		return status;
	}
	*ret = http;
	return ZYNC_OK;
}

void zync_http_free(struct zync_http *http)
{
	if (http == NULL)
		return;
	if (http->easy != NULL)
		curl_easy_cleanup(http->easy);
	if (http->multi != NULL)
		curl_multi_cleanup(http->multi);
	zync_free(http->what);
	zync_free(http->base_url);
	zync_free(http->host);
	zync_free(http->ca_file);
	zync_free(http);
}

void zync_http_reply_init(struct zync_http_reply *reply, size_t max_bytes)
{
	memset(reply, 0, sizeof(*reply));
	zync_buf_init(&reply->body, max_bytes > 0 ? max_bytes : ZYNC_LIMIT_REPLY_BYTES);
}

void zync_http_reply_done(struct zync_http_reply *reply)
{
	zync_buf_done(&reply->body);
}

const struct zync_http_stats *zync_http_stats(const struct zync_http *http)
{
	return &http->stats;
}

bool zync_http_outcome_unknown(const struct zync_http *http)
{
	return http->outcome_unknown;
}

void zync_http_escape(struct zync_buf *out, const char *s)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *s != '\0'; s++) {
		if (strchr(unreserved, *s) != NULL)
			zync_buf_addc(out, *s);
		else
			zync_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
	}
}
