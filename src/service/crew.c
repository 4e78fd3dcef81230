/* SPDX-License-Identifier: Apache-2.0 */
/* The workers: each takes the next job, runs it, and looks again. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "service/service_priv.h"

#define CREW_LOOK_MS	   500	 /* other processes queue jobs, and nothing tells of it */
#define CREW_TROUBLE_MS	   5000	 /* after the queue could not be read */
#define CREW_TELL_AGAIN_MS 60000 /* the same trouble is logged once a minute */

struct crew_worker {
	struct zync_crew *crew;
	struct zync_app *app;
	pthread_t thread;
	bool started;
	int64_t told; /* when trouble was last logged, monotonic; 0: there is none */
};

struct zync_crew {
	struct zync_app *app;
	struct crew_worker *workers;
	size_t count;
	int wake_fd; /* the main thread's */
	atomic_uint running, alive;
	pthread_mutex_t lock;
	pthread_cond_t wake; /* of the monotonic clock */
	bool ending;	     /* under the lock */
};

static void crew_lock(struct zync_crew *crew)
{
	ZYNC_ASSERT(pthread_mutex_lock(&crew->lock) == 0);
}

static void crew_unlock(struct zync_crew *crew)
{
	ZYNC_ASSERT(pthread_mutex_unlock(&crew->lock) == 0);
}

static bool crew_is_ending(struct zync_crew *crew)
{
	bool ending;

	crew_lock(crew);
	ending = crew->ending;
	crew_unlock(crew);
	return ending;
}

/* At most @p ms: until the crew ends. */
static void crew_wait(struct zync_crew *crew, int64_t ms)
{
	int64_t until = zync_clock_mono_ms() + ms;
	struct timespec when = {.tv_sec = (time_t)(until / 1000), .tv_nsec = (long)(until % 1000) * 1000000};
	int failure = 0;

	crew_lock(crew);
	while (!crew->ending && failure != ETIMEDOUT)
		failure = pthread_cond_timedwait(&crew->wake, &crew->lock, &when);
	crew_unlock(crew);
}

/* ---- a job ------------------------------------------------------------------------------------------------------ */

/* What a job says of its end: the message of its result, or its error. */
static const char *crew_end_text(const struct zync_job *job, struct zync_arena *arena)
{
	const struct zync_jval *data = NULL;
	const char *message = NULL;
	struct zync_err ignored;

	if (job->error != NULL)
		return job->error;
	if (job->data != NULL && zync_json_parse(arena, job->data, strlen(job->data), &data, &ignored) == ZYNC_OK)
		message = zync_jval_get_str(data, "message");
	return message != NULL ? message : "done";
}

/* The row tells how it ended, also where the run's own error says more or less than that. */
static void crew_tell_end(struct zync_app *app, const struct zync_job *taken, enum zync_status status, const struct zync_err *failure,
			  struct zync_arena *arena)
{
	struct zync_job_filter filter = {.job_id = taken->job_id};
	struct zync_job *job = NULL;
	size_t count = 0;
	struct zync_err err;
	enum zync_log_level level = ZYNC_LOG_INFO;

	if (zync_store_jobs(app->store, &filter, arena, &job, &count, &err) != ZYNC_OK || count != 1 || job->completed == 0) {
		zync_log_error("Job %s %s: its end is not recorded%s%s", taken->name, taken->job_id, status != ZYNC_OK ? ": " : "",
			       status != ZYNC_OK ? failure->message : "");
		return;
	}
	if (!zync_str_eq(job->status, "completed"))
		level = zync_str_eq(job->status, "errored") ? ZYNC_LOG_ERROR : ZYNC_LOG_WARNING;
	zync_log(level, "Job %s %s %s: %s", job->name, job->job_id, job->status, crew_end_text(job, arena));
}

static void crew_run(struct crew_worker *worker, const struct zync_job *job, struct zync_arena *arena)
{
	struct zync_crew *crew = worker->crew;
	struct zync_err failure = {0};
	enum zync_status status;

	atomic_fetch_add(&crew->running, 1);
	zync_service_wake(crew->wake_fd);
	zync_log_info("Job %s %s begins, queued by %s", job->name, job->job_id, job->user != NULL ? job->user : "somebody");
	status = zync_job_run_taken(worker->app, job, &failure);
	crew_tell_end(worker->app, job, status, &failure, arena);
	/* What a server has besides hosts, and who may log in, is asked anew by the next job. */
	zync_app_release_servers(worker->app);
	atomic_fetch_sub(&crew->running, 1);
	zync_service_wake(crew->wake_fd);
}

static void crew_trouble(struct crew_worker *worker, const struct zync_err *err)
{
	int64_t now = zync_clock_mono_ms();

	if (worker->told != 0 && now - worker->told < CREW_TELL_AGAIN_MS)
		return;
	worker->told = now;
	zync_log_error("No job can be taken from the queue: %s; it is tried again", err->message);
}

