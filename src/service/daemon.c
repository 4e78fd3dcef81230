/* SPDX-License-Identifier: Apache-2.0 */
/* The main thread: start, reload, stop, and now and then a look at what nobody else looks after. */
#include "service/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "service/service_priv.h"
#include "store/queue.h"

#define DAEMON_LOOK_MS	 10000 /* for interrupted jobs, and recurring ones that could not be changed yet */
#define DAEMON_MAX_CREWS 16    /* reloads whose jobs still run; another one has to wait */
#define STOP_REASON	 "the service was stopped"

struct zync_daemon {
	struct zync_open_params params; /* texts in the arena */
	struct zync_arena *arena;
	struct zync_crew *crew;			     /* takes jobs */
	struct zync_crew *retired[DAEMON_MAX_CREWS]; /* finish theirs */
	size_t retired_count;
	struct zync_notify notify;
	int wake_fd;
	atomic_bool stop, reload; /* from signal handlers: lock-free */
	bool stopping;
	bool unaligned; /* the recurring jobs are not yet as the configuration says */
	bool level_given, format_given;
	enum zync_log_level level; /* if given: not the configuration's, and kept at a reload */
	enum zync_log_format format;
	unsigned told;		   /* jobs that the service manager knows of */
	int64_t looked, signed_on; /* monotonic: last look, last sign of life */
};

void zync_service_wake(int wake_fd)
{
	uint64_t one = 1;
	int saved = errno;

	/* Fails only when the counter is full: then the wake-up stands already. */
	if (write(wake_fd, &one, sizeof(one)) < 0)
		errno = saved;
}

/* ---- open and close --------------------------------------------------------------------------------------------- */

static enum zync_status daemon_open_parts(struct zync_daemon *daemon, const struct zync_open_params *params, struct zync_err *err)
{
	struct zync_open_params *own = &daemon->params;

	daemon->arena = zync_arena_new(0);
	if (daemon->arena == NULL)
		return zync_err_nomem(err, "starting the service");
	own->config_path = zync_arena_strdup(daemon->arena, params->config_path);
	own->user = zync_arena_strdup(daemon->arena, params->user);
	own->request_id = zync_arena_strdup(daemon->arena, params->request_id);
	if ((params->config_path != NULL && own->config_path == NULL) || (params->user != NULL && own->user == NULL) ||
	    (params->request_id != NULL && own->request_id == NULL))
		return zync_err_nomem(err, "starting the service");
	daemon->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (daemon->wake_fd < 0)
		return zync_err_os(err, errno, "starting the service: eventfd");
	ZYNC_TRY(zync_crew_open(own, daemon->wake_fd, &daemon->crew, err));
	zync_notify_init(&daemon->notify);
	return ZYNC_OK;
}

enum zync_status zync_daemon_open(const struct zync_open_params *params, struct zync_daemon **ret, struct zync_err *err)
{
	struct zync_daemon *daemon = zync_calloc(1, sizeof(*daemon));
	enum zync_status status;

	if (daemon == NULL)
		return zync_err_nomem(err, "starting the service");
	atomic_init(&daemon->stop, false);
	atomic_init(&daemon->reload, false);
	daemon->wake_fd = -1;
	daemon->notify.fd = -1;
	status = daemon_open_parts(daemon, params, err);
	if (status != ZYNC_OK) {
		zync_daemon_close(daemon);
		return status;
	}
	*ret = daemon;
	return ZYNC_OK;
}

void zync_daemon_close(struct zync_daemon *daemon)
{
	if (daemon == NULL)
		return;
	for (size_t i = 0; i < daemon->retired_count; i++)
		zync_crew_close(daemon->retired[i]);
	zync_crew_close(daemon->crew);
	zync_notify_done(&daemon->notify);
	if (daemon->wake_fd >= 0)
		(void)close(daemon->wake_fd);
	zync_arena_free(daemon->arena);
	zync_free(daemon);
}

void zync_daemon_stop(struct zync_daemon *daemon)
{
	atomic_store(&daemon->stop, true);
	zync_service_wake(daemon->wake_fd);
}

void zync_daemon_reload(struct zync_daemon *daemon)
{
	atomic_store(&daemon->reload, true);
	zync_service_wake(daemon->wake_fd);
}

/* ---- what the service manager is told --------------------------------------------------------------------------- */

static unsigned daemon_running(const struct zync_daemon *daemon)
{
	unsigned running = zync_crew_running(daemon->crew);

	for (size_t i = 0; i < daemon->retired_count; i++)
		running += zync_crew_running(daemon->retired[i]);
	return running;
}

