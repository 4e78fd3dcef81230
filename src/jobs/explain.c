/* SPDX-License-Identifier: Apache-2.0 */
/* `zync explain`: derive the named objects with all origins, and show why. Reads NetBox, writes nothing. */
#include <string.h>

#include "base/str.h"
#include "jobs/jobs.h"
#include "jobs/pull.h"

struct explain {
	struct zync_app *app;
	struct zync_arena *arena;
	struct zync_jb *json;
	struct zync_jnode *hosts;
	struct zync_idmap *seen; /* devices that were explained */
	uint64_t found;
};

static void explain_position(struct explain *explain, struct zync_jnode *node, struct zync_cfg_pos pos)
{
	if (pos.line == 0)
		return;
	zync_jb_set_str(explain->json, node, "file", explain->app->config->path);
	zync_jb_set_u64(explain->json, node, "line", pos.line);
	zync_jb_set_u64(explain->json, node, "column", pos.column);
}

static void explain_chassis(struct explain *explain, struct zync_jnode *host, const struct zync_nb_object *object,
			    const struct zync_chassis_row *former)
{
	struct zync_jb *b = explain->json;
	struct zync_jnode *node;

	if (object->chassis == NULL)
		return;
	node = zync_jb_set_object(b, host, "virtual_chassis");
	zync_jb_set_u64(b, node, "id", object->chassis->id);
	zync_jb_set_str(b, node, "name", object->chassis->name);
	if (object->chassis->master != 0)
		zync_jb_set_u64(b, node, "master", object->chassis->master);
	else
		zync_jb_set_null(b, node, "master");
	if (former->pk == 0)
		return;
	zync_jb_set_u64(b, node, "moves_from", former->object_id);
	zync_jb_set_u64(b, node, "host_config_id", former->pk);
	if (former->hostid != 0)
		zync_jb_set_id(b, node, "hostid", former->hostid);
}

/* Did the status in NetBox decide, and not a mapping? */
static bool explain_by_status(const struct zync_rules_result *result)
{
	for (size_t i = 0; i < result->origin_count; i++) {
		if (zync_str_eq(result->origins[i].field, "status"))
			return zync_str_eq(result->origins[i].rule, "status");
	}
	return false;
}

/* What somebody may do who wants it otherwise. NULL: the reason says it, or there is nothing to be done. */
static const char *explain_advice(const struct zync_nb_object *object, const struct zync_rules_result *result)
{
	if (result->verdict == ZYNC_VERDICT_MONITORED)
		return NULL;
	if (result->verdict == ZYNC_VERDICT_FAILED)
		return result->no_address
			       ? "give it that address in NetBox, or name another one, or `ip`, under `interfaces` of a mapping"
			       : "correct it in NetBox or in the mapping that is named; `zync check` counts the objects that fail";
	if (result->matched_count == 0)
		return "add a mapping without `match` for all that is left, or widen one; `zync check` names conditions that nothing meets";
	if (result->verdict == ZYNC_VERDICT_SKIPPED && zync_str_empty(object->name) && explain_by_status(result))
		return "give it a name in NetBox, or set `host` in a mapping";
	if (explain_by_status(result))
		return object->type == ZYNC_NB_VM ? "change its status in NetBox, or what `status.virtual_machine` says of it"
						  : "change its status in NetBox, or what `status.device` says of it";
	return "change `state` or `match` of that mapping";
}

static void explain_names(struct explain *explain, struct zync_jnode *host, const char *key, const char *const *names, size_t count)
{
	struct zync_jnode *list = zync_jb_set_array(explain->json, host, key);

	for (size_t i = 0; i < count; i++)
		zync_jb_add_str(explain->json, list, names[i]);
}

static void explain_values(struct explain *explain, struct zync_jnode *host, const struct zync_rules_result *result)
{
	struct zync_jb *b = explain->json;
	struct zync_jnode *values = zync_jb_set_array(b, host, "values");

	for (size_t i = 0; i < result->origin_count; i++) {
		const struct zync_rules_origin *origin = &result->origins[i];
		struct zync_jnode *value = zync_jb_add_object(b, values);

		zync_jb_set_str(b, value, "field", origin->field);
		zync_jb_set_str(b, value, "value", origin->value);
		zync_jb_set_str(b, value, "rule", origin->rule);
		explain_position(explain, value, origin->pos);
		if (origin->overrode != NULL)
			zync_jb_set_str(b, value, "overrode", origin->overrode);
		if (origin->note != NULL)
			zync_jb_set_str(b, value, "note", origin->note);
	}
}

