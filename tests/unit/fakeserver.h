/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fakeserver.h
 * A small HTTP server on 127.0.0.1 inside a test program, which misbehaves on request. Shared by the tests of http and netbox.
 *
 * One thread serves one connection at a time (a newer connection replaces an idle one). Each request is handed to a function of the
 * test, which says what to do. What came is recorded and may be read when the server was stopped, or between requests.
 */
#ifndef ZYNC_TESTS_FAKESERVER_H
#define ZYNC_TESTS_FAKESERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_MAX_REQUESTS 512

enum fake_action {
	FAKE_ANSWER = 0,     /**< a whole reply with Content-Length, connection kept */
	FAKE_ANSWER_CLOSE,   /**< the same, then the connection is closed without notice */
	FAKE_CHUNKED,	     /**< a whole reply in chunks */
	FAKE_CHUNKED_BROKEN, /**< chunks that stop in the middle, then close */
	FAKE_HALF,	     /**< Content-Length of the whole, half the body, then close */
	FAKE_HALF_RESET,     /**< the same with a TCP reset */
	FAKE_CLOSE,	     /**< close without a byte */
	FAKE_RESET,	     /**< TCP reset without a byte */
	FAKE_HANG,	     /**< no answer until the client goes away or the server stops */
	FAKE_HALF_HANG,	     /**< half the body, then nothing */
	FAKE_GARBAGE	     /**< bytes that are not HTTP, then close */
};

struct fake_request {
	char method[16];
	char target[8192]; /**< path and query as sent */
	char headers[4096];
	char *body; /**< NUL-terminated */
	size_t body_len;
	int64_t at_us;	     /**< when its head had come, monotonic */
	unsigned connection; /**< 1 for the first connection */
};

struct fake_reply {
	enum fake_action action;
	int status;	     /**< 0: 200 */
	const char *headers; /**< extra lines "Name: value\r\n", NULL: Content-Type: application/json */
	const char *body;    /**< NULL: "" */
	size_t body_len;     /**< 0: strlen(body) */
	unsigned delay_ms;   /**< before the answer */
};

struct fake_server;

/** Decide on a request. Runs in the server's thread; what @p reply points to must live until the next call. */
typedef void (*fake_handler)(void *ctx, const struct fake_request *request, struct fake_reply *reply);

/** Start; aborts the program when that is not possible. */
struct fake_server *fake_start(fake_handler handler, void *ctx);
/** Start with a list of replies, one a request; after the last one the last is repeated. */
struct fake_server *fake_start_script(const struct fake_reply *replies, size_t count);
/** Begin another list (with the server idle). Forgets the recorded requests. */
void fake_script(struct fake_server *server, const struct fake_reply *replies, size_t count);
void fake_stop(struct fake_server *server);

/** "http://127.0.0.1:PORT" */
const char *fake_url(const struct fake_server *server);
int fake_port(const struct fake_server *server);
/** Requests that came since the start or fake_forget(). */
size_t fake_count(struct fake_server *server);
const struct fake_request *fake_request_at(struct fake_server *server, size_t index);
void fake_forget(struct fake_server *server);
/** Value of a header into @p ret; "" when there is none. */
void fake_header(const struct fake_request *request, const char *name, char *ret, size_t size);
/** Value of a query parameter, percent-decoded, into @p ret; false when there is none. */
bool fake_query(const struct fake_request *request, const char *name, char *ret, size_t size);
/** A TCP port of 127.0.0.1 on which nobody listens. */
int fake_free_port(void);

#endif
