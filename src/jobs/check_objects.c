/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `zync check`: every object is derived as a pull does it, and nothing is written: what the mappings match, what their host groups come to, which objects get no host and why.
 */
#include <stdlib.h>

#include "base/str.h"
#include "jobs/check.h"
#include "jobs/pull.h"

#define OBJECTS_REASONS	     20u    /* that are shown */
#define OBJECTS_REASONS_KEPT 20000u /* that are counted one by one */
#define OBJECTS_TELL	     100u   /* objects from one report of the progress to the next */

static enum zync_status objects_nomem(struct zync_err *err)
{
	return zync_err_nomem(err, "deriving all objects");
}

/* ---- counting ---- */

static const char *objects_name(const struct zync_nb_object *object)
{
	return zync_str_empty(object->name) ? object->display : object->name;
}

static enum zync_status objects_count(struct zync_check_run *check, struct zync_map *map, int kind, const char *server, const char *text,
				      const struct zync_nb_object *object, struct zync_arena *scratch, struct zync_err *err)
{
	const char *key = zync_arena_printf(scratch, "%d\x1f%s\x1f%s", kind, server, text);
	struct zync_check_tally *tally = key == NULL ? NULL : zync_map_get(map, key);

	if (key == NULL)
		return objects_nomem(err);
	if (tally == NULL) {
		tally = ZYNC_NEW(check->arena, struct zync_check_tally);
		if (tally == NULL)
			return objects_nomem(err);
		*tally = (struct zync_check_tally){.kind = kind,
						   .server = zync_arena_strdup(check->arena, server),
						   .text = zync_arena_strdup(check->arena, text),
						   .example = zync_arena_strdup(check->arena, objects_name(object))};
		if (tally->server == NULL || tally->text == NULL || tally->example == NULL)
			return objects_nomem(err);
		ZYNC_TRY(zync_map_put(map, key, tally, err));
	}
	tally->count++;
	return ZYNC_OK;
}

static enum zync_status objects_count_names(struct zync_check_run *check, const struct zync_rules_result *result,
					    const struct zync_nb_object *object, struct zync_arena *scratch, struct zync_err *err)
{
	const struct zync_host *host = &result->host;
	struct zync_map *names = check->objects->names;

	for (size_t i = 0; i < host->templates.len; i++)
		ZYNC_TRY(objects_count(check, names, ZYNC_RULES_NAME_TEMPLATE, result->server, host->templates.items[i].name, object,
				       scratch, err));
	if (host->monitored_by == ZYNC_MONITORED_BY_PROXY && host->proxy.name != NULL)
		ZYNC_TRY(objects_count(check, names, ZYNC_RULES_NAME_PROXY, result->server, host->proxy.name, object, scratch, err));
	if (host->monitored_by == ZYNC_MONITORED_BY_PROXY_GROUP && host->proxy_group.name != NULL)
		ZYNC_TRY(objects_count(check, names, ZYNC_RULES_NAME_PROXY_GROUP, result->server, host->proxy_group.name, object, scratch,
				       err));
	return ZYNC_OK;
}

static enum zync_status objects_count_reason(struct zync_check_run *check, enum zync_verdict verdict, const char *reason,
					     const struct zync_nb_object *object, struct zync_arena *scratch, struct zync_err *err)
{
	struct zync_check_objects *objects = check->objects;

	if (zync_map_len(objects->reasons) >= OBJECTS_REASONS_KEPT) {
		objects->other_reasons++;
		return ZYNC_OK;
	}
	return objects_count(check, objects->reasons, (int)verdict, "", reason != NULL ? reason : "no reason is known", object, scratch,
			     err);
}

struct objects_walk {
	struct zync_check_run *check;
	struct zync_arena *scratch;
};

static enum zync_status objects_derive(struct objects_walk *walk, const struct zync_nb_object *object, struct zync_rules_result *ret,
				       struct zync_err *err)
{
	struct zync_app *app = walk->check->app;
	struct zync_app_object seen = {.netbox = app->netbox, .object = object};
	struct zync_rules_object rules_object;
	bool wanted;

	*ret = (struct zync_rules_result){.verdict = ZYNC_VERDICT_SKIPPED};
	ZYNC_TRY(zync_chassis_reason(object, walk->scratch, &ret->reason, err));
	if (ret->reason != NULL)
		return ZYNC_OK;
	ZYNC_TRY(zync_app_rules_object(app, &seen, walk->scratch, &rules_object, err));
	ZYNC_TRY(zync_rules_derive(app->rules, &rules_object, /* explain= */ false, walk->scratch, ret, err));
	/* Not in Zabbix, and without an address: a pull leaves it out. */
	if (ret->verdict == ZYNC_VERDICT_FAILED && ret->no_address)
		ret->verdict = ZYNC_VERDICT_SKIPPED;
	wanted = ret->verdict == ZYNC_VERDICT_MONITORED || ret->verdict == ZYNC_VERDICT_DISABLED || ret->verdict == ZYNC_VERDICT_FAILED;
	return zync_rules_census_add(walk->check->objects->census, &rules_object, wanted, walk->scratch, err);
}

