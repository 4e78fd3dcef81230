/* SPDX-License-Identifier: Apache-2.0 */
/** @file test_http.c The HTTP client against a server that misbehaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "fakeserver.h"
#include "http/http.h"
#include "http/http_priv.h"

#define GZIP_SMALL                                                                                                                     \
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\x56\x2a\x48\x4c\xce\x4e\x4d\x51\xb2\x2a\x29\x2a\x4d\xad\x05\x00\x89\xe0\xb5\xdc" \
	"\x0f\x00\x00\x00"
/* 65,536 times "0" in 97 bytes */
static const unsigned char gzip_bomb[97] = {0x1f, 0x8b,	       0x08,	    0x00,	 0x00,	      0x00,	   0x00,       0x00,
					    0x02, 0xff,	       0xed,	    0xc1,	 0x81,	      0x00,	   0x00,       0x00,
					    0x00, 0x80,	       0x20,	    0xa5,	 0xfd,	      0xe9,	   0x16,       0xa9,
					    0x0a, [88] = 0x6a, [89] = 0x0b, [90] = 0x51, [91] = 0x49, [92] = 0x68, [95] = 0x01};

#define OK_BODY "{\"fine\":\"0123456789012345678901234567890123456789\"}"
static const struct fake_reply reply_ok = {.body = OK_BODY};

static struct zync_http *new_client(const char *url, struct zync_http_params params)
{
	struct zync_http *http = NULL;
	struct zync_err err = {0};

	params.what = "peer";
	params.base_url = url;
	if (params.timeout_ms == 0)
		params.timeout_ms = 2000;
	if (params.backoff_base_ms == 0)
		params.backoff_base_ms = 1;
	if (params.backoff_max_ms == 0)
		params.backoff_max_ms = 20;
	if (zync_http_new(&params, &http, &err) != ZYNC_OK)
		fail_msg("%s", err.message);
	return http;
}

/* ---------- one failure, at each place ---------- */

struct failure_case {
	const char *name;
	struct fake_reply bad;
	const char *words; /* in the message when all attempts fail; NULL: the reply is given back */
};

static const struct failure_case failures[] = {
	{"half a body", {.action = FAKE_HALF, .body = OK_BODY}, "in the middle of the reply (25 bytes came)"},
	{"half a body, reset", {.action = FAKE_HALF_RESET, .body = OK_BODY}, "connection to 127.0.0.1:"},
	{"chunks that stop", {.action = FAKE_CHUNKED_BROKEN, .body = OK_BODY}, ""},
	{"closed", {.action = FAKE_CLOSE}, "closed the connection without an answer"},
	{"reset", {.action = FAKE_RESET}, ""},
	{"not HTTP", {.action = FAKE_GARBAGE}, "is not HTTP"},
	{"hang", {.action = FAKE_HANG}, "no complete reply from 127.0.0.1:"},
	{"half a body, hang", {.action = FAKE_HALF_HANG, .body = OK_BODY}, "(25 bytes came)"},
	{"bad encoding", {.headers = "Content-Encoding: gzip\r\n", .body = "this is not gzip at all"}, ""},
	{"500", {.status = 500, .body = "{}"}, NULL},
	{"502", {.status = 502, .body = "<html>"}, NULL},
	{"503", {.status = 503, .body = "{}"}, NULL},
	{"503 with Retry-After", {.status = 503, .headers = "Retry-After: 1\r\n"}, NULL},
	{"504", {.status = 504}, NULL},
	{"408", {.status = 408}, NULL},
	{"429", {.status = 429, .headers = "Retry-After: 0\r\n"}, NULL},
};