/* @p selected: the rules were asked; what left it out before them says itself what to do. */
static void explain_result(struct explain *explain, const struct zync_nb_object *object, const struct zync_rules_result *result,
			   const struct zync_chassis_row *former, bool selected)
{
	struct zync_jb *b = explain->json;
	struct zync_jnode *node = zync_jb_add_object(b, explain->hosts);

	zync_jb_set_str(b, node, "name", object->name != NULL ? object->name : object->display);
	zync_jb_set_str(b, node, "type", zync_nb_type_name(object->type));
	zync_jb_set_u64(b, node, "id", object->id);
	/* The same word as a pull would use: what has no address is left out, not failed. */
	zync_jb_set_str(b, node, "verdict", zync_verdict_name(result->no_address ? ZYNC_VERDICT_SKIPPED : result->verdict));
	zync_jb_set_str(b, node, "reason", result->reason);
	zync_jb_set_str(b, node, "advice", selected ? explain_advice(object, result) : NULL);
	zync_jb_set_str(b, node, "server", result->server);
	explain_chassis(explain, node, object, former);
	explain_names(explain, node, "mappings", result->matched, result->matched_count);
	explain_names(explain, node, "passed_over", result->passed_over, result->passed_over_count);
	explain_values(explain, node, result);
}

/* ---- what comes before the rules: the configuration's selection, and virtual chassis ---- */

static enum zync_status explain_count(void *ctx, ZYNC_UNUSED const struct zync_nb_object *object, ZYNC_UNUSED struct zync_err *err)
{
	(*(uint64_t *)ctx)++;
	return ZYNC_OK;
}

/* Would a pull meet it at all? *ret_reason NULL: it would. */
static enum zync_status explain_selection(struct explain *explain, const struct zync_nb_object *object, const char **ret_reason,
					  struct zync_err *err)
{
	const struct zync_cfg_netbox *config = &explain->app->config->netbox;
	bool vm = object->type == ZYNC_NB_VM;
	struct zync_nb_walk walk = {.type = object->type, .id = object->id, .filter = vm ? &config->vm_filter : &config->device_filter};
	uint64_t met = 0;

	*ret_reason = NULL;
	if (vm ? !config->virtual_machines : !config->devices) {
		*ret_reason = vm ? "netbox.virtual_machines is false, so that no virtual machine is read"
				 : "netbox.devices is false, so that no device is read";
		return ZYNC_OK;
	}
	if (walk.filter->len == 0)
		return ZYNC_OK;
	ZYNC_TRY(zync_netbox_walk(explain->app->netbox, &walk, explain_count, &met, err));
	if (met == 0)
		*ret_reason = vm ? "netbox.vm_filter leaves it out" : "netbox.device_filter leaves it out";
	return ZYNC_OK;
}

/* The host config of its chassis that still belongs to a former master; *ret stays as it is when there is none. */
static enum zync_status explain_move(struct explain *explain, const struct zync_nb_object *object, struct zync_chassis_row *ret,
				     struct zync_err *err)
{
	struct zync_chassis_row *rows = NULL;
	size_t count = 0;

	if (!zync_nb_object_is_chassis(object))
		return ZYNC_OK;
	ZYNC_TRY(zync_store_chassis_rows(explain->app->store, explain->arena, &rows, &count, err));
	for (size_t i = 0; i < count; i++) {
		if (rows[i].chassis == object->chassis->id && rows[i].object_id == object->id) {
			ret->pk = 0; /* it has it */
			return ZYNC_OK;
		}
		if (rows[i].chassis == object->chassis->id && ret->pk == 0)
			*ret = rows[i];
	}
	return ZYNC_OK;
}

static enum zync_status explain_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct explain *explain = ctx;
	struct zync_app_object seen = {.netbox = explain->app->netbox, .object = object};
	struct zync_rules_result result = {.verdict = ZYNC_VERDICT_SKIPPED};
	struct zync_chassis_row former = {.pk = 0};
	struct zync_rules_object rules_object;
	const char *reason = NULL;
	bool selected;

	explain->found++;
	if (object->type == ZYNC_NB_DEVICE && zync_idmap_get(explain->seen, object->id) != NULL)
		return ZYNC_OK;
	if (object->type == ZYNC_NB_DEVICE)
		ZYNC_TRY(zync_idmap_put(explain->seen, object->id, explain, err));
	ZYNC_TRY(zync_chassis_reason(object, explain->arena, &result.reason, err));
	selected = result.reason == NULL;
	if (selected) {
		ZYNC_TRY(zync_app_rules_object(explain->app, &seen, explain->arena, &rules_object, err));
		ZYNC_TRY(zync_rules_derive(explain->app->rules, &rules_object, /* explain= */ true, explain->arena, &result, err));
	}
	ZYNC_TRY(explain_selection(explain, object, &reason, err));
	if (reason != NULL) {
		result.verdict = ZYNC_VERDICT_SKIPPED;
		result.reason = reason;
		selected = false;
	}
	if (result.verdict != ZYNC_VERDICT_SKIPPED)
		ZYNC_TRY(explain_move(explain, object, &former, err));
	explain_result(explain, object, &result, &former, selected);
	return ZYNC_OK;
}