static enum zync_status objects_sink(void *ctx, const struct zync_nb_object *object, struct zync_err *err)
{
	struct objects_walk *walk = ctx;
	struct zync_check_run *check = walk->check;
	struct zync_check_objects *objects = check->objects;
	struct zync_rules_result result;

	zync_arena_clear(walk->scratch);
	ZYNC_TRY(objects_derive(walk, object, &result, err));
	objects->verdicts[result.verdict]++;
	if (++objects->total % OBJECTS_TELL == 0 && check->app->progress != NULL)
		check->app->progress(check->app->progress_ctx,
				     &(struct zync_progress){.phase = "derive", .current = objects->total, .left_ms = -1});
	if (result.verdict == ZYNC_VERDICT_MONITORED || result.verdict == ZYNC_VERDICT_DISABLED)
		return objects_count_names(check, &result, object, walk->scratch, err);
	if (result.verdict == ZYNC_VERDICT_REMOVED)
		return ZYNC_OK;
	return objects_count_reason(check, result.verdict, result.reason, object, walk->scratch, err);
}

static enum zync_status objects_walk_all(struct objects_walk *walk, struct zync_err *err)
{
	struct zync_app *app = walk->check->app;
	const struct zync_cfg_netbox *config = &app->config->netbox;
	struct zync_nb_walk devices = zync_app_walk(app, ZYNC_NB_DEVICE);
	struct zync_nb_walk vms = zync_app_walk(app, ZYNC_NB_VM);

	devices.filter = &config->device_filter;
	vms.filter = &config->vm_filter;
	if (config->devices)
		ZYNC_TRY(zync_netbox_walk(app->netbox, &devices, objects_sink, walk, err));
	return config->virtual_machines ? zync_netbox_walk(app->netbox, &vms, objects_sink, walk, err) : ZYNC_OK;
}

enum zync_status zync_check_derive(struct zync_check_run *check, struct zync_err *err)
{
	struct zync_check_objects *objects = ZYNC_NEW(check->arena, struct zync_check_objects);
	ZYNC_AUTO_ARENA scratch = zync_arena_new(0);
	struct objects_walk walk = {.check = check, .scratch = scratch};
	struct zync_err problem;
	enum zync_status status;

	if (objects == NULL || scratch == NULL)
		return objects_nomem(err);
	*objects = (struct zync_check_objects){.names = zync_map_new(check->arena), .reasons = zync_map_new(check->arena)};
	if (objects->names == NULL || objects->reasons == NULL)
		return objects_nomem(err);
	ZYNC_TRY(zync_rules_census_new(check->app->rules, check->arena, &objects->census, err));
	check->objects = objects;
	status = objects_walk_all(&walk, &problem);
	if (status == ZYNC_OK)
		return ZYNC_OK;
	check->objects = NULL; /* half a count says nothing */
	return zync_check_failed(check, "objects", status, &problem, err);
}

const struct zync_check_tally *zync_check_wanted(const struct zync_check_run *check, int kind, const char *server, const char *name)
{
	size_t pos = 0;
	void *value;

	while (check->objects != NULL && zync_map_next(check->objects->names, &pos, &value) != NULL) {
		const struct zync_check_tally *tally = value;

		if (tally->kind == kind && zync_str_eq(tally->text, name) && (server == NULL || zync_str_eq(tally->server, server)))
			return tally;
	}
	return NULL;
}

/* ---- what is to be said: mappings ---- */

static enum zync_status objects_unmet(struct zync_check_run *check, size_t index, const char **ret, struct zync_err *err)
{
	struct zync_rules_unmet *unmet = NULL;
	const char *text = "";
	size_t count = 0;

	ZYNC_TRY(zync_rules_census_unmet(check->objects->census, index, &unmet, &count, err));
	for (size_t i = 0; i < count && text != NULL; i++)
		text = zync_arena_printf(check->arena, "%s%s match.%s %s", text, i == 0 ? ": none meets" : " or", unmet[i].label,
					 unmet[i].values);
	*ret = count > 0 ? text : ": each of its conditions is met by some object, but never all of them by one";
	return text == NULL ? objects_nomem(err) : ZYNC_OK;
}

static enum zync_status objects_mapping(struct zync_check_run *check, size_t index, struct zync_err *err)
{
	struct zync_rules_seen seen = zync_rules_census_at(check->objects->census, index);
	unsigned long long total = check->objects->total;
	const char *why = NULL;

	if (seen.counted > 0)
		return ZYNC_OK;
	if (seen.bundle) {
		zync_check_say(check, "mappings", "warning", seen.used ? "%s: no object gets the %s" : "%s: no mapping uses the %s",
			       zync_check_place(check, seen.pos), seen.name);
		return ZYNC_OK;
	}
	if (seen.matched > 0) {
		zync_check_say(
			check, "mappings", "warning",
			"%s: \"%s\" matches %llu object%s, but for each of them a more specific mapping is taken (rules.combine: first)",
			zync_check_place(check, seen.pos), seen.name, (unsigned long long)seen.matched, seen.matched == 1 ? "" : "s");
		return ZYNC_OK;
	}
	if (check->never[index])
		return ZYNC_OK;
	ZYNC_TRY(objects_unmet(check, index, &why, err));
	zync_check_say(check, "mappings", "warning", "%s: \"%s\" matches none of the %llu objects%s", zync_check_place(check, seen.pos),
		       seen.name, total, why);
	return ZYNC_OK;
}

