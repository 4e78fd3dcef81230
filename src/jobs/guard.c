/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plan under guard: no other run writes the hosts that this one is going to write, and the plan was made with what the last one left. See store/guard.h and
 * docs/internals/guards.md.
 */
#include "store/guard.h"
#include "base/clock.h"
#include "base/log.h"
#include "jobs/run.h"
#include "store/queue.h"

#define GUARD_POLL_MS 100

/* Until the other run is over, however it ends. Nothing is guarded meanwhile, so that two runs never wait for each other. */
static enum zync_status guard_wait(struct zync_run *run, const struct zync_guard_state *state, struct zync_err *err)
{
	struct zync_store *store = run->app->store;
	bool held = true;

	ZYNC_TRY(zync_store_guard_drop(store, run->slot, err));
	zync_log_info("Waiting for job %s, which is writing %llu of the same hosts", state->job_id, (unsigned long long)state->conflicts);
	while (held) {
		ZYNC_TRY(zync_run_progress(run, "wait", 0, state->conflicts, err));
		(void)zync_clock_sleep_ms(GUARD_POLL_MS);
		ZYNC_TRY(zync_store_guard_held(store, state->holder, &held, err));
	}
	return ZYNC_OK;
}

/* Look at the world anew: jobs that died, what they left open, what others recorded. The epoch comes first: what happens after it is seen as stale once more. */
static enum zync_status guard_look_again(struct zync_run *run, struct zync_err *err)
{
	struct zync_store *store = run->app->store;

	ZYNC_TRY(zync_store_jobs_interrupt(store, zync_clock_now_ms(), NULL, err));
	ZYNC_TRY(zync_run_recover(run, err));
	ZYNC_TRY(zync_store_guard_epoch(store, &run->epoch, err));
	return zync_store_work_refresh(store, err);
}

enum zync_status zync_run_plan_guarded(struct zync_run *run, struct zync_err *err)
{
	for (;;) {
		struct zync_guard_state state = {0};

		ZYNC_TRY(zync_run_plan(run, err));
		ZYNC_TRY(zync_store_guard_take(run->app->store, run->slot, run->epoch, &state, err));
		if (state.conflicts == 0 && state.stale == 0)
			return ZYNC_OK;
		if (state.conflicts > 0)
			ZYNC_TRY(guard_wait(run, &state, err));
		ZYNC_TRY(guard_look_again(run, err));
	}
}

enum zync_status zync_run_guard_staged(struct zync_run *run, uint64_t seq, struct zync_err *err)
{
	struct zync_guard_state state = {0};

	ZYNC_TRY(zync_store_work_want(run->app->store, seq, err));
	ZYNC_TRY(zync_store_guard_take(run->app->store, run->slot, run->epoch, &state, err));
	if (state.conflicts > 0)
		return zync_err_set(err, ZYNC_ERR_CONFLICT, "job %s is writing this host at the moment; try again when it has ended",
				    state.job_id);
	if (state.stale > 0)
		return zync_err_set(err, ZYNC_ERR_CONFLICT,
				    "another job has just written this host; look at it again with `zync host show`, then try again");
	return ZYNC_OK;
}