/* The filters of the configuration are left out here: that they leave it out is an answer, too. */
static enum zync_status explain_walk(struct explain *explain, enum zync_nb_type type, const char *name, uint64_t id, struct zync_err *err)
{
	struct zync_nb_walk walk = zync_app_walk(explain->app, type);

	walk.name = name;
	walk.id = id;
	return zync_netbox_walk(explain->app->netbox, &walk, explain_object, explain, err);
}

/* A virtual chassis of that name: its master, or all of its members when it has none. */
static enum zync_status explain_named_chassis(struct explain *explain, const char *name, struct zync_err *err)
{
	struct zync_nb_chassis chassis;
	size_t pos = 0;

	if (explain->app->config->netbox.virtual_chassis != ZYNC_VC_ONE_HOST)
		return ZYNC_OK;
	while (zync_netbox_next_chassis(explain->app->netbox, &pos, &chassis)) {
		struct zync_nb_walk walk = zync_app_walk(explain->app, ZYNC_NB_DEVICE);

		walk.id = chassis.master;
		walk.chassis = chassis.master == 0 ? chassis.id : 0;
		if (zync_str_eq(chassis.name, name))
			ZYNC_TRY(zync_netbox_walk(explain->app->netbox, &walk, explain_object, explain, err));
	}
	return ZYNC_OK;
}

static enum zync_status explain_stored(struct explain *explain, const char *host, struct zync_err *err)
{
	struct zync_host_config_filter filter = {.name = host, .in_sync = -1};
	struct zync_host_config *configs = NULL;
	size_t count = 0;

	ZYNC_TRY(zync_store_host_configs(explain->app->store, &filter, explain->arena, &configs, &count, err));
	for (size_t i = 0; i < count; i++)
		ZYNC_TRY(explain_walk(explain, zync_str_eq(configs[i].object_type, "vm") ? ZYNC_NB_VM : ZYNC_NB_DEVICE, NULL,
				      configs[i].object_id, err));
	return ZYNC_OK;
}

static enum zync_status explain_all(struct explain *explain, const char *host, struct zync_err *err)
{
	uint64_t id = 0;

	if (zync_str_starts(host, "device:") && zync_str_to_u64(host + strlen("device:"), &id))
		return explain_walk(explain, ZYNC_NB_DEVICE, NULL, id, err);
	if (zync_str_starts(host, "vm:") && zync_str_to_u64(host + strlen("vm:"), &id))
		return explain_walk(explain, ZYNC_NB_VM, NULL, id, err);
	if (!zync_str_starts(host, "pk:")) {
		ZYNC_TRY(explain_named_chassis(explain, host, err));
		ZYNC_TRY(explain_walk(explain, ZYNC_NB_DEVICE, host, 0, err));
		ZYNC_TRY(explain_walk(explain, ZYNC_NB_VM, host, 0, err));
	}
	/* A technical name, or a name of before a renaming. */
	return explain->found > 0 ? ZYNC_OK : explain_stored(explain, host, err);
}

enum zync_status zync_job_explain(struct zync_app *app, const char *host, struct zync_arena *arena, const char **ret_json,
				  struct zync_err *err)
{
	struct explain explain = {.app = app, .arena = arena, .json = zync_jb_new(arena), .seen = zync_idmap_new(arena)};
	struct zync_netbox *netbox = NULL;
	struct zync_jnode *root;

	if (explain.json == NULL || explain.seen == NULL)
		return zync_err_nomem(err, "explaining a host");
	root = zync_jb_object(explain.json);
	explain.hosts = zync_jb_set_array(explain.json, root, "hosts");
	ZYNC_TRY(zync_app_netbox(app, &netbox, err));
	ZYNC_TRY(explain_all(&explain, host, err));
	if (explain.found == 0)
		return zync_err_set(
			err, ZYNC_ERR_NOT_FOUND,
			"NetBox has no device or virtual machine \"%s\" that the token may see (names are exact; also device:N, vm:N)",
			host);
	return zync_jb_text(explain.json, root, ZYNC_JSON_COMPACT, arena, ret_json, err);
}
