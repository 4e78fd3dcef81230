/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file service_priv.h
 * The parts of the daemon: a crew of workers, the recurring jobs of the configuration, and what the service manager is told.
 */
#ifndef ZYNC_SERVICE_SERVICE_PRIV_H
#define ZYNC_SERVICE_SERVICE_PRIV_H

#include <sys/socket.h>
#include <sys/un.h>

#include "jobs/jobs.h"

/** Whose the recurring jobs of the configuration are. */
#define ZYNC_SERVICE_USER "service"

/** Wake the main thread: @p wake_fd is its eventfd. Async-signal-safe. */
void zync_service_wake(int wake_fd);

/* ---- crew.c ----------------------------------------------------------------------------------------------------- */

/** The workers of one configuration. A reload makes a new crew; the old one finishes its jobs under the old configuration. All functions are for the main thread. */
struct zync_crew;

/** Load the configuration and open everything that the workers need, without a thread yet. @p wake_fd is written to when a job begins or ends and when a worker leaves. */
enum zync_status zync_crew_open(const struct zync_open_params *params, int wake_fd, struct zync_crew **ret,
				struct zync_err *err) ZYNC_MUST_CHECK;
/** Start the threads. After a failure those that were started end by themselves, as after zync_crew_retire(). */
enum zync_status zync_crew_start(struct zync_crew *crew, struct zync_err *err) ZYNC_MUST_CHECK;
/** What the main thread itself works with. */
struct zync_app *zync_crew_app(struct zync_crew *crew);
/** How many workers it has. */
size_t zync_crew_size(const struct zync_crew *crew);
/** Take no more jobs, finish those that run. */
void zync_crew_retire(struct zync_crew *crew);
/** Take no more jobs, and stop those that run: they end as failed with @p why, a text that lives for ever. */
void zync_crew_stop(struct zync_crew *crew, const char *why);
/** How many jobs run. */
unsigned zync_crew_running(const struct zync_crew *crew);
/** Have all workers left? */
bool zync_crew_ended(const struct zync_crew *crew);
/** Retire it, wait for the workers, close everything. NULL is fine. */
void zync_crew_close(struct zync_crew *crew);

/* ---- recurring.c ------------------------------------------------------------------------------------------------ */

/**
 * Bring the recurring jobs in line with the configuration of @p app: what an interval asks for is queued – to run at once, unless it completed within the interval –, what
 * has another interval or time-out is changed, and what the configuration does not ask for any more is cancelled if the service had queued it. A recurring job that a
 * person queued is left as it is. *ret_later: something runs that could not be changed meanwhile; call it again. @p tell: log what stays otherwise than configured.
 */
enum zync_status zync_recurring_align(struct zync_app *app, int64_t now, bool tell, bool *ret_later, struct zync_err *err) ZYNC_MUST_CHECK;

/* ---- notify.c --------------------------------------------------------------------------------------------------- */

/** The way to the service manager that started this process, by sd_notify(3)'s protocol. */
struct zync_notify {
	int fd; /**< -1: nobody wants to be told */
	struct sockaddr_un address;
	socklen_t address_len;
	int64_t watchdog_ms; /**< a sign of life is due at least so often; 0: none is wanted */
};
/** Read $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID. An address that cannot be used is warned of once, here. End with zync_notify_done(). */
void zync_notify_init(struct zync_notify *notify);
/** Send lines such as "READY=1\nSTATUS=idle". What cannot be sent is lost: the work goes on. */
void zync_notify_send(const struct zync_notify *notify, const char *fmt, ...) ZYNC_PRINTF(2, 3);
void zync_notify_done(struct zync_notify *notify);

#endif
