/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd_notify(3) without libsystemd: one datagram to the socket that the environment names. The protocol is documented as stable, and a library with its own dependencies is not worth
 * the few lines, the less so where there is no systemd.
 */
#include "service/service_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

#define NOTIFY_BYTES	  512
#define NOTIFY_PATIENCE_S 5 /* a manager that does not read must not hold up the main thread */

/* "/path", or "@name" of the abstract namespace, which begins with a NUL byte and ends where the length says. */
static bool notify_address(const char *socket_name, struct zync_notify *notify)
{
	size_t len = strlen(socket_name);

	if ((socket_name[0] != '/' && socket_name[0] != '@') || socket_name[1] == '\0' || len >= sizeof(notify->address.sun_path))
		return false;
	notify->address.sun_family = AF_UNIX;
	memcpy(notify->address.sun_path, socket_name, len + 1);
	notify->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	if (socket_name[0] == '@') {
		notify->address.sun_path[0] = '\0';
		notify->address_len--;
	}
	return true;
}

/* The watchdog is meant for the process that $WATCHDOG_PID names, or for any when it names none. */
static int64_t notify_watchdog(void)
{
	const char *interval = getenv("WATCHDOG_USEC");
	const char *process = getenv("WATCHDOG_PID");
	uint64_t usec = 0;
	uint64_t pid = 0;

	if (interval == NULL || !zync_str_to_u64(interval, &usec) || usec > INT64_MAX)
		return 0;
	if (process != NULL && (!zync_str_to_u64(process, &pid) || pid != (uint64_t)getpid()))
		return 0;
	return usec == 0 ? 0 : ZYNC_MAX((int64_t)(usec / 1000), 1);
}

void zync_notify_init(struct zync_notify *notify)
{
	const char *socket_name = getenv("NOTIFY_SOCKET");
	const struct timeval patience = {.tv_sec = NOTIFY_PATIENCE_S};

	*notify = (struct zync_notify){.fd = -1};
	if (zync_str_empty(socket_name))
		return;
	if (!notify_address(socket_name, notify)) {
		zync_log_warning("The service manager cannot be told anything: NOTIFY_SOCKET=%s is neither a path nor an abstract name",
				 socket_name);
		return;
	}
	notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (notify->fd < 0) {
		zync_log_warning("The service manager cannot be told anything: socket: %s", strerror(errno));
		return;
	}
	(void)setsockopt(notify->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	notify->watchdog_ms = notify_watchdog();
}

void zync_notify_send(const struct zync_notify *notify, const char *fmt, ...)
{
	char text[NOTIFY_BYTES];
	va_list ap;
	int n;

	if (notify->fd < 0)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ZYNC_ASSERT(n > 0 && (size_t)n < sizeof(text));
	if (sendto(notify->fd, text, (size_t)n, MSG_NOSIGNAL, (const struct sockaddr *)&notify->address, notify->address_len) < 0)
		zync_log_debug("The service manager could not be told \"%s\": %s", text, strerror(errno));
}

void zync_notify_done(struct zync_notify *notify)
{
	if (notify->fd >= 0)
		(void)close(notify->fd);
	notify->fd = -1;
}