/** The failure comes @p times times, then a good reply. */
static void check_failure(const struct failure_case *c, unsigned times, bool repeatable)
{
	struct fake_reply script[8];
	struct fake_server *server;
	struct zync_http *http;
	struct zync_http_reply reply;
	struct zync_err err = {0};
	const char *body = repeatable ? NULL : "{\"a\":1}";
	struct zync_http_request request = {.method = repeatable ? "GET" : "POST",
					    .path = "/x?a=1",
					    .repeatable = repeatable,
					    .body = body,
					    .body_len = body != NULL ? strlen(body) : 0};
	unsigned max = 3;
	bool success = repeatable && times < max;
	enum zync_status status;

	for (unsigned i = 0; i < 8; i++)
		script[i] = i < times ? c->bad : reply_ok;
	server = fake_start_script(script, 8);
	http = new_client(fake_url(server), (struct zync_http_params){.max_attempts = max, .timeout_ms = 250});
	zync_http_reply_init(&reply, 0);
	status = zync_http_perform(http, &request, &reply, &err);
	if (success) {
		assert_int_equal(status, ZYNC_OK);
		assert_int_equal(reply.status, 200);
		assert_string_equal(reply.body.data, OK_BODY);
		assert_int_equal(reply.attempts, times + 1);
		assert_int_equal(zync_http_stats(http)->retries, times);
		assert_false(zync_http_outcome_unknown(http));
	} else if (c->words == NULL) {
		assert_int_equal(status, ZYNC_OK);
		assert_int_equal(reply.status, c->bad.status);
		assert_int_equal(reply.attempts, repeatable ? max : 1);
	} else {
		char attempts[32];

		assert_int_equal(status, ZYNC_ERR_UNREACHABLE);
		assert_int_equal(err.status, ZYNC_ERR_UNREACHABLE);
		assert_int_equal(err.disposition, ZYNC_DISPOSITION_RETRY);
		assert_int_equal(err.origin, ZYNC_ORIGIN_CURL);
		if (strncmp(err.message, repeatable ? "peer: GET /x?a=1: " : "peer: POST /x?a=1: ", 18) != 0)
			fail_msg("%s: %s", c->name, err.message);
		if (strstr(err.message, c->words) == NULL)
			fail_msg("%s: %s", c->name, err.message);
		snprintf(attempts, sizeof(attempts), "(after %u attempts)", max);
		assert_int_equal(strstr(err.message, attempts) != NULL, repeatable);
		assert_int_equal(strstr(err.message, "(it is not known whether the server carried it out)") != NULL, !repeatable);
		assert_int_equal(zync_http_outcome_unknown(http), !repeatable);
	}
	/* Nothing that may have been carried out is sent twice. */
	assert_int_equal(fake_count(server), success ? times + 1 : repeatable ? max : 1);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

static void test_failures(void **state)
{
	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(failures); i++) {
		for (unsigned times = 1; times <= 3; times++)
			check_failure(&failures[i], times, /* repeatable= */ true);
		check_failure(&failures[i], 8, /* repeatable= */ false);
	}
}

/** A mixed row of failures, each of another kind. */
static void test_failures_mixed(void **state)
{
	static const struct fake_reply script[] = {
		{.action = FAKE_RESET}, {.status = 503}, {.action = FAKE_HALF, .body = OK_BODY}, {.status = 500}, {.body = OK_BODY}};
	struct fake_server *server = fake_start_script(script, ZYNC_ARRAY_LEN(script));
	struct zync_http *http = new_client(fake_url(server), (struct zync_http_params){.max_attempts = 5});
	struct zync_http_request request = {.method = "GET", .path = "/", .repeatable = true};
	struct zync_http_reply reply;

	(void)state;
	zync_http_reply_init(&reply, 0);
	assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK);
	assert_string_equal(reply.body.data, OK_BODY);
	assert_int_equal(reply.attempts, 5);
	assert_int_equal(zync_http_stats(http)->requests, 5);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

/* ---------- never connected ---------- */

static void test_refused(void **state)
{
	char url[64], words[128];
	int port = fake_free_port();

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
	snprintf(words, sizeof(words), "could not connect to 127.0.0.1:%d: Connection refused (after 2 attempts)", port);
	for (int repeatable = 0; repeatable < 2; repeatable++) {
		struct zync_http *http = new_client(url, (struct zync_http_params){.max_attempts = 2});
		struct zync_http_request request = {.method = "DELETE", .path = "/y", .repeatable = repeatable == 1};
		struct zync_http_reply reply;
		struct zync_err err = {0};

		zync_http_reply_init(&reply, 0);
		assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_ERR_UNREACHABLE);
		/* Nothing can have arrived: repeated in both cases, and the outcome is known. */
		assert_non_null(strstr(err.message, words));
		assert_null(strstr(err.message, "not known"));
		assert_false(zync_http_outcome_unknown(http));
		assert_int_equal(err.code, CURLE_COULDNT_CONNECT);
		zync_http_reply_done(&reply);
		zync_http_free(http);
	}
}

