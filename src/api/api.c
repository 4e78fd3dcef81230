/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: instance, results, the sync job, set-up. */
#include <string.h>

#include "api/api_priv.h"
#include "api/version.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

const char *zync_version(void)
{
	return ZYNC_VERSION;
}

enum zync_status zync_open(const struct zync_open_params *params, struct zync **ret, struct zync_err *err)
{
	struct zync *zync = zync_calloc(1, sizeof(*zync));
	enum zync_status status;

	if (zync == NULL)
		return zync_err_nomem(err, "starting");
	status = zync_app_open(params, &zync->app, err);
	if (status != ZYNC_OK) {
		zync_free(zync);
		return status;
	}
	*ret = zync;
	return ZYNC_OK;
}

void zync_close(struct zync *zync)
{
	if (zync == NULL)
		return;
	zync_app_close(zync->app);
	zync_free(zync);
}

void zync_cancel(struct zync *zync)
{
	zync_app_stop(zync->app, "cancelled");
}

/* The end of the JSON string that begins with the quote at @p at: its closing quote. */
static char *result_string_end(char *at)
{
	for (at++; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
	}
	return at;
}

/* Mask the text values only: a key or a number that happens to look like a secret (a password "zabbix") is none, and without it the document breaks. */
static void result_mask(char *json)
{
	char *out = json;
	char *at = json;

	while (*at != '\0') {
		char *end = *at == '"' ? result_string_end(at) : at;
		size_t len;

		if (end == at || *end == '\0' || end[1] == ':') {
			while (at < end)
				*out++ = *at++;
			if (*at != '\0')
				*out++ = *at++;
			continue;
		}
		*end = '\0';
		zync_log_mask(at + 1); /* never longer than before */
		len = strlen(at + 1);
		*out++ = '"';
		memmove(out, at + 1, len);
		out += len;
		*out++ = '"';
		at = end + 1;
	}
	*out = '\0';
}

enum zync_status zync_result_new(const char *json, struct zync_result **ret, struct zync_err *err)
{
	struct zync_result *result;

	if (json == NULL || ret == NULL)
		return ZYNC_OK;
	result = zync_calloc(1, sizeof(*result));
	if (result != NULL)
		result->json = zync_strdup(json);
	if (result == NULL || result->json == NULL) {
		zync_free(result);
		return zync_err_nomem(err, "returning a result");
	}
	result_mask(result->json);
	*ret = result;
	return ZYNC_OK;
}

const char *zync_result_json(const struct zync_result *result)
{
	return result->json;
}

void zync_result_free(struct zync_result *result)
{
	if (result == NULL)
		return;
	zync_free(result->json);
	zync_free(result);
}

static enum zync_status api_plan(struct zync *zync, const struct zync_sync_options *options, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const char *json = NULL;

	if (arena == NULL)
		return zync_err_nomem(err, "starting a plan");
	ZYNC_TRY(zync_job_plan_hosts(zync->app, options, arena, &json, err));
	return zync_result_new(json, ret, err);
}

enum zync_status zync_sync_hosts_now_run_job_now(struct zync *zync, const struct zync_request *request,
						 const struct zync_sync_options *options, struct zync_sync_summary *ret_summary,
						 struct zync_result **ret, struct zync_err *err)
{
	struct zync_sync_options defaults = {0};
	struct zync_job_params params;

	if (options == NULL)
		options = &defaults;
	if (options->dry_run)
		return api_plan(zync, options, ret, err);
	params = (struct zync_job_params){
		.hosts = options->hosts,
		.host_count = options->host_count,
		.no_pull = options->no_pull,
		.force = options->force,
		.strict = options->strict,
		.older_than_min = -1,
	};
	return zync_api_run_job(zync, "sync-hosts-now", &params, request, ret_summary, ret, err);
}

enum zync_status zync_sync_hosts_now_run(struct zync *zync, const struct zync_sync_options *options, const char *user,
					 const char *request_id, struct zync_sync_summary *ret_summary, struct zync_result **ret,
					 struct zync_err *err)
{
	struct zync_request request = {.user = user, .request_id = request_id};

	return zync_sync_hosts_now_run_job_now(zync, &request, options, ret_summary, ret, err);
}

enum zync_status zync_pull(struct zync *zync, bool force, struct zync_result **ret, struct zync_err *err)
{
	struct zync_job_params params = {.force = force, .older_than_min = -1};

	return zync_api_run_job(zync, "pull", &params, /* request= */ NULL, /* ret_summary= */ NULL, ret, err);
}

enum zync_status zync_plan_hosts(struct zync *zync, const struct zync_sync_options *options, struct zync_result **ret, struct zync_err *err)
{
	struct zync_sync_options copy = {0};

	if (options != NULL)
		copy = *options;
	return api_plan(zync, &copy, ret, err);
}

enum zync_status zync_explain(struct zync *zync, const char *host, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const char *json = NULL;

	if (arena == NULL)
		return zync_err_nomem(err, "explaining a host");
	ZYNC_TRY(zync_job_explain(zync->app, host, arena, &json, err));
	return zync_result_new(json, ret, err);
}

enum zync_status zync_check(struct zync *zync, const struct zync_check_options *options, struct zync_result **ret, struct zync_err *err)
{
	static const struct zync_check_options DEFAULTS = {.fix = false};
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const char *json = NULL;
	enum zync_status status;
	enum zync_status made;

	if (arena == NULL)
		return zync_err_nomem(err, "checking");
	status = zync_job_check(zync->app, options != NULL ? options : &DEFAULTS, arena, &json, err);
	made = zync_result_new(json, ret, status == ZYNC_OK ? err : NULL);
	return status != ZYNC_OK ? status : made;
}

enum zync_status zync_config_example(const char *netbox_url, const char *zabbix_url, struct zync_result **ret, struct zync_err *err)
{
	ZYNC_AUTO_BUF text;
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	const char *json = NULL;
	struct zync_jb *b;
	struct zync_jnode *root;

	zync_buf_init(&text, ZYNC_LIMIT_CONFIG_BYTES);
	b = arena == NULL ? NULL : zync_jb_new(arena);
	if (b == NULL)
		return zync_err_nomem(err, "writing a configuration");
	ZYNC_TRY(zync_config_write_example(netbox_url, zabbix_url, &text, err));
	root = zync_jb_object(b);
	zync_jb_set_str(b, root, "config", text.data);
	ZYNC_TRY(zync_jb_text(b, root, ZYNC_JSON_COMPACT, arena, &json, err));
	return zync_result_new(json, ret, err);
}

enum zync_status zync_log_configure(const char *level, bool json, struct zync_err *err)
{
	static const char *const LEVELS[] = {"error", "warning", "info", "debug"};

	zync_log_set_format(json ? ZYNC_LOG_JSON : ZYNC_LOG_TEXT);
	if (level == NULL)
		return ZYNC_OK;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(LEVELS); i++) {
		if (zync_str_eq(level, LEVELS[i])) {
			zync_log_set_level((enum zync_log_level)i);
			return ZYNC_OK;
		}
	}
	return zync_err_set(err, ZYNC_ERR_INVALID, "\"%s\" is no log level; use error, warning, info or debug", level);
}
