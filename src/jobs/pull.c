/* SPDX-License-Identifier: Apache-2.0 */
/* pull and derive: NetBox objects → desired hosts, staged. Complete or nothing: a walk that breaks off fails the run. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "jobs/pull.h"
#include "jobs/types.h"
#include "model/names.h"

/* Order inside a server: what goes first, since it frees names for what comes. */
enum { RANK_REMOVED = 0, RANK_MISSING = 1, RANK_WANTED = 2, RANK_FAILED = 3 };

static int rank_of_state(const char *state)
{
	if (zync_str_eq(state, "removed"))
		return RANK_REMOVED;
	if (zync_str_eq(state, "missing"))
		return RANK_MISSING;
	return zync_str_eq(state, "failed") ? RANK_FAILED : RANK_WANTED;
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

static enum zync_status pull_add(struct zync_run *run, const struct zync_work *work, struct zync_err *err)
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

static enum zync_status pull_origins(struct zync_run *run, const struct zync_rules_result *result, struct zync_arena *arena,
				     const char **ret, struct zync_err *err)
{
	struct zync_jb *b;
	struct zync_jnode *node;

	if (!run->explain)
		return ZYNC_OK;
	b = zync_jb_new(arena);
	if (b == NULL)
		return zync_err_nomem(err, "explaining a host");
	node = zync_jb_object(b);
	for (size_t i = 0; i < result->origin_count; i++)
		zync_jb_set_str(b, node, result->origins[i].field, result->origins[i].rule);
	return zync_jb_text(b, node, ZYNC_JSON_COMPACT, arena, ret, err);
}

/* The canonical JSON of the desired host, its digest, and its secrets sealed apart from it. */
static enum zync_status pull_encode(struct zync_run *run, struct zync_rules_result *result, struct zync_arena *arena,
				    struct zync_work *work, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *sealed = NULL;
	char *digest = zync_arena_alloc(arena, ZYNC_DIGEST_HEX_SIZE);

	if (b == NULL || digest == NULL)
		return zync_err_nomem(err, "deriving a host");
	ZYNC_TRY(zync_host_fill_digests(&result->host, run->app->keyring, arena, err));
	ZYNC_TRY(zync_jb_text(b, zync_host_to_json(b, &result->host, ZYNC_HOST_JSON_DESIRED), ZYNC_JSON_COMPACT, arena, &work->desired,
			      err));
	ZYNC_TRY(zync_digest_sha256(work->desired, strlen(work->desired), digest, err));
	work->digest = digest;
	ZYNC_TRY(zync_host_seal_secrets(&result->host, run->app->keyring, b, &sealed, err));
	if (zync_jnode_len(sealed) > 0)
		ZYNC_TRY(zync_jb_text(b, sealed, ZYNC_JSON_COMPACT, arena, &work->secrets, err));
	return pull_origins(run, result, arena, &work->origins, err);
}

static const char *pull_moved_reason(const struct zync_host_config *config, const char *server, struct zync_arena *arena)
{
	return zync_arena_printf(
		arena,
		"the mappings put it on the Zabbix server \"%s\", but its host (hostid %llu) is on \"%s\"; delete it "
		"there first with `zync host delete --hard pk:%llu` (its history goes with it), or keep it there by a mapping",
		server, (unsigned long long)config->hostid, config->server, (unsigned long long)config->pk);
}

/* What becomes of an object that the rules do not select, or whose host they do not want. */
static bool pull_unwanted(struct pull *pull, const struct known *known, const struct zync_rules_result *result, struct zync_work *work)
{
	struct zync_run *run = pull->run;

	if (result->verdict == ZYNC_VERDICT_SKIPPED) {
		if (known == NULL) {
			run->pull.skipped++;
			zync_log_debug("Skipped %s (%s:%llu): %s", work->name, work->object_type, (unsigned long long)work->object_id,
				       work->reason != NULL ? work->reason : "");
			return false;
		}
		work->state = "missing";
		work->rank = RANK_MISSING;
		run->pull.missing++;
		return true;
	}
	/* An object of that status may have a host in Zabbix that this store does not know (any more): the mark tells. */
	work->state = "removed";
	work->rank = RANK_REMOVED;
	run->pull.removed++;
	return true;
}

/* In a sync the host's failure is reported when its turn comes; a pull reports it here. */
static enum zync_status pull_report_failure(struct zync_run *run, const struct zync_work *work, struct zync_err *err)
{
	zync_log_warning("Failed to derive host %s (%s:%llu): %s", work->name, work->object_type, (unsigned long long)work->object_id,
			 work->reason);
	return zync_run_add_failure(run, &run->failures, work, work->reason, err);
}

static bool holds_name(const struct zync_host_config *config)
{
	return config->hostid != 0 && config->host != NULL && !zync_str_eq(config->state, "removed");
}

/* All names in one map: the store has no quick answer for thousands of them. */
static enum zync_status pull_load_holders(struct pull *pull, struct zync_err *err)
{
	if (pull->holders != NULL)
		return ZYNC_OK;
	pull->holders = zync_map_new(pull->run->arena);
	if (pull->holders == NULL)
		return zync_err_nomem(err, "comparing host names");
	for (size_t i = 0; i < pull->known_list.len; i++) {
		const struct zync_host_config *config = ((const struct known *)pull->known_list.items[i])->config;
		const char *key;

		if (!holds_name(config))
			continue;
		zync_arena_clear(pull->keys);
		key = zync_arena_printf(pull->keys, "%s\n%s", config->server, config->host);
		if (key == NULL)
			return zync_err_nomem(err, "comparing host names");
		ZYNC_TRY(zync_map_put(pull->holders, key, pull->known_list.items[i], err));
	}
	return ZYNC_OK;
}

/* Does this other host config keep its technical name in Zabbix through this run? One whose turn is still to come does not: it may give way. */
static bool pull_keeps_name(const struct pull *pull, const struct zync_host_config *config, const struct zync_work *work)
{
	const struct known *other = zync_pull_known(pull, config->object_type, config->object_id);
	int order = zync_str_cmp(config->object_type, work->object_type);
	bool before = order < 0 || (order == 0 && config->object_id < work->object_id);

	if (config->pk == work->pk || !holds_name(config))
		return false;
	if (other != NULL && other->seen)
		return other->stays;
	return before && pull->run->app->config->sync.on_missing != ZYNC_ON_MISSING_DELETE; /* it is missing */
}

/*
 * A host that has its name with a suffix, since another one had the bare name first, keeps it as long as the other's host is there under that name, be its
 * object gone or failed: Zabbix would refuse to rename this one.
 */
static enum zync_status pull_keep_name(struct pull *pull, const struct known *known, const struct zync_work *work, const char **name,
				       struct zync_err *err)
{
	const struct known *holder;
	const char *own = NULL;
	const char *key;

	if (known == NULL || known->config->hostid == 0 || zync_str_eq(known->config->host, *name))
		return ZYNC_OK;
	ZYNC_TRY(zync_host_name_distinguish(*name, work->object_type, work->object_id, pull->scratch, &own, err));
	key = zync_arena_printf(pull->scratch, "%s\n%s", work->server, *name);
	if (key == NULL)
		return zync_err_nomem(err, "comparing host names");
	if (pull->named || !zync_str_eq(known->config->host, own)) /* a run over named objects asks the store, see zync_names_claim() */
		return ZYNC_OK;
	ZYNC_TRY(pull_load_holders(pull, err));
	holder = zync_map_get(pull->holders, key);
	if (holder != NULL && pull_keeps_name(pull, holder->config, work))
		*name = own;
	return ZYNC_OK;
}

/*
 * Has it a host on a server of the configuration? A server that was renamed or taken out of the configuration cannot be asked any more: its host configs are looked
 * for, by their marks, where the mappings put them now.
 */
static bool pull_linked(const struct pull *pull, const struct known *known)
{
	return known != NULL && known->config->hostid != 0 && zync_config_zabbix(pull->run->app->config, known->config->server) != NULL;
}

static enum zync_status pull_wanted(struct pull *pull, const struct known *known, struct zync_rules_result *result, struct zync_work *work,
				    struct zync_err *err)
{
	const char *own; /* as the rules have it */
	struct zync_run *run = pull->run;

	bool linked = pull_linked(pull, known);

	run->pull.selected++;
	/* A hostid means something on its own server only: whatever failed, the link keeps its server. */
	if (linked)
		work->server = known->config->server;
	if (linked && result->verdict != ZYNC_VERDICT_FAILED && !zync_str_eq(work->server, result->server)) {
		result->verdict = ZYNC_VERDICT_FAILED;
		work->reason = pull_moved_reason(known->config, result->server, pull->scratch);
		if (work->reason == NULL)
			return zync_err_nomem(err, "deriving a host");
	}
	work->state = zync_verdict_name(result->verdict);
	if (result->verdict == ZYNC_VERDICT_FAILED) {
		if (work->reason == NULL)
			work->reason = "no host can be derived from it";
		work->rank = RANK_FAILED;
		run->pull.failed++;
		return run->pull_only ? pull_report_failure(run, work, err) : ZYNC_OK;
	}
	work->rank = RANK_WANTED;
	own = result->host.host;
	ZYNC_TRY(pull_keep_name(pull, known, work, &result->host.host, err));
	ZYNC_TRY(zync_names_claim(run, work, pull->named, pull->scratch, &result->host.host, err));
	if (result->default_name)
		ZYNC_TRY(zync_names_claim_visible(run, work, /* apart= */ !zync_str_eq(own, result->host.host), pull->named, pull->scratch,
						  &result->host.name, err));
	work->host = result->host.host;
	if (known == NULL)
		run->pull.created++;
	return pull_encode(run, result, pull->scratch, work, err);
}

/* Was the object met before? One may be named twice, or by its name and by its id. */
static enum zync_status pull_met(struct pull *pull, struct known *known, unsigned long long key, bool *ret, struct zync_err *err)
{
	*ret = known != NULL && known->seen;
	if (known != NULL) {
		known->seen = true;
		return ZYNC_OK;
	}
	if (!pull->named) /* a walk over everything meets each object once */
		return ZYNC_OK;
	*ret = zync_idmap_get(pull->fresh, key) != NULL;
	return zync_idmap_put(pull->fresh, key, pull, err);
}

/* What the rules, and the virtual chassis, make of an object. */
enum zync_status zync_pull_derive(struct pull *pull, const struct zync_nb_object *object, struct zync_rules_result *result,
				  struct zync_err *err)
{
	struct zync_run *run = pull->run;
	struct zync_app_object seen = {.netbox = run->app->netbox, .object = object};
	struct zync_rules_object rules_object;

	*result = (struct zync_rules_result){.verdict = ZYNC_VERDICT_SKIPPED};
	ZYNC_TRY(zync_chassis_reason(object, pull->scratch, &result->reason, err));
	if (result->reason != NULL)
		return ZYNC_OK;
	ZYNC_TRY(zync_app_rules_object(run->app, &seen, pull->scratch, &rules_object, err));
	ZYNC_TRY(zync_rules_derive(run->app->rules, &rules_object, run->explain, pull->scratch, result, err));
	if (zync_nb_object_is_chassis(object))
		result->host.virtual_chassis = object->chassis->id;
	return ZYNC_OK;
}

static struct zync_work pull_work(const struct pull *pull, const struct zync_nb_object *object, const struct known *known,
				  const struct zync_rules_result *result)
{
	const struct zync_run *run = pull->run;
	struct zync_work work = {
		.object_type = zync_nb_type_name(object->type),
		.object_id = object->id,
		.name = object->name != NULL ? object->name : object->display,
		.server = result->server != NULL ? result->server : run->app->config->zabbix.items[0].name,
		.reason = result->reason,
		.nb_hostid = object->hostid,
		.pulled_at = zync_clock_now_ms(),
		.is_new = known == NULL,
	};

	if (known == NULL)
		return work;
	work.pk = known->config->pk;
	work.hostid = pull_linked(pull, known) ? known->config->hostid : 0;
	work.moved_from = known->moved_from;
	return work;
}

/* Stage what was derived. */
static enum zync_status pull_result(struct pull *pull, struct known *known, const struct zync_nb_object *object,
				    struct zync_rules_result *result, struct zync_err *err)
{
	struct zync_run *run = pull->run;
	struct zync_work work = pull_work(pull, object, known, result);

	/* What has no address cannot be monitored yet and is no failure; a host that is monitored and lost its address is one. */
	if (result->verdict == ZYNC_VERDICT_FAILED && result->no_address && !pull_linked(pull, known)) {
		result->verdict = ZYNC_VERDICT_SKIPPED;
		run->pull.without_address++;
	}
	if (result->verdict == ZYNC_VERDICT_SKIPPED)
		ZYNC_TRY(zync_pull_note_field(pull, object, err));
	if (result->verdict == ZYNC_VERDICT_SKIPPED || result->verdict == ZYNC_VERDICT_REMOVED) {
		if (known != NULL)
			work.server = known->config->server;
		if (!pull_unwanted(pull, known, result, &work))
			return ZYNC_OK;
	} else {
		ZYNC_TRY(pull_wanted(pull, known, result, &work, err));
	}
	if (known != NULL)
		known->lost = zync_str_eq(work.state, "missing");
	if (known != NULL)
		known->stays = zync_str_eq(work.state, "failed") ||
			       (zync_str_eq(work.state, "missing") && run->app->config->sync.on_missing != ZYNC_ON_MISSING_DELETE);
	return pull_add(run, &work, err);
}

static enum zync_status pull_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct pull *pull = ctx;
	struct zync_run *run = pull->run;
	const char *type = zync_nb_type_name(object->type);
	struct known *known = zync_pull_known(pull, type, object->id);
	struct zync_rules_result result;
	bool met = false;

	zync_arena_clear(pull->scratch);
	pull->found++;
	ZYNC_TRY(pull_met(pull, known, zync_pull_key(type, object->id), &met, err));
	if (met)
		return ZYNC_OK;
	run->pull.objects++;
	ZYNC_TRY(zync_pull_derive(pull, object, &result, err));
	if (known == NULL && result.verdict != ZYNC_VERDICT_SKIPPED && zync_pull_moves_away(pull, type, object->id)) {
		zync_log_info("%s (%s:%llu) gets a host of its own with the next run: the one that it had moves to the new master of its "
			      "virtual chassis first",
			      object->name != NULL ? object->name : object->display, type, (unsigned long long)object->id);
		result.verdict = ZYNC_VERDICT_SKIPPED;
	}
	ZYNC_TRY(pull_result(pull, known, object, &result, err));
	return zync_run_progress(run, "pull", run->pull.objects, 0, err);
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
	return zync_netbox_walk(pull->run->app->netbox, &walk, pull_object, pull, err);
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
			work.rank = RANK_MISSING;
			work.pulled_at = zync_clock_now_ms();
			pull->run->pull.missing++;
		}
		ZYNC_TRY(pull_add(pull->run, &work, err));
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

	return pull_add(run, &work, err);
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