static void test_unknown_name(void **state)
{
	struct zync_http *http = new_client("http://no-such-host.invalid", (struct zync_http_params){.max_attempts = 1});
	struct zync_http_request request = {.method = "GET", .path = "/y", .repeatable = true};
	struct zync_http_reply reply;
	struct zync_err err = {0};

	(void)state;
	zync_http_reply_init(&reply, 0);
	assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_ERR_UNREACHABLE);
	assert_non_null(strstr(err.message, "no-such-host.invalid"));
	zync_http_reply_done(&reply);
	zync_http_free(http);
}

static void test_tls_to_plain_port(void **state)
{
	struct fake_server *server = fake_start_script(&reply_ok, 1);
	struct zync_http_request request = {.method = "POST", .path = "/", .body = "{}", .body_len = 2, .repeatable = false};
	struct zync_http_reply reply;
	struct zync_err err = {0};
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "https://127.0.0.1:%d", fake_port(server));
	struct zync_http *http = new_client(url, (struct zync_http_params){.max_attempts = 2});
	zync_http_reply_init(&reply, 0);
	assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_ERR_UNREACHABLE);
	assert_non_null(strstr(err.message, "TLS handshake with 127.0.0.1:"));
	assert_non_null(strstr(err.message, "plain HTTP there: use http://"));
	assert_non_null(strstr(err.message, "(after 2 attempts)"));
	assert_false(zync_http_outcome_unknown(http));
	assert_int_equal(fake_count(server), 0);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

static void test_certificate_advice(void **state)
{
	static const struct {
		long result;
		const char *curl_words, *words;
	} cases[] = {
		{9, "SSL certificate problem", "not valid yet"},
		{10, "SSL certificate problem: certificate has expired", "renew it on the server"},
		{18, "SSL certificate problem: self-signed certificate", "set `ca_file` to that certificate"},
		{19, "SSL certificate problem", "private authority; set `ca_file`"},
		{20, "SSL certificate problem: unable to get local issuer certificate", "is not known here; set `ca_file`"},
		{21, "SSL certificate problem", "is not known here; set `ca_file`"},
		{0, "SSL: no alternative certificate subject name matches target host name 'x'", "made for another name"},
		{7, "SSL certificate problem: certificate signature failure", "set `ca_file`"},
	};
	struct zync_http *http = new_client("https://nb.example", (struct zync_http_params){0});

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_http_request request = {.method = "GET", .path = "/", .repeatable = true};
		struct zync_http_reply reply;
		struct http_attempt attempt = {.http = http,
					       .request = &request,
					       .reply = &reply,
					       .code = CURLE_PEER_FAILED_VERIFICATION,
					       .verify_result = cases[i].result};
		struct zync_buf text;

		zync_http_reply_init(&reply, 0);
		zync_buf_init(&text, 2000);
		snprintf(http->curl_error, sizeof(http->curl_error), "%s", cases[i].curl_words);
		attempt.failure = http_policy_classify(&attempt);
		assert_int_equal(attempt.failure, HTTP_FAILURE_CERTIFICATE);
		http_policy_reason(&attempt, &text);
		assert_non_null(strstr(text.data, "the TLS certificate of nb.example:443 was not accepted: SSL"));
		assert_non_null(strstr(text.data, cases[i].curl_words));
		if (strstr(text.data, cases[i].words) == NULL)
			fail_msg("%s", text.data);
		assert_false(http_policy_repeat(&attempt)); /* a certificate does not mend itself */
		zync_buf_done(&text);
		zync_http_reply_done(&reply);
	}
	zync_http_free(http);
}

/* ---------- a kept connection that dies ---------- */

