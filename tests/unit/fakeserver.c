/* SPDX-License-Identifier: Apache-2.0 */
#include "fakeserver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FAKE_HEAD_BYTES 16384
#define FAKE_BODY_BYTES (16u * 1024 * 1024)

struct fake_server {
	pthread_t thread;
	pthread_mutex_t lock;
	int listener;
	int stop_pipe[2];
	int port;
	char url[64];
	fake_handler handler;
	void *ctx;
	const struct fake_reply *script;
	size_t script_len;
	size_t script_next;
	unsigned connections;
	struct fake_request *requests;
	size_t count;
};

__attribute__((noreturn)) static void fake_die(const char *what)
{
	fprintf(stderr, "fake server: %s: %s\n", what, strerror(errno));
	abort();
}

static int64_t fake_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void fake_send(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* the client has gone, which is its right */
		data += n;
		len -= (size_t)n;
	}
}

static void fake_reset(int fd)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/** Wait for bytes on @p fd. 1: there are some (or it was closed); 0: the server stops or (if @p idle) another client waits. */
static int fake_wait(struct fake_server *server, int fd, bool idle)
{
	for (;;) {
		struct pollfd fds[3] = {{.fd = server->stop_pipe[0], .events = POLLIN},
					{.fd = fd, .events = POLLIN},
					{.fd = idle ? server->listener : -1, .events = POLLIN}};

		if (poll(fds, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			fake_die("poll");
		}
		if (fds[0].revents != 0)
			return 0;
		if (fds[1].revents != 0)
			return 1;
		if (fds[2].revents != 0)
			return 0;
	}
}

/** Read one request into @p request; false when the connection is over. */
static bool fake_read(struct fake_server *server, int fd, struct fake_request *request)
{
	char *head = calloc(1, FAKE_HEAD_BYTES + 1);
	size_t len = 0, head_len, length;
	char *end, text[64];
	bool fine = false;

	if (head == NULL)
		fake_die("calloc");
	while ((end = strstr(head, "\r\n\r\n")) == NULL && len < FAKE_HEAD_BYTES) {
		ssize_t n = fake_wait(server, fd, len == 0) ? recv(fd, head + len, FAKE_HEAD_BYTES - len, 0) : 0;

		if (n <= 0)
			goto out;
		len += (size_t)n;
		head[len] = '\0';
		if (head[0] == 0x16) { /* a TLS hello: answer as plain web servers do */
			fake_send(fd, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
				  strlen("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
			goto out;
		}
	}
	if (end == NULL)
		goto out;
	request->at_us = fake_now_us();
	head_len = (size_t)(end - head) + 4;
	if (sscanf(head, "%15s %8191s", request->method, request->target) != 2)
		goto out;
	snprintf(request->headers, sizeof(request->headers), "%.*s", (int)head_len, head);
	fake_header(request, "Content-Length", text, sizeof(text));
	length = strtoul(text, NULL, 10);
	if (length > FAKE_BODY_BYTES)
		goto out;
	request->body = calloc(1, length + 1);
	if (request->body == NULL)
		fake_die("calloc");
	request->body_len = length;
	memcpy(request->body, head + head_len, len - head_len < length ? len - head_len : length);
	for (size_t got = len - head_len; got < length;) {
		ssize_t n = fake_wait(server, fd, false) ? recv(fd, request->body + got, length - got, 0) : 0;

		if (n <= 0)
			goto out;
		got += (size_t)n;
	}
	fine = true;
out:
	free(head);
	if (!fine) {
		free(request->body);
		request->body = NULL;
	}
	return fine;
}

static void fake_decide(struct fake_server *server, const struct fake_request *request, struct fake_reply *reply)
{
	if (server->handler != NULL) {
		server->handler(server->ctx, request, reply);
		return;
	}
	pthread_mutex_lock(&server->lock);
	if (server->script_len > 0) {
		size_t index = server->script_next < server->script_len ? server->script_next : server->script_len - 1;

		*reply = server->script[index];
		server->script_next++;
	}
	pthread_mutex_unlock(&server->lock);
}

static void fake_send_chunks(int fd, const char *body, size_t len, bool whole)
{
	char line[32];

	for (size_t at = 0; at < len; at += 7) {
		size_t n = len - at < 7 ? len - at : 7;

		if (!whole && at >= len / 2)
			return;
		snprintf(line, sizeof(line), "%zx\r\n", n);
		fake_send(fd, line, strlen(line));
		fake_send(fd, body + at, n);
		fake_send(fd, "\r\n", 2);
	}
	fake_send(fd, "0\r\n\r\n", 5);
}

/** Send what @p reply says; false when the connection shall be closed. */
static bool fake_answer(struct fake_server *server, int fd, const struct fake_reply *reply)
{
	const char *body = reply->body != NULL ? reply->body : "";
	size_t len = reply->body_len > 0 ? reply->body_len : strlen(body);
	const char *headers = reply->headers != NULL ? reply->headers : "Content-Type: application/json\r\n";
	bool chunked = reply->action == FAKE_CHUNKED || reply->action == FAKE_CHUNKED_BROKEN;
	bool half = reply->action == FAKE_HALF || reply->action == FAKE_HALF_RESET || reply->action == FAKE_HALF_HANG;
	char head[2048];

	if (reply->delay_ms > 0)
		(void)usleep(reply->delay_ms * 1000);
	if (reply->action == FAKE_RESET)
		fake_reset(fd);
	if (reply->action == FAKE_RESET || reply->action == FAKE_CLOSE)
		return false;
	if (reply->action == FAKE_HANG) {
		fake_wait(server, fd, true);
		return false;
	}
	if (reply->action == FAKE_GARBAGE) {
		fake_send(fd, "SSH-2.0-OpenSSH_9.2\r\n", 21);
		return false;
	}
	snprintf(head, sizeof(head), "HTTP/1.1 %d Status\r\n%s", reply->status != 0 ? reply->status : 200, headers);
	fake_send(fd, head, strlen(head));
	if (chunked)
		snprintf(head, sizeof(head), "Transfer-Encoding: chunked\r\n\r\n");
	else
		snprintf(head, sizeof(head), "Content-Length: %zu\r\n\r\n", len);
	fake_send(fd, head, strlen(head));
	if (chunked)
		fake_send_chunks(fd, body, len, reply->action == FAKE_CHUNKED);
	else
		fake_send(fd, body, half ? len / 2 : len);
	if (reply->action == FAKE_HALF_RESET)
		fake_reset(fd);
	if (reply->action == FAKE_HALF_HANG)
		fake_wait(server, fd, true);
	return reply->action == FAKE_ANSWER || reply->action == FAKE_CHUNKED;
}

static void fake_serve(struct fake_server *server, int fd)
{
	for (bool open = true; open;) {
		struct fake_request *request = calloc(1, sizeof(*request));
		struct fake_reply reply = {0};

		if (request == NULL)
			fake_die("calloc");
		open = fake_read(server, fd, request);
		if (open) {
			request->connection = server->connections;
			pthread_mutex_lock(&server->lock);
			if (server->count == FAKE_MAX_REQUESTS)
				fake_die("too many requests for one test");
			server->requests[server->count++] = *request;
			pthread_mutex_unlock(&server->lock);
			fake_decide(server, request, &reply);
			open = fake_answer(server, fd, &reply);
		}
		free(request); /* its body belongs to the record now */
	}
	close(fd);
}

static void *fake_main(void *arg)
{
	struct fake_server *server = arg;

	while (fake_wait(server, server->listener, false)) {
		int fd = accept(server->listener, NULL, NULL);

		if (fd < 0)
			fake_die("accept");
		/* A reply goes out in several pieces, which must not wait for each other's acknowledgement. */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
		server->connections++;
		fake_serve(server, fd);
	}
	return NULL;
}

static int fake_listen(int *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		fake_die("listen");
	*ret_port = ntohs(address.sin_port);
	return fd;
}

struct fake_server *fake_start(fake_handler handler, void *ctx)
{
	struct fake_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		fake_die("calloc");
	server->handler = handler;
	server->ctx = ctx;
	server->requests = calloc(FAKE_MAX_REQUESTS, sizeof(*server->requests));
	if (server->requests == NULL || pipe(server->stop_pipe) != 0)
		fake_die("start");
	pthread_mutex_init(&server->lock, NULL);
	server->listener = fake_listen(&server->port);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d", server->port);
	if (pthread_create(&server->thread, NULL, fake_main, server) != 0)
		fake_die("pthread_create");
	return server;
}

struct fake_server *fake_start_script(const struct fake_reply *replies, size_t count)
{
	struct fake_server *server = fake_start(NULL, NULL);

	fake_script(server, replies, count);
	return server;
}

void fake_script(struct fake_server *server, const struct fake_reply *replies, size_t count)
{
	fake_forget(server);
	pthread_mutex_lock(&server->lock);
	server->script = replies;
	server->script_len = count;
	server->script_next = 0;
	pthread_mutex_unlock(&server->lock);
}

void fake_stop(struct fake_server *server)
{
	if (write(server->stop_pipe[1], "x", 1) != 1)
		fake_die("stop");
	pthread_join(server->thread, NULL);
	fake_forget(server);
	close(server->listener);
	close(server->stop_pipe[0]);
	close(server->stop_pipe[1]);
	pthread_mutex_destroy(&server->lock);
	free(server->requests);
	free(server);
}

const char *fake_url(const struct fake_server *server)
{
	return server->url;
}

int fake_port(const struct fake_server *server)
{
	return server->port;
}

size_t fake_count(struct fake_server *server)
{
	size_t count;

	pthread_mutex_lock(&server->lock);
	count = server->count;
	pthread_mutex_unlock(&server->lock);
	return count;
}

const struct fake_request *fake_request_at(struct fake_server *server, size_t index)
{
	const struct fake_request *request;

	pthread_mutex_lock(&server->lock);
	request = index < server->count ? &server->requests[index] : NULL;
	pthread_mutex_unlock(&server->lock);
	if (request == NULL) {
		fprintf(stderr, "fake server: there is no request %zu\n", index);
		abort();
	}
	return request;
}

void fake_forget(struct fake_server *server)
{
	pthread_mutex_lock(&server->lock);
	for (size_t i = 0; i < server->count; i++)
		free(server->requests[i].body);
	server->count = 0;
	pthread_mutex_unlock(&server->lock);
}

void fake_header(const struct fake_request *request, const char *name, char *ret, size_t size)
{
	size_t name_len = strlen(name);

	ret[0] = '\0';
	for (const char *line = strstr(request->headers, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, name, name_len) == 0 && line[2 + name_len] == ':') {
			const char *value = line + 3 + name_len;
			const char *end = strstr(value, "\r\n");

			while (*value == ' ')
				value++;
			snprintf(ret, size, "%.*s", (int)(end - value), value);
			return;
		}
	}
}

static int fake_hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

bool fake_query(const struct fake_request *request, const char *name, char *ret, size_t size)
{
	const char *part = strchr(request->target, '?');
	size_t name_len = strlen(name), len = 0;

	for (; part != NULL; part = strchr(part + 1, '&')) {
		if (strncmp(part + 1, name, name_len) == 0 && part[1 + name_len] == '=')
			break;
	}
	if (part == NULL)
		return false;
	for (part += 2 + name_len; *part != '\0' && *part != '&' && len + 1 < size; part++) {
		if (*part == '%' && fake_hex(part[1]) >= 0 && fake_hex(part[2]) >= 0) {
			ret[len++] = (char)(fake_hex(part[1]) * 16 + fake_hex(part[2]));
			part += 2;
		} else
			ret[len++] = *part;
	}
	ret[len] = '\0';
	return true;
}

int fake_free_port(void)
{
	int port, fd = fake_listen(&port);

	close(fd);
	return port;
}
