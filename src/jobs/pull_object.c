/* SPDX-License-Identifier: Apache-2.0 */
/* derive: one object of NetBox becomes a desired host, or is left out with a reason, and is staged. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "jobs/pull.h"
#include "model/names.h"

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
		work->rank = PULL_RANK_MISSING;
		run->pull.missing++;
		return true;
	}
	/* An object of that status may have a host in Zabbix that this store does not know (any more): the mark tells. */
	work->state = "removed";
	work->rank = PULL_RANK_REMOVED;
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
		work->rank = PULL_RANK_FAILED;
		run->pull.failed++;
		return run->pull_only ? pull_report_failure(run, work, err) : ZYNC_OK;
	}
	work->rank = PULL_RANK_WANTED;
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
	return zync_pull_add(run, &work, err);
}

enum zync_status zync_pull_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
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