/** curl by itself would send the request again on a fresh connection. */
static void check_dead_connection(bool repeatable)
{
	static const struct fake_reply script[] = {{.body = OK_BODY}, {.action = FAKE_CLOSE}, {.body = OK_BODY}};
	struct fake_server *server = fake_start_script(script, 3);
	struct zync_http *http = new_client(fake_url(server), (struct zync_http_params){0});
	struct zync_http_request request = {
		.method = "POST", .path = "/", .body = "{\"create\":1}", .body_len = 12, .repeatable = repeatable};
	struct zync_http_reply reply;
	struct zync_err err = {0};

	zync_http_reply_init(&reply, 0);
	assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_OK);
	if (repeatable) {
		assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_OK);
		assert_int_equal(fake_count(server), 3);
	} else {
		assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_ERR_UNREACHABLE);
		assert_int_equal(fake_count(server), 2);
		assert_true(zync_http_outcome_unknown(http));
		assert_non_null(strstr(err.message, "closed the connection without an answer (it is not known"));
		assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_OK); /* and the client lives on */
		assert_false(zync_http_outcome_unknown(http));
	}
	assert_int_equal(fake_request_at(server, 0)->connection, 1);
	assert_int_equal(fake_request_at(server, 1)->connection, 1);
	/* The connection on which curl wanted to repeat the request was thrown away unused. */
	assert_int_equal(fake_request_at(server, 2)->connection, repeatable ? 2 : 3);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

static void test_dead_connection(void **state)
{
	(void)state;
	check_dead_connection(true);
	check_dead_connection(false);
}

/** A connection that the server closed while it was idle is noticed before anything is sent. */
static void test_idle_connection_closed(void **state)
{
	static const struct fake_reply script[] = {{.action = FAKE_ANSWER_CLOSE, .body = OK_BODY}, {.body = OK_BODY}};
	struct fake_server *server = fake_start_script(script, 2);
	struct zync_http *http = new_client(fake_url(server), (struct zync_http_params){0});
	struct zync_http_request request = {.method = "POST", .path = "/", .body = "{}", .body_len = 2};
	struct zync_http_reply reply;

	(void)state;
	zync_http_reply_init(&reply, 0);
	assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK);
	usleep(50000);
	assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK);
	assert_int_equal(fake_count(server), 2);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

/* ---------- what is sent and what is read ---------- */

static void test_request(void **state)
{
	static const char *const headers[] = {"Authorization: Token abc", "Content-Type: application/json", NULL};
	static const struct fake_reply script[] = {
		{.status = 400,
		 .headers = "Content-Type: application/json; charset=utf-8\r\nAPI-Version: 4.6\r\nX-Request-ID: 0f1e\r\n",
		 .body = "{\"detail\":\"no\"}"},
		{.action = FAKE_CHUNKED, .body = OK_BODY},
		{.headers = "Content-Encoding: gzip\r\n", .body = GZIP_SMALL, .body_len = sizeof(GZIP_SMALL) - 1},
		{.status = 301, .headers = "Location: /login/?next=/x\r\n"},
		{.status = 204, .headers = ""},
	};
	struct fake_server *server = fake_start_script(script, ZYNC_ARRAY_LEN(script));
	char url[128], text[256];

	(void)state;
	snprintf(url, sizeof(url), "%s/base/", fake_url(server)); /* a trailing slash does no harm */
	struct zync_http *http = new_client(url, (struct zync_http_params){0});
	struct zync_http_request request = {
		.method = "PATCH", .path = "/api/x/?q=1", .headers = headers, .body = "{\"k\":\"v\"}", .body_len = 9};
	struct zync_http_reply reply;

	zync_http_reply_init(&reply, 0);
	assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK);
	assert_int_equal(reply.status, 400);
	assert_string_equal(reply.content_type, "application/json; charset=utf-8");
	assert_string_equal(reply.api_version, "4.6");
	assert_string_equal(reply.request_id, "0f1e");
	assert_string_equal(reply.location, "");
	assert_true(reply.elapsed_us > 0);
	const struct fake_request *seen = fake_request_at(server, 0);
	assert_string_equal(seen->method, "PATCH");
	assert_string_equal(seen->target, "/base/api/x/?q=1");
	assert_string_equal(seen->body, "{\"k\":\"v\"}");
	fake_header(seen, "Authorization", text, sizeof(text));
	assert_string_equal(text, "Token abc");
	fake_header(seen, "User-Agent", text, sizeof(text));
	assert_int_equal(strncmp(text, "zync/", 5), 0);
	fake_header(seen, "Accept-Encoding", text, sizeof(text));
	assert_non_null(strstr(text, "gzip"));
	assert_null(strstr(seen->headers, "Expect"));

	request = (struct zync_http_request){.method = "GET", .path = "/z", .repeatable = true};
	assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK); /* chunked */
	assert_string_equal(reply.body.data, OK_BODY);
	assert_string_equal(reply.api_version, "");
	seen = fake_request_at(server, 1);
	assert_string_equal(seen->method, "GET");
	assert_int_equal(seen->body_len, 0);
	fake_header(seen, "Authorization", text, sizeof(text));
	assert_string_equal(text, "");						    /* nothing of the request before */
	assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK); /* gzip */
	assert_string_equal(reply.body.data, "{\"packed\":true}");
	assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK); /* redirect: not followed */
	assert_int_equal(reply.status, 301);
	snprintf(text, sizeof(text), "%s/login/?next=/x", fake_url(server));
	assert_string_equal(reply.location, text);
	assert_int_equal(fake_count(server), 4);
	request.method = "DELETE";
	assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK);
	assert_int_equal(reply.status, 204);
	assert_string_equal(fake_request_at(server, 4)->method, "DELETE");
	assert_int_equal(fake_request_at(server, 4)->connection, 1); /* kept all the while */
	assert_int_equal(zync_http_stats(http)->requests, 5);
	assert_true(zync_http_stats(http)->bytes_sent > 300 && zync_http_stats(http)->bytes_received > 200);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

