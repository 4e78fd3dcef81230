/* SPDX-License-Identifier: Apache-2.0 */
/* How far a run is: shown to the caller, stored for other readers. The one place where a run hears that it shall stop. */
#include "base/clock.h"
#include "base/str.h"
#include "jobs/run.h"

#define PROGRESS_SHOW_MS  100
#define PROGRESS_STORE_MS 1000

static void progress_rate(const struct zync_run *run, uint64_t current, uint64_t total, int64_t now, struct zync_progress *ret)
{
	double seconds = (double)(now - run->phase_started) / 1000.0;

	ret->rate = seconds > 0.2 ? (double)current / seconds : 0;
	ret->left_ms = -1;
	if (ret->rate > 0 && total >= current && total > 0)
		ret->left_ms = (int64_t)((double)(total - current) * 1000.0 / ret->rate);
}

static enum zync_status progress_store(struct zync_run *run, const struct zync_progress *progress, struct zync_err *err)
{
	struct zync_job job = {
		.job_id = run->job_id,
		.phase = progress->phase,
		.current = (int64_t)progress->current,
		.total = (int64_t)progress->total,
		.updated = (int64_t)progress->updated,
		.failed = (int64_t)progress->failed,
		.rate_milli = (int64_t)(progress->rate * 1000.0),
		.left_ms = progress->left_ms,
	};

	return zync_store_job_progress(run->app->store, &job, err);
}

enum zync_status zync_run_progress(struct zync_run *run, const char *phase, uint64_t current, uint64_t total, struct zync_err *err)
{
	int64_t now = zync_clock_mono_ms();
	bool changed = !zync_str_eq(run->phase, phase);
	struct zync_progress progress = {
		.phase = phase, .current = current, .total = total, .updated = run->summary.updated, .failed = run->summary.failed};

	/* The runner says why, see runner_stop_text(). */
	if (zync_app_is_cancelled(run->app))
		return zync_err_set(err, ZYNC_ERR_CANCELLED, "cancelled");
	if (changed) {
		run->phase = phase;
		run->phase_started = now;
		run->progress_shown = 0;
		run->progress_stored = 0;
	}
	progress_rate(run, current, total, now, &progress);
	if (run->app->progress != NULL && (changed || now - run->progress_shown >= PROGRESS_SHOW_MS || (total != 0 && current == total))) {
		run->progress_shown = now;
		run->app->progress(run->app->progress_ctx, &progress);
	}
	if (run->dry || now - run->progress_stored < PROGRESS_STORE_MS)
		return ZYNC_OK;
	run->progress_stored = now;
	return progress_store(run, &progress, err);
}