/* One look into the queue; then how long to wait for the next one. */
static int64_t crew_turn(struct crew_worker *worker)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_job *job = NULL;
	struct zync_err err = {0};
	enum zync_status status;

	status = arena == NULL ? zync_err_nomem(&err, "looking into the queue") : zync_job_take_next(worker->app, arena, &job, &err);
	if (status != ZYNC_OK) {
		crew_trouble(worker, &err);
		return CREW_TROUBLE_MS;
	}
	if (worker->told != 0)
		zync_log_info("The queue can be read again");
	worker->told = 0;
	if (job == NULL)
		return CREW_LOOK_MS;
	crew_run(worker, job, arena);
	return 0;
}

static void *crew_work(void *ctx)
{
	struct crew_worker *worker = ctx;
	struct zync_crew *crew = worker->crew;

	while (!crew_is_ending(crew)) {
		int64_t pause_ms = crew_turn(worker);

		if (pause_ms > 0)
			crew_wait(crew, pause_ms);
	}
	atomic_fetch_sub(&crew->alive, 1);
	zync_service_wake(crew->wake_fd);
	return NULL;
}

/* ---- the crew --------------------------------------------------------------------------------------------------- */

static void crew_init_sync(struct zync_crew *crew)
{
	pthread_condattr_t attributes;

	atomic_init(&crew->running, 0);
	atomic_init(&crew->alive, 0);
	ZYNC_ASSERT(pthread_mutex_init(&crew->lock, NULL) == 0);
	ZYNC_ASSERT(pthread_condattr_init(&attributes) == 0);
	ZYNC_ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	ZYNC_ASSERT(pthread_cond_init(&crew->wake, &attributes) == 0);
	ZYNC_ASSERT(pthread_condattr_destroy(&attributes) == 0);
}

static enum zync_status crew_open_apps(struct zync_crew *crew, const struct zync_open_params *params, struct zync_err *err)
{
	size_t count;

	ZYNC_TRY(zync_app_open(params, &crew->app, err));
	count = (size_t)crew->app->config->service.workers;
	crew->workers = zync_calloc(count, sizeof(*crew->workers));
	if (crew->workers == NULL)
		return zync_err_nomem(err, "starting workers");
	crew->count = count;
	for (size_t i = 0; i < count; i++) {
		crew->workers[i].crew = crew;
		ZYNC_TRY(zync_app_open(params, &crew->workers[i].app, err));
	}
	return ZYNC_OK;
}

enum zync_status zync_crew_open(const struct zync_open_params *params, int wake_fd, struct zync_crew **ret, struct zync_err *err)
{
	struct zync_crew *crew = zync_calloc(1, sizeof(*crew));
	enum zync_status status;

	if (crew == NULL)
		return zync_err_nomem(err, "starting workers");
	crew->wake_fd = wake_fd;
	crew_init_sync(crew);
	status = crew_open_apps(crew, params, err);
	if (status != ZYNC_OK) {
		zync_crew_close(crew);
		return status;
	}
	*ret = crew;
	return ZYNC_OK;
}

enum zync_status zync_crew_start(struct zync_crew *crew, struct zync_err *err)
{
	sigset_t all, before;
	int failure = 0;

	/* Signals are for the main thread: none shall cut a worker's wait or call short. New threads have the mask of the one that makes them. */
	(void)sigfillset(&all);
	ZYNC_ASSERT(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	for (size_t i = 0; i < crew->count && failure == 0; i++) {
		struct crew_worker *worker = &crew->workers[i];

		atomic_fetch_add(&crew->alive, 1);
		failure = pthread_create(&worker->thread, NULL, crew_work, worker);
		worker->started = failure == 0;
		if (failure != 0)
			atomic_fetch_sub(&crew->alive, 1);
	}
	ZYNC_ASSERT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	if (failure == 0)
		return ZYNC_OK;
	zync_crew_retire(crew);
	return zync_err_os(err, failure, "starting %zu workers", crew->count);
}

struct zync_app *zync_crew_app(struct zync_crew *crew)
{
	return crew->app;
}

size_t zync_crew_size(const struct zync_crew *crew)
{
	return crew->count;
}

void zync_crew_retire(struct zync_crew *crew)
{
	crew_lock(crew);
	crew->ending = true;
	ZYNC_ASSERT(pthread_cond_broadcast(&crew->wake) == 0);
	crew_unlock(crew);
}

void zync_crew_stop(struct zync_crew *crew, const char *why)
{
	zync_crew_retire(crew);
	for (size_t i = 0; i < crew->count; i++)
		zync_app_stop(crew->workers[i].app, why);
}

unsigned zync_crew_running(const struct zync_crew *crew)
{
	return atomic_load(&crew->running);
}

bool zync_crew_ended(const struct zync_crew *crew)
{
	return atomic_load(&crew->alive) == 0;
}

void zync_crew_close(struct zync_crew *crew)
{
	if (crew == NULL)
		return;
	zync_crew_retire(crew);
	for (size_t i = 0; i < crew->count; i++) {
		if (crew->workers[i].started)
			ZYNC_ASSERT(pthread_join(crew->workers[i].thread, NULL) == 0);
		zync_app_close(crew->workers[i].app);
	}
	zync_app_close(crew->app);
	ZYNC_ASSERT(pthread_cond_destroy(&crew->wake) == 0);
	ZYNC_ASSERT(pthread_mutex_destroy(&crew->lock) == 0);
	zync_free(crew->workers);
	zync_free(crew);
}