/** A request body above a megabyte, which curl by default announces with Expect: 100-continue. */
static void test_large_request(void **state)
{
	static char body[2 * 1024 * 1024];
	struct fake_server *server = fake_start_script(&reply_ok, 1);
	struct zync_http *http = new_client(fake_url(server), (struct zync_http_params){0});
	struct zync_http_request request = {.method = "POST", .path = "/", .body = body, .body_len = sizeof(body)};
	struct zync_http_reply reply;
	int64_t start = zync_clock_mono_ms();

	(void)state;
	memset(body, 'x', sizeof(body));
	zync_http_reply_init(&reply, 0);
	assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK);
	assert_int_equal(fake_request_at(server, 0)->body_len, sizeof(body));
	assert_true(zync_clock_mono_ms() - start < 900);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

static void check_size(const struct fake_reply *answer, size_t client_max, size_t reply_max, const char *words)
{
	struct fake_server *server = fake_start_script(answer, 1);
	struct zync_http *http = new_client(fake_url(server), (struct zync_http_params){.max_reply_bytes = client_max});
	struct zync_http_request request = {.method = "GET", .path = "/big", .repeatable = true};
	struct zync_http_reply reply;
	struct zync_err err = {0};

	zync_http_reply_init(&reply, reply_max);
	if (words != NULL) {
		assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_ERR_LIMIT);
		if (strstr(err.message, words) == NULL)
			fail_msg("%s", err.message);
	} else
		assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_OK);
	assert_int_equal(fake_count(server), 1); /* larger the second time, too */
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

static void test_reply_size(void **state)
{
	static char huge[300000];
	struct fake_reply plain = {.body = huge, .body_len = sizeof(huge)};
	struct fake_reply packed = {
		.headers = "Content-Encoding: gzip\r\n", .body = (const char *)gzip_bomb, .body_len = sizeof(gzip_bomb)};

	(void)state;
	memset(huge, 'h', sizeof(huge));
	check_size(&plain, 299999, 0, "peer: GET /big: the reply is larger than 299999 bytes");
	check_size(&plain, 0, 299999, "larger than 299999 bytes");
	check_size(&plain, 300000, 300000, NULL);
	check_size(&packed, 65535, 0, "larger than 65535 bytes");
	check_size(&packed, 65536, 0, NULL);
}