/* "running 2 jobs" behind @p first, which may be "READY=1\n". */
static void daemon_tell(struct zync_daemon *daemon, const char *first)
{
	unsigned running = daemon_running(daemon);
	const char *doing = daemon->stopping ? "stopping, " : "";

	daemon->told = running;
	if (running == 0)
		zync_notify_send(&daemon->notify, "%sSTATUS=%s", first, daemon->stopping ? "stopping" : "idle");
	else
		zync_notify_send(&daemon->notify, "%sSTATUS=%srunning %u job%s", first, doing, running, running == 1 ? "" : "s");
}

/* ---- recurring and interrupted jobs ----------------------------------------------------------------------------- */

static enum zync_status daemon_interrupt(struct zync_daemon *daemon, struct zync_err *err)
{
	uint64_t count = 0;

	ZYNC_TRY(zync_store_jobs_interrupt(zync_crew_app(daemon->crew)->store, zync_clock_now_ms(), &count, err));
	if (count > 0)
		zync_log_warning("%" PRIu64 " job%s whose process died %s ended as errored; see `zync job list --status errored`", count,
				 count == 1 ? "" : "s", count == 1 ? "was" : "were");
	return ZYNC_OK;
}

static enum zync_status daemon_align(struct zync_daemon *daemon, bool tell, struct zync_err *err)
{
	daemon->unaligned = true;
	return zync_recurring_align(zync_crew_app(daemon->crew), zync_clock_now_ms(), tell, &daemon->unaligned, err);
}

/* A failure is logged; the next look tries again. */
static void daemon_look(struct zync_daemon *daemon)
{
	struct zync_err err;

	daemon->looked = zync_clock_mono_ms();
	if (daemon_interrupt(daemon, &err) != ZYNC_OK)
		zync_log_error("Jobs whose process died cannot be looked for: %s", err.message);
	if (daemon->unaligned && daemon_align(daemon, /* tell= */ false, &err) != ZYNC_OK)
		zync_log_error("%s", err.message);
}

/* ---- reload ----------------------------------------------------------------------------------------------------- */

/* What cannot change while jobs run: several stores at a time would be several queues. */
static enum zync_status daemon_check_new(struct zync_daemon *daemon, struct zync_err *err)
{
	const struct zync_config *old = zync_crew_app(daemon->crew)->config;
	ZYNC_AUTO_CONFIG new = NULL;

	if (daemon->retired_count == DAEMON_MAX_CREWS)
		return zync_err_set(err, ZYNC_ERR_LIMIT, "jobs of %d former configurations are still running; try again later",
				    DAEMON_MAX_CREWS);
	ZYNC_TRY(zync_config_load(daemon->params.config_path, &new, err));
	if (!zync_str_eq(old->store, new->store))
		return zync_err_set(err, ZYNC_ERR_INVALID, "`store` has changed, which takes a restart of the service");
	if (!zync_str_eq(old->key_file, new->key_file))
		return zync_err_set(err, ZYNC_ERR_INVALID, "`key_file` has changed, which takes a restart of the service");
	return ZYNC_OK;
}

static void daemon_retire(struct zync_daemon *daemon, struct zync_crew *crew)
{
	zync_crew_retire(crew);
	daemon->retired[daemon->retired_count++] = crew;
}

static enum zync_status daemon_change_crew(struct zync_daemon *daemon, struct zync_err *err)
{
	struct zync_crew *crew = NULL;
	enum zync_status status;

	ZYNC_TRY(daemon_check_new(daemon, err));
	ZYNC_TRY(zync_crew_open(&daemon->params, daemon->wake_fd, &crew, err));
	status = zync_crew_start(crew, err);
	if (status != ZYNC_OK) {
		daemon_retire(daemon, crew); /* some of its workers may have begun a job */
		return status;
	}
	daemon_retire(daemon, daemon->crew);
	daemon->crew = crew;
	return ZYNC_OK;
}

/* A configuration's problems come one a line. */
static void daemon_log_refused(const char *message)
{
	while (*message != '\0') {
		size_t len = strcspn(message, "\n");

		zync_log_error("Reload: %.*s", (int)len, message);
		message += len + (message[len] == '\n' ? 1 : 0);
	}
	zync_log_error("Reload: refused; the old configuration stays in use");
}

