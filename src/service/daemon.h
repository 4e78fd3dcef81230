/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file daemon.h
 * `zync serve`: a main thread that keeps order, and workers that take jobs from the queue and run them.
 *
 * The main thread is the one that calls zync_daemon_run(). It alone loads configurations, starts and ends workers and looks after recurring and interrupted jobs; each
 * worker has a struct zync_app of its own, and all they share is the store and a wake-up. Only zync_daemon_stop() and zync_daemon_reload() may be called from
 * elsewhere. docs/internals/service.md.
 */
#ifndef ZYNC_SERVICE_DAEMON_H
#define ZYNC_SERVICE_DAEMON_H

#include "base/err.h"
#include "zync/zync.h"

struct zync_daemon;

/** Load the configuration and open the store, once for the main thread and once a worker. Free with zync_daemon_close(). */
enum zync_status zync_daemon_open(const struct zync_open_params *params, struct zync_daemon **ret, struct zync_err *err) ZYNC_MUST_CHECK;
/**
 * End the jobs of processes that died, queue the recurring jobs, and work until zync_daemon_stop(). A failure before the first job is returned; later ones are logged and tried
 * again. May be called once. @p version is the program's, for the log.
 */
enum zync_status zync_daemon_run(struct zync_daemon *daemon, const char *version, struct zync_err *err) ZYNC_MUST_CHECK;
/** Take no more jobs, stop those that run, and return from zync_daemon_run(). Async-signal-safe, from any thread. */
void zync_daemon_stop(struct zync_daemon *daemon);
/** Read the configuration anew. Async-signal-safe, from any thread. */
void zync_daemon_reload(struct zync_daemon *daemon);
/** NULL is fine. Not while zync_daemon_run() runs. */
void zync_daemon_close(struct zync_daemon *daemon);

#endif