static void test_long_query_is_cut(void **state)
{
	struct zync_http *http = new_client("http://127.0.0.1:1", (struct zync_http_params){0});
	char path[400];
	struct zync_http_request request = {.method = "GET", .path = path};
	struct zync_buf text;

	(void)state;
	zync_buf_init(&text, 2000);
	snprintf(path, sizeof(path), "/p?%0199d", 0);
	http_describe_request(http, &request, &text);
	assert_int_equal(strlen(text.data), strlen("peer: GET /p") + 200);
	zync_buf_clear(&text);
	snprintf(path, sizeof(path), "/p?%0300d", 0);
	http_describe_request(http, &request, &text);
	assert_int_equal(strlen(text.data), strlen("peer: GET /p") + 200 + strlen("…"));
	zync_buf_clear(&text);
	path[0] = '\0';
	http_describe_request(http, &request, &text);
	assert_string_equal(text.data, "peer: GET http://127.0.0.1:1");
	zync_buf_done(&text);
	zync_http_free(http);
}

/* ---------- waiting ---------- */

static void test_rate_limit(void **state)
{
	struct fake_server *server = fake_start_script(&reply_ok, 1);
	struct zync_http *http = new_client(fake_url(server), (struct zync_http_params){.requests_per_second = 25});
	struct zync_http_request request = {.method = "GET", .path = "/", .repeatable = true};
	struct zync_http_reply reply;

	(void)state;
	zync_http_reply_init(&reply, 0);
	for (int i = 0; i < 9; i++) {
		if (i == 4)
			usleep(150000); /* what was not used is not saved up */
		assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK);
	}
	int64_t all = fake_request_at(server, 8)->at_us - fake_request_at(server, 0)->at_us;
	assert_true(all >= 7 * 40000 + 150000 - 30000);
	for (size_t i = 1; i < 9;
	     i++) /* the server's clock starts when the head has come, so a gap may look shorter by a delay of the network */
		assert_true(fake_request_at(server, i)->at_us - fake_request_at(server, i - 1)->at_us >= 30000);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

static void test_rate_limit_counts_repeats(void **state)
{
	static const struct fake_reply script[] = {{.status = 503}, {.status = 503}, {.body = OK_BODY}};
	struct fake_server *server = fake_start_script(script, 3);
	struct zync_http *http = new_client(fake_url(server), (struct zync_http_params){.requests_per_second = 20});
	struct zync_http_request request = {.method = "GET", .path = "/", .repeatable = true};
	struct zync_http_reply reply;

	(void)state;
	zync_http_reply_init(&reply, 0);
	assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK);
	assert_true(fake_request_at(server, 2)->at_us - fake_request_at(server, 0)->at_us >= 2 * 50000 - 10000);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

static void test_retry_after(void **state)
{
	static const struct fake_reply script[] = {{.status = 429, .headers = "Retry-After: 1\r\n"}, {.body = OK_BODY}};
	static const struct {
		int64_t max_ms, least_ms, most_ms;
	} cases[] = {{5000, 1000, 1900}, {100, 100, 900}}; /* the second: capped */

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct fake_server *server = fake_start_script(script, 2);
		struct zync_http *http = new_client(fake_url(server), (struct zync_http_params){.backoff_max_ms = cases[i].max_ms});
		struct zync_http_request request = {.method = "GET", .path = "/", .repeatable = true};
		struct zync_http_reply reply;
		int64_t start = zync_clock_mono_ms(), took;

		zync_http_reply_init(&reply, 0);
		assert_int_equal(zync_http_perform(http, &request, &reply, NULL), ZYNC_OK);
		took = zync_clock_mono_ms() - start;
		assert_int_equal(reply.status, 200);
		assert_true(took >= cases[i].least_ms && took < cases[i].most_ms);
		zync_http_reply_done(&reply);
		zync_http_free(http);
		fake_stop(server);
	}
}

static void test_backoff(void **state)
{
	struct zync_http *http = new_client("http://127.0.0.1:1", (struct zync_http_params){.backoff_base_ms = 100, .backoff_max_ms = 350});
	struct http_attempt attempt = {.http = http, .failure = HTTP_FAILURE_CONNECT};
	static const int64_t ceilings[] = {100, 200, 350, 350};

	(void)state;
	for (unsigned next = 2; next < 6; next++) {
		int64_t most = 0;

		for (int i = 0; i < 400; i++) {
			int64_t pause = http_policy_pause_ms(http, &attempt, next);

			assert_true(pause >= 0 && pause <= ceilings[next - 2]);
			most = ZYNC_MAX(most, pause);
		}
		assert_true(most > ceilings[next - 2] / 2); /* the chance to be wrong is 2^-400 */
	}
	zync_http_free(http);
}

