/* SPDX-License-Identifier: Apache-2.0 */
/* pull: the objects of NetBox that the run is for, and what of the store's host configs was not among them. Complete or nothing: a walk that breaks off fails the run. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "jobs/pull.h"
#include "jobs/types.h"

static int rank_of_state(const char *state)
{
	if (zync_str_eq(state, "removed"))
		return PULL_RANK_REMOVED;
	if (zync_str_eq(state, "missing"))
		return PULL_RANK_MISSING;
	return zync_str_eq(state, "failed") ? PULL_RANK_FAILED : PULL_RANK_WANTED;
}

struct zync_work zync_run_work_of(const struct zync_host_config *config)
{
	return (struct zync_work){
		.pk = config->pk,
		.object_type = config->object_type,
		.object_id = config->object_id,
		.name = config->name,
		.host = config->host,
		.server = config->server,
		.hostid = config->hostid,
		.state = config->state,
		.reason = config->reason,
		.rank = rank_of_state(config->state),
	};
}

unsigned long long zync_pull_key(const char *type, uint64_t id)
{
	return (unsigned long long)id * 2 + (zync_str_eq(type, "vm") ? 1 : 0);
}

struct known *zync_pull_known(const struct pull *pull, const char *type, uint64_t id)
{
	struct known *known = zync_idmap_get(pull->known, zync_pull_key(type, id));

	return known != NULL && known->config != NULL ? known : NULL;
}

enum zync_status zync_pull_add(struct zync_run *run, const struct zync_work *work, struct zync_err *err)
{
	struct zync_work staged = *work;

	/* Only a run that writes to Zabbix moves a host config: its ownership mark goes along. */
	if (run->pull_only && work->moved_from != 0) {
		staged.object_id = work->moved_from;
		staged.moved_from = 0;
	}
	run->staged++;
	return zync_store_work_add(run->app->store, &staged, NULL, err);
}

static bool pull_has(const struct pull *pull, const struct zync_host_config *config)
{
	const struct known *known = zync_pull_known(pull, config->object_type, config->object_id);

	if (known != NULL && known->config->pk == config->pk)
		return true;
	/* In a run over named objects it may belong to another one by now. */
	for (size_t i = 0; pull->named && i < pull->known_list.len; i++) {
		if (((const struct known *)pull->known_list.items[i])->config->pk == config->pk)
			return true;
	}
	return false;
}

static enum zync_status pull_remember(struct pull *pull, struct zync_host_config *configs, size_t count, struct zync_err *err)
{
	for (size_t i = 0; i < count; i++) {
		unsigned long long key = zync_pull_key(configs[i].object_type, configs[i].object_id);
		struct known *known;

		if (pull_has(pull, &configs[i]))
			continue; /* named twice */
		known = ZYNC_NEW(pull->run->arena, struct known);
		if (known == NULL)
			return zync_err_nomem(err, "pulling");
		known->config = &configs[i];
		ZYNC_TRY(zync_vec_push(&pull->known_list, known, err));
		ZYNC_TRY(zync_idmap_put(pull->known, key, known, err));
	}
	return ZYNC_OK;
}

enum zync_status zync_pull_load_known(struct pull *pull, const char *name, size_t *ret_count, struct zync_err *err)
{
	struct zync_host_config_filter filter = {.name = name, .in_sync = -1};
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	ZYNC_TRY(zync_store_host_configs(pull->run->app->store, &filter, pull->run->arena, &configs, &count, err));
	*ret_count = count;
	return pull_remember(pull, configs, count, err);
}

struct zync_nb_walk zync_pull_walk_of(const struct pull *pull, enum zync_nb_type type)
{
	const struct zync_cfg_netbox *config = &pull->run->app->config->netbox;
	struct zync_nb_walk walk = zync_app_walk(pull->run->app, type);

	walk.filter = type == ZYNC_NB_DEVICE ? &config->device_filter : &config->vm_filter;
	return walk;
}

enum zync_status zync_pull_walk(struct pull *pull, enum zync_nb_type type, const char *name, uint64_t id, struct zync_err *err)
{
	const struct zync_cfg_netbox *config = &pull->run->app->config->netbox;
	struct zync_nb_walk walk = zync_pull_walk_of(pull, type);

	walk.name = name;
	walk.id = id;
	if (type == ZYNC_NB_DEVICE ? !config->devices : !config->virtual_machines)
		return ZYNC_OK;
	return zync_netbox_walk(pull->run->app->netbox, &walk, zync_pull_object, pull, err);
}

