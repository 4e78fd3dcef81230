/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job host-config-sync-refresh (the spec's SystemJobHostConfigSyncRefresh): update_sync_status() in bulk for the host configs that were not compared with Zabbix
 * since a cutoff, or never. It reads Zabbix, writes nothing there, and records nothing but the sync status.
 */
#include "base/str.h"
#include "jobs/run.h"
#include "jobs/types.h"

#define STAGE_PAGE 500
#define MINUTE_MS  60000

struct refresh {
	struct zync_run *run;
	int64_t cutoff; /* wall clock, ms; 0: whatever its age */
	bool named;
};

/* One that could not be derived has nothing to be compared with, and one that was removed and has no host has nothing to compare. Asked for by name, the first is told why. */
static bool refresh_wants(const struct refresh *refresh, const struct zync_host_config *config)
{
	if (zync_str_eq(config->state, "failed"))
		return refresh->named;
	return !zync_str_eq(config->state, "removed") || config->hostid != 0;
}

static enum zync_status refresh_stage_page(struct refresh *refresh, const struct zync_host_config *configs, size_t count,
					   struct zync_err *err)
{
	struct zync_run *run = refresh->run;

	for (size_t i = 0; i < count; i++) {
		struct zync_work work = zync_run_work_of(&configs[i]);

		if (!refresh_wants(refresh, &configs[i]))
			continue;
		ZYNC_TRY(zync_store_work_add(run->app->store, &work, NULL, err));
		run->staged++;
	}
	return zync_run_progress(run, "plan", 0, run->staged, err);
}

static enum zync_status refresh_stage_all(struct refresh *refresh, struct zync_err *err)
{
	ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
	struct zync_host_config_filter filter = {.in_sync = -1, .checked_before = refresh->cutoff, .limit = STAGE_PAGE};
	size_t count = STAGE_PAGE;

	if (scratch == NULL)
		return zync_err_nomem(err, "reading the host configs");
	while (count == STAGE_PAGE) {
		struct zync_host_config *configs = NULL;

		zync_arena_clear(scratch);
		ZYNC_TRY(zync_store_host_configs(refresh->run->app->store, &filter, scratch, &configs, &count, err));
		ZYNC_TRY(refresh_stage_page(refresh, configs, count, err));
		if (count > 0)
			filter.after_pk = configs[count - 1].pk;
	}
	return ZYNC_OK;
}

/* A name that no host config has is a mistake; one that was compared lately is only left alone. A name may mean several, and one may be named twice. */
static enum zync_status refresh_stage_named(struct refresh *refresh, const char *host, struct zync_idmap *seen, struct zync_err *err)
{
	struct zync_run *run = refresh->run;
	struct zync_host_config_filter filter = {.name = host, .in_sync = -1};
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	ZYNC_TRY(zync_store_host_configs(run->app->store, &filter, run->arena, &configs, &count, err));
	if (count == 0)
		return zync_err_set(
			err, ZYNC_ERR_NOT_FOUND,
			"there is no host config \"%s\" in the store (names are exact; also pk:N, device:N, vm:N); run `zync pull`", host);
	for (size_t i = 0; i < count; i++) {
		if (refresh->cutoff != 0 && configs[i].last_sync_update >= refresh->cutoff)
			continue;
		if (zync_idmap_get(seen, configs[i].pk) != NULL)
			continue;
		ZYNC_TRY(zync_idmap_put(seen, configs[i].pk, run, err));
		ZYNC_TRY(refresh_stage_page(refresh, &configs[i], 1, err));
	}
	return ZYNC_OK;
}

/* An age that goes back before 1970 leaves those that were never checked. */
static int64_t refresh_cutoff(const struct zync_run *run, int64_t age_ms)
{
	return age_ms < run->started ? run->started - age_ms : 1;
}

/*
 * Hosts that somebody names are compared whatever the age of their last check, unless an age is named, too: else the repetition of what failed a minute ago
 * would find nothing to do.
 */
static enum zync_status refresh_stage(struct refresh *refresh, const struct zync_job_params *params, struct zync_err *err)
{
	const struct zync_cfg_service *config = &refresh->run->app->config->service;
	struct zync_idmap *seen = zync_idmap_new(refresh->run->arena);

	if (seen == NULL)
		return zync_err_nomem(err, "reading the host configs");
	refresh->named = params->host_count > 0;
	if (params->older_than_min > INT64_MAX / MINUTE_MS)
		return zync_err_set(err, ZYNC_ERR_INVALID, "%lld minutes are more than there are", (long long)params->older_than_min);
	if (params->older_than_min >= 0)
		refresh->cutoff = refresh_cutoff(refresh->run, params->older_than_min * MINUTE_MS);
	else if (!refresh->named)
		refresh->cutoff = refresh_cutoff(refresh->run, config->refresh_older_than_ms);
	ZYNC_TRY(zync_run_progress(refresh->run, "plan", 0, 0, err));
	if (!refresh->named)
		return refresh_stage_all(refresh, err);
	for (size_t i = 0; i < params->host_count; i++)
		ZYNC_TRY(refresh_stage_named(refresh, params->hosts[i], seen, err));
	return ZYNC_OK;
}

static enum zync_status refresh_data(struct zync_run *run, struct zync_err *err)
{
	const struct zync_plan_counts *plan = &run->plan;
	uint64_t in_sync = plan->unchanged + plan->skipped + plan->forget;
	uint64_t out_of_sync = plan->create + plan->update + plan->disable + plan->delete_ + plan->report;
	uint64_t total = in_sync + out_of_sync + plan->failed;
	struct zync_jnode *data = zync_jb_object(run->json);

	run->summary.total = total;
	run->summary.updated = in_sync + out_of_sync; /* their sync status is */
	run->summary.failed = plan->failed;
	zync_run_set_message(
		run, zync_arena_printf(run->arena, "Refresh complete: %llu host configs checked, %llu out of sync, %llu failed.",
				       (unsigned long long)total, (unsigned long long)out_of_sync, (unsigned long long)plan->failed));
	zync_jb_set_str(run->json, data, "job_id", run->job_id);
	zync_jb_set_str(run->json, data, "status", "completed");
	zync_jb_set_u64(run->json, data, "total", total);
	zync_jb_set_u64(run->json, data, "in_sync", in_sync);
	zync_jb_set_u64(run->json, data, "out_of_sync", out_of_sync);
	zync_jb_set_u64(run->json, data, "failed", plan->failed);
	zync_jb_set_str(run->json, data, "message", run->summary.message);
	zync_jb_set_node(run->json, data, "failures", zync_run_failures_json(run, &run->failures));
	zync_jb_set_u64(run->json, data, "zabbix_calls", zync_app_zabbix_calls(run->app, NULL) - run->calls_before);
	return zync_jb_text(run->json, data, ZYNC_JSON_COMPACT, run->arena, &run->data, err);
}

static enum zync_status refresh_body(struct zync_run *run, const struct zync_job_params *params, struct zync_err *err)
{
	struct refresh refresh = {.run = run};

	run->compare_only = true;
	ZYNC_TRY(refresh_stage(&refresh, params, err));
	ZYNC_TRY(zync_run_plan(run, err));
	return refresh_data(run, err);
}

const struct zync_job_type zync_job_host_config_sync_refresh = {
	.name = "host-config-sync-refresh",
	.summary = "Compare host configs with Zabbix and store whether they are in sync; writes nothing to Zabbix",
	.takes = ZYNC_TAKES_HOSTS | ZYNC_TAKES_OLDER_THAN,
	.body = refresh_body,
};