static bool cancel_after(void *ctx)
{
	return zync_clock_mono_ms() >= *(int64_t *)ctx;
}

static void check_cancel(const struct fake_reply *answer, double rate, bool repeatable)
{
	struct fake_server *server = fake_start_script(answer, 1);
	int64_t deadline = INT64_MAX;
	struct zync_http *http = new_client(fake_url(server), (struct zync_http_params){.cancelled = cancel_after,
											.cancelled_ctx = &deadline,
											.requests_per_second = rate,
											.timeout_ms = 20000,
											.backoff_max_ms = 20000});
	struct zync_http_request request = {.method = repeatable ? "GET" : "DELETE", .path = "/", .repeatable = repeatable};
	struct zync_http_reply reply;
	struct zync_err err = {0};

	zync_http_reply_init(&reply, 0);
	if (rate > 0) /* the first takes the token, the second waits */
		assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_OK);
	deadline = zync_clock_mono_ms() + 60;
	assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_ERR_CANCELLED);
	assert_true(zync_clock_mono_ms() < deadline + 250);
	assert_int_equal(err.disposition, ZYNC_DISPOSITION_CANCELLED);
	assert_non_null(strstr(err.message, ": cancelled"));
	assert_false(zync_http_outcome_unknown(http));
	assert_null(strstr(err.message, "not known"));
	assert_int_equal(fake_count(server), 1);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

/* A write that is on its way is not dropped when somebody asks to stop: it ends as it would have ended. */
static void check_not_dropped(const struct fake_reply *answer, enum zync_status status, bool unknown)
{
	struct fake_server *server = fake_start_script(answer, 1);
	int64_t deadline = zync_clock_mono_ms() + 60;
	struct zync_http *http = new_client(
		fake_url(server), (struct zync_http_params){.cancelled = cancel_after, .cancelled_ctx = &deadline, .timeout_ms = 400});
	struct zync_http_request request = {.method = "DELETE", .path = "/"};
	struct zync_http_reply reply;
	struct zync_err err = {0};

	zync_http_reply_init(&reply, 0);
	assert_int_equal(zync_http_perform(http, &request, &reply, &err), status);
	assert_true(zync_clock_mono_ms() > deadline);
	assert_int_equal(zync_http_outcome_unknown(http), unknown);
	assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_ERR_CANCELLED); /* and nothing new is begun */
	assert_int_equal(fake_count(server), 1);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

static void test_cancel(void **state)
{
	static const struct fake_reply hang = {.action = FAKE_HANG}, half = {.action = FAKE_HALF_HANG, .body = OK_BODY},
				       busy = {.status = 503, .headers = "Retry-After: 15\r\n"}, slow = {.body = OK_BODY, .delay_ms = 150};

	(void)state;
	check_cancel(&hang, 0, true);
	check_cancel(&half, 0, true);
	check_cancel(&busy, 0, true); /* in the pause */
	check_cancel(&reply_ok, 0.05, true);
	check_cancel(&reply_ok, 0.05, false); /* before anything was sent */
	check_not_dropped(&hang, ZYNC_ERR_UNREACHABLE, true);
	check_not_dropped(&half, ZYNC_ERR_UNREACHABLE, true);
	check_not_dropped(&slow, ZYNC_OK, false);
}

/* ---------- making a client ---------- */