/* Host configs whose object was not met: it is gone, or no longer selected. One in the graveyard stays removed. */
static enum zync_status pull_missing(struct pull *pull, struct zync_err *err)
{
	for (size_t i = 0; i < pull->known_list.len; i++) {
		const struct known *known = pull->known_list.items[i];
		const struct zync_host_config *config = known->config;
		bool removed = zync_str_eq(config->state, "removed");
		struct zync_work work;

		if (known->seen)
			continue;
		if (known->moved_from != 0 && !known->leftover)
			return zync_err_set(
				err, ZYNC_ERR_CONFLICT,
				"netbox: device:%llu, the new master of the virtual chassis whose host is \"%s\", is not there any more: "
				"NetBox was changed while it was read; run it again",
				(unsigned long long)config->object_id, config->name);
		work = zync_run_work_of(config);
		work.moved_from = known->moved_from;
		if (!removed) {
			work.state = "missing";
			work.reason = "it is not in NetBox any more, or the filter of the configuration leaves it out";
			work.rank = PULL_RANK_MISSING;
			work.pulled_at = zync_clock_now_ms();
			pull->run->pull.missing++;
		}
		ZYNC_TRY(zync_pull_add(pull->run, &work, err));
	}
	return ZYNC_OK;
}

/* "device:17" and "vm:17" name an object; "pk:3" and names are looked up in the store first. */
static bool pull_selector(const char *text, const char *prefix, uint64_t *ret_id)
{
	return zync_str_starts(text, prefix) && zync_str_to_u64(text + strlen(prefix), ret_id);
}

static enum zync_status pull_named(struct pull *pull, const char *host, struct zync_err *err)
{
	size_t stored = 0;
	size_t first = pull->known_list.len;
	uint64_t id = 0;

	pull->found = 0;
	ZYNC_TRY(zync_pull_load_known(pull, host, &stored, err));
	ZYNC_TRY(zync_pull_named_chassis(pull, host, err));
	for (size_t i = first; i < pull->known_list.len; i++) {
		const struct known *known = pull->known_list.items[i];

		ZYNC_TRY(zync_pull_walk(pull, zync_str_eq(known->config->object_type, "vm") ? ZYNC_NB_VM : ZYNC_NB_DEVICE, NULL,
					known->config->object_id, err));
	}
	if (pull_selector(host, "device:", &id)) {
		ZYNC_TRY(zync_pull_walk(pull, ZYNC_NB_DEVICE, NULL, id, err));
	} else if (pull_selector(host, "vm:", &id)) {
		ZYNC_TRY(zync_pull_walk(pull, ZYNC_NB_VM, NULL, id, err));
	} else if (!pull_selector(host, "pk:", &id)) {
		ZYNC_TRY(zync_pull_walk(pull, ZYNC_NB_DEVICE, host, 0, err));
		ZYNC_TRY(zync_pull_walk(pull, ZYNC_NB_VM, host, 0, err));
	}
	if (stored == 0 && pull->found == 0)
		return zync_err_set(err, ZYNC_ERR_NOT_FOUND,
				    "there is no device, virtual machine or host config \"%s\" (names are exact; also pk:N, device:N, "
				    "vm:N; the filters of the configuration apply)",
				    host);
	return ZYNC_OK;
}

/* A plan tells of the limit and goes on; a run stops at it, unless forced. */
static enum zync_status pull_check_shrink(struct zync_run *run, uint64_t known, uint64_t lost, struct zync_err *err)
{
	struct zync_err limit;
	enum zync_status status = zync_plan_check_shrink(&run->app->config->sync, known, lost, &limit);

	if (status == ZYNC_OK || run->force)
		return ZYNC_OK;
	if (!run->dry) {
		zync_err_copy(err, &limit);
		return status;
	}
	run->limit_note = zync_arena_strdup(run->arena, limit.message);
	return run->limit_note == NULL ? zync_err_nomem(err, "planning") : ZYNC_OK;
}

/* What of the host configs that were there before this run did not find, or does not select any more. */
static enum zync_status pull_check_lost(struct pull *pull, struct zync_err *err)
{
	uint64_t linked = 0;
	uint64_t lost = 0;

	for (size_t i = 0; i < pull->known_list.len; i++) {
		const struct known *known = pull->known_list.items[i];

		/* Those that were missing before are no news. */
		if (zync_str_eq(known->config->state, "missing") || zync_str_eq(known->config->state, "removed"))
			continue;
		linked++;
		lost += known->seen && !known->lost ? 0 : 1;
	}
	return pull_check_shrink(pull->run, linked, lost, err);
}

static enum zync_status pull_everything(struct pull *pull, struct zync_err *err)
{
	size_t count = 0;

	ZYNC_TRY(zync_pull_load_known(pull, NULL, &count, err));
	ZYNC_TRY(zync_pull_moves(pull, err));
	ZYNC_TRY(zync_pull_walk(pull, ZYNC_NB_DEVICE, NULL, 0, err));
	ZYNC_TRY(zync_pull_walk(pull, ZYNC_NB_VM, NULL, 0, err));
	ZYNC_TRY(pull_missing(pull, err));
	return pull_check_lost(pull, err);
}

enum zync_status zync_pull_stage(struct zync_run *run, const char *const *hosts, size_t host_count, struct zync_err *err)
{
	ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
	ZYNC_AUTO_ARENA keys = zync_arena_new(0);
	struct pull pull = {.run = run, .scratch = scratch, .keys = keys, .named = host_count > 0};
	struct zync_netbox *netbox = NULL;