static void daemon_do_reload(struct zync_daemon *daemon)
{
	enum zync_log_level level = zync_log_get_level();
	enum zync_log_format format = zync_log_get_format();
	struct zync_err err;
	enum zync_status status;

	zync_notify_send(&daemon->notify, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, zync_clock_mono_us());
	status = daemon_change_crew(daemon, &err);
	if (status != ZYNC_OK || daemon->level_given)
		zync_log_set_level(level);
	if (status != ZYNC_OK || daemon->format_given)
		zync_log_set_format(format);
	if (status != ZYNC_OK) {
		daemon_log_refused(err.message);
	} else {
		zync_log_info("Reload: the new configuration is in use, %zu workers%s", zync_crew_size(daemon->crew),
			      daemon_running(daemon) > 0 ? "; what runs ends under the old one" : "");
		if (daemon_align(daemon, /* tell= */ true, &err) != ZYNC_OK)
			zync_log_error("%s; it is tried again", err.message);
	}
	daemon_tell(daemon, "READY=1\n");
}

/* ---- the main thread -------------------------------------------------------------------------------------------- */

static void daemon_begin_stop(struct zync_daemon *daemon)
{
	unsigned running = daemon_running(daemon);

	daemon->stopping = true;
	zync_crew_stop(daemon->crew, STOP_REASON);
	for (size_t i = 0; i < daemon->retired_count; i++)
		zync_crew_stop(daemon->retired[i], STOP_REASON);
	daemon_tell(daemon, "STOPPING=1\n");
	if (running > 0)
		zync_log_info("Stopping; %u job%s that run%s %s stopped", running, running == 1 ? "" : "s", running == 1 ? "s" : "",
			      running == 1 ? "is" : "are");
	else
		zync_log_info("Stopping");
}

static void daemon_close_retired(struct zync_daemon *daemon)
{
	size_t kept = 0;

	for (size_t i = 0; i < daemon->retired_count; i++) {
		if (zync_crew_ended(daemon->retired[i]))
			zync_crew_close(daemon->retired[i]);
		else
			daemon->retired[kept++] = daemon->retired[i];
	}
	daemon->retired_count = kept;
}

/* Until woken, or until something is due. */
static void daemon_wait(struct zync_daemon *daemon)
{
	struct pollfd wake = {.fd = daemon->wake_fd, .events = POLLIN};
	int64_t now = zync_clock_mono_ms();
	int64_t due = (daemon->stopping ? now : daemon->looked) + DAEMON_LOOK_MS;
	uint64_t ignored;

	if (daemon->notify.watchdog_ms > 0)
		due = ZYNC_MIN(due, daemon->signed_on + daemon->notify.watchdog_ms / 2);
	if (poll(&wake, 1, (int)ZYNC_MAX(due - now, 0)) > 0 && read(daemon->wake_fd, &ignored, sizeof(ignored)) < 0)
		return; /* nothing to be read: as good as a time-out */
}

static void daemon_sign(struct zync_daemon *daemon)
{
	int64_t now = zync_clock_mono_ms();

	if (daemon->notify.watchdog_ms == 0 || now - daemon->signed_on < daemon->notify.watchdog_ms / 2)
		return;
	daemon->signed_on = now;
	zync_notify_send(&daemon->notify, "WATCHDOG=1");
}

static enum zync_status daemon_begin(struct zync_daemon *daemon, const char *version, struct zync_err *err)
{
	const struct zync_config *config = zync_crew_app(daemon->crew)->config;

	daemon->level = zync_log_get_level();
	daemon->format = zync_log_get_format();
	daemon->level_given = daemon->level != config->log.level;
	daemon->format_given = daemon->format != config->log.format;
	zync_log_info("zync %s serves the store %s with %zu workers; configuration: %s", version, config->store,
		      zync_crew_size(daemon->crew), config->path != NULL ? config->path : "the environment");
	ZYNC_TRY(daemon_interrupt(daemon, err));
	ZYNC_TRY(daemon_align(daemon, /* tell= */ true, err));
	daemon->looked = zync_clock_mono_ms();
	ZYNC_TRY(zync_crew_start(daemon->crew, err));
	daemon_tell(daemon, "READY=1\n");
	return ZYNC_OK;
}

enum zync_status zync_daemon_run(struct zync_daemon *daemon, const char *version, struct zync_err *err)
{
	ZYNC_TRY(daemon_begin(daemon, version, err));
	while (!daemon->stopping || daemon->retired_count > 0 || !zync_crew_ended(daemon->crew)) {
		daemon_wait(daemon);
		if (!daemon->stopping && atomic_load(&daemon->stop))
			daemon_begin_stop(daemon);
		if (atomic_exchange(&daemon->reload, false) && !daemon->stopping)
			daemon_do_reload(daemon);
		daemon_close_retired(daemon);
		if (!daemon->stopping && zync_clock_mono_ms() - daemon->looked >= DAEMON_LOOK_MS)
			daemon_look(daemon);
		if (daemon_running(daemon) != daemon->told)
			daemon_tell(daemon, "");
		daemon_sign(daemon);
	}
	zync_log_info("Stopped");
	return ZYNC_OK;
}