static void test_bad_params(void **state)
{
	static const struct {
		const char *url, *ca_file, *words;
		enum zync_status status;
		double rate;
	} cases[] = {
		{NULL, NULL, "peer: no URL is given", ZYNC_ERR_INVALID, 0},
		{"", NULL, "no URL is given", ZYNC_ERR_INVALID, 0},
		{"netbox.example.com", NULL, "not a usable URL", ZYNC_ERR_INVALID, 0},
		{"ftp://nb.example", NULL, "must begin with https://", ZYNC_ERR_INVALID, 0},
		{"file:///etc/passwd", NULL, "must begin with https://", ZYNC_ERR_INVALID, 0},
		{"http://", NULL, "not a usable URL", ZYNC_ERR_INVALID, 0},
		{"http://h:99999", NULL, "not a usable URL", ZYNC_ERR_INVALID, 0},
		{"http://user:geheim@nb.example", NULL, "holds a user name", ZYNC_ERR_INVALID, 0},
		{"http://nb.example/?a=b", NULL, "no part after", ZYNC_ERR_INVALID, 0},
		{"http://nb.example/#x", NULL, "no part after", ZYNC_ERR_INVALID, 0},
		{"http://nb.example", "/no/such/ca.pem", "ca_file \"/no/such/ca.pem\" cannot be read: No such file", ZYNC_ERR_IO, 0},
		{"http://nb.example", "/", "ca_file \"/\" cannot be read", ZYNC_ERR_IO, 0},
		{"http://nb.example", "/dev/null", "is empty", ZYNC_ERR_IO, 0},
		{"http://nb.example", NULL, "must not be negative", ZYNC_ERR_INVALID, -1},
	};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		struct zync_http_params params = {
			.what = "peer", .base_url = cases[i].url, .ca_file = cases[i].ca_file, .requests_per_second = cases[i].rate};
		struct zync_http *http = NULL;
		struct zync_err err = {0};

		assert_int_equal(zync_http_new(&params, &http, &err), cases[i].status);
		assert_null(http);
		if (strstr(err.message, cases[i].words) == NULL)
			fail_msg("%s", err.message);
		assert_null(strstr(err.message, "geheim"));
	}
}

static void test_bad_request(void **state)
{
	static const char *const headers[] = {"Accept: x", "Authorization: Token a\r\nX-Evil: 1", NULL};
	struct fake_server *server = fake_start_script(&reply_ok, 1);
	struct zync_http *http = new_client(fake_url(server), (struct zync_http_params){0});
	struct zync_http_request request = {.method = "GET", .path = "/", .headers = headers};
	struct zync_http_reply reply;
	struct zync_err err = {0};

	(void)state;
	zync_http_reply_init(&reply, 0);
	assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_ERR_INVALID);
	assert_string_equal(err.message, "peer: a header (number 2) holds a line break; check the token");
	request = (struct zync_http_request){.method = "GET", .path = "@evil.example/"};
	assert_int_equal(zync_http_perform(http, &request, &reply, &err), ZYNC_ERR_INVALID);
	assert_int_equal(fake_count(server), 0);
	zync_http_reply_done(&reply);
	zync_http_free(http);
	fake_stop(server);
}

static void test_escape(void **state)
{
	struct zync_buf text;

	(void)state;
	zync_buf_init(&text, 1000);
	zync_http_escape(&text, "aZ09-._~ &=?/+%\xc3\xbc\x01");
	assert_string_equal(text.data, "aZ09-._~%20%26%3D%3F%2F%2B%25%C3%BC%01");
	zync_buf_done(&text);
}

static int global_setup(void **state)
{
	struct zync_err err;

	(void)state;
	/* The machine's proxy must not come between the test and its server. */
	return setenv("no_proxy", "127.0.0.1,no-such-host.invalid", 1) != 0 || zync_http_global_init(&err) != ZYNC_OK ? -1 : 0;
}

static int global_teardown(void **state)
{
	(void)state;
	zync_http_global_done();
	zync_log_reset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_failures_mixed),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unknown_name),
		cmocka_unit_test(test_tls_to_plain_port),
		cmocka_unit_test(test_certificate_advice),
		cmocka_unit_test(test_dead_connection),
		cmocka_unit_test(test_idle_connection_closed),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_large_request),
		cmocka_unit_test(test_reply_size),
		cmocka_unit_test(test_long_query_is_cut),
		cmocka_unit_test(test_rate_limit),
		cmocka_unit_test(test_rate_limit_counts_repeats),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_bad_params),
		cmocka_unit_test(test_bad_request),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, global_setup, global_teardown);
}