	pull.known = zync_idmap_new(run->arena);
	pull.fresh = zync_idmap_new(run->arena);
	if (scratch == NULL || keys == NULL || pull.known == NULL || pull.fresh == NULL)
		return zync_err_nomem(err, "pulling");
	run->pulled = true;
	zync_vec_init(&pull.known_list, run->arena);
	ZYNC_TRY(zync_run_progress(run, "pull", 0, 0, err));
	ZYNC_TRY(zync_app_netbox(run->app, &netbox, err));
	if (host_count == 0) {
		ZYNC_TRY(pull_everything(&pull, err));
	} else {
		for (size_t i = 0; i < host_count; i++)
			ZYNC_TRY(pull_named(&pull, hosts[i], err));
		ZYNC_TRY(pull_missing(&pull, err));
		ZYNC_TRY(pull_check_lost(&pull, err)); /* an empty answer is no proof for a few hosts either */
	}
	ZYNC_TRY(zync_store_work_settle(run->app->store, /* reserve_pks= */ !run->dry, &run->pull.unchanged, err));
	run->pull.changed = run->pull.selected - run->pull.failed - run->pull.unchanged - run->pull.created;
	return ZYNC_OK;
}

static enum zync_status pull_stage_config(struct zync_run *run, const struct zync_host_config *config, struct zync_err *err)
{
	struct zync_work work = zync_run_work_of(config);

	return zync_pull_add(run, &work, err);
}

enum zync_status zync_pull_stage_stored(struct zync_run *run, const char *const *hosts, size_t host_count, struct zync_err *err)
{
	struct pull pull = {.run = run, .known = zync_idmap_new(run->arena)};
	size_t count = 0;

	if (pull.known == NULL)
		return zync_err_nomem(err, "reading the host configs");
	zync_vec_init(&pull.known_list, run->arena);
	if (host_count == 0)
		ZYNC_TRY(zync_pull_load_known(&pull, NULL, &count, err));
	for (size_t i = 0; i < host_count; i++) {
		ZYNC_TRY(zync_pull_load_known(&pull, hosts[i], &count, err));
		if (count == 0)
			return zync_err_set(
				err, ZYNC_ERR_NOT_FOUND,
				"there is no host config \"%s\" in the store (names are exact; also pk:N, device:N, vm:N); run `zync pull`",
				hosts[i]);
	}
	for (size_t i = 0; i < pull.known_list.len; i++)
		ZYNC_TRY(pull_stage_config(run, ((const struct known *)pull.known_list.items[i])->config, err));
	return ZYNC_OK;
}

/* ---- the job of `zync pull` ---- */

static enum zync_status pull_job_data(struct zync_run *run, struct zync_err *err)
{
	struct zync_jnode *data = zync_jb_object(run->json);
	uint64_t total = run->pull.selected;

	zync_jb_set_str(run->json, data, "job_id", run->job_id);
	zync_jb_set_str(run->json, data, "status", "completed");
	zync_jb_set_u64(run->json, data, "objects", run->pull.objects);
	zync_jb_set_u64(run->json, data, "total", total);
	zync_jb_set_u64(run->json, data, "new", run->pull.created);
	zync_jb_set_u64(run->json, data, "changed", run->pull.changed);
	zync_jb_set_u64(run->json, data, "unchanged", run->pull.unchanged);
	zync_jb_set_u64(run->json, data, "removed", run->pull.removed);
	zync_jb_set_u64(run->json, data, "missing", run->pull.missing);
	zync_jb_set_u64(run->json, data, "skipped", run->pull.skipped);
	zync_jb_set_u64(run->json, data, "without_address", run->pull.without_address);
	zync_jb_set_u64(run->json, data, "failed", run->pull.failed);
	zync_run_set_message(run, zync_arena_printf(run->arena, "Pull complete: %llu host configs from %llu objects, %llu failed.",
						    (unsigned long long)total, (unsigned long long)run->pull.objects,
						    (unsigned long long)run->pull.failed));
	zync_jb_set_str(run->json, data, "message", run->summary.message);
	zync_jb_set_node(run->json, data, "failures", zync_run_failures_json(run, &run->failures));
	zync_jb_set_u64(run->json, data, "netbox_calls", zync_app_netbox_calls(run->app) - run->netbox_calls_before);
	return zync_jb_text(run->json, data, ZYNC_JSON_COMPACT, run->arena, &run->data, err);
}

static enum zync_status pull_body(struct zync_run *run, ZYNC_UNUSED const struct zync_job_params *params, struct zync_err *err)
{
	run->pull_only = true;
	ZYNC_TRY(zync_pull_stage(run, NULL, 0, err));
	return pull_job_data(run, err);
}

const struct zync_job_type zync_job_pull = {
	.name = "pull",
	.summary = "read NetBox and bring the host configs up to date",
	.takes = ZYNC_TAKES_FORCE,
	.body = pull_body,
};
