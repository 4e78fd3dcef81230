/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs whose process ended without ending them. */
#include "base/str.h"
#include "store/queue.h"
#include "store/store_priv.h"

#define INTERRUPTED "interrupted: its process ended without finishing it; what it wrote to Zabbix is looked up by the next run"

/* The running jobs whose slot nobody holds, moved to the front; gives their number. */
static size_t interrupt_dead(const struct zync_store *store, struct zync_job *jobs, size_t count)
{
	size_t dead = 0;

	for (size_t i = 0; i < count; i++) {
		if (!zync_store_slot_alive(store, jobs[i].slot))
			jobs[dead++] = jobs[i];
	}
	return dead;
}

static enum zync_status interrupt_find(struct zync_store *store, struct zync_arena *arena, struct zync_job **ret, size_t *ret_count,
				       struct zync_err *err)
{
	size_t count = 0;

	ZYNC_TRY(zync_store_jobs(store, &(struct zync_job_filter){.status = "running"}, arena, ret, &count, err));
	*ret_count = interrupt_dead(store, *ret, count);
	return ZYNC_OK;
}

static enum zync_status interrupt_one(struct zync_store *store, const struct zync_job *job, int64_t now, struct zync_err *err)
{
	struct zync_job_end end = {.job_id = job->job_id, .status = "errored", .error = INTERRUPTED, .completed = now};
	struct zync_event event = {.time = now,
				   .job_id = job->job_id,
				   .name = job->name,
				   .kind = "job",
				   .action = job->name,
				   .state = "errored",
				   .message = INTERRUPTED,
				   .exception = "interrupted",
				   .user = job->user,
				   .request_id = job->request_id};
	uint64_t epoch = 0;
	bool ended = false;

	ZYNC_TRY(zync_store_job_end(store, &end, &ended, err));
	ZYNC_TRY(zync_store_event_add(store, &event, err));
	/* Nobody knows what it wrote: others that planned before must plan anew. */
	ZYNC_TRY(zync_store_epoch_next(store, &epoch, err));
	return zync_store_guard_free(store, job->slot, epoch, err);
}

struct interrupt {
	int64_t now;
	uint64_t count;
};

static enum zync_status interrupt_all(struct zync_store *store, void *ctx, struct zync_err *err)
{
	struct interrupt *interrupt = ctx;
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_job *jobs = NULL;
	size_t count = 0;

	if (arena == NULL)
		return zync_err_nomem(err, "looking for interrupted jobs");
	ZYNC_TRY(interrupt_find(store, arena, &jobs, &count, err));
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(interrupt_one(store, &jobs[i], interrupt->now, err));
	interrupt->count = count;
	return zync_store_guard_prune(store, err);
}

/* Nobody sees these, and what cannot be deleted now goes with the clean-up. */
static void interrupt_leftovers(struct zync_store *store, const struct zync_job *jobs, size_t count)
{
	struct zync_err ignored;

	for (size_t i = 0; i < count; i++) {
		if (zync_store_leftover_of_job(store, jobs[i].job_id, &ignored) != ZYNC_OK)
			return;
	}
}

enum zync_status zync_store_jobs_interrupt(struct zync_store *store, int64_t now, uint64_t *ret_count, struct zync_err *err)
{
	struct interrupt interrupt = {.now = now};
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_job *jobs = NULL;
	size_t count = 0;

	if (arena == NULL)
		return zync_err_nomem(err, "looking for interrupted jobs");
	ZYNC_TRY(interrupt_find(store, arena, &jobs, &count, err));
	if (count > 0)
		ZYNC_TRY(zync_store_transaction(store, interrupt_all, &interrupt, err));
	interrupt_leftovers(store, jobs, count);
	if (ret_count != NULL)
		*ret_count = interrupt.count;
	return ZYNC_OK;
}
