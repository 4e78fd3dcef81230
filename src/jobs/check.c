/* SPDX-License-Identifier: Apache-2.0 */
/* `zync check`: everything that can be known before a run. It goes on past what fails, so that one call shows all. */
#include "jobs/check.h"

#include <stdarg.h>

#include "base/str.h"

static void check_add(struct zync_check_run *check, const char *what, const char *level, const char *message)
{
	struct zync_jnode *node = zync_jb_add_object(check->json, check->checks);

	zync_jb_set_str(check->json, node, "what", what);
	zync_jb_set_bool(check->json, node, "ok", !zync_str_eq(level, "error"));
	zync_jb_set_str(check->json, node, "level", level);
	zync_jb_set_str(check->json, node, "message", message);
}

void zync_check_say(struct zync_check_run *check, const char *what, const char *level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	check_add(check, what, level, zync_arena_vprintf(check->arena, fmt, ap));
	va_end(ap);
}

void zync_check_wrong(struct zync_check_run *check, const char *what, enum zync_status status, const char *fmt, ...)
{
	va_list ap;

	if (check->worst == ZYNC_OK)
		check->worst = status;
	va_start(ap, fmt);
	check_add(check, what, "error", zync_arena_vprintf(check->arena, fmt, ap));
	va_end(ap);
}

enum zync_status zync_check_failed(struct zync_check_run *check, const char *what, enum zync_status status, const struct zync_err *problem,
				   struct zync_err *err)
{
	if (status == ZYNC_ERR_NOMEM || status == ZYNC_ERR_CANCELLED) {
		zync_err_copy(err, problem);
		return status;
	}
	zync_check_wrong(check, what, status, "%s", problem->message);
	return ZYNC_OK;
}

const char *zync_check_place(const struct zync_check_run *check, struct zync_cfg_pos pos)
{
	const char *path = check->app->config->path != NULL ? check->app->config->path : "environment";
	const char *place = pos.line == 0 ? path : zync_arena_printf(check->arena, "%s:%u:%u", path, pos.line, pos.column);

	return place != NULL ? place : path;
}

const char *zync_check_suggest(const struct zync_check_run *check, const char *nearest)
{
	const char *text = nearest != NULL ? zync_arena_printf(check->arena, "; did you mean \"%s\"?", nearest) : NULL;

	return text != NULL ? text : "";
}

static enum zync_status check_all(struct zync_check_run *check, const struct zync_check_options *options, struct zync_err *err)
{
	const struct zync_config *config = check->app->config;
	bool netbox = false;

	zync_check_say(check, "configuration", "ok", "%s: %zu mappings, %zu Zabbix servers",
		       config->path != NULL ? config->path : "from the environment", config->mappings.len, config->zabbix.len);
	zync_check_say(check, "store", "ok", "%s", config->store);
	ZYNC_TRY(zync_check_netbox(check, &netbox, err));
	if (netbox)
		ZYNC_TRY(zync_check_match(check, err));
	if (netbox && !options->no_objects)
		ZYNC_TRY(zync_check_derive(check, err));
	for (size_t i = 0; i < config->zabbix.len; i++)
		ZYNC_TRY(zync_check_zabbix(check, &config->zabbix.items[i], err));
	ZYNC_TRY(zync_check_unused_templates(check, err));
	return zync_check_report(check, err);
}

enum zync_status zync_job_check(struct zync_app *app, const struct zync_check_options *options, struct zync_arena *arena,
				const char **ret_json, struct zync_err *err)
{
	struct zync_check_run check = {.app = app, .arena = arena, .json = zync_jb_new(arena), .fix = options->fix};
	struct zync_jnode *root;

	check.never = ZYNC_NEW_ARRAY(arena, bool, app->config->mappings.len);
	if (check.json == NULL || check.never == NULL)
		return zync_err_nomem(err, "checking");
	root = zync_jb_object(check.json);
	check.checks = zync_jb_array(check.json);
	ZYNC_TRY(check_all(&check, options, err));
	zync_jb_set_bool(check.json, root, "ok", check.worst == ZYNC_OK);
	zync_jb_set_node(check.json, root, "checks", check.checks);
	ZYNC_TRY(zync_jb_text(check.json, root, ZYNC_JSON_COMPACT, arena, ret_json, err));
	if (check.worst != ZYNC_OK)
		return zync_err_set(err, check.worst, "the check found problems; see above");
	return ZYNC_OK;
}
