/* SPDX-License-Identifier: Apache-2.0 */
/* `zync explain`: derive the named objects with all origins, and show why. Reads NetBox, writes nothing. */
#include <string.h>

#include "base/str.h"
#include "jobs/jobs.h"
#include "jobs/run.h"

struct explain {
	struct zync_app *app;
	struct zync_arena *arena;
	struct zync_jb *json;
	struct zync_jnode *hosts;
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

static void explain_result(struct explain *explain, const struct zync_nb_object *object, const struct zync_rules_result *result)
{
	struct zync_jb *b = explain->json;
	struct zync_jnode *node = zync_jb_add_object(b, explain->hosts);
	struct zync_jnode *mappings;
	struct zync_jnode *values;

	zync_jb_set_str(b, node, "name", object->name != NULL ? object->name : object->display);
	zync_jb_set_str(b, node, "type", zync_nb_type_name(object->type));
	zync_jb_set_u64(b, node, "id", object->id);
	/* The same word as a pull would use: what has no address is left out, not failed. */
	zync_jb_set_str(b, node, "verdict", zync_verdict_name(result->no_address ? ZYNC_VERDICT_SKIPPED : result->verdict));
	zync_jb_set_str(b, node, "reason", result->reason);
	zync_jb_set_str(b, node, "server", result->server);
	mappings = zync_jb_set_array(b, node, "mappings");
	for (size_t i = 0; i < result->matched_count; i++)
		zync_jb_add_str(b, mappings, result->matched[i]);
	values = zync_jb_set_array(b, node, "values");
	for (size_t i = 0; i < result->origin_count; i++) {
		const struct zync_rules_origin *origin = &result->origins[i];
		struct zync_jnode *value = zync_jb_add_object(b, values);

		zync_jb_set_str(b, value, "field", origin->field);
		zync_jb_set_str(b, value, "value", origin->value);
		zync_jb_set_str(b, value, "rule", origin->rule);
		explain_position(explain, value, origin->pos);
		if (origin->overrode != NULL)
			zync_jb_set_str(b, value, "overrode", origin->overrode);
	}
}

static enum zync_status explain_object(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct explain *explain = ctx;
	struct zync_app_object seen = {.netbox = explain->app->netbox, .object = object};
	struct zync_rules_object rules_object;
	struct zync_rules_result result;

	explain->found++;
	ZYNC_TRY(zync_app_rules_object(explain->app, &seen, explain->arena, &rules_object, err));
	ZYNC_TRY(zync_rules_derive(explain->app->rules, &rules_object, /* explain= */ true, explain->arena, &result, err));
	explain_result(explain, object, &result);
	return ZYNC_OK;
}

/* The filters of the configuration are left out here: "the filter leaves it out" is an answer, too. */
static enum zync_status explain_walk(struct explain *explain, enum zync_nb_type type, const char *name, uint64_t id, struct zync_err *err)
{
	struct zync_nb_walk walk = {
		.type = type,
		.config_context = zync_rules_need_config_context(explain->app->rules),
		.name = name,
		.id = id,
	};

	return zync_netbox_walk(explain->app->netbox, &walk, explain_object, explain, err);
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
		ZYNC_TRY(explain_walk(explain, ZYNC_NB_DEVICE, host, 0, err));
		ZYNC_TRY(explain_walk(explain, ZYNC_NB_VM, host, 0, err));
	}
	/* A technical name, or a name of before a renaming. */
	return explain->found > 0 ? ZYNC_OK : explain_stored(explain, host, err);
}

enum zync_status zync_job_explain(struct zync_app *app, const char *host, struct zync_arena *arena, const char **ret_json,
				  struct zync_err *err)
{
	struct explain explain = {.app = app, .arena = arena, .json = zync_jb_new(arena)};
	struct zync_netbox *netbox = NULL;
	struct zync_jnode *root;

	if (explain.json == NULL)
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