/* ---- host groups ---- */

static void objects_group(struct zync_check_run *check, const struct zync_rules_group_text *text)
{
	unsigned long long objects = text->objects;
	const char *place = zync_check_place(check, text->pos);

	if (text->empty > 0 && text->empty == text->objects)
		zync_check_say(check, "mappings", "warning",
			       "%s: %s \"%s\" gives no group for any of the %llu objects that it is for, for example \"%s\"", place,
			       text->label, text->text, objects, text->empty_example);
	else if (text->empty > 0)
		zync_check_say(check, "mappings", "info", "%s: %s \"%s\" gives no group for %llu of %llu objects, for example \"%s\"",
			       place, text->label, text->text, (unsigned long long)text->empty, objects, text->empty_example);
	if (text->partly > 0)
		zync_check_say(check, "mappings", "info",
			       "%s: %s \"%s\" has an empty level for %llu of %llu objects, for example \"%s\"; it is left out of the name",
			       place, text->label, text->text, (unsigned long long)text->partly, objects, text->partly_example);
}

static enum zync_status objects_groups(struct zync_check_run *check, struct zync_err *err)
{
	struct zync_rules_group_text *texts = NULL;
	size_t count = 0;

	ZYNC_TRY(zync_rules_census_groups(check->objects->census, &texts, &count, err));
	for (size_t i = 0; i < count; i++)
		objects_group(check, &texts[i]);
	return ZYNC_OK;
}

/* ---- objects without a host ---- */

/* Failures before what is left out, the most frequent first; of equals the first one that was met. */
static int objects_compare(const void *a, const void *b)
{
	const struct zync_check_tally *x = *(const struct zync_check_tally *const *)a;
	const struct zync_check_tally *y = *(const struct zync_check_tally *const *)b;

	if (x->kind != y->kind)
		return x->kind > y->kind ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return zync_str_cmp(x->text, y->text);
}

static void objects_reason(struct zync_check_run *check, const struct zync_check_tally *tally)
{
	bool failed = tally->kind == ZYNC_VERDICT_FAILED;
	const char *words = failed ? (tally->count == 1 ? "object fails" : "objects fail")
				   : (tally->count == 1 ? "object is skipped" : "objects are skipped");

	zync_check_say(check, "objects", failed ? "warning" : "info", "%llu %s, for example \"%s\": %s", (unsigned long long)tally->count,
		       words, tally->example, tally->text);
}

static enum zync_status objects_reasons(struct zync_check_run *check, struct zync_err *err)
{
	struct zync_map *reasons = check->objects->reasons;
	size_t count = zync_map_len(reasons);
	struct zync_check_tally **list = ZYNC_NEW_ARRAY(check->arena, struct zync_check_tally *, count);
	uint64_t rest = check->objects->other_reasons;
	size_t pos = 0;
	size_t i = 0;
	void *value;

	if (list == NULL)
		return objects_nomem(err);
	while (zync_map_next(reasons, &pos, &value) != NULL)
		list[i++] = value;
	if (count > 1)
		qsort(list, count, sizeof(*list), objects_compare);
	for (i = 0; i < count; i++) {
		if (i < OBJECTS_REASONS)
			objects_reason(check, list[i]);
		else
			rest += list[i]->count;
	}
	if (rest > 0)
		zync_check_say(check, "objects", "info",
			       "%llu more objects fail or are skipped for other reasons; `zync explain HOST` says why",
			       (unsigned long long)rest);
	return ZYNC_OK;
}

enum zync_status zync_check_report(struct zync_check_run *check, struct zync_err *err)
{
	const struct zync_check_objects *objects = check->objects;

	if (objects == NULL)
		return ZYNC_OK;
	if (objects->total == 0) {
		zync_check_say(check, "objects", "warning",
			       "NetBox gives no device and no virtual machine: see netbox.device_filter, netbox.vm_filter and what the "
			       "token may see");
		return ZYNC_OK;
	}
	for (size_t i = 0; i < zync_rules_census_len(objects->census); i++)
		ZYNC_TRY(objects_mapping(check, i, err));
	ZYNC_TRY(objects_groups(check, err));
	zync_check_say(
		check, "objects", "ok",
		"%llu objects of NetBox: %llu to be monitored, %llu disabled, %llu removed, %llu skipped, %llu fail",
		(unsigned long long)objects->total, (unsigned long long)objects->verdicts[ZYNC_VERDICT_MONITORED],
		(unsigned long long)objects->verdicts[ZYNC_VERDICT_DISABLED], (unsigned long long)objects->verdicts[ZYNC_VERDICT_REMOVED],
		(unsigned long long)objects->verdicts[ZYNC_VERDICT_SKIPPED], (unsigned long long)objects->verdicts[ZYNC_VERDICT_FAILED]);
	return objects_reasons(check, err);
}
